/* SPDX-License-Identifier: MPL-2.0
 *
 * The data we ship (phrases, bounce patterns, texts) and what a site puts in its place or behind it.
 */
#include "config.h"

#include "conf/conf.h"

#include "base/arena.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILE_MAX = 4 << 20, DEPTH_MAX = 4 };

struct found {
	struct arena *arena;
	struct conf_file *list;
	size_t n, room;
	const char *root;	/* of what is being walked */
	bool site;
};

static struct conf_file *known(struct found *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (str_eq(f->list[i].name, name))
			return &f->list[i];
	}
	return NULL;
}

static enum status read_text(struct arena *a, struct conf_file *file, struct err *e)
{
	FILE *in = fopen(file->path, "re");
	struct buf b;
	char chunk[8192];
	size_t n;

	if (!in)
		return err_set(e, CONF, "cannot open '%s': %s", file->path, strerror(errno));
	buf_init(&b, a);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0 && b.n <= FILE_MAX)
		buf_add(&b, chunk, n);
	if (ferror(in) || b.n > FILE_MAX) {
		fclose(in);
		return err_set(e, CONF, "cannot read '%s': %s", file->path,
			       b.n > FILE_MAX ? "it is too large" : strerror(errno));
	}
	fclose(in);
	file->text = b.p;
	file->n = b.n;
	return OK;
}

static enum status take(struct found *f, const char *name, const char *path, struct err *e)
{
	struct conf_file *file = f->site ? known(f, name) : NULL;

	if (!file) {
		if (f->n == f->room) {
			struct conf_file *more;

			f->room = f->room ? 2 * f->room : 64;
			more = arena_array(f->arena, struct conf_file, f->room);
			for (size_t i = 0; i < f->n; i++)
				more[i] = f->list[i];
			f->list = more;
		}
		file = &f->list[f->n++];
	}
	*file = (struct conf_file){ .name = name, .path = path };
	return read_text(f->arena, file, e);
}

/* Editors' backups and hidden files are not ours. */
static bool skipped(const char *name)
{
	size_t n = strlen(name);

	return name[0] == '.' || name[n - 1] == '~' || span_ends_case(span_of(name), ".dpkg-dist") ||
	       span_ends_case(span_of(name), ".dpkg-old") || span_ends_case(span_of(name), ".bak");
}

static enum status walk(struct found *f, const char *name, int depth, struct err *e)
{
	const char *path = arena_printf(f->arena, "%s/%s", f->root, name);
	struct dirent *entry;
	enum status s = OK;
	struct stat st;
	DIR *d;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? OK :
			err_set(e, CONF, "cannot look at '%s': %s", path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return take(f, name, path, e);
	if (!S_ISDIR(st.st_mode) || depth > DEPTH_MAX)
		return OK;
	d = opendir(path);
	if (!d)
		return err_set(e, CONF, "cannot open '%s': %s", path, strerror(errno));
	while (s == OK && (entry = readdir(d))) {
		if (!skipped(entry->d_name))
			s = walk(f, arena_printf(f->arena, "%s/%s", name, entry->d_name), depth + 1, e);
	}
	closedir(d);
	return s;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct conf_file *)a)->name, ((const struct conf_file *)b)->name);
}

enum status conf_data_files(struct arena *a, const struct conf *c, const char *dir,
			    const struct conf_file **out_r, size_t *n_r, struct err *e)
{
	struct found f = { .arena = a, .root = conf_data_dir(a, c) };
	enum status s = walk(&f, dir, 0, e);

	f.root = conf_site_dir(a, c);
	f.site = true;
	if (s == OK)
		s = walk(&f, dir, 0, e);
	/* a single file may have a .local beside it that the walk did not meet */
	if (s == OK && f.n <= 1)
		s = walk(&f, arena_printf(a, "%s.local", dir), 0, e);
	if (f.n)
		qsort(f.list, f.n, sizeof(*f.list), by_name);
	*out_r = f.list;
	*n_r = f.n;
	return s;
}
