/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/fault.h"

#ifdef RELENT_FAULTS

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	pthread_mutex_t lock;
	bool ready;
	const char *log;
	char name[64];
	long at, passed;
	enum { DO_NOTHING, DO_KILL, DO_FAIL, DO_STOP } what;
} plan = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void read_plan(void)
{
	const char *s = getenv("RELENT_FAULT"), *colon, *word;
	char *end;

	plan.ready = true;
	plan.log = getenv("RELENT_FAULT_LOG");
	if (!s)
		return;
	colon = strrchr(s, ':');
	if (!colon)
		return;
	word = colon + 1;
	if (*s < '0' || *s > '9') {
		const char *first = strchr(s, ':');
		size_t n = (size_t)(first - s);

		if (n >= sizeof plan.name || first == colon)
			return;
		memcpy(plan.name, s, n);
		s = first + 1;
	}
	plan.at = strtol(s, &end, 10);
	if (end != colon || plan.at < 1)
		return;
	plan.what = !strcmp(word, "kill") ? DO_KILL : !strcmp(word, "fail") ? DO_FAIL
		: !strcmp(word, "stop") ? DO_STOP : DO_NOTHING;
}

static void note(const char *name)
{
	int fd = open(plan.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char line[80];
	size_t n = strlen(name);

	if (fd < 0)
		return;
	if (n > sizeof line - 1)
		n = sizeof line - 1;
	memcpy(line, name, n);
	line[n] = '\n';
	if (write(fd, line, n + 1) < 0)
		plan.log = NULL;
	close(fd);
}

bool fault_point(const char *name)
{
	bool hit = false;

	pthread_mutex_lock(&plan.lock);
	if (!plan.ready)
		read_plan();
	if (plan.log)
		note(name);
	if (plan.what != DO_NOTHING && (!plan.name[0] || !strcmp(plan.name, name)))
		hit = ++plan.passed == plan.at;
	pthread_mutex_unlock(&plan.lock);
	if (!hit)
		return false;
	if (plan.what == DO_KILL)
		kill(getpid(), SIGKILL);
	if (plan.what == DO_STOP)
		(void)raise(SIGSTOP);	/* this very thread: one signal for all lets it run on for a while */
	return plan.what == DO_FAIL;
}

#else

/* ISO C wants something in every file. */
typedef int fault_points_are_not_compiled_in;

#endif
