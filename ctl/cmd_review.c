/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl review, task: what waits for a person, everything a decision needs, and the decisions. What a decision does
 * is store/decide.c's; here it is only read and answered.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/draft_hook.h"
#include "ctl/mails.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/when.h"
#include "classifier/classifier.h"
#include "store/people.h"

enum { TEXT_CAP = 256 * 1024 };

static enum status owner_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const char *id;

	return find_row(tx, a, "ctl_owner_by_login", "owner", ctx, &id, e);
}

int cmd_review_list(struct ctl *c, const struct args *args)
{
	struct value v[4] = { V_INT(arg_given(args, "all")), store_text(arg_value(args, "owner")), V_NULL,
		V_INT(c->now) };
	const char *owner = arg_value(args, "owner");
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list;

	if (!code && owner)	/* nothing waits for a name that is written wrongly */
		code = read_unit(c, owner_unit, (void *)(uintptr_t)owner);
	list = code ? NULL : ask(c, "ctl_waiting", v, 4, &code);

	return list ? out_list(c, list, arg_given(args, "all")
			       ? "short:id since kind email class reason sequence state decision decided_by"
			       : "short:id since kind email class reason sequence state owner",
			       "nothing waits for a person") : code;
}

/* ---- show: what a person must see before deciding ---- */

struct show {
	struct ctl *c;
	const char *what;
	struct arena *keep;
	struct card card;
};

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct show *s = ctx;
	enum status st = store_card(tx, s->keep, s->what, &s->card, e);

	(void)a;
	/* who sees it is kept: an approval without that would be a blind one */
	return st == OK ? store_shown(tx, s->card.id, s->card.hash, s->c->actor, "relentctl", e) : st;
}

static void put(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, text_json(value));
}

static json_t *words(const char *const *list, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, text_json(list[i]));
	return out;
}

static json_t *lists_json(const struct card *c, json_t *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->sources_n; i++) {
		const struct card_source *s = &c->sources[i];

		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "kind", text_json(s->kind), "url",
			text_json(s->url), "permission", text_json(s->permission), "permitted_use",
				text_json(s->permitted_use),
			"compliance", text_json(s->compliance), "jurisdiction", text_json(s->jurisdiction), "captured",
			time_json(s->captured)));
	}
	json_object_set_new(o, "sources", list);
	list = json_array();
	for (size_t i = 0; i < c->evidence_n; i++) {
		const struct card_evidence *v = &c->evidence[i];

		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:b,s:b,s:b}", "point", text_json(v->point), "type",
			text_json(v->type), "source", text_json(v->source), "safe", v->safe, "reviewed", v->reviewed,
				"used",
			v->used));
	}
	json_object_set_new(o, "evidence", list);
	list = json_array();
	for (size_t i = 0; i < c->points_n; i++)
		json_array_append_new(list, json_pack("{s:s,s:o}", "kind", c->points[i].kind, "text",
						      text_json(c->points[i].text)));
	json_object_set_new(o, "rests_on", list);
	list = json_array();
	for (size_t i = 0; i < c->suppressions_n; i++)
		json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "subject",
			text_json(c->suppressions[i].subject),
			"scope", text_json(c->suppressions[i].scope), "reason", text_json(c->suppressions[i].reason),
				"since",
			time_json(c->suppressions[i].since)));
	json_object_set_new(o, "suppressions", list);
	list = json_array();
	for (size_t i = 0; i < c->touches_list_n; i++) {
		const struct card_touch *t = &c->touches_list[i];

		json_array_append_new(list, json_pack("{s:o,s:i,s:o,s:o,s:o,s:o,s:o}", "at", time_json(t->at),
			"step", t->step,
			"kind", text_json(t->kind), "channel", text_json(t->channel), "subject", text_json(t->subject),
			"text", text_json(t->text), "sent_state", text_json(t->sent_state)));
	}
	json_object_set_new(o, "previous_touches", list);
	return o;
}

static json_t *card_json(const struct card *c)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "kind", c->kind }, { "id", c->id }, { "card", c->hash }, { "owner", c->owner }, { "prospect",
			c->prospect },
		{ "address", c->address }, { "role", c->role }, { "company", c->company },
		{ "identity_status", c->identity_status }, { "relationship", c->relationship },
		{ "fit", c->fit }, { "intent", c->intent }, { "urgency", c->urgency }, { "preferred_channel",
			c->preferred_channel }, { "priority",
			c->priority },
		{ "stage", c->stage }, { "qualification", c->qualification }, { "score_reasons", c->score_reasons },
		{ "permission", c->permission }, { "permission_channels", c->permission_channels }, { "channel",
			c->channel },
		{ "why_now", c->why_now }, { "signal", c->signal }, { "from", c->from }, { "to", c->to },
		{ "subject", c->subject }, { "text", c->text }, { "draft_state", c->draft_state },
		{ "content_hash", c->content_hash }, { "sequence", c->sequence }, { "purpose", c->purpose }, { "job",
			c->job },
		{ "type", c->type }, { "authority", c->authority }, { "state", c->state }, { "reason", c->reason },
		{ "pause_words", c->pause_words }, { "reply_state", c->reply_state }, { "class", c->reply_class },
		{ "reply_from", c->reply_from }, { "reply_subject", c->reply_subject }, { "visible", c->reply_text },
		{ "opinion", c->opinion }, { "item_kind", c->item_kind }, { "item_reason", c->item_reason },
		{ "item_text", c->item_text }, { "approval", c->approval }, { "decided", c->decided },
		{ "decided_by", c->decided_by }, { "recommended", c->recommended },
	};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put(o, texts[i].key, texts[i].value);
	json_object_update_new(o, json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:b,s:b,s:b}", "step", c->step, "steps",
		c->steps,
		"touches", c->touches, "max_touches", c->max_touches, "holds", c->holds, "words", c->words, "links",
			c->links,
		"sensitive", c->sensitive, "granted", c->granted, "channel_allowed", c->channel_allowed));
	json_object_set_new(o, "since", time_json(c->since));
	json_object_set_new(o, "due", time_json(c->due));
	json_object_set_new(o, "window_opens", time_json(c->window_opens));
	json_object_set_new(o, "reply_at", time_json(c->reply_at));
	json_object_set_new(o, "claims", words(c->claims, c->claims_n));
	json_object_set_new(o, "tone", words(c->tone, c->tone_n));
	json_object_set_new(o, "asks", words(c->asks, c->asks_n));
	json_object_set_new(o, "in_the_way", words(c->missing, c->missing_n));
	json_object_set_new(o, "choices", words(c->choices, c->choices_n));
	return lists_json(c, o);
}

static int show(struct ctl *c, const char *what)
{
	struct show s = { .c = c, .what = what, .keep = c->arena };
	struct phrases *p = NULL;
	struct span rest, line;
	struct err e;
	int code = write_unit(c, show_unit, &s);

	if (code)
		return code;
	if (mails_phrases(c->conf, NULL, &p, &e) == OK)
		card_flags(c->arena, p, &s.card);
	else
		note(c, "claims and tone were not looked at: %s", e.text);
	if (c->json) {
		code = out_object(c, card_json(&s.card));
	} else {
		rest = span_of(card_text(c->arena, &s.card, c->zone));
		while (span_line(&rest, &line))
			puts(plain(c, span_dup(c->arena, line)));
	}
	phrases_free(p);
	return code;
}

int cmd_review_show(struct ctl *c, const struct args *args)
{
	return show(c, args->word[0]);
}

/* ---- decide ---- */

struct choosing {
	struct ctl *c;
	struct decision_new d;
	struct decided out;
	struct arena *keep;
};

static enum status choose_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct choosing *w = ctx;

	(void)a;
	return store_decide(tx, w->keep, &w->d, &w->out, e);
}

static bool in_words(void *ctx, struct arena *a, const char *text, time_t now, struct date *out_r)
{
	struct ctl *c = ctx;
	struct phrases *p = NULL;
	struct err e;
	bool found;

	if (mails_phrases(c->conf, NULL, &p, &e) != OK)
		return false;
	found = words_date(a, p, text, now, out_r);
	phrases_free(p);
	return found;
}

/* The new text of `edit`: a file; a first line `Subject: ...` and an empty one may stand before it. */
static int read_text(struct ctl *c, const char *path, struct decision_new *d)
{
	FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
	char *bytes = arena_alloc(c->arena, TEXT_CAP + 1);
	struct span rest, line;
	size_t n;

	if (!f)
		return fail(c, CTL_UNAVAILABLE, "cannot read '%s'", path);
	n = fread(bytes, 1, TEXT_CAP + 1, f);
	if (f != stdin)
		fclose(f);
	if (n > TEXT_CAP)
		return fail(c, CTL_USAGE, "'%s' is larger than 256 KiB", path);
	if (!str_is_utf8(bytes, n) || memchr(bytes, '\0', n))
		return fail(c, CTL_USAGE, "'%s' is not a text in UTF-8", path);
	rest = (struct span){ bytes, n };
	if (span_starts_case(rest, "Subject:") && span_line(&rest, &line)) {
		if (!d->subject)
			d->subject = span_dup(c->arena, span_trim((struct span){ line.p + 8, line.n - 8 }));
		if (rest.n && (*rest.p == '\n' || *rest.p == '\r'))
			(void)span_line(&rest, &line);
	}
	d->text = span_dup(c->arena, rest);
	return CTL_DONE;
}

static enum status card_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct show *s = ctx;

	(void)a;	/* a program that reads it is no person who saw it */
	return store_card(tx, s->keep, s->what, &s->card, e);
}

static int ask_hook(struct ctl *c, struct decision_new *d)
{
	struct show s = { .c = c, .what = d->item, .keep = c->arena };
	json_t *card;
	int code = read_unit(c, card_unit, &s);

	if (code)
		return code;
	card = card_json(&s.card);
	code = draft_hook(c, card, &d->subject, &d->text);
	json_decref(card);
	return code;
}

static const char *state_word(enum seq_state s)
{
	return s == SEQ_STATE_COUNT ? NULL : seq_state_name(s);
}

static int check_class(struct ctl *c, const char *class)
{
	const char *names[REPLY_CLASS_COUNT], *near;
	char *word = arena_strdup(c->arena, class ? class : "");
	enum reply_class found;

	for (char *p = word; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (class_from_name(word, &found))
		return CTL_DONE;
	for (int i = 0; i < REPLY_CLASS_COUNT; i++)
		names[i] = class_name((enum reply_class)i);
	near = str_nearest(word, names, REPLY_CLASS_COUNT);
	return fail(c, CTL_USAGE, near ? "there is no class '%s': did you mean '%s'?"
		    : "there is no class '%s': interested, question, objection, not_now, not_a_fit, referral, booked, "
		    "unsubscribe, complaint, out_of_office, bounce", word, near);
}

static int choose(struct ctl *c, struct choosing *w)
{
	const struct decision_kind *k = decision_kind(w->d.decision);
	const struct decided *o = &w->out;
	const char *after;
	int code;

	if (w->d.decision == DECIDE_CLASSIFY_AS && (code = check_class(c, w->d.argument)) != 0)
		return code;
	w->c = c;
	w->keep = c->arena;
	w->d.by = c->actor;
	w->d.via = "relentctl";
	w->d.read_date = in_words;
	w->d.read_date_ctx = c;
	code = write_unit(c, choose_unit, w);
	if (code && o->show && !c->json)
		show(c, o->item);
	if (code)
		return code;
	after = o->after != o->before ? state_word(o->after) : NULL;
	return out_done(c, json_pack("{s:s,s:o,s:o,s:b,s:b,s:o,s:s}", "decision", k->name, "item",
		text_json(o->item), "state",
				     text_json(state_word(o->after)), "again", o->again, "waits", o->waits, "approval",
				     text_json(o->approval_id), "sentence", o->sentence),
			"%s%s%s", o->sentence, after ? " -> " : "", after ? after : "");
}

static int until_option(struct ctl *c, const struct args *args, struct decision_new *d)
{
	const char *until = arg_value(args, "until");
	time_t t;

	if (!until)
		return CTL_DONE;
	if (!args_time(c, until, &t) || t <= c->now)
		return fail(c, CTL_USAGE, "--until '%s' is not a date to come", until);
	d->date = when_civil(t, c->zone).date;
	return CTL_DONE;
}

/* review VERB ITEM [ARGUMENT]: the verb is the last word of the command's name. */
int cmd_review_verb(struct ctl *c, const struct args *args)
{
	const char *verb = strrchr(c->command->name, ' ') + 1;
	struct choosing w = { .d = { .item = args->word[0], .because = arg_value(args, "because"),
				     .shown = arg_value(args, "shown"), .subject = arg_value(args, "subject") } };
	struct buf rest;
	int code = until_option(c, args, &w.d);

	if (code)
		return code;
	if (!decision_from_name(verb, &w.d.decision))
		return fail(c, CTL_USAGE, "there is no decision '%s'", verb);
	if (w.d.decision == DECIDE_EDIT) {
		if ((code = read_text(c, args->word[1], &w.d)) != 0)
			return code;
		return choose(c, &w);
	}
	if (w.d.decision == DECIDE_REWRITE) {
		code = args->n == 2 ? read_text(c, args->word[1], &w.d) : ask_hook(c, &w.d);
		return code ? code : choose(c, &w);
	}
	buf_init(&rest, c->arena);	/* "park 4 until march" without quotes */
	for (size_t i = 1; i < args->n; i++)
		buf_addf(&rest, "%s%s", rest.n ? " " : "", args->word[i]);
	w.d.argument = rest.n ? rest.p : NULL;
	return choose(c, &w);
}

/* review decide ITEM VERB [ARGUMENT]: the older form of the same. */
int cmd_review_decide(struct ctl *c, const struct args *args)
{
	struct choosing w = { .d = { .item = args->word[0], .because = arg_value(args, "because"),
				     .argument = args->n == 3 ? args->word[2] : NULL } };
	const char *list[DECIDE_COUNT], *near;
	int code;

	if (!decision_from_name(args->word[1], &w.d.decision) || w.d.decision == DECIDE_EDIT ||
	    w.d.decision == DECIDE_REWRITE) {
		for (int i = 0; i < DECIDE_COUNT; i++)
			list[i] = decision_kind((enum decide)i)->name;
		near = str_nearest(args->word[1], list, DECIDE_COUNT);
		return fail(c, CTL_USAGE, near ? "there is no decision '%s': did you mean '%s'?"
			    : "there is no decision '%s': 'relentctl review --help' lists them", args->word[1], near);
	}
	if (w.d.decision == DECIDE_CLASSIFY_AS && !w.d.argument)
		return fail(c, CTL_USAGE, "%s wants a class: relentctl review classify-as ITEM CLASS", args->word[1]);
	if (w.d.argument && !*decision_kind(w.d.decision)->argument)
		return fail(c, CTL_USAGE, "'%s' takes nothing after it", args->word[1]);
	code = until_option(c, args, &w.d);
	return code ? code : choose(c, &w);
}
