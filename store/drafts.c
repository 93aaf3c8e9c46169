/* SPDX-License-Identifier: MPL-2.0
 *
 * Drafts: what lies (or should lie) in a rep's Drafts folder. One row a touch; what becomes of it is
 * told here and turned into the enrolment's event.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/decide_private.h"

static struct draft draft_of(const struct row *r)
{
	return (struct draft){
		.id = at_text(r, 0), .enrolment_id = at_text(r, 1), .owner_id = at_text(r, 2),
		.prospect_id = at_text(r, 3), .step = (int)at_int(r, 4), .account = at_text(r, 5),
		.folder = at_text(r, 6), .uidvalidity = at_int(r, 7), .uid = at_int(r, 8),
		.message_id = at_text(r, 9), .to = at_text(r, 10), .subject = at_text(r, 11),
		.text = at_text(r, 12), .references = at_text(r, 13), .state = at_text(r, 14),
		.made = (time_t)at_int(r, 15), .gone_since = (time_t)at_int(r, 16),
		.seen_subject = at_text(r, 17), .seen_text = at_text(r, 18), .evidence = at_text(r, 19),
		.missing = at_text(r, 20), .language = at_text(r, 21),
	};
}

enum status store_drafts(struct store_tx *tx, struct arena *a, const char *account,
			 struct draft **out_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, drafts_out_of_account, &rows, e, T(account));

	if (s != OK)
		return s;
	struct draft *list = arena_array(a, struct draft, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		list[i] = draft_of(&rows.list[i]);
	*out_r = list;
	*n_r = rows.n;
	return OK;
}

enum status store_draft(struct store_tx *tx, struct arena *a, const char *id, struct draft **out_r,
			struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, draft_get, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no draft '%s'", id);
	if (s != OK)
		return s;
	*out_r = arena_new_of(a, struct draft);
	**out_r = draft_of(r);
	return OK;
}

static bool is_out(const char *state)
{
	return str_eq(state, "wanted") || str_eq(state, "placed") || str_eq(state, "edited") ||
	       str_eq(state, "gone") || str_eq(state, "sending");
}

static enum status ask_removal(struct store_tx *tx, struct arena *a, const struct draft *d,
			       const char *why, struct err *e)
{
	json_t *payload = json_object();
	struct outbox o = { .kind = "draft_remove", .owner_id = d->owner_id, .account = d->account,
			    .enrolment_id = d->enrolment_id, .draft_id = d->id };

	json_put(payload, "draft", d->id);
	json_put(payload, "why", why);
	o.key = arena_printf(a, "draft_remove:%s:%lld:%lld", d->id, (long long)d->uid, (long long)tx->now);
	o.payload = json_text(a, payload);
	return store_outbox_add(tx, a, &o, tx->now, e);
}

static enum status state_event(struct store_tx *tx, struct arena *a, const struct draft *d,
			       const char *before, const char *actor, struct err *e)
{
	json_t *payload = json_object();

	json_put(payload, "before", before);
	json_put(payload, "after", d->state);
	json_put_int(payload, "step", d->step);
	json_put(payload, "message_id", d->message_id);
	return event_change(tx, a, d->state, "draft", d->id, d->enrolment_id, d->prospect_id, actor,
			    payload, e);
}

enum status drafts_withdraw(struct store_tx *tx, struct arena *a, const char *enrolment,
			    const char *why, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, drafts_out_of_enrolment, &rows, e, T(enrolment));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct draft d = draft_of(&rows.list[i]);
		const char *before = d.state;

		if (!str_eq(before, "wanted") && !str_eq(before, "sending")) {
			/* it lies in a folder: only the watcher can tell */
			s = ask_removal(tx, a, &d, why, e);
			continue;
		}
		/* Not placed, or being placed right now: then store_draft_put() will find it withdrawn. */
		d.state = "withdrawn";
		s = RUN(tx, draft_state, e, T(d.id), T(d.state), I(tx->now));
		if (s == OK)
			s = RUN(tx, outbox_cancel_draft, e, T(d.id), I(tx->now));
		if (s == OK)
			s = state_event(tx, a, &d, before, why, e);
	}
	return s;
}

/* For a draft of another text or owner: the row gives way at once, the folder follows. */
enum status draft_take_out(struct store_tx *tx, struct arena *a, const char *id, const char *why, struct err *e)
{
	struct draft *d = NULL;
	enum status s = store_draft(tx, a, id, &d, e);

	if (s != OK || !is_out(d->state))
		return s;
	const char *before = d->state;
	d->state = "withdrawn";
	s = RUN(tx, draft_state, e, T(d->id), T(d->state), I(tx->now));
	if (s == OK)
		s = RUN(tx, outbox_cancel_draft, e, T(d->id), I(tx->now));
	if (s == OK && d->uid != 0)
		s = ask_removal(tx, a, d, why, e);
	return s == OK ? state_event(tx, a, d, before, why, e) : s;
}

/* A touch that silently falls out is how follow-up gets lost: somebody is asked. */
static enum status ask_why(struct store_tx *tx, struct arena *a, const struct draft *d, struct err *e)
{
	return RUN(tx, review_insert, e, T(store_id(tx, a)), T(d->enrolment_id), T(d->prospect_id),
		   T(d->owner_id), V_NULL, T(d->id), T("draft_deleted"),
		   T(arena_printf(a, "you deleted the draft of touch %d to %s: the touch is left out. Right so (note), or "
				  "shall it stop, or be parked? A mail that you write to them by hand counts as a touch.",
				  d->step, d->to ? d->to : "this person")), I(tx->now));
}

/* What the new state means for the enrolment. */
static enum status tell_enrolment(struct store_tx *tx, struct arena *a, const struct draft *d,
				  const char *before, const char *actor, struct err *e)
{
	struct cause c = { .actor = actor, .draft_id = d->id,
			   .evidence = arena_printf(a, "draft %s %s", d->id, d->state) };
	struct event ev = { .step = d->step };
	struct enrolment_row *row = NULL;
	enum status s;

	if (str_eq(d->state, "placed") && str_eq(before, "wanted")) {
		ev.kind = EV_DRAFT_PREPARED;
	} else if (str_eq(d->state, "edited")) {	/* what was approved is not what lies there any more */
		s = store_enrolment(tx, a, d->enrolment_id, &row, e);
		if (s != OK || row->e.state != SEQ_READY_TO_SEND || row->e.step + 1 != d->step)
			return s;
		ev.kind = EV_DRAFT_PREPARED;
	} else if (str_eq(d->state, "deleted")) {
		ev.kind = EV_SKIPPED;
	} else {
		return OK;
	}
	s = store_step(tx, a, d->enrolment_id, &ev, &c, NULL, NULL, e);
	if (s == OK && ev.kind == EV_SKIPPED)
		s = ask_why(tx, a, d, e);
	if (s != INPUT)
		return s;
	/* The enrolment moved on meanwhile: the draft has no business there. */
	return ev.kind == EV_DRAFT_PREPARED ? ask_removal(tx, a, d, "the enrolment moved on", e) : OK;
}

enum status store_draft_put(struct store_tx *tx, struct arena *a, const struct draft *d,
			    const char *actor, struct err *e)
{
	struct draft *old = NULL, now = *d;
	struct draft_now was;
	enum status s = store_draft(tx, a, d->id, &old, e);

	if (s == OK)
		s = draft_now(tx, a, d->id, &was, e);
	if (s != OK)
		return s;
	now.enrolment_id = old->enrolment_id;
	now.owner_id = old->owner_id;
	now.prospect_id = old->prospect_id;
	now.step = old->step;
	now.account = d->account ? d->account : old->account;
	now.folder = d->folder ? d->folder : old->folder;
	now.uidvalidity = d->uidvalidity ? d->uidvalidity : old->uidvalidity;
	now.uid = d->uid ? d->uid : old->uid;
	now.message_id = d->message_id ? d->message_id : old->message_id;
	now.to = d->to ? d->to : old->to;
	now.subject = d->subject ? d->subject : old->subject;
	now.text = d->text ? d->text : old->text;
	now.references = d->references ? d->references : old->references;
	now.state = d->state ? d->state : old->state;
	if (!is_out(old->state) && is_out(now.state)) {
		/* withdrawn (or sent) while it was being placed */
		now.state = old->state;
		if (now.uid != 0) {
			s = ask_removal(tx, a, &now, "withdrawn while it was being placed", e);
			if (s != OK)
				return s;
		}
	}
	s = RUN(tx, draft_save, e, T(now.id), T(now.account), T(now.folder), I(now.uidvalidity), I(now.uid),
		T(now.message_id), T(now.to), T(now.subject), T(now.text), T(now.references), T(now.state),
		I0(now.gone_since), I(tx->now));
	if (s == OK && (d->seen_subject || d->seen_text || d->evidence || d->missing || d->language))
		s = RUN(tx, draft_said, e, T(now.id), T(d->seen_subject), T(d->seen_text), T(d->evidence), T(d->missing),
			T(d->language));
	if (s == OK)
		s = message_ref_add(tx, now.message_id, "draft", now.id, now.enrolment_id, now.prospect_id,
				    now.owner_id, e);
	if (s == OK && !str_eq(now.state, old->state)) {
		s = state_event(tx, a, &now, old->state, actor, e);
		if (s == OK)
			s = tell_enrolment(tx, a, &now, old->state, actor, e);
	}
	return s == OK && is_out(now.state) ? approvals_content(tx, a, &was, actor, e) : s;
}

enum status store_account_drafts(struct store_tx *tx, struct arena *a, const char *account, const char *where,
				 const char *error, time_t *since_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	*since_r = 0;
	if (!error)
		return RUN(tx, account_drafts_work, e, T(account), T(where));
	s = ONE(tx, a, account_drafts_since, &r, e, T(account));
	if (s != OK && s != GONE)
		return s;
	*since_r = s == OK && at_int(r, 0) ? (time_t)at_int(r, 0) : tx->now;
	return RUN(tx, account_drafts_fail, e, T(account), T(str_cut(a, error, 400)), I(tx->now));
}
