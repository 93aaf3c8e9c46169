/* SPDX-License-Identifier: MPL-2.0
 *
 * Calendar parts through libical. Clocks are read by ICU from the zone's name: libical would look for zone files on
 * the disk, and clients' own VTIMEZONE is used only where its name says nothing to anybody.
 */
#include "config.h"

#include "classifier/calendar.h"

#include <libical/ical.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "classifier/detect.h"

enum { CALENDAR_MAX = 128 * 1024, TEXT_MAX = 4000, UID_MAX = 250, ZONE_RULES_MAX = 6 };

/* ---- zones ---- */

static const char *windows_zone(struct arena *a, const char *name)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar win[128], id[128];
	char out[128];
	int32_t n;

	u_strFromUTF8(win, 128, &n, name, -1, &code);
	if (U_FAILURE(code) || n >= 128)
		return NULL;
	n = ucal_getTimeZoneIDForWindowsID(win, n, NULL, id, 128, &code);
	if (U_FAILURE(code) || n <= 0 || n >= 128)
		return NULL;
	u_strToUTF8(out, sizeof(out), NULL, id, n, &code);
	return U_FAILURE(code) ? NULL : arena_strdup(a, out);
}

/* "Berlin" is the end of one zone's name. */
static const char *city_zone(struct arena *a, struct span city)
{
	UErrorCode code = U_ZERO_ERROR;
	UEnumeration *all = ucal_openTimeZones(&code);
	const char *id, *found = NULL, *want = arena_printf(a, "/%.*s", (int)city.n, city.p);
	int32_t n;

	for (char *c = (char *)(uintptr_t)want; *c; c++)
		*c = *c == ' ' ? '_' : *c;
	while (!found && U_SUCCESS(code) && (id = uenum_next(all, &n, &code)))
		if (span_ends_case(span_of(id), want))
			found = arena_strdup(a, id);
	uenum_close(all);
	return found;
}

/* "(UTC+01:00) Amsterdam, Berlin, Bern": what Outlook shows is what some programs write. */
static const char *shown_zone(struct arena *a, const char *name)
{
	struct span rest = span_of(strchr(name, ')') ? strchr(name, ')') + 1 : ""), city;
	const char *id;

	if (!span_starts_case(span_of(name), "(utc") && !span_starts_case(span_of(name), "(gmt"))
		return NULL;
	if (span_find_case(rest, "coordinated universal") != (size_t)-1)
		return "UTC";
	while (span_split(&rest, ',', &city)) {
		city = span_trim(city);
		if (city.n > 2 && city.n < 60 && (id = city_zone(a, city)))
			return id;
	}
	return NULL;
}

/* Names that neither IANA nor CLDR knows, of programs that are still met. */
static const char *old_zone(const char *name)
{
	static const struct { const char *name, *id; } list[] = {
		{ "Z", "UTC" }, { "tzone://Microsoft/Utc", "UTC" }, { "Greenwich Mean Time", "Europe/London" },
		{ "W. Europe", "Europe/Berlin" }, { "Western/Central Europe", "Europe/Berlin" },
		{ "Romance", "Europe/Paris" }, { "Central Europe", "Europe/Budapest" },
		{ "Eastern", "America/New_York" }, { "Central", "America/Chicago" },
		{ "Mountain", "America/Denver" }, { "Pacific", "America/Los_Angeles" },
		{ "Eastern Time (US & Canada)", "America/New_York" }, { "US/Eastern", "America/New_York" },
		{ "Central Time (US & Canada)", "America/Chicago" },
		{ "Mountain Time (US & Canada)", "America/Denver" },
		{ "Pacific Time (US & Canada)", "America/Los_Angeles" },
		{ "Eastern Time - US & Canada", "America/New_York" },
		{ "Central Time - US & Canada", "America/Chicago" },
		{ "Mountain Time - US & Canada", "America/Denver" },
		{ "Pacific Time - US & Canada", "America/Los_Angeles" },
		{ "Central European Time", "Europe/Berlin" }, { "UK, Ireland, Lisbon Time", "Europe/London" },
		{ "Central European Time - Berlin", "Europe/Berlin" },
		{ "Tokyo, Osaka, Sapporo", "Asia/Tokyo" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (str_eq_case(name, list[i].name))
			return list[i].id;
	return NULL;
}

const char *calendar_zone(struct arena *a, const char *tzid)
{
	char *name = tzid ? span_dup(a, span_trim(span_of(tzid))) : NULL;
	const char *found;
	size_t n = name ? strlen(name) : 0;

	if (n == 0 || n > 120)
		return NULL;
	if (n > 1 && name[0] == '"' && name[n - 1] == '"') {
		name[n - 1] = '\0';
		name++;
	}
	if ((found = old_zone(name)))
		return found;
	if (strchr(name, '/') || str_eq_case(name, "UTC") || str_eq_case(name, "GMT")) {
		/* "/mozilla.org/20050126_1/Europe/Berlin": what stands behind any of the slashes */
		for (const char *p = name; p; p = strchr(p, '/')) {
			p += *p == '/';
			if (*p && when_zone_valid(p))
				return p;
		}
	}
	if ((found = windows_zone(a, name)))
		return found;
	if ((found = shown_zone(a, name)))
		return found;
	if (n > 3 && !strpbrk(name, "/+0123456789") && (found = city_zone(a, span_of(name))))
		return found;
	return when_zone_valid(name) && strchr(name, '/') ? name : NULL;
}

/* ---- times ---- */

struct reading_of {
	struct arena *a;
	icalcomponent *root, *ev;
	const char *zone;		/* of floating times */
	struct calendar_item *item;
};

struct moment {
	time_t t;			/* 0: none */
	const char *zone;
	bool all_day, floating;
	struct date date;
};

static const char *location_of(struct reading_of *r, const char *tzid)
{
	icalcomponent *c;

	for (c = icalcomponent_get_first_component(r->root, ICAL_VTIMEZONE_COMPONENT); c;
	     c = icalcomponent_get_next_component(r->root, ICAL_VTIMEZONE_COMPONENT)) {
		icalproperty *id = icalcomponent_get_first_property(c, ICAL_TZID_PROPERTY), *x;

		if (!id || !str_eq(icalproperty_get_tzid(id), tzid))
			continue;
		for (x = icalcomponent_get_first_property(c, ICAL_X_PROPERTY); x;
		     x = icalcomponent_get_next_property(c, ICAL_X_PROPERTY))
			if (str_eq_case(icalproperty_get_x_name(x), "X-LIC-LOCATION"))
				return calendar_zone(r->a, icalproperty_get_x(x));
	}
	return NULL;
}

/* libical writes down every change of a zone's clock one by one: a rule by the second would keep it busy for hours,
 * and fill the memory. Clocks change on some days of a year, at one moment of the day. */
static bool tame_rule(struct icalrecurrencetype rule)
{
	const short *const once[] = { rule.by_second, rule.by_minute, rule.by_hour, rule.by_year_day, rule.by_week_no };

	for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++)
		if (once[i][0] != ICAL_RECURRENCE_ARRAY_MAX && once[i][1] != ICAL_RECURRENCE_ARRAY_MAX)
			return false;
	return rule.freq == ICAL_YEARLY_RECURRENCE;
}

static bool tame_zone(icalcomponent *root, const char *tzid)
{
	icalcomponent *c, *part;
	int rules = 0;

	for (c = icalcomponent_get_first_component(root, ICAL_VTIMEZONE_COMPONENT); c;
	     c = icalcomponent_get_next_component(root, ICAL_VTIMEZONE_COMPONENT)) {
		icalproperty *id = icalcomponent_get_first_property(c, ICAL_TZID_PROPERTY), *p;

		if (!id || !str_eq(icalproperty_get_tzid(id), tzid))
			continue;
		for (part = icalcomponent_get_first_component(c, ICAL_ANY_COMPONENT); part;
		     part = icalcomponent_get_next_component(c, ICAL_ANY_COMPONENT))
			for (p = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY); p;
			     p = icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY))
				if (!tame_rule(icalproperty_get_rrule(p)) || ++rules > ZONE_RULES_MAX)
					return false;
	}
	return true;
}

static struct moment read_time(struct reading_of *r, icalproperty *p, struct icaltimetype t)
{
	struct moment m = { .t = 0 };
	icalparameter *tz = p ? icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER) : NULL;
	const char *tzid = tz ? icalparameter_get_tzid(tz) : NULL;

	if (!p || icaltime_is_null_time(t) || t.year < 1970 || t.year > 2200)
		return m;
	m.date = (struct date){ t.year, t.month, t.day };
	if (!date_valid(m.date) || t.hour > 24 || t.minute > 59 || t.hour < 0 || t.minute < 0)
		return m;
	m.all_day = t.is_date;
	if (icaltime_is_utc(t)) {
		m.zone = "UTC";
	} else if (tzid) {
		m.zone = calendar_zone(r->a, tzid);
		if (!m.zone)
			m.zone = location_of(r, tzid);
		if (!m.zone) {
			icaltimezone *own = tame_zone(r->root, tzid) ? icalcomponent_get_timezone(r->root, tzid) : NULL;

			if (own) {	/* "Customized Time Zone" */
				m.t = icaltime_as_timet_with_zone(t, own);
				return m;
			}
		}
	}
	m.floating = !m.zone;
	m.t = when_utc(m.date, t.is_date ? 0 : t.hour, t.is_date ? 0 : t.minute, m.zone ? m.zone : r->zone);
	return m;
}

static void read_times(struct reading_of *r)
{
	struct calendar_item *item = r->item;
	icalproperty *p = icalcomponent_get_first_property(r->ev, ICAL_DTSTART_PROPERTY);
	struct moment start = { .t = 0 }, end = { .t = 0 };

	if (p)
		start = read_time(r, p, icalproperty_get_dtstart(p));
	item->start = start.t;
	item->zone = start.floating ? NULL : start.zone;
	item->all_day = start.all_day;
	item->floating = start.floating && start.t;
	p = icalcomponent_get_first_property(r->ev, ICAL_DTEND_PROPERTY);
	if (p)
		end = read_time(r, p, icalproperty_get_dtend(p));
	p = icalcomponent_get_first_property(r->ev, ICAL_DURATION_PROPERTY);
	if (!end.t && p && start.t) {
		int seconds = icaldurationtype_as_int(icalproperty_get_duration(p));

		end.t = seconds > 0 && seconds <= 366 * 86400 ? start.t + seconds : 0;
	}
	if (!end.t && start.t && start.all_day)
		end.t = when_utc(date_add_days(start.date, 1), 0, 0, start.zone ? start.zone : r->zone);
	item->end = end.t > item->start ? end.t : 0;
	p = icalcomponent_get_first_property(r->ev, ICAL_DTSTAMP_PROPERTY);
	if (p)
		item->stamp = read_time(r, p, icalproperty_get_dtstamp(p)).t;
	p = icalcomponent_get_first_property(r->ev, ICAL_RECURRENCEID_PROPERTY);
	if (p) {
		struct moment m = read_time(r, p, icalproperty_get_recurrenceid(p));
		struct civil c = when_civil(m.t, "UTC");

		if (m.t && m.all_day)
			item->recurrence = arena_printf(r->a, "%04d%02d%02d", m.date.year, m.date.month, m.date.day);
		else if (m.t)
			item->recurrence = arena_printf(r->a, "%04d%02d%02dT%02d%02d%02dZ", c.date.year, c.date.month,
							c.date.day, c.hour, c.minute, c.second);
	}
	item->repeats = icalcomponent_get_first_property(r->ev, ICAL_RRULE_PROPERTY) != NULL;
}

/* ---- people ---- */

/* "mailto:Ann@Buyer.example", or, with Apple, a path and the address as a parameter. */
static const char *address_of(struct reading_of *r, icalproperty *p, const char *value)
{
	icalparameter *x = p ? icalproperty_get_first_parameter(p, ICAL_EMAIL_PARAMETER) : NULL;
	const char *email = x ? icalparameter_get_email(x) : NULL, *key;

	if (value && strncasecmp(value, "mailto:", 7) == 0)
		value += 7;
	key = value && strchr(value, '@') ? report_address(r->a, value) : "";
	if (!*key && email)
		key = report_address(r->a, email);
	return *key ? key : NULL;
}

static const char *upper(struct arena *a, const char *s)
{
	char *c = arena_strdup(a, s);

	for (char *p = c; p && *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	return c;
}

static void read_people(struct reading_of *r)
{
	struct calendar_attendee *list = arena_array(r->a, struct calendar_attendee, CALENDAR_ATTENDEES_MAX);
	icalproperty *p = icalcomponent_get_first_property(r->ev, ICAL_ORGANIZER_PROPERTY);
	size_t n = 0;

	if (p)
		r->item->organizer = address_of(r, p, icalproperty_get_organizer(p));
	for (p = icalcomponent_get_first_property(r->ev, ICAL_ATTENDEE_PROPERTY); p && n < CALENDAR_ATTENDEES_MAX;
	     p = icalcomponent_get_next_property(r->ev, ICAL_ATTENDEE_PROPERTY)) {
		icalparameter *to = icalproperty_get_first_parameter(p, ICAL_DELEGATEDTO_PARAMETER);
		icalparameter *from = icalproperty_get_first_parameter(p, ICAL_DELEGATEDFROM_PARAMETER);
		icalparameter *ps = icalproperty_get_first_parameter(p, ICAL_PARTSTAT_PARAMETER);
		const char *who = address_of(r, p, icalproperty_get_attendee(p));

		if (!who)
			continue;
		list[n++] = (struct calendar_attendee){
			.address = who,
			.partstat = ps ? upper(r->a, icalproperty_get_parameter_as_string(p, "PARTSTAT")) : NULL,
			.delegated_to = to ? address_of(r, NULL, icalparameter_get_delegatedto(to)) : NULL,
			.delegated_from = from ? address_of(r, NULL, icalparameter_get_delegatedfrom(from)) : NULL,
		};
	}
	r->item->attendees = list;
	r->item->attendees_n = n;
}

/* ---- the whole ---- */

static const char *text_of(struct arena *a, const char *s)
{
	return str_empty(s) ? NULL : str_cut(a, str_utf8(a, s, strlen(s)), TEXT_MAX);
}

/* Of a series the series itself, not its exceptions; else whatever there is. */
static icalcomponent *event_of(icalcomponent *root)
{
	icalcomponent *c, *first = NULL;

	if (icalcomponent_isa(root) == ICAL_VEVENT_COMPONENT)
		return root;
	for (c = icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT); c;
	     c = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT)) {
		if (!first)
			first = c;
		if (!icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY))
			return c;
	}
	return first;
}

static const char *method_in(struct arena *a, icalcomponent *root)
{
	icalproperty *p = icalcomponent_get_first_property(root, ICAL_METHOD_PROPERTY);
	const char *s = p ? icalproperty_get_value_as_string(p) : NULL;

	return str_empty(s) ? NULL : upper(a, s);
}

static void read_event(struct reading_of *r)
{
	const char *uid = icalcomponent_get_uid(r->ev);
	icalproperty *p = icalcomponent_get_first_property(r->ev, ICAL_STATUS_PROPERTY);
	const char *s = p ? icalproperty_get_value_as_string(p) : NULL;

	if (!str_empty(uid) && str_is_utf8(uid, strlen(uid)))
		r->item->uid = str_cut(r->a, uid, UID_MAX);
	r->item->status = str_empty(s) ? NULL : upper(r->a, s);
	p = icalcomponent_get_first_property(r->ev, ICAL_SEQUENCE_PROPERTY);
	r->item->sequence = p ? icalproperty_get_sequence(p) : 0;
	if (r->item->sequence < 0)
		r->item->sequence = 0;
	r->item->summary = text_of(r->a, icalcomponent_get_summary(r->ev));
	r->item->place = text_of(r->a, icalcomponent_get_location(r->ev));
	r->item->comment = text_of(r->a, icalcomponent_get_comment(r->ev));
	read_times(r);
	read_people(r);
}

const struct calendar_item *calendar_read(struct arena *a, const char *text, size_t n, const char *method,
					  const char *zone)
{
	struct calendar_item *item = arena_new_of(a, struct calendar_item);
	struct reading_of r = { .a = a, .item = item, .zone = zone && when_zone_valid(zone) ? zone : "UTC" };
	const char *start = text && n && n < CALENDAR_MAX ? memmem(text, n, "BEGIN:VCALENDAR", 15) : NULL;
	const char *own;

	item->method = method;
	if (!start && text && n && n < CALENDAR_MAX)
		start = text;
	r.root = start ? icalparser_parse_string(arena_strndup(a, start, n - (size_t)(start - text))) : NULL;
	if (r.root) {
		if ((own = method_in(a, r.root)))
			item->method = own;
		if ((r.ev = event_of(r.root)))
			read_event(&r);
		icalcomponent_free(r.root);
	}
	return item->method ? item : NULL;
}

const struct calendar_item *calendar_of(struct arena *a, const struct message *m, const char *zone)
{
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];

		if (p->calendar_method && p->parent_rfc822 < 0)
			return calendar_read(a, p->text, p->text_n, p->calendar_method, zone);
	}
	return NULL;
}
