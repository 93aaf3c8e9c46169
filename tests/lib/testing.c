/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/lib/testing.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

struct err test_err;

enum { EXPECTED_MAX = 32 };
static const char *expected[EXPECTED_MAX];
static size_t expected_n;
static char surprise[2000];

static void watch(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	if (level < LOG_LEVEL_WARN)
		return;
	for (size_t i = 0; i < expected_n; i++)
		if (expected[i] && strstr(line, expected[i])) {
			expected[i] = NULL;
			return;
		}
	if (!surprise[0])
		snprintf(surprise, sizeof surprise, "%s", line);
}

void test_expect_log(const char *text)
{
	ck_assert(expected_n < EXPECTED_MAX);
	expected[expected_n++] = text;
}

static void watch_begin(void)
{
	expected_n = 0;
	surprise[0] = '\0';
	log_capture(watch, NULL);
}

static void watch_end(void)
{
	log_capture(NULL, NULL);
	ck_assert_msg(!surprise[0], "unannounced log line: %s", surprise);
	for (size_t i = 0; i < expected_n; i++)
		ck_assert_msg(!expected[i], "announced log line did not come: %s", expected[i]);
}

TCase *test_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, watch_begin, watch_end);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return tc;
}

int test_run(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

const char *test_source(const char *relative)
{
	static char ring[8][1024];
	static unsigned at;
	const char *top = getenv("TOP_SRCDIR");
	char *p = ring[at++ % 8];

	snprintf(p, sizeof ring[0], "%s/%s", top ? top : TOP_SRCDIR, relative);
	return p;
}

static char dir[64];
static pid_t dir_owner;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void remove_dir(void)
{
	if (dir[0] && dir_owner == getpid())
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_dir(void)
{
	if (dir[0] && dir_owner == getpid())
		return dir;
	snprintf(dir, sizeof dir, "/tmp/relent-test-XXXXXX");
	ck_assert_msg(mkdtemp(dir) != NULL, "cannot make a directory");
	dir_owner = getpid();
	atexit(remove_dir);
	return dir;
}

char *test_read(struct arena *a, const char *path, size_t *n_r)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0, room = 4096, got;
	char *p = arena_alloc(a, room);

	ck_assert_msg(f != NULL, "cannot open %s", path);
	while ((got = fread(p + n, 1, room - n - 1, f)) > 0) {
		n += got;
		if (room - n < 2) {
			char *bigger = arena_alloc(a, room * 2);

			memcpy(bigger, p, n);
			p = bigger;
			room *= 2;
		}
	}
	fclose(f);
	p[n] = '\0';
	if (n_r)
		*n_r = n;
	return p;
}

void test_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	ck_assert_msg(f != NULL, "cannot write %s", path);
	ck_assert(fputs(text, f) >= 0);
	ck_assert(fclose(f) == 0);
}
