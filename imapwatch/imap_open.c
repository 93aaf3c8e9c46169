/* SPDX-License-Identifier: MPL-2.0
 *
 * libetpan 1.9.4 over our own connections. Why not its own: it checks no certificate, its select()
 * ends at 339 sessions, and EOF inside a literal makes it loop (our driver answers -1, never 0).
 */
#include "config.h"

#include "imapwatch/imap_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

enum { STREAM_BUFFER = 8192 };

/* ---- the stream driver ---- */

static ssize_t low_read(mailstream_low *low, void *p, size_t size)
{
	struct imap *i = low->data;
	ssize_t n;

	if (i->guard.refused)
		return -1;
	n = net_read(i->net, p, size);
	if (n > 0 && !guard_see(&i->guard, p, (size_t)n))
		return -1;
	return n;
}

static ssize_t low_write(mailstream_low *low, const void *p, size_t size)
{
	struct imap *i = low->data;

	return net_write(i->net, p, size);
}

static int low_close(mailstream_low *low)
{
	(void)low;	/* the connection is imap_close()'s */
	return 0;
}

static int low_fd(mailstream_low *low)
{
	struct imap *i = low->data;

	return net_fd(i->net);
}

static void low_free(mailstream_low *low)
{
	free(low);
}

static void low_cancel(mailstream_low *low)
{
	(void)low;
}

static struct mailstream_cancel *low_get_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *low_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static mailstream_low_driver driver = {
	.mailstream_read = low_read,
	.mailstream_write = low_write,
	.mailstream_close = low_close,
	.mailstream_get_fd = low_fd,
	.mailstream_free = low_free,
	.mailstream_cancel = low_cancel,
	.mailstream_get_cancel = low_get_cancel,
	.mailstream_get_certificate_chain = low_chain,
};

/* ---- answers ---- */

void imap_command(struct imap *i, uint64_t bytes)
{
	mailstream *s = i->session->imap_stream;

	net_deadline(i->net, clock_mono_ms() + i->timeout_ms);
	guard_budget(&i->guard, bytes + 1024 * 1024);
	if (!s)
		return;		/* the greeting */
	if (!s->read_buffer)	/* imap_rest() took them */
		s->read_buffer = malloc(s->buffer_max_size);
	if (!s->write_buffer)
		s->write_buffer = malloc(s->buffer_max_size);
	if (!s->read_buffer || !s->write_buffer)
		abort();
}

enum status imap_broken(struct imap *i, const char *what, struct err *e)
{
	i->dead = true;
	return err_set(e, AGAIN, "%s: %s", what, i->guard.refused ?
		       i->guard.refused : net_why(i->net));
}

enum status imap_answer(struct imap *i, int r, const char *what, struct err *e)
{
	switch (r) {
	case MAILIMAP_NO_ERROR:
	case MAILIMAP_NO_ERROR_AUTHENTICATED:
	case MAILIMAP_NO_ERROR_NON_AUTHENTICATED:
		return OK;
	case MAILIMAP_ERROR_STREAM:
	case MAILIMAP_ERROR_NEEDS_MORE_DATA:
		return imap_broken(i, what, e);
	case MAILIMAP_ERROR_PARSE:
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_BAD_STATE:
	case MAILIMAP_ERROR_PROTOCOL:
	case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
	case MAILIMAP_ERROR_MEMORY:
		if (i->guard.refused)
			return imap_broken(i, what, e);
		i->dead = true;
		return err_set(e, AGAIN, "%s: the server's answer cannot be understood", what);
	default:
		return err_set(e, INPUT, "%s: the server refused: %s", what,
			       i->session->imap_response ? i->session->imap_response : "no reason given");
	}
}

/* ---- lines of our own ---- */

const char *imap_read_line(struct imap *i)
{
	MMAPString *b = i->session->imap_stream_buffer;

	if (!mailstream_read_line_remove_eol(i->session->imap_stream, b))
		return NULL;
	return b->str;
}

bool imap_send_text(struct imap *i, const char *s)
{
	return mailstream_write(i->session->imap_stream, s, strlen(s)) == (ssize_t)strlen(s);
}

bool imap_flush(struct imap *i)
{
	return mailstream_flush(i->session->imap_stream) == 0;
}

bool imap_says_bye(const char *line)
{
	return strncasecmp(line, "* BYE", 5) == 0;
}

const char *imap_tagged(const char *line, int tag)
{
	char text[16];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "%d ", tag);
	return strncmp(line, text, n) == 0 ? line + n : NULL;
}

/* ---- logging in ---- */

static char *base64(struct arena *a, const char *p, size_t n)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *o = out;

	for (size_t k = 0; k < n; k += 3) {
		unsigned v = (unsigned)(unsigned char)p[k] << 16;

		if (k + 1 < n)
			v |= (unsigned)(unsigned char)p[k + 1] << 8;
		if (k + 2 < n)
			v |= (unsigned char)p[k + 2];
		*o++ = abc[v >> 18];
		*o++ = abc[v >> 12 & 63];
		*o++ = k + 1 < n ? abc[v >> 6 & 63] : '=';
		*o++ = k + 2 < n ? abc[v & 63] : '=';
	}
	return out;
}

/* SASL with one client message: PLAIN, XOAUTH2, OAUTHBEARER. The answer is sent only when the
 * server asks for it (works with and without SASL-IR). */
static enum status sasl(struct imap *i, const struct imap_login *l, const char *mechanism,
			const char *message, size_t n, struct err *e)
{
	struct arena *a = arena_new(0);
	const char *line, *text, *encoded = base64(a, message, n);
	bool sent = false;
	enum status s;

	imap_command(i, 0);
	if (mailimap_send_current_tag(i->session) != MAILIMAP_NO_ERROR ||
	    !imap_send_text(i, "AUTHENTICATE ") || !imap_send_text(i, mechanism) || !imap_send_text(i, "\r\n") ||
	    !imap_flush(i))
		goto lost;
	for (;;) {
		line = imap_read_line(i);
		if (!line || imap_says_bye(line))
			goto lost;
		if (line[0] == '+') {
			/* A second question is an error report of OAuth: an empty line ends it. */
			if (!imap_send_text(i, sent ? "" : encoded) || !imap_send_text(i, "\r\n") || !imap_flush(i))
				goto lost;
			sent = true;
			continue;
		}
		text = imap_tagged(line, i->session->imap_tag);
		if (text)
			break;
	}
	s = OK;
	if (strncasecmp(text, "OK", 2) == 0)
		i->session->imap_state = MAILIMAP_STATE_AUTHENTICATED;
	else
		s = err_set(e, CONF, "the server refused the login of '%s': %s", l->user, text);
	arena_free(a);
	return s;
lost:
	arena_free(a);
	return imap_broken(i, "logging in", e);
}

static enum status log_in(struct imap *i, const struct imap_login *l, struct err *e)
{
	struct arena *a = arena_new(0);
	struct buf b;
	enum status s;

	buf_init(&b, a);
	if (strcmp(l->auth, "login") == 0) {
		imap_command(i, 0);
		s = imap_answer(i, mailimap_login(i->session, l->user, l->secret), "logging in", e);
		if (s == INPUT)
			s = err_set(e, CONF, "the server refused the login of '%s': %s", l->user,
				    i->session->imap_response ? i->session->imap_response : "-");
	} else if (strcmp(l->auth, "xoauth2") == 0) {
		buf_addf(&b, "user=%s\001auth=Bearer %s\001\001", l->user, l->secret);
		s = sasl(i, l, "XOAUTH2", b.p, b.n, e);
	} else if (strcmp(l->auth, "oauthbearer") == 0) {
		buf_addf(&b, "n,a=%s,\001auth=Bearer %s\001\001", l->user, l->secret);
		s = sasl(i, l, "OAUTHBEARER", b.p, b.n, e);
	} else {
		buf_adds(&b, l->authzid ? l->authzid : "");
		buf_addc(&b, '\0');
		buf_adds(&b, l->user);
		buf_addc(&b, '\0');
		buf_adds(&b, l->secret);
		s = sasl(i, l, "PLAIN", b.p, b.n, e);
	}
	explicit_bzero(b.p, b.n);
	arena_free(a);
	return s;
}

static enum status read_capabilities(struct imap *i, struct err *e)
{
	struct mailimap_capability_data *caps = NULL;
	enum status s;

	imap_command(i, 0);
	s = imap_answer(i, mailimap_capability(i->session, &caps), "asking for capabilities", e);
	if (s != OK)
		return s;
	for (clistiter *c = clist_begin(caps->cap_list); c; c = clist_next(c)) {
		const struct mailimap_capability *cap = clist_content(c);

		if (cap->cap_type != MAILIMAP_CAPABILITY_NAME)
			continue;
		if (str_eq_case(cap->cap_data.cap_name, "IDLE"))
			i->idle = true;
		else if (str_eq_case(cap->cap_data.cap_name, "UIDPLUS"))
			i->uidplus = true;
		else if (str_eq_case(cap->cap_data.cap_name, "SPECIAL-USE"))
			i->special_use = true;
		else if (str_eq_case(cap->cap_data.cap_name, "NOTIFY"))
			i->notify = true;
	}
	mailimap_capability_data_free(caps);
	if (i->session->imap_connection_info->imap_capability) {	/* its own copy: two KiB a connection */
		mailimap_capability_data_free(i->session->imap_connection_info->imap_capability);
		i->session->imap_connection_info->imap_capability = NULL;
	}
	return OK;
}

static enum status greet(struct imap *i, const struct imap_login *l, mailstream *stream,
			 struct err *e)
{
	enum status s;
	int r;

	imap_command(i, 0);
	r = mailimap_connect(i->session, stream);
	if (r == MAILIMAP_NO_ERROR_AUTHENTICATED) {
		i->dead = true;
		return err_set(e, CONF, "the server '%s' greets as already logged in (PREAUTH), "
			       "which is refused", l->host);
	}
	s = imap_answer(i, r, "greeting", e);
	if (s != OK || !l->starttls)
		return s;
	imap_command(i, 0);
	s = imap_answer(i, mailimap_starttls(i->session), "STARTTLS", e);
	if (i->session->imap_stream->read_buffer_len > 0) {
		i->dead = true;	/* somebody in the middle put plain text before the handshake */
		return err_set(e, CONF, "the server '%s' said something between STARTTLS and TLS",
			       l->host);
	}
	if (s == INPUT)
		return err_set(e, CONF, "the server '%s' offers no STARTTLS", l->host);
	if (s != OK)
		return s;
	return net_secure(i->net, l->trust, l->host, l->pin, e);
}

enum status imap_open(const struct imap_login *l, struct imap **out_r, struct err *e)
{
	struct imap *i;
	struct net *net;
	mailstream_low *low;
	mailstream *stream;
	enum status s;

	*out_r = NULL;
	s = net_open(l->host, l->port, clock_mono_ms() + l->timeout_ms, &net, e);
	if (s != OK)
		return s;
	if (!l->starttls && !l->plain) {
		s = net_secure(net, l->trust, l->host, l->pin, e);
		if (s != OK) {
			net_close(net);
			return s;
		}
	}
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	i->net = net;
	i->timeout_ms = l->timeout_ms;
	i->bytes_max = l->bytes_max;
	guard_init(&i->guard, l->bytes_max + 4096);
	i->session = mailimap_new(0, NULL);
	low = mailstream_low_new(i, &driver);
	stream = low ? mailstream_new(low, STREAM_BUFFER) : NULL;
	if (!i->session || !stream)
		abort();
	s = greet(i, l, stream, e);
	if (s == OK && !net_is_secure(net) && !(l->plain && net_is_loopback(net)))
		s = err_set(e, CONF, "the connection to '%s' is not encrypted", l->host);
	if (s == OK)
		s = log_in(i, l, e);
	if (s == OK)
		s = read_capabilities(i, e);
	if (s != OK) {
		if (!i->session->imap_stream)
			i->session->imap_stream = stream;
		imap_close(i);
		return s;
	}
	*out_r = i;
	return OK;
}
