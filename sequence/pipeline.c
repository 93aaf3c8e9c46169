/* SPDX-License-Identifier: MPL-2.0
 *
 * The states of the pipeline: one for each combination of what is recorded.
 */
#include "config.h"

#include "sequence/pipeline.h"

#include <assert.h>

#include "base/str.h"

static const struct {
	const char *name, *meaning;
} states[PIPE_COUNT] = {
#define PIPELINE(sym, name, meaning) [PIPE_##sym] = { name, meaning },
#include "sequence/pipeline.def"
#undef PIPELINE
};

const char *pipeline_name(enum pipeline_state s)
{
	assert(s < PIPE_COUNT);
	return states[s].name;
}

const char *pipeline_meaning(enum pipeline_state s)
{
	assert(s < PIPE_COUNT);
	return states[s].meaning;
}

bool pipeline_from_name(const char *name, enum pipeline_state *out_r)
{
	for (int i = 0; i < PIPE_COUNT; i++)
		if (str_eq(states[i].name, name))
			return *out_r = (enum pipeline_state)i, true;
	return false;
}

struct derived {
	enum pipeline_state state;
	const char *why;
};
#define IS(sym, words) ((struct derived){ PIPE_##sym, words })

/* Reasons with which we gave up on a person, and those with which the person did. */
static bool gave_up(const char *reason)
{
	static const char *const names[] = { "disqualified", "bad_fit", "identity_uncertain", "signal_wrong" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(reason, names[i]))
			return true;
	return false;
}

static bool declined(const char *reason)
{
	return str_eq(reason, "not_a_fit") || str_eq(reason, "proposal_rejected");
}

/* Nothing of the sequence says where it stands: the stage and the last words do. */
static struct derived by_stage(const struct pipeline_facts *f)
{
	if (str_eq(f->stage, "dormant"))
		return IS(PARKED, "dormant");
	if (str_eq(f->stage, "proposal_sent"))
		return IS(PROPOSAL_SENT, "stage proposal_sent");
	if (str_eq(f->stage, "qualified"))
		return IS(QUALIFICATION, "stage qualified");
	if (f->appointment_open)
		return IS(BOOKED, "an appointment");
	if (f->enrolled && f->e.state == SEQ_CLOSED)
		return IS(PARKED, "the sequence has ended");
	if (f->last_heard && f->last_heard > f->last_sent)
		return IS(REPLIED, "the last word is theirs");
	if (f->last_sent)
		return IS(WAITING_FOR_REPLY, "written to by hand");
	if (f->ready)
		return IS(QUALIFIED_FOR_DRAFT, "source, permission, identity and evidence are there");
	if (f->researched)
		return IS(RESEARCHING, "something was looked up");
	return IS(DISCOVERED, "known, nothing more");
}

static struct derived by_review(const struct pipeline_facts *f)
{
	const char *r = f->e.reason;

	if (str_eq(r, "conversation"))
		return str_eq(f->stage, "proposal_sent") ? IS(PROPOSAL_SENT, "in conversation about a proposal")
			: IS(QUALIFICATION, "the owner is in conversation");
	if (str_eq(r, "reopened"))
		return IS(REPLIED, "answered after it was closed");
	return IS(WAITING_FOR_REVIEW, "a person has to decide");
}

static struct derived by_enrolment(const struct pipeline_facts *f)
{
	bool proposal = str_eq(f->stage, "proposal_sent");

	switch (f->e.state) {
	case SEQ_NOT_STARTED:
		return proposal ? IS(PROPOSAL_SENT, "a proposal, its follow-up is to begin")
			: IS(QUALIFIED_FOR_DRAFT, "enrolled, first draft to come");
	case SEQ_RESEARCHING:
		return IS(RESEARCHING, "enrolment researching");
	case SEQ_DRAFTING:
		return IS(QUALIFIED_FOR_DRAFT, "the draft is being written");
	case SEQ_AWAITING_APPROVAL:
		return f->approval ? IS(WAITING_FOR_REVIEW, "a draft waits for approval")
			: IS(DRAFT_READY, "a draft lies in Drafts");
	case SEQ_READY_TO_SEND:
		return IS(APPROVED_FOR_SEND, "approved");
	case SEQ_SENT:
		return IS(SENT, "accepted by the mail server");
	case SEQ_WAITING:
		return proposal ? IS(PROPOSAL_SENT, "a proposal, and no answer is due yet")
			: f->e.touches ? IS(WAITING_FOR_REPLY, "the last touch was queued")
			: IS(QUALIFIED_FOR_DRAFT, "enrolled, nothing has gone out");
	case SEQ_FOLLOW_UP_DUE:
		return IS(FOLLOW_UP_DUE, "no answer by the time it was due");
	case SEQ_REPLY_RECEIVED:
		return str_eq(f->e.reason, "interested") ? IS(QUALIFICATION, "answered: interested")
			: IS(REPLIED, "answered");
	case SEQ_HUMAN_REVIEW:
		return by_review(f);
	case SEQ_APPOINTMENT_PROPOSED:
		return IS(APPOINTMENT_PROPOSED, "a meeting is proposed");
	case SEQ_BOOKED:
		return IS(BOOKED, "a meeting is fixed");
	case SEQ_PARKED:
		return str_eq(f->e.pause_reason, "not_now") ? IS(NOT_NOW, "asked for later")
			: IS(PARKED, "paused");
	case SEQ_FAILED:
		return IS(WAITING_FOR_REVIEW, "the address does not work");
	case SEQ_CLOSED:
		if (declined(f->e.reason))
			return IS(CLOSED_LOST, "they declined");
		if (gave_up(f->e.reason))
			return IS(REJECTED, "given up by us");
		return by_stage(f);
	case SEQ_SUPPRESSED:
	case SEQ_STATE_COUNT:
		break;
	}
	return IS(SUPPRESSED, "suppressed");
}

static struct derived derive(const struct pipeline_facts *f)
{
	if (f->suppressed || (f->enrolled && f->e.state == SEQ_SUPPRESSED))
		return IS(SUPPRESSED, "suppressed");
	if (str_eq(f->stage, "won"))
		return IS(CLOSED_WON, "stage won");
	if (str_eq(f->stage, "lost"))
		return IS(CLOSED_LOST, "stage lost");
	if (str_eq(f->priority, "rejected") || f->merged)
		return f->merged ? IS(REJECTED, "merged into another record") : IS(REJECTED, "priority rejected");
	if (!f->enrolled)
		return by_stage(f);
	/* what was ended before the person came back or was qualified says nothing about today */
	if (f->e.state == SEQ_CLOSED && (str_eq(f->stage, "qualified") || str_eq(f->stage, "proposal_sent")) &&
	    f->stage_since > f->changed)
		return by_stage(f);
	return by_enrolment(f);
}

enum pipeline_state pipeline_state(const struct pipeline_facts *f, const char **why_r)
{
	struct derived d = derive(f);

	if (why_r != NULL)
		*why_r = d.why;
	return d.state;
}

bool pipeline_live(const struct pipeline_facts *f)
{
	switch ((int)pipeline_state(f, NULL)) {
	case PIPE_SUPPRESSED:
	case PIPE_REJECTED:
	case PIPE_CLOSED_WON:
	case PIPE_CLOSED_LOST:
		return false;
	case PIPE_PARKED:	/* dormant is an end unless there is something new to say */
		return !str_eq(f->stage, "dormant") || f->reactivates
			|| (f->enrolled && seq_state_group(f->e.state) == SEQ_LIVE);
	default:
		return true;
	}
}

time_t pipeline_open_seconds(time_t from, time_t to, const struct when_window *w, const char *zone)
{
	time_t sum = 0, at = from;

	/* bounded: nobody is asked after years */
	for (int i = 0; i < 400 && at < to; i++) {
		struct civil c;
		time_t open = when_next_open(at, w, zone), end;

		if (open >= to)
			break;
		c = when_civil(open, zone);
		end = when_utc(c.date, (w->to ? w->to : 17 * 60 + 30) / 60, (w->to ? w->to : 17 * 60 + 30) % 60, zone);
		if (end <= open)
			end = open + 60;
		sum += (end < to ? end : to) - open;
		at = end + 1;
	}
	return sum;
}
