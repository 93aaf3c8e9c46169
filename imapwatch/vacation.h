/* SPDX-License-Identifier: MPL-2.0
 *
 * Is an owner away by their own Sieve script? Pure: the text of the script in, dates out. Only what mail clients
 * and web mailers write is understood: a vacation with date tests around it, or without any.
 */
#ifndef IMAPWATCH_VACATION_H
#define IMAPWATCH_VACATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/when.h"

struct arena;

struct vacation {
	bool found;		/* a vacation that answers, or will */
	bool unclear;		/* there is one, under conditions that are not understood: take it for none */
	struct date from;	/* first day; year 0: not said */
	struct date until;	/* last day; year 0: not said */
};
/* Never fails: what is no Sieve has no vacation. today: one whose last day is past does not count. */
struct vacation vacation_read(struct arena *a, const char *text, size_t n, struct date today);

#endif
