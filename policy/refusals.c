/* SPDX-License-Identifier: MPL-2.0
 *
 * The texts of conf/refusals.conf and conf/refusals/<language>: `[key]`, then `language: line`, at most two
 * lines a language.
 */
#include "config.h"

#include "policy/policy.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>

struct text {
	const char *key, *language;
	const char *lines;		/* one, or two with LF between */
	int file;			/* the how manieth said it: a later one replaces it */
	struct text *next;
};

enum { BUCKETS = 256 };

struct refusals {
	struct arena *arena;
	struct text *bucket[BUCKETS];
	int files;
};

static size_t bucket_of(const char *key)
{
	size_t h = 5381;

	for (; *key; key++)
		h = h * 33 + (unsigned char)*key;
	return h % BUCKETS;
}

static struct text *find(const struct refusals *r, const char *key, const char *language)
{
	for (struct text *t = r->bucket[bucket_of(key)]; t; t = t->next) {
		if (str_eq(t->key, key) && str_eq(t->language, language))
			return t;
	}
	return NULL;
}

/* False: a third line. */
static bool add(struct refusals *r, const char *key, const char *language, const char *line)
{
	struct text *t = find(r, key, language);

	if (t && t->file == r->files) {
		if (strchr(t->lines, '\n'))
			return false;
		t->lines = arena_printf(r->arena, "%s\n%s", t->lines, line);
		return true;
	}
	if (!t) {
		t = arena_new_of(r->arena, struct text);
		t->key = key;
		t->language = language;
		t->next = r->bucket[bucket_of(key)];
		r->bucket[bucket_of(key)] = t;
	}
	t->file = r->files;
	t->lines = line;
	return true;
}

static enum status parse(struct refusals *r, const char *file, const char *text, struct err *e)
{
	struct span rest = span_of(text), line;
	const char *key = NULL;

	for (int number = 1; span_line(&rest, &line); number++) {
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (line.p[0] == '[' && line.p[line.n - 1] == ']' && line.n > 2) {
			key = arena_strndup(r->arena, line.p + 1, line.n - 2);
			continue;
		}
		const char *colon = memchr(line.p, ':', line.n);

		if (!colon || !key || colon == line.p || colon - line.p > 8)
			return err_set(e, CONF, "%s:%d: expected '[key]' or 'language: text'", file,
				       number);
		size_t n = (size_t)(colon - line.p);
		const char *language = arena_strndup(r->arena, line.p, n);
		const char *value = span_dup(
			r->arena, span_trim((struct span){ colon + 1, line.n - n - 1 }));

		if (!str_is_utf8(value, strlen(value)))
			return err_set(e, CONF, "%s:%d: not UTF-8", file, number);
		if (!add(r, key, language, value))
			return err_set(e, CONF, "%s:%d: '%s' has more than two lines in '%s'", file,
				       number, key, language);
	}
	r->files++;
	return OK;
}

enum status refusals_parse(const char *file, const char *text, struct refusals **io_r, struct err *e)
{
	struct refusals *r = *io_r;
	enum status s;

	if (!r) {
		struct arena *a = arena_new(0);

		r = arena_new_of(a, struct refusals);
		r->arena = a;
	}
	s = parse(r, file, text, e);
	if (s == OK)
		*io_r = r;
	else if (!*io_r)
		refusals_free(r);
	return s;
}

void refusals_free(struct refusals *r)
{
	if (r)
		arena_free(r->arena);
}

const char *refusals_sentence(void *ctx, const char *key, const char *language)
{
	const struct text *t = ctx ? find(ctx, key, language) : NULL;

	return t ? t->lines : NULL;
}
