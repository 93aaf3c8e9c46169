/* SPDX-License-Identifier: MPL-2.0
 *
 * The chain over committed events, in commit order. It is made after the commit, so that writers do not
 * queue up behind one chain; it covers the hash of each payload, so that a payload can be erased.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/token.h"
#include "store/store_private.h"

/* columns 0..11: seq, id, at, host, program, actor, kind, entity, entity_id, enrolment, prospect,
 * payload_hash. Lengths stand before the texts: no two events look alike. */
const char *seal_hash(struct arena *a, const char *previous, const struct row *r)
{
	struct buf b;

	buf_init(&b, a);
	buf_addf(&b, "%s %lld %lld", previous, (long long)at_int(r, 0), (long long)at_int(r, 2));
	for (size_t i = 1; i < 12; i++) {
		const char *t = i == 2 ? NULL : at_text(r, i);
		if (t != NULL)
			buf_addf(&b, " %zu:%s", strlen(t), t);
		else
			buf_adds(&b, " -");
	}
	return token_hash(a, b.p, b.n);
}

enum status store_seal(struct store_tx *tx, struct arena *a, size_t max, size_t *sealed_r,
		       struct err *e)
{
	const struct row *last = NULL;
	const char *hash = "";
	int64_t seq = 0;
	struct rows rows;
	enum status s = ONE(tx, a, seal_last, &last, e, V_NULL);

	if (sealed_r != NULL)
		*sealed_r = 0;
	if (s == OK) {
		seq = at_int(last, 0);
		hash = at_text(last, 1);
	} else if (s != GONE) {
		return s;
	}
	s = ROWS(tx, a, events_after, &rows, e, I(seq), I((int64_t)max));
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		hash = seal_hash(a, hash, &rows.list[i]);
		s = RUN(tx, seal_insert, e, I(at_int(&rows.list[i], 0)), T(hash));
	}
	if (s == OK && sealed_r != NULL)
		*sealed_r = rows.n;
	return s;
}
