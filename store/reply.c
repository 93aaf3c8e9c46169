/* SPDX-License-Identifier: MPL-2.0
 *
 * A mail that came in, classified: the row, and its one event, for ever. What the event is, verdict.c
 * says; here it is carried out.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/appointments_private.h"
#include "store/suppression.h"
#include "store/verdict.h"

enum { TEXT_MAX = 20000 };

static const char *evidence_text(struct arena *a, const struct finding *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->evidence_n; i++) {
		json_t *o = json_object();
		json_put(o, "rule", f->evidence[i].rule);
		json_put(o, "words", f->evidence[i].words);
		json_put(o, "where", f->evidence[i].where);
		json_array_append_new(list, o);
	}
	return json_text(a, list);
}

static const char *recipients_text(struct arena *a, const struct finding *f)
{
	if (f->recipients_n == 0)
		return NULL;
	json_t *list = json_array();
	for (size_t i = 0; i < f->recipients_n; i++) {
		const struct report_recipient *r = &f->recipients[i];
		json_t *o = json_object();
		json_put(o, "address", r->address);
		json_put(o, "fate", kind_name(r->fate));
		json_put(o, "hardness", r->hardness == HARDNESS_HARD ? "hard"
				      : r->hardness == HARDNESS_SOFT ? "soft" : NULL);
		json_put(o, "status", r->status);
		json_put(o, "reason", reason_name(r->reason));
		json_put(o, "words", r->words);
		json_array_append_new(list, o);
	}
	return json_text(a, list);
}

static const char *joined(struct arena *a, const char **list, size_t n)
{
	struct buf b;

	if (n == 0)
		return NULL;
	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? "," : "", list[i]);
	return b.p;
}

static enum status insert(struct store_tx *tx, struct arena *a, const struct reply *r, bool colleague,
			  const char *event, const char *id, bool *new_r, struct err *e)
{
	const struct finding *f = r->finding;
	char date[WHEN_TEXT];
	int64_t made = 0;
	enum status s = CHANGE(tx, reply_insert, &made, e, T(id), T(r->enrolment_id), T(r->prospect_id),
		T(r->owner_id), T(r->touch_id), T(r->key), T(r->message_id), T(r->from), T(r->subject),
		I(r->received), T(r->account), T(r->folder), I0(r->uid), T(kind_name(f->kind)),
		T(subkind_name(f->subkind)), T(class_name(f->class)), V_NUM(f->confidence), I(f->stop),
		I(f->suppress), T(evidence_text(a, f)),
		T(f->date.year ? date_text(f->date, date) : NULL), T(joined(a, f->referred, f->referred_n)),
		T(recipients_text(a, f)), T(f->visible ? str_cut(a, f->visible, TEXT_MAX) : NULL),
		T(f->language), T(r->matched_by ? r->matched_by : "-"), T(grade_name(r->grade)),
		I(r->auth == AUTH_PASS ? 1 : r->auth == AUTH_FAIL ? -1 : 0), I(colleague), T(event), I(tx->now));

	*new_r = made > 0;
	return s;
}

/* Is there a hold of this mail that waits for it? Either way the mail has had its event now. */
static enum status settle_hold(struct store_tx *tx, struct arena *a, const struct reply *r, bool *held_r,
			       struct err *e)
{
	const struct row *h = NULL;
	enum status s;

	*held_r = false;
	if (r->enrolment_id == NULL)
		return OK;
	s = ONE(tx, a, hold_get, &h, e, T(r->enrolment_id), T(r->key));
	if (s == GONE)
		return RUN(tx, hold_insert, e, T(r->enrolment_id), T(r->key), I(tx->now), I(tx->now));
	if (s != OK)
		return s;
	*held_r = at_int(h, 0) == 0;
	return RUN(tx, hold_clear, e, T(r->enrolment_id), T(r->key), I(tx->now));
}

static enum status ask(struct store_tx *tx, struct arena *a, const struct reply *r,
		       struct verdict_question *q, struct err *e)
{
	struct rows rows;
	const struct row *t = NULL;
	enum status s;

	*q = (struct verdict_question){ .r = r, .colleague = !str_eq(r->matched_by, "person") };
	s = ROWS(tx, a, prospect_addresses, &rows, e, T(r->prospect_id));
	if (s != OK)
		return s;
	q->addresses = arena_array(a, const char *, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const char *own = at_text(&rows.list[i], 0);

		q->addresses[q->addresses_n++] = own;
		if (same_mailbox(tx, a, own, r->from))
			q->colleague = false;
	}
	if (r->touch_id == NULL)
		return OK;
	s = ONE(tx, a, touch_outcome, &t, e, T(r->touch_id));
	if (s != OK)
		return s == GONE ? OK : s;
	bool by_id = str_eq(r->matched_by, "references") || str_eq(r->matched_by, "stamp") ||
		     str_eq(r->matched_by, "message_id");
	q->answers_own = by_id && same_mailbox(tx, a, at_text(t, 0), r->from);
	q->touch_failed = str_eq(at_text(t, 1), "bounced") || str_eq(at_text(t, 1), "expired");
	return OK;
}

/* ---- a prospect in no sequence ---- */

static enum status without_enrolment(struct store_tx *tx, struct arena *a, const struct reply *r,
				     const struct verdict_event *v, const char *reply_id, struct err *e)
{
	const char *reason = NULL, *address = v->address ? v->address : r->from;
	enum status s = OK;

	switch ((int)v->ev.kind) {
	case EV_UNSUBSCRIBE:
		reason = "unsubscribe";
		break;
	case EV_COMPLAINT:
		reason = "complaint";
		break;
	case EV_BOUNCE_HARD:
		reason = "hard_bounce";
		break;
	case EV_LEFT:
		reason = "invalid_recipient";
		break;
	case EV_NOTICE:
	case EV_AWAY:
	case EV_BOUNCE_SOFT:
		return OK;
	default:
		break;
	}
	if (reason != NULL && !str_empty(address)) {
		struct suppression sup = { .kind = "address", .subject = address, .reason = reason,
					   .owner_id = r->owner_id,
					   .evidence = arena_printf(a, "reply %s", reply_id) };
		s = store_suppress(tx, a, &sup, "imapwatch", false, NULL, e);
	}
	const struct row *login = NULL;
	struct cause c = { .actor = "imapwatch", .reply_id = reply_id };
	if (s == OK)
		s = proposal_follow(tx, a, r->prospect_id, &v->ev, NULL, 0, &c, e);
	if (s == OK)
		s = ONE(tx, a, owner_login, &login, e, T(r->owner_id));
	if (s != OK && s != GONE)
		return s;
	json_t *note = json_object();
	json_put(note, "event", seq_event_name(v->ev.kind));
	json_put(note, "prospect_id", r->prospect_id);
	json_t *who = json_object();
	json_put(who, "email", address);
	json_object_set_new(note, "prospect", who);
	json_put(note, "owner", s == OK ? at_text(login, 0) : NULL);	/* whom it goes to */
	json_put(note, "from", r->from);
	json_put(note, "subject", r->subject);
	json_put(note, "words", v->ev.words);
	json_put(note, "why", v->why);
	struct outbox o = { .kind = "notify", .key = arena_printf(a, "notify:reply:%s", reply_id),
			    .owner_id = r->owner_id, .payload = json_text(a, note) };
	return store_outbox_add(tx, a, &o, tx->now, e);
}

/* ---- what else a mail leaves behind ---- */

/* What is known of the appointment that a calendar part is about, and who speaks in it. */
static enum status ask_calendar(struct store_tx *tx, struct arena *a, struct verdict_question *q, struct err *e)
{
	const struct finding *f = q->r->finding;
	const struct calendar_item *item = f->calendar;
	const struct calendar_attendee *from;
	const struct row *r = NULL;
	enum status s = item->rule && !item->uid
		? appointment_of_notice(tx, a, item, q->r->prospect_id, &q->known, e)
		: appointment_by_uid(tx, a, item, q->r->prospect_id, &q->known, e);

	if (s != OK && s != GONE)
		return s;
	s = ONE(tx, a, appointment_booked, &r, e, T(q->r->prospect_id));
	q->booked = s == OK;
	q->invited = calendar_invited(q->known, q->r->from);
	from = calendar_attendee(item, q->r->from);
	q->one_of_theirs = item->attendees_n == 0 || from != NULL;
	for (size_t i = 0; i < item->attendees_n; i++)
		for (size_t k = 0; k < q->addresses_n; k++) {
			q->one_of_theirs |= str_eq(item->attendees[i].address, q->addresses[k]);
			q->invited |= !q->colleague && calendar_invited(q->known, q->addresses[k]);
			q->delegate |= str_eq(item->attendees[i].delegated_from, q->addresses[k]);
		}
	return s == GONE ? OK : s;
}

static enum status appointment(struct store_tx *tx, struct arena *a, const struct reply *r,
			       const struct verdict_question *q, const struct verdict_event *v,
			       const char *reply_id, struct err *e)
{
	struct calendar_in c = { .r = r, .v = v, .reply_id = reply_id, .known = q->known };
	bool rule = r->finding->calendar && r->finding->calendar->rule;

	if (r->finding->kind != KIND_CALENDAR && v->ev.kind != EV_BOOKED && v->ev.kind != EV_APPOINTMENT)
		return OK;
	c.own = rule ? r->auth == AUTH_PASS
		     : !q->colleague && r->auth != AUTH_FAIL && (r->auth == AUTH_PASS || q->invited ||
			(r->grade >= GRADE_STRONG && q->answers_own));
	return calendar_in(tx, a, &c, e);
}

static enum status leave_behind(struct store_tx *tx, struct arena *a, const struct reply *r,
				const struct verdict_question *q, const struct verdict_event *v,
				const char *id, struct err *e)
{
	enum status s = message_ref_add(tx, r->message_id, "reply", id, r->enrolment_id, r->prospect_id,
					r->owner_id, e);

	if (s == OK && r->touch_id != NULL)
		s = RUN(tx, touch_replied, e, T(r->touch_id), T(class_name(r->finding->class)), I(tx->now));
	if (s == OK && v->review != NULL)
		s = RUN(tx, review_insert, e, T(store_id(tx, a)), T(r->enrolment_id), T(r->prospect_id),
			T(r->owner_id), T(id), V_NULL, T(v->review), T(v->why), I(tx->now));
	if (s == OK)
		s = appointment(tx, a, r, q, v, id, e);
	if (s == OK && v->ev.kind == EV_INTERESTED && !q->colleague)
		s = booking_offer(tx, a, r, e);
	/* they wrote from there: so there is a mailbox. Not on the word of anybody. */
	if (s == OK && r->finding->kind == KIND_HUMAN && !q->colleague &&
	    (r->auth == AUTH_PASS || (q->answers_own && r->auth != AUTH_FAIL)))
		s = suppression_lift_bounce(tx, a, r->from, id, e);
	return s;
}

static enum status record(struct store_tx *tx, struct arena *a, const struct reply *r,
			  const struct verdict_event *v, const char *id, struct err *e)
{
	const struct finding *f = r->finding;
	json_t *o = json_object();

	json_put(o, "message_id", r->message_id);
	json_put(o, "from", r->from);
	json_put(o, "kind", kind_name(f->kind));
	json_put(o, "class", class_name(f->class));
	json_put(o, "matched_by", r->matched_by);
	json_put(o, "grade", grade_name(r->grade));
	json_put(o, "event", seq_event_name(v->ev.kind));
	json_put(o, "review", v->review);
	json_put(o, "account", r->account);
	json_put(o, "folder", r->folder);
	json_put_int(o, "uid", r->uid);
	return event_change(tx, a, "received", "reply", id, r->enrolment_id, r->prospect_id, "imapwatch", o,
			    e);
}

enum status store_reply(struct store_tx *tx, struct arena *a, const struct reply *r,
			enum seq_event *event_r, struct err *e)
{
	struct verdict_question q;
	bool is_new = false, held = false;
	const char *id = store_id(tx, a);
	enum status s = ask(tx, a, r, &q, e);

	if (s == OK && r->finding->calendar)
		s = ask_calendar(tx, a, &q, e);
	if (s != OK)
		return s;
	struct verdict_event v = verdict_of(a, &q);
	s = insert(tx, a, r, q.colleague && r->finding->kind == KIND_HUMAN, seq_event_name(v.ev.kind), id,
		   &is_new, e);
	if (s != OK || !is_new)
		return s == OK ? GONE : s;
	if (event_r != NULL)
		*event_r = v.ev.kind;
	s = settle_hold(tx, a, r, &held, e);
	if (s == OK)
		s = record(tx, a, r, &v, id, e);
	if (s == OK)
		s = leave_behind(tx, a, r, &q, &v, id, e);
	if (s != OK)
		return s;
	if (r->enrolment_id == NULL)
		return without_enrolment(tx, a, r, &v, id, e);

	struct enrolment_row *row = NULL;
	s = v.back && v.ev.date.year ? store_enrolment(tx, a, r->enrolment_id, &row, e) : OK;
	if (s == OK && row != NULL)
		v.ev.date = seq_after_return(row->plan, v.ev.date);
	v.ev.clears_hold = held;
	struct cause c = { .actor = "imapwatch", .reply_id = id, .touch_id = r->touch_id,
			   .address = v.address ? v.address : q.colleague ? NULL : r->from,
			   .evidence = arena_printf(a, "<%s> matched by %s (%s)",
						    r->message_id ? r->message_id : r->key,
						    r->matched_by ? r->matched_by : "-",
						    grade_name(r->grade)) };
	if (s == OK)
		s = store_step(tx, a, r->enrolment_id, &v.ev, &c, NULL, NULL, e);
	if (s != INPUT)
		return s;
	/* Not in the table: the mail still gets its person, and its hold ends. */
	v.ev = (struct event){ .kind = EV_UNCLEAR, .reason = "refused", .words = v.ev.words,
			       .clears_hold = held };
	if (event_r != NULL)
		*event_r = EV_UNCLEAR;
	return store_step(tx, a, r->enrolment_id, &v.ev, &c, NULL, NULL, e);
}
