/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: the salutation of an outgoing mail ("Hi Bob,", "Sehr geehrte Frau Maier,",
 * "佐藤様、"), by the lists of phrases/placeholders.
 */
#ifndef CLASSIFIER_SALUTATION_H
#define CLASSIFIER_SALUTATION_H

#include "base/str.h"
#include "classifier/phrases.h"

struct salutation {
	struct span line;	/* up to and with its end mark, for showing */
	const char *greeting;	/* as in the list; "" for an honorific behind the name */
	struct span called;	/* what is greeted, with its titles */
	struct span name;	/* without them; trimmed; may be empty */
	bool titled;		/* a title stood before or behind the name and was taken off */
	bool blank;		/* white space before the end mark: "Hi ," */
	char end;		/* ',' '!' ':' or 0 */
};

/* The first salutation at the head of text. False: there is none. */
bool salutation_find(const struct phrases *p, const char *text, struct salutation *out_r);
/* Is s, exactly as written, in the section of phrases/placeholders (and its .local)? */
bool salutation_listed(const struct phrases *p, const char *section, struct span s);

#endif
