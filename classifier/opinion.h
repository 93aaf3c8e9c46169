/* SPDX-License-Identifier: MPL-2.0
 *
 * A language model's second opinion on an answer that we could not tell (classifier.md): what is asked, what of
 * the reply is believed, and what it may do. Pure. The mail is data in a JSON string, the reply one class of our
 * list and one line for a person's eyes; everything else of it is dropped.
 */
#ifndef CLASSIFIER_OPINION_H
#define CLASSIFIER_OPINION_H

#include "base/err.h"
#include "classifier/classifier.h"

struct opinion {
	enum reply_class class;
	const char *summary;	/* one line, at most 200 bytes, no control characters; "" if there is none */
};

/* The body of a request to an OpenAI-compatible /chat/completions. instructions: the site's text. */
char *opinion_request(struct arena *a, const char *model, const char *instructions, const char *subject,
		      const char *visible);
/* INPUT: not what was asked for, with what is wrong with it. */
enum status opinion_read(struct arena *a, const char *bytes, size_t n, struct opinion *out_r, struct err *e);

enum opinion_effect {
	OPINION_SHOWN,		/* beside the review item, nothing else */
	OPINION_STOPS,		/* a demand to stop: done at once, as if the classifier had said it */
};
/* It may only make us more careful: own_word says that the mail is surely the person's. */
enum opinion_effect opinion_effect(const struct opinion *o, bool own_word);

#endif
