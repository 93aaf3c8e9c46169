/* SPDX-License-Identifier: MPL-2.0
 *
 * Memory for one unit of work (a transaction, a fetched mail, a command), freed at once.
 * Not thread-safe; not for long-lived objects.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* cap: bytes after which arena_over() turns true; 0 means 64 MiB. Never returns NULL:
 * out of memory ends the process (systemd restarts it). */
struct arena *arena_new(size_t cap);
void arena_free(struct arena *a);	/* takes NULL */
void arena_clear(struct arena *a);	/* empty and ready again */

/* n zeroed bytes, aligned for any type; n = 0 gives a valid pointer. Never NULL. */
void *arena_alloc(struct arena *a, size_t n);
/* The same, not zeroed: for what is written over at once. */
void *arena_raw(struct arena *a, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);		/* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);	/* adds a NUL; copies n bytes */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* True once more than cap bytes were handed out. Loops over hostile input ask this each
 * round and answer INPUT. */
bool arena_over(const struct arena *a);
size_t arena_used(const struct arena *a);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

#endif
