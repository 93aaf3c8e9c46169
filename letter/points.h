/* SPDX-License-Identifier: MPL-2.0
 *
 * Which of the things known of a prospect may be said to them, and which one a draft takes. Pure.
 */
#ifndef LETTER_POINTS_H
#define LETTER_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct arena;
struct phrases;

struct point {
	const char *id, *text, *source;
	const char *type;		/* class of the evidence; NULL: a signal */
	time_t date;			/* of the source; 0: none */
	time_t expires;			/* of a signal; 0: never */
	bool safe;			/* a person says that it may be mentioned */
	bool waits;			/* a person has to look first, and has not */
	bool retracted;
	bool used;			/* an earlier touch said it */
};
#define POINT_FATES(X) \
	X(GOOD, "may be used") \
	X(UNSAFE, "nobody has said that it may be mentioned") \
	X(UNSOURCED, "it has no source that could be shown") \
	X(GUESS, "it is no verified fact and no public observation") \
	X(UNREVIEWED, "a person has to look at it first") \
	X(OLD, "its source is too old") \
	X(UNDATED, "its date is in the future") \
	X(OVER, "it has expired or was retracted") \
	X(LONG, "it is too long to be one point") \
	X(WORDS, "its words are of a kind that is never said (personal, flattery, blame, promises)") \
	X(USED, "an earlier touch has said it")
enum point_fate {
#define X(sym, why) POINT_##sym,
	POINT_FATES(X)
#undef X
	POINT_FATE_COUNT
};
const char *point_why(enum point_fate f);

/* max_age: seconds after which a dated source is too old. phrases: words that are never said; NULL: not looked. */
enum point_fate point_judge(struct arena *a, const struct phrases *phrases, const struct point *p, time_t now,
			    int64_t max_age);
/* The best of those that may be used: a verified fact before an observation, then the newest. NULL: none. */
const struct point *point_choose(struct arena *a, const struct phrases *phrases, const struct point *list, size_t n,
				 time_t now, int64_t max_age);

#endif
