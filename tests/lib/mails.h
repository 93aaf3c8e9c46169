/* SPDX-License-Identifier: MPL-2.0
 *
 * The classifier on the shipped data, for tests.
 */
#ifndef TESTS_LIB_MAILS_H
#define TESTS_LIB_MAILS_H

#include <stddef.h>

#include "classifier/classifier.h"

struct arena;

/* The phrases of this source tree; ends the process if they cannot be loaded. Free with
 * phrases_free(). */
struct phrases *mails_phrases(void);
struct finding *mails_classify(struct arena *a, const struct phrases *p, const char *text, size_t n);
struct message *mails_read(struct arena *a, const char *text, size_t n);
/* The same, of a mail file. */
struct finding *mails_classify_file(struct arena *a, const struct phrases *p, const char *path);

#endif
