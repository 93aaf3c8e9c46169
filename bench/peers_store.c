/* SPDX-License-Identifier: MPL-2.0
 *
 * What a durable write costs: a suppression with its event and its link of the sealed history (one unit of relent's store),
 * beside one row in a plain table with the same durability, a commit each or so many a commit.
 *
 * usage: peers-store FOLDER WHAT...    WHAT: relent relent-1 sqlite sqlite-16 relent-pgsql pgsql pgsql-16
 * relent: from 16 threads at once, as the milter does it; relent-1: from one. Protocol: bench/report.py, Asker.
 */
#include "config.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sqlite3.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

enum { NOW = 1796000000, THREADS = 16, GROUP = 16 };

static const char *folder, *server;
static unsigned long made;	/* addresses so far: no two alike */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "peers-store: %s: %s\n", what, why);
	exit(1);
}

static const char *address(struct arena *a, unsigned long i)
{
	return arena_printf(a, "ann%lu@x%lu.example", i, i % 9973);
}

/* ---- relent ---- */

static struct store *lite_store, *pg_store;

static struct store *relent_open(const char *driver, const char *path)
{
	struct store_options o = { .driver = driver, .path = path, .mark = "", .create = true, .host = "bench", .program = "bench" };
	struct store *s;
	struct err e = { "" };

	if (store_open(&o, &s, &e) != OK)
		die(path, e.text);
	return s;
}

static enum status unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const unsigned long *number = ctx;
	struct suppression s = { .kind = "address", .subject = address(a, *number), .reason = "do_not_contact" };

	return store_suppress(tx, a, &s, "bench", false, NULL, e);
}

struct writers {
	struct store *store;
	atomic_ulong next;
	unsigned long end;
};

static void *writer(void *ctx)
{
	struct writers *w = ctx;
	unsigned long number;
	struct err e = { "" };

	while ((number = atomic_fetch_add(&w->next, 1)) < w->end)
		if (store_write(w->store, NOW, unit, &number, 0, &e) != OK)
			die("relent", e.text);
	return NULL;
}

static void relent_write(struct store *s, int threads, unsigned long count)
{
	struct writers w = { .store = s, .next = made, .end = made + count };
	pthread_t t[THREADS];

	for (int i = 0; i < threads; i++)
		pthread_create(&t[i], NULL, writer, &w);
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
}

static void relent_many(unsigned long n) { relent_write(lite_store, THREADS, n); }
static void relent_one(unsigned long n) { relent_write(lite_store, 1, n); }
static void relent_pg(unsigned long n) { relent_write(pg_store, THREADS, n); }

/* ---- plain SQLite ---- */

static sqlite3 *lite;
static sqlite3_stmt *lite_put;

static void sql(const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(lite, text, NULL, NULL, &why) != SQLITE_OK)
		die(text, why);
}

static void lite_rows(unsigned long n, unsigned long group)
{
	struct arena *a = arena_new(0);

	for (unsigned long i = 0; i < n; i++) {
		if (i % group == 0)
			sql("begin immediate");
		sqlite3_bind_text(lite_put, 1, address(a, made + i), -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(lite_put, 2, NOW);
		if (sqlite3_step(lite_put) != SQLITE_DONE)
			die("sqlite", sqlite3_errmsg(lite));
		sqlite3_reset(lite_put);
		if (i % group == group - 1 || i + 1 == n)
			sql("commit");
		arena_clear(a);
	}
	arena_free(a);
}

static void lite_each(unsigned long n) { lite_rows(n, 1); }
static void lite_group(unsigned long n) { lite_rows(n, GROUP); }

/* ---- plain PostgreSQL ---- */

static PGconn *pg;

static void pg_sql(PGconn *c, const char *text)
{
	PGresult *r = PQexec(c, text);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		die(text, PQerrorMessage(c));
	PQclear(r);
}

static PGconn *pg_open(const char *where)
{
	PGconn *c = PQconnectdb(where);

	if (PQstatus(c) != CONNECTION_OK)
		die(where, PQerrorMessage(c));
	return c;
}

static const char *pg_database(struct arena *a, const char *name)
{
	PGconn *c = pg_open(arena_printf(a, "%s dbname=postgres", server));

	pg_sql(c, arena_printf(a, "create database %s_%d", name, (int)getpid()));
	PQfinish(c);
	return arena_printf(a, "%s dbname=%s_%d", server, name, (int)getpid());
}

static void pg_rows(unsigned long n, unsigned long group)
{
	struct arena *a = arena_new(0);

	for (unsigned long i = 0; i < n; i++) {
		const char *key = address(a, made + i);
		if (group > 1 && i % group == 0)
			pg_sql(pg, "begin");
		PGresult *r = PQexecPrepared(pg, "put", 1, &key, NULL, NULL, 0);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die("pgsql", PQerrorMessage(pg));
		PQclear(r);
		if (group > 1 && (i % group == group - 1 || i + 1 == n))
			pg_sql(pg, "commit");
		arena_clear(a);
	}
	arena_free(a);
}

static void pg_each(unsigned long n) { pg_rows(n, 1); }
static void pg_group(unsigned long n) { pg_rows(n, GROUP); }

/* ---- made before the first turn; several may share one ---- */

static void make_relent(struct arena *a)
{
	if (lite_store == NULL)
		lite_store = relent_open("sqlite", arena_printf(a, "%s/relent.db", folder));
}

static void make_relent_pg(struct arena *a)
{
	pg_store = relent_open("pgsql", pg_database(a, "relent_bench"));
}

static void make_sqlite(struct arena *a)
{
	if (lite != NULL)
		return;
	if (sqlite3_open(arena_printf(a, "%s/plain.db", folder), &lite) != SQLITE_OK)
		die("sqlite", "cannot be opened");
	sql("pragma journal_mode = wal");
	sql("pragma synchronous = full");
	sql("create table bad (id integer primary key, address text not null, at integer not null)");
	sql("create unique index bad_address on bad (address)");
	if (sqlite3_prepare_v2(lite, "insert into bad (address, at) values (?, ?)", -1, &lite_put, NULL) != SQLITE_OK)
		die("sqlite", sqlite3_errmsg(lite));
}

static void make_pgsql(struct arena *a)
{
	if (pg != NULL)
		return;
	pg = pg_open(pg_database(a, "plain"));
	pg_sql(pg, "create table bad (id bigserial primary key, address text not null unique, at bigint not null default 1796000000)");
	PQclear(PQprepare(pg, "put", "insert into bad (address) values ($1)", 1, NULL));
}

static const struct {
	const char *name;
	void (*make)(struct arena *a);
	void (*write)(unsigned long n);
} all[] = {
	{ "relent", make_relent, relent_many }, { "relent-1", make_relent, relent_one }, { "sqlite", make_sqlite, lite_each },
	{ "sqlite-16", make_sqlite, lite_group }, { "relent-pgsql", make_relent_pg, relent_pg }, { "pgsql", make_pgsql, pg_each },
	{ "pgsql-16", make_pgsql, pg_group },
};

static size_t find(const char *name)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(all[i].name, name))
			return i;
	die(name, "is not built in");
	return 0;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct timespec from, to;
	char what[32];
	unsigned long count;

	if (argc < 3)
		die("usage", "peers-store FOLDER WHAT...");
	folder = argv[1];
	server = getenv("RELENT_TEST_PGSQL");
	for (int i = 2; i < argc; i++)
		all[find(argv[i])].make(a);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	while (scanf("%31s %lu", what, &count) == 2) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		all[find(what)].write(count);
		clock_gettime(CLOCK_MONOTONIC, &to);
		made += count;
		printf("%.9f %lu\n", (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9, count);
	}
	return 0;
}
