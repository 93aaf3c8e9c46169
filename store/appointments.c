/* SPDX-License-Identifier: MPL-2.0
 *
 * Appointments as people and the clock change them. What calendars do is calendar.c.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "store/appointments_private.h"
#include "store/tasks.h"

enum { AN_HOUR = 3600 };

struct appointment appointment_of(const struct row *r)
{
	return (struct appointment){
		.id = at_text(r, 0), .prospect_id = at_text(r, 1), .enrolment_id = at_text(r, 2),
		.owner_id = at_text(r, 3), .reply_id = at_text(r, 4), .uid = at_text(r, 5),
		.recurrence = at_text(r, 6), .sequence = (int)at_int(r, 7), .stamp = (time_t)at_int(r, 8),
		.starts = (time_t)at_int(r, 9), .ends = (time_t)at_int(r, 10), .zone = at_text(r, 11),
		.all_day = at_int(r, 12) != 0, .state = at_text(r, 13), .quality = at_text(r, 14),
		.direction = at_text(r, 15), .evidence = at_text(r, 16), .summary = at_text(r, 17),
		.place = at_text(r, 18), .organizer = at_text(r, 19), .attendees = at_text(r, 20),
		.because = at_text(r, 21), .confirmed = (time_t)at_int(r, 22), .confirmed_by = at_text(r, 23),
		.counter = (time_t)at_int(r, 24), .address = at_text(r, 25), .name = at_text(r, 26),
		.owner_login = at_text(r, 27), .owner_zone = at_text(r, 28), .prospect_zone = at_text(r, 29),
	};
}

static enum status get(struct store_tx *tx, struct arena *a, const char *id, struct appointment **out_r,
		       struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, appointment_get, &r, e, T(id));

	if (s != OK)
		return s;
	*out_r = arena_new_of(a, struct appointment);
	**out_r = appointment_of(r);
	return OK;
}

static enum status of_person(struct store_tx *tx, struct arena *a, const char *address, struct rows *found,
			     struct err *e)
{
	const char *prospect = NULL;
	enum status s = store_prospect_find(tx, a, address, &prospect, e);

	return s == OK ? ROWS(tx, a, appointment_of_prospect, found, e, T(prospect)) : s == GONE ? OK : s;
}

enum status store_appointment(struct store_tx *tx, struct arena *a, const char *what, struct appointment **out_r,
			      struct err *e)
{
	const char *key = str_lower(a, what ? what : "");
	struct rows found = { 0, NULL };
	enum status s = strchr(key, '@') ? of_person(tx, a, key, &found, e)
		      : ROWS(tx, a, appointment_find, &found, e, T(key));

	if (s != OK)
		return s;
	if (found.n == 0)
		return err_set(e, GONE, "there is no appointment '%s': 'relentctl appointment list' shows them", key);
	if (found.n > 1)
		return err_set(e, INPUT, "several appointments end in '%s': give more of the id", key);
	return get(tx, a, at_text(&found.list[0], 0), out_r, e);
}

enum status appointment_by_uid(struct store_tx *tx, struct arena *a, const struct calendar_item *item,
			       const char *prospect_id, struct appointment **out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = !item || !item->uid || !prospect_id ? GONE
		: ONE(tx, a, appointment_by_uid, &r, e, T(item->uid), T(prospect_id), T(item->recurrence));

	if (s == OK)
		s = get(tx, a, at_text(r, 0), out_r, e);
	if (s != OK)
		return s;
	if (item->recurrence && !str_eq((*out_r)->recurrence, item->recurrence)) {
		(*out_r)->id = NULL;	/* one day of a series: a record of its own */
		(*out_r)->recurrence = item->recurrence;
	}
	return OK;
}

/* A notice that names no event: booked at that time already, or the one that it moves or cancels. */
enum status appointment_of_notice(struct store_tx *tx, struct arena *a, const struct calendar_item *item,
				  const char *prospect_id, struct appointment **out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = str_eq(item->method, "BOOKED") ? ONE(tx, a, appointment_at, &r, e, T(prospect_id), I(item->start))
		      : ONE(tx, a, appointment_linked, &r, e, T(prospect_id));

	return s == OK ? get(tx, a, at_text(r, 0), out_r, e) : s;
}

static const char *number(struct arena *a, int64_t n)
{
	return n ? arena_printf(a, "%lld", (long long)n) : NULL;
}

enum status appointment_save(struct store_tx *tx, struct arena *a, struct appointment *ap, const char *actor,
			     struct err *e)
{
	struct field f[] = {
		{ "prospect_id", ap->prospect_id }, { "enrolment_id", ap->enrolment_id },
		{ "owner_id", ap->owner_id }, { "reply_id", ap->reply_id }, { "uid", ap->uid },
		{ "recurrence", ap->recurrence }, { "sequence", arena_printf(a, "%d", ap->sequence) },
		{ "stamp", number(a, ap->stamp) }, { "starts", number(a, ap->starts) },
		{ "ends", number(a, ap->ends) }, { "zone", ap->zone }, { "all_day", ap->all_day ? "1" : "0" },
		{ "state", ap->state }, { "quality", ap->quality }, { "direction", ap->direction },
		{ "evidence", ap->evidence }, { "summary", ap->summary }, { "place", ap->place },
		{ "organizer", ap->organizer }, { "attendees", ap->attendees }, { "because", ap->because },
		{ "confirmed", number(a, ap->confirmed) }, { "confirmed_by", ap->confirmed_by },
		{ "counter", number(a, ap->counter) },
	};

	return store_put(tx, a, "appointment", ap->id, f, sizeof(f) / sizeof(*f), actor, &ap->id, e);
}

/* Whatever was asked about its old time is asked anew for the new one. */
static enum status moved(struct store_tx *tx, const struct appointment *ap, struct err *e)
{
	return ap->id ? RUN(tx, appointment_again, e, T(ap->id), I(tx->now)) : OK;
}

enum status appointment_book(struct store_tx *tx, struct arena *a, struct appointment *ap, const char *by,
			     const char *actor, struct err *e)
{
	const char *missing = NULL;
	bool fit = false;
	struct booking_check c = { .prospect_id = ap->prospect_id, .owner_id = ap->owner_id, .purpose = ap->summary,
				   .zone = ap->zone, .evidence = by, .starts = ap->starts, .interest = true,
				   .fit_r = &fit };
	enum status s = booking_missing(tx, a, &c, &missing, e);

	if (s != OK)
		return s;
	ap->state = "booked";
	ap->quality = fit ? "qualified" : "unqualified";
	ap->confirmed = tx->now;
	ap->confirmed_by = by;
	ap->counter = 0;
	if (ap->starts && ap->ends <= ap->starts)
		ap->ends = ap->starts + AN_HOUR;
	s = moved(tx, ap, e);
	return s == OK ? appointment_save(tx, a, ap, actor, e) : s;
}

/* ---- for people ---- */

const char *store_appointment_when(struct arena *a, const struct appointment *ap)
{
	const char *ours = str_empty(ap->owner_zone) ? ap->zone ? ap->zone : "UTC" : ap->owner_zone;
	const char *theirs = str_empty(ap->prospect_zone) ? ap->zone : ap->prospect_zone;
	char day[WHEN_TEXT];
	struct buf b;

	if (!ap->starts)
		return "at a time that is not known";
	buf_init(&b, a);
	if (ap->all_day) {
		buf_addf(&b, "%s, all day", date_text(when_civil(ap->starts, ap->zone ? ap->zone : ours).date, day));
		return b.p;
	}
	buf_addf(&b, "%s (%s)", when_local_text(ap->starts, ours, day), ours);
	if (!str_empty(theirs) && !str_eq(theirs, ours))
		buf_addf(&b, ", %s for them (%s)", when_local_text(ap->starts, theirs, day), theirs);
	return b.p;
}

static enum status step(struct store_tx *tx, struct arena *a, const struct appointment *ap, const struct event *ev,
			const char *actor, struct err *e)
{
	struct cause c = { .actor = actor, .evidence = arena_printf(a, "appointment %s: %s", ap->id, ap->evidence) };
	enum status s = ap->enrolment_id ? store_step(tx, a, ap->enrolment_id, ev, &c, NULL, NULL, e) : OK;

	return s == INPUT ? OK : s;
}

static enum status close_tasks(struct store_tx *tx, struct arena *a, const struct appointment *ap, const char *actor,
			       const char *why, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, tasks_of_appointment, &rows, e, T(ap->prospect_id), T(ap->id));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = store_put(tx, a, "task", at_text(&rows.list[i], 0),
			      (struct field[]){ { "done", arena_printf(a, "%lld", (long long)tx->now) },
						{ "done_by", actor }, { "outcome", why } }, 3, actor, NULL, e);
	return s;
}

static enum status fill_new(struct store_tx *tx, struct arena *a, const struct appointment_put *p,
			    struct appointment *ap, const char *actor, struct err *e)
{
	const struct row *r = NULL;
	const char *owner = p->owner_id;
	enum status s = ONE(tx, a, enrolment_answered, &r, e, T(p->prospect_id));

	*ap = (struct appointment){ .prospect_id = p->prospect_id, .direction = "person", .state = "proposed",
				    .starts = p->starts, .ends = p->ends > p->starts ? p->ends : p->starts + AN_HOUR,
				    .zone = p->zone, .summary = p->summary, .place = p->place, .because = p->because };
	if (s == OK) {
		ap->enrolment_id = at_text(r, 0);
		owner = owner ? owner : at_text(r, 1);
	}
	if (s == OK || s == GONE)
		s = ONE(tx, a, prospect_facts, &r, e, T(p->prospect_id));
	if (s != OK)
		return s == GONE ? err_set(e, GONE, "there is no such prospect") : s;
	ap->owner_id = owner ? owner : row_text(r, "owner_id");
	if (ap->owner_id && !ap->zone) {
		s = ONE(tx, a, owner_zone, &r, e, T(ap->owner_id));
		ap->zone = s == OK && !str_empty(at_text(r, 0)) ? at_text(r, 0) : tx->store->o.zone;
	}
	ap->evidence = p->evidence ? p->evidence : arena_printf(a, "the word of %s%s%s", actor, p->because ? ": " : "",
								  p->because ? p->because : "");
	return s == GONE ? OK : s;
}

static enum status may_book(struct store_tx *tx, struct arena *a, const struct appointment_put *p,
			    const struct appointment *ap, struct err *e)
{
	const char *missing = NULL;
	bool fit;
	struct booking_check c = { .prospect_id = ap->prospect_id, .owner_id = ap->owner_id, .purpose = ap->summary,
				   .zone = ap->zone, .evidence = ap->evidence, .starts = ap->starts,
				   .fit_r = &fit };
	enum status s = booking_missing(tx, a, &c, &missing, e);

	if (s != OK || !missing || !str_empty(p->because))
		return s;
	return err_set(e, INPUT, "before it is booked, confirm: %s. Or say who confirmed it and how (--because)", missing);
}

enum status store_appointment_put(struct store_tx *tx, struct arena *a, const struct appointment_put *p,
				  const char *actor, const char **id_r, struct err *e)
{
	struct appointment ap, *same = NULL;
	const struct row *r = NULL;
	enum status s = fill_new(tx, a, p, &ap, actor, e);

	if (s != OK)
		return s;
	if (p->zone && !when_zone_valid(p->zone))
		return err_set(e, INPUT, "there is no time zone '%s': write it as Europe/Berlin", p->zone);
	if (!p->starts)
		return err_set(e, INPUT, "an appointment needs the time it starts");
	if (p->starts < tx->now - 86400)
		return err_set(e, INPUT, "an appointment cannot be %s in the past", p->booked ? "booked" : "proposed");
	if (p->booked)
		s = may_book(tx, a, p, &ap, e);
	if (s == OK)
		s = ONE(tx, a, appointment_at, &r, e, T(p->prospect_id), I(p->starts));
	if (s == OK)
		s = get(tx, a, at_text(r, 0), &same, e);
	if (s != OK && s != GONE)
		return s;
	if (same && str_eq(same->state, p->booked ? "booked" : same->state)) {	/* said twice */
		if (id_r)
			*id_r = same->id;
		return OK;
	}
	if (same)
		ap = *same;
	s = p->booked ? appointment_book(tx, a, &ap, actor, actor, e) : appointment_save(tx, a, &ap, actor, e);
	if (id_r)
		*id_r = ap.id;
	if (s != OK)
		return s;
	struct event ev = { .kind = p->booked ? EV_BOOKED : EV_DECISION, .target = SEQ_APPOINTMENT_PROPOSED,
			    .reason = "appointment", .words = store_appointment_when(a, &ap) };
	return step(tx, a, &ap, &ev, actor, e);
}

enum status store_appointment_edit(struct store_tx *tx, struct arena *a, const char *what,
				   const struct appointment_edit *ed, const char *actor, struct err *e)
{
	struct appointment *ap = NULL;
	enum status s = store_appointment(tx, a, what, &ap, e);

	if (s != OK)
		return s;
	bool other = ed->starts && ed->starts != ap->starts;
	if (other && (str_eq(ap->state, "show") || str_eq(ap->state, "no_show") || str_eq(ap->state, "cancelled")))
		return err_set(e, INPUT, "this appointment is over (%s): make another one", ap->state);
	if (ed->zone && !when_zone_valid(ed->zone))
		return err_set(e, INPUT, "there is no time zone '%s': write it as Europe/Berlin", ed->zone);
	if (other) {
		ap->ends = ap->ends > ap->starts ? ed->starts + (ap->ends - ap->starts) : ed->starts + AN_HOUR;
		ap->starts = ed->starts;
		if (str_eq(ap->state, "booked"))
			ap->state = "rescheduled";
	}
	if (ed->ends)
		ap->ends = ed->ends;
	ap->zone = ed->zone ? ed->zone : ap->zone;
	ap->summary = ed->summary ? ed->summary : ap->summary;
	ap->place = ed->place ? ed->place : ap->place;
	ap->because = ed->because ? ed->because : ap->because;
	if (ap->ends && ap->ends <= ap->starts)
		return err_set(e, INPUT, "it would end before it starts");
	s = moved(tx, ap, e);
	if (s == OK && ed->agreed)
		s = appointment_book(tx, a, ap, actor, actor, e);
	else if (s == OK)
		s = appointment_save(tx, a, ap, actor, e);
	if (s == OK && ed->quality)
		s = store_put(tx, a, "appointment", ap->id, &(struct field){ "quality", ed->quality }, 1, actor, NULL, e);
	if (s != OK || !ed->agreed)
		return s;
	struct event ev = { .kind = EV_BOOKED, .words = store_appointment_when(a, ap) };
	return step(tx, a, ap, &ev, actor, e);
}

enum status store_appointment_cancel(struct store_tx *tx, struct arena *a, const char *what, const char *because,
				     const char *actor, struct err *e)
{
	struct appointment *ap = NULL;
	enum status s = store_appointment(tx, a, what, &ap, e);

	if (s != OK)
		return s;
	if (str_eq(ap->state, "cancelled"))
		return err_set(e, GONE, "this appointment is cancelled already");
	if (str_eq(ap->state, "show") || str_eq(ap->state, "no_show"))
		return err_set(e, INPUT, "this appointment is over (%s)", ap->state);
	ap->state = "cancelled";
	ap->because = because;
	s = appointment_save(tx, a, ap, actor, e);
	if (s == OK)
		s = close_tasks(tx, a, ap, actor, "withdrawn: cancelled", e);
	struct event ev = { .kind = EV_CANCELLED, .reason = "cancelled", .words = because };
	return s == OK ? step(tx, a, ap, &ev, actor, e) : s;
}

static const char *who(const struct appointment *ap)
{
	return ap->name ? ap->name : ap->address ? ap->address : "this person";
}

static enum status try_again(struct store_tx *tx, struct arena *a, const struct appointment *ap, const char *actor,
			     struct err *e)
{
	struct task_new t = { .owner_id = ap->owner_id, .prospect_id = ap->prospect_id, .enrolment_id = ap->enrolment_id,
			      .appointment_id = ap->id, .kind = "no_show" };

	t.text = arena_printf(a, "%s did not come to the appointment of %s. Ask once whether another time suits, without "
			      "reproach; or close it.\n\nWe missed each other on %s. Shall we find another time?",
			      who(ap), store_appointment_when(a, ap), store_appointment_when(a, ap));
	return store_task_add(tx, a, &t, actor, NULL, e);
}

enum status store_appointment_outcome(struct store_tx *tx, struct arena *a, const char *what, bool showed,
				      const char *quality, const char *note, const char *actor, struct err *e)
{
	const char *state = showed ? "show" : "no_show";
	struct appointment *ap = NULL;
	enum status s = store_appointment(tx, a, what, &ap, e);

	if (s != OK)
		return s;
	if (str_eq(ap->state, "cancelled"))
		return err_set(e, INPUT, "this appointment was cancelled");
	if (ap->starts > tx->now)
		return err_set(e, INPUT, "this appointment lies ahead: %s", store_appointment_when(a, ap));
	bool again = str_eq(ap->state, state);
	ap->state = state;
	if (!str_empty(quality))
		ap->quality = quality;
	if (!str_empty(note))
		ap->because = note;
	s = again && str_empty(quality) && str_empty(note) ? OK : appointment_save(tx, a, ap, actor, e);
	if (s == OK && !again)
		s = close_tasks(tx, a, ap, actor, state, e);
	if (s != OK || again)
		return s;
	if (showed)
		return OK;
	s = try_again(tx, a, ap, actor, e);
	struct event ev = { .kind = EV_CANCELLED, .reason = "no_show", .words = note };
	return s == OK ? step(tx, a, ap, &ev, actor, e) : s;
}

/* ---- the clock ---- */

static enum status ask_outcome(struct store_tx *tx, struct arena *a, const struct appointment *ap, struct err *e)
{
	struct task_new t = { .owner_id = ap->owner_id, .prospect_id = ap->prospect_id, .appointment_id = ap->id,
			      .kind = "appointment_outcome", .due = tx->now };
	enum status s;

	t.text = arena_printf(a, "Did the appointment with %s take place? (%s) Answer \"showed\" or \"no-show\", "
			      "and how good it was.", who(ap), store_appointment_when(a, ap));
	s = store_task_add(tx, a, &t, "clock", NULL, e);
	return s == OK ? RUN(tx, appointment_asked, e, T(ap->id), I(tx->now)) : s;
}

static enum status remind(struct store_tx *tx, struct arena *a, const struct appointment *ap, struct err *e)
{
	const char *zone = ap->prospect_zone ? ap->prospect_zone : ap->zone ? ap->zone : "UTC";
	struct task_new t = { .owner_id = ap->owner_id, .prospect_id = ap->prospect_id, .appointment_id = ap->id,
			      .kind = "appointment_reminder", .due = tx->now };
	char day[WHEN_TEXT];
	enum status s;

	t.text = arena_printf(a, "Remind %s of the appointment: %s%s%s.\n\nJust to confirm our appointment on %s (%s)%s%s. "
			      "If another time suits you better, tell me.", who(ap), store_appointment_when(a, ap),
			      ap->place ? ", " : "", ap->place ? ap->place : "", when_local_text(ap->starts, zone, day),
			      zone, ap->place ? ", " : "", ap->place ? ap->place : "");
	s = store_task_add(tx, a, &t, "clock", NULL, e);
	return s == OK ? RUN(tx, appointment_reminded, e, T(ap->id), I(tx->now)) : s;
}

enum status store_appointments_tick(struct store_tx *tx, struct arena *a, size_t max, size_t *done_r, struct err *e)
{
	int64_t ahead = tx->store->o.booking_remind;
	struct appointment *ap;
	struct rows over, soon = { 0, NULL };
	enum status s = ROWS(tx, a, appointments_over, &over, e, I(tx->now), I((int64_t)max));

	if (s == OK && ahead > 0)
		s = ROWS(tx, a, appointments_ahead, &soon, e, I(tx->now), I(tx->now + ahead), I((int64_t)max));
	for (size_t i = 0; s == OK && i < over.n; i++) {
		s = get(tx, a, at_text(&over.list[i], 0), &ap, e);
		if (s == OK)
			s = ask_outcome(tx, a, ap, e);
	}
	for (size_t i = 0; s == OK && i < soon.n; i++) {
		s = get(tx, a, at_text(&soon.list[i], 0), &ap, e);
		if (s == OK)	/* booked only just now: nobody has forgotten it yet */
			s = ap->confirmed > ap->starts - ahead ? RUN(tx, appointment_reminded, e, T(ap->id), I(tx->now))
				: remind(tx, a, ap, e);
	}
	if (done_r != NULL)
		*done_r = over.n + soon.n;
	return s;
}
