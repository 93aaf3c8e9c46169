/* SPDX-License-Identifier: MPL-2.0
 *
 * The phrase files: read, checked, indexed by first word. Finding them is phrase_find.c.
 */
#include "config.h"

#include "classifier/phrases.h"

#include "base/arena.h"
#include "classifier/classifier.h"
#include "classifier/model.h"
#include "classifier/phrases_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DEFINES = 400, DEPTH = 24, DATA_MAX = 256 << 20 };

struct reader {
	struct phrases *p;
	struct arena *work;	/* borrowed: for what is over with the line */
	const char *name, *topic, *lang;
	int line;
	struct err *e;
	struct { const char *name, *text; struct elem *read; } defines[DEFINES];
	size_t defines_n;
};

static enum status bad(struct reader *r, const char *what, const char *detail)
{
	return err_set(r->e, CONF, "%s, line %d: %s '%s'", r->name, r->line, what, detail);
}

/* Reading a phrase. */

static enum status parse_seq(struct reader *r, const char **s, struct phrase_seq *out_r, int depth);

static struct elem *add_elem(struct reader *r, struct phrase_seq *q, enum elem_kind kind)
{
	struct elem *e;

	if ((q->n & (q->n - 1)) == 0) {	/* grow at powers of two */
		e = arena_array(r->p->arena, struct elem, q->n ? q->n * 2 : 1);
		if (q->n)
			memcpy(e, q->e, q->n * sizeof *e);
		q->e = e;
	}
	e = &q->e[q->n++];
	memset(e, 0, sizeof *e);
	e->kind = kind;
	return e;
}

static int by_hash(const void *a, const void *b)
{
	const struct alt_word *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->alt < y->alt ? -1 : x->alt > y->alt;
}

/* Which alternatives a word can begin, without trying them all. */
static void index_alts(struct arena *a, struct elem *e)
{
	e->words = arena_array(a, struct alt_word, e->alts_n);
	e->others = arena_array(a, uint32_t, e->alts_n);
	for (size_t i = 0; i < e->alts_n; i++) {
		const struct phrase_seq *q = &e->alts[i];
		if (q->n && q->e[0].kind == ELEM_WORD)
			e->words[e->words_n++] = (struct alt_word){ q->e[0].hash, (uint32_t)i };
		else
			e->others[e->others_n++] = (uint32_t)i;
	}
	qsort(e->words, e->words_n, sizeof *e->words, by_hash);
}

static enum status parse_alt(struct reader *r, const char **s, struct phrase_seq *q, int depth)
{
	struct elem *e = add_elem(r, q, ELEM_ALT);
	struct phrase_seq list[128];
	size_t n = 0;
	enum status st;

	do {
		(*s)++;	/* '(' or '|' */
		if (n == 128)
			return bad(r, "too many alternatives in", *s);
		memset(&list[n], 0, sizeof list[n]);
		if ((st = parse_seq(r, s, &list[n++], depth + 1)) != OK)
			return st;
	} while (**s == '|');
	if (**s != ')')
		return bad(r, "a ')' is missing in", *s);
	(*s)++;
	bool repeat = **s == '*';
	if (repeat && n < 128)	/* none to six of them */
		memset(&list[n++], 0, sizeof *list);
	(*s) += repeat;
	e->alts = arena_memdup(r->p->arena, list, n * sizeof *list);
	e->alts_n = (uint32_t)n;
	index_alts(r->p->arena, e);
	for (int i = 0; repeat && i < 5; i++) {
		struct elem copy = *e;
		e = add_elem(r, q, ELEM_ALT);
		*e = copy;
	}
	return OK;
}

/* Read once, then shared: nothing changes a phrase that is read. */
static enum status use_define(struct reader *r, size_t i, struct phrase_seq *q, int depth)
{
	const char *t = r->defines[i].text;
	size_t before = q->n;
	enum status st;

	if (r->defines[i].read) {
		*add_elem(r, q, ELEM_ALT) = *r->defines[i].read;
		return OK;
	}
	st = parse_alt(r, &t, q, depth);
	if (st == OK && q->n == before + 1)
		r->defines[i].read = arena_memdup(r->p->arena, &q->e[before], sizeof *q->e);
	return st;
}

static enum status parse_define(struct reader *r, const char **s, struct phrase_seq *q, int depth)
{
	const char *end = strchr(*s, '>');

	if (end) {
		size_t n = (size_t)(end - *s) - 1;
		for (size_t i = 0; i < r->defines_n; i++) {
			if (strlen(r->defines[i].name) != n ||
			    memcmp(r->defines[i].name, *s + 1, n) != 0)
				continue;
			*s = end + 1;
			return use_define(r, i, q, depth);
		}
	}
	return bad(r, "no such definition:", *s);
}

static enum status add_words(struct reader *r, struct phrase_seq *q, const char *s, size_t n)
{
	size_t before = q->n;

	struct tokens t = tokens_of(r->work, s, n);

	for (size_t i = 0; i < t.n; i++) {
		struct elem *e;
		if (t.t[i].kind == TOKEN_STOP)
			continue;
		e = add_elem(r, q, t.t[i].kind == TOKEN_QUESTION ? ELEM_QUESTION : ELEM_WORD);
		e->s = arena_strndup(r->p->arena, t.t[i].s, t.t[i].n);
		e->n = t.t[i].n;
		e->hash = t.t[i].hash;
	}
	arena_clear(r->work);
	return q->n > before ? OK : bad(r, "there is no word in", arena_strndup(r->p->arena, s, n));
}

static bool is_special(const char *s)
{
	return strchr(" \t()|<>*%@^$_?", *s) || strncmp(s, "...", 3) == 0;
}

static enum status parse_seq(struct reader *r, const char **s, struct phrase_seq *out_r, int depth)
{
	enum status st = OK;

	if (depth > DEPTH)
		return bad(r, "nested too deeply:", *s);
	if (arena_over(r->p->arena))	/* definitions of definitions */
		return bad(r, "too many words in all, at", *s);
	while (**s && **s != '|' && **s != ')' && st == OK) {
		const char *w = *s;
		size_t before = out_r->n;
		switch (**s) {
		case ' ': case '\t': (*s)++; break;
		case '(': st = parse_alt(r, s, out_r, depth); break;
		case '<': st = parse_define(r, s, out_r, depth); break;
		case '%': add_elem(r, out_r, ELEM_NUMBER); (*s)++; break;
		case '@': add_elem(r, out_r, ELEM_ADDRESS); (*s)++; break;
		case '^': add_elem(r, out_r, ELEM_BEGIN); (*s)++; break;
		case '$': add_elem(r, out_r, ELEM_END); (*s)++; break;
		case '_': add_elem(r, out_r, ELEM_ANY); (*s)++; break;
		case '?': add_elem(r, out_r, ELEM_QUESTION); (*s)++; break;
		case '>': case '*': st = bad(r, "misplaced", w); break;
		default:
			if (strncmp(*s, "...", 3) == 0) {
				add_elem(r, out_r, ELEM_GAP);
				*s += 3;
				break;
			}
			while (*w && !is_special(w))
				w++;
			st = add_words(r, out_r, *s, (size_t)(w - *s));
			if (*w == '*' && out_r->n > before) {
				out_r->e[out_r->n - 1].kind = ELEM_PREFIX;
				w++;
				if (*w && !is_special(w))
					return bad(r, "'*' ends a word:", *s);
			}
			*s = w;
		}
	}
	return st;
}

/* The index: by the whole first word, or by its first three bytes. */

static void index_add(struct phrases *p, uint32_t hash, uint32_t id)
{
	struct slot *s = &p->slots[hash & (SLOTS - 1)];

	for (size_t i = 0; i < s->n; i++)
		if (s->e[i].hash == hash && s->e[i].id == id)
			return;
	if ((s->n & (s->n - 1)) == 0) {
		struct slot_entry *g = arena_array(p->arena, struct slot_entry, s->n ? s->n * 2 : 1);
		if (s->n)
			memcpy(g, s->e, s->n * sizeof *g);
		s->e = g;
	}
	s->e[s->n++] = (struct slot_entry){ hash, id };
}

/* True: the sequence can be empty, so what follows may be first too. */
static enum status index_first(struct reader *r, const struct phrase_seq *q, size_t i, uint32_t id,
			       bool *empty_r)
{
	for (; i < q->n; i++) {
		const struct elem *e = &q->e[i];
		bool empty = false;
		enum status st;
		switch (e->kind) {
		case ELEM_BEGIN:
			continue;
		case ELEM_PREFIX:
			if (e->n < 3)
				return bad(r, "a first word needs three letters before its '*':", e->s);
			index_add(r->p, prefix_hash(e->s), id);
			break;
		case ELEM_WORD:
			index_add(r->p, e->hash, id);
			break;
		case ELEM_ALT:
			for (size_t k = 0; k < e->alts_n; k++) {
				bool one = false;
				if ((st = index_first(r, &e->alts[k], 0, id, &one)) != OK)
					return st;
				empty |= one;
			}
			if (empty)
				continue;
			break;
		case ELEM_NUMBER:
			index_add(r->p, NUMBER_KEY, id);
			break;
		case ELEM_ADDRESS:
			index_add(r->p, ADDRESS_KEY, id);
			break;
		case ELEM_QUESTION:
			index_add(r->p, QUESTION_KEY, id);
			break;
		case ELEM_ANY: case ELEM_GAP: case ELEM_END:
			return bad(r, "a phrase must begin with a word", "");
		}
		*empty_r = false;
		return OK;
	}
	*empty_r = true;
	return OK;
}

static unsigned set_of(const char *topic)
{
	static const struct { const char *topic; unsigned set; } sets[] = {
		{ "quote", PHRASES_QUOTE }, { "reasons", PHRASES_REASONS }, { "signs", PHRASES_SIGNS },
		{ "away", PHRASES_AWAY }, { "dates", PHRASES_DATES }, { "words", PHRASES_WORDS },
		{ "bump", PHRASES_OUTGOING }, { "calls", PHRASES_OUTGOING }, { "claims", PHRASES_OUTGOING },
	};
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
		if (str_eq(topic, sets[i].topic))
			return sets[i].set;
	return PHRASES_CLASSES;
}

static enum status add_phrase(struct reader *r, const char *section, const char *text)
{
	struct phrases *p = r->p;
	struct phrase_seq *q = arena_new_of(p->arena, struct phrase_seq);
	const char *s = text;
	bool empty = false;
	enum status st = parse_seq(r, &s, q, 0);

	if (st == OK && *s)
		return bad(r, "a '(' is missing before", s);
	if (st != OK)
		return st;
	if (p->phrases_n == p->phrases_room) {
		size_t room = p->phrases_room ? p->phrases_room * 2 : 1024;
		struct phrase *g = arena_array(p->arena, struct phrase, room);
		if (p->phrases_n)
			memcpy(g, p->phrases, p->phrases_n * sizeof *g);
		p->phrases = g;
		p->phrases_room = room;
	}
	uint32_t id = (uint32_t)p->phrases_n;
	st = index_first(r, q, 0, id, &empty);
	if (st == OK && empty)
		return bad(r, "nothing to look for in", text);
	if (st != OK)
		return st;
	p->phrases[p->phrases_n++] = (struct phrase){ r->lang, r->name, r->topic, section, r->line,
						      id, set_of(r->topic), q };
	return OK;
}

/* "pruefen" is written where "prüfen" is meant; the other way round never. */
static char *umlauts_spelt(struct arena *a, const char *s)
{
	static const char *const pair[][2] = { { "ä", "ae" }, { "ö", "oe" }, { "ü", "ue" } };
	struct buf b;
	bool any = false;

	buf_init(&b, a);
	while (*s) {
		size_t i;
		for (i = 0; i < 3 && strncmp(s, pair[i][0], 2) != 0; i++)
			;
		if (i < 3) {
			buf_adds(&b, pair[i][1]);
			s += 2;
			any = true;
		} else {
			buf_addc(&b, *s++);
		}
	}
	return any ? b.p : NULL;
}

static enum status read_define(struct reader *r, const char *line)
{
	const char *eq = strchr(line, '=');

	if (!eq)
		return bad(r, "expected name = alternatives, found", line);
	if (r->defines_n == DEFINES)
		return bad(r, "too many definitions, at", line);
	struct span n = span_trim((struct span){ line, (size_t)(eq - line) });
	struct span v = span_trim(span_of(eq + 1));
	r->defines[r->defines_n].name = span_dup(r->p->arena, n);
	r->defines[r->defines_n++].text = arena_printf(r->p->arena, "(%.*s)", (int)v.n, v.p);
	return OK;
}

static enum status read_phrases(struct reader *r, struct span rest)
{
	struct arena *a = r->p->arena;
	const char *section = NULL;
	struct span line;
	enum status st = OK;

	while (st == OK && span_line(&rest, &line)) {
		r->line++;
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		char *text = span_dup(a, line);
		if (!str_is_utf8(text, line.n))
			return bad(r, "not UTF-8:", str_utf8(a, text, line.n));
		if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
			section = span_dup(a, span_trim((struct span){ line.p + 1, line.n - 2 }));
			if (!section_known(r->topic, section))
				return bad(r, "no such section:", section);
			continue;
		}
		if (!section)
			return bad(r, "a section like [strong] must come before", text);
		if (str_eq(section, "define")) {
			st = read_define(r, text);
			continue;
		}
		st = add_phrase(r, section, text);
		char *spelt = str_eq(r->lang, "de") ? umlauts_spelt(a, text) : NULL;
		if (st == OK && spelt)
			st = add_phrase(r, section, spelt);
	}
	return st;
}

static enum status read_file(struct phrases *p, struct arena *work, const struct data_file *f,
			     struct err *e)
{
	struct reader *r = arena_new_of(p->arena, struct reader);
	char *name = arena_strdup(p->arena, f->name), *slash;
	size_t n = strlen(name);
	struct span text = { f->text, f->n };

	r->p = p;
	r->work = work;
	r->name = arena_strdup(p->arena, f->name);
	r->e = e;
	if (n > 6 && str_eq(name + n - 6, ".local"))
		name[n - 6] = '\0';
	slash = strrchr(name, '/');
	r->topic = slash ? slash + 1 : name;
	if (str_eq(r->topic, "README"))
		return OK;
	r->lang = "";
	if (strncmp(name, "phrases/", 8) == 0 && slash > name + 8) {
		r->lang = arena_strndup(p->arena, name + 8, (size_t)(slash - name) - 8);
	} else if (strncmp(name, "away/", 5) == 0) {
		r->lang = r->topic;
		r->topic = "away";
	} else if (str_eq(name, "bounces/status")) {
		return status_table_read(p, r->name, text, e);
	} else if (strncmp(name, "bounces/", 8) == 0 && !str_eq(name, "bounces/reasons") &&
		   !str_eq(name, "bounces/signs")) {
		return bounce_format_read(p, r->name, r->topic, text, e);
	}
	if (str_eq(name, "phrases/weights"))
		return model_read(p->arena, r->name, text, &p->model, e);
	if (!*r->lang && (str_eq(r->topic, "placeholders") || str_eq(r->topic, "approved_claims") ||
			  str_eq(r->topic, "nicknames")))
		return list_read(p, r->name, name, text, e);
	if (*r->lang)
		lang_note(p, r->lang);
	return read_phrases(r, text);
}

enum status phrases_load(const struct data_file *files, size_t n, struct phrases **out_r,
			 struct err *e)
{
	struct arena *a = arena_new((size_t)DATA_MAX);
	struct phrases *p = arena_new_of(a, struct phrases);
	struct arena *work = arena_new(0);
	enum status st = OK;

	assert(out_r && (files || n == 0));
	p->arena = a;
	p->slots = arena_array(a, struct slot, SLOTS);
	for (size_t i = 0; i < n && st == OK; i++)
		st = read_file(p, work, &files[i], e);
	arena_free(work);
	if (st == OK && p->phrases_n == 0)
		st = err_set(e, CONF, "there are no phrase files: is the data directory right?");
	if (st != OK) {
		phrases_free(p);
		return st;
	}
	date_names_index(p);
	p->machine = machine_new(p);
	fields_index(p);
	*out_r = p;
	return OK;
}
