/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide, and what reaches an enrolment from another one.
 */
#include "config.h"

#include "sequence/seq_private.h"

#include "base/str.h"

enum status step_pause(struct step *s)
{
	step_park(s, "owner", step_until(s, s->p->not_now_days));
	return OK;
}

/* Reasons that are about the sequence, not about the person: others go on. */
static bool is_about_sequence(const char *reason)
{
	return str_eq(reason, "offer_retired") || str_eq(reason, "sequence_retired")
		|| str_eq(reason, "breaker");
}

enum status step_stop(struct step *s)
{
	const char *reason = s->ev->reason ? s->ev->reason : "stopped";

	step_withdraw(s);
	if (step_is_live(s->from) && !is_about_sequence(reason))
		step_act(s, ACT_STOP_OTHERS, 0, reason);
	step_rest(s, SEQ_CLOSED, reason);
	return OK;
}

enum status step_uncertain(struct step *s)
{
	step_act(s, ACT_NOTIFY, 0, "identity_uncertain");
	if (s->move == MOVE_STAY)
		return OK;
	step_withdraw(s);
	if (step_is_live(s->from))
		step_act(s, ACT_STOP_OTHERS, 0, "identity_uncertain");
	step_rest(s, SEQ_HUMAN_REVIEW, "identity_uncertain");
	return OK;
}

/* The suppression itself is there already: it is what made this event. */
enum status step_do_not_contact(struct step *s)
{
	step_withdraw(s);
	step_rest(s, SEQ_SUPPRESSED, s->ev->reason ? s->ev->reason : "do_not_contact");
	return OK;
}

static bool is_suppression(const char *reason)
{
	static const char *const names[] = { "unsubscribe", "complaint", "do_not_contact" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(reason, names[i]))
			return true;
	return false;
}

enum status step_cross_stop(struct step *s)
{
	step_withdraw(s);
	step_act(s, ACT_DIGEST, 0, "cross_stop");
	if (is_suppression(s->ev->reason))
		step_rest(s, SEQ_SUPPRESSED, s->ev->reason);
	else
		step_rest(s, SEQ_CLOSED, "cross_stop");
	return OK;
}

enum status step_company_pause(struct step *s)
{
	step_withdraw(s);
	step_act(s, ACT_NOTIFY, 0, "company_complaint");
	step_rest(s, SEQ_HUMAN_REVIEW, "company_complaint");
	return OK;
}

/* A person puts it into motion again: what held it is settled. */
static void set_going(struct step *s)
{
	struct enrolment *e = s->e;

	e->holds = 0;
	e->held_since = 0;
	e->away_count = 0;
	e->reason = e->pause_reason = e->pause_words = NULL;
	e->send_failures = 0;
}

static void wait_for_next(struct step *s)
{
	struct enrolment *e = s->e;

	set_going(s);
	e->state = e->step || e->touches ? SEQ_WAITING : SEQ_NOT_STARTED;
	step_schedule(s, e->last_touch, 0);
}

enum status step_resume(struct step *s)
{
	if (s->from != SEQ_PARKED) {
		wait_for_next(s);
		return OK;
	}
	s->e->holds = 0;
	s->e->held_since = 0;
	step_restore(s);
	return OK;
}

static enum status refuse_target(struct step *s, const char *because)
{
	return err_set(s->err, INPUT, "a decision cannot put a '%s' enrolment into '%s': %s",
		       seq_state_name(s->from), seq_state_name(s->ev->target), because);
}

static enum status decide_live(struct step *s)
{
	struct enrolment *e = s->e;
	enum seq_state target = s->ev->target;

	if (!step_more(s) && target != SEQ_WAITING)
		return refuse_target(s, "no step is left");
	step_withdraw(s);
	if (target == SEQ_WAITING || target == SEQ_NOT_STARTED) {
		if (target == SEQ_NOT_STARTED && (e->step || e->touches))
			return refuse_target(s, "it has begun");
		wait_for_next(s);
		e->state = target;
		return OK;
	}
	set_going(s);
	e->state = target;
	if (target == SEQ_RESEARCHING)
		step_schedule(s, e->last_touch, s->ev->until);
	else if (span_starts_case(span_of(s->ev->reason), "channel:"))
		step_lapses(s);		/* whoever decided it makes the task */
	else
		step_prepare(s, NULL, s->ev->words);
	return OK;
}

static enum status decide_end(struct step *s)
{
	const char *reason = s->ev->reason;

	step_withdraw(s);
	if (s->ev->target == SEQ_SUPPRESSED) {
		if (!reason)
			reason = "do_not_contact";
		step_act(s, ACT_SUPPRESS, 0, reason);
		step_act(s, ACT_STOP_OTHERS, 0, is_suppression(reason) ? reason : "do_not_contact");
	}
	if (s->ev->target != SEQ_HUMAN_REVIEW) {
		s->e->holds = 0;
		s->e->held_since = 0;
	}
	step_rest(s, s->ev->target, reason ? reason : "decision");
	/* an invitation that nobody answers is asked about */
	if (s->ev->target == SEQ_APPOINTMENT_PROPOSED)
		s->e->due = step_until(s, s->p->patience_days);
	return OK;
}

static enum status decide_park(struct step *s)
{
	const char *why = s->ev->reason;
	time_t until = step_until(s, s->p->not_now_days);

	if (!str_eq(why, "not_now") && !str_eq(why, "away"))
		why = "owner";
	s->e->holds = 0;
	s->e->held_since = 0;
	step_park(s, why, until);
	/* the person has decided: after the pause it goes on */
	if (s->from != SEQ_PARKED && !step_is_live(s->from)) {
		s->e->resume_state = s->e->step ? SEQ_WAITING : SEQ_NOT_STARTED;
		s->e->resume_due = until;
	}
	return OK;
}

enum status step_decision(struct step *s)
{
	enum seq_state target = s->ev->target;

	if (s->from == SEQ_SUPPRESSED && target != SEQ_HUMAN_REVIEW && target != SEQ_CLOSED)
		return refuse_target(s, "only 'human_review' or 'closed', after the suppression was lifted");
	if (s->from == SEQ_CLOSED && target != SEQ_HUMAN_REVIEW && target != SEQ_CLOSED
	    && target != SEQ_BOOKED && target != SEQ_SUPPRESSED)
		return refuse_target(s, "put it into 'human_review' first");
	switch (target) {
	case SEQ_AWAITING_APPROVAL:
	case SEQ_READY_TO_SEND:
	case SEQ_SENT:
		return refuse_target(s, "only a draft, an approval or a touch leads there");
	case SEQ_NOT_STARTED:
	case SEQ_RESEARCHING:
	case SEQ_DRAFTING:
	case SEQ_WAITING:
	case SEQ_FOLLOW_UP_DUE:
		return decide_live(s);
	case SEQ_PARKED:
		return decide_park(s);
	case SEQ_REPLY_RECEIVED:
	case SEQ_HUMAN_REVIEW:
	case SEQ_APPOINTMENT_PROPOSED:
	case SEQ_BOOKED:
	case SEQ_CLOSED:
	case SEQ_SUPPRESSED:
	case SEQ_FAILED:
		return decide_end(s);
	case SEQ_STATE_COUNT:
		break;
	}
	return err_set(s->err, INPUT, "a decision needs a state");
}
