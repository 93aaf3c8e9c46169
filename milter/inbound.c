/* SPDX-License-Identifier: MPL-2.0
 *
 * The receiving side: a mail that answers one of ours holds its enrolment before the MTA takes it. So
 * no touch can slip out between the arrival and the moment the watcher has read it, and a reply counts
 * that Sieve files away, sends on or throws away, or that came to an alias.
 *
 * Never anything else: no mail is refused, changed or asked to come again, whatever happens to us. A
 * stranger's mail costs one look-up. Headers are read with the house's own means; MIME of strangers is
 * for the watcher's workers, which have neither the store nor the keys.
 */
#include "config.h"

#include "milter/inbound.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"

#include <string.h>

enum { REFS_MAX = 10, VALUE_MAX = 16 * 1024, WITHIN_MS = 1000 };

struct inbound {
	struct arena *arena;
	struct settings *settings;	/* reference */
	const char *from, *message_id, *in_reply_to, *references;	/* raw values of the first ones */
	size_t recipients, controls;
};

struct inbound *inbound_new(struct settings *s)
{
	struct arena *a = arena_new(4u << 20);
	struct inbound *in = arena_new_of(a, struct inbound);

	atomic_fetch_add(&s->refs, 1);
	in->arena = a;
	in->settings = s;
	return in;
}

void inbound_free(struct inbound *in)
{
	if (!in)
		return;
	settings_unref(in->settings);
	arena_free(in->arena);
}

void inbound_rcpt(struct inbound *in, const char *path)
{
	const char *verb, *arg;
	struct addr to;

	in->recipients++;
	if (!str_empty(in->settings->control) && addr_path(in->arena, path, &to) && *to.key &&
	    addr_control(in->arena, in->settings->control, to.key, &verb, &arg))
		in->controls++;
}

void inbound_header(struct inbound *in, const char *name, const char *value)
{
	const char **to = str_eq_case(name, "From") ? &in->from
			: str_eq_case(name, "Message-ID") ? &in->message_id
			: str_eq_case(name, "In-Reply-To") ? &in->in_reply_to
			: str_eq_case(name, "References") ? &in->references : NULL;
	size_t n;

	if (!to || *to)
		return;
	/* of References the end matters */
	n = strlen(value);
	if (n > VALUE_MAX)
		value += to == &in->references ? n - VALUE_MAX : 0;
	*to = arena_strndup(in->arena, value, n > VALUE_MAX ? VALUE_MAX : n);
}

/* ---- what is asked ---- */

struct holding {
	const struct inbound *in;
	const struct milter *d;
	struct match_question q;
	const char *key;
	bool known;
	/* what was done */
	struct match match;
	bool held;
};

/* As the watcher would ask, but for any mailbox, and without the text. */
static void question(struct holding *h, time_t now, const char *queue_id)
{
	const struct inbound *in = h->in;
	struct arena *a = in->arena;
	const char **refs = arena_array(a, const char *, 2 * REFS_MAX), **ids;
	struct addr *from;
	size_t n = addr_msgids(a, in->in_reply_to, REFS_MAX, &ids), refs_n = 0;

	for (size_t i = 0; i < n; i++)
		refs[refs_n++] = ids[i];
	n = addr_msgids(a, in->references, REFS_MAX, &ids);
	while (n > 0 && refs_n < REFS_MAX)
		refs[refs_n++] = ids[--n];
	h->q = (struct match_question){ .refs = refs, .refs_n = refs_n, .received = now, .keys = h->d->keys };
	if (addr_list(a, in->from, 1, &from) == 1)
		h->q.from = from[0].key;
	/* without one the watcher finds the mail by its content, and this hold ends in a review */
	h->key = addr_msgids(a, in->message_id, 1, &ids) == 1 ? ids[0]
		: arena_printf(a, "smtp:%s", queue_id ? queue_id : "-");
}

static enum status look(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct holding *h = ctx;

	return store_match_known(tx, a, &h->q, &h->known, e);
}

/* An answer to an old thread stops the new one too: the live enrolment of that person. */
static const struct match *choose(const struct match *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].live && list[i].enrolment_id)
			return &list[i];
	}
	return list[0].enrolment_id ? &list[0] : NULL;
}

static enum status hold(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct holding *h = ctx;
	const struct match *best;
	struct match *list;
	size_t n;
	enum status st = store_match(tx, a, &h->q, &list, &n, e);

	h->held = false;
	if (st != OK || n == 0)
		return st;
	best = choose(list, n);
	if (!best || (list[0].colleague && !str_eq(conf_str(h->in->settings->conf, "imapwatch.colleague"), "stop")))
		return OK;
	st = store_hold(tx, a, best->enrolment_id, h->key, "milter", e);
	h->held = st == OK;
	h->match = *best;
	h->match.enrolment_id = arena_strdup(h->in->arena, best->enrolment_id);
	h->match.by = arena_strdup(h->in->arena, best->by);
	return st == GONE || st == INPUT ? OK : st;
}

void inbound_eom(struct milter *d, struct inbound *in, const char *queue_id)
{
	struct store *store = atomic_load(&d->store);
	struct holding h = { .in = in, .d = d };
	time_t now = clock_now(d->clock);
	struct err e = { "" };
	enum status st;

	atomic_store(&d->inbound_seen, (int64_t)now);
	if (!store || in->recipients == in->controls)
		return;
	question(&h, now, queue_id);
	if (str_empty(h.q.from) && h.q.refs_n == 0)
		return;
	st = store_read_within(store, now, look, &h, clock_mono_ms() + WITHIN_MS, &e);
	if (st == OK && h.known)
		st = store_write(store, now, hold, &h, clock_mono_ms() + WITHIN_MS, &e);
	fault_point("milter.held");
	if (st != OK)	/* the watcher will see it */
		log_error(queue_id, "not-held", "error", e.text);
	else if (h.held)
		log_info(queue_id, "hold", "enrolment", h.match.enrolment_id, "by", h.match.by, "from", h.q.from,
			 "message_id", h.key);
}
