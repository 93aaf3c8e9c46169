/* SPDX-License-Identifier: MPL-2.0
 *
 * For the files of the store only: what a step makes of the tasks of its enrolment.
 */
#ifndef STORE_TASKS_PRIVATE_H
#define STORE_TASKS_PRIVATE_H

#include "store/store_private.h"
#include "store/tasks.h"

/* row: before the step; next: after it. */
enum status tasks_settle(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			 const struct enrolment *next, const struct event *ev, const char *actor, struct err *e);
/* What to do and what to say: the step's text with its fields filled, those without a value visible; a voice note
 * with its brief and disclosure. */
enum status tasks_text(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
		       const struct plan_step *st, const char *words, const char **text_r, struct err *e);

#endif
