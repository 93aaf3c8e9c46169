/* SPDX-License-Identifier: MPL-2.0
 *
 * Tables of people as other programs write them, CSV and JSON lines; and a cell that goes out again.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "ctl/people.h"
#include "tests/fuzz/fuzz.h"

static void report(void *ctx, int line, const char *sentence)
{
	(void)ctx;
	if (line < 0 || !*sentence)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	struct table t = { 0 };
	struct err e;

	if (table_read(a, (const char *)data, n, NULL, report, NULL, &t, &e) == OK) {
		for (size_t i = 0; i < t.rows_n; i++) {
			for (size_t k = 0; k < t.rows[i].n && k < t.columns; k++) {
				const char *v = t.rows[i].values[k];
				struct buf b;
				if (!v)
					continue;
				buf_init(&b, a);
				csv_cell(&b, v);
				if (!str_is_utf8(v, strlen(v)) || (*b.p && strchr("=+@", *b.p)))
					abort();
			}
		}
	}
	arena_free(a);
	return 0;
}
