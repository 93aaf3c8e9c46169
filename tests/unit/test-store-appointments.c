/* SPDX-License-Identifier: MPL-2.0
 *
 * Appointments: only the word of the person invited, of a booking system that our MTA vouches for, or of somebody of
 * ours books; what undoes one goes to a person; what comes too late or from somebody else changes nothing.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/booking.h"
#include "classifier/calendar.h"
#include "store/appointments.h"
#include "store/store_private.h"
#include "store/tasks.h"
#include "tests/unit/store_fixture.h"

#define ANN "ann@buyer.example"
#define UID "uid-1@rep.example"

static struct fixture f;
static const char *prospect, *enrolment;
static time_t starts;
static const char *const minimum[] = { "target_fit", "role_fit" };

static void setup(void)
{
	fixture_open(&f);
	prospect = f_prospect(&f, ANN, "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, ANN, MAIL_TOUCH, 1, "m1@rep.example");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUEUED }));
	f.s->o.booking_minimum = calloc(2, sizeof(char *));
	for (size_t i = 0; i < 2; i++)
		((const char **)(uintptr_t)f.s->o.booking_minimum)[i] = strdup(minimum[i]);
	f.s->o.booking_minimum_n = 2;
	starts = T0 + 3 * DAY + 3600;	/* Thursday 5 March 2026, 10:00 UTC */
}
static void teardown(void) { fixture_close(&f); }

/* ---- what comes and goes ---- */

struct said {
	const char *method, *from, *who, *partstat, *uid, *rule, *delegated_from, *recurrence, *comment;
	int sequence;
	time_t start, stamp;
	enum auth_result auth;
	enum reply_class class;
	bool colleague;
	/* what came of it */
	enum seq_event event;
};

static struct calendar_item *item_of(const struct said *p)
{
	struct calendar_item *item = arena_new_of(f.a, struct calendar_item);
	struct calendar_attendee *who = arena_new_of(f.a, struct calendar_attendee);

	*who = (struct calendar_attendee){ .address = p->who ? p->who : ANN, .partstat = p->partstat,
					   .delegated_from = p->delegated_from };
	*item = (struct calendar_item){ .method = p->method, .uid = !p->uid ? UID : *p->uid ? p->uid : NULL, .sequence = p->sequence,
					.start = p->start, .end = p->start ? p->start + 1800 : 0, .zone = "Europe/Berlin",
					.summary = "Handoffs", .organizer = "rita@rep.example", .attendees = who,
					.attendees_n = 1, .rule = p->rule, .stamp = p->stamp,
					.recurrence = p->recurrence, .comment = p->comment };
	return item;
}

static enum status unit_reply(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct said *p = ctx;
	static int number;
	struct finding fi = { .kind = KIND_CALENDAR, .subkind = SUBKIND_REPLY, .class = p->class ? p->class : REPLY_BOOKED,
			      .stop = true, .visible = p->comment ? p->comment : "", .language = "en", .confidence = 0.97 };
	struct match_question q = { .owner_id = f.owner, .from = p->from ? p->from : ANN, .received = f.now,
				    .calendar_uid = p->rule ? NULL : p->uid ? p->uid : UID,
				    .invitee = p->rule ? ANN : NULL };
	struct match *list = NULL;
	size_t n = 0;
	enum status s = store_match(tx, a, &q, &list, &n, e);

	if (s != OK)
		return s;
	ck_assert_msg(n > 0, "%s %s matches nobody", p->method, p->from ? p->from : ANN);
	fi.calendar = item_of(p);
	fi.calendar_method = p->method;
	fi.calendar_partstat = p->partstat;
	fi.calendar_start = p->start;
	p->colleague = list[0].colleague;
	struct reply r = { .enrolment_id = list[0].enrolment_id, .prospect_id = list[0].prospect_id, .owner_id = f.owner,
			   .key = arena_printf(f.a, "k%d@x", number++), .from = q.from, .subject = "Accepted: Handoffs",
			   .received = f.now, .finding = &fi, .matched_by = list[0].by, .grade = list[0].grade,
			   .auth = p->auth };
	return store_reply(tx, a, &r, &p->event, e);
}

static struct said in(struct said p)
{
	ck_ok(f_write(&f, unit_reply, &p));
	return p;
}

static enum status unit_out(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct said *p = ctx;
	struct calendar_out c = { .item = item_of(p), .owner_id = f.owner, .prospect_id = prospect, .address = ANN,
				  .message_id = "inv@rep.example" };

	return store_calendar_out(tx, a, &c, "rita", e);
}

static void out(struct said p)
{
	ck_ok(f_write(&f, unit_out, &p));
}

static void invite(int sequence, time_t start)
{
	out((struct said){ .method = "REQUEST", .partstat = "NEEDS-ACTION", .sequence = sequence, .start = start });
}

static const char *state(void)
{
	const char *s = f_sql_text(&f, "select state from appointment order by id desc");

	return s ? s : "none";
}

static int64_t count(const char *where)
{
	return f_sql(&f, arena_printf(f.a, "select count(*) from %s", where));
}

/* ---- our invitation ---- */

/* No proof of the sender but the id that only Ann got. rows: 580, 806, 810, 818, 1022, 1029 */
START_TEST(accepts_our_invitation)
{
	invite(0, starts);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_APPOINTMENT_PROPOSED);
	ck_assert_str_eq(state(), "proposed");
	struct said p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	ck_assert_int_eq(p.event, EV_BOOKED);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(count("appointment"), 1);
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts);
	ck_assert_str_eq(f_sql_text(&f, "select zone from appointment"), "Europe/Berlin");
	ck_assert_int_eq(count("appointment where confirmed_by like 'ann@buyer.example, reply %'"), 1);
	/* booked is not qualified: the task says what is missing */
	ck_assert_str_eq(f_sql_text(&f, "select quality from appointment"), "unqualified");
	ck_assert_int_eq(count("task where kind = 'confirm_appointment' and text like '%Still missing: fit (target_fit, role_fit)%'"
			       " and text like '%2026-03-05 11:00 (Europe/Berlin)%'"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select stage from prospect"), "contacted");
}
END_TEST

/* rows: 581, 582 */
START_TEST(a_qualified_one_counts_as_such)
{
	f_exec(&f, "update prospect set qualification = '{\"target_fit\":\"strong\",\"role_fit\":\"good\"}'");
	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	ck_assert_str_eq(f_sql_text(&f, "select quality from appointment"), "qualified");
	ck_assert_str_eq(f_sql_text(&f, "select stage from prospect"), "contacted");
}
END_TEST

START_TEST(without_our_invitation_proof_is_needed)
{
	struct said p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .uid = "other" });

	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_str_eq(state(), "none");
	ck_assert_int_eq(count("review where kind = 'weak_booking'"), 1);
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .uid = "other",
			      .auth = AUTH_PASS });
	ck_assert_int_eq(p.event, EV_BOOKED);
	ck_assert_str_eq(state(), "booked");
}
END_TEST

/* Our MTA says that it is not from there: not even with the id. rows: 813 */
START_TEST(a_forged_acceptance_books_nothing)
{
	invite(0, starts);
	struct said p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .auth = AUTH_FAIL });
	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_str_eq(state(), "proposed");
}
END_TEST

START_TEST(tentative_and_declined)
{
	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "TENTATIVE", .start = starts });
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_str_eq(state(), "proposed");
	/* then yes: the review was about the meeting */
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	/* then no */
	struct said p = in((struct said){ .method = "REPLY", .partstat = "DECLINED", .start = starts });
	ck_assert_int_eq(p.event, EV_CANCELLED);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(count("appointment"), 1);
}
END_TEST

START_TEST(an_appointment_in_another_century)
{
	time_t far = f.now + (time_t)170 * 365 * DAY;
	struct said p = in((struct said){ .method = "REQUEST", .uid = "theirs@x", .start = far, .auth = AUTH_PASS });

	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_str_eq(state(), "none");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	invite(0, far);
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = far, .auth = AUTH_PASS });
	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_int_eq(count("appointment where state = 'booked'"), 0);
}
END_TEST

START_TEST(an_older_version_does_not_count)
{
	invite(0, starts);
	invite(1, starts + DAY);
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts + DAY);
	struct said p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .sequence = 0 });
	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_str_eq(state(), "proposed");
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .sequence = 1 });
	ck_assert_int_eq(p.event, EV_UNCLEAR);	/* another time than we said */
	ck_assert_str_eq(state(), "proposed");
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts + DAY, .sequence = 1 });
	ck_assert_str_eq(state(), "booked");
}
END_TEST

/* Moved by us when it was booked: not booked until they say yes again. */
START_TEST(we_move_a_booked_one)
{
	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	invite(1, starts + DAY);
	ck_assert_str_eq(state(), "rescheduled");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_APPOINTMENT_PROPOSED);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts + DAY, .sequence = 1 });
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	out((struct said){ .method = "CANCEL", .start = starts + DAY, .sequence = 2 });
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	struct said p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts + DAY, .sequence = 2 });
	ck_assert_int_ne(p.event, EV_BOOKED);
	ck_assert_str_eq(state(), "cancelled");
}
END_TEST

START_TEST(another_time_is_proposed)
{
	invite(0, starts);
	in((struct said){ .method = "COUNTER", .partstat = "TENTATIVE", .start = starts + DAY });
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_int_eq(f_sql(&f, "select counter from appointment"), starts + DAY);
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts);
	ck_assert_int_eq(count("review where kind = 'countered'"), 1);
	ck_assert_int_eq(count("event where kind = 'cancelled' and payload like '%2026-03-06 11:00 (Europe/Berlin)%'"), 1);
}
END_TEST

/* ---- who speaks ---- */

START_TEST(a_colleague_or_delegate_does_not_book)
{
	struct said p;

	invite(0, starts);
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .from = "bob@buyer.example",
			      .who = "bob@buyer.example", .auth = AUTH_PASS });
	ck_assert(p.colleague);
	ck_assert_int_eq(p.event, EV_COLLEAGUE);
	ck_assert_str_eq(state(), "proposed");
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .from = "eva@elsewhere.example",
			      .who = "eva@elsewhere.example", .delegated_from = ANN, .auth = AUTH_PASS });
	ck_assert_str_eq(state(), "proposed");
	ck_assert_int_eq(count("review where kind = 'delegated'"), 1);
}
END_TEST

START_TEST(in_the_name_of_somebody_else)
{
	struct said p;

	invite(0, starts);
	p = in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts, .who = "bob@buyer.example" });
	ck_assert_int_ne(p.event, EV_BOOKED);
	ck_assert_int_eq(count("review where kind = 'other_attendee'"), 1);
}
END_TEST

START_TEST(a_demand_in_the_comment_is_obeyed)
{
	invite(0, starts);
	struct said p = in((struct said){ .method = "REPLY", .partstat = "DECLINED", .start = starts, .auth = AUTH_PASS,
					  .class = REPLY_UNSUBSCRIBE, .comment = "remove me" });
	ck_assert_int_eq(p.event, EV_UNSUBSCRIBE);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SUPPRESSED);
}
END_TEST

/* ---- their invitation ---- */

START_TEST(they_invite_and_we_accept)
{
	struct said p = in((struct said){ .method = "REQUEST", .who = "rita@rep.example", .partstat = "NEEDS-ACTION",
					  .start = starts, .auth = AUTH_PASS });

	ck_assert_int_eq(p.event, EV_APPOINTMENT);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_APPOINTMENT_PROPOSED);
	ck_assert_str_eq(state(), "proposed");
	out((struct said){ .method = "REPLY", .who = "rita@rep.example", .partstat = "ACCEPTED", .start = starts });
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	/* they move it */
	p = in((struct said){ .method = "REQUEST", .who = "rita@rep.example", .partstat = "NEEDS-ACTION",
			      .start = starts + DAY, .auth = AUTH_PASS, .sequence = 1 });
	ck_assert_str_eq(state(), "rescheduled");
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts + DAY);
	/* an older one that was late changes nothing */
	p = in((struct said){ .method = "REQUEST", .who = "rita@rep.example", .partstat = "NEEDS-ACTION", .start = starts,
			      .auth = AUTH_PASS });
	ck_assert_int_eq(p.event, EV_NOTICE);
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts + DAY);
	p = in((struct said){ .method = "CANCEL", .who = "rita@rep.example", .start = starts + DAY, .auth = AUTH_PASS,
			      .sequence = 2 });
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_int_eq(count("appointment"), 1);
}
END_TEST

/* Somebody cancels in Ann's name: looked at, and nothing is undone. */
START_TEST(a_forged_cancel_undoes_nothing)
{
	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	in((struct said){ .method = "CANCEL", .start = starts, .auth = AUTH_FAIL, .sequence = 1 });
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(count("review where kind = 'cancelled'"), 1);
}
END_TEST

START_TEST(one_day_of_a_series)
{
	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts + 7 * DAY, .recurrence = "20260312T100000Z" });
	ck_assert_int_eq(count("appointment"), 2);
	ck_assert_int_eq(count("appointment where recurrence = '20260312T100000Z' and state = 'booked'"), 1);
	ck_assert_int_eq(count("appointment where recurrence is null and state = 'proposed'"), 1);
}
END_TEST

/* ---- booking systems ---- */

/* rows: 808, 813 */
START_TEST(a_notice_books_only_with_proof)
{
	struct said p = { .method = "BOOKED", .from = "notifications@calendly.com", .rule = "calendly", .start = starts,
			  .uid = "c1" };

	p = in(p);
	ck_assert_int_eq(p.event, EV_UNCLEAR);
	ck_assert_str_eq(state(), "none");
	p.auth = AUTH_PASS;
	p = in(p);
	ck_assert_int_eq(p.event, EV_BOOKED);
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(count("appointment where direction = 'link' and confirmed_by like 'booking notice (calendly)%'"), 1);
	p.method = "MOVED";
	p.start = starts + DAY;
	p = in(p);
	ck_assert_int_eq(f_sql(&f, "select starts from appointment"), starts + DAY);
	ck_assert_int_eq(count("appointment"), 1);
	p.method = "CANCEL";
	p = in(p);
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	/* the same without a calendar's id */
	p.uid = "";
	p.method = "BOOKED";
	p.start = starts;
	in(p);
	in(p);
	ck_assert_int_eq(count("appointment"), 2);
	ck_assert_str_eq(state(), "booked");
	p.method = "CANCEL";
	in(p);
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(count("appointment where state = 'booked'"), 0);
	p.method = "BOOKED";
	p.start = 0;
	p = in(p);
	ck_assert_int_ne(p.event, EV_BOOKED);	/* when? */
}
END_TEST

/* ---- people ---- */

struct ask {
	struct appointment_put put;
	struct appointment_edit edit;
	const char *what, *note;
	bool showed;
	const char *id;
	size_t n;
	const char *link, *why;
};

static enum status unit_put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	enum status s;

	q->put.prospect_id = prospect;
	s = store_appointment_put(tx, a, &q->put, "rita", &q->id, e);
	q->id = arena_strdup(f.a, q->id);
	return s;
}

static enum status unit_edit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	return store_appointment_edit(tx, a, q->what, &q->edit, "rita", e);
}

static enum status unit_cancel(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_appointment_cancel(tx, a, ((struct ask *)ctx)->what, "ill", "rita", e);
}

static enum status unit_outcome(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	return store_appointment_outcome(tx, a, q->what, q->showed, NULL, q->note, "rita", e);
}

static enum status unit_tick(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	tx->store->o.booking_remind = DAY;
	return store_appointments_tick(tx, a, 10, &q->n, e);
}

static enum status unit_link(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;
	enum status s = store_booking_link(tx, a, prospect, f.owner, &q->link, &q->why, e);

	q->link = arena_strdup(f.a, q->link);
	q->why = arena_strdup(f.a, q->why);
	return s;
}

/* rows: 572, 573, 574, 575, 577, 812, 1178 */
START_TEST(by_a_persons_word)
{
	struct ask q = { .put = { .booked = true, .starts = starts } };

	ck_assert_int_eq(f_write(&f, unit_put, &q), INPUT);
	ck_assert(strstr(test_err.text, "interest in their own words") && strstr(test_err.text, "fit (target_fit, role_fit)") &&
		  strstr(test_err.text, "purpose of the meeting"));
	ck_assert_str_eq(state(), "none");
	q.put.because = "she said so on the phone";
	ck_ok(f_write(&f, unit_put, &q));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	ck_assert_int_eq(count("appointment where evidence = 'the word of rita: she said so on the phone' and direction = 'person'"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select quality from appointment"), "unqualified");
	ck_ok(f_write(&f, unit_put, &q));	/* said twice */
	ck_assert_int_eq(count("appointment"), 1);
	q.put.starts = T0 - 2 * DAY;
	ck_assert_int_eq(f_write(&f, unit_put, &q), INPUT);
}
END_TEST

START_TEST(proposed_moved_cancelled_by_hand)
{
	struct ask q = { .put = { .starts = starts, .zone = "Europe/London" }, .what = ANN };

	ck_ok(f_write(&f, unit_put, &q));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_APPOINTMENT_PROPOSED);
	q.edit = (struct appointment_edit){ .starts = starts + DAY, .agreed = true };
	ck_ok(f_write(&f, unit_edit, &q));
	ck_assert_str_eq(state(), "booked");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_BOOKED);
	q.edit = (struct appointment_edit){ .starts = starts + 2 * DAY };
	ck_ok(f_write(&f, unit_edit, &q));
	ck_assert_str_eq(state(), "rescheduled");
	q.edit = (struct appointment_edit){ .zone = "Mars/Olympus" };
	ck_assert_int_eq(f_write(&f, unit_edit, &q), INPUT);
	q.what = q.id;
	ck_ok(f_write(&f, unit_cancel, &q));
	ck_assert_str_eq(state(), "cancelled");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	ck_assert_int_eq(f_write(&f, unit_cancel, &q), GONE);
}
END_TEST

/* The clock asks after its end; the answer is the record. rows: 582, 1030 */
START_TEST(did_it_take_place)
{
	struct ask q = { .what = ANN };

	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	ck_assert_int_eq(f_write(&f, unit_outcome, &q), INPUT);	/* it lies ahead */
	f.now = starts - DAY + 60;
	ck_ok(f_write(&f, unit_tick, &q));
	ck_assert_int_eq(count("task where kind = 'appointment_reminder' and text like '%2026-03-05 11:00%'"), 1);
	ck_ok(f_write(&f, unit_tick, &q));
	ck_assert_int_eq(count("task where kind = 'appointment_reminder'"), 1);
	f.now = starts + 1801;
	ck_ok(f_write(&f, unit_tick, &q));
	ck_ok(f_write(&f, unit_tick, &q));
	ck_assert_int_eq(count("task where kind = 'appointment_outcome' and done is null"), 1);
	ck_ok(f_write(&f, unit_outcome, &q));
	ck_assert_str_eq(state(), "no_show");
	ck_assert_int_eq(count("task where kind = 'appointment_outcome' and done is null"), 0);
	ck_assert_int_eq(count("task where kind = 'no_show' and done is null"), 1);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	q.showed = true;	/* a slip, put right */
	ck_ok(f_write(&f, unit_outcome, &q));
	ck_assert_str_eq(state(), "show");
}
END_TEST

static enum status unit_task_done(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask *q = ctx;

	return store_task_done(tx, a, q->what, "rita", 0, q->note, e);
}

START_TEST(the_task_takes_the_answer)
{
	struct ask q = { .note = "perhaps" };

	invite(0, starts);
	in((struct said){ .method = "REPLY", .partstat = "ACCEPTED", .start = starts });
	f.now = starts + 1801;
	ck_ok(f_write(&f, unit_tick, &q));
	q.what = f_sql_text(&f, "select id from task where kind = 'appointment_outcome'");
	ck_assert_int_eq(f_write(&f, unit_task_done, &q), INPUT);
	q.note = "showed, a good talk";
	ck_ok(f_write(&f, unit_task_done, &q));
	ck_assert_str_eq(state(), "show");
	ck_assert_int_eq(count("task where kind = 'appointment_outcome' and done is null"), 0);
}
END_TEST

/* rows: 124, 808, 812, 1028 */
START_TEST(a_link_only_for_those_who_pass)
{
	struct ask q = { 0 };

	f.s->o.booking_link = strdup("https://book.example/rita");
	ck_ok(f_read(&f, unit_link, &q));
	ck_assert_ptr_null(q.link);
	ck_assert(strstr(q.why, "target_fit, role_fit") != NULL);
	f_exec(&f, "update prospect set qualification = '{\"target_fit\":\"strong\",\"role_fit\":\"poor\"}'");
	ck_ok(f_read(&f, unit_link, &q));
	ck_assert_ptr_null(q.link);
	f_exec(&f, "update prospect set qualification = '{\"target_fit\":\"strong\",\"role_fit\":\"good\"}'");
	ck_ok(f_read(&f, unit_link, &q));
	ck_assert_str_eq(q.link, "https://book.example/rita");
	f_exec(&f, "update owner set booking_link = 'https://book.example/own'");
	ck_ok(f_read(&f, unit_link, &q));
	ck_assert_str_eq(q.link, "https://book.example/own");
	f_exec(&f, "update prospect set qualification_status = 'disqualified'");
	ck_ok(f_read(&f, unit_link, &q));
	ck_assert_ptr_null(q.link);
}
END_TEST

/* ---- after a word of interest ---- */

static enum status unit_interested(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct finding fi = { .kind = KIND_HUMAN, .class = REPLY_INTERESTED, .stop = true, .visible = "Yes, tell me more",
			      .language = "en" };
	struct reply r = { .enrolment_id = enrolment, .prospect_id = prospect, .owner_id = f.owner, .key = ctx, .from = ANN,
			   .subject = "Re: Hello", .received = f.now, .finding = &fi, .matched_by = "address",
			   .grade = GRADE_WEAK };

	return store_reply(tx, a, &r, NULL, e);
}

/* rows: 123, 805, 806, 807, 812, 1023, 1025 */
START_TEST(interest_is_qualified_first)
{
	static const char *const questions[] = { "role_fit: Who looks after this with you?", "budget_owner: Who decides?",
						 "What would have to be solved first?" };

	ck_ok(f_write(&f, unit_interested, (void *)(uintptr_t)"i0"));
	ck_assert_int_eq(count("task where kind in ('qualify', 'offer_appointment')"), 0);	/* no link, no offer */
	f.s->o.booking_link = strdup("https://book.example/rita");
	f.s->o.booking_questions = calloc(3, sizeof(char *));
	for (size_t i = 0; i < 3; i++)
		((const char **)(uintptr_t)f.s->o.booking_questions)[i] = strdup(questions[i]);
	f.s->o.booking_questions_n = 3;
	ck_ok(f_write(&f, unit_interested, (void *)(uintptr_t)"i1"));
	ck_assert_int_eq(count("task where kind = 'qualify' and text like '%target_fit, role_fit%' and text not like '%https%'"
			       " and text like '%Who looks after this%' and text not like '%Who decides%'"
			       " and text like '%solved first%'"), 1);
	f_exec(&f, "update task set done = 1");
	f_exec(&f, "update prospect set qualification = '{\"target_fit\":\"strong\",\"role_fit\":\"good\"}'");
	ck_ok(f_write(&f, unit_interested, (void *)(uintptr_t)"i2"));
	ck_ok(f_write(&f, unit_interested, (void *)(uintptr_t)"i3"));
	ck_assert_int_eq(count("task where kind = 'offer_appointment' and text like '%https://book.example/rita%'"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-appointments");
	TCase *c = test_case(s, "appointments");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, accepts_our_invitation);
	tcase_add_test(c, a_qualified_one_counts_as_such);
	tcase_add_test(c, without_our_invitation_proof_is_needed);
	tcase_add_test(c, a_forged_acceptance_books_nothing);
	tcase_add_test(c, tentative_and_declined);
	tcase_add_test(c, an_appointment_in_another_century);
	tcase_add_test(c, an_older_version_does_not_count);
	tcase_add_test(c, we_move_a_booked_one);
	tcase_add_test(c, another_time_is_proposed);
	tcase_add_test(c, a_colleague_or_delegate_does_not_book);
	tcase_add_test(c, in_the_name_of_somebody_else);
	tcase_add_test(c, a_demand_in_the_comment_is_obeyed);
	tcase_add_test(c, they_invite_and_we_accept);
	tcase_add_test(c, a_forged_cancel_undoes_nothing);
	tcase_add_test(c, one_day_of_a_series);
	tcase_add_test(c, a_notice_books_only_with_proof);
	tcase_add_test(c, by_a_persons_word);
	tcase_add_test(c, proposed_moved_cancelled_by_hand);
	tcase_add_test(c, did_it_take_place);
	tcase_add_test(c, the_task_takes_the_answer);
	tcase_add_test(c, a_link_only_for_those_who_pass);
	tcase_add_test(c, interest_is_qualified_first);
	return test_run(s);
}
