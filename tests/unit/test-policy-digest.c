/* SPDX-License-Identifier: MPL-2.0
 *
 * One digest a day, at its hour on the owner's wall.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "policy/digest.h"
#include "tests/lib/testing.h"

static time_t at(const char *text)
{
	time_t t;

	ck_assert_msg(when_parse(text, "UTC", &t), "%s", text);
	return t;
}

/* Goes through the time in steps and gathers when digests were due ("2026-03-28 06:00Z ..."), with what changes:
 * from `change` on the zone is another one. */
static int run(struct arena *a, const char *from, const char *until, int step, const char *zone, const char *change,
	       const char *zone2, struct digest_when w, char **days_r)
{
	time_t end = at(until), moves = change ? at(change) : end;
	int n = 0;

	*days_r = arena_strdup(a, "");
	for (time_t now = at(from); now < end; now += step) {
		struct digest_moment m;
		char day[WHEN_TEXT];

		w.zone = now < moves ? zone : zone2;
		if (!policy_digest_due(&w, now, &m))
			continue;
		if (w.last) {	/* where the owner is now, there was none today; and none lately */
			ck_assert(date_cmp(when_civil(w.last, w.zone).date, when_civil(now, w.zone).date) < 0);
			ck_assert(now - w.last >= 6 * 3600);
			ck_assert(now - w.last <= 50 * 3600);
		}
		*days_r = arena_printf(a, "%s%s%s%s", *days_r, n ? " " : "", date_text(m.day, day), m.late ? "!" : "");
		w.last = now;
		n++;
	}
	return n;
}

START_TEST(once_a_day_at_the_hour)
{
	struct digest_when w = { .zone = "Europe/Berlin", .hour = 7 };
	struct digest_moment m;

	ck_assert(!policy_digest_due(&w, at("2026-03-02T05:59:59Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-02T06:00:00Z"), &m));
	ck_assert(!m.late);
	w.last = at("2026-03-02T06:00:00Z");
	ck_assert(!policy_digest_due(&w, at("2026-03-02T06:00:10Z"), &m));
	ck_assert(!policy_digest_due(&w, at("2026-03-02T22:59:00Z"), &m));
	ck_assert(!policy_digest_due(&w, at("2026-03-03T05:59:00Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-03T06:00:01Z"), &m));
	/* an hour that was changed in between: in the evening, in the morning */
	w.hour = 18;
	ck_assert(!policy_digest_due(&w, at("2026-03-02T17:00:00Z"), &m));
	w.last = at("2026-03-02T17:00:00Z");
	w.hour = 7;
	ck_assert(policy_digest_due(&w, at("2026-03-03T06:00:00Z"), &m));
}
END_TEST

START_TEST(late_once_and_said_so)
{
	struct digest_when w = { .zone = "UTC", .hour = 7, .last = at("2026-03-02T07:00:00Z") };
	struct digest_moment m;

	ck_assert(policy_digest_due(&w, at("2026-03-05T21:00:00Z"), &m));	/* down for three days */
	ck_assert(m.late);
	ck_assert_int_eq(m.day.day, 5);
	w.last = at("2026-03-05T21:00:00Z");
	ck_assert(!policy_digest_due(&w, at("2026-03-05T21:00:10Z"), &m));
	w.hour = 2;	/* late in the night, and due again soon after: another day is another digest */
	ck_assert(policy_digest_due(&w, at("2026-03-06T02:00:00Z"), &m));
	w.hour = 7;
	ck_assert(!policy_digest_due(&w, at("2026-03-06T06:59:00Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-06T07:00:00Z"), &m));
	ck_assert(!m.late);
}
END_TEST

START_TEST(clocks_that_change)
{
	struct arena *a = arena_new(0);
	struct digest_when w = { .hour = 2 };
	char *days;

	/* 02:00 to 03:00 is left out on 29 March, comes twice on 25 October */
	ck_assert_int_eq(run(a, "2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z", 600, "Europe/Berlin", NULL, NULL,
			     (struct digest_when){ .hour = 2, .last = at("2026-03-27T01:00:00Z") }, &days), 4);
	ck_assert_str_eq(days, "2026-03-28 2026-03-29 2026-03-30 2026-03-31");
	w.last = at("2026-10-23T00:00:00Z");
	ck_assert_int_eq(run(a, "2026-10-23T12:00:00Z", "2026-10-27T12:00:00Z", 600, "Europe/Berlin", NULL, NULL, w,
			     &days), 4);
	ck_assert_str_eq(days, "2026-10-24 2026-10-25 2026-10-26 2026-10-27");
	arena_free(a);
}
END_TEST

/* Honolulu and Auckland are a day apart: no day twice, no two digests within hours, and none left out for long. */
START_TEST(zones_that_change)
{
	static const char *const zones[] = { "Pacific/Honolulu", "Pacific/Auckland", "Europe/Berlin",
					     "America/New_York", "Asia/Kolkata" };
	enum { N = sizeof(zones) / sizeof(*zones) };

	for (size_t k = 0; k < N * N; k++)
		for (int hour = 0; hour < 24; hour += 3) {
			struct arena *a = arena_new(0);
			char change[40], *days;
			struct digest_when w = { .hour = 7 };
			int n;

			snprintf(change, sizeof(change), "2026-03-04T%02d:30:00Z", hour);
			n = run(a, "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z", 900, zones[k / N], change,
				zones[k % N], w, &days);
			ck_assert_msg(n >= 5 && n <= 7, "%s -> %s at %s: %s", zones[k / N], zones[k % N], change, days);
			arena_free(a);
		}
}
END_TEST

START_TEST(weekly)
{
	struct digest_when w = { .zone = "Europe/Berlin", .hour = 8, .weekday = 1 };
	struct digest_moment m;
	char day[WHEN_TEXT];

	w.last = at("2026-03-02T07:00:00Z");	/* a Monday */
	ck_assert(!policy_digest_due(&w, at("2026-03-08T23:00:00Z"), &m));
	ck_assert(!policy_digest_due(&w, at("2026-03-09T06:59:00Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-09T07:00:00Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-12T07:00:00Z"), &m));	/* it was down until Thursday */
	ck_assert(m.late);
	ck_assert_str_eq(date_text(m.day, day), "2026-03-09");
	w.last = at("2026-03-12T07:00:00Z");
	ck_assert(!policy_digest_due(&w, at("2026-03-15T07:00:00Z"), &m));
	ck_assert(policy_digest_due(&w, at("2026-03-16T07:00:00Z"), &m));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy-digest");
	TCase *c = test_case(s, "due");

	tcase_add_test(c, once_a_day_at_the_hour);
	tcase_add_test(c, late_once_and_said_so);
	tcase_add_test(c, clocks_that_change);
	tcase_add_test(c, zones_that_change);
	tcase_add_test(c, weekly);
	return test_run(s);
}
