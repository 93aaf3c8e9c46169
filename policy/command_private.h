/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to policy/command*.c: words of a line, and the vocabulary they are looked up in.
 */
#ifndef POLICY_COMMAND_PRIVATE_H
#define POLICY_COMMAND_PRIVATE_H

#include "policy/command.h"

#include "base/str.h"

enum word_kind { WORD_LETTERS, WORD_DIGITS, WORD_SIGN };
struct word {
	const char *key;	/* folded, without accents */
	size_t from, to;	/* bytes of the line */
	enum word_kind kind;
	int value;		/* digits: the number, -1 too large */
};
struct words {
	const char *line;
	struct word *w;
	size_t n;
	bool cut;		/* there are more */
};
enum { LINE_WORDS = 400 };
/* At most LINE_WORDS. An ideograph or kana is a word by itself: there are no blanks between those. */
struct words words_of(struct arena *a, const char *line);
/* The bytes from word i up to (not with) j, blanks and loose punctuation at the ends taken off; NULL if nothing
 * is left. */
const char *words_text(struct arena *a, const struct words *w, size_t i, size_t j);

enum vocabulary {
	VOCABULARY_VERB, VOCABULARY_CHANNEL, VOCABULARY_CLASS, VOCABULARY_BECAUSE, VOCABULARY_AND, VOCABULARY_RANGE,
	VOCABULARY_ALL, VOCABULARY_NUMBER, VOCABULARY_SMALL, VOCABULARY_CLOSING, VOCABULARY_GREETING,
	VOCABULARY_CLOCK, VOCABULARY_COUNT
};
/* The longest phrase of a kind that stands at word i: how many words it has, 0 none. *value_r (may be NULL): what
 * it means: "approve", "phone", "not_now"; "" for the small words. */
size_t vocabulary_at(const struct command_words *v, enum vocabulary kind, const struct words *w, size_t i,
		     const char **value_r);
/* The words of a kind that are one word long, for "did you mean". */
size_t vocabulary_list(struct arena *a, const struct command_words *v, enum vocabulary kind,
		       const char *const **out_r);
/* The verb of a name or NULL: what value_r of a near word is. */
const char *vocabulary_value(const struct command_words *v, enum vocabulary kind, const char *key);

enum line_is { LINE_IS_COMMAND, LINE_IS_MISTAKE, LINE_IS_PROSE, LINE_IS_COURTESY };
struct line_read {
	enum line_is is;
	bool numbered;		/* a command or mistake that names numbers */
	struct command command;
	struct command_mistake mistake;
};
/* One command, without the line's number. rest: the lines below it, which an edited text takes (or NULL). */
void command_line(struct arena *a, const struct command_context *c, const char *line, const char *rest,
		  struct line_read *out_r);
/* Where a line has several commands with "," or "and" between: where each such border begins and ends (bytes). How
 * many, at most max. */
struct border {
	size_t from, to;
};
size_t command_borders(struct arena *a, const struct command_context *c, const char *line, struct border *out,
		       size_t max);

#endif
