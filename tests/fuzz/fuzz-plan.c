/* SPDX-License-Identifier: MPL-2.0
 *
 * Definitions of sequences, and their stored form.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "sequence/seq.h"
#include "tests/fuzz/fuzz.h"

static const char *template(void *ctx, const char *name)
{
	(void)name;
	return ctx;
}

static void report(void *ctx, const char *file, int line, const char *sentence)
{
	(void)ctx;
	(void)file;
	(void)line;
	(void)sentence;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *text = arena_strndup(a, (const char *)data, n);
	struct plan *p, *q;
	struct err e;

	text[strcspn(text, "$")] = '\0';	/* libconfuse would put in environment variables */
	if (plan_parse(a, "fuzz", text, template, text, report, NULL, &p, &e) == OK
	    && (plan_load(a, p->source, &q, &e) != OK || strcmp(p->hash, q->hash) != 0))
		abort();
	plan_load(a, text, &q, &e);
	arena_free(a);
	return 0;
}
