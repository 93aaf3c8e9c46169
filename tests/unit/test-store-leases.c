/* SPDX-License-Identifier: MPL-2.0
 *
 * Leases of mailboxes and the taking of outbox rows, with several watchers on one store: who holds what, what a dead
 * one leaves, and that one who slept does nothing more.
 */
#include "config.h"

#include "tests/unit/store_fixture.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/leases.h"

enum { BOXES = 6, LEASE = 45 };

static struct fixture f;

/* A watcher as imapwatch/hosts.c is one. */
struct host {
	struct lease_watcher w;
	struct lease_want list[BOXES];
	size_t watchers, n;
	enum status s;
};
static const char *const names[BOXES] = { "ann", "ben", "cleo", "dan", "eve", "finn" };

static enum status begin_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_leases_begin(tx, a, &((struct host *)ctx)->w, e);
}

static enum status tick_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct host *h = ctx;

	return store_leases_tick(tx, a, &h->w, h->list, h->n, &h->watchers, e);
}

static enum status end_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_leases_end(tx, &((struct host *)ctx)->w, e);
}

static struct host host_new(const char *holder, const char *process)
{
	struct host h = { .w = { holder, process, LEASE }, .n = BOXES };

	for (size_t k = 0; k < BOXES; k++)
		h.list[k].name = names[k];
	ck_assert_int_eq(f_write(&f, begin_unit, &h), OK);
	return h;
}

static size_t mine(const struct host *h)
{
	size_t n = 0;

	for (size_t k = 0; k < h->n; k++)
		n += h->list[k].mine;
	return n;
}

static size_t look(struct host *h)
{
	h->s = f_write(&f, tick_unit, h);
	return mine(h);
}

/* Its last sign of life is that many seconds older. */
static void sleeps(const struct host *h, int seconds)
{
	f_exec(&f, arena_printf(f.a, "update lease set expires = expires - %d where name = 'watcher:%s'", seconds,
				h->w.holder));
}

struct held {
	struct host *h;
	const char *name;
};

static enum status held_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct held *q = ctx;

	return store_lease_held(tx, a, &q->h->w, q->name, e);
}

static bool holds(struct host *h, const char *name)
{
	struct held q = { h, name };

	return f_write(&f, held_unit, &q) == OK;
}

START_TEST(alone_has_all)
{
	struct host a = host_new("one", "p1");

	ck_assert_uint_eq(look(&a), BOXES);
	ck_assert_uint_eq(a.watchers, 1);
	ck_assert(holds(&a, "ann") && holds(&a, NULL));
	ck_assert(!holds(&a, "nobody"));
	ck_assert_uint_eq(look(&a), BOXES);
}
END_TEST

START_TEST(shares)
{
	struct host a = host_new("one", "p1"), b, c;

	look(&a);
	b = host_new("two", "p2");
	ck_assert_uint_eq(look(&b), 0);		/* all are held by somebody who lives */
	ck_assert_uint_eq(look(&a), 3);		/* gives back what is beyond its share */
	ck_assert_uint_eq(look(&b), 3);
	ck_assert_int_eq(f_sql(&f, "select count(*) from lease where name like 'account:%'"), BOXES);
	c = host_new("three", "p3");
	look(&c);
	ck_assert_uint_eq(look(&a), 2);
	ck_assert_uint_eq(look(&b), 2);
	ck_assert_uint_eq(look(&c), 2);
	/* as it is: no look moves anything */
	for (int k = 0; k < 5; k++) {
		ck_assert_uint_eq(look(&a), 2);
		ck_assert_uint_eq(look(&b), 2);
		ck_assert_uint_eq(look(&c), 2);
	}
}
END_TEST

START_TEST(what_is_busy_stays)
{
	struct host a = host_new("one", "p1"), b;

	look(&a);
	b = host_new("two", "p2");
	for (size_t k = 0; k < BOXES; k++)
		a.list[k].busy = true;
	ck_assert_uint_eq(look(&a), BOXES);
	ck_assert_uint_eq(look(&b), 0);
	for (size_t k = 0; k < BOXES; k++)
		a.list[k].busy = false;
	ck_assert_uint_eq(look(&a), 3);
	ck_assert_uint_eq(look(&b), 3);
}
END_TEST

START_TEST(the_dead_leave_all)
{
	struct host a = host_new("one", "p1"), b = host_new("two", "p2");

	look(&a);
	look(&b);
	look(&a);
	ck_assert_uint_eq(mine(&a) + look(&b), BOXES);
	sleeps(&a, LEASE - 5);
	ck_assert_uint_eq(look(&b), 3);		/* not yet */
	sleeps(&a, 6);
	ck_assert_uint_eq(look(&b), BOXES);
	ck_assert_uint_eq(b.watchers, 1);
	/* the one that only slept: it has nothing any more, whatever it believes */
	ck_assert_uint_eq(mine(&a), 3);
	ck_assert(!holds(&a, NULL));
	for (size_t k = 0; k < BOXES; k++)
		ck_assert(!holds(&a, names[k]) && holds(&b, names[k]));
	ck_assert_uint_eq(look(&a), 0);
	ck_assert_int_eq(a.s, OK);
	ck_assert_uint_eq(look(&b), 3);
	ck_assert_uint_eq(look(&a), 3);
}
END_TEST

START_TEST(within_a_minute)
{
	/* looks come each 2/9 of the lease: the last sign of life, its end, and the look that sees it */
	ck_assert_int_le(LEASE + LEASE * 2 / 9, 60);
}
END_TEST

START_TEST(a_clean_stop)
{
	struct host a = host_new("one", "p1"), b;

	look(&a);
	ck_assert_int_eq(f_write(&f, end_unit, &a), OK);
	b = host_new("two", "p2");
	ck_assert_uint_eq(look(&b), BOXES);
}
END_TEST

START_TEST(one_name_twice)
{
	struct host a = host_new("one", "p1"), again = host_new("one", "p2");

	ck_assert_uint_eq(look(&a), 0);
	ck_assert_int_eq(a.s, GONE);
	ck_assert(!holds(&a, NULL));
	ck_assert_uint_eq(look(&again), BOXES);
	ck_assert_int_eq(f_write(&f, end_unit, &a), OK);	/* it takes nothing from the other one */
	ck_assert(holds(&again, "ann"));
}
END_TEST

START_TEST(nobody_wants_it)
{
	struct host a = host_new("one", "p1"), b = host_new("two", "p2");

	b.n = 2;		/* an older configuration */
	look(&a);
	look(&b);
	for (int k = 0; k < 8; k++) {
		look(&a);
		look(&b);
	}
	for (int k = 0; k < 8; k++) {	/* and nothing goes to and fro */
		ck_assert_uint_eq(look(&a) + mine(&b), BOXES);
		ck_assert_uint_eq(look(&b) + mine(&a), BOXES);
	}
	ck_assert(holds(&a, "finn"));	/* what only one of them knows is read all the same */
}
END_TEST

/* ---- rows ---- */

struct taking {
	const struct host *h;
	int lease;
	struct outbox *list;
	size_t n;
	const char *id;
	int64_t epoch;
};

static enum status add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct outbox row = { .id = store_id(tx, f.a), .kind = "send", .key = ctx };

	return store_outbox_add(tx, a, &row, store_now(tx), e);
}

static enum status take_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct taking *t = ctx;

	(void)a;
	return store_outbox_take(tx, f.a, NULL, true, 10, t->lease, t->h->w.holder, &t->list, &t->n, e);
}

static enum status fence_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct taking *t = ctx;

	return store_outbox_fence(tx, a, t->id, t->epoch, e);
}

START_TEST(a_row_is_taken_once)
{
	struct host a = host_new("one", "p1"), b = host_new("two", "p2");
	struct taking x = { .h = &a, .lease = 60 }, y = { .h = &b, .lease = 60 };

	ck_assert_int_eq(f_write(&f, add_unit, (void *)(uintptr_t)"send:1"), OK);
	ck_assert_int_eq(f_write(&f, take_unit, &x), OK);
	ck_assert_uint_eq(x.n, 1);
	f.now += 120;		/* its own time-out is over, but the other lives */
	ck_assert_int_eq(f_write(&f, take_unit, &y), OK);
	ck_assert_uint_eq(y.n, 0);
	sleeps(&a, LEASE + 1);
	ck_assert_int_eq(f_write(&f, take_unit, &y), OK);
	ck_assert_uint_eq(y.n, 1);
	x.id = y.id = x.list[0].id;
	x.epoch = x.list[0].epoch;
	y.epoch = y.list[0].epoch;
	ck_assert_int_lt(x.epoch, y.epoch);
	ck_assert_int_eq(f_write(&f, fence_unit, &x), GONE);
	ck_assert_int_eq(f_write(&f, fence_unit, &y), OK);
	/* back with the first: a third taking, and its old errand is still too old */
	sleeps(&b, LEASE + 1);
	look(&a);
	ck_assert_int_eq(f_write(&f, take_unit, &x), OK);
	ck_assert_uint_eq(x.n, 1);
	ck_assert_int_eq(f_write(&f, fence_unit, &x), GONE);
	x.epoch = x.list[0].epoch;
	ck_assert_int_eq(f_write(&f, fence_unit, &x), OK);
	ck_assert_int_eq(f_write(&f, fence_unit, &y), GONE);
}
END_TEST

/* ---- hearing of it ---- */

/* What comes next, awaited; 0: nothing within the time. */
static unsigned next_news(struct store_listener *l, int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0 ? store_listen_news(l) : 0;
}

static int number_cmp(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum status failing_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	enum status s = add_unit(tx, a, ctx, e);

	return s == OK ? err_set(e, INPUT, "on purpose") : s;
}

START_TEST(others_hear_of_it)
{
	struct store_options o = fixture_options(&f);
	struct store_listener *l = NULL;
	struct store *other = NULL;
	struct err e = { "" };
	int64_t took[100];
	int fd = -1;

	ck_assert_int_eq(store_open(&o, &other, &e), OK);
	ck_assert_int_eq(store_listen(other, &l, &fd, &e), OK);
	if (!fixture_pgsql()) {		/* a file has nobody to tell it */
		ck_assert_ptr_null(l);
		store_close(other);
		return;
	}
	ck_assert_uint_eq(next_news(l, fd, 10000), STORE_NEWS_ALL);	/* it listens now */
	for (int k = 0; k < 100; k++) {
		int64_t from = now_us();
		ck_assert_int_eq(f_write(&f, add_unit, arena_printf(f.a, "send:%d", k)), OK);
		ck_assert_uint_eq(next_news(l, fd, 10000), STORE_NEWS_OUTBOX);
		took[k] = now_us() - from;
	}
	qsort(took, 100, sizeof(*took), number_cmp);
	printf("# from the write's begin to who listens: p50 %.1f ms, p99 %.1f ms\n", (double)took[50] / 1e3,
	       (double)took[98] / 1e3);
	/* what did not happen is not told; what comes after it is */
	ck_assert_int_eq(f_write(&f, failing_unit, (void *)(uintptr_t)"send:no"), INPUT);
	struct host a = host_new("one", "p1");
	look(&a);
	ck_assert_int_eq(f_write(&f, end_unit, &a), OK);
	ck_assert_uint_eq(next_news(l, fd, 10000), STORE_NEWS_LEASE);
	test_expect_log("listens-not");
	/* the link is cut: it is made again, and everything may be news */
	f_exec(&f, "select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen relent'"
	       " and datname = current_database()");
	ck_assert_uint_eq(next_news(l, fd, 20000), STORE_NEWS_ALL);
	ck_assert_int_eq(f_write(&f, add_unit, (void *)(uintptr_t)"send:again"), OK);
	ck_assert_uint_eq(next_news(l, fd, 10000), STORE_NEWS_OUTBOX);
	store_listen_end(l);
	store_close(other);
}
END_TEST

static void set_up(void)
{
	fixture_open(&f);
}

static void tear_down(void)
{
	fixture_close(&f);
}

int main(void)
{
	Suite *s = suite_create("store-leases");
	TCase *t = test_case(s, "leases");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, alone_has_all);
	tcase_add_test(t, shares);
	tcase_add_test(t, what_is_busy_stays);
	tcase_add_test(t, the_dead_leave_all);
	tcase_add_test(t, within_a_minute);
	tcase_add_test(t, a_clean_stop);
	tcase_add_test(t, one_name_twice);
	tcase_add_test(t, nobody_wants_it);
	tcase_add_test(t, a_row_is_taken_once);
	tcase_add_test(t, others_hear_of_it);
	return test_run(s);
}
