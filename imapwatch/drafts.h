/* SPDX-License-Identifier: MPL-2.0
 *
 * What has become of a draft that we put into a rep's Drafts folder, from what lies there now. Pure.
 * IMAP cannot overwrite: clients save a changed draft as a new message (new UID, often a new
 * Message-ID, our header gone) and delete ours.
 */
#ifndef IMAPWATCH_DRAFTS_H
#define IMAPWATCH_DRAFTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "imapwatch/proto.h"
#include "store/store.h"

struct arena;
struct message;

enum draft_fate {
	FATE_SAME,	/* nothing to record */
	FATE_PLACED,	/* it is there and says what we wrote, perhaps saved anew by a client */
	FATE_EDITED,	/* it is there in another form: where says which mail */
	FATE_GONE,	/* not there: wait */
	FATE_DELETED,	/* waited long enough, no successor: it counts as deleted */
};
struct draft_verdict {
	enum draft_fate fate;
	const struct seen_draft *where;	/* into seen; NULL if it is not there */
};

/* A mail of the folder as it is judged; uid and flags are the caller's. On the arena, and of that of m. */
struct seen_draft drafts_seen(struct arena *a, const struct message *m);

/* The same words, whatever a client made of blanks, line ends, quotation marks and dashes. */
bool drafts_same_text(struct arena *a, const char *x, const char *y);

/* Nothing of the rep's is in it, whoever saved it: our words (text) to our person (to) under our subject. */
bool drafts_unchanged(struct arena *a, const struct draft *d, const struct seen_draft *s);

/* A draft in one of the states wanted, placed, edited, gone (what was sent is not asked about: the
 * store knows of the touch). seen: what lies in the folder. wait: seconds a vanished draft is waited for. */
struct draft_verdict drafts_judge(struct arena *a, const struct draft *d, uint32_t uidvalidity,
				  const struct seen_draft *seen, size_t n, time_t now, time_t wait);

#endif
