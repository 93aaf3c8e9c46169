/* SPDX-License-Identifier: MPL-2.0
 *
 * Control addresses at RCPT, and answers to a digest carried out in a store: without an MTA. The whole way is
 * tests/live/control-mail.test.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "milter/control.h"
#include "store/links.h"
#include "tests/unit/store_fixture.h"

struct milter the_milter;
static struct fixture f;
static struct settings *settings;

/* What decide.c would log and record. */
void decide_refused(struct milter *d, const struct mail *m, enum rule rule, const char *rcpt,
		    const char *const text[2], const char *fact)
{
	(void)d, (void)m, (void)rcpt, (void)fact;
	ck_assert_int_eq(rule, RULE_CONTROL);
	ck_assert_msg(text[0] && *text[0], "a refusal without words");
}

static void up(void)
{
	const char *conf, *clock;

	fixture_open(&f);
	conf = arena_printf(f.a, "%s/relent.conf", test_dir());
	clock = arena_printf(f.a, "%s/clock", test_dir());
	test_write(conf, "zone = \"Europe/Berlin\"\nown_domains = { \"rep.example\" }\n"
			 "control { address = \"relent@rep.example\" answers_per_hour = 3 }\n");
	test_write(clock, "2026-03-02T09:00:00Z\n");
	setenv("RELENT_DATA", test_source("conf"), 1);
	ck_ok(settings_load(conf, &settings, &test_err));
	ck_ok(clock_new(clock, &the_milter.clock, &test_err));
	atomic_store(&the_milter.store, f.s);
	atomic_store(&the_milter.keys, f.keys);
}

static void down(void)
{
	clock_free(the_milter.clock);
	settings_unref(settings);
	fixture_close(&f);
}

static struct mail *mail(void)
{
	struct mail *m;

	atomic_fetch_add(&settings->refs, 1);
	m = mail_new(settings);
	m->login = "rita";
	m->sender = "rita@rep.example";
	return m;
}

static const char *rcpt(struct mail *m, const char *words)
{
	const char *text[2] = { "", "" }, *address = arena_printf(m->arena, "relent+%s@rep.example", words);

	switch (control_rcpt(&the_milter, m, address, str_lower(m->arena, address), text)) {
	case CONTROL_NONE:
		return "none";
	case CONTROL_TAKEN:
		return "taken";
	case CONTROL_REFUSED:
		break;
	}
	return text[0];
}

START_TEST(arguments)
{
	static const struct { const char *words, *answer; } cases[] = {
		{ "stop", "taken" }, { "STOP", "taken" }, { "stop.now", NULL }, { "pause.30d", "taken" }, { "pause.2w", "taken" },
		{ "pause", NULL }, { "pause.0d", NULL }, { "pause.12h", NULL }, { "pause.731d", NULL },
		{ "pause.2026-03-02", NULL }, { "pause.2026-03-03", "taken" }, { "pause.2026-02-30", NULL },
		{ "pause.99999999999999999999d", NULL }, { "pause.-3d", NULL },
		{ "remind.3d", "taken" }, { "remind", NULL },
		{ "booked.2026-03-02.1130", "taken" }, { "booked.2026-03-02.0930", NULL },	/* 10:00 is now in Berlin */
		{ "booked.2026-03-05.2400", NULL }, { "booked.2026-03-05.1060", NULL }, { "booked.2026-03-05", NULL },
		{ "booked.2026-03-05.10", NULL }, { "booked.2036-03-05.1000", NULL },
		{ "lost.price", "taken" }, { "lost", NULL }, { "lost.-", NULL }, { "won", "taken" }, { "won.big", NULL },
		{ "seq.four", "taken" }, { "seq.FOUR", "taken" }, { "seq.fuor", NULL }, { "seq", NULL },
		{ "route.bob", "taken" }, { "route.bod", NULL }, { "route", NULL },
		{ "done.ffffff", NULL }, { "done", NULL }, { "showed.4c1f9a", "taken" }, { "showed.x", NULL },
		{ "away.2026-03-20", "taken" }, { "away.14d", "taken" }, { "away.2026-03-10.2026-03-20", "taken" },
		{ "away.2026-03-20.2026-03-10", NULL }, { "away", NULL }, { "back", "taken" }, { "back.soon", NULL },
		{ "help", "taken" }, { "help.pause", "taken" }, { "help.me", NULL },
		{ "re.abc", NULL }, { "re", NULL }, { "do.0123456789012345678901234567890123456789", NULL },
		{ "do.abcdefghijklmnopqrstuvwxyz234567abcdefgh", "taken" },
		{ "", "none" }, { "unsubscribe.x", "none" }, { "bounce.x", "none" }, { "stpo", NULL }, { "drop-table", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mail *m = mail();
		const char *got = rcpt(m, cases[i].words);

		ck_assert_msg(cases[i].answer ? str_eq(got, cases[i].answer) : span_starts_case(span_of(got), "Not sent: "),
			      "%s: %s", cases[i].words, got);
		ck_assert_msg(m->control.refused == !cases[i].answer, "%s: the rest of the transaction", cases[i].words);
		mail_free(m);
	}
}
END_TEST

START_TEST(what_contradicts)
{
	static const struct { const char *one, *two; bool together; } cases[] = {
		{ "stop", "dnc", true }, { "stop", "remind.3d", true }, { "seq.four", "qualified", true }, { "stop", "stop", true },
		{ "pause.3d", "pause.3d", true }, { "won", "booked.2026-03-05.1000", true }, { "help", "stop", true },
		{ "seq.four", "proposal", true }, { "seq.four", "stop", false }, { "stop", "seq.four", false },
		{ "pause.3d", "pause.4d", false }, { "won", "lost.price", false }, { "away.3d", "back", false },
		{ "dnc", "seq.four", false }, { "stop", "do.abcdefghijklmnopqrstuvwxyz234567abcdefgh", false },
		{ "re.abcdefghijklmnopqrstuvwxyz234567abcdefgh", "do.abcdefghijklmnopqrstuvwxyz234567abcdefgh", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mail *m = mail();
		const char *got;

		ck_assert_str_eq(rcpt(m, cases[i].one), "taken");
		got = rcpt(m, cases[i].two);
		ck_assert_msg(cases[i].together ? str_eq(got, "taken") : strstr(got, "do not go together") != NULL,
			      "%s and %s: %s", cases[i].one, cases[i].two, got);
		mail_free(m);
	}
}
END_TEST

/* ---- answers ---- */

struct talk {
	struct mail *m;
	struct outgoing o;
	struct memory mem;
	struct memory_owner owner;
	struct link_list list;
	struct link_line lines[2];
	struct link_action actions[2];
};

static enum status obey(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct talk *t = ctx;

	return control_alone(tx, a, t->m, &t->o, &t->mem, e);
}

static enum status make_list(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct talk *t = ctx;
	bool made;
	enum status st = store_list_add(tx, a, &t->list, &made, e);

	t->list.id = arena_strdup(f.a, t->list.id);
	t->list.ref = arena_strdup(f.a, t->list.ref);
	return st;
}

static void talk_init(struct talk *t, const char *one, const char *two)
{
	*t = (struct talk){ .actions = { { "stop", NULL, NULL }, { "park", "30d", NULL } } };
	t->lines[0] = (struct link_line){ .kind = "enrolment", .item_id = one, .label = "Ann", .actions = t->actions,
					  .actions_n = 2 };
	t->lines[1] = (struct link_line){ .kind = "enrolment", .item_id = two, .label = "Bob", .actions = t->actions,
					  .actions_n = 2 };
	t->list = (struct link_list){ .kind = "digest", .key = "test/1", .owner_id = f.owner, .expires = f.now + 7 * DAY,
				      .lines = t->lines, .lines_n = 2 };
	ck_ok(f_write(&f, make_list, t));
	t->owner = (struct memory_owner){ .id = f.owner, .login = "rita", .zone = "Europe/Berlin" };
	t->mem.owner = &t->owner;
}

/* A mail to that token with this text; the answer that was put into the outbox, or NULL. */
static const char *say(struct talk *t, const char *verb, const char *token, const char *headers, const char *text)
{
	static int number;
	const char *raw;
	int64_t before = f_sql(&f, "select count(*) from outbox");

	t->m = mail();
	ck_assert_str_eq(rcpt(t->m, arena_printf(f.a, "%s.%s", verb, token)), "taken");
	raw = arena_printf(f.a, "From: rita@rep.example\r\nTo: relent@rep.example\r\nSubject: Re: Your day\r\n"
			   "Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nMessage-ID: <m%d@rep.example>\r\n%s\r\n%s", ++number, headers, text);
	buf_adds(&t->m->raw, raw);
	t->o = (struct outgoing){ .login = t->m->login, .message = mail_message(t->m), .command = true };
	t->o.visible = message_visible(t->m->arena, settings->phrases, t->o.message).text;
	ck_ok(f_write(&f, obey, t));
	mail_free(t->m);
	if (f_sql(&f, "select count(*) from outbox") == before)
		return NULL;
	return f_sql_text(&f, "select payload from outbox order by created desc, id desc limit 1");
}

static bool has(const char *payload, const char *words)
{
	return payload && strstr(payload, words);
}

START_TEST(an_answer_is_obeyed)
{
	const char *ann = f_enrol(&f, f_prospect(&f, "ann@x.example", "Ann", "X"), f.owner);
	const char *bob = f_enrol(&f, f_prospect(&f, "bob@y.example", "Bob", "Y"), f.owner);
	struct talk t;
	const char *re, *press, *got;

	talk_init(&t, ann, bob);
	re = link_token(f.a, f.keys, &t.list, NULL, 0);
	press = link_token(f.a, f.keys, &t.list, &t.lines[1], 1);
	got = say(&t, "re", re, "", "Hi Ann,\r\n\r\nthank you.\r\n");
	ck_assert_msg(has(got, "\"control_letter\"") && f_state(&f, ann) == SEQ_NOT_STARTED, "%s", got);
	/* a mistake: nothing but the stop */
	got = say(&t, "re", re, "", "resume 2\r\nprak 2\r\nstop 1\r\n");
	ck_assert_msg(has(got, "\"control_problem\"") && has(got, "stop 1 (Ann)") && has(got, "resume 2: not done"), "%s", got);
	ck_assert_int_eq(f_state(&f, ann), SEQ_CLOSED);
	ck_assert_int_eq(f_state(&f, bob), SEQ_NOT_STARTED);
	test_expect_log("not-obeyed");
	test_expect_log("control.answers_per_hour");
	/* a machine is neither obeyed nor answered */
	ck_assert_ptr_null(say(&t, "do", press, "Auto-Submitted: auto-replied\r\n", "park 2\r\n"));
	ck_assert_int_eq(f_state(&f, bob), SEQ_NOT_STARTED);
	got = say(&t, "do", press, "", "park 2\r\n");
	ck_assert_msg(has(got, "\"control_answer\"") && has(got, "park 2 (Bob)"), "%s", got);
	ck_assert_int_eq(f_state(&f, bob), SEQ_PARKED);
	ck_assert_int_eq(f_sql(&f, "select count(*) from token_used where token like 'do:%'"), 1);
	/* the fourth in this hour: one mail says so, and then there is silence; what is asked for is done */
	got = say(&t, "re", re, "", "help\r\n");
	ck_assert_msg(has(got, "\"control_flood\""), "%s", got);
	ck_assert_ptr_null(say(&t, "re", re, "", "stop 2\r\n"));
	ck_assert_int_eq(f_state(&f, bob), SEQ_CLOSED);
}
END_TEST

START_TEST(a_button_and_its_words)
{
	const char *ann = f_enrol(&f, f_prospect(&f, "ann@x.example", "Ann", "X"), f.owner);
	const char *bob = f_enrol(&f, f_prospect(&f, "bob@y.example", "Bob", "Y"), f.owner);
	struct talk t;
	const char *park, *got;

	talk_init(&t, ann, bob);
	park = link_token(f.a, f.keys, &t.list, &t.lines[0], 1);
	got = say(&t, "do", park, "", "resume 1\r\n");
	ck_assert_msg(has(got, "say different things") && f_state(&f, ann) == SEQ_NOT_STARTED, "%s", got);
	got = say(&t, "do", park, "", "park 2\r\n");		/* another line's number */
	ck_assert_msg(has(got, "say different things") && f_state(&f, bob) == SEQ_NOT_STARTED, "%s", got);
	test_expect_log("token-refused");
	t.owner.id = f.owner2;					/* in another's hands */
	got = say(&t, "do", park, "", "park 1\r\n");
	ck_assert_msg(has(got, "somebody else") && f_state(&f, ann) == SEQ_NOT_STARTED, "%s", got);
}
END_TEST

/* ---- a part that fails by itself ---- */

static enum status bad_part(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct event_new ev = { .kind = "note", .entity = "owner", .entity_id = f.owner, .actor = "bad" };
	enum status st = store_event(tx, a, &ev, e);

	(void)ctx;
	return st == OK ? err_set(e, INPUT, "no") : st;
}

static enum status good_part(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct event_new ev = { .kind = "note", .entity = "owner", .entity_id = f.owner, .actor = "good" };

	(void)ctx;
	return store_event(tx, a, &ev, e);
}

static enum status parts(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	ck_assert_int_eq(store_part(tx, a, good_part, ctx, e), OK);
	ck_assert_int_eq(store_part(tx, a, bad_part, ctx, e), INPUT);
	return store_part(tx, a, good_part, ctx, e);
}

START_TEST(a_part_is_undone_alone)
{
	ck_ok(f_write(&f, parts, NULL));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where actor = 'good'"), 2);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where actor = 'bad'"), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("milter control");
	TCase *t = test_case(s, "control");

	tcase_add_checked_fixture(t, up, down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, arguments);
	tcase_add_test(t, what_contradicts);
	tcase_add_test(t, an_answer_is_obeyed);
	tcase_add_test(t, a_button_and_its_words);
	tcase_add_test(t, a_part_is_undone_alone);
	return test_run(s);
}
