/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl review list|show|decide, task list|add|done.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/when.h"
#include "classifier/classifier.h"
#include "store/people.h"

int cmd_review_list(struct ctl *c, const struct args *args)
{
	struct value v[3] = { V_INT(arg_given(args, "all")), store_text(arg_value(args, "owner")), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list = code ? NULL : ask(c, "ctl_reviews", v, 3, &code);

	return list ? out_list(c, list, arg_given(args, "all")
			       ? "short:id since kind email class reason sequence state decision decided_by"
			       : "short:id since kind email class reason sequence state owner",
			       "nothing waits for a person") : code;
}

/* ---- show: what a person must see before deciding ---- */

struct show {
	struct ctl *c;
	const char *what;
	json_t *out;
};

static json_t *only(json_t *list, size_t max, const char *const *keys, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(list) && i < max; i++) {
		json_t *o = json_object();

		for (size_t k = 0; k < n; k++)
			json_object_set(o, keys[k], json_object_get(json_array_get(list, i), keys[k]));
		json_array_append_new(out, o);
	}
	json_decref(list);
	return out;
}

/* What fits the kind of item: a suggestion, never done by itself. */
static const char *recommended(const json_t *item)
{
	const char *class = get(item, "class"), *kind = get(item, "kind");

	if (str_eq(class, "unsubscribe") || str_eq(class, "complaint"))
		return "classify_as " "unsubscribe or complaint if the person wrote it; else noted";
	if (str_eq(kind, "draft_deleted"))
		return "noted (the touch is left out), stop, or park until a date";
	if (str_eq(class, "interested") || str_eq(class, "question") || str_eq(class, "objection")
	    || str_eq(class, "referral"))
		return "answer the person yourself; automation stays off";
	return "read it and say what it is: classify_as CLASS, or stop, park, resume, suppress, noted";
}

static enum status add_part(struct store_tx *tx, json_t *out, const char *key, const char *statement,
			    const char *id, size_t max, const char *const *keys, size_t n,
			    struct err *e)
{
	struct value v = store_text(id);
	enum status st;
	json_t *list = rows_json(tx, statement, &v, 1, &st, e);

	if (list)
		json_object_set_new(out, key, only(list, max, keys, n));
	return st;
}

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	static const char *const en[] = { "sequence", "version", "state", "step", "touches", "due", "holds", "reason" };
	static const char *const touch[] = { "at", "step", "kind", "subject", "sent_state" };
	static const char *const src[] = { "kind", "url", "permission", "permitted_use", "compliance" };
	static const char *const ev[] = { "type", "point", "source", "safe" };
	static const char *const who[] = { "name", "role", "company", "identity_status", "priority", "stage" };
	struct show *s = ctx;
	struct value v;
	const char *id, *prospect;
	enum status st = find_row(tx, a, "ctl_review_by_id", "review item", s->what, &id, e);
	json_t *list, *out;

	json_decref(s->out);
	s->out = NULL;
	if (st)
		return st;
	v = store_text(id);
	list = rows_json(tx, "ctl_review", &v, 1, &st, e);
	if (!list)
		return st;
	out = json_incref(json_array_get(list, 0));
	json_decref(list);
	prospect = get(out, "prospect_id");
	if (*prospect) {
		st = add_part(tx, out, "prospect", "ctl_prospect", prospect, 1, who, 6, e);
		if (!st)
			st = add_part(tx, out, "sequences", "ctl_enrolments_of", prospect, 3, en, 8, e);
		if (!st)
			st = add_part(tx, out, "sources", "ctl_sources", prospect, 5, src, 5, e);
		if (!st)
			st = add_part(tx, out, "evidence", "ctl_evidence", prospect, 20, ev, 4, e);
		if (!st)
			st = add_part(tx, out, "previous_touches", "ctl_touches_of", prospect, 10, touch, 5, e);
	}
	if (!*get(out, "decision"))
		json_object_set_new(out, "recommended", json_string(recommended(out)));
	s->out = out;
	return st;
}

int cmd_review_show(struct ctl *c, const struct args *args)
{
	static const char *const ids[] = { "enrolment_id", "prospect_id", "owner_id", "reply_id", "draft_id" };
	struct show s = { .c = c, .what = args->word[0] };
	int code = read_unit(c, show_unit, &s);

	if (code) {
		json_decref(s.out);
		return code;
	}
	for (size_t i = 0; !c->json && i < sizeof(ids) / sizeof(ids[0]); i++)
		json_object_del(s.out, ids[i]);
	return out_object(c, s.out);
}

/* ---- decide ---- */

struct choosing {
	struct ctl *c;
	const char *what;
	struct review_decision d;
	enum seq_state after;
};

static enum status decide_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct choosing *w = ctx;
	const char *id;
	enum status st = find_row(tx, a, "ctl_review_by_id", "review item", w->what, &id, e);

	w->after = SEQ_STATE_COUNT;
	return st ? st : store_review_decide(tx, a, id, &w->d, w->c->actor, &w->after, e);
}

static int check_class(struct ctl *c, const char *class)
{
	const char *names[REPLY_CLASS_COUNT], *near;
	enum reply_class found;

	if (class_from_name(class, &found))
		return CTL_DONE;
	for (int i = 0; i < REPLY_CLASS_COUNT; i++)
		names[i] = class_name((enum reply_class)i);
	near = str_nearest(class, names, REPLY_CLASS_COUNT);
	return fail(c, CTL_USAGE, near ? "there is no class '%s': did you mean '%s'?"
		    : "there is no class '%s': interested, question, objection, not_now, not_a_fit, referral, booked, "
		    "unsubscribe, complaint, out_of_office, bounce", class, near);
}

static const char *underscored(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++)
		if (*p == '-')
			*p = '_';
	return out;
}

int cmd_review_decide(struct ctl *c, const struct args *args)
{
	const char *word = underscored(c->arena, args->word[1]), *until = arg_value(args, "until");
	struct choosing w = { .c = c, .what = args->word[0] };
	struct span rest = span_of(review_decisions()), one;
	const char *list[16], *near;
	size_t n = 0;
	bool known = false;
	time_t t;
	int code;

	while (span_split(&rest, '|', &one)) {
		list[n++] = span_dup(c->arena, one);
		known |= str_eq(list[n - 1], word);
	}
	if (!known) {
		near = str_nearest(word, list, n);
		return fail(c, CTL_USAGE, near ? "there is no decision '%s': did you mean '%s'?"
			    : "there is no decision '%s': noted, classify-as CLASS, stop, park, resume, suppress",
			    args->word[1], near);
	}
	if (str_eq(word, "classify_as") != (args->n == 3))
		return fail(c, CTL_USAGE, args->n == 3 ? "'%s' takes no class" : "%s wants a class: relentctl review "
			    "decide ID classify-as CLASS", args->word[1]);
	w.d = (struct review_decision){ .decision = word, .because = arg_value(args, "because"),
					.class = args->n == 3 ? args->word[2] : NULL };
	if (w.d.class && (code = check_class(c, w.d.class)) != 0)
		return code;
	if (until && (!args_time(c, until, &t) || t <= c->now))
		return fail(c, CTL_USAGE, "--until '%s' is not a date to come", until);
	if (until)
		w.d.date = when_civil(t, c->zone).date;
	code = write_unit(c, decide_unit, &w);
	if (code)
		return code;
	return out_done(c, json_pack("{s:s,s:o}", "decision", word, "state", w.after == SEQ_STATE_COUNT
				     ? json_null() : json_string(seq_state_name(w.after))),
			w.after == SEQ_STATE_COUNT ? "decided: %s" : "decided: %s -> %s", args->word[1],
			w.after == SEQ_STATE_COUNT ? "" : seq_state_name(w.after));
}

/* ---- tasks ---- */

int cmd_task_list(struct ctl *c, const struct args *args)
{
	struct value v[3] = { V_INT(arg_given(args, "all")), store_text(arg_value(args, "owner")), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list = code ? NULL : ask(c, "ctl_tasks", v, 3, &code);

	return list ? out_list(c, list, arg_given(args, "all") ? "short:id due kind channel owner email text done outcome"
			       : "short:id due kind channel owner email text", "no task is open") : code;
}

struct task {
	struct ctl *c;
	const char *what, *prospect, *text, *kind, *outcome, *owner;
	time_t due;
	const char *id;
};

static enum status task_add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct task *t = ctx;
	struct field f[6];
	struct memory_owner *owner;
	char due[WHEN_TEXT];
	const char *prospect, *id;
	size_t n = 0;
	enum status st = find_prospect(tx, a, t->prospect, &prospect, e);

	if (!st && t->owner) {
		st = store_owner(tx, a, t->owner, &owner, e);
		if (st == GONE)
			return err_set(e, GONE, "there is no owner '%s'", t->owner);
		if (!st)
			f[n++] = (struct field){ "owner_id", owner->id };
	}
	if (st)
		return st;
	f[n++] = (struct field){ "prospect_id", prospect };
	f[n++] = (struct field){ "kind", t->kind };
	f[n++] = (struct field){ "text", t->text };
	if (t->due)
		f[n++] = (struct field){ "due", when_text(t->due, due) };
	st = store_put(tx, a, "task", NULL, f, n, t->c->actor, &id, e);
	if (!st)
		t->id = arena_strdup(t->c->arena, id);
	return st;
}

int cmd_task_add(struct ctl *c, const struct args *args)
{
	struct task t = { .c = c, .prospect = args->word[0], .text = args->word[1],
			  .kind = arg_value(args, "kind"), .owner = arg_value(args, "owner") };
	const char *due = arg_value(args, "due");
	int code;

	if (!t.kind)
		t.kind = "by_hand";
	if (due && !args_time(c, due, &t.due))
		return fail(c, CTL_USAGE, "--due '%s' is not a date: write 2026-03-31, or 3d", due);
	code = write_unit(c, task_add_unit, &t);
	return code ? code : out_done(c, json_pack("{s:s}", "id", t.id), "recorded");
}

/* A task that is a step of a sequence also moves its enrolment on. */
static enum status task_done_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct task *t = ctx;
	struct cause cause = { .actor = t->c->actor, .evidence = t->outcome };
	struct event ev = { .kind = EV_TASK_DONE, .words = t->outcome };
	char now[WHEN_TEXT];
	struct field f[3];
	const char *id, *made, *enrolment;
	struct value v;
	size_t n = 0;
	json_t *row;
	enum status st = find_row(tx, a, "ctl_task_by_id", "task", t->what, &id, e);

	if (st)
		return st;
	v = store_text(id);
	row = rows_json(tx, "ctl_task", &v, 1, &st, e);
	if (st)
		return st;
	enrolment = arena_strdup(a, get(json_array_get(row, 0), "enrolment_id"));
	ev.step = (int)get_int(json_array_get(row, 0), "step");
	if (*get(json_array_get(row, 0), "done"))
		st = err_set(e, GONE, "this task is done already");
	json_decref(row);
	if (st)
		return st;
	f[n++] = (struct field){ "done", when_text(store_now(tx), now) };
	f[n++] = (struct field){ "done_by", t->c->actor };
	if (!str_empty(t->outcome))
		f[n++] = (struct field){ "outcome", t->outcome };
	st = store_put(tx, a, "task", id, f, n, t->c->actor, &made, e);
	if (!st && *enrolment && ev.step)
		st = store_step(tx, a, enrolment, &ev, &cause, NULL, NULL, e);
	return st;
}

int cmd_task_done(struct ctl *c, const struct args *args)
{
	struct task t = { .c = c, .what = args->word[0], .outcome = arg_value(args, "outcome") };
	int code = write_unit(c, task_done_unit, &t);

	return code ? code : out_done(c, NULL, "done");
}
