/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl store migrate|tidy, status.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "store/retention.h"

int cmd_store_migrate(struct ctl *c, const struct args *args)
{
	struct store_options o;
	struct err e = { "" };
	int from = 0, to = 0;
	uid_t uid;
	gid_t gid;
	enum status st = ctl_store_options(c, &o, &e);

	(void)args;
	o.create = true;
	if (!st)
		st = store_migrate(&o, &from, &to, &e);
	if (st)
		return fail_status(c, st == INPUT ? CONF : st, &e);
	if (from == 0 && str_eq(o.driver, "sqlite") && store_folder_owner(c, &uid, &gid) && chown(o.path, uid, gid) != 0)
		note(c, "warning: cannot give '%s' to the daemons: %s", o.path, strerror(errno));
	return out_done(c, json_pack("{s:s,s:i,s:i}", "path", o.path, "from", from, "to", to), from == to
			? "'%s' is up to date (schema %d)" : from == 0 ? "made '%s' (schema %d)"
			: "'%s' is at schema %d now", o.path, to);
}

/* ---- retention ---- */

struct tidy {
	struct retention r;
	struct retention_step step;
};

static enum status tidy_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct tidy *t = ctx;

	return store_retain(tx, a, &t->r, &t->step, e);
}

int cmd_store_tidy(struct ctl *c, const struct args *args)
{
	enum { NAP_US = 2000 };		/* after each step, for whoever waits to write */
	struct tidy t = { .r = retention_settings(c->conf) };
	const char *most = arg_value(args, "steps");
	int64_t steps = 0, rows = 0, pages = 0, max = INT64_MAX;

	if (most && !str_int(most, 1, INT64_MAX, &max))
		return fail(c, CTL_USAGE, "--steps '%s' is not a number", most);
	do {
		int code = write_unit(c, tidy_unit, &t);

		if (code)
			return code;
		steps++;
		rows += t.step.changed;
		pages += t.step.pages;
		usleep(NAP_US);
	} while (t.step.more && steps < max);
	return out_done(c, json_pack("{s:I,s:I,s:I,s:b}", "steps", (json_int_t)steps, "rows", (json_int_t)rows, "pages",
				     (json_int_t)pages, "more", t.step.more),
			"%lld steps: %lld rows forgotten, %lld pages given back%s", (long long)steps, (long long)rows,
			(long long)pages, t.step.more ? "; there is more" : "");
}

/* ---- status ---- */

int cmd_status(struct ctl *c, const struct args *args)
{
	int code;
	json_t *counts = ask(c, "ctl_counts", NULL, 0, &code), *o, *states = NULL, *accounts = NULL, *logs = NULL;

	(void)args;
	if (counts)
		states = ask(c, "ctl_states", NULL, 0, &code);
	if (states)
		accounts = ask(c, "ctl_accounts", NULL, 0, &code);
	if (accounts)
		logs = ask(c, "ctl_log_sources", NULL, 0, &code);
	if (!logs) {
		json_decref(counts);
		json_decref(states);
		json_decref(accounts);
		return code;
	}
	o = json_object();
	json_object_set_new(o, "now", time_json(c->now));
	json_object_set_new(o, "mode", text_json(conf_str(c->conf, "mode")));
	json_object_update(o, json_array_get(counts, 0));
	json_object_set_new(o, "unsealed_events", json_integer(get_int(o, "events") - get_int(o, "sealed")));
	for (size_t i = 0; i < json_array_size(logs); i++)
		json_object_del(json_array_get(logs, i), "heard");
	json_object_set_new(o, "logs", logs);
	json_object_set_new(o, "enrolments", states);
	json_object_set_new(o, "accounts", accounts);
	json_decref(counts);
	return out_object(c, o);
}
