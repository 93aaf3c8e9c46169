/* SPDX-License-Identifier: MPL-2.0
 *
 * Other prospects of an owner: whose name or company may have slipped into a mail to this one.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "store/store_private.h"

enum {
	OTHERS_SINCE = 14 * 86400,	/* a text is copied from a mail of these days */
	SLOTS = 4096,
	KEPT_MS = 60 * 1000,	/* a company that was renamed is looked for by its old name so long */
	FEW = 2,		/* people whose company is not remembered: asked one by one, else all at once */
};

static struct memory_neighbour other_of(const struct row *r)
{
	return (struct memory_neighbour){ .id = at_text(r, 0), .address = at_text(r, 1), .name = at_text(r, 2),
				      .company = at_text(r, 3), .company_id = at_text(r, 4) };
}

enum status store_others(struct store_tx *tx, struct arena *a, const char *owner_id, const char *prospect_id,
			 size_t limit, struct memory_neighbour **out_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_others, &rows, e, T(owner_id), T(prospect_id ? prospect_id : ""),
			     I((int64_t)limit), I(tx->now - OTHERS_SINCE));

	*out_r = NULL;
	*n_r = 0;
	if (s != OK)
		return s;
	*out_r = arena_array(a, struct memory_neighbour, rows.n);
	for (size_t i = 0; i < rows.n; i++)
		(*out_r)[i] = other_of(&rows.list[i]);
	*n_r = rows.n;
	return OK;
}

enum status store_namesake(struct store_tx *tx, struct arena *a, const char *owner_id,
			   const char *prospect_id, const char *name, const struct memory_neighbour **out_r,
			   struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_namesake, &r, e, T(owner_id), T(prospect_id ? prospect_id : ""),
			    T(name));

	*out_r = NULL;
	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_neighbour *o = arena_new_of(a, struct memory_neighbour);
	*o = other_of(r);
	*out_r = o;
	return OK;
}

/* ---- names of companies, remembered for a moment ---- */

/* A rep's last forty people are the same for one mail after the other, but for one: who they are comes out of an index,
 * where they work out of here. */
struct company_memory {
	pthread_mutex_t lock;
	struct company_slot {
		char id[ID_SIZE];	/* of the prospect; "" free */
		char *name;		/* NULL: none known */
		int64_t until;		/* CLOCK_MONOTONIC, ms */
	} slot[SLOTS];
};

struct company_memory *companies_new(void)
{
	struct company_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void companies_free(struct company_memory *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free(m->slot[i].name);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* Ids end in random digits. */
static struct company_slot *slot_of(struct company_memory *m, const char *id)
{
	size_t n = strlen(id);
	uint32_t h = 2166136261u;

	for (size_t i = n > 12 ? n - 12 : 0; i < n; i++)
		h = (h ^ (unsigned char)id[i]) * 16777619u;
	return &m->slot[(h ^ h >> 15) & (SLOTS - 1)];
}

static void remember(struct company_memory *m, const char *id, const char *name, int64_t now)
{
	struct company_slot *s = slot_of(m, id);

	if (strlen(id) >= sizeof(s->id))
		return;
	pthread_mutex_lock(&m->lock);
	free(s->name);
	s->name = str_empty(name) ? NULL : strdup(name);
	if (!str_empty(name) && s->name == NULL)
		abort();
	memcpy(s->id, id, strlen(id) + 1);
	s->until = now + KEPT_MS;
	pthread_mutex_unlock(&m->lock);
}

struct asking {
	struct company_memory *memory;
	struct arena *a;
	int64_t now;
	const char **names, *missing[FEW];
	size_t n, missing_n, room;
};

static enum status known_or_missing(void *ctx, const struct row *r, struct err *e)
{
	struct asking *x = ctx;
	const char *id = at_text(r, 0);
	struct company_slot *s;

	(void)e;
	if (id == NULL || x->n == x->room)
		return OK;
	s = slot_of(x->memory, id);
	pthread_mutex_lock(&x->memory->lock);
	if (str_eq(s->id, id) && s->until > x->now) {
		if (s->name != NULL)
			x->names[x->n++] = arena_strdup(x->a, s->name);
	} else {
		if (x->missing_n < FEW)
			x->missing[x->missing_n] = arena_strdup(x->a, id);
		x->missing_n++;
	}
	pthread_mutex_unlock(&x->memory->lock);
	return OK;
}

enum status store_other_companies(struct store_tx *tx, struct arena *a, const char *owner_id, const char *prospect_id,
				  size_t limit, const char *const **out_r, size_t *n_r, struct err *e)
{
	struct asking x = { .memory = tx->store->companies, .a = a, .now = clock_mono_ms(), .room = limit };
	struct memory_neighbour *list;
	size_t n = 0;
	enum status s;

	x.names = arena_array(a, const char *, limit + 1);
	s = db_query(tx, ST_recall_other_ids, ARGS(T(owner_id), T(prospect_id ? prospect_id : ""), I((int64_t)limit),
						   I(tx->now - OTHERS_SINCE)), known_or_missing, &x, NULL, e);
	if (s == OK && x.missing_n > FEW) {
		s = store_others(tx, a, owner_id, prospect_id, limit, &list, &n, e);
		x.n = 0;
	}
	for (size_t i = 0; s == OK && i < n; i++) {
		remember(x.memory, list[i].id, list[i].company, x.now);
		if (!str_empty(list[i].company))
			x.names[x.n++] = list[i].company;
	}
	for (size_t i = 0; s == OK && x.missing_n <= FEW && i < x.missing_n; i++) {
		const struct row *r = NULL;

		s = ONE(tx, a, prospect_company, &r, e, T(x.missing[i]));
		if (s != OK && s != GONE)
			return s;
		const char *name = s == OK ? at_text(r, 0) : NULL;
		remember(x.memory, x.missing[i], name, x.now);
		if (!str_empty(name))
			x.names[x.n++] = name;
		s = OK;
	}
	*out_r = x.names;
	*n_r = x.n;
	return s;
}
