/* SPDX-License-Identifier: MPL-2.0
 *
 * Second opinions: one question at a time goes to the adviser, what comes back is kept with the review item. The
 * parent believes a class of our list and a line of text, nothing else; without an answer all is as before.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "store/opinions.h"

struct ask_unit {
	struct hub *h;
	struct arena *keep;
	struct opinion_question q;
};

static enum status next(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct ask_unit *u = ctx;
	enum status s = store_opinion_ask(tx, a, conf_str(u->h->conf, "llm.model"),
					  (int)conf_int(u->h->conf, "llm.monthly"), &u->q, e);

	if (s == OK) {
		u->q.id = arena_strdup(u->keep, u->q.id);
		u->q.subject = arena_strdup(u->keep, u->q.subject);
		u->q.visible = arena_strdup(u->keep, u->q.visible);
	}
	return s;
}

void opinions_tick(struct hub *h)
{
	struct ask_unit u = { .h = h };
	struct err e;
	enum status s;
	struct buf b;

	if (h->adviser.pid == 0 || h->opinion)
		return;
	u.keep = arena_new(0);
	s = store_write(h->store, clock_now(h->clock), next, &u, 0, &e);
	if (s == OK) {
		h->opinion = strdup(u.q.id);
		h->opinion_number = hub_number(h);
		buf_init(&b, u.keep);
		frame_begin(&b, FRAME_ASK, h->opinion_number);
		pack_text(&b, u.q.subject);
		pack_text_cut(&b, u.q.visible, 20000);
		hub_send(h, &h->adviser, &b);
	} else if (s != GONE) {
		log_error(NULL, "no-question", "reason", e.text);
	}
	arena_free(u.keep);
}

void opinions_forget(struct hub *h)
{
	free(h->opinion);
	h->opinion = NULL;
}

struct put_unit {
	const char *id, *error;
	struct opinion o;
	bool known, stopped;
};

static enum status put(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put_unit *u = ctx;

	return store_opinion_put(tx, a, u->id, u->known ? &u->o : NULL, u->error, &u->stopped, e);
}

void opinions_answer(struct hub *h, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack r = unpack_frame(f, a);
	const char *class = unpack_text(&r), *words = unpack_text_or(&r, "");
	struct put_unit u = { .id = h->opinion, .error = words, .o = { .summary = words } };
	enum status s;
	struct err e;

	if (h->opinion && f->number == h->opinion_number && unpack_end(&r)) {
		u.known = class && class_from_name(class, &u.o.class);
		s = store_write(h->store, clock_now(h->clock), put, &u, 0, &e);
		if (s != OK)
			log_error(u.id, "opinion-not-kept", "reason", e.text);
		else if (u.known)
			log_info(u.id, "second-opinion", "class", class, "stopped", u.stopped ? "yes" : "no");
		else
			log_warn(u.id, "no-opinion", "reason", words);
		opinions_forget(h);
	}
	arena_free(a);
}
