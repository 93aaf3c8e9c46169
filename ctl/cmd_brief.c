/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl brief show|set: what is known and what is only supposed of a person. For the owner's eyes: drafts are made
 * of evidence and signals alone, nothing of what is written here enters a mail.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/mails.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/classifier.h"
#include "letter/points.h"

/* What a person writes down; the rest is read from the records. */
static const struct {
	const char *option, *key;
} written[] = {
	{ "fit", "target_market_fit" }, { "problems", "possible_problems" },
	{ "inferences", "unverified_inferences" }, { "uncertainties", "uncertainties" },
	{ "offer-fit", "offer_fit" }, { "risk", "risk" },
	{ "recommendation", "qualification_recommendation" }, { "channel", "recommended_channel" },
	{ "message-type", "recommended_message_type" }, { "cta", "recommended_cta" }, { "notes", "human_review_notes" },
};

struct brief {
	struct ctl *c;
	const char *what;
	const struct args *args;
	json_t *prospect, *evidence, *signals, *sources, *old;
	const char *id;
};

static enum status rows_of(struct store_tx *tx, const char *statement, const struct value *v, json_t **out_r, struct err *e)
{
	enum status st = OK;

	json_decref(*out_r);
	*out_r = rows_json(tx, statement, v, 1, &st, e);
	return st;
}

static enum status read_brief(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct brief *b = ctx;
	const char *id;
	enum status st = find_prospect(tx, a, b->what, &id, e);
	struct value v = store_text(st ? NULL : id);

	if (!st)
		st = rows_of(tx, "ctl_prospect", &v, &b->prospect, e);
	if (!st)
		st = rows_of(tx, "brief_evidence", &v, &b->evidence, e);
	if (!st)
		st = rows_of(tx, "brief_signals", &v, &b->signals, e);
	if (!st)
		st = rows_of(tx, "ctl_sources", &v, &b->sources, e);
	if (!st)
		st = rows_of(tx, "brief_of", &v, &b->old, e);
	return st;
}

/* Points of a class, in a few words each. */
static json_t *points_of(const struct brief *b, const char *type, const char *second)
{
	json_t *list = json_array(), *o;
	size_t k;

	json_array_foreach(b->evidence, k, o)
		if (str_eq(get(o, "type"), type) || str_eq(get(o, "type"), second))
			json_array_append_new(list, json_pack("{s:s,s:s}", "point", get(o, "point"), "source",
							      get(o, "source")));
	return list;
}

/* Each thing that a draft could say, and whether it may. */
static json_t *options(const struct brief *b, const struct phrases *phrases)
{
	struct arena *a = b->c->arena;
	json_t *list = json_array(), *o;
	size_t k;

	json_array_foreach(b->evidence, k, o) {
		struct point p = { .text = get(o, "point"), .source = get(o, "source"), .type = get(o, "type"),
				   .date = (time_t)get_int(o, "date"), .safe = get_int(o, "safe") != 0,
				   .waits = get_int(o, "review_required") != 0 && !get_int(o, "reviewed") };
		enum point_fate f = point_judge(a, phrases, &p, b->c->now, conf_int(b->c->conf, "imapwatch.evidence_age"));

		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "kind", "evidence", "point", p.text, "use",
						      point_why(f)));
	}
	json_array_foreach(b->signals, k, o) {
		struct point p = { .text = get(o, "what"), .source = get(o, "source"), .date = (time_t)get_int(o, "date"),
				   .expires = (time_t)get_int(o, "expires"), .retracted = get_int(o, "retracted") != 0 };
		enum point_fate f = point_judge(a, phrases, &p, b->c->now, conf_int(b->c->conf, "imapwatch.signal_age"));

		json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "kind", "signal", "point", p.text, "use",
						      point_why(f)));
	}
	return list;
}

static json_t *recent_signals(const struct brief *b)
{
	json_t *list = json_array(), *o;
	size_t k;

	json_array_foreach(b->signals, k, o)
		if (!get_int(o, "retracted"))
			json_array_append_new(list, json_pack("{s:s,s:o,s:s,s:o}", "what", get(o, "what"), "kind",
							      text_json(json_string_value(json_object_get(o, "kind"))),
							      "source", get(o, "source"), "date",
							      time_json((time_t)get_int(o, "date"))));
	return list;
}

static const char *permissions(const struct brief *b)
{
	struct buf out;
	json_t *o;
	size_t k;

	buf_init(&out, b->c->arena);
	json_array_foreach(b->sources, k, o)
		buf_addf(&out, "%s%s (%s)", k ? "; " : "", get(o, "permission"), get(o, "kind"));
	return out.p;
}

/* "" and absent: nobody has written it. */
static void add_written(json_t *out, const json_t *content, const char *key)
{
	const char *s = content ? get(content, key) : "";

	json_object_set_new(out, key, *s ? text_json(s) : json_null());
}

int cmd_brief_show(struct ctl *c, const struct args *args)
{
	struct brief b = { .c = c, .what = args->word[0] };
	int code = read_unit(c, read_brief, &b);
	const json_t *p, *content;
	struct phrases *phrases = NULL;
	struct err e;
	json_t *out;

	if (code)
		return code;
	if (mails_phrases(c->conf, NULL, &phrases, &e) != OK)
		note(c, "%s", e.text);
	p = json_array_get(b.prospect, 0);
	content = json_object_get(json_array_get(b.old, 0), "content");
	out = json_object();
	json_object_set_new(out, "internal", text_json("for the owner: nothing of this brief is said in a mail"));
	json_object_set_new(out, "prospect", text_json(get(p, "name")));
	json_object_set_new(out, "company", text_json(get(p, "company")));
	json_object_set_new(out, "role", text_json(get(p, "role")));
	add_written(out, content, "target_market_fit");
	json_object_set_new(out, "known_relationship", text_json(get(p, "relationship")));
	json_object_set_new(out, "verified_facts", points_of(&b, "verified_fact", NULL));
	json_object_set_new(out, "public_observations", points_of(&b, "public_observation", NULL));
	add_written(out, content, "possible_problems");
	add_written(out, content, "unverified_inferences");
	json_object_set_new(out, "guesses", points_of(&b, "ai_inference", "estimate"));
	add_written(out, content, "uncertainties");
	json_object_set_new(out, "recent_signals", recent_signals(&b));
	add_written(out, content, "offer_fit");
	json_object_set_new(out, "personalisation_options", options(&b, phrases));
	add_written(out, content, "risk");
	json_object_set_new(out, "permission_context", text_json(permissions(&b)));
	json_object_set_new(out, "permission_channels", text_json(get(p, "permission_channels")));
	add_written(out, content, "qualification_recommendation");
	add_written(out, content, "recommended_channel");
	add_written(out, content, "recommended_message_type");
	add_written(out, content, "recommended_cta");
	add_written(out, content, "human_review_notes");
	phrases_free(phrases);
	return out_object(c, out);
}

static enum status set_brief(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct brief *b = ctx;
	const json_t *old;
	json_t *content;
	const char *id, *old_id = NULL, *line;
	char *dumped;
	struct field f[2];
	enum status st = find_prospect(tx, a, b->what, &id, e);
	struct value v = store_text(st ? NULL : id);

	if (!st)
		st = rows_of(tx, "brief_of", &v, &b->old, e);
	if (st)
		return st;
	old = json_array_get(b->old, 0);
	content = old ? json_deep_copy(json_object_get(old, "content")) : json_object();
	if (old)
		old_id = arena_strdup(a, get(old, "id"));
	for (size_t k = 0; k < sizeof(written) / sizeof(*written); k++)
		if (arg_given(b->args, written[k].option))
			json_object_set_new(content, written[k].key, text_json(arg_value(b->args, written[k].option)));
	dumped = json_dumps(content, JSON_COMPACT);
	json_decref(content);
	line = arena_strdup(a, dumped);
	free(dumped);
	f[0] = (struct field){ "prospect_id", id };
	f[1] = (struct field){ "content", line };
	st = store_put(tx, a, "brief", old_id, f, 2, b->c->actor, &id, e);
	if (!st)
		b->id = arena_strdup(b->c->arena, id);
	return st;
}

int cmd_brief_set(struct ctl *c, const struct args *args)
{
	struct brief b = { .c = c, .what = args->word[0], .args = args };
	int code;

	if (args->options_n == 0)
		return fail(c, CTL_USAGE, "say what is supposed of them: --fit, --problems, --inferences, --risk ...");
	code = write_unit(c, set_brief, &b);
	return code ? code : out_done(c, json_pack("{s:s}", "id", b.id), "recorded");
}
