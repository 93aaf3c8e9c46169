/* SPDX-License-Identifier: MPL-2.0
 *
 * The files that settings point to: secrets, data, directories. Nothing here is read at start
 * unasked: `relentctl config check` and doctor ask.
 */
#include "config.h"

#include "conf/settings_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

const char *conf_secret_path(struct arena *a, const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY"), *slash = strrchr(path, '/'), *try;

	if (!dir || !*dir || !slash || slash == path)
		return path;
	try = arena_printf(a, "%s/%s", dir, slash + 1);
	if (access(try, R_OK) == 0)
		return try;
	/* a file of a directory that was handed over whole: DIRECTORY_FILE */
	for (const char *before = slash - 1; before >= path; before--) {
		if (before != path && before[-1] != '/')
			continue;
		try = arena_printf(a, "%s/%.*s_%s", dir, (int)(slash - before), before, slash + 1);
		return access(try, R_OK) == 0 ? try : path;
	}
	return path;
}

enum status conf_secret_check(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(e, errno == ENOENT ? GONE : CONF, "cannot read '%s': %s", path,
			       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, CONF, "'%s' is not a file", path);
	if (st.st_mode & 07)
		return err_set(e, CONF, "'%s' is open to everybody (mode %04o): chmod o-rwx it", path,
			       (unsigned)st.st_mode & 07777);
	if (st.st_mode & 020)
		return err_set(e, CONF, "'%s' can be changed by its group (mode %04o): chmod g-w it", path,
			       (unsigned)st.st_mode & 07777);
	return OK;
}

enum status conf_secret_read(struct arena *a, const char *path, const char **out_r, struct err *e)
{
	enum status st = conf_secret_check(path, e);
	char line[4096];
	size_t n;
	FILE *f;

	*out_r = NULL;
	if (st)
		return st == GONE ? CONF : st;
	f = fopen(path, "re");
	if (!f)
		return err_set(e, CONF, "cannot read '%s': %s", path, strerror(errno));
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (!*line)
		return err_set(e, CONF, "the first line of '%s' is empty: the password belongs there", path);
	*out_r = arena_strdup(a, line);
	explicit_bzero(line, sizeof(line));
	return OK;
}

/* True if this very program lies in the build tree: it was not installed. */
static bool runs_uninstalled(void)
{
#ifdef TOP_BUILDDIR
	char exe[4096], *tree = realpath(TOP_BUILDDIR, NULL);
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	bool in = false;

	if (tree && n > 0) {
		size_t len = strlen(tree);

		exe[n] = '\0';
		in = strncmp(exe, tree, len) == 0 && exe[len] == '/';
	}
	free(tree);
	return in;
#else
	return false;
#endif
}

const char *conf_data_dir(struct arena *a, const struct conf *c)
{
	const char *set = c ? conf_str(c, "data_dir") : "";
	const char *env = getenv("RELENT_DATA");

	if (*set)
		return set;
	if (!str_empty(env))
		return arena_strdup(a, env);
#ifdef TOP_SRCDIR
	if (runs_uninstalled()) {
		char *tree = realpath(TOP_SRCDIR, NULL);
		char *dir = tree ? arena_printf(a, "%s/conf", tree) : NULL;

		free(tree);
		if (dir && access(dir, R_OK | X_OK) == 0)
			return dir;
	}
#endif
	return PKGDATADIR;
}

const char *conf_site_dir(struct arena *a, const struct conf *c)
{
	const char *path = c ? conf_path(c) : NULL, *slash = path ? strrchr(path, '/') : NULL;

	if (!path)
		return RELENTCONFDIR;
	return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

/* ---- what the host knows where relent.conf is silent ---- */

static const char *host_zone(struct arena *a)
{
	const char *tz = getenv("TZ"), *at;
	char link[512];
	ssize_t n;

	if (!str_empty(tz) && when_zone_valid(*tz == ':' ? tz + 1 : tz))
		return arena_strdup(a, *tz == ':' ? tz + 1 : tz);
	n = readlink("/etc/localtime", link, sizeof(link) - 1);
	if (n <= 0)
		return "UTC";
	link[n] = '\0';
	at = strstr(link, "zoneinfo/");
	return at && when_zone_valid(at + 9) ? arena_strdup(a, at + 9) : "UTC";
}

/* The zone only: a hostname that nobody set must not become a name that Authentication-Results of
 * strangers can claim. */
void conf_fill_host(struct conf *c)
{
	struct slot *zone = conf_slot(c, "zone");

	if (!*zone->text)
		zone->text = host_zone(c->arena);
}

/* ---- `config check` ---- */

static void say(const struct conf *c, const struct slot *s, struct conf_reporter *r, const char *text)
{
	conf_problem(r, s->file ? s->file : c->path ? c->path : "relent.conf", s->file ? s->line : 0, "%s",
		     text);
}

static void check_secret(const struct conf *c, const struct slot *s, struct conf_reporter *r)
{
	struct err e;

	if (*s->text && conf_secret_check(s->text, &e) != OK)
		say(c, s, r, e.text);
}

static void check_readable(const struct conf *c, const struct slot *s, struct conf_reporter *r)
{
	struct err e;

	if (*s->text && access(s->text, R_OK) != 0) {
		err_set(&e, CONF, "%s: cannot read '%s': %s", s->row->s.name, s->text, strerror(errno));
		say(c, s, r, e.text);
	}
}

/* The directory that a file is to be made in. */
static void check_parent(const struct conf *c, const struct slot *s, const char *path,
			 struct conf_reporter *r)
{
	struct arena *a = arena_new(0);
	const char *slash = strrchr(path, '/');
	const char *dir = slash && slash != path ? arena_strndup(a, path, (size_t)(slash - path)) : "/";
	struct stat st;
	struct err e;

	if (stat(dir, &st) != 0) {
		err_set(&e, CONF, "%s: there is no directory '%s': %s", s->row->s.name, dir, strerror(errno));
		say(c, s, r, e.text);
	} else if (!S_ISDIR(st.st_mode)) {
		err_set(&e, CONF, "%s: '%s' is not a directory", s->row->s.name, dir);
		say(c, s, r, e.text);
	}
	arena_free(a);
}

int conf_check_files(const struct conf *c, conf_report_fn *report, void *ctx)
{
	struct conf_reporter r = { .fn = report, .ctx = ctx };
	struct arena *a = arena_new(0);
	const char *dir = conf_data_dir(a, c), *socket = conf_str(c, "milter.socket");

	if (access(arena_printf(a, "%s/phrases", dir), R_OK) != 0
	    || access(arena_printf(a, "%s/sequences", dir), R_OK) != 0) {
		struct err e;

		err_set(&e, CONF, "the shipped data is not in '%s': set data_dir", dir);
		say(c, conf_slot(c, "data_dir"), &r, e.text);
	}
	check_readable(c, conf_slot(c, "sequence_dir"), &r);
	if (access(conf_str(c, "store.key_file"), F_OK) != 0)
		say(c, conf_slot(c, "store.key_file"), &r, "there is no key file: 'relentctl key rotate' makes it");
	else
		check_secret(c, conf_slot(c, "store.key_file"), &r);
	check_secret(c, conf_slot(c, "smtp.password_file"), &r);
	check_readable(c, conf_slot(c, "smtp.ca_file"), &r);
	if (str_eq(conf_str(c, "store.driver"), "sqlite"))
		check_parent(c, conf_slot(c, "store.path"), conf_str(c, "store.path"), &r);
	check_secret(c, conf_slot(c, "store.password_file"), &r);
	check_parent(c, conf_slot(c, "store.owner_mirror"), conf_str(c, "store.owner_mirror"), &r);
	check_parent(c, conf_slot(c, "logwatch.state"), conf_str(c, "logwatch.state"), &r);
	if (strncmp(socket, "unix:", 5) == 0 || strncmp(socket, "local:", 6) == 0)
		check_parent(c, conf_slot(c, "milter.socket"), strchr(socket, ':') + 1, &r);
	for (size_t i = 0; i < c->blocks_n; i++)
		if (str_eq(c->blocks[i].section, "account")) {
			check_secret(c, block_slot(&c->blocks[i], "password_file"), &r);
			check_readable(c, block_slot(&c->blocks[i], "ca_file"), &r);
		}
	arena_free(a);
	return r.n;
}
