/* SPDX-License-Identifier: MPL-2.0
 *
 * What relent remembers. One schema behind one narrow interface; driver.h is the private contract of
 * the backends. Reads run on their own handles; all writes of a process go through one writer that
 * commits several units of work at once (group commit) and durably before it answers.
 * Times are UTC seconds, text is UTF-8, ids are base/id.h. The store never asks the clock: `now` comes
 * in with each unit.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/id.h"
#include "policy/policy.h"
#include "sequence/seq.h"

struct arena;
struct store;
struct store_tx;	/* a read snapshot or a unit of work inside a write transaction */
struct token_keys;

struct store_options {
	const char *driver;	/* "sqlite" */
	const char *path;	/* SQLite: the file; a network file system is refused */
	int busy_ms;		/* how long a write waits for another process */
	bool create;		/* make the file and bring the schema up to date; else CONF if it is not */
	bool read_only;
	unsigned addr_equiv;	/* enum addr_equiv for suppression look-ups */
	int64_t hard_bounce_expires;
	const char *host, *program;	/* of the events written */
	const char *zone;		/* where nothing nearer is known; NULL: UTC */
	const char *const *own_domains;	/* ours: never a prospect's; the owners' own are known anyway */
	size_t own_domains_n;
	const char *const *freemail;	/* besides the shipped list: shared by unrelated people */
	size_t freemail_n;
	const struct token_keys *keys;	/* borrowed; hash suppressions and tokens; may be NULL */
};
/* CONF: "cannot open '...': ...", also for a schema newer than this program knows. */
enum status store_open(const struct store_options *o, struct store **out_r, struct err *e);
void store_close(struct store *s);	/* waits for units under way; takes NULL */

/* A unit of work. OK keeps its changes; anything else undoes all of them (the other units of the same
 * commit stay). It may be run again from its start when the database asked for a retry: it must have
 * no effect but through tx and must reset its own results at its start. a is cleared before each
 * run. */
typedef enum status store_unit_fn(struct store_tx *tx, struct arena *a, void *ctx, struct err *e);
/* Returns when the unit is durable (OK), or refused by itself (its status), or: AGAIN (busy, disk full,
 * locked: nothing happened), UNSURE (the commit's answer was lost), SYS. Thread-safe; many callers
 * share one commit. deadline_ms: CLOCK_MONOTONIC moment after which it gives up with AGAIN (only
 * while the unit has not been begun), 0 none. */
enum status store_write(struct store *s, time_t now, store_unit_fn *fn, void *ctx,
			int64_t deadline_ms, struct err *e);
/* A consistent snapshot on a read handle of the pool. Thread-safe. */
enum status store_read(struct store *s, time_t now, store_unit_fn *fn, void *ctx, struct err *e);

time_t store_now(const struct store_tx *tx);
/* A new id of this unit's time. */
const char *store_id(struct store_tx *tx, struct arena *a);

/* ---- rows, for listings and reports: every statement has a name and lives in sql/statements.sql ---- */

enum value_type { VALUE_NULL, VALUE_INT, VALUE_NUM, VALUE_TEXT };
struct value {
	enum value_type type;
	int64_t i;
	double d;
	const char *s;
};
#define V_NULL ((struct value){ .type = VALUE_NULL })
#define V_INT(x) ((struct value){ .type = VALUE_INT, .i = (x) })
#define V_NUM(x) ((struct value){ .type = VALUE_NUM, .d = (x) })
/* NULL becomes SQL NULL */
struct value store_text(const char *s);
struct row {
	size_t n;
	const char *const *names;
	const struct value *values;	/* text valid during the call only */
};
/* By column name; NULL / 0 when it is null or absent. */
const char *row_text(const struct row *r, const char *column);
int64_t row_int(const struct row *r, const char *column);
double row_num(const struct row *r, const char *column);
typedef enum status store_row_fn(void *ctx, const struct row *r, struct err *e);	/* not OK: stop */
/* Runs a named statement with $1.. = args; fn NULL for statements without rows. changed_r (may be
 * NULL): rows changed. Only the typed functions below may use statements that write. */
enum status store_query(struct store_tx *tx, const char *statement, const struct value *args, size_t n,
			store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e);

/* ---- inert records: owner company prospect source evidence signal task brief proposal ... ---- */

/* entities.def lists entities, their columns, types and allowed words. */
struct field {
	const char *name;
	const char *value;	/* NULL: SQL NULL */
};
/* Inserts (id NULL) or changes a record; unknown fields, bad words, missing required ones are INPUT
 * with one clear sentence. Writes the event with before and after. *id_r on the arena. */
enum status store_put(struct store_tx *tx, struct arena *a, const char *entity, const char *id,
		      const struct field *fields, size_t n, const char *actor, const char **id_r,
		      struct err *e);
struct entity_column {
	const char *entity, *name, *type, *words;	/* words: a|b|c or NULL */
	bool required;
	const char *meaning;
};
size_t store_columns(const char *entity, const struct entity_column **out_r);	/* 0: no such entity */

/* A prospect with its addresses, company by domain, source: what an import row or `prospect add` gives.
 * Duplicates (address known) are merged: empty fields filled, never overwritten; *known_r says so.
 * INPUT without source kind and permission. */
struct prospect_new {
	const struct field *fields;	/* columns of prospect, plus "email", "aliases", "company" */
	size_t n;
	const struct field *source;	/* columns of source */
	size_t source_n;
	const char *owner_login;	/* or NULL */
};
enum status store_prospect_add(struct store_tx *tx, struct arena *a, const struct prospect_new *p,
			       const char *actor, const char **id_r, bool *known_r, struct err *e);
/* Owners as the configuration lists them: added or changed, none removed. */
struct owner_new {
	const char *login, *name, *zone, *signature, *manager;
	const char *const *addresses;
	size_t addresses_n;
};
enum status store_owner_sync(struct store_tx *tx, struct arena *a, const struct owner_new *list, size_t n,
			     const char *actor, struct err *e);
/* GONE if nobody has this login / address / id prefix. */
enum status store_owner(struct store_tx *tx, struct arena *a, const char *login_or_address,
			struct memory_owner **out_r, struct err *e);
/* By id (or unique prefix of it), address or alias. */
enum status store_prospect_find(struct store_tx *tx, struct arena *a, const char *what,
				const char **id_r, struct err *e);

/* ---- sequences ---- */

/* A new version if the hash differs from the latest; else the latest. */
enum status store_plan_put(struct store_tx *tx, struct arena *a, const struct plan *p,
			   const char *actor, const char **id_r, int *version_r, struct err *e);
/* Latest version by name (version 0) or a given one. Cached per process by id; valid until
 * store_close(). */
enum status store_plan(struct store_tx *tx, const char *name, int version, const struct plan **out_r,
		       const char **id_r, struct err *e);

/* ---- the state machine ---- */

struct enrol {
	const char *prospect_id, *owner_id, *sequence;	/* sequence by name: its latest version */
	const char *review_note;
	const char *actor;
	bool dry_run;
};
/* INPUT with the reason: unknown sequence, live in another, requirements not met, suppressed, pilot full. */
enum status store_enrol(struct store_tx *tx, struct arena *a, const struct enrol *en,
			const char **enrolment_r, struct err *e);

struct enrolment_row {
	struct enrolment e;
	const struct plan *plan;
	const char *prospect_id, *owner_id, *owner_login, *address, *name, *company_id, *sequence;
	const char *thread_subject;	/* of the first touch */
	const char *last_message_id;	/* of the last touch */
	const char *references;		/* for the next mail of the thread */
};
enum status store_enrolment(struct store_tx *tx, struct arena *a, const char *id,
			    struct enrolment_row **out_r, struct err *e);

/* Who did it and with what evidence: goes into the event. */
struct cause {
	const char *actor;	/* "milter", "imapwatch", a login, "clock" */
	const char *evidence;	/* message id, log line, reply id, reason of a person */
	const char *reply_id, *touch_id, *draft_id;	/* or NULL */
	const char *address;	/* which of the person's addresses it is about; NULL: the primary one */
};
/* The only function that changes an enrolment: load, seq_step, save, event, outbox rows, tasks,
 * suppressions, steps of other enrolments (STOP_OTHERS, PAUSE_COMPANY). INPUT: not in the table,
 * recorded as refused. before_r/after_r may be NULL. */
enum status store_step(struct store_tx *tx, struct arena *a, const char *enrolment,
		       const struct event *ev, const struct cause *c, enum seq_state *before_r,
		       enum seq_state *after_r, struct err *e);

/* Enrolments whose due time has come (state live, no hold, not parked for later): ids, oldest first. */
enum status store_due(struct store_tx *tx, struct arena *a, time_t now, size_t max,
		      const char ***ids_r, size_t *n_r, struct err *e);
/* Enrolments held since before `before` without a verdict. */
enum status store_held(struct store_tx *tx, struct arena *a, time_t before, size_t max,
		       const char ***ids_r, size_t *n_r, struct err *e);

/* ---- the milter's side ---- */

/* Everything the policy needs about sender and recipients, in one snapshot. message may be NULL (RCPT
 * stage: prospects and suppressions only). */
struct recall {
	const char *login, *sender;
	enum role role;
	bool trust_sender;
	const char **recipients;
	size_t recipients_n;
	const struct message *message;
	const char *fingerprint;
	const char *enrol;		/* NAME of seq.NAME@ */
	const struct token_keys *keys;
};
enum status store_recall(struct store_tx *tx, struct arena *a, const struct recall *r,
			 struct memory **out_r, struct err *e);

/* A mail that goes out: touch, manual touch or recorded outreach; one row per accepted message. */
struct touch {
	const char *id;			/* made by the caller before the stamp: store_id() form */
	const char *owner_id, *prospect_id, *enrolment_id;	/* the latter two may be NULL */
	enum mail_kind kind;
	int step;
	const char *recipient;
	const char *message_id, *fingerprint;
	const char *subject, *final_text, *drafted_text, *draft_id;
	const char *references;
	double edit_ratio;		/* -1: no draft */
	const char *queue_id, *host;	/* queue id known at end of message */
	const char *flags;		/* compliance flags: warnings given, overrides used */
	bool observed;			/* mode = observe */
};
/* Records it, moves the enrolment (EV_TOUCH, EV_TOUCH_MANUAL or EV_CONVERSATION), marks the draft
 * sent. */
enum status store_touch(struct store_tx *tx, struct arena *a, const struct touch *t,
			const char *actor, struct err *e);
/* A refusal, warning or would-have-been, for log, reports and the owner's digest. */
struct refusal {
	const char *login, *owner_id, *recipient, *message_id, *queue_id;
	const struct objection *why;
	bool observed;
};
enum status store_refusal(struct store_tx *tx, struct arena *a, const struct refusal *r, struct err *e);

/* ---- delivery evidence (relent-logwatch) ---- */

enum evidence_kind { EVIDENCE_MESSAGE_ID, EVIDENCE_QUEUED, EVIDENCE_SENT, EVIDENCE_DEFERRED,
		     EVIDENCE_BOUNCED, EVIDENCE_EXPIRED, EVIDENCE_REJECTED, EVIDENCE_REMOVED };
struct evidence {
	enum evidence_kind kind;
	const char *host, *queue_id;
	time_t at;
	const char *message_id;		/* MESSAGE_ID */
	const char *recipient;		/* per recipient kinds */
	const char *dsn;		/* "5.1.1" */
	const char *relay, *words;	/* the remote's words */
	bool ours;			/* the refusal was our own MTA's or milter's: nothing about the address */
};
/* Joins by host and queue id (or Message-ID), moves touch and enrolment, suppresses on a hard result,
 * takes back what was never queued. Unknown queue ids are remembered briefly, then forgotten. */
enum status store_evidence(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			   struct err *e);
/* Accepted touches without evidence older than before, where no log is followed: become waiting. */
enum status store_assume_sent(struct store_tx *tx, struct arena *a, time_t before, struct err *e);

/* ---- the inbound side ---- */

enum grade { GRADE_NONE, GRADE_WEAK, GRADE_STRONG, GRADE_PROOF };
const char *grade_name(enum grade g);
struct match_question {
	const char *owner_id;			/* whose mailbox; NULL: the control mailbox */
	const char *from;			/* normalised sender */
	const char *envelope_from;		/* "" null sender, NULL unknown */
	const char *const *refs;		/* In-Reply-To then References, newest first */
	size_t refs_n;
	const char *subject_key;		/* text_subject_key() */
	const char *visible;			/* quoted text may be compared; may be NULL */
	time_t received;			/* INTERNALDATE */
	/* of a report: */
	bool report;
	const char *original_message_id, *original_stamp, *original_envelope_id, *original_to;
	const char *const *reported;		/* reported recipients */
	size_t reported_n;
	const struct token_keys *keys;
};
struct match {
	const char *enrolment_id;	/* NULL: known prospect without enrolment */
	const char *prospect_id, *owner_id, *touch_id;
	const char *address;		/* the address of the prospect it is about */
	const char *by;			/* stamp, message_id, references, address, domain, token */
	enum grade grade;
	bool colleague;
	bool live;
	const char *touch_text;		/* of the touch answered, for reply_context */
};
/* Every enrolment (ever) this mail is about, the strongest evidence first; *n_r = 0: none of our
 * business. */
enum status store_match(struct store_tx *tx, struct arena *a, const struct match_question *q,
			struct match **out_r, size_t *n_r, struct err *e);

/* The brake. key: Message-ID, or a content fingerprint. Idempotent. GONE if this mail has already had
 * its event for this enrolment. */
enum status store_hold(struct store_tx *tx, struct arena *a, const char *enrolment, const char *key,
		       const char *actor, struct err *e);

struct reply {
	const char *enrolment_id, *prospect_id, *owner_id, *touch_id;
	const char *key;		/* as for the hold: one event per (mail, enrolment) */
	const char *message_id, *from, *subject;
	time_t received;
	const char *account, *folder;
	int64_t uid;
	const struct finding *finding;
	const char *matched_by;
	enum grade grade;
	bool authenticated;		/* aligned DKIM/DMARC pass of our own MTA */
};
/* Stores the reply and makes its one event through store_step() (which event: the action table of
 * classifier.md, with the grade rules of imapwatch.md and quality.md: weak evidence holds and goes to
 * review). GONE: done before, nothing happens. *event_r: what was made of it. */
enum status store_reply(struct store_tx *tx, struct arena *a, const struct reply *r,
			enum seq_event *event_r, struct err *e);

struct position {
	const char *account, *folder;
	int64_t uidvalidity, uid, modseq;
};
enum status store_position(struct store_tx *tx, struct arena *a, const char *account, const char *folder,
			   struct position *out_r, struct err *e);	/* GONE: never read */
enum status store_position_put(struct store_tx *tx, const struct position *p, struct err *e);
/* State of an account for status, doctor and rule `unwatched`; error NULL: it was read just now. */
enum status store_account(struct store_tx *tx, const char *account, const char *owner_id,
			  const char *state, const char *error, struct err *e);

/* ---- drafts ---- */

struct draft {
	const char *id, *enrolment_id, *owner_id, *prospect_id;
	int step;
	const char *account, *folder;
	int64_t uidvalidity, uid;	/* 0 until placed */
	const char *message_id, *to, *subject, *text, *references;
	const char *state;		/* wanted placed edited gone sent withdrawn kept deleted */
	time_t made, gone_since;
};
/* Drafts of an account that are out (wanted, placed, edited, gone). */
enum status store_drafts(struct store_tx *tx, struct arena *a, const char *account,
			 struct draft **out_r, size_t *n_r, struct err *e);
enum status store_draft(struct store_tx *tx, struct arena *a, const char *id, struct draft **out_r,
			struct err *e);
/* Writes state, place and text seen; makes the event draft_prepared / skipped through store_step() where
 * the state says so. */
enum status store_draft_put(struct store_tx *tx, struct arena *a, const struct draft *d,
			    const char *actor, struct err *e);

/* ---- suppression ---- */

struct suppression {
	const char *kind;		/* address domain company hash */
	const char *subject;
	const char *scope, *scope_arg;	/* NULL scope: the reason's own (store.md) */
	const char *reason, *evidence, *owner_id;
	time_t expires;			/* 0 never */
};
/* Adds it, and stops every enrolment it covers (EV_DO_NOT_CONTACT unless from_step). Idempotent. */
enum status store_suppress(struct store_tx *tx, struct arena *a, const struct suppression *s,
			   const char *actor, bool from_step, const char **id_r, struct err *e);
/* INPUT: an unsubscribe or complaint without consent evidence; no reason given. */
enum status store_suppress_lift(struct store_tx *tx, struct arena *a, const char *id,
				const char *actor, const char *because, const char *consent,
				struct err *e);
enum status store_suppressed(struct store_tx *tx, struct arena *a, const char *address,
			     const char *owner_id, struct memory_suppression **out_r, size_t *n_r,
			     struct err *e);
/* An unsubscribe token of a stamp: suppresses the person of that touch. INPUT: not ours. GONE: known. */
enum status store_unsubscribe(struct store_tx *tx, struct arena *a, const struct token_keys *keys,
			      const char *token, const char *evidence, struct err *e);

/* ---- outbox: effects outside the store, at least once, by key ---- */

struct outbox {
	const char *id, *kind;		/* draft_put draft_remove notify send */
	const char *key;		/* idempotency */
	const char *owner_id, *account, *enrolment_id, *draft_id;
	const char *payload;		/* JSON */
	int attempts;
	time_t created;
};
/* Claims up to max waiting rows of a kind (NULL: any) for lease seconds. */
enum status store_outbox_take(struct store_tx *tx, struct arena *a, const char *kind, size_t max,
			      int lease, struct outbox **out_r, size_t *n_r, struct err *e);
enum status store_outbox_done(struct store_tx *tx, const char *id, struct err *e);
/* Back-off, and dead after 12 attempts (visible in `outbox list`). */
enum status store_outbox_failed(struct store_tx *tx, const char *id, const char *error, bool final,
				struct err *e);
enum status store_outbox_add(struct store_tx *tx, struct arena *a, const struct outbox *o,
			     time_t not_before, struct err *e);

/* ---- events, verify ---- */

struct event_new {
	const char *kind, *entity, *entity_id, *enrolment_id, *prospect_id, *actor;
	const char *payload;		/* JSON, or NULL */
};
enum status store_event(struct store_tx *tx, struct arena *a, const struct event_new *ev,
			struct err *e);
/* Chains committed events by hash, at most max. */
enum status store_seal(struct store_tx *tx, struct arena *a, size_t max, size_t *sealed_r,
		       struct err *e);
/* Checks the chain, refolds all states, proves that no touch followed a suppression. Every defect is
 * told to report; OK even if there are some. */
typedef void store_defect_fn(void *ctx, const char *kind, const char *entity, const char *sentence);
enum status store_verify(struct store *s, time_t now, store_defect_fn *report, void *ctx,
			 int64_t *events_r, struct err *e);

/* Schema. */
enum status store_migrate(const struct store_options *o, int *from_r, int *to_r, struct err *e);

#endif
