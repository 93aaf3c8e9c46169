/* SPDX-License-Identifier: MPL-2.0
 *
 * Sequences: definitions (plans), the state machine, the schedule. Pure: time and facts are handed
 * in, a decision comes back. The table is data: `relentctl sequence states` prints it.
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

/* ---- definitions ---- */

enum channel { CHANNEL_EMAIL, CHANNEL_LINKEDIN, CHANNEL_PHONE, CHANNEL_WHATSAPP, CHANNEL_SMS,
	       CHANNEL_VOICE_NOTE, CHANNEL_TASK, CHANNEL_COUNT };
enum step_type { STEP_FIRST_TOUCH, STEP_VALUE_ADD, STEP_DIAGNOSTIC_OFFER, STEP_PROPOSAL_FOLLOW_UP,
		 STEP_APPOINTMENT_FOLLOW_UP, STEP_REACTIVATION, STEP_CLOSEOUT, STEP_TYPE_COUNT };
enum authority { AUTHORITY_DRAFT_ONLY, AUTHORITY_RESEARCH_ONLY, AUTHORITY_HUMAN_APPROVED,
		 AUTHORITY_APPROVED_TEMPLATE, AUTHORITY_RESTRICTED, AUTHORITY_COUNT };
/* What an enrolment must have before its first touch; bits of plan.requires. */
enum requirement { REQUIRES_SOURCE = 1, REQUIRES_PERMISSION = 2, REQUIRES_IDENTITY = 4,
		   REQUIRES_EVIDENCE = 8, REQUIRES_REVIEW_NOTE = 16 };
const char *channel_name(enum channel c);
const char *step_type_name(enum step_type t);
const char *authority_name(enum authority a);
const char *requirement_name(enum requirement r);

struct plan_step {
	int number;		/* from 1 */
	int line;		/* in the definition file */
	int day;		/* offset from the enrolment's start; -1 if minutes is used */
	int minutes;		/* for an immediate answer: ignores window and gap; -1 if day is used */
	enum channel channel;
	const char *job;	/* one primary purpose, in words */
	enum step_type type;
	const char *template;	/* file name */
	const char *subject;	/* from the template's first line `Subject: ...`; NULL: Re: the thread's */
	const char *text;	/* template body, with {{fields}} */
	const char **needs;	/* fields that must be filled */
	size_t needs_n;
	bool optional;
	bool new_thread;
};

struct plan_rule {		/* how a refusal rule behaves for this sequence */
	const char *rule;	/* name of policy/rules.def */
	const char *mode;	/* enforce, warn, off */
};

/* Limits of a sequence; 0: the site's. */
struct plan_caps {
	int sender_per_day, domain_per_day, company_gap_days;
	int warm_up_start, warm_up_ceiling;	/* touches a day of a new sender, growing by the factor */
	double warm_up_factor;
};
struct plan_breaker {		/* percent; 0: the site's */
	double complaint_pause, complaint_stop, bounce_warn, bounce_pause;
	int touches;		/* fewest touches in the window before a rate counts */
};
struct plan_quality {		/* 0: no limit */
	int max_words, max_links, max_questions;
	bool one_personalisation;	/* exactly one evidence point in a touch */
};

struct plan {
	const char *name;
	int version;		/* 0 while it is not in the store */
	const char *purpose, *offer, *market, *buyer_role;
	enum authority authority;
	unsigned requires;	/* bits of enum requirement */
	const char **eligible;	/* stages and priorities that may enter; none: all but rejected */
	size_t eligible_n;
	int max_touches;
	int pilot_size;		/* 0: no limit */
	int draft_ahead;	/* unsent drafts per prospect, default 1 */
	int gap_days;		/* minimum gap between touches; default 2 */
	int patience_days;	/* silence after the last step before it closes; default 14 */
	int away_days;		/* away without a date; default 7 */
	int not_now_days;	/* not now without a date; default 30 */
	struct when_window window;
	const struct plan_rule *rules;
	size_t rules_n;
	struct plan_caps caps;
	struct plan_breaker breaker;
	struct plan_quality quality;
	const char **stops;	/* what stops it, as its author wrote it down; never less than always holds */
	size_t stops_n;
	const char **review;	/* where a person looks */
	size_t review_n;
	const char **fields;	/* every field its templates name */
	size_t fields_n;
	const struct plan_step *steps;
	size_t steps_n;
	const char *hash;	/* of definition and templates: decides whether a new version is due */
	const char *source;	/* the whole definition with its templates as one text; plan_parse() reads
				 * it back (stored with each version, so that running enrolments keep theirs) */
};

/* Hands out a template by name (relative to the definition), or NULL. Borrowed until it returns. */
typedef const char *plan_template_fn(void *ctx, const char *name);
/* file is for messages only. All problems are reported at once through report (file, line, one
 * sentence); INPUT if there was any. Checks everything sequences.md says `sequence check` refuses. */
typedef void plan_report_fn(void *ctx, const char *file, int line, const char *sentence);
enum status plan_parse(struct arena *a, const char *file, const char *text,
		       plan_template_fn *templates, void *templates_ctx,
		       plan_report_fn *report, void *report_ctx,
		       struct plan **out_r, struct err *e);
/* Reads plan.source back. */
enum status plan_load(struct arena *a, const char *source, struct plan **out_r, struct err *e);
/* NULL if there is no such step (from 1). */
const struct plan_step *plan_step(const struct plan *p, int number);

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

/* Fills {{fields}} of a template: a value for each name, or NULL: then `{{name}}` stays visible.
 * missing_r: names left open. */
typedef const char *plan_value_fn(void *ctx, const char *name);
char *plan_fill(struct arena *a, const char *text, plan_value_fn *value, void *ctx,
		const char ***missing_r, size_t *missing_n);

#endif
