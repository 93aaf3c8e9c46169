/* SPDX-License-Identifier: MPL-2.0
 *
 * Limits as the store counts them: in the transaction of the mail, by day, and what opens a breaker.
 */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "tests/unit/store_fixture.h"

static struct fixture f;

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

/* ---- recall, judge, record in one unit, as the milter does ---- */

struct sending {
	struct store *s;
	const char *to, *login, *from, *enrol;
	struct policy_settings settings;
	struct memory *m;
	enum answer answer;
	enum rule why;
	bool keep;		/* no touch is recorded, the memory is kept */
};

static enum status unit_send(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sending *x = ctx;
	const char *to[] = { x->to }, *from = x->from ? x->from : "rita@rep.example";
	struct addr sender = { .key = from, .domain = strchr(from, '@') + 1 };
	struct message msg = { .subject = "Handoffs", .text = "A text about handoffs.", .from = &sender, .from_n = 1,
			       .message_id = arena_printf(a, "%s@m.example", x->to), .content_type = "text/plain" };
	struct recall r = { .login = x->login ? x->login : "rita", .role = ROLE_SUBMISSION, .sender = from,
			    .recipients = to, .recipients_n = 1, .message = &msg, .keys = f.keys,
			    .fingerprint = msg.message_id, .enrol = x->enrol,
			    .limits = x->keep ? NULL : &x->settings.limits };
	struct outgoing o = { .role = ROLE_SUBMISSION, .login = r.login, .sender = from, .recipients = to,
			      .recipients_n = 1, .message = &msg, .visible = msg.text, .enrol = x->enrol,
			      .fingerprint = msg.message_id };
	struct verdict v;
	enum status s = store_recall(tx, x->keep ? f.a : a, &r, &x->m, e);

	if (s != OK || x->keep)
		return s;
	policy_judge(a, &x->settings, STAGE_EOM, &o, x->m, store_now(tx), &v);
	x->answer = v.answer;
	x->why = v.why ? v.why->rule : RULE_COUNT;
	if (v.answer != ANSWER_PASS)
		return OK;
	struct touch t = { .id = store_id(tx, a), .owner_id = x->m->owner->id, .kind = v.kind, .recipient = x->to,
			   .prospect_id = x->m->prospects[0].id, .message_id = msg.message_id, .subject = "Handoffs",
			   .final_text = msg.text, .edit_ratio = -1, .sender = from };
	return store_touch(tx, a, &t, "milter", e);
}

static struct memory *remembered(const char *to, const char *login, const char *enrol)
{
	struct sending x = { .to = to, .login = login, .enrol = enrol, .keep = true };

	ck_ok(f_read(&f, unit_send, &x));
	return x.m;
}

static void *thread_send(void *arg)
{
	struct sending *x = arg;

	ck_ok(store_write(x->s, f.now, unit_send, x, 0, &test_err));
	return NULL;
}

/* Two processes' writers, eight mails at once, room for three: three pass.
 * rows: 392, 895, 1162 */
START_TEST(at_the_cap_one_passes)
{
	enum { MAILS = 8 };
	struct store_options o = fixture_options(&f);
	struct sending x[MAILS];
	struct store *second = NULL;
	pthread_t t[MAILS];
	int passed = 0;

	ck_ok(store_open(&o, &second, &test_err));
	for (int i = 0; i < MAILS; i++) {
		const char *to = arena_printf(f.a, "p%d@buyer%d.example", i, i);

		f_prospect(&f, to, "Ann", NULL);
		x[i] = (struct sending){ .s = i % 2 ? second : f.s, .to = to };
		x[i].settings.limits.sender_per_day = 3;
		x[i].settings.mode[RULE_RESUBMISSION] = MODE_OFF;
	}
	for (int i = 0; i < MAILS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, thread_send, &x[i]), 0);
	for (int i = 0; i < MAILS; i++) {
		pthread_join(t[i], NULL);
		passed += x[i].answer == ANSWER_PASS;
		if (x[i].answer != ANSWER_PASS)
			ck_assert_int_eq(x[i].why, RULE_CAP);
	}
	store_close(second);
	ck_assert_int_eq(passed, 3);
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), 3);
	ck_assert_int_eq(f_sql(&f, "select touches from tally where scope = 'owner'"), 3);
	ck_assert_int_eq(f_sql(&f, "select touches from tally where scope = 'domain' and name = 'rep.example'"), 3);
	/* the next day there is room again: midnight is the rep's */
	f.now += DAY / 2;
	ck_assert_int_eq(remembered("p7@buyer7.example", NULL, NULL)->limits.sender_today, 3);
	f.now = T0 + 14 * 3600;	/* 23:00 UTC, 00:00 in Berlin */
	ck_assert_int_eq(remembered("p7@buyer7.example", NULL, NULL)->limits.sender_today, 0);
	f.now = T0 + DAY;
	ck_assert_int_eq(remembered("p7@buyer7.example", NULL, NULL)->limits.sender_days, 1);
	ck_assert_int_eq(remembered("p7@buyer7.example", NULL, NULL)->limits.from_days, 1);
}
END_TEST

static const char *touched(int i)
{
	const char *to = arena_printf(f.a, "p%d@buyer%d.example", i, i);
	const char *p = f_prospect(&f, to, "Ann", NULL), *en = f_enrol(&f, p, f.owner);

	f_touch(&f, en, p, to, MAIL_TOUCH, 1, arena_printf(f.a, "m%d@rep.example", i));
	return to;
}

struct sup {
	const char *address, *reason;
};

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sup *x = ctx;
	struct suppression s = { .kind = "address", .subject = x->address, .reason = x->reason };

	return store_suppress(tx, a, &s, "imapwatch", false, NULL, e);
}

static void outcome(const char *address, const char *reason)
{
	struct sup x = { address, reason };

	ck_ok(f_write(&f, unit_suppress, &x));
}

static const char *why;

static enum status unit_close(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_breaker_close(tx, a, ctx, "cli:adam", why, e);
}

static int64_t open_breakers(const char *level)
{
	return f_sql(&f, arena_printf(f.a, "select count(*) from breaker where closed is null and level = '%s'", level));
}

/* rows: 884, 885, 900, 901 */
START_TEST(rates_open_a_breaker_and_a_person_closes_it)
{
	const char *to[60];
	struct memory *m;

	for (int i = 0; i < 60; i++)
		to[i] = touched(i);
	/* 1 of 60: nothing yet; the same address twice is one bounce */
	outcome(to[0], "hard_bounce");
	outcome(to[0], "hard_bounce");
	f_exec(&f, "update suppression set lifted = 1");
	outcome(to[0], "hard_bounce");
	ck_assert_int_eq(f_sql(&f, "select count(*) from breaker"), 0);
	ck_assert_int_eq(f_sql(&f, "select bounces from tally where scope = 'owner'"), 1);
	for (int i = 0; i < 6; i++)	/* sequence and owner: warn, pause, stop */
		test_expect_log("breaker");
	outcome(to[1], "hard_bounce");		/* 3.3 % */
	ck_assert_int_eq(open_breakers("warn"), 2);	/* sequence and owner */
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'digest' and key like 'breaker:%'"), 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify' and key like 'breaker%'"), 0);
	outcome(to[2], "hard_bounce");		/* 5 % */
	ck_assert_int_eq(open_breakers("pause"), 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify' and key like 'breaker%'"), 2);
	m = remembered("p59@buyer59.example", NULL, NULL);
	ck_assert_uint_eq(m->limits.breakers_n, 2);
	ck_assert_int_eq(m->limits.breakers[0].level, BREAKER_PAUSE);
	ck_assert_ptr_nonnull(strstr(m->limits.breakers[0].cause, "3 hard bounces in 60 touches"));

	/* better rates do not lower it */
	for (int i = 200; i < 240; i++)
		touched(i);
	outcome(to[4], "hard_bounce");		/* 4 % */
	ck_assert_int_eq(open_breakers("pause"), 2);

	const char *id = f_sql_text(&f, "select id from breaker where scope = 'sequence'");
	why = NULL;
	ck_assert_int_eq(f_write(&f, unit_close, (void *)id), INPUT);
	why = "the list was bought; its rest is out";
	ck_ok(f_write(&f, unit_close, (void *)id));
	ck_assert_int_eq(f_write(&f, unit_close, (void *)id), INPUT);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity = 'breaker' and kind = 'closed'"
				   " and actor = 'cli:adam'"), 1);
	/* what the person knew of does not open it again, what comes then does */
	f.now += DAY;
	outcome(to[3], "hard_bounce");
	ck_assert_int_eq(f_sql(&f, "select count(*) from breaker where scope = 'sequence' and closed is null"), 0);
	for (int i = 60; i < 110; i++)
		touched(i);
	outcome("p60@buyer60.example", "complaint");
	ck_assert_int_eq(f_sql(&f, "select count(*) from breaker where scope = 'sequence' and closed is null"
				   " and level = 'stop'"), 1);
}
END_TEST

static enum status unit_touchy(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_plan_put(tx, a, fixture_plan(a, "four", "breaker { touches = 4 bounce_warn = 10 bounce_pause = 50 }\n"),
			      "test", NULL, NULL, e);
}

/* What a sequence says of its breaker comes before the site's. */
START_TEST(a_sequence_has_thresholds_of_its_own)
{
	const char *to[4];

	ck_ok(f_write(&f, unit_touchy, NULL));
	for (int i = 0; i < 4; i++)
		to[i] = touched(i);
	test_expect_log("breaker");
	test_expect_log("breaker");
	outcome(to[0], "hard_bounce");
	ck_assert_int_eq(open_breakers("warn"), 1);
	outcome(to[1], "hard_bounce");
	ck_assert_int_eq(open_breakers("pause"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select scope || ' ' || name from breaker"), "sequence four");
}
END_TEST

static enum status unit_deferred(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct evidence ev = { .kind = EVIDENCE_DEFERRED, .queue_id = "m1@rep.example", .host = "mx", .at = f.now,
			       .recipient = "p1@buyer1.example", .dsn = "4.7.28", .relay = "mx.big.example[192.0.2.1]:25",
			       .words = ctx };

	return store_evidence(tx, a, &ev, e);
}

/* rows: 892 */
START_TEST(the_log_tells_of_push_back)
{
	touched(1);
	ck_ok(f_write(&f, unit_deferred, "host mx.big.example said: 421-4.7.28 unusual rate of mail"));
	ck_assert_str_eq(f_sql_text(&f, "select domain || ' ' || provider from pushback"), "buyer1.example big.example");
	ck_assert_int_eq(remembered("p2@buyer1.example", NULL, NULL)->prospects[0].slow_mails, 1);
}
END_TEST

/* rows: 886 */
START_TEST(unsubscribes_and_old_touches)
{
	const char *to = touched(1);

	outcome(to, "unsubscribe");
	ck_assert_int_eq(f_sql(&f, "select unsubscribes from tally where scope = 'sequence'"), 1);
	ck_assert_int_eq(f_sql(&f, "select unsubscribed from touch"), 1);
	to = touched(2);
	f.now += 40 * DAY;
	outcome(to, "complaint");		/* about a mail that is older than the window */
	ck_assert_int_eq(f_sql(&f, "select sum(complaints) from tally"), 0);
	outcome("nobody@else.example", "complaint");
	ck_assert_int_eq(f_sql(&f, "select sum(complaints) from tally"), 0);
}
END_TEST

static enum status unit_rejected(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct evidence ev = { .kind = EVIDENCE_REJECTED, .queue_id = ctx, .host = "mx", .at = f.now };

	return store_evidence(tx, a, &ev, e);
}

START_TEST(what_was_never_queued_counts_nowhere)
{
	touched(1);
	ck_ok(f_write(&f, unit_rejected, "m1@rep.example"));
	ck_assert_int_eq(f_sql(&f, "select count(*) from touch where sent_state = 'taken_back'"), 1);
	ck_assert_int_eq(f_sql(&f, "select sum(touches) + sum(first_touches) from tally"), 0);
	ck_assert_int_eq(remembered("x@y.example", NULL, NULL)->limits.sender_today, 0);
}
END_TEST

static enum status unit_pushback(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct pushback p = { .recipient = "ann@mail.buyer.example", .host = "mx", .queue_id = ctx, .at = f.now,
			      .relay = "mx2.google.com[192.0.2.1]:25", .dsn = "4.7.28", .words = "421-4.7.28 unusual rate" };

	return store_pushback(tx, a, &p, e);
}

/* rows: 892, 1174 */
START_TEST(recall_knows_who_is_near)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", "Buyer Ltd"), *en = f_enrol(&f, p, f.owner);
	struct memory *m;

	f_prospect(&f, "bea@buyer.example", "Bea", "Buyer Ltd");
	f_prospect(&f, "cor@buyer.example", "Cor", NULL);
	f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	f.now += 3600;
	m = remembered("bea@buyer.example", NULL, NULL);
	ck_assert_str_eq(m->prospects[0].near, "ann@buyer.example");
	ck_assert_int_eq(m->prospects[0].near_at, T0);
	ck_assert_int_eq(m->prospects[0].domain_today, 1);
	ck_assert_ptr_null(m->prospects[0].other);
	ck_assert_ptr_null(m->prospects[0].other_company);
	ck_assert_ptr_null(remembered("ann@buyer.example", NULL, NULL)->prospects[0].near);

	m = remembered("ann@buyer.example", "bob", NULL);
	ck_assert_str_eq(m->prospects[0].other->owner, "rita");
	ck_assert(!m->prospects[0].other->conversation);
	m = remembered("bea@buyer.example", "bob", NULL);
	ck_assert_ptr_null(m->prospects[0].other);
	ck_assert_str_eq(m->prospects[0].other_company->owner, "rita");
	ck_assert_str_eq(m->prospects[0].other_company->address, "ann@buyer.example");
	ck_assert_ptr_nonnull(remembered("cor@buyer.example", "bob", NULL)->prospects[0].other_company);

	/* other channels count for the gap */
	f_exec(&f, arena_printf(f.a, "update enrolment set last_touch = %lld", (long long)f.now));
	ck_assert_int_eq(remembered("ann@buyer.example", NULL, NULL)->prospects[0].last_touch, f.now);

	ck_ok(f_write(&f, unit_pushback, "Q1"));
	ck_ok(f_write(&f, unit_pushback, "Q1"));
	ck_ok(f_write(&f, unit_pushback, "Q2"));
	m = remembered("bea@buyer.example", NULL, NULL);
	ck_assert_int_eq(m->prospects[0].slow_mails, 2);
	ck_assert_int_eq(m->prospects[0].slow_last, f.now);
	ck_assert_int_eq(f_sql(&f, "select max(times) from pushback where provider = 'google.com'"), 2);
	f.now += DAY + 1;
	ck_assert_int_eq(remembered("bea@buyer.example", NULL, NULL)->prospects[0].slow_mails, 0);
}
END_TEST

/* rows: 1173 */
START_TEST(a_channel_that_is_not_permitted_gets_no_task)
{
	const char *p = f_prospect(&f, "ann@buyer.example", "Ann", NULL), *en = f_enrol(&f, p, f.owner);

	for (int i = 1; i <= 2; i++) {
		f_touch(&f, en, p, "ann@buyer.example", MAIL_TOUCH, i, arena_printf(f.a, "m%d@rep.example", i));
		ck_ok(f_step(&f, en, (struct event){ .kind = EV_QUEUED, .step = i }));
		f.now += 4 * DAY;	/* past the weekend */
	}
	f_exec(&f, "update prospect set permission_channels = 'email, phone'");
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_DUE }));
	ck_assert_int_eq(f_sql(&f, "select count(*) from task"), 0);
	ck_assert_int_eq(f_row(&f, en)->e.step, 3);
	ck_assert_int_eq(f_state(&f, en), SEQ_WAITING);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'skipped'"
				   " and json_extract(payload, '$.evidence') like '%is no permitted channel%'"), 1);
}
END_TEST

static const char *content_hash(const char *bytes)
{
	struct message *m = NULL;

	ck_ok(message_read(f.a, bytes, strlen(bytes), &m, &test_err));
	return policy_content_hash(f.a, m);
}

/* rows: 491 */
START_TEST(a_content_is_its_readable_bytes)
{
	static const char head[] = "From: Rita <rita@rep.example>\r\nTo: ann@buyer.example\r\nMIME-Version: 1.0\r\n"
				   "Subject: An idea\r\n";
	const char *plain = arena_printf(f.a, "%sContent-Type: text/plain; charset=utf-8\r\n\r\nAbout Z\xc3\xbcrich, Ann.\r\n", head);
	const char *quoted = arena_printf(f.a, "Message-ID: <x@y>\r\nReceived: by mx\r\n%s"
					  "Content-Type: text/plain; charset=utf-8\r\n"
					  "Content-Transfer-Encoding: quoted-printable\r\n\r\nAbout Z=C3=BCrich, A=\r\nnn.\r\n", head);
	const char *hash = content_hash(plain);

	ck_assert_uint_eq(strlen(hash), 64);
	ck_assert_str_eq(hash, content_hash(quoted));
	ck_assert_str_ne(hash, content_hash(arena_printf(f.a, "%sContent-Type: text/plain; charset=utf-8\r\n\r\n"
							 "About Z\xc3\xbcrich, Ann!\r\n", head)));
	ck_assert_str_ne(hash, content_hash(arena_printf(f.a, "Reply-To: x@y.example\r\n%s", plain)));
	ck_assert_str_ne(hash, content_hash(arena_printf(f.a, "Cc: x@y.example\r\n%s", plain)));
	/* what nobody can read nobody approved */
	ck_assert_ptr_null(content_hash(arena_printf(f.a, "%sContent-Type: application/pdf\r\n"
						     "Content-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n", head)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store limits");
	TCase *c = test_case(s, "limits");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, at_the_cap_one_passes);
	tcase_add_test(c, rates_open_a_breaker_and_a_person_closes_it);
	tcase_add_test(c, a_sequence_has_thresholds_of_its_own);
	tcase_add_test(c, the_log_tells_of_push_back);
	tcase_add_test(c, unsubscribes_and_old_touches);
	tcase_add_test(c, what_was_never_queued_counts_nowhere);
	tcase_add_test(c, recall_knows_who_is_near);
	tcase_add_test(c, a_channel_that_is_not_permitted_gets_no_task);
	tcase_add_test(c, a_content_is_its_readable_bytes);
	return test_run(s);
}
