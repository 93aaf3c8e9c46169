/* SPDX-License-Identifier: MPL-2.0
 *
 * How alike two texts are: resemblance and containment of their sets of shingles (Broder, "On the
 * resemblance and containment of documents", 1997), by the smallest hashes of each set (bottom-k MinHash;
 * exact for texts of up to SKETCH shingles, which mails are). That tells an edited, reordered or
 * shortened copy; the bag of words also tells one whose words were shuffled. Texts without blanks
 * (Japanese, Chinese) are compared by characters.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>

enum { UNITS_MAX = 3000, SAID_MAX = 300, EDIT_MAX = 1500, UNITS_MIN = 6, SKETCH = 256, SHINGLE = 3, SHINGLE_FAR = 5,
       FAR_PER_WORD = 2, CONTAINED_MIN = 8 };
static const double resembles = 0.45, contained = 0.80, bag_alike = 0.80;

static const uint64_t fnv_start = UINT64_C(14695981039346656037), fnv_prime = UINT64_C(1099511628211);

/* Words, or characters of a script without blanks, as hashes: a collision could at worst make two
 * of them equal. */
struct units {
	uint64_t *h;
	size_t n;
	size_t far;		/* characters among them */
};

/* Bytes of a CJK character at s, 0 if it is none. Hangul has blanks; punctuation (U+3000..) is no unit. */
static size_t far_character(const unsigned char *s)
{
	if (s[0] == 0xe3 && s[1] == 0x80)
		return s[2] == 0x85 ? 3 : 0;
	if (s[0] >= 0xe3 && s[0] <= 0xe9 && s[1] && s[2])
		return 3;
	if (s[0] == 0xf0 && s[1] >= 0xa0 && s[1] <= 0xb3 && s[2] && s[3])
		return 4;
	return 0;
}

static bool word_byte(const unsigned char *s, bool in)
{
	if (s[0] == 0xe3 && s[1] == 0x80)
		return false;
	if (s[0] == 0xe2 && s[1] == 0x80)	/* dashes, quotation marks, ellipsis; an apostrophe binds */
		return in && s[2] == 0x99;
	return *s >= 0x80 || (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') || (*s == '\'' && in);
}

static size_t bytes_of(const unsigned char *s)
{
	size_t n = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4, i = 1;

	while (i < n && s[i])
		i++;
	return i;
}

static uint64_t hash_more(uint64_t h, const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * fnv_prime;
	return h;
}

static struct units units_of(struct arena *a, const char *text, size_t max)
{
	const unsigned char *s = (const unsigned char *)text_fold(a, text ? text : "");
	struct units u = { .h = arena_array(a, uint64_t, max + 1) };
	uint64_t word = 0;
	bool in = false;

	for (; u.n < max; ) {
		size_t far = far_character(s);

		if (!far && *s && word_byte(s, in)) {
			size_t n = bytes_of(s);

			word = hash_more(in ? word : fnv_start, s, n);
			in = true;
			s += n;
			continue;
		}
		if (in)
			u.h[u.n++] = word;
		in = false;
		if (!*s)
			break;
		if (far && u.n < max) {
			u.h[u.n++] = hash_more(fnv_start, s, far);
			u.far++;
		}
		s += far ? far : bytes_of(s);
	}
	return u;
}

static int cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Runs of w units, mixed so that the smallest are a fair sample of all (splitmix64's finish). */
static uint64_t *runs_of(struct arena *a, const struct units *u, size_t w, size_t *n_r)
{
	size_t n = u->n >= w ? u->n - w + 1 : 0;
	uint64_t *list = arena_array(a, uint64_t, n + 1);

	for (size_t i = 0; i < n; i++) {
		uint64_t h = fnv_start;

		for (size_t k = 0; k < w; k++)
			h = (h ^ u->h[i + k]) * fnv_prime;
		h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
		list[i] = h ^ (h >> 31);
	}
	qsort(list, n, sizeof(*list), cmp);
	*n_r = n;
	return list;
}

struct sketch {
	uint64_t *h;		/* the smallest, ascending */
	size_t n;		/* of them, at most SKETCH */
	size_t all;		/* different shingles of the text */
};

static struct sketch sketch_of(struct arena *a, const struct units *u, size_t w)
{
	size_t n;
	struct sketch s = { .h = runs_of(a, u, w, &n) };

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || s.h[i] != s.h[s.all - 1])
			s.h[s.all++] = s.h[i];
	}
	s.n = s.all < SKETCH ? s.all : SKETCH;
	return s;
}

/* Shared shingles over all shingles of both. */
static double resemblance(const struct sketch *x, const struct sketch *y)
{
	bool whole = x->all <= SKETCH && y->all <= SKETCH;
	size_t i = 0, j = 0, seen = 0, both = 0;

	while ((i < x->n || j < y->n) && (whole || seen < SKETCH)) {
		if (j == y->n || (i < x->n && x->h[i] < y->h[j])) {
			i++;
		} else if (i == x->n || y->h[j] < x->h[i]) {
			j++;
		} else {
			both++;
			i++;
			j++;
		}
		seen++;
	}
	return seen ? (double)both / (double)seen : 0;
}

/* Twice the runs in common over all runs, with their number. */
static double bag(const uint64_t *x, size_t xn, const uint64_t *y, size_t yn)
{
	size_t i = 0, j = 0, common = 0;

	while (i < xn && j < yn) {
		if (x[i] == y[j]) {
			common++;
			i++;
			j++;
		} else if (x[i] < y[j]) {
			i++;
		} else {
			j++;
		}
	}
	return xn + yn ? 2.0 * (double)common / (double)(xn + yn) : 0;
}

/* Characters of a script without blanks, most of it: two of them are a word. */
static size_t in_words(const struct units *u, size_t n)
{
	return u->far > u->n / 2 ? n / FAR_PER_WORD : n;
}

size_t word_count(struct arena *a, const char *text)
{
	struct units u = units_of(a, text, UNITS_MAX);

	return in_words(&u, u.n);
}

size_t longest_run(struct arena *a, const char *text, const char *said)
{
	struct units x = units_of(a, text, UNITS_MAX), y = units_of(a, said, SAID_MAX);
	size_t best = 0, *row = arena_array(a, size_t, y.n + 1);	/* row[j]: the run that ends at y[j - 1] */

	for (size_t i = 0; i < x.n; i++) {
		for (size_t j = y.n; j > 0; j--) {
			row[j] = x.h[i] == y.h[j - 1] ? row[j - 1] + 1 : 0;
			if (row[j] > best)
				best = row[j];
		}
	}
	return in_words(&y, best);
}

bool policy_alike(struct arena *a, const char *old, const char *text)
{
	struct units x = units_of(a, old, UNITS_MAX), y = units_of(a, text, UNITS_MAX);
	bool far = x.far + y.far > (x.n + y.n) / 2;
	size_t least = far ? (size_t)UNITS_MIN * FAR_PER_WORD : UNITS_MIN, xn, yn;

	if (!x.n || !y.n)
		return false;
	if (x.n < least || y.n < least)	/* "Thanks!" twice is no repetition, "See below." neither */
		return x.n == y.n && x.n >= 3 && memcmp(x.h, y.h, x.n * sizeof(*x.h)) == 0;
	struct sketch p = sketch_of(a, &x, far ? SHINGLE_FAR : SHINGLE);
	struct sketch q = sketch_of(a, &y, far ? SHINGLE_FAR : SHINGLE);
	double r = resemblance(&p, &q);

	if (r >= resembles)
		return true;
	/* a part of the old text says nothing new; the old text inside of a longer one may */
	if (q.all >= (size_t)CONTAINED_MIN * (far ? FAR_PER_WORD : 1) &&
	    r * (double)(p.all + q.all) / (1 + r) >= contained * (double)q.all)
		return true;
	/* single characters are too common to tell: pairs of them */
	const uint64_t *xb = runs_of(a, &x, far ? 2 : 1, &xn), *yb = runs_of(a, &y, far ? 2 : 1, &yn);

	return bag(xb, xn, yb, yn) >= bag_alike;
}

double policy_edit_ratio(struct arena *a, const char *drafted, const char *final)
{
	struct units x = units_of(a, drafted, EDIT_MAX), y = units_of(a, final, EDIT_MAX);
	size_t *row = arena_array(a, size_t, y.n + 1);

	if (x.n + y.n == 0)
		return 0;
	/* longest common subsequence, one row at a time */
	for (size_t i = 0; i < x.n; i++) {
		size_t diagonal = 0;

		for (size_t j = 0; j < y.n; j++) {
			size_t above = row[j + 1];

			if (x.h[i] == y.h[j])
				row[j + 1] = diagonal + 1;
			else if (row[j] > above)
				row[j + 1] = row[j];
			diagonal = above;
		}
	}
	return 1.0 - 2.0 * (double)row[y.n] / (double)(x.n + y.n);
}
