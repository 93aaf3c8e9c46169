/* SPDX-License-Identifier: MPL-2.0
 *
 * For the files of this folder only.
 */
#ifndef SEQUENCE_SEQ_PRIVATE_H
#define SEQUENCE_SEQ_PRIVATE_H

#include "sequence/seq.h"

/* What a cell of the table says: a state (MOVE_TO + state) or one of these. */
enum move {
	MOVE_EMPTY,	/* a mistake: the test of the table lists it */
	MOVE_REFUSE,	/* not possible: INPUT */
	MOVE_IGNORE,	/* nothing to do in this state */
	MOVE_STAY,	/* something is done, the state stays */
	MOVE_BACK,	/* to the state it left */
	MOVE_TARGET,	/* where the person says */
	MOVE_TO,
};
extern const unsigned char seq_moves[EV_COUNT][SEQ_STATE_COUNT];

/* One step under way. e is the caller's copy: it is taken over only if the handler says OK. */
struct step {
	const struct plan *p;
	struct enrolment *e;
	const struct event *ev;
	time_t now;
	struct actions *out;
	struct err *err;
	enum seq_state from;
	int move;	/* of the table */
};
typedef enum status step_fn(struct step *s);

/* step.c: what several handlers need */
void step_act(struct step *s, enum seq_action kind, int step, const char *detail);
/* Takes back what waits to go out: draft and send. */
void step_withdraw(struct step *s);
/* Nothing is due any more; reason stays on the enrolment. */
void step_rest(struct step *s, enum seq_state state, const char *reason);
/* Is there a step that may still be made? */
bool step_more(const struct step *s);
/* Due time of what follows a touch (or what stands in its place) at last: next step, or patience. */
void step_schedule(struct step *s, time_t last, time_t not_before);
/* Asks for the draft or task of the next step. */
void step_prepare(struct step *s, const char *detail, const char *words);
/* The next step is a task: when the one after it falls due, it lapses. */
void step_lapses(struct step *s);
void step_park(struct step *s, const char *reason, time_t until);
/* Back to the state it left for the pause, the step due again. */
void step_restore(struct step *s);
/* Date or moment of the event, else days from now; inside the window, not before now. */
time_t step_until(const struct step *s, int days);
bool step_is_live(enum seq_state s);

/* step_touch.c: drafts, touches, the clock */
step_fn step_enrolled, step_researched, step_draft_prepared, step_approved, step_touch,
	step_touch_manual, step_conversation, step_queued, step_taken_back, step_due,
	step_postponed, step_skipped, step_lapsed, step_task_done, step_send_failed;
/* step_mail.c: what came in */
step_fn step_hold, step_hold_expired, step_notice, step_reply, step_not_now, step_not_a_fit,
	step_booked, step_appointment, step_suppress, step_away, step_dead, step_bounce_soft,
	step_review;
/* step_person.c: what people and other enrolments decide */
step_fn step_pause, step_stop, step_uncertain, step_do_not_contact, step_cross_stop,
	step_company_pause, step_resume, step_decision;

#endif
