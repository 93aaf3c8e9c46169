/* SPDX-License-Identifier: MPL-2.0
 *
 * terms: a follow-up after a proposal says nothing that the proposal does not: no other price, discount,
 * deadline or quantity, no approval that nobody gave, no scarcity. What is quoted is not looked at.
 */
#include "config.h"

#include "policy/policy_private.h"
#include "policy/terms.h"

#include "base/arena.h"
#include "base/str.h"

/* What the record says: its own words, read as the mail is. */
struct record {
	const struct memory_proposal *p;	/* NULL: there is none */
	const struct term *terms;
	size_t n;
	struct term price;			/* of the field; "12 000" alone will do there */
	bool has_price, discount, scarce;
};

static struct record read_record(const struct hearing *h, const struct memory_proposal *p)
{
	struct record r = { .p = p };

	if (!p)
		return r;
	r.n = terms_find(h->arena, arena_printf(h->arena, "%s\n\n%s\n\n%s\n\n%s", p->price ? p->price : "",
						p->discount ? p->discount : "", p->scope ? p->scope : "",
						p->words ? p->words : ""), &r.terms);
	r.has_price = terms_price(h->arena, p->price, &r.price);
	r.discount = !str_empty(p->discount);
	for (size_t i = 0; i < r.n; i++) {
		r.discount = r.discount || r.terms[i].kind == TERM_DISCOUNT;
		r.scarce = r.scarce || r.terms[i].kind == TERM_SCARCITY;
	}
	return r;
}

static bool recorded(const struct record *r, const struct term *t)
{
	for (size_t i = 0; i < r->n; i++) {
		if (term_same(&r->terms[i], t))
			return true;
	}
	return r->has_price && term_same(&r->price, t);
}

/* Does the record count this thing, and otherwise? */
static bool counted_otherwise(const struct record *r, const struct term *t)
{
	bool named = false;

	for (size_t i = 0; i < r->n; i++) {
		if (r->terms[i].kind != TERM_COUNT || !str_eq(r->terms[i].noun, t->noun))
			continue;
		if (r->terms[i].value == t->value)
			return false;
		named = true;
	}
	return named;
}

static bool in_time(const struct hearing *h, const struct record *r, const struct term *t)
{
	struct term end = { .kind = TERM_DATE };

	if (r->p && r->p->expires) {
		end.date = when_civil(r->p->expires, h->zone).date;
		if (term_same(&end, t))
			return true;
		/* a plain day is kept as its midnight in UTC */
		end.date = when_civil(r->p->expires, "UTC").date;
		if (term_same(&end, t))
			return true;
	}
	return recorded(r, t);
}

/* The key of the sentence against this term, NULL: nothing against it. */
static const char *against(const struct hearing *h, const struct record *r, const struct term *t)
{
	switch (t->kind) {
	case TERM_MONEY:
		return !r->p ? "terms.none" : recorded(r, t) ? NULL : t->less ? "terms.discount" : "terms.price";
	case TERM_PERCENT:
		return t->less && !recorded(r, t) ? "terms.discount" : NULL;
	case TERM_DATE:
		return t->deadline && !in_time(h, r, t) ? "terms.deadline" : NULL;
	case TERM_COUNT:
		return counted_otherwise(r, t) ? "terms.scope" : NULL;
	case TERM_DISCOUNT:
		return r->discount ? NULL : "terms.discount";
	case TERM_APPROVAL:
		return r->p && str_eq(r->p->state, "accepted") ? NULL : "terms.approval";
	case TERM_SCARCITY:
		return r->scarce ? NULL : "terms.scarcity";
	}
	return NULL;
}

static bool is_open(const struct memory_proposal *p)
{
	return p && !str_eq(p->state, "accepted") && !str_eq(p->state, "rejected") && !str_eq(p->state, "expired");
}

/* Decided, or no longer standing: nothing is left to follow up. */
static bool is_over(const struct hearing *h, const struct memory_proposal *p)
{
	return !is_open(p) || (p->expires && h->now > p->expires + 86400);
}

static bool is_follow_up(const struct hearing *h)
{
	const struct plan_step *s = h->kind == MAIL_TOUCH && h->plan ? plan_step(h->plan, h->step) : NULL;

	return s && s->type == STEP_PROPOSAL_FOLLOW_UP;
}

/* Days are kept as their midnight in UTC. */
static const char *day(const struct hearing *h, time_t t)
{
	char text[WHEN_TEXT];

	return arena_strdup(h->arena, date_text(when_civil(t, "UTC").date, text));
}

static const char *shown(const struct hearing *h, const struct memory_proposal *p, const char *key)
{
	if (!p)
		return "-";
	if (str_eq(key, "terms.deadline"))
		return p->expires ? day(h, p->expires) : "-";
	if (str_eq(key, "terms.scope"))
		return !str_empty(p->scope) ? p->scope : !str_empty(p->words) ? p->words : "-";
	if (str_eq(key, "terms.discount"))
		return str_empty(p->discount) ? hearing_words(h, "no_discount") : p->discount;
	return !str_empty(p->price) ? p->price : !str_empty(p->words) ? p->words : "-";
}

enum word rule_terms(const struct hearing *h, struct plea *p)
{
	const struct memory_proposal *proposal = h->prospect ? h->prospect->proposal : NULL;
	const struct term *list;
	struct record r;
	size_t n;

	if (!h->prospect || h->mail->proposal || (!is_follow_up(h) && !is_open(proposal)))
		return WORD_DUNNO;
	if (is_follow_up(h) && proposal && is_over(h, proposal)) {
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "terms.over proposal=%s state=%s expires=%lld", proposal->id, proposal->state,
			  (long long)proposal->expires);
		plea_say(h, p, "terms.over", "who", h->prospect->address, "what",
			 is_open(proposal) ? "expired" : proposal->state, "date", day(h, proposal->date), NULL);
		return WORD_OBJECTS;
	}
	r = read_record(h, proposal);
	n = terms_find(h->arena, arena_printf(h->arena, "%s\n\n%s", h->mail->message->subject, h->mail->visible),
		       &list);
	for (size_t i = 0; i < n; i++) {
		const char *key = against(h, &r, &list[i]);

		if (!key)
			continue;
		p->o.recipient = h->prospect->address;
		plea_fact(h, p, "%s \"%s\" proposal=%s version=%d", key, list[i].words,
			  proposal ? proposal->id : "-", proposal ? proposal->version : 0);
		plea_say(h, p, key, "who", h->prospect->address, "what", list[i].words, "record",
			 shown(h, proposal, key), "date", proposal ? day(h, proposal->date) : "-", NULL);
		return WORD_OBJECTS;
	}
	return WORD_DUNNO;
}
