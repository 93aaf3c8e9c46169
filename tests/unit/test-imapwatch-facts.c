/* SPDX-License-Identifier: MPL-2.0
 *
 * What a worker tells of a mail, and whose word counts for its sender.
 */
#include "config.h"

#include <string.h>

#include "imapwatch/facts.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void setup(void)
{
	a = arena_new(0);
}

static void teardown(void)
{
	arena_free(a);
}

static struct message *read_text(const char *headers)
{
	char *raw = arena_printf(a, "%sSubject: x\r\nMessage-ID: <m@x.example>\r\n\r\ntext\r\n", headers);
	struct message *m;

	ck_ok(message_read(a, raw, strlen(raw), &m, &test_err));
	return m;
}

#define FROM "From: Paul <paul@x.example>\r\n"

static const struct {
	const char *headers;
	enum auth_result want;
} auths[] = {
	{ FROM, AUTH_NONE },
	{ "Authentication-Results: mail.ourco.example; dmarc=pass header.from=x.example\r\n" FROM, AUTH_PASS },
	{ "Authentication-Results: mail.ourco.example 1; dkim=pass (ok) header.d=x.example\r\n" FROM, AUTH_PASS },
	{ "Authentication-Results: MAIL.ourco.example; dkim=pass header.d=news.x.example\r\n" FROM, AUTH_PASS },
	{ "Authentication-Results: mail.ourco.example; dkim=pass header.d=evil.example\r\n" FROM, AUTH_FAIL },
	{ "Authentication-Results: mail.ourco.example; dmarc=fail header.from=x.example\r\n" FROM, AUTH_FAIL },
	{ "Authentication-Results: mail.ourco.example; spf=pass smtp.mailfrom=x.example\r\n" FROM, AUTH_NONE },
	{ "Authentication-Results: mail.ourco.example; spf=pass smtp.mailfrom=evil.example\r\n" FROM, AUTH_FAIL },
	{ "Authentication-Results: mail.ourco.example; spf=pass smtp.mailfrom=x.example; dmarc=fail\r\n" FROM, AUTH_FAIL },
	/* a word in a comment is no result */
	{ "Authentication-Results: mail.ourco.example; spf=none (; dmarc=pass header.from=x.example)\r\n" FROM, AUTH_FAIL },
	/* another host's word, or one below ours that a stranger wrote */
	{ "Authentication-Results: mx.evil.example; dmarc=pass header.from=x.example\r\n" FROM, AUTH_NONE },
	{ "Authentication-Results: mx.evil.example; dmarc=fail header.from=x.example\r\n"
	  "Authentication-Results: mail.ourco.example; dkim=pass header.d=x.example\r\n" FROM, AUTH_PASS },
	{ "Authentication-Results: mail.ourco.example.evil.example; dmarc=pass header.from=x.example\r\n" FROM, AUTH_NONE },
	{ "Authentication-Results: filter.ourco.example; dmarc=pass header.from=x.example\r\n" FROM, AUTH_PASS },
	/* nothing was looked at, or there was nothing to look at but the envelope */
	{ "Authentication-Results: mail.ourco.example; none\r\n" FROM, AUTH_NONE },
	{ "Authentication-Results: mail.ourco.example; dkim=none; dmarc=none; spf=pass smtp.mailfrom=b@x.example\r\n" FROM,
	  AUTH_NONE },
	{ "Authentication-Results: mail.ourco.example; dkim=none; dmarc=none\r\n" FROM, AUTH_FAIL },
	{ "Authentication-Results: mail.ourco.example; dkim=fail header.d=x.example; dkim=pass header.i=@x.example\r\n" FROM,
	  AUTH_PASS },
	{ "Authentication-Results: mail.ourco.example; dmarc=fail header.from=x.example\r\n"
	  "Authentication-Results: mail.ourco.example; dmarc=pass header.from=x.example\r\n" FROM, AUTH_FAIL },
	/* two authors: for which of them? */
	{ "Authentication-Results: mail.ourco.example; dmarc=pass header.from=x.example\r\n" FROM
	  "From: eve@evil.example\r\n", AUTH_FAIL },
};

START_TEST(authenticated)
{
	struct message *m = read_text(auths[_i].headers);

	static const char *const ids[] = { "mail.ourco.example", "filter.ourco.example" };

	ck_assert_msg(facts_authenticated(a, m, ids, 2) == auths[_i].want, "%s", auths[_i].headers);
	/* where no name is configured, nobody's word counts */
	ck_assert_int_eq(facts_authenticated(a, m, NULL, 0), AUTH_NONE);
}
END_TEST

static const struct {
	const char *headers, *verb, *arg;
} controls[] = {
	{ "Delivered-To: relent+unsubscribe.abc234@ourco.example\r\n" FROM, "unsubscribe", "abc234" },
	{ "X-Original-To: relent+Unsubscribe.ABC234@ourco.example\r\n" FROM, "unsubscribe", "abc234" },
	{ "To: <relent+unsubscribe.abc234@ourco.example>\r\n" FROM, "unsubscribe", "abc234" },
	{ "To: relent+stop@ourco.example\r\n" FROM, "stop", NULL },
	{ "To: relent@ourco.example\r\n" FROM, "", NULL },
	{ "To: rita@ourco.example\r\n" FROM, NULL, NULL },
	/* only where delivery is named: a quoted or referred address commands nothing */
	{ "Reply-To: relent+unsubscribe.abc234@ourco.example\r\n" FROM, NULL, NULL },
};

START_TEST(control_addresses)
{
	struct message *m = read_text(controls[_i].headers);
	struct facts *f = facts_of(a, m, NULL, "relent@ourco.example", 1, 0);

	if (!controls[_i].verb) {
		ck_assert_uint_eq(f->controls_n, 0);
		return;
	}
	ck_assert_uint_eq(f->controls_n, 1);
	ck_assert_str_eq(f->controls[0].verb, controls[_i].verb);
	ck_assert_pstr_eq(f->controls[0].arg, controls[_i].arg);
	/* in a rep's own mailbox nobody is obeyed */
	ck_assert_uint_eq(facts_of(a, m, NULL, "", 1, 0)->controls_n, 0);
}
END_TEST

START_TEST(references_newest_first)
{
	struct message *m = read_text("In-Reply-To: <c@x>\r\nReferences: <a@x> <b@x> <c@x>\r\n" FROM);
	struct facts *f = facts_of(a, m, NULL, "", 3, 5);

	ck_assert_uint_eq(f->uid, 3);
	ck_assert_str_eq(f->key, "m@x.example");
	ck_assert_str_eq(f->refs[0], "c@x");
	ck_assert_str_eq(f->refs[f->refs_n - 1], "a@x");
	ck_assert_str_eq(f->from, "paul@x.example");
	ck_assert(!f->automatic);
	ck_assert(facts_of(a, read_text("Auto-Submitted: auto-replied\r\n" FROM), NULL, "", 1, 0)->automatic);
	ck_assert(facts_of(a, read_text("Return-Path: <>\r\n" FROM), NULL, "", 1, 0)->automatic);
}
END_TEST

START_TEST(no_message_id)
{
	static const char raw[] = FROM "Subject: x\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\n\r\ntext\r\n";
	struct message *m, *again;

	ck_ok(message_read(a, raw, sizeof(raw) - 1, &m, &test_err));
	ck_ok(message_read(a, raw, sizeof(raw) - 1, &again, &test_err));
	const char *key = facts_of(a, m, NULL, "", 1, 0)->key;

	ck_assert_uint_gt(strlen(key), 8);
	ck_assert_str_eq(facts_of(a, again, NULL, "", 9, 7)->key, key);	/* the same mail elsewhere */
}
END_TEST

/* A mail that killed two workers is not parsed again: its header lines are enough to hold. */
START_TEST(crude)
{
	static const char raw[] = "Received: x\r\n" FROM "Message-ID: <m@x.example>\r\nIn-Reply-To: <t1@ourco.example>\r\n"
		"\r\nFrom: eve@evil.example\r\n";
	struct facts *f = facts_crude(a, raw, sizeof(raw) - 1, 4, 9);

	ck_assert(f->aside);
	ck_assert_str_eq(f->from, "paul@x.example");
	ck_assert_str_eq(f->key, "m@x.example");
	ck_assert_uint_eq(f->refs_n, 1);
	ck_assert_str_eq(f->refs[0], "t1@ourco.example");
	f = facts_crude(a, "\0\xff", 2, 4, 9);
	ck_assert_ptr_nonnull(f->key);
	ck_assert_ptr_null(f->from);
}
END_TEST

START_TEST(reports)
{
	ck_assert(facts_maybe_report(read_text("Return-Path: <>\r\n" FROM)));
	ck_assert(facts_maybe_report(read_text("From: MAILER-DAEMON@x.example\r\n")));
	ck_assert(facts_maybe_report(read_text("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n" FROM)));
	ck_assert(!facts_maybe_report(read_text(FROM)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-facts");
	TCase *t = test_case(s, "facts");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, authenticated, 0, (int)(sizeof(auths) / sizeof(*auths)));
	tcase_add_loop_test(t, control_addresses, 0, (int)(sizeof(controls) / sizeof(*controls)));
	tcase_add_test(t, references_newest_first);
	tcase_add_test(t, no_message_id);
	tcase_add_test(t, crude);
	tcase_add_test(t, reports);
	return test_run(s);
}
