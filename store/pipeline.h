/* SPDX-License-Identifier: MPL-2.0
 *
 * Where each sale stands and what comes next: stages, proposals, owners who are away or changed, hand-offs
 * that nobody acts on. The rules are in sequence/pipeline.h; here they meet what is recorded.
 */
#ifndef STORE_PIPELINE_H
#define STORE_PIPELINE_H

#include "sequence/pipeline.h"
#include "store/store.h"

/* ---- absence of an owner ---- */

struct owner_away {
	const char *owner;	/* login, address or id */
	time_t from;		/* first moment of the absence; 0: now */
	time_t until;		/* first moment they are back; 0: not known */
	const char *stand_in;	/* login or address; NULL: as it is, "": nobody */
	const char *actor, *source;	/* who says so; "person", "mail", "sieve" */
	bool back;		/* the absence is over or called off; from and until do not matter */
};
/* Records it. INPUT with one sentence: no such owner or stand-in, over before it begins, over already, the stand-in
 * is the owner, or is away then too. Saying the same again changes nothing. */
enum status store_owner_away(struct store_tx *tx, struct arena *a, const struct owner_away *w,
			     struct err *e);
struct absence {
	const char *owner_id, *login, *name;
	time_t from, until;
	const char *stand_in;		/* login, or NULL */
	const char *stand_in_id;	/* NULL: there is none, or they are away themselves, or not active */
	const char *source;
	bool now;
};
/* GONE: this owner (by id) is not away at that moment, nor will be. */
enum status store_absence(struct store_tx *tx, struct arena *a, const char *owner_id, time_t at,
			  struct absence *out_r, struct err *e);

/* ---- where a person stands ---- */

/* Everything pipeline_state() and pipeline_next() look at. GONE: no such prospect. */
enum status store_pipeline_facts(struct store_tx *tx, struct arena *a, const char *prospect,
				 struct pipeline_facts *f, struct err *e);
/* Moves the stage of the sale along an edge that exists (stage_check()), with its reason and evidence. The same again:
 * OK, nothing is written. INPUT: no such edge, or a person without a reason. */
enum status store_stage(struct store_tx *tx, struct arena *a, const char *prospect, const char *to, enum stage_by by,
			const char *because, const char *actor, struct err *e);
/* Makes a task `decide_next` for a live person whom nothing is to happen to. */
enum status store_pipeline_ask(struct store_tx *tx, struct arena *a, const char *prospect,
			       const struct pipeline_settings *set, bool *asked_r, struct err *e);
/* The same for the next max people by id after `after` (NULL: from the first). *last_r: where to go on; NULL: that was
 * the end. */
enum status store_pipeline_page(struct store_tx *tx, struct arena *a, const char *after, size_t max,
				const struct pipeline_settings *set, const char **last_r, size_t *asked_r,
				struct err *e);

/* A proposal was sent: what else runs for this person ends, and the follow-up of proposals begins; one that runs goes on.
 * INPUT: they may not enter it, with the reason. */
enum status store_proposal_start(struct store_tx *tx, struct arena *a, const char *prospect, const char *owner_id,
				 const char *sequence, const char *actor, const char **enrolment_r, struct err *e);

/* ---- other owners, later dates ---- */

/* Gives a person to another owner (login or address), with everything that waits: running enrolments, open tasks and
 * reviews; a draft in the old mailbox is taken out and made again in the new one. The same owner: nothing. INPUT: no
 * such owner, or no reason. */
enum status store_assign(struct store_tx *tx, struct arena *a, const char *prospect, const char *to,
			 const char *because, const char *actor, struct err *e);
struct put_off {
	bool hand_over;		/* what falls due while an owner is away goes to the stand-in */
	int per_day;		/* what one owner gets back on one day; 0: no limit */
};
/* Before EV_DUE: if a noted date, or an absence of the owner, is in the way, *ev becomes EV_POSTPONED (and *c says why);
 * or the person is handed over to the stand-in, and *ev stays. */
enum status store_put_off(struct store_tx *tx, struct arena *a, const char *enrolment, const struct put_off *how,
			  struct event *ev, struct cause *c, struct err *e);
/* A gate date was noted: what is scheduled or lies in Drafts before it moves there now. */
enum status store_gate_now(struct store_tx *tx, struct arena *a, const char *prospect, const char *actor,
			   struct err *e);
/* Owners who are back get their people back, unless the stand-in has written to them. */
enum status store_hand_back(struct store_tx *tx, struct arena *a, size_t *n_r, struct err *e);

/* ---- what the clock does besides due steps; *n_r: how many ---- */

struct pipeline_clock {
	struct pipeline_settings set;
	const char *reactivation;	/* sequence for dormant people; NULL or "": none is offered */
	int reactivate_per_day;		/* of one owner; 0: no limit */
	int64_t escalate_owner, escalate_manager;	/* seconds of working time; 0: never */
	int max_gap_days;		/* 0: never flagged */
};
/* Proposals whose last day is over: expired, their follow-up ended, a task and a digest line for the owner. */
enum status store_expire_proposals(struct store_tx *tx, struct arena *a, size_t *n_r, struct err *e);
/* Dormant for long enough, and never offered since they last wrote: enrolled once, with what was said and what is new
 * as the review note; where nothing is new, a task; nobody who ended it for good, or is suppressed. */
enum status store_reactivate(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			     struct err *e);
/* Answers and reviews that nobody acted on: a note and a digest line to the owner (or who stands in), later to the
 * manager; each once. Counted in the owner's working hours. */
enum status store_escalate(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			   struct err *e);
/* A follow-up that has been due for so long that it would come out of nowhere: one digest line. */
enum status store_flag_gaps(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			    struct err *e);

#endif
