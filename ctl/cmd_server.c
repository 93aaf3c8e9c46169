/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl store init|copy: a PostgreSQL server for several hosts.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "ctl/ctl.h"
#include "ctl/server.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/copy.h"

static bool is_server(struct ctl *c, const struct store_options *o)
{
	if (str_eq(o->driver, "pgsql"))
		return true;
	fail(c, CTL_USAGE, "store.driver is '%s': set it to pgsql, and store.url", o->driver);
	return false;
}

/* The roles' file: a site's own, else ours. */
enum status roles_text(struct ctl *c, const char **out_r, struct err *e)
{
	const struct conf_file *files;
	size_t n = 0;
	enum status st = conf_data_files(c->arena, c->conf, "pgsql", &files, &n, e);

	for (size_t i = 0; st == OK && i < n; i++)
		if (strstr(files[i].name, "roles.sql") != NULL) {
			*out_r = files[i].text;
			return OK;
		}
	return st != OK ? st : err_set(e, CONF, "there is no pgsql/roles.sql in '%s'", conf_data_dir(c->arena, c->conf));
}

/* A file that is there keeps its password: the services know it. */
static int one_secret(struct ctl *c, const struct store_options *admin, const char *folder, const char *role)
{
	const char *path = arena_printf(c->arena, "%s/%s", folder, role), *password = NULL;
	unsigned char bytes[24];
	char text[64];
	struct err e = { "" };
	enum status st = OK;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return fail(c, CTL_UNAVAILABLE, "cannot make '%s': %s", path, strerror(errno));
	if (fd >= 0) {
		randombytes_buf(bytes, sizeof(bytes));
		sodium_bin2base64(text, sizeof(text), bytes, sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		if (dprintf(fd, "%s\n", text) < 0 || fsync(fd) != 0) {
			close(fd);
			unlink(path);
			return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
		}
		close(fd);
	}
	st = conf_secret_read(c->arena, path, &password, &e);
	if (st == OK)
		st = store_role_password(admin, role, password, &e);
	return st == OK ? CTL_DONE : fail_status(c, st, &e);
}

int cmd_store_init(struct ctl *c, const struct args *args)
{
	static const char *const names[] = { "relent_milter", "relent_watcher", "relent_logwatch", "relent_web",
		"relent_ctl" };
	struct store_options to, admin;
	struct err e = { "" };
	const char *roles = NULL, *file = arg_value(args, "password-file"), *folder = arg_value(args, "secrets");
	bool made = false;
	enum status st = ctl_store_options(c, &to, &e);

	if (st)
		return fail_status(c, st, &e);
	if (!is_server(c, &to))
		return CTL_USAGE;
	if (str_empty(arg_value(args, "as")))
		return fail(c, CTL_USAGE, "who makes it? --as 'host=... user=postgres dbname=postgres'");
	admin = to;
	admin.path = arg_value(args, "as");
	admin.password = NULL;
	if (!str_empty(file))
		st = conf_secret_read(c->arena, file, &admin.password, &e);
	if (!st)
		st = roles_text(c, &roles, &e);
	if (!st)
		st = store_init(&to, &admin, roles, &made, &e);
	if (st)
		return fail_status(c, st, &e);
	if (folder && mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail(c, CTL_UNAVAILABLE, "cannot make '%s': %s", folder, strerror(errno));
	for (size_t i = 0; folder && i < sizeof(names) / sizeof(names[0]); i++) {
		int code = one_secret(c, &admin, folder, names[i]);
		if (code != CTL_DONE)
			return code;
	}
	return out_done(c, json_pack("{s:s,s:b}", "url", to.path, "made", made),
			made ? "the database was made, with its schema and roles%s%s"
				: "the database is up to date, with its roles%s%s",
			folder ? "; their passwords are in " : "", folder ? folder : "");
}

static void told(void *ctx, const struct copy_table *t)
{
	struct ctl *c = ctx;

	if (!c->json && t->rows > 0)
		printf("%-20s %lld rows, the same in both\n", t->name, (long long)t->rows);
}

int cmd_store_copy(struct ctl *c, const struct args *args)
{
	struct store_options to, from;
	struct err e = { "" };
	int64_t rows = 0;
	enum status st = ctl_store_options(c, &to, &e);

	if (st)
		return fail_status(c, st, &e);
	if (!is_server(c, &to))
		return CTL_USAGE;
	from = to;
	from.driver = "sqlite";
	from.path = args->word[0];
	if (access(from.path, R_OK) != 0)
		return fail(c, CTL_NO, "cannot read '%s': %s", from.path, strerror(errno));
	st = store_copy(&from, &to, told, c, &rows, &e);
	if (st)
		return fail_status(c, st, &e);
	return out_done(c, json_pack("{s:s,s:I}", "from", from.path, "rows", (json_int_t)rows),
			"%lld rows of '%s' are in the database, and the same in both; set store.driver = pgsql "
			"everywhere, then start the "
			"services; keep the file until then, and never start one on it again", (long long)rows, from.path);
}
