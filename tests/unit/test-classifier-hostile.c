/* SPDX-License-Identifier: MPL-2.0
 *
 * Mail made to hurt: an answer each time, soon. Each case runs in a process of its own with a
 * limit on its time, so that a hang fails it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;

static char *repeat(struct arena *a, const char *head, const char *what, size_t times, size_t *n_r)
{
	size_t h = strlen(head), w = strlen(what);
	char *s = arena_alloc(a, h + w * times + 1);

	memcpy(s, head, h);
	for (size_t i = 0; i < times; i++)
		memcpy(s + h + i * w, what, w);
	*n_r = h + w * times;
	return s;
}

#define HEAD "From: a@oakvale.example\nTo: s@boxwell.example\nSubject: x\n"
static const struct { const char *head, *what; size_t times; } bombs[] = {
	{ HEAD "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", 10000 },
	{ HEAD "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n", 200000 },
	{ HEAD, "X-A: b\n", 300000 },
	{ HEAD "X-Long: ", "aaaaaaaaaaaaaaaa", 1000000 },
	{ HEAD "\n", "aaaaaaaaaaaaaaaa", 3000000 },
	{ HEAD "Content-Type: text/html\n\n", "<div>", 300000 },
	{ HEAD "Content-Type: text/html\n\n", "<a", 500000 },
	{ HEAD "Content-Type: text/html\n\n", "<a b='\">", 200000 },
	{ HEAD "Content-Type: text/html\n\n", "<blockquote>x", 100000 },
	{ HEAD "Content-Type: text/html\n\n", "&amp", 400000 },
	{ HEAD "\n", "> ", 500000 },
	{ HEAD "\n", ">\n", 500000 },
	{ HEAD "\n", "On 3 March wrote\n", 50000 },
	{ HEAD "\n", "stop ", 300000 },
	{ HEAD "\n", "please remove me from ", 50000 },
	{ HEAD "\n", "3 March - ", 100000 },
	{ HEAD "\n", "? ", 500000 },
	{ HEAD "\n", "a@b.example ", 100000 },
	{ HEAD "\n", "-----Original Message-----\n", 40000 },
	{ HEAD "\n", "\xff\xfe", 500000 },
	{ "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n", "<a@b.example>:\n550 x\n\n", 50000 },
	{ "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n", "a@", 300000 },
	{ HEAD "Content-Type: message/delivery-status\n\n",
	  "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n", 30000 },
	{ HEAD "Content-Type: text/calendar; method=REPLY\n\n", "BEGIN:VEVENT\n", 9000 },
	{ HEAD "Content-Type: ", "message/rfc822\n\nContent-Type: ", 5000 },
	{ HEAD "Content-Type: text/plain; format=flowed\n\n", "a \n", 300000 },
	{ HEAD "References: ", "<a@b> ", 100000 },
	{ HEAD "To: ", "a@b.example, ", 50000 },
	{ HEAD "Subject: ", "=?utf-8?q?a?= ", 20000 },
	{ HEAD "Content-Type: text/plain", "; a=b", 50000 },
};

START_TEST(bomb)
{
	struct arena *a = arena_new((size_t)1 << 31), *work = arena_new((size_t)256 << 20);
	size_t n;
	char *mail = repeat(a, bombs[_i].head, bombs[_i].what, bombs[_i].times, &n);
	struct timespec from, to;
	struct finding *f;
	double ms, limit = 400 + 200.0 * (double)n / 1e6;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	f = mails_classify(work, phrases, mail, n);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	ck_assert_ptr_nonnull(f);
	if (!getenv("SANITIZED"))
		ck_assert_msg(ms < limit * 5, "%.0f ms for %zu bytes", ms, n);
	arena_free(work);
	arena_free(a);
}
END_TEST

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

START_TEST(nested)
{
	struct arena *a = arena_new((size_t)1 << 30);
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, HEAD);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buf_adds(&b, "\nunsubscribe\n");
	ck_assert_ptr_nonnull(mails_classify(a, phrases, b.p, b.n));
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

#define COUNT(x) (int)(sizeof(x) / sizeof((x)[0]))

int main(void)
{
	Suite *s = suite_create("classifier hostile");
	TCase *t = test_case(s, "hostile");
	int r;

	phrases = mails_phrases();
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, bomb, 0, COUNT(bombs));
	tcase_add_test(t, endless_parameter);
	tcase_add_test(t, nested);
	tcase_add_test(t, odd_bytes);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
