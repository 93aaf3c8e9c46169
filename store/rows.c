/* SPDX-License-Identifier: MPL-2.0
 *
 * Running named statements and reading their rows; JSON on an arena.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/store_private.h"

struct value store_text(const char *s)
{
	return T(s);
}

static const struct value *cell(const struct row *r, const char *column)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->names[i], column) == 0)
			return &r->values[i];
	return NULL;
}

const char *row_text(const struct row *r, const char *column)
{
	const struct value *v = cell(r, column);
	return v != NULL && v->type == VALUE_TEXT ? v->s : NULL;
}

int64_t row_int(const struct row *r, const char *column)
{
	const struct value *v = cell(r, column);

	if (v == NULL)
		return 0;
	if (v->type == VALUE_INT)
		return v->i;
	return v->type == VALUE_NUM ? (int64_t)v->d : 0;
}

double row_num(const struct row *r, const char *column)
{
	const struct value *v = cell(r, column);

	if (v == NULL)
		return 0;
	if (v->type == VALUE_NUM)
		return v->d;
	return v->type == VALUE_INT ? (double)v->i : 0;
}

enum status db_query(struct store_tx *tx, size_t st, const struct value *args, size_t n,
		     store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e)
{
	assert(st < tx->store->statements_n);
	atomic_fetch_add_explicit(&tx->store->asked, 1, memory_order_relaxed);
	return tx->store->driver->run(tx->db, st, args, n, fn, ctx, changed_r, e);
}

enum status store_query(struct store_tx *tx, const char *statement, const struct value *args, size_t n,
			store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e)
{
	const struct store *s = tx->store;

	for (size_t i = 0; i < s->statements_n; i++)
		if (strcmp(s->statements[i].name, statement) == 0)
			return db_query(tx, i, args, n, fn, ctx, changed_r, e);
	return err_set(e, INPUT, "there is no statement '%s'", statement);
}

struct collect {
	struct arena *a;
	struct row *list;
	size_t n, room;
	bool one;
};

static enum status collect_row(void *ctx, const struct row *r, struct err *e)
{
	struct collect *c = ctx;

	(void)e;
	if (c->one && c->n == 1)
		return OK;
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : c->one ? 1 : 8;
		struct row *list = arena_array(c->a, struct row, room);
		if (c->n)
			memcpy(list, c->list, c->n * sizeof(*list));
		c->list = list;
		c->room = room;
	}
	struct value *values = arena_memdup(c->a, r->values, r->n * sizeof(*values));
	for (size_t i = 0; i < r->n; i++)
		if (values[i].type == VALUE_TEXT)
			values[i].s = arena_strdup(c->a, values[i].s);
	/* the names live as long as the statement: as long as the connection */
	c->list[c->n++] = (struct row){ .n = r->n, .names = r->names, .values = values };
	return OK;
}

enum status db_rows(struct store_tx *tx, struct arena *a, size_t st, const struct value *args,
		    size_t n, struct rows *out_r, struct err *e)
{
	struct collect c = { .a = a };
	enum status s = db_query(tx, st, args, n, collect_row, &c, NULL, e);

	*out_r = (struct rows){ .n = c.n, .list = c.list };
	return s;
}

enum status db_one(struct store_tx *tx, struct arena *a, size_t st, const struct value *args,
		   size_t n, const struct row **out_r, struct err *e)
{
	struct collect c = { .a = a, .one = true };
	enum status s = db_query(tx, st, args, n, collect_row, &c, NULL, e);

	*out_r = c.list;
	return s != OK ? s : c.n == 0 ? GONE : OK;
}

char *json_text(struct arena *a, json_t *take)
{
	char *s = json_dumps(take, JSON_COMPACT | JSON_ENCODE_ANY);

	assert(s != NULL);
	char *copy = arena_strdup(a, s);
	free(s);
	json_decref(take);
	return copy;
}

void json_put(json_t *o, const char *key, const char *value)
{
	if (str_empty(value))
		return;
	json_t *v = json_string(value);
	if (v == NULL)	/* not UTF-8: nothing that came through our readers, but never lose the rest */
		v = json_string("(not UTF-8)");
	json_object_set_new(o, key, v);
}

void json_put_int(json_t *o, const char *key, int64_t value)
{
	if (value != 0)
		json_object_set_new(o, key, json_integer(value));
}
