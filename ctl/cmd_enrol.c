/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl enrol, pause, resume, stop, skip, due.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

/* ---- enrol ---- */

struct one {
	struct ctl *c;
	const char *what;
	struct enrol en;
	const char *owner;
	const char *id;
};

static enum status enrol_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct one *o = ctx;
	struct enrol en = o->en;
	struct memory_owner *owner;
	const char *id = NULL, *login = o->owner;
	struct value v;
	json_t *row;
	enum status st = find_prospect(tx, a, o->what, &en.prospect_id, e);

	if (st)
		return st;
	if (!login) {
		v = store_text(en.prospect_id);
		row = rows_json(tx, "ctl_prospect", &v, 1, &st, e);
		if (st)
			return st;
		login = arena_strdup(a, get(json_array_get(row, 0), "owner"));
		json_decref(row);
		if (!*login)
			return err_set(e, INPUT, "'%s' has no owner: say --owner LOGIN", o->what);
	}
	st = store_owner(tx, a, login, &owner, e);
	if (st == GONE)
		return err_set(e, GONE, "there is no owner '%s'", login);
	if (st)
		return st;
	en.owner_id = owner->id;
	st = store_enrol(tx, a, &en, &id, e);
	if (!st && id)
		o->id = arena_strdup(o->c->arena, id);
	return st;
}

static json_t *enrol_one(struct ctl *c, const struct args *args, const char *what, bool *good_r)
{
	struct one o = { .c = c, .what = what, .owner = arg_value(args, "owner") };
	struct err e = { "" };
	enum status st;

	o.en = (struct enrol){ .sequence = args->word[0], .review_note = arg_value(args, "note"),
			       .actor = c->actor, .dry_run = arg_given(args, "dry-run") };
	st = store_write(c->store, c->now, enrol_unit, &o, 0, &e);
	*good_r = st == OK;
	return json_pack("{s:o,s:b,s:o,s:o}", "prospect", text_json(what), "enrolled", st == OK,
			 "enrolment", text_json(o.id), "reason", text_json(st ? e.text : NULL));
}

int cmd_enrol(struct ctl *c, const struct args *args)
{
	json_t *list, *everybody = NULL;
	size_t n = args->n - 1, good = 0;
	int code = sync_owners(c);

	if (code)
		return code;
	if (arg_given(args, "all") != (n == 0))
		return fail(c, CTL_USAGE, n ? "--all and names of prospects exclude each other"
			    : "name the prospects, or say --all");
	if (n == 0) {
		struct value v[6] = { store_text(arg_value(args, "owner")), V_NULL, V_NULL, V_NULL, V_NULL,
				      V_INT(1000000) };

		everybody = ask(c, "ctl_prospects", v, 6, &code);
		if (!everybody)
			return code;
		n = json_array_size(everybody);
	}
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		const char *what = everybody ? get(json_array_get(everybody, i), "email") : args->word[i + 1];
		bool taken;

		json_array_append_new(list, enrol_one(c, args, what, &taken));
		good += taken;
	}
	json_decref(everybody);
	if (!c->json && n == 1 && good == 0) {
		code = fail(c, CTL_NO, "%s", get(json_array_get(list, 0), "reason"));
		json_decref(list);
		return code;
	}
	out_list(c, list, "prospect enrolled reason", "nobody fits");
	return good == n ? CTL_DONE : CTL_NO;
}

/* ---- what a person does to a running enrolment ---- */

struct step_by_hand {
	struct ctl *c;
	const char *what;
	struct event ev;
	bool live_only;
	enum seq_state before, after;
	const char *id;
};

static enum status step_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct step_by_hand *s = ctx;
	struct cause cause = { .actor = s->c->actor, .evidence = s->ev.words };
	const char *id;
	enum status st = find_enrolment(tx, a, s->what, s->live_only, &id, e);

	if (st)
		return st;
	s->id = arena_strdup(s->c->arena, id);
	return store_step(tx, a, id, &s->ev, &cause, &s->before, &s->after, e);
}

static int step(struct ctl *c, struct step_by_hand *s)
{
	int code = write_unit(c, step_unit, s);

	if (code)
		return code;
	return out_done(c, json_pack("{s:s,s:s,s:s}", "enrolment", s->id, "before", seq_state_name(s->before),
				     "after", seq_state_name(s->after)), "%s: %s -> %s", s->what,
			seq_state_name(s->before), seq_state_name(s->after));
}

int cmd_pause(struct ctl *c, const struct args *args)
{
	struct step_by_hand s = { .c = c, .what = args->word[0], .live_only = false };
	const char *until = args->n > 1 ? args->word[1] : arg_value(args, "until");
	time_t t;

	s.ev = (struct event){ .kind = EV_PAUSE, .words = arg_value(args, "because") };
	if (until) {
		if (!args_time(c, until, &t))
			return fail(c, CTL_USAGE, "'%s' is not a date: write 2026-03-31, or 30d", until);
		if (t <= c->now)
			return fail(c, CTL_USAGE, "'%s' is over already", until);
		s.ev.date = when_civil(t, c->zone).date;
	}
	return step(c, &s);
}

int cmd_resume(struct ctl *c, const struct args *args)
{
	struct step_by_hand s = { .c = c, .what = args->word[0] };

	s.ev = (struct event){ .kind = EV_RESUME, .words = arg_value(args, "because") };
	return step(c, &s);
}

int cmd_stop(struct ctl *c, const struct args *args)
{
	static const char *const reasons[] = { "owner", "not_a_fit", "offer_retired", "wrong_signal",
					       "bad_fit", "duplicate", "won", "lost" };
	struct step_by_hand s = { .c = c, .what = args->word[0] };
	const char *reason = arg_value(args, "reason"), *near;
	bool known = !reason;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		known |= str_eq(reasons[i], reason);
	if (!known) {
		near = str_nearest(reason, reasons, sizeof(reasons) / sizeof(reasons[0]));
		return fail(c, CTL_USAGE, near ? "there is no reason '%s': did you mean '%s'?" :
			    "there is no reason '%s': owner, not_a_fit, offer_retired, wrong_signal, bad_fit, "
			    "duplicate, won, lost", reason, near);
	}
	s.ev = (struct event){ .kind = EV_STOP, .reason = reason ? reason : "owner",
			       .words = arg_value(args, "because") };
	return step(c, &s);
}

int cmd_skip(struct ctl *c, const struct args *args)
{
	struct step_by_hand s = { .c = c, .what = args->word[0], .live_only = true };

	s.ev = (struct event){ .kind = EV_SKIPPED, .words = arg_value(args, "because") };
	return step(c, &s);
}

int cmd_due(struct ctl *c, const struct args *args)
{
	const char *within = arg_value(args, "within");
	int64_t ahead = 0;
	struct value v[3] = { V_INT(0), store_text(arg_value(args, "owner")), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (code)
		return code;
	if (within && (!str_duration(within, &ahead) || ahead < 0))
		return fail(c, CTL_USAGE, "--within '%s' is not a duration: write 7d", within);
	v[0] = V_INT((int64_t)c->now + ahead);
	list = ask(c, "ctl_due", v, 3, &code);
	return list ? out_list(c, list, "due email owner sequence step state draft holds", within
			       ? "nothing falls due in that time" : "nothing is due") : code;
}
