/* SPDX-License-Identifier: MPL-2.0
 *
 * Messages between the watcher's processes, as a worker that was taken over would send them.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "imapwatch/proto.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data;
	struct frame f;
	long size;

	while ((size = frame_parse(p, n, &f)) > 0) {
		struct arena *a = arena_new(0);
		struct unpack u = unpack_frame(&f, a);
		struct seen_draft seen;
		struct finding finding;
		struct facts facts;

		unpack_facts(&u, &facts);
		u = unpack_frame(&f, a);
		unpack_finding(&u, &finding);
		if (finding.kind >= KIND_COUNT || finding.class >= REPLY_CLASS_COUNT ||
		    finding.subkind >= SUBKIND_COUNT || (finding.date.year && !date_valid(finding.date)))
			abort();
		u = unpack_frame(&f, a);
		unpack_seen(&u, &seen);
		arena_free(a);
		p += size;
		n -= (size_t)size;
	}
	return 0;
}
