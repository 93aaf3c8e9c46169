/* SPDX-License-Identifier: MPL-2.0
 *
 * What the rules on content need to know of a mail: placeholders, claims, length, whom it greets. Known
 * only once the recipients are: the sequence's fields and limits belong to it.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"

enum { OTHERS_MAX = 40 };

static const struct plan *plan_of(const struct memory *m, const struct memory_prospect *to)
{
	if (m->enrol_plan)
		return m->enrol_plan;
	return to && to->enrolment ? to->enrolment->plan : NULL;
}

static const char *local_part(struct arena *a, const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? arena_strndup(a, address, (size_t)(at - address)) : address;
}

/* The text names this company, and it is not what the prospect's own is called. */
static bool slipped_in(const struct mail *mail, const char *text, const struct memory_prospect *to, const char *company)
{
	return !str_empty(company) && !str_eq_case(company, to->company) && outbound_mentions(mail->arena, text, company) &&
	       !(to->company && outbound_mentions(mail->arena, to->company, company));
}

/* Whose name, whose company is it? Asked only where the mail does not speak of its own prospect. */
static enum status others(struct store_tx *tx, struct arena *a, const struct mail *mail,
			  const struct outgoing *o, const struct memory_prospect *to, struct memory *m,
			  struct err *e)
{
	const char *text = arena_printf(a, "%s\n%s", o->message->subject, o->visible);
	const char *const *companies;
	struct memory_neighbour *list;
	size_t n = 0;
	bool any = false;
	enum status st = OK;

	if (o->content->addressee && o->named != NAMED_YES)
		st = store_namesake(tx, a, m->owner->id, to->id, o->content->addressee, &m->greeted, e);
	if (st == OK)
		st = store_other_companies(tx, a, m->owner->id, to->id, OTHERS_MAX, &companies, &n, e);
	for (size_t i = 0; st == OK && i < n && !any; i++)
		any = slipped_in(mail, text, to, companies[i]);
	if (st != OK || !any)
		return st;
	st = store_others(tx, a, m->owner->id, to->id, OTHERS_MAX, &list, &n, e);
	for (size_t i = 0; st == OK && i < n && !m->mentioned; i++) {
		if (!str_eq(list[i].company_id, to->company_id) && slipped_in(mail, text, to, list[i].company))
			m->mentioned = &list[i];
	}
	return st;
}

struct content_seen {
	const struct placeholder *placeholders;
	size_t placeholders_n;
	bool whole;
	struct outbound_content content;
};

void content_look(struct mail *m, const struct outgoing *o)
{
	const struct phrases *p = m->settings->phrases;
	struct content_seen *s = arena_new_of(m->arena, struct content_seen);

	s->placeholders_n = outbound_placeholders(m->arena, p, o->message, o->visible, NULL, 0, &s->placeholders);
	s->whole = m->known || o->enrol;
	if (s->whole)
		outbound_content_of(m->arena, p, o->message, o->visible, m->words, NULL, 0, &s->content);
	m->seen = s;
}

static void placeholders(const struct mail *mail, const struct plan *plan, struct outgoing *o)
{
	const struct content_seen *s = mail->seen;

	if (s && (!plan || !plan->fields_n)) {
		o->placeholders = s->placeholders;
		o->placeholders_n = s->placeholders_n;
		return;
	}
	o->placeholders_n = outbound_placeholders(mail->arena, mail->settings->phrases, o->message, o->visible,
						  plan ? plan->fields : NULL, plan ? plan->fields_n : 0,
						  &o->placeholders);
}

static const struct outbound_content *content(const struct mail *mail, const struct plan *plan,
					      const struct outgoing *o)
{
	struct outbound_content *c;

	if (mail->seen && mail->seen->whole && (!plan || !plan->approved_claims_n))
		return &mail->seen->content;
	c = arena_new_of(mail->arena, struct outbound_content);
	outbound_content_of(mail->arena, mail->settings->phrases, o->message, o->visible, mail->words,
			    plan ? plan->approved_claims : NULL, plan ? plan->approved_claims_n : 0, c);
	return c;
}

enum status content_read(struct store_tx *tx, struct arena *a, const struct mail *mail, struct outgoing *o,
			 struct memory *m, struct err *e)
{
	const struct memory_prospect *to = NULL;
	const struct outbound_content *c;
	const struct plan *plan;
	enum mail_kind kind;
	size_t i;
	int step;

	kind = policy_kind(o, m, &i, &step);
	if (m->prospects_n)
		to = &m->prospects[i < m->prospects_n ? i : 0];
	plan = plan_of(m, to);
	placeholders(mail, plan, o);
	o->content = NULL;
	m->greeted = m->mentioned = NULL;
	if (!to || (kind != MAIL_TOUCH && kind != MAIL_MANUAL))
		return OK;
	o->content = c = content(mail, plan, o);
	o->named = NAMED_YES;
	if (c->addressee)
		o->named = outbound_named(mail->arena, mail->settings->phrases, c->addressee,
					 to->name, local_part(a, to->address));
	return others(tx, a, mail, o, to, m, e);
}
