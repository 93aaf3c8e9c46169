/* SPDX-License-Identifier: MPL-2.0
 *
 * The whole way of an inbound mail through the parent: position, match, hold (committed), and then
 * reply, event, state and position in one transaction. What comes in is hostile; a worker speaks only
 * for mailboxes that it was given.
 */
#include "config.h"

#include "imapwatch/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/leads.h"

enum { BATCH_CAP = 64 * 1024 * 1024 };

struct mailbox *handle_box(struct hub *h, struct proc *p, struct unpack *u)
{
	const char *name = unpack_text(u);
	struct mailbox *box = hub_box(h, name);

	if (!box || box->worker != p->number) {
		log_error(NULL, "not-its-account", "worker", log_num(p->number), "account", name);
		return NULL;
	}
	return box;
}

static void answer(struct hub *h, struct proc *p, struct buf *b)
{
	hub_send(h, p, b);
}

static void begin(struct buf *b, struct arena *a, enum frame_type type, const struct frame *question,
		  enum status s)
{
	buf_init(b, a);
	frame_begin(b, type, question->number);
	pack_u32(b, s);
}

/* ---- accounts ---- */

/* Until it is stored with others. */
struct account_state {
	struct mailbox *box;
	char state[24], *error;		/* owned; NULL: it is well */
};
enum { STATES_MAX = 100, STATES_WAIT_MS = 250 };

static enum status write_states(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct hub *h = ctx;
	enum status s = OK;

	(void)a;
	for (size_t k = 0; s == OK && k < h->states_n; k++) {
		const struct account_state *x = &h->states[k];

		if (!x->box->mine)
			continue;	/* another watcher's by now */
		s = store_account(tx, x->box->conf->name, x->box->owner_id, x->state, x->error, e);
	}
	return s;
}

/* Thousands of mailboxes say every minute that they are well: that is a commit a second, not hundreds. Few are told of
 * at once. */
void handle_states(struct hub *h, bool now)
{
	struct err e;

	if (h->states_n == 0 || (!now && h->states_n < STATES_MAX && clock_mono_ms() - h->states_since < STATES_WAIT_MS))
		return;
	if (store_write(h->store, clock_now(h->clock), write_states, h, 0, &e) != OK)
		log_error(NULL, "states-not-stored", "reason", e.text);
	for (size_t k = 0; k < h->states_n; k++)
		free(h->states[k].error);
	h->states_n = 0;
}

void handle_state(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	struct mailbox *box = handle_box(h, p, &u);
	const char *state = unpack_text_or(&u, ""), *error = unpack_text(&u);
	struct account_state *x;

	if (!box || !box->mine || !unpack_end(&u)) {
		arena_free(a);
		return;
	}
	if (!error) {
		box->failing_since = 0;
		box->told_failing = false;
	} else if (box->failing_since == 0) {
		box->failing_since = clock_now(h->clock);
	}
	if (!h->states)
		h->states = calloc(STATES_MAX, sizeof(*h->states));
	if (!h->states)
		abort();
	if (h->states_n == 0)
		h->states_since = clock_mono_ms();
	x = &h->states[h->states_n++];
	*x = (struct account_state){ .box = box, .error = error ? strdup(error) : NULL };
	snprintf(x->state, sizeof(x->state), "%s", state);
	handle_states(h, error != NULL || h->boxes_n <= STATES_MAX);
	arena_free(a);
}

static enum status seen_now(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	const struct mailbox *box = ctx;

	(void)a;
	return store_account(tx, box->conf->name, box->owner_id, NULL, NULL, e);
}

/* What failed was this mail's doing if the store takes something else of the same mailbox: INPUT. Else it is tried again. */
static enum status whose_fault(struct hub *h, struct mailbox *box, enum status s)
{
	struct err e;

	if (s != INPUT && s != SYS)
		return s;
	return store_write(h->store, clock_now(h->clock), seen_now, box, 0, &e) == OK ? INPUT : AGAIN;
}

/* ---- where to begin ---- */

struct folder_unit {
	const char *account, *folder;
	int64_t validity, uid;
	bool known;
};

static enum status read_position(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct folder_unit *f = ctx;
	struct position pos = { 0 };
	enum status s;

	(void)a;
	s = store_position(tx, a, f->account, f->folder, &pos, e);
	f->known = s == OK;
	f->validity = pos.uidvalidity;
	f->uid = pos.uid;
	return s == GONE ? OK : s;
}

void handle_folder(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(0);
	struct unpack u = unpack_frame(f, a);
	struct mailbox *box = handle_box(h, p, &u);
	struct folder_unit unit = { .folder = unpack_text_or(&u, "") };
	uint32_t validity = unpack_u32(&u), count = 0;
	struct buf b;
	struct err e;
	enum status s;

	if (!box || !unpack_end(&u))
		goto out;
	if (!box->mine) {
		begin(&b, a, FRAME_FOLDER_IS, f, GONE);
		answer(h, p, &b);
		goto out;
	}
	unit.account = box->conf->name;
	s = store_read(h->store, clock_now(h->clock), read_position, &unit, &e);
	if (s != OK)
		log_error(box->conf->name, "position-not-read", "reason", e.text);
	begin(&b, a, FRAME_FOLDER_IS, f, s);
	pack_bool(&b, unit.known);
	pack_u32(&b, (uint32_t)unit.validity);
	pack_u32(&b, (uint32_t)unit.uid);
	for (int pass = 0; pass < 2; pass++) {
		if (pass == 1)
			pack_u32(&b, count);
		for (const struct suspect *x = h->suspects; x; x = x->next) {
			if (x->score < SCORE_ASIDE || x->validity != validity ||
			    !str_eq(x->account, unit.account) || !str_eq(x->folder, unit.folder))
				continue;
			if (pass == 0)
				count++;
			else
				pack_u32(&b, x->uid);
		}
	}
	answer(h, p, &b);
out:
	arena_free(a);
}

/* ---- facts: match, then hold ---- */

static void drop_batch(struct mailbox *box)
{
	arena_free(box->batch);
	box->batch = NULL;
	box->folder = NULL;
	box->list = NULL;
	box->n = 0;
}

struct facts_unit {
	struct hub *h;
	struct mailbox *box;
	uint32_t last_uid;
	bool any, store_position, lost;
};

static const char *copy(struct arena *a, const char *s)
{
	return arena_strdup(a, s);
}

static struct match copy_match(struct arena *a, const struct match *m)
{
	struct match c = *m;

	c.enrolment_id = copy(a, m->enrolment_id);
	c.prospect_id = copy(a, m->prospect_id);
	c.owner_id = copy(a, m->owner_id);
	c.touch_id = copy(a, m->touch_id);
	c.address = copy(a, m->address);
	c.by = copy(a, m->by);
	c.touch_text = copy(a, m->touch_text);
	return c;
}

/* One mail changes at most one contact, by one event: the person of the strongest evidence, in the
 * enrolment that is live if there is one (an answer to an old thread stops the new one too). */
static void choose(struct arena *a, struct pending *pd, const struct match *list, size_t n)
{
	const struct match *best = &list[0];

	if (!best->live)
		for (size_t k = 1; k < n; k++)
			if (list[k].live && str_eq(list[k].prospect_id, list[0].prospect_id)) {
				best = &list[k];
				break;
			}
	pd->match = copy_match(a, best);
	if (best != &list[0]) {		/* the same person: the evidence stands */
		pd->match.grade = list[0].grade;
		pd->match.by = copy(a, list[0].by);
		pd->match.colleague = list[0].colleague;
	}
	pd->matters = true;
}

static bool wanted(const struct hub *h, const struct mailbox *box, const struct pending *pd)
{
	/* In the control mailbox only reports are about prospects (a complaint loop leads there). */
	if (box->conf->control)
		return pd->facts.report;
	(void)h;
	return true;
}

static enum status match_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct facts_unit *u = ctx;
	const char *colleague = conf_str(u->h->conf, "imapwatch.colleague");

	u->any = false;
	for (size_t k = 0; k < u->box->n; k++) {
		struct pending *pd = &u->box->list[k];
		const struct facts *f = &pd->facts;
		struct match *list;
		bool taken = false;
		size_t n = 0;
		struct match_question q = {
			.owner_id = u->box->owner_id, .from = f->from, .envelope_from = f->envelope_from,
			.refs = f->refs, .refs_n = f->refs_n, .subject_key = f->subject_key,
			.visible = f->text, .received = f->received, .report = f->report,
			.original_message_id = f->original_message_id,
			.original_stamp = f->original_stamp,
			.original_envelope_id = f->original_envelope_id, .original_to = f->original_to,
			.reported = f->reported, .reported_n = f->reported_n,
			.calendar_uid = f->calendar_uid, .invitee = f->invitee, .keys = u->h->keys,
		};

		pd->matters = pd->inform = pd->heard = false;
		pd->lead = NULL;
		if (!wanted(u->h, u->box, pd))
			continue;
		enum status s = store_match(tx, a, &q, &list, &n, e);

		if (s == OK && n == 0 && !f->automatic && !f->report)
			s = store_heard(tx, a, u->box->owner_id, f->from, f->message_id, &pd->heard, e);
		if (s != OK)
			return s;
		if (leads_wanted(u->h, pd, list, n))
			pd->lead = conf_lead_of(u->h->conf, u->box->conf->name, u->box->folder);
		if (pd->lead)
			continue;
		/* the mail that made a prospect of its sender answers nothing, wherever it is read again */
		if (n > 0 && str_eq(list[0].by, "address")) {
			s = store_lead_known(tx, a, f->key, &taken, e);
			if (s != OK)
				return s;
			if (taken)
				continue;
		}
		if (n == 0 || (list[0].colleague && str_eq(colleague, "off")))
			continue;
		choose(u->box->batch, pd, list, n);
		if (list[0].colleague && str_eq(colleague, "inform")) {
			pd->matters = false;
			pd->inform = true;
			continue;
		}
		u->any = true;
	}
	return OK;
}

/* Read to here, and just now: what rule `unwatched` asks. */
static enum status put_position(struct store_tx *tx, const struct mailbox *box,
				const struct position *pos, struct err *e)
{
	enum status s = store_position_put(tx, pos, e);

	return s == OK ? store_account(tx, box->conf->name, box->owner_id, NULL, NULL, e) : s;
}

/* The brake, before anything cleverer looks at the mail. With nothing to hold this is the end of the
 * batch: its position. */
static enum status hold_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct facts_unit *u = ctx;
	struct position pos = { u->box->conf->name, u->box->folder, u->box->validity, u->last_uid, 0 };
	enum status s = store_lease_held(tx, a, &u->h->lease, u->box->conf->name, e);

	u->lost = s == GONE;
	if (s != OK)
		return s;
	for (size_t k = 0; k < u->box->n; k++) {
		struct pending *pd = &u->box->list[k];

		if (pd->facts.controls_n > 0) {
			s = control_obey(u->h, tx, a, u->box->conf->name, &pd->facts, e);
			if (s != OK)
				return s;
		}
		if (pd->inform) {
			s = control_tell(tx, a, u->box->owner_id, u->box->conf->owner, "colleague",
					 arena_printf(a, "colleague:%s", pd->facts.key), &pd->facts,
					 pd->match.address, e);
			if (s != OK)
				return s;
		}
		if (pd->lead) {
			s = leads_take(u->h, tx, a, u->box, pd, e);
			if (s != OK)
				return s;
		}
		if (pd->heard) {
			s = store_heard(tx, a, u->box->owner_id, pd->facts.from, pd->facts.message_id, &pd->heard, e);
			if (s != OK)
				return s;
		}
		if (!pd->matters || !pd->match.enrolment_id)
			continue;
		s = store_hold(tx, a, pd->match.enrolment_id, pd->facts.key, "imapwatch", e);
		if (s == GONE)
			pd->matters = false;	/* has had its event: a copy, or read again */
		else if (s != OK && s != INPUT)
			return s;
	}
	return u->store_position ? put_position(tx, u->box, &pos, e) : OK;
}

static size_t read_facts(struct hub *h, struct mailbox *box, struct unpack *u)
{
	size_t n = unpack_count(u, BATCH_MAX, 50);

	box->list = arena_array(box->batch, struct pending, n);
	for (size_t k = 0; k < n; k++) {
		unpack_facts(u, &box->list[k].facts);
		/* Servers stamp with the real time; ours may be stepped. */
		box->list[k].facts.received = clock_from_real(h->clock, box->list[k].facts.received);
	}
	return n;
}

static void log_holds(const struct mailbox *box)
{
	for (size_t k = 0; k < box->n; k++) {
		const struct pending *pd = &box->list[k];
		char who[300];

		snprintf(who, sizeof(who), "%s/%s/%u", box->conf->name, box->folder, pd->facts.uid);
		if (pd->lead && pd->lead_state)
			log_info(who, "lead", "source", pd->lead->name, "state", pd->lead_state, "address",
				 pd->facts.lead->address, "owner", pd->lead_owner, "problem", pd->lead_problem,
				 "message_id", pd->facts.message_id);
		if (!pd->matters)
			continue;
		log_info(who, "hold", "enrolment", pd->match.enrolment_id, "prospect",
			 pd->match.prospect_id, "by", pd->match.by, "grade", grade_name(pd->match.grade),
			 "message_id", pd->facts.message_id);
	}
}

static void send_matches(struct hub *h, struct proc *p, const struct frame *f, struct mailbox *box,
			 enum status s, bool done)
{
	struct arena *a = arena_new(0);
	uint32_t count = 0;
	struct buf b;

	begin(&b, a, FRAME_MATCHES, f, s);
	if (s == OK) {
		pack_bool(&b, done);
		for (size_t k = 0; k < box->n; k++)
			count += box->list[k].matters;
		pack_u32(&b, count);
		for (size_t k = 0; k < box->n; k++) {
			if (!box->list[k].matters)
				continue;
			pack_u32(&b, box->list[k].facts.uid);
			pack_text_cut(&b, box->list[k].match.touch_text, 12000);
		}
	}
	answer(h, p, &b);
	arena_free(a);
}

void handle_facts(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *batch = arena_new(BATCH_CAP);
	struct unpack u = unpack_frame(f, batch);
	struct mailbox *box = handle_box(h, p, &u);
	struct facts_unit unit = { .h = h, .box = box };
	time_t now = clock_now(h->clock);
	bool done = false;
	struct err e;
	enum status s;

	if (!box) {
		arena_free(batch);
		return;
	}
	drop_batch(box);
	if (!box->mine) {
		arena_free(batch);
		send_matches(h, p, f, box, GONE, false);
		return;
	}
	box->batch = batch;
	box->folder = (char *)(uintptr_t)unpack_text_or(&u, "");
	box->validity = unpack_u32(&u);
	unit.last_uid = unpack_u32(&u);
	box->last_uid = unit.last_uid;
	box->n = read_facts(h, box, &u);
	if (!unpack_end(&u)) {
		log_error(box->conf->name, "bad-message", "from", "worker");
		box->n = 0;
		send_matches(h, p, f, box, INPUT, false);
		return;
	}
	s = store_read(h->store, now, match_all, &unit, &e);
	if (s == OK) {
		unit.store_position = !unit.any;
		s = store_write(h->store, now, hold_all, &unit, 0, &e);
		done = unit.store_position;
	}
	if (s == GONE && !unit.lost)
		s = AGAIN;
	(void)fault_point("hold-committed");
	if (s == OK) {
		log_holds(box);
	} else {
		log_error(box->conf->name, "not-held", "reason", e.text);
		s = whose_fault(h, box, s);
		box->n = 0;
	}
	h->outbox_hint = true;
	send_matches(h, p, f, box, s, done);
	if (done)
		drop_batch(box);
	if (s == GONE)
		hosts_lost(h, box);
}

/* ---- findings: one event each, and the position, in one transaction ---- */

struct judged {
	const struct pending *pd;
	struct finding finding;
	enum auth_result auth;
	bool done_before;
	enum seq_event event;
};
struct findings_unit {
	struct hub *h;
	struct mailbox *box;
	const char *folder;
	uint32_t validity, last_uid;
	struct judged *list;
	size_t n;
	bool lost;
};

static enum status store_all(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct findings_unit *u = ctx;
	struct position pos = { u->box->conf->name, u->folder, u->validity, u->last_uid, 0 };
	enum status s = store_lease_held(tx, a, &u->h->lease, u->box->conf->name, e);

	u->lost = s == GONE;
	if (s != OK)
		return s;
	for (size_t k = 0; k < u->n; k++) {
		struct judged *v = &u->list[k];
		const struct pending *pd = v->pd;
		struct reply r = {
			.enrolment_id = pd->match.enrolment_id, .prospect_id = pd->match.prospect_id,
			.owner_id = u->box->owner_id ? u->box->owner_id : pd->match.owner_id,
			.touch_id = pd->match.touch_id, .key = pd->facts.key,
			.message_id = pd->facts.message_id, .from = pd->facts.from,
			.subject = pd->facts.subject, .received = pd->facts.received,
			.account = u->box->conf->name, .folder = u->folder, .uid = pd->facts.uid,
			.finding = &v->finding, .matched_by = pd->match.by, .grade = pd->match.grade,
			.auth = v->auth,
		};

		s = store_reply(tx, a, &r, &v->event, e);
		v->done_before = s == GONE;
		if (s != OK && s != GONE)
			return s;
	}
	if (fault_point("reply-before-commit"))
		return err_set(e, AGAIN, "a fault was asked for");
	return put_position(tx, u->box, &pos, e);
}

static const struct pending *pending_of(const struct mailbox *box, uint32_t uid)
{
	for (size_t k = 0; k < box->n; k++)
		if (box->list[k].facts.uid == uid && box->list[k].matters)
			return &box->list[k];
	return NULL;
}

static bool read_findings(struct mailbox *box, struct unpack *u, struct findings_unit *unit,
			  struct arena *a)
{
	unit->folder = unpack_text_or(u, "");
	unit->validity = unpack_u32(u);
	unit->last_uid = unpack_u32(u);
	unit->n = unpack_count(u, BATCH_MAX, 60);
	unit->list = arena_array(a, struct judged, unit->n);
	for (size_t k = 0; k < unit->n; k++) {
		struct judged *v = &unit->list[k];

		v->pd = pending_of(box, unpack_u32(u));
		uint32_t auth = unpack_u32(u);

		v->auth = auth == AUTH_PASS ? AUTH_PASS : auth == AUTH_FAIL ? AUTH_FAIL : AUTH_NONE;
		unpack_finding(u, &v->finding);
		if (!v->pd)	/* never asked, never matched: nothing may come of it */
			return false;
	}
	if (unit->n > 0 && (!str_eq(unit->folder, box->folder) || unit->validity != box->validity))
		return false;
	return unpack_end(u);
}

static void log_verdicts(const struct findings_unit *u)
{
	for (size_t k = 0; k < u->n; k++) {
		const struct judged *v = &u->list[k];
		char who[300];

		snprintf(who, sizeof(who), "%s/%s/%u", u->box->conf->name, u->folder, v->pd->facts.uid);
		log_info(who, v->done_before ? "known" : "reply", "kind", kind_name(v->finding.kind),
			 "class", class_name(v->finding.class), "event",
			 v->done_before ? NULL : seq_event_name(v->event), "enrolment",
			 v->pd->match.enrolment_id, "by", v->pd->match.by, "grade",
			 grade_name(v->pd->match.grade), "from", v->pd->facts.from);
	}
}

void handle_findings(struct hub *h, struct proc *p, const struct frame *f)
{
	struct arena *a = arena_new(BATCH_CAP);
	struct unpack u = unpack_frame(f, a);
	struct mailbox *box = handle_box(h, p, &u);
	struct findings_unit unit = { .h = h, .box = box };
	struct buf b;
	struct err e;
	enum status s;

	if (!box)
		goto out;
	if (!box->mine) {
		s = GONE;
	} else if (!read_findings(box, &u, &unit, a)) {
		log_error(box->conf->name, "bad-message", "from", "worker");
		s = INPUT;
	} else {
		s = store_write(h->store, clock_now(h->clock), store_all, &unit, 0, &e);
		if (s == GONE && !unit.lost)
			s = AGAIN;
		(void)fault_point("reply-committed");
		if (s == OK)
			log_verdicts(&unit);
		else
			log_error(box->conf->name, "not-stored", "reason", e.text);
		s = whose_fault(h, box, s);
	}
	h->outbox_hint = true;
	begin(&b, a, FRAME_STORED, f, s);
	answer(h, p, &b);
	if (s == OK && box->batch && unit.last_uid >= box->last_uid)
		drop_batch(box);
	if (s == GONE)
		hosts_lost(h, box);
out:
	arena_free(a);
}
