/* SPDX-License-Identifier: MPL-2.0
 *
 * Hearing of what other hosts commit: a thread with a link of its own, so that neither a slow connect nor a dead server
 * holds up who listens. Lost links are made again; after each, everything may be news.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "store/leases.h"
#include "store/store_private.h"

enum { ASK_MS = 20000, AGAIN_MS = 1000 };

struct store_listener {
	struct store *store;
	pthread_t thread;
	int news_fd, stop_fd;
	atomic_uint news;
};

void store_tell(struct store_tx *tx, unsigned what)
{
	const struct store_driver *d = tx->store->driver;

	if (d->tell != NULL && !tx->store->o.quiet)
		d->tell(tx->db, what);
}

static void ring(struct store_listener *l, unsigned what)
{
	uint64_t one = 1;

	if (what == 0)
		return;
	atomic_fetch_or(&l->news, what);
	(void)!write(l->news_fd, &one, sizeof(one));
}

/* True: to be ended. */
static bool stopped(const struct store_listener *l, int wait_ms)
{
	struct pollfd p = { .fd = l->stop_fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0;
}

static void *listen_main(void *ctx)
{
	struct store_listener *l = ctx;
	const struct store_driver *d = l->store->driver;
	bool told = false;

	while (!stopped(l, 0)) {
		struct db *db = NULL;
		struct err e = { "" };
		unsigned what = 0;
		enum status s = d->open(&l->store->o, DB_WRITER, NULL, 0, &db, &e);

		if (s == OK)
			s = d->listen(db, &e);
		if (s == OK) {
			ring(l, STORE_NEWS_ALL);	/* whatever was said meanwhile */
			if (told)
				log_info(NULL, "listens-again");
			told = false;
		}
		while (s == OK && !stopped(l, 0)) {
			s = d->hear(db, l->stop_fd, ASK_MS, &what, &e);
			ring(l, s == OK ? what : 0);
		}
		if (s != OK && !told) {
			log_warn(NULL, "listens-not", "reason", e.text, "until", "it looks for itself");
			told = true;
		}
		d->close(db);
		if (s != OK && stopped(l, AGAIN_MS))
			break;
	}
	return NULL;
}

enum status store_listen(struct store *s, struct store_listener **out_r, int *fd_r, struct err *e)
{
	struct store_listener *l;
	sigset_t all, old;
	int rc;

	*out_r = NULL;
	*fd_r = -1;
	if (s->driver->listen == NULL || s->o.quiet)
		return OK;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	l->store = s;
	l->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = l->news_fd < 0 || l->stop_fd < 0 ? errno : pthread_create(&l->thread, NULL, listen_main, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		close(l->news_fd);
		close(l->stop_fd);
		free(l);
		return err_set(e, SYS, "cannot listen to the store: %s", strerror(rc));
	}
	*out_r = l;
	*fd_r = l->news_fd;
	return OK;
}

unsigned store_listen_news(struct store_listener *l)
{
	uint64_t n;

	(void)!read(l->news_fd, &n, sizeof(n));
	return atomic_exchange(&l->news, 0);
}

void store_listen_end(struct store_listener *l)
{
	uint64_t one = 1;

	if (l == NULL)
		return;
	(void)!write(l->stop_fd, &one, sizeof(one));
	pthread_join(l->thread, NULL);
	close(l->news_fd);
	close(l->stop_fd);
	free(l);
}
