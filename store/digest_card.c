/* SPDX-License-Identifier: MPL-2.0
 *
 * One thing that waits, as an item of a page: the facts of its review card, and the buttons that fit. Approving is only
 * offered beside everything that is approved, and its button carries the hash of that.
 */
#include "config.h"

#include <string.h>

#include "store/digest_private.h"

/* ---- facts ---- */

/* What is left out is seen to be. */
static const char *cut(struct arena *a, const char *s, size_t n)
{
	return strlen(s) > n ? arena_printf(a, "%s\xe2\x80\xa6", str_cut(a, s, n)) : s;
}

void digest_fact(struct digest *d, struct digest_item *it, const char *key, const char *text)
{
	const char *line = str_empty(text) ? NULL : text_squeeze(d->a, text);

	if (str_empty(line) || it->page.facts_n == DIGEST_FACTS)
		return;
	line = cut(d->a, line, DIGEST_FACT);
	it->facts[it->page.facts_n++] = (struct page_fact){ key ? words_get(d->o->words, key) : NULL, line, false };
	d->bytes += strlen(line);
}

void digest_block(struct digest *d, struct digest_item *it, const char *key, const char *text)
{
	if (str_empty(text) || it->page.facts_n == DIGEST_FACTS)
		return;
	it->facts[it->page.facts_n++] = (struct page_fact){ key ? words_get(d->o->words, key) : NULL, text, true };
	d->bytes += strlen(text);
}

/* One of several lines, each on its own. */
static void list_fact(struct digest *d, struct digest_item *it, const char *key, const struct buf *lines)
{
	if (lines->n == 0 || it->page.facts_n == DIGEST_FACTS)
		return;
	const char *text = cut(d->a, lines->p, 4 * DIGEST_FACT);

	it->facts[it->page.facts_n++] = (struct page_fact){ words_get(d->o->words, key), text, false };
	d->bytes += strlen(text);
}

void digest_action(struct digest_item *it, const char *verb, const char *argument, const char *because)
{
	size_t n = it->link.actions_n;

	if (n == DIGEST_ACTIONS)
		return;
	it->actions[n] = (struct link_action){ verb, argument, because };
	it->link.actions = it->actions;
	it->link.actions_n = n + 1;
}

const char *digest_day(struct digest *d, time_t t)
{
	char text[WHEN_TEXT];

	return t ? arena_strdup(d->a, date_text(when_civil(t, d->zone).date, text)) : NULL;
}

const char *digest_time(struct digest *d, time_t t)
{
	char text[WHEN_TEXT];

	return t ? arena_strdup(d->a, when_local_text(t, d->zone, text)) : NULL;
}

const char *digest_who(struct arena *a, const char *name, const char *address, const char *company)
{
	const char *who = !str_empty(name) ? name : address ? address : "?";

	who = cut(a, text_squeeze(a, who), DIGEST_NAME);
	return str_empty(company) ? who : arena_printf(a, "%s, %s", who, cut(a, text_squeeze(a, company), DIGEST_NAME));
}

static const char *joined(struct arena *a, const char *const *list, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", list[i]);
	return b.p;
}

/* ---- who it is ---- */

static void person(struct digest *d, struct digest_item *it, const struct card *c)
{
	struct arena *a = d->a;

	digest_fact(d, it, "prospect", arena_printf(a, "%s <%s>%s%s", c->prospect ? c->prospect : "", c->address ?
		    c->address : "?", c->role ? ", " : "", c->role ? c->role : ""));
	digest_fact(d, it, "company", c->company ? c->company : c->domain);
	digest_fact(d, it, "identity", c->identity_status);
	digest_fact(d, it, "priority", c->priority);
	digest_fact(d, it, "qualification", c->qualification);
	digest_fact(d, it, "relationship", c->relationship);
}

static void rights(struct digest *d, struct digest_item *it, const struct card *c)
{
	struct arena *a = d->a;
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < c->sources_n && i < 5; i++) {
		const struct card_source *src = &c->sources[i];

		buf_addf(&b, "%s%s%s%s%s%s", i ? "\n" : "", src->kind ? src->kind : "?", src->captured ? ", " : "",
			 src->captured ? digest_day(d, src->captured) : "", src->url ? ", " : "",
			 src->url ? text_squeeze(a, src->url) : "");
	}
	list_fact(d, it, "source", &b);
	digest_fact(d, it, "permission", c->permission);
	digest_fact(d, it, "channel", !c->channel ? NULL : c->channel_allowed ? c->channel :
		    arena_printf(a, "%s (%s)", c->channel, words_get(d->o->words, "channel_not_allowed")));
	buf_init(&b, a);
	for (size_t i = 0; i < c->suppressions_n; i++)
		buf_addf(&b, "%s%s: %s", i ? "\n" : "", c->suppressions[i].subject, c->suppressions[i].reason);
	if (b.n > 0)
		list_fact(d, it, "suppressed", &b);
	else
		digest_fact(d, it, "suppressed", words_get(d->o->words, "no"));
}

static void history(struct digest *d, struct digest_item *it, const struct card *c)
{
	struct buf b;

	buf_init(&b, d->a);
	for (size_t i = 0; i < c->touches_list_n && i < 8; i++) {
		const struct card_touch *t = &c->touches_list[i];

		buf_addf(&b, "%s%s, %s%s%s%s%s", i ? "\n" : "", digest_day(d, t->at), t->channel ? t->channel : "email",
			 t->subject ? ": " : "", t->subject ? text_squeeze(d->a, t->subject) : "",
			 t->sent_state ? ", " : "", t->sent_state ? t->sent_state : "");
	}
	if (c->touches_list_n > 8)
		buf_addf(&b, "\n+ %zu", c->touches_list_n - 8);
	if (b.n > 0)
		list_fact(d, it, "previous", &b);
	else
		digest_fact(d, it, "previous", words_get(d->o->words, "none"));
}

static void evidence(struct digest *d, struct digest_item *it, const struct card *c)
{
	struct buf b;

	buf_init(&b, d->a);
	for (size_t i = 0; i < c->evidence_n && i < 8; i++) {
		const struct card_evidence *v = &c->evidence[i];

		buf_addf(&b, "%s%s (%s, %s%s%s)", b.n ? "\n" : "", text_squeeze(d->a, v->point ? v->point : "?"),
			 v->type ? v->type : "?", text_squeeze(d->a, v->source ? v->source : "?"),
			 v->used ? "; " : "", v->used ? words_get(d->o->words, "evidence_used") : "");
		if (!v->safe)
			buf_addf(&b, " [%s]", words_get(d->o->words, "evidence_not_safe"));
	}
	if (b.n > 0)
		list_fact(d, it, "evidence", &b);
	else
		digest_fact(d, it, "evidence", words_get(d->o->words, "none"));
	digest_fact(d, it, "signal", c->signal);
}

static void reply(struct digest *d, struct digest_item *it, const struct card *c, bool whole)
{
	const char *class = c->reply_class ? words_get(d->o->words, arena_printf(d->a, "class.%s", c->reply_class)) : NULL;

	if (!c->reply_at) {
		digest_fact(d, it, "reply_state", c->reply_state);
		return;
	}
	digest_fact(d, it, "reply_state", arena_printf(d->a, "%s, %s%s%s", c->reply_state, digest_time(d, c->reply_at),
		    class ? ", " : "", class ? class : ""));
	if (!whole)
		return;
	digest_fact(d, it, "from", c->reply_from);
	digest_fact(d, it, "subject", c->reply_subject);
	digest_block(d, it, "answer", c->reply_text ? str_cut(d->a, c->reply_text, DIGEST_REPLY) : NULL);
	digest_fact(d, it, "opinion", c->opinion);
}

static void flags(struct digest *d, struct digest_item *it, const struct card *c)
{
	const struct words *w = d->o->words;

	digest_fact(d, it, "claims", c->claims_n ? joined(d->a, c->claims, c->claims_n) : words_get(w, "none_found"));
	digest_fact(d, it, "tone", c->tone_n ? joined(d->a, c->tone, c->tone_n) : words_get(w, "none_found"));
	digest_fact(d, it, "asks", c->asks_n == 0 ? words_get(w, "none") : joined(d->a, c->asks, c->asks_n));
	if (c->missing_n > 0)
		digest_fact(d, it, "in_the_way", joined(d->a, c->missing, c->missing_n));
}

static void sequence(struct digest *d, struct digest_item *it, const struct card *c)
{
	if (!c->sequence)
		return;
	digest_fact(d, it, "sequence", arena_printf(d->a, "%s, %s%s%s, %s", c->sequence,
		    words_fill(d->a, d->o->words, "step_of", arena_printf(d->a, "%d", c->step),
			       arena_printf(d->a, "%d", c->steps), NULL),
		    c->job ? ": " : "", c->job ? c->job : "", c->state ? c->state : "?"));
	digest_fact(d, it, "send_timing", c->window_opens ? words_fill(d->a, d->o->words, "window_opens",
		    digest_time(d, c->window_opens), NULL, NULL) : words_get(d->o->words, "window_open"));
}

/* ---- buttons ---- */

static bool may(const struct card *c, const char *choice)
{
	for (size_t i = 0; i < c->choices_n; i++)
		if (str_eq(c->choices[i], choice))
			return true;
	return false;
}

static void offer(struct digest_item *it, const struct card *c, const char *choice, const char *argument,
		  const char *because)
{
	if (may(c, choice))
		digest_action(it, str_eq(choice, "classify_as") ? "classify-as" : choice, argument, because);
}

/* The way it came is a reason too; words of the person's own replace it. */
#define BY_BUTTON "by the button in the digest"

static void identify(struct digest *d, struct digest_item *it, const struct card *c)
{
	const char *where = c->company ? c->company : c->domain;

	it->link.kind = c->kind;
	it->link.item_id = c->id;
	it->link.shown = c->hash;
	it->link.label = digest_who(d->a, c->prospect, c->address, where);
	it->page.title = it->link.label;
}

enum status digest_draft(struct digest *d, const char *id, struct digest_item *it, struct err *e)
{
	struct card c;
	enum status s = store_card(d->tx, d->a, id, &c, e);
	bool long_text;

	if (s != OK)
		return s == INPUT ? GONE : s;
	if (c.decided)
		return GONE;
	identify(d, it, &c);
	long_text = c.text && strlen(c.text) > DIGEST_MESSAGE;
	digest_fact(d, it, "why_now", c.why_now);
	digest_fact(d, it, "recommended", c.recommended);
	digest_fact(d, it, "to", c.to);
	digest_fact(d, it, "subject", c.subject);
	digest_block(d, it, "message", c.text ? str_cut(d->a, c.text, DIGEST_MESSAGE) : NULL);
	if (long_text)
		digest_fact(d, it, NULL, words_get(d->o->words, "too_long"));
	evidence(d, it, &c);
	flags(d, it, &c);
	person(d, it, &c);
	rights(d, it, &c);
	sequence(d, it, &c);
	history(d, it, &c);
	reply(d, it, &c, true);
	digest_fact(d, it, "approval", c.approval);
	if (!long_text)
		offer(it, &c, "approve", NULL, NULL);
	offer(it, &c, "reject", "skip", BY_BUTTON);
	offer(it, &c, "park", "30d", NULL);
	offer(it, &c, "research", NULL, BY_BUTTON);
	offer(it, &c, "stop", NULL, BY_BUTTON);
	return OK;
}

enum status digest_review(struct digest *d, const char *id, struct digest_item *it, struct err *e)
{
	static const char *const classes[] = { "interested", "question", "not_now", "not_a_fit", "out_of_office",
					       "unsubscribe" };
	struct card c;
	enum status s = store_card(d->tx, d->a, id, &c, e);

	if (s != OK)
		return s == INPUT ? GONE : s;
	if (c.decided)
		return GONE;
	identify(d, it, &c);
	digest_fact(d, it, "why_now", c.item_reason);
	reply(d, it, &c, true);
	digest_fact(d, it, "recommended", c.recommended);
	person(d, it, &c);
	sequence(d, it, &c);
	history(d, it, &c);
	for (size_t i = 0; c.reply_at && i < sizeof(classes) / sizeof(*classes); i++)
		offer(it, &c, "classify_as", classes[i], BY_BUTTON);
	offer(it, &c, "park", "30d", NULL);
	offer(it, &c, "resume", NULL, BY_BUTTON);
	offer(it, &c, "stop", NULL, BY_BUTTON);
	offer(it, &c, "note", NULL, NULL);
	return OK;
}

enum status digest_enrolment(struct digest *d, const char *id, struct digest_item *it, struct err *e)
{
	struct card c;
	enum status s = store_card(d->tx, d->a, id, &c, e);

	if (s != OK)
		return s == INPUT ? GONE : s;
	identify(d, it, &c);
	reply(d, it, &c, true);
	digest_fact(d, it, "why_now", str_eq(c.state, "parked") ? c.pause_words : NULL);
	person(d, it, &c);
	sequence(d, it, &c);
	history(d, it, &c);
	return OK;
}
