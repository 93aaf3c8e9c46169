/* SPDX-License-Identifier: MPL-2.0
 *
 * What every program tells the store of the site's limits.
 */
#include "config.h"

#include "base/str.h"
#include "conf/conf.h"
#include "store/breakers.h"

/* review.two_persons names what they are needed for. */
static bool listed(const struct conf *c, const char *name, const char *word)
{
	const char *const *list;
	size_t n = conf_list(c, name, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], word))
			return true;
	return false;
}

static void desk(const struct conf *c, struct desk_rules *d)
{
	d->approval_lasts = (int)conf_int(c, "review.approval_lasts");
	d->one_for_sensitive = !listed(c, "review.two_persons", "sensitive");
	d->one_for_legal = !listed(c, "review.two_persons", "legal");
	d->bulk_count = (int)conf_int(c, "review.bulk_count");
	d->bulk_seconds = (int)conf_int(c, "review.bulk_seconds");
	d->reviewers_n = conf_list(c, "review.reviewers", &d->reviewers);
}

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
	desk(c, &o->desk);
	o->breaker_days = (int)(conf_int(c, "limits.breaker_window") / 86400);
}
