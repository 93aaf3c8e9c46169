/* SPDX-License-Identifier: MPL-2.0
 *
 * research: what is known of a person stays behind the mail. What is only supposed of them is no fact to be told: it may
 * be asked. What is known is mentioned, not recited.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <string.h>

/* A shorter sentence is anybody's; a longer run of words is theirs, whole or not. */
enum { SENTENCE_LEAST = 4, RUN_ENOUGH = 9, SHOWN_BYTES = 60 };

/* Up to behind the end of the first sentence of s; *asks_r: it ends in a question mark. A line break between
 * paragraphs ends one, too. */
static size_t sentence(struct span s, bool *asks_r)
{
	*asks_r = false;
	for (size_t i = 0; i < s.n; i++) {
		struct span rest = { s.p + i, s.n - i };
		bool far = span_starts_case(rest, "\u3002") || span_starts_case(rest, "\uff01") ||
			   span_starts_case(rest, "\uff1f");

		if (far || (strchr(".!?", s.p[i]) && (i + 1 == s.n || strchr(" \t\r\n\"')", s.p[i + 1])))) {
			*asks_r = s.p[i] == '?' || span_starts_case(rest, "\uff1f");
			return i + (far ? 3 : 1);
		}
		if (s.p[i] == '\n' && i + 1 < s.n && s.p[i + 1] == '\n')
			return i + 1;
	}
	return s.n;
}

/* The text without its questions. */
static const char *told(struct arena *a, const char *text)
{
	struct span rest = span_of(text ? text : "");
	struct buf b;

	buf_init(&b, a);
	while (rest.n) {
		bool asks;
		size_t n = sentence(rest, &asks);

		/* what stood around a question is not one run of words */
		if (asks)
			buf_adds(&b, "\n0x0\n");
		else
			buf_addf(&b, "%.*s", (int)n, rest.p);
		rest = (struct span){ rest.p + n, rest.n - n };
	}
	return b.n ? b.p : "";
}

/* The sentence of what is supposed that stands in the text, or NULL. */
static const char *repeated(struct arena *a, const char *text, const char *supposed)
{
	struct span rest = span_of(supposed);

	while (rest.n) {
		bool asks;
		size_t n = sentence(rest, &asks), words;
		const char *one = arena_strndup(a, rest.p, n);
		size_t run = longest_run(a, text, one);

		words = word_count(a, one);
		if (words >= SENTENCE_LEAST && (run >= words || run >= RUN_ENOUGH))
			return one;
		rest = (struct span){ rest.p + n, rest.n - n };
	}
	return NULL;
}

/* The beginning, in whole words, for a sentence to the rep. */
static const char *shown(const struct hearing *h, const char *text)
{
	struct span s = span_trim(span_of(text));
	size_t n = s.n;

	if (n > SHOWN_BYTES)
		for (n = SHOWN_BYTES; n > 1 && s.p[n] != ' '; n--)
			;
	return arena_printf(h->arena, "%.*s%s", (int)n, s.p, n < s.n ? " ..." : "");
}

enum word rule_research(const struct hearing *h, struct plea *p)
{
	const struct memory_prospect *who = h->prospect;
	const char *facts;

	if (!who || !who->points_n)
		return WORD_DUNNO;
	facts = told(h->arena, h->mail->visible);
	p->o.recipient = who->address;
	for (size_t i = 0; i < who->points_n; i++) {
		const struct memory_point *t = &who->points[i];
		const char *one = t->supposed ? repeated(h->arena, facts, t->text) : NULL;
		size_t run = t->supposed ? 0 : longest_run(h->arena, h->mail->visible, t->text);

		if (one) {
			plea_fact(h, p, "inference \"%s\"", shown(h, one));
			plea_say(h, p, "research.inference", "who", who->address, "what", shown(h, one), NULL);
			return WORD_OBJECTS;
		}
		if (h->settings->quotation_words > 0 && run > (size_t)h->settings->quotation_words) {
			plea_fact(h, p, "quotation words=%zu limit=%d", run, h->settings->quotation_words);
			plea_say(h, p, "research.quotation", "what", shown(h, t->text), "count",
				 arena_printf(h->arena, "%zu", run), "limit",
				 arena_printf(h->arena, "%d", h->settings->quotation_words), NULL);
			return WORD_OBJECTS;
		}
	}
	return WORD_DUNNO;
}
