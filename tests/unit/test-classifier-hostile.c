/* SPDX-License-Identifier: MPL-2.0
 *
 * Mail made to hurt: an answer each time, soon. Each case runs in a process of its own with a
 * limit on its time, so that a hang fails it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/bombs.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;

enum { SLACK = 5, MIB_MOST = 96 };	/* a busy machine; the largest takes 32 */

/* What quality.md allows: 200 ms a megabyte. CPU time, not the clock's. */
START_TEST(bomb)
{
	struct arena *a = arena_new((size_t)1 << 31), *work = arena_new(0);
	size_t n;
	char *mail = bomb_make(a, &bombs[_i], 100, &n);
	struct rusage from, to;
	struct finding *f;
	double ms, limit = 200 + 200.0 * (double)n / 1e6;

	getrusage(RUSAGE_SELF, &from);
	f = mails_classify(work, phrases, mail, n);
	getrusage(RUSAGE_SELF, &to);
	ms = (double)(to.ru_utime.tv_sec - from.ru_utime.tv_sec) * 1e3 +
	     (double)(to.ru_utime.tv_usec - from.ru_utime.tv_usec) / 1e3;
	ck_assert_ptr_nonnull(f);
	ck_assert_msg(!arena_over(work), "%s: %zu bytes of work", bombs[_i].name, arena_used(work));
	if (!getenv("SANITIZED")) {
		ck_assert_msg(ms < limit * SLACK, "%s: %.0f ms for %zu bytes", bombs[_i].name, ms, n);
		ck_assert_msg(to.ru_maxrss - from.ru_maxrss < MIB_MOST * 1024L, "%s: %ld MiB for %zu bytes",
			      bombs[_i].name, (to.ru_maxrss - from.ru_maxrss) / 1024, n);
	}
	arena_free(work);
	arena_free(a);
}
END_TEST

#define HEAD "From: a@oakvale.example\nTo: s@boxwell.example\nSubject: x\n"

/* gmime#165: a parameter name of 70 bytes beside a value that is not ASCII, no boundary. */
START_TEST(endless_parameter)
{
	static const char mail[] = HEAD "Content-Type: multipart/mixed;\n"
		" aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg=\"\xe9\"\n\nx\n";
	struct arena *a = arena_new(0);

	ck_assert_ptr_nonnull(mails_classify(a, phrases, mail, sizeof mail - 1));
	arena_free(a);
}
END_TEST

/* Words below a thousand levels do not stop anybody: what is too deep is not read, and said so. */
START_TEST(nested)
{
	struct arena *a = arena_new((size_t)1 << 30);
	struct message *m;
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, HEAD);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buf_adds(&b, "\nunsubscribe\n");
	m = mails_read(a, b.p, b.n);
	ck_assert_ptr_nonnull(m);
	ck_assert(m->truncated);
	ck_assert(mails_classify(a, phrases, b.p, b.n)->class == REPLY_UNKNOWN);
	arena_free(a);
}
END_TEST

/* Ten thousand parts: the first ones are read, no more. */
START_TEST(many_parts)
{
	struct arena *a = arena_new(0);
	struct message *m;
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, HEAD "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 10000; i++)
		buf_adds(&b, "--b\nContent-Type: text/plain\n\nx\n");
	m = mails_read(a, b.p, b.n);
	ck_assert(m->truncated);
	ck_assert_uint_le(m->parts_n, MESSAGE_MAX_PARTS);
	arena_free(a);
}
END_TEST

START_TEST(odd_bytes)
{
	static const char mail[] = "Subject: Hello \0{{first_name}}\nFrom: a@oakvale.example\n\nHi\0there\n";
	struct arena *a = arena_new(0);
	struct message *m = mails_read(a, mail, sizeof mail - 1);
	struct err e;

	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_nonnull(strstr(m->subject, "{{first_name}}"));
	ck_assert(m->broken);
	ck_status(message_read(a, "", 0, &m, &test_err), INPUT);
	ck_status(message_read(a, "\n\n \n", 4, &m, &test_err), INPUT);
	ck_assert_int_eq(message_read(a, "just words", 10, &m, &e), OK);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier hostile");
	TCase *t = test_case(s, "hostile");
	int r;

	phrases = mails_phrases();
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, bomb, 0, (int)bombs_n);
	tcase_add_test(t, endless_parameter);
	tcase_add_test(t, nested);
	tcase_add_test(t, many_parts);
	tcase_add_test(t, odd_bytes);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
