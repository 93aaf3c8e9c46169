/* SPDX-License-Identifier: MPL-2.0
 *
 * Invitations and the answers to them: text/calendar with METHOD (RFC 5546), as calendar.c reads them.
 * A comment that a person typed into the answer outweighs the bare PARTSTAT: reply.c sees to that.
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "classifier/calendar.h"
#include "classifier/detect.h"

/* Whose answer it is: the sender's line, else the one that answers at all. */
static const struct calendar_attendee *answerer(const struct ctx *c, const struct calendar_item *item)
{
	const struct calendar_attendee *at = c->m->from_n ? calendar_attendee(item, c->m->from[0].key) : NULL;

	for (size_t i = 0; !(at && at->partstat) && i < item->attendees_n; i++)
		if (item->attendees[i].partstat)
			at = &item->attendees[i];
	return at;
}

static void take(struct ctx *c, const struct calendar_item *item)
{
	const struct calendar_attendee *at = answerer(c, item);
	struct finding *f = c->f;

	f->calendar = item;
	f->calendar_method = item->method;
	f->calendar_uid = item->uid;
	f->calendar_start = item->start;
	f->calendar_partstat = at ? at->partstat : NULL;
	if (at && at->delegated_to && f->referred_n == 0) {
		f->referred = arena_array(c->a, const char *, 1);
		f->referred[0] = at->delegated_to;
		f->referred_n = 1;
	}
	if (item->comment)
		f->visible = item->comment;
	/* a mailbox that accepts whatever comes is nobody's yes */
	if (span_starts_case(span_of(message_header(c->m, "Auto-Submitted")), "auto-replied") &&
	    str_eq(f->calendar_partstat, "ACCEPTED"))
		f->calendar_partstat = NULL;
}

static enum reply_subkind subkind_of(const char *method)
{
	return str_eq(method, "REPLY") ? SUBKIND_REPLY : str_eq(method, "CANCEL") ? SUBKIND_CANCEL :
	       str_eq(method, "COUNTER") ? SUBKIND_COUNTER :
	       str_eq(method, "REQUEST") || str_eq(method, "ADD") ? SUBKIND_REQUEST : SUBKIND_OTHER;
}

static enum reply_class class_of(const char *method, const char *partstat)
{
	if (str_eq(method, "REPLY")) {
		if (str_eq(partstat, "ACCEPTED"))
			return REPLY_BOOKED;
		if (str_eq(partstat, "TENTATIVE"))
			return REPLY_INTERESTED;
		if (str_eq(partstat, "DECLINED"))
			return REPLY_NOT_NOW;
		if (str_eq(partstat, "DELEGATED"))
			return REPLY_REFERRAL;
		return REPLY_UNKNOWN;
	}
	if (str_eq(method, "COUNTER"))
		return REPLY_INTERESTED;
	if (str_eq(method, "CANCEL") || str_eq(method, "DECLINECOUNTER"))
		return REPLY_NOT_NOW;
	if (str_eq(method, "REQUEST") || str_eq(method, "PUBLISH"))
		return REPLY_BOOKED;
	return REPLY_UNKNOWN;
}

bool detect_calendar(struct ctx *c)
{
	const struct calendar_item *item = calendar_of(c->a, c->m, c->rc ? c->rc->zone : NULL);
	struct finding *f = c->f;

	if (!item)
		return false;
	f->kind = KIND_CALENDAR;
	take(c, item);
	f->subkind = subkind_of(f->calendar_method);
	f->class = class_of(f->calendar_method, f->calendar_partstat);
	f->stop = true;
	f->confidence = f->class == REPLY_UNKNOWN ? 0.4 : 0.97;
	ctx_evidence(c, "part:text/calendar", f->calendar_partstat ?
		     arena_printf(c->a, "%s %s", f->calendar_method, f->calendar_partstat) :
		     f->calendar_method, "calendar");
	return true;
}
