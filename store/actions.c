/* SPDX-License-Identifier: MPL-2.0
 *
 * What a step decided, carried out in its transaction: rows, outbox rows, steps of other
 * enrolments. Effects outside the store are only ever asked for here (outbox), never done.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/appointments_private.h"
#include "store/pipeline.h"
#include "store/store_private.h"
#include "store/tasks_private.h"

static enum status outbox(struct store_tx *tx, struct arena *a, const struct step_context *c,
			  const char *kind, const char *key, const char *draft_id, json_t *payload,
			  struct err *e)
{
	struct outbox o = { .kind = kind, .key = key, .owner_id = c->row->owner_id,
			    .enrolment_id = c->row->e.id, .draft_id = draft_id,
			    .payload = json_text(a, payload) };

	return store_outbox_add(tx, a, &o, tx->now, e);
}

static json_t *basics(const struct step_context *c, const struct action *act)
{
	json_t *o = json_object();

	json_put(o, "enrolment", c->row->e.id);
	json_put(o, "prospect", c->row->prospect_id);
	json_put(o, "address", c->row->address);
	json_put(o, "name", c->row->name);
	json_put(o, "sequence", c->row->sequence);
	json_put(o, "event", seq_event_name(c->ev->kind));
	json_put(o, "state", seq_state_name(c->row->e.state));
	json_put_int(o, "step", act->step);
	json_put(o, "detail", act->detail);
	json_put(o, "words", act->words);
	json_put(o, "reply", c->cause->reply_id);
	return o;
}

/* ---- drafts ---- */

static enum status draft(struct store_tx *tx, struct arena *a, const struct step_context *c,
			 const struct action *act, struct err *e);

/* A draft of this touch is out already, and there are never two. If it was to be taken out (the
 * enrolment halted and now goes on) it simply stays. */
static enum status draft_again(struct store_tx *tx, struct arena *a, const struct step_context *c,
			       const struct action *act, struct err *e)
{
	const struct row *r = NULL;
	struct draft *old = NULL;
	int64_t kept = 0;
	enum status s = ONE(tx, a, draft_out_of_step, &r, e, T(c->row->e.id), I(act->step));

	if (s != OK)
		return s == GONE ? OK : s;
	s = store_draft(tx, a, at_text(r, 0), &old, e);
	if (s == OK && !str_eq(old->owner_id, c->row->owner_id)) {
		/* it lies in the mailbox of who had the person before: it goes, and another is made */
		s = RUN(tx, draft_state, e, T(old->id), T("withdrawn"), I(tx->now));
		return s == OK ? draft(tx, a, c, act, e) : s;
	}
	if (s != OK)
		return s;
	s = CHANGE(tx, outbox_cancel_removal, &kept, e, T(at_text(r, 0)), I(tx->now));
	if (s != OK || kept == 0 || str_eq(at_text(r, 1), "wanted"))
		return s;
	struct event ev = { .kind = EV_DRAFT_PREPARED, .step = act->step };
	struct cause cause = { .actor = c->cause->actor, .draft_id = at_text(r, 0),
			       .evidence = arena_printf(a, "draft %s is still there", at_text(r, 0)) };
	s = store_step(tx, a, c->row->e.id, &ev, &cause, NULL, NULL, e);
	return s == INPUT ? OK : s;
}

static enum status draft(struct store_tx *tx, struct arena *a, const struct step_context *c,
			 const struct action *act, struct err *e)
{
	const struct row *r = NULL;
	int64_t made = 0;
	const char *id = store_id(tx, a);
	enum status s = ONE(tx, a, owner_account, &r, e, T(c->row->owner_id));

	if (s != OK && s != GONE)
		return s;
	s = CHANGE(tx, draft_insert, &made, e, T(id), T(c->row->e.id), T(c->row->owner_id),
		   T(c->row->prospect_id), I(act->step), T(r ? at_text(r, 0) : NULL), T(c->row->address),
		   I(tx->now));
	if (s != OK)
		return s;
	if (made == 0)
		return draft_again(tx, a, c, act, e);
	s = RUN(tx, desk_task_lapse, e, T(c->row->e.id), I(act->step), I(tx->now));
	if (s != OK)
		return s;
	return outbox(tx, a, c, "draft_put", arena_printf(a, "draft_put:%s", id), id, basics(c, act), e);
}

/* ---- tasks ---- */

/* A channel that is not permitted gets no task: the step is left out, and the digest says so. */
static enum status leave_out(struct store_tx *tx, struct arena *a, const struct step_context *c,
			     const struct action *act, const char *why, struct err *e)
{
	struct event ev = { .kind = EV_SKIPPED, .step = act->step, .reason = "channel", .words = why };
	struct cause cause = { .actor = c->cause->actor, .evidence = why };
	enum status s = store_step(tx, a, c->row->e.id, &ev, &cause, NULL, NULL, e);

	return s == INPUT ? OK : s;
}

static enum status task(struct store_tx *tx, struct arena *a, const struct step_context *c,
			const struct action *act, struct err *e)
{
	const struct plan_step *st = act->step > 0 ? plan_step(c->row->plan, act->step) : NULL;
	const char *text = act->words, *channel = NULL, *why = NULL;
	const char *id = store_id(tx, a);
	enum status s = OK;

	if (st != NULL && st->channel != CHANNEL_EMAIL) {
		channel = channel_name(st->channel);
		s = store_channel_allowed(tx, a, c->row->prospect_id, channel, &why, e);
		if (s == OK && why != NULL)
			return leave_out(tx, a, c, act, why, e);
		if (s == OK)
			s = tasks_text(tx, a, c->row, st, act->words, &text, e);
	} else if (str_eq(act->detail, "confirm_appointment")) {
		s = booking_confirm(tx, a, c->row->prospect_id, &text, e);
	} else if (str_eq(act->detail, "verify_referral")) {
		s = referral_task(tx, a, c, act->words, &text, e);
	}
	if (s != OK)
		return s;
	if (str_empty(text))
		text = act->detail;
	s = RUN(tx, task_insert, e, T(id), T(c->row->owner_id), T(c->row->prospect_id), T(c->row->e.id),
		T(act->detail ? act->detail : "task"), T(text ? text : "see the enrolment"), I0(act->step),
		T(channel), I(tx->now));
	if (s != OK)
		return s;
	json_t *payload = basics(c, act);
	json_put(payload, "text", text);
	json_put(payload, "because", c->event_id);
	return event_change(tx, a, "added", "task", id, c->row->e.id, c->row->prospect_id,
			    c->cause->actor, payload, e);
}

/* ---- others ---- */

static enum status step_all(struct store_tx *tx, struct arena *a, const struct step_context *c,
			    const struct rows *list, enum seq_event kind, struct err *e)
{
	struct event ev = { .kind = kind, .reason = seq_event_name(c->ev->kind), .words = c->ev->words };
	struct cause cause = { .actor = c->cause->actor, .reply_id = c->cause->reply_id,
			       .evidence = arena_printf(a, "event %s", c->event_id) };

	for (size_t i = 0; i < list->n; i++) {
		const char *id = at_text(&list->list[i], 0);
		if (strcmp(id, c->row->e.id) == 0)
			continue;
		enum status s = store_step(tx, a, id, &ev, &cause, NULL, NULL, e);
		if (s != OK && s != INPUT)	/* one that cannot be stopped that way is stopped already */
			return s;
	}
	return OK;
}

static enum status pause_company(struct store_tx *tx, struct arena *a, const struct step_context *c,
				 struct err *e)
{
	struct rows list = { 0, NULL };
	const char *domain = strrchr(c->row->address ? c->row->address : "", '@');
	enum status s = OK;

	if (c->row->company_id != NULL)
		s = ROWS(tx, a, enrolments_of_company, &list, e, T(c->row->company_id));
	if (s == OK)
		s = step_all(tx, a, c, &list, EV_COMPANY_PAUSE, e);
	if (s != OK || domain == NULL)
		return s;
	domain = addr_registrable(a, domain + 1);
	if (domain_is_shared(tx->store, domain) || domain_is_own(tx->store, domain))
		return OK;
	s = ROWS(tx, a, enrolments_of_domain, &list, e, T(domain));
	return s == OK ? step_all(tx, a, c, &list, EV_COMPANY_PAUSE, e) : s;
}

static enum status suppress_one(struct store_tx *tx, struct arena *a, const struct step_context *c,
				const struct action *act, const char *address, struct err *e)
{
	struct suppression sup = { .kind = "address", .subject = address, .reason = act->detail,
				   .owner_id = c->row->owner_id,
				   .evidence = c->cause->evidence ? c->cause->evidence
						: arena_printf(a, "event %s", c->event_id) };

	return store_suppress(tx, a, &sup, c->cause->actor, true, NULL, e);
}

/* What a person asks for counts for every address of theirs; a dead address is only that one. */
static enum status suppress(struct store_tx *tx, struct arena *a, const struct step_context *c,
			    const struct action *act, struct err *e)
{
	struct rows list;
	bool one = str_eq(act->detail, "hard_bounce") || str_eq(act->detail, "invalid_recipient");
	const char *address = c->cause->address ? c->cause->address : c->row->address;
	enum status s = OK;

	if (address != NULL)
		s = suppress_one(tx, a, c, act, address, e);
	if (s != OK || one)
		return s;
	s = ROWS(tx, a, prospect_addresses, &list, e, T(c->row->prospect_id));
	for (size_t i = 0; s == OK && i < list.n; i++)
		if (!str_eq(at_text(&list.list[i], 0), address))
			s = suppress_one(tx, a, c, act, at_text(&list.list[i], 0), e);
	return s;
}

/* Few stages move by themselves (stage_check()); every other one is a person's decision, and stays. */
enum status stage_move(struct store_tx *tx, struct arena *a, const char *prospect_id,
		       const char *stage, const char *why, const char *actor, struct err *e)
{
	enum status s = store_stage(tx, a, prospect_id, stage, STAGE_BY_EVENT, why, actor, e);

	return s == INPUT || s == GONE ? OK : s;
}

/* The owner is away: whoever stands in reads the same note at once, not when they come back. */
static enum status tell_stand_in(struct store_tx *tx, struct arena *a, const struct step_context *c, const char *key,
				 const json_t *note, struct err *e)
{
	struct absence away;
	enum status s = store_absence(tx, a, c->row->owner_id, tx->now, &away, e);

	if (s != OK || !away.now || !away.stand_in_id)
		return s == GONE ? OK : s;
	json_t *copy = json_deep_copy(note);
	json_put(copy, "owner", away.stand_in);
	struct outbox o = { .kind = "notify", .key = arena_printf(a, "%s:stand_in", key), .owner_id = away.stand_in_id,
			    .enrolment_id = c->row->e.id, .payload = json_text(a, copy) };

	return store_outbox_add(tx, a, &o, tx->now, e);
}

static enum status tell(struct store_tx *tx, struct arena *a, const struct step_context *c,
			const struct action *act, bool escalate, struct err *e)
{
	const char *key = arena_printf(a, "%s:%s", escalate ? "escalate" : "notify", c->event_id);
	json_t *note = NULL;
	enum status s = handoff_json(tx, a, c, act, &note, e);

	if (s != OK)
		return s;
	if (escalate)
		json_object_set_new(note, "escalate", json_true());
	s = tell_stand_in(tx, a, c, key, note, e);
	if (s != OK) {
		json_decref(note);
		return s;
	}
	return outbox(tx, a, c, "notify", key, NULL, note, e);
}

/* A mail that the server did not take is the same row, a while later: 5 minutes, 10 minutes. */
static enum status send_approved(struct store_tx *tx, struct arena *a, const struct step_context *c,
				 const struct action *act, struct err *e)
{
	const char *draft_id = c->cause->draft_id, *key;
	const struct row *r = NULL;
	enum status s = ONE(tx, a, approval_latest, &r, e, T(c->row->e.id), I(act->step));

	if (s == GONE)
		return err_set(e, INPUT, "nothing approved for step %d of enrolment '%s'", act->step,
			       c->row->e.id);
	if (s != OK)
		return s;
	key = arena_printf(a, "send:%s", at_text(r, 0));
	if (c->ev->kind == EV_SEND_FAILED)
		return RUN(tx, send_again, e, T(key), I(tx->now + 300 * c->row->e.send_failures),
			   T(c->ev->words));
	json_t *payload = basics(c, act);
	json_put(payload, "draft", at_text(r, 3));
	json_put(payload, "approval", at_text(r, 0));
	json_put(payload, "content_hash", at_text(r, 1));
	if (at_text(r, 3))
		draft_id = at_text(r, 3);
	if (!draft_id) {
		s = ONE(tx, a, draft_out_of_step, &r, e, T(c->row->e.id), I(act->step));
		if (s != OK && s != GONE)
			return s;
		draft_id = s == OK ? at_text(r, 0) : NULL;
	}
	return outbox(tx, a, c, "send", key, draft_id, payload, e);
}

static enum status act_one(struct store_tx *tx, struct arena *a, const struct step_context *c,
			   const struct action *act, struct err *e)
{
	struct rows list;
	enum status s;

	switch (act->kind) {
	case ACT_DRAFT:
		return draft(tx, a, c, act, e);
	case ACT_DRAFT_REMOVE:
		return drafts_withdraw(tx, a, c->row->e.id, seq_event_name(c->ev->kind), e);
	case ACT_SEND:
		return send_approved(tx, a, c, act, e);
	case ACT_SEND_CANCEL:
		return RUN(tx, outbox_cancel_sends, e, T(c->row->e.id), I(tx->now));
	case ACT_TASK:
		return task(tx, a, c, act, e);
	case ACT_NOTIFY:
		return tell(tx, a, c, act, false, e);
	case ACT_ESCALATE:
		return tell(tx, a, c, act, true, e);
	case ACT_DIGEST:
		return outbox(tx, a, c, "digest", arena_printf(a, "digest:%s:%s", c->event_id,
			      act->detail ? act->detail : "-"), NULL, basics(c, act), e);
	case ACT_SUPPRESS:
		return suppress(tx, a, c, act, e);
	case ACT_STOP_OTHERS:
		s = ROWS(tx, a, enrolments_live_of_prospect, &list, e, T(c->row->prospect_id));
		return s == OK ? step_all(tx, a, c, &list, EV_CROSS_STOP, e) : s;
	case ACT_PAUSE_COMPANY:
		return pause_company(tx, a, c, e);
	case ACT_STAGE:
		return stage_move(tx, a, c->row->prospect_id, act->detail,
				  arena_printf(a, "%s (event %s)", seq_event_name(c->ev->kind),
					       c->event_id), c->cause->actor, e);
	case ACT_COUNT:
		break;
	}
	return err_set(e, SYS, "an action without meaning");
}

enum status actions_do(struct store_tx *tx, struct arena *a, const struct step_context *c,
		       const struct actions *list, struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		enum status s = act_one(tx, a, c, &list->list[i], e);
		if (s != OK)
			return s;
	}
	return OK;
}
