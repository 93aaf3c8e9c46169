/* SPDX-License-Identifier: MPL-2.0
 *
 * one_recipient: a touch has one prospect, because its unsubscribe link names one person. Somebody of the
 * rep's own house in Cc is fine, anybody else is worth a warning.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

enum word rule_one_recipient(const struct hearing *h, struct plea *p)
{
	size_t known = 0, others = 0;
	struct buf who;

	buf_init(&who, h->arena);
	for (size_t i = 0; i < h->memory->prospects_n; i++) {
		const struct memory_prospect *to = &h->memory->prospects[i];

		if (to->own_domain)
			continue;
		/* two addresses of one person are one prospect */
		if (to->id && h->prospect->id && to != h->prospect && str_eq(to->id, h->prospect->id))
			continue;
		if (to->id)
			known++;
		else
			others++;
		buf_addf(&who, "%s%s", who.n ? ", " : "", to->address);
	}
	if (known + others < 2)
		return WORD_DUNNO;
	if (known < 2)
		p->o.mode = MODE_WARN;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "prospects=%zu others=%zu", known, others);
	plea_say(h, p, known < 2 ? "one_recipient.other" : "one_recipient", "who", who.p, NULL);
	return WORD_OBJECTS;
}
