/* SPDX-License-Identifier: MPL-2.0
 *
 * Several watchers on one database: which mailboxes are this one's (store/leases.h), and what is done when one comes or
 * goes. With one watcher: a row renewed every ten seconds.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/log.h"

enum { SKEW_WARN_S = 60 };

struct skew_unit {
	struct hub *h;
	int64_t skew;
};

static enum status begin_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct skew_unit *u = ctx;
	enum status s = store_leases_begin(tx, a, &u->h->lease, e);

	return s == OK ? store_clock_skew(tx, a, &u->skew, e) : s;
}

enum status hosts_begin(struct hub *h, struct err *e)
{
	const char *instance = conf_str(h->conf, "imapwatch.instance");
	struct skew_unit u = { .h = h };
	enum status s;

	snprintf(h->holder, sizeof(h->holder), "%s%s%s", h->hostname, *instance ? "/" : "", instance);
	id_make(h->process, clock_now_ms(h->clock));
	h->lease = (struct lease_watcher){ h->holder, h->process, conf_int(h->conf, "imapwatch.lease") };
	s = store_write(h->store, clock_now(h->clock), begin_unit, &u, 0, e);
	if (s == OK && (u.skew > SKEW_WARN_S || u.skew < -SKEW_WARN_S))
		log_warn(NULL, "clock-skew", "seconds", log_num(u.skew), "reason",
			 "this host's clock and the database's differ: set both by NTP");
	return s;
}

static void tell(struct hub *h, const struct mailbox *box, enum frame_type type)
{
	struct arena *a;
	struct buf b;

	if (hub_worker(h, box)->pid == 0)
		return;		/* it is told when it starts */
	a = arena_new(0);
	buf_init(&b, a);
	frame_begin(&b, type, 0);
	pack_text(&b, box->conf->name);
	hub_send(h, hub_worker(h, box), &b);
	arena_free(a);
}

static void lose(struct hub *h, struct mailbox *box, const char *why)
{
	if (!box->mine)
		return;
	box->mine = false;
	box->talking = false;
	free(box->work_folder);
	box->work_folder = NULL;
	arena_free(box->batch);
	box->batch = NULL;
	box->folder = NULL;
	box->list = NULL;
	box->n = 0;
	box->failing_since = 0;
	tell(h, box, FRAME_RELEASE);
	log_info(box->conf->name, "released", "reason", why);
}

void hosts_lost(struct hub *h, struct mailbox *box)
{
	lose(h, box, "another watcher has it by now");
	h->next_lease = 0;
}

static bool busy(const struct hub *h, const struct mailbox *box)
{
	if (box->batch)
		return true;
	for (const struct errand *er = h->errands; er; er = er->next)
		if (er->box == box)
			return true;
	return false;
}

struct tick_unit {
	struct hub *h;
	struct lease_want *list;
	size_t watchers;
};

static enum status tick_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct tick_unit *u = ctx;
	struct hub *h = u->h;

	/* it may be run again: all from its start */
	for (size_t k = 0; k < h->boxes_n; k++) {
		const struct mailbox *box = &h->boxes[k];

		u->list[k] = (struct lease_want){ box->conf->name, box->mine, busy(h, box), box->kept, box->free_looks };
	}
	return store_leases_tick(tx, a, &h->lease, u->list, h->boxes_n, &u->watchers, e);
}

static void follow(struct hub *h, const struct tick_unit *u)
{
	for (size_t k = 0; k < h->boxes_n; k++) {
		struct mailbox *box = &h->boxes[k];

		box->kept = u->list[k].keep && u->list[k].mine;
		box->free_looks = u->list[k].free;
		if (box->mine && !u->list[k].mine) {
			lose(h, box, "another watcher takes its share");
		} else if (!box->mine && u->list[k].mine) {
			box->mine = true;
			box->looked_at = 0;
			if (u->watchers > 1 || h->watchers > 1)
				log_info(box->conf->name, "taken", "watchers", log_num((long long)u->watchers));
			if (!box->parked)
				tell(h, box, FRAME_ASSIGN);
		}
	}
	if (u->watchers != h->watchers && (u->watchers > 1 || h->watchers > 1))
		log_info(NULL, "watchers", "n", log_num((long long)u->watchers));
	h->watchers = u->watchers;
}

enum status hosts_tick(struct hub *h, struct err *e)
{
	struct arena *a;
	struct tick_unit u = { .h = h };
	int64_t now = clock_mono_ms();
	enum status s;

	if (now < h->next_lease)
		return OK;
	h->next_lease = now + h->lease.seconds * 1000 * 2 / 9;
	a = arena_new(0);
	u.list = arena_array(a, struct lease_want, h->boxes_n + 1);
	s = store_write(h->store, clock_now(h->clock), tick_unit, &u, 0, e);
	if (s == OK)
		follow(h, &u);
	else if (s != GONE)
		log_error(NULL, "lease-not-renewed", "reason", e->text);
	arena_free(a);
	return s == GONE ? CONF : OK;
}

static enum status end_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_leases_end(tx, ctx, e);
}

void hosts_end(struct hub *h)
{
	struct err e;

	if (store_write(h->store, clock_now(h->clock), end_unit, &h->lease, 0, &e) != OK)
		log_warn(NULL, "lease-not-given-back", "reason", e.text);
}
