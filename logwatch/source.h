/* SPDX-License-Identifier: MPL-2.0
 *
 * Where the log comes from, by the configuration: a file or the journal.
 */
#ifndef LOGWATCH_SOURCE_H
#define LOGWATCH_SOURCE_H

#include "logwatch/journal.h"

struct conf;

struct source {
	struct follow *file;	/* one of these two */
	struct journal *journal;
};

/* What its position is kept under: "file /var/log/mail.log", "journal". */
const char *source_name(struct arena *a, const struct conf *c);
enum status source_open(const struct conf *c, const char *position, struct source *out_r, struct err *e);
void source_close(struct source *s);
enum follow_result source_entry(struct source *s, struct log_entry *entry_r, struct err *e);
const char *source_position(struct source *s, struct arena *a);
int source_fd(struct source *s);
void source_drain(struct source *s);

#endif
