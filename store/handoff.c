/* SPDX-License-Identifier: MPL-2.0
 *
 * The hand-off note as facts: everything the owner needs without searching, as the JSON payload of
 * the outbox row. The words of the mail are made where it is sent.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/store_private.h"

static json_t *row_json(const struct row *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < r->n; i++) {
		const struct value *v = &r->values[i];
		if (v->type == VALUE_INT)
			json_object_set_new(o, r->names[i], json_integer(v->i));
		else if (v->type == VALUE_NUM)
			json_object_set_new(o, r->names[i], json_real(v->d));
		else if (v->type == VALUE_TEXT)
			json_put(o, r->names[i], v->s);
	}
	return o;
}

static enum status put_list(struct store_tx *tx, struct arena *a, json_t *note, const char *key,
			    size_t st, const char *id, struct err *e)
{
	struct rows rows;
	enum status s = db_rows(tx, a, st, ARGS(T(id)), &rows, e);

	if (s != OK || rows.n == 0)
		return s;
	json_t *list = json_array();
	for (size_t i = 0; i < rows.n; i++)
		json_array_append_new(list, row_json(&rows.list[i]));
	json_object_set_new(note, key, list);
	return OK;
}

static enum status put_one(struct store_tx *tx, struct arena *a, json_t *note, const char *key,
			   size_t st, const char *id, struct err *e)
{
	const struct row *r = NULL;
	enum status s = id == NULL ? GONE : db_one(tx, a, st, ARGS(T(id)), &r, e);

	if (s == OK)
		json_object_set_new(note, key, row_json(r));
	return s == GONE ? OK : s;
}

static void put_enrolment(json_t *note, const struct step_context *c)
{
	const struct enrolment_row *row = c->row;
	json_t *o = json_object();

	json_put(o, "id", row->e.id);
	json_put(o, "sequence", row->sequence);
	json_put(o, "state", seq_state_name(row->e.state));
	json_put(o, "before", seq_state_name(c->before));
	json_put(o, "reason", row->e.reason);
	json_put_int(o, "step", row->e.step);
	json_put_int(o, "touches", row->e.touches);
	json_put_int(o, "due", row->e.due);
	json_put(o, "zone", row->e.zone);
	json_put(o, "pause_reason", row->e.pause_reason);
	json_put(o, "thread_subject", row->thread_subject);
	json_put(o, "offer", row->plan->offer);
	json_put(o, "purpose", row->plan->purpose);
	json_object_set_new(note, "enrolment", o);
}

/* What a person should do now: by what happened. */
static const char *recommended(enum seq_event kind)
{
	static const struct {
		enum seq_event kind;
		const char *what;
	} known[] = {
		{ EV_INTERESTED, "answer today and qualify" },
		{ EV_QUESTION, "answer the question" },
		{ EV_OBJECTION, "answer the objection, or close" },
		{ EV_REFERRAL, "verify the person named before writing to them" },
		{ EV_BOOKED, "confirm the appointment" },
		{ EV_APPOINTMENT, "answer the invitation" },
		{ EV_CANCELLED, "find another time, or close" },
		{ EV_NOT_NOW, "nothing until the date" },
		{ EV_NOT_A_FIT, "nothing: it is closed" },
		{ EV_UNSUBSCRIBE, "nothing: do not write again" },
		{ EV_COMPLAINT, "do not write again; read the mail today" },
		{ EV_LEFT, "find out who follows" },
		{ EV_BOUNCE_HARD, "validate the contact" },
		{ EV_UNCLEAR, "read it and decide" },
		{ EV_HOLD_EXPIRED, "read it and decide" },
		{ EV_COLLEAGUE, "read it and decide" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].kind == kind)
			return known[i].what;
	return "look at it";
}

enum status handoff_json(struct store_tx *tx, struct arena *a, const struct step_context *c,
			 const struct action *act, json_t **out_r, struct err *e)
{
	const struct enrolment_row *row = c->row;
	json_t *note = json_object();
	enum status s;

	json_put(note, "event", seq_event_name(c->ev->kind));
	json_put(note, "event_id", c->event_id);
	json_put_int(note, "at", tx->now);
	json_put(note, "owner", row->owner_login);
	json_put(note, "why", act->detail);
	json_put(note, "words", act->words ? act->words : c->ev->words);
	json_put(note, "evidence", c->cause->evidence);
	json_put(note, "next_action", recommended(c->ev->kind));
	json_put_int(note, "deadline", c->ev->kind == EV_COMPLAINT || c->ev->kind == EV_INTERESTED ?
		     tx->now + 86400 : tx->now + 2 * 86400);
	put_enrolment(note, c);
	s = put_one(tx, a, note, "prospect", ST_prospect_facts, row->prospect_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "sources", ST_handoff_sources, row->prospect_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "facts", ST_handoff_evidence, row->prospect_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "signals", ST_handoff_signals, row->prospect_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "messages", ST_handoff_touches, row->e.id, e);
	if (s == OK)
		s = put_list(tx, a, note, "replies", ST_handoff_replies, row->prospect_id, e);
	if (s == OK)
		s = put_one(tx, a, note, "reply", ST_handoff_reply, c->cause->reply_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "appointments", ST_handoff_appointments, row->prospect_id, e);
	if (s == OK)
		s = put_list(tx, a, note, "tasks", ST_handoff_tasks, row->e.id, e);
	if (s == OK)
		s = put_list(tx, a, note, "suppressions", ST_handoff_suppressions, row->prospect_id, e);
	if (s != OK) {
		json_decref(note);
		return s;
	}
	*out_r = note;
	return OK;
}
