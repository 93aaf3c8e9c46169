/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl report would-have-refused|refusals|quiet|no-next-action|classification.
 */
#include "config.h"

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/str.h"

/* --since: a date, or how far back. */
static int since_of(struct ctl *c, const struct args *args, struct value *v_r)
{
	const char *since = arg_value(args, "since");
	int64_t back;
	time_t t = 0;

	if (since && str_duration(since, &back))
		t = c->now - (time_t)back;
	else if (since && !args_time(c, since, &t))
		return fail(c, CTL_USAGE, "--since '%s' is neither a date nor a time such as 7d", since);
	*v_r = V_INT((int64_t)t);
	return CTL_DONE;
}

/* observed 0 refused, 1 would have been, 2 both */
static int refusals(struct ctl *c, const struct args *args, int observed, const char *none)
{
	struct value v[3] = { V_INT(0), V_INT(observed), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (!code)
		code = since_of(c, args, &v[0]);
	if (code)
		return code;
	list = ask(c, "ctl_refusals", v, 3, &code);
	return list ? out_list(c, list, "at rule mode code login recipient fact overridden", none) : code;
}

int cmd_report_would(struct ctl *c, const struct args *args)
{
	return refusals(c, args, 1, "nothing would have been refused");
}

int cmd_report_refusals(struct ctl *c, const struct args *args)
{
	return refusals(c, args, 0, "nothing was refused");
}

int cmd_report_quiet(struct ctl *c, const struct args *args)
{
	const char *days = arg_value(args, "days");
	struct value v[3] = { V_INT((int64_t)c->now), V_INT(0), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	int64_t n = 3;
	json_t *list;

	if (code)
		return code;
	if (days && !str_int(days, 0, 3650, &n))
		return fail(c, CTL_USAGE, "--days '%s' is not a number", days);
	v[1] = V_INT(n);
	list = ask(c, "ctl_quiet", v, 3, &code);
	return list ? out_list(c, list, "days email name owner sequence step state last_touch due",
			       "no thread has gone quiet") : code;
}

int cmd_report_no_next(struct ctl *c, const struct args *args)
{
	struct value v;
	int code = limit_of(c, args, 1000, &v);
	json_t *list = code ? NULL : ask(c, "ctl_no_next_action", &v, 1, &code);

	return list ? out_list(c, list, "email name owner stage priority state reason updated",
			       "everybody has a next action, a date or an end") : code;
}

int cmd_report_classification(struct ctl *c, const struct args *args)
{
	struct value v[2] = { V_INT(0), V_NULL };
	int code = limit_of(c, args, 1000, &v[1]);
	json_t *list;

	if (!code)
		code = since_of(c, args, &v[0]);
	if (code)
		return code;
	list = ask(c, "ctl_classification", v, 2, &code);
	return list ? out_list(c, list, "class replies looked_at corrected accuracy confidence",
			       "nobody has answered yet") : code;
}
