/* SPDX-License-Identifier: MPL-2.0
 *
 * Notices of booking systems ("New event: Ann Buyer, Thursday 10:00"), read by rules that a site can write: one file
 * of conf/booking for each system. Pure: files and time are handed in. That a notice looks like one proves nothing:
 * whoever books by it must know who sent it.
 */
#ifndef CLASSIFIER_BOOKING_H
#define CLASSIFIER_BOOKING_H

#include "classifier/calendar.h"
#include "classifier/classifier.h"

struct booking_rules;

/* files: as for phrases_load(), named "booking/NAME". CONF with file and line on a bad one. */
enum status booking_load(const struct data_file *files, size_t n, struct booking_rules **out_r, struct err *e);
void booking_free(struct booking_rules *r);
size_t booking_count(const struct booking_rules *r);

/* NULL: no notice of any of these systems. Else method BOOKED, MOVED or CANCEL; the invitee is its only attendee
 * (none: it does not say); a time that cannot be read surely is 0. zone: the owner's, for times without one only if
 * the rule says `zone = owner`. received: for a day without a year. */
const struct calendar_item *booking_read(struct arena *a, const struct booking_rules *r, const struct message *m,
					 const char *zone, time_t received);
struct finding *booking_finding(struct arena *a, const struct calendar_item *item);
/* "10:00am - Thursday, March 4, 2027 (Berlin)": day, time and zone, in words of the languages of notices. 0: not
 * surely readable. zone: where none is named; NULL: then it is not readable. *zone_r: the zone it was read in. */
time_t booking_time(struct arena *a, const char *text, const char *zone, time_t received, const char **zone_r);

#endif
