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

/* Whose name, whose company is it? Asked only where the mail does not speak of its own prospect. */
static enum status others(struct store_tx *tx, struct arena *a, const struct mail *mail,
			  const struct outgoing *o, const struct memory_prospect *to, struct memory *m,
			  struct err *e)
{
	const char *text = arena_printf(a, "%s\n%s", o->message->subject, o->visible);
	struct memory_neighbour *list;
	size_t n;
	enum status st = OK;

	if (o->content->addressee && o->named != NAMED_YES)
		st = store_namesake(tx, a, m->owner->id, to->id, o->content->addressee, &m->greeted, e);
	if (st == OK)
		st = store_others(tx, a, m->owner->id, to->id, OTHERS_MAX, &list, &n, e);
	for (size_t i = 0; st == OK && i < n && !m->mentioned; i++) {
		if (str_eq(list[i].company_id, to->company_id) || str_empty(list[i].company) ||
		    str_eq_case(list[i].company, to->company) ||
		    !outbound_mentions(mail->arena, text, list[i].company) ||
		    (to->company && outbound_mentions(mail->arena, to->company, list[i].company)))
			continue;
		m->mentioned = &list[i];
	}
	return st;
}

enum status content_read(struct store_tx *tx, struct arena *a, const struct mail *mail, struct outgoing *o,
			 struct memory *m, struct err *e)
{
	const struct phrases *p = mail->settings->phrases;
	const struct memory_prospect *to = NULL;
	struct outbound_content *c = arena_new_of(mail->arena, struct outbound_content);
	const struct plan *plan;
	enum mail_kind kind;
	size_t i;
	int step;

	kind = policy_kind(o, m, &i, &step);
	if (m->prospects_n)
		to = &m->prospects[i < m->prospects_n ? i : 0];
	plan = plan_of(m, to);
	o->placeholders_n = outbound_placeholders(mail->arena, p, o->message, o->visible, plan ? plan->fields : NULL,
						  plan ? plan->fields_n : 0, &o->placeholders);
	o->content = NULL;
	m->greeted = m->mentioned = NULL;
	if (!to || (kind != MAIL_TOUCH && kind != MAIL_MANUAL))
		return OK;
	outbound_content(mail->arena, p, o->message, o->visible, plan ? plan->approved_claims : NULL,
			 plan ? plan->approved_claims_n : 0, c);
	o->content = c;
	o->named = NAMED_YES;
	if (c->addressee)
		o->named = outbound_named(mail->arena, p, c->addressee, to->name, local_part(a, to->address));
	return others(tx, a, mail, o, to, m, e);
}
