/* SPDX-License-Identifier: MPL-2.0
 *
 * What the site has decided to keep for a time only.
 */
#include "config.h"

#include "store/retention.h"

#include "conf/conf.h"

struct retention retention_settings(const struct conf *c)
{
	return (struct retention){ .days = { [RETAIN_TEXTS] = (int)conf_int(c, "retention.texts"),
					     [RETAIN_ANSWERS] = (int)conf_int(c, "retention.answers"),
					     [RETAIN_REFUSALS] = (int)conf_int(c, "retention.refusals"),
					     [RETAIN_OUTBOX] = (int)conf_int(c, "retention.outbox") } };
}
