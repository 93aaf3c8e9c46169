/* SPDX-License-Identifier: MPL-2.0
 *
 * The inbound side: what a mail is about and on what evidence, the hold, and the one event that comes
 * of each mail.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/stamp.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment, *touch;

static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	touch = f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	f.now += 3600;
}
static void teardown(void) { fixture_close(&f); }

struct ask {
	struct match_question q;
	struct match *list;
	size_t n;
};

static enum status unit_match(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *k = ctx;

	(void)a;
	return store_match(tx, f.a, &k->q, &k->list, &k->n, e);
}

static struct ask ask(struct match_question q)
{
	struct ask k = { .q = q };

	k.q.owner_id = q.owner_id ? q.owner_id : f.owner;
	k.q.received = q.received ? q.received : f.now;
	k.q.keys = f.keys;
	ck_ok(f_read(&f, unit_match, &k));
	return k;
}

START_TEST(matching_a_person)
{
	const char *refs[] = { "m1@rep.example" }, *foreign[] = { "zzz@elsewhere.example" };
	struct ask k = ask((struct match_question){ .from = "ann@buyer.example", .refs = refs, .refs_n = 1 });

	ck_assert_int_eq(k.n, 1);
	ck_assert_int_eq(k.list[0].grade, GRADE_STRONG);
	ck_assert_str_eq(k.list[0].by, "references");
	ck_assert_str_eq(k.list[0].enrolment_id, enrolment);
	ck_assert_str_eq(k.list[0].touch_id, touch);
	ck_assert(k.list[0].live && !k.list[0].colleague);

	k = ask((struct match_question){ .from = "ann@buyer.example", .refs = foreign, .refs_n = 1 });
	ck_assert_int_eq(k.n, 1);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
	ck_assert_str_eq(k.list[0].by, "address");
	/* before the first touch, to another owner, a stranger */
	k = ask((struct match_question){ .from = "ann@buyer.example", .received = f.now - DAY });
	ck_assert_int_eq(k.n, 0);
	k = ask((struct match_question){ .from = "ann@buyer.example", .owner_id = f.owner2 });
	ck_assert_int_eq(k.n, 0);
	k = ask((struct match_question){ .from = "who@else.example", .subject_key = "handoffs" });
	ck_assert_int_eq(k.n, 0);
	/* the rep's own mail in the thread answers nobody */
	k = ask((struct match_question){ .from = "rita@rep.example", .refs = refs, .refs_n = 1 });
	ck_assert_int_eq(k.n, 0);
}
END_TEST

/* Nothing has gone out to them yet, and they write: that is no time for a first touch. */
START_TEST(who_writes_first_is_held)
{
	const char *p = f_prospect(&f, "di@first.example", "Di First", "First Ltd"), *en = f_enrol(&f, p, f.owner);
	struct ask k = ask((struct match_question){ .from = "di@first.example", .received = f.now + 60 });

	ck_assert_int_eq(k.n, 1);
	ck_assert_str_eq(k.list[0].by, "address");
	ck_assert_str_eq(k.list[0].enrolment_id, en);
	ck_assert(k.list[0].live && !k.list[0].colleague);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
	/* what they wrote before says nothing about it; a colleague of whom nothing was asked neither */
	k = ask((struct match_question){ .from = "di@first.example", .received = f.now - 60 });
	ck_assert_int_eq(k.n, 0);
	k = ask((struct match_question){ .from = "ed@first.example", .received = f.now + 60 });
	ck_assert_int_eq(k.n, 0);
	/* over before it began */
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_STOP, .reason = "owner" }));
	k = ask((struct match_question){ .from = "di@first.example", .received = f.now + 60 });
	ck_assert_int_eq(k.n, 0);
}
END_TEST

START_TEST(matching_a_person_with_a_tag)
{
	struct store_options o = fixture_options(&f);
	struct err e;

	store_close(f.s);
	o.addr_equiv = ADDR_PLUS;
	ck_assert_int_eq(store_open(&o, &f.s, &e), OK);
	/* the same person, not a colleague */
	struct ask k = ask((struct match_question){ .from = "ann+crm@buyer.example", .subject_key = "handoffs" });
	ck_assert_int_eq(k.n, 1);
	ck_assert_str_eq(k.list[0].by, "address");
	ck_assert(!k.list[0].colleague);
}
END_TEST

START_TEST(matching_a_colleague)
{
	struct ask k = ask((struct match_question){ .from = "bo@mail.buyer.example",
						    .subject_key = "handoffs" });

	ck_assert_int_eq(k.n, 1);
	ck_assert(k.list[0].colleague);
	ck_assert_str_eq(k.list[0].by, "domain");
	k = ask((struct match_question){ .from = "bo@buyer.example", .subject_key = "another thing" });
	ck_assert_int_eq(k.n, 0);
	/* never by a domain that strangers share */
	const char *p = f_prospect(&f, "cy@gmail.com", "Cy", NULL);
	const char *en = f_enrol(&f, p, f.owner);
	f_touch(&f, en, p, "cy@gmail.com", MAIL_TOUCH, 1, "m2@rep.example");
	k = ask((struct match_question){ .from = "dee@gmail.com", .subject_key = "handoffs" });
	ck_assert_int_eq(k.n, 0);
}
END_TEST

/* rows: 397 */
START_TEST(matching_reports_by_grade)
{
	const char *reported[] = { "ann@buyer.example" }, *other[] = { "zed@buyer.example" };
	const char *stamp = stamp_text(f.a, f.keys, touch);
	struct match_question q = { .report = true, .envelope_from = "", .original_message_id = "m1@rep.example",
				    .reported = reported, .reported_n = 1 };
	struct ask k = ask(q);

	ck_assert_int_eq(k.n, 1);
	ck_assert_int_eq(k.list[0].grade, GRADE_STRONG);
	q.envelope_from = "somebody@outside.example";	/* not the null sender: one grade less */
	k = ask(q);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
	q.envelope_from = "";
	q.reported = other;	/* a recipient we never wrote to */
	k = ask(q);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
	q.reported = reported;
	q.original_message_id = NULL;
	k = ask(q);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
	q.original_stamp = stamp;
	k = ask(q);
	ck_assert_int_eq(k.list[0].grade, GRADE_PROOF);
	char *forged = arena_strdup(f.a, stamp);
	char *last = forged + strlen(forged) - 1;
	*last = *last == 'a' ? 'b' : 'a';
	q.original_stamp = forged;
	k = ask(q);
	ck_assert_int_eq(k.list[0].grade, GRADE_WEAK);
}
END_TEST

/* ---- replies ---- */

struct mail {
	struct reply r;
	struct finding fd;
	enum seq_event event;
};

static enum status unit_reply(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct mail *m = ctx;

	m->r.finding = &m->fd;
	return store_reply(tx, a, &m->r, &m->event, e);
}

static struct mail mail(const char *key, enum reply_kind kind, enum reply_class class)
{
	return (struct mail){
		.r = { .enrolment_id = enrolment, .prospect_id = prospect, .owner_id = f.owner,
		       .touch_id = touch, .key = key, .message_id = key, .from = "ann@buyer.example",
		       .subject = "Re: Handoffs", .received = f.now, .account = "rita", .folder = "INBOX",
		       .uid = 7, .matched_by = "references", .grade = GRADE_STRONG },
		.fd = { .kind = kind, .class = class, .confidence = 0.9, .stop = true,
			.visible = "their words", .language = "en" },
	};
}

static enum status unit_hold(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_hold(tx, a, enrolment, ctx, "imapwatch", e);
}

/* rows: 911, 921, 851 */
START_TEST(hold_then_one_event)
{
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, REPLY_INTERESTED);
	char key[] = "r1@buyer.example";

	ck_ok(f_write(&f, unit_hold, key));
	ck_ok(f_write(&f, unit_hold, key));
	ck_assert_int_eq(f_row(&f, enrolment)->e.holds, 1);
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_INTERESTED);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_REPLY_RECEIVED);
	ck_assert_int_eq(f_row(&f, enrolment)->e.holds, 0);
	ck_status(f_write(&f, unit_reply, &m), GONE);
	ck_status(f_write(&f, unit_hold, key), GONE);
	ck_assert_int_eq(f_sql(&f, "select count(*) from reply"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'interested'"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify'"), 1);
}
END_TEST

/* rows: 819, 820, 821, 826, 827, 828, 834, 835 */
START_TEST(handoff_note_has_what_the_owner_needs)
{
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, REPLY_QUESTION);
	static const char *const paths[] = {
		"$.prospect.name", "$.prospect.email", "$.prospect.company_name", "$.sources[0].kind",
		"$.sources[0].permission", "$.prospect.priority", "$.messages[0].subject",
		"$.messages[0].final_text", "$.reply.visible", "$.reply.class", "$.enrolment.offer",
		"$.next_action", "$.deadline", "$.enrolment.state", "$.owner",
	};

	ck_ok(f_write(&f, unit_reply, &m));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		ck_assert_msg(f_sql_text(&f, arena_printf(f.a, "select json_extract(payload, '%s') from outbox "
			"where kind = 'notify'", paths[i])) != NULL, "%s is missing", paths[i]);
}
END_TEST

static const struct {
	enum reply_class class;
	enum seq_state state;
} classes[] = {
	{ REPLY_INTERESTED, SEQ_REPLY_RECEIVED }, { REPLY_QUESTION, SEQ_REPLY_RECEIVED },
	{ REPLY_OBJECTION, SEQ_REPLY_RECEIVED }, { REPLY_NOT_NOW, SEQ_PARKED },
	{ REPLY_NOT_A_FIT, SEQ_CLOSED }, { REPLY_REFERRAL, SEQ_REPLY_RECEIVED },
	{ REPLY_BOOKED, SEQ_BOOKED }, { REPLY_UNSUBSCRIBE, SEQ_SUPPRESSED },
	{ REPLY_COMPLAINT, SEQ_SUPPRESSED }, { REPLY_OUT_OF_OFFICE, SEQ_PARKED },
	{ REPLY_BOUNCE, SEQ_FAILED }, { REPLY_UNKNOWN, SEQ_HUMAN_REVIEW },
};

/* rows: 78, 79, 81, 394, 396 */
START_TEST(each_class_has_its_action)
{
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, classes[_i].class);

	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_str_eq(seq_state_name(f_state(&f, enrolment)), seq_state_name(classes[_i].state));
}
END_TEST

START_TEST(without_proof_nothing_is_suppressed_or_booked)
{
	static const enum reply_class risky[] = { REPLY_UNSUBSCRIBE, REPLY_COMPLAINT, REPLY_BOOKED,
						  REPLY_BOUNCE };
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, risky[_i]);

	m.r.grade = GRADE_WEAK;
	m.r.matched_by = "address";
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_UNCLEAR);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from review where decided is null"), 1);
	/* the same, vouched for by our own MTA */
	m.r.key = m.r.message_id = "r2@buyer.example";
	m.r.auth = AUTH_PASS;
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_ne(m.event, EV_UNCLEAR);
}
END_TEST

/* Our MTA has looked at the sender and found nothing that vouches for it: what takes the sale further goes to a
 * person, what stops it stops it. */
static const struct {
	enum reply_class class;
	enum seq_state state;
} unproved[] = {
	{ REPLY_INTERESTED, SEQ_HUMAN_REVIEW }, { REPLY_BOOKED, SEQ_HUMAN_REVIEW }, { REPLY_QUESTION, SEQ_REPLY_RECEIVED },
	{ REPLY_NOT_A_FIT, SEQ_CLOSED }, { REPLY_UNSUBSCRIBE, SEQ_SUPPRESSED }, { REPLY_COMPLAINT, SEQ_SUPPRESSED },
	{ REPLY_NOT_NOW, SEQ_PARKED },
};

START_TEST(an_unproved_sender_stops_but_books_nothing)
{
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, unproved[_i].class);

	m.r.auth = AUTH_FAIL;
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_str_eq(seq_state_name(f_state(&f, enrolment)), seq_state_name(unproved[_i].state));
	ck_assert_int_eq(f_sql(&f, "select count(*) from appointment where state = 'booked'"), 0);
	ck_assert_int_eq(f_sql(&f, "select authenticated from reply"), -1);
}
END_TEST

static struct mail report(const char *key, enum grade grade, enum hardness h, bool about)
{
	static struct report_recipient who;
	struct mail m = mail(key, KIND_BOUNCE, REPLY_BOUNCE);

	who = (struct report_recipient){ .address = "ann@buyer.example", .fate = KIND_BOUNCE,
		.hardness = h, .status = "5.1.1", .reason = REASON_USER_UNKNOWN, .about_address = about,
		.words = "no such user" };
	m.fd.recipients = &who;
	m.fd.recipients_n = 1;
	m.r.from = "mailer-daemon@mx.example";
	m.r.grade = grade;
	m.r.matched_by = "message_id";
	return m;
}

/* rows: 77, 397, 925 */
START_TEST(hard_bounce_suppresses_on_proof_only)
{
	struct mail m = report("b1@mx.example", GRADE_WEAK, HARDNESS_HARD, true);

	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_UNCLEAR);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	m = report("b2@mx.example", GRADE_STRONG, HARDNESS_HARD, true);
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_BOUNCE_HARD);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where reason = 'hard_bounce'"
				   " and subject = 'ann@buyer.example' and expires is not null"), 1);
	/* a person who writes from there lifts it; not somebody who only says to be that person */
	m = mail("r8@buyer.example", KIND_HUMAN, REPLY_QUESTION);
	m.r.grade = GRADE_WEAK;
	m.r.matched_by = "address";
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where lifted is null"), 1);
	m = mail("r9@buyer.example", KIND_HUMAN, REPLY_QUESTION);
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where lifted is null"), 0);
}
END_TEST

START_TEST(what_is_about_us_never_suppresses)
{
	struct mail m = report("b1@mx.example", GRADE_PROOF, HARDNESS_SOFT, false);

	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_BOUNCE_SOFT);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SENT);
}
END_TEST

START_TEST(away_parks_until_the_day_after_the_return)
{
	struct mail m = mail("r1@buyer.example", KIND_AUTO_REPLY, REPLY_OUT_OF_OFFICE);

	m.fd.subkind = SUBKIND_OUT_OF_OFFICE;
	m.fd.date = (struct date){ 2026, 3, 16 };	/* a Monday */
	ck_ok(f_write(&f, unit_reply, &m));
	struct enrolment_row *row = f_row(&f, enrolment);
	ck_assert_int_eq(row->e.state, SEQ_PARKED);
	ck_assert_int_eq(row->e.due, when_utc((struct date){ 2026, 3, 17 }, 8, 30, "Europe/Berlin"));
}
END_TEST

START_TEST(stranger_in_the_thread_goes_to_a_person)
{
	struct mail m = mail("r1@buyer.example", KIND_HUMAN, REPLY_UNSUBSCRIBE);

	m.r.from = "bo@buyer.example";
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_COLLEAGUE);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
}
END_TEST

START_TEST(receipts_change_nothing)
{
	static const enum reply_kind kinds[] = { KIND_MDN, KIND_DELAY, KIND_DSN_SUCCESS, KIND_LIST,
						 KIND_CHALLENGE };
	struct mail m = mail("r1@buyer.example", kinds[_i], REPLY_UNKNOWN);
	char key[] = "r1@buyer.example";

	m.fd.stop = false;
	ck_ok(f_write(&f, unit_hold, key));
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_NOTICE);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SENT);
	ck_assert_int_eq(f_row(&f, enrolment)->e.holds, 0);
}
END_TEST

/* ---- the unsubscribe token ---- */

static enum status unit_unsubscribe(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_unsubscribe(tx, a, f.keys, ctx, "mail to the unsubscribe address", e);
}

/* rows: 394, 924 */
START_TEST(unsubscribe_by_token)
{
	char *token = token_make(f.a, f.keys, STAMP_UNSUBSCRIBE, touch);
	char *bad = arena_strdup(f.a, token);

	bad[3] = bad[3] == 'a' ? 'b' : 'a';
	ck_status(f_write(&f, unit_unsubscribe, bad), INPUT);
	ck_ok(f_write(&f, unit_unsubscribe, token));
	ck_status(f_write(&f, unit_unsubscribe, token), GONE);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SUPPRESSED);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where reason = 'unsubscribe'"), 1);
}
END_TEST

/* ---- evidence of the log ---- */

static enum status unit_evidence(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_evidence(tx, a, ctx, e);
}

/* rows: 919, 925, 932 */
START_TEST(evidence_moves_touch_and_enrolment)
{
	struct evidence ev = { .kind = EVIDENCE_QUEUED, .host = "mx", .queue_id = "m1@rep.example",
			       .at = f.now };

	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
	ck_assert_str_eq(f_sql_text(&f, "select sent_state from touch"), "queued");
	ev.kind = EVIDENCE_BOUNCED;
	ev.recipient = "ann@buyer.example";
	ev.dsn = "5.1.1";
	ev.words = "user unknown";
	ev.hard = true;
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_FAILED);
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'bounce_hard'"), 1);
}
END_TEST

/* Our own MTA's or milter's refusal says nothing about the address. */
START_TEST(our_own_refusal_suppresses_nobody)
{
	struct evidence ev = { .kind = EVIDENCE_BOUNCED, .host = "mx", .queue_id = "m1@rep.example",
			       .at = f.now, .recipient = "ann@buyer.example", .dsn = "5.1.1", .hard = true, .ours = true };

	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 0);
	ck_assert_str_eq(f_sql_text(&f, "select sent_state from touch"), "bounced");
	/* and its report afterwards does not count as a second failure */
	struct mail m = report("b1@mx.example", GRADE_STRONG, HARDNESS_SOFT, true);
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(m.event, EV_NOTICE);
	ck_assert_int_eq(f_row(&f, enrolment)->e.soft_bounces, 1);
}
END_TEST

/* rows: 884. A dialogue in the log and a report in the mailbox are one failure, whichever comes first. */
START_TEST(log_and_report_are_one_failure)
{
	struct evidence ev = { .kind = EVIDENCE_BOUNCED, .host = "mx", .queue_id = "m1@rep.example", .at = f.now,
			       .recipient = "ann@buyer.example", .dsn = "5.1.1", .hard = true };
	struct mail m = report("b1@mx.example", GRADE_STRONG, HARDNESS_HARD, true);
	bool log_first = _i == 0;

	if (log_first)
		ck_ok(f_write(&f, unit_evidence, &ev));
	ck_ok(f_write(&f, unit_reply, &m));
	if (!log_first)
		ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_FAILED);
	ck_assert_str_eq(f_sql_text(&f, "select sent_state from touch"), "bounced");
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from task where kind not like 'reply%'"), 1);
	ck_assert_int_eq(f_sql(&f, "select bounced from touch"), 1);
	ck_assert_int_eq(f_sql(&f, "select coalesce(max(bounces), 0) from tally"), 1);
}
END_TEST

START_TEST(evidence_of_another_mail_moves_nothing)
{
	struct evidence ev = { .kind = EVIDENCE_QUEUED, .host = "mx", .queue_id = "m2@rep.example",
			       .at = f.now };

	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 0, "m2@rep.example");
	ev.queue_id = "m1@rep.example";
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SENT);
	ev.queue_id = "m2@rep.example";
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
}
END_TEST

START_TEST(what_was_queued_is_not_taken_back)
{
	struct evidence ev = { .kind = EVIDENCE_QUEUED, .host = "mx", .queue_id = "m1@rep.example",
			       .at = f.now };

	ck_ok(f_write(&f, unit_evidence, &ev));
	ev.kind = EVIDENCE_REJECTED;
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
	ck_assert_str_eq(f_sql_text(&f, "select sent_state from touch"), "queued");
}
END_TEST

/* An MTA that does not tell the milter its queue id: the log joins both by Message-ID. */
START_TEST(evidence_joins_by_message_id)
{
	struct evidence ev = { .kind = EVIDENCE_SENT, .host = "mx", .queue_id = "Q9", .at = f.now,
			       .message_id = "m1@rep.example", .recipient = "ann@buyer.example", .dsn = "2.0.0" };

	f_exec(&f, "update touch set queue_id = null, host = null");
	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_str_eq(f_sql_text(&f, "select sent_state || queue_id || host from touch"), "deliveredQ9mx");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
	/* of a mail that is none of ours nothing is kept */
	ev = (struct evidence){ .kind = EVIDENCE_SENT, .host = "mx", .queue_id = "OTHER", .at = f.now,
				.recipient = "x@y.example" };
	ck_status(f_write(&f, unit_evidence, &ev), GONE);
	ck_assert_int_eq(f_sql(&f, "select count(*) from mta_mail"), 0);
}
END_TEST

static enum status unit_assume(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_assume_sent(tx, a, store_now(tx) - 600, e);
}

START_TEST(without_a_log_it_is_assumed_after_a_while)
{
	f.now -= 3600 - 300;
	ck_ok(f_write(&f, unit_assume, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SENT);
	f.now += 600;
	ck_ok(f_write(&f, unit_assume, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
}
END_TEST

/* ---- known people in no sequence ---- */

START_TEST(a_prospect_in_no_sequence_can_still_say_no)
{
	const char *p = f_prospect(&f, "cy@solo.example", "Cy", NULL);
	const char *t = f_touch(&f, NULL, p, "cy@solo.example", MAIL_MANUAL, 0, "m7@rep.example");
	struct mail m = mail("r7@solo.example", KIND_HUMAN, REPLY_UNSUBSCRIBE);
	struct ask k = ask((struct match_question){ .from = "cy@solo.example", .received = f.now + 1 });

	ck_assert_int_eq(k.n, 1);
	ck_assert_ptr_null(k.list[0].enrolment_id);
	ck_assert_str_eq(k.list[0].touch_id, t);
	m.r.enrolment_id = NULL;
	m.r.prospect_id = p;
	m.r.touch_id = t;
	m.r.from = "cy@solo.example";
	ck_ok(f_write(&f, unit_reply, &m));
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where subject = 'cy@solo.example'"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify' and json_extract(payload, '$.owner') = "
				   "(select login from owner where id = outbox.owner_id)"), 1);
	ck_status(f_write(&f, unit_reply, &m), GONE);
}
END_TEST

START_TEST(what_was_never_queued_is_taken_back)
{
	struct evidence ev = { .kind = EVIDENCE_REJECTED, .host = "mx", .queue_id = "m1@rep.example",
			       .at = f.now, .ours = true };

	ck_ok(f_write(&f, unit_evidence, &ev));
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 0);
	ck_assert_str_eq(f_sql_text(&f, "select sent_state from touch"), "taken_back");
	/* and the corrected mail, with the same Message-ID, is not a duplicate */
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-inbound");
	TCase *c = test_case(s, "inbound");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, matching_a_person);
	tcase_add_test(c, who_writes_first_is_held);
	tcase_add_test(c, matching_a_person_with_a_tag);
	tcase_add_test(c, matching_a_colleague);
	tcase_add_test(c, matching_reports_by_grade);
	tcase_add_test(c, hold_then_one_event);
	tcase_add_test(c, handoff_note_has_what_the_owner_needs);
	tcase_add_loop_test(c, each_class_has_its_action, 0, sizeof(classes) / sizeof(classes[0]));
	tcase_add_loop_test(c, an_unproved_sender_stops_but_books_nothing, 0, sizeof(unproved) / sizeof(unproved[0]));
	tcase_add_loop_test(c, without_proof_nothing_is_suppressed_or_booked, 0, 4);
	tcase_add_test(c, hard_bounce_suppresses_on_proof_only);
	tcase_add_test(c, what_is_about_us_never_suppresses);
	tcase_add_test(c, away_parks_until_the_day_after_the_return);
	tcase_add_test(c, stranger_in_the_thread_goes_to_a_person);
	tcase_add_loop_test(c, receipts_change_nothing, 0, 5);
	tcase_add_test(c, unsubscribe_by_token);
	tcase_add_test(c, evidence_moves_touch_and_enrolment);
	tcase_add_test(c, our_own_refusal_suppresses_nobody);
	tcase_add_loop_test(c, log_and_report_are_one_failure, 0, 2);
	tcase_add_test(c, evidence_of_another_mail_moves_nothing);
	tcase_add_test(c, what_was_queued_is_not_taken_back);
	tcase_add_test(c, evidence_joins_by_message_id);
	tcase_add_test(c, without_a_log_it_is_assumed_after_a_while);
	tcase_add_test(c, a_prospect_in_no_sequence_can_still_say_no);
	tcase_add_test(c, what_was_never_queued_is_taken_back);
	return test_run(s);
}
