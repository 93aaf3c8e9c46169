/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person wrote, apart from quotes, signatures, footers and banners: the mails of
 * tests/cases/visible, each with the text that must remain. How they are labelled and compared: README there.
 * VISIBLE_ERRORS=1 in the environment prints what was read wrongly.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "classifier/classifier.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

/* Of a thousand: the share reached so far. */
enum { FLOOR = 980 };
/* "Thanks" and "mfg" for themselves, in several languages. */
enum { DROPPED_AT_MOST = 11 };

static struct phrases *phrases;

/* Lines squeezed; empty lines and mere rules left out. */
static const char *comparable(struct arena *a, const char *text)
{
	struct span rest = span_of(text), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line)) {
		const char *s = text_squeeze(a, span_dup(a, line));
		if (s[strspn(s, "-_=* ")] == '\0')
			continue;
		buf_adds(&b, s);
		buf_addc(&b, '\n');
	}
	return b.n ? b.p : "";
}

static bool right(struct arena *a, const char *dir, const char *eml)
{
	size_t n;
	char *raw = test_read(a, arena_printf(a, "%s/%s", dir, eml), &n);
	const char *txt = arena_printf(a, "%s/%.*s.txt", dir, (int)strlen(eml) - 4, eml);
	const char *want = comparable(a, test_read(a, txt, NULL));
	const char *got = comparable(a, message_visible(a, phrases, mails_read(a, raw, n)).text);

	if (str_eq(want, got))
		return true;
	if (getenv("VISIBLE_ERRORS"))
		fprintf(stderr, "%s\n--- wanted\n%s--- got\n%s\n", eml, want, got);
	return false;
}

START_TEST(visible)
{
	const char *dir = test_source("tests/cases/visible");
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), mails = 0, good = 0;

	ck_assert_msg(n > 2, "no cases in %s", dir);
	for (int i = 0; i < n; i++) {
		if (span_ends_case(span_of(list[i]->d_name), ".eml")) {
			struct arena *a = arena_new((size_t)1 << 26);
			bool ok = right(a, dir, list[i]->d_name);
			mails++;
			good += ok;
			if (!ok)
				printf("# %s: other text\n", list[i]->d_name);
			arena_free(a);
		}
		free(list[i]);
	}
	free(list);
	printf("# new text right: %d of %d\n", good, mails);
	fflush(stdout);
	ck_assert_int_ge(mails, 320);
	ck_assert_msg(good * 1000 >= mails * FLOOR, "only %d of %d right", good, mails);
}
END_TEST

/* Is the text in what remains of a mail with this body? */
static bool in_new_text(struct arena *a, const char *body, const char *words)
{
	char *raw = arena_printf(a, "From: Ann Colby <ann@prospect.example>\nTo: rita@example.com\n"
				 "Subject: Re: depots\nMIME-Version: 1.0\n"
				 "Content-Type: text/plain; charset=utf-8\n"
				 "Content-Transfer-Encoding: 8bit\n\n%s\n",
				 body);

	return strstr(text_squeeze(a, message_visible(a, phrases, mails_read(a, raw, strlen(raw))).text),
		      text_squeeze(a, words)) != NULL;
}

/* Below a greeting, with and without a gap, above all, at the end; or below the name. */
static bool line_kept(struct arena *a, struct span line, bool below)
{
	char *w = span_dup(a, line);

	if (below)
		return in_new_text(a, arena_printf(a, "Hello,\n\nsee you then.\n\nAnn\n\n%s", w), w);
	return in_new_text(a, arena_printf(a, "Hello,\n\n%s\n\nAnn", w), w) &&
	       in_new_text(a, arena_printf(a, "Hello,\n%s\nAnn", w), w) &&
	       in_new_text(a, arena_printf(a, "%s\nPlease note it.\n\nAnn", w), w) &&
	       in_new_text(a, arena_printf(a, "Hello,\n\nwell.\n\n%s", w), w);
}

/* The lines of a file that end up on the wrong side. */
static int lines_wrong(const char *file, bool below, int *lines_r)
{
	struct arena *a = arena_new((size_t)1 << 28);
	struct span rest = span_of(test_read(a, test_source(file), NULL)), line;
	int wrong = 0;

	while (span_line(&rest, &line)) {
		const char *tab = memrchr(line.p, '\t', line.n);
		if (tab)	/* CLASS TAB SENTENCE */
			line = (struct span){ tab + 1, (size_t)(line.p + line.n - tab - 1) };
		if (line.n == 0 || line.p[0] == '#')
			continue;
		(*lines_r)++;
		if (line_kept(a, line, below) == !below)
			continue;
		wrong++;
		printf("# %s: %.*s\n", below ? "not dropped" : "dropped", (int)line.n, line.p);
	}
	arena_free(a);
	fflush(stdout);
	return wrong;
}

START_TEST(kept)
{
	int lines = 0;

	ck_assert_int_eq(lines_wrong("tests/cases/visible/kept.txt", false, &lines), 0);
	ck_assert_int_ge(lines, 100);
}
END_TEST

START_TEST(dropped)
{
	int lines = 0, wrong = lines_wrong("tests/cases/visible/dropped.txt", true, &lines);

	ck_assert_int_ge(lines, 100);
	ck_assert_msg(wrong * 1000 <= lines * (1000 - FLOOR), "%d of %d lines not dropped", wrong, lines);
}
END_TEST

/* What remains of a mail whose text this is. */
static const char *left_of(struct arena *a, const char *text)
{
	char *raw = arena_printf(a, "From: Ann Colby <ann@prospect.example>\nTo: rita@example.com\nSubject: Re: depots\n"
				 "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
				 "Content-Transfer-Encoding: 8bit\n\n%s\n", text);

	return text_squeeze(a, message_visible(a, phrases, mails_read(a, raw, strlen(raw))).text);
}

/* The lines of a file, each put above or below the same words, that leave more or less than these. */
static int heads_wrong(const char *file, const char *format, const char *want, int *lines_r)
{
	struct arena *a = arena_new((size_t)1 << 28);
	struct span rest = span_of(test_read(a, test_source(file), NULL)), line;
	int wrong = 0;

	while (span_line(&rest, &line)) {
		struct buf head;
		if (line.n < 2 || memcmp(line.p, "# ", 2) == 0)
			continue;
		buf_init(&head, a);
		for (size_t i = 0; i < line.n; i++) {
			bool newline = line.p[i] == '\\' && i + 1 < line.n && line.p[i + 1] == 'n';
			buf_addc(&head, newline ? '\n' : line.p[i]);
			i += newline;
		}
		const char *at = strstr(format, "%s");
		char *text = arena_printf(a, "%.*s%s%s", (int)(at - format), format, head.p, at + 2);
		(*lines_r)++;
		if (str_eq(left_of(a, text), want))
			continue;
		wrong++;
		printf("# %.*s: left '%s'\n", (int)line.n, line.p, left_of(a, text));
	}
	arena_free(a);
	fflush(stdout);
	return wrong;
}

START_TEST(heads)
{
	int lines = 0, wrong = heads_wrong("tests/cases/visible/heads.txt",
					   "Yes, do call me.\n\n%s\n\nShall I stop?\n", "Yes, do call me.", &lines);

	ck_assert_int_ge(lines, 100);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(banners)
{
	int lines = 0, wrong = heads_wrong("tests/cases/visible/banners.txt", "%s\n\nYes, do call me.\n",
					   "Yes, do call me.", &lines);

	ck_assert_int_ge(lines, 10);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Whatever people say: nothing but a bare "Thanks" or greeting is ever taken for a footer. */
START_TEST(sentences)
{
	static const char *const langs[] = { "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "ja" };
	int lines = 0, wrong = 0;

	for (size_t i = 0; i < sizeof langs / sizeof langs[0]; i++) {
		char name[64];
		snprintf(name, sizeof name, "tests/cases/sentences/%s.tsv", langs[i]);
		wrong += lines_wrong(name, false, &lines);
	}
	printf("# sentences: %d of %d dropped\n", wrong, lines);
	fflush(stdout);
	ck_assert_int_ge(lines, 3000);
	ck_assert_int_le(wrong, DROPPED_AT_MOST);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier-visible");
	TCase *t = test_case(s, "visible");
	int failed;

	phrases = mails_phrases();
	tcase_set_timeout(t, 120);
	tcase_add_test(t, visible);
	tcase_add_test(t, kept);
	tcase_add_test(t, dropped);
	tcase_add_test(t, heads);
	tcase_add_test(t, banners);
	tcase_add_test(t, sentences);
	suite_add_tcase(s, t);
	failed = test_run(s);
	phrases_free(phrases);
	return failed;
}
