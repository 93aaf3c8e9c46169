/* SPDX-License-Identifier: MPL-2.0
 *
 * Follows systemd's journal through libsystemd, entry by entry, each once. What the journal itself
 * vouches for is used: who wrote an entry (_UID) must be a user of the mail system, so that nobody who
 * may call logger(1) can speak for Postfix.
 */
#ifndef LOGWATCH_JOURNAL_H
#define LOGWATCH_JOURNAL_H

#include "base/err.h"
#include "logwatch/follow.h"
#include "logwatch/parse.h"

struct journal;

/* folder: of journal files, "" the system's own. position: a cursor, or NULL at the very first start: then
 * the last day is read. users: names; one that is unknown here is left out. CONF: there is no journal, or
 * it may not be read. */
enum status journal_open(const char *folder, const char *position, const char *const *users,
			 size_t users_n, struct journal **out_r, struct err *e);
void journal_close(struct journal *j);	/* takes NULL */
/* FOLLOW_LINE: *entry_r, valid until the next call. */
enum follow_result journal_entry(struct journal *j, struct log_entry *entry_r, struct err *e);
const char *journal_position(struct journal *j, struct arena *a);
int journal_fd(struct journal *j);	/* or -1 */
void journal_drain(struct journal *j);

#endif
