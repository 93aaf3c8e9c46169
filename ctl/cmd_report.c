/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl report would-have-refused|refusals|classification.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

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

/* ---- refusals, one by one or counted ---- */

enum { BY_RULE = 1, BY_OWNER = 2, BY_DAY = 4 };

static int read_by(struct ctl *c, const char *by, unsigned *out_r)
{
	struct span rest = span_of(by), w;

	*out_r = 0;
	while (span_split(&rest, ',', &w)) {
		if (span_eq(w, "rule"))
			*out_r |= BY_RULE;
		else if (span_eq(w, "owner"))
			*out_r |= BY_OWNER;
		else if (span_eq(w, "day"))
			*out_r |= BY_DAY;
		else
			return fail(c, CTL_USAGE, "--by '%s' is not some of rule,owner,day", by);
	}
	return *out_r ? CTL_DONE : fail(c, CTL_USAGE, "--by wants some of rule,owner,day");
}

static bool same_group(const json_t *x, const json_t *y, unsigned by)
{
	return (!(by & BY_RULE) || str_eq(get(x, "rule"), get(y, "rule")))
	       && (!(by & BY_OWNER) || str_eq(get(x, "login"), get(y, "login")))
	       && (!(by & BY_DAY) || str_eq(get(x, "day"), get(y, "day")));
}

/* Rows by rule, owner and day become rows by what was asked for. */
static json_t *grouped(json_t *list, unsigned by)
{
	json_t *out = json_array(), *row, *sum = NULL;
	size_t i, k;

	json_array_foreach(list, i, row) {
		json_array_foreach(out, k, sum)
			if (same_group(row, sum, by))
				break;
		if (k == json_array_size(out)) {
			sum = json_copy(row);
			if (!(by & BY_RULE))
				json_object_del(sum, "rule");
			if (!(by & BY_OWNER))
				json_object_del(sum, "login");
			if (!(by & BY_DAY))
				json_object_del(sum, "day");
			json_array_append_new(out, sum);
			continue;
		}
		json_object_set_new(sum, "mails", json_integer(get_int(sum, "mails") + get_int(row, "mails")));
		json_object_set_new(sum, "refused", json_integer(get_int(sum, "refused") + get_int(row, "refused")));
	}
	json_decref(list);
	return out;
}

static int csv(struct ctl *c, json_t *list, const char *columns)
{
	struct span rest, w;
	struct buf b;
	size_t i;
	json_t *o;

	buf_init(&b, c->arena);
	for (int head = 1; head >= 0; head--)
		json_array_foreach(list, i, o) {
			bool first = true;

			rest = span_of(columns);
			while (span_split(&rest, ' ', &w)) {
				const char *key = arena_strndup(c->arena, w.p, strcspn(w.p, ": "));
				json_t *v = json_object_get(o, key);

				if (!first)
					buf_addc(&b, ',');
				first = false;
				csv_cell(&b, head ? key : json_is_integer(v)
					 ? arena_printf(c->arena, "%lld", (long long)json_integer_value(v))
					 : json_is_boolean(v) ? (json_is_true(v) ? "yes" : "no") : json_string_value(v));
			}
			buf_adds(&b, "\r\n");
			if (head)
				break;
		}
	fputs(b.n ? b.p : "", stdout);
	json_decref(list);
	return CTL_DONE;
}

static int counted(struct ctl *c, const struct args *args, time_t since, int observed, const char *none)
{
	struct value v[3] = { V_INT((int64_t)since), V_INT(observed), V_INT(when_civil(c->now, c->zone).offset) };
	const char *columns;
	unsigned by;
	int code = read_by(c, arg_value(args, "by"), &by);
	json_t *list = code ? NULL : ask(c, "ctl_would_groups", v, 3, &code);

	if (!list)
		return code;
	list = grouped(list, by);
	columns = arena_printf(c->arena, "%s%s%s%s mails %s example fact", by & BY_DAY ? "day" : "",
			       by & BY_RULE ? " rule" : "", by & BY_OWNER ? " login:owner" : "", "",
			       observed ? "refused:would-refuse" : "refused");
	if (*columns == ' ')
		columns++;
	return arg_given(args, "csv") ? csv(c, list, columns) : out_list(c, list, columns, none);
}

/* observed 0 refused, 1 would have been, 2 both */
static int refusals(struct ctl *c, const struct args *args, int observed, const char *none)
{
	static const char columns[] = "at rule mode code login recipient fact overridden";
	struct value v[3] = { V_INT(0), V_INT(observed), V_NULL };
	time_t t = 0;
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (!code && arg_value(args, "since"))
		code = report_since(c, args, NULL, &t);
	if (code)
		return code;
	if (arg_value(args, "by"))
		return counted(c, args, t, observed, none);
	v[0] = V_INT((int64_t)t);
	list = ask(c, "ctl_refusals", v, 3, &code);
	if (!list)
		return code;
	return arg_given(args, "csv") ? csv(c, list, columns) : out_list(c, list, columns, none);
}

int cmd_report_would(struct ctl *c, const struct args *args)
{
	return refusals(c, args, 1, "nothing would have been refused");
}

int cmd_report_refusals(struct ctl *c, const struct args *args)
{
	return refusals(c, args, 0, "nothing was refused");
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
