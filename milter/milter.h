/* SPDX-License-Identifier: MPL-2.0
 *
 * What the milter's files share. Callbacks of one connection run on different threads of libmilter's
 * pool: everything of a connection hangs on its session (smfi_setpriv), everything of a mail on its
 * arena; settings are read-only and swapped whole.
 */
#ifndef MILTER_MILTER_H
#define MILTER_MILTER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/token.h"
#include "classifier/classifier.h"
#include "conf/conf.h"
#include "milter/mail.h"
#include "policy/policy.h"
#include "store/store.h"

struct arena;

/* ---- settings.c: everything a reload replaces, counted references ---- */

struct settings {
	atomic_int refs;
	struct arena *arena;
	struct conf *conf;
	struct refusals *texts;
	struct phrases *phrases;
	struct command_words *commands;
	struct policy_settings policy;
	const char *hostname, *control, *web_url;
	const char *enrol_source, *enrol_permission;
	size_t body_bytes;
	int64_t decide_within;		/* ms */
	bool trusted_senders, everybody;
};
/* CONF with file and line; nothing is taken over from a bad one. */
enum status settings_load(const char *conf_path, struct settings **out_r, struct err *e);
/* One of our own people: own_domains, the administrator. */
bool settings_inside(const struct settings *s, const char *address);
/* A domain whose local parts Postfix may read as addresses themselves: ours, what lies under it, this host. */
bool settings_local(const struct settings *s, const char *domain);
void settings_unref(struct settings *s);

/* ---- owners.c: who is an outreach sender ---- */

struct owners;		/* immutable, counted references */
/* From the store, mirrored into path when it differs from what lies there. */
enum status owners_from_store(struct store *s, time_t now, struct owners **out_r, struct err *e);
enum status owners_mirror(const struct owners *o, const char *path, struct err *e);
enum status owners_from_mirror(const char *path, struct owners **out_r, struct err *e);
bool owners_same(const struct owners *a, const struct owners *b);
size_t owners_count(const struct owners *o);
/* The login as the store knows it, or NULL. By login, or by From address (both ASCII case ignored). */
const char *owners_by_login(const struct owners *o, const char *login);
const char *owners_by_address(const struct owners *o, const char *address);
struct owners *owners_ref(struct owners *o);
void owners_unref(struct owners *o);	/* takes NULL */

/* ---- the daemon ---- */

struct milter {
	const char *conf_path;
	struct clock *clock;
	_Atomic(struct token_keys *) keys;	/* replaced by a reload, never freed: the store borrows them */
	pthread_mutex_t lock;		/* settings, owners */
	struct settings *settings;
	struct owners *owners;
	_Atomic(struct store *) store;	/* NULL while it could not be opened */
	atomic_bool quiet;		/* SMFIP_NR_* of the last negotiation: libmilter does not
					 * negotiate again after XCLIENT */
	_Atomic int64_t inbound_seen;	/* when the last arriving mail was; 0 never */
	atomic_bool ending;
	bool over_inet;
	pthread_mutex_t busy_lock;	/* callbacks under way, for the drain at SIGTERM */
	pthread_cond_t idle;
	int busy;
};
extern struct milter the_milter;	/* libmilter's callbacks get no argument of ours */

struct settings *milter_settings(struct milter *d);	/* a reference */
struct owners *milter_owners(struct milter *d);		/* a reference */
void milter_enter(struct milter *d);
void milter_leave(struct milter *d);

/* ---- decide.c ---- */

struct decision {
	enum { DECIDE_PASS, DECIDE_REFUSE, DECIDE_DISCARD, DECIDE_TROUBLE } answer;
	int code;
	const char *enhanced;
	const char *text[2];
	const char *touch;		/* id: stamp it; NULL: leave it as it is */
	const char *feedback;		/* what Feedback-ID is made of: sequence or kind */
	const char *add_message_id;	/* without <>, or NULL */
	const char *swallow;		/* DISCARD: the recipient that has it already */
};
/* At RCPT: may this one recipient have it? */
void decide_rcpt(struct milter *d, struct mail *m, const char *key, struct decision *out_r);
/* A recipient of somebody who is no outreach sender: only scope `all` counts, and our own trouble stops nobody. In
 * role local it is kept for the end of the message. */
void decide_everybody(struct milter *d, struct mail *m, const char *path, const char *key, struct decision *out_r);
/* Does the MTA surely read this recipient as we do? Postfix reads more than an address ("domain!user",
 * "user%domain", comments, a quoted address), and an address literal is a person without a name. What could
 * be taken for nobody does not pass. */
bool mail_readable(const struct mail *m, const char *path);
/* At end of message: recall, judge, record, in one transaction. */
void decide_eom(struct milter *d, struct mail *m, struct decision *out_r);

/* Logs and records a refusal that no rule made. */
void decide_refused(struct milter *d, const struct mail *m, enum rule rule, const char *rcpt,
		    const char *const text[2], const char *fact);

/* record.c: the writing half of that transaction. */
struct record {
	const struct mail *mail;
	const struct outgoing *out;
	const struct message *message;
	const struct memory *memory;
	const struct verdict *verdict;
	const char *hostname;
	/* results, on the mail's arena */
	const char *touch;
	const char *feedback;
	const char *add_message_id;
	const char *enrolment;
	bool cannot_enrol;		/* INPUT came from store_enrol() */
};
/* content.c: reads, before the transaction and in the mail's own thread, what does not hang on the sequence: the one
 * writer of the store is no place for it. Then fills what the rules on content read, once the recipients are known. */
void content_look(struct mail *m, const struct outgoing *o);
enum status content_read(struct store_tx *tx, struct arena *a, const struct mail *mail, struct outgoing *o,
			 struct memory *m, struct err *e);
enum status record_pass(struct store_tx *tx, struct arena *a, struct record *r, struct err *e);
enum status record_objections(struct store_tx *tx, struct arena *a, const struct mail *m,
			      const struct memory *mem, const struct verdict *v, const char *message_id,
			      struct err *e);

/* ---- stamp.c, reply.c: the only ones that talk to libmilter besides callbacks.c ---- */

struct smfi_str;
/* False: libmilter refused; the mail must not go out unstamped. */
bool stamp_apply(struct smfi_str *ctx, const struct milter *d, const struct mail *m,
		 const struct decision *x);
/* Sets the SMTP reply and returns the verdict for libmilter. */
int reply_refuse(struct smfi_str *ctx, int code, const char *enhanced, const char *const text[2]);

/* callbacks.c */
struct smfiDesc;
const struct smfiDesc *callbacks(void);

#endif
