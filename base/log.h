/* SPDX-License-Identifier: MPL-2.0
 *
 * One line per event: `<queue-id or mailbox/uid>: verb key=value ...`. Values are escaped
 * here, so nothing a mail contains can forge a line. Never subject or body text.
 * info: an event; warn: the administrator should look; error: this unit of work failed;
 * fatal: we exit, and why.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR, LOG_LEVEL_FATAL };

/* Where lines go: standard error, in the <N>prefixed form that journald understands when
 * JOURNAL_STREAM is set. name is the program (borrowed for ever). Until called: plain stderr.
 * Never blocks on a reader that stopped reading: a line that cannot be written is dropped and
 * counted, and the count is told when writing works again. */
void log_open(const char *name, enum log_level least);

/* The arguments after verb are pairs `const char *key, const char *value`, ended by NULL
 * (write LOG_END). A NULL value prints `-`. Values with blanks or controls are quoted and
 * escaped. who may be NULL. Thread-safe. */
void log_event(enum log_level level, const char *who, const char *verb, ...)
	__attribute__((sentinel));
#define LOG_END ((const char *)0)
#define log_debug(who, ...) log_event(LOG_LEVEL_DEBUG, (who), __VA_ARGS__, LOG_END)
#define log_info(who, ...) log_event(LOG_LEVEL_INFO, (who), __VA_ARGS__, LOG_END)
#define log_warn(who, ...) log_event(LOG_LEVEL_WARN, (who), __VA_ARGS__, LOG_END)
#define log_error(who, ...) log_event(LOG_LEVEL_ERROR, (who), __VA_ARGS__, LOG_END)
#define log_fatal(who, ...) log_event(LOG_LEVEL_FATAL, (who), __VA_ARGS__, LOG_END)

/* A number as a value, in a ring of thread-local buffers good for one log call (16 a call). */
const char *log_num(long long n);

/* Tests: lines are handed to fn instead of being written; NULL undoes it. */
void log_capture(void (*fn)(void *ctx, enum log_level level, const char *line), void *ctx);

#endif
