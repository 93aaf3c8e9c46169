/* SPDX-License-Identifier: MPL-2.0
 *
 * Days are counted by arithmetic (proleptic Gregorian); ICU is asked for one thing only: the offset of
 * a zone at a moment. Its calendars are kept per zone, since opening one costs 50 us.
 */
#include "config.h"

#include "base/when.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <unicode/ucal.h>

#include "base/str.h"

enum { DAY = 86400, ZONES = 32 };

/* ---- days ---- */

/* Days since 1970-01-01, and back (eras of 400 years). */
static int64_t days_of(struct date d)
{
	int64_t y = d.year - (d.month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct date date_of(int64_t days)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct date){ (int)(yoe + era * 400 + (month <= 2)), month,
			      (int)(doy - (153 * mp + 2) / 5 + 1) };
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int date_cmp(struct date a, struct date b)
{
	int64_t x = days_of(a), y = days_of(b);

	return (x > y) - (x < y);
}

int date_days_between(struct date a, struct date b)
{
	return (int)(days_of(b) - days_of(a));
}

struct date date_add_days(struct date d, int days)
{
	return date_of(days_of(d) + days);
}

static int month_length(int year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : length[month - 1];
}

struct date date_add_months(struct date d, int months)
{
	int64_t m = (int64_t)d.year * 12 + d.month - 1 + months;
	int last;

	d.year = (int)floor_div(m, 12);
	d.month = (int)(m - floor_div(m, 12) * 12) + 1;
	last = month_length(d.year, d.month);
	if (d.day > last)
		d.day = last;
	return d;
}

int date_weekday(struct date d)
{
	int64_t n = days_of(d) + 3;	/* 1970-01-01 was a Thursday */

	return (int)(n - floor_div(n, 7) * 7) + 1;
}

int date_iso_week(struct date d)
{
	/* the week belongs to the year of its Thursday (ISO 8601) */
	struct date thursday = date_add_days(d, 4 - date_weekday(d));
	struct date first = { thursday.year, 1, 1 };

	return date_days_between(first, thursday) / 7 + 1;
}

bool date_valid(struct date d)
{
	return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
		d.day <= month_length(d.year, d.month);
}

struct date date_next_working(struct date d)
{
	do
		d = date_add_days(d, 1);
	while (date_weekday(d) > 5);
	return d;
}

/* Exactly n digits. */
static bool digits(const char **s, int n, int *r)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return false;
		v = v * 10 + (*s)[i] - '0';
	}
	*s += n;
	*r = v;
	return true;
}

static bool eat(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool read_date(const char **s, struct date *d)
{
	return digits(s, 4, &d->year) && eat(s, '-') && digits(s, 2, &d->month) && eat(s, '-') &&
		digits(s, 2, &d->day) && date_valid(*d);
}

bool date_parse(const char *iso, struct date *out_r)
{
	struct date d;

	if (!iso || !read_date(&iso, &d) || *iso)
		return false;
	*out_r = d;
	return true;
}

/* ---- zones ---- */

static struct {
	pthread_mutex_t lock;
	struct zone {
		char name[48];
		UCalendar *calendar;	/* NULL: not a zone */
		unsigned long used;
	} zone[ZONES];
	unsigned long turn;
} zones = { .lock = PTHREAD_MUTEX_INITIALIZER };

static UCalendar *open_zone(const char *name)
{
	UChar wide[48], canonical[64];
	UErrorCode code = U_ZERO_ERROR;
	UCalendar *c;
	size_t n = strlen(name);
	UBool system = false;

	if (n == 0 || n >= sizeof wide / sizeof *wide)
		return NULL;
	for (size_t i = 0; i <= n; i++) {
		if ((unsigned char)name[i] > 0x7e)
			return NULL;
		wide[i] = (UChar)name[i];
	}
	ucal_getCanonicalTimeZoneID(wide, (int32_t)n, canonical, 64, &system, &code);
	if (U_FAILURE(code) || !system)
		return NULL;
	code = U_ZERO_ERROR;
	c = ucal_open(wide, (int32_t)n, "en_US", UCAL_GREGORIAN, &code);
	return U_FAILURE(code) ? NULL : c;
}

/* With the lock held. */
static struct zone *find_zone(const char *name)
{
	struct zone *oldest = &zones.zone[0];

	for (int i = 0; i < ZONES; i++) {
		struct zone *z = &zones.zone[i];

		if (z->used && !strcmp(z->name, name)) {
			z->used = ++zones.turn;
			return z;
		}
		if (z->used < oldest->used)
			oldest = z;
	}
	if (oldest->calendar)
		ucal_close(oldest->calendar);
	oldest->calendar = open_zone(name);
	snprintf(oldest->name, sizeof oldest->name, "%s", name);
	oldest->used = ++zones.turn;
	return oldest;
}

bool when_zone_valid(const char *zone)
{
	bool valid;

	if (!zone || strlen(zone) >= sizeof zones.zone[0].name)
		return false;
	pthread_mutex_lock(&zones.lock);
	valid = find_zone(zone)->calendar != NULL;
	pthread_mutex_unlock(&zones.lock);
	return valid;
}

/* Seconds east of UTC at t. */
static int offset_at(time_t t, const char *zone)
{
	UErrorCode code = U_ZERO_ERROR;
	int ms = 0;
	struct zone *z;

	if (!zone || !strcmp(zone, "UTC") || strlen(zone) >= sizeof zones.zone[0].name)
		return 0;
	pthread_mutex_lock(&zones.lock);
	z = find_zone(zone);
	if (z->calendar) {
		ucal_setMillis(z->calendar, (UDate)t * 1000.0, &code);
		ms = ucal_get(z->calendar, UCAL_ZONE_OFFSET, &code) +
			ucal_get(z->calendar, UCAL_DST_OFFSET, &code);
	}
	pthread_mutex_unlock(&zones.lock);
	return U_FAILURE(code) ? 0 : ms / 1000;
}

struct civil when_civil(time_t t, const char *zone)
{
	int offset = offset_at(t, zone);
	int64_t local = (int64_t)t + offset, day = floor_div(local, DAY);
	int rest = (int)(local - day * DAY);
	struct date d = date_of(day);

	return (struct civil){ .date = d, .hour = rest / 3600, .minute = rest / 60 % 60,
			       .second = rest % 60, .weekday = date_weekday(d), .offset = offset };
}

static time_t utc_of(struct date d, int seconds, const char *zone)
{
	int64_t local = days_of(d) * DAY + seconds;
	int before = offset_at((time_t)(local - DAY), zone);
	int after = offset_at((time_t)(local + DAY), zone);

	if (before == after || offset_at((time_t)(local - before), zone) == before)
		return (time_t)(local - before);
	if (offset_at((time_t)(local - after), zone) == after)
		return (time_t)(local - after);
	return (time_t)(local - before);	/* skipped by the jump: as far behind it as it was into it */
}

time_t when_utc(struct date d, int hour, int minute, const char *zone)
{
	return utc_of(d, hour * 3600 + minute * 60, zone);
}

time_t when_add_days(time_t t, int days, const char *zone)
{
	struct civil c = when_civil(t, zone);

	return utc_of(date_add_days(c.date, days), c.hour * 3600 + c.minute * 60 + c.second, zone);
}

/* ---- windows ---- */

static int window_from(const struct when_window *w)
{
	return w && (w->from || w->to) ? w->from : 8 * 60 + 30;
}

static int window_to(const struct when_window *w)
{
	return w && (w->from || w->to) ? w->to : 17 * 60 + 30;
}

bool when_is_working_day(struct date d, const struct when_window *w)
{
	unsigned days = w && w->days ? w->days : 0x1f;
	size_t low = 0, high = w ? w->holidays_n : 0;

	if (!(days & 1u << (date_weekday(d) - 1)))
		return false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = date_cmp(w->holidays[mid], d);

		if (c == 0)
			return false;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return true;
}

time_t when_open_on(struct date d, const struct when_window *w, const char *zone)
{
	/* ten years without a working day is a configuration that nobody meant: give up there */
	for (int i = 0; i < 3660 && !when_is_working_day(d, w); i++)
		d = date_add_days(d, 1);
	return when_utc(d, 0, window_from(w), zone);
}

time_t when_next_open(time_t t, const struct when_window *w, const char *zone)
{
	struct civil c = when_civil(t, zone);
	int second = c.hour * 3600 + c.minute * 60 + c.second;
	struct date d = c.date;
	time_t open;

	if (when_is_working_day(d, w)) {
		if (second >= window_from(w) * 60 && second < window_to(w) * 60)
			return t;
		if (second < window_from(w) * 60) {
			open = when_utc(d, 0, window_from(w), zone);
			return open > t ? open : t;
		}
	}
	open = when_open_on(date_add_days(d, 1), w, zone);
	return open > t ? open : t;
}

/* ---- text ---- */

const char *date_text(struct date d, char out[WHEN_TEXT])
{
	snprintf(out, WHEN_TEXT, "%04d-%02d-%02d", d.year, d.month, d.day);
	return out;
}

const char *when_text(time_t t, char out[WHEN_TEXT])
{
	struct civil c = when_civil(t, "UTC");

	snprintf(out, WHEN_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.date.year, c.date.month,
		 c.date.day, c.hour, c.minute, c.second);
	return out;
}

const char *when_local_text(time_t t, const char *zone, char out[WHEN_TEXT])
{
	struct civil c = when_civil(t, zone);

	snprintf(out, WHEN_TEXT, "%04d-%02d-%02d %02d:%02d", c.date.year, c.date.month, c.date.day,
		 c.hour, c.minute);
	return out;
}

static const char month_names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
					 "Oct", "Nov", "Dec" };

const char *when_rfc5322(time_t t, const char *zone, char out[WHEN_TEXT])
{
	static const char day_names[7][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	struct civil c = when_civil(t, zone);
	int minutes = (c.offset < 0 ? -c.offset : c.offset) / 60;

	snprintf(out, WHEN_TEXT, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", day_names[c.weekday - 1],
		 c.date.day, month_names[c.date.month - 1], c.date.year, c.hour, c.minute, c.second,
		 c.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return out;
}

bool when_parse(const char *s, const char *zone, time_t *out_r)
{
	struct date d;
	int h = 0, m = 0, sec = 0;

	if (!s || !read_date(&s, &d))
		return false;
	if (*s) {
		if (!eat(&s, 'T') && !eat(&s, ' '))
			return false;
		if (!digits(&s, 2, &h) || !eat(&s, ':') || !digits(&s, 2, &m) || h > 23 || m > 59)
			return false;
		if (eat(&s, ':') && (!digits(&s, 2, &sec) || sec > 60))
			return false;
		if (eat(&s, 'Z'))
			zone = "UTC";
		if (*s)
			return false;
	}
	*out_r = utc_of(d, h * 3600 + m * 60 + sec, zone);
	return true;
}

/* Blanks and (nested) comments. */
static void skip_cfws(const char **s)
{
	int depth = 0;

	for (; **s; (*s)++) {
		if (**s == '(')
			depth++;
		else if (**s == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !strchr(" \t\r\n", **s))
			return;
		else if (depth > 0 && **s == '\\' && (*s)[1])
			(*s)++;
	}
}

static bool number(const char **s, int most, int *r)
{
	int n = 0;

	*r = 0;
	for (; n < most && **s >= '0' && **s <= '9'; n++, (*s)++)
		*r = *r * 10 + **s - '0';
	return n > 0;
}

/* Zone: +hhmm, or the obsolete names of RFC 5322 section 4.3; anything else counts as UTC. */
static int read_offset(const char *s)
{
	static const struct { const char *name; int hours; } named[] = {
		{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 }, { "MST", -7 },
		{ "MDT", -6 }, { "PST", -8 }, { "PDT", -7 }, { "CET", 1 }, { "CEST", 2 }, { "JST", 9 },
	};
	int hhmm, sign = *s == '-' ? -1 : 1;
	const char *at = s + 1;

	if ((*s == '+' || *s == '-') && digits(&at, 4, &hhmm) && hhmm <= 1500 && hhmm % 100 < 60)
		return sign * (hhmm / 100 * 3600 + hhmm % 100 * 60);
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		size_t n = strlen(named[i].name);

		if (!strncmp(s, named[i].name, n) && !(s[n] >= 'A' && s[n] <= 'Z'))
			return named[i].hours * 3600;
	}
	return 0;
}

bool when_parse_rfc5322(const char *s, time_t *out_r, int *offset_r)
{
	struct date d = { 0, 0, 0 };
	int h, m, sec = 0, offset;

	if (!s)
		return false;
	skip_cfws(&s);
	while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z'))
		s++;
	eat(&s, ',');
	skip_cfws(&s);
	if (!number(&s, 2, &d.day))
		return false;
	skip_cfws(&s);
	eat(&s, '-');
	for (int i = 0; i < 12; i++)
		if (span_starts_case(span_of(s), month_names[i]))
			d.month = i + 1;
	if (!d.month)
		return false;
	while ((*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') || *s == '.')
		s++;
	skip_cfws(&s);
	eat(&s, '-');
	if (!number(&s, 4, &d.year))
		return false;
	if (d.year < 1000)	/* RFC 5322 section 4.3 */
		d.year += d.year < 50 ? 2000 : 1900;
	skip_cfws(&s);
	if (!date_valid(d) || !number(&s, 2, &h) || !eat(&s, ':') || !number(&s, 2, &m) || h > 23 || m > 59)
		return false;
	if (eat(&s, ':') && (!number(&s, 2, &sec) || sec > 60))
		return false;
	skip_cfws(&s);
	offset = read_offset(s);
	*out_r = (time_t)(days_of(d) * DAY + h * 3600 + m * 60 + sec - offset);
	if (offset_r)
		*offset_r = offset;
	return true;
}
