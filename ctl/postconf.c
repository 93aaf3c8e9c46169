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
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/postconf.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

extern char **environ;

enum { OUTPUT_MAX = 1024 * 1024 };

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

/* postconf warns on standard error, of a parameter that nothing uses for instance. */
static const char *without_warnings(struct arena *a, const char *out)
{
	struct span rest = span_of(out), line;
	struct buf b;

	if (!strstr(out, "postconf: warning:"))
		return out;
	buf_init(&b, a);
	while (span_line(&rest, &line))
		if (!span_starts_case(line, "postconf: warning:"))
			buf_addf(&b, "%s%.*s", b.n ? "\n" : "", (int)line.n, line.p);
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
	return without_warnings(a, run_program(a, argv, 10, code_r));
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

const char *postconf_raw(struct arena *a, const char *dir, const char *name)
{
	int code;
	const char *out = postconf(a, dir, "-h", name, &code);

	return code == 0 ? out : "";
}

bool postconf_is_set(struct arena *a, const char *dir, const char *name)
{
	int code;
	const char *out = postconf(a, dir, "-n", name, &code);

	return code == 0 && strstr(out, " =") && strncmp(out, name, strlen(name)) == 0;
}

bool postconf_edit(struct arena *a, const char *dir, const char *how, const char *what, struct err *e)
{
	int code;
	const char *out = postconf(a, dir, how, what, &code);

	if (code != 0)
		err_set(e, INPUT, "postconf %s '%s' failed: %s", how, what, *out ? out : "no answer");
	return code == 0;
}

bool postfix_names_socket(const char *text, const char *socket, const char *queue_directory)
{
	const char *path = strchr(socket, ':') + 1;
	size_t n = strlen(path), k = strlen(queue_directory);

	for (const char *p = text; (p = strstr(p, path)); p += n) {
		bool whole = p[n] == '\0' || strchr(" ,\t}", p[n]);

		if (whole && p > text && p[-1] == ':')
			return true;
		/* the same place by its full name, where nothing is chrooted */
		if (whole && k && (size_t)(p - text) > k + 1 && p[-1] == '/' && strncmp(p - 1 - k, queue_directory, k) == 0
		    && p[-2 - (ptrdiff_t)k] == ':')
			return true;
	}
	return false;
}

size_t postconf_services(struct arena *a, const char *dir, struct postfix_service **out_r)
{
	int code;
	struct span rest = span_of(postconf(a, dir, "-M", NULL, &code)), line;
	struct postfix_service *list = arena_array(a, struct postfix_service, 256);
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
		if (k < 8)
			continue;
		list[n++] = (struct postfix_service){
			.name = arena_printf(a, "%.*s/%.*s", (int)got[0].n, got[0].p, (int)got[1].n, got[1].p),
			.command = span_dup(a, got[7]),
			.chrooted = span_eq(got[4], "y"),
			.inet = span_eq(got[1], "inet"),
		};
	}
	return n;
}

static const char *service_option(struct arena *a, const char *dir, const char *how, const char *service,
				  const char *name)
{
	int code;
	struct span rest, line;
	const char *out = postconf(a, dir, how, arena_printf(a, "%s/%s", service, name), &code);
	const char *prefix = arena_printf(a, "%s/%s =", service, name);

	rest = span_of(out);
	while (code == 0 && span_line(&rest, &line))
		if (line.n >= strlen(prefix) && strncmp(line.p, prefix, strlen(prefix)) == 0)
			return span_dup(a, span_trim((struct span){ line.p + strlen(prefix), line.n - strlen(prefix) }));
	return NULL;
}

const char *postconf_service(struct arena *a, const char *dir, const char *service, const char *name)
{
	return service_option(a, dir, "-Px", service, name);
}

const char *postconf_service_raw(struct arena *a, const char *dir, const char *service, const char *name)
{
	return service_option(a, dir, "-P", service, name);
}

bool postfix_is_submission(struct arena *a, const char *dir, const struct postfix_service *service)
{
	static const char *const ports[] = { "submission", "submissions", "smtps", "587", "465" };
	const char *sasl, *port = service->name;
	size_t n;

	if (!service->inet)
		return false;
	for (const char *p = port; *p; p++)	/* after the last ':' of host:port */
		if (*p == ':')
			port = p + 1;
	n = strcspn(port, "/");
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (strlen(ports[i]) == n && strncmp(port, ports[i], n) == 0)
			return true;
	sasl = postconf_service(a, dir, service->name, "smtpd_sasl_auth_enable");
	return str_eq(service->command, "smtpd") && sasl && str_eq_case(sasl, "yes");
}
