/* SPDX-License-Identifier: MPL-2.0
 *
 * authority: who may send in a sequence. A person with a mail client may, unless the sequence or a grant
 * forbids it. A program sends only what a person approved, byte for byte, in a sequence that lets programs
 * send, for an owner with a grant; or a template under an explicit grant, to somebody who asked.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <string.h>

static enum word objects(const struct hearing *h, struct plea *p, const char *key, const char *what, time_t at)
{
	const struct memory_owner *o = h->memory->owner;
	const char *login = o->login ? o->login : h->mail->login;

	if (!p->o.recipient)
		p->o.recipient = h->prospect ? h->prospect->address : NULL;
	plea_fact(h, p, "%s sequence=%s what=%s at=%lld", key, h->plan ? h->plan->name : "-", what ? what : "-",
		  (long long)at);
	plea_say(h, p, key, "who", p->o.recipient, "sequence", h->plan ? h->plan->name : "-", "what", what,
		 "owner", login, "date", at ? hearing_time(h, at) : "-", NULL);
	return WORD_OBJECTS;
}

static bool may_send_from(const struct hearing *h)
{
	const struct policy_limits *l = &h->settings->limits;

	for (size_t i = 0; i < l->sending_domains_n; i++) {
		for (size_t k = 0; k < h->mail->message->from_n; k++) {
			if (str_eq_case(l->sending_domains[i], h->mail->message->from[k].domain))
				return true;
		}
	}
	return l->sending_domains_n == 0;
}

static enum word person(const struct hearing *h, struct plea *p)
{
	if (h->kind != MAIL_TOUCH || !h->plan)
		return WORD_DUNNO;
	if (h->plan->authority == AUTHORITY_RESTRICTED || h->plan->authority == AUTHORITY_RESEARCH_ONLY)
		return objects(h, p, "authority", authority_name(h->plan->authority), 0);
	if (h->memory->grant_forbids)
		return objects(h, p, "authority.owner", h->memory->grant_forbids, 0);
	if (!may_send_from(h))
		return objects(h, p, "authority.domain",
			       h->mail->message->from_n ? h->mail->message->from[0].domain : "-", 0);
	return WORD_DUNNO;
}

/* ---- a program ---- */

static bool outside(const struct hearing *h, const char **who_r)
{
	for (size_t i = 0; i < h->memory->prospects_n; i++) {
		if (!h->memory->prospects[i].own_domain) {
			*who_r = h->memory->prospects[i].address;
			return true;
		}
	}
	return false;
}

/* White space at ends of lines and of the text does not make it another. */
static bool same_text(const char *a, const char *b)
{
	struct span x = span_trim(span_of(a ? a : "")), y = span_trim(span_of(b ? b : "")), lx, ly;
	bool more_x = span_line(&x, &lx), more_y = span_line(&y, &ly);

	while (more_x && more_y) {
		struct span tx = span_trim(lx), ty = span_trim(ly);

		if (tx.n != ty.n || memcmp(tx.p, ty.p, tx.n) != 0)
			return false;
		more_x = span_line(&x, &lx);
		more_y = span_line(&y, &ly);
	}
	return more_x == more_y;
}

/* A grant for all templates of the sequence, or for this one. */
static bool template_granted(const struct hearing *h, const struct memory_draft *d)
{
	const struct plan_step *step = plan_step(h->plan, d->step);
	const struct memory *m = h->memory;

	for (size_t i = 0; step && step->template && i < m->grant_templates_n; i++) {
		if (str_eq(m->grant_templates[i], step->template))
			return true;
	}
	return m->grant_template;
}

/* The template as relent filled it for this person, who asked first: nobody cold gets it. */
static bool template_unchanged(const struct hearing *h)
{
	const struct memory_draft *d = h->draft;

	return h->plan && h->plan->authority == AUTHORITY_APPROVED_TEMPLATE && h->memory->inbound && d &&
	       template_granted(h, d) && same_text(d->text, h->mail->message->text) &&
	       same_text(d->subject, h->mail->message->subject);
}

static enum word approved(const struct hearing *h, struct plea *p)
{
	const struct memory_approval *ap = h->memory->approval;

	if (!ap)
		return objects(h, p, "authority.automation", NULL, 0);
	if (!ap->approves || ap->void_)
		return objects(h, p, "authority.void", ap->by, ap->at);
	if (ap->expires && h->now > ap->expires)
		return objects(h, p, "authority.expired", ap->by, ap->expires);
	/* the very mail again is no second one: that is for the rule after this */
	if (ap->used && !h->memory->same)
		return objects(h, p, "authority.used", ap->by, ap->at);
	if (!h->prospect || (ap->prospect && !str_eq(ap->prospect, h->prospect->id)) ||
	    (ap->enrolment && h->enrolment && !str_eq(ap->enrolment, h->enrolment->state.id)) ||
	    (ap->step && h->kind == MAIL_TOUCH && ap->step != h->step))
		return objects(h, p, "authority.other", ap->by, ap->at);
	return WORD_DUNNO;
}

static enum word program(const struct hearing *h, struct plea *p)
{
	enum word w;

	if (!outside(h, &p->o.recipient))
		return WORD_DUNNO;
	if (h->plan && (h->plan->authority == AUTHORITY_RESTRICTED || h->plan->authority == AUTHORITY_RESEARCH_ONLY))
		return objects(h, p, "authority", authority_name(h->plan->authority), 0);
	if (template_unchanged(h))
		return WORD_DUNNO;
	w = approved(h, p);
	if (w != WORD_DUNNO)
		return w;
	if (h->memory->same)
		return WORD_DUNNO;
	if (h->kind != MAIL_TOUCH || !h->plan)	/* approved, but as a part of no sequence */
		return objects(h, p, "authority.automation", NULL, 0);
	if (h->plan->authority != AUTHORITY_HUMAN_APPROVED && h->plan->authority != AUTHORITY_APPROVED_TEMPLATE)
		return objects(h, p, "authority.level", authority_name(h->plan->authority), 0);
	if (h->memory->grant_forbids)
		return objects(h, p, "authority.owner", h->memory->grant_forbids, 0);
	if (!h->memory->grant_sends)
		return objects(h, p, "authority.grant", NULL, 0);
	return person(h, p);
}

enum word rule_authority(const struct hearing *h, struct plea *p)
{
	return h->mail->automation ? program(h, p) : person(h, p);
}
