/* SPDX-License-Identifier: MPL-2.0
 *
 * A lead between worker and parent. What comes in is hostile: an address that is none, or text that could turn a
 * line, makes the frame a bad one.
 */
#include "config.h"

#include "imapwatch/proto.h"

#include "base/addr.h"
#include "base/arena.h"

/* RFC 5321 section 4.5.3.1 says 254; a little more is met. */
enum { ADDRESS_MAX = 320, PROBLEM_MAX = 400, WORDS_MAX = 400, REQUEST_MAX = 300, FIELDS_MAX = 1000000 };

/* As the other side takes it. */
static bool fits(struct arena *a, const char *address)
{
	struct addr at;

	return strlen(address) <= ADDRESS_MAX && addr_path(a, address, &at) && str_eq(at.key, address) &&
	       str_is_utf8(address, strlen(address));
}

void pack_lead(struct buf *b, const struct lead *l)
{
	bool useless = l->address && !fits(b->arena, l->address);

	pack_u32(b, l->shape);
	pack_text(b, useless ? NULL : l->address);
	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		pack_text_cut(b, l->values[f], lead_field_max((enum lead_field)f));
	pack_u32(b, (uint32_t)l->extra_n);
	for (size_t k = 0; k < l->extra_n; k++) {
		pack_text_cut(b, l->extra[k].label, LEAD_LABEL_MAX);
		pack_text_cut(b, l->extra[k].value, LEAD_EXTRA_VALUE);
	}
	pack_u32(b, (uint32_t)(l->fields > FIELDS_MAX ? FIELDS_MAX : l->fields));
	pack_text_cut(b, l->request, REQUEST_MAX);
	pack_u32(b, l->consent);
	pack_text_cut(b, l->consent_words, WORDS_MAX);
	pack_bool(b, l->urgent);
	pack_text_cut(b, l->language, 20);
	pack_text_cut(b, useless && !l->problem ? "its address cannot be written to: look at the mail itself" : l->problem,
		      PROBLEM_MAX);
	pack_bool(b, l->robot);
}

static const char *line(struct unpack *u, bool lines)
{
	const char *s = unpack_text(u);

	for (const char *c = s; c && *c; c++)
		if ((unsigned char)*c < ' ' && !(lines && *c == '\n'))
			u->bad = true;
	return str_empty(s) ? NULL : s;
}

void unpack_lead(struct unpack *u, struct lead **out_r)
{
	struct lead *l = arena_new_of(u->arena, struct lead);
	uint32_t shape = unpack_u32(u), consent;
	struct addr at;

	*out_r = l;
	l->shape = shape < LEAD_SHAPE_COUNT ? (enum lead_shape)shape : LEAD_SHAPE_NONE;
	l->address = line(u, false);
	if (l->address && (strlen(l->address) > ADDRESS_MAX || !addr_path(u->arena, l->address, &at) ||
			   !str_eq(at.key, l->address)))
		u->bad = true;
	for (int f = 0; f < LEAD_FIELD_COUNT; f++)
		l->values[f] = line(u, f == LEAD_MESSAGE);
	l->extra_n = unpack_count(u, LEAD_EXTRA_MAX, 8);
	for (size_t k = 0; k < l->extra_n; k++) {
		l->extra[k].label = line(u, false);
		l->extra[k].value = line(u, false);
		if (!l->extra[k].label || !l->extra[k].value)
			u->bad = true;
	}
	l->fields = unpack_u32(u);
	l->request = line(u, false);
	consent = unpack_u32(u);
	l->consent = consent <= LEAD_CONSENT_NO ? (enum lead_consent)consent : LEAD_CONSENT_UNKNOWN;
	l->consent_words = line(u, false);
	l->urgent = unpack_bool(u);
	l->language = line(u, false);
	l->problem = line(u, false);
	l->robot = unpack_bool(u);
}
