/* SPDX-License-Identifier: MPL-2.0
 *
 * A store in a fresh directory with an owner, a sequence of four steps and some prospects; and short
 * ways to do one thing in a unit of its own.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "base/str.h"
#include "base/token.h"
#include "store/store.h"
#include "tests/lib/testing.h"

/* Monday 2 March 2026, 09:00 UTC */
#define T0 ((time_t)1772442000)
#define DAY 86400

struct fixture {
	struct arena *a;
	char *path;
	struct store *s;
	struct token_keys *keys;
	const char *owner, *owner2;	/* rita@rep.example, bob@rep.example */
	time_t now;
};

/* The suite runs on PostgreSQL: RELENT_TEST_PGSQL is a connection without a database, on a server to be used up. */
bool fixture_pgsql(void);
/* A place for a store that is not there yet: a path or a connection; and away with it. */
char *fixture_fresh(struct arena *a, const char *name);
/* PostgreSQL: another database with the same in it; nobody may be connected. */
char *fixture_copy(struct arena *a, const char *url);
void fixture_drop(struct arena *a, const char *path);
/* Options for f->path. */
struct store_options fixture_options(const struct fixture *f);
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

enum status f_write(struct fixture *f, store_unit_fn *fn, void *ctx);
enum status f_read(struct fixture *f, store_unit_fn *fn, void *ctx);

const char *f_prospect(struct fixture *f, const char *email, const char *name, const char *company);
const char *f_enrol(struct fixture *f, const char *prospect, const char *owner);
enum status f_step(struct fixture *f, const char *enrolment, struct event ev);
enum seq_state f_state(struct fixture *f, const char *enrolment);
struct enrolment_row *f_row(struct fixture *f, const char *enrolment);
/* Records a touch; message_id as given. Returns its id. */
const char *f_touch(struct fixture *f, const char *enrolment, const char *prospect, const char *to,
		    enum mail_kind kind, int step, const char *message_id);
void f_draft_touch(struct fixture *f, const char *enrolment, const char *prospect, const char *to, int step,
		   const char *message_id, const char *draft);
/* One number from SQL given as text, past the library: what really lies in the file. */
int64_t f_sql(struct fixture *f, const char *sql);
const char *f_sql_text(struct fixture *f, const char *sql);
void f_exec(struct fixture *f, const char *sql);

struct plan *fixture_plan(struct arena *a, const char *name, const char *extra);

#endif
