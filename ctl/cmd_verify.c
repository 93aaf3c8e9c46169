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

static const char *text_of(struct ctl *c, time_t t)
{
	json_t *iso = time_json(t);
	const char *text = arena_strdup(c->arena, time_for_people(c, json_string_value(iso)));

	json_decref(iso);
	return text;
}

static int verify(struct ctl *c, bool full)
{
	json_t *defects = json_array();
	struct verified v;
	struct err e = { "" };
	enum status st = store_verify_since(c->store, c->now, full, defect, defects, &v, &e);
	size_t n = json_array_size(defects);

	if (st) {
		json_decref(defects);
		fail_status(c, st, &e);
		return CTL_UNAVAILABLE;
	}
	if (c->json) {
		out_object(c, json_pack("{s:b,s:I,s:I,s:o,s:o}", "clean", n == 0, "events", (json_int_t)v.events,
					"behind", (json_int_t)v.from, "full", time_json(v.full), "defects", defects));
		return n ? CTL_NO : CTL_DONE;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *d = json_array_get(defects, i);

		printf("%s %s: %s\n", get(d, "kind"), get(d, "entity"), get(d, "defect"));
	}
	json_decref(defects);
	printf("%lld events", (long long)v.events);
	if (v.from > 0)
		printf(" since number %lld (for those before: --full; last done %s)", (long long)v.from,
		       v.full ? text_of(c, v.full) : "never");
	printf(": %s\n", n ? "NOT clean" : "the chain is whole, the states agree, no touch followed a suppression");
	return n ? CTL_NO : CTL_DONE;
}

int cmd_verify(struct ctl *c, const struct args *args)
{
	return verify(c, arg_given(args, "full"));
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

	(void)args;
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
	verified = verify(c, true);
	return verified ? verified : code;
}
