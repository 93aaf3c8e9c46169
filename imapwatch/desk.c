/* SPDX-License-Identifier: MPL-2.0
 *
 * The parent's orders in the Drafts folder: put one there, take ours out, look what lies there.
 * What it means is decided in the parent (drafts.c); here it is only done, and never more than asked.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/stamp.h"
#include "classifier/message.h"
#include "imapwatch/drafts.h"
#include "imapwatch/worker.h"

enum { LOOK_MAX = 2000, HEAD_BYTES = 16384, TEXT_BYTES = 131072 };

static enum status drafts_folder(struct account *acc, struct err *e)
{
	struct arena *a;
	const char *name;
	enum status s;

	if (acc->drafts)
		return OK;
	a = arena_new(0);
	s = desk_folder(acc->imap, acc->worker->conf, acc->conf, a, &name, &acc->drafts_how, e);
	if (s == OK && !(acc->drafts = strdup(name)))
		abort();
	arena_free(a);
	return s;
}

/* It may be gone, or bear another name now: asked for anew the next time. */
static enum status select_drafts(struct account *acc, bool read_only, struct err *e)
{
	enum status s = session_select(acc, acc->drafts, read_only, e);

	if (s != GONE)
		return s;
	free(acc->drafts);
	acc->drafts = NULL;
	return err_prefix(e, INPUT, "drafts");
}

/* ---- answers ---- */

static void begin(struct buf *b, struct arena *a, enum frame_type type, uint32_t number, enum status s,
		  const struct err *e)
{
	buf_init(b, a);
	frame_begin(b, type, number);
	pack_u32(b, s);
	pack_text_cut(b, s == OK ? NULL : str_utf8(a, e->text, strlen(e->text)), 400);
}

static void done(struct account *acc, struct arena *a, uint32_t number, enum status s,
		 const char *result, uint32_t uid, const struct err *e)
{
	struct buf b;

	begin(&b, a, FRAME_DRAFT_DONE, number, s, e);
	pack_text(&b, result);
	pack_text(&b, acc->drafts);
	pack_u32(&b, acc->drafts_how);
	pack_u32(&b, acc->folder.uidvalidity);
	pack_u32(&b, uid);
	worker_tell(acc->worker, &b);
}

/* ---- put ---- */

/* Just before the mailbox is changed: we may have been stopped for so long that another host has done it since. */
static enum status may(struct account *acc, struct arena *a, uint32_t order, struct err *e)
{
	struct frame answer;
	struct unpack u;
	struct buf b;
	enum status s;

	buf_init(&b, a);
	frame_begin(&b, FRAME_MAY, 0);
	pack_u32(&b, order);
	s = worker_ask(acc->worker, a, &b, &answer, e);
	if (s != OK)
		return s;
	u = unpack_frame(&answer, a);
	return unpack_bool(&u) && unpack_end(&u) ? OK : err_set(e, AGAIN, "another watcher may have this mailbox by now");
}

/* Two hosts may both have found nothing and put it: the first stays, whoever sees that he was second takes his out. */
static enum status only_one(struct account *acc, struct arena *a, const char *message_id, const char **result_r,
			    uint32_t *uid_r, struct err *e)
{
	uint32_t *uids, first;
	size_t found = 0;
	enum status s = imap_find_message_id(acc->imap, a, message_id, &uids, &found, e);

	if (s != OK)
		return s;
	if (*uid_r == 0 && found == 0)
		return err_set(e, UNSURE, "the draft is not where it was put");
	if (*uid_r == 0)
		*uid_r = uids[found - 1];
	first = *uid_r;
	for (size_t k = 0; k < found; k++)
		first = uids[k] < first ? uids[k] : first;
	if (first == *uid_r)
		return OK;
	s = imap_remove(acc->imap, *uid_r, e);
	log_warn(acc->conf->name, "draft-was-there", "uid", log_num(first), "taken_out", log_num(*uid_r), "reason",
		 s == OK ? NULL : e->text);
	*uid_r = first;
	*result_r = "there";
	return imap_dead(acc->imap) ? s : OK;
}

static enum status put(struct account *acc, struct arena *a, struct unpack *u, uint32_t order, const char **result_r,
		       uint32_t *uid_r, struct err *e)
{
	const char *message_id = unpack_text_or(u, ""), *bytes;
	uint32_t *uids, validity;
	size_t n, found = 0;
	enum status s;

	bytes = unpack_bytes(u, &n);
	if (!unpack_end(u))
		return err_set(e, SYS, "the parent's order cannot be understood");
	s = select_drafts(acc, false, e);
	if (s != OK)
		return s;
	/* After a crash: is it there already? */
	s = imap_find_message_id(acc->imap, a, message_id, &uids, &found, e);
	if (s != OK)
		return s;
	*result_r = "there";
	if (found > 0) {
		*uid_r = uids[found - 1];
		return OK;
	}
	(void)fault_point("before-append");
	s = may(acc, a, order, e);
	if (s != OK)
		return s;
	s = imap_append_draft(acc->imap, acc->drafts, bytes, n, &validity, uid_r, e);
	(void)fault_point("after-append");
	if (s != OK)
		return s;
	*result_r = "placed";
	return only_one(acc, a, message_id, result_r, uid_r, e);
}

/* ---- look ---- */

struct look {
	struct account *acc;
	struct arena *a;
	struct imap_item *items;
	size_t n;
	struct message **messages;	/* by item: header, then whole where it matters */
};

static struct imap_item *item_by_uid(struct look *l, uint32_t uid, size_t *at_r)
{
	for (size_t k = 0; k < l->n; k++) {
		if (l->items[k].uid != uid)
			continue;
		*at_r = k;
		return &l->items[k];
	}
	return NULL;
}

static void on_message(void *ctx, uint32_t uid, const char *bytes, size_t n)
{
	struct look *l = ctx;
	struct message *m;
	struct err e;
	size_t at;

	if (item_by_uid(l, uid, &at) && message_read(l->a, bytes, n, &m, &e) == OK)
		l->messages[at] = m;
}

/* What drafts are looked for: to whom, with which Message-ID, and in which thread. */
struct wanted {
	const char *to, *id, *thread;
};

static bool names_id(const struct message *m, const char *id)
{
	if (!*id)
		return false;
	for (size_t k = 0; k < m->in_reply_to_n; k++)
		if (str_eq(m->in_reply_to[k], id))
			return true;
	for (size_t k = 0; k < m->references_n; k++)
		if (str_eq(m->references[k], id))
			return true;
	return m->message_id && str_eq(m->message_id, id);
}

static bool is_addressed(const struct addr *list, size_t n, const char *to)
{
	for (size_t k = 0; k < n; k++)
		if (str_eq(list[k].key, to))
			return true;
	return false;
}

/* Only mails to these addresses or of these threads are any of our business. */
static bool concerns(const struct message *m, const struct wanted *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (names_id(m, list[k].id) || names_id(m, list[k].thread) || is_addressed(m->to, m->to_n, list[k].to)
		    || is_addressed(m->cc, m->cc_n, list[k].to))
			return true;
	return message_header(m, STAMP_HEADER) != NULL;
}

static enum status fetch_those(struct look *l, const bool *which, uint32_t max, bool headers, struct err *e)
{
	uint32_t *uids = arena_array(l->a, uint32_t, l->n);
	enum status s = OK;
	size_t n = 0;

	for (size_t k = 0; s == OK && k < l->n; k++) {
		if (!which || which[k])
			uids[n++] = l->items[k].uid;
		if (n == 50 || (k + 1 == l->n && n > 0)) {
			s = imap_fetch(l->acc->imap, uids, n, max, headers, on_message, l, e);
			n = 0;
		}
	}
	return s;
}

static void pack_one(struct look *l, struct buf *b, size_t at)
{
	struct seen_draft d = drafts_seen(l->a, l->messages[at]);

	d.uid = l->items[at].uid;
	d.draft = l->items[at].draft;
	d.deleted = l->items[at].deleted;
	pack_seen(b, &d);
}

static enum status look(struct account *acc, struct arena *a, struct unpack *u, uint32_t number,
			struct err *e)
{
	struct look l = { .acc = acc, .a = a };
	size_t n = unpack_count(u, 1000, 12), count_at;
	struct wanted *list = arena_array(a, struct wanted, n);
	uint32_t count = 0;
	bool *which;
	struct buf b;
	enum status s;

	for (size_t k = 0; k < n; k++) {
		list[k].to = unpack_text_or(u, "");
		list[k].id = unpack_text_or(u, "");
		list[k].thread = unpack_text_or(u, "");
	}
	if (!unpack_end(u))
		return err_set(e, SYS, "the parent's order cannot be understood");
	s = select_drafts(acc, true, e);
	if (s == OK)
		s = imap_list(acc->imap, a, 1, 0, &l.items, &l.n, e);
	if (s != OK)
		return s;
	if (l.n > LOOK_MAX) {	/* the newest */
		l.items += l.n - LOOK_MAX;
		l.n = LOOK_MAX;
	}
	l.messages = arena_array(a, struct message *, l.n);
	which = arena_array(a, bool, l.n);
	s = fetch_those(&l, NULL, HEAD_BYTES, true, e);
	for (size_t k = 0; s == OK && k < l.n; k++)
		which[k] = l.messages[k] && concerns(l.messages[k], list, n);
	if (s == OK)
		s = fetch_those(&l, which, TEXT_BYTES, false, e);
	if (s != OK)
		return s;
	begin(&b, a, FRAME_LOOK_DONE, number, OK, e);
	pack_text(&b, acc->drafts);
	pack_u32(&b, acc->folder.uidvalidity);
	count_at = b.n;
	pack_u32(&b, 0);
	for (size_t k = 0; k < l.n && b.n < FRAME_GOAL; k++) {
		if (!which[k] || !l.messages[k])
			continue;
		pack_one(&l, &b, k);
		count++;
	}
	for (int k = 0; k < 4; k++)
		b.p[count_at + (size_t)k] = (char)(count >> 8 * k);
	worker_tell(acc->worker, &b);
	return OK;
}

/* ---- remove ---- */

struct one {
	struct arena *a;
	struct message *m;
};

static void on_one(void *ctx, uint32_t uid, const char *bytes, size_t n)
{
	struct one *o = ctx;
	struct err e;

	(void)uid;
	if (message_read(o->a, bytes, n, &o->m, &e) != OK)
		o->m = NULL;
}

static void mark(struct account *acc, uint32_t uid)
{
	struct err e;

	if (imap_keyword(acc->imap, uid, "$Relent_stopped", &e) != OK)	/* a help, no more: not every server can */
		log_debug(acc->conf->name, "keyword-not-set", "reason", e.text);
}

/* Only the UID that is this draft's, only while it is a draft, only if it still says what we wrote and no more:
 * a client may have saved it anew all the same. */
static enum status take_out(struct account *acc, struct arena *a, struct unpack *u, const char **result_r,
			    uint32_t *uid_r, struct err *e)
{
	uint32_t validity = unpack_u32(u), uid = unpack_u32(u);
	struct draft d = { .message_id = unpack_text_or(u, "") };
	struct imap_item *items;
	struct one o = { .a = a };
	struct seen_draft seen;
	uint32_t *uids;
	size_t n;
	enum status s;

	d.text = unpack_text_or(u, "");
	d.to = unpack_text_or(u, "");
	d.subject = unpack_text_or(u, "");
	if (!unpack_end(u))
		return err_set(e, SYS, "the parent's order cannot be understood");
	s = select_drafts(acc, false, e);
	if (s != OK)
		return s;
	if (uid == 0 || validity != acc->folder.uidvalidity) {
		s = imap_find_message_id(acc->imap, a, d.message_id, &uids, &n, e);
		if (s != OK)
			return s;
		uid = n > 0 ? uids[n - 1] : 0;
	}
	*result_r = "gone";
	*uid_r = uid;
	if (uid == 0)
		return OK;
	s = imap_list(acc->imap, a, uid, uid, &items, &n, e);
	if (s != OK || n == 0 || items[0].deleted)
		return s;
	s = imap_fetch(acc->imap, &uid, 1, TEXT_BYTES, false, on_one, &o, e);
	if (s != OK || !o.m)
		return s;
	seen = drafts_seen(a, o.m);
	*result_r = "kept";
	if (!items[0].draft || !drafts_unchanged(a, &d, &seen)) {
		mark(acc, uid);
		return OK;
	}
	if (acc->folder.read_only)
		return err_set(e, INPUT, "the folder for drafts is read-only");
	(void)fault_point("before-remove");
	s = imap_remove(acc->imap, uid, e);
	(void)fault_point("after-remove");
	*result_r = "removed";
	return s;
}

/* Has the owner got this note already? Asked before a note is sent a second time. */
static enum status find(struct account *acc, struct arena *a, struct unpack *u, const char **result_r,
			uint32_t *uid_r, struct err *e)
{
	const char *message_id = unpack_text_or(u, "");
	uint32_t *uids;
	size_t n;
	enum status s;

	if (!unpack_end(u))
		return err_set(e, SYS, "the parent's order cannot be understood");
	s = session_select(acc, "INBOX", true, e);
	if (s == OK)
		s = imap_find_message_id(acc->imap, a, message_id, &uids, &n, e);
	if (s != OK)
		return s;
	*result_r = n > 0 ? "there" : "gone";
	*uid_r = n > 0 ? uids[0] : 0;
	return OK;
}

/* A copy of what relent sent for the rep: once, whatever dies. */
static enum status sent_put(struct account *acc, struct arena *a, struct unpack *u, uint32_t order,
			    const char **result_r, uint32_t *uid_r, struct err *e)
{
	const char *message_id = unpack_text_or(u, ""), *bytes, *folder = acc->conf->sent;
	uint32_t *uids;
	size_t n, found = 0;
	enum status s = OK;

	bytes = unpack_bytes(u, &n);
	if (!unpack_end(u))
		return err_set(e, SYS, "the parent's order cannot be understood");
	if (str_empty(folder))
		s = imap_special_use(acc->imap, a, "Sent", &folder, e);
	if (s == GONE)
		return err_set(e, INPUT, "the server marks no folder as \\Sent: name it in the account's 'sent' setting");
	if (s == OK)
		s = session_select(acc, folder, true, e);
	if (s == OK)
		s = imap_find_message_id(acc->imap, a, message_id, &uids, &found, e);
	if (s != OK)
		return s == GONE ? err_prefix(e, INPUT, "sent") : s;
	*result_r = "there";
	if (found > 0)
		return OK;
	(void)fault_point("before-sent-copy");
	s = may(acc, a, order, e);
	if (s != OK)
		return s;
	s = imap_append_sent(acc->imap, folder, bytes, n, uid_r, e);
	(void)fault_point("after-sent-copy");
	*result_r = "placed";
	return s;
}

/* e->text not empty on entry: the mailbox cannot be reached, only answer that. */
enum status desk_do(struct account *acc, const struct frame *order, struct err *e)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(order, a);
	bool failed = acc->imap == NULL;
	const char *result = "";
	uint32_t uid = 0;
	enum status s;

	(void)unpack_text(&u);	/* the account */
	s = failed ? AGAIN : order->type == FRAME_FIND || order->type == FRAME_SENT_PUT ? OK : drafts_folder(acc, e);
	if (s == OK && order->type == FRAME_DRAFT_PUT)
		s = put(acc, a, &u, order->number, &result, &uid, e);
	else if (s == OK && order->type == FRAME_DRAFT_REMOVE)
		s = take_out(acc, a, &u, &result, &uid, e);
	else if (s == OK && order->type == FRAME_SENT_PUT)
		s = sent_put(acc, a, &u, order->number, &result, &uid, e);
	else if (s == OK && order->type == FRAME_FIND)
		s = find(acc, a, &u, &result, &uid, e);
	else if (s == OK && order->type == FRAME_LOOK)
		s = look(acc, a, &u, order->number, e);
	if (order->type != FRAME_LOOK) {
		done(acc, a, order->number, s, result, uid, e);
	} else if (s != OK) {
		struct buf b;

		begin(&b, a, FRAME_LOOK_DONE, order->number, s, e);
		worker_tell(acc->worker, &b);
	}
	arena_free(a);
	/* A refusal of the server is the draft's trouble, not the mailbox's. */
	return !failed && acc->imap && imap_dead(acc->imap) ? AGAIN : OK;
}
