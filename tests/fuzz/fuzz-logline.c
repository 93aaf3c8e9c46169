/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines of the MTA's log, from bytes to evidence.
 */
#include "config.h"

#include <assert.h>

#include "base/arena.h"
#include "logwatch/evidence.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const instances[] = { "postfix", "mta" };
	struct span rest = { (const char *)data, n }, text;
	struct arena *a = arena_new(0);

	while (span_line(&rest, &text)) {
		struct log_line line;
		struct evidence ev;

		if (!log_line_parse(text, instances, 2, &line))
			continue;
		log_stamp_time(&line.at, 1770000000);
		if (evidence_of(a, &line, 0, &ev)) {
			assert(ev.queue_id && *ev.queue_id);
			assert(!ev.words || str_is_utf8(ev.words, strlen(ev.words)));
		}
	}
	arena_free(a);
	return 0;
}
