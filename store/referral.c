/* SPDX-License-Identifier: MPL-2.0
 *
 * Somebody names somebody else: who follows, whom to ask. The one named becomes known, unverified and without
 * permission, so that nothing can go out to them before a person has looked; the task says what was said.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/store_private.h"

enum { SAID_MAX = 400 };

static enum status become_known(struct store_tx *tx, struct arena *a, const struct step_context *c,
				const char *address, struct err *e)
{
	const struct row *r = NULL;
	struct addr at;
	const char *by = c->row->address ? c->row->address : "a prospect";
	struct field fields[] = {
		{ "email", address }, { "identity_status", "unverified" },
		{ "relationship", arena_printf(a, "named by %s", by) },
	};
	struct field source[] = {
		{ "kind", "referral" }, { "permission", "none" },
		{ "url", arena_printf(a, "reply %s", c->cause->reply_id) }, { "source_owner", by },
	};
	struct prospect_new p = { .fields = fields, .n = 3, .source = source, .source_n = 4,
				  .owner_login = c->row->owner_login };
	struct err why = { "" };
	enum status s;

	if (!addr_path(a, address, &at) || str_empty(at.key) || str_empty(at.domain) ||
	    domain_is_own(tx->store, addr_registrable(a, at.domain)))
		return OK;
	fields[0].value = at.key;
	s = ONE(tx, a, prospect_id_by_address, &r, e, T(at.key));
	if (s == GONE)
		s = ONE(tx, a, owner_find, &r, e, T(at.key));
	if (s != GONE)		/* known already, or one of us */
		return s;
	s = store_prospect_add(tx, a, &p, c->cause->actor, NULL, NULL, &why);
	if (s != OK && s != INPUT)
		*e = why;
	return s == INPUT ? OK : s;
}

enum status referral_task(struct store_tx *tx, struct arena *a, const struct step_context *c, const char *words,
			  const char **text_r, struct err *e)
{
	const struct row *r = NULL;
	const char *first, *all, *said;
	enum status s = c->cause->reply_id ? ONE(tx, a, handoff_reply, &r, e, T(c->cause->reply_id)) : GONE;

	*text_r = words;
	if (s != OK)
		return s == GONE ? OK : s;
	all = row_text(r, "addresses");
	said = row_text(r, "visible");
	first = str_empty(all) ? NULL : arena_strndup(a, all, strcspn(all, ", "));
	*text_r = arena_printf(a, "%s%s. Verify them before anybody writes to them.%s%s%s",
			       c->ev->kind == EV_LEFT ? "They have left. Who follows them is said to be "
			       : "We were referred to ", str_empty(words) ? all ? all : "somebody" : words,
			       str_empty(said) ? "" : " In their words: \"",
			       str_empty(said) ? "" : text_squeeze(a, str_cut(a, said, SAID_MAX)),
			       str_empty(said) ? "" : "\"");
	return first ? become_known(tx, a, c, first, e) : OK;
}
