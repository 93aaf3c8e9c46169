/* SPDX-License-Identifier: MPL-2.0
 *
 * A worker process: holds mailboxes, speaks with their servers, parses what they hold, and tells
 * the parent. It has no access to the store. Insiders: worker.c (process, threads, parked
 * connections), queue.c (who is next), session.c (what is done with one mailbox), desk.c (drafts).
 *
 * The main thread owns the parent's socket, epoll and the list of accounts; a pool of threads
 * takes accounts from a queue. An account belongs to the queue, to one thread, or is parked.
 */
#ifndef IMAPWATCH_WORKER_H
#define IMAPWATCH_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/conf.h"
#include "imapwatch/imap.h"
#include "imapwatch/proto.h"

struct arena;
struct lead_words;
struct phrases;
struct booking_rules;
struct worker;

enum { EXTRA_THREADS = 28 };	/* of a worker, beyond its own, while servers hang */
enum place { PLACE_PARKED, PLACE_QUEUED, PLACE_RUNNING };

/* Something the parent wants done in a mailbox. */
struct order {
	struct order *next;
	struct frame frame;		/* body owned */
};

struct account {
	struct worker *worker;
	const struct conf_account *conf;	/* borrowed from the worker's conf */
	struct account *next_queued;
	struct server *server;		/* queue.c */
	bool logs_in;			/* counted there */

	/* main thread and queue lock */
	enum place place;
	bool wanted;			/* run again at once when parked */
	bool released;			/* the parent has given it away */
	bool look_now;			/* the parent wants it read and reported at once */
	int64_t queued_at, taken_at;	/* CLOCK_MONOTONIC ms */
	int64_t wake;			/* when it is to run at the latest */
	struct order *orders, **orders_end;

	/* whoever runs it */
	struct imap *imap;
	struct imap_folder folder;	/* of what is selected */
	char *selected;			/* name of the selected folder, or NULL; owned */
	bool told_ok;
	int64_t told_at, idle_since, looked_at;	/* looked_at: the other folders */
	unsigned failures;
	char *junk, *drafts;		/* real names, once asked for; owned */
	enum folder_how drafts_how;
	bool changed, others_changed;	/* the server announced something in INBOX, in another folder */
	struct mark {
		uint32_t validity, next;
	} *marks;			/* how far the others were read, in the order of conf; next 0: not yet; owned */
	bool asked;			/* an order waits: INBOX is read before it */
	int64_t main_at;		/* INBOX */
	bool first_done;
	bool refused;			/* the store did not take what was read, and is not away */
	uint32_t top;			/* mails of INBOX up to this UID are counted as they are read */
	size_t seen;
};

struct worker {
	const struct conf *conf;
	const struct phrases *phrases;
	const struct lead_words *lead_words;	/* NULL: there is no lead mailbox */
	const struct booking_rules *booking;
	int parent;			/* socket */
	int epoll_fd;

	pthread_mutex_t lock;		/* queue, places, orders, threads */
	pthread_cond_t more;
	struct server *servers;		/* queue.c */
	size_t servers_n, next_server;
	int64_t next_look;		/* at all accounts: main thread */
	int threads, idle_threads, threads_max;

	pthread_mutex_t send_lock;
	pthread_mutex_t ask_lock;
	pthread_cond_t answered;
	uint32_t next_number;
	struct question *questions;

	struct account *accounts;
	size_t accounts_n;
	struct names *account_names;
	const char *our_domains;
};

int worker_main(const char *conf_path, int parent_fd, bool careful);

/* Sends one frame to the parent; a parent that has gone ends the process. */
void worker_tell(struct worker *w, struct buf *frame);
/* Sends a question (its number is set here) and waits for the answer, whose body is copied to a.
 * AGAIN: none in two minutes. */
enum status worker_ask(struct worker *w, struct arena *a, struct buf *frame, struct frame *out_r,
		       struct err *e);

/* Tells the parent what could kill this process next: a mail, talking to the server (WORK_TALKING), or
 * nothing of this account (WORK_NONE). */
enum { WORK_NONE = 0 };
#define WORK_TALKING UINT32_MAX
void worker_at(struct account *acc, const char *folder, uint32_t uid);

/* What is to be done now with an account, until it can be parked: sets wake. session.c. */
void session_turn(struct account *acc);
void session_drop(struct account *acc);

/* session.c, for desk.c */
enum status session_select(struct account *acc, const char *folder, bool read_only, struct err *e);
/* desk.c: does the order and answers it. AGAIN: the link broke. */
enum status desk_do(struct account *acc, const struct frame *order, struct err *e);
/* desk_folder.c: where drafts go, and how that was found; made where there is none and the account's settings
 * say so. INPUT: there is none, with what to do about it. */
enum status desk_folder(struct imap *i, const struct conf *conf, const struct conf_account *c, struct arena *a,
			const char **name_r, enum folder_how *how_r, struct err *e);

#endif
