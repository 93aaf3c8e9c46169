/* SPDX-License-Identifier: MPL-2.0
 *
 * The parent: owns store, clock, outbox and decisions; parses no mail and speaks with no server.
 * hub.c processes and their messages, handle.c mails, due.c the clock, outbox.c effects.
 */
#ifndef IMAPWATCH_HUB_H
#define IMAPWATCH_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "conf/conf.h"
#include "imapwatch/effects.h"
#include "imapwatch/peer.h"
#include "imapwatch/proto.h"
#include "store/leases.h"
#include "store/store.h"

struct arena;
struct phrases;
struct hub;
struct refusals;
struct token_keys;

/* A child: worker or sender. */
struct proc {
	struct hub *hub;
	int number;		/* -1 the sender */
	pid_t pid;		/* 0: not running */
	struct peer peer;
	int64_t restart_at;	/* CLOCK_MONOTONIC ms */
	int64_t started;
	unsigned deaths;	/* in a row, without a quiet minute */
	bool careful;		/* a mail or server killed the last one: one thread at first */
	bool ending;
};

/* One mail of the batch under way: what it is about. */
struct pending {
	struct facts facts;
	struct match match;	/* of the strongest evidence; enrolment_id may be NULL */
	bool matters;
	bool inform;			/* a colleague's, and only to be told of */
	const struct conf_lead *lead;	/* source, if the mail is somebody who asks */
	const char *lead_state, *lead_owner, *lead_problem;	/* what became of them, on the batch */
	bool heard;			/* nothing of ours, but from somebody who is suppressed */
};

struct mailbox {
	const struct conf_account *conf;	/* borrowed from hub.conf */
	char *owner_id;			/* owned; NULL: the control mailbox */
	int worker;
	bool parked;			/* its server killed two workers */
	bool mine;			/* and no other watcher's: hosts.c */
	bool kept;
	unsigned free_looks;
	/* what the worker is at, for the day it dies */
	bool talking;			/* with its server */
	char *work_folder;		/* owned; NULL: at no mail */
	uint32_t work_validity, work_uid;
	int64_t work_since;
	int score;			/* of the server itself */
	/* the batch between facts and findings */
	struct arena *batch;
	char *folder;			/* on batch */
	uint32_t validity;
	struct pending *list;
	size_t n;
	uint32_t last_uid;
	/* accounts that fail */
	time_t failing_since;
	bool told_failing;
	/* drafts */
	int64_t looked_at;
	uint32_t looking;		/* number of the order under way; 0 none */
};

enum { SCORE_CRASH = 2, SCORE_KILLED = 1, SCORE_ASIDE = 4, WORK_HANGS_MS = 20000 };

/* An effect that a child is at. */
struct errand {
	struct errand *next;
	uint32_t number;
	enum frame_type type;
	struct mailbox *box;
	char *outbox_id, *draft_id;	/* owned; NULL for a look */
	int64_t epoch;			/* of the row */
	char *owner_id, *payload;	/* owned; of a note that may have gone out already, else NULL */
	bool repeat;			/* a look before a repeated put */
	bool ended;			/* FRAME_SEND: its end may have left */
	int64_t since;
};

enum { SENDER = -1, ADVISER = -2 };

struct account_state;
struct names;
struct hub {
	struct conf *conf;
	const char *conf_path;
	struct store *store;
	struct clock *clock;
	struct token_keys *keys;	/* may be NULL */
	struct proc *workers;
	int workers_n;
	struct proc sender, adviser;	/* numbers SENDER, ADVISER */
	char *opinion;			/* id of the one that is asked for; owned, or NULL */
	uint32_t opinion_number;
	struct mailbox *boxes;
	size_t boxes_n;
	struct names *box_names, *box_owners;	/* places in boxes, by account and by owner_id */
	struct account_state *states;	/* to be stored, handle.c */
	size_t states_n, next_look;	/* next_look: whose drafts are looked at next */
	int64_t states_since;
	struct suspect *suspects;
	struct errand *errands;
	struct outbox_answer *answers;	/* to be ticked off, outbox.c */
	uint32_t next_number;
	int epoll_fd, signal_fd;
	bool log_followed, outbox_hint;
	struct phrases *phrases;	/* words that are never said; NULL until a draft needs them */
	struct refusals *texts;		/* of what is judged before it is sent; NULL until then */
	int64_t next_due, next_outbox, next_look_tick, next_slow, notes_pause, notes_from;	/* ms */
	/* pipeline.c: by our own clock, so that one that is set forward is followed */
	int64_t next_pipeline, next_scripts;
	char pipeline_after[ID_SIZE];	/* where the walk through all people goes on; "": at the first */
	time_t digest_not_before;	/* one could not be made: tried again later */
	int64_t clock_ahead;		/* our time less CLOCK_MONOTONIC, in ms, when last looked */
	char hostname[256];
	/* hosts.c: who we are among several watchers */
	struct lease_watcher lease;
	char holder[400], process[ID_SIZE];
	int64_t next_lease;
	size_t watchers, answers_n, notes_failed;	/* notes_failed: in a row */
	struct store_listener *listener;	/* NULL: nobody to listen to */
};

enum status hub_run(struct hub *h, struct err *e);
struct mailbox *hub_box(struct hub *h, const char *account);
/* The mailbox where an owner's drafts go; NULL: none is watched. */
struct mailbox *hub_box_of_owner(struct hub *h, const char *owner_id);
/* Sends to the mailbox's worker; a worker that does not listen is restarted. */
void hub_send(struct hub *h, struct proc *p, struct buf *frame);
struct proc *hub_worker(struct hub *h, const struct mailbox *box);
uint32_t hub_number(struct hub *h);

/* main.c: settings, mailboxes and the store's view of owners from hub.conf. */
enum status hub_mailboxes(struct hub *h, struct err *e);

/* handle.c: frames of a worker that are about mails */
void handle_folder(struct hub *h, struct proc *p, const struct frame *f);
void handle_facts(struct hub *h, struct proc *p, const struct frame *f);
void handle_findings(struct hub *h, struct proc *p, const struct frame *f);
void handle_state(struct hub *h, struct proc *p, const struct frame *f);
/* Stores what handle_state() has gathered, in one unit of work; at once, or when the first has waited long enough. */
void handle_states(struct hub *h, bool now);
/* Reads account, folder and validity; NULL if the worker has no business with that account. */
struct mailbox *handle_box(struct hub *h, struct proc *p, struct unpack *u);

/* leads.c: a mail of a lead mailbox, inside the unit of work that reads it. */
bool leads_wanted(const struct hub *h, const struct pending *pd, const struct match *list, size_t n);
enum status leads_take(struct hub *h, struct store_tx *tx, struct arena *a, struct mailbox *box, struct pending *pd,
		       struct err *e);

/* due.c: once a second */
void due_tick(struct hub *h);
void due_slow_tick(struct hub *h);

/* pipeline.c: what comes next, who is asked */
void pipeline_tick(struct hub *h);
/* Before a step falls due: a noted date or an absence may put it off. Inside a unit of work. */
enum status pipeline_before_due(struct hub *h, struct store_tx *tx, struct arena *a, const char *enrolment,
				struct event *ev, struct cause *c, struct err *e);
void digest_tick(struct hub *h);	/* digest.c: each ten seconds */

/* outbox.c */
void outbox_tick(struct hub *h);
void outbox_settle(struct hub *h);	/* notes answered for in this round of the loop are ticked off, in one commit */
void outbox_look_tick(struct hub *h);
void outbox_draft_done(struct hub *h, struct proc *p, const struct frame *f);
void outbox_look_done(struct hub *h, struct proc *p, const struct frame *f);
void outbox_mail_done(struct hub *h, const struct frame *f);
void outbox_child_gone(struct hub *h, const struct proc *p);	/* what it was at is tried again */
/* Back to those that wait; id NULL: all, for a parent that has just started (the last one was killed). */
void outbox_release(struct hub *h, const char *id, int64_t epoch);
void outbox_asked(struct hub *h, struct proc *p, const struct frame *f);	/* FRAME_MAY */
void outbox_drop_errands(struct hub *h);	/* reload: nobody will answer any more */

/* control.c, inside a unit of work: a note of this kind to the owner, once for each key; verbs of the control mailbox. */
enum status control_tell(struct store_tx *tx, struct arena *a, const char *owner_id, const char *owner_login,
			 const char *kind, const char *key, const struct facts *f, const char *address, struct err *e);
enum status control_obey(struct hub *h, struct store_tx *tx, struct arena *a, const char *account,
			 const struct facts *f, struct err *e);

#endif
