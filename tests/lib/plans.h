/* SPDX-License-Identifier: MPL-2.0
 *
 * Definitions for tests: those we ship, and broken ones.
 */
#ifndef TESTS_LIB_PLANS_H
#define TESTS_LIB_PLANS_H

#include "sequence/seq.h"

struct arena;

/* plan_parse() on a file of the source tree; templates are looked for beside it. Problems, one a line as
 * "name:line: sentence", go to *problems_r (may be NULL: then there must be none). */
enum status test_plan_parse(struct arena *a, const char *relative, struct plan **out_r,
			    char **problems_r);
/* One of conf/sequences. */
struct plan *test_plan(struct arena *a, const char *name);

#endif
