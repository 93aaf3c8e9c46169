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

#include "sequence/seq.h"

/* A touch. */
enum sent_state { SENT_ACCEPTED, SENT_QUEUED, SENT_DELIVERED, SENT_DEFERRED, SENT_BOUNCED,
		  SENT_EXPIRED, SENT_TAKEN_BACK, SENT_STATE_COUNT };
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

/* One outside recipient as the store knows it. */
struct memory_prospect {
	const char *address;		/* normalised recipient */
	const char *id;			/* NULL: nobody we know */
	const char *name;
	const char *company, *company_id;
	const char *zone;
	bool own_domain;		/* inside the owner's own domains: not a prospect */
	bool bystander;			/* references a thread, but not this person's */
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

struct memory {
	const struct memory_owner *owner;	/* NULL: not an outreach sender */
	const struct memory_prospect *prospects;	/* in the order of the recipients */
	size_t prospects_n;
	struct memory_thread thread;
	const struct memory_touch *same;	/* a recorded touch with the same Message-ID (or, without one,
						 * fingerprint), owner and recipient; NULL none */
	const struct plan *enrol_plan;		/* seq.NAME@ names this sequence; NULL none */
};

#endif
