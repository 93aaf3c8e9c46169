/* SPDX-License-Identifier: MPL-2.0
 *
 * What a finding about a mail becomes for the enrolment it belongs to (verdict.c). For reply.c.
 */
#ifndef STORE_VERDICT_H
#define STORE_VERDICT_H

#include "store/store.h"

struct appointment;
struct arena;

struct verdict_question {
	const struct reply *r;
	const char **addresses;		/* of the prospect */
	size_t addresses_n;
	bool colleague;			/* the sender is none of them */
	bool answers_own;		/* answers a mail that went to the very address it comes from */
	bool touch_failed;		/* the MTA's log has told of this failure */
	struct appointment *known;	/* of a calendar part: the appointment of its id; NULL none */
	bool invited;			/* our own invitation with this id went to the very address it comes from */
	bool booked;			/* an appointment with this person is booked */
	bool one_of_theirs;		/* the attendee who answers is the sender, or one of the person's addresses */
	bool delegate;			/* the attendee who answers does so for the person */
};
struct verdict_event {
	struct event ev;
	bool back;			/* ev.date is the day of return */
	const char *address;		/* which address it is about, if the mail says */
	const char *review, *why;	/* kind and sentence of the review, or NULL */
};
struct verdict_event verdict_of(struct arena *a, const struct verdict_question *q);

#endif
