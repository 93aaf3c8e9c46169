/* SPDX-License-Identifier: MPL-2.0
 *
 * Between pgsql.c (statements, transactions, schema) and pgsql_connect.c (the link, its time-outs, its errors).
 */
#ifndef STORE_PGSQL_PRIVATE_H
#define STORE_PGSQL_PRIVATE_H

#include <libpq-fe.h>

#include "store/driver.h"

struct pg_prepared {
	bool done;		/* on this connection */
	int columns, params;
	char **names;		/* owned; kept over reconnects: rows that were read refer to them */
	Oid *types;		/* of the columns */
};

struct db {
	PGconn *c;		/* NULL: not connected */
	char *url, *password, *place;	/* owned; place: "dbname on host", for sentences */
	char *program;
	enum db_mode mode;
	bool read_only;
	int busy_ms;
	const struct statement *statements;
	struct pg_prepared *prepared;
	size_t n;
	bool in_transaction, broken;
	unsigned news;		/* told at the commit */
	bool raced;		/* another host's transaction broke this one: to be run again */
	bool silent;		/* the link was closed because nothing came */
	bool alone;		/* the server committed, but gave up waiting for its replica */
	bool patient;		/* no time limit: a migration */
	int64_t until;		/* CLOCK_MONOTONIC ms by which all must be answered; 0: the usual limits */
	struct pg_server *server;
	char xid[24];		/* of the transaction that writes */
	char lineage[64];	/* system and timeline: the same server, or another that was promoted */
};

/* pgsql_server.c */
struct pg_server *pg_server_of(const char *url);	/* lives as long as the process */
void pg_server_failed(struct pg_server *x);
void pg_server_well(struct pg_server *x);		/* it answers */
/* It failed a moment ago. hurried: the caller cannot wait for a new try. */
bool pg_server_away(struct pg_server *x, bool hurried);
void pg_server_now(struct pg_server *x);		/* may be asked for at once */
int64_t pg_server_connects(struct pg_server *x);	/* how often a link was made */
int64_t pg_server_moved(struct pg_server *x);		/* CLOCK_MONOTONIC ms: when another server took over; 0: never */
bool pg_server_met(struct pg_server *x, const char *system, unsigned timeline, unsigned *known_r);
void pg_server_clock(struct pg_server *x, const char *place, int64_t database);

/* Connects if need be. AGAIN: not reachable (and not tried anew before a moment has passed); CONF: the administrator
 * must act (password, database, certificate, privileges). */
enum status pg_connect(struct db *db, struct err *e);
void pg_disconnect(struct db *db);
/* What the server said, as a status; sets broken where the transaction is lost. Takes the result (NULL: no answer came). */
enum status pg_told(struct db *db, PGresult *r, const char *doing, struct err *e);
/* The answers to what was sent, the last of them, or NULL: the link broke or the time is over (it is closed then). */
PGresult *pg_answer(struct db *db, int64_t timeout_ms);
/* Text of one or more statements, the last one's answer. */
PGresult *pg_say(struct db *db, const char *sql);
PGresult *pg_say_within(struct db *db, const char *sql, int64_t timeout_ms);
bool pg_good(const PGresult *r);

/* pgsql_listen.c */
/* What is said to commit: with the news of this transaction. */
const char *pg_commit_words(const struct db *db);
void pgsql_tell(struct db *db, unsigned what);
enum status pgsql_listen(struct db *db, struct err *e);
enum status pgsql_hear(struct db *db, int stop_fd, int timeout_ms, unsigned *what_r, struct err *e);

#endif
