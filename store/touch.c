/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails that went out, as the milter accepted them, and mails that it refused. The same mail again
 * is the same touch: by (owner, recipient, Message-ID), else by fingerprint.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/rates.h"
#include "store/store_private.h"

/* What the row takes over from prospect and enrolment, so that it stays true when they change. */
struct surroundings {
	const char *company_id, *client, *source_id, *permission, *stage;
	const char *offer, *sequence, *message_type, *thread_subject;
	const char *approval_id, *approver;
	int next;	/* step of the enrolment that is next */
	bool first;	/* of the enrolment */
};

static enum status look_around(struct store_tx *tx, struct arena *a, const struct touch *t,
			       struct surroundings *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = OK;

	*out_r = (struct surroundings){ .stage = NULL };
	if (t->prospect_id != NULL) {
		s = ONE(tx, a, touch_prospect, &r, e, T(t->prospect_id));
		if (s == OK) {
			out_r->company_id = at_text(r, 0);
			out_r->client = at_text(r, 1);
			out_r->source_id = at_text(r, 2);
			out_r->permission = at_text(r, 3);
		} else if (s != GONE) {
			return s;
		}
	}
	if (t->enrolment_id != NULL) {
		struct enrolment_row *row = NULL;
		s = store_enrolment(tx, a, t->enrolment_id, &row, e);
		if (s != OK)
			return s;
		out_r->offer = row->plan->offer;
		out_r->sequence = row->sequence;
		out_r->thread_subject = row->thread_subject;
		out_r->next = row->e.step + 1;
		out_r->first = row->e.touches == 0;
		int number = t->step > 0 ? t->step : row->e.step + 1;
		const struct plan_step *st = t->kind == MAIL_TOUCH ? plan_step(row->plan, number) : NULL;
		if (st != NULL)
			out_r->message_type = step_type_name(st->type);
		s = ONE(tx, a, approval_latest, &r, e, T(t->enrolment_id), I(number));
		if (s == OK) {
			out_r->approval_id = at_text(r, 0);
			out_r->approver = at_text(r, 2);
		}
	}
	return s == GONE ? OK : s;
}

static const char *kind_word(enum mail_kind k)
{
	return k == MAIL_TOUCH ? "touch" : k == MAIL_MANUAL ? "manual"
	     : k == MAIL_CONVERSATION ? "conversation" : "outreach";
}

static enum status move(struct store_tx *tx, struct arena *a, const struct touch *t, const char *actor,
			struct err *e)
{
	struct event ev = { .step = t->step };
	struct cause c = { .actor = actor, .touch_id = t->id, .draft_id = t->draft_id,
			   .address = t->recipient,
			   .evidence = arena_printf(a, "<%s> queue id %s", t->message_id ? t->message_id : "-",
						    t->queue_id ? t->queue_id : "-") };

	switch (t->kind) {
	case MAIL_TOUCH:
		ev.kind = EV_TOUCH;
		break;
	case MAIL_MANUAL:
		ev.kind = EV_TOUCH_MANUAL;
		ev.step = 0;
		break;
	case MAIL_CONVERSATION:
		ev.kind = EV_CONVERSATION;
		ev.step = 0;
		break;
	case MAIL_OUTREACH:
	case MAIL_CONTROL:
	case MAIL_NEVER:
		return OK;
	}
	if (t->enrolment_id == NULL) {
		if (t->prospect_id == NULL || t->kind == MAIL_CONVERSATION)
			return OK;
		/* known to us, in no sequence: the first touch makes the stage */
		const struct row *r = NULL;
		enum status s = ONE(tx, a, prospect_stage, &r, e, T(t->prospect_id));
		if (s == OK && str_eq(at_text(r, 0), "new"))
			s = stage_move(tx, a, t->prospect_id, "contacted",
				       arena_printf(a, "touch %s", t->id), actor, e);
		return s == GONE ? OK : s;
	}
	/* The mail goes out whatever the table says (observed, overridden): that is a fact, and recorded.
	 * A step that is refused leaves the enrolment where it is, and its own trace. */
	enum status s = store_step(tx, a, t->enrolment_id, &ev, &c, NULL, NULL, e);
	return s == INPUT ? OK : s;
}

/* What the draft rested on: no later touch says it again, and the hand-off shows it. */
static enum status keep_evidence(struct store_tx *tx, struct arena *a, const char *touch, const char *evidence,
				 struct err *e)
{
	json_t *list = json_loads(evidence ? evidence : "[]", 0, NULL), *ids = json_array(), *one;
	size_t k;

	json_array_foreach(list, k, one)
		json_array_append_new(ids, json_string(json_string_value(json_object_get(one, "id"))));
	json_decref(list);
	if (json_array_size(ids) > 0)
		return RUN(tx, touch_evidence, e, T(touch), T(json_text(a, ids)));
	json_decref(ids);
	return OK;
}

/* The draft became this mail. What a client left behind of it is taken out, if unchanged. */
static enum status settle_draft(struct store_tx *tx, struct arena *a, const struct touch *t,
				const char *actor, struct err *e)
{
	struct draft *d = NULL;
	enum status s = store_draft(tx, a, t->draft_id, &d, e);

	if (s != OK)
		return s == GONE ? OK : s;
	bool placed = d->uid != 0;
	s = keep_evidence(tx, a, t->id, d->evidence, e);
	if (s != OK)
		return s;
	d->state = "sent";
	s = store_draft_put(tx, a, d, actor, e);
	if (s != OK || !placed)
		return s;
	json_t *payload = json_object();
	json_put(payload, "draft", d->id);
	json_put(payload, "why", "sent");
	struct outbox o = { .kind = "draft_remove", .owner_id = d->owner_id, .account = d->account,
			    .enrolment_id = d->enrolment_id, .draft_id = d->id,
			    .key = arena_printf(a, "draft_remove:%s:sent", d->id) };
	o.payload = json_text(a, payload);
	return store_outbox_add(tx, a, &o, tx->now, e);
}

static enum status record(struct store_tx *tx, struct arena *a, const struct touch *t,
			  const struct surroundings *w, const char *actor, struct err *e)
{
	json_t *payload = json_object();

	json_put(payload, "kind", kind_word(t->kind));
	json_put(payload, "recipient", t->recipient);
	json_put(payload, "owner", t->owner_id);
	json_put(payload, "company", w->company_id);
	json_put(payload, "client", w->client);
	json_put(payload, "sequence", w->sequence);
	json_put_int(payload, "step", t->step);
	json_put(payload, "message_id", t->message_id);
	json_put(payload, "queue_id", t->queue_id);
	json_put(payload, "host", t->host);
	json_put(payload, "flags", t->flags);
	json_put_int(payload, "observed", t->observed);
	return event_change(tx, a, "accepted", "touch", t->id, t->enrolment_id, t->prospect_id, actor,
			    payload, e);
}

enum status store_touch(struct store_tx *tx, struct arena *a, const struct touch *given,
			const char *actor, struct err *e)
{
	struct surroundings w;
	struct touch numbered = *given, *t = &numbered;
	struct touch_rates f;
	int64_t made = 0;
	enum status s = look_around(tx, a, t, &w, e);

	if (s == OK)
		s = rates_facts(tx, a, t, w.sequence, w.first, &f, e);
	if (s != OK)
		return s;
	if (t->kind == MAIL_TOUCH && t->step == 0)
		t->step = w.next;
	s = CHANGE(tx, touch_insert, &made, e, T(t->id), T(t->enrolment_id), T(t->prospect_id),
		   T(t->owner_id), T(w.company_id), T(w.source_id), T(w.permission), T(w.offer),
		   T(kind_word(t->kind)), I(t->step), T(w.message_type), T(t->recipient), T(t->message_id),
		   T(t->fingerprint), T(t->references), T(t->subject), T(t->final_text),
		   T(t->drafted_text), T(t->draft_id), t->edit_ratio >= 0 ? V_NUM(t->edit_ratio) : V_NULL,
		   T(t->flags), T(w.approval_id), T(w.approver), I(tx->now), T(t->queue_id), T(t->host),
		   I(t->observed), T("clear"), T(f.sender_domain), T(f.domain), T(f.sequence), I(f.first),
		   I(t->links), I(t->attachments));
	if (s != OK || made == 0)	/* the same mail again: it is recorded */
		return s;
	s = record(tx, a, t, &w, actor, e);
	if (s == OK)
		s = rates_touch(tx, t, &f, e);
	if (s == OK)
		s = message_ref_add(tx, t->message_id, "touch", t->id, t->enrolment_id, t->prospect_id,
				    t->owner_id, e);
	if (s == OK && t->draft_id != NULL)
		s = settle_draft(tx, a, t, actor, e);
	if (s == OK && t->enrolment_id != NULL && t->kind == MAIL_TOUCH && w.thread_subject == NULL)
		s = RUN(tx, enrolment_thread, e, T(t->enrolment_id), T(t->subject));
	return s == OK ? move(tx, a, t, actor, e) : s;
}

enum status store_refusal(struct store_tx *tx, struct arena *a, const struct refusal *r, struct err *e)
{
	const struct objection *why = r->why;
	const char *id = store_id(tx, a);
	const char *text = why->text[1] == NULL ? why->text[0]
			 : arena_printf(a, "%s\n%s", why->text[0], why->text[1]);
	enum status s = RUN(tx, refusal_insert, e, T(id), I(tx->now), T(r->login), T(r->owner_id),
			    T(r->recipient ? r->recipient : why->recipient), T(rule_name(why->rule)),
			    T(mode_name(why->mode)), I(why->code), T(text), T(why->fact),
			    I(why->overridden), I(r->observed), T(r->message_id), T(r->queue_id));

	if (s != OK)
		return s;
	json_t *payload = json_object();
	json_put(payload, "rule", rule_name(why->rule));
	json_put(payload, "mode", mode_name(why->mode));
	json_put_int(payload, "code", why->code);
	json_put(payload, "recipient", r->recipient ? r->recipient : why->recipient);
	json_put(payload, "fact", why->fact);
	json_put_int(payload, "overridden", why->overridden);
	json_put_int(payload, "observed", r->observed);
	json_put(payload, "message_id", r->message_id);
	json_put(payload, "queue_id", r->queue_id);
	const char *kind = why->mode != MODE_ENFORCE ? "warned" : why->overridden ? "overridden"
			 : r->observed ? "would_refuse" : "refused";
	return event_change(tx, a, kind, "refusal", id, NULL, NULL, r->login ? r->login : "milter", payload,
			    e);
}
