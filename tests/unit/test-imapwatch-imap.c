/* SPDX-License-Identifier: MPL-2.0
 *
 * An IMAP session against a fake server that plays tests/cases/imap/NAME.chat over loopback:
 *   call STEP ...     what the client does, until one fails
 *   want STATUS WORDS how the last one ends, and what the sentence (or "changed", "N mails") holds
 *   say LINE          a line; $ alone is the tag of the last command; \xHH, \r, \n, \\ as in C
 *   raw TEXT          the same without a line end
 *   expect WORDS      a line of the client that holds WORDS
 *   hang, drop, drip, deep N
 */
#include "config.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "imapwatch/imap.h"
#include "tests/lib/testing.h"

struct chat {
	int listener, port;
	char *script;
	char tag[32];
	FILE *in;
	int fd;
	const char *failed;	/* what the server missed */
	char failed_text[200];
};

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 65536);

	ck_assert_msg(f != NULL, "cannot open '%s': %s", path, strerror(errno));
	ck_assert(text != NULL);
	ck_assert(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static void put(struct chat *c, const char *text, bool line)
{
	char out[4096];
	size_t n = 0;

	for (const char *p = text; *p && n < sizeof(out) - 64; p++) {
		if (*p == '$' && p == text) {
			n += (size_t)snprintf(out + n, 32, "%s", c->tag);
		} else if (*p == '\\' && p[1] == 'x') {
			out[n++] = (char)strtol((char[]){ p[2], p[3], 0 }, NULL, 16);
			p += 3;
		} else if (*p == '\\') {
			p++;
			out[n++] = *p == 'r' ? '\r' : *p == 'n' ? '\n' : *p;
		} else {
			out[n++] = *p;
		}
	}
	if (line) {
		out[n++] = '\r';
		out[n++] = '\n';
	}
	(void)!send(c->fd, out, n, MSG_NOSIGNAL);
}

/* Until the client has gone. */
static void wait_end(struct chat *c)
{
	char buf[512];

	while (recv(c->fd, buf, sizeof(buf), 0) > 0)
		;
}

static void expect(struct chat *c, const char *words)
{
	char line[8192];
	char *blank;

	if (!fgets(line, sizeof(line), c->in)) {
		snprintf(c->failed_text, sizeof(c->failed_text), "no line with '%s' came", words);
		c->failed = c->failed_text;
		return;
	}
	if (line[0] >= '0' && line[0] <= '9' && (blank = strchr(line, ' '))) {
		*blank = '\0';
		snprintf(c->tag, sizeof(c->tag), "%.30s", line);
		*blank = ' ';
	}
	if (!strstr(line, words)) {
		line[strcspn(line, "\r\n")] = '\0';
		snprintf(c->failed_text, sizeof(c->failed_text), "'%.80s' in place of '%s'", line, words);
		c->failed = c->failed_text;
	}
}

static void *serve(void *ctx)
{
	struct chat *c = ctx;
	char *rest = c->script, *line;

	c->fd = accept(c->listener, NULL, NULL);
	c->in = fdopen(dup(c->fd), "r");
	while ((line = strsep(&rest, "\n")) && !c->failed) {
		if (strncmp(line, "say ", 4) == 0)
			put(c, line + 4, true);
		else if (strncmp(line, "raw ", 4) == 0)
			put(c, line + 4, false);
		else if (strncmp(line, "expect ", 7) == 0)
			expect(c, line + 7);
		else if (strcmp(line, "hang") == 0)
			wait_end(c);
		else if (strncmp(line, "deep ", 5) == 0) {
			for (int n = atoi(line + 5); n > 0; n--)
				put(c, "(", false);
		} else if (strcmp(line, "drip") == 0) {
			struct pollfd p = { .fd = c->fd, .events = POLLIN };

			put(c, "* OK ", false);
			while (poll(&p, 1, 20) == 0)
				put(c, "x", false);
		}
		if (strcmp(line, "drop") == 0)
			break;
	}
	fclose(c->in);
	close(c->fd);
	return NULL;
}

static void start(struct chat *c, pthread_t *thread)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sin);

	c->listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(c->listener, (struct sockaddr *)&sin, n), 0);
	ck_assert_int_eq(listen(c->listener, 1), 0);
	ck_assert_int_eq(getsockname(c->listener, (struct sockaddr *)&sin, &n), 0);
	c->port = ntohs(sin.sin_port);
	ck_assert_int_eq(pthread_create(thread, NULL, serve, c), 0);
}

struct client {
	struct imap *i;
	struct arena *a;
	bool changed;
	int mails;
};

static void count_mail(void *ctx, uint32_t uid, const char *bytes, size_t n)
{
	struct client *k = ctx;

	(void)bytes;
	ck_assert_uint_eq(uid, 4);
	ck_assert_uint_gt(n, 0);
	k->mails++;
}

static enum status call(struct client *k, const char *what, int port, struct err *e)
{
	struct imap_login l = { .host = "127.0.0.1", .port = port, .plain = true, .pin = "",
				.auth = "plain", .user = "user", .secret = "secret",
				.timeout_ms = 700, .bytes_max = 262144 };
	struct imap_folder f;
	struct imap_item *items;
	uint32_t uid = 4, v, u;
	bool changed = false;
	enum status s = SYS;
	size_t n;

	if (strcmp(what, "open") == 0)
		return imap_open(&l, &k->i, e);
	if (strcmp(what, "select") == 0) {
		s = imap_select(k->i, "INBOX", true, &f, e);
		if (s == OK) {
			ck_assert_uint_eq(f.uidvalidity, 7);
			ck_assert_uint_eq(f.uidnext, 12);
		}
	} else if (strcmp(what, "list") == 0) {
		s = imap_list(k->i, k->a, 1, 0, &items, &n, e);
		if (s == OK) {
			ck_assert_uint_eq(n, 2);
			ck_assert_uint_eq(items[1].uid, 9);
			ck_assert_uint_eq(items[1].size, 5000);
			ck_assert_int_eq(items[0].internaldate, 1772438400);
			ck_assert(items[0].seen && !items[1].seen);
		}
	} else if (strcmp(what, "fetch") == 0) {
		s = imap_fetch(k->i, &uid, 1, 262144, false, count_mail, k, e);
	} else if (strcmp(what, "append") == 0) {
		s = imap_append_draft(k->i, "Drafts", "Subject: x\r\n\r\ny\r\n", 17, &v, &u, e);
	} else if (strcmp(what, "idle") == 0) {
		s = imap_idle_begin(k->i, &changed, e);
	} else if (strcmp(what, "buffered") == 0) {
		/* the trap: there is something, and the descriptor may say nothing */
		ck_assert(imap_buffered(k->i));
		s = OK;
	} else if (strcmp(what, "hear") == 0) {
		struct pollfd p = { .fd = imap_fd(k->i), .events = POLLIN };

		if (!imap_buffered(k->i))
			ck_assert_int_eq(poll(&p, 1, 5000), 1);
		s = imap_idle_hear(k->i, &changed, e);
	} else if (strcmp(what, "end") == 0) {
		s = imap_idle_end(k->i, &changed, e);
	} else {
		ck_abort_msg("no step '%s'", what);
	}
	k->changed = k->changed || changed;
	return s;
}

static void play(const char *name)
{
	struct chat c = { .failed = NULL };
	struct client k = { .a = arena_new(0) };
	struct err e = { "" };
	enum status s = OK;
	char path[512], result[700];
	char *text, *steps = NULL, *want = NULL, *step;
	int64_t begun = clock_mono_ms();
	pthread_t thread;

	snprintf(path, sizeof(path), "%s/%s", test_source("tests/cases/imap"), name);
	text = slurp(path);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		if (strncmp(line, "call ", 5) == 0) {
			steps = line + 5;
		} else if (strncmp(line, "want ", 5) == 0) {
			want = line + 5;
			c.script = rest;
			break;
		}
	}
	ck_assert_msg(steps && want, "%s: no call or want", name);
	start(&c, &thread);
	while (s == OK && (step = strsep(&steps, " ")))
		s = call(&k, step, c.port, &e);
	snprintf(result, sizeof(result), "%s %s%s %d mails", status_name(s), s == OK ? "" : e.text,
		 k.changed ? "changed" : "", k.mails);
	imap_close(k.i);
	pthread_join(thread, NULL);
	close(c.listener);
	ck_assert_msg(!c.failed, "%s: the server got %s", name, c.failed);
	ck_assert_msg(strncmp(result, want, strcspn(want, " ")) == 0, "%s: %s", name, result);
	if (strchr(want, ' '))
		ck_assert_msg(strstr(result, strchr(want, ' ') + 1), "%s: %s", name, result);
	ck_assert_msg(clock_mono_ms() - begun < 3000, "%s: took too long", name);
	free(text);
	arena_free(k.a);
}

/* libetpan forgets the greeting when it is BYE (some 50 bytes, once for each refused connection). */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libetpan.so";
}

static char *names[64];
static int names_n;

START_TEST(chats)
{
	play(names[_i]);
}
END_TEST

/* rows: 1111 */
int main(void)
{
	struct dirent *d;
	DIR *dir = opendir(test_source("tests/cases/imap"));
	Suite *suite = suite_create("imapwatch-imap");
	TCase *t = test_case(suite, "chat");

	while (dir && (d = readdir(dir)))
		if (strstr(d->d_name, ".chat") && names_n < 64)
			names[names_n++] = strdup(d->d_name);
	if (dir)
		closedir(dir);
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, chats, 0, names_n);
	return test_run(suite) || names_n < 15;
}
