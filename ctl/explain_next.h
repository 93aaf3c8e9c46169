/* SPDX-License-Identifier: MPL-2.0
 *
 * For relentctl explain.
 */
#ifndef CTL_EXPLAIN_NEXT_H
#define CTL_EXPLAIN_NEXT_H

#include "ctl/ctl.h"

/* Adds {question, rule, answer} for each rule that would refuse or warn of the next mail of this enrolment. */
enum status explain_next(struct ctl *c, struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			 json_t *list, struct err *e);

#endif
