/* SPDX-License-Identifier: MPL-2.0
 *
 * Which lines of the phrase files a set of mails speaks to: a line that no mail hits is a guess.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "classifier/phrases.h"

#include <string.h>

size_t phrases_lines(const struct phrases *p)
{
	const struct phrase *list;

	return phrases_count(p, &list);
}

struct phrase_line phrases_line(const struct phrases *p, size_t i)
{
	const struct phrase *list;

	phrases_count(p, &list);
	return (struct phrase_line){ list[i].file, list[i].section, list[i].line };
}

static void mark_tokens(struct arena *a, const struct phrases *p, const struct tokens *t, bool *hit)
{
	struct hits h = phrases_find(a, p, t);

	for (size_t i = 0; i < h.n; i++)
		hit[h.h[i].phrase->id] = true;
}

static void mark(struct arena *a, const struct phrases *p, const char *text, bool *hit)
{
	struct tokens t = tokens_of(a, text, strlen(text));
	size_t kept = 0;

	mark_tokens(a, p, &t, hit);
	/* a server's words are read as if colons ended nothing (bounce_reason.c) */
	for (size_t i = 0; i < t.n; i++)
		if (t.t[i].kind != TOKEN_STOP || text[t.t[i].start] != ':')
			t.t[kept++] = t.t[i];
	if (kept < t.n) {
		t.n = kept;
		mark_tokens(a, p, &t, hit);
	}
}

void phrases_mark(struct arena *a, const struct phrases *p, const struct message *m, bool *hit)
{
	struct visible_text v = message_visible(a, p, m);

	mark(a, p, m->subject, hit);
	mark(a, p, v.text, hit);
	if (*v.quote)
		mark(a, p, v.quote, hit);
	if (*v.signature)
		mark(a, p, v.signature, hit);
	for (size_t i = 0; i < m->parts_n; i++)
		if (m->parts[i].text)
			mark(a, p, m->parts[i].text, hit);
}
