/* SPDX-License-Identifier: MPL-2.0
 *
 * Bytes of a mail, through everything: MIME, HTML, quotes, reports, dates.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/mails.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct phrases *phrases;
	struct arena *a = arena_new((size_t)256 << 20);
	struct finding *f;

	if (!phrases)
		phrases = mails_phrases();
	f = mails_classify(a, phrases, (const char *)data, n);
	if (f && (f->confidence < 0 || f->confidence > 1 || !str_is_utf8(f->visible, strlen(f->visible))))
		abort();
	arena_free(a);
	return 0;
}
