/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "store/opinions.h"

#include "base/str.h"
#include "store/store_private.h"

enum { AGAIN_AFTER = 600, MONTH = 30 * 86400 };

enum status store_opinion_ask(struct store_tx *tx, struct arena *a, const char *model, int monthly,
			      struct opinion_question *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, opinion_count, &r, e, I(tx->now - MONTH));

	if (s == OK && at_int(r, 0) >= monthly)
		return GONE;
	if (s == OK)
		s = ONE(tx, a, opinion_next, &r, e, I(tx->now - AGAIN_AFTER));
	if (s != OK)
		return s;
	*out_r = (struct opinion_question){ .id = at_text(r, 0), .review_id = at_text(r, 1), .reply_id = at_text(r, 2),
					    .subject = at_text(r, 3), .visible = at_text(r, 4) };
	if (out_r->id)
		return RUN(tx, opinion_again, e, T(out_r->id), I(tx->now));
	out_r->id = store_id(tx, a);
	return RUN(tx, opinion_insert, e, T(out_r->id), T(out_r->review_id), T(out_r->reply_id), T(model), I(tx->now));
}

static enum status carry_out(struct store_tx *tx, struct arena *a, const char *review, const char *model,
			     const struct opinion *o, struct err *e)
{
	struct decision_new d = { .decision = DECIDE_CLASSIFY_AS, .item = review, .by = "llm", .via = "relent",
		.argument = class_name(o->class), .because = arena_printf(a, "second opinion of %s: %s", model,
			o->summary) };
	struct decided decided;
	const struct row *r = NULL;
	enum status s = ONE(tx, a, desk_review, &r, e, T(review));

	if (s == OK && !at_int(r, 8))
		s = store_decide(tx, a, &d, &decided, e);
	return s == GONE ? OK : s;	/* a person was faster */
}

enum status store_opinion_put(struct store_tx *tx, struct arena *a, const char *id, const struct opinion *o,
			      const char *error, bool *stopped_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, opinion_about, &r, e, T(id));
	bool own;

	*stopped_r = false;
	if (s != OK)
		return s;
	if (!o)
		return RUN(tx, opinion_failed, e, T(id), T(error));
	s = RUN(tx, opinion_answered, e, T(id), T(class_name(o->class)), T(o->summary), I(tx->now));
	own = at_int(r, 2) && !at_int(r, 3);
	if (s == OK && opinion_effect(o, own) == OPINION_STOPS) {
		s = carry_out(tx, a, at_text(r, 0), at_text(r, 1), o, e);
		*stopped_r = s == OK;
	}
	return s;
}
