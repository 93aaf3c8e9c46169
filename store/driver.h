/* SPDX-License-Identifier: MPL-2.0
 *
 * The private contract between the store and a backend. A backend knows connections, transactions,
 * locking, types and its errors; it knows no table. A connection is used by one thread at a time.
 *
 * What a client-server backend needs and SQLite does not: run() may be told that its answer is not
 * needed yet (nothing here forbids it to queue statements without fn and changed_r and to send them
 * with the next one that has: a pipeline); commit() may answer UNSURE, and the store then tells the
 * caller, who repeats with the same key: every write of the store is an insert-or-ignore by key or a
 * compare-and-set by version, so that repeating is harmless. AGAIN from run() or commit() with
 * broken() true means that the whole transaction is gone and may be run again from its start
 * (serialisation failure, deadlock, lost connection before commit).
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

struct statement {
	const char *name;
	const char *sql;	/* $1 parameters; one statement */
	const char *pgsql;	/* what PostgreSQL is told in its place, or NULL */
};
struct migration {
	int number;
	const char *name;
	const char *sql;	/* several statements */
};

enum db_mode {
	DB_WRITER,	/* the process's one writing connection */
	DB_READER,
	DB_CHECKPOINTER,	/* SQLite only: keeps the log short, off the commit path */
};

struct db;		/* each backend's own */
struct store_driver {
	const char *name;
	const struct migration *migrations;
	const size_t *migrations_n;
	/* Before anything is opened: is this a place where it can work? CONF if not. */
	enum status (*check)(const struct store_options *o, struct err *e);
	/* statements: borrowed for the life of db, prepared on first use. */
	enum status (*open)(const struct store_options *o, enum db_mode mode,
			    const struct statement *statements, size_t n, struct db **db_r,
			    struct err *e);
	void (*close)(struct db *db);
	/* 0: an empty database. CONF: not one of ours. */
	enum status (*version)(struct db *db, int *version_r, struct err *e);
	/* Applies one migration on top of version `from` in one transaction. */
	enum status (*migrate)(struct db *db, const struct migration *m, int from, struct err *e);
	enum status (*prepare_all)(struct db *db, struct err *e);
	/* write: AGAIN when another process holds the lock until busy_ms is over. */
	enum status (*begin)(struct db *db, bool write, struct err *e);
	enum status (*commit)(struct db *db, struct err *e);
	void (*rollback)(struct db *db);
	enum status (*savepoint)(struct db *db, struct err *e);
	enum status (*release)(struct db *db, struct err *e);
	void (*undo)(struct db *db);		/* back to the savepoint, and drops it */
	bool (*broken)(const struct db *db);	/* the transaction cannot go on */
	/* It broke because of what another host did at the same time: run again from its start it may well pass.
	 * May be NULL. */
	bool (*raced)(const struct db *db);
	/* The moment (CLOCK_MONOTONIC ms) by which all that follows must be answered; 0: the backend's own limits.
	 * May be NULL. */
	void (*hurry)(struct db *db, int64_t until);
	/* How often this process has made a link to the server: after a new one, what was acknowledged before may be
	 * gone (a replica took over, an old copy was put back). May be NULL, and so may moved: CLOCK_MONOTONIC ms at
	 * which another server took over, 0 never. */
	int64_t (*links)(const struct db *db);
	int64_t (*moved)(const struct db *db);
	enum status (*run)(struct db *db, size_t statement, const struct value *args, size_t n,
			   store_row_fn *fn, void *ctx, int64_t *changed_r, struct err *e);
	/* Inside a transaction: when it commits, whoever listens hears of it (enum store_news). May be NULL. */
	void (*tell)(struct db *db, unsigned what);
	/* On a connection of its own: from now on it hears. May be NULL. */
	enum status (*listen)(struct db *db, struct err *e);
	/* Waits for news, or for stop_fd to be readable, or the time's end: what_r may be 0. AGAIN: the link broke. */
	enum status (*hear)(struct db *db, int stop_fd, int timeout_ms, unsigned *what_r, struct err *e);
	/* Outside a transaction: a consistent copy in a new file, while others go on. */
	enum status (*copy)(struct db *db, const char *path, struct err *e);
	/* DB_CHECKPOINTER: one round; never makes a writer wait. */
	void (*checkpoint)(struct db *db);
};

extern const struct store_driver sqlite_driver, pgsql_driver;
/* PostgreSQL, inside a transaction: it may take as long as it takes. */
enum status pgsql_be_patient(struct db *db, struct err *e);
/* PostgreSQL: events go on being numbered behind those that were copied. */
enum status pgsql_count_on(struct db *db, struct err *e);
/* For the unit test: what a file system of this statfs type is called if it is a network one. */
const char *sqlite_network_fs(unsigned long type);

extern const struct statement builtin_statements[];
extern const struct migration sqlite_migrations[];
extern const size_t sqlite_migrations_n;
extern const struct migration pgsql_migrations[];
extern const size_t pgsql_migrations_n;

#endif
