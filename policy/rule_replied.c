/* SPDX-License-Identifier: MPL-2.0
 *
 * replied: an answer is there, read or not yet read by relent. A reply has more authority than a sequence.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

/* Machines that answer for an absent person are no answer: they park, and the pause is rule `stopped`. */
static bool is_answer(const struct memory_reply *r)
{
	return r && !str_eq(r->class, "out_of_office") && !str_eq(r->class, "bounce");
}

static time_t last_word(const struct hearing *h)
{
	if (h->draft)		/* whoever made it knew what had come until then */
		return h->draft->made;
	if (h->enrolment && h->enrolment->state.last_touch)
		return h->enrolment->state.last_touch;
	return h->prospect->last_touch;
}

enum word rule_replied(const struct hearing *h, struct plea *p)
{
	const struct memory_reply *r = h->prospect->reply;
	const struct memory_enrolment *e = h->enrolment;
	time_t last;

	p->o.recipient = h->prospect->address;
	if (e && e->state.holds > 0) {
		plea_fact(h, p, "hold since=%lld", (long long)e->state.held_since);
		plea_say(h, p, "replied.hold", "who", h->prospect->address, "date",
			 hearing_time(h, e->state.held_since), NULL);
		return WORD_OBJECTS;
	}
	last = last_word(h);
	if (!is_answer(r) || !last || r->at < last)
		return WORD_DUNNO;
	plea_fact(h, p, "reply at=%lld from=%s class=%s", (long long)r->at, r->from ? r->from : "-",
		  r->class ? r->class : "-");
	plea_say(h, p, "replied", "who", r->from ? r->from : h->prospect->address, "date",
		 hearing_time(h, r->at), "subject", str_empty(r->subject) ? "-" : r->subject, NULL);
	return WORD_OBJECTS;
}
