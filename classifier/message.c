/* SPDX-License-Identifier: MPL-2.0
 *
 * Bytes of a mail to plain C fields. The only file that knows GMime: it is used for the MIME
 * structure and the transfer encodings, nothing else; headers are read here, charsets in
 * charset.c. g_mime_multipart_get_boundary() and everything that writes a mail are never called
 * (gmime#165), and prescan.c has taken out what could make it run long.
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
#include <stdlib.h>
#include <string.h>

struct walk {
	struct arena *a;
	struct part *parts;
	bool *readable;		/* beside parts: belongs to the text a reader sees */
	size_t n, room;
	size_t text_left;	/* decoded text still allowed */
	const struct prescan *ps;
	bool whole;		/* nothing is kept from GMime: for comparing */
	bool truncated, broken;
	const char *report_type;
};

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
	bool more = true;

	*body_r = n;
	while (more) {
		more = span_line(&rest, &line);
		if (more && line.n && name.p && (line.p[0] == ' ' || line.p[0] == '\t')) {
			value.n = (size_t)(line.p + line.n - value.p);
			continue;
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
		if (!colon)
			continue;
		name = span_trim((struct span){ line.p, (size_t)(colon - line.p) });
		value = (struct span){ colon + 1, (size_t)(line.p + line.n - colon) - 1 };
		if (!header_name_ok(name))
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

/* Structure. */

static char *lower_utf8(struct walk *w, const char *s)
{
	if (!s)
		return NULL;
	return str_lower(w->a, str_is_utf8(s, strlen(s)) ? s : str_utf8(w->a, s, strlen(s)));
}

static bool wants_text(const char *type)
{
	return strncmp(type, "text/", 5) == 0 || str_eq(type, "message/delivery-status") ||
	       str_eq(type, "message/global-delivery-status") ||
	       str_eq(type, "message/feedback-report") ||
	       str_eq(type, "message/disposition-notification") ||
	       str_eq(type, "message/global-disposition-notification") ||
	       str_eq(type, "message/global-headers") || str_eq(type, "message/rfc822") ||
	       str_eq(type, "message/global") || str_eq(type, "application/ics") ||
	       str_eq(type, "message/partial") || str_eq(type, "message/external-body");
}

static void decode_text(struct walk *w, struct part *p, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *mem;
	GByteArray *bytes;
	size_t n;

	p->text = "";
	if (!content)
		return;
	mem = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, mem);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	n = bytes ? bytes->len : 0;
	if (n > w->text_left) {
		n = w->text_left;
		w->truncated = true;
	}
	w->text_left -= n;
	p->text = charset_utf8(w->a, n ? (const char *)bytes->data : "", n, p->charset, &p->text_n);
	g_object_unref(mem);
}

static struct part *new_part(struct walk *w, const char *type, int depth, int parent)
{
	struct part *p;

	if (w->n == MESSAGE_MAX_PARTS) {
		w->truncated = true;
		return NULL;
	}
	if (w->n == w->room) {
		w->room = w->room * 4 > MESSAGE_MAX_PARTS ? MESSAGE_MAX_PARTS : w->room * 4;
		struct part *more = arena_array(w->a, struct part, w->room);
		memcpy(more, w->parts, w->n * sizeof *more);
		w->parts = more;
		bool *flags = arena_array(w->a, bool, w->room);
		memcpy(flags, w->readable, w->n * sizeof *flags);
		w->readable = flags;
	}
	p = &w->parts[w->n++];
	p->type = type;
	p->depth = depth;
	p->parent_rfc822 = parent;
	return p;
}

static void list_headers(struct walk *w, GMimeHeaderList *list, struct header *h, size_t *n)
{
	int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count && *n < MESSAGE_MAX_HEADERS; i++) {
		GMimeHeader *g = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(g);
		const char *name = g_mime_header_get_name(g);
		h[(*n)++] = (struct header){ str_utf8(w->a, name, strlen(name)),
			raw ? header_decode(w->a, raw, strlen(raw)) : "" };
	}
}

static const char *object_type(struct walk *w, GMimeObject *o)
{
	GMimeContentType *ct = g_mime_object_get_content_type(o);
	const char *t = ct ? g_mime_content_type_get_media_type(ct) : NULL;
	const char *s = ct ? g_mime_content_type_get_media_subtype(ct) : NULL;

	if (!t || !s)
		return "text/plain";
	return lower_utf8(w, arena_printf(w->a, "%s/%s", t, s));
}

static const char *object_param(struct walk *w, GMimeObject *o, const char *name)
{
	const char *v = g_mime_object_get_content_type_parameter(o, name);

	return v ? header_decode(w->a, v, strlen(v)) : NULL;
}

static const char *property_method(struct arena *a, const char *text, size_t n)
{
	struct span rest = { text, n }, line;

	while (span_line(&rest, &line)) {
		if (span_starts_case(line, "BEGIN:VEVENT"))
			break;
		if (span_starts_case(line, "METHOD:"))
			return span_dup(a, span_trim((struct span){ line.p + 7, line.n - 7 }));
	}
	return NULL;
}

static const char *upper(struct arena *a, const char *s)
{
	char *c = arena_strdup(a, s);

	for (char *p = c; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p -= 32;
	return c;
}

static void leaf(struct walk *w, GMimePart *part, int depth, int parent, bool readable)
{
	GMimeObject *o = GMIME_OBJECT(part);
	const char *type = object_type(w, o), *disp = g_mime_object_get_disposition(o);
	const char *name = g_mime_part_get_filename(part), *param;
	struct part *p = new_part(w, type, depth, parent);

	if (!p)
		return;
	p->charset = lower_utf8(w, object_param(w, o, "charset"));
	p->filename = name ? header_decode(w->a, name, strlen(name)) : NULL;
	p->attachment = (disp && str_eq_case(disp, "attachment")) ||
			(p->filename && w->n > 1 && strncmp(type, "text/", 5) != 0);
	param = object_param(w, o, "format");
	p->flowed = param && str_eq_case(param, "flowed") && str_eq(type, "text/plain");
	if (wants_text(type))
		decode_text(w, p, part);
	if (str_eq(type, "text/calendar") || str_eq(type, "application/ics")) {
		param = object_param(w, o, "method");
		p->calendar_method = upper(w->a, param ? param :
					   property_method(w->a, p->text, p->text_n));
	} else if (str_eq(type, "text/rfc822-headers") || str_eq(type, "message/global-headers") ||
		   str_eq(type, "message/rfc822") || str_eq(type, "message/global")) {
		size_t body;
		p->headers_n = headers_parse(w->a, p->text, p->text_n, MESSAGE_MAX_HEADERS, true,
					     &p->headers, &body);
	}
	w->readable[p - w->parts] = readable && !p->attachment &&
		(str_eq(type, "text/plain") || str_eq(type, "text/html") ||
		 str_eq(type, "text/enriched"));
	if (w->readable[p - w->parts] && p->flowed) {
		param = object_param(w, o, "delsp");
		p->text = text_unflow(w->a, p->text, p->text_n, param && str_eq_case(param, "yes"),
				      &p->text_n);
	}
}

static bool range_has(struct walk *w, size_t from, const char *type)
{
	for (size_t i = from; i < w->n; i++)
		if (w->readable[i] && str_eq(w->parts[i].type, type) &&
		    span_trim((struct span){ w->parts[i].text, w->parts[i].text_n }).n)
			return true;
	return false;
}

static void walk_object(struct walk *w, GMimeObject *o, int depth, int parent, bool readable);

static void walk_multipart(struct walk *w, GMimeMultipart *mp, int depth, int parent, bool readable)
{
	const char *type = object_type(w, GMIME_OBJECT(mp));
	size_t from = w->n;
	int count = g_mime_multipart_get_count(mp);

	if (str_eq(type, "multipart/report") && !w->report_type && parent < 0)
		w->report_type = lower_utf8(w, object_param(w, GMIME_OBJECT(mp), "report-type"));
	if (count == 0)
		w->broken = true;
	for (int i = 0; i < count && !w->truncated; i++)
		walk_object(w, g_mime_multipart_get_part(mp, i), depth + 1, parent,
			    readable && !(str_eq(type, "multipart/report") && i > 1));
	if (!str_eq(type, "multipart/alternative"))
		return;
	/* one reading of several: plain text, unless it is empty */
	bool plain = range_has(w, from, "text/plain");
	for (size_t i = from; i < w->n; i++)
		if (w->readable[i] && plain != str_eq(w->parts[i].type, "text/plain"))
			w->readable[i] = false;
}

/* The headers of a returned mail that prescan() kept from GMime. */
static bool block_headers(struct walk *w, GMimeHeaderList *list, struct part *p)
{
	GMimeHeader *g = g_mime_header_list_get_header(list, PRESCAN_BLOCK);
	const char *v = g && !w->whole ? g_mime_header_get_raw_value(g) : NULL;
	size_t at, body;

	if (!v)
		return false;
	at = strtoul(v, NULL, 10);
	if (at >= w->ps->n)
		return false;
	p->headers_n = headers_parse(w->a, w->ps->bytes + at, w->ps->n - at, MESSAGE_MAX_HEADERS, true,
				     &p->headers, &body);
	return true;
}

static void walk_message(struct walk *w, GMimeMessagePart *mp, int depth, int parent)
{
	GMimeMessage *inner = g_mime_message_part_get_message(mp);
	const char *type = object_type(w, GMIME_OBJECT(mp));
	const char *disp = g_mime_object_get_disposition(GMIME_OBJECT(mp));
	struct part *p = new_part(w, type, depth, parent);
	struct header *h;
	GMimeObject *content;

	if (!p)
		return;
	int at = (int)(p - w->parts);
	p->attachment = disp && str_eq_case(disp, "attachment");
	if (!inner)
		return;
	GMimeHeaderList *hl = g_mime_object_get_header_list(GMIME_OBJECT(inner));
	content = g_mime_message_get_mime_part(inner);
	if (block_headers(w, hl, p)) {
		if (content)
			walk_object(w, content, depth + 1, at, false);
		return;
	}
	GMimeHeaderList *cl = content ? g_mime_object_get_header_list(content) : NULL;
	size_t room = (size_t)g_mime_header_list_get_count(hl) +
		      (cl ? (size_t)g_mime_header_list_get_count(cl) : 0);
	h = arena_array(w->a, struct header, room + 1);
	list_headers(w, hl, h, &p->headers_n);
	if (cl && p->headers_n < room)
		list_headers(w, cl, h, &p->headers_n);
	p->headers = h;
	if (content)
		walk_object(w, content, depth + 1, at, false);
}

static void walk_object(struct walk *w, GMimeObject *o, int depth, int parent, bool readable)
{
	if (!o || w->truncated)
		return;
	if (depth > MESSAGE_MAX_DEPTH || arena_over(w->a)) {
		w->truncated = true;
		return;
	}
	if (GMIME_IS_MULTIPART(o))
		walk_multipart(w, GMIME_MULTIPART(o), depth, parent, readable);
	else if (GMIME_IS_MESSAGE_PART(o))
		walk_message(w, GMIME_MESSAGE_PART(o), depth, parent);
	else if (GMIME_IS_PART(o))
		leaf(w, GMIME_PART(o), depth, parent, readable);
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

static void parse_structure(struct walk *w, struct message *m, const struct prescan *ps)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(w->whole ? ps->bytes : ps->slim,
								w->whole ? ps->n : ps->slim_n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *msg;

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	msg = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (!msg) {
		m->broken = true;
		return;
	}
	GMimeObject *top = g_mime_message_get_mime_part(msg);
	m->content_type = top ? object_type(w, top) : "text/plain";
	walk_object(w, top, 0, -1, true);
	g_object_unref(msg);
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
	w.room = 8;
	w.parts = arena_array(a, struct part, w.room);
	w.readable = arena_array(a, bool, w.room);
	parse_structure(&w, m, &ps);
	m->parts = w.parts;
	m->parts_n = w.n;
	m->truncated |= w.truncated;
	m->broken |= w.broken;
	m->report_type = w.report_type;
	compose_text(&w, m);
	*out_r = m;
	return OK;
}
