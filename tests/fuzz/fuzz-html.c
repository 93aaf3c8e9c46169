/* SPDX-License-Identifier: MPL-2.0
 *
 * HTML to text: valid UTF-8, no NUL, not much more than what came in.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *text = html_text(a, (const char *)data, n);

	/* each line may get ten quote marks, each '<' a separator of 27 bytes */
	if (!str_is_utf8(text, strlen(text)) || strlen(text) > n * 40 + 100)
		abort();
	arena_free(a);
	return 0;
}
