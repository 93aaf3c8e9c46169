/* SPDX-License-Identifier: MPL-2.0
 *
 * Looks at the bytes of an IMAP server before libetpan parses them, and stops what libetpan 1.9.4
 * would not survive: a literal of 3 GB (allocated at once), lists nested 20,000 deep (the stack),
 * a line or an answer without end. It knows just enough of RFC 3501 to tell a literal's bytes,
 * which are the mail's and may say anything, from the server's own lines.
 */
#ifndef IMAPWATCH_GUARD_H
#define IMAPWATCH_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_MAX_DEPTH = 100, GUARD_MAX_LINE = 4 * 1024 * 1024 };

struct guard {
	uint64_t literal_max;	/* largest literal allowed */
	uint64_t budget;	/* bytes left of this command's answer */
	uint64_t literal_left;	/* private from here */
	size_t line;
	char head[24];
	size_t head_n;
	uint64_t number;
	int digits;
	int depth;
	bool quoted, escaped, brace, closed, cr;
	const char *refused;	/* why, or NULL */
	unsigned news;		/* lines "* 12 EXISTS", "* 3 EXPUNGE" so far; set to 0 by whoever has looked */
	unsigned statuses;	/* lines "* STATUS ..." */
};

void guard_init(struct guard *g, uint64_t literal_max);
/* A new command begins: so many bytes may come. */
void guard_budget(struct guard *g, uint64_t bytes);
/* The next n bytes from the server. False: the session must end; g->refused says why, for ever. */
bool guard_see(struct guard *g, const char *p, size_t n);

#endif
