/* SPDX-License-Identifier: MPL-2.0
 *
 * What is remembered between lines, in bounded memory: the Message-ID of a queue id, which mails are
 * none of ours, what a client's connection handed in, and lines of a content filter's second queue id
 * that came before the line that names it. Forgetting any of it loses a nicety, never the truth: an
 * unknown mail is looked up again.
 */
#ifndef LOGWATCH_TRACK_H
#define LOGWATCH_TRACK_H

#include "logwatch/evidence.h"

struct track;

struct track *track_new(void);
void track_free(struct track *t);	/* takes NULL */

/* Takes a line. Tells the evidence in it: none, one, or one for each mail of a connection that failed; on
 * a, valid as long as a. At most TRACK_MAX. */
enum { TRACK_MAX = 8 };
size_t track_line(struct track *t, struct arena *a, const struct log_line *line, time_t at,
		  struct evidence *out_r);

/* The store knows nothing of this mail: its further lines are not asked about, until it is queued anew. */
void track_foreign(struct track *t, const struct evidence *ev);
bool track_is_foreign(const struct track *t, const struct evidence *ev);
/* A touch goes on under next_id: its lines that were taken for a stranger's. They are the caller's to free. */
size_t track_moved(struct track *t, const struct evidence *ev, struct evidence **out_r, size_t max);

/* Message-IDs of mails that are not known to be queued yet, each told once. */
void track_unsaved(struct track *t, store_mail_id_fn *fn, void *ctx);
void track_remember(struct track *t, const char *host, const char *queue_id, const char *message_id);

#endif
