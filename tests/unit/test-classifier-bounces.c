/* SPDX-License-Identifier: MPL-2.0
 *
 * The mails of tests/cases/bounces/<folder>/<family>.mbox: reports, and what tempts to be taken for
 * one. The line before each mail says its name and what it must be (tests/cases/bounces/README).
 * Whatever else a line says: a mail that it does not call a bounce must never be a hard one.
 * rows: 43, 77, 396, 397, 546, 559, 1177
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
static const char *const folders[] = { "own", "not", "reports", "away" };
enum { FOLDERS = sizeof folders / sizeof folders[0] };

struct tally {
	int mails, wrong, todo;
};

static const char *hardness(const struct report_recipient *r)
{
	return r->fate == KIND_DSN_SUCCESS || r->fate == KIND_COMPLAINT ? "-" :
	       r->hardness == HARDNESS_HARD ? "hard" : r->hardness == HARDNESS_SOFT ? "soft" : "-";
}

static const char *value_of(const struct finding *f, const struct report_recipient *r, const char *key)
{
	if (str_eq(key, "rcpt"))
		return *r->address ? r->address : "-";
	if (str_eq(key, "hard"))
		return hardness(r);
	if (str_eq(key, "reason"))
		return reason_name(r->reason);
	if (str_eq(key, "status"))
		return r->status ? r->status : "-";
	if (str_eq(key, "about"))
		return r->about_address ? "yes" : "no";
	ck_abort_msg("no such key: %s", key);
	return f->language;
}

/* One value for all recipients, or one for each of them. */
static const char *got(struct arena *a, const struct finding *f, const char *key)
{
	struct buf b;

	if (str_eq(key, "kind"))
		return kind_name(f->kind);
	if (str_eq(key, "sub"))
		return subkind_name(f->subkind);
	if (str_eq(key, "class"))
		return class_name(f->class);
	if (str_eq(key, "stop"))
		return f->stop ? "yes" : "no";
	if (str_eq(key, "suppress"))
		return f->suppress ? "yes" : "no";
	if (str_eq(key, "feedback"))
		return f->feedback_type ? f->feedback_type : "-";
	if (str_eq(key, "original"))
		return f->original_message_id ? f->original_message_id : "-";
	if (str_eq(key, "date"))
		return f->date.year ? arena_printf(a, "%04d-%02d-%02d", f->date.year, f->date.month,
						   f->date.day) : "-";
	if (str_eq(key, "referred"))
		return f->referred_n ? f->referred[0] : "-";
	buf_init(&b, a);
	for (size_t i = 0; i < f->recipients_n; i++) {
		if (i)
			buf_addc(&b, ',');
		buf_adds(&b, value_of(f, &f->recipients[i], key));
	}
	return b.n ? b.p : "-";
}

/* "all:hard": the same for each recipient; "not:hard": that for none. */
static bool agrees(const char *is, const char *want)
{
	bool all = strncmp(want, "all:", 4) == 0;
	struct span rest = span_of(is), one;

	if (!all && strncmp(want, "not:", 4) != 0)
		return str_eq(is, want);
	while (span_split(&rest, ',', &one))
		if (span_eq(one, want + 4) != all)
			return false;
	return true;
}

static bool hard_bounce(const struct finding *f)
{
	for (size_t i = 0; i < f->recipients_n; i++)
		if (f->recipients[i].fate == KIND_BOUNCE && f->recipients[i].hardness == HARDNESS_HARD)
			return true;
	return f->kind == KIND_BOUNCE && f->suppress;
}

static void one(struct arena *a, const char *file, const char *head, const char *mail, size_t n, void *ctx)
{
	struct tally *t = ctx;
	struct span rest = span_of(head), word;
	struct finding *f = mails_classify(a, phrases, mail, n);
	const char *name = NULL;
	struct buf wrong;
	bool todo = false, may = false;

	buf_init(&wrong, a);
	t->mails++;
	while (span_split(&rest, ' ', &word)) {
		const char *w = span_dup(a, word), *eq = strchr(w, '=');
		if (!name) {
			name = w;
			if (!f)
				buf_adds(&wrong, " cannot be read");
		} else if (str_eq(w, "todo")) {
			todo = true;
		} else if (eq && f) {
			const char *key = arena_strndup(a, w, (size_t)(eq - w)), *is = got(a, f, key);
			may |= str_eq(key, "hard") && strstr(eq, "hard") && strncmp(eq, "=not:", 5) != 0;
			if (!agrees(is, eq + 1))
				buf_adds(&wrong, arena_printf(a, " %s=%s, not %s;", key, is, eq + 1));
		}
	}
	if (f && !may && hard_bounce(f))
		buf_adds(&wrong, " FALSE HARD BOUNCE");
	if (wrong.n && !todo) {
		t->wrong++;
		printf("# %s %s:%s (%s \"%s\")\n", file, name, wrong.p,
		       f && f->evidence_n ? f->evidence[0].rule : "-",
		       f && f->evidence_n ? f->evidence[0].words : "");
	} else if (todo && !wrong.n) {
		t->wrong++;
		printf("# %s %s: right now, take the todo off\n", file, name);
	}
	t->todo += todo;
}

typedef void each_fn(struct arena *a, const char *file, const char *head, const char *mail, size_t n, void *ctx);

static void mbox(const char *path, const char *file, each_fn *fn, void *ctx)
{
	struct arena *whole = arena_new((size_t)1 << 24);
	size_t n;
	char *p = test_read(whole, path, &n), *end = p + n;

	while (p < end && strncmp(p, "From ", 5) == 0) {
		struct arena *a = arena_new((size_t)1 << 28);
		char *head = p + 5, *nl = strchr(head, '\n');
		ck_assert_msg(nl != NULL, "%s ends in its first line", file);
		char *mail = nl + 1, *next = strstr(mail, "\n\nFrom ");
		size_t len = next ? (size_t)(next - mail) + 1 : (size_t)(end - mail);
		fn(a, file, arena_strndup(a, head, (size_t)(nl - head)), mail, len, ctx);
		p = next ? next + 2 : end;
		arena_free(a);
	}
	ck_assert_msg(p == end, "%s: no From line at its head", file);
	arena_free(whole);
}

START_TEST(folder)
{
	const char *dir = test_source("tests/cases/bounces");
	struct tally t = { 0 };
	struct arena *a = arena_new(1 << 20);
	const char *path = arena_printf(a, "%s/%s", dir, folders[_i]);
	struct dirent **list;
	int n = scandir(path, &list, NULL, alphasort);

	ck_assert_msg(n > 2, "no cases in %s", path);
	for (int i = 0; i < n; i++) {
		if (span_ends_case(span_of(list[i]->d_name), ".mbox"))
			mbox(arena_printf(a, "%s/%s", path, list[i]->d_name), list[i]->d_name, one, &t);
		free(list[i]);
	}
	free(list);
	printf("# %s: %d mails, %d wrong, %d todo\n", folders[_i], t.mails, t.wrong, t.todo);
	fflush(stdout);
	ck_assert_int_ge(t.mails, 20);
	ck_assert_msg(t.wrong == 0, "%s: %d of %d mails are read wrongly", folders[_i], t.wrong, t.mails);
	arena_free(a);
}
END_TEST

static void mark(struct arena *a, const char *file, const char *head, const char *mail, size_t n, void *ctx)
{
	struct message *m = mails_read(a, mail, n);

	(void)file;
	(void)head;
	if (m)
		phrases_mark(a, phrases, m, ctx);
}

static void mark_folder(const char *name, bool *hit)
{
	struct arena *a = arena_new((size_t)1 << 28);
	char *dir = arena_printf(a, "%s/%s", test_source("tests/cases/bounces"), name);
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char *path = arena_printf(a, "%s/%s", dir, list[i]->d_name);
		size_t size;
		if (span_ends_case(span_of(path), ".mbox")) {
			mbox(path, name, mark, hit);
		} else if (span_ends_case(span_of(path), ".eml")) {
			char *text = test_read(a, path, &size);
			mark(a, name, "", text, size, hit);
		}
		free(list[i]);
	}
	free(list);
	arena_free(a);
}

/* A pattern of bounces or absences that no mail needs is a guess. */
START_TEST(every_line_is_hit)
{
	size_t n = phrases_lines(phrases), missed = 0;
	bool *hit = calloc(n, sizeof *hit);

	for (size_t i = 0; i < FOLDERS; i++)
		mark_folder(folders[i], hit);
	mark_folder("sisimai", hit);
	for (int k = 0; k < REPLY_CLASS_COUNT; k++) {
		char name[64];
		snprintf(name, sizeof name, "../replies/%s", class_name((enum reply_class)k));
		mark_folder(name, hit);
	}
	for (size_t i = 0, k; i < n; i = k) {	/* the spellings of one line follow each other */
		struct phrase_line l = phrases_line(phrases, i);
		bool any = false;
		for (k = i; k < n && phrases_line(phrases, k).line == l.line &&
			    str_eq(phrases_line(phrases, k).file, l.file); k++)
			any |= hit[k];
		if (any || (strncmp(l.file, "bounces/", 8) != 0 && strncmp(l.file, "away/", 5) != 0))
			continue;
		missed++;
		printf("# %s:%d [%s] is in no mail\n", l.file, l.line, l.section);
	}
	fflush(stdout);
	ck_assert_uint_eq(missed, 0);
	free(hit);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier bounces");
	TCase *t = test_case(s, "bounces");
	int r;

	phrases = mails_phrases();
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, folder, 0, FOLDERS);
	tcase_add_test(t, every_line_is_hit);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
