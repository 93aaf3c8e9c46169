/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl breaker list|close.
 */
#include "config.h"

#include "ctl/ctl.h"

#include "base/str.h"

int cmd_breaker_list(struct ctl *c, const struct args *args)
{
	struct value v = V_INT(arg_given(args, "all"));
	int code;
	json_t *list = ask(c, "ctl_breakers", &v, 1, &code);

	return list ? out_list(c, list, arg_given(args, "all")
			       ? "short:id scope name level cause opened closed closed_by because"
			       : "short:id scope name level cause opened", "no breaker is open") : code;
}

struct closing {
	struct ctl *c;
	const char *what, *because;
};

static enum status close_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct closing *x = ctx;
	const char *id;
	enum status s = find_row(tx, a, "ctl_breaker_by", "open breaker", x->what, &id, e);

	return s ? s : store_breaker_close(tx, a, id, x->c->actor, x->because, e);
}

int cmd_breaker_close(struct ctl *c, const struct args *args)
{
	struct closing x = { .c = c, .what = args->word[0], .because = arg_value(args, "because") };
	struct value open_only = V_INT(0);
	json_t *others;
	size_t n;
	int code;

	if (str_empty(x.because))
		return fail(c, CTL_USAGE, "say what was done about it: --because 'REASON'");
	code = write_unit(c, close_unit, &x);
	if (code)
		return code;
	others = ask(c, "ctl_breakers", &open_only, 1, &code);
	if (!others)
		return code;
	n = json_array_size(others);
	json_decref(others);
	if (n == 0)
		return out_done(c, NULL, "closed: first mails may go out again");
	return out_done(c, json_pack("{s:I}", "still_open", (json_int_t)n),
			"closed; %zu more still hold first mails back: 'relentctl breaker list' shows them", n);
}
