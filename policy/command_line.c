/* SPDX-License-Identifier: MPL-2.0
 *
 * One line of a reply: VERB NUMBERS ARGUMENT because REASON, in that order or with the numbers first ("3
 * approve", "4 bis März parken", "3を承認"). A line is understood as a whole or not at all.
 */
#include "config.h"

#include "policy/command_private.h"

#include "base/arena.h"
#include "classifier/day.h"

enum argument { ARGUMENT_NONE, ARGUMENT_DAY, ARGUMENT_WHEN, ARGUMENT_WORD, ARGUMENT_TEXT, ARGUMENT_REASON };

static const struct {
	const char *name, *meaning;
	enum argument argument;
	bool numbers, stops;
} verbs[COMMAND_COUNT] = {
#define COMMAND(sym, name, numbers, argument, stops, meaning) \
	[COMMAND_##sym] = { name, meaning, ARGUMENT_##argument, numbers, stops },
#include "policy/commands.def"
#undef COMMAND
};

const char *command_name(enum command_verb v)
{
	return verbs[v].name;
}

const char *command_meaning(enum command_verb v)
{
	return verbs[v].meaning;
}

bool command_from_name(const char *name, enum command_verb *out_r)
{
	for (enum command_verb v = 0; v < COMMAND_COUNT; v++) {
		if (str_eq(name, verbs[v].name)) {
			*out_r = v;
			return true;
		}
	}
	return false;
}

bool command_stops(enum command_verb v)
{
	return verbs[v].stops;
}

static bool takes_day(enum command_verb v)
{
	return verbs[v].argument == ARGUMENT_DAY || verbs[v].argument == ARGUMENT_WHEN;
}

/* ---- what is under way ---- */

struct reader {
	struct arena *a;
	const struct command_context *c;
	struct words w;
	const char *rest;
	struct line_read *out;
	enum command_verb verb;
	bool plain_ranges;	/* "4 to 6" is none: a day may follow */
};

static bool is_sign(const struct words *w, size_t i, const char *signs)
{
	return i < w->n && w->w[i].kind == WORD_SIGN && strchr(signs, *w->w[i].key) && !w->w[i].key[1];
}

static size_t skip_signs(const struct words *w, size_t i, size_t end, const char *signs)
{
	while (i < end && is_sign(w, i, signs))
		i++;
	return i;
}

static size_t skip_small(const struct reader *r, size_t i, size_t end)
{
	size_t n;

	while (i < end) {
		n = vocabulary_at(r->c->words, VOCABULARY_SMALL, &r->w, i, NULL);
		if (!n && !is_sign(&r->w, i, ",;:.-!\"')("))
			break;
		i += n ? n : 1;
	}
	return i < end ? i : end;
}

static enum line_is mistake(struct reader *r, enum command_fault fault, const char *near)
{
	r->out->mistake = (struct command_mistake){ .fault = fault, .near = near, .verb = r->verb };
	r->out->is = LINE_IS_MISTAKE;
	return LINE_IS_MISTAKE;
}

static enum line_is prose(struct reader *r)
{
	r->out->is = LINE_IS_PROSE;
	return LINE_IS_PROSE;
}

/* ---- numbers ---- */

struct numbers {
	int item[COMMAND_ITEMS_MAX];
	size_t n;
	size_t end[COMMAND_ITEMS_MAX];	/* word behind the list, if it ended with this item */
	size_t count_at[COMMAND_ITEMS_MAX];	/* how many items there are then */
	size_t stops_n;
	bool bad;
};

static bool add_item(struct numbers *l, int value)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->item[i] == value)
			return true;
	}
	if (value < 1 || value > COMMAND_ITEM_MAX || l->n == COMMAND_ITEMS_MAX)
		return false;
	l->item[l->n++] = value;
	return true;
}

/* "#", "no.", "nr", "item" before a number. */
static size_t number_words(const struct reader *r, size_t i)
{
	size_t n;

	do {
		n = vocabulary_at(r->c->words, VOCABULARY_NUMBER, &r->w, i, NULL);
		if (!n && is_sign(&r->w, i, "#(["))
			n = 1;
		i += n;
		if (n && is_sign(&r->w, i, ".:"))
			i++;
	} while (n);
	return i;
}

/* "," "and" "&" between numbers: how many words; 0: nothing joins. */
static size_t joint(const struct reader *r, size_t i)
{
	size_t from = i, n;

	i = skip_signs(&r->w, i, r->w.n, ",;&+/");
	n = vocabulary_at(r->c->words, VOCABULARY_AND, &r->w, i, NULL);
	return i + n - from;
}

static size_t range_sign(const struct reader *r, size_t i)
{
	size_t n = r->plain_ranges ? 0 : vocabulary_at(r->c->words, VOCABULARY_RANGE, &r->w, i, NULL);

	return n ? n : is_sign(&r->w, i, "-");
}

static bool is_number(const struct reader *r, size_t i)
{
	return i < r->w.n && r->w.w[i].kind == WORD_DIGITS;
}

/* "3." "3)" "3番": nothing but the number; but "3.4" is a date, or two numbers by mistake. */
static size_t behind_number(const struct reader *r, size_t i)
{
	size_t n = vocabulary_at(r->c->words, VOCABULARY_NUMBER, &r->w, i, NULL);

	if (n)
		return i + n;
	if (is_sign(&r->w, i, ")]"))
		return i + 1;
	if (is_sign(&r->w, i, ".") && !(is_number(r, i + 1) && r->w.w[i + 1].from == r->w.w[i].to))
		return i + 1;
	return i;
}

/* One number or range at word i; the word behind it, or 0: there is none. */
static size_t one_number(const struct reader *r, struct numbers *l, size_t i)
{
	size_t at = number_words(r, i), to, n;

	if (!is_number(r, at))
		return 0;
	/* "2027-03-15", "15.3.", "3/4", "30d": no number of a line */
	if (r->w.w[at].value > COMMAND_ITEM_MAX)
		l->bad = true;
	n = behind_number(r, at + 1);
	to = number_words(r, n + range_sign(r, n));
	if (range_sign(r, n) && is_number(r, to) && !is_sign(&r->w, to + 1, "-/")) {
		int from = r->w.w[at].value, last = r->w.w[to].value;

		if (from < 1 || last < from || last - from >= COMMAND_ITEMS_MAX)
			l->bad = true;
		for (int k = from; !l->bad && k <= last; k++)
			l->bad = !add_item(l, k);
		return behind_number(r, to + 1);
	}
	if (!add_item(l, r->w.w[at].value))
		l->bad = true;
	return n;
}

/* All numbers that may belong to the list at word i, and where it could end. The list goes on behind "," or
 * "and"; behind a mere blank only if nothing but numbers follows (plain). */
static void read_numbers(const struct reader *r, size_t i, size_t end, bool plain, struct numbers *l)
{
	size_t at = i, next;

	*l = (struct numbers){ .n = 0 };
	while (l->stops_n < COMMAND_ITEMS_MAX && at < end) {
		size_t n = l->stops_n ? joint(r, at) : 0;

		if (l->stops_n && !n && !(plain && is_number(r, at)))
			break;
		next = one_number(r, l, at + n);
		if (!next || next > end)
			break;
		at = next;
		l->end[l->stops_n] = at;
		l->count_at[l->stops_n++] = l->n;
	}
}

static void take_numbers(struct reader *r, const struct numbers *l, size_t stop)
{
	struct command *c = &r->out->command;

	c->items_n = l->count_at[stop];
	c->items = arena_memdup(r->a, l->item, c->items_n * sizeof(*c->items));
	r->out->numbered = true;
}

/* ---- arguments ---- */

enum { DAYS_MOST = 730 };

/* "10:00", "10h30", "10 Uhr", "10am", "10時": minutes since midnight and the words it took. */
static bool clock_at(const struct reader *r, size_t i, size_t end, int *minute_r, size_t *n_r)
{
	const struct words *w = &r->w;
	const char *word = NULL;
	size_t n = 1, k;
	int hour, minute = 0;

	if (i >= end || !is_number(r, i) || w->w[i].value > 24 || w->w[i].value < 0)
		return false;
	hour = w->w[i].value;
	if ((is_sign(w, i + 1, ":") || (i + 1 < end && str_eq(w->w[i + 1].key, "h"))) && i + 2 < end &&
	    is_number(r, i + 2) && w->w[i + 2].to - w->w[i + 2].from == 2 && w->w[i + 2].value < 60) {
		minute = w->w[i + 2].value;
		n = 3;
	}
	if (i + n < end)
		word = w->w[i + n].key;
	if (word && (str_eq(word, "pm") || str_eq(word, "am"))) {
		if (hour < 1 || hour > 12)
			return false;
		hour = hour % 12 + (*word == 'p' ? 12 : 0);
		n++;
	} else if ((k = vocabulary_at(r->c->words, VOCABULARY_CLOCK, w, i + n, NULL))) {
		n += k;
	} else if (n == 1) {
		return false;
	}
	*minute_r = hour * 60 + minute;
	*n_r = n;
	return *minute_r < 1440;
}

/* The text of words [i, end) without words [from, to). */
static const char *text_without(struct reader *r, size_t i, size_t end, size_t from, size_t to)
{
	const char *before = words_text(r->a, &r->w, i, from), *after = words_text(r->a, &r->w, to, end);

	return before && after ? arena_printf(r->a, "%s %s", before, after) : before ? before : after;
}

static bool take_day(struct reader *r, const char *text, struct text_day *d)
{
	int64_t seconds;

	*d = (struct text_day){ .days = 0 };
	if (str_duration(text, &seconds) && strpbrk(text, "dwhms")) {
		if (seconds > INT64_C(86400) * DAYS_MOST)
			return false;
		d->date = date_add_days(r->c->today, (int)((seconds + 86399) / 86400));
		d->days = 1;
		return seconds >= 86400;
	}
	return text_day(r->a, r->c->phrases, text, r->c->today, r->c->language, r->c->offset, d) && d->days == 1;
}

/* A day to come that a person may mean. */
static bool good_day(const struct reader *r, const struct text_day *d, bool today_too)
{
	int days = date_days_between(r->c->today, d->date);

	return !d->left && !d->past && days >= !today_too && days <= DAYS_MOST;
}

/* Is the rest of the line a day, or nothing? */
static bool rest_is_day(struct reader *r, size_t i, size_t end, bool when)
{
	struct command *c = &r->out->command;
	const char *text = words_text(r->a, &r->w, i, end);
	size_t clock = 0;
	struct text_day d;

	c->minute = -1;
	c->date = (struct date){ 0 };
	for (size_t k = i; when && k < end; k++) {
		if (clock_at(r, k, end, &c->minute, &clock)) {
			text = text_without(r, i, end, k, k + clock);
			break;
		}
	}
	if (!text || skip_small(r, i, end) == end)
		return true;
	if (!take_day(r, text, &d) || !good_day(r, &d, when)) {
		/* "を5月15日まで" */
		text = clock ? NULL : words_text(r->a, &r->w, skip_small(r, i, end), end);
		if (!text || !take_day(r, text, &d) || !good_day(r, &d, when))
			return false;
	}
	c->date = d.date;
	c->argument = text;
	return true;
}

/* Where the list of numbers ends and the day begins is told by which of the readings has sense; of two the one
 * with fewer numbers: "4, 15 March". */
static enum line_is day(struct reader *r, const struct numbers *l, size_t i, size_t end, bool when)
{
	const char *example = when ? "2027-01-15 10:00" : "30d, 2027-01-15";
	const struct command *c = &r->out->command;
	size_t stop = 0, stops = l->stops_n ? l->stops_n : 1;

	while (stop < stops && !rest_is_day(r, l->stops_n ? l->end[stop] : i, end, when))
		stop++;
	if (stop == stops)
		return !l->stops_n && !c->items_n && !c->all && (when || end - i > 3) ? prose(r) :
			mistake(r, COMMAND_DAY, example);
	if (when && (!c->date.year || c->minute < 0))
		return mistake(r, COMMAND_ARGUMENT, example);
	if (l->bad)
		return mistake(r, COMMAND_NUMBERS, NULL);
	if (l->stops_n)
		take_numbers(r, l, stop);
	return r->out->is = LINE_IS_COMMAND;
}

static enum line_is listed(struct reader *r, size_t i, size_t end, enum vocabulary kind)
{
	size_t n = vocabulary_at(r->c->words, kind, &r->w, i, &r->out->command.argument);
	const char *const *list, *near;
	size_t list_n;

	if (n && skip_small(r, i + n, end) == end)
		return r->out->is = LINE_IS_COMMAND;
	list_n = vocabulary_list(r->a, r->c->words, kind, &list);
	near = i < end ? str_nearest(r->w.w[i].key, list, list_n) : NULL;
	return mistake(r, COMMAND_ARGUMENT, near ? near : kind == VOCABULARY_CLASS ? "question, not_now, interested" :
		       "phone, linkedin");
}

static enum line_is word(struct reader *r, size_t i, size_t end)
{
	i = skip_small(r, i, end);
	if (r->verb == COMMAND_CHANNEL)
		return listed(r, i, end, VOCABULARY_CHANNEL);
	if (r->verb == COMMAND_CLASSIFY)
		return listed(r, i, end, VOCABULARY_CLASS);
	r->out->command.argument = words_text(r->a, &r->w, i, end);
	if (!r->out->command.argument)
		return mistake(r, COMMAND_ARGUMENT, "rita@example.com");
	return r->out->is = LINE_IS_COMMAND;
}

/* Free words. Without a number before them they must be marked as what they are: "Stop by tomorrow" and "Note
 * that" are how letters begin. */
static enum line_is text(struct reader *r, size_t i, size_t end, bool reason)
{
	struct command *c = &r->out->command;
	bool marked = r->out->numbered || is_sign(&r->w, i, ":-(") || c->because;
	const char *words;

	if (skip_small(r, i, end) < end && !marked)
		return prose(r);
	words = words_text(r->a, &r->w, i, end);
	if (words && skip_small(r, i, end) == end)
		words = NULL;
	if (reason) {
		if (words && c->because)
			c->because = arena_printf(r->a, "%s, %s", words, c->because);
		else if (words)
			c->because = words;
	} else {
		c->argument = words;
	}
	return r->out->is = LINE_IS_COMMAND;
}

static enum line_is edit(struct reader *r, size_t i, size_t end)
{
	size_t at = skip_signs(&r->w, i, end, ":-");
	const char *here = at < end ? r->w.line + r->w.w[at].from : "";
	struct span all;

	if (at < end && at == i && !r->out->numbered)
		return prose(r);
	all = span_trim(span_of(arena_printf(r->a, "%s\n%s", here, r->rest ? r->rest : "")));
	if (!all.n)
		return mistake(r, COMMAND_ARGUMENT, "edit 3: TEXT");
	r->out->command.argument = span_dup(r->a, all);
	return r->out->is = LINE_IS_COMMAND;
}

/* ---- a line ---- */

/* "because" and what follows it; the word at which it begins. */
static size_t take_because(struct reader *r, size_t i, size_t end)
{
	for (size_t k = i; k < end; k++) {
		size_t n = vocabulary_at(r->c->words, VOCABULARY_BECAUSE, &r->w, k, NULL);
		const char *why = n ? words_text(r->a, &r->w, k + n, end) : NULL;

		if (why) {
			r->out->command.because = why;
			return k;
		}
	}
	return end;
}

static enum line_is argument(struct reader *r, const struct numbers *l, size_t i, size_t end)
{
	size_t k;

	switch (verbs[r->verb].argument) {
	case ARGUMENT_NONE:
		k = skip_small(r, i, end);
		if (k == end)
			return r->out->is = LINE_IS_COMMAND;
		if (!r->out->numbered && !r->out->command.all)
			return prose(r);
		return mistake(r, COMMAND_LEFT, words_text(r->a, &r->w, k, end));
	case ARGUMENT_DAY:
	case ARGUMENT_WHEN:
		return day(r, l, i, end, verbs[r->verb].argument == ARGUMENT_WHEN);
	case ARGUMENT_WORD:
		if (!r->out->numbered && !r->out->command.all && end - i > 4)
			return prose(r);
		return word(r, i, end);
	case ARGUMENT_TEXT:
		return r->verb == COMMAND_EDIT ? edit(r, i, end) : text(r, i, end, false);
	case ARGUMENT_REASON:
		return text(r, i, end, true);
	}
	return prose(r);
}

/* Nothing but numbers up to the end: "approve 1 3 4". */
static bool only_numbers(const struct reader *r, size_t i, size_t end)
{
	struct numbers l;

	read_numbers(r, i, end, true, &l);
	return l.stops_n && skip_small(r, l.end[l.stops_n - 1], end) == end;
}

/* Behind the verb: numbers, argument, reason. */
static enum line_is verb_first(struct reader *r, size_t i, size_t end)
{
	size_t all, because = r->verb == COMMAND_EDIT || r->verb == COMMAND_NOTE ? end : take_because(r, i, end), at;
	struct numbers l = { .n = 0 };

	at = skip_signs(&r->w, i, because, ":-\"");
	all = vocabulary_at(r->c->words, VOCABULARY_ALL, &r->w, at, NULL);
	if (all && verbs[r->verb].numbers) {
		r->out->command.all = true;
		i = at + all;
	} else if (verbs[r->verb].numbers) {
		size_t small = skip_small(r, at, because);

		r->plain_ranges = takes_day(r->verb);
		read_numbers(r, is_number(r, number_words(r, small)) ? small : at, because,
			     !takes_day(r->verb) && only_numbers(r, small, because), &l);
		r->out->numbered = l.stops_n > 0;
		if (l.stops_n && !takes_day(r->verb)) {
			take_numbers(r, &l, l.stops_n - 1);
			i = l.end[l.stops_n - 1];
		}
	}
	if (l.bad && l.stops_n && !takes_day(r->verb))
		return mistake(r, COMMAND_NUMBERS, NULL);
	return argument(r, &l, i, because);
}

/* The verb at the end of a line, but for small words behind it: where it begins, end if there is none. */
static size_t verb_last(const struct reader *r, size_t i, size_t end, const char **value_r)
{
	for (size_t k = i + 1; k < end; k++) {
		size_t n = vocabulary_at(r->c->words, VOCABULARY_VERB, &r->w, k, value_r);

		if (n && skip_small(r, k + n, end) == end)
			return k;
		*value_r = NULL;
	}
	return end;
}

/* The numbers of the line stand before the verb, which is next, or last: "4 bis März parken". */
static enum line_is numbers_first(struct reader *r, size_t i, size_t end)
{
	const char *value = NULL;
	struct numbers l;
	size_t at, n, last, because;

	read_numbers(r, i, end, only_numbers(r, i, end), &l);
	if (!l.stops_n)
		return prose(r);
	r->out->numbered = true;
	at = skip_small(r, l.end[l.stops_n - 1], end);
	if (at == end)
		return mistake(r, COMMAND_UNKNOWN, NULL);
	because = take_because(r, at, end);
	n = vocabulary_at(r->c->words, VOCABULARY_VERB, &r->w, at, &value);
	last = n ? because : verb_last(r, at, because, &value);
	if (!value || !command_from_name(value, &r->verb))
		return mistake(r, COMMAND_UNKNOWN, NULL);
	r->out->command.verb = r->verb;
	if (!verbs[r->verb].numbers || l.bad)
		return mistake(r, COMMAND_NUMBERS, NULL);
	if (!n && takes_day(r->verb)) {
		r->plain_ranges = true;
		read_numbers(r, i, last, false, &l);
		return day(r, &l, l.end[0], last, r->verb == COMMAND_BOOKED);
	}
	take_numbers(r, &l, l.stops_n - 1);
	at = n ? at + n : l.end[l.stops_n - 1];
	l = (struct numbers){ .n = 0 };
	return argument(r, &l, at, last);
}

/* "Alle freigeben" */
static enum line_is all_first(struct reader *r, size_t i, size_t end)
{
	const char *value = NULL;
	struct numbers l = { .n = 0 };
	size_t n;

	i = skip_small(r, i, end);
	n = vocabulary_at(r->c->words, VOCABULARY_VERB, &r->w, i, &value);
	if (!n || !command_from_name(value, &r->verb) || !verbs[r->verb].numbers)
		return prose(r);
	r->out->command.verb = r->verb;
	r->out->command.all = true;
	return argument(r, &l, i + n, take_because(r, i + n, end));
}

/* Nothing but thanks, a greeting, or the writer's own name. */
static bool courtesy(const struct reader *r)
{
	size_t i = 0, n;
	bool some = false;

	while (i < r->w.n) {
		n = vocabulary_at(r->c->words, VOCABULARY_CLOSING, &r->w, i, NULL);
		if (!n)
			n = vocabulary_at(r->c->words, VOCABULARY_GREETING, &r->w, i, NULL);
		if (!n && some)
			n = vocabulary_at(r->c->words, VOCABULARY_AND, &r->w, i, NULL);
		for (size_t k = 0; !n && k < r->c->names_n; k++) {
			struct words name = words_of(r->a, r->c->names[k]);

			while (name.n && n < name.n && i + n < r->w.n && str_eq(name.w[n].key, r->w.w[i + n].key))
				n++;
			if (n < name.n)
				n = 0;
		}
		some = some || n;
		if (!n && r->w.w[i].kind == WORD_SIGN)
			n = 1;
		if (!n)
			return false;
		i += n;
	}
	return some || r->w.n == 0 || !is_sign(&r->w, 0, "?");
}

/* A word that is nearly a verb, with a number behind it or nothing at all: a slip, no letter. */
static enum line_is unknown(struct reader *r, size_t i, size_t end)
{
	const char *const *list, *near;
	size_t n, behind = skip_small(r, i + 1, end);
	bool number = is_number(r, number_words(r, behind));

	if (i == end || r->w.w[i].kind != WORD_LETTERS || end - i > 12)
		return prose(r);
	n = vocabulary_list(r->a, r->c->words, VOCABULARY_VERB, &list);
	near = strlen(r->w.w[i].key) > 3 ? str_nearest(r->w.w[i].key, list, n) : NULL;
	if (!number && !(near && behind == end))
		return prose(r);
	r->out->numbered = number;
	return mistake(r, COMMAND_UNKNOWN, near);
}

void command_line(struct arena *a, const struct command_context *c, const char *line, const char *rest,
		  struct line_read *out_r)
{
	struct reader r = { .a = a, .c = c, .w = words_of(a, line), .rest = rest, .out = out_r, .verb = COMMAND_COUNT };
	const char *value = NULL;
	size_t i, n;

	*out_r = (struct line_read){ .command = { .minute = -1 } };
	if (courtesy(&r)) {
		out_r->is = LINE_IS_COURTESY;
		return;
	}
	i = skip_signs(&r.w, 0, r.w.n, "-*\"'.:>\342");
	if (i < r.w.n && r.w.w[i].kind == WORD_SIGN && !is_sign(&r.w, i, "#([?"))
		i++;		/* any bullet */
	n = vocabulary_at(c->words, VOCABULARY_VERB, &r.w, i, &value);
	if (!n) {		/* "please approve 3" */
		i = skip_small(&r, i, r.w.n);
		n = vocabulary_at(c->words, VOCABULARY_VERB, &r.w, i, &value);
	}
	if (n && command_from_name(value, &r.verb)) {
		out_r->command.verb = r.verb;
		verb_first(&r, i + n, r.w.n);
	} else if (is_number(&r, number_words(&r, i))) {
		numbers_first(&r, i, r.w.n);
	} else if ((n = vocabulary_at(c->words, VOCABULARY_ALL, &r.w, i, NULL))) {
		all_first(&r, i + n, r.w.n);
	} else {
		unknown(&r, i, r.w.n);
	}
	if (r.w.cut)		/* not all of it was looked at: nothing is understood */
		mistake(&r, COMMAND_TOO_MANY, NULL);
	if (out_r->is == LINE_IS_MISTAKE && r.w.n > 40 && !out_r->numbered)
		out_r->is = LINE_IS_PROSE;
}

size_t command_borders(struct arena *a, const struct command_context *c, const char *line, struct border *out,
		       size_t max)
{
	struct reader r = { .a = a, .c = c, .w = words_of(a, line) };
	const char *value = NULL;
	size_t found = 0, first = skip_small(&r, 0, r.w.n), n;

	n = vocabulary_at(c->words, VOCABULARY_VERB, &r.w, first, &value);
	if (n && (str_eq(value, "edit") || str_eq(value, "note")))
		return 0;
	for (size_t i = first + 1; i < r.w.n && found < max; i++) {
		size_t join = joint(&r, i), verb;

		if (!join && is_sign(&r.w, i, ".!"))
			join = 1;
		verb = join ? vocabulary_at(c->words, VOCABULARY_VERB, &r.w, i + join, &value) : 0;
		if (verb && is_number(&r, number_words(&r, skip_small(&r, i + join + verb, r.w.n)))) {
			out[found++] = (struct border){ r.w.w[i].from, r.w.w[i + join].from };
			i += join + verb;
		}
	}
	return found;
}
