/* SPDX-License-Identifier: MPL-2.0
 *
 * links: more of them than the sequence allows a touch.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"

enum word rule_links(const struct hearing *h, struct plea *p)
{
	const struct outbound_content *c = h->mail->content;
	int most = h->plan ? h->plan->quality.max_links : 0;

	if (!c || most <= 0 || c->links <= (size_t)most || !h->prospect)
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "links=%zu limit=%d", c->links, most);
	plea_say(h, p, "links", "count", arena_printf(h->arena, "%zu", c->links), "limit",
		 arena_printf(h->arena, "%d", most), "sequence", h->plan->name, NULL);
	return WORD_OBJECTS;
}
