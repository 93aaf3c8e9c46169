/* SPDX-License-Identifier: MPL-2.0
 *
 * Owners (reps): as the configuration lists them, and as the policy asks for them.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
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
