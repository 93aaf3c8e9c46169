/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of sequences: what the database, the log and the definitions call each thing.
 */
#include "config.h"

#include "sequence/seq.h"

#include <assert.h>

#include "base/str.h"

static const char *const state_names[] = {
#define STATE(sym, name, group, meaning) name,
#include "sequence/states.def"
#undef STATE
};
static const enum seq_group state_groups[] = {
#define STATE(sym, name, group, meaning) SEQ_##group,
#include "sequence/states.def"
#undef STATE
};
static const char *const event_names[] = {
#define EVENT(sym, name, meaning) name,
#include "sequence/events.def"
#undef EVENT
};
static const char *const action_names[] = {
#define ACTION(sym, name, meaning) name,
#include "sequence/actions.def"
#undef ACTION
};
static const char *const channel_names[] = {
	[CHANNEL_EMAIL] = "email", [CHANNEL_LINKEDIN] = "linkedin", [CHANNEL_PHONE] = "phone",
	[CHANNEL_WHATSAPP] = "whatsapp", [CHANNEL_SMS] = "sms",
	[CHANNEL_VOICE_NOTE] = "voice_note", [CHANNEL_TASK] = "task",
};
static const char *const step_type_names[] = {
	[STEP_FIRST_TOUCH] = "first_touch", [STEP_VALUE_ADD] = "value_add",
	[STEP_DIAGNOSTIC_OFFER] = "diagnostic_offer",
	[STEP_PROPOSAL_FOLLOW_UP] = "proposal_follow_up",
	[STEP_APPOINTMENT_FOLLOW_UP] = "appointment_follow_up",
	[STEP_REACTIVATION] = "reactivation", [STEP_CLOSEOUT] = "closeout",
};
static const char *const authority_names[] = {
	[AUTHORITY_DRAFT_ONLY] = "draft_only", [AUTHORITY_RESEARCH_ONLY] = "research_only",
	[AUTHORITY_HUMAN_APPROVED] = "human_approved",
	[AUTHORITY_APPROVED_TEMPLATE] = "approved_template",
	[AUTHORITY_RESTRICTED] = "restricted",
};

const char *seq_state_name(enum seq_state s)
{
	assert(s < SEQ_STATE_COUNT);
	return state_names[s];
}

bool seq_state_from_name(const char *name, enum seq_state *out_r)
{
	for (int i = 0; i < SEQ_STATE_COUNT; i++)
		if (name && str_eq(state_names[i], name)) {
			*out_r = (enum seq_state)i;
			return true;
		}
	return false;
}

enum seq_group seq_state_group(enum seq_state s)
{
	assert(s < SEQ_STATE_COUNT);
	return state_groups[s];
}

const char *seq_event_name(enum seq_event e)
{
	assert(e < EV_COUNT);
	return event_names[e];
}

bool seq_event_from_name(const char *name, enum seq_event *out_r)
{
	for (int i = 0; i < EV_COUNT; i++)
		if (name && str_eq(event_names[i], name)) {
			*out_r = (enum seq_event)i;
			return true;
		}
	return false;
}

const char *seq_action_name(enum seq_action a)
{
	assert(a < ACT_COUNT);
	return action_names[a];
}

const char *channel_name(enum channel c)
{
	assert(c < CHANNEL_COUNT);
	return channel_names[c];
}

const char *step_type_name(enum step_type t)
{
	assert(t < STEP_TYPE_COUNT);
	return step_type_names[t];
}

const char *authority_name(enum authority a)
{
	assert(a < AUTHORITY_COUNT);
	return authority_names[a];
}

const char *requirement_name(enum requirement r)
{
	switch (r) {
	case REQUIRES_SOURCE: return "source";
	case REQUIRES_PERMISSION: return "permission";
	case REQUIRES_IDENTITY: return "identity";
	case REQUIRES_EVIDENCE: return "evidence";
	case REQUIRES_REVIEW_NOTE: return "review_note";
	}
	return "-";
}
