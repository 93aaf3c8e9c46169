/* SPDX-License-Identifier: MPL-2.0
 *
 * The link to a PostgreSQL server. A black hole is noticed by our own clock (libpq alone waits for minutes with a
 * question under way): whatever does not answer in time is closed, and the next unit begins on a new link.
 */
#include "config.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "store/pgsql_private.h"

#define CONNECT_SECONDS "3"	/* of each host */
enum {
	ANSWER_MS = 3000,	/* the server has its own limits, shorter than this: then it is the link */
	SILENCE_MS = 3000,	/* so long without an answer is not our own hurry */
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

	return left > 0 && p.fd >= 0 && poll(&p, 1, left > INT_MAX ? -1 : (int)left) > 0;
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
	int64_t began = clock_mono_ms(), until = began + (timeout_ms > 0 ? timeout_ms : db->busy_ms + ANSWER_MS);
	PGresult *last = NULL;

	if (db->until != 0 && db->until < until)
		until = db->until;
	if (db->patient)
		until = INT64_MAX;
	for (;;) {
		if (!arrived(db, until)) {
			int64_t now = clock_mono_ms();
			PQclear(last);
			db->silent = now >= until;
			if (db->silent && now - began >= SILENCE_MS)
				pg_server_failed(db->server);
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

PGresult *pg_say_within(struct db *db, const char *sql, int64_t timeout_ms)
{
	if (db->c == NULL || !PQsendQuery(db->c, sql))
		return NULL;
	return pg_answer(db, timeout_ms);
}

PGresult *pg_say(struct db *db, const char *sql)
{
	return pg_say_within(db, sql, 0);
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

/* What the server says while connecting, in words: libpq hands on no code before there is a session. The first that is
 * found counts; what several hosts said stands in one text. */
static const struct {
	const char *words;
	enum status status;
	const char *sentence;	/* NULL: the server's own words do */
} refusals[] = {
	{ "too many clients", AGAIN, "has no connection free: raise max_connections there, lower store.connections, "
		"or put a pooler (in session mode) before it" },
	{ "remaining connection slots", AGAIN, "has no connection free: raise max_connections there, lower "
		"store.connections, or put a pooler (in session mode) before it" },
	{ "too many connections for", AGAIN, "has no connection free for this role or database: raise its "
		"connection limit" },
	{ "session is read-only", AGAIN, "can only be read (a replica, or a server being replaced): promote one of its "
		"servers, or name the one that is in store.url" },
	{ "session is not read-only", AGAIN, NULL },
	{ "starting up", AGAIN, "is starting" },
	{ "shutting down", AGAIN, "is stopping" },
	{ "not yet accepting", AGAIN, "is recovering" },
	{ "onnection refused", AGAIN, NULL },
	{ "could not connect", AGAIN, NULL },
	{ "timeout expired", AGAIN, NULL },
	{ "No such file or directory", AGAIN, NULL },
	{ "could not translate host name", AGAIN, "cannot be found: is its name in store.url right, does the resolver "
		"work?" },
	{ "password authentication failed", CONF, "refuses the password: see store.password_file (or the credential "
		"store-password) and 'relentctl store init'" },
	{ "no password supplied", CONF, "wants a password: name its file in store.password_file" },
	{ "authentication failed", CONF, "refuses the login" },
	{ "no pg_hba.conf entry", CONF, "lets nobody in from here under this name: add a line to its pg_hba.conf" },
	{ "pg_hba.conf rejects", CONF, "lets nobody in from here under this name: see its pg_hba.conf" },
	{ "is not permitted to log in", CONF, "refuses the login" },
	{ "permission denied for database", CONF, "refuses this role: run 'relentctl store init'" },
	{ "root certificate file", CONF, "cannot be proved: name the certificate of its authority in store.url "
		"(sslrootcert=FILE, or sslrootcert=/etc/ssl/certs/ca-certificates.crt)" },
	{ "certificate verify failed", CONF, "shows a certificate that its authority (sslrootcert in store.url) did not "
		"sign" },
	{ "server certificate for", CONF, "shows a certificate of another name: is it the right host?" },
	{ "does not exist", CONF, "does not know that database or role: make them with 'relentctl store init'" },
	{ "does not support SSL", CONF, "speaks no TLS: switch it on there (ssl = on)" },
	{ "ermission denied", CONF, "refuses the login" },
	{ "certificate", CONF, NULL }, { "SSL", CONF, NULL }, { "sslmode", CONF, NULL }, { "invalid", CONF, NULL },
	{ "missing \"=\"", CONF, NULL },
};

/* The line that tells most: the one with the words that were found. */
static const char *line_with(const char *said, const char *words, char *room, size_t size)
{
	const char *at = words ? strstr(said, words) : NULL;

	while (at != NULL && at > said && at[-1] != '\n')
		at--;
	return first_line(at ? at + strspn(at, " \t") : said, room, size);
}

static enum status not_connected(struct db *db, struct err *e)
{
	size_t i = 0, known = sizeof(refusals) / sizeof(refusals[0]);
	const char *said = db->c ? PQerrorMessage(db->c) : "out of memory", *line;
	char room[300];
	enum status s = AGAIN;

	while (i < known && strstr(said, refusals[i].words) == NULL)
		i++;
	line = line_with(said, i < known ? refusals[i].words : NULL, room, sizeof(room));
	if (i < known)
		s = refusals[i].status;
	if (i < known && refusals[i].sentence != NULL)
		err_set(e, s, "cannot connect to the store: '%s' %s (%s)", db->place, refusals[i].sentence, line);
	else
		err_set(e, s, "cannot connect to the store '%s': %s", db->place, line);
	pg_disconnect(db);
	pg_server_failed(db->server);
	db->broken = true;
	return s;
}

/* Warnings of the server, otherwise on standard error. One of them takes back what a commit says. */
static void noticed(void *ctx, const PGresult *r)
{
	const char *said = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), *level =
		PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	struct db *db = ctx;

	if (said == NULL || level == NULL || strcmp(level, "WARNING") != 0)
		return;
	if (code != NULL && strncmp(code, "57", 2) == 0)	/* farewells: what was under way tells of it */
		return;
	if (strstr(said, "synchronous replication") != NULL)
		db->alone = true;
	log_warn(NULL, "database", "store", db->place, "warning", said);
}

/* The identity of the server: a replica that was promoted tells its new timeline by the name of its log at once, by its
 * control file only after a checkpoint. */
static enum status know(struct db *db, const PGresult *r, struct err *e)
{
	const char *system = PQgetvalue(r, 0, 0), *timeline = PQgetvalue(r, 0, 1);
	unsigned known = 0, now = (unsigned)strtoul(timeline, NULL, 16);

	snprintf(db->lineage, sizeof(db->lineage), "%s/%s", system, timeline);
	pg_server_clock(db->server, db->place, strtoll(PQgetvalue(r, 0, 2), NULL, 10));
	if (pg_server_met(db->server, system, now, &known))
		return OK;
	return err_set(e, AGAIN, "the store '%s' is answered for by a server that was replaced (timeline %u, %u was seen "
		       "since): stop it and make it a replica again (pg_rewind), or take it out of store.url", db->place,
		       now, known);
}

/* What holds for the whole session. The server gives up before we do. A commit that is answered is on disk. */
static enum status settle(struct db *db, struct err *e)
{
	char sql[1100];
	bool writes = db->mode == DB_WRITER && !db->read_only;
	PGresult *r;
	enum status s;

	snprintf(sql, sizeof(sql),
		 "set lock_timeout = %d; set statement_timeout = %d; set idle_in_transaction_session_timeout = %d;"
		 "set default_transaction_isolation = '%s'; set default_transaction_read_only = %s;"
		 "set timezone = 'UTC'; set standard_conforming_strings = on; set client_min_messages = warning;"
		 "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off';"
		 "select system_identifier, case when pg_is_in_recovery() then '' else "
		 "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end,"
		 "cast(extract(epoch from clock_timestamp()) as bigint) from pg_control_system()",
		 db->busy_ms, db->mode == DB_WRITER ? db->busy_ms + 2000 : 0, 30000,
		 writes ? "serializable" : "repeatable read", writes ? "off" : "on");
	r = pg_say(db, sql);
	if (r == NULL || !pg_good(r))
		return pg_told(db, r, "cannot begin a session", e);
	s = know(db, r, e);
	PQclear(r);
	return s;
}

/* Readers too ask the server that is written to: what a replica has not heard yet must not be decided by. */
enum status pg_connect(struct db *db, struct err *e)
{
	const char *keys[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count",
			       "fallback_application_name", "target_session_attrs", "dbname", "client_encoding",
			       db->password ? "password" : NULL, NULL };
	const char *values[] = { CONNECT_SECONDS, "5000", "10", "5", "3", db->program, "read-write", db->url, "UTF8",
				 db->password, NULL };
	enum status s;

	if (db->c != NULL && PQstatus(db->c) == CONNECTION_OK)
		return OK;
	pg_disconnect(db);
	if (pg_server_away(db->server, db->until != 0))
		return err_set(e, AGAIN, "the store '%s' is away", db->place);
	/* later ones win: the site's own words stand behind our defaults */
	db->c = fault_point("store.connect") ? NULL : PQconnectdbParams(keys, values, 1);
	if (db->c == NULL || PQstatus(db->c) != CONNECTION_OK)
		return not_connected(db, e);
	PQsetnonblocking(db->c, 1);
	PQsetNoticeReceiver(db->c, noticed, db);
	s = settle(db, e);
	if (s != OK) {
		pg_disconnect(db);
		pg_server_failed(db->server);
	}
	return s;
}
