/* SPDX-License-Identifier: MPL-2.0
 *
 * Sizes first, then bodies in batches by count and bytes (one by one costs eight times as much);
 * the parent holds what matches before anything is classified, and stores position, events and
 * states in one transaction.
 */
#include "config.h"

#include "imapwatch/inbox.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "classifier/booking.h"
#include "classifier/classifier.h"
#include "classifier/lead.h"
#include "imapwatch/facts.h"
#include "imapwatch/worker.h"

enum { WINDOW = 5000, BATCH_BYTES = 4 * 1024 * 1024, STORE_TRIES = 30, RESCAN_DAYS = 30,
       ARENA_CAP = 512 * 1024 * 1024, ARCHIVE_MOST = 200 };

struct mail {
	const struct imap_item *item;
	struct message *message;
	struct finding *finding;	/* of a report or a booking notice, before the match */
	const struct calendar_item *calendar;	/* invitation, answer or notice; NULL: there is none */
	struct facts *facts;		/* NULL: vanished, or nothing that could be called a mail */
	bool matters;
	const char *our_text;
};

struct batch {
	struct account *acc;
	const char *folder;
	struct arena *a;
	const uint32_t *aside;
	size_t aside_n;
	struct mail *mails;
	size_t n;
	const char *our_domains;
	const struct conf_lead *lead;	/* this folder is one that people write to; or NULL */
	const char *zone;
};

/* ---- reading a mail: before it, the parent hears of it ---- */

static bool is_aside(const struct batch *b, uint32_t uid)
{
	for (size_t k = 0; k < b->aside_n; k++)
		if (b->aside[k] == uid)
			return true;
	return false;
}

static struct reply_context context_of(const struct batch *b, const struct mail *m)
{
	return (struct reply_context){ .our_text = m->our_text, .our_domains = b->our_domains,
				       .received = m->item->internaldate, .zone = b->zone };
}

static int item_cmp(const void *key, const void *mail)
{
	uint32_t uid = *(const uint32_t *)key, other = ((const struct mail *)mail)->item->uid;

	return uid < other ? -1 : uid > other;
}

/* Nobody is lost because a mail cannot be read: a person looks at it where it lies. */
static struct lead *unreadable_lead(const struct batch *b, const struct facts *f)
{
	struct lead *l = arena_new_of(b->a, struct lead);

	l->address = f->from;
	l->problem = "it cannot be read: look at the mail itself";
	return l;
}

static struct lead *read_lead(struct batch *b, struct mail *m)
{
	enum lead_format format = str_eq(b->lead->format, "form") ? LEAD_FORMAT_FORM
				: str_eq(b->lead->format, "mail") ? LEAD_FORMAT_MAIL : LEAD_FORMAT_AUTO;
	struct reply_context c = context_of(b, m);
	struct lead *l;

	if (!m->finding)
		m->finding = reply_classify(b->a, b->acc->worker->phrases, m->message, &c);
	if (!lead_read(b->a, b->acc->worker->lead_words, m->message, m->finding, format, &l))
		return NULL;
	m->facts->text = "";	/* the lead says it */
	if (!lead_shape_is_form(l->shape) && m->facts->automatic && !l->problem)
		l->problem = "a program sent it, by its headers: nobody answers that by itself";
	return l;
}

static void on_mail(void *ctx, uint32_t uid, const char *bytes, size_t n)
{
	struct batch *b = ctx;
	struct mail *m = bsearch(&uid, b->mails, b->n, sizeof(*b->mails), item_cmp);
	const char *control = b->acc->conf->control ?
		conf_str(b->acc->worker->conf, "control.address") : "";
	struct err e;

	if (!m || m->facts)
		return;	/* not asked for, or sent twice */
	b->acc->seen += uid <= b->acc->top && str_eq(b->folder, "INBOX");
	if (is_aside(b, uid)) {
		m->facts = facts_crude(b->a, bytes, n, uid, m->item->internaldate);
		if (b->lead)
			m->facts->lead = unreadable_lead(b, m->facts);
		return;
	}
	worker_at(b->acc, b->folder, uid);
	(void)fault_point("worker-read");
	if (message_read(b->a, bytes, n, &m->message, &e) != OK)
		return;
	if (facts_maybe_report(m->message)) {
		struct reply_context c = context_of(b, m);

		m->finding = reply_classify(b->a, b->acc->worker->phrases, m->message, &c);
	}
	m->calendar = booking_read(b->a, b->acc->worker->booking, m->message, b->zone, m->item->internaldate);
	if (m->calendar)
		m->finding = booking_finding(b->a, m->calendar);
	else
		m->calendar = calendar_of(b->a, m->message, b->zone);
	m->facts = facts_of(b->a, m->message, m->finding, control, uid, m->item->internaldate);
	facts_calendar(m->facts, m->calendar);
	if (b->lead)
		m->facts->lead = read_lead(b, m);
}

/* ---- with the parent ---- */

static void begin(struct batch *b, struct buf *f, enum frame_type type)
{
	buf_init(f, b->a);
	frame_begin(f, type, 0);
	pack_text(f, b->acc->conf->name);
	pack_text(f, b->folder);
	pack_u32(f, b->acc->folder.uidvalidity);
}

/* Asks again while the store is busy: the server is not to blame, the session stays. */
static enum status ask(struct batch *b, struct buf *f, struct unpack *u, struct err *e)
{
	for (int k = 0; ; k++) {
		struct frame answer;
		enum status s = worker_ask(b->acc->worker, b->a, f, &answer, e);
		uint32_t stored;

		if (s != OK)
			return s;
		*u = unpack_frame(&answer, b->a);
		stored = unpack_u32(u);
		if (stored == OK && !u->bad)
			return OK;
		if (stored == GONE)
			return err_set(e, AGAIN, "another watcher has this mailbox by now");
		/* it is not away, it does not take this: the same again would end the same */
		if (stored == INPUT) {
			b->acc->refused = true;
			return err_set(e, INPUT, "the store does not take what was read");
		}
		if (k == STORE_TRIES)
			return err_set(e, AGAIN, "the store does not take what was read");
		nanosleep(&(struct timespec){ k < 5 ? 0 : 1, k < 5 ? 200000000 : 0 }, NULL);
	}
}

/* Sends the facts; true in *done_r if nothing matters and the position is stored already. */
static enum status match(struct batch *b, bool *done_r, struct err *e)
{
	struct buf f;
	struct unpack u;
	uint32_t count = 0;
	size_t answers;
	enum status s;

	begin(b, &f, FRAME_FACTS);
	for (size_t k = 0; k < b->n; k++)
		count += b->mails[k].facts != NULL;
	pack_u32(&f, b->mails[b->n - 1].item->uid);
	pack_u32(&f, count);
	for (size_t k = 0; k < b->n; k++)
		if (b->mails[k].facts)
			pack_facts(&f, b->mails[k].facts);
	s = ask(b, &f, &u, e);
	if (s != OK)
		return s;
	*done_r = unpack_bool(&u);
	answers = unpack_count(&u, BATCH_MAX, 8);
	for (size_t k = 0; k < answers; k++) {
		uint32_t uid = unpack_u32(&u);
		const char *text = unpack_text(&u);
		struct mail *m = bsearch(&uid, b->mails, b->n, sizeof(*b->mails), item_cmp);

		if (m && m->facts) {
			m->matters = true;
			m->our_text = text;
		}
	}
	return unpack_end(&u) ? OK : err_set(e, SYS, "the parent's answer cannot be understood");
}

static struct finding *classify(struct batch *b, struct mail *m)
{
	struct reply_context c = context_of(b, m);
	struct finding *f;

	if (!m->message) {	/* set aside: a person decides */
		f = arena_new_of(b->a, struct finding);
		f->kind = KIND_OTHER;
		f->stop = true;
		f->visible = f->ignored_quote = f->ignored_footer = "";
		f->language = "-";
		return f;
	}
	if (m->calendar && m->calendar->rule)
		return m->finding;
	worker_at(b->acc, b->folder, m->item->uid);
	(void)fault_point("worker-classify");
	f = reply_classify(b->a, b->acc->worker->phrases, m->message, &c);
	(void)fault_point("worker-classified");
	return f;
}

static enum status send_findings(struct batch *b, struct buf *f, size_t count_at, uint32_t count,
				 struct err *e)
{
	struct unpack u;

	for (int k = 0; k < 4; k++)
		f->p[count_at + (size_t)k] = (char)(count >> 8 * k);
	return ask(b, f, &u, e);
}

static enum status report(struct batch *b, struct err *e)
{
	const char *const *hosts;
	size_t hosts_n = conf_list(b->acc->worker->conf, "imapwatch.authserv_id", &hosts);
	size_t next = 0;

	while (next < b->n) {
		size_t last_at, count_at;
		uint32_t count = 0, last = 0;
		enum status s;
		struct buf f;

		begin(b, &f, FRAME_FINDINGS);
		last_at = f.n;
		pack_u32(&f, 0);
		count_at = f.n;
		pack_u32(&f, 0);
		for (; next < b->n && f.n < FRAME_GOAL; next++) {
			struct mail *m = &b->mails[next];

			last = m->item->uid;
			if (!m->matters)
				continue;
			pack_u32(&f, m->item->uid);
			pack_u32(&f, m->message ? facts_authenticated(b->a, m->message, hosts, hosts_n) : AUTH_NONE);
			m->finding = classify(b, m);
			pack_finding(&f, m->finding);
			count++;
		}
		for (int k = 0; k < 4; k++)
			f.p[last_at + (size_t)k] = (char)(last >> 8 * k);
		worker_at(b->acc, "", WORK_TALKING);
		s = send_findings(b, &f, count_at, count, e);
		if (s != OK)
			return s;
	}
	return OK;
}

static enum status set_keywords(struct batch *b, struct err *e)
{
	enum status s = session_select(b->acc, b->folder, false, e);

	for (size_t k = 0; s == OK && k < b->n; k++) {
		struct mail *m = &b->mails[k];

		if (!m->matters || !m->finding)
			continue;
		s = imap_keyword(b->acc->imap, m->item->uid,
				 arena_printf(b->a, "$Relent_%s", class_name(m->finding->class)), e);
		if (s == INPUT || s == GONE)	/* the server takes no keywords: only a convenience */
			s = OK;
	}
	return s == OK ? session_select(b->acc, b->folder, true, e) : s;
}

/* Where the owner's clock is: for times that name no zone. */
static const char *zone_of(const struct account *acc)
{
	const struct conf_owner *owner = conf_owner(acc->worker->conf, acc->conf->owner);

	if (owner && !str_empty(owner->zone))
		return owner->zone;
	return *conf_str(acc->worker->conf, "zone") ? conf_str(acc->worker->conf, "zone") : NULL;
}

static enum status read_batch(struct account *acc, const char *folder, const struct imap_item *items,
			      size_t n, const uint32_t *aside, size_t aside_n, struct err *e)
{
	struct arena *a = arena_new(ARENA_CAP);
	struct batch b = { acc, folder, a, aside, aside_n, arena_array(a, struct mail, n), n,
			   acc->worker->our_domains,
			   conf_lead_of(acc->worker->conf, acc->conf->name, folder),
			   zone_of(acc) };
	uint32_t *uids = arena_array(a, uint32_t, n);
	uint32_t max = (uint32_t)conf_int(acc->worker->conf, "imapwatch.fetch_bytes");
	bool done = false;
	enum status s;

	for (size_t k = 0; k < n; k++) {
		b.mails[k].item = &items[k];
		uids[k] = items[k].uid;
	}
	s = imap_fetch(acc->imap, uids, n, max, false, on_mail, &b, e);
	worker_at(acc, "", WORK_TALKING);
	if (s == OK)
		s = match(&b, &done, e);
	if (s == OK && !done)
		s = report(&b, e);
	if (s == OK && !done && conf_bool(acc->worker->conf, "imapwatch.keyword"))
		s = set_keywords(&b, e);
	arena_free(a);
	return s;
}

/* ---- where to begin ---- */

struct start {
	uint32_t low;
	bool known;		/* low follows what was read last */
	uint32_t *aside;
	size_t aside_n;
};

static enum status where(struct account *acc, const char *folder, struct arena *a, struct start *st,
			 struct err *e)
{
	struct batch b = { .acc = acc, .folder = folder, .a = a };
	struct unpack u;
	struct buf f;
	uint32_t validity, uid;
	bool known;
	int64_t back = acc->conf->look_back;
	enum status s;

	begin(&b, &f, FRAME_FOLDER);
	s = ask(&b, &f, &u, e);
	if (s != OK)
		return s;
	known = unpack_bool(&u);
	validity = unpack_u32(&u);
	uid = unpack_u32(&u);
	st->aside_n = unpack_count(&u, 1000, 4);
	st->aside = arena_array(a, uint32_t, st->aside_n);
	for (size_t k = 0; k < st->aside_n; k++)
		st->aside[k] = unpack_u32(&u);
	if (!unpack_end(&u))
		return err_set(e, SYS, "the parent's answer cannot be understood");
	if (known && validity == acc->folder.uidvalidity) {
		st->low = uid + 1;
		st->known = true;
		return OK;
	}
	if (known) {
		/* UIDs mean nothing any more: read again what may have come; what was done is known
		 * by Message-ID or fingerprint. */
		log_warn(acc->conf->name, "uidvalidity-changed", "folder", folder, "from",
			 log_num(validity), "to", log_num(acc->folder.uidvalidity));
		if (back < RESCAN_DAYS * 86400)
			back = RESCAN_DAYS * 86400;
	}
	s = imap_first_since(acc->imap, time(NULL) - back, &st->low, e);
	if (s == OK && st->low == 0)
		st->low = acc->folder.uidnext ? acc->folder.uidnext : 1;
	return s;
}

/* Nothing to read up to there. */
static enum status note_start(struct account *acc, const char *folder, struct arena *a, uint32_t last,
			      struct err *e)
{
	struct batch b = { .acc = acc, .folder = folder, .a = a };
	struct unpack u;
	struct buf f;

	begin(&b, &f, FRAME_FINDINGS);
	pack_u32(&f, last);
	pack_u32(&f, 0);
	return ask(&b, &f, &u, e);
}

static size_t batch_size(const struct imap_item *items, size_t n, uint64_t max, size_t most)
{
	uint64_t bytes = 0;
	size_t k;

	for (k = 0; k < n && k < most; k++) {
		bytes += items[k].size < max ? items[k].size : max;
		if (k > 0 && bytes > BATCH_BYTES)
			break;
	}
	return k;
}

/* The store does not take something of these mails, for a reason that nobody foresaw: each by itself, so that one does not
 * stop all that come after it. That one is shown to a person as it lies there; if not even so, it is passed over, loudly. */
static enum status one_by_one(struct account *acc, const char *folder, const struct imap_item *items, size_t n,
			      const struct start *st, uint32_t *last_r, struct err *e)
{
	enum status s = OK;

	for (size_t k = 0; s == OK && k < n; k++) {
		uint32_t uid = items[k].uid;

		acc->refused = false;
		s = read_batch(acc, folder, &items[k], 1, st->aside, st->aside_n, e);
		if (s == INPUT && acc->refused) {
			log_error(acc->conf->name, "set-aside", "folder", folder, "uid", log_num(uid), "reason", e->text);
			acc->refused = false;
			s = read_batch(acc, folder, &items[k], 1, &uid, 1, e);
		}
		if (s == INPUT && acc->refused) {
			struct arena *a = arena_new(0);

			log_error(acc->conf->name, "passed-over", "folder", folder, "uid", log_num(uid), "reason",
				  "the store takes nothing of this mail: look at it, and tell relent's makers");
			s = note_start(acc, folder, a, uid, e);
			arena_free(a);
		}
		if (s == OK)
			*last_r = uid;
	}
	return s;
}

static enum status read_window(struct account *acc, const char *folder, const struct start *st,
			       uint32_t low, uint32_t high, uint32_t *last_r, struct err *e)
{
	uint64_t max = (uint64_t)conf_int(acc->worker->conf, "imapwatch.fetch_bytes");
	size_t most = conf_lead_of(acc->worker->conf, acc->conf->name, folder) ? LEAD_BATCH_MAX : BATCH_MAX;
	struct arena *a = arena_new(0);
	struct imap_item *items;
	size_t n, at = 0;
	enum status s = imap_list(acc->imap, a, low, high, &items, &n, e);

	while (s == OK && at < n) {
		size_t take = batch_size(items + at, n - at, max, most);

		acc->refused = false;
		s = read_batch(acc, folder, items + at, take, st->aside, st->aside_n, e);
		if (s == INPUT && acc->refused)
			s = one_by_one(acc, folder, items + at, take, st, last_r, e);
		at += take;
		if (s == OK)
			*last_r = items[at - 1].uid;
	}
	arena_free(a);
	return s;
}

static enum status read_from(struct account *acc, const char *folder, const struct start *st, uint32_t *last_r,
			     struct err *e)
{
	uint32_t next = acc->folder.uidnext, low = st->low;
	enum status s = OK;

	/* UIDNEXT may be old or a lie: it only sets the size of the windows, the last is open. */
	while (s == OK && next > low && next - low > WINDOW) {
		s = read_window(acc, folder, st, low, low + WINDOW - 1, last_r, e);
		low += WINDOW;
	}
	return s == OK ? read_window(acc, folder, st, low, 0, last_r, e) : s;
}

/* ---- mails that were moved away before they were read: a phone archives what it shows ---- */

static bool configured(const struct account *acc, const char *folder, const char *attribute)
{
	for (size_t k = 0; k < acc->conf->folders_n; k++)
		if (str_eq(acc->conf->folders[k], folder) || str_eq_case(acc->conf->folders[k], attribute))
			return true;
	return false;
}

/* Where the archive is to be read from: what came since it was last looked at, of the last days, and
 * not more than the newest ARCHIVE_MOST. */
static enum status archive_start(struct account *acc, struct arena *a, struct start *st, struct err *e)
{
	int64_t back = acc->conf->look_back > RESCAN_DAYS * 86400 ? acc->conf->look_back : RESCAN_DAYS * 86400;
	struct imap_item *items;
	uint32_t first;
	size_t n;
	enum status s = imap_first_since(acc->imap, time(NULL) - back, &first, e);

	if (s != OK)
		return s;
	if (first == 0)
		st->low = acc->folder.uidnext ? acc->folder.uidnext : 1;
	else if (st->low < first || !st->known)
		st->low = first;
	s = imap_list(acc->imap, a, st->low, 0, &items, &n, e);
	if (s == OK && n > ARCHIVE_MOST) {
		log_warn(acc->conf->name, "archive-cut", "found", log_num((int64_t)n), "read",
			 log_num(ARCHIVE_MOST));
		st->low = items[n - ARCHIVE_MOST].uid;
	}
	return s;
}

/* The folder with \All, else \Archive; then INBOX is selected again. What is known is known by its
 * Message-ID; what matches nobody leaves nothing but a position. */
static enum status read_archive(struct account *acc, struct arena *a, struct err *e)
{
	const char *folder, *use = "\\All";
	struct start st = { 0 };
	uint32_t last = 0;
	enum status s = imap_special_use(acc->imap, a, use + 1, &folder, e);

	if (s == GONE) {
		use = "\\Archive";
		s = imap_special_use(acc->imap, a, use + 1, &folder, e);
	}
	if (s == GONE)
		return OK;	/* nowhere to look */
	if (s == OK)
		s = session_select(acc, folder, true, e);
	if (s == OK)
		s = where(acc, folder, a, &st, e);
	if (s == OK && !configured(acc, folder, use))
		s = archive_start(acc, a, &st, e);
	if (s == OK)
		s = read_from(acc, folder, &st, &last, e);
	if (s == OK)
		log_info(acc->conf->name, "looked-for-vanished", "folder", folder);
	if (s == OK || s == GONE || s == INPUT)
		s = session_select(acc, "INBOX", true, e);
	return s;
}

/* How many of the UIDs from low on are there; *top_r: the last that was given out. */
static enum status count_new(struct account *acc, uint32_t low, size_t *n_r, uint32_t *top_r, struct err *e)
{
	struct arena *a = arena_new(0);
	struct imap_item *items;
	enum status s = imap_list(acc->imap, a, low, 0, &items, n_r, e);

	*top_r = acc->folder.uidnext > low ? acc->folder.uidnext - 1 : low - 1;
	if (s == OK && *n_r > 0 && items[*n_r - 1].uid > *top_r)
		*top_r = items[*n_r - 1].uid;
	arena_free(a);
	return s;
}

static enum status read_inbox(struct account *acc, struct arena *a, const struct start *st, uint32_t *last_r,
			      struct err *e)
{
	uint32_t top;
	size_t there;
	enum status s = count_new(acc, st->low, &there, &top, e);

	/* First the archive: the position of INBOX says that this is done. */
	if (s == OK && there < top - st->low + 1)
		s = read_archive(acc, a, e);
	acc->top = top;
	acc->seen = 0;
	if (s == OK)
		s = read_from(acc, "INBOX", st, last_r, e);
	if (s == OK && acc->seen < there)	/* moved between the list and the reading */
		s = read_archive(acc, a, e);
	if (s == OK && *last_r < top && top >= st->low)
		s = note_start(acc, "INBOX", a, top, e);
	acc->top = 0;
	return s;
}

enum status inbox_read(struct account *acc, const char *folder, struct err *e)
{
	struct arena *a = arena_new(0);
	struct start st = { 0 };
	uint32_t last = 0;
	enum status s = where(acc, folder, a, &st, e);

	if (s == OK && st.known && str_eq(folder, "INBOX") && !acc->conf->control)
		s = read_inbox(acc, a, &st, &last, e);
	else if (s == OK)
		s = read_from(acc, folder, &st, &last, e);
	if (s == OK && last == 0 && !acc->first_done && !st.known)
		s = note_start(acc, folder, a, st.low - 1, e);
	arena_free(a);
	return s;
}
