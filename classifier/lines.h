/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: the lines of a mail's text, between quoted.c and footers.c.
 */
#ifndef CLASSIFIER_LINES_H
#define CLASSIFIER_LINES_H

#include "base/str.h"
#include "classifier/detect.h"

enum line_kind { LINE_NEW, LINE_QUOTE, LINE_FOOTER };

struct line {
	struct span s;
	enum line_kind kind;
	bool blank, marked;	/* marked: begins with '>' */
	bool above;		/* "write above this line" */
	bool wrote, original, closing, device, disclaimer, banner;
	bool from, sent, to, subject;
	bool all;	/* the words of original, device or banner are all there is */
	const char *closing_to;	/* behind the words of a closing formula */
};

struct split {
	struct arena *a;
	struct line *l;
	size_t n;
	const struct message *m;
	struct reading r;
};

/* A line of nothing but dashes, underscores, equals signs or stars. */
bool line_is_rule(struct span s);
/* Marks signatures, disclaimers, footers and banners among the new lines; after the quotes. */
void lines_footers(struct split *s);

#endif
