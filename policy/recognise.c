/* SPDX-License-Identifier: MPL-2.0
 *
 * What kind of mail it is (milter.md): the first kind that applies. A client may have lost our
 * headers, kept somebody else's, or started a new thread: the stamp is proof, the references and
 * the words are what is left without it.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"


static const double draft_share = 0.5;	/* of the text's shingles that match the draft */

static bool is_outside(const struct memory_prospect *p)
{
	return !p->own_domain || p->id;	/* an alias of ours may lead to a prospect */
}

/* The first known prospect, else the first outside recipient. */
static size_t first_prospect(const struct memory *m)
{
	size_t outside = m->prospects_n;

	for (size_t i = 0; i < m->prospects_n; i++) {
		if (!is_outside(&m->prospects[i]))
			continue;
		if (m->prospects[i].id)
			return i;
		if (outside == m->prospects_n)
			outside = i;
	}
	return outside < m->prospects_n ? outside : 0;
}

static bool known(const struct memory *m, size_t i)
{
	return i < m->prospects_n && m->prospects[i].id && is_outside(&m->prospects[i]);
}

static bool same_subject(const char *a, const char *b)
{
	struct arena *scratch;
	bool same;

	if (!a || !b)
		return false;
	scratch = arena_new(0);
	same = str_eq(text_subject_key(scratch, a), text_subject_key(scratch, b));
	arena_free(scratch);
	return same;
}

/* Shortened or added to: either may be the larger one. */
static bool alike(const char *x, const char *y)
{
	if (str_empty(x) || str_empty(y))
		return false;
	return text_overlap(x, y) >= draft_share || text_overlap(y, x) >= draft_share;
}

static bool resembles(const struct outgoing *o, const struct memory_draft *d)
{
	if (same_subject(o->message->subject, d->subject))
		return true;
	if (same_subject(o->message->subject, d->seen_subject))
		return true;
	return alike(o->visible, d->text) || alike(o->visible, d->seen_text);
}

/* The thread of the enrolment: the subject (less Re:) of one of its touches. */
static bool in_thread(const struct outgoing *o, const struct memory_prospect *p)
{
	const char *enrolment = p->enrolment->state.id;
	bool any = false;

	for (size_t i = 0; i < p->touches_n; i++) {
		const struct memory_touch *t = &p->touches[i];

		if (!str_eq(t->enrolment, enrolment) || !touch_counts(t))
			continue;
		any = true;
		if (same_subject(o->message->subject, t->subject))
			return true;
	}
	return !any;
}

/* Which step of its enrolment a mail to p is; 0 none. A step that the sequence no longer has (all
 * done, or over) counts too: it is for the rules to refuse it. */
static int due_step(const struct outgoing *o, const struct memory *m,
		    const struct memory_prospect *p)
{
	const struct memory_enrolment *e = p->enrolment;
	const struct plan_step *step;

	if (!e || !e->own)
		return 0;
	/* a program's mail is the step that a person approved it as */
	if (o->automation && m->approval && m->approval->step == e->state.step + 1 &&
	    str_eq(m->approval->enrolment, e->state.id))
		return m->approval->step;
	if (p->draft && resembles(o, p->draft))
		return p->draft->step;
	if (!m->thread.parent_is_touch && !m->thread.references_ours)
		return 0;
	step = e->plan ? plan_step(e->plan, e->state.step + 1) : NULL;
	if (step && step->channel != CHANNEL_EMAIL)
		return 0;
	return !p->draft && in_thread(o, p) ? e->state.step + 1 : 0;
}

static int stamped_step(const struct memory *m, const struct memory_prospect *p)
{
	if (m->thread.stamp_touch && p->draft && p->enrolment && p->enrolment->own &&
	    str_eq(p->draft->id, m->thread.stamp_touch))
		return p->draft->step;
	return 0;
}

/* The rep answered this person before: what is added in the thread ("PS: here is the file") answers the rep's
 * own mail, and is conversation all the same. */
static bool in_conversation(const struct memory *m)
{
	for (size_t i = 0; i < m->prospects_n; i++) {
		const struct memory_enrolment *e = m->prospects[i].enrolment;

		if (e && e->own && !m->prospects[i].draft && e->state.state == SEQ_HUMAN_REVIEW &&
		    str_eq(e->state.reason, "conversation"))
			return true;
	}
	return false;
}

static bool is_conversation(const struct outgoing *o, const struct memory *m)
{
	const struct memory_thread *t = &m->thread;

	if (t->parent_is_reply)
		return true;
	if (o->message->in_reply_to_n && !t->parent_is_touch && t->references_ours)
		return true;
	return (t->parent_is_touch || t->references_ours) && in_conversation(m);
}

enum mail_kind policy_kind(const struct outgoing *o, const struct memory *m, size_t *prospect_r,
			   int *step_r)
{
	size_t first = first_prospect(m);

	*prospect_r = first;
	*step_r = 0;
	if (str_empty(o->sender) ||
	    (o->message && outbound_kind(o->message, false) == OUTBOUND_NEVER))
		return MAIL_NEVER;
	if (!o->message)	/* at RCPT: only who it is for is known */
		return known(m, first) ? MAIL_MANUAL : MAIL_OUTREACH;
	if (o->command && !o->recipients_n)
		return MAIL_CONTROL;
	if (o->enrol) {		/* the rep says what it is */
		*step_r = 1;
		return MAIL_TOUCH;
	}
	if (is_conversation(o, m))
		return MAIL_CONVERSATION;
	for (int by_stamp = 1; by_stamp >= 0 && !o->log_only && !o->ends; by_stamp--) {
		for (size_t i = 0; i < m->prospects_n; i++) {
			const struct memory_prospect *p = &m->prospects[i];

			if (!known(m, i))
				continue;
			*step_r = by_stamp ? stamped_step(m, p) : due_step(o, m, p);
			if (*step_r) {
				*prospect_r = i;
				return MAIL_TOUCH;
			}
		}
	}
	return known(m, first) ? MAIL_MANUAL : MAIL_OUTREACH;
}
