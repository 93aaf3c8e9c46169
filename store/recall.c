/* SPDX-License-Identifier: MPL-2.0
 *
 * What the policy needs to know about a sender and its recipients: point look-ups in one snapshot.
 * Columns are read by number here, because this runs for every outreach mail.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/stamp.h"
#include "base/str.h"
#include "store/rates.h"
#include "store/suppression.h"

enum { TOUCHES_MAX = 50, REFS_MAX = 20 };

static struct memory_touch touch_of(const struct row *r)
{
	struct memory_touch t = {
		.id = at_text(r, 0), .enrolment = at_text(r, 1), .step = (int)at_int(r, 2),
		.at = (time_t)at_int(r, 3), .message_id = at_text(r, 4), .fingerprint = at_text(r, 5),
		.queue_id = at_text(r, 6), .subject = at_text(r, 8), .text = at_text(r, 9),
	};

	sent_state_from_name(at_text(r, 7) ? at_text(r, 7) : "accepted", &t.sent);
	return t;
}

static enum status touches(struct store_tx *tx, struct arena *a, struct memory_prospect *p,
			   struct err *e)
{
	struct rows rows;
	enum status s = p->id != NULL ? ROWS(tx, a, recall_touches, &rows, e, T(p->id), I(TOUCHES_MAX))
				      : ROWS(tx, a, recall_touches_to, &rows, e, T(p->address),
					     I(TOUCHES_MAX));

	if (s != OK || rows.n == 0)
		return s;
	struct memory_touch *list = arena_array(a, struct memory_touch, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		list[i] = touch_of(&rows.list[i]);
		if (p->last_touch == 0 && list[i].sent != SENT_TAKEN_BACK)
			p->last_touch = list[i].at;
	}
	p->touches = list;
	p->touches_n = rows.n;
	return OK;
}

static enum status enrolment(struct store_tx *tx, struct arena *a, struct memory_prospect *p,
			     const char *owner_id, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_enrolment, &r, e, T(p->id), T(owner_id));

	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_enrolment *m = arena_new_of(a, struct memory_enrolment);
	enrolment_from_row(a, r, &m->state);
	m->has_review_note = at_int(r, 26) != 0;
	m->has_source = at_int(r, 27) != 0;
	m->has_permission = at_int(r, 28) != 0;
	m->has_evidence = at_int(r, 29) != 0;
	m->has_identity = at_int(r, 30) != 0;
	m->since = (time_t)at_int(r, 31);
	m->own = at_int(r, 32) != 0;
	p->enrolment = m;
	return plan_by_id(tx, at_text(r, 25), &m->plan, e);
}

static enum status draft(struct store_tx *tx, struct arena *a, struct memory_prospect *p, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	if (p->enrolment == NULL || !p->enrolment->state.draft_out)
		return OK;
	s = ONE(tx, a, recall_draft, &r, e, T(p->enrolment->state.id));
	if (s != OK)
		return s == GONE ? OK : s;
	struct memory_draft *d = arena_new_of(a, struct memory_draft);
	*d = (struct memory_draft){
		.id = at_text(r, 0), .enrolment = p->enrolment->state.id, .step = (int)at_int(r, 1),
		.message_id = at_text(r, 2), .subject = at_text(r, 3), .text = at_text(r, 4),
		.made = (time_t)at_int(r, 5), .seen_subject = at_text(r, 6), .seen_text = at_text(r, 7),
	};
	p->draft = d;
	return OK;
}

static enum status reply(struct store_tx *tx, struct arena *a, struct memory_prospect *p,
			 const char *owner_id, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, recall_reply, &r, e, T(p->id));

	if (s == OK) {
		struct memory_reply *m = arena_new_of(a, struct memory_reply);
		*m = (struct memory_reply){ .from = at_text(r, 0), .subject = at_text(r, 1),
					    .at = (time_t)at_int(r, 2), .class = at_text(r, 3) };
		p->reply = m;
		s = owner_id == NULL ? GONE : ONE(tx, a, recall_has_written, &r, e, T(p->id), T(owner_id));
		p->has_written = s == OK;
	}
	return s == GONE ? OK : s;
}

/* Suppressed, and nothing of a conversation is known: have they written to this rep all the same? */
static enum status heard_of(struct store_tx *tx, struct arena *a, struct memory_prospect *p,
			    const char *owner_id, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	if (p->suppressions_n == 0 || p->has_written || owner_id == NULL)
		return OK;
	s = ONE(tx, a, heard_from, &r, e, T(owner_id), T(addr_equivalent(a, p->address, tx->store->o.addr_equiv)));
	p->has_written = s == OK;
	return s == GONE ? OK : s;
}

static bool in_own_domains(const struct store_tx *tx, const struct memory_owner *o, const char *domain)
{
	if (domain_is_own(tx->store, domain))
		return true;
	for (size_t i = 0; o != NULL && i < o->domains_n; i++)
		if (strcmp(o->domains[i], domain) == 0)
			return true;
	return false;
}

static enum status history(struct store_tx *tx, struct arena *a, const struct recall *q, const char *owner_id,
			   struct memory_prospect *p, struct err *e)
{
	/* at RCPT it can only matter whether the suppressed person has written */
	bool all = !q->rcpt, asked = all || p->suppressions_n > 0;
	enum status s = OK;

	if (all && p->id != NULL)
		s = enrolment(tx, a, p, owner_id, e);
	if (all && s == OK)
		s = touches(tx, a, p, e);
	if (all && s == OK && p->id != NULL)
		s = draft(tx, a, p, e);
	if (asked && s == OK && p->id != NULL)
		s = reply(tx, a, p, owner_id, e);
	return s == OK ? heard_of(tx, a, p, owner_id, e) : s;
}

static enum status prospect(struct store_tx *tx, struct arena *a, const struct recall *q,
			    const struct memory_owner *owner, const char *address, struct memory_prospect *p,
			    struct err *e)
{
	const struct row *r = NULL;
	const char *at = strrchr(address, '@'), *prospect_owner = NULL, *owner_id = owner ? owner->id : NULL;
	struct memory_suppression *list = NULL;
	enum status s = prospect_of_address(tx, a, address, &r, e);

	if (s == OK)
		s = ONE(tx, a, recall_prospect, &r, e, T(at_text(r, 0)));
	if (s != OK && s != GONE)
		return s;
	*p = (struct memory_prospect){ .address = address };
	if (s == OK) {
		p->id = at_text(r, 0);
		p->name = at_text(r, 1);
		p->company = at_text(r, 2);
		p->company_id = at_text(r, 3);
		p->zone = at_text(r, 4);
		prospect_owner = at_text(r, 5);
		p->channels = at_text(r, 6);
		p->relationship = at_text(r, 7);
	}
	p->own_domain = at != NULL && in_own_domains(tx, owner, at + 1);
	s = suppressions_of(tx, a, address, p->id, p->company_id, owner_id != NULL && str_eq(prospect_owner, owner_id),
			    owner_id, &list, &p->suppressions_n, e);
	p->suppressions = list;
	return s == OK ? history(tx, a, q, owner_id, p, e) : s;
}

/* ---- the thread ---- */

/* Whom of the recipients a message of a thread is about: its person, or whoever sent it. theirs: they wrote
 * it, and it is answered here. */
static bool about_recipients(struct store_tx *tx, struct arena *a, struct memory *m, const char *prospect_id,
			     const char *sender, bool answered, bool colleague)
{
	bool any = false;

	for (size_t i = 0; i < m->prospects_n; i++) {
		struct memory_prospect *p = (struct memory_prospect *)&m->prospects[i];
		bool person = prospect_id != NULL && str_eq(p->id, prospect_id);
		bool wrote = same_mailbox(tx, a, p->address, sender);

		if (!person && !wrote)
			continue;
		p->bystander = false;
		/* a colleague's answer in the thread is not this person's */
		p->answered = p->answered || (answered && (wrote || !colleague));
		any = true;
	}
	return any;
}

/* A mail that is held but not yet judged, or one of somebody who is suppressed: known only by its id. */
static enum status unread(struct store_tx *tx, struct arena *a, const char *id, struct memory *m, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(tx, a, message_held, &rows, e, T(id));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		m->thread.parent_known = true;
		if (about_recipients(tx, a, m, at_text(r, 0), at_text(r, 1), true, false))
			m->thread.parent_is_reply = true;
	}
	return s;
}

/* A reply counts as parent only where the mail goes to the person who wrote it (or whom it was
 * about): else any answer of anybody would open the way to everybody. */
static enum status reference(struct store_tx *tx, struct arena *a, const char *id, bool parent,
			     struct memory *m, struct err *e)
{
	struct rows rows;
	struct memory_thread *t = &m->thread;
	enum status s = ROWS(tx, a, message_ref_find, &rows, e, T(id));

	if (s == OK && rows.n == 0 && parent)
		return unread(tx, a, id, m, e);
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		bool theirs = str_eq(at_text(r, 0), "reply");
		bool here = about_recipients(tx, a, m, at_text(r, 2), at_text(r, 4), parent && theirs, at_int(r, 6) != 0);

		if (!theirs)
			t->references_ours = t->references_ours || here;
		if (!parent)
			continue;
		t->parent_known = true;
		if (theirs)
			t->parent_is_reply = t->parent_is_reply || here;
		else
			t->parent_is_touch = t->parent_is_touch || here;
	}
	return s;
}

/* A stamp is worth something for its own recipient only: copied into a mail to somebody else it is
 * dropped and replaced. */
static enum status read_stamp(struct store_tx *tx, struct arena *a, const struct recall *q,
			      const char *value, struct memory *m, struct err *e)
{
	const struct row *r = NULL;
	const char *id = NULL;

	if (!stamp_read(a, q->keys, value, &id))
		return OK;
	enum status s = ONE(tx, a, stamp_recipient, &r, e, T(id));
	if (s != OK)
		return s == GONE ? OK : s;
	for (size_t i = 0; i < m->prospects_n; i++)
		if (str_eq(m->prospects[i].address, at_text(r, 0)))
			m->thread.stamp_touch = id;
	return OK;
}

static enum status thread(struct store_tx *tx, struct arena *a, const struct recall *q,
			  struct memory *m, struct err *e)
{
	const struct message *msg = q->message;
	const char *stamp = NULL;
	enum status s = OK;

	for (size_t i = 0; i < msg->headers_n && stamp == NULL; i++)
		if (str_eq_case(msg->headers[i].name, STAMP_HEADER))
			stamp = msg->headers[i].value;
	for (size_t i = 0; s == OK && i < msg->in_reply_to_n && i < REFS_MAX; i++)
		s = reference(tx, a, msg->in_reply_to[i], true, m, e);
	for (size_t i = 0; s == OK && i < msg->references_n && i < REFS_MAX; i++)
		s = reference(tx, a, msg->references[msg->references_n - 1 - i],
			      msg->in_reply_to_n == 0 && i == 0, m, e);
	if (stamp == NULL)
		return s;
	return s == OK ? read_stamp(tx, a, q, stamp, m, e) : s;
}

static enum status same(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			struct err *e)
{
	const struct row *r = NULL;

	for (size_t i = 0; i < m->prospects_n; i++) {
		const char *to = m->prospects[i].address;
		enum status s = GONE;
		if (!str_empty(q->message->message_id))
			s = ONE(tx, a, touch_same_message, &r, e, T(m->owner->id), T(to),
				T(q->message->message_id));
		if (s == GONE && !str_empty(q->fingerprint))
			s = ONE(tx, a, touch_same_print, &r, e, T(m->owner->id), T(to), T(q->fingerprint));
		if (s == GONE)
			continue;
		if (s != OK)
			return s;
		struct memory_touch *t = arena_new_of(a, struct memory_touch);
		*t = touch_of(r);
		m->same = t;
		return store_log_followed(tx, a, &m->log_followed, e);
	}
	return OK;
}

static enum status sender(struct store_tx *tx, struct arena *a, const struct recall *q, struct memory *m,
			  struct memory_owner **out_r, struct err *e)
{
	enum status s = GONE;

	if (q->automation)
		return recall_automation(tx, a, q, m, out_r, e);
	if (!str_empty(q->login))
		s = store_owner(tx, a, q->login, out_r, e);
	/* the envelope says who it is only where nobody from outside can get at */
	if (s == GONE && !str_empty(q->sender) && (q->trust_sender || q->role == ROLE_LOCAL) &&
	    q->role != ROLE_INBOUND)
		s = store_owner(tx, a, q->sender, out_r, e);
	return s == GONE ? OK : s;
}

enum status store_recall(struct store_tx *tx, struct arena *a, const struct recall *q,
			 struct memory **out_r, struct err *e)
{
	struct memory *m = arena_new_of(a, struct memory);
	struct memory_owner *owner = NULL;
	enum status s = mark_guard(tx, a, e);

	if (s == OK)
		s = sender(tx, a, q, m, &owner, e);
	if (s != OK)
		return s;
	m->owner = owner;
	struct memory_prospect *list = arena_array(a, struct memory_prospect, q->recipients_n + 1);
	for (size_t i = 0; s == OK && i < q->recipients_n; i++)
		s = prospect(tx, a, q, owner, q->recipients[i], &list[i], e);
	for (size_t i = 0; i < q->recipients_n; i++)
		list[i].bystander = q->message != NULL;
	m->prospects = list;
	m->prospects_n = q->recipients_n;
	if (s == OK && q->message != NULL)
		s = thread(tx, a, q, m, e);
	if (s == OK && q->message != NULL && owner != NULL)
		s = same(tx, a, q, m, e);
	if (s == OK && !str_empty(q->enrol)) {
		s = store_plan(tx, q->enrol, 0, &m->enrol_plan, NULL, e);
		if (s == GONE)
			s = OK;
	}
	if (s == OK && q->message != NULL && owner != NULL)
		s = recall_limits(tx, a, q, m, list, e);
	if (s == OK)
		*out_r = m;
	return s;
}
