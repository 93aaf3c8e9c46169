/* SPDX-License-Identifier: MPL-2.0
 *
 * Who may send what: approvals of exact contents, grants of owners, and whom a program sends for.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "policy/policy.h"
#include "store/decide_private.h"
#include "store/rates.h"

enum { LIFT_WAITS = 7 * 86400 };	/* so long a first person's word stands */

static enum status approval(struct store_tx *tx, struct arena *a, const char *hash, struct memory *m,
			    const char **owner_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = str_empty(hash) ? GONE : ONE(tx, a, approval_by_hash, &r, e, T(hash));

	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_approval *ap = arena_new_of(a, struct memory_approval);
	const char *decision = at_text(r, 5);
	*ap = (struct memory_approval){
		.id = at_text(r, 0), .enrolment = at_text(r, 2), .prospect = at_text(r, 3),
		.step = (int)at_int(r, 4), .by = at_text(r, 6), .at = (time_t)at_int(r, 7),
		.expires = (time_t)at_int(r, 8), .used = at_int(r, 9) != 0, .void_ = at_int(r, 10) != 0,
		.approves = str_eq(decision, "approve") || str_eq(decision, "edit_and_approve"),
	};
	m->approval = ap;
	*owner_r = at_text(r, 1);
	return OK;
}

static enum status by_id(struct store_tx *tx, struct arena *a, const char *id, struct memory_owner **out_r,
			 struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, owner_login, &r, e, T(id));

	return s == OK ? store_owner(tx, a, at_text(r, 0), out_r, e) : s;
}

enum status recall_automation(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			      struct memory_owner **owner_r, struct err *e)
{
	const char *from = q->message && q->message->from_n ? q->message->from[0].key : NULL, *approved = NULL;
	enum status s = approval(tx, a, q->content_hash, m, &approved, e);

	if (s != OK)
		return s;
	s = approved ? by_id(tx, a, approved, owner_r, e) : GONE;
	if (s == GONE && !str_empty(q->sender))
		s = store_owner(tx, a, q->sender, owner_r, e);
	if (s == GONE && from)
		s = store_owner(tx, a, from, owner_r, e);
	if (s == GONE && !str_empty(q->login))
		s = store_owner(tx, a, q->login, owner_r, e);
	if (s != GONE)
		return s;
	*owner_r = arena_new_of(a, struct memory_owner);	/* nobody: still not let past */
	(*owner_r)->login = q->login;
	return OK;
}

enum status recall_grants(struct store_tx *tx, struct arena *a, const char *owner_id, const char *sequence,
			  struct memory *m, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_grants, &rows, e, T(owner_id), T(sequence ? sequence : "*"), I(tx->now));

	m->grant_templates = s == OK ? arena_array(a, const char *, rows.n) : NULL;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const char *authority = at_text(&rows.list[i], 0), *template = at_text(&rows.list[i], 2);

		if (str_eq(authority, "approved_template") && str_empty(template))
			m->grant_template = true;
		else if (str_eq(authority, "approved_template"))
			m->grant_templates[m->grant_templates_n++] = template;
		m->grant_sends = m->grant_sends || str_eq(authority, "approved_template") ||
				 str_eq(authority, "human_approved");
		if (str_eq(authority, "restricted") || str_eq(authority, "research_only"))
			m->grant_forbids = authority;
	}
	const struct row *r = NULL;
	if (s != OK || m->prospects_n == 0 || m->prospects[0].id == NULL)
		return s;
	s = ONE(tx, a, recall_inbound, &r, e, T(m->prospects[0].id));
	m->inbound = s == OK;
	return s == GONE ? OK : s;
}

enum status store_approval_used(struct store_tx *tx, const char *id, struct err *e)
{
	return RUN(tx, approval_used, e, T(id), I(tx->now));
}

enum status store_approve(struct store_tx *tx, struct arena *a, const struct approval_new *ap,
			  const char **id_r, struct err *e)
{
	struct enrolment_row *row = NULL;
	const char *id = store_id(tx, a);
	bool two = false;
	enum status s = store_enrolment(tx, a, ap->enrolment_id, &row, e);

	if (s != OK)
		return s;
	int step = ap->step ? ap->step : row->e.step + 1;
	if (str_empty(ap->content_hash))
		return err_set(e, INPUT, "this mail has parts that nobody can read: it cannot be approved");
	if (plan_step(row->plan, step) == NULL)
		return err_set(e, INPUT, "'%s' has no step %d", row->sequence, step);
	s = desk_needs_two(tx, a, row->prospect_id, &two, e);
	if (s == OK && two)
		return err_set(e, INPUT, "mail to this person is approved by two: 'relentctl review approve', each of them");
	if (s != OK)
		return s;
	s = RUN(tx, approval_add, e, T(id), T(row->owner_id), T(row->e.id), T(row->prospect_id), I(step),
		T(ap->content_hash), T(ap->by), T(ap->because), I(tx->now), I0(ap->expires));
	if (s != OK)
		return s;
	json_t *o = json_object();
	json_put(o, "content_hash", ap->content_hash);
	json_put_int(o, "step", step);
	json_put(o, "because", ap->because);
	json_put_int(o, "expires", ap->expires);
	if (id_r != NULL)
		*id_r = id;
	return event_change(tx, a, "approved", "approval", id, row->e.id, row->prospect_id, ap->by, o, e);
}

/* ---- their end ---- */

/* What is heard of the person, what a person decides, what another sequence does: the approval was given without
 * knowing it. The clock, the MTA and a mail not yet read change nothing of what was seen (a hold keeps every mail
 * back by itself). */
bool approval_ends(enum seq_event ev)
{
	switch (ev) {
	case EV_ENROLLED: case EV_RESEARCHED: case EV_DRAFT_PREPARED: case EV_APPROVED: case EV_TOUCH: case EV_QUEUED:
	case EV_TAKEN_BACK: case EV_DUE: case EV_HOLD: case EV_NOTICE: case EV_LAPSED: case EV_SEND_FAILED:
	case EV_POSTPONED:
		return false;
	case EV_TOUCH_MANUAL: case EV_CONVERSATION: case EV_HOLD_EXPIRED: case EV_INTERESTED: case EV_QUESTION:
	case EV_OBJECTION: case EV_NOT_NOW: case EV_NOT_A_FIT: case EV_REFERRAL: case EV_BOOKED: case EV_APPOINTMENT:
	case EV_CANCELLED:
	case EV_UNSUBSCRIBE: case EV_COMPLAINT: case EV_AWAY: case EV_LEFT: case EV_BOUNCE_HARD: case EV_BOUNCE_SOFT:
	case EV_UNCLEAR: case EV_COLLEAGUE: case EV_PAUSE: case EV_STOP: case EV_UNCERTAIN: case EV_DO_NOT_CONTACT:
	case EV_CROSS_STOP: case EV_COMPANY_PAUSE: case EV_RESUME: case EV_DECISION: case EV_SKIPPED: case EV_TASK_DONE:
	case EV_COUNT:
		break;
	}
	return true;
}

static enum status void_event(struct store_tx *tx, struct arena *a, const char *id, const char *enrolment,
			      const char *prospect, const char *why, const char *actor, struct err *e)
{
	json_t *o = json_object();

	json_put(o, "why", why);
	return event_change(tx, a, "void", "approval", id, enrolment, prospect, actor, o, e);
}

enum status approvals_void(struct store_tx *tx, struct arena *a, const struct enrolment_row *row, const char *why,
			   const char *actor, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, desk_approvals_open, &rows, e, T(row->e.id));

	if (s != OK || rows.n == 0)
		return s;
	s = RUN(tx, desk_approvals_void, e, T(row->e.id), I(tx->now), T(why));
	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = void_event(tx, a, at_text(&rows.list[i], 0), row->e.id, row->prospect_id, why, actor, e);
	return s;
}

/* Without an approval nothing is ready to send: it waits for one again. */
static enum status wait_again(struct store_tx *tx, struct arena *a, const char *enrolment, const char *why,
			      const char *actor, struct err *e)
{
	struct event ev = { .kind = EV_DRAFT_PREPARED };
	struct cause c = { .actor = actor, .evidence = why };
	struct enrolment_row *row = NULL;
	enum status s = enrolment ? store_enrolment(tx, a, enrolment, &row, e) : OK;

	if (s == OK && row && row->e.state == SEQ_READY_TO_SEND)
		s = store_step(tx, a, row->e.id, &ev, &c, NULL, NULL, e);
	return s == GONE || s == INPUT ? OK : s;
}

enum status approvals_content(struct store_tx *tx, struct arena *a, const struct draft_now *was, const char *actor,
			      struct err *e)
{
	struct draft_now d;
	struct rows rows;
	const char *hash;
	enum status s = draft_now(tx, a, was->id, &d, e);

	if (s != OK || str_eq(d.state, "gone") || (str_eq(d.to, was->to) && str_eq(d.subject, was->subject) &&
						   str_eq(d.text, was->text)))
		return s;
	s = ROWS(tx, a, desk_approvals_of_draft, &rows, e, T(d.id));
	if (s != OK || rows.n == 0)
		return s;
	hash = policy_plain_hash(a, d.from, d.to, d.subject, d.text);
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		if (str_eq(at_text(r, 2), hash))
			continue;
		s = RUN(tx, desk_approval_void, e, T(at_text(r, 0)), I(tx->now), T("the draft was changed"));
		if (s == OK)
			s = void_event(tx, a, at_text(r, 0), at_text(r, 1), d.prospect_id, "the draft was changed",
				actor, e);
		if (s == OK)
			s = wait_again(tx, a, at_text(r, 1), "the draft was changed", actor, e);
	}
	return s;
}

enum status store_approvals_expire(struct store_tx *tx, struct arena *a, size_t max, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, desk_approvals_over, &rows, e, I(tx->now), I((int64_t)max));

	*n_r = 0;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		s = RUN(tx, desk_approval_void, e, T(at_text(r, 0)), I(tx->now), T("expired"));
		if (s == OK)
			s = void_event(tx, a, at_text(r, 0), at_text(r, 1), NULL, "expired", "clock", e);
		if (s == OK)
			s = wait_again(tx, a, at_text(r, 1), arena_printf(a, "approval %s has run out", at_text(r,
				0)), "clock", e);
		*n_r += s == OK;
	}
	return s;
}

/* ---- two persons for what the law asked for ---- */

enum status store_lift(struct store_tx *tx, struct arena *a, const char *suppression, const char *by,
		       const char *because, const char *consent, bool *waits_r, struct err *e)
{
	const struct row *r = NULL, *first = NULL;
	enum status s = ONE(tx, a, suppression_get, &r, e, T(suppression));
	bool legal = s == OK && str_eq(at_text(r, 2), "legal");

	*waits_r = false;
	if (s != OK && s != GONE)
		return s;
	if (!legal || desk_rules_of(tx)->one_for_legal)
		return store_suppress_lift(tx, a, suppression, by, because, consent, e);
	if (str_empty(because))
		return err_set(e, INPUT, "a suppression is lifted only with a reason");
	s = ONE(tx, a, decision_first, &first, e, T(suppression), T("lift"), I(tx->now - LIFT_WAITS));
	if (s != OK && s != GONE)
		return s;
	if (s == OK && !desk_same_person(at_text(first, 1), by)) {
		s = RUN(tx, decision_first_done, e, T(suppression), T("lift"));
		return s == OK ? store_suppress_lift(tx, a, suppression, by, because, arena_printf(a, "%s and %s%s%s",
				at_text(first, 1), by, str_empty(consent) ? "" : "; ", consent ? consent : ""), e) : s;
	}
	*waits_r = true;
	if (s == OK)
		return OK;		/* the same person once more */
	s = RUN(tx, decision_add, e, T(store_id(tx, a)), T("suppression"), T(suppression), T("lift"), V_NULL, T(because),
		T("first"), V_NULL, T(by), T("relentctl"), V_NULL, V_NULL, I(tx->now), V_NULL, V_NULL, T(at_text(r, 3)),
		V_NULL, V_NULL, V_NULL, V_NULL, V_NULL, V_NULL);
	json_t *o = json_object();
	json_put(o, "because", because);
	json_put(o, "reason", at_text(r, 2));
	if (s != OK) {
		json_decref(o);
		return s;
	}
	return event_change(tx, a, "lift_asked", "suppression", suppression, NULL, at_text(r, 3), by, o, e);
}
