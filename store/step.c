/* SPDX-License-Identifier: MPL-2.0
 *
 * The only way an enrolment changes: load, seq_step(), save, event, and what the step decided, all
 * in the transaction of the caller. No other file writes to the table of enrolments but by the
 * statements used here.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "store/decide_private.h"
#include "store/suppression.h"
#include "store/tasks_private.h"

enum { STEP_DEPTH_MAX = 4 };	/* a step that stops others, whose steps stop others ... */

static enum seq_state state_named(const char *name)
{
	enum seq_state st = SEQ_HUMAN_REVIEW;

	if (name == NULL)
		return SEQ_NOT_STARTED;
	seq_state_from_name(name, &st);
	return st;
}

/* The first 25 columns of enrolment_load and recall_enrolment, in this order. */
void enrolment_from_row(struct arena *a, const struct row *r, struct enrolment *out_r)
{
	const char *id = at_text(r, 0);

	(void)a;
	*out_r = (struct enrolment){
		.state = state_named(at_text(r, 1)),
		.step = (int)at_int(r, 2),
		.touches = (int)at_int(r, 3),
		.started = (time_t)at_int(r, 4),
		.last_touch = (time_t)at_int(r, 5),
		.due = (time_t)at_int(r, 6),
		.zone = at_text(r, 7),
		.holds = (int)at_int(r, 8),
		.held_since = (time_t)at_int(r, 9),
		.pause_reason = at_text(r, 10),
		.pause_words = at_text(r, 11),
		.resume_state = state_named(at_text(r, 12)),
		.resume_due = (time_t)at_int(r, 13),
		.reason = at_text(r, 14),
		.away_count = (int)at_int(r, 15),
		.soft_bounces = (int)at_int(r, 16),
		.soft_bounce_first = (time_t)at_int(r, 17),
		.send_failures = (int)at_int(r, 18),
		.draft_out = at_int(r, 19) != 0,
		.prev_state = state_named(at_text(r, 20)),
		.prev_step = (int)at_int(r, 21),
		.prev_due = (time_t)at_int(r, 22),
		.prev_last_touch = (time_t)at_int(r, 23),
		.version = at_int(r, 24),
	};
	if (id != NULL)
		memcpy(out_r->id, id, strnlen(id, ID_SIZE - 1));
}

enum status store_enrolment(struct store_tx *tx, struct arena *a, const char *id,
			    struct enrolment_row **out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, enrolment_load, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no enrolment '%s'", id);
	if (s != OK)
		return s;
	struct enrolment_row *row = arena_new_of(a, struct enrolment_row);
	enrolment_from_row(a, r, &row->e);
	s = plan_by_id(tx, at_text(r, 25), &row->plan, e);
	row->prospect_id = at_text(r, 26);
	row->owner_id = at_text(r, 27);
	row->thread_subject = at_text(r, 28);
	row->owner_login = at_text(r, 29);
	row->address = at_text(r, 30);
	row->name = at_text(r, 31);
	row->company_id = at_text(r, 32);
	row->sequence = at_text(r, 33);
	row->last_message_id = at_text(r, 34);
	const char *refs = at_text(r, 35);
	row->references = refs == NULL ? row->last_message_id
			: row->last_message_id == NULL ? refs
			: arena_printf(a, "%s %s", refs, row->last_message_id);
	*out_r = row;
	return s;
}

static enum status save(struct store_tx *tx, const struct enrolment *n, int64_t version, struct err *e)
{
	int64_t changed = 0;
	enum status s = CHANGE(tx, enrolment_save, &changed, e, T(n->id), I(version),
		T(seq_state_name(n->state)), I(n->step), I(n->touches), I(n->last_touch), I(n->due),
		T(n->zone), I(n->holds), I(n->held_since), T(n->pause_reason), T(n->pause_words),
		T(seq_state_name(n->resume_state)), I(n->resume_due), T(n->reason), I(n->away_count),
		I(n->soft_bounces), I(n->soft_bounce_first), I(n->send_failures), I(n->draft_out),
		T(seq_state_name(n->prev_state)), I(n->prev_step), I(n->prev_due),
		I(n->prev_last_touch), I(n->version), I(tx->now));

	if (s == INPUT)		/* the only thing the schema can refuse here */
		return err_set(e, INPUT, "the enrolment '%s' cannot go on: its prospect is live in another "
			       "sequence", n->id);
	if (s == OK && changed != 1)
		return err_set(e, AGAIN, "the enrolment '%s' was changed by somebody else", n->id);
	return s;
}

static json_t *cause_json(const struct cause *c, json_t *o)
{
	json_put(o, "evidence", c->evidence);
	json_put(o, "reply", c->reply_id);
	json_put(o, "touch", c->touch_id);
	json_put(o, "draft", c->draft_id);
	json_put(o, "address", c->address);
	return o;
}

static json_t *actions_json(const struct actions *list)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->n; i++) {
		json_t *o = json_object();
		json_put(o, "kind", seq_action_name(list->list[i].kind));
		json_put_int(o, "step", list->list[i].step);
		json_put(o, "detail", list->list[i].detail);
		json_put(o, "words", list->list[i].words);
		json_array_append_new(all, o);
	}
	return all;
}

/* A step that the table refuses is a fact too, if the caller keeps its transaction. */
static enum status refused(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			   const struct event *ev, const struct cause *c, const struct err *why,
			   struct err *e)
{
	json_t *payload = json_object();
	struct err ignored;

	json_object_set_new(payload, "event", event_json(ev));
	json_put(payload, "state", seq_state_name(row->e.state));
	json_put(payload, "why", why->text);
	cause_json(c, payload);
	log_warn(row->e.id, "refused", "event", seq_event_name(ev->kind), "state",
		 seq_state_name(row->e.state), "actor", c->actor);
	event_change(tx, a, "refused", "enrolment", row->e.id, row->e.id, row->prospect_id, c->actor,
		     payload, &ignored);
	if (e != NULL)
		*e = *why;
	return INPUT;
}

enum status store_step(struct store_tx *tx, struct arena *a, const char *enrolment,
		       const struct event *ev, const struct cause *c, enum seq_state *before_r,
		       enum seq_state *after_r, struct err *e)
{
	struct enrolment_row *row = NULL;
	struct actions list = { .n = 0 };
	struct err why;
	enum status s = store_enrolment(tx, a, enrolment, &row, e);

	if (s != OK)
		return s;
	struct enrolment next = row->e;
	enum seq_state before = row->e.state;
	s = seq_step(row->plan, &next, ev, tx->now, &list, &why);
	if (before_r != NULL)
		*before_r = before;
	if (after_r != NULL)
		*after_r = next.state;
	if (s != OK)
		return refused(tx, a, row, ev, c, &why, e);
	next.version = row->e.version + 1;
	s = save(tx, &next, row->e.version, e);
	if (s != OK)
		return s;

	json_t *payload = json_object();
	json_object_set_new(payload, "event", event_json(ev));
	json_put(payload, "before", seq_state_name(before));
	json_object_set_new(payload, "after", enrolment_json(&next));
	json_object_set_new(payload, "actions", actions_json(&list));
	cause_json(c, payload);
	struct event_new record = { .kind = seq_event_name(ev->kind), .entity = "enrolment",
				    .entity_id = enrolment, .enrolment_id = enrolment,
				    .prospect_id = row->prospect_id, .actor = c->actor,
				    .payload = json_text(a, payload) };
	const char *event_id = NULL;
	s = event_write(tx, a, &record, &event_id, e);
	if (s == OK)
		s = tasks_settle(tx, a, row, &next, ev, c->actor, e);
	if (s == OK && ev->kind == EV_TOUCH)	/* what the owner was to send, the owner sent */
		s = RUN(tx, desk_approvals_sent, e, T(enrolment), I(next.step), I(tx->now));
	if (s == OK && approval_ends(ev->kind))
		s = approvals_void(tx, a, row, seq_event_name(ev->kind), c->actor, e);
	if (s == OK && (ev->kind != EV_DUE || next.state == SEQ_FOLLOW_UP_DUE || next.state == SEQ_DRAFTING))
		s = proposal_follow(tx, a, row->prospect_id, ev, row->plan, next.step, c, e);
	if (s != OK || list.n == 0)
		return s;
	if (tx->depth >= STEP_DEPTH_MAX)
		return err_set(e, SYS, "steps of enrolment '%s' cause each other without end", enrolment);
	row->e = next;
	struct step_context context = { .row = row, .ev = ev, .cause = c, .event_id = event_id,
					.before = before };
	tx->depth++;
	s = actions_do(tx, a, &context, &list, e);
	tx->depth--;
	return s;
}

static enum status ids(struct arena *a, const struct rows *rows, const char ***ids_r, size_t *n_r)
{
	const char **list = arena_array(a, const char *, rows->n + 1);

	for (size_t i = 0; i < rows->n; i++)
		list[i] = at_text(&rows->list[i], 0);
	*ids_r = list;
	*n_r = rows->n;
	return OK;
}

enum status store_due(struct store_tx *tx, struct arena *a, time_t now, size_t max,
		      const char ***ids_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = mark_guard(tx, a, e);

	*n_r = 0;
	if (s == AGAIN && atomic_load(&tx->store->lost))	/* told once, by the guard */
		return OK;
	if (s == OK)
		s = ROWS(tx, a, enrolments_due, &rows, e, I(now), I((int64_t)max));

	return s == OK ? ids(a, &rows, ids_r, n_r) : s;
}

enum status store_held(struct store_tx *tx, struct arena *a, time_t before, size_t max,
		       const char ***ids_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, enrolments_held, &rows, e, I(before), I((int64_t)max));

	return s == OK ? ids(a, &rows, ids_r, n_r) : s;
}
