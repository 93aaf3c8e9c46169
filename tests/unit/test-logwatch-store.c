/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines of the log, and what the store makes of them.
 */
#include "config.h"

#include "logwatch/evidence.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;

/* The fixture's queue id of a touch is its Message-ID. */
#define QID "4bXyZ12"
#define TO "ann@buyer.example"
#define DELIVERY(dsn, status) "mail postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx.buyer.example[192.0.2.1]:25, " \
	"delay=1, delays=0/0/1/0, dsn=" dsn ", status=" status

static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, TO, "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, TO, MAIL_TOUCH, 1, QID);
}
static void teardown(void) { fixture_close(&f); }

static void feed(const char *text)
{
	static const char *const instances[] = { "postfix" };
	struct batch b = { .arena = arena_new(0) };
	struct log_line line;

	ck_assert(log_line_parse(span_of(arena_printf(b.arena, "2026-03-02T09:00:05Z %s", text)), instances, 1,
				 &line));
	if (evidence_of(b.arena, &line, f.now, &b.list[b.n]))
		b.n++;
	ck_ok(batch_write(f.s, &b, f.now, &test_err));
	arena_free(b.arena);
}

static const char *sent(void)
{
	return f_sql_text(&f, "select sent_state from touch order by at desc, id desc limit 1");
}

static void state_is(enum seq_state s)
{
	ck_assert_str_eq(seq_state_name(f_state(&f, enrolment)), seq_state_name(s));
}

/* rows: 919 */
START_TEST(queued_and_delivered)
{
	state_is(SEQ_SENT);
	feed("mail postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	state_is(SEQ_WAITING);
	ck_assert_str_eq(sent(), "queued");
	feed(DELIVERY("4.4.1", "deferred (timed out)"));
	ck_assert_str_eq(sent(), "deferred");
	feed(DELIVERY("2.0.0", "sent (250 ok)"));
	feed("mail postfix/qmgr[1]: " QID ": removed");
	ck_assert_str_eq(sent(), "delivered");
	ck_assert_str_eq(f_sql_text(&f, "select provider_result from touch"),
			 "2.0.0 mx.buyer.example[192.0.2.1]:25: 250 ok");
	state_is(SEQ_WAITING);
	/* told twice: nothing more */
	feed(DELIVERY("2.0.0", "sent (250 ok)"));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'delivered'"), 1);
}
END_TEST

/* rows: 77, 527, 925 */
START_TEST(hard_result_suppresses)
{
	feed("mail postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	feed(DELIVERY("5.1.1", "bounced (host mx said: 550 5.1.1 user unknown)"));
	state_is(SEQ_FAILED);
	ck_assert_str_eq(sent(), "bounced");
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where subject = '" TO "' and reason = "
			       "'hard_bounce'"), 1);
}
END_TEST

/* rows: 527. About us, not about the address; or passing. */
START_TEST(other_results_do_not)
{
	feed(DELIVERY("5.7.1", "bounced (host mx said: 550 5.7.1 blocked as spam)"));
	feed(DELIVERY("4.2.2", "deferred (host mx said: 452 4.2.2 mailbox full)"));
	feed("mail postfix/smtp[1]: " QID ": to=<somebody@else.example>, relay=mx[192.0.2.1]:25, delay=1, "
	     "delays=0/0/1/0, dsn=5.1.1, status=bounced (550 5.1.1)");
	feed("mail postfix/smtp[1]: 4bOTHER: to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, "
	     "dsn=5.1.1, status=bounced (550 5.1.1)");
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	state_is(SEQ_WAITING);
}
END_TEST

/* rows: 936. A later milter said no: the touch did not happen. */
START_TEST(rejected_is_taken_back)
{
	feed("mail postfix/cleanup[1]: " QID ": milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 spam; "
	     "from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	ck_assert_str_eq(sent(), "taken_back");
	state_is(SEQ_NOT_STARTED);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	f_touch(&f, enrolment, prospect, TO, MAIL_TOUCH, 1, "4bSECOND");
	state_is(SEQ_SENT);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
}
END_TEST

/* A refusal of a second submission says nothing about the first. */
START_TEST(rejected_after_queued)
{
	feed("mail postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	feed("mail postfix/cleanup[1]: 4bSECOND: message-id=<" QID ">");
	feed("mail postfix/cleanup[1]: 4bSECOND: milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 twice; "
	     "from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	feed("mail postfix/cleanup[1]: " QID ": milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 late; "
	     "from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	ck_assert_str_eq(sent(), "queued");
	state_is(SEQ_WAITING);
}
END_TEST

/* Without a queue id from the MTA the log joins by Message-ID. */
START_TEST(joined_by_message_id)
{
	f_exec(&f, "update touch set queue_id = null, message_id = 'm1@rep.example'");
	feed("mail postfix/cleanup[1]: 4bSECOND: message-id=<m1@rep.example>");
	feed("mail postfix/qmgr[1]: 4bSECOND: from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	state_is(SEQ_WAITING);
}
END_TEST

START_TEST(mail_of_others)
{
	feed("mail postfix/cleanup[1]: 4bOTHER: message-id=<x@y>");
	feed("mail postfix/qmgr[1]: 4bOTHER: from=<olga@rep.example>, size=1, nrcpt=1 (queue active)");
	feed("mail postfix/smtp[1]: 4bOTHER: to=<\"x y\"@z.example>, relay=mx[192.0.2.1]:25, delay=1, "
	     "delays=0/0/1/0, dsn=5.1.1, status=bounced (550)");
	feed("mail postfix/qmgr[1]: 4bOTHER: removed");
	ck_assert_str_eq(sent(), "accepted");
	state_is(SEQ_SENT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logwatch store");
	TCase *t = test_case(s, "store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, queued_and_delivered);
	tcase_add_test(t, hard_result_suppresses);
	tcase_add_test(t, other_results_do_not);
	tcase_add_test(t, rejected_is_taken_back);
	tcase_add_test(t, rejected_after_queued);
	tcase_add_test(t, joined_by_message_id);
	tcase_add_test(t, mail_of_others);
	return test_run(s);
}
