/* SPDX-License-Identifier: MPL-2.0
 *
 * The names that store, log and configuration use for the policy's words.
 */
#include "config.h"

#include "policy/policy.h"

#include "base/str.h"

#include <assert.h>

static const char *const rule_names[RULE_COUNT] = {
#define RULE(sym, name, stage, code, enhanced, mode, over, key, meaning) [RULE_##sym] = name,
#include "policy/rules.def"
#undef RULE
};

static const char *const mode_names[] = { "enforce", "warn", "off" };

static const char *const kind_names[] = { "never", "control", "conversation", "touch", "manual",
					  "outreach" };

static const char *const sent_names[SENT_STATE_COUNT] = {
	[SENT_ACCEPTED] = "accepted", [SENT_QUEUED] = "queued",	 [SENT_DELIVERED] = "delivered",
	[SENT_DEFERRED] = "deferred", [SENT_BOUNCED] = "bounced", [SENT_EXPIRED] = "expired",
	[SENT_TAKEN_BACK] = "taken_back", [SENT_HELD] = "held",		 [SENT_DISCARDED] = "discarded",
};

static bool find(const char *name, const char *const *names, size_t n, size_t *out_r)
{
	for (size_t i = 0; name && i < n; i++) {
		if (str_eq(names[i], name)) {
			*out_r = i;
			return true;
		}
	}
	return false;
}

const char *rule_name(enum rule r)
{
	assert(r < RULE_COUNT);
	return rule_names[r];
}

bool rule_from_name(const char *name, enum rule *out_r)
{
	size_t i;

	if (!find(name, rule_names, RULE_COUNT, &i))
		return false;
	*out_r = (enum rule)i;
	return true;
}

const char *mode_name(enum rule_mode m)
{
	assert(m <= MODE_OFF);
	return mode_names[m];
}

bool mode_from_name(const char *name, enum rule_mode *out_r)
{
	size_t i;

	if (!find(name, mode_names, 3, &i))
		return false;
	*out_r = (enum rule_mode)i;
	return true;
}

const char *mail_kind_name(enum mail_kind k)
{
	assert(k <= MAIL_OUTREACH);
	return kind_names[k];
}

const char *sent_state_name(enum sent_state s)
{
	assert(s < SENT_STATE_COUNT);
	return sent_names[s];
}

bool sent_state_from_name(const char *name, enum sent_state *out_r)
{
	size_t i;

	if (!find(name, sent_names, SENT_STATE_COUNT, &i))
		return false;
	*out_r = (enum sent_state)i;
	return true;
}
