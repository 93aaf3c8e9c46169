/* SPDX-License-Identifier: MPL-2.0
 *
 * review.draft_command: a program that is given the review card as JSON and writes other words for the draft. It
 * can send nothing and decide nothing: what it writes lies in Drafts and waits for a person.
 */
#include "config.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/draft_hook.h"

#include "base/arena.h"
#include "base/str.h"

enum { HOOK_TEXT = 64 * 1024, HOOK_WORDS = 16, HOOK_SECONDS = 120, POLL_USEC = 20000 };

extern char **environ;

static int run(const char *const *argv, FILE *in, FILE *out, int *status_r)
{
	posix_spawn_file_actions_t fa;
	long left = (long)HOOK_SECONDS * 1000000 / POLL_USEC;
	pid_t pid, got;
	int rc;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fileno(in), 0);
	posix_spawn_file_actions_adddup2(&fa, fileno(out), 1);
	rc = posix_spawnp(&pid, argv[0], &fa, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	if (rc)
		return rc;
	while ((got = waitpid(pid, status_r, WNOHANG)) == 0 && left-- > 0)
		usleep(POLL_USEC);
	if (got == 0) {
		kill(pid, SIGKILL);
		waitpid(pid, status_r, 0);
	}
	return 0;
}

/* Plain text, or JSON with "text" and, if it likes, "subject". */
static int answer_of(struct ctl *c, char *text, size_t n, const char **subject_r, const char **text_r)
{
	json_error_t je;
	json_t *o = *text == '{' ? json_loadb(text, n, 0, &je) : NULL;
	const char *words = json_string_value(json_object_get(o, "text"));

	*text_r = text;
	if (*text != '{')
		return CTL_DONE;
	if (words) {
		*text_r = arena_strdup(c->arena, words);
		*subject_r = arena_strdup(c->arena, json_string_value(json_object_get(o, "subject")));
	}
	json_decref(o);
	return words ? CTL_DONE : fail(c, CTL_UNAVAILABLE, "review.draft_command answered JSON without a \"text\"");
}

int draft_hook(struct ctl *c, const json_t *card, const char **subject_r, const char **text_r)
{
	const char *command = conf_str(c->conf, "review.draft_command"), *argv[HOOK_WORDS + 1];
	struct span rest = span_of(command), w;
	char *text = arena_alloc(c->arena, HOOK_TEXT + 1);
	FILE *in = tmpfile(), *out = tmpfile();
	size_t words = 0, n = 0;
	int status = 0, rc = -1;

	while (words < HOOK_WORDS && span_split(&rest, ' ', &w))
		if (w.n)
			argv[words++] = span_dup(c->arena, w);
	argv[words] = NULL;
	if (in && out && words && json_dumpf(card, in, JSON_COMPACT) == 0 && fflush(in) == 0) {
		rewind(in);
		rc = run(argv, in, out, &status);
		rewind(out);
		n = fread(text, 1, HOOK_TEXT + 1, out);
	}
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	if (!words)
		return fail(c, CTL_USAGE, "name a FILE with the new words (or -), or set review.draft_command");
	if (rc || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return fail(c, CTL_UNAVAILABLE, rc > 0 ? "review.draft_command: cannot run '%s': %s"
			    : "review.draft_command: '%s' failed%s: the draft stays as it is", argv[0],
			    rc > 0 ? strerror(rc) : WIFSIGNALED(status) ? " (ended by a signal, or too slow)" : "");
	if (n == 0 || n > HOOK_TEXT || !str_is_utf8(text, n) || memchr(text, '\0', n))
		return fail(c, CTL_UNAVAILABLE, "review.draft_command: '%s' wrote no text in UTF-8 of at most 64 KiB",
			    argv[0]);
	text[n] = '\0';
	return answer_of(c, text, n, subject_r, text_r);
}
