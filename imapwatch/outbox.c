/* SPDX-License-Identifier: MPL-2.0
 *
 * Effects outside the store: rows are taken, given to a child, and ticked off when it answers. A row
 * whose child died is taken again after its lease; everything here may happen twice and must end as if
 * it had happened once.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "imapwatch/drafting.h"
#include "imapwatch/drafts.h"
#include "imapwatch/notify.h"
#include "imapwatch/outbox_private.h"
#include "letter/compose.h"
#include "letter/page.h"
#include "store/digest.h"
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

void outbox_failed(struct hub *h, const char *id, int64_t epoch, const char *error, bool final)
{
	tick(h, &(struct tick_unit){ id, epoch, error, final });
}

void outbox_is_done(struct hub *h, const char *id, int64_t epoch)
{
	tick(h, &(struct tick_unit){ id, epoch, NULL, false });
}

/* ---- notes to reps ---- */

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

struct note_unit {
	struct hub *h;
	const struct outbox *row;
	struct arena *keep;
	struct note note, dressed;
	const char *to[4];
	size_t to_n;
	const char *zone;
};

static void add_to(struct note_unit *u, const char *address)
{
	if (str_empty(address) || !strchr(address, '@') || u->to_n == sizeof(u->to) / sizeof(*u->to))
		return;
	for (size_t k = 0; k < u->to_n; k++)
		if (str_eq_case(u->to[k], address))
			return;
	u->to[u->to_n++] = arena_strdup(u->keep, address);
}

static const char *payload_owner(struct arena *a, const char *payload)
{
	json_t *o = json_loads(payload, 0, NULL);
	const char *s = o ? arena_strdup(a, json_string_value(json_object_get(o, "owner"))) : NULL;

	json_decref(o);
	return s;
}

static enum status read_owner(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct note_unit *u = ctx;
	const char *login = payload_owner(a, u->row->payload);
	struct memory_owner *owner;
	enum status s = login ? store_owner(tx, a, login, &owner, e) : GONE;

	if (s == OK) {
		u->zone = arena_strdup(u->keep, owner->zone);
		if (!u->note.to)
			add_to(u, owner->addresses_n ? owner->addresses[0] : owner->login);
	}
	return s == GONE ? OK : s;
}

static void add_escalation(struct note_unit *u)
{
	const char *login = payload_owner(u->keep, u->row->payload);
	const struct conf_owner *owner = conf_owner(u->h->conf, login);

	add_to(u, conf_str(u->h->conf, "administrator"));
	if (owner)
		add_to(u, owner->manager);
}

/* A hand-off note gets buttons, and an address for answers that knows what they are about. Without them it is a note
 * all the same. */
static enum status dress_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct note_unit *u = ctx;
	struct digest_options o;
	struct note_about about;
	struct page_item buttons = { 0 };
	const char *reply_to = NULL;
	enum status s;

	if (!u->row->owner_id || !notify_about(a, u->row->payload, &about))
		return GONE;
	s = digest_options_read(a, u->h->conf, &o, e);
	about.outbox_id = u->row->id;
	about.owner_id = u->row->owner_id;
	if (s == OK)
		s = store_note_buttons(tx, a, &about, &o, &buttons, &reply_to, e);
	if (s != OK)
		return s;
	u->dressed = u->note;
	u->dressed.text = arena_strdup(u->keep, u->note.text);
	notify_dress(u->keep, &u->dressed, o.language, &buttons);
	u->dressed.reply_to = arena_strdup(u->keep, reply_to);
	return OK;
}

static void dress(struct hub *h, struct note_unit *u)
{
	struct err e;
	enum status s = store_write(h->store, clock_now(h->clock), dress_unit, u, 0, &e);

	if (s == OK)
		u->note = u->dressed;
	else if (s == GONE)
		notify_dress(u->keep, &u->note, conf_str(h->conf, "language"), NULL);
	else
		log_warn(u->row->id, "note-without-buttons", "reason", e.text);
}

static const char *note_sender(const struct hub *h)
{
	const char *from = conf_str(h->conf, "smtp.from");

	return str_empty(from) ? conf_str(h->conf, "control.address") : from;
}

static const char *note_id(const struct hub *h, struct arena *a, const char *row)
{
	return letter_message_id(a, arena_printf(a, "%s.note", row), note_sender(h));
}

static void send_note(struct hub *h, const struct note_unit *u)
{
	struct errand *er = errand_add(h, FRAME_MAIL, NULL, u->row->id, NULL, u->row->epoch);
	const char *from = note_sender(h);
	struct letter l = {
		.from_name = "relent", .to = u->to[0], .subject = u->note.subject, .automatic = true,
		.message_id = note_id(h, u->keep, u->row->id),
		.date = clock_now(h->clock), .zone = u->zone ? u->zone : conf_str(h->conf, "zone"),
		.text = u->note.text, .html = u->note.html, .reply_to = u->note.reply_to,
		.in_reply_to = u->note.in_reply_to,
	};
	const char *bytes;
	struct buf b;
	size_t n;

	l.from = from;
	bytes = letter_text(u->keep, &l, &n);
	buf_init(&b, u->keep);
	frame_begin(&b, FRAME_MAIL, er->number);
	pack_text(&b, from);
	pack_u32(&b, (uint32_t)u->to_n);
	for (size_t k = 0; k < u->to_n; k++)
		pack_text(&b, u->to[k]);
	pack_bytes(&b, bytes, n);
	(void)fault_point("before-note");
	hub_send(h, &h->sender, &b);
}

static enum status compose_note(struct hub *h, struct note_unit *u, struct err *e)
{
	const char *name, *template;
	enum status s = notify_template(u->keep, u->row->payload, &name, e);

	if (s == OK && !(template = outbox_text(h, u->keep, name, e)))
		s = CONF;
	if (s == OK)
		s = notify_compose(u->keep, u->row->payload, template, conf_str(h->conf, "zone"), &u->note, e);
	if (s == OK && u->note.to)
		add_to(u, u->note.to);
	if (s == OK)
		s = store_read(h->store, clock_now(h->clock), read_owner, u, e);
	if (s == OK && u->zone)	/* again, with times as the owner reads them */
		s = notify_compose(u->keep, u->row->payload, template, u->zone, &u->note, e);
	if (s == OK && u->note.escalate)
		add_escalation(u);
	if (s == OK)
		dress(h, u);
	return s;
}

static void send_notify(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct note_unit u = { .h = h, .row = row, .keep = a };
	const char *from = conf_str(h->conf, "smtp.from");
	struct err e;
	enum status s = OK;

	if (notify_ready(a, row->payload, &u.note)) {
		u.zone = u.note.zone;
		add_to(&u, u.note.to);
	} else {
		s = compose_note(h, &u, &e);
	}
	if (s == OK && u.to_n == 0)
		s = err_set(&e, INPUT, "the note has nobody to go to");
	if (s == OK && !*from && *conf_str(h->conf, "control.address") == '@')
		s = err_set(&e, CONF, "set smtp.from: the control address is a whole domain");
	else if (s == OK && !*from && !*conf_str(h->conf, "control.address"))
		s = err_set(&e, CONF, "set smtp.from or control.address: notes need a sender");
	if (s == OK)
		send_note(h, &u);
	else
		outbox_failed(h, row->id, row->epoch, e.text, s == INPUT);
}

/* A second try: perhaps the first one reached the owner, and whoever was to tick it off died. Never a
 * second note without having looked. */
static void do_notify(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct mailbox *box = row->attempts > 1 ? hub_box_of_owner(h, row->owner_id) : NULL;
	struct errand *er;
	struct buf b;

	if (!box || !box->mine || hub_worker(h, box)->pid == 0) {
		send_notify(h, a, row);
		return;
	}
	er = errand_add(h, FRAME_FIND, box, row->id, NULL, row->epoch);
	er->owner_id = strdup(row->owner_id);
	er->payload = strdup(row->payload);
	buf_init(&b, a);
	frame_begin(&b, FRAME_FIND, er->number);
	pack_text(&b, box->conf->name);
	pack_text(&b, note_id(h, a, row->id));
	hub_send(h, hub_worker(h, box), &b);
}

static void note_looked_for(struct hub *h, struct arena *a, const struct errand *er,
			    const struct desk_answer *d)
{
	struct outbox row = { .id = er->outbox_id, .kind = "notify", .owner_id = er->owner_id,
			      .payload = er->payload, .epoch = er->epoch };

	if (d->status != OK)
		outbox_failed(h, er->outbox_id, er->epoch, d->error, false);
	else if (str_eq(d->result, "there"))
		outbox_is_done(h, er->outbox_id, er->epoch);
	else
		send_notify(h, a, &row);
}

void outbox_mail_done(struct hub *h, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	enum status s = (enum status)unpack_u32(&u);
	const char *error = unpack_text_or(&u, "");
	struct errand *er = errand_take(h, f->number);

	(void)fault_point("note-sent");
	if (er && er->outbox_id && unpack_end(&u)) {
		if (s == OK) {
			log_info(er->outbox_id, "note-sent");
			outbox_is_done(h, er->outbox_id, er->epoch);
		} else if (s == GONE) {		/* not let go: another watcher has it, or it is tried again */
			outbox_release(h, er->outbox_id, er->epoch);
		} else {
			log_warn(er->outbox_id, "note-not-sent", "reason", error);
			/* UNSURE: perhaps it went; a second note with the same Message-ID does no harm */
			outbox_failed(h, er->outbox_id, er->epoch, error, s == INPUT);
		}
	}
	errand_free(er);
	arena_free(a);
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
		s = store_outbox_take(tx, a, NULL, true, TAKE_MAX, LEASE_S, u->h->holder, &list, &u->n, e);
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
	bool any;
};

static enum status ask_waiting(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct any_unit *u = ctx;

	return store_outbox_any(tx, a, true, u->h->holder, &u->any, e);
}

static void do_row(struct hub *h, struct arena *a, const struct outbox *row)
{
	if (str_eq(row->kind, "draft_put"))
		desk_put(h, a, row);
	else if (str_eq(row->kind, "draft_remove"))
		desk_remove(h, a, row);
	else if (str_eq(row->kind, "notify") || str_eq(row->kind, "mail"))
		do_notify(h, a, row);
	else if (str_eq(row->kind, "send"))
		sending_do(h, a, row);
	else if (str_eq(row->kind, "sent_copy"))
		sending_copy(h, a, row);
	else
		outbox_failed(h, row->id, row->epoch, "this version of relent does not know what to do with it", true);
}

void outbox_tick(struct hub *h)
{
	struct take_unit u = { .h = h };
	time_t now = clock_now(h->clock);
	struct any_unit any = { .h = h };
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
		do_row(h, u.keep, &u.list[k]);
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
			note_looked_for(h, a, er, &d);
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
