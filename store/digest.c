/* SPDX-License-Identifier: MPL-2.0
 *
 * One mail of one day for one owner: gathered, numbered, written and put into the outbox in one transaction.
 */
#include "config.h"

#include <string.h>

#include "letter/page.h"
#include "policy/policy.h"
#include "store/digest_private.h"

static const char *const section_names[DIGEST_SECTIONS] = {
	"answers", "drafts", "tasks", "decisions", "returning", "late", "news",
};

/* ---- owners ---- */

enum status store_digest_owners(struct store_tx *tx, struct arena *a, struct digest_owner **out_r, size_t *n_r,
				struct err *e)
{
	struct rows rows;
	enum status s = db_rows(tx, a, ST_digest_owners, NULL, 0, &rows, e);

	if (s != OK)
		return s;
	*out_r = arena_array(a, struct digest_owner, rows.n);
	*n_r = rows.n;
	for (size_t i = 0; i < rows.n; i++) {
		const char *zone = at_text(&rows.list[i], 2);

		(*out_r)[i] = (struct digest_owner){ .id = at_text(&rows.list[i], 0), .login = at_text(&rows.list[i], 1),
			.zone = !str_empty(zone) ? zone : tx->store->o.zone ? tx->store->o.zone : "UTC",
			.last = (time_t)at_int(&rows.list[i], 3) };
	}
	return OK;
}

static enum status read_owner(struct digest *d, const char *owner, struct err *e)
{
	const struct row *r = NULL;
	struct rows rows;
	enum status s = ONE(d->tx, d->a, digest_owner, &r, e, T(owner));

	if (s == GONE) {	/* a login or an address */
		s = ONE(d->tx, d->a, owner_find, &r, e, T(owner));
		if (s == OK)
			s = ONE(d->tx, d->a, digest_owner, &r, e, T(at_text(r, 0)));
	}
	if (s == GONE || (s == OK && !at_int(r, 3)))
		return err_set(e, GONE, "there is no active owner '%s'", owner);
	if (s != OK)
		return s;
	d->owner_id = at_text(r, 0);
	d->login = at_text(r, 1);
	d->zone = !str_empty(at_text(r, 2)) ? at_text(r, 2) : d->tx->store->o.zone ? d->tx->store->o.zone : "UTC";
	s = ROWS(d->tx, d->a, owner_addresses, &rows, e, T(d->owner_id));
	if (s == OK)
		d->to = rows.n > 0 ? at_text(&rows.list[0], 0) : strchr(d->login, '@') ? d->login : NULL;
	return s;
}

/* ---- numbers and marks ---- */

static enum status mark(struct digest *d, struct digest_item *it, struct err *e)
{
	time_t since = 0;
	enum status s = store_list_since(d->tx, d->a, d->owner_id, "digest", it->link.item_id, d->now, &since, e);

	if (s == OK && since)
		it->page.mark = words_fill(d->a, d->o->words, "open_since", digest_day(d, since), NULL, NULL);
	return s;
}

/* Every item that somebody can act on gets the next number. */
static enum status number(struct digest *d, struct link_list *l, struct err *e)
{
	size_t max = DIGEST_SECTIONS * (size_t)d->o->limit;
	enum status s = OK;

	l->lines = arena_array(d->a, struct link_line, max);
	for (size_t k = 0; k < DIGEST_SECTIONS; k++) {
		for (size_t i = 0; s == OK && i < d->parts[k].n; i++) {
			struct digest_item *it = &d->parts[k].list[i];

			if (it->link.actions_n == 0 || l->lines_n == LINK_LINES)
				continue;
			s = mark(d, it, e);
			it->page.number = (int)l->lines_n + 1;
			it->link.number = it->page.number;
			l->lines[l->lines_n++] = it->link;
		}
	}
	return s;
}

/* ---- buttons ---- */

/* What an answer to the mail would say: `park 3`, `classify 2 question`. */
static const char *answer_words(struct arena *a, const struct link_action *act, int n)
{
	if (str_eq(act->verb, "classify-as"))
		return arena_printf(a, "classify %d %s", n, act->argument);
	return arena_printf(a, "%s %d", act->verb, n);
}

static const char *button_label(struct digest *d, const struct link_action *act)
{
	return words_get(d->o->words, str_eq(act->verb, "classify-as") ? arena_printf(d->a, "class.%s", act->argument)
			 : arena_printf(d->a, "do.%s", act->verb));
}

void digest_buttons(struct digest *d, const struct link_list *l, struct digest_item *it)
{
	struct arena *a = d->a;
	struct page_action *list = arena_array(a, struct page_action, it->link.actions_n);

	it->page.facts = it->facts;
	if (it->page.number == 0)
		return;
	for (size_t i = 0; i < it->link.actions_n; i++) {
		const struct link_action *act = &it->link.actions[i];
		const char *token = l->id ? link_token(a, d->tx->store->o.keys, l, &it->link, i) : NULL;
		const char *label = button_label(d, act);

		list[i] = (struct page_action){
			.label = label, .word = answer_words(a, act, it->page.number), .main = str_eq(act->verb, "approve"),
			.address = token && !str_empty(d->o->control) ?
				policy_control_address(a, d->o->control, arena_printf(a, "do.%s", token)) : NULL,
			.subject = arena_printf(a, "%s: %s", label, it->link.label ? it->link.label : ""),
			.body = arena_printf(a, "%s\r\n", answer_words(a, act, it->page.number)),
		};
	}
	it->page.actions = list;
	it->page.actions_n = it->link.actions_n;
}

/* ---- the mail ---- */

static const char *headline(struct digest *d)
{
	struct buf b;

	buf_init(&b, d->a);
	for (size_t k = 0; k < DIGEST_SECTIONS; k++)
		if (d->parts[k].total > 0)
			buf_addf(&b, "%s%s", b.n ? ", " : "", words_count(d->a, d->o->words,
				 arena_printf(d->a, "count.%s", section_names[k]), (long)d->parts[k].total));
	return b.p;
}

static void sections(struct digest *d, const struct link_list *l, struct page *p)
{
	struct page_section *list = arena_array(d->a, struct page_section, DIGEST_SECTIONS);

	for (size_t k = 0; k < DIGEST_SECTIONS; k++) {
		struct digest_part *part = &d->parts[k];
		struct page_item *items = arena_array(d->a, struct page_item, part->n);
		struct page_section *out = &list[p->sections_n];

		if (part->total == 0)
			continue;
		for (size_t i = 0; i < part->n; i++) {
			digest_buttons(d, l, &part->list[i]);
			items[i] = part->list[i].page;
		}
		out->heading = words_get(d->o->words, arena_printf(d->a, "section.%s", section_names[k]));
		out->items = items;
		out->items_n = part->n;
		if (part->total > (int64_t)part->n)
			out->rest = words_count(d->a, d->o->words, "rest", (long)(part->total - (int64_t)part->n));
		p->sections_n++;
	}
	p->sections = list;
}

static void write_mail(struct digest *d, const struct link_list *l, const struct digest_moment *at,
		       struct digest_mail *out)
{
	const char *intro[4], *footer[1];
	struct page p = { .language = d->o->language, .intro = intro, .footer = footer };

	out->subject = headline(d);
	p.title = out->subject;
	intro[p.intro_n++] = words_fill(d->a, d->o->words, "of_day", digest_day(d, d->now), NULL, NULL);
	if (at && at->late)
		intro[p.intro_n++] = words_fill(d->a, d->o->words, "comes_late", digest_time(d, at->at), NULL, NULL);
	if (l->lines_n > 0 && !str_empty(d->o->control))
		intro[p.intro_n++] = words_get(d->o->words, "how_to_answer");
	footer[p.footer_n++] = words_get(d->o->words, "footer");
	sections(d, l, &p);
	out->text = page_text(d->a, &p);
	out->html = page_html(d->a, &p);
}

static enum status gather(struct digest *d, const char *owner, struct digest_mail *out, struct err *e)
{
	enum status s = read_owner(d, owner, e);

	*out = (struct digest_mail){ .owner_id = d->owner_id, .login = d->login, .to = d->to, .zone = d->zone };
	if (s == OK)
		s = digest_gather(d, e);
	for (size_t k = 0; s == OK && k < DIGEST_SECTIONS; k++)
		out->items += d->parts[k].total > 0 ? (size_t)d->parts[k].total : 0;
	return s;
}

enum status store_digest_show(struct store_tx *tx, struct arena *a, const char *owner,
			      const struct digest_options *o, struct digest_mail *out_r, struct err *e)
{
	struct digest d = { .tx = tx, .a = a, .o = o, .now = tx->now };
	struct link_list l = { .kind = "digest" };
	enum status s = gather(&d, owner, out_r, e);

	if (s == OK)
		s = number(&d, &l, e);
	out_r->numbered = l.lines_n;
	if (s == OK && out_r->items > 0)
		write_mail(&d, &l, NULL, out_r);
	return s;
}

enum status digest_post(struct store_tx *tx, struct arena *a, const struct link_list *l, const char *control,
			const struct digest_mail *m, struct err *e)
{
	char *token = link_token(a, tx->store->o.keys, l, NULL, 0);
	json_t *o = json_object();

	json_put(o, "to", m->to);
	json_put(o, "owner", m->login);
	json_put(o, "zone", m->zone);
	json_put(o, "subject", m->subject);
	json_put(o, "plain", m->text);
	json_put(o, "html", m->html);
	if (token && !str_empty(control))
		json_put(o, "reply_to", policy_control_address(a, control, arena_printf(a, "re.%s", token)));
	struct outbox row = { .id = l->id, .kind = "mail", .key = l->key, .owner_id = m->owner_id,
			      .payload = json_text(a, o) };

	return store_outbox_add(tx, a, &row, tx->now, e);
}

enum status store_digest_make(struct store_tx *tx, struct arena *a, const char *owner,
			      const struct digest_options *o, const struct digest_moment *at,
			      struct digest_mail *out_r, struct err *e)
{
	struct digest d = { .tx = tx, .a = a, .o = o, .now = tx->now };
	struct link_list l = { .kind = "digest", .expires = tx->now + (time_t)o->link_days * 86400 };
	const struct row *r = NULL;
	char when[WHEN_TEXT];
	bool made = false;
	enum status s = gather(&d, owner, out_r, e);

	if (s != OK)
		return s;
	l.owner_id = d.owner_id;
	l.key = arena_printf(a, "digest/%s/%s", d.owner_id, when_text(at->at, when));
	s = ONE(tx, a, list_by_key, &r, e, T(l.key));
	if (s != GONE)
		return s == OK ? err_set(e, GONE, "the digest of %s for '%s' was made already", when, d.login) : s;
	if (out_r->items > 0 && str_empty(d.to))
		return err_set(e, INPUT, "owner '%s' has no address: name one in the owner's 'addresses'", d.login);
	s = number(&d, &l, e);
	if (s == OK)
		s = store_list_add(tx, a, &l, &made, e);
	if (s == OK)
		s = RUN(tx, digest_news_done, e, T(d.owner_id), I(tx->now));
	if (s != OK || out_r->items == 0)
		return s;
	out_r->list_id = l.id;
	out_r->numbered = l.lines_n;
	write_mail(&d, &l, at, out_r);
	return digest_post(tx, a, &l, o->control, out_r, e);
}
