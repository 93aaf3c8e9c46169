/* SPDX-License-Identifier: MPL-2.0
 *
 * Follows a log file over rotation (rename or copytruncate) and restarts, line by line, each line once.
 * The position is kept as inode, offset and a fingerprint of the bytes before it, in a file of ours;
 * when that is written is for the caller to say (follow_save), after what the lines told is safe.
 */
#ifndef LOGWATCH_FOLLOW_H
#define LOGWATCH_FOLLOW_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct follow;

/* CONF: the state file or its folder cannot be used. A log that is not there yet is waited for. */
enum status follow_open(const char *path, const char *state, struct follow **out_r, struct err *e);
void follow_close(struct follow *f);	/* takes NULL; saves nothing */

enum follow_result {
	FOLLOW_LINE,	/* *line_r, without its end, valid until the next call */
	FOLLOW_IDLE,	/* nothing more just now */
	FOLLOW_ERROR,	/* the file cannot be read: e; tried again at the next call */
};
/* An unfinished line is waited for; one longer than 16 KiB is left out. */
enum follow_result follow_line(struct follow *f, struct span *line_r, struct err *e);

/* Remembers the position behind the last line handed out. */
enum status follow_save(struct follow *f, struct err *e);

/* A descriptor that becomes readable when the log changes, or -1: then look every now and then. Call
 * follow_drain() after it did. */
int follow_fd(const struct follow *f);
void follow_drain(struct follow *f);

#endif
