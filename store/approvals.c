/* SPDX-License-Identifier: MPL-2.0
 *
 * Who may send what: approvals of exact contents, grants of owners, and whom a program sends for.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/rates.h"
#include "store/store_private.h"

static enum status approval(struct store_tx *tx, struct arena *a, const char *hash, struct memory *m,
			    const char **owner_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = str_empty(hash) ? GONE : ONE(tx, a, approval_by_hash, &r, e, T(hash));

	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_approval *ap = arena_new_of(a, struct memory_approval);
	const char *decision = at_text(r, 5);
	*ap = (struct memory_approval){
		.id = at_text(r, 0), .enrolment = at_text(r, 2), .prospect = at_text(r, 3),
		.step = (int)at_int(r, 4), .by = at_text(r, 6), .at = (time_t)at_int(r, 7),
		.expires = (time_t)at_int(r, 8), .used = at_int(r, 9) != 0, .void_ = at_int(r, 10) != 0,
		.approves = str_eq(decision, "approve") || str_eq(decision, "edit_and_approve"),
	};
	m->approval = ap;
	*owner_r = at_text(r, 1);
	return OK;
}

static enum status by_id(struct store_tx *tx, struct arena *a, const char *id, struct memory_owner **out_r,
			 struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, owner_login, &r, e, T(id));

	return s == OK ? store_owner(tx, a, at_text(r, 0), out_r, e) : s;
}

enum status recall_automation(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			      struct memory_owner **owner_r, struct err *e)
{
	const char *from = q->message && q->message->from_n ? q->message->from[0].key : NULL, *approved = NULL;
	enum status s = approval(tx, a, q->content_hash, m, &approved, e);

	if (s != OK)
		return s;
	s = approved ? by_id(tx, a, approved, owner_r, e) : GONE;
	if (s == GONE && !str_empty(q->sender))
		s = store_owner(tx, a, q->sender, owner_r, e);
	if (s == GONE && from)
		s = store_owner(tx, a, from, owner_r, e);
	if (s == GONE && !str_empty(q->login))
		s = store_owner(tx, a, q->login, owner_r, e);
	if (s != GONE)
		return s;
	*owner_r = arena_new_of(a, struct memory_owner);	/* nobody: still not let past */
	(*owner_r)->login = q->login;
	return OK;
}

enum status recall_grants(struct store_tx *tx, struct arena *a, const char *owner_id, const char *sequence,
			  struct memory *m, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_grants, &rows, e, T(owner_id), T(sequence ? sequence : "*"), I(tx->now));

	m->grant_templates = s == OK ? arena_array(a, const char *, rows.n) : NULL;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const char *authority = at_text(&rows.list[i], 0), *template = at_text(&rows.list[i], 2);

		if (str_eq(authority, "approved_template") && str_empty(template))
			m->grant_template = true;
		else if (str_eq(authority, "approved_template"))
			m->grant_templates[m->grant_templates_n++] = template;
		m->grant_sends = m->grant_sends || str_eq(authority, "approved_template") ||
				 str_eq(authority, "human_approved");
		if (str_eq(authority, "restricted") || str_eq(authority, "research_only"))
			m->grant_forbids = authority;
	}
	const struct row *r = NULL;
	if (s != OK || m->prospects_n == 0 || m->prospects[0].id == NULL)
		return s;
	s = ONE(tx, a, recall_inbound, &r, e, T(m->prospects[0].id));
	m->inbound = s == OK;
	return s == GONE ? OK : s;
}

enum status store_approval_used(struct store_tx *tx, const char *id, struct err *e)
{
	return RUN(tx, approval_used, e, T(id), I(tx->now));
}

enum status store_approve(struct store_tx *tx, struct arena *a, const struct approval_new *ap,
			  const char **id_r, struct err *e)
{
	struct enrolment_row *row = NULL;
	const char *id = store_id(tx, a);
	enum status s = store_enrolment(tx, a, ap->enrolment_id, &row, e);

	if (s != OK)
		return s;
	int step = ap->step ? ap->step : row->e.step + 1;
	if (str_empty(ap->content_hash))
		return err_set(e, INPUT, "this mail has parts that nobody can read: it cannot be approved");
	if (plan_step(row->plan, step) == NULL)
		return err_set(e, INPUT, "'%s' has no step %d", row->sequence, step);
	s = RUN(tx, approval_add, e, T(id), T(row->owner_id), T(row->e.id), T(row->prospect_id), I(step),
		T(ap->content_hash), T(ap->by), T(ap->because), I(tx->now), I0(ap->expires));
	if (s != OK)
		return s;
	json_t *o = json_object();
	json_put(o, "content_hash", ap->content_hash);
	json_put_int(o, "step", step);
	json_put(o, "because", ap->because);
	json_put_int(o, "expires", ap->expires);
	if (id_r != NULL)
		*id_r = id;
	return event_change(tx, a, "approved", "approval", id, row->e.id, row->prospect_id, ap->by, o, e);
}
