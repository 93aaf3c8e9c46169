/* SPDX-License-Identifier: MPL-2.0
 *
 * duplicate: this step, or nearly this text, went to this person already.
 */
#include "config.h"

#include "policy/policy_private.h"

#include <string.h>

static enum word object(const struct hearing *h, struct plea *p, const struct memory_touch *t,
			const char *key)
{
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "touch %s at=%lld queue=%s state=%s", t->id, (long long)t->at,
		  t->queue_id ? t->queue_id : "-", sent_state_name(t->sent));
	plea_say(h, p, key, "who", h->prospect->address, "date", hearing_time(h, t->at), "queue",
		 t->queue_id ? t->queue_id : "-", NULL);
	return WORD_OBJECTS;
}

static bool same_step(const struct hearing *h, const struct memory_touch *t)
{
	return h->kind == MAIL_TOUCH && h->enrolment && t->enrolment && t->step == h->step &&
	       strcmp(t->enrolment, h->enrolment->state.id) == 0;
}

enum word rule_duplicate(const struct hearing *h, struct plea *p)
{
	const struct memory_prospect *to = h->prospect;
	const struct memory_touch *unsure = NULL;
	time_t oldest = h->now - h->settings->duplicate_window;

	for (size_t i = 0; i < to->touches_n; i++) {
		if (touch_counts(&to->touches[i]) && same_step(h, &to->touches[i]))
			return object(h, p, &to->touches[i], "duplicate.step");
	}
	for (size_t i = 0; i < to->touches_n; i++) {
		const struct memory_touch *t = &to->touches[i];

		if (!touch_counts(t) || t->at < oldest || !t->text ||
		    !policy_alike(h->arena, t->text, h->mail->visible))
			continue;
		if (touch_queued(t))
			return object(h, p, t, "duplicate.text");
		unsure = t;
	}
	if (!unsure)
		return WORD_DUNNO;
	/* It may have been refused after us, and this is the corrected one. */
	p->o.mode = MODE_WARN;
	return object(h, p, unsure, "duplicate.text");
}
