/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "policy/digest.h"

/* LATE_S: a busy host is not late. SOON_S: an owner who flew east has had today's digest, by yesterday's zone. */
enum { LATE_S = 30 * 60, SOON_S = 6 * 3600 };

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
	last = when_civil(w->last, w->zone);
	return date_cmp(last.date, day) < 0 && w->last <= at - SOON_S;
}
