/* SPDX-License-Identifier: MPL-2.0
 *
 * Text of a mail: new text, quotes and footers, as plain text and as HTML; placeholders in it.
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
	struct message m = { .subject = "", .content_type = "text/plain" };
	const struct placeholder *list;

	if (!phrases)
		phrases = mails_phrases();
	m.text = str_utf8(a, (const char *)data, n);
	message_visible(a, phrases, &m);
	outbound_placeholders(a, phrases, &m, NULL, NULL, 0, &list);
	outbound_is_bump(a, phrases, m.text, NULL);
	m.text = html_text(a, (const char *)data, n);
	if (!str_is_utf8(m.text, strlen(m.text)))
		abort();
	message_visible(a, phrases, &m);
	arena_free(a);
	return 0;
}
