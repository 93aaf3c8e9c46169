/* SPDX-License-Identifier: MPL-2.0
 *
 * What a text says about money and days; and the file of refusal sentences.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "policy/policy.h"
#include "policy/terms.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *text = str_utf8(a, (const char *)data, n);
	struct refusals *r = NULL;
	const struct term *list;
	struct term price;
	struct err e;
	size_t count = terms_find(a, text, &list);

	for (size_t i = 0; i < count; i++)
		if ((list[i].kind == TERM_DATE && list[i].date.month && list[i].date.year &&
		     !date_valid(list[i].date)) || !term_same(&list[i], &list[i]))
			abort();
	terms_price(a, text, &price);
	if (refusals_parse("fuzz", text, &r, &e) == OK)
		refusals_free(r);
	arena_free(a);
	return 0;
}
