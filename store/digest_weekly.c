/* SPDX-License-Identifier: MPL-2.0
 *
 * The administrator's week: figures, what is broken, what waits longest. It names no text of anybody's mail.
 */
#include "config.h"

#include "store/digest_private.h"

enum { WEEK = 7 * 86400, SECTIONS = 8, ITEMS = 30, FACTS = 10 };

struct weekly {
	struct store_tx *tx;
	struct arena *a;
	const struct digest_options *o;
	const char *zone;
	time_t from, until;
	struct page_section sections[SECTIONS];
	size_t n;
	int64_t troubles;		/* breakers, accounts, what was given up */
	int64_t touches, replies;
};

static const char *word(struct weekly *w, const char *key)
{
	return words_get(w->o->words, key);
}

static const char *number(struct weekly *w, int64_t n)
{
	return arena_printf(w->a, "%lld", (long long)n);
}

/* "3 (1.5 %)" */
static const char *share(struct weekly *w, int64_t n, int64_t of)
{
	return of > 0 ? arena_printf(w->a, "%lld (%.1f %%)", (long long)n, 100.0 * (double)n / (double)of)
		      : number(w, n);
}

static const char *moment(struct weekly *w, time_t t)
{
	char text[WHEN_TEXT];

	return arena_strdup(w->a, when_local_text(t, w->zone, text));
}

static struct page_item *section(struct weekly *w, const char *key, size_t items)
{
	struct page_item *list = arena_array(w->a, struct page_item, items + 1);

	w->sections[w->n++] = (struct page_section){ .heading = word(w, key), .items = list, .items_n = items };
	for (size_t i = 0; i < items; i++) {
		list[i].facts = arena_array(w->a, struct page_fact, FACTS);
		list[i].title = "";
	}
	return list;
}

static void fact(struct weekly *w, struct page_item *it, const char *key, const char *text)
{
	if (!str_empty(text) && it->facts_n < FACTS)
		((struct page_fact *)(uintptr_t)it->facts)[it->facts_n++] = (struct page_fact){ word(w, key), text, false };
}

/* ---- the sections ---- */

static enum status counts(struct weekly *w, struct err *e)
{
	const struct row *r = NULL;
	struct page_item *it;
	struct rows rows;
	enum status s = ONE(w->tx, w->a, report_week_touches, &r, e, I(w->from), I(w->until));

	if (s != OK)
		return s;
	w->touches = at_int(r, 0);
	it = section(w, "week.counts", 1);
	fact(w, it, "week.touches", number(w, w->touches));
	fact(w, it, "week.first", number(w, at_int(r, 1)));
	fact(w, it, "week.delivered", share(w, at_int(r, 2), w->touches));
	fact(w, it, "week.bounces", share(w, at_int(r, 3), w->touches));
	fact(w, it, "week.complaints", share(w, at_int(r, 4), w->touches));
	fact(w, it, "week.unsubscribes", share(w, at_int(r, 5), w->touches));
	s = ROWS(w->tx, w->a, report_week_owners, &rows, e, I(w->from), I(w->until));
	if (s != OK || rows.n == 0)
		return s;
	it = section(w, "week.deliverability", rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		int64_t n = at_int(&rows.list[i], 1);

		it[i].title = at_text(&rows.list[i], 0);
		fact(w, &it[i], "week.touches", number(w, n));
		fact(w, &it[i], "week.bounces", share(w, at_int(&rows.list[i], 2), n));
		fact(w, &it[i], "week.complaints", share(w, at_int(&rows.list[i], 3), n));
		fact(w, &it[i], "week.unsubscribes", share(w, at_int(&rows.list[i], 4), n));
	}
	return OK;
}

static enum status replies(struct weekly *w, struct err *e)
{
	struct rows rows;
	struct page_item *it;
	enum status s = ROWS(w->tx, w->a, report_week_replies, &rows, e, I(w->from), I(w->until));

	if (s != OK || rows.n == 0)
		return s;
	it = section(w, "week.classification", rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		w->replies += at_int(r, 1);
		it[i].title = arena_printf(w->a, "%s: %lld", word(w, arena_printf(w->a, "class.%s", at_text(r, 0))),
					   (long long)at_int(r, 1));
		if (at_int(r, 2) > 0)
			fact(w, &it[i], "week.corrected", share(w, at_int(r, 2), at_int(r, 1)));
	}
	return OK;
}

static const char *duration(struct weekly *w, int64_t seconds)
{
	return seconds < 120 ? arena_printf(w->a, "%lld s", (long long)seconds)
		: seconds < 7200 ? arena_printf(w->a, "%lld min", (long long)seconds / 60)
		: arena_printf(w->a, "%lld h", (long long)seconds / 3600);
}

static enum status approvals(struct weekly *w, struct err *e)
{
	struct rows rows;
	struct page_item *it;
	enum status s = ROWS(w->tx, w->a, report_week_decisions, &rows, e, I(w->from), I(w->until));

	if (s != OK || rows.n == 0)
		return s;
	it = section(w, "week.approvals", rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		int64_t seconds = at_int(r, 3);

		it[i].title = at_text(r, 0);
		fact(w, &it[i], "week.approved", number(w, at_int(r, 1)));
		fact(w, &it[i], "week.other_decisions", number(w, at_int(r, 2)));
		if (seconds > 0)
			fact(w, &it[i], "week.time_to_decision", duration(w, seconds));
		if (at_int(r, 4) > 0)
			fact(w, &it[i], "week.in_bulk", number(w, at_int(r, 4)));
	}
	return OK;
}

static enum status broken(struct weekly *w, struct err *e)
{
	struct rows breakers, accounts, dead;
	struct page_item *it;
	enum status s = db_rows(w->tx, w->a, ST_report_week_breakers, NULL, 0, &breakers, e);

	if (s == OK)
		s = db_rows(w->tx, w->a, ST_report_week_accounts, NULL, 0, &accounts, e);
	if (s == OK)
		s = db_rows(w->tx, w->a, ST_report_week_dead, NULL, 0, &dead, e);
	if (s != OK || breakers.n + accounts.n + dead.n == 0)
		return s;
	w->troubles = (int64_t)(breakers.n + accounts.n + dead.n);
	it = section(w, "week.broken", (size_t)w->troubles);
	for (size_t i = 0; i < breakers.n; i++, it++) {
		const struct row *r = &breakers.list[i];

		it->title = words_fill(w->a, w->o->words, "breaker", at_text(r, 0), at_text(r, 1), at_text(r, 2));
		fact(w, it, "why", at_text(r, 3));
		fact(w, it, "since", moment(w, (time_t)at_int(r, 4)));
	}
	for (size_t i = 0; i < accounts.n; i++, it++) {
		const struct row *r = &accounts.list[i];

		it->title = words_fill(w->a, w->o->words, "account_failing", at_text(r, 0), NULL, NULL);
		fact(w, it, "why", at_text(r, 1));
		fact(w, it, "since", moment(w, (time_t)at_int(r, 2)));
	}
	for (size_t i = 0; i < dead.n; i++, it++) {
		const struct row *r = &dead.list[i];

		it->title = words_fill(w->a, w->o->words, "week.given_up", at_text(r, 0), number(w, at_int(r, 1)), NULL);
		fact(w, it, "why", at_text(r, 2));
	}
	return OK;
}

static enum status waits(struct weekly *w, struct err *e)
{
	struct rows rows;
	struct page_item *it;
	enum status s = ROWS(w->tx, w->a, report_week_waits, &rows, e, I(w->until));

	if (s != OK || rows.n == 0)
		return s;
	it = section(w, "week.waits", rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		it[i].title = arena_printf(w->a, "%s: %s", word(w, arena_printf(w->a, "week.%s", at_text(r, 0))),
					   digest_who(w->a, at_text(r, 3), at_text(r, 4), NULL));
		fact(w, &it[i], "since", moment(w, (time_t)at_int(r, 1)));
		fact(w, &it[i], "week.owner", at_text(r, 2));
	}
	return OK;
}

/* ---- the mail ---- */

static enum status write_weekly(struct weekly *w, const struct digest_moment *at, struct digest_mail *out, struct err *e)
{
	static enum status (*const steps[])(struct weekly *, struct err *) = { counts, broken, waits, approvals, replies };
	const char *intro[2], *footer[1];
	struct page p = { .language = w->o->language, .intro = intro, .sections = w->sections, .footer = footer };
	char from[WHEN_TEXT], until[WHEN_TEXT];
	enum status s = OK;

	for (size_t i = 0; s == OK && i < sizeof(steps) / sizeof(*steps); i++)
		s = steps[i](w, e);
	if (s != OK)
		return s;
	out->subject = words_fill(w->a, w->o->words, "week.subject",
				  words_count(w->a, w->o->words, "count.touches", (long)w->touches),
				  words_count(w->a, w->o->words, "count.answers", (long)w->replies),
				  words_count(w->a, w->o->words, "count.troubles", (long)w->troubles));
	p.title = out->subject;
	p.sections_n = w->n;
	intro[p.intro_n++] = words_fill(w->a, w->o->words, "week.of",
					date_text(when_civil(w->from, w->zone).date, from),
					date_text(when_civil(w->until - 1, w->zone).date, until), NULL);
	if (at && at->late)
		intro[p.intro_n++] = words_fill(w->a, w->o->words, "comes_late", moment(w, at->at), NULL, NULL);
	footer[p.footer_n++] = word(w, "week.footer");
	out->text = page_text(w->a, &p);
	out->html = page_html(w->a, &p);
	out->items = w->n;
	return OK;
}

enum status store_weekly_show(struct store_tx *tx, struct arena *a, const char *to, const char *zone,
			      const struct digest_options *o, struct digest_mail *out_r, struct err *e)
{
	struct weekly w = { .tx = tx, .a = a, .o = o, .zone = zone, .from = tx->now - WEEK, .until = tx->now };

	*out_r = (struct digest_mail){ .to = to, .zone = zone };
	return write_weekly(&w, NULL, out_r, e);
}

enum status store_weekly_make(struct store_tx *tx, struct arena *a, const char *to, const char *zone,
			      const struct digest_options *o, const struct digest_moment *at,
			      struct digest_mail *out_r, struct err *e)
{
	struct weekly w = { .tx = tx, .a = a, .o = o, .zone = zone,
			    .from = when_add_days(at->at, -7, zone), .until = at->at };
	struct link_list l = { .kind = "weekly", .expires = tx->now + (time_t)o->link_days * 86400 };
	const struct row *r = NULL;
	char when[WHEN_TEXT];
	bool made = false;
	enum status s;

	*out_r = (struct digest_mail){ .to = to, .zone = zone };
	l.key = arena_printf(a, "weekly/%s", when_text(at->at, when));
	s = ONE(tx, a, list_by_key, &r, e, T(l.key));
	if (s != GONE)
		return s == OK ? err_set(e, GONE, "the weekly mail of %s was made already", when) : s;
	s = write_weekly(&w, at, out_r, e);
	if (s == OK)
		s = store_list_add(tx, a, &l, &made, e);
	if (s != OK)
		return s;
	out_r->list_id = l.id;
	return digest_post(tx, a, &l, o->control, out_r, e);
}

enum status store_weekly_last(struct store_tx *tx, struct arena *a, time_t *last_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = db_one(tx, a, ST_weekly_last, NULL, 0, &r, e);

	*last_r = s == OK ? (time_t)at_int(r, 0) : 0;
	return s == GONE ? OK : s;
}
