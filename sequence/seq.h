/* SPDX-License-Identifier: MPL-2.0
 *
 * Sequences: the state machine and the schedule (definitions are plan.h). Pure: time and facts are
 * handed in, a decision comes back. The table is data: `relentctl sequence states` prints it.
 */
#ifndef SEQUENCE_SEQ_H
#define SEQUENCE_SEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/id.h"
#include "base/when.h"
#include "sequence/plan.h"

struct arena;

enum seq_state {
#define STATE(sym, name, group, meaning) SEQ_##sym,
#include "sequence/states.def"
#undef STATE
	SEQ_STATE_COUNT
};
enum seq_group { SEQ_LIVE, SEQ_WAIT, SEQ_END };
enum seq_event {
#define EVENT(sym, name, meaning) EV_##sym,
#include "sequence/events.def"
#undef EVENT
	EV_COUNT
};
enum seq_action {
#define ACTION(sym, name, meaning) ACT_##sym,
#include "sequence/actions.def"
#undef ACTION
	ACT_COUNT
};

const char *seq_state_name(enum seq_state s);
bool seq_state_from_name(const char *name, enum seq_state *out_r);
enum seq_group seq_state_group(enum seq_state s);
const char *seq_event_name(enum seq_event e);
bool seq_event_from_name(const char *name, enum seq_event *out_r);
const char *seq_action_name(enum seq_action a);

/* ---- one enrolment ---- */

struct enrolment {
	char id[ID_SIZE];
	enum seq_state state;
	int step;		/* the last step that is done, skipped or lapsed; 0 none */
	int touches;		/* touches that count against max_touches */
	time_t started;		/* when it was enrolled */
	time_t last_touch;	/* 0 none; any touch, manual ones too */
	time_t due;		/* of what comes next: the next step, the end of a pause, the end of
				 * patience; 0 none */
	const char *zone;	/* IANA zone it was computed in */
	int holds;		/* mails that matched and are not yet classified */
	time_t held_since;	/* the oldest of them; 0 none */
	const char *pause_reason;	/* away, not_now, owner; NULL unless parked */
	const char *pause_words;	/* why, in the words of the mail or person */
	enum seq_state resume_state;	/* the state it left for parked */
	time_t resume_due;	/* the due time it had when it left */
	const char *reason;	/* closing or review reason: no_response, not_a_fit, ... ; NULL */
	int away_count;		/* absences in a row */
	int soft_bounces;	/* within 14 days */
	time_t soft_bounce_first;
	int send_failures;
	bool draft_out;		/* a draft of step + 1 is out (wanted, placed or edited) */
	/* what a touch taken back returns to */
	enum seq_state prev_state;
	int prev_step;
	time_t prev_due, prev_last_touch;
	int64_t version;	/* changes with each step: optimistic check */
};

struct event {
	enum seq_event kind;
	int step;		/* TOUCH, TASK_DONE, SKIPPED, LAPSED, DRAFT_PREPARED: which; 0: the next */
	struct date date;	/* AWAY (see seq_after_return()), NOT_NOW, PAUSE, DECISION to parked: first
				 * day on which to act; year 0: not said */
	time_t until;		/* instead of date, as a moment; 0: not said */
	enum seq_state target;	/* DECISION */
	const char *reason;	/* STOP, DECISION, UNCLEAR, ...: a name */
	const char *words;	/* of the mail or the person */
	bool clears_hold;	/* the mail behind it held the enrolment */
	bool successor;		/* LEFT: a successor is named */
};

struct action {
	enum seq_action kind;
	int step;
	const char *detail;
	const char *words;
};
struct actions {
	struct action list[12];
	size_t n;
};

/* The whole machine. Changes *e and fills *out_r; e->zone and strings may point into ev or plan
 * (copy them before these go away). OK: done (also for "ignored": unchanged, no action).
 * INPUT: not in the table: refused, *e untouched; err says "a 'closed' enrolment cannot take 'due'".
 * Never fails otherwise. */
enum status seq_step(const struct plan *p, struct enrolment *e, const struct event *ev, time_t now,
		     struct actions *out_r, struct err *err);

/* The day on which an absence with a stated day of return ends for us: the first working day after it
 * (sequences.md: return + 1 working day). What EV_AWAY wants in its date. */
struct date seq_after_return(const struct plan *p, struct date back);

/* The table as data, for printing, the manual and the test that no cell is empty. */
enum seq_cell { CELL_REFUSED, CELL_IGNORED, CELL_MOVES };
enum seq_cell seq_cell(enum seq_state s, enum seq_event ev, enum seq_state *next_r,
		       const char **note_r);

/* May the milter let the next touch out in this state (rule `stopped`)? */
bool seq_may_touch(const struct enrolment *e);
/* When step number falls due if the touch before it went out at last: the schedule rule of
 * sequences.md (max of distance and pause, moved into the window, never backward). */
time_t seq_due(const struct plan *p, const struct enrolment *e, int number, time_t last, time_t pause_end);
/* The first moment the minimum gap allows a touch again, counted as calendar dates in the prospect's
 * zone, never larger than the sequence's own distance between the two steps. */
time_t seq_gap_free(const struct plan *p, int next_step, time_t last_touch, const char *zone);

#endif
