/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl lead list|show|accept|reject, report leads.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/leads.h"

/* ---- looking ---- */

static json_t *leads_since(struct ctl *c, const struct args *args, const char *otherwise, const char *state, int *code_r)
{
	struct value v[5] = { V_INT(0), store_text(arg_value(args, "owner")), store_text(arg_value(args, "source")),
			      store_text(state), V_NULL };
	time_t since;

	*code_r = report_since(c, args, otherwise, &since);
	if (!*code_r)
		*code_r = limit_of(c, args, 10000, &v[4]);
	if (*code_r)
		return NULL;
	v[0] = V_INT((int64_t)since);
	return ask(c, "report_leads", v, 5, code_r);
}

/* Seconds from its coming to the first draft or mail; -1: neither. */
static int64_t waited(const json_t *lead, bool drafts_count)
{
	int64_t received = get_int(lead, "received"), drafted = get_int(lead, "drafted"), touched = get_int(lead, "touched");
	int64_t first = touched;

	if (drafts_count && drafted && (!first || drafted < first))
		first = drafted;
	return first ? first - received : -1;
}

static void put_time(json_t *o, const char *key)
{
	json_object_set_new(o, key, time_json((time_t)get_int(o, key)));
}

int cmd_lead_list(struct ctl *c, const struct args *args)
{
	const char *state = arg_value(args, "state");
	int code;
	json_t *list = leads_since(c, args, "30d", state, &code), *o;
	size_t i;

	if (!list)
		return code;
	json_array_foreach(list, i, o) {
		int64_t w = waited(o, true);

		json_object_set_new(o, "waited", w < 0 ? json_null() : json_integer(w));
		put_time(o, "received");
		put_time(o, "drafted");
		put_time(o, "touched");
		json_object_del(o, "answer_by");
	}
	return out_list(c, list, "short:id received source campaign shape state address owner waited problem",
			"nobody has asked for anything");
}

struct showing {
	const char *what;
	json_t *out;
};

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct showing *w = ctx;
	const char *id;
	struct value v;
	json_t *list;
	enum status s = find_row(tx, a, "ctl_lead_by_id", "lead", w->what, &id, e);

	json_decref(w->out);
	w->out = NULL;
	if (s != OK)
		return s;
	v = store_text(id);
	list = rows_json(tx, "ctl_lead", &v, 1, &s, e);
	if (list)
		w->out = json_incref(json_array_get(list, 0));
	json_decref(list);
	return s;
}

int cmd_lead_show(struct ctl *c, const struct args *args)
{
	struct showing w = { .what = args->word[0] };
	int code = read_unit(c, show_unit, &w);
	json_t *fields, *values, *extra, *one;
	const char *key;
	size_t i;

	if (code) {
		json_decref(w.out);
		return code;
	}
	if (!c->json) {		/* people read its fields as lines */
		fields = json_incref(json_object_get(w.out, "fields"));
		json_object_del(w.out, "fields");
		values = json_object_get(fields, "values");
		json_object_foreach(values, key, one)
			json_object_set(w.out, arena_printf(c->arena, "  %s", key), one);
		extra = json_object_get(fields, "extra");
		json_array_foreach(extra, i, one)
			json_object_set(w.out, arena_printf(c->arena, "  %s", json_string_value(json_array_get(one, 0))),
					json_array_get(one, 1));
		json_decref(fields);
	}
	return out_object(c, w.out);
}

/* ---- deciding ---- */

struct deciding {
	struct ctl *c;
	const char *what, *because;
	struct lead_accept x;
	struct lead_taken taken;
	bool reject;
};

static const struct conf_lead *source_named(const struct conf *conf, const char *name)
{
	const struct conf_lead *list;
	size_t n = conf_leads(conf, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

static enum status decide_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct deciding *w = ctx;
	struct lead_accept x = w->x;
	struct lead_taken t;
	const char *source;
	enum status s = find_row(tx, a, "ctl_lead_by_id", "lead", w->what, &x.id, e);

	if (s == OK && w->reject)
		return store_lead_reject(tx, a, x.id, w->c->actor, w->because, e);
	if (s == OK)
		s = store_lead_source(tx, a, x.id, &source, e);
	if (s != OK)
		return s;
	x.source = source_named(w->c->conf, source);
	if (!x.source)
		return err_set(e, INPUT, "there is no lead source '%s' in relent.conf any more: put it back, or add "
			       "the person with 'relentctl prospect add'", source);
	s = store_lead_accept(tx, a, &x, w->c->actor, &t, e);
	if (s == OK)
		w->taken = (struct lead_taken){ .id = arena_strdup(w->c->arena, t.id),
			.state = arena_strdup(w->c->arena, t.state),
			.prospect_id = arena_strdup(w->c->arena, t.prospect_id),
			.owner = arena_strdup(w->c->arena, t.owner),
			.enrolment_id = arena_strdup(w->c->arena, t.enrolment_id),
			.problem = arena_strdup(w->c->arena, t.problem) };
	return s;
}

int cmd_lead_accept(struct ctl *c, const struct args *args)
{
	struct deciding w = { .c = c, .what = args->word[0] };
	int code;

	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		w.x.values[f] = arg_value(args, lead_field_name((enum lead_field)f));
	w.x.values[LEAD_FIRST_NAME] = arg_value(args, "first-name");
	w.x.values[LEAD_LAST_NAME] = arg_value(args, "last-name");
	w.x.owner = arg_value(args, "owner");
	w.x.because = arg_value(args, "because");
	code = write_unit(c, decide_unit, &w);
	if (code)
		return code;
	return out_done(c, json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:s*}", "id", w.taken.id, "state", w.taken.state,
				     "prospect", w.taken.prospect_id, "enrolment", w.taken.enrolment_id,
				     "owner", w.taken.owner, "problem", w.taken.problem),
			w.taken.problem ? "accepted: %s, %s; but %s" : "accepted: %s, %s", w.taken.state,
			w.taken.owner ? w.taken.owner : "nobody's", w.taken.problem);
}

int cmd_lead_reject(struct ctl *c, const struct args *args)
{
	struct deciding w = { .c = c, .what = args->word[0], .reject = true, .because = arg_value(args, "because") };
	int code;

	if (str_empty(w.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	code = write_unit(c, decide_unit, &w);
	return code ? code : out_done(c, NULL, "rejected; the mail stays where it is");
}

/* ---- report leads ---- */

static int number_cmp(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

/* Of those that were answered at all. */
static json_t *times(struct ctl *c, json_t *list, bool drafts_count)
{
	int64_t *t = arena_array(c->arena, int64_t, json_array_size(list) + 1);
	size_t n = 0, i;
	json_t *o;

	json_array_foreach(list, i, o) {
		int64_t w = waited(o, drafts_count);

		if (w >= 0)
			t[n++] = w;
	}
	if (n == 0)
		return json_pack("{s:i,s:n,s:n,s:n}", "n", 0, "p50", "p90", "max");
	qsort(t, n, sizeof(*t), number_cmp);
	return json_pack("{s:I,s:I,s:I,s:I}", "n", (json_int_t)n, "p50", (json_int_t)t[(n - 1) * 50 / 100], "p90",
			 (json_int_t)t[(n - 1) * 90 / 100], "max", (json_int_t)t[n - 1]);
}

static bool is_late(const struct ctl *c, const json_t *o)
{
	int64_t w = waited(o, true), within = get_int(o, "answer_by") - get_int(o, "received");
	const char *state = get(o, "state");

	if (!str_eq(state, "enrolled") && !str_eq(state, "kept"))
		return false;
	return w < 0 ? (int64_t)c->now > get_int(o, "answer_by") : w > within;
}

static void add_to(json_t *sum, const char *key, bool one)
{
	json_object_set_new(sum, key, json_integer(get_int(sum, key) + one));
}

static json_t *counted(struct ctl *c, json_t *list, const char *key)
{
	json_t *out = json_array(), *o, *sum = NULL;
	size_t i, k;

	json_array_foreach(list, i, o) {
		const char *name = *get(o, key) ? get(o, key) : "-";

		json_array_foreach(out, k, sum)
			if (str_eq(get(sum, key), name))
				break;
		if (k == json_array_size(out)) {
			sum = json_pack("{s:s,s:i,s:i,s:i,s:i,s:i}", key, name, "leads", 0, "enrolled", 0,
					"review", 0, "touched", 0, "late", 0);
			json_array_append_new(out, sum);
		}
		add_to(sum, "leads", true);
		add_to(sum, "enrolled", str_eq(get(o, "state"), "enrolled"));
		add_to(sum, "review", str_eq(get(o, "state"), "review"));
		add_to(sum, "touched", get_int(o, "touched") != 0);
		add_to(sum, "late", is_late(c, o));
	}
	return out;
}

static json_t *late_ones(struct ctl *c, json_t *list)
{
	json_t *out = json_array(), *o, *one;
	size_t i;

	json_array_foreach(list, i, o) {
		int64_t w = waited(o, true);

		if (!is_late(c, o))
			continue;
		one = json_copy(o);
		put_time(one, "received");
		json_object_set_new(one, "waited", w < 0 ? json_null() : json_integer(w));
		json_array_append_new(out, one);
	}
	return out;
}

static const char *times_text(struct ctl *c, json_t *t)
{
	const char *s = get_int(t, "n") == 0 ? "nobody yet"
		: arena_printf(c->arena, "p50 %llds, p90 %llds, max %llds (of %lld)", (long long)get_int(t, "p50"),
			       (long long)get_int(t, "p90"), (long long)get_int(t, "max"), (long long)get_int(t, "n"));

	json_decref(t);
	return s;
}

int cmd_report_leads(struct ctl *c, const struct args *args)
{
	int code;
	json_t *list = leads_since(c, args, "30d", NULL, &code), *out, *late;

	if (!list)
		return code;
	late = late_ones(c, list);
	out = json_pack("{s:I,s:I}", "leads", (json_int_t)json_array_size(list), "late", (json_int_t)json_array_size(late));
	if (c->json) {
		json_object_set_new(out, "answered_or_drafted", times(c, list, true));
		json_object_set_new(out, "answered", times(c, list, false));
	} else {
		json_object_set_new(out, "answered_or_drafted", json_string(times_text(c, times(c, list, true))));
		json_object_set_new(out, "answered", json_string(times_text(c, times(c, list, false))));
	}
	json_object_set_new(out, "by_source", counted(c, list, "source"));
	json_object_set_new(out, "by_campaign", counted(c, list, "campaign"));
	json_object_set_new(out, "by_owner", counted(c, list, "owner"));
	json_object_set_new(out, "by_state", counted(c, list, "state"));
	if (json_array_size(late) > 0) {
		json_t *o;
		size_t i;

		json_array_foreach(late, i, o) {
			static const char *const gone[] = { "short", "drafted", "touched", "answer_by", "problem",
							    "account", "folder", "uid", "message_id", "shape" };

			for (size_t k = 0; k < sizeof(gone) / sizeof(gone[0]); k++)
				json_object_del(o, gone[k]);
		}
		json_object_set(out, "late_ones", late);
	}
	json_decref(late);
	json_decref(list);
	return out_object(c, out);
}
