/* SPDX-License-Identifier: MPL-2.0
 *
 * Addresses of envelopes and headers, Message-IDs, control addresses, dates of headers. The key of an
 * address is an address with that key.
 */
#include "config.h"

#include <stdlib.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "tests/fuzz/fuzz.h"

static void stable(struct arena *a, const struct addr *x)
{
	struct addr again;

	if (!*x->key)
		return;
	if (!str_is_utf8(x->key, strlen(x->key)) || strpbrk(x->key, "\r\n"))
		abort();
	if (!addr_path(a, x->key, &again) || !str_eq(again.key, x->key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new(0);
	char *text = arena_strndup(a, (const char *)data, n);
	const char **list, *verb, *arg;
	struct addr *people, one;
	size_t count;
	time_t at;
	int offset;

	if (addr_path(a, text, &one)) {
		stable(a, &one);
		if (*one.key) {
			addr_control(a, "relent@boxwell.example", one.key, &verb, &arg);
			addr_control(a, "@relent.boxwell.example", one.key, &verb, &arg);
			addr_equivalent(a, one.key, ADDR_PLUS | ADDR_GMAIL_DOTS);
			addr_domain_chain(a, one.domain, &list);
			addr_registrable(a, one.domain);
		}
	}
	count = addr_list(a, text, 0, &people);
	for (size_t i = 0; i < count; i++)
		stable(a, &people[i]);
	count = addr_msgids(a, text, 0, &list);
	for (size_t i = 0; i < count; i++)
		if (strpbrk(list[i], "<>"))
			abort();
	text_subject_key(a, str_utf8(a, text, strlen(text)));
	if (when_parse_rfc5322(text, &at, &offset) && (offset < -86400 || offset > 86400))
		abort();
	when_parse(text, "Europe/Berlin", &at);
	arena_free(a);
	return 0;
}
