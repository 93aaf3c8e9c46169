/* SPDX-License-Identifier: MPL-2.0
 *
 * cap: how many, how often, and at what hours.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

static const char *prospect_zone(const struct hearing *h)
{
	return str_empty(h->prospect->zone) ? h->zone : h->prospect->zone;
}

static bool at_once(const struct hearing *h)
{
	const struct plan_step *s = h->kind == MAIL_TOUCH && h->plan ? plan_step(h->plan, h->step) : NULL;

	return s && s->minutes >= 0;
}

static bool maximum(const struct hearing *h, struct plea *p)
{
	const struct enrolment *e = h->enrolment && !h->mail->enrol ? &h->enrolment->state : NULL;
	const struct plan *plan = h->plan;

	if (h->kind != MAIL_TOUCH || !e || !plan)
		return false;
	if (e->touches < plan->max_touches && plan_step(plan, h->step))
		return false;
	p->over = false;
	p->o.code = 550;
	p->o.enhanced = "5.7.1";
	plea_fact(h, p, "maximum touches=%d max=%d step=%d", e->touches, plan->max_touches, h->step);
	plea_say(h, p, "cap.maximum", "who", h->prospect->address, "sequence", plan->name, "count",
		 arena_printf(h->arena, "%d", e->touches), "date",
		 hearing_time(h, e->last_touch ? e->last_touch : h->prospect->last_touch), NULL);
	return true;
}

/* The first moment at which the minimum gap is over; 0: there was no touch. */
static time_t gap_end(const struct hearing *h, const char *zone)
{
	time_t last = h->prospect->last_touch;
	struct date d;

	if (!last)
		return 0;
	if (h->kind == MAIL_TOUCH && h->plan)
		return seq_gap_free(h->plan, h->step, last, zone);
	d = when_civil(last, zone).date;
	return when_utc(date_add_days(d, h->settings->gap_days), 0, 0, zone);
}

static bool gap(const struct hearing *h, struct plea *p)
{
	const char *zone = prospect_zone(h);
	const struct when_window any = { 0 };
	time_t free = gap_end(h, zone);
	char text[WHEN_TEXT];

	if (h->now >= free)
		return false;
	free = when_next_open(free, h->plan ? &h->plan->window : &any, zone);
	when_local_text(free, zone, text);
	plea_fact(h, p, "gap last=%lld free=%lld", (long long)h->prospect->last_touch,
		  (long long)free);
	plea_say(h, p, "cap.gap", "who", h->prospect->address, "last",
		 hearing_time(h, h->prospect->last_touch), "date", text, "zone", zone, NULL);
	return true;
}

static bool window(const struct hearing *h, struct plea *p)
{
	const char *zone = prospect_zone(h);
	time_t open;
	char text[WHEN_TEXT];

	if (h->kind != MAIL_TOUCH || !h->plan)
		return false;
	open = when_next_open(h->now, &h->plan->window, zone);
	if (open == h->now)
		return false;
	p->o.mode = MODE_WARN;		/* a person sends it by hand: that is the person's choice */
	when_local_text(open, zone, text);
	plea_fact(h, p, "window opens=%lld", (long long)open);
	plea_say(h, p, "cap.window", "who", h->prospect->address, "date", text, "zone", zone, NULL);
	return true;
}

enum word rule_cap(const struct hearing *h, struct plea *p)
{
	p->o.recipient = h->prospect->address;
	if (maximum(h, p))
		return WORD_OBJECTS;
	if (at_once(h) || h->mail->ends)
		return WORD_DUNNO;
	return gap(h, p) || window(h, p) ? WORD_OBJECTS : WORD_DUNNO;
}
