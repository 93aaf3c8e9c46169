/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "letter/words.h"

#include <string.h>

#include <unicode/upluralrules.h>

#include "base/arena.h"
#include "base/str.h"

enum { WORDS_MAX = 1000 };

struct words {
	const char *keys[WORDS_MAX], *texts[WORDS_MAX], *languages[WORDS_MAX];
	size_t n;
};

static size_t find(const struct words *w, const char *key)
{
	size_t i = 0;

	while (i < w->n && !str_eq(w->keys[i], key))
		i++;
	return i;
}

enum status words_read(struct arena *a, struct words **io_r, const char *language, const char *file,
		       const char *text, struct err *e)
{
	struct span rest = span_of(text), line;
	struct words *w = *io_r ? *io_r : arena_new_of(a, struct words);

	if (!str_is_utf8(text, strlen(text)))
		return err_set(e, CONF, "%s: it is not UTF-8", file);
	for (int number = 1; span_line(&rest, &line); number++) {
		const char *colon = memchr(line.p, ':', line.n), *key;
		size_t at;

		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!colon || colon < line.p || colon == line.p)
			return err_set(e, CONF, "%s:%d: a line is 'key: text', or a comment with #", file, number);
		key = arena_strndup(a, line.p, (size_t)(colon - line.p));
		at = find(w, key);
		if (at == WORDS_MAX)
			return err_set(e, CONF, "%s:%d: more than %d keys", file, number, WORDS_MAX);
		w->keys[at] = key;
		w->languages[at] = arena_strdup(a, language);
		w->texts[at] = span_dup(a, span_trim((struct span){ colon + 1,
					(size_t)(line.p + line.n - colon - 1) }));
		if (at == w->n)
			w->n++;
	}
	*io_r = w;
	return OK;
}

const char *words_get(const struct words *w, const char *key)
{
	size_t at = w ? find(w, key) : 0;

	return w && at < w->n ? w->texts[at] : key;
}

int words_has(const struct words *w, const char *key)
{
	return w && find(w, key) < w->n;
}

static char *fill(struct arena *a, const char *text, const char *const values[3])
{
	struct buf b;

	buf_init(&b, a);
	for (const char *p = text; *p; p++) {
		int which = strncmp(p, "{{", 2) == 0 && p[2] && strncmp(p + 3, "}}", 2) == 0 ?
			(p[2] == 'n' ? 0 : p[2] - '1') : -1;

		if (which < 0 || which > 2) {
			buf_addc(&b, *p);
			continue;
		}
		buf_adds(&b, values[which] ? values[which] : "");
		p += 4;
	}
	return b.p;
}

char *words_fill(struct arena *a, const struct words *w, const char *key, const char *one, const char *two,
		 const char *three)
{
	return fill(a, words_get(w, key), (const char *const[]){ one, two, three });
}

/* one, few, many, other ... of n in the language. */
static const char *category(struct arena *a, const char *language, long n)
{
	UErrorCode error = U_ZERO_ERROR;
	UPluralRules *rules = uplrules_open(language, &error);
	UChar name[16];
	int32_t len = rules ? uplrules_select(rules, (double)n, name, 15, &error) : 0;
	char *out = arena_alloc(a, 17);

	if (rules)
		uplrules_close(rules);
	if (U_FAILURE(error))
		return "other";
	for (int32_t i = 0; i < len; i++)
		out[i] = (char)name[i];
	return out;
}

char *words_count(struct arena *a, const struct words *w, const char *key, long n)
{
	const char *number = arena_printf(a, "%ld", n), *other = arena_printf(a, "%s.other", key);
	size_t at = w ? find(w, other) : 0;
	const char *language = w && at < w->n ? w->languages[at] : "en";
	const char *form = arena_printf(a, "%s.%s", key, category(a, language, n));
	size_t exact = w ? find(w, form) : 0;

	/* English forms of a category that the language's file lacks are not its words */
	if (w && exact < w->n && str_eq(w->languages[exact], language))
		other = form;
	return fill(a, words_get(w, other), (const char *const[]){ number, NULL, NULL });
}

size_t words_keys(const struct words *w, const char *const **out_r)
{
	*out_r = w ? w->keys : NULL;
	return w ? w->n : 0;
}
