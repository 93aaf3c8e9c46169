/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl: finds the verb in the table, gets ready what it needs, runs it.
 */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/token.h"
#include "base/when.h"

static const struct command table[] = {
#define COMMAND(name, fn, need, options, words, min, max, help) \
	{ name, fn, NEED_##need, options, words, min, max, help },
#include "ctl/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof(table) / sizeof(table[0]) };

size_t commands(const struct command **out_r)
{
	*out_r = table;
	return COMMANDS;
}

/* ---- help ---- */

static void usage(FILE *f)
{
	fputs("usage: relentctl [-c FILE] [--json] COMMAND [ARGUMENT...] [--OPTION...]\n\n", f);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-26s %s\n", table[i].name, table[i].help);
	fputs("\n'relentctl COMMAND --help' tells more. Exit: 0 done, 1 refused or no, 2 usage, 3 unavailable.\n",
	      f);
}

static void print_option(struct ctl *c, const char *spec, const char *prefix, const char *meaning)
{
	size_t n = strlen(spec);
	bool takes = n && spec[n - 1] == '=';
	char *name = arena_strndup(c->arena, spec, takes ? n - 1 : n);

	for (char *p = name; *p; p++)
		if (*p == '_')
			*p = '-';
	printf("  --%s%s%s%s%s\n", prefix, name, takes ? " VALUE" : "", meaning ? "\t" : "",
	       meaning ? meaning : "");
}

static int help(struct ctl *c, const struct command *cmd)
{
	struct span rest = span_of(cmd->options), w;
	bool source_prefix = strstr(cmd->options, "@prospect") != NULL;
	const struct entity_column *cols;

	printf("usage: relentctl %s%s%s\n%s\n", cmd->name, *cmd->words ? " " : "", cmd->words, cmd->help);
	if (*cmd->options && *cmd->options != '*')
		puts("\noptions:");
	while (span_split(&rest, ' ', &w)) {
		const char *entity;

		if (w.n == 0 || *w.p == '*')
			continue;
		if (*w.p != '@') {
			print_option(c, span_dup(c->arena, w), "", NULL);
			continue;
		}
		entity = span_dup(c->arena, (struct span){ w.p + 1, w.n - 1 });
		for (size_t i = 0, n = store_columns(entity, &cols); i < n; i++)
			if (!str_eq(cols[i].name, "prospect_id"))
				print_option(c, arena_printf(c->arena, "%s=", cols[i].name),
					     str_eq(entity, "source") && source_prefix
					     && strncmp(cols[i].name, "source_", 7) != 0 ? "source-" : "",
					     cols[i].words ? cols[i].words : cols[i].meaning);
	}
	return CTL_DONE;
}

/* For completion: `name<TAB>--option --option ...`, a line each. */
static int list_commands(struct ctl *c)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		const char **names;
		size_t n = command_options(c->arena, &table[i], &names);

		printf("%s\t", table[i].name);
		for (size_t k = 0; k < n; k++)
			printf("%s--%.*s", k ? " " : "", (int)strcspn(names[k], "="), names[k]);
		putchar('\n');
	}
	return CTL_DONE;
}

/* ---- the verb ---- */

/* The longest row whose words begin argv; *used_r words of it. */
static const struct command *find(struct arena *a, int argc, char **argv, int *used_r)
{
	const struct command *best = NULL;

	*used_r = 0;
	for (size_t i = 0; i < COMMANDS; i++) {
		struct span rest = span_of(table[i].name), w;
		int k = 0;
		bool same = true;

		while (same && span_split(&rest, ' ', &w)) {
			same = k < argc && span_eq(w, argv[k]);
			k++;
		}
		if (same && k > *used_r) {
			best = &table[i];
			*used_r = k;
		}
	}
	(void)a;
	return best;
}

/* The verbs of one group, with what each does. */
static int help_group(const char *group)
{
	size_t len = strlen(group);

	printf("usage: relentctl %s VERB [ARGUMENT...] [--OPTION...]\n\n", group);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strncmp(table[i].name, group, len) == 0 && table[i].name[len] == ' ')
			printf("  %s%s%s\n      %s\n", table[i].name + len + 1, *table[i].words ? " " : "", table[i].words,
			       table[i].help);
	puts("\n'relentctl COMMAND --help' tells the options.");
	return CTL_DONE;
}

static int unknown_command(struct ctl *c, int argc, char **argv, bool want_help)
{
	const char *names[COMMANDS], *near;
	size_t n = 0;
	struct buf verbs;

	buf_init(&verbs, c->arena);
	for (size_t i = 0; i < COMMANDS; i++) {
		size_t len = strlen(argv[0]);

		names[n++] = table[i].name;
		if (strncmp(table[i].name, argv[0], len) == 0 && table[i].name[len] == ' ')
			buf_addf(&verbs, "%s%s", verbs.n ? ", " : "", table[i].name + len + 1);
	}
	if (verbs.n && argc < 2 && want_help)
		return help_group(argv[0]);
	if (verbs.n && (argc < 2 || argv[1][0] == '-'))
		return fail(c, CTL_USAGE, "'%s' wants one of: %s", argv[0], verbs.p);
	near = argc > 1 ? str_nearest(arena_printf(c->arena, "%s %s", argv[0], argv[1]), names, n) : NULL;
	if (verbs.n)
		return fail(c, CTL_USAGE, near ? "'%s' has no '%s': did you mean '%s'?"
			    : "'%s' has no '%s'", argv[0], argv[1], near);
	if (!near)
		near = str_nearest(argv[0], names, n);
	if (near)
		return fail(c, CTL_USAGE, "there is no command '%s': did you mean '%s'?", argv[0], near);
	return fail(c, CTL_USAGE, "there is no command '%s': 'relentctl --help' lists them", argv[0]);
}

/* ---- getting ready ---- */

static const char *who(struct arena *a)
{
	const char *sudo = getenv("SUDO_USER");
	struct passwd *pw = getpwuid(getuid());

	if (getuid() == 0 && !str_empty(sudo))
		return arena_printf(a, "cli:%s", sudo);
	return arena_printf(a, "cli:%s", pw ? pw->pw_name : "unknown");
}

static void conf_complaint(void *ctx, const char *file, int line, const char *sentence)
{
	struct ctl *c = ctx;

	if (line > 0)
		fail(c, 0, "%s:%d: %s", file, line, sentence);
	else
		fail(c, 0, "%s: %s", file, sentence);
}

static int get_ready(struct ctl *c, enum need need)
{
	struct store_options so;
	struct err e;
	enum status st;
	const char *keys;

	if (need == NEED_NOTHING)
		return CTL_DONE;
	if (conf_load(c->conf_path, conf_complaint, c, &c->conf, &e) != OK)
		return CTL_UNAVAILABLE;
	c->zone = conf_str(c->conf, "zone");
	if (need == NEED_CONF)
		return CTL_DONE;
	keys = conf_str(c->conf, "store.key_file");
	if (access(keys, F_OK) == 0) {
		st = token_keys_load(keys, &c->keys, &e);
		if (st)
			return fail_status(c, CONF, &e);
	}
	st = ctl_store_options(c, &so, &e);
	if (!st)
		st = store_open(&so, &c->store, &e);
	if (st) {
		if (so.path && str_eq(so.driver, "sqlite") && access(so.path, F_OK) != 0)
			return fail(c, CTL_UNAVAILABLE, "there is no store at '%s': 'relentctl store migrate' makes it",
				    so.path);
		fail_status(c, st, &e);
		return CTL_UNAVAILABLE;
	}
	return CTL_DONE;
}

/* Options that stand before or after the verb: -c, --json, --clock-file. They leave argv. */
static int global_options(struct ctl *c, int argc, char **argv, const char **clock_file_r, bool *help_r)
{
	int out = 0;
	bool rest = false;

	for (int i = 0; i < argc; i++) {
		const char *s = argv[i];

		if (rest || out == 0 ? false : str_eq(argv[0], "classify") && str_eq(s, "-")) {
			argv[out++] = argv[i];
		} else if (!rest && str_eq(s, "--")) {
			rest = true;
			argv[out++] = argv[i];
		} else if (!rest && str_eq(s, "--json")) {
			c->json = true;
		} else if (!rest && (str_eq(s, "--help") || str_eq(s, "-h"))) {
			*help_r = true;
		} else if (!rest && (str_eq(s, "-c") || str_eq(s, "--config") || str_eq(s, "--clock-file"))) {
			if (i + 1 == argc)
				return fail(c, -1, "%s wants a file name", s);
			if (s[1] == 'c' || s[3] == 'o')
				c->conf_path = argv[++i];
			else
				*clock_file_r = argv[++i];
		} else {
			argv[out++] = argv[i];
		}
	}
	return out;
}

static char report_word[] = "report", follow_up_word[] = "follow-up";
static char *first_report[] = { report_word, follow_up_word };

static int run(struct ctl *c, int argc, char **argv, bool want_help)
{
	const struct command *cmd;
	struct args args;
	struct err e;
	int used, code;

	if (argc == 0 || str_eq(argv[0], "help")) {
		usage(argc || want_help ? stdout : stderr);
		return argc || want_help ? CTL_DONE : CTL_USAGE;
	}
	if (str_eq(argv[0], "--version")) {
		puts("relentctl " PACKAGE_VERSION);
		return CTL_DONE;
	}
	if (str_eq(argv[0], "--list-commands"))
		return list_commands(c);
	if (argv[0][0] == '-')
		return fail(c, CTL_USAGE, "there is no option '%s' here: 'relentctl --help'", argv[0]);
	cmd = find(c->arena, argc, argv, &used);
	if (!cmd && str_eq(argv[0], "report") && (argc == 1 || argv[1][0] == '-')) {	/* the report that comes first */
		cmd = find(c->arena, 2, first_report, &used);
		used = 1;
	}
	if (!cmd)
		return unknown_command(c, argc, argv, want_help);
	if (want_help)
		return help(c, cmd);
	c->command = cmd;
	c->argc = argc - used;
	c->argv = argv + used;
	if (*cmd->options != '*' && !args_parse(c->arena, cmd, c->argc, c->argv, &args, &e))
		return fail(c, CTL_USAGE, "%s", e.text);
	if (*cmd->options == '*')
		args = (struct args){ .word = (const char **)c->argv, .n = (size_t)c->argc };
	code = get_ready(c, cmd->need);
	if (code)
		return code;
	code = cmd->fn(c, &args);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail(c, CTL_UNAVAILABLE, "the output could not be written");
	return code;
}

int main(int argc, char **argv)
{
	struct ctl c = { .arena = arena_new((size_t)1 << 32), .zone = "UTC" };
	const char *clock_file = NULL, *tz = getenv("TZ");
	bool want_help = false;
	struct err e;
	int code, n;

	log_open("relentctl", LOG_LEVEL_WARN);
	n = global_options(&c, argc - 1, argv + 1, &clock_file, &want_help);
	if (n < 0) {
		arena_free(c.arena);
		return CTL_USAGE;
	}
	if (!str_empty(tz) && when_zone_valid(tz))
		c.zone = tz;
	c.actor = who(c.arena);
	if (clock_new(clock_file, &c.clock, &e) != OK) {
		fail_status(&c, CONF, &e);
		return CTL_UNAVAILABLE;
	}
	c.now = clock_now(c.clock);
	code = run(&c, n, argv + 1, want_help);
	store_close(c.store);
	token_keys_free(c.keys);
	conf_free(c.conf);
	clock_free(c.clock);
	arena_free(c.arena);
	return code;
}
