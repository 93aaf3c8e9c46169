/* SPDX-License-Identifier: MPL-2.0
 *
 * What the mails that went out did to our reputation: providers that push back.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/store_private.h"

enum { PUSHBACK_KEPT = 90 * 86400, PUSHBACK_AT_ONCE = 20, WORDS_MAX = 300 };

/* "mx1.mail.example.net[192.0.2.1]:25" -> "example.net": whose server it is. */
static const char *provider_of(struct arena *a, const char *relay)
{
	size_t n = relay ? strcspn(relay, "[ :") : 0;
	const char *domain = n ? addr_domain(a, arena_strndup(a, relay, n)) : NULL;

	return domain ? addr_registrable(a, domain) : NULL;
}

enum status store_pushback(struct store_tx *tx, struct arena *a, const struct pushback *p, struct err *e)
{
	const char *at = strrchr(p->recipient ? p->recipient : "", '@');
	const char *domain = at ? at + 1 : p->recipient;
	time_t when = p->at ? p->at : tx->now;
	enum status s;

	if (str_empty(domain))
		return err_set(e, INPUT, "push-back without a recipient");
	s = RUN(tx, pushback_put, e, T(addr_registrable(a, domain)),
		T(arena_printf(a, "%s/%s", p->host ? p->host : "-", p->queue_id ? p->queue_id : "-")),
		T(provider_of(a, p->relay)), T(p->dsn),
		T(p->words ? str_cut(a, str_utf8(a, p->words, strlen(p->words)), WORDS_MAX) : NULL), I(when));
	return s == OK ? RUN(tx, pushback_forget, e, I(tx->now - PUSHBACK_KEPT), I(PUSHBACK_AT_ONCE)) : s;
}
