/* SPDX-License-Identifier: MPL-2.0
 *
 * What a process knows of its database server, whichever of its links found it out: whether it is away, which server it is
 * (a replica that was promoted is on a later timeline), and what differs from what relent needs.
 */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/pgsql_private.h"

enum {
	RETRY_FIRST_MS = 100, RETRY_MOST_MS = 5000,
	SKEW_WARN_S = 5, SKEW_AGAIN_MS = 3600 * 1000,
};

struct pg_server {
	struct pg_server *next;
	char *url;
	pthread_mutex_t lock;
	int64_t retry_at;		/* CLOCK_MONOTONIC ms: not to be asked for before */
	int failures;			/* in a row */
	char system[24];		/* its identifier, and the latest timeline seen */
	unsigned timeline;
	int64_t connects, moved_at, skew_told;
};

static pthread_mutex_t servers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pg_server *servers;

struct pg_server *pg_server_of(const char *url)
{
	struct pg_server *x;

	pthread_mutex_lock(&servers_lock);
	for (x = servers; x != NULL && strcmp(x->url, url) != 0;)
		x = x->next;
	if (x == NULL) {
		x = calloc(1, sizeof(*x));
		if (x == NULL || (x->url = strdup(url)) == NULL)
			abort();
		pthread_mutex_init(&x->lock, NULL);
		x->next = servers;
		servers = x;
	}
	pthread_mutex_unlock(&servers_lock);
	return x;
}

void pg_server_failed(struct pg_server *x)
{
	int64_t wait = RETRY_FIRST_MS;

	pthread_mutex_lock(&x->lock);
	for (int i = 0; i < x->failures && wait < RETRY_MOST_MS; i++)
		wait *= 2;
	x->failures++;
	x->retry_at = clock_mono_ms() + (wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS);
	pthread_mutex_unlock(&x->lock);
}

void pg_server_well(struct pg_server *x)
{
	pthread_mutex_lock(&x->lock);
	x->failures = 0;
	x->retry_at = 0;
	pthread_mutex_unlock(&x->lock);
}

bool pg_server_away(struct pg_server *x, bool hurried)
{
	bool away;

	pthread_mutex_lock(&x->lock);
	/* who has no time leaves the trying to those who have */
	away = x->failures > 0 && (hurried || clock_mono_ms() < x->retry_at);
	pthread_mutex_unlock(&x->lock);
	return away;
}

void pg_server_now(struct pg_server *x)
{
	pthread_mutex_lock(&x->lock);
	x->retry_at = 0;
	pthread_mutex_unlock(&x->lock);
}

int64_t pg_server_connects(struct pg_server *x)
{
	int64_t n;

	pthread_mutex_lock(&x->lock);
	n = x->connects;
	pthread_mutex_unlock(&x->lock);
	return n;
}

int64_t pg_server_moved(struct pg_server *x)
{
	int64_t at;

	pthread_mutex_lock(&x->lock);
	at = x->moved_at;
	pthread_mutex_unlock(&x->lock);
	return at;
}

/* A link is there, to the server of that identity. False: an earlier timeline than one that was seen: the server that was
 * replaced has come back, and knows nothing of what happened since. */
bool pg_server_met(struct pg_server *x, const char *system, unsigned timeline, unsigned *known_r)
{
	bool same, good;

	pthread_mutex_lock(&x->lock);
	same = strcmp(x->system, system) == 0;
	*known_r = x->timeline;
	good = !same || timeline == 0 || timeline >= x->timeline;
	if (good) {
		if (x->connects > 0 && (!same || timeline > x->timeline))
			x->moved_at = clock_mono_ms();
		snprintf(x->system, sizeof(x->system), "%s", system);
		x->timeline = timeline;
		x->failures = 0;
		x->retry_at = 0;
		x->connects++;
	}
	pthread_mutex_unlock(&x->lock);
	return good;
}

/* What leases and limits mean by a time is the database's or the host's: they must not be far apart. */
void pg_server_clock(struct pg_server *x, const char *place, int64_t database)
{
	int64_t skew = (int64_t)time(NULL) - database, now = clock_mono_ms();
	bool tell = skew > SKEW_WARN_S || skew < -SKEW_WARN_S;

	pthread_mutex_lock(&x->lock);
	tell = tell && (x->skew_told == 0 || now - x->skew_told > SKEW_AGAIN_MS);
	if (tell)
		x->skew_told = now;
	pthread_mutex_unlock(&x->lock);
	if (tell)
		log_warn(NULL, "clock-skew", "store", place, "seconds", log_num(skew), "reason",
			 "this host's clock and the database's differ: set both by NTP");
}
