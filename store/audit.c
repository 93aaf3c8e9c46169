/* SPDX-License-Identifier: MPL-2.0
 *
 * One walk through the events in the order in which they were committed: what is suppressed is known at
 * each of them, so each mail that passed is held against it. The rows of the tables play no part, except for
 * which further addresses and domains belong to a person and a company, and since when.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/token.h"
#include "store/audit.h"
#include "store/suppression.h"

enum { BUCKETS = 1 << 16 };

struct ban {
	struct ban *next;		/* of the bucket */
	const char *subject, *id, *scope, *arg, *reason;
	time_t expires;
	int64_t seq;
	bool off;
};
struct pending {			/* a violation, unless the mail is taken back later */
	struct pending *next;
	struct audit_entry e;
	const char *touch;
	bool back;
};
struct audit {
	struct store_tx *tx;
	struct arena *keep, *a;		/* of the walk; of one event */
	const struct audit_question *q;
	const char *prospect;		/* of q->person, or NULL */
	struct ban **bans;
	struct pending *first, **last;
	struct sent {			/* touches of the person: what becomes of them is theirs too */
		struct sent *next;
		const char *id;
	} *sent;
	char hash[65];
	int64_t sealed;
	store_audit_fn *report;
	void *ctx;
	struct audit_sums sums;
	struct err err;
};

/* ---- what is suppressed ---- */

static size_t bucket(const char *s)
{
	size_t h = 5381;

	for (; *s; s++)
		h = h * 33 ^ (unsigned char)*s;
	return h % BUCKETS;
}

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void ban(struct audit *x, const char *subject, const struct ban *like)
{
	struct ban *b = arena_new_of(x->keep, struct ban);
	size_t at = bucket(subject);

	*b = *like;
	b->subject = arena_strdup(x->keep, subject);
	b->next = x->bans[at];
	x->bans[at] = b;
}

static void on_suppressed(struct audit *x, const struct row *r, const json_t *o)
{
	const char *subject = text_of(o, "subject"), *same;
	struct ban b = { .id = arena_strdup(x->keep, at_text(r, 8)), .scope = arena_strdup(x->keep, text_of(o, "scope")),
			 .arg = arena_strdup(x->keep, text_of(o, "scope_arg")),
			 .reason = arena_strdup(x->keep, text_of(o, "reason")), .seq = at_int(r, 0),
			 .expires = (time_t)json_integer_value(json_object_get(o, "expires")) };

	if (subject == NULL) {
		x->sums.erased++;
		return;
	}
	ban(x, subject, &b);
	same = str_eq(text_of(o, "kind"), "address")
		? addr_equivalent(x->a, subject, x->tx->store->o.addr_equiv) : subject;
	if (!str_eq(same, subject))
		ban(x, same, &b);
}

static void on_lifted(struct audit *x, const struct row *r)
{
	/* seldom: not worth an index */
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct ban *b = x->bans[i]; b != NULL; b = b->next)
			if (str_eq(b->id, at_text(r, 8)))
				b->off = true;
}

static bool forbids(const struct ban *b, time_t at, const json_t *touch, bool person_only)
{
	const char *kind = text_of(touch, "kind");

	if (b->off || (b->expires != 0 && b->expires <= at))
		return false;
	/* what a server said of another address of theirs */
	if (person_only && (str_eq(b->reason, "hard_bounce") || str_eq(b->reason, "invalid_recipient")))
		return false;
	if (str_eq(b->scope, "all"))
		return true;
	if (str_eq(kind, "conversation"))	/* a person may always answer a person */
		return false;
	if (str_eq(b->scope, "client"))
		return str_eq(b->arg, text_of(touch, "client"));
	if (str_eq(b->scope, "sequence"))
		return str_eq(b->arg, text_of(touch, "sequence"));
	if (str_eq(b->scope, "channel"))
		return str_eq(b->arg, "email");
	return true;
}

static const struct ban *find(const struct audit *x, const char *subject, time_t at, const json_t *touch,
			      bool other)
{
	for (const struct ban *b = x->bans[bucket(subject)]; b != NULL; b = b->next)
		if (str_eq(b->subject, subject) && forbids(b, at, touch, other))
			return b;
	return NULL;
}

/* By the recipient's own names, then by the person's other addresses and the company's other domains. */
static enum status forbidden(struct audit *x, const struct row *r, const json_t *touch, const struct ban **out_r,
			     struct err *e)
{
	const char *to = text_of(touch, "recipient"), *subject[SUBJECTS] = { NULL };
	time_t at = (time_t)at_int(r, 2);
	size_t n = suppression_subjects(x->tx, x->a, to, text_of(touch, "company"), subject);
	struct rows names;

	*out_r = NULL;
	for (size_t i = 0; i < n && *out_r == NULL; i++)
		*out_r = find(x, subject[i], at, touch, false);
	if (*out_r != NULL)
		return OK;
	enum status s = ROWS(x->tx, x->a, audit_names, &names, e, T(at_text(r, 10)), T(text_of(touch, "company")),
			     I(at));
	for (size_t i = 0; s == OK && i < names.n && *out_r == NULL; i++)
		*out_r = find(x, at_text(&names.list[i], 0), at, touch, true);
	return s;
}

/* ---- the person asked about ---- */

static bool is_theirs(const struct audit *x, const char *recipients, const char *prospect)
{
	struct span rest = span_of(recipients ? recipients : ""), one;

	if (x->q->person == NULL)
		return false;
	if (prospect != NULL && str_eq(prospect, x->prospect))
		return true;
	while (span_split(&rest, ',', &one))
		if (same_mailbox(x->tx, x->a, span_dup(x->a, span_trim(one)), x->q->person))
			return true;
	return false;
}

static bool names_them(const struct audit *x, const char *subject)
{
	const char *list[SUBJECTS];
	size_t n;

	if (x->q->person == NULL || subject == NULL)
		return false;
	n = suppression_subjects(x->tx, x->a, x->q->person, NULL, list);
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], subject))
			return true;
	return same_mailbox(x->tx, x->a, subject, x->q->person);
}

static struct audit_entry entry(const struct row *r, const char *what, const json_t *o)
{
	return (struct audit_entry){ .seq = at_int(r, 0), .at = (time_t)at_int(r, 2), .what = what,
				     .actor = at_text(r, 5), .recipient = text_of(o, "recipient"),
				     .queue_id = text_of(o, "queue_id"), .host = text_of(o, "host"),
				     .message_id = text_of(o, "message_id") };
}

static bool in_time(const struct audit *x, const struct row *r)
{
	return at_int(r, 2) >= x->q->from && at_int(r, 2) < x->q->to;
}

/* ---- one event ---- */

static void violation(struct audit *x, const struct row *r, const json_t *o, const struct ban *b)
{
	struct pending *p = arena_new_of(x->keep, struct pending);
	struct audit_entry e = entry(r, "passed", o);

	e.actor = arena_strdup(x->keep, e.actor);
	e.recipient = arena_strdup(x->keep, e.recipient);
	e.queue_id = arena_strdup(x->keep, e.queue_id);
	e.host = arena_strdup(x->keep, e.host);
	e.message_id = arena_strdup(x->keep, e.message_id);
	e.violation = true;
	e.detail = arena_printf(x->keep, "%s after the suppression of %s (%s, scope %s, event %lld)%s",
				text_of(o, "kind"), b->subject, b->reason, b->scope, (long long)b->seq,
				json_object_get(o, "observed") ? ", while mode = observe" : "");
	p->e = e;
	p->touch = arena_strdup(x->keep, at_text(r, 8));
	*x->last = p;
	x->last = &p->next;
}

static enum status on_accepted(struct audit *x, const struct row *r, const json_t *o, struct err *e)
{
	const struct ban *b = NULL;
	enum status s = OK;

	if (!in_time(x, r))
		return OK;
	x->sums.passed++;
	if (text_of(o, "recipient") == NULL) {
		x->sums.erased++;
		return OK;
	}
	s = forbidden(x, r, o, &b, e);
	if (s != OK)
		return s;
	if (b != NULL)
		violation(x, r, o, b);
	if (is_theirs(x, text_of(o, "recipient"), at_text(r, 10))) {
		struct audit_entry a = entry(r, "passed", o);
		struct sent *t = arena_new_of(x->keep, struct sent);

		*t = (struct sent){ x->sent, arena_strdup(x->keep, at_text(r, 8)) };
		x->sent = t;
		a.detail = arena_printf(x->a, "%s step %lld%s", text_of(o, "kind"),
					(long long)json_integer_value(json_object_get(o, "step")),
					json_object_get(o, "observed") ? " (mode = observe)" : "");
		x->report(x->ctx, &a);
	}
	return OK;
}

static void on_delivery(struct audit *x, const struct row *r, const json_t *o)
{
	for (struct pending *p = x->first; p != NULL && str_eq(at_text(r, 6), "taken_back"); p = p->next)
		p->back = p->back || str_eq(p->touch, at_text(r, 8));
	for (const struct sent *t = x->sent; t != NULL; t = t->next) {
		if (!str_eq(t->id, at_text(r, 8)))
			continue;
		struct audit_entry a = entry(r, at_text(r, 6), o);
		a.detail = text_of(o, "result");
		if (in_time(x, r))
			x->report(x->ctx, &a);
		return;
	}
}

static void on_refusal(struct audit *x, const struct row *r, const json_t *o)
{
	struct audit_entry a = entry(r, at_text(r, 6), o);

	if (!in_time(x, r))
		return;
	x->sums.refused += str_eq(a.what, "refused");
	if (!is_theirs(x, a.recipient, at_text(r, 10)))
		return;
	a.detail = arena_printf(x->a, "rule %s: %s", text_of(o, "rule") ? text_of(o, "rule") : "-",
				text_of(o, "fact") ? text_of(o, "fact") : "-");
	x->report(x->ctx, &a);
}

static void on_suppression(struct audit *x, const struct row *r, const json_t *o)
{
	const char *what = at_text(r, 6);
	bool put_in = str_eq(what, "suppressed");

	if (put_in)
		on_suppressed(x, r, o);
	else if (str_eq(what, "lifted"))
		on_lifted(x, r);
	x->sums.suppressed += put_in && in_time(x, r);
	if (!in_time(x, r) || !(names_them(x, text_of(o, "subject")) || is_theirs(x, NULL, at_text(r, 10))))
		return;
	struct audit_entry a = entry(r, what, o);
	a.recipient = text_of(o, "subject");
	a.detail = put_in ? arena_printf(x->a, "%s, scope %s", text_of(o, "reason"), text_of(o, "scope"))
			  : text_of(o, "because");
	x->report(x->ctx, &a);
}

static enum status one(struct audit *x, const struct row *r, const json_t *o, struct err *e)
{
	const char *entity = at_text(r, 7), *kind = at_text(r, 6);

	if (str_eq(entity, "suppression"))
		on_suppression(x, r, o);
	else if (str_eq(entity, "touch") && str_eq(kind, "accepted"))
		return on_accepted(x, r, o, e);
	else if (str_eq(entity, "touch"))
		on_delivery(x, r, o);
	else if (str_eq(entity, "refusal"))
		on_refusal(x, r, o);
	else if (str_eq(entity, "reply") && str_eq(kind, "received") && in_time(x, r) &&
		 is_theirs(x, text_of(o, "from"), at_text(r, 10))) {
		struct audit_entry a = entry(r, kind, o);

		a.recipient = text_of(o, "from");
		a.detail = text_of(o, "class");
		x->report(x->ctx, &a);
	}
	return OK;
}

/* columns: those of seal_hash(), payload, seal */
static void link_of(struct audit *x, const struct row *r)
{
	const char *payload = at_text(r, 12), *seal = at_text(r, 13);

	x->sums.events++;
	if (payload != NULL && !str_eq(token_hash(x->a, payload, strlen(payload)), at_text(r, 11)))
		x->sums.breaks++;
	if (seal == NULL) {
		x->sums.unsealed++;
		x->sums.breaks += at_int(r, 0) <= x->sealed;
		return;
	}
	x->sums.breaks += !str_eq(seal_hash(x->a, x->hash, r), seal);
	memcpy(x->hash, seal, strnlen(seal, 64));
}

static enum status walk(void *ctx, const struct row *r, struct err *e)
{
	struct audit *x = ctx;
	const char *payload = at_text(r, 12);
	json_t *o = payload ? json_loads(payload, 0, NULL) : NULL;
	enum status s;

	arena_clear(x->a);
	link_of(x, r);
	s = one(x, r, o, e);
	json_decref(o);
	return s;
}

static enum status begin(struct audit *x, struct err *e)
{
	const struct row *r = NULL;
	struct rows orphans;
	enum status s = ONE(x->tx, x->keep, seal_last, &r, e, V_NULL);

	if (s == OK)
		x->sealed = at_int(r, 0);
	else if (s != GONE)
		return s;
	s = ROWS(x->tx, x->keep, verify_orphan_seals, &orphans, e, I(0), I(INT64_MAX));
	if (s == OK)
		x->sums.breaks += (int64_t)orphans.n;
	if (s != OK || x->q->person == NULL)
		return s;
	s = prospect_of_address(x->tx, x->keep, x->q->person, &r, e);
	if (s == OK)
		x->prospect = at_text(r, 0);
	return s == GONE ? OK : s;
}

static enum status unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct audit *x = ctx;
	enum status s;

	x->tx = tx;
	x->keep = arena_new((size_t)1 << 32);
	x->a = a;
	x->bans = arena_array(x->keep, struct ban *, BUCKETS);
	x->last = &x->first;
	s = begin(x, e);
	if (s == OK)
		s = db_query(tx, ST_verify_events, ARGS(I(0), I(INT64_MAX)), walk, x, NULL, e);
	for (const struct pending *p = x->first; s == OK && p != NULL; p = p->next) {
		if (p->back)
			continue;
		x->sums.violations++;
		x->report(x->ctx, &p->e);
	}
	arena_free(x->keep);
	return s;
}

enum status store_audit(struct store *s, time_t now, const struct audit_question *q, store_audit_fn *report,
			void *ctx, struct audit_sums *out_r, struct err *e)
{
	struct audit x = { .q = q, .report = report, .ctx = ctx };
	enum status st = store_read(s, now, unit, &x, e);

	*out_r = x.sums;
	return st;
}
