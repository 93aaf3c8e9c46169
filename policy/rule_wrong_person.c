/* SPDX-License-Identifier: MPL-2.0
 *
 * wrong_person: the salutation or the company of somebody else. A text copied from the mail to the last
 * prospect is how it happens.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

static enum word wrong_name(const struct hearing *h, struct plea *p)
{
	const char *greets = h->mail->content->addressee;
	const struct memory_neighbour *other = h->memory->greeted;
	const struct memory_prospect *to = h->prospect;

	if (other) {
		plea_fact(h, p, "greets=%s of=%s", greets, other->address);
		plea_say(h, p, "wrong_person.other", "who", to->address, "what", greets, "other",
			 other->address, NULL);
		return WORD_OBJECTS;
	}
	/* nobody else bears it: it may be a short form that nobody listed */
	if (p->o.mode == MODE_ENFORCE)
		p->o.mode = MODE_WARN;
	plea_fact(h, p, "greets=%s name=%s", greets, to->name);
	plea_say(h, p, "wrong_person", "who", to->address, "what", greets, "name", to->name, NULL);
	return WORD_OBJECTS;
}

enum word rule_wrong_person(const struct hearing *h, struct plea *p)
{
	const struct memory_neighbour *other = h->memory->mentioned;
	const struct outbound_content *c = h->mail->content;

	if (!c || !h->prospect)
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	if (c->addressee && (h->mail->named == NAMED_NO ||
			     (h->mail->named == NAMED_UNSURE && h->memory->greeted)))
		return wrong_name(h, p);
	/* what relent put into the draft is no slip */
	if (!other || (h->draft && outbound_mentions(h->arena, h->draft->text, other->company)))
		return WORD_DUNNO;
	plea_fact(h, p, "company=%s of=%s", other->company, other->address);
	plea_say(h, p, "wrong_person.company", "who", h->prospect->address, "what", other->company,
		 "other", other->address, NULL);
	return WORD_OBJECTS;
}
