/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl hosts: the watchers that share a store.
 */
#include "config.h"

#include "ctl/ctl.h"

#include "base/arena.h"
#include "base/str.h"

int cmd_hosts(struct ctl *c, const struct args *args)
{
	bool boxes = arg_given(args, "mailboxes");
	int code;
	json_t *clock = ask(c, "hosts_clock", NULL, 0, &code), *list;
	struct value now = V_INT(0);

	if (!clock)
		return code;
	now.i = get_int(json_array_get(clock, 0), "now");
	json_decref(clock);
	list = ask(c, boxes ? "hosts_mailboxes" : "hosts_watchers", &now, 1, &code);
	if (!list)
		return code;
	return boxes ? out_list(c, list, "mailbox host alive since state read", "no mailbox is held by a watcher")
		     : out_list(c, list, "host alive mailboxes since alive_until clock_ahead", "no watcher has begun yet");
}
