/* SPDX-License-Identifier: MPL-2.0
 *
 * SimHash (Charikar 2002): how alike many texts are, each compared by one number.
 */
#include "config.h"

#include "policy/limits.h"

#include "base/arena.h"
#include "base/str.h"

#include <ctype.h>

enum { SHINGLE = 3, BITS = 64 };

static uint64_t mix(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ull;	/* FNV-1a */
	return h;
}

/* FNV's low bits are better than its high ones; SimHash looks at all. */
static uint64_t finish(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdull;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ull;
	return h ^ h >> 33;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

uint64_t policy_simhash(struct arena *a, const char *text)
{
	const char *c = text_fold(a, text ? text : "");
	struct span last[SHINGLE] = { { 0 } };
	long weight[BITS] = { 0 };
	uint64_t out = 0;
	size_t words = 0;

	while (*c) {
		size_t n = 0;

		while (*c && !is_word(*c))
			c++;
		while (is_word(c[n]))
			n++;
		if (n == 0)
			break;
		last[words++ % SHINGLE] = (struct span){ c, n };
		c += n;
		if (words < SHINGLE && *c)
			continue;
		uint64_t h = 0xcbf29ce484222325ull;

		for (size_t i = words < SHINGLE ? 0 : words - SHINGLE; i < words; i++)
			h = mix(mix(h, last[i % SHINGLE].p, last[i % SHINGLE].n), " ", 1);
		h = finish(h);
		for (int b = 0; b < BITS; b++)
			weight[b] += h >> b & 1 ? 1 : -1;
	}
	for (int b = 0; words && b < BITS; b++)
		out |= (uint64_t)(weight[b] > 0) << b;
	return out;
}
