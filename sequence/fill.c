/* SPDX-License-Identifier: MPL-2.0
 *
 * {{fields}} of templates: where they are, and putting values in.
 */
#include "config.h"

#include "sequence/plan_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

bool fill_next(const char **rest, const char **start_r, struct span *name_r)
{
	const char *p = *rest;

	while ((p = strstr(p, "{{"))) {
		const char *name = p + 2, *end = name;

		while (*end && *end != '}' && *end != '{' && *end != '\n')
			end++;
		if (end[0] == '}' && end[1] == '}') {
			*start_r = p;
			*name_r = span_trim((struct span){ name, (size_t)(end - name) });
			*rest = end + 2;
			return true;
		}
		p = name;
	}
	return false;
}

static bool among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

char *plan_fill(struct arena *a, const char *text, plan_value_fn *value, void *ctx,
		const char ***missing_r, size_t *missing_n)
{
	const char *rest = text, *from = text, *start;
	struct span name;
	struct buf out;
	size_t room = 0, n = 0;
	const char **missing = NULL;

	buf_init(&out, a);
	while (fill_next(&rest, &start, &name)) {
		const char *key = span_dup(a, name);
		const char *v = name.n ? value(ctx, key) : NULL;

		buf_add(&out, from, (size_t)((v ? start : rest) - from));
		from = rest;
		if (v) {
			buf_adds(&out, v);
			continue;
		}
		if (among(missing, n, key))
			continue;
		if (n == room) {
			const char **more = arena_array(a, const char *, room = room ? room * 2 : 8);

			if (n)
				memcpy(more, missing, n * sizeof(*more));
			missing = more;
		}
		missing[n++] = key;
	}
	buf_adds(&out, from);
	if (missing_r)
		*missing_r = missing;
	if (missing_n)
		*missing_n = n;
	return out.p;
}
