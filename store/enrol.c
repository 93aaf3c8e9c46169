/* SPDX-License-Identifier: MPL-2.0
 *
 * A prospect enters a sequence: everything that must hold is asked first, each answer one sentence.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/store_private.h"

/* columns: stage, priority, has_source, has_permission, has_identity, has_evidence, zone, address,
 * client, name, merged_into */
static enum status requirements(const struct plan *p, const struct row *r, const char *note,
				struct err *e)
{
	const char *who = at_text(r, 7);

	if (at_text(r, 10) != NULL)
		return err_set(e, INPUT, "'%s' was merged into another prospect", who);
	if (!plan_eligible(p, at_text(r, 0), at_text(r, 1)))
		return err_set(e, INPUT, "'%s' may not enter '%s': stage '%s', priority '%s'", who, p->name,
			       at_text(r, 0), at_text(r, 1));
	if ((p->requires & REQUIRES_SOURCE) && !at_int(r, 2))
		return err_set(e, INPUT, "'%s' may not enter '%s': no source is recorded "
			       "(relentctl source add)", who, p->name);
	if ((p->requires & REQUIRES_PERMISSION) && !at_int(r, 3))
		return err_set(e, INPUT, "'%s' may not enter '%s': no permission is recorded "
			       "(relentctl source add)", who, p->name);
	if ((p->requires & REQUIRES_IDENTITY) && !at_int(r, 4))
		return err_set(e, INPUT, "'%s' may not enter '%s': the identity is not verified "
			       "(relentctl prospect edit)", who, p->name);
	if ((p->requires & REQUIRES_EVIDENCE) && !at_int(r, 5))
		return err_set(e, INPUT, "'%s' may not enter '%s': no evidence that is safe to mention "
			       "(relentctl evidence add)", who, p->name);
	if ((p->requires & REQUIRES_REVIEW_NOTE) && str_empty(note))
		return err_set(e, INPUT, "'%s' may not enter '%s': a review note is required", who,
			       p->name);
	return OK;
}

static bool covers(const struct memory_suppression *s, const char *client, const char *sequence)
{
	if (str_eq(s->scope, "client"))
		return str_eq(s->scope_arg, client);
	if (str_eq(s->scope, "sequence"))
		return str_eq(s->scope_arg, sequence);
	if (str_eq(s->scope, "channel"))
		return str_eq(s->scope_arg, "email");
	return true;
}

static enum status not_suppressed(struct store_tx *tx, struct arena *a, const struct enrol *en,
				  const struct row *r, struct err *e)
{
	struct memory_suppression *list = NULL;
	size_t n = 0;
	enum status s = store_suppressed(tx, a, at_text(r, 7), en->owner_id, &list, &n, e);

	for (size_t i = 0; s == OK && i < n; i++)
		if (covers(&list[i], at_text(r, 8), en->sequence)) {
			if (list[i].may_tell)
				return err_set(e, INPUT, "'%s' is suppressed (%s)", at_text(r, 7),
					       list[i].reason);
			return err_set(e, INPUT, "'%s' is suppressed", at_text(r, 7));
		}
	return s;
}

static enum status room(struct store_tx *tx, struct arena *a, const struct enrol *en,
			const struct plan *p, const char *who, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, enrolment_live_of, &r, e, T(en->prospect_id));

	if (s == OK)
		return err_set(e, INPUT, "'%s' is already in the sequence '%s' (%s)", who, at_text(r, 1),
			       at_text(r, 2));
	if (s != GONE)
		return s;
	if (p->pilot_size <= 0)
		return OK;
	s = ONE(tx, a, enrolment_count, &r, e, T(en->sequence));
	if (s == OK && at_int(r, 0) >= p->pilot_size)
		return err_set(e, INPUT, "the pilot of '%s' is full: %d prospects", en->sequence,
			       p->pilot_size);
	return s;
}

static enum status zone_of(struct store_tx *tx, struct arena *a, const struct enrol *en,
			   const char *prospect_zone, const char **out_r, struct err *e)
{
	const struct row *r = NULL;

	if (!str_empty(prospect_zone) && when_zone_valid(prospect_zone)) {
		*out_r = prospect_zone;
		return OK;
	}
	enum status s = ONE(tx, a, owner_zone, &r, e, T(en->owner_id));
	if (s == GONE)
		return err_set(e, INPUT, "there is no owner '%s'", en->owner_id);
	*out_r = s == OK && !str_empty(at_text(r, 0)) ? at_text(r, 0) : tx->store->o.zone;
	return s;
}

enum status store_enrol(struct store_tx *tx, struct arena *a, const struct enrol *en,
			const char **enrolment_r, struct err *e)
{
	const struct plan *plan = NULL;
	const char *plan_id = NULL, *zone = NULL;
	const struct row *r = NULL;
	enum status s = store_plan(tx, en->sequence, 0, &plan, &plan_id, e);

	if (s == GONE)
		return err_set(e, INPUT, "there is no sequence '%s'", en->sequence);
	if (s == OK)
		s = ONE(tx, a, enrol_facts, &r, e, T(en->prospect_id));
	if (s == GONE)
		return err_set(e, INPUT, "there is no prospect '%s'", en->prospect_id);
	if (s == OK && at_text(r, 7) == NULL)
		s = err_set(e, INPUT, "the prospect '%s' has no address", en->prospect_id);
	if (s == OK)
		s = requirements(plan, r, en->review_note, e);
	if (s == OK)
		s = not_suppressed(tx, a, en, r, e);
	if (s == OK)
		s = room(tx, a, en, plan, at_text(r, 7), e);
	if (s == OK)
		s = zone_of(tx, a, en, at_text(r, 6), &zone, e);
	if (s != OK || en->dry_run)
		return s;
	const char *id = store_id(tx, a);
	s = RUN(tx, enrolment_insert, e, T(id), T(en->prospect_id), T(en->owner_id), T(plan_id),
		T(seq_state_name(SEQ_NOT_STARTED)), I(tx->now), T(zone), T(en->review_note));
	if (s == OK)
		s = RUN(tx, prospect_owner_default, e, T(en->prospect_id), T(en->owner_id));
	if (s == OK) {
		struct event ev = { .kind = EV_ENROLLED };
		struct cause c = { .actor = en->actor, .evidence = en->review_note };
		s = store_step(tx, a, id, &ev, &c, NULL, NULL, e);
	}
	if (s == OK && enrolment_r != NULL)
		*enrolment_r = id;
	return s;
}
