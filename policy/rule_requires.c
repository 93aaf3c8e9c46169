/* SPDX-License-Identifier: MPL-2.0
 *
 * requires: what an enrolment must have before its first touch. (One that seq.NAME@ is about to make is
 * checked by the store, which refuses to make it.)
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

static unsigned has(const struct memory_enrolment *e)
{
	return (e->has_source ? (unsigned)REQUIRES_SOURCE : 0) |
	       (e->has_permission ? (unsigned)REQUIRES_PERMISSION : 0) |
	       (e->has_identity ? (unsigned)REQUIRES_IDENTITY : 0) |
	       (e->has_evidence ? (unsigned)REQUIRES_EVIDENCE : 0) |
	       (e->has_review_note ? (unsigned)REQUIRES_REVIEW_NOTE : 0);
}

enum word rule_requires(const struct hearing *h, struct plea *p)
{
	const struct memory_enrolment *e = h->enrolment;
	unsigned missing;
	const char *first = NULL, *lines[2];
	struct buf what;

	if (!e || !e->plan || h->mail->enrol || e->state.touches > 0)
		return WORD_DUNNO;
	missing = e->plan->requires & ~has(e);
	if (!missing)
		return WORD_DUNNO;
	buf_init(&what, h->arena);
	for (unsigned bit = 1; bit <= REQUIRES_REVIEW_NOTE; bit <<= 1) {
		if (!(missing & bit))
			continue;
		if (!first)
			first = requirement_name((enum requirement)bit);
		buf_addf(&what, "%s%s", what.n ? ", " : "", requirement_name((enum requirement)bit));
	}
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "missing %s", what.p);
	policy_say(h->arena, h->settings, arena_printf(h->arena, "requires.%s", first), lines,
		   "who", h->prospect->address, NULL);
	plea_say(h, p, "requires", "who", h->prospect->address, "sequence", e->plan->name, "what",
		 what.p, "command", lines[0], NULL);
	return WORD_OBJECTS;
}
