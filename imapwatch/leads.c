/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails of a lead mailbox, in the parent: which of them are new, and handing them to the store.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include "base/arena.h"
#include "base/fault.h"
#include "store/leads.h"

/* A mail that belongs to a running conversation, by its references or because its sender is being followed up, is
 * an answer like any other. A form is never: its sender is the web site. */
bool leads_wanted(const struct hub *h, const struct pending *pd, const struct match *list, size_t n)
{
	const char *from = pd->facts.from;

	if (!pd->facts.lead)
		return false;
	/* our own notes repeat what a lead said */
	if (from && (str_eq(from, conf_str(h->conf, "control.address")) || str_eq(from, conf_str(h->conf, "smtp.from")) ||
		     str_eq(from, conf_str(h->conf, "smtp.user"))))
		return false;
	if (lead_shape_is_form(pd->facts.lead->shape))
		return true;
	for (size_t k = 0; k < n; k++)
		if (list[k].live || (!str_eq(list[k].by, "address") && !str_eq(list[k].by, "domain")))
			return false;
	return true;
}

enum status leads_take(struct hub *h, struct store_tx *tx, struct arena *a, struct mailbox *box, struct pending *pd,
		       struct err *e)
{
	struct lead_mail m = {
		.lead = pd->facts.lead, .source = pd->lead, .account_owner = box->conf->owner, .key = pd->facts.key,
		.message_id = pd->facts.message_id, .sender = pd->facts.from, .subject = pd->facts.subject,
		.account = box->conf->name, .folder = box->folder, .uidvalidity = box->validity, .uid = pd->facts.uid,
		.received = pd->facts.received,
	};
	struct lead_taken taken;
	enum status s = store_lead_take(tx, a, &m, &taken, e);

	(void)h;
	pd->lead_state = NULL;
	if (s == GONE)
		return OK;	/* read again */
	if (s != OK)
		return s;
	pd->lead_state = arena_strdup(box->batch, taken.state);
	pd->lead_owner = arena_strdup(box->batch, taken.owner);
	pd->lead_problem = arena_strdup(box->batch, taken.problem);
	if (fault_point("lead-before-commit"))
		return err_set(e, AGAIN, "a fault was asked for");
	return OK;
}
