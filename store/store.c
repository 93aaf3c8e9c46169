/* SPDX-License-Identifier: MPL-2.0
 *
 * Opening, closing, reading; the schema's version. Writing is writer.c.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"
#include "store/suppression.h"

enum { RECORD_STATEMENTS = 64 };

static const struct store_driver *const drivers[] = { &sqlite_driver, &pgsql_driver };

static enum status find_driver(const struct store_options *o, const struct store_driver **out_r,
			       struct err *e)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (o->driver == NULL || strcmp(drivers[i]->name, o->driver) == 0) {
			*out_r = drivers[i];
			return OK;
		}
	return err_set(e, CONF, "there is no store driver '%s': use 'sqlite' or 'pgsql'", o->driver);
}

static char *dup_or_null(const char *s)
{
	char *copy = s ? strdup(s) : NULL;

	if (s != NULL && copy == NULL)
		abort();
	return copy;
}

static char *beside(const char *path)
{
	size_t n = path ? strlen(path) + sizeof(".mark") : 0;
	char *mark = path ? malloc(n) : NULL;

	if (path != NULL && mark == NULL)
		abort();
	if (mark != NULL)
		snprintf(mark, n, "%s.mark", path);
	return mark;
}

static const char *const *dup_list(const char *const *list, size_t n)
{
	const char **copy = calloc(n + 1, sizeof(*copy));

	if (copy == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		copy[i] = dup_or_null(list[i]);
	return copy;
}

static void free_list(const char *const *list, size_t n)
{
	for (size_t i = 0; list != NULL && i < n; i++)
		free((char *)list[i]);
	free((void *)list);
}

static bool is_file(const struct store_options *o)
{
	return o->driver == NULL || strcmp(o->driver, sqlite_driver.name) == 0;
}

static void options_copy(struct store_options *to, const struct store_options *from)
{
	*to = *from;
	to->driver = dup_or_null(from->driver);
	to->path = dup_or_null(from->path);
	to->password = dup_or_null(from->password);
	to->mark = from->mark ? dup_or_null(from->mark) : is_file(from) ? beside(from->path) : dup_or_null("");
	to->host = dup_or_null(from->host ? from->host : "localhost");
	to->program = dup_or_null(from->program ? from->program : "relent");
	to->zone = dup_or_null(str_empty(from->zone) ? "UTC" : from->zone);
	to->own_domains = dup_list(from->own_domains, from->own_domains_n);
	to->freemail = dup_list(from->freemail, from->freemail_n);
	to->voice_brief = dup_or_null(from->voice_brief);
	to->voice_disclosure = dup_or_null(from->voice_disclosure);
	to->booking_link = dup_or_null(from->booking_link);
	to->desk.reviewers = dup_list(from->desk.reviewers, from->desk.reviewers_n);
	to->booking_minimum = dup_list(from->booking_minimum, from->booking_minimum_n);
	to->booking_questions = dup_list(from->booking_questions, from->booking_questions_n);
	if (to->hard_bounce_expires <= 0)
		to->hard_bounce_expires = 180 * 86400;
}

static void statements_make(struct store *s)
{
	struct statement *all = calloc(STATEMENT_COUNT + RECORD_STATEMENTS, sizeof(*all));

	if (all == NULL)
		abort();
	memcpy(all, builtin_statements, STATEMENT_COUNT * sizeof(*all));
	s->statements = all;
	s->statements_n = STATEMENT_COUNT + records_statements(all + STATEMENT_COUNT, RECORD_STATEMENTS);
}

static int newest(const struct store_driver *d)
{
	return d->migrations[*d->migrations_n - 1].number;
}

static enum status migrate_on(const struct store_driver *d, struct db *db, const char *path,
			      int *from_r, int *to_r, struct err *e)
{
	int version = 0;
	enum status s = d->version(db, &version, e);

	if (s != OK)
		return s;
	*from_r = version;
	for (size_t i = 0; i < *d->migrations_n; i++) {
		const struct migration *m = &d->migrations[i];
		if (m->number <= version)
			continue;
		s = d->migrate(db, m, version, e);
		if (s != OK)
			return err_prefix(e, s, "cannot bring the store '%s' up to version %d", path,
					  m->number);
		/* ask again: another process may have gone further */
		s = d->version(db, &version, e);
		if (s != OK)
			return s;
	}
	*to_r = version;
	return OK;
}

enum status store_migrate(const struct store_options *o, int *from_r, int *to_r, struct err *e)
{
	const struct store_driver *d = NULL;
	struct store_options with = *o;
	struct db *db = NULL;
	int from = 0, to = 0;
	enum status s = find_driver(o, &d, e);

	with.create = true;
	with.read_only = false;
	if (s == OK)
		s = d->check(&with, e);
	if (s == OK)
		s = d->open(&with, DB_WRITER, NULL, 0, &db, e);
	if (s != OK)
		return s;
	s = migrate_on(d, db, o->path, &from, &to, e);
	d->close(db);
	if (s == OK && to > newest(d))
		s = err_set(e, CONF, "the store '%s' has schema version %d, newer than the %d that this "
			    "program knows: upgrade relent", o->path, to, newest(d));
	if (from_r != NULL)
		*from_r = from;
	if (to_r != NULL)
		*to_r = to;
	return s;
}

enum status store_backup(const struct store_options *o, const char *path, struct err *e)
{
	const struct store_driver *d = NULL;
	struct db *db = NULL;
	enum status s = find_driver(o, &d, e);

	if (s == OK)
		s = d->check(o, e);
	if (s == OK)
		s = d->open(o, DB_WRITER, NULL, 0, &db, e);
	if (s == OK)
		s = d->copy(db, path, e);
	if (db != NULL)
		d->close(db);
	return s;
}

static enum status check_version(struct store *s, struct db *db, struct err *e)
{
	int version = 0;
	enum status st = s->driver->version(db, &version, e);

	if (st != OK)
		return st;
	if (version > newest(s->driver))
		return err_set(e, CONF, "the store '%s' has schema version %d, newer than the %d that this "
			       "program knows: upgrade relent", s->o.path, version, newest(s->driver));
	if (version < newest(s->driver))
		return err_set(e, CONF, "the store '%s' has schema version %d, this program needs %d: run "
			       "'relentctl store migrate'", s->o.path, version, newest(s->driver));
	return OK;
}

static enum status open_all(struct store *s, struct err *e)
{
	struct db *db = NULL;
	enum status st = s->driver->open(&s->o, s->o.read_only ? DB_READER : DB_WRITER, s->statements,
					 s->statements_n, &db, e);

	if (st != OK)
		return st;
	if (s->o.read_only)
		s->pool[s->pool_n++] = db, s->readers++;
	else
		s->writer = db;
	if (s->o.create && !s->o.read_only) {
		int from, to;
		st = migrate_on(s->driver, db, s->o.path, &from, &to, e);
	}
	if (st == OK)
		st = check_version(s, db, e);
	if (st == OK && !s->o.lazy)
		st = s->driver->prepare_all(db, e);
	if (st != OK || s->o.read_only)
		return st;
	if (s->driver->checkpoint != NULL)
		st = s->driver->open(&s->o, DB_CHECKPOINTER, NULL, 0, &s->checkpointer, e);
	return st == OK ? writer_start(s, e) : st;
}

static enum status look_at_mark(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return mark_guard(tx, a, e);
}

/* It is told at the start, not at the first mail. */
static void tell_lost(struct store *s)
{
	struct err ignored;

	(void)store_read(s, 0, look_at_mark, NULL, &ignored);
}

enum status store_open(const struct store_options *o, struct store **out_r, struct err *e)
{
	const struct store_driver *d = NULL;
	enum status st = find_driver(o, &d, e);

	if (st == OK && fault_point("store.open"))
		st = err_set(e, SYS, "cannot open the store '%s': made to fail", o->path);
	if (st == OK)
		st = d->check(o, e);
	if (st != OK)
		return st;
	struct store *s = calloc(1, sizeof(*s));
	if (s == NULL)
		abort();
	s->driver = d;
	options_copy(&s->o, o);
	pthread_mutex_init(&s->pool_lock, NULL);
	cond_init(&s->pool_given);
	pthread_mutex_init(&s->plan_lock, NULL);
	s->plan_arena = arena_new((size_t)1 << 30);
	s->companies = companies_new();
	atomic_init(&s->mark_looked, -1000000);
	statements_make(s);
	st = open_all(s, e);
	if (st != OK) {
		store_close(s);
		return st;
	}
	*out_r = s;
	if (!o->read_only)
		tell_lost(s);
	return OK;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	writer_stop(s);
	for (size_t i = 0; i < s->pool_n; i++)
		s->driver->close(s->pool[i]);
	if (s->checkpointer != NULL)
		s->driver->close(s->checkpointer);
	if (s->writer != NULL)
		s->driver->close(s->writer);
	plans_free(s);
	companies_free(s->companies);
	arena_free(s->plan_arena);
	pthread_mutex_destroy(&s->plan_lock);
	pthread_cond_destroy(&s->pool_given);
	pthread_mutex_destroy(&s->pool_lock);
	records_statements_free(s->statements + STATEMENT_COUNT, s->statements_n - STATEMENT_COUNT);
	free(s->statements);
	free((char *)s->o.driver);
	free((char *)s->o.path);
	free((char *)s->o.password);
	free((char *)s->o.mark);
	free((char *)s->o.host);
	free((char *)s->o.program);
	free((char *)s->o.zone);
	free_list(s->o.own_domains, s->o.own_domains_n);
	free_list(s->o.freemail, s->o.freemail_n);
	free((char *)s->o.voice_brief);
	free((char *)s->o.voice_disclosure);
	free((char *)s->o.booking_link);
	free_list(s->o.desk.reviewers, s->o.desk.reviewers_n);
	free_list(s->o.booking_minimum, s->o.booking_minimum_n);
	free_list(s->o.booking_questions, s->o.booking_questions_n);
	free(s);
}

struct store_tx tx_of(struct store *s, struct db *db, time_t now, bool write)
{
	return (struct store_tx){ .store = s, .db = db, .now = now, .write = write };
}

/* Lock held. AGAIN: all that may be open are in use, and stayed so. */
static enum status wait_for_reader(struct store *s, int64_t until, struct err *e)
{
	struct timespec at = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };

	while (s->pool_n == 0 && s->o.connections > 0 && s->readers >= (size_t)s->o.connections)
		if (pthread_cond_timedwait(&s->pool_given, &s->pool_lock, &at) == ETIMEDOUT)
			return err_set(e, AGAIN, "all %d connections to the store '%s' are in use (store.connections)",
				       s->o.connections, s->o.path);
	return OK;
}

static enum status reader_take(struct store *s, int64_t deadline, struct db **db_r, struct err *e)
{
	struct db *db = NULL;
	enum status st;

	pthread_mutex_lock(&s->pool_lock);
	st = wait_for_reader(s, deadline ? deadline : clock_mono_ms() + s->o.busy_ms, e);
	if (st == OK && s->pool_n > 0)
		db = s->pool[--s->pool_n];
	else if (st == OK)
		s->readers++;
	pthread_mutex_unlock(&s->pool_lock);
	if (st != OK)
		return st;
	if (db == NULL)
		st = s->driver->open(&s->o, DB_READER, s->statements, s->statements_n, &db, e);
	if (st == OK && s->driver->hurry != NULL)
		s->driver->hurry(db, deadline);
	if (st != OK) {
		pthread_mutex_lock(&s->pool_lock);
		s->readers--;
		pthread_cond_signal(&s->pool_given);
		pthread_mutex_unlock(&s->pool_lock);
	}
	*db_r = db;
	return st;
}

static void reader_give(struct store *s, struct db *db, bool good)
{
	pthread_mutex_lock(&s->pool_lock);
	if (good && s->pool_n < STORE_POOL) {
		s->pool[s->pool_n++] = db;
		db = NULL;
	} else {
		s->readers--;
	}
	pthread_cond_signal(&s->pool_given);
	pthread_mutex_unlock(&s->pool_lock);
	if (db != NULL)
		s->driver->close(db);
}

enum status store_read_within(struct store *s, time_t now, store_unit_fn *fn, void *ctx, int64_t deadline_ms, struct err *e)
{
	struct db *db = NULL;
	enum status st = reader_take(s, deadline_ms, &db, e);

	if (st != OK)
		return st;
	st = s->driver->begin(db, false, e);
	if (st != OK) {
		reader_give(s, db, false);
		return st;
	}
	struct store_tx tx = tx_of(s, db, now, false);
	struct arena *a = arena_new(0);
	st = fn(&tx, a, ctx, e);
	arena_free(a);
	bool broken = s->driver->broken(db);
	s->driver->rollback(db);
	reader_give(s, db, !broken);
	return st;
}

enum status store_read(struct store *s, time_t now, store_unit_fn *fn, void *ctx, struct err *e)
{
	return store_read_within(s, now, fn, ctx, 0, e);
}

time_t store_now(const struct store_tx *tx)
{
	return tx->now;
}

const char *store_id(struct store_tx *tx, struct arena *a)
{
	char *id = arena_alloc(a, ID_SIZE);

	id_make(id, (int64_t)tx->now * 1000);
	return id;
}
