/* SPDX-License-Identifier: MPL-2.0
 *
 * The milter's parts that need no MTA: the list of owners and its mirror, and how a mail is put together
 * from the callbacks.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "milter/milter.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void up(void)
{
	a = arena_new(0);
}

static void down(void)
{
	arena_free(a);
}

static struct owners *from(const char *text)
{
	const char *path = arena_printf(a, "%s/owners", test_dir());
	struct owners *o;

	test_write(path, text);
	ck_ok(owners_from_mirror(path, &o, &test_err));
	return o;
}

START_TEST(who_is_an_owner)
{
	struct owners *o = from("# a comment\nrita\nrita\trita@ourco.example\nrita\tR.Rep@ourco.example\n\n"
				"Ralph@ourco.example\nRalph@ourco.example\tralph@ourco.example\n");

	ck_assert_uint_eq(owners_count(o), 2);
	ck_assert_str_eq(owners_by_login(o, "RITA"), "rita");
	ck_assert_str_eq(owners_by_login(o, "ralph@OURCO.example"), "Ralph@ourco.example");
	ck_assert_str_eq(owners_by_address(o, "r.rep@ourco.example"), "rita");
	/* an address is no login, and a login no address */
	ck_assert_ptr_null(owners_by_login(o, "rita@ourco.example"));
	ck_assert_ptr_null(owners_by_address(o, "rita"));
	ck_assert_ptr_null(owners_by_login(o, ""));
	ck_assert_ptr_null(owners_by_login(o, NULL));
	ck_assert_ptr_null(owners_by_login(o, "rit"));
	owners_unref(o);
}
END_TEST

START_TEST(the_mirror_says_the_same)
{
	struct owners *o = from("rita\nrita\trita@ourco.example\n"), *again, *other = from("rita\n");
	const char *path = arena_printf(a, "%s/mirror", test_dir());
	struct stat st;

	ck_ok(owners_mirror(o, path, &test_err));
	ck_ok(owners_from_mirror(path, &again, &test_err));
	ck_assert(owners_same(o, again));
	ck_assert(!owners_same(o, other));
	ck_assert(!owners_same(o, NULL));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07, 0);
	ck_status(owners_mirror(o, "/nowhere/at/all", &test_err), SYS);
	ck_status(owners_from_mirror("/nowhere/at/all", &again, &test_err), GONE);
	owners_unref(o);
	owners_unref(again);
	owners_unref(other);
}
END_TEST

static struct mail *mail(size_t body_bytes)
{
	struct settings *s = arena_new_of(a, struct settings);

	s->arena = arena_new(0);	/* freed with the last reference */
	s = arena_memdup(s->arena, s, sizeof(*s));
	atomic_init(&s->refs, 1);
	s->body_bytes = body_bytes;
	return mail_new(s);
}

START_TEST(headers_cannot_make_headers)
{
	struct mail *m = mail(100);
	const struct message *msg;

	mail_header(m, "Subject", "one\n two\nX-Evil: 1\r\nX-Worse: 2");
	mail_header(m, "From", "rita@ourco.example");
	mail_body(m, (const unsigned char *)"text", 4);
	ck_assert_str_eq(m->raw.p, "Subject: one\r\n two\r\n X-Evil: 1\r\n X-Worse: 2\r\n"
				   "From: rita@ourco.example\r\n\r\ntext");
	msg = mail_message(m);
	ck_assert_uint_eq(msg->headers_n, 2);
	mail_free(m);
}
END_TEST

START_TEST(only_so_much_is_kept)
{
	struct mail *m = mail(10);

	for (int i = 0; i < 5000; i++)
		mail_header(m, i % 2 ? "List-Unsubscribe" : "Relent-Touch", "x");
	mail_body(m, (const unsigned char *)"0123456789abcdef", 16);
	mail_body(m, (const unsigned char *)"more", 4);
	ck_assert(m->cut);
	ck_assert_uint_eq(m->body_n, 10);
	/* what is to be taken out is counted all the same */
	ck_assert_int_eq(m->marks[MARK_LIST_UNSUBSCRIBE], 2500);
	ck_assert_uint_eq(m->foreign_n, 1);
	ck_assert_int_eq(m->foreign[0].count, 2500);
	ck_assert(!m->foreign_over);
	for (int i = 0; i < 200; i++)
		mail_header(m, arena_printf(a, "RELENT-%d", i), "x");
	ck_assert(m->foreign_over);
	mail_free(m);
}
END_TEST

START_TEST(nothing_is_a_mail_too)
{
	struct mail *m = mail(10);
	const struct message *msg = mail_message(m);

	ck_assert_str_eq(msg->subject, "");
	ck_assert_str_eq(msg->text, "");
	mail_free(m);
	mail_free(NULL);
}
END_TEST

START_TEST(recipients)
{
	struct mail *m = mail(10);

	for (int i = 0; i < 1000; i++)
		mail_rcpt(m, arena_printf(a, "<R%d@x>", i), arena_printf(m->arena, "r%d@x", i));
	ck_assert_uint_eq(m->recipients_n, 1000);
	ck_assert_str_eq(m->recipients[999], "r999@x");
	ck_assert_str_eq(m->paths[0], "<R0@x>");
	mail_free(m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("milter parts");
	TCase *t = test_case(s, "parts");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, who_is_an_owner);
	tcase_add_test(t, the_mirror_says_the_same);
	tcase_add_test(t, headers_cannot_make_headers);
	tcase_add_test(t, only_so_much_is_kept);
	tcase_add_test(t, nothing_is_a_mail_too);
	tcase_add_test(t, recipients);
	return test_run(s);
}
