/* SPDX-License-Identifier: MPL-2.0
 *
 * Approved templates: the answer to somebody who asked goes out without a draft in anybody's folder, where a
 * grant says so. Whatever stands in the way, it becomes a draft like any other.
 */
#include "config.h"

#include "imapwatch/outbox_private.h"

#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "imapwatch/drafting.h"
#include "store/leads.h"
#include "store/sends.h"

struct itself {
	struct hub *h;
	const struct outbox *row;
	const char *reactivation;
	bool goes;
};

static bool by_hand(const char *payload)
{
	json_t *o = json_loads(payload ? payload : "{}", 0, NULL);
	bool yes = json_is_true(json_object_get(o, "by_hand"));

	json_decref(o);
	return yes;
}

/* Whoever needs it at once is worth a person's own words: a draft, now. */
static enum status not_urgent(struct store_tx *tx, struct arena *a, const char *draft_id, struct err *e)
{
	struct lead_thread lead;
	struct draft *d;
	enum status s = store_draft(tx, a, draft_id, &d, e);

	if (s == OK)
		s = store_lead_thread(tx, a, d->enrolment_id, &lead, e);
	if (s == OK && lead.urgent)
		return err_set(e, GONE, "it is urgent: a person writes the first answer");
	return s == GONE ? OK : s;
}

static enum status try_it(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct itself *u = ctx;
	const char *id = u->row->draft_id, *by, *from;
	struct memory_owner *owner;
	struct enrolment_row *row;
	struct drafted d;
	enum status s = store_template_may(tx, a, id, &by, e);

	u->goes = false;
	if (s == OK)
		s = not_urgent(tx, a, id, e);
	if (s == OK)
		s = drafting_compose(u->h, tx, a, id, u->row->payload, u->reactivation, &d, e);
	if (s == GONE)
		return OK;
	if (s == OK)
		s = store_enrolment(tx, a, d.draft.enrolment_id, &row, e);
	if (s == OK)
		s = store_owner(tx, a, row->owner_login, &owner, e);
	if (s != OK)
		return s;
	/* a field that nobody filled in is for a person */
	if (strstr(d.draft.text, "{{") || strstr(d.draft.subject, "{{"))
		return OK;
	from = owner->addresses_n ? owner->addresses[0] : owner->login;
	s = store_draft_put(tx, a, &d.draft, "imapwatch", e);
	if (s == OK)
		s = store_template_send(tx, a, id, policy_plain_hash(a, from, d.draft.to, d.draft.subject, d.draft.text), by,
					e);
	if (s == OK)
		s = store_outbox_done(tx, u->row->id, e);
	u->goes = s == OK;
	return s;
}

bool sending_by_itself(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct itself u = { .h = h, .row = row };
	struct err e = { "" };
	enum status s;

	if (!row->draft_id || by_hand(row->payload) || !*conf_str(h->conf, "smtp.user"))
		return false;
	u.reactivation = outbox_text(h, a, "reactivation", &e);
	s = store_write(h->store, clock_now(h->clock), try_it, &u, 0, &e);
	(void)fault_point("template-approved");
	if (s != OK)
		log_warn(row->id, "template-not-sent", "draft", row->draft_id, "reason", e.text);
	if (s != OK || !u.goes)
		return false;
	log_info(row->id, "template-approved", "draft", row->draft_id);
	h->outbox_hint = true;
	return true;
}
