/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl config check|show|explain, key rotate.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"
#include "classifier/booking.h"

static void collect_problem(void *ctx, const char *file, int line, const char *sentence)
{
	json_array_append_new(ctx, json_pack("{s:o,s:i,s:o}", "file", text_json(file), "line", line,
					     "problem", text_json(sentence)));
}

/* The rules for booking systems: a slip in one would stop the watcher. */
static void check_booking(struct ctl *c, json_t *problems)
{
	const struct conf_file *found;
	struct data_file *files;
	struct booking_rules *r = NULL;
	struct err e;
	size_t n;
	enum status st = conf_data_files(c->arena, c->conf, "booking", &found, &n, &e);

	files = arena_array(c->arena, struct data_file, st == OK ? n + 1 : 1);
	for (size_t i = 0; st == OK && i < n; i++)
		files[i] = (struct data_file){ found[i].name, found[i].text, found[i].n };
	if (st == OK)
		st = booking_load(files, n, &r, &e);
	if (st != OK)
		collect_problem(problems, "booking", 0, e.text);
	booking_free(r);
}

int cmd_config_check(struct ctl *c, const struct args *args)
{
	json_t *problems = json_array();
	struct err e;
	enum status st;
	size_t n;

	(void)args;
	st = conf_load(c->conf_path, collect_problem, problems, &c->conf, &e);
	if (st == OK)
		conf_check_files(c->conf, collect_problem, problems);
	if (st == OK)
		check_booking(c, problems);
	n = json_array_size(problems);
	if (c->json) {
		out_object(c, json_pack("{s:s,s:b,s:o}", "file", c->conf && conf_path(c->conf)
					? conf_path(c->conf) : c->conf_path ? c->conf_path : "", "good", n == 0,
					"problems", problems));
		return n ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *p = json_array_get(problems, i);

		if (get_int(p, "line"))
			printf("%s:%d: %s\n", plain(c, get(p, "file")), (int)get_int(p, "line"),
			       plain(c, get(p, "problem")));
		else
			printf("%s: %s\n", plain(c, get(p, "file")), plain(c, get(p, "problem")));
	}
	json_decref(problems);
	if (n == 0)
		printf("%s: good\n", conf_path(c->conf) ? conf_path(c->conf) : "no file, all defaults");
	return n ? CTL_NO : CTL_DONE;
}

#define LEAD_COLUMNS "lead account folder format campaign permission sequence owners rules"

static json_t *owners_json(const struct conf *conf)
{
	const struct conf_owner *o;
	json_t *list = json_array();

	for (size_t i = 0, n = conf_owners(conf, &o); i < n; i++) {
		json_t *addresses = json_array();

		for (size_t k = 0; k < o[i].addresses_n; k++)
			json_array_append_new(addresses, text_json(o[i].addresses[k]));
		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "login", text_json(o[i].login),
			"name", text_json(o[i].name), "zone", text_json(o[i].zone), "addresses", addresses));
	}
	return list;
}

static json_t *accounts_json(const struct conf *conf)
{
	const struct conf_account *a;
	json_t *list = json_array();

	for (size_t i = 0, n = conf_accounts(conf, &a); i < n; i++) {
		json_t *folders = json_array();

		for (size_t k = 0; k < a[i].folders_n; k++)
			json_array_append_new(folders, text_json(a[i].folders[k]));
		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:i,s:o,s:o,s:o,s:b}",
			"account", text_json(a[i].name), "owner", text_json(a[i].owner),
			"host", text_json(a[i].host), "port", a[i].port, "tls", text_json(a[i].tls),
			"user", text_json(a[i].user), "folders", folders, "control", a[i].control));
	}
	return list;
}

static json_t *leads_json(const struct conf *conf)
{
	const struct conf_lead *l;
	json_t *list = json_array();

	for (size_t i = 0, n = conf_leads(conf, &l); i < n; i++)
		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:i,s:i}",
			"lead", text_json(l[i].name), "account", text_json(l[i].account),
			"folder", text_json(l[i].folder), "format", text_json(l[i].format),
			"campaign", text_json(l[i].campaign), "permission", text_json(l[i].permission),
			"sequence", text_json(l[i].sequence), "owners", (int)l[i].owners_n,
			"rules", (int)l[i].rules_n));
	return list;
}

static bool is_block_setting(const char *name)
{
	return strncmp(name, "owner.", 6) == 0 || strncmp(name, "account.", 8) == 0 ||
	       strncmp(name, "lead.", 5) == 0;
}

int cmd_config_show(struct ctl *c, const struct args *args)
{
	const char *want = args->n ? args->word[0] : NULL;
	const struct setting *s;
	size_t n = conf_settings(&s), len = want ? strlen(want) : 0;
	const char **names = arena_array(c->arena, const char *, n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const char *from, *value;

		names[i] = s[i].name;
		if (is_block_setting(s[i].name))
			continue;
		if (want && !str_eq(s[i].name, want)
		    && !(strncmp(s[i].name, want, len) == 0 && s[i].name[len] == '.'))
			continue;
		value = conf_value_text(c->arena, c->conf, s[i].name, &from);
		if (arg_given(args, "changed") && str_eq(from, "default"))
			continue;
		json_array_append_new(list, json_pack("{s:o,s:o,s:o}", "option", text_json(s[i].name), "value",
						      text_json(value), "from", text_json(from)));
	}
	if (want && (str_eq(want, "owner") || str_eq(want, "account"))) {
		json_decref(list);
		return *want == 'o' ? out_list(c, owners_json(c->conf), "login name zone addresses",
					       "no owner is configured")
			: out_list(c, accounts_json(c->conf), "account owner host port tls user folders control",
				   "no account is configured");
	}
	if (want && str_eq(want, "lead")) {
		json_decref(list);
		return out_list(c, leads_json(c->conf), LEAD_COLUMNS, "no lead mailbox is configured");
	}
	if (want && json_array_size(list) == 0 && !arg_given(args, "changed")) {
		const char *near = str_nearest(want, names, n);

		json_decref(list);
		return fail(c, CTL_NO, near ? "there is no option '%s': did you mean '%s'?"
			    : "there is no option '%s'", want, near);
	}
	if (c->json && !want)
		return out_object(c, json_pack("{s:o,s:o,s:o,s:o}", "settings", list, "owners",
					       owners_json(c->conf), "accounts", accounts_json(c->conf),
					       "leads", leads_json(c->conf)));
	out_list(c, list, "option value from", "everything is at its default");
	if (!want && !c->json) {
		puts("");
		out_list(c, owners_json(c->conf), "login:owner name zone addresses", "no owner is configured");
		puts("");
		out_list(c, accounts_json(c->conf), "account owner host port tls user folders control",
			 "no account is configured");
		puts("");
		out_list(c, leads_json(c->conf), LEAD_COLUMNS, "no lead mailbox is configured");
	}
	return CTL_DONE;
}

int cmd_config_explain(struct ctl *c, const struct args *args)
{
	const struct setting *s;
	size_t n = conf_settings(&s);
	const char **names = arena_array(c->arena, const char *, n), *near;

	for (size_t i = 0; i < n; i++) {
		names[i] = s[i].name;
		if (str_eq(s[i].name, args->word[0]))
			return out_object(c, json_pack("{s:o,s:o,s:o,s:o,s:o}", "option", text_json(s[i].name),
				"meaning", text_json(s[i].sentence), "type", text_json(s[i].type),
				"default", text_json(*s[i].def ? s[i].def : NULL),
				"range", text_json(*s[i].range ? s[i].range : NULL)));
	}
	near = str_nearest(args->word[0], names, n);
	return fail(c, CTL_NO, near ? "there is no option '%s': did you mean '%s'?"
		    : "there is no option '%s'", args->word[0], near);
}

/* The new key first: it signs, the old ones still verify. */
int cmd_key_rotate(struct ctl *c, const struct args *args)
{
	const char *path = conf_str(c->conf, "store.key_file");
	const char *tmp = arena_printf(c->arena, "%s.new", path);
	char *line = token_key_line(c->arena, NULL), old[65536] = "";
	const char *id = arena_strndup(c->arena, line, strcspn(line, " "));
	struct stat st = { 0 };
	bool there = stat(path, &st) == 0;
	size_t n = 0;
	uid_t uid;
	gid_t gid;
	FILE *f;
	int fd;

	(void)args;
	if (there) {
		f = fopen(path, "re");
		n = f ? fread(old, 1, sizeof(old) - 1, f) : 0;
		if (!f || ferror(f) || n == sizeof(old) - 1) {
			if (f)
				fclose(f);
			return fail(c, CTL_UNAVAILABLE, "cannot read '%s': %s", path, f ? "too big" : strerror(errno));
		}
		fclose(f);
	}
	/* ids are made from the time: two in one second need another name */
	for (int i = 1; strstr(old, arena_printf(c->arena, "%s ", id)) && i < 1000; i++)
		line = token_key_line(c->arena, id = arena_printf(c->arena, "k%llx-%d", (long long)c->now, i));
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", tmp, strerror(errno));
	if (there && fchown(fd, st.st_uid, st.st_gid) == 0)
		(void)fchmod(fd, st.st_mode & 0740);
	/* a new file: readable by the group that the store's folder belongs to */
	if (!there && store_folder_owner(c, &uid, &gid) && fchown(fd, (uid_t)-1, gid) != 0)
		note(c, "warning: cannot give '%s' to the daemons' group: %s", path, strerror(errno));
	f = fdopen(fd, "w");
	if (f == NULL) {
		close(fd);
		unlink(tmp);
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	}
	fprintf(f, "%s%s", line, strchr(line, '\n') ? "" : "\n");
	fwrite(old, 1, n, f);
	if (fflush(f) != 0 || fsync(fd) != 0 || fclose(f) != 0 || rename(tmp, path) != 0) {
		unlink(tmp);
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	}
	explicit_bzero(old, sizeof(old));
	return out_done(c, json_pack("{s:s,s:b}", "file", path, "made", !there), there
		? "'%s' has a new signing key; marks made with the old ones stay valid. Reload the daemons"
		: "made '%s': the daemons' group must be able to read it; start or reload them", path);
}
