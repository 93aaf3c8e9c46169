/* SPDX-License-Identifier: MPL-2.0
 *
 * A person who wants to be forgotten: everything that tells of them is taken out, and what is left is a keyed
 * hash of their addresses, by which they stay unwritten-to. Events keep their place in the chain, which
 * covers the hash of their content and not the content.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/token.h"
#include "store/people.h"
#include "store/suppression.h"

struct forgetting {
	struct store_tx *tx;
	struct arena *a;
	const char *prospect;		/* or NULL */
	const char **addresses;
	size_t n;
	const char *actor;
};

/* ---- suppressions become hashes ---- */

static const char *hash_of(const struct forgetting *f, const char *address)
{
	return token_keyed_hash(f->a, f->tx->store->o.keys,
				addr_equivalent(f->a, address, f->tx->store->o.addr_equiv));
}

/* columns of suppression_rows: id, scope, scope_arg, reason, lifted, subject */
static enum status hash_row(struct forgetting *f, const struct row *r, struct err *e)
{
	const struct row *same = NULL;
	const char *id = at_text(r, 0), *hash = hash_of(f, at_text(r, 5));
	enum status s = GONE;

	if (at_int(r, 4) == 0)
		s = ONE(f->tx, f->a, suppression_same, &same, e, T(hash), T("hash"), T(at_text(r, 1)), T(at_text(r, 2)),
			T(at_text(r, 3)));
	if (s != OK && s != GONE)
		return s;
	if (s == OK)	/* it says so already: one of two is enough */
		s = RUN(f->tx, suppression_lift, e, T(id), I(f->tx->now), T(f->actor), T("kept once, as a hash"), V_NULL);
	else
		s = OK;
	if (s == OK)
		s = RUN(f->tx, suppression_hash, e, T(id), T(hash));
	if (s == OK)
		s = RUN(f->tx, forget_events_of, e, T(id));
	if (s != OK || at_int(r, 4) != 0)
		return s;
	/* its event is empty now: the audit learns from this one that it goes on, under the hash */
	json_t *payload = json_object();
	json_put(payload, "kind", "hash");
	json_put(payload, "subject", hash);
	json_put(payload, "scope", at_text(r, 1));
	json_put(payload, "scope_arg", at_text(r, 2));
	json_put(payload, "reason", at_text(r, 3));
	f->tx->suppressed = true;
	return event_change(f->tx, f->a, "suppressed", "suppression", id, NULL, NULL, f->actor, payload, e);
}

static enum status hash_address(struct forgetting *f, const char *address, struct err *e)
{
	const char *same = addr_equivalent(f->a, address, f->tx->store->o.addr_equiv);
	struct suppression sup = { .kind = "hash", .subject = hash_of(f, address), .reason = "do_not_contact",
				   .evidence = "wants to be forgotten" };
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, suppression_rows, &rows, e, T(address), T(same), T(f->prospect));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		s = hash_row(f, &rows.list[i], e);
	return s == OK ? store_suppress(f->tx, f->a, &sup, f->actor, true, NULL, e) : s;
}

/* ---- everything else ---- */

static enum status take_out_person(struct forgetting *f, struct err *e)
{
	static const size_t of_prospect[] = { ST_forget_digest_line, ST_forget_source, ST_forget_evidence,
		ST_forget_signal, ST_forget_brief,
		ST_forget_note, ST_forget_task, ST_forget_review, ST_forget_send,
		ST_forget_approved_text, ST_forget_approval, ST_forget_decision, ST_forget_proposal,
		ST_forget_appointment, ST_forget_reply, ST_forget_message_ref, ST_forget_hold, ST_forget_draft,
		ST_forget_touch, ST_forget_outbox, ST_forget_enrolment, ST_forget_events, ST_forget_address,
		ST_forget_suppression, ST_forget_prospect };
	enum status s = OK;

	for (size_t i = 0; s == OK && f->prospect && i < sizeof(of_prospect) / sizeof(of_prospect[0]); i++)
		s = db_query(f->tx, of_prospect[i], &(struct value){ .type = VALUE_TEXT, .s = f->prospect }, 1, NULL,
			     NULL, NULL, e);
	return s;
}

static enum status take_out_address(struct forgetting *f, const char *address, struct err *e)
{
	const char *anywhere = arena_printf(f->a, "%%\"%s\"%%", address);
	enum status s = RUN(f->tx, forget_refusal, e, T(address));

	if (s == OK)
		s = RUN(f->tx, forget_sent_to, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_heard, e, T(address), T(addr_equivalent(f->a, address, f->tx->store->o.addr_equiv)));
	if (s == OK)
		s = RUN(f->tx, forget_lead_events, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_lead_reviews, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_lead_of, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_digest_mail, e, T(arena_printf(f->a, "%%%s%%", address)));
	if (s == OK)
		s = RUN(f->tx, forget_notes_about, e, T(anywhere));
	return s == OK ? RUN(f->tx, forget_events_about, e, T(anywhere)) : s;
}

static enum status stop(struct forgetting *f, struct err *e)
{
	enum status s = OK;

	for (size_t i = 0; s == OK && i < f->n; i++) {
		struct suppression sup = { .kind = "address", .subject = f->addresses[i], .reason = "do_not_contact" };

		s = store_suppress(f->tx, f->a, &sup, f->actor, false, NULL, e);
	}
	return s;
}

static enum status who(struct forgetting *f, const char *address, struct err *e)
{
	const struct row *r = NULL;
	struct rows rows = { 0, NULL };
	struct addr at;
	enum status s;

	if (!addr_path(f->a, address, &at) || at.key[0] == '\0')
		return err_set(e, INPUT, "'%s' is not a mail address", address);
	s = prospect_of_address(f->tx, f->a, at.key, &r, e);
	if (s == OK) {
		f->prospect = at_text(r, 0);
		s = ROWS(f->tx, f->a, prospect_addresses, &rows, e, T(f->prospect));
	}
	if (s != OK && s != GONE)
		return s;
	f->addresses = arena_array(f->a, const char *, rows.n + 1);
	f->addresses[f->n++] = at.key;
	for (size_t i = 0; i < rows.n; i++)
		if (!str_eq(at_text(&rows.list[i], 0), at.key))
			f->addresses[f->n++] = at_text(&rows.list[i], 0);
	return OK;
}

enum status store_forget(struct store_tx *tx, struct arena *a, const char *address, const char *actor,
			 const char *because, struct forgotten *out_r, struct err *e)
{
	struct forgetting f = { .tx = tx, .a = a, .actor = actor };
	const struct row *r = NULL;
	enum status s;

	if (tx->store->o.keys == NULL)
		return err_set(e, CONF, "there is no signing key, so no hash to keep of '%s': relentctl key rotate",
			       address);
	s = who(&f, address, e);
	if (s == OK)
		s = stop(&f, e);
	for (size_t i = 0; s == OK && i < f.n; i++)
		s = hash_address(&f, f.addresses[i], e);
	if (s == OK)
		s = take_out_person(&f, e);
	for (size_t i = 0; s == OK && i < f.n; i++)
		s = take_out_address(&f, f.addresses[i], e);
	if (s == OK)
		s = ONE(tx, a, forget_left, &r, e, T(f.prospect));
	if (s != OK)
		return s;
	*out_r = (struct forgotten){ .known = f.prospect != NULL, .addresses = f.n, .drafts_left = at_int(r, 0) };
	json_t *payload = json_object();
	json_put(payload, "because", because);
	json_put_int(payload, "addresses", (int64_t)f.n);
	return event_change(tx, a, "forgotten", "prospect", f.prospect, NULL, f.prospect, actor, payload, e);
}
