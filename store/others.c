/* SPDX-License-Identifier: MPL-2.0
 *
 * Other prospects of an owner: whose name or company may have slipped into a mail to this one.
 */
#include "config.h"

#include "store/store_private.h"

enum { OTHERS_SINCE = 14 * 86400 };	/* a text is copied from a mail of these days */

static struct memory_neighbour other_of(const struct row *r)
{
	return (struct memory_neighbour){ .id = at_text(r, 0), .address = at_text(r, 1), .name = at_text(r, 2),
				      .company = at_text(r, 3), .company_id = at_text(r, 4) };
}

enum status store_others(struct store_tx *tx, struct arena *a, const char *owner_id, const char *prospect_id,
			 size_t limit, struct memory_neighbour **out_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, recall_others, &rows, e, T(owner_id), T(prospect_id ? prospect_id : ""),
			     I((int64_t)limit), I(tx->now - OTHERS_SINCE));

	*out_r = NULL;
	*n_r = 0;
	if (s != OK)
		return s;
	*out_r = arena_array(a, struct memory_neighbour, rows.n);
	for (size_t i = 0; i < rows.n; i++)
		(*out_r)[i] = other_of(&rows.list[i]);
	*n_r = rows.n;
	return OK;
}

enum status store_namesake(struct store_tx *tx, struct arena *a, const char *owner_id,
			   const char *prospect_id, const char *name, const struct memory_neighbour **out_r,
			   struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_namesake, &r, e, T(owner_id), T(prospect_id ? prospect_id : ""),
			    T(name));

	*out_r = NULL;
	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_neighbour *o = arena_new_of(a, struct memory_neighbour);
	*o = other_of(r);
	*out_r = o;
	return OK;
}
