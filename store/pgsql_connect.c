/* SPDX-License-Identifier: MPL-2.0
 *
 * The link to a PostgreSQL server. A black hole is noticed by our own clock (libpq alone waits for minutes with a
 * question under way): whatever does not answer in time is closed, and the next unit begins on a new link.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/str.h"
#include "store/pgsql_private.h"

enum {
	CONNECT_SECONDS = 5,
	ANSWER_MS = 8000,	/* the server has its own limits, shorter than this: then it is the link */
	RETRY_FIRST_MS = 100, RETRY_MOST_MS = 5000,
};

bool pg_good(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* ---- errors ---- */

static enum status lost(struct db *db, const char *why, struct err *e)
{
	db->broken = true;
	return err_set(e, AGAIN, "the store '%s' does not answer: %s", db->place, str_empty(why) ? "the link broke" : why);
}

/* The first line of what libpq says, without its line end. */
static const char *first_line(const char *text, char *room, size_t size)
{
	size_t n = strcspn(text, "\n");

	snprintf(room, size, "%.*s", (int)n, text);
	return room;
}

/* Codes that say what has to be done; all others are ours (SYS). Appendix A of PostgreSQL's manual. */
static const struct {
	const char *code;	/* or its first characters */
	enum status status;
	bool ends;		/* the transaction, and the link with it */
	const char *sentence;	/* of the place */
} answers[] = {
	{ "40001", AGAIN, true, "another host was quicker in the store '%s'" },
	{ "40P01", AGAIN, true, "two hosts waited for each other in the store '%s'" },
	{ "55P03", AGAIN, true, "the store '%s' is locked by another process" },
	{ "57014", AGAIN, true, "the store '%s' takes too long" },
	{ "25P03", AGAIN, true, "the store '%s' ended a transaction that stood still" },
	{ "53100", AGAIN, true, "the disk is full: the store '%s' cannot grow" },
	{ "53300", AGAIN, true, "the store '%s' has no connection free: raise max_connections or use a pooler" },
	{ "53", AGAIN, true, "the store '%s' is out of resources" },
	{ "57P", AGAIN, true, "the store '%s' is stopping or starting" },
	{ "08", AGAIN, true, "the link to the store '%s' broke" },
	{ "25006", AGAIN, true, "the store '%s' is read-only just now (a replica, or a server being replaced)" },
	{ "28", CONF, true, "the store '%s' refuses the login" },
	{ "3D000", CONF, true, "the store '%s' does not exist: make it with 'relentctl store init'" },
	{ "42501", CONF, false, "this program's role may not do that in the store '%s': see 'relentctl store init'" },
	{ "42P01", CONF, false, "the store '%s' lacks a table: run 'relentctl store migrate'" },
	{ "58030", SYS, true, "the server of the store '%s' cannot read or write its disk" },
	{ "XX001", SYS, true, "the store '%s' is damaged: restore it from a backup" },
	{ "XX002", SYS, true, "an index of the store '%s' is damaged: rebuild it (reindex)" },
};

enum status pg_told(struct db *db, PGresult *r, const char *doing, struct err *e)
{
	const char *code = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *said = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	char room[300];
	enum status s = SYS;
	size_t i = 0, known = sizeof(answers) / sizeof(answers[0]);

	if (r == NULL || code == NULL || db->c == NULL || PQstatus(db->c) == CONNECTION_BAD) {
		s = lost(db, db->c ? first_line(PQerrorMessage(db->c), room, sizeof(room)) : NULL, e);
		PQclear(r);
		return s;
	}
	while (i < known && strncmp(code, answers[i].code, strlen(answers[i].code)) != 0)
		i++;
	/* a reader that was asked to write: not the server's doing */
	if (strcmp(code, "25006") == 0 && (db->mode != DB_WRITER || db->read_only)) {
		s = err_set(e, CONF, "%s: the store '%s' is open for reading only", doing, db->place);
	} else if (i < known) {
		char where[400];
		s = answers[i].status;
		db->broken = db->broken || answers[i].ends;
		db->raced = strncmp(code, "40", 2) == 0;
		snprintf(where, sizeof(where), "%s", db->place);
		char text[500];
		const char *at = strstr(answers[i].sentence, "%s");
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - answers[i].sentence), answers[i].sentence,
			where, at + 2);
		err_set(e, s, "%s (%s)", text, said ? said : code);
	} else if (strncmp(code, "23", 2) == 0) {
		s = err_set(e, INPUT, "%s: %s", doing, said);
	} else if (strncmp(code, "22", 2) == 0) {	/* a value that the column does not take */
		s = err_set(e, INPUT, "%s: %s", doing, said);
	} else {
		s = err_set(e, SYS, "%s: %s (PostgreSQL %s)", doing, said, code);
	}
	PQclear(r);
	return s;
}

/* ---- talking ---- */

static bool wait_for(struct db *db, short events, int64_t until)
{
	struct pollfd p = { .fd = PQsocket(db->c), .events = events };
	int64_t left = until - clock_mono_ms();

	return left > 0 && p.fd >= 0 && poll(&p, 1, (int)left) > 0;
}

/* All is sent, and an answer is there. */
static bool arrived(struct db *db, int64_t until)
{
	int rest;

	while ((rest = PQflush(db->c)) > 0) {
		if (!wait_for(db, POLLIN | POLLOUT, until) || !PQconsumeInput(db->c))
			return false;
	}
	if (rest < 0)
		return false;
	while (PQisBusy(db->c))
		if (!wait_for(db, POLLIN, until) || !PQconsumeInput(db->c))
			return false;
	return true;
}

PGresult *pg_answer(struct db *db, int64_t timeout_ms)
{
	int64_t until = clock_mono_ms() + (timeout_ms > 0 ? timeout_ms : db->busy_ms + ANSWER_MS);
	PGresult *last = NULL;

	for (;;) {
		if (!arrived(db, until)) {
			PQclear(last);
			pg_disconnect(db);
			db->broken = true;
			return NULL;
		}
		PGresult *r = PQgetResult(db->c);
		if (r == NULL)
			return last;
		if (last != NULL && !pg_good(last)) {	/* the first failure is the reason */
			PQclear(r);
			continue;
		}
		PQclear(last);
		last = r;
	}
}

PGresult *pg_say(struct db *db, const char *sql)
{
	if (db->c == NULL || !PQsendQuery(db->c, sql))
		return NULL;
	return pg_answer(db, 0);
}

/* ---- the link ---- */

void pg_disconnect(struct db *db)
{
	PQfinish(db->c);
	db->c = NULL;
	db->in_transaction = false;
	for (size_t i = 0; i < db->n; i++)
		db->prepared[i].done = false;
}

static enum status put_off(struct db *db)
{
	int64_t wait = RETRY_FIRST_MS;

	for (int i = 0; i < db->failures && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	db->failures++;
	db->retry_at = clock_mono_ms() + (wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS);
	return AGAIN;
}

/* Login refused, no such database, bad certificate, a wrong option: nothing that waiting mends. libpq gives no code for
 * what fails while connecting, only words. */
static bool is_final(const char *said)
{
	static const char *const words[] = {
		"authentication failed", "does not exist", "no pg_hba.conf entry", "certificate",
			"invalid connection option",
		"invalid URI", "invalid port", "missing \"=\"", "no password supplied", "password authentication",
		"permission denied for database", "SSL", "invalid sslmode", "is not permitted to log in",
	};

	/* several hosts: one of them may only be away */
	if (strstr(said, "could not connect") || strstr(said, "Connection refused") || strstr(said, "timeout expired") ||
	    strstr(said, "starting up") || strstr(said, "No such file or directory"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(said, words[i]) != NULL)
			return true;
	return false;
}

static enum status not_connected(struct db *db, struct err *e)
{
	char room[300];
	const char *said = db->c ? PQerrorMessage(db->c) : "out of memory";
	bool final = is_final(said);
	enum status s = err_set(e, final ? CONF : AGAIN, "cannot connect to the store '%s': %s", db->place,
				first_line(said, room, sizeof(room)));

	pg_disconnect(db);
	put_off(db);
	db->broken = true;
	return s;
}

/* What holds for the whole session. The server gives up before we do. */
static enum status settle(struct db *db, struct err *e)
{
	char sql[640];
	bool writes = db->mode == DB_WRITER && !db->read_only;
	PGresult *r;

	snprintf(sql, sizeof(sql),
		 "set lock_timeout = %d; set statement_timeout = %d; set idle_in_transaction_session_timeout = %d;"
		 "set default_transaction_isolation = '%s'; set default_transaction_read_only = %s;"
		 "set timezone = 'UTC'; set standard_conforming_strings = on; set client_min_messages = warning;"
		 "select system_identifier || '/' || timeline_id from pg_control_system(), pg_control_checkpoint()",
		 db->busy_ms, db->mode == DB_WRITER ? db->busy_ms + 2000 : 0, 30000,
		 writes ? "serializable" : "repeatable read", writes ? "off" : "on");
	r = pg_say(db, sql);
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, "cannot begin a session", e);
	snprintf(db->lineage, sizeof(db->lineage), "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return OK;
}

enum status pg_connect(struct db *db, struct err *e)
{
	bool writes = db->mode == DB_WRITER && !db->read_only;
	const char *keys[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count",
			       "fallback_application_name", "target_session_attrs", "dbname", "client_encoding",
			       db->password ? "password" : NULL, NULL };
	const char *values[] = { "5", "5000", "10", "5", "3", db->program, writes ? "read-write" : "any", db->url, "UTF8",
				 db->password, NULL };
	enum status s;

	if (db->c != NULL && PQstatus(db->c) == CONNECTION_OK)
		return OK;
	pg_disconnect(db);
	if (clock_mono_ms() < db->retry_at)
		return err_set(e, AGAIN, "the store '%s' is away", db->place);
	/* later ones win: the site's own words stand behind our defaults */
	db->c = fault_point("store.connect") ? NULL : PQconnectdbParams(keys, values, 1);
	if (db->c == NULL || PQstatus(db->c) != CONNECTION_OK)
		return not_connected(db, e);
	PQsetnonblocking(db->c, 1);
	s = settle(db, e);
	if (s != OK) {
		pg_disconnect(db);
		put_off(db);
		return s;
	}
	db->failures = 0;
	db->retry_at = 0;
	return OK;
}
