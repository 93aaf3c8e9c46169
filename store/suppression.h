/* SPDX-License-Identifier: MPL-2.0
 *
 * For store/ only: who must not be written to, under all the names they have (suppress.c), and the mark
 * outside the database (mark.c).
 */
#ifndef STORE_SUPPRESSION_H
#define STORE_SUPPRESSION_H

#include "store/store_private.h"

/* "address", its equivalents, domains, company, hash: everything a suppression could name. */
enum { SUBJECTS = 12 };
size_t suppression_subjects(struct store_tx *tx, struct arena *a, const char *address,
			    const char *company_id, const char *out[SUBJECTS]);
/* prospect_id and company_id may be NULL; the company is found by the domain then. */
enum status suppressions_of(struct store_tx *tx, struct arena *a, const char *address, const char *prospect_id,
			    const char *company_id, bool mine, const char *owner_id,
			    struct memory_suppression **out_r, size_t *n_r, struct err *e);
/* Whose address it is, in this or another spelling of the same mailbox: columns id, company, owner (and
 * address, if it is another). GONE: nobody's. */
enum status prospect_of_address(struct store_tx *tx, struct arena *a, const char *address,
				const struct row **r, struct err *e);
/* The one form of all spellings, whatever is switched on: prospect_address.same. */
const char *address_same(struct arena *a, const char *address);
bool same_mailbox(const struct store_tx *tx, struct arena *a, const char *x, const char *y);
enum status suppression_of_alias(struct store_tx *tx, struct arena *a, const char *address,
				 const char *prospect_id, const char *actor, struct err *e);
/* What is suppressed of a company stops what runs for its further domains too. */
enum status suppression_of_company(struct store_tx *tx, struct arena *a, const char *company_id,
				   const char *actor, struct err *e);
enum status suppression_lift_bounce(struct store_tx *tx, struct arena *a, const char *address,
				    const char *evidence, struct err *e);

/* Moves the mark to what is committed; called by the writer between transactions. */
void mark_advance(struct store *store, struct db *db, time_t now);
/* AGAIN while the store has lost suppressions; looks at most every two seconds while all is well. */
enum status mark_guard(struct store_tx *tx, struct arena *a, struct err *e);

/* lost.c. The writer's own: after a commit; before a transaction, once there is a new link to the server. */
void lost_committed(struct store *s);
bool lost_look_wanted(struct store *s);
enum status lost_look(struct store *s, time_t now, struct err *e);
/* What some host has told; NULL: nothing is missing. */
enum status lost_told(struct store_tx *tx, struct arena *a, const char **why_r, struct err *e);

#endif
