/* SPDX-License-Identifier: MPL-2.0
 *
 * length: more words than the sequence allows a touch.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"

enum word rule_length(const struct hearing *h, struct plea *p)
{
	const struct outbound_content *c = h->mail->content;
	int most = h->plan ? h->plan->quality.max_words : 0;

	if (!c || most <= 0 || c->words <= (size_t)most || !h->prospect)
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "words=%zu limit=%d", c->words, most);
	plea_say(h, p, "length", "count", arena_printf(h->arena, "%zu", c->words), "limit",
		 arena_printf(h->arena, "%d", most), "sequence", h->plan->name, NULL);
	return WORD_OBJECTS;
}
