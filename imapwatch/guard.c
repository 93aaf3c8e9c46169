/* SPDX-License-Identifier: MPL-2.0
 *
 * A byte-wise reader of server lines and literals (RFC 3501 section 2.2). Pure.
 */
#include "config.h"

#include "imapwatch/guard.h"

#include <string.h>
#include <strings.h>

void guard_init(struct guard *g, uint64_t literal_max)
{
	*g = (struct guard){ .literal_max = literal_max, .budget = literal_max };
}

void guard_budget(struct guard *g, uint64_t bytes)
{
	g->budget = bytes;
}

static bool refuse(struct guard *g, const char *why)
{
	g->refused = why;
	return false;
}

static void line_begins(struct guard *g)
{
	g->line = 0;
	g->head_n = 0;
	g->depth = 0;
	g->quoted = g->escaped = false;
}

/* Status answers end in free text: what looks like a literal there is none. */
static bool is_status_line(const struct guard *g)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	const char *blank = memchr(g->head, ' ', g->head_n);

	if (g->head_n > 0 && g->head[0] == '+')
		return true;
	if (!blank)
		return false;
	blank++;
	size_t left = g->head_n - (size_t)(blank - g->head);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);
		if (left >= n && strncasecmp(blank, words[i], n) == 0 &&
		    (left == n || blank[n] == ' ' || blank[n] == '\r'))
			return true;
	}
	return false;
}

/* libetpan swallows what a server announces between an answer's lines. */
static void note_news(struct guard *g)
{
	char head[sizeof(g->head) + 1];
	size_t digits;

	memcpy(head, g->head, g->head_n);
	head[g->head_n] = '\0';
	if (strncasecmp(head, "* STATUS ", 9) == 0)
		g->statuses++;
	if (strncmp(head, "* ", 2) != 0)
		return;
	digits = strspn(head + 2, "0123456789");
	if (digits > 0 && (strncasecmp(head + 2 + digits, " EXISTS", 7) == 0 ||
			   strncasecmp(head + 2 + digits, " EXPUNGE", 8) == 0))
		g->news++;
}

static bool line_ends(struct guard *g)
{
	bool literal = g->closed && g->digits > 0 && !is_status_line(g);

	if (!literal) {
		note_news(g);
		line_begins(g);
	} else if (g->number > g->literal_max) {
		return refuse(g, "announced a literal larger than was asked for");
	} else {
		g->literal_left = g->number;
		g->line = 0;
		g->quoted = g->escaped = false;
	}
	g->brace = g->closed = g->cr = false;
	g->digits = 0;
	return true;
}

static bool see_brace(struct guard *g, char c)
{
	if (c == '{') {
		g->brace = true;
		g->closed = false;
		g->digits = 0;
		g->number = 0;
		return true;
	}
	if (!g->brace)
		return true;
	if (c >= '0' && c <= '9' && !g->closed) {
		g->number = g->number * 10 + (uint64_t)(c - '0');
		if (++g->digits > 18)
			return refuse(g, "announced a literal of an impossible length");
	} else if (c == '}' && !g->closed) {
		g->closed = true;
	} else if (c == '+' && !g->closed) {
		;
	} else if (c != '\r') {
		g->brace = g->closed = false;
		g->digits = 0;
	}
	return true;
}

static bool see_line_byte(struct guard *g, char c)
{
	if (c == '\n')
		return line_ends(g);
	if (++g->line > GUARD_MAX_LINE)
		return refuse(g, "sent a line without end");
	if (g->head_n < sizeof(g->head))
		g->head[g->head_n++] = c;
	if (g->escaped) {
		g->escaped = false;
	} else if (g->quoted) {
		if (c == '\\')
			g->escaped = true;
		else if (c == '"')
			g->quoted = false;
	} else if (c == '"') {
		g->quoted = true;
	} else if (c == '(') {
		if (++g->depth > GUARD_MAX_DEPTH && !is_status_line(g))
			return refuse(g, "sent lists nested too deep");
	} else if (c == ')') {
		if (g->depth > 0)
			g->depth--;
	}
	return see_brace(g, c);
}

bool guard_see(struct guard *g, const char *p, size_t n)
{
	if (g->refused)
		return false;
	if (n > g->budget)
		return refuse(g, "sent an answer without end");
	g->budget -= n;
	while (n > 0) {
		if (g->literal_left > 0) {
			size_t skip = n < g->literal_left ? n : (size_t)g->literal_left;
			g->literal_left -= skip;
			p += skip;
			n -= skip;
			continue;
		}
		if (!see_line_byte(g, *p))
			return false;
		p++;
		n--;
	}
	return true;
}
