/* SPDX-License-Identifier: MPL-2.0
 *
 * The life of a mail that relent hands over by itself (sends.h).
 */
#include "config.h"

#include "store/sends.h"

#include <string.h>

#include "base/addr.h"
#include "base/log.h"
#include "base/str.h"
#include "store/rates.h"
#include "store/suppression.h"

enum { AN_HOUR = 3600, TEMPLATES_PER_HOUR = 30, TEMPLATES_PER_DOMAIN = 3 };

/* ---- the row ---- */

enum status store_send(struct store_tx *tx, struct arena *a, const char *id, struct send **out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_get, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "nothing of '%s' was handed over yet", id);
	if (s != OK)
		return s;
	struct send *p = arena_new_of(a, struct send);
	*p = (struct send){
		.id = at_text(r, 0), .enrolment_id = at_text(r, 1), .owner_id = at_text(r, 2),
		.prospect_id = at_text(r, 3), .draft_id = at_text(r, 4), .approval_id = at_text(r, 5),
		.step = (int)at_int(r, 6), .message_id = at_text(r, 7), .sender = at_text(r, 8),
		.recipient = at_text(r, 9), .content_hash = at_text(r, 10), .mail = at_text(r, 11),
		.state = at_text(r, 12), .prepared = (time_t)at_int(r, 13), .ended = (time_t)at_int(r, 14),
		.touch_id = at_text(r, 15), .words = at_text(r, 16),
	};
	*out_r = p;
	return OK;
}

enum status store_send_prepare(struct store_tx *tx, const struct send *p, struct err *e)
{
	int64_t changed = 0;
	enum status s = CHANGE(tx, send_put, &changed, e, T(p->id), T(p->enrolment_id), T(p->owner_id),
			       T(p->prospect_id), T(p->draft_id), T(p->approval_id), I(p->step), T(p->message_id),
			       T(p->sender), T(p->recipient), T(p->content_hash), T(p->mail), I(tx->now));

	return s == OK && changed == 0 ? err_set(e, INPUT, "'%s' may have been handed over already", p->id) : s;
}

enum status store_send_taken(struct store_tx *tx, struct arena *a, const char *id, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_state_of_outbox, &r, e, T(id));

	if (s == OK && !str_eq(at_text(r, 0), "taken"))
		s = err_set(e, GONE, "the row is %s", at_text(r, 0));
	return s;
}

enum status store_send_ended(struct store_tx *tx, const char *id, struct err *e)
{
	int64_t changed = 0;
	enum status s = CHANGE(tx, send_ended, &changed, e, T(id), I(tx->now));

	return s == OK && changed == 0 ? err_set(e, INPUT, "'%s' may have been handed over already", id) : s;
}

enum status store_send_not_taken(struct store_tx *tx, const char *id, const char *words, struct err *e)
{
	return RUN(tx, send_not_taken, e, T(id), T(words));
}

enum status store_send_copied(struct store_tx *tx, const char *id, struct err *e)
{
	return RUN(tx, send_copied, e, T(id));
}

/* ---- what was approved ---- */

enum status store_approved_text(struct store_tx *tx, const char *content_hash, const char *subject, const char *text,
				struct err *e)
{
	return RUN(tx, approved_text_put, e, T(content_hash), T(subject), T(text), I(tx->now));
}

enum status store_approved_text_of(struct store_tx *tx, struct arena *a, const char *content_hash,
				   const char **subject_r, const char **text_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, approved_text_get, &r, e, T(content_hash));

	if (s == OK) {
		*subject_r = at_text(r, 0);
		*text_r = at_text(r, 1);
	}
	return s;
}

enum status store_send_draft_since(struct store_tx *tx, struct arena *a, const char *draft_id, time_t since, bool *yes_r,
				   struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_draft_updated, &r, e, T(draft_id));

	*yes_r = s == OK && at_int(r, 0) > since;
	return s == GONE ? OK : s;
}

enum status store_send_approval(struct store_tx *tx, struct arena *a, const char *id, struct send_approval *out_r,
				struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_approval, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no approval '%s'", id ? id : "-");
	if (s == OK)
		*out_r = (struct send_approval){
			.id = at_text(r, 0), .content_hash = at_text(r, 1), .by = at_text(r, 2),
			.decision = at_text(r, 3), .at = (time_t)at_int(r, 4), .expires = (time_t)at_int(r, 5),
			.void_ = at_int(r, 6) != 0, .used = at_int(r, 7) != 0,
		};
	return s;
}

enum status store_send_latest(struct store_tx *tx, struct arena *a, const char *enrolment, int step,
			      const char **approval_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, approval_latest, &r, e, T(enrolment), I(step));

	if (s == OK)
		*approval_r = at_text(r, 0);
	return s;
}

/* ---- evidence ---- */

enum status store_send_evidence(struct store_tx *tx, struct arena *a, const struct send *p, const char *login,
				time_t since, struct send_evidence *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_touch, &r, e, T(p->message_id), T(p->owner_id), T(p->recipient));

	*out_r = (struct send_evidence){ .touch_id = NULL };
	if (s == OK) {
		out_r->taken_back = str_eq(at_text(r, 1), "taken_back");
		out_r->touch_id = at_text(r, 0);
	}
	if (s != GONE)
		return s;
	s = ONE(tx, a, send_refusal, &r, e, I(since), T(p->message_id), T(p->recipient), T(login));
	if (s == OK) {
		out_r->rule = at_text(r, 0);
		out_r->code = (int)at_int(r, 1);
		out_r->fact = at_text(r, 2);
		out_r->text = at_text(r, 3);
	}
	return s == GONE ? OK : s;
}

enum status store_sends_unsure(struct store_tx *tx, struct arena *a, time_t since, const char ***ids_r, size_t *n_r,
			       struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, sends_unsure, &rows, e, I(since));
	const char **list = s == OK ? arena_array(a, const char *, rows.n + 1) : NULL;

	for (size_t i = 0; s == OK && i < rows.n; i++)
		list[i] = at_text(&rows.list[i], 0);
	*ids_r = list;
	*n_r = s == OK ? rows.n : 0;
	return s;
}

/* ---- how it ends ---- */

static enum status tell(struct store_tx *tx, struct arena *a, const struct send *p, const char *kind, const char *words,
			struct err *e)
{
	json_t *o = json_object();

	json_put(o, "message_id", p->message_id);
	json_put(o, "approval", p->approval_id);
	json_put(o, "draft", p->draft_id);
	json_put(o, "touch", p->touch_id);
	json_put_int(o, "step", p->step);
	json_put(o, "words", words);
	return event_change(tx, a, kind, "send", p->id, p->enrolment_id, p->prospect_id, tx->store->o.program, o, e);
}

/* The owner's note, once for each mail and reason. */
static enum status note(struct store_tx *tx, struct arena *a, const struct send *p, const char *text,
			const char *subject, const char *rule, const char *why, struct err *e)
{
	const struct row *r = NULL;
	json_t *o = json_object();
	struct outbox row = { .kind = "notify", .owner_id = p->owner_id, .enrolment_id = p->enrolment_id,
			      .key = arena_printf(a, "%s:%s:%s", text, p->id, rule) };
	enum status s = ONE(tx, a, owner_login, &r, e, T(p->owner_id));

	json_put(o, "text", text);
	json_put(o, "owner", s == OK ? at_text(r, 0) : NULL);
	json_put(o, "person", p->recipient);
	json_put(o, "subject", str_empty(subject) ? "-" : subject);
	json_put(o, "reason", why);
	json_put(o, "event", p->message_id);
	json_put_int(o, "at", p->ended);
	row.payload = json_text(a, o);
	return s == OK || s == GONE ? store_outbox_add(tx, a, &row, tx->now, e) : s;
}

static const char *subject_of(struct store_tx *tx, struct arena *a, const struct send *p)
{
	struct draft *d = NULL;
	struct err ignored;

	return store_draft(tx, a, p->draft_id, &d, &ignored) == OK ? d->subject : NULL;
}

static enum status copy_row(struct store_tx *tx, struct arena *a, const struct send *p, struct err *e)
{
	json_t *o = json_object();
	struct outbox row = { .kind = "sent_copy", .owner_id = p->owner_id, .enrolment_id = p->enrolment_id,
			      .key = arena_printf(a, "sent_copy:%s", p->id) };

	json_put(o, "send", p->id);
	row.payload = json_text(a, o);
	return store_outbox_add(tx, a, &row, tx->now, e);
}

enum status store_send_sent(struct store_tx *tx, struct arena *a, const char *id, const char *touch, bool copy,
			    struct err *e)
{
	static const char why[] = "the mail server took it, and relent-milter did not see it: mail of relent passes it "
		"by (relentctl doctor)";
	struct send *p = NULL;
	enum status s = store_send(tx, a, id, &p, e);

	if (s == OK)
		s = RUN(tx, send_settle, e, T(id), T("sent"), I(tx->now), T(touch), T(touch ? NULL : why));
	if (s == OK)
		s = store_outbox_done(tx, id, e);
	if (s != OK)
		return s;
	p->touch_id = touch;
	s = tell(tx, a, p, "sent", touch ? NULL : why, e);
	if (s == OK && !copy)
		s = store_send_copied(tx, id, e);
	if (s == OK && copy)
		s = copy_row(tx, a, p, e);
	if (s != OK || touch)
		return s;
	/* out, and not counted: nothing more is sent to this person before somebody has looked */
	struct event ev = { .kind = EV_DECISION, .target = SEQ_HUMAN_REVIEW, .reason = "send_unrecorded" };
	struct cause c = { .actor = tx->store->o.program, .evidence = why, .draft_id = p->draft_id };
	s = store_step(tx, a, p->enrolment_id, &ev, &c, NULL, NULL, e);
	if (s == OK || s == INPUT)
		s = note(tx, a, p, "send_unsure", subject_of(tx, a, p), "unrecorded", why, e);
	return s;
}

enum status store_send_later(struct store_tx *tx, const char *id, time_t at, const char *why, struct err *e)
{
	return RUN(tx, send_later, e, T(id), I(at), T(why));
}

enum status store_send_cancel(struct store_tx *tx, const char *id, const char *why, struct err *e)
{
	enum status s = RUN(tx, send_cancel, e, T(id), I(tx->now), T(why));

	return s == OK ? RUN(tx, send_settle, e, T(id), T("void"), I(tx->now), V_NULL, T(why)) : s;
}

/* The machine asks for the same row again (actions.c), or gives the enrolment to a person. */
enum status store_send_failed(struct store_tx *tx, struct arena *a, const char *id, const char *why, struct err *e)
{
	struct send *p = NULL;
	enum seq_state after = SEQ_STATE_COUNT;
	enum status s = store_send(tx, a, id, &p, e);
	struct event ev = { .kind = EV_SEND_FAILED, .step = s == OK ? p->step : 0, .words = why };
	struct cause c = { .actor = tx->store->o.program, .evidence = why };

	if (s == OK)
		s = tell(tx, a, p, "failed", why, e);
	if (s == OK)
		s = store_step(tx, a, p->enrolment_id, &ev, &c, NULL, &after, e);
	if (s != OK && s != INPUT)
		return s;
	if (after == SEQ_READY_TO_SEND)
		return RUN(tx, send_not_taken, e, T(id), T(why));
	return store_send_cancel(tx, id, why, e);
}

static enum status to_person(struct store_tx *tx, struct arena *a, const struct send *p, const char *reason,
			     const char *why, struct err *e)
{
	struct event ev = { .kind = EV_DECISION, .target = SEQ_HUMAN_REVIEW, .reason = reason, .words = why };
	struct cause c = { .actor = tx->store->o.program, .evidence = why, .draft_id = p->draft_id };
	struct enrolment_row *row = NULL;
	enum status s = store_enrolment(tx, a, p->enrolment_id, &row, e);

	if (s == OK && row->e.state == SEQ_READY_TO_SEND)
		s = store_step(tx, a, p->enrolment_id, &ev, &c, NULL, NULL, e);
	if (s == INPUT)
		s = OK;
	return s == OK ? RUN(tx, review_insert, e, T(store_id(tx, a)), T(p->enrolment_id), T(p->prospect_id),
			     T(p->owner_id), V_NULL, T(p->draft_id), T("send"), T(why), I(tx->now)) : s;
}

/* A text that was in no folder goes where any draft goes. */
static enum status into_drafts(struct store_tx *tx, struct arena *a, const struct send *p, const char *why,
			       struct err *e)
{
	struct draft wanted = { .id = p->draft_id, .state = "wanted" };
	json_t *o = json_object();
	struct outbox row = { .kind = "draft_put", .owner_id = p->owner_id, .enrolment_id = p->enrolment_id,
			      .draft_id = p->draft_id, .key = arena_printf(a, "draft_put:%s:by_hand", p->draft_id) };
	enum status s = store_draft_put(tx, a, &wanted, tx->store->o.program, e);

	json_object_set_new(o, "by_hand", json_true());
	json_put(o, "words", why);
	row.payload = json_text(a, o);
	return s == OK ? store_outbox_add(tx, a, &row, tx->now, e) : s;
}

/* It waits for approval once more: the draft is out still, so it is announced again. */
static enum status approve_again(struct store_tx *tx, struct arena *a, const struct send *p, const char *why,
				 bool *again_r, struct err *e)
{
	struct event ev = { .kind = EV_DRAFT_PREPARED, .step = p->step, .reason = "approve_again", .words = why };
	struct cause c = { .actor = tx->store->o.program, .evidence = why, .draft_id = p->draft_id };
	struct enrolment_row *row = NULL;
	struct draft *d = NULL;
	enum status s = RUN(tx, approval_void, e, T(p->approval_id), I(tx->now));

	if (s == OK)
		s = store_enrolment(tx, a, p->enrolment_id, &row, e);
	if (s == OK)
		s = store_draft(tx, a, p->draft_id, &d, e);
	*again_r = s == OK && row->e.state == SEQ_READY_TO_SEND && row->e.draft_out &&
		   (str_eq(d->state, "placed") || str_eq(d->state, "edited"));
	if (s == OK && *again_r)
		s = store_step(tx, a, p->enrolment_id, &ev, &c, NULL, NULL, e);
	if (s == OK && row->e.state == SEQ_READY_TO_SEND && str_eq(d->state, "sending")) {
		*again_r = true;
		s = into_drafts(tx, a, p, why, e);
	}
	return s == GONE ? OK : s;
}

enum status store_send_stop(struct store_tx *tx, struct arena *a, const char *id, enum send_stop how, const char *rule,
			    const char *why, struct err *e)
{
	struct send *p = NULL;
	bool unsure = how == SEND_STOP_UNSURE, again = false;
	enum status s = store_send(tx, a, id, &p, e);

	if (s != OK)
		return s;
	s = RUN(tx, send_settle, e, T(id), T(unsure ? "unsure" : "refused"), I(tx->now), V_NULL, T(why));
	if (s == OK && unsure)
		s = store_outbox_failed(tx, id, why, true, e);
	else if (s == OK)
		s = RUN(tx, send_cancel, e, T(id), I(tx->now), T(why));
	if (s == OK)
		s = tell(tx, a, p, unsure ? "unsure" : "refused", why, e);
	if (s == OK && how == SEND_STOP_APPROVAL)
		s = approve_again(tx, a, p, why, &again, e);
	if (s == OK && !again)
		s = to_person(tx, a, p, unsure ? "send_unsure" : arena_printf(a, "send_%s", rule), why, e);
	return s == OK ? note(tx, a, p, unsure ? "send_unsure" : "send_stopped", subject_of(tx, a, p), rule, why, e)
		       : s;
}

/* ---- people ---- */

enum status store_send_may_retry(struct store_tx *tx, struct arena *a, const char *id, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, send_state_of_outbox, &r, e, T(id));
	const char *state = s == OK ? at_text(r, 2) : NULL;

	if (s != OK || !str_eq(at_text(r, 1), "send") || !state || str_eq(state, "prepared"))
		return s == GONE ? OK : s;
	if (str_eq(state, "unsure"))
		return err_set(e, INPUT, "it is not known whether <%s> was taken: look for it in the mail server's log, "
			       "then: relentctl outbox drop %s --because WHAT-YOU-FOUND", at_text(r, 3), id);
	if (str_eq(state, "ended"))
		return err_set(e, INPUT, "<%s> was handed over, its record is waited for", at_text(r, 3));
	return err_set(e, INPUT, "<%s> is settled (%s): approve another", at_text(r, 3), state);
}

enum status store_send_drop(struct store_tx *tx, struct arena *a, const char *id, const char *actor, const char *because,
			    bool *done_r, struct err *e)
{
	const struct row *r = NULL;
	struct send *p = NULL;
	enum status s = ONE(tx, a, send_state_of_outbox, &r, e, T(id));
	const char *state = s == OK ? at_text(r, 2) : NULL;

	*done_r = false;
	if (s != OK || !str_eq(at_text(r, 1), "send") || !state)
		return s == GONE ? OK : s;
	if (str_eq(state, "ended"))
		return err_set(e, INPUT, "<%s> was handed over, its record is waited for", at_text(r, 3));
	*done_r = true;
	if (str_eq(state, "prepared") && !str_eq(at_text(r, 0), "taken"))
		return store_send_stop(tx, a, id, SEND_STOP_REVIEW, "dropped",
				       arena_printf(a, "dropped by %s: %s", actor, because), e);
	if (!str_eq(state, "unsure"))
		return err_set(e, INPUT, "'%s' is under way or done: nothing to change", id);
	s = store_send(tx, a, id, &p, e);
	if (s == OK)
		s = RUN(tx, send_settle, e, T(id), T("void"), I(tx->now), V_NULL, T(because));
	return s == OK ? tell(tx, a, p, "dropped", because, e) : s;
}

/* ---- templates ---- */

static enum status is_inbound(struct store_tx *tx, struct arena *a, const char *prospect, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_inbound, &r, e, T(prospect));

	return s == GONE ? err_set(e, GONE, "nobody cold gets a mail that no person has seen") : s;
}

/* Anybody can write anybody's address into a form: nobody is made to get many mails of ours. */
static enum status not_too_many(struct store_tx *tx, struct arena *a, const char *to, struct err *e)
{
	const struct inbound_limits *l = &tx->store->o.inbound;
	int in_all = l->template_per_hour ? l->template_per_hour : TEMPLATES_PER_HOUR;
	int to_domain = l->template_per_domain ? l->template_per_domain : TEMPLATES_PER_DOMAIN, n = 0;
	const char *at = to ? strrchr(to, '@') : NULL, *domain = at ? addr_registrable(a, at + 1) : "", *other;
	bool shared = domain_is_shared(tx->store, domain);
	struct rows rows;
	enum status s = ROWS(tx, a, templates_lately, &rows, e, I(tx->now - AN_HOUR), I(in_all));

	if (s == OK && rows.n >= (size_t)in_all)
		return err_set(e, GONE, "%d automatic answers went out within an hour: the others are drafts", in_all);
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		other = at_text(&rows.list[i], 0);
		if (same_mailbox(tx, a, other, to))
			return err_set(e, GONE, "%s has had an automatic answer within the hour", to);
		at = other ? strrchr(other, '@') : NULL;
		n += at && !shared && str_eq(addr_registrable(a, at + 1), domain);
	}
	return s == OK && n >= to_domain
		? err_set(e, GONE, "%d automatic answers went to %s within an hour: the others are drafts", n, domain) : s;
}

enum status store_template_may(struct store_tx *tx, struct arena *a, const char *draft_id, const char **by_r,
			       struct err *e)
{
	struct enrolment_row *row = NULL;
	const struct plan_step *st;
	const struct row *r = NULL;
	struct memory m = { .owner = NULL };
	struct draft *d = NULL;
	enum status s = store_draft(tx, a, draft_id, &d, e);

	if (s == OK)
		s = store_enrolment(tx, a, d->enrolment_id, &row, e);
	if (s != OK)
		return s;
	st = plan_step(row->plan, d->step);
	if (row->plan->authority != AUTHORITY_APPROVED_TEMPLATE || !st || str_empty(st->template) ||
	    st->channel != CHANNEL_EMAIL)
		return err_set(e, GONE, "sequence '%s' sends nothing by itself", row->sequence);
	if (!str_eq(d->state, "wanted") || !str_empty(d->message_id) || row->e.step + 1 != d->step || row->e.holds > 0 ||
	    seq_state_group(row->e.state) != SEQ_LIVE || row->e.state == SEQ_PARKED)
		return err_set(e, GONE, "the enrolment waits for something else");
	s = recall_grants(tx, a, row->owner_id, row->sequence, &m, e);
	if (s == OK && m.grant_forbids)
		return err_set(e, GONE, "'%s' is %s", row->owner_login, m.grant_forbids);
	if (s == OK)
		s = ONE(tx, a, grant_of_template, &r, e, T(row->owner_id), T(row->sequence), I(tx->now),
			T(st->template));
	if (s == GONE)
		return err_set(e, GONE, "no grant lets '%s' be sent for '%s'", st->template, row->owner_login);
	if (s == OK)
		s = is_inbound(tx, a, row->prospect_id, e);
	if (s == OK)
		s = not_too_many(tx, a, d->to ? d->to : row->address, e);
	if (s == OK)
		*by_r = arena_printf(a, "grant %s of %s", at_text(r, 0), at_text(r, 1));
	return s;
}

enum status store_template_send(struct store_tx *tx, struct arena *a, const char *draft_id, const char *content_hash,
				const char *by, struct err *e)
{
	const char *id = store_id(tx, a), *program = tx->store->o.program;
	struct draft *d = NULL;
	enum status s = store_draft(tx, a, draft_id, &d, e);
	struct event ready = { .kind = EV_DRAFT_PREPARED }, go = { .kind = EV_APPROVED };
	struct cause c = { .actor = program, .draft_id = draft_id, .evidence = by };

	if (s != OK)
		return s;
	struct draft sending = { .id = draft_id, .state = "sending" };
	s = store_draft_put(tx, a, &sending, program, e);
	ready.step = go.step = d->step;
	if (s == OK)
		s = store_step(tx, a, d->enrolment_id, &ready, &c, NULL, NULL, e);
	if (s == OK)
		s = RUN(tx, approval_of_template, e, T(id), T(d->owner_id), T(d->enrolment_id), T(d->prospect_id),
			I(d->step), T(content_hash), T(by), T("an approved template, to somebody who asked"),
			I(tx->now), T(d->to));
	if (s != OK)
		return s;
	json_t *o = json_object();
	json_put(o, "content_hash", content_hash);
	json_put_int(o, "step", d->step);
	json_put(o, "because", by);
	s = event_change(tx, a, "approved", "approval", id, d->enrolment_id, d->prospect_id, program, o, e);
	return s == OK ? store_step(tx, a, d->enrolment_id, &go, &c, NULL, NULL, e) : s;
}
