/* SPDX-License-Identifier: MPL-2.0
 *
 * Leases of mailboxes. A holder whose sign of life is too old has lost them when another takes them, not before:
 * one that was stopped and goes on finds out in the transaction it wants to act in.
 */
#include "config.h"

#include "store/leases.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"
#include "store/store_private.h"

enum { FREE_LOOKS = 4 };

enum status store_db_clock(struct store_tx *tx, struct arena *a, int64_t *now_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = db_one(tx, a, ST_db_clock, NULL, 0, &r, e);

	if (s == OK)
		*now_r = at_int(r, 0);
	return s;
}

static const char *beat_name(struct arena *a, const struct lease_watcher *w)
{
	return arena_printf(a, "watcher:%s", w->holder);
}

enum status store_clock_skew(struct store_tx *tx, struct arena *a, int64_t *skew_r, struct err *e)
{
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	*skew_r = s == OK ? (int64_t)time(NULL) - now : 0;
	return s;
}

enum status store_leases_begin(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, struct err *e)
{
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	return s == OK ? RUN(tx, lease_begin, e, T(beat_name(a, w)), T(w->process), I(now + w->seconds), I(now),
			    I((int64_t)time(NULL) - now)) : s;
}

enum status store_leases_end(struct store_tx *tx, const struct lease_watcher *w, struct err *e)
{
	struct arena *a = arena_new(0);

	store_tell(tx, STORE_NEWS_LEASE);
	enum status s = RUN(tx, lease_drop, e, T(beat_name(a, w)), T(w->process));

	arena_free(a);
	return s;
}

enum status store_lease_held(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, const char *name,
			     struct err *e)
{
	const struct row *r = NULL;
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	if (s == OK)
		s = ONE(tx, a, lease_held, &r, e, T(beat_name(a, w)), T(w->process),
			T(name ? arena_printf(a, "account:%s", name) : NULL));
	if (s == OK && (at_int(r, 0) <= now || (name && !str_eq(at_text(r, 1), w->holder))))
		s = GONE;
	return s == GONE ? err_set(e, GONE, "another watcher may have '%s' by now", name ? name : "them") : s;
}

enum status store_lease_elsewhere(struct store_tx *tx, struct arena *a, const struct lease_watcher *w, const char *name,
				  bool *elsewhere_r, struct err *e)
{
	const struct row *r = NULL;
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	if (s == OK)
		s = ONE(tx, a, lease_elsewhere, &r, e, T(arena_printf(a, "account:%s", name)), T(w->holder), I(now));
	*elsewhere_r = s == OK;
	return s == GONE ? OK : s;
}

/* ---- a look ---- */

struct held {
	const char *name, *holder;
	bool alive;
};

static int held_cmp(const void *x, const void *y)
{
	return strcmp(((const struct held *)x)->name, ((const struct held *)y)->name);
}

static enum status read_held(struct store_tx *tx, struct arena *a, int64_t now, struct held **list_r, size_t *n_r,
			     struct err *e)
{
	struct rows rows = { 0 };
	enum status s = ROWS(tx, a, lease_list, &rows, e, I(now));

	if (s != OK)
		return s;
	*list_r = arena_array(a, struct held, rows.n + 1);
	*n_r = rows.n;
	for (size_t k = 0; k < rows.n; k++)
		(*list_r)[k] = (struct held){ at_text(&rows.list[k], 0) + strlen("account:"), at_text(&rows.list[k], 1),
					      at_int(&rows.list[k], 2) != 0 };
	qsort(*list_r, rows.n, sizeof(**list_r), held_cmp);
	return OK;
}

struct look {
	struct store_tx *tx;
	struct arena *a;
	const struct lease_watcher *w;
	struct lease_want *list;
	size_t n, mine, share;
	struct held *held;
	size_t held_n;
	int64_t now;
	struct err *e;
};

static const struct held *held_of(const struct look *l, const char *name)
{
	struct held key = { .name = name };

	return bsearch(&key, l->held, l->held_n, sizeof(*l->held), held_cmp);
}

static enum status drop(struct look *l, const char *name)
{
	store_tell(l->tx, STORE_NEWS_LEASE);
	return RUN(l->tx, lease_drop, l->e, T(arena_printf(l->a, "account:%s", name)), T(l->w->holder));
}

/* What is known of each: mine, another's, or free. What is not in the configuration any more is nobody's. */
static enum status sort_out(struct look *l)
{
	struct names *wanted;
	enum status s = OK;

	l->mine = 0;
	for (size_t k = 0; k < l->n; k++) {
		const struct held *x = held_of(l, l->list[k].name);

		l->list[k].mine = x && str_eq(x->holder, l->w->holder);
		l->list[k].free = !x || !x->alive ? l->list[k].free + 1 : 0;
		l->mine += l->list[k].mine;
	}
	wanted = names_new();
	for (size_t k = 0; k < l->n; k++)
		names_add(wanted, l->list[k].name, k);
	for (size_t j = 0; s == OK && j < l->held_n; j++)
		if (str_eq(l->held[j].holder, l->w->holder) && names_find(wanted, l->held[j].name) == NAMES_NONE)
			s = drop(l, l->held[j].name);
	names_free(wanted);
	return s;
}

static enum status take(struct look *l)
{
	enum status s = OK;

	for (size_t k = 0; s == OK && k < l->n; k++) {
		struct lease_want *x = &l->list[k];
		const struct held *h = held_of(l, x->name);
		const char *name = arena_printf(l->a, "account:%s", x->name);
		int64_t changed = 0;

		if (x->mine || (h && h->alive) || (l->mine >= l->share && x->free < FREE_LOOKS))
			continue;
		s = h ? CHANGE(l->tx, lease_from, &changed, l->e, T(name), T(l->w->holder), T(h->holder),
			     I(l->now))
		      : CHANGE(l->tx, lease_new, &changed, l->e, T(name), T(l->w->holder), I(l->now));
		if (s != OK || changed == 0)
			continue;
		x->mine = true;
		x->keep = l->mine >= l->share;
		x->free = 0;
		l->mine++;
	}
	return s;
}

static enum status give_back(struct look *l)
{
	size_t kept = 0;	/* they do not count: nobody else wants them */
	enum status s = OK;

	for (size_t k = 0; k < l->n; k++)
		kept += l->list[k].mine && l->list[k].keep;
	for (size_t k = l->n; s == OK && k-- > 0 && l->mine - kept > l->share;) {
		struct lease_want *x = &l->list[k];

		if (!x->mine || x->busy || x->keep)
			continue;
		s = drop(l, x->name);
		x->mine = false;
		l->mine--;
	}
	return s;
}

enum status store_leases_tick(struct store_tx *tx, struct arena *a, const struct lease_watcher *w,
			      struct lease_want *list, size_t n, size_t *watchers_r, struct err *e)
{
	struct look l = { .tx = tx, .a = a, .w = w, .list = list, .n = n, .e = e };
	const struct row *r = NULL;
	int64_t now = 0;
	bool all = true;
	enum status s = store_db_clock(tx, a, &now, e);

	if (s == OK)
		s = ONE(tx, a, lease_own, &r, e, T(beat_name(a, w)), T(w->process));
	if (s == GONE)
		return err_set(e, GONE, "another relent-imapwatch calls itself '%s' too: give each its own "
			       "imapwatch.instance", w->holder);
	bool alive = s == OK && at_int(r, 0) > now;
	if (s == OK)
		s = RUN(tx, lease_beat, e, T(beat_name(a, w)), T(w->process), I(now + w->seconds),
			I((int64_t)time(NULL) - now));
	if (s == OK)
		s = ONE(tx, a, lease_watchers, &r, e, I(now));
	if (s != OK)
		return s;
	*watchers_r = (size_t)at_int(r, 0);
	for (size_t k = 0; k < n; k++)
		all = all && list[k].mine;
	if (alive && all && *watchers_r <= 1)
		return OK;	/* alone, and as it was */
	l.now = now;
	s = read_held(tx, a, now, &l.held, &l.held_n, e);
	l.share = *watchers_r > 1 ? (n + *watchers_r - 1) / *watchers_r : n;
	if (s == OK)
		s = sort_out(&l);
	if (s == OK)
		s = take(&l);
	return s == OK ? give_back(&l) : s;
}

enum status store_accounts_only(struct store_tx *tx, struct arena *a, const struct lease_watcher *w,
				const struct names *wanted, size_t *n_r, struct err *e)
{
	struct rows rows = { 0 };
	enum status s = ROWS(tx, a, account_names, &rows, e, T("removed"));

	*n_r = 0;
	for (size_t k = 0; s == OK && k < rows.n; k++) {
		const char *name = at_text(&rows.list[k], 0);
		int64_t changed = 0;

		if (names_find(wanted, name) != NAMES_NONE)
			continue;
		s = CHANGE(tx, account_removed, &changed, e, T(name), T(w->holder), I(tx->now));
		*n_r += (size_t)changed;
	}
	return s;
}
