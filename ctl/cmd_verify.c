/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl verify, store check.
 */
#include "config.h"

#include <stdio.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"

static void defect(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	json_array_append_new(ctx, json_pack("{s:o,s:o,s:o}", "kind", text_json(kind), "entity",
					     text_json(entity), "defect", text_json(sentence)));
}

int cmd_verify(struct ctl *c, const struct args *args)
{
	json_t *defects = json_array();
	int64_t events = 0;
	struct err e = { "" };
	enum status st = store_verify(c->store, c->now, defect, defects, &events, &e);
	size_t n = json_array_size(defects);

	(void)args;
	if (st) {
		json_decref(defects);
		fail_status(c, st, &e);
		return CTL_UNAVAILABLE;
	}
	if (c->json) {
		out_object(c, json_pack("{s:b,s:I,s:o}", "clean", n == 0, "events", (json_int_t)events, "defects",
					defects));
		return n ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *d = json_array_get(defects, i);

		printf("%s %s: %s\n", get(d, "kind"), get(d, "entity"), get(d, "defect"));
	}
	json_decref(defects);
	printf("%lld events: %s\n", (long long)events, n ? "NOT clean" :
	       "the chain is whole, the states agree, no touch followed a suppression");
	return n ? CTL_NO : CTL_DONE;
}

struct mark_look {
	struct ctl *c;
	struct store_mark mark;
};

static enum status read_mark(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct mark_look *l = ctx;
	enum status st = store_mark(tx, a, &l->mark, e);

	l->mark.why = arena_strdup(l->c->arena, l->mark.why);
	return st;
}

int cmd_store_check(struct ctl *c, const struct args *args)
{
	struct mark_look l = { .c = c };
	int code = CTL_DONE, verified;
	json_t *list = ask(c, "ctl_integrity", NULL, 0, &code);

	if (!list)
		return code;
	for (size_t i = 0; i < json_array_size(list); i++)
		code = fail(c, CTL_NO, "the database is damaged: %s%s", get(json_array_get(list, i), "answer"),
			    str_eq(conf_str(c->conf, "store.driver"), "sqlite") ? ": restore a backup" : "");
	json_decref(list);
	if (read_unit(c, read_mark, &l) != CTL_DONE)
		return CTL_UNAVAILABLE;
	if (l.mark.lost)
		code = fail(c, CTL_NO, "%s: put in what is missing, then 'relentctl suppress reconcile'", l.mark.why);
	verified = cmd_verify(c, args);
	return verified ? verified : code;
}
