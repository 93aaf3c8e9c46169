/* SPDX-License-Identifier: MPL-2.0
 *
 * The guard before libetpan: however the bytes are cut, the verdict is the same.
 */
#include "config.h"

#include <stdlib.h>

#include "imapwatch/guard.h"
#include "tests/fuzz/fuzz.h"

static bool feed(const uint8_t *data, size_t n, size_t piece)
{
	struct guard g;

	guard_init(&g, 262144);
	guard_budget(&g, 1 << 20);
	for (size_t at = 0; at < n; at += piece)
		if (!guard_see(&g, (const char *)data + at, n - at < piece ? n - at : piece))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	bool whole = feed(data, n, n ? n : 1);

	if (n < 1 << 20 && (feed(data, n, 1) != whole || feed(data, n, 7) != whole))
		abort();
	return 0;
}
