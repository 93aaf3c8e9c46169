/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide about outbox rows (everything else: decide.c).
 */
#include "config.h"

#include <string.h>

#include "store/people.h"
#include "store/sends.h"

#include "base/arena.h"
#include "base/str.h"

/* ---- outbox ---- */

static enum status outbox_change(struct store_tx *tx, struct arena *a, const char *id,
				 const char *statement, const char *kind, const char *actor,
				 const char *because, struct err *e)
{
	struct event_new record = { .kind = kind, .entity = "outbox", .entity_id = id, .actor = actor };
	struct value args[3] = { store_text(id), V_INT(store_now(tx)), store_text(because) };
	int64_t changed = 0;
	enum status st = store_query(tx, statement, args, because ? 3 : 2, NULL, NULL, &changed, e);

	if (st)
		return st;
	if (changed == 0)
		return err_set(e, INPUT, "'%s' is under way or done: nothing to change", id);
	return store_event(tx, a, &record, e);
}

enum status store_outbox_retry(struct store_tx *tx, struct arena *a, const char *id,
			       const char *actor, struct err *e)
{
	enum status s = store_send_may_retry(tx, a, id, e);

	return s ? s : outbox_change(tx, a, id, "people_outbox_retry", "outbox_retry", actor, NULL, e);
}

enum status store_outbox_drop(struct store_tx *tx, struct arena *a, const char *id,
			      const char *actor, const char *because, struct err *e)
{
	const char *why = str_empty(because) ? "dropped by hand" : because;
	struct event_new record = { .kind = "outbox_drop", .entity = "outbox", .entity_id = id, .actor = actor };
	bool done;
	enum status s = store_send_drop(tx, a, id, actor, why, &done, e);

	if (s || done)
		return s ? s : store_event(tx, a, &record, e);
	return outbox_change(tx, a, id, "people_outbox_drop", "outbox_drop", actor, why, e);
}
