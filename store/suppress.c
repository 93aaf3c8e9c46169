/* SPDX-License-Identifier: MPL-2.0
 *
 * Suppression: who must not be written to. Looked up by address (and its equivalents), every domain
 * above it, company, and keyed hash; put in together with the stop of everything it covers.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/stamp.h"
#include "base/str.h"
#include "base/token.h"
#include "store/rates.h"
#include "store/suppression.h"

/* ---- spellings of one mailbox ---- */

const char *address_same(struct arena *a, const char *address)
{
	return addr_equivalent(a, address, ADDR_PLUS | ADDR_GMAIL_DOTS);
}

bool same_mailbox(const struct store_tx *tx, struct arena *a, const char *x, const char *y)
{
	unsigned flags = tx->store->o.addr_equiv;

	if (str_empty(x) || str_empty(y))
		return false;
	return str_eq(x, y) || str_eq(addr_equivalent(a, x, flags), addr_equivalent(a, y, flags));
}

enum status prospect_of_address(struct store_tx *tx, struct arena *a, const char *address,
				const struct row **r, struct err *e)
{
	struct rows rows;
	enum status s = ONE(tx, a, prospect_id_by_address, r, e, T(address));

	if (s != GONE || tx->store->o.addr_equiv == 0)
		return s;
	s = ROWS(tx, a, prospect_ids_by_same, &rows, e, T(address_same(a, address)));
	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (same_mailbox(tx, a, at_text(&rows.list[i], 3), address)) {
			*r = &rows.list[i];
			return OK;
		}
	return s == OK ? GONE : s;
}

/* ---- looking up ---- */

size_t suppression_subjects(struct store_tx *tx, struct arena *a, const char *address,
			    const char *company_id, const char *out[SUBJECTS])
{
	const struct store_options *o = &tx->store->o;
	const char *at = strrchr(address, '@'), *same = addr_equivalent(a, address, o->addr_equiv);
	const char **chain = NULL;
	size_t n = 0, links;

	out[n++] = address;
	if (same != NULL && strcmp(same, address) != 0)
		out[n++] = same;
	if (company_id != NULL)
		out[n++] = company_id;
	if (o->keys != NULL)
		out[n++] = token_keyed_hash(a, o->keys, same ? same : address);
	if (at == NULL)
		return n;
	/* a domain with more labels than there is room: the ones nearest to the registrable count */
	links = addr_domain_chain(a, at + 1, &chain);
	for (size_t i = links; i > 0 && n < SUBJECTS - 2; i--)
		out[n++] = chain[i - 1];
	/* ann@mail.acme.example is ann@acme.example on another host */
	for (size_t i = links; i > 1 && n < SUBJECTS && !domain_is_shared(tx->store, chain[links - 1]); i--)
		out[n++] = arena_printf(a, "%.*s@%s", (int)(strrchr(same, '@') - same), same, chain[i - 1]);
	return n;
}

static enum status company_of_domain(struct store_tx *tx, struct arena *a, const char *address,
				     const char **company_r, struct err *e)
{
	const char *at = strrchr(address, '@');
	const struct row *r = NULL;
	enum status s = at ? ONE(tx, a, company_by_domain, &r, e, T(addr_registrable(a, at + 1))) : GONE;

	if (s == OK)
		*company_r = at_text(r, 0);
	return s == GONE ? OK : s;
}

static int by_text(const struct row *x, const struct row *y)
{
	static const size_t columns[] = { 0, 1, 2, 3, 6 };	/* subject, scope, scope_arg, reason, id */
	int by = 0;

	for (size_t i = 0; by == 0 && i < sizeof(columns) / sizeof(columns[0]); i++) {
		const char *p = at_text(x, columns[i]), *q = at_text(y, columns[i]);
		by = strcmp(p ? p : "", q ? q : "");
	}
	return by;
}

static int compare_rows(const void *x, const void *y)
{
	return by_text(x, y);
}

/* One suppression may be found in several ways, and the first is told: done here, because a union makes the
 * database build a table for it, for each mail, and nearly always there is nothing to put in order. */
static void in_order(struct arena *a, struct rows *rows)
{
	struct row *list;
	size_t n = 0;

	if (rows->n < 2)
		return;
	list = arena_memdup(a, rows->list, rows->n * sizeof(*list));
	qsort(list, rows->n, sizeof(*list), compare_rows);
	for (size_t i = 0; i < rows->n; i++)
		if (n == 0 || !str_eq(at_text(&list[n - 1], 6), at_text(&list[i], 6)))
			list[n++] = list[i];
	*rows = (struct rows){ n, list };
}

static enum status look_up(struct store_tx *tx, struct arena *a, const char *address,
			   const char *prospect_id, const char *company_id, struct rows *out_r, struct err *e)
{
	const char *subject[SUBJECTS] = { NULL };
	struct value args[SUBJECTS + 3];
	enum status s = company_id ? OK : company_of_domain(tx, a, address, &company_id, e);
	size_t n;

	if (s != OK)
		return s;
	n = suppression_subjects(tx, a, address, company_id, subject);
	for (size_t i = 0; i < SUBJECTS; i++)
		args[i] = i < n ? T(subject[i]) : V_NULL;
	args[SUBJECTS] = I(tx->now);
	args[SUBJECTS + 1] = T(prospect_id);
	args[SUBJECTS + 2] = T(company_id);
	s = db_rows(tx, a, ST_suppression_find, args, SUBJECTS + 3, out_r, e);
	if (s == OK)
		in_order(a, out_r);
	return s;
}

enum status suppressions_of(struct store_tx *tx, struct arena *a, const char *address, const char *prospect_id,
			    const char *company_id, bool mine, const char *owner_id,
			    struct memory_suppression **out_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = look_up(tx, a, address, prospect_id, company_id, &rows, e);

	*n_r = 0;
	*out_r = NULL;
	if (s != OK || rows.n == 0)
		return s;
	struct memory_suppression *list = arena_array(a, struct memory_suppression, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		const char *by = at_text(r, 5);
		list[i] = (struct memory_suppression){
			.subject = at_text(r, 0), .scope = at_text(r, 1), .scope_arg = at_text(r, 2),
			.reason = at_text(r, 3), .at = (time_t)at_int(r, 4),
			.may_tell = mine || (owner_id != NULL && by != NULL && strcmp(by, owner_id) == 0),
		};
	}
	*out_r = list;
	*n_r = rows.n;
	return OK;
}

enum status store_suppressed(struct store_tx *tx, struct arena *a, const char *address,
			     const char *owner_id, struct memory_suppression **out_r, size_t *n_r,
			     struct err *e)
{
	const struct row *r = NULL;
	const char *company = NULL, *prospect = NULL;
	bool mine = false;
	enum status s = prospect_of_address(tx, a, address, &r, e);

	if (s != OK && s != GONE)
		return s;
	if (s == OK) {
		prospect = at_text(r, 0);
		company = at_text(r, 1);
		mine = owner_id != NULL && str_eq(at_text(r, 2), owner_id);
	}
	return suppressions_of(tx, a, address, prospect, company, mine, owner_id, out_r, n_r, e);
}

/* ---- putting one in ---- */

static enum status normal(struct arena *a, const struct suppression *sup, struct suppression *out_r,
			  struct err *e)
{
	static const char *const reasons[] = { "unsubscribe", "do_not_contact", "complaint", "hard_bounce",
		"invalid_recipient", "legal", "client_exclusion", "internal_exclusion" };
	static const char *const scopes[] = { "all", "outreach", "client", "sequence", "channel" };
	bool known = false, scoped = false;
	struct addr at;

	*out_r = *sup;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		known = known || str_eq(reasons[i], sup->reason);
	if (!known)
		return err_set(e, INPUT, "'%s' is no reason for a suppression: it is one of unsubscribe, "
			       "do_not_contact, complaint, hard_bounce, invalid_recipient, legal, "
			       "client_exclusion, internal_exclusion", sup->reason ? sup->reason : "");
	if (str_empty(sup->scope))
		out_r->scope = str_eq(sup->reason, "complaint") || str_eq(sup->reason, "legal")
			? "all" : "outreach";
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		scoped = scoped || str_eq(scopes[i], out_r->scope);
	if (!scoped)
		return err_set(e, INPUT, "'%s' is no scope: it is one of all, outreach, client, sequence, "
			       "channel", out_r->scope);
	bool needs = !str_eq(out_r->scope, "all") && !str_eq(out_r->scope, "outreach");
	if (needs && str_empty(sup->scope_arg))
		return err_set(e, INPUT, "scope '%s' needs to say which", out_r->scope);
	if (!needs)
		out_r->scope_arg = NULL;
	if (sup->expires != 0 && !str_eq(sup->reason, "hard_bounce"))
		return err_set(e, INPUT, "only a hard_bounce expires, not '%s'", sup->reason);
	if (str_empty(sup->subject))
		return err_set(e, INPUT, "a suppression needs a subject");
	if (str_eq(sup->kind, "address")) {
		if (!addr_path(a, sup->subject, &at) || at.key[0] == '\0')
			return err_set(e, INPUT, "'%s' is not a mail address", sup->subject);
		out_r->subject = at.key;
	} else if (str_eq(sup->kind, "domain")) {
		out_r->subject = addr_domain(a, sup->subject);
		if (out_r->subject == NULL)
			return err_set(e, INPUT, "'%s' is not a domain", sup->subject);
		if (addr_is_public_suffix(out_r->subject))
			return err_set(e, INPUT, "'%s' is a public suffix: everybody's domains lie under it, and nobody "
				       "would be meant", out_r->subject);
	} else if (!str_eq(sup->kind, "company") && !str_eq(sup->kind, "hash")) {
		return err_set(e, INPUT, "'%s' cannot be suppressed: address, domain, company or hash",
			       sup->kind ? sup->kind : "");
	}
	return OK;
}

static enum status covered_rows(struct store_tx *tx, struct arena *a, const struct suppression *sup,
				struct rows *out_r, struct err *e)
{
	*out_r = (struct rows){ 0, NULL };
	if (str_eq(sup->kind, "address"))
		return ROWS(tx, a, enrolments_of_address, out_r, e, T(sup->subject),
			    T(address_same(a, sup->subject)));
	if (str_eq(sup->kind, "domain"))
		return ROWS(tx, a, enrolments_under_domain, out_r, e,
			    T(addr_registrable(a, sup->subject)), T(sup->subject),
			    T(arena_printf(a, "%%@%s", sup->subject)),
			    T(arena_printf(a, "%%.%s", sup->subject)));
	if (str_eq(sup->kind, "company"))
		return ROWS(tx, a, enrolments_all_of_company, out_r, e, T(sup->subject));
	return OK;	/* a hash names nobody we know any more */
}

/* columns: id, sequence, client (and address) */
static bool stops(const struct store_tx *tx, struct arena *a, const struct suppression *sup, const struct row *r)
{
	if (str_eq(sup->kind, "address") && !same_mailbox(tx, a, sup->subject, at_text(r, 3)))
		return false;
	if (str_eq(sup->scope, "sequence"))
		return str_eq(sup->scope_arg, at_text(r, 1));
	if (str_eq(sup->scope, "client"))
		return str_eq(sup->scope_arg, at_text(r, 2));
	return !str_eq(sup->scope, "channel");
}

static enum status stop_covered(struct store_tx *tx, struct arena *a, const struct suppression *sup,
				const char *id, const char *actor, struct err *e)
{
	struct rows rows;
	struct event ev = { .kind = EV_DO_NOT_CONTACT, .reason = sup->reason, .words = sup->evidence };
	struct cause c = { .actor = actor, .evidence = arena_printf(a, "suppression %s", id) };
	enum status s = covered_rows(tx, a, sup, &rows, e);

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		if (!stops(tx, a, sup, &rows.list[i]))
			continue;
		s = store_step(tx, a, at_text(&rows.list[i], 0), &ev, &c, NULL, NULL, e);
		if (s == INPUT)
			s = OK;
		if (s == OK)
			s = drafts_withdraw(tx, a, at_text(&rows.list[i], 0), "suppressed", e);
	}
	return s;
}

/* An address that turns out to be a known person's brings its suppression along. */
enum status suppression_of_alias(struct store_tx *tx, struct arena *a, const char *address,
				 const char *prospect_id, const char *actor, struct err *e)
{
	struct rows found, live;
	enum status s = look_up(tx, a, address, NULL, NULL, &found, e);

	for (size_t i = 0; s == OK && i < found.n; i++) {
		const struct row *r = &found.list[i];
		struct event ev = { .kind = EV_DO_NOT_CONTACT, .reason = at_text(r, 3) };
		struct cause c = { .actor = actor, .address = address,
				   .evidence = arena_printf(a, "suppression %s of the alias %s", at_text(r, 6), address) };

		if (!str_eq(at_text(r, 1), "outreach") && !str_eq(at_text(r, 1), "all"))
			continue;
		if (str_eq(ev.reason, "hard_bounce") || str_eq(ev.reason, "invalid_recipient"))
			continue;
		s = ROWS(tx, a, enrolments_live_of_prospect, &live, e, T(prospect_id));
		for (size_t k = 0; s == OK && k < live.n; k++) {
			s = store_step(tx, a, at_text(&live.list[k], 0), &ev, &c, NULL, NULL, e);
			if (s == INPUT)
				s = OK;
			if (s == OK)
				s = drafts_withdraw(tx, a, at_text(&live.list[k], 0), "suppressed", e);
		}
	}
	return s;
}

enum status suppression_of_company(struct store_tx *tx, struct arena *a, const char *company_id,
				   const char *actor, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, suppressions_of_company, &rows, e, T(company_id));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		struct suppression sup = { .kind = at_text(r, 1), .subject = at_text(r, 2), .scope = at_text(r, 3),
					   .scope_arg = at_text(r, 4), .reason = at_text(r, 5) };

		s = stop_covered(tx, a, &sup, at_text(r, 0), actor, e);
	}
	return s;
}

static enum status insert(struct store_tx *tx, struct arena *a, const struct suppression *sup,
			  const char *subject, const char *prospect, const char *actor,
			  const char **id_r, bool *new_r, struct err *e)
{
	const char *id = store_id(tx, a);
	const struct row *r = NULL;
	int64_t changed = 0;
	time_t expires = sup->expires;
	enum status s;

	if (expires == 0 && str_eq(sup->reason, "hard_bounce"))
		expires = tx->now + tx->store->o.hard_bounce_expires;
	/* one that has run out makes room for a new one */
	s = RUN(tx, suppression_retire, e, T(subject), T(sup->kind), I(tx->now));
	if (s != OK)
		return s;
	s = CHANGE(tx, suppression_insert, &changed, e, T(id), T(sup->kind), T(subject), T(sup->scope),
		   T(sup->scope_arg), T(sup->reason), T(sup->evidence), T(sup->owner_id), T(prospect),
		   I(tx->now), T(actor), I0(expires));
	*new_r = changed > 0;
	*id_r = id;
	if (s != OK || *new_r)
		return s;
	s = ONE(tx, a, suppression_same, &r, e, T(subject), T(sup->kind), T(sup->scope),
			T(sup->scope_arg), T(sup->reason));
	if (s == OK)
		*id_r = at_text(r, 0);
	return s == GONE ? err_set(e, SYS, "a suppression of '%s' is neither new nor there", subject) : s;
}

enum status store_suppress(struct store_tx *tx, struct arena *a, const struct suppression *given,
			   const char *actor, bool from_step, const char **id_r, struct err *e)
{
	struct suppression sup;
	const struct row *r = NULL;
	const char *id = NULL, *prospect = NULL, *same = NULL;
	bool is_new = false;
	enum status s = normal(a, given, &sup, e);

	if (s != OK)
		return s;
	if (str_eq(sup.kind, "address")) {
		s = prospect_of_address(tx, a, sup.subject, &r, e);
		if (s == OK)
			prospect = at_text(r, 0);
		else if (s != GONE)
			return s;
		same = addr_equivalent(a, sup.subject, tx->store->o.addr_equiv);
	}
	s = insert(tx, a, &sup, sup.subject, prospect, actor, &id, &is_new, e);
	/* both forms are kept: exact ones must count when the equivalence is switched off again */
	if (s == OK && same != NULL && strcmp(same, sup.subject) != 0) {
		const char *other = NULL;
		bool other_new = false;
		s = insert(tx, a, &sup, same, prospect, actor, &other, &other_new, e);
	}
	if (s != OK)
		return s;
	if (id_r != NULL)
		*id_r = id;
	if (is_new) {
		tx->suppressed = true;
		json_t *payload = json_object();
		json_put(payload, "kind", sup.kind);
		json_put(payload, "subject", sup.subject);
		json_put(payload, "scope", sup.scope);
		json_put(payload, "scope_arg", sup.scope_arg);
		json_put(payload, "reason", sup.reason);
		json_put(payload, "evidence", sup.evidence);
		json_put_int(payload, "expires", sup.expires);
		s = event_change(tx, a, "suppressed", "suppression", id, NULL, prospect, actor, payload, e);
		if (s == OK && str_eq(sup.kind, "address"))
			s = rates_outcome(tx, a, sup.reason, sup.subject, e);
	}
	return s == OK && !from_step ? stop_covered(tx, a, &sup, id, actor, e) : s;
}

/* ---- lifting ---- */

enum status store_suppress_lift(struct store_tx *tx, struct arena *a, const char *id,
				const char *actor, const char *because, const char *consent,
				struct err *e)
{
	const struct row *r = NULL;
	int64_t changed = 0;
	enum status s;

	if (str_empty(because))
		return err_set(e, INPUT, "a suppression is lifted only with a reason");
	s = ONE(tx, a, suppression_get, &r, e, T(id));
	if (s == GONE)
		return err_set(e, GONE, "there is no suppression '%s'", id);
	if (s != OK)
		return s;
	const char *reason = at_text(r, 2);
	if ((str_eq(reason, "unsubscribe") || str_eq(reason, "complaint")) && str_empty(consent))
		return err_set(e, INPUT, "'%s' is suppressed by their own %s: lifting it needs their new "
			       "consent as evidence", at_text(r, 1), reason);
	if (str_eq(reason, "legal") && (str_empty(consent) || str_eq(consent, actor)))
		return err_set(e, INPUT, "'%s' is suppressed for a legal reason: lifting it needs the "
			       "consent of a second person", at_text(r, 1));
	s = CHANGE(tx, suppression_lift, &changed, e, T(id), I(tx->now), T(actor), T(because), T(consent));
	if (s != OK)
		return s;
	if (changed == 0)
		return err_set(e, GONE, "the suppression '%s' is lifted already", id);
	json_t *payload = json_object();
	json_put(payload, "subject", at_text(r, 1));
	json_put(payload, "reason", reason);
	json_put(payload, "because", because);
	json_put(payload, "consent", consent);
	return event_change(tx, a, "lifted", "suppression", id, NULL, at_text(r, 3), actor, payload, e);
}

/* A person who writes from an address has a mailbox there, whatever a report once said. */
enum status suppression_lift_bounce(struct store_tx *tx, struct arena *a, const char *address,
				    const char *evidence, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, suppression_bounces, &rows, e, T(address));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = store_suppress_lift(tx, a, at_text(&rows.list[i], 0), "relent",
					arena_printf(a, "a person wrote from this address (%s)", evidence),
					NULL, e);
	return s;
}

/* ---- the unsubscribe token ---- */

enum status store_unsubscribe(struct store_tx *tx, struct arena *a, const struct token_keys *keys,
			      const char *token, const char *evidence, struct err *e)
{
	const struct row *r = NULL;
	char *prefix = NULL;
	enum status s;

	if (keys == NULL || !token_open(a, keys, STAMP_UNSUBSCRIBE, token, &prefix))
		return err_set(e, INPUT, "this unsubscribe token is not ours");
	s = ONE(tx, a, touch_by_token, &r, e, T(prefix));
	if (s == GONE)
		return err_set(e, INPUT, "this unsubscribe token belongs to no mail of ours");
	if (s != OK)
		return s;
	const char *touch = at_text(r, 0), *recipient = at_text(r, 1), *enrolment = at_text(r, 2);
	const struct row *there = NULL;
	s = ONE(tx, a, suppression_same, &there, e, T(recipient), T("address"), T("outreach"), V_NULL,
		T("unsubscribe"));
	if (s != GONE)
		return s == OK ? GONE : s;
	struct suppression sup = { .kind = "address", .subject = recipient, .reason = "unsubscribe",
				   .evidence = evidence, .owner_id = at_text(r, 3) };
	s = store_suppress(tx, a, &sup, "prospect", enrolment != NULL, NULL, e);
	if (s == OK && enrolment != NULL) {
		struct event ev = { .kind = EV_UNSUBSCRIBE, .words = "unsubscribe token" };
		struct cause c = { .actor = "prospect", .evidence = evidence, .touch_id = touch,
				   .address = recipient };
		s = store_step(tx, a, enrolment, &ev, &c, NULL, NULL, e);
		if (s == INPUT)
			s = OK;
	}
	return s;
}
