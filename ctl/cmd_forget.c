/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl forget.
 */
#include "config.h"

#include <stdio.h>

#include "ctl/ctl.h"

#include "base/str.h"
#include "store/people.h"

int cmd_forget(struct ctl *c, const struct args *args)
{
	const char *because = arg_value(args, "because");
	struct forgotten done;
	struct err e = { "" };
	enum status st;

	if (str_empty(because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON' (it cannot be undone)");
	st = store_forget(c->store, c->now, args->word[0], c->actor, because, &done, &e);
	if (st)
		return fail_status(c, st, &e);
	if (done.drafts_left)
		note(c, "%lld drafts are being taken out of the rep's Drafts: run it once more when they are gone",
		     (long long)done.drafts_left);
	return out_done(c, json_pack("{s:b,s:I,s:I}", "known", done.known, "addresses", (json_int_t)done.addresses,
				     "drafts_left", (json_int_t)done.drafts_left),
			done.known ? "forgotten; the hash of %zu addresses stays suppressed. Mails in mailboxes, the "
				       "MTA's log and backups are not relent's to erase"
				     : "nobody is known by it; the hash of %zu address is suppressed", done.addresses);
}
