/* SPDX-License-Identifier: MPL-2.0
 *
 * store_step(): every state is reached in the store by its event, each change carries its cause, what a
 * step decides becomes rows; and whatever happens in whatever order, verify folds it again.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;

static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
}
static void teardown(void) { fixture_close(&f); }

static enum status unit_approved_plan(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_plan_put(tx, a, fixture_plan(a, "four", "authority = human_approved"), "test", NULL, NULL, e);
}

/* rows: 903, 904, 905, 906, 908, 909, 910, 911, 912, 913, 914, 915, 916, 917, 918 */
START_TEST(every_state_is_reached_and_recorded)
{
	static const struct {
		struct event ev;
		enum seq_state state;
	} way[] = {
		{ { .kind = EV_RESEARCHED, .reason = "researching" }, SEQ_RESEARCHING },
		{ { .kind = EV_RESEARCHED, .reason = "drafting" }, SEQ_DRAFTING },
		{ { .kind = EV_DRAFT_PREPARED }, SEQ_AWAITING_APPROVAL },
		{ { .kind = EV_TOUCH }, SEQ_SENT },
		{ { .kind = EV_QUEUED }, SEQ_WAITING },
		{ { .kind = EV_PAUSE, .date = { 2026, 3, 10 } }, SEQ_PARKED },
		{ { .kind = EV_RESUME }, SEQ_WAITING },
		{ { .kind = EV_APPOINTMENT }, SEQ_APPOINTMENT_PROPOSED },
		{ { .kind = EV_BOOKED }, SEQ_BOOKED },
		{ { .kind = EV_DECISION, .target = SEQ_FOLLOW_UP_DUE, .reason = "no show" }, SEQ_FOLLOW_UP_DUE },
		{ { .kind = EV_QUESTION }, SEQ_REPLY_RECEIVED },
		{ { .kind = EV_CONVERSATION }, SEQ_HUMAN_REVIEW },
		{ { .kind = EV_DECISION, .target = SEQ_WAITING, .reason = "goes on" }, SEQ_WAITING },
		{ { .kind = EV_BOUNCE_HARD }, SEQ_FAILED },
		{ { .kind = EV_DECISION, .target = SEQ_CLOSED, .reason = "gone" }, SEQ_CLOSED },
		{ { .kind = EV_COMPLAINT }, SEQ_SUPPRESSED },
	};

	ck_assert_int_eq(f_state(&f, enrolment), SEQ_NOT_STARTED);
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		f.now += 60;
		ck_ok(f_step(&f, enrolment, way[i].ev));
		ck_assert_msg(f_state(&f, enrolment) == way[i].state, "%s: %s instead of %s",
			      seq_event_name(way[i].ev.kind), seq_state_name(f_state(&f, enrolment)),
			      seq_state_name(way[i].state));
		ck_assert_int_eq(f_sql(&f, arena_printf(f.a, "select count(*) from event where kind = '%s' and "
			"json_extract(payload, '$.after.state') = '%s' and actor = 'test' and "
			"json_extract(payload, '$.evidence') = 'a test' and at = %lld",
			seq_event_name(way[i].ev.kind), seq_state_name(way[i].state), (long long)f.now)), 1);
	}
	/* a complaint and a dead address suppress, and the owner knows of what needs them */
	ck_assert_int_ge(f_sql(&f, "select count(*) from suppression where lifted is null"), 2);
	ck_assert_int_gt(f_sql(&f, "select count(*) from outbox where kind = 'notify'"), 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where key like 'escalate:%'"), 1);
}
END_TEST

static enum status unit_approval(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct value args[] = { store_text(store_id(tx, a)), store_text(f.owner), store_text(ctx),
				store_text(prospect), V_INT(1), store_text("hash-of-the-text"),
				store_text("rita"), V_INT(store_now(tx)) };

	return store_query(tx, "approval_insert", args, 8, NULL, NULL, NULL, e);
}

/* rows: 907 */
START_TEST(approved_text_waits_for_its_sender)
{
	const char *p = f_prospect(&f, "cy@other.example", "Cy", "Other");

	ck_ok(f_write(&f, unit_approved_plan, NULL));
	const char *en = f_enrol(&f, p, f.owner);
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_DRAFT_PREPARED }));
	ck_ok(f_write(&f, unit_approval, (void *)en));
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_APPROVED }));
	ck_assert_int_eq(f_state(&f, en), SEQ_READY_TO_SEND);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'send' and state = 'waiting' and "
				   "json_extract(payload, '$.content_hash') = 'hash-of-the-text'"), 1);
	/* an answer before it left: it must not leave */
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_INTERESTED }));
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'send' and state = 'cancelled'"), 1);
}
END_TEST

START_TEST(what_the_table_refuses_changes_nothing)
{
	int64_t version = f_row(&f, enrolment)->e.version;

	test_expect_log("refused");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_STOP, .reason = "not_a_fit" }));
	ck_status(f_step(&f, enrolment, (struct event){ .kind = EV_RESUME }), INPUT);
	ck_assert_msg(strstr(test_err.text, "closed") != NULL, "%s", test_err.text);
	ck_assert_int_eq(f_row(&f, enrolment)->e.version, version + 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'refused'"), 0);
}
END_TEST

START_TEST(live_in_one_sequence_at_a_time)
{
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_STOP, .reason = "not_a_fit" }));
	f.now += 60;
	const char *second = f_enrol(&f, prospect, f.owner);
	struct event back = { .kind = EV_DECISION, .target = SEQ_WAITING, .reason = "again" };
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DECISION, .target = SEQ_HUMAN_REVIEW,
						    .reason = "again" }));
	ck_status(f_step(&f, enrolment, back), INPUT);
	ck_assert_msg(strstr(test_err.text, "another sequence") != NULL, "%s", test_err.text);
	ck_ok(f_step(&f, second, (struct event){ .kind = EV_STOP, .reason = "not_a_fit" }));
	ck_ok(f_step(&f, enrolment, back));
}
END_TEST

START_TEST(a_complaint_pauses_the_company)
{
	const char *p2 = f_prospect(&f, "bo@buyer.example", "Bo", "Buyer Ltd");
	const char *p3 = f_prospect(&f, "di@elsewhere.example", "Di", "Else");
	const char *bo = f_enrol(&f, p2, f.owner2), *di = f_enrol(&f, p3, f.owner);

	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_COMPLAINT }));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SUPPRESSED);
	ck_assert_int_eq(f_state(&f, bo), SEQ_HUMAN_REVIEW);
	ck_assert_int_eq(f_state(&f, di), SEQ_NOT_STARTED);
}
END_TEST

static void told(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	ck_abort_msg("%s: %s: %s: %s", (const char *)ctx, kind, entity, sentence);
}

static struct event any_event(unsigned *seed)
{
	static const enum seq_state targets[] = { SEQ_WAITING, SEQ_CLOSED, SEQ_PARKED, SEQ_FOLLOW_UP_DUE,
						  SEQ_HUMAN_REVIEW, SEQ_REPLY_RECEIVED };
	struct event ev = { .kind = (enum seq_event)(rand_r(seed) % EV_COUNT) };

	if (ev.kind == EV_ENROLLED)
		ev.kind = EV_DUE;
	ev.target = targets[rand_r(seed) % 6];
	ev.reason = rand_r(seed) % 2 ? "drafting" : "because";
	ev.words = rand_r(seed) % 2 ? "w\xc3\xb6rds \"quoted\"" : NULL;
	ev.clears_hold = rand_r(seed) % 4 == 0;
	if (rand_r(seed) % 3 == 0)
		ev.date = (struct date){ 2026, 4, 1 + rand_r(seed) % 28 };
	return ev;
}

static void ignore(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

/* Any events in any order: each is taken or refused, and the log folds to the state. */
START_TEST(any_story_folds_again)
{
	unsigned seed = 7000 + (unsigned)_i;
	char *name = arena_printf(f.a, "seed %u", seed);

	log_capture(ignore, NULL);	/* each refusal is a warning: that is as it should be */

	for (int i = 0; i < 60; i++) {
		f.now += rand_r(&seed) % (4 * DAY);
		enum status s = f_step(&f, enrolment, any_event(&seed));
		ck_assert_msg(s == OK || s == INPUT, "%s: %s: %s", name, status_name(s), test_err.text);
	}
	ck_ok(store_verify(f.s, f.now, told, name, NULL, &test_err));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-states");
	TCase *c = test_case(s, "states");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, every_state_is_reached_and_recorded);
	tcase_add_test(c, approved_text_waits_for_its_sender);
	tcase_add_test(c, what_the_table_refuses_changes_nothing);
	tcase_add_test(c, live_in_one_sequence_at_a_time);
	tcase_add_test(c, a_complaint_pauses_the_company);
	c = tcase_create("any");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, any_story_folds_again, 0, 8);
	suite_add_tcase(s, c);
	return test_run(s);
}
