/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines of the MTA's log, from bytes to evidence.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "logwatch/track.h"
#include "tests/fuzz/fuzz.h"

static void forget(struct track *t, const struct evidence *ev)
{
	struct evidence *early[16];
	size_t n = track_moved(t, ev, early, 16);

	while (n)
		free(early[--n]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const instances[] = { "postfix", "sm-mta" };
	struct span rest = { (const char *)data, n }, text;
	struct arena *a = arena_new(0);
	static struct track *t;		/* large: one for all runs */

	t = t ? t : track_new();
	while (span_line(&rest, &text)) {
		struct log_line line;
		struct evidence list[TRACK_MAX];
		size_t found;

		if (!log_line_parse(text, instances, 2, &line))
			continue;
		log_stamp_time(&line.at, 1770000000);
		found = track_line(t, a, &line, 0, list);
		assert(found <= TRACK_MAX);
		for (size_t i = 0; i < found; i++) {
			struct evidence *ev = &list[i], *copy = evidence_clone(NULL, ev);

			assert(ev->queue_id && *ev->queue_id);
			assert(!ev->words || str_is_utf8(ev->words, strlen(ev->words)));
			assert(str_eq(copy->words, ev->words) && str_eq(copy->queue_id, ev->queue_id));
			free(copy);
			track_foreign(t, ev);
			if (ev->kind == EVIDENCE_MOVED)
				forget(t, ev);
		}
	}
	arena_free(a);
	return 0;
}
