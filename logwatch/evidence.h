/* SPDX-License-Identifier: MPL-2.0
 *
 * From lines of the log to what the store is told, in batches of one commit.
 */
#ifndef LOGWATCH_EVIDENCE_H
#define LOGWATCH_EVIDENCE_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "logwatch/parse.h"
#include "store/store.h"

struct arena;

/* False: the line says nothing to the store. Strings are copied to a, bounded, valid UTF-8. */
bool evidence_of(struct arena *a, const struct log_line *line, time_t at, struct evidence *out_r);

enum { BATCH_MAX = 100 };
struct batch {
	struct arena *arena;
	struct evidence list[BATCH_MAX];
	size_t n;
};
/* All of it in one commit. A piece of evidence that the store cannot take (INPUT) is logged and left out.
 * Anything but OK: nothing was kept, try again with the same batch (doing it twice is harmless). */
enum status batch_write(struct store *s, struct batch *b, time_t now, struct err *e);
void batch_clear(struct batch *b);

#endif
