/* SPDX-License-Identifier: MPL-2.0
 *
 * What is kept for a time only. It is forgotten in small steps, each a write transaction of its own, so that a mail that is
 * to be recorded waits for one step at most.
 */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/core.h"

enum retained {
	RETAIN_TEXTS,		/* what touches said: the row and its events stay */
	RETAIN_ANSWERS,		/* what answers said: as above */
	RETAIN_REFUSALS,	/* whole rows; their events stay */
	RETAIN_OUTBOX,		/* rows that are done or were given up */
	RETAIN_COUNT
};
enum { RETENTION_ROWS = 200 };	/* of one step, looked at or changed */

struct retention {
	int days[RETAIN_COUNT];	/* 0: for ever */
};
struct retention_step {
	bool more;		/* there is more to do */
	int looked, changed;	/* neither is above RETENTION_ROWS */
	int64_t pages;		/* SQLite: pages given back to the file system */
};

const char *retained_name(enum retained r);
struct retention retention_settings(const struct conf *c);
/* One step, in the caller's unit: the next rows of the first kind that has any. Where it got to is kept in the same
 * transaction. Any number of hosts may do it. */
enum status store_retain(struct store_tx *tx, struct arena *a, const struct retention *r, struct retention_step *out_r,
			 struct err *e);

#endif
