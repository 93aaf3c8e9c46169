/* SPDX-License-Identifier: MPL-2.0
 *
 * What the MTA's log says of the mails that went out. "Accepted by the milter" is not "sent": queued
 * and delivered come from here, and what was never queued is taken back.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/rates.h"
#include "store/store_private.h"

enum { FORGET_AFTER = 86400, FORGET_AT_ONCE = 50, ASSUME_AT_ONCE = 100, WORDS_MAX = 500 };

/* columns of evidence_touch */
struct found {
	const char *id, *enrolment, *prospect, *recipient, *message_id, *reply_status;
	enum sent_state sent;
	int step;
	const char *kind;
};

static struct found found_of(const struct row *r)
{
	struct found f = { .id = at_text(r, 0), .enrolment = at_text(r, 1), .prospect = at_text(r, 2),
			   .recipient = at_text(r, 3), .message_id = at_text(r, 4),
			   .step = (int)at_int(r, 6), .kind = at_text(r, 7), .reply_status = at_text(r, 8) };

	sent_state_from_name(at_text(r, 5), &f.sent);
	return f;
}

static const char *result(struct arena *a, const struct evidence *ev)
{
	struct buf b;

	buf_init(&b, a);
	if (!str_empty(ev->dsn))
		buf_adds(&b, ev->dsn);
	if (!str_empty(ev->relay))
		buf_addf(&b, "%s%s", b.n ? " " : "", ev->relay);
	if (!str_empty(ev->words))
		buf_addf(&b, "%s%s", b.n ? ": " : "", ev->words);
	return b.n ? str_cut(a, str_utf8(a, b.p, b.n), WORDS_MAX) : NULL;
}

/* Only what says that this address or its domain is not there; anything else is about us, or passes. */
static bool hard(const struct evidence *ev)
{
	static const char *const codes[] = { "5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.4.4" };

	if (ev->ours || ev->dsn == NULL)
		return false;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i], ev->dsn) == 0)
			return true;
	return false;
}

static enum status step(struct store_tx *tx, struct arena *a, const struct found *t,
			const struct evidence *ev, enum seq_event kind, struct err *e)
{
	struct event event = { .kind = kind, .words = result(a, ev) };
	struct cause c = { .actor = "logwatch", .touch_id = t->id, .address = t->recipient,
			   .evidence = arena_printf(a, "%s %s", ev->host ? ev->host : "-",
						    ev->queue_id ? ev->queue_id : "-") };
	enum status s;

	if (t->enrolment == NULL)
		return OK;
	if (kind == EV_TAKEN_BACK || kind == EV_QUEUED) {
		if (!str_eq(t->kind, "touch"))
			return OK;
		event.step = t->step;
	}
	if (kind == EV_QUEUED) {	/* of an earlier touch it says nothing about the last one */
		struct enrolment_row *row = NULL;
		s = store_enrolment(tx, a, t->enrolment, &row, e);
		if (s != OK || row->e.step != t->step)
			return s;
	}
	s = store_step(tx, a, t->enrolment, &event, &c, NULL, NULL, e);
	return s == INPUT ? OK : s;
}

static enum status settle(struct store_tx *tx, struct arena *a, const struct found *t,
			  const struct evidence *ev, enum sent_state sent, struct err *e)
{
	json_t *payload = json_object();
	const char *words = result(a, ev);
	enum status s = RUN(tx, touch_sent, e, T(t->id), T(sent_state_name(sent)), T(words),
			    sent == SENT_TAKEN_BACK ? V_NULL : I(ev->at),
			    sent == SENT_DELIVERED ? I(ev->at) : V_NULL, T(ev->queue_id), T(ev->host),
			    I(tx->now));

	if (s != OK) {
		json_decref(payload);
		return s;
	}
	if (sent == SENT_TAKEN_BACK) {
		s = rates_taken_back(tx, a, t->id, e);
		if (s != OK) {
			json_decref(payload);
			return s;
		}
	}
	json_put(payload, "before", sent_state_name(t->sent));
	json_put(payload, "queue_id", ev->queue_id);
	json_put(payload, "host", ev->host);
	json_put_int(payload, "at", ev->at);
	json_put(payload, "result", words);
	return event_change(tx, a, sent_state_name(sent), "touch", t->id, t->enrolment, t->prospect,
			    "logwatch", payload, e);
}

static bool is_over(enum sent_state s)
{
	return s == SENT_DELIVERED || s == SENT_BOUNCED || s == SENT_EXPIRED || s == SENT_TAKEN_BACK;
}

static enum status failed(struct store_tx *tx, struct arena *a, const struct found *t,
			  const struct evidence *ev, enum sent_state sent, struct err *e)
{
	enum status s = settle(tx, a, t, ev, sent, e);

	if (s != OK)
		return s;
	if (hard(ev)) {
		if (t->enrolment != NULL)
			return step(tx, a, t, ev, EV_BOUNCE_HARD, e);
		struct suppression sup = { .kind = "address", .subject = t->recipient,
					   .reason = "hard_bounce", .evidence = result(a, ev) };
		return store_suppress(tx, a, &sup, "logwatch", false, NULL, e);
	}
	if (str_eq(t->reply_status, "bounce"))	/* its report was read already */
		return OK;
	return step(tx, a, t, ev, EV_BOUNCE_SOFT, e);
}

static enum status apply(struct store_tx *tx, struct arena *a, const struct found *t,
			 const struct evidence *ev, struct err *e)
{
	enum status s = OK;
	bool to_them = ev->recipient == NULL || str_eq(ev->recipient, t->recipient);

	if (t->sent == SENT_TAKEN_BACK)
		return OK;
	if (ev->kind == EVIDENCE_REJECTED) {
		if (t->sent != SENT_ACCEPTED)
			return OK;
		s = settle(tx, a, t, ev, SENT_TAKEN_BACK, e);
		return s == OK ? step(tx, a, t, ev, EV_TAKEN_BACK, e) : s;
	}
	/* everything else shows that it was queued */
	if (t->sent == SENT_ACCEPTED && ev->kind != EVIDENCE_MESSAGE_ID) {
		s = step(tx, a, t, ev, EV_QUEUED, e);
		if (s == OK && (ev->kind == EVIDENCE_QUEUED || ev->kind == EVIDENCE_REMOVED || !to_them))
			s = settle(tx, a, t, ev, SENT_QUEUED, e);
	}
	if (s != OK || !to_them || is_over(t->sent))
		return s;
	switch (ev->kind) {
	case EVIDENCE_SENT:
		return settle(tx, a, t, ev, SENT_DELIVERED, e);
	case EVIDENCE_DEFERRED:
		return settle(tx, a, t, ev, SENT_DEFERRED, e);
	case EVIDENCE_BOUNCED:
		return failed(tx, a, t, ev, SENT_BOUNCED, e);
	case EVIDENCE_EXPIRED:
		return failed(tx, a, t, ev, SENT_EXPIRED, e);
	case EVIDENCE_MESSAGE_ID:
	case EVIDENCE_QUEUED:
	case EVIDENCE_REMOVED:
	case EVIDENCE_REJECTED:
		break;
	}
	return OK;
}

/* The queue id is known from the end of the message; where the MTA does not tell it, the log joins
 * both by Message-ID. */
static enum status find(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			struct rows *out_r, struct err *e)
{
	const struct row *r = NULL;
	const char *message_id = ev->message_id;
	enum status s = ROWS(tx, a, evidence_touch, out_r, e, T(ev->queue_id), T(ev->host),
			     I(tx->now - 10 * 86400));

	if (s != OK || out_r->n > 0)
		return s;
	if (message_id == NULL) {
		s = ONE(tx, a, mta_mail_get, &r, e, T(ev->host), T(ev->queue_id));
		if (s == OK)
			message_id = at_text(r, 0);
		else if (s != GONE)
			return s;
	}
	if (message_id == NULL)
		return OK;
	return ROWS(tx, a, evidence_touch_message, out_r, e, T(message_id));
}

enum status store_evidence(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			   struct err *e)
{
	struct rows rows;
	enum status s;

	if (str_empty(ev->queue_id))
		return err_set(e, INPUT, "evidence without a queue id");
	s = find(tx, a, ev, &rows, e);
	if (s == OK && rows.n == 0 && ev->kind == EVIDENCE_MESSAGE_ID) {
		s = RUN(tx, mta_mail_put, e, T(ev->host), T(ev->queue_id), T(ev->message_id), I(tx->now));
		if (s == OK)
			s = RUN(tx, mta_mail_forget, e, I(tx->now - FORGET_AFTER), I(FORGET_AT_ONCE));
	}
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct found t = found_of(&rows.list[i]);
		if (ev->kind == EVIDENCE_MESSAGE_ID)
			s = RUN(tx, touch_queue_id, e, T(t.id), T(ev->queue_id), T(ev->host));
		else
			s = apply(tx, a, &t, ev, e);
	}
	return s;
}

enum status store_assume_sent(struct store_tx *tx, struct arena *a, time_t before, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, touches_unsettled, &rows, e, I(before), I(ASSUME_AT_ONCE));
	struct evidence ev = { .kind = EVIDENCE_QUEUED, .at = tx->now,
			       .words = "assumed: no log is followed" };

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct found t = found_of(&rows.list[i]);
		s = apply(tx, a, &t, &ev, e);
	}
	return s;
}
