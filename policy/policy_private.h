/* SPDX-License-Identifier: MPL-2.0
 *
 * For policy/ only: what a rule sees, and what it may answer. One file per rule.
 */
#ifndef POLICY_POLICY_PRIVATE_H
#define POLICY_POLICY_PRIVATE_H

#include "policy/policy.h"

struct hearing {
	struct arena *arena;
	const struct policy_settings *settings;
	enum rule_stage stage;
	const struct outgoing *mail;
	const struct memory *memory;
	time_t now;
	enum mail_kind kind;
	int step;
	const struct memory_prospect *prospect;	/* the one this is about, or NULL */
	const struct memory_enrolment *enrolment;	/* its enrolment that this mail concerns, or NULL */
	const struct plan *plan;		/* of the enrolment, or of seq.NAME@; or NULL */
	const struct memory_draft *draft;	/* the draft it came from, or NULL */
	const char *zone;			/* the rep's: times told to the rep */
	const char *anyway;			/* the address that overrides, or NULL */
};

enum word {
	WORD_DUNNO,	/* nothing to say */
	WORD_OBJECTS,	/* *o is filled; mode and overridability are preset and may be lowered */
	WORD_SETTLES,	/* the recorded mail again: no later rule is asked, it passes */
	WORD_DISCARDS,	/* the same, and the first one left: this one is swallowed */
	WORD_COPIED,	/* another mail with a used Message-ID: go on, record it without one */
};

struct plea {			/* what a rule may fill in, besides WORD_* */
	struct objection o;
	bool over;		/* may `anyway` override it */
};
typedef enum word rule_fn(const struct hearing *h, struct plea *p);

rule_fn rule_suppressed, rule_control, rule_authority, rule_resubmission, rule_unwatched,
	rule_replied, rule_stopped, rule_duplicate, rule_one_recipient, rule_requires,
	rule_placeholder, rule_wrong_person, rule_bump, rule_claims, rule_length, rule_links,
	rule_cta, rule_cap, rule_terms, rule_collision, rule_breaker, rule_voice, rule_research;

/* Fills text from refusals.conf; the pairs as in policy_say(). {or} becomes the hint at `anyway` when
 * the plea may be overridden. */
void plea_say(const struct hearing *h, struct plea *p, const char *key, ...)
	__attribute__((sentinel));
/* Like "reply 2026-03-02T08:00:00Z from=ann@x.example": for log and event. */
void plea_fact(const struct hearing *h, struct plea *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "2026-03-02 09:30" on the rep's wall. */
const char *hearing_time(const struct hearing *h, time_t t);
/* A name such as `no_response` in words for a person (sentence "reason.no_response"), or itself. */
const char *hearing_words(const struct hearing *h, const char *name);
/* Words of said that stand in text in a row, the most of them; of scripts without blanks two characters are a word. */
size_t longest_run(struct arena *a, const char *text, const char *said);
/* Words of text, counted alike. */
size_t word_count(struct arena *a, const char *text);
/* Not known to have been taken back: it counts. */
static inline bool touch_counts(const struct memory_touch *t)
{
	return t->sent != SENT_TAKEN_BACK;
}
/* Its MTA took it for delivery, whatever became of it. */
bool touch_queued(const struct memory_touch *t);

#endif
