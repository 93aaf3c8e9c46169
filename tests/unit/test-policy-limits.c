/* SPDX-License-Identifier: MPL-2.0
 *
 * Figures: who pushes back, when a breaker opens, how a new sender's cap grows.
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "policy/limits.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void up(void) { a = arena_new(0); }
static void down(void) { arena_free(a); }

/* rows: 892 */
START_TEST(push_back)
{
	static const struct {
		const char *dsn, *words;
		bool asks;
	} list[] = {
		{ "4.7.28", "host gmail-smtp-in.l.google.com said: 421-4.7.28 Our system has detected an unusual rate "
		  "of mail originating from your IP address", true },
		{ "4.7.0", "host mta5.am0.yahoodns.net said: 421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily "
		  "deferred due to unexpected volume or user complaints", true },
		{ "4.7.650", "The mail server has been temporarily rate limited due to IP reputation", true },
		{ "4.7.500", "Server busy. Please try again later", true },
		{ "4.3.2", "host mx.t.example said: 421 Too many connections from your host", true },
		{ "5.7.1", "host mx.t.example said: 550 5.7.1 Sending rate limit exceeded", true },
		{ NULL, "421 try later", true },
		{ "4.7.1", "host mx said: 450 4.7.1 <a@b.example>: Recipient address rejected: Greylisted", false },
		{ "4.7.0", "host mx said: 451 4.7.0 Temporary server error. Please try again later", false },
		{ "4.7.5", "Server certificate not trusted", false },
		{ "4.4.1", "connect to mx.t.example[192.0.2.1]:25: Connection timed out", false },
		{ "4.2.2", "host mx said: 452 4.2.2 The email account that you tried to reach is over quota", false },
		{ "4.4.2", "host mx said: 421 4.4.2 mx.t.example Error: timeout exceeded", false },
		{ "4.3.2", "host mx said: 421 4.3.2 Service shutting down", false },
		{ "5.1.1", "host mx said: 550 5.1.1 User unknown", false },
		{ NULL, NULL, false },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		ck_assert_msg(policy_pushback(list[i].dsn, list[i].words) == list[i].asks, "%s",
			      list[i].words ? list[i].words : "nothing");
	ck_assert_int_eq(policy_slow_until(0, 1000), 0);
	ck_assert_int_eq(policy_slow_until(1, 1000), 1900);
	ck_assert_int_eq(policy_slow_until(2, 1000), 2800);
	ck_assert_int_eq(policy_slow_until(9, 1000), 1000 + 4 * 3600);
}
END_TEST

static enum breaker_level level(int64_t touches, int64_t bounces, int64_t complaints)
{
	const struct rates r = { .touches = touches, .bounces = bounces, .complaints = complaints };
	const struct breaker_limits l = { 0.1, 0.3, 2, 5, 50 };
	const char *cause;
	enum breaker_level x = policy_breaker(a, &r, &l, &cause);

	ck_assert_int_eq(cause != NULL, x != BREAKER_NONE);
	return x;
}

/* rows: 884, 885, 900, 901 */
START_TEST(breaker_levels)
{
	ck_assert_int_eq(level(49, 49, 49), BREAKER_NONE);	/* too few to say anything */
	ck_assert_int_eq(level(50, 0, 0), BREAKER_NONE);
	ck_assert_int_eq(level(100, 1, 0), BREAKER_NONE);
	ck_assert_int_eq(level(100, 2, 0), BREAKER_WARN);
	ck_assert_int_eq(level(100, 4, 0), BREAKER_WARN);
	ck_assert_int_eq(level(100, 5, 0), BREAKER_PAUSE);
	ck_assert_int_eq(level(100, 90, 0), BREAKER_PAUSE);	/* bounces never stop for good */
	ck_assert_int_eq(level(1001, 0, 1), BREAKER_NONE);
	ck_assert_int_eq(level(1000, 0, 1), BREAKER_PAUSE);
	ck_assert_int_eq(level(1000, 0, 2), BREAKER_PAUSE);
	ck_assert_int_eq(level(1000, 0, 3), BREAKER_STOP);
	ck_assert_int_eq(level(50, 0, 1), BREAKER_STOP);
	ck_assert_int_eq(level(1000, 50, 1), BREAKER_PAUSE);
}
END_TEST

/* rows: 896 */
START_TEST(ramp)
{
	ck_assert_int_eq(policy_ramp(0, 1.5, 50, 3), 0);
	ck_assert_int_eq(policy_ramp(10, 1.5, 50, 0), 10);
	ck_assert_int_eq(policy_ramp(10, 1.5, 50, 1), 15);
	ck_assert_int_eq(policy_ramp(10, 1.5, 50, 2), 22);
	ck_assert_int_eq(policy_ramp(10, 1.5, 50, 3), 33);
	ck_assert_int_eq(policy_ramp(10, 1.5, 50, 4), 0);	/* at the ceiling: behind it */
	ck_assert_int_eq(policy_ramp(10, 0.5, 50, 100), 10);	/* never shrinks */
}
END_TEST

static int apart(const char *x, const char *y)
{
	return policy_simhash_distance(policy_simhash(a, x), policy_simhash(a, y));
}

/* rows: 889 */
START_TEST(likeness)
{
	static const char mail[] = "Hi %s, your team at %s opened a second office last month and as far as I can see "
		"the mail of both still lives on one server in the first. Two firms in your street moved theirs last "
		"winter and lost no hour of work; we wrote down how they did it, in two pages with the five checks "
		"that find trouble before the move. Who looks after this at your place, and shall I send it there?";
	const char *one = arena_printf(a, "Hi %s, %s", "Ann", mail + 8), *two = arena_printf(a, "Hi %s, %s", "Bob", mail + 8);

	ck_assert_int_eq(apart(mail, mail), 0);
	ck_assert_int_le(apart(one, two), SIMHASH_ALIKE);
	ck_assert_int_gt(apart(one, "Thank you for the talk on Tuesday. As promised here is the list of the five calendars "
			       "that broke first, with the day on which each of them came back and who mended it."),
			 SIMHASH_ALIKE);
	ck_assert(policy_simhash(a, " .,- ") == 0);
	ck_assert(policy_simhash(a, NULL) == 0);
	ck_assert(policy_simhash(a, "one") != 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy limits");
	TCase *t = test_case(s, "limits");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, push_back);
	tcase_add_test(t, breaker_levels);
	tcase_add_test(t, ramp);
	tcase_add_test(t, likeness);
	return test_run(s);
}
