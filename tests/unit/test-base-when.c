/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdlib.h>

#include "base/when.h"
#include "tests/lib/testing.h"

static time_t at(const char *s, const char *zone)
{
	time_t t;

	ck_assert_msg(when_parse(s, zone, &t), "%s", s);
	return t;
}

static void same(time_t t, const char *utc)
{
	char text[WHEN_TEXT];

	ck_assert_str_eq(when_text(t, text), utc);
}

START_TEST(zones)
{
	ck_assert(when_zone_valid("Europe/Berlin"));
	ck_assert(when_zone_valid("UTC"));
	ck_assert(!when_zone_valid("Mars/Olympus"));
	ck_assert(!when_zone_valid(""));
	ck_assert(!when_zone_valid(NULL));
	/* skipped hour: as far behind the jump as it was into it; double hour: the first */
	same(when_utc((struct date){ 2026, 3, 29 }, 2, 30, "Europe/Berlin"), "2026-03-29T01:30:00Z");
	same(when_utc((struct date){ 2026, 10, 25 }, 2, 30, "Europe/Berlin"), "2026-10-25T00:30:00Z");
	same(when_utc((struct date){ 2026, 3, 8 }, 2, 15, "America/New_York"), "2026-03-08T07:15:00Z");
	/* Lord Howe moves by half an hour */
	same(when_utc((struct date){ 2026, 1, 10 }, 9, 0, "Australia/Lord_Howe"), "2026-01-09T22:00:00Z");
	same(when_utc((struct date){ 2026, 7, 10 }, 9, 0, "Australia/Lord_Howe"), "2026-07-09T22:30:00Z");
}
END_TEST

START_TEST(days)
{
	/* the same clock on the wall over a change of summer time */
	time_t t = at("2026-03-28 09:00", "Europe/Berlin");

	same(t, "2026-03-28T08:00:00Z");
	same(when_add_days(t, 2, "Europe/Berlin"), "2026-03-30T07:00:00Z");
	ck_assert_int_eq(date_weekday((struct date){ 2026, 11, 21 }), 6);
	ck_assert_int_eq(date_iso_week((struct date){ 2027, 1, 1 }), 53);
	ck_assert_int_eq(date_iso_week((struct date){ 2024, 12, 30 }), 1);
	ck_assert_int_eq(date_cmp(date_add_months((struct date){ 2028, 1, 31 }, 1),
				  (struct date){ 2028, 2, 29 }), 0);
	ck_assert_int_eq(date_cmp(date_add_months((struct date){ 2026, 1, 15 }, -1),
				  (struct date){ 2025, 12, 15 }), 0);
	ck_assert_int_eq(date_days_between((struct date){ 2026, 1, 1 }, (struct date){ 2027, 1, 1 }), 365);
	ck_assert(!date_valid((struct date){ 2026, 2, 29 }));
	ck_assert_int_eq(date_cmp(date_next_working((struct date){ 2026, 11, 20 }),
				  (struct date){ 2026, 11, 23 }), 0);
}
END_TEST

/* rows: 1113 */
START_TEST(windows)
{
	struct date holidays[] = { { 2026, 12, 25 }, { 2026, 12, 28 } };
	struct when_window w = { .holidays = holidays, .holidays_n = 2 };

	/* Friday evening to Monday morning, in the prospect's zone */
	same(when_next_open(at("2026-11-20 18:00", "America/New_York"), &w, "America/New_York"),
	     "2026-11-23T13:30:00Z");
	same(when_next_open(at("2026-11-23 07:00", "Europe/Berlin"), &w, "Europe/Berlin"),
	     "2026-11-23T07:30:00Z");
	same(when_next_open(at("2026-11-23 12:00", "Europe/Berlin"), &w, "Europe/Berlin"),
	     "2026-11-23T11:00:00Z");
	same(when_next_open(at("2026-11-23 17:30", "Europe/Berlin"), &w, "Europe/Berlin"),
	     "2026-11-24T07:30:00Z");
	/* Christmas on a Friday, and the Monday after it */
	same(when_next_open(at("2026-12-24 20:00", "Europe/Berlin"), &w, "Europe/Berlin"),
	     "2026-12-29T07:30:00Z");
	ck_assert(!when_is_working_day(holidays[0], &w));
}
END_TEST

START_TEST(parsing)
{
	time_t t;
	int offset;

	ck_assert(when_parse_rfc5322("Tue, 24 Mar 2026 11:31:56 +0100", &t, &offset));
	same(t, "2026-03-24T10:31:56Z");
	ck_assert_int_eq(offset, 3600);
	ck_assert(when_parse_rfc5322(" 1 Jan 99 00:00 EST (a (nested) comment)", &t, &offset));
	same(t, "1999-01-01T05:00:00Z");
	ck_assert(!when_parse_rfc5322("yesterday", &t, NULL));
	ck_assert(!when_parse_rfc5322("Tue, 31 Feb 2026 11:31:56 +0100", &t, NULL));
	ck_assert(!when_parse_rfc5322("((((((((", &t, NULL));
	ck_assert(!when_parse("2026-13-01", "UTC", &t));
	ck_assert(!when_parse("2026-12-01 25:00", "UTC", &t));
	ck_assert(!when_parse("2026-12-01x", "UTC", &t));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-when");
	TCase *tc = test_case(s, "when");

	tcase_add_test(tc, zones);
	tcase_add_test(tc, days);
	tcase_add_test(tc, windows);
	tcase_add_test(tc, parsing);
	return test_run(s);
}
