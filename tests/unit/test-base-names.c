/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/names.h"
#include "tests/lib/testing.h"

static struct arena *a;
static struct names *n;

static void up(void)
{
	a = arena_new(0);
	n = names_new();
}

static void down(void)
{
	names_free(n);
	arena_free(a);
}

START_TEST(nothing_in_it)
{
	ck_assert_uint_eq(names_find(n, "a"), NAMES_NONE);
	ck_assert_uint_eq(names_find(NULL, "a"), NAMES_NONE);
	names_add(n, "a", 1);
	ck_assert_uint_eq(names_find(n, NULL), NAMES_NONE);
	names_free(NULL);
}
END_TEST

START_TEST(the_first_number_stays)
{
	ck_assert_uint_eq(names_add(n, "box", 7), 7);
	ck_assert_uint_eq(names_add(n, arena_strdup(a, "box"), 8), 7);
	ck_assert_uint_eq(names_add(n, "", 9), 9);
	ck_assert_uint_eq(names_find(n, "box"), 7);
	ck_assert_uint_eq(names_find(n, ""), 9);
	ck_assert_uint_eq(names_find(n, "Box"), NAMES_NONE);
	ck_assert_uint_eq(names_find(n, "bo"), NAMES_NONE);
}
END_TEST

/* It grows while it is asked; half of the names that are asked for are not there. */
START_TEST(thousands)
{
	enum { MANY = 20000 };

	for (size_t k = 0; k < MANY; k++) {
		ck_assert_uint_eq(names_add(n, arena_printf(a, "u%zu@house%zu.example", k, k % 7), k), k);
		ck_assert_uint_eq(names_find(n, arena_printf(a, "u%zu@house%zu.example", k / 2, k / 2 % 7)), k / 2);
	}
	for (size_t k = 0; k < MANY; k++) {
		ck_assert_uint_eq(names_find(n, arena_printf(a, "u%zu@house%zu.example", k, k % 7)), k);
		ck_assert_uint_eq(names_find(n, arena_printf(a, "u%zu@house%zu.example", k, (k + 1) % 7)), NAMES_NONE);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-names");
	TCase *c = test_case(s, "names");

	tcase_add_checked_fixture(c, up, down);
	tcase_add_test(c, nothing_in_it);
	tcase_add_test(c, the_first_number_stays);
	tcase_add_test(c, thousands);
	return test_run(s);
}
