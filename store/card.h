/* SPDX-License-Identifier: MPL-2.0
 *
 * The review card: what a person has to see before deciding, as facts. relentctl prints it, the digest and the
 * hand-off note print it; its hash says what exactly was seen.
 */
#ifndef STORE_CARD_H
#define STORE_CARD_H

#include "store/core.h"

struct phrases;

struct card_evidence {
	const char *point, *source, *type;	/* type: verified_fact public_observation ... */
	time_t source_date;
	bool safe, reviewed, used;		/* used: the text of the draft has it */
};
struct card_source {
	const char *kind, *url, *permission, *permitted_use, *compliance, *jurisdiction;
	time_t captured;
};
struct card_point {
	const char *kind, *text;		/* signal evidence workflow question asset mini_case request proposal */
};
struct card_touch {
	time_t at;
	int step;
	const char *kind, *channel, *subject, *text, *sent_state;
};
struct card_suppression {
	const char *subject, *scope, *reason;
	time_t since;
};

/* Strings are NULL where nothing is known, unless said otherwise; all on the arena. */
struct card {
	const char *kind, *id, *shortly;	/* "draft" "review" "task" "enrolment"; shortly: the end of the id */
	const char *enrolment_id, *owner_id, *prospect_id, *draft_id;
	/* identity, fit */
	const char *owner, *prospect, *address, *role, *company, *domain;
	const char *identity_status;
	const char *relationship, *fit, *intent, *urgency;
	int deals;				/* how often they bought before; 0: none is known */
	bool sensitive;				/* two persons have to approve */
	const char *priority, *stage, *stage_reason, *qualification, *score_reasons;
	/* source, permission, suppression, channel */
	const struct card_source *sources;
	size_t sources_n;
	const char *permission;			/* in one line; never NULL */
	const char *permission_channels, *preferred_channel;
	const char *channel;			/* of the step; never NULL where there is a step */
	bool channel_allowed;
	const struct card_suppression *suppressions;
	size_t suppressions_n;
	/* evidence, why now */
	const struct card_evidence *evidence;
	size_t evidence_n;
	const char *why_now;
	const char *signal;
	time_t signal_date;
	/* the message */
	const char *from, *to, *subject, *text;	/* as it would go out now (edited by the rep: as it was last seen) */
	const char *draft_state;		/* wanted placed edited ... */
	const char *content_hash;		/* of the message; NULL: there is none */
	const struct card_point *points;	/* what the text says that is about this very person */
	size_t points_n;
	int facts;				/* of them: signals and evidence */
	/* flags; counts are 0 where nothing was found */
	const char *const *claims;		/* words that promise (claim risk) */
	size_t claims_n;
	const char *const *tone;		/* "all capitals", "three exclamation marks", "nothing but a bump" ... */
	size_t tone_n;
	const char *const *asks;		/* calls to action: one is right */
	size_t asks_n;
	int words, links;			/* see card_flags() */
	/* the sequence */
	const char *sequence, *purpose, *job, *type;
	const char **approved_claims;		/* of the sequence */
	size_t approved_claims_n;
	int max_words, max_links, max_asks;	/* of the sequence; 0: no limit */
	const char *authority;			/* what may be done with it: draft_only human_approved ... */
	bool granted;				/* the owner may let relent send in this sequence */
	const char *state, *reason;		/* of the enrolment */
	int step, steps, touches, max_touches;
	time_t due, window_opens;		/* window_opens: when a mail may next go out; 0: now */
	int holds;
	const char *pause_words;
	const struct card_touch *touches_list;	/* newest first */
	size_t touches_list_n;
	/* the reply */
	const char *reply_state;		/* "no answer", "a mail is being read", "answered"; never NULL */
	const char *reply_class, *reply_subject, *reply_text, *reply_from;
	time_t reply_at;
	const char *opinion;			/* a language model's class and summary; marked as its guess */
	/* a review item or task */
	const char *item_reason, *item_kind, *item_text;
	time_t since;
	const char *decided, *decided_by;	/* already */
	/* what to do */
	const char *approval;			/* "approved by X until ...", "waits for a second person", or NULL */
	const char *const *missing;		/* what stands in the way of approving; none: nothing does */
	size_t missing_n;
	const char *recommended;		/* never NULL; a suggestion, never done by itself */
	const char *const *choices;		/* names of decisions.def that fit */
	size_t choices_n;
	const char *hash;			/* of all of the above but times that pass by themselves: 32 hex digits */
};
/* item as in store_decide(). GONE: there is no such thing; INPUT: it means more than one. */
enum status store_card(struct store_tx *tx, struct arena *a, const char *item, struct card *out_r, struct err *e);
/* The same as if the draft had these words (text NULL: its own): whether they could be approved. Its hash is nobody's. */
enum status store_card_with(struct store_tx *tx, struct arena *a, const char *item, const char *subject, const char *text,
			    struct card *out_r, struct err *e);
/* For store_card(): fills points and facts from the text of the draft. */
enum status card_points(struct store_tx *tx, struct arena *a, struct card *io, struct err *e);
/* Fills claims, tone, asks, words and links: the classifier's look at the text. They are no part of the hash: the text
 * is. */
void card_flags(struct arena *a, const struct phrases *p, struct card *io);
/* The card as readable text (LF, no line over 76 columns but addresses and links), with the hash in its last line. */
const char *card_text(struct arena *a, const struct card *c, const char *zone);

#endif
