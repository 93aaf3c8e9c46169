/* SPDX-License-Identifier: MPL-2.0
 *
 * Definitions of sequences: what a file of conf/sequences says, checked and stored as one text.
 */
#ifndef SEQUENCE_PLAN_H
#define SEQUENCE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/when.h"

struct arena;

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

/* The same template in a language of its own: the file of that name in a folder beside it (de/1-opener.txt). */
struct plan_text {
	const char *language;	/* "de"; NULL: the template itself */
	const char *template, *subject, *text;
};

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
	const struct plan_text *texts;	/* in further languages */
	size_t texts_n;
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
	bool complete;		/* approved only with one fact, one question and a review note */
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
	const char **approved_claims;	/* besides those of phrases/approved_claims */
	size_t approved_claims_n;
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
/* May a prospect of this stage and priority enter? Where stages are named it must be one of them, where
 * priorities are named one of those; rejected never. */
bool plan_eligible(const struct plan *p, const char *stage, const char *priority);
/* NULL if there is no such step (from 1). */
const struct plan_step *plan_step(const struct plan *p, int number);

/* The text in a language ("de", "de-AT", "pt_BR"), else the template itself. */
struct plan_text plan_step_text(const struct plan_step *s, const char *language);

/* Fills {{fields}} of a template: a value for each name, or NULL: then `{{name}}` stays visible.
 * missing_r: names left open. */
typedef const char *plan_value_fn(void *ctx, const char *name);
char *plan_fill(struct arena *a, const char *text, plan_value_fn *value, void *ctx,
		const char ***missing_r, size_t *missing_n);

#endif
