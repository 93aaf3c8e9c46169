/* SPDX-License-Identifier: MPL-2.0
 *
 * cta: each touch asks for one thing, unless its sequence allows more.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"

enum word rule_cta(const struct hearing *h, struct plea *p)
{
	const struct outbound_content *c = h->mail->content;
	int most = h->plan ? h->plan->quality.max_questions : 0;

	if (most <= 0)
		most = 1;
	if (!c || c->calls <= (size_t)most || !h->prospect)
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "calls=%zu limit=%d", c->calls, most);
	plea_say(h, p, "cta", "count", arena_printf(h->arena, "%zu", c->calls), "what", c->call[0], "other",
		 c->call[1], NULL);
	return WORD_OBJECTS;
}
