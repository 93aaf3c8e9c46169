/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl: where a person stands and what comes next, for the commands that show people.
 */
#ifndef CTL_PIPELINE_H
#define CTL_PIPELINE_H

#include "ctl/ctl.h"
#include "store/pipeline.h"

struct pipeline_settings pipeline_settings_of(const struct conf *conf);
/* Puts pipeline, pipeline_because, next_step, next_who and next_date into o. */
enum status standing_json(struct ctl *c, struct store_tx *tx, struct arena *a, const char *prospect, json_t *o,
			  struct err *e);

/* Whom nothing is to happen to: report no-next-action. */
json_t *report_forgotten(struct ctl *c, int *code_r);

#endif
