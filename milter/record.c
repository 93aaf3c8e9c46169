/* SPDX-License-Identifier: MPL-2.0
 *
 * The writing half of a decision, inside its transaction: what passes becomes a touch, what a control
 * address asked for happens, and what rules objected is kept.
 */
#include "config.h"

#include "milter/control.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/when.h"
#include "classifier/calendar.h"
#include "policy/terms.h"
#include "store/appointments.h"
#include "store/people.h"
#include "store/pipeline.h"

#include <string.h>

static const struct memory_prospect *prospect_of(const struct record *r)
{
	size_t i = r->verdict->prospect;

	return i < r->memory->prospects_n ? &r->memory->prospects[i] : NULL;
}

/* What a known address in To is called there, for a prospect that seq.NAME@ makes. */
static const char *display_name(const struct message *m, const char *address)
{
	for (size_t i = 0; i < m->to_n; i++) {
		if (str_eq(m->to[i].key, address))
			return m->to[i].name;
	}
	return NULL;
}

static enum status add_prospect(struct store_tx *tx, struct arena *a, const struct record *r,
				const char *address, const char **id_r, struct err *e)
{
	const struct settings *s = r->mail->settings;
	const char *name = display_name(r->message, address);
	struct field fields[] = { { "email", address }, { "name", name } };
	struct field source[] = { { "kind", s->enrol_source }, { "permission", s->enrol_permission } };
	struct prospect_new p = { .fields = fields, .n = name ? 2 : 1, .source = source, .source_n = 2,
				  .owner_login = r->mail->login };
	bool known;

	return store_prospect_add(tx, a, &p, r->mail->login, id_r, &known, e);
}

/* seq.NAME@: into the sequence, unless the person waits in it already for this first mail. */
static enum status enrol(struct store_tx *tx, struct arena *a, struct record *r,
			 const struct memory_prospect *to, const char **prospect_r, struct err *e)
{
	const struct memory_enrolment *en = to->enrolment;
	struct enrol ask = { .owner_id = r->memory->owner->id, .sequence = r->out->enrol,
			     .review_note = "enrolled by the owner's own mail",
			     .actor = r->mail->login };
	enum status st = OK;

	if (en && en->own && en->plan && seq_state_group(en->state.state) != SEQ_END &&
	    str_eq_case(en->plan->name, r->out->enrol)) {
		r->enrolment = en->state.id;
		return OK;
	}
	if (!to->id)
		st = add_prospect(tx, a, r, to->address, prospect_r, e);
	ask.prospect_id = *prospect_r;
	if (st == OK)
		st = store_enrol(tx, a, &ask, &r->enrolment, e);
	r->cannot_enrol = st == INPUT;
	return st;
}

/* Observed or overridden, a mail may have gone out that the table has no touch for: it is recorded as
 * what the table does have. */
static enum mail_kind recorded_kind(const struct record *r, const struct memory_prospect *to)
{
	enum mail_kind k = r->verdict->kind;
	const struct memory_enrolment *e = to ? to->enrolment : NULL;
	enum seq_state next;
	const char *note;

	if (k == MAIL_TOUCH && !r->out->enrol && e &&
	    (seq_cell(e->state.state, EV_TOUCH, &next, &note) == CELL_REFUSED || !e->plan ||
	     !plan_step(e->plan, r->verdict->step)))
		k = MAIL_MANUAL;
	return k;
}

static const char *enrolment_of(const struct record *r, const struct memory_prospect *to,
				enum mail_kind k)
{
	const struct memory_enrolment *e = to ? to->enrolment : NULL;
	enum seq_event ev = k == MAIL_CONVERSATION ? EV_CONVERSATION : EV_TOUCH_MANUAL;
	enum seq_state next;
	const char *note;

	if (r->enrolment)
		return r->enrolment;
	if (!e || !e->own || k == MAIL_OUTREACH)
		return NULL;
	if (k != MAIL_TOUCH && seq_cell(e->state.state, ev, &next, &note) == CELL_REFUSED)
		return NULL;
	return e->state.id;
}

static const char *flags_of(struct arena *a, const struct verdict *v)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < v->objections_n; i++) {
		const struct objection *o = &v->objections[i];

		buf_addf(&b, "%s%s:%s", b.n ? "," : "", o->overridden ? "override" : mode_name(o->mode),
			 rule_name(o->rule));
	}
	return b.n ? b.p : NULL;
}

static const char *references(struct arena *a, const struct message *m)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < m->references_n; i++)
		buf_addf(&b, "%s<%s>", b.n ? " " : "", m->references[i]);
	if (!b.n && m->in_reply_to_n)
		buf_addf(&b, "<%s>", m->in_reply_to[0]);
	return b.n ? b.p : NULL;
}

static int links_of(const char *text)
{
	int n = 0;

	for (const char *c = text; (c = strstr(c, "://")); c += 3)
		n++;
	return n;
}

static int attachments_of(const struct message *m)
{
	int n = 0;

	for (size_t i = 0; i < m->parts_n; i++)
		n += m->parts[i].attachment;
	return n;
}

static bool is_ours(enum mail_kind k)
{
	return k == MAIL_TOUCH || k == MAIL_MANUAL;
}

/* Mail to people we do not know is counted, not read: no subject and no text of it is kept. */
static void fill_text(struct arena *a, const struct record *r, enum mail_kind k, struct touch *t)
{
	const struct verdict *v = r->verdict;

	t->edit_ratio = v->edit_ratio;
	if (k == MAIL_OUTREACH)
		return;
	t->subject = r->message->subject;
	t->final_text = r->out->visible;
	t->references = references(a, r->message);
	if (v->draft) {
		t->draft_id = v->draft->id;
		t->drafted_text = v->draft->text;
	}
}

static enum status record_touch(struct store_tx *tx, struct arena *a, struct record *r,
				const struct memory_prospect *to, const char *prospect_id, struct err *e)
{
	const struct verdict *v = r->verdict;
	enum mail_kind k = recorded_kind(r, to);
	struct touch t = {
		.id = arena_strdup(r->mail->arena, store_id(tx, a)),
		.owner_id = r->memory->owner->id,
		.prospect_id = prospect_id,
		.enrolment_id = enrolment_of(r, to, k),
		.kind = k,
		.step = k == MAIL_TOUCH ? v->step : 0,
		.recipient = to->address,
		.message_id = r->message->message_id,
		.fingerprint = r->out->fingerprint,
		.queue_id = r->mail->queue_id,
		.host = r->hostname,
		.flags = flags_of(a, v),
		.observed = r->mail->settings->policy.observe,
		.sender = r->message->from_n ? r->message->from[0].key : r->mail->sender,
		.links = links_of(r->out->visible),
		.attachments = attachments_of(r->message),
	};

	fill_text(a, r, k, &t);
	if (v->copied_id) {
		t.message_id = NULL;
	} else if (!t.message_id && is_ours(v->kind) && !t.observed) {
		r->add_message_id = arena_printf(r->mail->arena, "%s@%s", t.id, r->hostname);
		t.message_id = r->add_message_id;
	}
	if (is_ours(v->kind) && !t.observed)
		r->touch = t.id;
	return store_touch(tx, a, &t, r->mail->login, e);
}

static enum status obey(struct store_tx *tx, struct arena *a, const struct record *r,
			const struct memory_prospect *to, const char *prospect_id, struct err *e)
{
	struct target t = { .address = to->address, .prospect_id = prospect_id,
			    .enrolment_id = r->enrolment, .owner_id = r->memory->owner->id };
	enum status st = OK;

	st = control_obey(tx, a, r->mail, r->memory->owner, r->message->subject, &t, NULL, e);
	if (st == OK)
		st = control_obey_own(tx, a, r->mail, r->memory->owner, NULL, e);
	/* do-not-contact is for everybody it is addressed to */
	for (size_t i = 0; st == OK && control_has(r->mail, VERB_DNC) && i < r->memory->prospects_n; i++) {
		const struct memory_prospect *other = &r->memory->prospects[i];
		struct suppression s = { .kind = "address", .subject = other->address,
					 .reason = "do_not_contact", .owner_id = t.owner_id,
					 .evidence = arena_printf(a, "dnc@ by %s", r->mail->login) };

		if (other != to && !other->own_domain)
			st = store_suppress(tx, a, &s, r->mail->login, false, NULL, e);
	}
	return st;
}

/* The recorded mail came again: no second touch, but the time line tells of it, and what leaves bears
 * the stamp of the first. */
static enum status again(struct store_tx *tx, struct arena *a, struct record *r, struct err *e)
{
	const struct memory_touch *t = r->memory->same;
	struct event_new ev = { .kind = "resubmission", .entity = "touch", .entity_id = t->id,
				.enrolment_id = t->enrolment, .actor = r->mail->login };

	if (!r->mail->settings->policy.observe) {
		r->touch = arena_strdup(r->mail->arena, t->id);
		if (!r->message->message_id)
			r->add_message_id = arena_strdup(r->mail->arena, t->message_id);
	}
	return store_event(tx, a, &ev, e);
}

/* proposal@: the mail's own words become the record, so that follow-ups may say them again: the first amount
 * is the price until somebody records it better, a day of which it says that it is valid until then the end. */
static enum status take_proposal(struct store_tx *tx, struct arena *a, const struct record *r,
				 const char *prospect_id, const char **id_r, struct err *e)
{
	const char **values = arena_array(a, const char *, proposal_fields_n);
	struct proposal_put p = { .prospect_id = prospect_id, .values = values, .renew = true,
				  .owner_id = r->memory->owner->id };
	const struct term *list;
	size_t n = terms_find(a, r->out->visible, &list);

	if (!prospect_id)
		return err_set(e, INPUT, "the person is not known yet: relentctl prospect add");
	for (size_t i = 0; i < proposal_fields_n; i++) {
		if (str_eq(proposal_fields[i], "notes"))
			values[i] = str_cut(a, r->out->visible, 8000);
		for (size_t k = 0; k < n && !values[i] && str_eq(proposal_fields[i], "price"); k++) {
			if (list[k].kind == TERM_MONEY)
				values[i] = list[k].words;
		}
	}
	for (size_t k = 0; k < n && !p.expires; k++) {
		if (list[k].kind == TERM_DATE && list[k].deadline && list[k].date.year)
			p.expires = when_utc(list[k].date, 0, 0, "UTC");
	}
	return store_proposal(tx, a, &p, r->mail->login, id_r, e);
}

static enum status proposal_touch(struct store_tx *tx, struct arena *a, const struct record *r,
				  const char *proposal, struct err *e)
{
	struct field f = { "touch_id", r->touch };

	return r->touch ? store_put(tx, a, "proposal", proposal, &f, 1, r->mail->login, NULL, e) : OK;
}

/* The rep's own client invites, moves, cancels or answers: an appointment of every prospect it goes to. */
static enum status record_calendar(struct store_tx *tx, struct arena *a, const struct record *r, struct err *e)
{
	const char *zone = r->memory->owner->zone;
	const struct calendar_item *item = calendar_of(a, r->message, zone);
	enum status st = OK;

	for (size_t i = 0; st == OK && item && i < r->memory->prospects_n; i++) {
		const struct memory_prospect *p = &r->memory->prospects[i];
		struct calendar_out c = { .item = item, .owner_id = r->memory->owner->id, .prospect_id = p->id,
					  .address = p->address, .message_id = r->message->message_id,
					  .queue_id = r->mail->queue_id };

		if (p->id)
			st = store_calendar_out(tx, a, &c, r->mail->login, e);
	}
	return st;
}

/* What else ran for this person ends, and the follow-up of proposals begins, if they may enter it. */
static enum status proposal_start(struct store_tx *tx, struct arena *a, const struct record *r,
				  const char *prospect_id, struct err *e)
{
	const char *sequence = conf_str(r->mail->settings->conf, "pipeline.proposal");
	struct err why = { "" };
	enum status s;

	if (str_empty(sequence) || r->mail->settings->policy.observe)
		return OK;
	s = store_proposal_start(tx, a, prospect_id, r->memory->owner->id, sequence, r->mail->login, NULL, &why);
	if (s != INPUT) {
		*e = why;
		return s;
	}
	log_info(r->mail->queue_id, "proposal-not-followed", "owner", r->mail->login, "reason", why.text);
	return OK;
}

enum status record_pass(struct store_tx *tx, struct arena *a, struct record *r, struct err *e)
{
	const struct memory_prospect *to = prospect_of(r);
	const char *prospect_id = to ? to->id : NULL, *proposal = NULL;
	enum mail_kind k = r->verdict->kind;
	enum status st = OK;

	r->touch = r->add_message_id = r->enrolment = NULL;
	r->cannot_enrol = false;
	r->feedback = r->out->enrol ? r->out->enrol : mail_kind_name(k);
	if (k == MAIL_CONTROL)
		return control_alone(tx, a, r->mail, r->out, r->memory, e);
	if (r->verdict->resubmission)
		return again(tx, a, r, e);
	if (!r->memory->owner->id)	/* a program that sends for nobody: let out by observing only */
		return OK;
	if (k == MAIL_NEVER && !r->mail->settings->policy.observe)
		return record_calendar(tx, a, r, e);
	/* to nobody outside but a colleague, perhaps: what it asks for is about somebody it names */
	if (r->mail->control.verbs && k != MAIL_NEVER && (!to || (to->own_domain && !prospect_id)))
		return control_alone(tx, a, r->mail, r->out, r->memory, e);
	if (k == MAIL_NEVER || !to || (to->own_domain && !prospect_id))
		return OK;
	if (k == MAIL_CONVERSATION && !prospect_id)
		return r->mail->control.verbs ? obey(tx, a, r, to, prospect_id, e) : OK;
	if (k == MAIL_TOUCH && !r->out->enrol && to->enrolment && to->enrolment->plan)
		r->feedback = arena_strdup(r->mail->arena, to->enrolment->plan->name);
	if (r->out->proposal && (prospect_id || !r->mail->settings->policy.observe))
		st = take_proposal(tx, a, r, prospect_id, &proposal, e);
	if (st == OK && r->out->enrol)
		st = enrol(tx, a, r, to, &prospect_id, e);
	fault_point("milter.enrolled");
	if (st == OK)
		st = record_touch(tx, a, r, to, prospect_id, e);
	if (st == OK && proposal)
		st = proposal_touch(tx, a, r, proposal, e);
	if (st == OK && proposal && !r->out->enrol)
		st = proposal_start(tx, a, r, prospect_id, e);
	fault_point("milter.touched");
	if (st == OK && r->memory->approval && !r->mail->settings->policy.observe)
		st = store_approval_used(tx, r->memory->approval->id, e);
	if (st == OK)
		st = obey(tx, a, r, to, prospect_id, e);
	return st;
}

enum status record_objections(struct store_tx *tx, struct arena *a, const struct mail *m,
			      const struct memory *mem, const struct verdict *v, const char *message_id,
			      struct err *e)
{
	enum status st = OK;

	for (size_t i = 0; st == OK && i < v->objections_n; i++) {
		const struct objection *o = &v->objections[i];
		struct refusal r = { .login = m->login, .owner_id = mem->owner ? mem->owner->id : NULL,
				     .recipient = o->recipient, .message_id = message_id,
				     .queue_id = m->queue_id, .why = o,
				     .observed = m->settings->policy.observe };

		st = store_refusal(tx, a, &r, e);
	}
	return st;
}
