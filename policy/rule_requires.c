/* SPDX-License-Identifier: MPL-2.0
 *
 * requires: a channel that the person may be reached by, and what an enrolment must have before its first
 * touch. (One that seq.NAME@ is about to make is checked by the store, which refuses to make it.)
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <string.h>

static unsigned has(const struct memory_enrolment *e)
{
	return (e->has_source ? (unsigned)REQUIRES_SOURCE : 0) |
	       (e->has_permission ? (unsigned)REQUIRES_PERMISSION : 0) |
	       (e->has_identity ? (unsigned)REQUIRES_IDENTITY : 0) |
	       (e->has_evidence ? (unsigned)REQUIRES_EVIDENCE : 0) |
	       (e->has_review_note ? (unsigned)REQUIRES_REVIEW_NOTE : 0);
}

/* "email, phone": may this person be reached by mail? Not said: then the permission of the source says it. */
static bool by_mail(const char *channels)
{
	struct span rest = span_of(channels ? channels : ""), piece;
	bool any = false;

	while (rest.n) {
		size_t n = 0;

		while (n < rest.n && !strchr(" ,;/\t", rest.p[n]))
			n++;
		piece = (struct span){ rest.p, n };
		rest = (struct span){ rest.p + n + (n < rest.n), rest.n - n - (n < rest.n) };
		if (span_eq_case(piece, "email") || span_eq_case(piece, "mail") || span_eq_case(piece, "e-mail"))
			return true;
		any = any || piece.n > 0;
	}
	return !any;
}

static bool is_consent(const char *permission)
{
	static const char *const words[] = { "consent", "explicit_consent", "opt_in", "opt-in", "double_opt_in",
					     "double-opt-in", "customer", "existing_customer", "contract" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (permission && span_eq_case(span_of(permission), words[i]))
			return true;
	}
	return false;
}

/* The jurisdiction in which nothing but consent or a relationship will do, and there is neither; or NULL. */
static const char *lacks_consent(const struct hearing *h)
{
	const struct policy_limits *l = &h->settings->limits;
	const struct memory_prospect *p = h->prospect;
	const char *where = NULL;

	if (!str_empty(p->relationship))
		return NULL;
	for (size_t i = 0; i < p->sources_n; i++) {
		if (is_consent(p->sources[i].permission))
			return NULL;
		for (size_t k = 0; p->sources[i].jurisdiction && k < l->consent_jurisdictions_n; k++) {
			if (str_eq_case(p->sources[i].jurisdiction, l->consent_jurisdictions[k]))
				where = p->sources[i].jurisdiction;
		}
	}
	return where;
}

enum word rule_requires(const struct hearing *h, struct plea *p)
{
	const struct memory_enrolment *e = h->enrolment;
	unsigned missing;
	const char *first = NULL, *lines[2];
	struct buf what;

	if (h->prospect && !by_mail(h->prospect->channels)) {
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "channel email, permitted: %s", h->prospect->channels);
		plea_say(h, p, "requires.channel", "who", h->prospect->address, "what", h->prospect->channels,
			 NULL);
		return WORD_OBJECTS;
	}
	if (h->prospect && lacks_consent(h) && !(e && e->state.touches > 0 && !h->mail->enrol)) {
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "consent jurisdiction=%s", lacks_consent(h));
		plea_say(h, p, "requires.consent", "who", h->prospect->address, "what", lacks_consent(h), NULL);
		return WORD_OBJECTS;
	}
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
