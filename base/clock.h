/* SPDX-License-Identifier: MPL-2.0
 *
 * The programs' clock. Only shells ask it; deciding code gets `time_t now`.
 * For tests and the demo a program may be started with --clock-file FILE: the file's content
 * (`2026-03-02T09:00:00Z`, or `+3600` / `+2d` for an offset to the real clock) is read at each
 * call, an absolute time runs on from the moment the file was written (its mtime). Logged loudly
 * at start; deliberately not a configuration option.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "base/err.h"

struct clock;

enum status clock_new(const char *file_or_null, struct clock **out_r, struct err *e);
void clock_free(struct clock *c);
/* Thread-safe. An unreadable clock file keeps the last offset. */
time_t clock_now(struct clock *c);
int64_t clock_now_ms(struct clock *c);
/* A time that somebody else's clock wrote just now (INTERNALDATE, a line of the MTA's log), moved as our
 * own clock is: unchanged without a clock file. Else a stepped clock would see every answer come
 * before the touch it answers. */
time_t clock_from_real(struct clock *c, time_t real);
/* CLOCK_MONOTONIC in ms, untouched by the clock file: for time-outs. */
int64_t clock_mono_ms(void);

#endif
