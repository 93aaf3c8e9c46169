/* SPDX-License-Identifier: MPL-2.0
 *
 * What changes an enrolment, and what follows from it: steps, drafts, suppression, the outbox, events.
 */
#ifndef STORE_MACHINE_H
#define STORE_MACHINE_H

#include "store/core.h"

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

/* ---- drafts ---- */

struct draft {
	const char *id, *enrolment_id, *owner_id, *prospect_id;
	int step;
	const char *account, *folder;
	int64_t uidvalidity, uid;	/* 0 until placed */
	const char *message_id, *to, *subject, *text, *references;
	const char *state;		/* wanted placed edited gone sending sent withdrawn kept deleted; sending: in no
					 * folder, relent hands it over by itself */
	time_t made, gone_since;
	/* NULL: as they are */
	const char *seen_subject, *seen_text;	/* as it lies in the folder since somebody edited it */
	const char *evidence;		/* JSON: the records whose words it has, {"evidence":[ids],"signal":[ids]} */
	const char *missing;		/* JSON: fields that nobody has filled */
	const char *language;		/* of the template */
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
/* The Drafts folder of an account can be worked with (error NULL; where: for people, which folder, or NULL), or
 * cannot. *since_r: since when it cannot (now: nobody has been told yet). */
enum status store_account_drafts(struct store_tx *tx, struct arena *a, const char *account, const char *where,
				 const char *error, time_t *since_r, struct err *e);

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
/* The high-water mark of suppressions, in a file outside the store (mark.c). Lost: the store does not know
 * the last suppression that the mark tells of; then store_recall() answers AGAIN and nothing is due. */
struct store_mark {
	const char *path;
	bool exists, lost;
	int64_t marked, counted;	/* suppressions ever: by the mark, in the store */
	const char *why;		/* a sentence, if lost */
};
enum status store_mark(struct store_tx *tx, struct arena *a, struct store_mark *out_r, struct err *e);
/* An administrator has looked: what the store holds is right from now on. */
enum status store_mark_reset(struct store_tx *tx, struct arena *a, struct err *e);
/* And what hosts told each other of what it had forgotten (lost.c) is done with. Inside a write unit. */
enum status store_lost_forget(struct store_tx *tx, struct err *e);
/* An unsubscribe token of a stamp: suppresses the person of that touch. INPUT: not ours. GONE: known. */
enum status store_unsubscribe(struct store_tx *tx, struct arena *a, const struct token_keys *keys,
			      const char *token, const char *evidence, struct err *e);

/* ---- outbox: effects outside the store, at least once, by key ---- */

struct outbox {
	const char *id, *kind;		/* draft_put draft_remove notify send sent_copy */
	const char *key;		/* idempotency */
	const char *owner_id, *account, *enrolment_id, *draft_id;
	const char *payload;		/* JSON */
	int attempts;
	time_t created;
	int64_t epoch;			/* the how manieth taking this is: store_outbox_fence() */
};
/* Claims up to max waiting rows of a kind (NULL: any; notes false: none that is mailed to us), those that wait
 * longest first, for lease seconds. holder: the watcher (leases.h) that asks; it
 * gets none that another living one is at, or that is about another one's mailbox. NULL: whoever. */
enum status store_outbox_take(struct store_tx *tx, struct arena *a, const char *kind, bool notes, size_t max,
			      int lease, const char *holder, struct outbox **out_r, size_t *n_r, struct err *e);
/* Is there anything that store_outbox_take() would give? */
enum status store_outbox_any(struct store_tx *tx, struct arena *a, bool notes, const char *holder, bool *any_r,
			     struct err *e);
/* Inside the unit of work that acts for a row: GONE if it was taken by somebody again since that epoch (0: never asked). */
enum status store_outbox_fence(struct store_tx *tx, struct arena *a, const char *id, int64_t epoch, struct err *e);
/* Whoever had it has died: it may be taken again at once. id NULL: all that holder took (the watcher does so
 * when it starts). */
enum status store_outbox_release(struct store_tx *tx, const char *id, const char *holder, struct err *e);
/* Not ours to do: as if it had not been taken, but a little later. */
enum status store_outbox_elsewhere(struct store_tx *tx, const char *id, time_t not_before, struct err *e);
enum status store_outbox_done(struct store_tx *tx, const char *id, struct err *e);
/* Back-off, and dead after 12 attempts (visible in `outbox list`); what a mailbox refuses (draft_put,
 * draft_remove) is tried for ever, each half hour, until it is done or not wanted any more. */
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
/* The same, only of what came since the last run that found nothing, and of the enrolments that moved since (a row
 * changed behind the store's back is found by a full one). full: everything; it is so, too, when there was none, or when
 * the seal it ended at is another one (a defect). In pages, each a snapshot of its own. */
struct verified {
	int64_t events, from;		/* so many, behind this one */
	time_t full;			/* when everything was last walked and found whole; 0: never */
};
enum status store_verify_since(struct store *s, time_t now, bool full, store_defect_fn *report, void *ctx,
			       struct verified *out_r, struct err *e);
enum status store_verified(struct store *s, time_t now, time_t *full_r, struct err *e);

#endif
