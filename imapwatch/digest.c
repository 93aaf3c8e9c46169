/* SPDX-License-Identifier: MPL-2.0
 *
 * The digest at its hour: who is due is a pure question (policy/digest.h), what is in it and that it is made once are
 * the store's (store/digest.h). Here the two meet the clock.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/digest.h"
#include "store/links.h"

enum { TRY_AGAIN_S = 300, PRUNE = 50 };

struct owners_unit {
	struct arena *keep;
	struct digest_owner *list;
	size_t n;
	time_t weekly_last;
};

static enum status read_owners(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct owners_unit *u = ctx;
	struct digest_owner *list;
	enum status s = store_digest_owners(tx, a, &list, &u->n, e);

	if (s != OK)
		return s;
	u->list = arena_array(u->keep, struct digest_owner, u->n);
	for (size_t k = 0; k < u->n; k++)
		u->list[k] = (struct digest_owner){ arena_strdup(u->keep, list[k].id), arena_strdup(u->keep, list[k].login),
						    arena_strdup(u->keep, list[k].zone), list[k].last };
	return store_weekly_last(tx, a, &u->weekly_last, e);
}

struct make_unit {
	struct hub *h;
	const struct digest_owner *owner;	/* NULL: the administrator's */
	const char *to, *zone;
	struct digest_moment at;
	size_t items;
	char list[ID_SIZE];
};

static enum status make(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct make_unit *u = ctx;
	struct digest_options o;
	struct digest_mail m = { 0 };
	enum status s = digest_options_read(a, u->h->conf, &o, e);

	u->items = 0;
	u->list[0] = '\0';
	if (s == OK)
		s = u->owner ? store_digest_make(tx, a, u->owner->id, &o, &u->at, &m, e)
			     : store_weekly_make(tx, a, u->to, u->zone, &o, &u->at, &m, e);
	if (s != OK)
		return s;
	u->items = m.items;
	if (m.list_id)
		memcpy(u->list, m.list_id, sizeof(u->list));
	return OK;
}

/* False: it could not be done now. Another watcher that was first is no trouble. */
static bool make_one(struct hub *h, struct make_unit *u)
{
	const char *who = u->owner ? u->owner->login : u->to;
	struct err e;
	enum status s;

	(void)fault_point("before-digest");
	s = store_write(h->store, clock_now(h->clock), make, u, 0, &e);
	(void)fault_point("digest-made");
	if (s == OK && u->list[0]) {
		log_info(u->list, u->owner ? "digest" : "weekly", "for", who, "late", u->at.late ? "yes" : "no");
		h->outbox_hint = true;
	} else if (s != OK && s != GONE) {
		log_error(NULL, "digest-not-made", "for", who, "reason", e.text);
		return false;
	}
	return true;
}

static bool weekly(struct hub *h, time_t last)
{
	const char *zone = conf_str(h->conf, "zone");
	struct digest_when w = { .zone = *zone ? zone : "UTC", .hour = digest_hour_of(h->conf, NULL),
				 .weekday = digest_weekday(h->conf), .last = last };
	struct make_unit u = { .h = h, .to = conf_str(h->conf, "administrator"), .zone = w.zone };

	if (!*u.to || w.weekday == 0 || !policy_digest_due(&w, clock_now(h->clock), &u.at))
		return true;
	if (last == 0 && u.at.late)	/* installed in the middle of a week: nobody missed anything */
		return true;
	return make_one(h, &u);
}

static enum status prune(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_lists_prune(tx, a, PRUNE, ctx, e);
}

void digest_tick(struct hub *h)
{
	struct owners_unit u = { 0 };
	time_t now = clock_now(h->clock);
	size_t pruned = 0;
	bool good = true;
	struct err e;

	if (now < h->digest_not_before && h->digest_not_before - now <= TRY_AGAIN_S)
		return;
	h->digest_not_before = 0;
	u.keep = arena_new(0);
	if (store_read(h->store, now, read_owners, &u, &e) != OK) {
		log_error(NULL, "digest-not-made", "reason", e.text);
		good = false;
	}
	for (size_t k = 0; good && k < u.n && conf_bool(h->conf, "digest.daily"); k++) {
		struct digest_when w = { .zone = u.list[k].zone, .hour = digest_hour_of(h->conf, u.list[k].login),
					 .last = u.list[k].last };
		struct make_unit m = { .h = h, .owner = &u.list[k] };

		if (!policy_digest_due(&w, now, &m.at))
			continue;
		m.at.late = m.at.late && w.last > 0;	/* somebody new has missed nothing */
		if (!make_one(h, &m))
			h->digest_not_before = now + TRY_AGAIN_S;	/* the others' all the same */
	}
	if (good && !weekly(h, u.weekly_last))
		h->digest_not_before = now + TRY_AGAIN_S;
	if (good && store_write(h->store, now, prune, &pruned, 0, &e) != OK)
		log_warn(NULL, "digest", "what", "prune", "reason", e.text);
	arena_free(u.keep);
}
