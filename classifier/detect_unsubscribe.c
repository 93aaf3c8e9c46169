/* SPDX-License-Identifier: MPL-2.0
 *
 * Addresses a mail names for us to write to, and the removal of somebody else, which is not the
 * sender's own.
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

enum { REFERRED_MAX = 10 };

static bool same_mailbox(const struct addr *list, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].key, key))
			return true;
	return false;
}

static const char *domain_of(const char *key)
{
	const char *at = strrchr(key, '@');

	return at ? at + 1 : "";
}

static bool ours(const struct ctx *c, const char *key)
{
	struct span rest, one;

	if (same_mailbox(c->m->to, c->m->to_n, key))
		return true;
	for (size_t i = 0; i < c->m->to_n; i++)
		if (str_eq(c->m->to[i].domain, domain_of(key)))
			return true;
	if (!c->rc || !c->rc->our_domains)
		return false;
	rest = span_of(c->rc->our_domains);
	while (span_split(&rest, ' ', &one))
		if (span_eq_case(one, domain_of(key)))
			return true;
	return false;
}

static void add(struct ctx *c, const char *key)
{
	struct finding *f = c->f;

	for (size_t i = 0; i < f->referred_n; i++)
		if (str_eq(f->referred[i], key))
			return;
	if (f->referred_n == REFERRED_MAX)
		return;
	if (!f->referred)
		f->referred = arena_array(c->a, const char *, REFERRED_MAX);
	f->referred[f->referred_n++] = key;
}

static bool colleague(const struct ctx *c, const struct addr *who)
{
	return c->m->from_n && str_eq(who->domain, c->m->from[0].domain) &&
	       !str_eq(who->key, c->m->from[0].key);
}

void referred_find(struct ctx *c, bool with_cc)
{
	const struct tokens *t = &c->body.t;
	struct addr one;

	for (size_t i = 0; i < t->n; i++) {
		if (t->t[i].kind != TOKEN_ADDRESS || !addr_path(c->a, t->t[i].s, &one) || !*one.key)
			continue;
		if (same_mailbox(c->m->from, c->m->from_n, one.key) || ours(c, one.key))
			continue;
		add(c, one.key);
	}
	/* passed on to a colleague with us in copy, or the other way round */
	for (size_t i = 0; with_cc && c->f->referred_n == 0 && i < c->m->to_n; i++)
		if (colleague(c, &c->m->to[i]))
			add(c, c->m->to[i].key);
	for (size_t i = 0; with_cc && c->f->referred_n == 0 && i < c->m->cc_n; i++)
		if (colleague(c, &c->m->cc[i]))
			add(c, c->m->cc[i].key);
	for (size_t i = 0; with_cc && c->f->referred_n == 0 && i < c->m->cc_n; i++)
		if (!same_mailbox(c->m->from, c->m->from_n, c->m->cc[i].key) &&
		    !ours(c, c->m->cc[i].key))
			add(c, c->m->cc[i].key);
}
