/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl report drafts|follow-up: what the drafts that wait rest on, and what happens after the second touch.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"
#include "ctl/pipeline.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/card.h"

/* ---- drafts ---- */

struct drafts {
	struct ctl *c;
	bool without;			/* only those that say nothing about the person */
	struct value limit;
	json_t *out;
};

static json_t *draft_json(struct arena *a, const struct card *card, json_t *row)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < card->points_n; i++)
		buf_addf(&b, "%s%s: %s", b.n ? "; " : "", card->points[i].kind, card->points[i].text);
	json_object_set_new(row, "context", text_json(b.n ? b.p : NULL));
	json_object_set_new(row, "facts", json_integer(card->facts));
	json_object_set_new(row, "step", json_integer(card->step));
	json_object_set_new(row, "sequence", text_json(card->sequence));
	json_object_set_new(row, "in_the_way", text_json(card->missing_n ? card->missing[0] : NULL));
	return row;
}

static enum status drafts_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct drafts *d = ctx;
	enum status s = OK;
	json_t *list = rows_json(tx, "ctl_drafts_out", &d->limit, 1, &s, e), *row;
	size_t i;

	(void)a;
	json_decref(d->out);
	d->out = json_array();
	json_array_foreach(list, i, row) {
		struct arena *one = arena_new(0);
		struct card card;

		s = s == OK ? store_card(tx, one, get(row, "id"), &card, e) : s;
		if (s == OK && (!d->without || card.points_n == 0))
			json_array_append(d->out, draft_json(one, &card, row));
		arena_free(one);
	}
	json_decref(list);
	return s;
}

int cmd_report_drafts(struct ctl *c, const struct args *args)
{
	struct drafts d = { .c = c, .without = arg_given(args, "without-context") };
	int code = limit_of(c, args, 1000, &d.limit);

	if (!code)
		code = read_unit(c, drafts_unit, &d);
	return code ? code : out_list(c, d.out, "short:id made email owner sequence step context in_the_way",
				      d.without ? "every draft says something about its person" : "no draft waits");
}

/* ---- what comes after the first answerless mails ---- */

static int64_t sum(json_t *list, const char *key, int64_t from)
{
	json_t *row;
	size_t i;
	int64_t n = 0;

	json_array_foreach(list, i, row)
		n += get_int(row, "touch") >= from ? get_int(row, key) : 0;
	return n;
}

int cmd_report_follow_up(struct ctl *c, const struct args *args)
{
	enum { LATER = 3 };
	struct value v = V_INT(0);
	json_t *touches, *heads, *lost, *out, *late = json_array(), *early = json_array(), *row;
	time_t t = 0;
	size_t i;
	int code = arg_value(args, "since") ? report_since(c, args, NULL, &t) : CTL_DONE;

	if (code)
		return code;
	v = V_INT((int64_t)t);
	touches = ask(c, "ctl_follow_up", &v, 1, &code);
	heads = code ? NULL : ask(c, "ctl_follow_up_most", &v, 1, &code);
	lost = code ? NULL : report_forgotten(c, &code);
	if (code)
		return code;
	json_array_foreach(touches, i, row)
		json_array_append(get_int(row, "touch") >= LATER ? late : early, row);
	row = json_array_get(heads, 0);
	out = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}",
			"third_and_later", (json_int_t)sum(touches, "touches", LATER),
			"answered_after_third_or_later", (json_int_t)sum(touches, "answered", LATER),
			"booked_after_third_or_later", (json_int_t)sum(touches, "booked", LATER),
			"waiting_for_a_fourth_or_later", (json_int_t)get_int(row, "waiting"),
			"threads_forgotten", (json_int_t)json_array_size(lost),
			"most_touches", (json_int_t)get_int(row, "most"),
			"over_maximum", (json_int_t)get_int(row, "above"),
			"later_touches", late, "first_touches", early);
	json_decref(touches);
	json_decref(heads);
	json_decref(lost);
	return out_object(c, out);
}
