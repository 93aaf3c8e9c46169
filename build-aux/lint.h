/* SPDX-License-Identifier: MPL-2.0
 *
 * What the analyzers of script/lint cannot see from a declaration: who ends the process instead of giving NULL, that err_set()
 * answers the status it is given, what an empty string is. Included before every file; no part of relent.
 */
#include "config.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((returns_nonnull));
#ifndef LINT_IMPLEMENTS
#define err_set(e, status, ...) ((void)(err_set)((e), (status), __VA_ARGS__), (status))
#define str_empty(s) ((s) == NULL || (s)[0] == '\0')
#endif
