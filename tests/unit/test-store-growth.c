/* SPDX-License-Identifier: MPL-2.0
 *
 * What a mail costs does not grow with what its rep has sent and got before. A plan without a scan does not say so: a
 * search of "all that this rep wrote" is one, too. So the steps of SQLite's machine are counted, statement by statement.
 * On a server it only plays the mails.
 */
#include "config.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "tests/unit/store_fixture.h"

enum { FEW = 20, MANY = 120, LAST = 10, STATEMENTS = 2000 };

/* Twice the rows make a tree a level deeper, and a step more or less; ten times the rows ten times the work. */
enum { TIMES = 2, SOME = 100 };

struct cost {
	char *sql;		/* owned */
	int64_t runs, steps, before;	/* before: steps of a run when there were few */
};

static struct fixture f;
static struct cost costs[STATEMENTS];
static size_t costs_n;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct cost *cost_of(const char *sql)
{
	for (size_t i = 0; i < costs_n; i++)
		if (strcmp(costs[i].sql, sql) == 0)
			return &costs[i];
	ck_assert_uint_lt(costs_n, STATEMENTS);
	costs[costs_n].sql = strdup(sql);
	return &costs[costs_n++];
}

static int count(unsigned what, void *ctx, void *statement, void *x)
{
	struct cost *c;

	(void)what;
	(void)ctx;
	(void)x;
	pthread_mutex_lock(&lock);
	c = cost_of(sqlite3_sql(statement));
	c->runs++;
	c->steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	pthread_mutex_unlock(&lock);
	return 0;
}

/* Each connection that anybody opens here. */
static int each_connection(sqlite3 *db, const char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, count, NULL);
}

static void forget_costs(void)
{
	for (size_t i = 0; i < costs_n; i++)
		costs[i].runs = costs[i].steps = 0;
}

static void setup(void)
{
	sqlite3_auto_extension((void (*)(void))each_connection);
	fixture_open(&f);
}

static void teardown(void)
{
	fixture_close(&f);
	sqlite3_reset_auto_extension();
}

/* ---- a rep who writes to many, each of another company, and all of them answer ---- */

struct mail_in {
	int n;
	const char *id, *from;
	struct match *list;
	size_t list_n;
};

static enum status unit_match(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct mail_in *w = ctx;
	struct match_question q = { .owner_id = f.owner, .from = w->from, .refs = &w->id, .refs_n = w->id != NULL,
				    .subject_key = "handoffs", .visible = "yes, please", .received = f.now };

	(void)a;
	return store_match(tx, f.a, &q, &w->list, &w->list_n, e);
}

static enum status unit_answer(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct mail_in *w = ctx;
	const struct match *m = &w->list[0];
	struct finding fd = { .kind = KIND_HUMAN, .class = REPLY_INTERESTED, .confidence = 0.9, .stop = true,
			      .visible = "yes, please", .language = "en" };
	const char *key = arena_printf(a, "r%d@p.example", w->n);
	struct reply r = { .enrolment_id = m->enrolment_id, .prospect_id = m->prospect_id, .owner_id = f.owner,
			   .touch_id = m->touch_id, .key = key, .message_id = key, .from = w->from,
			   .subject = "Re: Handoffs", .received = f.now, .account = "rita", .folder = "INBOX",
			   .uid = (uint32_t)w->n + 1, .matched_by = m->by, .grade = m->grade, .finding = &fd };
	enum seq_event event;
	enum status s = store_hold(tx, a, m->enrolment_id, key, "imapwatch", e);

	return s == OK ? store_reply(tx, a, &r, &event, e) : s;
}

/* As the watcher takes notes to reps, of which none can be mailed: the server is away. */
static enum status unit_notes(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct outbox *list;
	bool any = true;
	size_t n = 0;
	enum status s = store_outbox_any(tx, a, false, NULL, &any, e);

	(void)ctx;
	ck_assert(!any);
	if (s == OK)
		s = store_outbox_take(tx, a, NULL, false, 1, 60, NULL, &list, &n, e);
	ck_assert_uint_eq(n, 0);
	if (s == OK)
		s = store_outbox_any(tx, a, true, NULL, &any, e);
	ck_assert(any);
	if (s == OK)
		s = store_outbox_take(tx, a, NULL, true, 1, 60, NULL, &list, &n, e);
	for (size_t i = 0; s == OK && i < n; i++)
		s = store_outbox_failed(tx, list[i].id, "the server is away", false, e);
	return s;
}

/* The notes of the first half are never tried, so as many wait as have failed. */
static void talk(int from, int to)
{
	for (int n = from; n < to; n++) {
		const char *who = arena_printf(f.a, "ann@p%d.example", n), *id = arena_printf(f.a, "m%d@rep.example", n);
		const char *p = f_prospect(&f, who, "Ann Buyer", arena_printf(f.a, "Company %d", n));
		const char *enrolment = f_enrol(&f, p, f.owner);

		f_touch(&f, enrolment, p, who, MAIL_TOUCH, 1, id);
		f.now += 60;
		if (n == to - LAST)
			forget_costs();

		struct mail_in stranger = { .from = arena_printf(f.a, "x@stranger%d.example", n) };
		ck_ok(f_read(&f, unit_match, &stranger));
		ck_assert_uint_eq(stranger.list_n, 0);

		struct mail_in w = { .n = n, .id = id, .from = who };
		ck_ok(f_read(&f, unit_match, &w));
		ck_assert_uint_eq(w.list_n, 1);
		ck_ok(f_write(&f, unit_answer, &w));
		if (n % 2 == 1)
			ck_ok(f_write(&f, unit_notes, NULL));
	}
}

START_TEST(a_mail_costs_the_same_however_many_came_before)
{
	size_t judged = 0;

	talk(0, FEW);
	for (size_t i = 0; i < costs_n; i++)
		costs[i].before = costs[i].runs ? costs[i].steps / costs[i].runs : 0;
	talk(FEW, MANY);
	for (size_t i = 0; i < costs_n; i++) {
		const struct cost *c = &costs[i];
		int64_t now = c->runs ? c->steps / c->runs : 0;

		/* once in a while; what the fixture asks of the file itself */
		if (c->runs < LAST / 2)
			continue;
		judged++;
		ck_assert_msg(now <= TIMES * c->before + SOME, "%lld steps after %d mails, %lld after %d: %s", (long long)now,
			      MANY, (long long)c->before, FEW, c->sql);
	}
	if (!fixture_pgsql())
		ck_assert_uint_gt(judged, 40);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-growth");
	TCase *c = test_case(s, "growth");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, a_mail_costs_the_same_however_many_came_before);
	return test_run(s);
}
