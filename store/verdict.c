/* SPDX-License-Identifier: MPL-2.0
 *
 * From a finding to the one event it makes: the action table of the contract, and the rules on
 * evidence. Pure but for its arena. Unproved input only ever makes us more careful, for that thread:
 * it stops and goes to a person; it never books, releases or suppresses.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "classifier/calendar.h"
#include "store/appointments.h"
#include "store/store_private.h"
#include "store/verdict.h"

enum { WORDS_MAX = 400, FAR_DAYS = 730 };

static struct verdict_event made(enum seq_event kind)
{
	return (struct verdict_event){ .ev = { .kind = kind } };
}

static struct verdict_event person(const char *review, const char *why)
{
	return (struct verdict_event){ .ev = { .kind = EV_UNCLEAR, .reason = review }, .review = review,
				       .why = why };
}

static const struct report_recipient *about(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;

	for (size_t i = 0; i < f->recipients_n; i++)
		for (size_t k = 0; k < q->addresses_n; k++)
			if (str_eq(f->recipients[i].address, q->addresses[k]) ||
			    str_eq(f->recipients[i].original, q->addresses[k]))
				return &f->recipients[i];
	return NULL;
}

static struct verdict_event bounce(const struct verdict_question *q)
{
	const struct report_recipient *who = about(q);
	bool proved = q->r->grade >= GRADE_STRONG;
	bool hard = who != NULL ? who->hardness == HARDNESS_HARD && who->about_address
				: q->r->finding->recipients_n == 0 && q->r->finding->suppress;

	if (who != NULL && who->fate != KIND_BOUNCE)	/* others failed, this one did not */
		return made(EV_NOTICE);
	if (!proved)
		return hard ? person("weak_bounce", "a report without proof that it is about our mail")
			    : made(EV_NOTICE);
	if (who == NULL && q->r->finding->recipients_n > 0)
		return person("foreign_bounce", "a report about our mail that names somebody else");
	if (hard) {
		struct verdict_event v = made(EV_BOUNCE_HARD);
		v.ev.words = who ? who->words : NULL;
		v.address = who ? who->address : NULL;
		return v;
	}
	/* the MTA's log has told of it already: one failure counts once */
	return made(q->touch_failed ? EV_NOTICE : EV_BOUNCE_SOFT);
}

static struct verdict_event complaint_report(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;

	if (f->subkind == SUBKIND_NOT_SPAM)
		return made(EV_NOTICE);
	if (q->r->grade < GRADE_STRONG)
		return person("weak_complaint", "a complaint without proof that it is about our mail");
	return made(f->class == REPLY_UNSUBSCRIBE ? EV_UNSUBSCRIBE : EV_COMPLAINT);
}

/* The mail is surely the person's own: an answer to what went to that very address, or vouched for by
 * our MTA. */
static bool own_word(const struct verdict_question *q)
{
	if (q->colleague)
		return false;
	return q->r->auth == AUTH_PASS || (q->r->grade >= GRADE_STRONG && q->answers_own);
}

/* What takes the sale further needs more than what stops it: where our MTA looks at the senders of mails, it
 * must not have found this one wanting. */
static bool may_go_on(const struct verdict_question *q)
{
	return q->r->auth != AUTH_FAIL;
}

static struct verdict_event away(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;
	struct verdict_event v = made(EV_AWAY);

	if (f->date_review)
		return person("away", "an absence whose end is past or far away");
	v.ev.date = f->date;
	v.back = true;
	v.ev.words = f->date_words;
	return v;
}

static struct verdict_event left(const struct verdict_question *q)
{
	struct verdict_event v = made(EV_LEFT);

	if (!own_word(q))
		return person("weak_left", "somebody says that the person has left, without proof");
	v.ev.successor = q->r->finding->referred_n > 0;
	return v;
}

static struct verdict_event auto_reply(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;

	if (q->colleague)
		return made(EV_NOTICE);
	if (f->subkind == SUBKIND_LEFT_COMPANY)
		return left(q);
	if (f->subkind == SUBKIND_OUT_OF_OFFICE || f->class == REPLY_OUT_OF_OFFICE)
		return away(q);
	return f->stop ? person("unknown", "an automatic answer that stops") : made(EV_NOTICE);
}

static struct verdict_event human(const struct verdict_question *q);

/* What undoes a fixed appointment takes the enrolment out of `booked`; else a person decides as ever. */
static struct verdict_event undone(const struct verdict_question *q, const char *review, const char *why)
{
	struct verdict_event v = person(review, why);

	if (q->booked || q->known)
		v.ev.kind = EV_CANCELLED;
	return v;
}

/* An answer with the id of our own invitation, from where that went, is as good as one with our Message-ID. */
static bool own_answer(const struct verdict_question *q)
{
	return own_word(q) || (!q->colleague && q->invited);
}

/* "2199", "3027": a slip of the pen or a joke; nothing that stops everything until then. */
static bool far_away(const struct verdict_question *q, time_t starts)
{
	return starts > q->r->received + (time_t)FAR_DAYS * 86400;
}

static struct verdict_event accepted(const struct verdict_question *q)
{
	const struct calendar_item *item = q->r->finding->calendar;
	time_t starts = item->start ? item->start : q->known ? q->known->starts : 0;

	if (!q->one_of_theirs)
		return person("other_attendee", "an acceptance in the name of somebody else");
	if (q->known && str_eq(q->known->state, "cancelled"))
		return person("calendar", "accepts an invitation that was cancelled");
	if (q->known && q->known->id && item->sequence < q->known->sequence)
		return person("calendar", "accepts an earlier version of the invitation");
	if (q->known && q->known->id && item->start && item->sequence == q->known->sequence &&
	    item->start != q->known->starts && !item->repeats && !item->recurrence && !q->known->recurrence)
		return person("calendar", "accepts another time than the invitation says");
	if (starts && starts < q->r->received - 86400)
		return person("calendar", "accepts an appointment that is over");
	if (far_away(q, starts))
		return person("calendar", "accepts an appointment that is years away");
	if (!own_answer(q) || !may_go_on(q))
		return person("weak_booking", "an acceptance without proof of who sent it");
	if (!starts)
		return person("weak_booking", "an acceptance that does not say when, of an invitation we do not know");
	return made(EV_BOOKED);
}

static struct verdict_event answer(const struct verdict_question *q)
{
	const char *said = q->r->finding->calendar_partstat;

	if (str_eq(said, "ACCEPTED"))
		return accepted(q);
	if (str_eq(said, "TENTATIVE"))
		return undone(q, "tentative", "an invitation was accepted tentatively: nothing is fixed");
	if (str_eq(said, "DELEGATED"))
		return undone(q, "delegated", "the invitation was passed on to somebody else");
	if (str_eq(said, "DECLINED"))
		return undone(q, "declined", "an invitation was declined");
	return person("calendar", "an answer to an invitation that says neither yes nor no");
}

static struct verdict_event request(const struct verdict_question *q)
{
	const struct calendar_item *item = q->r->finding->calendar;

	if (q->known && q->known->id && (item->sequence < q->known->sequence ||
	    (item->sequence == q->known->sequence && item->stamp < q->known->stamp)))
		return made(EV_NOTICE);	/* overtaken by what came before it */
	if (item->start && !item->repeats && item->start < q->r->received - 86400)
		return person("calendar", "an invitation to an appointment that is over");
	if (far_away(q, item->start))
		return person("calendar", "an invitation to an appointment that is years away");
	return (own_answer(q) && may_go_on(q)) ? made(EV_APPOINTMENT)
		: person("weak_booking", "an invitation without proof of who sent it");
}

/* A booking system says so: only where our own MTA vouches for it. */
static struct verdict_event notice(const struct verdict_question *q)
{
	const struct calendar_item *item = q->r->finding->calendar;

	if (q->r->auth != AUTH_PASS)
		return person("weak_booking", "a booking notice without proof of who sent it");
	if (str_eq(item->method, "CANCEL"))
		return undone(q, "cancelled", "cancelled through the booking link");
	if (!item->start)
		return person("weak_booking", "a booking notice whose time cannot be read");
	if (far_away(q, item->start))
		return person("calendar", "a booking notice of an appointment that is years away");
	return made(EV_BOOKED);
}

static struct verdict_event calendar(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;
	const char *method = f->calendar_method;

	if (!f->calendar)
		return person("calendar", "a calendar part that cannot be read");
	if (f->calendar->rule)
		return notice(q);
	if (f->class == REPLY_COMPLAINT || f->class == REPLY_UNSUBSCRIBE)	/* in the comment of the answer */
		return q->colleague ? made(EV_COLLEAGUE) : human(q);
	if (q->delegate && q->colleague)
		return undone(q, "delegated", "somebody else answers the invitation for them");
	if (q->colleague)
		return made(EV_COLLEAGUE);
	if (str_eq(method, "REPLY"))
		return answer(q);
	if (str_eq(method, "REQUEST") || str_eq(method, "ADD"))
		return request(q);
	if (str_eq(method, "COUNTER"))
		return undone(q, "countered", "another time is proposed");
	if (str_eq(method, "CANCEL"))
		return undone(q, "cancelled", "an appointment was cancelled");
	if (str_eq(method, "DECLINECOUNTER"))
		return undone(q, "calendar", "the time we proposed does not suit them");
	if (str_eq(method, "REFRESH"))
		return person("calendar", "asks for the invitation to be sent again");
	return person("calendar", "an event without an invitation");
}

static struct verdict_event human(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;
	struct verdict_event v;

	switch (f->class) {
	case REPLY_INTERESTED:
		return may_go_on(q) ? made(EV_INTERESTED)
				    : person("unproved_sender", "sounds interested, but our mail server could not prove "
					     "who sent it");
	case REPLY_QUESTION:
		return made(EV_QUESTION);
	case REPLY_OBJECTION:
		v = made(EV_OBJECTION);
		v.ev.reason = f->objection;
		return v;
	case REPLY_NOT_NOW:
		if (f->date_review)
			return person("not_now", "a date that is past or far away");
		v = made(EV_NOT_NOW);
		v.ev.date = f->date;
		return v;
	case REPLY_NOT_A_FIT:
		return made(EV_NOT_A_FIT);
	case REPLY_REFERRAL:
		return made(EV_REFERRAL);
	case REPLY_BOOKED:
		return own_word(q) && may_go_on(q) ? made(EV_BOOKED)
				   : person("weak_booking", "a time is fixed, without proof of who wrote it");
	case REPLY_UNSUBSCRIBE:
		if (f->third_party)
			return person("third_party", "asks for the removal of somebody else");
		return own_word(q) ? made(EV_UNSUBSCRIBE)
				   : person("weak_unsubscribe",
					    "wants no further mail, without proof of who wrote it");
	case REPLY_COMPLAINT:
		return own_word(q) ? made(EV_COMPLAINT)
				   : person("weak_complaint", "a complaint without proof of who wrote it");
	case REPLY_OUT_OF_OFFICE:
		return away(q);
	case REPLY_BOUNCE:
		return left(q);
	case REPLY_UNKNOWN:
	case REPLY_CLASS_COUNT:
		break;
	}
	return f->stop || f->kind == KIND_HUMAN ? person("unknown", "cannot be told") : made(EV_NOTICE);
}

static struct verdict_event by_kind(const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;

	switch (f->kind) {
	case KIND_BOUNCE:
		return bounce(q);
	case KIND_COMPLAINT:
		return complaint_report(q);
	case KIND_AUTO_REPLY:
		return auto_reply(q);
	case KIND_CALENDAR:
		return calendar(q);
	case KIND_HUMAN:
		return q->colleague ? made(EV_COLLEAGUE) : human(q);
	case KIND_OTHER:
		return !f->stop ? made(EV_NOTICE) : q->colleague ? made(EV_COLLEAGUE) : human(q);
	case KIND_DELAY:
	case KIND_DSN_SUCCESS:
	case KIND_MDN:
	case KIND_CHALLENGE:
	case KIND_LIST:
	case KIND_COUNT:
		break;
	}
	return made(EV_NOTICE);
}

static const char *words_of(struct arena *a, const struct finding *f)
{
	if (f->referred_n > 0) {
		struct buf b;
		buf_init(&b, a);
		for (size_t i = 0; i < f->referred_n && i < 5; i++)
			buf_addf(&b, "%s%s", i ? ", " : "", f->referred[i]);
		if (!str_empty(f->referred_name))
			buf_addf(&b, " (%s)", f->referred_name);
		return b.p;
	}
	return str_empty(f->visible) ? NULL : str_cut(a, f->visible, WORDS_MAX);
}

/* "ACCEPTED: 2027-03-04 10:00 (Europe/Berlin). See you then": the time is what a person wants to know. */
static const char *calendar_words(struct arena *a, const struct verdict_question *q)
{
	const struct finding *f = q->r->finding;
	const struct calendar_item *item = f->calendar;
	struct appointment ap = { .starts = item->start, .zone = item->zone, .all_day = item->all_day };
	const char *said = f->calendar_partstat ? f->calendar_partstat : item->method;
	const char *who = q->colleague && q->r->from ? arena_printf(a, " by %s", q->r->from) : "";
	struct buf b;

	buf_init(&b, a);
	if (q->known)
		ap.owner_zone = q->known->owner_zone, ap.prospect_zone = q->known->prospect_zone;
	buf_addf(&b, "%s%s", said, who);
	if (item->start)
		buf_addf(&b, ": %s", store_appointment_when(a, &ap));
	if (!str_empty(f->visible))
		buf_addf(&b, ". %s", str_cut(a, f->visible, WORDS_MAX));
	return b.p;
}

struct verdict_event verdict_of(struct arena *a, const struct verdict_question *q)
{
	struct verdict_event v = by_kind(q);

	if (str_empty(v.ev.words) && q->r->finding->calendar)
		v.ev.words = calendar_words(a, q);
	if (str_empty(v.ev.words))
		v.ev.words = words_of(a, q->r->finding);
	return v;
}
