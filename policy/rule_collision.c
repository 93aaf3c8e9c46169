/* SPDX-License-Identifier: MPL-2.0
 *
 * collision: another rep has this person (or the company) in a sequence, or in conversation.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

/* An enrolment that lives, or an answer that is not too old to be a conversation. */
static bool counts(const struct hearing *h, const struct memory_other *o)
{
	return o && (!o->conversation ||
		     h->now - o->at <= (time_t)h->settings->limits.collision_days * 86400);
}

enum word rule_collision(const struct hearing *h, struct plea *p)
{
	const struct policy_limits *l = &h->settings->limits;
	const struct memory_other *o = NULL;

	if (!h->prospect || h->mail->ends || l->collision == COLLISION_OFF)
		return WORD_DUNNO;
	if (counts(h, h->prospect->other) && !(h->prospect->other->conversation && h->prospect->has_written)) {
		o = h->prospect->other;
	} else if (l->collision == COLLISION_COMPANY && counts(h, h->prospect->other_company)) {
		o = h->prospect->other_company;
		if (h->kind == MAIL_MANUAL)	/* a person writes to a person they know: worth a word, no more */
			p->o.mode = MODE_WARN;
	}
	if (!o)
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "%s owner=%s with=%s since=%lld", o->conversation ? "conversation" : "enrolment", o->owner,
		  o->address, (long long)o->at);
	plea_say(h, p, o->conversation ? "collision.conversation" : "collision", "who", o->address, "owner",
		 o->owner, "date", hearing_time(h, o->at), NULL);
	return WORD_OBJECTS;
}
