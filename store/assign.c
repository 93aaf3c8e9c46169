/* SPDX-License-Identifier: MPL-2.0
 *
 * Who a person belongs to, and when the next step has to wait: another owner, an absence, a date from a call.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/pipeline.h"
#include "store/store_private.h"

enum { SPREAD_DAYS = 60, OPEN_END = 86400 };

/* ---- another owner ---- */

static enum status put_off_now(struct store_tx *tx, struct arena *a, const char *enrolment, const char *reason,
			       time_t until, const char *evidence, const char *actor, struct err *e)
{
	struct event ev = { .kind = EV_POSTPONED, .reason = reason, .until = until };
	struct cause c = { .actor = actor, .evidence = evidence };
	enum status s = store_step(tx, a, enrolment, &ev, &c, NULL, NULL, e);

	return s == INPUT ? OK : s;
}

static bool asked_for(const char *state)
{
	return str_eq(state, "drafting") || str_eq(state, "awaiting_approval") || str_eq(state, "ready_to_send") ||
	       str_eq(state, "follow_up_due");
}

/* What waits for the old owner goes with the person; a draft in the old mailbox is taken out and made again. */
static enum status move_enrolment(struct store_tx *tx, struct arena *a, const struct row *r, const char *to,
				  const char *evidence, const char *actor, struct err *e)
{
	const char *id = row_text(r, "id");
	enum status s = OK;

	if (asked_for(row_text(r, "state")))
		s = put_off_now(tx, a, id, "reassigned", tx->now, evidence, actor, e);
	return s == OK ? RUN(tx, pipeline_enrolment_owner, e, T(id), T(to), I(tx->now)) : s;
}

enum status store_assign(struct store_tx *tx, struct arena *a, const char *prospect, const char *to,
			 const char *because, const char *actor, struct err *e)
{
	const struct row *person = NULL, *owner = NULL;
	struct rows list;
	enum status s = ONE(tx, a, pipeline_person, &person, e, T(prospect));

	if (s == GONE)
		return err_set(e, GONE, "there is no prospect '%s'", prospect);
	if (s != OK)
		return s;
	s = ONE(tx, a, pipeline_owner, &owner, e, T(to), T(str_lower(a, to)));
	if (s == GONE)
		return err_set(e, INPUT, "there is no owner '%s'", to);
	if (s == OK && row_int(owner, "active") == 0)
		return err_set(e, INPUT, "'%s' is no active owner any more", row_text(owner, "login"));
	if (s == OK && str_empty(because))
		return err_set(e, INPUT, "say why");
	if (s != OK)
		return s;
	const char *id = row_text(owner, "id"), *old = row_text(person, "owner_id");
	if (str_eq(id, old))
		return OK;
	struct field f = { "owner_id", id };
	s = store_put(tx, a, "prospect", prospect, &f, 1, actor, NULL, e);
	if (s == OK)
		s = ROWS(tx, a, pipeline_live_of_prospect, &list, e, T(prospect));
	for (size_t i = 0; s == OK && i < list.n; i++)
		s = move_enrolment(tx, a, &list.list[i], id, because, actor, e);
	if (s == OK && old != NULL)
		s = RUN(tx, pipeline_task_owner, e, T(prospect), T(old), T(id), I(tx->now));
	if (s == OK && old != NULL)
		s = RUN(tx, pipeline_review_owner, e, T(prospect), T(old), T(id));
	json_t *payload = json_object();
	json_put(payload, "before", row_text(person, "login"));
	json_put(payload, "after", row_text(owner, "login"));
	json_put(payload, "because", because);
	if (s != OK) {
		json_decref(payload);
		return s;
	}
	return event_change(tx, a, "assigned", "prospect", prospect, NULL, prospect, actor, payload, e);
}

/* ---- not yet ---- */

/* A day on which the owner's cap has room: what waited during an absence is spread, and nothing piles up. */
static enum status slot(struct store_tx *tx, struct arena *a, const struct enrolment_row *row, time_t from,
			int per_day, time_t *out_r, struct err *e)
{
	const char *zone = row->e.zone ? row->e.zone : "UTC";
	time_t at = when_next_open(from, &row->plan->window, zone);
	enum status s = OK;

	for (int i = 0; per_day > 0 && i < SPREAD_DAYS; i++) {
		const struct row *r = NULL;
		struct date day = when_civil(at, zone).date, next = date_add_days(day, 1);

		s = ONE(tx, a, pipeline_due_between, &r, e, T(row->owner_id), I(when_utc(day, 0, 0, zone)),
			I(when_utc(next, 0, 0, zone)));
		if (s != OK || at_int(r, 0) < per_day)
			break;
		at = when_open_on(next, &row->plan->window, zone);
	}
	*out_r = at;
	return s;
}

static enum status gate(struct store_tx *tx, struct arena *a, const char *prospect, const char *zone, time_t *out_r,
			struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, pipeline_gate, &r, e, T(prospect), I(tx->now - 86400));
	time_t day = s == OK ? (time_t)at_int(r, 0) : 0;

	*out_r = 0;
	if (s != OK || day == 0)
		return s == GONE ? OK : s;
	/* a plain day is kept as its midnight in UTC, and means that day where the person is */
	*out_r = day % 86400 ? day : when_utc(when_civil(day, "UTC").date, 0, 0, zone);
	if (*out_r <= tx->now)
		*out_r = 0;
	return OK;
}

static enum status hand_over(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			     const struct absence *away, struct err *e)
{
	const char *why = arena_printf(a, "%s is away", away->login);
	time_t until = away->until ? away->until : tx->now + (time_t)365 * 86400;
	enum status s = RUN(tx, pipeline_handover_add, e, T(row->e.id), I(tx->now), T(away->owner_id),
			    T(away->stand_in_id), I(until));

	if (s == OK)
		s = store_assign(tx, a, row->prospect_id, away->stand_in, why, "clock", e);
	if (s != OK)
		return s;
	json_t *o = json_object();
	json_put(o, "enrolment", row->e.id);
	json_put(o, "prospect", row->prospect_id);
	json_put(o, "address", row->address);
	json_put(o, "name", row->name);
	json_put(o, "detail", "handed_over");
	json_put(o, "words", why);
	struct outbox line = { .kind = "digest", .owner_id = away->stand_in_id, .enrolment_id = row->e.id,
			       .key = arena_printf(a, "handed_over:%s:%lld", row->e.id, (long long)tx->now),
			       .payload = json_text(a, o) };
	return store_outbox_add(tx, a, &line, tx->now, e);
}

enum status store_put_off(struct store_tx *tx, struct arena *a, const char *enrolment, const struct put_off *how,
			  struct event *ev, struct cause *c, struct err *e)
{
	struct enrolment_row *row = NULL;
	struct absence away;
	time_t until = 0;
	enum status s = store_enrolment(tx, a, enrolment, &row, e);
	bool more;

	if (s != OK)
		return s;
	more = plan_step(row->plan, row->e.step + 1) && row->e.touches < row->plan->max_touches;
	/* silence after the last step ends it whoever is away; a task that lapses is no draft */
	if (!more || row->e.due > tx->now || row->e.state == SEQ_APPOINTMENT_PROPOSED ||
	    row->e.state == SEQ_FOLLOW_UP_DUE)
		return OK;
	s = gate(tx, a, row->prospect_id, row->e.zone ? row->e.zone : "UTC", &until, e);
	if (s != OK)
		return s;
	if (until) {
		*ev = (struct event){ .kind = EV_POSTPONED, .reason = "gate", .until = until };
		c->evidence = "a date before which nothing goes out was noted";
		return OK;
	}
	s = store_absence(tx, a, row->owner_id, tx->now, &away, e);
	if (s == GONE || (s == OK && !away.now))
		return OK;
	if (s != OK)
		return s;
	if (how->hand_over && away.stand_in_id)
		return hand_over(tx, a, row, &away, e);
	s = slot(tx, a, row, away.until ? away.until : tx->now + OPEN_END, how->per_day, &until, e);
	*ev = (struct event){ .kind = EV_POSTPONED, .reason = "owner_away", .until = until };
	c->evidence = arena_printf(a, "%s is away", away.login);
	return s;
}

enum status store_gate_now(struct store_tx *tx, struct arena *a, const char *prospect, const char *actor,
			   struct err *e)
{
	struct rows list;
	enum status s = ROWS(tx, a, enrolments_live_of_prospect, &list, e, T(prospect));

	for (size_t i = 0; s == OK && i < list.n; i++) {
		struct enrolment_row *row = NULL;
		time_t until = 0;

		s = store_enrolment(tx, a, at_text(&list.list[i], 0), &row, e);
		if (s == OK)
			s = gate(tx, a, prospect, row->e.zone ? row->e.zone : "UTC", &until, e);
		if (s == OK && until > row->e.due)
			s = put_off_now(tx, a, row->e.id, "gate", until, "a date before which nothing goes out was noted",
					actor, e);
	}
	return s;
}

/* ---- back again ---- */

enum status store_hand_back(struct store_tx *tx, struct arena *a, size_t *n_r, struct err *e)
{
	struct rows list;
	enum status s = ROWS(tx, a, pipeline_handover_over, &list, e, I(tx->now));

	*n_r = 0;
	for (size_t i = 0; s == OK && i < list.n; i++) {
		const struct row *r = &list.list[i];
		bool wrote = row_int(r, "wrote") != 0;
		bool over = str_eq(row_text(r, "state"), "closed") || str_eq(row_text(r, "state"), "suppressed");

		/* whoever wrote to them keeps them */
		if (!wrote && !over)
			s = store_assign(tx, a, row_text(r, "prospect_id"), row_text(r, "from_owner"),
					 "the owner is back", "clock", e);
		if (s == OK)
			s = RUN(tx, pipeline_handover_end, e, T(row_text(r, "enrolment_id")), I(row_int(r, "at")),
				I(tx->now), T(wrote ? "kept" : over ? "over" : "given_back"));
		*n_r += !wrote && !over;
	}
	return s;
}
