/* SPDX-License-Identifier: MPL-2.0
 *
 * Open addressing, half full at most; nothing is ever taken out.
 */
#include "config.h"

#include "base/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct place {
	const char *name;	/* borrowed; NULL: free */
	size_t number;
};
struct names {
	struct place *places;
	size_t room, n;		/* room: a power of two */
};

/* FNV-1a: names come from the administrator's files, nobody profits from making them collide. */
static size_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct place *place_of(const struct names *n, const char *name)
{
	size_t k = hash(name) & (n->room - 1);

	while (n->places[k].name && strcmp(n->places[k].name, name) != 0)
		k = (k + 1) & (n->room - 1);
	return &n->places[k];
}

struct names *names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	return n;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	free(n->places);
	free(n);
}

static void grow(struct names *n)
{
	struct place *old = n->places;
	size_t room = n->room;

	n->room = room ? room * 2 : 16;
	n->places = calloc(n->room, sizeof(*n->places));
	if (!n->places)
		abort();
	for (size_t k = 0; k < room; k++)
		if (old[k].name)
			*place_of(n, old[k].name) = old[k];
	free(old);
}

size_t names_add(struct names *n, const char *name, size_t number)
{
	struct place *p;

	if (n->n * 2 >= n->room)
		grow(n);
	p = place_of(n, name);
	if (!p->name) {
		*p = (struct place){ name, number };
		n->n++;
	}
	return p->number;
}

size_t names_find(const struct names *n, const char *name)
{
	const struct place *p;

	if (!n || !name || n->n == 0)
		return NAMES_NONE;
	p = place_of(n, name);
	return p->name ? p->number : NAMES_NONE;
}
