/* SPDX-License-Identifier: MPL-2.0
 *
 * How far each mailbox is read, how each account is doing, and the brake: a mail that matched
 * holds its enrolment until it has its verdict, and has one event for ever.
 */
#include "config.h"

#include "base/addr.h"
#include "base/str.h"
#include "store/suppression.h"

enum status store_position(struct store_tx *tx, struct arena *a, const char *account, const char *folder,
			   struct position *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, position_get, &r, e, T(account), T(folder));

	if (s == GONE)
		return err_set(e, GONE, "folder '%s' of '%s' was never read", folder, account);
	if (s == OK)
		*out_r = (struct position){ .account = account, .folder = folder,
			.uidvalidity = at_int(r, 0), .uid = at_int(r, 1), .modseq = at_int(r, 2) };
	return s;
}

enum status store_position_put(struct store_tx *tx, const struct position *p, struct err *e)
{
	return RUN(tx, position_put, e, T(p->account), T(p->folder), I(p->uidvalidity), I(p->uid),
		   I(p->modseq), I(tx->now));
}

enum status store_account(struct store_tx *tx, const char *account, const char *owner_id,
			  const char *state, const char *error, struct err *e)
{
	return RUN(tx, account_put, e, T(account), T(owner_id), T(state), I(tx->now), T(error));
}

enum status store_heard(struct store_tx *tx, struct arena *a, const char *owner_id, const char *from,
			const char *message_id, bool *suppressed_r, struct err *e)
{
	struct memory_suppression *list;
	size_t n = 0;
	enum status s = OK;

	*suppressed_r = false;
	if (!str_empty(owner_id) && !str_empty(from) && !str_empty(message_id))
		s = store_suppressed(tx, a, from, NULL, &list, &n, e);
	*suppressed_r = s == OK && n > 0;
	if (!*suppressed_r || !tx->write)
		return s;
	return RUN(tx, heard_insert, e, T(owner_id), T(addr_equivalent(a, from, tx->store->o.addr_equiv)),
		   T(message_id), I(tx->now));
}

enum status store_hold(struct store_tx *tx, struct arena *a, const char *enrolment, const char *key,
		       const char *actor, struct err *e)
{
	const struct row *r = NULL;
	int64_t made = 0;
	enum status s = ONE(tx, a, reply_of_mail, &r, e, T(key), T(enrolment));

	if (s == OK)
		return GONE;
	if (s == GONE)
		s = CHANGE(tx, hold_insert, &made, e, T(enrolment), T(key), I(tx->now), V_NULL);
	if (s != OK)
		return s;
	if (made == 0) {
		s = ONE(tx, a, hold_get, &r, e, T(enrolment), T(key));
		return s == OK && at_int(r, 0) != 0 ? GONE : s;
	}
	struct event ev = { .kind = EV_HOLD };
	struct cause c = { .actor = actor, .evidence = key };
	return store_step(tx, a, enrolment, &ev, &c, NULL, NULL, e);
}
