/* SPDX-License-Identifier: MPL-2.0
 *
 * What every program tells the store of the site's limits.
 */
#include "config.h"

#include "conf/conf.h"
#include "store/breakers.h"

void store_limits(const struct conf *c, struct store_options *o)
{
	o->breaker = (struct breaker_limits){
		.complaint_pause = conf_num(c, "limits.complaint_pause"),
		.complaint_stop = conf_num(c, "limits.complaint_stop"),
		.bounce_warn = conf_num(c, "limits.bounce_warn"),
		.bounce_pause = conf_num(c, "limits.bounce_pause"),
		.touches = (int)conf_int(c, "limits.breaker_touches"),
	};
	o->breaker_days = (int)(conf_int(c, "limits.breaker_window") / 86400);
}
