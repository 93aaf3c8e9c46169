/* SPDX-License-Identifier: MPL-2.0
 *
 * Pairs of label and value from what one program writes for another: JSON, XML, urlencoded. Which keys hold a
 * label and which a value ({"label": "E-mail", "value": "a@b"}) is data, too.
 */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "classifier/lead_private.h"

enum { DATA_MAX = 256 * 1024, DEPTH_MAX = 20, NAME_MAX_BYTES = 120, VALUE_MAX = 8000, NODES_MAX = 5000,
       PAIR_KEYS_MAX = 16 };

struct pairs *pairs_new(struct arena *a, const struct lead_words *w, enum lead_shape shape)
{
	struct pairs *p = arena_new_of(a, struct pairs);

	p->a = a;
	p->w = w;
	p->shape = shape;
	p->titled = shape != LEAD_SHAPE_LINES;
	return p;
}

void pairs_add_as(struct pairs *p, const char *label, const char *second, const char *value)
{
	enum lead_field f;

	p->seen++;
	if (p->n == PAIRS_MAX || str_empty(label))
		return;
	f = label_field(p->a, p->w, label, p->titled);
	if (f == LEAD_FIELD_COUNT && second)
		f = label_field(p->a, p->w, second, false);
	p->list[p->n++] = (struct pair){ label, value ? value : "", f };
}

void pairs_add(struct pairs *p, const char *label, const char *value)
{
	pairs_add_as(p, label, NULL, value);
}

/* ---- JSON ---- */

struct walk {
	struct pairs *p;
	int nodes;
};

static const char *scalar(struct arena *a, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return str_cut(a, json_string_value(v), VALUE_MAX);
	case JSON_INTEGER:
		return arena_printf(a, "%lld", (long long)json_integer_value(v));
	case JSON_REAL:
		return arena_printf(a, "%g", json_real_value(v));
	case JSON_TRUE:
		return "yes";
	case JSON_FALSE:
		return "no";
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return NULL;
}

static const json_t *first_of(const struct walk *w, const json_t *o, enum lead_list list)
{
	const struct lead_words *words = w->p->w;

	for (size_t i = 0; i < words->lists_n[list]; i++) {
		const char *key;
		json_t *v;

		json_object_foreach((json_t *)(uintptr_t)o, key, v)
			if (str_eq(label_key(w->p->a, key), words->lists[list][i].text) && !json_is_null(v))
				return v;
	}
	return NULL;
}

/* A value as text, whatever it is wrapped in. */
static const char *value_text(struct walk *w, const json_t *v, int depth)
{
	struct buf b;
	const json_t *inner;
	json_t *one;
	size_t i;

	if (!v || depth > 4 || w->nodes++ > NODES_MAX || (json_is_object(v) && json_object_size(v) > PAIR_KEYS_MAX))
		return NULL;
	if (json_is_array(v)) {
		buf_init(&b, w->p->a);
		json_array_foreach((json_t *)(uintptr_t)v, i, one) {
			const char *s = i < 50 ? value_text(w, one, depth + 1) : NULL;

			if (s && b.n < VALUE_MAX)
				buf_addf(&b, "%s%s", b.n ? ", " : "", s);
		}
		return b.n ? b.p : NULL;
	}
	if (!json_is_object(v))
		return scalar(w->p->a, v);
	inner = first_of(w, v, LIST_VALUE_KEY);
	if (!inner)
		inner = first_of(w, v, LIST_LABEL_KEY);
	if (!inner)
		inner = first_of(w, v, LIST_MORE_VALUE_KEY);
	return value_text(w, inner, depth + 1);
}

static const char *label_of(struct walk *w, const json_t *v, int depth)
{
	const json_t *inner;

	if (!v || depth > 3)
		return NULL;
	if (json_is_string(v))
		return json_string_value(v);
	if (!json_is_object(v) || json_object_size(v) > PAIR_KEYS_MAX)
		return NULL;
	inner = first_of(w, v, LIST_LABEL_KEY);
	if (!inner)
		inner = first_of(w, v, LIST_WEAK_LABEL_KEY);
	return label_of(w, inner, depth + 1);
}

/* {"label": ..., "value": ...} in its many names */
static bool labelled(struct walk *w, const json_t *o)
{
	const json_t *strong, *weak, *value;
	const char *label;

	if (json_object_size(o) > PAIR_KEYS_MAX)
		return false;
	strong = first_of(w, o, LIST_LABEL_KEY);
	weak = first_of(w, o, LIST_WEAK_LABEL_KEY);
	value = first_of(w, o, LIST_VALUE_KEY);
	if (!value && strong)
		value = first_of(w, o, LIST_MORE_VALUE_KEY);
	if (!value || (!strong && !weak) || value == strong)
		return false;
	label = label_of(w, strong ? strong : weak, 0);
	if (!label)
		return false;
	pairs_add(w->p, str_cut(w->p->a, label, NAME_MAX_BYTES), value_text(w, value, 0));
	return true;
}

static void walk_json(struct walk *w, const char *path, const json_t *v, int depth)
{
	const char *key, *text;
	json_t *one;
	size_t i;

	if (depth > DEPTH_MAX || w->nodes++ > NODES_MAX)
		return;
	if (json_is_array(v)) {
		if (path && json_array_size(v) > 0 && !json_is_object(json_array_get(v, 0)) &&
		    !json_is_array(json_array_get(v, 0))) {
			pairs_add(w->p, path, value_text(w, v, 0));
			return;
		}
		json_array_foreach((json_t *)(uintptr_t)v, i, one)
			walk_json(w, path, one, depth + 1);
		return;
	}
	if (!json_is_object(v) || labelled(w, v))
		return;
	json_object_foreach((json_t *)(uintptr_t)v, key, one) {
		const char *name = str_cut(w->p->a, key, NAME_MAX_BYTES), *folded = label_key(w->p->a, name);

		if (words_have(w->p->w, LIST_SKIP, folded))
			continue;
		if (json_is_object(one) || json_is_array(one)) {
			walk_json(w, path && words_have(w->p->w, LIST_VALUE_KEY, folded) ? path : name, one, depth + 1);
			continue;
		}
		text = scalar(w->p->a, one);
		if (path && words_have(w->p->w, LIST_VALUE_KEY, folded))
			pairs_add(w->p, path, text);
		else
			pairs_add_as(w->p, name, path ? arena_printf(w->p->a, "%s %s", path, name) : NULL, text);
	}
}

struct pairs *pairs_of_json(struct arena *a, const struct lead_words *w, const char *text, size_t n)
{
	struct walk walk = { pairs_new(a, w, LEAD_SHAPE_JSON), 0 };
	json_t *o = n <= DATA_MAX ? json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL) : NULL;

	walk.p->titled = true;
	if (o)
		walk_json(&walk, NULL, o, 0);
	json_decref(o);
	return walk.p;
}

/* ---- urlencoded ---- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static char *decoded(struct arena *a, struct span s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n && b.n < VALUE_MAX; i++) {
		if (s.p[i] == '+') {
			buf_addc(&b, ' ');
		} else if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			buf_addc(&b, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
			i += 2;
		} else if (s.p[i] != '\n' && s.p[i] != '\r') {	/* folded by a mail program */
			buf_addc(&b, s.p[i]);
		}
	}
	return str_utf8(a, b.p, b.n);
}

struct pairs *pairs_of_urlencoded(struct arena *a, const struct lead_words *w, const char *text, size_t n)
{
	struct pairs *p = pairs_new(a, w, LEAD_SHAPE_URLENCODED);
	struct span rest = { text, n > DATA_MAX ? DATA_MAX : n }, piece;

	for (int k = 0; k < NODES_MAX && span_split(&rest, '&', &piece); k++) {
		const char *eq = memchr(piece.p, '=', piece.n);

		if (eq && eq - piece.p < NAME_MAX_BYTES)
			pairs_add(p, decoded(a, (struct span){ piece.p, (size_t)(eq - piece.p) }),
				  decoded(a, (struct span){ eq + 1, (size_t)(piece.p + piece.n - eq) - 1 }));
	}
	return p;
}

/* ---- XML ---- */

struct xml {
	struct pairs *p;
	const char *names[DEPTH_MAX], *marks[DEPTH_MAX];	/* of the open elements; what their attribute says */
	bool children[DEPTH_MAX];
	size_t depth, skipping;		/* skipping: depth at which it began, plus one */
	struct buf text;
};

static char *unescaped(struct arena *a, struct span s)
{
	static const struct {
		const char *name;
		char c;
	} known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n && b.n < VALUE_MAX; i++) {
		bool found = false;

		for (size_t k = 0; s.p[i] == '&' && k < sizeof(known) / sizeof(*known) && !found; k++) {
			size_t n = strlen(known[k].name);

			if (s.n - i >= n && memcmp(s.p + i, known[k].name, n) == 0) {
				buf_addc(&b, known[k].c);
				i += n - 1;
				found = true;
			}
		}
		if (!found && s.p[i] == '&' && i + 2 < s.n && s.p[i + 1] == '#') {
			size_t end = i + 2;

			while (end < s.n && end < i + 10 && s.p[end] != ';')
				end++;
			/* html_text() knows them all */
			buf_adds(&b, span_dup(a, span_trim(span_of(html_text(a, s.p + i, end + 1 <= s.n ?
										     end + 1 - i : s.n - i)))));
			i = end;
			found = true;
		}
		if (!found)
			buf_addc(&b, s.p[i]);
	}
	return b.p;
}

/* name="..." part="..." type="..." of <name part="first"> */
static const char *mark_attribute(struct arena *a, struct span tag)
{
	static const char *const names[] = { " part=", " name=", " label=", " id=", " key=", " type=" };

	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
		const char *at = memmem(tag.p, tag.n, names[k], strlen(names[k])), *from, *end;

		if (!at)
			continue;
		from = at + strlen(names[k]);
		if (from >= tag.p + tag.n || (*from != '"' && *from != '\''))
			continue;
		end = memchr(from + 1, *from, (size_t)(tag.p + tag.n - from) - 1);
		if (end && end - from < NAME_MAX_BYTES)
			return unescaped(a, (struct span){ from + 1, (size_t)(end - from) - 1 });
	}
	return NULL;
}

static void close_element(struct xml *x)
{
	struct arena *a = x->p->a;
	const char *name, *mark, *parent;
	struct span text;

	if (x->depth == 0)
		return;
	x->depth--;
	name = x->names[x->depth];
	mark = x->marks[x->depth];
	text = span_trim((struct span){ x->text.p, x->text.n });
	parent = x->depth ? x->names[x->depth - 1] : NULL;
	if (x->skipping == 0 && !x->children[x->depth] && text.n > 0) {
		const char *plain = mark ? arena_printf(a, "%s %s", mark, name) : name, *value = unescaped(a, text);

		if (mark && label_field(a, x->p->w, plain, false) == LEAD_FIELD_COUNT &&
		    label_field(a, x->p->w, mark, false) != LEAD_FIELD_COUNT)
			plain = mark;
		if (!mark && parent && label_field(a, x->p->w, arena_printf(a, "%s %s", parent, name), false) !=
		    LEAD_FIELD_COUNT)
			plain = arena_printf(a, "%s %s", parent, name);
		pairs_add_as(x->p, plain, mark ? name : NULL, value);
	}
	if (x->skipping == x->depth + 1)
		x->skipping = 0;
	buf_init(&x->text, a);
}

static void open_element(struct xml *x, struct span tag)
{
	struct span name = tag;
	bool closed = tag.n > 0 && tag.p[tag.n - 1] == '/';

	name.n = 0;
	while (name.n < tag.n && !memchr(" \t\r\n/", tag.p[name.n], 5))
		name.n++;
	if (closed || name.n == 0 || name.n > NAME_MAX_BYTES || x->depth == DEPTH_MAX)
		return;
	if (x->depth)
		x->children[x->depth - 1] = true;
	x->names[x->depth] = span_dup(x->p->a, name);
	x->marks[x->depth] = mark_attribute(x->p->a, tag);
	x->children[x->depth] = false;
	x->depth++;
	if (x->skipping == 0 && words_have(x->p->w, LIST_SKIP, label_key(x->p->a, x->names[x->depth - 1])))
		x->skipping = x->depth;
	buf_init(&x->text, x->p->a);
}

struct pairs *pairs_of_xml(struct arena *a, const struct lead_words *w, const char *text, size_t n)
{
	struct xml x = { .p = pairs_new(a, w, LEAD_SHAPE_XML) };
	const char *p = text, *end = text + (n > DATA_MAX ? DATA_MAX : n);

	buf_init(&x.text, a);
	for (int nodes = 0; p < end && nodes < NODES_MAX; nodes++) {
		const char *lt = memchr(p, '<', (size_t)(end - p)), *gt;

		if (x.text.n < VALUE_MAX)
			buf_add(&x.text, p, (size_t)((lt ? lt : end) - p));
		if (!lt)
			break;
		if (end - lt > 9 && memcmp(lt, "<![CDATA[", 9) == 0) {
			const char *stop = memmem(lt, (size_t)(end - lt), "]]>", 3);

			stop = stop ? stop : end;
			if (x.text.n < VALUE_MAX)
				buf_add(&x.text, lt + 9, (size_t)(stop - lt) - 9);
			p = end - stop > 3 ? stop + 3 : end;
			continue;
		}
		gt = memchr(lt, '>', (size_t)(end - lt));
		if (!gt)
			break;
		if (lt[1] == '/')
			close_element(&x);
		else if (lt[1] != '?' && lt[1] != '!')
			open_element(&x, (struct span){ lt + 1, (size_t)(gt - lt) - 1 });
		p = gt + 1;
	}
	return x.p;
}
