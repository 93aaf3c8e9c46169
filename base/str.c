/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool equal_case(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower((unsigned char)a[i]) != lower((unsigned char)b[i]))
			return false;
	return true;
}

bool span_eq(struct span a, const char *s)
{
	return a.n == strlen(s) && (a.n == 0 || !memcmp(a.p, s, a.n));
}

bool span_eq_case(struct span a, const char *s)
{
	return a.n == strlen(s) && equal_case(a.p, s, a.n);
}

bool span_starts_case(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && equal_case(a.p, prefix, n);
}

bool span_ends_case(struct span a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.n >= n && equal_case(a.p + a.n - n, suffix, n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span a)
{
	while (a.n && is_blank(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

bool span_line(struct span *rest, struct span *line_r)
{
	size_t i, skip = 1;

	if (rest->n == 0)
		return false;
	for (i = 0; i < rest->n; i++)
		if (rest->p[i] == '\n' || rest->p[i] == '\r')
			break;
	*line_r = (struct span){ rest->p, i };
	if (i == rest->n)
		skip = 0;
	else if (rest->p[i] == '\r' && i + 1 < rest->n && rest->p[i + 1] == '\n')
		skip = 2;
	rest->p += i + skip;
	rest->n -= i + skip;
	return true;
}

bool span_split(struct span *rest, char c, struct span *piece_r)
{
	const char *at;

	if (!rest->p)
		return false;
	at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	if (!at) {
		*piece_r = *rest;
		*rest = (struct span){ NULL, 0 };
		return true;
	}
	*piece_r = (struct span){ rest->p, (size_t)(at - rest->p) };
	rest->n -= piece_r->n + 1;
	rest->p = at + 1;
	return true;
}

/* The next place of c from i on, hay.n if there is none. */
static size_t next_of(struct span hay, size_t i, int c)
{
	const char *at = i < hay.n ? memchr(hay.p + i, c, hay.n - i) : NULL;

	return at ? (size_t)(at - hay.p) : hay.n;
}

size_t span_find_case(struct span hay, const char *needle)
{
	size_t n = strlen(needle), small, large;
	int first = lower((unsigned char)needle[0]);

	if (n > hay.n)
		return (size_t)-1;
	if (n == 0)
		return 0;
	hay.n -= n - 1;		/* where it can begin */
	small = next_of(hay, 0, first);
	large = first >= 'a' && first <= 'z' ? next_of(hay, 0, first - 32) : hay.n;
	while (small < hay.n || large < hay.n) {
		size_t i = small < large ? small : large;

		if (equal_case(hay.p + i, needle, n))
			return i;
		if (i == small)
			small = next_of(hay, i + 1, first);
		else
			large = next_of(hay, i + 1, first - 32);
	}
	return (size_t)-1;
}

char *span_dup(struct arena *a, struct span s)
{
	return arena_strndup(a, s.p, s.n);
}

void buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){ .p = arena_raw(a, 64), .room = 64, .arena = a };
	b->p[0] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n >= b->room - b->n) {
		size_t room = (b->room + n + 1) * 2;
		char *bigger = arena_raw(b->arena, room);

		memcpy(bigger, b->p, b->n);
		b->p = bigger;
		b->room = room;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256], *big;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
		return;
	}
	big = arena_alloc(b->arena, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_add(b, big, (size_t)n);
}

bool str_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool str_eq_case(const char *a, const char *b)
{
	return a && b ? strlen(a) == strlen(b) && equal_case(a, b, strlen(a)) : a == b;
}

bool str_empty(const char *s)
{
	return !s || !*s;
}

char *str_lower(struct arena *a, const char *s)
{
	char *r = arena_strdup(a, s);

	for (char *p = r; p && *p; p++)
		*p = (char)lower((unsigned char)*p);
	return r;
}

bool str_int(const char *s, int64_t min, int64_t max, int64_t *r)
{
	bool minus = s && *s == '-';
	int64_t v = 0;

	if (minus)
		s++;
	if (!s || !*s)
		return false;
	for (; *s; s++) {
		int d = *s - '0';

		if (d < 0 || d > 9)
			return false;
		if (v < (INT64_MIN + d) / 10)
			return false;
		v = v * 10 - d;		/* negative, so that INT64_MIN fits */
	}
	if (!minus) {
		if (v == INT64_MIN)
			return false;
		v = -v;
	}
	if (v < min || v > max)
		return false;
	*r = v;
	return true;
}

bool str_duration(const char *s, int64_t *seconds_r)
{
	static const struct { char unit; int64_t seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 },
	};
	char number[20];
	size_t n = s ? strlen(s) : 0;
	int64_t factor = 1, v;

	if (n == 0 || n >= sizeof number)
		return false;
	memcpy(number, s, n + 1);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (lower((unsigned char)number[n - 1]) == units[i].unit) {
			factor = units[i].seconds;
			number[n - 1] = '\0';
			break;
		}
	if (!str_int(number, 0, (int64_t)1 << 40, &v))
		return false;
	*seconds_r = v * factor;
	return true;
}

/* Length of the well-formed sequence at p (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	unsigned char c = p[0];
	size_t len = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3
		: c >= 0xf0 && c < 0xf5 ? 4 : 0;

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
	    (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool str_is_utf8(const char *p, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_length((const unsigned char *)p + i, n - i);
		if (len == 0)
			return false;
	}
	return true;
}

char *str_utf8(struct arena *a, const char *p, size_t n)
{
	struct buf b;
	size_t from = 0, i = 0;

	if (str_is_utf8(p, n) && (n == 0 || !memchr(p, 0, n)))
		return arena_strndup(a, p, n);
	buf_init(&b, a);
	while (i < n) {
		size_t len = utf8_length((const unsigned char *)p + i, n - i);

		if (len && p[i]) {
			i += len;
			continue;
		}
		buf_add(&b, p + from, i - from);
		buf_adds(&b, "\xef\xbf\xbd");
		from = ++i;
	}
	buf_add(&b, p + from, i - from);
	return b.p;
}

char *str_cut(struct arena *a, const char *s, size_t n)
{
	size_t len = strlen(s);

	if (len <= n)
		return arena_strdup(a, s);
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return arena_strndup(a, s, n);
}

/* Edit distance with transpositions (optimal string alignment), case ignored. */
static size_t distance(const char *a, const char *b)
{
	enum { MAX = 40 };
	unsigned d[3][MAX + 1];
	size_t an = strlen(a), bn = strlen(b);

	if (an > MAX || bn > MAX)
		return MAX;
	for (size_t j = 0; j <= bn; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= an; i++) {
		unsigned *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			int ca = lower((unsigned char)a[i - 1]), cb = lower((unsigned char)b[j - 1]);
			unsigned best = up[j - 1] + (ca != cb);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && ca == lower((unsigned char)b[j - 2]) &&
			    cb == lower((unsigned char)a[i - 2]) && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			row[j] = best;
		}
	}
	return d[an % 3][bn];
}

const char *str_nearest(const char *s, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t best_d = strlen(s) / 3 + 2;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(s, names[i]);

		if (d < best_d && d < strlen(names[i])) {
			best_d = d;
			best = names[i];
		}
	}
	return best;
}
