/* SPDX-License-Identifier: MPL-2.0
 *
 * The milter's side: prospects and enrolments go in, a touch is recorded once, recall tells the policy
 * what it needs.
 */
#include "config.h"

#include <string.h>

#include "base/stamp.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

/* rows: 928, 929, 930, 931, 933 */
START_TEST(touch_is_recorded_once_with_its_fields)
{
	const char *p = f_prospect(&f, "Ann@Buyer.example", "Ann Buyer", "Buyer Ltd");
	const char *en = f_enrol(&f, p, f.owner);

	ck_assert_int_eq(f_state(&f, en), SEQ_NOT_STARTED);
	f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_assert_int_eq(f_state(&f, en), SEQ_SENT);
	f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 2, "m1@rep.example");
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'touch'"), 1);
	struct enrolment_row *row = f_row(&f, en);
	ck_assert_int_eq(row->e.touches, 1);
	ck_assert_int_eq(row->e.step, 1);
	ck_assert_str_eq(row->thread_subject, "Handoffs");
	ck_assert_str_eq(row->last_message_id, "m1@rep.example");
	ck_assert_str_eq(row->e.zone, "Europe/Berlin");
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where permission = 'legitimate_interest'"
				   " and offer = 'an audit' and message_type = 'first_touch'"
				   " and company_id is not null and source_id is not null"
				   " and queue_id = 'm1@rep.example' and sent_state = 'accepted'"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select stage from prospect"), "contacted");
}
END_TEST

struct ask {
	const char *to;
	const char *login;
	struct message *message;
	struct memory *m;
};

static enum role sender_role = ROLE_SUBMISSION;
static bool sender_trust;

static enum status unit_recall(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	const char *to[] = { q->to };
	struct recall r = { .login = q->login, .role = sender_role, .trust_sender = sender_trust,
			    .sender = q->login ? NULL : "rita@rep.example", .recipients = to, .recipients_n = 1,
			    .message = q->message, .keys = f.keys };

	(void)a;
	return store_recall(tx, f.a, &r, &q->m, e);
}

START_TEST(recall_knows_sender_prospect_enrolment_touch)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	const char *en = f_enrol(&f, p, f.owner);
	const char *refs[] = { "m1@rep.example" };
	struct message msg = { .message_id = "m1@rep.example", .in_reply_to = refs, .in_reply_to_n = 1,
			       .subject = "" };
	struct ask q = { .to = "ann@buyer.example", .login = "rita", .message = &msg };

	f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_ptr_nonnull(q.m->owner);
	ck_assert_str_eq(q.m->owner->login, "rita");
	ck_assert_str_eq(q.m->prospects[0].id, p);
	ck_assert_str_eq(q.m->prospects[0].company, "Buyer Ltd");
	ck_assert_ptr_nonnull(q.m->prospects[0].enrolment);
	ck_assert_str_eq(q.m->prospects[0].enrolment->state.id, en);
	ck_assert(q.m->prospects[0].enrolment->has_source && q.m->prospects[0].enrolment->has_permission);
	ck_assert(!q.m->prospects[0].enrolment->has_evidence);
	ck_assert_int_eq(q.m->prospects[0].touches_n, 1);
	ck_assert_int_eq(q.m->prospects[0].last_touch, f.now);
	ck_assert_ptr_nonnull(q.m->same);
	ck_assert(q.m->thread.parent_is_touch && !q.m->thread.parent_is_reply);
	/* nobody we know */
	q = (struct ask){ .to = "x@nobody.example", .login = "stranger" };
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_ptr_null(q.m->owner);
	ck_assert_ptr_null(q.m->prospects[0].id);
}
END_TEST

/* A stamp, and an answer, open the way to their own person only. */
START_TEST(recall_takes_no_evidence_for_somebody_else)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann Buyer", NULL);
	const char *p2 = f_prospect(&f, "bo@other.example", "Bo", NULL);
	const char *en = f_enrol(&f, p, f.owner);
	const char *t = f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	struct header h = { STAMP_HEADER, stamp_text(f.a, f.keys, t) };
	const char *refs[] = { "r1@buyer.example" };
	struct message msg = { .headers = &h, .headers_n = 1, .in_reply_to = refs, .in_reply_to_n = 1,
			       .subject = "" };
	struct ask q = { .to = "ann@buyer.example", .login = "rita", .message = &msg };

	f_exec(&f, arena_printf(f.a, "insert into reply (id, prospect_id, owner_id, mail_key, sender, received, kind, "
		"class, matched_by, grade, created) values ('R1', '%s', '%s', 'r1', 'ann@buyer.example', 1, 'human', "
		"'question', 'references', 'strong', 1); insert into message_ref (message_id, kind, ref_id, prospect_id, "
		"at) values ('r1@buyer.example', 'reply', 'R1', '%s', 1)", p, f.owner, p));
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_str_eq(q.m->thread.stamp_touch, t);
	ck_assert(q.m->thread.parent_is_reply && q.m->thread.parent_known);
	ck_assert(q.m->prospects[0].has_written && !q.m->prospects[0].bystander);
	ck_assert_str_eq(q.m->prospects[0].reply->class, "question");
	q.to = "bo@other.example";
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_str_eq(q.m->prospects[0].id, p2);
	ck_assert_ptr_null(q.m->thread.stamp_touch);
	ck_assert(!q.m->thread.parent_is_reply && q.m->thread.parent_known);
	ck_assert(!q.m->prospects[0].has_written);
	ck_assert(q.m->prospects[0].bystander);
}
END_TEST

START_TEST(recall_says_whether_somebody_reads_the_mailbox)
{
	struct ask q = { .to = "ann@buyer.example", .login = "rita" };

	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(!q.m->owner->watched);
	f_exec(&f, arena_printf(f.a, "insert into account (name, owner_id, state, last_ok, last_error, updated) values "
		"('a', '%s', 'idle', 500, null, 1), ('b', '%s', 'failing', 100, 'no such host', 1), "
		"('c', '%s', 'removed', 1, 'gone', 1)", f.owner, f.owner, f.owner));
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(q.m->owner->watched);
	ck_assert_int_eq(q.m->owner->last_read, 100);
	ck_assert_str_eq(q.m->owner->account, "b");
	ck_assert_str_eq(q.m->owner->account_error, "no such host");
}
END_TEST

/* The envelope says who it is only where nobody from outside can get at. */
START_TEST(outsiders_cannot_claim_to_be_a_rep)
{
	static const struct {
		enum role role;
		bool trust, known;
	} ways[] = { { ROLE_SUBMISSION, false, false }, { ROLE_INBOUND, true, false }, { ROLE_LOCAL, false, true },
		     { ROLE_SUBMISSION, true, true } };

	for (size_t i = 0; i < 4; i++) {
		sender_role = ways[i].role;
		sender_trust = ways[i].trust;
		struct ask q = { .to = "ann@buyer.example" };
		ck_ok(f_read(&f, unit_recall, &q));
		ck_assert_msg((q.m->owner != NULL) == ways[i].known, "way %zu", i);
	}
}
END_TEST

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct suppression *s = ctx;

	return store_suppress(tx, a, s, "test", false, NULL, e);
}

/* rows: 395, 402 */
START_TEST(suppression_stops_what_it_covers)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	const char *en = f_enrol(&f, p, f.owner);
	struct suppression s = { .kind = "domain", .subject = "Buyer.Example", .reason = "do_not_contact",
				 .evidence = "said so" };
	struct ask q = { .to = "ann@buyer.example", .login = "rita" };

	ck_ok(f_write(&f, unit_suppress, &s));
	ck_ok(f_write(&f, unit_suppress, &s));
	ck_assert_int_eq(f_state(&f, en), SEQ_SUPPRESSED);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 1);
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_int_eq(q.m->prospects[0].suppressions_n, 1);
	ck_assert_str_eq(q.m->prospects[0].suppressions[0].scope, "outreach");
	ck_assert(q.m->prospects[0].suppressions[0].may_tell);
	q = (struct ask){ .to = "other@mail.buyer.example", .login = "bob" };
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_int_eq(q.m->prospects[0].suppressions_n, 1);
	ck_assert(!q.m->prospects[0].suppressions[0].may_tell);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-touch");
	TCase *c = test_case(s, "touch");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, touch_is_recorded_once_with_its_fields);
	tcase_add_test(c, recall_knows_sender_prospect_enrolment_touch);
	tcase_add_test(c, recall_takes_no_evidence_for_somebody_else);
	tcase_add_test(c, recall_says_whether_somebody_reads_the_mailbox);
	tcase_add_test(c, outsiders_cannot_claim_to_be_a_rep);
	tcase_add_test(c, suppression_stops_what_it_covers);
	return test_run(s);
}
