/* SPDX-License-Identifier: MPL-2.0
 *
 * Proposals as people record them: what a follow-up may say (rule `terms`), and when the chase is over.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/people.h"
#include "store/store_private.h"

const char *const proposal_fields[] = { "scope", "price", "discount", "problem", "outcome", "objections", "decision",
					"stakeholders", "next_step", "notes" };
const size_t proposal_fields_n = sizeof(proposal_fields) / sizeof(proposal_fields[0]);

/* The first three are terms: to change one is another version. */
enum { TERMS = 3 };

static bool fill(json_t *o, const struct proposal_put *p)
{
	bool terms = false;

	for (size_t i = 0; i < proposal_fields_n; i++) {
		const char *v = p->values ? p->values[i] : NULL;
		const char *old = json_string_value(json_object_get(o, proposal_fields[i]));

		if (v == NULL || str_eq(v, old ? old : ""))
			continue;
		terms = terms || i < TERMS;
		if (*v)
			json_object_set_new(o, proposal_fields[i], json_string(v));
		else
			json_object_del(o, proposal_fields[i]);
	}
	return terms;
}

static bool is_follow_up(const struct plan *p)
{
	for (size_t i = 0; i < p->steps_n; i++)
		if (p->steps[i].type == STEP_PROPOSAL_FOLLOW_UP)
			return true;
	return false;
}

static enum status end_follow_up(struct store_tx *tx, struct arena *a, const char *prospect, const char *proposal,
				 const char *state, const char *actor, struct err *e)
{
	struct rows rows;
	struct event ev = { .kind = EV_STOP, .reason = arena_printf(a, "proposal_%s", state) };
	struct cause c = { .actor = actor, .evidence = arena_printf(a, "proposal %s", proposal) };
	enum status s = ROWS(tx, a, enrolments_live_of_prospect, &rows, e, T(prospect));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct enrolment_row *row = NULL;
		const char *id = at_text(&rows.list[i], 0);

		s = store_enrolment(tx, a, id, &row, e);
		if (s != OK || !is_follow_up(row->plan))
			continue;
		s = store_step(tx, a, id, &ev, &c, NULL, NULL, e);
		if (s == INPUT)
			s = OK;
	}
	return s;
}

static enum status stage(struct store_tx *tx, struct arena *a, const char *prospect, const char *id,
			 const char *actor, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, prospect_stage, &r, e, T(prospect));
	struct field f[] = { { "stage", "proposal_sent" }, { "stage_reason", arena_printf(a, "proposal %s", id) },
			     { "stage_since", arena_printf(a, "%lld", (long long)tx->now) } };

	if (s != OK || str_eq(at_text(r, 0), "won") || str_eq(at_text(r, 0), "proposal_sent"))
		return s == GONE ? OK : s;
	return store_put(tx, a, "prospect", prospect, f, 3, actor, NULL, e);
}

static enum status open_one(struct store_tx *tx, struct arena *a, const char *prospect, const char **id_r,
			    struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_proposal, &r, e, T(prospect));

	if (s == OK && !str_eq(at_text(r, 1), "accepted") && !str_eq(at_text(r, 1), "rejected") &&
	    !str_eq(at_text(r, 1), "expired"))
		*id_r = at_text(r, 0);
	return s == GONE ? OK : s;
}

enum status store_proposal(struct store_tx *tx, struct arena *a, const struct proposal_put *p,
			   const char *actor, const char **id_r, struct err *e)
{
	const char *prospect = p->prospect_id, *id = p->id, *old = NULL;
	const struct row *r = NULL;
	int64_t version = 1, was = 0;
	struct field f[9];
	size_t n = 0;
	json_t *o;
	enum status s = p->renew ? open_one(tx, a, prospect, &id, e) : OK;

	if (s != OK)
		return s;
	if (id != NULL) {
		s = ONE(tx, a, proposal_get, &r, e, T(id));
		if (s == GONE)
			return err_set(e, GONE, "there is no proposal '%s'", id);
		if (s != OK)
			return s;
		prospect = at_text(r, 0);
		version = at_int(r, 1);
		old = at_text(r, 2);
		was = at_int(r, 3);
	}
	o = json_loads(old ? old : "{}", 0, NULL);
	if (o == NULL)
		o = json_object();
	bool changed = fill(o, p) || (p->expires && (p->expires > 0 ? p->expires : 0) != was);
	f[n++] = (struct field){ "prospect_id", prospect };
	f[n++] = (struct field){ "content", json_text(a, o) };
	f[n++] = (struct field){ "version", arena_printf(a, "%lld", (long long)version + (id && (changed || p->renew))) };
	if (p->owner_id)
		f[n++] = (struct field){ "owner_id", p->owner_id };
	if (p->touch_id)
		f[n++] = (struct field){ "touch_id", p->touch_id };
	if (p->state)
		f[n++] = (struct field){ "state", p->state };
	if (p->date || !id)
		f[n++] = (struct field){ "date", arena_printf(a, "%lld", (long long)(p->date ? p->date : tx->now)) };
	if (p->expires)
		f[n++] = (struct field){ "expires", p->expires > 0 ? arena_printf(a, "%lld", (long long)p->expires)
								  : NULL };
	s = store_put(tx, a, "proposal", id, f, n, actor, &id, e);
	if (s == OK && id_r != NULL)
		*id_r = id;
	if (s == OK && p->id == NULL)
		s = stage(tx, a, prospect, id, actor, e);
	bool over = str_eq(p->state, "accepted") || str_eq(p->state, "rejected") || str_eq(p->state, "expired");
	return s == OK && over ? end_follow_up(tx, a, prospect, id, p->state, actor, e) : s;
}
