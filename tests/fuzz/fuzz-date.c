/* SPDX-License-Identifier: MPL-2.0
 *
 * Free text with dates: what is found is a date that exists.
 */
#include "config.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/mails.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct phrases *phrases;
	struct arena *a = arena_new((size_t)256 << 20);
	const char *text = str_utf8(a, (const char *)data, n > 4096 ? 4096 : n);
	char *mail = arena_printf(a, "From: a@oakvale.example\nAuto-Submitted: auto-replied\n"
		"Subject: Out of office\nDate: Tue, 3 Mar 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n\nI am out of the office. %s\n", text);
	struct finding *f;

	if (!phrases)
		phrases = mails_phrases();
	f = mails_classify(a, phrases, mail, strlen(mail));
	if (f && f->date.year && !date_valid(f->date))
		abort();
	arena_free(a);
	return 0;
}
