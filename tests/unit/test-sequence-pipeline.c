/* SPDX-License-Identifier: MPL-2.0
 *
 * The pure side of the pipeline: stages, the twenty states over all combinations, the next action, proposals.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sequence/pipeline.h"
#include "tests/lib/plans.h"
#include "tests/lib/testing.h"

enum { DAY = 86400 };
#define NOW ((time_t)1772442000)	/* Monday 2 March 2026, 09:00 UTC */

static const char *const reasons[] = { NULL, "interested", "question", "conversation", "reopened", "no_response",
				       "not_a_fit", "disqualified", "owner", "cross_stop", "soft_bounces" };
static const char *const pauses[] = { NULL, "away", "not_now", "owner" };

/* Every combination of what the derivation may look at. */
typedef void each_fn(const struct pipeline_facts *f, void *ctx);
static void each(each_fn *fn, void *ctx)
{
	for (size_t stage = 0; stage < stage_names_n; stage++)
	for (int state = -1; state < SEQ_STATE_COUNT; state++)
	for (size_t r = 0; r < (state < 0 ? 1 : sizeof(reasons) / sizeof(*reasons)); r++)
	for (size_t p = 0; p < (state == SEQ_PARKED ? 4 : 1); p++)
	for (unsigned bits = 0; bits < 1024; bits++) {
		struct pipeline_facts f = { .owner = "rita", .stage = stage_names[stage], .created = NOW - 90 * DAY,
					    .stage_since = NOW - 30 * DAY, .changed = NOW - 20 * DAY };

		f.enrolled = state >= 0;
		f.e.state = state >= 0 ? (enum seq_state)state : SEQ_NOT_STARTED;
		f.e.reason = reasons[r];
		f.e.pause_reason = pauses[p];
		f.suppressed = (bits & 1) && (bits & 2);
		f.priority = (bits & 2) && !(bits & 1) ? "rejected" : "two";
		f.researched = bits & 4;
		f.ready = bits & 8;
		f.approval = bits & 16;
		f.e.touches = bits & 32 ? 1 : 0;
		f.e.due = bits & 64 ? NOW + DAY : 0;
		f.last_sent = bits & 32 ? NOW - 10 * DAY : 0;
		f.last_heard = bits & 128 ? NOW - 5 * DAY : 0;
		f.appointment_open = bits & 256;
		f.task = bits & 512 ? "do it" : NULL;
		fn(&f, ctx);
	}
}

static void count(const struct pipeline_facts *f, void *ctx)
{
	int *seen = ctx;
	const char *why = NULL;
	enum pipeline_state s = pipeline_state(f, &why);

	ck_assert_int_lt(s, PIPE_COUNT);
	ck_assert(!str_empty(why));
	seen[s]++;
	/* never called what is not so (row 603) */
	if (s == PIPE_BOOKED)
		ck_assert((f->enrolled && f->e.state == SEQ_BOOKED) || f->appointment_open);
	if (s == PIPE_SENT)
		ck_assert_int_eq(f->e.state, SEQ_SENT);
	if (s == PIPE_WAITING_FOR_REPLY)
		ck_assert(f->e.touches || f->last_sent);
	if (s == PIPE_CLOSED_WON)
		ck_assert_str_eq(f->stage, "won");
	if (f->suppressed)
		ck_assert_int_eq(s, PIPE_SUPPRESSED);
}

/* rows: 583-603 */
START_TEST(each_of_twenty_is_reached)
{
	int seen[PIPE_COUNT] = { 0 };

	ck_assert_int_eq(PIPE_COUNT, 20);
	each(count, seen);
	for (int i = 0; i < PIPE_COUNT; i++) {
		enum pipeline_state back;

		ck_assert_msg(seen[i] > 0, "never: %s", pipeline_name((enum pipeline_state)i));
		ck_assert(pipeline_from_name(pipeline_name((enum pipeline_state)i), &back));
		ck_assert_int_eq(back, i);
	}
}
END_TEST

static void one_next(const struct pipeline_facts *f, void *ctx)
{
	struct next_action n = pipeline_next(f, NULL, NOW);

	(void)ctx;
	if (n.kind == NEXT_NONE) {
		ck_assert(!pipeline_live(f));
		return;
	}
	ck_assert(!str_empty(n.what));
	ck_assert(!str_empty(n.who));
	ck_assert_int_ne(n.when, 0);
	if (n.kind == NEXT_MISSING) {	/* asked about in time, never about what is arranged */
		ck_assert(f->task == NULL);
		ck_assert_int_ge(n.when, NOW);
	}
}

/* rows: 44, 197, 616, 617 */
START_TEST(a_live_person_has_a_next_action)
{
	each(one_next, NULL);
}
END_TEST

struct expectation {
	struct pipeline_facts f;
	enum pipeline_state state;
	enum next_kind kind;
	time_t when;
};

/* rows: 97-103, 549, 552 */
START_TEST(what_comes_next)
{
	static const struct expectation list[] = {
		{ { .stage = "new", .created = NOW, .inbound = true }, PIPE_DISCOVERED, NEXT_PERSON, NOW + DAY },
		{ { .stage = "new", .created = NOW }, PIPE_DISCOVERED, NEXT_PERSON, NOW + 8 * DAY },
		{ { .stage = "contacted", .enrolled = true, .e = { .state = SEQ_WAITING, .touches = 1, .due = NOW + 9 } },
		  PIPE_WAITING_FOR_REPLY, NEXT_CLOCK, NOW + 9 },
		{ { .stage = "contacted", .enrolled = true, .changed = NOW, .last_heard = NOW, .e = { .state =
		    SEQ_REPLY_RECEIVED, .touches = 1, .reason = "interested" } }, PIPE_QUALIFICATION, NEXT_PERSON, NOW + DAY },
		{ { .stage = "contacted", .enrolled = true, .e = { .state = SEQ_PARKED, .touches = 1, .pause_reason = "not_now",
		    .due = NOW + 30 * DAY } }, PIPE_NOT_NOW, NEXT_CLOCK, NOW + 30 * DAY },
		{ { .stage = "dormant", .stage_since = NOW }, PIPE_PARKED, NEXT_NONE, 0 },
		{ { .stage = "dormant", .stage_since = NOW, .reactivates = true }, PIPE_PARKED, NEXT_CLOCK, NOW + 60 * DAY },
		{ { .stage = "won" }, PIPE_CLOSED_WON, NEXT_NONE, 0 },
		{ { .stage = "qualified", .stage_since = NOW }, PIPE_QUALIFICATION, NEXT_MISSING, NOW + 7 * DAY },
		/* asked a day ago: not again before a week has passed */
		{ { .stage = "qualified", .stage_since = NOW - 60 * DAY, .last_asked = NOW - DAY }, PIPE_QUALIFICATION,
		  NEXT_MISSING, NOW + 6 * DAY },
		{ { .stage = "qualified", .task = "call", .task_due = NOW + 5 }, PIPE_QUALIFICATION, NEXT_PERSON, NOW + 5 },
		{ { .stage = "contacted", .last_sent = NOW - 9 * DAY, .last_heard = NOW - 3 * DAY }, PIPE_REPLIED, NEXT_PERSON,
		  NOW - 2 * DAY },
		{ { .stage = "contacted", .enrolled = true, .e = { .state = SEQ_WAITING, .touches = 1, .due = NOW + DAY },
		    .gate = NOW + 20 * DAY }, PIPE_WAITING_FOR_REPLY, NEXT_CLOCK, NOW + 20 * DAY },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct next_action n = pipeline_next(&list[i].f, NULL, NOW);

		ck_assert_msg(pipeline_state(&list[i].f, NULL) == list[i].state, "%zu: %s", i,
			      pipeline_name(pipeline_state(&list[i].f, NULL)));
		ck_assert_msg(n.kind == list[i].kind, "%zu: %d %s", i, n.kind, n.what ? n.what : "-");
		ck_assert_msg(n.when == list[i].when, "%zu: %lld", i, (long long)(n.when - NOW));
	}
}
END_TEST

/* Random lives of one enrolment: as long as it is not over, something is arranged or asked for. rows: 25, 44 */
START_TEST(random_histories)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, "seven-touch");
	unsigned seed = (unsigned)_i * 7919 + 1;

	for (int life = 0; life < 300; life++) {
		struct pipeline_facts f = { .owner = "rita", .stage = "contacted", .created = NOW, .stage_since = NOW,
					    .enrolled = true, .plan = p, .changed = NOW };
		struct enrolment *e = &f.e;
		time_t now = NOW;
		struct actions out;
		struct err err;

		*e = (struct enrolment){ .state = SEQ_NOT_STARTED, .zone = "Europe/Berlin" };
		ck_assert_int_eq(seq_step(p, e, &(struct event){ .kind = EV_ENROLLED }, now, &out, &err), OK);
		for (int k = 0; k < 30; k++) {
			struct event ev = { .kind = (enum seq_event)(rand_r(&seed) % EV_COUNT), .reason = "question" };
			struct next_action n;

			if (rand_r(&seed) % 2 && e->due > now) {
				now = e->due;
				ev.kind = EV_DUE;
			}
			ev.target = (enum seq_state)(rand_r(&seed) % SEQ_STATE_COUNT);
			ev.clears_hold = e->holds > 0;
			if (seq_step(p, e, &ev, now, &out, &err) == OK)
				f.changed = now;
			f.draft_made = e->draft_out ? f.changed : 0;
			f.last_sent = e->last_touch;
			for (size_t i = 0; i < out.n; i++)
				if (out.list[i].kind == ACT_TASK)
					f.task = "a task";
			n = pipeline_next(&f, NULL, now);
			ck_assert(n.kind != NEXT_NONE || !pipeline_live(&f));
			ck_assert(n.kind == NEXT_NONE || (n.when && !str_empty(n.what) && !str_empty(n.who)));
			/* a running sequence never needs to be asked about: it has a due time, a draft or a task */
			if (n.kind == NEXT_MISSING && seq_state_group(e->state) == SEQ_LIVE)
				ck_abort_msg("%s after %s: nothing is scheduled", seq_state_name(e->state),
					     seq_event_name(ev.kind));
			now += rand_r(&seed) % (3 * DAY);
		}
	}
	arena_free(a);
}
END_TEST

/* rows: 98-104, 603 */
START_TEST(stages)
{
	struct err e;

	for (size_t f = 0; f < stage_names_n; f++)
		for (size_t t = 0; t < stage_names_n; t++)
			for (int by = STAGE_BY_EVENT; by <= STAGE_BY_PERSON; by++) {
				enum status s = stage_check(stage_names[f], stage_names[t], (enum stage_by)by, &e);

				ck_assert(s == OK || (s == INPUT && !str_empty(e.text)));
				if (f != t && str_eq(stage_names[t], "new"))
					ck_assert_int_eq(s, INPUT);
				/* won, lost and qualified are a person's word */
				if (f != t && by == STAGE_BY_EVENT && s == OK)
					ck_assert(str_eq(stage_names[t], "contacted") || str_eq(stage_names[t], "dormant"));
			}
	ck_assert_int_eq(stage_check("new", "contacted", STAGE_BY_EVENT, &e), OK);
	ck_assert_int_eq(stage_check("contacted", "dormant", STAGE_BY_EVENT, &e), OK);
	ck_assert_int_eq(stage_check("qualified", "dormant", STAGE_BY_EVENT, &e), INPUT);
	ck_assert_int_eq(stage_check("dormant", "contacted", STAGE_BY_EVENT, &e), OK);
	ck_assert_int_eq(stage_check("won", "dormant", STAGE_BY_PERSON, &e), INPUT);
	ck_assert_int_eq(stage_check("contacted", "new", STAGE_BY_PERSON, &e), INPUT);
	ck_assert_str_eq(e.text, "a sale does not go from 'contacted' to 'new'");
	ck_assert_int_eq(stage_check("new", "flying", STAGE_BY_PERSON, &e), INPUT);
}
END_TEST

/* rows: 785-795 */
START_TEST(proposals)
{
	static const struct {
		enum proposal_state from;
		enum seq_event ev;
		const char *reason;
		bool follow_up;
		int step;
		enum proposal_state to;
	} list[] = {
		{ PROPOSAL_SENT, EV_DUE, NULL, true, 0, PROPOSAL_FOLLOW_UP_DUE },
		{ PROPOSAL_SENT, EV_DUE, NULL, false, 0, PROPOSAL_SENT },
		{ PROPOSAL_FOLLOW_UP_DUE, EV_TOUCH, NULL, true, 1, PROPOSAL_WAITING_CONFIRMATION },
		{ PROPOSAL_FOLLOW_UP_DUE, EV_TOUCH, NULL, true, 3, PROPOSAL_DECISION },
		{ PROPOSAL_WAITING_CONFIRMATION, EV_QUESTION, NULL, true, 0, PROPOSAL_QUESTIONS },
		{ PROPOSAL_QUESTIONS, EV_DUE, NULL, true, 0, PROPOSAL_QUESTIONS },
		{ PROPOSAL_QUESTIONS, EV_CONVERSATION, NULL, true, 0, PROPOSAL_DECISION },
		{ PROPOSAL_SENT, EV_OBJECTION, "price", true, 0, PROPOSAL_REVISION },
		{ PROPOSAL_SENT, EV_OBJECTION, "trust", true, 0, PROPOSAL_QUESTIONS },
		{ PROPOSAL_SENT, EV_NOT_NOW, NULL, false, 0, PROPOSAL_PARKED },
		{ PROPOSAL_PARKED, EV_DUE, NULL, true, 0, PROPOSAL_FOLLOW_UP_DUE },
		{ PROPOSAL_SENT, EV_INTERESTED, NULL, false, 0, PROPOSAL_DECISION },
		{ PROPOSAL_SENT, EV_NOT_A_FIT, NULL, false, 0, PROPOSAL_REJECTED },
		{ PROPOSAL_EXPIRED, EV_DUE, NULL, true, 0, PROPOSAL_EXPIRED },
		{ PROPOSAL_ACCEPTED, EV_QUESTION, NULL, true, 0, PROPOSAL_ACCEPTED },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		ck_assert_msg(proposal_after(list[i].from, list[i].ev, list[i].reason, list[i].follow_up, list[i].step)
			      == list[i].to, "%zu", i);
	/* no event accepts: that is a person's word */
	for (int s = 0; s < PROPOSAL_COUNT; s++)
		for (int ev = 0; ev < EV_COUNT; ev++)
			for (int step = 0; step < 5; step++) {
				enum proposal_state to = proposal_after((enum proposal_state)s, (enum seq_event)ev, NULL, true, step);

				ck_assert(to != PROPOSAL_ACCEPTED || s == PROPOSAL_ACCEPTED);
				ck_assert(to != PROPOSAL_EXPIRED || s == PROPOSAL_EXPIRED);
				ck_assert(proposal_open((enum proposal_state)s) || to == (enum proposal_state)s);
			}
	ck_assert_int_eq(proposal_move_check(PROPOSAL_EXPIRED, PROPOSAL_SENT, false, &e), INPUT);
	ck_assert_int_eq(proposal_move_check(PROPOSAL_EXPIRED, PROPOSAL_SENT, true, &e), OK);
	ck_assert_int_eq(proposal_move_check(PROPOSAL_EXPIRED, PROPOSAL_REJECTED, false, &e), OK);
	ck_assert_int_eq(proposal_move_check(PROPOSAL_SENT, PROPOSAL_ACCEPTED, false, &e), OK);
}
END_TEST

/* Friday 17:00 to Monday 09:00 in Berlin: half an hour on each side. */
START_TEST(working_hours)
{
	struct when_window w = { .days = 0 };
	time_t from = when_utc((struct date){ 2026, 2, 27 }, 17, 0, "Europe/Berlin");
	time_t to = when_utc((struct date){ 2026, 3, 2 }, 9, 0, "Europe/Berlin");

	ck_assert_int_eq(pipeline_open_seconds(from, to, &w, "Europe/Berlin"), 3600);
	ck_assert_int_eq(pipeline_open_seconds(to, to + 600, &w, "Europe/Berlin"), 600);
	ck_assert_int_eq(pipeline_open_seconds(to, to - 1, &w, "Europe/Berlin"), 0);
	ck_assert_int_eq(pipeline_open_seconds(from + 3600, from + 2 * DAY, &w, "Europe/Berlin"), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pipeline");
	TCase *t = test_case(s, "pipeline");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, each_of_twenty_is_reached);
	tcase_add_test(t, a_live_person_has_a_next_action);
	tcase_add_test(t, what_comes_next);
	tcase_add_loop_test(t, random_histories, 0, 10);
	tcase_add_test(t, stages);
	tcase_add_test(t, proposals);
	tcase_add_test(t, working_hours);
	return test_run(s);
}
