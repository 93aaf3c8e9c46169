/* SPDX-License-Identifier: MPL-2.0
 *
 * Retention runs on a filled store while touches are recorded: each step is short and bounded, and nobody waits for more
 * than the step under way. Counted in steps and rows, not in time.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/retention.h"
#include "store/store_private.h"
#include "tests/unit/store_fixture.h"

enum { OLD = 700, NEW = 60 };

static struct fixture f;
static const char *prospect;

static enum status fill(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	int n = *(int *)ctx;
	enum status s = OK;

	for (int i = 0; s == OK && i < n; i++) {
		const char *id = store_id(tx, a), *message = arena_printf(a, "%s@x", id);
		const struct touch t = { .id = id, .owner_id = f.owner, .prospect_id = prospect, .kind = MAIL_MANUAL,
					 .recipient = "ann@buyer.example", .message_id = message, .subject = "Handoffs",
					 .final_text = "A text about handoffs.", .edit_ratio = -1, .queue_id = message };
		s = store_touch(tx, a, &t, "milter", e);
		const struct outbox o = { .kind = "notify", .owner_id = f.owner, .key = message, .payload = "{}" };
		if (s == OK)
			s = store_outbox_add(tx, a, &o, tx->now, e);
		if (s == OK)
			s = RUN(tx, refusal_insert, e, T(store_id(tx, a)), I(tx->now), T("rita"), T(f.owner), T("ann@buyer.example"),
				T("cap"), T("enforce"), I(550), T("no"), T("fact"), I(0), I(0), V_NULL, V_NULL);
	}
	return s;
}

static void setup(void)
{
	int n = OLD;

	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Berg", "Buyer");
	ck_ok(f_write(&f, fill, &n));
	f_exec(&f, "update outbox set state = 'done', done = created");
	f_exec(&f, "insert into reply (id, mail_key, received, kind, class, visible, matched_by, grade, created, prospect_id)"
		   " select 'r' || id, id, at, 'human', 'question', 'words', 'references', 'strong', at, prospect_id from touch");
	f.now += 100 * DAY;
	n = NEW;
	ck_ok(f_write(&f, fill, &n));
}
static void teardown(void) { fixture_close(&f); }

struct walk {
	struct retention r;
	struct retention_step step;
};

static enum status retain(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;

	return store_retain(tx, a, &w->r, &w->step, e);
}

static const struct retention all = { .days = { 30, 30, 30, 30 } };

static struct retention_step step(struct retention r)
{
	struct walk w = { .r = r };

	ck_ok(f_write(&f, retain, &w));
	return w.step;
}

START_TEST(old_things_go_in_small_steps)
{
	struct retention_step x;
	int steps = 0, changed = 0;

	do {
		x = step(all);
		ck_assert_int_le(x.looked, RETENTION_ROWS);
		ck_assert_int_le(x.changed, RETENTION_ROWS);
		changed += x.changed;
		steps++;
		ck_assert_int_lt(steps, 100);
	} while (x.more);
	/* four kinds, each in so many pieces */
	ck_assert_int_eq(changed, 4 * OLD);
	ck_assert_int_ge(steps, 4 * (OLD / RETENTION_ROWS));
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), OLD + NEW);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where final_text is not null"), NEW);
	ck_assert_int_eq(f_sql(&f, "select count(*) from reply"), OLD);
	ck_assert_int_eq(f_sql(&f, "select count(*) from reply where visible is not null"), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from refusal"), NEW);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox"), NEW);
}
END_TEST

START_TEST(nothing_is_forgotten_unasked)
{
	struct retention_step x = step((struct retention){ .days = { 0 } });

	ck_assert(!x.more && x.looked == 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where final_text is not null"), OLD + NEW);
	ck_assert_int_eq(f_sql(&f, "select count(*) from refusal"), OLD + NEW);
}
END_TEST

/* What grows old later is found where the last round ended; what waited then, the next day. */
START_TEST(it_goes_on_where_it_was)
{
	f_exec(&f, "update outbox set state = 'waiting' where id = (select min(id) from outbox)");
	while (step(all).more)
		;
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox"), NEW + 1);
	f_exec(&f, "update outbox set state = 'done'");
	f.now += 100 * DAY;
	for (int i = 0; i < 3; i++)
		while (step(all).more)
			;
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox"), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where final_text is not null"), 0);
}
END_TEST

/* ---- beside the milter ---- */

enum { TOUCHES = 60 };
static atomic_int steps_begun, touches_answered, ran_at;
static atomic_bool over;
static uint64_t tickets;	/* given out before */

/* A touch has come: it is in the queue, or before or behind this step in the same commit. */
static bool somebody_waits(void)
{
	pthread_mutex_lock(&f.s->lock);
	uint64_t came = f.s->ticket - tickets - (uint64_t)atomic_load(&steps_begun);
	pthread_mutex_unlock(&f.s->lock);
	return came > (uint64_t)atomic_load(&touches_answered);
}

/* A step that lasts until a touch has come and waits for it. */
static enum status slow_step(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	atomic_fetch_add(&steps_begun, 1);
	while (!somebody_waits() && !atomic_load(&over))
		usleep(100);
	return retain(tx, a, ctx, e);
}

static enum status touch_now(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	atomic_store(&ran_at, atomic_load(&steps_begun));
	return fill(tx, a, ctx, e);
}

static void *retaining(void *ctx)
{
	struct walk w = { .r = all };
	struct err e;

	while (!atomic_load(&over))
		if (store_write(f.s, f.now, slow_step, &w, 0, &e) != OK)
			atomic_store((atomic_bool *)ctx, true);
	return NULL;
}

START_TEST(no_touch_waits_for_more_than_a_step)
{
	atomic_bool failed = false;
	pthread_t thread;
	int one = 1, before = 0;

	tickets = f.s->ticket;
	ck_assert_int_eq(pthread_create(&thread, NULL, retaining, &failed), 0);
	for (int i = 0; i < TOUCHES; i++) {
		while (atomic_load(&steps_begun) == before)
			usleep(100);
		before = atomic_load(&steps_begun);
		ck_ok(f_write(&f, touch_now, &one));
		atomic_fetch_add(&touches_answered, 1);
		/* the step under way was counted already; or one began while we were on the way to the queue */
		ck_assert_msg(atomic_load(&ran_at) - before <= 1, "a touch waited for %d steps",
			      atomic_load(&ran_at) - before);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	ck_assert(!atomic_load(&failed));
	ck_assert_int_ge(atomic_load(&steps_begun), TOUCHES);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), OLD + NEW + TOUCHES);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where final_text is not null"), NEW + TOUCHES);
}
END_TEST

/* ---- the file ---- */

static void many_refusals(void)
{
	f_exec(&f, "with recursive n (i) as (select 1 union all select i + 1 from n where i < 12000)"
		   " insert into refusal (id, at, rule, mode, fact) select 'old' || i, 1700000000 + i, 'cap', 'enforce',"
		   " hex(randomblob(400)) from n");
}

static off_t size_of(const char *suffix)
{
	struct stat st;

	return stat(arena_printf(f.a, "%s%s", f.path, suffix), &st) == 0 ? st.st_size : 0;
}

START_TEST(a_store_gives_back_what_it_freed)
{
	const struct retention only = { .days = { [RETAIN_REFUSALS] = 30 } };
	int64_t before, pages = 0;
	struct retention_step x;
	int steps = 0;

	ck_assert_int_eq(f_sql(&f, "pragma auto_vacuum"), 2);
	many_refusals();
	before = f_sql(&f, "pragma page_count");
	do {
		x = step(only);
		pages += x.pages;
		ck_assert_int_le(x.looked, RETENTION_ROWS);
		ck_assert_int_le(x.pages, 64);
		ck_assert_int_lt(++steps, 400);
	} while (x.more);
	ck_assert_int_gt(pages, 1000);
	ck_assert_int_lt(f_sql(&f, "pragma freelist_count"), 256);
	ck_assert_int_le(f_sql(&f, "pragma page_count"), before - pages);
}
END_TEST

static enum status long_read(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, seal_last, &r, e, V_NULL);

	(void)ctx;
	/* meanwhile others write */
	for (int i = 0; i < 6; i++)
		f_exec(&f, "update refusal set fact = hex(randomblob(500))");
	return s == GONE ? OK : s;
}

/* While somebody reads for long the log cannot begin anew; once they have gone it does. */
START_TEST(the_log_shrinks_after_a_long_reader)
{
	int one = 1;

	many_refusals();
	ck_ok(f_read(&f, long_read, NULL));
	ck_assert_int_gt(size_of("-wal"), 64 << 20);
	for (int i = 0; i < 2000 && size_of("-wal") > 64 << 20; i++) {
		ck_ok(f_write(&f, fill, &one));
		usleep(10000);
	}
	ck_assert_int_le(size_of("-wal"), 64 << 20);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-retention");
	TCase *c = test_case(s, "retention");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, old_things_go_in_small_steps);
	tcase_add_test(c, nothing_is_forgotten_unasked);
	tcase_add_test(c, it_goes_on_where_it_was);
	tcase_add_test(c, no_touch_waits_for_more_than_a_step);
	if (!fixture_pgsql()) {
		tcase_add_test(c, a_store_gives_back_what_it_freed);
		tcase_add_test(c, the_log_shrinks_after_a_long_reader);
	}
	return test_run(s);
}
