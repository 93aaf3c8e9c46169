/* SPDX-License-Identifier: MPL-2.0
 *
 * What is recorded of a person, gathered for the rules of sequence/pipeline.h; the stage of the sale; and who is
 * asked when nothing is to happen.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/pipeline.h"
#include "store/store_private.h"

static enum status waiting(struct store_tx *tx, struct arena *a, const char *prospect, struct pipeline_facts *f,
			   struct err *e)
{
	const struct row *r = NULL;
	struct rows notes = { 0, NULL };
	enum status s = ONE(tx, a, pipeline_review, &r, e, T(prospect));

	if (s == OK) {
		f->review = row_text(r, "reason");
		f->review_since = (time_t)row_int(r, "created");
	}
	if (s == OK || s == GONE)
		s = ONE(tx, a, pipeline_task, &r, e, T(prospect));
	if (s == OK) {
		f->task = row_text(r, "text");
		f->task_owner = row_text(r, "login");
		f->task_due = (time_t)row_int(r, "due");
	}
	if (s == OK || s == GONE)
		s = ONE(tx, a, pipeline_appointment, &r, e, T(prospect));
	if (s == OK) {
		f->appointment_open = str_eq(row_text(r, "state"), "booked");
		f->appointment = (time_t)row_int(r, "starts");
	}
	if (s == OK || s == GONE)
		s = ROWS(tx, a, pipeline_note, &notes, e, T(prospect));
	for (size_t i = 0; i < notes.n; i++) {
		r = &notes.list[i];
		if (str_eq(row_text(r, "kind"), "gate")) {
			f->gate = (time_t)row_int(r, "date");	/* the latest: they are in order */
		} else if (f->promise == NULL) {
			f->promise = row_text(r, "text");
			f->promise_due = (time_t)row_int(r, "date");
		}
	}
	return s;
}

static enum status of_enrolment(struct store_tx *tx, struct arena *a, const char *id, struct pipeline_facts *f,
				struct err *e)
{
	struct enrolment_row *row = NULL;
	const struct row *r = NULL;
	enum status s = store_enrolment(tx, a, id, &row, e);

	if (s != OK)
		return s;
	f->enrolled = true;
	f->e = row->e;
	f->plan = row->plan;
	f->approval = row->plan->authority == AUTHORITY_HUMAN_APPROVED;
	s = ONE(tx, a, pipeline_changed, &r, e, T(id));
	if (s == OK)
		f->changed = (time_t)at_int(r, 0);
	if (s == OK)
		s = ONE(tx, a, pipeline_draft, &r, e, T(id));
	if (s == OK)
		f->draft_made = (time_t)at_int(r, 0);
	return s == GONE ? OK : s;
}

static enum status suppressed(struct store_tx *tx, struct arena *a, const char *address, bool *out_r,
			      struct err *e)
{
	struct memory_suppression *list = NULL;
	size_t n = 0;
	enum status s = address ? store_suppressed(tx, a, address, NULL, &list, &n, e) : OK;

	*out_r = false;
	for (size_t i = 0; i < n; i++)
		*out_r = *out_r || str_eq(list[i].scope, "all") || str_eq(list[i].scope, "outreach");
	return s;
}

static enum status proposal(struct store_tx *tx, struct arena *a, const char *prospect, struct pipeline_facts *f,
			    struct err *e)
{
	const struct row *r = NULL;
	enum proposal_state st;
	enum status s = ONE(tx, a, recall_proposal, &r, e, T(prospect));

	if (s != OK)
		return s == GONE ? OK : s;
	if (proposal_state_from_name(row_text(r, "state"), &st) && proposal_open(st)) {
		f->proposal = row_text(r, "state");
		f->proposal_date = (time_t)row_int(r, "date");
		f->proposal_expires = (time_t)row_int(r, "expires");
	}
	return OK;
}

/* Dormant, and nobody has been offered since they last answered. */
static enum status reactivates(struct store_tx *tx, struct arena *a, const char *prospect, time_t last,
			       struct pipeline_facts *f, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	f->reactivates = false;
	if (!str_eq(f->stage, "dormant"))
		return OK;
	f->reactivates = true;
	if (last == 0)
		return OK;
	s = ONE(tx, a, pipeline_answered_since, &r, e, T(prospect), I(last));
	f->reactivates = s == OK;
	return s == GONE ? OK : s;
}

enum status store_pipeline_facts(struct store_tx *tx, struct arena *a, const char *prospect,
				 struct pipeline_facts *f, struct err *e)
{
	const struct row *r = NULL;
	struct absence away;
	enum status s = ONE(tx, a, pipeline_person, &r, e, T(prospect));

	*f = (struct pipeline_facts){ .owner = NULL };
	if (s == GONE)
		return err_set(e, GONE, "there is no prospect '%s'", prospect);
	if (s != OK)
		return s;
	f->stage = row_text(r, "stage");
	f->priority = row_text(r, "priority");
	f->created = (time_t)row_int(r, "created");
	f->stage_since = (time_t)row_int(r, "since");
	f->merged = row_text(r, "merged_into") != NULL;
	f->owner = row_text(r, "login");
	f->researched = row_int(r, "researched") != 0;
	f->ready = row_int(r, "ready") != 0;
	f->inbound = row_int(r, "inbound") != 0;
	f->last_sent = (time_t)row_int(r, "last_sent");
	f->last_heard = (time_t)row_int(r, "last_heard");
	f->by_hand = row_text(r, "next_action");
	f->by_hand_at = (time_t)row_int(r, "next_action_at");
	f->last_asked = (time_t)row_int(r, "asked");
	if (row_text(r, "enrolment") != NULL)
		s = of_enrolment(tx, a, row_text(r, "enrolment"), f, e);
	if (s == OK)
		s = suppressed(tx, a, row_text(r, "address"), &f->suppressed, e);
	if (s == OK)
		s = waiting(tx, a, prospect, f, e);
	if (s == OK)
		s = proposal(tx, a, prospect, f, e);
	if (s == OK)
		s = reactivates(tx, a, prospect, (time_t)row_int(r, "reactivated"), f, e);
	if (s == OK && row_text(r, "owner_id") != NULL) {
		s = store_absence(tx, a, row_text(r, "owner_id"), tx->now, &away, e);
		if (s == OK && away.now && away.stand_in_id)
			f->stand_in = away.stand_in;
		s = s == GONE ? OK : s;
	}
	return s;
}

/* ---- the stage ---- */

enum status store_stage(struct store_tx *tx, struct arena *a, const char *prospect, const char *to, enum stage_by by,
			const char *because, const char *actor, struct err *e)
{
	const struct row *r = NULL;
	struct field f[] = { { "stage", to }, { "stage_reason", because },
			     { "stage_since", arena_printf(a, "%lld", (long long)tx->now) } };
	enum status s = ONE(tx, a, prospect_stage, &r, e, T(prospect));

	if (s == GONE)
		return err_set(e, GONE, "there is no prospect '%s'", prospect);
	if (s == OK && by == STAGE_BY_PERSON && str_empty(because))
		return err_set(e, INPUT, "say why");
	if (s == OK)
		s = stage_check(at_text(r, 0), to, by, e);
	if (s != OK || str_eq(at_text(r, 0), to))
		return s;
	return store_put(tx, a, "prospect", prospect, f, 3, actor, NULL, e);
}

/* ---- who is asked ---- */

static enum status ask_next(struct store_tx *tx, struct arena *a, const char *prospect,
			    const struct pipeline_facts *f, const struct next_action *n, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, pipeline_owner, &r, e, T(n->who), T(n->who));
	char day[WHEN_TEXT];

	if (s != OK)
		return s == GONE ? OK : s;
	bool theirs = f->last_heard > f->last_sent;
	time_t last = theirs ? f->last_heard : f->last_sent;
	const char *since = !last ? "Nobody has written yet."
		: arena_printf(a, "%s wrote last, on %s.", theirs ? "They" : "We",
			       date_text(when_civil(last, row_text(r, "zone")).date, day));
	struct field fields[] = {
		{ "owner_id", row_text(r, "id") }, { "prospect_id", prospect },
		{ "enrolment_id", f->enrolled ? f->e.id : NULL }, { "kind", "decide_next" },
		{ "text", arena_printf(a, "%s. %s", n->what, since) },
		{ "due", arena_printf(a, "%lld", (long long)n->when) },
	};
	return store_put(tx, a, "task", NULL, fields, 6, "clock", NULL, e);
}

enum status store_pipeline_ask(struct store_tx *tx, struct arena *a, const char *prospect,
			       const struct pipeline_settings *set, bool *asked_r, struct err *e)
{
	struct pipeline_facts f;
	enum status s = store_pipeline_facts(tx, a, prospect, &f, e);

	*asked_r = false;
	if (s != OK || f.owner == NULL)
		return s;
	struct next_action n = pipeline_next(&f, set, tx->now);
	if (n.kind != NEXT_MISSING)
		return OK;
	*asked_r = true;
	return ask_next(tx, a, prospect, &f, &n, e);
}

enum status store_pipeline_page(struct store_tx *tx, struct arena *a, const char *after, size_t max,
				const struct pipeline_settings *set, const char **last_r, size_t *asked_r,
				struct err *e)
{
	struct rows page, list;
	enum status s = ROWS(tx, a, pipeline_page, &page, e, T(after ? after : ""), I((int64_t)max));

	*last_r = NULL;
	*asked_r = 0;
	if (s != OK || page.n == 0)
		return s;
	const char *last = at_text(&page.list[page.n - 1], 0);
	s = ROWS(tx, a, pipeline_suspects, &list, e, T(after ? after : ""), T(last));
	for (size_t i = 0; s == OK && i < list.n; i++) {
		bool asked;

		s = store_pipeline_ask(tx, a, at_text(&list.list[i], 0), set, &asked, e);
		*asked_r += asked;
	}
	*last_r = page.n == max ? last : NULL;
	return s;
}
