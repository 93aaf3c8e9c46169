/* SPDX-License-Identifier: MPL-2.0
 *
 * A language model's opinions on answers that wait for a person: asked once for each, within a monthly number.
 */
#ifndef STORE_OPINIONS_H
#define STORE_OPINIONS_H

#include "classifier/opinion.h"
#include "store/core.h"

struct opinion_question {
	const char *id;			/* of the opinion, once it is noted as asked */
	const char *review_id, *reply_id, *subject, *visible;
};
/* The oldest unknown answer without an opinion, noted as asked of model. GONE: there is none, or this month's
 * number is used up. One that was asked and never answered is asked again after ten minutes, three times at most. */
enum status store_opinion_ask(struct store_tx *tx, struct arena *a, const char *model, int monthly,
			      struct opinion_question *out_r, struct err *e);
/* o NULL: it failed, with the reason. A demand to stop in a mail that is surely the person's is carried out
 * (*stopped_r); anything else is only shown beside the review item. GONE: there is no such opinion. */
enum status store_opinion_put(struct store_tx *tx, struct arena *a, const char *id, const struct opinion *o,
			      const char *error, bool *stopped_r, struct err *e);

#endif
