/* SPDX-License-Identifier: MPL-2.0
 *
 * Reads one file at a time. `queue` holds the older files (by rotation) that come before the log
 * itself. Whether bytes behind the position are what they were is asked again each time: a file that
 * was truncated and has grown past our position looks like one that only grew.
 */
#include "config.h"

#include "logwatch/follow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/token.h"

enum {
	LINE_MAX_LENGTH = 16 * 1024,
	ROOM = 128 * 1024,
	PRINT = 256,			/* bytes of a fingerprint */
	FILES = 64,			/* rotated files looked at */
	FIRST_LOOK = 16 * 1024 * 1024,	/* without a position: no further back than this */
	GRACE_MS = 1000,		/* how long a writer may still write into a renamed file */
};

/* Where we are in a file, and what was seen there: its first bytes, and those before `seen`. */
struct place {
	uint64_t device, inode;
	off_t offset;			/* behind the last line handed out */
	off_t seen;
	size_t head_n, tail_n;
	char head[PRINT], tail[PRINT];
};

struct follow {
	char *path, *folder, *name;
	int fd;				/* -1: none open */
	struct place at;
	off_t read_to;			/* behind what is in the buffer */
	char *buffer;
	size_t from, to;		/* unread bytes */
	bool skipping;			/* inside a line that is too long */
	char *queue[FILES];
	size_t queue_n;
	bool rotated;			/* open file is not the log any more */
	int64_t rotated_at;
	int notify;
	bool missing_said;
};

/* ---- fingerprints ---- */

static size_t read_at(int fd, char *p, size_t n, off_t offset)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, p + got, n - got, offset + (off_t)got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		got += (size_t)r;
	}
	return got;
}

static void take_print(int fd, struct place *at)
{
	size_t n = at->offset < PRINT ? (size_t)at->offset : PRINT;

	at->seen = at->offset;
	at->head_n = read_at(fd, at->head, n, 0);
	at->tail_n = read_at(fd, at->tail, n, at->seen - (off_t)n);
}

/* Is what lies before the place still what was read there? */
static bool is_same(int fd, const struct place *at)
{
	char bytes[PRINT];
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size < at->offset)
		return false;
	return read_at(fd, bytes, at->head_n, 0) == at->head_n
		&& memcmp(bytes, at->head, at->head_n) == 0
		&& read_at(fd, bytes, at->tail_n, at->seen - (off_t)at->tail_n) == at->tail_n
		&& memcmp(bytes, at->tail, at->tail_n) == 0;
}

/* ---- the position as text: hashes, so that no mail data lies in a second place ---- */

static char *print_text(struct arena *a, const char *p, size_t n)
{
	return token_hash(a, p, n);
}

const char *follow_position(struct follow *f, struct arena *a)
{
	if (f->fd < 0 || !is_same(f->fd, &f->at))	/* truncated this moment: follow_line() sees to it */
		return NULL;
	take_print(f->fd, &f->at);
	return arena_printf(a, "relent-logwatch 1 %llu %llu %lld %zu %s %zu %s",
			    (unsigned long long)f->at.device, (unsigned long long)f->at.inode,
			    (long long)f->at.offset, f->at.head_n, print_text(a, f->at.head, f->at.head_n),
			    f->at.tail_n, print_text(a, f->at.tail, f->at.tail_n));
}

/* A position as it was kept: only hashes of the fingerprints. */
struct stored {
	unsigned long long device, inode;
	long long offset;
	size_t head_n, tail_n;
	char head[65], tail[65];
};

static bool read_position(const char *text, struct stored *out_r)
{
	return sscanf(text, "relent-logwatch 1 %llu %llu %lld %zu %64s %zu %64s", &out_r->device,
		      &out_r->inode, &out_r->offset, &out_r->head_n, out_r->head, &out_r->tail_n,
		      out_r->tail) == 7 && out_r->offset >= 0 && out_r->head_n <= PRINT
		&& out_r->tail_n <= PRINT && (off_t)out_r->tail_n <= (off_t)out_r->offset;
}

static bool is_stored(int fd, const struct stored *s)
{
	struct arena *a = arena_new(0);
	char bytes[PRINT];
	struct stat st;
	bool ok = fstat(fd, &st) == 0 && st.st_size >= s->offset
		&& read_at(fd, bytes, s->head_n, 0) == s->head_n
		&& str_eq(print_text(a, bytes, s->head_n), s->head)
		&& read_at(fd, bytes, s->tail_n, s->offset - (off_t)s->tail_n) == s->tail_n
		&& str_eq(print_text(a, bytes, s->tail_n), s->tail);

	arena_free(a);
	return ok;
}

/* ---- opening ---- */

static int open_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static void start_at(struct follow *f, int fd, off_t offset)
{
	struct stat st;

	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->at = (struct place){ .offset = offset };
	if (fstat(fd, &st) == 0) {
		f->at.device = st.st_dev;
		f->at.inode = st.st_ino;
	}
	take_print(fd, &f->at);
	f->read_to = offset;
	f->from = f->to = 0;
	f->skipping = false;
	f->rotated = false;
}

struct old_file {
	char *path;
	struct timespec changed;
};

static int by_age(const void *a, const void *b)
{
	const struct old_file *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
	return strcmp(x->path, y->path);
}

static bool is_compressed(const char *name)
{
	static const char *const ends[] = { ".gz", ".xz", ".bz2", ".zst", ".lz4" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (span_ends_case(span_of(name), ends[i]))
			return true;
	return false;
}

/* mail.log.1, mail.log-20261121, mail.log.20261121-101500: oldest first */
static size_t old_files(const struct follow *f, struct old_file *list)
{
	DIR *d = opendir(f->folder);
	size_t n = 0, len = strlen(f->name);
	struct dirent *entry;

	while (d && n < FILES && (entry = readdir(d))) {
		struct stat st;

		if (strncmp(entry->d_name, f->name, len) != 0
		    || (entry->d_name[len] != '.' && entry->d_name[len] != '-')
		    || is_compressed(entry->d_name) || fstatat(dirfd(d), entry->d_name, &st, 0) != 0
		    || !S_ISREG(st.st_mode))
			continue;
		if (asprintf(&list[n].path, "%s/%s", f->folder, entry->d_name) < 0)
			abort();
		list[n++].changed = st.st_mtim;
	}
	if (d)
		closedir(d);
	qsort(list, n, sizeof(*list), by_age);
	return n;
}

/* Looks among the rotated files for the one that holds the place; opens it, and queues those that came
 * after it. */
static bool resume_in_old(struct follow *f, bool (*is_it)(int fd, const void *), const void *what,
			  off_t offset)
{
	struct old_file list[FILES];
	size_t n = old_files(f, list);
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		int fd = found ? -1 : open_file(list[i].path);

		if (found) {
			f->queue[f->queue_n++] = list[i].path;
			continue;
		}
		if (fd >= 0 && is_it(fd, what)) {
			start_at(f, fd, offset);
			found = true;
			log_info("logwatch", "rotated", "file", list[i].path);
		} else if (fd >= 0) {
			close(fd);
		}
		free(list[i].path);
	}
	return found;
}

static bool is_stored_any(int fd, const void *what)
{
	return is_stored(fd, what);
}

static bool is_same_any(int fd, const void *what)
{
	return is_same(fd, what);
}

/* The beginning of a line, not further back than FIRST_LOOK. */
static off_t first_offset(int fd)
{
	struct stat st;
	char c;
	off_t offset;

	if (fstat(fd, &st) != 0 || st.st_size <= FIRST_LOOK)
		return 0;
	for (offset = st.st_size - FIRST_LOOK; offset < st.st_size; offset++)
		if (read_at(fd, &c, 1, offset) == 1 && c == '\n')
			return offset + 1;
	return st.st_size;
}

/* The log itself, from its beginning or, at the very first start, from near its end. */
static bool open_log(struct follow *f, bool first)
{
	int fd = open_file(f->path);

	if (fd < 0) {
		if (!f->missing_said)
			log_warn("logwatch", "missing", "file", f->path, "why", strerror(errno));
		f->missing_said = true;
		return false;
	}
	f->missing_said = false;
	start_at(f, fd, first ? first_offset(fd) : 0);
	return true;
}

static void find_place(struct follow *f, const char *position)
{
	struct stored s;
	int fd;

	if (!position || !read_position(position, &s)) {
		if (position)
			log_warn("logwatch", "damaged", "position", position);
		open_log(f, true);
		return;
	}
	fd = open_file(f->path);
	if (fd >= 0 && is_stored(fd, &s)) {
		start_at(f, fd, (off_t)s.offset);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (resume_in_old(f, is_stored_any, &s, (off_t)s.offset)) {
		f->rotated = true;
		return;
	}
	log_warn("logwatch", "lost", "file", f->path, "why", "the log was rotated away, lines were not read");
	open_log(f, false);
}

void follow_open(const char *path, const char *position, struct follow **out_r)
{
	struct follow *f = calloc(1, sizeof(*f));
	const char *slash = strrchr(path, '/');

	if (!f)
		abort();
	f->path = strdup(path);
	f->folder = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path))
						  : strdup(".");
	f->name = strdup(slash ? slash + 1 : path);
	f->buffer = malloc(ROOM);
	if (!f->path || !f->folder || !f->name || !f->buffer)
		abort();
	f->fd = -1;
	/* the folder is watched: renames are seen too. Where there are no more watches we poll. */
	f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (f->notify >= 0 && inotify_add_watch(f->notify, f->folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO)
	    < 0) {
		close(f->notify);
		f->notify = -1;
	}
	find_place(f, position);
	*out_r = f;
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (f->notify >= 0)
		close(f->notify);
	for (size_t i = 0; i < f->queue_n; i++)
		free(f->queue[i]);
	free(f->buffer);
	free(f->path);
	free(f->folder);
	free(f->name);
	free(f);
}

int follow_fd(const struct follow *f)
{
	return f->notify;
}

void follow_drain(struct follow *f)
{
	char bytes[4096];

	while (f->notify >= 0 && read(f->notify, bytes, sizeof(bytes)) > 0)
		;
}

/* ---- reading ---- */

static bool next_in_queue(struct follow *f)
{
	while (f->queue_n) {
		int fd = open_file(f->queue[0]);

		free(f->queue[0]);
		memmove(f->queue, f->queue + 1, --f->queue_n * sizeof(*f->queue));
		if (fd >= 0) {
			start_at(f, fd, 0);
			f->rotated = true;
			return true;
		}
	}
	return false;
}

/* The end of the open file: is there another one to go on with? */
static bool at_end(struct follow *f)
{
	struct stat now, mine;

	if (f->rotated && next_in_queue(f))
		return true;
	if (fstat(f->fd, &mine) != 0)
		return false;
	if (!f->rotated) {
		if (stat(f->path, &now) != 0 || (now.st_ino == mine.st_ino && now.st_dev == mine.st_dev))
			return false;
		/* renamed: the writer may still hold it for a moment */
		f->rotated = true;
		f->rotated_at = clock_mono_ms();
	}
	if (f->rotated_at && clock_mono_ms() - f->rotated_at < GRACE_MS)
		return false;
	if (stat(f->path, &now) == 0 && now.st_ino == mine.st_ino && now.st_dev == mine.st_dev) {
		f->rotated = false;	/* found through its old name, but it is the log */
		f->rotated_at = 0;
		return false;
	}
	f->rotated_at = 0;
	return open_log(f, false);
}

/* copytruncate: the copy has what was not read yet. */
static void truncated(struct follow *f)
{
	struct place at = f->at;

	log_info("logwatch", "truncated", "file", f->path);
	if (resume_in_old(f, is_same_any, &at, at.offset)) {
		f->rotated = true;
		f->rotated_at = 0;
		return;
	}
	open_log(f, false);
}

static bool find_line(struct follow *f, struct span *line_r)
{
	const char *p = f->buffer + f->from;
	const char *end = memchr(p, '\n', f->to - f->from);

	if (!end) {
		if (f->to - f->from > LINE_MAX_LENGTH) {
			/* too long for a line of Postfix: thrown away as it comes */
			f->at.offset += (off_t)(f->to - f->from);
			f->from = f->to = 0;
			f->skipping = true;
		}
		return false;
	}
	*line_r = (struct span){ p, (size_t)(end - p) };
	f->from += line_r->n + 1;
	f->at.offset += (off_t)line_r->n + 1;
	return true;
}

static bool line_from_buffer(struct follow *f, struct span *line_r)
{
	while (find_line(f, line_r)) {
		if (!f->skipping && line_r->n <= LINE_MAX_LENGTH)
			return true;
		f->skipping = false;
	}
	return false;
}

static ssize_t refill(struct follow *f)
{
	ssize_t r;

	if (f->from) {
		memmove(f->buffer, f->buffer + f->from, f->to - f->from);
		f->to -= f->from;
		f->from = 0;
	}
	do
		r = pread(f->fd, f->buffer + f->to, ROOM - f->to, f->read_to);
	while (r < 0 && errno == EINTR);
	if (r > 0) {
		f->to += (size_t)r;
		f->read_to += r;
	}
	return r;
}

enum follow_result follow_line(struct follow *f, struct span *line_r, struct err *e)
{
	for (int turns = 0; turns < FILES * 4; turns++) {
		struct stat st;
		ssize_t r;

		if (f->fd < 0 && !open_log(f, false))
			return FOLLOW_IDLE;
		if (line_from_buffer(f, line_r))
			return FOLLOW_LINE;
		if (fstat(f->fd, &st) != 0) {
			err_set(e, SYS, "cannot read '%s': %s", f->path, strerror(errno));
			return FOLLOW_ERROR;
		}
		if (st.st_size < f->read_to || (st.st_size > f->read_to && !is_same(f->fd, &f->at))) {
			truncated(f);
			continue;
		}
		r = refill(f);
		if (r < 0) {
			err_set(e, SYS, "cannot read '%s': %s", f->path, strerror(errno));
			return FOLLOW_ERROR;
		}
		if (r == 0) {
			take_print(f->fd, &f->at);
			if (!at_end(f))
				return FOLLOW_IDLE;
		}
	}
	return FOLLOW_IDLE;
}
