/* SPDX-License-Identifier: MPL-2.0
 *
 * A person is forgotten in steps: the brake first, each step short, and killed anywhere it can be said again.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/people.h"
#include "store/store_private.h"
#include "store/suppression.h"
#include "tests/unit/store_fixture.h"

#define ANN "ann@acme.example"
#define OTHER "ann.private@web.example"

static struct fixture f;

static void setup(void)
{
	memset(&f, 0, sizeof(f));
	fixture_open(&f);
}

static void teardown(void)
{
	fixture_close(&f);
}

static enum status unit_alias(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	return store_prospect_alias(tx, a, ctx, OTHER, "admin", e);
}

/* n events and n rows of the outbox; each tenth names her and is not known to be hers. */
static void much(int n)
{
	f_exec(&f, arena_printf(f.a,
		"with recursive k (i) as (select 1 union all select i + 1 from k where i < %d)"
		" insert into event (id, at, actor, kind, entity, entity_id, payload, payload_hash)"
		" select 'e' || i, 1, 'test', 'refused', 'mail', 'm' || i, case when i %% 10 = 0"
		" then '{\"recipient\":\"" ANN "\"}' when i %% 10 = 1 then '{\"recipient\":\"xann@acme.example\"}'"
		" else '{\"recipient\":\"bob@acme.example\"}' end, 'h' from k", n));
	f_exec(&f, arena_printf(f.a,
		"with recursive k (i) as (select 1 union all select i + 1 from k where i < %d)"
		" insert into outbox (id, kind, key, payload, not_before, created) select 'o' || i, 'mail', 'k' || i,"
		" case when i %% 10 = 0 then '{\"to\":\"" OTHER "\"}' else '{}' end, 1, 1 from k", n));
}

static const char *prospect_of_two(void)
{
	const char *p = f_prospect(&f, ANN, "Ann Annison", "Acme");

	ck_ok(f_write(&f, unit_alias, (void *)(uintptr_t)p));
	return p;
}

static int64_t left(void)
{
	return f_sql(&f, "select (select count(*) from event where payload like '%\"" ANN "%' or payload like '%" OTHER "%')"
			 " + (select count(*) from outbox where payload like '%" OTHER "%')"
			 " + (select count(*) from prospect_address where address like 'ann%')"
			 " + (select count(*) from suppression where subject like 'ann%')"
			 " + (select count(*) from walk where name like 'forget:%')");
}

static enum status forget(void)
{
	struct forgotten done;

	return store_forget(f.s, f.now, ANN, "admin", "asked for it", &done, &test_err);
}

/* What one unit changes does not grow with the store; what it reads is test-store-core's plans. */
START_TEST(many_short_units)
{
	enum { MANY = 6000, STEP = 200 };
	int64_t before;

	prospect_of_two();
	much(MANY);
	before = f.s->units;
	ck_ok(forget());
	ck_assert_int_eq(left(), 0);
	ck_assert_int_ge(f.s->units - before, 2 + 2 * (MANY / 10) / STEP);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where payload like '%xann@acme%'"), MANY / 10);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where payload like '%bob@acme%'"), MANY * 8 / 10);
	ck_assert_int_eq(f_sql(&f, "select count(*) from outbox where state = 'cancelled'"), MANY / 10);
}
END_TEST

#ifdef RELENT_FAULTS
/* Faults are planned at the first pass of a point: by a program that has passed none. */
static int forget_in_child(const char *fault)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setenv("RELENT_FAULT", fault, 1);
		execl("/proc/self/exe", "forget", f.path, (char *)NULL);
		_exit(12);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* At each place: either nothing was done yet, or nothing goes to any of their addresses any more. */
static void stopped_or_untouched(const char *fault)
{
	int64_t stopped = f_sql(&f, "select count(*) from suppression where lifted is null and (subject in ('" ANN "', '" OTHER
				    "') or kind = 'hash')");
	int64_t gone = f_sql(&f, "select count(*) from event where payload is null");

	ck_assert_msg(stopped == 2 || (stopped == 0 && gone == 0), "%s: %lld, %lld", fault, (long long)stopped,
		      (long long)gone);
	ck_assert_msg(stopped == 0 || f_sql(&f, "select count(*) from walk where name like 'forget:%'") == 1
		      || f_sql(&f, "select count(*) from event where kind = 'forgotten'") == 1, "%s", fault);
}
#endif

START_TEST(killed_and_said_again)
{
#ifdef RELENT_FAULTS
	int how = -SIGKILL, middle = 0;

	for (int i = 1; how == -SIGKILL; i++) {
		char fault[24];

		snprintf(fault, sizeof(fault), "%d:kill", i);
		ck_assert_int_lt(i, 100);
		prospect_of_two();
		much(100);
		store_close(f.s);
		f.s = NULL;
		how = forget_in_child(fault);
		ck_assert_msg(how == -SIGKILL || how == 0, "%s: %d", fault, how);
		stopped_or_untouched(fault);
		middle += how == -SIGKILL && f_sql(&f, "select count(*) from walk where name like 'forget:%'") == 1;
		struct store_options o = fixture_options(&f);
		ck_ok(store_open(&o, &f.s, &test_err));
		ck_ok(forget());
		ck_assert_msg(left() == 0, "%s: %lld", fault, (long long)left());
		unlink(arena_printf(f.a, "%s/relent.db.mark", test_dir()));
		if (!fixture_pgsql())
			fixture_drop(f.a, f.path);
		fixture_close(&f);
		setup();
	}
	ck_assert_int_gt(middle, 5);
#endif
}
END_TEST

static int forget_in(char *path)
{
	struct forgotten done;
	struct err e;

	f.path = path;
	f.a = arena_new(0);
	if (token_keys_parse("k1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", &f.keys, &e) != OK)
		return 13;
	struct store_options o = fixture_options(&f);
	if (store_open(&o, &f.s, &e) != OK)
		return 10;
	return store_forget(f.s, T0, ANN, "admin", "asked", &done, &e) == OK ? 0 : 11;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return forget_in(argv[1]);

	Suite *s = suite_create("store-forget");
	TCase *c = test_case(s, "forget");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, many_short_units);
	if (!fixture_pgsql())	/* some forty databases, one after the other */
		tcase_add_test(c, killed_and_said_again);
	return test_run(s);
}
