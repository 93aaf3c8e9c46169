/* SPDX-License-Identifier: MPL-2.0
 *
 * A calendar part (RFC 5545, 5546) as plain C fields. Only calendar.c knows libical; ICU knows the zones and Windows'
 * names for them. Pure.
 */
#ifndef CLASSIFIER_CALENDAR_H
#define CLASSIFIER_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

struct arena;
struct message;

enum { CALENDAR_ATTENDEES_MAX = 50 };

struct calendar_attendee {
	const char *address;		/* normalised */
	const char *partstat;		/* upper case; NULL: not said */
	const char *delegated_to, *delegated_from;	/* normalised, or NULL */
};

struct calendar_item {
	const char *method;		/* upper case; never NULL */
	const char *rule;		/* a booking system's notice: of which one (booking.h); NULL: a calendar's own */
	const char *uid;		/* or NULL */
	const char *recurrence;		/* RECURRENCE-ID in UTC ("20270304T090000Z", or a date); NULL: the series */
	int sequence;
	time_t stamp;			/* DTSTAMP; 0 none */
	time_t start, end;		/* UTC; 0 none; an all-day event begins at midnight of its zone */
	const char *zone;		/* IANA name; NULL: floating, read in the zone given */
	bool all_day, floating;
	bool repeats;			/* a series */
	const char *status;		/* CONFIRMED, TENTATIVE, CANCELLED; or NULL */
	const char *summary, *place, *comment;
	const char *organizer;		/* normalised, or NULL */
	const struct calendar_attendee *attendees;
	size_t attendees_n;
};

/* The first calendar part of the mail itself, wherever it hides: an alternative, an attachment, application/ics,
 * a file called *.ics; METHOD in the part, in the content type or in both (the part's own wins). zone (IANA; NULL:
 * UTC) is where a floating time is. NULL: there is none, or none that says a method. */
const struct calendar_item *calendar_of(struct arena *a, const struct message *m, const char *zone);
/* The same of the text of a part. method: of its content type, or NULL. */
const struct calendar_item *calendar_read(struct arena *a, const char *text, size_t n, const char *method,
					  const char *zone);
/* The IANA name of a TZID as clients write them: IANA names, Windows names ("W. Europe Standard Time"), Mozilla's and
 * Lotus's prefixed ones, "(UTC+01:00) Amsterdam, Berlin"; NULL: unknown. */
const char *calendar_zone(struct arena *a, const char *tzid);
/* The attendee with this address, or NULL. */
static inline const struct calendar_attendee *calendar_attendee(const struct calendar_item *item, const char *address)
{
	for (size_t i = 0; address && i < item->attendees_n; i++)
		if (strcmp(item->attendees[i].address, address) == 0)
			return &item->attendees[i];
	return NULL;
}

#endif
