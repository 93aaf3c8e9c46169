/* SPDX-License-Identifier: MPL-2.0
 *
 * PCRE2 patterns (UTF, UCP) with match limits set, so that no text can make one run away.
 * A compiled pattern may be shared by threads.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct pattern;

enum pattern_flags { PATTERN_CASELESS = 1, PATTERN_MULTILINE = 2, PATTERN_DOTALL = 4, PATTERN_LITERAL = 8 };

enum status pattern_new(const char *text, unsigned flags, struct pattern **out_r, struct err *e);
void pattern_free(struct pattern *p);

struct pattern_match {
	size_t start[10], end[10];	/* (size_t)-1 where a group did not take part */
	int groups;			/* 1 + the highest group that took part */
};

/* First match in s[from..n). s must be valid UTF-8. A limit that was hit counts as no match and
 * sets *limited_r (may be NULL). */
bool pattern_find(const struct pattern *p, const char *s, size_t n, size_t from,
		  struct pattern_match *m_r, bool *limited_r);
/* Group as an arena copy, NULL if it took no part. */
char *pattern_group(struct arena *a, const struct pattern_match *m, const char *s, int group);

#endif
