/* SPDX-License-Identifier: MPL-2.0
 *
 * large STORE [PEOPLE [ROUNDS]]: what the daemons ask of a large store (generate.c), each question N times about other people,
 * in one process and thread. A line a question: name, microseconds of CPU, microseconds of the clock (median), statements asked.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"
#include "store/store_private.h"
#include "store/suppression.h"

enum { PEOPLE = 2000, ROUNDS = 5, ROUNDS_MAX = 100 };

struct someone {
	const char *address, *login, *sender;
};
struct asking {
	struct arena *keep;
	struct someone list[PEOPLE];
	size_t n, people, rounds;
	time_t due;
	const struct message *message;
};

static double now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- the questions ---- */

typedef enum status question_fn(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e);

static enum status suppressed(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e)
{
	struct memory_suppression *list;
	size_t n;

	return store_suppressed(tx, a, q->list[i].address, NULL, &list, &n, e);
}

static enum status listed(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e)
{
	struct memory_suppression *list;
	size_t n;

	(void)q;
	return store_suppressed(tx, a, arena_printf(a, "gone%zu@list%zu.example", i * 37, i * 11), NULL, &list, &n, e);
}

static enum status recall(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, bool rcpt, struct err *e)
{
	const char *to = q->list[i].address;
	struct memory *m;
	const struct recall r = { .login = q->list[i].login, .sender = q->list[i].sender, .role = ROLE_SUBMISSION,
				  .recipients = &to, .recipients_n = 1, .rcpt = rcpt,
				  .message = rcpt ? NULL : q->message, .fingerprint = "0" };

	return store_recall(tx, a, &r, &m, e);
}

static enum status at_rcpt(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e)
{
	return recall(tx, a, q, i, true, e);
}

static enum status at_eom(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e)
{
	return recall(tx, a, q, i, false, e);
}

static enum status due(struct store_tx *tx, struct arena *a, const struct asking *q, size_t i, struct err *e)
{
	const char **ids;
	size_t n;

	(void)i;
	enum status s = store_due(tx, a, q->due, 1000, &ids, &n, e);

	return s == OK && n != 1000 ? err_set(e, GONE, "%zu are due, not 1,000", n) : s;
}

/* ---- asking ---- */

struct round {
	const struct asking *q;
	question_fn *fn;
	size_t i;
};

static enum status unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct round *r = ctx;

	return r->fn(tx, a, r->q, r->i, e);
}

static int by_number(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

static void ask(struct store *s, const struct asking *q, const char *name, question_fn *fn, size_t times)
{
	size_t rounds = q->rounds;
	double cpu[ROUNDS_MAX], *wall = malloc(times * rounds * sizeof(*wall));
	struct err e;
	int64_t asked = 0;

	if (wall == NULL)
		abort();
	for (int k = -1; k < (int)rounds; k++) {	/* one to warm up */
		int64_t before = atomic_load(&s->asked);
		double begun = now_us(CLOCK_THREAD_CPUTIME_ID);

		for (size_t i = 0; i < times; i++) {
			struct round r = { q, fn, i % q->n };
			double t = now_us(CLOCK_MONOTONIC);

			if (store_read(s, q->due, unit, &r, &e) != OK) {
				fprintf(stderr, "large: %s: %s\n", name, e.text);
				exit(1);
			}
			if (k >= 0)
				wall[(size_t)k * times + i] = now_us(CLOCK_MONOTONIC) - t;
		}
		if (k >= 0)
			cpu[k] = (now_us(CLOCK_THREAD_CPUTIME_ID) - begun) / (double)times;
		asked = (atomic_load(&s->asked) - before) / (int64_t)times;
	}
	qsort(cpu, rounds, sizeof(*cpu), by_number);
	qsort(wall, times * rounds, sizeof(*wall), by_number);
	printf("%s\t%.1f\t%.1f\t%.1f\t%.1f\t%lld\n", name, cpu[rounds / 2], cpu[0], cpu[rounds - 1],
	       wall[times * rounds / 2], (long long)asked);
	free(wall);
}

/* Some of them, from all over; past the store, so that nothing is warm but what this touches. */
static void people(struct asking *q, const char *path)
{
	static const char sql[] = "select x.address, o.login, w.address, (select value from meta where key = 'bench_due') "
		"from prospect_address x cross join prospect p on p.id = x.prospect_id cross join owner o on o.id = p.owner_id "
		"cross join owner_address w on w.owner_id = o.id where x.address >= ?1 order by x.address limit 1";
	sqlite3 *h = NULL;
	sqlite3_stmt *st = NULL;

	if (sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK) {
		fprintf(stderr, "large: %s: %s\n", path, sqlite3_errmsg(h));
		exit(1);
	}
	for (unsigned i = 0, x = 1; i < q->people; i++) {
		char from[40];

		x = x * 1103515245 + 12345;
		snprintf(from, sizeof(from), "%c%c.%c%u", "abcdefghijkmnopqrstuvwyz"[x >> 8 & 15], "aeiou"[x >> 13 & 3],
			 "abcdefghijklmnop"[x >> 16 & 15], x >> 20);
		sqlite3_bind_text(st, 1, from, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(st) == SQLITE_ROW) {
			q->list[q->n++] = (struct someone){
				arena_strdup(q->keep, (const char *)sqlite3_column_text(st, 0)),
				arena_strdup(q->keep, (const char *)sqlite3_column_text(st, 1)),
				arena_strdup(q->keep, (const char *)sqlite3_column_text(st, 2)) };
			q->due = (time_t)sqlite3_column_int64(st, 3);
		}
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	sqlite3_close(h);
	if (q->n == 0 || q->due == 0) {
		fprintf(stderr, "large: '%s' was not made by generate\n", path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const struct message message = { .message_id = "bench@mx1.example", .subject = "Handoffs" };
	int64_t people_n = PEOPLE, rounds = ROUNDS;
	struct asking q = { .keep = arena_new(0), .message = &message };
	struct store_options o = { .driver = "sqlite", .path = argc > 1 ? argv[1] : "", .host = "mx1.example", .program = "bench",
				   .zone = "UTC", .addr_equiv = 3 };
	struct store *s = NULL;
	struct err e;

	if (argc < 2 || argc > 4 || (argc > 2 && !str_int(argv[2], 1, PEOPLE, &people_n)) ||
	    (argc > 3 && !str_int(argv[3], 1, ROUNDS_MAX, &rounds))) {
		fprintf(stderr, "usage: large STORE [PEOPLE [ROUNDS]]\n");
		return 2;
	}
	q.people = (size_t)people_n;
	q.rounds = (size_t)rounds;
	people(&q, argv[1]);
	if (store_open(&o, &s, &e) != OK) {
		fprintf(stderr, "large: %s\n", e.text);
		return 1;
	}
	ask(s, &q, "suppression of a known person", suppressed, q.people);
	ask(s, &q, "suppression, on the list", listed, q.people);
	ask(s, &q, "recall at RCPT", at_rcpt, q.people);
	ask(s, &q, "recall at end of message", at_eom, q.people);
	struct round probe = { &q, due, 0 };
	if (store_read(s, q.due, unit, &probe, &e) != GONE)	/* a tiny one has not so many */
		ask(s, &q, "due scan, 1,000 due", due, q.people / 40 + 1);
	store_close(s);
	arena_free(q.keep);
	return 0;
}
