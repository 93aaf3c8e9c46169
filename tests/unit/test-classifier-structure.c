/* SPDX-License-Identifier: MPL-2.0
 *
 * What message_read() makes of the structure of a mail is what GMime makes of it, on every mail of
 * the cases, whole and damaged in many ways.
 */
#include "config.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/structure.h"
#include "tests/lib/testing.h"

enum { MAILS = 4000, DAMAGES = 40 };

static char *mails[MAILS];
static size_t mails_n;
static unsigned long seed;

static size_t some(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (size_t)(seed >> 33) % n : 0;
}

static int note(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	size_t n = strlen(path);

	(void)st;
	(void)ftw;
	if (kind == FTW_F && mails_n < MAILS && n > 4 && str_eq(path + n - 4, ".eml"))
		mails[mails_n++] = strdup(path);
	return 0;
}

static void agree(const char *path, const char *how, const char *text, size_t n)
{
	struct arena *a = arena_new(0);
	const char *why = structure_differs(a, text, n);

	ck_assert_msg(!why, "%s, %s: %s\n%.*s", path, how, why, (int)(n > 3000 ? 3000 : n), text);
	arena_free(a);
}

/* The lines of a mail with one of them changed. */
static void damage(struct buf *out, const char *text, size_t n)
{
	static const char *const odd[] = {
		"\n", "\r\n", " \n", "X\n", "--\n", "Content-Type: text/plain\n", "Content-Type: multipart/mixed\n",
		"Content-Type: multipart/mixed; boundary=\"=_b\"\n", "\n--=_b\n\nx\n",
		"Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n",
		"Content-Transfer-Encoding: quoted-printable\n", "Content-Disposition: attachment; filename=a.b\n",
		"Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: x\n\nbody\n--d--\n",
		"From a@b.example Mon Jan  1 00:00:00 2026\n", ">From x\n", "\tfolded\n",
		"Content-Type: text/html; charset=utf-8; format=flowed\n", ": x\n", "Subject : x\n",
	};
	size_t at = some(n), from = at, to;

	while (from > 0 && text[from - 1] != '\n')
		from--;
	to = from + strcspn(text + from, "\n");
	to += to < n;
	buf_add(out, text, from);
	switch (some(5)) {
	case 0:		/* gone */
		break;
	case 1:		/* twice */
		buf_add(out, text + from, to - from);
		buf_add(out, text + from, to - from);
		break;
	case 2:		/* another byte */
		buf_add(out, text + from, to - from);
		if (to > from)
			out->p[from + some(to - from)] = " :;\"=-/\n\r\tA\xe9"[some(12)];
		break;
	case 3:		/* an odd line before it */
		buf_adds(out, odd[some(sizeof odd / sizeof odd[0])]);
		buf_add(out, text + from, to - from);
		break;
	default:	/* an earlier line again */
		buf_add(out, text + from, to - from);
		from = some(from + 1);
		while (from > 0 && text[from - 1] != '\n')
			from--;
		/* a boundary amid headers: GMime goes on, we do not */
		if (text[from] != '-')
			buf_add(out, text + from, strcspn(text + from, "\n") + 1);
	}
	buf_add(out, text + to, n - to);
}

START_TEST(same_structure)
{
	for (size_t i = (size_t)_i; i < mails_n; i += 8) {
		struct arena *a = arena_new(0);
		size_t n;
		char *text = test_read(a, mails[i], &n);
		struct buf b;

		agree(mails[i], "as it is", text, n);
		buf_init(&b, a);
		for (size_t k = 0; k < n; k++) {
			if (text[k] == '\n' && (k == 0 || text[k - 1] != '\r'))
				buf_addc(&b, '\r');
			buf_addc(&b, text[k]);
		}
		agree(mails[i], "with CRLF", b.p, b.n);
		agree(mails[i], "cut", text, some(n));
		/* its own damages, whatever other mails lie beside it */
		seed = 5381;
		for (const char *p = strstr(mails[i], "tests/cases"); p && *p; p++)
			seed = seed * 33 + (unsigned char)*p;
		for (int k = 0; k < DAMAGES; k++) {
			struct buf once, twice;
			buf_init(&once, a);
			damage(&once, text, n);
			agree(mails[i], "damaged", once.p, once.n);
			buf_init(&twice, a);
			damage(&twice, once.p, once.n);
			agree(mails[i], "damaged twice", twice.p, twice.n);
		}
		arena_free(a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier structure");
	TCase *t = test_case(s, "structure");

	nftw(test_source("tests/cases"), note, 16, FTW_PHYS);
	if (mails_n < 500)
		return 99;
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, same_structure, 0, 8);
	return test_run(s);
}
