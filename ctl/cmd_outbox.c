/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl outbox list|retry|drop: effects outside the store that wait, or that were given up.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "store/people.h"

int cmd_outbox_list(struct ctl *c, const struct args *args)
{
	static const char *const states[] = { "waiting", "taken", "done", "dead" };
	const char *state = arg_value(args, "state"), *near;
	struct value v[3] = { V_INT(arg_given(args, "all") || str_eq(state, "done")), store_text(state), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	bool known = !state;
	json_t *list;

	for (size_t i = 0; i < 4; i++)
		known |= str_eq(states[i], state);
	if (!known) {
		near = str_nearest(state, states, 4);
		return fail(c, CTL_USAGE, near ? "there is no state '%s': did you mean '%s'?"
			    : "there is no state '%s': waiting, taken, done, dead", state, near);
	}
	list = code ? NULL : ask(c, "ctl_outbox", v, 3, &code);
	return list ? out_list(c, list, "short:id kind state attempts not_before owner last_error", "nothing waits")
		: code;
}

struct change {
	struct ctl *c;
	const char *what, *because;
	bool drop;
	int n;
};

static enum status change_one(struct store_tx *tx, struct arena *a, struct change *w, const char *id,
			      struct err *e)
{
	enum status st = w->drop ? store_outbox_drop(tx, a, id, w->c->actor, w->because, e)
		: store_outbox_retry(tx, a, id, w->c->actor, e);

	w->n += st == OK;
	return st;
}

static enum status change_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct change *w = ctx;
	const char *id;
	enum status st;
	json_t *list;

	w->n = 0;
	if (w->what) {
		st = find_row(tx, a, "ctl_outbox_by_id", "outbox row", w->what, &id, e);
		return st ? st : change_one(tx, a, w, id, e);
	}
	list = rows_json(tx, "ctl_outbox_dead", NULL, 0, &st, e);
	for (size_t i = 0; !st && i < json_array_size(list); i++)
		st = change_one(tx, a, w, get(json_array_get(list, i), "id"), e);
	json_decref(list);
	return st;
}

int cmd_outbox_retry(struct ctl *c, const struct args *args)
{
	struct change w = { .c = c, .what = args->n ? args->word[0] : NULL };
	int code;

	if (arg_given(args, "all") != (args->n == 0))
		return fail(c, CTL_USAGE, "name one row, or say --all for everything that was given up");
	code = write_unit(c, change_unit, &w);
	return code ? code : out_done(c, json_pack("{s:i}", "rows", w.n), "%d will be tried again", w.n);
}

int cmd_outbox_drop(struct ctl *c, const struct args *args)
{
	struct change w = { .c = c, .what = args->word[0], .because = arg_value(args, "because"), .drop = true };
	int code;

	if (str_empty(w.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON'");
	code = write_unit(c, change_unit, &w);
	return code ? code : out_done(c, NULL, "it will not be tried again");
}
