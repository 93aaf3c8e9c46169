/* SPDX-License-Identifier: MPL-2.0
 *
 * Between digest.c (one mail of a day), digest_items.c (what waits) and digest_card.c (one thing, with its card).
 */
#ifndef STORE_DIGEST_PRIVATE_H
#define STORE_DIGEST_PRIVATE_H

#include "base/str.h"
#include "base/when.h"
#include "letter/page.h"
#include "letter/words.h"
#include "store/card.h"
#include "store/digest.h"
#include "store/links.h"
#include "store/store_private.h"

enum digest_section { DIGEST_ANSWERS, DIGEST_DRAFTS, DIGEST_TASKS, DIGEST_DECISIONS, DIGEST_RETURNING, DIGEST_LATE,
		      DIGEST_NEWS, DIGEST_SECTIONS };
/* FACTS: of one item. BUDGET: bytes of all facts together; a mail is never larger than some times that. MESSAGE: of one
 * mail that is shown whole; a longer one cannot be approved from here. FACT, NAME: of one fact, one name. */
enum { DIGEST_FACTS = 36, DIGEST_ACTIONS = 12, DIGEST_BUDGET = 150000, DIGEST_MESSAGE = 16384, DIGEST_REPLY = 2000,
       DIGEST_FACT = 1000, DIGEST_NAME = 120 };

/* One thing that waits: what is shown, and what may be done. */
struct digest_item {
	struct page_item page;
	struct link_line link;		/* without actions: not numbered */
	struct page_fact facts[DIGEST_FACTS];
	struct link_action actions[DIGEST_ACTIONS];
};
struct digest_part {
	struct digest_item *list;
	size_t n;
	int64_t total;			/* with those that were left out */
};
struct digest {
	struct store_tx *tx;
	struct arena *a;
	const struct digest_options *o;
	const char *owner_id, *login, *to, *zone;
	time_t now;
	struct digest_part parts[DIGEST_SECTIONS];
	size_t bytes;			/* of facts, against DIGEST_BUDGET */
};

/* Everything that waits for the owner. */
enum status digest_gather(struct digest *d, struct err *e);

/* Into the outbox, under the list's id and key, with the list's own address for answers. */
enum status digest_post(struct store_tx *tx, struct arena *a, const struct link_list *l, const char *control,
			const struct digest_mail *m, struct err *e);

/* The buttons of a numbered item, with tokens if the list has an id. */
void digest_buttons(struct digest *d, const struct link_list *l, struct digest_item *it);

/* digest_card.c. What is empty is left out. */
void digest_fact(struct digest *d, struct digest_item *it, const char *key, const char *text);
void digest_block(struct digest *d, struct digest_item *it, const char *key, const char *text);
void digest_action(struct digest_item *it, const char *verb, const char *argument, const char *because);
const char *digest_day(struct digest *d, time_t t);
const char *digest_time(struct digest *d, time_t t);
const char *digest_who(struct arena *a, const char *name, const char *address, const char *company);
/* GONE: it is there no longer, or was decided. */
enum status digest_draft(struct digest *d, const char *id, struct digest_item *it, struct err *e);
enum status digest_review(struct digest *d, const char *id, struct digest_item *it, struct err *e);
enum status digest_enrolment(struct digest *d, const char *id, struct digest_item *it, struct err *e);

#endif
