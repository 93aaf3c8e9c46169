/* SPDX-License-Identifier: MPL-2.0
 *
 * What the MTA's log says of the mails that went out. "Accepted by the milter" is not "sent": queued
 * and delivered come from here, and what was never queued is taken back.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/str.h"
#include "policy/limits.h"
#include "store/rates.h"
#include "store/store_private.h"

enum {
	ASSUME_AT_ONCE = 100, WORDS_MAX = 500,
	QUEUE_LIFE = 10 * 86400,	/* no mail lies in a queue for longer */
	/* how far a log's time may be behind the milter's: another host's clock, a zone that was not told */
	BEFORE_MAX = 26 * 3600,
	AFTER_LEFT = 5,			/* a line that overtook the one that says "removed" */
	QUEUED_SOON = 3600,		/* until then a queue id is surely still the same mail's */
};

/* columns of evidence_touch */
struct found {
	const char *id, *enrolment, *prospect, *recipient, *message_id, *reply_status, *kind, *host;
	enum sent_state sent;
	int step;
	time_t at, left_queue;
};

static struct found found_of(const struct row *r)
{
	struct found f = { .id = at_text(r, 0), .enrolment = at_text(r, 1), .prospect = at_text(r, 2),
			   .recipient = at_text(r, 3), .message_id = at_text(r, 4),
			   .step = (int)at_int(r, 6), .kind = at_text(r, 7), .reply_status = at_text(r, 8),
			   .host = at_text(r, 9), .at = (time_t)at_int(r, 10),
			   .left_queue = (time_t)at_int(r, 11) };

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

/* ---- what moves ---- */

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
	if (kind == EV_TAKEN_BACK || kind == EV_QUEUED || kind == EV_TOUCH) {
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

static enum status tell(struct store_tx *tx, struct arena *a, const struct found *t,
			const struct evidence *ev, const char *kind, struct err *e)
{
	json_t *payload = json_object();

	json_put(payload, "before", sent_state_name(t->sent));
	json_put(payload, "queue_id", ev->queue_id);
	json_put(payload, "next_id", ev->next_id);
	json_put(payload, "host", ev->host);
	json_put_int(payload, "at", ev->at);
	json_put(payload, "result", result(a, ev));
	return event_change(tx, a, kind, "touch", t->id, t->enrolment, t->prospect, "logwatch", payload, e);
}

/* "mail" and "mail.example.com": a log has the one, the other, or both. */
static bool same_host(const char *x, const char *y)
{
	size_t n = strcspn(x, "."), k = strcspn(y, ".");

	if (x[n] != '\0' && y[k] != '\0')
		return str_eq_case(x, y);
	return n == k && strncasecmp(x, y, n) == 0;
}

static enum status settle(struct store_tx *tx, struct arena *a, const struct found *t,
			  const struct evidence *ev, enum sent_state sent, struct err *e)
{
	/* a queue tries for days: the row has the latest words, the first time is an event */
	bool again = sent == SENT_DEFERRED && t->sent == SENT_DEFERRED;
	bool queued = sent != SENT_TAKEN_BACK && sent != SENT_DISCARDED;
	/* joined by its Message-ID to the log of a host of another name: the next line finds it by that */
	bool other = !str_empty(ev->host) && !str_empty(t->host) && !same_host(ev->host, t->host);
	enum status s = RUN(tx, touch_sent, e, T(t->id), T(sent_state_name(sent)), T(result(a, ev)),
			    queued ? I(ev->at) : V_NULL, sent == SENT_DELIVERED ? I(ev->at) : V_NULL,
			    T(ev->queue_id), T(other || !t->host ? ev->host : NULL), I(tx->now));

	if (s == OK && sent == SENT_TAKEN_BACK)
		s = rates_taken_back(tx, a, t->id, e);
	return s == OK && !again ? tell(tx, a, t, ev, sent_state_name(sent), e) : s;
}

static bool is_over(enum sent_state s)
{
	return s == SENT_DELIVERED || s == SENT_BOUNCED || s == SENT_EXPIRED || s == SENT_TAKEN_BACK
		|| s == SENT_DISCARDED;
}

/* A server that asks for less mail; what our own host says is no provider's word. */
static enum status push_back(struct store_tx *tx, struct arena *a, const struct found *t,
			     const struct evidence *ev, struct err *e)
{
	struct pushback p = { .recipient = t->recipient, .host = ev->host, .queue_id = ev->queue_id,
			      .relay = ev->relay, .dsn = ev->dsn, .words = ev->words, .at = ev->at };

	if (ev->ours || str_empty(ev->relay) || str_eq(ev->relay, "none") || !policy_pushback(ev->dsn, ev->words))
		return OK;
	return store_pushback(tx, a, &p, e);
}

static enum status failed(struct store_tx *tx, struct arena *a, const struct found *t,
			  const struct evidence *ev, enum sent_state sent, struct err *e)
{
	enum status s = settle(tx, a, t, ev, sent, e);

	if (s == OK)
		s = push_back(tx, a, t, ev, e);
	if (s != OK)
		return s;
	if (ev->hard && !ev->ours) {
		if (t->enrolment != NULL)
			return step(tx, a, t, ev, EV_BOUNCE_HARD, e);
		struct suppression sup = { .kind = "address", .subject = t->recipient,
					   .reason = "hard_bounce", .evidence = result(a, ev) };
		return store_suppress(tx, a, &sup, "logwatch", false, NULL, e);
	}
	if (str_eq(t->reply_status, "bounce"))	/* its report was read already: one failure counts once */
		return OK;
	return step(tx, a, t, ev, EV_BOUNCE_SOFT, e);
}

/* It was queued after all, though the log had said that the client was refused: the mail is out, and
 * counts, unless it was handed in again meanwhile (then that one is the touch). */
static enum status restore(struct store_tx *tx, struct arena *a, struct found *t,
			   const struct evidence *ev, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, touch_replaced, &r, e, T(t->id));

	if (s == OK)
		log_warn(ev->queue_id, "queued-twice", "touch", t->id, "recipient", t->recipient, "why",
			 "it was refused, queued all the same, and sent again");
	if (s != GONE)
		return s;
	s = settle(tx, a, t, ev, SENT_QUEUED, e);
	if (s == OK)
		s = rates_put_back(tx, a, t->id, e);
	if (s == OK)
		s = step(tx, a, t, ev, EV_TOUCH, e);
	t->sent = SENT_QUEUED;
	return s == OK ? step(tx, a, t, ev, EV_QUEUED, e) : s;
}

static bool is_to(const struct found *t, const struct evidence *ev)
{
	if (ev->recipient == NULL || str_eq(ev->recipient, t->recipient))
		return true;
	for (size_t i = 0; i < ev->more_n; i++)
		if (str_eq(ev->more[i], t->recipient))
			return true;
	return false;
}

/* What happened before, or beside, its way through the queue. */
static enum status kept_back(struct store_tx *tx, struct arena *a, const struct found *t,
			     const struct evidence *ev, struct err *e)
{
	enum status s;

	if (ev->kind == EVIDENCE_REJECTED) {
		if (t->sent != SENT_ACCEPTED)
			return OK;
		s = settle(tx, a, t, ev, SENT_TAKEN_BACK, e);
		return s == OK ? step(tx, a, t, ev, EV_TAKEN_BACK, e) : s;
	}
	if (is_over(t->sent) || !is_to(t, ev))
		return OK;
	if (ev->kind == EVIDENCE_HELD)
		return t->sent == SENT_HELD ? OK : settle(tx, a, t, ev, SENT_HELD, e);
	s = settle(tx, a, t, ev, SENT_DISCARDED, e);
	/* it counts, for the sender was told 250; but it will not arrive */
	return s == OK ? step(tx, a, t, ev, EV_BOUNCE_SOFT, e) : s;
}

static enum status move(struct store_tx *tx, struct arena *a, const struct found *t,
			const struct evidence *ev, struct err *e)
{
	enum status s;

	if (str_empty(ev->next_id) || !is_to(t, ev) || is_over(t->sent))
		return OK;
	s = RUN(tx, touch_moved, e, T(t->id), T(ev->next_id), T(ev->host), I(tx->now));
	return s == OK ? tell(tx, a, t, ev, "moved", e) : s;
}

static bool shows_queued(enum evidence_kind k)
{
	return k != EVIDENCE_MESSAGE_ID && k != EVIDENCE_REJECTED && k != EVIDENCE_HELD
		&& k != EVIDENCE_DISCARDED;
}

static enum status outcome(struct store_tx *tx, struct arena *a, const struct found *t,
			   const struct evidence *ev, struct err *e)
{
	enum status s;

	switch (ev->kind) {
	case EVIDENCE_SENT:
		return settle(tx, a, t, ev, SENT_DELIVERED, e);
	case EVIDENCE_DEFERRED:
		s = settle(tx, a, t, ev, SENT_DEFERRED, e);
		return s == OK ? push_back(tx, a, t, ev, e) : s;
	case EVIDENCE_BOUNCED:
		return failed(tx, a, t, ev, SENT_BOUNCED, e);
	case EVIDENCE_EXPIRED:
		return failed(tx, a, t, ev, SENT_EXPIRED, e);
	case EVIDENCE_QUEUED:
		return t->sent == SENT_HELD ? settle(tx, a, t, ev, SENT_QUEUED, e) : OK;
	case EVIDENCE_MESSAGE_ID:
	case EVIDENCE_REMOVED:
	case EVIDENCE_REJECTED:
	case EVIDENCE_HELD:
	case EVIDENCE_DISCARDED:
	case EVIDENCE_MOVED:
		break;
	}
	return OK;
}

static enum status apply(struct store_tx *tx, struct arena *a, struct found *t,
			 const struct evidence *ev, struct err *e)
{
	enum status s = OK;

	if (!shows_queued(ev->kind))
		return kept_back(tx, a, t, ev, e);
	if (t->sent == SENT_TAKEN_BACK) {
		s = restore(tx, a, t, ev, e);
		if (s != OK || t->sent == SENT_TAKEN_BACK)
			return s;
	}
	if (t->sent == SENT_ACCEPTED || t->sent == SENT_HELD) {
		s = step(tx, a, t, ev, EV_QUEUED, e);
		if (s == OK && t->sent == SENT_ACCEPTED
		    && (ev->kind == EVIDENCE_QUEUED || ev->kind == EVIDENCE_REMOVED
			|| ev->kind == EVIDENCE_MOVED || !is_to(t, ev)))
			s = settle(tx, a, t, ev, SENT_QUEUED, e);
	}
	if (s == OK && ev->kind == EVIDENCE_MOVED)
		return move(tx, a, t, ev, e);
	if (s == OK && ev->kind == EVIDENCE_REMOVED)
		return RUN(tx, touch_left_queue, e, T(t->id), I(ev->at), I(tx->now));
	if (s != OK || !is_to(t, ev) || is_over(t->sent))
		return s;
	return outcome(tx, a, t, ev, e);
}

/* ---- whose line it is ---- */

/* Written into a log as it is: what an MTA replaces, folds or cuts cannot be compared. */
static bool is_plain(const char *id)
{
	size_t n = 0;

	for (; id && id[n]; n++)
		if (id[n] <= ' ' || id[n] > '~' || strchr("?<>()\"\\", id[n]))
			return false;
	return n > 0 && n < 200;
}

/* Queue ids come again (short ones soon), and two hosts may have the same one. */
static bool is_about(const struct found *t, const struct evidence *ev)
{
	bool known = is_plain(ev->message_id) && is_plain(t->message_id);
	bool same = known && str_eq(ev->message_id, t->message_id);
	bool here = str_empty(ev->host) || str_empty(t->host) || same_host(ev->host, t->host);

	if (!here && !same)
		return false;
	if (known && !same && ev->at > t->at + QUEUED_SOON)
		return false;
	if (ev->at < t->at - BEFORE_MAX)
		return false;
	return t->left_queue == 0 || ev->at <= t->left_queue + AFTER_LEFT;
}

static enum status pick(struct store_tx *tx, struct arena *a, size_t st, const char *key,
			const struct evidence *ev, struct found **out_r, struct err *e)
{
	struct rows rows;
	enum status s = db_rows(tx, a, st, ARGS(T(key), I(tx->now - QUEUE_LIFE)), &rows, e);

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct found t = found_of(&rows.list[i]);
		if (!is_about(&t, ev))
			continue;
		*out_r = arena_new_of(a, struct found);
		**out_r = t;
		return OK;
	}
	return s == OK ? GONE : s;
}

/* The queue id is known from the end of the message; where the MTA does not tell it, the log joins
 * both by Message-ID. */
static enum status find(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			struct found **out_r, struct err *e)
{
	enum status s;

	if (str_empty(ev->queue_id))
		return err_set(e, INPUT, "evidence without a queue id");
	s = pick(tx, a, ST_evidence_touch, ev->queue_id, ev, out_r, e);
	if (s == GONE && !str_empty(ev->message_id))
		s = pick(tx, a, ST_evidence_touch_message, ev->message_id, ev, out_r, e);
	return s;
}

enum status store_evidence_known(struct store_tx *tx, struct arena *a, const struct evidence *ev,
				 struct err *e)
{
	struct found *t;

	return find(tx, a, ev, &t, e);
}

enum status store_evidence(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			   struct err *e)
{
	struct found *t;
	enum status s;

	if (ev->kind == EVIDENCE_MESSAGE_ID)
		return GONE;
	s = find(tx, a, ev, &t, e);
	return s == OK ? apply(tx, a, t, ev, e) : s;
}

enum status store_touch_refused(struct store_tx *tx, struct arena *a, const char *touch, const char *words, struct err *e)
{
	struct evidence ev = { .kind = EVIDENCE_REJECTED, .at = tx->now, .words = words };
	const struct row *r = NULL;
	enum status s = ONE(tx, a, evidence_touch_id, &r, e, T(touch));
	struct found t;

	if (s != OK)
		return s;
	t = found_of(r);
	if (t.sent != SENT_ACCEPTED && t.sent != SENT_TAKEN_BACK)
		return GONE;
	return apply(tx, a, &t, &ev, e);
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
