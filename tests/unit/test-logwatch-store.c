/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines of the log, and what the store makes of them.
 */
#include "config.h"

#include "logwatch/deliver.h"
#include "tests/lib/mails.h"
#include "tests/unit/store_fixture.h"

#include <stdlib.h>

static struct fixture f;
static struct phrases *phrases;
static const char *prospect, *enrolment;

/* The fixture's queue id of a touch is its Message-ID. */
#define QID "4bXyZ12"
#define TO "ann@buyer.example"
#define DELIVERY(dsn, status) "mx postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx.buyer.example[192.0.2.1]:25, " \
	"delay=1, delays=0/0/1/0, dsn=" dsn ", status=" status

static struct delivery to;
static struct batch *batch;

static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, TO, "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, TO, MAIL_TOUCH, 1, QID);
	f_exec(&f, "update touch set message_id = 'm1@rep.example'");
	f_exec(&f, "update message_ref set message_id = 'm1@rep.example' where kind = 'touch'");
	to = (struct delivery){ .store = f.s, .track = track_new(), .phrases = phrases, .host = "mx",
				.source = "file log" };
	batch = calloc(1, sizeof(*batch));
	batch->arena = arena_new(0);
}
static void teardown(void)
{
	track_free(to.track);
	arena_free(batch->arena);
	free(batch);
	fixture_close(&f);
}

/* Read, not yet told. */
static void hear(const char *text)
{
	static const char *const instances[] = { "postfix", "sm-mta" };
	struct log_line line;
	char *whole = arena_printf(batch->arena, "2026-03-02T09:00:05Z %s", text);

	ck_assert(log_line_parse(span_of(whole), instances, 2, &line));
	batch->n += track_line(to.track, batch->arena, &line, f.now, &batch->list[batch->n]);
}

static void told(const char *position)
{
	ck_ok(batch_write(&to, batch, position, position != NULL, true, f.now, &test_err));
}

static void feed(const char *text)
{
	hear(text);
	told(NULL);
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
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	state_is(SEQ_WAITING);
	ck_assert_str_eq(sent(), "queued");
	feed(DELIVERY("4.4.1", "deferred (timed out)"));
	ck_assert_str_eq(sent(), "deferred");
	feed(DELIVERY("2.0.0", "sent (250 ok)"));
	feed("mx postfix/qmgr[1]: " QID ": removed");
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
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
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
	feed("mx postfix/smtp[1]: " QID ": to=<somebody@else.example>, relay=mx[192.0.2.1]:25, delay=1, "
	     "delays=0/0/1/0, dsn=5.1.1, status=bounced (550 5.1.1)");
	feed("mx postfix/smtp[1]: 4bOTHER: to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, "
	     "dsn=5.1.1, status=bounced (550 5.1.1)");
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	state_is(SEQ_WAITING);
}
END_TEST

/* A server without enhanced codes is read by its words and its reply code, as its report would be. */
static const struct { const char *dsn, *said; bool hard; } refusals[] = {
	{ "5.0.0", "550 No such user here", true },
	{ "5.0.0", "550 Requested action not taken: mailbox unavailable", true },
	{ "5.0.0", "554 Your host is on our black list", false },
	{ "5.0.0", "552 Mailbox full", false },
	{ "5.1.1", "550 5.1.1 <" TO ">: Recipient address rejected: User unknown in virtual mailbox table", true },
	{ "5.7.1", "550 5.7.1 Unable to relay", false },
	{ "5.7.1", "554 5.7.1 Message refused by policy", false },
	{ "5.2.1", "550 5.2.1 The account is disabled", false },
	{ "5.7.26", "550-5.7.26 This mail is unauthenticated", false },
};

START_TEST(words_of_a_refusal)
{
	feed(arena_printf(batch->arena, "mx postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx.buyer.example[192.0.2.1]:25,"
			  " delay=1, delays=0/0/1/0, dsn=%s, status=bounced (host mx.buyer.example[192.0.2.1] said: %s "
			  "(in reply to RCPT TO command))", refusals[_i].dsn, refusals[_i].said));
	ck_assert_str_eq(sent(), "bounced");
	ck_assert_msg(f_sql(&f, "select count(*) from suppression") == refusals[_i].hard, "%s", refusals[_i].said);
	state_is(refusals[_i].hard ? SEQ_FAILED : SEQ_WAITING);
}
END_TEST

/* rows: 892. Who asks for less mail is remembered, once a mail. */
START_TEST(push_back)
{
	feed(DELIVERY("4.7.28", "deferred (host mx said: 421 4.7.28 Our system has detected an unusual rate)"));
	feed(DELIVERY("4.7.28", "deferred (host mx said: 421 4.7.28 Our system has detected an unusual rate)"));
	feed(DELIVERY("4.2.0", "deferred (host mx said: 450 4.2.0 Greylisted, try again later)"));
	ck_assert_int_eq(f_sql(&f, "select times from pushback where domain = 'buyer.example'"), 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from pushback"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'deferred'"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select provider_result from touch"),
			 "4.2.0 mx.buyer.example[192.0.2.1]:25: host mx said: 450 4.2.0 Greylisted, try again later");
}
END_TEST

/* rows: 936. A later milter said no: the touch did not happen. */
START_TEST(rejected_is_taken_back)
{
	feed("mx postfix/cleanup[1]: " QID ": milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 spam; "
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
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	feed("mx postfix/cleanup[1]: 4bSECOND: message-id=<" QID ">");
	feed("mx postfix/cleanup[1]: 4bSECOND: milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 twice; "
	     "from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	feed("mx postfix/cleanup[1]: " QID ": milter-reject: END-OF-MESSAGE from pc[192.0.2.7]: 5.7.1 late; "
	     "from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	ck_assert_str_eq(sent(), "queued");
	state_is(SEQ_WAITING);
}
END_TEST

/* rows: 936. Whatever the reason was: the client heard an error for all that it handed in. */
START_TEST(connection_that_failed)
{
	feed("mx postfix/submission/smtpd[7]: connect from pc[192.0.2.7]");
	feed("mx postfix/submission/smtpd[7]: " QID ": client=pc[192.0.2.7], sasl_username=rita");
	feed("mx postfix/smtpd[7]: disconnect from x[192.0.2.9] ehlo=1 data=0/1 commands=1/2");	/* another service */
	feed("mx postfix/submission/smtpd[8]: disconnect from x[192.0.2.9] ehlo=1 data=0/1 commands=1/2");
	ck_assert_str_eq(sent(), "accepted");
	feed("mx postfix/submission/smtpd[7]: disconnect from pc[192.0.2.7] ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4");
	ck_assert_str_eq(sent(), "taken_back");
	state_is(SEQ_NOT_STARTED);
	/* it was queued all the same: then it counts */
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	state_is(SEQ_WAITING);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
}
END_TEST

/* ... unless it has been handed in again meanwhile: one touch. */
START_TEST(queued_after_all_and_again)
{
	feed("mx postfix/cleanup[1]: warning: " QID ": write queue file: No space left on device");
	ck_assert_str_eq(sent(), "taken_back");
	f_touch(&f, enrolment, prospect, TO, MAIL_TOUCH, 1, "4bSECOND");
	test_expect_log("queued-twice");
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where sent_state = 'taken_back'"), 1);
}
END_TEST

START_TEST(two_mails_of_one_connection)
{
	feed("mx postfix/smtpd[7]: connect from pc[192.0.2.7]");
	feed("mx postfix/smtpd[7]: " QID ": client=pc[192.0.2.7]");
	feed("mx postfix/smtpd[7]: 4bSECOND: client=pc[192.0.2.7]");
	feed("mx postfix/smtpd[7]: disconnect from pc[192.0.2.7] ehlo=1 mail=2 rcpt=2 data=1/2 commands=6/7");
	ck_assert_str_eq(sent(), "accepted");	/* which of them is not known */
	feed("mx postfix/smtpd[7]: connect from x[192.0.2.9]");
	feed("mx postfix/smtpd[7]: disconnect from x[192.0.2.9] ehlo=1 data=0/1 commands=1/2");
	ck_assert_str_eq(sent(), "accepted");
}
END_TEST

/* Without a queue id from the MTA the log joins by Message-ID. */
START_TEST(joined_by_message_id)
{
	f_exec(&f, "update touch set queue_id = null");
	feed("mx postfix/cleanup[1]: 4bSECOND: message-id=<m1@rep.example>");
	feed("mx postfix/qmgr[1]: 4bSECOND: from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	state_is(SEQ_WAITING);
}
END_TEST

/* ... and over a restart between the two lines. */
START_TEST(message_id_over_a_restart)
{
	f_exec(&f, "update touch set queue_id = null");
	hear("mx postfix/cleanup[1]: 4bSECOND: message-id=<m1@rep.example>");
	told("position 1");
	ck_assert_int_eq(f_sql(&f, "select count(*) from mta_mail"), 1);
	track_free(to.track);
	to.track = track_new();
	track_remember(to.track, "mx", "4bSECOND", f_sql_text(&f, "select message_id from mta_mail"));
	feed("mx postfix/qmgr[1]: 4bSECOND: from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	/* what is old goes, a few at a time */
	f_exec(&f, "with recursive n(i) as (select 1 union all select i + 1 from n where i < 120) insert into mta_mail "
		   "(host, queue_id, message_id, first_seen) select 'mx', 'OLD' || i, 'x', 1 from n");
	told("position 2");
	ck_assert_int_eq(f_sql(&f, "select count(*) from mta_mail"), 71);
	told("position 3");
	told("position 4");
	ck_assert_int_eq(f_sql(&f, "select count(*) from mta_mail"), 1);
}
END_TEST

START_TEST(mail_of_others)
{
	feed("mx postfix/cleanup[1]: 4bOTHER: message-id=<x@y>");
	feed("mx postfix/qmgr[1]: 4bOTHER: from=<olga@rep.example>, size=1, nrcpt=1 (queue active)");
	feed("mx postfix/smtp[1]: 4bOTHER: to=<\"x y\"@z.example>, relay=mx[192.0.2.1]:25, delay=1, "
	     "delays=0/0/1/0, dsn=5.1.1, status=bounced (550)");
	feed("mx postfix/qmgr[1]: 4bOTHER: removed");
	ck_assert_str_eq(sent(), "accepted");
	state_is(SEQ_SENT);
	ck_assert_int_eq(f_sql(&f, "select count(*) from mta_mail"), 0);
}
END_TEST

/* The same queue id later, and on another host, is another mail's. */
START_TEST(queue_ids_come_again)
{
	feed("otherhost postfix/cleanup[1]: " QID ": message-id=<x@y>");
	feed("otherhost postfix/qmgr[1]: " QID ": from=<x@y>, size=1, nrcpt=1 (queue active)");
	feed("otherhost postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, "
	     "dsn=5.1.1, status=bounced (550 5.1.1 no such user)");
	ck_assert_str_eq(sent(), "accepted");
	feed("mx.rep.example postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	feed("mx postfix/qmgr[1]: " QID ": removed");
	f.now += 600;
	feed("mx postfix/qmgr[1]: " QID ": from=<x@y>, size=1, nrcpt=1 (queue active)");
	feed("mx postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, "
	     "status=bounced (550 5.1.1 no such user)");
	ck_assert_str_eq(sent(), "queued");
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
}
END_TEST

/* A host of another name in its log: joined by Message-ID once, known by its name from then on. */
START_TEST(another_name_of_the_host)
{
	feed("vm12 postfix/cleanup[1]: " QID ": message-id=<m1@rep.example>");
	feed("vm12 postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	track_free(to.track);
	to.track = track_new();
	feed("vm12 postfix/smtp[1]: " QID ": to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, "
	     "status=sent (250 ok)");
	ck_assert_str_eq(sent(), "delivered");
}
END_TEST

START_TEST(requeued)
{
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	feed("mx postfix/postsuper[1]: " QID ": placed on hold");
	ck_assert_str_eq(sent(), "held");
	feed("mx postfix/pickup[1]: 4bNEW01: uid=102 from=<rita@rep.example> orig_id=" QID);
	feed("mx postfix/qmgr[1]: 4bNEW01: from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	ck_assert_str_eq(sent(), "queued");
	feed("mx postfix/smtp[1]: 4bNEW01: to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=2.0.0, "
	     "status=sent (250 ok)");
	ck_assert_str_eq(sent(), "delivered");
	ck_assert_str_eq(f_sql_text(&f, "select queue_id from touch"), "4bNEW01");
}
END_TEST

/* Through a content filter of this host, whose second queue id may be delivered before the first is told. */
START_TEST(content_filter)
{
	feed("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	hear("mx postfix/cleanup[2]: 4bOTHER: message-id=<other@x>");
	hear("mx postfix/smtp[3]: 4bFIRST: to=<x@y>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, "
	     "dsn=2.0.0, status=sent (250 ok: queued as 4bOTHER)");
	told(NULL);	/* from now on it is known that there is a filter */
	hear("mx postfix/cleanup[2]: 4bNEW01: message-id=<m1@rep.example>");
	hear("mx postfix/qmgr[1]: 4bNEW01: from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	hear("mx postfix/smtp[1]: 4bNEW01: to=<" TO ">, relay=mx[192.0.2.1]:25, delay=1, delays=0/0/1/0, dsn=5.1.1, "
	     "status=bounced (host mx said: 550 5.1.1 no such user (in reply to RCPT TO command))");
	told(NULL);
	ck_assert_str_eq(sent(), "queued");
	feed("mx postfix/smtp[3]: " QID ": to=<" TO ">, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/1/0, "
	     "dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 2.0.0 Ok: queued as 4bNEW01)");
	ck_assert_str_eq(sent(), "bounced");
	state_is(SEQ_FAILED);
}
END_TEST

/* A queue that this log does not show is the end of what we hear. */
START_TEST(to_another_system_of_this_host)
{
	feed("mx postfix/smtp[3]: " QID ": to=<" TO ">, relay=127.0.0.1[127.0.0.1]:2525, delay=1, delays=0/0/1/0, "
	     "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4bNEW01)");
	ck_assert_str_eq(sent(), "delivered");
}
END_TEST

/* Taken with 250, then thrown away: the touch counts, the state says what became of it. */
START_TEST(discarded)
{
	feed("mx postfix/cleanup[1]: " QID ": milter-discard: END-OF-MESSAGE from pc[192.0.2.7]: milter triggers DISCARD "
	     "action; from=<rita@rep.example> to=<" TO "> proto=ESMTP helo=<pc>");
	ck_assert_str_eq(sent(), "discarded");
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
	ck_assert_int_eq(f_row(&f, enrolment)->e.soft_bounces, 1);
}
END_TEST

/* The log and the report tell of one failure, in either order: counted once. */
START_TEST(report_before_the_log)
{
	f_exec(&f, "update touch set reply_status = 'bounce'");
	feed(DELIVERY("5.2.2", "bounced (host mx said: 552 5.2.2 Mailbox full (in reply to RCPT TO command))"));
	ck_assert_str_eq(sent(), "bounced");
	ck_assert_int_eq(f_row(&f, enrolment)->e.soft_bounces, 0);
	feed(DELIVERY("5.2.2", "bounced (host mx said: 552 5.2.2 Mailbox full (in reply to RCPT TO command))"));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'bounced'"), 1);
}
END_TEST

/* Several recipients on one line of Sendmail's. */
START_TEST(sendmail)
{
	feed("mx sm-mta[1]: " QID "ab: from=<rita@rep.example>, size=1, class=0, nrcpts=2, msgid=<m1@rep.example>, relay=x");
	f_exec(&f, "update touch set queue_id = '" QID "ab'");
	feed("mx sm-mta[2]: " QID "ab: to=<x@else.example>,<" TO ">, delay=00:00:01, mailer=esmtp, pri=1, relay=mx. "
	     "[192.0.2.5], dsn=4.2.0, stat=Deferred: 450 4.2.0 Greylisted");
	ck_assert_str_eq(sent(), "deferred");
	state_is(SEQ_WAITING);
	feed("mx sm-mta[2]: " QID "ab: to=<" TO ">, delay=00:00:01, mailer=esmtp, pri=1, relay=mx. [192.0.2.5], "
	     "dsn=5.1.1, stat=User unknown");
	ck_assert_str_eq(sent(), "bounced");
	state_is(SEQ_FAILED);
}
END_TEST

static enum status ask_followed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_log_followed(tx, a, ctx, e);
}

/* The position is kept with what the lines told, and says that somebody reads. */
START_TEST(position_and_sign_of_life)
{
	bool followed = true;

	ck_ok(store_read(f.s, f.now, ask_followed, &followed, &test_err));
	ck_assert(!followed);
	hear("mx postfix/qmgr[1]: " QID ": from=<rita@rep.example>, size=1, nrcpt=1 (queue active)");
	told("position 1");
	ck_assert_str_eq(f_sql_text(&f, "select position from log_source where host = 'mx'"), "position 1");
	f_exec(&f, "insert into log_source values ('gone', 'file log', 'x', 1, 1, 1)");
	told("position 1");
	ck_assert_int_eq(f_sql(&f, "select count(*) from log_source"), 1);
	ck_ok(store_read(f.s, f.now + 50, ask_followed, &followed, &test_err));
	ck_assert(followed);
	ck_ok(store_read(f.s, f.now + 70, ask_followed, &followed, &test_err));
	ck_assert(!followed);
	/* no place just now: the one that was kept stays */
	ck_ok(batch_write(&to, batch, NULL, true, false, f.now, &test_err));
	ck_assert_str_eq(f_sql_text(&f, "select position from log_source where host = 'mx'"), "position 1");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logwatch store");
	TCase *t = test_case(s, "store");

	phrases = mails_phrases();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, queued_and_delivered);
	tcase_add_test(t, hard_result_suppresses);
	tcase_add_test(t, other_results_do_not);
	tcase_add_loop_test(t, words_of_a_refusal, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(t, push_back);
	tcase_add_test(t, rejected_is_taken_back);
	tcase_add_test(t, connection_that_failed);
	tcase_add_test(t, queued_after_all_and_again);
	tcase_add_test(t, two_mails_of_one_connection);
	tcase_add_test(t, message_id_over_a_restart);
	tcase_add_test(t, queue_ids_come_again);
	tcase_add_test(t, another_name_of_the_host);
	tcase_add_test(t, requeued);
	tcase_add_test(t, content_filter);
	tcase_add_test(t, to_another_system_of_this_host);
	tcase_add_test(t, discarded);
	tcase_add_test(t, report_before_the_log);
	tcase_add_test(t, sendmail);
	tcase_add_test(t, position_and_sign_of_life);
	tcase_add_test(t, rejected_after_queued);
	tcase_add_test(t, joined_by_message_id);
	tcase_add_test(t, mail_of_others);
	int rc = test_run(s);
	phrases_free(phrases);
	return rc;
}
