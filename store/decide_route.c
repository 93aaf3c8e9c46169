/* SPDX-License-Identifier: MPL-2.0
 *
 * Another owner takes a prospect over: enrolment, person, tasks and items; what lies in the old owner's Drafts goes,
 * and the new owner gets a hand-off note and, where one was out, a draft of their own.
 */
#include "config.h"

#include "base/str.h"
#include "store/decide_private.h"

static enum status new_owner(struct deciding *g, struct memory_owner **out_r, struct err *e)
{
	enum status s;

	if (str_empty(g->argument))
		return err_set(e, INPUT, "say to whom: the login or address of the rep");
	s = store_owner(g->tx, g->a, g->argument, out_r, e);
	if (s == GONE)
		return err_set(e, INPUT, "there is no owner '%s'", g->argument);
	if (s == OK && str_eq((*out_r)->id, g->out->owner_id))
		return err_set(e, INPUT, "this is %s's already", (*out_r)->login);
	return s;
}

static enum status change_owner(struct deciding *g, const char *owner, struct err *e)
{
	const char *person = g->out->prospect_id;
	enum status s = OK;

	if (g->en)
		s = RUN(g->tx, desk_route_enrolment, e, T(g->en->e.id), T(owner), I(g->tx->now));
	if (s == OK && g->en)
		s = RUN(g->tx, desk_route_tasks, e, T(g->en->e.id), T(owner), I(g->tx->now));
	if (s == OK && g->en)
		s = RUN(g->tx, desk_route_reviews, e, T(g->en->e.id), T(owner));
	if (s == OK && g->kind == 'T')
		s = RUN(g->tx, desk_route_task, e, T(g->out->item), T(owner), I(g->tx->now));
	if (s == OK && g->kind == 'R')
		s = RUN(g->tx, desk_route_review, e, T(g->out->item), T(owner));
	if (s == OK && person)
		s = RUN(g->tx, desk_route_prospect, e, T(person), T(owner), I(g->tx->now));
	return s;
}

static enum status hand_off(struct deciding *g, const char *from, const struct memory_owner *to, struct err *e)
{
	struct event ev = { .kind = EV_DECISION, .reason = "routed", .words = g->d->because };
	struct cause cause = { .actor = g->d->by, .evidence = g->d->because, .reply_id = g->reply_id };
	struct action act = { .kind = ACT_NOTIFY, .detail = "routed", .words = g->d->because };
	const char *key = store_id(g->tx, g->a);
	struct step_context c = { .ev = &ev, .cause = &cause, .event_id = key, .before = g->out->before };
	struct outbox o = { .kind = "notify", .owner_id = to->id, .key = arena_printf(g->a, "notify:%s", key) };
	struct enrolment_row *row = NULL;
	json_t *note = NULL;
	enum status s;

	if (!g->en)
		return OK;
	s = store_enrolment(g->tx, g->a, g->en->e.id, &row, e);
	c.row = row;
	if (s == OK)
		s = handoff_json(g->tx, g->a, &c, &act, &note, e);
	if (s != OK)
		return s;
	json_put(note, "routed_from", from);
	o.enrolment_id = g->en->e.id;
	o.payload = json_text(g->a, note);
	return store_outbox_add(g->tx, g->a, &o, g->tx->now, e);
}

enum status decide_route(struct deciding *g, struct err *e)
{
	struct event ev = { .kind = EV_DECISION, .target = SEQ_DRAFTING, .reason = "routed", .words = g->d->because };
	enum seq_state state = g->en ? g->en->e.state : SEQ_STATE_COUNT;
	const struct row *old = NULL;
	struct memory_owner *to = NULL;
	bool drafted = false;
	enum status s = new_owner(g, &to, e);

	if (s == OK && g->out->owner_id)
		s = ONE(g->tx, g->a, desk_owner, &old, e, T(g->out->owner_id));
	if (s == GONE && to)
		s = OK;
	if (s != OK)
		return s;
	if (g->draft_id && state != SEQ_STATE_COUNT) {
		drafted = state == SEQ_AWAITING_APPROVAL || state == SEQ_READY_TO_SEND || state == SEQ_DRAFTING ||
			  state == SEQ_FOLLOW_UP_DUE;
		s = draft_take_out(g->tx, g->a, g->draft_id, "another owner takes it over", e);
	}
	if (s == OK && g->en)
		s = approvals_void(g->tx, g->a, g->en, "another owner", g->d->by, e);
	if (s == OK)
		s = change_owner(g, to->id, e);
	if (s == OK && drafted)
		s = decide_step(g, &ev, e);
	if (s == OK)
		s = hand_off(g, old ? at_text(old, 1) : NULL, to, e);
	g->out->sentence = arena_printf(g->a, "%s takes it over%s", to ? to->login : "-",
		drafted ? ", with a draft of their own"
					: "");
	return s;
}
