/* SPDX-License-Identifier: MPL-2.0
 *
 * stopped: the next touch of an enrolment that is over, parked or with a person.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/str.h"

static time_t since(const struct hearing *h)
{
	const struct memory_enrolment *e = h->enrolment;

	if (e->since)
		return e->since;
	return e->state.last_touch ? e->state.last_touch : e->state.started;
}

static const char *reason(const struct hearing *h)
{
	const struct enrolment *e = &h->enrolment->state;

	if (!str_empty(e->reason))
		return hearing_words(h, e->reason);
	return hearing_words(h, seq_state_name(e->state));
}

static const char *pause_words(const struct hearing *h)
{
	const struct enrolment *e = &h->enrolment->state;

	return str_empty(e->pause_words) ? hearing_words(h, e->pause_reason) : e->pause_words;
}

enum word rule_stopped(const struct hearing *h, struct plea *p)
{
	const struct enrolment *e = h->enrolment ? &h->enrolment->state : NULL;
	const char *key = "stopped";

	if (!e || h->mail->enrol || seq_may_touch(e))
		return WORD_DUNNO;
	p->o.recipient = h->prospect->address;
	plea_fact(h, p, "enrolment %s state=%s reason=%s", e->id, seq_state_name(e->state),
		  e->reason ? e->reason : e->pause_reason ? e->pause_reason : "-");
	if (e->state == SEQ_PARKED) {
		plea_say(h, p, "stopped.parked", "who", h->prospect->address, "until",
			 hearing_time(h, e->due), "date", hearing_time(h, since(h)), "reason",
			 pause_words(h), NULL);
		return WORD_OBJECTS;
	}
	if (e->state == SEQ_REPLY_RECEIVED || e->state == SEQ_HUMAN_REVIEW || e->state == SEQ_BOOKED)
		key = "stopped.person";
	else		/* over is over; a reply or a pause the rep may overrule */
		p->over = false;
	plea_say(h, p, key, "who", h->prospect->address, "date", hearing_time(h, since(h)),
		 "reason", reason(h), NULL);
	return WORD_OBJECTS;
}
