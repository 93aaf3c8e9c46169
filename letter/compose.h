/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails that relent writes: drafts for reps, and its own notes. Pure: facts in, bytes out.
 */
#ifndef LETTER_COMPOSE_H
#define LETTER_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"

struct arena;

struct letter {
	const char *from_name, *from, *to_name, *to;
	const char *subject;
	const char *message_id;		/* without <> */
	const char *in_reply_to;	/* without <>, or NULL */
	const char *references;		/* "<a> <b>" or "a b", or NULL */
	const char *stamp;		/* Relent-Touch, or NULL */
	const char *reply_to;		/* an address, or NULL */
	/* Auto-Submitted: auto-generated, or auto-replied if it answers a mail, and no answers of machines please */
	bool automatic;
	time_t date;
	const char *zone;
	const char *text;		/* UTF-8, LF or CRLF */
	const char *html;		/* the same for eyes, a whole document; NULL: text alone */
};
/* A whole mail with CRLF line ends: text/plain in UTF-8, quoted-printable where a line is not short
 * ASCII; with html, multipart/alternative of both. No line is longer than 998 bytes. Nothing of it can
 * become a header that is not meant: control characters are dropped. */
char *letter_text(struct arena *a, const struct letter *l, size_t *n_r);

/* "ID@domain of that address": the same from whichever host. */
const char *letter_message_id(struct arena *a, const char *id, const char *address);

/* The subject of the next mail of a thread: "Re: " once, whatever stood before. */
char *letter_reply_subject(struct arena *a, const char *subject);

/* The text of a note by name ("handoff"), in a language, from conf/mail: `Subject: ...`, an empty
 * line, the text. Lines with a field that has no value are left out. */
typedef const char *letter_value_fn(void *ctx, const char *name);
char *letter_fill(struct arena *a, const char *template, letter_value_fn *value, void *ctx,
		  const char **subject_r);

#endif
