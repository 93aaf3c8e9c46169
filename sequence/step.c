/* SPDX-License-Identifier: MPL-2.0
 *
 * seq_step(): looks the cell up, hands it to the handler of the event, and keeps what holds for all
 * events: the hold count, late verdicts, and that a refused event changes nothing.
 */
#include "config.h"

#include "sequence/seq_private.h"

#include <assert.h>

#include "base/str.h"

static step_fn *const handlers[EV_COUNT] = {
	[EV_ENROLLED] = step_enrolled,
	[EV_RESEARCHED] = step_researched,
	[EV_DRAFT_PREPARED] = step_draft_prepared,
	[EV_APPROVED] = step_approved,
	[EV_TOUCH] = step_touch,
	[EV_TOUCH_MANUAL] = step_touch_manual,
	[EV_CONVERSATION] = step_conversation,
	[EV_QUEUED] = step_queued,
	[EV_TAKEN_BACK] = step_taken_back,
	[EV_DUE] = step_due,
	[EV_HOLD] = step_hold,
	[EV_HOLD_EXPIRED] = step_hold_expired,
	[EV_NOTICE] = step_notice,
	[EV_INTERESTED] = step_reply,
	[EV_QUESTION] = step_reply,
	[EV_OBJECTION] = step_reply,
	[EV_NOT_NOW] = step_not_now,
	[EV_NOT_A_FIT] = step_not_a_fit,
	[EV_REFERRAL] = step_reply,
	[EV_BOOKED] = step_booked,
	[EV_APPOINTMENT] = step_appointment,
	[EV_CANCELLED] = step_review,
	[EV_UNSUBSCRIBE] = step_suppress,
	[EV_COMPLAINT] = step_suppress,
	[EV_AWAY] = step_away,
	[EV_LEFT] = step_dead,
	[EV_BOUNCE_HARD] = step_dead,
	[EV_BOUNCE_SOFT] = step_bounce_soft,
	[EV_UNCLEAR] = step_review,
	[EV_COLLEAGUE] = step_review,
	[EV_PAUSE] = step_pause,
	[EV_STOP] = step_stop,
	[EV_UNCERTAIN] = step_uncertain,
	[EV_DO_NOT_CONTACT] = step_do_not_contact,
	[EV_CROSS_STOP] = step_cross_stop,
	[EV_COMPANY_PAUSE] = step_company_pause,
	[EV_RESUME] = step_resume,
	[EV_DECISION] = step_decision,
	[EV_SKIPPED] = step_skipped,
	[EV_LAPSED] = step_lapsed,
	[EV_TASK_DONE] = step_task_done,
	[EV_POSTPONED] = step_postponed,
	[EV_SEND_FAILED] = step_send_failed,
};

bool step_is_live(enum seq_state s)
{
	return seq_state_group(s) == SEQ_LIVE;
}

void step_act(struct step *s, enum seq_action kind, int step, const char *detail)
{
	struct actions *a = s->out;

	assert(a->n < sizeof(a->list) / sizeof(*a->list));
	a->list[a->n++] = (struct action){
		.kind = kind, .step = step, .detail = detail, .words = s->ev->words,
	};
}

void step_withdraw(struct step *s)
{
	struct enrolment *e = s->e;

	if (e->draft_out)
		step_act(s, ACT_DRAFT_REMOVE, e->step + 1, NULL);
	e->draft_out = false;
	if (s->from == SEQ_READY_TO_SEND)
		step_act(s, ACT_SEND_CANCEL, e->step + 1, NULL);
}

void step_rest(struct step *s, enum seq_state state, const char *reason)
{
	struct enrolment *e = s->e;

	e->state = state;
	e->reason = reason;
	e->due = 0;
	e->pause_reason = e->pause_words = NULL;
	e->send_failures = 0;
}

bool step_more(const struct step *s)
{
	return plan_step(s->p, s->e->step + 1) && s->e->touches < s->p->max_touches;
}

static time_t later(time_t a, time_t b)
{
	return a > b ? a : b;
}

void step_schedule(struct step *s, time_t last, time_t not_before)
{
	struct enrolment *e = s->e;
	const struct plan_step *next = plan_step(s->p, e->step + 1);
	time_t open = when_next_open(s->now, &s->p->window, e->zone);

	if (step_more(s)) {
		e->due = seq_due(s->p, e, e->step + 1, last, not_before);
		e->due = later(e->due, next->minutes >= 0 ? s->now : open);
		return;
	}
	if (!last)
		last = s->now;
	e->due = when_add_days(last, s->p->patience_days, e->zone);
	e->due = when_next_open(later(later(e->due, not_before), s->now), &s->p->window, e->zone);
}

void step_lapses(struct step *s)
{
	struct enrolment copy = *s->e;
	struct step after = *s;

	copy.step++;
	after.e = &copy;
	step_schedule(&after, plan_step(s->p, copy.step + 1) ? s->now : copy.last_touch, 0);
	s->e->due = later(copy.due, s->now + 1);
}

void step_prepare(struct step *s, const char *detail, const char *words)
{
	struct enrolment *e = s->e;
	const struct plan_step *next = plan_step(s->p, e->step + 1);
	struct actions *a = s->out;

	assert(next);
	e->due = 0;
	if (s->p->authority == AUTHORITY_RESTRICTED || s->p->authority == AUTHORITY_RESEARCH_ONLY) {
		step_act(s, ACT_TASK, next->number, "research");
	} else if (next->channel == CHANNEL_EMAIL) {
		step_act(s, ACT_DRAFT, next->number, detail);
		e->draft_out = true;
	} else {
		step_act(s, ACT_TASK, next->number, channel_name(next->channel));
		step_lapses(s);
	}
	if (words)
		a->list[a->n - 1].words = words;
}

void step_park(struct step *s, const char *reason, time_t until)
{
	struct enrolment *e = s->e;

	if (s->from != SEQ_PARKED) {
		e->resume_state = s->from;
		e->resume_due = e->due;
	}
	step_withdraw(s);
	e->state = SEQ_PARKED;
	e->pause_reason = reason;
	e->pause_words = s->ev->words;
	e->reason = NULL;
	e->due = until;
	e->send_failures = 0;
}

/* The step that was under way when the pause began is asked for again. */
static void ask_again(struct step *s)
{
	struct enrolment *e = s->e;

	if (e->state == SEQ_READY_TO_SEND)	/* what was approved was cancelled */
		e->state = SEQ_AWAITING_APPROVAL;
	if (e->draft_out || !plan_step(s->p, e->step + 1))
		return;
	step_prepare(s, NULL, NULL);
}

void step_restore(struct step *s)
{
	struct enrolment *e = s->e;
	time_t open = when_next_open(s->now, &s->p->window, e->zone);

	e->state = e->resume_state;
	e->pause_reason = e->pause_words = NULL;
	e->reason = NULL;
	e->due = later(e->resume_due, open);
	switch (seq_state_group(e->state)) {
	case SEQ_LIVE:
		break;
	case SEQ_WAIT:	/* paused while a person was to decide */
		e->due = 0;
		e->reason = "pause_over";
		step_act(s, ACT_NOTIFY, 0, "pause_over");
		return;
	case SEQ_END:
		assert(!"a pause began in a terminal state");
	}
	if (e->state == SEQ_FOLLOW_UP_DUE || e->state == SEQ_DRAFTING
	    || e->state == SEQ_AWAITING_APPROVAL || e->state == SEQ_READY_TO_SEND)
		ask_again(s);
}

time_t step_until(const struct step *s, int days)
{
	const struct when_window *w = &s->p->window;
	const char *zone = s->e->zone;
	time_t t;

	if (s->ev->until)
		t = when_next_open(s->ev->until, w, zone);
	else if (s->ev->date.year)
		t = when_open_on(s->ev->date, w, zone);
	else
		t = when_next_open(when_add_days(s->now, days, zone), w, zone);
	return later(t, when_next_open(s->now, w, zone));
}

static enum status refuse(const struct enrolment *e, const struct event *ev, struct err *err)
{
	return err_set(err, INPUT, "a '%s' enrolment cannot take '%s'", seq_state_name(e->state),
		       seq_event_name(ev->kind));
}

/* The mail that held it has its verdict after all: go on from the state it was in, as if the verdict
 * had come in time. Not while another mail is still unread. */
static bool revive(struct step *s)
{
	struct enrolment *e = s->e;

	if (e->state != SEQ_HUMAN_REVIEW || !str_eq(e->reason, "no_verdict") || e->holds
	    || !s->ev->clears_hold)
		return false;
	e->reason = NULL;
	if (e->pause_reason) {
		e->state = SEQ_PARKED;
		return true;
	}
	e->state = e->resume_state;
	e->due = e->resume_due;
	return true;
}

static enum status run(struct step *s)
{
	bool revived = revive(s);
	enum status st;

	s->from = s->e->state;
	s->move = seq_moves[s->ev->kind][s->from];
	assert(s->move != MOVE_EMPTY);
	if (s->move == MOVE_REFUSE)
		return refuse(s->e, s->ev, s->err);
	if (s->move >= MOVE_TO)
		s->e->state = (enum seq_state)(s->move - MOVE_TO);
	st = s->move == MOVE_IGNORE ? OK : handlers[s->ev->kind](s);
	if (st != OK || !revived || s->e->state != s->from)
		return st;
	if (s->from == SEQ_FOLLOW_UP_DUE || s->from == SEQ_DRAFTING
	    || s->from == SEQ_AWAITING_APPROVAL || s->from == SEQ_READY_TO_SEND)
		ask_again(s);
	else if (s->e->due && s->e->due < s->now)
		s->e->due = when_next_open(s->now, &s->p->window, s->e->zone);
	return OK;
}

enum status seq_step(const struct plan *p, struct enrolment *e, const struct event *ev, time_t now,
		     struct actions *out_r, struct err *err)
{
	struct enrolment copy = *e;
	struct step s = { .p = p, .e = &copy, .ev = ev, .now = now, .out = out_r, .err = err };
	enum status st;

	assert(e->state < SEQ_STATE_COUNT && ev->kind < EV_COUNT);
	out_r->n = 0;
	if (!copy.zone)
		copy.zone = "UTC";
	if (ev->clears_hold && copy.holds > 0 && --copy.holds == 0)
		copy.held_since = 0;
	/* the due scan comes back once the mail is read */
	if (ev->kind == EV_DUE && copy.holds > 0 && step_is_live(copy.state))
		return OK;
	st = run(&s);
	if (st == OK)
		*e = copy;
	else
		out_r->n = 0;
	return st;
}

bool seq_may_touch(const struct enrolment *e)
{
	return step_is_live(e->state) && e->state != SEQ_PARKED;
}
