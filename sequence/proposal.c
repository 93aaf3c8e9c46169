/* SPDX-License-Identifier: MPL-2.0
 *
 * The states of a proposal: what the prospect's answers, our follow-ups and the calendar do to them. accepted is
 * always a person's word.
 */
#include "config.h"

#include "sequence/pipeline.h"

#include <assert.h>

#include "base/str.h"

static const struct {
	const char *name;
	bool open, chase;
	const char *follow_up;
} states[PROPOSAL_COUNT] = {
	[PROPOSAL_SENT] = { "sent", true, true, "ask whether it arrived complete" },
	[PROPOSAL_WAITING_CONFIRMATION] = { "waiting_confirmation", true, true,
		"connect its scope to the problem, and ask what is missing" },
	[PROPOSAL_QUESTIONS] = { "questions_received", true, false, "answer the questions; nothing else goes out before" },
	[PROPOSAL_REVISION] = { "revision_requested", true, false,
		"send another version; nothing else goes out before" },
	[PROPOSAL_DECISION] = { "decision_pending", true, true, "ask how and when it is decided, as they described it" },
	[PROPOSAL_FOLLOW_UP_DUE] = { "follow_up_due", true, true, "the next follow-up is due" },
	[PROPOSAL_ACCEPTED] = { "accepted", false, false, "nothing: it is won" },
	[PROPOSAL_REJECTED] = { "rejected", false, false, "nothing: they said no" },
	[PROPOSAL_PARKED] = { "parked", true, true, "one follow-up at the date that they named" },
	[PROPOSAL_EXPIRED] = { "expired", false, false, "only a person: renew it as another version, or close it" },
};

const char *proposal_state_name(enum proposal_state s)
{
	assert(s < PROPOSAL_COUNT);
	return states[s].name;
}

bool proposal_state_from_name(const char *name, enum proposal_state *out_r)
{
	for (int i = 0; i < PROPOSAL_COUNT; i++)
		if (str_eq(states[i].name, name))
			return *out_r = (enum proposal_state)i, true;
	return false;
}

const char *proposal_state_words(void)
{
	return "sent, waiting_confirmation, questions_received, revision_requested, decision_pending, follow_up_due, "
	       "accepted, rejected, parked, expired";
}

const char *proposal_follow_up(enum proposal_state s)
{
	assert(s < PROPOSAL_COUNT);
	return states[s].follow_up;
}

bool proposal_open(enum proposal_state s)
{
	assert(s < PROPOSAL_COUNT);
	return states[s].open;
}

bool proposal_may_chase(enum proposal_state s)
{
	assert(s < PROPOSAL_COUNT);
	return states[s].chase;
}

/* A touch of the cadence asks; from its third step on what is asked about is the decision. */
static enum proposal_state after_touch(enum proposal_state s, int step)
{
	if (s == PROPOSAL_QUESTIONS || s == PROPOSAL_REVISION)
		return s;
	return step >= 3 || s == PROPOSAL_DECISION ? PROPOSAL_DECISION : PROPOSAL_WAITING_CONFIRMATION;
}

enum proposal_state proposal_after(enum proposal_state s, enum seq_event ev, const char *reason, bool follow_up,
				   int step)
{
	if (!proposal_open(s))
		return s;
	switch ((int)ev) {
	case EV_TOUCH:
		return follow_up ? after_touch(s, step) : s;
	case EV_DUE:
		return follow_up && proposal_may_chase(s) ? PROPOSAL_FOLLOW_UP_DUE : s;
	case EV_QUESTION:
		return PROPOSAL_QUESTIONS;
	case EV_OBJECTION:	/* another price or another scope is another version; the rest is to be answered */
		return str_eq(reason, "price") || str_eq(reason, "scope") ? PROPOSAL_REVISION : PROPOSAL_QUESTIONS;
	case EV_INTERESTED:
	case EV_BOOKED:
	case EV_APPOINTMENT:
	case EV_REFERRAL:
		return PROPOSAL_DECISION;
	case EV_NOT_NOW:
		return PROPOSAL_PARKED;
	case EV_NOT_A_FIT:
		return PROPOSAL_REJECTED;
	case EV_CONVERSATION:	/* the questions were answered */
		return s == PROPOSAL_QUESTIONS ? PROPOSAL_DECISION : s;
	default:
		return s;
	}
}

enum status proposal_move_check(enum proposal_state from, enum proposal_state to, bool new_version, struct err *e)
{
	if (from == to || proposal_open(from) || !proposal_open(to) || new_version)
		return OK;
	return err_set(e, INPUT, "the proposal is %s: only another version (another price, scope or expiry) opens it "
		       "again", states[from].name);
}
