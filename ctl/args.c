/* SPDX-License-Identifier: MPL-2.0
 *
 * Arguments of a command, by the option string of its row in commands.def.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

const char *arg_value(const struct args *args, const char *name)
{
	for (size_t i = args->options_n; i-- > 0;)
		if (str_eq(args->options[i].name, name))
			return args->options[i].value ? args->options[i].value : "";
	return NULL;
}

bool arg_given(const struct args *args, const char *name)
{
	return arg_value(args, name) != NULL;
}

/* "first_name" as an option reads --first-name; with a prefix "url" reads --source-url. */
static const char *dashed(struct arena *a, const char *prefix, const char *name)
{
	bool doubled = *prefix && strncmp(name, "source_", 7) == 0;
	char *s = arena_printf(a, "%s%s", doubled ? "" : prefix, name);

	for (char *p = s; *p; p++)
		if (*p == '_')
			*p = '-';
	return s;
}

static bool column_is_option(const char *name)
{
	static const char *const own[] = { "id", "created", "updated", "prospect_id" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(name, own[i]))
			return false;
	return true;
}

size_t command_options(struct arena *a, const struct command *cmd, const char ***out_r)
{
	struct span rest = span_of(cmd->options), w;
	const struct entity_column *cols;
	const char **list;
	size_t n = 0, room = 16;

	list = arena_array(a, const char *, 256);
	(void)room;
	while (span_split(&rest, ' ', &w)) {
		const char *prefix = "", *entity;

		if (w.n == 0)
			continue;
		if (*w.p == '*')
			continue;
		if (*w.p != '@') {
			list[n++] = span_dup(a, w);
			continue;
		}
		entity = span_dup(a, (struct span){ w.p + 1, w.n - 1 });
		if (str_eq(entity, "source") && strstr(cmd->options, "@prospect"))
			prefix = "source-";
		for (size_t i = 0, cn = store_columns(entity, &cols); i < cn && n < 250; i++)
			if (column_is_option(cols[i].name))
				list[n++] = arena_printf(a, "%s=", dashed(a, prefix, cols[i].name));
	}
	*out_r = list;
	return n;
}

static bool add_option(struct arena *a, const struct command *cmd, const char **names, size_t n,
		       const char *word, const char *next, bool *used_next_r,
		       struct arg_option *out_r, struct err *e)
{
	const char *eq = strchr(word, '='), *near;
	char *name = eq ? arena_strndup(a, word, (size_t)(eq - word)) : arena_strdup(a, word);
	const char **plain = arena_array(a, const char *, n + 1);
	size_t len = strlen(name);

	for (char *p = name; *p; p++)
		if (*p == '_')
			*p = '-';
	*used_next_r = false;
	for (size_t i = 0; i < n; i++) {
		bool takes = names[i][strlen(names[i]) - 1] == '=';

		plain[i] = takes ? arena_strndup(a, names[i], strlen(names[i]) - 1) : names[i];
		if (strncmp(plain[i], name, len) != 0 || plain[i][len])
			continue;
		*out_r = (struct arg_option){ .name = name, .value = eq ? eq + 1 : NULL };
		if (!takes && eq)
			return err_set(e, INPUT, "--%s takes no value", name), false;
		if (takes && !eq) {
			if (!next)
				return err_set(e, INPUT, "--%s wants a value", name), false;
			out_r->value = next;
			*used_next_r = true;
		}
		return true;
	}
	near = str_nearest(name, plain, n);
	if (near)
		err_set(e, INPUT, "'%s' has no option --%s: did you mean --%s?", cmd->name, name, near);
	else
		err_set(e, INPUT, "'%s' has no option --%s: see 'relentctl %s --help'", cmd->name, name,
			cmd->name);
	return false;
}

/* A word beyond the last argument that reads `role=CEO`: an option without its dashes. */
static bool is_assignment(struct arena *a, const struct command *cmd, const char **names, size_t n,
			  const char *word)
{
	const char *eq = strchr(word, '=');
	struct arg_option ignored;
	bool used;

	return eq && eq > word && strchr(cmd->options, '@')
		&& add_option(a, cmd, names, n, word, NULL, &used, &ignored, NULL);
}

bool args_parse(struct arena *a, const struct command *cmd, int argc, char **argv, struct args *out_r,
		struct err *e)
{
	const char **names;
	size_t names_n = command_options(a, cmd, &names);
	struct arg_option *options = arena_array(a, struct arg_option, argc + 1);
	bool used, words_only = false;

	*out_r = (struct args){ .word = arena_array(a, const char *, argc + 1), .options = options };
	for (int i = 0; i < argc; i++) {
		if (!words_only && (int)out_r->n == cmd->max && is_assignment(a, cmd, names, names_n, argv[i])) {
			add_option(a, cmd, names, names_n, argv[i], NULL, &used, &options[out_r->options_n++], e);
		} else if (words_only || strncmp(argv[i], "--", 2) != 0) {
			if (!words_only && argv[i][0] == '-' && argv[i][1])
				return err_set(e, INPUT, "there is no option %s: options begin with --",
					       argv[i]), false;
			out_r->word[out_r->n++] = argv[i];
		} else if (argv[i][2] == '\0') {
			words_only = true;
		} else if (!add_option(a, cmd, names, names_n, argv[i] + 2, i + 1 < argc ? argv[i + 1] : NULL,
				       &used, &options[out_r->options_n], e)) {
			return false;
		} else {
			out_r->options_n++;
			i += used;
		}
	}
	for (size_t i = 0; i < out_r->n; i++)
		if (!str_is_utf8(out_r->word[i], strlen(out_r->word[i])))
			return err_set(e, INPUT, "an argument is not valid UTF-8"), false;
	for (size_t i = 0; i < out_r->options_n; i++)
		if (options[i].value && !str_is_utf8(options[i].value, strlen(options[i].value)))
			return err_set(e, INPUT, "the value of --%s is not valid UTF-8", options[i].name), false;
	if ((int)out_r->n < cmd->min)
		return err_set(e, INPUT, "too few arguments: relentctl %s %s", cmd->name, cmd->words), false;
	if (cmd->max >= 0 && (int)out_r->n > cmd->max)
		return err_set(e, INPUT, "'%s' is one argument too many: relentctl %s %s",
			       out_r->word[cmd->max], cmd->name, cmd->words), false;
	return true;
}

size_t args_fields(struct ctl *c, const struct args *args, const char *entity, const char *prefix,
		   struct field **out_r)
{
	const struct entity_column *cols;
	size_t n = store_columns(entity, &cols), out = 0;

	*out_r = arena_array(c->arena, struct field, n + 8);
	for (size_t i = 0; i < n; i++) {
		const char *v;

		if (!column_is_option(cols[i].name))
			continue;
		v = arg_value(args, dashed(c->arena, prefix, cols[i].name));
		if (!v)
			continue;
		(*out_r)[out++] = (struct field){ cols[i].name, *v ? v : NULL };
	}
	return out;
}

bool args_time(struct ctl *c, const char *text, time_t *out_r)
{
	int64_t seconds;
	const char *d = *text == '+' ? text + 1 : text;

	if (str_eq_case(text, "now"))
		return *out_r = c->now, true;
	if (str_eq_case(text, "today") || str_eq_case(text, "tomorrow")) {
		struct civil w = when_civil(c->now, c->zone);

		*out_r = when_utc(date_add_days(w.date, str_eq_case(text, "tomorrow")), 0, 0, c->zone);
		return true;
	}
	if (strspn(d, "0123456789") > 0 && strlen(d) <= 8 && strpbrk(d, "smhdw")
	    && str_duration(d, &seconds)) {
		*out_r = c->now + seconds;
		return true;
	}
	return when_parse(text, c->zone, out_r);
}
