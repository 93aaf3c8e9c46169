/* SPDX-License-Identifier: MPL-2.0
 *
 * A lead becomes a prospect, a new inquiry of a known one, or an item for a person. Everything in the caller's
 * transaction, so that a kill leaves all of it or nothing.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "base/token.h"
#include "store/incoming.h"
#include "store/leads_private.h"
#include "store/suppression.h"

enum { POINT_MAX = 600, NOTE_MAX = 1500, AN_HOUR = 3600, LEADS_PER_HOUR = 200, LEAD_NOTES = 20 };

struct taking {
	struct store_tx *tx;
	struct arena *a;
	const struct lead_mail *m;
	const struct lead *l;
	const char *actor;
	bool forced;			/* a person has looked at it */
	const char *id;			/* of the lead */
	const char *print;
	struct lead_owner owner;
	const char *prospect, *enrolment, *review;
	const char *state, *problem;
	const char *answered;		/* the live enrolment that it stopped */
	bool tell;
};

static const char *campaign_of(const struct taking *t)
{
	return t->l->values[LEAD_CAMPAIGN] ? t->l->values[LEAD_CAMPAIGN]
		: *t->m->source->campaign ? t->m->source->campaign : NULL;
}

static const char *number(struct arena *a, int64_t v)
{
	return arena_printf(a, "%lld", (long long)v);
}

static void set_problem(struct taking *t, const char *state, const char *problem)
{
	t->state = state;
	t->problem = problem;
}

/* ---- what goes into the records ---- */

static const char *qualification(const struct taking *t)
{
	static const struct {
		enum lead_field field;
		const char *key;
	} list[] = { { LEAD_SERVICE, "requested_service" }, { LEAD_BUDGET, "budget" }, { LEAD_URGENCY, "timing" },
		     { LEAD_HEARD, "heard_of_us" }, { LEAD_WEBSITE, "website" }, { LEAD_COUNTRY, "country" },
		     { LEAD_PAGE, "page" } };
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		json_put(o, list[i].key, t->l->values[list[i].field]);
	json_put(o, "campaign", campaign_of(t));
	json_put(o, "urgency", t->l->urgent ? "urgent" : NULL);
	return json_text(t->a, o);
}

static const char *domain_company(const struct taking *t)
{
	const char *at = strrchr(t->l->address, '@'), *domain = addr_registrable(t->a, at + 1);

	if (t->l->values[LEAD_COMPANY])
		return t->l->values[LEAD_COMPANY];
	return domain_is_shared(t->tx->store, domain) ? NULL : domain;
}

static enum status write_person(struct taking *t, bool *known_r, struct err *e)
{
	const struct lead *l = t->l;
	bool form = lead_shape_is_form(l->shape);
	const char *kind = form ? "inbound_form" : "inbound_mail";
	const struct field fields[] = {
		{ "email", l->address }, { "name", l->values[LEAD_NAME] }, { "company", domain_company(t) },
		{ "first_name", l->values[LEAD_FIRST_NAME] }, { "last_name", l->values[LEAD_LAST_NAME] },
		{ "role", l->values[LEAD_ROLE] }, { "phone", l->values[LEAD_PHONE] },
		{ "location", l->values[LEAD_LOCATION] ? l->values[LEAD_LOCATION] : l->values[LEAD_COUNTRY] },
		{ "language", l->language }, { "relationship", "asked us" },
		{ "priority", l->urgent ? "one" : "two" }, { "qualification", qualification(t) },
		{ "qualification_status", "to be qualified" },
	};
	const char *words = l->consent_words ? arena_printf(t->a, "%s; %s", t->m->source->words, l->consent_words)
					     : t->m->source->words;
	const struct field source[] = {
		{ "kind", kind },
		{ "url", l->values[LEAD_PAGE] ? l->values[LEAD_PAGE]
		       : arena_printf(t->a, "mail <%s>", t->m->message_id ? t->m->message_id : t->m->key) },
		{ "captured", number(t->a, t->m->received) }, { "source_owner", t->m->source->name },
		{ "permission", t->m->source->permission }, { "visibility", "private" },
		{ "method", arena_printf(t->a, "lead mailbox, %s", lead_shape_name(l->shape)) },
		{ "permitted_use", words },
		{ "compliance", l->consent == LEAD_CONSENT_YES ? "consent given"
			      : l->consent == LEAD_CONSENT_NO ? "consent refused" : "consent not asked" },
	};
	const struct prospect_new p = { fields, sizeof(fields) / sizeof(fields[0]), source,
					sizeof(source) / sizeof(source[0]), t->owner.login };

	return store_prospect_add(t->tx, t->a, &p, t->actor, &t->prospect, known_r, e);
}

/* Their own words, for a person: never put into a mail of ours as they are. */
static enum status write_evidence(struct taking *t, struct err *e)
{
	const char *message = t->l->values[LEAD_MESSAGE], *point = message ? message : t->l->values[LEAD_SERVICE];
	const struct field f[] = {
		{ "prospect_id", t->prospect },
		{ "point", point ? str_cut(t->a, text_squeeze(t->a, point), POINT_MAX) : NULL },
		{ "source", arena_printf(t->a, "%s '%s', mail <%s>", lead_shape_is_form(t->l->shape) ? "form" : "mail to",
					 t->m->source->name, t->m->message_id ? t->m->message_id : t->m->key) },
		{ "source_date", number(t->a, t->m->received) }, { "type", "unverified_claim" },
		{ "relevance", "what they asked for, in their own words" }, { "safe", "no" },
		{ "review_required", "yes" },
	};

	return point ? store_put(t->tx, t->a, "evidence", NULL, f, sizeof(f) / sizeof(f[0]), t->actor, NULL, e) : OK;
}

static enum status write_note(struct taking *t, const char *what, struct err *e)
{
	const char *message = t->l->values[LEAD_MESSAGE];
	const struct field f[] = {
		{ "prospect_id", t->prospect }, { "kind", "note" },
		{ "text", str_cut(t->a, arena_printf(t->a, "%s (%s): %s", what, t->m->source->name,
						     message ? message : "-"), NOTE_MAX) },
		{ "date", number(t->a, t->m->received) },
	};

	return store_put(t->tx, t->a, "note", NULL, f, sizeof(f) / sizeof(f[0]), t->actor, NULL, e);
}

static enum status write_review(struct taking *t, struct err *e)
{
	t->review = store_id(t->tx, t->a);
	return RUN(t->tx, review_insert, e, T(t->review), V_NULL, T(t->prospect), T(t->owner.id), V_NULL, V_NULL,
		   T("lead"), T(str_cut(t->a, t->problem, 300)), I(t->tx->now));
}

static enum status write_lead(struct taking *t, struct err *e)
{
	const struct lead_mail *m = t->m;

	return RUN(t->tx, lead_insert, e, T(t->id), T(m->key), T(m->source->name), T(m->account), T(m->folder),
		   I0(m->uidvalidity), I0(m->uid), T(m->message_id), T(m->sender), T(m->subject),
		   T(lead_shape_name(t->l->shape)), T(t->l->address), T(campaign_of(t)), T(t->l->language),
		   T(lead_json(t->a, t->l)), T(t->l->request), T(t->print), T(t->problem), T(t->state), T(t->prospect),
		   T(t->enrolment ? t->enrolment : t->answered), T(t->owner.id), T(t->review), I(m->received),
		   I(m->received + m->source->answer_within), I(t->tx->now));
}

static enum status write_event(struct taking *t, const char *kind, struct err *e)
{
	json_t *o = json_object();

	json_put(o, "source", t->m->source->name);
	json_put(o, "campaign", campaign_of(t));
	json_put(o, "shape", lead_shape_name(t->l->shape));
	json_put(o, "state", t->state);
	json_put(o, "problem", t->problem);
	json_put(o, "message_id", t->m->message_id);
	json_put(o, "owner", t->owner.login);
	json_put(o, "because", t->owner.why);
	json_put(o, "urgency", t->l->urgent ? "urgent" : NULL);
	json_put(o, "account", t->m->account);
	json_put(o, "folder", t->m->folder);
	json_put_int(o, "uid", t->m->uid);
	json_put_int(o, "received", t->m->received);
	return event_change(t->tx, t->a, kind, "lead", t->id, t->enrolment, t->prospect, t->actor, o, e);
}

/* ---- the note to the owner ---- */

static json_t *fields_json(const struct taking *t)
{
	json_t *o = json_object();

	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		json_put(o, lead_field_name((enum lead_field)f), t->l->values[f]);
	json_put(o, "address", t->l->address);
	json_put(o, "request", t->l->request);
	json_put(o, "campaign", campaign_of(t));
	json_put(o, "source", t->m->source->name);
	json_put(o, "consent", t->l->consent_words);
	json_put(o, "urgent", t->l->urgent ? "urgent" : NULL);
	json_put(o, "problem", t->problem);
	json_put(o, "id", t->review ? t->review + 28 : NULL);
	json_put(o, "from", t->m->sender);
	json_put(o, "mail_subject", t->m->subject);
	json_put(o, "place", t->m->account ? arena_printf(t->a, "%s/%s", t->m->account, t->m->folder) : NULL);
	if (t->l->extra_n > 0) {
		struct buf b;

		buf_init(&b, t->a);
		for (size_t i = 0; i < t->l->extra_n; i++)
			buf_addf(&b, "%s%s: %s", i ? "\n" : "", t->l->extra[i].label, t->l->extra[i].value);
		json_put(o, "more", b.p);
	}
	return o;
}

/* A robot in a form must not fill the owner's mailbox as well: what is more than a few is one note at the end of the
 * hour, which says how many there were. */
static enum status tell_how_many(struct taking *t, int64_t count, struct err *e)
{
	time_t from = t->tx->now - t->tx->now % AN_HOUR;
	json_t *o = json_object();
	struct outbox row = { .kind = "notify", .owner_id = t->owner.id,
			      .key = arena_printf(t->a, "lead_more:%s:%lld", t->owner.id, (long long)from) };
	int64_t changed = 0;
	enum status s;

	json_put(o, "text", "lead_more");
	json_put(o, "owner", t->owner.login);
	json_put_int(o, "count", count);
	json_put_int(o, "since", t->tx->now - AN_HOUR);
	row.payload = json_text(t->a, o);
	s = CHANGE(t->tx, lead_more_count, &changed, e, T(row.key), T(row.payload));
	return s == OK && changed == 0 ? store_outbox_add(t->tx, t->a, &row, from + AN_HOUR, e) : s;
}

static enum status tell_owner(struct taking *t, const char *text, struct err *e)
{
	int most = t->tx->store->o.inbound.lead_notes ? t->tx->store->o.inbound.lead_notes : LEAD_NOTES;
	const struct row *r = NULL;
	enum status counted = t->forced || !t->owner.id ? GONE
		: ONE(t->tx, t->a, leads_of_owner, &r, e, T(t->owner.id), I(t->tx->now - AN_HOUR));

	if (counted != OK && counted != GONE)
		return counted;
	if (counted == OK && at_int(r, 0) > most)
		return tell_how_many(t, at_int(r, 0), e);

	const char *name = t->l->values[LEAD_NAME], *address = t->l->address;
	json_t *o = json_object();
	struct outbox row = { .kind = "notify", .owner_id = t->owner.id, .enrolment_id = t->enrolment,
			      .key = arena_printf(t->a, "%s:%s", text, t->id) };

	json_put(o, "text", text);
	json_put(o, "owner", t->owner.login);
	json_put(o, "person", name && address ? arena_printf(t->a, "%s <%s>", name, address) : address ? address
			    : name ? name : "somebody without an address");
	json_put(o, "address", address);
	json_put(o, "subject", t->m->subject);
	json_put(o, "prospect_id", t->prospect);
	json_put_int(o, "deadline", t->m->received + t->m->source->answer_within);
	json_object_set_new(o, "lead", fields_json(t));
	row.payload = json_text(t->a, o);
	return store_outbox_add(t->tx, t->a, &row, t->tx->now, e);
}

/* ---- cases ---- */

static enum status is_ours(struct taking *t, bool *ours_r, struct err *e)
{
	const struct row *r = NULL;
	const char *at = strrchr(t->l->address, '@');
	enum status s = ONE(t->tx, t->a, owner_find, &r, e, T(t->l->address));

	*ours_r = s == OK || domain_is_own(t->tx->store, addr_registrable(t->a, at + 1)) ||
		  domain_is_own(t->tx->store, at + 1);
	return s == GONE ? OK : s;
}

/* The live enrolment of a known person, if there is one; *busy_r: a person has them in hand. */
static enum status look_at_known(struct taking *t, const char **live_r, bool *busy_r, struct err *e)
{
	struct rows rows;
	enum status s = ROWS(t->tx, t->a, lead_enrolments, &rows, e, T(t->prospect));

	*live_r = NULL;
	*busy_r = false;
	for (size_t i = 0; s == OK && i < rows.n; i++) {
		const char *state = at_text(&rows.list[i], 1);

		if (str_eq(state, "reply_received") || str_eq(state, "human_review") || str_eq(state, "booked"))
			*busy_r = true;
		else if (!str_eq(state, "closed") && !str_eq(state, "suppressed") && !str_eq(state, "failed") && !*live_r)
			*live_r = at_text(&rows.list[i], 0);
	}
	return s;
}

/* Whoever writes while a sequence runs has answered. Their words may be anything: without certainty a person
 * decides. */
static enum status answer(struct taking *t, const char *enrolment, struct err *e)
{
	struct finding f = { .kind = KIND_HUMAN, .stop = true, .confidence = 1, .language = "-",
			     .class = t->problem ? REPLY_UNKNOWN : REPLY_INTERESTED,
			     .visible = t->l->values[LEAD_MESSAGE] ? t->l->values[LEAD_MESSAGE] : "" };
	struct reply r = { .enrolment_id = enrolment, .prospect_id = t->prospect, .owner_id = t->owner.id,
			   .key = t->m->key, .message_id = t->m->message_id, .from = t->l->address,
			   .subject = t->m->subject, .received = t->m->received, .account = t->m->account,
			   .folder = t->m->folder, .uid = t->m->uid, .finding = &f, .matched_by = "lead",
			   .grade = GRADE_WEAK };
	enum status s = store_reply(t->tx, t->a, &r, NULL, e);

	t->answered = enrolment;
	t->state = "inquiry";
	return s == GONE ? OK : s;
}

static enum status owner_of_known(struct taking *t, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(t->tx, t->a, lead_prospect_owner, &r, e, T(t->prospect));

	if (s == OK && at_int(r, 2) != 0) {
		t->owner = (struct lead_owner){ at_text(r, 0), at_text(r, 1), "theirs already" };
		return OK;
	}
	return s == OK || s == GONE ? lead_owner(t->tx, t->a, t->m, true, &t->owner, e) : s;
}

static enum status enrol(struct taking *t, struct err *e)
{
	struct enrol en = { .prospect_id = t->prospect, .owner_id = t->owner.id, .sequence = t->m->source->sequence,
			    .review_note = arena_printf(t->a, "lead of '%s'", t->m->source->name), .actor = t->actor };
	struct err why = { "" };
	enum status s;

	if (str_empty(en.sequence)) {
		t->state = "kept";
		return OK;
	}
	s = store_enrol(t->tx, t->a, &en, &t->enrolment, &why);
	t->state = s == OK ? "enrolled" : "kept";
	if (s == INPUT) {	/* a person sees why */
		t->problem = arena_strdup(t->a, why.text);
		return OK;
	}
	if (s != OK && e)
		*e = why;
	return s;
}

/* Somebody we know. */
static enum status known(struct taking *t, struct err *e)
{
	const char *live;
	bool busy, ignored;
	enum status s = owner_of_known(t, e);

	if (s == OK)
		s = look_at_known(t, &live, &busy, e);
	if (s != OK)
		return s;
	if (live)
		return answer(t, live, e);
	if (t->problem)
		return OK;	/* for a person */
	t->tell = true;
	if (!t->owner.id)
		return set_problem(t, "review", "there is no owner to give it to"), OK;
	s = write_person(t, &ignored, e);
	if (s == OK)
		s = write_evidence(t, e);
	if (s == OK && busy)
		t->state = "inquiry";
	else if (s == OK)
		s = enrol(t, e);
	if (s == OK && str_eq(t->state, "kept"))
		t->state = "inquiry";
	return s;
}

static enum status unknown(struct taking *t, struct err *e)
{
	bool ignored;
	enum status s = t->owner.login && t->forced ? OK : lead_owner(t->tx, t->a, t->m, true, &t->owner, e);

	if (s != OK)
		return s;
	if (!t->owner.id)
		return set_problem(t, "review", "there is no owner to give it to"), OK;
	t->tell = true;
	s = write_person(t, &ignored, e);
	if (s == OK)
		s = write_evidence(t, e);
	return s == OK ? enrol(t, e) : s;
}

/* Nobody waits for so many answers at once. What runs is stopped all the same (known()). */
static enum status flood(struct taking *t, struct err *e)
{
	int most = t->tx->store->o.inbound.leads_per_hour ? t->tx->store->o.inbound.leads_per_hour : LEADS_PER_HOUR;
	const struct row *r = NULL;
	enum status s = t->forced || t->problem ? GONE
		: ONE(t->tx, t->a, leads_of_source, &r, e, T(t->m->source->name), I(t->tx->now - AN_HOUR));

	if (s == OK && at_int(r, 0) >= most)
		set_problem(t, "review", arena_printf(t->a, "more than %d inquiries came here within an hour: a robot, it "
						      "seems", most));
	return s == GONE ? OK : s;
}

/* The same person a moment ago: a button pressed twice, or a correction. */
static enum status again(struct taking *t, bool *again_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = t->forced ? GONE : ONE(t->tx, t->a, lead_lately, &r, e, T(t->l->address),
					       I(t->m->received - LEAD_AGAIN_S), I(t->m->received + LEAD_AGAIN_S));

	/* who has had an answer meanwhile answers it */
	*again_r = s == OK && at_int(r, 3) == 0;
	if (!*again_r)
		return s == GONE ? OK : s;
	t->state = "again";
	t->prospect = at_text(r, 2);
	s = owner_of_known(t, e);
	if (s != OK || str_eq(at_text(r, 1), t->print))
		return s;
	t->tell = true;		/* other words */
	return write_note(t, "wrote a second time within minutes", e);
}

static enum status suppressed(struct taking *t, bool *is_r, struct err *e)
{
	struct memory_suppression *list = NULL;
	size_t n = 0;
	enum status s = store_suppressed(t->tx, t->a, t->l->address, NULL, &list, &n, e);

	*is_r = s == OK && n > 0;
	if (*is_r)
		set_problem(t, "review", arena_printf(t->a, "%s is suppressed (%s), and has written all the same: a person "
						      "may answer, nothing goes out by itself", t->l->address,
						      list[0].reason));
	return s;
}

static enum status find_person(struct taking *t, struct err *e)
{
	const struct row *r = NULL;
	enum status s = prospect_of_address(t->tx, t->a, t->l->address, &r, e);

	if (s == OK)
		t->prospect = at_text(r, 0);
	return s == GONE ? OK : s;
}

static enum status decide(struct taking *t, struct err *e)
{
	bool yes = false;
	enum status s = OK;

	if (t->problem)
		t->state = "review";
	if (!t->l->address)
		return OK;
	s = is_ours(t, &yes, e);
	if (s != OK || yes) {
		if (yes)
			set_problem(t, "review", arena_printf(t->a, "%s is one of our own addresses", t->l->address));
		return s;
	}
	s = find_person(t, e);
	if (s == OK)
		s = suppressed(t, &yes, e);
	if (s != OK || yes)
		return s;
	if (!t->problem) {
		s = again(t, &yes, e);
		if (s != OK || yes)
			return s;
	}
	s = flood(t, e);
	if (s != OK)
		return s;
	if (t->l->robot && !t->forced)
		return OK;	/* stops nobody's sequence */
	if (t->prospect)
		return known(t, e);
	return t->problem ? OK : unknown(t, e);
}

/* What waits for a person has somebody to go to. */
static enum status finish(struct taking *t, struct err *e)
{
	bool review = str_eq(t->state, "review") || (t->problem && !t->answered);
	bool ignored;
	enum status s = OK;

	if (review && !t->owner.id)
		s = lead_owner(t->tx, t->a, t->m, false, &t->owner, e);
	if (s == OK && review && !t->forced)
		s = write_review(t, e);
	/* somebody suppressed who wrote to us may be answered by a person */
	if (s != OK || !review || !t->l->address || t->l->robot)
		return s;
	return store_heard(t->tx, t->a, t->owner.id, t->l->address, t->m->message_id, &ignored, e);
}

static void report(const struct taking *t, struct lead_taken *out_r)
{
	*out_r = (struct lead_taken){ .id = t->id, .state = t->state, .address = t->l->address, .prospect_id = t->prospect,
				      .enrolment_id = t->enrolment ? t->enrolment : t->answered, .owner = t->owner.login,
				      .problem = t->problem };
}

static const char *print_of(struct arena *a, const struct lead *l)
{
	const char *text = arena_printf(a, "%s\n%s\n%s", l->address ? l->address : "-",
					l->values[LEAD_MESSAGE] ? text_squeeze(a, l->values[LEAD_MESSAGE]) : "-",
					l->values[LEAD_SERVICE] ? l->values[LEAD_SERVICE] : "-");

	return token_hash(a, text, strlen(text));
}

enum status store_lead_known(struct store_tx *tx, struct arena *a, const char *key, bool *known_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, lead_by_mail, &r, e, T(key));

	*known_r = s == OK;
	return s == GONE ? OK : s;
}

enum status store_lead_take(struct store_tx *tx, struct arena *a, const struct lead_mail *m,
			    struct lead_taken *out_r, struct err *e)
{
	struct taking t = { .tx = tx, .a = a, .m = m, .l = m->lead, .actor = "imapwatch", .problem = m->lead->problem };
	bool known_mail;
	enum status s = store_lead_known(tx, a, m->key, &known_mail, e);

	if (s != OK || known_mail)
		return s == OK ? GONE : s;
	t.id = store_id(tx, a);
	t.print = print_of(a, t.l);
	s = decide(&t, e);
	if (s == OK)
		s = finish(&t, e);
	if (s == OK)
		s = write_lead(&t, e);
	if (s == OK)
		s = write_event(&t, "received", e);
	if (s == OK && str_eq(t.state, "again") ? t.tell : t.tell && !t.review)
		s = tell_owner(&t, "lead", e);
	else if (s == OK && t.review && !t.l->robot)
		s = tell_owner(&t, "lead_review", e);
	if (s == OK)
		report(&t, out_r);
	return s;
}

/* ---- a person's decision ---- */

static enum status open_lead(struct store_tx *tx, struct arena *a, const char *id, const struct row **r_r, struct err *e)
{
	enum status s = ONE(tx, a, lead_row, r_r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no lead '%s'", id);
	if (s == OK && !str_eq(at_text(*r_r, 1), "review"))
		return err_set(e, INPUT, "this lead is decided already: it is '%s'", at_text(*r_r, 1));
	return s;
}

enum status store_lead_source(struct store_tx *tx, struct arena *a, const char *id, const char **name_r,
			      struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, lead_row, &r, e, T(id));

	if (s == GONE)
		return err_set(e, GONE, "there is no lead '%s'", id);
	if (s == OK)
		*name_r = at_text(r, 2);
	return s;
}

static enum status close_review(struct taking *t, const char *decision, const char *because, struct err *e)
{
	return RUN(t->tx, people_review_decide, e, T(t->review), I(t->tx->now), T(decision), T(t->actor), T(because));
}

/* The fields as the person corrected them. */
static enum status corrected(struct taking *t, const struct lead_accept *x, struct lead *l, const char *was,
			     struct err *e)
{
	struct addr at;

	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		if (!str_empty(x->values[f]))
			l->values[f] = str_cut(t->a, x->values[f], lead_field_max((enum lead_field)f));
	l->address = str_empty(x->values[LEAD_EMAIL]) ? was : x->values[LEAD_EMAIL];
	if (!l->address)
		return err_set(e, INPUT, "there is no mail address in it: give one with --email");
	if (!addr_path(t->a, l->address, &at) || !*at.key || !strchr(at.domain, '.'))
		return err_set(e, INPUT, "'%s' is not a mail address", l->address);
	l->address = at.key;
	if (!str_empty(x->values[LEAD_SERVICE]) || !str_empty(x->values[LEAD_SUBJECT]))
		l->request = x->values[LEAD_SERVICE] ? x->values[LEAD_SERVICE] : x->values[LEAD_SUBJECT];
	if (l->consent == LEAD_CONSENT_NO)
		return err_set(e, INPUT, "they did not agree to be written to (%s): answer them yourself, or reject it",
			       l->consent_words ? l->consent_words : "consent: no");
	return OK;
}

static enum status give_to(struct taking *t, const char *login, struct err *e)
{
	const struct row *r = NULL;
	enum status s = str_empty(login) ? GONE : ONE(t->tx, t->a, lead_owner_of_login, &r, e, T(login));

	if (!str_empty(login) && (s == GONE || (s == OK && at_int(r, 1) == 0)))
		return err_set(e, INPUT, "there is no owner '%s'", login);
	if (s == OK)
		t->owner = (struct lead_owner){ at_text(r, 0), login, "a person's decision" };
	return s == GONE ? OK : s;
}

enum status store_lead_accept(struct store_tx *tx, struct arena *a, const struct lead_accept *x, const char *actor,
			      struct lead_taken *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = open_lead(tx, a, x->id, &r, e);

	if (s != OK)
		return s;
	struct lead *l = lead_from_json(a, at_text(r, 3));
	struct lead_mail m = { .lead = l, .source = x->source, .key = at_text(r, 12), .message_id = at_text(r, 5),
			       .sender = at_text(r, 6), .subject = at_text(r, 7), .account = at_text(r, 8),
			       .folder = at_text(r, 9), .uidvalidity = at_int(r, 10), .uid = at_int(r, 11),
			       .received = (time_t)at_int(r, 13) };
	struct taking t = { .tx = tx, .a = a, .m = &m, .l = l, .actor = actor, .forced = true, .id = x->id,
			    .review = at_text(r, 14) };

	s = corrected(&t, x, l, at_text(r, 4), e);
	if (s == OK)
		s = give_to(&t, x->owner, e);
	if (s == OK)
		s = decide(&t, e);
	if (s != OK)
		return s;
	if (str_eq(t.state, "review"))	/* ours, suppressed, nobody to give it to */
		return err_set(e, INPUT, "%s", t.problem);
	s = RUN(tx, lead_decide, e, T(x->id), T(t.state), T(l->address), T(lead_json(a, l)), T(l->request), T(t.prospect),
		T(t.enrolment), T(t.owner.id), I(tx->now), T(actor), T(x->because));
	if (s == OK)
		s = close_review(&t, "lead_accepted", x->because, e);
	if (s == OK)
		s = write_event(&t, "accepted", e);
	t.review = NULL;
	if (s == OK && t.tell)
		s = tell_owner(&t, "lead", e);
	if (s == OK)
		report(&t, out_r);
	return s;
}

enum status store_lead_reject(struct store_tx *tx, struct arena *a, const char *id, const char *actor,
			      const char *because, struct err *e)
{
	const struct row *r = NULL;
	enum status s = open_lead(tx, a, id, &r, e);

	if (s != OK)
		return s;
	struct taking t = { .tx = tx, .a = a, .actor = actor, .review = at_text(r, 14) };
	json_t *o = json_object();

	json_put(o, "because", because);
	s = RUN(tx, lead_decide, e, T(id), T("rejected"), T(at_text(r, 4)), T(at_text(r, 3)), V_NULL, T(at_text(r, 15)),
		V_NULL, V_NULL, I(tx->now), T(actor), T(because));
	if (s == OK && t.review)
		s = close_review(&t, "lead_rejected", because, e);
	return s == OK ? event_change(tx, a, "rejected", "lead", id, NULL, at_text(r, 15), actor, o, e)
		       : (json_decref(o), s);
}

/* ---- for drafts and reports ---- */

enum status store_lead_thread(struct store_tx *tx, struct arena *a, const char *enrolment,
			      struct lead_thread *out_r, struct err *e)
{
	const struct row *r = NULL;
	const struct lead *l;
	enum status s = ONE(tx, a, lead_of_enrolment, &r, e, T(enrolment));

	*out_r = (struct lead_thread){ .request = NULL };
	if (s != OK)
		return s;
	out_r->request = at_text(r, 0);
	out_r->campaign = at_text(r, 1);
	l = lead_from_json(a, at_text(r, 2));
	out_r->message = l->values[LEAD_MESSAGE];
	out_r->urgent = l->urgent;
	if (str_eq(at_text(r, 3), lead_shape_name(LEAD_SHAPE_PERSON))) {
		out_r->message_id = at_text(r, 4);
		out_r->subject = at_text(r, 5);
	}
	return OK;
}

enum status store_lead_lateness(struct store_tx *tx, struct arena *a, const char *owner_id, time_t since,
				struct lead_lateness *out_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, lead_lateness, &r, e, I(since), T(owner_id), I(tx->now));

	if (s == OK)
		*out_r = (struct lead_lateness){ at_int(r, 0), at_int(r, 1) };
	return s;
}
