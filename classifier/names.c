/* SPDX-License-Identifier: MPL-2.0
 *
 * Names of kinds, classes and reasons, from their lists.
 */
#include "config.h"

#include "base/str.h"
#include "classifier/classifier.h"

#include <assert.h>

static const char *const kinds[] = {
#define KIND(sym, name, meaning) name,
#include "classifier/kinds.def"
};
static const char *const subkinds[] = {
#define SUBKIND(sym, name, meaning) name,
#include "classifier/kinds.def"
};
static const char *const classes[] = {
#define REPLY_CLASS(sym, name, meaning) name,
#include "classifier/classes.def"
#undef REPLY_CLASS
};
static const char *const reasons[] = {
#define REASON(sym, name, hard, about_address, meaning) name,
#include "classifier/reasons.def"
#undef REASON
};

const char *kind_name(enum reply_kind k)
{
	assert(k < KIND_COUNT);
	return kinds[k];
}

const char *subkind_name(enum reply_subkind k)
{
	assert(k < SUBKIND_COUNT);
	return subkinds[k];
}

const char *class_name(enum reply_class c)
{
	assert(c < REPLY_CLASS_COUNT);
	return classes[c];
}

bool class_from_name(const char *name, enum reply_class *out_r)
{
	for (int i = 0; i < REPLY_CLASS_COUNT; i++) {
		if (str_eq(name, classes[i])) {
			*out_r = (enum reply_class)i;
			return true;
		}
	}
	return false;
}

const char *reason_name(enum bounce_reason r)
{
	assert(r < REASON_COUNT);
	return reasons[r];
}
