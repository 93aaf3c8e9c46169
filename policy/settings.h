/* SPDX-License-Identifier: MPL-2.0
 *
 * A site's settings as the policy wants them: for every program that judges, or tells how it would be judged.
 */
#ifndef POLICY_SETTINGS_H
#define POLICY_SETTINGS_H

#include "conf/conf.h"
#include "policy/policy.h"

/* refusals/ and refusals.conf of the site. CONF if there are none; *out_r then is to be freed all the same. */
enum status policy_texts_load(struct arena *a, const struct conf *c, struct refusals **out_r, struct err *e);
/* Strings stay those of c; texts may be NULL. */
void policy_settings_load(struct arena *a, const struct conf *c, struct refusals *texts,
			  struct policy_settings *out_r);

#endif
