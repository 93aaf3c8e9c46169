/* SPDX-License-Identifier: MPL-2.0
 *
 * Bump allocation in a chain of blocks, each at least twice the one before up to a limit, so that
 * a small mail costs one malloc and a large one few.
 */
#include "config.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };
static const size_t DEFAULT_CAP = (size_t)64 << 20;

struct block {
	struct block *next;
	size_t room, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *top;
	size_t cap, used;
};

static void out_of_memory(void)
{
	static const char text[] = "relent: out of memory\n";

	/* Nothing that allocates may run here. */
	fwrite(text, 1, sizeof text - 1, stderr);
	abort();
}

struct arena *arena_new(size_t cap)
{
	struct arena *a = calloc(1, sizeof *a);

	if (!a)
		out_of_memory();
	a->cap = cap ? cap : DEFAULT_CAP;
	return a;
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	free_blocks(a->top);
	free(a);
}

void arena_clear(struct arena *a)
{
	/* The newest block is the largest: keep it unless it is huge. */
	if (a->top && a->top->room <= LARGEST_BLOCK) {
		free_blocks(a->top->next);
		a->top->next = NULL;
		a->top->used = 0;
	} else {
		free_blocks(a->top);
		a->top = NULL;
	}
	a->used = 0;
}

static struct block *add_block(struct arena *a, size_t n)
{
	size_t room = a->top ? a->top->room * 2 : FIRST_BLOCK;
	struct block *b;

	if (room > LARGEST_BLOCK)
		room = LARGEST_BLOCK;
	if (room < n)
		room = n;
	if (room > SIZE_MAX - sizeof *b)
		out_of_memory();
	b = malloc(sizeof *b + room);
	if (!b)
		out_of_memory();
	b->next = a->top;
	b->room = room;
	b->used = 0;
	a->top = b;
	return b;
}

void *arena_raw(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct block *b = a->top;
	char *p;

	if (n > SIZE_MAX / 2)
		out_of_memory();
	n = (n + align - 1) / align * align;
	if (n == 0)
		n = align;
	if (!b || b->room - b->used < n)
		b = add_block(a, n);
	p = b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n);
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *r = arena_raw(a, n);

	if (n)
		memcpy(r, p, n);
	return r;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s) + 1) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *r = arena_raw(a, n + 1);

	if (n)
		memcpy(r, s, n);
	r[n] = '\0';
	return r;
}

/* Written where it is to stay, if it finds room there: measuring a long text first takes longer than writing it. */
char *arena_printf(struct arena *a, const char *fmt, ...)
{
	size_t room = a->top ? a->top->room - a->top->used : 0;
	char *at = room ? a->top->data + a->top->used : NULL, *r;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(at, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	r = arena_raw(a, (size_t)n + 1);
	if (r == at)
		return r;
	va_start(ap, fmt);
	vsnprintf(r, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return r;
}

bool arena_over(const struct arena *a)
{
	return a->used > a->cap;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
