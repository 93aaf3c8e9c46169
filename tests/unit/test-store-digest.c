/* SPDX-License-Identifier: MPL-2.0
 *
 * The digest of a store: what waits is in it with all that a decision needs, what was handled is not, it is made once,
 * and long lists are cut with their number.
 */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "letter/words.h"
#include "store/card.h"
#include "store/digest.h"
#include "store/links.h"
#include "store/people.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static struct digest_options o;
static const char *prospect, *enrolment, *draft;

static enum status unit_place(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct draft *d;
	enum status s = store_draft(tx, a, ctx, &d, e);

	if (s != OK)
		return s;
	d->state = "placed";
	d->account = "rita";
	d->folder = "Drafts";
	d->message_id = "d1@rep.example";
	d->subject = "Re: Hello Ann";
	d->text = "Hi Ann,\n\nthree sites report <b>12 %</b> less waiting. Would ten minutes help?\n\nRita\n";
	d->uid = 4;
	d->made = store_now(tx);
	return store_draft_put(tx, a, d, "test", e);
}

static struct words *language(const char *name)
{
	struct words *w = NULL;

	ck_ok(words_read(f.a, &w, "en", "en", test_read(f.a, test_source("conf/mail/en/words.txt"), NULL), &test_err));
	if (strcmp(name, "en") != 0)
		ck_ok(words_read(f.a, &w, name, name, test_read(f.a, test_source(arena_printf(f.a,
				"conf/mail/%s/words.txt", name)), NULL), &test_err));
	return w;
}

static void setup(void)
{
	fixture_open(&f);
	o = (struct digest_options){ .control = "relent@rep.example", .words = language("en"), .language = "en",
				     .limit = 20, .late_days = 3, .link_days = 30 };
	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer Ltd");
	enrolment = f_enrol(&f, prospect, f.owner);
	f_touch(&f, enrolment, prospect, "ann@buyer.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_QUEUED }));
	f.now += 3 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	draft = f_sql_text(&f, "select id from draft");
	ck_ok(f_write(&f, unit_place, (void *)(uintptr_t)draft));
}
static void teardown(void) { fixture_close(&f); }

static const char *many(const char *word, int n)
{
	struct buf b;

	buf_init(&b, f.a);
	while (n-- > 0)
		buf_adds(&b, word);
	return b.p;
}

struct unit {
	const char *owner;
	struct digest_moment at;
	struct digest_mail m;
};

static void keep(struct digest_mail *m)
{
	m->subject = arena_strdup(f.a, m->subject);
	m->text = arena_strdup(f.a, m->text);
	m->html = arena_strdup(f.a, m->html);
	m->list_id = arena_strdup(f.a, m->list_id);
	m->login = m->to = m->owner_id = m->zone = NULL;
}

static enum status unit_make(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit *u = ctx;
	enum status s = store_digest_make(tx, a, u->owner, &o, &u->at, &u->m, e);

	keep(&u->m);
	return s;
}

static enum status unit_show(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit *u = ctx;
	enum status s = store_digest_show(tx, a, u->owner, &o, &u->m, e);

	keep(&u->m);
	return s;
}

static enum status make(const char *owner, time_t at, struct digest_mail *out)
{
	struct unit u = { .owner = owner, .at = { .day = when_civil(at, "UTC").date, .at = at, .late = f.now > at + 1800 } };
	enum status s = f_write(&f, unit_make, &u);

	*out = u.m;
	return s;
}

static const char *payload(const char *name)
{
	json_t *p = json_loads(f_sql_text(&f, "select payload from outbox where kind = 'mail' order by created desc"), 0, NULL);
	const char *s = arena_strdup(f.a, json_string_value(json_object_get(p, name)));

	json_decref(p);
	return s;
}

/* rows: 119, 128, 497, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 937-949, 959 */
START_TEST(a_draft_comes_with_its_card)
{
	static const char *const want[] = {
		"Ann Buyer, Buyer Ltd", "Why now: step 2 of 4", "Recommended: ", "To: ann@buyer.example",
		"Subject: Re: Hello Ann", "   > Hi Ann,", "Evidence: none", "Claims to check: none found", "Tone: ",
		"Asks for: ", "Prospect: Ann Buyer <ann@buyer.example>", "Company: Buyer Ltd", "Identity: ",
		"Priority: two", "Source: ", "Permission: ", "Channel: email", "Suppressed: no", "Sequence: four, step 2 of 4",
		"When: ", "Previous messages: 2026-03-02", "Reply: no answer", "[Approve] approve 1 | <relent+do.",
	};
	struct digest_mail m;
	const char *token, *reply_to;

	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, "1 draft");
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		ck_assert_msg(strstr(m.text, want[i]), "'%s' is missing in:\n%s", want[i], m.text);
	ck_assert_ptr_nonnull(strstr(m.html, "&lt;b&gt;12 %&lt;/b&gt;"));
	ck_assert_ptr_null(strstr(m.html, "<b>12"));
	ck_assert_ptr_nonnull(strstr(m.html, "href=\"mailto:relent%2Bdo."));
	ck_assert_str_eq(payload("to"), "rita@rep.example");
	reply_to = payload("reply_to");
	ck_assert_msg(strncmp(reply_to, "relent+re.", 10) == 0, "%s", reply_to);
	token = strstr(m.text, "relent+do.") + 10;
	ck_assert_uint_eq(strspn(token, "abcdefghijklmnopqrstuvwxyz234567"), LINK_TOKEN);
	ck_assert_int_eq(f_sql(&f, "select count(*) from digest_line where kind = 'draft' and shown is not null"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select id from outbox where kind = 'mail'"), m.list_id);
}
END_TEST

struct card_unit {
	const char *hash;
};

static enum status unit_card(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct card c;
	enum status s = store_card(tx, a, draft, &c, e);

	*(const char **)ctx = arena_strdup(f.a, c.hash);
	return s;
}

/* Approving is bound to what the mail showed. rows: 959 */
START_TEST(the_line_carries_the_hash_of_the_card)
{
	struct digest_mail m;
	const char *hash;

	ck_ok(make("rita", f.now, &m));
	ck_ok(f_read(&f, unit_card, &hash));
	ck_assert_str_eq(f_sql_text(&f, "select shown from digest_line where kind = 'draft'"), hash);
	ck_assert_ptr_nonnull(strstr(f_sql_text(&f, "select actions from digest_line where kind = 'draft'"), "approve"));
	/* a text that cannot be shown whole cannot be approved here */
	f_exec(&f, arena_printf(f.a, "update draft set text = '%s'", many("too long ", 10000)));
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_nonnull(strstr(m.text, "too long to be shown"));
	ck_assert_ptr_null(strstr(m.text, "[Approve]"));
}
END_TEST

START_TEST(once_for_a_moment)
{
	struct digest_mail m;
	time_t at = f.now;

	ck_ok(make("rita", at, &m));
	ck_assert_uint_eq(m.items, 1);
	f.now += 10;
	ck_status(make("rita", at, &m), GONE);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'mail'"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from digest_list"), 1);
	ck_status(make("nobody", at, &m), GONE);
}
END_TEST

START_TEST(nothing_to_say_is_no_mail)
{
	struct digest_mail m;
	time_t at = f.now;

	ck_ok(make("bob", at, &m));
	ck_assert_uint_eq(m.items, 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'mail'"), 0);
	f.now += 10;
	ck_status(make("bob", at, &m), GONE);	/* and it is remembered that it was looked at */
}
END_TEST

START_TEST(what_is_handled_vanishes_what_is_open_is_said_so)
{
	struct digest_mail m;

	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_null(strstr(m.text, "open since"));
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_msg(strstr(m.text, "Buyer Ltd (open since 2026-03-05)"), "%s", m.text);
	f_draft_touch(&f, enrolment, prospect, "ann@buyer.example", 2, "m2@rep.example", draft);
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_msg(!m.text || !strstr(m.text, "[Approve]"), "%s", m.text);
}
END_TEST

START_TEST(late_is_said)
{
	struct digest_mail m;

	ck_ok(make("rita", f.now - 5 * 3600, &m));
	ck_assert_msg(strstr(m.text, "relent was not running at 2026-03-05 05:00"), "%s", m.text);
}
END_TEST

/* rows: 24, 33, 50 */
START_TEST(everything_that_waits)
{
	struct digest_mail m;

	f_exec(&f, arena_printf(f.a, "insert into task (id, owner_id, prospect_id, kind, text, channel, due, created, updated)"
		" values ('0190aaaa-0000-7000-8000-000000000001', '%s', '%s', 'phone', 'call her\nabout the audit', 'phone', %lld, 1, 1)",
		f.owner, prospect, (long long)f.now - 2 * DAY));
	f_exec(&f, arena_printf(f.a, "insert into review (id, owner_id, prospect_id, kind, reason, created) values"
		" ('0190aaaa-0000-7000-8000-000000000002', '%s', '%s', 'draft_deleted', 'the draft was deleted', 1)", f.owner,
		prospect));
	f_exec(&f, arena_printf(f.a, "insert into note (id, prospect_id, kind, text, date, created, updated) values"
		" ('n1', '%s', 'promise', 'send the figures', %lld, 1, 1)", prospect, (long long)f.now - DAY));
	f_exec(&f, arena_printf(f.a, "insert into breaker (id, scope, name, level, cause, opened, created, updated) values"
		" ('b1', 'owner', '%s', 'pause', '6 %% hard bounces', %lld, 1, 1)", f.owner, (long long)f.now - DAY));
	f_exec(&f, arena_printf(f.a, "insert into account (name, owner_id, state, last_error, failing_since, updated) values"
		" ('rita', '%s', 'failing', 'login refused', %lld, 1)", f.owner, (long long)f.now - DAY));
	f_exec(&f, arena_printf(f.a, "insert into outbox (id, kind, key, owner_id, payload, state, not_before, created) values"
		" ('o1', 'digest', 'k1', '%s', '{\"detail\":\"no_response\",\"name\":\"Zoe\",\"sequence\":\"four\"}', 'digest', 1, 1)",
		f.owner));
	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, "1 draft, 1 task, 1 decision, 1 late, 3 pieces of news");
	ck_assert_msg(strstr(m.text, "phone: Ann Buyer, Buyer Ltd") && strstr(m.text, "   > about the audit") &&
		      strstr(m.text, "overdue") && strstr(m.text, "[Done] done 2"), "%s", m.text);
	ck_assert_msg(strstr(m.text, "the draft was deleted") && strstr(m.text, "[Seen] note 3"), "%s", m.text);
	ck_assert_msg(strstr(m.text, "You promised: send the figures"), "%s", m.text);
	ck_assert_msg(strstr(m.text, "A breaker is open for owner 'rita': pause") && strstr(m.text, "6 % hard bounces"),
		      "%s", m.text);
	ck_assert_msg(strstr(m.text, "The mailbox 'rita' cannot be read"), "%s", m.text);
	ck_assert_msg(strstr(m.text, "Zoe never answered; four is closed"), "%s", m.text);
	/* news is told once, what still waits again */
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_null(strstr(m.text, "Zoe"));
	ck_assert_ptr_nonnull(strstr(m.text, "You promised"));
}
END_TEST

START_TEST(parked_ones_return_and_late_ones_are_told)
{
	const char *bea = f_enrol(&f, f_prospect(&f, "bea@y.example", "Bea", NULL), f.owner);
	const char *cay = f_enrol(&f, f_prospect(&f, "cay@z.example", "Cay", NULL), f.owner);
	struct digest_mail m;

	f_exec(&f, arena_printf(f.a, "update enrolment set state = 'parked', pause_reason = 'not_now', pause_words = 'in spring',"
		" due = %lld where id = '%s'", (long long)f.now + 3600, bea));
	f_exec(&f, arena_printf(f.a, "update enrolment set due = %lld where id = '%s'", (long long)f.now - 4 * DAY, cay));
	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, "1 draft, 1 returning, 1 late");
	ck_assert_msg(strstr(m.text, "Comes back: 2026-03-05 11:00") && strstr(m.text, "In their words: in spring") &&
		      strstr(m.text, "[Go on] resume 2"), "%s", m.text);
	ck_assert_msg(strstr(m.text, "Due since: 2026-03-01"), "%s", m.text);
}
END_TEST

/* Somebody asked, and nothing went out to them in time; an answered one is nothing to tell of.
 * rows: 97, 750 */
START_TEST(unanswered_leads_are_late)
{
	const char *who = f_prospect(&f, "lea@lead.example", "Lea Lead", "Lead Ltd");
	struct digest_mail m;

	f_exec(&f, arena_printf(f.a, "insert into lead (id, mail_key, source, shape, address, fields, request, state, prospect_id,"
		" owner_id, received, answer_by, created, updated) values ('0190aaaa-0000-7000-8000-000000000009', 'k', 'website',"
		" 'lines', 'lea@lead.example', '{}', 'Warehouse audit', 'kept', '%s', '%s', %lld, %lld, 1, 1)", who, f.owner,
		(long long)f.now - 3600, (long long)f.now - 3300));
	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, "1 draft, 1 late");
	ck_assert_msg(strstr(m.text, "Lea Lead, Lead Ltd") && strstr(m.text, "Asked for: Warehouse audit"), "%s", m.text);
	f_exec(&f, arena_printf(f.a, "insert into touch (id, prospect_id, owner_id, kind, recipient, sent_state, at, updated)"
		" values ('t9', '%s', '%s', 'manual', 'lea@lead.example', 'queued', %lld, 1)", who, f.owner,
		(long long)f.now - 60));
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_null(strstr(m.text, "Asked for"));
}
END_TEST

START_TEST(long_lists_are_cut_with_their_number)
{
	struct digest_mail m;
	const char *talk = many("talk ", 900);

	for (int i = 0; i < 400; i++)
		f_exec(&f, arena_printf(f.a, "insert into task (id, owner_id, prospect_id, kind, text, due, created, updated) values"
			" ('0190aaaa-0000-7000-8000-%012d', '%s', '%s', 'phone', '%s', 1, 1, 1)", i, f.owner, prospect, talk));
	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_nonnull(strstr(m.text, "And 380 more, not shown here"));
	ck_assert_ptr_nonnull(strstr(m.subject, "400 tasks"));
	o.limit = 200;	/* whatever the limit, a mail has its size */
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));
	ck_assert_uint_lt(strlen(m.html), 300000);
}
END_TEST

/* A megabyte where somebody expects a word: the mail stays one that can be read, and says that it left something out. */
START_TEST(large_facts_are_cut)
{
	struct digest_mail m;

	f_exec(&f, arena_printf(f.a, "update prospect set name = '%s', role = '%s'", many("name ", 200000), many("role ", 200000)));
	f_exec(&f, arena_printf(f.a, "update source set url = 'https://x.example/%s'", many("u", 500000)));
	f_exec(&f, arena_printf(f.a, "insert into evidence (id, prospect_id, point, source, type, safe, created, updated) values "
		"('0190aaaa-0000-7000-8000-00000000000e', '%s', '%s', 'x', 'verified_fact', 1, 1, 1)", prospect, many("point ", 200000)));
	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_nonnull(strstr(m.text, "\xe2\x80\xa6"));
	ck_assert_uint_lt(strlen(m.text), 40000);
	ck_assert_uint_lt(strlen(m.html), 60000);
}
END_TEST

START_TEST(shown_is_what_would_be_sent)
{
	struct unit u = { .owner = "rita@rep.example" };
	struct digest_mail m;

	ck_ok(f_read(&f, unit_show, &u));
	ck_assert_str_eq(u.m.subject, "1 draft");
	ck_assert_ptr_nonnull(strstr(u.m.text, "[Approve] approve 1\n"));
	ck_assert_ptr_null(strstr(u.m.html, "mailto:"));	/* nothing is remembered, so there are no buttons */
	ck_assert_int_eq(f_sql(&f, "select count(*) from digest_list"), 0);
	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, u.m.subject);
}
END_TEST

static enum status unit_weekly(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct unit *u = ctx;
	enum status s = store_weekly_make(tx, a, "admin@rep.example", "Europe/Berlin", &o, &u->at, &u->m, e);

	keep(&u->m);
	return s;
}

static enum status unit_sent(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_list_sent(tx, ctx, e);
}

/* rows: 387 */
START_TEST(whoever_is_forgotten_is_in_no_digest)
{
	struct forgotten gone;
	struct digest_mail m;

	ck_ok(make("rita", f.now, &m));
	ck_assert_ptr_nonnull(strstr(f_sql_text(&f, "select payload from outbox where kind = 'mail'"), "Ann Buyer"));
	ck_ok(f_write(&f, unit_sent, (void *)(uintptr_t)m.list_id));
	ck_assert_str_eq(f_sql_text(&f, "select payload from outbox where kind = 'mail'"), "{}");
	f.now += DAY;
	ck_ok(make("rita", f.now, &m));		/* under way */
	ck_ok(store_forget(f.s, f.now, "ann@buyer.example", "test", "asked", &gone, &test_err));
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where payload like '%Ann Buyer%'"), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from digest_line where label like '%Ann%'"), 0);
}
END_TEST

START_TEST(the_week_in_figures)
{
	struct unit u = { .at = { .at = f.now } };
	static const char *const want[] = {
		"Touches: 1", "First touches: 1", "Hard bounces: 0 (0.0 %)", "\nrita\n", "A breaker is open for owner 'rita': stop",
		"0.4 % complaints", "The mailbox 'rita' cannot be read", "A draft: Ann Buyer", "bob\n   Approved: 1",
		"From sending to approving, on average: 40 s", "Approved in bulk, within seconds: 1", "An objection: 1",
		"Corrected by a person: 1 (100.0 %)",
	};

	f_exec(&f, arena_printf(f.a, "insert into breaker (id, scope, name, level, cause, opened, created, updated) values"
		" ('b1', 'owner', '%s', 'stop', '0.4 %% complaints', 1, 1, 1)", f.owner));
	f_exec(&f, "insert into account (name, state, last_error, failing_since, updated) values ('rita', 'failing', 'no', 1, 1)");
	f_exec(&f, arena_printf(f.a, "insert into decision (id, kind, item, decision, state, by_whom, via, at, seconds, flag) values"
		" ('d1', 'draft', 'x', 'approve', 'done', 'bob', 'link', %lld, 40, 'bulk')", (long long)f.now - 60));
	f_exec(&f, arena_printf(f.a, "insert into reply (id, mail_key, received, kind, class, reviewed_class, matched_by, grade, created)"
		" values ('r1', 'k', %lld, 'human', 'objection', 'question', 'references', 'strong', 1)", (long long)f.now - 60));
	ck_ok(f_write(&f, unit_weekly, &u));
	ck_assert_str_eq(u.m.subject, "relent, the week: 1 touch, 1 answer, 2 troubles");
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		ck_assert_msg(strstr(u.m.text, want[i]), "'%s' is missing in:\n%s", want[i], u.m.text);
	ck_assert_ptr_null(strstr(u.m.html, "mailto:"));
	ck_assert_str_eq(payload("to"), "admin@rep.example");
	ck_status(f_write(&f, unit_weekly, &u), GONE);	/* once */
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'mail'"), 1);
}
END_TEST

START_TEST(other_languages)
{
	struct digest_mail m;

	o.language = "de";
	o.words = language("de");
	ck_ok(make("rita", f.now, &m));
	ck_assert_str_eq(m.subject, "1 Entwurf");
	ck_assert_ptr_nonnull(strstr(m.text, "Warum jetzt: "));
	ck_assert_ptr_nonnull(strstr(m.html, "<html lang=\"de\">"));
	ck_assert_ptr_nonnull(strstr(m.html, ">Freigeben</a>"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-digest");
	TCase *c = test_case(s, "digest");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_draft_comes_with_its_card);
	tcase_add_test(c, the_line_carries_the_hash_of_the_card);
	tcase_add_test(c, once_for_a_moment);
	tcase_add_test(c, nothing_to_say_is_no_mail);
	tcase_add_test(c, what_is_handled_vanishes_what_is_open_is_said_so);
	tcase_add_test(c, late_is_said);
	tcase_add_test(c, everything_that_waits);
	tcase_add_test(c, parked_ones_return_and_late_ones_are_told);
	tcase_add_test(c, unanswered_leads_are_late);
	tcase_add_test(c, long_lists_are_cut_with_their_number);
	tcase_add_test(c, large_facts_are_cut);
	tcase_add_test(c, shown_is_what_would_be_sent);
	tcase_add_test(c, whoever_is_forgotten_is_in_no_digest);
	tcase_add_test(c, the_week_in_figures);
	tcase_add_test(c, other_languages);
	return test_run(s);
}
