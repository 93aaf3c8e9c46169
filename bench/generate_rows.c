/* SPDX-License-Identifier: MPL-2.0
 *
 * Rows into a migrated SQLite store, as fast as they go: without indexes, which are made afterwards, and without a log.
 */
#include "config.h"

#include "bench/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/token.h"

static const char *const sql[TABLES] = {
	[TO_OWNER] = "owner (id, login, name, zone, created, updated) values (?1, ?2, ?3, ?4, ?5, ?5)",
	[TO_OWNER_ADDRESS] = "owner_address (address, owner_id) values (?1, ?2)",
	[TO_ACCOUNT] = "account (name, owner_id, state, last_ok, updated) values (?1, ?2, 'idle', ?3, ?3)",
	[TO_COMPANY] = "company (id, name, size, industry, location, created, updated) values (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
	[TO_COMPANY_DOMAIN] = "company_domain (domain, company_id, added) values (?1, ?2, ?3)",
	[TO_PROSPECT] = "prospect (id, owner_id, company_id, name, first_name, last_name, role, zone, language, "
		"identity_status, priority, stage, stage_since, created, updated) "
		"values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'verified', ?10, ?11, ?12, ?13, ?12)",
	[TO_ADDRESS] = "prospect_address (address, prospect_id, kind, domain, added, same) values (?1, ?2, ?3, ?4, ?5, ?6)",
	[TO_SOURCE] = "source (id, prospect_id, kind, url, captured, permission, jurisdiction, created, updated) "
		"values (?1, ?2, 'research', ?3, ?4, 'legitimate_interest', 'EU', ?4, ?4)",
	[TO_EVIDENCE] = "evidence (id, prospect_id, point, source, type, confidence, safe, review_required, created, updated) "
		"values (?1, ?2, ?3, 'https://news.example/', 'verified_fact', 0.9, 1, 0, ?4, ?4)",
	[TO_ENROLMENT] = "enrolment (id, prospect_id, owner_id, sequence_id, state, step, touches, started, last_touch, due, "
		"zone, holds, held_since, pause_reason, pause_words, resume_state, resume_due, reason, away_count, "
		"soft_bounces, soft_bounce_first, send_failures, draft_out, prev_state, prev_step, prev_due, "
		"prev_last_touch, thread_subject, version, created, updated) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?8, ?30)",
	[TO_TOUCH] = "touch (id, enrolment_id, prospect_id, owner_id, company_id, source_id, permission, offer, kind, step, "
		"message_type, recipient, message_id, fingerprint, refs, subject, final_text, sent_state, at, queued_at, "
		"delivered_at, queue_id, host, suppression_status, sender_domain, domain, sequence, first, links, "
		"attachments, left_queue, updated) values (?1, ?2, ?3, ?4, ?5, ?6, 'legitimate_interest', ?7, ?8, ?9, ?10, "
		"?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18, ?19, ?20, ?21, 'clear', ?22, ?23, ?24, ?25, 1, 0, ?19, ?18)",
	[TO_MESSAGE_REF] = "message_ref (message_id, kind, ref_id, enrolment_id, prospect_id, owner_id, at) "
		"values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[TO_DRAFT] = "draft (id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id, "
		"recipient, subject, text, state, made, updated) values (?1, ?2, ?3, ?4, ?5, ?6, 'Drafts', 1, ?7, ?8, ?9, "
		"?10, ?11, 'placed', ?12, ?12)",
	[TO_REPLY] = "reply (id, enrolment_id, prospect_id, owner_id, mail_key, message_id, sender, subject, received, account, "
		"folder, uid, kind, class, confidence, visible, language, matched_by, grade, authenticated, event, created) "
		"values (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, 'INBOX', ?10, ?11, ?12, 0.9, ?13, 'en', 'references', "
		"'strong', 1, ?14, ?8)",
	[TO_REVIEW] = "review (id, enrolment_id, prospect_id, owner_id, reply_id, kind, reason, created, decided, decision, "
		"decided_by) values (?1, ?2, ?3, ?4, ?5, 'unknown', 'nobody can tell what it is', ?6, ?7, ?8, ?9)",
	[TO_SUPPRESSION] = "suppression (id, kind, subject, scope, reason, evidence, prospect_id, created, created_by, expires) "
		"values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[TO_EVENT] = "event (seq, id, at, host, program, actor, kind, entity, entity_id, enrolment_id, prospect_id, "
		"payload_hash, payload) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[TO_SEAL] = "seal (seq, hash) values (?1, ?2)",
	[TO_TALLY] = "tally (scope, name, day, touches, first_touches) values (?1, ?2, ?3, ?4, ?5)",
	[TO_META] = "meta (key, value) values (?1, ?2)",
};

static void die(struct rows_out *r, const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, sqlite3_errmsg(r->h));
	exit(1);
}

static void run(struct rows_out *r, const char *text)
{
	if (sqlite3_exec(r->h, text, NULL, NULL, NULL) != SQLITE_OK)
		die(r, text);
}

uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15U;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return x ^ (x >> 31);
}

static char *hex(char *p, uint64_t v, int digits)
{
	static const char digit[] = "0123456789abcdef";

	for (int i = digits - 1; i >= 0; i--)
		*p++ = digit[v >> (4 * i) & 15];
	return p;
}

const char *id_of(struct arena *a, enum id_kind kind, uint64_t number, time_t at)
{
	uint64_t r = mix((uint64_t)kind << 56 | number), ms = (uint64_t)at * 1000;
	char *out = arena_alloc(a, ID_SIZE), *p = out;

	p = hex(p, ms >> 16, 8);
	*p++ = '-';
	p = hex(p, ms & 0xffff, 4);
	*p++ = '-';
	p = hex(p, 0x7000 | (number & 0xfff), 4);
	*p++ = '-';
	p = hex(p, 0x8000 | r >> 50, 4);
	*p++ = '-';
	p = hex(p, r & 0xffffffffffffU, 12);
	*p = '\0';
	return out;
}

/* The indexes that can be made again; what SQLite keeps for `unique` stays. */
static void take_indexes(struct rows_out *r)
{
	sqlite3_stmt *q;
	struct arena *a = arena_new(0);
	struct buf make, drop;

	buf_init(&make, a);
	buf_init(&drop, a);
	if (sqlite3_prepare_v2(r->h, "select name, sql from sqlite_schema where type = 'index' and sql is not null", -1, &q,
			       NULL) != SQLITE_OK)
		die(r, "indexes");
	while (sqlite3_step(q) == SQLITE_ROW) {
		buf_addf(&make, "%s;\n", (const char *)sqlite3_column_text(q, 1));
		buf_addf(&drop, "drop index %s;\n", (const char *)sqlite3_column_text(q, 0));
	}
	sqlite3_finalize(q);
	r->indexes = strdup(make.p);
	run(r, drop.p);
	arena_free(a);
}

void rows_open(struct rows_out *r, const char *path)
{
	*r = (struct rows_out){ .a = arena_new(0) };
	if (sqlite3_open(path, &r->h) != SQLITE_OK)
		die(r, path);
	run(r, "pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive;"
	       "pragma foreign_keys = off; pragma cache_size = -1000000; pragma temp_store = file; pragma threads = 2");
	take_indexes(r);
	run(r, "begin");
	for (int t = 0; t < TABLES; t++) {
		const char *text = arena_printf(r->a, "insert into %s", sql[t]);

		if (sqlite3_prepare_v3(r->h, text, -1, SQLITE_PREPARE_PERSISTENT, &r->stmt[t], NULL) != SQLITE_OK)
			die(r, text);
	}
	/* what setting up the store has left */
	sqlite3_stmt *q;
	if (sqlite3_prepare_v2(r->h, "select coalesce(max(seq), 0) from event", -1, &q, NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		die(r, "events");
	r->seq = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	if (sqlite3_prepare_v2(r->h, "select hash from seal order by seq desc limit 1", -1, &q, NULL) != SQLITE_OK)
		die(r, "seals");
	if (sqlite3_step(q) == SQLITE_ROW)
		snprintf(r->seal, sizeof(r->seal), "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
}

void rows_close(struct rows_out *r)
{
	for (int t = 0; t < TABLES; t++)
		sqlite3_finalize(r->stmt[t]);
	run(r, "commit");
	fprintf(stderr, "generate: rows are in, now their indexes\n");
	run(r, "pragma cache_size = -2000000");
	run(r, r->indexes);
	run(r, "pragma locking_mode = normal; pragma journal_mode = delete; pragma journal_mode = wal");
	sqlite3_close(r->h);
	free(r->indexes);
	arena_free(r->a);
}

void rows_put(struct rows_out *r, enum table t, const struct value *v, size_t n)
{
	sqlite3_stmt *s = r->stmt[t];

	for (size_t i = 0; i < n; i++) {
		int at = (int)i + 1;

		if (v[i].type == VALUE_TEXT)
			sqlite3_bind_text(s, at, v[i].s, -1, SQLITE_STATIC);
		else if (v[i].type == VALUE_INT)
			sqlite3_bind_int64(s, at, v[i].i);
		else if (v[i].type == VALUE_NUM)
			sqlite3_bind_double(s, at, v[i].d);
		else
			sqlite3_bind_null(s, at);
	}
	if (sqlite3_step(s) != SQLITE_DONE)
		die(r, sql[t]);
	sqlite3_reset(s);
	r->n[t]++;
}

void rows_event(struct rows_out *r, time_t at, const char *kind, const char *entity, const char *entity_id,
		const char *enrolment, const char *prospect, const char *actor, json_t *payload)
{
	const char *text = payload ? json_text(r->a, payload) : NULL;
	int64_t seq = ++r->seq;
	const struct value v[] = { I(seq), T(id_of(r->a, ID_EVENT, (uint64_t)seq, at)), I(at), T("mx1.example"),
		T("bench"), T(actor), T(kind), T(entity), T(entity_id), T(enrolment), T(prospect),
		T(token_hash(r->a, text ? text : "", text ? strlen(text) : 0)), T(text) };
	const struct row row = { .n = 12, .values = v };

	rows_put(r, TO_EVENT, v, 13);
	snprintf(r->seal, sizeof(r->seal), "%s", seal_hash(r->a, r->seal, &row));
	PUT(r, TO_SEAL, I(seq), T(r->seal));
}
