/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "letter/html.h"

#include <string.h>

#include "base/arena.h"

/* Explicit directions (LRE..RLO, LRI..PDI) and marks: a stranger's name must not turn round what we write behind it. */
static bool turns_direction(const char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;

	if (len != 3 || u[0] != 0xe2)
		return false;
	return (u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xaa && u[2] <= 0xae))) ||
	       (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
}

/* C1 controls in UTF-8, and the two characters that are none (U+FFFE, U+FFFF). */
static bool is_no_character(const char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;

	return (len == 2 && u[0] == 0xc2 && u[1] < 0xa0) ||
	       (len == 3 && u[0] == 0xef && u[1] == 0xbf && u[2] >= 0xbe);
}

static void add_one(struct buf *b, const char *p, size_t len)
{
	switch (*p) {
	case '&':
		buf_adds(b, "&amp;");
		break;
	case '<':
		buf_adds(b, "&lt;");
		break;
	case '>':
		buf_adds(b, "&gt;");
		break;
	case '"':
		buf_adds(b, "&quot;");
		break;
	case '\'':
		buf_adds(b, "&#39;");
		break;
	default:
		if ((unsigned char)*p >= ' ' ? *p != 0x7f : *p == '\n' || *p == '\t')
			buf_add(b, p, len);
	}
}

void html_add_span(struct buf *b, struct span text)
{
	const char *p = str_utf8(b->arena, text.p, text.n);

	while (*p) {
		size_t len = 1;

		while (((unsigned char)p[len] & 0xc0) == 0x80)
			len++;
		if (!turns_direction(p, len) && !is_no_character(p, len))
			add_one(b, p, len);
		p += len;
	}
}

/* U+2028, U+2029: a line end for some programs and none for others. */
static bool is_odd_line_end(const char *p, size_t len)
{
	return len == 3 && memcmp(p, "\xe2\x80", 2) == 0 && ((unsigned char)p[2] == 0xa8 || (unsigned char)p[2] == 0xa9);
}

char *text_harmless(struct arena *a, const char *text)
{
	struct buf b;
	const char *p = str_utf8(a, text, strlen(text));

	buf_init(&b, a);
	while (*p) {
		size_t len = 1;

		while (((unsigned char)p[len] & 0xc0) == 0x80)
			len++;
		if (is_odd_line_end(p, len))
			buf_addc(&b, ' ');
		else if (!turns_direction(p, len) && !is_no_character(p, len) &&
			 (len > 1 || (unsigned char)*p >= ' ' ? *p != 0x7f : *p == '\n' || *p == '\t'))
			buf_add(&b, p, len);
		p += len;
	}
	return b.p;
}

void html_add(struct buf *b, const char *text)
{
	html_add_span(b, span_of(text));
}

char *html_escaped(struct arena *a, const char *text)
{
	struct buf b;

	buf_init(&b, a);
	html_add(&b, text);
	return b.p;
}

static void add_percent(struct buf *b, const char *s, bool address)
{
	for (; s && *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\r' || c == '\n') {
			if (c == '\r' && s[1] == '\n')
				s++;
			buf_adds(b, address ? "" : "%0D%0A");
		} else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			   strchr("-._~", c) || (address && c == '@')) {
			buf_addc(b, (char)c);
		} else {
			buf_addf(b, "%%%02X", c);
		}
	}
}

char *mailto_url(struct arena *a, const char *address, const char *subject, const char *body)
{
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, "mailto:");
	add_percent(&b, address, true);
	if (!str_empty(subject)) {
		buf_adds(&b, "?subject=");
		add_percent(&b, subject, false);
	}
	if (!str_empty(body)) {
		buf_adds(&b, str_empty(subject) ? "?body=" : "&body=");
		add_percent(&b, body, false);
	}
	return b.p;
}
