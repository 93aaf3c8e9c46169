/* SPDX-License-Identifier: MPL-2.0
 *
 * Two lines of accounts at each server: those who must log in, and those who may run. Servers take turns.
 */
#include "config.h"

#include "imapwatch/queue.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/names.h"
#include "imapwatch/worker.h"

struct line {
	struct account *first, **end;
};
struct server {
	struct line log_in, ready;
	int running, logging_in;	/* logging_in: of those that run, and those ready to */
	int64_t next_us;		/* CLOCK_MONOTONIC, of the next log-in */
	bool mute;			/* the last log-in got no answer for long */
};

enum { BEHIND_US = 100000, MUTE_MS = 1000 };

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void append(struct line *l, struct account *acc)
{
	acc->next_queued = NULL;
	*l->end = acc;
	l->end = &acc->next_queued;
}

static void push(struct line *l, struct account *acc)
{
	acc->next_queued = l->first;
	if (!l->first)
		l->end = &acc->next_queued;
	l->first = acc;
}

static struct account *pop(struct line *l)
{
	struct account *acc = l->first;

	l->first = acc->next_queued;
	if (!l->first)
		l->end = &l->first;
	return acc;
}

/* How many may be logging in there: one finds out whether a mute server is back; beside others no server has all
 * threads. */
static int log_ins_most(const struct worker *w, const struct server *s)
{
	if (s->mute)
		return 1;
	return w->servers_n == 1 || w->threads_max == 1 ? w->threads_max : w->threads_max / 2;
}

void queue_init(struct worker *w)
{
	struct names *names = names_new();
	struct arena *a = arena_new(0);

	w->servers = calloc(w->accounts_n + 1, sizeof(*w->servers));
	if (!w->servers)
		abort();
	for (size_t k = 0; k < w->accounts_n; k++) {
		const struct conf_account *c = w->accounts[k].conf;
		const char *key = arena_printf(a, "%s:%d", c->host, c->port);
		size_t at = names_add(names, key, w->servers_n);

		if (at == w->servers_n) {
			struct server *s = &w->servers[w->servers_n++];

			s->log_in.end = &s->log_in.first;
			s->ready.end = &s->ready.first;
		}
		w->accounts[k].server = &w->servers[at];
	}
	names_free(names);
	arena_free(a);
}

void queue_add(struct account *acc)
{
	struct server *s = acc->server;
	int64_t now = clock_mono_ms();

	acc->place = PLACE_QUEUED;
	acc->queued_at = now;
	acc->logs_in = false;
	/* one that was given away, or is not to be tried yet, only says so */
	if (acc->imap || acc->released || now < acc->wake)
		append(&s->ready, acc);
	else if (acc->orders)
		push(&s->log_in, acc);
	else
		append(&s->log_in, acc);
	(void)queue_release(acc->worker, 0);
	pthread_cond_signal(&acc->worker->more);
}

/* With one server alone nobody is there to be protected from it. */
static bool may_run(const struct worker *w, const struct server *s)
{
	return s->ready.first && (w->servers_n == 1 || s->running < w->threads_max + EXTRA_THREADS / 2);
}

struct account *queue_take(struct worker *w)
{
	for (size_t k = 0; k < w->servers_n; k++) {
		struct server *s = &w->servers[w->next_server++ % w->servers_n];
		struct account *acc;

		if (!may_run(w, s))
			continue;
		acc = pop(&s->ready);
		acc->taken_at = clock_mono_ms();
		acc->place = PLACE_RUNNING;
		s->running++;
		return acc;
	}
	return NULL;
}

void queue_done(struct account *acc)
{
	acc->server->running--;
	if (!acc->logs_in)
		return;
	acc->logs_in = false;
	acc->server->logging_in--;
	acc->server->mute = !acc->imap && clock_mono_ms() - acc->taken_at >= MUTE_MS;
	(void)queue_release(acc->worker, 0);
}

int queue_release(struct worker *w, int most_ms)
{
	int64_t now = now_us(), gap = (int64_t)1000000 * conf_int(w->conf, "imapwatch.workers") /
				      conf_int(w->conf, "imapwatch.logins");
	int64_t wait = (int64_t)most_ms * 1000;

	for (size_t k = 0; k < w->servers_n; k++) {
		struct server *s = &w->servers[k];

		while (s->log_in.first && s->logging_in < log_ins_most(w, s) && s->next_us <= now) {
			struct account *acc = pop(&s->log_in);

			if (s->next_us < now - BEHIND_US)
				s->next_us = now - BEHIND_US;
			s->next_us += gap;
			s->logging_in++;
			acc->logs_in = true;
			acc->queued_at = now / 1000;
			append(&s->ready, acc);
			pthread_cond_signal(&w->more);
		}
		if (s->log_in.first && s->logging_in < log_ins_most(w, s) && s->next_us - now < wait)
			wait = s->next_us - now;
	}
	return (int)((wait + 999) / 1000);
}

int64_t queue_waits_since(const struct worker *w)
{
	int64_t since = 0;

	for (size_t k = 0; k < w->servers_n; k++)
		if (may_run(w, &w->servers[k]) && (since == 0 || w->servers[k].ready.first->queued_at < since))
			since = w->servers[k].ready.first->queued_at;
	return since;
}
