/* SPDX-License-Identifier: MPL-2.0
 *
 * Proposals as people record them: what a follow-up may say (rule `terms`), and when the chase is over.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "store/people.h"
#include "store/pipeline.h"
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

/* A program may say that a proposal is out, or over; won and lost are a person's word. */
static bool is_person(const char *actor)
{
	return !str_eq(actor, "clock") && !str_eq(actor, "imapwatch") && !str_eq(actor, "milter");
}

static enum status stage(struct store_tx *tx, struct arena *a, const char *prospect, const char *id,
			 const char *state, const char *actor, struct err *e)
{
	const char *why = arena_printf(a, "proposal %s%s%s", id, state ? " " : "", state ? state : "");
	bool won = str_eq(state, "accepted"), lost = str_eq(state, "rejected");
	enum status s = OK;

	if (state == NULL)
		s = store_stage(tx, a, prospect, "proposal_sent", STAGE_BY_PROPOSAL, why, actor, e);
	else if ((won || lost) && is_person(actor))
		s = store_stage(tx, a, prospect, won ? "won" : "lost", STAGE_BY_PERSON, why, actor, e);
	return s == INPUT || s == GONE ? OK : s;
}

/* What it said so far stays, by its version. */
static enum status keep_version(struct store_tx *tx, const char *id, const char *actor,
				struct err *e)
{
	return RUN(tx, pipeline_proposal_keep, e, T(id), I(tx->now), T(actor));
}

static enum status moved(struct store_tx *tx, struct arena *a, const char *id, const char *prospect, const char *before,
			 const char *after, const char *because, const char *actor, struct err *e)
{
	json_t *o = json_object();

	json_put(o, "before", before);
	json_put(o, "after", after);
	json_put(o, "because", because);
	return event_change(tx, a, "moved", "proposal", id, NULL, prospect, actor, o, e);
}

/* Another version that was asked for, or that was sent, lies before them anew; else a state that is over stays over. */
static enum status check_move(const char *before, const char **state, bool new_version, bool sent_again,
			      struct err *e)
{
	enum proposal_state from, to;

	if (*state != NULL && !proposal_state_from_name(*state, &to))
		return err_set(e, INPUT, "'%s' is no state of a proposal: it is one of %s", *state, proposal_state_words());
	if (before == NULL || !proposal_state_from_name(before, &from))
		return OK;
	if (*state == NULL) {
		if (new_version && (sent_again || from == PROPOSAL_REVISION || !proposal_open(from)))
			*state = "sent";
		return OK;
	}
	return proposal_move_check(from, to, new_version, e);
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
	const char *state = p->state, *before = id ? row_text(r, "state") : NULL;
	s = check_move(before, &state, id && (changed || p->renew), id && p->renew, e);
	if (s == OK && id && (changed || p->renew))
		s = keep_version(tx, id, actor, e);
	if (s != OK) {
		json_decref(o);
		return s;
	}
	f[n++] = (struct field){ "prospect_id", prospect };
	f[n++] = (struct field){ "content", json_text(a, o) };
	f[n++] = (struct field){ "version", arena_printf(a, "%lld", (long long)version + (id && (changed || p->renew))) };
	if (p->owner_id)
		f[n++] = (struct field){ "owner_id", p->owner_id };
	if (p->touch_id)
		f[n++] = (struct field){ "touch_id", p->touch_id };
	if (state)
		f[n++] = (struct field){ "state", state };
	if (p->date || !id)
		f[n++] = (struct field){ "date", arena_printf(a, "%lld", (long long)(p->date ? p->date : tx->now)) };
	if (p->expires)
		f[n++] = (struct field){ "expires", p->expires > 0 ? arena_printf(a, "%lld", (long long)p->expires)
								  : NULL };
	s = store_put(tx, a, "proposal", id, f, n, actor, &id, e);
	if (s == OK && id_r != NULL)
		*id_r = id;
	bool over = str_eq(state, "accepted") || str_eq(state, "rejected") || str_eq(state, "expired");
	if (s == OK && (p->id == NULL || (over && !str_eq(state, before))))
		s = stage(tx, a, prospect, id, over ? state : NULL, actor, e);
	if (s == OK && state != NULL && before != NULL && !str_eq(state, before))
		s = moved(tx, a, id, prospect, before, state, p->because, actor, e);
	return s == OK && over ? end_follow_up(tx, a, prospect, id, state, actor, e) : s;
}

/* ---- what an enrolment tells ---- */

static enum status note_objection(struct arena *a, const char *content, const char *words, time_t now,
				  const char **out_r)
{
	json_t *o = json_loads(content ? content : "{}", 0, NULL);
	const char *old = json_string_value(json_object_get(o, "objections"));
	char day[WHEN_TEXT];

	if (o == NULL || str_empty(words)) {
		json_decref(o);
		return GONE;
	}
	json_put(o, "objections", arena_printf(a, "%s%s%s: %s", old ? old : "", old ? "\n" : "",
					       date_text(when_civil(now, "UTC").date, day),
					       text_squeeze(a, str_cut(a, words, 300))));
	*out_r = json_text(a, o);
	return OK;
}

enum status proposal_follow(struct store_tx *tx, struct arena *a, const char *prospect, const struct event *ev,
			    const struct plan *plan, int step, const struct cause *c, struct err *e)
{
	const struct row *r = NULL;
	enum proposal_state old, now;
	struct field f[3];
	size_t n = 0;
	const char *content;
	enum status s = ONE(tx, a, recall_proposal, &r, e, T(prospect));

	if (s != OK)
		return s == GONE ? OK : s;
	if (!proposal_state_from_name(row_text(r, "state"), &old))
		return OK;
	now = proposal_after(old, ev->kind, ev->reason, plan != NULL && is_follow_up(plan), step);
	if (now != old)
		f[n++] = (struct field){ "state", proposal_state_name(now) };
	if (ev->kind == EV_OBJECTION && proposal_open(old) &&
	    note_objection(a, row_text(r, "content"), ev->words, tx->now, &content) == OK)
		f[n++] = (struct field){ "content", content };
	if (n == 0)
		return OK;
	s = store_put(tx, a, "proposal", row_text(r, "id"), f, n, c->actor, NULL, e);
	if (s != OK || now == old)
		return s;
	return moved(tx, a, row_text(r, "id"), prospect, proposal_state_name(old), proposal_state_name(now),
		     arena_printf(a, "%s%s%s", seq_event_name(ev->kind), c->reply_id ? ", reply " : c->touch_id ? ", touch "
				  : "", c->reply_id ? c->reply_id : c->touch_id ? c->touch_id : ""), c->actor, e);
}

enum status store_proposal_start(struct store_tx *tx, struct arena *a, const char *prospect, const char *owner_id,
				 const char *sequence, const char *actor, const char **enrolment_r, struct err *e)
{
	struct rows rows;
	struct event ev = { .kind = EV_STOP, .reason = "proposal" };
	struct cause c = { .actor = actor, .evidence = "a proposal was sent" };
	const struct plan *plan = NULL;
	enum status s = store_plan(tx, sequence, 0, &plan, NULL, e);

	if (s == GONE)
		return err_set(e, INPUT, "there is no sequence '%s'", sequence);
	if (s == OK)
		s = ROWS(tx, a, enrolments_live_of_prospect, &rows, e, T(prospect));
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct enrolment_row *row = NULL;

		s = store_enrolment(tx, a, at_text(&rows.list[i], 0), &row, e);
		if (s == OK && is_follow_up(row->plan)) {	/* another version: it goes on */
			if (enrolment_r != NULL)
				*enrolment_r = at_text(&rows.list[i], 0);
			return OK;
		}
		if (s == OK)
			s = store_step(tx, a, at_text(&rows.list[i], 0), &ev, &c, NULL, NULL, e);
		s = s == INPUT ? OK : s;
	}
	struct enrol en = { .prospect_id = prospect, .owner_id = owner_id, .sequence = sequence,
			    .review_note = "a proposal was sent", .actor = actor };
	return s == OK ? store_enrol(tx, a, &en, enrolment_r, e) : s;
}
