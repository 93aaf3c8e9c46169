/* SPDX-License-Identifier: MPL-2.0
 *
 * For the files of the store only: appointments as calendars change them.
 */
#ifndef STORE_APPOINTMENTS_PRIVATE_H
#define STORE_APPOINTMENTS_PRIVATE_H

#include "classifier/calendar.h"
#include "store/appointments.h"
#include "store/store_private.h"

/* What is confirmed before an appointment is called booked. */
struct booking_check {
	const char *prospect_id, *owner_id, *purpose, *zone, *evidence;
	time_t starts;
	bool interest;		/* shown by this very act */
	bool *fit_r;
};
/* NULL: nothing is missing; else in words. */
enum status booking_missing(struct store_tx *tx, struct arena *a, const struct booking_check *c,
			    const char **missing_r, struct err *e);

/* The task after a booking: when it is on both clocks, what is still missing, and a text that confirms it. */
enum status booking_confirm(struct store_tx *tx, struct arena *a, const char *prospect_id, const char **text_r,
			    struct err *e);

/* The task after a reply of interest: offer an appointment, or ask what is missing first. */
enum status booking_offer(struct store_tx *tx, struct arena *a, const struct reply *r, struct err *e);

struct appointment appointment_of(const struct row *r);
/* By calendar id, of this person; GONE: none. item->recurrence counts. */
enum status appointment_by_uid(struct store_tx *tx, struct arena *a, const struct calendar_item *item,
			       const char *prospect_id, struct appointment **out_r, struct err *e);
enum status appointment_of_notice(struct store_tx *tx, struct arena *a, const struct calendar_item *item,
				  const char *prospect_id, struct appointment **out_r, struct err *e);
/* Writes what ap says: a new record if it has no id. */
enum status appointment_save(struct store_tx *tx, struct arena *a, struct appointment *ap, const char *actor,
			     struct err *e);
/* Becomes booked on by's word: quality, the task that lists what is missing. The enrolment is not moved. */
enum status appointment_book(struct store_tx *tx, struct arena *a, struct appointment *ap, const char *by,
			     const char *actor, struct err *e);

/* What an inbound mail with a calendar part, or one that names a time, leaves of appointments. */
struct calendar_in {
	const struct reply *r;
	const struct verdict_event *v;
	const char *reply_id;
	struct appointment *known;	/* of this uid; NULL none */
	bool own;			/* the mail is surely the person's own */
};
/* Did our own invitation go to this very address? Then an answer with its id is the address's own. */
bool calendar_invited(const struct appointment *ap, const char *address);
enum status calendar_in(struct store_tx *tx, struct arena *a, const struct calendar_in *c, struct err *e);

#endif
