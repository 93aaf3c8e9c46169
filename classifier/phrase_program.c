/* SPDX-License-Identifier: MPL-2.0
 *
 * The phrases compiled for phrase_machine.c: nodes, and the words and prefixes they name as numbers.
 */
#include "config.h"

#include "base/arena.h"
#include "classifier/phrase_machine.h"

#include <stdlib.h>
#include <string.h>

enum { PREFIX_LONG = 63 };	/* the last bit of prefix_lengths: so long or longer */

/* Numbers from 1 in the order of coming. */
struct entry {
	const char *s;
	uint32_t n, hash, id;
};

static uint32_t hash_more(uint32_t h, unsigned char c)
{
	return (h ^ c) * 16777619u;	/* FNV-1a, as tokens.c */
}

static const uint32_t hash_start = 2166136261u;

static struct entry *slot_of(const struct vocabulary *v, const char *s, uint32_t n, uint32_t hash)
{
	size_t i = (hash * 2654435761u >> 7) & (v->room - 1);

	while (v->table[i].id && (v->table[i].hash != hash || v->table[i].n != n ||
				  memcmp(v->table[i].s, s, n) != 0))
		i = (i + 1) & (v->room - 1);
	return &v->table[i];
}

static uint32_t intern(struct arena *a, struct vocabulary *v, const char *s, uint32_t n, uint32_t hash)
{
	struct entry *e;

	if (v->n * 2 >= v->room) {
		struct vocabulary old = *v;
		v->room = v->room ? v->room * 2 : 4096;
		v->table = arena_array(a, struct entry, v->room);
		for (size_t i = 0; i < old.room; i++)
			if (old.table[i].id)
				*slot_of(v, old.table[i].s, old.table[i].n, old.table[i].hash) =
					old.table[i];
	}
	e = slot_of(v, s, n, hash);
	if (!e->id)
		*e = (struct entry){ s, n, hash, (uint32_t)++v->n };
	return e->id;
}

static uint32_t add_node(struct program *g, struct node n)
{
	if (g->nodes_n == g->nodes_room) {
		size_t room = g->nodes_room ? g->nodes_room * 2 : 65536;
		struct node *more = arena_array(g->arena, struct node, room);
		if (g->nodes_n)
			memcpy(more, g->nodes, g->nodes_n * sizeof *more);
		g->nodes = more;
		g->nodes_room = room;
	}
	g->nodes[g->nodes_n] = n;
	return (uint32_t)g->nodes_n++;
}

static uint32_t add_targets(struct program *g, const uint32_t *list, size_t n)
{
	size_t at = g->targets_n;

	if (at + n > g->targets_room) {
		size_t room = (g->targets_room + n) * 2 + 65536;
		uint32_t *more = arena_array(g->arena, uint32_t, room);
		if (at)
			memcpy(more, g->targets, at * sizeof *more);
		g->targets = more;
		g->targets_room = room;
	}
	memcpy(g->targets + at, list, n * sizeof *list);
	g->targets_n += n;
	return (uint32_t)at;
}

static uint32_t prefix_id(struct program *g, const struct elem *e)
{
	uint32_t h = hash_start;

	for (uint32_t i = 0; i < e->n; i++)
		h = hash_more(h, (unsigned char)e->s[i]);
	g->prefix_lengths |= (uint64_t)1 << (e->n < PREFIX_LONG ? e->n : PREFIX_LONG);
	return intern(g->arena, &g->prefixes, e->s, e->n, h);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t compile(struct program *g, const struct phrase_seq *q, uint32_t next);

/* Alternatives of one word each become one node. */
static uint32_t compile_alt(struct program *g, const struct elem *e, uint32_t next)
{
	uint32_t words[128], to[129];
	size_t words_n = 0, n = 0;

	for (size_t i = 0; i < e->alts_n && i < 128; i++) {
		const struct phrase_seq *q = &e->alts[i];
		if (q->n == 1 && q->e[0].kind == ELEM_WORD)
			words[words_n++] = intern(g->arena, &g->words, q->e[0].s, q->e[0].n, q->e[0].hash);
		else
			to[n++] = compile(g, q, next);
	}
	if (words_n) {
		qsort(words, words_n, sizeof *words, by_value);
		to[n++] = add_node(g, (struct node){ NODE_SET, add_targets(g, words, words_n),
						     (uint32_t)words_n, next });
	}
	if (n == 1)
		return to[0];
	return add_node(g, (struct node){ NODE_SPLIT, add_targets(g, to, n), (uint32_t)n, 0 });
}

static uint32_t compile_elem(struct program *g, const struct elem *e, uint32_t next)
{
	struct node n = { .next = next };

	switch (e->kind) {
	case ELEM_ALT:
		return compile_alt(g, e, next);
	case ELEM_WORD:
		n.op = NODE_WORD;
		n.arg = intern(g->arena, &g->words, e->s, e->n, e->hash);
		break;
	case ELEM_PREFIX:
		n.op = NODE_PREFIX;
		n.arg = prefix_id(g, e);
		break;
	case ELEM_ANY:
		n.op = NODE_ANY;
		break;
	case ELEM_GAP:
		n.op = NODE_GAP;
		break;
	case ELEM_BEGIN:
		n.op = NODE_BEGIN;
		break;
	case ELEM_END:
		n.op = NODE_END;
		break;
	case ELEM_NUMBER:
		n.op = NODE_KIND;
		n.arg = TOKEN_NUMBER;
		break;
	case ELEM_ADDRESS:
		n.op = NODE_KIND;
		n.arg = TOKEN_ADDRESS;
		break;
	case ELEM_QUESTION:
		n.op = NODE_KIND;
		n.arg = TOKEN_QUESTION;
		break;
	}
	return add_node(g, n);
}

static uint32_t compile(struct program *g, const struct phrase_seq *q, uint32_t next)
{
	for (size_t i = q->n; i-- > 0;)
		next = compile_elem(g, &q->e[i], next);
	return next;
}

/* The longest known prefix of s that is shorter than `below`. */
static uint32_t longest_prefix(const struct program *g, const char *s, uint32_t n, uint32_t below)
{
	uint32_t h = hash_start, best = 0;

	if (!g->prefixes.n)
		return 0;
	for (uint32_t i = 1; i <= n && i < below; i++) {
		h = hash_more(h, (unsigned char)s[i - 1]);
		if (g->prefix_lengths >> (i < PREFIX_LONG ? i : PREFIX_LONG) & 1) {
			const struct entry *e = slot_of(&g->prefixes, s, i, h);
			if (e->id)
				best = e->id;
		}
	}
	return best;
}

void program_compile(struct program *g, const struct phrases *p)
{
	g->arena = p->arena;
	g->phrases_n = p->phrases_n;
	g->entry = arena_array(g->arena, uint32_t, p->phrases_n + 1);
	for (size_t i = 0; i < p->phrases_n; i++)
		g->entry[i] = compile(g, p->phrases[i].seq,
				      add_node(g, (struct node){ .op = NODE_MATCH, .arg = (uint32_t)i }));
	g->prefix_of = arena_array(g->arena, uint32_t, g->words.n + 1);
	g->shorter = arena_array(g->arena, uint32_t, g->prefixes.n + 1);
	for (size_t i = 0; i < g->words.room; i++) {
		const struct entry *e = &g->words.table[i];
		if (e->id)
			g->prefix_of[e->id] = longest_prefix(g, e->s, e->n, UINT32_MAX);
	}
	for (size_t i = 0; i < g->prefixes.room; i++) {
		const struct entry *e = &g->prefixes.table[i];
		if (e->id)
			g->shorter[e->id] = longest_prefix(g, e->s, e->n, e->n);
	}
}

uint32_t program_symbol(const struct program *g, const struct tokens *t, size_t j)
{
	const struct token *k = &t->t[j];
	uint32_t r = (uint32_t)k->kind, id = 0;
	bool ends = is_end_token(k);

	if (!ends) {
		id = g->words.n ? slot_of(&g->words, k->s, k->n, k->hash)->id : 0;
		if (id)
			r |= SYMBOL_KNOWN;
		else
			id = longest_prefix(g, k->s, k->n, UINT32_MAX);
	}
	if (ends)
		r |= SYMBOL_ENDS;
	if (ends || k->line_start)
		r |= SYMBOL_END;
	if (at_begin(t, j))
		r |= SYMBOL_BEGIN;
	if (is_cjk_token(k))
		r |= SYMBOL_CJK;
	return r | id << SYMBOL_SHIFT;
}

bool program_set_has(const struct program *g, const struct node *n, uint32_t word)
{
	const uint32_t *list = g->targets + n->arg;
	size_t lo = 0, hi = n->n;

	while (word && lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (list[mid] == word)
			return true;
		if (list[mid] < word)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool program_prefixed(const struct program *g, uint32_t symbol, uint32_t prefix)
{
	uint32_t id = symbol & SYMBOL_KNOWN ? g->prefix_of[symbol >> SYMBOL_SHIFT] :
		      symbol >> SYMBOL_SHIFT;

	while (id && id != prefix)
		id = g->shorter[id];
	return id == prefix;
}
