/* SPDX-License-Identifier: MPL-2.0
 *
 * Entries of a journal, each once and over restarts; and whose word counts there. The journal is made by
 * systemd-journal-remote; without it there is nothing to test.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "logwatch/journal.h"
#include "tests/lib/testing.h"

static const char remote[] = "/lib/systemd/systemd-journal-remote";
static const char *const root[] = { "root" };
static struct arena *arena;

static void setup(void) { arena = arena_new(0); }
static void teardown(void) { arena_free(arena); }

static const char *path(const char *name)
{
	return arena_printf(arena, "%s/%s", test_dir(), name);
}

/* Appends one entry: facility, uid, who, what. */
static void add(const char *file, int facility, int uid, const char *tag, const char *message)
{
	static long long tick;
	const char *target = path(file), *in = path("in");
	FILE *f = fopen(in, "w");
	int status = -1;
	pid_t pid;

	ck_assert_ptr_nonnull(f);
	fprintf(f, "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n_BOOT_ID=%032d\n_HOSTNAME=mail\n_UID=%d\n"
		"SYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=12\nMESSAGE=%s\n\n",
		(long long)time(NULL) * 1000000 + tick, tick + 1, 7, uid, facility, tag, message);
	tick += 10;
	ck_assert_int_eq(fclose(f), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd = open(in, O_RDONLY);

		dup2(fd, 0);
		fd = open("/dev/null", O_WRONLY);
		dup2(fd, 1);
		dup2(fd, 2);
		execl(remote, remote, "-o", target, "-", (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static struct journal *opened(const char *position)
{
	struct journal *j = NULL;

	ck_ok(journal_open(test_dir(), position, root, 1, &j, &test_err));
	return j;
}

/* The messages that are there, joined by '|'. */
static const char *messages(struct journal *j)
{
	struct log_entry e;
	struct buf b;
	enum follow_result r;

	journal_drain(j);
	buf_init(&b, arena);
	while ((r = journal_entry(j, &e, &test_err)) == FOLLOW_LINE) {
		buf_addf(&b, "%s", b.n ? "|" : "");
		buf_add(&b, e.text.p, e.text.n);
		ck_assert(span_eq(e.host, "mail") && span_eq(e.pid, "12"));
	}
	ck_assert_int_eq(r, FOLLOW_IDLE);
	return b.p;
}

START_TEST(each_once)
{
	struct journal *j;
	const char *position;

	add("a.journal", 2, 0, "postfix/qmgr", "one");
	j = opened(NULL);
	ck_assert_str_eq(messages(j), "one");
	ck_assert_str_eq(messages(j), "");
	add("a.journal", 2, 0, "postfix/qmgr", "two");
	ck_assert_str_eq(messages(j), "two");
	position = journal_position(j, arena);
	ck_assert_ptr_nonnull(position);
	journal_close(j);
	add("a.journal", 2, 0, "postfix/qmgr", "three");
	add("b.journal", 2, 0, "postfix/qmgr", "four");	/* rotated */
	j = opened(position);
	ck_assert_str_eq(messages(j), "three|four");
	journal_close(j);
}
END_TEST

/* Anybody may call logger(1) and say to be Postfix; the journal knows who it was. */
START_TEST(whose_word_counts)
{
	struct journal *j;

	add("a.journal", 2, 0, "postfix/qmgr", "one");
	add("a.journal", 2, 1000, "postfix/smtp", "forged");
	add("a.journal", 3, 0, "postfix/smtp", "of another facility");
	add("a.journal", 2, 0, "postfix/qmgr", "two");
	j = opened(NULL);
	ck_assert_str_eq(messages(j), "one|two");
	journal_close(j);
}
END_TEST

START_TEST(what_it_says)
{
	static const char *const instances[] = { "postfix" };
	struct log_entry e;
	struct log_line l;
	struct journal *j;
	time_t now = time(NULL);

	add("a.journal", 2, 0, "postfix/qmgr", "4bXyZ12: removed");
	j = opened(NULL);
	ck_assert_int_eq(journal_entry(j, &e, &test_err), FOLLOW_LINE);
	ck_assert(log_entry_parse(&e, instances, 1, &l));
	ck_assert_int_eq(l.kind, LOG_LINE_REMOVED);
	ck_assert(span_eq(l.queue_id, "4bXyZ12"));
	ck_assert_int_le(llabs((long long)(log_stamp_time(&l.at, now) - now)), 60);
	journal_close(j);
}
END_TEST

/* A position that the journal does not hold any more, or that is none. */
START_TEST(lost_positions)
{
	struct journal *j;
	const char *position;

	add("a.journal", 2, 0, "postfix/qmgr", "one");
	j = opened(NULL);
	ck_assert_str_eq(messages(j), "one");
	position = journal_position(j, arena);
	journal_close(j);
	ck_assert_int_eq(unlink(path("a.journal")), 0);
	add("b.journal", 2, 0, "postfix/qmgr", "two");
	test_expect_log("lost");
	j = opened(position);
	ck_assert_str_eq(messages(j), "two");
	journal_close(j);
	test_expect_log("damaged");
	j = opened("no cursor");
	ck_assert_str_eq(messages(j), "two");
	journal_close(j);
}
END_TEST

START_TEST(cannot_be)
{
	static const char *const nobody[] = { "no-such-user-here" };
	struct journal *j;

	ck_status(journal_open("/nonexistent", NULL, root, 1, &j, &test_err), CONF);
	ck_status(journal_open(test_dir(), NULL, nobody, 1, &j, &test_err), CONF);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logwatch journal");
	TCase *t = test_case(s, "journal");

	if (access(remote, X_OK) != 0) {
		puts("1..0 # SKIP systemd-journal-remote is missing");
		return 0;
	}
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_once);
	tcase_add_test(t, whose_word_counts);
	tcase_add_test(t, what_it_says);
	tcase_add_test(t, lost_positions);
	tcase_add_test(t, cannot_be);
	return test_run(s);
}
