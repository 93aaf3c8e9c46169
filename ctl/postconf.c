/* SPDX-License-Identifier: MPL-2.0
 *
 * postconf(1) and other programs, run without a shell and with a deadline.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/postconf.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

extern char **environ;

enum { OUTPUT_MAX = 65536 };

static pid_t start(const char *const *argv, int *fd_r)
{
	posix_spawn_file_actions_t fa;
	int fds[2], rc;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 1);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 2);
	rc = posix_spawnp(&pid, argv[0], &fa, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(fds[1]);
	if (rc != 0) {
		close(fds[0]);
		return -1;
	}
	*fd_r = fds[0];
	return pid;
}

const char *run_program(struct arena *a, const char *const *argv, int seconds, int *code_r)
{
	int64_t end = clock_mono_ms() + (int64_t)seconds * 1000;
	struct buf b;
	int fd, status;
	pid_t pid = start(argv, &fd);
	bool late = false;

	buf_init(&b, a);
	*code_r = -1;
	if (pid < 0)
		return "";
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - clock_mono_ms();
		char chunk[4096];
		ssize_t n;

		if (left <= 0 || (poll(&p, 1, (int)left) == 0)) {
			late = true;
			break;
		}
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (b.n + (size_t)n < OUTPUT_MAX)
			buf_add(&b, chunk, (size_t)n);
	}
	close(fd);
	if (late)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*code_r = late || !WIFEXITED(status) ? -2 : WEXITSTATUS(status) == 127 && b.n == 0 ? -1
		: WEXITSTATUS(status);
	while (b.n > 0 && (b.p[b.n - 1] == '\n' || b.p[b.n - 1] == '\r'))
		b.p[--b.n] = '\0';
	return b.p;
}

static const char *postconf(struct arena *a, const char *dir, const char *first, const char *second,
			    int *code_r)
{
	const char *argv[8];
	size_t n = 0;

	argv[n++] = "postconf";
	if (dir) {
		argv[n++] = "-c";
		argv[n++] = dir;
	}
	argv[n++] = first;
	if (second)
		argv[n++] = second;
	argv[n] = NULL;
	return run_program(a, argv, 10, code_r);
}

bool postconf_works(struct arena *a, const char *dir, struct err *e)
{
	int code;
	const char *out = postconf(a, dir, "-hx", "mail_version", &code);

	if (code == 0)
		return true;
	if (code == -1)
		err_set(e, GONE, "postconf is not there: is Postfix installed, and /usr/sbin in PATH?");
	else
		err_set(e, GONE, "postconf failed: %s", *out ? out : "no answer");
	return false;
}

const char *postconf_value(struct arena *a, const char *dir, const char *name)
{
	int code;
	const char *out = postconf(a, dir, "-hx", name, &code);

	return code == 0 ? out : "";
}

size_t postconf_services(struct arena *a, const char *dir, const char ***out_r)
{
	int code;
	struct span rest = span_of(postconf(a, dir, "-M", NULL, &code)), line;
	const char **list = arena_array(a, const char *, 256);
	size_t n = 0;

	*out_r = list;
	if (code != 0)
		return 0;
	while (n < 256 && span_line(&rest, &line)) {
		struct span words = line, w, got[8];
		size_t k = 0;

		while (k < 8 && span_split(&words, ' ', &w))
			if (w.n)
				got[k++] = w;
		/* name type private unpriv chroot wakeup maxproc command */
		if (k == 8 && span_eq(got[7], "smtpd"))
			list[n++] = arena_printf(a, "%.*s/%.*s", (int)got[0].n, got[0].p, (int)got[1].n, got[1].p);
	}
	return n;
}

const char *postconf_service(struct arena *a, const char *dir, const char *service, const char *name)
{
	int code;
	struct span rest, line;
	const char *out = postconf(a, dir, "-Px", arena_printf(a, "%s/%s", service, name), &code);
	const char *prefix = arena_printf(a, "%s/%s = ", service, name);

	rest = span_of(out);
	while (code == 0 && span_line(&rest, &line))
		if (line.n >= strlen(prefix) && strncmp(line.p, prefix, strlen(prefix)) == 0)
			return arena_strndup(a, line.p + strlen(prefix), line.n - strlen(prefix));
	return NULL;
}
