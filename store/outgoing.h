/* SPDX-License-Identifier: MPL-2.0
 *
 * The milter's side, and what the MTA's log tells of what it let pass.
 */
#ifndef STORE_OUTGOING_H
#define STORE_OUTGOING_H

#include "store/core.h"

/* ---- the milter's side ---- */

/* Everything the policy needs about sender and recipients, in one snapshot. message may be NULL (RCPT
 * stage: prospects and suppressions only). */
struct recall {
	const char *login, *sender;
	enum role role;
	bool trust_sender;
	const char **recipients;
	size_t recipients_n;
	const struct message *message;
	const char *fingerprint;
	const char *enrol;		/* NAME of seq.NAME@ */
	const struct token_keys *keys;
	bool automation;		/* a program's login: the owner is whom it sends for, by envelope, From
					 * or approval; nobody known: an owner without id */
	const char *content_hash;	/* with automation; or NULL */
	bool rcpt;			/* only what the rules ask at RCPT: whom it is for, and what suppresses them */
	const struct policy_limits *limits;	/* the site's: what none of them (nor a sequence's) limits is not
					 * counted; NULL: everything is */
};
enum status store_recall(struct store_tx *tx, struct arena *a, const struct recall *r,
			 struct memory **out_r, struct err *e);

/* The prospects besides this one (may be NULL) that the owner wrote to lately, newest first, at most limit;
 * and one prospect of the owner that bears name as first, last or whole name (NULL: none). */
/* The companies of the people that store_others() would tell of, by name, as they were a minute ago at most; some may
 * be the prospect's own or stand there twice. Cheap, where store_others() is not: whether it needs to be asked. */
enum status store_other_companies(struct store_tx *tx, struct arena *a, const char *owner_id, const char *prospect_id,
				  size_t limit, const char *const **out_r, size_t *n_r, struct err *e);
enum status store_others(struct store_tx *tx, struct arena *a, const char *owner_id, const char *prospect_id,
			 size_t limit, struct memory_neighbour **out_r, size_t *n_r, struct err *e);
enum status store_namesake(struct store_tx *tx, struct arena *a, const char *owner_id,
			   const char *prospect_id, const char *name, const struct memory_neighbour **out_r,
			   struct err *e);

/* A mail that goes out: touch, manual touch or recorded outreach; one row per accepted message. */
struct touch {
	const char *id;			/* made by the caller before the stamp: store_id() form */
	const char *owner_id, *prospect_id, *enrolment_id;	/* the latter two may be NULL */
	enum mail_kind kind;
	int step;
	const char *recipient;
	const char *message_id, *fingerprint;
	const char *subject, *final_text, *drafted_text, *draft_id;
	const char *references;
	double edit_ratio;		/* -1: no draft */
	const char *queue_id, *host;	/* queue id known at end of message */
	const char *flags;		/* compliance flags: warnings given, overrides used */
	bool observed;			/* mode = observe */
	const char *sender;		/* address of its From: whose reputation it uses; or NULL */
	int links, attachments;
};
/* Records it, moves the enrolment (EV_TOUCH, EV_TOUCH_MANUAL or EV_CONVERSATION), marks the draft
 * sent. */
enum status store_touch(struct store_tx *tx, struct arena *a, const struct touch *t,
			const char *actor, struct err *e);
/* The approval of a mail that a program sent: it was for one. */
enum status store_approval_used(struct store_tx *tx, const char *id, struct err *e);
/* A person approves one exact content (policy_content_hash()) as a step of an enrolment. */
struct approval_new {
	const char *content_hash, *enrolment_id;
	int step;			/* 0: the next */
	const char *by, *because;
	time_t expires;			/* 0 never */
};
enum status store_approve(struct store_tx *tx, struct arena *a, const struct approval_new *ap,
			  const char **id_r, struct err *e);
/* A refusal, warning or would-have-been, for log, reports and the owner's digest. */
struct refusal {
	const char *login, *owner_id, *recipient, *message_id, *queue_id;
	const struct objection *why;
	bool observed;
};
enum status store_refusal(struct store_tx *tx, struct arena *a, const struct refusal *r, struct err *e);

/* ---- delivery evidence (relent-logwatch) ---- */

enum evidence_kind { EVIDENCE_MESSAGE_ID, EVIDENCE_QUEUED, EVIDENCE_SENT, EVIDENCE_DEFERRED,
		     EVIDENCE_BOUNCED, EVIDENCE_EXPIRED, EVIDENCE_REJECTED, EVIDENCE_REMOVED,
		     EVIDENCE_HELD, EVIDENCE_DISCARDED,
		     EVIDENCE_MOVED };	/* it goes on under next_id: requeued, or through a content filter */
struct evidence {
	enum evidence_kind kind;
	const char *host, *queue_id;
	const char *next_id;		/* MOVED */
	time_t at;
	const char *message_id;		/* of this queue id; NULL: not known, "": it had none */
	const char *recipient;		/* per recipient kinds; NULL: the whole mail */
	const char **more;		/* further recipients of the same line */
	size_t more_n;
	const char *dsn;		/* "5.1.1" */
	const char *relay, *words;	/* the remote's words */
	bool hard;			/* the address or its domain is not there (classifier.h, refusal_read) */
	bool ours;			/* the refusal was our own MTA's or milter's: nothing about the address */
};
/* Joins by host and queue id (or Message-ID, where the touch has no queue id), moves touch and enrolment,
 * suppresses on a hard result, takes back what was never queued. GONE: of none of our touches. */
enum status store_evidence(struct store_tx *tx, struct arena *a, const struct evidence *ev,
			   struct err *e);
/* The sender itself was told that this mail is not taken: the touch is taken back. GONE: it was queued all the same. */
enum status store_touch_refused(struct store_tx *tx, struct arena *a, const char *touch, const char *words,
				struct err *e);
/* The same question without an answer kept: OK or GONE. */
enum status store_evidence_known(struct store_tx *tx, struct arena *a, const struct evidence *ev,
				 struct err *e);
/* Message-IDs of mails that are on their way into the queue, so that a restart does not lose them: a few. */
enum status store_mail_id(struct store_tx *tx, const char *host, const char *queue_id,
			  const char *message_id, struct err *e);
typedef void store_mail_id_fn(void *ctx, const char *host, const char *queue_id, const char *message_id);
enum status store_mail_ids(struct store_tx *tx, struct arena *a, store_mail_id_fn *fn, void *ctx,
			   struct err *e);

/* Where relent-logwatch of a host is in its log, kept in the transaction of what the lines told; and that it
 * lives. position NULL: as it was. lines: it has read some since the last time. */
enum status store_log_follows(struct store_tx *tx, const char *host, const char *source,
			      const char *position, bool lines, struct err *e);
/* GONE: it never read this. */
enum status store_log_position(struct store_tx *tx, struct arena *a, const char *host, const char *source,
			       const char **position_r, struct err *e);
/* Has a relent-logwatch been heard of in the last minute? */
enum status store_log_followed(struct store_tx *tx, struct arena *a, bool *followed_r, struct err *e);

/* A remote server asked for less mail (policy_pushback() says what does): the next touches to this domain wait, and
 * the report tells of it. The same mail heard again is the same row. Idempotent but for its counter. */
struct pushback {
	const char *recipient;		/* normalised; or the bare domain */
	const char *host, *queue_id;	/* our mail that heard it */
	const char *relay;		/* "mx.example.net[192.0.2.1]:25" */
	const char *dsn, *words;
	time_t at;
};
enum status store_pushback(struct store_tx *tx, struct arena *a, const struct pushback *p, struct err *e);
/* Accepted touches without evidence older than before, where no log is followed: become waiting. */
enum status store_assume_sent(struct store_tx *tx, struct arena *a, time_t before, struct err *e);

#endif
