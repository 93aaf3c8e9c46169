/* SPDX-License-Identifier: MPL-2.0
 *
 * What a text says about money, discounts, deadlines and quantities, in several languages: for the rule
 * `terms`, which holds it against the record of a proposal. Pure.
 */
#ifndef POLICY_TERMS_H
#define POLICY_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"

struct arena;

enum term_kind {
	TERM_MONEY,		/* value in hundredths, currency */
	TERM_PERCENT,		/* value in hundredths of a percent */
	TERM_DATE,
	TERM_COUNT,		/* value, words: the noun behind it */
	TERM_DISCOUNT,		/* words for less money: discount, Rabatt, remise, "free of charge" */
	TERM_APPROVAL,		/* "as you approved" */
	TERM_SCARCITY,		/* "only three places left" */
};

struct term {
	enum term_kind kind;
	int64_t value;
	char currency[4];	/* "EUR"; "$" where several dollars are possible */
	struct date date;	/* year 0: not said */
	struct date other;	/* 03/04/2026 may be two days; month 0: only the one */
	const char *noun;	/* COUNT: folded, freed of its ending */
	const char *words;	/* as it stands, folded */
	bool less;		/* PERCENT, MONEY: its sentence speaks of a discount */
	bool deadline;		/* DATE: its sentence speaks of validity */
};

/* In the order of the text, at most 200. */
size_t terms_find(struct arena *a, const char *text, const struct term **out_r);
/* A price as a field says it: its first number, with or without a currency. False: no number. */
bool terms_price(struct arena *a, const char *text, struct term *out_r);
/* The same amount, day, number of the same thing? Currencies are the same if one is not said, or one a plain
 * dollar. */
bool term_same(const struct term *x, const struct term *y);

#endif
