/* SPDX-License-Identifier: MPL-2.0
 *
 * Owners who are away: what is recorded of it, and who stands in.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/pipeline.h"
#include "store/store_private.h"

static enum status owner_row(struct store_tx *tx, struct arena *a, const char *who, const struct row **out_r,
			     struct err *e)
{
	const char *same = str_lower(a, who ? who : "");
	enum status s = ONE(tx, a, pipeline_owner, out_r, e, T(who), T(same));

	return s == GONE ? err_set(e, INPUT, "there is no owner '%s'", who) : s;
}

static bool is_away(const struct row *r, time_t at)
{
	time_t from = (time_t)row_int(r, "away_from"), until = (time_t)row_int(r, "away_until");

	return from != 0 && from <= at && (until == 0 || at < until);
}

static bool overlap(const struct row *r, time_t from, time_t until)
{
	time_t f = (time_t)row_int(r, "away_from"), u = (time_t)row_int(r, "away_until");

	return f != 0 && (until == 0 || f < until) && (u == 0 || from < u);
}

static enum status stand_in_of(struct store_tx *tx, struct arena *a, const struct owner_away *w,
			       const struct row *owner, time_t from, const char **login_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	*login_r = row_text(owner, "hand_over_to");
	if (w->stand_in == NULL)
		return OK;
	*login_r = NULL;
	if (*w->stand_in == '\0')
		return OK;
	s = owner_row(tx, a, w->stand_in, &r, e);
	if (s != OK)
		return s;
	if (str_eq(row_text(r, "id"), row_text(owner, "id")))
		return err_set(e, INPUT, "'%s' cannot stand in for themselves", row_text(r, "login"));
	if (row_int(r, "active") == 0)
		return err_set(e, INPUT, "'%s' is no active owner any more", row_text(r, "login"));
	if (overlap(r, from, w->until))
		return err_set(e, INPUT, "'%s' is away then too", row_text(r, "login"));
	*login_r = row_text(r, "login");
	return OK;
}

static const char *number(struct arena *a, time_t t)
{
	return t ? arena_printf(a, "%lld", (long long)t) : NULL;
}

enum status store_owner_away(struct store_tx *tx, struct arena *a, const struct owner_away *w,
			     struct err *e)
{
	const struct row *r = NULL;
	const char *stand_in = NULL;
	time_t from = w->from ? w->from : tx->now;
	enum status s = owner_row(tx, a, w->owner, &r, e);

	if (s != OK)
		return s;
	if (w->back) {
		struct field f[] = { { "away_from", NULL }, { "away_until", NULL }, { "away_source", NULL } };

		if (row_int(r, "away_from") == 0)
			return OK;
		return store_put(tx, a, "owner", row_text(r, "id"), f, 3, w->actor, NULL, e);
	}
	if (w->until && w->until <= from)
		return err_set(e, INPUT, "the absence ends before it begins");
	if (w->until && w->until <= tx->now)
		return err_set(e, INPUT, "that absence is over already");
	s = stand_in_of(tx, a, w, r, from, &stand_in, e);
	if (s != OK)
		return s;
	/* said again without a beginning: it goes on */
	if (w->from == 0 && is_away(r, tx->now))
		from = (time_t)row_int(r, "away_from");
	struct field f[] = {
		{ "away_from", number(a, from) }, { "away_until", number(a, w->until) },
		{ "hand_over_to", stand_in }, { "away_source", w->source ? w->source : "person" },
	};
	return store_put(tx, a, "owner", row_text(r, "id"), f, 4, w->actor, NULL, e);
}

enum status store_absence(struct store_tx *tx, struct arena *a, const char *owner_id, time_t at,
			  struct absence *out_r, struct err *e)
{
	const struct row *r = NULL, *other = NULL;
	time_t until;
	enum status s = ONE(tx, a, pipeline_owner, &r, e, T(owner_id), T(owner_id));

	*out_r = (struct absence){ .owner_id = owner_id };
	if (s != OK)
		return s;
	until = (time_t)row_int(r, "away_until");
	if (row_int(r, "away_from") == 0 || (until && until <= at))
		return GONE;
	*out_r = (struct absence){
		.owner_id = owner_id, .login = row_text(r, "login"), .name = row_text(r, "name"),
		.from = (time_t)row_int(r, "away_from"), .until = until,
		.stand_in = row_text(r, "hand_over_to"), .source = row_text(r, "away_source"),
		.now = is_away(r, at),
	};
	if (str_empty(out_r->stand_in))
		return OK;
	s = ONE(tx, a, pipeline_owner, &other, e, T(out_r->stand_in), T(out_r->stand_in));
	if (s == OK && row_int(other, "active") != 0 && !is_away(other, at))
		out_r->stand_in_id = row_text(other, "id");
	return s == GONE ? OK : s;
}
