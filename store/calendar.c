/* SPDX-License-Identifier: MPL-2.0
 *
 * What invitations and the answers to them do to appointments: those that come in (after the verdict said what
 * event they are) and those that a rep's own client sends out past the milter.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "store/appointments_private.h"
#include "store/verdict.h"
#include "store/suppression.h"

static const char *joined(struct arena *a, const struct calendar_item *item)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < item->attendees_n; i++)
		buf_addf(&b, "%s%s", b.n ? " " : "", item->attendees[i].address);
	return b.n ? b.p : NULL;
}

static bool invited(const struct appointment *ap, const char *address)
{
	struct span rest = span_of(ap->attendees), one;

	while (address && span_split(&rest, ' ', &one))
		if (span_eq(one, address))
			return true;
	return false;
}

bool calendar_invited(const struct appointment *ap, const char *address)
{
	return ap && str_eq(ap->direction, "ours") && invited(ap, address);
}

/* What the calendar says of the event itself. Answers repeat it, often less of it. */
static void take_over(struct arena *a, struct appointment *ap, const struct calendar_item *item, bool answer)
{
	if (item->start) {
		bool same = ap->starts == item->start;

		ap->starts = item->start;
		ap->ends = item->end ? item->end : same ? ap->ends : 0;
		ap->all_day = item->all_day;
		if (item->zone && (!answer || !ap->zone || !str_eq(item->zone, "UTC")))
			ap->zone = item->zone;
	}
	ap->sequence = item->sequence > ap->sequence ? item->sequence : ap->sequence;
	ap->stamp = item->stamp > ap->stamp ? item->stamp : ap->stamp;
	if (item->summary && (!answer || !ap->summary))
		ap->summary = item->summary;
	if (item->place && (!answer || !ap->place))
		ap->place = item->place;
	if (item->organizer && (!answer || !ap->organizer))
		ap->organizer = item->organizer;
	if (!answer && item->attendees_n)
		ap->attendees = joined(a, item);
}

static bool firm(const struct appointment *ap)
{
	return str_eq(ap->state, "booked") || str_eq(ap->state, "rescheduled");
}

static bool open_still(const struct appointment *ap)
{
	return firm(ap) || str_eq(ap->state, "proposed");
}

static enum status cancelled(struct store_tx *tx, struct arena *a, struct appointment *ap, const char *why,
			     const char *actor, struct err *e)
{
	if (!open_still(ap) || !ap->id)
		return OK;
	ap->state = "cancelled";
	ap->because = why;
	return appointment_save(tx, a, ap, actor, e);
}

/* ---- what came in ---- */

static struct appointment fresh(const struct calendar_in *c, struct arena *a)
{
	const struct reply *r = c->r;
	const struct calendar_item *item = r->finding->calendar;

	return (struct appointment){
		.prospect_id = r->prospect_id, .enrolment_id = r->enrolment_id, .owner_id = r->owner_id,
		.reply_id = c->reply_id, .state = "proposed", .uid = item ? item->uid : NULL,
		.recurrence = item ? item->recurrence : NULL,
		.direction = item && item->rule ? "link" : str_eq(r->matched_by, "person") ? "person" : "theirs",
		.evidence = arena_printf(a, "reply %s", c->reply_id),
	};
}

static const char *by_whom(const struct calendar_in *c, struct arena *a)
{
	const struct calendar_item *item = c->r->finding->calendar;

	if (item && item->rule)
		return arena_printf(a, "booking notice (%s) from %s, reply %s", item->rule, c->r->from, c->reply_id);
	return arena_printf(a, "%s, reply %s", c->r->from, c->reply_id);
}

static enum status booked(struct store_tx *tx, struct arena *a, const struct calendar_in *c, struct appointment *ap,
			  struct err *e)
{
	const struct finding *f = c->r->finding;

	ap->reply_id = c->reply_id;
	if (c->r->enrolment_id)
		ap->enrolment_id = c->r->enrolment_id;
	if (f->calendar)
		take_over(a, ap, f->calendar, f->calendar->rule == NULL);
	else if (f->calendar_start)
		ap->starts = f->calendar_start;
	if (!ap->owner_id)
		ap->owner_id = c->r->owner_id;
	if (!ap->summary && c->r->subject)
		ap->summary = c->r->subject;
	ap->evidence = arena_printf(a, "reply %s", c->reply_id);
	return appointment_book(tx, a, ap, by_whom(c, a), "imapwatch", e);
}

static enum status proposed(struct store_tx *tx, struct arena *a, const struct calendar_in *c, struct appointment *ap,
			    struct err *e)
{
	const struct calendar_item *item = c->r->finding->calendar;
	bool other = ap->starts != item->start;

	if (ap->id && item->sequence < ap->sequence)
		return OK;
	if (ap->id && other && firm(ap)) {
		ap->state = "rescheduled";
		ap->because = "moved by them";
	} else if (!firm(ap) || other) {
		ap->state = "proposed";
	}
	ap->reply_id = c->reply_id;
	take_over(a, ap, item, false);
	return appointment_save(tx, a, ap, "imapwatch", e);
}

static enum status countered(struct store_tx *tx, struct arena *a, const struct calendar_in *c,
			     struct appointment *ap, struct err *e)
{
	ap->counter = c->r->finding->calendar->start;
	ap->state = firm(ap) ? "rescheduled" : "proposed";
	ap->because = "they propose another time";
	if (!ap->id)
		take_over(a, ap, c->r->finding->calendar, false);
	return appointment_save(tx, a, ap, "imapwatch", e);
}

static enum status answered(struct store_tx *tx, struct arena *a, const struct calendar_in *c, struct appointment *ap,
			    struct err *e)
{
	const char *partstat = c->r->finding->calendar_partstat;

	if (str_eq(partstat, "DECLINED"))
		return cancelled(tx, a, ap, "declined", "imapwatch", e);
	if (str_eq(partstat, "TENTATIVE") && ap->id && firm(ap)) {
		ap->state = "proposed";
		ap->because = "tentative";
		return appointment_save(tx, a, ap, "imapwatch", e);
	}
	return OK;
}

enum status calendar_in(struct store_tx *tx, struct arena *a, const struct calendar_in *c, struct err *e)
{
	const struct calendar_item *item = c->r->finding->calendar;
	struct appointment ap = c->known ? *c->known : fresh(c, a);
	bool book = c->v->ev.kind == EV_BOOKED, known = c->known && c->known->id;

	if (book)
		return booked(tx, a, c, &ap, e);
	if (c->v->ev.kind == EV_APPOINTMENT && item)
		return proposed(tx, a, c, &ap, e);
	/* on the word of just anybody nothing is undone: a person looks */
	if (!item || !c->own)
		return OK;
	if (str_eq(item->method, "COUNTER"))
		return countered(tx, a, c, &ap, e);
	if (!known)
		return OK;
	if (str_eq(item->method, "REPLY"))
		return answered(tx, a, c, &ap, e);
	if (str_eq(item->method, "CANCEL"))
		return cancelled(tx, a, &ap, "cancelled by them", "imapwatch", e);
	if (str_eq(item->method, "DECLINECOUNTER")) {
		ap.counter = 0;
		return appointment_save(tx, a, &ap, "imapwatch", e);
	}
	return OK;
}

/* ---- what goes out ---- */

struct sending {
	struct store_tx *tx;
	struct arena *a;
	const struct calendar_out *c;
	const char *actor, *enrolment;
	enum seq_state state;
	bool held;
};

static enum status enrolment_of(struct sending *o, struct err *e)
{
	const struct row *r = NULL;
	struct enrolment_row *row = NULL;
	enum status s = ONE(o->tx, o->a, enrolment_answered, &r, e, T(o->c->prospect_id));

	if (s != OK)
		return s == GONE ? OK : s;
	if (!str_eq(at_text(r, 1), o->c->owner_id))	/* another rep's follow-up is not this rep's to move */
		return OK;
	o->enrolment = at_text(r, 0);
	s = store_enrolment(o->tx, o->a, o->enrolment, &row, e);
	if (s == OK) {
		o->state = row->e.state;
		o->held = row->e.holds > 0;
	}
	return s;
}

static enum status move(struct sending *o, const struct appointment *ap, enum seq_event kind, const char *reason,
			struct err *e)
{
	struct event ev = { .kind = kind, .target = SEQ_APPOINTMENT_PROPOSED, .reason = reason,
			    .words = store_appointment_when(o->a, ap) };
	struct cause c = { .actor = o->actor, .address = o->c->address,
			   .evidence = arena_printf(o->a, "<%s> queue id %s", o->c->message_id ? o->c->message_id : "-",
						    o->c->queue_id ? o->c->queue_id : "-") };
	enum status s;

	if (!o->enrolment)
		return OK;
	if (kind == EV_DECISION && (o->held || o->state == SEQ_CLOSED || o->state == SEQ_SUPPRESSED ||
				    o->state == SEQ_FAILED))
		return OK;	/* what is being read comes first; what is over stays over */
	s = store_step(o->tx, o->a, o->enrolment, &ev, &c, NULL, NULL, e);
	return s == INPUT ? OK : s;
}

static enum status invite(struct sending *o, struct appointment *ap, struct err *e)
{
	const struct calendar_item *item = o->c->item;
	bool is_new = ap->id == NULL, other = ap->starts != item->start;
	enum status s;

	if (!is_new && item->sequence < ap->sequence)
		return OK;
	if (is_new || other || !open_still(ap))
		ap->state = !is_new && other && firm(ap) ? "rescheduled" : "proposed";
	take_over(o->a, ap, item, false);
	ap->direction = "ours";
	ap->counter = 0;
	ap->because = !is_new && other ? "moved by us" : ap->because;
	s = appointment_save(o->tx, o->a, ap, o->actor, e);
	return s == OK && (is_new || other) ? move(o, ap, EV_DECISION, "appointment", e) : s;
}

/* The rep answers the prospect's own invitation: now both have said yes. */
static enum status answer(struct sending *o, struct appointment *ap, struct err *e)
{
	const struct calendar_item *item = o->c->item;
	const char *said = NULL;
	enum status s;

	for (size_t i = 0; i < item->attendees_n && !said; i++)
		said = item->attendees[i].partstat;
	if (!ap->id)
		return OK;
	if (str_eq(said, "ACCEPTED") && open_still(ap) && item->sequence >= ap->sequence) {
		take_over(o->a, ap, item, true);
		s = appointment_book(o->tx, o->a, ap, arena_printf(o->a, "invited by them, accepted by %s", o->actor),
				     o->actor, e);
		return s == OK ? move(o, ap, EV_BOOKED, NULL, e) : s;
	}
	if (!str_eq(said, "DECLINED"))
		return OK;
	s = cancelled(o->tx, o->a, ap, "declined by us", o->actor, e);
	return s == OK ? move(o, ap, EV_CANCELLED, "declined", e) : s;
}

enum status store_calendar_out(struct store_tx *tx, struct arena *a, const struct calendar_out *c, const char *actor,
			       struct err *e)
{
	struct sending o = { .tx = tx, .a = a, .c = c, .actor = actor };
	struct appointment *known = NULL, ap = {
		.prospect_id = c->prospect_id, .owner_id = c->owner_id, .uid = c->item->uid,
		.recurrence = c->item->recurrence, .direction = "ours",
		.evidence = arena_printf(a, "sent <%s>", c->message_id ? c->message_id : "-"),
	};
	enum status s = appointment_by_uid(tx, a, c->item, c->prospect_id, &known, e);

	if (s == OK)
		ap = *known;
	if (s == OK || s == GONE)
		s = enrolment_of(&o, e);
	if (s != OK || !c->item->uid)
		return s;
	if (!ap.enrolment_id)
		ap.enrolment_id = o.enrolment;
	if (str_eq(c->item->method, "REQUEST") || str_eq(c->item->method, "ADD"))
		return invite(&o, &ap, e);
	if (str_eq(c->item->method, "REPLY"))
		return answer(&o, &ap, e);
	if (str_eq(c->item->method, "CANCEL") && ap.id && open_still(&ap)) {
		s = cancelled(tx, a, &ap, "cancelled by us", actor, e);
		return s == OK ? move(&o, &ap, EV_CANCELLED, "cancelled", e) : s;
	}
	if (str_eq(c->item->method, "COUNTER") && ap.id) {
		ap.counter = c->item->start;
		ap.state = firm(&ap) ? "rescheduled" : "proposed";
		return appointment_save(tx, a, &ap, actor, e);
	}
	if (str_eq(c->item->method, "DECLINECOUNTER") && ap.id) {
		ap.counter = 0;
		return appointment_save(tx, a, &ap, actor, e);
	}
	return OK;
}
