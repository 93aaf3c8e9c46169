/* SPDX-License-Identifier: MPL-2.0
 *
 * breaker: the sequence, the owner or the sending domain had too many bounces or complaints: nobody new is
 * written to until a person has looked. Those who are under way get their next touch.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

static bool is_first(const struct hearing *h)
{
	if (h->kind == MAIL_TOUCH)
		return h->mail->enrol || (h->enrolment && h->enrolment->state.touches == 0);
	for (size_t i = 0; i < h->prospect->touches_n; i++) {
		if (touch_counts(&h->prospect->touches[i]))
			return false;
	}
	return true;
}

enum word rule_breaker(const struct hearing *h, struct plea *p)
{
	const struct memory_limits *l = &h->memory->limits;
	const struct memory_breaker *b = NULL;
	const char *what;

	if (!h->prospect || h->mail->ends || !is_first(h))
		return WORD_DUNNO;
	for (size_t i = 0; i < l->breakers_n; i++) {
		if (l->breakers[i].level > (b ? b->level : BREAKER_NONE))
			b = &l->breakers[i];
	}
	if (!b)
		return WORD_DUNNO;
	if (b->level == BREAKER_WARN)
		p->o.mode = MODE_WARN;
	what = str_eq(b->scope, "owner") ? hearing_words(h, "breaker_owner")
	     : str_eq(b->scope, "domain") ? arena_printf(h->arena, "%s %s", hearing_words(h, "breaker_domain"), b->name)
	     : arena_printf(h->arena, "%s %s", hearing_words(h, "breaker_sequence"), b->name);
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "%s=%s level=%s opened=%lld %s", b->scope, b->name, breaker_level_name(b->level),
		  (long long)b->opened, b->cause);
	plea_say(h, p, "breaker", "what", what, "why", b->cause, "date", hearing_time(h, b->opened), NULL);
	return WORD_OBJECTS;
}
