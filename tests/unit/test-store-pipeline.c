/* SPDX-License-Identifier: MPL-2.0
 *
 * Where people stand in a real store: absences, other owners, escalations, proposals, reactivation; and that after any
 * history nobody live is without a next action.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/people.h"
#include "store/pipeline.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;

static void setup(void)
{
	fixture_open(&f);
}

static void teardown(void)
{
	fixture_close(&f);
}

struct call {
	const char *x, *y, *z;
	struct owner_away away;
	struct put_off how;
	struct pipeline_clock clock;
	struct event ev;
	struct pipeline_facts facts;
	struct proposal_put put;
	size_t n;
	bool asked;
	struct arena *keep;
};

static enum status unit_away(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_owner_away(tx, a, &((struct call *)ctx)->away, e);
}

static enum status away(const char *who, time_t from, time_t until, const char *stand_in)
{
	struct call c = { .away = { .owner = who, .from = from, .until = until, .stand_in = stand_in, .actor = "test" } };

	return f_write(&f, unit_away, &c);
}

static enum status unit_put_off(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	struct cause cause = { .actor = "clock" };
	enum status s;

	c->ev = (struct event){ .kind = EV_DUE };
	s = store_put_off(tx, a, c->x, &c->how, &c->ev, &cause, e);
	c->ev.reason = c->ev.reason ? arena_strdup(f.a, c->ev.reason) : NULL;
	return s == OK ? store_step(tx, a, c->x, &c->ev, &cause, NULL, NULL, e) : s;
}

static enum status unit_facts(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;

	(void)a;
	return store_pipeline_facts(tx, f.a, c->x, &c->facts, e);
}

static struct pipeline_facts facts(const char *prospect)
{
	struct call c = { .x = prospect };

	ck_ok(f_read(&f, unit_facts, &c));
	return c.facts;
}

/* rows: 906 */
START_TEST(absences_are_checked)
{
	ck_ok(away("rita", f.now, f.now + 5 * DAY, "bob"));
	ck_assert_int_eq(away("bob", f.now + DAY, f.now + 2 * DAY, "rita"), INPUT);
	ck_assert_str_eq(test_err.text, "'rita' is away then too");
	ck_assert_int_eq(away("rita", f.now, f.now - 1, NULL), INPUT);
	ck_assert_int_eq(away("rita", f.now + 9, f.now + 8, NULL), INPUT);
	ck_assert_int_eq(away("rita", f.now, f.now + DAY, "rita"), INPUT);
	ck_assert_int_eq(away("nobody", f.now, f.now + DAY, NULL), INPUT);
	ck_assert_str_eq(test_err.text, "there is no owner 'nobody'");
	/* the same again makes no event */
	int64_t before = f_sql(&f, "select count(*) from event");
	ck_ok(away("rita@rep.example", f.now, f.now + 5 * DAY, NULL));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event"), before);
}
END_TEST

/* What waited during an absence is spread over the days after it, as many as the cap allows. rows: 12, 25 */
START_TEST(after_an_absence_nothing_piles_up)
{
	enum { N = 7, PER_DAY = 3 };
	const char *en[N];

	for (int i = 0; i < N; i++)
		en[i] = f_enrol(&f, f_prospect(&f, arena_printf(f.a, "p%d@c%d.example", i, i), "P", NULL), f.owner);
	ck_ok(away("rita", f.now - DAY, f.now + 7 * DAY, NULL));
	for (int i = 0; i < N; i++) {
		struct call c = { .x = en[i], .how = { .per_day = PER_DAY } };

		ck_ok(f_write(&f, unit_put_off, &c));
		ck_assert_int_eq(c.ev.kind, EV_POSTPONED);
		ck_assert_str_eq(c.ev.reason, "owner_away");
		ck_assert_int_ge(f_row(&f, en[i])->e.due, f.now + 7 * DAY);
		ck_assert_int_eq(f_state(&f, en[i]), SEQ_NOT_STARTED);
	}
	/* 3, 3, 1 on consecutive working days */
	ck_assert_int_eq(f_sql(&f, "select max(n) from (select count(*) as n from enrolment group by due / 86400) x"), PER_DAY);
	ck_assert_int_eq(f_sql(&f, "select count(distinct due / 86400) from enrolment"), 3);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'digest' and payload like '%owner_away%'"), N);
}
END_TEST

static enum status unit_back(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_hand_back(tx, a, &((struct call *)ctx)->n, e);
}

/* rows: 53, 906 */
START_TEST(the_stand_in_has_them_meanwhile)
{
	const char *kept = f_prospect(&f, "kept@one.example", "Kept", NULL), *back = f_prospect(&f, "back@two.example", "B", NULL);
	const char *en1 = f_enrol(&f, kept, f.owner), *en2 = f_enrol(&f, back, f.owner);
	struct call c = { .how = { .hand_over = true } };

	ck_ok(away("rita", f.now - DAY, f.now + 7 * DAY, "bob"));
	c.x = en1;
	ck_ok(f_write(&f, unit_put_off, &c));
	ck_assert_int_eq(c.ev.kind, EV_DUE);
	c.x = en2;
	ck_ok(f_write(&f, unit_put_off, &c));
	ck_assert_str_eq(f_row(&f, en1)->owner_id, f.owner2);
	ck_assert_str_eq(f_sql_text(&f, "select owner_id from draft where state = 'wanted' limit 1"), f.owner2);
	/* nobody is handed back while the owner is away; after it, only whom the stand-in has not written to */
	ck_ok(f_write(&f, unit_back, &c));
	ck_assert_uint_eq(c.n, 0);
	f_touch(&f, en1, kept, "kept@one.example", MAIL_TOUCH, 1, "m1@x");
	f_exec(&f, "update touch set owner_id = (select id from owner where login = 'bob')");
	f.now += 8 * DAY;
	ck_ok(f_write(&f, unit_back, &c));
	ck_assert_uint_eq(c.n, 1);
	ck_assert_str_eq(f_row(&f, en1)->owner_id, f.owner2);
	ck_assert_str_eq(f_row(&f, en2)->owner_id, f.owner);
	ck_assert_int_eq(f_sql(&f, "select count(*) from handover where ended is null"), 0);
	/* one draft of it, and in the owner's mailbox */
	ck_assert_int_eq(f_sql(&f, "select count(*) from draft where state in ('wanted', 'placed')"), 0);
}
END_TEST

/* What needs a person is told to whoever is there. rows: 29, 550 */
START_TEST(the_stand_in_hears_of_answers)
{
	const char *p = f_prospect(&f, "ann@one.example", "Ann", NULL), *en = f_enrol(&f, p, f.owner);

	f_touch(&f, en, p, "ann@one.example", MAIL_TOUCH, 1, "m1@x");
	ck_ok(away("rita", f.now - DAY, f.now + 7 * DAY, "bob"));
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_QUESTION, .words = "how much?" }));
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox x join owner o on o.id = x.owner_id where x.kind = 'notify'"
			       " and o.login = 'bob' and x.payload like '%\"owner\":\"bob\"%'"), 1);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify'"), 2);
}
END_TEST

static enum status unit_escalate(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;

	return store_escalate(tx, a, &c->clock, &c->n, e);
}

static size_t escalate(void)
{
	struct call c = { .clock = { .escalate_owner = 4 * 3600, .escalate_manager = 9 * 3600 } };

	ck_ok(f_write(&f, unit_escalate, &c));
	return c.n;
}

/* Friday's answer is not Saturday's failure. rows: 29 */
START_TEST(escalation_counts_working_hours)
{
	const char *p = f_prospect(&f, "ann@one.example", "Ann", NULL), *en = f_enrol(&f, p, f.owner);

	f_exec(&f, "update owner set manager = 'bob' where login = 'rita'");
	f.now = T0 + 4 * DAY + 7 * 3600;	/* Friday 16:00 UTC */
	f_touch(&f, en, p, "ann@one.example", MAIL_TOUCH, 1, "m1@x");
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_QUESTION, .words = "how much?" }));
	f.now += 44 * 3600;			/* Sunday */
	ck_assert_uint_eq(escalate(), 0);
	f.now = T0 + 7 * DAY + 5 * 3600;	/* Monday 14:00 */
	ck_assert_uint_eq(escalate(), 1);
	ck_assert_uint_eq(escalate(), 0);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where kind = 'notify' and key like 'escalation:%'"), 1);
	f.now += 3 * DAY;
	ck_assert_uint_eq(escalate(), 1);
	ck_assert_str_eq(f_sql_text(&f, "select told from escalation where level = 2"), "bob");
	ck_assert_uint_eq(escalate(), 0);
	/* answered: over */
	ck_ok(f_step(&f, en, (struct event){ .kind = EV_CONVERSATION }));
	f.now += 9 * DAY;
	ck_assert_uint_eq(escalate(), 0);
}
END_TEST

static enum status unit_propose(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	enum status s = store_proposal(tx, a, &c->put, c->y, &c->z, e);

	c->z = c->z ? arena_strdup(f.a, c->z) : NULL;
	return s;
}

static enum status unit_expire(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_expire_proposals(tx, a, &((struct call *)ctx)->n, e);
}

/* rows: 785-794 */
START_TEST(a_proposal_follows_the_answers)
{
	static const struct {
		enum seq_event ev;
		const char *reason, *state;
	} list[] = {
		{ EV_QUESTION, NULL, "questions_received" }, { EV_CONVERSATION, NULL, "decision_pending" },
		{ EV_OBJECTION, "price", "revision_requested" }, { EV_NOT_NOW, NULL, "parked" },
		{ EV_INTERESTED, NULL, "decision_pending" },
	};
	const char *p = f_prospect(&f, "ann@one.example", "Ann", NULL), *en = f_enrol(&f, p, f.owner);
	const char *values[16] = { "8 workshops", "EUR 7,800" };
	struct call c = { .y = "test", .put = { .prospect_id = p, .values = values, .expires = T0 + 10 * DAY } };

	ck_ok(f_write(&f, unit_propose, &c));
	f_touch(&f, en, p, "ann@one.example", MAIL_TOUCH, 1, "m1@x");
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		f.now += 60;
		ck_ok(f_step(&f, en, (struct event){ .kind = list[i].ev, .reason = list[i].reason, .words = "their words" }));
		ck_assert_str_eq(f_sql_text(&f, "select state from proposal"), list[i].state);
	}
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity = 'proposal' and kind = 'moved'"), 5);
	ck_assert_int_eq(f_sql(&f, "select count(*) from proposal where content like '%objections%their words%'"), 1);
	/* it stands through its last day, and expires once */
	f.now = T0 + 10 * DAY;
	ck_ok(f_write(&f, unit_expire, &c));
	ck_assert_uint_eq(c.n, 0);
	f.now = T0 + 13 * DAY;
	ck_ok(f_write(&f, unit_expire, &c));
	ck_assert_uint_eq(c.n, 1);
	ck_ok(f_write(&f, unit_expire, &c));
	ck_assert_uint_eq(c.n, 0);
	ck_assert_str_eq(f_sql_text(&f, "select state from proposal"), "expired");
	ck_assert_int_eq(f_sql(&f, "select count(*) from task where kind = 'proposal_expired' and done is null"), 1);
	/* only a person, and only as another version */
	c.put = (struct proposal_put){ .id = c.z, .state = "sent" };
	ck_assert_int_eq(f_write(&f, unit_propose, &c), INPUT);
	values[1] = "EUR 7,000";
	c.put = (struct proposal_put){ .id = f_sql_text(&f, "select id from proposal"), .values = values };
	ck_ok(f_write(&f, unit_propose, &c));
	ck_assert_str_eq(f_sql_text(&f, "select state || version from proposal"), "sent2");
	ck_assert_int_eq(f_sql(&f, "select count(*) from proposal_version where version = 1 and state = 'expired'"), 1);
}
END_TEST

static enum status unit_match(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	const char *refs[] = { c->y };
	struct match_question q = { .owner_id = f.owner, .from = "ann@one.example", .refs = refs, .refs_n = 1,
				    .received = f.now };
	struct match *list;
	enum status s = store_match(tx, a, &q, &list, &c->n, e);

	c->asked = false;
	for (size_t i = 0; s == OK && i < c->n; i++)
		c->asked = c->asked || (list[i].live && str_eq(list[i].enrolment_id, c->x));
	return s;
}

/* rows: 62, 129 */
START_TEST(an_answer_to_an_old_thread_stops_the_new_one)
{
	const char *p = f_prospect(&f, "ann@one.example", "Ann", NULL), *old = f_enrol(&f, p, f.owner);
	struct call c = { .y = "m1@x" };

	f_touch(&f, old, p, "ann@one.example", MAIL_TOUCH, 1, "m1@x");
	ck_ok(f_step(&f, old, (struct event){ .kind = EV_STOP, .reason = "owner" }));
	f.now += DAY;
	c.x = f_enrol(&f, p, f.owner);	/* nothing has gone out in it */
	ck_ok(f_read(&f, unit_match, &c));
	ck_assert(c.asked);
	/* a mail from before it began says nothing about it */
	f.now -= DAY;
	ck_ok(f_read(&f, unit_match, &c));
	ck_assert(!c.asked);
}
END_TEST

/* ---- any history ---- */

static enum status unit_page(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;
	const char *last = NULL;

	return store_pipeline_page(tx, a, NULL, 1000, &pipeline_defaults, &last, &c->n, e);
}

static enum status unit_stage(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct call *c = ctx;

	return store_stage(tx, a, c->x, c->y, STAGE_BY_PERSON, "a test", "test", e);
}

static void ignore(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	(void)level;
	(void)line;
}

/* rows: 44, 548 */
START_TEST(after_any_history_everybody_has_a_next_action)
{
	enum { PEOPLE = 6, STEPS = 60 };
	const char *people[PEOPLE], *en[PEOPLE];
	unsigned seed = (unsigned)_i * 2654435761u + 17;
	struct call c = { .n = 0 };

	log_capture(ignore, NULL);	/* each refusal is a warning: that is as it should be */
	for (int i = 0; i < PEOPLE; i++) {
		people[i] = f_prospect(&f, arena_printf(f.a, "p%d@c%d.example", i, i), "P", NULL);
		en[i] = i % 3 ? f_enrol(&f, people[i], f.owner) : NULL;
	}
	for (int k = 0; k < STEPS; k++) {
		int i = rand_r(&seed) % PEOPLE;
		struct event ev = { .kind = (enum seq_event)(rand_r(&seed) % EV_COUNT), .reason = "question", .words = "w",
				    .target = (enum seq_state)(rand_r(&seed) % SEQ_STATE_COUNT) };

		f.now += rand_r(&seed) % (2 * DAY);
		if (en[i] && ev.kind != EV_HOLD && ev.kind != EV_APPROVED)
			(void)f_step(&f, en[i], ev);
		if (rand_r(&seed) % 5 == 0) {
			c.x = people[i];
			c.y = stage_names[rand_r(&seed) % stage_names_n];
			(void)f_write(&f, unit_stage, &c);
		}
		if (k % 10 != 9)
			continue;
		f_exec(&f, arena_printf(f.a, "update task set done = created, due = null where created %% 3 = %d", rand_r(&seed) % 3));
		ck_ok(f_write(&f, unit_page, &c));
		for (int j = 0; j < PEOPLE; j++) {
			struct pipeline_facts now = facts(people[j]);
			struct next_action n = pipeline_next(&now, NULL, f.now);

			ck_assert_msg(n.kind != NEXT_MISSING, "%s %s %s: %s", now.stage, now.enrolled ?
				      seq_state_name(now.e.state) : "-", pipeline_name(pipeline_state(&now, NULL)), n.what);
			ck_assert(n.kind == NEXT_NONE ? !pipeline_live(&now) : n.when != 0 && !str_empty(n.what));
		}
		/* asked once */
		ck_ok(f_write(&f, unit_page, &c));
		ck_assert_uint_eq(c.n, 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store pipeline");
	TCase *t = test_case(s, "pipeline");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, absences_are_checked);
	tcase_add_test(t, after_an_absence_nothing_piles_up);
	tcase_add_test(t, the_stand_in_has_them_meanwhile);
	tcase_add_test(t, the_stand_in_hears_of_answers);
	tcase_add_test(t, escalation_counts_working_hours);
	tcase_add_test(t, a_proposal_follows_the_answers);
	tcase_add_test(t, an_answer_to_an_old_thread_stops_the_new_one);
	tcase_add_loop_test(t, after_any_history_everybody_has_a_next_action, 0, 12);
	return test_run(s);
}
