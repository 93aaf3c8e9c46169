/* SPDX-License-Identifier: MPL-2.0
 *
 * The grammar of a definition, by libconfuse: every value comes out as text with its line; plan.c gives
 * it its meaning. libconfuse ends at the first unknown name, so an unknown name is reported, added to
 * the grammar, and the text is read again: everything wrong is said at once.
 */
#include "config.h"

#include "sequence/plan_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <confuse.h>

#include "base/arena.h"
#include "base/grammar.h"

/* Stands behind the text: whoever finds it inside something has lost a brace or a quotation mark. */
#define END_MARK "__end_of_definition"

enum { DUMMIES = 20, OPTIONS = 40, SECTIONS = 6 };

static const struct grammar {
	const char *section;
	const char *options[OPTIONS];
} grammar[SECTIONS] = {
	{ "", { "name", "purpose", "offer", "market", "buyer_role", "authority", "eligible", "requires",
		"max_touches", "pilot_size", "draft_ahead", "gap_days", "patience_days", "away_days",
		"not_now_days", "stops", "reply", "suppression", "review", "rules", "approved_claims" } },
	{ "window", { "days", "from", "to", "holidays" } },
	{ "caps", { "sender_per_day", "domain_per_day", "company_gap_days", "warm_up_start",
		    "warm_up_factor", "warm_up_ceiling" } },
	{ "breaker", { "complaint_pause", "complaint_stop", "bounce_warn", "bounce_pause",
		       "touches" } },
	{ "quality", { "max_words", "max_links", "max_questions", "personalisation", "complete" } },
	{ "step", { "day", "minutes", "channel", "job", "type", "template", "needs", "optional",
		    "new_thread" } },
};

struct reader {
	struct arena *arena;
	const char *text;
	struct plan_problems *problems;
	cfg_opt_t opts[SECTIONS][OPTIONS + DUMMIES + SECTIONS + 2];
	size_t opts_n[SECTIONS];
	struct plan_option *options;
	size_t n, room;
	int dummies;
	int lines;	/* of the text, without the mark */
	bool again;
};

/* libconfuse's callbacks carry no pointer of ours, and its scanner is global anyway. */
static struct reader *reader;

static int section_index(const cfg_t *cfg)
{
	for (int i = 1; i < SECTIONS; i++)
		if (str_eq(cfg->name, grammar[i].section))
			return i;
	return 0;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reader *r = reader;
	struct plan_option *o = r->n ? &r->options[r->n - 1] : NULL;

	*(const char **)result = value;
	if (!o || opt->nvalues <= 1 || o->owner != cfg || !str_eq(o->name, opt->name)) {
		if (r->n == r->room) {
			struct plan_option *more = arena_array(r->arena, struct plan_option,
							       r->room = r->room ? r->room * 2 : 64);

			if (r->n)
				memcpy(more, r->options, r->n * sizeof(*more));
			r->options = more;
		}
		o = &r->options[r->n++];
		*o = (struct plan_option){ .name = arena_strdup(r->arena, opt->name), .line = cfg->line,
					   .owner = cfg };
	}
	if (o->n == o->room) {
		const char **more = arena_array(r->arena, const char *, o->room = o->room ? o->room * 2 : 4);

		if (o->n)
			memcpy(more, o->values, o->n * sizeof(*more));
		o->values = more;
	}
	o->values[o->n++] = arena_strdup(r->arena, value);
	return 0;
}

static void add(struct reader *r, int section, cfg_opt_t o)
{
	assert(r->opts_n[section] + 1 < sizeof(r->opts[0]) / sizeof(r->opts[0][0]));
	r->opts[section][r->opts_n[section]++] = o;
	r->opts[section][r->opts_n[section]] = (cfg_opt_t)CFG_END();
}

static void build(struct reader *r)
{
	for (int i = SECTIONS - 1; i >= 0; i--)
		for (size_t k = 0; k < OPTIONS && grammar[i].options[k]; k++)
			add(r, i, (cfg_opt_t)CFG_STR_LIST_CB(grammar[i].options[k], NULL, CFGF_NODEFAULT, on_value));
	for (int i = 1; i < SECTIONS; i++)
		add(r, 0, (cfg_opt_t)CFG_SEC(grammar[i].section, r->opts[i], CFGF_MULTI));
	add(r, 0, (cfg_opt_t)CFG_STR(END_MARK, NULL, CFGF_NODEFAULT));
}

static void unknown(struct reader *r, cfg_t *cfg, const char *name)
{
	const char *names[OPTIONS + SECTIONS];
	size_t n = 0;
	int section = section_index(cfg);
	const char *where = section ? arena_printf(r->arena, " in '%s'", grammar[section].section) : "";
	const char *near;

	for (size_t k = 0; k < OPTIONS && grammar[section].options[k]; k++)
		names[n++] = grammar[section].options[k];
	for (int i = 1; i < SECTIONS && !section; i++)
		names[n++] = grammar[i].section;
	near = str_nearest(name, names, n);
	if (section && str_eq(name, grammar[section].section))
		plan_problem(r->problems, cfg->line, "the '%s' before this one is not closed with '}'", name);
	else if (near)
		plan_problem(r->problems, cfg->line, "there is no option '%s'%s: did you mean '%s'?", name,
			     where, near);
	else
		plan_problem(r->problems, cfg->line, "there is no option '%s'%s", name, where);
	if (r->dummies++ >= DUMMIES)
		return;
	add(r, section, (cfg_opt_t)CFG_STR_LIST_CB(arena_strdup(r->arena, name), NULL, CFGF_NODEFAULT,
						   on_value));
	r->again = true;
}

static bool is_dummy(int section, const char *name)
{
	for (size_t k = 0; k < OPTIONS && grammar[section].options[k]; k++)
		if (str_eq(name, grammar[section].options[k]))
			return false;
	return true;
}

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct reader *r = reader;
	char text[300], name[200];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (cfg->line > r->lines) {
		int section = section_index(cfg);

		plan_problem(r->problems, r->lines, "it ends inside a%s%s%s: is a } or \" missing?",
			     section ? " '" : " value", section ? grammar[section].section : "",
			     section ? "'" : "");
		return;
	}
	if (sscanf(text, "no such option '%199[^']'", name) == 1)
		unknown(r, cfg, name);
	else if (sscanf(text, "missing equal sign after option '%199[^']'", name) != 1
		 || !is_dummy(section_index(cfg), name))	/* an unknown section: said already */
		plan_problem(r->problems, cfg->line, "%s", text);
}

/* libconfuse remembers the end of a section: the line that opens it is looked for upwards. */
static int opening_line(const char *text, const char *name, int line)
{
	struct span rest = span_of(text), l;
	int number = 0, found = line;

	while (number < line && span_line(&rest, &l)) {
		number++;
		l = span_trim(l);
		if (span_starts_case(l, name) && l.n > strlen(name)
		    && strchr(" \t{", l.p[strlen(name)]))
			found = number;
	}
	return found;
}

static struct plan_section *collect(struct reader *r, cfg_t *root, size_t *n_r)
{
	size_t n = 1, max = 1;
	struct plan_section *list;

	for (int i = 1; i < SECTIONS; i++)
		max += cfg_size(root, grammar[i].section);
	list = arena_array(r->arena, struct plan_section, max);
	list[0] = (struct plan_section){ .name = "", .line = 1 };
	for (int i = 1; i < SECTIONS; i++)
		for (unsigned k = 0; k < cfg_size(root, grammar[i].section); k++)
			list[n++] = (struct plan_section){ .name = grammar[i].section };
	for (size_t i = 0; i < n; i++)
		list[i].options = arena_array(r->arena, struct plan_option, r->n + 1);
	for (size_t o = 0; o < r->n; o++) {
		size_t at = 0;

		for (int i = 1, index = 1; i < SECTIONS; i++)
			for (unsigned k = 0; k < cfg_size(root, grammar[i].section); k++, index++)
				if (r->options[o].owner == cfg_getnsec(root, grammar[i].section, k))
					at = (size_t)index;
		if (plan_option(&list[at], r->options[o].name))
			plan_problem(r->problems, r->options[o].line, "%s is set twice", r->options[o].name);
		list[at].options[list[at].n++] = r->options[o];
	}
	for (int i = 1, index = 1; i < SECTIONS; i++)
		for (unsigned k = 0; k < cfg_size(root, grammar[i].section); k++, index++)
			list[index].line = opening_line(r->text, list[index].name, list[index].n
				? list[index].options[0].line : cfg_getnsec(root, grammar[i].section, k)->line);
	*n_r = n;
	return list;
}

struct plan_option *plan_option(const struct plan_section *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->options[i].name, name))
			return &s->options[i];
	return NULL;
}

bool plan_read(struct arena *a, const char *text, struct plan_section **out_r, size_t *n_r,
	       struct plan_problems *problems)
{
	struct reader *r = arena_new_of(a, struct reader);
	char *bare = arena_strdup(a, text);
	cfg_t *root;
	int rc;

	grammar_blank_comments(bare);
	text = bare;
	*r = (struct reader){ .arena = a, .text = text, .problems = problems, .lines = 1 };
	for (const char *p = text; *p; p++)
		r->lines += *p == '\n' && p[1];
	grammar_lock();
	reader = r;
	build(r);
	do {
		r->again = false;
		r->n = 0;
		root = cfg_init(r->opts[0], CFGF_NONE);
		cfg_set_error_function(root, on_error);
		rc = cfg_parse_buf(root, arena_printf(a, "%s\n%s = 1\n", text, END_MARK));
		if (r->again)
			cfg_free(root);
	} while (r->again);
	if (rc != CFG_SUCCESS && !problems->n)	/* its scanner gives up without a word */
		plan_problem(problems, root->line, "it cannot be read from here on");
	if (rc == CFG_SUCCESS)
		*out_r = collect(r, root, n_r);
	cfg_free(root);
	reader = NULL;
	grammar_unlock();
	return rc == CFG_SUCCESS;
}
