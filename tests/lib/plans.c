/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/plans.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "tests/lib/testing.h"

struct beside {
	struct arena *arena;
	const char *folder;
};

static const char *beside(void *ctx, const char *name)
{
	const struct beside *b = ctx;
	const char *path = test_source(arena_printf(b->arena, "%s/%s", b->folder, name));
	size_t n;

	if (access(path, R_OK) != 0)
		return NULL;
	return test_read(b->arena, path, &n);
}

static void collect(void *ctx, const char *file, int line, const char *sentence)
{
	buf_addf(ctx, "%s:%d: %s\n", file, line, sentence);
}

enum status test_plan_parse(struct arena *a, const char *relative, struct plan **out_r,
			    char **problems_r)
{
	const char *slash = strrchr(relative, '/');
	struct beside b = { a, arena_strndup(a, relative, (size_t)(slash - relative)) };
	struct buf problems;
	enum status st;
	size_t n;

	buf_init(&problems, a);
	st = plan_parse(a, slash + 1, test_read(a, test_source(relative), &n), beside, &b, collect,
			&problems, out_r, &test_err);
	if (problems_r)
		*problems_r = problems.p;
	else
		ck_assert_msg(problems.n == 0, "%s", problems.p);
	return st;
}

struct plan *test_plan(struct arena *a, const char *name)
{
	struct plan *p;

	ck_ok(test_plan_parse(a, arena_printf(a, "conf/sequences/%s.conf", name), &p, NULL));
	return p;
}
