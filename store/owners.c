/* SPDX-License-Identifier: MPL-2.0
 *
 * Owners (reps): as the configuration lists them, and as the policy asks for them.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"
#include "store/store_private.h"

static enum status sync_addresses(struct store_tx *tx, struct arena *a, const struct owner_new *o,
				  const char *id, struct err *e)
{
	enum status s = RUN(tx, owner_address_clear, e, T(id));
	struct addr at;

	for (size_t i = 0; s == OK && i < o->addresses_n; i++) {
		if (!addr_path(a, o->addresses[i], &at) || at.key[0] == '\0')
			return err_set(e, CONF, "owner '%s': '%s' is not a mail address", o->login,
				       o->addresses[i]);
		s = RUN(tx, owner_address_insert, e, T(at.key), T(id));
	}
	if (s == OK && o->addresses_n == 0 && strchr(o->login, '@') != NULL && addr_path(a, o->login, &at))
		s = RUN(tx, owner_address_insert, e, T(at.key), T(id));
	return s;
}

enum status store_owner_sync(struct store_tx *tx, struct arena *a, const struct owner_new *list, size_t n,
			     const char *actor, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct owner_new *o = &list[i];
		const struct row *row = NULL;
		const char *id = NULL;
		struct field f[] = {
			{ "login", o->login }, { "name", o->name }, { "zone", o->zone },
			{ "signature", o->signature }, { "manager", o->manager }, { "active", "1" },
		};
		enum status s = ONE(tx, a, owner_id_by_login, &row, e, T(o->login));

		if (s == OK)
			id = at_text(row, 0);
		else if (s != GONE)
			return s;
		s = store_put(tx, a, "owner", id, f, sizeof(f) / sizeof(f[0]), actor, &id, e);
		if (s == OK)
			s = sync_addresses(tx, a, o, id, e);
		if (s != OK)
			return s;
	}
	return OK;
}

/* ---- many at once ---- */

struct take_unit {
	const struct owner_new *list;
	size_t n, at, end;
	const char *actor;
	const struct owner_new **changed;
	size_t changed_n;
};
enum { TAKE_STEP = 100 };

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What the store has: row k of owners by login, addresses with the place of their owner, how many each has. */
struct known {
	struct rows owners, addresses;
	struct names *by_login, *by_id, *by_address;
	size_t *count;
};

static enum status read_known(struct store_tx *tx, struct arena *a, struct known *k, struct err *e)
{
	enum status s = ROWS(tx, a, owner_all, &k->owners, e);

	if (s == OK)
		s = ROWS(tx, a, owner_address_all, &k->addresses, e);
	if (s != OK)
		return s;
	k->count = arena_array(a, size_t, k->owners.n + 1);
	for (size_t i = 0; i < k->owners.n; i++) {
		names_add(k->by_id, at_text(&k->owners.list[i], 0), i);
		names_add(k->by_login, at_text(&k->owners.list[i], 1), i);
	}
	for (size_t i = 0; i < k->addresses.n; i++) {
		size_t owner = names_find(k->by_id, at_text(&k->addresses.list[i], 0));

		if (owner == NAMES_NONE)
			continue;
		names_add(k->by_address, at_text(&k->addresses.list[i], 1), owner);
		k->count[owner]++;
	}
	return OK;
}

static bool is_known(const struct known *k, struct arena *a, const struct owner_new *o)
{
	size_t at = names_find(k->by_login, o->login);
	const struct row *r = at == NAMES_NONE ? NULL : &k->owners.list[at];
	struct addr parsed;

	if (!r || !same_text(at_text(r, 2), o->name) || !same_text(at_text(r, 3), o->zone) ||
	    !same_text(at_text(r, 4), o->signature) || !same_text(at_text(r, 5), o->manager) || at_int(r, 6) != 1)
		return false;
	if (o->addresses_n == 0 || k->count[at] != o->addresses_n)
		return false;
	for (size_t i = 0; i < o->addresses_n; i++)
		if (!addr_path(a, o->addresses[i], &parsed) || names_find(k->by_address, parsed.key) != at)
			return false;
	return true;
}

static enum status find_changed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct take_unit *u = ctx;
	struct known k = { .by_login = names_new(), .by_id = names_new(), .by_address = names_new() };
	enum status s = read_known(tx, a, &k, e);

	u->changed_n = 0;
	for (size_t i = 0; s == OK && i < u->n; i++)
		if (!is_known(&k, a, &u->list[i]))
			u->changed[u->changed_n++] = &u->list[i];
	names_free(k.by_login);
	names_free(k.by_id);
	names_free(k.by_address);
	return s;
}

static enum status take_some(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct take_unit *u = ctx;
	enum status s = OK;

	for (size_t i = u->at; s == OK && i < u->end; i++)
		s = store_owner_sync(tx, a, u->changed[i], 1, u->actor, e);
	return s;
}

enum status store_owners_take(struct store *store, time_t now, const struct owner_new *list, size_t n, const char *actor,
			      struct err *e)
{
	struct arena *a = arena_new(0);
	struct take_unit u = { .list = list, .n = n, .actor = actor,
			       .changed = arena_array(a, const struct owner_new *, n + 1) };
	enum status s = store_read(store, now, find_changed, &u, e);

	for (u.at = 0; s == OK && u.at < u.changed_n; u.at = u.end) {
		u.end = u.changed_n - u.at > TAKE_STEP ? u.at + TAKE_STEP : u.changed_n;
		s = store_write(store, now, take_some, &u, 0, e);
	}
	arena_free(a);
	return s;
}

enum status store_owner_id(struct store_tx *tx, struct arena *a, const char *login, const char **id_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, owner_id_by_login, &r, e, T(login));

	if (s == OK)
		*id_r = at_text(r, 0);
	return s;
}

static enum status addresses(struct store_tx *tx, struct arena *a, struct memory_owner *o, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, owner_addresses, &rows, e, T(o->id));

	if (s != OK)
		return s;
	o->addresses = arena_array(a, const char *, rows.n + 1);
	o->domains = arena_array(a, const char *, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const char *key = at_text(&rows.list[i], 0), *domain = strrchr(key, '@');
		bool there = false;

		o->addresses[o->addresses_n++] = key;
		if (domain == NULL || domain_is_shared(tx->store, domain + 1))
			continue;
		for (size_t d = 0; d < o->domains_n; d++)
			there = there || strcmp(o->domains[d], domain + 1) == 0;
		if (!there)
			o->domains[o->domains_n++] = domain + 1;
	}
	return OK;
}

/* The mailbox that was read least recently speaks for all: one unread mailbox is enough to miss an
 * answer. */
static enum status accounts(struct store_tx *tx, struct arena *a, struct memory_owner *o, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, owner_accounts, &rows, e, T(o->id));

	if (s != OK || rows.n == 0)
		return s;
	o->watched = true;
	o->account = at_text(&rows.list[0], 0);
	o->account_error = at_text(&rows.list[0], 1);
	o->last_read = (time_t)at_int(&rows.list[0], 2);
	return OK;
}

enum status store_owner(struct store_tx *tx, struct arena *a, const char *login_or_address,
			struct memory_owner **out_r, struct err *e)
{
	const struct row *row = NULL;
	struct memory_owner *o;
	enum status s = ONE(tx, a, owner_find, &row, e, T(login_or_address));

	if (s == GONE)
		return err_set(e, GONE, "there is no owner '%s'", login_or_address);
	if (s != OK)
		return s;
	o = arena_new_of(a, struct memory_owner);
	o->id = at_text(row, 0);
	o->login = at_text(row, 1);
	o->name = at_text(row, 2);
	o->zone = at_text(row, 3);
	s = addresses(tx, a, o, e);
	if (s == OK)
		s = accounts(tx, a, o, e);
	if (s == OK)
		*out_r = o;
	return s;
}
