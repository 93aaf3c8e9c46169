/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to the files phrase*.c: the loaded data.
 */
#ifndef CLASSIFIER_PHRASES_PRIVATE_H
#define CLASSIFIER_PHRASES_PRIVATE_H

#include "classifier/phrases.h"

enum { SLOTS = 1 << 15, NUMBER_KEY = 0x11, ADDRESS_KEY = 0x22, QUESTION_KEY = 0x33, LANGS = 40,
       LISTS = 40 };
enum { GAP = 5, CJK_GAP = 12 };	/* what "..." may skip */

enum elem_kind { ELEM_WORD, ELEM_PREFIX, ELEM_ANY, ELEM_GAP, ELEM_NUMBER, ELEM_ADDRESS,
		 ELEM_BEGIN, ELEM_END, ELEM_QUESTION, ELEM_ALT };

/* An alternative that begins with a word. */
struct alt_word {
	uint32_t hash, alt;
};

struct elem {
	enum elem_kind kind;
	uint32_t n, hash;
	uint32_t alts_n, words_n, others_n;
	const char *s;
	struct phrase_seq *alts;	/* ELEM_ALT */
	struct alt_word *words;		/* ELEM_ALT: by hash, then in their order */
	uint32_t *others;		/* ELEM_ALT: alternatives that begin otherwise, in their order */
};

struct phrase_seq {
	struct elem *e;
	size_t n;
};

struct slot_entry {
	uint32_t hash, id;
};
struct slot {
	struct slot_entry *e;
	size_t n;
};
struct status_row {
	const char *status, *reason;
};
struct list {
	const char *file, *section;
	const char **item;
	size_t n;
};

enum name_kind { NAME_MONTH, NAME_WEEKDAY };
enum { NAME_TOKENS = 3 };
/* "maart", "月 曜 日": folded words. */
struct date_name {
	const char *lang;
	struct span t[NAME_TOKENS];
	size_t n;
	enum name_kind kind;
	int value;	/* month 1..12, weekday 1 Monday .. 7 */
	bool brief;
	uint32_t next;	/* the next one with this first byte, counted from 1; 0: none */
};

struct weights;
enum { FIELD_SLOTS = 4096 };
struct phrases {
	const char **fields;	/* FIELD_SLOTS: the keys of [fields] and [names] of phrases/placeholders */
	struct arena *arena;	/* owned; everything is on it */
	struct phrase *phrases;
	size_t phrases_n, phrases_room;
	struct slot *slots;
	struct machine *machine;	/* owned */
	struct bounce_format *formats;
	size_t formats_n, formats_room;
	struct status_row *status;
	size_t status_n, status_room;
	struct list lists[LISTS];
	size_t lists_n;
	struct date_name *names;
	size_t names_n, names_room;
	uint32_t names_from[256];	/* the first one with this first byte, counted from 1 */
	const char *langs[LANGS];
	size_t langs_n;
	struct weights *model;	/* or NULL */
};

/* The key of a word in the index by its first three bytes. */
static inline uint32_t prefix_hash(const char *s)
{
	return ((uint32_t)(unsigned char)s[0] << 16 | (uint32_t)(unsigned char)s[1] << 8 |
		(unsigned char)s[2]) * 2654435761u ^ 0x5bd1e995u;
}
static inline bool is_cjk_token(const struct token *t)
{
	return t->n >= 3 && t->n <= 4 && (unsigned char)t->s[0] >= 0xe3 &&
	       (unsigned char)t->s[0] <= 0xe9;
}
static inline bool is_end_token(const struct token *t)
{
	return t->kind == TOKEN_STOP || t->kind == TOKEN_QUESTION;
}
static inline bool at_begin(const struct tokens *t, size_t j)
{
	return j == 0 || is_end_token(&t->t[j - 1]) || t->t[j].line_start;
}

/* All phrases as one automaton over words (phrase_machine.c). It answers fast which phrases can
 * match at a token; where they end is for the matcher to tell. */
struct machine;
struct machine *machine_new(const struct phrases *p);
void machine_free(struct machine *m);	/* takes NULL */
/* One run over one text, by one thread. */
struct run *machine_run(const struct phrases *p, struct arena *a, const struct tokens *t, unsigned sets);
/* How many phrases of the run's sets match at token j. */
size_t machine_at(struct run *r, size_t j);
bool machine_matched(const struct run *r, uint32_t id);	/* by the last machine_at() */
void machine_done(struct run *r);

/* phrases_find() without the machine, each phrase by itself: slow, and the same (tests). */
struct hits phrases_find_plainly(struct arena *a, const struct phrases *p, const struct tokens *t);

void date_names_load(struct phrases *p, const char *lang);
void date_names_index(struct phrases *p);	/* once all are loaded */
bool section_known(const char *topic, const char *section);
void lang_note(struct phrases *p, const char *lang);
enum status bounce_format_read(struct phrases *p, const char *file, const char *name,
			       struct span text, struct err *e);
enum status status_table_read(struct phrases *p, const char *file, struct span text, struct err *e);
/* After all lists are read. */
void fields_index(struct phrases *p);
/* name: file without .local, under which phrases_list() finds it. */
enum status list_read(struct phrases *p, const char *file, const char *name, struct span text,
		      struct err *e);

#endif
