/* SPDX-License-Identifier: MPL-2.0
 *
 * The one writer of a process: units of work queue up here, and as many as are waiting when the
 * transaction begins share one commit. A unit that fails undoes itself by its savepoint. When the
 * transaction as a whole breaks (full disk, lost connection), the units are run again one by one,
 * so that each gets the answer that is its own.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/suppression.h"

enum {
	SLICE_MS = 5,		/* flat out for so long, then others get a turn */
	NAP_US = 600,		/* longer than a waiter's nap (sqlite.c) */
	CHECKPOINT_COMMITS = 64,
	CHECKPOINT_MS = 1000,
	RACES = 8,		/* lost to other hosts, before each unit is tried by itself */
	RACES_ALONE = 20,
	RACE_NAP_US = 500,
	CAREFUL_BATCHES = 64,
};

struct unit {
	struct unit *next;
	uint64_t ticket;
	store_unit_fn *fn;
	void *ctx;
	time_t now;
	int64_t deadline;
	enum status status;
	struct err err;
	enum { UNIT_QUEUED, UNIT_RUNNING, UNIT_RAN, UNIT_DONE } at;	/* lock */
	bool left;		/* its caller has gone: the writer must not touch ctx */
	bool late;		/* its caller waits for it no longer than for what is running */
	atomic_int holders;	/* its caller and the writer: the last frees it */
	pthread_cond_t answered;
};

static void unit_drop(struct unit *u)
{
	if (atomic_fetch_sub(&u->holders, 1) != 1)
		return;
	pthread_cond_destroy(&u->answered);
	free(u);
}

void cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

/* The link is given up at the moment at which the first of them has to be answered. */
static void hurry(struct store *s, struct unit *const *list, size_t n)
{
	int64_t until = 0;

	if (s->driver->hurry == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (list[i]->deadline != 0 && (until == 0 || list[i]->deadline < until))
			until = list[i]->deadline;
	s->driver->hurry(s->writer, until);
}

/* Lock held. Its caller is woken by wake(), best when the lock is free again: else it wakes to wait for that. */
static void answer(struct unit *u, enum status s, const struct err *e)
{
	u->status = s;
	if (e != NULL)
		u->err = *e;
	u->at = UNIT_DONE;
}

/* The writer's last look at it. */
static void wake(struct unit *u)
{
	pthread_cond_signal(&u->answered);
	unit_drop(u);
}

/* Takes at most max units off the queue; those whose time is over are answered. Lock held. */
static size_t take(struct store *s, struct unit **list, size_t max)
{
	int64_t now = clock_mono_ms();
	size_t n = 0;

	while (s->first != NULL && n < max) {
		struct unit *u = s->first;
		s->first = u->next;
		if (s->first == NULL)
			s->last = &s->first;
		if (u->deadline != 0 && now >= u->deadline) {
			struct err e;
			answer(u, err_set(&e, AGAIN, "the store had no time for this in time"), &e);
			wake(u);
			continue;
		}
		u->at = UNIT_RUNNING;
		list[n++] = u;
	}
	return n;
}

/* False: it failed, and what it did is still there. guarded: by a savepoint, to which it is undone then. */
static bool run_unit(struct store *s, struct unit *u, struct arena *a, bool guarded)
{
	struct store_tx tx = tx_of(s, s->writer, u->now, true);
	bool left;

	/* run again after the batch broke: not for a caller who did not wait */
	pthread_mutex_lock(&s->lock);
	left = u->left;
	if (!left)
		u->at = UNIT_RUNNING;
	pthread_mutex_unlock(&s->lock);
	if (left) {
		u->status = GONE;
		return true;
	}
	u->err.text[0] = '\0';
	arena_clear(a);
	u->status = guarded ? s->driver->savepoint(s->writer, &u->err) : OK;
	if (u->status != OK)
		return true;
	if (fault_point("store.unit"))
		u->status = err_set(&u->err, AGAIN, "a unit was made to fail");
	else
		u->status = u->fn(&tx, a, u->ctx, &u->err);
	s->mark_wanted = s->mark_wanted || (u->status == OK && tx.suppressed);
	if (u->status == OK && tx.event[0] != '\0')
		memcpy(s->batch_event, tx.event, sizeof(tx.event));
	if (u->status == OK && fault_point("store.unit.done"))
		u->status = err_set(&u->err, AGAIN, "a unit was made to fail at its end");
	/* From here on only the commit is missing, and nothing of the caller's is touched. */
	pthread_mutex_lock(&s->lock);
	u->at = UNIT_RAN;
	if (u->late)
		pthread_cond_signal(&u->answered);
	pthread_mutex_unlock(&s->lock);
	if (!guarded || s->driver->broken(s->writer))
		return u->status == OK;
	if (u->status == OK)
		u->status = s->driver->release(s->writer, &u->err);
	/* a unit that made light of a statement's failure (PostgreSQL: all that follows it fails) is taken back too */
	if (u->status != OK && !s->driver->broken(s->writer))
		s->driver->undo(s->writer);
	return true;
}

static void all_get(struct unit **list, size_t n, enum status status, const struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		list[i]->status = status;
		list[i]->err = *e;
	}
}

/* Units fail seldom, and a savepoint costs each of them a copy of every page it changes (a server: two round trips). So
 * several go without; when one fails all of it is undone, and they run again with savepoints, as those of the next
 * batches do. One unit alone is undone with its transaction. False: the transaction broke, or has to be run again
 * guarded. */
static bool run_units(struct store *s, struct unit **list, size_t n, struct arena *a, bool guarded)
{
	s->batch_event[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		bool done = run_unit(s, list[i], a, guarded);

		if (s->driver->broken(s->writer) || (!done && n > 1)) {
			bool again = !s->driver->broken(s->writer);

			s->driver->rollback(s->writer);
			if (again)
				s->careful = CAREFUL_BATCHES;
			return false;
		}
	}
	return true;
}

/* One transaction, begun already, for n units. False: it broke and nothing of it happened. */
static bool run_batch(struct store *s, struct unit **list, size_t n, struct arena *a)
{
	struct err e;
	bool any = false, guarded = n > 1 && s->careful > 0;

	if (guarded)
		s->careful--;
	if (!run_units(s, list, n, a, guarded)) {
		if (guarded || n == 1 || s->careful != CAREFUL_BATCHES)
			return false;
		enum status again = s->driver->begin(s->writer, true, &e);
		if (again != OK) {
			all_get(list, n, again, &e);
			return true;
		}
		if (!run_units(s, list, n, a, true))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		any = any || list[i]->status == OK;
	if (!any) {
		s->driver->rollback(s->writer);
		return true;
	}
	enum status status = s->driver->commit(s->writer, &e);
	if (status == OK) {
		s->commits++;
		lost_committed(s);
		if (s->mark_wanted)
			mark_advance(s, s->writer, list[0]->now);
		s->mark_wanted = false;
		return true;
	}
	for (size_t i = 0; i < n; i++)
		if (list[i]->status == OK) {
			list[i]->status = status;
			list[i]->err = e;
		}
	/* Nothing happened: worth another try each on its own. An unsure one is the caller's to repeat. */
	return status == UNSURE;
}

static bool raced(const struct store *s)
{
	return s->driver->raced != NULL && s->driver->raced(s->writer);
}

/* What another host broke is run again: sooner or later one of the two is first. The naps grow and differ, so that
 * two hosts do not keep step. */
static bool race_again(struct store *s, struct unit **list, size_t n, struct arena *a, int times)
{
	struct err e;

	for (int i = 0; i < times && raced(s); i++) {
		unsigned nap = RACE_NAP_US + (unsigned)random() % (RACE_NAP_US << (i < 6 ? i : 6));
		nanosleep(&(struct timespec){ 0, (long)nap * 1000 }, NULL);
		if (s->driver->begin(s->writer, true, &e) != OK)
			return false;
		if (run_batch(s, list, n, a))
			return true;
	}
	return false;
}

static void run_all(struct store *s, struct unit **list, size_t n, struct arena *a)
{
	struct err e;

	hurry(s, list, n);
	if (run_batch(s, list, n, a) || race_again(s, list, n, a, n == 1 ? RACES_ALONE : RACES))
		return;
	if (n == 1) {
		if (list[0]->status == OK)
			list[0]->status = err_set(&list[0]->err, AGAIN, "the store broke off");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		hurry(s, &list[i], 1);
		enum status status = s->driver->begin(s->writer, true, &e);
		if (status != OK)
			all_get(&list[i], 1, status, &e);
		else if (!run_batch(s, &list[i], 1, a) && !race_again(s, &list[i], 1, a, RACES_ALONE) &&
			 list[i]->status == OK)
			list[i]->status = err_set(&list[i]->err, AGAIN, "the store broke off");
	}
}

/* The lock could not be had: those who asked before we tried are told so. Lock held. */
static void refuse_until(struct store *s, uint64_t ticket, enum status status, const struct err *e)
{
	while (s->first != NULL && s->first->ticket <= ticket) {
		struct unit *u = s->first;
		s->first = u->next;
		if (s->first == NULL)
			s->last = &s->first;
		answer(u, status, e);
		wake(u);
	}
}

/* Waits for units; true: none, but the database has to be looked at. Lock held. */
static bool idle(struct store *s)
{
	struct timespec until;

	if (s->driver->links == NULL) {
		pthread_cond_wait(&s->more, &s->lock);
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	return pthread_cond_timedwait(&s->more, &s->lock, &until) == ETIMEDOUT && lost_look_wanted(s);
}

static void *writer_main(void *ctx)
{
	struct store *s = ctx;
	struct arena *a = arena_new(0);
	struct unit *list[STORE_BATCH];
	int64_t busy_since = 0;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		if (s->first == NULL)
			busy_since = 0;
		while (s->first == NULL && !s->closing && !idle(s))
			;
		if (s->first == NULL && s->closing)
			break;
		uint64_t ticket = s->ticket;
		pthread_mutex_unlock(&s->lock);

		int64_t now = clock_mono_ms();
		if (busy_since == 0) {
			busy_since = now;
		} else if (now - busy_since > SLICE_MS) {
			nanosleep(&(struct timespec){ 0, NAP_US * 1000 }, NULL);
			busy_since = clock_mono_ms();
		}
		struct err e = { "" };
		enum status status = lost_look_wanted(s) ? lost_look(s, time(NULL), &e) : OK;
		if (status == OK)
			status = s->driver->begin(s->writer, true, &e);
		if (status == OK && fault_point("store.begin")) {
			s->driver->rollback(s->writer);
			status = err_set(&e, AGAIN, "the store was made to fail at its begin");
		}
		pthread_mutex_lock(&s->lock);
		if (status != OK) {
			refuse_until(s, ticket, status, &e);
			continue;
		}
		size_t n = take(s, list, STORE_BATCH);
		pthread_mutex_unlock(&s->lock);
		if (n == 0)
			s->driver->rollback(s->writer);
		else
			run_all(s, list, n, a);
		hurry(s, NULL, 0);
		pthread_mutex_lock(&s->lock);
		s->units += (int64_t)n;
		for (size_t i = 0; i < n; i++)
			answer(list[i], list[i]->status, NULL);
		if (n != 0 && s->commits % CHECKPOINT_COMMITS == 0) {
			s->checkpoint_wanted = true;
			pthread_cond_signal(&s->committed);
		}
		pthread_mutex_unlock(&s->lock);
		for (size_t i = 0; i < n; i++)
			wake(list[i]);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	arena_free(a);
	return NULL;
}

static void *checkpoint_main(void *ctx)
{
	struct store *s = ctx;
	int64_t seen = 0;

	pthread_mutex_lock(&s->lock);
	while (!s->closing) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += CHECKPOINT_MS / 1000;
		if (!s->checkpoint_wanted)
			pthread_cond_timedwait(&s->committed, &s->lock, &until);
		if (s->closing || (s->commits == seen && !s->checkpoint_wanted))
			continue;
		seen = s->commits;
		s->checkpoint_wanted = false;
		pthread_mutex_unlock(&s->lock);
		s->driver->checkpoint(s->checkpointer);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

enum status writer_start(struct store *s, struct err *e)
{
	sigset_t all, old;
	int rc;

	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->more);
	cond_init(&s->committed);
	s->first = NULL;
	s->last = &s->first;
	/* signals are the program's business, not ours */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&s->writer_thread, NULL, writer_main, s);
	if (rc == 0) {
		s->writing = true;
		if (s->checkpointer != NULL &&
		    pthread_create(&s->checkpoint_thread, NULL, checkpoint_main, s) != 0) {
			s->driver->close(s->checkpointer);
			s->checkpointer = NULL;
		}
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc == 0 ? OK : err_set(e, SYS, "cannot start the store's writer: %s", strerror(rc));
}

void writer_stop(struct store *s)
{
	if (!s->writing)
		return;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_broadcast(&s->more);
	pthread_cond_broadcast(&s->committed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->writer_thread, NULL);
	if (s->checkpointer != NULL)
		pthread_join(s->checkpoint_thread, NULL);
	pthread_cond_destroy(&s->more);
	pthread_cond_destroy(&s->committed);
	pthread_mutex_destroy(&s->lock);
	s->writing = false;
}

static void take_back(struct store *s, struct unit *u)
{
	for (struct unit **p = &s->first; *p != NULL; p = &(*p)->next) {
		if (*p != u)
			continue;
		*p = u->next;
		if (*p == NULL)
			s->last = p;
		return;
	}
}

/* Waits for the answer. Past its deadline a unit that was not begun is taken back; one that only waits
 * for a slow disk is left behind, and may or may not come true. Lock held. */
static enum status await(struct store *s, struct unit *u, struct err *e)
{
	bool late = false;

	while (u->at != UNIT_DONE) {
		if (u->deadline == 0 || (late && u->at == UNIT_RUNNING)) {
			pthread_cond_wait(&u->answered, &s->lock);
			continue;
		}
		struct timespec until = { .tv_sec = u->deadline / 1000,
					  .tv_nsec = u->deadline % 1000 * 1000000 };
		if (!late)
			u->late = late = pthread_cond_timedwait(&u->answered, &s->lock, &until) == ETIMEDOUT;
		if (!late || u->at == UNIT_DONE || u->at == UNIT_RUNNING)
			continue;
		if (u->at == UNIT_RAN) {
			u->left = true;
			return err_set(e, UNSURE, "the store '%s' takes too long to write: it may or may not "
				       "have been recorded", s->o.path);
		}
		take_back(s, u);
		unit_drop(u);	/* for the writer, who will not see it */
		u->status = err_set(&u->err, AGAIN, "the store had no time for this in time");
		u->at = UNIT_DONE;
	}
	if (u->status != OK && e != NULL)
		*e = u->err;
	return u->status;
}

enum status store_write(struct store *s, time_t now, store_unit_fn *fn, void *ctx,
			int64_t deadline_ms, struct err *e)
{
	if (!s->writing)
		return err_set(e, CONF, "the store '%s' is open for reading only", s->o.path);
	assert(!pthread_equal(pthread_self(), s->writer_thread));	/* a unit in a unit waits for itself */
	struct unit *u = calloc(1, sizeof(*u));
	if (u == NULL)
		abort();
	*u = (struct unit){ .fn = fn, .ctx = ctx, .now = now, .deadline = deadline_ms };
	atomic_init(&u->holders, 2);
	cond_init(&u->answered);
	pthread_mutex_lock(&s->lock);
	u->ticket = ++s->ticket;
	*s->last = u;
	s->last = &u->next;
	pthread_cond_signal(&s->more);
	enum status status = await(s, u, e);
	pthread_mutex_unlock(&s->lock);
	unit_drop(u);
	return status;
}

enum status store_part(struct store_tx *tx, struct arena *a, store_unit_fn *fn, void *ctx, struct err *e)
{
	const struct store_driver *d = tx->store->driver;
	bool suppressed = tx->suppressed;
	char event[ID_SIZE];
	enum status st = d->savepoint(tx->db, e);

	memcpy(event, tx->event, sizeof(event));
	if (st != OK)
		return st;
	st = fn(tx, a, ctx, e);
	if (d->broken(tx->db))		/* the whole transaction is gone: the unit runs again */
		return st == OK ? err_set(e, AGAIN, "the database broke off") : st;
	if (st == OK)
		st = d->release(tx->db, e);
	if (st == OK || d->broken(tx->db))
		return st;
	d->undo(tx->db);
	tx->suppressed = suppressed;
	memcpy(tx->event, event, sizeof(event));
	return st;
}
