/* SPDX-License-Identifier: MPL-2.0
 *
 * The audit tells from the events alone who was written to after they were suppressed, whatever was done to
 * the tables meanwhile; and everything about one person's mail.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "store/audit.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *ann;
static char said[8000];
static struct audit_sums sums;

static enum status unit_seal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_seal(tx, a, 1000, ctx, e);
}

static void seal(void)
{
	size_t n = 0;

	ck_ok(f_write(&f, unit_seal, &n));
}

static void setup(void)
{
	fixture_open(&f);
	struct store_options o = fixture_options(&f);
	store_close(f.s);
	o.addr_equiv = ADDR_PLUS | ADDR_GMAIL_DOTS;
	ck_ok(store_open(&o, &f.s, &test_err));
	ann = f_prospect(&f, "ann@acme.example", "Ann", "Acme");
	f.now += 10;
	f_touch(&f, NULL, ann, "ann@acme.example", MAIL_MANUAL, 0, "m1@rep.example");
	f.now += 10;
	seal();
}
static void teardown(void) { fixture_close(&f); }

static void note(void *ctx, const struct audit_entry *e)
{
	char line[500];

	(void)ctx;
	snprintf(line, sizeof(line), "%s%s to=%s queue=%s: %s\n", e->violation ? "VIOLATION " : "", e->what,
		 e->recipient ? e->recipient : "-", e->queue_id ? e->queue_id : "-", e->detail ? e->detail : "-");
	strncat(said, line, sizeof(said) - strlen(said) - 1);
}

static int64_t audit(const char *person, time_t from, time_t to)
{
	struct audit_question q = { .from = from, .to = to, .person = person };

	said[0] = '\0';
	ck_ok(store_audit(f.s, f.now, &q, note, NULL, &sums, &test_err));
	return sums.violations;
}

static int64_t all(void)
{
	return audit(NULL, 0, f.now + DAY);
}

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_suppress(tx, a, ctx, "admin", false, NULL, e);
}

static void suppress(const char *kind, const char *subject, const char *reason)
{
	struct suppression s = { .kind = kind, .subject = subject, .reason = reason };

	ck_ok(f_write(&f, unit_suppress, &s));
	f.now += 10;
}

static void touch(const char *prospect, const char *to, enum mail_kind kind, const char *id)
{
	f_touch(&f, NULL, prospect, to, kind, 0, id);
	f.now += 10;
}

/* rows: 402, 403 */
START_TEST(a_clean_store_is_proved)
{
	ck_assert_int_eq(all(), 0);
	suppress("address", "ann@acme.example", "unsubscribe");
	touch(ann, "ann@acme.example", MAIL_CONVERSATION, "m2@rep.example");
	touch(NULL, "bob@other.example", MAIL_OUTREACH, "m3@rep.example");
	ck_assert_int_eq(all(), 0);
	ck_assert_int_eq(sums.passed, 3);
	ck_assert_int_eq(sums.suppressed, 1);
	ck_assert_int_eq(sums.breaks, 0);
	ck_assert_int_gt(sums.unsealed, 0);
}
END_TEST

/* Whoever takes the row out of the table gets his mail past the milter, but not past the events. */
START_TEST(a_row_taken_out_hides_nothing)
{
	suppress("address", "Ann+x@acme.example", "unsubscribe");
	f_exec(&f, "delete from suppression");
	touch(ann, "ann@acme.example", MAIL_MANUAL, "m2@rep.example");
	seal();
	ck_assert_int_eq(all(), 1);
	ck_assert_msg(strstr(said, "VIOLATION passed to=ann@acme.example queue=m2@rep.example: manual after the "
			     "suppression of ann"), "%s", said);
	ck_assert_int_eq(sums.breaks, 0);
	/* out of the time asked for */
	ck_assert_int_eq(audit(NULL, 0, T0 + 15), 0);
	/* nor is the event itself taken out unseen */
	f_exec(&f, "drop trigger event_no_delete; pragma foreign_keys = off; delete from event where kind = 'suppressed'");
	ck_assert_int_eq(all(), 0);
	ck_assert_int_gt(sums.breaks, 0);
}
END_TEST

START_TEST(the_content_of_an_event_cannot_be_bent)
{
	suppress("address", "ann@acme.example", "unsubscribe");
	touch(ann, "ann@acme.example", MAIL_MANUAL, "m2@rep.example");
	seal();
	f_exec(&f, "update event set payload = replace(payload, 'manual', 'conversation') where kind = 'accepted'");
	ck_assert_int_eq(all(), 0);
	ck_assert_int_gt(sums.breaks, 0);
}
END_TEST

START_TEST(further_names_count_from_when_they_were_known)
{
	suppress("address", "ann@acme.example", "do_not_contact");
	suppress("domain", "beta.example", "do_not_contact");
	touch(NULL, "private@web.example", MAIL_OUTREACH, "m2@rep.example");
	f_exec(&f, "insert into prospect_address (address, prospect_id, kind, domain, added, same) select "
	       "'private@web.example', prospect_id, 'alias', 'web.example', added + 45, 'private@web.example' "
	       "from prospect_address limit 1");
	ck_assert_int_eq(all(), 0);
	f.now += 30;
	touch(ann, "private@web.example", MAIL_OUTREACH, "m3@rep.example");
	touch(NULL, "bob@mail.beta.example", MAIL_OUTREACH, "m4@rep.example");
	ck_assert_int_eq(all(), 2);
	ck_assert_msg(strstr(said, "m3@rep") && strstr(said, "m4@rep") && !strstr(said, "m2@rep"), "%s", said);
}
END_TEST

static enum status unit_lift(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_suppress_lift(tx, a, ctx, "admin", "a mistake", NULL, e);
}

static enum status unit_evidence(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct evidence ev = { .kind = EVIDENCE_REJECTED, .host = "mx", .queue_id = ctx, .at = f.now,
			       .words = "a later milter" };

	return store_evidence(tx, a, &ev, e);
}

START_TEST(what_was_lifted_or_never_left_is_no_violation)
{
	suppress("address", "ann@acme.example", "do_not_contact");
	touch(ann, "ann@acme.example", MAIL_MANUAL, "m2@rep.example");
	ck_assert_int_eq(all(), 1);
	ck_ok(f_write(&f, unit_evidence, (char[]){ "m2@rep.example" }));
	f.now += 10;
	ck_assert_int_eq(all(), 0);
	ck_ok(f_write(&f, unit_lift, (void *)f_sql_text(&f, "select id from suppression")));
	f.now += 10;
	touch(ann, "ann@acme.example", MAIL_MANUAL, "m3@rep.example");
	ck_assert_int_eq(all(), 0);
}
END_TEST

static enum status unit_refusal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct objection o = { .rule = RULE_SUPPRESSED, .code = 550, .recipient = "ann@acme.example",
			       .text = { "Not sent" }, .fact = "suppression ann@acme.example" };
	struct refusal r = { .login = "rita", .owner_id = f.owner, .queue_id = "Q77", .why = &o };

	(void)ctx;
	return store_refusal(tx, a, &r, e);
}

/* rows: 402 */
START_TEST(everything_of_one_person)
{
	touch(NULL, "bob@other.example", MAIL_OUTREACH, "m2@rep.example");
	suppress("domain", "acme.example", "do_not_contact");
	ck_ok(f_write(&f, unit_refusal, NULL));
	f.now += 10;
	ck_assert_int_eq(audit("ann+tag@acme.example", 0, f.now + DAY), 0);
	ck_assert_msg(strstr(said, "passed to=ann@acme.example queue=m1@rep.example: manual"), "%s", said);
	ck_assert_msg(strstr(said, "refused to=ann@acme.example queue=Q77: rule suppressed"), "%s", said);
	ck_assert_msg(strstr(said, "suppressed to=acme.example"), "%s", said);
	ck_assert_msg(!strstr(said, "bob@"), "%s", said);
	ck_assert_int_eq(sums.refused, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-audit");
	TCase *c = test_case(s, "audit");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_clean_store_is_proved);
	tcase_add_test(c, a_row_taken_out_hides_nothing);
	tcase_add_test(c, the_content_of_an_event_cannot_be_bent);
	tcase_add_test(c, further_names_count_from_when_they_were_known);
	tcase_add_test(c, what_was_lifted_or_never_left_is_no_violation);
	tcase_add_test(c, everything_of_one_person);
	return test_run(s);
}
