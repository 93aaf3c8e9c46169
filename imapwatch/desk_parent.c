/* SPDX-License-Identifier: MPL-2.0
 *
 * Drafts, the deciding half: what to put, what to take out, and what has become of what is out.
 * desk.c in the worker does it.
 */
#include "config.h"

#include "imapwatch/outbox_private.h"

enum { LOOKS_LEAST = 100 };	/* a second */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/utf7.h"
#include "imapwatch/drafting.h"
#include "imapwatch/drafts.h"
#include "imapwatch/folders.h"

/* ---- put ---- */

struct put_unit {
	struct hub *h;
	const struct outbox *row;
	const char *account, *reactivation;
	struct drafted d;
	struct arena *keep;
	bool again;		/* it was composed before: perhaps it was placed, too */
};

/* Text and Message-ID are committed before the mail server sees them: whatever dies now, the draft is
 * known again. */
static enum status compose(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put_unit *u = ctx;
	struct draft *old;
	enum status s = store_draft(tx, a, u->row->draft_id, &old, e);

	if (s != OK)
		return s;
	u->again = !str_empty(old->message_id);
	s = drafting_compose(u->h, tx, u->keep, u->row->draft_id, u->row->payload, u->reactivation, &u->d, e);
	if (s == GONE)
		return store_outbox_done(tx, u->row->id, e) == OK ? OK : SYS;
	if (s != OK)
		return s;
	u->d.draft.account = u->account;
	return store_draft_put(tx, a, &u->d.draft, "imapwatch", e);
}

static void begin_order(struct buf *b, struct arena *a, enum frame_type type, const struct errand *er)
{
	buf_init(b, a);
	frame_begin(b, type, er->number);
	pack_text(b, er->box->conf->name);
}

static struct mailbox *box_for(struct hub *h, const struct outbox *row)
{
	struct mailbox *box = hub_box(h, row->account);

	return box ? box : hub_box_of_owner(h, row->owner_id);
}

/* The store keeps ids without <>, the last is the mail that the draft answers. */
static const char *last_reference(struct arena *a, const char *references)
{
	struct span rest = span_of(references ? references : ""), word, last = { "", 0 };

	while (span_split(&rest, ' ', &word))
		if (word.n > 0)
			last = word;
	if (last.n > 1 && last.p[0] == '<' && last.p[last.n - 1] == '>')
		last = (struct span){ last.p + 1, last.n - 2 };
	return span_dup(a, last);
}

static void send_look(struct hub *h, struct arena *a, struct errand *er, const struct draft *list, size_t n)
{
	struct buf b;

	begin_order(&b, a, FRAME_LOOK, er);
	pack_u32(&b, (uint32_t)n);
	for (size_t k = 0; k < n; k++) {
		pack_text_cut(&b, list[k].to ? list[k].to : "", 400);
		pack_text_cut(&b, list[k].message_id ? list[k].message_id : "", 998);
		pack_text_cut(&b, last_reference(a, list[k].references), 998);
	}
	hub_send(h, hub_worker(h, er->box), &b);
}

static void send_put(struct hub *h, struct arena *a, struct mailbox *box, const char *outbox_id, int64_t epoch,
		     const struct drafted *d)
{
	struct errand *er = errand_add(h, FRAME_DRAFT_PUT, box, outbox_id, d->draft.id, epoch);
	struct buf b;

	begin_order(&b, a, FRAME_DRAFT_PUT, er);
	pack_text(&b, d->draft.message_id);
	pack_bytes(&b, d->bytes, d->n);
	hub_send(h, hub_worker(h, box), &b);
}

void desk_put(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct put_unit u = { .h = h, .row = row, .keep = a };
	struct mailbox *box = box_for(h, row);
	struct err e = { "" };
	enum status s;

	if (sending_by_itself(h, a, row) || outbox_elsewhere(h, box, row))
		return;
	if (!box || !row->draft_id) {
		outbox_failed(h, row->id, row->epoch, "no mailbox of this owner is watched: add an account for it", false);
		return;
	}
	u.account = box->conf->name;
	u.reactivation = outbox_text(h, a, "reactivation", &e);
	s = store_write(h->store, clock_now(h->clock), compose, &u, 0, &e);
	(void)fault_point("draft-composed");
	if (s != OK) {
		outbox_failed(h, row->id, row->epoch, e.text, false);
		return;
	}
	if (!u.d.bytes)
		return;		/* not wanted any more */
	if (!u.again && row->attempts <= 1) {
		send_put(h, a, box, row->id, row->epoch, &u.d);
		return;
	}
	/* A second try: has the rep's client made something else of the first? */
	struct errand *er = errand_add(h, FRAME_LOOK, box, row->id, row->draft_id, row->epoch);

	er->repeat = true;
	send_look(h, a, er, &u.d.draft, 1);
}

/* The facts of a note about a draft, as JSON. */
static const char *draft_note(struct arena *a, const char *text, const struct mailbox *box,
			      const struct draft *d, const char *reason, bool escalate)
{
	json_t *o = json_object();
	const char *copy;
	char *dumped;

	json_object_set_new(o, "text", json_string(text));
	json_object_set_new(o, "owner", json_string(box->conf->owner));
	json_object_set_new(o, "person", json_string(d->to ? d->to : "-"));
	json_object_set_new(o, "subject", json_string(d->subject ? d->subject : "-"));
	json_object_set_new(o, "reason", json_string(reason));
	if (escalate)
		json_object_set_new(o, "escalate", json_true());
	dumped = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	copy = arena_strdup(a, dumped ? dumped : "{}");
	free(dumped);
	return copy;
}

struct placed_unit {
	const struct errand *er;
	struct draft draft;
	const char *where;
};

static enum status record_placed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct placed_unit *u = ctx;
	enum status s = store_outbox_fence(tx, a, u->er->outbox_id, u->er->epoch, e);
	time_t since;

	if (s == OK)
		s = store_draft_put(tx, a, &u->draft, "imapwatch", e);

	if (s == OK)
		s = store_account_drafts(tx, a, u->er->box->conf->name, u->where, NULL, &since, e);
	if (s == OK && u->er->outbox_id)
		s = store_outbox_done(tx, u->er->outbox_id, e);
	return s;
}

/* ---- a mailbox that takes or gives back no draft ---- */

struct trouble_unit {
	const struct errand *er;
	const char *where, *error, *text;
};

/* The mailbox is full: a note to its owner ends there, too. */
static bool is_full(const char *error)
{
	return strcasestr(error, "quota") || strcasestr(error, "mailbox is full") || strcasestr(error, "over limit");
}

/* The server said no (quota, no such folder, read-only): the owner hears of it once, whatever number of drafts
 * waits; where the note may not arrive, the administrator too. */
static enum status tell_trouble(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct trouble_unit *u = ctx;
	const char *account = u->er->box->conf->name;
	struct outbox row = { .kind = "notify" };
	struct draft *d;
	time_t since;
	enum status s = store_account_drafts(tx, a, account, u->where, u->error, &since, e);

	if (s != OK || since != store_now(tx))
		return s;
	s = store_draft(tx, a, u->er->draft_id, &d, e);
	if (s != OK)
		return s;
	row.key = arena_printf(a, "%s:%s:%lld", u->text, account, (long long)since);
	row.owner_id = d->owner_id;
	row.enrolment_id = d->enrolment_id;
	row.payload = draft_note(a, u->text, u->er->box, d, u->error, is_full(u->error));
	return store_outbox_add(tx, a, &row, since, e);
}

static void note_trouble(struct hub *h, const struct errand *er, const struct desk_answer *d, const char *text)
{
	struct trouble_unit u = { .er = er, .error = d->error, .text = text };
	struct err e;

	if (d->status == INPUT && store_write(h->store, clock_now(h->clock), tell_trouble, &u, 0, &e) != OK)
		log_error(er->box->conf->name, "owner-not-told", "reason", e.text);
}

/* "Entwürfe (marked \Drafts by the server)": for status and doctor. */
static const char *where_for_people(struct arena *a, const struct desk_answer *d)
{
	if (str_empty(d->folder) || d->how < FOLDER_SET || d->how > FOLDER_MADE)
		return NULL;
	return arena_printf(a, "%s (%s)", utf7_decode(a, d->folder), folder_how_words((enum folder_how)d->how));
}

/* store_draft_put() reads the enrolment again: if it moved on meanwhile, the removal is asked for in the
 * same transaction. */
void desk_put_done(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d)
{
	struct placed_unit u = { .er = er, .draft = {
		.id = er->draft_id, .account = er->box->conf->name, .folder = d->folder,
		.uidvalidity = d->validity, .uid = d->uid, .state = "placed" },
		.where = where_for_people(a, d) };
	struct err e;

	(void)fault_point("draft-appended");
	if (d->status != OK) {
		log_warn(er->box->conf->name, "draft-not-placed", "draft", er->draft_id, "reason", d->error);
		note_trouble(h, er, d, "draft_failed");
		outbox_failed(h, er->outbox_id, er->epoch, d->error, false);
		return;
	}
	if (store_write(h->store, clock_now(h->clock), record_placed, &u, 0, &e) != OK) {
		log_error(er->box->conf->name, "draft-not-recorded", "draft", er->draft_id, "reason", e.text);
		outbox_failed(h, er->outbox_id, er->epoch, e.text, false);
		return;
	}
	(void)fault_point("draft-recorded");
	log_info(er->box->conf->name, "draft", "result", d->result, "draft", er->draft_id, "uid",
		 log_num(d->uid));
	h->outbox_hint = true;
}

/* ---- remove ---- */

struct get_unit {
	const char *id;
	struct arena *keep;
	struct draft *draft;
};

static enum status get_draft(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct get_unit *u = ctx;

	(void)a;
	return store_draft(tx, u->keep, u->id, &u->draft, e);
}

static struct draft *draft_by_id(struct hub *h, struct arena *a, const char *id, struct err *e)
{
	struct get_unit u = { id, a, NULL };

	return store_read(h->store, clock_now(h->clock), get_draft, &u, e) == OK ? u.draft : NULL;
}

void desk_remove(struct hub *h, struct arena *a, const struct outbox *row)
{
	struct mailbox *box = box_for(h, row);
	struct err e = { "" };
	struct draft *d = row->draft_id ? draft_by_id(h, a, row->draft_id, &e) : NULL;
	struct errand *er;
	struct buf b;

	if (outbox_elsewhere(h, box, row))
		return;
	if (!box || !d) {
		outbox_failed(h, row->id, row->epoch, *e.text ? e.text : "no mailbox of this owner is watched", false);
		return;
	}
	er = errand_add(h, FRAME_DRAFT_REMOVE, box, row->id, row->draft_id, row->epoch);
	begin_order(&b, a, FRAME_DRAFT_REMOVE, er);
	pack_u32(&b, (uint32_t)d->uidvalidity);
	pack_u32(&b, (uint32_t)d->uid);
	pack_text(&b, d->message_id ? d->message_id : "");
	pack_text(&b, d->text ? d->text : "");
	pack_text(&b, d->to ? d->to : "");
	pack_text(&b, d->subject ? d->subject : "");
	hub_send(h, hub_worker(h, box), &b);
}

struct removed_unit {
	const struct errand *er;
	const char *state;	/* NULL: leave it */
	const char *note;	/* to tell the rep, JSON */
};

static enum status record_removed(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct removed_unit *u = ctx;
	struct draft *now;
	enum status s = store_outbox_fence(tx, a, u->er->outbox_id, u->er->epoch, e);

	if (s == GONE)
		return err_set(e, AGAIN, "%s", "another watcher is at it by now");
	s = s == OK ? store_draft(tx, a, u->er->draft_id, &now, e) : s;
	if (s == OK && u->state && !str_eq(now->state, "sent")) {
		struct draft d = { .id = now->id, .state = u->state };

		s = store_draft_put(tx, a, &d, "imapwatch", e);
	}
	if (s == OK && u->note && !str_eq(now->state, "sent")) {
		struct outbox row = { .kind = "notify", .owner_id = now->owner_id,
				      .enrolment_id = now->enrolment_id, .payload = u->note,
				      .key = arena_printf(a, "draft_kept:%s", now->id) };

		s = store_outbox_add(tx, a, &row, store_now(tx), e);
	}
	if (s == OK) {
		time_t since;

		s = store_account_drafts(tx, a, u->er->box->conf->name, NULL, NULL, &since, e);
	}
	return s == OK || s == GONE ? store_outbox_done(tx, u->er->outbox_id, e) : s;
}

void desk_remove_done(struct hub *h, struct arena *a, const struct errand *er, const struct desk_answer *d)
{
	struct removed_unit u = { .er = er, .state = "withdrawn" };
	struct err e = { "" };

	(void)fault_point("draft-removed");
	if (d->status != OK) {
		log_warn(er->box->conf->name, "draft-not-removed", "draft", er->draft_id, "reason", d->error);
		note_trouble(h, er, d, "draft_stays");
		outbox_failed(h, er->outbox_id, er->epoch, d->error, false);
		return;
	}
	if (str_eq(d->result, "kept")) {
		struct draft *draft = draft_by_id(h, a, er->draft_id, &e);

		u.state = "kept";
		u.note = draft ? draft_note(a, "draft_kept", er->box, draft, "the sequence has stopped", false) : NULL;
	}
	if (store_write(h->store, clock_now(h->clock), record_removed, &u, 0, &e) != OK) {
		log_error(er->box->conf->name, "draft-not-recorded", "draft", er->draft_id, "reason", e.text);
		outbox_failed(h, er->outbox_id, er->epoch, e.text, false);
		return;
	}
	log_info(er->box->conf->name, "draft-out", "result", d->result, "draft", er->draft_id, "uid",
		 log_num(d->uid));
	h->outbox_hint = true;
}

/* ---- look ---- */

struct list_unit {
	const char *account;
	struct arena *keep;
	struct draft *list;
	size_t n;
};

static enum status list_drafts(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct list_unit *u = ctx;

	(void)a;
	return store_drafts(tx, u->keep, u->account, &u->list, &u->n, e);
}

/* Drafts that are out are looked at each imapwatch.poll seconds: so many mailboxes a second that all have their turn,
 * never thousands of questions to the store at once. */
void outbox_look_tick(struct hub *h)
{
	int64_t now = clock_mono_ms(), poll = conf_int(h->conf, "imapwatch.poll") * 1000;
	size_t share = h->boxes_n / (size_t)(poll / 1000) + LOOKS_LEAST;

	for (size_t k = 0; k < h->boxes_n && share > 0; k++, h->next_look++) {
		struct mailbox *box = &h->boxes[h->next_look % h->boxes_n];
		struct list_unit u = { .account = box->conf->name };
		struct errand *er;
		struct err e;

		if (box->conf->control || !box->mine || box->parked || box->looking ||
		    (box->looked_at && now - box->looked_at < poll) || hub_worker(h, box)->pid == 0)
			continue;
		box->looked_at = now;
		share--;
		u.keep = arena_new(0);
		if (store_read(h->store, clock_now(h->clock), list_drafts, &u, &e) != OK) {
			log_error(box->conf->name, "drafts-not-read", "reason", e.text);
		} else if (u.n > 0) {
			er = errand_add(h, FRAME_LOOK, box, NULL, NULL, 0);
			box->looking = er->number;
			send_look(h, u.keep, er, u.list, u.n > 1000 ? 1000 : u.n);
		}
		arena_free(u.keep);
	}
}

struct look_unit {
	struct hub *h;
	const struct errand *er;
	const char *folder;
	uint32_t validity;
	struct seen_draft *seen;
	size_t n;
	bool successor;			/* a repeated put finds that it is there already */
};

static enum status judge_one(struct store_tx *tx, struct arena *a, struct look_unit *u,
			     const struct draft *d, struct err *e)
{
	time_t now = store_now(tx), wait = conf_int(u->h->conf, "imapwatch.draft_gone_wait");
	struct draft_verdict v = drafts_judge(a, d, u->validity, u->seen, u->n, now, wait);
	struct draft next = { .id = d->id, .account = u->er->box->conf->name, .folder = u->folder,
			      .uidvalidity = u->validity };

	if (v.where) {
		next.uid = v.where->uid;
		next.seen_subject = v.where->subject;
		next.seen_text = v.where->text;
		u->successor = true;
	}
	switch (v.fate) {
	case FATE_SAME:
		return OK;
	case FATE_PLACED:
		next.state = "placed";
		break;
	case FATE_EDITED:
		next.state = "edited";
		break;
	case FATE_GONE:
		next.state = "gone";
		next.gone_since = now;
		break;
	case FATE_DELETED:
		next.state = "deleted";
		break;
	}
	if (str_eq(d->state, "wanted") && v.fate == FATE_EDITED) {
		/* placed by a run that died, and edited since: both happened */
		struct draft placed = next;
		enum status s;

		placed.state = "placed";
		s = store_draft_put(tx, a, &placed, "imapwatch", e);
		if (s != OK)
			return s;
	}
	log_info(u->er->box->conf->name, "draft-seen", "draft", d->id, "from", d->state, "to", next.state,
		 "uid", log_num((long long)next.uid));
	return store_draft_put(tx, a, &next, "imapwatch", e);
}

static enum status judge_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct look_unit *u = ctx;
	struct draft *list = NULL;
	size_t n = 0;
	enum status s;

	u->successor = false;
	if (u->er->repeat) {
		s = store_outbox_fence(tx, a, u->er->outbox_id, u->er->epoch, e);
		if (s != OK)
			return s;
		s = store_draft(tx, a, u->er->draft_id, &list, e);
		n = 1;
	} else {
		s = store_drafts(tx, a, u->er->box->conf->name, &list, &n, e);
	}
	for (size_t k = 0; s == OK && k < n; k++) {
		/* wanted: being placed right now, unless it is the one that is asked about */
		if (str_eq(list[k].state, "wanted") && !u->er->repeat)
			continue;
		s = judge_one(tx, a, u, &list[k], e);
	}
	if (s == OK && u->successor && u->er->repeat)
		s = store_outbox_done(tx, u->er->outbox_id, e);
	return s;
}

/* Nothing is there: the second try goes on. */
static void put_after_all(struct hub *h, struct arena *a, const struct errand *er)
{
	struct outbox row = { .id = er->outbox_id, .draft_id = er->draft_id, .epoch = er->epoch };
	struct put_unit u = { .h = h, .row = &row, .keep = a, .account = er->box->conf->name };
	struct err e = { "" };
	enum status s;

	u.reactivation = outbox_text(h, a, "reactivation", &e);
	s = store_write(h->store, clock_now(h->clock), compose, &u, 0, &e);
	if (s != OK)
		outbox_failed(h, er->outbox_id, er->epoch, e.text, false);
	else if (u.d.bytes)
		send_put(h, a, er->box, er->outbox_id, er->epoch, &u.d);
}

void desk_look_done(struct hub *h, struct arena *a, const struct errand *er, const struct frame *f)
{
	struct unpack p = unpack_frame(f, a);
	enum status s = (enum status)unpack_u32(&p);
	const char *error = unpack_text_or(&p, "");
	struct look_unit u = { .h = h, .er = er };
	struct err e;

	if (s != OK) {
		if (er->outbox_id)
			outbox_failed(h, er->outbox_id, er->epoch, error, false);
		return;
	}
	u.folder = unpack_text(&p);
	u.validity = unpack_u32(&p);
	u.n = unpack_count(&p, 5000, 20);
	u.seen = arena_array(a, struct seen_draft, u.n);
	for (size_t k = 0; k < u.n; k++)
		unpack_seen(&p, &u.seen[k]);
	if (!unpack_end(&p)) {
		log_error(er->box->conf->name, "bad-message", "from", "worker");
		return;
	}
	(void)fault_point("drafts-seen");
	s = store_write(h->store, clock_now(h->clock), judge_all, &u, 0, &e);
	if (s != OK) {
		log_error(er->box->conf->name, "drafts-not-recorded", "reason", e.text);
		if (er->outbox_id)
			outbox_failed(h, er->outbox_id, er->epoch, e.text, false);
	} else if (er->repeat && !u.successor) {
		put_after_all(h, a, er);
	}
	h->outbox_hint = true;
}
