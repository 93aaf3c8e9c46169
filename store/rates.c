/* SPDX-License-Identifier: MPL-2.0
 *
 * What the mails that went out did to our reputation: a count a day of what they became, and
 * providers that push back. Counted in the transaction that records the touch or its outcome.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/rates.h"
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

/* ---- the tally ---- */

struct counts {
	int64_t touches, first, bounces, complaints, unsubscribes;
};

/* whose: a touch as rates_touch and rates_touch_to read it */
struct whose {
	const char *owner_id, *domain, *sequence;
	int64_t day;
};

static enum status add(struct store_tx *tx, const struct whose *w, const struct counts *n, struct err *e)
{
	const char *const scopes[][2] = { { "owner", w->owner_id }, { "domain", w->domain },
					  { "sequence", w->sequence } };
	enum status s = OK;

	for (size_t i = 0; s == OK && i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (!str_empty(scopes[i][1]))
			s = RUN(tx, tally_add, e, T(scopes[i][0]), T(scopes[i][1]), I(w->day), I(n->touches),
				I(n->first), I(n->bounces), I(n->complaints), I(n->unsubscribes));
	return s;
}

static const char *domain_of(struct arena *a, const char *address)
{
	const char *at = strrchr(address ? address : "", '@');

	return at && at[1] ? addr_registrable(a, at + 1) : NULL;
}

enum status rates_facts(struct store_tx *tx, struct arena *a, const struct touch *t, const char *sequence,
			bool first, struct touch_rates *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = OK;

	if (t->kind == MAIL_MANUAL) {
		s = ONE(tx, a, touch_before, &r, e, T(t->recipient), T(t->id));
		first = s == GONE;
	}
	*out_r = (struct touch_rates){ .sender_domain = domain_of(a, t->sender), .domain = domain_of(a, t->recipient),
				       .sequence = sequence, .first = first };
	return s == GONE ? OK : s;
}

enum status rates_touch(struct store_tx *tx, const struct touch *t, const struct touch_rates *f, struct err *e)
{
	struct whose w = { .owner_id = t->owner_id, .domain = f->sender_domain, .sequence = f->sequence,
			   .day = rates_day(tx->now) };

	if (t->kind != MAIL_TOUCH && t->kind != MAIL_MANUAL)
		return OK;
	return add(tx, &w, &(struct counts){ .touches = 1, .first = f->first }, e);
}

static struct whose whose_of(const struct row *r)
{
	return (struct whose){ .owner_id = at_text(r, 1), .domain = at_text(r, 2), .sequence = at_text(r, 3),
			       .day = rates_day((time_t)at_int(r, 4)) };
}

static enum status count_touch(struct store_tx *tx, struct arena *a, const char *touch_id, int by,
			       struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, rates_touch, &r, e, T(touch_id));

	if (s != OK)
		return s == GONE ? OK : s;
	struct whose w = whose_of(r);
	return add(tx, &w, &(struct counts){ .touches = by, .first = by * at_int(r, 8) }, e);
}

enum status rates_taken_back(struct store_tx *tx, struct arena *a, const char *touch_id, struct err *e)
{
	return count_touch(tx, a, touch_id, -1, e);
}

enum status rates_put_back(struct store_tx *tx, struct arena *a, const char *touch_id, struct err *e)
{
	return count_touch(tx, a, touch_id, 1, e);
}

enum status rates_outcome(struct store_tx *tx, struct arena *a, const char *reason, const char *address,
			  struct err *e)
{
	const struct row *r = NULL;
	struct counts n = { 0 };
	int days = tx->store->o.breaker_days > 0 ? tx->store->o.breaker_days : RATES_DAYS;

	n.bounces = str_eq(reason, "hard_bounce");
	n.complaints = str_eq(reason, "complaint");
	n.unsubscribes = str_eq(reason, "unsubscribe");
	if (n.bounces + n.complaints + n.unsubscribes == 0)
		return OK;
	enum status s = ONE(tx, a, rates_touch_to, &r, e, T(address), I(tx->now - (int64_t)days * 86400));
	if (s != OK)
		return s == GONE ? OK : s;
	if ((n.bounces && at_int(r, 5)) || (n.complaints && at_int(r, 6)) || (n.unsubscribes && at_int(r, 7)))
		return OK;
	struct whose w = whose_of(r);
	s = RUN(tx, touch_outcome_set, e, T(at_text(r, 0)), I(n.bounces), I(n.complaints), I(n.unsubscribes));
	if (s == OK)
		s = add(tx, &w, &n, e);
	if (s == OK && w.sequence)
		s = breaker_look(tx, a, "sequence", w.sequence, e);
	if (s == OK)
		s = breaker_look(tx, a, "owner", w.owner_id, e);
	if (s == OK && w.domain)
		s = breaker_look(tx, a, "domain", w.domain, e);
	return s;
}
