/* SPDX-License-Identifier: MPL-2.0
 *
 * The outbox: effects outside the store. Committed with the decision, done afterwards, at least
 * once, by key; given up visibly after a limit.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "store/leases.h"
#include "store/store_private.h"

enum { ATTEMPTS_MAX = 12, BACKOFF_FIRST = 30, BACKOFF_MAX = 6 * 3600,
       /* a mailbox may be full, closed or away for weeks; what is done then costs it one command */
       BACKOFF_MAX_DRAFT = 1800 };

enum status store_outbox_add(struct store_tx *tx, struct arena *a, const struct outbox *o,
			     time_t not_before, struct err *e)
{
	/* lines for a digest lie there until one is made: nobody takes them one by one */
	const char *state = str_eq(o->kind, "digest") ? "digest" : "waiting";

	if (not_before <= tx->now && str_eq(state, "waiting"))
		store_tell(tx, STORE_NEWS_OUTBOX);
	return RUN(tx, outbox_insert, e, T(o->id ? o->id : store_id(tx, a)), T(o->kind), T(o->key),
		   T(o->owner_id), T(o->account), T(o->enrolment_id), T(o->draft_id),
		   T(o->payload ? o->payload : "{}"), I(not_before), I(tx->now), T(state));
}

enum status store_outbox_take(struct store_tx *tx, struct arena *a, const char *kind, bool notes, size_t max,
			      int lease, const char *holder, struct outbox **out_r, size_t *n_r, struct err *e)
{
	struct rows rows = { 0 };
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	if (s == OK)
		s = db_rows(tx, a, notes ? ST_outbox_take : ST_outbox_take_work,
			    ARGS(I(tx->now), T(kind), I((int64_t)max), I(tx->now + lease), T(holder), I(now)), &rows, e);

	*n_r = 0;
	if (s != OK)
		return s;
	struct outbox *list = arena_array(a, struct outbox, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		list[i] = (struct outbox){
			.id = at_text(r, 0), .kind = at_text(r, 1), .key = at_text(r, 2),
			.owner_id = at_text(r, 3), .account = at_text(r, 4),
			.enrolment_id = at_text(r, 5), .draft_id = at_text(r, 6),
			.payload = at_text(r, 7), .attempts = (int)at_int(r, 8),
			.created = (time_t)at_int(r, 9), .epoch = at_int(r, 10),
		};
	}
	*out_r = list;
	*n_r = rows.n;
	return OK;
}

enum status store_outbox_fence(struct store_tx *tx, struct arena *a, const char *id, int64_t epoch, struct err *e)
{
	const struct row *r = NULL;
	enum status s = epoch == 0 ? OK : ONE(tx, a, outbox_epoch, &r, e, T(id));

	if (s == GONE || (s == OK && epoch != 0 && at_int(r, 0) != epoch))
		return err_set(e, GONE, "another watcher has taken '%s' since", id);
	return s;
}

static enum status some(void *ctx, const struct row *r, struct err *e)
{
	(void)r;
	(void)e;
	*(bool *)ctx = true;
	return OK;
}

enum status store_outbox_any(struct store_tx *tx, struct arena *a, bool notes, const char *holder, bool *any_r,
			     struct err *e)
{
	int64_t now = 0;
	enum status s = store_db_clock(tx, a, &now, e);

	*any_r = false;
	return s == OK ? store_query(tx, notes ? "outbox_any" : "outbox_any_work",
				     (struct value[]){ I(tx->now), T(holder), I(now) }, 3, some, any_r, NULL, e) : s;
}

enum status store_outbox_release(struct store_tx *tx, const char *id, const char *holder, struct err *e)
{
	store_tell(tx, STORE_NEWS_OUTBOX);
	return RUN(tx, outbox_release, e, T(id), I(tx->now), T(holder));
}

enum status store_outbox_elsewhere(struct store_tx *tx, const char *id, time_t not_before, struct err *e)
{
	return RUN(tx, outbox_elsewhere, e, T(id), I(not_before));
}

enum status store_outbox_done(struct store_tx *tx, const char *id, struct err *e)
{
	return RUN(tx, outbox_done, e, T(id), I(tx->now));
}

enum status store_outbox_failed(struct store_tx *tx, const char *id, const char *error, bool final,
				struct err *e)
{
	struct arena *a = arena_new(0);
	const struct row *r = NULL;
	int64_t wait = BACKOFF_FIRST;
	enum status s = ONE(tx, a, outbox_get, &r, e, T(id));

	if (s == GONE)
		s = err_set(e, GONE, "there is no outbox row '%s'", id);
	if (s == OK) {
		int64_t attempts = at_int(r, 0);
		bool draft = strncmp(at_text(r, 1), "draft_", 6) == 0;
		int64_t most = draft ? BACKOFF_MAX_DRAFT : BACKOFF_MAX;
		for (int64_t i = 1; i < attempts && wait < most; i++)
			wait *= 2;
		if (wait > most)
			wait = most;
		bool dead = final || (attempts >= ATTEMPTS_MAX && !draft);
		s = RUN(tx, outbox_failed, e, T(id), T(dead ? "dead" : "waiting"), I(tx->now + wait),
			T(str_cut(a, error ? error : "unknown error", 500)));
		if (s == OK && dead) {
			json_t *payload = json_object();
			json_put(payload, "kind", at_text(r, 1));
			json_put(payload, "error", error);
			log_warn(id, "outbox-dead", "kind", at_text(r, 1), "error", error);
			s = event_change(tx, a, "dead", "outbox", id, at_text(r, 2), NULL,
					 tx->store->o.program, payload, e);
		}
	}
	arena_free(a);
	return s;
}
