/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: answers that pick an option of our mail.
 */
#ifndef CLASSIFIER_OPTIONS_H
#define CLASSIFIER_OPTIONS_H

#include "classifier/detect.h"

/* The text of the option that the answer names ("B", "option 2", "the latter"), or NULL. */
const char *option_of(struct arena *a, const struct reading *answer, const char *visible,
		      const char *quoted, const char *our_text);

#endif
