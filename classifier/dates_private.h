/* SPDX-License-Identifier: MPL-2.0
 *
 * Private to dates.c and date_scan.c: candidates for a date in a text.
 */
#ifndef CLASSIFIER_DATES_PRIVATE_H
#define CLASSIFIER_DATES_PRIVATE_H

#include "base/when.h"
#include "classifier/detect.h"
#include "classifier/phrases_private.h"

enum { DATE_CANDIDATES = 40, STALE_DAYS = 120 };

enum precision { DAY, WEEK, MONTH, LONGER };

enum role { ROLE_NONE, ROLE_FROM, ROLE_IN, ROLE_UNTIL, ROLE_AFTER, ROLE_LAST, ROLE_BACK };

struct date_candidate {
	struct date date;
	size_t from, to;	/* tokens */
	enum precision precision;
	enum role role;
	bool weekday;		/* nothing but a weekday */
	bool no_year, end, stated_past;
	bool range_end, range_start;
};

struct date_finder {
	struct ctx *c;
	const struct reading *r;
	struct date base;
	bool month_first, away;
	struct date_candidate k[DATE_CANDIDATES];
	size_t n;
};

/* Fills k[]; base, month_first and away must be set. */
void dates_scan(struct date_finder *f);
const struct token *date_token(const struct date_finder *f, size_t i);
/* Month or weekday at token i: its value, 0 if none; *len_r its tokens. */
int date_name_at(const struct date_finder *f, size_t i, enum name_kind kind, size_t *len_r,
		 bool *brief_r);
/* The hit of a section that ends at token i. */
const struct hit *date_section_before(const struct date_finder *f, size_t i, const char *section);
bool date_lang_fits(const struct date_finder *f, const char *lang);

/* "lunes 31", "Montag, den 23.": days to the next such day of a month behind weekday w, 0 if none is meant; an
 * hour of the day is none. at: the token behind the weekday. */
int date_weekday_of_month(struct date_finder *f, size_t at, int w, size_t *end_r);

#endif
