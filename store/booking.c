/* SPDX-License-Identifier: MPL-2.0
 *
 * The minimum that somebody passes before an hour of ours is offered, and what is confirmed before it is booked.
 * Poor-fit people are not booked to make the number look better.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "store/appointments_private.h"
#include "store/tasks.h"

/* What a record of qualification says when it says no. */
static bool says_no(const char *value)
{
	static const char *const words[] = { "no", "none", "poor", "bad", "weak", "low", "unknown", "unclear", "?", "-" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq_case(value, words[i]))
			return true;
	return str_empty(value);
}

/* A field of the record: by its key in the qualification, else a column of the person. */
static const char *field_of(struct arena *a, const json_t *q, const struct row *person, const char *name)
{
	const json_t *v = json_object_get(q, name);

	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	if (json_is_number(v))
		return json_number_value(v) > 0 ? arena_printf(a, "%g", json_number_value(v)) : NULL;
	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : NULL;
	return row_text(person, name);
}

static bool decided_against(const struct row *person, const json_t *q)
{
	const char *status = row_text(person, "qualification_status");
	const char *risk = json_string_value(json_object_get(q, "risk"));

	return str_eq(row_text(person, "priority"), "rejected") || str_eq(row_text(person, "stage"), "lost") ||
	       (status && (str_eq_case(status, "disqualified") || str_eq_case(status, "rejected"))) ||
	       (risk && (str_eq_case(risk, "high") || str_eq_case(risk, "unacceptable")));
}

static void add(struct buf *b, const char *what)
{
	buf_addf(b, "%s%s", b->n ? ", " : "", what);
}

static const char *unmet(struct arena *a, const struct store_options *o, const struct row *person)
{
	const char *text = row_text(person, "qualification");
	json_t *q = json_loads(text ? text : "{}", 0, NULL);
	struct buf b;

	buf_init(&b, a);
	if (decided_against(person, q))
		add(&b, "somebody decided against this person");
	for (size_t i = 0; i < o->booking_minimum_n; i++)
		if (says_no(field_of(a, q, person, o->booking_minimum[i])))
			add(&b, o->booking_minimum[i]);
	json_decref(q);
	return b.n ? b.p : NULL;
}

enum status store_qualified(struct store_tx *tx, struct arena *a, const char *prospect_id, const char **missing_r,
			    struct err *e)
{
	const struct row *person = NULL;
	enum status s = ONE(tx, a, prospect_facts, &person, e, T(prospect_id));

	if (s == OK)
		*missing_r = unmet(a, &tx->store->o, person);
	return s == GONE ? err_set(e, GONE, "there is no such prospect") : s;
}

enum status store_booking_link(struct store_tx *tx, struct arena *a, const char *prospect_id, const char *owner_id,
			       const char **link_r, const char **why_r, struct err *e)
{
	const char *link = tx->store->o.booking_link, *missing = NULL, *why = NULL;
	const struct row *r = NULL;
	enum status s = owner_id ? ONE(tx, a, owner_booking_link, &r, e, T(owner_id)) : GONE;

	if (s == OK && !str_empty(at_text(r, 0)))
		link = at_text(r, 0);
	if (s == OK || s == GONE)
		s = store_qualified(tx, a, prospect_id, &missing, e);
	if (str_empty(link))
		why = "no booking link is configured (booking.link, or relentctl owner link)";
	else if (missing)
		why = arena_printf(a, "the minimum for a booking is not met: %s", missing);
	*link_r = why ? NULL : link;
	if (why_r != NULL)
		*why_r = why;
	return s;
}

/* ---- before it is called booked ---- */

enum status booking_missing(struct store_tx *tx, struct arena *a, const struct booking_check *c,
			    const char **missing_r, struct err *e)
{
	const struct row *person = NULL, *r = NULL;
	struct buf b;
	enum status s = ONE(tx, a, prospect_facts, &person, e, T(c->prospect_id));

	if (s != OK)
		return s == GONE ? err_set(e, GONE, "there is no such prospect") : s;
	const char *identity = row_text(person, "identity_status"), *fit = unmet(a, &tx->store->o, person);
	buf_init(&b, a);
	if (str_empty(row_text(person, "name")) || str_eq(identity, "duplicate") || str_eq(identity, "conflicting"))
		add(&b, "who it is");
	s = c->interest ? OK : ONE(tx, a, booking_interest, &r, e, T(c->prospect_id));
	if (s == GONE)
		add(&b, "interest in their own words");
	else if (s != OK)
		return s;
	if (fit)
		add(&b, arena_printf(a, "fit (%s)", fit));
	if (str_empty(c->purpose))
		add(&b, "purpose of the meeting");
	if (str_empty(c->zone) && str_empty(row_text(person, "zone")))
		add(&b, "their time zone");
	if (!c->starts)
		add(&b, "a time that suits both");
	if (str_empty(row_text(person, "email")) && str_empty(row_text(person, "phone")))
		add(&b, "how to reach them");
	if (str_empty(c->owner_id))
		add(&b, "who of us attends");
	if (str_empty(c->evidence))
		add(&b, "the answer of a calendar");
	*missing_r = b.n ? b.p : NULL;
	*c->fit_r = fit == NULL;
	return OK;
}

enum status booking_confirm(struct store_tx *tx, struct arena *a, const char *prospect_id, const char **text_r,
			    struct err *e)
{
	const struct row *r = NULL;
	const char *missing = NULL;
	bool fit = true;
	enum status s = ONE(tx, a, appointment_of_prospect, &r, e, T(prospect_id));
	struct buf b;

	if (s == OK)
		s = ONE(tx, a, appointment_get, &r, e, T(at_text(r, 0)));
	if (s != OK)
		return s == GONE ? OK : s;
	struct appointment ap = appointment_of(r);
	struct booking_check c = { .prospect_id = prospect_id, .owner_id = ap.owner_id, .purpose = ap.summary,
				   .zone = ap.zone, .evidence = ap.evidence, .starts = ap.starts, .interest = true,
				   .fit_r = &fit };
	s = booking_missing(tx, a, &c, &missing, e);
	if (s != OK)
		return s;
	buf_init(&b, a);
	buf_addf(&b, "Confirm the appointment with %s: %s%s%s.\n", ap.name ? ap.name : ap.address ? ap.address : "them",
		 store_appointment_when(a, &ap), ap.place ? ", " : "", ap.place ? ap.place : "");
	if (missing)
		buf_addf(&b, "Still missing: %s.\n", missing);
	if (!fit)
		buf_adds(&b, "It counts as booked, not as a qualified booking: is it worth an hour of both?\n");
	*text_r = b.p;
	return OK;
}

/* ---- an interested person ---- */

/* What is asked for each field that is missing, in the site's words ("role_fit: Who looks after this with you?"). */
static void add_questions(struct buf *b, const struct store_options *o, const char *missing)
{
	for (size_t i = 0; i < o->booking_questions_n; i++) {
		const char *q = o->booking_questions[i], *colon = strchr(q, ':');
		size_t n = colon ? (size_t)(colon - q) : 0;

		if (!colon || memmem(missing, strlen(missing), q, n))
			buf_addf(b, "- %s\n", colon ? colon + 1 + strspn(colon + 1, " ") : q);
	}
}

/* Somebody sounds interested: a link for who passes the minimum, the questions for who does not yet, and nothing that
 * is sent by itself. Nothing where no link is configured. */
enum status booking_offer(struct store_tx *tx, struct arena *a, const struct reply *r, struct err *e)
{
	const char *link = tx->store->o.booking_link, *missing = NULL;
	struct task_new t = { .owner_id = r->owner_id, .prospect_id = r->prospect_id, .enrolment_id = r->enrolment_id };
	const struct row *person = NULL, *own = NULL;
	struct buf b;
	enum status s = ONE(tx, a, prospect_facts, &person, e, T(r->prospect_id));

	if (s == OK)
		s = ONE(tx, a, owner_booking_link, &own, e, T(r->owner_id));
	if (s == OK && !str_empty(at_text(own, 0)))
		link = at_text(own, 0);
	if ((s != OK && s != GONE) || str_empty(link))
		return s == GONE ? OK : s;
	s = ONE(tx, a, booking_task_open, &own, e, T(r->prospect_id));
	if (s != GONE)
		return s;
	missing = unmet(a, &tx->store->o, person);
	buf_init(&b, a);
	if (missing) {
		t.kind = "qualify";
		buf_addf(&b,
			"%s is interested, but before an hour is offered this is not known, or speaks against it: %s.\n",
			 row_text(person, "name") ? row_text(person, "name") : r->from, missing);
		add_questions(&b, &tx->store->o, missing);
	} else {
		t.kind = "offer_appointment";
		buf_addf(&b,
			"%s is interested and passes the minimum: confirm the interest and offer times, or the link.\n\n"
			"%s\n",
			 row_text(person, "name") ? row_text(person, "name") : r->from, link);
	}
	t.text = b.p;
	return store_task_add(tx, a, &t, "imapwatch", NULL, e);
}
