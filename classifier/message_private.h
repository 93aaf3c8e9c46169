/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: pieces of reading a mail that the detectors use as well (a returned
 * message inside a bounce's text has headers too).
 */
#ifndef CLASSIFIER_MESSAGE_PRIVATE_H
#define CLASSIFIER_MESSAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct arena;
struct header;
struct message;
struct part;
struct prescan;

/* A raw header value to UTF-8: unfolded, RFC 2047 decoded. */
char *header_decode(struct arena *a, const char *raw, size_t n);
/* Headers up to the first empty line; *body_r: offset of what follows it. */
size_t headers_parse(struct arena *a, const char *p, size_t n, size_t max, bool decode,
		     const struct header **out_r, size_t *body_r);
/* RFC 3676: lines that end with a blank go on in the next one of the same quote depth. */
char *text_unflow(struct arena *a, const char *p, size_t n, bool delsp, size_t *n_r);
/* The structure of a mail in the making (message_walk.c). */
struct walk {
	struct arena *a;
	struct part *parts;
	bool *readable;		/* beside parts: belongs to the text a reader sees */
	size_t n, room;
	size_t text_left;	/* decoded text still allowed */
	const struct prescan *ps;
	bool whole;		/* nothing is kept from GMime: for comparing */
	bool truncated, broken;
	const char *report_type;
};

/* Fills parts, what belongs to the readable text, and the type of the whole mail. */
void walk_structure(struct walk *w, struct message *m);

/* message_read(); whole: GMime sees every byte, which is slow and must change nothing (tests). */
enum status message_read_as(struct arena *a, const void *bytes, size_t n, bool whole,
			    struct message **out_r, struct err *e);

#endif
