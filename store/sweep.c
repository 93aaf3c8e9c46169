/* SPDX-License-Identifier: MPL-2.0
 *
 * What the clock does besides due steps: proposals that have run out, dormant people who may be written to once
 * more, hand-offs nobody acts on, gaps that became too long. Each thing once.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/pipeline.h"
#include "store/people.h"
#include "store/store_private.h"

enum { DAY = 86400, LOOK_BACK = 90 * DAY, WORDS = 300 };

static enum status digest(struct store_tx *tx, struct arena *a, const char *owner, const char *key, json_t *o,
			  struct err *e)
{
	struct outbox line = { .kind = "digest", .owner_id = owner, .key = key, .payload = json_text(a, o) };

	return store_outbox_add(tx, a, &line, tx->now, e);
}

static json_t *line_of(const char *detail, const char *prospect, const char *name, const char *address,
		       const char *words)
{
	json_t *o = json_object();

	json_put(o, "detail", detail);
	json_put(o, "prospect", prospect);
	json_put(o, "name", name);
	json_put(o, "address", address);
	json_put(o, "words", words);
	return o;
}

static enum status add_task(struct store_tx *tx, struct arena *a, const char *owner, const char *prospect,
			    const char *kind, const char *text, time_t due, struct err *e)
{
	struct field f[] = { { "owner_id", owner }, { "prospect_id", prospect }, { "kind", kind }, { "text", text },
			     { "due", arena_printf(a, "%lld", (long long)due) } };

	return store_put(tx, a, "task", NULL, f, 5, "clock", NULL, e);
}

/* ---- proposals ---- */

/* It stands through its last day, wherever on earth that day ends. */
enum status store_expire_proposals(struct store_tx *tx, struct arena *a, size_t *n_r, struct err *e)
{
	struct rows list;
	enum status s = ROWS(tx, a, pipeline_proposals_over, &list, e, I(tx->now - DAY - DAY / 2));

	*n_r = 0;
	for (size_t i = 0; s == OK && i < list.n; i++) {
		const struct row *r = &list.list[i], *who = NULL;
		const char *id = row_text(r, "id"), *prospect = row_text(r, "prospect_id");
		const char *owner = row_text(r, "owner_id");
		struct proposal_put p = { .id = id, .state = "expired", .because = "its last day is over" };

		s = store_proposal(tx, a, &p, "clock", NULL, e);
		if (s == OK)
			s = ONE(tx, a, pipeline_person, &who, e, T(prospect));
		if (s != OK)
			break;
		owner = owner ? owner : row_text(who, "owner_id");
		s = add_task(tx, a, owner, prospect, "proposal_expired", "The proposal has run out: renew it as another "
			     "version, or say how the sale ended. Nothing more goes out by itself.", tx->now, e);
		if (s == OK)
			s = digest(tx, a, owner, arena_printf(a, "proposal_expired:%s:%lld", id, (long long)tx->now),
				   line_of("proposal_expired", prospect, row_text(who, "name"), row_text(who, "address"),
					   NULL), e);
		(*n_r)++;
	}
	return s;
}

/* ---- reactivation ---- */

/* Ended for a reason that still holds: such people are left alone. */
static bool ended_for_good(const char *reason, const char *class)
{
	static const char *const reasons[] = { "not_a_fit", "disqualified", "bad_fit", "identity_uncertain",
		"do_not_contact", "unsubscribe", "complaint", "hard_bounce", "proposal_rejected", "lost" };
	static const char *const classes[] = { "not_a_fit", "unsubscribe", "complaint" };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (str_eq(reason, reasons[i]))
			return true;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (str_eq(class, classes[i]))
			return true;
	return false;
}

/* What was said last, what they said, what is new: the review note of the enrolment, and the reviewer's card. */
static const char *context(struct arena *a, const struct row *past, const char *fresh, time_t since)
{
	struct buf b;
	char day[WHEN_TEXT];

	buf_init(&b, a);
	buf_addf(&b, "Dormant since %s.", date_text(when_civil(since, "UTC").date, day));
	if (row_int(past, "last_sent"))
		buf_addf(&b, " We wrote last on %s", date_text(when_civil((time_t)row_int(past, "last_sent"), "UTC").date,
							      day));
	if (row_int(past, "last_sent") && row_text(past, "subject"))
		buf_addf(&b, " (\"%s\").", str_cut(a, row_text(past, "subject"), 120));
	if (row_text(past, "words"))
		buf_addf(&b, " They said on %s: \"%s\".",
			 date_text(when_civil((time_t)row_int(past, "last_heard"), "UTC").date, day),
			 text_squeeze(a, str_cut(a, row_text(past, "words"), WORDS)));
	else
		buf_adds(&b, " They never answered.");
	buf_addf(&b, " New since: %s", fresh);
	return b.p;
}

static enum status new_since(struct store_tx *tx, struct arena *a, const char *prospect, time_t since,
			     const char **out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, pipeline_new_signal, &r, e, T(prospect), I(since), I(tx->now));

	*out_r = NULL;
	if (s == GONE)
		s = ONE(tx, a, pipeline_new_evidence, &r, e, T(prospect), I(since));
	if (s == OK)
		*out_r = at_text(r, 0);
	return s == GONE ? OK : s;
}

static enum status offered(struct store_tx *tx, struct arena *a, const char *prospect, const char *result,
			   const char *why, struct err *e)
{
	json_t *payload = json_object();
	enum status s = RUN(tx, pipeline_reactivated, e, T(prospect), I(tx->now));

	json_put(payload, "result", result);
	json_put(payload, "why", why);
	if (s != OK) {
		json_decref(payload);
		return s;
	}
	return event_change(tx, a, "reactivation", "prospect", prospect, NULL, prospect, "clock", payload, e);
}

static enum status reactivate(struct store_tx *tx, struct arena *a, const struct row *who, const char *sequence,
			      struct err *e)
{
	const char *prospect = row_text(who, "id"), *owner = row_text(who, "owner_id"), *fresh, *note;
	const struct row *past = NULL;
	struct err why = { "" };
	enum status s = ONE(tx, a, pipeline_past, &past, e, T(prospect));

	if (s != OK)
		return s;
	if (ended_for_good(row_text(past, "reason"), row_text(past, "class")))
		return offered(tx, a, prospect, "left_alone", row_text(past, "reason"), e);
	time_t last = (time_t)row_int(past, "last_sent"), heard = (time_t)row_int(past, "last_heard");
	s = new_since(tx, a, prospect, last > heard ? last : heard, &fresh, e);
	if (s == OK && fresh == NULL) {
		/* relevance is not invented: a person looks for it, or lets it rest */
		s = add_task(tx, a, owner, prospect, "reactivation", "Silent for a long time, and nothing new is known: "
			     "record a signal or evidence and enrol them in the reactivation, or let it rest.", tx->now, e);
		return s == OK ? offered(tx, a, prospect, "nothing_new", NULL, e) : s;
	}
	if (s != OK)
		return s;
	note = context(a, past, fresh, (time_t)row_int(who, "since"));
	struct enrol en = { .prospect_id = prospect, .owner_id = owner, .sequence = sequence, .review_note = note,
			    .actor = "clock", .dry_run = true };
	s = store_enrol(tx, a, &en, NULL, &why);
	en.dry_run = false;
	if (s == OK)
		s = store_enrol(tx, a, &en, NULL, &why);
	if (s == INPUT)
		return offered(tx, a, prospect, "not_eligible", why.text, e);
	if (s != OK) {
		*e = why;
		return s;
	}
	s = digest(tx, a, owner, arena_printf(a, "reactivation:%s:%lld", prospect, (long long)tx->now),
		   line_of("reactivation", prospect, row_text(who, "name"), row_text(who, "address"), note), e);
	return s == OK ? offered(tx, a, prospect, "enrolled", note, e) : s;
}

enum status store_reactivate(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			     struct err *e)
{
	struct rows list;
	const struct row *r = NULL;
	time_t before = tx->now - (time_t)how->set.reactivate_days * DAY;
	enum status s;

	*n_r = 0;
	if (str_empty(how->reactivation))
		return OK;
	s = ROWS(tx, a, pipeline_dormant, &list, e, I(before), I(before), I(50));
	for (size_t i = 0; s == OK && i < list.n; i++) {
		if (how->reactivate_per_day > 0) {
			s = ONE(tx, a, pipeline_reactivated_since, &r, e, I(tx->now - DAY),
				T(row_text(&list.list[i], "owner_id")));
			if (s != OK || at_int(r, 0) >= how->reactivate_per_day)
				continue;
		}
		s = reactivate(tx, a, &list.list[i], how->reactivation, e);
		(*n_r)++;
	}
	return s;
}

/* ---- hand-offs nobody acts on ---- */

static enum status tell(struct store_tx *tx, struct arena *a, const struct row *r, const struct row *who,
			const struct row *to, int level, struct err *e)
{
	const char *subject = row_text(r, "subject"), *login = row_text(to, "login");
	json_t *o = json_object(), *line;
	struct outbox note = { .kind = "notify", .owner_id = row_text(to, "id"), .enrolment_id = row_text(r, "enrolment_id"),
			       .key = arena_printf(a, "escalation:%s:%d", subject, level) };
	enum status s = RUN(tx, pipeline_escalate, e, T(subject), I(level), I(tx->now), T(login),
			    T(row_text(r, "prospect_id")));

	json_put(o, "text", level == 1 ? "escalation" : "escalation_manager");
	json_put(o, "owner", login);
	json_put(o, "person", row_text(who, "name") ? row_text(who, "name") : row_text(who, "address"));
	json_put(o, "address", row_text(who, "address"));
	json_put(o, "why", row_text(r, "what"));
	json_put(o, "reason", row_text(who, "login"));
	json_put_int(o, "since", row_int(r, "since"));
	json_put(o, "subject", subject);
	note.payload = json_text(a, o);
	if (s == OK)
		s = store_outbox_add(tx, a, &note, tx->now, e);
	if (s != OK)
		return s;
	line = line_of(level == 1 ? "unanswered" : "unanswered_manager", row_text(r, "prospect_id"), row_text(who, "name"),
		       row_text(who, "address"), row_text(r, "what"));
	json_put_int(line, "since", row_int(r, "since"));
	return digest(tx, a, row_text(to, "id"), arena_printf(a, "escalation-line:%s:%d", subject, level), line, e);
}

/* Whom level tells: the owner (whoever stands in), then the manager. GONE: nobody. */
static enum status whom(struct store_tx *tx, struct arena *a, const struct row *owner, int level,
			const struct row **out_r, struct err *e)
{
	struct absence away;
	const char *login = level == 2 ? row_text(owner, "manager") : row_text(owner, "login");
	enum status s;

	if (level == 1) {
		s = store_absence(tx, a, row_text(owner, "id"), tx->now, &away, e);
		if (s == OK && away.now && away.stand_in_id)
			login = away.stand_in;
		else if (s != OK && s != GONE)
			return s;
	}
	if (str_empty(login))
		return GONE;
	return ONE(tx, a, pipeline_owner, out_r, e, T(login), T(str_lower(a, login)));
}

static enum status escalate_one(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how,
				const struct row *r, size_t *n_r, struct err *e)
{
	const struct row *owner = NULL, *who = NULL, *to = NULL, *seen = NULL;
	const struct when_window w = { .days = 0 };
	time_t open;
	int level;
	enum status s = ONE(tx, a, pipeline_owner, &owner, e, T(row_text(r, "owner_id")), T(row_text(r, "owner_id")));

	if (s != OK)
		return s == GONE ? OK : s;
	const char *zone = row_text(owner, "zone");
	open = pipeline_open_seconds((time_t)row_int(r, "since"), tx->now, &w, zone ? zone : tx->store->o.zone);
	level = open >= how->escalate_manager ? 2 : open >= how->escalate_owner ? 1 : 0;
	/* once each: after a standstill of ours not both at the same moment */
	if (level == 2 && ONE(tx, a, pipeline_escalated, &seen, e, T(row_text(r, "subject")), I(1)) == GONE)
		level = 1;
	if (level == 0)
		return OK;
	s = ONE(tx, a, pipeline_escalated, &seen, e, T(row_text(r, "subject")), I(level));
	if (s != GONE)
		return s;
	s = whom(tx, a, owner, level, &to, e);
	if (s == GONE)	/* nobody above: it is not asked again */
		return RUN(tx, pipeline_escalate, e, T(row_text(r, "subject")), I(level), I(tx->now), T("-"),
			   T(row_text(r, "prospect_id")));
	if (s == OK && row_text(r, "prospect_id") == NULL)
		return OK;
	if (s == OK)
		s = ONE(tx, a, pipeline_person, &who, e, T(row_text(r, "prospect_id")));
	if (s != OK)
		return s == GONE ? OK : s;
	(*n_r)++;
	return tell(tx, a, r, who, to, level, e);
}

enum status store_escalate(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			   struct err *e)
{
	struct rows list;
	enum status s;

	*n_r = 0;
	if (how->escalate_owner <= 0)
		return OK;
	s = ROWS(tx, a, pipeline_unanswered, &list, e, I(tx->now - how->escalate_owner), I(tx->now - LOOK_BACK));
	for (size_t i = 0; s == OK && i < list.n; i++)
		s = escalate_one(tx, a, how, &list.list[i], n_r, e);
	return s;
}

/* ---- too late is forgotten ---- */

enum status store_flag_gaps(struct store_tx *tx, struct arena *a, const struct pipeline_clock *how, size_t *n_r,
			    struct err *e)
{
	struct rows list;
	enum status s;

	*n_r = 0;
	if (how->max_gap_days <= 0)
		return OK;
	s = ROWS(tx, a, pipeline_overdue, &list, e, I(tx->now - (time_t)how->max_gap_days * DAY));
	for (size_t i = 0; s == OK && i < list.n; i++) {
		const struct row *r = &list.list[i];
		const char *key = arena_printf(a, "gap:%s:%lld", row_text(r, "id"), (long long)row_int(r, "step"));
		json_t *o = line_of("gap", row_text(r, "prospect_id"), row_text(r, "name"), row_text(r, "address"),
				    arena_printf(a, "%lld days since the last touch: write, or let it rest",
						 (long long)(tx->now - row_int(r, "last_touch")) / DAY));

		json_put(o, "enrolment", row_text(r, "id"));
		s = digest(tx, a, row_text(r, "owner_id"), key, o, e);
		if (s == OK)
			s = RUN(tx, pipeline_escalate, e, T(key), I(1), I(tx->now), T("digest"),
				T(row_text(r, "prospect_id")));
		(*n_r)++;
	}
	return s;
}
