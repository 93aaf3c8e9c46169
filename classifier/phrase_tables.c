/* SPDX-License-Identifier: MPL-2.0
 *
 * The data files that are not phrases: bounce formats, the status table, lists of names; and
 * which sections a file may have.
 */
#include "config.h"

#include "base/arena.h"
#include "classifier/classifier.h"
#include "classifier/phrases_private.h"

#include <string.h>

static bool in_list(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(s, *list))
			return true;
	return false;
}

bool section_known(const char *topic, const char *section)
{
	static const char *const class_sections[] = { "define", "strong", "weak", "never", "price",
		"timing", "competitor", "authority", "need", "trust", "elsewhere", "question", NULL };
	static const char *const away[] = { "define", "subject", "absent", "left", "dead", "ticket",
		"challenge", "receipt", "automatic", "standin", "never", "list", "recall",
		"moderated", "later", NULL };
	static const char *const quote[] = { "define", "wrote", "from", "sent", "to", "subject",
		"original", "above", "closing", "device", "disclaimer", "banner", "footer", NULL };
	static const char *const dates[] = { "define", "until", "lastday", "back", "from", "next",
		"this", "in", "days", "weeks", "months", "years", "week", "month", "quarter", "year",
		"early", "mid", "end", "spring", "summer", "autumn", "winter", "after", "tomorrow", "easter", "christmas",
		"today", "newyear", "number", "weekof", "range", "start", "ignore", "dayafter",
		"half", "overmorrow", "m1", "m2", "m3",
		"m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12", NULL };
	static const char *const signs[] = { "define", "subject", "sender", "failed", "delayed",
		"delivered", "returned", "never", NULL };
	static const char *const words[] = { "words", NULL };
	static const char *const claims[] = { "define", "guarantee", "return", "figure", "urgency",
		"pressure", "praise", "familiar", "personal", "blame", "empty", "never", NULL };
	static const char *const calls[] = { "define", "call", "never", NULL };
	enum reply_class c;

	if (str_eq(topic, "away"))
		return in_list(section, away);
	if (str_eq(topic, "quote"))
		return in_list(section, quote);
	if (str_eq(topic, "dates"))	/* n2: number words for 2 */
		return in_list(section, dates) || (section[0] == 'n' && section[1] >= '1' &&
						   section[1] <= '9');
	if (str_eq(topic, "words"))
		return in_list(section, words);
	if (str_eq(topic, "signs"))
		return in_list(section, signs);
	if (str_eq(topic, "reasons")) {
		size_t n = strlen(section);
		char base[64];
		/* "user_unknown weak": less than a status code; "user_unknown sure": whenever it is said */
		if (n > 5 && n < sizeof base &&
		    (str_eq(section + n - 5, " weak") || str_eq(section + n - 5, " sure"))) {
			memcpy(base, section, n - 5);
			base[n - 5] = '\0';
			section = base;
		}
		for (int i = 0; i < REASON_COUNT; i++)
			if (str_eq(section, reason_name((enum bounce_reason)i)))
				return true;
		return str_eq(section, "define");
	}
	if (str_eq(topic, "claims"))
		return in_list(section, claims);
	if (str_eq(topic, "calls"))
		return in_list(section, calls);
	if (!str_eq(topic, "bump") && !str_eq(topic, "thirdparty") && !class_from_name(topic, &c))
		return false;
	return in_list(section, class_sections);
}

void lang_note(struct phrases *p, const char *lang)
{
	for (size_t i = 0; i < p->langs_n; i++)
		if (str_eq(p->langs[i], lang))
			return;
	if (p->langs_n == LANGS)
		return;
	p->langs[p->langs_n++] = lang;
	date_names_load(p, lang);
}

size_t phrases_langs(const struct phrases *p, const char *const **out_r)
{
	*out_r = p->langs;
	return p->langs_n;
}

size_t phrases_count(const struct phrases *p, const struct phrase **out_r)
{
	*out_r = p->phrases;
	return p->phrases_n;
}

const struct weights *phrases_model(const struct phrases *p)
{
	return p->model;
}

void phrases_free(struct phrases *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->formats_n; i++) {
		struct bounce_format *f = &p->formats[i];
		for (size_t k = 0; k < f->recipient_n; k++)
			pattern_free(f->recipient[k]);
		for (size_t k = 0; k < f->words_n; k++)
			pattern_free(f->words[k]);
		for (size_t k = 0; k < f->end_n; k++)
			pattern_free(f->end[k]);
	}
	machine_free(p->machine);
	arena_free(p->arena);
}

/* Bounce formats: lines "keyword value". */

enum { PER_FORMAT = 24 };

static enum status add_pattern(struct pattern **list, size_t *n, const char *text,
			       const char *file, int line, struct err *e)
{
	enum status st;

	if (*n == PER_FORMAT)
		return err_set(e, CONF, "%s, line %d: too many patterns of one kind", file, line);
	st = pattern_new(text, PATTERN_CASELESS | PATTERN_MULTILINE, &list[*n], e);
	if (st != OK)
		return err_prefix(e, CONF, "%s, line %d", file, line);
	(*n)++;
	return OK;
}

static enum status format_line(struct phrases *p, struct bounce_format *f, struct span key,
			       const char *value, const char *file, int line, struct err *e)
{
	(void)p;
	if (span_eq(key, "mark")) {
		if (f->marks_n == PER_FORMAT)
			return err_set(e, CONF, "%s, line %d: too many marks", file, line);
		f->marks[f->marks_n++] = value;
		return OK;
	}
	if (span_eq(key, "recipient"))
		return add_pattern(f->recipient, &f->recipient_n, value, file, line, e);
	if (span_eq(key, "words"))
		return add_pattern(f->words, &f->words_n, value, file, line, e);
	if (span_eq(key, "end"))
		return add_pattern(f->end, &f->end_n, value, file, line, e);
	if (span_eq(key, "reason")) {
		f->reason = value;
		return OK;
	}
	if (span_eq(key, "fate")) {
		f->fate = value;
		return OK;
	}
	return err_set(e, CONF, "%s, line %d: expected mark, recipient, words, end, reason or fate, "
		       "found '%.*s'", file, line, (int)key.n, key.p);
}

enum status bounce_format_read(struct phrases *p, const char *file, const char *name,
			       struct span text, struct err *e)
{
	struct bounce_format *f;
	struct span line;
	enum status st = OK;
	int number = 0;

	if (p->formats_n == p->formats_room) {
		size_t room = p->formats_room ? p->formats_room * 2 : 32;
		struct bounce_format *g = arena_array(p->arena, struct bounce_format, room);
		if (p->formats_n)
			memcpy(g, p->formats, p->formats_n * sizeof *g);
		p->formats = g;
		p->formats_room = room;
	}
	f = &p->formats[p->formats_n++];
	f->name = name;
	f->marks = arena_array(p->arena, const char *, PER_FORMAT);
	f->recipient = arena_array(p->arena, struct pattern *, PER_FORMAT);
	f->words = arena_array(p->arena, struct pattern *, PER_FORMAT);
	f->end = arena_array(p->arena, struct pattern *, PER_FORMAT);
	while (st == OK && span_line(&text, &line)) {
		struct span key, rest;
		number++;
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		rest = line;
		span_split(&rest, ' ', &key);
		st = format_line(p, f, key, span_dup(p->arena, span_trim(rest)), file, number, e);
	}
	if (st == OK && f->marks_n == 0)
		st = err_set(e, CONF, "%s: a format needs at least one 'mark'", file);
	return st;
}

size_t phrases_formats(const struct phrases *p, const struct bounce_format *const **out_r)
{
	*out_r = (const struct bounce_format *const *)&p->formats;
	return p->formats_n;
}

enum status status_table_read(struct phrases *p, const char *file, struct span text, struct err *e)
{
	struct span line, key, rest;
	int number = 0;

	while (span_line(&text, &line)) {
		number++;
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		rest = line;
		span_split(&rest, ' ', &key);
		char *reason = span_dup(p->arena, span_trim(rest));
		if (!section_known("reasons", reason))
			return err_set(e, CONF, "%s, line %d: no such reason: '%s'", file, number, reason);
		if (p->status_n == p->status_room) {
			size_t room = p->status_room ? p->status_room * 2 : 256;
			struct status_row *g = arena_array(p->arena, struct status_row, room);
			if (p->status_n)
				memcpy(g, p->status, p->status_n * sizeof *g);
			p->status = g;
			p->status_room = room;
		}
		p->status[p->status_n++] = (struct status_row){ span_dup(p->arena, key), reason };
	}
	return OK;
}

const char *phrases_status_reason(const struct phrases *p, const char *status)
{
	/* "*.1.1" stands for 4.1.1 and 5.1.1; the last line that fits counts (.local comes later) */
	for (size_t i = p->status_n; i-- > 0;) {
		const char *s = p->status[i].status;
		if (str_eq(s, status) || (s[0] == '*' && *status && str_eq(s + 1, status + 1)))
			return p->status[i].reason;
	}
	return NULL;
}

/* Lists: sections of plain lines. */

/* A section that another file (its .local) has begun goes on. NULL: there are too many. */
static struct list *list_section(struct phrases *p, const char *name, struct span section)
{
	for (size_t i = 0; i < p->lists_n; i++) {
		if (str_eq(p->lists[i].file, name) && span_eq(section, p->lists[i].section))
			return &p->lists[i];
	}
	if (p->lists_n == LISTS)
		return NULL;
	p->lists[p->lists_n] = (struct list){ .file = name, .section = span_dup(p->arena, section) };
	return &p->lists[p->lists_n++];
}

enum status list_read(struct phrases *p, const char *file, const char *name, struct span text,
		      struct err *e)
{
	struct span line;
	struct list *l = NULL;

	while (span_line(&text, &line)) {
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.p[0] == '[' && line.p[line.n - 1] == ']' && line.n > 2) {
			l = list_section(p, name, (struct span){ line.p + 1, line.n - 2 });
			if (!l)
				return err_set(e, CONF, "%s: too many sections", file);
			continue;
		}
		if (!l)
			return err_set(e, CONF, "%s: a section like [fields] must come first", file);
		if ((l->n & (l->n - 1)) == 0) {
			const char **g = arena_array(p->arena, const char *, l->n ? l->n * 2 : 1);
			if (l->n)
				memcpy(g, l->item, l->n * sizeof *g);
			l->item = g;
		}
		l->item[l->n++] = span_dup(p->arena, line);
	}
	return OK;
}

/* ---- the fields of templates ---- */

char *field_key(struct arena *a, struct span s)
{
	char *folded = text_fold(a, span_dup(a, s));
	struct buf b;
	bool far = false;

	for (const char *c = folded; *c; c++)
		far |= (unsigned char)*c >= 0xe3;
	if (!far)
		folded = text_ascii(a, folded);
	buf_init(&b, a);
	for (const char *c = folded; *c; c++) {
		if (!strchr(" _-.'\n\t", *c))
			buf_addc(&b, *c);
	}
	return b.p;
}

/* Where key is, or the empty slot where it belongs. */
static size_t field_slot(const struct phrases *p, const char *key)
{
	size_t h = 5381;

	for (const char *c = key; *c; c++)
		h = h * 33 + (unsigned char)*c;
	for (h %= FIELD_SLOTS; p->fields[h] && !str_eq(p->fields[h], key);)
		h = (h + 1) % FIELD_SLOTS;
	return h;
}

void fields_index(struct phrases *p)
{
	static const char *const sections[] = { "fields", "names" };

	p->fields = arena_array(p->arena, const char *, FIELD_SLOTS);
	for (size_t k = 0; k < 2; k++) {
		const char *const *list;
		size_t n = phrases_list(p, "phrases/placeholders", sections[k], &list);

		for (size_t i = 0; i < n && i < FIELD_SLOTS / 4; i++) {
			const char *key = field_key(p->arena, span_of(list[i]));

			p->fields[field_slot(p, key)] = key;
		}
	}
}

bool phrases_is_field(const struct phrases *p, const char *key)
{
	return p->fields[field_slot(p, key)] != NULL;
}

size_t phrases_list(const struct phrases *p, const char *file, const char *section,
		    const char *const **out_r)
{
	for (size_t i = 0; i < p->lists_n; i++) {
		if (str_eq(p->lists[i].file, file) && str_eq(p->lists[i].section, section)) {
			*out_r = p->lists[i].item;
			return p->lists[i].n;
		}
	}
	*out_r = NULL;
	return 0;
}
