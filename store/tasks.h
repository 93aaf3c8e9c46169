/* SPDX-License-Identifier: MPL-2.0
 *
 * What only a person can do: calls, messages on other channels, questions to be settled. A step of a sequence on
 * another channel counts as a touch of the one enrolment, the one history and the one frequency limit.
 */
#ifndef STORE_TASKS_H
#define STORE_TASKS_H

#include "store/store.h"

struct task {
	const char *id;
	const char *kind;		/* linkedin phone whatsapp sms voice_note task, or what is to be settled */
	const char *text;		/* what to do and, on a channel, what to say; missing fields are visible */
	const char *channel;		/* NULL: no channel of a sequence */
	int step;			/* of the sequence; 0 none */
	const char *owner_id, *owner_login;
	const char *prospect_id, *enrolment_id, *appointment_id;	/* or NULL */
	const char *address, *name, *company, *phone, *profile;	/* of the prospect; or NULL */
	const char *sequence;		/* or NULL */
	time_t due, created, done;	/* due 0: at once; done 0: open */
	const char *done_by, *outcome;	/* outcome "skipped", "lapsed", "withdrawn": it was not done */
	time_t reviewed;		/* a voice note: read through by a person */
	const char *reviewed_by;
};

/* The open tasks of an owner, the oldest due first, at most max. due_before 0: those of later days too. */
enum status store_tasks_of_owner(struct store_tx *tx, struct arena *a, const char *owner_id, time_t due_before,
				 size_t max, struct task **out_r, size_t *n_r, struct err *e);
/* By id, or a beginning or end of it (six characters or more) that no other open task shares. GONE: there is none;
 * INPUT: several. */
enum status store_task(struct store_tx *tx, struct arena *a, const char *what, struct task **out_r, struct err *e);

/* It was done. A step of a sequence, or anything on a channel, becomes a touch at `at` (0: now) with note as its
 * outcome, and moves the enrolment. GONE: there is none, or it is over already (the sentence says since when).
 * INPUT: several fit; the suppressed cannot be reached; a voice note that nobody has reviewed (store_task_review(), or
 * a note that says "reviewed"). */
enum status store_task_done(struct store_tx *tx, struct arena *a, const char *what, const char *by, time_t at,
			    const char *note, struct err *e);
/* It is left out, and why; the sequence goes on with its next step. */
enum status store_task_skip(struct store_tx *tx, struct arena *a, const char *what, const char *by,
			    const char *because, struct err *e);
/* A person has read a voice script: true, no false familiarity, no pressure, their own voice. */
enum status store_task_review(struct store_tx *tx, struct arena *a, const char *what, const char *by,
			      struct err *e);

/* A task that no sequence asked for. */
struct task_new {
	const char *owner_id, *prospect_id, *enrolment_id, *appointment_id;	/* the last three may be NULL */
	const char *kind, *text, *channel;	/* channel may be NULL */
	time_t due;			/* 0: at once */
};
enum status store_task_add(struct store_tx *tx, struct arena *a, const struct task_new *t, const char *actor,
			   const char **id_r, struct err *e);

/* Something was said on another channel without a task: it counts as a touch all the same. The open task of the
 * enrolment's next step on that channel is done by it. */
struct channel_touch {
	const char *prospect_id, *owner_id;	/* owner NULL: the prospect's */
	const char *channel;			/* linkedin phone whatsapp sms voice_note */
	const char *text;			/* what was said; may be NULL */
	time_t at;				/* 0: now */
};
enum status store_channel_touch(struct store_tx *tx, struct arena *a, const struct channel_touch *t,
				const char *actor, const char **touch_r, struct err *e);
/* The person answered on another channel (a call, a chat of the web site): halts as a mail would. class: of
 * classes.def; date: of not_now. at 0: now. INPUT: an unknown class or channel. */
struct channel_reply {
	const char *prospect_id;
	const char *channel, *class, *text;
	time_t at;
	struct date date;		/* not_now, out_of_office: first day on which to act; year 0: not said */
	time_t starts;			/* booked: when; required */
	const char *zone;
};
enum status store_channel_reply(struct store_tx *tx, struct arena *a, const struct channel_reply *r,
				const char *actor, enum seq_event *event_r, struct err *e);

/* May this channel be used with this person, and if not, why not: WhatsApp, SMS and voice notes only where the
 * person's permission names them, a voice note only with somebody who knows us. NULL: it may. */
enum status store_channel_allowed(struct store_tx *tx, struct arena *a, const char *prospect_id,
				  const char *channel, const char **why_not_r, struct err *e);

#endif
