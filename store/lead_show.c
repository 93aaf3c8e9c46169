/* SPDX-License-Identifier: MPL-2.0
 *
 * A lead as text: what was read of it and what is missing, for the card of its review item.
 */
#include "config.h"

#include "base/str.h"
#include "store/leads_private.h"

static void add(struct buf *b, const char *name, const char *value)
{
	if (!str_empty(value))
		buf_addf(b, "%s: %s\n", name, value);
}

enum status lead_words_of_review(struct store_tx *tx, struct arena *a, const char *review_id, const char **out_r,
				 struct err *e)
{
	const struct row *r = NULL;
	const struct lead *l;
	struct buf b;
	enum status s = ONE(tx, a, lead_of_review, &r, e, T(review_id));

	if (s != OK)
		return s == GONE ? OK : s;
	l = lead_from_json(a, at_text(r, 1));
	buf_init(&b, a);
	add(&b, "source", at_text(r, 10));
	add(&b, "read as", lead_shape_name(l->shape));
	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		if (f != LEAD_MESSAGE)
			add(&b, lead_field_name((enum lead_field)f), l->values[f]);
	for (size_t i = 0; i < l->extra_n; i++)
		add(&b, l->extra[i].label, l->extra[i].value);
	if (l->values[LEAD_MESSAGE])
		buf_addf(&b, "\n%s\n\n", l->values[LEAD_MESSAGE]);
	add(&b, "address", at_text(r, 3) ? at_text(r, 3) : "missing");
	add(&b, "what is wrong", at_text(r, 2));
	add(&b, "mail from", at_text(r, 4));
	add(&b, "subject of the mail", at_text(r, 5));
	if (at_text(r, 6))
		buf_addf(&b, "the mail lies in: %s/%s, uid %lld, <%s>\n", at_text(r, 6), at_text(r, 7),
			 (long long)at_int(r, 8), at_text(r, 9) ? at_text(r, 9) : "-");
	*out_r = b.p;
	return OK;
}
