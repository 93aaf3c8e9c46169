/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of relent's own mails, made of an outbox row's facts and the texts of conf/mail. Pure.
 */
#ifndef IMAPWATCH_NOTIFY_H
#define IMAPWATCH_NOTIFY_H

#include <stdbool.h>

#include "base/err.h"

struct arena;

struct note {
	const char *template;	/* name of the text: "handoff", "not_done", ... */
	const char *to;		/* named by the row, or NULL: the owner */
	bool escalate;		/* the administrator and the manager are told too */
	const char *subject, *text;
	const char *html;	/* or NULL */
	const char *reply_to;	/* or NULL: as the sender */
	const char *in_reply_to;	/* the mail that it answers, without <>; or NULL */
	const char *zone;	/* of the Date, or NULL */
};

/* What a hand-off note is about, for its buttons. False: it is none. */
struct note_about;
bool notify_about(struct arena *a, const char *payload, struct note_about *out_r);
/* A mail that was written already (kind `mail`: digests). False: it is none. */
bool notify_ready(struct arena *a, const char *payload, struct note *out_r);
/* The note in HTML too, with these buttons below its head; the buttons' addresses go into the text as well. */
struct page_item;
void notify_dress(struct arena *a, struct note *n, const char *language, const struct page_item *buttons);

/* Which text a row needs. INPUT: the payload is no JSON object. */
enum status notify_template(struct arena *a, const char *payload, const char **template_r,
			    struct err *e);
/* template: the content of that text. zone: of times. */
enum status notify_compose(struct arena *a, const char *payload, const char *template, const char *zone,
			   struct note *out_r, struct err *e);

#endif
