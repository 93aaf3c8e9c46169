/* SPDX-License-Identifier: MPL-2.0
 *
 * Finds dates in free text, in any of the languages: numbers, names of months and weekdays,
 * "in two weeks", "Q3", "after the summer". What a date is for is dates.c's business.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/dates_private.h"

#include <stdlib.h>
#include <string.h>

static bool in_section(const struct hit *h, const char *section)
{
	return str_eq(h->phrase->topic, "dates") && str_eq(h->phrase->section, section);
}

bool date_lang_fits(const struct date_finder *f, const char *lang)
{
	return !f->c->lang_sure || str_eq(lang, f->c->lang) || str_eq(lang, "en") || !*lang;
}

/* The first hit that begins at token i or later: they are in that order. */
static size_t first_at(const struct date_finder *f, size_t i)
{
	size_t lo = 0, hi = f->r->h.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (f->r->h.h[mid].from < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The hit of a section that begins at token i; NULL if none. */
static const struct hit *section_at(const struct date_finder *f, size_t i, const char *section)
{
	const struct hit *best = NULL;

	for (size_t k = first_at(f, i); k < f->r->h.n && f->r->h.h[k].from == i; k++) {
		const struct hit *h = &f->r->h.h[k];
		if (in_section(h, section) && date_lang_fits(f, h->phrase->lang) &&
		    (!best || h->to > best->to))
			best = h;
	}
	return best;
}

/* The hit of a section that ends at token i. */
const struct hit *date_section_before(const struct date_finder *f, size_t i, const char *section)
{
	for (size_t k = 0; k < f->r->h.n; k++) {
		const struct hit *h = &f->r->h.h[k];
		if (h->to == i && in_section(h, section) && date_lang_fits(f, h->phrase->lang))
			return h;
	}
	return NULL;
}

const struct token *date_token(const struct date_finder *f, size_t i)
{
	return i < f->r->t.n ? &f->r->t.t[i] : NULL;
}

static bool name_matches(const struct date_name *d, const struct token *t, size_t n)
{
	if (d->n > n)
		return false;
	for (size_t i = 0; i < d->n; i++) {
		if (t[i].n == d->t[i].n && memcmp(t[i].s, d->t[i].p, t[i].n) == 0)
			continue;
		/* inflected: the last letter differs or one is added ("marcu" for "marca") */
		if (d->brief || d->n > 1 || !str_eq(d->lang, "pl") || d->t[i].n < 4)
			return false;
		size_t stem = d->t[i].n - 1;
		if (t[i].n < stem || t[i].n > stem + 2 || memcmp(t[i].s, d->t[i].p, stem) != 0)
			return false;
	}
	return true;
}

/* Month or weekday at token i: its value, 0 if none; *len_r its tokens. */
int date_name_at(const struct date_finder *f, size_t i, enum name_kind kind, size_t *len_r,
	    bool *brief_r)
{
	const struct phrases *p = f->c->p;
	const struct token *t = date_token(f, i);
	int found = 0;

	if (!t || t->kind == TOKEN_STOP || t->kind == TOKEN_NUMBER)
		return 0;
	for (uint32_t k = p->names_from[(unsigned char)t->s[0]]; k; k = p->names[k - 1].next) {
		const struct date_name *d = &p->names[k - 1];
		if (d->kind != kind || !name_matches(d, t, f->r->t.n - i) ||
		    !date_lang_fits(f, d->lang) ||
		    (d->brief && !str_eq(f->c->lang, "-") && !str_eq(d->lang, f->c->lang)))
			continue;
		if (found && *brief_r <= d->brief)
			continue;
		found = d->value;
		*len_r = d->n;
		*brief_r = d->brief;
		if (!d->brief && str_eq(d->lang, f->c->lang))
			break;
	}
	size_t at = first_at(f, i);
	if (at == f->r->h.n || f->r->h.h[at].from != i)
		return found;
	for (int m = 1; kind == NAME_MONTH && !found && m <= 12; m++) {
		char section[8] = { 'm' };
		section[1] = (char)(m >= 10 ? '1' : '0' + m);
		section[2] = (char)(m >= 10 ? '0' + m - 10 : '\0');
		const struct hit *h = section_at(f, i, section);
		if (h) {
			found = m;
			*len_r = h->to - h->from;
			*brief_r = false;
		}
	}
	return found;
}

/* "3", "3rd", "1er", "15." -> 3, 3, 1, 15; 0 if it is no day of a month. */
static int day_of(const struct token *t)
{
	size_t i = 0;
	int v = 0;

	if (!t || t->n == 0 || t->n > 6)
		return 0;
	for (; i < t->n && t->s[i] >= '0' && t->s[i] <= '9' && i < 3; i++)
		v = v * 10 + t->s[i] - '0';
	if (i == 0 || i > 2 || v < 1 || v > 31)
		return 0;
	struct span rest = { t->s + i, t->n - i };
	if (rest.n == 0 || span_eq(rest, "st") || span_eq(rest, "nd") || span_eq(rest, "rd") ||
	    span_eq(rest, "th") || span_eq(rest, "er") || span_eq(rest, "e") || span_eq(rest,
		    "o") ||
	    span_eq(rest, "a") || span_eq(rest, "ste") || span_eq(rest, "de") || span_eq(rest,
		    "eme") ||
	    span_eq(rest, "."))
		return v;
	return 0;
}

static int year_of(const struct token *t)
{
	int v = 0;

	if (!t || (t->n != 4 && t->n != 2))
		return 0;
	for (size_t i = 0; i < t->n; i++) {
		if (t->s[i] < '0' || t->s[i] > '9')
			return 0;
		v = v * 10 + t->s[i] - '0';
	}
	if (t->n == 2)
		return 0;
	return v >= 2000 && v < 2100 ? v : 0;
}

static int last_day(int year, int month)
{
	struct date d = { year, month, 31 };

	while (!date_valid(d))
		d.day--;
	return d.day;
}

/* The next such day on or after the mail; an absence that ended a short while ago stays past. */
static struct date with_year(const struct date_finder *f, int month, int day, bool *past_r)
{
	struct date d = { f->base.year, month, day };

	*past_r = false;
	if (!date_valid(d) && !(month == 2 && day == 29))
		return (struct date){ 0, 0, 0 };
	if (!date_valid(d))
		d.day = 28;
	if (date_cmp(d, f->base) >= 0) {
		/* January's mail may speak of last December */
		struct date last = d;
		last.year--;
		if (f->away && date_days_between(last, f->base) <= 45)
			*past_r = true;
		return *past_r ? last : d;
	}
	if (f->away && date_days_between(d, f->base) <= STALE_DAYS) {
		*past_r = true;
		return d;
	}
	d.year++;
	if (!date_valid(d))
		d.day = 28;
	return d;
}

static struct date_candidate *add(struct date_finder *f, struct date d, size_t from, size_t to,
			     enum precision precision)
{
	struct date_candidate *k;

	if (f->n == DATE_CANDIDATES || !date_valid(d))
		return NULL;
	k = &f->k[f->n++];
	*k = (struct date_candidate){ .date = d, .from = from, .to = to, .precision = precision };
	return k;
}

static size_t numbers_in(const struct token *t, int v[3], char *sep_r)
{
	size_t n = 0, i = 0;

	*sep_r = 0;
	while (i < t->n && n < 3) {
		int x = 0;
		size_t digits = 0;
		for (; i < t->n && t->s[i] >= '0' && t->s[i] <= '9' && digits < 5; i++, digits++)
			x = x * 10 + t->s[i] - '0';
		if (!digits)
			return 0;
		v[n++] = x;
		if (i == t->n)
			return n;
		if (!strchr("./-", t->s[i]) || (*sep_r && t->s[i] != *sep_r))
			return 0;
		*sep_r = t->s[i++];
	}
	return i == t->n ? n : 0;
}

static int full_year(int y)
{
	return y < 100 ? 2000 + y : y;
}

/* 2026-03-12, 12.3.2026, 12/3, 3/12/26: one token. */
static size_t numeric(struct date_finder *f, size_t i)
{
	const struct token *t = date_token(f, i);
	int v[3];
	char sep;
	size_t n = t->kind == TOKEN_NUMBER ? numbers_in(t, v, &sep) : 0;
	struct date_candidate *k;
	bool past = false;
	struct date d;

	if (n < 2 || (n == 2 && sep == '-'))
		return 0;
	if (n == 3 && v[0] >= 2000) {
		d = (struct date){ v[0], v[1], v[2] };
	} else {
		bool month_first = sep == '/' && f->month_first;
		if (v[0] > 12)
			month_first = false;
		else if (v[1] > 12)
			month_first = true;
		int month = month_first ? v[0] : v[1], day = month_first ? v[1] : v[0];
		if (n == 3 && (v[2] < 2000 && v[2] > 99))
			return 0;
		if (month < 1 || month > 12 || day < 1 || day > 31)
			return 0;
		if (n == 2 && v[0] == 24 && v[1] == 7)
			return 0;	/* round the clock */
		const char *after = f->r->text + t->end;
		if (n == 2 && sep == '.' && *after != '.' && !f->away &&
		    !date_section_before(f, i, "in") && !date_section_before(f, i, "from") &&
		    !date_section_before(f, i, "until") && !date_section_before(f, i, "lastday"))
			return 0;
		d = n == 3 ? (struct date){ full_year(v[2]), month, day } :
			     with_year(f, month, day, &past);
	}
	k = add(f, d, i, i + 1, DAY);
	if (k) {
		k->no_year = n == 2;
		k->stated_past = past;
	}
	return k ? 1 : 0;
}

/* Words that may stand between day and month: "3rd of March", "3 de marzo". */
static bool joins(const struct token *t)
{
	static const char *const list[] = { "of", "de", "den", "der", "di", "do", "the", "del",
		    "d" };

	for (size_t i = 0; t && i < sizeof list / sizeof list[0]; i++)
		if (str_eq(t->s, list[i]))
			return true;
	return false;
}

/* A day in front of token i that shares its month: "12-16 March", "from 3 to 14 August". */
static bool range_before(const struct date_finder *f, size_t i)
{
	const struct token *p1 = i >= 1 ? date_token(f, i - 1) : NULL,
		    *p2 = i >= 2 ? date_token(f, i - 2) : NULL;
	const struct token *t = date_token(f, i);

	if (p1 && day_of(p1) && t) {
		const char *s = f->r->text + p1->end;
		const char *e = f->r->text + t->start;
		for (; s < e; s++)
			if (*s == '-' || (unsigned char)*s == 0xe2)
				return true;
	}
	return p1 && p2 && day_of(p2) && (date_section_before(f, i, "lastday") ||
					  date_section_before(f, i, "until") ||
					  date_section_before(f, i, "range"));
}

static size_t day_month(struct date_finder *f, size_t i)
{
	const struct token *t = date_token(f, i);
	size_t at = i + 1, len = 0;
	int day = day_of(t), month, year;
	bool brief = false, past = false, range = false;
	struct date_candidate *k;
	int v[3];
	char sep;

	if (!day && t->kind == TOKEN_NUMBER && numbers_in(t, v, &sep) == 2 && sep == '-' &&
	    v[0] < v[1] && v[1] <= 31) {
		day = v[1];
		range = true;
	}
	if (!day)
		return 0;
	if (joins(date_token(f, at)))
		at++;
	month = date_name_at(f, at, NAME_MONTH, &len, &brief);
	if (!month)
		return 0;
	at += len;
	if (date_token(f, at) && date_token(f, at)->kind == TOKEN_STOP &&
		    brief)	/* "3 Nov. 2026" */
		at += year_of(date_token(f, at + 1)) != 0;
	if (joins(date_token(f, at)) && year_of(date_token(f, at + 1)))
		at++;
	year = year_of(date_token(f, at));
	if (year)
		at++;
	k = add(f, year ? (struct date){ year, month, day } : with_year(f, month, day, &past),
		    i, at, DAY);
	if (!k)
		return 0;
	k->no_year = !year;
	k->stated_past = past;
	k->range_end = range || range_before(f, i);
	return at - i;
}

/* "November 3rd, 2026", "Nov. 3 - 7" */
static size_t month_day(struct date_finder *f, size_t i)
{
	size_t len = 0, at;
	bool brief = false, past = false;
	int month = date_name_at(f, i, NAME_MONTH, &len, &brief), day, year;
	struct date_candidate *k;
	int v[3];
	char sep;

	if (!month)
		return 0;
	at = i + len;
	if (date_token(f, at) && date_token(f, at)->kind == TOKEN_STOP && brief)
		at++;
	if (date_token(f, at) && str_eq(date_token(f, at)->s, "the"))
		at++;
	day = day_of(date_token(f, at));
	if (!day && date_token(f, at) && numbers_in(date_token(f, at), v, &sep) == 2 &&
		    sep == '-' && v[1] <= 31 &&
	    v[0] < v[1])
		day = v[1];
	if (!day || (date_token(f, at + 1) && date_name_at(f, at + 1, NAME_MONTH, &len,
		    &brief) && day_of(date_token(f, at)) &&
		     !day_of(date_token(f, at + 2))))
		return 0;
	bool range = day_of(date_token(f, at)) == 0;
	at++;
	/* "Nov 3 - 7": the second day counts */
	const struct token *next = date_token(f, at);
	if (next && day_of(next)) {
		for (const char *s = f->r->text + date_token(f,
			    at - 1)->end; s < f->r->text + next->start; s++)
			range |= *s == '-' || (unsigned char)*s == 0xe2;
		if (range && !date_name_at(f, at + 1, NAME_MONTH, &len, &brief)) {
			day = day_of(next);
			at++;
		}
	} else if (next && (section_at(f, at, "lastday") || section_at(f, at, "range")) &&
		   day_of(date_token(f, at + 1)) && !date_name_at(f, at + 2, NAME_MONTH, &len,
			    &brief)) {
		day = day_of(date_token(f, at + 1));
		at += 2;
		range = true;
	}
	year = year_of(date_token(f, at));
	if (year)
		at++;
	k = add(f, year ? (struct date){ year, month, day } : with_year(f, month, day, &past),
		    i, at, DAY);
	if (!k)
		return 0;
	k->no_year = !year;
	k->stated_past = past;
	k->range_end = range;
	return at - i;
}

/* 2026年3月10日, 3月10日, 10日, 3月 */
static size_t japanese(struct date_finder *f, size_t i)
{
	const struct token *t = date_token(f, i);
	size_t at = i;
	int year = 0, month = 0, day = 0;
	bool past = false;
	struct date_candidate *k;

	if (year_of(t) && date_token(f, at + 1) && str_eq(date_token(f, at + 1)->s, "年")) {
		year = year_of(t);
		at += 2;
	}
	if (day_of(date_token(f, at)) && date_token(f, at + 1) && str_eq(date_token(f,
		    at + 1)->s, "月")) {
		month = day_of(date_token(f, at));
		at += 2;
	}
	if (day_of(date_token(f, at)) && date_token(f, at + 1) && str_eq(date_token(f,
		    at + 1)->s, "日")) {
		day = day_of(date_token(f, at));
		at += 2;
	}
	if ((!month && !day) || month > 12)
		return 0;
	if (!month) {
		month = f->base.month + (day < f->base.day);
		if (month == 13)
			month = 1;
	}
	/* (月) after a day is its weekday */
	if (day && date_token(f, at) && date_name_at(f, at, NAME_WEEKDAY, &(size_t){ 0 },
		    &(bool){ false }))
		at++;
	k = add(f, year ? (struct date){ year, month, day ? day : 1 } :
		with_year(f, month, day ? day : 1, &past), i, at, day ? DAY : MONTH);
	if (!k)
		return 0;
	k->no_year = !year;
	k->stated_past = past;
	if (!day) {	/* 3月上旬, 中旬, 末 */
		if (section_at(f, at, "mid"))
			k->date.day = 15;
		else if (section_at(f, at, "end")) {
			k->date.day = last_day(k->date.year, k->date.month);
			k->end = true;
		}
	}
	return at - i;
}

/* A month without a day, with what stands before it: early, mid, end of, in, until. */
static size_t month_alone(struct date_finder *f, size_t i)
{
	size_t len = 0, at, b = i;
	bool brief = false, past = false, early, mid, end, small;
	int month = date_name_at(f, i, NAME_MONTH, &len, &brief), year;
	struct date_candidate *k;

	if (!month || (brief && len == 1 && date_token(f, i)->n < 3))
		return 0;
	at = i + len;
	while (b > 0 && joins(date_token(f, b - 1)))
		b--;
	mid = date_section_before(f, b, "mid") || date_section_before(f, i, "mid");
	end = date_section_before(f, b, "end") || date_section_before(f, i, "end");
	early = date_section_before(f, b, "early") || date_section_before(f, i, "early");
	small = date_section_before(f, i, "in") || date_section_before(f, i, "until") ||
		date_section_before(f, i, "lastday") || date_section_before(f, i, "from") ||
		date_section_before(f, i, "after") || date_section_before(f, i, "next") ||
			    date_section_before(f, i, "back") ||
		date_section_before(f, b, "in") || date_section_before(f, b, "until") ||
			    date_section_before(f, i, "this");
	year = year_of(date_token(f, at));
	if (!year && joins(date_token(f, at)) && (year = year_of(date_token(f, at + 1))))
		at++;
	if (year)
		at++;
	if (!year && !mid && !end && !early && !small)
		return 0;
	int day = mid ? 15 : 1;
	struct date d = { year, month, day };
	if (!year) {
		d = with_year(f, month, end ? last_day(f->base.year, month) : day, &past);
		/* "in March", said in March: what is left of it */
		if (!end && !mid && month == f->base.month && !f->away)
			d = (struct date){ f->base.year + 1, month, 1 };
	}
	if (end && d.year)
		d.day = last_day(d.year, d.month);
	k = add(f, d, b, at, MONTH);
	if (!k)
		return 0;
	k->end = end;
	k->no_year = !year;
	k->stated_past = past;
	return at - i;
}

static size_t weekday(struct date_finder *f, size_t i)
{
	size_t len = 0, end = 0;
	bool brief = false;
	int w = date_name_at(f, i, NAME_WEEKDAY, &len, &brief), days;
	struct date_candidate *k;

	if (!w)
		return 0;
	if (brief && !date_section_before(f, i, "next") && !date_section_before(f, i, "until") &&
	    !date_section_before(f, i, "back") && !date_section_before(f, i, "lastday") &&
		    !date_section_before(f, i, "in"))
		return 0;
	days = (w - date_weekday(f->base) + 7) % 7;
	if (days == 0)
		days = 7;
	/* "Monday next week", "nächste Woche Montag" */
	const struct hit *nw = date_section_before(f, i, "weekof");
	if (!nw)
		nw = section_at(f, i + len, "weekof");
	if (nw)
		days = 7 - date_weekday(f->base) + w;
	int exact = nw ? 0 : date_weekday_of_month(f, i + len, w, &end);
	if (exact)
		len = end - i;
	k = add(f, date_add_days(f->base, exact ? exact : days), i, i + len, DAY);
	if (k)
		k->weekday = !exact;
	return k ? len : 0;
}

static int number_of(struct date_finder *f, size_t i, size_t *len_r)
{
	const struct token *t = date_token(f, i);
	int v = 0;

	*len_r = 1;
	if (!t)
		return 0;
	for (size_t k = 0; k < t->n; k++) {
		if (t->s[k] < '0' || t->s[k] > '9' || t->n > 3) {
			v = 0;
			break;
		}
		v = v * 10 + t->s[k] - '0';
	}
	if (v)
		return v;
	/* number words: sections n1, n2, ... */
	for (size_t k = 0; k < f->r->h.n; k++) {
		const struct hit *h = &f->r->h.h[k];
		const char *sec = h->phrase->section;
		int64_t value;
		if (h->from == i && str_eq(h->phrase->topic, "dates") && sec[0] == 'n' &&
		    date_lang_fits(f, h->phrase->lang) && str_int(sec + 1, 1, 99, &value)) {
			*len_r = h->to - h->from;
			return (int)value;
		}
	}
	return 0;
}

/* "in two weeks", "3 Monate" behind a word like "in". */
static size_t in_some(struct date_finder *f, size_t i)
{
	const struct hit *in = section_at(f, i, "in"), *unit;
	size_t at, len;
	int n;
	struct date d;

	at = in ? in->to : i;
	n = number_of(f, at, &len);
	if (!n)
		return 0;
	at += len;
	if ((unit = section_at(f, at, "days")))
		d = date_add_days(f->base, n);
	else if ((unit = section_at(f, at, "weeks")))
		d = date_add_days(f->base, strncmp(date_token(f, at)->s, "fortnight", 9) == 0 ?
				  14 * n : 7 * n);
	else if ((unit = section_at(f, at, "months")))
		d = date_add_months(f->base, n);
	else if ((unit = section_at(f, at, "years")))
		d = date_add_months(f->base, 12 * n);
	else
		return 0;
	/* without "in" it is a length of time, unless the language says it behind ("3週間後") */
	const struct hit *after = section_at(f, unit->to, "dayafter");
	if (!in && !after)
		return 0;
	add(f, d, i, after ? after->to : unit->to, DAY);
	return unit->to - i;
}

static struct date quarter_start(int year, int q)
{
	while (q > 4) {
		q -= 4;
		year++;
	}
	return (struct date){ year, 3 * (q - 1) + 1, 1 };
}

static struct date week_monday(struct date base, int week)
{
	struct date d = date_add_days(base, 1 - date_weekday(base));

	for (int i = 0; i < 54; i++, d = date_add_days(d, 7))
		if (date_iso_week(d) == week)
			return d;
	return (struct date){ 0, 0, 0 };
}

/* Easter Sunday of the western churches (the anonymous Gregorian rule; Meeus, Astronomical Algorithms, ch. 8). */
static struct date easter(int y)
{
	int a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, g = (8 * b + 13) / 25;
	int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
	int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;

	return (struct date){ y, n / 31, n % 31 + 1 };
}

/* "after Easter": the Tuesday, for Monday is a holiday in most of its countries; "after Christmas": the 27th. */
static size_t holiday(struct date_finder *f, size_t i)
{
	const struct hit *h = section_at(f, i, "easter");
	struct date d;

	if (h) {
		d = date_add_days(easter(f->base.year), 2);
		if (date_cmp(d, f->base) < 0)
			d = date_add_days(easter(f->base.year + 1), 2);
	} else if ((h = section_at(f, i, "christmas"))) {
		d = (struct date){ f->base.year, 12, 27 };
		if (date_cmp(d, f->base) < 0)
			d.year++;
	} else {
		return 0;
	}
	return add(f, d, i, h->to, DAY), h->to - i;
}

/* Whole words and phrases that name a day: tomorrow, next week, after the summer,
	    end of the year. */
static size_t spoken(struct date_finder *f, size_t i)
{
	struct date b = f->base, d;
	const struct hit *h;
	int q = (b.month - 1) / 3 + 1;

	if ((h = section_at(f, i, "overmorrow")))
		return add(f, date_add_days(b, 2), i, h->to, DAY), h->to - i;
	if ((h = section_at(f, i, "tomorrow")))
		return add(f, date_add_days(b, 1), i, h->to, DAY), h->to - i;
	if ((h = section_at(f, i, "today")))
		return add(f, b, i, h->to, DAY), h->to - i;
	if ((h = section_at(f, i, "week")))	/* next week */
		return add(f, date_add_days(b, 8 - date_weekday(b)), i, h->to, WEEK), h->to - i;
	if ((h = section_at(f, i, "month"))) {	/* next month */
		d = date_add_months((struct date){ b.year, b.month, 1 }, 1);
		struct date_candidate *k = add(f, d, i, h->to, MONTH);
		if (k && date_section_before(f, i, "mid"))
			k->date.day = 15;
		else if (k && date_section_before(f, i, "end"))
			k->date.day = last_day(d.year, d.month);
		return h->to - i;
	}
	if ((h = section_at(f, i, "quarter")))	/* next quarter */
		return add(f, quarter_start(b.year, q + 1), i, h->to, LONGER), h->to - i;
	if ((h = section_at(f, i, "year")) || (h = section_at(f, i, "newyear")))
		return add(f, (struct date){ b.year + 1, 1, 1 }, i, h->to, LONGER), h->to - i;
	if ((h = section_at(f, i, "half"))) {
		d = (struct date){ b.month >= 7 ? b.year + 1 : b.year, 7, 1 };
		return add(f, d, i, h->to, LONGER), h->to - i;
	}
	static const struct { const char *section; int month; } seasons[] = {
		{ "spring", 3 }, { "summer", 9 }, { "autumn", 9 }, { "winter", 12 } };
	for (size_t s = 0; s < 4; s++) {
		if (!(h = section_at(f, i, seasons[s].section)))
			continue;
		bool past;
		bool away = f->away;
		f->away = false;
		d = with_year(f, seasons[s].month, 1, &past);
		f->away = away;
		return add(f, d, i, h->to, LONGER), h->to - i;
	}
	return 0;
}

/* "Q3", "week 12", "the 15th", "end of the month". */
static size_t numbered(struct date_finder *f, size_t i)
{
	const struct token *t = date_token(f, i), *n1 = date_token(f, i + 1);
	struct date b = f->base;
	const struct hit *h;
	int q = 0, day;
	size_t len = 1;

	if (t->n == 2 && (t->s[0] == 'q' || t->s[0] == 't') && t->s[1] >= '1' && t->s[1] <= '4')
		q = t->s[1] - '0';
	else if ((h = section_at(f, i, "range")) == NULL && n1 && t->n == 1 && n1->n == 1 &&
		 t->s[0] == 'q' && n1->s[0] >= '1' && n1->s[0] <= '4')
		q = n1->s[0] - '0', len = 2;
	if (q) {
		int year = year_of(date_token(f, i + len));
		struct date d = quarter_start(year ? year : b.year, q);
		if (!year && date_cmp(d, b) < 0)
			d.year++;
		return add(f, d, i, i + len + (year != 0), LONGER) ? len : 0;
	}
	if ((h = section_at(f, i, "weekof")) && (day = number_of(f, h->to, &len)) && day <= 53)
		return add(f, week_monday(b, day), i, h->to + len, WEEK), h->to + len - i;
	if ((h = section_at(f, i, "end"))) {
		struct date d = { 0, 0, 0 };
		const struct hit *u;
		size_t at = h->to;
		if ((u = section_at(f, at, "this")) && !section_at(f, at, "week"))
			at = u->to;
		if ((u = section_at(f, at, "months")))
			d = (struct date){ b.year, b.month, last_day(b.year, b.month) };
		else if ((u = section_at(f, at, "years")))
			d = (struct date){ b.year, 12, 31 };
		else if ((u = section_at(f, at, "range")) && str_eq(date_token(f, at)->s,
			    "quarter"))
			d = date_add_days(quarter_start(b.year, (b.month - 1) / 3 + 2), -1);
		else if ((u = section_at(f, at, "weeks")))
			d = date_add_days(b, (5 - date_weekday(b) + 7) % 7);
		if (d.year) {
			struct date_candidate *k = add(f, d, i, u->to, MONTH);
			if (k)
				k->end = true;
			return u->to - i;
		}
	}
	/* a day alone: "after the 15th", "am 15." */
	day = day_of(t);
	bool ordinal = day && (t->s[t->n - 1] < '0' || t->s[t->n - 1] > '9');
	if (ordinal && t->s[t->n - 1] == 'a')	/* "en la 2a planta": days are masculine */
		return 0;
	bool dotted = day && f->r->text[t->end] == '.';
	if (day && (ordinal || dotted) && i > 0 &&
	    (str_eq(date_token(f, i - 1)->s, "the") || date_section_before(f, i, "in") ||
		    date_section_before(f, i, "until") ||
	     date_section_before(f, i, "lastday") || date_section_before(f, i, "after") ||
		    date_section_before(f, i, "back"))) {
		struct date d = { b.year, b.month, day };
		if (date_cmp(d, b) < 0)
			d = date_add_months((struct date){ b.year, b.month, 1 }, 1), d.day = day;
		return add(f, d, i, i + 1, DAY) ? 1 : 0;
	}
	return 0;
}

void dates_scan(struct date_finder *f)
{
	size_t i = 0, n;

	while (i < f->r->t.n && f->n < DATE_CANDIDATES) {
		const struct hit *skip = section_at(f, i, "ignore");
		if (skip) {
			i = skip->to > i ? skip->to : i + 1;
			continue;
		}
		if ((n = japanese(f, i)) || (n = numeric(f, i)) || (n = day_month(f, i)) ||
		    (n = month_day(f, i)) || (n = month_alone(f, i)) || (n = in_some(f, i)) ||
		    (n = spoken(f, i)) || (n = holiday(f, i)) || (n = numbered(f, i)) || (n = weekday(f, i)))
			i += n;
		else
			i++;
	}
}
