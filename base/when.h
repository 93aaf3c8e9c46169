/* SPDX-License-Identifier: MPL-2.0
 *
 * The calendar: zones, working days, windows. Pure: the time is handed in, ICU knows the zones.
 * All time_t are UTC seconds. A date is a civil day without zone.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct arena;

struct date {
	int year;	/* 1..9999; 0 means none */
	int month;	/* 1..12 */
	int day;	/* 1..31 */
};

struct civil {
	struct date date;
	int hour, minute, second;
	int weekday;	/* 1 Monday .. 7 Sunday (ISO 8601) */
	int offset;	/* seconds east of UTC */
};

/* When mail may go out. All in the zone handed to the function. */
struct when_window {
	unsigned days;			/* bit 0 Monday .. bit 6 Sunday; 0 means Monday to Friday */
	int from, to;			/* minutes since midnight; from < to; both 0: 08:30 to 17:30 */
	const struct date *holidays;	/* borrowed, sorted */
	size_t holidays_n;
};

bool when_zone_valid(const char *zone);		/* an IANA name ICU knows, or "UTC" */

/* The clock on the wall of zone at t; an unknown zone counts as UTC. */
struct civil when_civil(time_t t, const char *zone);
/* UTC of a wall-clock time. A time that a DST jump skips moves forward by the gap; one that
 * happens twice is the first. */
time_t when_utc(struct date d, int hour, int minute, const char *zone);
/* The same wall-clock time days calendar days later (earlier if negative) in zone. */
time_t when_add_days(time_t t, int days, const char *zone);
/* The first moment >= t inside the window; t itself if it is inside. Never earlier than t. */
time_t when_next_open(time_t t, const struct when_window *w, const char *zone);
/* Start of the window on the first working day >= d. */
time_t when_open_on(struct date d, const struct when_window *w, const char *zone);
bool when_is_working_day(struct date d, const struct when_window *w);

int date_cmp(struct date a, struct date b);
int date_days_between(struct date a, struct date b);	/* b - a */
struct date date_add_days(struct date d, int days);
struct date date_add_months(struct date d, int months);	/* 31 January + 1 = last of February */
int date_weekday(struct date d);			/* 1 Monday .. 7 */
int date_iso_week(struct date d);
bool date_valid(struct date d);
struct date date_next_working(struct date d);		/* first Monday-to-Friday day after d */
bool date_parse(const char *iso, struct date *out_r);	/* YYYY-MM-DD */

enum { WHEN_TEXT = 40 };
/* "2026-03-02" */
const char *date_text(struct date d, char out[WHEN_TEXT]);
/* "2026-03-02T08:30:00Z" */
const char *when_text(time_t t, char out[WHEN_TEXT]);
/* "2026-03-02 09:30" on the wall of zone */
const char *when_local_text(time_t t, const char *zone, char out[WHEN_TEXT]);
/* RFC 5322 date in zone */
const char *when_rfc5322(time_t t, const char *zone, char out[WHEN_TEXT]);
/* "2026-03-02", "2026-03-02 09:30", "2026-03-02T09:30:00Z"; the zone applies where none is said. */
bool when_parse(const char *s, const char *zone, time_t *out_r);
/* RFC 5322 Date header; *offset_r (may be NULL) gets its own zone in seconds east. */
bool when_parse_rfc5322(const char *s, time_t *out_r, int *offset_r);

#endif
