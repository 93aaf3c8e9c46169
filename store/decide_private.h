/* SPDX-License-Identifier: MPL-2.0
 *
 * For store/ only: a decision under way (decide.c), what it does to drafts (decide_draft.c) and approvals.
 */
#ifndef STORE_DECIDE_PRIVATE_H
#define STORE_DECIDE_PRIVATE_H

#include "store/card.h"
#include "store/decide.h"
#include "store/store_private.h"

struct deciding {
	struct store_tx *tx;
	struct arena *a;
	const struct decision_new *d;
	struct decided *out;
	char kind;			/* D R T E */
	struct enrolment_row *en;	/* or NULL */
	const char *draft_id;		/* of the enrolment, out; or NULL */
	const char *review_id;		/* the item itself, or the open one of the enrolment */
	const char *reply_id, *reply_sender, *review_kind;	/* of the review item */
	const struct row *task;		/* desk_task */
	const char *argument;		/* as it is recorded */
	const char *text_hash;		/* of what was approved or written anew */
	const char *shown;		/* hash of the card that the person saw */
	time_t shown_at;
	const char *flag;
	double edit_ratio;		/* -1: none */
	const char *approval_id;
	bool first;			/* of two persons */
};

/* The draft as it lies in Drafts now: what the rep made of it, if it was seen. */
struct draft_now {
	const char *id, *state, *to, *subject, *text, *composed_subject, *composed_text;
	const char *owner_id, *enrolment_id, *prospect_id, *account, *from;
	int step;
	int64_t uid;
};
enum status draft_now(struct store_tx *tx, struct arena *a, const char *id, struct draft_now *out_r, struct err *e);
/* Out of Drafts and out of the way: another draft of this step may be made. */
enum status draft_take_out(struct store_tx *tx, struct arena *a, const char *id, const char *why, struct err *e);

/* What stands there under this id, or end or beginning of one. */
enum status desk_find(struct store_tx *tx, struct arena *a, const char *what, const char **kind_r, const char **id_r,
		      struct err *e);
/* columns of desk_person */
enum status desk_person(struct store_tx *tx, struct arena *a, const char *prospect_id, const struct row **r,
			struct err *e);
/* Mail to this person is approved by two. */
enum status desk_needs_two(struct store_tx *tx, struct arena *a, const char *prospect_id, bool *two_r, struct err *e);
/* One person under two names: at a shell and by mail. */
bool desk_same_person(const char *x, const char *y);
const struct desk_rules *desk_rules_of(const struct store_tx *tx);
/* May relent send in this sequence for this owner: the plan's level, and a grant. */
enum status desk_granted(struct store_tx *tx, struct arena *a, const struct enrolment_row *en, bool *granted_r,
			 const char **forbids_r, struct err *e);

/* The same in one word: what is approved goes out by itself. */
enum status desk_sends(struct store_tx *tx, struct arena *a, const struct enrolment_row *en, bool *sends_r,
		       struct err *e);

/* decide_draft.c */
enum status decide_approve(struct deciding *g, struct err *e);
enum status decide_edit(struct deciding *g, struct err *e);
enum status decide_rewrite(struct deciding *g, struct err *e);
enum status decide_reject(struct deciding *g, struct err *e);
enum status decide_research(struct deciding *g, struct err *e);
enum status decide_channel(struct deciding *g, struct err *e);
enum status decide_cta(struct deciding *g, struct err *e);
enum status decide_skip(struct deciding *g, struct err *e);
/* What a person asked for before the next mail is there: the draft is made anew. */
enum status desk_found_out(struct store_tx *tx, struct arena *a, const char *enrolment, const char *kind,
			   const char *by, const char *note, struct err *e);
/* decide_route.c */
enum status decide_route(struct deciding *g, struct err *e);
/* decide.c */
enum status decide_step(struct deciding *g, const struct event *ev, struct err *e);

/* approvals.c: what is approved and not sent yet is so no more. */
enum status approvals_void(struct store_tx *tx, struct arena *a, const struct enrolment_row *row, const char *why,
			   const char *actor, struct err *e);
/* The draft was changed: what was approved of it is no more what lies there. */
enum status approvals_content(struct store_tx *tx, struct arena *a, const struct draft_now *was, const char *actor,
			      struct err *e);
/* Does this event end what was approved? */
bool approval_ends(enum seq_event ev);

#endif
