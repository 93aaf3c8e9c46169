/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide: review items and outbox rows.
 */
#include "config.h"

#include <string.h>

#include <jansson.h>

#include "store/people.h"

#include "base/arena.h"
#include "base/str.h"

const char *review_decisions(void)
{
	return "noted|classify_as|stop|park|resume|suppress";
}

/* The columns of ctl_review that a decision needs. */
struct item {
	struct arena *a;
	bool found, decided;
	const char *enrolment, *prospect, *owner, *reply, *sender, *reason;
};

static enum status read_item(void *ctx, const struct row *r, struct err *e)
{
	struct item *it = ctx;

	(void)e;
	it->found = true;
	it->decided = row_int(r, "decided__t") != 0;
	it->enrolment = arena_strdup(it->a, row_text(r, "enrolment_id"));
	it->prospect = arena_strdup(it->a, row_text(r, "prospect_id"));
	it->owner = arena_strdup(it->a, row_text(r, "owner_id"));
	it->reply = arena_strdup(it->a, row_text(r, "reply_id"));
	it->sender = arena_strdup(it->a, row_text(r, "sender"));
	it->reason = arena_strdup(it->a, row_text(r, "reason"));
	return OK;
}

/* What a class means for an enrolment once a person has said it: the event and, for a decision, where
 * to. Classes that need the owner stay where a person looks after them. */
static enum status class_event(enum reply_class class, const struct review_decision *d,
			       struct event *ev, struct err *e)
{
	ev->kind = EV_DECISION;
	ev->reason = class_name(class);
	ev->date = d->date;
	switch (class) {
	case REPLY_INTERESTED:
	case REPLY_QUESTION:
	case REPLY_OBJECTION:
	case REPLY_REFERRAL:
		ev->target = SEQ_REPLY_RECEIVED;
		return OK;
	case REPLY_NOT_NOW:
		ev->target = SEQ_PARKED;
		return OK;
	case REPLY_OUT_OF_OFFICE:
		ev->target = SEQ_PARKED;
		ev->reason = "away";
		return OK;
	case REPLY_NOT_A_FIT:
		ev->target = SEQ_CLOSED;
		return OK;
	case REPLY_BOOKED:
		ev->target = SEQ_BOOKED;
		return OK;
	case REPLY_BOUNCE:
		ev->kind = EV_BOUNCE_HARD;
		return OK;
	case REPLY_UNSUBSCRIBE:
		ev->kind = EV_UNSUBSCRIBE;
		return OK;
	case REPLY_COMPLAINT:
		ev->kind = EV_COMPLAINT;
		return OK;
	case REPLY_UNKNOWN:
	case REPLY_CLASS_COUNT:
		break;
	}
	return err_set(e, INPUT, "'unknown' is no answer: say what the mail is");
}

static enum status decision_event(const struct review_decision *d, struct event *ev,
				  enum reply_class *class_r, struct err *e)
{
	*ev = (struct event){ .words = d->because, .date = d->date };
	if (str_eq(d->decision, "classify_as")) {
		if (str_empty(d->class) || !class_from_name(d->class, class_r))
			return err_set(e, INPUT, "there is no class '%s'", d->class ? d->class : "");
		return class_event(*class_r, d, ev, e);
	}
	if (str_eq(d->decision, "stop")) {
		ev->kind = EV_STOP;
		ev->reason = "owner";
	} else if (str_eq(d->decision, "park")) {
		ev->kind = EV_PAUSE;
	} else if (str_eq(d->decision, "resume")) {
		ev->kind = EV_RESUME;
	} else {
		return err_set(e, INPUT, "'%s' is none of %s", d->decision, review_decisions());
	}
	return OK;
}

static enum status move_enrolment(struct store_tx *tx, struct arena *a, const struct item *it,
				  const struct review_decision *d, const struct event *ev,
				  const char *actor, enum seq_state *after_r, struct err *e)
{
	struct cause cause = { .actor = actor, .evidence = d->because, .reply_id = it->reply };
	enum status st;

	if (!it->enrolment)
		return err_set(e, INPUT, "this item belongs to no enrolment: only 'noted' or 'suppress' can answer it");
	st = store_step(tx, a, it->enrolment, ev, &cause, NULL, after_r, e);
	/* in review a bounce only suppresses; a person who says so also ends the waiting */
	if (st == OK && ev->kind == EV_BOUNCE_HARD && *after_r != SEQ_FAILED) {
		struct event failed = { .kind = EV_DECISION, .target = SEQ_FAILED, .reason = "bounce",
					.words = d->because };

		st = store_step(tx, a, it->enrolment, &failed, &cause, NULL, after_r, e);
	}
	return st;
}

static enum status suppress_person(struct store_tx *tx, struct arena *a, const struct item *it,
				   const struct review_decision *d, const char *actor, struct err *e)
{
	struct suppression s = { .kind = "address", .subject = it->sender,
				 .reason = "do_not_contact", .evidence = d->because, .owner_id = it->owner };
	struct enrolment_row *row;
	enum status st;

	if (it->enrolment) {
		st = store_enrolment(tx, a, it->enrolment, &row, e);
		if (st)
			return st;
		s.subject = row->address;
	}
	if (str_empty(s.subject))
		return err_set(e, INPUT, "this item names no address: 'relentctl suppress add ADDRESS'");
	return store_suppress(tx, a, &s, actor, false, NULL, e);
}

enum status store_review_decide(struct store_tx *tx, struct arena *a, const char *id,
				const struct review_decision *d, const char *actor,
				enum seq_state *after_r, struct err *e)
{
	struct item it = { .a = a };
	struct value v = store_text(id);
	enum reply_class class = REPLY_UNKNOWN;
	enum seq_state after = SEQ_STATE_COUNT;
	struct event ev;
	struct event_new record = { .kind = "review_decided", .entity = "review", .entity_id = id, .actor = actor };
	int64_t changed = 0;
	json_t *payload;
	char *text;
	enum status st = store_query(tx, "ctl_review", &v, 1, read_item, &it, NULL, e);

	if (st)
		return st;
	if (!it.found)
		return err_set(e, GONE, "there is no review item '%s'", id);
	if (it.decided)
		return err_set(e, GONE, "this item is decided already");
	if (str_eq(d->decision, "suppress")) {
		st = suppress_person(tx, a, &it, d, actor, e);
	} else if (!str_eq(d->decision, "noted")) {
		st = decision_event(d, &ev, &class, e);
		if (!st)
			st = move_enrolment(tx, a, &it, d, &ev, actor, &after, e);
	}
	if (st)
		return st;
	if (it.reply && class != REPLY_UNKNOWN)
		st = store_query(tx, "people_reply_class", (struct value[]){ store_text(it.reply),
				 store_text(class_name(class)), store_text(actor), V_INT(store_now(tx)) }, 4, NULL,
				 NULL, NULL, e);
	/* the step may have decided the item by itself */
	if (!st)
		st = store_query(tx, "people_review_decide", (struct value[]){ store_text(id),
				 V_INT(store_now(tx)), store_text(d->decision), store_text(actor),
				 store_text(d->because) }, 5, NULL, NULL, &changed, e);
	if (st)
		return st;
	payload = json_pack("{s:s,s:s*,s:s*,s:s*}", "decision", d->decision, "class",
			    class != REPLY_UNKNOWN ? class_name(class) : NULL, "because", d->because, "reason",
			    it.reason);
	text = payload ? json_dumps(payload, JSON_COMPACT) : NULL;
	record.enrolment_id = it.enrolment;
	record.prospect_id = it.prospect;
	record.payload = text ? arena_strdup(a, text) : NULL;
	st = store_event(tx, a, &record, e);
	json_decref(payload);
	json_free_t free_fn;
	json_get_alloc_funcs(NULL, &free_fn);
	if (text)
		free_fn(text);
	if (after_r)
		*after_r = after;
	return st;
}

/* ---- outbox ---- */

static enum status outbox_change(struct store_tx *tx, struct arena *a, const char *id,
				 const char *statement, const char *kind, const char *actor,
				 const char *because, struct err *e)
{
	struct event_new record = { .kind = kind, .entity = "outbox", .entity_id = id, .actor = actor };
	struct value args[3] = { store_text(id), V_INT(store_now(tx)), store_text(because) };
	int64_t changed = 0;
	enum status st = store_query(tx, statement, args, because ? 3 : 2, NULL, NULL, &changed, e);

	if (st)
		return st;
	if (changed == 0)
		return err_set(e, INPUT, "'%s' is under way or done: nothing to change", id);
	return store_event(tx, a, &record, e);
}

enum status store_outbox_retry(struct store_tx *tx, struct arena *a, const char *id,
			       const char *actor, struct err *e)
{
	return outbox_change(tx, a, id, "people_outbox_retry", "outbox_retry", actor, NULL, e);
}

enum status store_outbox_drop(struct store_tx *tx, struct arena *a, const char *id,
			      const char *actor, const char *because, struct err *e)
{
	return outbox_change(tx, a, id, "people_outbox_drop", "outbox_drop", actor,
			     str_empty(because) ? "dropped by hand" : because, e);
}
