/* SPDX-License-Identifier: MPL-2.0
 *
 * What in the text of a draft is about this very person: facts (signals, evidence), what was thought of for them
 * (workflow, question, asset, mini case), what they asked for, and the proposal they have.
 */
#include "config.h"

#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "store/store_private.h"
#include "store/card.h"

enum { POINTS_MAX = 24, SHORTEST = 4 };

struct looking {
	struct arena *a;
	struct card *c;
	const char *text;		/* of the draft, on one line, with its subject */
	struct card_point *list;
};

static bool is_fact(const char *kind)
{
	return str_eq(kind, "signal") || str_eq(kind, "evidence");
}

/* The full stop of a point may have become another mark in the text. */
static const char *bare(struct arena *a, const char *point)
{
	char *out = text_squeeze(a, point);
	size_t n = strlen(out);

	while (n > 0 && strchr(".!?,;: ", out[n - 1]))
		out[--n] = '\0';
	return out;
}

static void look(struct looking *l, const char *kind, const char *point)
{
	struct card *c = l->c;
	const char *words = str_empty(point) ? "" : bare(l->a, point);

	if (strlen(words) < SHORTEST || c->points_n == POINTS_MAX || !strcasestr(l->text, words))
		return;
	for (size_t i = 0; i < c->points_n; i++)	/* the same said twice, or a part of it, is one point */
		if (is_fact(c->points[i].kind) == is_fact(kind) &&
		    (strcasestr(c->points[i].text, words) || strcasestr(words, c->points[i].text)))
			return;
	l->list[c->points_n++] = (struct card_point){ kind, words };
	c->facts += is_fact(kind);
}

static void look_at_proposal(struct looking *l, const char *content, time_t date)
{
	static const char *const keys[] = { "scope", "problem", "outcome", "next_step", "decision", "price" };
	json_t *o = json_loads(content ? content : "{}", 0, NULL);
	char day[WHEN_TEXT];

	if (date)	/* days are kept as their midnight in UTC */
		look(l, "proposal", date_text(when_civil(date, "UTC").date, day));
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		look(l, "proposal", arena_strdup(l->a, json_string_value(json_object_get(o, keys[i]))));
	json_decref(o);
}

enum status card_points(struct store_tx *tx, struct arena *a, struct card *c, struct err *e)
{
	struct looking l = { .a = a, .c = c, .list = arena_array(a, struct card_point, POINTS_MAX) };
	const struct row *r = NULL;
	struct rows rows;
	enum status s = ROWS(tx, a, card_points, &rows, e, T(c->prospect_id));

	l.text = text_squeeze(a, arena_printf(a, "%s\n%s", c->subject ? c->subject : "", c->text ? c->text : ""));
	c->points = l.list;
	for (size_t i = 0; s == OK && i < rows.n; i++)
		look(&l, at_text(&rows.list[i], 0), at_text(&rows.list[i], 1));
	if (s == OK)
		s = ONE(tx, a, recall_proposal, &r, e, T(c->prospect_id));
	if (s == OK)
		look_at_proposal(&l, at_text(r, 5), (time_t)at_int(r, 3));
	return s == GONE ? OK : s;
}
