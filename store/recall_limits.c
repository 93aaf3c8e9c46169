/* SPDX-License-Identifier: MPL-2.0
 *
 * What counts against limits: a day's touches by index range, breakers and push-back by key, who else is in
 * touch. Read in the snapshot (at end of message: in the transaction) of the decision.
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/when.h"
#include "store/rates.h"
#include "store/store_private.h"

enum { RAMP_DAYS = 90, NEAR_DAYS = 61, TALK_DAYS = 365, SLOW_MAILS = 12, BREAKERS = 3, SUPPOSED = 2 };

static enum status number(enum status s, const struct row *r, int *out_r)
{
	if (s == OK)
		*out_r = (int)at_int(r, 0);
	return s;
}

/* What is limited at all, by the site or by a sequence that the mail may be of. */
struct limited {
	int sender;		/* the most of a sender's day that anything allows; 0: no limit */
	bool domain, company, ramp;
};

static void limited_by(struct limited *l, int sender, int domain, int company, int start, int ceiling)
{
	l->sender = sender > l->sender ? sender : l->sender;
	l->domain = l->domain || domain > 0;
	l->company = l->company || company > 0;
	l->ramp = l->ramp || start > 0;
	if (start > 0 && ceiling > l->sender)
		l->sender = ceiling;
}

static void limited_by_plan(struct limited *l, const struct plan *plan)
{
	const struct plan_caps *c = plan ? &plan->caps : NULL;

	if (c != NULL)
		limited_by(l, c->sender_per_day, c->domain_per_day, c->company_gap_days, c->warm_up_start,
			   c->warm_up_ceiling);
}

static struct limited limited(const struct recall *q, const struct memory *m)
{
	const struct policy_limits *site = q->limits;
	struct limited l = { 0 };

	if (site == NULL)
		return (struct limited){ INT_MAX, true, true, true };
	limited_by(&l, site->sender_per_day, site->domain_per_day, site->company_gap_days, site->warm_up_start,
		   site->warm_up_ceiling);
	limited_by_plan(&l, m->enrol_plan);
	for (size_t i = 0; i < m->prospects_n; i++)
		if (m->prospects[i].enrolment != NULL)
			limited_by_plan(&l, m->prospects[i].enrolment->plan);
	return l;
}

/* As far as the limit: a rep's day may be long. Beyond it the mail is refused, and told the whole number. */
static enum status sender_today(struct store_tx *tx, struct arena *a, const char *owner_id, time_t midnight,
				int most, int *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	if (most <= 0)
		return OK;
	s = ONE(tx, a, recall_sender_today, &r, e, T(owner_id), I(midnight), I(most));
	s = number(s, r, out_r);
	if (s == OK && most < INT_MAX && *out_r >= most) {
		s = ONE(tx, a, recall_sender_today, &r, e, T(owner_id), I(midnight), I(INT_MAX));
		s = number(s, r, out_r);
	}
	return s;
}

static enum status sender(struct store_tx *tx, struct arena *a, const char *owner_id, time_t midnight,
			  const struct limited *most, struct memory_limits *l, struct err *e)
{
	const struct row *r = NULL;
	int64_t today = rates_day(tx->now);
	enum status s = sender_today(tx, a, owner_id, midnight, most->sender, &l->sender_today, e);

	if (s != OK || !most->ramp)
		return s;
	s = ONE(tx, a, tally_days, &r, e, T("owner"), T(owner_id), I(today - RAMP_DAYS), I(today));
	s = number(s, r, &l->sender_days);
	if (s != OK || l->from == NULL)
		return s;
	s = ONE(tx, a, recall_from_today, &r, e, T(l->from), I(today));
	s = number(s, r, &l->from_today);
	if (s == OK || s == GONE)
		s = ONE(tx, a, tally_days, &r, e, T("domain"), T(l->from), I(today - RAMP_DAYS), I(today));
	return number(s, r, &l->from_days);
}

static enum status breakers(struct store_tx *tx, struct arena *a, const char *owner_id, const char *sequence,
			    struct memory_limits *l, struct err *e)
{
	const char *const scopes[BREAKERS][2] = { { "sequence", sequence }, { "owner", owner_id },
						  { "domain", l->from } };
	struct memory_breaker *list = arena_array(a, struct memory_breaker, BREAKERS);

	l->breakers = list;
	for (size_t i = 0; i < BREAKERS; i++) {
		const struct row *r = NULL;
		enum status s = scopes[i][1] ? ONE(tx, a, breaker_get, &r, e, T(scopes[i][0]), T(scopes[i][1]))
					     : GONE;
		if (s == GONE)
			continue;
		if (s != OK)
			return s;
		struct memory_breaker *b = &list[l->breakers_n++];
		*b = (struct memory_breaker){ .scope = scopes[i][0], .name = scopes[i][1],
					      .cause = at_text(r, 2), .opened = (time_t)at_int(r, 3) };
		breaker_level_from_name(at_text(r, 1), &b->level);
	}
	return OK;
}

static enum status pilot(struct store_tx *tx, struct arena *a, const struct memory *m, struct memory_limits *l,
			 struct err *e)
{
	const struct memory_enrolment *en = m->prospects_n ? m->prospects[0].enrolment : NULL;
	struct rows rows = { 0, NULL };
	enum status s = OK;

	if (m->enrol_plan != NULL && m->enrol_plan->pilot_size > 0) {
		bool in = en && en->own && en->plan && str_eq(en->plan->name, m->enrol_plan->name);
		s = in ? ROWS(tx, a, recall_pilot_started, &rows, e, T(m->enrol_plan->name), T(en->state.id),
			      I(m->enrol_plan->pilot_size))
		       : ROWS(tx, a, recall_pilot_all, &rows, e, T(m->enrol_plan->name),
			      I(m->enrol_plan->pilot_size));
	} else if (en != NULL && en->plan != NULL && en->plan->pilot_size > 0 && en->state.touches == 0) {
		s = ROWS(tx, a, recall_pilot_started, &rows, e, T(en->plan->name), T(en->state.id),
			 I(en->plan->pilot_size));
	}
	l->pilot = (int)rows.n;
	return s;
}

/* ---- one recipient ---- */

static enum status domain(struct store_tx *tx, struct arena *a, time_t midnight, const struct limited *most,
			  struct memory_prospect *p, struct err *e)
{
	const char *at = strrchr(p->address, '@');
	const struct row *r = NULL;
	struct rows heard;
	enum status s = OK;

	if (at == NULL)
		return OK;
	p->domain = addr_registrable(a, at + 1);
	p->shared_domain = domain_is_shared(tx->store, p->domain);
	if (!p->shared_domain && most->domain) {
		s = ONE(tx, a, recall_domain_today, &r, e, T(p->domain), I(midnight));
		s = number(s, r, &p->domain_today);
	}
	if (s == OK)
		s = ROWS(tx, a, pushback_recent, &heard, e, T(p->domain), I(tx->now - 86400), I(SLOW_MAILS));
	if (s == OK && heard.n > 0) {
		p->slow_mails = (int)heard.n;
		p->slow_last = (time_t)at_int(&heard.list[0], 0);
	}
	return s;
}

/* Somebody else of the company, who was written to last. Without a record of the company nobody knows who belongs to
 * it: there the domain's cap of a day has to do. */
static enum status near(struct store_tx *tx, struct arena *a, const char *company_id, struct memory_prospect *p,
			struct err *e)
{
	const struct row *r = NULL;
	const char *id = p->id ? p->id : "";
	enum status s = company_id == NULL ? GONE
		: ONE(tx, a, recall_near_company, &r, e, T(company_id), I(tx->now - NEAR_DAYS * 86400),
		      T(p->address), T(id));

	if (s != OK)
		return s == GONE ? OK : s;
	p->near = at_text(r, 0);
	p->near_at = (time_t)at_int(r, 1);
	return OK;
}

/* columns: login, at[, address] */
static const struct memory_other *other_of(struct arena *a, const struct row *r, bool conversation,
					   const char *address)
{
	struct memory_other *o = arena_new_of(a, struct memory_other);

	*o = (struct memory_other){ .owner = at_text(r, 0), .at = (time_t)at_int(r, 1),
				    .conversation = conversation, .address = address };
	return o;
}

static enum status others(struct store_tx *tx, struct arena *a, const char *owner_id, const char *company_id,
			  struct memory_prospect *p, struct err *e)
{
	int64_t since = tx->now - (int64_t)TALK_DAYS * 86400;
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_other_enrolment, &r, e, T(p->id), T(owner_id));

	if (s == OK)
		p->other = other_of(a, r, false, p->address);
	else if (s == GONE)
		s = ONE(tx, a, recall_other_reply, &r, e, T(p->id), T(owner_id), I(since));
	if (s == OK && p->other == NULL)
		p->other = other_of(a, r, true, p->address);
	if (s != OK && s != GONE)
		return s;
	if (company_id != NULL)
		s = ONE(tx, a, recall_company_enrolment, &r, e, T(company_id), T(owner_id), T(p->id));
	else if (p->domain != NULL && !p->shared_domain)
		s = ONE(tx, a, recall_domain_enrolment, &r, e, T(p->domain), T(owner_id), T(p->id));
	else
		return OK;
	if (s == OK) {
		p->other_company = other_of(a, r, false, at_text(r, 2));
		return OK;
	}
	if (s != GONE)
		return s;
	s = company_id != NULL
		? ONE(tx, a, recall_company_reply, &r, e, T(company_id), T(owner_id), T(p->id), I(since))
		: ONE(tx, a, recall_domain_reply, &r, e, T(p->domain), T(owner_id), T(p->id), I(since));
	if (s == OK)
		p->other_company = other_of(a, r, true, at_text(r, 2));
	return s == GONE ? OK : s;
}

/* Everything a person wrote into the record, so that a mail may say it again. */
static const char *all_words(struct arena *a, const json_t *o)
{
	struct buf b;
	const char *key;
	json_t *v;

	buf_init(&b, a);
	json_object_foreach((json_t *)o, key, v) {
		if (json_is_string(v))
			buf_addf(&b, "%s\n\n", json_string_value(v));
		else if (json_is_integer(v))
			buf_addf(&b, "%lld\n\n", (long long)json_integer_value(v));
	}
	return b.n ? b.p : NULL;
}

static const char *text_at(struct arena *a, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_number(v))
		return arena_printf(a, "%.2f", json_number_value(v));
	return arena_strdup(a, json_string_value(v));
}

static enum status proposal(struct store_tx *tx, struct arena *a, struct memory_prospect *p, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_proposal, &r, e, T(p->id));

	if (s != OK)
		return s == GONE ? OK : s;
	json_t *o = json_loads(at_text(r, 5) ? at_text(r, 5) : "{}", 0, NULL);
	struct memory_proposal *m = arena_new_of(a, struct memory_proposal);
	*m = (struct memory_proposal){
		.id = at_text(r, 0), .state = at_text(r, 1), .version = (int)at_int(r, 2),
		.date = (time_t)at_int(r, 3), .expires = (time_t)at_int(r, 4),
		.price = text_at(a, o, "price"), .discount = text_at(a, o, "discount"),
		.scope = text_at(a, o, "scope"), .words = all_words(a, o),
	};
	json_decref(o);
	p->proposal = m;
	return OK;
}

static enum status sources(struct store_tx *tx, struct arena *a, struct memory_prospect *p, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_sources, &rows, e, T(p->id));

	if (s != OK)
		return s;
	struct memory_source *list = arena_array(a, struct memory_source, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		list[i] = (struct memory_source){ at_text(&rows.list[i], 0), at_text(&rows.list[i], 1),
						  at_text(&rows.list[i], 2) };
	p->sources = list;
	p->sources_n = rows.n;
	return OK;
}

static void add_supposed(struct arena *a, const char *content, struct memory_point *list, size_t *n)
{
	static const char *const keys[SUPPOSED] = { "unverified_inferences", "possible_problems" };
	json_t *o = str_empty(content) ? NULL : json_loads(content, 0, NULL);

	for (size_t i = 0; i < SUPPOSED; i++) {
		const char *text = json_string_value(json_object_get(o, keys[i]));

		if (!str_empty(text))
			list[(*n)++] = (struct memory_point){ arena_strdup(a, text), true };
	}
	json_decref(o);
}

/* What research says of the person, first what it only supposes. */
static enum status points(struct store_tx *tx, struct arena *a, struct memory_prospect *p, struct err *e)
{
	const struct row *brief = NULL;
	struct rows rows;
	enum status s = ROWS(tx, a, recall_points, &rows, e, T(p->id));

	if (s != OK)
		return s;
	s = ONE(tx, a, brief_of, &brief, e, T(p->id));
	if (s != OK && s != GONE)
		return s;
	struct memory_point *list = arena_array(a, struct memory_point, rows.n + SUPPOSED);
	if (s == OK)
		add_supposed(a, at_text(brief, 1), list, &p->points_n);
	for (size_t i = 0; i < rows.n; i++) {
		const char *type = at_text(&rows.list[i], 1);
		bool known = str_eq(type, "verified_fact") || str_eq(type, "public_observation");

		list[p->points_n++] = (struct memory_point){ at_text(&rows.list[i], 0), !known };
	}
	p->points = list;
	return OK;
}

static enum status other_channels(struct store_tx *tx, struct arena *a, struct memory_prospect *p,
				  struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_other_channels, &r, e, T(p->id));

	if (s == OK && (time_t)at_int(r, 0) > p->last_touch)
		p->last_touch = (time_t)at_int(r, 0);
	return s == GONE ? OK : s;
}

enum status recall_limits(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			  struct memory_prospect *list, struct err *e)
{
	const struct memory_owner *o = m->owner;
	const char *zone = str_empty(o->zone) ? "UTC" : o->zone;
	time_t midnight = when_utc(when_civil(tx->now, zone).date, 0, 0, zone);
	const struct memory_enrolment *en = m->prospects_n ? m->prospects[0].enrolment : NULL;
	const char *sequence = m->enrol_plan ? m->enrol_plan->name : en && en->plan ? en->plan->name : NULL;
	const char *from = q->message->from_n ? q->message->from[0].domain : NULL;
	struct limited most = limited(q, m);
	enum status s;

	if (o->id == NULL)	/* a program that sends for nobody: nothing is counted, and nothing passes */
		return OK;
	m->limits.from = str_empty(from) ? NULL : addr_registrable(a, from);
	s = sender(tx, a, o->id, midnight, &most, &m->limits, e);
	if (s == OK)
		s = breakers(tx, a, o->id, sequence, &m->limits, e);
	if (s == OK)
		s = recall_grants(tx, a, o->id, sequence, m, e);
	if (s == OK)
		s = pilot(tx, a, m, &m->limits, e);
	for (size_t i = 0; s == OK && i < m->prospects_n; i++) {
		struct memory_prospect *p = &list[i];
		if (p->own_domain)
			continue;
		s = domain(tx, a, midnight, &most, p, e);
		if (s == OK && most.company)
			s = near(tx, a, p->company_id, p, e);
		if (s == OK && p->id != NULL)
			s = others(tx, a, o->id, p->company_id, p, e);
		if (s == OK && p->id != NULL)
			s = other_channels(tx, a, p, e);
		if (s == OK && p->id != NULL)
			s = proposal(tx, a, p, e);
		if (s == OK && p->id != NULL)
			s = sources(tx, a, p, e);
		if (s == OK && p->id != NULL)
			s = points(tx, a, p, e);
	}
	return s;
}
