/* SPDX-License-Identifier: MPL-2.0
 *
 * From a line of the log to what the store is told. Pure.
 */
#ifndef LOGWATCH_EVIDENCE_H
#define LOGWATCH_EVIDENCE_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"
#include "logwatch/parse.h"
#include "store/store.h"

struct arena;
struct phrases;

/* False: nothing to the store. */
bool evidence_kind_of(enum log_kind kind, enum evidence_kind *out_r);
/* False: the line says nothing to the store. Strings are copied to a, bounded, valid UTF-8. */
bool evidence_of(struct arena *a, const struct log_line *line, time_t at, struct evidence *out_r);
/* What the refusal says of the address: hard or not. For those of our own touches only, because it reads
 * the words as the classifier reads a report (p may be NULL: then by its code alone). */
void evidence_judge(struct arena *a, const struct phrases *p, struct evidence *ev);
/* A copy in one piece: on a, or (a NULL) on the heap for what must wait, freed by free(). */
struct evidence *evidence_clone(struct arena *a, const struct evidence *ev);

#endif
