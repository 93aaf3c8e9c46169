/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup postfix|sendmail|dovecot: shows, then makes, the changes to a mail server's configuration;
 * --undo takes the latest run back. Nothing that runs is touched unless --reload says so.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/postconf.h"
#include "ctl/setup_private.h"

#include "base/arena.h"
#include "base/str.h"

void setup_change(struct setup *s, const char *now, const char *why, const char *command)
{
	json_array_append_new(s->changes, json_pack("{s:o,s:s,s:o}", "command", text_json(command), "why", why,
							"now", text_json(now)));
}

void setup_by_hand(struct setup *s, const char *why, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(s->by_hand, json_pack("{s:o,s:s}", "what", text_json(text), "why", why));
}

const char *setup_unsafe_folder(struct arena *a, const char *path)
{
	char *folder = arena_strdup(a, path), *slash;
	struct stat st;

	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		if (stat(*folder ? folder : "/", &st) == 0 && (st.st_mode & S_IWOTH))
			return *folder ? folder : "/";
	}
	return NULL;
}

/* ---- what is shown ---- */

/* As diff -u shows it; without diff(1), only that it changes. */
static const char *difference(struct setup *s, const struct setup_file *f, size_t i)
{
	struct arena *a = s->c->arena;
	const char *before, *after, *out;
	int code;

	if (!setup_scratch(s, arena_printf(a, "%zu.before", i), f->before ? f->before : "", &before)
		|| !setup_scratch(s, arena_printf(a, "%zu.after", i), f->after ? f->after : "", &after))
		return "";
	const char *argv[] = { "diff", "-u", "--label", f->before ? f->path : "/dev/null", "--label",
			       f->after ? f->path : "/dev/null", before, after, NULL };

	out = run_program(a, argv, 10, &code);
	return code == 1 ? out : arena_printf(a, "%s changes", f->path);
}

static json_t *differences(struct setup *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->files_n; i++)
		if (!str_eq(s->files[i].before, s->files[i].after))
			json_array_append_new(list, json_pack("{s:s,s:o}", "path", s->files[i].path, "diff",
				text_json(difference(s, &s->files[i], i))));
	return list;
}

static const char *command_text(struct arena *a, const char *const *argv)
{
	struct buf b;

	buf_init(&b, a);
	for (; *argv; argv++)
		buf_addf(&b, "%s%s", b.n ? " " : "", *argv);
	return b.p;
}

static json_t *reload_json(struct setup *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->reload_n; i++)
		json_array_append_new(list, json_string(command_text(s->c->arena, s->reload[i])));
	return list;
}

static void show_changes(struct setup *s, const json_t *files)
{
	const char *said = "";
	size_t i;
	json_t *o;

	json_array_foreach(s->changes, i, o) {
		if (!str_eq(said, get(o, "why")))
			printf("%s# %s\n", i ? "\n" : "", plain(s->c, get(o, "why")));
		said = get(o, "why");
		if (*get(o, "now"))
			printf("# now: %s\n", plain(s->c, get(o, "now")));
		printf("%s\n", plain(s->c, get(o, "command")));
	}
	if (i)
		puts("");
	json_array_foreach(files, i, o) {
		struct span rest = span_of(get(o, "diff")), line;

		while (span_line(&rest, &line))
			printf("%s\n", plain(s->c, span_dup(s->c->arena, line)));
		puts("");
	}
}

static void show_by_hand(struct setup *s)
{
	size_t i;
	json_t *o;

	json_array_foreach(s->by_hand, i, o)
		printf("By hand: %s\n  (%s)\n", plain(s->c, get(o, "what")), plain(s->c, get(o, "why")));
}

/* ---- doing it ---- */

/* Nobody else wrote to them since they were read. */
static bool still_as_read(struct setup *s)
{
	for (size_t i = 0; i < s->files_n; i++)
		if (!str_eq(setup_slurp(s->c->arena, s->files[i].path), s->files[i].before)) {
			setup_refuse(s, "'%s' changed just now: nothing was written; look at it and run this again",
				     s->files[i].path);
			return false;
		}
	return true;
}

static bool write_files(struct setup *s)
{
	for (size_t i = 0; i < s->files_n; i++)
		if (!str_eq(s->files[i].before, s->files[i].after)
			&& !setup_replace(s, s->files[i].path, s->files[i].after))
			return false;
	return true;
}

static bool run_reload(struct setup *s)
{
	for (size_t i = 0; i < s->reload_n; i++) {
		int code;
		const char *out = run_program(s->c->arena, s->reload[i], 60, &code);

		if (code != 0) {
			setup_refuse(s, "'%s' failed: %s", command_text(s->c->arena, s->reload[i]),
				     code == -1 ? "it is not there" : *out ? out : "it said nothing");
			return false;
		}
		if (!s->c->json)
			printf("done: %s\n", command_text(s->c->arena, s->reload[i]));
	}
	return true;
}

static int answer(struct setup *s, const struct args *args, bool wrote, json_t *files)
{
	size_t changed = json_array_size(files);

	if (s->c->json) {
		out_object(s->c, json_pack("{s:b,s:b,s:O,s:o,s:O,s:o}", "dry_run", arg_given(args, "dry-run"),
			"changed", wrote,
			"changes", s->changes, "files", files, "by_hand", s->by_hand, "reload", reload_json(s)));
		return CTL_DONE;
	}
	show_changes(s, files);
	json_decref(files);
	if (changed == 0)
		printf(arg_given(args, "undo") ? "%s: nothing of it had been written\n" : "%s is set up for "
			"relent: nothing to change\n", s->server);
	else if (wrote && arg_given(args, "undo"))
		printf("%zu %s again what %s before\n", changed, changed == 1 ? "file is" : "files are",
		       changed == 1 ? "it was" : "they were");
	else if (wrote)
		printf("%zu %s written; relentctl setup %s --undo takes it back\n", changed,
		       changed == 1 ? "file was" : "files were", s->server);
	show_by_hand(s);
	if (wrote && !arg_given(args, "reload"))
		for (size_t i = 0; i < s->reload_n; i++)
			printf("Now: %s\n", command_text(s->c->arena, s->reload[i]));
	fflush(stdout);
	return CTL_DONE;
}

static int finish(struct setup *s, const struct args *args)
{
	bool dry = arg_given(args, "dry-run"), undo = arg_given(args, "undo"), wrote = false;
	const char *memory = NULL;
	json_t *files;
	int code;

	if (undo)
		memory = setup_recall(s);
	if (*s->refusal.text)
		return fail(s->c, CTL_NO, "%s", s->refusal.text);
	files = differences(s);
	if (!dry && json_array_size(files)) {
		if (still_as_read(s) && !undo)
			setup_remember(s);
		wrote = !*s->refusal.text && write_files(s);
	}
	if (!dry && undo && !*s->refusal.text)
		setup_forget(s, memory);
	if (*s->refusal.text) {
		json_decref(files);
		return fail(s->c, CTL_NO, "%s", s->refusal.text);
	}
	code = answer(s, args, wrote, files);
	if (wrote && arg_given(args, "reload") && !run_reload(s))
		return fail(s->c, CTL_NO, "%s", s->refusal.text);
	return code;
}

int setup_run(struct ctl *c, const struct args *args, const char *server, const char *dir, setup_fn *fn)
{
	const char *tmp = getenv("TMPDIR");
	char *work = arena_printf(c->arena, "%s/relent-setup-XXXXXX", str_empty(tmp) ? "/tmp" : tmp), *real;
	struct setup s = { .c = c, .server = server, .other_dir = arg_given(args, "config-dir") };
	int code;

	if (s.other_dir)
		dir = arg_value(args, "config-dir");
	real = realpath(dir, NULL);
	if (!real)
		return fail(c, CTL_UNAVAILABLE, "there is no folder '%s': is %s installed here? --config-dir "
			"names another "
				"place", dir, server);
	s.dir = arena_strdup(c->arena, real);
	free(real);
	if (!mkdtemp(work))
		return fail(c, CTL_UNAVAILABLE, "cannot make a folder in '%s': %s", str_empty(tmp) ? "/tmp" : tmp,
				strerror(errno));
	s.work = work;
	s.changes = json_array();
	s.by_hand = json_array();
	fn(&s, args);
	if (arg_given(args, "undo")) {
		/* only where things are, and how to reload */
		json_array_clear(s.changes);
		json_array_clear(s.by_hand);
		s.files_n = 0;
		s.refusal = (struct err){ 0 };
	}
	code = finish(&s, args);
	json_decref(s.changes);
	json_decref(s.by_hand);
	setup_remove_tree(work);
	return code;
}

int cmd_setup_postfix(struct ctl *c, const struct args *args)
{
	struct err e;
	const char *dir = arg_value(args, "config-dir");

	if (!postconf_works(c->arena, dir, &e))
		return fail(c, CTL_UNAVAILABLE, "%s", e.text);
	return setup_run(c, args, "postfix", postconf_value(c->arena, dir, "config_directory"), setup_postfix);
}

int cmd_setup_sendmail(struct ctl *c, const struct args *args)
{
	return setup_run(c, args, "sendmail", "/etc/mail", setup_sendmail);
}

int cmd_setup_dovecot(struct ctl *c, const struct args *args)
{
	return setup_run(c, args, "dovecot", "/etc/dovecot", setup_dovecot);
}
