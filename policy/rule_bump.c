/* SPDX-License-Identifier: MPL-2.0
 *
 * bump: a follow-up that only asks again, or repeats an earlier touch, is worse than none.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

enum word rule_bump(const struct hearing *h, struct plea *p)
{
	const struct memory_prospect *to = h->prospect;

	p->o.recipient = to->address;
	if (h->mail->bump) {
		plea_fact(h, p, "bump %s", h->mail->bump);
		plea_say(h, p, "bump", "what", h->mail->bump, NULL);
		return WORD_OBJECTS;
	}
	for (size_t i = 0; i < to->touches_n && h->enrolment && h->kind == MAIL_TOUCH; i++) {
		const struct memory_touch *t = &to->touches[i];

		/* what may never have left is no repetition: rule `duplicate` warns of it */
		if (!touch_queued(t) || !t->text || !str_eq(t->enrolment, h->enrolment->state.id) ||
		    !policy_alike(h->arena, t->text, h->mail->visible))
			continue;
		plea_fact(h, p, "repeats touch %s at=%lld", t->id, (long long)t->at);
		plea_say(h, p, "bump.repeats", "who", to->address, "date", hearing_time(h, t->at),
			 NULL);
		return WORD_OBJECTS;
	}
	return WORD_DUNNO;
}
