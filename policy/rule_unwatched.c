/* SPDX-License-Identifier: MPL-2.0
 *
 * unwatched: while nobody reads the rep's mailbox, an answer may be lying in it. First touches pass:
 * nobody can have answered them.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

static const char *key_of(const struct memory_owner *o)
{
	if (!o->last_read)
		return "unwatched.never";
	return str_empty(o->account_error) ? "unwatched.silent" : "unwatched";
}

enum word rule_unwatched(const struct hearing *h, struct plea *p)
{
	const struct memory_owner *o = h->memory->owner;

	if (h->step <= 1 || h->settings->inbound_side)
		return WORD_DUNNO;
	if (!o->watched) {
		plea_fact(h, p, "owner=%s no account", o->login);
		plea_say(h, p, "unwatched.none", "who", o->login, NULL);
		return WORD_OBJECTS;
	}
	if (o->last_read && h->now - o->last_read <= h->settings->unwatched_after)
		return WORD_DUNNO;
	plea_fact(h, p, "account=%s last_read=%lld error=%s", o->account ? o->account : "-",
		  (long long)o->last_read, o->account_error ? o->account_error : "-");
	plea_say(h, p, key_of(o), "who",
		 o->account ? o->account : o->login, "date", hearing_time(h, o->last_read), "what",
		 o->account_error,
		 NULL);
	return WORD_OBJECTS;
}
