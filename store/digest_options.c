/* SPDX-License-Identifier: MPL-2.0
 *
 * The digest's settings, for the watcher that sends it and relentctl that shows it.
 */
#include "config.h"

#include "base/str.h"
#include "conf/conf.h"
#include "letter/words.h"
#include "store/digest.h"

enum status digest_options_read(struct arena *a, const struct conf *c, struct digest_options *out_r, struct err *e)
{
	struct words *w = NULL;
	enum status s = words_load(a, c, &w, e);

	*out_r = (struct digest_options){
		.control = conf_str(c, "control.address"), .words = w, .language = conf_str(c, "language"),
		.limit = (int)conf_int(c, "digest.limit"), .late_days = (int)conf_int(c, "digest.late_days"),
		.link_days = (int)conf_int(c, "digest.link_days"),
	};
	return s;
}

int digest_hour_of(const struct conf *c, const char *login)
{
	const struct conf_owner *o = conf_owner(c, login);

	return o && o->digest_hour >= 0 ? o->digest_hour : (int)conf_int(c, "digest.hour");
}

int digest_weekday(const struct conf *c)
{
	static const char *const names[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
					     "sunday" };

	for (int i = 0; i < 7; i++)
		if (str_eq(conf_str(c, "digest.weekly"), names[i]))
			return i + 1;
	return 0;
}
