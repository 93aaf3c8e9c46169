/* SPDX-License-Identifier: MPL-2.0
 *
 * One pass over the bytes of a mail, before GMime: caps on headers, boundaries and parts, and
 * parameters that make GMime 3.2.13 run for ever (gmime#165: a parameter name of 60 bytes and
 * more beside a non-ASCII value) blanked out. Not a parser: for the caps it only has to know,
 * roughly, which lines are headers. Where it is certain that the MIME library sees the same header
 * block (the strict stack of boundaries below), it leaves out what the library need not see; a doubt
 * anywhere ends that for the rest of the mail.
 */
#include "config.h"

#include "classifier/prescan.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { MARKER = 64 };	/* room for the field that stands for a block */

/* A stretch of out that is left out of slim. */
struct skip {
	size_t from, to;
	size_t block;	/* the first of its block: where that begins; else SIZE_MAX */
	size_t block_end;
};

struct scan {
	struct arena *a;
	char *out;
	size_t n;
	struct span boundaries[PRESCAN_MAX_BOUNDARIES];	/* point into out */
	size_t boundaries_n;
	size_t delimiters;
	size_t headers, header_bytes;	/* of the block we are in */
	size_t field_start;		/* of a Content-* field in out, or SIZE_MAX */
	bool in_header, dropping, inner_message;
	bool truncated, broken;

	/* what is certain */
	bool sure;		/* so far */
	bool block_sure;	/* the library sees this header block as we do */
	bool block_message;	/* of the mail or of a returned one: never a part's */
	bool skipping;		/* the field we are in is left out */
	bool in_encoding;
	bool rfc822, multipart;	/* what the block's fields said */
	size_t block_start;
	struct span opens;	/* the boundary that the block's Content-Type names */
	struct span type, disposition, encoding;
	int level;		/* of the block's part */
	struct { struct span boundary; int level; } open[PRESCAN_MAX_LEVEL];
	size_t open_n;
	struct piece *pieces;
	size_t pieces_n;
	struct piece *leaf;	/* whose body we are in, or NULL */
	struct skip *skips;
	size_t skips_n, skips_room;
	size_t block_skip;	/* its first one */
	bool block_skipped;
};

static bool is_name_char(unsigned char c)
{
	return c > ' ' && c < 127 && c != ';' && c != '=' && c != '"';
}

/* End of a parameter value that starts at i. */
static size_t value_end(const char *p, size_t i, size_t n)
{
	if (i < n && p[i] == '"') {
		for (i++; i < n && p[i] != '"'; i++)
			if (p[i] == '\\' && i + 1 < n)
				i++;
		return i < n ? i + 1 : n;
	}
	while (i < n && p[i] != ';')
		i++;
	return i;
}

static void blank(char *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (p[i] != '\n' && p[i] != '\r')
			p[i] = ' ';
}

static void note_boundary(struct scan *s, char *value, size_t n)
{
	struct span v = span_trim((struct span){ value, n });

	if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
		v = (struct span){ v.p + 1, v.n - 2 };
	if (v.n == 0)
		return;
	if (s->boundaries_n < PRESCAN_MAX_BOUNDARIES)
		s->boundaries[s->boundaries_n++] = v;
	else
		s->truncated = true;
}

static bool token_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_.=+'/:", c));
}

/* A name of a type that the library cannot read in another way. */
static bool plain_type(struct span rest, size_t *n_r)
{
	size_t n = 0, slash = 0;

	while (n < rest.n && token_char((unsigned char)rest.p[n]) && !strchr("=:'", rest.p[n]))
		slash += rest.p[n++] == '/';
	*n_r = n;
	return slash == 1 && rest.p[0] != '/' && rest.p[n - 1] != '/' &&
	       (n == rest.n || strchr("; \t\r\n", rest.p[n]));
}

/* A Content-Type or Content-Disposition field of a block that is certain. */
static void note_type(struct scan *s, bool type, struct span field, struct span rest)
{
	size_t n = 0;
	struct span name;

	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] >= 127)
			s->sure = false;
	if (!type && span_starts_case(field, "content-disposition:") && !s->disposition.p) {
		s->disposition = rest;
		return;
	}
	/* "Content-Type :", "Content-Typewriter:", two of them, an unheard-of type */
	if (!type || s->type.p || !plain_type(rest, &n)) {
		s->sure = false;
		return;
	}
	s->type = rest;
	name = (struct span){ rest.p, n };
	s->rfc822 = span_eq_case(name, "message/rfc822") || span_eq_case(name, "message/global");
	s->multipart = span_starts_case(name, "multipart/");
	/* parts that are mails without saying so; names of the library's own */
	if (span_eq_case(name, "multipart/digest") || span_eq_case(name, "message/rfc2822") ||
	    span_eq_case(name, "message/news"))
		s->sure = false;
}

static bool sure_in_quotes(char c)
{
	return c && strchr("?,() *#$!&", c);
}

/* The value of its boundary parameter. */
static void note_opening(struct scan *s, struct span v)
{
	v = span_trim(v);
	bool quoted = v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"';
	if (quoted)
		v = (struct span){ v.p + 1, v.n - 2 };
	if (!s->multipart)
		return;
	if (s->opens.n || v.n == 0 || v.n > 70)
		s->sure = false;
	for (size_t i = 0; i < v.n; i++)
		if (!token_char((unsigned char)v.p[i]) || (!quoted && strchr("/:=", v.p[i])))
			s->sure = sure_in_quotes(v.p[i]) && quoted && s->sure;
	if (v.n && v.p[v.n - 1] == ' ')
		s->sure = false;
	s->opens = v;
}

/* name=value that the library reads as we do. */
static bool plain_param(struct span s)
{
	size_t i = 0;

	while (i < s.n && token_char((unsigned char)s.p[i]) && !strchr("/:=", s.p[i]))
		i++;
	if (i == 0 || i >= s.n || s.p[i] != '=')
		return false;
	s = span_trim((struct span){ s.p + i + 1, s.n - i - 1 });
	if (s.n >= 2 && s.p[0] == '"')
		return s.p[s.n - 1] == '"' && !memchr(s.p, '\\', s.n) && !memchr(s.p, '\n', s.n);
	for (i = 0; i < s.n; i++)
		if (!token_char((unsigned char)s.p[i]) || strchr("/:=", s.p[i]))
			return false;
	return s.n > 0;
}

/* A whole Content-Type or Content-Disposition field lies in out[field_start..n). */
static void field_done(struct scan *s)
{
	char *p;
	size_t n, i, params = 0;

	if (s->field_start == SIZE_MAX)
		return;
	p = s->out + s->field_start;
	n = s->n - s->field_start;
	s->field_start = SIZE_MAX;
	for (i = 0; i < n && p[i] != ':'; i++)
		;
	struct span rest = span_trim((struct span){ p + i, n - i });
	if (rest.n && rest.p[0] == ':')
		rest = span_trim((struct span){ rest.p + 1, rest.n - 1 });
	bool type = span_starts_case((struct span){ p, n }, "content-type:");
	if (span_starts_case(rest, "message/") && !span_starts_case(rest, "message/delivery-status") &&
	    !span_starts_case(rest, "message/partial"))
		s->inner_message = true;
	if (s->block_sure)
		note_type(s, type, (struct span){ p, n }, rest);
	while (i < n) {
		size_t name, end;
		while (i < n && p[i] != ';')
			i++;
		if (i++ >= n)
			break;
		while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
			i++;
		name = i;
		while (i < n && is_name_char((unsigned char)p[i]))
			i++;
		size_t name_n = i - name;
		while (i < n && (p[i] == ' ' || p[i] == '\t'))
			i++;
		if (i >= n || p[i] != '=') {
			s->sure &= !type || !s->multipart || (i >= n && name_n == 0);
			continue;
		}
		end = value_end(p, i + 1, n);
		if (type && s->multipart && !plain_param((struct span){ p + name, end - name }))
			s->sure = false;
		struct span nm = { p + name, name_n };
		if (name_n > PRESCAN_MAX_PARAM_NAME || ++params > PRESCAN_MAX_PARAMS ||
		    span_starts_case(nm, "boundary*")) {
			blank(p, name, end);
			s->broken = true;
		} else if (span_eq_case(nm, "boundary")) {
			note_boundary(s, p + i + 1, end - i - 1);
			if (s->block_sure && type)
				note_opening(s, (struct span){ p + i + 1, end - i - 1 });
		}
		i = end;
	}
}

static bool is_delimiter(const struct scan *s, struct span line, bool *closing_r)
{
	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	for (size_t i = s->boundaries_n; i-- > 0;) {
		struct span b = s->boundaries[i];
		if (line.n < b.n + 2 || memcmp(line.p + 2, b.p, b.n) != 0)
			continue;
		*closing_r = line.n >= b.n + 4 && line.p[b.n + 2] == '-' && line.p[b.n + 3] == '-';
		return true;
	}
	return false;
}

/* The part whose body we are in ends at out[at]; the line end before a boundary belongs to that. */
static void leaf_end(struct scan *s, size_t at, bool boundary)
{
	size_t from;

	if (!s->leaf)
		return;
	from = (size_t)(s->leaf->body.p - s->out);
	if (boundary && at > from && s->out[at - 1] == '\n')
		at--;
	if (boundary && at > from && s->out[at] == '\n' && s->out[at - 1] == '\r')
		at--;
	s->leaf->body.n = at > from ? at - from : 0;
	s->leaf = NULL;
}

/* The strict stack, as the library keeps it: what closes a multipart closes those inside. True: a
 * header block begins that is certain. */
static bool strict_delimiter(struct scan *s, struct span line, size_t at)
{
	while (line.n && line.p[line.n - 1] && strchr(" \t\r", line.p[line.n - 1]))
		line.n--;
	for (size_t i = s->open_n; i-- > 0;) {
		struct span b = s->open[i].boundary;
		bool end = line.n == b.n + 4 && line.p[b.n + 2] == '-' && line.p[b.n + 3] == '-';
		if ((line.n != b.n + 2 && !end) || memcmp(line.p + 2, b.p, b.n) != 0)
			continue;
		leaf_end(s, at, true);
		s->open_n = end ? i : i + 1;
		s->level = s->open[i].level + 1;
		return !end;
	}
	return false;
}

/* out[from..to) is nothing the library needs. */
static void skip(struct scan *s, size_t from, size_t to)
{
	bool first = !s->block_skipped;

	s->block_skipped = true;
	if (!first && s->skips_n && s->skips[s->skips_n - 1].to == from) {
		s->skips[s->skips_n - 1].to = to;
		return;
	}
	if (s->skips_n == s->skips_room) {
		size_t room = s->skips_room ? s->skips_room * 2 : 32;
		struct skip *more = arena_array(s->a, struct skip, room);
		if (s->skips_n)
			memcpy(more, s->skips, s->skips_n * sizeof *more);
		s->skips = more;
		s->skips_room = room;
	}
	s->skips[s->skips_n++] = (struct skip){ from, to, first ? s->block_start : SIZE_MAX, to };
	if (first)
		s->block_skip = s->skips_n - 1;
}

/* "Name:", beyond doubt. */
static bool plain_field(struct span line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] > ' ' && line.p[i] < 127 && line.p[i] != ':')
		i++;
	return i > 0 && i < line.n && line.p[i] == ':';
}

/* It says nothing of the structure. */
static bool needless(struct span line)
{
	return plain_field(line) && !span_starts_case(line, "content-");
}

static void add(struct scan *s, const char *p, size_t n)
{
	memcpy(s->out + s->n, p, n);
	s->n += n;
}

/* A returned mail in a coat of base64 is no mail to the library. */
static bool encoded(struct span v)
{
	return v.p && !span_eq_case(v, "7bit") && !span_eq_case(v, "8bit") && !span_eq_case(v, "binary");
}

/* A Content-Transfer-Encoding field, as it stands in out. */
static void note_encoding(struct scan *s, struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);

	if (s->encoding.p || !span_starts_case(line, "content-transfer-encoding:"))
		s->sure = false;
	else
		s->encoding = span_trim((struct span){ colon + 1,
						       (size_t)(line.p + line.n - colon) - 1 });
	/* what the library makes of "begin" lines is its own */
	if (span_find_case(s->encoding, "uu") != (size_t)-1)
		s->sure = false;
}

static void header_line(struct scan *s, const char *p, size_t full, struct span line)
{
	bool continued = line.n && (line.p[0] == ' ' || line.p[0] == '\t');

	if (s->headers == 0 && s->block_message && (continued || !plain_field(line)))
		s->sure = s->block_sure = false;	/* perhaps no header at all */
	if (!continued || s->headers == 0) {
		field_done(s);
		s->dropping = ++s->headers > MESSAGE_MAX_HEADERS;
	}
	s->header_bytes += full;
	if (s->dropping || s->header_bytes > MESSAGE_MAX_HEADER_BYTES) {
		s->dropping = true;
		s->truncated = true;
		return;
	}
	if (!continued && (span_starts_case(line, "content-type") ||
			   span_starts_case(line, "content-disposition")))
		s->field_start = s->n;
	size_t at = s->n;
	add(s, p, full);
	if (memchr(line.p, '\r', line.n))
		s->sure = false;	/* a line end to some */
	if (!continued)
		s->in_encoding = false;
	if (s->block_sure && s->in_encoding)
		s->sure = false;	/* folded */
	if (!continued && s->block_sure && span_starts_case(line, "content-transfer-encoding")) {
		note_encoding(s, (struct span){ s->out + at, line.n });
		s->in_encoding = true;
	}
	if (!continued)
		s->skipping = s->block_sure && s->sure && needless(line);
	if (s->skipping)
		skip(s, at, s->n);
	for (char *q = s->out + at; (q = memchr(q, '\0', (size_t)(s->out + s->n - q))); q++) {
		*q = ' ';
		s->broken = true;
	}
}

/* The header block ends at out[at]. */
static void close_block(struct scan *s, size_t at)
{
	if (s->in_header && s->block_skipped)
		s->skips[s->block_skip].block_end = at;
	s->in_header = false;
}

static void header_block(struct scan *s, bool sure, bool message)
{
	s->block_sure = sure && s->sure;
	s->block_message = message;
	s->block_start = s->n;
	s->opens = s->type = s->disposition = s->encoding = (struct span){ NULL, 0 };
	s->skipping = s->in_encoding = s->rfc822 = s->multipart = s->block_skipped = false;
	s->in_header = true;
	s->inner_message = false;
	s->dropping = false;
	s->headers = s->header_bytes = 0;
}

/* The empty line behind a header block: what stands below it? */
static void block_end(struct scan *s, const char *p, size_t full)
{
	struct piece *piece = NULL;

	if (s->block_sure && !(full == 1 || (full == 2 && p[0] == '\r')))
		s->sure = false;	/* empty to us alone */
	if (s->block_sure && ((s->multipart && !s->opens.n) || (s->rfc822 && encoded(s->encoding)) ||
			      s->pieces_n == PRESCAN_MAX_PIECES || s->level + 1 >= PRESCAN_MAX_LEVEL))
		s->sure = false;
	if (s->block_sure && s->sure) {
		piece = &s->pieces[s->pieces_n++];
		*piece = (struct piece){ s->multipart ? PIECE_MULTIPART : s->rfc822 ? PIECE_MESSAGE :
			PIECE_LEAF, s->level, s->n, s->type, s->disposition, s->encoding,
			{ s->out + s->n, 0 } };
		s->leaf = piece->kind == PIECE_LEAF ? piece : NULL;
		if (s->multipart) {
			s->open[s->open_n].boundary = s->opens;
			s->open[s->open_n++].level = s->level;
		}
	}
	close_block(s, s->n);
	if (s->inner_message) {
		s->level++;
		header_block(s, piece && piece->kind == PIECE_MESSAGE, true);
	}
}

/* False: nothing after this line is looked at. */
static bool one_line(struct scan *s, const char *p, size_t full)
{
	struct span line = { p, full };
	bool closing = false;

	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	if (is_delimiter(s, line, &closing)) {
		field_done(s);
		if (++s->delimiters > PRESCAN_MAX_DELIMITERS) {
			s->truncated = true;
			return false;
		}
		if (s->in_header)
			s->sure = false;	/* a block without an end goes on for the library */
		add(s, p, full);
		bool strict = strict_delimiter(s, line, s->n - full);
		close_block(s, s->n - full);
		if (!closing)
			header_block(s, strict, false);
		return true;
	}
	if (!s->in_header) {
		add(s, p, full);
		return true;
	}
	if (line.n)
		return header_line(s, p, full, line), true;
	field_done(s);
	add(s, p, full);
	if (s->boundaries_n >= PRESCAN_MAX_BOUNDARIES) {
		s->truncated = true;
		return false;
	}
	block_end(s, p, full);
	return true;
}

static void write_slim(struct scan *s, struct prescan *r)
{
	size_t at = 0, n = 0;
	char *slim;

	r->slim = s->out;
	r->slim_n = s->n;
	if (s->skips_n == 0)
		return;
	slim = arena_alloc(s->a, s->n + s->skips_n * MARKER + 1);
	for (size_t i = 0; i < s->skips_n; i++) {
		const struct skip *k = &s->skips[i];
		memcpy(slim + n, s->out + at, k->from - at);
		n += k->from - at;
		at = k->to;
		if (k->block != SIZE_MAX)
			n += (size_t)snprintf(slim + n, MARKER, PRESCAN_BLOCK ": %zu %zu\n", k->block,
					      k->block_end - k->block);
	}
	memcpy(slim + n, s->out + at, s->n - at);
	r->slim = slim;
	r->slim_n = n + s->n - at;
}

void prescan(struct arena *a, const char *bytes, size_t n, struct prescan *out_r)
{
	struct scan *s = arena_new_of(a, struct scan);
	size_t i = 0;

	assert(bytes || n == 0);
	if (n > PRESCAN_MAX_BYTES) {
		n = PRESCAN_MAX_BYTES;
		s->truncated = true;
	}
	s->out = arena_alloc(a, n + 1);
	s->a = a;
	s->sure = true;
	s->pieces = arena_array(a, struct piece, PRESCAN_MAX_PIECES);
	s->field_start = SIZE_MAX;
	header_block(s, true, true);
	/* the separator line of an mbox, and empty lines before the first header */
	while (i < n && (bytes[i] == '\n' || bytes[i] == '\r'))
		i++;
	if (n - i > 5 && memcmp(bytes + i, "From ", 5) == 0) {
		const char *nl = memchr(bytes + i, '\n', n - i);
		if (nl)
			i = (size_t)(nl - bytes) + 1;
	}
	while (i < n) {
		const char *nl = memchr(bytes + i, '\n', n - i);
		size_t full = nl ? (size_t)(nl - bytes) + 1 - i : n - i;
		if (!one_line(s, bytes + i, full))
			break;
		i += full;
	}
	field_done(s);
	bool whole = s->sure && !s->in_header;
	close_block(s, s->n);
	*out_r = (struct prescan){ .bytes = s->out, .n = s->n, .truncated = s->truncated,
				   .broken = s->broken };
	if (whole) {
		leaf_end(s, s->n, false);
		out_r->pieces = s->pieces;
		out_r->pieces_n = s->pieces_n;
	}
	write_slim(s, out_r);
}
