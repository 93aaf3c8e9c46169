/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/fuzz/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/mails.h"

static void check(const struct finding *f)
{
	if (f->confidence < 0 || f->confidence > 1 || !str_is_utf8(f->visible, strlen(f->visible)))
		abort();
	if (f->date.year && !date_valid(f->date))
		abort();
	for (size_t i = 0; i < f->recipients_n; i++) {
		const struct report_recipient *r = &f->recipients[i];
		if (!r->address || !str_is_utf8(r->address, strlen(r->address)) ||
		    (r->words && !str_is_utf8(r->words, strlen(r->words))))
			abort();
		/* a delay or a success never says that an address is dead */
		if (r->fate != KIND_BOUNCE && r->hardness == HARDNESS_HARD)
			abort();
	}
	for (size_t i = 0; i < f->evidence_n; i++)
		if (!str_is_utf8(f->evidence[i].words, strlen(f->evidence[i].words)))
			abort();
}

void fuzz_mail(const char *head, const uint8_t *data, size_t n, const char *tail)
{
	static struct phrases *phrases;
	struct arena *a = arena_new(0);
	struct finding *f;
	struct buf b;

	if (!phrases)
		phrases = mails_phrases();
	buf_init(&b, a);
	buf_adds(&b, head);
	buf_add(&b, data, n);
	buf_adds(&b, tail);
	f = mails_classify(a, phrases, b.p, b.n);
	if (f)
		check(f);
	arena_free(a);
}
