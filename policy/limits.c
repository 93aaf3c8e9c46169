/* SPDX-License-Identifier: MPL-2.0
 *
 * Rates, ramp and push-back: plain figures in, a level or a moment out.
 */
#include "config.h"

#include "policy/limits.h"

#include "base/arena.h"
#include "base/str.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

static const char *const level_names[] = { "none", "warn", "pause", "stop" };

const char *breaker_level_name(enum breaker_level l)
{
	assert(l <= BREAKER_STOP);
	return level_names[l];
}

bool breaker_level_from_name(const char *name, enum breaker_level *out_r)
{
	for (size_t i = 0; name && i < sizeof(level_names) / sizeof(*level_names); i++) {
		if (str_eq(level_names[i], name)) {
			*out_r = (enum breaker_level)i;
			return true;
		}
	}
	return false;
}

/* ---- push-back ---- */

static bool says(const char *words, const char *what)
{
	size_t n = strlen(what);

	for (; words && *words; words++) {
		size_t i = 0;

		while (i < n && tolower((unsigned char)words[i]) == what[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
}

/* "421" as a reply code: at the beginning, or behind "said: ". */
static bool closes(const char *words)
{
	const char *said = words ? strstr(words, "said: ") : NULL;

	if (said)
		words = said + 6;
	return words && strncmp(words, "421", 3) == 0 && !isdigit((unsigned char)words[3]);
}

bool policy_pushback(const char *dsn, const char *words)
{
	static const char *const asks[] = {
		"rate limit", "rate-limit", "ratelimit", "limit exceeded", "exceeded the limit", "exceeds the limit",
		"too many messages", "too many connections", "too many recipients", "too many mails",
		"too much mail", "sending too", "throttl", "slow down", "unusual rate", "unsolicited",
		"temporarily deferred due to", "temporarily rejected due to", "low reputation",
		"reputation of", "[ts0", "[tss0", "user complaints", "deferred due to user", "suspicious",
		"spam", "quota for your ip", "traffic from your ip", "blocked temporarily",
	};

	if (says(words, "greylist") || says(words, "graylist") || says(words, "grey list"))
		return false;
	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		if (says(words, asks[i]))
			return true;
	}
	/* 4.7.0 alone is what many servers say of greylisting, TLS and DNS: the words must say more */
	if (dsn && strncmp(dsn, "4.7.", 4) == 0 && !str_eq(dsn, "4.7.0") && !str_eq(dsn, "4.7.1") &&
	    !str_eq(dsn, "4.7.5"))
		return true;
	return closes(words) && (!dsn || dsn[0] == '4') && !says(words, "timeout") &&
	       !says(words, "shutting down");
}

time_t policy_slow_until(int mails, time_t last)
{
	time_t wait = 900;

	if (mails <= 0)
		return 0;
	for (int i = 1; i < mails && wait < 4 * 3600; i++)
		wait *= 2;
	return last + (wait < 4 * 3600 ? wait : 4 * 3600);
}

/* ---- rates ---- */

static double share(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static bool over(double rate, double limit)
{
	return limit > 0 && rate >= limit;
}

enum breaker_level policy_breaker(struct arena *a, const struct rates *r, const struct breaker_limits *l,
				  const char **cause_r)
{
	double complaints = share(r->complaints, r->touches), bounces = share(r->bounces, r->touches);
	enum breaker_level level = BREAKER_NONE;

	*cause_r = NULL;
	if (r->touches < (l->touches > 0 ? l->touches : 1))
		return BREAKER_NONE;
	if (over(complaints, l->complaint_stop))
		level = BREAKER_STOP;
	else if (over(complaints, l->complaint_pause))
		level = BREAKER_PAUSE;
	if (level != BREAKER_NONE) {
		*cause_r = arena_printf(a, "%lld complaint%s in %lld touches (%.2f %%)", (long long)r->complaints,
					r->complaints == 1 ? "" : "s", (long long)r->touches, complaints);
		return level;
	}
	if (over(bounces, l->bounce_pause))
		level = BREAKER_PAUSE;
	else if (over(bounces, l->bounce_warn))
		level = BREAKER_WARN;
	if (level != BREAKER_NONE)
		*cause_r = arena_printf(a, "%lld hard bounce%s in %lld touches (%.1f %%)", (long long)r->bounces,
					r->bounces == 1 ? "" : "s", (long long)r->touches, bounces);
	return level;
}

int policy_ramp(int start, double factor, int ceiling, int days)
{
	double n = start;

	if (start <= 0)
		return 0;
	if (factor < 1)
		factor = 1;
	for (int i = 0; i < days && n < ceiling; i++)
		n *= factor;
	return n >= ceiling ? 0 : (int)n;
}
