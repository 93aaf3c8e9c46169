/* SPDX-License-Identifier: MPL-2.0
 *
 * The SQLite backend: WAL, synchronous=FULL, BEGIN IMMEDIATE, a busy handler that sleeps a fixed
 * short time (SQLite's own backs off to 100 ms and starves), checkpoints on a connection of their
 * own. The only file that knows SQLite.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "store/driver.h"

enum {
	APPLICATION_ID = 0x524c4e54,	/* "RLNT" in the file's header */
	MAX_COLUMNS = 64,
	BUSY_NAP_US = 250,
	WAL_PAGES_LONG = 8000,	/* of 4 KiB */
	CHECKPOINT_WAIT_MS = 20,
};

struct prepared {
	sqlite3_stmt *stmt;
	int columns;
	char **names;
	bool busy;		/* a row function runs the statement it was called from */
};

struct db {
	sqlite3 *h;
	char *path;
	enum db_mode mode;
	int busy_ms;
	int64_t busy_until;	/* CLOCK_MONOTONIC ms */
	const struct statement *statements;
	struct prepared *prepared;
	size_t n;
	sqlite3_stmt *begin_read, *begin_write, *commit, *rollback, *savepoint, *release, *undo;
	bool in_transaction, broken;
};

/* ---- errors ---- */

static enum status told(struct db *db, int rc, const char *doing, struct err *e)
{
	const char *path = db->path;

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, AGAIN, "the store '%s' is locked by another process", path);
	case SQLITE_FULL:
		db->broken = true;
		return err_set(e, AGAIN, "the disk is full: the store '%s' cannot grow", path);
	case SQLITE_IOERR:
		db->broken = true;
		return err_set(e, SYS, "cannot read or write the store '%s': %s", path,
			       sqlite3_system_errno(db->h) ? strerror(sqlite3_system_errno(db->h))
							   : sqlite3_errmsg(db->h));
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(e, CONF, "the store '%s' cannot be written: it or its folder is read-only",
			       path);
	case SQLITE_CANTOPEN:
		return err_set(e, CONF, "cannot open the store '%s': %s", path,
			       sqlite3_system_errno(db->h) ? strerror(sqlite3_system_errno(db->h))
							   : "no such file, or its folder cannot be used");
	case SQLITE_CORRUPT:
		db->broken = true;
		return err_set(e, SYS, "the store '%s' is damaged (%s): restore it from a backup", path,
			       sqlite3_errmsg(db->h));
	case SQLITE_NOTADB:
		db->broken = true;
		return err_set(e, CONF, "'%s' is not a relent store: it is no database, or damaged",
			       path);
	case SQLITE_CONSTRAINT:
		return err_set(e, INPUT, "%s: %s", doing, sqlite3_errmsg(db->h));
	default:
		return err_set(e, SYS, "%s: %s (SQLite %d)", doing, sqlite3_errmsg(db->h),
			       sqlite3_extended_errcode(db->h));
	}
}

/* Fixed short naps: a waiter gets its turn whatever the others do. */
static int on_busy(void *ctx, int tries)
{
	struct db *db = ctx;
	struct timespec nap = { 0, BUSY_NAP_US * 1000 };

	if (tries == 0)
		db->busy_until = clock_mono_ms() + db->busy_ms;
	else if (clock_mono_ms() >= db->busy_until)
		return 0;
	nanosleep(&nap, NULL);
	return 1;
}

/* ---- opening ---- */

/* Once, before the first connection: SQLite counts the memory it uses under one lock of the process, for every
 * allocation of every thread, and nobody asks for the sum. Refused, where somebody else began: then it counts. */
static pthread_once_t begun = PTHREAD_ONCE_INIT;

static void no_counting(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

const char *sqlite_network_fs(unsigned long type)
{
	static const struct {
		unsigned long type;
		const char *name;
	} known[] = {
		{ 0x6969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" },
		{ 0x517b, "SMB" }, { 0x5346414f, "AFS" }, { 0x6b414653, "AFS" },
		{ 0x73757245, "Coda" }, { 0x564c, "NCP" }, { 0x00c36400, "Ceph" },
		{ 0x01021997, "9P" }, { 0x0bd00bd0, "Lustre" }, { 0x47504653, "GPFS" },
		{ 0x19830326, "FhGFS" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].type == (type & 0xffffffffUL))
			return known[i].name;
	return NULL;
}

static enum status check_folder(const struct store_options *o, char *folder, struct err *e)
{
	struct statfs fs;
	char *slash = strrchr(folder, '/');

	if (slash == folder)
		slash[1] = '\0';
	else if (slash != NULL)
		*slash = '\0';
	else
		memcpy(folder, ".", 2);
	if (statfs(folder, &fs) != 0)
		return err_set(e, CONF, "cannot open the store '%s': folder '%s': %s", o->path, folder,
			       strerror(errno));
	const char *net = sqlite_network_fs((unsigned long)fs.f_type);
	/* WAL needs shared memory and locks that network file systems do not keep. */
	if (net != NULL)
		return err_set(e, CONF, "cannot open the store '%s': '%s' is on a network file system (%s), "
			       "where locks are not safe: use a local disk", o->path, folder, net);
	return OK;
}

static enum status sqlite_check(const struct store_options *o, struct err *e)
{
	struct stat st;
	enum status s;

	if (str_empty(o->path))
		return err_set(e, CONF, "no path for the store: set store.path");
	char *folder = malloc(strlen(o->path) + 2);
	if (folder == NULL)
		abort();
	memcpy(folder, o->path, strlen(o->path) + 1);
	s = check_folder(o, folder, e);
	free(folder);
	if (s != OK)
		return s;
	if (stat(o->path, &st) != 0) {
		if (errno != ENOENT)
			return err_set(e, CONF, "cannot open the store '%s': %s", o->path,
				       strerror(errno));
		if (!o->create)
			return err_set(e, CONF, "the store '%s' does not exist: make it with "
				       "'relentctl store migrate'", o->path);
		/* SQLite would make it readable by everybody; its log files copy this mode. */
		int fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
		if (fd < 0)
			return err_set(e, CONF, "cannot make the store '%s': %s", o->path,
				       strerror(errno));
		close(fd);
		return OK;
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, CONF, "cannot open the store '%s': not a regular file", o->path);
	if (access(o->path, o->read_only ? R_OK : R_OK | W_OK) != 0)
		return err_set(e, CONF, "cannot open the store '%s': %s", o->path, strerror(errno));
	return OK;
}

static int number_cell(void *ctx, int n, char **values, char **names)
{
	int64_t *out = ctx;

	(void)names;
	if (n > 0 && values[0] != NULL)
		*out = strtoll(values[0], NULL, 10);
	return 0;
}

static int text_cell(void *ctx, int n, char **values, char **names)
{
	(void)names;
	if (n > 0 && values[0] != NULL)
		snprintf(ctx, 16, "%s", values[0]);
	return 0;
}

static void sqlite_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < db->n; i++) {
		sqlite3_finalize(db->prepared[i].stmt);
		for (int c = 0; db->prepared[i].names != NULL && c < db->prepared[i].columns; c++)
			free(db->prepared[i].names[c]);
		free(db->prepared[i].names);
	}
	free(db->prepared);
	sqlite3_finalize(db->begin_read);
	sqlite3_finalize(db->begin_write);
	sqlite3_finalize(db->commit);
	sqlite3_finalize(db->rollback);
	sqlite3_finalize(db->savepoint);
	sqlite3_finalize(db->release);
	sqlite3_finalize(db->undo);
	sqlite3_close(db->h);
	free(db->path);
	free(db);
}

static enum status pragmas(struct db *db, const struct store_options *o, struct err *e)
{
	char mode[16] = "";
	struct stat st;
	int rc;

	if (!o->read_only) {
		/* What retention frees can be handed back, bit by bit. Only an empty file takes this. */
		if (stat(db->path, &st) == 0 && st.st_size == 0)
			(void)sqlite3_exec(db->h, "pragma auto_vacuum = incremental", NULL, NULL, NULL);
		rc = sqlite3_exec(db->h, "pragma journal_mode = wal", text_cell, mode, NULL);
		if (rc != SQLITE_OK)
			return told(db, rc, "cannot open the store", e);
		if (strcmp(mode, "wal") != 0)
			return err_set(e, CONF, "the store '%s' cannot keep a write-ahead log here "
				       "(journal mode is '%s')", db->path, mode);
	}
	rc = sqlite3_exec(db->h,
			  "pragma synchronous = full; pragma foreign_keys = on;"
			  "pragma temp_store = memory; pragma cache_size = -16000;"
			  "pragma mmap_size = 1073741824;"
			  "pragma wal_autocheckpoint = 0; pragma journal_size_limit = 8388608;"
			  "pragma trusted_schema = off",
			  NULL, NULL, NULL);
	if (rc == SQLITE_OK && (db->mode == DB_READER || o->read_only))
		rc = sqlite3_exec(db->h, "pragma query_only = on", NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : told(db, rc, "cannot open the store", e);
}

static enum status sqlite_open(const struct store_options *o, enum db_mode mode,
			       const struct statement *statements, size_t n, struct db **db_r,
			       struct err *e)
{
	struct db *db = calloc(1, sizeof(*db));
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
		    (o->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	enum status s;

	if (db == NULL || (db->path = strdup(o->path)) == NULL ||
	    (db->prepared = calloc(n ? n : 1, sizeof(*db->prepared))) == NULL)
		abort();
	pthread_once(&begun, no_counting);
	db->mode = mode;
	db->busy_ms = o->busy_ms > 0 ? o->busy_ms : 5000;
	db->statements = statements;
	db->n = n;
	int rc = sqlite3_open_v2(o->path, &db->h, flags, NULL);
	if (rc != SQLITE_OK) {
		s = told(db, rc, "cannot open the store", e);
		sqlite_close(db);
		return s;
	}
	sqlite3_busy_handler(db->h, on_busy, db);
	s = pragmas(db, o, e);
	if (s != OK) {
		sqlite_close(db);
		return s;
	}
	*db_r = db;
	return OK;
}

static enum status sqlite_version(struct db *db, int *version_r, struct err *e)
{
	int64_t version = 0, id = 0, tables = 0;
	int rc;

	rc = sqlite3_exec(db->h, "pragma application_id", number_cell, &id, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->h, "pragma user_version", number_cell, &version, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->h, "select count(*) from sqlite_schema", number_cell, &tables, NULL);
	if (rc != SQLITE_OK) {
		enum status s = told(db, rc, "cannot read the store", e);
		return s == SYS ? CONF : s;
	}
	if (tables > 0 && id != APPLICATION_ID)
		return err_set(e, CONF, "'%s' is a database, but not a relent store", db->path);
	*version_r = (int)version;
	return OK;
}

static enum status sqlite_migrate(struct db *db, const struct migration *m, int from, struct err *e)
{
	int64_t now_at = -1;
	char finish[96];
	char *said = NULL;
	enum status s = OK;

	int rc = sqlite3_exec(db->h, "begin immediate", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return told(db, rc, m->name, e);
	rc = sqlite3_exec(db->h, "pragma user_version", number_cell, &now_at, NULL);
	if (rc == SQLITE_OK && now_at != from) {	/* another process was quicker */
		sqlite3_exec(db->h, "rollback", NULL, NULL, NULL);
		return OK;
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->h, m->sql, NULL, NULL, &said);
	snprintf(finish, sizeof(finish), "pragma application_id = %d; pragma user_version = %d",
		 APPLICATION_ID, m->number);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->h, finish, NULL, NULL, NULL);
	if (fault_point("store.migrate"))
		rc = SQLITE_FULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db->h, "commit", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		s = told(db, rc, m->name, e);
		if (!sqlite3_get_autocommit(db->h))
			sqlite3_exec(db->h, "rollback", NULL, NULL, NULL);
	}
	sqlite3_free(said);
	return s;
}

/* ---- statements ---- */

/* To SQLite `$1` is a name, numbered by where it first stands; `?1` is the number that we mean. */
static char *numbered(const char *sql)
{
	char *copy = strdup(sql);

	if (copy == NULL)
		abort();
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '$' && p[1] >= '1' && p[1] <= '9')
			*p = '?';
	return copy;
}

static enum status prepare(struct db *db, size_t i, struct err *e)
{
	struct prepared *p = &db->prepared[i];

	if (p->stmt != NULL)
		return OK;
	char *sql = numbered(db->statements[i].sql);
	int rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &p->stmt, NULL);
	free(sql);
	if (rc != SQLITE_OK) {
		enum status s = told(db, rc, db->statements[i].name, e);
		return (rc & 0xff) == SQLITE_ERROR ? CONF : s;
	}
	p->columns = sqlite3_column_count(p->stmt);
	if (p->columns > 0) {
		assert(p->columns <= MAX_COLUMNS);
		p->names = calloc((size_t)p->columns, sizeof(*p->names));
		for (int c = 0; p->names != NULL && c < p->columns; c++)
			p->names[c] = strdup(sqlite3_column_name(p->stmt, c));
	}
	return OK;
}

static enum status sqlite_prepare_all(struct db *db, struct err *e)
{
	for (size_t i = 0; i < db->n; i++) {
		enum status s = prepare(db, i, e);
		if (s != OK)
			return s;
	}
	return OK;
}

static int bind(sqlite3_stmt *stmt, const struct value *args, size_t n)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < n && rc == SQLITE_OK; i++) {
		int at = (int)i + 1;
		switch (args[i].type) {
		case VALUE_NULL:
			rc = sqlite3_bind_null(stmt, at);
			break;
		case VALUE_INT:
			rc = sqlite3_bind_int64(stmt, at, args[i].i);
			break;
		case VALUE_NUM:
			rc = sqlite3_bind_double(stmt, at, args[i].d);
			break;
		case VALUE_TEXT:
			rc = sqlite3_bind_text(stmt, at, args[i].s, -1, SQLITE_STATIC);
			break;
		}
	}
	return rc;
}

static void read_row(sqlite3_stmt *stmt, int columns, struct value *values)
{
	for (int c = 0; c < columns; c++) {
		switch (sqlite3_column_type(stmt, c)) {
		case SQLITE_INTEGER:
			values[c] = V_INT(sqlite3_column_int64(stmt, c));
			break;
		case SQLITE_FLOAT:
			values[c] = V_NUM(sqlite3_column_double(stmt, c));
			break;
		case SQLITE_TEXT:
		case SQLITE_BLOB:
			values[c] = (struct value){ .type = VALUE_TEXT,
				.s = (const char *)sqlite3_column_text(stmt, c) };
			break;
		default:
			values[c] = V_NULL;
			break;
		}
	}
}

static enum status sqlite_run(struct db *db, size_t statement, const struct value *args, size_t n,
			      store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e)
{
	struct value values[MAX_COLUMNS];
	enum status s = prepare(db, statement, e);
	int rc;

	if (s != OK)
		return s;
	struct prepared *p = &db->prepared[statement];
	assert(!p->busy);	/* rows are collected before more is asked: db_rows() */
	if (n != (size_t)sqlite3_bind_parameter_count(p->stmt))
		return err_set(e, INPUT, "statement '%s' takes %d values, not %zu",
			       db->statements[statement].name,
			       sqlite3_bind_parameter_count(p->stmt), n);
	rc = bind(p->stmt, args, n);
	p->busy = true;
	while (rc == SQLITE_OK) {
		rc = sqlite3_step(p->stmt);
		if (rc != SQLITE_ROW)
			break;
		rc = SQLITE_OK;
		if (fn == NULL)
			continue;
		read_row(p->stmt, p->columns, values);
		struct row row = { .n = (size_t)p->columns, .names = (const char *const *)p->names,
				   .values = values };
		s = fn(ctx, &row, e);
		if (s != OK)
			break;
	}
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		s = told(db, rc, db->statements[statement].name, e);
	else if (changed_r != NULL)
		*changed_r = sqlite3_changes64(db->h);
	p->busy = false;
	sqlite3_reset(p->stmt);
	sqlite3_clear_bindings(p->stmt);
	/* Some errors end the transaction on their own. */
	if (db->in_transaction && sqlite3_get_autocommit(db->h))
		db->broken = true;
	return s;
}

/* ---- transactions ---- */

static int simple(struct db *db, sqlite3_stmt **stmt, const char *sql)
{
	int rc = SQLITE_OK;

	if (*stmt == NULL)
		rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(*stmt);
	int reset = sqlite3_reset(*stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : reset != SQLITE_OK ? reset : rc;
}

/* The file of this connection is no longer the one under its name: somebody has put a backup back, or
 * taken the store away. What we remember is then not what everybody else sees. */
static bool is_moved(struct db *db)
{
	int moved = 0;

	return sqlite3_file_control(db->h, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

static enum status sqlite_begin(struct db *db, bool write, struct err *e)
{
	db->broken = false;
	if (is_moved(db))
		return err_set(e, AGAIN, "the store '%s' was replaced or taken away while it was open: put it "
			       "back, or restart relent's services", db->path);
	int rc = write ? simple(db, &db->begin_write, "begin immediate")
		       : simple(db, &db->begin_read, "begin");
	if (rc != SQLITE_OK)
		return told(db, rc, "cannot begin", e);
	db->in_transaction = true;
	return OK;
}

static void sqlite_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->h))
		simple(db, &db->rollback, "rollback");
	db->in_transaction = false;
	db->broken = false;
}

static enum status sqlite_commit(struct db *db, struct err *e)
{
	if (fault_point("store.commit")) {
		sqlite_rollback(db);
		return err_set(e, AGAIN, "the disk is full: the store '%s' cannot grow", db->path);
	}
	int rc = simple(db, &db->commit, "commit");
	if (rc != SQLITE_OK) {
		enum status s = told(db, rc, "cannot commit", e);
		bool unsure = (rc & 0xff) == SQLITE_IOERR;

		sqlite_rollback(db);
		/* A sync that failed after the last frame was written: it may be there after a crash. */
		return unsure ? UNSURE : s;
	}
	db->in_transaction = false;
	if (fault_point("store.committed"))
		return err_set(e, UNSURE, "the answer to a commit was lost");
	return OK;
}

static enum status sqlite_savepoint(struct db *db, struct err *e)
{
	int rc = simple(db, &db->savepoint, "savepoint unit");
	return rc == SQLITE_OK ? OK : told(db, rc, "cannot begin a unit", e);
}

static enum status sqlite_release(struct db *db, struct err *e)
{
	int rc = simple(db, &db->release, "release unit");
	return rc == SQLITE_OK ? OK : told(db, rc, "cannot end a unit", e);
}

static void sqlite_undo(struct db *db)
{
	if (sqlite3_get_autocommit(db->h) ||
	    simple(db, &db->undo, "rollback to unit") != SQLITE_OK ||
	    simple(db, &db->release, "release unit") != SQLITE_OK)
		db->broken = true;
}

static bool sqlite_broken(const struct db *db)
{
	return db->broken;
}

static enum status sqlite_copy(struct db *db, const char *path, struct err *e)
{
	struct err why = { "" };
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db->h, "vacuum into ?1", -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	enum status st = rc == SQLITE_DONE ? OK : told(db, rc, "copy", &why);

	sqlite3_finalize(stmt);
	return st == OK ? OK : err_set(e, st, "cannot copy the store to '%s': %s", path, why.text);
}

/* Passive rounds make nobody wait, but under steady writing the log never ends and so is never begun
 * anew. Past some 32 MB a round that holds writers for a moment is worth it. */
static void sqlite_checkpoint(struct db *db)
{
	int log = 0, done = 0;
	int rc = sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &done);

	if (rc == SQLITE_OK && log > WAL_PAGES_LONG) {
		db->busy_ms = CHECKPOINT_WAIT_MS;
		rc = sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_RESTART, &log, &done);
	}
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
		log_warn("store", "checkpoint", "error", sqlite3_errmsg(db->h));
}

const struct store_driver sqlite_driver = {
	.name = "sqlite",
	.migrations = sqlite_migrations,
	.migrations_n = &sqlite_migrations_n,
	.check = sqlite_check,
	.open = sqlite_open,
	.close = sqlite_close,
	.version = sqlite_version,
	.migrate = sqlite_migrate,
	.prepare_all = sqlite_prepare_all,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.release = sqlite_release,
	.undo = sqlite_undo,
	.broken = sqlite_broken,
	.run = sqlite_run,
	.copy = sqlite_copy,
	.checkpoint = sqlite_checkpoint,
};
