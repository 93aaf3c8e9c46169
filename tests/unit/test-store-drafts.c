/* SPDX-License-Identifier: MPL-2.0
 *
 * Drafts and the outbox: one draft a touch, told sent, deleted, withdrawn; effects are asked for once by
 * key, taken by one at a time, tried again, given up visibly.
 */
#include "config.h"

#include <string.h>

#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;

/* Touch 1 is out and unanswered: the draft of step 2 is wanted. */
static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUEUED }));
	f.now += 3 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
}
static void teardown(void) { fixture_close(&f); }

struct take {
	const char *kind;
	struct outbox *list;
	size_t n;
};

static enum status unit_take(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct take *t = ctx;

	(void)a;
	return store_outbox_take(tx, f.a, t->kind, true, 10, 60, NULL, &t->list, &t->n, e);
}

static struct take take(const char *kind)
{
	struct take t = { .kind = kind };

	ck_ok(f_write(&f, unit_take, &t));
	return t;
}

static enum status unit_done(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_outbox_done(tx, ctx, e);
}

static enum status unit_failed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_outbox_failed(tx, ctx, "the server said no", false, e);
}

static enum status unit_put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_draft_put(tx, a, ctx, "imapwatch", e);
}

static const char *draft_id(void)
{
	return f_sql_text(&f, "select id from draft order by id desc");
}

static void put(const char *state, int64_t uid)
{
	struct draft d = { .id = draft_id(), .state = state, .account = "rita", .folder = "Drafts",
			   .uidvalidity = 1, .uid = uid, .message_id = "d1@rep.example",
			   .to = "ann@buyer.example", .subject = "Re: Handoffs", .text = "drafted" };

	ck_ok(f_write(&f, unit_put, &d));
}

static const char *draft_state(void)
{
	return f_sql_text(&f, "select group_concat(state) from (select state from draft order by id) as t");
}

START_TEST(one_draft_a_touch)
{
	struct take t = take("draft_put");

	ck_assert_int_eq(f_state(&f, enrolment), SEQ_FOLLOW_UP_DUE);
	ck_assert_int_eq(t.n, 1);
	ck_assert_str_eq(t.list[0].draft_id, draft_id());
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_assert_int_eq(f_sql(&f, "select count(*) from draft"), 1);
	ck_assert_int_eq(take("draft_put").n, 0);	/* taken */
	put("placed", 11);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	put("placed", 11);
	put("edited", 12);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'draft_prepared'"), 1);
}
END_TEST

START_TEST(sent_by_its_draft)
{
	put("placed", 11);
	const char *draft = draft_id();

	f_draft_touch(&f, enrolment, prospect, "ann@buyer.example", 2, "m2@rep.example", draft);
	ck_assert_str_eq(draft_state(), "sent");
	/* whatever lies in Drafts of it is taken out */
	ck_assert_int_eq(f_sql(&f, arena_printf(f.a, "select count(*) from outbox where kind = 'draft_remove' and "
		"draft_id = '%s'", draft)), 1);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SENT);
}
END_TEST

START_TEST(deleted_unsent_is_skipped)
{
	put("placed", 11);
	put("gone", 0);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	put("deleted", 0);
	struct enrolment_row *row = f_row(&f, enrolment);
	ck_assert_int_eq(row->e.step, 2);
	ck_assert_int_eq(row->e.state, SEQ_WAITING);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'skipped'"), 1);
}
END_TEST

START_TEST(an_answer_takes_the_draft_out)
{
	/* not placed yet: never will be */
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED }));
	ck_assert_str_eq(draft_state(), "withdrawn");
	ck_assert_int_eq(take("draft_put").n, 0);
}
END_TEST

START_TEST(an_answer_takes_a_placed_draft_out)
{
	put("placed", 11);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED }));
	struct take t = take("draft_remove");
	ck_assert_int_eq(t.n, 1);
	put("withdrawn", 0);
	ck_ok(f_write(&f, unit_done, (void *)t.list[0].id));
	ck_assert_int_eq(take("draft_remove").n, 0);
}
END_TEST

/* The watcher has the APPEND under way when the answer comes: what it then reports is taken out again. */
START_TEST(withdrawn_while_being_placed)
{
	ck_assert_int_eq(take("draft_put").n, 1);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED }));
	put("placed", 11);
	ck_assert_str_eq(draft_state(), "withdrawn");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_REPLY_RECEIVED);
	ck_assert_int_eq(take("draft_remove").n, 1);
}
END_TEST

/* Halted and going on before the watcher came round: the draft that is still there serves. */
START_TEST(a_draft_not_yet_taken_out_stays)
{
	put("placed", 11);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_PAUSE, .date = { 2026, 3, 12 } }));
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_RESUME }));
	ck_assert_str_eq(draft_state(), "placed");
	ck_assert_int_eq(take("draft_remove").n, 0);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
}
END_TEST

START_TEST(a_draft_taken_out_is_made_anew)
{
	put("placed", 11);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_PAUSE, .date = { 2026, 3, 12 } }));
	ck_assert_int_eq(take("draft_remove").n, 1);
	put("withdrawn", 0);
	take("draft_put");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_RESUME }));
	ck_assert_str_eq(draft_state(), "withdrawn,wanted");
	ck_assert_int_eq(take("draft_put").n, 1);
}
END_TEST

START_TEST(a_task_step_has_its_text)
{
	put("placed", 11);
	put("deleted", 0);	/* step 2 is left out, step 3 is a task */
	f.now += 10 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_assert_str_eq(f_sql_text(&f, "select kind || ' ' || step || ' ' || channel from task"),
			 "linkedin 3 linkedin");
	ck_assert_ptr_nonnull(strstr(f_sql_text(&f, "select text from task"), "Ask Ann on the network"));
}
END_TEST

/* ---- the outbox ---- */

static enum status unit_add(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct outbox o = { .kind = "webhook", .key = ctx, .payload = "{}" };

	return store_outbox_add(tx, a, &o, store_now(tx), e);
}

START_TEST(an_effect_is_asked_for_once)
{
	char key[] = "k1";

	ck_ok(f_write(&f, unit_add, key));
	ck_ok(f_write(&f, unit_add, key));
	struct take t = take("webhook");
	ck_assert_int_eq(t.n, 1);
	ck_ok(f_write(&f, unit_done, (void *)t.list[0].id));
	ck_ok(f_write(&f, unit_add, key));	/* done is done */
	ck_assert_int_eq(take("webhook").n, 0);
}
END_TEST

START_TEST(who_dies_with_it_loses_it)
{
	char key[] = "k1";

	ck_ok(f_write(&f, unit_add, key));
	ck_assert_int_eq(take("webhook").n, 1);
	f.now += 59;
	ck_assert_int_eq(take("webhook").n, 0);
	f.now += 2;
	struct take t = take("webhook");
	ck_assert_int_eq(t.n, 1);
	ck_assert_int_eq(t.list[0].attempts, 2);
}
END_TEST

START_TEST(tried_again_later_and_given_up_visibly)
{
	char key[] = "k1";
	time_t wait = 0;
	int tries = 0;

	test_expect_log("outbox-dead");
	ck_ok(f_write(&f, unit_add, key));
	for (;;) {
		struct take t = take("webhook");
		if (t.n == 0) {
			if (f_sql(&f, "select count(*) from outbox where kind = 'webhook' and state = 'dead'"))
				break;
			f.now += 30;
			wait += 30;
			ck_assert_int_le(wait, 5 * DAY);
			continue;
		}
		tries++;
		ck_ok(f_write(&f, unit_failed, (void *)t.list[0].id));
	}
	ck_assert_int_eq(tries, 12);
	ck_assert_int_gt(wait, DAY / 2);
	ck_assert_str_eq(f_sql_text(&f, "select last_error from outbox where state = 'dead'"),
			 "the server said no");
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'dead'"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-drafts");
	TCase *c = test_case(s, "drafts");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, one_draft_a_touch);
	tcase_add_test(c, sent_by_its_draft);
	tcase_add_test(c, deleted_unsent_is_skipped);
	tcase_add_test(c, an_answer_takes_the_draft_out);
	tcase_add_test(c, an_answer_takes_a_placed_draft_out);
	tcase_add_test(c, withdrawn_while_being_placed);
	tcase_add_test(c, a_draft_not_yet_taken_out_stays);
	tcase_add_test(c, a_draft_taken_out_is_made_anew);
	tcase_add_test(c, a_task_step_has_its_text);
	tcase_add_test(c, an_effect_is_asked_for_once);
	tcase_add_test(c, who_dies_with_it_loses_it);
	tcase_add_test(c, tried_again_later_and_given_up_visibly);
	return test_run(s);
}
