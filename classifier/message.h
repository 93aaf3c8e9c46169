/* SPDX-License-Identifier: MPL-2.0
 *
 * A mail as plain C fields. Only message.c and message_walk.c know GMime; nothing of GMime shows here.
 * All text is valid UTF-8, NUL-terminated, on the arena given to message_read(); header values are
 * decoded (RFC 2047) and unfolded, without CR, LF or NUL.
 */
#ifndef CLASSIFIER_MESSAGE_H
#define CLASSIFIER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/addr.h"
#include "base/err.h"

struct arena;

/* Caps before and while parsing (quality.md). Over one of them `truncated` is set. */
enum {
	MESSAGE_MAX_HEADERS = 1000,
	MESSAGE_MAX_HEADER_BYTES = 256 * 1024,
	MESSAGE_MAX_DEPTH = 50,
	MESSAGE_MAX_PARTS = 200,
	MESSAGE_MAX_TEXT = 1024 * 1024,
};

struct header {
	const char *name;	/* as written */
	const char *value;
};

/* One leaf or message/rfc822 part in document order. */
struct part {
	const char *type;		/* "text/plain", lower case */
	const char *charset;		/* or NULL */
	const char *filename;		/* or NULL */
	const char *calendar_method;	/* text/calendar: METHOD parameter or property, upper case, or NULL */
	bool attachment;
	bool flowed;			/* RFC 3676 */
	int depth;
	int parent_rfc822;		/* index of the enclosing message/rfc822 part, -1 at top */
	const char *text;		/* text types, delivery-status, feedback-report, rfc822-headers,
					 * disposition-notification, JSON, XML, urlencoded: decoded content; NULL
					 * for all others and for parts of a returned message */
	size_t text_n;
	const struct header *headers;	/* message/rfc822 and text/rfc822-headers: the inner headers */
	size_t headers_n;
};

struct message {
	const struct header *headers;
	size_t headers_n;
	const struct part *parts;
	size_t parts_n;

	const char *message_id;		/* without <>, or NULL */
	const char **in_reply_to;	/* without <> */
	size_t in_reply_to_n;
	const char **references;
	size_t references_n;
	const struct addr *from, *to, *cc, *reply_to;
	size_t from_n, to_n, cc_n, reply_to_n;
	const char *subject;		/* "" if none */
	const char *return_path;	/* normalised address, "" for <>, NULL if there is no such header */
	time_t date;			/* 0 if unreadable */
	int date_offset;		/* seconds east of UTC, of the Date header */
	const char *content_type;	/* of the whole mail, lower case "type/subtype" */
	const char *report_type;	/* multipart/report: its report-type, lower case, or NULL */
	const char *text;		/* the readable text: text/plain parts at top level joined, else HTML
					 * rendered as text (quote blocks marked by "> "); "" if none */
	bool text_from_html;
	bool truncated;			/* a cap was hit; what is here is right, but not all */
	bool broken;			/* MIME errors; what is here is best effort */
};

/* Never crashes, hangs or recurses without bound, whatever the bytes (gmime#165 included: see
 * libraries.md). INPUT only if there is nothing that could be called a mail (no header, no body). */
enum status message_read(struct arena *a, const void *bytes, size_t n, struct message **out_r,
			 struct err *e);

/* First value of a header of the mail itself (ASCII case ignored), or NULL. */
const char *message_header(const struct message *m, const char *name);
/* The k-th (from 0). */
const char *message_header_nth(const struct message *m, const char *name, size_t k);
const char *part_header(const struct part *p, const char *name);

/* HTML as a reader sees it: scripts, styles, hidden elements and comments dropped, links as their
 * text, blocks on lines of their own, <blockquote> and the known clients' quote containers marked
 * by "> ". Bounded time and memory. */
char *html_text(struct arena *a, const char *html, size_t n);

#endif
