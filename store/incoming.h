/* SPDX-License-Identifier: MPL-2.0
 *
 * The inbound side: what a mail is about, the hold, and the one event that comes of it.
 */
#ifndef STORE_INCOMING_H
#define STORE_INCOMING_H

#include "store/core.h"

/* ---- the inbound side ---- */

enum grade { GRADE_NONE, GRADE_WEAK, GRADE_STRONG, GRADE_PROOF };
const char *grade_name(enum grade g);
struct match_question {
	const char *owner_id;			/* whose mailbox; NULL: the control mailbox */
	const char *from;			/* normalised sender */
	const char *envelope_from;		/* "" null sender, NULL unknown */
	const char *const *refs;		/* In-Reply-To then References, newest first */
	size_t refs_n;
	const char *subject_key;		/* text_subject_key() */
	const char *visible;			/* quoted text may be compared; may be NULL */
	time_t received;			/* INTERNALDATE */
	/* of a report: */
	bool report;
	const char *original_message_id, *original_stamp, *original_envelope_id, *original_to;
	const char *const *reported;		/* reported recipients */
	size_t reported_n;
	/* of a calendar part: */
	const char *calendar_uid;		/* of the event; NULL none */
	const char *invitee;			/* a booking system's notice: whom it is about, whoever sent it */
	const struct token_keys *keys;
};
struct match {
	const char *enrolment_id;	/* NULL: known prospect without enrolment */
	const char *prospect_id, *owner_id, *touch_id;
	const char *address;		/* the address of the prospect it is about */
	const char *by;			/* stamp, message_id, references, address, domain, token */
	enum grade grade;
	bool colleague;
	bool live;
	const char *touch_text;		/* of the touch answered, for reply_context */
};
/* Every enrolment (ever) this mail is about, the strongest evidence first; *n_r = 0: none of our
 * business. */
enum status store_match(struct store_tx *tx, struct arena *a, const struct match_question *q,
			struct match **out_r, size_t *n_r, struct err *e);

/* Could it be about anything of ours at all? One statement, for mail of which nearly all is not. */
enum status store_match_known(struct store_tx *tx, struct arena *a, const struct match_question *q,
			      bool *known_r, struct err *e);

/* The brake. key: Message-ID, or a content fingerprint. Idempotent. GONE if this mail has already had
 * its event for this enrolment. */
enum status store_hold(struct store_tx *tx, struct arena *a, const char *enrolment, const char *key,
		       const char *actor, struct err *e);

/* A mail that is about nothing of ours, from an address that is suppressed: that it came is remembered by its
 * id, so that its answer is told from outreach. Nothing else of it is kept, and nothing of anybody else's. */
enum status store_heard(struct store_tx *tx, struct arena *a, const char *owner_id, const char *from,
			const char *message_id, bool *suppressed_r, struct err *e);

/* What our own MTA says of the sender (RFC 8601). FAIL: it looked, and nothing vouches for the From address. Then
 * the mail holds and stops as any other; it books, qualifies and releases nothing. */
enum auth_result { AUTH_NONE, AUTH_PASS, AUTH_FAIL };

struct reply {
	const char *enrolment_id, *prospect_id, *owner_id, *touch_id;
	const char *key;		/* as for the hold: one event per (mail, enrolment) */
	const char *message_id, *from, *subject;
	time_t received;
	const char *account, *folder;
	int64_t uid;
	const struct finding *finding;
	const char *matched_by;
	enum grade grade;
	enum auth_result auth;		/* of our own MTA */
};
/* Stores the reply and makes its one event through store_step() (which event: the action table of
 * classifier.md, with the grade rules of imapwatch.md and quality.md: weak evidence holds and goes to
 * review). GONE: done before, nothing happens. *event_r: what was made of it. */
enum status store_reply(struct store_tx *tx, struct arena *a, const struct reply *r,
			enum seq_event *event_r, struct err *e);

struct position {
	const char *account, *folder;
	int64_t uidvalidity, uid, modseq;
};
enum status store_position(struct store_tx *tx, struct arena *a, const char *account, const char *folder,
			   struct position *out_r, struct err *e);	/* GONE: never read */
enum status store_position_put(struct store_tx *tx, const struct position *p, struct err *e);
/* State of an account for status, doctor and rule `unwatched`; error NULL: it was read just now.
 * state NULL: as it was. */
enum status store_account(struct store_tx *tx, const char *account, const char *owner_id,
			  const char *state, const char *error, struct err *e);

#endif
