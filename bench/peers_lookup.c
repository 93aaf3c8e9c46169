/* SPDX-License-Identifier: MPL-2.0
 *
 * May this address be written to? The question a milter asks at RCPT, answered by relent's store (a whole unit of work: the
 * person, all spellings, domain and company) and by what one would have instead: one key in a table of SQLite or PostgreSQL, in
 * lmdb, in cdb. Half of the addresses asked for are there.
 *
 * usage: peers-lookup FOLDER KEYS WHAT...    WHAT: relent sqlite lmdb cdb relent-pgsql pgsql
 * Makes each in FOLDER (on the server RELENT_TEST_PGSQL), says "ready"; then for each line "WHAT COUNT" it says seconds and hits.
 */
#include "config.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sqlite3.h>
#ifdef HAVE_LMDB
#include <lmdb.h>
#endif
#ifdef HAVE_CDB
#include <cdb.h>
#endif

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

enum { NOW = 1796000000, ADDRESS_MAX = 64 };

static const char *folder, *server;
static uint64_t keys, state = 0x9e3779b97f4a7c15;

static void die(const char *what, const char *why)
{
	fprintf(stderr, "peers-lookup: %s: %s\n", what, why);
	exit(1);
}

static uint64_t chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* Number I of those that are there (I < keys), as the SQL below makes it. */
static int address(char *to, uint64_t i)
{
	return snprintf(to, ADDRESS_MAX, "ann%llu@x%llu.example", (unsigned long long)i, (unsigned long long)(i % 9973));
}

/* ---- plain SQLite ---- */

static sqlite3 *lite;
static sqlite3_stmt *lite_find;

static sqlite3 *open_file(const char *path)
{
	sqlite3 *h = NULL;

	if (sqlite3_open(path, &h) != SQLITE_OK)
		die(path, "cannot be opened");
	return h;
}

static void sql(sqlite3 *h, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(h, text, NULL, NULL, &why) != SQLITE_OK)
		die(text, why);
}

static void sqlite_make(struct arena *a)
{
	lite = open_file(arena_printf(a, "%s/plain.db", folder));
	sql(lite, "pragma journal_mode = wal; create table bad (address text primary key, action text not null) without rowid");
	sql(lite, arena_printf(a, "with recursive n(i) as (select 0 union all select i + 1 from n where i < %llu) "
			       "insert into bad select 'ann' || i || '@x' || (i %% 9973) || '.example', 'REJECT' from n",
			       (unsigned long long)keys - 1));
	sql(lite, "analyze");
	if (sqlite3_prepare_v2(lite, "select action from bad where address = ?", -1, &lite_find, NULL) != SQLITE_OK)
		die("sqlite", sqlite3_errmsg(lite));
}

static bool sqlite_ask(const char *key)
{
	sqlite3_bind_text(lite_find, 1, key, -1, SQLITE_STATIC);
	bool found = sqlite3_step(lite_find) == SQLITE_ROW && sqlite3_column_text(lite_find, 0) != NULL;
	sqlite3_reset(lite_find);
	return found;
}

/* ---- plain PostgreSQL ---- */

static PGconn *pg;

static void pg_sql(PGconn *c, const char *text)
{
	PGresult *r = PQexec(c, text);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
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

static void pgsql_make(struct arena *a)
{
	pg = pg_open(pg_database(a, "plain"));
	pg_sql(pg, "create table bad (address text primary key, action text not null)");
	pg_sql(pg, arena_printf(a, "insert into bad select 'ann' || i || '@x' || (i %% 9973) || '.example', 'REJECT' "
				"from generate_series(0, %llu) as i", (unsigned long long)keys - 1));
	pg_sql(pg, "vacuum analyze bad");
	PQclear(PQprepare(pg, "find", "select action from bad where address = $1", 1, NULL));
}

static bool pgsql_ask(const char *key)
{
	PGresult *r = PQexecPrepared(pg, "find", 1, &key, NULL, NULL, 0);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		die("pgsql", PQerrorMessage(pg));
	bool found = PQntuples(r) > 0;
	PQclear(r);
	return found;
}

/* ---- lmdb, cdb: the libraries behind Postfix's maps of these names ---- */

#ifdef HAVE_LMDB
static MDB_env *mdb;
static MDB_dbi mdb_table;

static void lmdb_make(struct arena *a)
{
	MDB_txn *t;
	char k[ADDRESS_MAX];

	if (mdb_env_create(&mdb) || mdb_env_set_mapsize(mdb, (size_t)4 << 30) ||
	    mdb_env_open(mdb, arena_printf(a, "%s/plain.lmdb", folder), MDB_NOSUBDIR, 0600) || mdb_txn_begin(mdb, NULL, 0, &t) ||
	    mdb_dbi_open(t, NULL, 0, &mdb_table))
		die("lmdb", "cannot be made");
	for (uint64_t i = 0; i < keys; i++) {
		MDB_val key = { (size_t)address(k, i), k }, value = { 6, (void *)(uintptr_t)"REJECT" };
		if (mdb_put(t, mdb_table, &key, &value, 0))
			die("lmdb", "cannot be filled");
	}
	if (mdb_txn_commit(t))
		die("lmdb", "cannot be committed");
}

static bool lmdb_ask(const char *k)
{
	MDB_val key = { strlen(k), (void *)(uintptr_t)k }, value;
	MDB_txn *t;

	if (mdb_txn_begin(mdb, NULL, MDB_RDONLY, &t))
		die("lmdb", "cannot be read");
	bool found = mdb_get(t, mdb_table, &key, &value) == 0;
	mdb_txn_abort(t);
	return found;
}
#endif

#ifdef HAVE_CDB
static struct cdb cdb;

static void cdb_make_file(struct arena *a)
{
	const char *path = arena_printf(a, "%s/plain.cdb", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct cdb_make m;
	char k[ADDRESS_MAX];

	if (fd < 0 || cdb_make_start(&m, fd))
		die(path, "cannot be made");
	for (uint64_t i = 0; i < keys; i++) {
		int n = address(k, i);
		if (cdb_make_add(&m, k, (unsigned)n, "REJECT", 6))
			die(path, "cannot be filled");
	}
	if (cdb_make_finish(&m) || cdb_init(&cdb, fd))
		die(path, "cannot be read");
}

static bool cdb_ask(const char *k)
{
	return cdb_find(&cdb, k, (unsigned)strlen(k)) > 0;
}
#endif

/* ---- relent ---- */

struct asked {
	const char *address;
	bool found;
};

static enum status unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct asked *x = ctx;
	struct memory_suppression *list;
	size_t n = 0;
	enum status st = store_suppressed(tx, a, x->address, NULL, &list, &n, e);

	x->found = n > 0;
	return st;
}

static bool relent_ask(struct store *s, const char *key)
{
	struct asked x = { .address = key };
	struct err e = { "" };

	if (store_read(s, NOW, unit, &x, &e) != OK)
		die("relent", e.text);
	return x.found;
}

static const char rows[] = "insert into suppression (id, kind, subject, scope, reason, created, created_by) "
	"select 'b' || i, 'address', 'ann' || i || '@x' || (i % 9973) || '.example', 'outreach', 'do_not_contact', 1780000000, 'bench' from ";

static struct store *relent_open(const char *driver, const char *path)
{
	struct store_options o = { .driver = driver, .path = path, .mark = "", .create = true };
	struct store *s;
	struct err e = { "" };

	if (store_open(&o, &s, &e) != OK)
		die(path, e.text);
	return s;
}

static struct store *lite_store, *pg_store;

static void relent_make(struct arena *a)
{
	const char *path = arena_printf(a, "%s/relent.db", folder);

	store_close(relent_open("sqlite", path));
	sqlite3 *h = open_file(path);
	sql(h, arena_printf(a, "with recursive n(i) as (select 0 union all select i + 1 from n where i < %llu) %s n",
			    (unsigned long long)keys - 1, rows));
	sql(h, "analyze");
	sqlite3_close(h);
	lite_store = relent_open("sqlite", path);
}

static void relent_pgsql_make(struct arena *a)
{
	const char *where = pg_database(a, "relent_bench");

	store_close(relent_open("pgsql", where));
	PGconn *c = pg_open(where);
	pg_sql(c, arena_printf(a, "%s generate_series(0, %llu) as i", rows, (unsigned long long)keys - 1));
	pg_sql(c, "vacuum analyze suppression");
	PQfinish(c);
	pg_store = relent_open("pgsql", where);
}

static bool relent_lite_ask(const char *key) { return relent_ask(lite_store, key); }
static bool relent_pg_ask(const char *key) { return relent_ask(pg_store, key); }

static const struct {
	const char *name;
	void (*make)(struct arena *a);
	bool (*ask)(const char *key);
} all[] = {
	{ "relent", relent_make, relent_lite_ask }, { "sqlite", sqlite_make, sqlite_ask },
#ifdef HAVE_LMDB
	{ "lmdb", lmdb_make, lmdb_ask },
#endif
#ifdef HAVE_CDB
	{ "cdb", cdb_make_file, cdb_ask },
#endif
	{ "relent-pgsql", relent_pgsql_make, relent_pg_ask }, { "pgsql", pgsql_make, pgsql_ask },
};

static size_t find(const char *name)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq(all[i].name, name))
			return i;
	die(name, "is not built in");
	return 0;
}

static void measure(bool (*ask)(const char *key), unsigned long count)
{
	char (*asked)[ADDRESS_MAX] = calloc(count, sizeof(*asked));
	struct timespec from, to;
	unsigned long hits = 0;

	assert(asked != NULL);
	for (unsigned long i = 0; i < count; i++)
		address(asked[i], chance() % (2 * keys));
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned long i = 0; i < count; i++)
		hits += ask(asked[i]);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.9f %lu\n", (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9, hits);
	free(asked);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	char what[32];
	unsigned long count;

	if (argc < 4)
		die("usage", "peers-lookup FOLDER KEYS WHAT...");
	folder = argv[1];
	keys = strtoull(argv[2], NULL, 10);
	server = getenv("RELENT_TEST_PGSQL");
	for (int i = 3; i < argc; i++)
		all[find(argv[i])].make(a);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	while (scanf("%31s %lu", what, &count) == 2)
		measure(all[find(what)].ask, count);
	return 0;
}
