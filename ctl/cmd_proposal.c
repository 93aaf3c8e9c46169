/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl proposal add|edit|show|list.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "policy/terms.h"
#include "store/people.h"
#include "store/pipeline.h"

struct put {
	struct ctl *c;
	const char *what;
	struct proposal_put p;
	bool is_new;
	const char *id;
	bool follow_up;
	const char *sequence;
	json_t *found;
};

/* By its own id, or the latest of a person. */
static enum status find(struct store_tx *tx, struct arena *a, const char *what, const char **id_r, struct err *e)
{
	const char *prospect;
	enum status s = find_row(tx, a, "ctl_proposal_by_id", "proposal", what, id_r, e);

	if (s != GONE)
		return s;
	s = find_prospect(tx, a, what, &prospect, e);
	if (s == OK)
		s = find_row(tx, a, "ctl_proposal_of", "proposal of", prospect, id_r, e);
	return s == GONE ? err_set(e, GONE, "there is no proposal for '%s': 'relentctl proposal add' records one", what) : s;
}

static enum status put_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;
	struct proposal_put p = w->p;
	const char *id;
	enum status s = w->is_new ? find_prospect(tx, a, w->what, &p.prospect_id, e) : find(tx, a, w->what, &p.id, e);

	if (s == OK)
		s = store_proposal(tx, a, &p, w->c->actor, &id, e);
	if (s == OK)
		w->id = arena_strdup(w->c->arena, id);
	if (s != OK || !w->follow_up)
		return s;
	struct value v = store_text(p.prospect_id);
	json_t *list = rows_json(tx, "ctl_prospect_owner", &v, 1, &s, e);
	const char *owner = get(json_array_get(list, 0), "owner_id");
	if (s == OK && !*owner)
		s = err_set(e, INPUT, "the person has no owner: 'relentctl prospect assign'");
	if (s == OK)
		s = store_proposal_start(tx, a, p.prospect_id, arena_strdup(a, owner), w->sequence, w->c->actor, NULL, e);
	json_decref(list);
	return s;
}

/* A plain day is kept as its midnight in UTC, so that it is that day for everybody. */
static bool day(struct ctl *c, const char *text, time_t *out_r)
{
	struct date d;

	if (date_parse(text, &d))
		return *out_r = when_utc(d, 0, 0, "UTC"), true;
	return args_time(c, text, out_r);
}

static int put(struct ctl *c, const struct args *args, bool is_new)
{
	const char **values = arena_array(c->arena, const char *, proposal_fields_n), *date, *expires;
	struct put w = { .c = c, .what = args->word[0], .is_new = is_new };
	struct term price;
	bool any = false;
	int code;

	for (size_t i = 0; i < proposal_fields_n; i++) {
		const char *option = str_eq(proposal_fields[i], "next_step") ? "next-step" : proposal_fields[i];

		values[i] = arg_value(args, option);
		any = any || values[i];
	}
	date = arg_value(args, "date");
	expires = arg_value(args, "expires");
	w.follow_up = is_new && arg_given(args, "follow-up");
	w.sequence = conf_str(c->conf, "pipeline.proposal");
	if (w.follow_up && str_empty(w.sequence))
		return fail(c, CTL_NO, "no sequence follows proposals up: set pipeline.proposal");
	w.p = (struct proposal_put){ .values = values, .state = arg_value(args, "state") };
	if (date && !day(c, date, &w.p.date))
		return fail(c, CTL_USAGE, "--date '%s' is not a date, such as 2027-03-31", date);
	if (expires && *expires && !day(c, expires, &w.p.expires))
		return fail(c, CTL_USAGE, "--expires '%s' is not a date, such as 2027-03-31", expires);
	if (expires && !*expires)
		w.p.expires = -1;
	if (w.p.date && w.p.expires > 0 && w.p.expires < w.p.date)
		return fail(c, CTL_USAGE, "--expires '%s' is before --date '%s'", expires, date);
	if (!str_empty(arg_value(args, "price")) && !terms_price(c->arena, arg_value(args, "price"), &price))
		return fail(c, CTL_USAGE, "--price '%s' is no amount, such as 'EUR 12,500'", arg_value(args, "price"));
	if (!any && !date && !expires && !w.p.state)
		return fail(c, CTL_USAGE, "%s", is_new ? "say what it offers: --price, --scope, --expires ..."
						: "nothing to change: give --price, --state ...");
	code = write_unit(c, put_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s}", "id", w.id), is_new ? "recorded" : "changed");
}

int cmd_proposal_add(struct ctl *c, const struct args *args)
{
	return put(c, args, true);
}

int cmd_proposal_edit(struct ctl *c, const struct args *args)
{
	return put(c, args, false);
}

/* relentctl proposal state PROSPECT STATE --because WHY */
int cmd_proposal_state(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0], .p.state = args->word[1],
			 .p.because = arg_value(args, "because") };
	enum proposal_state known;
	int code;

	if (!proposal_state_from_name(args->word[1], &known))
		return fail(c, CTL_USAGE, "'%s' is no state of a proposal: it is one of %s", args->word[1],
			    proposal_state_words());
	if (str_empty(w.p.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	code = write_unit(c, put_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s,s:s}", "id", w.id, "state", args->word[1]), "%s: %s",
				      args->word[1], proposal_follow_up(known));
}

/* ---- looking ---- */

/* The content's fields become fields of the row; the two days are days. */
static void flatten(json_t *row)
{
	static const char *const days[] = { "date", "expires" };
	json_t *content = json_object_get(row, "content");

	for (size_t i = 0; i < 2; i++) {
		const char *t = get(row, days[i]);

		if (strlen(t) > 10)
			json_object_set_new(row, days[i], json_stringn(t, 10));
	}
	for (size_t i = 0; i < proposal_fields_n; i++) {
		json_t *v = json_object_get(content, proposal_fields[i]);

		json_object_set(row, proposal_fields[i], v ? v : json_null());
	}
	json_object_del(row, "content");
}

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *w = ctx;
	struct value v;
	const char *id;
	enum status s = find(tx, a, w->what, &id, e);
	json_t *list;

	if (s != OK)
		return s;
	v = store_text(id);
	list = rows_json(tx, "ctl_proposal", &v, 1, &s, e);
	json_decref(w->found);
	w->found = json_incref(json_array_get(list, 0));
	json_decref(list);
	if (s != OK || !w->found)
		return s;
	list = rows_json(tx, "ctl_proposal_versions", &v, 1, &s, e);
	for (size_t i = 0; i < json_array_size(list); i++)
		flatten(json_array_get(list, i));
	if (json_array_size(list))
		json_object_set(w->found, "earlier_versions", list);
	json_decref(list);
	return s;
}

int cmd_proposal_show(struct ctl *c, const struct args *args)
{
	struct put w = { .c = c, .what = args->word[0] };
	enum proposal_state state;
	int code = read_unit(c, show_unit, &w);

	if (code)
		return code;
	flatten(w.found);
	if (proposal_state_from_name(get(w.found, "state"), &state))
		json_object_set_new(w.found, "follow_up", json_string(proposal_follow_up(state)));
	return out_object(c, w.found);
}

int cmd_proposal_list(struct ctl *c, const struct args *args)
{
	const char *state = arg_value(args, "state");
	struct value v[3] = { store_text(state), V_NULL, V_NULL };
	enum proposal_state known;
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (state && !proposal_state_from_name(state, &known))
		return fail(c, CTL_USAGE, "--state '%s' is no state of a proposal: it is one of %s", state,
			    proposal_state_words());
	list = code ? NULL : ask(c, "ctl_proposals", v, 3, &code);

	for (size_t i = 0; i < json_array_size(list); i++)
		flatten(json_array_get(list, i));
	return list ? out_list(c, list, "short:id email version state date expires price scope",
			       "no proposal is recorded") : code;
}
