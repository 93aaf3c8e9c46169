/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl task, touch, reply: what only people can do, what they did on other channels, and what they heard there.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/tasks.h"

int cmd_task_list(struct ctl *c, const struct args *args)
{
	struct value v[3] = { V_INT(arg_given(args, "all")), store_text(arg_value(args, "owner")), V_NULL };
	int code = limit_of(c, args, 1000, &v[2]);
	json_t *list = code ? NULL : ask(c, "ctl_tasks", v, 3, &code);

	return list ? out_list(c, list, arg_given(args, "all") ? "short:id due kind channel owner email text done outcome"
			       : "short:id due kind channel owner email text", "no task is open") : code;
}

struct adding {
	struct ctl *c;
	const char *prospect, *text, *kind, *owner, *channel;
	time_t due;
	const char *id;
};

static enum status task_add_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct adding *t = ctx;
	struct field f[6];
	struct memory_owner *owner;
	char due[WHEN_TEXT];
	const char *prospect, *id;
	size_t n = 0;
	enum status st = find_prospect(tx, a, t->prospect, &prospect, e);

	if (!st && t->owner) {
		st = store_owner(tx, a, t->owner, &owner, e);
		if (st == GONE)
			return err_set(e, GONE, "there is no owner '%s'", t->owner);
		if (!st)
			f[n++] = (struct field){ "owner_id", owner->id };
	}
	if (st)
		return st;
	f[n++] = (struct field){ "prospect_id", prospect };
	f[n++] = (struct field){ "kind", t->kind };
	f[n++] = (struct field){ "text", t->text };
	if (t->due)
		f[n++] = (struct field){ "due", when_text(t->due, due) };
	st = store_put(tx, a, "task", NULL, f, n, t->c->actor, &id, e);
	if (!st)
		t->id = arena_strdup(t->c->arena, id);
	return st;
}

/* The consent of whose voice it is: what stands behind "NAME=", NULL if there is none. */
static const char *consent_of(struct ctl *c, const char *voice)
{
	const char *const *list;
	size_t n = conf_list(c->conf, "channels.voices", &list), len = strlen(voice);

	for (size_t i = 0; i < n; i++) {
		struct span said = span_of(list[i]);

		if (len && span_starts_case(said, voice) && list[i][len] == '=') {
			said = span_trim(span_of(list[i] + len + 1));
			return said.n ? arena_strndup(c->arena, said.p, said.n) : NULL;
		}
	}
	return NULL;
}

static int with_voice(struct ctl *c, const char *voice, struct adding *t)
{
	const char *consent = consent_of(c, voice), *line = conf_str(c->conf, "channels.voice_generated");

	if (!consent)
		return fail(c, CTL_USAGE, "nobody has consented to a synthetic voice '%s': with their consent on record, "
			    "add '%s=WHEN AND WHERE IT WAS GIVEN' to channels.voices", voice, voice);
	if (str_empty(line))
		return fail(c, CTL_USAGE, "synthetic voices are not used here (channels.voice_generated is empty)");
	t->text = arena_printf(c->arena, "%s\n\nVoice: %s (consent: %s)\nIt says: %s", t->text, voice, consent, line);
	return 0;
}

int cmd_task_add(struct ctl *c, const struct args *args)
{
	struct adding t = { .c = c, .prospect = args->word[0], .text = args->word[1],
			  .kind = arg_value(args, "kind"), .owner = arg_value(args, "owner") };
	const char *due = arg_value(args, "due");
	int code;

	if (!t.kind)
		t.kind = "by_hand";
	if (due && !args_time(c, due, &t.due))
		return fail(c, CTL_USAGE, "--due '%s' is not a date: write 2026-03-31, or 3d", due);
	if (arg_value(args, "voice")) {
		code = with_voice(c, arg_value(args, "voice"), &t);
		if (code)
			return code;
	}
	code = write_unit(c, task_add_unit, &t);
	return code ? code : out_done(c, json_pack("{s:s}", "id", t.id), "recorded");
}

/* ---- one task ---- */

struct one {
	struct ctl *c;
	const char *what, *words;
	time_t at;
	json_t *found;
};

static enum status show_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct one *w = ctx;
	struct task *t = NULL;
	enum status s = store_task(tx, a, w->what, &t, e);

	if (s != OK)
		return s;
	json_decref(w->found);
	w->found = json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o s:o}",
		"id", text_json(t->id), "kind", text_json(t->kind), "channel", text_json(t->channel),
		"owner", text_json(t->owner_login), "email", text_json(t->address), "name", text_json(t->name),
		"phone", text_json(t->phone), "profile", text_json(t->profile), "sequence", text_json(t->sequence),
		"due", time_json(t->due), "done", time_json(t->done), "outcome", text_json(t->outcome),
		"reviewed_by", text_json(t->reviewed_by), "text", text_json(t->text));
	return OK;
}

int cmd_task_show(struct ctl *c, const struct args *args)
{
	struct one w = { .c = c, .what = args->word[0] };
	int code = read_unit(c, show_unit, &w);

	return code ? code : out_object(c, w.found);
}

static enum status done_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct one *w = ctx;

	return store_task_done(tx, a, w->what, w->c->actor, w->at, w->words, e);
}

static enum status skip_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct one *w = ctx;

	return store_task_skip(tx, a, w->what, w->c->actor, w->words, e);
}

static enum status review_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct one *w = ctx;

	return store_task_review(tx, a, w->what, w->c->actor, e);
}

static bool moment(struct ctl *c, const struct args *args, const char *option, time_t *out_r, int *code_r)
{
	const char *text = arg_value(args, option);

	*code_r = 0;
	if (text && !args_time(c, text, out_r))
		*code_r = fail(c, CTL_USAGE, "--%s '%s' is no time: write '2027-03-31 10:00'", option, text);
	return *code_r == 0;
}

int cmd_task_done(struct ctl *c, const struct args *args)
{
	struct one w = { .c = c, .what = args->word[0], .words = arg_value(args, "outcome") };
	int code;

	if (!moment(c, args, "at", &w.at, &code))
		return code;
	code = write_unit(c, done_unit, &w);
	return code ? code : out_done(c, NULL, "done");
}

int cmd_task_skip(struct ctl *c, const struct args *args)
{
	struct one w = { .c = c, .what = args->word[0], .words = arg_value(args, "because") };
	int code = write_unit(c, skip_unit, &w);

	return code ? code : out_done(c, NULL, "left out");
}

int cmd_task_review(struct ctl *c, const struct args *args)
{
	struct one w = { .c = c, .what = args->word[0] };
	int code = write_unit(c, review_unit, &w);

	return code ? code : out_done(c, NULL, "reviewed: true, no false familiarity, no pressure, the owner's own voice");
}

/* ---- on other channels ---- */

struct said {
	struct ctl *c;
	const char *prospect, *channel, *class, *text, *until, *zone;
	time_t at, starts;
	struct date date;
	enum seq_event event;
};

static enum status touch_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct said *w = ctx;
	struct channel_touch t = { .channel = w->channel, .text = w->text, .at = w->at };
	enum status s = find_prospect(tx, a, w->prospect, &t.prospect_id, e);

	return s == OK ? store_channel_touch(tx, a, &t, w->c->actor, NULL, e) : s;
}

int cmd_touch_add(struct ctl *c, const struct args *args)
{
	struct said w = { .c = c, .prospect = args->word[0], .channel = arg_value(args, "channel"),
			  .text = arg_value(args, "text") };
	int code;

	if (!w.channel)
		return fail(c, CTL_USAGE, "on which channel (--channel linkedin, phone, whatsapp, sms or voice_note)?");
	if (!moment(c, args, "at", &w.at, &code))
		return code;
	code = write_unit(c, touch_unit, &w);
	return code ? code : out_done(c, NULL, "recorded");
}

static enum status reply_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct said *w = ctx;
	struct channel_reply r = { .channel = w->channel, .class = w->class, .text = w->text, .at = w->at,
				   .date = w->date, .starts = w->starts, .zone = w->zone };
	enum status s = find_prospect(tx, a, w->prospect, &r.prospect_id, e);

	return s == OK ? store_channel_reply(tx, a, &r, w->c->actor, &w->event, e) : s;
}

int cmd_reply_add(struct ctl *c, const struct args *args)
{
	struct said w = { .c = c, .prospect = args->word[0], .channel = arg_value(args, "channel"),
			  .class = arg_value(args, "class"), .text = arg_value(args, "text"),
			  .zone = arg_value(args, "zone") };
	const char *until = arg_value(args, "until");
	time_t t;
	int code;

	if (!w.channel || !w.class)
		return fail(c, CTL_USAGE, "on which channel (--channel phone), and what was it (--class interested, "
			    "not_now ...)?");
	if (!moment(c, args, "at", &w.at, &code) || !moment(c, args, "starts", &w.starts, &code))
		return code;
	if (until && (!args_time(c, until, &t) || t <= c->now))
		return fail(c, CTL_USAGE, "--until '%s' is not a date to come", until);
	if (until)
		w.date = when_civil(t, c->zone).date;
	code = write_unit(c, reply_unit, &w);
	return code ? code : out_done(c, json_pack("{s:s}", "event", seq_event_name(w.event)), "recorded: %s",
				      seq_event_name(w.event));
}
