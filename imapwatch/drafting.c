/* SPDX-License-Identifier: MPL-2.0
 *
 * A field without a value stays visible as {{field}}: the milter lets no such mail pass. Only evidence
 * that is safe and verified or observed may enter (points.c).
 */
#include "config.h"

#include "imapwatch/drafting.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/stamp.h"
#include "base/str.h"
#include "imapwatch/data.h"
#include "imapwatch/hub.h"
#include "letter/points.h"
#include "store/appointments.h"
#include "letter/compose.h"
#include "store/leads.h"

enum { POINTS_MAX = 200 };

struct pair {
	const char *name, *value;
};
struct fields {
	struct arena *a;
	struct pair list[96];
	size_t n;
	time_t past, heard;	/* last words of both, of a conversation that is reopened */
	const char *language, *typed_signal;
	struct point *points, *signals;
	size_t points_n, signals_n;
	const struct point *point, *signal;	/* the ones that were chosen */
};

static void add(struct fields *f, const char *name, const char *value)
{
	if (f->n < sizeof(f->list) / sizeof(*f->list) && !str_empty(value))
		f->list[f->n++] = (struct pair){ name, arena_strdup(f->a, value) };
}

static const char *get(void *ctx, const char *name)
{
	struct fields *f = ctx;

	for (size_t k = 0; k < f->n; k++)
		if (str_eq(f->list[k].name, name))
			return f->list[k].value;
	return NULL;
}

/* What rests on evidence comes from there alone. */
static bool is_chosen(const char *column)
{
	return str_eq(column, "signal") || str_eq(column, "evidence_line");
}

static enum status take_row(void *ctx, const struct row *r, struct err *e)
{
	struct fields *f = ctx;

	(void)e;
	for (size_t k = 0; k < r->n; k++)
		if (r->values[k].type == VALUE_TEXT && !is_chosen(r->names[k]))
			add(f, arena_strdup(f->a, r->names[k]), r->values[k].s);
	f->language = arena_strdup(f->a, row_text(r, "language"));
	f->typed_signal = arena_strdup(f->a, row_text(r, "signal"));
	add(f, "company", row_text(r, "company_name"));
	add(f, "industry", row_text(r, "company_industry"));
	return OK;
}

static struct point *one_more(struct arena *a, struct point **list, size_t *n)
{
	if (!*list)
		*list = arena_array(a, struct point, POINTS_MAX);
	return *n < POINTS_MAX ? &(*list)[(*n)++] : NULL;
}

static enum status take_point(void *ctx, const struct row *r, struct err *e)
{
	struct fields *f = ctx;
	struct point *p = one_more(f->a, &f->points, &f->points_n);

	(void)e;
	if (p)
		*p = (struct point){
			.id = arena_strdup(f->a, row_text(r, "id")), .text = arena_strdup(f->a, row_text(r, "point")),
			.source = arena_strdup(f->a, row_text(r, "source")), .type = arena_strdup(f->a, row_text(r, "type")),
			.date = (time_t)row_int(r, "source_date"), .safe = row_int(r, "safe") != 0,
			.waits = row_int(r, "review_required") != 0 && row_int(r, "reviewed") == 0,
			.used = row_int(r, "used") != 0,
		};
	return OK;
}

static enum status take_signal(void *ctx, const struct row *r, struct err *e)
{
	struct fields *f = ctx;
	bool view = span_starts_case(span_of(row_text(r, "what")), "proposal_view");
	struct point *p = view ? NULL : one_more(f->a, &f->signals, &f->signals_n);

	(void)e;	/* that somebody was seen to read is for the brief, and is never said to them */
	if (p)
		*p = (struct point){
			.id = arena_strdup(f->a, row_text(r, "id")), .text = arena_strdup(f->a, row_text(r, "what")),
			.source = arena_strdup(f->a, row_text(r, "source")), .date = (time_t)row_int(r, "date"),
			.expires = (time_t)row_int(r, "expires"), .retracted = row_int(r, "retracted") != 0,
		};
	return OK;
}

static const struct phrases *words_of(struct hub *h)
{
	struct err e;

	if (!h->phrases && data_phrases(h->conf, &h->phrases, &e) != OK)
		log_warn(NULL, "phrases-not-read", "reason", e.text);	/* the milter looks again */
	return h->phrases;
}

/* A signal of today, else the one that a person typed beside the name, unless it is one of those that are over. */
static void choose(struct hub *h, struct fields *f, time_t now)
{
	const struct phrases *phrases = f->points_n + f->signals_n > 0 ? words_of(h) : NULL;
	bool over = false;

	f->point = point_choose(f->a, phrases, f->points, f->points_n, now, conf_int(h->conf, "imapwatch.evidence_age"));
	f->signal = point_choose(f->a, phrases, f->signals, f->signals_n, now, conf_int(h->conf, "imapwatch.signal_age"));
	if (f->point)
		add(f, "evidence_line", f->point->text);
	for (size_t k = 0; k < f->signals_n; k++)
		over = over || str_eq(f->signals[k].text, f->typed_signal);
	if (f->signal)
		add(f, "signal", f->signal->text);
	else if (!over)
		add(f, "signal", f->typed_signal);
}

static void add_record(json_t *list, const char *kind, const struct point *p, const char *text, const char *field)
{
	json_t *o;

	if (!p || !strstr(text, field))
		return;
	o = json_object();
	json_object_set_new(o, "kind", json_string(kind));
	json_object_set_new(o, "id", json_string(p->id));
	json_object_set_new(o, "point", json_string(p->text));
	json_object_set_new(o, "source", json_string(p->source));
	if (p->date)
		json_object_set_new(o, "date", json_integer(p->date));
	json_array_append_new(list, o);
}

static const char *json_line(struct arena *a, json_t *o)
{
	char *dumped = json_dumps(o, JSON_COMPACT);
	const char *line = arena_strdup(a, dumped ? dumped : "[]");

	free(dumped);
	json_decref(o);
	return line;
}

/* What the draft rests on: shown with it, and kept with the touch. */
static const char *records(const struct fields *f, const char *template)
{
	json_t *list = json_array();

	add_record(list, "signal", f->signal, template, "{{signal}}");
	add_record(list, "evidence", f->point, template, "{{evidence_line}}");
	return json_line(f->a, list);
}

static const char *names_of(struct arena *a, const char **names, size_t n)
{
	json_t *list = json_array();

	for (size_t k = 0; k < n; k++)
		json_array_append_new(list, json_string(names[k]));
	return json_line(a, list);
}

/* What an open proposal says, in its own words. */
static enum status take_proposal(void *ctx, const struct row *r, struct err *e)
{
	static const struct {
		const char *field, *key;
	} list[] = {
		{ "proposal_scope", "scope" }, { "proposal_price", "price" }, { "proposal_problem", "problem" },
		{ "proposal_outcome", "outcome" }, { "proposal_next_step", "next_step" },
		{ "proposal_decision", "decision" },
	};
	struct fields *f = ctx;
	json_t *o = json_loads(row_text(r, "content") ? row_text(r, "content") : "{}", 0, NULL);
	time_t expires = (time_t)row_int(r, "expires");
	char day[WHEN_TEXT];

	(void)e;
	for (size_t k = 0; k < sizeof(list) / sizeof(*list); k++)
		add(f, list[k].field, json_string_value(json_object_get(o, list[k].key)));
	json_decref(o);
	/* days are kept as their midnight in UTC */
	add(f, "proposal_date", date_text(when_civil((time_t)row_int(r, "date"), "UTC").date, day));
	if (expires)
		add(f, "proposal_expiry", date_text(when_civil(expires, "UTC").date, day));
	return OK;
}

static enum status facts(struct store_tx *tx, struct fields *f, const struct enrolment_row *row,
			 struct err *e)
{
	struct value id = store_text(row->prospect_id), both[] = { id, store_text(row->e.id) };
	const char *link = NULL;
	enum status s = store_query(tx, "prospect_facts", &id, 1, take_row, f, NULL, e);

	if (s == OK)
		s = store_query(tx, "draft_points", both, 2, take_point, f, NULL, e);
	if (s == OK)
		s = store_query(tx, "draft_signals", &id, 1, take_signal, f, NULL, e);
	if (s == OK)
		s = store_query(tx, "recall_proposal", &id, 1, take_proposal, f, NULL, e);
	if (s == OK)
		s = store_booking_link(tx, f->a, row->prospect_id, row->owner_id, &link, NULL, e);
	if (s == OK)
		add(f, "booking_link", link);
	return s;
}

/* Reopens an old conversation: when and about what it was, and what is new since then, before older signals. */
static enum status take_past(void *ctx, const struct row *r, struct err *e)
{
	struct fields *f = ctx;
	char day[WHEN_TEXT];

	(void)e;
	f->past = (time_t)row_int(r, "last_sent");
	if (row_int(r, "last_heard") > row_int(r, "last_sent"))
		f->heard = (time_t)row_int(r, "last_heard");
	if (f->past)
		add(f, "last_touch_date", date_text(when_civil(f->past, "UTC").date, day));
	add(f, "last_subject", row_text(r, "subject"));
	return OK;
}

static enum status take_new(void *ctx, const struct row *r, struct err *e)
{
	(void)e;
	add(ctx, "signal", row_text(r, row_text(r, "what") ? "what" : "point"));
	return OK;
}

static enum status past(struct store_tx *tx, struct fields *f, const struct enrolment_row *row, struct err *e)
{
	struct value v[3] = { store_text(row->prospect_id), V_INT(0), V_INT((int64_t)store_now(tx)) };
	enum status s;

	if (row->plan->steps[0].type != STEP_REACTIVATION)
		return OK;
	s = store_query(tx, "pipeline_past", v, 1, take_past, f, NULL, e);
	v[1].i = f->heard > f->past ? f->heard : f->past;
	if (s == OK)
		s = store_query(tx, "pipeline_new_signal", v, 3, take_new, f, NULL, e);
	if (s == OK && !get(f, "signal"))
		s = store_query(tx, "pipeline_new_evidence", v, 2, take_new, f, NULL, e);
	return s;
}

static const char *first_word(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strcspn(s, " ")) : NULL;
}

/* A name closes a letter; several lines are a signature, which clients know (and grey out) by "-- ". */
static const char *signature(struct arena *a, const struct memory_owner *owner, const struct conf_owner *co)
{
	struct span rest, line;
	bool first = true;
	struct buf b;

	if (!co || str_empty(co->signature))
		return owner->name;
	rest = span_trim(span_of(co->signature));
	buf_init(&b, a);
	if (memchr(rest.p, '\n', rest.n) && !span_starts_case(rest, "--"))
		buf_adds(&b, "-- \n");
	for (; span_line(&rest, &line); first = false) {
		if (!first)
			buf_addc(&b, '\n');
		buf_add(&b, line.p, line.n);
		if (span_eq(line, "--"))
			buf_addc(&b, ' ');
	}
	return b.p;
}

static void add_thread(struct fields *f, const struct enrolment_row *row, const struct memory_owner *owner,
		       const struct conf_owner *co, const char *words)
{
	char day[WHEN_TEXT];
	const char *zone = row->e.zone ? row->e.zone : "UTC";

	if (row->name && !get(f, "first_name"))
		add(f, "first_name", first_word(f->a, row->name));
	add(f, "offer", row->plan->offer);
	add(f, "owner_name", owner->name);
	add(f, "owner_first_name", first_word(f->a, owner->name));
	add(f, "owner_email", owner->addresses_n ? owner->addresses[0] : owner->login);
	add(f, "signature", signature(f->a, owner, co));
	add(f, "why_parked", words);
	add(f, "last_subject", row->thread_subject);
	if (row->e.last_touch)
		add(f, "last_touch_date", date_text(when_civil(row->e.last_touch, zone).date, day));
}

static const char *payload_text(struct arena *a, const char *payload, const char *name)
{
	json_t *o = json_loads(payload ? payload : "{}", 0, NULL);
	const char *s = o ? arena_strdup(a, json_string_value(json_object_get(o, name))) : NULL;

	json_decref(o);
	return s;
}

static enum status take_written(void *ctx, const struct row *r, struct err *e)
{
	bool *written = ctx;

	(void)e;
	*written = !str_empty(row_text(r, "written_by"));
	return OK;
}

static const char *words_value(void *ctx, const char *name)
{
	return str_eq(name, "words_plain") ? ctx : NULL;
}

/* The text: why it comes now (after a pause that the person asked for), the step, the signature. */
static const char *body(struct fields *f, const char *template, const char *detail, const char *words,
			const char *reactivation, const char **missing_r)
{
	const char **missing, *subject;
	struct arena *a = f->a;
	size_t missing_n;
	struct buf b;

	buf_init(&b, a);
	if (str_eq(detail, "reactivation") && !str_empty(words) && reactivation &&
	    !strstr(template, "{{why_parked}}")) {
		char *why = text_squeeze(a, words);

		buf_adds(&b, letter_fill(a, reactivation, words_value, why, &subject));
		if (b.n > 0 && b.p[b.n - 1] != '\n')
			buf_addc(&b, '\n');
		buf_addc(&b, '\n');
	}
	buf_adds(&b, plan_fill(a, template, get, f, &missing, &missing_n));
	*missing_r = names_of(a, missing, missing_n);
	if (!strstr(template, "{{signature}}") && get(f, "signature"))
		buf_addf(&b, "%s\n%s\n", b.n > 0 && b.p[b.n - 1] == '\n' ? "" : "\n", get(f, "signature"));
	return b.p;
}

/* What the person asked for, if they came through a lead mailbox; a first mail to somebody who wrote by hand is an
 * answer in their thread. */
static enum status lead_facts(struct store_tx *tx, struct fields *f, const struct enrolment_row *row,
			      struct lead_thread *out_r, struct err *e)
{
	enum status s = store_lead_thread(tx, f->a, row->e.id, out_r, e);

	add(f, "request", out_r->request);
	add(f, "campaign", out_r->campaign);
	if (row->last_message_id)
		out_r->message_id = NULL;
	return s == GONE ? OK : s;
}

/* Subject, text, and what they rest on. */
static void write_draft(struct fields *f, const struct plan_step *st, const struct enrolment_row *row,
			const char *detail, const char *words, const char *reactivation,
			const struct lead_thread *lead, struct draft *d)
{
	struct plan_text t = plan_step_text(st, f->language);
	const char **missing;
	size_t missing_n;

	if (lead->message_id)
		d->subject = letter_reply_subject(f->a, lead->subject);
	else if (t.subject && (st->new_thread || str_empty(row->thread_subject)))
		d->subject = plan_fill(f->a, t.subject, get, f, &missing, &missing_n);
	else
		d->subject = letter_reply_subject(f->a, row->thread_subject);
	d->references = lead->message_id ? arena_printf(f->a, "<%s>", lead->message_id)
		      : st->new_thread ? NULL : row->references;
	d->text = body(f, t.text, detail, words, reactivation, &d->missing);
	d->evidence = records(f, t.text);
	d->language = t.language;
}

enum status drafting_compose(struct hub *h, struct store_tx *tx, struct arena *a, const char *draft_id,
			     const char *payload, const char *reactivation, struct drafted *out_r,
			     struct err *e)
{
	struct fields *f = arena_new_of(a, struct fields);
	const char *detail = payload_text(a, payload, "detail"), *words = payload_text(a, payload, "words");
	struct enrolment_row *row;
	struct memory_owner *owner;
	struct draft *d;
	const struct plan_step *st;
	struct lead_thread lead;
	const char *own_subject, *own_text;
	bool written = false;
	enum status s = store_draft(tx, a, draft_id, &d, e);

	f->a = a;
	if (s == OK && !str_eq(d->state, "wanted"))
		return err_set(e, GONE, "the draft is %s", d->state);
	if (s == OK)
		s = store_enrolment(tx, a, d->enrolment_id, &row, e);
	if (s == OK)
		s = store_owner(tx, a, row->owner_login, &owner, e);
	if (s == OK)
		s = past(tx, f, row, e);
	if (s == OK)
		s = facts(tx, f, row, e);
	if (s == OK)
		s = lead_facts(tx, f, row, &lead, e);
	if (s == OK)
		s = store_query(tx, "desk_draft_written", &(struct value){ .type = VALUE_TEXT, .s = draft_id },
			1, take_written,
				&written, NULL, e);
	if (s != OK)
		return s;
	st = plan_step(row->plan, d->step);
	if (!st || !st->text)
		return err_set(e, GONE, "the sequence has no text for step %d", d->step);
	add_thread(f, row, owner, conf_owner(h->conf, row->owner_login), words);
	out_r->draft = *d;
	own_subject = d->subject;
	own_text = d->text;
	d = &out_r->draft;
	d->to = d->to ? d->to : row->address;
	choose(h, f, store_now(tx));
	write_draft(f, st, row, detail, words, reactivation, &lead, d);
	if (written && !str_empty(own_text)) {	/* a person's words are put as they are */
		d->subject = str_empty(own_subject) ? d->subject : own_subject;
		d->text = own_text;
	}
	/* by its own id and its sender: the same from whichever host, and once said it stays */
	if (str_empty(d->message_id))
		d->message_id = letter_message_id(a, d->id, owner->addresses_n ? owner->addresses[0] : owner->login);
	struct letter l = {
		.from_name = owner->name, .from = owner->addresses_n ? owner->addresses[0] : owner->login,
		.to_name = row->name, .to = d->to, .subject = d->subject, .message_id = d->message_id,
		.in_reply_to = lead.message_id ? lead.message_id : st->new_thread ? NULL : row->last_message_id,
		.references = d->references,
		.stamp = h->keys ? stamp_text(a, h->keys, d->id) : NULL, .date = store_now(tx),
		.zone = owner->zone, .text = d->text,
	};
	out_r->bytes = letter_text(a, &l, &out_r->n);
	return OK;
}
