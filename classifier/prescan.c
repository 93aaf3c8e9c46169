/* SPDX-License-Identifier: MPL-2.0
 *
 * One pass over the bytes of a mail, before GMime: caps on headers, boundaries and parts, and
 * parameters that make GMime 3.2.13 run for ever (gmime#165: a parameter name of 60 bytes and
 * more beside a non-ASCII value) blanked out. Not a parser: it only has to know, roughly, which
 * lines are headers.
 */
#include "config.h"

#include "classifier/prescan.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"

#include <assert.h>
#include <string.h>

struct scan {
	char *out;
	size_t n;
	struct span boundaries[PRESCAN_MAX_BOUNDARIES];	/* point into out */
	size_t boundaries_n;
	size_t delimiters;
	size_t headers, header_bytes;	/* of the block we are in */
	size_t field_start;		/* of a Content-* field in out, or SIZE_MAX */
	bool in_header, dropping, inner_message;
	bool truncated, broken;
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
	if (span_starts_case(rest, "message/") && !span_starts_case(rest, "message/delivery-status") &&
	    !span_starts_case(rest, "message/partial"))
		s->inner_message = true;
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

static void add(struct scan *s, const char *p, size_t n)
{
	memcpy(s->out + s->n, p, n);
	s->n += n;
}

static void header_line(struct scan *s, const char *p, size_t full, struct span line)
{
	bool continued = line.n && (line.p[0] == ' ' || line.p[0] == '\t');

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
	for (char *q = s->out + at; (q = memchr(q, '\0', (size_t)(s->out + s->n - q))); q++) {
		*q = ' ';
		s->broken = true;
	}
}

static void header_block(struct scan *s)
{
	s->in_header = true;
	s->inner_message = false;
	s->dropping = false;
	s->headers = s->header_bytes = 0;
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
		add(s, p, full);
		s->in_header = false;
		if (!closing)
			header_block(s);
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
	if (s->inner_message)
		header_block(s);
	else
		s->in_header = false;
	return true;
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
	s->field_start = SIZE_MAX;
	header_block(s);
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
	*out_r = (struct prescan){ s->out, s->n, s->truncated, s->broken };
}
