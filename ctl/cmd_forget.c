/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl forget.
 */
#include "config.h"

#include <stdio.h>

#include "ctl/ctl.h"

#include "base/str.h"
#include "store/people.h"

struct forget {
	struct ctl *c;
	const char *address, *because;
	struct forgotten done;
};

static enum status forget_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct forget *f = ctx;

	return store_forget(tx, a, f->address, f->c->actor, f->because, &f->done, e);
}

int cmd_forget(struct ctl *c, const struct args *args)
{
	struct forget f = { .c = c, .address = args->word[0], .because = arg_value(args, "because") };
	int code;

	if (str_empty(f.because))
		return fail(c, CTL_USAGE, "say why: --because 'REASON' (it cannot be undone)");
	code = write_unit(c, forget_unit, &f);
	if (code)
		return code;
	if (f.done.drafts_left)
		note(c, "%lld drafts are being taken out of the rep's Drafts: run it once more when they are gone",
		     (long long)f.done.drafts_left);
	return out_done(c, json_pack("{s:b,s:I,s:I}", "known", f.done.known, "addresses", (json_int_t)f.done.addresses,
				     "drafts_left", (json_int_t)f.done.drafts_left),
			f.done.known ? "forgotten; the hash of %zu addresses stays suppressed. Mails in mailboxes, the "
				       "MTA's log and backups are not relent's to erase"
				     : "nobody is known by it; the hash of %zu address is suppressed", f.done.addresses);
}
