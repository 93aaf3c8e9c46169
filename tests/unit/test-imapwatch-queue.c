/* SPDX-License-Identifier: MPL-2.0
 *
 * Whose turn it is: log-ins by server, servers by turns, and a mute one that never has all threads.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "imapwatch/queue.h"
#include "imapwatch/worker.h"
#include "tests/lib/testing.h"

enum { THREADS = 4, BOXES = 6 };

static struct arena *a;
static struct conf *conf;
static struct conf_account settings[BOXES];
static struct account boxes[BOXES];
static struct worker w;

/* The first half at one server, the others at another; logins: in eight seconds, as there are eight workers. */
static void ready(size_t servers, const char *logins)
{
	struct err e = { "" };
	char *path = arena_printf(a, "%s/relent.conf", test_dir());

	test_write(path, arena_printf(a, "imapwatch {\n\tworkers = 8\n\tlogins = %s\n}\n", logins));
	ck_assert_msg(conf_load(path, NULL, NULL, &conf, &e) == OK, "%s", e.text);
	w = (struct worker){ .conf = conf, .accounts = boxes, .accounts_n = BOXES, .threads_max = THREADS };
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.more, NULL);
	for (size_t k = 0; k < BOXES; k++) {
		settings[k] = (struct conf_account){ .host = "mail.example", .port = servers == 2 && k >= BOXES / 2 ? 993 : 143 };
		boxes[k] = (struct account){ .worker = &w, .conf = &settings[k] };
	}
	queue_init(&w);
	ck_assert_uint_eq(w.servers_n, servers);
}

static void up(void) { a = arena_new(0); }
static void down(void)
{
	free(w.servers);
	conf_free(conf);
	arena_free(a);
}

static size_t take_all(struct account **list)
{
	size_t n = 0;

	while (n < BOXES && (list[n] = queue_take(&w)) != NULL)
		n++;
	return n;
}

/* Together as many as there are threads; whoever has done lets the next one in. */
START_TEST(so_many_log_in_at_once)
{
	struct account *list[BOXES];

	ready(1, "1000");
	for (size_t k = 0; k < BOXES; k++)
		queue_add(&boxes[k]);
	ck_assert_int_gt(queue_waits_since(&w), 0);
	ck_assert_uint_eq(take_all(list), THREADS);
	ck_assert_int_eq(queue_waits_since(&w), 0);
	for (size_t k = 0; k < THREADS; k++) {
		ck_assert_ptr_eq(list[k], &boxes[k]);
		ck_assert_int_eq(list[k]->place, PLACE_RUNNING);
	}
	queue_done(list[0]);
	ck_assert_ptr_eq(queue_take(&w), &boxes[THREADS]);
	ck_assert_ptr_null(queue_take(&w));
}
END_TEST

/* One, and the next in eight seconds. */
START_TEST(so_many_log_in_in_a_while)
{
	struct account *list[BOXES];

	ready(1, "1");
	for (size_t k = 0; k < BOXES; k++)
		queue_add(&boxes[k]);
	ck_assert_uint_eq(take_all(list), 1);
	int ms = queue_release(&w, 60000);
	ck_assert_msg(ms > 0 && ms <= 8000, "%d", ms);
}
END_TEST

/* Who is logged in needs no turn, and an order goes before those that only want to look. */
START_TEST(who_goes_first)
{
	ready(1, "1");
	queue_add(&boxes[0]);			/* takes the turn */
	queue_add(&boxes[1]);
	boxes[2].orders = &(struct order){ .next = NULL };
	queue_add(&boxes[2]);
	boxes[3].released = true;
	queue_add(&boxes[3]);
	ck_assert_ptr_eq(queue_take(&w), &boxes[0]);
	ck_assert_ptr_eq(queue_take(&w), &boxes[3]);
	ck_assert_ptr_null(queue_take(&w));
}
END_TEST

/* One server's log-ins never take all threads from another's. */
START_TEST(servers_by_turns)
{
	struct account *list[BOXES];

	ready(2, "1000");
	for (size_t k = 0; k < BOXES; k++)
		queue_add(&boxes[k]);
	ck_assert_uint_eq(take_all(list), THREADS);
	ck_assert_ptr_eq(list[0], &boxes[0]);
	ck_assert_ptr_eq(list[1], &boxes[BOXES / 2]);
	ck_assert_ptr_eq(list[2], &boxes[1]);
	ck_assert_ptr_eq(list[3], &boxes[BOXES / 2 + 1]);
}
END_TEST

/* A server that said nothing for long gets one log-in at a time, until one succeeds. */
START_TEST(a_mute_server_gets_one)
{
	struct account *list[BOXES];

	ready(1, "1000");
	queue_add(&boxes[0]);
	ck_assert_ptr_eq(queue_take(&w), &boxes[0]);
	boxes[0].taken_at = clock_mono_ms() - 5000;
	queue_done(&boxes[0]);
	for (size_t k = 1; k < BOXES; k++)
		queue_add(&boxes[k]);
	ck_assert_uint_eq(take_all(list), 1);
	list[0]->taken_at = clock_mono_ms() + 60000;	/* however slow we are */
	queue_done(list[0]);			/* an answer at once, if only a refusal */
	ck_assert_uint_eq(take_all(list), THREADS);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-queue");
	TCase *c = test_case(s, "queue");

	tcase_add_checked_fixture(c, up, down);
	tcase_add_test(c, so_many_log_in_at_once);
	tcase_add_test(c, so_many_log_in_in_a_while);
	tcase_add_test(c, who_goes_first);
	tcase_add_test(c, servers_by_turns);
	tcase_add_test(c, a_mute_server_gets_one);
	return test_run(s);
}
