/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/ask.h"

#include <curl/curl.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

struct answer {
	struct buf b;
	size_t most;
	bool too_much;
};

static size_t take(char *p, size_t size, size_t count, void *ctx)
{
	struct answer *w = ctx;
	size_t n = size * count;

	if (w->b.n + n > w->most) {
		w->too_much = true;
		return 0;
	}
	buf_add(&w->b, p, n);
	return n;
}

/* A key and a person's mail go over it: in clear text to nobody but ourselves. */
static enum status safe_url(const char *url, struct err *e)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL;
	enum status s = OK;

	if (!u || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		s = err_set(e, CONF, "'%s' is not a URL", url);
	else if (str_eq(scheme, "http") && !str_eq(host, "localhost") && strncmp(host, "127.", 4) != 0 &&
		 !str_eq(host, "[::1]"))
		s = err_set(e, CONF, "'%s' must be https: http is only for this very host", url);
	else if (!str_eq(scheme, "http") && !str_eq(scheme, "https"))
		s = err_set(e, CONF, "'%s' must begin with https://", url);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(u);
	return s;
}

static enum status outcome(CURL *c, CURLcode r, const struct answer *w, const char *words, struct err *e)
{
	long code = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	if (w->too_much)
		return err_set(e, INPUT, "the answer is longer than %zu bytes", w->most);
	if (r == CURLE_PEER_FAILED_VERIFICATION || r == CURLE_SSL_CACERT_BADFILE)
		return err_set(e, CONF, "the server is not trusted: %s", words);
	if (r != CURLE_OK)
		return err_set(e, AGAIN, "no answer: %s", *words ? words : curl_easy_strerror(r));
	if (code == 401 || code == 403)
		return err_set(e, CONF, "the server refused the key (%ld)", code);
	if (code == 429 || code >= 500)
		return err_set(e, AGAIN, "the server says %ld: try again later", code);
	if (code != 200)
		return err_set(e, INPUT, "the server says %ld", code);
	return OK;
}

enum status ask_json(struct arena *a, const struct ask *q, const char *body, const char **out_r, size_t *n_r,
		     struct err *e)
{
	struct answer w = { .most = q->most };
	char words[CURL_ERROR_SIZE] = "";
	struct curl_slist *head = NULL;
	enum status s = safe_url(q->url, e);
	CURL *c;

	if (s != OK)
		return s;
	if (!(c = curl_easy_init()))
		return err_set(e, SYS, "cannot set up libcurl");
	buf_init(&w.b, a);
	head = curl_slist_append(head, "Content-Type: application/json");
	curl_easy_setopt(c, CURLOPT_URL, q->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, head);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &w);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)q->timeout);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)q->timeout);
	if (!str_empty(q->ca_file))
		curl_easy_setopt(c, CURLOPT_CAINFO, q->ca_file);
	if (!str_empty(q->secret)) {
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, q->secret);
	}
	s = outcome(c, curl_easy_perform(c), &w, words, e);
	curl_slist_free_all(head);
	curl_easy_cleanup(c);
	if (s != OK)
		return s;
	buf_addc(&w.b, '\0');
	*out_r = w.b.p;
	*n_r = w.b.n - 1;
	return OK;
}
