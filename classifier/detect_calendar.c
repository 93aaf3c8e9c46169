/* SPDX-License-Identifier: MPL-2.0
 *
 * Invitations and the answers to them: text/calendar with METHOD (RFC 5546), through libical.
 * A comment that a person typed into the answer outweighs the bare PARTSTAT: reply.c sees to that.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <libical/ical.h>
#include <string.h>

enum { CALENDAR_MAX = 128 * 1024 };

static icalcomponent *event_of(icalcomponent *root)
{
	if (icalcomponent_isa(root) == ICAL_VEVENT_COMPONENT)
		return root;
	return icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT);
}

static void read_event(struct ctx *c, icalcomponent *ev)
{
	struct finding *f = c->f;
	icalproperty *p;
	struct icaltimetype t = icalcomponent_get_dtstart(ev);
	const char *uid = icalcomponent_get_uid(ev), *comment;

	if (uid && str_is_utf8(uid, strlen(uid)))
		f->calendar_uid = str_cut(c->a, uid, 250);
	if (!icaltime_is_null_time(t) && icaltime_is_valid_time(t))
		f->calendar_start = icaltime_as_timet_with_zone(t, t.zone ? t.zone :
								icaltimezone_get_utc_timezone());
	for (p = icalcomponent_get_first_property(ev, ICAL_ATTENDEE_PROPERTY); p;
	     p = icalcomponent_get_next_property(ev, ICAL_ATTENDEE_PROPERTY)) {
		icalparameter *ps = icalproperty_get_first_parameter(p, ICAL_PARTSTAT_PARAMETER);
		const char *who = icalproperty_get_attendee(p);
		const char *v = ps ? icalproperty_get_parameter_as_string(p, "PARTSTAT") : NULL;
		icalparameter *to = icalproperty_get_first_parameter(p, ICAL_DELEGATEDTO_PARAMETER);
		if (v && (!f->calendar_partstat || (c->m->from_n && who &&
		    span_find_case(span_of(who), c->m->from[0].key) != (size_t)-1)))
			f->calendar_partstat = arena_strdup(c->a, v);
		if (to && f->referred_n == 0) {
			const char *d = icalparameter_get_delegatedto(to);
			const char *key = d ? report_address(c->a, strncasecmp(d, "mailto:", 7) == 0 ?
							     d + 7 : d) : "";
			if (*key) {
				f->referred = arena_array(c->a, const char *, 1);
				f->referred[0] = key;
				f->referred_n = 1;
			}
		}
	}
	comment = icalcomponent_get_comment(ev);
	if (comment && *comment && strlen(comment) < 4000)
		f->visible = str_utf8(c->a, comment, strlen(comment));
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
	const struct part *p = NULL;
	struct finding *f = c->f;
	icalcomponent *root, *ev;

	for (size_t i = 0; i < c->m->parts_n && !p; i++)
		if (c->m->parts[i].calendar_method && c->m->parts[i].parent_rfc822 < 0)
			p = &c->m->parts[i];
	if (!p)
		return false;
	f->kind = KIND_CALENDAR;
	f->calendar_method = p->calendar_method;
	if (p->text && p->text_n < CALENDAR_MAX && (root = icalparser_parse_string(p->text))) {
		if ((ev = event_of(root)))
			read_event(c, ev);
		icalcomponent_free(root);
	}
	f->subkind = subkind_of(f->calendar_method);
	f->class = class_of(f->calendar_method, f->calendar_partstat);
	f->stop = true;
	f->confidence = f->class == REPLY_UNKNOWN ? 0.4 : 0.97;
	ctx_evidence(c, "part:text/calendar", f->calendar_partstat ?
		     arena_printf(c->a, "%s %s", f->calendar_method, f->calendar_partstat) :
		     f->calendar_method, "calendar");
	return true;
}
