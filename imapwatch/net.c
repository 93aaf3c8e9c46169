/* SPDX-License-Identifier: MPL-2.0
 *
 * Sockets are non-blocking; every wait is a poll() bounded by the deadline. SO_KEEPALIVE and
 * TCP_USER_TIMEOUT end a half-open link that idles (quality.md: noticed within 10 minutes).
 */
#include "config.h"

#include "imapwatch/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

struct net_trust {
	char *ca_file;
	gnutls_certificate_credentials_t cred;
	struct net_trust *next;
};

struct net {
	int fd;
	gnutls_session_t tls;
	int64_t deadline;
	const char *why;
	char why_text[160];
	unsigned char peek[128];	/* decoded, not yet read: [peek_at, peek_n) */
	size_t peek_at, peek_n;
};

static pthread_mutex_t trust_lock = PTHREAD_MUTEX_INITIALIZER;
static struct net_trust *trust_list;	/* grows by one for each CA file named in the configuration */

enum status net_trust(const char *ca_file, const struct net_trust **out_r, struct err *e)
{
	enum status s = OK;
	struct net_trust *t;
	int n;

	if (!ca_file)
		ca_file = "";
	pthread_mutex_lock(&trust_lock);
	for (t = trust_list; t; t = t->next)
		if (strcmp(t->ca_file, ca_file) == 0)
			goto out;
	t = calloc(1, sizeof(*t));
	if (!t || gnutls_certificate_allocate_credentials(&t->cred) < 0)
		abort();
	n = *ca_file ? gnutls_certificate_set_x509_trust_file(t->cred, ca_file, GNUTLS_X509_FMT_PEM)
		     : gnutls_certificate_set_x509_system_trust(t->cred);
	if (n < 0 || (n == 0 && *ca_file)) {
		s = err_set(e, CONF, "cannot read certificates from '%s': %s",
			    *ca_file ? ca_file : "the system's store",
			    n < 0 ? gnutls_strerror(n) : "there are none in it");
		gnutls_certificate_free_credentials(t->cred);
		free(t);
		t = NULL;
		goto out;
	}
	t->ca_file = strdup(ca_file);
	if (!t->ca_file)
		abort();
	t->next = trust_list;
	trust_list = t;
out:
	pthread_mutex_unlock(&trust_lock);
	*out_r = t;
	return s;
}

static int wait_fd(const struct net *n, short events)
{
	for (;;) {
		int64_t left = n->deadline - clock_mono_ms();
		struct pollfd p = { .fd = n->fd, .events = events };
		int r;

		if (left <= 0)
			return 0;
		r = poll(&p, 1, left > 60000 ? 60000 : (int)left);
		if (r > 0)
			return 1;
		if (r < 0 && errno != EINTR)
			return -1;
	}
}

static void socket_options(int fd)
{
	int one = 1, idle = 120, interval = 30, count = 4;
	unsigned user_ms = 60000;

	/* None of these can fail in a way that matters: without them a dead link is seen when
	 * IDLE is renewed. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static int connect_one(struct net *n, const struct addrinfo *ai)
{
	int error = 0;
	socklen_t size = sizeof(error);

	n->fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, ai->ai_protocol);
	if (n->fd < 0)
		return errno;
	socket_options(n->fd);
	if (connect(n->fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	switch (wait_fd(n, POLLOUT)) {
	case 0:
		return ETIMEDOUT;
	case 1:
		if (getsockopt(n->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
			return errno;
		return error;
	default:
		return errno;
	}
}

enum status net_open(const char *host, int port, int64_t deadline, struct net **out_r, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	int error = 0, g;
	struct net *n;
	char service[16];

	*out_r = NULL;
	snprintf(service, sizeof(service), "%d", port);
	g = getaddrinfo(host, service, &hints, &list);
	if (g == EAI_NONAME || g == EAI_ADDRFAMILY) {	/* AI_ADDRCONFIG hides ::1 on some hosts */
		hints.ai_flags = 0;
		g = getaddrinfo(host, service, &hints, &list);
	}
	if (g != 0)
		return err_set(e, AGAIN, "cannot find the host '%s': %s", host, gai_strerror(g));
	n = calloc(1, sizeof(*n));
	if (!n)
		abort();
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		int64_t now = clock_mono_ms();

		/* Leave time for the next address of the host. */
		n->deadline = ai->ai_next ? now + (deadline - now) / 2 : deadline;
		error = connect_one(n, ai);
		if (error == 0)
			break;
		if (n->fd >= 0)
			close(n->fd);
		n->fd = -1;
	}
	freeaddrinfo(list);
	if (error != 0) {
		free(n);
		if (error == EMFILE)
			return err_set(e, AGAIN, "cannot connect to '%s': this process may open no more than "
				       "it has open: set LimitNOFILE in the unit, or more imapwatch.workers", host);
		return err_set(e, AGAIN, "cannot connect to '%s' port %d: %s", host, port,
			       strerror(error));
	}
	n->deadline = deadline;
	*out_r = n;
	return OK;
}

void net_close(struct net *n)
{
	if (!n)
		return;
	if (n->tls) {
		n->deadline = 0;
		(void)gnutls_bye(n->tls, GNUTLS_SHUT_WR);
		gnutls_deinit(n->tls);
	}
	close(n->fd);
	free(n);
}

/* pin: hex or base64 of SHA-256 over the SubjectPublicKeyInfo, as `openssl` and HPKP make it. */
static bool pin_fits(gnutls_session_t tls, const char *pin)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(tls, &count);
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t key;
	gnutls_datum_t der = { 0 }, b64 = { 0 };
	unsigned char sum[32];
	char hex[65];
	bool fits = false;

	if (!chain || count == 0 || gnutls_x509_crt_init(&crt) < 0)
		return false;
	if (gnutls_pubkey_init(&key) < 0) {
		gnutls_x509_crt_deinit(crt);
		return false;
	}
	if (gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) >= 0 &&
	    gnutls_pubkey_import_x509(key, crt, 0) >= 0 &&
	    gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) >= 0 &&
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, sum) >= 0) {
		gnutls_datum_t raw = { .data = sum, .size = sizeof(sum) };

		for (size_t i = 0; i < sizeof(sum); i++)
			snprintf(hex + 2 * i, 3, "%02x", sum[i]);
		fits = str_eq_case(pin, hex);
		if (!fits && gnutls_base64_encode2(&raw, &b64) >= 0)
			fits = strlen(pin) == b64.size && memcmp(pin, b64.data, b64.size) == 0;
	}
	gnutls_free(b64.data);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(key);
	gnutls_x509_crt_deinit(crt);
	return fits;
}

static enum status untrusted(struct net *n, const char *host, struct err *e)
{
	unsigned status = gnutls_session_get_verify_cert_status(n->tls);
	gnutls_datum_t words = { 0 };
	enum status s;

	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &words, 0) < 0)
		words.data = NULL;
	s = err_set(e, CONF, "the certificate of '%s' is not trusted: %s", host,
		    words.data ? (const char *)words.data : "unknown reason");
	gnutls_free(words.data);
	return s;
}

static int handshake(struct net *n)
{
	for (;;) {
		int r = gnutls_handshake(n->tls);

		if (r == GNUTLS_E_SUCCESS || (r < 0 && gnutls_error_is_fatal(r)))
			return r;
		if (r != GNUTLS_E_AGAIN && r != GNUTLS_E_INTERRUPTED)
			continue;	/* a warning alert */
		if (wait_fd(n, gnutls_record_get_direction(n->tls) ? POLLOUT : POLLIN) <= 0)
			return GNUTLS_E_TIMEDOUT;
	}
}

enum status net_secure(struct net *n, const struct net_trust *trust, const char *host,
		       const char *pin, struct err *e)
{
	struct in6_addr ip;
	int r;

	if (gnutls_init(&n->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0 ||
	    gnutls_set_default_priority(n->tls) < 0 ||
	    gnutls_credentials_set(n->tls, GNUTLS_CRD_CERTIFICATE, trust->cred) < 0)
		return err_set(e, SYS, "cannot set up TLS");
	if (inet_pton(AF_INET, host, &ip) != 1 && inet_pton(AF_INET6, host, &ip) != 1 &&
	    gnutls_server_name_set(n->tls, GNUTLS_NAME_DNS, host, strlen(host)) < 0)
		return err_set(e, CONF, "'%s' is not a host name", host);
	gnutls_session_set_verify_cert(n->tls, host, 0);
	gnutls_transport_set_int(n->tls, n->fd);
	r = handshake(n);
	if (r == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR || r == GNUTLS_E_CERTIFICATE_ERROR)
		return untrusted(n, host, e);
	if (r < 0)
		return err_set(e, AGAIN, "cannot speak TLS with '%s': %s", host, gnutls_strerror(r));
	if (!str_empty(pin) && !pin_fits(n->tls, pin))
		return err_set(e, CONF, "the key of '%s' is not the pinned one", host);
	return OK;
}

bool net_is_secure(const struct net *n)
{
	return n->tls != NULL;
}

bool net_is_loopback(const struct net *n)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);

	if (getpeername(n->fd, (struct sockaddr *)&peer, &size) < 0)
		return false;
	if (peer.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&peer)->sin6_addr);
	return peer.ss_family == AF_INET &&
	       ntohl(((struct sockaddr_in *)&peer)->sin_addr.s_addr) >> 24 == 127;
}

void net_deadline(struct net *n, int64_t deadline)
{
	n->deadline = deadline;
}

static ssize_t fail(struct net *n, const char *why)
{
	n->why = why;
	return -1;
}

static ssize_t fail_errno(struct net *n, const char *what, const char *reason)
{
	snprintf(n->why_text, sizeof(n->why_text), "%s: %s", what, reason);
	return fail(n, n->why_text);
}

/* One step of a read or write: >0 done, 0 wait for events_r, -1 failed. */
static ssize_t step(struct net *n, bool out, void *p, size_t size, short *events_r)
{
	ssize_t r;

	*events_r = out ? POLLOUT : POLLIN;
	if (n->tls) {
		r = out ? gnutls_record_send(n->tls, p, size) : gnutls_record_recv(n->tls, p, size);
		if (r > 0)
			return r;
		if (r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED ||
		    (r < 0 && !gnutls_error_is_fatal((int)r))) {
			*events_r = gnutls_record_get_direction(n->tls) ? POLLOUT : POLLIN;
			return 0;
		}
		if (r == 0 || r == GNUTLS_E_PREMATURE_TERMINATION)
			return fail(n, "the server closed the connection");
		return fail_errno(n, "the connection failed", gnutls_strerror((int)r));
	}
	r = out ? send(n->fd, p, size, MSG_NOSIGNAL) : recv(n->fd, p, size, 0);
	if (r > 0)
		return r;
	if (r == 0)
		return fail(n, "the server closed the connection");
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return fail_errno(n, "the connection failed", strerror(errno));
}

static ssize_t transfer(struct net *n, bool out, void *p, size_t size)
{
	for (;;) {
		short events;
		ssize_t r = step(n, out, p, size, &events);

		if (r != 0)
			return r;
		switch (wait_fd(n, events)) {
		case 0:
			return fail(n, "the server did not answer in time");
		case 1:
			/* A server that drips is always readable in time: the deadline decides. */
			if (clock_mono_ms() >= n->deadline)
				return fail(n, "the server did not answer in time");
			break;
		default:
			return fail_errno(n, "cannot wait for the server", strerror(errno));
		}
	}
}

ssize_t net_read(struct net *n, void *p, size_t size)
{
	if (n->peek_at < n->peek_n) {
		size_t k = n->peek_n - n->peek_at;

		if (k > size)
			k = size;
		memcpy(p, n->peek + n->peek_at, k);
		n->peek_at += k;
		return (ssize_t)k;
	}
	/* Bytes may be there at once for ever (one a second): never start after the deadline. */
	if (clock_mono_ms() >= n->deadline)
		return fail(n, "the server did not answer in time");
	return transfer(n, false, p, size);
}

ssize_t net_write(struct net *n, const void *p, size_t size)
{
	return transfer(n, true, (void *)(uintptr_t)p, size);
}

size_t net_pending(const struct net *n)
{
	return n->peek_n - n->peek_at + (n->tls ? gnutls_record_check_pending(n->tls) : 0);
}

bool net_ready(struct net *n)
{
	short events;
	ssize_t r;

	if (net_pending(n) > 0)
		return true;
	r = step(n, false, n->peek, sizeof(n->peek), &events);
	if (r > 0) {
		n->peek_at = 0;
		n->peek_n = (size_t)r;
	}
	return r != 0;	/* an error is found again by the next read */
}

int net_fd(const struct net *n)
{
	return n->fd;
}

const char *net_why(const struct net *n)
{
	return n->why ? n->why : "the connection failed";
}
