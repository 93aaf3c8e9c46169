/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl touch show: the sending record of one mail, whoever handed it in.
 */
#include "config.h"

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/str.h"

struct showing {
	const char *what;
	json_t *out;
};

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct showing *w = ctx;
	const char *id;
	struct value v;
	json_t *list, *evidence;
	enum status st = find_row(tx, a, "ctl_touch_by_id", "touch", w->what, &id, e);

	json_decref(w->out);
	w->out = NULL;
	if (st)
		return st;
	v = store_text(id);
	list = rows_json(tx, "ctl_touch", &v, 1, &st, e);
	if (!list)
		return st;
	evidence = rows_json(tx, "ctl_touch_evidence", &v, 1, &st, e);
	if (evidence) {
		w->out = json_incref(json_array_get(list, 0));
		json_object_set_new(w->out, "evidence", evidence);
	}
	json_decref(list);
	return st;
}

int cmd_touch_show(struct ctl *c, const struct args *args)
{
	struct showing w = { .what = args->word[0] };
	int code = read_unit(c, show_unit, &w);

	if (code) {
		json_decref(w.out);
		return code;
	}
	return out_object(c, w.out);
}
