/* SPDX-License-Identifier: MPL-2.0
 *
 * Breakers: opened by the rates of a sequence, an owner or a sending domain, in the transaction that
 * records what raised them; closed by a person with a reason, and by nothing else.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "store/breakers.h"
#include "store/rates.h"
#include "store/store_private.h"

/* The sequence's own thresholds where it has some, else the site's, else those of the manual. */
static enum status limits_of(struct store_tx *tx, const char *scope, const char *name,
			     struct breaker_limits *out_r, struct err *e)
{
	static const struct breaker_limits usual = { 0.1, 0.3, 2, 5, 50 };
	const struct breaker_limits *site = &tx->store->o.breaker;
	const struct plan *p = NULL;
	enum status s = OK;

	*out_r = (struct breaker_limits){
		.complaint_pause = site->complaint_pause > 0 ? site->complaint_pause : usual.complaint_pause,
		.complaint_stop = site->complaint_stop > 0 ? site->complaint_stop : usual.complaint_stop,
		.bounce_warn = site->bounce_warn > 0 ? site->bounce_warn : usual.bounce_warn,
		.bounce_pause = site->bounce_pause > 0 ? site->bounce_pause : usual.bounce_pause,
		.touches = site->touches > 0 ? site->touches : usual.touches,
	};
	if (!str_eq(scope, "sequence"))
		return OK;
	s = store_plan(tx, name, 0, &p, NULL, e);
	if (s != OK)
		return s == GONE ? OK : s;
	if (p->breaker.complaint_pause > 0)
		out_r->complaint_pause = p->breaker.complaint_pause;
	if (p->breaker.complaint_stop > 0)
		out_r->complaint_stop = p->breaker.complaint_stop;
	if (p->breaker.bounce_warn > 0)
		out_r->bounce_warn = p->breaker.bounce_warn;
	if (p->breaker.bounce_pause > 0)
		out_r->bounce_pause = p->breaker.bounce_pause;
	if (p->breaker.touches > 0)
		out_r->touches = p->breaker.touches;
	return OK;
}

static enum status sum(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
		       int64_t since, struct rates *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, tally_sum, &r, e, T(scope), T(name), I(since));

	if (s == OK)
		*out_r = (struct rates){ at_int(r, 0), at_int(r, 1), at_int(r, 2), at_int(r, 3) };
	return s;
}

enum status store_rates(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
			struct rates *out_r, struct err *e)
{
	int days = tx->store->o.breaker_days > 0 ? tx->store->o.breaker_days : RATES_DAYS;
	int64_t since = rates_day(tx->now) - days + 1;
	const struct row *r = NULL;
	/* what a person knew of when closing it does not open it again */
	enum status s = ONE(tx, a, breaker_last, &r, e, T(scope), T(name));
	bool after = s == OK && rates_day((time_t)at_int(r, 0)) >= since;

	if (s != OK && s != GONE)
		return s;
	if (after)
		since = rates_day((time_t)at_int(r, 0));
	s = sum(tx, a, scope, name, since, out_r, e);
	if (s == OK && after) {
		out_r->touches -= at_int(r, 1);
		out_r->bounces -= at_int(r, 2);
		out_r->complaints -= at_int(r, 3);
	}
	return s;
}

/* ---- telling ---- */

static enum status concerned(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
			     struct rows *out_r, struct err *e)
{
	*out_r = (struct rows){ 0, NULL };
	if (str_eq(scope, "sequence"))
		return ROWS(tx, a, owners_of_sequence, out_r, e, T(name));
	if (str_eq(scope, "domain"))
		return ROWS(tx, a, owners_of_domain, out_r, e, T(arena_printf(a, "%%@%s", name)));
	return OK;
}

static char *note(const struct store_tx *tx, struct arena *a, const char *id, const char *scope,
		  const char *shown, enum breaker_level level, const char *cause)
{
	json_t *o = json_object();

	json_put(o, "text", "breaker");
	json_put(o, "event", "breaker");
	json_put(o, "breaker", id);
	json_put(o, "reason", arena_printf(a, "%s '%s'", scope, shown));
	json_put(o, "verb", breaker_level_name(level));
	json_put(o, "why", cause);
	json_put_int(o, "at", tx->now);
	json_put(o, "owner", str_eq(scope, "owner") ? shown : NULL);
	json_object_set_new(o, "escalate", json_true());
	return json_text(a, o);
}

static enum status tell(struct store_tx *tx, struct arena *a, const char *id, const char *scope,
			const char *name, enum breaker_level level, const char *cause, struct err *e)
{
	const struct row *r = NULL;
	const char *shown = name;
	struct rows owners;
	enum status s = concerned(tx, a, scope, name, &owners, e);

	if (s == OK && str_eq(scope, "owner")) {
		s = ONE(tx, a, owner_login, &r, e, T(name));
		if (s == OK)
			shown = at_text(r, 0);
		else if (s == GONE)
			s = OK;
	}
	struct outbox o = { .kind = "digest", .payload = note(tx, a, id, scope, shown, level, cause) };
	for (size_t i = 0; s == OK && i < owners.n; i++) {
		o.owner_id = at_text(&owners.list[i], 0);
		o.key = arena_printf(a, "breaker:%s:%s:%s", id, breaker_level_name(level), o.owner_id);
		s = store_outbox_add(tx, a, &o, tx->now, e);
	}
	o.owner_id = str_eq(scope, "owner") ? name : NULL;
	if (s == OK && o.owner_id) {
		o.key = arena_printf(a, "breaker:%s:%s:%s", id, breaker_level_name(level), name);
		s = store_outbox_add(tx, a, &o, tx->now, e);
	}
	if (s != OK || level < BREAKER_PAUSE)
		return s;
	o.kind = "notify";		/* the administrator, at once */
	o.key = arena_printf(a, "breaker-opened:%s:%s", id, breaker_level_name(level));
	return store_outbox_add(tx, a, &o, tx->now, e);
}

/* ---- opening and closing ---- */

static enum status record(struct store_tx *tx, struct arena *a, const char *kind, const char *id,
			  const char *scope, const char *name, enum breaker_level level, const char *why,
			  const char *actor, struct err *e)
{
	json_t *o = json_object();

	json_put(o, "scope", scope);
	json_put(o, "name", name);
	json_put(o, "level", breaker_level_name(level));
	json_put(o, "why", why);
	return event_change(tx, a, kind, "breaker", id, NULL, NULL, actor, o, e);
}

enum status breaker_look(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
			 struct err *e)
{
	struct breaker_limits limits;
	struct rates rates;
	enum breaker_level level, old = BREAKER_NONE;
	const struct row *r = NULL;
	const char *cause, *id;
	int64_t made = 0;
	enum status s = limits_of(tx, scope, name, &limits, e);

	if (s == OK)
		s = store_rates(tx, a, scope, name, &rates, e);
	if (s != OK)
		return s;
	level = policy_breaker(a, &rates, &limits, &cause);
	if (level == BREAKER_NONE)
		return OK;
	s = ONE(tx, a, breaker_get, &r, e, T(scope), T(name));
	if (s != OK && s != GONE)
		return s;
	id = s == OK ? at_text(r, 0) : store_id(tx, a);
	if (s == OK) {
		breaker_level_from_name(at_text(r, 1), &old);
		if (level <= old)	/* it never gets better by itself */
			return OK;
		s = RUN(tx, breaker_raise, e, T(id), T(breaker_level_name(level)), T(cause), I(tx->now));
	} else {
		s = CHANGE(tx, breaker_insert, &made, e, T(id), T(scope), T(name), T(breaker_level_name(level)),
			   T(cause), I(tx->now));
	}
	if (s != OK)
		return s;
	log_warn(id, "breaker", "scope", scope, "name", name, "level", breaker_level_name(level), "why", cause);
	s = record(tx, a, old == BREAKER_NONE ? "opened" : "raised", id, scope, name, level, cause,
		   tx->store->o.program, e);
	return s == OK ? tell(tx, a, id, scope, name, level, cause, e) : s;
}

enum status store_breaker_close(struct store_tx *tx, struct arena *a, const char *id, const char *actor,
				const char *because, struct err *e)
{
	const struct row *r = NULL;
	enum breaker_level level = BREAKER_NONE;
	struct rates today;
	int64_t changed = 0;
	enum status s = ONE(tx, a, breaker_by_id, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no breaker '%s'", id);
	if (s != OK)
		return s;
	if (at_int(r, 6) != 0)
		return err_set(e, INPUT, "the breaker of the %s '%s' is closed already", at_text(r, 1),
			       at_text(r, 2));
	if (str_empty(because))
		return err_set(e, INPUT, "a breaker is closed with a reason: say what was done about it");
	const char *scope = at_text(r, 1), *name = at_text(r, 2);
	breaker_level_from_name(at_text(r, 3), &level);
	s = sum(tx, a, scope, name, rates_day(tx->now), &today, e);
	if (s == OK)
		s = CHANGE(tx, breaker_close, &changed, e, T(id), I(tx->now), T(actor), T(because),
			   I(today.touches), I(today.bounces), I(today.complaints));
	return s == OK ? record(tx, a, "closed", id, scope, name, level, because, actor, e) : s;
}
