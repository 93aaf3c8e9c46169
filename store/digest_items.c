/* SPDX-License-Identifier: MPL-2.0
 *
 * What waits for an owner, section by section, the oldest first: what is left out today is at the top tomorrow.
 */
#include "config.h"

#include <string.h>

#include "store/digest_private.h"
#include "store/tasks.h"

enum { COUNTED = 1000 };	/* of one kind; nobody counts further */

/* Room for one more in a section; NULL: it is full, or the mail is large enough. */
static struct digest_item *room(struct digest *d, enum digest_section section)
{
	struct digest_part *p = &d->parts[section];

	if (p->n == (size_t)d->o->limit || d->bytes > DIGEST_BUDGET)
		return NULL;
	return &p->list[p->n];
}

static void keep(struct digest *d, enum digest_section section)
{
	d->parts[section].n++;
}

/* GONE: decided meanwhile; it counts no longer. */
static enum status kept(struct digest *d, enum digest_section section, struct digest_item *it, enum status s)
{
	if (s == OK) {
		keep(d, section);
		return OK;
	}
	*it = (struct digest_item){ 0 };
	if (s == GONE) {
		d->parts[section].total--;
		return OK;
	}
	return s;
}

static enum status reviews(struct digest *d, struct err *e)
{
	struct rows rows;
	const struct row *r = NULL;
	enum status s = ONE(d->tx, d->a, digest_reviews_count, &r, e, T(d->owner_id));

	if (s != OK)
		return s;
	d->parts[DIGEST_ANSWERS].total = at_int(r, 1);
	d->parts[DIGEST_DECISIONS].total = at_int(r, 0) - at_int(r, 1);
	s = ROWS(d->tx, d->a, digest_reviews, &rows, e, T(d->owner_id), I(2 * d->o->limit));
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		enum digest_section section = at_int(&rows.list[i], 1) ? DIGEST_ANSWERS : DIGEST_DECISIONS;
		struct digest_item *it = room(d, section);

		if (it)
			s = kept(d, section, it, digest_review(d, at_text(&rows.list[i], 0), it, e));
	}
	return s;
}

/* Hand-offs: the note went out when it happened; here is what nobody has answered since. */
static enum status unanswered(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_unanswered, &rows, e, T(d->owner_id), I(COUNTED));

	if (s == OK)
		d->parts[DIGEST_ANSWERS].total += (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct digest_item *it = room(d, DIGEST_ANSWERS);
		enum status one;

		if (!it)
			break;
		one = digest_enrolment(d, at_text(&rows.list[i], 0), it, e);
		if (one == OK) {
			digest_fact(d, it, "recommended", words_get(d->o->words, "answer_the_person"));
			digest_action(it, "note", NULL, NULL);
			digest_action(it, "park", "30d", NULL);
			digest_action(it, "stop", NULL, "by the button in the digest");
		}
		s = kept(d, DIGEST_ANSWERS, it, one);
	}
	return s;
}

static enum status drafts(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_drafts, &rows, e, T(d->owner_id), I(COUNTED), I(d->now));

	if (s == OK)
		d->parts[DIGEST_DRAFTS].total = (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct digest_item *it = room(d, DIGEST_DRAFTS);

		if (!it)
			break;
		s = kept(d, DIGEST_DRAFTS, it, digest_draft(d, at_text(&rows.list[i], 0), it, e));
	}
	return s;
}

static enum status tasks(struct digest *d, struct err *e)
{
	time_t end = when_utc(date_add_days(when_civil(d->now, d->zone).date, 1), 0, 0, d->zone);
	struct task *list;
	size_t n;
	enum status s = store_tasks_of_owner(d->tx, d->a, d->owner_id, end, COUNTED, &list, &n, e);

	if (s != OK)
		return s;
	d->parts[DIGEST_TASKS].total = (int64_t)n;
	for (size_t i = 0; i < n; i++) {
		struct digest_item *it = room(d, DIGEST_TASKS);
		const struct task *t = &list[i];
		const char *kind = t->channel ? t->channel : t->kind;

		if (!it)
			break;
		it->link.kind = "task";
		it->link.item_id = t->id;
		it->link.label = arena_printf(d->a, "%s: %s", text_squeeze(d->a, kind ? kind : "task"),
					      digest_who(d->a, t->name, t->address, t->company));
		it->page.title = it->link.label;
		digest_fact(d, it, "due", t->due ? digest_time(d, t->due) : NULL);
		if (t->due && t->due < d->now - 86400)
			digest_fact(d, it, NULL, words_get(d->o->words, "overdue"));
		digest_fact(d, it, "phone", t->phone);
		digest_fact(d, it, "profile", t->profile);
		digest_block(d, it, "what_to_do", t->text ? str_cut(d->a, t->text, DIGEST_REPLY) : NULL);
		digest_fact(d, it, "sequence", t->sequence);
		digest_action(it, "done", NULL, NULL);
		digest_action(it, "skip", NULL, "by the button in the digest");
		keep(d, DIGEST_TASKS);
	}
	return OK;
}

static enum status returning(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_returning, &rows, e, T(d->owner_id), I(COUNTED),
			     I(d->now + 86400));

	if (s == OK)
		d->parts[DIGEST_RETURNING].total = (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		struct digest_item *it = room(d, DIGEST_RETURNING);
		enum status one;

		if (!it)
			break;
		digest_fact(d, it, "returns", digest_time(d, (time_t)at_int(r, 1)));
		digest_fact(d, it, "parked_because", at_text(r, 2));
		digest_fact(d, it, "parked_words", at_text(r, 3));
		one = digest_enrolment(d, at_text(r, 0), it, e);
		if (one == OK) {
			digest_action(it, "resume", NULL, "by the button in the digest");
			digest_action(it, "park", "30d", NULL);
			digest_action(it, "stop", NULL, "by the button in the digest");
		}
		s = kept(d, DIGEST_RETURNING, it, one);
	}
	return s;
}

static enum status late(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_late, &rows, e, T(d->owner_id), I(COUNTED),
			     I(d->now - (time_t)d->o->late_days * 86400));

	if (s == OK)
		d->parts[DIGEST_LATE].total = (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		struct digest_item *it = room(d, DIGEST_LATE);
		enum status one;

		if (!it)
			break;
		digest_fact(d, it, "late_since", digest_day(d, (time_t)at_int(&rows.list[i], 1)));
		one = digest_enrolment(d, at_text(&rows.list[i], 0), it, e);
		if (one == OK) {
			digest_action(it, "skip", NULL, "by the button in the digest");
			digest_action(it, "park", "30d", NULL);
			digest_action(it, "stop", NULL, "by the button in the digest");
		}
		s = kept(d, DIGEST_LATE, it, one);
	}
	return s;
}

static enum status promises(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_promises, &rows, e, T(d->owner_id), I(COUNTED), I(d->now));

	if (s == OK)
		d->parts[DIGEST_LATE].total += (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		struct digest_item *it = room(d, DIGEST_LATE);

		if (!it)
			break;
		it->link.item_id = at_text(r, 0);
		it->page.title = digest_who(d->a, at_text(r, 4), at_text(r, 6), at_text(r, 5));
		digest_fact(d, it, "promised", at_text(r, 1));
		digest_fact(d, it, "late_since", digest_day(d, (time_t)at_int(r, 2)));
		keep(d, DIGEST_LATE);
	}
	return s;
}

/* Somebody asked, and nothing has gone out to them in time. */
static enum status late_leads(struct digest *d, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, lead_unanswered, &rows, e, T(d->owner_id), I(d->now - 14 * 86400), I(d->now),
			     I(COUNTED));

	if (s == OK)
		d->parts[DIGEST_LATE].total += (int64_t)rows.n;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		struct digest_item *it = room(d, DIGEST_LATE);

		if (!it)
			break;
		it->link.item_id = at_text(r, 0);
		it->page.title = digest_who(d->a, at_text(r, 3), at_text(r, 5), at_text(r, 4));
		digest_fact(d, it, "asked_for", at_text(r, 2));
		digest_fact(d, it, "late_since", digest_time(d, (time_t)at_int(r, 1)));
		keep(d, DIGEST_LATE);
	}
	return s;
}

/* ---- news: nothing to decide, good to know ---- */

static const char *json_at(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void news_line(struct digest *d, const json_t *o, time_t at, struct digest_item *it)
{
	struct arena *a = d->a;
	const char *detail = json_at(o, "detail"), *event = json_at(o, "event");
	const char *key = arena_printf(a, "news.%s", detail ? detail : event ? event : "other");
	const char *who = digest_who(a, json_at(o, "name"), json_at(o, "address"), NULL);
	const char *sequence = json_at(o, "sequence");

	if (!words_has(d->o->words, key))
		key = "news.other";
	it->page.title = words_fill(a, d->o->words, key, who, sequence ? sequence : "-",
				    detail ? detail : event ? event : "-");
	it->page.mark = digest_time(d, at);
	digest_fact(d, it, "words", json_at(o, "words") ? str_cut(a, json_at(o, "words"), 300) : NULL);
}

static enum status news(struct digest *d, struct err *e)
{
	struct digest_part *p = &d->parts[DIGEST_NEWS];
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_news, &rows, e, T(d->owner_id), I(COUNTED));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		json_t *o = json_loads(at_text(&rows.list[i], 2), 0, NULL);
		struct digest_item *it;

		/* drafts and breakers have lines of their own, while they last */
		if (!o || str_eq(json_at(o, "detail"), "draft") || str_eq(json_at(o, "text"), "breaker")) {
			json_decref(o);
			continue;
		}
		p->total++;
		it = room(d, DIGEST_NEWS);
		if (it) {
			news_line(d, o, (time_t)at_int(&rows.list[i], 3), it);
			keep(d, DIGEST_NEWS);
		}
		json_decref(o);
	}
	return s;
}

static enum status troubles(struct digest *d, struct err *e)
{
	struct digest_part *p = &d->parts[DIGEST_NEWS];
	struct rows rows;
	enum status s = ROWS(d->tx, d->a, digest_breakers, &rows, e, T(d->owner_id), T(d->login));
	struct digest_item *it;

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		p->total++;
		it = room(d, DIGEST_NEWS);
		if (!it)
			continue;
		it->link.item_id = at_text(r, 0);
		it->page.title = words_fill(d->a, d->o->words, "breaker", at_text(r, 1), at_text(r, 2), at_text(r, 3));
		digest_fact(d, it, "why", at_text(r, 4));
		digest_fact(d, it, "since", digest_time(d, (time_t)at_int(r, 5)));
		keep(d, DIGEST_NEWS);
	}
	if (s == OK)
		s = ROWS(d->tx, d->a, digest_accounts, &rows, e, T(d->owner_id), I(d->now - 3600));
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		p->total++;
		it = room(d, DIGEST_NEWS);
		if (!it)
			continue;
		it->page.title = words_fill(d->a, d->o->words, "account_failing", at_text(&rows.list[i], 0), NULL, NULL);
		digest_fact(d, it, "why", at_text(&rows.list[i], 1));
		digest_fact(d, it, "since", digest_time(d, (time_t)at_int(&rows.list[i], 2)));
		keep(d, DIGEST_NEWS);
	}
	return s;
}

enum status digest_gather(struct digest *d, struct err *e)
{
	static enum status (*const steps[])(struct digest *, struct err *) = {
		reviews, unanswered, drafts, tasks, returning, late, late_leads, promises, troubles, news,
	};
	enum status s = OK;

	for (size_t i = 0; i < DIGEST_SECTIONS; i++)
		d->parts[i].list = arena_array(d->a, struct digest_item, d->o->limit);
	for (size_t i = 0; s == OK && i < sizeof(steps) / sizeof(*steps); i++)
		s = steps[i](d, e);
	return s;
}
