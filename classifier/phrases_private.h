/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to phrases.c and phrase_tables.c: the loaded data.
 */
#ifndef CLASSIFIER_PHRASES_PRIVATE_H
#define CLASSIFIER_PHRASES_PRIVATE_H

#include "classifier/phrases.h"

enum { SLOTS = 1 << 15, NUMBER_KEY = 0x11, ADDRESS_KEY = 0x22, QUESTION_KEY = 0x33, LANGS = 40 };

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
};

struct phrases {
	struct arena *arena;	/* owned; everything is on it */
	struct phrase *phrases;
	size_t phrases_n, phrases_room;
	struct slot *slots;
	struct bounce_format *formats;
	size_t formats_n, formats_room;
	struct status_row *status;
	size_t status_n, status_room;
	struct list lists[16];
	size_t lists_n;
	struct date_name *names;
	size_t names_n, names_room;
	const char *langs[LANGS];
	size_t langs_n;
};

void date_names_load(struct phrases *p, const char *lang);
bool section_known(const char *topic, const char *section);
void lang_note(struct phrases *p, const char *lang);
enum status bounce_format_read(struct phrases *p, const char *file, const char *name,
			       struct span text, struct err *e);
enum status status_table_read(struct phrases *p, const char *file, struct span text, struct err *e);
enum status list_read(struct phrases *p, const char *file, struct span text, struct err *e);

#endif
