/* SPDX-License-Identifier: MPL-2.0
 *
 * What people decide: each decision on each kind of thing, in states where it may be and where it may not, once.
 */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static const char *prospect, *enrolment;

/* ---- short ways ---- */

struct put {
	const char *id, *state, *seen;
	int64_t uid;
};

static enum status unit_put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *p = ctx;
	struct draft d = { .id = p->id, .state = p->state, .account = "rita", .folder = "Drafts", .uidvalidity = 1,
			   .uid = p->uid, .message_id = arena_printf(a, "d%lld@rep.example", (long long)p->uid),
			   .to = "ann@buyer.example", .subject = "Hello Ann", .seen_text = p->seen,
			   .text = "Your handoffs between sales and ops.\n\nWould a short example help?\n\nRita Rep\n" };

	return store_draft_put(tx, a, &d, "imapwatch", e);
}

static const char *draft_id(void)
{
	return f_sql_text(&f, "select id from draft order by id desc limit 1");
}

static void place(const char *state, int64_t uid, const char *seen)
{
	struct put p = { draft_id(), state, seen, uid };

	ck_ok(f_write(&f, unit_put, &p));
}

static enum status unit_plan(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_plan_put(tx, a, fixture_plan(a, "seq", arena_printf(a, "authority = %s\n", (const char *)ctx)), "test", NULL, NULL, e);
}

struct enrol_in {
	const char *sequence, *id;
};

static enum status unit_enrol(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct enrol_in *in = ctx;
	struct enrol en = { .prospect_id = prospect, .owner_id = f.owner, .sequence = in->sequence, .actor = "test" };
	const char *id = NULL;
	enum status s = store_enrol(tx, a, &en, &id, e);

	in->id = arena_strdup(f.a, id);
	return s;
}

static enum status unit_grant(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct field g[] = { { "owner_id", f.owner }, { "sequence", "seq" }, { "authority", "human_approved" },
			     { "granted_by", "admin" }, { "because", "pilot" } };

	(void)ctx;
	return store_put(tx, a, "grant", NULL, g, 5, "admin", NULL, e);
}

/* A prospect in a sequence of this authority, its first draft in Drafts. */
static void drafted(const char *authority)
{
	struct enrol_in in = { .sequence = "seq" };

	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer");
	ck_ok(f_write(&f, unit_plan, (void *)authority));
	ck_ok(f_write(&f, unit_enrol, &in));
	enrolment = in.id;
	f.now += 60;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	place("placed", 11, NULL);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
}

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

static struct decided out;

static enum status unit_decide(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_decide(tx, f.a, ctx, &out, e);
}

static enum status decide_by(const char *by, enum decide what, const char *item, const char *argument, const char *because)
{
	struct decision_new d = { .decision = what, .item = item, .by = by, .via = "mail", .argument = argument,
				  .because = because };

	return f_write(&f, unit_decide, &d);
}

static enum status decide(enum decide what, const char *item, const char *argument, const char *because)
{
	return decide_by("rita", what, item, argument, because);
}

static struct card card;

static enum status unit_card(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	return store_card(tx, f.a, ctx, &card, e);
}

struct show {
	const char *by;
};

static enum status unit_show(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct show *s = ctx;

	(void)a;
	return store_shown(tx, card.id, card.hash, s->by, "relentctl", e);
}

static void look(const char *by, const char *item)
{
	struct show s = { by };

	ck_ok(f_read(&f, unit_card, (void *)item));
	ck_ok(f_write(&f, unit_show, &s));
}

static void said(const char *text)
{
	ck_assert_msg(strstr(test_err.text, text) != NULL, "%s", test_err.text);
}

static int64_t count(const char *sql)
{
	return f_sql(&f, arena_printf(f.a, "select count(*) from %s", sql));
}

/* ---- approve ---- */

/* rows: 497, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 959, 1185 */
START_TEST(nothing_is_approved_unseen)
{
	drafted("draft_only");
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("look at it before");
	ck_assert(out.show);
	ck_assert_int_eq(count("approval"), 0);
	/* what somebody else saw is not what rita saw */
	look("bob", draft_id());
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	look("rita", draft_id());
	/* it changes after that: the old card is worth nothing */
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_HOLD }));
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_NOTICE, .clears_hold = true }));
	place("edited", 12, "Your handoffs.\n\nWould a longer example help?\n");
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("changed since it was shown");
	look("rita", draft_id());
	ck_assert_str_eq(card.text, "Your handoffs.\n\nWould a longer example help?\n");
	f.now += 45;
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(!out.again && !out.waits);
	ck_assert_int_eq(f_sql(&f, "select seconds from decision"), 45);
	ck_assert_str_eq(f_sql_text(&f, "select shown from decision"), card.hash);
	ck_assert_int_eq(count("event where entity = 'approval' and kind = 'approved' and actor = 'rita'"), 1);
	ck_assert_int_eq(count("event where kind = 'draft_decided' and json_extract(payload, '$.shown') is not null"), 1);
}
END_TEST

/* rows: 490, 495, 950 */
START_TEST(draft_only_is_sent_by_the_owner)
{
	drafted("draft_only");
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert_msg(strstr(out.sentence, "the owner sends it") != NULL, "%s", out.sentence);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	ck_assert_int_eq(count("outbox where kind = 'send'"), 0);
	ck_assert_str_eq(f_sql_text(&f, "select scope from approval"), "owner");
	/* once more is the same */
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(out.again);
	ck_assert_int_eq(count("approval"), 1);
}
END_TEST

/* rows: 491, 496, 907, 950 */
START_TEST(human_approved_is_sent_by_relent_under_a_grant)
{
	drafted("human_approved");
	look("rita", draft_id());
	ck_assert_str_eq(card.authority, "draft_only");		/* without a grant */
	ck_ok(f_write(&f, unit_grant, NULL));
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);	/* the grant is part of what was seen */
	look("rita", draft_id());
	ck_assert_str_eq(card.authority, "human_approved");
	ck_ok(decide(DECIDE_APPROVE, draft_id() + 28, NULL, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_assert_str_eq(f_sql_text(&f, "select json_extract(payload, '$.content_hash') from outbox where kind = 'send'"),
		policy_plain_hash(f.a, "rita@rep.example", "ann@buyer.example", "Hello Ann", card.text));
	ck_assert_str_eq(f_sql_text(&f, "select json_extract(payload, '$.draft') from outbox where kind = 'send'"), draft_id());
	ck_assert_str_eq(f_sql_text(&f, "select text from approved_text"), card.text);
	ck_assert_int_gt(f_sql(&f, "select expires - decided from approval"), 86400);
}
END_TEST

/* Approved for the owner to send; then comes a grant: to say so again is another decision, not "done already". */
START_TEST(a_grant_after_the_approval)
{
	drafted("human_approved");
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	ck_assert_int_eq(count("outbox where kind = 'send'"), 0);
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(out.again);
	ck_ok(f_write(&f, unit_grant, NULL));
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);	/* not what was seen */
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(!out.again);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_assert_int_eq(count("outbox where kind = 'send' and state = 'waiting'"), 1);
	ck_assert_int_eq(count("approval where void is null and scope = 'relent'"), 1);
	ck_assert_int_eq(count("approval where void is null"), 1);
}
END_TEST

static void approved(void)
{
	drafted("human_approved");
	ck_ok(f_write(&f, unit_grant, NULL));
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
}

START_TEST(an_approval_ends_with_an_answer)
{
	approved();
	/* a mail that is being read only holds it back (the milter refuses meanwhile) */
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_HOLD }));
	ck_assert_int_eq(count("approval where void is null"), 1);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_INTERESTED, .clears_hold = true }));
	ck_assert_int_eq(count("approval where void is not null and void_because = 'interested'"), 1);
	ck_assert_int_eq(count("outbox where kind = 'send' and state = 'waiting'"), 0);
	ck_assert_int_eq(count("event where entity = 'approval' and kind = 'void'"), 1);
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("an answer came");
}
END_TEST

START_TEST(an_approval_ends_with_a_change)
{
	approved();
	place("placed", 12, NULL);		/* saved anew, unchanged */
	ck_assert_int_eq(count("approval where void is null"), 1);
	place("edited", 13, "Another text.\n");
	ck_assert_int_eq(count("approval where void is not null"), 1);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	ck_assert_int_eq(count("outbox where kind = 'send' and state = 'waiting'"), 0);
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(!out.again);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_assert_str_eq(f_sql_text(&f, "select text from approved_text order by at desc, length(text) limit 1"),
			 "Another text.\n");
}
END_TEST

static enum status unit_expire(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_approvals_expire(tx, a, 10, ctx, e);
}

START_TEST(an_approval_ends_with_its_time)
{
	size_t n = 0;

	approved();
	ck_ok(f_write(&f, unit_expire, &n));
	ck_assert_int_eq(n, 0);
	f.now += 3 * DAY + 1;
	ck_ok(f_write(&f, unit_expire, &n));
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(count("approval where void_because = 'expired'"), 1);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	ck_assert_int_eq(count("outbox where kind = 'send' and state = 'waiting'"), 0);
	ck_ok(f_write(&f, unit_expire, &n));
	ck_assert_int_eq(n, 0);
}
END_TEST

static enum status unit_sensitive(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct field g[] = { { "sensitive", "yes" } };

	(void)ctx;
	return store_put(tx, a, "prospect", prospect, g, 1, "admin", NULL, e);
}

static enum status unit_approve(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct approval_new ap = { .enrolment_id = enrolment, .content_hash = "abc", .by = "cli:rita" };

	(void)ctx;
	return store_approve(tx, a, &ap, NULL, e);
}

START_TEST(two_persons_for_what_is_sensitive)
{
	drafted("human_approved");
	ck_ok(f_write(&f, unit_grant, NULL));
	ck_ok(f_write(&f, unit_sensitive, NULL));
	f_exec(&f, "update owner set manager = 'bob' where login = 'rita'");
	look("rita", draft_id());
	ck_assert(card.sensitive);
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(out.waits);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	ck_assert_int_eq(count("approval"), 0);
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(out.again && out.waits);		/* rita alone is not two */
	struct decision_new shell = { .decision = DECIDE_APPROVE, .item = draft_id(), .by = "cli:Rita", .via = "relentctl" };
	look("cli:Rita", draft_id());
	ck_ok(f_write(&f, unit_decide, &shell));
	ck_assert(out.waits);				/* nor is she with a shell */
	ck_assert_int_eq(count("approval"), 0);
	ck_status(f_write(&f, unit_approve, NULL), INPUT);	/* nor by the way past the card */
	/* bob says it without having seen it */
	ck_status(decide_by("bob", DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	look("bob", draft_id());
	ck_assert(strstr(card.approval, "second person") != NULL);
	ck_ok(decide_by("bob", DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(!out.waits && !out.again);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_assert_str_eq(f_sql_text(&f, "select first_by || '+' || by_whom from approval"), "rita+bob");
}
END_TEST

START_TEST(the_first_word_is_about_that_text_alone)
{
	drafted("draft_only");
	ck_ok(f_write(&f, unit_sensitive, NULL));
	f_exec(&f, "update owner set manager = 'bob' where login = 'rita'");
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	place("edited", 12, "Something else altogether.\n");
	look("bob", draft_id());
	ck_ok(decide_by("bob", DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert(out.waits);
	ck_assert_int_eq(count("approval"), 0);
}
END_TEST

/* rows: 489, 493 */
START_TEST(nothing_is_drafted_or_approved_without_authority)
{
	static const char *const levels[] = { "research_only", "restricted" };
	struct enrol_in in = { .sequence = "seq" };

	prospect = f_prospect(&f, "ann@buyer.example", "Ann Buyer", "Buyer");
	ck_ok(f_write(&f, unit_plan, (void *)levels[_i]));
	ck_ok(f_write(&f, unit_enrol, &in));
	enrolment = in.id;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_assert_int_eq(count("draft"), 0);
	ck_assert_int_eq(count("task where kind = 'research'"), 1);
	look("rita", enrolment);
	ck_assert_str_eq(card.authority, levels[_i]);
	ck_status(decide(DECIDE_APPROVE, enrolment, NULL, NULL), INPUT);
	said("no draft for ann@buyer.example waits");
	/* a draft that came there all the same is no better */
	f_exec(&f, arena_printf(f.a, "insert into draft (id, enrolment_id, owner_id, prospect_id, step, recipient, subject, text, "
		"state, made, updated) values ('01890000-0000-7000-8000-0000dddddd01', '%s', '%s', '%s', 1, 'ann@buyer.example', "
		"'Hello', 'Hello.', 'placed', 1, 1)", enrolment, f.owner, prospect));
	f_exec(&f, "update enrolment set state = 'awaiting_approval'");
	look("rita", "dddddd01");
	ck_status(decide(DECIDE_APPROVE, "dddddd01", NULL, NULL), INPUT);
	said("the authority is");
	ck_assert_int_eq(count("approval"), 0);
}
END_TEST

START_TEST(two_persons_see_the_edited_words)
{
	drafted("draft_only");
	ck_ok(f_write(&f, unit_sensitive, NULL));
	const char *old = draft_id();
	look("rita", old);
	struct decision_new d = { .decision = DECIDE_EDIT, .item = old, .by = "rita", .via = "mail", .text = "Other words.\n",
				  .subject = "Hello\r\nBcc: eve@x.example" };
	ck_ok(f_write(&f, unit_decide, &d));
	ck_assert(out.waits);
	ck_assert_int_eq(count("approval"), 0);
	ck_assert_str_ne(draft_id(), old);
	ck_assert_str_eq(f_sql_text(&f, "select text || '/' || subject from draft where state = 'wanted'"),
			 "Other words.\n/Hello Bcc: eve@x.example");
}
END_TEST

START_TEST(sent_by_hand_uses_it_up)
{
	drafted("draft_only");
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	f_draft_touch(&f, enrolment, prospect, "ann@buyer.example", 1, "m1@rep.example", draft_id());
	ck_assert_int_eq(count("approval where used is not null and void is null"), 1);
}
END_TEST

/* rows: 1185 */
START_TEST(approving_in_bulk_is_noticed)
{
	drafted("draft_only");
	for (int i = 0; i < 9; i++)
		f_exec(&f, arena_printf(f.a, "insert into decision (id, kind, item, decision, state, by_whom, via, at) values "
					"('b%d', 'draft', 'x%d', 'approve', 'done', 'rita', 'mail', %lld)", i, i,
					(long long)f.now - 5));
	look("rita", draft_id());
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, NULL));
	ck_assert_str_eq(f_sql_text(&f, "select flag from decision where state = 'done' and approval_id is not null"), "bulk");
	place("edited", 12, "Another one.\n");
	look("rita", draft_id());
	f.now += 600;
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("what you looked at");
	ck_ok(decide(DECIDE_APPROVE, draft_id(), NULL, "checked the claim and the name"));
}
END_TEST

/* rows: 503, 505, 506 */
START_TEST(what_stands_in_the_way)
{
	drafted("draft_only");
	place("edited", 12, "Dear {{first_name}}, hello.\n");
	look("rita", draft_id());
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("{{first_name}} is not filled in");
	place("edited", 13, "Dear Ann, hello.\n");
	f_exec(&f, "delete from source");
	look("rita", draft_id());
	ck_assert_int_ge(card.missing_n, 1);
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("source");
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_HOLD }));
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("is being read");
}
END_TEST

/* ---- the other eight ---- */

static enum status edit(const char *text)
{
	struct decision_new d = { .decision = DECIDE_EDIT, .item = draft_id(), .by = "rita", .via = "relentctl", .text = text };

	return f_write(&f, unit_decide, &d);
}

/* rows: 951 */
START_TEST(edit_and_approve)
{
	drafted("human_approved");
	ck_ok(f_write(&f, unit_grant, NULL));
	ck_status(edit("A better text.\n"), INPUT);
	ck_assert(out.show);
	look("rita", draft_id());
	ck_status(edit("  \n"), INPUT);
	ck_status(edit("Hello {{first_name}}\n"), INPUT);
	ck_ok(edit("A better text.\n"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_assert_str_eq(f_sql_text(&f, "select content_hash from approval"),
			 policy_plain_hash(f.a, "rita@rep.example", "ann@buyer.example", "Hello Ann", "A better text.\n"));
	ck_assert_int_eq(f_sql(&f, "select edit_ratio > 0.5 from decision"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select decision from approval"), "edit_and_approve");
	ck_assert_int_eq(count("draft"), 1);	/* relent sends it: what lies in Drafts only waits to be taken out */
	ck_ok(edit("A better text.\n"));
	ck_assert(out.again);
}
END_TEST

/* What is in the way of the old words is no matter once there are new ones. */
START_TEST(an_edit_is_judged_by_its_own_words)
{
	drafted("human_approved");
	ck_ok(f_write(&f, unit_grant, NULL));
	place("edited", 12, "Dear {{first_name}}, hello.\n");
	look("rita", draft_id());
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	ck_ok(edit("Dear Ann, hello.\n"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
}
END_TEST

/* rows: 951 */
START_TEST(edited_drafts_of_the_owner_lie_in_drafts)
{
	drafted("draft_only");
	const char *old = draft_id();
	look("rita", old);
	ck_ok(edit("A better text.\n"));
	ck_assert_str_ne(draft_id(), old);
	ck_assert_str_eq(f_sql_text(&f, "select text || state || written_by from draft order by id desc limit 1"),
			 "A better text.\nwantedrita");
	ck_assert_int_eq(count("outbox where kind = 'draft_remove' and state = 'waiting'"), 1);
	ck_assert_int_eq(count("outbox where kind = 'draft_put' and state = 'waiting' and draft_id = (select max(id) from draft)"),
			 1);
	ck_assert_str_eq(f_sql_text(&f, "select draft_id from approval"), draft_id());
	struct put p = { draft_id(), "placed", NULL, 20 };
	ck_ok(f_write(&f, unit_put, &p));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
}
END_TEST

/* rows: 952 */
START_TEST(reject)
{
	drafted("draft_only");
	ck_status(decide(DECIDE_REJECT, draft_id(), NULL, NULL), INPUT);
	said("say why");
	ck_status(decide(DECIDE_REJECT, draft_id(), "maybe", "no"), INPUT);
	ck_assert_int_eq(count("draft where state = 'placed'"), 1);
	ck_ok(decide(DECIDE_REJECT, draft_id(), NULL, "too long"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 1);
	ck_assert_int_gt(f_row(&f, enrolment)->e.due, f.now);
	ck_assert_int_eq(count("draft where state = 'withdrawn'"), 1);
	ck_assert_int_eq(count("outbox where kind = 'draft_remove'"), 1);
	ck_assert_int_eq(count("event where kind = 'draft_decided' and json_extract(payload, '$.because') = 'too long'"), 1);
	ck_ok(decide(DECIDE_REJECT, draft_id(), NULL, "too long"));
	ck_assert(out.again);
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("out of the way already");
}
END_TEST

START_TEST(reject_and_stop)
{
	drafted("draft_only");
	ck_ok(decide(DECIDE_REJECT, draft_id(), "stop", "the wrong person"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_CLOSED);
	ck_assert_str_eq(f_row(&f, enrolment)->e.reason, "rejected");
}
END_TEST

/* rows: 953 */
START_TEST(more_research)
{
	drafted("human_approved");
	ck_status(decide(DECIDE_RESEARCH, draft_id(), NULL, NULL), INPUT);
	said("what is to be found out");
	ck_ok(decide(DECIDE_RESEARCH, draft_id(), NULL, "who owns the budget"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_RESEARCHING);
	ck_assert_int_eq(count("task where kind = 'research' and text like '%budget%' and step is null and done is null"), 1);
	/* the clock alone brings nothing for a week */
	f.now += 2 * DAY;
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_RESEARCHING);
	const char *task = f_sql_text(&f, "select id from task");
	ck_ok(decide(DECIDE_DONE, task + 28, "Bob does", NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_DRAFTING);
	ck_assert_int_eq(count("draft where state = 'wanted'"), 1);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 0);
	ck_ok(decide(DECIDE_DONE, task, "Bob does", NULL));
	ck_assert(out.again);
}
END_TEST

/* rows: 954 */
START_TEST(another_channel)
{
	drafted("draft_only");
	ck_status(decide(DECIDE_CHANNEL, draft_id(), "fax", NULL), INPUT);
	said("say which channel");
	f_exec(&f, "update prospect set permission_channels = 'email'");
	ck_status(decide(DECIDE_CHANNEL, draft_id(), "phone", NULL), INPUT);
	ck_assert_int_eq(count("draft where state = 'placed'"), 1);
	f_exec(&f, "update prospect set permission_channels = 'email, phone'");
	ck_ok(decide(DECIDE_CHANNEL, draft_id(), "phone", "she prefers a call"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_FOLLOW_UP_DUE);
	ck_assert_int_eq(count("draft where state in ('wanted', 'placed')"), 0);
	ck_assert_int_eq(count("task where channel = 'phone' and step = 1 and text like '%handoffs%' and done is null"), 1);
	ck_ok(decide(DECIDE_DONE, f_sql_text(&f, "select id from task"), "spoke", NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_WAITING);
	ck_assert_int_eq(f_row(&f, enrolment)->e.step, 1);
	ck_assert_int_eq(f_row(&f, enrolment)->e.touches, 1);
}
END_TEST

START_TEST(a_channel_not_used_comes_back_as_a_draft)
{
	drafted("draft_only");
	ck_ok(decide(DECIDE_CHANNEL, draft_id(), "linkedin", NULL));
	f.now = f_row(&f, enrolment)->e.due;
	ck_assert_int_gt(f.now, T0 + DAY);
	ck_ok(f_step(&f, enrolment, (struct event){ .kind = EV_DUE }));
	ck_assert_int_eq(count("task where channel = 'linkedin' and done is null"), 0);
	ck_assert_int_eq(count("draft where state = 'wanted'"), 1);
}
END_TEST

/* rows: 955 */
START_TEST(another_call_to_action)
{
	drafted("draft_only");
	ck_ok(decide(DECIDE_CTA, draft_id(), "Shall I call on Tuesday?", NULL));
	ck_assert_str_eq(f_sql_text(&f, "select text from draft where state = 'wanted'"),
			 "Your handoffs between sales and ops.\n\nShall I call on Tuesday?\n\nRita Rep\n");
	ck_status(decide(DECIDE_APPROVE, draft_id(), NULL, NULL), INPUT);
	said("not written yet");
	/* without words: held, and asked for */
	place("placed", 21, NULL);
	ck_ok(decide(DECIDE_CTA, draft_id(), NULL, "too pushy"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_RESEARCHING);
	ck_assert_int_eq(count("task where kind = 'change_cta' and text like '%too pushy%'"), 1);
}
END_TEST

/* rows: 956 */
START_TEST(park)
{
	approved();
	ck_status(decide(DECIDE_PARK, draft_id(), "2020-01-01", NULL), INPUT);
	ck_status(decide(DECIDE_PARK, draft_id(), "whenever", NULL), INPUT);
	said("no date that can be read");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_READY_TO_SEND);
	ck_ok(decide(DECIDE_PARK, draft_id(), "until 2026-04-01", "fair"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_PARKED);
	ck_assert_int_ge(f_row(&f, enrolment)->e.due, 1775001600);
	ck_assert_int_eq(count("approval where void_because = 'pause'"), 1);
	ck_ok(decide(DECIDE_PARK, draft_id(), "until 2026-04-01", "fair"));
	ck_assert(out.again);
	ck_ok(decide(DECIDE_RESUME, enrolment, NULL, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_AWAITING_APPROVAL);
	/* it went on since: parking again is a new decision */
	ck_ok(decide(DECIDE_PARK, enrolment, "3w", NULL));
	ck_assert(!out.again);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_PARKED);
}
END_TEST

/* rows: 957 */
START_TEST(suppress)
{
	approved();
	ck_ok(decide(DECIDE_SUPPRESS, draft_id(), NULL, "asked on the phone"));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_SUPPRESSED);
	ck_assert_int_eq(count("suppression where subject = 'ann@buyer.example' and created_by = 'rita'"), 1);
	ck_assert_int_eq(count("approval where void is not null"), 1);
	ck_ok(decide(DECIDE_SUPPRESS, draft_id(), NULL, "asked on the phone"));
	ck_assert(out.again);
}
END_TEST

/* rows: 958 */
START_TEST(route_to_another_owner)
{
	approved();
	ck_status(decide(DECIDE_ROUTE, draft_id(), "nobody", NULL), INPUT);
	said("no owner 'nobody'");
	ck_status(decide(DECIDE_ROUTE, draft_id(), "rita", NULL), INPUT);
	ck_ok(decide(DECIDE_ROUTE, draft_id(), "bob", "his region"));
	ck_assert_str_eq(f_sql_text(&f, "select owner_id from enrolment"), f.owner2);
	ck_assert_str_eq(f_sql_text(&f, "select owner_id from prospect"), f.owner2);
	ck_assert_int_eq(count("draft where state = 'withdrawn'"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select owner_id from draft where state = 'wanted'"), f.owner2);
	ck_assert_int_eq(count("approval where void is not null"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select owner_id from outbox where kind = 'notify' and payload like '%routed%'"),
			 f.owner2);
	/* rita has nothing to say about it any more */
	ck_status(decide(DECIDE_STOP, enrolment, NULL, NULL), INPUT);
	said("Bob Rep's");
	ck_ok(decide_by("bob", DECIDE_STOP, enrolment, NULL, NULL));
}
END_TEST

/* ---- answers ---- */

static const char *review(void)
{
	f_exec(&f, arena_printf(f.a, "insert into review (id, enrolment_id, prospect_id, owner_id, kind, reason, created) values "
				"('01890000-0000-7000-8000-0000abcdef01', '%s', '%s', '%s', 'unknown', 'class unknown', %lld)",
				enrolment, prospect, f.owner, (long long)f.now));
	return "abcdef01";
}

START_TEST(answers_are_told_what_they_are)
{
	drafted("draft_only");
	const char *r = review();

	ck_status(decide(DECIDE_APPROVE, r, NULL, NULL), INPUT);
	said("an answer waits here");
	ck_status(decide(DECIDE_CLASSIFY_AS, r, "intrested", NULL), INPUT);
	said("did you mean 'interested'");
	ck_status(decide(DECIDE_CLASSIFY_AS, r, "unknown", NULL), INPUT);
	ck_status(decide(DECIDE_DONE, r, NULL, NULL), INPUT);
	ck_ok(decide(DECIDE_CLASSIFY_AS, r, "not-a-fit", NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_CLOSED);
	ck_assert_int_eq(count("review where decision = 'classify_as' and decided_by = 'rita'"), 1);
	ck_ok(decide(DECIDE_CLASSIFY_AS, r, "not_a_fit", NULL));
	ck_assert(out.again);
	ck_status(decide(DECIDE_CLASSIFY_AS, r, "interested", NULL), INPUT);
	said("decided already: classify_as, by rita");
}
END_TEST

START_TEST(noted_once)
{
	drafted("draft_only");
	const char *r = review();

	ck_ok(decide(DECIDE_NOTE, r, NULL, "saw it"));
	ck_assert_int_eq(count("review where decision = 'noted'"), 1);
	ck_ok(decide(DECIDE_NOTE, r, NULL, "saw it"));
	ck_assert(out.again);
	ck_ok(decide(DECIDE_NOTE, draft_id(), NULL, "ask for the turnover"));
	ck_assert_int_eq(count("note where text = 'ask for the turnover'"), 1);
}
END_TEST

/* ---- what is no item, no person, no state ---- */

START_TEST(who_and_what)
{
	drafted("draft_only");
	ck_status(decide(DECIDE_STOP, "ffffffff", NULL, NULL), GONE);
	ck_status(decide(DECIDE_STOP, "abc", NULL, NULL), GONE);
	ck_status(decide(DECIDE_STOP, "'; drop table", NULL, NULL), GONE);
	/* a draft, its enrolment and its task begin alike: their ends tell them apart */
	ck_status(decide(DECIDE_STOP, arena_strndup(f.a, enrolment, 6), NULL, NULL), INPUT);
	said("more than one thing");
	ck_status(decide_by("bob", DECIDE_STOP, enrolment, NULL, NULL), INPUT);
	said("Rita Rep's");
	ck_status(decide_by("", DECIDE_STOP, enrolment, NULL, NULL), INPUT);
	ck_ok(decide(DECIDE_STOP, enrolment + 28, NULL, NULL));
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_CLOSED);
	ck_assert_str_eq(f_sql_text(&f, "select via || by_whom || before || after from decision"),
			 "mailritaawaiting_approvalclosed");
}
END_TEST

/* Every decision on every kind of thing in every state: never a crash, never half done, and if it may not be, one
 * sentence. */
START_TEST(every_decision_everywhere)
{
	static const char *const arguments[DECIDE_COUNT] = { [DECIDE_CHANNEL] = "phone", [DECIDE_ROUTE] = "bob",
							     [DECIDE_CLASSIFY_AS] = "interested", [DECIDE_PARK] = "30d" };
	static const struct event to[] = {
		{ .kind = EV_HOLD }, { .kind = EV_PAUSE }, { .kind = EV_INTERESTED }, { .kind = EV_CONVERSATION },
		{ .kind = EV_BOOKED }, { .kind = EV_STOP }, { .kind = EV_COMPLAINT }, { .kind = EV_BOUNCE_HARD },
		{ .kind = EV_APPOINTMENT }, { .kind = EV_SKIPPED },
	};
	enum decide what = (enum decide)_i;

	drafted("draft_only");
	review();
	f_exec(&f, arena_printf(f.a, "insert into task (id, owner_id, prospect_id, enrolment_id, kind, text, created, updated) "
		"values ('01890000-0000-7000-8000-0000aaaaaa02', '%s', '%s', '%s', 'call', 'call', 1, 1)", f.owner, prospect,
		enrolment));
	look("rita", draft_id());
	test_expect_log("refused");
	ck_status(f_step(&f, enrolment, (struct event){ .kind = EV_ENROLLED }), INPUT);
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		const char *items[] = { draft_id(), "01890000-0000-7000-8000-0000abcdef01",
					"01890000-0000-7000-8000-0000aaaaaa02", enrolment };

		(void)f_step(&f, enrolment, to[i]);
		for (size_t k = 0; k < 4; k++) {
			enum seq_state before = f_state(&f, enrolment);
			int64_t events = count("event");
			enum status s = decide(what, items[k], arguments[what], "a reason");

			ck_assert_msg(s == OK || s == INPUT, "%s on %zu: %d %s", decision_kind(what)->name, k, s, test_err.text);
			if (s == OK) {
				ck_assert_int_gt(strlen(out.sentence), 3);
				ck_assert(out.again || count("event") > events);
				continue;
			}
			ck_assert_int_gt(strlen(test_err.text), 10);
			ck_assert_int_eq(f_state(&f, enrolment), before);
			ck_assert_int_eq(count("event"), events);
		}
	}
	ck_assert_int_eq(count("review where decided is not null and decided_by is null"), 0);
}
END_TEST

/* ---- two persons lift what the law asked for ---- */

struct lift {
	const char *by, *id;
	bool waits;
};

static enum status unit_lift(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct lift *l = ctx;

	return store_lift(tx, a, l->id, l->by, "the court agreed", NULL, &l->waits, e);
}

static enum status unit_legal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct suppression s = { .kind = "address", .subject = "ann@buyer.example", .reason = "legal" };
	const char *id = NULL;
	enum status st = store_suppress(tx, a, &s, "admin", false, &id, e);

	*(const char **)ctx = arena_strdup(f.a, id);
	return st;
}

/* rows: 1220 */
START_TEST(two_persons_lift_a_legal_suppression)
{
	struct lift l = { .by = "cli:ann" };

	ck_ok(f_write(&f, unit_legal, &l.id));
	ck_ok(f_write(&f, unit_lift, &l));
	ck_assert(l.waits);
	ck_assert_int_eq(count("suppression where lifted is null"), 1);
	ck_ok(f_write(&f, unit_lift, &l));
	ck_assert(l.waits);
	ck_assert_int_eq(count("event where kind = 'lift_asked'"), 1);
	l.by = "Ann@rep.example";	/* the same person by mail */
	ck_ok(f_write(&f, unit_lift, &l));
	ck_assert(l.waits);
	l.by = "cli:bob";
	f.now += 8 * DAY;		/* the first word is forgotten */
	ck_ok(f_write(&f, unit_lift, &l));
	ck_assert(l.waits);
	l.by = "cli:ann";
	ck_ok(f_write(&f, unit_lift, &l));
	ck_assert(!l.waits);
	ck_assert_str_eq(f_sql_text(&f, "select consent from suppression"), "cli:bob and cli:ann");
	ck_assert_int_eq(count("suppression where lifted is not null"), 1);
}
END_TEST

/* ---- the card ---- */

/* rows: 937, 938, 939, 940, 941, 942, 943, 944, 945, 946, 947, 948, 949 */
START_TEST(the_card_says_it_all)
{
	drafted("draft_only");
	f_exec(&f, arena_printf(f.a, "insert into evidence (id, prospect_id, point, source, type, safe, created, updated) values "
		"('e1', '%s', 'handoffs between sales and ops', 'https://x.example/', 'public_observation', 1, 1, 1)", prospect));
	ck_ok(f_read(&f, unit_card, (void *)draft_id()));
	const char *text = card_text(f.a, &card, "Europe/Berlin");
	static const char *const want[] = { "Ann Buyer <ann@buyer.example>", "Buyer", "priority two", "research",
		"legitimate_interest", "handoffs between sales and ops (public_observation", "Subject:", "| Your handoffs", "Claims:",
		"Tone:", "Asks:", "Channel:      email", "step 1 of 4: open", "nothing was sent yet", "no answer", "Recommended:",
		"Suppressed:   no", "Timing:", "awaiting_approval", "Identity:", "To:           ann@buyer.example", "Authority:" };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_msg(strstr(text, want[i]) != NULL, "'%s' is not in\n%s", want[i], text);
	ck_assert(card.evidence[0].used);
	ck_assert_int_eq(strlen(card.hash), 32);
	const char *hash = card.hash;
	f.now += 5 * DAY;
	ck_ok(f_read(&f, unit_card, (void *)draft_id()));
	ck_assert_str_eq(card.hash, hash);		/* time alone changes nothing */
	f_exec(&f, "update evidence set safe = 0");
	ck_ok(f_read(&f, unit_card, (void *)draft_id()));
	ck_assert_str_ne(card.hash, hash);
	ck_assert_int_eq(card.missing_n, 1);
	ck_assert(strstr(card.missing[0], "not safe") != NULL);
}
END_TEST

/* ---- at the same moment ---- */

enum { ROUNDS = 100 };

static enum status unit_answer(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct event hold = { .kind = EV_HOLD }, said = { .kind = EV_QUESTION };
	struct cause c = { .actor = "imapwatch", .evidence = "a mail" };
	enum status s = store_step(tx, a, enrolment, &hold, &c, NULL, NULL, e);

	(void)ctx;
	return s == OK ? store_step(tx, a, enrolment, &said, &c, NULL, NULL, e) : s;
}

static enum status unit_say_yes(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct decision_new d = { .decision = DECIDE_APPROVE, .item = ctx, .by = "rita", .via = "mail" };
	struct decided mine;

	return store_decide(tx, a, &d, &mine, e);
}

static void *answers(void *ctx)
{
	struct err e;

	*(enum status *)ctx = store_write(f.s, f.now, unit_answer, NULL, 0, &e);
	return NULL;
}

/* Whoever is first: after an answer nothing is approved, and nothing is ready to be sent. */
START_TEST(an_answer_and_an_approval_at_once)
{
	int approved = 0, refused = 0;

	drafted("human_approved");
	ck_ok(f_write(&f, unit_grant, NULL));
	look("rita", draft_id());
	for (int i = 0; i < ROUNDS; i++) {
		enum status heard = SYS, yes;
		pthread_t other;
		struct err e;

		f.now += 3600;
		ck_assert_int_eq(pthread_create(&other, NULL, answers, &heard), 0);
		if (i % 2)
			sched_yield();
		yes = store_write(f.s, f.now, unit_say_yes, (void *)(uintptr_t)draft_id(), 0, &e);
		pthread_join(other, NULL);
		ck_ok(heard);
		ck_assert(yes == OK || yes == INPUT);
		approved += yes == OK;
		refused += yes == INPUT;
		ck_assert_int_eq(f_state(&f, enrolment), SEQ_REPLY_RECEIVED);
		ck_assert_int_eq(count("approval where void is null"), 0);
		f_exec(&f, "update enrolment set state = 'awaiting_approval', holds = 0, reason = null");
		f_exec(&f, "update draft set state = 'placed'");
		f_exec(&f, "delete from decision");
	}
	fprintf(stderr, "# approved first %d, answered first %d\n", approved, refused);
	ck_assert_int_eq(approved + refused, ROUNDS);
}
END_TEST

START_TEST(names_of_decisions)
{
	enum decide d;

	for (int i = 0; i < DECIDE_COUNT; i++) {
		ck_assert(decision_from_name(decision_kind((enum decide)i)->name, &d));
		ck_assert_int_eq((int)d, i);
	}
	ck_assert(decision_from_name("classify-as", &d) && d == DECIDE_CLASSIFY_AS);
	ck_assert(decision_from_name("noted", &d) && d == DECIDE_NOTE);
	ck_assert(!decision_from_name("approv", &d) && !decision_from_name("approved", &d) && !decision_from_name(NULL, &d));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("decide");
	TCase *c = tcase_create("decide");
	TCase *all = tcase_create("all"), *race = tcase_create("race");

	tcase_add_checked_fixture(race, setup, teardown);
	tcase_set_timeout(race, 90);
	tcase_add_test(race, an_answer_and_an_approval_at_once);
	suite_add_tcase(s, race);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, nothing_is_approved_unseen);
	tcase_add_test(c, draft_only_is_sent_by_the_owner);
	tcase_add_test(c, human_approved_is_sent_by_relent_under_a_grant);
	tcase_add_test(c, a_grant_after_the_approval);
	tcase_add_test(c, an_approval_ends_with_an_answer);
	tcase_add_test(c, an_approval_ends_with_a_change);
	tcase_add_test(c, an_approval_ends_with_its_time);
	tcase_add_test(c, two_persons_for_what_is_sensitive);
	tcase_add_test(c, the_first_word_is_about_that_text_alone);
	tcase_add_test(c, two_persons_see_the_edited_words);
	tcase_add_loop_test(c, nothing_is_drafted_or_approved_without_authority, 0, 2);
	tcase_add_test(c, sent_by_hand_uses_it_up);
	tcase_add_test(c, approving_in_bulk_is_noticed);
	tcase_add_test(c, what_stands_in_the_way);
	tcase_add_test(c, edit_and_approve);
	tcase_add_test(c, an_edit_is_judged_by_its_own_words);
	tcase_add_test(c, edited_drafts_of_the_owner_lie_in_drafts);
	tcase_add_test(c, reject);
	tcase_add_test(c, reject_and_stop);
	tcase_add_test(c, more_research);
	tcase_add_test(c, another_channel);
	tcase_add_test(c, a_channel_not_used_comes_back_as_a_draft);
	tcase_add_test(c, another_call_to_action);
	tcase_add_test(c, park);
	tcase_add_test(c, suppress);
	tcase_add_test(c, route_to_another_owner);
	tcase_add_test(c, answers_are_told_what_they_are);
	tcase_add_test(c, noted_once);
	tcase_add_test(c, who_and_what);
	tcase_add_test(c, two_persons_lift_a_legal_suppression);
	tcase_add_test(c, the_card_says_it_all);
	tcase_add_test(c, names_of_decisions);
	suite_add_tcase(s, c);
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_set_timeout(all, 120);	/* a server far away is slow */
	tcase_add_loop_test(all, every_decision_everywhere, 0, DECIDE_COUNT);
	suite_add_tcase(s, all);
	return test_run(s);
}
