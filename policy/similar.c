/* SPDX-License-Identifier: MPL-2.0
 *
 * How alike two texts are. Shingles tell an edited copy; the bag of words also tells one whose
 * sentences, or words, were only reshuffled.
 */
#include "config.h"

#include "policy/policy.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>

enum { WORDS_MAX = 1500, WORDS_MIN = 6 };
static const double bag_alike = 0.85, shingles_alike = 0.70;

/* Words are compared as 64-bit hashes (FNV-1a): a collision could at worst make two words equal. */
static size_t words(struct arena *a, const char *text, uint64_t **out_r)
{
	const char *s = text_fold(a, text ? text : "");
	uint64_t *w = arena_array(a, uint64_t, WORDS_MAX), hash = 0;
	bool in = false;
	size_t n = 0;

	for (; n < WORDS_MAX; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c == '\'' && in)) {
			if (!in)
				hash = UINT64_C(14695981039346656037);
			in = true;
			hash = (hash ^ c) * UINT64_C(1099511628211);
		} else if (in) {
			w[n++] = hash;
			in = false;
		}
		if (!c)
			break;
	}
	*out_r = w;
	return n;
}

static int cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Twice the words in common over all words. */
static double bag(uint64_t *a, size_t an, uint64_t *b, size_t bn)
{
	size_t i = 0, j = 0, common = 0;

	qsort(a, an, sizeof(*a), cmp);
	qsort(b, bn, sizeof(*b), cmp);
	while (i < an && j < bn) {
		if (a[i] == b[j]) {
			common++;
			i++;
			j++;
		} else if (a[i] < b[j]) {
			i++;
		} else {
			j++;
		}
	}
	return 2.0 * (double)common / (double)(an + bn);
}

bool policy_alike(struct arena *a, const char *old, const char *text)
{
	uint64_t *x, *y;
	size_t xn = words(a, old, &x), yn = words(a, text, &y);

	if (!xn || !yn)
		return false;
	if (xn < WORDS_MIN || yn < WORDS_MIN)	/* "Thanks!" twice is no repetition, "See below." neither */
		return xn == yn && xn >= 3 && memcmp(x, y, xn * sizeof(*x)) == 0;
	if (text_overlap(old, text) >= shingles_alike && text_overlap(text, old) >= shingles_alike)
		return true;
	return bag(x, xn, y, yn) >= bag_alike;
}

double policy_edit_ratio(struct arena *a, const char *drafted, const char *final)
{
	uint64_t *x, *y;
	size_t xn = words(a, drafted, &x), yn = words(a, final, &y);
	size_t *row = arena_array(a, size_t, yn + 1);

	if (xn + yn == 0)
		return 0;
	/* longest common subsequence, one row at a time */
	for (size_t i = 0; i < xn; i++) {
		size_t diagonal = 0;

		for (size_t j = 0; j < yn; j++) {
			size_t above = row[j + 1];

			if (x[i] == y[j])
				row[j + 1] = diagonal + 1;
			else if (row[j] > above)
				row[j + 1] = row[j];
			diagonal = above;
		}
	}
	return 1.0 - 2.0 * (double)row[yn] / (double)(xn + yn);
}
