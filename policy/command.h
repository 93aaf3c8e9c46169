/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person commands by answering a digest or a note: the first lines of a mail, in the words of any of
 * the languages of conf/commands. Pure: it says what the words ask for, not whether it may be done.
 */
#ifndef POLICY_COMMAND_H
#define POLICY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/when.h"

struct arena;
struct message;
struct phrases;

enum command_verb {
#define COMMAND(sym, name, numbers, argument, stops, meaning) COMMAND_##sym,
#include "policy/commands.def"
#undef COMMAND
	COMMAND_COUNT
};
const char *command_name(enum command_verb v);		/* "approve" */
const char *command_meaning(enum command_verb v);
bool command_from_name(const char *name, enum command_verb *out_r);
/* It only makes less happen (stop, suppress, reject, park). */
bool command_stops(enum command_verb v);

/* conf/commands/<language>: the words of the verbs and the small words, by language. Immutable, may be shared by
 * threads. Files are read one after the other, a later one adds. CONF with file and line. */
struct command_words;
enum status command_words_parse(const char *file, const char *text, struct command_words **io_r, struct err *e);
void command_words_free(struct command_words *w);	/* takes NULL */

/* Lines of one mail, numbers in one line, the largest of them. */
enum { COMMANDS_MAX = 60, COMMAND_ITEMS_MAX = 200, COMMAND_ITEM_MAX = 9999 };

/* One line that was understood. */
struct command {
	enum command_verb verb;
	int line;		/* of the new text, from 1; 0: the subject */
	const char *words;	/* the line as it was written, at most 200 bytes */
	const int *items;	/* the numbers it names, in their order, none twice */
	size_t items_n;		/* 0: it names none */
	bool all;		/* "approve all" */
	const char *argument;	/* what stands behind the numbers, or NULL: a channel, an owner's name, a class (the
				 * classifier's own name), the new text, a date's words */
	struct date date;	/* park: wait until; booked: that day; year 0: none named */
	int minute;		/* booked: minutes since midnight, -1 none */
	const char *because;	/* the reason, or NULL */
};
enum command_fault {
	COMMAND_UNKNOWN,	/* no word that is known; near: the nearest one, or NULL */
	COMMAND_NUMBERS,	/* its numbers cannot be read: zero, too large, a range backwards, too many */
	COMMAND_ARGUMENT,	/* what it needs is missing or is none of the words it takes; near: an example */
	COMMAND_DAY,		/* no day could be read, or a day in the past, or more than one */
	COMMAND_LEFT,		/* there are words left that mean nothing to it; near: these words */
	COMMAND_TOO_MANY,	/* lines beyond COMMANDS_MAX */
};
/* One line that was not. */
struct command_mistake {
	enum command_fault fault;
	int line;
	const char *words;
	const char *near;	/* see above, or NULL */
	enum command_verb verb;	/* whose; COMMAND_COUNT: not known */
};
struct commands {
	const struct command *list;
	size_t n;
	const struct command_mistake *mistakes;
	size_t mistakes_n;
	bool letter;		/* its first line is no command and looks like none: a letter to somebody. Then list
				 * and mistakes are empty, and nothing may be done */
	bool empty;		/* there is no new text at all, and the subject commands nothing */
	const char *unread;	/* the first line behind the commands that was left alone (a signature, a word to a
				 * colleague), or NULL */
};

struct command_context {
	const struct command_words *words;
	const struct phrases *phrases;	/* for days in words */
	struct date today;		/* where the writer is */
	int offset;			/* of the mail's own Date, seconds east: decides 4/3 */
	const char *language;		/* of the writer, or NULL: decides between days of the same form */
	const char *const *names;	/* of the writer: a line of nothing but these is a signature */
	size_t names_n;
	/* How lines of the mail that is answered begin ("3. Ann Berg, Acme"); or, with an @, what stands in them: our own
	 * addresses. Where one stands, the new text is over, however the client marks what it quotes. */
	const char *const *own;
	size_t own_n;
};

/* Reads the new text of a mail (quotes and signatures left out), or its subject if there is none. Never fails;
 * whatever the bytes. Other people's words stand in what is quoted: whatever client and language it was, the text ends
 * where the answered mail begins (context.own, the subject that it answers, the token of a button).
 *
 * The rule: commands stand in the first lines, one a line. A first line that is a letter's: nothing is read.
 * Each line of a paragraph that begins with a command must be one, else it is a mistake; a paragraph below that
 * begins otherwise ends the reading, unless a command with a number stands in or below it: then what stands between is a
 * mistake. Whoever obeys does nothing while there are mistakes, but for the commands that stop. */
void commands_read(struct arena *a, const struct command_context *c, const struct message *m,
		   struct commands *out_r);
/* The same of a text and a subject (either may be NULL), without looking for quotes. */
void commands_read_text(struct arena *a, const struct command_context *c, const char *text, const char *subject,
			struct commands *out_r);

#endif
