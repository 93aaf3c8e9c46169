/* SPDX-License-Identifier: MPL-2.0
 *
 * One mail at a time, over SMTP submission with verified TLS. UNSURE when the connection ended after
 * the text: the mail may have been taken. A mail that must not go twice (FRAME_SEND) stops before the end
 * of its text and asks the parent, who looks once more and commits that the end may now leave; a note (FRAME_MAIL)
 * asks as well, whether another host has it by now.
 */
#include "config.h"

#include "imapwatch/sender.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/conf.h"
#include "imapwatch/peer.h"

enum { RCPT_MAX = 20, TIMEOUT_S = 60, CONNECT_S = 20, ASK_MS = 30000 };

/* An order that came while another was carried out. */
struct order {
	struct order *next;
	enum frame_type type;
	uint32_t number;
	size_t n;
	char body[];
};

struct sender {
	const struct conf *conf;
	int fd;
	struct peer peer;
	struct order *first, **last;
	uint32_t answered;		/* number of the question that has its answer */
	bool may;
};

/* Asked to end: not in the middle of a mail. */
static volatile sig_atomic_t stopping;

static void on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

struct upload {
	struct sender *sender;
	uint32_t number;		/* of the question before the end; 0: nobody is asked */
	const char *p;
	size_t n;
	bool all;			/* the end may have left */
	bool denied;
};

static void receive(void *ctx, const struct frame *f)
{
	struct sender *s = ctx;
	struct order *o;

	if (f->type == FRAME_GO) {
		s->answered = f->number;
		s->may = f->n == 1 && f->body[0] == 1;
		return;
	}
	o = malloc(sizeof(*o) + f->n);
	if (!o)
		abort();
	*o = (struct order){ .type = f->type, .number = f->number, .n = f->n };
	memcpy(o->body, f->body, f->n);
	*s->last = o;
	s->last = &o->next;
}

static enum status wait_for_parent(struct sender *s, int ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	if (poll(&p, 1, ms) < 0 && errno != EINTR)
		return GONE;
	return peer_read(&s->peer, receive, s);
}

/* No answer is a no. */
static bool ask(struct sender *s, uint32_t number)
{
	int64_t until = clock_mono_ms() + ASK_MS, left;
	struct arena *a = arena_new(0);
	struct buf b;
	bool sent;

	s->answered = 0;
	s->may = false;
	buf_init(&b, a);
	frame_begin(&b, FRAME_MAY, number);
	sent = frame_end(&b) && peer_send_all(s->fd, &b) == OK;
	arena_free(a);
	while (sent && s->answered != number && (left = until - clock_mono_ms()) > 0)
		if (wait_for_parent(s, (int)left) != OK)
			_exit(0);
	return s->answered == number && s->may;
}

static size_t upload(char *out, size_t size, size_t count, void *ctx)
{
	struct upload *u = ctx;
	size_t n = size * count;

	/* the call after the last byte: libcurl sends the final dot when it returns */
	if (u->number && u->n == 0 && !u->all) {
		(void)fault_point("send-before-end");
		u->denied = !ask(u->sender, u->number);
		if (u->denied)
			return CURL_READFUNC_ABORT;
		u->all = true;
		(void)fault_point("send-may-end");
		return 0;
	}
	if (n > u->n)
		n = u->n;
	memcpy(out, u->p, n);
	u->p += n;
	u->n -= n;
	if (u->n == 0 && !u->number)
		u->all = true;
	return n;
}

static bool is_loopback(const char *host)
{
	return str_eq_case(host, "localhost") || strncmp(host, "127.", 4) == 0 || str_eq(host, "::1");
}

static enum status secure(const struct sender *s, CURL *c, struct arena *a, struct err *e)
{
	const char *host = conf_str(s->conf, "smtp.host"), *tls = conf_str(s->conf, "smtp.tls");
	long long port = conf_int(s->conf, "smtp.port");
	const char *ca = conf_str(s->conf, "smtp.ca_file");

	if (str_eq(tls, "none") && !is_loopback(host))
		return err_set(e, CONF, "smtp.tls = none is only for this very host, not for '%s'", host);
	curl_easy_setopt(c, CURLOPT_URL, arena_printf(a, "%s://%s:%lld/%s",
			 str_eq(tls, "tls") ? "smtps" : "smtp", host, port,
			 conf_str(s->conf, "hostname")));
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(str_eq(tls, "none") ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (*ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	return OK;
}

static enum status credentials(const struct sender *s, CURL *c, struct arena *a, struct err *e)
{
	const char *user = conf_str(s->conf, "smtp.user"), *file = conf_str(s->conf, "smtp.password_file");
	const char *secret;
	enum status st;

	if (!*user)
		return OK;
	st = conf_secret_read(a, file, &secret, e);
	if (st != OK)
		return st;
	curl_easy_setopt(c, CURLOPT_USERNAME, user);
	curl_easy_setopt(c, CURLOPT_PASSWORD, secret);	/* copied by libcurl */
	explicit_bzero((void *)(uintptr_t)secret, strlen(secret));
	return OK;
}

/* *code_r: what the server said of this mail, if it did; else 0. */
static enum status outcome(CURL *c, CURLcode r, const struct upload *u, const char *words, long *code_r, struct err *e)
{
	long code = 0;

	*code_r = 0;
	if (r == CURLE_OK)
		return OK;
	if (u->denied)
		return err_set(e, GONE, "it was not to be sent any more");
	if (r == CURLE_PEER_FAILED_VERIFICATION || r == CURLE_SSL_CACERT_BADFILE || r == CURLE_SSL_ISSUER_ERROR)
		return err_set(e, CONF, "the submission service is not trusted: %s", words);
	if (r == CURLE_USE_SSL_FAILED)
		return err_set(e, CONF, "the submission service offers no TLS: nothing is sent in the clear");
	if (r == CURLE_LOGIN_DENIED)
		return err_set(e, CONF, "the submission service refused the login of smtp.user: %s", words);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	/* 421: the service ends, whatever mail it is */
	if (code >= 400 && code < 600 && (code != 421 || u->all))
		*code_r = code;
	if (code >= 500 && code < 600)
		return err_set(e, INPUT, "the submission service refused: %ld %s", code, words);
	return err_set(e, u->all && code < 400 ? UNSURE : AGAIN, "cannot hand the mail over: %s",
		       *words ? words : curl_easy_strerror(r));
}

static enum status deliver(const struct sender *s, struct arena *a, const char *from, const char *const *to,
			   size_t to_n, struct upload *u, long *code_r, struct err *e)
{
	char words[CURL_ERROR_SIZE] = "";
	struct curl_slist *list = NULL;
	CURL *c = curl_easy_init();
	enum status st;

	if (!c)
		return err_set(e, SYS, "cannot set up libcurl");
	st = secure(s, c, a, e);
	if (st == OK)
		st = credentials(s, c, a, e);
	if (st == OK) {
		for (size_t k = 0; k < to_n; k++)
			list = curl_slist_append(list, arena_printf(a, "<%s>", to[k]));
		curl_easy_setopt(c, CURLOPT_MAIL_FROM, arena_printf(a, "<%s>", from));
		curl_easy_setopt(c, CURLOPT_MAIL_RCPT, list);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, upload);
		curl_easy_setopt(c, CURLOPT_READDATA, u);
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(c, CURLOPT_PROXY, "");	/* no environment decides where mail goes */
		curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
		curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
		st = outcome(c, curl_easy_perform(c), u, words, code_r, e);
	}
	curl_slist_free_all(list);
	curl_easy_cleanup(c);
	return st;
}

/* ---- a look, for relentctl doctor ---- */

/* Sends a line and reads the answer to its end; its code, 0 if the connection ended. */
static int talk(CURL *c, const char *line, char *answer, size_t size)
{
	int64_t until = clock_mono_ms() + CONNECT_S * 1000;
	size_t n = 0, sent = 0, got;
	CURLcode r = curl_easy_send(c, line, strlen(line), &sent);

	while ((r == CURLE_OK || r == CURLE_AGAIN) && clock_mono_ms() < until && n + 1 < size) {
		r = curl_easy_recv(c, answer + n, size - n - 1, &got);
		if (r == CURLE_OK && got == 0)
			return 0;
		if (r == CURLE_OK)
			n += got;
		answer[n] = '\0';
		if (r == CURLE_AGAIN)
			(void)poll(NULL, 0, 20);
		/* the last line of an answer has a blank after its code */
		const char *last = n > 4 && answer[n - 1] == '\n' ? answer + n - 1 : NULL;
		while (last && last > answer && last[-1] != '\n')
			last--;
		if (last && strlen(last) > 3 && last[3] == ' ') {
			answer[strcspn(answer, "\r\n")] = '\0';
			return (int)strtol(last, NULL, 10);
		}
	}
	return 0;
}

/* Who may not be written as: told at RCPT, where servers judge senders; to the very address, so it leaves nobody's
 * house. */
static int ask_senders(CURL *c, struct arena *a, const char *addresses)
{
	struct span rest = span_of(addresses), one;
	int refused = 0, asked = 0;
	char words[1000];

	while (span_split(&rest, ',', &one)) {
		const char *from = arena_strndup(a, one.p, one.n);
		int code = talk(c, arena_printf(a, "MAIL FROM:<%s>\r\n", from), words, sizeof(words));

		if (code >= 200 && code < 300)
			code = talk(c, arena_printf(a, "RCPT TO:<%s>\r\n", from), words, sizeof(words));
		if (code == 0) {
			printf("the submission service hung up\n");
			return 1;
		}
		asked++;
		if (code >= 300) {
			printf("%s%s: %s", refused++ ? "; " : "may not send as ", from, words);
		}
		(void)talk(c, "RSET\r\n", words, sizeof(words));
	}
	if (!refused)
		printf("login works, %d senders are allowed", asked);
	printf("\n");
	return refused ? 3 : 0;
}

int sender_check(const char *conf_path, const char *addresses)
{
	struct arena *a = arena_new(0);
	char words[CURL_ERROR_SIZE] = "";
	struct conf *conf = NULL;
	struct upload u = { .p = "" };
	struct sender s = { .fd = -1 };
	struct err e = { "" };
	enum status st = conf_load(conf_path, NULL, NULL, &conf, &e);
	CURL *c = NULL;
	int code = 1;
	long said;

	s.conf = conf;
	if (st == OK && (curl_global_init(CURL_GLOBAL_ALL) != 0 || !(c = curl_easy_init())))
		st = err_set(&e, SYS, "cannot set up libcurl");
	if (st == OK)
		st = secure(&s, c, a, &e);
	if (st == OK)
		st = credentials(&s, c, a, &e);
	if (st == OK) {
		curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(c, CURLOPT_PROXY, "");
		curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
		st = outcome(c, curl_easy_perform(c), &u, words, &said, &e);
	}
	if (st == OK)
		code = ask_senders(c, a, addresses);
	else
		printf("%s\n", e.text);
	curl_easy_cleanup(c);
	conf_free(conf);
	arena_free(a);
	return code;
}

/* ---- */

static void carry_out(struct sender *s, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	const char *from = unpack_text_or(&u, ""), *to[RCPT_MAX];
	size_t to_n = unpack_count(&u, RCPT_MAX, 4);
	struct upload up = { .sender = s, .number = f->number };
	struct err e = { "" };
	enum status st;
	long code = 0;
	struct buf b;

	for (size_t k = 0; k < to_n; k++)
		to[k] = unpack_text_or(&u, "");
	up.p = unpack_bytes(&u, &up.n);
	st = (f->type == FRAME_MAIL || f->type == FRAME_SEND) && unpack_end(&u) && to_n > 0 ?
		deliver(s, a, from, to, to_n, &up, &code, &e) :
		err_set(&e, SYS, "the parent's order cannot be understood");
	(void)fault_point("send-answered");
	buf_init(&b, a);
	frame_begin(&b, f->type == FRAME_SEND ? FRAME_SEND_DONE : FRAME_MAIL_DONE, f->number);
	pack_u32(&b, st);
	pack_text_cut(&b, st == OK ? NULL : str_utf8(a, e.text, strlen(e.text)), 400);
	if (f->type == FRAME_SEND)
		pack_u32(&b, (uint32_t)code);
	if (!frame_end(&b) || peer_send_all(s->fd, &b) != OK)
		_exit(0);
	arena_free(a);
}

int sender_main(const char *conf_path, int parent_fd)
{
	struct sigaction term = { .sa_handler = on_term };	/* no SA_RESTART: poll() returns */
	struct sender s = { .fd = parent_fd };
	struct conf *conf;
	struct err e;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &term, NULL);
	if (conf_load(conf_path, NULL, NULL, &conf, &e) != OK || curl_global_init(CURL_GLOBAL_ALL) != 0) {
		log_fatal(NULL, "sender", "reason", e.text);
		return 1;
	}
	s.conf = conf;
	s.last = &s.first;
	peer_init(&s.peer, parent_fd);
	for (;;) {
		struct order *o = s.first;

		if (stopping)
			_exit(0);
		if (!o) {
			if (wait_for_parent(&s, 1000) != OK)
				return 0;
			continue;
		}
		s.first = o->next;
		if (!s.first)
			s.last = &s.first;
		if (o->type == FRAME_STOP)
			_exit(0);
		carry_out(&s, &(struct frame){ .type = o->type, .number = o->number, .body = o->body, .n = o->n });
		free(o);
	}
}
