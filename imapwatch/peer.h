/* SPDX-License-Identifier: MPL-2.0
 *
 * One end of a socket pair between the watcher's processes: frames in, frames out.
 */
#ifndef IMAPWATCH_PEER_H
#define IMAPWATCH_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "imapwatch/proto.h"

struct peer {
	int fd;
	char *in;
	size_t in_n, in_room;
	char *out;
	size_t out_n, out_room;
};

void peer_init(struct peer *p, int fd);	/* takes the descriptor, makes it non-blocking */
void peer_release(struct peer *p);

/* What has arrived, a whole frame at a time (borrowed until fn returns; fn may send). Never blocks.
 * GONE: the other side closed. INPUT: it sent what cannot be a frame: end it. */
typedef void peer_frame_fn(void *ctx, const struct frame *f);
enum status peer_read(struct peer *p, peer_frame_fn *fn, void *ctx);

/* Queues a frame made with frame_begin()/frame_end() and sends what the socket takes. GONE: the
 * other side has gone, or has not read 32 MiB (it hangs). */
enum status peer_send(struct peer *p, const struct buf *frame);
enum status peer_flush(struct peer *p);
bool peer_waiting(const struct peer *p);	/* poll for writing, then peer_flush() */

/* Waits until all of it is sent; for processes that have nothing better to do. */
enum status peer_send_all(int fd, const struct buf *frame);

#endif
