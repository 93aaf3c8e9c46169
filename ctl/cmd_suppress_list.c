/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl suppress import|export: whole lists, as CSV. What is exported is imported again unchanged; a list of
 * bare addresses will do.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/when.h"

enum column { SUBJECT, REASON, EVIDENCE, KIND, SCOPE, ARG, EXPIRES, COLUMNS };
enum { CELLS = 16, AT_ONCE = 100, FILE_MAX = 512 * 1024 * 1024 };

struct list {
	struct ctl *c;
	const struct args *args;
	const char *file;
	struct arena *row;		/* of the line at hand */
	json_t *problems;
	struct suppression *list;
	size_t n, room;
	int place[COLUMNS];		/* where a column stands; -1 nowhere */
	char separator;
};

static void problem(struct list *l, int line, const char *sentence)
{
	json_array_append_new(l->problems, json_pack("{s:i,s:o}", "line", line, "problem", text_json(sentence)));
}

/* ---- cells ---- */

/* A quote that a spreadsheet's safety put before a formula's sign goes again. */
static const char *plain_cell(const char *s)
{
	return s[0] == '\'' && s[1] != '\0' && strchr("=+-@\t\r", s[1]) ? s + 1 : s;
}

/* One record of RFC 4180 from *text on, which is moved behind it; *lines counts its lines. */
static size_t record(struct list *l, const char **text, const char *end, const char *cell[CELLS], int *lines)
{
	const char *p = *text;
	size_t n = 0;
	bool more = true;

	for (size_t i = 0; i < CELLS; i++)
		cell[i] = "";
	while (more) {
		struct buf b;
		bool quoted = p < end && *p == '"';

		buf_init(&b, l->row);
		p += quoted;
		for (; p < end; p++) {
			if (quoted && *p == '"' && p + 1 < end && p[1] == '"')
				p++;
			else if (quoted && *p == '"') {
				quoted = false;
				continue;
			} else if (!quoted && (*p == l->separator || *p == '\n'))
				break;
			*lines += *p == '\n';
			if (*p != '\0' && !(*p == '\r' && !quoted))
				buf_addc(&b, *p);
		}
		if (n < CELLS)
			cell[n++] = plain_cell(span_dup(l->row, span_trim((struct span){ b.p, b.n })));
		more = p < end && *p == l->separator;
		p += p < end;
	}
	*lines += 1;
	*text = p;
	return n;
}

/* ---- columns ---- */

static const struct {
	const char *name;
	enum column column;
} names[] = {
	{ "subject", SUBJECT }, { "email", SUBJECT }, { "e-mail", SUBJECT }, { "address", SUBJECT },
	{ "email address", SUBJECT }, { "domain", SUBJECT }, { "reason", REASON }, { "evidence", EVIDENCE },
	{ "why", EVIDENCE }, { "note", EVIDENCE }, { "kind", KIND }, { "scope", SCOPE }, { "for", ARG },
	{ "scope_arg", ARG }, { "expires", EXPIRES },
};

/* True: it was a line of names. */
static bool header(struct list *l, const char *cell[CELLS], size_t n)
{
	bool subject = false;
	int place[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++)
		place[i] = -1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (str_eq_case(cell[i], names[k].name) && place[names[k].column] < 0) {
				place[names[k].column] = (int)i;
				subject = subject || names[k].column == SUBJECT;
			}
	if (subject)
		memcpy(l->place, place, sizeof(place));
	return subject;
}

static const char *at(const struct list *l, const char *cell[CELLS], enum column c)
{
	return l->place[c] < 0 ? "" : cell[l->place[c]];
}

static void keep(struct list *l, const struct suppression *s)
{
	struct arena *a = l->c->arena;

	if (l->n == l->room) {
		struct suppression *more;

		l->room = l->room ? l->room * 2 : 1024;
		more = arena_array(a, struct suppression, l->room);
		if (l->n)
			memcpy(more, l->list, l->n * sizeof(*more));
		l->list = more;
	}
	l->list[l->n] = *s;
	l->list[l->n].kind = arena_strdup(a, s->kind);
	l->list[l->n].subject = arena_strdup(a, s->subject);
	l->list[l->n].scope = arena_strdup(a, s->scope);
	l->list[l->n].scope_arg = arena_strdup(a, s->scope_arg);
	l->list[l->n].reason = arena_strdup(a, s->reason);
	l->list[l->n].evidence = arena_strdup(a, s->evidence);
	l->n++;
}

static void one(struct list *l, const char *cell[CELLS], int line)
{
	const char *subject = at(l, cell, SUBJECT), *kind = at(l, cell, KIND), *reason = at(l, cell, REASON);
	bool named = str_eq(kind, "company") || str_eq(kind, "hash");
	struct suppression s;
	struct err e;

	if (!*subject || *subject == '#')
		return;
	if (suppress_fill(l->c, l->args, named ? "someone@example.com" : subject, &s, &e) != OK) {
		problem(l, line, e.text);
		return;
	}
	if (named) {
		s.kind = kind;
		s.subject = subject;
	}
	if (*reason)
		s.reason = suppress_reason(str_lower(l->row, reason));
	if (!suppress_known_reason(s.reason)) {
		problem(l, line, arena_printf(l->row, "there is no reason '%s'", s.reason));
		return;
	}
	if (*at(l, cell, EVIDENCE))
		s.evidence = at(l, cell, EVIDENCE);
	if (*at(l, cell, SCOPE)) {
		s.scope = str_lower(l->row, at(l, cell, SCOPE));
		s.scope_arg = *at(l, cell, ARG) ? at(l, cell, ARG) : NULL;
	}
	if (*at(l, cell, EXPIRES) && str_eq(s.reason, "hard_bounce")) {
		if (!args_time(l->c, at(l, cell, EXPIRES), &s.expires)) {
			problem(l, line, arena_printf(l->row, "'%s' is not a time", at(l, cell, EXPIRES)));
			return;
		}
		if (s.expires <= l->c->now)	/* it is over */
			return;
	}
	keep(l, &s);
}

/* ---- import ---- */

static int slurp(struct list *l, char **text_r, size_t *n_r)
{
	FILE *f = str_eq(l->file, "-") ? stdin : fopen(l->file, "re");
	size_t n = 0, room = 1 << 16;
	char *text = malloc(room);

	if (!f) {
		free(text);
		return fail(l->c, CTL_NO, "cannot read '%s': %s", l->file, strerror(errno));
	}
	while (text && n < FILE_MAX && !feof(f) && !ferror(f)) {
		if (n == room)
			text = realloc(text, room *= 2);
		if (text)
			n += fread(text + n, 1, room - n, f);
	}
	if (!text)
		abort();
	if (f != stdin)
		fclose(f);
	*text_r = text;
	*n_r = n;
	return n >= FILE_MAX ? fail(l->c, CTL_NO, "'%s' is too big: %d MB at most", l->file, FILE_MAX >> 20) : CTL_DONE;
}

static char separator_of(const char *text, const char *end)
{
	size_t count[3] = { 0 };

	for (; text < end && *text != '\n'; text++) {
		count[0] += *text == ',';
		count[1] += *text == ';';
		count[2] += *text == '\t';
	}
	return count[1] > count[0] ? ';' : count[2] > count[0] ? '\t' : ',';
}

static void read_all(struct list *l, const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	int line = 1;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	l->separator = separator_of(p, end);
	for (bool first = true; p < end; first = false) {
		const char *cell[CELLS], *begin = p;
		int from = line;

		arena_clear(l->row);
		size_t cells = record(l, &p, end, cell, &line);

		if (!str_is_utf8(begin, (size_t)(p - begin)))
			problem(l, from, "it is not valid UTF-8");
		else if (!first || !header(l, cell, cells))
			one(l, cell, from);
	}
}

static int report(struct list *l, bool dry)
{
	size_t bad = json_array_size(l->problems);

	if (l->c->json) {
		out_object(l->c, json_pack("{s:b,s:i,s:o}", "dry_run", dry, "suppressed", (int)l->n, "problems",
					   l->problems));
		return bad ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < bad; i++)
		fprintf(stderr, "%s:%d: %s\n", l->file, (int)get_int(json_array_get(l->problems, i), "line"),
			plain(l->c, get(json_array_get(l->problems, i), "problem")));
	json_decref(l->problems);
	printf("%s%zu suppressed, %zu bad\n", dry ? "would be: " : "", l->n, bad);
	return bad ? CTL_NO : CTL_DONE;
}

int cmd_suppress_import(struct ctl *c, const struct args *args)
{
	struct list l = { .c = c, .args = args, .file = args->word[0], .place = { 0, 1, 2, -1, -1, -1, -1 } };
	bool dry = arg_given(args, "dry-run");
	struct suppression s;
	char *text = NULL;
	size_t n = 0;
	struct err e;
	int code;

	/* the options once, before a long file is blamed line by line */
	if (suppress_fill(c, args, "someone@example.com", &s, &e) != OK)
		return fail(c, CTL_USAGE, "%s", e.text);
	code = slurp(&l, &text, &n);
	if (code) {
		free(text);
		return code;
	}
	l.problems = json_array();
	l.row = arena_new(0);
	read_all(&l, text, n);
	arena_free(l.row);
	free(text);
	/* a hundred at a time: whoever sends meanwhile does not wait */
	for (size_t i = 0; !code && !dry && i < l.n; i += AT_ONCE)
		code = suppress_all(c, l.list + i, l.n - i < AT_ONCE ? l.n - i : AT_ONCE);
	if (code) {
		json_decref(l.problems);
		return code;
	}
	return report(&l, dry);
}

/* ---- export ---- */

struct out {
	struct ctl *c;
	FILE *f;
	struct arena *row;
};

static enum status write_row(void *ctx, const struct row *r, struct err *e)
{
	static const char *const columns[] = { "subject", "reason", "evidence", "kind", "scope", "scope_arg" };
	struct out *o = ctx;
	char when[WHEN_TEXT];
	struct buf b;

	(void)e;
	arena_clear(o->row);
	buf_init(&b, o->row);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (i)
			buf_addc(&b, ',');
		csv_cell(&b, row_text(r, columns[i]));
	}
	buf_addf(&b, ",%s", row_int(r, "expires__t") ? when_text((time_t)row_int(r, "expires__t"), when) : "");
	buf_addf(&b, ",%s", when_text((time_t)row_int(r, "created__t"), when));
	fprintf(o->f, "%s\r\n", b.p);
	return OK;
}

static enum status write_unit_of(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct value v[4] = { V_NULL, V_INT(0), V_NULL, V_INT(INT64_MAX) };

	(void)a;
	return store_query(tx, "ctl_suppressions", v, 4, write_row, ctx, NULL, e);
}

int cmd_suppress_export(struct ctl *c, const struct args *args)
{
	const char *path = args->n ? args->word[0] : "-";
	struct out o = { .c = c };
	int code;

	if (c->json && str_eq(path, "-")) {
		struct value v[4] = { V_NULL, V_INT(0), V_NULL, V_INT(INT64_MAX) };
		json_t *list = ask(c, "ctl_suppressions", v, 4, &code);

		return list ? out_list(c, list, "", "") : code;
	}
	o.f = str_eq(path, "-") ? stdout : fopen(path, "wxe");
	if (!o.f)
		return fail(c, CTL_UNAVAILABLE, "cannot write '%s': %s", path, strerror(errno));
	o.row = arena_new(0);
	fputs("subject,reason,evidence,kind,scope,for,expires,created\r\n", o.f);
	code = read_unit(c, write_unit_of, &o);
	arena_free(o.row);
	bool bad = ferror(o.f) != 0;
	if (o.f != stdout && fclose(o.f) != 0)
		bad = true;
	return code ? code : bad ? fail(c, CTL_UNAVAILABLE, "cannot write '%s'", path) : CTL_DONE;
}
