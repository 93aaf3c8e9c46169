/* SPDX-License-Identifier: MPL-2.0
 *
 * Key files, stamps and tokens as strangers could write them: nothing that we did not sign is ours.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/stamp.h"
#include "base/str.h"
#include "base/token.h"
#include "tests/fuzz/fuzz.h"

static const char key[] = "k1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct token_keys *ours;
	struct arena *a = arena_new(0);
	char *text = arena_strndup(a, (const char *)data, n);
	struct token_keys *k;
	const char *id;
	char *opened;
	struct err e;

	if (!ours && token_keys_parse(key, &ours, &e) != OK)
		abort();
	if (stamp_read(a, ours, text, &id) && !strstr(text, id))
		abort();
	if (token_open(a, ours, STAMP_UNSUBSCRIBE, text, &opened) && !*opened)
		abort();
	if (token_keys_parse(text, &k, &e) == OK) {
		char *stamp = stamp_text(a, k, "01234567-89ab-7cde-8f01-23456789abcd");
		if (!stamp_read(a, k, stamp, &id) || !str_eq(id, "01234567-89ab-7cde-8f01-23456789abcd"))
			abort();
		token_keys_free(k);
	}
	arena_free(a);
	return 0;
}
