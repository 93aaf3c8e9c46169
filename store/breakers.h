/* SPDX-License-Identifier: MPL-2.0
 *
 * Rates and breakers, for the commands of people. Opening is the store's own business.
 */
#ifndef STORE_BREAKERS_H
#define STORE_BREAKERS_H

#include "store/core.h"

/* The rates that count now: of the rolling window, or since a person closed the last breaker. scope:
 * sequence (name), owner (id), domain. */
enum status store_rates(struct store_tx *tx, struct arena *a, const char *scope, const char *name,
			struct rates *out_r, struct err *e);
/* INPUT without a reason, or when it is closed. GONE: there is none. */
enum status store_breaker_close(struct store_tx *tx, struct arena *a, const char *id, const char *actor,
				const char *because, struct err *e);

#endif
