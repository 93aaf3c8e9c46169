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

/* Whatever the zone does, the wall clock of a moment leads back to it, or to the first of the two moments
 * that show the same clock. */
START_TEST(there_and_back)
{
	static const char *const zone[] = { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
					    "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "UTC" };
	time_t from = at("2026-01-01", "UTC"), to = at("2027-01-02", "UTC");
	int doubles[7] = { 0 };

	for (int z = 0; z < 7; z++)
		for (time_t t = from; t < to; t += 900) {
			struct civil c = when_civil(t, zone[z]);
			time_t back = when_utc(c.date, c.hour, c.minute, zone[z]);

			ck_assert_int_eq(c.weekday, date_weekday(c.date));
			if (back == t)
				continue;
			ck_assert_msg(back < t && t - back <= 3600, "%s %ld", zone[z], (long)t);
			ck_assert_int_eq(when_civil(back, zone[z]).minute, c.minute);
			doubles[z]++;
		}
	ck_assert_int_eq(doubles[0], 4);	/* one hour of quarters each autumn */
	ck_assert_int_eq(doubles[1], 4);
	ck_assert_int_eq(doubles[2], 2);	/* half an hour */
	ck_assert_int_eq(doubles[3], 0);
	ck_assert_int_eq(doubles[6], 0);
}
END_TEST

START_TEST(jumps)
{
	static const struct { const char *zone, *local, *utc, *shown; } t[] = {
		/* skipped: moved forward by the gap */
		{ "Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00Z", "2026-03-29 03:00" },
		{ "Europe/Berlin", "2026-03-29 02:59", "2026-03-29T01:59:00Z", "2026-03-29 03:59" },
		{ "America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z", "2026-03-08 03:30" },
		{ "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z", "2026-10-04 02:45" },
		/* a whole day that did not take place */
		{ "Pacific/Apia", "2011-12-30 09:00", "2011-12-30T19:00:00Z", "2011-12-31 09:00" },
		/* twice: the first */
		{ "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", "2026-11-01 01:30" },
		{ "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", "2026-04-05 01:45" },
		/* the minutes around */
		{ "Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z", "2026-03-29 01:59" },
		{ "Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z", "2026-03-29 03:00" },
		{ "Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z", "2026-10-25 03:00" },
		{ "No/Such", "2026-07-01 12:00", "2026-07-01T12:00:00Z", "2026-07-01 12:00" },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char text[WHEN_TEXT];

		same(at(t[i].local, t[i].zone), t[i].utc);
		ck_assert_str_eq(when_local_text(at(t[i].local, t[i].zone), t[i].zone, text), t[i].shown);
	}
}
END_TEST

START_TEST(calendar)
{
	static const struct { struct date d; int week, weekday; } t[] = {
		{ { 2020, 12, 31 }, 53, 4 }, { { 2021, 1, 3 }, 53, 7 }, { { 2021, 1, 4 }, 1, 1 },
		{ { 2024, 2, 29 }, 9, 4 }, { { 2024, 12, 29 }, 52, 7 }, { { 2024, 12, 30 }, 1, 1 },
		{ { 2026, 1, 1 }, 1, 4 }, { { 2026, 12, 31 }, 53, 4 }, { { 1970, 1, 1 }, 1, 4 },
		{ { 1900, 3, 1 }, 9, 4 }, { { 2000, 2, 29 }, 9, 2 }, { { 9999, 12, 31 }, 52, 5 },
	};
	static const struct { struct date d; int months; const char *want; } m[] = {
		{ { 2023, 1, 31 }, 1, "2023-02-28" }, { { 2024, 1, 31 }, 1, "2024-02-29" },
		{ { 2024, 2, 29 }, 12, "2025-02-28" }, { { 2024, 2, 29 }, 48, "2028-02-29" },
		{ { 2026, 3, 31 }, -1, "2026-02-28" }, { { 2026, 12, 15 }, 1, "2027-01-15" },
		{ { 2026, 1, 15 }, -13, "2024-12-15" },
	};
	struct date d = { 1, 1, 1 };
	char text[WHEN_TEXT];

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		ck_assert_msg(date_iso_week(t[i].d) == t[i].week, "%s", date_text(t[i].d, text));
		ck_assert_msg(date_weekday(t[i].d) == t[i].weekday, "%s", date_text(t[i].d, text));
	}
	for (size_t i = 0; i < sizeof m / sizeof *m; i++)
		ck_assert_str_eq(date_text(date_add_months(m[i].d, m[i].months), text), m[i].want);
	ck_assert(!date_valid((struct date){ 1900, 2, 29 }));
	ck_assert(date_valid((struct date){ 2000, 2, 29 }));
	/* every day for 400 years and more follows the one before it */
	for (int i = 0, weekday = date_weekday(d); i < 150000; i++) {
		struct date next = date_add_days(d, 1);

		ck_assert(date_valid(next) && date_cmp(d, next) < 0 && date_days_between(d, next) == 1);
		weekday = weekday % 7 + 1;
		ck_assert_int_eq(date_weekday(next), weekday);
		d = next;
	}
}
END_TEST

/* The promise of the header, for every quarter of an hour of a year: open, never earlier, and nothing
 * open in between was left out. */
START_TEST(next_open)
{
	struct date holidays[] = { { 2026, 4, 3 }, { 2026, 4, 6 }, { 2026, 12, 25 } };
	struct when_window w[] = {
		{ .holidays = holidays, .holidays_n = 3 },
		{ .days = 0x7f, .from = 0, .to = 1 },
		{ .days = 1u << 6, .from = 120, .to = 180 },	/* Sundays, in the hour that summer time skips */
		{ .days = 0x1f, .from = 1380, .to = 1439 },
	};

	for (size_t i = 0; i < sizeof w / sizeof *w; i++) {
		time_t t = at("2026-01-01 00:07", "Europe/Berlin"), open = when_next_open(t, &w[i], "Europe/Berlin");

		for (; t < at("2027-01-01", "UTC"); t += 900) {
			time_t now_open = when_next_open(t, &w[i], "Europe/Berlin");
			struct civil c = when_civil(now_open, "Europe/Berlin");

			ck_assert(now_open >= t && now_open >= open);
			ck_assert_msg(t > open || now_open == open, "%ld %ld %ld", (long)t, (long)open, (long)now_open);
			ck_assert(when_is_working_day(c.date, &w[i]));
			ck_assert(when_next_open(now_open, &w[i], "Europe/Berlin") == now_open || i == 2);
			open = now_open;
		}
	}
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
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, jumps);
	tcase_add_test(tc, calendar);
	tcase_add_test(tc, next_open);
	tcase_add_test(tc, parsing);
	return test_run(s);
}
