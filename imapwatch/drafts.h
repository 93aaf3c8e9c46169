/* SPDX-License-Identifier: MPL-2.0
 *
 * What has become of a draft that we put into a rep's Drafts folder, from what lies there now. Pure.
 * IMAP cannot overwrite: clients save a changed draft as a new message (new UID, often a new
 * Message-ID, our header gone) and delete ours.
 */
#ifndef IMAPWATCH_DRAFTS_H
#define IMAPWATCH_DRAFTS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "imapwatch/proto.h"
#include "store/store.h"

struct arena;

enum draft_fate {
	FATE_SAME,	/* nothing to record */
	FATE_PLACED,	/* it is there, and is ours, unchanged */
	FATE_EDITED,	/* it is there in another form: where says which mail */
	FATE_GONE,	/* not there: wait */
	FATE_DELETED,	/* waited long enough, no successor: it counts as deleted */
};
struct draft_verdict {
	enum draft_fate fate;
	const struct seen_draft *where;	/* into seen; NULL if it is not there */
};

/* A draft in one of the states wanted, placed, edited, gone (what was sent is not asked about: the
 * store knows of the touch). seen: what lies in the folder. wait: seconds a vanished draft is waited for. */
struct draft_verdict drafts_judge(struct arena *a, const struct draft *d, uint32_t uidvalidity,
				  const struct seen_draft *seen, size_t n, time_t now, time_t wait);

#endif
