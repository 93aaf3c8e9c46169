/* SPDX-License-Identifier: MPL-2.0
 *
 * Moves a store from SQLite to PostgreSQL and proves that nothing was lost on the way. Works on the drivers themselves, with
 * statements made from the tables that are there: no table is named here.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"
#include "store/copy.h"
#include "store/driver.h"
#include "store/store_private.h"

enum { MAX_TABLES = 200, MAX_COLUMNS = 64, PAGE = 2000 };

struct table {
	const char *name;
	const char *columns[MAX_COLUMNS];
	size_t columns_n;
	const char *keys[8];		/* of the primary key, in its order */
	size_t keys_at[8];		/* into columns */
	size_t keys_n;
	/* numbers of statements */
	size_t first, next, insert;
};

struct copy {
	struct arena *a;
	struct table tables[MAX_TABLES];
	size_t n;
	struct statement *statements;
	size_t statements_n;
	struct db *from, *to;
	int64_t rows;
};

/* ---- what is there ---- */

enum { ASK_TABLES, ASK_COLUMNS, ASK_KEYS };
static const struct statement asks[] = {
	[ASK_TABLES] = { .name = "tables",
		.sql = "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' "
						  "order by rowid" },
	[ASK_COLUMNS] = { .name = "columns", .sql = "select name from pragma_table_info($1) order by cid" },
	[ASK_KEYS] = { .name = "keys", .sql = "select name, cid from pragma_table_info($1) where pk > 0 order by pk" },
};

static enum status take_table(void *ctx, const struct row *r, struct err *e)
{
	struct copy *c = ctx;

	if (c->n == MAX_TABLES)
		return err_set(e, SYS, "the store has more tables than this program can copy");
	c->tables[c->n++] = (struct table){ .name = arena_strdup(c->a, r->values[0].s) };
	return OK;
}

struct columns {
	struct copy *c;
	struct table *t;
};

static enum status take_column(void *ctx, const struct row *r, struct err *e)
{
	struct columns *x = ctx;

	if (x->t->columns_n == MAX_COLUMNS)
		return err_set(e, SYS, "table '%s' has too many columns", x->t->name);
	x->t->columns[x->t->columns_n++] = arena_strdup(x->c->a, r->values[0].s);
	return OK;
}

static enum status take_key(void *ctx, const struct row *r, struct err *e)
{
	struct columns *x = ctx;

	if (x->t->keys_n == 8)
		return err_set(e, SYS, "table '%s' has too many keys", x->t->name);
	x->t->keys_at[x->t->keys_n] = (size_t)r->values[1].i;
	x->t->keys[x->t->keys_n++] = arena_strdup(x->c->a, r->values[0].s);
	return OK;
}

static enum status look_around(struct copy *c, const struct store_options *from, struct err *e)
{
	struct db *db = NULL;
	enum status s = sqlite_driver.check(from, e);

	if (s == OK)
		s = sqlite_driver.open(from, DB_READER, asks, 3, &db, e);
	if (s == OK)
		s = sqlite_driver.run(db, ASK_TABLES, NULL, 0, take_table, c, NULL, e);
	for (size_t i = 0; s == OK && i < c->n; i++) {
		struct columns x = { c, &c->tables[i] };
		struct value name = T(c->tables[i].name);
		s = sqlite_driver.run(db, ASK_COLUMNS, &name, 1, take_column, &x, NULL, e);
		if (s == OK)
			s = sqlite_driver.run(db, ASK_KEYS, &name, 1, take_key, &x, NULL, e);
		if (s == OK && x.t->keys_n == 0)
			s = err_set(e, SYS, "table '%s' has no primary key", x.t->name);
	}
	sqlite_driver.close(db);
	return s;
}

static size_t statement(struct copy *c, const char *name, const char *sql)
{
	c->statements[c->statements_n] = (struct statement){ .name = name, .sql = sql };
	return c->statements_n++;
}

static void list(struct buf *b, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s\"%s\"", i ? ", " : "", names[i]);
}

static void numbers(struct buf *b, size_t n)
{
	for (size_t i = 1; i <= n; i++)
		buf_addf(b, "%s$%zu", i > 1 ? ", " : "", i);
}

/* A page at a time, in the order of the key: both sides sort text by its bytes. */
static void make_statements(struct copy *c)
{
	c->statements = arena_array(c->a, struct statement, 3 * c->n);
	for (size_t i = 0; i < c->n; i++) {
		struct table *t = &c->tables[i];
		struct buf b, order;

		buf_init(&order, c->a);
		list(&order, t->keys, t->keys_n);
		buf_init(&b, c->a);
		buf_adds(&b, "select ");
		list(&b, t->columns, t->columns_n);
		buf_addf(&b, " from \"%s\"", t->name);
		const char *select = b.p;
		t->first = statement(c, t->name, arena_printf(c->a, "%s order by %s limit %d", select, order.p, PAGE));
		buf_init(&b, c->a);
		numbers(&b, t->keys_n);
		t->next = statement(c, t->name, arena_printf(c->a, "%s where (%s) > (%s) order by %s limit %d",
			select, order.p, b.p,
							     order.p, PAGE));
		buf_init(&b, c->a);
		buf_addf(&b, "insert into \"%s\" (", t->name);
		list(&b, t->columns, t->columns_n);
		buf_adds(&b, ") values (");
		numbers(&b, t->columns_n);
		buf_adds(&b, ")");
		t->insert = statement(c, t->name, b.p);
	}
}

/* ---- reading, page by page ---- */

typedef enum status row_fn(void *ctx, const struct table *t, const struct row *r, struct err *e);

struct page {
	struct arena *a;
	const struct table *t;
	struct value last[8];
	int n;
	row_fn *fn;
	void *ctx;
};

static enum status take_row(void *ctx, const struct row *r, struct err *e)
{
	struct page *p = ctx;

	p->n++;
	if (p->n == PAGE)
		for (size_t i = 0; i < p->t->keys_n; i++) {
			p->last[i] = r->values[p->t->keys_at[i]];
			if (p->last[i].type == VALUE_TEXT)
				p->last[i].s = arena_strdup(p->a, p->last[i].s);
		}
	return p->fn(p->ctx, p->t, r, e);
}

static enum status read_table(const struct store_driver *d, struct db *db, const struct table *t, row_fn *fn, void *ctx,
			      struct err *e)
{
	struct arena *a = arena_new(0);
	struct page p = { .a = a, .t = t, .fn = fn, .ctx = ctx };
	enum status s = d->run(db, t->first, NULL, 0, take_row, &p, NULL, e);

	while (s == OK && p.n == PAGE) {
		p.n = 0;
		s = d->run(db, t->next, p.last, t->keys_n, take_row, &p, NULL, e);
		if (p.n < PAGE)
			break;
	}
	arena_free(a);
	return s;
}

/* ---- copying, comparing ---- */

static enum status put_row(void *ctx, const struct table *t, const struct row *r, struct err *e)
{
	struct copy *c = ctx;

	c->rows++;
	return pgsql_driver.run(c->to, t->insert, r->values, r->n, NULL, NULL, NULL, e);
}

/* The rows of a table as one number, whatever database they lie in. */
struct sum {
	struct arena *a;
	const char *hash;
	int64_t rows;
};

static enum status add_row(void *ctx, const struct table *t, const struct row *r, struct err *e)
{
	struct sum *s = ctx;
	char before[128];
	struct buf b;

	(void)t;
	(void)e;
	snprintf(before, sizeof(before), "%s", s->hash);
	arena_clear(s->a);
	buf_init(&b, s->a);
	buf_adds(&b, before);
	for (size_t i = 0; i < r->n; i++) {
		const struct value *v = &r->values[i];
		switch (v->type) {
		case VALUE_NULL:
			buf_adds(&b, " -");
			break;
		case VALUE_INT:		/* SQLite keeps 1.0 in a column of numbers as 1 */
			buf_addf(&b, " %.17g", (double)v->i);
			break;
		case VALUE_NUM:
			buf_addf(&b, " %.17g", v->d);
			break;
		case VALUE_TEXT:
			buf_addf(&b, " %zu:%s", strlen(v->s), v->s);
			break;
		}
	}
	s->hash = token_hash(s->a, b.p, b.n);
	s->rows++;
	return OK;
}

static enum status sum_of(const struct store_driver *d, struct db *db, const struct table *t, char hash[128],
		int64_t *rows_r,
			  struct err *e)
{
	struct sum x = { .a = arena_new(0), .hash = "" };
	enum status s = read_table(d, db, t, add_row, &x, e);

	snprintf(hash, 128, "%s", x.hash);
	*rows_r = x.rows;
	arena_free(x.a);
	return s;
}

static enum status compare(struct copy *c, copy_told_fn *told, void *ctx, struct err *e)
{
	char ours[128], theirs[128];
	int64_t n = 0, m = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct table *t = &c->tables[i];
		enum status s = sum_of(&sqlite_driver, c->from, t, ours, &n, e);
		if (s == OK)
			s = sum_of(&pgsql_driver, c->to, t, theirs, &m, e);
		if (s != OK)
			return s;
		if (n != m || strcmp(ours, theirs) != 0)
			return err_set(e, SYS,
				"table '%s' is not the same in both: %lld rows and %lld; nothing was kept", t->name,
				       (long long)n, (long long)m);
		if (told != NULL)
			told(ctx, &(struct copy_table){ t->name, n });
	}
	return OK;
}

static enum status count_row(void *ctx, const struct table *t, const struct row *r, struct err *e)
{
	(void)ctx;
	(void)r;
	return err_set(e, INPUT, "the database is not empty: table '%s' holds something already", t->name);
}

static enum status move(struct copy *c, copy_told_fn *told, void *ctx, struct err *e)
{
	enum status s = OK;

	for (size_t i = 0; s == OK && i < c->n; i++)
		s = read_table(&pgsql_driver, c->to, &c->tables[i], count_row, NULL, e);
	for (size_t i = 0; s == OK && i < c->n; i++)
		s = read_table(&sqlite_driver, c->from, &c->tables[i], put_row, c, e);
	return s == OK ? compare(c, told, ctx, e) : s;
}

static const struct table *events(const struct copy *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->tables[i].name, "event") == 0)
			return &c->tables[i];
	return NULL;
}

/* Nobody may have gone on in the old store while it was copied: each change is an event. */
static enum status still_the_same(struct copy *c, const struct store_options *from, struct err *e)
{
	char then[128], now[128];
	int64_t n = 0, m = 0;
	struct db *db = NULL;
	enum status s = sum_of(&sqlite_driver, c->from, events(c), then, &n, e);

	if (s == OK)
		s = sqlite_driver.open(from, DB_READER, c->statements, c->statements_n, &db, e);
	if (s == OK)
		s = sqlite_driver.begin(db, false, e);
	if (s == OK)
		s = sum_of(&sqlite_driver, db, events(c), now, &m, e);
	if (s == OK && (n != m || strcmp(then, now) != 0))
		s = err_set(e, AGAIN,
			"something went on in '%s' while it was copied (%lld events): stop relent's services and copy "
			    "again; nothing was kept", from->path, (long long)(m - n));
	if (db != NULL)
		sqlite_driver.rollback(db);
	sqlite_driver.close(db);
	return s;
}

static enum status open_both(struct copy *c, const struct store_options *from, const struct store_options *to, struct err *e)
{
	enum status s = sqlite_driver.open(from, DB_READER, c->statements, c->statements_n, &c->from, e);

	if (s == OK)
		s = sqlite_driver.begin(c->from, false, e);
	if (s == OK)
		s = pgsql_driver.open(to, DB_WRITER, c->statements, c->statements_n, &c->to, e);
	if (s == OK)
		s = pgsql_driver.begin(c->to, true, e);
	return s == OK ? pgsql_be_patient(c->to, e) : s;
}

enum status store_copy(const struct store_options *from, const struct store_options *to, copy_told_fn *told, void *ctx,
		       int64_t *rows_r, struct err *e)
{
	struct copy *c = calloc(1, sizeof(*c));
	int version = 0;

	if (c == NULL)
		abort();
	c->a = arena_new(0);
	/* both at the version that this program knows, and from a relent store */
	enum status s = store_migrate(from, NULL, &version, e);
	if (s == OK)
		s = store_migrate(to, NULL, &version, e);
	if (s == OK)
		s = look_around(c, from, e);
	if (s == OK) {
		make_statements(c);
		s = open_both(c, from, to, e);
	}
	if (s == OK)
		s = move(c, told, ctx, e);
	if (s == OK)
		s = still_the_same(c, from, e);
	if (s == OK)
		s = pgsql_count_on(c->to, e);
	if (s == OK)
		s = pgsql_driver.commit(c->to, e);
	if (c->to != NULL)
		pgsql_driver.rollback(c->to);
	if (c->from != NULL)
		sqlite_driver.rollback(c->from);
	pgsql_driver.close(c->to);
	sqlite_driver.close(c->from);
	if (rows_r != NULL)
		*rows_r = c->rows;
	arena_free(c->a);
	free(c);
	return s;
}
