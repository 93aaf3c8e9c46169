/* SPDX-License-Identifier: MPL-2.0
 *
 * Steps on other channels: one enrolment state, one history, one frequency limit; what is not done lapses; an answer
 * on another channel halts.
 */
#include "config.h"

#include <string.h>

#include "store/tasks.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;

static void set(const char *field, const char *value)
{
	f_exec(&f, arena_printf(f.a, "update prospect set %s = %s%s%s", field, value ? "'" : "", value ? value : "null",
				value ? "'" : ""));
}

/* Two mails are out; the third step is one on LinkedIn, and due. */
static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	f.now += 2 * DAY;
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 2, "m2@rep.example");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUEUED }));
	f.now += 2 * DAY;
}
static void teardown(void) { fixture_close(&f); }

static void due(void)
{
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
}

struct ask {
	const char *what, *by, *note, *channel, *class;
	time_t at, starts;
	struct task *list, *task;
	size_t n;
	enum seq_event event;
	const char *why;
};

static enum status unit_list(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	(void)a;
	return store_tasks_of_owner(tx, f.a, f.owner, 0, 10, &q->list, &q->n, e);
}

static enum status unit_done(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	return store_task_done(tx, a, q->what, q->by, q->at, q->note, e);
}

static enum status unit_skip(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	return store_task_skip(tx, a, q->what, q->by, q->note, e);
}

static enum status unit_touch(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	struct channel_touch t = { .prospect_id = prospect, .channel = q->channel, .text = q->note, .at = q->at };

	return store_channel_touch(tx, a, &t, q->by, NULL, e);
}

static enum status unit_reply(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	struct channel_reply r = { .prospect_id = prospect, .channel = q->channel, .class = q->class, .text = q->note,
				   .starts = q->starts };

	return store_channel_reply(tx, a, &r, q->by, &q->event, e);
}

static enum status unit_allowed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	enum status s = store_channel_allowed(tx, a, prospect, q->channel, &q->why, e);

	q->why = arena_strdup(f.a, q->why);
	return s;
}

static struct task *only(void)
{
	struct ask q = { 0 };

	ck_ok(f_read(&f, unit_list, &q));
	ck_assert_uint_eq(q.n, 1);
	return &q.list[0];
}

static size_t open_tasks(void)
{
	struct ask q = { 0 };

	ck_ok(f_read(&f, unit_list, &q));
	return q.n;
}

/* rows: 465, 481, 482, 483 */
START_TEST(a_step_that_is_done_is_a_touch)
{
	struct ask q = { .by = "rita", .note = "sent her the note" };

	due();
	ck_assert_str_eq(only()->channel, "linkedin");
	ck_assert(strstr(only()->text, "Ask Ann on the network") != NULL);
	q.what = only()->id + 28;	/* the end is enough */
	ck_ok(f_write(&f, unit_done, &q));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 3);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 3);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where channel = 'linkedin' and kind = 'touch' and step = 3"
			       " and final_text like '%Ask Ann%' and outcome = 'sent her the note'"), 1);
	/* the thread of mails is not broken by it */
	ck_assert_str_eq(f_row(&f, enrolment)->last_message_id, "m2@rep.example");
	ck_assert_uint_eq(open_tasks(), 0);
	ck_assert_int_eq(f_write(&f, unit_done, &q), GONE);
	ck_assert(strstr(test_err.text, "over since") != NULL);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where channel = 'linkedin'"), 1);
}
END_TEST

START_TEST(what_cannot_be_found_is_said)
{
	struct ask q = { .by = "rita", .what = "ffffffff" };

	due();
	ck_assert_int_eq(f_write(&f, unit_done, &q), GONE);
	ck_assert(strstr(test_err.text, "there is no task 'ffffffff'") != NULL);
	q.what = "";
	ck_assert_int_eq(f_write(&f, unit_done, &q), GONE);
}
END_TEST

/* An answer comes while the task is open: nothing is left to do. rows: 5, 487 */
START_TEST(a_reply_withdraws_the_task)
{
	due();
	ck_assert_uint_eq(open_tasks(), 1);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUESTION }));
	ck_assert_uint_eq(open_tasks(), 0);
	ck_assert_str_eq(f_sql_text(&f, "select outcome from task where channel = 'linkedin'"), "withdrawn: question");
}
END_TEST

START_TEST(a_task_not_done_lapses)
{
	due();
	f.now = f_row(&f, enrolment)->e.due;
	due();
	ck_assert_uint_eq(open_tasks(), 0);
	ck_assert_str_eq(f_sql_text(&f, "select outcome from task where channel = 'linkedin'"), "lapsed");
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 3);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'digest' and payload like '%lapsed%'"), 1);
}
END_TEST

START_TEST(left_out_on_purpose)
{
	struct ask q = { .by = "rita", .note = "no account there" };

	due();
	q.what = only()->id;
	ck_ok(f_write(&f, unit_skip, &q));
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 3);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 2);
	ck_assert_str_eq(f_sql_text(&f, "select outcome from task where channel = 'linkedin'"), "skipped: no account there");
}
END_TEST

/* By hand, without a task: it counts all the same, and moves the next step. rows: 480, 488 */
START_TEST(a_touch_by_hand_counts)
{
	struct ask q = { .by = "rita", .channel = "phone", .note = "left a message" };
	time_t before = f_row(&f, enrolment)->e.due;

	ck_ok(f_write(&f, unit_touch, &q));
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 3);
	ck_assert_int_eq(f_row(&f, enrolment)->e.last_touch, f.now);
	ck_assert_int_gt(f_row(&f, enrolment)->e.due, before);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where channel = 'phone' and kind = 'manual'"), 1);
	q.channel = "carrier_pigeon";
	ck_assert_int_eq(f_write(&f, unit_touch, &q), INPUT);
}
END_TEST

/* rows: 486 */
START_TEST(the_suppressed_are_not_reached_on_any_channel)
{
	struct ask q = { .by = "rita", .channel = "phone" };

	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_UNSUBSCRIBE }));
	ck_assert_int_eq(f_write(&f, unit_touch, &q), INPUT);
	ck_assert(strstr(test_err.text, "suppressed") != NULL);
}
END_TEST

/* rows: 466, 467, 468, 1173 */
START_TEST(channels_need_their_permission)
{
	struct ask q = { .channel = "whatsapp" };

	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert(strstr(q.why, "no permitted channel") != NULL);
	q.channel = "linkedin";
	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert_ptr_null(q.why);
	set("permission_channels", "whatsapp, voice_note");
	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert_ptr_nonnull(q.why);
	q.channel = "whatsapp";
	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert_ptr_null(q.why);
	q.channel = "voice_note";	/* and somebody who knows us */
	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert(strstr(q.why, "cold") != NULL);
	f_exec(&f, "update source set kind = 'referral'");
	ck_ok(f_read(&f, unit_allowed, &q));
	ck_assert_ptr_null(q.why);
}
END_TEST

/* A step on a channel that is not permitted is left out. */
START_TEST(no_task_without_permission)
{
	set("permission_channels", "phone");
	due();
	ck_assert_uint_eq(open_tasks(), 0);
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 3);
}
END_TEST

/* rows: 122, 470, 484 */
START_TEST(an_answer_elsewhere_halts)
{
	struct ask q = { .by = "rita", .channel = "whatsapp", .class = "question", .note = "What does it cost?" };

	due();
	ck_ok(f_write(&f, unit_reply, &q));
	ck_assert_int_eq(q.event, EV_QUESTION);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_REPLY_RECEIVED);
	ck_assert_uint_eq(open_tasks(), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from reply where folder = 'whatsapp' and matched_by = 'person'"
			       " and visible = 'What does it cost?' and class = 'question'"), 1);
}
END_TEST

START_TEST(a_no_on_the_phone_suppresses)
{
	struct ask q = { .by = "rita", .channel = "phone", .class = "unsubscribe", .note = "do not call again" };

	ck_ok(f_write(&f, unit_reply, &q));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SUPPRESSED);
	q.class = "enthusiastic";
	ck_assert_int_eq(f_write(&f, unit_reply, &q), INPUT);
	q.class = "booked";
	ck_assert_int_eq(f_write(&f, unit_reply, &q), INPUT);
	ck_assert(strstr(test_err.text, "when") != NULL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("store-tasks");
	TCase *t = tcase_create("tasks");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_step_that_is_done_is_a_touch);
	tcase_add_test(t, what_cannot_be_found_is_said);
	tcase_add_test(t, a_reply_withdraws_the_task);
	tcase_add_test(t, a_task_not_done_lapses);
	tcase_add_test(t, left_out_on_purpose);
	tcase_add_test(t, a_touch_by_hand_counts);
	tcase_add_test(t, the_suppressed_are_not_reached_on_any_channel);
	tcase_add_test(t, channels_need_their_permission);
	tcase_add_test(t, no_task_without_permission);
	tcase_add_test(t, an_answer_elsewhere_halts);
	tcase_add_test(t, a_no_on_the_phone_suppresses);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return test_run(suite());
}
