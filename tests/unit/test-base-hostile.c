/* SPDX-License-Identifier: MPL-2.0
 *
 * What must hold for any bytes: nothing crashes, memory stays in proportion, and what was read once
 * reads the same again. The bytes are mutations of good samples from a fixed seed, so a failure repeats.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/pattern.h"
#include "base/stamp.h"
#include "base/str.h"
#include "base/token.h"
#include "base/when.h"
#include "tests/lib/testing.h"

enum { ROUNDS = 4000, ROOM = 2000 };

static struct arena *a;
static uint64_t seed;

static void up(void)
{
	a = arena_new(0);
	seed = 0x9e3779b97f4a7c15u;
}

static void down(void)
{
	arena_free(a);
}

static unsigned dice(unsigned sides)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % sides);
}

/* s with some bytes changed, left out, doubled, or replaced by what parsers trip over. */
static char *mutate(const char *s)
{
	static const char *const bits[] = {
		"\"", "\\", "<", ">", "(", ")", "@", ",", ":", ";", "[", "]", "\r\n", "\t", " ", ".", "..",
		"\xff", "\xc3", "\xed\xa0\x80", "\xe2\x80\xae", "\xef\xbc\xa0", "\xe3\x80\x82", "\xc2\xad", "%", "%s%n",
		"xn--", "=?utf-8?q?a?=", "-", "0", "99999999999999999999", "\x01", "\x7f",
	};
	size_t n = strlen(s);
	char *out = arena_alloc(a, ROOM + 1);
	size_t at = 0;

	for (size_t i = 0; i < n && at < ROOM - 64; i++) {
		switch (dice(24)) {
		case 0:
			break;
		case 1: {
			const char *bit = bits[dice(sizeof bits / sizeof *bits)];

			memcpy(out + at, bit, strlen(bit));
			at += strlen(bit);
			break;
		}
		case 2:
			out[at++] = s[i];
			i -= dice((unsigned)(i < 9 ? i + 1 : 10));
			break;
		default:
			out[at++] = s[i];
		}
	}
	out[at] = '\0';
	return out;
}

static void fresh(int round)
{
	if (round % 200 == 199)
		arena_clear(a);
}

START_TEST(addresses)
{
	static const char *const good[] = {
		"<@relay.example,@b.example:Paul.Doe+tag@Prospect.Example>", "\"a b\\\"c\"@x.example",
		"<\xc3\xbc@b\xc3\xb6lt.example>", "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]",
	};
	int accepted = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct addr one, two;
		const char *in = mutate(good[dice(5)]);

		fresh(i);
		if (!addr_path(a, in, &one) || !*one.key)
			continue;
		accepted++;
		ck_assert_msg(str_is_utf8(one.key, strlen(one.key)), "%s", in);
		ck_assert_msg(!strpbrk(one.key, "\r\n"), "%s", in);
		ck_assert_msg(addr_path(a, one.key, &two), "not read again: %s from %s", one.key, in);
		ck_assert_str_eq(one.key, two.key);
		ck_assert_msg(str_eq(arena_printf(a, "%s@%s", one.local, one.domain), one.key), "%s", in);
	}
	ck_assert_int_gt(accepted, ROUNDS / 20);
}
END_TEST

START_TEST(lists)
{
	static const char good[] = "\"Doe, J.\" <J@X.example>, Team: a@x.example, <b@y.example>;, "
		"c@z.example (a (nested) comment), =?utf-8?q?J=C3=BCrgen?= <j@x.example>";
	size_t accepted = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct addr *list, again;
		size_t n = addr_list(a, mutate(good), 7, &list);

		ck_assert_uint_le(n, 7);
		for (size_t k = 0; k < n; k++) {
			ck_assert(addr_path(a, list[k].key, &again));
			ck_assert_str_eq(list[k].key, again.key);
			accepted++;
		}
		fresh(i);
	}
	ck_assert_uint_gt(accepted, ROUNDS);
}
END_TEST

/* The cost of a header is in proportion to its length, whatever it holds. */
START_TEST(proportion)
{
	static const char *const units[] = { ",", "\"", "<", "(", ":", "@", "a@", "a@b,", "<a@b.example>,",
					     "a@-..b,", "\\", "\xc3\xbc@\xc3\xbc,", ";", "[:", "\xff" };
	enum { LENGTH = 1 << 20 };
	char *s = malloc(LENGTH + 1);

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct arena *own = arena_new(0);
		size_t unit = strlen(units[i]);
		struct addr *list;
		const char **ids;
		struct addr one;

		for (size_t k = 0; k < LENGTH; k++)
			s[k] = units[i][k % unit];
		s[LENGTH] = '\0';
		addr_list(own, s, 0, &list);
		addr_msgids(own, s, 0, &ids);
		ck_assert(!addr_path(own, s, &one));
		ck_assert_msg(arena_used(own) < (size_t)40 << 20, "%s: %zu MiB", units[i], arena_used(own) >> 20);
		arena_free(own);
	}
	free(s);
}
END_TEST

START_TEST(dates)
{
	static const char *const good[] = {
		"Tue, 24 Mar 2026 11:31:56 +0100 (CET)", "1 Jan 99 00:00 EST", "2026-03-02T09:30:00Z",
		"2026-03-02 09:30",
	};
	int accepted = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const char *in = mutate(good[dice(4)]);
		char text[WHEN_TEXT];
		time_t t, again;
		int offset = 0;

		fresh(i);
		if (when_parse_rfc5322(in, &t, &offset)) {
			ck_assert_msg(abs(offset) <= 15 * 3600, "%s", in);
			when_rfc5322(t, "UTC", text);
		} else if (when_parse(in, "Europe/Berlin", &t)) {
			when_text(t, text);
		} else {
			continue;
		}
		accepted++;
		ck_assert_msg(when_parse_rfc5322(text, &again, NULL) || when_parse(text, "UTC", &again),
			      "%s from %s", text, in);
		ck_assert_msg(t == again, "%s from %s", text, in);
	}
	ck_assert_int_gt(accepted, ROUNDS / 20);
}
END_TEST

START_TEST(texts)
{
	static const char good[] = "AW: Re[2]: Fwd: \xc3\x9c" "ber das Angebot \xe2\x80\x93 5 \xe2\x82\xac, \xe5\x9b\x9e\xe5\xa4\x8d: ok";

	for (int i = 0; i < ROUNDS; i++) {
		const char *raw = mutate(good);
		char *s = str_utf8(a, raw, strlen(raw)), *f = text_fold(a, s), *q = text_squeeze(a, s);

		ck_assert(str_is_utf8(s, strlen(s)));
		ck_assert_str_eq(text_fold(a, f), f);
		ck_assert_str_eq(text_squeeze(a, q), q);
		ck_assert_str_eq(text_subject_key(a, text_subject_key(a, s)), text_subject_key(a, s));
		for (const char *p = text_ascii(a, s); *p; p++)
			ck_assert_int_lt((unsigned char)*p, 0x80);
		ck_assert(text_overlap(s, s) == 1);
		/* invalid bytes may reach these two by mistake */
		text_fold(a, raw);
		text_squeeze(a, raw);
		ck_assert_uint_le(strlen(str_cut(a, s, dice(40))), 40);
		fresh(i);
	}
}
END_TEST

START_TEST(stamps)
{
	static const char id[] = "018bcfe5-6800-7253-9c6c-0d2948458361";
	struct token_keys *k;
	char *good;
	const char *got;

	ck_ok(token_keys_parse("a 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", &k, &test_err));
	good = strdup(stamp_text(a, k, id));
	ck_assert(stamp_read(a, k, good, &got));
	ck_assert_str_eq(got, id);
	ck_assert(stamp_read(a, k, arena_printf(a, "x=1; %s ;\r\n\tz", good), &got));
	ck_assert(!stamp_read(a, NULL, good, &got));
	ck_assert(!stamp_read(a, k, NULL, &got));
	for (int i = 0; i < ROUNDS; i++) {
		const char *in = mutate(good);

		/* whatever passes is that id: nobody can make a stamp for another */
		if (stamp_read(a, k, in, &got))
			ck_assert_str_eq(got, id);
		fresh(i);
	}
	free(good);
	token_keys_free(k);
}
END_TEST

START_TEST(patterns)
{
	static const char *const good[] = { "(\\d+)\\s+(day|week)s?", "^(?:re|aw)\\b.*?(a|b)+$", "[\\w.]+@(?<d>x)" };

	for (int i = 0; i < 500; i++) {
		struct pattern *p;
		struct pattern_match m;
		struct err e;
		const char *text = mutate(good[dice(3)]);

		if (!str_is_utf8(text, strlen(text)) || pattern_new(text, dice(16), &p, &e) != OK)
			continue;
		pattern_find(p, good[0], strlen(good[0]), dice(5), &m, NULL);
		pattern_free(p);
	}
	arena_clear(a);
}
END_TEST

/* Deep but honest matches need more stack than compiled patterns have: they still match. */
START_TEST(deep_pattern)
{
	enum { N = 3000 };
	struct pattern *p;
	struct pattern_match m;
	bool limited;
	char *s = arena_alloc(a, N + 4);

	memset(s, 'a', N);
	memcpy(s + N, "end", 3);
	ck_ok(pattern_new("(?:(a)|(b))*end", 0, &p, &test_err));
	ck_assert(pattern_find(p, s, N + 3, 0, &m, &limited));
	ck_assert(!limited);
	ck_assert_uint_eq(m.end[0], N + 3);
	pattern_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-hostile");
	TCase *tc = test_case(s, "hostile");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, addresses);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, proportion);
	tcase_add_test(tc, dates);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, stamps);
	tcase_add_test(tc, patterns);
	tcase_add_test(tc, deep_pattern);
	return test_run(s);
}
