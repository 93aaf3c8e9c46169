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

/* A stretch of out that is left out of slim. */
struct skip {
	size_t from, to;
	size_t block;	/* the first of its block: where that begins; else SIZE_MAX */
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
	bool encoded, digest, rfc822;	/* what the block's fields said */
	size_t block_start, block_types;
	struct span opens;	/* the boundary that the block's Content-Type names */
	struct span open[PRESCAN_MAX_BOUNDARIES];
	size_t open_n;
	struct skip *skips;
	size_t skips_n, skips_room;
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

	while (n < rest.n && (token_char((unsigned char)rest.p[n])) && rest.p[n] != '=')
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

	if (!type) {	/* "Content-Type :", "Content-Typewriter:", a disposition */
		if (span_starts_case(field, "content-type"))
			s->sure = false;
		return;
	}
	if (++s->block_types > 1 || !plain_type(rest, &n)) {
		s->sure = false;
		return;
	}
	name = (struct span){ rest.p, n };
	s->digest = span_eq_case(name, "multipart/digest");
	s->rfc822 = span_eq_case(name, "message/rfc822") || span_eq_case(name, "message/rfc2822") ||
		    span_eq_case(name, "message/global") || span_eq_case(name, "message/news");
	s->opens = (struct span){ span_starts_case(name, "multipart/") ? "" : NULL, 0 };
}

/* The value of its boundary parameter. */
static void note_opening(struct scan *s, struct span v)
{
	v = span_trim(v);
	if (v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
		v = (struct span){ v.p + 1, v.n - 2 };
	if (!s->opens.p)
		return;
	if (s->opens.n || v.n == 0 || v.n > 70)
		s->sure = false;
	for (size_t i = 0; i < v.n; i++)
		if (!token_char((unsigned char)v.p[i]) && !(v.p[i] && strchr("?,() *#$!&", v.p[i])))
			s->sure = false;
	if (v.n && v.p[v.n - 1] == ' ')
		s->sure = false;
	s->opens = v;
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
		if (i >= n || p[i] != '=')
			continue;
		end = value_end(p, i + 1, n);
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

/* The strict stack, as the library keeps it: what closes a multipart closes those inside. True: a
 * header block begins that is certain. */
static bool strict_delimiter(struct scan *s, struct span line)
{
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	for (size_t i = s->open_n; i-- > 0;) {
		struct span b = s->open[i];
		if (line.n < b.n + 2 || memcmp(line.p + 2, b.p, b.n) != 0)
			continue;
		if (line.n == b.n + 4 && line.p[b.n + 2] == '-' && line.p[b.n + 3] == '-') {
			s->open_n = i;
			return false;
		}
		if (line.n == b.n + 2) {
			s->open_n = i + 1;
			return true;
		}
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
	s->skips[s->skips_n++] = (struct skip){ from, to, first ? s->block_start : SIZE_MAX };
}

/* "Name:" of a field that says nothing of the structure. */
static bool needless(struct span line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] > ' ' && line.p[i] < 127 && line.p[i] != ':')
		i++;
	return i > 0 && i < line.n && line.p[i] == ':' && !span_starts_case(line, "content-");
}

static void add(struct scan *s, const char *p, size_t n)
{
	memcpy(s->out + s->n, p, n);
	s->n += n;
}

/* A returned mail in a coat of base64 is no mail to the library. */
static bool encoded(struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct span v = { NULL, 0 };

	if (colon)
		v = span_trim((struct span){ colon + 1, (size_t)(line.p + line.n - colon) - 1 });
	return !span_eq_case(v, "7bit") && !span_eq_case(v, "8bit") && !span_eq_case(v, "binary");
}

static void header_line(struct scan *s, const char *p, size_t full, struct span line)
{
	bool continued = line.n && (line.p[0] == ' ' || line.p[0] == '\t');

	if (s->headers == 0 && s->block_message && (continued || (!needless(line) &&
								  !span_starts_case(line, "content-"))))
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
	if (!continued && s->block_sure && span_starts_case(line, "content-transfer-encoding"))
		s->encoded |= encoded(line);
	size_t at = s->n;
	add(s, p, full);
	if (!continued)
		s->skipping = s->block_sure && s->sure && needless(line);
	if (s->skipping)
		skip(s, at, s->n);
	for (char *q = s->out + at; (q = memchr(q, '\0', (size_t)(s->out + s->n - q))); q++) {
		*q = ' ';
		s->broken = true;
	}
}

static void header_block(struct scan *s, bool sure, bool message)
{
	s->block_sure = sure && s->sure;
	s->block_message = message;
	s->block_start = s->n;
	s->block_types = 0;
	s->opens = (struct span){ NULL, 0 };
	s->skipping = s->encoded = s->digest = s->rfc822 = s->block_skipped = false;
	s->in_header = true;
	s->inner_message = false;
	s->dropping = false;
	s->headers = s->header_bytes = 0;
}

/* The empty line behind a header block: what stands below it? */
static void block_end(struct scan *s, const char *p, size_t full)
{
	bool sure = s->block_sure && s->sure;

	if (sure && !(full == 1 || (full == 2 && p[0] == '\r')))
		s->sure = false;	/* empty to us alone */
	if (sure && s->digest)
		s->sure = false;	/* its parts are mails without saying so */
	if (sure && s->opens.p && s->opens.n && s->open_n < PRESCAN_MAX_BOUNDARIES)
		s->open[s->open_n++] = s->opens;
	if (s->inner_message)
		header_block(s, sure && s->rfc822 && !s->encoded, true);
	else
		s->in_header = false;
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
		bool strict = strict_delimiter(s, line);
		s->in_header = false;
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
	slim = arena_alloc(s->a, s->n + s->skips_n * 40 + 1);
	for (size_t i = 0; i < s->skips_n; i++) {
		const struct skip *k = &s->skips[i];
		memcpy(slim + n, s->out + at, k->from - at);
		n += k->from - at;
		at = k->to;
		if (k->block != SIZE_MAX)
			n += (size_t)snprintf(slim + n, 40, PRESCAN_BLOCK ": %zu\n", k->block);
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
	*out_r = (struct prescan){ .bytes = s->out, .n = s->n, .truncated = s->truncated,
				   .broken = s->broken };
	write_slim(s, out_r);
}
