/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to phrase_machine.c, phrase_program.c and phrase_find.c: the phrases as the nodes of an
 * automaton, and what a token is to it.
 */
#ifndef CLASSIFIER_PHRASE_MACHINE_H
#define CLASSIFIER_PHRASE_MACHINE_H

#include "classifier/phrases_private.h"

enum node_op { NODE_MATCH, NODE_SPLIT, NODE_BEGIN, NODE_END, NODE_GAP, NODE_WORD, NODE_SET, NODE_PREFIX,
	       NODE_ANY, NODE_KIND };

struct node {
	enum node_op op;
	uint32_t arg, n;	/* word, prefix, kind, phrase; first target or set member, and how many */
	uint32_t next;
};

/* A token as one number: which known word it is, or which known prefix is the longest it has; its
 * kind; what stands around it. */
enum {
	SYMBOL_KINDS = 7,
	SYMBOL_BEGIN = 1 << 3,	/* '^' holds before it */
	SYMBOL_END = 1 << 4,	/* '$' holds before it */
	SYMBOL_CJK = 1 << 5,
	SYMBOL_ENDS = 1 << 6,	/* no "..." goes over it */
	SYMBOL_NONE = 1 << 7,	/* behind the last token */
	SYMBOL_KNOWN = 1 << 8,	/* a word; else a prefix, 0 for none */
	SYMBOL_SHIFT = 9,
};
static inline bool symbol_is(uint32_t symbol, uint32_t flag)
{
	return symbol & flag;
}
static inline uint32_t symbol_kind(uint32_t symbol)
{
	return symbol & SYMBOL_KINDS;
}
/* 0 if it is no known word. */
static inline uint32_t symbol_word(uint32_t symbol)
{
	return symbol & SYMBOL_KNOWN ? symbol >> SYMBOL_SHIFT : 0;
}

struct vocabulary {
	struct entry *table;
	size_t n, room;
};

struct program {
	struct node *nodes;
	size_t nodes_n, nodes_room;
	uint32_t *targets;
	size_t targets_n, targets_room;
	uint32_t *entry;	/* of each phrase */
	size_t phrases_n;
	struct vocabulary words, prefixes;
	uint32_t *prefix_of;	/* of each word: the longest prefix, 0 for none */
	uint32_t *shorter;	/* of each prefix: the next shorter one */
	uint64_t prefix_lengths;	/* bit n: there are prefixes of n bytes; 63: of that or more */
	struct arena *arena;	/* borrowed: of the phrases */
};

/* Everything is on the arena of the phrases. */
void program_compile(struct program *g, const struct phrases *p);
uint32_t program_symbol(const struct program *g, const struct tokens *t, size_t j);
bool program_set_has(const struct program *g, const struct node *n, uint32_t word);
bool program_prefixed(const struct program *g, uint32_t symbol, uint32_t prefix);

/* The keys of the index under which phrases that begin with this token stand. */
static inline size_t token_keys(const struct token *t, uint32_t keys[4])
{
	size_t n = 0;

	if (t->kind == TOKEN_STOP)
		return 0;
	if (t->kind == TOKEN_QUESTION) {
		keys[n++] = QUESTION_KEY;
		return n;
	}
	keys[n++] = t->hash;
	if (t->n >= 3)
		keys[n++] = prefix_hash(t->s);
	if (t->kind == TOKEN_NUMBER)
		keys[n++] = NUMBER_KEY;
	if (t->kind == TOKEN_ADDRESS)
		keys[n++] = ADDRESS_KEY;
	return n;
}

#endif
