/* SPDX-License-Identifier: MPL-2.0
 *
 * The files of relentctl setup: read, replaced as a whole, and remembered so that --undo can put back what
 * was. The memory is CONFIGDIR/relent-undo/N/: manifest.json, and each file as it was and as it was made.
 * It is complete before the first file is touched.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/setup_private.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

enum { FILE_MAX = 1024 * 1024 };

void setup_refuse(struct setup *s, const char *fmt, ...)
{
	va_list ap;
	char text[sizeof(s->refusal.text)];

	if (*s->refusal.text)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&s->refusal, INPUT, "%s", text);
}

const char *setup_quoted(struct arena *a, const char *text)
{
	struct buf b;

	buf_init(&b, a);
	buf_addc(&b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(&b, "'\\''");
		else
			buf_addc(&b, *text);
	}
	buf_addc(&b, '\'');
	return b.p;
}

/* ---- reading ---- */

const char *setup_slurp(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	struct buf b;
	char chunk[8192];
	ssize_t n = -1;

	buf_init(&b, a);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		while ((n = read(fd, chunk, sizeof(chunk))) > 0)
			buf_add(&b, chunk, (size_t)n);
	else
		errno = fd < 0 ? errno : EINVAL;
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NULL;
	buf_addc(&b, '\0');
	return strlen(b.p) == b.n - 1 ? b.p : NULL;
}

static const char *resolved(struct setup *s, const char *path)
{
	char *real = realpath(path, NULL);
	const char *kept = real ? arena_strdup(s->c->arena, real) : path;

	free(real);
	return kept;
}

struct setup_file *setup_file(struct setup *s, const char *path, bool may_miss)
{
	struct setup_file *f;
	struct stat st;

	path = resolved(s, path);
	for (size_t i = 0; i < s->files_n; i++)
		if (str_eq(s->files[i].path, path))
			return &s->files[i];
	if (s->files_n == sizeof(s->files) / sizeof(s->files[0]))
		return setup_refuse(s, "too many files"), NULL;
	f = &s->files[s->files_n];
	f->path = path;
	f->before = f->after = setup_slurp(s->c->arena, path);
	if (!f->before && !(may_miss && stat(path, &st) != 0 && errno == ENOENT)) {
		setup_refuse(s, "cannot read '%s': it must be a text file of 1 MiB at most", path);
		return NULL;
	}
	s->files_n++;
	return f;
}

/* ---- writing ---- */

/* st: whose mode and owner the new one gets, or NULL (0644). */
static bool write_whole(const char *path, const char *text, const struct stat *st)
{
	size_t n = strlen(text), done = 0;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0;

	while (good && done < n) {
		ssize_t k = write(fd, text + done, n - done);

		if (k < 0 && errno != EINTR)
			good = false;
		else if (k > 0)
			done += (size_t)k;
	}
	if (good && st && (st->st_uid != geteuid() || st->st_gid != getegid()))
		good = fchown(fd, st->st_uid, st->st_gid) == 0;
	good = good && fchmod(fd, st ? st->st_mode & 07777 : 0644) == 0 && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		good = false;
	return good;
}

static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

static bool sync_folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return sync_folder(arena_strndup(a, path, slash ? (size_t)(slash - path) : 0));
}

/* The file under its name is the old one or the new one at any moment. text NULL: it goes. */
bool setup_replace(struct setup *s, const char *path, const char *text)
{
	struct arena *a = s->c->arena;
	const char *new = arena_printf(a, "%s.relent-new", path);
	struct stat st;
	bool there = stat(path, &st) == 0, good;

	if (fault_point("setup-replace"))
		errno = EIO, good = false;
	else if (!text)
		good = unlink(path) == 0 || errno == ENOENT;
	else
		good = write_whole(new, text, there ? &st : NULL) && !fault_point("setup-rename")
			&& rename(new, path) == 0;
	if (!good) {
		int error = errno;

		unlink(new);
		setup_refuse(s, "cannot write '%s': %s", path, strerror(error));
		return false;
	}
	return sync_folder_of(a, path);
}

bool setup_scratch(struct setup *s, const char *name, const char *text, const char **path_r)
{
	*path_r = arena_printf(s->c->arena, "%s/%s", s->work, name);
	if (write_whole(*path_r, text, NULL))
		return true;
	setup_refuse(s, "cannot write '%s': %s", *path_r, strerror(errno));
	return false;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

bool setup_remove_tree(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

/* ---- the memory ---- */

static const char *memory_folder(struct setup *s)
{
	return arena_printf(s->c->arena, "%s/relent-undo", s->dir);
}

/* The latest run that was not taken back; 0: none. */
static int64_t latest(struct setup *s)
{
	DIR *d = opendir(memory_folder(s));
	struct dirent *e;
	int64_t found = 0, n;

	while (d && (e = readdir(d)))
		if (str_int(e->d_name, 1, 1000000, &n) && n > found)
			found = n;
	if (d)
		closedir(d);
	return found;
}

const char *setup_remember(struct setup *s)
{
	struct arena *a = s->c->arena;
	const char *folder = memory_folder(s), *new = arena_printf(a, "%s/new", folder), *kept;
	json_t *list = json_array(), *manifest;
	bool good;
	char *text;

	kept = arena_printf(a, "%s/%lld", folder, (long long)latest(s) + 1);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		good = false;
	else
		good = (access(new, F_OK) != 0 || setup_remove_tree(new)) && mkdir(new, 0700) == 0;
	for (size_t i = 0; good && i < s->files_n; i++) {
		const struct setup_file *f = &s->files[i];

		if (str_eq(f->before, f->after))
			continue;
		json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "path", f->path, "copy",
			arena_printf(a, "%zu", i), "there", f->before != NULL));
		good = write_whole(arena_printf(a, "%s/%zu.after", new, i), f->after, NULL)
			&& (!f->before || write_whole(arena_printf(a, "%s/%zu.before", new, i), f->before, NULL));
	}
	manifest = json_pack("{s:s,s:o,s:o,s:O}", "server", s->server, "at", time_json(s->c->now), "files", list,
			     "changes", s->changes);
	text = json_dumps(manifest, JSON_INDENT(1));
	fault_point("setup-remember");
	good = good && write_whole(arena_printf(a, "%s/manifest.json", new), text, NULL) && sync_folder(new)
		&& rename(new, kept) == 0 && sync_folder(folder) && sync_folder(s->dir);
	if (!good)
		setup_refuse(s, "cannot keep what '%s' is like now in '%s': %s", s->dir, folder, strerror(errno));
	free(text);
	json_decref(manifest);
	return kept;
}

/* One file of a remembered run: put into s->files the other way round. */
static void recall_file(struct setup *s, const char *folder, const json_t *o)
{
	struct arena *a = s->c->arena;
	const char *path = get(o, "path");
	const char *was = NULL, *made = setup_slurp(a, arena_printf(a, "%s/%s.after", folder, get(o, "copy")));
	struct setup_file *f;

	if (json_is_true(json_object_get(o, "there")))
		was = setup_slurp(a, arena_printf(a, "%s/%s.before", folder, get(o, "copy")));
	if (!made || (!was && json_is_true(json_object_get(o, "there")))) {
		setup_refuse(s, "'%s' is damaged: it does not hold '%s' as it was", folder, path);
		return;
	}
	f = setup_file(s, path, true);
	if (!f)
		return;
	/* a run that was interrupted has not come to all of them */
	if (!str_eq(f->before, made) && !str_eq(f->before, was))
		setup_refuse(s, "'%s' was changed by somebody since relentctl did: what it was before is "
			"'%s/%s.before', what "
			     "relentctl made of it '%s/%s.after'; take the difference back by hand, then remove '%s'",
			     path, folder, get(o, "copy"), folder, get(o, "copy"), folder);
	f->after = was;
}

const char *setup_recall(struct setup *s)
{
	int64_t n = latest(s);
	const char *folder;
	json_t *manifest, *files;

	if (n == 0) {
		setup_refuse(s, "there is nothing to undo in '%s'", s->dir);
		return NULL;
	}
	folder = arena_printf(s->c->arena, "%s/%lld", memory_folder(s), (long long)n);
	manifest = json_load_file(arena_printf(s->c->arena, "%s/manifest.json", folder), 0, NULL);
	files = json_object_get(manifest, "files");
	if (!json_is_array(files) || !str_eq(get(manifest, "server"), s->server))
		setup_refuse(s, "'%s/manifest.json' is not what relentctl setup %s left there", folder, s->server);
	for (size_t i = 0; i < json_array_size(files); i++)
		recall_file(s, folder, json_array_get(files, i));
	json_decref(manifest);
	return folder;
}

bool setup_forget(struct setup *s, const char *folder)
{
	bool good;

	fault_point("setup-forget");
	good = setup_remove_tree(folder);

	rmdir(memory_folder(s));	/* the last one takes the folder along */
	return good;
}
