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
	o->voice_brief = conf_str(c, "channels.voice_brief");
	o->voice_disclosure = conf_str(c, "channels.voice_disclosure");
	o->booking_link = conf_str(c, "booking.link");
	o->booking_minimum_n = conf_list(c, "booking.minimum", &o->booking_minimum);
	o->booking_remind = conf_int(c, "booking.remind");
	o->breaker_days = (int)(conf_int(c, "limits.breaker_window") / 86400);
}
