/* SPDX-License-Identifier: MPL-2.0
 *
 * From an enrolment to the text of its next draft: template, prospect, company, evidence, thread.
 */
#ifndef IMAPWATCH_DRAFTING_H
#define IMAPWATCH_DRAFTING_H

#include "store/store.h"

struct arena;
struct hub;

struct drafted {
	struct draft draft;		/* id, message_id, to, subject, text, references filled */
	const char *bytes;
	size_t n;
};
/* Reads all it needs. GONE: the draft is not wanted any more (withdrawn, sent, moved on). */
enum status drafting_compose(struct hub *h, struct store_tx *tx, struct arena *a, const char *draft_id,
			     const char *payload, const char *reactivation, struct drafted *out_r,
			     struct err *e);

#endif
