/* SPDX-License-Identifier: MPL-2.0
 *
 * Mail made to hurt: what each kind costs, and whether twice as much of it costs twice as much. Each is
 * classified in a process of its own. Prints a table; is no test (tests/unit/test-classifier-hostile.c is).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/bombs.h"
#include "tests/lib/mails.h"

struct cost {
	double ms, mib;
	size_t bytes;
	bool died;
	char answer[40];
};

static double seconds(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static struct cost measure(const struct phrases *p, const struct bomb *b, size_t percent)
{
	struct cost c = { .died = true };
	int ends[2];
	pid_t pid;

	fflush(stdout);
	if (pipe(ends) != 0 || (pid = fork()) < 0)
		return c;
	if (pid == 0) {
		struct arena *a = arena_new((size_t)1 << 31), *work = arena_new(0);
		struct rusage from, to;
		char *mail = bomb_make(a, b, percent, &c.bytes);

		alarm(120);
		getrusage(RUSAGE_SELF, &from);
		struct finding *f = mails_classify(work, p, mail, c.bytes);
		getrusage(RUSAGE_SELF, &to);
		c.ms = (seconds(&to) - seconds(&from)) * 1e3;
		c.mib = (double)(to.ru_maxrss - from.ru_maxrss) / 1024;
		snprintf(c.answer, sizeof c.answer, "%s/%s", f ? kind_name(f->kind) : "none",
			 f ? class_name(f->class) : "none");
		c.died = false;
		if (write(ends[1], &c, sizeof c) != (ssize_t)sizeof c)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &c, sizeof c) != (ssize_t)sizeof c)
		c.died = true;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return c;
}

int main(int argc, char **argv)
{
	struct phrases *p = mails_phrases();

	printf("%-36s %9s %9s %9s %9s %7s  %s\n", "what", "MB", "ms", "ms/MB", "MiB", "x2", "answer");
	for (size_t i = 0; i < bombs_n; i++) {
		struct cost half, whole;

		if (argc > 1 && !strstr(bombs[i].name, argv[1]))
			continue;
		half = measure(p, &bombs[i], 50);
		whole = measure(p, &bombs[i], 100);
		if (whole.died) {
			printf("%-36s DIED\n", bombs[i].name);
			continue;
		}
		double mb = (double)whole.bytes / 1e6;
		printf("%-36s %9.2f %9.1f %9.1f %9.1f %7.2f  %s\n", bombs[i].name, mb, whole.ms,
		       whole.ms / (mb > 1 ? mb : 1), whole.mib, half.ms > 2 ? whole.ms / half.ms : 0.0,
		       whole.answer);
	}
	return 0;
}
