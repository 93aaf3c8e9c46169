/* SPDX-License-Identifier: MPL-2.0
 *
 * The review card: everything a person has to see before deciding, read at once from one snapshot.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/token.h"
#include "policy/policy.h"
#include "store/decide_private.h"
#include "store/leads_private.h"
#include "store/tasks.h"

enum { MISSING_MAX = 12, CHOICES_MAX = 20, HASH_DIGITS = 32, MANY_TOUCHES = 3, LAST_WORDS = 120 };

struct making {
	struct store_tx *tx;
	struct arena *a;
	struct card *c;
	struct enrolment_row *en;	/* or NULL */
	const char *review_id, *reply_id;
	bool written;			/* there is a draft with a text, in Drafts */
};

/* ---- what it is about ---- */

static enum status read_review(struct making *m, const char *id, const char **enrolment_r, struct err *e)
{
	const struct row *r = NULL, *o = NULL;
	struct card *c = m->c;
	enum status s = ONE(m->tx, m->a, desk_review, &r, e, T(id));

	if (s != OK)
		return s;
	m->review_id = id;
	c->item_kind = at_text(r, 0);
	c->item_reason = at_text(r, 1);
	*enrolment_r = at_text(r, 2);
	c->prospect_id = at_text(r, 3);
	c->owner_id = at_text(r, 4);
	m->reply_id = at_text(r, 5);
	c->draft_id = at_text(r, 6);
	c->since = (time_t)at_int(r, 7);
	c->decided = at_int(r, 8) ? at_text(r, 9) : NULL;
	c->decided_by = at_text(r, 10);
	c->address = at_text(r, 11);
	if (str_eq(c->item_kind, "lead"))
		s = lead_words_of_review(m->tx, m->a, id, &c->item_text, e);
	if (s == OK)
		s = ONE(m->tx, m->a, card_opinion, &o, e, T(id));
	if (s == OK)
		c->opinion = arena_printf(m->a, "%s (%s: %s)", at_text(o, 0), at_text(o, 2), at_text(o, 1) ? at_text(o, 1)
					  : "-");
	return s == GONE ? OK : s;
}

static enum status read_task(struct making *m, const char *id, const char **enrolment_r, struct err *e)
{
	const struct row *r = NULL;
	struct card *c = m->c;
	enum status s = ONE(m->tx, m->a, desk_task, &r, e, T(id));

	if (s != OK)
		return s;
	c->item_kind = at_text(r, 0);
	c->item_text = at_text(r, 1);
	*enrolment_r = at_text(r, 2);
	c->prospect_id = at_text(r, 3);
	c->owner_id = at_text(r, 4);
	c->channel = at_text(r, 6);
	c->since = (time_t)at_int(r, 11);
	c->decided = at_int(r, 8) ? "done" : NULL;
	c->decided_by = at_text(r, 9);
	return OK;
}

static enum status read_item(struct making *m, const char *item, struct err *e)
{
	struct card *c = m->c;
	const char *enrolment = NULL;
	const struct row *r = NULL;
	enum status s = desk_find(m->tx, m->a, item, &c->kind, &c->id, e);

	if (s != OK)
		return s;
	c->shortly = c->id + (strlen(c->id) > 8 ? strlen(c->id) - 8 : 0);
	if (str_eq(c->kind, "review")) {
		s = read_review(m, c->id, &enrolment, e);
	} else if (str_eq(c->kind, "task")) {
		s = read_task(m, c->id, &enrolment, e);
	} else if (str_eq(c->kind, "draft")) {
		s = ONE(m->tx, m->a, desk_draft, &r, e, T(c->id));
		enrolment = s == OK ? at_text(r, 1) : NULL;
		c->draft_id = c->id;
	} else {
		enrolment = c->id;
	}
	if (s != OK || !enrolment)
		return s;
	s = store_enrolment(m->tx, m->a, enrolment, &m->en, e);
	if (s != OK)
		return s;
	c->enrolment_id = m->en->e.id;
	c->prospect_id = m->en->prospect_id;
	c->owner_id = m->en->owner_id;
	if (!c->draft_id) {
		s = ONE(m->tx, m->a, desk_draft_of, &r, e, T(enrolment));
		c->draft_id = s == OK ? at_text(r, 0) : NULL;
	}
	return s == GONE ? OK : s;
}

/* ---- the person ---- */

static enum status read_sources(struct making *m, struct err *e)
{
	struct card *c = m->c;
	struct card_source *list;
	struct buf line;
	struct rows rows;
	enum status s = ROWS(m->tx, m->a, card_sources, &rows, e, T(c->prospect_id));

	if (s != OK)
		return s;
	buf_init(&line, m->a);
	list = arena_array(m->a, struct card_source, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		list[i] = (struct card_source){ .kind = at_text(r, 0), .url = at_text(r, 1), .permission = at_text(r, 2),
			.permitted_use = at_text(r, 3), .compliance = at_text(r, 4), .jurisdiction = at_text(r, 5),
			.captured = (time_t)at_int(r, 6) };
		if (!str_eq(list[i].permission, "none"))
			buf_addf(&line, "%s%s (%s%s%s)", line.n ? "; " : "", list[i].permission, list[i].kind,
				 list[i].permitted_use ? ": " : "", list[i].permitted_use ? list[i].permitted_use : "");
	}
	c->sources = list;
	c->sources_n = rows.n;
	c->permission = line.n ? line.p : rows.n ? "none" : "no source, no permission recorded";
	return OK;
}

static enum status read_evidence(struct making *m, struct err *e)
{
	struct card *c = m->c;
	struct card_evidence *list;
	struct rows rows;
	enum status s = ROWS(m->tx, m->a, card_evidence, &rows, e, T(c->prospect_id));

	if (s != OK)
		return s;
	list = arena_array(m->a, struct card_evidence, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		list[i] = (struct card_evidence){ .point = at_text(r, 0), .source = at_text(r, 1), .type = at_text(r, 2),
			.source_date = (time_t)at_int(r, 3), .safe = at_int(r, 4) != 0, .reviewed = at_int(r, 5) != 0 };
		list[i].used = c->text && list[i].point && strstr(text_squeeze(m->a, c->text), text_squeeze(m->a,
				list[i].point)) != NULL;
	}
	c->evidence = list;
	c->evidence_n = rows.n;
	return OK;
}

static enum status read_suppressions(struct making *m, struct err *e)
{
	struct memory_suppression *found = NULL;
	struct card_suppression *list;
	size_t n = 0;
	enum status s = m->c->address ? store_suppressed(m->tx, m->a, m->c->address, m->c->owner_id, &found, &n, e) : OK;

	list = arena_array(m->a, struct card_suppression, n + 1);
	for (size_t i = 0; s == OK && i < n; i++)
		list[i] = (struct card_suppression){ found[i].subject, found[i].scope, found[i].reason, found[i].at };
	m->c->suppressions = list;
	m->c->suppressions_n = n;
	return s;
}

static enum status read_person(struct making *m, struct err *e)
{
	struct card *c = m->c;
	const struct row *r = NULL;
	enum status s;

	c->permission = "nobody we know";
	if (!c->prospect_id)
		return read_suppressions(m, e);
	s = ONE(m->tx, m->a, card_person, &r, e, T(c->prospect_id));
	if (s != OK)
		return s == GONE ? OK : s;
	c->prospect = row_text(r, "name");
	c->address = row_text(r, "email") ? row_text(r, "email") : c->address;
	c->role = row_text(r, "role");
	c->company = row_text(r, "company_name");
	c->domain = row_text(r, "domain");
	c->identity_status = row_text(r, "identity_status");
	c->relationship = row_text(r, "relationship");
	c->fit = row_text(r, "fit");
	c->intent = row_text(r, "intent");
	c->urgency = row_text(r, "urgency");
	c->deals = (int)row_int(r, "deals");
	c->preferred_channel = row_text(r, "preferred_channel");
	c->sensitive = row_int(r, "sensitive") || row_int(r, "company_sensitive");
	c->priority = row_text(r, "priority");
	c->stage = row_text(r, "stage");
	c->stage_reason = row_text(r, "stage_reason");
	c->qualification = row_text(r, "qualification_status");
	c->score_reasons = row_text(r, "score_reasons");
	c->permission_channels = row_text(r, "permission_channels");
	s = read_sources(m, e);
	if (s == OK)
		s = read_suppressions(m, e);
	if (s == OK)
		s = ONE(m->tx, m->a, card_signal, &r, e, T(c->prospect_id), I(m->tx->now));
	if (s == OK) {
		c->signal = at_text(r, 0);
		c->signal_date = (time_t)at_int(r, 1);
	}
	return s == GONE ? OK : s;
}

/* ---- the thread ---- */

static enum status read_touches(struct making *m, struct err *e)
{
	struct card_touch *list;
	struct rows rows;
	enum status s = ROWS(m->tx, m->a, card_touches, &rows, e, T(m->c->prospect_id));

	if (s != OK)
		return s;
	list = arena_array(m->a, struct card_touch, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.list[i];

		list[i] = (struct card_touch){ .at = (time_t)at_int(r, 0), .step = (int)at_int(r, 1),
			.kind = at_text(r, 2),
			.channel = at_text(r, 3), .subject = at_text(r, 4), .text = at_text(r, 5),
				.sent_state = at_text(r, 6) };
	}
	m->c->touches_list = list;
	m->c->touches_list_n = rows.n;
	return OK;
}

static enum status read_reply(struct making *m, struct err *e)
{
	struct card *c = m->c;
	const struct row *r = NULL;
	enum status s = m->reply_id ? ONE(m->tx, m->a, card_reply_by_id, &r, e, T(m->reply_id))
			: c->prospect_id ? ONE(m->tx, m->a, card_reply, &r, e, T(c->prospect_id)) : GONE;

	c->reply_state = c->holds ? "a mail is being read" : "no answer";
	if (s != OK)
		return s == GONE ? OK : s;
	c->reply_from = at_text(r, 0);
	c->reply_subject = at_text(r, 1);
	c->reply_at = (time_t)at_int(r, 2);
	c->reply_text = at_text(r, 4);
	c->reply_class = at_text(r, 5);
	if (!c->holds)
		c->reply_state = "answered";
	return OK;
}

static enum status read_draft(struct making *m, struct err *e)
{
	struct card *c = m->c;
	struct draft_now d;
	enum status s = c->draft_id ? draft_now(m->tx, m->a, c->draft_id, &d, e) : GONE;

	if (s != OK)
		return s == GONE ? OK : s;
	c->from = d.from;
	c->to = d.to;
	c->subject = d.subject;
	c->text = d.text;
	c->draft_state = d.state;
	m->written = !str_empty(d.text) && (str_eq(d.state, "placed") || str_eq(d.state, "edited"));
	if (!str_empty(d.text))
		c->content_hash = policy_plain_hash(m->a, d.from, d.to, d.subject, d.text);
	return OK;
}

static const char *effective(const struct making *m, bool granted, const char *forbids)
{
	if (forbids)
		return forbids;
	if (m->en->plan->authority == AUTHORITY_HUMAN_APPROVED && !granted)
		return "draft_only";
	return authority_name(m->en->plan->authority);
}

static enum status read_sequence(struct making *m, struct err *e)
{
	struct card *c = m->c;
	const struct enrolment *en = &m->en->e;
	const struct plan *p = m->en->plan;
	const struct plan_step *st = plan_step(p, en->step + 1);
	const char *forbids = NULL, *why_not = NULL;
	const struct row *r = NULL;
	time_t open = when_next_open(m->tx->now, &p->window, en->zone);
	enum status s = desk_granted(m->tx, m->a, m->en, &c->granted, &forbids, e);

	if (s != OK)
		return s;
	c->sequence = m->en->sequence;
	c->purpose = p->purpose;
	c->approved_claims = p->approved_claims;
	c->approved_claims_n = p->approved_claims_n;
	c->max_words = p->quality.max_words;
	c->max_links = p->quality.max_links;
	c->max_asks = p->quality.max_questions > 0 ? p->quality.max_questions : 1;
	c->authority = effective(m, c->granted, forbids);
	c->state = seq_state_name(en->state);
	c->reason = en->reason;
	c->step = en->step + 1;
	c->steps = (int)p->steps_n;
	c->touches = en->touches;
	c->max_touches = p->max_touches;
	c->due = en->due;
	c->window_opens = open > m->tx->now ? open : 0;
	c->holds = en->holds;
	c->pause_words = en->pause_words;
	if (st) {
		c->job = st->job;
		c->type = step_type_name(st->type);
		c->channel = c->channel ? c->channel : channel_name(st->channel);
		c->why_now = en->step == 0 ? "the first touch of the sequence"
			: arena_printf(m->a,
				"step %d of %d: %d days after the enrolment began, no answer to the touch before",
				       st->number, c->steps, st->day > 0 ? st->day : 0);
	}
	c->channel_allowed = str_empty(c->permission_channels) || strcasestr(c->permission_channels, "mail") != NULL;
	if (c->channel && !str_eq(c->channel, "email")) {
		s = store_channel_allowed(m->tx, m->a, c->prospect_id, c->channel, &why_not, e);
		if (s != OK)
			return s;
		c->channel_allowed = why_not == NULL;
	}
	s = ONE(m->tx, m->a, desk_owner, &r, e, T(m->en->owner_id));
	c->owner = s == OK ? at_text(r, 1) : NULL;
	return s == GONE ? OK : s;
}

/* ---- what stands in the way ---- */

static void lacks(struct making *m, const char *what)
{
	struct card *c = m->c;

	if (c->missing_n < MISSING_MAX)
		((const char **)(uintptr_t)c->missing)[c->missing_n++] = what;
}

static void placeholders(struct making *m, const char *text)
{
	const char *open = text ? strstr(text, "{{") : NULL;

	for (int i = 0; open && i < 4; i++) {
		const char *end = strstr(open, "}}");
		size_t n = end ? (size_t)(end + 2 - open) : strnlen(open, 20);

		lacks(m, arena_printf(m->a, "%.*s is not filled in", (int)(n > 60 ? 60 : n), open));
		open = end ? strstr(end, "{{") : NULL;
	}
}

static enum status requirements(struct making *m, struct err *e)
{
	static const struct {
		enum requirement bit;
		size_t column;
		const char *what;
	} list[] = {
		{ REQUIRES_SOURCE, 2, "no source of this person is recorded" },
		{ REQUIRES_PERMISSION, 3, "no permission to write is recorded" },
		{ REQUIRES_IDENTITY, 4, "the identity is not verified" },
		{ REQUIRES_EVIDENCE, 5, "no evidence that may be mentioned is recorded" },
	};
	const struct row *r = NULL;
	unsigned wanted = m->en->plan->requires;
	enum status s = ONE(m->tx, m->a, enrol_facts, &r, e, T(m->c->prospect_id));

	if (s != OK)
		return s;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if ((wanted & list[i].bit) && !at_int(r, list[i].column))
			lacks(m, list[i].what);
	if (!(wanted & REQUIRES_REVIEW_NOTE) && !m->en->plan->quality.complete)
		return OK;
	s = ONE(m->tx, m->a, card_review_note, &r, e, T(m->c->enrolment_id));
	if (s == OK && str_empty(at_text(r, 0)))
		lacks(m, "the review note is missing");
	return s == GONE ? OK : s;
}

/* A mail about this very person, and about one thing: sequences may insist. */
static void personal(struct making *m)
{
	static const char *const marks[] = { "?", "\uff1f", "\u061f", "\u037e" };
	const struct plan_quality *q = &m->en->plan->quality;
	const struct card *c = m->c;
	bool asks = false;

	if (!m->written)
		return;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		asks = asks || strstr(c->text, marks[i]) != NULL;
	if (q->one_personalisation && c->facts > 1)
		lacks(m, arena_printf(m->a, "it mentions %d facts about the person, one is wanted", c->facts));
	if (q->one_personalisation && c->points_n == 0)
		lacks(m, "nothing in it is about this person: no signal, evidence, workflow or question of theirs");
	if (q->complete && c->facts == 0)
		lacks(m, "no real signal or evidence of this person is in it");
	if (q->complete && !asks)
		lacks(m, "it asks nothing: one clear question is wanted");
}

static enum status in_the_way(struct making *m, struct err *e)
{
	struct card *c = m->c;

	c->missing = arena_array(m->a, const char *, MISSING_MAX);
	if (!m->en)
		return OK;
	for (size_t i = 0; i < c->suppressions_n; i++)
		if (!str_eq(c->suppressions[i].scope, "channel"))
			lacks(m, arena_printf(m->a, "suppressed: %s", c->suppressions[i].reason));
	if (c->holds)
		lacks(m, "a mail of this person is being read");
	if (str_eq(c->authority, "restricted") || str_eq(c->authority, "research_only"))
		lacks(m, arena_printf(m->a, "the authority is '%s'", c->authority));
	if (!c->channel_allowed)
		lacks(m, arena_printf(m->a, "'%s' is no permitted channel (%s)", c->channel ? c->channel : "email",
				      c->permission_channels));
	if (c->draft_id && (str_empty(c->to) || str_empty(c->from)))
		lacks(m, str_empty(c->to) ? "there is no recipient" : "the owner has no address");
	placeholders(m, c->subject);
	placeholders(m, c->text);
	for (size_t i = 0; i < c->evidence_n; i++)
		if (c->evidence[i].used && !c->evidence[i].safe)
			lacks(m, arena_printf(m->a, "evidence that is not safe to mention is in the text: %s",
					      c->evidence[i].point));
	personal(m);
	return requirements(m, e);
}

static enum status read_approval(struct making *m, struct err *e)
{
	struct card *c = m->c;
	const struct row *r = NULL;
	char at[WHEN_TEXT];
	enum status s = c->draft_id ? ONE(m->tx, m->a, desk_approval_of, &r, e, T(c->enrolment_id), I(c->step),
					  T(c->draft_id), I(m->tx->now)) : GONE;

	if (s == OK) {
		c->approval = arena_printf(m->a, "approved by %s%s", at_text(r, 2), !at_int(r, 4) ? "" :
			arena_printf(m->a, " until %s", when_text((time_t)at_int(r, 4), at)));
		return OK;
	}
	s = s == GONE && c->draft_id ? ONE(m->tx, m->a, decision_last, &r, e, T(c->draft_id)) : s;
	if (s == OK && str_eq(at_text(r, 4), "first"))
		c->approval = arena_printf(m->a, "approved by %s; waits for a second person", at_text(r, 6));
	return s == GONE ? OK : s;
}

/* ---- what to do ---- */

/* After the third touch without an answer the next one is a decision of its own. */
static const char *once_more(const struct making *m)
{
	const struct card *c = m->c;
	time_t last = m->en->e.last_touch;
	const char *words = !str_empty(c->reply_text) ? c->reply_text : c->touches_list_n ? c->touches_list[0].text : NULL;
	const char *whose = !str_empty(c->reply_text) ? "theirs" : "ours";
	struct buf b;

	buf_init(&b, m->a);
	buf_addf(&b, "touch %d: send it, wait until a date (park), or stop? %lld days of silence", c->touches + 1,
		 (long long)(last ? (m->tx->now - last) / 86400 : 0));
	if (!str_empty(words))
		buf_addf(&b, "; the last words were %s: \"%s\"", whose,
			 str_cut(m->a, text_squeeze(m->a, words), LAST_WORDS));
	return b.p;
}

/* What fits: a suggestion, never done by itself. */
static const char *recommend(const struct making *m)
{
	const struct card *c = m->c;
	const char *class = c->reply_class;

	if (c->decided)
		return "nothing: it is decided";
	if (str_eq(c->kind, "task"))
		return "do it, then say done; or skip it";
	if (m->review_id) {
		if (str_eq(class, "unsubscribe") || str_eq(class, "complaint"))
			return "classify-as unsubscribe or complaint if the person wrote it; else note";
		if (str_eq(c->item_kind, "lead"))
			return "answer them yourself, or complete it (relentctl lead accept), or reject it (lead reject)";
		if (str_eq(c->item_kind, "draft_deleted"))
			return "note (the touch is left out), stop, or park until a date";
		if (str_eq(class, "interested") || str_eq(class, "question") || str_eq(class, "objection") ||
		    str_eq(class, "referral"))
			return "answer the person yourself; automation stays off";
		return "read it and say what it is: classify-as CLASS, or stop, park, resume, suppress, note";
	}
	if (m->written && c->missing_n)
		return arena_printf(m->a, "not yet: %s", c->missing[0]);
	if (m->written && c->touches >= MANY_TOUCHES)
		return once_more(m);
	if (m->written && !str_eq(c->identity_status, "verified") && !str_eq(c->identity_status, "probable"))
		return "make sure that it is the right person, then approve, edit or reject";
	if (m->written)
		return str_eq(c->authority,
			"draft_only") ? "read it; approve it or send it from Drafts, edit it, or reject it"
							   : "read it, then approve, edit or reject it";
	return "nothing waits here";
}

static void choices(struct making *m)
{
	struct card *c = m->c;
	const char **list = arena_array(m->a, const char *, CHOICES_MAX);
	char kind = str_eq(c->kind, "draft") ? 'D' : str_eq(c->kind, "review") ? 'R' : str_eq(c->kind,
		"task") ? 'T' : 'E';

	c->choices = list;
	if (c->decided)
		return;
	for (int i = 0; i < DECIDE_COUNT; i++) {
		bool draft = i == DECIDE_APPROVE || i == DECIDE_EDIT || i == DECIDE_REJECT || i == DECIDE_CTA ||
			     i == DECIDE_REWRITE;

		if (!strchr(decision_kind((enum decide)i)->on, kind) || (draft && !m->written) ||
		    (i == DECIDE_APPROVE && c->missing_n) || (i == DECIDE_CLASSIFY_AS && !m->review_id))
			continue;
		if (!m->en && i != DECIDE_NOTE && i != DECIDE_SUPPRESS && i != DECIDE_DONE && i != DECIDE_ROUTE)
			continue;
		list[c->choices_n++] = decision_kind((enum decide)i)->name;
	}
}

/* Everything that makes it what it is, but not the time and not who looked at it meanwhile. */
static const char *hash(const struct making *m)
{
	const struct card *c = m->c;
	const char *const facts[] = {
		"relent card 1", c->kind, c->id, c->owner_id, c->prospect, c->address, c->role, c->company,
			c->identity_status,
		c->relationship, c->priority, c->stage, c->qualification, c->permission, c->permission_channels,
			c->channel,
		c->signal, c->content_hash, c->sequence, c->job, c->authority, c->state, c->reason, c->reply_state,
		c->reply_class, c->reply_subject, c->reply_text, c->item_reason, c->item_text, c->decided,
	};
	struct buf b;

	buf_init(&b, m->a);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		buf_addf(&b, "%zu:%s\n", i, facts[i] ? facts[i] : "");
	buf_addf(&b, "%d %d %d %d %d %zu\n", c->step, c->touches, c->holds, c->sensitive, c->granted, c->touches_list_n);
	for (size_t i = 0; i < c->evidence_n; i++)
		buf_addf(&b, "evidence %s %s %s %d\n", c->evidence[i].point, c->evidence[i].source, c->evidence[i].type,
			 c->evidence[i].safe);
	for (size_t i = 0; i < c->suppressions_n; i++)
		buf_addf(&b, "suppressed %s %s\n", c->suppressions[i].subject, c->suppressions[i].reason);
	for (size_t i = 0; i < c->missing_n; i++)
		buf_addf(&b, "missing %s\n", c->missing[i]);
	return arena_strndup(m->a, token_hash(m->a, b.p, b.n), HASH_DIGITS);
}

enum status store_card(struct store_tx *tx, struct arena *a, const char *item, struct card *out_r, struct err *e)
{
	return store_card_with(tx, a, item, NULL, NULL, out_r, e);
}

enum status store_card_with(struct store_tx *tx, struct arena *a, const char *item, const char *subject, const char *text,
			    struct card *out_r, struct err *e)
{
	struct making m = { .tx = tx, .a = a, .c = out_r };
	enum status s;

	*out_r = (struct card){ .reply_state = "no answer", .recommended = "" };
	s = read_item(&m, item, e);
	if (s == OK)
		s = read_person(&m, e);
	if (s == OK && m.en)
		s = read_sequence(&m, e);
	if (s == OK)
		s = read_draft(&m, e);
	if (s == OK && m.written && text) {
		out_r->subject = subject;
		out_r->text = text;
	}
	if (s == OK && out_r->prospect_id)
		s = read_evidence(&m, e);
	if (s == OK && m.written && out_r->prospect_id)
		s = card_points(tx, a, out_r, e);
	if (s == OK && out_r->prospect_id)
		s = read_touches(&m, e);
	if (s == OK)
		s = read_reply(&m, e);
	if (s == OK)
		s = in_the_way(&m, e);
	if (s == OK && m.en)
		s = read_approval(&m, e);
	if (s != OK)
		return s;
	choices(&m);
	out_r->recommended = recommend(&m);
	out_r->hash = hash(&m);
	return OK;
}
