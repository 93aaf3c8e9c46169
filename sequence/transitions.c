/* SPDX-License-Identifier: MPL-2.0
 *
 * The table of states and events. What a cell says is done by the functions of step*.c; a cell that
 * is empty is a mistake (a test lists them). `relentctl sequence states` and the manual print it.
 */
#include "config.h"

#include "sequence/seq_private.h"

#include <assert.h>

/* The words of the table: two letters, so that a row is one line. */
#define no MOVE_REFUSE
#define ig MOVE_IGNORE
#define st MOVE_STAY
#define bk MOVE_BACK
#define tg MOVE_TARGET
#define NS (MOVE_TO + SEQ_NOT_STARTED)
#define RE (MOVE_TO + SEQ_RESEARCHING)
#define DR (MOVE_TO + SEQ_DRAFTING)
#define AW (MOVE_TO + SEQ_AWAITING_APPROVAL)
#define RY (MOVE_TO + SEQ_READY_TO_SEND)
#define SE (MOVE_TO + SEQ_SENT)
#define WA (MOVE_TO + SEQ_WAITING)
#define FU (MOVE_TO + SEQ_FOLLOW_UP_DUE)
#define RR (MOVE_TO + SEQ_REPLY_RECEIVED)
#define HR (MOVE_TO + SEQ_HUMAN_REVIEW)
#define AP (MOVE_TO + SEQ_APPOINTMENT_PROPOSED)
#define BO (MOVE_TO + SEQ_BOOKED)
#define PA (MOVE_TO + SEQ_PARKED)
#define CL (MOVE_TO + SEQ_CLOSED)
#define SU (MOVE_TO + SEQ_SUPPRESSED)
#define FA (MOVE_TO + SEQ_FAILED)

const unsigned char seq_moves[EV_COUNT][SEQ_STATE_COUNT] = {
/* from:               NS  RE  DR  AW  RY  SE  WA  FU  RR  HR  AP  BO  PA  CL  SU  FA */
[EV_ENROLLED]       = { st, no, no, no, no, no, no, no, no, no, no, no, no, no, no, no },
[EV_RESEARCHED]     = { RE, DR, st, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig },
[EV_DRAFT_PREPARED] = { AW, AW, AW, st, AW, st, st, AW, st, st, st, st, st, st, st, st },
[EV_APPROVED]       = { no, no, no, RY, st, no, no, no, no, no, no, no, no, no, no, no },
[EV_TOUCH]          = { SE, SE, SE, SE, SE, SE, SE, SE, st, st, SE, st, SE, no, no, st },
[EV_TOUCH_MANUAL]   = { WA, WA, WA, WA, WA, WA, WA, WA, st, st, WA, st, WA, st, st, st },
[EV_CONVERSATION]   = { HR, HR, HR, HR, HR, HR, HR, HR, HR, st, HR, st, HR, st, st, st },
[EV_QUEUED]         = { ig, ig, ig, ig, ig, WA, ig, ig, ig, ig, ig, ig, st, ig, ig, ig },
[EV_TAKEN_BACK]     = { ig, ig, ig, ig, ig, bk, bk, st, st, st, st, st, st, st, st, st },
[EV_DUE]            = { DR, DR, st, ig, ig, FU, FU, st, no, no, HR, no, bk, no, no, no },
[EV_HOLD]           = { st, st, st, st, st, st, st, st, st, st, st, st, st, st, st, st },
[EV_HOLD_EXPIRED]   = { HR, HR, HR, HR, HR, HR, HR, HR, st, st, HR, st, HR, st, st, st },
[EV_NOTICE]         = { ig, ig, ig, ig, ig, ig, ig, ig, ig, st, ig, ig, ig, ig, ig, ig },
[EV_INTERESTED]     = { RR, RR, RR, RR, RR, RR, RR, RR, st, st, RR, st, RR, HR, st, st },
[EV_QUESTION]       = { RR, RR, RR, RR, RR, RR, RR, RR, st, st, RR, st, RR, HR, st, st },
[EV_OBJECTION]      = { RR, RR, RR, RR, RR, RR, RR, RR, st, st, RR, st, RR, HR, st, st },
[EV_NOT_NOW]        = { PA, PA, PA, PA, PA, PA, PA, PA, st, st, PA, st, PA, HR, st, st },
[EV_NOT_A_FIT]      = { CL, CL, CL, CL, CL, CL, CL, CL, st, st, CL, st, CL, HR, st, st },
[EV_REFERRAL]       = { RR, RR, RR, RR, RR, RR, RR, RR, st, st, RR, st, RR, HR, st, st },
[EV_BOOKED]         = { BO, BO, BO, BO, BO, BO, BO, BO, BO, BO, BO, st, BO, HR, st, st },
[EV_APPOINTMENT]    = { AP, AP, AP, AP, AP, AP, AP, AP, st, st, st, st, AP, HR, st, st },
[EV_CANCELLED]      = { HR, HR, HR, HR, HR, HR, HR, HR, st, st, HR, HR, HR, HR, st, st },
[EV_UNSUBSCRIBE]    = { SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, st, SU },
[EV_COMPLAINT]      = { SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, st, SU },
[EV_AWAY]           = { PA, PA, PA, PA, PA, PA, PA, PA, st, st, PA, st, PA, ig, ig, ig },
[EV_LEFT]           = { FA, FA, FA, FA, FA, FA, FA, FA, st, st, FA, st, FA, st, ig, ig },
[EV_BOUNCE_HARD]    = { FA, FA, FA, FA, FA, FA, FA, FA, st, st, FA, st, FA, st, ig, ig },
[EV_BOUNCE_SOFT]    = { st, st, st, st, st, st, st, st, ig, ig, st, ig, st, ig, ig, ig },
[EV_UNCLEAR]        = { HR, HR, HR, HR, HR, HR, HR, HR, st, st, HR, st, HR, HR, st, st },
[EV_COLLEAGUE]      = { HR, HR, HR, HR, HR, HR, HR, HR, st, st, HR, st, HR, HR, st, st },
[EV_PAUSE]          = { PA, PA, PA, PA, PA, PA, PA, PA, PA, PA, PA, no, PA, no, no, no },
[EV_STOP]           = { CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, ig, ig, CL },
[EV_UNCERTAIN]      = { HR, HR, HR, HR, HR, HR, HR, HR, HR, st, HR, st, HR, ig, ig, ig },
[EV_DO_NOT_CONTACT] = { SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, SU, ig, SU },
[EV_CROSS_STOP]     = { CL, CL, CL, CL, CL, CL, CL, CL, ig, ig, CL, ig, CL, ig, ig, ig },
[EV_COMPANY_PAUSE]  = { HR, HR, HR, HR, HR, HR, HR, HR, ig, ig, HR, ig, HR, ig, ig, ig },
[EV_RESUME]         = { ig, ig, ig, ig, ig, ig, ig, ig, bk, bk, ig, no, bk, no, no, no },
[EV_DECISION]       = { tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg, tg },
[EV_SKIPPED]        = { WA, WA, WA, WA, WA, ig, ig, WA, ig, ig, ig, ig, ig, ig, ig, ig },
[EV_LAPSED]         = { ig, ig, WA, WA, ig, ig, ig, WA, ig, ig, ig, ig, ig, ig, ig, ig },
[EV_TASK_DONE]      = { WA, WA, WA, WA, WA, WA, WA, WA, st, st, st, st, st, st, ig, st },
[EV_POSTPONED]      = { st, st, WA, WA, WA, st, st, WA, ig, ig, ig, ig, st, ig, ig, ig },
[EV_SEND_FAILED]    = { ig, ig, ig, ig, st, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig, ig },
};

#undef no
#undef ig
#undef st
#undef bk
#undef tg
#undef NS
#undef RE
#undef DR
#undef AW
#undef RY
#undef SE
#undef WA
#undef FU
#undef RR
#undef HR
#undef AP
#undef BO
#undef PA
#undef CL
#undef SU
#undef FA

/* Where a cell alone does not say everything. state SEQ_STATE_COUNT: in every state that moves or
 * stays. The first that fits is shown. */
static const struct note {
	enum seq_event ev;
	enum seq_state state;
	const char *text;
} notes[] = {
	{ EV_ENROLLED, SEQ_NOT_STARTED, "the first step is scheduled" },
	{ EV_RESEARCHED, SEQ_STATE_COUNT, "'researching' or 'drafting', as the reason says" },
	{ EV_DRAFT_PREPARED, SEQ_AWAITING_APPROVAL, "a newer draft" },
	{ EV_DRAFT_PREPARED, SEQ_NOT_STARTED, NULL },
	{ EV_DRAFT_PREPARED, SEQ_RESEARCHING, NULL },
	{ EV_DRAFT_PREPARED, SEQ_DRAFTING, NULL },
	{ EV_DRAFT_PREPARED, SEQ_FOLLOW_UP_DUE, NULL },
	{ EV_DRAFT_PREPARED, SEQ_READY_TO_SEND, "the approved text is not the draft any more: approve again" },
	{ EV_DRAFT_PREPARED, SEQ_STATE_COUNT, "too late: the draft is taken out again" },
	{ EV_APPROVED, SEQ_READY_TO_SEND, "another text was approved in its place" },
	{ EV_APPROVED, SEQ_AWAITING_APPROVAL, "if the sequence has the authority, and no answer is being read" },
	{ EV_TOUCH, SEQ_PARKED, "the owner insisted: the pause ends" },
	{ EV_TOUCH, SEQ_REPLY_RECEIVED, "the owner insisted: counted" },
	{ EV_TOUCH, SEQ_HUMAN_REVIEW, "the owner insisted: counted" },
	{ EV_TOUCH, SEQ_BOOKED, "counted" },
	{ EV_TOUCH, SEQ_FAILED, "counted" },
	{ EV_TOUCH_MANUAL, SEQ_STATE_COUNT, "the next due moves" },
	{ EV_CONVERSATION, SEQ_STATE_COUNT, "automation stays off" },
	{ EV_QUEUED, SEQ_PARKED, "the pause ends in 'waiting', not in 'sent'" },
	{ EV_TAKEN_BACK, SEQ_SENT, "to the state before the touch" },
	{ EV_TAKEN_BACK, SEQ_WAITING, "to the state before the touch" },
	{ EV_TAKEN_BACK, SEQ_STATE_COUNT, "the touch no longer counts" },
	{ EV_DUE, SEQ_NOT_STARTED, "the first draft or task is asked for" },
	{ EV_DUE, SEQ_WAITING, "after the last step: 'closed' (no_response)" },
	{ EV_DUE, SEQ_SENT, "as from 'waiting'" },
	{ EV_DUE, SEQ_FOLLOW_UP_DUE, "a task that was not done lapses" },
	{ EV_DUE, SEQ_PARKED, "to the state it left; after 'not_now': 'follow_up_due'" },
	{ EV_HOLD, SEQ_STATE_COUNT, "counted; no touch is due and none goes out while it lasts" },
	{ EV_NOTICE, SEQ_HUMAN_REVIEW, "a late verdict ends a review that waited for it" },
	{ EV_NOT_A_FIT, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_INTERESTED, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_QUESTION, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_OBJECTION, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_NOT_NOW, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_REFERRAL, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_BOOKED, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_BOOKED, SEQ_HUMAN_REVIEW, "only out of a conversation, or when it was about the appointment" },
	{ EV_CANCELLED, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_APPOINTMENT, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_UNCLEAR, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_COLLEAGUE, SEQ_CLOSED, "only after 'no_response'" },
	{ EV_AWAY, SEQ_REPLY_RECEIVED, "owner told" },
	{ EV_AWAY, SEQ_HUMAN_REVIEW, "owner told" },
	{ EV_AWAY, SEQ_BOOKED, "owner told" },
	{ EV_AWAY, SEQ_STATE_COUNT, "the fourth absence in a row: 'human_review'" },
	{ EV_BOUNCE_SOFT, SEQ_STATE_COUNT, "the third within 14 days: 'human_review'" },
	{ EV_CROSS_STOP, SEQ_STATE_COUNT, "'suppressed' if that is why the other one stopped" },
	{ EV_RESUME, SEQ_PARKED, "to the state it left; the step is due again" },
	{ EV_RESUME, SEQ_STATE_COUNT, "to 'waiting', or 'not_started' before the first touch" },
	{ EV_DECISION, SEQ_SUPPRESSED, "after the suppression was lifted: 'human_review' or 'closed' only" },
	{ EV_DECISION, SEQ_CLOSED, "'human_review', 'booked', 'suppressed' or 'closed' only" },
	{ EV_DECISION, SEQ_STATE_COUNT, "where the person says" },
	{ EV_SKIPPED, SEQ_STATE_COUNT, "this touch is left out, the owner is asked" },
	{ EV_LAPSED, SEQ_STATE_COUNT, "the task is left out, the owner is asked" },
	{ EV_POSTPONED, SEQ_PARKED, "the pause is longer" },
	{ EV_POSTPONED, SEQ_DRAFTING, "'not_started' before the first touch" },
	{ EV_POSTPONED, SEQ_AWAITING_APPROVAL, "the draft is taken out; 'not_started' before the first touch" },
	{ EV_POSTPONED, SEQ_READY_TO_SEND, "the send is cancelled; 'not_started' before the first touch" },
	{ EV_POSTPONED, SEQ_FOLLOW_UP_DUE, "the draft is taken out; a task stays and lapses later" },
	{ EV_POSTPONED, SEQ_STATE_COUNT, "the next due moves" },
	{ EV_SEND_FAILED, SEQ_READY_TO_SEND, "the third time: 'human_review'" },
};

static const char *mail_note(enum seq_event ev, int move)
{
	if (move != MOVE_STAY || ev < EV_HOLD_EXPIRED || ev > EV_COLLEAGUE)
		return NULL;
	if (ev == EV_UNSUBSCRIBE || ev == EV_COMPLAINT || ev == EV_LEFT || ev == EV_BOUNCE_HARD)
		return "suppressed, owner told";
	return "owner told";
}

enum seq_cell seq_cell(enum seq_state s, enum seq_event ev, enum seq_state *next_r,
		       const char **note_r)
{
	int move;

	assert(s < SEQ_STATE_COUNT && ev < EV_COUNT);
	move = seq_moves[ev][s];
	assert(move != MOVE_EMPTY);
	*next_r = move >= MOVE_TO ? (enum seq_state)(move - MOVE_TO) : s;
	*note_r = NULL;
	if (move == MOVE_REFUSE)
		return CELL_REFUSED;
	if (move == MOVE_IGNORE)
		return CELL_IGNORED;
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (notes[i].ev == ev && (notes[i].state == s || notes[i].state == SEQ_STATE_COUNT)) {
			*note_r = notes[i].text;
			return CELL_MOVES;
		}
	*note_r = mail_note(ev, move);
	return CELL_MOVES;
}
