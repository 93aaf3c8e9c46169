/* SPDX-License-Identifier: MPL-2.0
 *
 * verify: finds nothing in a store that was only ever used, and everything that was done to it behind
 * its back.
 */
#include "config.h"

#include <string.h>

#include "store/store_private.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;
static char said[4000];
static int defects;

static enum status unit_seal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_seal(tx, a, 1000, ctx, e);
}

static void note(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	(void)ctx;
	defects++;
	strncat(said, kind, sizeof(said) - strlen(said) - 1);
	strncat(said, ": ", sizeof(said) - strlen(said) - 1);
	strncat(said, entity, sizeof(said) - strlen(said) - 1);
	strncat(said, ": ", sizeof(said) - strlen(said) - 1);
	strncat(said, sentence, sizeof(said) - strlen(said) - 1);
	strncat(said, "\n", sizeof(said) - strlen(said) - 1);
}

static int verify(void)
{
	int64_t events = 0;

	said[0] = '\0';
	defects = 0;
	ck_ok(store_verify(f.s, f.now, note, NULL, &events, &test_err));
	ck_assert_int_eq(events, f_sql(&f, "select count(*) from event"));
	return defects;
}

static void seal(void)
{
	size_t n = 0;

	ck_ok(f_write(&f, unit_seal, &n));
	ck_assert_int_gt((int)n, 0);
}

/* A story with most kinds of steps in it. */
static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	f.now += 60;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUEUED }));
	f.now += 2 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_HOLD }));
	f.now += 5;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_AWAY, .date = { 2026, 3, 20 },
						   .words = "back on the 19th", .clears_hold = true }));
	f.now += 20 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	seal();
}
static void teardown(void) { fixture_close(&f); }

START_TEST(a_store_that_was_only_used_is_clean)
{
	ck_assert_msg(verify() == 0, "%s", said);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED, .words = "yes" }));
	ck_assert_msg(verify() == 0, "%s", said);	/* not all sealed: no defect */
	seal();
	ck_assert_msg(verify() == 0, "%s", said);
}
END_TEST

static const struct {
	const char *sql, *kind;
} tampered[] = {
	{ "drop trigger event_no_update; update event set actor = 'nobody' where kind = 'due'", "chain" },
	{ "update event set payload = '{}' where kind = 'queued'", "chain" },
	{ "drop trigger event_no_delete; pragma foreign_keys = off;"
	  "delete from event where kind = 'hold'", "chain" },
	{ "delete from seal where seq = 3", "chain" },
	{ "update enrolment set step = 3", "state" },
	{ "update enrolment set state = 'booked'", "state" },
	{ "update enrolment set due = due + 1", "state" },
	{ "pragma foreign_keys = off; delete from enrolment", "state" },
};

START_TEST(what_was_tampered_with_is_told)
{
	f_exec(&f, tampered[_i].sql);
	ck_assert_int_gt(verify(), 0);
	ck_assert_msg(strstr(said, tampered[_i].kind) != NULL, "%s", said);
}
END_TEST

START_TEST(events_cannot_be_changed_or_deleted)
{
	ck_assert_int_eq(f_sql(&f, fixture_pgsql() ? "select count(*) from pg_trigger where not tgisinternal" :
				  "select count(*) from sqlite_schema where type = 'trigger'"), 2);
}
END_TEST

/* An erased payload breaks nothing: the chain covers its hash. */
START_TEST(an_erased_payload_is_no_defect)
{
	f_exec(&f, "update event set payload = null where entity = 'prospect'");
	ck_assert_msg(verify() == 0, "%s", said);
}
END_TEST

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct suppression s = { .kind = "address", .subject = "ann@buyer.example", .reason = ctx };

	return store_suppress(tx, a, &s, "test", false, NULL, e);
}

/* rows: 402, 403 */
START_TEST(a_touch_after_a_suppression_is_told)
{
	char why[] = "do_not_contact";

	ck_ok(f_write(&f, unit_suppress, why));
	ck_assert_msg(verify() == 0, "%s", said);
	/* a person may answer a person */
	f_touch(&f, NULL, prospect, "ann@buyer.example", MAIL_CONVERSATION, 0, "m5@rep.example");
	ck_assert_msg(verify() == 0, "%s", said);
	f_touch(&f, NULL, prospect, "ann@buyer.example", MAIL_OUTREACH, 0, "m6@rep.example");
	ck_assert_int_eq(verify(), 1);
	ck_assert_msg(strstr(said, "suppression: ") != NULL && strstr(said, "ann@buyer.example"), "%s", said);
}
END_TEST

START_TEST(a_lost_suppression_is_told)
{
	char why[] = "complaint";

	ck_ok(f_write(&f, unit_suppress, why));
	f_exec(&f, "delete from suppression");
	ck_assert_int_gt(verify(), 0);
	ck_assert_msg(strstr(said, "not there") != NULL, "%s", said);
}
END_TEST

static struct verified since(bool full)
{
	struct verified out;

	said[0] = '\0';
	defects = 0;
	ck_ok(store_verify_since(f.s, f.now, full, note, NULL, &out, &test_err));
	return out;
}

static int64_t statements(bool full)
{
	int64_t before = atomic_load(&f.s->asked);

	since(full);
	ck_assert_msg(defects == 0, "%s", said);
	return atomic_load(&f.s->asked) - before;
}

/* Only what came since, however much lies before it. */
START_TEST(the_next_run_begins_where_the_last_one_ended)
{
	struct verified v = since(false);
	int64_t all = f_sql(&f, "select count(*) from event"), alone, later;

	ck_assert_int_eq(v.events, all);
	ck_assert_int_eq(v.from, 0);
	ck_assert_int_eq(v.full, f.now);
	v = since(false);
	ck_assert_int_eq(v.events, 0);
	ck_assert_int_eq(v.from, f_sql(&f, "select max(seq) from seal"));
	/* one step more: the same work, whether the store holds one person or forty */
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED, .words = "yes" }));
	seal();
	alone = statements(false);
	for (int i = 0; i < 40; i++) {
		const char *to = arena_printf(f.a, "bob%d@many.example", i);
		const char *p = f_prospect(&f, to, "Bob", "Many"), *en = f_enrol(&f, p, f.owner);

		f_touch(&f, en, p, to, MAIL_TOUCH, 1, arena_printf(f.a, "b%d@rep.example", i));
	}
	seal();
	since(false);
	ck_assert_msg(defects == 0, "%s", said);
	f.now += 60;
	ck_ok(f_step(&f, f_enrol(&f, f_prospect(&f, "eve@last.example", "Eve", "Last"), f.owner),
		     (struct event){ .kind = EV_HOLD }));
	seal();
	later = statements(false);
	ck_assert_msg(later <= alone + 4, "%lld, %lld", (long long)later, (long long)alone);
	ck_assert_int_gt(statements(true), later + 40);
}
END_TEST

/* What came since is looked at as closely; what lies before is what the seal stands for. */
START_TEST(a_checkpoint_hides_nothing_new)
{
	char why[] = "complaint";

	since(false);
	ck_ok(f_write(&f, unit_suppress, why));
	f_touch(&f, NULL, prospect, "ann@buyer.example", MAIL_OUTREACH, 0, "m6@rep.example");
	f_exec(&f, "update enrolment set due = due + 1");
	seal();
	since(false);
	ck_assert_msg(strstr(said, "suppression: ") != NULL && strstr(said, "state: ") != NULL, "%s", said);
	/* not clean: the next one walks everything again */
	ck_assert_int_eq(since(false).from, 0);
	ck_assert_int_eq(defects, 2);
}
END_TEST

START_TEST(a_chain_made_anew_is_told)
{
	int64_t all = f_sql(&f, "select count(*) from event");

	since(false);
	f_exec(&f, "delete from seal");
	f_exec(&f, "update walk set hash = 'x'");
	seal();
	ck_assert_int_eq(since(false).events, all);
	ck_assert_msg(strstr(said, "not what it was") != NULL, "%s", said);
}
END_TEST

/* Nothing is sealed yet: there is nothing to go on from. */
START_TEST(without_seals_all_is_walked)
{
	f_exec(&f, "delete from seal");
	since(false);
	ck_assert_int_eq(since(false).from, 0);
	ck_assert_msg(defects == 0, "%s", said);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-verify");
	TCase *c = test_case(s, "verify");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_store_that_was_only_used_is_clean);
	tcase_add_loop_test(c, what_was_tampered_with_is_told, 0, sizeof(tampered) / sizeof(tampered[0]));
	tcase_add_test(c, events_cannot_be_changed_or_deleted);
	tcase_add_test(c, an_erased_payload_is_no_defect);
	tcase_add_test(c, a_touch_after_a_suppression_is_told);
	tcase_add_test(c, a_lost_suppression_is_told);
	tcase_add_test(c, the_next_run_begins_where_the_last_one_ended);
	tcase_add_test(c, a_checkpoint_hides_nothing_new);
	tcase_add_test(c, a_chain_made_anew_is_told);
	tcase_add_test(c, without_seals_all_is_walked);
	return test_run(s);
}
