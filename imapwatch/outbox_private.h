/* SPDX-License-Identifier: MPL-2.0
 *
 * Between outbox.c (rows, errands, notes) and desk_parent.c (drafts).
 */
#ifndef IMAPWATCH_OUTBOX_PRIVATE_H
#define IMAPWATCH_OUTBOX_PRIVATE_H

#include "imapwatch/hub.h"

struct desk_answer {
	enum status status;
	const char *error, *result, *folder;
	int how;			/* enum folder_how, unchecked */
	uint32_t validity, uid;
};

struct errand *errand_add(struct hub *h, enum frame_type type, struct mailbox *box, const char *outbox_id,
			  const char *draft_id, int64_t epoch);
void outbox_failed(struct hub *h, const char *id, int64_t epoch, const char *error, bool final);
const char *outbox_text(struct hub *h, struct arena *a, const char *name, struct err *e);

/* Out of the list (free it); NULL if nobody waits for that answer. */
struct errand *errand_take(struct hub *h, uint32_t number);
struct errand *errand_find(struct hub *h, uint32_t number);
void errand_free(struct errand *er);
/* Is somebody at this row? */
bool outbox_busy(const struct hub *h, const char *id);
/* True: another watcher has that mailbox, and the row waits for it. */
bool outbox_elsewhere(struct hub *h, const struct mailbox *box, const struct outbox *row);
void outbox_is_done(struct hub *h, const char *id, int64_t epoch);
/* The same of a note, with others of this round of the loop in one commit. error NULL: it is done. */
void outbox_answered(struct hub *h, const char *id, int64_t epoch, const char *error, bool final);

/* notes.c: those of the rows that are notes to reps */
void notes_do(struct hub *h, struct arena *a, const struct outbox *rows, size_t n);
void notes_looked_for(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d);
/* May more of them be taken now? */
bool notes_wanted(const struct hub *h);

/* itself.c: true if this draft is an approved template and goes out without being one */
bool sending_by_itself(struct hub *h, struct arena *a, const struct outbox *row);

/* sending.c */
void sending_do(struct hub *h, struct arena *a, const struct outbox *row);
void sending_copy(struct hub *h, struct arena *a, const struct outbox *row);
void sending_copied(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d);

void desk_put(struct hub *h, struct arena *a, const struct outbox *row);
void desk_put_done(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d);
void desk_remove(struct hub *h, struct arena *a, const struct outbox *row);
void desk_remove_done(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d);
void desk_look_done(struct hub *h, struct arena *a, const struct errand *er, const struct frame *f);

#endif
