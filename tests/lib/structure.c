/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/structure.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"
#include "classifier/message_private.h"

static const char *say(struct arena *a, size_t part, const char *what, const char *plain, const char *whole)
{
	return arena_printf(a, "part %zu: %s is '%.200s', GMime says '%.200s'", part, what,
			    plain ? plain : "(none)", whole ? whole : "(none)");
}

/* A name that both take for one. */
static bool plain_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p <= ' ' || (unsigned char)*p >= 127)
			return false;
	return *s;
}

/* Each name has the same first value on both sides; GMime puts Content-* last, and keeps fields
 * without a name. */
static const char *headers_differ(struct arena *a, size_t i, const struct part *p, const struct part *q)
{
	for (size_t k = 0; k < q->headers_n + p->headers_n; k++) {
		const char *name = k < q->headers_n ? q->headers[k].name :
				   p->headers[k - q->headers_n].name;
		if (plain_name(name) && !str_eq(part_header(p, name), part_header(q, name)))
			return say(a, i, name, part_header(p, name), part_header(q, name));
	}
	return NULL;
}

/* The same but for what is not ASCII: a byte more or less at the end of a part, and it is no UTF-8 any more, but Latin-1. */
static bool same_ascii(const char *s, size_t n, const char *t, size_t k)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < n && (unsigned char)s[i] >= 128)
			i++;
		while (j < k && (unsigned char)t[j] >= 128)
			j++;
		if (i == n || j == k)
			return n - i + k - j <= 4;
		if (s[i++] != t[j++])
			return false;
	}
}

/* GMime takes as many bytes off before a boundary as the boundary's own line end has: one too many or too few
 * where both kinds are mixed, and where a mail is cut off; and it loses a "=x" at the very end of quoted-printable.
 * Line ends behind the last word are nothing to anybody who reads it. */
static bool same_text(const char *s, size_t n, const char *t, size_t k, bool mixed)
{
	size_t least = n < k ? n : k;
	const char *rest;

	if (s && t && n > k && n - k <= 3 && s[k] == '=')
		n = k;
	if (!s || !t)
		return s == t;
	if (memcmp(s, t, least) != 0 || n + k - 2 * least > 2)
		return mixed && same_ascii(s, n, t, k);
	rest = (n > k ? s : t) + least;
	if (mixed && (n + k - 2 * least <= 1 || (unsigned char)*rest >= 0xc0))	/* one character, maybe of two bytes */
		return true;
	for (; n != k && *rest; rest++)
		if (*rest != '\n' && *rest != '\r')
			return false;
	return true;
}

/* Both kinds of line end, or a CR alone: which is a line end to us and none to GMime. */
static bool mixed_ends(const char *p, size_t n)
{
	size_t lf = 0, crlf = 0, cr = 0;

	for (size_t i = 0; i < n; i++) {
		bool after_cr = i > 0 && p[i - 1] == '\r';
		cr += p[i] == '\r';
		crlf += p[i] == '\n' && after_cr;
		lf += p[i] == '\n' && !after_cr;
	}
	return cr && (lf || cr != crlf);
}

static const char *part_differs(struct arena *a, size_t i, const struct part *p, const struct part *q,
				bool mixed)
{
	if (!str_eq(p->type, q->type))
		return say(a, i, "type", p->type, q->type);
	if (!str_eq(p->charset, q->charset))
		return say(a, i, "charset", p->charset, q->charset);
	if (!str_eq(p->filename, q->filename))
		return say(a, i, "name", p->filename, q->filename);
	if (!str_eq(p->calendar_method, q->calendar_method))
		return say(a, i, "method", p->calendar_method, q->calendar_method);
	if (!same_text(p->text, p->text_n, q->text, q->text_n, mixed))
		return say(a, i, "text", p->text, q->text);
	if (p->attachment != q->attachment || p->flowed != q->flowed || p->depth != q->depth ||
	    p->parent_rfc822 != q->parent_rfc822)
		return say(a, i, "a flag, depth or parent", "other", "other");
	return mixed ? NULL : headers_differ(a, i, p, q);
}

const char *structure_differs(struct arena *a, const char *bytes, size_t n)
{
	struct message *p = NULL, *q = NULL;
	bool mixed = mixed_ends(bytes, n);
	struct err e;
	const char *why;

	if (message_read_as(a, bytes, n, false, &p, &e) != message_read_as(a, bytes, n, true, &q, &e))
		return "only one of them can be read";
	if (!p)
		return NULL;
	if (!str_eq(p->content_type, q->content_type))
		return say(a, 0, "type of the mail", p->content_type, q->content_type);
	if (!str_eq(p->report_type, q->report_type))
		return say(a, 0, "report-type", p->report_type, q->report_type);
	if (p->parts_n != q->parts_n)
		return say(a, 0, "the number of parts", arena_printf(a, "%zu", p->parts_n),
			   arena_printf(a, "%zu", q->parts_n));
	for (size_t i = 0; i < p->parts_n; i++)
		if ((why = part_differs(a, i, &p->parts[i], &q->parts[i], mixed)))
			return why;
	if (!mixed && !same_text(p->text, strlen(p->text), q->text, strlen(q->text), mixed))
		return say(a, 0, "readable text", p->text, q->text);
	if (p->broken != q->broken || p->truncated != q->truncated)
		return say(a, 0, "broken or truncated", "other", "other");
	return NULL;
}
