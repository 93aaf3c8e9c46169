/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "policy/digest.h"

enum { LATE_S = 30 * 60 };	/* a busy host is not late */

bool policy_digest_due(const struct digest_when *w, time_t now, struct digest_moment *out_r)
{
	struct civil wall = when_civil(now, w->zone), last;
	struct date day = wall.date;
	time_t at;

	if (w->weekday > 0)
		day = date_add_days(day, -((wall.weekday - w->weekday + 7) % 7));
	at = when_utc(day, w->hour, 0, w->zone);
	if (now < at && w->weekday > 0) {
		day = date_add_days(day, -7);
		at = when_utc(day, w->hour, 0, w->zone);
	}
	*out_r = (struct digest_moment){ .day = day, .at = at, .late = now - at > LATE_S };
	if (now < at)
		return false;
	if (w->last == 0)
		return true;
	/* by the owner's wall of today: whoever flew east may have had today's digest by yesterday's zone */
	last = when_civil(w->last, w->zone);
	return date_cmp(last.date, day) < 0;
}
