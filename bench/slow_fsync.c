/* SPDX-License-Identifier: MPL-2.0
 *
 * A disk that takes its time: LD_PRELOADed, each fsync() and fdatasync() of a process ends BENCH_FSYNC_MS milliseconds
 * after it would have. The wait is the caller's alone, as with a disk that can do several at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(void)
{
	const char *ms = getenv("BENCH_FSYNC_MS");
	double us = ms ? strtod(ms, NULL) * 1000 : 0;
	struct timespec left = { (time_t)(us / 1e6), (long)(us * 1000) % 1000000000 };
	int before = errno;

	while (us > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
	errno = before;
}

static int slowly(const char *name, int fd)
{
	int (*real)(int) = NULL, r;

	*(void **)&real = dlsym(RTLD_NEXT, name);
	r = real(fd);
	wait_for_disk();
	return r;
}

int fsync(int fd)
{
	return slowly("fsync", fd);
}

int fdatasync(int fd)
{
	return slowly("fdatasync", fd);
}
