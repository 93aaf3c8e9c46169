/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl owner away, prospect assign, stage, report pipeline|quiet|no-next-action|lost-in-silence.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"
#include "ctl/pipeline.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

struct pipeline_settings pipeline_settings_of(const struct conf *conf)
{
	return (struct pipeline_settings){
		.quiet_days = (int)conf_int(conf, "pipeline.quiet_days"),
		.answer_hours = (int)(conf_int(conf, "pipeline.answer_within") / 3600),
		.untouched_days = (int)conf_int(conf, "pipeline.untouched_days"),
		.reactivate_days = (int)conf_int(conf, "pipeline.reactivate_days"),
	};
}

/* ---- owner away ---- */

struct away {
	struct ctl *c;
	struct owner_away w;
	const char *owner_id;
	struct absence now;
	bool known;
};

static enum status away_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct away *w = ctx;

	return store_owner_away(tx, a, &w->w, e);
}

/* A plain day is a day of the owner's: from its first moment, until its last. */
static bool away_day(struct ctl *c, const char *text, const char *zone, bool end, time_t *out_r)
{
	struct date d;

	if (date_parse(text, &d))
		return *out_r = when_utc(end ? date_add_days(d, 1) : d, 0, 0, zone), true;
	return args_time(c, text, out_r);
}

static enum status zone_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct away *w = ctx;
	struct memory_owner *o;
	enum status s = store_owner(tx, a, w->w.owner, &o, e);

	if (s == OK)
		w->owner_id = arena_strdup(w->c->arena, o->zone ? o->zone : w->c->zone);
	return s;
}

int cmd_owner_away(struct ctl *c, const struct args *args)
{
	const char *from = arg_value(args, "from"), *until = arg_value(args, "until"), *zone;
	struct away w = { .c = c, .w = { .owner = args->word[0], .stand_in = arg_value(args, "stand-in"),
			  .actor = c->actor, .source = "person", .back = arg_given(args, "back") } };
	int code = sync_owners(c);

	if (code || (code = read_unit(c, zone_unit, &w)) != 0)
		return code;
	zone = w.owner_id;
	if (w.w.back && (from || until || w.w.stand_in))
		return fail(c, CTL_USAGE, "--back ends an absence: without --from, --until and --stand-in");
	if (from && !away_day(c, from, zone, false, &w.w.from))
		return fail(c, CTL_USAGE, "--from '%s' is not a date, such as 2027-03-31", from);
	if (until && !away_day(c, until, zone, true, &w.w.until))
		return fail(c, CTL_USAGE, "--until '%s' is not a date, such as 2027-03-31 (the last day away)", until);
	code = write_unit(c, away_unit, &w);
	if (code)
		return code;
	if (w.w.back)
		return out_done(c, NULL, "'%s' is not away", w.w.owner);
	return out_done(c, NULL, until ? "'%s' is away until %s; what falls due meanwhile %s" : "'%s' is away%s; what falls "
			"due meanwhile %s", w.w.owner, until ? until : "", str_eq(conf_str(c->conf, "pipeline.absence"),
			"hand_over") ? "goes to the stand-in, if there is one" : "waits");
}

/* ---- prospect assign, stage ---- */

struct change {
	struct ctl *c;
	const char *prospect, *to, *because;
};

static enum status assign_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct change *w = ctx;
	const char *id;
	enum status s = find_prospect(tx, a, w->prospect, &id, e);

	return s == OK ? store_assign(tx, a, id, w->to, w->because, w->c->actor, e) : s;
}

int cmd_prospect_assign(struct ctl *c, const struct args *args)
{
	struct change w = { c, args->word[0], args->word[1], arg_value(args, "because") };
	int code;

	if (str_empty(w.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	code = sync_owners(c);
	if (!code)
		code = write_unit(c, assign_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s}", "owner", w.to), "'%s' belongs to '%s' now, with what waits",
				      w.prospect, w.to);
}

static enum status stage_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct change *w = ctx;
	const char *id;
	enum status s = find_prospect(tx, a, w->prospect, &id, e);

	if (s == OK)
		s = store_stage(tx, a, id, w->to, STAGE_BY_PERSON, w->because, w->c->actor, e);
	if (s != OK || !(str_eq(w->to, "won") || str_eq(w->to, "lost")))
		return s;
	/* it is over: nothing more is sent by itself */
	struct event ev = { .kind = EV_STOP, .reason = w->to, .words = w->because };
	struct cause cause = { .actor = w->c->actor, .evidence = w->because };
	struct value v = store_text(id);
	const char *live = NULL;
	json_t *rows = rows_json(tx, "ctl_enrolments_of", &v, 1, &s, e), *last = json_array_get(rows, 0);

	const char *state = get(last, "state");

	if (s == OK && *state && !str_eq(state, "closed") && !str_eq(state, "suppressed") && !str_eq(state, "failed"))
		live = arena_strdup(a, get(last, "id"));
	json_decref(rows);
	if (live)
		s = store_step(tx, a, live, &ev, &cause, NULL, NULL, e);
	return s == INPUT ? OK : s;	/* where nothing is to be stopped */
}

/* The stage of the sale, which only a person may call qualified, won or lost: always with the reason. */
int cmd_stage(struct ctl *c, const struct args *args)
{
	struct change w = { c, args->word[0], args->word[1], arg_value(args, "because") };
	enum pipeline_state derived;
	bool known = false;
	int code;

	for (size_t i = 0; i < stage_names_n; i++)
		known = known || str_eq(stage_names[i], w.to);
	if (!known && pipeline_from_name(w.to, &derived))
		return fail(c, CTL_USAGE, "'%s' is derived from what happened and cannot be set: the stages are new, "
			    "contacted, qualified, proposal_sent, won, lost, dormant", w.to);
	if (!known)
		return fail(c, CTL_USAGE, "stage '%s' is none of new|contacted|qualified|proposal_sent|won|lost|dormant",
			    w.to);
	if (str_empty(w.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	code = write_unit(c, stage_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s}", "stage", w.to), "'%s' is %s now", w.prospect, w.to);
}

/* ---- where people stand ---- */

static json_t *next_json(const struct next_action *n, json_t *o)
{
	if (n->kind == NEXT_NONE) {
		json_object_set_new(o, "next_step", json_null());
		return o;
	}
	json_object_set_new(o, "next_step", text_json(n->what));
	json_object_set_new(o, "next_about", text_json(n->more));
	json_object_set_new(o, "next_who", text_json(n->who));
	json_object_set_new(o, "next_date", time_json(n->when));
	return o;
}

enum status standing_json(struct ctl *c, struct store_tx *tx, struct arena *a, const char *prospect, json_t *o,
			  struct err *e)
{
	struct pipeline_settings set = pipeline_settings_of(c->conf);
	struct pipeline_facts f;
	const char *why;
	enum status s = store_pipeline_facts(tx, a, prospect, &f, e);

	if (s != OK)
		return s;
	json_object_set_new(o, "pipeline", json_string(pipeline_name(pipeline_state(&f, &why))));
	json_object_set_new(o, "pipeline_because", json_string(why));
	if (f.proposal) {
		json_object_set_new(o, "proposal", json_string(f.proposal));
		json_object_set_new(o, "proposal_date", time_json(f.proposal_date));
	}
	struct next_action n = pipeline_next(&f, &set, store_now(tx));
	next_json(&n, o);
	json_object_set_new(o, "missing", json_boolean(n.kind == NEXT_MISSING));
	return OK;
}

enum { WALK_PAGE = 500 };
struct walk {
	struct ctl *c;
	const char *owner, *state;
	bool missing;			/* only those whom nothing is to happen to */
	int64_t limit;
	json_t *out;
	int64_t count[PIPE_COUNT];
	char last[ID_SIZE];
	size_t page;			/* how many the last one had */
};

/* A page of people. */
static enum status walk_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	enum status s = OK;
	struct value v[3] = { store_text(w->owner), store_text(*w->last ? w->last : NULL), V_INT(WALK_PAGE) };
	json_t *list = rows_json(tx, "ctl_pipeline_people", v, 3, &s, e), *o;
	size_t i;

	(void)a;
	w->page = json_array_size(list);
	json_array_foreach(list, i, o) {
		struct arena *one = arena_new(0);
		enum pipeline_state state;

		s = s == OK ? standing_json(w->c, tx, one, get(o, "id"), o, e) : s;
		if (s == OK && pipeline_from_name(get(o, "pipeline"), &state)) {
			w->count[state]++;
			if ((!w->state || str_eq(w->state, get(o, "pipeline"))) &&
			    (!w->missing || json_is_true(json_object_get(o, "missing"))) &&
			    (int64_t)json_array_size(w->out) < w->limit)
				json_array_append(w->out, o);
		}
		arena_free(one);
	}
	if (s == OK && w->page > 0)
		snprintf(w->last, sizeof(w->last), "%s", get(json_array_get(list, w->page - 1), "id"));
	json_decref(list);
	return s;
}

/* Everybody, a page in a snapshot of its own: with millions of people one that lasted for all of them would keep the
 * store's log from ever beginning anew. */
static int walk(struct walk *w)
{
	int code;

	w->out = json_array();
	do {
		code = read_unit(w->c, walk_unit, w);
	} while (!code && w->page == WALK_PAGE);
	if (code) {
		json_decref(w->out);
		w->out = NULL;
	}
	return code;
}

static int known_owner(struct ctl *c, const char *owner)
{
	struct away w = { .c = c, .w = { .owner = owner } };

	return owner ? read_unit(c, zone_unit, &w) : CTL_DONE;
}

int cmd_report_pipeline(struct ctl *c, const struct args *args)
{
	struct walk w = { .c = c, .owner = arg_value(args, "owner"), .state = arg_value(args, "state") };
	enum pipeline_state known;
	struct value limit;
	json_t *list;
	int code = limit_of(c, args, 1000, &limit);

	if (!code)
		code = known_owner(c, w.owner);
	if (code)
		return code;
	if (w.state && !pipeline_from_name(w.state, &known)) {
		struct buf b;

		buf_init(&b, c->arena);
		for (int i = 0; i < PIPE_COUNT; i++)
			buf_addf(&b, "%s%s", i ? ", " : "", pipeline_name((enum pipeline_state)i));
		return fail(c, CTL_USAGE, "--state '%s' is no state of the pipeline: %s", w.state, b.p);
	}
	w.limit = limit.i;
	code = walk(&w);
	if (code)
		return code;
	if (w.state || arg_given(args, "people"))
		return out_list(c, w.out, "email name owner pipeline pipeline_because:because next_step next_who next_date",
				"nobody is there");
	json_decref(w.out);
	list = json_array();
	for (int i = 0; i < PIPE_COUNT; i++)
		json_array_append_new(list, json_pack("{s:s,s:I,s:s}",
			"state", pipeline_name((enum pipeline_state)i),
			"people", (json_int_t)w.count[i],
			"meaning", pipeline_meaning((enum pipeline_state)i)));
	return out_list(c, list, "state people meaning", "nobody is there");
}

json_t *report_forgotten(struct ctl *c, int *code_r)
{
	struct walk w = { .c = c, .missing = true, .limit = INT64_MAX };

	*code_r = walk(&w);
	return w.out;
}

int cmd_report_no_next(struct ctl *c, const struct args *args)
{
	struct walk w = { .c = c, .missing = true };
	struct value limit;
	int code = limit_of(c, args, 1000, &limit);

	w.limit = limit.i;
	if (!code)
		code = walk(&w);
	return code ? code : out_list(c, w.out, "email name owner pipeline next_step:to-be-asked next_date",
				      "everybody has a next action, a date or an end");
}

int cmd_report_quiet(struct ctl *c, const struct args *args)
{
	const char *days = arg_value(args, "days"), *owner = arg_value(args, "owner");
	struct value v[4] = { V_INT((int64_t)c->now), V_INT(3), V_NULL, store_text(owner) };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (!code)
		code = known_owner(c, owner);
	if (code)
		return code;
	if (days && !str_int(days, 0, 3650, &v[1].i))
		return fail(c, CTL_USAGE, "--days '%s' is not a number", days);
	list = owner ? ask(c, "ctl_quiet_of_owner", v, 4, &code) : ask(c, "ctl_quiet_threads", v, 3, &code);
	return list ? out_list(c, list, "days owes:who-owes email name owner sequence step state last_word due",
			       "no thread has gone quiet") : code;
}

int cmd_report_lost(struct ctl *c, const struct args *args)
{
	struct value v[2] = { V_INT((int64_t)c->now), V_NULL };
	int code = limit_of(c, args, 1000, &v[1]);
	json_t *list = code ? NULL : ask(c, "ctl_lost_in_silence", v, 2, &code);

	return list ? out_list(c, list, "days owed:who-owed email name owner stage reason last_word",
			       "nobody was lost in silence") : code;
}
