/* SPDX-License-Identifier: MPL-2.0
 *
 * Bytes of a mail to plain C fields: the headers, and the text that a reader sees. The structure is
 * message_walk.c; charsets are charset.c. These two files alone know GMime: here it decodes encoded
 * words.
 */
#include "config.h"

#include "classifier/message.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/charset.h"
#include "classifier/message_private.h"
#include "classifier/prescan.h"

#include <assert.h>
#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

static void init_once(void)
{
	g_mime_init();
}

static char *printable(struct arena *a, const char *s, size_t n)
{
	char *c = arena_strndup(a, s, n), *p = c, *q = c;

	/* unfolded: the line ends go, the blank that folded stays */
	for (; *p; p++) {
		if (*p == '\r' || *p == '\n')
			continue;
		*q++ = (unsigned char)*p < ' ' || *p == 127 ? ' ' : *p;
	}
	*q = '\0';
	return c;
}

/* A raw header value to UTF-8: unfolded, RFC 2047 decoded, whatever charset it is in. */
char *header_decode(struct arena *a, const char *raw, size_t n)
{
	struct span v = span_trim((struct span){ raw, n });
	char *u, *out;
	size_t un;

	u = charset_utf8(a, v.p, v.n, NULL, &un);
	u = printable(a, u, un);
	if (!strstr(u, "=?"))
		return u;
	char *d = g_mime_utils_header_decode_text(NULL, u);
	if (!d)
		return u;
	out = printable(a, d, strlen(d));
	if (!str_is_utf8(out, strlen(out)))
		out = str_utf8(a, out, strlen(out));
	g_free(d);
	return out;
}

static bool header_name_ok(struct span s)
{
	if (s.n == 0 || s.n > 256)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 127)
			return false;
	return true;
}

/* A block of headers: up to the first empty line, *body_r behind it. Lines that are no header are
 * skipped; a block that does not begin with one has none. */
size_t headers_parse(struct arena *a, const char *p, size_t n, size_t max, bool decode,
		     const struct header **out_r, size_t *body_r)
{
	struct span rest = { p, n }, line;
	size_t count = 0, room = 32;
	struct header *h = arena_array(a, struct header, room);
	struct span name = { NULL, 0 }, value = { NULL, 0 };
	bool more = true, junk = false;

	*body_r = n;
	while (more) {
		more = span_line(&rest, &line);
		if (more && line.n && (name.p || junk) && (line.p[0] == ' ' || line.p[0] == '\t')) {
			if (name.p)
				value.n = (size_t)(line.p + line.n - value.p);
			continue;	/* what goes on from a line that is no header is none either */
		}
		if (name.p && count < max) {
			if (count == room) {
				struct header *g = arena_array(a, struct header, room * 2);
				memcpy(g, h, room * sizeof *h);
				h = g;
				room *= 2;
			}
			h[count++] = (struct header){ span_dup(a, name), decode ?
				header_decode(a, value.p, value.n) : printable(a, value.p, value.n) };
		}
		name = (struct span){ NULL, 0 };
		if (!more)
			break;
		if (line.n == 0) {
			*body_r = (size_t)(rest.p - p);
			break;
		}
		const char *colon = memchr(line.p, ':', line.n);
		junk = true;
		if (!colon)
			continue;
		name = span_trim((struct span){ line.p, (size_t)(colon - line.p) });
		value = (struct span){ colon + 1, (size_t)(line.p + line.n - colon) - 1 };
		junk = !header_name_ok(name);
		if (junk)
			name = (struct span){ NULL, 0 };
	}
	*out_r = h;
	return count;
}

static const char *find_header(const struct header *h, size_t n, const char *name, size_t k)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_case(h[i].name, name) && k-- == 0)
			return h[i].value;
	return NULL;
}

const char *message_header(const struct message *m, const char *name)
{
	return find_header(m->headers, m->headers_n, name, 0);
}

const char *message_header_nth(const struct message *m, const char *name, size_t k)
{
	return find_header(m->headers, m->headers_n, name, k);
}

const char *part_header(const struct part *p, const char *name)
{
	return find_header(p->headers, p->headers_n, name, 0);
}

/* The text a reader sees. */
static void compose_text(struct walk *w, struct message *m)
{
	struct buf b;

	buf_init(&b, w->a);
	for (size_t i = 0; i < w->n; i++) {
		const struct part *p = &w->parts[i];
		const char *t = p->text;
		if (!w->readable[i] || b.n > MESSAGE_MAX_TEXT)
			continue;
		if (!str_eq(p->type, "text/plain")) {
			t = html_text(w->a, p->text, p->text_n);
			m->text_from_html = true;
		}
		if (b.n && b.p[b.n - 1] != '\n')
			buf_addc(&b, '\n');
		for (; *t; t++) {	/* one kind of line end */
			if (*t == '\r') {
				if (t[1] != '\n')
					buf_addc(&b, '\n');
				continue;
			}
			const char *e = t + strcspn(t, "\r");
			buf_add(&b, t, (size_t)(e - t));
			t = e - 1;
		}
	}
	m->text = b.p;
}

static void read_addresses(struct arena *a, const struct header *raw, size_t n, const char *name,
			   const struct addr **out_r, size_t *n_r)
{
	const char *v = find_header(raw, n, name, 0);
	struct addr *list = NULL;

	*n_r = 0;
	if (!v)
		return;
	/* parsed before RFC 2047 is decoded: an encoded '<' or ',' is no syntax */
	*n_r = addr_list(a, v, 0, &list);
	for (size_t i = 0; i < *n_r; i++)
		if (list[i].name)
			list[i].name = header_decode(a, list[i].name, strlen(list[i].name));
	*out_r = list;
}

static void read_headers(struct arena *a, struct message *m, const struct prescan *ps, size_t *body_r)
{
	const struct header *raw;
	size_t n = headers_parse(a, ps->bytes, ps->n, MESSAGE_MAX_HEADERS, false, &raw, body_r);
	struct header *h = arena_array(a, struct header, n + 1);
	const char *v;
	const char **ids;
	struct addr path;

	for (size_t i = 0; i < n; i++)
		h[i] = (struct header){ raw[i].name,
			header_decode(a, raw[i].value, strlen(raw[i].value)) };
	m->headers = h;
	m->headers_n = n;
	if ((v = find_header(raw, n, "Message-ID", 0)) && addr_msgids(a, v, 1, &ids) > 0)
		m->message_id = ids[0];
	if ((v = find_header(raw, n, "In-Reply-To", 0)))
		m->in_reply_to_n = addr_msgids(a, v, 0, &m->in_reply_to);
	if ((v = find_header(raw, n, "References", 0)))
		m->references_n = addr_msgids(a, v, 0, &m->references);
	read_addresses(a, raw, n, "From", &m->from, &m->from_n);
	read_addresses(a, raw, n, "To", &m->to, &m->to_n);
	read_addresses(a, raw, n, "Cc", &m->cc, &m->cc_n);
	read_addresses(a, raw, n, "Reply-To", &m->reply_to, &m->reply_to_n);
	v = find_header(h, n, "Subject", 0);
	m->subject = v ? v : "";
	if ((v = find_header(raw, n, "Return-Path", 0))) {
		struct span s = span_trim(span_of(v));
		if (s.n == 0 || (s.n == 2 && s.p[0] == '<'))
			m->return_path = "";
		else if (addr_path(a, span_dup(a, s), &path))
			m->return_path = path.key;
	}
	if ((v = find_header(raw, n, "Date", 0)) &&
	    !when_parse_rfc5322(v, &m->date, &m->date_offset))
		m->date = m->date_offset = 0;
}

enum status message_read(struct arena *a, const void *bytes, size_t n, struct message **out_r,
			 struct err *e)
{
	return message_read_as(a, bytes, n, false, out_r, e);
}

enum status message_read_as(struct arena *a, const void *bytes, size_t n, bool whole,
			    struct message **out_r, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct message *m = arena_new_of(a, struct message);
	struct prescan ps;
	struct walk w = { .a = a, .text_left = MESSAGE_MAX_TEXT, .ps = &ps, .whole = whole };
	size_t body;

	assert(out_r && (bytes || n == 0));
	pthread_once(&once, init_once);
	prescan(a, bytes, n, &ps);
	if (span_trim((struct span){ ps.bytes, ps.n }).n == 0)
		return err_set(e, INPUT, "this is not a mail: it is empty");
	m->truncated = ps.truncated;
	m->broken = ps.broken;
	m->subject = m->text = "";
	m->content_type = "text/plain";
	read_headers(a, m, &ps, &body);
	(void)body;
	walk_structure(&w, m);
	m->parts = w.parts;
	m->parts_n = w.n;
	m->truncated |= w.truncated;
	m->broken |= w.broken;
	m->report_type = w.report_type;
	compose_text(&w, m);
	*out_r = m;
	return OK;
}
