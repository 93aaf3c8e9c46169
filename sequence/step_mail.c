/* SPDX-License-Identifier: MPL-2.0
 *
 * What came in: holds, answers, absences, reports. An answer has more authority than a sequence.
 */
#include "config.h"

#include "sequence/seq_private.h"

#include "base/str.h"

enum { AWAY_MAX = 3, SOFT_BOUNCES = 3, SOFT_BOUNCE_SPAN = 14 * 86400 };

enum status step_hold(struct step *s)
{
	if (s->e->holds++ == 0)
		s->e->held_since = s->now;
	return OK;
}

enum status step_hold_expired(struct step *s)
{
	struct enrolment *e = s->e;

	/* the mails are still unread: holds stays, so that only the last verdict ends the review */
	e->held_since = 0;
	step_act(s, ACT_NOTIFY, 0, "no_verdict");
	if (e->state == s->from)
		return OK;
	if (s->from != SEQ_PARKED) {
		e->resume_state = s->from;
		e->resume_due = e->due;
		e->due = 0;
	}
	step_withdraw(s);
	e->reason = "no_verdict";
	return OK;
}

enum status step_notice(struct step *s)
{
	(void)s;	/* what a verdict does to a waiting review is done in step.c */
	return OK;
}

/* What every answer of a person does first: nothing more goes out, the owner knows. False: the
 * enrolment is beyond that, and the owner is told of one more mail. */
static bool halt(struct step *s)
{
	struct enrolment *e = s->e;
	const char *name = seq_event_name(s->ev->kind);

	if (s->from == SEQ_CLOSED && e->state != SEQ_CLOSED) {
		if (!str_eq(e->reason, "no_response")) {
			e->state = SEQ_CLOSED;
			step_act(s, ACT_NOTIFY, 0, name);
			return false;
		}
		/* we had given up: a person takes it from here, whatever the class */
		step_act(s, ACT_NOTIFY, 0, name);
		step_act(s, ACT_STAGE, 0, "contacted");
		step_rest(s, SEQ_HUMAN_REVIEW, "reopened");
		return false;
	}
	if (e->state == s->from && s->from != SEQ_PARKED) {
		step_act(s, ACT_NOTIFY, 0, name);
		return false;
	}
	step_withdraw(s);
	e->away_count = 0;
	step_act(s, ACT_NOTIFY, 0, name);
	/* whoever was dormant talks again */
	if (e->touches || s->p->steps[0].type == STEP_REACTIVATION)
		step_act(s, ACT_STAGE, 0, "contacted");
	if (step_is_live(s->from))
		step_act(s, ACT_STOP_OTHERS, 0, name);
	return true;
}

enum status step_reply(struct step *s)
{
	if (s->ev->kind == EV_REFERRAL)
		step_act(s, ACT_TASK, 0, "verify_referral");
	if (halt(s))
		step_rest(s, SEQ_REPLY_RECEIVED, seq_event_name(s->ev->kind));
	return OK;
}

enum status step_not_now(struct step *s)
{
	if (halt(s))
		step_park(s, "not_now", step_until(s, s->p->not_now_days));
	return OK;
}

enum status step_not_a_fit(struct step *s)
{
	if (halt(s))
		step_rest(s, SEQ_CLOSED, "not_a_fit");
	return OK;
}

/* A person has it in hand and the talk is of meeting: an acceptance ends that. */
static bool about_meeting(const char *reason)
{
	static const char *const names[] = { "conversation", "declined", "tentative", "countered", "cancelled",
					     "weak_booking", "appointment_open", "calendar" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(reason, names[i]))
			return true;
	return false;
}

enum status step_booked(struct step *s)
{
	struct enrolment *e = s->e;

	if (s->from == SEQ_HUMAN_REVIEW && !about_meeting(e->reason))
		e->state = s->from;
	if (halt(s)) {
		step_act(s, ACT_TASK, 0, "confirm_appointment");
		step_rest(s, SEQ_BOOKED, "booked");
	}
	return OK;
}

enum status step_appointment(struct step *s)
{
	struct enrolment *e = s->e;

	if (!halt(s))
		return OK;
	step_rest(s, SEQ_APPOINTMENT_PROPOSED, "appointment");
	/* an invitation nobody answered is asked about */
	e->due = when_next_open(when_add_days(s->now, s->p->patience_days, e->zone), &s->p->window,
				e->zone);
	return OK;
}

enum status step_suppress(struct step *s)
{
	bool complaint = s->ev->kind == EV_COMPLAINT;
	const char *name = seq_event_name(s->ev->kind);

	step_act(s, ACT_SUPPRESS, 0, name);
	if (complaint) {
		step_act(s, ACT_PAUSE_COMPANY, 0, name);
		step_act(s, ACT_ESCALATE, 0, name);
	}
	step_act(s, ACT_NOTIFY, 0, name);
	if (s->from == SEQ_SUPPRESSED)
		return OK;
	step_withdraw(s);
	step_act(s, ACT_STOP_OTHERS, 0, name);
	step_rest(s, SEQ_SUPPRESSED, name);
	return OK;
}

enum status step_away(struct step *s)
{
	struct enrolment *e = s->e;
	time_t until = step_until(s, s->p->away_days);

	step_act(s, ACT_DIGEST, 0, "away");
	if (e->state != SEQ_PARKED)
		return OK;
	if (++e->away_count > AWAY_MAX) {
		step_withdraw(s);
		step_act(s, ACT_NOTIFY, 0, "away_too_often");
		step_rest(s, SEQ_HUMAN_REVIEW, "away_too_often");
		return OK;
	}
	if (s->from == SEQ_PARKED && !str_eq(e->pause_reason, "away")) {
		/* parked for a better reason: that stays, not before the return */
		if (until > e->due)
			e->due = until;
		return OK;
	}
	step_park(s, "away", until);
	return OK;
}

/* The address does not work any more. */
enum status step_dead(struct step *s)
{
	bool left = s->ev->kind == EV_LEFT;
	const char *name = seq_event_name(s->ev->kind);

	step_act(s, ACT_SUPPRESS, 0, left ? "invalid_recipient" : "hard_bounce");
	step_act(s, ACT_TASK, 0, left && s->ev->successor ? "verify_referral" : "validate_contact");
	if (s->e->state == s->from) {
		step_act(s, ACT_NOTIFY, 0, name);
		return OK;
	}
	step_withdraw(s);
	step_act(s, ACT_STOP_OTHERS, 0, name);
	step_act(s, ACT_DIGEST, 0, name);
	step_rest(s, SEQ_FAILED, name);
	return OK;
}

enum status step_bounce_soft(struct step *s)
{
	struct enrolment *e = s->e;

	if (!e->soft_bounces || s->now - e->soft_bounce_first > SOFT_BOUNCE_SPAN) {
		e->soft_bounces = 0;
		e->soft_bounce_first = s->now;
	}
	if (++e->soft_bounces < SOFT_BOUNCES)
		return OK;
	e->soft_bounces = 0;
	e->soft_bounce_first = 0;
	step_withdraw(s);
	step_act(s, ACT_NOTIFY, 0, "soft_bounces");
	step_rest(s, SEQ_HUMAN_REVIEW, "soft_bounces");
	return OK;
}

/* Unclear, or from a colleague: stop, and a person decides. */
enum status step_review(struct step *s)
{
	if (halt(s))
		step_rest(s, SEQ_HUMAN_REVIEW, s->ev->reason ? s->ev->reason
						: seq_event_name(s->ev->kind));
	return OK;
}
