/* SPDX-License-Identifier: MPL-2.0
 *
 * A date that a person wrote to us in a few words.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

bool words_date(struct arena *a, const struct phrases *p, const char *words, time_t now, struct date *out_r)
{
	struct message m = { .subject = "", .text = "", .date = now };
	struct reply_context rc = { .received = now };
	struct ctx *c = ctx_new(a, p, &m, &rc);
	struct date_found found;

	/* "april" alone is no date in a sentence, but here it is meant as one */
	if (!dates_find(c, words, false, &found) &&
	    !dates_find(c, arena_printf(a, "until %s", words), false, &found))
		return false;
	if (found.past)
		return false;
	*out_r = found.date;
	return true;
}
