/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person decides about a thing that waits for one: one function for relentctl, for the words of a reply and
 * for one-click links. Every decision is kept with who, when, by what way, why, and what was shown.
 */
#ifndef STORE_DECIDE_H
#define STORE_DECIDE_H

#include "store/core.h"

enum decide {
#define DECISION(sym, name, on, argument, reason, meaning) DECIDE_##sym,
#include "store/decisions.def"
#undef DECISION
	DECIDE_COUNT
};
struct decision_kind {
	const char *name;
	const char *on;			/* of D R T E */
	const char *argument;
	bool reason;			/* without `because` it is refused */
	const char *meaning;
};
const struct decision_kind *decision_kind(enum decide d);
/* "classify-as" is "classify_as", "noted" is "note". */
bool decision_from_name(const char *name, enum decide *out_r);

/* Reads a date in words ("until march"); NULL where only 2027-03-01, 30d, 2w, 3m are understood. */
typedef bool decide_date_fn(void *ctx, struct arena *a, const char *words, time_t now, struct date *out_r);

struct decision_new {
	enum decide decision;
	const char *item;		/* id of a draft, review item, task or enrolment; or an end or beginning of it
					 * (6 characters or more) that means only one thing that waits */
	const char *by;			/* login */
	const char *via;		/* mail link relentctl web */
	const char *because;		/* or NULL */
	const char *argument;		/* see decisions.def; or NULL */
	struct date date;		/* park, classify_as: instead of an argument; year 0: none */
	decide_date_fn *read_date;	/* or NULL */
	void *read_date_ctx;
	const char *subject, *text;	/* edit: the mail as it shall go out; subject NULL: as it was */
	const char *shown;		/* hash of the card that the person saw, or its first 10 digits or more; NULL: what
					 * store_shown() knows */
	time_t shown_at;		/* when; 0: not said */
};

struct decided {
	const char *id;			/* of the record of this decision */
	const char *kind, *item;	/* "draft" "review" "task" "enrolment", and its whole id */
	const char *enrolment_id, *prospect_id, *owner_id, *address;	/* each may be NULL */
	bool again;			/* it was decided exactly so already: nothing was done */
	bool show;			/* with INPUT: the card must be shown first (store_card()); nothing was done */
	bool waits;			/* a second person has to say the same */
	const char *approval_id;	/* approve, edit: the approval */
	enum seq_state before, after;	/* SEQ_STATE_COUNT: no enrolment */
	const char *sentence;		/* what was done, for the person; one line */
};
/* Carries it out, all or nothing. INPUT with one clear sentence: it may not be, for this person, in this state, or
 * without a reason, or without having been seen. GONE: no such thing waits. OK with again: repeated. *out_r is
 * filled as far as it is known in every case. */
enum status store_decide(struct store_tx *tx, struct arena *a, const struct decision_new *d, struct decided *out_r,
			 struct err *e);

/* May this person decide, by mail, what is owner_id's? NULL is nobody's: anybody may. INPUT: no, and the sentence. */
enum status store_may(struct store_tx *tx, struct arena *a, const char *owner_id, const char *by, struct err *e);

/* The card of a thing was shown to somebody (printed, or sent by mail): decisions about it are informed ones from
 * now on, as long as the card stays the same. Once for each hash; the first time counts. */
enum status store_shown(struct store_tx *tx, const char *item, const char *hash, const char *by, const char *via,
			struct err *e);

/* A legal suppression needs two persons to be lifted, unless the site says otherwise: *waits_r true after the first.
 * Everything else as store_suppress_lift(). */
enum status store_lift(struct store_tx *tx, struct arena *a, const char *suppression, const char *by,
		       const char *because, const char *consent, bool *waits_r, struct err *e);

/* Approvals that have run out by time: void from now on, the enrolment waits for approval again, its owner is told. */
enum status store_approvals_expire(struct store_tx *tx, struct arena *a, size_t max, size_t *n_r, struct err *e);

#endif
