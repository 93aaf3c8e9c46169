/* SPDX-License-Identifier: MPL-2.0
 *
 * All that a reload replaces: configuration, texts, phrases. Loaded whole or not at all.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"
#include "policy/command.h"
#include "policy/settings.h"

#include <stdlib.h>
#include <unistd.h>

static enum status load_phrases(struct settings *s, struct err *e)
{
	static const char *const dirs[] = { "phrases", "bounces", "away" };
	struct arena *a = arena_new(0);
	struct data_file *all = NULL;
	size_t n = 0;
	enum status st = OK;

	for (size_t d = 0; st == OK && d < sizeof(dirs) / sizeof(*dirs); d++) {
		const struct conf_file *f;
		struct data_file *more;
		size_t fn;

		st = conf_data_files(a, s->conf, dirs[d], &f, &fn, e);
		if (st != OK)
			break;
		more = arena_array(a, struct data_file, n + fn);
		for (size_t i = 0; i < n; i++)
			more[i] = all[i];
		for (size_t i = 0; i < fn; i++)
			more[n++] = (struct data_file){ f[i].name, f[i].text, f[i].n };
		all = more;
	}
	if (st == OK)
		st = phrases_load(all, n, &s->phrases, e);
	arena_free(a);
	return st;
}

static enum status load_commands(struct settings *s, struct err *e)
{
	struct arena *a = arena_new(0);
	const struct conf_file *f;
	size_t n = 0;
	enum status st = conf_data_files(a, s->conf, "commands", &f, &n, e);

	for (size_t i = 0; st == OK && i < n; i++)
		st = command_words_parse(f[i].name, f[i].text, &s->commands, e);
	if (st == OK && !s->commands)	/* the names of the verbs are known without any file */
		st = command_words_parse("commands", "", &s->commands, e);
	arena_free(a);
	return st;
}

static const char *host_name(struct settings *s)
{
	const char *set = conf_str(s->conf, "hostname");
	char name[256];

	if (*set)
		return set;
	if (gethostname(name, sizeof(name)) != 0)
		return "localhost";
	name[sizeof(name) - 1] = '\0';
	return arena_strdup(s->arena, name);
}

static void load_values(struct settings *s)
{
	const struct conf *c = s->conf;

	s->control = conf_str(c, "control.address");
	s->web_url = conf_str(c, "web.url");
	s->hostname = host_name(s);
	s->enrol_source = conf_str(c, "control.enrol_source");
	s->enrol_permission = conf_str(c, "control.enrol_permission");
	s->body_bytes = (size_t)conf_int(c, "milter.body_bytes");
	s->decide_within = conf_int(c, "milter.decide_within") * 1000;
	s->everybody = conf_bool(c, "milter.everybody");
	s->trusted_senders = conf_bool(c, "milter.trusted_senders");
	policy_settings_load(s->arena, c, s->texts, &s->policy);
}

enum status settings_load(const char *conf_path, struct settings **out_r, struct err *e)
{
	struct arena *a = arena_new(0);
	struct settings *s = arena_new_of(a, struct settings);
	enum status st;

	s->arena = a;
	atomic_init(&s->refs, 1);
	st = conf_load(conf_path, NULL, NULL, &s->conf, e);
	if (st == OK)
		st = policy_texts_load(a, s->conf, &s->texts, e);
	if (st == OK)
		st = load_phrases(s, e);
	if (st == OK)
		st = load_commands(s, e);
	if (st != OK) {
		settings_unref(s);
		return st;
	}
	load_values(s);
	*out_r = s;
	return OK;
}

bool settings_local(const struct settings *s, const char *domain)
{
	const char *const *domains;
	size_t n = conf_list(s->conf, "own_domains", &domains);

	if (*domain == '[' || !strchr(domain, '.') || str_eq_case(domain, conf_str(s->conf, "hostname")))
		return true;
	for (size_t i = 0; i < n; i++) {
		size_t own = strlen(domains[i]), len = strlen(domain);

		if (len >= own && str_eq_case(domain + len - own, domains[i]) &&
		    (len == own || domain[len - own - 1] == '.'))
			return true;
	}
	return false;
}

bool settings_inside(const struct settings *s, const char *address)
{
	const char *at = strrchr(address, '@'), *const *domains;
	size_t n = conf_list(s->conf, "own_domains", &domains);

	if (str_eq_case(conf_str(s->conf, "administrator"), address))
		return true;
	for (size_t i = 0; at && i < n; i++) {
		if (str_eq_case(domains[i], at + 1))
			return true;
	}
	return false;
}

void settings_unref(struct settings *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	phrases_free(s->phrases);
	command_words_free(s->commands);
	refusals_free(s->texts);
	conf_free(s->conf);
	arena_free(s->arena);
}
