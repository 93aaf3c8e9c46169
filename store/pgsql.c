/* SPDX-License-Identifier: MPL-2.0
 *
 * The PostgreSQL backend: serializable transactions on one writing connection for each process, and a pool of readers
 * with snapshots. What the server will not let stand beside what another host does is run again from its start (writer.c).
 * A commit whose answer was lost is asked for by its number: the server knows whether it came true. The only files that
 * know libpq are this one, pgsql_connect.c and pgsql_init.c.
 */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"
#include "store/pgsql_private.h"

enum {
	MAX_COLUMNS = 64, MAX_PARAMS = 64,
	LOCK_SCHEMA = 0x524c4e54,	/* "RLNT": of the schema's version */
	SETTLE_MS = 3000,		/* how long a lost commit is asked for */
	BEGIN_MS = 4000,		/* a server that lives answers a begin at once */
};

/* Types of pg_type.h that we read as numbers. */
enum { T_BOOL = 16, T_INT8 = 20, T_INT2 = 21, T_INT4 = 23, T_FLOAT4 = 700, T_FLOAT8 = 701, T_NUMERIC = 1700 };

static char *dup_text(const char *s)
{
	char *copy = strdup(s ? s : "");

	if (copy == NULL)
		abort();
	return copy;
}

/* ---- opening ---- */

static char *place_of(const char *url)
{
	PQconninfoOption *list = PQconninfoParse(url, NULL), *o;
	const char *name = NULL, *host = NULL, *port = NULL;
	char text[300];

	for (o = list; o != NULL && o->keyword != NULL; o++) {
		name = strcmp(o->keyword, "dbname") == 0 && o->val ? o->val : name;
		host = (strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0) && o->val ? o->val : host;
		port = strcmp(o->keyword, "port") == 0 && o->val ? o->val : port;
	}
	snprintf(text, sizeof(text), "%s at %s%s%s", name ? name : "PostgreSQL", host ? host : "its default host",
		 port ? ":" : "", port ? port : "");
	PQconninfoFree(list);
	return dup_text(text);
}

static enum status pgsql_check(const struct store_options *o, struct err *e)
{
	char *why = NULL;
	PQconninfoOption *list;

	if (str_empty(o->path))
		return err_set(e, CONF, "no connection for the store: set store.url, for example "
			       "'host=db.example.com dbname=relent user=relent_milter sslmode=verify-full'");
	list = PQconninfoParse(o->path, &why);
	if (list == NULL) {
		enum status s = err_set(e, CONF, "store.url cannot be understood: %.*s", (int)strcspn(why ? why : "", "\n"),
					why ? why : "");
		PQfreemem(why);
		return s;
	}
	bool password = false;
	for (PQconninfoOption *p = list; p->keyword != NULL; p++)
		password = password || (strcmp(p->keyword, "password") == 0 && p->val != NULL);
	PQconninfoFree(list);
	/* the configuration is read by more than those who may know it, and urls end up in logs */
	return password ? err_set(e, CONF,
		"store.url holds a password: put it into a file (store.password_file), mode 0600") : OK;
}

static void pgsql_close(struct db *db)
{
	if (db == NULL)
		return;
	pg_disconnect(db);
	for (size_t i = 0; i < db->n; i++) {
		for (int c = 0; db->prepared[i].names != NULL && c < db->prepared[i].columns; c++)
			free(db->prepared[i].names[c]);
		free(db->prepared[i].names);
		free(db->prepared[i].types);
	}
	free(db->prepared);
	free(db->url);
	free(db->password);
	free(db->place);
	free(db->program);
	free(db);
}

static enum status pgsql_open(const struct store_options *o, enum db_mode mode, const struct statement *statements, size_t n,
			      struct db **db_r, struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));
	enum status s;

	if (db == NULL || (db->prepared = calloc(n ? n : 1, sizeof(*db->prepared))) == NULL)
		abort();
	db->url = dup_text(o->path);
	db->password = str_empty(o->password) ? NULL : dup_text(o->password);
	db->place = place_of(o->path);
	db->program = dup_text(o->program ? o->program : "relent");
	db->mode = mode;
	db->read_only = o->read_only;
	db->busy_ms = o->busy_ms > 0 ? o->busy_ms : 5000;
	db->server = pg_server_of(db->url);
	db->statements = statements;
	db->n = n;
	*db_r = db;
	if (mode == DB_READER && !o->read_only)		/* of a pool: when it is used */
		return OK;
	pg_server_now(db->server);			/* a store is opened: that is worth a try */
	s = pg_connect(db, e);
	if (s != OK) {
		*db_r = NULL;
		pgsql_close(db);
	}
	return s;
}

/* ---- the schema ---- */

static enum status one_number(struct db *db, const char *sql, int64_t *out_r, struct err *e)
{
	PGresult *r = pg_say(db, sql);

	if (r == NULL || !pg_good(r))
		return pg_told(db, r, "cannot read the store", e);
	*out_r = PQntuples(r) > 0 ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;
	PQclear(r);
	return OK;
}

static enum status pgsql_version(struct db *db, int *version_r, struct err *e)
{
	int64_t there = 0, others = 0, version = 0;
	enum status s = one_number(db, "select count(*) from pg_class where oid = to_regclass('relent_schema')", &there, e);

	if (s == OK && there == 0)
		s = one_number(db, "select count(*) from pg_tables where schemaname = current_schema()", &others, e);
	if (s == OK && others > 0)
		return err_set(e, CONF, "'%s' is a database, but not a relent store", db->place);
	if (s == OK && there > 0)
		s = one_number(db, "select max(version) from relent_schema", &version, e);
	*version_r = (int)version;
	return s;
}

static enum status pgsql_migrate(struct db *db, const struct migration *m, int from, struct err *e)
{
	char text[600];
	int64_t at = 0;
	PGresult *r;
	enum status s;

	/* One at a time; read committed, so that the second one sees what the first has done. It may take its time. */
	db->patient = true;
	snprintf(text, sizeof(text), "begin isolation level read committed; set local statement_timeout = 0;"
		 "set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0;"
		 "select pg_advisory_xact_lock(%d);"
		 "create table if not exists relent_schema (version bigint primary key,"
		 " at timestamptz not null default now());"
		 "select coalesce(max(version), 0) from relent_schema", LOCK_SCHEMA);
	s = one_number(db, text, &at, e);
	if (s == OK && at != from) {
		PQclear(pg_say(db, "rollback"));
		db->patient = false;
		return OK;
	}
	if (s == OK) {
		r = pg_say(db, m->sql);
		s = r != NULL && pg_good(r) ? OK : pg_told(db, r, m->name, e);
		if (s == OK)
			PQclear(r);
	}
	snprintf(text, sizeof(text), "insert into relent_schema (version) values (%d); commit", m->number);
	if (s == OK && fault_point("store.migrate"))
		s = err_set(e, AGAIN, "the disk is full: the store '%s' cannot grow", db->place);
	if (s == OK) {
		r = pg_say(db, text);
		s = r != NULL && pg_good(r) ? OK : pg_told(db, r, m->name, e);
		if (s == OK)
			PQclear(r);
	}
	if (s != OK && db->c != NULL)
		PQclear(pg_say(db, "rollback"));
	db->patient = false;
	return s;
}

/* ---- statements ---- */

static const char *name_of(size_t i, char *room, size_t size)
{
	snprintf(room, size, "s%zu", i);
	return room;
}

static enum status keep_description(struct db *db, size_t i, const PGresult *r, struct err *e)
{
	struct pg_prepared *p = &db->prepared[i];

	p->params = PQnparams(r);
	if (p->params > MAX_PARAMS || PQnfields(r) > MAX_COLUMNS)
		return err_set(e, SYS, "statement '%s' has too many columns", db->statements[i].name);
	if (p->names == NULL && PQnfields(r) > 0) {
		p->columns = PQnfields(r);
		p->names = calloc((size_t)p->columns, sizeof(*p->names));
		p->types = calloc((size_t)p->columns, sizeof(*p->types));
		if (p->names == NULL || p->types == NULL)
			abort();
		for (int c = 0; c < p->columns; c++)
			p->names[c] = dup_text(PQfname(r, c));
	} else if (p->columns != PQnfields(r)) {
		return err_set(e, SYS, "statement '%s' has changed its columns: restart", db->statements[i].name);
	}
	for (int c = 0; c < p->columns; c++)
		p->types[c] = PQftype(r, c);
	p->done = true;
	return OK;
}

/* "indexed by NAME" is a word to SQLite's planner alone. */
static char *without_hints(const char *sql)
{
	static const char hint[] = " indexed by ";
	char *copy = dup_text(sql), *at;

	while ((at = strstr(copy, hint)) != NULL) {
		char *end = at + sizeof(hint) - 1;
		end += strcspn(end, " \n\t,)");
		memmove(at, end, strlen(end) + 1);
	}
	return copy;
}

static enum status prepare(struct db *db, size_t i, struct err *e)
{
	const struct statement *st = &db->statements[i];
	char *sql;
	char name[24];
	PGresult *r = NULL;
	enum status s;

	if (db->prepared[i].done)
		return OK;
	sql = without_hints(st->pgsql ? st->pgsql : st->sql);
	if (PQsendPrepare(db->c, name_of(i, name, sizeof(name)), sql, 0, NULL))
		r = pg_answer(db, 0);
	free(sql);
	if (r == NULL || !pg_good(r)) {
		s = pg_told(db, r, st->name, e);
		return s == SYS && !db->broken ? CONF : s;
	}
	PQclear(r);
	r = PQsendDescribePrepared(db->c, name) ? pg_answer(db, 0) : NULL;
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, st->name, e);
	s = keep_description(db, i, r, e);
	PQclear(r);
	return s;
}

static enum status pgsql_prepare_all(struct db *db, struct err *e)
{
	for (size_t i = 0; i < db->n; i++) {
		enum status s = prepare(db, i, e);
		if (s != OK)
			return s;
	}
	return OK;
}

struct texts {
	const char *values[MAX_PARAMS];
	char numbers[MAX_PARAMS][32];
};

static void bind(struct texts *t, const struct value *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		t->values[i] = NULL;
		switch (args[i].type) {
		case VALUE_NULL:
			break;
		case VALUE_INT:
			snprintf(t->numbers[i], sizeof(t->numbers[i]), "%lld", (long long)args[i].i);
			t->values[i] = t->numbers[i];
			break;
		case VALUE_NUM:
			snprintf(t->numbers[i], sizeof(t->numbers[i]), "%.17g", args[i].d);
			t->values[i] = t->numbers[i];
			break;
		case VALUE_TEXT:
			t->values[i] = args[i].s;
			break;
		}
	}
}

static struct value cell(const PGresult *r, int row, int column, Oid type)
{
	const char *text = PQgetvalue(r, row, column);

	if (PQgetisnull(r, row, column))
		return V_NULL;
	switch (type) {
	case T_BOOL:
		return V_INT(text[0] == 't');
	case T_INT2:
	case T_INT4:
	case T_INT8:
		return V_INT(strtoll(text, NULL, 10));
	case T_NUMERIC:		/* sums of integers are numeric here */
		if (strchr(text, '.') == NULL)
			return V_INT(strtoll(text, NULL, 10));
		return V_NUM(strtod(text, NULL));
	case T_FLOAT4:
	case T_FLOAT8:
		return V_NUM(strtod(text, NULL));
	default:
		return (struct value){ .type = VALUE_TEXT, .s = text };
	}
}

static enum status read_rows(struct pg_prepared *p, const PGresult *r, store_row_fn *fn, void *ctx, struct err *e)
{
	struct value values[MAX_COLUMNS];
	enum status s = OK;

	for (int i = 0; i < PQntuples(r) && s == OK; i++) {
		for (int c = 0; c < p->columns; c++)
			values[c] = cell(r, i, c, p->types[c]);
		struct row row = { .n = (size_t)p->columns, .names = (const char *const *)p->names, .values = values };
		s = fn(ctx, &row, e);
	}
	return s;
}

static enum status pgsql_run(struct db *db, size_t statement, const struct value *args, size_t n,
			     store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e)
{
	const char *what = db->statements[statement].name;
	struct texts t;
	char name[24];
	enum status s;
	PGresult *r = NULL;

	if (db->broken || db->c == NULL)
		return pg_told(db, NULL, what, e);
	s = prepare(db, statement, e);
	if (s != OK)
		return s;
	struct pg_prepared *p = &db->prepared[statement];
	if (n != (size_t)p->params)
		return err_set(e, INPUT, "statement '%s' takes %d values, not %zu", what, p->params, n);
	bind(&t, args, n);
	if (PQsendQueryPrepared(db->c, name_of(statement, name, sizeof(name)), (int)n, t.values, NULL, NULL, 0))
		r = pg_answer(db, 0);
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, what, e);
	if (changed_r != NULL)
		*changed_r = strtoll(PQcmdTuples(r), NULL, 10);
	if (fn != NULL)
		s = read_rows(p, r, fn, ctx, e);
	PQclear(r);
	return s;
}

/* ---- transactions ---- */

static enum status simple(struct db *db, const char *sql, const char *doing, struct err *e)
{
	PGresult *r = pg_say(db, sql);

	if (r == NULL || !pg_good(r))
		return pg_told(db, r, doing, e);
	PQclear(r);
	return OK;
}

/* The number is what a commit is asked for by, should its answer be lost. */
static PGresult *say_begin(struct db *db, bool write)
{
	return pg_say_within(db, write ? "begin; select pg_current_xact_id()" : "begin", BEGIN_MS);
}

static enum status pgsql_begin(struct db *db, bool write, struct err *e)
{
	PGresult *r;
	enum status s;

	db->raced = db->silent = false;
	db->broken = true;
	db->news = 0;
	if (db->until != 0 && pg_server_away(db->server, true))
		return err_set(e, AGAIN, "the store '%s' is away", db->place);
	s = pg_connect(db, e);
	if (s != OK)
		return s;
	r = say_begin(db, write);
	if (r == NULL || !pg_good(r)) {
		/* an idle link that the server has closed since: once more on a new one */
		bool gone = !db->silent && (db->c == NULL || PQstatus(db->c) == CONNECTION_BAD);
		s = pg_told(db, r, "cannot begin", e);
		if (!gone) {
			if (db->c != NULL)
				PQclear(pg_say(db, "rollback"));
			return s;
		}
		pg_disconnect(db);
		s = pg_connect(db, e);
		if (s != OK)
			return s;
		r = say_begin(db, write);
		if (r == NULL || !pg_good(r))
			return pg_told(db, r, "cannot begin", e);
	}
	pg_server_well(db->server);
	snprintf(db->xid, sizeof(db->xid), "%s", write && PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	db->broken = false;
	db->in_transaction = true;
	return OK;
}

static void pgsql_rollback(struct db *db)
{
	if (db->c != NULL && (db->in_transaction || db->broken)) {
		PGresult *r = pg_say(db, "rollback");
		if (r == NULL || !pg_good(r))
			pg_disconnect(db);
		PQclear(r);
	}
	db->in_transaction = false;
	db->broken = false;
}

/* Committed on this server, but its replica, without which nothing counts, has not said that it has it. */
static enum status waits_for_replica(struct db *db, struct err *e)
{
	return err_set(e, UNSURE, "the store '%s' waits for its synchronous replica: start it, or take it out of "
		       "synchronous_standby_names", db->place);
}

/* The answer to a commit was lost: did it come true? Only the same server, on the same timeline, knows. */
static enum status ask_for_commit(struct db *db, struct err *e)
{
	int64_t until = clock_mono_ms() + SETTLE_MS;
	char lineage[sizeof(db->lineage)], sql[200];
	bool waits = false;
	struct err ignored;

	memcpy(lineage, db->lineage, sizeof(lineage));
	snprintf(sql, sizeof(sql), "select pg_xact_status('%s'::xid8), "
		 "(select count(*) from pg_stat_activity where wait_event = 'SyncRep')", db->xid);
	pg_disconnect(db);
	pg_server_now(db->server);
	while (clock_mono_ms() < until) {
		PGresult *r = NULL;
		if (pg_connect(db, &ignored) == OK && strcmp(lineage, db->lineage) != 0)
			break;
		if (db->c != NULL)
			r = pg_say_within(db, sql, SETTLE_MS);
		bool good = r != NULL && pg_good(r) && PQntuples(r) == 1;
		const char *word = good ? PQgetvalue(r, 0, 0) : "";
		bool committed = strcmp(word, "committed") == 0, aborted = strcmp(word, "aborted") == 0;
		waits = good && strcmp(PQgetvalue(r, 0, 1), "0") != 0;
		PQclear(r);
		if (committed)
			return OK;
		if (aborted)
			return err_set(e, AGAIN, "the link to the store '%s' broke in a commit: nothing of it happened",
				       db->place);
		nanosleep(&(struct timespec){ 0, 50 * 1000 * 1000 }, NULL);
	}
	return waits ? waits_for_replica(db, e)
	     : err_set(e, UNSURE, "the link to the store '%s' broke in a commit: it may or may not have happened",
		       db->place);
}

static enum status settle_commit(struct db *db, struct err *e)
{
	int64_t kept = db->until;	/* whoever waits goes at his own time */
	enum status s;

	db->until = 0;
	s = ask_for_commit(db, e);
	db->until = kept;
	db->broken = false;
	return s;
}

static enum status pgsql_commit(struct db *db, struct err *e)
{
	PGresult *r;
	enum status s;

	if (fault_point("store.commit")) {
		pgsql_rollback(db);
		return err_set(e, AGAIN, "the disk is full: the store '%s' cannot grow", db->place);
	}
	db->alone = false;
	r = pg_say(db, pg_commit_words(db));
	db->in_transaction = false;
	if (r == NULL || PQstatus(db->c) == CONNECTION_BAD) {
		PQclear(r);
		return settle_commit(db, e);
	}
	if (pg_good(r) && strcmp(PQcmdStatus(r), "COMMIT") == 0) {
		PQclear(r);
		if (db->alone)
			return waits_for_replica(db, e);
		return fault_point("store.committed") ? err_set(e, UNSURE, "the answer to a commit was lost") : OK;
	}
	if (pg_good(r)) {	/* COMMIT of a failed transaction is answered ROLLBACK */
		PQclear(r);
		return err_set(e, AGAIN, "a transaction in the store '%s' had failed before its commit", db->place);
	}
	s = pg_told(db, r, "cannot commit", e);
	pgsql_rollback(db);
	return s;
}

static enum status pgsql_savepoint(struct db *db, struct err *e)
{
	return simple(db, "savepoint unit", "cannot begin a unit", e);
}

static enum status pgsql_release(struct db *db, struct err *e)
{
	return simple(db, "release savepoint unit", "cannot end a unit", e);
}

static void pgsql_undo(struct db *db)
{
	struct err e;

	if (db->broken || simple(db, "rollback to savepoint unit; release savepoint unit", "cannot undo a unit", &e) != OK)
		db->broken = true;
}

static bool pgsql_broken(const struct db *db)
{
	return db->broken;
}

static bool pgsql_raced(const struct db *db)
{
	return db->raced;
}

static void pgsql_hurry(struct db *db, int64_t until)
{
	db->until = until;
}

static int64_t pgsql_links(const struct db *db)
{
	return pg_server_connects(db->server);
}

static int64_t pgsql_moved(const struct db *db)
{
	return pg_server_moved(db->server);
}

static enum status pgsql_copy(struct db *db, const char *path, struct err *e)
{
	(void)path;
	return err_set(e, CONF, "the store '%s' is PostgreSQL: back it up with pg_dump, or pg_basebackup and its log",
		       db->place);
}

const struct store_driver pgsql_driver = {
	.name = "pgsql",
	.migrations = pgsql_migrations,
	.migrations_n = &pgsql_migrations_n,
	.check = pgsql_check,
	.open = pgsql_open,
	.close = pgsql_close,
	.version = pgsql_version,
	.migrate = pgsql_migrate,
	.prepare_all = pgsql_prepare_all,
	.begin = pgsql_begin,
	.commit = pgsql_commit,
	.rollback = pgsql_rollback,
	.savepoint = pgsql_savepoint,
	.release = pgsql_release,
	.undo = pgsql_undo,
	.broken = pgsql_broken,
	.raced = pgsql_raced,
	.hurry = pgsql_hurry,
	.links = pgsql_links,
	.moved = pgsql_moved,
	.run = pgsql_run,
	.copy = pgsql_copy,
	.tell = pgsql_tell,
	.listen = pgsql_listen,
	.hear = pgsql_hear,
};
