/* SPDX-License-Identifier: MPL-2.0
 *
 * Evidence into the store, many lines to one commit, together with the position behind them.
 */
#ifndef LOGWATCH_DELIVER_H
#define LOGWATCH_DELIVER_H

#include "logwatch/track.h"

enum { BATCH_MAX = 512 };

struct batch {
	struct arena *arena;
	struct evidence list[BATCH_MAX + TRACK_MAX];
	bool known[BATCH_MAX + TRACK_MAX];
	size_t n;
};

struct delivery {
	struct store *store;
	struct track *track;
	const struct phrases *phrases;	/* borrowed; may be NULL */
	const char *host, *source;	/* what the position is kept under */
};

/* Looks up whose mails the batch is about and writes what concerns touches of ours, with position (NULL: the
 * one kept stays), in one commit. keep: also where nothing concerns us. A piece of evidence that the store
 * cannot take (INPUT) is logged and left out. Anything but OK: nothing was kept, try again with the same
 * batch (doing it twice is harmless). OK clears the batch. */
enum status batch_write(struct delivery *d, struct batch *b, const char *position, bool keep, bool lines,
			time_t now, struct err *e);
bool batch_is_full(const struct batch *b);

#endif
