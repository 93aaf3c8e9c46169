/* SPDX-License-Identifier: MPL-2.0
 *
 * What a reply commands: the lines of tests/cases/commands/lines, and whole mails as clients write them
 * (tests/cases/commands/<client>-<language>.eml). README there.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "classifier/classifier.h"
#include "tests/lib/commands.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;
static struct command_words *words;

static struct command_context context(const char *language)
{
	static const char *const names[] = { "Rita Rep", "Rita" };

	return (struct command_context){ .words = words, .phrases = phrases, .today = { 2027, 3, 2 },
					 .language = language, .names = names, .names_n = 2 };
}

static bool same(const char *what, const char *want, const char *got)
{
	if (str_eq(want, got))
		return true;
	fprintf(stderr, "# %s\n--- wanted\n%s--- read\n%s\n", what, want, got);
	return false;
}

/* "\n" in a line of the file is a line end, " / " between what is expected. */
static char *unfold(struct arena *a, struct span s, const char *mark)
{
	struct buf b;
	size_t at;

	buf_init(&b, a);
	while ((at = span_find_case(s, mark)) != (size_t)-1) {
		buf_add(&b, s.p, at);
		buf_addc(&b, '\n');
		s = (struct span){ s.p + at + strlen(mark), s.n - at - strlen(mark) };
	}
	buf_add(&b, s.p, s.n);
	return b.p;
}

START_TEST(lines)
{
	struct arena *a = arena_new(0);
	struct span rest = span_of(test_read(a, test_source("tests/cases/commands/lines"), NULL)), line;
	const char *language = NULL;
	int n = 0, bad = 0;

	while (span_line(&rest, &line)) {
		struct commands got;
		size_t arrow;

		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
			language = arena_strndup(a, line.p + 1, line.n - 2);
			continue;
		}
		arrow = span_find_case(line, " => ");
		ck_assert_msg(arrow != (size_t)-1, "no ' => ' in %.*s", (int)line.n, line.p);
		struct command_context c = context(language);
		const char *text = unfold(a, (struct span){ line.p, arrow }, "\\n");
		const char *want = arena_printf(a, "%s\n", unfold(a, (struct span){ line.p + arrow + 4,
								  line.n - arrow - 4 }, " / "));

		if (span_starts_case(span_of(text), "subject: "))
			commands_read_text(a, &c, "", text + 9, &got);
		else
			commands_read_text(a, &c, text, NULL, &got);
		bad += !same(text, want, commands_shown(a, &got));
		n++;
	}
	arena_free(a);
	ck_assert_int_gt(n, 150);
	ck_assert_int_eq(bad, 0);
}
END_TEST

static bool mail(const char *dir, const char *name)
{
	struct arena *a = arena_new((size_t)1 << 26);
	size_t n, stem = strlen(name) - 4;
	const char *raw = test_read(a, arena_printf(a, "%s/%s", dir, name), &n);
	const char *want = test_read(a, arena_printf(a, "%s/%.*s.want", dir, (int)stem, name), NULL);
	const char *dash = strrchr(name, '-');
	struct command_context c = context(dash ? arena_strndup(a, dash + 1, 2) : NULL);
	struct message *m = mails_read(a, raw, n);
	struct commands got;
	bool ok;

	ck_assert_msg(m != NULL, "%s is no mail", name);
	c.offset = m->date_offset;
	commands_read(a, &c, m, &got);
	ok = same(name, want, commands_shown(a, &got));
	arena_free(a);
	return ok;
}

START_TEST(mails)
{
	const char *dir = test_source("tests/cases/commands");
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), count = 0, bad = 0;

	ck_assert_msg(n > 2, "no cases in %s", dir);
	for (int i = 0; i < n; i++) {
		if (span_ends_case(span_of(list[i]->d_name), ".eml")) {
			bad += !mail(dir, list[i]->d_name);
			count++;
		}
		free(list[i]);
	}
	free(list);
	ck_assert_int_ge(count, 120);
	ck_assert_int_eq(bad, 0);
}
END_TEST

/* A site's own words are added; what cannot be meant is told with its place. */
START_TEST(words_of_a_site)
{
	static const struct { const char *text, *error; } bad[] = {
		{ "approve", "x:1: expected '[verb NAME]' or another section first" },
		{ "[verb aprove]\nyes", "x:1: there is no section '[verb aprove]'" },
		{ "# ok\n[and so]\nplus", "x:2: there is no section '[and so]'" },
		{ "[class maybe]\nhm", "x:1: there is no section '[class maybe]'" },
		{ "[verb stop]\n\xff", "x:2: not UTF-8" },
	};
	struct command_context c = context("en");
	struct command_words *own = NULL;
	struct arena *a = arena_new(0);
	struct commands got;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(command_words_parse("x", bad[i].text, &own, &e), CONF);
		ck_assert_str_eq(e.text, bad[i].error);
		ck_assert_ptr_null(own);
	}
	ck_assert_int_eq(command_words_parse("x", "[verb approve]\nfire away, los geht's\n", &own, &e), OK);
	c.words = own;
	commands_read_text(a, &c, "Los geht\xe2\x80\x99s 3\n", NULL, &got);
	ck_assert_str_eq(commands_shown(a, &got), "approve 3\n");
	commands_read_text(a, &c, "stop 3\n", NULL, &got);	/* the names are always known */
	ck_assert_str_eq(commands_shown(a, &got), "stop 3\n");
	command_words_free(own);
	arena_free(a);
}
END_TEST

/* Many lines, many numbers, long lines: read up to a limit, which is told. */
START_TEST(limits)
{
	struct command_context c = context("en");
	struct arena *a = arena_new((size_t)64 << 20);
	struct commands got;
	struct buf b;

	buf_init(&b, a);
	for (int i = 1; i < 100; i++)
		buf_addf(&b, "approve %d\n", i);
	commands_read_text(a, &c, b.p, NULL, &got);
	ck_assert_uint_eq(got.n, COMMANDS_MAX);
	ck_assert_uint_eq(got.mistakes_n, 39);
	ck_assert_int_eq(got.mistakes[0].fault, COMMAND_TOO_MANY);
	ck_assert_int_eq(got.mistakes[0].line, COMMANDS_MAX + 1);
	buf_init(&b, a);
	buf_adds(&b, "stop 1");
	for (int i = 2; i < 5000; i++)
		buf_addf(&b, ", %d", i);
	commands_read_text(a, &c, b.p, NULL, &got);
	ck_assert_uint_eq(got.n, 0);
	arena_free(a);
}
END_TEST

/* Somebody else's words in what a client quotes without any mark: where our own mail begins, the commands end. */
START_TEST(what_we_wrote_commands_nothing)
{
	static const char *const own[] = { "3. Ann Berg, Acme", "relent@ourco.example" };
	static const struct {
		const char *text, *read;
	} cases[] = {
		{ "note 3 called\n\n3. Ann Berg, Acme (open since 2027-03-01)\nThe answer:\nsuppress 1-9\n", "note 3 [called]\n" },
		{ "note 3 called\n| 3.  ann berg, ACME\nsuppress 1-9\n", "note 3 [called]\n" },
		{ "stop 2\n\nFra: relent <Relent@ourco.example>\n\nsuppress 1-9\n", "stop 2\n" },
		{ "3. Ann Berg, Acme\nThe answer:\nstop 1\n", "empty\n" },
		/* a line that is understood is the writer's own */
		{ "stop 2 because he wrote to relent@ourco.example\nstop 3\n",
		  "stop 2 (he wrote to relent@ourco.example)\nstop 3\n" },
		{ "[Park] park 1 | <relent+do.abcdefghijklmnopqrstuvwxyz234567abcdefgh@x.example>\nstop 1\n", "empty\n" },
	};
	struct command_context c = context("en");

	c.own = own;
	c.own_n = 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new(0);
		struct commands got;

		commands_read_text(a, &c, cases[i].text, NULL, &got);
		ck_assert_str_eq(commands_shown(a, &got), cases[i].read);
		arena_free(a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy commands");
	TCase *t = test_case(s, "commands");
	int failed;

	phrases = mails_phrases();
	words = shipped_commands();
	tcase_add_test(t, lines);
	tcase_add_test(t, mails);
	tcase_add_test(t, words_of_a_site);
	tcase_add_test(t, limits);
	tcase_add_test(t, what_we_wrote_commands_nothing);
	failed = test_run(s);
	command_words_free(words);
	phrases_free(phrases);
	return failed;
}
