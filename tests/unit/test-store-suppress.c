/* SPDX-License-Identifier: MPL-2.0
 *
 * Nobody who must not be written to can be reached by another spelling, another address of theirs, an
 * invented thread, a list that came later, or an old copy of the store.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "store/audit.h"
#include "store/people.h"
#include "store/store_private.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;

static void reopen(void)
{
	struct store_options o = fixture_options(&f);

	store_close(f.s);
	o.addr_equiv = ADDR_PLUS | ADDR_GMAIL_DOTS;
	ck_ok(store_open(&o, &f.s, &test_err));
}

static void setup(void)
{
	fixture_open(&f);
	reopen();
}
static void teardown(void) { fixture_close(&f); }

static enum status unit_suppress(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_suppress(tx, a, ctx, "admin", false, NULL, e);
}

static void suppress(const char *kind, const char *subject, const char *reason)
{
	struct suppression s = { .kind = kind, .subject = subject, .reason = reason };

	ck_ok(f_write(&f, unit_suppress, &s));
}

struct asked {
	const char *path;
	size_t n;
};

static enum status unit_ask(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct asked *q = ctx;
	struct memory_suppression *list;
	struct addr at;

	ck_assert_msg(addr_path(a, q->path, &at), "%s", q->path);
	return store_suppressed(tx, a, at.key, NULL, &list, &q->n, e);
}

static bool refused(const char *path)
{
	struct asked q = { .path = path };

	ck_ok(f_read(&f, unit_ask, &q));
	return q.n > 0;
}

/* rows: 402, 403 */
static const struct {
	const char *kind, *subject, *path;
	bool want;
} spellings[] = {
	{ "address", "ann@acme.example", "<ANN@Acme.Example>", true },
	{ "address", "Ann@Acme.Example.", "<ann@acme.example>", true },
	{ "address", "ann@acme.example", "<ann+x@acme.example>", true },
	{ "address", "ann+news@acme.example", "<ann@acme.example>", true },
	{ "address", "ann+news@acme.example", "<ann+other@acme.example>", true },
	{ "address", "a.n.n@gmail.com", "<ann@googlemail.com>", true },
	{ "address", "ann@googlemail.com", "<A.N.N+tag@gmail.com>", true },
	{ "address", "a.n.n@acme.example", "<ann@acme.example>", false },
	{ "address", "ann@b\xc3\xbc" "cher.example", "<ann@xn--bcher-kva.example>", true },
	{ "address", "ann@XN--BCHER-KVA.example", "<ann@B\xc3\x9c" "CHER.example>", true },
	{ "address", "ann@b\xc3\xbc" "cher.example", "<ann@bu\xcc\x88" "cher.example>", true },
	{ "address", "j\xc3\xb6rg@acme.example", "<J\xc3\x96RG@acme.example>", true },
	{ "address", "j\xc3\xb6rg@acme.example", "<jo\xcc\x88rg@acme.example>", true },
	{ "address", "ann@acme.example", "<\"ann\"@acme.example>", true },
	{ "address", "ann@acme.example", "<\"a\\nn\"@acme.example>", true },
	{ "address", "\"ann\"@acme.example", "<ann@acme.example>", true },
	{ "address", "ann@acme.example", "<@relay.example,@b.example:ann@acme.example>", true },
	{ "address", "ann@acme.example", "<ann@mail.acme.example>", true },
	{ "address", "ann@gmail.com", "<ann@mail.gmail.com>", false },
	{ "address", "ann@mail.acme.example", "<bob@mail.acme.example>", false },
	{ "address", "ann@acme.example", "<anna@acme.example>", false },
	{ "domain", "acme.example", "<bob@acme.example>", true },
	{ "domain", "acme.example", "<bob@eu.mail.acme.example>", true },
	{ "domain", "acme.co.uk", "<bob@mail.acme.co.uk>", true },
	{ "domain", "acme.co.uk", "<bob@other.co.uk>", false },
	{ "domain", "eu.acme.example", "<bob@acme.example>", false },
	{ "domain", "acme.example", "<bob@notacme.example>", false },
	{ "domain", "b\xc3\xbc" "cher.example", "<bob@news.xn--bcher-kva.example>", true },
	{ "address", "ann@[192.0.2.1]", "<ANN@[192.0.2.1]>", true },
};

START_TEST(every_spelling_is_the_same_person)
{
	suppress(spellings[_i].kind, spellings[_i].subject, "do_not_contact");
	ck_assert_msg(refused(spellings[_i].path) == spellings[_i].want, "%s suppressed, %s asked",
		      spellings[_i].subject, spellings[_i].path);
}
END_TEST

START_TEST(a_public_suffix_is_nobodys)
{
	struct suppression s = { .kind = "domain", .subject = "co.uk", .reason = "do_not_contact" };

	ck_status(f_write(&f, unit_suppress, &s), INPUT);
	ck_assert_msg(strstr(test_err.text, "public suffix"), "%s", test_err.text);
}
END_TEST

struct alias {
	const char *prospect, *address;
};

static enum status unit_alias(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct alias *x = ctx;

	return store_prospect_alias(tx, a, x->prospect, x->address, "admin", e);
}

/* rows: 402 */
START_TEST(all_addresses_of_a_person)
{
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme");
	struct alias x = { p, "ann.private@web.example" }, ours = { p, "acme-sales@rep.example" },
		     taken = { p, "bob@beta.example" }, rep = { p, "rita@rep.example" };

	ck_ok(f_write(&f, unit_alias, &x));
	ck_ok(f_write(&f, unit_alias, &ours));
	suppress("address", "ann@acme.example", "unsubscribe");
	ck_assert(refused("ann.private@web.example"));
	ck_assert(refused("ann.private+x@web.example"));
	ck_assert(refused("acme-sales@rep.example"));
	/* nobody else's */
	f_prospect(&f, "bob@beta.example", "Bob", "Beta");
	ck_assert(!refused("bob@beta.example"));
	ck_status(f_write(&f, unit_alias, &taken), INPUT);
	ck_status(f_write(&f, unit_alias, &rep), INPUT);
}
END_TEST

START_TEST(a_dead_mailbox_says_nothing_of_the_others)
{
	struct alias x = { f_prospect(&f, "ann@acme.example", "Ann", "Acme"), "ann.private@web.example" };

	ck_ok(f_write(&f, unit_alias, &x));
	suppress("address", "ann@acme.example", "hard_bounce");
	ck_assert(refused("ann@acme.example"));
	ck_assert(!refused("ann.private@web.example"));
}
END_TEST

START_TEST(a_suppressed_alias_stops_the_person)
{
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme"), *en = f_enrol(&f, p, f.owner);
	struct alias x = { p, "ann.private@web.example" };

	suppress("address", "ann.private@web.example", "do_not_contact");
	ck_assert_int_ne(f_state(&f, en), SEQ_SUPPRESSED);
	ck_ok(f_write(&f, unit_alias, &x));
	ck_assert_int_eq(f_state(&f, en), SEQ_SUPPRESSED);
	ck_assert(refused("ann@acme.example"));
}
END_TEST

/* rows: 395, 402 */
START_TEST(a_company_with_several_domains)
{
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme"), *en = f_enrol(&f, p, f.owner);

	f_prospect(&f, "bob@acme.test", "Bob", "Acme");
	f_exec(&f, "insert into company_domain select 'acme.test', id, 0 from company where name = 'Acme'");
	suppress("domain", "acme.test", "do_not_contact");
	ck_assert(refused("cy@acme.example"));
	ck_assert(refused("cy@mail.acme.example"));
	ck_assert(!refused("cy@other.example"));
	ck_assert_int_eq(f_state(&f, en), SEQ_SUPPRESSED);
	f_exec(&f, "update suppression set lifted = 1");
	suppress("company", f_sql_text(&f, "select id from company where name = 'Acme'"), "client_exclusion");
	ck_assert(refused("unknown@acme.test"));
	ck_assert(refused("ann@acme.example"));
}
END_TEST

/* rows: 402 */
START_TEST(a_list_that_comes_later_stops_what_runs)
{
	static const char *const people[] = { "ann@acme.example", "b.o.b@gmail.com", "cy+crm@beta.example",
					      "dan@eu.gamma.example", "eve@delta.example" };
	const char *en[5];

	for (size_t i = 0; i < 5; i++)
		en[i] = f_enrol(&f, f_prospect(&f, people[i], "X", NULL), f.owner);
	suppress("address", "Ann@Acme.Example", "client_exclusion");
	suppress("address", "bob+x@googlemail.com", "do_not_contact");
	suppress("address", "cy@beta.example", "do_not_contact");
	suppress("domain", "gamma.example", "do_not_contact");
	for (size_t i = 0; i < 4; i++)
		ck_assert_msg(f_state(&f, en[i]) == SEQ_SUPPRESSED, "%s", people[i]);
	ck_assert_int_ne(f_state(&f, en[4]), SEQ_SUPPRESSED);
	ck_assert_int_eq(f_sql(&f, "select count(*) from draft where state not in ('withdrawn')"), 0);
}
END_TEST

/* ---- threads ---- */

struct recalled {
	const char *to, *parent, *reference;
	struct memory_prospect p;
	struct memory_thread t;
};

static enum status unit_recall(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct recalled *q = ctx;
	struct message m = { .in_reply_to = &q->parent, .in_reply_to_n = 1, .references = &q->reference,
			     .references_n = q->reference != NULL };
	struct recall r = { .login = "rita", .sender = "rita@rep.example", .recipients = &q->to,
			    .recipients_n = 1, .message = &m };
	struct memory *mem;
	enum status s = store_recall(tx, a, &r, &mem, e);

	if (s == OK) {
		q->p = mem->prospects[0];
		q->p.id = arena_strdup(f.a, q->p.id);
		q->t = mem->thread;
	}
	return s;
}

/* rows: 402 */
START_TEST(only_their_own_mail_is_answered)
{
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme"), *en = f_enrol(&f, p, f.owner);
	struct recalled q = { .to = "ann@acme.example", .parent = "theirs@acme.example" };

	f_touch(&f, en, p, "ann@acme.example", MAIL_TOUCH, 1, "m1@rep.example");
	f_exec(&f, "insert into reply (id, prospect_id, owner_id, mail_key, sender, received, kind, class, matched_by,"
	       " grade, colleague, created) select 'r1', id, owner_id, 'k', 'ann@acme.example', 1, 'human', 'unknown',"
	       " 'address', 'weak', 0, 1 from prospect;"
	       "insert into message_ref select 'theirs@acme.example', 'reply', 'r1', null, id, owner_id, 1 from prospect;"
	       "insert into reply (id, prospect_id, owner_id, mail_key, sender, received, kind, class, matched_by,"
	       " grade, colleague, created) select 'r2', id, owner_id, 'k2', 'col@acme.example', 1, 'human', 'unknown',"
	       " 'address', 'weak', 1, 1 from prospect;"
	       "insert into message_ref select 'col@acme.example', 'reply', 'r2', null, id, owner_id, 1 from prospect");
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(q.p.answered && q.p.has_written && q.t.parent_is_reply);
	/* an invention, with a reference to our own mail beside it */
	q.parent = "invented@acme.example";
	q.reference = "m1@rep.example";
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(!q.p.answered && q.p.has_written && q.t.references_ours);
	/* a colleague's answer in the same thread opens no way to the person */
	q.parent = "col@acme.example";
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(!q.p.answered);
	/* a mail that is held, but not judged yet, is theirs */
	f_exec(&f, "insert into hold (enrolment_id, mail_key, since) select id, 'unread@acme.example', 1 from enrolment");
	q.parent = "unread@acme.example";
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(q.p.answered && q.t.parent_is_reply);
}
END_TEST

/* rows: 402 */
START_TEST(a_tag_is_the_same_prospect)
{
	struct recalled q = { .to = "ann+x@acme.example", .parent = "x@x" };
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme");

	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert_str_eq(q.p.id, p);
	ck_assert_str_eq(f_prospect(&f, "a.nn+y@acme.example", "Ann", "Acme") == p ? "same" : "other", "other");
	ck_assert_str_eq(f_prospect(&f, "ann+y@acme.example", "Ann", "Acme"), p);
}
END_TEST

/* ---- arriving mail ---- */

struct arriving {
	struct match_question q;
	bool known;
};

static enum status unit_known(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct arriving *x = ctx;

	return store_match_known(tx, a, &x->q, &x->known, e);
}

/* Whatever it refers to and whoever sent it: one statement. */
START_TEST(a_strangers_mail_costs_one_look_up)
{
	static const char *const refs[] = { "a@x", "b@x", "c@x", "d@x", "e@x", "f@x", "g@x", "h@x", "i@x", "j@x" };
	const char *p = f_prospect(&f, "ann@acme.example", "Ann", "Acme"), *en = f_enrol(&f, p, f.owner);
	struct arriving x = { .q = { .from = "nobody@umbrella.example", .refs = refs, .refs_n = 10 } };
	const char *ours[] = { "m1@rep.example" };
	int64_t before = atomic_load(&f.s->asked);

	ck_ok(f_read(&f, unit_known, &x));
	ck_assert(!x.known);
	ck_assert_int_eq(atomic_load(&f.s->asked) - before, 1);
	f_touch(&f, en, p, "ann@acme.example", MAIL_TOUCH, 1, "m1@rep.example");
	x.q = (struct match_question){ .from = "ann+crm@acme.example" };
	ck_ok(f_read(&f, unit_known, &x));
	ck_assert(x.known);
	x.q = (struct match_question){ .from = "nobody@umbrella.example", .refs = ours, .refs_n = 1 };
	ck_ok(f_read(&f, unit_known, &x));
	ck_assert(x.known);
}
END_TEST

/* ---- who wants to be forgotten ---- */

static void forget(const char *address)
{
	struct forgotten done;

	ck_ok(store_forget(f.s, f.now, address, "admin", "asked for it", &done, &test_err));
}

/* In which columns of which tables does it still stand? */
static const char *found_in(const char *word)
{
	const char *list = f_sql_text(&f, fixture_pgsql() ?
		"select group_concat(table_name || '.' || column_name) from information_schema.columns "
		"where table_schema = 'public' and data_type = 'text'" :
		"select group_concat(m.name || '.' || p.name) from sqlite_schema m, "
		"pragma_table_info(m.name) p where m.type = 'table' and m.name not like 'sqlite%'");
	struct span rest = span_of(list), one, table;
	struct buf b;

	buf_init(&b, f.a);
	while (span_split(&rest, ',', &one)) {
		struct span column = one;

		span_split(&column, '.', &table);
		if (f_sql(&f, arena_printf(f.a, "select count(*) from \"%.*s\" where \"%.*s\" like '%%%s%%'",
					   (int)table.n, table.p, (int)column.n, column.p, word)) > 0)
			buf_addf(&b, "%.*s ", (int)one.n, one.p);
	}
	return b.p;
}

static void no_defect(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	(void)ctx;
	ck_abort_msg("%s %s: %s", kind, entity, sentence);
}

static void no_entry(void *ctx, const struct audit_entry *e)
{
	(void)ctx;
	(void)e;
}

static int64_t violations(void)
{
	struct audit_question q = { .from = 0, .to = f.now + DAY };
	struct audit_sums sums;

	ck_ok(store_audit(f.s, f.now, &q, no_entry, NULL, &sums, &test_err));
	ck_assert_int_eq(sums.breaks, 0);
	return sums.violations;
}

static enum status unit_refusal(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct objection o = { .rule = RULE_SUPPRESSED, .code = 550, .recipient = ctx,
			       .text = { "Not sent: ann@acme.example" }, .fact = "suppression ann@acme.example" };
	struct refusal r = { .login = "rita", .owner_id = f.owner, .why = &o };

	return store_refusal(tx, a, &r, e);
}

START_TEST(forgotten_but_never_written_to)
{
	const char *p = f_prospect(&f, "ann@acme.example", "Ann Annison", "Acme"), *en = f_enrol(&f, p, f.owner);
	struct alias x = { p, "ann.private@web.example" };
	int64_t events = 0;
	char to[] = "ann@acme.example";

	ck_ok(f_write(&f, unit_alias, &x));
	f_touch(&f, en, p, "ann@acme.example", MAIL_TOUCH, 1, "m1@rep.example");
	ck_ok(f_write(&f, unit_refusal, to));
	suppress("address", "ann+news@acme.example", "complaint");
	f.now += DAY;
	forget(to);
	ck_assert_str_eq(found_in("ann@acme.example"), "");
	ck_assert_str_eq(found_in("ann.private"), "");
	ck_assert_str_eq(found_in("ann+news"), "");
	ck_assert_str_eq(found_in("Annison"), "");
	ck_assert_int_eq(f_state(&f, en), SEQ_SUPPRESSED);
	ck_assert(refused("ann@acme.example") && refused("Ann+any@acme.example") && refused("ann.private@web.example"));
	ck_assert(!refused("bob@acme.example"));
	/* the complaint's wider scope stays */
	ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where scope = 'all' and kind = 'hash' and lifted is null"), 1);
	ck_ok(store_verify(f.s, f.now, no_defect, NULL, &events, &test_err));
	ck_assert_int_eq(violations(), 0);
	/* and what went out all the same would be told */
	f.now += 10;
	f_touch(&f, NULL, NULL, "ann@acme.example", MAIL_OUTREACH, 0, "m2@rep.example");
	ck_assert_int_eq(violations(), 1);
	/* again, and somebody whom nobody knows */
	forget(to);
	forget("who@nowhere.example");
	ck_assert(refused("who@nowhere.example"));
	ck_assert_str_eq(found_in("nowhere"), "");
}
END_TEST

/* ---- an old copy ---- */

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	ck_assert(in != NULL && out != NULL);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
	fclose(in);
	ck_assert_int_eq(fclose(out), 0);
}

static enum status unit_forget_lost(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	(void)ctx;
	return store_lost_forget(tx, e);
}

static enum status unit_reset(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)ctx;
	return store_mark_reset(tx, a, e);
}

static void put_back(const char *copy)
{
	store_close(f.s);
	if (fixture_pgsql())
		f.path = (char *)copy;
	else
		copy_file(copy, f.path);
	unlink(arena_printf(f.a, "%s-wal", f.path));
	unlink(arena_printf(f.a, "%s-shm", f.path));
	struct store_options o = fixture_options(&f);
	ck_ok(store_open(&o, &f.s, &test_err));
}

static const char *back_up(void)
{
	struct store_options o = fixture_options(&f);
	const char *copy = arena_printf(f.a, "%s.copy", f.path);

	if (!fixture_pgsql()) {
		ck_ok(store_backup(&o, copy, &test_err));
		return copy;
	}
	store_close(f.s);
	copy = fixture_copy(f.a, f.path);
	ck_ok(store_open(&o, &f.s, &test_err));
	return copy;
}

START_TEST(an_old_copy_is_noticed)
{
	struct recalled q = { .to = "bob@acme.example", .parent = "x@x" };
	const char *copy, *mark = arena_printf(f.a, "%s/relent.db.mark", test_dir());

	ck_assert_int_ne(access(mark, F_OK), 0);
	suppress("address", "ann@acme.example", "unsubscribe");
	ck_assert_int_eq(access(mark, F_OK), 0);
	copy = back_up();
	ck_ok(f_read(&f, unit_recall, &q));
	suppress("address", "bob@acme.example", "unsubscribe");

	test_expect_log("suppressions-lost");
	if (fixture_pgsql())
		test_expect_log("acknowledged-lost");	/* the other hosts are told */
	put_back(copy);
	ck_status(f_read(&f, unit_recall, &q), AGAIN);
	ck_assert_msg(strstr(test_err.text, "reconcile"), "%s", test_err.text);
	/* what comes in meanwhile does not heal it */
	suppress("address", "cy@acme.example", "unsubscribe");
	suppress("address", "dan@acme.example", "unsubscribe");
	ck_status(f_read(&f, unit_recall, &q), AGAIN);
	test_expect_log("suppressions-lost");
	if (fixture_pgsql())
		test_expect_log("acknowledged-lost");
	reopen();
	ck_status(f_read(&f, unit_recall, &q), AGAIN);
	/* a person puts in again what is missing, and says so */
	suppress("address", "bob@acme.example", "unsubscribe");
	ck_ok(f_write(&f, unit_forget_lost, NULL));
	ck_ok(f_read(&f, unit_reset, NULL));
	ck_ok(f_read(&f, unit_recall, &q));
	ck_assert(q.p.suppressions_n > 0);
	reopen();
	ck_ok(f_read(&f, unit_recall, &q));
}
END_TEST

START_TEST(a_damaged_mark_is_no_reason_to_trust)
{
	struct recalled q = { .to = "bob@acme.example", .parent = "x@x" };
	const char *mark = arena_printf(f.a, "%s/relent.db.mark", test_dir());
	FILE *out;

	suppress("address", "ann@acme.example", "unsubscribe");
	out = fopen(mark, "w");
	fputs("relent-supp", out);
	fclose(out);
	test_expect_log("suppressions-lost");
	reopen();
	ck_status(f_read(&f, unit_recall, &q), AGAIN);
	ck_assert_msg(strstr(test_err.text, "damaged"), "%s", test_err.text);
	ck_ok(f_read(&f, unit_reset, NULL));
	ck_ok(f_read(&f, unit_recall, &q));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-suppress");
	TCase *c = test_case(s, "suppress");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, every_spelling_is_the_same_person, 0, sizeof(spellings) / sizeof(spellings[0]));
	tcase_add_test(c, a_public_suffix_is_nobodys);
	tcase_add_test(c, all_addresses_of_a_person);
	tcase_add_test(c, a_dead_mailbox_says_nothing_of_the_others);
	tcase_add_test(c, a_suppressed_alias_stops_the_person);
	tcase_add_test(c, a_company_with_several_domains);
	tcase_add_test(c, a_list_that_comes_later_stops_what_runs);
	tcase_add_test(c, only_their_own_mail_is_answered);
	tcase_add_test(c, a_tag_is_the_same_prospect);
	tcase_add_test(c, a_strangers_mail_costs_one_look_up);
	tcase_add_test(c, forgotten_but_never_written_to);
	tcase_add_test(c, an_old_copy_is_noticed);
	tcase_add_test(c, a_damaged_mark_is_no_reason_to_trust);
	return test_run(s);
}
