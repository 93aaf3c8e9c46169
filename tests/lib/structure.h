/* SPDX-License-Identifier: MPL-2.0
 *
 * The two ways a mail's structure is read, compared: GMime over every byte, and what message_read() does.
 */
#ifndef TESTS_LIB_STRUCTURE_H
#define TESTS_LIB_STRUCTURE_H

#include <stddef.h>

struct arena;

/* NULL if both ways agree on these bytes, else the first difference in words. */
const char *structure_differs(struct arena *a, const char *bytes, size_t n);

#endif
