/* SPDX-License-Identifier: MPL-2.0
 *
 * Buffers around a non-blocking socket. They grow with need and shrink to nothing when empty.
 */
#include "config.h"

#include "imapwatch/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_STEP = 65536, OUT_MAX = 32 * 1024 * 1024, KEEP = 256 * 1024 };

void peer_init(struct peer *p, int fd)
{
	*p = (struct peer){ .fd = fd };
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void peer_release(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	free(p->in);
	free(p->out);
	*p = (struct peer){ .fd = -1 };
}

static void room(char **buf, size_t *size, size_t need)
{
	if (need <= *size)
		return;
	while (*size < need)
		*size = *size ? *size * 2 : READ_STEP;
	*buf = realloc(*buf, *size);
	if (!*buf)
		abort();
}

enum status peer_read(struct peer *p, peer_frame_fn *fn, void *ctx)
{
	for (;;) {
		size_t used = 0;
		ssize_t n;
		long size;
		struct frame f;

		room(&p->in, &p->in_room, p->in_n + READ_STEP);
		n = recv(p->fd, p->in + p->in_n, READ_STEP, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0)
			return GONE;
		p->in_n += (size_t)n;
		while ((size = frame_parse(p->in + used, p->in_n - used, &f)) > 0) {
			fn(ctx, &f);
			used += (size_t)size;
		}
		if (size < 0)
			return INPUT;
		memmove(p->in, p->in + used, p->in_n - used);
		p->in_n -= used;
	}
	if (p->in_n == 0 && p->in_room > KEEP) {
		free(p->in);
		p->in = NULL;
		p->in_room = 0;
	}
	return OK;
}

enum status peer_flush(struct peer *p)
{
	size_t sent = 0;

	while (sent < p->out_n) {
		ssize_t n = send(p->fd, p->out + sent, p->out_n - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			return GONE;
	}
	if (sent > 0)
		memmove(p->out, p->out + sent, p->out_n - sent);
	p->out_n -= sent;
	if (p->out_n == 0 && p->out_room > KEEP) {
		free(p->out);
		p->out = NULL;
		p->out_room = 0;
	}
	return OK;
}

enum status peer_send(struct peer *p, const struct buf *frame)
{
	if (p->out_n + frame->n > OUT_MAX)
		return GONE;
	room(&p->out, &p->out_room, p->out_n + frame->n);
	memcpy(p->out + p->out_n, frame->p, frame->n);
	p->out_n += frame->n;
	return peer_flush(p);
}

bool peer_waiting(const struct peer *p)
{
	return p->out_n > 0;
}

enum status peer_send_all(int fd, const struct buf *frame)
{
	size_t sent = 0;

	while (sent < frame->n) {
		ssize_t n = send(fd, frame->p + sent, frame->n - sent, MSG_NOSIGNAL);
		struct pollfd pfd = { .fd = fd, .events = POLLOUT };

		if (n > 0)
			sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(&pfd, 1, -1);
		else if (errno != EINTR)
			return GONE;
	}
	return OK;
}
