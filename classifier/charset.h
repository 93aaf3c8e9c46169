/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: bytes of any charset, rightly or wrongly labelled, to UTF-8.
 */
#ifndef CLASSIFIER_CHARSET_H
#define CLASSIFIER_CHARSET_H

#include <stddef.h>

struct arena;

/* Valid UTF-8 without NUL, always. charset NULL, unknown or a lie: what the bytes look like. */
char *charset_utf8(struct arena *a, const char *p, size_t n, const char *charset, size_t *n_r);

#endif
