/* SPDX-License-Identifier: MPL-2.0
 *
 * Reads sequence definitions from files: the one place that does, so that relentctl and the daemons
 * see the same. What a definition means is the sequence library's business.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/load.h"

#include "base/arena.h"
#include "base/str.h"

enum { FILE_CAP = 1024 * 1024 };

static char *read_text(struct arena *a, const char *path, enum status *st_r, struct err *e)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text;
	size_t n;

	*st_r = OK;
	if (!f || fstat(fileno(f), &st) != 0) {
		*st_r = err_set(e, errno == ENOENT ? GONE : INPUT, "cannot read '%s': %s", path,
				strerror(errno));
		if (f)
			fclose(f);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_CAP) {
		*st_r = err_set(e, INPUT, "'%s' is %s", path, S_ISREG(st.st_mode) ? "too big" : "not a file");
		fclose(f);
		return NULL;
	}
	text = arena_alloc(a, (size_t)st.st_size + 1);
	n = fread(text, 1, (size_t)st.st_size, f);
	fclose(f);
	text[n] = '\0';
	if (strlen(text) != n || !str_is_utf8(text, n)) {
		*st_r = err_set(e, INPUT, "'%s' is not a text in UTF-8", path);
		return NULL;
	}
	return text;
}

struct template_source {
	struct arena *a;
	const char *dir, *name;		/* of the definition */
};

/* A template's name is data of an administrator, but it must stay inside the three folders. */
static const char *find_template(void *ctx, const char *name)
{
	static const char beside[] = "../templates/";
	struct template_source *t = ctx;
	enum status st;
	char *text;

	/* the one way out of its directory that a definition may name */
	if (strncmp(name, beside, strlen(beside)) == 0)
		name += strlen(beside);
	if (*name == '/' || strstr(name, ".."))
		return NULL;
	for (int i = 0; i < 4; i++) {	/* DIR/NAME/, DIR/, DIR/../templates/NAME/, DIR/../templates/ */
		const char *middle = i % 2 == 0 ? t->name : "";
		const char *path = i < 2 ? arena_printf(t->a, "%s%s%s/%s", t->dir, *middle ? "/" : "", middle, name)
			: arena_printf(t->a, "%s/../templates%s%s/%s", t->dir, *middle ? "/" : "", middle, name);

		text = read_text(t->a, path, &st, NULL);
		if (text)
			return text;
	}
	return NULL;
}

/* "…/seven-touch.conf" -> "seven-touch" */
static char *sequence_name(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = arena_strdup(a, slash ? slash + 1 : path);
	size_t n = strlen(name);

	if (n > 5 && str_eq(name + n - 5, ".conf"))
		name[n - 5] = '\0';
	return name;
}

enum status plan_read_file(struct arena *a, const char *path, plan_report_fn *report, void *ctx,
			   struct plan **out_r, struct err *e)
{
	const char *slash = strrchr(path, '/');
	struct template_source t = {
		.a = a, .name = sequence_name(a, path),
		.dir = slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".",
	};
	enum status st;
	char *text = read_text(a, path, &st, e);

	*out_r = NULL;
	if (!text)
		return st;
	return plan_parse(a, path, text, find_template, &t, report, ctx, out_r, e);
}

static bool is_definition(const char *dir, const struct dirent *d, struct arena *a)
{
	size_t n = strlen(d->d_name), plain;
	struct stat st;

	plain = strspn(d->d_name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	if (plain != n && !(n - plain == 5 && str_eq(d->d_name + plain, ".conf")))
		return false;
	return plain > 0 && stat(arena_printf(a, "%s/%s", dir, d->d_name), &st) == 0
		&& S_ISREG(st.st_mode);
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

enum status plan_files(struct arena *a, const char *const *dirs, size_t n, const char ***paths_r,
		       size_t *paths_n, struct err *e)
{
	enum { MAX = 4096 };
	const char **paths = arena_array(a, const char *, MAX);
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		DIR *dir = opendir(dirs[i]);
		const struct dirent *d;

		if (!dir && errno != ENOENT)
			return err_set(e, CONF, "cannot read '%s': %s", dirs[i], strerror(errno));
		while (dir && out < MAX && (d = readdir(dir)) != NULL) {
			const char *path;
			size_t k = 0;

			if (!is_definition(dirs[i], d, a))
				continue;
			path = arena_printf(a, "%s/%s", dirs[i], d->d_name);
			while (k < out && !str_eq(sequence_name(a, paths[k]), sequence_name(a, path)))
				k++;
			paths[k] = path;
			out += k == out;
		}
		if (dir)
			closedir(dir);
	}
	qsort(paths, out, sizeof(*paths), by_text);
	*paths_r = paths;
	*paths_n = out;
	return OK;
}

struct put {
	const struct plan *const *plans;
	size_t n;
	const char *actor;
	int made;
};

static enum status put_plans(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *put = ctx;

	put->made = 0;
	for (size_t i = 0; i < put->n; i++) {
		const struct plan *old;
		const char *id;
		int version, before = 0;
		enum status st = store_plan(tx, put->plans[i]->name, 0, &old, &id, e);

		if (st == OK)
			before = old->version;
		else if (st != GONE && st != INPUT)
			return st;
		st = store_plan_put(tx, a, put->plans[i], put->actor, &id, &version, e);
		if (st)
			return st;
		put->made += version != before;
	}
	return OK;
}

enum status store_load_sequences(struct store *s, time_t now, const char *const *dirs, size_t n,
				 const char *actor, plan_report_fn *report, void *ctx, int *new_r,
				 struct err *e)
{
	struct arena *a = arena_new(0);
	struct put put = { .actor = actor };
	const struct plan **plans;
	const char **paths;
	size_t paths_n = 0;
	struct err first = { "" };
	enum status st = plan_files(a, dirs, n, &paths, &paths_n, e);

	if (st) {
		arena_free(a);
		return st;
	}
	plans = arena_array(a, const struct plan *, paths_n);
	for (size_t i = 0; i < paths_n; i++) {
		struct plan *p;
		struct err one;

		if (plan_read_file(a, paths[i], report, ctx, &p, &one) == OK)
			plans[put.n++] = p;
		else if (!first.text[0])
			first = one;
	}
	put.plans = plans;
	if (put.n)
		st = store_write(s, now, put_plans, &put, 0, e);
	if (new_r)
		*new_r = st ? 0 : put.made;
	if (!st && first.text[0]) {
		st = INPUT;
		if (e)
			*e = first;
	}
	arena_free(a);
	return st;
}
