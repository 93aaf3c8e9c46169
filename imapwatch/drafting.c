/* SPDX-License-Identifier: MPL-2.0
 *
 * A field without a value stays visible as {{field}}: the milter lets no such mail pass. Only evidence
 * that is safe and verified or observed may enter.
 */
#include "config.h"

#include "imapwatch/drafting.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/stamp.h"
#include "base/str.h"
#include "imapwatch/hub.h"
#include "store/leads.h"
#include "letter/compose.h"

struct pair {
	const char *name, *value;
};
struct fields {
	struct arena *a;
	struct pair list[96];
	size_t n;
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

static enum status take_row(void *ctx, const struct row *r, struct err *e)
{
	struct fields *f = ctx;

	(void)e;
	for (size_t k = 0; k < r->n; k++)
		if (r->values[k].type == VALUE_TEXT)
			add(f, arena_strdup(f->a, r->names[k]), r->values[k].s);
	add(f, "company", row_text(r, "company_name"));
	add(f, "industry", row_text(r, "company_industry"));
	return OK;
}

static enum status take_evidence(void *ctx, const struct row *r, struct err *e)
{
	(void)e;
	if (row_int(r, "safe") != 0)
		add(ctx, "evidence_line", row_text(r, "point"));
	return OK;
}

static enum status take_signal(void *ctx, const struct row *r, struct err *e)
{
	(void)e;
	add(ctx, "signal", row_text(r, "what"));
	return OK;
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
	struct value id = store_text(row->prospect_id);
	enum status s = store_query(tx, "prospect_facts", &id, 1, take_row, f, NULL, e);

	if (s == OK)
		s = store_query(tx, "handoff_evidence", &id, 1, take_evidence, f, NULL, e);
	if (s == OK)
		s = store_query(tx, "handoff_signals", &id, 1, take_signal, f, NULL, e);
	if (s == OK)
		s = store_query(tx, "recall_proposal", &id, 1, take_proposal, f, NULL, e);
	return s;
}

static const char *first_word(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strcspn(s, " ")) : NULL;
}

static const struct conf_owner *owner_of(const struct hub *h, const char *login)
{
	const struct conf_owner *owners;
	size_t n = conf_owners(h->conf, &owners);

	for (size_t k = 0; k < n; k++)
		if (str_eq(owners[k].login, login))
			return &owners[k];
	return NULL;
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
	add(f, "signature", co && !str_empty(co->signature) ? co->signature : owner->name);
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

static const char *words_value(void *ctx, const char *name)
{
	return str_eq(name, "words_plain") ? ctx : NULL;
}

/* The text: why it comes now (after a pause that the person asked for), the step, the signature. */
static const char *body(struct arena *a, struct fields *f, const struct plan_step *st, const char *detail,
			const char *words, const char *reactivation)
{
	const char **missing, *subject;
	size_t missing_n;
	struct buf b;

	buf_init(&b, a);
	if (str_eq(detail, "reactivation") && !str_empty(words) && reactivation &&
	    !strstr(st->text, "{{why_parked}}")) {
		char *why = text_squeeze(a, words);

		buf_adds(&b, letter_fill(a, reactivation, words_value, why, &subject));
		if (b.n > 0 && b.p[b.n - 1] != '\n')
			buf_addc(&b, '\n');
		buf_addc(&b, '\n');
	}
	buf_adds(&b, plan_fill(a, st->text, get, f, &missing, &missing_n));
	if (!strstr(st->text, "{{signature}}") && get(f, "signature"))
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

enum status drafting_compose(struct hub *h, struct store_tx *tx, struct arena *a, const char *draft_id,
			     const char *payload, const char *reactivation, struct drafted *out_r,
			     struct err *e)
{
	struct fields *f = arena_new_of(a, struct fields);
	const char *detail = payload_text(a, payload, "detail"), *words = payload_text(a, payload, "words");
	const char **missing;
	struct enrolment_row *row;
	struct memory_owner *owner;
	struct draft *d;
	const struct plan_step *st;
	struct lead_thread lead;
	size_t missing_n;
	enum status s = store_draft(tx, a, draft_id, &d, e);

	f->a = a;
	if (s == OK && !str_eq(d->state, "wanted"))
		return err_set(e, GONE, "the draft is %s", d->state);
	if (s == OK)
		s = store_enrolment(tx, a, d->enrolment_id, &row, e);
	if (s == OK)
		s = store_owner(tx, a, row->owner_login, &owner, e);
	if (s == OK)
		s = facts(tx, f, row, e);
	if (s == OK)
		s = lead_facts(tx, f, row, &lead, e);
	if (s != OK)
		return s;
	st = plan_step(row->plan, d->step);
	if (!st || !st->text)
		return err_set(e, GONE, "the sequence has no text for step %d", d->step);
	add_thread(f, row, owner, owner_of(h, row->owner_login), words);
	out_r->draft = *d;
	d = &out_r->draft;
	d->to = d->to ? d->to : row->address;
	if (lead.message_id)
		d->subject = letter_reply_subject(a, lead.subject);
	else if (st->subject && (st->new_thread || str_empty(row->thread_subject)))
		d->subject = plan_fill(a, st->subject, get, f, &missing, &missing_n);
	else
		d->subject = letter_reply_subject(a, row->thread_subject);
	d->references = lead.message_id ? arena_printf(a, "<%s>", lead.message_id)
		      : st->new_thread ? NULL : row->references;
	d->text = body(a, f, st, detail, words, reactivation);
	d->message_id = arena_printf(a, "%s@%s", d->id, h->hostname);
	struct letter l = {
		.from_name = owner->name, .from = owner->addresses_n ? owner->addresses[0] : owner->login,
		.to_name = row->name, .to = d->to, .subject = d->subject, .message_id = d->message_id,
		.in_reply_to = lead.message_id ? lead.message_id : st->new_thread ? NULL : row->last_message_id, .references = d->references,
		.stamp = h->keys ? stamp_text(a, h->keys, d->id) : NULL, .date = store_now(tx),
		.zone = owner->zone, .text = d->text,
	};
	out_r->bytes = letter_text(a, &l, &out_r->n);
	return OK;
}
