/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl appointment, report appointments, owner link.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/appointments.h"

struct put {
	struct ctl *c;
	const char *what, *owner, *because, *quality, *note;
	struct appointment_put p;
	struct appointment_edit ed;
	bool showed;
	const char *id;
	json_t *found;
};

static bool moment(struct ctl *c, const struct args *args, const char *option, time_t *out_r, int *code_r)
{
	const char *text = arg_value(args, option);
	const char *zone = arg_value(args, "zone");

	*code_r = 0;
	/* a time is meant on the clock of the zone that is named */
	if (text && !when_parse(text, zone && when_zone_valid(zone) ? zone : c->zone, out_r) && !args_time(c, text, out_r))
		*code_r = fail(c, CTL_USAGE, "--%s '%s' is no time: write '2027-03-31 10:00'", option, text);
	return *code_r == 0;
}

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;
	struct appointment_put p = w->p;
	struct memory_owner *owner = NULL;
	const char *id;
	enum status s = find_prospect(tx, a, w->what, &p.prospect_id, e);

	if (s == OK && w->owner) {
		s = store_owner(tx, a, w->owner, &owner, e);
		if (s == GONE)
			return err_set(e, GONE, "there is no owner '%s'", w->owner);
	}
	if (s != OK)
		return s;
	p.owner_id = owner ? owner->id : NULL;
	s = store_appointment_put(tx, a, &p, w->c->actor, &id, e);
	if (s == OK)
		w->id = arena_strdup(w->c->arena, id);
	return s;
}

int cmd_appointment_add(struct ctl *c, const struct args *args)
{
	const char *state = arg_value(args, "state");
	struct put w = { .c = c, .what = args->word[0], .owner = arg_value(args, "owner") };
	int code;

	w.p = (struct appointment_put){ .zone = arg_value(args, "zone"), .summary = arg_value(args, "summary"),
					.place = arg_value(args, "place"), .because = arg_value(args, "because"),
					.booked = str_eq(state, "booked") };
	if (state && !w.p.booked && !str_eq(state, "proposed"))
		return fail(c, CTL_USAGE, "--state '%s' is neither proposed nor booked", state);
	if (!arg_value(args, "starts"))
		return fail(c, CTL_USAGE, "when does it start (--starts '2027-03-31 10:00')?");
	if (!moment(c, args, "starts", &w.p.starts, &code) || !moment(c, args, "ends", &w.p.ends, &code))
		return code;
	code = write_unit(c, add_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s}", "id", w.id), w.p.booked ? "booked" : "recorded");
}

static enum status edit_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;

	return store_appointment_edit(tx, a, w->what, &w->ed, w->c->actor, e);
}

int cmd_appointment_edit(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0] };
	int code;

	w.ed = (struct appointment_edit){ .zone = arg_value(args, "zone"), .summary = arg_value(args, "summary"),
					  .place = arg_value(args, "place"), .quality = arg_value(args, "quality"),
					  .because = arg_value(args, "because"), .agreed = arg_given(args, "agreed") };
	if (!moment(c, args, "starts", &w.ed.starts, &code) || !moment(c, args, "ends", &w.ed.ends, &code))
		return code;
	code = write_unit(c, edit_unit, &w);
	return code ? code : out_done(c, NULL, "changed");
}

static enum status cancel_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;

	return store_appointment_cancel(tx, a, w->what, w->because, w->c->actor, e);
}

int cmd_appointment_cancel(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0], .because = arg_value(args, "because") };
	int code = write_unit(c, cancel_unit, &w);

	return code ? code : out_done(c, NULL, "cancelled");
}

static enum status outcome_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;

	return store_appointment_outcome(tx, a, w->what, w->showed, w->quality, w->note, w->c->actor, e);
}

static int outcome(struct ctl *c, const struct args *args, bool showed)
{
	struct put w = { .c = c, .what = args->word[0], .showed = showed, .quality = arg_value(args, "quality"),
			 .note = arg_value(args, "because") };
	int code = write_unit(c, outcome_unit, &w);

	return code ? code : out_done(c, NULL, showed ? "it took place" : "nobody came: there is a task for another try");
}

int cmd_appointment_showed(struct ctl *c, const struct args *args)
{
	return outcome(c, args, true);
}

int cmd_appointment_no_show(struct ctl *c, const struct args *args)
{
	return outcome(c, args, false);
}

/* ---- looking ---- */

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;
	struct appointment *ap = NULL;
	enum status s = store_appointment(tx, a, w->what, &ap, e);

	if (s != OK)
		return s;
	json_decref(w->found);
	w->found = json_pack("{s:o s:o s:o s:o s:s s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:i s:o s:o}",
		"id", text_json(ap->id), "email", text_json(ap->address), "name", text_json(ap->name),
		"state", text_json(ap->state), "when", store_appointment_when(a, ap), "starts", time_json(ap->starts),
		"ends", time_json(ap->ends), "zone", text_json(ap->zone), "counter", time_json(ap->counter),
		"quality", text_json(ap->quality), "owner", text_json(ap->owner_login), "summary", text_json(ap->summary),
		"place", text_json(ap->place), "proposed_by", text_json(ap->direction),
		"evidence", text_json(ap->evidence), "confirmed", time_json(ap->confirmed),
		"confirmed_by", text_json(ap->confirmed_by), "version", ap->sequence, "uid", text_json(ap->uid),
		"because", text_json(ap->because));
	return OK;
}

int cmd_appointment_show(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0] };
	int code = read_unit(c, show_unit, &w);

	return code ? code : out_object(c, w.found);
}

int cmd_appointment_list(struct ctl *c, const struct args *args)
{
	struct value v[5] = { V_INT(arg_given(args, "all")), store_text(arg_value(args, "state")),
			      store_text(arg_value(args, "owner")), V_INT((int64_t)c->now - 86400), V_NULL };
	int code = limit_of(c, args, 1000, &v[4]);
	json_t *list = code ? NULL : ask(c, "ctl_appointments", v, 5, &code);

	return list ? out_list(c, list, "short:id starts zone state quality owner email summary evidence",
			       "no appointment is recorded") : code;
}

/* Percent of a count, as text; null where there is nothing to divide. */
static void rate(json_t *o, const char *key, int64_t part, int64_t whole, struct arena *a)
{
	json_object_set_new(o, key, whole ? json_string(arena_printf(a, "%.0f %%", 100.0 * (double)part / (double)whole))
					  : json_null());
}

int cmd_report_appointments(struct ctl *c, const struct args *args)
{
	struct value v[1];
	time_t since = 0;
	int code = report_since(c, args, "90d", &since);
	json_t *list, *o;
	size_t i;

	v[0] = V_INT((int64_t)since);
	list = code ? NULL : ask(c, "ctl_appointment_rates", v, 1, &code);
	if (!list)
		return code;
	json_array_foreach(list, i, o) {
		rate(o, "booking_rate", get_int(o, "booked"), get_int(o, "proposed"), c->arena);
		rate(o, "qualified_rate", get_int(o, "qualified"), get_int(o, "booked"), c->arena);
		rate(o, "show_rate", get_int(o, "show"), get_int(o, "show") + get_int(o, "no_show"), c->arena);
	}
	return out_list(c, list, "owner sequence proposed booked qualified cancelled show no_show:no-show "
			"booking_rate:booking qualified_rate:qualified show_rate:shown", "no appointment in this time");
}

/* ---- where people book ---- */

static enum status link_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;
	struct memory_owner *owner = NULL;
	enum status s = store_owner(tx, a, w->what, &owner, e);

	if (s == GONE)
		return err_set(e, GONE, "there is no owner '%s'", w->what);
	return s == OK ? store_put(tx, a, "owner", owner->id, &(struct field){ "booking_link", w->note }, 1, w->c->actor,
				   NULL, e) : s;
}

int cmd_owner_link(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0], .note = args->word[1] };
	int code;

	if (*w.note && strncmp(w.note, "https://", 8) != 0)
		return fail(c, CTL_USAGE, "'%s' is no https link", w.note);
	code = write_unit(c, link_unit, &w);
	return code ? code : out_done(c, NULL, *w.note ? "recorded" : "taken out");
}
