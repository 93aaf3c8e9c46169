/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide about things that are not one step of one enrolment: review items, dead outbox
 * rows. Every decision is an event with who and why.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/store.h"

/* One of the words of review_decisions(). */
struct review_decision {
	const char *decision;	/* noted classify_as stop park resume suppress */
	const char *because;
	const char *class;	/* classify_as: name of a reply class */
	struct date date;	/* park, classify_as not_now/out_of_office: first day; year 0: by default */
};
/* "noted|classify_as|..." */
const char *review_decisions(void);
/* Decides an open review item: records it, corrects the reply's class, and moves the enrolment through
 * store_step(). GONE: there is none, or it is decided already. INPUT: not possible, with the reason; then
 * nothing is changed. *after_r (may be NULL): the state of the enrolment now. */
enum status store_review_decide(struct store_tx *tx, struct arena *a, const char *id,
				const struct review_decision *d, const char *actor,
				enum seq_state *after_r, struct err *e);

/* A dead (or waiting) outbox row: try again now, or never. INPUT if it is under way or done. */
enum status store_outbox_retry(struct store_tx *tx, struct arena *a, const char *id,
			       const char *actor, struct err *e);
enum status store_outbox_drop(struct store_tx *tx, struct arena *a, const char *id,
			      const char *actor, const char *because, struct err *e);

#endif
