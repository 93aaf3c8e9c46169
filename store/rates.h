/* SPDX-License-Identifier: MPL-2.0
 *
 * For store/ only: limits and rates, shared by the files that count, open breakers and recall.
 */
#ifndef STORE_RATES_H
#define STORE_RATES_H

#include "store/store_private.h"

/* The second half of store_recall(), at end of message: what counts against limits (recall_limits.c). list:
 * m->prospects, still being filled. */
enum status recall_limits(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			  struct memory_prospect *list, struct err *e);

/* Rates (rates.c, breakers.c). What a touch's own row says of it, asked before it is there; and what a touch of
 * the store's kinds adds to its day. */
struct touch_rates {
	const char *sender_domain, *domain, *sequence;
	bool first;
};
enum status rates_facts(struct store_tx *tx, struct arena *a, const struct touch *t, const char *sequence,
			bool first, struct touch_rates *out_r, struct err *e);
enum status rates_touch(struct store_tx *tx, const struct touch *t, const struct touch_rates *f, struct err *e);
enum status rates_taken_back(struct store_tx *tx, struct arena *a, const char *touch_id, struct err *e);
/* It did go out: counted again. */
enum status rates_put_back(struct store_tx *tx, struct arena *a, const char *touch_id, struct err *e);
/* An address was suppressed anew for this reason: the last touch to it has had its outcome, once; a
 * breaker opens if the rates say so. Nothing if no touch of ours went there lately. */
enum status rates_outcome(struct store_tx *tx, struct arena *a, const char *reason, const char *address,
			  struct err *e);
/* Looks at the rates of one sequence (by name), owner (by id) or domain, and opens or raises its breaker. */
enum status breaker_look(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
			 struct err *e);
enum { RATES_DAYS = 30 };
static inline int64_t rates_day(time_t t)
{
	return (int64_t)t / 86400;
}

/* approvals.c: whom a program sends for, and the approval of what it sends. */
enum status recall_automation(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			      struct memory_owner **owner_r, struct err *e);
/* Live grants of the owner for the sequence (NULL: only those for all); did the first prospect ask first? */
enum status recall_grants(struct store_tx *tx, struct arena *a, const char *owner_id, const char *sequence,
			  struct memory *m, struct err *e);

#endif
