/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl report approvals: how people decide on drafts, person by person; whether they read them.
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"

struct person {
	const char *name;
	int64_t approved, edited, rejected, bulk, fast, timed;
	double ratios;
	int64_t *seconds;
};

static int by_size(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

static json_t *median(struct person *p)
{
	if (p->timed == 0)
		return json_null();
	qsort(p->seconds, (size_t)p->timed, sizeof(*p->seconds), by_size);
	if (p->timed % 2)
		return json_integer(p->seconds[p->timed / 2]);
	return json_integer((p->seconds[p->timed / 2 - 1] + p->seconds[p->timed / 2]) / 2);
}

static void count(struct person *p, const json_t *row)
{
	const char *decision = get(row, "decision"), *flag = get(row, "flag");
	const json_t *seconds = json_object_get(row, "seconds"), *ratio = json_object_get(row, "edit_ratio");

	p->approved += str_eq(decision, "approve");
	p->edited += str_eq(decision, "edit");
	p->rejected += str_eq(decision, "reject");
	p->bulk += str_eq(flag, "bulk");
	p->fast += str_eq(flag, "fast");
	if (json_is_number(ratio))
		p->ratios += json_number_value(ratio);
	if (json_is_integer(seconds))
		p->seconds[p->timed++] = json_integer_value(seconds);
}

static json_t *person_json(struct person *p)
{
	int64_t n = p->approved + p->edited + p->rejected;

	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:o,s:o,s:I,s:I,s:b}", "person", p->name, "decisions", n, "approved",
			 p->approved, "edited", p->edited, "rejected", p->rejected, "median_seconds", median(p),
			 "edit_ratio",
			 p->edited ? json_real(round(100 * p->ratios / (double)p->edited) / 100) : json_null(),
			 "fast", p->fast,
			 "bulk", p->bulk, "mechanical", p->bulk > 0 || (n >= 5 && 2 * p->fast > n));
}

int cmd_report_approvals(struct ctl *c, const struct args *args)
{
	struct person p = { .name = NULL };
	json_t *rows, *out;
	struct value v;
	time_t since;
	int code = report_since(c, args, "30d", &since);

	if (code)
		return code;
	v = V_INT(since);
	rows = ask(c, "report_approvals", &v, 1, &code);
	if (!rows)
		return code;
	out = json_array();
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (!str_eq(p.name, get(row, "by_whom"))) {
			if (p.name)
				json_array_append_new(out, person_json(&p));
			p = (struct person){ .name = get(row, "by_whom"),
					     .seconds = arena_array(c->arena, int64_t, json_array_size(rows)) };
		}
		count(&p, row);
	}
	if (p.name)
		json_array_append_new(out, person_json(&p));
	json_decref(rows);
	return out_list(c, out,
		"person decisions approved edited rejected median_seconds edit_ratio fast bulk mechanical",
			"nobody has decided on a draft");
}
