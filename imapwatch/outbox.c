/* SPDX-License-Identifier: MPL-2.0
 *
 * Effects outside the store: rows are taken, given to a child, and ticked off when it answers. A row
 * whose child died is taken again after its lease; everything here may happen twice and must end as if
 * it had happened once.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "imapwatch/outbox_private.h"
#include "store/links.h"

enum { TAKE_MAX = 20, LEASE_S = 60, ELSEWHERE_S = 5, ERRAND_LOST_MS = 180000 };

/* ---- errands ---- */

struct errand *errand_add(struct hub *h, enum frame_type type, struct mailbox *box, const char *outbox_id,
			  const char *draft_id, int64_t epoch)
{
	struct errand *er = calloc(1, sizeof(*er));

	if (!er)
		abort();
	*er = (struct errand){ .next = h->errands, .number = hub_number(h), .type = type, .box = box,
			       .outbox_id = outbox_id ? strdup(outbox_id) : NULL,
			       .draft_id = draft_id ? strdup(draft_id) : NULL, .epoch = epoch,
			       .since = clock_mono_ms() };
	h->errands = er;
	return er;
}

void errand_free(struct errand *er)
{
	if (!er)
		return;
	free(er->outbox_id);
	free(er->draft_id);
	free(er->owner_id);
	free(er->payload);
	free(er);
}

struct errand *errand_find(struct hub *h, uint32_t number)
{
	struct errand *er = h->errands;

	while (er && er->number != number)
		er = er->next;
	return er;
}

bool outbox_busy(const struct hub *h, const char *id)
{
	for (const struct errand *er = h->errands; er; er = er->next)
		if (str_eq(er->outbox_id, id))
			return true;
	return false;
}

struct errand *errand_take(struct hub *h, uint32_t number)
{
	for (struct errand **p = &h->errands; *p; p = &(*p)->next) {
		struct errand *er = *p;

		if (er->number != number)
			continue;
		*p = er->next;
		return er;
	}
	return NULL;
}

/* A row and the taking of it that speaks: what another has taken since is left alone. */
struct release_unit {
	const struct hub *h;
	const char *id;
	int64_t epoch;
};

static enum status release(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct release_unit *u = ctx;
	enum status s = u->id ? store_outbox_fence(tx, a, u->id, u->epoch, e) : OK;

	return s == OK ? store_outbox_release(tx, u->id, u->h->holder, e) : s;
}

void outbox_release(struct hub *h, const char *id, int64_t epoch)
{
	struct release_unit u = { h, id, epoch };
	struct err e;
	enum status s = store_write(h->store, clock_now(h->clock), release, &u, 0, &e);

	if (s != OK && s != GONE)
		log_error(id, "outbox-not-released", "reason", e.text);
	h->outbox_hint = true;
}

static enum status put_off(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct outbox *row = ctx;
	enum status s = store_outbox_fence(tx, a, row->id, row->epoch, e);

	return s == OK ? store_outbox_elsewhere(tx, row->id, store_now(tx) + ELSEWHERE_S, e) : s;
}

bool outbox_elsewhere(struct hub *h, const struct mailbox *box, const struct outbox *row)
{
	struct err e;

	if (!box || box->mine)
		return false;
	if (store_write(h->store, clock_now(h->clock), put_off, (void *)(uintptr_t)row, 0, &e) != OK)
		log_error(row->id, "outbox-not-released", "reason", e.text);
	return true;
}

void outbox_child_gone(struct hub *h, const struct proc *p)
{
	for (struct errand **q = &h->errands; *q;) {
		struct errand *er = *q;
		bool its = p->number == SENDER ? er->type == FRAME_MAIL || er->type == FRAME_SEND
					 : er->box && er->box->worker == p->number;

		if (!its) {
			q = &er->next;
			continue;
		}
		*q = er->next;
		if (er->box && er->box->looking == er->number)
			er->box->looking = 0;
		if (er->outbox_id)
			outbox_release(h, er->outbox_id, er->epoch);
		errand_free(er);
	}
}

void outbox_drop_errands(struct hub *h)
{
	while (h->errands) {
		struct errand *er = h->errands;

		h->errands = er->next;
		errand_free(er);
	}
}

/* ---- ticking off ---- */

struct tick_unit {
	const char *id;
	int64_t epoch;
	const char *error;
	bool final;
};

/* Notes that were answered for in one round of the loop, until they are ticked off together. */
struct outbox_answer {
	char *id, *error;	/* owned; error NULL: it is done */
	int64_t epoch;
	bool final;
};
enum { ANSWERS_MAX = 100 };

/* A list that was mailed by this row counts as shown from now on. */
static enum status list_left(struct store_tx *tx, const char *id, struct err *e)
{
	enum status s = store_list_sent(tx, id, e);

	return s == GONE ? OK : s;
}

static enum status tick_off(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct tick_unit *u = ctx;
	enum status s = store_outbox_fence(tx, a, u->id, u->epoch, e);

	if (s == OK)
		s = u->error ? store_outbox_failed(tx, u->id, u->error, u->final, e) : store_outbox_done(tx, u->id, e);
	return s == OK && !u->error ? list_left(tx, u->id, e) : s;
}

static void tick(struct hub *h, const struct tick_unit *u)
{
	struct err e;

	if (store_write(h->store, clock_now(h->clock), tick_off, (void *)(uintptr_t)u, 0, &e) != OK)
		log_error(u->id, "outbox-not-ticked", "reason", e.text);
}

static enum status tick_off_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct hub *h = ctx;
	enum status s = OK;

	for (size_t k = 0; s == OK && k < h->answers_n; k++) {
		const struct outbox_answer *x = &h->answers[k];
		struct tick_unit u = { x->id, x->epoch, x->error, x->final };

		s = tick_off(tx, a, &u, e);
		if (s == GONE)		/* another watcher's since: nothing was written for it */
			s = OK;
	}
	return s;
}

void outbox_settle(struct hub *h)
{
	struct err e;

	if (h->answers_n == 0)
		return;
	/* if it is the fault of one, the others do not pay for it */
	if (store_write(h->store, clock_now(h->clock), tick_off_all, h, 0, &e) != OK)
		for (size_t k = 0; k < h->answers_n; k++)
			tick(h, &(struct tick_unit){ h->answers[k].id, h->answers[k].epoch, h->answers[k].error,
						     h->answers[k].final });
	for (size_t k = 0; k < h->answers_n; k++) {
		free(h->answers[k].id);
		free(h->answers[k].error);
	}
	h->answers_n = 0;
}

void outbox_answered(struct hub *h, const char *id, int64_t epoch, const char *error, bool final)
{
	if (!h->answers)
		h->answers = calloc(ANSWERS_MAX, sizeof(*h->answers));
	if (!h->answers)
		abort();
	if (h->answers_n == ANSWERS_MAX)
		outbox_settle(h);
	h->answers[h->answers_n++] = (struct outbox_answer){ .id = strdup(id), .error = error ? strdup(error) : NULL,
							     .epoch = epoch, .final = final };
}

void outbox_failed(struct hub *h, const char *id, int64_t epoch, const char *error, bool final)
{
	tick(h, &(struct tick_unit){ id, epoch, error, final });
}

void outbox_is_done(struct hub *h, const char *id, int64_t epoch)
{
	tick(h, &(struct tick_unit){ id, epoch, NULL, false });
}

/* A text of conf/mail in the site's language, else in English. */
const char *outbox_text(struct hub *h, struct arena *a, const char *name, struct err *e)
{
	const char *language = conf_str(h->conf, "language");

	for (int k = 0; k < 2; k++) {
		const struct conf_file *files;
		const char *dir = arena_printf(a, "mail/%s/%s.txt", k == 0 ? language : "en", name);
		size_t n;

		if (conf_data_files(a, h->conf, dir, &files, &n, e) == OK && n > 0)
			return files[0].text;
	}
	err_set(e, CONF, "there is no text 'mail/%s/%s.txt' in the data directory", language, name);
	return NULL;
}

/* ---- just before it cannot be taken back ---- */

struct held_unit {
	const struct hub *h;
	const struct errand *er;
};

static enum status still_ours(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct held_unit *u = ctx;
	enum status s = store_outbox_fence(tx, a, u->er->outbox_id, u->er->epoch, e);

	return s == OK ? store_lease_held(tx, a, &u->h->lease, u->er->box ? u->er->box->conf->name : NULL, e) : s;
}

/* A host that was paused wakes up with an order that another watcher has carried out since. */
void outbox_asked(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	uint32_t number = p->number == SENDER ? f->number : unpack_u32(&u);
	struct held_unit held = { h, errand_find(h, number) };
	struct err e = { "nobody asked for it" };
	bool may = false;
	struct buf b;

	(void)fault_point("errand-asked");
	if (held.er && held.er->outbox_id && unpack_end(&u) && (!held.er->box || held.er->box->worker == p->number))
		may = store_read(h->store, clock_now(h->clock), still_ours, &held, &e) == OK;
	if (!may)
		log_warn(held.er ? held.er->outbox_id : NULL, "not-let-go", "reason", e.text);
	buf_init(&b, a);
	frame_begin(&b, FRAME_GO, f->number);
	pack_bool(&b, may);
	hub_send(h, p, &b);
	arena_free(a);
}

/* ---- taking ---- */

struct take_unit {
	struct hub *h;
	struct arena *keep;
	struct outbox *list;
	size_t n;
	bool notes;
};

static enum status take(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct take_unit *u = ctx;
	struct outbox *list;
	enum status s = store_lease_held(tx, a, &u->h->lease, NULL, e);

	u->n = 0;
	if (s == GONE)		/* we were away for too long: first the leases */
		return OK;
	if (s == OK)
		s = store_outbox_take(tx, a, NULL, u->notes, TAKE_MAX, LEASE_S, u->h->holder, &list, &u->n, e);
	if (s != OK)
		return s;
	u->list = arena_array(u->keep, struct outbox, u->n);
	for (size_t k = 0; k < u->n; k++) {
		u->list[k] = list[k];
		u->list[k].id = arena_strdup(u->keep, list[k].id);
		u->list[k].kind = arena_strdup(u->keep, list[k].kind);
		u->list[k].key = arena_strdup(u->keep, list[k].key);
		u->list[k].owner_id = arena_strdup(u->keep, list[k].owner_id);
		u->list[k].account = arena_strdup(u->keep, list[k].account);
		u->list[k].enrolment_id = arena_strdup(u->keep, list[k].enrolment_id);
		u->list[k].draft_id = arena_strdup(u->keep, list[k].draft_id);
		u->list[k].payload = arena_strdup(u->keep, list[k].payload);
	}
	return OK;
}

struct any_unit {
	const struct hub *h;
	bool notes, any;
};

static enum status ask_waiting(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct any_unit *u = ctx;

	return store_outbox_any(tx, a, u->notes, u->h->holder, &u->any, e);
}

static bool is_note(const struct outbox *row)
{
	return str_eq(row->kind, "notify") || str_eq(row->kind, "mail");
}

static void do_row(struct hub *h, struct arena *a, const struct outbox *row)
{
	if (str_eq(row->kind, "draft_put"))
		desk_put(h, a, row);
	else if (str_eq(row->kind, "draft_remove"))
		desk_remove(h, a, row);
	else if (str_eq(row->kind, "send"))
		sending_do(h, a, row);
	else if (str_eq(row->kind, "sent_copy"))
		sending_copy(h, a, row);
	else
		outbox_failed(h, row->id, row->epoch, "this version of relent does not know what to do with it", true);
}

void outbox_tick(struct hub *h)
{
	bool wanted = notes_wanted(h);
	struct take_unit u = { .h = h, .notes = wanted };
	time_t now = clock_now(h->clock);
	struct any_unit any = { .h = h, .notes = wanted };
	struct err e;
	enum status s = store_read(h->store, now, ask_waiting, &any, &e);

	if (s == OK && !any.any)	/* a take is a write, even of nothing */
		return;
	u.keep = arena_new(0);
	if (s == OK)
		s = store_write(h->store, now, take, &u, 0, &e);
	if (s != OK)
		log_error(NULL, "outbox-not-taken", "reason", e.text);
	(void)fault_point("outbox-taken");
	for (size_t k = 0; s == OK && k < u.n; k++)
		if (!is_note(&u.list[k]))
			do_row(h, u.keep, &u.list[k]);
	if (s == OK)
		notes_do(h, u.keep, u.list, u.n);
	if (s == OK && u.n == TAKE_MAX)
		h->outbox_hint = true;
	arena_free(u.keep);
}

/* ---- answers of workers ---- */

void outbox_draft_done(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	struct errand *er = errand_take(h, f->number);
	struct desk_answer d = { .status = (enum status)unpack_u32(&u), .error = unpack_text_or(&u, "") };

	d.result = unpack_text_or(&u, "");
	d.folder = unpack_text(&u);
	d.how = (int)unpack_u32(&u);
	d.validity = unpack_u32(&u);
	d.uid = unpack_u32(&u);
	if (er && er->box && er->box->worker == p->number && unpack_end(&u)) {
		if (er->type == FRAME_FIND)
			notes_looked_for(h, a, er, &d);
		else if (er->type == FRAME_SENT_PUT)
			sending_copied(h, a, er, &d);
		else if (er->type == FRAME_DRAFT_PUT)
			desk_put_done(h, a, er, &d);
		else
			desk_remove_done(h, a, er, &d);
	}
	errand_free(er);
	arena_free(a);
}

void outbox_look_done(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct errand *er = errand_take(h, f->number);

	if (er && er->box && er->box->worker == p->number) {
		er->box->looking = 0;
		desk_look_done(h, a, er, f);
	}
	errand_free(er);
	arena_free(a);
}
