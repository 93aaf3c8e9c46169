/* SPDX-License-Identifier: MPL-2.0
 *
 * The writer: units share commits, a unit that fails undoes only itself, waiting has an end; opening:
 * every way in which a store cannot be used has its own clear sentence.
 */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "store/store_private.h"
#include "tests/unit/store_fixture.h"

static struct fixture f;

static void setup(void) { fixture_open(&f); }
static void teardown(void) { fixture_close(&f); }

struct put {
	const char *text;
	bool fail;
	enum status status;
};

/* One event; a failing unit writes first, so that there is something to undo. */
static enum status unit_put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *p = ctx;
	struct event_new ev = { .kind = "test", .entity = "test", .entity_id = p->text, .actor = "test" };
	enum status s = store_event(tx, a, &ev, e);

	return s == OK && p->fail ? err_set(e, INPUT, "this unit fails") : s;
}

static enum status unit_nothing(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)tx;
	(void)a;
	(void)ctx;
	(void)e;
	return OK;
}

/* A backup put back under a running daemon: neither side may go on with a file that nobody else sees. */
START_TEST(a_replaced_store_is_not_used)
{
	const char *away = arena_printf(f.a, "%s.away", f.path);
	struct put p = { .text = "one" };
	struct err e;

	ck_ok(f_write(&f, unit_put, &p));
	ck_ok(f_read(&f, unit_nothing, NULL));
	ck_assert_int_eq(rename(f.path, away), 0);
	ck_assert_int_eq(store_write(f.s, f.now, unit_put, &p, 0, &e), AGAIN);
	ck_assert_ptr_nonnull(strstr(e.text, "replaced or taken away"));
	ck_assert_int_eq(store_read(f.s, f.now, unit_nothing, NULL, &e), AGAIN);
	ck_assert_int_eq(rename(away, f.path), 0);
	ck_ok(f_write(&f, unit_put, &p));
	ck_ok(f_read(&f, unit_nothing, NULL));
}
END_TEST

/* ---- group commit ---- */

enum { THREADS = 16, EACH = 25 };

static void *writer(void *ctx)
{
	struct put p = { .text = "t" };

	(void)ctx;
	for (int i = 0; i < EACH; i++) {
		p.fail = i % 5 == 0;
		p.status = store_write(f.s, f.now, unit_put, &p, 0, NULL);
		if (p.status != (p.fail ? INPUT : OK))
			return (void *)1;
	}
	return NULL;
}

START_TEST(units_share_commits_and_fail_alone)
{
	pthread_t t[THREADS];
	int64_t commits = f.s->commits;
	void *bad;

	/* hold the lock until they all queue up: the first commit then carries many */
	sqlite3 *h;
	ck_assert_int_eq(sqlite3_open(f.path, &h), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(h, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, writer, NULL), 0);
	for (;;) {
		pthread_mutex_lock(&f.s->lock);
		uint64_t waiting = f.s->ticket;
		pthread_mutex_unlock(&f.s->lock);
		if (waiting >= THREADS)
			break;
		sched_yield();
	}
	sqlite3_exec(h, "rollback", NULL, NULL, NULL);
	sqlite3_close(h);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &bad);
		ck_assert_ptr_null(bad);
	}
	commits = f.s->commits - commits;
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'test'"), THREADS * EACH * 4 / 5);
	ck_assert_msg(commits < THREADS * EACH / 2, "%lld commits for %d units", (long long)commits,
		      THREADS * EACH);
}
END_TEST

/* Whose commit it was matters to nobody: what failed is not there, what did not is there once, and what a unit tells its
 * caller is of the run that counts. */
struct told {
	char id[32];
	enum { RIGHT, WRONG, HIDES } kind;	/* HIDES: says OK, though a statement of it failed */
	int events;
};

static enum status unit_told(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct told *t = ctx;
	struct event_new ev = { .kind = "test", .entity = "test", .entity_id = t->id, .actor = "test" };
	enum status s = store_event(tx, a, &ev, e);

	t->events = 1;
	if (s == OK && t->kind == WRONG)
		return err_set(e, INPUT, "this unit fails");
	if (s == OK && t->kind == HIDES)	/* no name: the table wants one */
		ck_assert_int_ne(RUN(tx, walk_put, e, V_NULL, I(1), T("x"), V_NULL, I(1)), OK);
	return s;
}

static atomic_int units_right, units_hiding;

static void *teller(void *ctx)
{
	size_t me = (size_t)(uintptr_t)ctx;

	for (size_t i = 0; i < EACH; i++) {
		struct told t = { .kind = i % 7 == me % 7 ? WRONG : i % 11 == me % 11 ? HIDES : RIGHT };
		enum status s;

		snprintf(t.id, sizeof(t.id), "%zu/%zu", me, i);
		s = store_write(f.s, f.now, unit_told, &t, 0, NULL);
		if (t.kind == WRONG ? s != INPUT : t.kind == RIGHT && s != OK)
			return (void *)1;
		atomic_fetch_add(&units_right, t.kind == RIGHT ? t.events : 0);
		atomic_fetch_add(&units_hiding, t.kind == HIDES && s == OK);
	}
	return NULL;
}

START_TEST(a_unit_that_fails_harms_no_other)
{
	pthread_t t[THREADS];
	void *bad;

	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, teller, (void *)(uintptr_t)i), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &bad);
		ck_assert_ptr_null(bad);
	}
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'test'"),
			 atomic_load(&units_right) + atomic_load(&units_hiding));
	ck_assert_int_eq(f_sql(&f, "select count(*) - count(distinct entity_id) from event where kind = 'test'"), 0);
}
END_TEST

START_TEST(what_was_answered_is_on_disk)
{
	struct put p = { .text = "durable" };

	ck_ok(f_write(&f, unit_put, &p));
	/* another connection sees it at once, and the pragma that promises it is on */
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity_id = 'durable'"), 1);
}
END_TEST

static enum status unit_nested(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct fixture *fx = ctx;
	struct put p = { .text = "x" };

	(void)a;
	/* reading from inside a unit sees the unit's own changes */
	enum status s = unit_put(tx, a, &p, e);
	int64_t n = 0;
	if (s == OK)
		s = store_query(tx, "events_after", ARGS(I(0), I(1000)), NULL, NULL, NULL, e);
	(void)n;
	return s == OK && store_now(tx) == fx->now ? OK : s;
}

START_TEST(reading_and_statements)
{
	struct put p = { .text = "r" };

	ck_ok(f_write(&f, unit_nested, &f));
	ck_status(store_read(f.s, f.now, unit_put, &p, &test_err), CONF);	/* a reader cannot write */
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity_id = 'r'"), 0);
}
END_TEST

static enum status unit_unknown(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)a;
	(void)ctx;
	return store_query(tx, "no_such_statement", NULL, 0, NULL, NULL, NULL, e);
}

START_TEST(unknown_statement_and_wrong_count)
{
	ck_status(f_read(&f, unit_unknown, NULL), INPUT);
	ck_assert_msg(strstr(test_err.text, "no_such_statement") != NULL, "%s", test_err.text);
}
END_TEST

/* ---- waiting has an end ---- */

START_TEST(locked_by_another_process)
{
	struct store_options o = fixture_options(&f);
	struct put p = { .text = "late" };
	int to[2], from[2];
	char c = 'x';

	/* SQLite's locks do not survive a fork: nothing may be open here meanwhile */
	store_close(f.s);
	ck_assert(pipe(to) == 0 && pipe(from) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		sqlite3 *h;
		sqlite3_open(f.path, &h);
		sqlite3_exec(h, "begin immediate", NULL, NULL, NULL);
		if (write(from[1], &c, 1) != 1 || read(to[0], &c, 1) != 1)
			_exit(1);
		sqlite3_exec(h, "rollback", NULL, NULL, NULL);
		_exit(0);
	}
	ck_assert_int_eq(read(from[0], &c, 1), 1);
	o.busy_ms = 50;
	o.create = false;
	ck_ok(store_open(&o, &f.s, &test_err));
	ck_status(f_write(&f, unit_put, &p), AGAIN);
	ck_assert_msg(strstr(test_err.text, "locked by another process") != NULL, "%s", test_err.text);
	/* a deadline that is sooner than the patience with the lock */
	store_close(f.s);
	o.busy_ms = 3000;
	ck_ok(store_open(&o, &f.s, &test_err));
	int64_t start = clock_mono_ms();
	ck_status(store_write(f.s, f.now, unit_put, &p, start + 60, &test_err), AGAIN);
	ck_assert_int_lt(clock_mono_ms() - start, 1500);
	ck_assert_int_eq(write(to[1], &c, 1), 1);
	waitpid(pid, NULL, 0);
	ck_ok(f_write(&f, unit_put, &p));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity_id = 'late'"), 1);
}
END_TEST

/* ---- a commit that takes long ---- */

static enum status unit_slow(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	(void)tx;
	(void)a;
	(void)e;
	/* what a disk that hangs looks like to the others of the same commit */
	nanosleep(&(struct timespec){ .tv_sec = 1, .tv_nsec = 200000000 }, NULL);
	*(bool *)ctx = true;
	return OK;
}

static void *slow_caller(void *ctx)
{
	return (void *)(intptr_t)store_write(f.s, f.now, unit_slow, ctx, 0, NULL);
}

static void *quick_caller(void *ctx)
{
	struct put *p = ctx;
	int64_t start = clock_mono_ms();

	p->status = store_write(f.s, f.now, unit_put, p, start + 300, NULL);
	return (void *)(intptr_t)(clock_mono_ms() - start);
}

static void wait_for_ticket(uint64_t n)
{
	uint64_t now;

	do {
		sched_yield();
		pthread_mutex_lock(&f.s->lock);
		now = f.s->ticket;
		pthread_mutex_unlock(&f.s->lock);
	} while (now < n);
}

/* Nobody waits for a hanging disk past his deadline; what he left behind may still come true. */
START_TEST(a_slow_commit_is_unsure_in_time)
{
	struct put quick = { .text = "slow" };
	bool slept = false;
	pthread_t q, s;
	void *took, *got;
	sqlite3 *h;
	uint64_t ticket = f.s->ticket;

	ck_assert_int_eq(sqlite3_open(f.path, &h), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(h, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
	pthread_create(&q, NULL, quick_caller, &quick);
	wait_for_ticket(ticket + 1);
	pthread_create(&s, NULL, slow_caller, &slept);
	wait_for_ticket(ticket + 2);
	sqlite3_exec(h, "rollback", NULL, NULL, NULL);
	sqlite3_close(h);
	pthread_join(q, &took);
	ck_assert_msg(quick.status == UNSURE, "%s", status_name(quick.status));
	ck_assert_int_lt((intptr_t)took, 1100);
	pthread_join(s, &got);
	ck_assert(slept && (intptr_t)got == OK);
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity_id = 'slow'"), 1);
}
END_TEST

enum { PROCESSES = 4, PER_PROCESS = 40 };

/* Nobody starves: each process gets all its units through while the others write flat out. */
START_TEST(several_processes_at_once)
{
	struct store_options o = fixture_options(&f);
	pid_t pid[PROCESSES];
	int status;

	store_close(f.s);	/* see above */
	f.s = NULL;
	o.create = false;
	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		if (pid[i] != 0)
			continue;
		struct store *s = NULL;
		struct put p = { .text = "p" };
		if (store_open(&o, &s, NULL) != OK)
			_exit(1);
		for (int k = 0; k < PER_PROCESS; k++)
			if (store_write(s, f.now, unit_put, &p, 0, NULL) != OK)
				_exit(2);
		store_close(s);
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		waitpid(pid[i], &status, 0);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "process %d: %d", i, status);
	}
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where entity_id = 'p'"),
			 PROCESSES * PER_PROCESS);
}
END_TEST

/* ---- a disk that is full ---- */

static enum status unit_large(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	size_t n = 200000;
	char *text = arena_alloc(a, n + 1);

	(void)ctx;
	memset(text, 'x', n);
	struct event_new ev = { .kind = "large", .entity = "test", .actor = "test", .payload = text };
	return store_event(tx, a, &ev, e);
}

START_TEST(disk_full_is_again_and_nothing_half)
{
	struct put p = { .text = "after" };
	enum status s = OK;

	/* the file may not grow over what it has and some pages */
	ck_ok(f_write(&f, unit_put, &p));
	struct rlimit limit, old;
	getrlimit(RLIMIT_FSIZE, &old);
	signal(SIGXFSZ, SIG_IGN);
	limit = old;
	limit.rlim_cur = 900000;
	setrlimit(RLIMIT_FSIZE, &limit);
	int64_t done = 0;
	for (int i = 0; i < 30 && s == OK; i++) {
		s = f_write(&f, unit_large, NULL);
		done += s == OK;
	}
	ck_assert_msg(s == AGAIN || s == SYS || s == UNSURE, "%s", status_name(s));
	ck_assert_msg(strstr(test_err.text, "full") || strstr(test_err.text, "too large") ||
		      strstr(test_err.text, "write"), "%s", test_err.text);
	setrlimit(RLIMIT_FSIZE, &old);
	/* and when there is room again it simply goes on */
	ck_ok(f_write(&f, unit_put, &p));
	ck_assert_int_eq(f_sql(&f, "select count(*) from event where kind = 'large'"), done);
	ck_assert_str_eq(f_sql_text(&f, "pragma integrity_check"), "ok");
}
END_TEST

/* ---- opening ---- */

static void refused(enum status want, const char *says)
{
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;

	o.create = false;
	test_err.text[0] = '\0';
	enum status got = store_open(&o, &s, &test_err);
	ck_assert_msg(got == want, "%s instead of %s: %s", status_name(got), status_name(want),
		      test_err.text);
	ck_assert_msg(strstr(test_err.text, says) != NULL, "%s", test_err.text);
	ck_assert_ptr_null(strchr(test_err.text, '\n'));
}

START_TEST(missing)
{
	f.path = arena_printf(f.a, "%s/none/relent.db", test_dir());
	refused(CONF, "No such file");
	f.path = arena_printf(f.a, "%s/none.db", test_dir());
	refused(CONF, "does not exist");
}
END_TEST

START_TEST(schema_of_another_version)
{
	f_exec(&f, "pragma user_version = 4711");
	refused(CONF, "newer than");
	f_exec(&f, "pragma user_version = 0");
	refused(CONF, "relentctl store migrate");
}
END_TEST

START_TEST(not_a_database)
{
	f.path = arena_printf(f.a, "%s/junk.db", test_dir());
	test_write(f.path, arena_printf(f.a, "%01000d this is no database", 7));
	refused(CONF, "not a relent store");
}
END_TEST

START_TEST(somebody_elses_database)
{
	f.path = arena_printf(f.a, "%s/other.db", test_dir());
	f_exec(&f, "create table cat (name text)");
	refused(CONF, "not a relent store");
}
END_TEST

START_TEST(damaged)
{
	int fd = open(f.path, O_WRONLY);
	char junk[4096 * 3];

	store_close(f.s);
	f.s = NULL;
	memset(junk, 0x5a, sizeof(junk));
	for (int i = 1; i < 100; i++)
		ck_assert_int_gt((int)pwrite(fd, junk, sizeof(junk), 4096 * 3 * i), 0);
	close(fd);
	struct store_options o = fixture_options(&f);
	struct put p = { .text = "x" };
	enum status s = store_open(&o, &f.s, &test_err);
	if (s == OK)
		s = f_write(&f, unit_put, &p);
	ck_assert_msg(s == SYS || s == CONF, "%s", status_name(s));
	ck_assert_msg(strstr(test_err.text, "damaged") != NULL, "%s", test_err.text);
}
END_TEST

START_TEST(bad_places)
{
	f.path = arena_printf(f.a, "%s", test_dir());
	refused(CONF, "not a regular file");
	f.path = arena_strdup(f.a, "");
	refused(CONF, "no path");
	ck_assert_str_eq(sqlite_network_fs(0x6969), "NFS");
	ck_assert_str_eq(sqlite_network_fs(0xff534d42), "CIFS");
	ck_assert_ptr_null(sqlite_network_fs(0xef53));	/* ext4 */
	ck_assert_ptr_null(sqlite_network_fs(0x58465342));	/* xfs */
	struct store_options o = fixture_options(&f);
	struct store *s = NULL;
	o.driver = "oracle";
	ck_status(store_open(&o, &s, &test_err), CONF);
	ck_assert_msg(strstr(test_err.text, "oracle") != NULL, "%s", test_err.text);
}
END_TEST

START_TEST(read_only)
{
	struct store_options o = fixture_options(&f);
	struct put p = { .text = "x" };

	store_close(f.s);
	o.read_only = true;
	o.create = false;
	ck_ok(store_open(&o, &f.s, &test_err));
	ck_status(f_write(&f, unit_put, &p), CONF);
	ck_assert_msg(strstr(test_err.text, "reading only") != NULL, "%s", test_err.text);
	ck_ok(f_read(&f, unit_nested, &f) == CONF ? OK : SYS);
}
END_TEST

/* Root passes by modes, so the folder's refusal is seen as an ordinary user. */
START_TEST(read_only_folder)
{
	char *dir = arena_printf(f.a, "%s/ro", test_dir());
	int status;

	ck_assert_int_eq(mkdir(dir, 0755), 0);
	f.path = arena_printf(f.a, "%s/relent.db", dir);
	chmod(test_dir(), 0755);
	chmod(dir, 0555);
	pid_t pid = fork();
	if (pid == 0) {
		struct store_options o = fixture_options(&f);
		struct store *s = NULL;
		struct err e;
		if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(3);
		if (store_open(&o, &s, &e) != CONF)
			_exit(1);
		_exit(strstr(e.text, "ermission denied") != NULL ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", status);
}
END_TEST

START_TEST(migrating_twice)
{
	struct store_options o = fixture_options(&f);
	struct stat st;
	int from = -1, to = -1;

	o.path = f.path = arena_printf(f.a, "%s/new.db", test_dir());
	ck_ok(store_migrate(&o, &from, &to, &test_err));
	ck_assert(from == 0 && to >= 1);
	ck_assert_int_eq(stat(f.path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07, 0);	/* nobody else may read who is written to */
	ck_ok(store_migrate(&o, &from, &to, &test_err));
	ck_assert_int_eq(from, to);
}
END_TEST

/* What may walk through a whole table: people's listings and reports, and
 * tables that stay small. */
static bool may_scan(const char *statement, const char *plan)
{
	static const char *const statements[] = { "report_", "owner_list", "milter_owners",
						  "milter_sequences", "status_",
		/* what relentctl lists or counts of everybody, with a limit where there may be many */
		"ctl_prospects", "ctl_pipeline_people", "ctl_quiet_threads", "ctl_addresses", "ctl_suppressions", "ctl_states",
		"ctl_follow_up_most", "ctl_integrity",
		/* what waits for people, or is over: tables that stay small beside the others */
		"ctl_reviews", "ctl_waiting", "ctl_tasks", "ctl_outbox", "ctl_drafts_out", "ctl_breakers", "ctl_grants",
		"ctl_proposals", "ctl_lead_by_id", "ctl_appointment", "ctl_owner_", "ctl_accounts", "ctl_log_sources",
		"ctl_counts",
		/* sending domains by day; a limited walk back through the log */
		"ctl_delivery_domains", "ctl_delivery_texts" };
	static const char *const small[] = { "SCAN CONSTANT ROW", "SCAN account", "SCAN position", "SCAN owner",
					     "SCAN o ", "SCAN sequence", "SCAN lease", "SCAN meta",
					     "SCAN 12 CONSTANT ROWS", "SCAN asked", "SCAN pragma_freelist_count",
					     "SCAN latest" /* match_domain: twenty at most */ };

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strncmp(statement, statements[i], strlen(statements[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (strncmp(plan, small[i], strlen(small[i])) == 0)
			return true;
	/* an index walked from one end to a limit */
	return strstr(plan, "USING INDEX") != NULL || strstr(plan, "USING COVERING INDEX") != NULL;
}

/* With millions of rows a scan on the way of a mail is an outage. A search that finds all rows of one owner is none in this
 * sense, and not always wrong (what waits for them is shown to them): test-store-growth.c counts what a mail costs. */
START_TEST(no_statement_walks_a_large_table)
{
	struct buf found;
	sqlite3 *h;

	buf_init(&found, f.a);
	ck_assert_int_eq(sqlite3_open(f.path, &h), SQLITE_OK);
	for (size_t i = 0; i < f.s->statements_n; i++) {
		const struct statement *st = &f.s->statements[i];
		char *sql = arena_printf(f.a, "explain query plan %s", st->sql);
		sqlite3_stmt *q;

		ck_assert_msg(sqlite3_prepare_v2(h, sql, -1, &q, NULL) == SQLITE_OK, "%s: %s", st->name,
			      sqlite3_errmsg(h));
		while (sqlite3_step(q) == SQLITE_ROW) {
			const char *plan = (const char *)sqlite3_column_text(q, 3);
			if (strncmp(plan, "SCAN ", 5) == 0 && !may_scan(st->name, plan))
				buf_addf(&found, "%s: %s\n", st->name, plan);
		}
		sqlite3_finalize(q);
	}
	sqlite3_close(h);
	ck_assert_msg(found.n == 0, "%s", found.p);
}
END_TEST

static void no_defect(void *ctx, const char *kind, const char *entity, const char *sentence)
{
	(void)ctx;
	ck_abort_msg("%s: %s: %s", kind, entity, sentence);
}

/* Databases of earlier releases: each is brought up to date, and what it says is still true. */
START_TEST(stores_of_earlier_releases)
{
	static const int versions[] = { 1 };
	int from = 0, to = 0;
	int64_t events = 0;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct store_options o = fixture_options(&f);
		struct store *s = NULL;
		const char *name = arena_printf(f.a, "tests/cases/store/schema-%d.sql", versions[i]);

		o.path = f.path = arena_printf(f.a, "%s/old-%d.db", test_dir(), versions[i]);
		f_exec(&f, test_read(f.a, test_source(name), NULL));
		f_exec(&f, "insert into prospect_address select x.column1, id, 'alias', 'x', 1 from prospect, (values"
		       " ('a.n.n+crm@gmail.com'), ('b.c@googlemail.com'), ('d.e+f+g@x.example'), ('\"q+r\"@x.example'),"
		       " ('+s@x.example')) x limit 5");
		ck_ok(store_migrate(&o, &from, &to, &test_err));
		ck_assert_int_eq(from, versions[i]);
		o.create = false;
		ck_ok(store_open(&o, &s, &test_err));
		ck_ok(store_verify(s, f.now, no_defect, NULL, &events, &test_err));
		ck_assert_int_gt(events, 5);
		ck_assert_int_eq(f_sql(&f, "select count(*) from touch"), 1);
		/* SQL made there what addr_equivalent() makes from now on */
		ck_assert_str_eq(f_sql_text(&f, "select group_concat(same, ' ') from (select same from prospect_address"
						" where domain = 'x' order by address)"),
				 "\"q+r\"@x.example +s@x.example ann@gmail.com bc@gmail.com d.e@x.example");
		ck_assert_int_eq(f_sql(&f, "select count(*) from suppression where lifted is null"), 1);
		store_close(s);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store-core");
	TCase *c = test_case(s, "core");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	/* what is about SQLite's file: test-store-pgsql.c has the like of it for a server */
#define FILE_TEST(name) do { if (!fixture_pgsql()) tcase_add_test(c, name); } while (0)
	tcase_add_test(c, units_share_commits_and_fail_alone);
	tcase_add_test(c, a_unit_that_fails_harms_no_other);
	tcase_add_test(c, what_was_answered_is_on_disk);
	tcase_add_test(c, reading_and_statements);
	tcase_add_test(c, unknown_statement_and_wrong_count);
	FILE_TEST(locked_by_another_process);
	FILE_TEST(a_slow_commit_is_unsure_in_time);
	tcase_add_test(c, several_processes_at_once);
	FILE_TEST(disk_full_is_again_and_nothing_half);
	FILE_TEST(missing);
	FILE_TEST(schema_of_another_version);
	FILE_TEST(not_a_database);
	FILE_TEST(somebody_elses_database);
	FILE_TEST(damaged);
	FILE_TEST(bad_places);
	tcase_add_test(c, read_only);
	FILE_TEST(read_only_folder);
	FILE_TEST(a_replaced_store_is_not_used);
	FILE_TEST(migrating_twice);
	FILE_TEST(no_statement_walks_a_large_table);
	FILE_TEST(stores_of_earlier_releases);
	return test_run(s);
}
