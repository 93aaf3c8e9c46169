/* SPDX-License-Identifier: MPL-2.0
 *
 * Phrases found in a text: which ones, the machine tells; where each ends, is found here by trying
 * its alternatives in their order.
 */
#include "config.h"

#include "base/arena.h"
#include "classifier/phrase_machine.h"

#include <string.h>

enum { HITS_MAX = 4000, STEPS_MAX = 8000 };

struct cont {
	const struct phrase_seq *q;
	size_t i;
	const struct cont *up;
};

struct finder {
	const struct tokens *t;
	int steps;
};

static bool match(struct finder *f, const struct phrase_seq *q, size_t i, size_t j,
		  const struct cont *k, size_t *end);

static bool match_gap(struct finder *f, const struct phrase_seq *q, size_t i, size_t j,
		      const struct cont *k, size_t *end)
{
	size_t most = j < f->t->n && is_cjk_token(&f->t->t[j]) ? CJK_GAP : GAP;

	for (size_t g = 0; g <= most; g++) {
		if (match(f, q, i + 1, j + g, k, end))
			return true;
		if (j + g >= f->t->n || f->t->t[j + g].kind == TOKEN_STOP ||
		    f->t->t[j + g].kind == TOKEN_QUESTION)
			return false;
	}
	return false;
}

/* The alternatives that the token at j can begin, in their order. */
static bool match_alt(struct finder *f, const struct elem *e, size_t j, const struct cont *k, size_t *end)
{
	uint32_t hash = j < f->t->n ? f->t->t[j].hash : 0;
	size_t lo = 0, hi = e->words_n, other = 0;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (e->words[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (;;) {
		bool word = j < f->t->n && lo < e->words_n && e->words[lo].hash == hash;
		uint32_t next;
		if (word && (other == e->others_n || e->words[lo].alt < e->others[other]))
			next = e->words[lo++].alt;
		else if (other < e->others_n)
			next = e->others[other++];
		else
			return false;
		if (match(f, &e->alts[next], 0, j, k, end))
			return true;
	}
}

static bool match(struct finder *f, const struct phrase_seq *q, size_t i, size_t j,
		  const struct cont *k, size_t *end)
{
	const struct token *t;
	const struct elem *e;

	if (++f->steps > STEPS_MAX)
		return false;
	if (i == q->n) {
		if (k)
			return match(f, k->q, k->i, j, k->up, end);
		*end = j;
		return true;
	}
	e = &q->e[i];
	if (e->kind == ELEM_ALT) {
		struct cont c = { q, i + 1, k };
		return match_alt(f, e, j, &c, end);
	}
	if (e->kind == ELEM_GAP)
		return match_gap(f, q, i, j, k, end);
	if (e->kind == ELEM_END) {
		bool at_end = j >= f->t->n || f->t->t[j].kind == TOKEN_STOP ||
			f->t->t[j].line_start || f->t->t[j].kind == TOKEN_QUESTION;
		return at_end && match(f, q, i + 1, j, k, end);
	}
	if (j >= f->t->n)
		return false;
	t = &f->t->t[j];
	switch (e->kind) {
	case ELEM_WORD:
		if (t->hash != e->hash || t->n != e->n || memcmp(t->s, e->s, e->n) != 0)
			return false;
		break;
	case ELEM_PREFIX:
		if (t->n < e->n || memcmp(t->s, e->s, e->n) != 0)
			return false;
		break;
	case ELEM_ANY:
		if (t->kind == TOKEN_STOP || t->kind == TOKEN_QUESTION)
			return false;
		break;
	case ELEM_NUMBER:
		if (t->kind != TOKEN_NUMBER)
			return false;
		break;
	case ELEM_ADDRESS:
		if (t->kind != TOKEN_ADDRESS)
			return false;
		break;
	case ELEM_QUESTION:
		if (t->kind != TOKEN_QUESTION)
			return false;
		break;
	case ELEM_BEGIN:
		return at_begin(f->t, j) && match(f, q, i + 1, j, k, end);
	case ELEM_ALT: case ELEM_GAP: case ELEM_END:
		return false;
	}
	return match(f, q, i + 1, j + 1, k, end);
}

/* The machine knows which phrases match here; the order and the ends are found as if it did not. run
 * NULL: each is tried. */
static void find_at(const struct phrases *p, struct finder *f, const struct run *run, size_t j,
		    struct hits *out, size_t room)
{
	uint32_t keys[4];
	size_t n = token_keys(&f->t->t[j], keys), end;

	for (size_t k = 0; k < n; k++) {
		const struct slot *s = &p->slots[keys[k] & (SLOTS - 1)];
		for (size_t i = 0; i < s->n && out->n < room; i++) {
			const struct phrase *ph = &p->phrases[s->e[i].id];
			if (s->e[i].hash != keys[k] || (run && !machine_matched(run, ph->id)))
				continue;
			f->steps = 0;
			if (match(f, ph->seq, 0, j, NULL, &end))
				out->h[out->n++] = (struct hit){ (uint32_t)j, (uint32_t)end, ph };
		}
	}
}

struct hits phrases_find_in(struct arena *a, const struct phrases *p, const struct tokens *t,
			    unsigned sets)
{
	size_t room = t->n * 4 + 64;
	struct hits r = { NULL, 0 };
	struct finder f = { t, 0 };
	struct run *run;

	if (room > HITS_MAX)
		room = HITS_MAX;
	r.h = arena_raw(a, room * sizeof *r.h);
	run = machine_run(p, a, t, sets);
	for (size_t j = 0; j < t->n; j++)
		if (t->t[j].kind != TOKEN_STOP && machine_at(run, j) > 0)
			find_at(p, &f, run, j, &r, room);
	machine_done(run);
	return r;
}

struct hits phrases_find_plainly(struct arena *a, const struct phrases *p, const struct tokens *t)
{
	struct hits r = { arena_array(a, struct hit, HITS_MAX), 0 };
	struct finder f = { t, 0 };
	size_t room = t->n * 4 + 64;

	for (size_t j = 0; j < t->n; j++)
		if (t->t[j].kind != TOKEN_STOP)
			find_at(p, &f, NULL, j, &r, room > HITS_MAX ? HITS_MAX : room);
	return r;
}

bool hit_is(const struct hit *h, const char *topic, const char *section)
{
	return str_eq(h->phrase->topic, topic) && (!section || str_eq(h->phrase->section, section));
}

char *hit_rule(struct arena *a, const struct hit *h)
{
	const char *f = h->phrase->file;

	if (strncmp(f, "phrases/", 8) == 0)
		f += 8;
	return arena_printf(a, "phrase:%s/%s:%d", f, h->phrase->section, h->phrase->line);
}
