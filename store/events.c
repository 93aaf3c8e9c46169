/* SPDX-License-Identifier: MPL-2.0
 *
 * The append-only log of facts. An event is written in the transaction of the change it tells of;
 * the chain over committed events is made afterwards (seal.c).
 */
#include "config.h"

#include <stdio.h>

#include <string.h>

#include "base/str.h"
#include "base/token.h"
#include "store/store_private.h"

enum status event_write(struct store_tx *tx, struct arena *a, const struct event_new *ev,
			const char **id_r, struct err *e)
{
	const char *payload = ev->payload ? ev->payload : "";
	const char *hash = token_hash(a, payload, strlen(payload));
	const char *id = store_id(tx, a);

	if (id_r != NULL)
		*id_r = id;
	snprintf(tx->event, sizeof(tx->event), "%s", id);
	return RUN(tx, event_insert, e, T(id), I(tx->now), T(tx->store->o.host), T(tx->store->o.program),
		   T(str_empty(ev->actor) ? tx->store->o.program : ev->actor), T(ev->kind), T(ev->entity),
		   T(ev->entity_id), T(ev->enrolment_id), T(ev->prospect_id), T(ev->payload), T(hash));
}

enum status store_event(struct store_tx *tx, struct arena *a, const struct event_new *ev,
			struct err *e)
{
	return event_write(tx, a, ev, NULL, e);
}

enum status event_change(struct store_tx *tx, struct arena *a, const char *kind, const char *entity,
			 const char *entity_id, const char *enrolment_id, const char *prospect_id,
			 const char *actor, json_t *payload, struct err *e)
{
	struct event_new ev = { .kind = kind, .entity = entity, .entity_id = entity_id,
				.enrolment_id = enrolment_id, .prospect_id = prospect_id,
				.actor = actor, .payload = payload ? json_text(a, payload) : NULL };

	return event_write(tx, a, &ev, NULL, e);
}

enum status message_ref_add(struct store_tx *tx, const char *message_id, const char *kind,
			    const char *ref_id, const char *enrolment_id, const char *prospect_id,
			    const char *owner_id, struct err *e)
{
	if (str_empty(message_id))
		return OK;
	return RUN(tx, message_ref_insert, e, T(message_id), T(kind), T(ref_id), T(enrolment_id),
		   T(prospect_id), T(owner_id), I(tx->now));
}

/* ---- enrolments and events as JSON: what verify folds again ---- */

json_t *enrolment_json(const struct enrolment *en)
{
	json_t *o = json_object();

	json_put(o, "state", seq_state_name(en->state));
	json_object_set_new(o, "step", json_integer(en->step));
	json_put_int(o, "touches", en->touches);
	json_put_int(o, "started", en->started);
	json_put_int(o, "last_touch", en->last_touch);
	json_put_int(o, "due", en->due);
	json_put(o, "zone", en->zone);
	json_put_int(o, "holds", en->holds);
	json_put_int(o, "held_since", en->held_since);
	json_put(o, "pause_reason", en->pause_reason);
	json_put(o, "pause_words", en->pause_words);
	json_put(o, "resume_state", seq_state_name(en->resume_state));
	json_put_int(o, "resume_due", en->resume_due);
	json_put(o, "reason", en->reason);
	json_put_int(o, "away_count", en->away_count);
	json_put_int(o, "soft_bounces", en->soft_bounces);
	json_put_int(o, "soft_bounce_first", en->soft_bounce_first);
	json_put_int(o, "send_failures", en->send_failures);
	json_put_int(o, "draft_out", en->draft_out);
	json_put(o, "prev_state", seq_state_name(en->prev_state));
	json_put_int(o, "prev_step", en->prev_step);
	json_put_int(o, "prev_due", en->prev_due);
	json_put_int(o, "prev_last_touch", en->prev_last_touch);
	json_object_set_new(o, "version", json_integer(en->version));
	return o;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *text(struct arena *a, const json_t *o, const char *key)
{
	return arena_strdup(a, json_string_value(json_object_get(o, key)));
}

static enum seq_state state_of(const json_t *o, const char *key)
{
	enum seq_state st = SEQ_NOT_STARTED;
	const char *name = json_string_value(json_object_get(o, key));

	if (name != NULL)
		seq_state_from_name(name, &st);
	return st;
}

bool enrolment_from_json(struct arena *a, const json_t *o, struct enrolment *out_r)
{
	if (!json_is_object(o) || json_object_get(o, "state") == NULL)
		return false;
	*out_r = (struct enrolment){
		.state = state_of(o, "state"),
		.step = (int)number(o, "step"),
		.touches = (int)number(o, "touches"),
		.started = (time_t)number(o, "started"),
		.last_touch = (time_t)number(o, "last_touch"),
		.due = (time_t)number(o, "due"),
		.zone = text(a, o, "zone"),
		.holds = (int)number(o, "holds"),
		.held_since = (time_t)number(o, "held_since"),
		.pause_reason = text(a, o, "pause_reason"),
		.pause_words = text(a, o, "pause_words"),
		.resume_state = state_of(o, "resume_state"),
		.resume_due = (time_t)number(o, "resume_due"),
		.reason = text(a, o, "reason"),
		.away_count = (int)number(o, "away_count"),
		.soft_bounces = (int)number(o, "soft_bounces"),
		.soft_bounce_first = (time_t)number(o, "soft_bounce_first"),
		.send_failures = (int)number(o, "send_failures"),
		.draft_out = number(o, "draft_out") != 0,
		.prev_state = state_of(o, "prev_state"),
		.prev_step = (int)number(o, "prev_step"),
		.prev_due = (time_t)number(o, "prev_due"),
		.prev_last_touch = (time_t)number(o, "prev_last_touch"),
		.version = number(o, "version"),
	};
	return true;
}

json_t *event_json(const struct event *ev)
{
	json_t *o = json_object();
	char date[WHEN_TEXT];

	json_put(o, "kind", seq_event_name(ev->kind));
	json_put_int(o, "step", ev->step);
	if (ev->date.year != 0)
		json_put(o, "date", date_text(ev->date, date));
	json_put_int(o, "until", ev->until);
	if (ev->kind == EV_DECISION)
		json_put(o, "target", seq_state_name(ev->target));
	json_put(o, "reason", ev->reason);
	json_put(o, "words", ev->words);
	json_put_int(o, "clears_hold", ev->clears_hold);
	json_put_int(o, "successor", ev->successor);
	return o;
}

bool event_from_json(struct arena *a, const json_t *o, struct event *out_r)
{
	const char *kind = json_string_value(json_object_get(o, "kind"));
	const char *date = json_string_value(json_object_get(o, "date"));

	*out_r = (struct event){
		.step = (int)number(o, "step"),
		.until = (time_t)number(o, "until"),
		.target = state_of(o, "target"),
		.reason = text(a, o, "reason"),
		.words = text(a, o, "words"),
		.clears_hold = number(o, "clears_hold") != 0,
		.successor = number(o, "successor") != 0,
	};
	if (date != NULL && !date_parse(date, &out_r->date))
		return false;
	return kind != NULL && seq_event_from_name(kind, &out_r->kind);
}
