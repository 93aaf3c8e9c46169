/* SPDX-License-Identifier: MPL-2.0
 *
 * Control addresses, from the recipient to the answer: control.c and control_args.c understand them at RCPT, obey.c
 * carries them out, alone.c does so for mails to nobody else, orders.c for answers to a digest and its buttons,
 * answer.c writes back.
 */
#ifndef MILTER_CONTROL_H
#define MILTER_CONTROL_H

#include "milter/milter.h"

/* ---- control.c: at RCPT ---- */

struct control_kind {
	const char *name, *example, *meaning;
	enum control_about about;
};
const struct control_kind *control_kind(enum control_verb v);

enum control_answer { CONTROL_NONE, CONTROL_TAKEN, CONTROL_REFUSED };
/* Is this recipient a control address? TAKEN: noted in m->control. REFUSED: text says why. */
enum control_answer control_rcpt(struct milter *d, struct mail *m, const char *path, const char *key,
				 const char *text[2]);
static inline bool control_has(const struct mail *m, enum control_verb v)
{
	return m->control.verbs & (1u << v);
}
/* Any verb that needs this. */
bool control_about(const struct mail *m, enum control_about about);
/* The verbs, for logs and answers: "stop, dnc". */
const char *control_names(struct arena *a, const struct mail *m);
/* "relent+pause.30d@example.com" */
const char *control_example(struct arena *a, const struct settings *s, enum control_verb v);

/* ---- control_args.c ---- */

/* Reads the argument of a verb into m->control. False: text says what is wrong with it. */
bool control_argument(struct milter *d, struct mail *m, enum control_verb v, const char *arg, const char *text[2]);
/* A refusal in the words of refusals.conf, with {what} and {near}. */
void control_say(struct mail *m, const char *key, const char *text[2], const char *what, const char *near);

/* ---- obey.c: inside the unit that records the mail ---- */

/* What the verbs ask of one enrolment or person, after the mail was recorded. INPUT with a sentence for the rep if it
 * cannot be done. done (or NULL): a line for each thing that was. */
struct target {
	const char *address, *prospect_id, *enrolment_id, *owner_id;
};
enum status control_obey(struct store_tx *tx, struct arena *a, const struct mail *m, const struct memory_owner *owner,
			 const char *subject, const struct target *t, struct buf *done, struct err *e);
/* The verbs that are about nobody outside: tasks, appointments, absence. */
enum status control_obey_own(struct store_tx *tx, struct arena *a, const struct mail *m,
			     const struct memory_owner *owner, struct buf *done, struct err *e);

/* An appointment on the word of its owner. */
struct booking {
	const char *prospect_id;
	const struct memory_owner *owner;
	struct date day;
	int minute;			/* since midnight, on the owner's clock */
	const char *summary, *by;
};
enum status control_booked(struct store_tx *tx, struct arena *a, const struct booking *b, const char **when_r,
			   struct err *e);

/* ---- alone.c ---- */

/* A mail to control addresses, and at most to our own people: whom it is about, obeyed, and the answer mailed. */
enum status control_alone(struct store_tx *tx, struct arena *a, const struct mail *m,
			  const struct outgoing *o, const struct memory *mem, struct err *e);

/* ---- orders.c ---- */

/* An answer to a digest or a note (re.TOKEN@), or one of their buttons (do.TOKEN@). What cannot be done is told in the
 * answer: never INPUT. */
enum status control_orders(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			   const struct memory *mem, struct err *e);

/* ---- answer.c ---- */

struct control_letter {
	const char *text;		/* control_done, control_help, control_answer, not_sent: conf/mail */
	const char *verb, *person;
	const char *done, *not_done;	/* lines, or NULL */
	const char *unread;		/* what was left alone, or NULL */
	const char *words;		/* what they wrote, or NULL */
	const char *list;		/* further lines */
	const char *reply_to;		/* where an answer to it is understood; or NULL */
};
/* Puts the mail into the outbox, unless the mail it answers was written by a machine, or this owner has had as many
 * answers as may be in an hour: then one that says so. Once for each mail. */
enum status control_reply(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			  const struct memory *mem, const struct control_letter *x, struct err *e);
/* Was it written by a machine (an answer to it could be answered)? */
bool control_machine(const struct message *msg);
/* This very mail was obeyed before: *again_r. Else it is remembered from now on. */
enum status control_once(struct store_tx *tx, struct arena *a, const struct mail *m, const struct outgoing *o,
			 bool *again_r, struct err *e);

#endif
