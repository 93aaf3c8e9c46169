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
};

/* Which text a row needs. INPUT: the payload is no JSON object. */
enum status notify_template(struct arena *a, const char *payload, const char **template_r,
			    struct err *e);
/* template: the content of that text. zone: of times. */
enum status notify_compose(struct arena *a, const char *payload, const char *template, const char *zone,
			   struct note *out_r, struct err *e);

#endif
