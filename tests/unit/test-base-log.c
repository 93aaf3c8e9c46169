/* SPDX-License-Identifier: MPL-2.0
 *
 * The log as a daemon has it: a pipe to a reader that is slow, stopped or gone. And fault points.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "base/when.h"
#include "tests/lib/testing.h"

/* Standard error becomes a pipe; its reading end. The log speaks to it again. */
static int piped(void)
{
	int fd[2];

	ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
	ck_assert_int_ge(dup2(fd[1], STDERR_FILENO), 0);
	close(fd[1]);
	log_capture(NULL, NULL);
	return fd[0];
}

static char *drain(struct arena *a, int fd)
{
	struct buf b;
	char part[4096];
	ssize_t n;

	buf_init(&b, a);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((n = read(fd, part, sizeof part)) > 0)
		buf_add(&b, part, (size_t)n);
	return b.p;
}

START_TEST(forms)
{
	struct arena *a = arena_new(0);
	struct span rest, line;
	int fd = piped();
	char *said;

	unsetenv("JOURNAL_STREAM");
	log_open("relent-test", LOG_LEVEL_INFO);
	log_debug("x", "unseen");
	log_info("4XyZ1", "refuse", "rule", "replied", "rcpt", "<a@b.example>", "none", NULL, "n", log_num(-7),
		 "empty", "", "c1", "a\xc2\x9b" "31m", "raw", "\x9b" "\xc3\xbc", "bidi", "\xe2\x80\xae" "x",
		 "name", "J\xc3\xbcrgen");
	log_warn(NULL, "look", "long", arena_printf(a, "%01000d", 1));
	said = drain(a, fd);
	rest = span_of(said);
	ck_assert(span_line(&rest, &line));
	ck_assert_str_eq(span_dup(a, line), "relent-test: 4XyZ1: refuse rule=replied rcpt=<a@b.example> none=- n=-7 "
			 "empty=\"\" c1=\"a\\xc2\\x9b31m\" raw=\"\\x9b\\xc3\\xbc\" bidi=\"\\xe2\\x80\\xaex\" "
			 "name=J\xc3\xbcrgen");
	ck_assert_ptr_null(strstr(said, "unseen"));
	ck_assert_ptr_nonnull(strstr(said, "relent-test: warn look long="));
	ck_assert_ptr_nonnull(strstr(said, "...\n"));

	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("relent-test", LOG_LEVEL_INFO);
	log_error("x", "failed", "why", "y");
	ck_assert_str_eq(drain(a, fd), "<3>x: failed why=y\n");
	close(fd);
	arena_free(a);
}
END_TEST

/* A reader that stopped reading: no call blocks (the test would time out), and the loss is told. */
START_TEST(stopped_reader)
{
	enum { LINES = 5000 };
	struct arena *a = arena_new(0);
	int fd = piped();
	size_t seen = 0;
	long dropped = 0;
	struct span rest, line;
	const char *told;
	char *said;

	unsetenv("JOURNAL_STREAM");
	log_open("relent-test", LOG_LEVEL_INFO);
	for (int i = 0; i < LINES; i++)
		log_info("x", "event", "n", log_num(i), "pad", "0123456789012345678901234567890123456789");
	said = drain(a, fd);
	rest = span_of(said);
	while (span_line(&rest, &line))
		seen++;
	ck_assert_uint_gt(seen, 100);
	ck_assert_uint_lt(seen, LINES);
	log_info("x", "again");
	said = drain(a, fd);
	told = strstr(said, "dropped lines=");
	ck_assert_msg(told != NULL, "%s", said);
	dropped = strtol(told + 14, NULL, 10);
	ck_assert_int_eq(dropped + (long)seen, LINES);
	ck_assert_ptr_nonnull(strstr(said, "x: again"));
	close(fd);
	arena_free(a);
}
END_TEST

START_TEST(gone_reader)
{
	close(piped());
	log_open("relent-test", LOG_LEVEL_INFO);
	log_info("x", "nobody", "hears", "this");	/* SIGPIPE would end the test */
}
END_TEST

START_TEST(fault_points)
{
#ifdef RELENT_FAULTS
	struct arena *a = arena_new(0);
	const char *path = arena_printf(a, "%s/passed", test_dir());
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setenv("RELENT_FAULT", "b:2:fail", 1);
		setenv("RELENT_FAULT_LOG", path, 1);
		_exit(!fault_point("a") && !fault_point("b") && fault_point("b") && !fault_point("b") ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_str_eq(test_read(a, path, NULL), "a\nb\nb\nb\n");

	pid = fork();
	if (pid == 0) {
		setenv("RELENT_FAULT", "3:kill", 1);
		for (int i = 0; i < 3; i++)
			if (fault_point(i ? "x" : "y"))
				_exit(2);
		_exit(3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	/* nonsense does nothing */
	pid = fork();
	if (pid == 0) {
		setenv("RELENT_FAULT", "::x:-1:kill", 1);
		_exit(fault_point("x"));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_free(a);
#else
	ck_assert(!fault_point("x"));
#endif
}
END_TEST

START_TEST(clock_offsets)
{
	static const struct { const char *text; long offset; } t[] = {
		{ "+3600", 3600 }, { "+2d\n", 172800 }, { "-1h", -3600 }, { "+0", 0 },
	};
	static const char *const bad[] = { "", "\n", "+", "+x", "2026-02-30T00:00:00Z", "tomorrow" };
	const char *path;
	struct clock *c;
	char name[300];

	snprintf(name, sizeof name, "%s/clock", test_dir());
	path = name;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		time_t real;

		test_write(path, t[i].text);
		ck_ok(clock_new(path, &c, &test_err));
		real = time(NULL);
		ck_assert_int_le(labs((long)(clock_now(c) - real) - t[i].offset), 1);
		clock_free(c);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		test_write(path, bad[i]);
		ck_status(clock_new(path, &c, &test_err), CONF);
		ck_assert_ptr_nonnull(strstr(test_err.text, path));
	}
	ck_ok(clock_new(NULL, &c, &test_err));
	ck_assert_int_le(labs((long)(clock_now(c) - time(NULL))), 1);
	clock_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-log");
	TCase *tc = test_case(s, "log");

	tcase_add_test(tc, forms);
	tcase_add_test(tc, stopped_reader);
	tcase_add_test(tc, gone_reader);
	tcase_add_test(tc, fault_points);
	tcase_add_test(tc, clock_offsets);
	return test_run(s);
}
