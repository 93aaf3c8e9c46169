/* SPDX-License-Identifier: MPL-2.0
 *
 * The structure of a mail as a list of parts. GMime reads it, and decodes what is encoded, wherever it
 * could be read in two ways; what prescan() found to be plain is walked from its pieces, to the same
 * parts (tests compare). g_mime_multipart_get_boundary() and everything that writes a mail are never
 * called (gmime#165), and prescan() has taken out what could make GMime run long.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/charset.h"
#include "classifier/message.h"
#include "classifier/message_private.h"
#include "classifier/prescan.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

/* What a leaf says of itself. */
struct leaf {
	const char *type, *charset, *name, *disposition, *format, *delsp, *method;
	const char *bytes;	/* decoded; NULL: nobody looks at it */
	size_t n;
};

static char *lower_utf8(struct walk *w, const char *s)
{
	if (!s)
		return NULL;
	return str_lower(w->a, str_is_utf8(s, strlen(s)) ? s : str_utf8(w->a, s, strlen(s)));
}

/* Texts inside a returned mail are not ours to read. */
static bool wants_text(const char *type, int parent)
{
	if (parent >= 0)
		return false;
	return strncmp(type, "text/", 5) == 0 || str_eq(type, "message/delivery-status") ||
	       str_eq(type, "message/global-delivery-status") ||
	       str_eq(type, "message/feedback-report") ||
	       str_eq(type, "message/disposition-notification") ||
	       str_eq(type, "message/global-disposition-notification") ||
	       str_eq(type, "message/global-headers") || str_eq(type, "message/rfc822") ||
	       str_eq(type, "message/global") || str_eq(type, "application/ics") ||
	       str_eq(type, "message/partial") || str_eq(type, "message/external-body") ||
	       /* what a form program hands to other programs */
	       str_eq(type, "application/json") || str_eq(type, "application/xml") ||
	       str_eq(type, "application/adf") || str_eq(type, "application/x-adf+xml") ||
	       str_eq(type, "application/x-www-form-urlencoded");
}

/* A calendar by its file's name: some programs call it a stream of bytes. */
static void name_tells(struct leaf *l)
{
	if (l->name && span_ends_case(span_of(l->name), ".ics") &&
	    (str_eq(l->type, "application/octet-stream") || str_eq(l->type, "text/x-vcalendar")))
		l->type = "application/ics";
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

static void take_text(struct walk *w, struct part *p, const struct leaf *l)
{
	size_t n = l->n;

	if (n > w->text_left) {
		n = w->text_left;
		w->truncated = true;
	}
	w->text_left -= n;
	p->text = charset_utf8(w->a, n ? l->bytes : "", n, p->charset, &p->text_n);
}

static void add_leaf(struct walk *w, const struct leaf *l, int depth, int parent, bool readable)
{
	const char *type = l->type;
	struct part *p = new_part(w, type, depth, parent);

	if (!p)
		return;
	p->charset = lower_utf8(w, l->charset);
	p->filename = l->name ? header_decode(w->a, l->name, strlen(l->name)) : NULL;
	p->attachment = (l->disposition && str_eq_case(l->disposition, "attachment")) ||
			(p->filename && w->n > 1 && strncmp(type, "text/", 5) != 0);
	p->flowed = l->format && str_eq_case(l->format, "flowed") && str_eq(type, "text/plain");
	if (l->bytes)
		take_text(w, p, l);
	if (str_eq(type, "text/calendar") || str_eq(type, "application/ics")) {
		p->calendar_method = upper(w->a, l->method ? l->method :
					   property_method(w->a, p->text, p->text_n));
	} else if (l->bytes && (str_eq(type, "text/rfc822-headers") ||
				str_eq(type, "message/global-headers") ||
				str_eq(type, "message/rfc822") || str_eq(type, "message/global"))) {
		size_t body;
		p->headers_n = headers_parse(w->a, p->text, p->text_n, MESSAGE_MAX_HEADERS, true,
					     &p->headers, &body);
	}
	w->readable[p - w->parts] = readable && !p->attachment &&
		(str_eq(type, "text/plain") || str_eq(type, "text/html") ||
		 str_eq(type, "text/enriched"));
	if (w->readable[p - w->parts] && p->flowed)
		p->text = text_unflow(w->a, p->text, p->text_n,
				      l->delsp && str_eq_case(l->delsp, "yes"), &p->text_n);
}

static bool range_has(struct walk *w, size_t from, const char *type)
{
	for (size_t i = from; i < w->n; i++)
		if (w->readable[i] && str_eq(w->parts[i].type, type) &&
		    span_trim((struct span){ w->parts[i].text, w->parts[i].text_n }).n)
			return true;
	return false;
}

/* One reading of several: plain text, unless it is empty. */
static void settle_alternative(struct walk *w, size_t from)
{
	bool plain = range_has(w, from, "text/plain");

	for (size_t i = from; i < w->n; i++)
		if (w->readable[i] && plain != str_eq(w->parts[i].type, "text/plain"))
			w->readable[i] = false;
}

static const char *param(struct walk *w, GMimeContentType *ct, const char *name)
{
	const char *v = ct ? g_mime_content_type_get_parameter(ct, name) : NULL;

	return v ? header_decode(w->a, v, strlen(v)) : NULL;
}

static const char *type_name(struct walk *w, GMimeContentType *ct)
{
	const char *t = ct ? g_mime_content_type_get_media_type(ct) : NULL;
	const char *s = ct ? g_mime_content_type_get_media_subtype(ct) : NULL;

	if (!t || !s)
		return "text/plain";
	return lower_utf8(w, arena_printf(w->a, "%s/%s", t, s));
}

static void take_params(struct walk *w, GMimeContentType *ct, struct leaf *l)
{
	l->type = type_name(w, ct);
	l->charset = param(w, ct, "charset");
	l->format = param(w, ct, "format");
	l->delsp = param(w, ct, "delsp");
	l->method = param(w, ct, "method");
}

/* As GMime reads it. */

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

static void walk_object(struct walk *w, GMimeObject *o, int depth, int parent, bool readable);

static void walk_part(struct walk *w, GMimePart *part, int depth, int parent, bool readable)
{
	struct leaf l = { .disposition = g_mime_object_get_disposition(GMIME_OBJECT(part)),
			  .name = g_mime_part_get_filename(part) };
	GMimeDataWrapper *content;
	GMimeStream *mem = NULL;

	take_params(w, g_mime_object_get_content_type(GMIME_OBJECT(part)), &l);
	name_tells(&l);
	if (wants_text(l.type, parent)) {
		l.bytes = "";
		content = g_mime_part_get_content(part);
		if (content) {
			mem = g_mime_stream_mem_new();
			g_mime_data_wrapper_write_to_stream(content, mem);
			GByteArray *b = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
			l.n = b ? b->len : 0;
			l.bytes = l.n ? (const char *)b->data : "";
		}
	}
	add_leaf(w, &l, depth, parent, readable);
	if (mem)
		g_object_unref(mem);
}

static void walk_multipart(struct walk *w, GMimeMultipart *mp, int depth, int parent, bool readable)
{
	GMimeContentType *ct = g_mime_object_get_content_type(GMIME_OBJECT(mp));
	const char *type = type_name(w, ct);
	size_t from = w->n;
	int count = g_mime_multipart_get_count(mp);

	if (str_eq(type, "multipart/report") && !w->report_type && parent < 0)
		w->report_type = lower_utf8(w, param(w, ct, "report-type"));
	if (count == 0)
		w->broken = true;
	for (int i = 0; i < count && !w->truncated; i++)
		walk_object(w, g_mime_multipart_get_part(mp, i), depth + 1, parent,
			    readable && !(str_eq(type, "multipart/report") && i > 1));
	if (str_eq(type, "multipart/alternative"))
		settle_alternative(w, from);
}

/* The headers of a returned mail that prescan() kept from GMime. */
static bool block_headers(struct walk *w, GMimeHeaderList *list, struct part *p)
{
	GMimeHeader *g = g_mime_header_list_get_header(list, PRESCAN_BLOCK);
	const char *v = g && !w->whole ? g_mime_header_get_raw_value(g) : NULL;
	size_t at, n, body;
	char *end;

	if (!v)
		return false;
	at = strtoul(v, &end, 10);
	n = strtoul(end, NULL, 10);
	if (at >= w->ps->n || n > w->ps->n - at)
		return false;
	p->headers_n = headers_parse(w->a, w->ps->bytes + at, n, MESSAGE_MAX_HEADERS, true, &p->headers,
				     &body);
	return true;
}

static void walk_message(struct walk *w, GMimeMessagePart *mp, int depth, int parent)
{
	GMimeMessage *inner = g_mime_message_part_get_message(mp);
	const char *type = type_name(w, g_mime_object_get_content_type(GMIME_OBJECT(mp)));
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
		walk_part(w, GMIME_PART(o), depth, parent, readable);
}

static void walk_gmime(struct walk *w, struct message *m)
{
	const struct prescan *ps = w->ps;
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
	m->content_type = top ? type_name(w, g_mime_object_get_content_type(top)) : "text/plain";
	walk_object(w, top, 0, -1, true);
	g_object_unref(msg);
}

/* From pieces. */

static GMimeContentType *piece_type(struct walk *w, const struct piece *p)
{
	return p->type.p ? g_mime_content_type_parse(NULL, span_dup(w->a, p->type)) : NULL;
}

static void decode(struct walk *w, const struct piece *p, struct leaf *l)
{
	GMimeContentEncoding how = GMIME_CONTENT_ENCODING_DEFAULT;
	GMimeEncoding e;
	char *out;

	if (p->encoding.p)
		how = g_mime_content_encoding_from_string(span_dup(w->a, p->encoding));
	l->bytes = p->body.p;
	l->n = p->body.n;
	if (how != GMIME_CONTENT_ENCODING_BASE64 && how != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return;
	g_mime_encoding_init_decode(&e, how);
	out = arena_alloc(w->a, g_mime_encoding_outlen(&e, l->n) + 1);
	l->n = g_mime_encoding_step(&e, p->body.p, p->body.n, out);
	l->n += g_mime_encoding_flush(&e, "", 0, out + l->n);
	l->bytes = out;
}

static GMimeContentDisposition *piece_disposition(struct walk *w, const struct piece *p)
{
	if (!p->disposition.p)
		return NULL;
	return g_mime_content_disposition_parse(NULL, span_dup(w->a, p->disposition));
}

static void piece_leaf(struct walk *w, const struct piece *p, int parent, bool readable)
{
	GMimeContentType *ct = piece_type(w, p);
	GMimeContentDisposition *d = piece_disposition(w, p);
	struct leaf l = { 0 };

	take_params(w, ct, &l);
	if (d) {
		l.disposition = g_mime_content_disposition_get_disposition(d);
		l.name = g_mime_content_disposition_get_parameter(d, "filename");
	}
	if (!l.name && ct)
		l.name = g_mime_content_type_get_parameter(ct, "name");
	name_tells(&l);
	if (wants_text(l.type, parent))
		decode(w, p, &l);
	add_leaf(w, &l, p->level, parent, readable);
	if (d)
		g_object_unref(d);
	if (ct)
		g_object_unref(ct);
}

static size_t walk_piece(struct walk *w, size_t i, int parent, bool readable);

static size_t piece_multipart(struct walk *w, size_t i, int parent, bool readable)
{
	const struct piece *p = &w->ps->pieces[i];
	GMimeContentType *ct = piece_type(w, p);
	const char *type = type_name(w, ct);
	size_t from = w->n, k = i + 1, count = 0;

	if (str_eq(type, "multipart/report") && !w->report_type && parent < 0)
		w->report_type = lower_utf8(w, param(w, ct, "report-type"));
	if (ct)
		g_object_unref(ct);
	while (k < w->ps->pieces_n && w->ps->pieces[k].level > p->level && !w->truncated)
		k = walk_piece(w, k, parent,
			       readable && !(str_eq(type, "multipart/report") && count++ > 1));
	if (k == i + 1)
		w->broken = true;
	if (str_eq(type, "multipart/alternative"))
		settle_alternative(w, from);
	return k;
}

static size_t piece_message(struct walk *w, size_t i, int parent)
{
	const struct piece *p = &w->ps->pieces[i];
	GMimeContentType *ct = piece_type(w, p);
	struct part *part = new_part(w, type_name(w, ct), p->level, parent);
	size_t body;

	if (ct)
		g_object_unref(ct);
	if (!part)
		return w->ps->pieces_n;
	int at = (int)(part - w->parts);
	GMimeContentDisposition *d = piece_disposition(w, p);
	if (d) {
		part->attachment = str_eq_case(g_mime_content_disposition_get_disposition(d), "attachment");
		g_object_unref(d);
	}
	part->headers_n = headers_parse(w->a, w->ps->bytes + p->inner, w->ps->n - p->inner,
					MESSAGE_MAX_HEADERS, true, &part->headers, &body);
	if (i + 1 < w->ps->pieces_n && w->ps->pieces[i + 1].level > p->level)
		return walk_piece(w, i + 1, at, false);
	return i + 1;
}

static size_t walk_piece(struct walk *w, size_t i, int parent, bool readable)
{
	const struct piece *p = &w->ps->pieces[i];

	if (p->kind == PIECE_MULTIPART)
		return piece_multipart(w, i, parent, readable);
	if (p->kind == PIECE_MESSAGE)
		return piece_message(w, i, parent);
	piece_leaf(w, p, parent, readable);
	return i + 1;
}

static void walk_parts(struct walk *w, struct message *m)
{
	GMimeContentType *ct;

	w->room = 8;
	w->parts = arena_array(w->a, struct part, w->room);
	w->readable = arena_array(w->a, bool, w->room);
	if (w->whole || w->ps->pieces_n == 0) {
		walk_gmime(w, m);
		return;
	}
	ct = piece_type(w, &w->ps->pieces[0]);
	m->content_type = type_name(w, ct);
	if (ct)
		g_object_unref(ct);
	walk_piece(w, 0, -1, true);
}

void walk_structure(struct walk *w, struct message *m)
{
	const struct header *h;
	struct leaf l = { .type = "text/plain" };
	size_t body;

	walk_parts(w, m);
	/* a multipart whose boundary never comes: what stands in it is read as it stands */
	if (w->n || w->truncated || strncmp(m->content_type, "multipart/", 10) != 0)
		return;
	headers_parse(w->a, w->ps->bytes, w->ps->n, MESSAGE_MAX_HEADERS, true, &h, &body);
	l.bytes = w->ps->bytes + body;
	l.n = w->ps->n - body;
	w->broken = true;
	if (l.n)
		add_leaf(w, &l, 0, -1, true);
}
