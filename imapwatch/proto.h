/* SPDX-License-Identifier: MPL-2.0
 *
 * What parent, workers and sender say to each other over their socket pairs: frames of at most 2 MiB,
 * a type, a number that an answer repeats, fields. Everything read here is hostile (a worker parses
 * what strangers send): lengths are checked against what is there, text must be UTF-8 without NUL,
 * counts are bounded, and a frame that does not fit exactly is refused as a whole.
 */
#ifndef IMAPWATCH_PROTO_H
#define IMAPWATCH_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "classifier/lead.h"

struct arena;

enum {
	FRAME_MAX = 2 * 1024 * 1024,
	FRAME_GOAL = 1536 * 1024,	/* whoever collects a batch sends it when it gets this big */
	FRAME_HEAD = 9,			/* length 4, type 1, number 4 */
	BATCH_MAX = 100,		/* mails of one unit of work in the store */
	LEAD_BATCH_MAX = 40,		/* ... of a lead mailbox: each says more */
	REFS_MAX = 20, TO_MAX = 20, REPORTED_MAX = 20, CONTROLS_MAX = 10,
};

enum frame_type {
	FRAME_NONE,
	/* worker to parent */
	FRAME_STATE,		/* how an account is */
	FRAME_WORK,		/* the mail that is looked at now: who dies now died of it */
	FRAME_FOLDER,		/* asks for the position of a folder */
	FRAME_FACTS,		/* mails as their headers show them: asks what matters */
	FRAME_FINDINGS,		/* what the classifier says, and the new position */
	FRAME_DRAFT_DONE,	/* answers to the three below */
	FRAME_LOOK_DONE,
	/* parent to worker */
	FRAME_ASSIGN, FRAME_RELEASE, FRAME_STOP,
	FRAME_FOLDER_IS, FRAME_MATCHES, FRAME_STORED,	/* answers */
	FRAME_DRAFT_PUT, FRAME_DRAFT_REMOVE, FRAME_LOOK,
	FRAME_FIND,		/* is a mail with this Message-ID in INBOX? */
	FRAME_SENT_PUT,		/* a copy of what relent sent, into \Sent */
	/* parent and sender */
	FRAME_MAIL, FRAME_MAIL_DONE,
	FRAME_SEND, FRAME_SEND_DONE,	/* a mail that must not go twice: asks before the end of its text */
	FRAME_MAY, FRAME_GO,		/* the question, and its answer */
	/* parent and adviser */
	FRAME_ASK, FRAME_ASKED,
	FRAME_TYPE_COUNT
};

struct frame {
	enum frame_type type;
	uint32_t number;
	const char *body;
	size_t n;
};

/* ---- writing: fields into a buf, then frame_end() sets the length ---- */

/* Begins a frame in an empty buf. */
void frame_begin(struct buf *b, enum frame_type type, uint32_t number);
/* False: it became larger than FRAME_MAX. */
bool frame_end(struct buf *b);
void pack_u32(struct buf *b, uint32_t v);
void pack_i64(struct buf *b, int64_t v);
void pack_bool(struct buf *b, bool v);
void pack_num(struct buf *b, double v);
void pack_bytes(struct buf *b, const char *p, size_t n);
void pack_text(struct buf *b, const char *s);			/* NULL stays NULL */
void pack_text_cut(struct buf *b, const char *s, size_t max);	/* at most max bytes of it */

/* ---- reading ---- */

struct unpack {
	const char *p;
	size_t n;
	bool bad;		/* sticky: everything after gives 0 / NULL */
	struct arena *arena;	/* texts are copied here */
};
struct unpack unpack_frame(const struct frame *f, struct arena *a);
uint32_t unpack_u32(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
bool unpack_bool(struct unpack *u);
double unpack_num(struct unpack *u);
const char *unpack_bytes(struct unpack *u, size_t *n_r);	/* borrowed from the frame */
const char *unpack_text(struct unpack *u);			/* NULL or valid UTF-8 */
const char *unpack_text_or(struct unpack *u, const char *instead);
/* A count of things that take at least least bytes each, at most max. */
size_t unpack_count(struct unpack *u, size_t max, size_t least);
/* True if all was well and nothing is left over. */
bool unpack_end(const struct unpack *u);

/* The first whole frame of n bytes: its length, 0 if there is none yet, -1 if it can never be one. */
long frame_parse(const char *p, size_t n, struct frame *out_r);

/* ---- what a worker tells of one mail ---- */

struct control_address {
	const char *verb, *arg;		/* arg may be NULL */
};
struct facts {
	uint32_t uid;
	time_t received;		/* INTERNALDATE */
	const char *key;		/* Message-ID, else a fingerprint: never NULL */
	const char *message_id, *from, *from_name, *envelope_from, *subject, *subject_key, *text;
	const char *const *refs;
	size_t refs_n;
	bool automatic;			/* no person wrote it: never answered */
	bool aside;			/* killed a worker twice: only its header was looked at */
	bool report;
	const char *original_message_id, *original_stamp, *original_envelope_id, *original_to;
	const char *const *reported;
	size_t reported_n;
	const char *calendar_uid;	/* of an answer to an invitation, or NULL */
	const char *invitee;		/* a booking system's notice: who booked; or NULL */
	const struct control_address *controls;
	size_t controls_n;
	const struct lead *lead;	/* NULL: nobody who asks for something, or no lead mailbox */
};
/* proto_lead.c */
void pack_lead(struct buf *b, const struct lead *l);
void unpack_lead(struct unpack *u, struct lead **out_r);
void pack_facts(struct buf *b, const struct facts *f);
void unpack_facts(struct unpack *u, struct facts *f);

/* The finding, with texts cut to what the store keeps. */
void pack_finding(struct buf *b, const struct finding *f);
void unpack_finding(struct unpack *u, struct finding *f);

/* ---- drafts ---- */

struct seen_draft {		/* a mail in the Drafts folder */
	uint32_t uid;
	const char *message_id, *stamp;	/* stamp: our header, if the client kept it */
	const char *const *to;		/* To and Cc, normalised */
	size_t to_n;
	const char *subject, *text;
	const char *const *refs;	/* In-Reply-To first, then References from the last one */
	size_t refs_n;
	bool more;			/* attachments or Bcc: nothing that we wrote */
	bool draft, deleted;
};
void pack_seen(struct buf *b, const struct seen_draft *d);
void unpack_seen(struct unpack *u, struct seen_draft *d);

#endif
