/* SPDX-License-Identifier: MPL-2.0
 *
 * What goes out, and what the clock does: drafts, touches, evidence of the MTA, due times.
 */
#include "config.h"

#include "sequence/seq_private.h"

#include "base/str.h"

enum status step_enrolled(struct step *s)
{
	struct enrolment *e = s->e;

	if (!e->started)
		e->started = s->now;
	step_schedule(s, 0, 0);
	return OK;
}

enum status step_researched(struct step *s)
{
	if (str_eq(s->ev->reason, "drafting"))
		s->e->state = SEQ_DRAFTING;
	else if (str_eq(s->ev->reason, "researching"))
		s->e->state = SEQ_RESEARCHING;
	return OK;
}

enum status step_draft_prepared(struct step *s)
{
	struct enrolment *e = s->e;
	int step = s->ev->step ? s->ev->step : e->step + 1;

	if (e->state != SEQ_AWAITING_APPROVAL || step != e->step + 1) {
		/* meanwhile the touch went out, or the enrolment halted */
		e->state = s->from;
		step_act(s, ACT_DRAFT_REMOVE, step, "too_late");
		return OK;
	}
	if (s->from == SEQ_READY_TO_SEND)
		step_act(s, ACT_SEND_CANCEL, step, NULL);
	e->draft_out = true;
	e->due = 0;
	step_act(s, ACT_DIGEST, step, "draft");
	return OK;
}

enum status step_approved(struct step *s)
{
	struct enrolment *e = s->e;

	if (s->p->authority != AUTHORITY_HUMAN_APPROVED
	    && s->p->authority != AUTHORITY_APPROVED_TEMPLATE)
		return err_set(s->err, INPUT, "sequence '%s' has authority '%s': only the owner's own mail "
			       "client sends", s->p->name, authority_name(s->p->authority));
	if (e->holds)
		return err_set(s->err, INPUT, "a mail of the prospect is being read: approve after it has "
			       "its verdict");
	if (!step_more(s))
		return err_set(s->err, INPUT, "no step of '%s' is left", s->p->name);
	if (s->from == SEQ_READY_TO_SEND)
		step_act(s, ACT_SEND_CANCEL, e->step + 1, NULL);
	e->due = 0;
	step_act(s, ACT_SEND, e->step + 1, NULL);
	return OK;
}

/* Something reached the prospect: the stage of the sale follows the first one. */
static void count_touch(struct step *s)
{
	struct enrolment *e = s->e;

	e->touches++;
	e->last_touch = s->now;
	e->send_failures = 0;
	if (e->touches == 1)
		step_act(s, ACT_STAGE, 0, "contacted");
}

/* Each wait for an answer that no absence interrupted ends the row of absences. A due time kept from
 * a pause says that there was one since the last touch. */
static void end_of_pauses(struct enrolment *e)
{
	e->resume_due = 0;
}

enum status step_touch(struct step *s)
{
	struct enrolment *e = s->e;
	int next = e->step + 1;
	bool goes_on = e->state == SEQ_SENT;

	if (s->ev->step && s->ev->step <= e->step)
		return err_set(s->err, INPUT, "step %d of '%s' went out already", s->ev->step, s->p->name);
	if (s->ev->step && s->ev->step != next)
		return err_set(s->err, INPUT, "step %d of '%s' is not the next: that is step %d",
			       s->ev->step, s->p->name, next);
	if (!plan_step(s->p, next))
		return err_set(s->err, INPUT, "'%s' has no step %d: it is finished", s->p->name, next);
	if (e->touches >= s->p->max_touches)
		return err_set(s->err, INPUT, "the maximum of '%s', %d touches, is reached", s->p->name,
			       s->p->max_touches);
	if (e->draft_out)
		step_act(s, ACT_DRAFT_REMOVE, next, "sent");
	e->prev_state = s->from == SEQ_PARKED ? SEQ_WAITING : s->from;
	e->prev_step = e->step;
	e->prev_due = e->due;
	e->prev_last_touch = e->last_touch;
	e->draft_out = false;
	e->step = next;
	count_touch(s);
	if (plan_step(s->p, next)->type == STEP_REACTIVATION)
		step_act(s, ACT_STAGE, next, "contacted");
	if (!goes_on)
		return OK;
	e->reason = e->pause_reason = e->pause_words = NULL;
	end_of_pauses(e);
	step_schedule(s, s->now, 0);
	return OK;
}

enum status step_touch_manual(struct step *s)
{
	struct enrolment *e = s->e;
	time_t due = e->due;

	if (e->state != SEQ_WAITING) {	/* over, or a person has it in hand */
		count_touch(s);
		return OK;
	}
	step_withdraw(s);
	count_touch(s);
	e->reason = e->pause_reason = e->pause_words = NULL;
	/* not before the pause or the due time that was there, and the whole distance from now */
	step_schedule(s, s->now, s->from == SEQ_PARKED ? (due > e->resume_due ? due : e->resume_due) : due);
	end_of_pauses(e);
	return OK;
}

enum status step_conversation(struct step *s)
{
	struct enrolment *e = s->e;

	e->last_touch = s->now;
	if (e->state != SEQ_HUMAN_REVIEW)
		return OK;
	step_withdraw(s);
	if (step_is_live(s->from))
		step_act(s, ACT_STOP_OTHERS, 0, "conversation");
	step_rest(s, SEQ_HUMAN_REVIEW, "conversation");
	return OK;
}

enum status step_queued(struct step *s)
{
	if (s->from == SEQ_PARKED && s->e->resume_state == SEQ_SENT)
		s->e->resume_state = SEQ_WAITING;
	return OK;
}

enum status step_taken_back(struct step *s)
{
	struct enrolment *e = s->e;
	int step = s->ev->step ? s->ev->step : e->step;
	bool last = step > 0 && step == e->step && e->prev_step == step - 1;

	if (step <= 0 || step > e->step)
		return OK;
	if (e->touches > 0)
		e->touches--;
	if (!last)
		return OK;	/* others followed it: only the count changes */
	e->step = e->prev_step;
	e->last_touch = e->prev_last_touch;
	if (s->move == MOVE_BACK) {
		e->state = e->prev_state;
		e->due = e->prev_due;
		if (e->due && e->due < s->now)
			e->due = when_next_open(s->now, &s->p->window, e->zone);
		/* its draft is gone: it was sent */
		if (e->state == SEQ_FOLLOW_UP_DUE || e->state == SEQ_AWAITING_APPROVAL
		    || e->state == SEQ_READY_TO_SEND || e->state == SEQ_DRAFTING) {
			if (e->state == SEQ_READY_TO_SEND)
				e->state = SEQ_AWAITING_APPROVAL;
			step_prepare(s, "taken_back", NULL);
		}
	} else if (s->from == SEQ_PARKED
		   && (e->resume_state == SEQ_SENT || e->resume_state == SEQ_WAITING)) {
		e->resume_state = e->prev_state == SEQ_SENT ? SEQ_WAITING : e->prev_state;
		e->resume_due = e->prev_due;
	} else if (s->from == SEQ_FOLLOW_UP_DUE) {
		step_withdraw(s);
		step_prepare(s, "taken_back", NULL);
	}
	step_act(s, ACT_DIGEST, step, "taken_back");
	return OK;
}

/* ---- steps that are left out ---- */

/* The touch is left out; the next one keeps its distance from now. With none left, patience counts
 * from the last thing that did go out. */
static void leave_out(struct step *s, const char *detail)
{
	struct enrolment *e = s->e;

	step_act(s, ACT_DIGEST, e->step + 1, detail);
	e->step++;
	e->prev_step = e->step;
	e->draft_out = false;
	e->state = SEQ_WAITING;
}

enum status step_skipped(struct step *s)
{
	struct enrolment *e = s->e;

	if ((s->ev->step && s->ev->step != e->step + 1) || !plan_step(s->p, e->step + 1)) {
		e->state = s->from;
		return OK;
	}
	if (s->from == SEQ_READY_TO_SEND)
		step_act(s, ACT_SEND_CANCEL, e->step + 1, NULL);
	leave_out(s, "skipped");
	step_schedule(s, step_more(s) ? s->now : e->last_touch, 0);
	return OK;
}

enum status step_lapsed(struct step *s)
{
	struct enrolment *e = s->e;
	const struct plan_step *next = plan_step(s->p, e->step + 1);
	time_t due = e->due;

	if ((s->ev->step && s->ev->step != e->step + 1) || !next || next->channel == CHANNEL_EMAIL) {
		e->state = s->from;
		return OK;
	}
	leave_out(s, "lapsed");
	if (step_more(s))	/* its time is now, or when it would have come */
		e->due = when_next_open(due > s->now ? due : s->now, &s->p->window, e->zone);
	else
		step_schedule(s, e->last_touch, 0);
	return OK;
}

enum status step_task_done(struct step *s)
{
	struct enrolment *e = s->e;
	const struct plan_step *next = plan_step(s->p, e->step + 1);
	bool named = next && s->ev->step == next->number;
	/* a mail that a person put on another channel is that step, too */
	bool is_step = next && (next->channel != CHANNEL_EMAIL ? !s->ev->step || named
		: named && s->from == SEQ_FOLLOW_UP_DUE && s->p->authority != AUTHORITY_RESEARCH_ONLY
		  && s->p->authority != AUTHORITY_RESTRICTED);
	time_t due = e->due;

	if (e->state != SEQ_WAITING || s->from == SEQ_APPOINTMENT_PROPOSED) {
		count_touch(s);
		return OK;
	}
	if (!is_step) {
		/* a touch that is no step of ours: as one made by hand */
		step_withdraw(s);
		count_touch(s);
		step_schedule(s, s->now, due);
		return OK;
	}
	e->step++;
	e->prev_step = e->step;
	e->draft_out = false;
	count_touch(s);
	end_of_pauses(e);
	step_schedule(s, s->now, 0);
	return OK;
}

enum status step_send_failed(struct step *s)
{
	struct enrolment *e = s->e;

	if (++e->send_failures < 3) {
		step_act(s, ACT_SEND, e->step + 1, NULL);
		return OK;
	}
	step_withdraw(s);
	step_act(s, ACT_NOTIFY, e->step + 1, "send_failed");
	step_rest(s, SEQ_HUMAN_REVIEW, "send_failed");
	return OK;
}

/* Put off: a date that a person named, an absence of the owner, another owner. What was asked for already is asked
 * for again then. */
enum status step_postponed(struct step *s)
{
	struct enrolment *e = s->e;
	const struct plan_step *next = plan_step(s->p, e->step + 1);
	time_t until = step_until(s, 0);

	if (s->from == SEQ_PARKED || !step_more(s)) {
		e->state = s->from;
		if (s->from == SEQ_PARKED && e->due && until > e->due)
			e->due = until;
		return OK;
	}
	if (s->from == SEQ_FOLLOW_UP_DUE && next->channel != CHANNEL_EMAIL) {
		e->state = s->from;
	} else {
		step_withdraw(s);
		if (e->state != s->from && !e->step && !e->touches)
			e->state = SEQ_NOT_STARTED;
	}
	if (until > e->due)
		e->due = until;
	step_act(s, ACT_DIGEST, e->step + 1, s->ev->reason ? s->ev->reason : "postponed");
	return OK;
}

/* ---- the clock ---- */

/* Nothing came after the last step. */
static void close_silent(struct step *s)
{
	step_withdraw(s);
	step_rest(s, SEQ_CLOSED, "no_response");
	step_act(s, ACT_STAGE, 0, "dormant");
	step_act(s, ACT_DIGEST, 0, "no_response");
}

static enum status pause_over(struct step *s)
{
	struct enrolment *e = s->e;
	const char *words = e->pause_words;

	if (!str_eq(e->pause_reason, "not_now")) {
		step_restore(s);
		return OK;
	}
	if (!step_more(s)) {
		/* asked to be written to again, but the sequence has nothing left */
		step_rest(s, SEQ_HUMAN_REVIEW, "reactivation");
		step_act(s, ACT_NOTIFY, 0, "reactivation");
		s->out->list[s->out->n - 1].words = words;
		return OK;
	}
	e->state = SEQ_FOLLOW_UP_DUE;
	e->pause_reason = e->pause_words = NULL;
	step_prepare(s, "reactivation", words);
	return OK;
}

enum status step_due(struct step *s)
{
	struct enrolment *e = s->e;

	if (!e->due || e->due > s->now) {	/* done already, or moved meanwhile */
		e->state = s->from;
		return OK;
	}
	if (s->move == MOVE_BACK)
		return pause_over(s);
	if (s->from == SEQ_APPOINTMENT_PROPOSED) {
		step_withdraw(s);
		step_act(s, ACT_NOTIFY, 0, "appointment_open");
		step_rest(s, SEQ_HUMAN_REVIEW, "appointment_open");
		return OK;
	}
	if (s->from == SEQ_FOLLOW_UP_DUE) {
		const struct plan_step *next = plan_step(s->p, e->step + 1);

		if (next && next->channel != CHANNEL_EMAIL)
			return step_lapsed(s);
	}
	if (!step_more(s)) {
		close_silent(s);
		return OK;
	}
	if (!e->resume_due)
		e->away_count = 0;
	if (e->draft_out)
		e->due = 0;
	else
		step_prepare(s, NULL, NULL);
	return OK;
}
