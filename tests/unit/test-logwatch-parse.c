/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines of the .want files of tests/cases/logwatch, times, and lines cut and altered at every place.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "logwatch/parse.h"
#include "tests/lib/testing.h"

static const char *const instances[] = { "postfix", "sm-mta" };
static const char *const paths[] = { "tests/cases/logwatch/postfix.want", "tests/cases/logwatch/sendmail.want" };
#define path paths[_i]

static const char *value(struct arena *a, const struct log_line *l, const char *key)
{
	struct span s = { 0 };

	if (str_eq(key, "host"))
		s = l->host;
	else if (str_eq(key, "id"))
		s = l->queue_id;
	else if (str_eq(key, "message_id"))
		s = l->message_id;
	else if (str_eq(key, "to") || str_eq(key, "recipient"))
		s = l->recipient;
	else if (str_eq(key, "dsn"))
		s = l->dsn;
	else if (str_eq(key, "relay"))
		s = l->relay;
	else if (str_eq(key, "words"))
		s = l->words;
	else if (str_eq(key, "next"))
		s = l->next_id;
	else if (str_eq(key, "more"))
		s = l->more;
	else if (str_eq(key, "pid"))
		s = l->pid;
	else if (str_eq(key, "ours"))
		return l->ours ? "yes" : "no";
	else if (str_eq(key, "offset"))
		return arena_printf(a, "%d", l->at.offset);
	else if (str_eq(key, "at"))
		return arena_printf(a, "%d-%dT%02d:%02d:%02d", l->at.month, l->at.day, l->at.hour,
				    l->at.minute, l->at.second);
	else
		ck_abort_msg("no key '%s'", key);
	return s.n ? span_dup(a, s) : "-";
}

static void compare(struct arena *a, int number, struct span line, struct span want)
{
	struct log_line l;
	bool ours = log_line_parse(line, instances, 2, &l);
	struct span word, rest = want;

	if (span_eq(want, "-")) {
		ck_assert_msg(!ours, "line %d: taken for ours", number);
		return;
	}
	ck_assert_msg(ours, "line %d: not taken for ours", number);
	span_split(&rest, ' ', &word);	/* = */
	span_split(&rest, ' ', &word);
	ck_assert_msg(span_eq(word, log_kind_name(l.kind)), "line %d: is '%s'", number,
		      log_kind_name(l.kind));
	while (span_split(&rest, ' ', &word)) {
		struct span key;
		const char *is, *wanted;

		span_split(&word, '=', &key);
		wanted = span_dup(a, word);
		is = value(a, &l, span_dup(a, key));
		ck_assert_msg(span_eq(key, "words") ? strncmp(is, wanted, strlen(wanted)) == 0
						    : str_eq(is, wanted),
			      "line %d: %s is '%s'", number, span_dup(a, key), is);
	}
}

START_TEST(lines)
{
	struct arena *a = arena_new(0);
	size_t n;
	int number = 0, pairs = 0;
	struct span rest = span_of(test_read(a, test_source(path), &n)), line, want;

	while (span_line(&rest, &line)) {
		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		ck_assert(span_line(&rest, &want));
		number++;
		compare(a, number - 1, line, want);
		pairs++;
	}
	ck_assert_int_gt(pairs, _i ? 12 : 60);
	arena_free(a);
}
END_TEST

/* The year that a traditional stamp does not have. */
START_TEST(times)
{
	struct log_stamp at = { .month = 12, .day = 31, .hour = 23, .minute = 59, .second = 58 };
	time_t now;

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	now = 1767222002;	/* 2026-01-01 00:00:02 in Berlin */
	ck_assert_int_eq(log_stamp_time(&at, now), now - 4);
	at = (struct log_stamp){ .month = 1, .day = 1, .second = 1 };
	ck_assert_int_eq(log_stamp_time(&at, now), now - 1);
	/* written on 1 January, read while our clock still has 31 December */
	ck_assert_int_eq(log_stamp_time(&at, now - 5), now - 1);
	/* summer time */
	at = (struct log_stamp){ .month = 7, .day = 1, .hour = 12 };
	ck_assert_int_eq(log_stamp_time(&at, 1782900000), 1782900000);
	at = (struct log_stamp){ .year = 2026, .month = 1, .day = 1, .hour = 1, .zoned = true, .offset = 7200 };
	ck_assert_int_eq(log_stamp_time(&at, 0), 1767222000);
	at = (struct log_stamp){ .month = 2, .day = 29 };	/* no leap year near: no crash */
	log_stamp_time(&at, now);
}
END_TEST

/* Cut at every place and with each byte altered: it may say less, never read outside (ASan), and what it
 * says lies in the line. */
START_TEST(mangled)
{
	struct arena *a = arena_new(0);
	size_t n;
	struct span rest = span_of(test_read(a, test_source(path), &n)), line;
	static const char bytes[] = { '\0', ' ', '<', '>', '"', '\\', ':', ',', '[', '=', (char)0xff };

	while (span_line(&rest, &line)) {
		for (size_t cut = 0; cut <= line.n; cut++) {
			char *exact = malloc(cut ? cut : 1);	/* ASan sees the end */
			struct log_line l;

			memcpy(exact, line.p, cut);
			log_line_parse((struct span){ exact, cut }, instances, 2, &l);
			for (size_t b = 0; cut && b < sizeof(bytes); b++) {
				exact[(cut * 7 + b) % cut] = bytes[b];
				if (log_line_parse((struct span){ exact, cut }, instances, 2, &l)
				    && l.words.n)
					ck_assert(l.words.p >= exact && l.words.p + l.words.n <= exact + cut);
			}
			free(exact);
		}
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logwatch parse");
	TCase *t = test_case(s, "parse");

	tcase_add_loop_test(t, lines, 0, 2);
	tcase_add_test(t, times);
	tcase_add_loop_test(t, mangled, 0, 2);
	return test_run(s);
}
