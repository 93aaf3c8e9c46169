/* SPDX-License-Identifier: MPL-2.0
 *
 * Which enrolment an incoming mail is about, and on what evidence: graded by how easily it is
 * forged. Enrolments of all times are searched, not only live ones. Grades:
 *   proof   a valid stamp of ours
 *   strong  an id of ours that only a recipient can know (for reports: and the reported recipient
 *           is the one we wrote to)
 *   weak    addresses, times, words: anybody can write them
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/stamp.h"
#include "base/str.h"
#include "store/suppression.h"

enum { MATCH_MAX = 16, REFS_MAX = 30, COMPANY_MAX = 20 };
#define QUOTED_SHARE 0.5	/* this much of a touch in a colleague's mail: it answers that touch */

struct search {
	struct store_tx *tx;
	struct arena *a;
	const struct match_question *q;
	struct match list[MATCH_MAX];
	time_t at[MATCH_MAX];		/* of the touch, for the order */
	size_t n;
};

const char *grade_name(enum grade g)
{
	static const char *const names[] = { "none", "weak", "strong", "proof" };

	return names[g];
}

static bool live(const char *state)
{
	enum seq_state st;

	return state != NULL && seq_state_from_name(state, &st) && seq_state_group(st) == SEQ_LIVE;
}

static void add(struct search *f, const struct match *m, time_t at)
{
	for (size_t i = 0; i < f->n; i++) {
		struct match *old = &f->list[i];
		if (!str_eq(old->enrolment_id, m->enrolment_id) || !str_eq(old->prospect_id, m->prospect_id))
			continue;
		if (m->grade > old->grade) {
			*old = *m;
			f->at[i] = at;
		}
		return;
	}
	if (f->n == MATCH_MAX || m->prospect_id == NULL)
		return;
	f->at[f->n] = at;
	f->list[f->n++] = *m;
}

/* A sender that is none of the person's addresses is a colleague (or a stranger): either way not the
 * person, and a human decides. */
static enum status is_colleague(struct search *f, const char *prospect_id, bool *out_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, prospect_addresses, &rows, e, T(prospect_id));

	*out_r = !f->q->report;
	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (same_mailbox(f->tx, f->a, at_text(&rows.list[i], 0), f->q->from))
			*out_r = false;
	return s;
}

/* columns of match_touch: id, enrolment, prospect, owner, recipient, text, at, state */
static enum status add_touch(struct search *f, const struct row *r, const char *by, enum grade grade,
			     struct err *e)
{
	struct match m = { .touch_id = at_text(r, 0), .enrolment_id = at_text(r, 1),
			   .prospect_id = at_text(r, 2), .owner_id = at_text(r, 3),
			   .address = at_text(r, 4), .touch_text = at_text(r, 5), .by = by,
			   .grade = grade, .live = live(at_text(r, 7)) };
	enum status s = OK;

	if (m.prospect_id == NULL)
		return OK;
	s = is_colleague(f, m.prospect_id, &m.colleague, e);
	add(f, &m, (time_t)at_int(r, 6));
	return s;
}

static enum status touch_by_id(struct search *f, const char *id, const struct row **r, struct err *e)
{
	enum status s = ONE(f->tx, f->a, match_touch, r, e, T(id));

	/* a stamp or Message-ID of a draft: the touch that it became */
	return s == GONE ? ONE(f->tx, f->a, match_draft, r, e, T(id)) : s;
}

/* ---- reports ---- */

static bool reported(const struct match_question *q, const char *recipient)
{
	for (size_t i = 0; i < q->reported_n; i++)
		if (str_eq(q->reported[i], recipient))
			return true;
	return q->reported_n == 0 && str_eq(q->original_to, recipient);
}

/* Reports come from the null sender; one that does not is worth one grade less. */
static enum grade by_sender(const struct match_question *q, enum grade g)
{
	return !str_empty(q->envelope_from) && g > GRADE_NONE ? (enum grade)(g - 1) : g;
}

static enum status report_touch(struct search *f, const char *id, const char *by, enum grade grade,
				struct err *e)
{
	const struct row *r = NULL;
	enum status s = touch_by_id(f, id, &r, e);

	if (s != OK)
		return s == GONE ? OK : s;
	/* about somebody else than the person we wrote to */
	if (!reported(f->q, at_text(r, 4)) && !(grade == GRADE_PROOF && f->q->reported_n == 0))
		grade = GRADE_WEAK;
	return add_touch(f, r, by, by_sender(f->q, grade), e);
}

static enum status by_message_id(struct search *f, const char *message_id, const char *by,
				 enum grade grade, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, message_ref_find, &rows, e, T(message_id));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (!str_eq(at_text(&rows.list[i], 0), "reply"))
			s = report_touch(f, at_text(&rows.list[i], 1), by, grade, e);
	return s;
}

static enum status by_reported_address(struct search *f, struct err *e);

static enum status report(struct search *f, struct err *e)
{
	const struct match_question *q = f->q;
	const char *id = NULL;
	enum status s = OK;

	if (stamp_read(f->a, q->keys, q->original_stamp, &id))
		s = report_touch(f, id, "stamp", GRADE_PROOF, e);
	if (s == OK && !str_empty(q->original_message_id))
		s = by_message_id(f, q->original_message_id, "message_id", GRADE_STRONG, e);
	if (s == OK && !str_empty(q->original_envelope_id)) {
		const struct row *r = NULL;
		s = ONE(f->tx, f->a, touch_by_envelope, &r, e, T(q->original_envelope_id));
		s = s == OK ? report_touch(f, at_text(r, 0), "envelope_id", GRADE_STRONG, e)
		  : s == GONE ? OK : s;
	}
	for (size_t i = 0; s == OK && i < q->refs_n && i < REFS_MAX; i++)
		s = by_message_id(f, q->refs[i], "references", GRADE_WEAK, e);
	return s == OK ? by_reported_address(f, e) : s;
}

/* ---- mails of people ---- */

static enum status by_reference(struct search *f, const char *message_id, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, message_ref_find, &rows, e, T(message_id));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i], *t = NULL;
		if (str_eq(at_text(r, 0), "reply")) {
			/* an earlier mail of the same talk: the enrolment's last touch */
			if (at_text(r, 5) == NULL)
				continue;
			s = ONE(f->tx, f->a, match_last_touch, &t, e, T(at_text(r, 5)));
		} else {
			s = touch_by_id(f, at_text(r, 1), &t, e);
		}
		s = s == OK ? add_touch(f, t, "references", GRADE_STRONG, e) : s == GONE ? OK : s;
	}
	return s;
}

/* columns: enrolment, prospect, owner, state, touch, recipient, text, at of the last touch, at of the
 * first, thread subject */
static void add_enrolment(struct search *f, const struct row *r, const char *address, const char *by,
			  bool colleague)
{
	struct match m = { .enrolment_id = at_text(r, 0), .prospect_id = at_text(r, 1),
			   .owner_id = at_text(r, 2), .live = live(at_text(r, 3)),
			   .touch_id = at_text(r, 4), .touch_text = at_text(r, 6), .by = by,
			   .address = address ? address : at_text(r, 5), .grade = GRADE_WEAK,
			   .colleague = colleague };
	time_t first = (time_t)at_int(r, 8);

	if (first == 0 || f->q->received < first)	/* nobody answers what was not yet written */
		return;
	add(f, &m, (time_t)at_int(r, 7));
}

/* The id of an event that we know: only who was invited knows it, or whom they passed it on to. */
static enum status by_calendar(struct search *f, struct err *e)
{
	struct rows rows;
	enum status s = str_empty(f->q->calendar_uid) ? GONE
		: ROWS(f->tx, f->a, match_calendar, &rows, e, T(f->q->calendar_uid), T(f->q->owner_id));

	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const struct row *r = &rows.list[i];
		struct match m = { .enrolment_id = at_text(r, 0), .prospect_id = at_text(r, 1),
				   .owner_id = at_text(r, 2), .live = live(at_text(r, 3)), .address = f->q->from,
				   .by = "calendar", .grade = GRADE_STRONG };

		s = is_colleague(f, m.prospect_id, &m.colleague, e);
		if (m.colleague)
			m.grade = GRADE_WEAK;
		add(f, &m, (time_t)at_int(r, 7));
	}
	return s == GONE ? OK : s;
}

/* A booking system writes for somebody: whoever sent it, it is about the person who booked. */
static enum status by_booking(struct search *f, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, match_booking, &rows, e, T(f->q->invitee), T(f->q->owner_id));

	for (size_t i = 0; s == OK && i < rows.n; i++)
		add_enrolment(f, &rows.list[i], f->q->invitee, "booking", false);
	return s;
}

static enum status by_exact_address(struct search *f, const char *address, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(f->tx, f->a, match_address, &rows, e, T(address), T(f->q->owner_id));
	for (size_t i = 0; s == OK && i < rows.n; i++)
		add_enrolment(f, &rows.list[i], address, "address", false);
	if (s != OK || rows.n > 0)
		return s;
	/* known, written to by hand, in no sequence */
	s = ROWS(f->tx, f->a, match_address_manual, &rows, e, T(address), T(f->q->owner_id));
	for (size_t i = 0; s == OK && i < rows.n; i++)
		add_enrolment(f, &rows.list[i], address, "address", false);
	return s;
}

/* Whoever answers with a tag of their own ("ann+crm@"), or without the one they were written to with, is the
 * same person, not a colleague of theirs. */
static enum status by_address(struct search *f, const char *address, struct err *e)
{
	struct rows rows;
	size_t before = f->n;
	enum status s;

	if (str_empty(address))
		return OK;
	s = by_exact_address(f, address, e);
	if (s != OK || f->n > before || f->tx->store->o.addr_equiv == 0)
		return s;
	s = ROWS(f->tx, f->a, prospect_ids_by_same, &rows, e, T(address_same(f->a, address)));
	for (size_t i = 0; s == OK && i < rows.n && f->n == before; i++) {
		const char *other = at_text(&rows.list[i], 3);

		if (!str_eq(other, address) && same_mailbox(f->tx, f->a, other, address))
			s = by_exact_address(f, other, e);
	}
	return s;
}

static enum status by_reported_address(struct search *f, struct err *e)
{
	enum status s = OK;

	if (f->n > 0)
		return OK;
	for (size_t i = 0; s == OK && i < f->q->reported_n && i < REFS_MAX; i++)
		s = by_address(f, f->q->reported[i], e);
	return s;
}

static bool same_talk(const struct search *f, const struct row *r)
{
	const struct match_question *q = f->q;
	const char *subject = at_text(r, 9), *text = at_text(r, 6);

	if (!str_empty(subject) && !str_empty(q->subject_key) &&
	    str_eq(text_subject_key(f->a, subject), q->subject_key))
		return true;
	return !str_empty(text) && !str_empty(q->visible) && text_overlap(text, q->visible) >= QUOTED_SHARE;
}

static enum status by_company(struct search *f, struct err *e)
{
	const char *at = strrchr(f->q->from ? f->q->from : "", '@'), *domain;
	struct rows rows;
	enum status s;

	if (at == NULL || f->q->owner_id == NULL)
		return OK;
	domain = addr_registrable(f->a, at + 1);
	if (domain_is_shared(f->tx->store, domain) || domain_is_own(f->tx->store, domain))
		return OK;
	s = ROWS(f->tx, f->a, match_domain, &rows, e, T(domain), T(f->q->owner_id), I(COMPANY_MAX));
	for (size_t i = 0; s == OK && i < rows.n; i++)
		if (same_talk(f, &rows.list[i]))
			add_enrolment(f, &rows.list[i], NULL, "domain", true);
	return s;
}

static enum status from_ourselves(struct search *f, bool *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = str_empty(f->q->from) ? GONE : ONE(f->tx, f->a, owner_find, &r, e, T(f->q->from));

	*out_r = s == OK;
	return s == GONE ? OK : s;
}

static enum status of_person(struct search *f, struct err *e)
{
	bool ours = false;
	enum status s = from_ourselves(f, &ours, e);

	if (s == OK && !str_empty(f->q->invitee))
		return by_booking(f, e);
	if (ours)	/* a rep's own mail answers nobody */
		return s;
	for (size_t i = 0; s == OK && i < f->q->refs_n && i < REFS_MAX; i++)
		s = by_reference(f, f->q->refs[i], e);
	if (s == OK)
		s = by_calendar(f, e);
	if (s == OK)
		s = by_address(f, f->q->from, e);
	return s == OK && f->n == 0 ? by_company(f, e) : s;
}

static bool before(const struct search *f, size_t x, size_t y)
{
	const struct match *a = &f->list[x], *b = &f->list[y];

	if (a->grade != b->grade)
		return a->grade > b->grade;
	if (a->live != b->live)
		return a->live;
	return f->at[x] > f->at[y];
}

/* An answer to an old thread stops the new one too, also one in which nothing has gone out yet. A mail from before it
 * began (read again after a mailbox was rebuilt) says nothing about it. */
static enum status add_live(struct search *f, struct match *list, size_t *n, struct err *e)
{
	const struct row *r = NULL;
	enum status s;

	for (size_t i = 0; i < *n; i++)
		if (list[i].live)
			return OK;
	if (f->q->report)
		return OK;
	s = ONE(f->tx, f->a, pipeline_live_since, &r, e, T(list[0].prospect_id), I(f->q->received));
	if (s != OK)
		return s == GONE ? OK : s;
	list[*n] = list[0];
	list[*n].enrolment_id = at_text(r, 0);
	list[*n].live = true;
	(*n)++;
	return OK;
}

enum status store_match(struct store_tx *tx, struct arena *a, const struct match_question *q,
			struct match **out_r, size_t *n_r, struct err *e)
{
	struct search *f = arena_new_of(a, struct search);
	enum status s;

	f->tx = tx;
	f->a = a;
	f->q = q;
	s = q->report ? report(f, e) : of_person(f, e);
	*n_r = 0;
	*out_r = NULL;
	if (s != OK || f->n == 0)
		return s;
	size_t best = 0;
	for (size_t i = 1; i < f->n; i++)
		if (before(f, i, best))
			best = i;
	/* One mail changes at most one contact: what else it seems to be about is left alone. */
	struct match *list = arena_array(a, struct match, f->n + 1);
	bool taken[MATCH_MAX] = { false };
	size_t n = 0;
	for (;;) {
		size_t next = MATCH_MAX;
		for (size_t i = 0; i < f->n; i++)
			if (!taken[i] && str_eq(f->list[i].prospect_id, f->list[best].prospect_id) &&
			    (next == MATCH_MAX || before(f, i, next)))
				next = i;
		if (next == MATCH_MAX)
			break;
		taken[next] = true;
		list[n++] = f->list[next];
	}
	s = add_live(f, list, &n, e);
	*out_r = list;
	*n_r = n;
	return s;
}

enum status store_match_known(struct store_tx *tx, struct arena *a, const struct match_question *q,
			      bool *known_r, struct err *e)
{
	enum { REFS = 10 };
	struct value args[REFS + 2];
	const struct row *r = NULL;
	enum status s;

	for (size_t i = 0; i < REFS; i++)
		args[i] = i < q->refs_n ? T(q->refs[i]) : V_NULL;
	args[REFS] = T(q->from);
	args[REFS + 1] = str_empty(q->from) || tx->store->o.addr_equiv == 0 ? V_NULL : T(address_same(a, q->from));
	s = db_one(tx, a, ST_match_known, args, REFS + 2, &r, e);
	*known_r = s == OK;
	return s == GONE ? OK : s;
}
