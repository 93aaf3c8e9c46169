/* SPDX-License-Identifier: MPL-2.0
 *
 * What every unit test shares: Check printing TAP, and the rule that a warning or error in the log
 * which the test did not announce fails it.
 */
#ifndef TESTS_LIB_TESTING_H
#define TESTS_LIB_TESTING_H

#include <check.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* A test case of the suite whose log is watched. Tests run in a child process each. */
TCase *test_case(Suite *s, const char *name);

/* The next tests of this process may log a warning or error that contains text; each announcement
 * must come true. */
void test_expect_log(const char *text);

/* Runs the suite, prints TAP, returns the exit code for main(). CK_RUN_CASE etc. work. */
int test_run(Suite *s);

/* Path of a file of the source tree ("tests/cases/x"), from TOP_SRCDIR; static ring of 8. */
const char *test_source(const char *relative);
/* A fresh directory, removed at exit of the process that made it. */
const char *test_dir(void);
/* Whole file, NUL-terminated, on a; fails the test if it cannot be read. */
char *test_read(struct arena *a, const char *path, size_t *n_r);
void test_write(const char *path, const char *text);

#define ck_ok(call) do { \
	struct err *ck_e_ = &test_err; enum status ck_s_ = (call); \
	ck_assert_msg(ck_s_ == OK, "%s: %s: %s", #call, status_name(ck_s_), ck_e_->text); } while (0)
#define ck_status(call, want) do { enum status ck_s_ = (call); \
	ck_assert_msg(ck_s_ == (want), "%s: %s instead of %s: %s", #call, status_name(ck_s_), \
		      status_name(want), test_err.text); } while (0)
extern struct err test_err;	/* pass &test_err to the calls under test */

#endif
