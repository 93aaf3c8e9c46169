/* SPDX-License-Identifier: MPL-2.0
 *
 * Frames and fields. Pure. Numbers are little-endian, whatever the machine.
 */
#include "config.h"

#include "imapwatch/proto.h"

#include <string.h>

#include "base/arena.h"
#include "classifier/calendar.h"

enum { NULL_TEXT = 0xffffffffu };

/* ---- writing ---- */

static void put32(char *p, uint32_t v)
{
	for (int k = 0; k < 4; k++)
		p[k] = (char)(v >> 8 * k);
}

static uint32_t get32(const char *p)
{
	uint32_t v = 0;

	for (int k = 0; k < 4; k++)
		v |= (uint32_t)(unsigned char)p[k] << 8 * k;
	return v;
}

void frame_begin(struct buf *b, enum frame_type type, uint32_t number)
{
	pack_u32(b, 0);
	buf_addc(b, (char)type);
	pack_u32(b, number);
}

bool frame_end(struct buf *b)
{
	if (b->n > FRAME_MAX)
		return false;
	put32(b->p, (uint32_t)b->n);
	return true;
}

void pack_u32(struct buf *b, uint32_t v)
{
	char raw[4];

	put32(raw, v);
	buf_add(b, raw, sizeof(raw));
}

void pack_i64(struct buf *b, int64_t v)
{
	pack_u32(b, (uint32_t)((uint64_t)v & 0xffffffffu));
	pack_u32(b, (uint32_t)((uint64_t)v >> 32));
}

void pack_bool(struct buf *b, bool v)
{
	buf_addc(b, v ? 1 : 0);
}

void pack_num(struct buf *b, double v)
{
	int64_t raw;

	memcpy(&raw, &v, sizeof(raw));
	pack_i64(b, raw);
}

void pack_bytes(struct buf *b, const char *p, size_t n)
{
	pack_u32(b, (uint32_t)n);
	buf_add(b, p, n);
}

/* Header lines of real mails hold bytes of any charset, Message-IDs too: the other side takes UTF-8 alone, and one
 * such mail must not make its whole batch a bad frame, for ever. */
static const char *as_utf8(struct buf *b, const char *s)
{
	return s && !str_is_utf8(s, strlen(s)) ? str_utf8(b->arena, s, strlen(s)) : s;
}

void pack_text(struct buf *b, const char *s)
{
	s = as_utf8(b, s);
	if (s)
		pack_bytes(b, s, strlen(s));
	else
		pack_u32(b, NULL_TEXT);
}

void pack_text_cut(struct buf *b, const char *s, size_t max)
{
	size_t n;

	s = as_utf8(b, s);
	n = s ? strnlen(s, max + 1) : 0;
	if (n > max)	/* on a character border: UTF-8 continuation bytes are 10xxxxxx */
		for (n = max; n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
			;
	if (s)
		pack_bytes(b, s, n);
	else
		pack_u32(b, NULL_TEXT);
}

/* ---- reading ---- */

long frame_parse(const char *p, size_t n, struct frame *out_r)
{
	uint32_t size;

	if (n < FRAME_HEAD)
		return 0;
	size = get32(p);
	if (size < FRAME_HEAD || size > FRAME_MAX)
		return -1;
	if ((unsigned char)p[4] == FRAME_NONE || (unsigned char)p[4] >= FRAME_TYPE_COUNT)
		return -1;
	if (n < size)
		return 0;
	*out_r = (struct frame){ (enum frame_type)(unsigned char)p[4], get32(p + 5), p + FRAME_HEAD,
				 size - FRAME_HEAD };
	return (long)size;
}

struct unpack unpack_frame(const struct frame *f, struct arena *a)
{
	return (struct unpack){ f->body, f->n, false, a };
}

static const char *take(struct unpack *u, size_t n)
{
	const char *p = u->p;

	if (u->bad || n > u->n) {
		u->bad = true;
		return NULL;
	}
	u->p += n;
	u->n -= n;
	return p;
}

uint32_t unpack_u32(struct unpack *u)
{
	const char *p = take(u, 4);

	return p ? get32(p) : 0;
}

int64_t unpack_i64(struct unpack *u)
{
	uint64_t low = unpack_u32(u), high = unpack_u32(u);

	return (int64_t)(high << 32 | low);
}

bool unpack_bool(struct unpack *u)
{
	const char *p = take(u, 1);

	if (p && *p != 0 && *p != 1)
		u->bad = true;
	return p && *p == 1;
}

double unpack_num(struct unpack *u)
{
	int64_t raw = unpack_i64(u);
	double v;

	memcpy(&v, &raw, sizeof(v));
	return v == v ? v : 0;	/* no NaN */
}

const char *unpack_bytes(struct unpack *u, size_t *n_r)
{
	uint32_t n = unpack_u32(u);
	const char *p = take(u, n);

	*n_r = p ? n : 0;
	return p ? p : "";
}

const char *unpack_text(struct unpack *u)
{
	uint32_t n = unpack_u32(u);
	const char *p;

	if (u->bad || n == NULL_TEXT)
		return NULL;
	p = take(u, n);
	if (!p)
		return NULL;
	if (memchr(p, '\0', n) || !str_is_utf8(p, n)) {
		u->bad = true;
		return NULL;
	}
	return arena_strndup(u->arena, p, n);
}

const char *unpack_text_or(struct unpack *u, const char *instead)
{
	const char *s = unpack_text(u);

	return s ? s : instead;
}

size_t unpack_count(struct unpack *u, size_t max, size_t least)
{
	uint32_t n = unpack_u32(u);

	if (u->bad || n > max || (uint64_t)n * least > u->n) {
		u->bad = true;
		return 0;
	}
	return n;
}

bool unpack_end(const struct unpack *u)
{
	return !u->bad && u->n == 0;
}

/* ---- lists of texts ---- */

static void pack_texts(struct buf *b, const char *const *list, size_t n, size_t max, size_t cut)
{
	if (n > max)
		n = max;
	pack_u32(b, (uint32_t)n);
	for (size_t k = 0; k < n; k++)
		pack_text_cut(b, list[k] ? list[k] : "", cut);
}

static const char **unpack_texts(struct unpack *u, size_t max, size_t *n_r)
{
	size_t n = unpack_count(u, max, 4);
	const char **list = arena_array(u->arena, const char *, n);

	for (size_t k = 0; k < n; k++)
		list[k] = unpack_text_or(u, "");
	*n_r = u->bad ? 0 : n;
	return list;
}

/* ---- facts ---- */

void pack_facts(struct buf *b, const struct facts *f)
{
	size_t n = f->controls_n > CONTROLS_MAX ? CONTROLS_MAX : f->controls_n;

	pack_u32(b, f->uid);
	pack_i64(b, f->received);
	pack_text_cut(b, f->key, 998);
	pack_text_cut(b, f->message_id, 998);
	pack_text_cut(b, f->from, 400);
	pack_text_cut(b, f->from_name, 200);
	pack_text_cut(b, f->envelope_from, 400);
	pack_text_cut(b, f->subject, 500);
	pack_text_cut(b, f->subject_key, 500);
	pack_text_cut(b, f->text, 6000);
	pack_texts(b, f->refs, f->refs_n, REFS_MAX, 300);
	pack_bool(b, f->automatic);
	pack_bool(b, f->aside);
	pack_bool(b, f->report);
	pack_text_cut(b, f->original_message_id, 998);
	pack_text_cut(b, f->original_stamp, 500);
	pack_text_cut(b, f->original_envelope_id, 200);
	pack_text_cut(b, f->original_to, 400);
	pack_texts(b, f->reported, f->reported_n, REPORTED_MAX, 400);
	pack_text_cut(b, f->calendar_uid, 300);
	pack_text_cut(b, f->invitee, 400);
	pack_u32(b, (uint32_t)n);
	for (size_t k = 0; k < n; k++) {
		pack_text_cut(b, f->controls[k].verb, 64);
		pack_text_cut(b, f->controls[k].arg, 64);
	}
	pack_bool(b, f->lead != NULL);
	if (f->lead)
		pack_lead(b, f->lead);
}

void unpack_facts(struct unpack *u, struct facts *f)
{
	struct control_address *controls;

	*f = (struct facts){ .uid = unpack_u32(u) };
	f->received = unpack_i64(u);
	f->key = unpack_text(u);
	f->message_id = unpack_text(u);
	f->from = unpack_text(u);
	f->from_name = unpack_text(u);
	f->envelope_from = unpack_text(u);
	f->subject = unpack_text_or(u, "");
	f->subject_key = unpack_text_or(u, "");
	f->text = unpack_text_or(u, "");
	f->refs = unpack_texts(u, REFS_MAX, &f->refs_n);
	f->automatic = unpack_bool(u);
	f->aside = unpack_bool(u);
	f->report = unpack_bool(u);
	f->original_message_id = unpack_text(u);
	f->original_stamp = unpack_text(u);
	f->original_envelope_id = unpack_text(u);
	f->original_to = unpack_text(u);
	f->reported = unpack_texts(u, REPORTED_MAX, &f->reported_n);
	f->calendar_uid = unpack_text(u);
	f->invitee = unpack_text(u);
	f->controls_n = unpack_count(u, CONTROLS_MAX, 8);
	controls = arena_array(u->arena, struct control_address, f->controls_n);
	for (size_t k = 0; k < f->controls_n; k++) {
		controls[k].verb = unpack_text_or(u, "");
		controls[k].arg = unpack_text(u);
	}
	f->controls = controls;
	if (unpack_bool(u)) {
		struct lead *l;

		unpack_lead(u, &l);
		f->lead = l;
	}
	if (str_empty(f->key) || f->uid == 0)
		u->bad = true;
}

/* ---- findings ---- */

static void pack_calendar(struct buf *b, const struct calendar_item *c)
{
	size_t n;

	pack_bool(b, c != NULL);
	if (!c)
		return;
	n = c->attendees_n > CALENDAR_ATTENDEES_MAX ? CALENDAR_ATTENDEES_MAX : c->attendees_n;
	pack_text_cut(b, c->method, 40);
	pack_text_cut(b, c->rule, 60);
	pack_text_cut(b, c->uid, 300);
	pack_text_cut(b, c->recurrence, 40);
	pack_u32(b, (uint32_t)c->sequence);
	pack_i64(b, c->stamp);
	pack_i64(b, c->start);
	pack_i64(b, c->end);
	pack_text_cut(b, c->zone, 80);
	pack_bool(b, c->all_day);
	pack_bool(b, c->floating);
	pack_bool(b, c->repeats);
	pack_text_cut(b, c->status, 40);
	pack_text_cut(b, c->summary, 500);
	pack_text_cut(b, c->place, 500);
	pack_text_cut(b, c->comment, 4000);
	pack_text_cut(b, c->organizer, 400);
	pack_u32(b, (uint32_t)n);
	for (size_t k = 0; k < n; k++) {
		pack_text_cut(b, c->attendees[k].address, 400);
		pack_text_cut(b, c->attendees[k].partstat, 40);
		pack_text_cut(b, c->attendees[k].delegated_to, 400);
		pack_text_cut(b, c->attendees[k].delegated_from, 400);
	}
}

static const struct calendar_item *unpack_calendar(struct unpack *u)
{
	struct calendar_item *c;
	struct calendar_attendee *list;

	if (!unpack_bool(u))
		return NULL;
	c = arena_new_of(u->arena, struct calendar_item);
	c->method = unpack_text_or(u, "");
	c->rule = unpack_text(u);
	c->uid = unpack_text(u);
	c->recurrence = unpack_text(u);
	c->sequence = (int)(unpack_u32(u) & 0x7fffffff);
	c->stamp = unpack_i64(u);
	c->start = unpack_i64(u);
	c->end = unpack_i64(u);
	c->zone = unpack_text(u);
	c->all_day = unpack_bool(u);
	c->floating = unpack_bool(u);
	c->repeats = unpack_bool(u);
	c->status = unpack_text(u);
	c->summary = unpack_text(u);
	c->place = unpack_text(u);
	c->comment = unpack_text(u);
	c->organizer = unpack_text(u);
	c->attendees_n = unpack_count(u, CALENDAR_ATTENDEES_MAX, 16);
	list = arena_array(u->arena, struct calendar_attendee, c->attendees_n);
	for (size_t k = 0; k < c->attendees_n; k++) {
		list[k].address = unpack_text_or(u, "");
		list[k].partstat = unpack_text(u);
		list[k].delegated_to = unpack_text(u);
		list[k].delegated_from = unpack_text(u);
	}
	c->attendees = list;
	/* 1970 to 2200, as the parser itself says */
	if (c->start < 0 || c->end < 0 || c->stamp < 0 || c->start > INT64_C(7500000000) || c->end > INT64_C(7500000000))
		u->bad = true;
	return c;
}

static void pack_recipient(struct buf *b, const struct report_recipient *r)
{
	pack_text_cut(b, r->address ? r->address : "", 400);
	pack_text_cut(b, r->original, 400);
	pack_u32(b, r->fate);
	pack_u32(b, r->hardness);
	pack_text_cut(b, r->status, 20);
	pack_u32(b, r->reason);
	pack_text_cut(b, r->words, 500);
	pack_bool(b, r->about_address);
}

void pack_finding(struct buf *b, const struct finding *f)
{
	size_t recipients = f->recipients_n > REPORTED_MAX ? REPORTED_MAX : f->recipients_n;
	size_t evidence = f->evidence_n > 20 ? 20 : f->evidence_n;

	pack_u32(b, f->kind);
	pack_u32(b, f->subkind);
	pack_u32(b, f->class);
	pack_num(b, f->confidence);
	pack_bool(b, f->stop);
	pack_bool(b, f->suppress);
	pack_bool(b, f->third_party);
	pack_u32(b, (uint32_t)f->date.year);
	pack_u32(b, (uint32_t)f->date.month);
	pack_u32(b, (uint32_t)f->date.day);
	pack_text_cut(b, f->date_words, 200);
	pack_bool(b, f->date_review);
	pack_texts(b, f->referred, f->referred_n, 10, 400);
	pack_text_cut(b, f->referred_name, 200);
	pack_u32(b, (uint32_t)recipients);
	for (size_t k = 0; k < recipients; k++)
		pack_recipient(b, &f->recipients[k]);
	pack_text_cut(b, f->feedback_type, 60);
	pack_text_cut(b, f->original_message_id, 998);
	pack_text_cut(b, f->original_envelope_id, 200);
	pack_text_cut(b, f->original_stamp, 500);
	pack_text_cut(b, f->original_to, 400);
	pack_text_cut(b, f->calendar_partstat, 40);
	pack_text_cut(b, f->calendar_method, 40);
	pack_i64(b, f->calendar_start);
	pack_text_cut(b, f->calendar_uid, 300);
	pack_calendar(b, f->calendar);
	pack_text_cut(b, f->visible, 32768);
	pack_text_cut(b, f->language, 20);
	pack_text_cut(b, f->objection, 40);
	pack_u32(b, (uint32_t)evidence);
	for (size_t k = 0; k < evidence; k++) {
		pack_text_cut(b, f->evidence[k].rule, 120);
		pack_text_cut(b, f->evidence[k].words, 200);
		pack_text_cut(b, f->evidence[k].where, 80);
	}
}

static uint32_t unpack_enum(struct unpack *u, uint32_t count)
{
	uint32_t v = unpack_u32(u);

	if (v >= count)
		u->bad = true;
	return u->bad ? 0 : v;
}

static void unpack_recipient(struct unpack *u, struct report_recipient *r)
{
	r->address = unpack_text_or(u, "");
	r->original = unpack_text(u);
	r->fate = (enum reply_kind)unpack_enum(u, KIND_COUNT);
	r->hardness = (enum hardness)unpack_enum(u, HARDNESS_HARD + 1);
	r->status = unpack_text(u);
	r->reason = (enum bounce_reason)unpack_enum(u, REASON_COUNT);
	r->words = unpack_text(u);
	r->about_address = unpack_bool(u);
}

static void unpack_date(struct unpack *u, struct date *d)
{
	d->year = (int)unpack_enum(u, 10000);
	d->month = (int)unpack_enum(u, 13);
	d->day = (int)unpack_enum(u, 32);
	if (d->year == 0 || date_valid(*d))
		return;
	u->bad = true;
	*d = (struct date){ 0 };
}

void unpack_finding(struct unpack *u, struct finding *f)
{
	struct report_recipient *recipients;
	struct evidence_item *evidence;

	*f = (struct finding){ .kind = (enum reply_kind)unpack_enum(u, KIND_COUNT) };
	f->subkind = (enum reply_subkind)unpack_enum(u, SUBKIND_COUNT);
	f->class = (enum reply_class)unpack_enum(u, REPLY_CLASS_COUNT);
	f->confidence = unpack_num(u);
	f->stop = unpack_bool(u);
	f->suppress = unpack_bool(u);
	f->third_party = unpack_bool(u);
	unpack_date(u, &f->date);
	f->date_words = unpack_text(u);
	f->date_review = unpack_bool(u);
	f->referred = unpack_texts(u, 10, &f->referred_n);
	f->referred_name = unpack_text(u);
	f->recipients_n = unpack_count(u, REPORTED_MAX, 25);
	recipients = arena_array(u->arena, struct report_recipient, f->recipients_n);
	for (size_t k = 0; k < f->recipients_n; k++)
		unpack_recipient(u, &recipients[k]);
	f->recipients = recipients;
	f->feedback_type = unpack_text(u);
	f->original_message_id = unpack_text(u);
	f->original_envelope_id = unpack_text(u);
	f->original_stamp = unpack_text(u);
	f->original_to = unpack_text(u);
	f->calendar_partstat = unpack_text(u);
	f->calendar_method = unpack_text(u);
	f->calendar_start = unpack_i64(u);
	f->calendar_uid = unpack_text(u);
	f->calendar = unpack_calendar(u);
	f->visible = unpack_text_or(u, "");
	f->language = unpack_text_or(u, "-");
	f->objection = unpack_text(u);
	f->evidence_n = unpack_count(u, 20, 12);
	evidence = arena_array(u->arena, struct evidence_item, f->evidence_n);
	for (size_t k = 0; k < f->evidence_n; k++) {
		evidence[k].rule = unpack_text_or(u, "");
		evidence[k].words = unpack_text_or(u, "");
		evidence[k].where = unpack_text_or(u, "");
	}
	f->evidence = evidence;
	f->ignored_quote = f->ignored_footer = "";
}

/* ---- drafts ---- */

void pack_seen(struct buf *b, const struct seen_draft *d)
{
	pack_u32(b, d->uid);
	pack_text_cut(b, d->message_id, 998);
	pack_text_cut(b, d->stamp, 200);
	pack_texts(b, d->to, d->to_n, TO_MAX, 400);
	pack_text_cut(b, d->subject, 998);
	pack_text_cut(b, d->text, 65536);
	pack_texts(b, d->refs, d->refs_n, REFS_MAX, 300);
	pack_bool(b, d->more);
	pack_bool(b, d->draft);
	pack_bool(b, d->deleted);
}

void unpack_seen(struct unpack *u, struct seen_draft *d)
{
	*d = (struct seen_draft){ .uid = unpack_u32(u) };
	d->message_id = unpack_text(u);
	d->stamp = unpack_text(u);
	d->to = unpack_texts(u, TO_MAX, &d->to_n);
	d->subject = unpack_text_or(u, "");
	d->text = unpack_text_or(u, "");
	d->refs = unpack_texts(u, REFS_MAX, &d->refs_n);
	d->more = unpack_bool(u);
	d->draft = unpack_bool(u);
	d->deleted = unpack_bool(u);
}
