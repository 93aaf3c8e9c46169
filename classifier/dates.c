/* SPDX-License-Identifier: MPL-2.0
 *
 * Dates in free text, by the rules of the reply corpus (RULES.md there; the manual repeats them).
 * Candidates come from date_scan.c, resolved against the mail's own day; here each gets its role
 * (until, back on, last day away ...) and the one that counts is chosen.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/dates_private.h"
#include "classifier/day.h"

#include <stdlib.h>
#include <string.h>

/* Roles: what stands around a candidate. */

static size_t sentence_start(const struct date_finder *f, size_t i)
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

/* Only articles, a weekday, "the end of" between a word like "until" and its date. */
static bool small_words(const struct date_finder *f, size_t from, size_t to)
{
	static const char *const list[] = { "the", "le", "la", "el", "il", "lo", "den", "dem", "der", "des",
		"das", "die", "het", "de", "o", "dia", "dzien", "dnia", "day", "am", "zum", "on", "end", "of",
		"ende", "mid", "early", "late", "fin", "fine", "finales", "eind", "slutet", "av", "konca",
		"einschlielich", "einschliesslich", "inkl", "and", "including", "around", "about", "at",
		"least", "mitte", "anfang", "debut", "mi", "begin", "kl", "v", "al" };
	for (size_t i = from; i < to; i++) {
		const struct token *t = date_token(f, i);
		size_t len, k = 0;
		bool brief;
		while (k < sizeof list / sizeof list[0] && !str_eq(t->s, list[k]))
			k++;
		if (k == sizeof list / sizeof list[0] && !date_name_at(f, i, NAME_WEEKDAY, &len, &brief))
			return false;
	}
	return true;
}

static void find_role(struct date_finder *f, struct date_candidate *k, size_t previous_end)
{
	size_t begin = sentence_start(f, k->from), best = 0;
	bool back_behind = false;

	if (begin < previous_end)
		begin = previous_end;
	for (size_t i = 0; i < f->r->h.n; i++) {
		const struct hit *h = &f->r->h.h[i];
		enum role role;
		if (!str_eq(h->phrase->topic, "dates") || !date_lang_fits(f, h->phrase->lang))
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
static void merge_weekdays(struct date_finder *f)
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

static bool dash_between(const struct date_finder *f, size_t a, size_t b)
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

static void find_roles(struct date_finder *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct date_candidate *k = &f->k[i];
		find_role(f, k, i ? f->k[i - 1].to : 0);
		if (i && (dash_between(f, f->k[i - 1].to, k->from) ||
			  (f->k[i - 1].role == ROLE_FROM && (date_section_before(f, k->from, "range") ||
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

static struct date act_on(const struct date_finder *f, const struct date_candidate *k)
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

static int weight(const struct date_candidate *k, bool away)
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
	struct date_finder *f = arena_new_of(c->a, struct date_finder);
	const struct date_candidate *best = NULL;
	struct reading r;
	const char *cl = message_header(c->m, "Content-Language");
	struct civil now;
	int off = c->m->date_offset;

	memset(out_r, 0, sizeof *out_r);
	if (!c->m->date && !(c->rc && c->rc->received))
		return false;
	r = ctx_read_in(c, text, PHRASES_DATES);
	f->c = c;
	f->r = &r;
	f->away = away;
	now = when_civil((c->m->date ? c->m->date : c->rc->received) + off, "UTC");
	f->base = now.date;
	f->month_first = (off <= -4 * 3600 && off >= -8 * 3600) || (cl && str_eq_case(cl, "en-US"));
	dates_scan(f);
	merge_weekdays(f);
	find_roles(f);
	for (size_t i = 0; i < f->n; i++) {
		const struct date_candidate *k = &f->k[i];
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

/* ---- the day of a command ---- */

static void cover(bool *covered, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		covered[i] = true;
}

/* The words from the first to the last that are part of no date. */
static const char *left_over(const struct date_finder *f, const bool *covered)
{
	size_t first = f->r->t.n, last = 0;

	for (size_t i = 0; i < f->r->t.n; i++) {
		if (covered[i] || f->r->t.t[i].kind == TOKEN_STOP || small_words(f, i, i + 1))
			continue;
		if (first == f->r->t.n)
			first = i;
		last = i;
	}
	return first == f->r->t.n ? NULL : tokens_words(f->c->a, &f->r->t, first, last + 1);
}

static bool day_in(struct ctx *c, const char *text, struct date today, bool month_first, struct text_day *out_r)
{
	struct date_finder *f = arena_new_of(c->a, struct date_finder);
	struct reading r = ctx_read_in(c, text, PHRASES_DATES);
	bool *covered = arena_array(c->a, bool, r.t.n + 1);

	*out_r = (struct text_day){ .days = 0 };
	f->c = c;
	f->r = &r;
	f->base = today;
	f->month_first = month_first;
	dates_scan(f);
	for (size_t i = 0; i < f->n; i++)
		cover(covered, f->k[i].from, f->k[i].to);
	for (size_t i = 0; i < r.h.n; i++) {
		if (str_eq(r.h.h[i].phrase->topic, "dates") && !str_eq(r.h.h[i].phrase->section, "ignore"))
			cover(covered, r.h.h[i].from, r.h.h[i].to);
	}
	merge_weekdays(f);
	for (size_t i = 0; i < f->n; i++) {
		const struct date_candidate *k = &f->k[i];

		/* "until March", said in March: this one, or next year's? */
		if (k->precision == MONTH && k->no_year && k->date.month == today.month && k->date.day == 1)
			return false;
		out_r->days += !out_r->date.year || date_cmp(out_r->date, k->date) != 0;
		if (!out_r->date.year || date_cmp(k->date, out_r->date) > 0) {
			out_r->date = k->date;
			out_r->past = k->stated_past || date_cmp(k->date, today) < 0;
		}
	}
	out_r->left = left_over(f, covered);
	return f->n > 0;
}

bool text_day(struct arena *a, const struct phrases *p, const char *text, struct date today,
	      const char *language, int offset, struct text_day *out_r)
{
	const struct message m = { .date = when_utc(today, 12, 0, "UTC") - offset, .date_offset = offset,
				   .subject = "", .text = "" };
	struct ctx *c = ctx_new(a, p, &m, NULL);
	bool month_first = offset <= -4 * 3600 && offset >= -8 * 3600;
	const char *in = arena_printf(a, "in %s", text);
	struct text_day all;

	/* in the writer's language first, then in whichever; "2 weeks" is "in 2 weeks" */
	for (int k = 0; k < 4; k++) {
		c->lang = k % 2 || str_empty(language) ? "-" : language;
		c->lang_sure = !str_eq(c->lang, "-");
		if (day_in(c, k < 2 ? text : in, today, month_first, k == 0 ? out_r : &all)) {
			if (k)
				*out_r = all;
			if (!out_r->left && out_r->days == 1)
				return true;
		}
		if (k == 1 && out_r->days)
			return true;
	}
	return out_r->days > 0;
}

bool dates_mention(struct ctx *c, const struct reading *r, size_t from, size_t to)
{
	struct date_finder *f = arena_new_of(c->a, struct date_finder);

	f->c = c;
	f->r = r;
	f->base = (struct date){ 2026, 1, 1 };
	f->month_first = false;
	dates_scan(f);
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

int date_weekday_of_month(struct date_finder *f, size_t at, int w, size_t *end_r)
{
	const struct token *t = date_token(f, at), *next;
	size_t len;
	bool brief;
	int day = 0;

	if (t && t->kind == TOKEN_WORD && t->n <= 3)	/* the, den, el */
		t = date_token(f, ++at);
	next = date_token(f, at + 1);
	if (t && t->kind == TOKEN_NUMBER && t->n >= 2 && t->n <= 4 && t->s[1] >= '0' && t->s[1] <= '9')	/* 31st */
		day = (t->s[0] - '0') * 10 + t->s[1] - '0';
	if (day <= 12 || day > 31 || (next && next->kind == TOKEN_NUMBER) ||
	    (next && next->kind == TOKEN_WORD && next->n <= 3) || date_name_at(f, at + 1, NAME_MONTH, &len, &brief))
		return 0;
	*end_r = at + 1;
	for (int days = 1; days <= 62; days++) {
		struct date d = date_add_days(f->base, days);
		if (d.day == day && date_weekday(d) == w)
			return days;
	}
	return 0;
}
