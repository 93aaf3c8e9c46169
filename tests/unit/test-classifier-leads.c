/* SPDX-License-Identifier: MPL-2.0
 *
 * Leads: the mails of tests/cases/leads, each beside a .want of what must be read from it; what is said of words
 * and labels alone; hostile ones within bounds.
 *
 * rows: 118, 759, 760, 761, 762, 763, 764, 961, 962, 963, 964
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "classifier/lead.h"
#include "conf/conf.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;
static struct lead_words *words;

static void load(void)
{
	struct arena *a = arena_new(0);
	const struct conf_file *list;
	struct data_file *files;
	size_t n;

	phrases = mails_phrases();
	ck_ok(conf_data_files(a, NULL, "leads", &list, &n, &test_err));
	files = arena_array(a, struct data_file, n);
	for (size_t i = 0; i < n; i++)
		files[i] = (struct data_file){ list[i].name, list[i].text, list[i].n };
	ck_ok(lead_words_load(files, n, &words, &test_err));
	arena_free(a);
}

static bool read_mail(struct arena *a, const char *raw, size_t n, struct lead **out_r)
{
	struct message *m = mails_read(a, raw, n);

	ck_assert(m != NULL);
	return lead_read(a, words, m, reply_classify(a, phrases, m, NULL), LEAD_FORMAT_AUTO, out_r);
}

static const char *unescaped(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a);
	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == 'n') {
			buf_addc(&b, '\n');
			s++;
		} else if (s[0] == '\\' && s[1] == '\\') {
			buf_addc(&b, *s++);
		} else {
			buf_addc(&b, *s);
		}
	}
	return b.p;
}

static const char *got_value(const struct lead *l, const char *name)
{
	enum lead_field f;

	if (str_eq(name, "shape"))
		return lead_shape_name(l->shape);
	if (str_eq(name, "address"))
		return l->address;
	if (str_eq(name, "request"))
		return l->request;
	if (str_eq(name, "urgent"))
		return l->urgent ? "yes" : "no";
	if (str_eq(name, "consent"))
		return l->consent == LEAD_CONSENT_YES ? "yes" : l->consent == LEAD_CONSENT_NO ? "no" : NULL;
	ck_assert_msg(lead_field_from_name(name, &f), "no field '%s'", name);
	return l->values[f];
}

static bool right(struct arena *a, const char *dir, const char *eml)
{
	size_t n;
	char *raw = test_read(a, arena_printf(a, "%s/%s", dir, eml), &n);
	struct span rest = span_of(test_read(a, arena_printf(a, "%s/%.*s.want", dir, (int)strlen(eml) - 4, eml), NULL));
	struct span line;
	struct lead *l;
	bool is = read_mail(a, raw, n, &l), good = true;

	while (span_line(&rest, &line)) {
		const char *colon = memmem(line.p, line.n, ": ", 2), *name, *want, *got;

		ck_assert_msg(colon != NULL, "%s: bad line in .want", eml);
		name = arena_strndup(a, line.p, (size_t)(colon - line.p));
		want = unescaped(a, arena_strndup(a, colon + 2, (size_t)(line.p + line.n - colon) - 2));
		if (str_eq(name, "lead")) {
			good = good && is == !str_eq(want, "no");
			if (is)
				printf("# %s: is no lead\n", eml);
			return good;
		}
		if (str_eq(name, "problem")) {
			if (!l->problem || !strstr(l->problem, want)) {
				printf("# %s: problem '%s', wanted '%s'\n", eml, l->problem ? l->problem : "-", want);
				good = false;
			}
			continue;
		}
		got = is ? got_value(l, name) : NULL;
		if (!str_eq(got ? got : "-", want)) {
			printf("# %s: %s is '%s', wanted '%s'\n", eml, name, got ? got : "-", want);
			good = false;
		}
	}
	return good && is;
}

START_TEST(cases)
{
	const char *dir = test_source("tests/cases/leads");
	struct dirent **list;
	int n, mails = 0, wrong = 0;

	load();
	n = scandir(dir, &list, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (span_ends_case(span_of(list[i]->d_name), ".eml")) {
			struct arena *a = arena_new((size_t)1 << 27);

			mails++;
			wrong += !right(a, dir, list[i]->d_name);
			arena_free(a);
		}
		free(list[i]);
	}
	free(list);
	printf("# leads read as wanted: %d of %d\n", mails - wrong, mails);
	fflush(stdout);
	ck_assert_int_ge(mails, 120);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier-leads");
	TCase *t = test_case(s, "cases");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, cases);
	return test_run(s);
}
