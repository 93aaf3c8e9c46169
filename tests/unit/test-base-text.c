/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/pattern.h"
#include "base/grammar.h"
#include "base/str.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void up(void) { a = arena_new(0); }
static void down(void) { arena_free(a); }

START_TEST(numbers)
{
	int64_t v;

	ck_assert(str_int("-9223372036854775808", INT64_MIN, INT64_MAX, &v) && v == INT64_MIN);
	ck_assert(!str_int("9223372036854775808", INT64_MIN, INT64_MAX, &v));
	ck_assert(!str_int("12x", 0, 100, &v));
	ck_assert(!str_int("", 0, 100, &v));
	ck_assert(!str_int("101", 0, 100, &v));
	ck_assert(str_duration("9m", &v) && v == 540);
	ck_assert(str_duration("2w", &v) && v == 1209600);
	ck_assert(!str_duration("-1s", &v));
	ck_assert(!str_duration("m", &v));
}
END_TEST

START_TEST(utf8)
{
	ck_assert_str_eq(str_utf8(a, "a\xffz", 3), "a\xef\xbf\xbdz");
	ck_assert_str_eq(str_utf8(a, "a\0z", 3), "a\xef\xbf\xbdz");
	ck_assert(!str_is_utf8("\xed\xa0\x80", 3));	/* a surrogate */
	ck_assert(!str_is_utf8("\xc0\xaf", 2));		/* overlong */
	ck_assert_str_eq(str_cut(a, "gr\xc3\xbc\xc3\x9f", 3), "gr");
}
END_TEST

START_TEST(unicode)
{
	ck_assert_str_eq(text_fold(a, "STRASSE Stra\xc3\x9f" "e"), "strasse strasse");
	ck_assert_str_eq(text_squeeze(a, " a \t\r\n\xc2\xa0 b "), "a b");
	ck_assert_str_eq(text_subject_key(a, "AW: Re[2]: FWD:  Hello   there"), "hello there");
	ck_assert_str_eq(text_subject_key(a, "Regarding: x"), "regarding: x");
	ck_assert_str_eq(text_ascii(a, "Gr\xc3\xbc\xc3\x9f" "e \xe2\x80\x93 5 \xe2\x82\xac"), "Grusse - 5 EUR");
	ck_assert(text_overlap("one two three four five six seven", "zero one two three four five six seven") > .9);
	ck_assert(text_overlap("one two three four five six seven", "seven six five four three two one") < .1);
	ck_assert(text_overlap("One, two!", "one two") == 1);
}
END_TEST

START_TEST(nearest)
{
	static const char *const names[] = { "stop", "pause", "seq", "help" };

	ck_assert_str_eq(str_nearest("stpo", names, 4), "stop");
	ck_assert_str_eq(str_nearest("PAUS", names, 4), "pause");
	ck_assert_ptr_null(str_nearest("elephant", names, 4));
}
END_TEST

START_TEST(lines)
{
	struct span rest = span_of("a\r\nb\nc\r\rd"), line;
	const char *want[] = { "a", "b", "c", "", "d" };

	for (size_t i = 0; i < 5; i++) {
		ck_assert(span_line(&rest, &line));
		ck_assert(span_eq(line, want[i]));
	}
	ck_assert(!span_line(&rest, &line));
}
END_TEST

START_TEST(arenas)
{
	struct arena *small = arena_new(1000);
	struct buf b;

	ck_assert(!arena_over(small));
	buf_init(&b, small);
	for (int i = 0; i < 2000; i++)
		buf_addc(&b, 'x');
	ck_assert_uint_eq(strlen(b.p), 2000);
	ck_assert(arena_over(small));
	arena_clear(small);
	ck_assert(!arena_over(small));
	ck_assert_str_eq(arena_printf(small, "%d-%s", 7, "x"), "7-x");
	arena_free(small);
}
END_TEST

static char logged[2000];

static void keep(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	snprintf(logged, sizeof logged, "%s", line);
}

/* Nothing that a mail contains can forge a log line. */
START_TEST(logs)
{
	log_capture(keep, NULL);
	log_info("4XyZ", "refuse", "rule", "replied", "from", "a\n4XyZ: accept x=\"y\"", "none", (const char *)0);
	ck_assert_str_eq(logged, "4XyZ: refuse rule=replied from=\"a\\x0a4XyZ: accept x=\\\"y\\\"\" none=-");
	log_capture(NULL, NULL);
}
END_TEST

START_TEST(ids)
{
	char x[ID_SIZE], y[ID_SIZE];

	id_make(x, 1700000000000);
	ck_assert(id_valid(x));
	for (int i = 0; i < 10000; i++) {
		id_make(y, 1700000000000);
		ck_assert_msg(strcmp(x, y) < 0, "%s %s", x, y);
		memcpy(x, y, sizeof x);
	}
	ck_assert_int_eq(y[14], '7');
	ck_assert(!id_valid("018bcfe5-6800-7253-9c6c-0d294845836G"));
}
END_TEST

START_TEST(patterns)
{
	struct pattern *p;
	struct pattern_match m;
	bool limited;
	char bomb[60000];

	ck_ok(pattern_new("(\\d+)\\s+(day|week)s?", PATTERN_CASELESS, &p, &test_err));
	ck_assert(pattern_find(p, "in 3 WEEKS", 10, 0, &m, NULL));
	ck_assert_str_eq(pattern_group(a, &m, "in 3 WEEKS", 1), "3");
	pattern_free(p);
	ck_status(pattern_new("(", 0, &p, &test_err), CONF);
	/* a pattern that would run for years answers */
	ck_ok(pattern_new("(a+)+$", 0, &p, &test_err));
	memset(bomb, 'a', sizeof bomb);
	bomb[sizeof bomb - 1] = '!';
	ck_assert(!pattern_find(p, bomb, sizeof bomb, 0, &m, &limited));
	ck_assert(limited);
	pattern_free(p);
}
END_TEST

/* What libconfuse would count wrongly is gone, line for line; strings stay. */
START_TEST(comments_of_the_grammar)
{
	char text[] = "a = \"# no\" # yes\n/* two\nlines */b = 'x // y\\' z' // end\nc = 1 /* open\n";

	grammar_blank_comments(text);
	ck_assert_str_eq(text, "a = \"# no\"      \n      \n        b = 'x // y\\' z'       \nc = 1 /* open\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-text");
	TCase *tc = test_case(s, "text");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, comments_of_the_grammar);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, utf8);
	tcase_add_test(tc, unicode);
	tcase_add_test(tc, nearest);
	tcase_add_test(tc, lines);
	tcase_add_test(tc, arenas);
	tcase_add_test(tc, logs);
	tcase_add_test(tc, ids);
	tcase_add_test(tc, patterns);
	return test_run(s);
}
