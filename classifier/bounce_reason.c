/* SPDX-License-Identifier: MPL-2.0
 *
 * From a remote's words and codes to one reason. The words are data (conf/bounces/reasons: the
 * order of its sections is the order of precedence); the codes are data (conf/bounces/status).
 * Words win over codes: "550 5.1.1 mailbox is full" is a full mailbox.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

static const struct { bool hard, about_address; } facts[] = {
#define REASON(sym, name, hard, about_address, meaning) { hard, about_address },
#include "classifier/reasons.def"
#undef REASON
};

bool reason_hard(enum bounce_reason r)
{
	return facts[r].hard;
}

bool reason_about_address(enum bounce_reason r)
{
	return facts[r].about_address;
}

enum hardness reason_hardness(enum bounce_reason r, const char *status)
{
	(void)status;
	if (r == REASON_UNDEFINED || r == REASON_ON_HOLD || r == REASON_FILTERED)
		return HARDNESS_NONE;
	return reason_hard(r) ? HARDNESS_HARD : HARDNESS_SOFT;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *status_in(struct arena *a, const char *words)
{
	for (const char *p = words; p && *p; p++) {
		size_t i = 1, k;
		if ((*p != '2' && *p != '4' && *p != '5') || p[1] != '.' ||
		    (p > words && (digit(p[-1]) || p[-1] == '.')))
			continue;
		for (k = ++i; digit(p[i]); i++)
			;
		if (i == k || i - k > 3 || p[i] != '.')
			continue;
		for (k = ++i; digit(p[i]); i++)
			;
		if (i == k || i - k > 3 || (p[i] == '.' && digit(p[i + 1])))
			continue;
		return arena_strndup(a, p, i);
	}
	return NULL;
}

int reply_code_in(const char *words)
{
	for (const char *p = words; p && *p; p++) {
		if ((*p == '4' || *p == '5') && p[1] >= '0' && p[1] <= '7' && digit(p[2]) &&
		    !digit(p[3]) && p[3] != '.' && (p == words || (!digit(p[-1]) && p[-1] != '.')))
			return (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
	}
	return 0;
}

static bool reason_from(const char *name, enum bounce_reason *r)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		if (str_eq(name, reason_name((enum bounce_reason)i))) {
			*r = (enum bounce_reason)i;
			return true;
		}
	}
	return false;
}

enum bounce_reason bounce_reason_of(struct ctx *c, const char *words, const char *status,
				    const char **rule_r)
{
	enum bounce_reason r = REASON_UNDEFINED;
	const struct hit *best = NULL;
	struct tokens t = tokens_of(c->a, words ? words : "", words ? strlen(words) : 0);
	struct hits h = phrases_find(c->a, c->p, &t);
	const char *name;

	for (size_t i = 0; i < h.n; i++)
		if (str_eq(h.h[i].phrase->topic, "reasons") &&
		    (!best || h.h[i].phrase->id < best->phrase->id))
			best = &h.h[i];
	*rule_r = "-";
	if (best && reason_from(best->phrase->section, &r)) {
		*rule_r = hit_rule(c->a, best);
		return r;
	}
	if (status && (name = phrases_status_reason(c->p, status)) && reason_from(name, &r)) {
		*rule_r = arena_printf(c->a, "status:%s", status);
		return r;
	}
	int code = reply_code_in(words);
	const char *key = code ? arena_printf(c->a, "%d", code) : NULL;
	if (key && (name = phrases_status_reason(c->p, key)) && reason_from(name, &r))
		*rule_r = arena_printf(c->a, "reply:%s", key);
	return r;
}
