/* SPDX-License-Identifier: MPL-2.0
 *
 * Rules for notices of booking systems: who sends them, which subjects mean what, and behind which labels the
 * invitee and the time stand. The time of an attached calendar is better than any text.
 */
#include "config.h"

#include "classifier/booking.h"

#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

enum { RULES_MAX = 50, VALUES_MAX = 24, LINE_MAX_BYTES = 400, TEXT_LINES = 2000 };
enum key { KEY_FROM, KEY_BOOKED, KEY_MOVED, KEY_CANCELLED, KEY_INVITEE, KEY_STARTS, KEY_ZONE, KEY_SUMMARY, KEY_PLACE,
	   KEY_COUNT };

static const char *const keys[KEY_COUNT] = {
	[KEY_FROM] = "from", [KEY_BOOKED] = "booked", [KEY_MOVED] = "moved", [KEY_CANCELLED] = "cancelled",
	[KEY_INVITEE] = "invitee", [KEY_STARTS] = "starts", [KEY_ZONE] = "zone", [KEY_SUMMARY] = "summary",
	[KEY_PLACE] = "place",
};

struct values {
	const char *list[VALUES_MAX];
	size_t n;
};
struct rule {
	const char *name, *file;
	struct values values[KEY_COUNT];
};
struct booking_rules {
	struct arena *arena;
	struct rule list[RULES_MAX];
	size_t n;
};

/* ---- the files ---- */

static enum status add_value(struct rule *r, enum key k, const char *value, int line, struct err *e)
{
	struct values *v = &r->values[k];

	if (v->n == VALUES_MAX)
		return err_set(e, CONF, "%s:%d: more than %d values for '%s'", r->file, line, VALUES_MAX, keys[k]);
	v->list[v->n++] = value;
	return OK;
}

/* key = value | value */
static enum status one_line(struct booking_rules *all, struct rule *r, struct span line, int number, struct err *e)
{
	const char *eq = memchr(line.p, '=', line.n);
	struct span name, rest, one;
	const char *near;
	enum status s = OK;

	if (!eq)
		return err_set(e, CONF, "%s:%d: no 'key = value'", r->file, number);
	name = span_trim((struct span){ line.p, (size_t)(eq - line.p) });
	rest = (struct span){ eq + 1, line.n - (size_t)(eq + 1 - line.p) };
	for (int k = 0; k < KEY_COUNT; k++) {
		if (!span_eq_case(name, keys[k]))
			continue;
		while (s == OK && span_split(&rest, '|', &one)) {
			one = span_trim(one);
			if (one.n)
				s = add_value(r, (enum key)k, span_dup(all->arena, one), number, e);
		}
		return s;
	}
	near = str_nearest(span_dup(all->arena, name), keys, KEY_COUNT);
	return err_set(e, CONF, "%s:%d: there is no '%.*s'%s%s", r->file, number, (int)name.n, name.p,
		       near ? ": did you mean " : "", near ? near : "");
}

static enum status check(const struct rule *r, struct err *e)
{
	static const enum key needed[] = { KEY_FROM, KEY_BOOKED, KEY_INVITEE };

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!r->values[needed[i]].n)
			return err_set(e, CONF, "%s: it does not say '%s'", r->file, keys[needed[i]]);
	for (size_t i = 0; i < r->values[KEY_FROM].n; i++) {
		const char *from = r->values[KEY_FROM].list[i], *at = strrchr(from, '@');

		if (!at || !strchr(at, '.') || strchr(at, '*'))
			return err_set(e, CONF, "%s: '%s' is no sender: write notices@example.com or *@example.com",
				       r->file, from);
	}
	return OK;
}

static enum status load_one(struct booking_rules *all, const struct data_file *f, struct err *e)
{
	struct span rest = { f->text, f->n }, line;
	const char *slash = strrchr(f->name, '/');
	struct rule *r;
	int number = 0;
	enum status s = OK;

	if (all->n == RULES_MAX)
		return err_set(e, CONF, "%s: more than %d booking systems", f->name, RULES_MAX);
	r = &all->list[all->n++];
	r->file = arena_strdup(all->arena, f->name);
	r->name = arena_strdup(all->arena, slash ? slash + 1 : f->name);
	if (!str_is_utf8(f->text, f->n))
		return err_set(e, CONF, "%s: it is not UTF-8", f->name);
	while (s == OK && span_line(&rest, &line)) {
		number++;
		line = span_trim(line);
		if (line.n && line.p[0] != '#')
			s = one_line(all, r, line, number, e);
	}
	return s == OK ? check(r, e) : s;
}

enum status booking_load(const struct data_file *files, size_t n, struct booking_rules **out_r, struct err *e)
{
	struct arena *a = arena_new(0);
	struct booking_rules *r = arena_new_of(a, struct booking_rules);
	enum status s = OK;

	r->arena = a;
	for (size_t i = 0; s == OK && i < n; i++)
		s = load_one(r, &files[i], e);
	if (s == OK)
		*out_r = r;
	else
		arena_free(a);
	return s;
}

void booking_free(struct booking_rules *r)
{
	if (r)
		arena_free(r->arena);
}

size_t booking_count(const struct booking_rules *r)
{
	return r->n;
}

/* ---- a mail ---- */

/* "*@calendly.com", "no-reply@calendly.com" */
static bool sent_by(const struct rule *r, const char *from)
{
	const char *at = from ? strrchr(from, '@') : NULL;

	for (size_t i = 0; at && i < r->values[KEY_FROM].n; i++) {
		const char *p = r->values[KEY_FROM].list[i];

		if (p[0] == '*' ? str_eq_case(p + 1, at) : str_eq_case(p, from))
			return true;
	}
	return false;
}

static bool begins(const struct values *v, const char *subject)
{
	for (size_t i = 0; i < v->n; i++) {
		size_t at = span_find_case(span_of(subject), v->list[i]);

		if (at != (size_t)-1)
			return true;
	}
	return false;
}

static struct span plain_line(struct span line)
{
	line = span_trim(line);
	while (line.n && strchr("*_|> :", line.p[0])) {
		line.p++;
		line.n--;
	}
	while (line.n && strchr("*_| ", line.p[line.n - 1]))
		line.n--;
	return line;
}

/* The rest of the label's own line, or the next lines that are not empty, at most so many. */
static const char *read_on(struct arena *a, struct span line, struct span rest, int lines)
{
	struct buf b;

	buf_init(&b, a);
	if (line.n)
		buf_add(&b, line.p, line.n < LINE_MAX_BYTES ? line.n : LINE_MAX_BYTES);
	for (int n = line.n != 0; n < lines && b.n < LINE_MAX_BYTES && span_line(&rest, &line); ) {
		line = plain_line(line);
		if (!line.n)
			continue;
		if (b.n)
			buf_addc(&b, ' ');
		buf_add(&b, line.p, line.n < LINE_MAX_BYTES ? line.n : LINE_MAX_BYTES);
		n++;
	}
	return b.n ? b.p : NULL;
}

static const char *behind(struct arena *a, const struct message *m, const struct values *v, int lines)
{
	for (size_t i = 0; i < v->n; i++) {
		struct span rest = span_of(m->text), line;

		for (int n = 0; n < TEXT_LINES && span_line(&rest, &line); n++) {
			size_t at = strlen(v->list[i]);

			line = plain_line(line);
			if (!span_starts_case(line, v->list[i]))
				continue;
			/* "When" is no label of "Whenever", "Email" none of "Emails" */
			if (line.n > at && (line.p[at] == '-' || (line.p[at] | 32) >= 'a'))
				continue;
			return read_on(a, plain_line((struct span){ line.p + at, line.n - at }), rest, lines);
		}
	}
	return NULL;
}

/* An address of the text that is nobody's whom the notice is addressed to. */
static const char *address_in(struct arena *a, const struct message *m, const char *text)
{
	struct span rest = span_of(text), word;

	while (text && span_split(&rest, ' ', &word)) {
		const char *key;
		bool reader = false;

		while (word.n && strchr("<([\"':,;", word.p[0])) {
			word.p++;
			word.n--;
		}
		if (span_starts_case(word, "mailto:")) {
			word.p += 7;
			word.n -= 7;
		}
		while (word.n && strchr(">)]\"',;.", word.p[word.n - 1]))
			word.n--;
		if (!memchr(word.p, '@', word.n))
			continue;
		key = report_address(a, span_dup(a, word));
		for (size_t t = 0; t < m->to_n; t++)
			reader = reader || str_eq(key, m->to[t].key);
		if (*key && !reader)
			return key;
	}
	return NULL;
}

static const char *invited(const struct message *m, const struct calendar_item *cal)
{
	for (size_t k = 0; cal && k < cal->attendees_n; k++) {
		const char *who = cal->attendees[k].address;
		bool reader = str_eq(who, cal->organizer);

		for (size_t t = 0; t < m->to_n; t++)
			reader = reader || str_eq(who, m->to[t].key);
		if (!reader)
			return who;
	}
	return NULL;
}

/* In the order of the rule. "calendar": the one invited who is neither the organizer nor who reads this. */
static const char *invitee_of(struct arena *a, const struct rule *r, const struct message *m,
			      const struct calendar_item *cal)
{
	const struct values *v = &r->values[KEY_INVITEE];
	const char *found = NULL;

	for (size_t i = 0; !found && i < v->n; i++) {
		struct values one = { .list = { v->list[i] }, .n = 1 };

		if (str_eq_case(v->list[i], "reply-to"))
			found = m->reply_to_n ? m->reply_to[0].key : NULL;
		else if (str_eq_case(v->list[i], "calendar"))
			found = invited(m, cal);
		else
			found = address_in(a, m, behind(a, m, &one, 3));
	}
	return found;
}

static bool says_owner(const struct values *v)
{
	return v->n && str_eq_case(v->list[v->n - 1], "owner");
}

static void take_time(struct arena *a, const struct rule *r, const struct message *m, const char *zone,
		      time_t received, const struct calendar_item *cal, struct calendar_item *item)
{
	const char *named = behind(a, m, &r->values[KEY_ZONE], 1), *in = named ? calendar_zone(a, named) : NULL;
	const char *text;

	if (cal && cal->start) {
		item->start = cal->start;
		item->end = cal->end;
		item->zone = in ? in : cal->zone;
		item->all_day = cal->all_day;
		return;
	}
	text = behind(a, m, &r->values[KEY_STARTS], 2);
	if (named && text)	/* "(Berlin)" behind the time, or on a line of its own */
		text = arena_printf(a, "%s (%s)", text, named);
	if (!in && says_owner(&r->values[KEY_ZONE]))
		in = zone;
	if (text)
		item->start = booking_time(a, text, in, received, &item->zone);
}

static const struct calendar_item *read_by(struct arena *a, const struct rule *r, const struct message *m,
					   const char *zone, time_t received)
{
	struct calendar_item *item = arena_new_of(a, struct calendar_item);
	const struct calendar_item *cal = calendar_of(a, m, zone);
	struct calendar_attendee *who = arena_new_of(a, struct calendar_attendee);

	item->method = begins(&r->values[KEY_CANCELLED], m->subject) ? "CANCEL"
		     : begins(&r->values[KEY_MOVED], m->subject) ? "MOVED"
		     : begins(&r->values[KEY_BOOKED], m->subject) ? "BOOKED" : NULL;
	if (!item->method)
		return NULL;
	item->rule = r->name;
	take_time(a, r, m, zone, received, cal, item);
	if (cal) {
		item->uid = cal->uid;
		item->recurrence = cal->recurrence;
		item->sequence = cal->sequence;
		item->stamp = cal->stamp;
		item->summary = cal->summary;
		item->place = cal->place;
		item->organizer = cal->organizer;
	}
	if (!item->summary)
		item->summary = behind(a, m, &r->values[KEY_SUMMARY], 1);
	if (!item->place)
		item->place = behind(a, m, &r->values[KEY_PLACE], 1);
	who->address = invitee_of(a, r, m, cal);
	item->attendees = who;
	item->attendees_n = who->address != NULL;
	return item;
}

const struct calendar_item *booking_read(struct arena *a, const struct booking_rules *r, const struct message *m,
					 const char *zone, time_t received)
{
	for (size_t i = 0; r && m->from_n == 1 && i < r->n; i++)
		if (sent_by(&r->list[i], m->from[0].key)) {
			const struct calendar_item *item = read_by(a, &r->list[i], m, zone, received);

			if (item)
				return item;
		}
	return NULL;
}

struct finding *booking_finding(struct arena *a, const struct calendar_item *item)
{
	struct finding *f = arena_new_of(a, struct finding);
	struct evidence_item *why = arena_new_of(a, struct evidence_item);
	bool cancel = str_eq(item->method, "CANCEL");

	f->kind = KIND_CALENDAR;
	f->subkind = cancel ? SUBKIND_CANCEL : SUBKIND_REPLY;
	f->class = cancel ? REPLY_NOT_NOW : REPLY_BOOKED;
	f->confidence = 0.97;
	f->stop = true;
	f->calendar = item;
	f->calendar_method = item->method;
	f->calendar_start = item->start;
	f->calendar_uid = item->uid;
	f->visible = f->ignored_quote = f->ignored_footer = "";
	f->language = "-";
	*why = (struct evidence_item){ arena_printf(a, "booking:%s", item->rule), item->method, "subject" };
	f->evidence = why;
	f->evidence_n = 1;
	return f;
}
