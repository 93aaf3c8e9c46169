/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide about drafts: approve, edit, reject, ask for more, another channel, another question.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "policy/policy.h"
#include "store/decide_private.h"
#include "store/sends.h"
#include "store/tasks.h"

enum { APPROVAL_LASTS = 3 * 86400, BULK_COUNT = 10, BULK_SECONDS = 20, BULK_REMEMBERED = 86400, FAST_SECONDS = 2,
       RESEARCH_DAYS = 7,
       SHOWN_ENOUGH = 10 };	/* digits of the hash: a link has room for some */

/* ---- drafts ---- */

enum status draft_now(struct store_tx *tx, struct arena *a, const char *id, struct draft_now *out_r, struct err *e)
{
	const struct row *r = NULL, *from = NULL;
	enum status s = ONE(tx, a, desk_draft, &r, e, T(id));

	if (s != OK)
		return s == GONE ? err_set(e, GONE, "there is no draft '%s'", id) : s;
	*out_r = (struct draft_now){
		.id = at_text(r, 0), .enrolment_id = at_text(r, 1), .owner_id = at_text(r, 2),
			.prospect_id = at_text(r, 3),
		.step = (int)at_int(r, 4), .state = at_text(r, 5), .to = at_text(r, 6),
		.composed_subject = at_text(r, 7), .composed_text = at_text(r, 8),
		.subject = at_text(r, 7), .text = at_text(r, 8),
		.uid = at_int(r, 12), .account = at_text(r, 13),
	};
	if (str_eq(out_r->state, "edited")) {	/* else it says what we wrote, whatever a client made of its blanks */
		out_r->subject = at_text(r, 9) ? at_text(r, 9) : out_r->subject;
		out_r->text = at_text(r, 10) ? at_text(r, 10) : out_r->text;
	}
	s = ONE(tx, a, card_owner_address, &from, e, T(out_r->owner_id));
	out_r->from = s == OK ? at_text(from, 0) : NULL;
	return s == GONE ? OK : s;
}

static enum status the_draft(struct deciding *g, struct draft_now *d, struct err *e)
{
	enum status s;

	if (!g->en)
		return err_set(e, INPUT, "this item belongs to no enrolment");
	if (!g->draft_id)
		return err_set(e, INPUT, "no draft for %s waits for a decision: the enrolment is '%s'", g->en->address,
			       seq_state_name(g->en->e.state));
	s = draft_now(g->tx, g->a, g->draft_id, d, e);
	if (s != OK)
		return s;
	if (str_eq(d->state, "sent") || str_eq(d->state, "withdrawn") || str_eq(d->state, "deleted") ||
	    str_eq(d->state, "kept"))
		return err_set(e, INPUT, "this draft is out of the way already: it is '%s'", d->state);
	return OK;
}

/* What there is to decide about the text needs the text. */
static enum status written_draft(struct deciding *g, struct draft_now *d, struct err *e)
{
	enum status s = the_draft(g, d, e);

	if (s != OK)
		return s;
	if (str_eq(d->state, "gone"))
		return err_set(e, INPUT, "this draft is no longer in the Drafts folder: it was sent or deleted there");
	if (str_empty(d->text) || str_eq(d->state, "wanted"))
		return err_set(e, INPUT, "this draft is not written yet: it appears in Drafts in a moment");
	return OK;
}

/* The same draft with other words: the old one leaves Drafts, the new one comes, and waits for approval. */
static enum status draft_replace(struct deciding *g, const struct draft_now *d, const char *subject, const char *text,
				 const char **id_r, struct err *e)
{
	const char *id = store_id(g->tx, g->a);
	struct outbox put = { .kind = "draft_put", .owner_id = d->owner_id, .account = d->account,
			      .enrolment_id = d->enrolment_id, .draft_id = id, .key = arena_printf(g->a,
			      "draft_put:%s", id) };
	json_t *payload = json_object();
	enum status s = draft_take_out(g->tx, g->a, d->id, "another text takes its place", e);

	json_put(payload, "enrolment", d->enrolment_id);
	json_put(payload, "because", "another text");
	json_put_int(payload, "step", d->step);
	put.payload = json_text(g->a, payload);
	if (s == OK)
		s = RUN(g->tx, desk_draft_new, e, T(id), T(d->enrolment_id), T(d->owner_id), T(d->prospect_id),
			I(d->step),
			T(d->account), T(d->to), T(subject), T(text), I(g->tx->now), T(g->d->by));
	*id_r = id;
	return s == OK ? store_outbox_add(g->tx, g->a, &put, g->tx->now, e) : s;
}

/* ---- approve ---- */

enum status desk_granted(struct store_tx *tx, struct arena *a, const struct enrolment_row *en, bool *granted_r,
			 const char **forbids_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_grants, &rows, e, T(en->owner_id), T(en->sequence), I(tx->now));

	*granted_r = false;
	*forbids_r = NULL;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const char *level = at_text(&rows.list[i], 0);

		*granted_r = *granted_r || str_eq(level, "human_approved") || str_eq(level, "approved_template");
		if (str_eq(level, "restricted") || str_eq(level, "research_only"))
			*forbids_r = level;
	}
	return s;
}

enum status desk_sends(struct store_tx *tx, struct arena *a, const struct enrolment_row *en, bool *sends_r,
		       struct err *e)
{
	enum authority level = en->plan->authority;
	const char *forbids = NULL;
	enum status s = desk_granted(tx, a, en, sends_r, &forbids, e);

	*sends_r = *sends_r && !forbids && (level == AUTHORITY_HUMAN_APPROVED || level == AUTHORITY_APPROVED_TEMPLATE);
	return s;
}

/* Ten in twenty seconds: nobody reads so fast. After that, a day long, each needs a word of what was looked at. */
static enum status not_mechanical(struct deciding *g, struct err *e)
{
	const struct desk_rules *rules = desk_rules_of(g->tx);
	int count = rules->bulk_count ? rules->bulk_count : BULK_COUNT;
	int within = rules->bulk_seconds ? rules->bulk_seconds : BULK_SECONDS;
	const struct row *r = NULL;
	enum status s = ONE(g->tx, g->a, decision_flagged, &r, e, T(g->d->by), I(g->tx->now - BULK_REMEMBERED));

	if (s == OK && str_empty(g->d->because))
		return err_set(e, INPUT,
			"you approved %d drafts within %d seconds: say with each of the next ones what you "
			       "looked at (because ...)", count, within);
	if (s != OK && s != GONE)
		return s;
	s = ONE(g->tx, g->a, decision_burst, &r, e, T(g->d->by), I(g->tx->now - within));
	if (s == OK && at_int(r, 0) + 1 >= count)
		g->flag = "bulk";
	else if (g->shown_at && g->tx->now - g->shown_at < FAST_SECONDS)
		g->flag = "fast";
	return s == GONE ? OK : s;
}

enum status desk_needs_two(struct store_tx *tx, struct arena *a, const char *prospect_id, bool *two_r, struct err *e)
{
	const struct row *person = NULL;
	enum status s = desk_person(tx, a, prospect_id, &person, e);

	*two_r = s == OK && !desk_rules_of(tx)->one_for_sensitive &&
		 (row_int(person, "sensitive") || row_int(person, "company_sensitive"));
	return s;
}

static enum status needs_two(struct deciding *g, bool *two_r, struct err *e)
{
	return desk_needs_two(g->tx, g->a, g->out->prospect_id, two_r, e);
}

static enum status two_persons(struct deciding *g, const char *hash, const char **first_r, struct err *e)
{
	const struct desk_rules *rules = desk_rules_of(g->tx);
	int lasts = rules->approval_lasts ? rules->approval_lasts : APPROVAL_LASTS;
	const struct row *r = NULL;
	bool two = false;
	enum status s = needs_two(g, &two, e);

	*first_r = NULL;
	if (s != OK || !two)
		return s;
	s = ONE(g->tx, g->a, decision_first, &r, e, T(g->out->item), T(decision_kind(g->d->decision)->name),
		I(g->tx->now - lasts));
	if (s != OK && s != GONE)
		return s;
	if (s == GONE || desk_same_person(at_text(r, 1), g->d->by) || !str_eq(at_text(r, 2), hash)) {
		g->first = true;
		return OK;
	}
	*first_r = at_text(r, 1);
	return RUN(g->tx, decision_first_done, e, T(g->out->item), T(decision_kind(g->d->decision)->name));
}

/* What stands in the way of these words (NULL: the draft's), and that the person has seen the card as it is now. */
static enum status may_approve(struct deciding *g, const char *subject, const char *text, struct err *e)
{
	enum seq_state state = g->en->e.state;
	const struct row *r = NULL;
	struct card card, anew;
	enum status s;

	if (state != SEQ_AWAITING_APPROVAL && state != SEQ_READY_TO_SEND)
		return err_set(e, INPUT, "a '%s' enrolment has nothing to approve%s", seq_state_name(state),
			       state == SEQ_REPLY_RECEIVED || state == SEQ_HUMAN_REVIEW ? ": an answer came" : "");
	if (g->en->e.holds)
		return err_set(e, INPUT, "a mail of %s is being read: approve after that", g->en->address);
	s = store_card(g->tx, g->a, g->out->item, &card, e);
	anew = card;
	if (s == OK && text)
		s = store_card_with(g->tx, g->a, g->out->item, subject, text, &anew, e);
	if (s != OK)
		return s;
	if (anew.missing_n > 0)
		return err_set(e, INPUT, "it cannot be approved: %s", anew.missing[0]);
	if (!g->d->shown) {	/* was this very card among those that this person saw? */
		s = ONE(g->tx, g->a, shown_get, &r, e, T(g->out->item), T(g->d->by), T(card.hash));
		if (s != OK && s != GONE)
			return s;
		if (s == OK) {
			g->shown = card.hash;
			g->shown_at = (time_t)at_int(r, 0);
		}
	}
	if (g->shown && strlen(g->shown) >= SHOWN_ENOUGH && strncmp(g->shown, card.hash, strlen(g->shown)) == 0)
		return OK;
	g->out->show = true;
	return g->shown ? err_set(e, INPUT,
		"this has changed since it was shown to you: look at it as it is now, then approve")
			: err_set(e, INPUT, "look at it before you approve it: it was not shown to you yet");
}

static enum status approval_write(struct deciding *g, const struct draft_now *d, const char *scope, const char *first,
				  const char *subject, const char *text, time_t expires, struct err *e)
{
	const char *id = store_id(g->tx, g->a);
	json_t *o = json_object();
	enum status s;

	s = store_approved_text(g->tx, g->text_hash, subject, text, e);
	if (s == OK)
		s = RUN(g->tx, desk_approval_add, e, T(id), T(d->owner_id), T(d->enrolment_id), T(d->prospect_id),
			I(d->step),
		T(g->text_hash), T(g->d->decision == DECIDE_EDIT ? "edit_and_approve" : "approve"), T(g->d->by),
		T(g->d->because), T("card"), T(g->shown), I0(g->shown_at), I(g->tx->now), I0(expires), T(d->id), T(scope),
		T(g->d->via), T(first), T(d->from), T(d->to));
	if (s != OK) {
		json_decref(o);
		return s;
	}
	g->approval_id = id;
	json_put(o, "content_hash", g->text_hash);
	json_put(o, "draft", d->id);
	json_put(o, "scope", scope);
	json_put(o, "via", g->d->via);
	json_put(o, "first_by", first);
	json_put(o, "shown", g->shown);
	json_put_int(o, "shown_at", g->shown_at);
	json_put_int(o, "step", d->step);
	json_put(o, "because", g->d->because);
	json_put_int(o, "expires", expires);
	return event_change(g->tx, g->a, "approved", "approval", id, d->enrolment_id, d->prospect_id, g->d->by, o, e);
}

static enum status release(struct deciding *g, const struct draft_now *d, const char *subject, const char *text,
			   struct err *e)
{
	const struct desk_rules *rules = desk_rules_of(g->tx);
	enum authority level = g->en->plan->authority;
	bool program = level == AUTHORITY_HUMAN_APPROVED || level == AUTHORITY_APPROVED_TEMPLATE, sends = false;
	time_t expires = g->tx->now + (rules->approval_lasts ? rules->approval_lasts : APPROVAL_LASTS);
	struct event ev = { .kind = EV_APPROVED, .step = d->step };
	const char *first = NULL;
	enum status s = desk_sends(g->tx, g->a, g->en, &sends, e);

	if (s != OK)
		return s;
	g->text_hash = policy_plain_hash(g->a, d->from, d->to, subject, text);
	s = not_mechanical(g, e);
	if (s == OK)
		s = two_persons(g, g->text_hash, &first, e);
	if (s != OK)
		return s;
	if (g->first) {
		g->out->sentence = "one of two: another person has to approve it too";
		return OK;
	}
	s = approvals_void(g->tx, g->a, g->en, "approved again", g->d->by, e);
	if (s == OK)
		s = approval_write(g, d, sends ? "relent" : "owner", first, subject, text, expires, e);
	if (s != OK)
		return s;
	if (!sends) {
		g->out->sentence = !program ? "approved: the owner sends it from Drafts"
			: "approved: the owner sends it from Drafts (relent may not: no grant for this owner and sequence)";
		return OK;
	}
	g->out->sentence = "approved: relent sends exactly this";
	return decide_step(g, &ev, e);
}

enum status decide_approve(struct deciding *g, struct err *e)
{
	struct draft_now d;
	enum status s = written_draft(g, &d, e);

	if (s == OK)
		s = may_approve(g, NULL, NULL, e);
	return s == OK ? release(g, &d, d.subject, d.text, e) : s;
}

enum status decide_edit(struct deciding *g, struct err *e)
{
	const char *subject, *text = g->d->text, *id = NULL;
	struct event anew = { .kind = EV_DRAFT_PREPARED };
	bool two = false;
	struct draft_now d;
	enum status s = written_draft(g, &d, e);

	if (s != OK)
		return s;
	if (str_empty(text) || span_trim(span_of(text)).n == 0)
		return err_set(e, INPUT, "an edit needs the new text");
	if (strstr(text, "{{"))
		return err_set(e, INPUT, "the new text has an unfilled {{field}}");
	subject = str_empty(g->d->subject) ? d.subject : text_squeeze(g->a, g->d->subject);
	s = may_approve(g, subject, text, e);
	if (s == OK)
		s = needs_two(g, &two, e);
	if (s != OK)
		return s;
	g->edit_ratio = policy_edit_ratio(g->a, d.composed_text, text);
	if (two) {	/* both have to see the new words where they see the card */
		g->out->sentence = "the draft has your words now: two persons have to approve it";
		g->out->waits = true;
		s = draft_replace(g, &d, subject, text, &id, e);
		return s == OK && g->en->e.state == SEQ_READY_TO_SEND ? decide_step(g, &anew, e) : s;
	}
	s = release(g, &d, subject, text, e);
	if (s != OK || g->first || g->out->after == SEQ_READY_TO_SEND)
		return s;
	/* the owner sends from Drafts: there it must be what was approved */
	s = draft_replace(g, &d, subject, text, &id, e);
	return s == OK ? RUN(g->tx, desk_approval_draft, e, T(g->approval_id), T(id)) : s;
}

/* Other words, of a person or of a program: they go where drafts go, and wait there for a person. */
enum status decide_rewrite(struct deciding *g, struct err *e)
{
	struct event anew = { .kind = EV_DRAFT_PREPARED };
	const char *text = g->d->text, *id = NULL;
	struct draft_now d;
	enum status s = written_draft(g, &d, e);

	if (s != OK)
		return s;
	if (g->en->e.holds)
		return err_set(e, INPUT, "a mail of %s is being read: no other words before that", g->en->address);
	if (str_empty(text) || span_trim(span_of(text)).n == 0)
		return err_set(e, INPUT, "the new text is empty");
	s = approvals_void(g->tx, g->a, g->en, "other words", g->d->by, e);
	if (s == OK)
		s = draft_replace(g, &d, str_empty(g->d->subject) ? d.subject : text_squeeze(g->a, g->d->subject), text,
				  &id, e);
	if (s == OK && g->en->e.state == SEQ_READY_TO_SEND)
		s = decide_step(g, &anew, e);
	g->edit_ratio = policy_edit_ratio(g->a, d.composed_text, text);
	g->out->sentence = "the draft has the new words and waits for a person's approval";
	return s;
}

/* ---- not this mail ---- */

static enum status take_out(struct deciding *g, struct draft_now *d, const char *why, struct err *e)
{
	enum status s = the_draft(g, d, e);

	return s == OK ? draft_take_out(g->tx, g->a, d->id, why, e) : s;
}

static bool next_step_pending(const struct deciding *g)
{
	switch (g->en->e.state) {
	case SEQ_NOT_STARTED: case SEQ_RESEARCHING: case SEQ_DRAFTING: case SEQ_AWAITING_APPROVAL:
	case SEQ_READY_TO_SEND: case SEQ_FOLLOW_UP_DUE:
		return true;
	case SEQ_SENT: case SEQ_WAITING: case SEQ_REPLY_RECEIVED: case SEQ_HUMAN_REVIEW: case SEQ_APPOINTMENT_PROPOSED:
	case SEQ_BOOKED: case SEQ_PARKED: case SEQ_CLOSED: case SEQ_SUPPRESSED: case SEQ_FAILED: case SEQ_STATE_COUNT:
		break;
	}
	return false;
}

static enum status pending(struct deciding *g, struct err *e)
{
	if (!g->en)
		return err_set(e, INPUT, "this item belongs to no enrolment");
	if (!next_step_pending(g))
		return err_set(e, INPUT, "a '%s' enrolment has no touch at hand", seq_state_name(g->en->e.state));
	if (g->draft_id)
		return draft_take_out(g->tx, g->a, g->draft_id, decision_kind(g->d->decision)->name, e);
	return OK;
}

enum status decide_reject(struct deciding *g, struct err *e)
{
	struct event skip = { .kind = EV_SKIPPED, .reason = "rejected", .words = g->d->because };
	struct event stop = { .kind = EV_STOP, .reason = "rejected", .words = g->d->because };
	bool stops = str_eq(g->argument, "stop");
	struct draft_now d;
	enum status s;

	if (g->argument && !stops && !str_eq(g->argument, "skip"))
		return err_set(e, INPUT, "reject takes 'skip' (leave this touch out) or 'stop', not '%s'", g->argument);
	s = take_out(g, &d, "rejected", e);
	if (s == OK && !stops && !next_step_pending(g))
		s = err_set(e, INPUT, "a '%s' enrolment has no touch to leave out", seq_state_name(g->en->e.state));
	g->out->sentence = stops ? "rejected: the sequence is stopped" : "rejected: this touch is left out";
	return s == OK ? decide_step(g, stops ? &stop : &skip, e) : s;
}

enum status decide_skip(struct deciding *g, struct err *e)
{
	struct event ev = { .kind = EV_SKIPPED, .words = g->d->because };
	struct enrolment_row *now = NULL;
	enum status s = OK;

	if (g->kind == 'T' && !g->en)
		return err_set(e, INPUT, "this task is no step that could be left out: say done");
	if (g->kind == 'T' && at_int(g->task, 5) != g->en->e.step + 1)
		return err_set(e, INPUT, "this task is no step that could be left out: say done");
	if (g->kind == 'T') {
		s = store_task_skip(g->tx, g->a, g->out->item, g->d->by, g->d->because, e);
		if (s == OK)
			s = store_enrolment(g->tx, g->a, g->en->e.id, &now, e);
		g->out->after = s == OK ? now->e.state : g->out->after;
		g->out->sentence = "this touch is left out";
		return s;
	}
	s = pending(g, e);
	g->out->sentence = "this touch is left out";
	return s == OK ? decide_step(g, &ev, e) : s;
}

/* A step only on a channel: what is found out is no touch. */
static enum status add_task(struct deciding *g, const char *kind, const char *text, const char *channel, struct err *e)
{
	const char *id = store_id(g->tx, g->a);
	json_t *o = json_object();
	enum status s = RUN(g->tx, desk_task_add, e, T(id), T(g->out->owner_id), T(g->out->prospect_id),
			    T(g->out->enrolment_id), T(kind), T(text), I0(channel ? g->en->e.step + 1 : 0), T(channel),
			    I(g->tx->now), I(g->tx->now));

	json_put(o, "kind", kind);
	json_put(o, "text", text);
	json_put(o, "channel", channel);
	if (s == OK)
		return event_change(g->tx, g->a, "added", "task", id, g->out->enrolment_id, g->out->prospect_id,
			g->d->by, o,
				    e);
	json_decref(o);
	return s;
}

/* Nothing is drafted until the task is done, or a week is over: then it is asked for again. */
static enum status hold_back(struct deciding *g, const char *reason, struct err *e)
{
	struct event ev = { .kind = EV_DECISION, .target = SEQ_RESEARCHING, .reason = reason, .words = g->d->because,
			    .until = g->tx->now + RESEARCH_DAYS * 86400 };

	return decide_step(g, &ev, e);
}

enum status decide_research(struct deciding *g, struct err *e)
{
	enum status s;

	if (!g->en)
		return err_set(e, INPUT, "this item belongs to no enrolment");
	if (g->draft_id) {
		s = draft_take_out(g->tx, g->a, g->draft_id, "more research is wanted", e);
		if (s != OK)
			return s;
	}
	s = hold_back(g, "research", e);
	g->out->sentence = "more research first: a task for the owner; the draft is made anew when it is done";
	return s == OK ? add_task(g, "research", arena_printf(g->a, "Find out before the next mail: %s",
		g->d->because), NULL, e)
		       : s;
}

enum status desk_found_out(struct store_tx *tx, struct arena *a, const char *enrolment, const char *kind,
			   const char *by, const char *note, struct err *e)
{
	struct event ev = { .kind = EV_DECISION, .target = SEQ_DRAFTING, .reason = kind, .words = note };
	struct cause c = { .actor = by, .evidence = note };
	struct enrolment_row *row = NULL;
	enum status s = store_enrolment(tx, a, enrolment, &row, e);

	if (s != OK || row->e.state != SEQ_RESEARCHING)
		return s;
	s = store_step(tx, a, enrolment, &ev, &c, NULL, NULL, e);
	return s == INPUT ? OK : s;
}

enum status decide_channel(struct deciding *g, struct err *e)
{
	static const char *const channels[] = { "linkedin", "phone", "whatsapp", "sms", "voice_note" };
	struct event ev = { .kind = EV_DECISION, .target = SEQ_FOLLOW_UP_DUE, .words = g->d->because };
	const struct plan_step *st;
	const char *wanted = g->argument ? str_lower(g->a, g->argument) : "", *text, *why = NULL;
	struct draft_now d = { .text = NULL };
	bool known = false;
	enum status s = OK;

	for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); i++)
		known = known || str_eq(channels[i], wanted);
	if (!known)
		return err_set(e, INPUT, "say which channel: linkedin, phone, whatsapp, sms or voice_note%s%s",
			       *wanted ? ", not " : "", wanted);
	s = store_channel_allowed(g->tx, g->a, g->out->prospect_id, wanted, &why, e);
	if (s == OK && why)
		return err_set(e, INPUT, "%s", why);
	if (s != OK)
		return s;
	if (g->draft_id)
		s = draft_now(g->tx, g->a, g->draft_id, &d, e);
	if (s == OK)
		s = pending(g, e);
	st = s == OK ? plan_step(g->en->plan, g->en->e.step + 1) : NULL;
	if (s == OK && !st)
		s = err_set(e, INPUT, "no step is left that could take another channel");
	if (s != OK)
		return s;
	ev.reason = arena_printf(g->a, "channel:%s", wanted);
	text = arena_printf(g->a, "%s%s%s\n\n%s", st->job, str_empty(g->d->because) ? "" : "\n", g->d->because ?
			    g->d->because : "", d.text ? d.text : "");
	g->out->sentence = arena_printf(g->a, "not by mail: a task for %s", wanted);
	s = decide_step(g, &ev, e);
	return s == OK ? add_task(g, wanted, text, wanted, e) : s;
}

/* The last sentence that asks, with where it begins. */
static bool find_question(const char *text, size_t *from_r, size_t *n_r)
{
	const char *end = strrchr(text, '?'), *p;

	if (!end)
		return false;
	for (p = end; p > text; p--)
		if (p[-1] == '\n' || (p[-1] == ' ' && p - 2 >= text && strchr(".!?:", p[-2])))
			break;
	*from_r = (size_t)(p - text);
	*n_r = (size_t)(end + 1 - p);
	return true;
}

enum status decide_cta(struct deciding *g, struct err *e)
{
	struct event again = { .kind = EV_DRAFT_PREPARED };
	struct draft_now d;
	size_t from = 0, n = 0;
	const char *text, *id = NULL;
	enum status s;

	if (str_empty(g->argument)) {
		s = pending(g, e);
		if (s == OK)
			s = hold_back(g, "cta", e);
		g->out->sentence = "held: a task for the owner to write another call to action";
		return s == OK ? add_task(g, "change_cta", arena_printf(g->a,
			"Write another call to action for the next mail%s%s",
				str_empty(g->d->because) ? "" : ": ", g->d->because ? g->d->because : ""), NULL, e) : s;
	}
	s = written_draft(g, &d, e);
	if (s != OK)
		return s;
	if (!find_question(d.text, &from, &n))
		return err_set(e, INPUT, "no question of this draft can be told apart: edit the text instead");
	text = arena_printf(g->a, "%.*s%s%s", (int)from, d.text, g->argument, d.text + from + n);
	s = draft_replace(g, &d, d.subject, text, &id, e);
	if (s == OK && g->en->e.state == SEQ_READY_TO_SEND)
		s = decide_step(g, &again, e);
	g->edit_ratio = policy_edit_ratio(g->a, d.composed_text, text);
	g->out->sentence = "another call to action: the draft is made anew and waits for approval";
	return s;
}
