/* SPDX-License-Identifier: MPL-2.0
 *
 * suppressed: nothing goes to an address that must not be written to. At RCPT that one recipient is
 * refused; what depends on the rest of the mail (is it an answer?) waits for the end.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

/* Nothing of theirs can be known, because nobody reads the rep's mailbox (or not for long): then an answer
 * to a mail that the store has not seen may be one. While it is read, their mail is known within seconds, by
 * its hold at the latest, and an In-Reply-To that names nothing of theirs is an invention. */
static bool unseen(const struct hearing *h)
{
	const struct memory_owner *o = h->memory->owner;

	if (h->settings->inbound_side)
		return false;
	return !o || !o->watched || h->now - o->last_read > h->settings->unwatched_after;
}

/* With whom a conversation is held: who wrote what is answered. Who stands beside them did not ask. */
static bool wide(const struct hearing *h, const struct memory_prospect *p)
{
	switch (h->kind) {
	case MAIL_NEVER:	/* receipts and meeting answers: a person's, or a machine's duty */
		/* an empty envelope sender alone makes none of them of a mail */
		return h->stage == STAGE_EOM && h->mail->message && !p->answered &&
		       outbound_kind(h->mail->message, false) != OUTBOUND_NEVER;
	case MAIL_CONTROL:
		return false;
	case MAIL_CONVERSATION:
		if (p->answered || (unseen(h) && p->has_written && !p->bystander))
			return false;
		break;
	case MAIL_TOUCH:
	case MAIL_MANUAL:
	case MAIL_OUTREACH:
		break;
	}
	/* whoever has written may be getting an answer: the end of the message will tell */
	return h->stage == STAGE_EOM || !p->has_written;
}

static bool narrow(const struct hearing *h, const struct memory_suppression *s)
{
	if (h->stage != STAGE_EOM)
		return false;
	if (str_eq(s->scope, "sequence"))
		return h->kind == MAIL_TOUCH && h->plan &&
		       (!s->scope_arg || str_eq_case(s->scope_arg, h->plan->name));
	if (str_eq(s->scope, "channel"))
		return !s->scope_arg || str_eq_case(s->scope_arg, "email");
	/* for which client a mail is cannot be seen: every touch of a person that a client excluded waits */
	if (str_eq(s->scope, "client"))
		return h->kind == MAIL_TOUCH || h->kind == MAIL_MANUAL;
	return false;
}

static bool covers(const struct hearing *h, const struct memory_prospect *p,
		   const struct memory_suppression *s)
{
	if (str_eq(s->scope, "all"))
		return true;
	if (p->own_domain && !p->id)	/* our own domain is on the list so that nobody there becomes a prospect */
		return false;
	if (!wide(h, p))
		return false;
	return str_eq(s->scope, "outreach") || narrow(h, s);
}

static const struct memory_suppression *find(const struct hearing *h,
					     const struct memory_prospect *p)
{
	for (size_t i = 0; i < p->suppressions_n; i++) {
		if (covers(h, p, &p->suppressions[i]))
			return &p->suppressions[i];
	}
	return NULL;
}

enum word rule_suppressed(const struct hearing *h, struct plea *p)
{
	const struct memory_suppression *first = NULL;
	struct buf who;

	buf_init(&who, h->arena);
	for (size_t i = 0; i < h->memory->prospects_n; i++) {
		const struct memory_prospect *to = &h->memory->prospects[i];
		const struct memory_suppression *s = find(h, to);

		if (!s)
			continue;
		buf_addf(&who, "%s%s", who.n ? ", " : "", to->address);
		if (!first) {
			first = s;
			p->o.recipient = to->address;
		}
	}
	if (!first)
		return WORD_DUNNO;
	plea_fact(h, p, "suppression %s scope=%s reason=%s", first->subject, first->scope,
		  first->reason);
	if (first->may_tell)
		plea_say(h, p, "suppressed", "who", who.p, "reason",
			 hearing_words(h, first->reason), "date", hearing_time(h, first->at),
			 NULL);
	else		/* why is the business of the owner of this contact alone */
		plea_say(h, p, "suppressed.untold", "who", who.p, NULL);
	return WORD_OBJECTS;
}
