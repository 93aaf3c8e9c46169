/* SPDX-License-Identifier: MPL-2.0
 *
 * A person who wants to be forgotten: everything that tells of them is taken out, and what is left is a keyed
 * hash of their addresses, by which they stay unwritten-to. Events keep their place in the chain, which
 * covers the hash of their content and not the content.
 *
 * Nothing of it holds the write lock for a time that grows with the store: first the brake, then what only names them is
 * read in pages by who does not write, and what was found is changed by its key; what is known to be theirs goes last, in
 * one short transaction by index, so that whoever was interrupted finds them by their address again.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/token.h"
#include "store/people.h"
#include "store/store_private.h"
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
	enum status s = RUN(f->tx, forget_refusal, e, T(address));

	if (s == OK)
		s = RUN(f->tx, forget_sent_to, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_heard, e, T(address), T(addr_equivalent(f->a, address, f->tx->store->o.addr_equiv)));
	if (s == OK)
		s = RUN(f->tx, forget_lead_events, e, T(address));
	if (s == OK)
		s = RUN(f->tx, forget_lead_reviews, e, T(address));
	return s == OK ? RUN(f->tx, forget_lead_of, e, T(address)) : s;
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

/* ---- the steps ---- */

enum { PAGE = 1000, FOUND = 200 };	/* rows read at once; rows changed in one transaction */

struct walk {
	struct arena *keep, *page_arena;
	const char *name;		/* of its row in `walk`: it is there while somebody is half forgotten */
	const char *address, *actor, *because;
	const char **addresses;
	size_t n;
	int64_t seq;			/* events up to here were read */
	char ref[ID_SIZE];		/* and the outbox up to here */
	size_t first;			/* the address from which on a page is held against four of them */
	bool events;
	struct rows page;
	size_t at, next;		/* in the page: what is changed next, and after that */
	struct forgotten done;
};

static enum status forgetting_of(struct walk *w, struct store_tx *tx, struct arena *a, struct forgetting *out, struct err *e)
{
	*out = (struct forgetting){ .tx = tx, .a = a, .actor = w->actor };
	return who(out, w->address, e);
}

/* From here on nothing goes to them. */
static enum status brake_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	struct forgetting f;
	enum status s = forgetting_of(w, tx, a, &f, e);

	if (s == OK)
		s = stop(&f, e);
	if (s != OK)
		return s;
	w->n = f.n;
	w->addresses = arena_array(w->keep, const char *, f.n);
	for (size_t i = 0; i < f.n; i++)
		w->addresses[i] = arena_strdup(w->keep, f.addresses[i]);
	w->name = arena_printf(w->keep, "forget:%s", hash_of(&f, w->addresses[0]));
	return RUN(tx, walk_put, e, T(w->name), I(0), T(f.prospect), V_NULL, I(tx->now));
}

/* columns: seq or id, whether it names one of the addresses */
static enum status page_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	struct value v[6] = { w->events ? I(w->seq) : T(w->ref), I(PAGE), V_NULL, V_NULL, V_NULL, V_NULL };

	(void)a;
	for (size_t i = 0; i < 4 && w->first + i < w->n; i++) {
		const char *address = w->addresses[w->first + i];

		v[2 + i] = T(w->events ? arena_printf(w->page_arena, "\"%s\"", address) : address);
	}
	return db_rows(tx, w->page_arena, w->events ? ST_forget_walk_events : ST_forget_walk_outbox, v, 6, &w->page, e);
}

static enum status change_row(struct store_tx *tx, const struct walk *w, const struct row *r, struct err *e)
{
	struct arena *a = w->page_arena;
	enum status s;

	if (w->events)
		return RUN(tx, forget_event, e, I(at_int(r, 0)));
	s = RUN(tx, forget_digest_mail, e, T(at_text(r, 0)));
	for (size_t i = w->first; s == OK && i < w->n && i < w->first + 4; i++)
		s = RUN(tx, forget_note_about, e, T(at_text(r, 0)), T(arena_printf(a, "\"%s\"", w->addresses[i])));
	return s;
}

/* May be run again: it changes nothing of the walk but `next`. */
static enum status change_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	enum status s = OK;
	int n = 0;

	(void)a;
	for (w->next = w->at; s == OK && w->next < w->page.n && n < FOUND; w->next++)
		if (at_int(&w->page.list[w->next], 1) != 0) {
			s = change_row(tx, w, &w->page.list[w->next], e);
			n++;
		}
	return s;
}

static enum status walk_page(struct store *st, time_t now, struct walk *w, struct err *e)
{
	enum status s;

	arena_clear(w->page_arena);
	s = store_read(st, now, page_unit, w, e);
	for (w->at = 0; s == OK && w->at < w->page.n; ) {
		if (at_int(&w->page.list[w->at], 1) == 0) {
			w->at++;
			continue;
		}
		s = store_write(st, now, change_unit, w, 0, e);
		w->at = w->next;
	}
	if (s == OK && w->page.n > 0) {
		const struct row *r = &w->page.list[w->page.n - 1];

		if (w->events)
			w->seq = at_int(r, 0);
		else
			memcpy(w->ref, at_text(r, 0), strnlen(at_text(r, 0), ID_SIZE - 1));
	}
	return s;
}

/* What names them and is not known to be theirs. */
static enum status walk_all(struct store *st, time_t now, struct walk *w, struct err *e)
{
	enum status s = OK;

	for (w->first = 0; s == OK && w->first < w->n; w->first += 4) {
		w->events = false;
		memset(w->ref, 0, sizeof(w->ref));
		do
			s = walk_page(st, now, w, e);
		while (s == OK && w->page.n == PAGE);
		w->events = true;
		for (w->seq = 0; s == OK; ) {
			s = walk_page(st, now, w, e);
			if (w->page.n < PAGE)
				break;
		}
	}
	return s;
}

static enum status last_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct walk *w = ctx;
	struct forgetting f;
	const struct row *r = NULL;
	enum status s = forgetting_of(w, tx, a, &f, e);

	for (size_t i = 0; s == OK && i < f.n; i++)
		s = hash_address(&f, f.addresses[i], e);
	if (s == OK)
		s = take_out_person(&f, e);
	for (size_t i = 0; s == OK && i < f.n; i++)
		s = take_out_address(&f, f.addresses[i], e);
	/* what came meanwhile; with several writers a number below the last one read may have come, too */
	for (size_t i = 0; s == OK && i < f.n; i++)
		s = RUN(tx, forget_last_events, e, I(w->seq - PAGE), T(arena_printf(a, "\"%s\"", f.addresses[i])));
	if (s == OK)
		s = ONE(tx, a, forget_left, &r, e, T(f.prospect));
	if (s == OK)
		s = RUN(tx, walk_end, e, T(w->name));
	if (s != OK)
		return s;
	w->done = (struct forgotten){ .known = f.prospect != NULL, .addresses = f.n, .drafts_left = at_int(r, 0) };
	json_t *payload = json_object();
	json_put(payload, "because", w->because);
	json_put_int(payload, "addresses", (int64_t)f.n);
	return event_change(tx, a, "forgotten", "prospect", f.prospect, NULL, f.prospect, w->actor, payload, e);
}

enum status store_forget(struct store *st, time_t now, const char *address, const char *actor, const char *because,
			 struct forgotten *out_r, struct err *e)
{
	struct walk w = { .address = address, .actor = actor, .because = because };
	enum status s;

	if (st->o.keys == NULL)
		return err_set(e, CONF, "there is no signing key, so no hash to keep of '%s': relentctl key rotate",
			       address);
	w.keep = arena_new(0);
	w.page_arena = arena_new(0);
	s = store_write(st, now, brake_unit, &w, 0, e);
	if (s == OK)
		s = walk_all(st, now, &w, e);
	if (s == OK)
		s = store_write(st, now, last_unit, &w, 0, e);
	*out_r = w.done;
	arena_free(w.page_arena);
	arena_free(w.keep);
	return s;
}
