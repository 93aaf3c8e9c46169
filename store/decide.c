/* SPDX-License-Identifier: MPL-2.0
 *
 * A person's decision, from whatever way it came: found, allowed, carried out, recorded; once.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "policy/policy.h"
#include "store/decide_private.h"
#include "store/tasks.h"

enum { SHOWN_KEPT_DAYS = 90 };

static const struct decision_kind kinds[DECIDE_COUNT] = {
#define DECISION(sym, name, on, argument, reason, meaning) [DECIDE_##sym] = { name, on, argument, reason, meaning },
#include "store/decisions.def"
#undef DECISION
};

const struct decision_kind *decision_kind(enum decide d)
{
	return &kinds[d];
}

bool decision_from_name(const char *name, enum decide *out_r)
{
	if (str_eq(name, "noted")) {
		*out_r = DECIDE_NOTE;
		return true;
	}
	for (int i = 0; name && i < DECIDE_COUNT; i++) {
		const char *k = kinds[i].name, *n = name;

		while (*k && (*k == *n || (*k == '_' && *n == '-')))
			k++, n++;
		if (!*k && !*n) {
			*out_r = (enum decide)i;
			return true;
		}
	}
	return false;
}

const struct desk_rules *desk_rules_of(const struct store_tx *tx)
{
	return &tx->store->o.desk;
}

/* ---- what waits ---- */

static bool id_shaped(const char *s)
{
	return strspn(s, "0123456789abcdef-") == strlen(s);
}

enum status desk_find(struct store_tx *tx, struct arena *a, const char *what, const char **kind_r, const char **id_r,
		      struct err *e)
{
	const char *key = str_lower(a, what ? what : "");
	size_t n = strlen(key);
	struct rows rows = { 0, NULL };
	enum status s = OK;

	if (n == 36 && id_shaped(key)) {
		s = ROWS(tx, a, desk_items, &rows, e, T(key));
	} else if (n >= 6 && n < 36 && id_shaped(key)) {
		s = ROWS(tx, a, desk_items_end, &rows, e, T(key), T(key + n - 6));
		if (s == OK && rows.n == 0)
			s = ROWS(tx, a, desk_items_begin, &rows, e, T(key), T(arena_printf(a, "%sg", key)));
	}
	if (s != OK)
		return s;
	if (rows.n == 0)
		return err_set(e, GONE, "there is nothing '%s' that waits for a decision", what ? what : "");
	/* of several, the only one that waits */
	if (rows.n > 1 && at_int(&rows.list[1], 2) == at_int(&rows.list[0], 2))
		return err_set(e, INPUT, "'%s' fits more than one thing: write more of the id", what);
	*kind_r = at_text(&rows.list[0], 0);
	*id_r = at_text(&rows.list[0], 1);
	return OK;
}

enum status desk_person(struct store_tx *tx, struct arena *a, const char *prospect_id, const struct row **r,
			struct err *e)
{
	enum status s = prospect_id ? ONE(tx, a, desk_person, r, e, T(prospect_id)) : GONE;

	return s == GONE ? err_set(e, INPUT, "this belongs to no person that we know") : s;
}

static enum status load_review(struct deciding *g, const char **enrolment_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(g->tx, g->a, desk_review, &r, e, T(g->out->item));

	if (s != OK)
		return s;
	g->review_id = g->out->item;
	g->review_kind = at_text(r, 0);
	*enrolment_r = at_text(r, 2);
	g->out->prospect_id = at_text(r, 3);
	g->out->owner_id = at_text(r, 4);
	g->reply_id = at_text(r, 5);
	g->reply_sender = at_text(r, 11);
	return OK;
}

static enum status load(struct deciding *g, struct err *e)
{
	struct decided *o = g->out;
	const char *enrolment = NULL;
	const struct row *r = NULL;
	enum status s = desk_find(g->tx, g->a, g->d->item, &o->kind, &o->item, e);

	if (s != OK)
		return s;
	g->kind = str_eq(o->kind, "draft") ? 'D' : str_eq(o->kind, "review") ? 'R' : str_eq(o->kind, "task") ? 'T' : 'E';
	if (g->kind == 'R') {
		s = load_review(g, &enrolment, e);
	} else if (g->kind == 'D') {
		s = ONE(g->tx, g->a, desk_draft, &r, e, T(o->item));
		enrolment = s == OK ? at_text(r, 1) : NULL;
		g->draft_id = o->item;
	} else if (g->kind == 'T') {
		s = ONE(g->tx, g->a, desk_task, &g->task, e, T(o->item));
		enrolment = s == OK ? at_text(g->task, 2) : NULL;
		o->prospect_id = s == OK ? at_text(g->task, 3) : NULL;
		o->owner_id = s == OK ? at_text(g->task, 4) : NULL;
	} else {
		enrolment = o->item;
	}
	if (s == OK && enrolment)
		s = store_enrolment(g->tx, g->a, enrolment, &g->en, e);
	if (s != OK)
		return s;
	if (g->en) {
		o->enrolment_id = g->en->e.id;
		o->prospect_id = g->en->prospect_id;
		o->owner_id = g->en->owner_id;
		o->address = g->en->address;
		o->before = o->after = g->en->e.state;
	}
	if (g->en && g->kind != 'D') {
		s = ONE(g->tx, g->a, desk_draft_of, &r, e, T(enrolment));
		g->draft_id = s == OK ? at_text(r, 0) : NULL;
	}
	if ((s == OK || s == GONE) && g->kind == 'E') {
		s = ONE(g->tx, g->a, desk_review_of, &r, e, T(enrolment));
		g->review_id = s == OK ? at_text(r, 0) : NULL;
	}
	return s == GONE ? OK : s;
}

/* ---- who may ---- */

enum status store_may(struct store_tx *tx, struct arena *a, const char *owner_id, const char *by, struct err *e)
{
	const struct desk_rules *rules = desk_rules_of(tx);
	const struct row *r = NULL;
	enum status s;

	if (!owner_id)
		return OK;
	for (size_t i = 0; i < rules->reviewers_n; i++)
		if (str_eq(rules->reviewers[i], by))
			return OK;
	s = ONE(tx, a, desk_owner, &r, e, T(owner_id));
	if (s != OK)
		return s == GONE ? OK : s;
	if (str_eq(at_text(r, 1), by) || str_eq(at_text(r, 4), by))
		return OK;
	return err_set(e, INPUT, "this is %s's: only they, their manager or a reviewer decide it",
		       at_text(r, 2) ? at_text(r, 2) : at_text(r, 1));
}

static enum status may_decide(struct deciding *g, struct err *e)
{
	if (str_empty(g->d->by) || str_empty(g->d->via))
		return err_set(e, INPUT, "nobody has decided this");
	/* who has a shell here and may write the store is its administrator; so is relent itself */
	if (str_eq(g->d->via, "relentctl") || str_eq(g->d->via, "relent"))
		return OK;
	return store_may(g->tx, g->a, g->out->owner_id, g->d->by, e);
}

/* "cli:rita" at a shell and "rita@example.com" by mail are one person. */
bool desk_same_person(const char *x, const char *y)
{
	struct span p = span_of(x ? x : ""), q = span_of(y ? y : "");
	const char *in_p, *in_q;

	if (span_starts_case(p, "cli:"))
		p = (struct span){ p.p + 4, p.n - 4 };
	if (span_starts_case(q, "cli:"))
		q = (struct span){ q.p + 4, q.n - 4 };
	in_p = p.n ? memchr(p.p, '@', p.n) : NULL;
	in_q = q.n ? memchr(q.p, '@', q.n) : NULL;
	if (in_p && !in_q)
		p.n = (size_t)(in_p - p.p);
	if (in_q && !in_p)
		q.n = (size_t)(in_q - q.p);
	return p.n == q.n && p.n > 0 && strncasecmp(p.p, q.p, p.n) == 0;
}

static enum status fits(struct deciding *g, struct err *e)
{
	const struct decision_kind *k = &kinds[g->d->decision];
	char day[WHEN_TEXT];

	if (!strchr(k->on, g->kind)) {
		if (g->kind == 'R')
			return err_set(e, INPUT,
				"an answer waits here, not a draft: say what it is (classify-as CLASS), or "
				       "stop, park, resume, suppress, route, note");
		if (g->kind == 'T')
			return err_set(e, INPUT,
				"this is a task: say done, skip, stop, park, route or note, not '%s'", k->name);
		return err_set(e, INPUT, "'%s' fits no %s", k->name, g->out->kind);
	}
	if (k->reason && str_empty(g->d->because))
		return err_set(e, INPUT, g->d->decision == DECIDE_RESEARCH ? "say what is to be found out: it is nothing "
			       "without that" : "say why: '%s' is nothing without a reason", k->name);
	if (g->kind == 'R') {
		const struct row *r = NULL;
		enum status s = ONE(g->tx, g->a, desk_review, &r, e, T(g->out->item));

		if (s == OK && at_int(r, 8))
			return err_set(e, INPUT, "this item is decided already: %s, by %s, %s", at_text(r, 9),
				at_text(r, 10),
				       date_text(when_civil((time_t)at_int(r, 8), "UTC").date, day));
		return s;
	}
	if (g->kind == 'T' && at_int(g->task, 8))
		return err_set(e, INPUT, "this task is done already: by %s, %s", at_text(g->task, 9),
			       date_text(when_civil((time_t)at_int(g->task, 8), "UTC").date, day));
	return OK;
}

/* ---- once ---- */

static bool same_words(const char *x, const char *y)
{
	return str_eq(x ? x : "", y ? y : "");
}

/* The latest decision about this thing says exactly the same, and nothing else was decided since. */
static enum status again(struct deciding *g, struct err *e)
{
	struct decided *o = g->out;
	const struct row *last = NULL, *other = NULL;
	bool sends = false;
	enum status s = ONE(g->tx, g->a, decision_last, &last, e, T(o->item));

	if (s != OK)
		return s == GONE ? OK : s;
	if (!str_eq(at_text(last, 1), kinds[g->d->decision].name) || !same_words(at_text(last, 2), g->argument))
		return OK;
	if (g->d->decision == DECIDE_NOTE && !same_words(at_text(last, 3), g->d->because))
		return OK;
	if (str_eq(at_text(last, 4), "first") && !desk_same_person(at_text(last, 6), g->d->by))
		return OK;		/* the second person */
	if (o->enrolment_id) {
		s = ONE(g->tx, g->a, decision_last_of_enrolment, &other, e, T(o->enrolment_id));
		if (s != OK && s != GONE)
			return s;
		if (s == OK && !str_eq(at_text(other, 0), at_text(last, 0)))
			return OK;
		/* something else moved it since: it is asked for anew, and may be refused */
		if (at_text(last, 9) && !str_eq(at_text(last, 9), seq_state_name(o->before)) && g->kind == 'E')
			return OK;
	}
	if (at_text(last, 8)) {		/* an approval counts as long as it stands */
		const struct row *ap = NULL;

		s = ONE(g->tx, g->a, desk_approval, &ap, e, T(at_text(last, 8)));
		if (s != OK && s != GONE)
			return s;
		if (s == GONE || at_int(ap, 5) || (at_int(ap, 3) && at_int(ap, 3) <= g->tx->now))
			return OK;
		/* approved for the owner to send; meanwhile relent may */
		if (str_eq(at_text(ap, 7), "owner") && g->en) {
			s = desk_sends(g->tx, g->a, g->en, &sends, e);
			if (s != OK || sends)
				return s;
		}
	}
	o->again = true;
	o->id = at_text(last, 0);
	o->approval_id = at_text(last, 8);
	o->waits = str_eq(at_text(last, 4), "first");
	o->sentence = arena_printf(g->a, "%s: done already", kinds[g->d->decision].name);
	return OK;
}

/* ---- moves ---- */

enum status decide_step(struct deciding *g, const struct event *ev, struct err *e)
{
	struct cause c = { .actor = g->d->by, .evidence = g->d->because, .reply_id = g->reply_id,
			   .draft_id = g->draft_id };

	if (!g->en)
		return err_set(e, INPUT,
			"this item belongs to no enrolment: only 'note', 'done' or 'suppress' can answer it");
	return store_step(g->tx, g->a, g->en->e.id, ev, &c, NULL, &g->out->after, e);
}

static bool read_span(const char *words, struct date today, struct date *out_r)
{
	char *end = NULL;
	long n = strtol(words, &end, 10);

	if (end == words || n < 1 || n > 3650 || end[0] == '\0' || end[1] != '\0')
		return false;
	if (*end == 'd' || *end == 'w')
		*out_r = date_add_days(today, (int)(*end == 'w' ? 7 * n : n));
	else if (*end == 'm')
		*out_r = date_add_months(today, (int)n);
	else
		return false;
	return true;
}

/* The day of `park` and the like: 2027-03-01, 30d, or words. */
static enum status read_day(struct deciding *g, const char *words, struct date *out_r, struct err *e)
{
	const char *zone = g->en && g->en->e.zone ? g->en->e.zone : "UTC", *w = words;
	struct date today = when_civil(g->tx->now, zone).date;

	*out_r = g->d->date;
	if (!out_r->year && !str_empty(words)) {
		while (*w == ' ')
			w++;
		if (strncasecmp(w, "until ", 6) == 0)
			w += 6;
		if (!date_parse(w, out_r) && !read_span(w, today, out_r) &&
		    !(g->d->read_date && g->d->read_date(g->d->read_date_ctx, g->a, words, g->tx->now, out_r)))
			return err_set(e, INPUT, "'%s' is no date that can be read: write 2027-03-01, or 30d", words);
	}
	if (out_r->year && date_cmp(*out_r, today) <= 0)
		return err_set(e, INPUT, "'%s' is not a day to come", str_empty(words) ? "the date" : words);
	return OK;
}

/* What a class means once a person has said it. Classes that need the owner stay where a person looks after them. */
static enum status class_event(enum reply_class class, struct event *ev, struct err *e)
{
	ev->kind = EV_DECISION;
	ev->reason = class_name(class);
	switch (class) {
	case REPLY_INTERESTED:
	case REPLY_QUESTION:
	case REPLY_OBJECTION:
	case REPLY_REFERRAL:
		ev->target = SEQ_REPLY_RECEIVED;
		return OK;
	case REPLY_NOT_NOW:
		ev->target = SEQ_PARKED;
		return OK;
	case REPLY_OUT_OF_OFFICE:
		ev->target = SEQ_PARKED;
		ev->reason = "away";
		return OK;
	case REPLY_NOT_A_FIT:
		ev->target = SEQ_CLOSED;
		return OK;
	case REPLY_BOOKED:
		ev->target = SEQ_BOOKED;
		return OK;
	case REPLY_BOUNCE:
		ev->kind = EV_BOUNCE_HARD;
		return OK;
	case REPLY_UNSUBSCRIBE:
		ev->kind = EV_UNSUBSCRIBE;
		return OK;
	case REPLY_COMPLAINT:
		ev->kind = EV_COMPLAINT;
		return OK;
	case REPLY_UNKNOWN:
	case REPLY_CLASS_COUNT:
		break;
	}
	return err_set(e, INPUT, "'unknown' is no answer: say what the mail is");
}

static enum status decide_class(struct deciding *g, struct err *e)
{
	struct event ev = { .words = g->d->because };
	enum reply_class class = REPLY_UNKNOWN;
	const char *names[REPLY_CLASS_COUNT], *near;
	enum status s;

	if (g->kind == 'E' && !g->review_id)
		return err_set(e, INPUT, "no answer of this person waits to be told what it is");
	if (str_empty(g->argument) || !class_from_name(g->argument, &class)) {
		for (int i = 0; i < REPLY_CLASS_COUNT; i++)
			names[i] = class_name((enum reply_class)i);
		near = str_nearest(g->argument ? g->argument : "", names, REPLY_CLASS_COUNT);
		return near ? err_set(e, INPUT, "there is no class '%s': did you mean '%s'?", g->argument, near)
			    : err_set(e, INPUT, "there is no class '%s'", g->argument ? g->argument : "");
	}
	ev.date = g->d->date;
	if (ev.date.year && (s = read_day(g, NULL, &ev.date, e)) != OK)
		return s;
	s = class_event(class, &ev, e);
	if (s == OK)
		s = decide_step(g, &ev, e);
	/* in review a bounce only suppresses; a person who says so also ends the waiting */
	if (s == OK && ev.kind == EV_BOUNCE_HARD && g->out->after != SEQ_FAILED) {
		ev = (struct event){ .kind = EV_DECISION, .target = SEQ_FAILED, .reason = "bounce",
			.words = g->d->because };
		s = decide_step(g, &ev, e);
	}
	if (s == OK && g->reply_id)
		s = RUN(g->tx, people_reply_class, e, T(g->reply_id), T(class_name(class)), T(g->d->by), I(g->tx->now));
	g->out->sentence = arena_printf(g->a, "the answer is '%s'", class_name(class));
	return s;
}

static enum status decide_park(struct deciding *g, struct err *e)
{
	struct event ev = { .kind = EV_PAUSE, .words = g->d->because };
	struct enrolment_row *now = NULL;
	char day[WHEN_TEXT];
	enum status s = read_day(g, g->argument, &ev.date, e);

	if (s == OK)
		s = decide_step(g, &ev, e);
	if (s == OK)
		s = store_enrolment(g->tx, g->a, g->en->e.id, &now, e);
	if (s == OK)
		g->out->sentence = arena_printf(g->a, "parked until %s", date_text(when_civil(now->e.due, now->e.zone ?
						now->e.zone : "UTC").date, day));
	return s;
}

static enum status decide_suppress(struct deciding *g, struct err *e)
{
	struct suppression sup = { .kind = "address", .subject = g->en ? g->en->address : g->reply_sender,
				   .reason = "do_not_contact", .evidence = g->d->because, .owner_id = g->out->owner_id };
	struct enrolment_row *now = NULL;
	const struct row *r = NULL;
	enum status s = OK;

	if (!sup.subject && g->out->prospect_id) {
		s = desk_person(g->tx, g->a, g->out->prospect_id, &r, e);
		sup.subject = s == OK ? row_text(r, "email") : NULL;
	}
	if (s == OK && str_empty(sup.subject) && g->review_id) {
		s = ONE(g->tx, g->a, lead_of_review, &r, e, T(g->review_id));
		sup.subject = s == OK ? at_text(r, 3) : NULL;
		s = s == GONE ? OK : s;
	}
	if (s == OK && str_empty(sup.subject))
		s = err_set(e, INPUT, "this item names no address: 'relentctl suppress add ADDRESS'");
	if (s == OK)
		s = store_suppress(g->tx, g->a, &sup, g->d->by, false, NULL, e);
	if (s == OK && g->en) {
		s = store_enrolment(g->tx, g->a, g->en->e.id, &now, e);
		g->out->after = s == OK ? now->e.state : g->out->after;
	}
	g->out->sentence = arena_printf(g->a, "%s is never written to again", sup.subject ? sup.subject : "-");
	return s;
}

static enum status decide_stop(struct deciding *g, struct err *e)
{
	struct event ev = { .kind = EV_STOP, .reason = "owner", .words = g->d->because };

	g->out->sentence = "stopped: no further touch";
	return decide_step(g, &ev, e);
}

static enum status decide_resume(struct deciding *g, struct err *e)
{
	struct event ev = { .kind = EV_RESUME, .words = g->d->because };
	enum status s = decide_step(g, &ev, e);

	if (s == OK)
		g->out->sentence = arena_printf(g->a, "it goes on: %s", seq_state_name(g->out->after));
	return s;
}

/* A note about a person is kept with the person. */
static enum status decide_note(struct deciding *g, struct err *e)
{
	struct field f[] = { { "prospect_id", g->out->prospect_id }, { "text", g->d->because } };

	g->out->sentence = "noted";
	if (g->kind == 'R' || str_empty(g->d->because) || !g->out->prospect_id)
		return OK;
	return store_put(g->tx, g->a, "note", NULL, f, 2, g->d->by, NULL, e);
}

static enum status decide_done(struct deciding *g, struct err *e)
{
	const char *outcome = g->argument ? g->argument : g->d->because;
	struct enrolment_row *now = NULL;
	enum status s = store_task_done(g->tx, g->a, g->out->item, g->d->by, 0, outcome, e);

	g->out->sentence = "done";
	if (s != OK || !g->en)
		return s;
	s = store_enrolment(g->tx, g->a, g->en->e.id, &now, e);
	if (s != OK)
		return s;
	g->out->after = now->e.state;
	if (g->out->before == SEQ_RESEARCHING && now->e.state == SEQ_DRAFTING)
		g->out->sentence = "done: the draft is made anew";
	return OK;
}

static enum status carry_out(struct deciding *g, struct err *e)
{
	switch (g->d->decision) {
	case DECIDE_APPROVE: return decide_approve(g, e);
	case DECIDE_EDIT: return decide_edit(g, e);
	case DECIDE_REJECT: return decide_reject(g, e);
	case DECIDE_RESEARCH: return decide_research(g, e);
	case DECIDE_CHANNEL: return decide_channel(g, e);
	case DECIDE_CTA: return decide_cta(g, e);
	case DECIDE_REWRITE: return decide_rewrite(g, e);
	case DECIDE_PARK: return decide_park(g, e);
	case DECIDE_SUPPRESS: return decide_suppress(g, e);
	case DECIDE_ROUTE: return decide_route(g, e);
	case DECIDE_CLASSIFY_AS: return decide_class(g, e);
	case DECIDE_STOP: return decide_stop(g, e);
	case DECIDE_RESUME: return decide_resume(g, e);
	case DECIDE_NOTE: return decide_note(g, e);
	case DECIDE_DONE: return decide_done(g, e);
	case DECIDE_SKIP: return decide_skip(g, e);
	case DECIDE_COUNT: break;
	}
	return err_set(e, SYS, "a decision without meaning");
}

/* ---- the record ---- */

static json_t *record_json(const struct deciding *g, const char *state)
{
	json_t *o = json_object();

	json_put(o, "decision", kinds[g->d->decision].name);
	json_put(o, "item", g->out->item);
	json_put(o, "kind", g->out->kind);
	json_put(o, "argument", g->argument);
	if (g->d->decision == DECIDE_CLASSIFY_AS)
		json_put(o, "class", g->argument);
	json_put(o, "because", g->d->because);
	json_put(o, "via", g->d->via);
	json_put(o, "shown", g->shown);
	json_put_int(o, "shown_at", g->shown_at);
	json_put(o, "approval", g->approval_id);
	json_put(o, "flag", g->flag);
	json_put(o, "state", str_eq(state, "done") ? NULL : state);
	if (g->out->before != SEQ_STATE_COUNT) {
		json_put(o, "before", seq_state_name(g->out->before));
		json_put(o, "after", seq_state_name(g->out->after));
	}
	return o;
}

/* A lead that waited is over with its item, or goes on waiting with another rep. */
static enum status lead_over(struct deciding *g, struct err *e)
{
	const struct decision_new *d = g->d;
	const struct row *to = NULL;
	enum status s;

	if (d->decision != DECIDE_ROUTE)
		return RUN(g->tx, lead_review_over, e, T(g->review_id), T(d->decision == DECIDE_NOTE ? "noted" : "rejected"),
			   I(g->tx->now), T(d->by), T(d->because));
	s = ONE(g->tx, g->a, desk_review, &to, e, T(g->review_id));
	return s == OK ? RUN(g->tx, lead_review_routed, e, T(g->review_id), T(at_text(to, 4)), I(g->tx->now)) : s;
}

static enum status review_over(struct deciding *g, struct err *e)
{
	const struct decision_new *d = g->d;
	bool lead = str_eq(g->review_kind, "lead");
	enum status s = lead ? lead_over(g, e) : OK;

	if (s != OK || (lead && d->decision == DECIDE_ROUTE))
		return s;
	/* the step may have decided the item by itself */
	return RUN(g->tx, people_review_decide, e, T(g->review_id), I(g->tx->now),
		   T(d->decision == DECIDE_NOTE ? "noted" : kinds[d->decision].name), T(d->by), T(d->because));
}

static enum status record(struct deciding *g, struct err *e)
{
	const struct decision_new *d = g->d;
	struct decided *o = g->out;
	const char *state = g->first ? "first" : "done", *name = kinds[d->decision].name;
	bool moved = o->before != SEQ_STATE_COUNT;
	int64_t seconds = g->shown_at && g->shown_at <= g->tx->now ? g->tx->now - g->shown_at : -1;
	enum status s = OK;

	o->id = store_id(g->tx, g->a);
	if (g->review_id && !(g->kind == 'E' && d->decision != DECIDE_CLASSIFY_AS))
		s = review_over(g, e);
	if (s == OK)
		s = RUN(g->tx, decision_add, e, T(o->id), T(o->kind), T(o->item), T(name), T(g->argument), T(d->because),
			T(state), T(g->text_hash), T(d->by), T(d->via), T(g->shown), I0(g->shown_at), I(g->tx->now),
			seconds >= 0 ? I(seconds) : V_NULL, T(o->enrolment_id), T(o->prospect_id), T(o->owner_id),
			T(g->approval_id), g->edit_ratio >= 0 ? V_NUM(g->edit_ratio) : V_NULL, T(g->flag),
			T(moved ? seq_state_name(o->before) : NULL), T(moved ? seq_state_name(o->after) : NULL));
	if (s != OK)
		return s;
	o->approval_id = g->approval_id;
	o->waits = o->waits || g->first;
	return event_change(g->tx, g->a, arena_printf(g->a, "%s_decided", o->kind), g->kind == 'E' ? "decision" : o->kind,
			    g->kind == 'E' ? o->id : o->item, o->enrolment_id, o->prospect_id, d->by, record_json(g,
			    state), e);
}

/* What the person saw: as they say, else what was shown to them last. */
static enum status find_shown(struct deciding *g, struct err *e)
{
	const struct row *r = NULL;
	const char *item = g->out->item;
	enum status s;

	g->shown = g->d->shown;
	g->shown_at = g->d->shown_at;
	if (g->shown && g->shown_at)
		return OK;
	s = g->shown ? ONE(g->tx, g->a, shown_get, &r, e, T(item), T(g->d->by), T(g->shown))
		     : ONE(g->tx, g->a, shown_any, &r, e, T(item), T(g->d->by));
	if (s != OK)
		return s == GONE ? OK : s;
	if (g->shown) {
		g->shown_at = (time_t)at_int(r, 0);
	} else {
		g->shown = at_text(r, 0);
		g->shown_at = (time_t)at_int(r, 1);
	}
	return OK;
}

enum status store_decide(struct store_tx *tx, struct arena *a, const struct decision_new *d, struct decided *out_r,
			 struct err *e)
{
	struct deciding g = { .tx = tx, .a = a, .d = d, .out = out_r, .edit_ratio = -1,
			      .argument = str_empty(d->argument) ? NULL : d->argument };
	enum status s;

	*out_r = (struct decided){ .before = SEQ_STATE_COUNT, .after = SEQ_STATE_COUNT, .sentence = "" };
	if ((int)d->decision < 0 || d->decision >= DECIDE_COUNT)
		return err_set(e, INPUT, "there is no such decision");
	if (!g.argument && d->date.year) {
		char day[WHEN_TEXT];

		g.argument = d->decision == DECIDE_PARK ? arena_strdup(a, date_text(d->date, day)) : NULL;
	}
	if (d->decision == DECIDE_CLASSIFY_AS && g.argument) {
		char *word = str_lower(a, g.argument);

		for (char *p = word; *p; p++)
			*p = *p == '-' ? '_' : *p;
		g.argument = word;
	}
	if ((d->decision == DECIDE_EDIT || d->decision == DECIDE_REWRITE) && d->text)
		g.argument = policy_plain_hash(a, "", "", d->subject ? d->subject : "", d->text);
	s = load(&g, e);
	if (s == OK)
		s = may_decide(&g, e);
	if (s == OK)
		s = find_shown(&g, e);
	if (s == OK)
		s = again(&g, e);
	if (s != OK || out_r->again)
		return s;
	s = fits(&g, e);
	if (s == OK)
		s = carry_out(&g, e);
	return s == OK ? record(&g, e) : s;
}

enum status store_shown(struct store_tx *tx, const char *item, const char *hash, const char *by, const char *via,
			struct err *e)
{
	enum status s = RUN(tx, shown_put, e, T(item), T(by), T(hash), T(via), I(tx->now));

	return s == OK ? RUN(tx, shown_forget, e, I(tx->now - SHOWN_KEPT_DAYS * 86400), I(50)) : s;
}
