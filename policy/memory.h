/* SPDX-License-Identifier: MPL-2.0
 *
 * What the store remembers of a sender and its recipients when a mail goes out: filled by
 * store_recall(), read by the rules. All strings are borrowed from the arena of the recall.
 */
#ifndef POLICY_MEMORY_H
#define POLICY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "policy/limits.h"
#include "sequence/seq.h"

/* A touch. */
enum sent_state { SENT_ACCEPTED, SENT_QUEUED, SENT_DELIVERED, SENT_DEFERRED, SENT_BOUNCED,
		  SENT_EXPIRED, SENT_TAKEN_BACK,	/* never queued: it did not happen */
		  SENT_HELD,		/* in the queue until the administrator lets it go */
		  SENT_DISCARDED,	/* taken (250), then thrown away by a rule of this host */
		  SENT_STATE_COUNT };
const char *sent_state_name(enum sent_state s);
bool sent_state_from_name(const char *name, enum sent_state *out_r);

struct memory_touch {
	const char *id;
	const char *enrolment;		/* id or NULL (manual) */
	int step;			/* 0 manual */
	time_t at;
	const char *message_id;
	const char *fingerprint;
	const char *queue_id;		/* NULL while unknown */
	enum sent_state sent;
	const char *subject;
	const char *text;		/* new text that went out */
};

struct memory_draft {
	const char *id, *enrolment;
	int step;
	const char *message_id;
	const char *subject;
	const char *text;
	const char *seen_subject, *seen_text;	/* as the rep's client saved it last; or NULL */
	time_t made;
};

struct memory_reply {
	const char *from;
	const char *subject;
	time_t at;
	const char *class;
};

struct memory_enrolment {
	struct enrolment state;
	const struct plan *plan;	/* the version it runs on */
	bool has_source, has_permission, has_evidence, has_review_note, has_identity;
	time_t since;			/* of its last change; 0 unknown */
	bool own;			/* of this owner: another rep's steps are not this one's to take */
};

struct memory_suppression {
	const char *subject;		/* what matched: address or domain */
	const char *scope;		/* all, outreach, client, sequence, channel */
	const char *scope_arg;		/* which client, sequence or channel; or NULL */
	const char *reason;
	time_t at;
	bool may_tell;			/* this owner may read reason and date */
};

/* Another owner's business with the person, or with somebody of the same company. */
struct memory_other {
	const char *owner;		/* login */
	const char *address;		/* of whom */
	bool conversation;		/* they wrote to that owner; else: a live enrolment */
	time_t at;			/* of the message, or since when */
};

/* The latest proposal of a prospect. */
struct memory_proposal {
	const char *id, *state;
	int version;
	time_t date, expires;		/* expires 0: not said */
	const char *price, *discount, *scope;	/* as recorded; or NULL */
	const char *words;		/* all that the record says, for what is none of these */
};

struct memory_source {
	const char *kind, *permission, *jurisdiction;	/* the last may be NULL */
};

/* What research says of a person. */
struct memory_point {
	const char *text;
	bool supposed;			/* an inference, an estimate, an unverified claim: no fact */
};

/* One outside recipient as the store knows it. */
struct memory_prospect {
	const char *address;		/* normalised recipient */
	const char *id;			/* NULL: nobody we know */
	const char *name;
	const char *company, *company_id;
	const char *zone;
	bool own_domain;		/* inside the owner's own domains: not a prospect */
	bool bystander;			/* references a thread, but not this person's */
	bool answered;			/* In-Reply-To names a message of this very person that the store knows */
	bool has_written;		/* the store holds a message from this person to this owner */
	const struct memory_suppression *suppressions;
	size_t suppressions_n;
	const struct memory_enrolment *enrolment;	/* live, else the latest; NULL none. The one of this
							 * owner first */
	const struct memory_touch *touches;		/* newest first, at most 50, all owners */
	size_t touches_n;
	const struct memory_draft *draft;		/* out for the next step, or NULL */
	const struct memory_reply *reply;		/* latest answer (a colleague's too), or NULL */
	time_t last_touch;				/* across sequences, channels and owners; 0 none */
	/* the rest at end of message only */
	const char *channels;		/* that this person may be reached by; NULL: not said */
	const char *domain;		/* registrable */
	bool shared_domain;		/* of many unrelated people */
	int domain_today;		/* touches to the domain since the owner's midnight, by all owners */
	int slow_mails;			/* of ours that were told to slow down there, in the last day */
	time_t slow_last;
	const char *near;		/* somebody else of the company was written to; or NULL */
	time_t near_at;
	const struct memory_other *other, *other_company;	/* or NULL */
	const struct memory_proposal *proposal;			/* or NULL */
	const struct memory_source *sources;
	size_t sources_n;
	const struct memory_point *points;
	size_t points_n;
	const char *relationship;	/* existing one, as recorded; or NULL */
};

/* A decision of a person about one exact content. */
struct memory_approval {
	const char *id, *enrolment, *prospect, *by;
	int step;
	bool approves;			/* else: rejected, or something else */
	bool used, void_;
	time_t at, expires;		/* 0 never */
};

struct memory_owner {
	const char *id, *login, *name;
	const char *zone;
	const char **addresses, **domains;
	size_t addresses_n, domains_n;
	bool watched;			/* has a mailbox that relent reads */
	const char *account;		/* its name, and its last error or NULL */
	const char *account_error;
	time_t last_read;		/* last time its mailbox was known to be read; 0 never */
};

/* How the mail's references look to the store. */
struct memory_thread {
	bool parent_is_reply;		/* In-Reply-To names a message of the prospect */
	bool parent_is_touch;		/* In-Reply-To names a touch or draft of ours */
	bool parent_known;
	bool references_ours;		/* References name one of ours */
	const char *stamp_touch;	/* draft/touch id of a valid stamp in the mail, or NULL */
};

/* Another prospect of this owner. */
struct memory_neighbour {
	const char *id, *address, *name;
	const char *company, *company_id;
};

struct memory {
	const struct memory_owner *owner;	/* NULL: not an outreach sender */
	const struct memory_prospect *prospects;	/* in the order of the recipients */
	size_t prospects_n;
	struct memory_thread thread;
	const struct memory_touch *same;	/* a recorded touch with the same Message-ID (or, without one,
						 * fingerprint), owner and recipient; NULL none */
	const struct memory_neighbour *greeted;	/* bears the name that the mail greets, and the prospect does
						 * not; NULL none */
	const struct memory_neighbour *mentioned;	/* its company stands in the text, and is not the prospect's;
						 * NULL none */
	bool log_followed;			/* a relent-logwatch was heard of just now; known if there is `same` */
	const struct plan *enrol_plan;		/* seq.NAME@ names this sequence; NULL none */
	struct memory_limits limits;
	const struct memory_approval *approval;	/* of exactly this content (automation); NULL none */
	bool grant_sends, grant_template;	/* live grants of the owner for the sequence of this mail */
	const char **grant_templates;		/* those that are for one template only */
	size_t grant_templates_n;
	const char *grant_forbids;		/* restricted or research_only for this owner; NULL: no */
	bool inbound;				/* the first prospect asked first */
};

#endif
