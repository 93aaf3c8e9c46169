/* SPDX-License-Identifier: MPL-2.0
 *
 * A connection to a mail server: TCP, TLS with the certificate and the host name verified, and a
 * moment after which nothing waits any longer. No IMAP in here.
 * There is no way to talk without verification, and none back from TLS to plain text.
 */
#ifndef IMAPWATCH_NET_H
#define IMAPWATCH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct net;
/* Trusted authorities, one object for all connections of a process with the same CA file. */
struct net_trust;

/* ca_file "" or NULL: the system's. Kept until the process ends; thread-safe. CONF if the file
 * cannot be read or holds no certificate. */
enum status net_trust(const char *ca_file, const struct net_trust **out_r, struct err *e);

/* deadline: CLOCK_MONOTONIC in ms (clock_mono_ms()). AGAIN: could not be reached (the sentence says
 * why). The connection is plain: call net_secure() before anything secret. */
enum status net_open(const char *host, int port, int64_t deadline, struct net **out_r, struct err *e);
void net_close(struct net *n);	/* takes NULL; never blocks */

/* TLS on the connection, chain and name verified (and pin, the SHA-256 of the public key in hex or
 * base64, must fit too; "" none). CONF: not trusted, with the reason. AGAIN: the link broke. */
enum status net_secure(struct net *n, const struct net_trust *trust, const char *host,
		       const char *pin, struct err *e);
bool net_is_secure(const struct net *n);
bool net_is_loopback(const struct net *n);	/* the peer is on this very host */

/* Reads and writes end at this moment (CLOCK_MONOTONIC ms). */
void net_deadline(struct net *n, int64_t deadline);
/* > 0 bytes, or -1: closed, failed, or the deadline passed (never 0: libetpan would loop). */
ssize_t net_read(struct net *n, void *p, size_t size);
ssize_t net_write(struct net *n, const void *p, size_t size);
/* Bytes that TLS has decoded and poll() will not announce. */
size_t net_pending(const struct net *n);
int net_fd(const struct net *n);
/* Why the last read or write gave -1: "the server closed the connection", ... */
const char *net_why(const struct net *n);
/* Will net_read() answer at once (with bytes, or -1)? A readable descriptor does not say so: TLS also
 * sends records that carry nothing for us. Never blocks. */
bool net_ready(struct net *n);

#endif
