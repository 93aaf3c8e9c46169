/* SPDX-License-Identifier: MPL-2.0
 *
 * Appointments: proposed, booked with evidence, moved, cancelled, kept or not; and who is offered a booking link.
 * Nothing is booked here but on the word of the person invited, of a booking system, or of somebody of ours by name.
 */
#ifndef STORE_APPOINTMENTS_H
#define STORE_APPOINTMENTS_H

#include "store/store.h"

struct appointment {
	const char *id, *prospect_id, *enrolment_id, *owner_id, *reply_id;
	const char *uid, *recurrence;	/* of the calendar; recurrence: which day of a series */
	int sequence;			/* RFC 5545 SEQUENCE of what was last believed */
	time_t stamp;
	time_t starts, ends;		/* UTC; 0: not known */
	const char *zone;		/* the zone it was made in */
	bool all_day;
	const char *state;		/* proposed booked rescheduled cancelled show no_show */
	const char *quality;		/* qualified, unqualified; or what a person said of it */
	const char *direction;		/* ours theirs link person */
	const char *evidence, *summary, *place, *organizer, *attendees, *because;
	time_t confirmed;
	const char *confirmed_by;
	time_t counter;			/* the time proposed instead; 0 none */
	const char *address, *name, *owner_login, *owner_zone, *prospect_zone;
};

/* By id, or an end of it (six characters or more), or the prospect's latest one by address. */
enum status store_appointment(struct store_tx *tx, struct arena *a, const char *what, struct appointment **out_r,
			      struct err *e);
/* "2027-03-04 10:00 (Europe/Berlin), 2027-03-04 09:00 for them (Europe/London)": owner's and prospect's clocks. */
const char *store_appointment_when(struct arena *a, const struct appointment *ap);

/* What a person says of one: `booked.DATE.TIME@`, relentctl, a task. */
struct appointment_put {
	const char *prospect_id;
	const char *owner_id;		/* NULL: the prospect's */
	bool booked;			/* else proposed */
	time_t starts, ends;		/* ends 0: an hour later */
	const char *zone;		/* NULL: the owner's */
	const char *summary, *place;	/* or NULL */
	const char *because;		/* who said so, and how; needed to book where something is missing */
	const char *evidence;		/* NULL: the actor's word */
};
/* Records it and moves the enrolment (appointment proposed, booked). Booked again at the same time: the same one.
 * What is missing of the list of things to confirm becomes a task, and the quality says unqualified; without
 * `because` it is INPUT instead and says what is missing. INPUT: a time that is past. */
enum status store_appointment_put(struct store_tx *tx, struct arena *a, const struct appointment_put *p,
				  const char *actor, const char **id_r, struct err *e);
/* Another time, place or zone; 0 and NULL leave it. A booked one becomes rescheduled unless agreed. */
struct appointment_edit {
	time_t starts, ends;
	const char *zone, *summary, *place, *quality, *because;
	bool agreed;			/* the prospect agreed to it: booked again */
};
enum status store_appointment_edit(struct store_tx *tx, struct arena *a, const char *what,
				   const struct appointment_edit *ed, const char *actor, struct err *e);
/* The enrolment goes to a person (human_review). GONE: there is none, or it is cancelled already. */
enum status store_appointment_cancel(struct store_tx *tx, struct arena *a, const char *what, const char *because,
				     const char *actor, struct err *e);
/* It took place, or nobody came: `showed.ID@`, `noshow.ID@`, the task after it, relentctl. quality, note: or NULL. A
 * no-show makes a task with a text for another try. INPUT: it lies ahead, or is cancelled. The same again: OK. */
enum status store_appointment_outcome(struct store_tx *tx, struct arena *a, const char *what, bool showed,
				      const char *quality, const char *note, const char *actor, struct err *e);

/* The clock's part, at most max of each: "did it take place?" after its end; a reminder to send ahead of it. */
enum status store_appointments_tick(struct store_tx *tx, struct arena *a, size_t max, size_t *done_r,
				    struct err *e);

/* ---- who is offered a link ---- */

/* Does this person pass the minimum (booking.minimum)? missing_r: what does not, in words; NULL: passes. */
enum status store_qualified(struct store_tx *tx, struct arena *a, const char *prospect_id, const char **missing_r,
			    struct err *e);
/* The link for this person, or NULL: none is configured, or the person does not pass; why_r (may be NULL) says. */
enum status store_booking_link(struct store_tx *tx, struct arena *a, const char *prospect_id, const char *owner_id,
			       const char **link_r, const char **why_r, struct err *e);

/* ---- calendars ---- */

struct calendar_item;
/* A calendar part that left through our MTA: the rep's own client invited, moved, cancelled or answered. */
struct calendar_out {
	const struct calendar_item *item;
	const char *owner_id, *prospect_id, *address;	/* the recipient it was sent to */
	const char *message_id, *queue_id;
};
enum status store_calendar_out(struct store_tx *tx, struct arena *a, const struct calendar_out *c,
			       const char *actor, struct err *e);

#endif
