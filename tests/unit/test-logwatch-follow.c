/* SPDX-License-Identifier: MPL-2.0
 *
 * Each line once: over restarts, rename, copytruncate, several rotations while nobody read.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "logwatch/follow.h"
#include "tests/lib/testing.h"

static char *name(const char *file)
{
	static char ring[8][300];
	static int i;

	snprintf(ring[++i % 8], sizeof(ring[0]), "%s/%s", test_dir(), file);
	return ring[i % 8];
}

static void add(const char *file, const char *text)
{
	FILE *f = fopen(name(file), "a");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

/* As the store keeps it. */
static char kept[600];

static struct follow *opened(void)
{
	struct follow *f;

	follow_open(name("log"), *kept ? kept : NULL, &f);
	return f;
}

static void save(struct follow *f)
{
	struct arena *a = arena_new(0);
	const char *p = follow_position(f, a);

	if (p)
		snprintf(kept, sizeof(kept), "%s", p);
	arena_free(a);
}

/* The lines that are there, joined by blanks. */
static const char *lines(struct follow *f)
{
	static char all[4096];
	struct span line;
	size_t n = 0;

	all[0] = '\0';
	while (follow_line(f, &line, &test_err) == FOLLOW_LINE)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%.*s", n ? " " : "", (int)line.n, line.p);
	return all;
}

/* Until something is there: a renamed file is left only after a grace period. */
static const char *lines_soon(struct follow *f)
{
	for (int i = 0; i < 300; i++) {
		const char *all = lines(f);

		if (*all)
			return all;
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	}
	return "(nothing)";
}

START_TEST(as_it_grows)
{
	struct follow *f;

	add("log", "a\nb\nunfin");
	f = opened();
	ck_assert_str_eq(lines(f), "a b");
	ck_assert_str_eq(lines(f), "");
	add("log", "ished\nc\n");
	ck_assert_str_eq(lines(f), "unfinished c");
	follow_close(f);
}
END_TEST

START_TEST(restart)
{
	struct follow *f;
	struct span line;

	add("log", "a\nb\nc\n");
	f = opened();
	ck_assert_int_eq(follow_line(f, &line, &test_err), FOLLOW_LINE);
	ck_assert_int_eq(follow_line(f, &line, &test_err), FOLLOW_LINE);
	save(f);
	ck_assert_int_eq(follow_line(f, &line, &test_err), FOLLOW_LINE);
	follow_close(f);	/* c was handed out, but not saved */
	f = opened();
	ck_assert_str_eq(lines(f), "c");
	save(f);
	follow_close(f);
	f = opened();
	ck_assert_str_eq(lines(f), "");
	follow_close(f);
}
END_TEST

START_TEST(renamed_while_reading)
{
	struct follow *f;

	add("log", "a\n");
	f = opened();
	ck_assert_str_eq(lines(f), "a");
	ck_assert_int_eq(rename(name("log"), name("log.1")), 0);
	add("log.1", "b\n");	/* the writer had it open */
	add("log", "c\n");
	ck_assert_str_eq(lines_soon(f), "b");
	ck_assert_str_eq(lines_soon(f), "c");
	add("log", "d\n");
	ck_assert_str_eq(lines_soon(f), "d");
	follow_close(f);
}
END_TEST

static void age(const char *file, time_t t)
{
	struct timespec times[2] = { { .tv_sec = t }, { .tv_sec = t } };

	ck_assert_int_eq(utimensat(AT_FDCWD, name(file), times, 0), 0);
}

START_TEST(rotated_while_down)
{
	struct follow *f;

	add("log", "a\nb\n");
	f = opened();
	ck_assert_str_eq(lines(f), "a b");
	save(f);
	follow_close(f);
	add("log", "c\n");
	ck_assert_int_eq(rename(name("log"), name("log.2")), 0);
	add("log.1", "d\n");
	add("log.0.gz", "not read\n");
	add("logger.1", "not ours\n");
	add("log", "e\n");
	age("log.2", 1000);
	age("log.1", 2000);
	f = opened();
	ck_assert_str_eq(lines_soon(f), "c d e");
	save(f);
	follow_close(f);
	f = opened();
	ck_assert_str_eq(lines(f), "");
	follow_close(f);
}
END_TEST

START_TEST(truncated_while_reading)
{
	struct follow *f;

	add("log", "first\nsecond\n");
	f = opened();
	ck_assert_str_eq(lines(f), "first second");
	add("log", "third\n");
	add("log.1", "first\nsecond\nthird\n");
	ck_assert_int_eq(truncate(name("log"), 0), 0);
	add("log", "fourth\n");
	ck_assert_str_eq(lines_soon(f), "third fourth");
	follow_close(f);
}
END_TEST

/* Grown past our position again: only the content tells. */
START_TEST(truncated_and_grown)
{
	struct follow *f;

	add("log", "a\n");
	f = opened();
	ck_assert_str_eq(lines(f), "a");
	save(f);
	ck_assert_int_eq(truncate(name("log"), 0), 0);
	add("log", "new\nlines\nhere\n");
	ck_assert_str_eq(lines_soon(f), "new lines here");
	follow_close(f);
	/* and over a restart: the position saved is that of the old content, which nobody has any more */
	test_expect_log("rotated away");
	f = opened();
	ck_assert_str_eq(lines(f), "new lines here");
	follow_close(f);
}
END_TEST

START_TEST(long_lines_are_left_out)
{
	struct arena *a = arena_new(0);
	char *x = arena_alloc(a, 300001);
	struct follow *f;

	memset(x, 'x', 300000);
	add("log", "a\n");
	add("log", x);
	add("log", "\nb\n");
	x[17000] = '\0';
	add("log", x);
	add("log", "\nc\n");
	f = opened();
	ck_assert_str_eq(lines(f), "a b c");
	save(f);
	follow_close(f);
	f = opened();
	ck_assert_str_eq(lines(f), "");
	follow_close(f);
	arena_free(a);
}
END_TEST

START_TEST(not_there_yet)
{
	struct follow *f;

	test_expect_log("missing");
	f = opened();
	ck_assert_str_eq(lines(f), "");
	add("log", "a\n");
	ck_assert_str_eq(lines(f), "a");
	follow_close(f);
}
END_TEST

START_TEST(bad_positions)
{
	static const char *const texts[] = { "x", "relent-logwatch 1", "relent-logwatch 1 1 2 -5 0 x 0 x",
		"relent-logwatch 1 1 2 99999999999999999999 999999 x 3 x", "\xff\xfe" };
	struct follow *f;

	add("log", "a\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		snprintf(kept, sizeof(kept), "%s", texts[i]);
		test_expect_log(i == 3 ? "lo" : "damaged");
		f = opened();
		ck_assert_str_eq(lines(f), "a");
		follow_close(f);
	}
}
END_TEST

/* What an earlier release wrote into a file of its own. */
START_TEST(old_position)
{
	struct follow *f;

	add("log", "a\nb\n");
	f = opened();
	ck_assert_str_eq(lines(f), "a b");
	save(f);
	follow_close(f);
	for (char *p = kept + strlen("relent-logwatch 1"); *p; p++)
		if (*p == ' ')
			*p = '\n';
	add("log", "c\n");
	f = opened();
	ck_assert_str_eq(lines(f), "c");
	follow_close(f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logwatch follow");
	TCase *t = test_case(s, "follow");

	tcase_add_test(t, as_it_grows);
	tcase_add_test(t, restart);
	tcase_add_test(t, renamed_while_reading);
	tcase_add_test(t, rotated_while_down);
	tcase_add_test(t, truncated_while_reading);
	tcase_add_test(t, truncated_and_grown);
	tcase_add_test(t, long_lines_are_left_out);
	tcase_add_test(t, not_there_yet);
	tcase_add_test(t, bad_positions);
	tcase_add_test(t, old_position);
	return test_run(s);
}
