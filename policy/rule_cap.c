/* SPDX-License-Identifier: MPL-2.0
 *
 * cap: how many, how often, and at what hours. Counted by the store in the transaction that records the
 * mail, so that of two mails at the limit one passes. What answers an enquiry at once is not held up.
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

/* As the rep's own wall clock has it: it is the rep who tries again. */
static const char *next_time(const struct hearing *h, time_t free)
{
	const struct when_window any = { 0 };
	const struct when_window *w = h->kind == MAIL_TOUCH && h->plan ? &h->plan->window : &any;

	return hearing_time(h, when_next_open(free, w, prospect_zone(h)));
}

static bool gap(const struct hearing *h, struct plea *p)
{
	time_t free = gap_end(h, prospect_zone(h));

	if (h->now >= free)
		return false;
	plea_fact(h, p, "gap last=%lld free=%lld", (long long)h->prospect->last_touch,
		  (long long)free);
	plea_say(h, p, "cap.gap", "who", h->prospect->address, "last",
		 hearing_time(h, h->prospect->last_touch), "date", next_time(h, free), "zone", h->zone, NULL);
	return true;
}

static int first_of(int of_plan, int of_site)
{
	return of_plan > 0 ? of_plan : of_site;
}

/* Somebody else of the same company was written to a moment ago. */
static bool company_gap(const struct hearing *h, struct plea *p)
{
	const struct memory_prospect *to = h->prospect;
	int days = first_of(h->plan ? h->plan->caps.company_gap_days : 0, h->settings->limits.company_gap_days);
	const char *zone = prospect_zone(h);
	time_t free;

	if (days <= 0 || !to->near)
		return false;
	free = when_utc(date_add_days(when_civil(to->near_at, zone).date, days), 0, 0, zone);
	if (h->now >= free)
		return false;
	plea_fact(h, p, "company gap last=%lld to=%s free=%lld", (long long)to->near_at, to->near, (long long)free);
	plea_say(h, p, "cap.company", "who", to->address, "other", to->near, "last",
		 hearing_time(h, to->near_at), "date", next_time(h, free), "zone", h->zone, NULL);
	return true;
}

/* Nothing of this may be overridden, and each ends with the rep's day. */
static void day_full(const struct hearing *h, struct plea *p, const char *key, const char *what, int count,
		     int max)
{
	struct date tomorrow = date_add_days(when_civil(h->now, h->zone).date, 1);
	time_t free = when_utc(tomorrow, 0, 0, h->zone), utc = (h->now / 86400 + 1) * 86400;

	/* a sending domain's day is everybody's */
	if (str_eq(what, h->memory->limits.from) && utc > free)
		free = utc;
	const char *number = arena_printf(h->arena, "%d", count), *most = arena_printf(h->arena, "%d", max);

	p->over = false;
	plea_fact(h, p, "%s %s count=%d max=%d free=%lld", key, what, count, max, (long long)free);
	plea_say(h, p, key, "what", what, "count", number, "max", most, "date",
		 next_time(h, free), "zone", h->zone, NULL);
}

static bool day(const struct hearing *h, struct plea *p)
{
	static const struct plan_caps none = { 0 };
	const struct memory_limits *m = &h->memory->limits;
	const struct policy_limits *site = &h->settings->limits;
	const struct plan_caps *own = h->kind == MAIL_TOUCH && h->plan ? &h->plan->caps : &none;
	bool own_ramp = own->warm_up_start > 0;
	int start = own_ramp ? own->warm_up_start : site->warm_up_start;
	int ceiling = own_ramp ? own->warm_up_ceiling : site->warm_up_ceiling;
	double factor = own_ramp ? own->warm_up_factor : site->warm_up_factor;
	int most = first_of(own->sender_per_day, site->sender_per_day);
	int ramp = policy_ramp(start, factor, ceiling, m->sender_days);
	int domain_ramp = policy_ramp(start, factor, ceiling, m->from_days);
	int to_domain = first_of(own->domain_per_day, site->domain_per_day);

	if (most > 0 && m->sender_today >= most)
		day_full(h, p, "cap.sender", h->memory->owner->login, m->sender_today, most);
	else if (ramp > 0 && m->sender_today >= ramp)
		day_full(h, p, "cap.ramp", h->memory->owner->login, m->sender_today, ramp);
	else if (m->from && domain_ramp > 0 && m->from_today >= domain_ramp)
		day_full(h, p, "cap.ramp", m->from, m->from_today, domain_ramp);
	else if (to_domain > 0 && !h->prospect->shared_domain && h->prospect->domain_today >= to_domain)
		day_full(h, p, "cap.domain", h->prospect->domain, h->prospect->domain_today, to_domain);
	else
		return false;
	return true;
}

/* The provider asked for less mail. */
static bool slow(const struct hearing *h, struct plea *p)
{
	const struct memory_prospect *to = h->prospect;
	time_t free = policy_slow_until(to->slow_mails, to->slow_last);

	if (h->now >= free)
		return false;
	p->over = false;
	plea_fact(h, p, "slow domain=%s mails=%d last=%lld free=%lld", to->domain, to->slow_mails,
		  (long long)to->slow_last, (long long)free);
	plea_say(h, p, "cap.slow", "what", to->domain, "last", hearing_time(h, to->slow_last), "date",
		 hearing_time(h, free), "zone", h->zone, NULL);
	return true;
}

/* A sequence on trial takes no more people than it says. */
static bool pilot(const struct hearing *h, struct plea *p)
{
	int size = h->plan ? h->plan->pilot_size : 0;

	if (h->kind != MAIL_TOUCH || size <= 0 || h->memory->limits.pilot < size)
		return false;
	if (!h->mail->enrol && h->enrolment && h->enrolment->state.touches > 0)
		return false;
	p->over = false;
	p->o.code = 550;
	p->o.enhanced = "5.7.1";
	plea_fact(h, p, "pilot sequence=%s size=%d", h->plan->name, size);
	plea_say(h, p, "cap.pilot", "who", h->prospect->address, "sequence", h->plan->name, "count",
		 arena_printf(h->arena, "%d", size), NULL);
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
	if (!h->mail->automation)
		p->o.mode = MODE_WARN;	/* a person sends it by hand: that is the person's choice */
	else
		p->over = false;
	when_local_text(open, zone, text);
	plea_fact(h, p, "window opens=%lld", (long long)open);
	plea_say(h, p, "cap.window", "who", h->prospect->address, "date", text, "zone", zone, NULL);
	return true;
}

enum word rule_cap(const struct hearing *h, struct plea *p)
{
	p->o.recipient = h->prospect->address;
	if (maximum(h, p) || pilot(h, p))
		return WORD_OBJECTS;
	if (at_once(h) || h->mail->ends)
		return WORD_DUNNO;
	/* first what a person cannot override */
	return day(h, p) || slow(h, p) || gap(h, p) || company_gap(h, p) || window(h, p) ? WORD_OBJECTS
											    : WORD_DUNNO;
}
