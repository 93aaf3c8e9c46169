/* SPDX-License-Identifier: MPL-2.0
 *
 * When: the schedule rule, the minimum gap. What a day, a zone and a window are is base/when.h.
 */
#include "config.h"

#include "sequence/seq.h"

#include <assert.h>

/* Days between a step and the one before it; a step in minutes stands on day 0. */
static int distance(const struct plan_step *prev, const struct plan_step *step)
{
	int from = prev && prev->day > 0 ? prev->day : 0;
	int to = step->day > 0 ? step->day : 0;

	return to > from ? to - from : 0;
}

struct date seq_after_return(const struct plan *p, struct date back)
{
	struct date d = back;

	/* bounded: a window whose every day is a holiday */
	for (int i = 0; i < 366; i++) {
		d = date_add_days(d, 1);
		if (when_is_working_day(d, &p->window))
			break;
	}
	return d;
}

time_t seq_gap_free(const struct plan *p, int next_step, time_t last_touch, const char *zone)
{
	const struct plan_step *step = plan_step(p, next_step);
	const struct plan_step *prev = plan_step(p, next_step - 1);
	int days = p->gap_days;

	if (!last_touch || (step && step->minutes >= 0))
		return last_touch;
	if (step && prev && distance(prev, step) < days)
		days = distance(prev, step);
	if (days <= 0)
		return last_touch;
	return when_utc(date_add_days(when_civil(last_touch, zone).date, days), 0, 0, zone);
}

time_t seq_due(const struct plan *p, const struct enrolment *e, int number, time_t last, time_t pause_end)
{
	const struct plan_step *step = plan_step(p, number);
	const struct plan_step *prev = plan_step(p, number - 1);
	const char *zone = e->zone ? e->zone : "UTC";
	time_t due, gap;

	assert(step);
	if (step->minutes >= 0) {
		int before = prev && prev->minutes > 0 ? prev->minutes : 0;

		due = (last ? last : e->started) + (step->minutes - before) * 60;
		return due > pause_end ? due : pause_end;
	}
	/* without a touch before it, the days count from the enrolment */
	due = last ? when_add_days(last, distance(prev, step), zone)
		   : when_add_days(e->started, step->day, zone);
	gap = seq_gap_free(p, number, e->last_touch, zone);
	if (due < gap)
		due = gap;
	if (due < pause_end)
		due = pause_end;
	return when_next_open(due, &p->window, zone);
}
