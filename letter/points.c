/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "letter/points.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "classifier/content.h"

enum { POINT_BYTES = 300, TOMORROW = 36 * 3600 };	/* a day is kept as its midnight somewhere */

const char *point_why(enum point_fate f)
{
	static const char *const words[] = {
#define X(sym, why) why,
		POINT_FATES(X)
#undef X
	};

	return words[f];
}

/* Family, health, praise, blame, figures that nobody approved: the words that the milter holds back, too. */
static bool has_bad_words(struct arena *a, const struct phrases *phrases, const char *text)
{
	struct message m = { .subject = "", .text = text };
	struct outbound_content c;

	outbound_content(a, phrases, &m, NULL, NULL, 0, &c);
	return c.claims_n > 0;
}

enum point_fate point_judge(struct arena *a, const struct phrases *phrases, const struct point *p, time_t now,
			    int64_t max_age)
{
	if (p->retracted || (p->expires && p->expires < now))
		return POINT_OVER;
	if (str_empty(p->text) || span_trim(span_of(p->source ? p->source : "")).n == 0)
		return POINT_UNSOURCED;
	if (p->type && !str_eq(p->type, "verified_fact") && !str_eq(p->type, "public_observation"))
		return POINT_GUESS;
	if (p->type && !p->safe)
		return POINT_UNSAFE;
	if (p->waits)
		return POINT_UNREVIEWED;
	if (p->date > now + TOMORROW)
		return POINT_UNDATED;
	if (p->date && now - p->date > max_age)
		return POINT_OLD;
	if (strlen(p->text) > POINT_BYTES)
		return POINT_LONG;
	if (phrases && has_bad_words(a, phrases, p->text))
		return POINT_WORDS;
	return p->used ? POINT_USED : POINT_GOOD;
}

static bool better(const struct point *p, const struct point *than)
{
	bool fact = str_eq(p->type, "verified_fact"), other = str_eq(than->type, "verified_fact");

	return fact != other ? fact : p->date > than->date;
}

const struct point *point_choose(struct arena *a, const struct phrases *phrases, const struct point *list, size_t n,
				 time_t now, int64_t max_age)
{
	const struct point *best = NULL;

	for (size_t k = 0; k < n; k++)
		if (point_judge(a, phrases, &list[k], now, max_age) == POINT_GOOD && (!best || better(&list[k], best)))
			best = &list[k];
	return best;
}
