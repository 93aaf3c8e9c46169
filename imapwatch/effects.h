/* SPDX-License-Identifier: MPL-2.0
 *
 * The parent, continued from hub.h: mails that it sends, the adviser, other watchers.
 */
#ifndef IMAPWATCH_EFFECTS_H
#define IMAPWATCH_EFFECTS_H

#include <stdint.h>

#include "base/err.h"

struct frame;
struct hub;
struct mailbox;

/* A mail that killed workers. */
struct suspect {
	struct suspect *next;
	char *account, *folder;
	uint32_t validity, uid;
	int score;
};

/* hosts.c: several watchers on one database */
enum status hosts_begin(struct hub *h, struct err *e);
/* CONF: another process calls itself the same. */
enum status hosts_tick(struct hub *h, struct err *e);
void hosts_end(struct hub *h);
/* The store said so: nothing more is done there. */
void hosts_lost(struct hub *h, struct mailbox *box);

/* sending.c: mails that relent hands over by itself */
void sending_asked(struct hub *h, const struct frame *f);
void sending_done(struct hub *h, const struct frame *f);
void sending_slow_tick(struct hub *h);
void sending_reload(struct hub *h);

/* opinions.c: the adviser's side, if there is one */
void opinions_tick(struct hub *h);
void opinions_answer(struct hub *h, const struct frame *f);
void opinions_forget(struct hub *h);	/* it will not answer any more */

#endif
