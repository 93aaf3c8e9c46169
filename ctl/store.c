/* SPDX-License-Identifier: MPL-2.0
 *
 * What the commands share of the store: opening it, asking, writing, finding things by the name a
 * person gives them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"

enum status ctl_store_options(struct ctl *c, struct store_options *o, struct err *e)
{
	char host[256];
	enum status st;

	snprintf(host, sizeof(host), "%s", conf_str(c->conf, "hostname"));
	if (!*host && gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "localhost");
	st = store_settings(c->conf, c->arena, o, e);
	o->host = arena_strdup(c->arena, host);
	o->program = "relentctl";
	o->keys = c->keys;
	o->zone = c->zone;
	return st;
}

bool store_folder_owner(struct ctl *c, uid_t *uid_r, gid_t *gid_r)
{
	const char *path = conf_str(c->conf, "store.path"), *slash = strrchr(path, '/');
	struct stat st;

	if (geteuid() != 0 || !slash
	    || stat(arena_strndup(c->arena, path, slash == path ? 1 : (size_t)(slash - path)), &st) != 0)
		return false;
	*uid_r = st.st_uid;
	*gid_r = st.st_gid;
	return st.st_uid != 0 || st.st_gid != 0;
}

int write_unit(struct ctl *c, store_unit_fn *fn, void *ctx)
{
	struct err e = { "" };
	enum status st = store_write(c->store, c->now, fn, ctx, 0, &e);

	return st ? fail_status(c, st, &e) : CTL_DONE;
}

int read_unit(struct ctl *c, store_unit_fn *fn, void *ctx)
{
	struct err e = { "" };
	enum status st = store_read(c->store, c->now, fn, ctx, &e);

	return st ? fail_status(c, st, &e) : CTL_DONE;
}

struct question {
	const char *statement;
	const struct value *args;
	size_t n;
	json_t *answer;
};

static enum status ask_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct question *q = ctx;
	enum status st;

	(void)a;
	json_decref(q->answer);
	q->answer = rows_json(tx, q->statement, q->args, q->n, &st, e);
	return st;
}

json_t *ask(struct ctl *c, const char *statement, const struct value *args, size_t n, int *code_r)
{
	struct question q = { .statement = statement, .args = args, .n = n };

	*code_r = read_unit(c, ask_unit, &q);
	return q.answer;
}

enum status find_row(struct store_tx *tx, struct arena *a, const char *statement, const char *noun,
		     const char *what, const char **id_r, struct err *e)
{
	enum status st;
	struct value v = store_text(what);
	json_t *list = rows_json(tx, statement, &v, 1, &st, e);
	size_t n = json_array_size(list);

	if (st)
		return st;
	if (n == 1)
		*id_r = arena_strdup(a, get(json_array_get(list, 0), "id"));
	else if (n == 0)
		st = err_set(e, GONE, "there is no %s '%s'", noun, what);
	else
		st = err_set(e, INPUT, "'%s' is the beginning of more than one %s: write more of the id", what,
			     noun);
	json_decref(list);
	return st;
}

static enum status nearest_address(struct store_tx *tx, const char *what, struct err *e)
{
	enum status st;
	json_t *list = rows_json(tx, "ctl_addresses", NULL, 0, &st, NULL);
	size_t n = json_array_size(list);
	struct arena *a = arena_new(0);
	const char **names = arena_array(a, const char *, n + 1), *near;

	for (size_t i = 0; i < n; i++)
		names[i] = get(json_array_get(list, i), "address");
	near = n <= 20000 ? str_nearest(what, names, n) : NULL;
	if (near)
		st = err_set(e, GONE, "there is no prospect '%s': did you mean '%s'?", what, near);
	else
		st = err_set(e, GONE, "there is no prospect '%s': 'relentctl prospect list' shows them", what);
	json_decref(list);
	arena_free(a);
	return st;
}

enum status find_prospect(struct store_tx *tx, struct arena *a, const char *what, const char **id_r,
			  struct err *e)
{
	struct addr parsed;
	const char *name = what;
	enum status st;

	if (strchr(what, '@')) {
		if (!addr_path(a, what, &parsed) || !*parsed.key)
			return err_set(e, INPUT, "'%s' is not a mail address", what);
		name = parsed.key;
	}
	st = store_prospect_find(tx, a, name, id_r, e);
	return st == GONE ? nearest_address(tx, name, e) : st;
}

enum status find_enrolment(struct store_tx *tx, struct arena *a, const char *what, bool live_only,
			   const char **id_r, struct err *e)
{
	const char *prospect;
	struct value v;
	enum status st;
	json_t *list;

	if (strchr(what, '@') == NULL) {
		st = find_row(tx, a, "ctl_enrolment_by_id", "enrolment", what, id_r, e);
		if (st != GONE)
			return st;
	}
	st = find_prospect(tx, a, what, &prospect, e);
	if (st)
		return st == GONE && !strchr(what, '@')
			? err_set(e, GONE, "there is no enrolment or prospect '%s'", what) : st;
	v = store_text(prospect);
	list = rows_json(tx, "ctl_enrolments_of", &v, 1, &st, e);
	if (st)
		return st;
	if (json_array_size(list) == 0)
		st = err_set(e, GONE, "'%s' is in no sequence: 'relentctl enrol'", what);
	else if (live_only && !json_is_true(json_object_get(json_array_get(list, 0), "live")))
		st = err_set(e, GONE, "'%s' is in no running sequence (the last one is %s)", what,
			     get(json_array_get(list, 0), "state"));
	else
		*id_r = arena_strdup(a, get(json_array_get(list, 0), "id"));
	json_decref(list);
	return st;
}

/* ---- the owner mirror ---- */

enum status mirror_owners(struct ctl *c, struct err *e)
{
	const char *path = conf_str(c->conf, "store.owner_mirror");
	const char *tmp = arena_printf(c->arena, "%s.new", path);
	int code, fd;
	json_t *list = ask(c, "ctl_owner_names", NULL, 0, &code);
	FILE *f;

	if (!list)
		return err_set(e, SYS, "the owners could not be read");
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		json_decref(list);
		return err_set(e, SYS, "cannot write '%s': %s", tmp, strerror(errno));
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		fprintf(f, "%s\n", get(json_array_get(list, i), "name"));
	json_decref(list);
	code = fflush(f) != 0 || fsync(fd) != 0;
	if (fclose(f) != 0 || code || rename(tmp, path) != 0) {
		unlink(tmp);
		return err_set(e, SYS, "cannot write '%s': %s", path, strerror(errno));
	}
	return OK;
}
