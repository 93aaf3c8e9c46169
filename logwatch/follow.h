/* SPDX-License-Identifier: MPL-2.0
 *
 * Follows a log file over rotation (rename or copytruncate) and restarts, line by line, each line once.
 * The position is inode, offset and a fingerprint of the bytes before it, as a short text: the caller
 * keeps it, in the transaction that keeps what the lines told.
 */
#ifndef LOGWATCH_FOLLOW_H
#define LOGWATCH_FOLLOW_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct arena;
struct follow;

/* position: as follow_position() made it, or NULL at the very first start. A log that is not there yet is
 * waited for; one that cannot be found again is begun anew, and said so. */
void follow_open(const char *path, const char *position, struct follow **out_r);
void follow_close(struct follow *f);	/* takes NULL */

enum follow_result {
	FOLLOW_LINE,	/* *line_r, without its end, valid until the next call */
	FOLLOW_IDLE,	/* nothing more just now */
	FOLLOW_ERROR,	/* the file cannot be read: e; tried again at the next call */
};
/* An unfinished line is waited for; one longer than 16 KiB is left out. */
enum follow_result follow_line(struct follow *f, struct span *line_r, struct err *e);

/* Behind the last line handed out. NULL: nowhere just now (no file, or it was truncated this moment): what
 * was kept last still holds. Hashes only, so that no mail data lies in a second place. */
const char *follow_position(struct follow *f, struct arena *a);

/* A descriptor that becomes readable when the log changes, or -1: then look every now and then. Call
 * follow_drain() after it did. */
int follow_fd(const struct follow *f);
void follow_drain(struct follow *f);

#endif
