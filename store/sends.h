/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails that relent hands over by itself because a person approved exactly them, or a template (a grant).
 *
 * How it goes: the step `approved` asks for an outbox row of kind `send` (key send:APPROVAL; payload approval,
 * content_hash, step; draft_id). The watcher prepares it (what exactly, under which Message-ID: for all tries the
 * same), hands it over, and commits `ended` before the end of its text leaves. What dies before that was not taken
 * and may be handed over again; what dies after it is settled by evidence alone: the milter's touch, or its
 * refusal, with this Message-ID. Without evidence a person looks.
 */
#ifndef STORE_SENDS_H
#define STORE_SENDS_H

#include "store/store.h"

struct send {
	const char *id;			/* of the outbox row */
	const char *enrolment_id, *owner_id, *prospect_id, *draft_id, *approval_id;
	int step;
	const char *message_id;		/* without <> */
	const char *sender, *recipient;
	const char *content_hash;
	const char *mail;		/* every byte */
	const char *state;		/* prepared ended sent refused unsure void */
	time_t prepared, ended;		/* ended 0: the end of the text has not left */
	const char *touch_id, *words;
};
enum status store_send(struct store_tx *tx, struct arena *a, const char *id, struct send **out_r, struct err *e);
/* The first time, or anew for another try. INPUT: it is beyond that. */
enum status store_send_prepare(struct store_tx *tx, const struct send *s, struct err *e);
/* Is the row still under way (not cancelled, not given to anybody else)? GONE: no. */
enum status store_send_taken(struct store_tx *tx, struct arena *a, const char *id, struct err *e);
/* The next bytes end the text: from now on it may have been taken. */
enum status store_send_ended(struct store_tx *tx, const char *id, struct err *e);
/* The server said that it does not take it. */
enum status store_send_not_taken(struct store_tx *tx, const char *id, const char *words, struct err *e);

/* The text of an approval: another than the draft's, if a person edited it on the way (store_approved_text()). */
enum status store_approved_text(struct store_tx *tx, const char *content_hash, const char *subject, const char *text,
				struct err *e);
/* GONE: the draft's own. */
enum status store_approved_text_of(struct store_tx *tx, struct arena *a, const char *content_hash,
				   const char **subject_r, const char **text_r, struct err *e);

/* Was the draft touched by its owner after that moment? */
enum status store_send_draft_since(struct store_tx *tx, struct arena *a, const char *draft_id, time_t since, bool *yes_r,
				   struct err *e);

struct send_approval {
	const char *id, *content_hash, *by, *decision;
	time_t at, expires;
	bool void_, used;
};
enum status store_send_approval(struct store_tx *tx, struct arena *a, const char *id, struct send_approval *out_r,
				struct err *e);
/* The latest of this step. GONE: there is none that is not void. */
enum status store_send_latest(struct store_tx *tx, struct arena *a, const char *enrolment, int step,
			      const char **approval_r, struct err *e);

/* What is known of a mail that may have been taken. */
struct send_evidence {
	const char *touch_id;		/* recorded by the milter, or NULL */
	bool taken_back;		/* the log says that it was never queued */
	const char *rule, *fact, *text;	/* the milter refused it, or NULL */
	int code;
};
enum status store_send_evidence(struct store_tx *tx, struct arena *a, const struct send *s, const char *login,
				time_t since, struct send_evidence *out_r, struct err *e);

/* ---- how it ends ---- */

/* It is out: touch as the milter recorded it, or NULL (nobody did: a person is told). copy: a row asks for a copy in
 * the rep's Sent folder. */
enum status store_send_sent(struct store_tx *tx, struct arena *a, const char *id, const char *touch, bool copy,
			    struct err *e);
/* Not before `at`; nothing else changes. */
enum status store_send_later(struct store_tx *tx, const char *id, time_t at, const char *why, struct err *e);
/* The server refused it for now: the event send_failed, which tries again or gives it to a person. */
enum status store_send_failed(struct store_tx *tx, struct arena *a, const char *id, const char *why, struct err *e);
/* The enrolment has moved on: cancelled without a word. */
enum status store_send_cancel(struct store_tx *tx, const char *id, const char *why, struct err *e);
/* Not sent, and it will not be: the owner is told, and a person decides. approval: it is void, and the draft waits
 * for approval again. unsure: it may have been sent. */
enum send_stop { SEND_STOP_REVIEW, SEND_STOP_APPROVAL, SEND_STOP_UNSURE };
enum status store_send_stop(struct store_tx *tx, struct arena *a, const char *id, enum send_stop how, const char *rule,
			    const char *why, struct err *e);
/* Those of which nothing is known, for evidence that comes late. */
enum status store_sends_unsure(struct store_tx *tx, struct arena *a, time_t since, const char ***ids_r, size_t *n_r,
			       struct err *e);
/* Its copy lies in Sent: the bytes are not needed any more. */
enum status store_send_copied(struct store_tx *tx, const char *id, struct err *e);

/* ---- people ---- */

/* A person wants this row tried now, or never. OK; INPUT with the reason why not: it may have been taken already, is on
 * its way, or is over. Rows of other kinds: OK, nothing done. */
enum status store_send_may_retry(struct store_tx *tx, struct arena *a, const char *id, struct err *e);
/* Waiting: the enrolment goes to a person. Unsure: a person has looked, and nothing more comes of it. */
enum status store_send_drop(struct store_tx *tx, struct arena *a, const char *id, const char *actor, const char *because,
			    bool *done_r, struct err *e);

/* ---- templates ---- */

/* May this draft, of a step that answers an enquiry, go out by itself? Only in a sequence of authority
 * approved_template, to somebody who asked (source inbound_form or inbound_mail), under a grant of the owner for
 * it. *by_r: the grant, and who gave it. GONE: no, it is a draft like any other; with the reason. */
enum status store_template_may(struct store_tx *tx, struct arena *a, const char *draft_id, const char **by_r,
			       struct err *e);
/* Its text is there (store_draft_put()): approved by the grant, and to be sent. content_hash: policy_plain_hash(). */
enum status store_template_send(struct store_tx *tx, struct arena *a, const char *draft_id, const char *content_hash,
				const char *by, struct err *e);

#endif
