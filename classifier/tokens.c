/* SPDX-License-Identifier: MPL-2.0
 *
 * Text to folded words. What people type differently is made equal here: case, accents,
 * typographic apostrophes, hyphens, "e-mail", full-width letters.
 */
#include "config.h"

#include "classifier/phrases.h"

#include "base/arena.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

static uint32_t hash_of(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

/* Letters that decomposition leaves alone. */
static const char *plain_letter(UChar c)
{
	switch (c) {
	case 0x142: return "l";
	case 0xf8: return "o";
	case 0x111: return "d";
	case 0xe6: return "ae";
	case 0x153: return "oe";
	case 0xfe: return "th";
	case 0xf0: return "d";
	case 0x131: return "i";
	default: return NULL;
	}
}

static char *fold_unicode(struct arena *a, const char *s, size_t n, uint32_t *n_r)
{
	UErrorCode st = U_ZERO_ERROR;
	const UNormalizer2 *kcf = unorm2_getNFKCCasefoldInstance(&st);
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&st);
	UChar u[256], v[512];
	int32_t len = 0;
	char *out;

	if (n > 200)
		n = 200;
	while (n && ((unsigned char)s[n] & 0xc0) == 0x80 && n == 200)
		n--;
	u_strFromUTF8WithSub(u, 256, &len, s, (int32_t)n, 0xfffd, NULL, &st);
	if (U_SUCCESS(st))
		len = unorm2_normalize(kcf, u, len, v, 512, &st);
	out = arena_alloc(a, n * 6 + 16);
	*n_r = 0;
	if (U_FAILURE(st))
		return out;
	for (int32_t i = 0; i < len;) {
		UChar d[16];
		UChar32 c;
		int32_t start = i, dn;
		const char *plain;
		U16_NEXT(v, i, len, c);
		if (c == 0x2019 || c == 0x27 || (c >= 0x300 && c < 0x370))
			continue;
		if (c < 0x370 && (plain = plain_letter((UChar)c))) {
			size_t pn = strlen(plain);
			memcpy(out + *n_r, plain, pn);
			*n_r += (uint32_t)pn;
			continue;
		}
		/* accents only where the base is Latin, Greek or Cyrillic: kana keep their marks */
		dn = i - start;
		memcpy(d, v + start, (size_t)dn * sizeof *d);
		if (c < 0x530)
			dn = unorm2_normalize(nfd, v + start, i - start, d, 16, &st);
		for (int32_t k = 0; k < dn && U_SUCCESS(st);) {
			UChar32 e;
			uint8_t b[4];
			int32_t bn = 0;
			U16_NEXT(d, k, dn, e);
			if (e >= 0x300 && e < 0x370)
				continue;
			U8_APPEND_UNSAFE(b, bn, e);
			memcpy(out + *n_r, b, (size_t)bn);
			*n_r += (uint32_t)bn;
		}
	}
	return out;
}

/* Where the folded words go: those of ASCII, most of them, behind each other in one piece (each is followed by a byte
 * that is no word, or by one that is not ASCII, so the text's length is room enough). */
struct folding {
	struct arena *a;
	char *to;
};

static void fold(struct folding *f, struct token *t, const char *s, size_t n)
{
	uint32_t k = 0, hash = 2166136261u;
	char *out = f->to;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 128) {
			out = fold_unicode(f->a, s, n, &k);
			out[k] = '\0';
			*t = (struct token){ .s = out, .n = k, .hash = hash_of(out, k), .start = t->start,
					     .line_start = t->line_start };
			return;
		}
		if (c == '\'' || c == '`')
			continue;
		if (c >= 'A' && c <= 'Z')
			c |= 32;
		out[k++] = (char)c;
		hash = (hash ^ c) * 16777619u;
	}
	out[k] = '\0';
	f->to += k + 1;
	t->s = out;
	t->n = k;
	t->hash = hash;
}

static bool is_cjk(UChar32 c)
{
	return (c >= 0x3005 && c <= 0x30ff && c != 0x30fb) || (c >= 0x3400 && c <= 0x9fff) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9f) ||
	       (c >= 0x20000 && c <= 0x2ffff);
}

static const bool letters[128] = { ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true };

static bool is_word(UChar32 c)
{
	if (c < 128)
		return letters[c & 127];	/* -1, what is no UTF-8, is DEL then: no letter either */
	if (is_cjk(c) || (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3005))
		return false;
	return u_isalnum(c) || (c >= 0x300 && c < 0x370) ||
	       (u_getIntPropertyValue(c, UCHAR_GENERAL_CATEGORY) == U_NON_SPACING_MARK &&
		!(c >= 0xfe00 && c <= 0xfe0f));
}

static bool apostrophe(UChar32 c)
{
	return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0xb4 || c == '`';
}

/* "l'offre" is two words, "don't" one. */
static bool elided(const char *s, size_t n)
{
	static const char *const list[] = { "l", "d", "j", "n", "m", "t", "s", "c", "qu", "jusqu",
		"lorsqu", "puisqu", "aujourd", "dell", "all", "nell", "sull", "un", "quest", "dall" };
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (strlen(list[i]) == n && strncasecmp(s, list[i], n) == 0)
			return true;
	return false;
}

/* Does the word that began at `start` go on over the character at i? */
static bool goes_on(const char *s, size_t n, size_t start, size_t i, UChar32 c, bool *address)
{
	UChar32 next = 0;
	size_t k = i;

	U8_NEXT((const uint8_t *)s, k, n, c);
	if (k < n) {
		size_t q = k;
		U8_NEXT((const uint8_t *)s, q, n, next);
	}
	if (!is_word(next) && !(next == '@' && (c == '_' || c == '-')))
		return false;
	bool digit_before = s[i - 1] >= '0' && s[i - 1] <= '9', digit_after = next >= '0' && next <= '9';
	if (c == '@' || (*address && (c == '-' || c == '_' || c == '+'))) {
		*address = true;
		return true;
	}
	if (c == '.')
		return true;	/* 5.1.1, example.com, z.B */
	if (apostrophe(c))
		return !elided(s + start, i - start);
	if ((c == ':' || c == '/' || c == ',') && digit_before && digit_after)
		return true;
	/* "e-mail" is one word; so is 2026-03-01 */
	if (c == '-' && i - start == 1 && (s[start] | 32) == 'e' && (next | 32) == 'm')
		return true;
	if (c == '-' && digit_before && digit_after)
		return true;
	if (c == '_' || c == '+' || c == '-') {	/* an address that has not shown its '@' yet */
		for (size_t q = k; q < n && q < k + 64; q++) {
			if (s[q] == '@')
				return true;
			if (!is_word((unsigned char)s[q]) && !strchr("._+-", s[q]))
				break;
		}
	}
	return false;
}

static void drop_hyphen(struct token *t, char *s)
{
	if (t->n > 2 && s[0] == 'e' && s[1] == '-') {
		memmove(s + 1, s + 2, t->n - 1);
		t->n--;
		t->hash = hash_of(s, t->n);
	}
}

/* The full stop at text[i - 1] ends an abbreviation, no sentence: "Dr. Bell", "bzw. morgen". A word without a
 * vowel, and what follows on the line goes on in lower case, or is the name after a title. */
static bool abbreviated(const struct token *t, const char *text, size_t i, size_t n)
{
	static const char *const titles[] = { "dr", "mr", "mrs", "ms", "hr", "sr", "st", "jr" };

	if (t->kind != TOKEN_WORD || t->n > 4 || t->end != i - 1)
		return false;
	for (size_t k = 0; k < t->n; k++)
		if (t->s[k] < 'a' || t->s[k] > 'z' || strchr("aeiouy", t->s[k]))
			return false;
	if (i + 1 >= n || text[i] != ' ')
		return false;
	for (size_t k = 0; k < sizeof titles / sizeof titles[0]; k++)
		if (t->n == strlen(titles[k]) && memcmp(t->s, titles[k], t->n) == 0)
			return true;
	return text[i + 1] >= 'a' && text[i + 1] <= 'z';
}

/* The end of the word that begins at start and has been read up to i. */
static size_t word_end(const char *text, size_t n, size_t start, size_t i)
{
	bool address = false;

	while (i < n) {
		size_t k = i;
		UChar32 d;

		if ((unsigned char)text[i] < 128 && letters[(unsigned char)text[i]]) {
			i++;
			continue;
		}
		U8_NEXT((const uint8_t *)text, k, n, d);
		if (d < 0 || (!is_word(d) && !goes_on(text, n, start, i, d, &address)))
			break;
		i = k;
	}
	return i;
}

/* Room for one more: tokens are few beside bytes, and what is not needed is not touched. */
static void make_room(struct arena *a, struct tokens *r, size_t *have, size_t most)
{
	size_t more = *have * 2 < most ? *have * 2 : most;
	struct token *t;

	if (r->n < *have)
		return;
	t = arena_raw(a, more * sizeof *t);
	memcpy(t, r->t, r->n * sizeof *t);
	r->t = t;
	*have = more;
}

struct tokens tokens_of(struct arena *a, const char *text, size_t n)
{
	struct tokens r = { .source = text };
	struct folding f = { a, arena_raw(a, n + 1) };
	size_t room = n / 2 + 8, i = 0, have = n / 4 + 8;
	bool line_start = true;
	int newlines = 0;

	if (room > TOKENS_MAX)
		room = TOKENS_MAX;
	if (have > room)
		have = room;
	r.t = arena_raw(a, have * sizeof *r.t);
	while (i < n && r.n + 1 < room) {
		size_t start = i;
		UChar32 c;
		struct token *t;

		make_room(a, &r, &have, room);
		t = &r.t[r.n];
		U8_NEXT((const uint8_t *)text, i, n, c);
		*t = (struct token){ .start = (uint32_t)start, .line_start = line_start };
		if (c < 0)
			continue;
		if (c == '\n') {
			line_start = true;
			if (++newlines == 2 && r.n && r.t[r.n - 1].kind != TOKEN_STOP &&
			    r.t[r.n - 1].kind != TOKEN_QUESTION) {
				t->kind = TOKEN_STOP;
				t->end = (uint32_t)start;
				t->s = "";
				r.n++;
			}
			continue;
		}
		if (c == ' ' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x3000)
			continue;
		newlines = 0;
		if (is_word(c)) {
			i = word_end(text, n, start, i);
			fold(&f, t, text + start, i - start);
			drop_hyphen(t, (char *)(uintptr_t)t->s);
			t->kind = memchr(t->s, '@', t->n) ? TOKEN_ADDRESS :
				  c >= '0' && c <= '9' ? TOKEN_NUMBER : TOKEN_WORD;
			if (t->n == 0)
				continue;
		} else if (c == '?' || c == 0xff1f || c == 0x37e) {
			t->kind = TOKEN_QUESTION;
			t->s = "?";
			t->n = 1;
		} else if (c == '.' || c == '!' || c == ':' || c == ';' || c == 0x3002 || c == 0xff01 ||
			   c == 0x2026 || c == 0xff0e || c == 0xff1a) {
			if (r.n && r.t[r.n - 1].kind == TOKEN_STOP)
				continue;
			/* "am 12. Maerz": an ordinal, not an end */
			if (c == '.' && r.n && r.t[r.n - 1].kind == TOKEN_NUMBER &&
			    (r.t[r.n - 1].n <= 2 || memchr(r.t[r.n - 1].s, '.', r.t[r.n - 1].n)))
				continue;
			if (c == '.' && r.n && abbreviated(&r.t[r.n - 1], text, i, n))
				continue;
			t->kind = TOKEN_STOP;
			t->s = "";
		} else if (is_cjk(c)) {
			fold(&f, t, text + start, i - start);
			t->kind = TOKEN_WORD;
		} else if (c >= 0x2190 && c < 0x3000 && c != 0x2500 && c != 0x2502) {
			t->kind = TOKEN_SYMBOL;
			t->s = arena_strndup(a, text + start, i - start);
			t->n = (uint32_t)(i - start);
			t->hash = hash_of(t->s, t->n);
		} else if (c >= 0x1f000) {
			t->kind = TOKEN_SYMBOL;
			t->s = arena_strndup(a, text + start, i - start);
			t->n = (uint32_t)(i - start);
			t->hash = hash_of(t->s, t->n);
		} else {
			continue;
		}
		t->end = (uint32_t)i;
		line_start = false;
		r.n++;
	}
	return r;
}

char *tokens_words(struct arena *a, const struct tokens *t, size_t i, size_t j)
{
	size_t from, to;

	if (i >= t->n || j <= i)
		return arena_strdup(a, "");
	from = t->t[i].start;
	to = t->t[j - 1].end;
	if (to < from)
		to = from;
	if (to - from > 400)
		to = from + 400;
	char *s = text_squeeze(a, str_utf8(a, t->source + from, to - from));
	return str_cut(a, s, 120);
}
