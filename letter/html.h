/* SPDX-License-Identifier: MPL-2.0
 *
 * What stands between a stranger's words and a mail program: escaping for HTML, and the addresses behind
 * buttons (RFC 6068). Pure.
 */
#ifndef LETTER_HTML_H
#define LETTER_HTML_H

#include "base/str.h"

/* Text as HTML text or as the value of a quoted attribute: & < > " ' escaped; control characters that HTML does not
 * allow, and characters that turn the direction of what follows, are left out; a malformed byte becomes U+FFFD. */
void html_add(struct buf *b, const char *text);
void html_add_span(struct buf *b, struct span text);
char *html_escaped(struct arena *a, const char *text);
/* The same for plain text: nothing is escaped, the same characters are left out, odd line ends (U+2028, U+2029) become
 * blanks. \r is a control character too. */
char *text_harmless(struct arena *a, const char *text);

/* mailto:ADDRESS?subject=...&body=... as RFC 6068 wants it and real clients need it: everything but letters, digits and
 * -._~ is percent-encoded, also the + of a plus address (some clients make a blank of it), line ends as %0D%0A.
 * subject and body may be NULL or "". Not yet escaped for HTML: html_escaped() is. */
char *mailto_url(struct arena *a, const char *address, const char *subject, const char *body);

#endif
