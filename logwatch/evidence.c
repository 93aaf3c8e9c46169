/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "logwatch/evidence.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/log.h"

enum { HOST_MAX = 255, ID_MAX = 998, WORDS_MAX = 500 };

static const char *copy(struct arena *a, struct span s, size_t max)
{
	if (!s.n)
		return NULL;
	return str_cut(a, str_utf8(a, s.p, s.n < max ? s.n : max), max);
}

static bool kind_of(enum log_kind kind, enum evidence_kind *out_r)
{
	switch (kind) {
	case LOG_LINE_OTHER: return false;
	case LOG_LINE_MESSAGE_ID: *out_r = EVIDENCE_MESSAGE_ID; return true;
	case LOG_LINE_QUEUED: *out_r = EVIDENCE_QUEUED; return true;
	case LOG_LINE_SENT: *out_r = EVIDENCE_SENT; return true;
	case LOG_LINE_DEFERRED: *out_r = EVIDENCE_DEFERRED; return true;
	case LOG_LINE_BOUNCED: *out_r = EVIDENCE_BOUNCED; return true;
	case LOG_LINE_EXPIRED: *out_r = EVIDENCE_EXPIRED; return true;
	case LOG_LINE_REJECTED: *out_r = EVIDENCE_REJECTED; return true;
	case LOG_LINE_REMOVED: *out_r = EVIDENCE_REMOVED; return true;
	}
	return false;
}

bool evidence_of(struct arena *a, const struct log_line *line, time_t at, struct evidence *out_r)
{
	struct addr recipient;

	*out_r = (struct evidence){ .at = at, .ours = line->ours };
	if (!kind_of(line->kind, &out_r->kind))
		return false;
	out_r->host = copy(a, line->host, HOST_MAX);
	out_r->queue_id = copy(a, line->queue_id, HOST_MAX);
	out_r->message_id = copy(a, line->message_id, ID_MAX);
	out_r->dsn = copy(a, line->dsn, 16);
	out_r->relay = copy(a, line->relay, HOST_MAX);
	out_r->words = copy(a, line->words, WORDS_MAX);
	if (!line->recipient.n)
		return true;
	if (!addr_path(a, copy(a, line->recipient, ID_MAX), &recipient) || !*recipient.key)
		return false;
	out_r->recipient = recipient.key;
	return true;
}

static enum status write_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct batch *b = ctx;

	for (size_t i = 0; i < b->n; i++) {
		enum status s = store_evidence(tx, a, &b->list[i], e);

		if (s == INPUT || s == GONE)
			log_warn(b->list[i].queue_id, "skip", "why", e->text);
		else if (s != OK)
			return s;
	}
	return OK;
}

enum status batch_write(struct store *s, struct batch *b, time_t now, struct err *e)
{
	return b->n ? store_write(s, now, write_all, b, 0, e) : OK;
}

void batch_clear(struct batch *b)
{
	b->n = 0;
	arena_clear(b->arena);
}
