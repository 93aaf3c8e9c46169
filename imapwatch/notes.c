/* SPDX-License-Identifier: MPL-2.0
 *
 * Notes to reps out of the outbox: composed and dressed together, mailed one by one by the sender, few at a time. One
 * that is tried again is looked for in its owner's mailbox first.
 */
#include "config.h"

#include "imapwatch/outbox_private.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "imapwatch/notify.h"
#include "letter/compose.h"
#include "letter/page.h"
#include "store/digest.h"

enum { NOTES_OUT = 20, FAILED_MOST = 3, PAUSE_FIRST_MS = 1000, PAUSE_MOST_MS = 30000 };

struct note_unit {
	struct hub *h;
	const struct outbox *row;
	struct arena *keep;
	struct note note, dressed;
	const char *to[4];
	size_t to_n;
	const char *zone;
	const char *template;		/* of a note that is not composed yet */
	bool plain;			/* no buttons can be given to it */
	enum status s;
	struct err e;
};

/* Those that were taken together. */
struct note_list {
	struct hub *h;
	struct note_unit *list;
	size_t n;
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

static enum status read_owner(struct store_tx *tx, struct arena *a, struct note_unit *u, struct err *e)
{
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

static enum status read_owners(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct note_list *l = ctx;
	enum status s = OK;

	for (size_t k = 0; s == OK && k < l->n; k++)
		if (l->list[k].s == OK && l->list[k].template)
			s = read_owner(tx, a, &l->list[k], e);
	return s;
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
static enum status dress(struct store_tx *tx, struct arena *a, struct note_unit *u, const struct digest_options *o,
			 struct err *e)
{
	struct note_about about;
	struct page_item buttons = { 0 };
	const char *reply_to = NULL;
	enum status s;

	u->plain = !u->row->owner_id || !notify_about(a, u->row->payload, &about);
	if (u->plain)
		return OK;
	about.outbox_id = u->row->id;
	about.owner_id = u->row->owner_id;
	s = store_note_buttons(tx, a, &about, o, &buttons, &reply_to, e);
	u->plain = s == GONE;
	if (s != OK)
		return s == GONE ? OK : s;
	u->dressed = u->note;
	u->dressed.text = arena_strdup(u->keep, u->note.text);
	notify_dress(u->keep, &u->dressed, o->language, &buttons);
	u->dressed.reply_to = arena_strdup(u->keep, reply_to);
	return OK;
}

static enum status dress_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct note_list *l = ctx;
	struct digest_options o;
	enum status s = digest_options_read(a, l->h->conf, &o, e);

	for (size_t k = 0; s == OK && k < l->n; k++)
		if (l->list[k].s == OK && l->list[k].template)
			s = dress(tx, a, &l->list[k], &o, e);
	return s;
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

/* What is known without the store; template stays NULL for a note that is ready as it is. */
static enum status begin(struct hub *h, struct note_unit *u)
{
	const char *name;
	enum status s;

	if (notify_ready(u->keep, u->row->payload, &u->note)) {
		u->zone = u->note.zone;
		add_to(u, u->note.to);
		return OK;
	}
	s = notify_template(u->keep, u->row->payload, &name, &u->e);
	if (s == OK && !(u->template = outbox_text(h, u->keep, name, &u->e)))
		s = CONF;
	if (s == OK)
		s = notify_compose(u->keep, u->row->payload, u->template, conf_str(h->conf, "zone"), &u->note, &u->e);
	if (s == OK && u->note.to)
		add_to(u, u->note.to);
	return s;
}

/* With times as the owner reads them. */
static enum status compose(struct note_unit *u)
{
	enum status s = OK;

	if (u->template && u->zone)
		s = notify_compose(u->keep, u->row->payload, u->template, u->zone, &u->note, &u->e);
	if (s == OK && u->template && u->note.escalate)
		add_escalation(u);
	return s;
}

static void dress_list(struct hub *h, struct note_list *l)
{
	struct err e;
	enum status s = store_write(h->store, clock_now(h->clock), dress_all, l, 0, &e);

	if (s != OK && l->n > 1) {	/* if it is the fault of one, the others do not pay for it */
		for (size_t k = 0; k < l->n; k++)
			dress_list(h, &(struct note_list){ h, &l->list[k], 1 });
		return;
	}
	if (s != OK)
		log_warn(l->list[0].row->id, "note-without-buttons", "reason", e.text);
	for (size_t k = 0; s == OK && k < l->n; k++) {
		struct note_unit *u = &l->list[k];

		if (u->s != OK || !u->template)
			continue;
		if (u->plain)
			notify_dress(u->keep, &u->note, conf_str(h->conf, "language"), NULL);
		else
			u->note = u->dressed;
	}
}

static void hand_over(struct hub *h, struct note_unit *u)
{
	const char *from = conf_str(h->conf, "smtp.from");

	if (u->s == OK && u->to_n == 0)
		u->s = err_set(&u->e, INPUT, "the note has nobody to go to");
	if (u->s == OK && !*from && *conf_str(h->conf, "control.address") == '@')
		u->s = err_set(&u->e, CONF, "set smtp.from: the control address is a whole domain");
	else if (u->s == OK && !*from && !*conf_str(h->conf, "control.address"))
		u->s = err_set(&u->e, CONF, "set smtp.from or control.address: notes need a sender");
	if (u->s == OK)
		send_note(h, u);
	else
		outbox_answered(h, u->row->id, u->row->epoch, u->e.text, u->s == INPUT);
}

/* Together: a read and a commit for all of them. */
static void send_notes(struct hub *h, struct note_list *l)
{
	struct err e;
	enum status s;

	for (size_t k = 0; k < l->n; k++)
		l->list[k].s = begin(h, &l->list[k]);
	s = store_read(h->store, clock_now(h->clock), read_owners, l, &e);
	for (size_t k = 0; k < l->n; k++) {
		struct note_unit *u = &l->list[k];

		if (u->s == OK && u->template && s != OK)
			u->s = err_set(&u->e, s, "%s", e.text);
		if (u->s == OK)
			u->s = compose(u);
	}
	dress_list(h, l);
	for (size_t k = 0; k < l->n; k++)
		hand_over(h, &l->list[k]);
}

/* A second try: perhaps the first one reached the owner, and whoever was to tick it off died. Never a
 * second note without having looked. */
static bool look_first(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct mailbox *box = row->attempts > 1 ? hub_box_of_owner(h, row->owner_id) : NULL;
	struct errand *er;
	struct buf b;

	if (!box || !box->mine || hub_worker(h, box)->pid == 0)
		return false;
	er = errand_add(h, FRAME_FIND, box, row->id, NULL, row->epoch);
	er->owner_id = strdup(row->owner_id);
	er->payload = strdup(row->payload);
	buf_init(&b, a);
	frame_begin(&b, FRAME_FIND, er->number);
	pack_text(&b, box->conf->name);
	pack_text(&b, note_id(h, a, row->id));
	hub_send(h, hub_worker(h, box), &b);
	return true;
}

void notes_do(struct hub *h, struct arena *a, const struct outbox *rows, size_t n)
{
	struct note_list l = { .h = h, .list = arena_array(a, struct note_unit, n) };

	for (size_t k = 0; k < n; k++)
		if ((str_eq(rows[k].kind, "notify") || str_eq(rows[k].kind, "mail")) && !look_first(h, a, &rows[k]))
			l.list[l.n++] = (struct note_unit){ .h = h, .row = &rows[k], .keep = a };
	if (l.n > 0)
		send_notes(h, &l);
}

void notes_looked_for(struct hub *h, struct arena *a, const struct errand *er,
		      const struct desk_answer *d)
{
	struct outbox row = { .id = er->outbox_id, .kind = "notify", .owner_id = er->owner_id,
			      .payload = er->payload, .epoch = er->epoch };
	struct note_unit u = { .h = h, .row = &row, .keep = a };
	struct note_list l = { h, &u, 1 };

	if (d->status != OK)
		outbox_answered(h, er->outbox_id, er->epoch, d->error, false);
	else if (str_eq(d->result, "there"))
		outbox_answered(h, er->outbox_id, er->epoch, NULL, false);
	else
		send_notes(h, &l);
}

/* ---- how many, how soon ---- */

/* Few at a time are with the sender, so that none waits there for longer than its lease; with a service that does not
 * answer they wait in the store. */
bool notes_wanted(const struct hub *h)
{
	int out = 0;

	for (const struct errand *er = h->errands; er; er = er->next)
		out += er->type == FRAME_MAIL || er->type == FRAME_FIND;
	return out <= NOTES_OUT && clock_mono_ms() >= h->notes_from;
}

/* Three in a row that were not taken: for a while none is tried, then some again. */
static void service_failed(struct hub *h, const char *error)
{
	int64_t now = clock_mono_ms();

	if (++h->notes_failed < FAILED_MOST || now < h->notes_from)
		return;
	h->notes_pause = h->notes_pause == 0 ? PAUSE_FIRST_MS : h->notes_pause * 2;
	if (h->notes_pause > PAUSE_MOST_MS)
		h->notes_pause = PAUSE_MOST_MS;
	h->notes_from = now + h->notes_pause;
	h->notes_failed = 0;
	log_warn(NULL, "notes-wait", "ms", log_num(h->notes_pause), "reason", error);
}

static void service_answered(struct hub *h)
{
	h->notes_failed = 0;
	h->notes_pause = 0;
	h->notes_from = 0;
	h->outbox_hint = true;
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
			outbox_answered(h, er->outbox_id, er->epoch, NULL, false);
			service_answered(h);
		} else if (s == GONE) {		/* not let go: another watcher has it, or it is tried again */
			outbox_release(h, er->outbox_id, er->epoch);
		} else {
			log_warn(er->outbox_id, "note-not-sent", "reason", error);
			/* UNSURE: perhaps it went; a second note with the same Message-ID does no harm */
			outbox_answered(h, er->outbox_id, er->epoch, error, s == INPUT);
			if (s != INPUT)
				service_failed(h, error);
		}
	}
	errand_free(er);
	arena_free(a);
}
