/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails from files, mboxes, directories and standard input, for the commands that classify.
 */
#include "config.h"

#include "ctl/mails.h"

#include "base/arena.h"
#include "base/str.h"
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct walk {
	mail_fn *fn;
	void *ctx;
	size_t failed;
};

/* An mbox: each "From " line that follows an empty line begins a mail. */
static void mbox(struct walk *w, const char *name, const char *p, size_t n)
{
	size_t from = 0, count = 0;
	struct arena *a = arena_new(0);

	while (from < n) {
		size_t to = from + 1;
		const char *next = p + from;
		while ((next = memmem(next + 1, n - (size_t)(next + 1 - p), "\nFrom ", 6)) != NULL)
			if (next > p && (next[-1] == '\n' ||
					 (next[-1] == '\r' && next > p + 1 && next[-2] == '\n')))
				break;
		to = next ? (size_t)(next - p) + 1 : n;
		w->fn(w->ctx, arena_printf(a, "%s:%zu", name, ++count), p + from, to - from);
		from = to;
	}
	arena_free(a);
}

static bool is_mbox(const char *p, size_t n)
{
	const char *nl;

	if (n < 6 || memcmp(p, "From ", 5) != 0)
		return false;
	nl = p;
	while ((nl = memmem(nl + 1, n - (size_t)(nl + 1 - p), "\n\nFrom ", 7)) != NULL) {
		/* a separator has an address and a year; a sentence has not */
		const char *end = memchr(nl + 2, '\n', n - (size_t)(nl + 2 - p));
		size_t len = end ? (size_t)(end - nl) - 2 : 0;
		if (len > 20 && len < 200 && memmem(nl + 2, len, ":", 1) && memmem(nl + 2, len, " 20", 3))
			return true;
	}
	return false;
}

static bool read_all(FILE *fp, char **out_r, size_t *n_r)
{
	size_t room = 65536, n = 0, got;
	char *p = malloc(room);

	while (p && (got = fread(p + n, 1, room - n, fp)) > 0) {
		n += got;
		if (n == room) {
			char *g = room < ((size_t)1 << 31) ? realloc(p, room * 2) : NULL;
			if (!g) {
				free(p);
				return false;
			}
			p = g;
			room *= 2;
		}
	}
	*out_r = p;
	*n_r = n;
	return p && !ferror(fp);
}

/* A name from the command line may hold what a terminal obeys: err_set() takes it out. */
static void complain(const char *what, const char *name)
{
	struct err e;

	err_set(&e, INPUT, "%s '%s': %s", what, name, strerror(errno));
	fprintf(stderr, "relentctl: %s\n", e.text);
}

static void stream(struct walk *w, FILE *fp, const char *name)
{
	char *p = NULL;
	size_t n;

	if (!read_all(fp, &p, &n)) {
		complain("cannot read", name);
		w->failed++;
		free(p);
		return;
	}
	if (is_mbox(p, n))
		mbox(w, name, p, n);
	else
		w->fn(w->ctx, name, p, n);
	free(p);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void path(struct walk *w, const char *name, int depth)
{
	struct stat st;
	struct dirent **list;
	FILE *fp;
	int n;

	if (str_eq(name, "-")) {
		stream(w, stdin, "-");
		return;
	}
	if (stat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (depth > 8 || (n = scandir(name, &list, NULL, alphasort)) < 0)
			return;
		for (int i = 0; i < n; i++) {
			const char *f = list[i]->d_name;
			const char *dot = strrchr(f, '.');
			char *sub = NULL;
			bool mail = f[0] != '.' && !(dot && (str_eq(dot, ".tsv") || str_eq(dot, ".txt") ||
				str_eq(dot, ".md") || str_eq(dot, ".want")));
			if (mail && asprintf(&sub, "%s/%s", name, f) >= 0)
				path(w, sub, depth + 1);
			free(sub);
			free(list[i]);
		}
		free(list);
		return;
	}
	if (!(fp = fopen(name, "rb"))) {
		complain("cannot open", name);
		w->failed++;
		return;
	}
	stream(w, fp, base_name(name));
	fclose(fp);
}

size_t mails_walk(const char *name, mail_fn *fn, void *ctx)
{
	struct walk w = { fn, ctx, 0 };

	path(&w, name, 0);
	return w.failed;
}

enum status mails_phrases(const struct conf *conf, const struct data_file *more, struct phrases **out_r,
			  struct err *e)
{
	static const char *const dirs[] = { "phrases", "away", "bounces" };
	struct arena *a = arena_new((size_t)256 << 20);
	const struct conf_file *list[3];
	struct data_file *files;
	size_t n[3] = { 0 }, total = 1, k = 0;
	enum status st = OK;

	for (size_t i = 0; i < 3 && st == OK; i++) {
		st = conf_data_files(a, conf, dirs[i], &list[i], &n[i], e);
		total += n[i];
	}
	if (st == OK && n[0] == 0)
		st = err_set(e, CONF, "there are no phrase files in '%s': set RELENT_DATA",
			     conf_data_dir(a, conf));
	if (st == OK) {
		files = arena_array(a, struct data_file, total);
		for (size_t i = 0; i < 3; i++)
			for (size_t j = 0; j < n[i]; j++)
				files[k++] = (struct data_file){ list[i][j].name, list[i][j].text,
								 list[i][j].n };
		if (more)
			files[k++] = *more;
		st = phrases_load(files, k, out_r, e);
	}
	arena_free(a);
	return st;
}
