/* SPDX-License-Identifier: MPL-2.0
 *
 * Data files of the classifier. The first byte says which kind; what loads is then looked for in its own
 * text, by the machine and by trying each phrase: to the same end.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "classifier/phrases_private.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "phrases/en/unsubscribe", "phrases/de/quote", "phrases/pl/dates",
		"away/fr", "bounces/reasons", "bounces/status", "bounces/format", "phrases/placeholders",
		"phrases/ja/words", "bounces/signs" };
	static const char other[] = "[strong]\nstop\n";
	struct data_file files[2] = { { "phrases/en/complaint", other, sizeof other - 1 } };
	struct arena *a = arena_new(0);
	struct phrases *p;
	struct tokens t;
	struct hits h, plain;
	struct err e;

	if (n == 0)
		goto out;
	files[1] = (struct data_file){ names[data[0] % (sizeof names / sizeof names[0])],
				       arena_strndup(a, (const char *)data + 1, n - 1), n - 1 };
	if (phrases_load(files, 2, &p, &e) != OK) {
		if (!*e.text)
			abort();
		goto out;
	}
	t = tokens_of(a, files[1].text, n - 1);
	h = phrases_find(a, p, &t);
	for (size_t i = 0; i < h.n; i++)
		if (h.h[i].from > h.h[i].to || h.h[i].to > t.n)
			abort();
	plain = phrases_find_plainly(a, p, &t);
	if (plain.n != h.n)
		abort();
	for (size_t i = 0; i < h.n; i++)
		if (h.h[i].from != plain.h[i].from || h.h[i].to != plain.h[i].to ||
		    h.h[i].phrase != plain.h[i].phrase)
			abort();
	phrases_free(p);
out:
	arena_free(a);
	return 0;
}
