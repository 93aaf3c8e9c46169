/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sqlite3.h>

static const char *template(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "a") == 0 ? "Subject: Hello {{first_name}}\n\nYour handoffs between sales and ops.\n"
	     : strcmp(name, "b") == 0 ? "A short example of what others measured last year.\n"
	     : strcmp(name, "c") == 0 ? "Ask {{first_name}} on the network about one tiny thing.\n"
	     : strcmp(name, "d") == 0 ? "I close the file here, thank you for reading.\n" : NULL;
}

static void told(void *ctx, const char *file, int line, const char *sentence)
{
	(void)ctx;
	fprintf(stderr, "# %s:%d: %s\n", file, line, sentence);
}

struct plan *fixture_plan(struct arena *a, const char *name, const char *extra)
{
	struct plan *p = NULL;
	const char *text = arena_printf(a,
		"name = \"%s\"\npurpose = \"test\"\noffer = \"an audit\"\nmarket = \"m\"\nbuyer_role = \"r\"\n%s"
		"eligible = { \"new\", \"contacted\" }\n\n"
		"stops = { \"reply\", \"opt_out\", \"complaint\", \"hard_bounce\", \"identity_uncertain\",\n"
		"\"disqualified\", \"offer_retired\", \"owner_pause\", \"booked\", \"conversation\",\n"
		"\"maximum\" }\n"
		"reply = halt\nsuppression = always\nreview = { \"every_draft\" }\nrequires = { \"source\", \"permission\" }\nmax_touches = 4\n%s\n"
		"step { day = 0 channel = email type = first_touch job = \"open\" template = \"a\" }\n"
		"step { day = 2 channel = email type = value_add job = \"add value\" template = \"b\" }\n"
		"step { day = 4 channel = linkedin type = value_add job = \"other channel\" template = \"c\" }\n"
		"step { day = 9 channel = email type = closeout job = \"close\" template = \"d\" }\n",
		name, extra && strstr(extra, "authority") ? "" : "authority = draft_only\n",
		extra ? extra : "");

	ck_ok(plan_parse(a, "test.conf", text, template, NULL, told, NULL, &p, &test_err));
	return p;
}

/* Connection to a server that may be used up, "" none: see script/pgsql-test. */
bool fixture_pgsql(void)
{
	return !str_empty(getenv("RELENT_TEST_PGSQL"));
}

static PGconn *pg_open(const char *url)
{
	PGconn *c = PQconnectdb(url);

	ck_assert_msg(PQstatus(c) == CONNECTION_OK, "%s: %s", url, PQerrorMessage(c));
	return c;
}

/* A database of its own for each test. */
static char *pg_make(struct arena *a, const char *word, const char *like)
{
	const char *server = getenv("RELENT_TEST_PGSQL");
	char name[64];
	PGconn *c = pg_open(arena_printf(a, "%s dbname=postgres", server));
	static unsigned made;

	snprintf(name, sizeof(name), "t_%d_%u_%s", (int)getpid(), ++made, word);
	PGresult *r = PQexec(c, arena_printf(a, "create database %s%s%s", name, like ? " template " : "", like ? like : ""));
	ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s", PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
	return arena_printf(a, "%s dbname=%s", server, name);
}

void fixture_drop(struct arena *a, const char *url)
{
	(void)a;
	/* a database goes with its server: to drop one costs a checkpoint */
	if (!fixture_pgsql())
		unlink(url);
}

char *fixture_copy(struct arena *a, const char *url)
{
	return pg_make(a, "copy", strstr(url, "dbname=") + 7);
}

char *fixture_fresh(struct arena *a, const char *name)
{
	return fixture_pgsql() ? pg_make(a, name, NULL) : arena_printf(a, "%s/%s.db", test_dir(), name);
}

struct store_options fixture_options(const struct fixture *f)
{
	return (struct store_options){ .driver = fixture_pgsql() ? "pgsql" : "sqlite", .path = f->path,
				       .lazy = fixture_pgsql(),
				       .mark = fixture_pgsql() ? arena_printf(f->a, "%s/relent.db.mark", test_dir()) : NULL,
				       .busy_ms = 5000, .create = true,
				       .host = "mx", .program = "test", .keys = f->keys,
				       .zone = "UTC" };
}

static enum status unit_setup(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct fixture *f = ctx;
	const char *const rita[] = { "rita@rep.example" }, *const bob[] = { "bob@rep.example" };
	const struct owner_new owners[] = {
		{ .login = "rita", .name = "Rita Rep", .zone = "Europe/Berlin", .addresses = rita,
		  .addresses_n = 1 },
		{ .login = "bob", .name = "Bob Rep", .addresses = bob, .addresses_n = 1 },
	};
	struct memory_owner *o = NULL;
	enum status s = store_owner_sync(tx, a, owners, 2, "test", e);

	if (s == OK)
		s = store_plan_put(tx, a, fixture_plan(a, "four", NULL), "test", NULL, NULL, e);
	if (s == OK)
		s = store_owner(tx, a, "rita", &o, e);
	if (s == OK) {
		f->owner = arena_strdup(f->a, o->id);
		s = store_owner(tx, a, "bob@rep.example", &o, e);
	}
	if (s == OK)
		f->owner2 = arena_strdup(f->a, o->id);
	return s;
}

void fixture_open(struct fixture *f)
{
	f->a = arena_new(0);
	/* with the schema in it already: hundreds of times the same */
	f->path = fixture_pgsql() ? pg_make(f->a, "relent", getenv("RELENT_TEST_PGTEMPLATE")) :
		  fixture_fresh(f->a, "relent");
	f->now = T0;
	ck_ok(token_keys_parse("k1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
			       &f->keys, &test_err));
	struct store_options o = fixture_options(f);
	ck_ok(store_open(&o, &f->s, &test_err));
	ck_ok(f_write(f, unit_setup, f));
}

void fixture_close(struct fixture *f)
{
	store_close(f->s);
	if (fixture_pgsql())
		fixture_drop(f->a, f->path);
	token_keys_free(f->keys);
	arena_free(f->a);
}

enum status f_write(struct fixture *f, store_unit_fn *fn, void *ctx)
{
	return store_write(f->s, f->now, fn, ctx, 0, &test_err);
}

enum status f_read(struct fixture *f, store_unit_fn *fn, void *ctx)
{
	return store_read(f->s, f->now, fn, ctx, &test_err);
}

struct call {
	struct fixture *f;
	const char *x, *y, *z;
	const char *out;
	struct event ev;
	struct touch touch;
	struct enrolment_row *row;
};

static enum status unit_prospect(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	struct field fields[] = { { "email", c->x }, { "name", c->y }, { "company", c->z },
				  { "first_name", "Ann" } };
	struct field source[] = { { "kind", "research" }, { "permission", "legitimate_interest" },
				  { "url", "https://x.example/" } };
	struct prospect_new p = { .fields = fields, .n = 4, .source = source, .source_n = 3,
				  .owner_login = "rita" };
	const char *id = NULL;
	enum status s = store_prospect_add(tx, a, &p, "test", &id, NULL, e);

	c->out = arena_strdup(c->f->a, id);
	return s;
}

const char *f_prospect(struct fixture *f, const char *email, const char *name, const char *company)
{
	struct call c = { .f = f, .x = email, .y = name, .z = company };

	ck_ok(f_write(f, unit_prospect, &c));
	return c.out;
}

static enum status unit_enrol(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	struct enrol en = { .prospect_id = c->x, .owner_id = c->y, .sequence = "four", .actor = "test" };
	const char *id = NULL;
	enum status s = store_enrol(tx, a, &en, &id, e);

	c->out = arena_strdup(c->f->a, id);
	return s;
}

const char *f_enrol(struct fixture *f, const char *prospect, const char *owner)
{
	struct call c = { .f = f, .x = prospect, .y = owner };

	ck_ok(f_write(f, unit_enrol, &c));
	return c.out;
}

static enum status unit_step(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	struct cause cause = { .actor = "test", .evidence = "a test" };

	return store_step(tx, a, c->x, &c->ev, &cause, NULL, NULL, e);
}

enum status f_step(struct fixture *f, const char *enrolment, struct event ev)
{
	struct call c = { .f = f, .x = enrolment, .ev = ev };

	return f_write(f, unit_step, &c);
}

static enum status unit_row(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;

	(void)a;
	return store_enrolment(tx, c->f->a, c->x, &c->row, e);
}

struct enrolment_row *f_row(struct fixture *f, const char *enrolment)
{
	struct call c = { .f = f, .x = enrolment };

	ck_ok(f_read(f, unit_row, &c));
	return c.row;
}

enum seq_state f_state(struct fixture *f, const char *enrolment)
{
	return f_row(f, enrolment)->e.state;
}

static enum status unit_touch(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;

	if (c->touch.id == NULL)
		c->touch.id = arena_strdup(c->f->a, store_id(tx, a));
	return store_touch(tx, a, &c->touch, "milter", e);
}

const char *f_touch(struct fixture *f, const char *enrolment, const char *prospect, const char *to,
		    enum mail_kind kind, int step, const char *message_id)
{
	struct call c = { .f = f };

	c.touch = (struct touch){ .owner_id = f->owner, .prospect_id = prospect,
		.enrolment_id = enrolment, .kind = kind, .step = step, .recipient = to,
		.message_id = message_id, .fingerprint = message_id, .subject = "Handoffs",
		.final_text = "A text about handoffs.", .edit_ratio = -1, .queue_id = message_id,
		.host = "mx" };
	ck_ok(f_write(f, unit_touch, &c));
	return c.touch.id;
}

void f_draft_touch(struct fixture *f, const char *enrolment, const char *prospect, const char *to, int step,
		   const char *message_id, const char *draft)
{
	struct call c = { .f = f };

	c.touch = (struct touch){ .owner_id = f->owner, .prospect_id = prospect,
		.enrolment_id = enrolment, .kind = MAIL_TOUCH, .step = step, .recipient = to,
		.message_id = message_id, .subject = "Re: Handoffs", .final_text = "edited",
		.drafted_text = "drafted", .draft_id = draft, .edit_ratio = 0.5 };
	ck_ok(f_write(f, unit_touch, &c));
}

/* ---- past the library ---- */

static sqlite3 *raw(struct fixture *f)
{
	sqlite3 *h = NULL;

	ck_assert_int_eq(sqlite3_open(f->path, &h), SQLITE_OK);
	sqlite3_busy_timeout(h, 5000);
	return h;
}

/* What the tests ask in SQLite's words. */
static const char pg_words[] =
	"create or replace function json_extract(text, text) returns text language sql as "
	"$$ select $1::jsonb #>> string_to_array(regexp_replace(substr($2, 3), '\\[([0-9]+)\\]', '.\\1', 'g'), '.') $$;"
	"create or replace function test_joined(text, text) returns text language sql as "
	"$$ select case when $1 is null then $2 else $1 || ',' || $2 end $$;"
	"create or replace aggregate group_concat(text) (sfunc = test_joined, stype = text)";

static const char *pg_replace(struct arena *a, const char *text, const char *what, const char *with)
{
	const char *at = strstr(text, what);

	return at == NULL ? text : arena_printf(a, "%.*s%s%s", (int)(at - text), text, with,
						pg_replace(a, at + strlen(what), what, with));
}

static const char *pg_dialect(struct arena *a, const char *sql)
{
	sql = pg_replace(a, sql, "pragma foreign_keys = off", "set session_replication_role = replica");
	sql = pg_replace(a, sql, "drop trigger event_no_delete", "drop trigger event_no_delete on event");
	return pg_replace(a, sql, "drop trigger event_no_update", "drop trigger event_no_update on event");
}

static const char *pg_text(struct fixture *f, const char *sql)
{
	PGconn *c = pg_open(f->path);
	PQclear(PQexec(c, pg_words));
	PGresult *r = PQexec(c, pg_dialect(f->a, sql));
	const char *out = NULL;

	ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", sql,
		      PQerrorMessage(c));
	if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0)) {
		out = PQgetvalue(r, 0, 0);
		/* as SQLite says it */
		if (PQftype(r, 0) == 16)
			out = *out == 't' ? "1" : "0";
		out = arena_strdup(f->a, out);
	}
	PQclear(r);
	PQfinish(c);
	return out;
}

const char *f_sql_text(struct fixture *f, const char *sql)
{
	if (fixture_pgsql())
		return pg_text(f, sql);
	sqlite3 *h = raw(f);
	sqlite3_stmt *st = NULL;
	char *out = NULL;

	ck_assert_msg(sqlite3_prepare_v2(h, sql, -1, &st, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(h));
	if (sqlite3_step(st) == SQLITE_ROW)
		out = arena_strdup(f->a, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(h);
	return out;
}

int64_t f_sql(struct fixture *f, const char *sql)
{
	const char *text = f_sql_text(f, sql);
	int64_t n = -1;

	ck_assert_msg(text != NULL && str_int(text, INT64_MIN + 1, INT64_MAX, &n), "%s: %s", sql,
		      text ? text : "nothing");
	return n;
}

void f_exec(struct fixture *f, const char *sql)
{
	if (fixture_pgsql()) {
		pg_text(f, sql);
		return;
	}
	sqlite3 *h = raw(f);
	char *said = NULL;

	ck_assert_msg(sqlite3_exec(h, sql, NULL, NULL, &said) == SQLITE_OK, "%s: %s", sql, said ? said : "");
	sqlite3_close(h);
}
