/* SPDX-License-Identifier: MPL-2.0
 *
 * Time-ordered UUIDs (RFC 9562 version 7), as 36 lower-case characters.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

enum { ID_SIZE = 37 };

/* now_ms: UTC milliseconds of the id's time field; the rest is random, and increases within one
 * millisecond in one process. Thread-safe. */
void id_make(char out[ID_SIZE], int64_t now_ms);
bool id_valid(const char *s);

#endif
