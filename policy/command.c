/* SPDX-License-Identifier: MPL-2.0
 *
 * Which lines of a reply are commands, which are mistakes, and where the reading ends (command.h has the
 * rule). What one line says is command_line.c's business.
 */
#include "config.h"

#include "policy/command_private.h"

#include <string.h>

#include "base/arena.h"
#include "classifier/classifier.h"

enum { BORDERS = 20, LINE_BYTES = 4000, LINES_READ = 2000, SUBJECT_LEAST = 8, TOKEN = 40 };

struct lines {
	struct arena *a;
	const struct command_context *c;
	struct command *list;
	struct command_mistake *mistakes;
	size_t n, mistakes_n, room;
	const char *unread;
	int unread_line, last_line;
	bool begun, ended;	/* a command was read; a paragraph that is none ended the reading */
	bool first_of_paragraph, letter, edited;
};

static const char *shown(struct arena *a, const char *line)
{
	return str_cut(a, text_squeeze(a, line), 200);
}

static void add_mistake(struct lines *l, const struct command_mistake *m, int number, const char *line)
{
	if (l->mistakes_n == COMMANDS_MAX)
		return;
	l->mistakes[l->mistakes_n] = *m;
	l->mistakes[l->mistakes_n].line = number;
	l->mistakes[l->mistakes_n++].words = shown(l->a, line);
}

static void add_command(struct lines *l, const struct line_read *r, int number, const char *line)
{
	static const struct command_mistake full = { .fault = COMMAND_TOO_MANY, .verb = COMMAND_COUNT };

	if (l->n == COMMANDS_MAX) {
		add_mistake(l, &full, number, line);
		return;
	}
	l->list[l->n] = r->command;
	l->list[l->n].line = number;
	l->list[l->n++].words = shown(l->a, line);
	l->edited = l->edited || r->command.verb == COMMAND_EDIT;
}

/* A command stands below words that were left alone: they were meant to be obeyed, or the command was not. */
static void take_back_unread(struct lines *l)
{
	struct command_mistake m = { .fault = COMMAND_UNKNOWN, .verb = COMMAND_COUNT };

	if (!l->unread)
		return;
	add_mistake(l, &m, l->unread_line, l->unread);
	l->unread = NULL;
	l->ended = false;
}

static void leave(struct lines *l, const char *line, int number)
{
	struct command_mistake m = { .fault = COMMAND_UNKNOWN, .verb = COMMAND_COUNT };

	if (!l->begun) {
		l->letter = true;
	} else if (l->first_of_paragraph || l->ended) {
		l->ended = true;
		if (!l->unread) {
			l->unread = line;
			l->unread_line = number;
		}
	} else {
		add_mistake(l, &m, number, line);
	}
}

static void one(struct lines *l, const char *line, const char *rest, int number)
{
	struct line_read r;

	command_line(l->a, l->c, line, rest, &r);
	switch (r.is) {
	case LINE_IS_COURTESY:
		return;
	case LINE_IS_PROSE:
		leave(l, line, number);
		break;
	case LINE_IS_COMMAND:
		if (l->ended && !r.numbered && !r.command.all) {	/* a word of the signature */
			leave(l, line, number);
			break;
		}
		take_back_unread(l);
		add_command(l, &r, number, line);
		l->begun = true;
		break;
	case LINE_IS_MISTAKE:
		if (l->ended && !(r.numbered && r.mistake.verb != COMMAND_COUNT)) {
			leave(l, line, number);
			break;
		}
		take_back_unread(l);
		add_mistake(l, &r.mistake, number, line);
		l->begun = true;
		break;
	}
	l->first_of_paragraph = false;
}

static void line_of(struct lines *l, const char *line, const char *rest, int number)
{
	struct border at[BORDERS];
	size_t n = command_borders(l->a, l->c, line, at, BORDERS), from = 0;

	for (size_t i = 0; i < n; i++) {
		one(l, arena_strndup(l->a, line + from, at[i].from - from), NULL, number);
		from = at[i].to;
	}
	one(l, line + from, rest, number);
}

static bool blank(struct span s)
{
	struct arena *a = arena_new(0);
	bool none = !*text_squeeze(a, span_dup(a, s));

	arena_free(a);
	return none;
}

static void read_body(struct lines *l, const char *text)
{
	struct span rest = span_of(text), line;

	l->first_of_paragraph = true;
	for (int number = 1; number < LINES_READ && !l->letter && !l->edited && !arena_over(l->a) &&
	     span_line(&rest, &line); number++) {
		if (blank(line)) {
			l->first_of_paragraph = true;
			continue;
		}
		line_of(l, str_cut(l->a, span_dup(l->a, line), LINE_BYTES), span_dup(l->a, rest), number);
	}
}

/* "Re:" before it: it is the list's own subject coming back. */
static bool own_subject(struct arena *a, const char *subject)
{
	return !str_eq(text_subject_key(a, subject), text_squeeze(a, text_fold(a, subject)));
}

/* ---- where the answered mail begins ---- */

struct answered {
	const char **begin, **within;	/* folded */
	size_t begin_n, within_n;
	const char *subject;		/* folded; NULL: it tells nothing */
};

static struct answered answered(struct arena *a, const struct command_context *c, const char *subject)
{
	struct answered w = { .begin = arena_array(a, const char *, c->own_n + 1),
			      .within = arena_array(a, const char *, c->own_n + 1) };

	for (size_t i = 0; i < c->own_n; i++) {
		const char *key = text_squeeze(a, text_fold(a, c->own[i]));

		if (strchr(key, '@') && !strchr(key, ' '))
			w.within[w.within_n++] = key;
		else if (*key)
			w.begin[w.begin_n++] = key;
	}
	if (!str_empty(subject) && own_subject(a, subject))
		w.subject = text_subject_key(a, subject);
	if (w.subject && strlen(w.subject) < SUBJECT_LEAST)
		w.subject = NULL;
	return w;
}

static bool has_token(const char *line)
{
	for (const char *p = line; (p = strstr(p, "do.")) != NULL; p += 3) {
		if (strspn(p + 3, "abcdefghijklmnopqrstuvwxyz234567") == TOKEN)
			return true;
	}
	return false;
}

/* The subject by itself, or behind a word and a colon: "Subiect: 3 drafts". */
static bool has_subject(const char *line, const char *subject)
{
	size_t n = strlen(line), k = strlen(subject);

	if (n < k || strcmp(line + n - k, subject) != 0)
		return false;
	return n == k || (n > k + 1 && n - k < 40 && line[n - k - 1] == ' ' && memchr(line, ':', n - k));
}

static bool is_answered(struct arena *a, const struct answered *w, const char *text)
{
	const char *line = text_squeeze(a, text_fold(a, text));

	line += strspn(line, "> |*#-");
	for (size_t i = 0; i < w->begin_n; i++) {
		if (strncmp(line, w->begin[i], strlen(w->begin[i])) == 0)
			return true;
	}
	for (size_t i = 0; i < w->within_n; i++) {
		if (strstr(line, w->within[i]))
			return true;
	}
	return has_token(line) || (w->subject && has_subject(line, w->subject));
}

/* The text up to there. A line that is understood as a command is the writer's. */
static const char *before_answered(struct arena *a, const struct command_context *c, const char *text,
				   const char *subject)
{
	struct answered w = answered(a, c, subject);
	struct span rest = span_of(text), line;
	struct line_read r;

	while (span_line(&rest, &line) && !arena_over(a)) {
		const char *one = str_cut(a, span_dup(a, line), LINE_BYTES);

		if (!is_answered(a, &w, one))
			continue;
		command_line(a, c, one, NULL, &r);
		if (r.is != LINE_IS_COMMAND)
			return arena_strndup(a, text, (size_t)(line.p - text));
	}
	return text;
}

static void init(struct lines *l, struct arena *a, const struct command_context *c)
{
	*l = (struct lines){ .a = a, .c = c };
	l->list = arena_array(a, struct command, COMMANDS_MAX);
	l->mistakes = arena_array(a, struct command_mistake, COMMANDS_MAX);
}

static bool read_subject(struct lines *l, const char *subject)
{
	if (str_empty(subject) || own_subject(l->a, subject))
		return false;
	l->first_of_paragraph = true;
	line_of(l, str_cut(l->a, subject, LINE_BYTES), NULL, 0);
	return l->begun && !l->letter;
}

void commands_read_text(struct arena *a, const struct command_context *c, const char *text, const char *subject,
			struct commands *out_r)
{
	struct lines body, l;
	bool empty;

	text = str_empty(text) ? text : before_answered(a, c, text, subject);
	empty = str_empty(text) || blank(span_of(text));
	*out_r = (struct commands){ .empty = false };
	init(&body, a, c);
	if (!empty)
		read_body(&body, text);
	l = body;
	if (!body.begun) {	/* nothing but a signature, perhaps: then the subject */
		init(&l, a, c);
		if (!read_subject(&l, subject)) {
			out_r->empty = empty;
			out_r->letter = !empty;
			return;
		}
		l.unread = empty ? NULL : shown(a, text);
	}
	out_r->list = l.list;
	out_r->n = l.n;
	out_r->mistakes = l.mistakes;
	out_r->mistakes_n = l.mistakes_n;
	out_r->unread = l.unread ? shown(a, l.unread) : NULL;
}

void commands_read(struct arena *a, const struct command_context *c, const struct message *m,
		   struct commands *out_r)
{
	struct visible_text seen = message_visible(a, c->phrases, m);

	commands_read_text(a, c, seen.text, m->subject, out_r);
}
