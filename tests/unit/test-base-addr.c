/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void up(void) { a = arena_new(0); }
static void down(void) { arena_free(a); }

START_TEST(paths)
{
	static const struct { const char *in, *key; } t[] = {
		{ "<Bob@Example.COM>", "bob@example.com" },
		{ "bob@example.com.", "bob@example.com" },
		{ "<@relay.example,@b.example:a@c.example>", "a@c.example" },
		{ "<\"joe\"@x.example>", "joe@x.example" },
		{ "<\"a b\"@x.example>", "\"a b\"@x.example" },
		{ "<\"a\\\"b\"@x.example>", "\"a\\\"b\"@x.example" },
		{ "<\xc3\x9c@b\xc3\xbc" "cher.example>", "\xc3\xbc@xn--bcher-kva.example" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]" },
		{ "<a+tag@x.example>", "a+tag@x.example" },
		{ "<>", "" },
		{ "", "" },
		{ "nobody", NULL },
		{ "a@b@c.example", NULL },
		{ "<a b@c.example>", NULL },
		{ "<a@>", NULL },
		{ "<@x.example>", NULL },
		{ "<a@-..example>", NULL },
		{ "<a@x.example\r\nRCPT TO:<b@x.example>>", NULL },
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct addr r = { .key = NULL };
		bool ok = addr_path(a, t[i].in, &r);

		ck_assert_msg(ok == (t[i].key != NULL), "%s", t[i].in);
		if (ok)
			ck_assert_str_eq(r.key, t[i].key);
	}
}
END_TEST

START_TEST(lists)
{
	struct addr *l;
	char *big = malloc(1 << 20);

	ck_assert_uint_eq(addr_list(a, "\"Doe, J.\" <J@X.example>, Team: a@x.example, <b@y.example>;,"
				       " c@z.example (a, comment)", 0, &l), 4);
	ck_assert_str_eq(l[0].key, "j@x.example");
	ck_assert_str_eq(l[0].name, "Doe, J.");
	ck_assert_str_eq(l[1].key, "a@x.example");
	ck_assert_str_eq(l[2].key, "b@y.example");
	ck_assert_str_eq(l[3].key, "c@z.example");
	ck_assert_uint_eq(addr_list(a, NULL, 0, &l), 0);
	ck_assert_uint_eq(addr_list(a, "undisclosed-recipients:;", 0, &l), 0);
	ck_assert_uint_eq(addr_list(a, "((((((((", 0, &l), 0);
	ck_assert_uint_eq(addr_list(a, "<<<<<a@b.example", 0, &l), 1);
	/* a megabyte of one quote, and of commas: bounded, no address */
	memset(big, '"', 1 << 20);
	big[(1 << 20) - 1] = '\0';
	ck_assert_uint_eq(addr_list(a, big, 0, &l), 0);
	memset(big, ',', (1 << 20) - 1);
	ck_assert_uint_eq(addr_list(a, big, 0, &l), 0);
	free(big);
}
END_TEST

START_TEST(domains)
{
	const char **chain;

	ck_assert_str_eq(addr_registrable(a, "mail.a.example.co.uk"), "example.co.uk");
	ck_assert_str_eq(addr_registrable(a, "localhost"), "localhost");
	ck_assert_uint_eq(addr_domain_chain(a, "a.b.example.co.uk", &chain), 3);
	ck_assert_str_eq(chain[0], "a.b.example.co.uk");
	ck_assert_str_eq(chain[2], "example.co.uk");
	ck_assert_ptr_null(addr_domain(a, "a..b"));
	ck_assert_ptr_null(addr_domain(a, ""));
}
END_TEST

START_TEST(equivalents)
{
	ck_assert_str_eq(addr_equivalent(a, "j.o.e+x@googlemail.com", ADDR_PLUS | ADDR_GMAIL_DOTS),
			 "joe@gmail.com");
	ck_assert_str_eq(addr_equivalent(a, "j.o.e+x@x.example", ADDR_PLUS | ADDR_GMAIL_DOTS),
			 "j.o.e@x.example");
	ck_assert_str_eq(addr_equivalent(a, "+x@x.example", ADDR_PLUS), "+x@x.example");
	ck_assert_str_eq(addr_equivalent(a, "a+b@x.example", 0), "a+b@x.example");
}
END_TEST

START_TEST(control)
{
	const char *verb, *arg;

	ck_assert(addr_control(a, "relent@o.example", "relent+pause.2027-01-15@o.example", &verb, &arg));
	ck_assert_str_eq(verb, "pause");
	ck_assert_str_eq(arg, "2027-01-15");
	ck_assert(addr_control(a, "relent@o.example", "relent@o.example", &verb, &arg));
	ck_assert_str_eq(verb, "");
	ck_assert(addr_control(a, "@c.o.example", "stop@c.o.example", &verb, &arg));
	ck_assert_str_eq(verb, "stop");
	ck_assert_ptr_null(arg);
	ck_assert(!addr_control(a, "relent@o.example", "relentless@o.example", &verb, &arg));
	ck_assert(!addr_control(a, "relent@o.example", "relent+stop@x.example", &verb, &arg));
	ck_assert(!addr_control(a, "", "relent+stop@x.example", &verb, &arg));
}
END_TEST

START_TEST(msgids)
{
	const char **ids;

	ck_assert_uint_eq(addr_msgids(a, "<a@x> junk <b@y>\r\n <a@x> <<c@z> <no end", 0, &ids), 3);
	ck_assert_str_eq(ids[0], "a@x");
	ck_assert_str_eq(ids[2], "c@z");
	ck_assert_uint_eq(addr_msgids(a, "<a@x> <b@x> <c@x>", 2, &ids), 2);
	ck_assert_str_eq(ids[0], "b@x");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-addr");
	TCase *tc = test_case(s, "addr");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, domains);
	tcase_add_test(tc, equivalents);
	tcase_add_test(tc, control);
	tcase_add_test(tc, msgids);
	return test_run(s);
}
