/* SPDX-License-Identifier: MPL-2.0
 *
 * Calendar parts, through libical, as a mail and as text; the same bytes as the words of a booking notice.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/booking.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mail.h"

static void text(const char *s)
{
	if (s && !str_is_utf8(s, strlen(s)))
		abort();
}

static void check(const struct calendar_item *item)
{
	text(item->method);
	text(item->uid);
	text(item->zone);
	text(item->summary);
	text(item->place);
	text(item->comment);
	text(item->organizer);
	text(item->status);
	text(item->recurrence);
	if (!item->method || item->sequence < 0 || item->start < 0 || (item->end && item->end <= item->start) ||
	    item->attendees_n > CALENDAR_ATTENDEES_MAX || (item->zone && item->floating))
		abort();
	for (size_t i = 0; i < item->attendees_n; i++) {
		if (!item->attendees[i].address)
			abort();
		text(item->attendees[i].address);
		text(item->attendees[i].partstat);
		text(item->attendees[i].delegated_to);
		text(item->attendees[i].delegated_from);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *utf8 = str_utf8(a, (const char *)data, n);
	const struct calendar_item *item = calendar_read(a, utf8, strlen(utf8), "REPLY", "Europe/Berlin");
	const char *zone;

	fuzz_mail("From: a@oakvale.example\nTo: s@boxwell.example\nSubject: x\n"
		  "Content-Type: text/calendar; method=REPLY; charset=utf-8\n\n", data, n, "");
	if (!item)
		abort();
	check(item);
	if (strlen(utf8) < 400) {
		(void)booking_time(a, utf8, "Europe/Berlin", 1803891600, &zone);
		(void)calendar_zone(a, utf8);
	}
	arena_free(a);
	return 0;
}
