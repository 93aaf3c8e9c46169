/* SPDX-License-Identifier: MPL-2.0
 *
 * Between imap.c (commands) and imap_open.c (stream, login): the only files that know libetpan.
 */
#ifndef IMAPWATCH_IMAP_PRIVATE_H
#define IMAPWATCH_IMAP_PRIVATE_H

#include <libetpan/libetpan.h>

#include "imapwatch/guard.h"
#include "imapwatch/imap.h"
#include "imapwatch/net.h"

struct imap {
	struct net *net;
	struct guard guard;
	mailimap *session;
	int64_t timeout_ms;
	uint64_t bytes_max;
	bool dead, idling, idle, uidplus, special_use, notify, notifying;
	int idle_tag;
};

/* A command begins: its deadline, and how much may be answered. */
void imap_command(struct imap *i, uint64_t bytes);
/* The session is dead; AGAIN with the reason. */
enum status imap_broken(struct imap *i, const char *what, struct err *e);
/* libetpan's result as ours. */
enum status imap_answer(struct imap *i, int r, const char *what, struct err *e);

/* Lines, where libetpan's own way is not good enough. The line is good until the next read; NULL: the
 * link broke. */
const char *imap_read_line(struct imap *i);
bool imap_send_text(struct imap *i, const char *s);
bool imap_flush(struct imap *i);
bool imap_says_bye(const char *line);
/* The text after the tag if line is the answer to tag, else NULL. */
const char *imap_tagged(const char *line, int tag);

#endif
