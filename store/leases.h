/* SPDX-License-Identifier: MPL-2.0
 *
 * Which of several watchers reads a mailbox. A row `account:NAME` names the holder, a row `watcher:HOLDER` says by
 * which process of that name and until when the holder lives; so one row is renewed, however many mailboxes there
 * are. Times are the database's, never a host's.
 */
#ifndef STORE_LEASES_H
#define STORE_LEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/core.h"

struct lease_watcher {
	const char *holder;	/* the same after a restart: host and instance */
	const char *process;	/* another one after each start */
	int64_t seconds;	/* how long it is believed to live without a sign */
};
struct lease_want {
	const char *name;
	bool mine;		/* in: it was; out: it is */
	bool busy;		/* not to be given back now */
	bool keep;		/* nobody else wanted it: held beyond the share */
	unsigned free;		/* looks in a row at which nobody held it */
};

/* The process of that name that was before this one is dead, or has nothing to say any more. */
enum status store_leases_begin(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, struct err *e);
/* A mailbox that this watcher's configuration has no more, and that is in no other's hands, is nobody's to read: it is not
 * waited for ("unwatched"). One that comes back is known again by store_account(). n_r: so many. */
struct names;
enum status store_accounts_only(struct store_tx *tx, struct arena *a, const struct lease_watcher *w,
				const struct names *wanted, size_t *n_r, struct err *e);

/* Renews, takes what is free up to a fair share, gives back what is beyond it. list holds all mailboxes of the
 * configuration; watchers_r: how many live. GONE: another process of that name has begun. */
enum status store_leases_tick(struct store_tx *tx, struct arena *a, const struct lease_watcher *w,
			      struct lease_want *list, size_t n, size_t *watchers_r, struct err *e);
/* A clean stop: the others may have them at once. */
enum status store_leases_end(struct store_tx *tx, const struct lease_watcher *w, struct err *e);
/* Inside the unit of work that acts for a mailbox (name NULL: for any). GONE: it is not this process's any more. */
enum status store_lease_held(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, const char *name,
			     struct err *e);
/* Does another watcher that lives have it? */
enum status store_lease_elsewhere(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, const char *name,
				  bool *elsewhere_r, struct err *e);
/* Hears what other hosts commit. Whoever listens looks for himself: news are a nudge, never the thing. On SQLite, and while
 * the link is away, there are none, and the clock's ticks are all there is. fd_r: readable when there is news. */
struct store_listener;
enum store_news { STORE_NEWS_OUTBOX = 1, STORE_NEWS_LEASE = 2, STORE_NEWS_ALL = 3 };
enum status store_listen(struct store *s, struct store_listener **out_r, int *fd_r, struct err *e);
unsigned store_listen_news(struct store_listener *l);	/* since it was last asked */
void store_listen_end(struct store_listener *l);	/* NULL: nothing */
/* Inside a unit of work: those who listen hear of it once it is committed. */
void store_tell(struct store_tx *tx, unsigned what);
/* The database's time. */
enum status store_db_clock(struct store_tx *tx, struct arena *a, int64_t *now_r, struct err *e);
/* How many seconds this host's clock is ahead of the database's. */
enum status store_clock_skew(struct store_tx *tx, struct arena *a, int64_t *skew_r, struct err *e);

#endif
