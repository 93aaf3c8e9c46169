/* SPDX-License-Identifier: MPL-2.0
 *
 * Tables of a fixed number of places; the newer entry takes the place of the older one.
 */
#include "config.h"

#include "logwatch/track.h"

#include <stdlib.h>

#include "base/arena.h"

enum { MAILS = 16384, STRANGERS = 65536, SESSIONS = 4096, SESSION_MAILS = TRACK_MAX, RECENT = 2048 };

struct mail_place {
	uint64_t key;
	char *host, *queue_id, *message_id;	/* host owns all three */
	bool done;				/* queued, or told to be kept */
};

struct session {
	uint64_t key;
	size_t n;
	char ids[SESSION_MAILS][44];
};

struct track {
	struct mail_place mails[MAILS];
	uint64_t strangers[STRANGERS];
	struct session sessions[SESSIONS];
	struct evidence *recent[RECENT];
	size_t recent_at;
	bool filtered;		/* mails of this log go on under other ids */
};

struct track *track_new(void)
{
	struct track *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	return t;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < MAILS; i++)
		free(t->mails[i].host);
	for (size_t i = 0; i < RECENT; i++)
		free(t->recent[i]);
	free(t);
}

/* FNV-1a; 0 is an empty place. */
static uint64_t mixed(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
	return (h ^ 0xff) * 0x100000001b3u;
}

static uint64_t key_of(struct span host, struct span id)
{
	uint64_t h = mixed(mixed(0xcbf29ce484222325u, host.p, host.n), id.p, id.n);

	return h ? h : 1;
}

static uint64_t key_of_text(const char *host, const char *id)
{
	return key_of(span_of(host), span_of(id));
}

static size_t place(uint64_t key, size_t places)
{
	return (size_t)((key ^ key >> 29) % places);
}

/* ---- Message-IDs ---- */

static void remember(struct track *t, struct span host, struct span id, struct span message_id, bool done)
{
	uint64_t key = key_of(host, id);
	struct mail_place *m = &t->mails[place(key, MAILS)];
	char *p = malloc(host.n + id.n + message_id.n + 3);

	if (!p)
		abort();
	free(m->host);
	*m = (struct mail_place){ .key = key, .host = p, .queue_id = p + host.n + 1,
				  .message_id = p + host.n + id.n + 2, .done = done };
	memcpy(m->host, host.p, host.n);
	m->host[host.n] = '\0';
	memcpy(m->queue_id, id.p, id.n);
	m->queue_id[id.n] = '\0';
	if (message_id.n)
		memcpy(m->message_id, message_id.p, message_id.n);
	m->message_id[message_id.n] = '\0';
}

void track_remember(struct track *t, const char *host, const char *queue_id, const char *message_id)
{
	remember(t, span_of(host), span_of(queue_id), span_of(message_id), true);
}

static struct mail_place *mail_of(struct track *t, uint64_t key)
{
	struct mail_place *m = &t->mails[place(key, MAILS)];

	return m->key == key ? m : NULL;
}

void track_unsaved(struct track *t, store_mail_id_fn *fn, void *ctx)
{
	for (size_t i = 0; i < MAILS; i++) {
		struct mail_place *m = &t->mails[i];

		if (!m->key || m->done)
			continue;
		fn(ctx, m->host, m->queue_id, m->message_id);
		m->done = true;
	}
}

/* ---- strangers ---- */

void track_foreign(struct track *t, const struct evidence *ev)
{
	uint64_t key = key_of_text(ev->host, ev->queue_id);

	/* what came before the milter's word (a hold by a header) is no reason not to ask again */
	if (ev->kind != EVIDENCE_HELD && ev->kind != EVIDENCE_DISCARDED && ev->kind != EVIDENCE_REJECTED)
		t->strangers[place(key, STRANGERS)] = key;
	if (!t->filtered)
		return;
	free(t->recent[t->recent_at]);
	t->recent[t->recent_at] = evidence_clone(NULL, ev);
	t->recent_at = (t->recent_at + 1) % RECENT;
}

/* These ask anew: the mail may have become ours since. */
static bool asks_anew(enum evidence_kind k)
{
	return k == EVIDENCE_QUEUED || k == EVIDENCE_MOVED || k == EVIDENCE_REJECTED || k == EVIDENCE_HELD
		|| k == EVIDENCE_DISCARDED;
}

bool track_is_foreign(const struct track *t, const struct evidence *ev)
{
	uint64_t key = key_of_text(ev->host, ev->queue_id);

	return !asks_anew(ev->kind) && t->strangers[place(key, STRANGERS)] == key;
}

size_t track_moved(struct track *t, const struct evidence *ev, struct evidence **out_r, size_t max)
{
	uint64_t key = key_of_text(ev->host, ev->next_id);
	size_t n = 0;

	if (t->strangers[place(key, STRANGERS)] == key)
		t->strangers[place(key, STRANGERS)] = 0;
	for (size_t i = 0; i < RECENT && n < max; i++) {
		size_t at = (t->recent_at + i) % RECENT;
		struct evidence *r = t->recent[at];

		if (!r || key_of_text(r->host, r->queue_id) != key)
			continue;
		out_r[n++] = r;
		t->recent[at] = NULL;
	}
	return n;
}

/* ---- connections ---- */

static struct session *session_of(struct track *t, const struct log_line *l)
{
	uint64_t key = key_of(l->host, l->tag);
	struct session *s;

	key = mixed(key, l->pid.p, l->pid.n);
	s = &t->sessions[place(key, SESSIONS)];
	if (s->key != key)
		*s = (struct session){ .key = key };
	return s;
}

static void handed_in(struct session *s, struct span id)
{
	if (id.n >= sizeof(s->ids[0]))
		return;
	if (s->n == SESSION_MAILS) {
		memmove(s->ids[0], s->ids[1], sizeof(s->ids) - sizeof(s->ids[0]));
		s->n--;
	}
	memcpy(s->ids[s->n], id.p, id.n);
	s->ids[s->n++][id.n] = '\0';
}

/* The client was told an error at each DATA: whatever it had handed in was not queued. */
static size_t none_taken(struct session *s, struct arena *a, const struct log_line *l, time_t at,
			 struct evidence *out_r)
{
	size_t n = s->n;

	for (size_t i = 0; i < n; i++) {
		struct log_line one = *l;

		one.kind = LOG_LINE_REJECTED;
		one.queue_id = span_of(s->ids[i]);
		evidence_of(a, &one, at, &out_r[i]);
	}
	s->n = 0;
	return n;
}

/* ---- lines ---- */

static size_t one_of_a_mail(struct track *t, struct arena *a, const struct log_line *line, time_t at,
			    struct evidence *out_r)
{
	uint64_t key = key_of(line->host, line->queue_id);
	struct mail_place *m = mail_of(t, key);
	struct log_line l = *line;
	enum evidence_kind kind;

	if (l.kind == LOG_LINE_PASSED_ON) {
		/* only if the other queue is in this log too; else whoever took it is the last we hear of */
		t->filtered = true;
		if (!mail_of(t, key_of(l.host, l.next_id)))
			l.kind = LOG_LINE_SENT;
	}
	/* known to be a stranger's: not even copied, unless it may have to be told later */
	if (!t->filtered && evidence_kind_of(l.kind, &kind) && !asks_anew(kind)
	    && t->strangers[place(key, STRANGERS)] == key)
		return 0;
	if (!evidence_of(a, &l, at, out_r))
		return 0;
	if (m) {
		out_r->message_id = arena_strdup(a, m->message_id);
		m->done = m->done || out_r->kind == EVIDENCE_QUEUED;
	}
	return 1;
}

size_t track_line(struct track *t, struct arena *a, const struct log_line *l, time_t at,
		  struct evidence *out_r)
{
	switch (l->kind) {
	case LOG_LINE_MESSAGE_ID:
		remember(t, l->host, l->queue_id, l->message_id, false);
		return 0;
	case LOG_LINE_CLIENT:
		handed_in(session_of(t, l), l->queue_id);
		return 0;
	case LOG_LINE_CONNECT:
	case LOG_LINE_DONE:
		session_of(t, l)->n = 0;
		return 0;
	case LOG_LINE_NONE_TAKEN:
		return none_taken(session_of(t, l), a, l, at, out_r);
	case LOG_LINE_OTHER:
	case LOG_LINE_KIND_COUNT:
		return 0;
	case LOG_LINE_QUEUED:
	case LOG_LINE_SENT:
	case LOG_LINE_PASSED_ON:
	case LOG_LINE_DEFERRED:
	case LOG_LINE_BOUNCED:
	case LOG_LINE_EXPIRED:
	case LOG_LINE_REJECTED:
	case LOG_LINE_HELD:
	case LOG_LINE_DISCARDED:
	case LOG_LINE_REQUEUED:
	case LOG_LINE_REMOVED:
		break;
	}
	return one_of_a_mail(t, a, l, at, out_r);
}
