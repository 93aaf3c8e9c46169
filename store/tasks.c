/* SPDX-License-Identifier: MPL-2.0
 *
 * Tasks of people, and what was said on channels that relent does not speak. Done, left out, lapsed: each is an
 * event; what reached the person is a touch like any other. How a task's text is made is tasks_text.c.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/appointments.h"
#include "store/decide_private.h"
#include "store/store_private.h"
#include "store/tasks_private.h"

enum { SHORT_ID = 6 };

static struct task task_of(const struct row *r)
{
	return (struct task){
		.id = at_text(r, 0), .kind = at_text(r, 1), .text = at_text(r, 2), .channel = at_text(r, 3),
		.step = (int)at_int(r, 4), .owner_id = at_text(r, 5), .owner_login = at_text(r, 6),
		.prospect_id = at_text(r, 7), .enrolment_id = at_text(r, 8), .appointment_id = at_text(r, 9),
		.due = (time_t)at_int(r, 10), .created = (time_t)at_int(r, 11), .done = (time_t)at_int(r, 12),
		.done_by = at_text(r, 13), .outcome = at_text(r, 14), .reviewed = (time_t)at_int(r, 15),
		.reviewed_by = at_text(r, 16), .name = at_text(r, 17), .phone = at_text(r, 18),
		.profile = at_text(r, 19), .company = at_text(r, 20), .address = at_text(r, 21),
		.sequence = at_text(r, 22),
	};
}

enum status store_tasks_of_owner(struct store_tx *tx, struct arena *a, const char *owner_id, time_t due_before,
				 size_t max, struct task **out_r, size_t *n_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, tasks_of_owner, &rows, e, T(owner_id),
			     I(due_before ? due_before : INT64_MAX), I((int64_t)max));

	if (s != OK)
		return s;
	*out_r = arena_array(a, struct task, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		(*out_r)[i] = task_of(&rows.list[i]);
	*n_r = rows.n;
	return OK;
}

enum status store_task(struct store_tx *tx, struct arena *a, const char *what, struct task **out_r, struct err *e)
{
	const char *key = str_lower(a, what ? what : "");
	const struct row *r = NULL;
	struct rows found = { 0, NULL };
	enum status s = OK;

	if (strlen(key) >= SHORT_ID)
		s = ROWS(tx, a, task_find, &found, e, T(key));
	if (s != OK)
		return s;
	if (found.n == 0)
		return err_set(e, GONE, "there is no task '%s': 'relentctl task list' shows them", key);
	if (found.n > 1)
		return err_set(e, INPUT, "several tasks begin or end in '%s': give more of the id", key);
	s = ONE(tx, a, task_get, &r, e, T(at_text(&found.list[0], 0)));
	if (s != OK)
		return s;
	*out_r = arena_new_of(a, struct task);
	**out_r = task_of(r);
	return OK;
}

enum status store_task_add(struct store_tx *tx, struct arena *a, const struct task_new *t, const char *actor,
			   const char **id_r, struct err *e)
{
	struct field f[] = {
		{ "kind", t->kind }, { "text", t->text }, { "owner_id", t->owner_id },
		{ "prospect_id", t->prospect_id }, { "enrolment_id", t->enrolment_id },
		{ "appointment_id", t->appointment_id }, { "channel", t->channel },
		{ "due", t->due ? arena_printf(a, "%lld", (long long)t->due) : NULL },
	};

	return store_put(tx, a, "task", NULL, f, sizeof(f) / sizeof(*f), actor, id_r, e);
}

/* ---- a touch on another channel ---- */

static bool is_channel(const char *name)
{
	for (enum channel c = CHANNEL_LINKEDIN; c < CHANNEL_TASK; c++)
		if (str_eq(name, channel_name(c)))
			return true;
	return false;
}

static enum status record(struct store_tx *tx, struct arena *a, const struct task *t, const char *text, time_t at,
			  const char *by, const char *note, const char **id_r, struct err *e)
{
	const char *id = store_id(tx, a), *to = t->address;
	const struct row *p = NULL;
	json_t *payload = json_object();
	enum status s = ONE(tx, a, touch_prospect, &p, e, T(t->prospect_id));

	if (s != OK)
		return s == GONE ? err_set(e, GONE, "the person of this task is not known any more") : s;
	if (str_empty(to))
		to = t->phone ? t->phone : t->name ? t->name : "-";
	s = RUN(tx, touch_on_channel, e, T(id), T(t->enrolment_id), T(t->prospect_id), T(t->owner_id),
		T(at_text(p, 0)), T(at_text(p, 2)), T(at_text(p, 3)), T(t->channel),
		T(t->step ? "touch" : "manual"), I(t->step), T(to), T(text), T(t->text), I(at), T(note),
		T(t->sequence), I(tx->now));
	json_put(payload, "channel", t->channel);
	json_put(payload, "recipient", to);
	json_put(payload, "owner", t->owner_id);
	json_put(payload, "sequence", t->sequence);
	json_put_int(payload, "step", t->step);
	json_put_int(payload, "at", at);
	json_put(payload, "outcome", note);
	if (id_r != NULL)
		*id_r = id;
	if (s != OK) {
		json_decref(payload);
		return s;
	}
	return event_change(tx, a, "made", "touch", id, t->enrolment_id, t->prospect_id, by, payload, e);
}

/* The enrolment of this person that counts: of the task, else the live one. */
static enum status live_of(struct store_tx *tx, struct arena *a, const char *prospect_id, const char **id_r,
			   struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, enrolments_live_of_prospect, &r, e, T(prospect_id));

	*id_r = s == OK ? at_text(r, 0) : NULL;
	return s == GONE ? OK : s;
}

static enum status move(struct store_tx *tx, struct arena *a, const char *enrolment, enum seq_event kind, int step,
			const char *by, const char *touch, const char *why, struct err *e)
{
	struct event ev = { .kind = kind, .step = step, .words = why };
	struct cause c = { .actor = by, .touch_id = touch, .evidence = why };
	enum status s = enrolment ? store_step(tx, a, enrolment, &ev, &c, NULL, NULL, e) : OK;

	return s == INPUT ? OK : s;	/* it happened: what the table does not know leaves the enrolment as it is */
}

/* ---- done, left out ---- */

static enum status end(struct store_tx *tx, struct arena *a, const struct task *t, const char *by, time_t at,
		       const char *outcome, struct err *e)
{
	struct field f[] = { { "done", arena_printf(a, "%lld", (long long)at) }, { "done_by", by },
			     { "outcome", outcome } };

	return store_put(tx, a, "task", t->id, f, 3, by, NULL, e);
}

static enum status open_task(struct store_tx *tx, struct arena *a, const char *what, struct task **out_r,
			     struct err *e)
{
	enum status s = store_task(tx, a, what, out_r, e);
	char when[WHEN_TEXT];

	if (s != OK || !(*out_r)->done)
		return s;
	return err_set(e, GONE, "this task is over since %s%s%s", when_text((*out_r)->done, when),
		       (*out_r)->outcome ? ": " : "", (*out_r)->outcome ? (*out_r)->outcome : "");
}

static bool says_reviewed(const char *note)
{
	return note && span_find_case(span_of(note), "reviewed") != (size_t)-1;
}

static enum status suppressed(struct store_tx *tx, struct arena *a, const struct task *t, struct err *e)
{
	struct memory_suppression *list;
	size_t n = 0;
	enum status s = str_empty(t->address) ? OK
		: store_suppressed(tx, a, t->address, t->owner_id, &list, &n, e);

	if (s != OK || n == 0)
		return s;
	return err_set(e, INPUT, "%s is suppressed (%s), on every channel: this touch was not to be made",
		       t->address, list[0].reason);
}

/* "Did it take place?": the first words say. */
static enum status outcome(struct store_tx *tx, struct arena *a, const struct task *t, const char *by,
			   const char *note, struct err *e)
{
	static const char *const yes[] = { "showed", "show", "yes", "done", "came", "took place" };
	static const char *const no[] = { "no", "noshow", "did not" };
	struct span s = span_trim(span_of(note));

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (span_starts_case(s, no[i]))
			return store_appointment_outcome(tx, a, t->appointment_id, false, NULL, note, by, e);
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (span_starts_case(s, yes[i]))
			return store_appointment_outcome(tx, a, t->appointment_id, true, NULL, note, by, e);
	return err_set(e, INPUT, "did it take place? Say \"showed\" or \"no-show\"");
}

enum status store_task_done(struct store_tx *tx, struct arena *a, const char *what, const char *by, time_t at,
			    const char *note, struct err *e)
{
	struct task *t = NULL;
	const char *touch = NULL;
	enum status s = open_task(tx, a, what, &t, e);

	if (s != OK)
		return s;
	if (at <= 0 || at > tx->now)
		at = tx->now;
	if (t->appointment_id && str_eq(t->kind, "appointment_outcome"))
		return outcome(tx, a, t, by, note, e);
	bool touches = is_channel(t->channel) && t->prospect_id;
	if (touches)
		s = suppressed(tx, a, t, e);
	if (s == OK && str_eq(t->channel, "voice_note") && !t->reviewed) {
		if (!says_reviewed(note))
			return err_set(e, INPUT, "nobody has reviewed this voice note (true, no false familiarity, "
				       "no pressure, your own voice): 'relentctl task review %s', or say \"reviewed\"",
				       t->id + 28);
		s = store_task_review(tx, a, t->id, by, e);
	}
	if (s == OK)
		s = end(tx, a, t, by, at, str_empty(note) ? "done" : note, e);
	if (s == OK && touches)
		s = record(tx, a, t, t->text, at, by, note, &touch, e);
	if (s != OK || !t->enrolment_id)
		return s;
	if (!t->step && (str_eq(t->kind, "research") || str_eq(t->kind, "change_cta")))
		return desk_found_out(tx, a, t->enrolment_id, t->kind, by, note, e);
	if (t->step)
		return move(tx, a, t->enrolment_id, EV_TASK_DONE, t->step, by, touch, note, e);
	return touches ? move(tx, a, t->enrolment_id, EV_TOUCH_MANUAL, 0, by, touch, note, e) : OK;
}

enum status store_task_skip(struct store_tx *tx, struct arena *a, const char *what, const char *by,
			    const char *because, struct err *e)
{
	struct task *t = NULL;
	enum status s = open_task(tx, a, what, &t, e);
	const char *why = str_empty(because) ? "skipped" : arena_printf(a, "skipped: %s", because);

	if (s == OK)
		s = end(tx, a, t, by, tx->now, why, e);
	if (s == OK && t->enrolment_id && t->step)
		s = move(tx, a, t->enrolment_id, EV_SKIPPED, t->step, by, NULL, because, e);
	return s;
}

enum status store_task_review(struct store_tx *tx, struct arena *a, const char *what, const char *by,
			      struct err *e)
{
	struct task *t = NULL;
	enum status s = open_task(tx, a, what, &t, e);
	struct field f[] = { { "reviewed", arena_printf(a, "%lld", (long long)tx->now) }, { "reviewed_by", by } };

	return s == OK ? store_put(tx, a, "task", t->id, f, 2, by, NULL, e) : s;
}

/* What a step leaves behind of the tasks of its enrolment: those of steps that are past, and, where nothing is to
 * go out any more, all that would have reached the person. */
enum status tasks_settle(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
			 const struct enrolment *next, const struct event *ev, const char *actor, struct err *e)
{
	bool channels = false;
	struct rows open;
	enum status s;

	for (size_t i = 0; i < row->plan->steps_n; i++)
		channels = channels || row->plan->steps[i].channel != CHANNEL_EMAIL;
	if (!channels || (next->state == row->e.state && next->step == row->e.step))
		return OK;
	bool goes_on = next->state == SEQ_FOLLOW_UP_DUE || next->state == SEQ_DRAFTING ||
		       next->state == SEQ_RESEARCHING || next->state == SEQ_AWAITING_APPROVAL;
	s = ROWS(tx, a, task_steps_open, &open, e, T(row->e.id));
	for (size_t i = 0; s == OK && i < open.n; i++) {
		bool past = at_int(&open.list[i], 1) <= next->step;
		struct task t = { .id = at_text(&open.list[i], 0) };

		if (past)
			s = end(tx, a, &t, actor, tx->now, ev->kind == EV_TASK_DONE ? "done" :
				ev->kind == EV_SKIPPED ? "skipped" : ev->kind == EV_TOUCH ? "withdrawn" : "lapsed", e);
		else if (!goes_on)
			s = end(tx, a, &t, actor, tx->now,
				arena_printf(a, "withdrawn: %s", seq_event_name(ev->kind)), e);
	}
	return s;
}

/* ---- without a task ---- */

static enum status about(struct store_tx *tx, struct arena *a, const char *prospect_id, struct task *t,
			 struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, prospect_facts, &r, e, T(prospect_id));

	if (s != OK)
		return s == GONE ? err_set(e, GONE, "there is no such prospect") : s;
	t->prospect_id = prospect_id;
	t->address = row_text(r, "email");
	t->name = row_text(r, "name");
	t->phone = row_text(r, "phone");
	if (t->owner_id == NULL)
		t->owner_id = row_text(r, "owner_id");
	return OK;
}

enum status store_channel_touch(struct store_tx *tx, struct arena *a, const struct channel_touch *c,
				const char *actor, const char **touch_r, struct err *e)
{
	struct task t = { .channel = c->channel, .owner_id = c->owner_id, .text = c->text };
	time_t at = c->at > 0 && c->at <= tx->now ? c->at : tx->now;
	struct rows open = { 0, NULL };
	const char *touch = NULL;
	enum status s;

	if (!is_channel(c->channel))
		return err_set(e, INPUT, "there is no channel '%s': linkedin, phone, whatsapp, sms or voice_note",
			       c->channel);
	s = about(tx, a, c->prospect_id, &t, e);
	if (s == OK && t.owner_id == NULL)
		return err_set(e, INPUT, "this person has no owner: relentctl prospect edit --owner LOGIN");
	if (s == OK)
		s = suppressed(tx, a, &t, e);
	if (s == OK)
		s = live_of(tx, a, c->prospect_id, &t.enrolment_id, e);
	if (s == OK && t.enrolment_id)
		s = ROWS(tx, a, task_steps_open, &open, e, T(t.enrolment_id));
	for (size_t i = 0; s == OK && i < open.n; i++)
		if (str_eq(at_text(&open.list[i], 2), c->channel) && !str_eq(c->channel, "voice_note"))
			return store_task_done(tx, a, at_text(&open.list[i], 0), actor, at, c->text, e);
	if (s == OK)
		s = record(tx, a, &t, c->text, at, actor, NULL, &touch, e);
	if (s == OK && touch_r != NULL)
		*touch_r = touch;
	return s == OK ? move(tx, a, t.enrolment_id, EV_TOUCH_MANUAL, 0, actor, touch, c->channel, e) : s;
}

enum status store_channel_reply(struct store_tx *tx, struct arena *a, const struct channel_reply *c,
				const char *actor, enum seq_event *event_r, struct err *e)
{
	struct finding f = { .kind = KIND_HUMAN, .confidence = 1, .stop = true, .date = c->date, .language = "-",
			     .visible = c->text ? c->text : "", .calendar_start = c->starts };
	struct task t = { .channel = c->channel };
	const char *enrolment = NULL;
	const struct row *r = NULL;
	enum status s = OK;

	if (!is_channel(c->channel) && !str_eq(c->channel, "chat") && !str_eq(c->channel, "meeting"))
		return err_set(e, INPUT, "there is no channel '%s': linkedin, phone, whatsapp, sms, voice_note, chat or "
			       "meeting", c->channel);
	if (!class_from_name(c->class, &f.class))
		return err_set(e, INPUT, "there is no class '%s'", c->class);
	if (f.class == REPLY_BOUNCE)
		return err_set(e, INPUT, "'%s' is said by mail servers, not by people", c->class);
	if (f.class == REPLY_BOOKED && !c->starts)
		return err_set(e, INPUT, "booked, but when? give the time it starts (--starts)");
	s = about(tx, a, c->prospect_id, &t, e);
	if (s == OK)
		s = ONE(tx, a, enrolment_answered, &r, e, T(c->prospect_id));
	if (s != OK && s != GONE)
		return s;
	if (s == OK) {
		enrolment = at_text(r, 0);
		t.owner_id = at_text(r, 1);
	}
	if (t.owner_id == NULL)
		return err_set(e, INPUT, "this person has no owner: relentctl prospect edit --owner LOGIN");
	const char *id = store_id(tx, a);
	struct reply reply = {
		.enrolment_id = enrolment, .prospect_id = c->prospect_id, .owner_id = t.owner_id,
		.key = arena_printf(a, "%s:%s", c->channel, id),
		.from = t.address ? t.address : t.phone ? t.phone : "-", .subject = c->channel,
		.received = c->at > 0 && c->at <= tx->now ? c->at : tx->now, .account = actor, .folder = c->channel,
		.finding = &f, .matched_by = "person", .grade = GRADE_PROOF, .auth = AUTH_PASS,
	};
	return store_reply(tx, a, &reply, event_r, e);
}
