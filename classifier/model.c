/* SPDX-License-Identifier: MPL-2.0
 *
 * The features of a short answer, and their weights: one sigmoid a class, shares of their sum.
 */
#include "config.h"

#include "classifier/model.h"

#include "base/arena.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_LOOKED_AT = 240, NAME_MAX_BYTES = 120, ROWS_MAX = 200000, PIECE = 4 };

struct weight {
	float w;
	uint8_t class;
};
struct row {
	uint64_t hash;
	const char *name;	/* NULL: free */
	struct weight *w;
	size_t n;
};
struct weights {
	struct row *row;	/* open addressing, a power of two */
	size_t size;
	double bias[REPLY_CLASS_COUNT];
	bool known[REPLY_CLASS_COUNT];
};

static uint64_t hash_of(const char *s, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h;
}

/* Features. */

struct namer {
	feature_fn *fn;
	void *ctx;
	char s[NAME_MAX_BYTES];
	size_t n;
};

static void put(struct namer *f, const char *s, size_t n)
{
	if (n > sizeof f->s - f->n)
		n = sizeof f->s - f->n;
	memcpy(f->s + f->n, s, n);
	f->n += n;
}

static void begin(struct namer *f, char kind)
{
	f->s[0] = kind;
	f->s[1] = ' ';
	f->n = 2;
}

/* A number is a number, an address an address: which one says nothing. */
static struct span word_of(const struct token *t)
{
	if (t->kind == TOKEN_NUMBER)
		return (struct span){ "#", 1 };
	if (t->kind == TOKEN_ADDRESS)
		return (struct span){ "@", 1 };
	return (struct span){ t->s, t->n < 40 ? t->n : 40 };
}

static size_t char_bytes(const char *s, size_t n)
{
	size_t k = 1;

	while (k < n && ((unsigned char)s[k] & 0xc0) == 0x80)
		k++;
	return k;
}

/* The head of a word, and every run of four letters: inflection and misspelling leave most of them alone. */
static void pieces(struct namer *f, struct span w)
{
	size_t at[48], n = 0;

	for (size_t i = 0; i < w.n && n < 47; i += char_bytes(w.p + i, w.n - i))
		at[n++] = i;
	at[n] = w.n;
	for (size_t k = 4; k <= 6 && k < n; k++) {
		begin(f, 'h');
		put(f, w.p, at[k]);
		f->fn(f->ctx, f->s, f->n, true);
	}
	for (size_t k = 0; n > PIECE && k + PIECE <= n; k++) {
		begin(f, 'c');
		put(f, w.p + at[k], at[k + PIECE] - at[k]);
		f->fn(f->ctx, f->s, f->n, true);
	}
}

/* Two and, of single characters (Japanese), three in a row. */
static void rows(struct namer *f, struct span before2, struct span before, struct span w)
{
	begin(f, 'b');
	put(f, before.p, before.n);
	put(f, " ", 1);
	put(f, w.p, w.n);
	f->fn(f->ctx, f->s, f->n, true);
	if (w.n > 4 || before.n > 4 || w.n < 3 || (unsigned char)w.p[0] < 0xe3)
		return;
	begin(f, 't');
	put(f, before2.p, before2.n);
	put(f, before.p, before.n);
	put(f, w.p, w.n);
	f->fn(f->ctx, f->s, f->n, true);
}

void model_features(const struct tokens *t, const struct marks *marks, feature_fn *fn, void *ctx)
{
	struct namer f = { .fn = fn, .ctx = ctx };
	struct span before = { "^", 1 }, before2 = before;
	size_t words = 0;

	for (size_t i = 0; i < t->n && words < TOKENS_LOOKED_AT; i++) {
		struct span w = word_of(&t->t[i]);
		if (t->t[i].kind == TOKEN_STOP)
			continue;
		words++;
		begin(&f, 'w');
		put(&f, w.p, w.n);
		fn(ctx, f.s, f.n, true);
		if (t->t[i].kind == TOKEN_WORD)
			pieces(&f, w);
		rows(&f, before2, before, w);
		before2 = before;
		before = w;
	}
	if (words)
		rows(&f, before2, before, (struct span){ "$", 1 });
	const char *length = words <= 3 ? "few" : words <= 12 ? "some" : words <= 40 ? "many" : "long";
	begin(&f, 'n');
	put(&f, length, strlen(length));
	fn(ctx, f.s, f.n, false);
	for (size_t i = 0; i < marks->n; i++) {
		begin(&f, 'r');
		put(&f, marks->m[i], strlen(marks->m[i]));
		fn(ctx, f.s, f.n, false);
	}
}

double model_share(size_t words)
{
	return words ? 1 / sqrt((double)words) : 0;
}

/* The file. */

struct reading_model {
	struct arena *a;
	const char *file;
	int line;
	struct weights *m;
	struct err *e;
};

static enum status bad(struct reading_model *r, const char *what)
{
	return err_set(r->e, CONF, "%s, line %d: %s; it is made by train-model, not by hand", r->file, r->line, what);
}

/* "interested:1.25 question:-0.5" */
static enum status read_weights(struct reading_model *r, struct span rest, struct weight *out, size_t *n_r)
{
	struct span one;

	*n_r = 0;
	while (span_split(&rest, ' ', &one)) {
		const char *s = span_dup(r->a, one);
		char *colon = strchr(s, ':'), *end;
		enum reply_class class;
		double v;
		if (one.n == 0)
			continue;
		if (!colon || *n_r == REPLY_CLASS_COUNT)
			return bad(r, "expected class:weight");
		*colon = '\0';
		v = strtod(colon + 1, &end);
		if (!class_from_name(s, &class) || *end || end == colon + 1 || !isfinite(v) || fabs(v) > 1000)
			return bad(r, "expected class:weight");
		out[(*n_r)++] = (struct weight){ (float)v, (uint8_t)class };
	}
	return OK;
}

static struct row *slot(const struct weights *m, uint64_t hash)
{
	size_t i = (size_t)hash & (m->size - 1);

	while (m->row[i].name && m->row[i].hash != hash)
		i = (i + 1) & (m->size - 1);
	return &m->row[i];
}

static enum status read_line(struct reading_model *r, struct span line)
{
	const char *tab = memchr(line.p, '\t', line.n);
	struct weight w[REPLY_CLASS_COUNT];
	struct span name;
	struct row *row;
	enum status st;
	size_t n;

	if (!tab)
		return bad(r, "there is no tab");
	name = (struct span){ line.p, (size_t)(tab - line.p) };
	st = read_weights(r, (struct span){ tab + 1, line.n - name.n - 1 }, w, &n);
	if (st != OK)
		return st;
	if (span_eq(name, "bias")) {
		for (size_t i = 0; i < n; i++) {
			r->m->bias[w[i].class] = (double)w[i].w;
			r->m->known[w[i].class] = true;
		}
		return OK;
	}
	row = slot(r->m, hash_of(name.p, name.n));
	if (row->name)
		return bad(r, "this feature is there twice");
	*row = (struct row){ hash_of(name.p, name.n), span_dup(r->a, name),
			     arena_memdup(r->a, w, n * sizeof *w), n };
	return OK;
}

enum status model_read(struct arena *a, const char *file, struct span text, struct weights **out_r, struct err *e)
{
	struct reading_model r = { .a = a, .file = file, .e = e, .m = arena_new_of(a, struct weights) };
	size_t lines = 1;
	struct span line;
	enum status st = OK;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	if (lines > ROWS_MAX)
		return bad(&r, "there are too many lines");
	for (r.m->size = 64; r.m->size < lines * 2; r.m->size *= 2)
		;
	r.m->row = arena_array(a, struct row, r.m->size);
	while (st == OK && span_line(&text, &line)) {
		r.line++;
		if (line.n && line.p[0] != '#')
			st = read_line(&r, line);
	}
	if (st == OK)
		*out_r = r.m;
	return st;
}

/* Asking. */

struct spoken {
	const struct row *row;
	bool word;
};
struct asking {
	const struct weights *m;
	double words[REPLY_CLASS_COUNT], marks[REPLY_CLASS_COUNT];
	size_t n;
	struct spoken *spoken;	/* for the reasons, or NULL */
	size_t spoken_n, room;
};

static void hear(void *ctx, const char *name, size_t n, bool word)
{
	struct asking *q = ctx;
	const struct row *row = slot(q->m, hash_of(name, n));
	double *to = word ? q->words : q->marks;

	q->n += word;
	if (!row->name)
		return;
	for (size_t i = 0; i < row->n; i++)
		to[row->w[i].class] += (double)row->w[i].w;
	if (q->spoken && q->spoken_n < q->room)
		q->spoken[q->spoken_n++] = (struct spoken){ row, word };
}

static double for_class(const struct row *row, size_t class)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->w[i].class == class)
			return (double)row->w[i].w;
	return 0;
}

/* The three features that count most for a class. */
static const char *loudest(struct arena *a, struct asking *q, size_t class)
{
	struct buf b;

	buf_init(&b, a);
	for (int k = 0; k < 3; k++) {
		struct spoken *best = NULL;
		double most = 0.01;
		for (size_t i = 0; i < q->spoken_n; i++) {
			struct spoken *s = &q->spoken[i];
			double v = s->row ? for_class(s->row, class) * (s->word ? model_share(q->n) : 1) : 0;
			if (v > most) {
				most = v;
				best = s;
			}
		}
		if (!best)
			break;
		if (b.n)
			buf_adds(&b, ", ");
		buf_adds(&b, best->row->name);
		const struct row *told = best->row;
		for (size_t i = 0; i < q->spoken_n; i++)
			if (q->spoken[i].row == told)
				q->spoken[i].row = NULL;
	}
	return b.n ? b.p : "";
}

void model_ask(struct arena *a, const struct weights *m, const struct tokens *t, const struct marks *marks,
	       double share_r[REPLY_CLASS_COUNT], const char **words_r)
{
	struct asking q = { .m = m, .room = 1024 };
	double sum = 0;
	size_t best = 0;

	q.spoken = words_r ? arena_array(a, struct spoken, q.room) : NULL;
	model_features(t, marks, hear, &q);
	for (size_t k = 0; k < REPLY_CLASS_COUNT; k++) {
		double v = m->bias[k] + q.marks[k] + q.words[k] * model_share(q.n);
		share_r[k] = m->known[k] ? 1 / (1 + exp(-v)) : 0;
		sum += share_r[k];
		if (share_r[k] > share_r[best])
			best = k;
	}
	for (size_t k = 0; k < REPLY_CLASS_COUNT && sum > 0; k++)
		share_r[k] /= sum;
	if (words_r)
		*words_r = loudest(a, &q, best);
}
