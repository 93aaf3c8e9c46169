/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl store backup|restore: a copy of the file, or a dump of the server's database by its own tools. Whoever is put
 * back from an old copy does not know the last suppressions: the mark outside of the database tells (store/mark.c).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/postconf.h"
#include "ctl/server.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/copy.h"

enum { DUMP_SECONDS = 7 * 86400 };

/* ---- the server's own tools ---- */

/* A password file of libpq's that lies nowhere: neither in argv nor in the environment nor on a disk. It lives as long as
 * this process. */
static bool pass_by_file(struct arena *a, const char *password)
{
	struct buf b;
	int fd;

	if (str_empty(password))
		return true;
	fd = memfd_create("relent-pgpass", 0);
	buf_init(&b, a);
	buf_adds(&b, "*:*:*:*:");
	for (const char *p = password; *p; p++)
		buf_addf(&b, "%s%c", *p == ':' || *p == '\\' ? "\\" : "", *p);
	buf_addc(&b, '\n');
	bool good = fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, b.p, b.n) == (ssize_t)b.n
		&& setenv("PGPASSFILE", arena_printf(a, "/proc/self/fd/%d", fd), 1) == 0;
	explicit_bzero(b.p, b.n);
	return good;
}

static int run_tool(struct ctl *c, const char *const *argv, const char **out_r)
{
	const char *out, *line;
	int code = 0;

	out = run_program(c->arena, argv, DUMP_SECONDS, &code);
	if (out_r)
		*out_r = out;
	if (code == 0)
		return CTL_DONE;
	if (code == -1)
		return fail(c, CTL_UNAVAILABLE, "%s is not there: install PostgreSQL's client programs", argv[0]);
	line = strstr(out, "error: ");
	line = line ? line + strlen("error: ") : out;
	return fail(c, CTL_UNAVAILABLE, "%s: %.*s", argv[0], (int)strcspn(line, "\n"), line);
}

/* Is it a dump, whole, and of relent? */
static int look_at_dump(struct ctl *c, const char *path)
{
	const char *argv[] = { "pg_restore", "--list", path, NULL }, *out = "";
	int code = run_tool(c, argv, &out);

	if (code == CTL_DONE && !strstr(out, " TABLE DATA ") )
		code = fail(c, CTL_NO, "'%s' holds no tables", path);
	if (code == CTL_DONE && !strstr(out, " relent_schema "))
		code = fail(c, CTL_NO, "'%s' is a dump, but not of a relent store", path);
	return code;
}

/* ---- backup ---- */

static int written(struct ctl *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), code = CTL_DONE;

	if (fd < 0 || fsync(fd) != 0)
		code = fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return code;
}

static int dump(struct ctl *c, const struct store_options *o, const char *path)
{
	const char *fresh = arena_printf(c->arena, "%s.new", path);
	const char *argv[] = { "pg_dump", "--format=custom", "--no-password", "--file", fresh, "--dbname", o->path, NULL };
	struct err e = { "" };
	enum status st = store_server_check(o, &e);	/* what stands in it is seen by all who list processes */
	int code;

	if (st)
		return fail_status(c, st, &e);
	if (!pass_by_file(c->arena, o->password))
		return fail(c, CTL_UNAVAILABLE, "cannot hand pg_dump the password: %s", strerror(errno));
	unlink(fresh);
	code = run_tool(c, argv, NULL);
	if (code == CTL_DONE)
		code = look_at_dump(c, fresh);
	if (code == CTL_DONE)
		code = written(c, fresh);
	if (code == CTL_DONE && rename(fresh, path) != 0)
		code = fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	if (code != CTL_DONE)
		unlink(fresh);
	return code;
}

int cmd_store_backup(struct ctl *c, const struct args *args)
{
	const char *path = args->word[0];
	struct store_options o;
	struct err e = { "" };
	struct stat st;
	mode_t old;
	int code = CTL_DONE;
	enum status rc = ctl_store_options(c, &o, &e);

	if (access(path, F_OK) == 0)
		return fail(c, CTL_NO, "'%s' is there already: name a new file", path);
	old = umask(027);
	if (!rc && str_eq(o.driver, "pgsql"))
		code = dump(c, &o, path);
	else if (!rc)
		rc = store_backup(&o, path, &e);
	umask(old);
	if (rc)
		return fail_status(c, rc, &e);
	if (code == CTL_DONE)
		code = written(c, path);
	if (code != CTL_DONE || stat(path, &st) != 0)
		return code;
	return out_done(c, json_pack("{s:s,s:I}", "path", path, "bytes", (json_int_t)st.st_size),
			"'%s': a consistent copy of %lld bytes", path, (long long)st.st_size);
}

/* ---- restore ---- */

static enum status read_mark(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_mark(tx, a, ctx, e);
}

/* The last word: does the copy know everybody whom this host has heard say no? */
static int restored(struct ctl *c, struct store_options *o, const char *what)
{
	struct store_mark mark = { .lost = false };
	struct store *s = NULL;
	struct err e = { "" };
	enum status st;

	o->read_only = true;
	st = store_open(o, &s, &e);
	if (st == OK)
		st = store_read(s, c->now, read_mark, &mark, &e);
	if (s)
		store_close(s);
	if (st)
		return fail_status(c, st, &e);
	if (mark.lost)
		note(c, "the mark of suppressions tells of %lld, the copy has %lld: nothing goes out until what is missing "
		     "was put in again and 'relentctl suppress reconcile' was said", (long long)mark.marked,
		     (long long)mark.counted);
	return out_done(c, json_pack("{s:s,s:b}", "restored", what, "suppressions_lost", mark.lost),
			"'%s' is put back%s", what, mark.lost ? ", and is older than the last suppression"
			: "; check it: relentctl store check");
}

static int restore_server(struct ctl *c, const struct args *args, struct store_options *to, const char *path)
{
	const char *file = arg_value(args, "password-file"), *roles = NULL, *inside = NULL;
	struct store_options admin = *to;
	struct err e = { "" };
	enum status st = OK;
	int code;

	if (!str_empty(arg_value(args, "as"))) {
		admin.path = arg_value(args, "as");
		admin.password = NULL;
	}
	if (!str_empty(file))
		st = conf_secret_read(c->arena, file, &admin.password, &e);
	code = st ? fail_status(c, st, &e) : look_at_dump(c, path);
	if (code != CTL_DONE)
		return code;
	st = roles_text(c, &roles, &e);
	if (!st)
		st = store_restore_begin(to, &admin, c->arena, &inside, &e);
	if (st)
		return fail_status(c, st, &e);
	if (!pass_by_file(c->arena, admin.password))
		return fail(c, CTL_UNAVAILABLE, "cannot hand pg_restore the password: %s", strerror(errno));
	const char *argv[] = { "pg_restore", "--no-password", "--exit-on-error", "--single-transaction", "--no-owner",
		"--no-privileges", "--dbname", inside, path, NULL };
	code = run_tool(c, argv, NULL);
	if (code != CTL_DONE)
		return code;
	admin.path = inside;
	st = store_restore_end(&admin, roles, &e);
	return st ? fail_status(c, st, &e) : restored(c, &admin, path);
}

static bool write_whole(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* By hand: the kernel's own copying ends at a file system's border, and a backup is best on another. */
static int copy_file(struct ctl *c, const char *from, const char *to)
{
	enum { PIECE = 1 << 20 };
	char *piece = arena_alloc(c->arena, PIECE);
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, code = CTL_DONE;
	ssize_t n = -1;
	uid_t uid;
	gid_t gid;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	while (out >= 0 && (n = read(in, piece, PIECE)) > 0)
		if (!write_whole(out, piece, (size_t)n)) {
			n = -1;
			break;
		}
	if (n != 0 || fsync(out) != 0 || (store_folder_owner(c, &uid, &gid) && fchown(out, uid, gid) != 0)) {
		code = fail(c, CTL_UNAVAILABLE, "cannot copy '%s' to '%s': %s", from, to, strerror(errno));
		if (out >= 0)
			unlink(to);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return code;
}

static int restore_file(struct ctl *c, struct store_options *to, const char *path)
{
	static const char *const left[] = { "", "-wal", "-shm", "-journal" };
	struct store_options copy = *to;
	struct store *s = NULL;
	struct err e = { "" };
	enum status st;
	int code;

	/* a journal that is left would be played into the copy */
	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		if (access(arena_printf(c->arena, "%s%s", to->path, left[i]), F_OK) == 0)
			return fail(c, CTL_NO, "'%s%s' is there: stop the daemons and move it away first", to->path,
				    left[i]);
	copy.path = path;
	copy.read_only = true;
	copy.mark = "";
	st = store_open(&copy, &s, &e);
	if (st)
		return fail_status(c, st, &e);
	store_close(s);
	code = copy_file(c, path, to->path);
	return code ? code : restored(c, to, path);
}

int cmd_store_restore(struct ctl *c, const struct args *args)
{
	const char *path = args->word[0];
	struct store_options o;
	struct err e = { "" };
	enum status st = ctl_store_options(c, &o, &e);

	if (st)
		return fail_status(c, st, &e);
	if (access(path, R_OK) != 0)
		return fail(c, CTL_NO, "cannot read '%s': %s", path, strerror(errno));
	return str_eq(o.driver, "pgsql") ? restore_server(c, args, &o, path) : restore_file(c, &o, path);
}
