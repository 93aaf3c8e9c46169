/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "logwatch/deliver.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"

enum { MOVED_MAX = 256 };

bool batch_is_full(const struct batch *b)
{
	return b->n >= BATCH_MAX;
}

/* ---- whose it is: a read, because most mails of a server are none of ours ---- */

struct asking {
	struct batch *b;
	const struct track *track;
};

static enum status ask(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct asking *q = ctx;

	for (size_t i = 0; i < q->b->n; i++) {
		enum status s;

		q->b->known[i] = false;
		if (track_is_foreign(q->track, &q->b->list[i]))
			continue;
		s = store_evidence_known(tx, a, &q->b->list[i], e);
		if (s != OK && s != GONE && s != INPUT)
			return s;
		q->b->known[i] = s == OK;
	}
	return OK;
}

static size_t sort_out(struct delivery *d, struct batch *b)
{
	size_t known = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!b->known[i]) {
			track_foreign(d->track, &b->list[i]);
			continue;
		}
		evidence_judge(b->arena, d->phrases, &b->list[i]);
		known++;
	}
	return known;
}

/* ---- what concerns us ---- */

struct writing {
	struct delivery *d;
	struct batch *b;
	const char *position;
	bool lines;
	struct evidence *moved[MOVED_MAX];	/* lines of a mail's second queue id that came too early */
	size_t moved_n;
};

static enum status take(struct store_tx *tx, struct arena *a, const struct evidence *ev, struct err *e)
{
	enum status s = store_evidence(tx, a, ev, e);

	if (s == INPUT)
		log_warn(ev->queue_id, "skip", "why", e->text);
	return s == INPUT || s == GONE ? OK : s;
}

struct keeping {
	struct store_tx *tx;
	enum status status;
	struct err *e;
};

static void keep_id(void *ctx, const char *host, const char *queue_id, const char *message_id)
{
	struct keeping *k = ctx;

	if (k->status == OK && str_is_utf8(message_id, strlen(message_id)))
		k->status = store_mail_id(k->tx, host, queue_id, message_id, k->e);
}

static enum status write_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct writing *w = ctx;
	struct keeping k = { .tx = tx, .e = e };
	enum status s = OK;

	for (size_t i = 0; s == OK && i < w->b->n; i++) {
		struct evidence *ev = &w->b->list[i];

		if (!w->b->known[i])
			continue;
		s = take(tx, a, ev, e);
		if (s != OK || ev->kind != EVIDENCE_MOVED)
			continue;
		w->moved_n += track_moved(w->d->track, ev, w->moved + w->moved_n, MOVED_MAX - w->moved_n);
	}
	/* the unit may be run again: what was found early stays found */
	for (size_t i = 0; s == OK && i < w->moved_n; i++) {
		evidence_judge(w->b->arena, w->d->phrases, w->moved[i]);
		s = take(tx, a, w->moved[i], e);
	}
	(void)fault_point("logwatch.told");
	if (s == OK)
		s = store_log_follows(tx, w->d->host, w->d->source, w->position, w->lines, e);
	if (s == OK && w->position)
		track_unsaved(w->d->track, keep_id, &k);
	return s == OK ? k.status : s;
}

enum status batch_write(struct delivery *d, struct batch *b, const char *position, bool keep, bool lines,
			time_t now, struct err *e)
{
	struct asking q = { b, d->track };
	struct writing *w;
	enum status s = b->n ? store_read(d->store, now, ask, &q, e) : OK;

	if (s != OK)
		return s;
	if (sort_out(d, b) || keep) {
		w = calloc(1, sizeof(*w));
		if (!w)
			abort();
		w->d = d;
		w->b = b;
		w->position = position;
		w->lines = lines;
		s = store_write(d->store, now, write_all, w, 0, e);
		for (size_t i = 0; i < w->moved_n; i++)
			free(w->moved[i]);
		free(w);
	}
	if (s == OK) {
		b->n = 0;
		arena_clear(b->arena);
	}
	return s;
}
