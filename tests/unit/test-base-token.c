/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/token.h"
#include "base/when.h"
#include "tests/lib/testing.h"

static struct arena *a;
static struct token_keys *k;

static void up(void)
{
	a = arena_new(0);
	ck_ok(token_keys_parse("new 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
			       "# old one\n"
			       "old ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n",
			       &k, &test_err));
}

static void down(void)
{
	token_keys_free(k);
	arena_free(a);
}

START_TEST(signatures)
{
	const char *id;
	char *s = token_sign(a, k, "touch", "x", &id);

	ck_assert_str_eq(id, "new");
	ck_assert(token_verify(k, "touch", "x", id, s));
	ck_assert(token_verify(k, "touch", "x", NULL, s));
	ck_assert(!token_verify(k, "touch", "x", "old", s));
	ck_assert(!token_verify(k, "touch", "y", id, s));
	ck_assert(!token_verify(k, "draft", "x", id, s));
	s[3] = s[3] == 'a' ? 'b' : 'a';
	ck_assert(!token_verify(k, "touch", "x", id, s));
	ck_assert(!token_verify(k, "touch", "x", id, ""));
	ck_assert(!token_verify(k, "touch", "x", id, NULL));
}
END_TEST

START_TEST(tokens)
{
	char id[ID_SIZE], *prefix, *t;

	id_make(id, 1700000000000);
	t = token_make(a, k, "unsubscribe", id);
	ck_assert_uint_eq(strlen(t), 40);
	ck_assert(token_open(a, k, "unsubscribe", t, &prefix));
	ck_assert(!strncmp(prefix, id, 8));
	ck_assert_uint_eq(strlen(prefix), 20);
	ck_assert(!token_open(a, k, "approve", t, &prefix));
	for (char *c = t; *c; c++)	/* clients change the case of local parts */
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 32);
	ck_assert(token_open(a, k, "unsubscribe", t, &prefix));
	t[39] = '\0';
	ck_assert(!token_open(a, k, "unsubscribe", t, &prefix));
}
END_TEST

START_TEST(key_files)
{
	struct token_keys *other;
	const char *path = arena_printf(a, "%s/keys", test_dir());

	test_write(path, token_key_line(a, NULL));
	chmod(path, 0644);
	ck_status(token_keys_load(path, &other, &test_err), CONF);
	ck_assert_ptr_nonnull(strstr(test_err.text, "others cannot read"));
	chmod(path, 0640);
	ck_ok(token_keys_load(path, &other, &test_err));
	token_keys_free(other);
	ck_status(token_keys_parse("new 0011\n", &other, &test_err), CONF);
	ck_status(token_keys_parse("", &other, &test_err), CONF);
	ck_status(token_keys_load("/nonexistent", &other, &test_err), CONF);
}
END_TEST

START_TEST(clocks)
{
	const char *path = arena_printf(a, "%s/clock", test_dir());
	struct clock *c;
	time_t want, got;

	test_write(path, "2026-03-02T09:00:00Z\n");
	ck_ok(clock_new(path, &c, &test_err));
	ck_assert(when_parse("2026-03-02T09:00:00Z", "UTC", &want));
	got = clock_now(c);
	ck_assert_msg(got >= want && got < want + 30, "%ld", (long)(got - want));
	test_write(path, "nonsense");	/* keeps the last offset */
	ck_assert(clock_now(c) >= want);
	clock_free(c);
	ck_status(clock_new(path, &c, &test_err), CONF);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-token");
	TCase *tc = test_case(s, "token");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, signatures);
	tcase_add_test(tc, tokens);
	tcase_add_test(tc, key_files);
	tcase_add_test(tc, clocks);
	return test_run(s);
}
