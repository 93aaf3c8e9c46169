/* SPDX-License-Identifier: MPL-2.0
 *
 * Mail made to hurt, for tests and measurements: a head, and something said very often.
 */
#ifndef TESTS_LIB_BOMBS_H
#define TESTS_LIB_BOMBS_H

#include <stddef.h>

struct arena;

struct bomb {
	const char *name, *head, *what;
	size_t times;
};
extern const struct bomb bombs[];
extern const size_t bombs_n;

/* The mail, with `percent` of its times; NULs of "what" are written as \1. */
char *bomb_make(struct arena *a, const struct bomb *b, size_t percent, size_t *n_r);

#endif
