/* SPDX-License-Identifier: MPL-2.0
 *
 * The mails of tests/cases: replies/<class>/ must get the class of their folder; the bounces of
 * tests/cases/bounces/sisimai must be recognised at the figures reached so far (labels.tsv beside
 * them). A mail that is misread belongs into the folder of the class it should have had.
 * rows: 77, 78, 79, 81, 395, 396, 397, 536-547
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;

/* Known to be read wrongly: TODO, and told when they come right. */
static const char *const todo[] = { "objection/en-03.eml" };

static bool is_todo(const char *name)
{
	for (size_t i = 0; i < sizeof todo / sizeof todo[0]; i++)
		if (str_eq(name, todo[i]))
			return true;
	return false;
}

START_TEST(replies)
{
	const char *class = class_name((enum reply_class)_i);
	const char *path = test_source("tests/cases/replies");
	struct arena *a = arena_new((size_t)1 << 30);
	char *dir = arena_printf(a, "%s/%s", path, class);
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), mails = 0;

	ck_assert_msg(n > 2, "no cases in %s", dir);
	for (int i = 0; i < n; i++) {
		const char *name = arena_printf(a, "%s/%s", class, list[i]->d_name);
		if (span_ends_case(span_of(name), ".eml")) {
			struct finding *f = mails_classify_file(a, phrases,
				arena_printf(a, "%s/%s", path, name));
			bool right;
			ck_assert_msg(f != NULL, "%s cannot be read", name);
			right = f->class == (enum reply_class)_i;
			ck_assert_msg(right != is_todo(name), "%s: %s%s (%s)", name,
				      class_name(f->class), right ? ", take it off the list" : "",
				      f->evidence_n ? f->evidence[0].rule : "-");
			bool suppresses = f->class == REPLY_UNSUBSCRIBE || f->class == REPLY_COMPLAINT ||
					  f->class == REPLY_BOUNCE;
			ck_assert_msg(!suppresses || f->suppress, "%s: not suppressed", name);
			ck_assert_msg(f->evidence_n || f->class == REPLY_UNKNOWN, "%s: no evidence", name);
			mails++;
		}
		free(list[i]);
	}
	free(list);
	ck_assert_int_ge(mails, 10);
	arena_free(a);
}
END_TEST

/* A list of ours hands on what somebody writes to us; others' lists and newsletters are no answer. */
START_TEST(lists)
{
	static const struct { const char *list, *from, *domains; enum reply_kind kind; } mail[] = {
		{ "Sales <sales.boxwell.example>", "ann@oakvale.example", "boxwell.example", KIND_HUMAN },
		{ "<sales.lists.boxwell.example>", "ann@oakvale.example", "x.example boxwell.example", KIND_HUMAN },
		{ "<all.boxwell.example>", "boss@boxwell.example", "boxwell.example", KIND_LIST },
		{ "<news.oakvale.example>", "ann@oakvale.example", "boxwell.example", KIND_LIST },
		{ "<sales.notboxwell.example>", "ann@oakvale.example", "boxwell.example", KIND_LIST },
		{ "<sales.boxwell.example>", "ann@oakvale.example", NULL, KIND_LIST },
	};
	struct arena *a = arena_new((size_t)1 << 24);
	struct reply_context rc = { .our_domains = mail[_i].domains };
	char *raw = arena_printf(a, "From: %s\nTo: sales@boxwell.example\nSubject: Boxes\nList-Id: %s\nPrecedence: list\n"
				 "List-Unsubscribe: <mailto:leave@boxwell.example>\nDate: Tue, 3 Mar 2026 10:00:00 +0000\n\n"
				 "Could you send me a quote for 500 boxes?\n", mail[_i].from, mail[_i].list);
	struct finding *f = reply_classify(a, phrases, mails_read(a, raw, strlen(raw)), &rc);

	ck_assert_msg(f->kind == mail[_i].kind, "%s: kind %d", mail[_i].list, f->kind);
	ck_assert(f->stop == (mail[_i].kind == KIND_HUMAN));
	arena_free(a);
}
END_TEST

struct label {
	char *file, *kind, *hard, *recipients;
};

static char *column(char **rest)
{
	char *s = *rest, *tab = strpbrk(s, "\t\n");

	if (tab) {
		*tab = '\0';
		*rest = tab + 1;
	}
	return s;
}

static const char *recipients_of(struct arena *a, const struct finding *f)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < f->recipients_n; i++) {
		if (!*f->recipients[i].address)
			continue;
		if (b.n)
			buf_addc(&b, ',');
		buf_adds(&b, f->recipients[i].address);
	}
	return b.n ? b.p : "-";
}

START_TEST(bounces)
{
	struct arena *a = arena_new((size_t)1 << 30);
	const char *dir = test_source("tests/cases/bounces/sisimai");
	char *text = test_read(a, arena_printf(a, "%s/labels.tsv", dir), NULL), *line;
	int mails = 0, kinds = 0, reports = 0, recipients = 0, false_hard = 0, hs = 0, hs_of = 0;

	column(&text);
	text = strchr(text, '\n') ? strchr(text, '\n') + 1 : text;
	for (line = text; *line;) {
		char *end = strchr(line, '\n');
		struct label l;
		struct finding *f;
		const char *kind;
		if (end)
			*end = '\0';
		char *rest = line;
		l.file = column(&rest);
		l.kind = column(&rest);
		l.hard = column(&rest);
		column(&rest);
		column(&rest);
		l.recipients = column(&rest);
		line = end ? end + 1 : line + strlen(line);
		f = mails_classify_file(a, phrases, arena_printf(a, "%s/%s", dir, l.file));
		ck_assert_msg(f != NULL, "%s cannot be read", l.file);
		kind = str_eq(l.kind, "complaint_arf") ? "complaint" : l.kind;
		mails++;
		kinds += str_eq(kind_name(f->kind), kind);
		if (!str_eq(kind, "bounce") && f->kind == KIND_BOUNCE && f->suppress)
			false_hard++;
		if (str_eq(kind, "human") || str_eq(kind, "auto_reply") || str_eq(kind, "other"))
			continue;
		reports++;
		recipients += str_eq(recipients_of(a, f), l.recipients);
		if (str_eq(kind, "bounce") && (str_eq(l.hard, "hard") || str_eq(l.hard, "soft")) &&
		    f->recipients_n) {
			hs_of++;
			hs += str_eq(l.hard, "hard") == (f->recipients[0].hardness == HARDNESS_HARD);
		}
	}
	printf("# bounces: %d mails, kind %d, recipients %d of %d, hard or soft %d of %d\n", mails, kinds,
	       recipients, reports, hs, hs_of);
	ck_assert_int_ge(mails, 250);
	ck_assert_msg(kinds * 1000 >= mails * 995, "kind: %d of %d", kinds, mails);
	ck_assert_msg(recipients * 1000 >= reports * 990, "recipients: %d of %d", recipients, reports);
	ck_assert_msg(hs * 1000 >= hs_of * 980, "hard or soft: %d of %d", hs, hs_of);
	ck_assert_int_eq(false_hard, 0);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier cases");
	TCase *t = test_case(s, "cases");
	int r;

	phrases = mails_phrases();
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, replies, 0, REPLY_CLASS_COUNT);
	tcase_add_loop_test(t, lists, 0, 6);
	tcase_add_test(t, bounces);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
