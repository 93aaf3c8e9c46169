/* SPDX-License-Identifier: MPL-2.0
 *
 * One mail at a time, over SMTP submission with verified TLS. UNSURE when the connection ended after
 * the text: the mail may have been taken.
 */
#include "config.h"

#include "imapwatch/sender.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/conf.h"
#include "imapwatch/peer.h"

enum { RCPT_MAX = 20, TIMEOUT_S = 60, CONNECT_S = 20 };

struct sender {
	const struct conf *conf;
	int fd;
};

struct upload {
	const char *p;
	size_t n;
	bool all;
};

static size_t upload(char *out, size_t size, size_t count, void *ctx)
{
	struct upload *u = ctx;
	size_t n = size * count;

	if (n > u->n)
		n = u->n;
	memcpy(out, u->p, n);
	u->p += n;
	u->n -= n;
	if (u->n == 0)
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

static enum status outcome(CURL *c, CURLcode r, const struct upload *u, const char *words, struct err *e)
{
	long code = 0;

	if (r == CURLE_OK)
		return OK;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	if (code >= 500 && code < 600)
		return err_set(e, INPUT, "the submission service refused: %ld %s", code, words);
	if (r == CURLE_PEER_FAILED_VERIFICATION || r == CURLE_SSL_CACERT_BADFILE)
		return err_set(e, CONF, "the submission service is not trusted: %s", words);
	if (r == CURLE_LOGIN_DENIED)
		return err_set(e, CONF, "the submission service refused the login: %s", words);
	return err_set(e, u->all && code < 400 ? UNSURE : AGAIN, "cannot hand the mail over: %s",
		       *words ? words : curl_easy_strerror(r));
}

static enum status deliver(const struct sender *s, struct arena *a, const char *from,
			   const char *const *to, size_t to_n, const char *bytes, size_t n, struct err *e)
{
	char words[CURL_ERROR_SIZE] = "";
	struct upload u = { bytes, n, false };
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
		curl_easy_setopt(c, CURLOPT_READDATA, &u);
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(c, CURLOPT_PROXY, "");	/* no environment decides where mail goes */
		curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
		curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
		st = outcome(c, curl_easy_perform(c), &u, words, e);
	}
	curl_slist_free_all(list);
	curl_easy_cleanup(c);
	return st;
}

static void on_frame(void *ctx, const struct frame *f)
{
	struct sender *s = ctx;
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	const char *from = unpack_text_or(&u, ""), *bytes, *to[RCPT_MAX];
	size_t n, to_n = unpack_count(&u, RCPT_MAX, 4);
	struct err e = { "" };
	enum status st;
	struct buf b;

	if (f->type == FRAME_STOP)
		_exit(0);
	for (size_t k = 0; k < to_n; k++)
		to[k] = unpack_text_or(&u, "");
	bytes = unpack_bytes(&u, &n);
	st = f->type == FRAME_MAIL && unpack_end(&u) && to_n > 0 ?
		deliver(s, a, from, to, to_n, bytes, n, &e) :
		err_set(&e, SYS, "the parent's order cannot be understood");
	buf_init(&b, a);
	frame_begin(&b, FRAME_MAIL_DONE, f->number);
	pack_u32(&b, st);
	pack_text_cut(&b, st == OK ? NULL : str_utf8(a, e.text, strlen(e.text)), 400);
	if (!frame_end(&b) || peer_send_all(s->fd, &b) != OK)
		_exit(0);
	arena_free(a);
}

int sender_main(const char *conf_path, int parent_fd)
{
	struct sender s = { .fd = parent_fd };
	struct peer peer;
	struct conf *conf;
	struct err e;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (conf_load(conf_path, NULL, NULL, &conf, &e) != OK || curl_global_init(CURL_GLOBAL_ALL) != 0) {
		log_fatal(NULL, "sender", "reason", e.text);
		return 1;
	}
	s.conf = conf;
	peer_init(&peer, parent_fd);
	for (;;) {
		struct pollfd p = { .fd = parent_fd, .events = POLLIN };

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (peer_read(&peer, on_frame, &s) != OK)
			return 0;
	}
}
