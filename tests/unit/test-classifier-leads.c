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
#include "classifier/lead_private.h"
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

/* ---- made to hurt ---- */

static char *repeated(struct arena *a, const char *head, const char *piece, size_t n, const char *tail)
{
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, piece);
	buf_adds(&b, tail);
	return b.p;
}

/* A quarter of a megabyte (imapwatch.fetch_bytes) of whatever: within a second, and within what a frame may hold. */
START_TEST(hostile)
{
	static const struct {
		const char *type, *head, *piece, *tail;
	} bombs[] = {
		{ "text/plain", "", "Name: Ann\n", "Email: ann@x.example\n" },
		{ "text/plain", "", "a: b\n", "" },
		{ "text/plain", "Name: Ann\nEmail: a@x.example\nMessage:\n", "words and more words\n", "" },
		{ "text/plain", "Email: ", "a@b.example, ", "\nName: Ann\n" },
		{ "text/plain", "Name: ", "(", "\nEmail: a@x.example\n" },
		{ "text/html", "<table>", "<tr><td>Name</td><td>Ann</td></tr>", "</table>" },
		{ "text/html", "<table>", "<td>", "" },
		{ "text/html", "", "<table><tr><td>", "Name</td><td>Ann" },
		{ "text/html", "", "<b>", "Name" },
		{ "text/html", "", "<b>Email</b><br>a@b.example<br>", "" },
		{ "text/html", "", "&#60;", "" },
		{ "text/html", "<", "<", "" },
		{ "application/json", "[", "{\"email\":\"a@b.example\",\"name\":\"Ann\"},", "{}]" },
		{ "application/json", "{\"a\":[", "{\"label\":{\"label\":{\"name\":\"x\"}},\"value\":[[[1]]]},", "1]}" },
		{ "application/json", "", "[", "" },
		{ "application/xml", "<form>", "<email>a@b.example</email>", "</form>" },
		{ "application/xml", "", "<form>", "" },
		{ "application/xml", "<form>", "<a name=\"", "" },
		{ "application/x-www-form-urlencoded", "name=Ann", "&email=a%40b.example", "" },
		{ "application/x-www-form-urlencoded", "message=", "%", "&email=a@b.example" },
	};

	load();
	for (size_t i = 0; i < sizeof(bombs) / sizeof(*bombs); i++) {
		struct arena *a = arena_new((size_t)1 << 29);
		char *body = repeated(a, bombs[i].head, bombs[i].piece, 262144 / strlen(bombs[i].piece), bombs[i].tail);
		char *raw = arena_printf(a, "From: Site <wordpress@site.example>\nTo: info@ourco.example\nSubject: x\n"
					 "MIME-Version: 1.0\nContent-Type: %s; charset=utf-8\n\n%s\n", bombs[i].type, body);
		clock_t began = clock();
		struct lead *l;
		size_t bytes = 0;

		(void)read_mail(a, raw, strlen(raw), &l);
		ck_assert_msg(clock() - began < 2 * CLOCKS_PER_SEC, "bomb %zu took %.1f s", i,
			      (double)(clock() - began) / CLOCKS_PER_SEC);
		for (int f = 0; f < LEAD_FIELD_COUNT; f++)
			bytes += l->values[f] ? strlen(l->values[f]) : 0;
		for (size_t k = 0; k < l->extra_n; k++)
			bytes += strlen(l->extra[k].label) + strlen(l->extra[k].value);
		ck_assert_msg(bytes < 16000, "bomb %zu left %zu bytes", i, bytes);
		arena_free(a);
	}
}
END_TEST

/* What may stand in a mail of ours. */
START_TEST(plausible)
{
	static const char *const names[] = { "Ann Colby", "Jörg Müller-Lüdenscheidt", "山田 太郎", "O'Neill", "Łukasz",
					     "Ann St. John", "דנה לוי" };
	static const char *const no_names[] = { "{{x}}", "<b>Ann</b>", "Ann http://x.example", "www.x.example", "ann@x.example",
						"%FIRSTNAME%", "[[x]]", "Win 1000 dollars", "Ann\nBcc: x", "a=b", "12345", "",
						"buy at cheap-pills.com now", "$1" };
	static const char *const words_ok[] = { "Warehouse audit", "40 trucks, 3 depots", "Payroll (monthly)", "Angebot für Büro" };
	static const char *const words_no[] = { "see http://x.example", "{{owner_name}}", "<script>", "%A% %B%", "go to spam.ru",
						"x\ny" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_msg(plausible_name(names[i]), "%s", names[i]);
	for (size_t i = 0; i < sizeof(no_names) / sizeof(*no_names); i++)
		ck_assert_msg(!plausible_name(no_names[i]), "%s", no_names[i]);
	for (size_t i = 0; i < sizeof(words_ok) / sizeof(*words_ok); i++)
		ck_assert_msg(plausible_words(words_ok[i]), "%s", words_ok[i]);
	for (size_t i = 0; i < sizeof(words_no) / sizeof(*words_no); i++)
		ck_assert_msg(!plausible_words(words_no[i]), "%s", words_no[i]);
}
END_TEST

/* A bad file of names stops the start, with file and line. */
START_TEST(bad_names)
{
	static const struct {
		const char *text, *says;
	} bad[] = { { "email\n", "leads/xx:1: a name before the first [field]" },
		    { "[email]\nmail\n[nmae]\n", "leads/xx:3: there is no field 'nmae'" },
		    { "[email]\n\xff\n", "leads/xx:2: this is not UTF-8" } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct data_file file = { "leads/xx", bad[i].text, strlen(bad[i].text) };
		struct lead_words *w;

		ck_status(lead_words_load(&file, 1, &w, &test_err), CONF);
		ck_assert_str_eq(test_err.text, bad[i].says);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier-leads");
	TCase *t = test_case(s, "cases");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, cases);
	tcase_add_test(t, hostile);
	tcase_add_test(t, plausible);
	tcase_add_test(t, bad_names);
	return test_run(s);
}
