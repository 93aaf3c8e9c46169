/* SPDX-License-Identifier: MPL-2.0
 *
 * Day and time as notices of booking systems write them. Whatever could be read in two ways is not read: a wrong
 * hour is worse than a person who looks.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/booking.h"

enum { NUMBERS_MAX = 16 };

struct number {
	int value;
	size_t at, n;		/* where, and how many digits */
};
struct scan {
	const char *s;		/* lower case */
	struct number list[NUMBERS_MAX];
	size_t n;
	bool used[NUMBERS_MAX];
};

static void numbers(struct scan *f)
{
	for (const char *c = f->s; *c && f->n < NUMBERS_MAX; c++) {
		struct number x = { .at = (size_t)(c - f->s) };

		if (!isdigit((unsigned char)*c))
			continue;
		for (; isdigit((unsigned char)*c); c++, x.n++)
			x.value = x.n < 5 ? x.value * 10 + (*c - '0') : x.value;
		f->list[f->n++] = x;
		c--;
	}
}

static char after(const struct scan *f, size_t i)
{
	return f->s[f->list[i].at + f->list[i].n];
}

static bool near(const struct scan *f, size_t i, char sep)
{
	return i + 1 < f->n && after(f, i) == sep && f->list[i + 1].at == f->list[i].at + f->list[i].n + 1;
}

/* ---- the time of day ---- */

/* 1: am, 2: pm; where it ends */
static int half(const char *p)
{
	while (*p == ' ' || *p == '.')
		p++;
	if (strncmp(p, "\xe2\x80\xaf", 3) == 0 || strncmp(p, "\xc2\xa0", 2) == 0)	/* narrow and plain no-break space */
		p += *p == '\xe2' ? 3 : 2;
	if (p[0] != 'a' && p[0] != 'p')
		return 0;
	int dot = p[1] == '.';
	if (p[1 + dot] != 'm' || isalpha((unsigned char)p[2 + dot]))
		return 0;
	return p[0] == 'a' ? 1 : 2;
}

static bool set_time(int hour, int minute, int h, int *out_r)
{
	if (minute > 59 || hour > 23 || (h && (hour < 1 || hour > 12)))
		return false;
	if (h)
		hour = hour % 12 + (h == 2 ? 12 : 0);
	*out_r = hour * 60 + minute;
	return true;
}

/* "10:00", "10:00 pm", "14h30", "10am", "14 Uhr" at the i-th number: minutes since midnight; -1: none, -2: impossible. */
static int time_at(struct scan *f, size_t i)
{
	const struct number *x = &f->list[i];
	const char *p = f->s + x->at + x->n;
	int minutes, h;

	if (x->n > 2)
		return -1;
	if ((near(f, i, ':') || near(f, i, 'h')) && x[1].n == 2) {
		f->used[i] = f->used[i + 1] = true;
		if (i + 2 < f->n && near(f, i + 1, ':'))
			f->used[i + 2] = true;
		return set_time(x[0].value, x[1].value, half(f->s + x[1].at + 2), &minutes) ? minutes : -2;
	}
	h = half(p);
	if (!h && strncmp(p, " uhr", 4) != 0)
		return -1;
	f->used[i] = true;
	return set_time(x->value, 0, h, &minutes) ? minutes : -2;
}

/* The first one is when it starts. */
static bool time_of_day(struct scan *f, int *minutes_r)
{
	for (size_t i = 0; i < f->n; i++) {
		int minutes = time_at(f, i);

		if (minutes == -1)
			continue;
		*minutes_r = minutes;
		return minutes >= 0;
	}
	return false;
}

/* ---- the day ---- */

/* The month of this language that stands in the text, and where; 0: none. */
static int month_in(const struct scan *f, const char *lang, size_t *at_r)
{
	static const UDateFormatSymbolType types[] = { UDAT_MONTHS, UDAT_STANDALONE_MONTHS, UDAT_SHORT_MONTHS };
	UErrorCode st = U_ZERO_ERROR;
	UDateFormat *df = udat_open(UDAT_SHORT, UDAT_SHORT, lang, u"UTC", 3, NULL, 0, &st);
	int found = 0;

	for (size_t t = 0; U_SUCCESS(st) && !found && t < 3; t++)
		for (int32_t i = 0; !found && i < udat_countSymbols(df, types[t]); i++) {
			UChar u[64];
			char name[200];
			const char *p;
			size_t n;

			st = U_ZERO_ERROR;
			udat_getSymbols(df, types[t], i, u, 64, &st);
			u_strToLower(u, 64, u, -1, lang, &st);
			u_strToUTF8(name, sizeof(name), NULL, u, -1, &st);
			n = U_SUCCESS(st) ? strlen(name) : 0;
			if (n && name[n - 1] == '.')
				name[--n] = '\0';
			for (p = f->s; n >= 3 && !found && (p = strstr(p, name)); p++)
				if ((p == f->s || (unsigned char)p[-1] < 'A') && !((unsigned char)p[n] >= 'a')) {
					found = i + 1;
					*at_r = (size_t)(p - f->s);
				}
		}
	udat_close(df);
	return found;
}

static int year_in(const struct scan *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->used[i] && f->list[i].n == 4 && f->list[i].value >= 2000 && f->list[i].value < 2200)
			return f->list[i].value;
	return 0;
}

/* The day beside the month: just before it ("4 March", "4. März", "4 de marzo"), else just behind. */
static int day_beside(const struct scan *f, size_t month)
{
	int best = 0;
	size_t distance = 8;

	for (size_t i = 0; i < f->n; i++) {
		const struct number *x = &f->list[i];
		size_t d = x->at < month ? month - x->at - x->n : x->at - month;

		if (f->used[i] || x->n > 2 || x->value < 1 || x->value > 31)
			continue;
		if (x->at > month)	/* behind the name of the month */
			d = d > 16 ? 99 : 3;
		if (d < distance) {
			distance = d;
			best = x->value;
		}
	}
	return best;
}

static bool numeric(struct scan *f, struct date *out_r)
{
	for (size_t i = 0; i + 2 < f->n; i++) {
		const struct number *x = &f->list[i];

		if (near(f, i, '-') && near(f, i + 1, '-') && x->n == 4) {
			*out_r = (struct date){ x[0].value, x[1].value, x[2].value };
		} else if (near(f, i, '.') && near(f, i + 1, '.') && x[2].n == 4) {
			*out_r = (struct date){ x[2].value, x[1].value, x[0].value };
		} else if (near(f, i, '/') && near(f, i + 1, '/') && x[2].n == 4 && (x[0].value > 12 || x[1].value > 12)) {
			*out_r = x[0].value > 12 ? (struct date){ x[2].value, x[1].value, x[0].value }
						 : (struct date){ x[2].value, x[0].value, x[1].value };
		} else {
			continue;
		}
		f->used[i] = f->used[i + 1] = f->used[i + 2] = true;
		return date_valid(*out_r);
	}
	return false;
}

static bool in_words(struct scan *f, time_t received, struct date *out_r)
{
	static const char *const langs[] = { "en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv" };
	size_t at = 0;
	int month = 0;

	for (size_t i = 0; !month && i < sizeof(langs) / sizeof(*langs); i++)
		month = month_in(f, langs[i], &at);
	if (!month)
		return false;
	*out_r = (struct date){ year_in(f), month, day_beside(f, at) };
	if (!out_r->year) {		/* the next such day */
		struct date today = when_civil(received, "UTC").date;

		out_r->year = today.year;
		if (date_valid(*out_r) && date_cmp(*out_r, date_add_days(today, -2)) < 0)
			out_r->year++;
	}
	return out_r->day && date_valid(*out_r);
}

/* ---- the zone ---- */

/* Between the last brackets, or behind the time: "(Berlin)", "10:00 - 10:30 Europe/Berlin". */
static const char *zone_in(struct arena *a, const char *text)
{
	const char *open = text, *close, *id;
	struct span rest, word;

	while ((open = strchr(open, '(')) && (close = strchr(open, ')'))) {
		if ((id = calendar_zone(a, arena_strndup(a, open + 1, (size_t)(close - open - 1)))))
			return id;
		open++;
	}
	/* "(Eastern Time (US & Canada))", "(GMT+01:00) Berlin" */
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open && close && close > open) {
		id = calendar_zone(a, arena_strndup(a, open + 1, (size_t)(close - open - 1)));
		id = id ? id : calendar_zone(a, open);
		if (id)
			return id;
	}
	rest = span_of(text);
	while (span_split(&rest, ' ', &word)) {
		while (word.n && strchr("(,;", word.p[0])) {
			word.p++;
			word.n--;
		}
		while (word.n && strchr("),;.", word.p[word.n - 1]))
			word.n--;
		if ((memchr(word.p, '/', word.n) || span_eq(word, "UTC") || span_eq(word, "GMT")) &&
		    (id = calendar_zone(a, span_dup(a, word))))
			return id;
	}
	return NULL;
}

time_t booking_time(struct arena *a, const char *text, const char *zone, time_t received, const char **zone_r)
{
	struct scan f = { .s = str_lower(a, text) };
	const char *named = zone_in(a, text);
	struct date day;
	int minutes;

	*zone_r = named ? named : zone;
	numbers(&f);
	if (!*zone_r || !time_of_day(&f, &minutes))
		return 0;
	if (!numeric(&f, &day) && !in_words(&f, received, &day))
		return 0;
	return when_utc(day, minutes / 60, minutes % 60, *zone_r);
}
