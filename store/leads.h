/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails into a lead mailbox: who asks becomes a prospect of somebody, once, and is answered. What cannot be read or
 * must not go on by itself waits for a person, with all that was read of it.
 */
#ifndef STORE_LEADS_H
#define STORE_LEADS_H

#include "classifier/lead.h"
#include "conf/conf.h"
#include "store/core.h"

enum { LEAD_AGAIN_S = 600 };	/* the same person within this time: sent twice */

struct lead_mail {
	const struct lead *lead;
	const struct conf_lead *source;
	const char *account_owner;	/* login of the mailbox's owner; NULL or "": nobody's */
	const char *key;		/* Message-ID or fingerprint */
	const char *message_id, *sender, *subject;
	const char *account, *folder;
	int64_t uidvalidity, uid;
	time_t received;
};
struct lead_taken {
	const char *id, *state;		/* see the table `lead` */
	const char *address, *prospect_id, *enrolment_id, *owner, *problem;
};
/* All of it in this unit: record, prospect with source, permission and evidence, owner, enrolment, the note to the
 * owner; or the review item. A known person who is in a sequence: it counts as an answer, which stops it. Somebody
 * suppressed: a person decides, nothing is sent. GONE: this mail was here already. */
enum status store_lead_take(struct store_tx *tx, struct arena *a, const struct lead_mail *m,
			    struct lead_taken *out_r, struct err *e);
/* Was it here? For mails that are looked at twice. */
enum status store_lead_known(struct store_tx *tx, struct arena *a, const char *key, bool *known_r, struct err *e);

/* A person has completed it: fields by lead_field_name(), "" or NULL as they were. Goes on as if it had been read so.
 * INPUT: no address, or it was decided already; for somebody suppressed: nothing is sent, and the answer says so. */
struct lead_accept {
	const char *id;				/* whole id */
	const char *values[LEAD_FIELD_COUNT];	/* NULL: as read */
	const struct conf_lead *source;		/* found by name of store_lead_source() */
	const char *owner;			/* login, or NULL: by rule and turn */
	const char *because;
};
enum status store_lead_source(struct store_tx *tx, struct arena *a, const char *id, const char **name_r,
			      struct err *e);
enum status store_lead_accept(struct store_tx *tx, struct arena *a, const struct lead_accept *x, const char *actor,
			      struct lead_taken *out_r, struct err *e);
enum status store_lead_reject(struct store_tx *tx, struct arena *a, const char *id, const char *actor,
			      const char *because, struct err *e);

/* What the first mails of an enrolment need of the lead that it came from. GONE: of none. */
struct lead_thread {
	const char *request, *campaign, *message;
	bool urgent;				/* a person writes the first answer, grant or no grant */
	const char *message_id, *subject;	/* of a person's own mail, which is answered in its thread; else NULL */
};
enum status store_lead_thread(struct store_tx *tx, struct arena *a, const char *enrolment,
			      struct lead_thread *out_r, struct err *e);

/* How many leads of an owner (NULL: all) got neither draft nor answer in time since `since`; and how many had come. */
struct lead_lateness {
	int64_t leads, late;
};
enum status store_lead_lateness(struct store_tx *tx, struct arena *a, const char *owner_id, time_t since,
				struct lead_lateness *out_r, struct err *e);

/* lead_json.c: what was read, as it is kept. */
const char *lead_json(struct arena *a, const struct lead *l);
struct lead *lead_from_json(struct arena *a, const char *text);

#endif
