/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to the files that read leads: words (lead_words.c), pairs of label and value (lead_lines.c from text and
 * HTML, lead_data.c from JSON, XML and urlencoded), and what becomes of them (lead.c).
 */
#ifndef CLASSIFIER_LEAD_PRIVATE_H
#define CLASSIFIER_LEAD_PRIVATE_H

#include "base/str.h"
#include "classifier/lead.h"

/* Lists that are no names of fields. */
enum lead_list {
	LIST_YES, LIST_NO, LIST_URGENT, LIST_FILLER, LIST_COMPANY_MARK, LIST_YOUR_REQUEST, LIST_LABEL_KEY,
	LIST_WEAK_LABEL_KEY, LIST_VALUE_KEY, LIST_MORE_VALUE_KEY, LIST_SKIP, LIST_ROBOT, LIST_COUNT
};

struct label {
	const char *key;	/* folded */
	enum lead_field field;
};
struct word {
	const char *text;	/* folded, but for LIST_YOUR_REQUEST */
	const char *language;
};
struct lead_words {
	struct arena *arena;
	struct label *labels;	/* sorted */
	size_t labels_n, labels_room;
	struct word *lists[LIST_COUNT];
	size_t lists_n[LIST_COUNT], lists_room[LIST_COUNT];
};

/* "data[E-Mail-Adresse] *" -> "data e mail adresse": for comparing. */
const char *label_key(struct arena *a, const char *text);
/* The field of a label; loose: one of its phrases may stand in a longer question. LEAD_FIELD_COUNT: none. */
enum lead_field label_field(struct arena *a, const struct lead_words *w, const char *text, bool loose);
bool words_have(const struct lead_words *w, enum lead_list list, const char *folded);
/* Does the folded text hold one of the list as whole words? */
bool words_within(const struct lead_words *w, enum lead_list list, const char *folded);
const char *words_of_language(const struct lead_words *w, enum lead_list list, const char *language);

enum { PAIRS_MAX = 300 };
struct pair {
	const char *label, *value;
	enum lead_field field;
};
struct pairs {
	struct arena *a;
	const struct lead_words *w;
	enum lead_shape shape;
	struct pair list[PAIRS_MAX];
	size_t n, seen;			/* seen: also those that found no room */
	bool titled;			/* its labels are marked as such: questions count too */
};
struct pairs *pairs_new(struct arena *a, const struct lead_words *w, enum lead_shape shape);
void pairs_add(struct pairs *p, const char *label, const char *value);
/* Under another name if the first is not known. */
void pairs_add_as(struct pairs *p, const char *label, const char *second, const char *value);

struct pairs *pairs_of_text(struct arena *a, const struct lead_words *w, const char *text);
struct pairs *pairs_of_html(struct arena *a, const struct lead_words *w, const char *html, size_t n);
struct pairs *pairs_of_json(struct arena *a, const struct lead_words *w, const char *text, size_t n);
struct pairs *pairs_of_urlencoded(struct arena *a, const struct lead_words *w, const char *text, size_t n);
struct pairs *pairs_of_xml(struct arena *a, const struct lead_words *w, const char *text, size_t n);

/* lead_clean.c: one line without control characters, at most max bytes; NULL if nothing is left. */
const char *clean_line(struct arena *a, const char *s, size_t max);
const char *clean_text(struct arena *a, const char *s, size_t max);	/* the same with line ends */
bool plausible_name(const char *s);
bool plausible_words(const char *s);	/* may stand in a mail of ours */
/* The first address in a value, or NULL. */
const char *address_in(struct arena *a, const char *value);
/* Links against words. */
bool only_links(const char *s);

#endif
