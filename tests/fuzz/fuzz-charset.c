/* SPDX-License-Identifier: MPL-2.0
 *
 * The first line names a charset, the rest is in it: always valid UTF-8 without NUL. And the same bytes as
 * a header's value with encoded words.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/charset.h"
#include "classifier/message.h"
#include "classifier/message_private.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	const char *p = (const char *)data, *nl = memchr(p, '\n', n);
	size_t head = nl ? (size_t)(nl - p) : 0, out_n = 0;
	char *label = arena_strndup(a, p, head), *out;
	static struct message *m;
	struct err e;

	if (!m)	/* GMime is ready after the first mail */
		message_read(arena_new(0), "a: b\n", 5, &m, &e);
	if (nl)
		head++;
	out = charset_utf8(a, p + head, n - head, label, &out_n);
	if (strlen(out) != out_n || !str_is_utf8(out, out_n))
		abort();
	out = header_decode(a, p, n);
	if (!str_is_utf8(out, strlen(out)) || strpbrk(out, "\r\n"))
		abort();
	text_unflow(a, p, n, true, &out_n);
	arena_free(a);
	return 0;
}
