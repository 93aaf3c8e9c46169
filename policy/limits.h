/* SPDX-License-Identifier: MPL-2.0
 *
 * How much may go out: rates and what they break, the ramp of a new sender, providers that push back,
 * and what a text promises beside its proposal. Pure figures; who counts them is the store.
 */
#ifndef POLICY_LIMITS_H
#define POLICY_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct arena;

/* ---- providers that push back ---- */

/* Does a remote server's answer ask for less mail (4.7.x, 421, "rate limited", ...)? Not greylisting, which asks for
 * nothing but a second try. dsn: "4.7.28"; words: as the server said them; each may be NULL. */
bool policy_pushback(const char *dsn, const char *words);
/* Until when the next touch to that domain waits, where so many of our mails (of one day) heard it, lastly
 * at last: a quarter of an hour, doubled with each mail, at most four hours. */
time_t policy_slow_until(int mails, time_t last);

/* ---- rates and breakers ---- */

enum breaker_level { BREAKER_NONE, BREAKER_WARN, BREAKER_PAUSE, BREAKER_STOP };
const char *breaker_level_name(enum breaker_level l);
bool breaker_level_from_name(const char *name, enum breaker_level *out_r);

struct rates {			/* of the rolling window */
	int64_t touches, bounces, complaints, unsubscribes;
};
struct breaker_limits {		/* percent */
	double complaint_pause, complaint_stop, bounce_warn, bounce_pause;
	int touches;		/* fewest touches before a rate counts */
};
/* What these rates call for. *cause_r: one sentence with the figures, NULL where nothing is called for. */
enum breaker_level policy_breaker(struct arena *a, const struct rates *r, const struct breaker_limits *l,
				  const char **cause_r);

/* ---- the ramp of a new sender ---- */

/* How many touches a sender may make on a day, if it has sent on so many days before: start, then each
 * day factor times as many, up to the ceiling. 0: no ramp, or it is behind. */
int policy_ramp(int start, double factor, int ceiling, int days);

/* ---- how alike a sender's mails are ---- */

/* 64-bit SimHash over folded shingles of three words; 0 for a text without words. Unrelated texts differ in about
 * half the bits, one text with other names in a few. */
uint64_t policy_simhash(struct arena *a, const char *text);
static inline int policy_simhash_distance(uint64_t x, uint64_t y)
{
	return __builtin_popcountll(x ^ y);
}
enum { SIMHASH_ALIKE = 10 };	/* at most so many bits: the same text to a reader, and to a provider */

/* ---- what a site allows ---- */

enum collision_scope { COLLISION_PROSPECT, COLLISION_COMPANY, COLLISION_OFF };
struct policy_limits {		/* 0: no limit; a sequence's own come first */
	int sender_per_day, domain_per_day, company_gap_days;
	int warm_up_start, warm_up_ceiling;
	double warm_up_factor;
	enum collision_scope collision;
	int collision_days;
	const char *const *sending_domains;	/* none: any */
	size_t sending_domains_n;
	const char *const *consent_jurisdictions;	/* where only consent or a relationship will do */
	size_t consent_jurisdictions_n;
};

/* ---- what the store has counted ---- */

struct memory_breaker {
	const char *scope;		/* sequence, owner, domain */
	const char *name;
	enum breaker_level level;
	const char *cause;
	time_t opened;
};

/* What counts against limits; filled at end of message only. */
struct memory_limits {
	int sender_today, sender_days;	/* touches since the owner's midnight; earlier days with touches */
	const char *from;		/* domain of the From, registrable */
	int from_today, from_days;	/* of all its owners; days of UTC */
	const struct memory_breaker *breakers;	/* open ones that concern this mail */
	size_t breakers_n;
	int pilot;			/* others in the sequence, as far as its pilot size */
};

#endif
