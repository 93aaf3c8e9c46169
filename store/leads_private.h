/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to the files of leads in the store.
 */
#ifndef STORE_LEADS_PRIVATE_H
#define STORE_LEADS_PRIVATE_H

#include "store/leads.h"
#include "store/store_private.h"

struct lead_owner {
	const char *id, *login, *why;	/* id NULL: there is nobody */
};
/* lead_owner.c. take_turn: whoever it is had a turn. */
enum status lead_owner(struct store_tx *tx, struct arena *a, const struct lead_mail *m, bool take_turn,
		       struct lead_owner *out_r, struct err *e);
/* What was read of a lead that waits for a person, as text (lead_show.c). */
enum status lead_words_of_review(struct store_tx *tx, struct arena *a, const char *review_id, const char **out_r,
				 struct err *e);

#endif
