/* SPDX-License-Identifier: MPL-2.0
 *
 * The grammar of relent.conf: libconfuse reads tokens, lists and sections; every value comes out as
 * text with its file and line, and settings.c gives it its type.
 *
 * libconfuse ends at the first unknown name. So that an administrator sees every mistake at once, an
 * unknown name is noted, added to the grammar as a dummy, and the text is read again.
 * An included file is read after the file that includes it; what it sets wins.
 */
#include "config.h"

#include "conf/settings_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <confuse.h>

#include "base/arena.h"
#include "base/grammar.h"
#include "base/str.h"

enum { DUMMIES = 40, INCLUDES = CONF_FILES, FILE_MAX = 4 * 1024 * 1024 };

/* Stands behind the text: libconfuse takes the end of the file for a closing brace. */
#define END_MARK "__end_of_file"

/* One value as it stands in the file. */
struct capture {
	const char *section, *title, *option;	/* title NULL: not a titled section */
	const char **values;
	size_t n, room;
	int line;
};

struct grammar_section {
	const char *name;		/* "" the top level */
	bool dummy, titled;
	cfg_opt_t *opts;
	size_t n, room;
};

struct include {
	const char *path, *from;
	int line;
};

struct parser {
	struct conf *c;
	struct arena *arena;
	struct conf_reporter *r;
	const char *file;
	struct grammar_section *sections;
	size_t sections_n, sections_room;
	struct capture *captures;
	size_t captures_n, captures_room;
	struct include includes[INCLUDES];
	size_t includes_n;
	int dummies;
	int lines;			/* of the file; END_MARK stands behind them */
	bool again;			/* a dummy was added: read the text once more */
};

/* libconfuse's callbacks carry no pointer of ours, and its scanner is global anyway. */
static struct parser *parser;

static const char *section_name(const cfg_t *cfg)
{
	return str_eq(cfg->name, "root") ? "" : cfg->name;
}

static struct grammar_section *find_section(const char *name)
{
	for (size_t i = 0; i < parser->sections_n; i++)
		if (str_eq(parser->sections[i].name, name))
			return &parser->sections[i];
	return NULL;
}

/* ---- values ---- */

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct parser *p = parser;
	struct grammar_section *g = find_section(section_name(cfg));
	struct capture *c = p->captures_n ? &p->captures[p->captures_n - 1] : NULL;

	*(const char **)result = value;
	if (!g || g->dummy)
		return 0;
	if (opt->nvalues <= 1 || !c || !str_eq(c->option, opt->name)
	    || !str_eq(c->section, g->name) || !str_eq(c->title, cfg->title)) {
		if (p->captures_n == p->captures_room) {
			struct capture *more;

			p->captures_room = p->captures_room ? p->captures_room * 2 : 64;
			more = arena_array(p->arena, struct capture, p->captures_room);
			if (p->captures_n)
				memcpy(more, p->captures, p->captures_n * sizeof(*more));
			p->captures = more;
		}
		c = &p->captures[p->captures_n++];
		*c = (struct capture){
			.section = g->name, .title = arena_strdup(p->arena, cfg->title),
			.option = arena_strdup(p->arena, opt->name), .line = cfg->line,
		};
	}
	if (c->n == c->room) {
		const char **more;

		c->room = c->room ? c->room * 2 : 4;
		more = arena_array(p->arena, const char *, c->room);
		if (c->n)
			memcpy(more, c->values, c->n * sizeof(*more));
		c->values = more;
	}
	c->values[c->n++] = arena_strdup(p->arena, value);
	return 0;
}

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	struct parser *p = parser;
	const char *slash = strrchr(p->file, '/');

	(void)opt;
	if (argc != 1 || str_empty(argv[0])) {
		conf_problem(p->r, p->file, cfg->line, "include wants one file name: include(\"local.conf\")");
		return 0;
	}
	if (p->includes_n == INCLUDES) {
		conf_problem(p->r, p->file, cfg->line, "more than %d files are included", INCLUDES);
		return 0;
	}
	p->includes[p->includes_n++] = (struct include){
		.path = argv[0][0] == '/' || !slash ? arena_strdup(p->arena, argv[0])
			: arena_printf(p->arena, "%.*s/%s", (int)(slash - p->file), p->file, argv[0]),
		.from = p->file, .line = cfg->line,
	};
	return 0;
}

/* ---- grammar ---- */

static void add_opt(struct grammar_section *g, cfg_opt_t o)
{
	assert(g->n + 1 < g->room);
	g->opts[g->n++] = o;
	g->opts[g->n] = (cfg_opt_t)CFG_END();
}

static struct grammar_section *add_section(const char *name, bool dummy)
{
	struct parser *p = parser;
	const struct setting_row *rows;
	size_t n = setting_rows(&rows);
	struct grammar_section *g = &p->sections[p->sections_n++];

	assert(p->sections_n <= p->sections_room);
	*g = (struct grammar_section){ .name = name, .dummy = dummy,
				       .titled = section_is_titled(name), .room = n + DUMMIES + 32 };
	g->opts = arena_array(p->arena, cfg_opt_t, g->room);
	g->opts[0] = (cfg_opt_t)CFG_END();
	if (!dummy)
		for (size_t i = 0; i < n; i++)
			if (str_eq(rows[i].section, name))
				add_opt(g, (cfg_opt_t)CFG_STR_LIST_CB(rows[i].option, NULL, CFGF_NODEFAULT,
								      on_value));
	return g;
}

static void build_grammar(void)
{
	const struct setting_row *rows;
	size_t n = setting_rows(&rows);
	struct grammar_section *root;

	parser->sections_room = n + DUMMIES + 2;
	parser->sections = arena_array(parser->arena, struct grammar_section, parser->sections_room);
	root = add_section("", false);
	add_opt(root, (cfg_opt_t)CFG_FUNC("include", on_include));
	add_opt(root, (cfg_opt_t)CFG_STR(END_MARK, NULL, CFGF_NODEFAULT));
	for (size_t i = 0; i < n; i++) {
		struct grammar_section *g = find_section(rows[i].section);

		if (g)
			continue;
		g = add_section(rows[i].section, false);
		add_opt(root, (cfg_opt_t)CFG_SEC(g->name, g->opts, g->titled
			? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE));
	}
}

/* "did you mean" for an option of section g that is not there */
static void unknown_option(const struct grammar_section *g, const char *name, int line)
{
	struct parser *p = parser;
	const struct setting_row *rows;
	size_t n = setting_rows(&rows), names_n = 0;
	const char **names = arena_array(p->arena, const char *, n + 64), *near, *elsewhere = NULL;
	const char *where = *g->name ? arena_printf(p->arena, " in section '%s'", g->name) : "";

	for (size_t i = 0; i < g->n; i++)
		if (!str_eq(g->opts[i].name, END_MARK))
			names[names_n++] = g->opts[i].name;
	near = str_nearest(name, names, names_n);
	for (size_t i = 0; i < n && !elsewhere; i++)
		if (str_eq(rows[i].option, name))
			elsewhere = rows[i].s.name;
	if (near)
		conf_problem(p->r, p->file, line, "there is no option '%s'%s: did you mean '%s'?", name, where,
			     near);
	else if (elsewhere)
		conf_problem(p->r, p->file, line, "there is no option '%s'%s: do you mean '%s'?", name, where,
			     elsewhere);
	else
		conf_problem(p->r, p->file, line, "there is no option '%s'%s", name, where);
}

static void add_dummy(struct grammar_section *g, const char *name)
{
	if (parser->dummies++ >= DUMMIES)
		return;
	add_opt(g, (cfg_opt_t)CFG_STR_LIST_CB(arena_strdup(parser->arena, name), NULL, CFGF_NODEFAULT,
					      on_value));
	parser->again = true;
}

/* The dummy turned out to be a section: `nam {` or `nam "title" {`. */
static bool dummy_is_section(struct grammar_section *g, const char *name, bool titled)
{
	const struct setting_row *rows;
	size_t n = setting_rows(&rows);
	struct grammar_section *sub = find_section(name);

	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].section, g->name) && str_eq(rows[i].option, name))
			return false;
	for (size_t i = 0; i < g->n; i++) {
		cfg_opt_t *o = &g->opts[i];

		if (!str_eq(o->name, name))
			continue;
		/* one that holds itself, by however many steps, would have no end */
		if (sub && (!sub->dummy || g->dummy))
			return false;
		if (!sub)
			sub = add_section(o->name, true);
		if (titled && sub->titled)
			return false;
		sub->titled = titled;
		*o = (cfg_opt_t)CFG_SEC(o->name, sub->opts, CFGF_MULTI | (titled ? CFGF_TITLE : 0));
		return parser->again = parser->dummies++ < DUMMIES;
	}
	return false;
}

static bool is_option(const struct grammar_section *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->opts[i].name, name))
			return true;
	return false;
}

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct parser *p = parser;
	struct grammar_section *g = find_section(section_name(cfg));
	char text[300], name[200];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (cfg->line > p->lines && !strstr(text, "duplicate")) {
		bool in_section = strstr(text, END_MARK) && g && *g->name;

		conf_problem(p->r, p->file, p->lines, "the file ends inside %s%s: is a } or \" missing?",
			     in_section ? "section " : "a value", in_section ? g->name : "");
		return;
	}
	if (g && sscanf(text, "no such option '%199[^']'", name) == 1 && !is_option(g, name)) {
		if (!g->dummy)
			unknown_option(g, name, cfg->line);
		add_dummy(g, name);
		return;
	}
	if (g && sscanf(text, "missing equal sign after option '%199[^']'", name) == 1
	    && dummy_is_section(g, name, false))
		return;
	if (g && sscanf(text, "missing opening brace for section '%199[^']'", name) == 1
	    && dummy_is_section(g, name, true))
		return;
	conf_problem(p->r, p->file, cfg->line, "%s", text);
}

/* ---- one file ---- */

static char *read_file(struct arena *a, const char *path, size_t *n_r, int *errno_r)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	size_t room;
	char *text;

	*errno_r = errno;
	if (!f)
		return NULL;
	*errno_r = 0;
	if (fstat(fileno(f), &st) != 0)
		*errno_r = errno;
	else if (S_ISDIR(st.st_mode))
		*errno_r = EISDIR;
	else if (st.st_size > FILE_MAX)
		*errno_r = EFBIG;
	if (*errno_r) {
		fclose(f);
		return NULL;
	}
	room = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : FILE_MAX;
	text = arena_alloc(a, room + 64);
	*n_r = fread(text, 1, room, f);
	if (ferror(f))
		*errno_r = errno;
	fclose(f);
	text[*n_r] = '\0';
	grammar_blank_comments(text);
	memcpy(text + *n_r, "\n" END_MARK "=1\n", sizeof("\n" END_MARK "=1\n"));
	return *errno_r ? NULL : text;
}

static void apply(struct conf *c, const struct capture *cap)
{
	struct parser *p = parser;
	const char *name = *cap->section ? arena_printf(p->arena, "%s.%s", cap->section, cap->option)
					 : cap->option;
	struct slot *s;

	if (cap->title)
		s = block_slot(conf_block(c, cap->section, cap->title), cap->option);
	else
		s = conf_slot(c, name);
	if (!s)
		return;	/* a dummy's: reported already */
	if (s->file && str_eq(s->file, p->file)) {
		conf_problem(p->r, p->file, cap->line, "%s is set twice (first in line %d)", name, s->line);
		return;
	}
	slot_set(c, s, cap->values, cap->n, p->file, cap->line, p->r);
}

/* `x = {}` makes no callback; a titled section may be empty. */
static void sections_of(struct conf *c, cfg_t *root)
{
	struct parser *p = parser;

	for (size_t i = 0; i < p->sections_n; i++) {
		const struct grammar_section *g = &p->sections[i];

		if (!g->titled || g->dummy)
			continue;
		for (unsigned k = 0; k < cfg_size(root, g->name); k++) {
			cfg_t *sec = cfg_getnsec(root, g->name, k);
			struct block *b = conf_block(c, g->name, cfg_title(sec));

			if (b) {
				conf_problem(p->r, p->file, sec->line, "%s \"%s\" is there already (%s:%d)", g->name,
					     b->title, b->file, b->line);
				continue;
			}
			b = conf_block_new(c, g->name, cfg_title(sec));
			b->file = p->file;
			b->line = sec->line;
		}
	}
}

/* A section has no line of its own: that of its first option. */
static void lines_of(struct conf *c)
{
	struct parser *p = parser;

	for (size_t n = p->captures_n; n-- > 0;) {
		const struct capture *cap = &p->captures[n];
		struct block *b = cap->title ? conf_block(c, cap->section, cap->title) : NULL;

		if (b && str_eq(b->file, p->file))
			b->line = cap->line;
	}
}

static void empty_lists(struct conf *c, cfg_t *root)
{
	for (size_t i = 0; i < c->slots_n; i++) {
		const struct setting_row *row = c->slots[i].row;
		cfg_t *sec;
		cfg_opt_t *o;

		if (row->type != TYPE_LIST || section_is_titled(row->section))
			continue;
		sec = *row->section ? cfg_getsec(root, row->section) : root;
		o = sec ? cfg_getopt(sec, row->option) : NULL;
		if (o && (o->flags & CFGF_MODIFIED) && cfg_opt_size(o) == 0)
			slot_set(c, &c->slots[i], NULL, 0, parser->file, sec->line, parser->r);
	}
}

static void parse_text(struct conf *c, char *text)
{
	struct parser *p = parser;
	cfg_t *root;
	int rc;

	build_grammar();
	do {
		p->again = false;
		p->captures_n = 0;
		p->includes_n = 0;
		root = cfg_init(find_section("")->opts, CFGF_NONE);
		cfg_set_error_function(root, on_error);
		rc = cfg_parse_buf(root, text);
		if (p->again)
			cfg_free(root);
	} while (p->again);
	if (rc != CFG_SUCCESS && !p->r->n)	/* its scanner gives up without a word */
		conf_problem(p->r, p->file, root->line, "it cannot be read from here on");
	if (rc == CFG_SUCCESS) {
		sections_of(c, root);
		lines_of(c);
		for (size_t i = 0; i < p->captures_n; i++)
			apply(c, &p->captures[i]);
		empty_lists(c, root);
	}
	cfg_free(root);
}

static void parse_file(struct conf *c, const char *path, const struct include *by,
		       bool may_be_missing, struct conf_reporter *r)
{
	struct parser p = { .c = c, .arena = c->arena, .r = r };
	size_t n;
	int error;
	char *text;

	for (size_t i = 0; i < c->files_n; i++)
		if (str_eq(c->files[i], path)) {
			conf_problem(r, by->from, by->line, "'%s' is included already", path);
			return;
		}
	if (c->files_n == INCLUDES) {
		conf_problem(r, by->from, by->line, "more than %d files are included", INCLUDES);
		return;
	}
	text = read_file(c->arena, path, &n, &error);
	if (!text) {
		if (may_be_missing && error == ENOENT)
			return;
		if (by)
			conf_problem(r, by->from, by->line, "cannot read the included '%s': %s", path,
				     strerror(error));
		else
			conf_problem(r, path, 0, "cannot read it: %s", strerror(error));
		return;
	}
	p.file = arena_strdup(c->arena, path);
	c->files[c->files_n++] = p.file;
	if (!by)
		c->path = p.file;
	if (memchr(text, '\0', n)) {
		conf_problem(r, path, 0, "it is not a text file: it contains a zero byte");
		return;
	}
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		memset(text, ' ', 3);
	p.lines = 1;
	for (size_t i = 0; i + 1 < n; i++)
		p.lines += text[i] == '\n';
	parser = &p;
	parse_text(c, text);
	parser = NULL;
	for (size_t i = 0; i < p.includes_n; i++)
		parse_file(c, p.includes[i].path, &p.includes[i], false, r);
}

enum status conf_read(struct conf *c, const char *path, bool may_be_missing, struct conf_reporter *r)
{
	grammar_lock();
	parse_file(c, path, NULL, may_be_missing, r);
	grammar_unlock();
	return r->n ? CONF : OK;
}
