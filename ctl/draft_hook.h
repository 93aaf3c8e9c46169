/* SPDX-License-Identifier: MPL-2.0 */
#ifndef CTL_DRAFT_HOOK_H
#define CTL_DRAFT_HOOK_H

#include <jansson.h>

struct ctl;

/* Runs review.draft_command on the card; *subject_r stays as it is unless the program names one. */
int draft_hook(struct ctl *c, const json_t *card, const char **subject_r, const char **text_r);

#endif
