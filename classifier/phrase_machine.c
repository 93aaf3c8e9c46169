/* SPDX-License-Identifier: MPL-2.0
 *
 * All phrases as one automaton over words. The phrases become nodes of a nondeterministic automaton
 * at loading; sets of nodes become states when a text first needs them, and are remembered. Most
 * words then cost one look-up, however many phrases begin with them.
 *
 * What is remembered makes finding faster and changes no result. It is bounded, emptied when full,
 * and belongs to one thread at a time: each run borrows one memory from a list.
 */
#include "config.h"

#include "classifier/phrase_machine.h"

#include "base/arena.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { EDGES_FIRST = 1 << 12, EDGES_MOST = 1 << 18, ITEMS_MOST = 1 << 21, STARTS = 256, DEAD = 0,
       MEMORIES_KEPT = 8 };

/* An item of a state: a node, and how many words a "..." may still skip (ENTRY: it begins here). */
enum { REST_BITS = 4, REST_MASK = 15, ENTRY = 15 };

struct edge {
	uint64_t key;		/* 0: free */
	uint32_t to, hits;	/* the next state; in items: a counted list of phrases, or 0 */
};

struct state {
	uint32_t at, n;		/* items */
};

struct memory {
	struct memory *next;
	struct edge *edges;
	size_t edges_n, edges_room;
	struct state *states;
	size_t states_n, states_room;
	uint32_t *items;
	size_t items_n, items_room;
	uint32_t *state_of;	/* hash table of states by their items */
	size_t state_of_room;
	uint32_t *node_mark, *phrase_mark;	/* == round: seen in it */
	uint32_t round, phrase_round;
	uint32_t *stack, *next_items, *found;	/* scratch, as large as there are nodes */
};

struct machine {
	struct program prog;
	pthread_mutex_t lock;
	struct memory *idle;	/* guarded by lock */
	size_t idle_n;
};

struct run {
	struct machine *m;
	const struct phrases *p;
	const struct tokens *t;
	struct memory *mem;
	uint32_t *symbol;	/* of each token, with its flags */
	unsigned sets;
	size_t found_n;
};

static void *must(void *p)
{
	if (!p)
		abort();	/* out of memory: as arena.c */
	return p;
}

/* Memories. */

static void forget(struct memory *x)
{
	memset(x->edges, 0, x->edges_room * sizeof *x->edges);
	memset(x->state_of, 0, x->state_of_room * sizeof *x->state_of);
	x->edges_n = 0;
	x->states_n = STARTS;	/* 0 is dead; 1..255 begin a run with these sets */
	x->items_n = 1;
}

static struct memory *memory_new(const struct machine *m)
{
	struct memory *x = must(calloc(1, sizeof *x));
	size_t nodes = m->prog.nodes_n * 2 + 64;

	x->edges_room = EDGES_FIRST;
	x->edges = must(calloc(x->edges_room, sizeof *x->edges));
	x->states_room = x->state_of_room = EDGES_FIRST;
	x->states = must(calloc(x->states_room, sizeof *x->states));
	x->state_of = must(calloc(x->state_of_room, sizeof *x->state_of));
	x->items_room = EDGES_FIRST * 4;
	x->items = must(calloc(x->items_room, sizeof *x->items));
	x->node_mark = must(calloc(m->prog.nodes_n + 1, sizeof *x->node_mark));
	x->phrase_mark = must(calloc(m->prog.phrases_n + 1, sizeof *x->phrase_mark));
	x->stack = must(calloc(nodes, sizeof *x->stack));
	x->next_items = must(calloc(nodes, sizeof *x->next_items));
	x->found = must(calloc(m->prog.phrases_n + 1, sizeof *x->found));
	forget(x);
	return x;
}

static void memory_free(struct memory *x)
{
	free(x->edges);
	free(x->states);
	free(x->state_of);
	free(x->items);
	free(x->node_mark);
	free(x->phrase_mark);
	free(x->stack);
	free(x->next_items);
	free(x->found);
	free(x);
}

static uint64_t mix(uint64_t k)
{
	k *= 0x9e3779b97f4a7c15u;
	return k ^ k >> 29;
}

static struct edge *edge_slot(struct edge *e, size_t room, uint64_t key)
{
	size_t i = mix(key) & (room - 1);

	while (e[i].key && e[i].key != key)
		i = (i + 1) & (room - 1);
	return &e[i];
}

static void grow_edges(struct memory *x)
{
	size_t room = x->edges_room * 2;
	struct edge *e = must(calloc(room, sizeof *e));

	for (size_t i = 0; i < x->edges_room; i++)
		if (x->edges[i].key)
			*edge_slot(e, room, x->edges[i].key) = x->edges[i];
	free(x->edges);
	x->edges = e;
	x->edges_room = room;
}

static uint32_t keep_items(struct memory *x, const uint32_t *list, size_t n)
{
	size_t at = x->items_n;

	while (x->items_n + n > x->items_room) {
		x->items_room *= 2;
		x->items = must(realloc(x->items, x->items_room * sizeof *x->items));
	}
	if (n)
		memcpy(x->items + at, list, n * sizeof *list);
	x->items_n += n;
	return (uint32_t)at;
}

static uint64_t hash_items(const uint32_t *list, size_t n)
{
	uint64_t h = n + 1;

	for (size_t i = 0; i < n; i++)
		h = mix(h ^ list[i]);
	return h;
}

static void grow_states(struct memory *x)
{
	size_t room = x->state_of_room * 2;
	uint32_t *table = must(calloc(room, sizeof *table));

	x->states_room *= 2;
	x->states = must(realloc(x->states, x->states_room * sizeof *x->states));
	for (size_t s = STARTS; s < x->states_n; s++) {
		size_t i = hash_items(x->items + x->states[s].at, x->states[s].n) & (room - 1);
		while (table[i])
			i = (i + 1) & (room - 1);
		table[i] = (uint32_t)s;
	}
	free(x->state_of);
	x->state_of = table;
	x->state_of_room = room;
}

static uint32_t state_of(struct memory *x, const uint32_t *list, size_t n)
{
	size_t i;

	if (n == 0)
		return DEAD;
	if (x->states_n * 2 > x->state_of_room)
		grow_states(x);
	i = hash_items(list, n) & (x->state_of_room - 1);
	for (; x->state_of[i]; i = (i + 1) & (x->state_of_room - 1)) {
		const struct state *s = &x->states[x->state_of[i]];
		if (s->n == n && memcmp(x->items + s->at, list, n * sizeof *list) == 0)
			return x->state_of[i];
	}
	x->states[x->states_n] = (struct state){ keep_items(x, list, n), (uint32_t)n };
	x->state_of[i] = (uint32_t)x->states_n;
	return (uint32_t)x->states_n++;
}

/* One step of the nondeterministic automaton. */

struct step {
	const struct program *g;
	struct memory *x;
	uint32_t symbol;
	size_t stack_n, next_n, found_n;
};

static void push(struct step *s, uint32_t node)
{
	if (s->x->node_mark[node] == s->x->round)
		return;
	s->x->node_mark[node] = s->x->round;
	s->x->stack[s->stack_n++] = node;
}

static void skip_one(struct step *s, uint32_t node, unsigned rest)
{
	if (rest > 0 && !symbol_is(s->symbol, SYMBOL_ENDS) && !symbol_is(s->symbol, SYMBOL_NONE))
		s->x->next_items[s->next_n++] = node << REST_BITS | (rest - 1);
}

static void follow(struct step *s, uint32_t node)
{
	const struct node *n = &s->g->nodes[node];
	bool eaten = false;

	switch (n->op) {
	case NODE_MATCH:
		s->x->found[s->found_n++] = n->arg;
		return;
	case NODE_SPLIT:
		for (uint32_t i = 0; i < n->n; i++)
			push(s, s->g->targets[n->arg + i]);
		return;
	case NODE_BEGIN:
		if (symbol_is(s->symbol, SYMBOL_BEGIN))
			push(s, n->next);
		return;
	case NODE_END:
		if (symbol_is(s->symbol, SYMBOL_END))
			push(s, n->next);
		return;
	case NODE_GAP:
		push(s, n->next);
		skip_one(s, node, symbol_is(s->symbol, SYMBOL_CJK) ? CJK_GAP : GAP);
		return;
	case NODE_WORD:
		eaten = symbol_word(s->symbol) == n->arg;
		break;
	case NODE_SET:
		eaten = program_set_has(s->g, n, symbol_word(s->symbol));
		break;
	case NODE_PREFIX:
		eaten = program_prefixed(s->g, s->symbol, n->arg);
		break;
	case NODE_ANY:
		eaten = !symbol_is(s->symbol, SYMBOL_ENDS) && !symbol_is(s->symbol, SYMBOL_NONE);
		break;
	case NODE_KIND:
		eaten = symbol_kind(s->symbol) == n->arg && !symbol_is(s->symbol, SYMBOL_NONE);
		break;
	}
	if (eaten)
		s->x->next_items[s->next_n++] = n->next << REST_BITS | ENTRY;
}

static int by_item(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted; of one "..." only the longest rest. */
static size_t tidy(uint32_t *list, size_t n)
{
	size_t k = 0;

	qsort(list, n, sizeof *list, by_item);
	for (size_t i = 0; i < n; i++) {
		if (k && list[k - 1] == list[i])
			continue;
		if (k && list[k - 1] >> REST_BITS == list[i] >> REST_BITS && (list[i] & REST_MASK) != ENTRY)
			k--;
		list[k++] = list[i];
	}
	return k;
}

/* Where the phrases of `sets` that can begin with token j start. */
static void push_starts(struct step *s, const struct run *r, size_t j)
{
	uint32_t keys[4];
	size_t n = token_keys(&r->t->t[j], keys);

	for (size_t k = 0; k < n; k++) {
		const struct slot *slot = &r->p->slots[keys[k] & (SLOTS - 1)];
		for (size_t i = 0; i < slot->n; i++)
			if (slot->e[i].hash == keys[k] &&
			    (r->p->phrases[slot->e[i].id].set & r->sets))
				push(s, s->g->entry[slot->e[i].id]);
	}
}

static struct edge step(struct run *r, uint32_t from, size_t j, uint64_t key)
{
	struct memory *x = r->mem;
	struct step s = { .g = &r->m->prog, .x = x, .symbol = r->symbol[j] };
	struct edge e = { .key = key };

	if (++x->round == 0) {
		memset(x->node_mark, 0, (s.g->nodes_n + 1) * sizeof *x->node_mark);
		x->round = 1;
	}
	if (from < STARTS)
		push_starts(&s, r, j);
	for (uint32_t i = 0; from >= STARTS && i < x->states[from].n; i++) {
		uint32_t item = x->items[x->states[from].at + i], node = item >> REST_BITS;
		if ((item & REST_MASK) == ENTRY) {
			push(&s, node);
			continue;
		}
		push(&s, s.g->nodes[node].next);
		skip_one(&s, node, item & REST_MASK);
	}
	while (s.stack_n)
		follow(&s, x->stack[--s.stack_n]);
	if (s.found_n) {
		uint32_t n = (uint32_t)s.found_n;
		e.hits = keep_items(x, &n, 1);
		keep_items(x, x->found, s.found_n);
	}
	s.next_n = tidy(x->next_items, s.next_n);
	e.to = state_of(x, x->next_items, s.next_n);
	return e;
}

/* Runs. */

struct run *machine_run(const struct phrases *p, struct arena *a, const struct tokens *t, unsigned sets)
{
	struct machine *m = p->machine;
	struct run *r = arena_new_of(a, struct run);

	assert(m && sets > 0 && sets < STARTS);
	pthread_mutex_lock(&m->lock);
	r->mem = m->idle;
	if (r->mem) {
		m->idle = r->mem->next;
		m->idle_n--;
	}
	pthread_mutex_unlock(&m->lock);
	if (!r->mem)
		r->mem = memory_new(m);
	r->m = m;
	r->p = p;
	r->t = t;
	r->sets = sets;
	r->symbol = arena_raw(a, (t->n + 1) * sizeof *r->symbol);
	for (size_t j = 0; j < t->n; j++)
		r->symbol[j] = program_symbol(&m->prog, t, j);
	r->symbol[t->n] = SYMBOL_NONE | SYMBOL_END;
	return r;
}

void machine_done(struct run *r)
{
	struct machine *m = r->m;
	bool keep;

	pthread_mutex_lock(&m->lock);
	keep = m->idle_n < MEMORIES_KEPT;
	if (keep) {
		r->mem->next = m->idle;
		m->idle = r->mem;
		m->idle_n++;
	}
	pthread_mutex_unlock(&m->lock);
	if (!keep)
		memory_free(r->mem);
}

static void take_hits(struct run *r, uint32_t at)
{
	struct memory *x = r->mem;

	for (uint32_t i = 1; i <= x->items[at]; i++) {
		uint32_t id = x->items[at + i];
		r->found_n += x->phrase_mark[id] != x->phrase_round;
		x->phrase_mark[id] = x->phrase_round;
	}
}

size_t machine_at(struct run *r, size_t j)
{
	struct memory *x = r->mem;
	uint32_t state = r->sets;

	if (++x->phrase_round == 0) {
		memset(x->phrase_mark, 0, (r->m->prog.phrases_n + 1) * sizeof *x->phrase_mark);
		x->phrase_round = 1;
	}
	r->found_n = 0;
	for (size_t k = j; k <= r->t->n && state != DEAD; k++) {
		uint64_t key = (uint64_t)state << 32 | r->symbol[k];
		struct edge *e = edge_slot(x->edges, x->edges_room, key);
		if (!e->key) {
			struct edge made = step(r, state, k, key);
			if (x->edges_n * 2 > x->edges_room)
				grow_edges(x);
			e = edge_slot(x->edges, x->edges_room, key);
			*e = made;
			x->edges_n++;
		}
		state = e->to;
		if (e->hits)
			take_hits(r, e->hits);
	}
	if (x->edges_n > EDGES_MOST || x->items_n > ITEMS_MOST)
		forget(x);
	return r->found_n;
}

bool machine_matched(const struct run *r, uint32_t id)
{
	return r->mem->phrase_mark[id] == r->mem->phrase_round;
}

struct machine *machine_new(const struct phrases *p)
{
	struct machine *m = must(calloc(1, sizeof *m));

	program_compile(&m->prog, p);
	assert(m->prog.nodes_n < (size_t)1 << (32 - REST_BITS));
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	while (m->idle) {
		struct memory *next = m->idle->next;
		memory_free(m->idle);
		m->idle = next;
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}
