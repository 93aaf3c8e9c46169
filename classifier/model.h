/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to classifier/: a linear model over words, pieces of words and what the phrases said. It is asked
 * where the phrases are silent or contradict each other; a stop or a suppression that they found stands.
 * The weights are a readable file (conf/model/weights) that train-model makes from tests/cases.
 */
#ifndef CLASSIFIER_MODEL_H
#define CLASSIFIER_MODEL_H

#include "base/err.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "classifier/phrases.h"

struct arena;
struct weights;

/* What the phrases said, as features: "interested strong". */
struct marks {
	const char *m[2 * REPLY_CLASS_COUNT + 4];
	size_t n;
};

/* One feature. word: of the text (their weights are shared out over its length), else of the marks. */
typedef void feature_fn(void *ctx, const char *name, size_t n, bool word);
void model_features(const struct tokens *t, const struct marks *marks, feature_fn *fn, void *ctx);
/* What a feature of a text with so many word features counts. */
double model_share(size_t words);

/* CONF with file and line. */
enum status model_read(struct arena *a, const char *file, struct span text, struct weights **out_r, struct err *e);

/* The share of each class, adding up to 1. words_r (may be NULL): the features that spoke loudest for the best. */
void model_ask(struct arena *a, const struct weights *m, const struct tokens *t, const struct marks *marks,
	       double share_r[REPLY_CLASS_COUNT], const char **words_r);

#endif
