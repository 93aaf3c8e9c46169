/* SPDX-License-Identifier: MPL-2.0
 *
 * Dates in free text, by the rules of the reply corpus (RULES.md there; the manual repeats them).
 * Candidates are found in any language (names from CLDR, small words from phrases/<lang>/dates),
 * resolved against the mail's own day, and the one that counts is chosen.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/detect.h"
#include "classifier/phrases_private.h"

#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 40, STALE_DAYS = 120 };

enum precision { DAY, WEEK, MONTH, LONGER };

enum role { ROLE_NONE, ROLE_FROM, ROLE_IN, ROLE_UNTIL, ROLE_AFTER, ROLE_LAST, ROLE_BACK };

struct candidate {
	struct date date;
	size_t from, to;	/* tokens */
	enum precision precision;
	enum role role;
	bool weekday;		/* nothing but a weekday */
	bool no_year, end, stated_past;
	bool range_end, range_start;
};

struct finder {
	struct ctx *c;
	const struct reading *r;
	struct date base;
	bool month_first, away;
	struct candidate k[CANDIDATES];
	size_t n;
};

static bool in_section(const struct hit *h, const char *section)
{
	return str_eq(h->phrase->topic, "dates") && str_eq(h->phrase->section, section);
}

static bool lang_fits(const struct finder *f, const char *lang)
{
	return str_eq(f->c->lang, "-") || str_eq(lang, f->c->lang) || str_eq(lang, "en") || !*lang;
}

/* The hit of a section that begins at token i; NULL if none. */
static const struct hit *section_at(const struct finder *f, size_t i, const char *section)
{
	const struct hit *best = NULL;

	for (size_t k = 0; k < f->r->h.n; k++) {
		const struct hit *h = &f->r->h.h[k];
		if (h->from == i && in_section(h, section) && lang_fits(f, h->phrase->lang) &&
		    (!best || h->to > best->to))
			best = h;
	}
	return best;
}

/* The hit of a section that ends at token i. */
static const struct hit *section_before(const struct finder *f, size_t i, const char *section)
{
	for (size_t k = 0; k < f->r->h.n; k++) {
		const struct hit *h = &f->r->h.h[k];
		if (h->to == i && in_section(h, section) && lang_fits(f, h->phrase->lang))
			return h;
	}
	return NULL;
}

static const struct token *tok(const struct finder *f, size_t i)
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
static int name_at(const struct finder *f, size_t i, enum name_kind kind, size_t *len_r, bool *brief_r)
{
	const struct phrases *p = f->c->p;
	const struct token *t = tok(f, i);
	int found = 0;

	if (!t || t->kind == TOKEN_STOP || t->kind == TOKEN_NUMBER)
		return 0;
	for (size_t k = 0; k < p->names_n; k++) {
		const struct date_name *d = &p->names[k];
		if (d->kind != kind || !lang_fits(f, d->lang) ||
		    !name_matches(d, t, f->r->t.n - i))
			continue;
		if (found && *brief_r <= d->brief)
			continue;
		found = d->value;
		*len_r = d->n;
		*brief_r = d->brief;
		if (!d->brief && str_eq(d->lang, f->c->lang))
			break;
	}
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
	    span_eq(rest, "th") || span_eq(rest, "er") || span_eq(rest, "e") || span_eq(rest, "o") ||
	    span_eq(rest, "a") || span_eq(rest, "ste") || span_eq(rest, "de") || span_eq(rest, "eme") ||
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
static struct date with_year(const struct finder *f, int month, int day, bool *past_r)
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

static struct candidate *add(struct finder *f, struct date d, size_t from, size_t to,
			     enum precision precision)
{
	struct candidate *k;

	if (f->n == CANDIDATES || !date_valid(d))
		return NULL;
	k = &f->k[f->n++];
	*k = (struct candidate){ .date = d, .from = from, .to = to, .precision = precision };
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
static size_t numeric(struct finder *f, size_t i)
{
	const struct token *t = tok(f, i);
	int v[3];
	char sep;
	size_t n = t->kind == TOKEN_NUMBER ? numbers_in(t, v, &sep) : 0;
	struct candidate *k;
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
		    !section_before(f, i, "in") && !section_before(f, i, "from") &&
		    !section_before(f, i, "until") && !section_before(f, i, "lastday"))
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
	static const char *const list[] = { "of", "de", "den", "der", "di", "do", "the", "del", "d" };

	for (size_t i = 0; t && i < sizeof list / sizeof list[0]; i++)
		if (str_eq(t->s, list[i]))
			return true;
	return false;
}

/* A day in front of token i that shares its month: "12-16 March", "from 3 to 14 August". */
static bool range_before(const struct finder *f, size_t i)
{
	const struct token *p1 = i >= 1 ? tok(f, i - 1) : NULL, *p2 = i >= 2 ? tok(f, i - 2) : NULL;
	const struct token *t = tok(f, i);

	if (p1 && day_of(p1) && t) {
		const char *s = f->r->text + p1->end;
		const char *e = f->r->text + t->start;
		for (; s < e; s++)
			if (*s == '-' || (unsigned char)*s == 0xe2)
				return true;
	}
	return p1 && p2 && day_of(p2) && (section_before(f, i, "lastday") ||
					  section_before(f, i, "until") ||
					  section_before(f, i, "range"));
}

static size_t day_month(struct finder *f, size_t i)
{
	const struct token *t = tok(f, i);
	size_t at = i + 1, len = 0;
	int day = day_of(t), month, year;
	bool brief = false, past = false, range = false;
	struct candidate *k;
	int v[3];
	char sep;

	if (!day && t->kind == TOKEN_NUMBER && numbers_in(t, v, &sep) == 2 && sep == '-' &&
	    v[0] < v[1] && v[1] <= 31) {
		day = v[1];
		range = true;
	}
	if (!day)
		return 0;
	if (joins(tok(f, at)))
		at++;
	month = name_at(f, at, NAME_MONTH, &len, &brief);
	if (!month)
		return 0;
	at += len;
	if (tok(f, at) && tok(f, at)->kind == TOKEN_STOP && brief)	/* "3 Nov. 2026" */
		at += year_of(tok(f, at + 1)) != 0;
	if (joins(tok(f, at)) && year_of(tok(f, at + 1)))
		at++;
	year = year_of(tok(f, at));
	if (year)
		at++;
	k = add(f, year ? (struct date){ year, month, day } : with_year(f, month, day, &past), i, at, DAY);
	if (!k)
		return 0;
	k->no_year = !year;
	k->stated_past = past;
	k->range_end = range || range_before(f, i);
	return at - i;
}

/* "November 3rd, 2026", "Nov. 3 - 7" */
static size_t month_day(struct finder *f, size_t i)
{
	size_t len = 0, at;
	bool brief = false, past = false;
	int month = name_at(f, i, NAME_MONTH, &len, &brief), day, year;
	struct candidate *k;
	int v[3];
	char sep;

	if (!month)
		return 0;
	at = i + len;
	if (tok(f, at) && tok(f, at)->kind == TOKEN_STOP && brief)
		at++;
	if (tok(f, at) && str_eq(tok(f, at)->s, "the"))
		at++;
	day = day_of(tok(f, at));
	if (!day && tok(f, at) && numbers_in(tok(f, at), v, &sep) == 2 && sep == '-' && v[1] <= 31 &&
	    v[0] < v[1])
		day = v[1];
	if (!day || (tok(f, at + 1) && name_at(f, at + 1, NAME_MONTH, &len, &brief) && day_of(tok(f, at)) &&
		     !day_of(tok(f, at + 2))))
		return 0;
	bool range = day_of(tok(f, at)) == 0;
	at++;
	/* "Nov 3 - 7": the second day counts */
	const struct token *next = tok(f, at);
	if (next && day_of(next)) {
		for (const char *s = f->r->text + tok(f, at - 1)->end; s < f->r->text + next->start; s++)
			range |= *s == '-' || (unsigned char)*s == 0xe2;
		if (range && !name_at(f, at + 1, NAME_MONTH, &len, &brief)) {
			day = day_of(next);
			at++;
		}
	} else if (next && (section_at(f, at, "lastday") || section_at(f, at, "range")) &&
		   day_of(tok(f, at + 1)) && !name_at(f, at + 2, NAME_MONTH, &len, &brief)) {
		day = day_of(tok(f, at + 1));
		at += 2;
		range = true;
	}
	year = year_of(tok(f, at));
	if (year)
		at++;
	k = add(f, year ? (struct date){ year, month, day } : with_year(f, month, day, &past), i, at, DAY);
	if (!k)
		return 0;
	k->no_year = !year;
	k->stated_past = past;
	k->range_end = range;
	return at - i;
}

/* 2026年3月10日, 3月10日, 10日, 3月 */
static size_t japanese(struct finder *f, size_t i)
{
	const struct token *t = tok(f, i);
	size_t at = i;
	int year = 0, month = 0, day = 0;
	bool past = false;
	struct candidate *k;

	if (year_of(t) && tok(f, at + 1) && str_eq(tok(f, at + 1)->s, "年")) {
		year = year_of(t);
		at += 2;
	}
	if (day_of(tok(f, at)) && tok(f, at + 1) && str_eq(tok(f, at + 1)->s, "月")) {
		month = day_of(tok(f, at));
		at += 2;
	}
	if (day_of(tok(f, at)) && tok(f, at + 1) && str_eq(tok(f, at + 1)->s, "日")) {
		day = day_of(tok(f, at));
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
	if (day && tok(f, at) && name_at(f, at, NAME_WEEKDAY, &(size_t){ 0 }, &(bool){ false }))
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
static size_t month_alone(struct finder *f, size_t i)
{
	size_t len = 0, at, b = i;
	bool brief = false, past = false, early, mid, end, small;
	int month = name_at(f, i, NAME_MONTH, &len, &brief), year;
	struct candidate *k;

	if (!month || (brief && len == 1 && tok(f, i)->n < 3))
		return 0;
	at = i + len;
	while (b > 0 && joins(tok(f, b - 1)))
		b--;
	mid = section_before(f, b, "mid") || section_before(f, i, "mid");
	end = section_before(f, b, "end") || section_before(f, i, "end");
	early = section_before(f, b, "early") || section_before(f, i, "early");
	small = section_before(f, i, "in") || section_before(f, i, "until") ||
		section_before(f, i, "lastday") || section_before(f, i, "from") ||
		section_before(f, i, "after") || section_before(f, i, "next") || section_before(f, i, "back") ||
		section_before(f, b, "in") || section_before(f, b, "until") || section_before(f, i, "this");
	year = year_of(tok(f, at));
	if (!year && joins(tok(f, at)) && (year = year_of(tok(f, at + 1))))
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

static size_t weekday(struct finder *f, size_t i)
{
	size_t len = 0;
	bool brief = false;
	int w = name_at(f, i, NAME_WEEKDAY, &len, &brief), days;
	struct candidate *k;

	if (!w)
		return 0;
	if (brief && !section_before(f, i, "next") && !section_before(f, i, "until") &&
	    !section_before(f, i, "back") && !section_before(f, i, "lastday") && !section_before(f, i, "in"))
		return 0;
	days = (w - date_weekday(f->base) + 7) % 7;
	if (days == 0)
		days = 7;
	/* "Monday next week", "nächste Woche Montag" */
	const struct hit *nw = section_before(f, i, "weekof");
	if (!nw)
		nw = section_at(f, i + len, "weekof");
	if (nw)
		days = 7 - date_weekday(f->base) + w;
	k = add(f, date_add_days(f->base, days), i, i + len, DAY);
	if (k)
		k->weekday = true;
	return k ? len : 0;
}

static int number_of(struct finder *f, size_t i, size_t *len_r)
{
	const struct token *t = tok(f, i);
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
		    lang_fits(f, h->phrase->lang) && str_int(sec + 1, 1, 99, &value)) {
			*len_r = h->to - h->from;
			return (int)value;
		}
	}
	return 0;
}

/* "in two weeks", "3 Monate" behind a word like "in". */
static size_t in_some(struct finder *f, size_t i)
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
		d = date_add_days(f->base, 7 * n);
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

/* Whole words and phrases that name a day: tomorrow, next week, after the summer, end of the year. */
static size_t spoken(struct finder *f, size_t i)
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
		struct candidate *k = add(f, d, i, h->to, MONTH);
		if (k && section_before(f, i, "mid"))
			k->date.day = 15;
		else if (k && section_before(f, i, "end"))
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
static size_t numbered(struct finder *f, size_t i)
{
	const struct token *t = tok(f, i), *n1 = tok(f, i + 1);
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
		int year = year_of(tok(f, i + len));
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
		else if ((u = section_at(f, at, "range")) && str_eq(tok(f, at)->s, "quarter"))
			d = date_add_days(quarter_start(b.year, (b.month - 1) / 3 + 2), -1);
		else if ((u = section_at(f, at, "weeks")))
			d = date_add_days(b, (5 - date_weekday(b) + 7) % 7);
		if (d.year) {
			struct candidate *k = add(f, d, i, u->to, MONTH);
			if (k)
				k->end = true;
			return u->to - i;
		}
	}
	/* a day alone: "after the 15th", "am 15." */
	day = day_of(t);
	bool ordinal = day && t->n > (day > 9 ? 2u : 1u);
	bool dotted = day && f->r->text[t->end] == '.';
	if (day && (ordinal || dotted) && i > 0 &&
	    (str_eq(tok(f, i - 1)->s, "the") || section_before(f, i, "in") || section_before(f, i, "until") ||
	     section_before(f, i, "lastday") || section_before(f, i, "after") || section_before(f, i, "back"))) {
		struct date d = { b.year, b.month, day };
		if (date_cmp(d, b) < 0)
			d = date_add_months((struct date){ b.year, b.month, 1 }, 1), d.day = day;
		return add(f, d, i, i + 1, DAY) ? 1 : 0;
	}
	return 0;
}

static void scan(struct finder *f)
{
	size_t i = 0, n;

	while (i < f->r->t.n && f->n < CANDIDATES) {
		const struct hit *skip = section_at(f, i, "ignore");
		if (skip) {
			i = skip->to > i ? skip->to : i + 1;
			continue;
		}
		if ((n = japanese(f, i)) || (n = numeric(f, i)) || (n = day_month(f, i)) ||
		    (n = month_day(f, i)) || (n = month_alone(f, i)) || (n = in_some(f, i)) ||
		    (n = spoken(f, i)) || (n = numbered(f, i)) || (n = weekday(f, i)))
			i += n;
		else
			i++;
	}
}

/* Roles: what stands around a candidate. */

static size_t sentence_start(const struct finder *f, size_t i)
{
	while (i > 0 && f->r->t.t[i - 1].kind != TOKEN_STOP && f->r->t.t[i - 1].kind != TOKEN_QUESTION)
		i--;
	return i;
}

static enum role role_of_section(const char *s)
{
	static const struct { const char *section; enum role role; } map[] = {
		{ "back", ROLE_BACK }, { "until", ROLE_UNTIL }, { "lastday", ROLE_LAST },
		{ "from", ROLE_FROM }, { "after", ROLE_AFTER }, { "in", ROLE_IN },
	};
	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (str_eq(s, map[i].section))
			return map[i].role;
	return ROLE_NONE;
}

/* Only articles and a weekday between a word like "until" and its date. */
static bool small_words(const struct finder *f, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		size_t len;
		bool brief;
		const struct token *t = tok(f, i);
		if (t->n > 4 && !name_at(f, i, NAME_WEEKDAY, &len, &brief))
			return false;
	}
	return true;
}

static void find_role(struct finder *f, struct candidate *k, size_t previous_end)
{
	size_t begin = sentence_start(f, k->from), best = 0;
	bool back_behind = false;

	if (begin < previous_end)
		begin = previous_end;
	for (size_t i = 0; i < f->r->h.n; i++) {
		const struct hit *h = &f->r->h.h[i];
		enum role role;
		if (!str_eq(h->phrase->topic, "dates") || !lang_fits(f, h->phrase->lang))
			continue;
		role = role_of_section(h->phrase->section);
		if (role == ROLE_NONE)
			continue;
		/* languages that put them behind */
		if (h->from == k->to && str_eq(h->phrase->lang, "ja")) {
			k->role = role;
			return;
		}
		if (role == ROLE_BACK && h->from >= k->to && h->from <= k->to + 6 &&
		    sentence_start(f, h->from) <= k->from)
			back_behind = true;
		if (h->to > k->from || h->from < begin)
			continue;
		size_t distance = k->from - h->to;
		if (distance > (role == ROLE_BACK ? 12u : 3u) ||
		    (role != ROLE_BACK && !small_words(f, h->to, k->from)))
			continue;
		/* the nearest; "until" beats a "back" further away */
		if (h->to >= best || (role == ROLE_BACK && k->role == ROLE_IN)) {
			if (role == ROLE_IN && k->role == ROLE_BACK)
				continue;
			best = h->to;
			k->role = role;
		}
	}
	if (back_behind && (k->role == ROLE_FROM || k->role == ROLE_NONE || k->role == ROLE_IN))
		k->role = ROLE_BACK;
}

/* A weekday beside the date it belongs to is no candidate of its own. */
static void merge_weekdays(struct finder *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		bool drop = false;
		if (f->k[i].weekday) {
			for (size_t j = 0; j < f->n; j++)
				if (j != i && !f->k[j].weekday && f->k[j].precision == DAY &&
				    ((f->k[j].from >= f->k[i].to && f->k[j].from <= f->k[i].to + 2) ||
				     (f->k[i].from >= f->k[j].to && f->k[i].from <= f->k[j].to)))
					drop = true;
		}
		if (!drop)
			f->k[n++] = f->k[i];
	}
	f->n = n;
}

static bool dash_between(const struct finder *f, size_t a, size_t b)
{
	if (b - a > 3)
		return false;
	const char *s = f->r->text + f->r->t.t[a - 1].end, *e = f->r->text + f->r->t.t[b].start;
	for (; s < e; s++)
		if (*s == '-' || ((unsigned char)*s == 0xe2 && (unsigned char)s[1] == 0x80 &&
				  ((unsigned char)s[2] == 0x93 || (unsigned char)s[2] == 0x94)) ||
		    (*s == '~') || ((unsigned char)*s == 0xe3 && (unsigned char)s[1] == 0x80 &&
				    (unsigned char)s[2] == 0x9c) ||
		    ((unsigned char)*s == 0xef && (unsigned char)s[1] == 0xbd && (unsigned char)s[2] == 0x9e))
			return true;
	return false;
}

static void find_roles(struct finder *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct candidate *k = &f->k[i];
		find_role(f, k, i ? f->k[i - 1].to : 0);
		if (i && (dash_between(f, f->k[i - 1].to, k->from) ||
			  (f->k[i - 1].role == ROLE_FROM && (section_before(f, k->from, "range") ||
							     k->role == ROLE_LAST)))) {
			k->range_end = true;
			f->k[i - 1].range_start = true;
			if (k->no_year && date_cmp(k->date, f->k[i - 1].date) < 0 && !k->stated_past)
				k->date.year = f->k[i - 1].date.year + 1;
		}
		if (k->range_end && k->role != ROLE_BACK)
			k->role = ROLE_LAST;
	}
}

static struct date act_on(const struct finder *f, const struct candidate *k)
{
	if (k->precision == MONTH && !k->end)
		return k->date;		/* "until September": the 1st */
	if (k->role == ROLE_LAST)
		return date_next_working(k->date);
	if (k->role == ROLE_AFTER && k->precision == DAY)
		return date_next_working(k->date);
	if (f->away && k->role == ROLE_UNTIL && k->end)
		return date_next_working(k->date);
	if (f->away && (k->role == ROLE_NONE || k->role == ROLE_IN) && k->precision == DAY)
		return date_next_working(k->date);	/* away on that day */
	return k->date;
}

static int weight(const struct candidate *k, bool away)
{
	if (k->range_start || k->role == ROLE_FROM)
		return away ? 0 : 2;
	switch (k->role) {
	case ROLE_BACK: return 5;
	case ROLE_UNTIL: case ROLE_LAST: return away ? 4 : 3;
	case ROLE_AFTER: return 4;
	case ROLE_IN: return away ? 1 : 4;
	case ROLE_NONE: return away ? 1 : 3;
	case ROLE_FROM: break;
	}
	return 1;
}

bool dates_find(struct ctx *c, const char *text, bool away, struct date_found *out_r)
{
	struct finder *f = arena_new_of(c->a, struct finder);
	const struct candidate *best = NULL;
	struct reading r;
	const char *cl = message_header(c->m, "Content-Language");
	struct civil now;
	int off = c->m->date_offset;

	memset(out_r, 0, sizeof *out_r);
	if (!c->m->date && !(c->rc && c->rc->received))
		return false;
	r = ctx_read(c, text);
	f->c = c;
	f->r = &r;
	f->away = away;
	now = when_civil((c->m->date ? c->m->date : c->rc->received) + off, "UTC");
	f->base = now.date;
	f->month_first = (off <= -4 * 3600 && off >= -8 * 3600) || (cl && str_eq_case(cl, "en-US"));
	scan(f);
	merge_weekdays(f);
	find_roles(f);
	for (size_t i = 0; i < f->n; i++) {
		const struct candidate *k = &f->k[i];
		int w = weight(k, away);
		if (w == 0)
			continue;
		if (!best || w > weight(best, away) ||
		    (w == weight(best, away) && date_cmp(act_on(f, k), act_on(f, best)) > 0))
			best = k;
	}
	if (!best)
		return false;
	out_r->date = act_on(f, best);
	out_r->words = tokens_words(c->a, &r.t, best->from, best->to);
	out_r->past = best->stated_past || date_cmp(out_r->date, f->base) < 0;
	out_r->last_day = best->role == ROLE_LAST;
	out_r->strong = best->role != ROLE_NONE;
	return true;
}

bool dates_mention(struct ctx *c, const struct reading *r, size_t from, size_t to)
{
	struct finder *f = arena_new_of(c->a, struct finder);

	f->c = c;
	f->r = r;
	f->base = (struct date){ 2026, 1, 1 };
	f->month_first = false;
	scan(f);
	for (size_t i = 0; i < f->n; i++)
		if (f->k[i].from >= from && f->k[i].from < to && f->k[i].precision == DAY)
			return true;
	for (size_t i = from; i < to && i < r->t.n; i++) {
		const struct token *t = &r->t.t[i];
		if (t->kind == TOKEN_NUMBER && (memchr(t->s, ':', t->n) ||
		    (t->n > 2 && (str_eq(t->s + t->n - 2, "am") || str_eq(t->s + t->n - 2, "pm")))))
			return true;
	}
	return false;
}
