/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl log: the time line of a prospect, enrolment or touch; relentctl explain: why things are
 * as they are with a prospect.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/explain_next.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"

struct line_up {
	struct ctl *c;
	const char *what;
	struct value limit;
	json_t *list;
};

/* What was named: an enrolment, a touch, else a prospect. */
static enum status log_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct line_up *l = ctx;
	const char *id, *statement = "ctl_events_of_prospect";
	struct value v[2] = { V_NULL, l->limit };
	enum status st = GONE;

	json_decref(l->list);
	l->list = NULL;
	if (!strchr(l->what, '@')) {
		st = find_row(tx, a, "ctl_enrolment_by_id", "enrolment", l->what, &id, e);
		if (st == OK)
			statement = "ctl_events_of_enrolment";
		if (st == GONE) {
			st = find_row(tx, a, "ctl_touch_by_id", "touch", l->what, &id, e);
			if (st == OK)
				statement = "ctl_events_of_touch";
		}
	}
	if (st == GONE)
		st = find_prospect(tx, a, l->what, &id, e);
	if (st)
		return st;
	v[0] = store_text(id);
	l->list = rows_json(tx, statement, v, 2, &st, e);
	return st;
}

/* key=value of what an event says, short enough for a line; texts of mails are left out. */
static void words_of(struct buf *b, const json_t *v, int depth)
{
	const char *key;
	json_t *one;

	json_object_foreach((json_t *)v, key, one) {
		const char *s = json_string_value(one);

		if (str_eq(key, "final_text") || str_eq(key, "drafted_text") || str_eq(key, "visible")
		    || str_eq(key, "text") || str_eq(key, "payload"))
			continue;
		if (json_is_object(one) && depth < 2) {
			words_of(b, one, depth + 1);
			continue;
		}
		if (b->n > 160)
			return;
		if (s && *s)
			buf_addf(b, "%s%s=%.60s", b->n ? " " : "", key, s);
		else if (json_is_integer(one) && json_integer_value(one))
			buf_addf(b, "%s%s=%lld", b->n ? " " : "", key, (long long)json_integer_value(one));
	}
}

int cmd_log(struct ctl *c, const struct args *args)
{
	struct line_up l = { .c = c, .what = args->word[0] };
	int code = limit_of(c, args, 1000, &l.limit);

	if (!code)
		code = read_unit(c, log_unit, &l);
	if (code)
		return code;
	if (!c->json)
		for (size_t i = 0; i < json_array_size(l.list); i++) {
			json_t *o = json_array_get(l.list, i);
			struct buf b;

			buf_init(&b, c->arena);
			words_of(&b, json_object_get(o, "payload"), 0);
			json_object_set_new(o, "what", text_json(str_utf8(c->arena, b.p, b.n)));
		}
	return out_list(c, l.list, "at:time kind:event actor:by what", "nothing has happened yet");
}

/* ---- explain ---- */

struct why {
	struct ctl *c;
	const char *what;
	json_t *out;
};

static void say(json_t *list, const char *question, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(json_t *list, const char *question, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(list, json_pack("{s:s,s:o}", "question", question, "answer", text_json(text)));
}

static void explain_permission(json_t *list, const json_t *sources, const json_t *suppressions,
			       size_t suppressed)
{
	/* the latest says what holds now */
	const json_t *s = json_array_get(sources, json_array_size(sources) - 1);

	if (json_array_size(sources) == 0)
		say(list, "may we write", "no: no source is recorded");
	else
		say(list, "where from", "%s%s%s, taken %.10s%s%s", get(s, "kind"), *get(s, "url") ? " " : "",
		    get(s, "url"), get(s, "captured"), *get(s, "source_owner") ? ", owned by " : "",
		    get(s, "source_owner"));
	if (suppressed)
		say(list, "may we write", "no: suppressed (%s, scope %s)",
		    get(json_array_get(suppressions, 0), "reason"),
		    get(json_array_get(suppressions, 0), "scope"));
	else if (json_array_size(sources))
		say(list, "may we write", "permission: %s%s%s", get(s, "permission"),
		    *get(s, "permitted_use") ? ", use: " : "", get(s, "permitted_use"));
}

static void explain_enrolment(struct ctl *c, json_t *list, const json_t *en)
{
	if (!en) {
		say(list, "what happens next", "nothing: in no sequence");
		return;
	}
	say(list, "in which sequence", "%s (version %lld), step %lld done, %lld touches, owner %s",
	    get(en, "sequence"), (long long)get_int(en, "version"), (long long)get_int(en, "step"),
	    (long long)get_int(en, "touches"), get(en, "owner"));
	if (get_int(en, "holds") > 0)
		say(list, "why does it wait", "an answer has come in and is being read: nothing goes out until then");
	if (str_eq(get(en, "state"), "parked"))
		say(list, "why does it wait", "parked (%s)%s%s until %s", get(en, "pause_reason"),
		    *get(en, "pause_words") ? ": " : "", get(en, "pause_words"),
		    time_for_people(c, get(en, "due")));
	if (*get(en, "reason"))
		say(list, "why", "%s: %s", get(en, "state"), get(en, "reason"));
	if (json_is_true(json_object_get(en, "live")) && *get(en, "due"))
		say(list, "what happens next", "step %lld falls due %s", (long long)get_int(en, "step") + 1,
		    time_for_people(c, get(en, "due")));
	else if (json_is_true(json_object_get(en, "live")))
		say(list, "what happens next", "state %s: evidence from the mail server or a person's act moves it",
		    get(en, "state"));
	else
		say(list, "what happens next", "%s: nothing by itself; a person decides", get(en, "state"));
}

/* What the sequence allows and when it ends: from the version this enrolment runs on. */
static void explain_plan(json_t *list, const struct enrolment_row *row)
{
	const struct plan *p = row->plan;
	const struct plan_step *next = plan_step(p, row->e.step + 1);
	const char *authority = authority_name(p->authority);

	say(list, "may relent send", p->authority == AUTHORITY_DRAFT_ONLY
	    ? "no: '%s' is %s: drafts only, the owner's own mail client sends" : "authority of '%s': %s", p->name,
	    authority);
	if (next)
		say(list, "what comes after", "step %d (%s, %s): %s", next->number, channel_name(next->channel),
		    step_type_name(next->type), next->job);
	else
		say(list, "what comes after", "nothing: the last step is done; it closes after %d days of silence",
		    p->patience_days);
	say(list, "when does it stop", "after %d touches at most (%d made), %d days of silence after the last step, or at "
	    "once: any answer, a bounce, an opt-out, a complaint, a booked time, the owner's word", p->max_touches,
	    row->e.touches, p->patience_days);
	say(list, "how are answers handled", "a person's answer halts everything and goes to %s; 'not now' parks it (%d "
	    "days without a date), an absence until the return (%d days without a date); what cannot be told goes to "
	    "review", row->owner_login, p->not_now_days, p->away_days);
}

static enum status explain_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	static const char *const statements[] = { "ctl_prospect", "ctl_prospect_addresses", "ctl_sources",
						  "ctl_evidence", "ctl_enrolments_of", "ctl_touches_of",
						  "ctl_replies_of" };
	struct why *w = ctx;
	json_t *got[7] = { 0 }, *list, *p, *suppressions = json_array();
	struct memory_suppression *sup;
	struct enrolment_row *row;
	size_t sup_n = 0, n = 0, safe = 0;
	const char *id;
	struct value v;
	enum status st = find_prospect(tx, a, w->what, &id, e);

	json_decref(w->out);
	w->out = NULL;
	v = store_text(id);
	for (; !st && n < 7; n++)
		got[n] = rows_json(tx, statements[n], &v, 1, &st, e);
	for (size_t i = 0; !st && i < json_array_size(got[1]); i++) {
		size_t k;

		st = store_suppressed(tx, a, get(json_array_get(got[1], i), "address"), NULL, &sup, &k, e);
		for (size_t j = 0; !st && j < k; j++)
			json_array_append_new(suppressions, json_pack("{s:o,s:o}", "reason", text_json(sup[j].reason),
								      "scope", text_json(sup[j].scope)));
		sup_n += st ? 0 : k;
	}
	if (st)
		goto out;
	list = json_array();
	p = json_array_get(got[0], 0);
	say(list, "who", "%s%s%s%s%s, identity %s, priority %s, stage %s", get(p, "name"),
	    *get(p, "role") ? ", " : "", get(p, "role"), *get(p, "company") ? ", " : "", get(p, "company"),
	    get(p, "identity_status"), get(p, "priority"), get(p, "stage"));
	explain_permission(list, got[2], suppressions, sup_n);
	say(list, "why this person", *get(p, "signal") ? "%s" : "%sno signal is recorded", get(p, "signal"));
	for (size_t i = 0; i < json_array_size(got[3]); i++) {
		const json_t *point = json_array_get(got[3], i);

		if (json_is_true(json_object_get(point, "safe")) && safe++ < 5)
			say(list, "on what evidence", "%s: %s (%s)", get(point, "type"), get(point, "point"),
			    get(point, "source"));
	}
	if (safe == 0)
		say(list, "on what evidence", "none that is safe to mention (%zu recorded)", json_array_size(got[3]));
	explain_enrolment(w->c, list, json_array_get(got[4], 0));
	if (json_array_size(got[4]) && store_enrolment(tx, a, get(json_array_get(got[4], 0), "id"), &row, e) == OK) {
		explain_plan(list, row);
		st = explain_next(w->c, tx, a, row, list, e);
	}
	if (json_array_size(got[5]))
		say(list, "last touch", "%s, step %lld, %s: %s", time_for_people(w->c,
		    get(json_array_get(got[5], 0), "at")), (long long)get_int(json_array_get(got[5], 0), "step"),
		    get(json_array_get(got[5], 0), "sent_state"), get(json_array_get(got[5], 0), "subject"));
	if (json_array_size(got[6])) {
		const json_t *r = json_array_get(got[6], 0);

		say(list, "last answer", "%s, %s (%.2f), matched by %s, made of it: %s", time_for_people(w->c,
		    get(r, "received")), get(r, "class"), json_number_value(json_object_get(r, "confidence")),
		    get(r, "matched_by"), get(r, "event"));
	}
	if (st)
		json_decref(list);
	else
		w->out = list;
out:
	for (size_t i = 0; i < 7; i++)
		json_decref(got[i]);
	json_decref(suppressions);
	return st;
}

int cmd_explain(struct ctl *c, const struct args *args)
{
	struct why w = { .c = c, .what = args->word[0] };
	int code = read_unit(c, explain_unit, &w);

	return code ? code : out_list(c, w.out, "question answer", "");
}
