/* SPDX-License-Identifier: MPL-2.0
 *
 * "A) sounds good  B) maybe later  C) please stop" in our mail and "b" in the answer.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/options.h"

#include <string.h>

enum { OPTIONS_MAX = 12 };

struct option {
	char key;	/* 'a'.. or '1'.. */
	const char *text;
};

static char lower(char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

static bool word_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       (unsigned char)ch >= 128;
}

/* "A) ", "(b) ", "1. ", "2: ", "c - " at s: its length, 0 if there is none. */
static size_t marker(const char *s, const char *begin, char *key_r)
{
	const char *p = s;
	bool paren = *p == '(' || *p == '[';

	p += paren;
	if (!((*p >= '1' && *p <= '9') || (lower(*p) >= 'a' && lower(*p) <= 'h')))
		return 0;
	if (s > begin && word_char(s[-1]))
		return 0;
	*key_r = lower(*p++);
	if (paren ? *p != ')' && *p != ']' : !strchr(").:", *p) || !*p) {
		if (paren || strncmp(p, " - ", 3) != 0)
			return 0;
		p += 2;
	}
	p++;
	return *p == ' ' || *p == '\t' ? (size_t)(p - s) : 0;
}

static size_t options_in(struct arena *a, const char *text, struct option *o)
{
	size_t n = 0;
	const char *begin = text;

	for (const char *p = text; *p && n < OPTIONS_MAX; p++) {
		char key = 0;
		size_t len = marker(p, begin, &key);
		const char *e;
		char first = key >= 'a' ? 'a' : '1';
		if (!len || (n == 0 && key != first))
			continue;
		if (n && key != o[n - 1].key + 1) {
			if (key != first)
				continue;
			n = 0;	/* another list begins */
		}
		e = p + len;
		for (const char *q = e; ; q++) {	/* up to the next marker or line end */
			char next;
			if (!*q || *q == '\n' || (q > e + 1 && marker(q, begin, &next) &&
						  next == key + 1)) {
				struct span t = span_trim((struct span){ e, (size_t)(q - e) });
				o[n++] = (struct option){ key, span_dup(a, t) };
				p = q - (*q != '\n');
				break;
			}
		}
		if (!*p)
			break;
	}
	return n >= 2 ? n : 0;
}

/* Quote marks off, so that markers stand at the head of their lines. */
static const char *unmarked(struct arena *a, const char *quoted)
{
	struct span rest = span_of(quoted), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line)) {
		while (line.n && (line.p[0] == '>' || line.p[0] == ' '))
			line = (struct span){ line.p + 1, line.n - 1 };
		buf_add(&b, line.p, line.n);
		buf_addc(&b, '\n');
	}
	return b.p;
}

static bool filler(const struct token *t)
{
	static const char *const list[] = { "option", "number", "nr", "no", "nummer", "answer", "i",
		"would", "say", "choose", "pick", "its", "thats", "for", "me", "please", "bitte", "the",
		"letter", "punkt", "reponse", "opcion", "opzione", "optie", "opcao", "opcja", "alternativ",
		"variante", "go", "with", "die", "und", "my", "is", "antwort", "then", "lets", "we",
		"one", "thanks", "danke", "merci", "id", "ill", "la", "le", "sil", "vous", "plait" };
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (str_eq(t->s, list[i]))
			return true;
	return false;
}

/* Which key the answer names; 0 if none. */
static char picked(const struct reading *r, const char *visible, size_t n)
{
	static const struct { const char *word; int index; } ordinals[] = {
		{ "former", 0 }, { "first", 0 }, { "second", 1 }, { "third", 2 }, { "fourth", 3 },
		{ "latter", -1 }, { "last", -1 }, { "ersteres", 0 }, { "erste", 0 }, { "ersten", 0 },
		{ "zweite", 1 }, { "zweites", 1 }, { "dritte", 2 }, { "letzteres", -1 }, { "letzte", -1 },
		{ "premiere", 0 }, { "deuxieme", 1 }, { "troisieme", 2 }, { "derniere", -1 },
		{ "primera", 0 }, { "segunda", 1 }, { "tercera", 2 }, { "ultima", -1 },
		{ "prima", 0 }, { "seconda", 1 }, { "terza", 2 }, { "eerste", 0 }, { "tweede", 1 },
		{ "derde", 2 }, { "laatste", -1 }, { "primeira", 0 }, { "terceira", 2 },
		{ "pierwsza", 0 }, { "druga", 1 }, { "trzecia", 2 }, { "forsta", 0 }, { "andra", 1 },
		{ "tredje", 2 }, { "sista", -1 },
	};
	size_t words = 0;
	char key = 0;
	struct span v = span_trim(span_of(visible));
	char first;

	/* "A) please, my colleague will come too" */
	if (v.n >= 2 && marker(v.p, v.p, &first))
		return first;
	if (v.n >= 2 && ((lower(v.p[0]) >= 'a' && lower(v.p[0]) <= 'h') || (v.p[0] >= '1' && v.p[0] <= '9')) &&
	    (v.p[1] == ')' || (v.p[1] == '.' && v.n < 24) || v.p[1] == '\n'))
		return lower(v.p[0]);
	for (size_t i = 0; i < r->t.n; i++) {
		const struct token *t = &r->t.t[i];
		if (t->line_start && key)	/* a name and a firm may stand below */
			break;
		if (t->kind == TOKEN_STOP)
			continue;
		if (t->kind == TOKEN_QUESTION)
			return 0;
		if (t->n == 1 && !key && ((t->s[0] >= 'a' && t->s[0] <= 'h') ||
					  (t->s[0] >= '1' && t->s[0] <= '9')) &&
		    !(t->s[0] == 'a' && i > 0 && !str_eq(r->t.t[i - 1].s, "option")))
			key = t->s[0];
		else if (!filler(t) && ++words > 3)
			return 0;
	}
	if (key)
		return key;
	for (size_t i = 0; i < r->t.n && words <= 3; i++)
		for (size_t k = 0; k < sizeof ordinals / sizeof ordinals[0]; k++)
			if (str_eq(r->t.t[i].s, ordinals[k].word)) {
				int at = ordinals[k].index < 0 ? (int)n - 1 : ordinals[k].index;
				return (char)('A' + at);	/* an index, not a key */
			}
	return 0;
}

const char *option_of(struct arena *a, const struct reading *answer, const char *visible,
		      const char *quoted, const char *our_text)
{
	struct option o[OPTIONS_MAX];
	size_t n = 0;
	char key;

	if (str_empty(visible) || strlen(visible) > 400)
		return NULL;
	if (!str_empty(quoted))
		n = options_in(a, unmarked(a, quoted), o);
	if (n == 0 && !str_empty(our_text))
		n = options_in(a, our_text, o);
	if (n == 0)
		return NULL;
	key = picked(answer, visible, n);
	if (key >= 'A' && key <= 'Z')
		return (size_t)(key - 'A') < n ? o[key - 'A'].text : NULL;
	for (size_t i = 0; key && i < n; i++)
		if (o[i].key == key)
			return o[i].text;
	return NULL;
}
