/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "logwatch/evidence.h"

#include <stdlib.h>

#include "base/addr.h"
#include "base/arena.h"
#include "classifier/classifier.h"

enum { HOST_MAX = 255, ID_MAX = 998, WORDS_MAX = 500, MORE_MAX = 100 };

static const char *copy(struct arena *a, struct span s, size_t max)
{
	if (!s.n)
		return NULL;
	return str_cut(a, str_utf8(a, s.p, s.n < max ? s.n : max), max);
}

bool evidence_kind_of(enum log_kind kind, enum evidence_kind *out_r)
{
	switch (kind) {
	case LOG_LINE_QUEUED: *out_r = EVIDENCE_QUEUED; return true;
	case LOG_LINE_SENT: *out_r = EVIDENCE_SENT; return true;
	case LOG_LINE_PASSED_ON:
	case LOG_LINE_REQUEUED: *out_r = EVIDENCE_MOVED; return true;
	case LOG_LINE_DEFERRED: *out_r = EVIDENCE_DEFERRED; return true;
	case LOG_LINE_BOUNCED: *out_r = EVIDENCE_BOUNCED; return true;
	case LOG_LINE_EXPIRED: *out_r = EVIDENCE_EXPIRED; return true;
	case LOG_LINE_REJECTED: *out_r = EVIDENCE_REJECTED; return true;
	case LOG_LINE_HELD: *out_r = EVIDENCE_HELD; return true;
	case LOG_LINE_DISCARDED: *out_r = EVIDENCE_DISCARDED; return true;
	case LOG_LINE_REMOVED: *out_r = EVIDENCE_REMOVED; return true;
	case LOG_LINE_OTHER:
	case LOG_LINE_MESSAGE_ID:
	case LOG_LINE_CLIENT:
	case LOG_LINE_CONNECT:
	case LOG_LINE_DONE:
	case LOG_LINE_NONE_TAKEN:
	case LOG_LINE_KIND_COUNT:
		break;
	}
	return false;
}

static const char *address(struct arena *a, struct span s)
{
	struct addr parsed;

	return addr_path(a, copy(a, s, ID_MAX), &parsed) && *parsed.key ? parsed.key : NULL;
}

static void further(struct arena *a, struct span rest, struct evidence *ev)
{
	struct span one;

	if (!rest.n)
		return;
	ev->more = arena_array(a, const char *, MORE_MAX);
	while (ev->more_n < MORE_MAX && log_line_more(&rest, &one)) {
		const char *key = one.n ? address(a, one) : NULL;

		if (key)
			ev->more[ev->more_n++] = key;
	}
}

bool evidence_of(struct arena *a, const struct log_line *line, time_t at, struct evidence *out_r)
{
	struct evidence *ev = out_r;

	*ev = (struct evidence){ .at = at, .ours = line->ours };
	if (!line->queue_id.n || !evidence_kind_of(line->kind, &ev->kind))
		return false;
	ev->host = copy(a, line->host, HOST_MAX);
	ev->queue_id = copy(a, line->queue_id, HOST_MAX);
	ev->next_id = copy(a, line->next_id, HOST_MAX);
	ev->dsn = copy(a, line->dsn, 16);
	ev->relay = copy(a, line->relay, HOST_MAX);
	ev->words = copy(a, line->words, WORDS_MAX);
	if (!line->recipient.n)
		return true;
	ev->recipient = address(a, line->recipient);
	further(a, line->more, ev);
	return ev->recipient != NULL;
}

void evidence_judge(struct arena *a, const struct phrases *p, struct evidence *ev)
{
	struct refusal_read r;

	ev->hard = false;
	if (ev->kind != EVIDENCE_BOUNCED || ev->ours)
		return;
	if (!p) {
		ev->hard = str_eq(ev->dsn, "5.1.1") || str_eq(ev->dsn, "5.1.2");
		return;
	}
	r = refusal_read(a, p, ev->words, ev->dsn);
	ev->hard = r.hardness == HARDNESS_HARD && r.about_address;
}

/* ---- one piece of memory ---- */

static size_t room(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static const char *put(char **at, const char *s)
{
	char *start = *at;

	if (!s)
		return NULL;
	memcpy(start, s, room(s));
	*at += room(s);
	return start;
}

struct evidence *evidence_clone(struct arena *a, const struct evidence *ev)
{
	size_t n = sizeof(*ev) + ev->more_n * sizeof(*ev->more) + room(ev->host) + room(ev->queue_id)
		+ room(ev->next_id) + room(ev->message_id) + room(ev->recipient) + room(ev->dsn)
		+ room(ev->relay) + room(ev->words);
	struct evidence *c;
	char *at;

	for (size_t i = 0; i < ev->more_n; i++)
		n += room(ev->more[i]);
	c = a ? arena_alloc(a, n) : malloc(n);
	if (!c)
		abort();
	*c = *ev;
	c->more = (const char **)(c + 1);
	at = (char *)(c->more + ev->more_n);
	for (size_t i = 0; i < ev->more_n; i++)
		c->more[i] = put(&at, ev->more[i]);
	c->host = put(&at, ev->host);
	c->queue_id = put(&at, ev->queue_id);
	c->next_id = put(&at, ev->next_id);
	c->message_id = put(&at, ev->message_id);
	c->recipient = put(&at, ev->recipient);
	c->dsn = put(&at, ev->dsn);
	c->relay = put(&at, ev->relay);
	c->words = put(&at, ev->words);
	return c;
}
