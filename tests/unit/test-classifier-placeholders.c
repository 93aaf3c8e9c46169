/* SPDX-License-Identifier: MPL-2.0
 *
 * Plays the mails of tests/cases/refuse/placeholders: what was left unfilled is found, honest mail that
 * looks like it is not.
 * rows: 71
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

enum { MAILS_MAX = 600, HONEST_LEAST = 200, LEFT_LEAST = 60, FILE_MAX = 1 << 18 };

struct one {
	const char *file, *subject, *body;
	const char *want;	/* NULL: nothing may be found */
	bool doubt, html;
};

static struct phrases *phrases;
static struct arena *arena;
static struct one mails[MAILS_MAX];
static int mails_n, honest_n, left_n;

static void add(const char *file, struct span head, struct span body, bool honest)
{
	struct one *m = &mails[mails_n];
	struct span line;

	*m = (struct one){ .file = file };
	if (span_ends_case(head, " | html") || span_ends_case(head, " | doubt")) {
		m->html = span_ends_case(head, "html");
		m->doubt = !m->html;
		head.n -= m->html ? 7 : 8;
	}
	m->subject = span_dup(arena, head);
	if (!honest) {
		span_line(&body, &line);
		m->doubt = span_starts_case(line, "doubt ");
		if (!m->doubt && !span_starts_case(line, "found ")) {
			printf("Bail out! %s: '%s' does not say what must be found\n", file, m->subject);
			exit(1);
		}
		m->want = span_dup(arena, (struct span){ line.p + 6, line.n - 6 });
	}
	m->body = span_dup(arena, body);
	mails_n++;
	honest_n += honest;
	left_n += !honest;
}

/* Before the tests run: nothing of Check may be asked yet. */
static const char *whole(const char *name)
{
	const char *path = arena_printf(arena, "%s/%s", test_source("tests/cases/refuse/placeholders"), name);
	FILE *f = fopen(path, "rb");
	char *text = arena_alloc(arena, FILE_MAX + 1);

	if (!f || fread(text, 1, FILE_MAX, f) == FILE_MAX) {
		printf("Bail out! cannot read %s\n", path);
		exit(1);
	}
	fclose(f);
	return text;
}

static void load(const char *name, bool honest)
{
	struct span rest = span_of(whole(name)), line, head = { NULL, 0 };
	const char *from = rest.p;

	while (span_line(&rest, &line)) {
		if (!span_starts_case(line, "=== "))
			continue;
		if (head.p && mails_n < MAILS_MAX)
			add(name, head, (struct span){ from, (size_t)(line.p - from) }, honest);
		head = (struct span){ line.p + 4, line.n - 4 };
		from = rest.p;
	}
	if (head.p)
		add(name, head, (struct span){ from, strlen(from) }, honest);
}

static const char *as_mail(struct arena *a, const struct one *m)
{
	const char *head = arena_printf(a, "From: sam@boxwell.example\nTo: ann@oakvale.example\n"
		"Subject: %s\nDate: Tue, 3 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\n", m->subject);

	if (!m->html)
		return arena_printf(a, "%sContent-Type: text/plain; charset=utf-8\n\n%s", head, m->body);
	return arena_printf(a, "%sContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
			    "text/plain; charset=utf-8\n\nHi Ann,\n\nTuesday works.\n--b\nContent-Type: "
			    "text/html; charset=utf-8\n\n<html><body>%s</body></html>\n--b--\n", head, m->body);
}

static const struct placeholder *find(const struct placeholder *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq_case(list[i].text, text))
			return &list[i];
	}
	return NULL;
}

START_TEST(mail)
{
	const struct one *m = &mails[_i];
	struct arena *a = arena_new(0);
	const char *raw = as_mail(a, m);
	const struct placeholder *list, *x;
	size_t n = outbound_placeholders(a, phrases, mails_read(a, raw, strlen(raw)), NULL, NULL, 0, &list);

	if (m->want) {
		x = find(list, n, m->want);
		ck_assert_msg(x, "%s '%s': '%s' not found, but %zu (%s)", m->file, m->subject, m->want, n,
			      n ? list[0].text : "");
		ck_assert_msg(x->sure == !m->doubt, "%s '%s': '%s' is %s", m->file, m->subject, m->want,
			      x->sure ? "sure" : "in doubt");
	}
	for (size_t i = 0; i < n && !m->want; i++)
		ck_assert_msg(m->doubt && !list[i].sure, "%s '%s': %s '%s'", m->file, m->subject,
			      list[i].sure ? "sure of" : "doubts", list[i].text);
	arena_free(a);
}
END_TEST

START_TEST(there_are_enough)
{
	ck_assert_int_ge(honest_n, HONEST_LEAST);
	ck_assert_int_ge(left_n, LEFT_LEAST);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier placeholders");
	TCase *t = test_case(s, "placeholders");
	int r;

	arena = arena_new(0);
	phrases = mails_phrases();
	load("honest-code.txt", true);
	load("honest-office.txt", true);
	load("honest-languages.txt", true);
	load("honest-html.txt", true);
	load("left.txt", false);
	tcase_add_test(t, there_are_enough);
	tcase_add_loop_test(t, mail, 0, mails_n);
	r = test_run(s);
	phrases_free(phrases);
	arena_free(arena);
	return r;
}
