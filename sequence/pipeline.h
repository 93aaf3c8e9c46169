/* SPDX-License-Identifier: MPL-2.0
 *
 * Where each sale stands and what comes next, derived from what is recorded: the legal moves of the stage, the
 * twenty states of the pipeline, the next action of a person. Pure.
 */
#ifndef SEQUENCE_PIPELINE_H
#define SEQUENCE_PIPELINE_H

#include "sequence/seq.h"

/* ---- the stage of the sale ---- */

enum stage_by { STAGE_BY_EVENT, STAGE_BY_PROPOSAL, STAGE_BY_PERSON };
extern const char *const stage_names[];
extern const size_t stage_names_n;
/* The same stage again: OK. INPUT with one sentence for an edge that does not exist, or not by this cause. */
enum status stage_check(const char *from, const char *to, enum stage_by by, struct err *e);

/* ---- the state of the pipeline ---- */

enum pipeline_state {
#define PIPELINE(sym, name, meaning) PIPE_##sym,
#include "sequence/pipeline.def"
#undef PIPELINE
	PIPE_COUNT
};
const char *pipeline_name(enum pipeline_state s);
const char *pipeline_meaning(enum pipeline_state s);
bool pipeline_from_name(const char *name, enum pipeline_state *out_r);

/* What is recorded of a person. Times 0 and strings NULL: none. */
struct pipeline_facts {
	const char *owner;		/* login */
	const char *stand_in;		/* login of who acts while the owner is away */
	const char *stage, *priority;
	time_t created, stage_since;
	bool suppressed;		/* for outreach, by address, domain or company */
	bool merged;
	bool researched;		/* evidence, a signal or a brief */
	bool ready;			/* source, permission, identity and evidence that may be mentioned */
	bool inbound;			/* they came to us */
	/* the enrolment that counts: the live one, else the latest */
	bool enrolled;
	struct enrolment e;		/* without it: zero */
	time_t changed;			/* its last change */
	bool approval;			/* its sequence wants approvals */
	const struct plan *plan;	/* or NULL */
	time_t draft_made;		/* of a draft that is out */
	/* both ways */
	time_t last_sent;		/* by us, any channel */
	time_t last_heard;		/* a person's mail */
	/* what waits */
	const char *review;		/* reason of the oldest open review */
	time_t review_since;
	const char *task, *task_owner;	/* text of the open task that is due first */
	time_t task_due;
	time_t appointment;		/* start of the next one, or of one whose outcome is open */
	bool appointment_open;		/* there is such a one (its start may not be known) */
	const char *proposal;		/* state of an open one */
	time_t proposal_date, proposal_expires;
	const char *promise;		/* the oldest promise not kept */
	time_t promise_due;
	time_t gate;			/* not before; 0 or past: none */
	const char *by_hand;		/* next action that a person wrote down */
	time_t by_hand_at;
	bool reactivates;		/* dormant, and may be offered for reactivation once more */
	time_t last_asked;		/* when a missing next action was last asked about */
};
/* Exactly one, for any facts. *why_r (may be NULL): what it was derived from, in a few words. */
enum pipeline_state pipeline_state(const struct pipeline_facts *f, const char **why_r);

/* ---- the next action ---- */

struct pipeline_settings {
	int quiet_days;			/* a conversation in which nobody wrote for so long is asked about */
	int answer_hours;		/* how soon an answer or decision is owed */
	int untouched_days;		/* how soon somebody new is to be looked at */
	int reactivate_days;		/* dormant for so long */
};
extern const struct pipeline_settings pipeline_defaults;

enum next_kind {
	NEXT_NONE,	/* it is over: nobody owes anything */
	NEXT_CLOCK,	/* relent acts by itself at that time */
	NEXT_PERSON,	/* a person acts; when says by when */
	NEXT_MISSING,	/* live, and nothing is to happen: what a person should be asked, and by when */
};
struct next_action {
	enum next_kind kind;
	const char *what;	/* in words, never empty unless NONE */
	const char *more;	/* the reason, text of the task, ...; or NULL */
	const char *who;	/* login; "relent" for CLOCK */
	time_t when;		/* never 0 unless NONE */
};
/* Total: for any facts of a live person what and when are there. */
struct next_action pipeline_next(const struct pipeline_facts *f, const struct pipeline_settings *s, time_t now);
/* May something still come of this person? */
bool pipeline_live(const struct pipeline_facts *f);

/* Seconds of the window between two moments: how long somebody could have acted. */
time_t pipeline_open_seconds(time_t from, time_t to, const struct when_window *w, const char *zone);

/* ---- the state of a proposal ---- */

enum proposal_state {
	PROPOSAL_SENT, PROPOSAL_WAITING_CONFIRMATION, PROPOSAL_QUESTIONS, PROPOSAL_REVISION, PROPOSAL_DECISION,
	PROPOSAL_FOLLOW_UP_DUE, PROPOSAL_ACCEPTED, PROPOSAL_REJECTED, PROPOSAL_PARKED, PROPOSAL_EXPIRED,
	PROPOSAL_COUNT
};
const char *proposal_state_name(enum proposal_state s);
bool proposal_state_from_name(const char *name, enum proposal_state *out_r);
/* sent|waiting_confirmation|..., for usage errors */
const char *proposal_state_words(void);
/* What follows, in a sentence for the owner. */
const char *proposal_follow_up(enum proposal_state s);
bool proposal_open(enum proposal_state s);
/* May the cadence write by itself in this state (draft)? Else a person answers first. */
bool proposal_may_chase(enum proposal_state s);
/* Where an event of an enrolment of this person leads; follow_up: that enrolment follows the proposal up (touches and
 * due times of others say nothing about it). The same state if nowhere. reason: of an objection, its kind. */
enum proposal_state proposal_after(enum proposal_state s, enum seq_event ev, const char *reason, bool follow_up,
				   int step);
/* A person's move. INPUT: out of accepted, rejected or expired without a new version. */
enum status proposal_move_check(enum proposal_state from, enum proposal_state to, bool new_version, struct err *e);

#endif
