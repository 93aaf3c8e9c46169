/* SPDX-License-Identifier: MPL-2.0
 *
 * Whom a mail greets. Greetings, titles and honorifics are data (phrases/placeholders); what stands
 * between them and the comma is the name.
 */
#include "config.h"

#include "classifier/classifier.h"
#include "classifier/salutation.h"

enum { LOOK_LINES = 6, NAME_MAX_BYTES = 60, NAME_WORDS = 4 };

/* "Hi" is listed as it is written at the head of a line; "HI" and "hi" are it too. */
static bool starts_with(struct span s, const char *word)
{
	size_t n = strlen(word);

	return span_starts_case(s, word) && (s.n == n || strchr(" \t,!.:;-", s.p[n]) ||
					     (unsigned char)s.p[n] >= 0xe3);
}

static size_t list_of(const struct phrases *p, const char *section, const char *const **out_r)
{
	return phrases_list(p, "phrases/placeholders", section, out_r);
}

bool salutation_listed(const struct phrases *p, const char *section, struct span s)
{
	const char *const *list;
	size_t n = list_of(p, section, &list);

	for (size_t i = 0; i < n; i++) {
		if (span_eq(s, list[i]))
			return true;
	}
	return false;
}

static const char *greeting_of(const struct phrases *p, struct span line)
{
	const char *const *list, *best = NULL;
	size_t n = list_of(p, "greetings", &list);

	for (size_t i = 0; i < n; i++) {
		if (starts_with(line, list[i]) && (!best || strlen(list[i]) > strlen(best)))
			best = list[i];
	}
	return best;
}

static struct span skip(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

/* Titles before the name ("Herr Dr.", "Mrs"), as many as there are. */
static struct span without_titles(const struct phrases *p, struct span s, bool *titled_r)
{
	const char *const *list;
	size_t n = list_of(p, "titles", &list);
	bool again = true;

	while (again && s.n) {
		size_t best = 0;

		for (size_t i = 0; i < n; i++) {
			if (starts_with(s, list[i]) && strlen(list[i]) > best)
				best = strlen(list[i]);
		}
		again = best > 0;
		*titled_r |= again;
		s = span_trim(skip(s, best));
		while (again && s.n && (*s.p == '.' || *s.p == ' '))
			s = skip(s, 1);
	}
	return s;
}

static bool upper_or_other(char c)
{
	return (unsigned char)c >= 128 || (c >= 'A' && c <= 'Z');
}

/* Without an end mark: the words that look like a name, "Hi Paul who looks ..." */
static size_t capital_words(struct span s)
{
	size_t i = 0, end = 0;

	for (int words = 0; i < s.n && words < NAME_WORDS && upper_or_other(s.p[i]); words++) {
		while (i < s.n && s.p[i] != ' ')
			i++;
		end = i;
		while (i < s.n && s.p[i] == ' ')
			i++;
	}
	return end;
}

static bool behind_greeting(const struct phrases *p, struct span line, struct salutation *out)
{
	const char *greeting = greeting_of(p, line);
	struct span rest;
	size_t end = 0;

	if (!greeting)
		return false;
	rest = skip(line, strlen(greeting));
	while (end < rest.n && end < NAME_MAX_BYTES && !strchr(",!:;", rest.p[end]))
		end++;
	*out = (struct salutation){ .greeting = greeting };
	if (end < rest.n && strchr(",!:", rest.p[end])) {
		out->end = rest.p[end];
		out->blank = end > 0 && rest.p[end - 1] == ' ';
		out->line = (struct span){ line.p, strlen(greeting) + end + 1 };
	} else {
		struct span s = span_trim(rest);

		end = (size_t)(s.p - rest.p) + capital_words(s);
		out->line = (struct span){ line.p, strlen(greeting) + end };
	}
	out->called = span_trim((struct span){ rest.p, end });
	out->name = without_titles(p, out->called, &out->titled);
	return true;
}

/* The last word before an honorific: "株式会社山田 佐藤 様" greets 佐藤. */
static struct span last_word(struct span s)
{
	size_t i;

	s = span_trim(s);
	for (i = s.n; i > 0; i--) {
		if (s.p[i - 1] == ' ' || (i >= 3 && memcmp(s.p + i - 3, "\xe3\x80\x80", 3) == 0))
			break;
	}
	return skip(s, i);
}

static bool before_honorific(const struct phrases *p, struct span line, struct salutation *out)
{
	const char *const *list;
	size_t n = list_of(p, "honorifics", &list);
	struct span s = line;
	bool comma = false;

	while (s.n && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == ' ')) {
		comma |= s.p[s.n - 1] == ',';
		s.n--;
	}
	if (s.n >= 3 && memcmp(s.p + s.n - 3, "\xe3\x80\x81", 3) == 0) {	/* ideographic comma */
		comma = true;
		s.n -= 3;
	}
	for (size_t i = 0; i < n; i++) {
		size_t h = strlen(list[i]);

		if (s.n < h || s.n > NAME_MAX_BYTES + h || memcmp(s.p + s.n - h, list[i], h) != 0)
			continue;
		*out = (struct salutation){ .line = line, .greeting = "", .titled = true,
					    .end = comma ? ',' : '\0',
					    .name = last_word((struct span){ s.p, s.n - h }) };
		out->called = line;
		return true;
	}
	return false;
}

bool salutation_find(const struct phrases *p, const char *text, struct salutation *out_r)
{
	struct span rest = span_of(text), line;

	for (int k = 0; k < LOOK_LINES && span_line(&rest, &line);) {
		line = span_trim(line);
		if (!line.n)
			continue;
		k++;
		if (behind_greeting(p, line, out_r) || before_honorific(p, line, out_r))
			return true;
	}
	return false;
}
