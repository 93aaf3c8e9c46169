/* SPDX-License-Identifier: MPL-2.0
 *
 * What becomes of a lead: a prospect with source, permission and owner; the same once; known, suppressed, unreadable
 * ones; turns and rules; a person's decision; lateness; forgotten.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/leads.h"
#include "store/decide.h"
#include "store/people.h"
#include "store/sends.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;
static struct conf_lead source;

static void setup(void)
{
	fixture_open(&f);
	source = (struct conf_lead){ .name = "website", .account = "leads", .folder = "INBOX", .format = "auto",
				     .campaign = "spring", .permission = "inbound", .words = "wrote to us", .sequence = "four",
				     .answer_within = 300 };
}
static void teardown(void) { fixture_close(&f); }

struct take {
	struct lead lead;
	const char *key, *subject;
	time_t received;
	struct lead_taken out;
};

static enum status unit_take(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct take *t = ctx;
	struct lead_mail m = { .lead = &t->lead, .source = &source, .key = t->key, .message_id = t->key,
			       .sender = "wordpress@site.example", .subject = t->subject, .account = "leads",
			       .folder = "INBOX", .uidvalidity = 7, .uid = 3, .received = t->received };
	struct lead_taken out;
	enum status s = store_lead_take(tx, a, &m, &out, e);

	if (s != OK)
		return s;
	t->out = (struct lead_taken){ arena_strdup(f.a, out.id), arena_strdup(f.a, out.state), arena_strdup(f.a, out.address),
				      arena_strdup(f.a, out.prospect_id), arena_strdup(f.a, out.enrolment_id),
				      arena_strdup(f.a, out.owner), arena_strdup(f.a, out.problem) };
	return OK;
}

static struct take form(const char *key, const char *address)
{
	struct take t = { .key = key, .subject = "New inquiry", .received = f.now };

	t.lead.shape = LEAD_SHAPE_LINES;
	t.lead.address = address;
	t.lead.values[LEAD_EMAIL] = address;
	t.lead.values[LEAD_NAME] = "Ann Colby";
	t.lead.values[LEAD_FIRST_NAME] = "Ann";
	t.lead.values[LEAD_COMPANY] = "Colby Ltd";
	t.lead.values[LEAD_SERVICE] = "Warehouse audit";
	t.lead.values[LEAD_BUDGET] = "5000";
	t.lead.values[LEAD_MESSAGE] = "please call";
	t.lead.request = "Warehouse audit";
	return t;
}

static int64_t count(const char *what)
{
	return f_sql(&f, arena_printf(f.a, "select count(*) from %s", what));
}

/* rows: 270, 271, 284, 285, 286, 288, 747, 748, 749, 750, 752, 753, 755, 756, 757, 759, 760, 761, 762, 763, 764,
 * 963, 964, 968, 1064, 1065, 1066, 1067 */
START_TEST(a_form_becomes_a_prospect)
{
	struct take t = form("m1", "ann@colby.example");

	t.lead.urgent = true;
	t.lead.consent = LEAD_CONSENT_YES;
	t.lead.consent_words = "Privacy policy: I agree";
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "enrolled");
	ck_assert_str_eq(f_sql_text(&f, "select name||'|'||first_name||'|'||stage||'|'||priority from prospect"),
			 "Ann Colby|Ann|new|one");
	ck_assert_ptr_nonnull(strstr(f_sql_text(&f, "select qualification from prospect"), "\"budget\":\"5000\""));
	ck_assert_ptr_nonnull(strstr(f_sql_text(&f, "select qualification from prospect"), "\"campaign\":\"spring\""));
	ck_assert_str_eq(f_sql_text(&f, "select kind||'|'||permission||'|'||source_owner||'|'||compliance||'|'||permitted_use"
				    " from source"),
			 "inbound_form|inbound|website|consent given|wrote to us; Privacy policy: I agree");
	ck_assert_int_eq(f_sql(&f, "select captured from source"), f.now);
	ck_assert_str_eq(f_sql_text(&f, "select c.name||'|'||d.domain from company c join company_domain d on d.company_id = c.id"),
			 "Colby Ltd|colby.example");
	ck_assert_str_eq(f_sql_text(&f, "select point||'|'||safe from evidence"), "please call|0");
	ck_assert_int_eq(count("outbox where kind = 'notify' and owner_id is not null"), 1);
	ck_assert_int_eq(count("event where entity = 'lead' and kind = 'received'"), 1);
	ck_assert_int_eq(f_sql(&f, "select answer_by - received from lead"), 300);
	ck_assert_str_eq(f_sql_text(&f, "select account||folder||uid from lead"), "leadsINBOX3");
}
END_TEST

/* A person's mail is another kind of source; freemail makes no company. */
START_TEST(a_mail_of_a_person)
{
	struct take t = form("m1", "ann@gmail.com");

	t.lead.shape = LEAD_SHAPE_PERSON;
	t.lead.values[LEAD_COMPANY] = NULL;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(f_sql_text(&f, "select kind from source"), "inbound_mail");
	ck_assert_int_eq(count("company"), 0);
	t = form("m2", "bob@depot.example");
	t.lead.values[LEAD_COMPANY] = NULL;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(f_sql_text(&f, "select name from company"), "depot.example");
}
END_TEST

START_TEST(the_same_once)
{
	struct take t = form("m1", "ann@colby.example");

	ck_ok(f_write(&f, unit_take, &t));
	ck_status(f_write(&f, unit_take, &t), GONE);
	t = form("m2", "ann@colby.example");
	t.received += 60;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "again");
	ck_assert_int_eq(count("note"), 0);
	t = form("m3", "ann@colby.example");
	t.lead.values[LEAD_MESSAGE] = "call after six, please";
	t.received += 120;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "again");
	ck_assert_int_eq(count("note where text like '%call after six%'"), 1);
	ck_assert_int_eq(count("prospect"), 1);
	ck_assert_int_eq(count("enrolment"), 1);
	ck_assert_int_eq(count("enrolment where state = 'not_started'"), 1);
	ck_assert_int_eq(count("lead"), 3);
}
END_TEST

/* While a sequence runs it is an answer; later it is a new inquiry. */
START_TEST(known_people)
{
	struct take t = form("m1", "ann@colby.example");
	const char *enrolment;

	ck_ok(f_write(&f, unit_take, &t));
	enrolment = t.out.enrolment_id;
	t = form("m2", "ann@colby.example");
	t.received += LEAD_AGAIN_S + 1;
	f.now += LEAD_AGAIN_S + 1;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "inquiry");
	ck_assert_str_eq(t.out.enrolment_id, enrolment);
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_REPLY_RECEIVED);
	ck_assert_int_eq(count("reply where matched_by = 'lead'"), 1);
	/* a person has them in hand: nothing is begun beside it */
	t = form("m3", "ann@colby.example");
	t.received += 2 * LEAD_AGAIN_S + 2;
	f.now += LEAD_AGAIN_S + 1;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "inquiry");
	ck_assert_int_eq(count("enrolment"), 1);
	/* known, and in no sequence */
	const char *prospect = f_prospect(&f, "bob@depot.example", "Bob", "Depot");
	t = form("m4", "bob@depot.example");
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "enrolled");
	ck_assert_str_eq(t.out.prospect_id, prospect);
	ck_assert_str_eq(f_sql_text(&f, arena_printf(f.a, "select name from prospect where id = '%s'", prospect)), "Bob");
	ck_assert_int_eq(count("source where kind = 'inbound_form'"), 3);
}
END_TEST

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct suppression s = { .kind = "address", .subject = ctx, .reason = "unsubscribe", .evidence = "a test" };

	return store_suppress(tx, a, &s, "admin", false, NULL, e);
}

static enum status unit_accept(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct lead_accept *x = ctx;
	struct lead_taken out;
	enum status s = store_lead_accept(tx, a, x, "rita", &out, e);

	if (s == OK)
		x->because = arena_strdup(f.a, out.state);
	return s;
}

static enum status unit_reject(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_lead_reject(tx, a, ctx, "rita", "spam", e);
}

static void said(const char *text)
{
	ck_assert_msg(strstr(test_err.text, text) != NULL, "%s", test_err.text);
}

/* rows: 767, 1069 */
START_TEST(suppressed_people_wait_for_a_person)
{
	struct take t = form("m1", "ann@colby.example");
	struct lead_accept x = { .source = &source };

	ck_ok(f_write(&f, unit_suppress, (void *)(uintptr_t)"ann@colby.example"));
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "review");
	ck_assert_int_eq(count("prospect"), 0);
	ck_assert_int_eq(count("suppression where lifted is null"), 1);
	ck_assert_int_eq(count("review where kind = 'lead' and decided is null"), 1);
	x.id = t.out.id;
	ck_status(f_write(&f, unit_accept, &x), INPUT);
	said("suppressed");
	ck_assert_int_eq(count("enrolment"), 0);
	/* what a person answers them is no outreach */
	ck_assert_int_eq(count("heard where message_id = 'm1'"), 1);
}
END_TEST

START_TEST(unreadable_ones_wait_for_a_person)
{
	struct take t = form("m1", NULL);
	struct lead_accept x = { .source = &source };

	t.lead.problem = "the form gives no mail address";
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "review");
	ck_assert_int_eq(count("prospect"), 0);
	ck_assert_int_eq(count("outbox where payload like '%lead_review%'"), 1);
	x.id = t.out.id;
	ck_status(f_write(&f, unit_accept, &x), INPUT);
	said("--email");
	x.values[LEAD_EMAIL] = "ann at colby";
	ck_status(f_write(&f, unit_accept, &x), INPUT);
	said("is not a mail address");
	x.values[LEAD_EMAIL] = "Ann@Colby.example";
	x.owner = "nobody";
	ck_status(f_write(&f, unit_accept, &x), INPUT);
	said("there is no owner");
	x.owner = "bob";
	ck_ok(f_write(&f, unit_accept, &x));
	ck_assert_str_eq(x.because, "enrolled");
	ck_assert_str_eq(f_sql_text(&f, "select address from prospect_address"), "ann@colby.example");
	ck_assert_str_eq(f_sql_text(&f, "select decision from review"), "lead_accepted");
	ck_assert_str_eq(f_sql_text(&f, "select o.login from enrolment e join owner o on o.id = e.owner_id"), "bob");
	ck_status(f_write(&f, unit_accept, &x), INPUT);
	said("decided already");
	/* a robot: nobody is told, and it stops nobody's sequence */
	t = form("m2", "ann@colby.example");
	t.lead.problem = "nothing but links";
	t.lead.robot = true;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "review");
	ck_assert_int_eq(count("outbox where payload like '%lead_review%'"), 1);
	ck_assert_int_eq(count("enrolment where state = 'not_started'"), 1);
	ck_ok(f_write(&f, unit_reject, (void *)(uintptr_t)t.out.id));
	ck_status(f_write(&f, unit_reject, (void *)(uintptr_t)t.out.id), INPUT);
	/* our own */
	t = form("m3", "rita@rep.example");
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "review");
}
END_TEST

static void limited(struct inbound_limits l)
{
	struct store_options o = fixture_options(&f);

	store_close(f.s);
	o.inbound = l;
	ck_ok(store_open(&o, &f.s, &test_err));
}

/* A robot in the form: notes are few, nobody is enrolled without end, nothing is lost; a known person's sequence stops
 * all the same. */
START_TEST(a_flood_of_forms)
{
	struct take t = form("m0", "ann@colby.example");
	const char *enrolment;

	limited((struct inbound_limits){ .leads_per_hour = 6, .lead_notes = 3 });
	source.owners = (const char *const[]){ "rita" };
	source.owners_n = 1;
	ck_ok(f_write(&f, unit_take, &t));
	enrolment = t.out.enrolment_id;
	for (int n = 1; n <= 20; n++) {
		t = form(arena_printf(f.a, "m%d", n), arena_printf(f.a, "p%d@firm%d.example", n, n));
		ck_ok(f_write(&f, unit_take, &t));
		ck_assert_str_eq(t.out.state, n < 6 ? "enrolled" : "review");
	}
	ck_assert_int_eq(count("lead"), 21);
	ck_assert_int_eq(count("enrolment"), 6);
	ck_assert_int_eq(count("review where kind = 'lead' and reason like '%robot%'"), 15);
	ck_assert_int_eq(count("outbox where kind = 'notify'"), 4);
	ck_assert_str_eq(f_sql_text(&f, "select json_extract(payload, '$.count') || json_extract(payload, '$.owner')"
				    " from outbox where key like 'lead_more:%'"), "21rita");
	ck_assert_int_eq(f_sql(&f, "select not_before from outbox where key like 'lead_more:%'"), f.now - f.now % 3600 + 3600);
	t = form("m21", "ann@colby.example");
	t.received += LEAD_AGAIN_S + 1;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "inquiry");
	ck_assert_int_eq(f_state(&f, enrolment), SEQ_HUMAN_REVIEW);
	/* an hour later it is as ever */
	f.now += 3601;
	t = form("m22", "zoe@zebra.example");
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "enrolled");
}
END_TEST

static enum status unit_answers(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct field g[] = { { "owner_id", f.owner }, { "sequence", "answers" }, { "authority", "approved_template" },
			     { "granted_by", "admin" }, { "because", "a test" } };
	enum status s = store_plan_put(tx, a, fixture_plan(a, "answers", "authority = approved_template\n"), "test", NULL, NULL, e);

	(void)ctx;
	return s == OK ? store_put(tx, a, "grant", NULL, g, 5, "admin", NULL, e) : s;
}

static enum status unit_answer(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const char *by = NULL;
	enum status s = store_template_may(tx, a, ctx, &by, e);

	return s == OK ? store_template_send(tx, a, ctx, "sha256:x", by, e) : s;
}

/* Somebody asks, it falls due at once: does the answer go out by itself? */
static enum status answered(const char *address)
{
	struct take t = form(address, address);

	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "enrolled");
	ck_ok(f_step(&f, t.out.enrolment_id, (struct event){ .kind = EV_DUE }));
	return f_write(&f, unit_answer, (void *)(uintptr_t)f_sql_text(&f,
		arena_printf(f.a, "select id from draft where enrolment_id = '%s'", t.out.enrolment_id)));
}

/* Whoever types other people's addresses into a form must not make us write to them without end. */
START_TEST(automatic_answers_are_limited)
{
	limited((struct inbound_limits){ .template_per_hour = 5, .template_per_domain = 2 });
	source.sequence = "answers";
	source.owners = (const char *const[]){ "rita" };
	source.owners_n = 1;
	ck_ok(f_write(&f, unit_answers, NULL));
	ck_ok(answered("a@victim.example"));
	ck_ok(answered("b@mail.victim.example"));
	ck_status(answered("c@victim.example"), GONE);
	said("victim.example within an hour");
	ck_ok(answered("d@other.example"));
	/* unrelated people share one */
	ck_ok(answered("e@gmail.com"));
	ck_ok(answered("f@gmail.com"));
	ck_status(answered("g@gmail.com"), GONE);
	said("5 automatic answers");
	/* those are drafts, and nothing else goes out */
	ck_assert_int_eq(count("outbox where kind = 'send'"), 5);
	ck_assert_int_eq(count("outbox where kind = 'draft_put' and state = 'waiting'"), 7);
	f.now += 3601;
	ck_ok(answered("h@victim.example"));
}
END_TEST

static enum status unit_decide(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct decided out;

	return store_decide(tx, a, ctx, &out, e);
}

/* The generic ways to decide an item decide the lead, too; a rep who takes it over has it still to decide. */
START_TEST(decided_like_any_item)
{
	struct take t = form("m1", NULL);
	struct decision_new d = { .decision = DECIDE_ROUTE, .argument = "bob", .by = "admin", .via = "relentctl" };

	t.lead.problem = "the form gives no mail address";
	ck_ok(f_write(&f, unit_take, &t));
	d.item = f_sql_text(&f, "select id from review");
	d.argument = str_eq(t.out.owner, "bob") ? "rita" : "bob";
	ck_ok(f_write(&f, unit_decide, &d));
	ck_assert_int_eq(count("review where decided is null"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select o.login from lead l join owner o on o.id = l.owner_id"), d.argument);
	ck_assert_str_eq(f_sql_text(&f, "select o.login from review w join owner o on o.id = w.owner_id"), d.argument);
	d = (struct decision_new){ .decision = DECIDE_NOTE, .item = d.item, .because = "called them", .by = "admin",
				   .via = "relentctl" };
	ck_ok(f_write(&f, unit_decide, &d));
	ck_assert_str_eq(f_sql_text(&f, "select state || decided_by from lead"), "notedadmin");
	ck_assert_int_eq(count("review where decided is null"), 0);
	/* never again: the address stands in the lead alone */
	t = form("m2", "ann@colby.example");
	t.lead.problem = "it asks to be left alone, or complains";
	ck_ok(f_write(&f, unit_take, &t));
	d = (struct decision_new){ .decision = DECIDE_SUPPRESS, .by = "admin", .via = "relentctl", .because = "they said so",
				   .item = f_sql_text(&f, "select id from review where decided is null") };
	ck_ok(f_write(&f, unit_decide, &d));
	ck_assert_int_eq(count("suppression where subject = 'ann@colby.example' and lifted is null"), 1);
	ck_assert_str_eq(f_sql_text(&f, "select state from lead where address is not null"), "rejected");
}
END_TEST

static const char *owner_of_new(int n)
{
	struct take t = form(arena_printf(f.a, "turn%d", n), arena_printf(f.a, "p%d@firm%d.example", n, n));

	ck_ok(f_write(&f, unit_take, &t));
	return t.out.owner;
}

/* rows: 756 */
START_TEST(turns)
{
	static const char *const both[] = { "rita", "bob" };

	source.owners = both;
	source.owners_n = 2;
	ck_assert_str_eq(owner_of_new(1), "rita");
	ck_assert_str_eq(owner_of_new(2), "bob");
	store_close(f.s);
	struct store_options o = fixture_options(&f);
	ck_ok(store_open(&o, &f.s, &test_err));
	ck_assert_str_eq(owner_of_new(3), "rita");
	f_exec(&f, arena_printf(f.a, "update owner set away_from = %lld, away_until = %lld where login = 'bob'",
				(long long)f.now - 10, (long long)f.now + 86400));
	ck_assert_str_eq(owner_of_new(4), "rita");
	f_exec(&f, "update owner set away_from = null, away_until = null where login = 'bob'");
	ck_assert_str_eq(owner_of_new(5), "bob");
	f_exec(&f, "update owner set active = 0 where login = 'rita'");
	ck_assert_str_eq(owner_of_new(6), "bob");
	ck_assert_str_eq(owner_of_new(7), "bob");
	f_exec(&f, "update owner set active = 0");
	struct take t = form("none", "z@z.example");
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.state, "review");
	ck_assert_str_eq(t.out.problem, "there is no owner to give it to");
}
END_TEST

START_TEST(rules)
{
	static const char *const bob[] = { "bob" }, *const de[] = { "Germany", "Deutsch*" }, *const tld[] = { "*.fr" },
		*const lang[] = { "pl" }, *const spring[] = { "spring-*" };
	const struct conf_lead_rule list[] = { { "country", de, 2, bob, 1 }, { "domain", tld, 1, bob, 1 },
					       { "language", lang, 1, bob, 1 }, { "campaign", spring, 1, bob, 1 } };
	static const char *const rita[] = { "rita" };
	struct take t = form("m1", "a@a.example");

	source.owners = rita;
	source.owners_n = 1;
	source.rules = list;
	source.rules_n = 4;
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.owner, "rita");
	t = form("m2", "b@b.example");
	t.lead.values[LEAD_COUNTRY] = "DEUTSCHLAND";
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.owner, "bob");
	t = form("m3", "c@mail.c.fr");
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.owner, "bob");
	t = form("m4", "d@d.example");
	t.lead.language = "pl";
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.owner, "bob");
	t = form("m5", "e@e.example");
	t.lead.values[LEAD_CAMPAIGN] = "spring-2027";
	ck_ok(f_write(&f, unit_take, &t));
	ck_assert_str_eq(t.out.owner, "bob");
}
END_TEST

struct lateness {
	struct lead_lateness out;
};
static enum status unit_late(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct lateness *l = ctx;

	return store_lead_lateness(tx, a, NULL, 0, &l->out, e);
}

/* rows: 97, 750 */
START_TEST(lateness_is_measured)
{
	struct take t = form("m1", "ann@colby.example");
	struct lateness l;

	ck_ok(f_write(&f, unit_take, &t));
	ck_ok(f_read(&f, unit_late, &l));
	ck_assert_int_eq(l.out.leads, 1);
	ck_assert_int_eq(l.out.late, 0);
	f.now += 301;
	ck_ok(f_read(&f, unit_late, &l));
	ck_assert_int_eq(l.out.late, 1);
	f_exec(&f, arena_printf(f.a, "insert into draft (id, enrolment_id, owner_id, prospect_id, step, state, made, updated)"
				" values ('d', '%s', 'o', '%s', 1, 'placed', %lld, 1)", t.out.enrolment_id, t.out.prospect_id,
				(long long)t.received + 20));
	ck_ok(f_read(&f, unit_late, &l));
	ck_assert_int_eq(l.out.late, 0);
}
END_TEST

START_TEST(forgotten_people_leave_no_lead)
{
	struct take t = form("m1", "ann@colby.example"), r = form("m2", "bob@depot.example");
	struct forgotten out;

	r.lead.problem = "bob@depot.example is one of a kind";
	ck_ok(f_write(&f, unit_take, &t));
	ck_ok(f_write(&f, unit_take, &r));
	ck_ok(store_forget(f.s, f.now, "ann@colby.example", "admin", "asked", &out, &test_err));
	ck_ok(store_forget(f.s, f.now, "bob@depot.example", "admin", "asked", &out, &test_err));
	ck_assert_int_eq(count("lead where address is not null or fields <> '{}' or sender is not null"), 0);
	ck_assert_int_eq(count("event where payload like '%ann@colby%' or payload like '%bob@depot%'"), 0);
	ck_assert_int_eq(count("event where entity = 'lead' and payload is not null"), 0);
	ck_assert_int_eq(count("review"), 0);
}
END_TEST

/* What is kept of a lead comes back as it was. */
START_TEST(json_round_trip)
{
	struct take t = form("m", "ann@colby.example");
	struct lead *l;

	t.lead.extra[t.lead.extra_n++] = (struct lead_extra){ "Fleet", "40 \"trucks\" {{x}}" };
	t.lead.consent = LEAD_CONSENT_NO;
	t.lead.urgent = true;
	l = lead_from_json(f.a, lead_json(f.a, &t.lead));
	ck_assert_str_eq(l->values[LEAD_NAME], "Ann Colby");
	ck_assert_str_eq(l->extra[0].value, "40 \"trucks\" {{x}}");
	ck_assert_int_eq(l->consent, LEAD_CONSENT_NO);
	ck_assert(l->urgent && l->shape == LEAD_SHAPE_LINES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-leads");
	TCase *c = test_case(s, "leads");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, a_form_becomes_a_prospect);
	tcase_add_test(c, a_mail_of_a_person);
	tcase_add_test(c, the_same_once);
	tcase_add_test(c, known_people);
	tcase_add_test(c, suppressed_people_wait_for_a_person);
	tcase_add_test(c, unreadable_ones_wait_for_a_person);
	tcase_add_test(c, a_flood_of_forms);
	tcase_add_test(c, automatic_answers_are_limited);
	tcase_add_test(c, decided_like_any_item);
	tcase_add_test(c, turns);
	tcase_add_test(c, rules);
	tcase_add_test(c, lateness_is_measured);
	tcase_add_test(c, forgotten_people_leave_no_lead);
	tcase_add_test(c, json_round_trip);
	return test_run(s);
}
