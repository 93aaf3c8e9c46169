/* SPDX-License-Identifier: MPL-2.0
 *
 * Of relent-logwatch itself: where it is in its log, that it lives, and the Message-IDs of mails that are
 * between cleanup and the queue.
 */
#include "config.h"

#include "base/str.h"
#include "store/store_private.h"

enum { HEARD_WITHIN = 60, SOURCE_KEPT = 90 * 86400, FORGET_AFTER = 86400, FORGET_AT_ONCE = 50, IDS_MAX = 4096 };

enum status store_log_follows(struct store_tx *tx, const char *host, const char *source,
			      const char *position, bool lines, struct err *e)
{
	enum status s = RUN(tx, log_source_put, e, T(host), T(source), T(position), I(tx->now), I(lines));

	/* hosts that are gone, logs that were left for others */
	if (s == OK)
		s = RUN(tx, log_source_forget, e, I(tx->now - SOURCE_KEPT));
	return s == OK ? RUN(tx, mta_mail_forget, e, I(tx->now - FORGET_AFTER), I(FORGET_AT_ONCE)) : s;
}

enum status store_log_position(struct store_tx *tx, struct arena *a, const char *host, const char *source,
			       const char **position_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, log_source_get, &r, e, T(host), T(source));

	*position_r = s == OK ? at_text(r, 0) : NULL;
	return s == OK && *position_r == NULL ? GONE : s;
}

enum status store_log_followed(struct store_tx *tx, struct arena *a, bool *followed_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, log_source_heard, &r, e, I(tx->now - HEARD_WITHIN));

	*followed_r = s == OK;
	return s == GONE ? OK : s;
}

enum status store_mail_id(struct store_tx *tx, const char *host, const char *queue_id,
			  const char *message_id, struct err *e)
{
	return RUN(tx, mta_mail_put, e, T(host), T(queue_id), T(message_id), I(tx->now));
}

enum status store_mail_ids(struct store_tx *tx, struct arena *a, store_mail_id_fn *fn, void *ctx,
			   struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, mta_mail_recent, &rows, e, I(tx->now - FORGET_AFTER), I(IDS_MAX));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		fn(ctx, at_text(&rows.list[i], 0), at_text(&rows.list[i], 1), at_text(&rows.list[i], 2));
	return s;
}
