/* SPDX-License-Identifier: MPL-2.0
 *
 * Is this mail somebody who asks for something, and what does it say? Form mails in every shape that form
 * programs write (lines, tables, JSON, urlencoded, XML), and mails of people. Pure. The names of fields are data
 * (conf/leads/<language>); no form program's name is known here.
 */
#ifndef CLASSIFIER_LEAD_H
#define CLASSIFIER_LEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "classifier/classifier.h"

struct arena;

enum lead_field {
#define LEAD_FIELD(sym, name, max, meaning) LEAD_##sym,
#include "conf/lead_fields.def"
#undef LEAD_FIELD
	LEAD_FIELD_COUNT
};
const char *lead_field_name(enum lead_field f);
bool lead_field_from_name(const char *name, enum lead_field *out_r);
size_t lead_field_max(enum lead_field f);	/* bytes of it that are kept */

enum lead_shape { LEAD_SHAPE_NONE, LEAD_SHAPE_PERSON, LEAD_SHAPE_LINES, LEAD_SHAPE_TABLE, LEAD_SHAPE_JSON,
		  LEAD_SHAPE_URLENCODED, LEAD_SHAPE_XML, LEAD_SHAPE_COUNT };
const char *lead_shape_name(enum lead_shape s);
bool lead_shape_is_form(enum lead_shape s);

enum lead_consent { LEAD_CONSENT_UNKNOWN, LEAD_CONSENT_YES, LEAD_CONSENT_NO };
enum lead_format { LEAD_FORMAT_AUTO, LEAD_FORMAT_FORM, LEAD_FORMAT_MAIL };

enum { LEAD_EXTRA_MAX = 12, LEAD_LABEL_MAX = 80, LEAD_EXTRA_VALUE = 300 };
struct lead_extra {
	const char *label, *value;
};

/* Every text is UTF-8 without control characters or marks that turn the reading direction; only the message has
 * line ends. What goes into templates (names, company, service ...) has been checked to be what it says: no links,
 * no braces, no markup; what has not passed stands among the extras. */
struct lead {
	enum lead_shape shape;
	const char *address;			/* normalised; NULL: none that could be written to */
	const char *values[LEAD_FIELD_COUNT];	/* NULL: not given */
	struct lead_extra extra[LEAD_EXTRA_MAX];	/* labels that nobody knows, in order */
	size_t extra_n;
	size_t fields;				/* how many there were */
	const char *request;			/* what it is about, in a few words for a subject line */
	enum lead_consent consent;
	const char *consent_words;		/* label and answer */
	bool urgent;
	const char *language;			/* "de", or NULL */
	const char *problem;			/* why a person has to look: one clause; NULL */
	bool robot;				/* the problem is that no person filled it in, it seems */
};

/* The names of fields and words, from (name, content) pairs such as "leads/de". Immutable once loaded, may be
 * shared by threads. CONF with file and line on a bad one. */
struct lead_words;
enum status lead_words_load(const struct data_file *files, size_t n, struct lead_words **out_r, struct err *e);
void lead_words_free(struct lead_words *w);

/* False: the mail is no lead (a report, an automatic answer, a newsletter). f: what reply_classify() says of it.
 * Never fails, bounded whatever the bytes. */
bool lead_read(struct arena *a, const struct lead_words *w, const struct message *m, const struct finding *f,
	       enum lead_format format, struct lead **out_r);

#endif
