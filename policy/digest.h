/* SPDX-License-Identifier: MPL-2.0
 *
 * When a digest is due: once a day at its hour on the owner's wall, whatever happened meanwhile to clocks, zones and
 * daemons. Pure.
 */
#ifndef POLICY_DIGEST_H
#define POLICY_DIGEST_H

#include <stdbool.h>
#include <time.h>

#include "base/when.h"

struct digest_when {
	const char *zone;	/* of whom it is for, today */
	int hour;		/* on the wall there */
	int weekday;		/* 1 Monday .. 7: only on that day; 0: every day */
	time_t last;		/* when the last one was made, or found to be empty; 0 never */
};
struct digest_moment {
	struct date day;	/* the day that it is for, on the owner's wall */
	time_t at;		/* when it should have been made: there is one digest of this moment */
	bool late;		/* relent was not there at that time: say so */
};
/* Is one due now? An hour that a change of clocks leaves out comes as soon as the clock goes on; one that comes twice
 * counts the first time. A zone that changed does not bring a second one on the same day of the new zone.
 * A daily one that was missed altogether is not made up for on another day; a weekly one is. */
bool policy_digest_due(const struct digest_when *w, time_t now, struct digest_moment *out_r);

#endif
