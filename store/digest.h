/* SPDX-License-Identifier: MPL-2.0
 *
 * The digest: what waits for an owner, with everything a decision needs, as one mail; and the weekly one for the
 * administrator. It is read, its numbered lines are remembered (links.h) and the mail is put into the outbox in one
 * transaction: a mail that was sent has its lines, lines that are remembered were sent, and there is one of a day.
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "policy/digest.h"
#include "store/store.h"

struct words;

struct digest_options {
	const char *control;		/* control.address; "": no buttons, no answers */
	const struct words *words;
	const char *language;
	int limit;			/* items of one section; what is left out is counted */
	int late_days;			/* a touch that is due for so long is late */
	int link_days;			/* how long the buttons are good */
};
/* From the settings, with the words of the site's language on a. CONF: words that cannot be read. */
struct conf;
enum status digest_options_read(struct arena *a, const struct conf *c, struct digest_options *out_r, struct err *e);
/* The hour of an owner's digest; the weekday (1..7) of the weekly one, 0: none. */
int digest_hour_of(const struct conf *c, const char *login);
int digest_weekday(const struct conf *c);

struct digest_mail {
	const char *list_id;		/* also the outbox row's; NULL: nothing was made */
	const char *owner_id, *login, *to, *zone;
	const char *subject, *text, *html;
	size_t items;			/* 0: there is nothing to say, and no mail */
	size_t numbered;
};
/* What would be sent to this owner now, without tokens: nothing is changed. GONE: no such active owner (login, address
 * or id). */
enum status store_digest_show(struct store_tx *tx, struct arena *a, const char *owner,
			      const struct digest_options *o, struct digest_mail *out_r, struct err *e);
/* The digest of a moment, once: GONE if it was made already (also if it was empty). With nothing to say no mail is made
 * (items 0), and that is remembered. The mail goes by outbox row `mail`. */
enum status store_digest_make(struct store_tx *tx, struct arena *a, const char *owner,
			      const struct digest_options *o, const struct digest_moment *at,
			      struct digest_mail *out_r, struct err *e);
/* Owners whose digest may be due: each active one with zone and the time of the last. */
struct digest_owner {
	const char *id, *login, *zone;
	time_t last;
};
enum status store_digest_owners(struct store_tx *tx, struct arena *a, struct digest_owner **out_r, size_t *n_r,
				struct err *e);

/* The buttons of a hand-off note, and the address for answers to it; the same ones however often it is asked for the same
 * outbox row. Without a key or a control address the item has no addresses, and *reply_to_r is NULL. */
struct page_item;
struct note_about {
	const char *outbox_id;		/* also the list's id */
	const char *owner_id, *enrolment_id;
	const char *person;		/* "Ann Berg <ann@x.example>" */
	const char *class;		/* what the answer was taken for; or NULL */
};
enum status store_note_buttons(struct store_tx *tx, struct arena *a, const struct note_about *n,
			       const struct digest_options *o, struct page_item *out_r, const char **reply_to_r,
			       struct err *e);

/* The weekly one, for address `to`, over the seven days before at->at. The same promises. */
enum status store_weekly_show(struct store_tx *tx, struct arena *a, const char *to, const char *zone,
			      const struct digest_options *o, struct digest_mail *out_r, struct err *e);
enum status store_weekly_make(struct store_tx *tx, struct arena *a, const char *to, const char *zone,
			      const struct digest_options *o, const struct digest_moment *at,
			      struct digest_mail *out_r, struct err *e);
enum status store_weekly_last(struct store_tx *tx, struct arena *a, time_t *last_r, struct err *e);

#endif
