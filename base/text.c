/* SPDX-License-Identifier: MPL-2.0
 *
 * The Unicode half of str.h, through ICU. None of it looks at the default locale.
 */
#include "config.h"

#include "base/str.h"

#include <stdlib.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "base/arena.h"

/* UTF-8 to UTF-16; malformed bytes become U+FFFD. */
static UChar *widen(struct arena *a, const char *s, size_t bytes, int32_t *n_r)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar *w = arena_array(a, UChar, bytes + 1);

	u_strFromUTF8WithSub(w, (int32_t)bytes + 1, n_r, s, (int32_t)bytes, 0xfffd, NULL, &code);
	if (U_FAILURE(code) && code != U_STRING_NOT_TERMINATED_WARNING)
		*n_r = 0;
	return w;
}

static char *narrow(struct arena *a, const UChar *w, int32_t n)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t room = n * 3 + 1, got = 0;
	char *s = arena_alloc(a, (size_t)room);

	u_strToUTF8WithSub(s, room, &got, w, n, 0xfffd, NULL, &code);
	s[U_FAILURE(code) ? 0 : got] = '\0';
	return s;
}

static UChar *normalise(struct arena *a, const UNormalizer2 *form, UChar *w, int32_t *n)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t room = *n * 3 + 32, got;
	UChar *out = arena_array(a, UChar, room);

	got = unorm2_normalize(form, w, *n, out, room, &code);
	if (code == U_BUFFER_OVERFLOW_ERROR) {
		code = U_ZERO_ERROR;
		room = got + 1;
		out = arena_array(a, UChar, room);
		got = unorm2_normalize(form, w, *n, out, room, &code);
	}
	if (U_FAILURE(code))
		return w;
	*n = got;
	return out;
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

char *text_fold(struct arena *a, const char *s)
{
	UErrorCode code = U_ZERO_ERROR;
	const UNormalizer2 *form;
	int32_t n;
	UChar *w;

	if (is_ascii(s))
		return str_lower(a, s);
	form = unorm2_getNFKCCasefoldInstance(&code);
	w = widen(a, s, strlen(s), &n);
	if (U_SUCCESS(code))
		w = normalise(a, form, w, &n);
	return narrow(a, w, n);
}

char *text_squeeze(struct arena *a, const char *s)
{
	int32_t i = 0, n = (int32_t)strlen(s);
	char *out = arena_raw(a, (size_t)n + 1), *to = out;	/* a gap is at least a byte: it never grows */
	bool gap = false;

	while (i < n) {
		int32_t from = i;
		UChar32 c;

		if (s[i] > ' ' && s[i] < 0x7f) {	/* most of it */
			if (gap)
				*to++ = ' ';
			gap = false;
			do {
				*to++ = s[i++];
			} while (i < n && s[i] > ' ' && s[i] < 0x7f);
			continue;
		}
		if (s[i] == ' ') {
			i++;
			gap = to > out;
			continue;
		}
		U8_NEXT_OR_FFFD((const uint8_t *)s, i, n, c);
		if (u_isUWhiteSpace(c) || c == 0x200b || c == 0xfeff) {
			gap = to > out;
			continue;
		}
		if (gap)
			*to++ = ' ';
		gap = false;
		memcpy(to, s + from, (size_t)(i - from));
		to += i - from;
	}
	*to = '\0';
	return out;
}

/* What mail clients put before a subject when answering or forwarding, folded. */
static const char *const reply_marks[] = {
	"re", "fw", "fwd", "aw", "wg", "antw", "antwort", "sv", "vs", "vb", "ref", "rif", "r", "i",
	"res", "enc", "rv", "tr", "odp", "pd", "ynt", "ilt", "vl", "doorst", "rép", "rep", "回复", "转发", "答复",
	"回覆", "轉寄", "返信", "転送", "답장", "전달", "отв", "ha", "на",
};

static size_t reply_mark(const char *s)
{
	for (size_t i = 0; i < sizeof reply_marks / sizeof *reply_marks; i++) {
		size_t n = strlen(reply_marks[i]);
		const char *p = s + n;

		if (strncmp(s, reply_marks[i], n))
			continue;
		if (*p == '[' || *p == '(') {	/* Re[2]: */
			p++;
			while (*p >= '0' && *p <= '9')
				p++;
			if (*p != ']' && *p != ')')
				continue;
			p++;
		}
		if (*p == ' ')
			p++;
		if (*p == ':')
			return (size_t)(p + 1 - s);
		if (!strncmp(p, "：", 3))
			return (size_t)(p + 3 - s);
	}
	return 0;
}

char *text_subject_key(struct arena *a, const char *subject)
{
	char *s = text_squeeze(a, text_fold(a, subject ? subject : ""));
	size_t n;

	while ((n = reply_mark(s)) != 0) {
		s += n;
		while (*s == ' ')
			s++;
	}
	return s;
}

char *text_ascii(struct arena *a, const char *s)
{
	static const struct { UChar32 c; const char *plain; } special[] = {
		{ 0x2018, "'" }, { 0x2019, "'" }, { 0x201c, "\"" }, { 0x201d, "\"" }, { 0x201e, "\"" },
		{ 0x2013, "-" }, { 0x2014, "-" }, { 0x2026, "..." }, { 0xdf, "ss" }, { 0xe6, "ae" },
		{ 0xc6, "AE" }, { 0xf8, "o" }, { 0xd8, "O" }, { 0x142, "l" }, { 0x141, "L" },
		{ 0x153, "oe" }, { 0x20ac, "EUR" }, { 0xa0, " " },
	};
	UErrorCode code = U_ZERO_ERROR;
	const UNormalizer2 *form;
	struct buf b;
	int32_t n, i = 0;
	UChar *w;

	if (is_ascii(s))
		return arena_strdup(a, s);
	form = unorm2_getNFKDInstance(&code);
	w = widen(a, s, strlen(s), &n);
	if (U_SUCCESS(code))
		w = normalise(a, form, w, &n);
	buf_init(&b, a);
	while (i < n) {
		UChar32 c;
		const char *plain = "?";

		U16_NEXT(w, i, n, c);
		if (c < 0x80) {
			buf_addc(&b, (char)c);
			continue;
		}
		if (u_charType(c) == U_NON_SPACING_MARK)
			continue;
		for (size_t k = 0; k < sizeof special / sizeof *special; k++)
			if (special[k].c == c)
				plain = special[k].plain;
		buf_adds(&b, plain);
	}
	return b.p;
}

/* ---- overlap by shingles of five words ---- */

enum { SHINGLE = 5 };

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 0x100000001b3u + (h >> 29);
}

/* Hashes of the words of s (letters and digits; a script without blanks counts each sign). */
static size_t word_hashes(struct arena *a, const char *s, uint64_t **out_r)
{
	char *f = text_fold(a, s);
	int32_t i = 0, n = (int32_t)strlen(f);
	uint64_t h = 0;
	uint64_t *list = arena_array(a, uint64_t, n + 1);
	size_t count = 0;

	while (i < n) {
		UChar32 c;

		U8_NEXT_OR_FFFD((const uint8_t *)f, i, n, c);
		if (u_isalnum(c) && c < 0x2e80) {
			h = mix(h ? h : 0xcbf29ce484222325u, (uint64_t)c);
			continue;
		}
		if (h)
			list[count++] = h;
		h = 0;
		if (c >= 0x2e80 && u_isalnum(c))
			list[count++] = mix(0xcbf29ce484222325u, (uint64_t)c);
	}
	if (h)
		list[count++] = h;
	*out_r = list;
	return count;
}

static size_t shingles(struct arena *a, const uint64_t *words, size_t n, uint64_t **out_r)
{
	size_t count = n < SHINGLE ? 0 : n - SHINGLE + 1, kept = 0;
	uint64_t *list = arena_array(a, uint64_t, count + 1);

	for (size_t i = 0; i < count; i++) {
		uint64_t h = 0xcbf29ce484222325u;

		for (size_t k = 0; k < SHINGLE; k++)
			h = mix(h, words[i + k]);
		list[i] = h;
	}
	qsort(list, count, sizeof *list, by_value);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || list[i] != list[i - 1])
			list[kept++] = list[i];
	*out_r = list;
	return kept;
}

double text_overlap(const char *sa, const char *sb)
{
	struct arena *a = arena_new(0);
	uint64_t *wa, *wb, *x, *y;
	size_t na = word_hashes(a, sa, &wa), nb = word_hashes(a, sb, &wb);
	size_t nx, ny, both = 0;
	double r;

	if (na == nb && (na == 0 || !memcmp(wa, wb, na * sizeof *wa))) {
		arena_free(a);
		return 1;
	}
	nx = shingles(a, wa, na, &x);
	ny = shingles(a, wb, nb, &y);
	for (size_t i = 0, j = 0; i < nx && j < ny;) {
		if (x[i] == y[j]) {
			both++;
			i++;
			j++;
		} else if (x[i] < y[j]) {
			i++;
		} else {
			j++;
		}
	}
	r = nx ? (double)both / (double)nx : 0;
	arena_free(a);
	return r;
}
