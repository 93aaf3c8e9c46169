/* SPDX-License-Identifier: MPL-2.0
 *
 * The day that a person names in the few words of a command.
 */
#ifndef CLASSIFIER_DAY_H
#define CLASSIFIER_DAY_H

#include <stdbool.h>

#include "base/when.h"

struct arena;
struct phrases;

/* A day in the few words of a command ("until march", "nächsten Montag", "in 2 weeks", "2027-03-15"), seen from
 * today; the day itself, no working day after it. language: the writer's, or NULL; offset: of the writer's clock,
 * seconds east: decides 4/3. False: none. */
struct text_day {
	struct date date;
	int days;		/* how many different days are named; more than one: date is the last of them */
	bool past;		/* it lies before today, or is called past */
	const char *left;	/* words that belong to no day, or NULL */
};
bool text_day(struct arena *a, const struct phrases *p, const char *text, struct date today,
	      const char *language, int offset, struct text_day *out_r);

#endif
