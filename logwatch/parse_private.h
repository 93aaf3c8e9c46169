/* SPDX-License-Identifier: MPL-2.0
 *
 * What the parsers of Postfix's and of Sendmail's words share.
 */
#ifndef LOGWATCH_PARSE_PRIVATE_H
#define LOGWATCH_PARSE_PRIVATE_H

#include <string.h>

#include "logwatch/parse.h"

static inline bool starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static inline bool ends(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static inline struct span after(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

static inline bool take(struct span *s, const char *prefix)
{
	if (!starts(*s, prefix))
		return false;
	*s = after(*s, strlen(prefix));
	return true;
}

/* Up to the first c, which is taken too. */
bool take_until(struct span *s, char c, struct span *out_r);
bool all_of(struct span s, const char *set);
/* "4XyZ1: ": letters and digits, at least five. */
bool take_queue_id(struct span *s, struct span *id_r);
bool is_queue_id(struct span s);
/* `<address>`: it may hold anything in a quoted local part. */
bool take_bracketed(struct span *s, struct span *out_r);
bool is_dsn(struct span s);
/* A number and what stands behind it. */
bool take_number(struct span *s);

enum log_kind postfix_line(struct span text, struct log_line *l);
enum log_kind sendmail_line(struct span text, struct log_line *l);

#endif
