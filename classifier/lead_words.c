/* SPDX-License-Identifier: MPL-2.0
 *
 * conf/leads: what forms call their fields, in each language, and a few words besides. `[field]`, then one name a
 * line; comments begin with #.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "classifier/lead_private.h"

enum { KEY_MAX = 160, WORDS_MOST = 12 };

static const char *const list_names[LIST_COUNT] = {
	[LIST_YES] = "yes", [LIST_NO] = "no", [LIST_URGENT] = "urgent", [LIST_FILLER] = "filler",
	[LIST_COMPANY_MARK] = "company_mark", [LIST_YOUR_REQUEST] = "your_request",
	[LIST_LABEL_KEY] = "label_key", [LIST_WEAK_LABEL_KEY] = "weak_label_key",
	[LIST_VALUE_KEY] = "value_key", [LIST_MORE_VALUE_KEY] = "more_value_key", [LIST_SKIP] = "skip",
	[LIST_ROBOT] = "robot",
};
/* ---- comparing ---- */

/* firstName -> first Name */
static const char *split_camel(struct arena *a, const char *s)
{
	struct buf b;

	if (strchr(s, ' '))
		return s;
	buf_init(&b, a);
	for (size_t i = 0; s[i]; i++) {
		if (i > 0 && s[i] >= 'A' && s[i] <= 'Z' && s[i - 1] >= 'a' && s[i - 1] <= 'z')
			buf_addc(&b, ' ');
		buf_addc(&b, s[i]);
	}
	return b.p;
}

/* What stands in brackets of the folded text is a remark; marks become blanks. */
static char *bare(struct arena *a, const char *s)
{
	static const char *const brackets[] = { "\xe3\x80\x90", "\xe3\x80\x91", "\xe2\x80\xbb", "\xe2\x80\xa2",
						"\xe2\x80\x99", "\xc2\xb7" };	/* 【 】 ※ • ’ · */
	struct buf b;
	int depth = 0;

	buf_init(&b, a);
	while (*s) {
		size_t skip = 0;

		for (size_t k = 0; k < sizeof(brackets) / sizeof(*brackets); k++)
			if (strncmp(s, brackets[k], strlen(brackets[k])) == 0)
				skip = strlen(brackets[k]);
		if (skip) {
			buf_addc(&b, ' ');
			s += skip;
			continue;
		}
		if (*s == '(')
			depth++;
		else if (*s == ')' && depth > 0)
			depth--;
		else if (depth == 0)
			buf_addc(&b, strchr("_-.[]/*:?#!'\"=&,;<>|\\+", *s) ? ' ' : *s);
		s++;
	}
	return b.p;
}

static bool drop_edge(struct arena *a, const struct lead_words *w, char **s)
{
	for (size_t i = 0; i < w->lists_n[LIST_FILLER]; i++) {
		const char *f = w->lists[LIST_FILLER][i].text;
		size_t n = strlen(f), all = strlen(*s);

		if (n == 0 || n + 1 >= all)
			continue;
		if (strncmp(*s, f, n) == 0 && (*s)[n] == ' ') {
			*s += n + 1;
			return true;
		}
		if (str_eq(*s + all - n, f) && (*s)[all - n - 1] == ' ') {
			*s = arena_strndup(a, *s, all - n - 1);
			return true;
		}
	}
	return false;
}

const char *label_key(struct arena *a, const char *text)
{
	if (strlen(text) > KEY_MAX)
		return "";
	return text_squeeze(a, bare(a, text_fold(a, split_camel(a, text))));
}

static int label_cmp(const void *x, const void *y)
{
	return strcmp(((const struct label *)x)->key, ((const struct label *)y)->key);
}

static enum lead_field exact(const struct lead_words *w, const char *key)
{
	struct label q = { .key = key };
	const struct label *l = bsearch(&q, w->labels, w->labels_n, sizeof(q), label_cmp);

	return l ? l->field : LEAD_FIELD_COUNT;
}

static bool whole_words(const char *text, const char *words)
{
	size_t n = strlen(words);

	for (const char *p = text; n && (p = strstr(p, words)); p++) {
		bool wide = (unsigned char)words[0] >= 0xe3;	/* written without blanks */

		if (wide || ((p == text || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0')))
			return true;
	}
	return false;
}

/* The longest name within a question: "what s your work email". */
static enum lead_field within(const struct lead_words *w, const char *key)
{
	enum lead_field found = LEAD_FIELD_COUNT;
	size_t best = 0, words = 1;

	for (const char *p = key; *p; p++)
		words += *p == ' ';
	if (words > WORDS_MOST)
		return found;
	for (size_t i = 0; i < w->labels_n; i++) {
		size_t n = strlen(w->labels[i].key);

		if (n > best && n > 3 && w->labels[i].field != LEAD_TRAP && whole_words(key, w->labels[i].key)) {
			best = n;
			found = w->labels[i].field;
		}
	}
	return found;
}

enum lead_field label_field(struct arena *a, const struct lead_words *w, const char *text, bool loose)
{
	char *key = (char *)(uintptr_t)label_key(a, text);
	enum lead_field f = exact(w, key);

	for (int i = 0; f == LEAD_FIELD_COUNT && i < 4 && drop_edge(a, w, &key); i++)
		f = exact(w, key);
	return f == LEAD_FIELD_COUNT && loose && *key ? within(w, key) : f;
}

bool words_have(const struct lead_words *w, enum lead_list list, const char *folded)
{
	for (size_t i = 0; i < w->lists_n[list]; i++)
		if (str_eq(w->lists[list][i].text, folded))
			return true;
	return false;
}

bool words_within(const struct lead_words *w, enum lead_list list, const char *folded)
{
	for (size_t i = 0; i < w->lists_n[list]; i++)
		if (whole_words(folded, w->lists[list][i].text))
			return true;
	return false;
}

const char *words_of_language(const struct lead_words *w, enum lead_list list, const char *language)
{
	const char *other = NULL;

	for (size_t i = 0; i < w->lists_n[list]; i++) {
		if (str_eq(w->lists[list][i].language, language))
			return w->lists[list][i].text;
		if (str_eq(w->lists[list][i].language, "en"))
			other = w->lists[list][i].text;
	}
	return other;
}

/* ---- loading ---- */

static void *grown(struct arena *a, void *list, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return list;
	*room = *room ? *room * 2 : 64;
	more = arena_alloc(a, *room * size);
	if (n)
		memcpy(more, list, n * size);
	return more;
}

static const char *language_of(struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;

	return arena_strndup(a, name, strcspn(name, "."));
}

struct section {
	enum lead_field field;
	enum lead_list list;	/* if field is LEAD_FIELD_COUNT */
};

static bool section_named(const char *name, struct section *out_r)
{
	out_r->field = LEAD_FIELD_COUNT;
	if (lead_field_from_name(name, &out_r->field))
		return true;
	for (size_t i = 0; i < LIST_COUNT; i++)
		if (str_eq(list_names[i], name))
			return out_r->list = (enum lead_list)i, true;
	return false;
}

static void add_line(struct lead_words *w, const struct section *s, const char *text, const char *language)
{
	struct arena *a = w->arena;

	if (s->field < LEAD_FIELD_COUNT) {
		w->labels = grown(a, w->labels, w->labels_n, &w->labels_room, sizeof(*w->labels));
		w->labels[w->labels_n++] = (struct label){ label_key(a, text), s->field };
		return;
	}
	w->lists[s->list] = grown(a, w->lists[s->list], w->lists_n[s->list], &w->lists_room[s->list],
				  sizeof(struct word));
	w->lists[s->list][w->lists_n[s->list]++] = (struct word){
		s->list == LIST_YOUR_REQUEST ? text : label_key(a, text), language };
}

static enum status load_one(struct lead_words *w, const struct data_file *file, struct err *e)
{
	struct span rest = { file->text, file->n }, line;
	const char *language = language_of(w->arena, file->name);
	struct section s = { LEAD_FIELD_COUNT, LIST_COUNT };
	bool known = false;

	for (int number = 1; span_line(&rest, &line); number++) {
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (!str_is_utf8(line.p, line.n))
			return err_set(e, CONF, "%s:%d: this is not UTF-8", file->name, number);
		if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
			char *name = arena_strndup(w->arena, line.p + 1, line.n - 2);

			known = section_named(name, &s);
			if (!known)
				return err_set(e, CONF, "%s:%d: there is no field '%s'", file->name, number, name);
			continue;
		}
		if (!known)
			return err_set(e, CONF, "%s:%d: a name before the first [field]", file->name, number);
		add_line(w, &s, span_dup(w->arena, line), language);
	}
	return OK;
}

enum status lead_words_load(const struct data_file *files, size_t n, struct lead_words **out_r, struct err *e)
{
	struct arena *a = arena_new(0);
	struct lead_words *w = arena_new_of(a, struct lead_words);
	enum status s = OK;

	w->arena = a;
	for (size_t i = 0; s == OK && i < n; i++)
		s = load_one(w, &files[i], e);
	if (s != OK) {
		arena_free(a);
		return s;
	}
	if (w->labels_n)
		qsort(w->labels, w->labels_n, sizeof(*w->labels), label_cmp);
	*out_r = w;
	return OK;
}

void lead_words_free(struct lead_words *w)
{
	if (w)
		arena_free(w->arena);
}
