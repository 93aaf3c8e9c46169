/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide about things that are not one step of one enrolment: dead outbox rows,
 * proposals, who is forgotten (decide.h: everything that waits for a decision). Every decision is an event with who and why.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "store/store.h"

/* A dead (or waiting) outbox row: try again now, or never. INPUT if it is under way or done. */
enum status store_outbox_retry(struct store_tx *tx, struct arena *a, const char *id,
			       const char *actor, struct err *e);
enum status store_outbox_drop(struct store_tx *tx, struct arena *a, const char *id,
			      const char *actor, const char *because, struct err *e);

/* ---- proposals ---- */

/* What a proposal says, by these names; also the options of `relentctl proposal`. */
extern const char *const proposal_fields[];
extern const size_t proposal_fields_n;
struct proposal_put {
	const char *id;			/* NULL: a new one */
	const char *prospect_id;	/* of a new one */
	const char *const *values;	/* one for each of proposal_fields; NULL as it is, "" taken out */
	const char *state;		/* NULL: as it is; new: sent */
	time_t date;			/* 0: as it is; new: now */
	time_t expires;			/* 0: as it is; -1: none */
	const char *because;
	const char *owner_id, *touch_id;	/* whose it is, and the mail that carried it; or NULL */
	bool renew;			/* without id: the open one of this person, if there is one, in another version */
};
/* Records it, the stage proposal_sent with it, and a new version when scope, price, discount or expiry change.
 * accepted, rejected and expired end the follow-up: every live enrolment of this person in a sequence
 * of proposal follow-ups is closed. INPUT: an unknown state. */
enum status store_proposal(struct store_tx *tx, struct arena *a, const struct proposal_put *p,
			   const char *actor, const char **id_r, struct err *e);
/* Takes out everything that tells of a person and leaves keyed hashes of their addresses, by which they stay
 * suppressed. Nobody known with that address: the hash alone. Drafts that still lie in a mailbox keep their
 * text until they are out of it (drafts_left): then once more. CONF: no key to hash with. */
struct forgotten {
	bool known;
	size_t addresses;
	int64_t drafts_left;
};
/* Many units: the first stops everything that would go to them, the last tells of it; between them all events are read in
 * pages without a lock. Interrupted: what was begun holds, and the same once more goes on. UNSURE as store_write(). */
enum status store_forget(struct store *s, time_t now, const char *address, const char *actor, const char *because,
			 struct forgotten *out_r, struct err *e);

#endif
