/* SPDX-License-Identifier: MPL-2.0
 *
 * What comes next for a person: the thing that is already arranged and comes first, or the question that a person
 * has to be asked because nothing is.
 */
#include "config.h"

#include "sequence/pipeline.h"

#include "base/str.h"

enum { HOUR = 3600, DAY = 86400 };

const struct pipeline_settings pipeline_defaults = { .quiet_days = 7, .answer_hours = 24, .untouched_days = 7,
						     .reactivate_days = 60 };

static time_t later(time_t a, time_t b)
{
	return a > b ? a : b;
}

struct asking {
	const struct pipeline_facts *f;
	const struct pipeline_settings *s;
	time_t now;
};

static struct next_action person(const struct asking *q, const char *what, const char *more, time_t when)
{
	const struct pipeline_facts *f = q->f;

	return (struct next_action){ .kind = NEXT_PERSON, .what = what, .more = more,
				     .who = f->stand_in ? f->stand_in : f->owner ? f->owner : "-",
				     .when = when ? when : q->now };
}

static struct next_action by_clock(const char *what, const char *more, time_t when)
{
	return (struct next_action){ .kind = NEXT_CLOCK, .what = what, .more = more, .who = "relent", .when = when };
}

/* Asked at the time when silence becomes odd, never in the past, and not again at once after it was answered. */
static struct next_action missing(const struct asking *q, const char *what, time_t since)
{
	struct next_action n = person(q, what, NULL, 0);

	n.kind = NEXT_MISSING;
	since = later(since, q->f->last_asked);
	n.when = later(since + (time_t)q->s->quiet_days * DAY, q->now);
	return n;
}

static struct next_action owed(const struct asking *q, const char *what, const char *more, time_t since)
{
	return person(q, what, more, (since ? since : q->now) + (time_t)q->s->answer_hours * HOUR);
}

static time_t last_word(const struct pipeline_facts *f)
{
	return later(later(f->last_heard, f->last_sent), later(f->changed, f->stage_since));
}

/* What waits for a person already, whatever else is scheduled. */
static bool waits(const struct asking *q, struct next_action *out)
{
	const struct pipeline_facts *f = q->f;

	if (f->review_since) {
		*out = owed(q, "decide", f->review, f->review_since);
		return true;
	}
	if (f->enrolled && f->e.holds > 0) {
		*out = by_clock("reads a mail that has just come", NULL, f->e.held_since ? f->e.held_since : q->now);
		return true;
	}
	if (f->promise && f->promise_due && f->promise_due <= q->now) {
		*out = person(q, "keep the promise", f->promise, f->promise_due);
		return true;
	}
	return false;
}

static struct next_action by_live(const struct asking *q)
{
	const struct pipeline_facts *f = q->f;
	const struct enrolment *e = &f->e;
	const struct plan_step *next = f->plan ? plan_step(f->plan, e->step + 1) : NULL;
	bool more = next && e->touches < f->plan->max_touches;

	if (f->draft_made && (e->state == SEQ_AWAITING_APPROVAL || e->state == SEQ_FOLLOW_UP_DUE
			      || e->state == SEQ_DRAFTING))
		return person(q, f->approval ? "approve or change the draft" : "send the draft, change it or delete it",
			      next ? next->job : NULL, f->draft_made);
	switch ((int)e->state) {
	case SEQ_READY_TO_SEND:
		return by_clock("sends what was approved", next ? next->job : NULL, later(f->changed, q->now));
	case SEQ_PARKED:
		if (e->due)
			return by_clock(str_eq(e->pause_reason, "not_now") ? "prepares the draft that was asked for later"
				     : "goes on after the pause", e->pause_words, e->due);
		break;
	case SEQ_APPOINTMENT_PROPOSED:
		return person(q, "answer the invitation", NULL, e->due ? e->due : f->changed);
	default:
		if (e->due && (e->state != SEQ_FOLLOW_UP_DUE || !f->task))
			return by_clock(more ? "prepares the next touch" : "closes it if nothing comes",
				     more ? next->job : NULL, later(e->due, f->gate));
	}
	if (f->task)
		return person(q, "do the task", f->task, f->task_due);
	return missing(q, "say what comes next: nothing is scheduled", last_word(f));
}

static struct next_action by_wait(const struct asking *q)
{
	const struct pipeline_facts *f = q->f;

	switch ((int)f->e.state) {
	case SEQ_REPLY_RECEIVED:
		return owed(q, "answer", f->e.reason, later(f->changed, f->last_heard));
	case SEQ_BOOKED:
		if (f->appointment_open && f->appointment > q->now)
			return person(q, "the meeting", NULL, f->appointment);
		if (f->appointment_open && f->appointment)
			return owed(q, "say whether they came, and what came of it", NULL, f->appointment);
		if (f->appointment_open || !f->task)
			return owed(q, "confirm the appointment", NULL, f->changed);
		break;
	case SEQ_FAILED:
		if (!f->task)
			return missing(q, "find an address that works, or give up", last_word(f));
		break;
	default:
		if (str_eq(f->e.reason, "conversation")) {
			if (f->last_heard > f->last_sent)
				return owed(q, "answer", "the last word is theirs", f->last_heard);
			if (!f->task)
				return missing(q, "the conversation is quiet: write, park it or close it", last_word(f));
		} else if (!f->task) {
			return owed(q, "decide", f->e.reason, f->changed);
		}
	}
	return person(q, "do the task", f->task, f->task_due);
}

/* In no sequence that runs. */
static struct next_action by_rest(const struct asking *q)
{
	const struct pipeline_facts *f = q->f;
	time_t day = DAY;

	if (f->task)
		return person(q, "do the task", f->task, f->task_due);
	if (f->appointment_open)
		return f->appointment > q->now ? person(q, "the meeting", NULL, f->appointment)
			: owed(q, "say whether they came, and what came of it", NULL, f->appointment);
	if (f->by_hand && f->by_hand_at)
		return person(q, f->by_hand, NULL, f->by_hand_at);
	if (f->last_heard > f->last_sent)
		return owed(q, "answer", "the last word is theirs", f->last_heard);
	if (f->promise)
		return person(q, "keep the promise", f->promise, f->promise_due ? f->promise_due : q->now);
	if (str_eq(f->stage, "dormant"))
		return by_clock("looks for a reason to write once more", NULL,
			     later(f->stage_since + q->s->reactivate_days * day, q->now));
	if (str_eq(f->stage, "proposal_sent"))
		return missing(q, "say where the proposal stands: won, lost, parked, or follow it up", last_word(f));
	if (str_eq(f->stage, "qualified"))
		return missing(q, "say what comes next with a qualified person", last_word(f));
	if (!f->enrolled && !f->last_sent)
		return owed(q, f->inbound ? "answer the inquiry" : "look at the person: enrol, park or reject", NULL,
			    f->inbound ? f->created : f->created + q->s->untouched_days * day);
	return missing(q, "say what comes next: write, park it or close it", last_word(f));
}

struct next_action pipeline_next(const struct pipeline_facts *f, const struct pipeline_settings *s, time_t now)
{
	struct asking q = { f, s ? s : &pipeline_defaults, now };
	struct next_action n;

	if (waits(&q, &n))
		return n;
	if (!pipeline_live(f))
		return (struct next_action){ .kind = NEXT_NONE };
	if (f->enrolled && seq_state_group(f->e.state) == SEQ_LIVE)
		return by_live(&q);
	if (f->enrolled && seq_state_group(f->e.state) == SEQ_WAIT)
		return by_wait(&q);
	return by_rest(&q);
}
