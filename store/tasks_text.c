/* SPDX-License-Identifier: MPL-2.0
 *
 * What a task on another channel says, and whether there may be one. The text is drafted as mails are: facts from
 * the record, only evidence that is safe and verified or observed, and what is missing stays visible.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "store/appointments.h"
#include "store/store_private.h"
#include "store/tasks_private.h"

/* ---- may it be used ---- */

/* "linkedin, phone" names the channels that this person allows. */
static bool named(const char *channels, const char *channel)
{
	size_t n = strlen(channel);

	for (const char *c = channels ? channels : ""; (c = strcasestr(c, channel)) != NULL; c += n)
		if ((c == channels || strchr(" ,;/", c[-1])) && (c[n] == '\0' || strchr(" ,;/", c[n])))
			return true;
	return false;
}

/* Channels that reach into somebody's pocket: only with the person's own permission for them. */
static bool personal(const char *channel)
{
	return str_eq(channel, "whatsapp") || str_eq(channel, "sms") || str_eq(channel, "voice_note");
}

enum status store_channel_allowed(struct store_tx *tx, struct arena *a, const char *prospect_id,
				  const char *channel, const char **why_not_r, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, prospect_facts, &r, e, T(prospect_id));
	const char *channels;

	*why_not_r = NULL;
	if (s != OK || str_eq(channel, "email") || str_eq(channel, "task"))
		return s;
	channels = row_text(r, "permission_channels");
	if (!named(channels, channel) && (personal(channel) || !str_empty(channels))) {
		*why_not_r = arena_printf(a, "'%s' is no permitted channel of this person", channel);
		return OK;
	}
	if (str_eq(channel, "voice_note")) {
		s = ONE(tx, a, channel_warm, &r, e, T(prospect_id));
		if (s == GONE)
			*why_not_r = "a voice note is for somebody who knows us, not for a cold contact";
	}
	return s == GONE ? OK : s;
}

/* ---- the text ---- */

struct facts {
	struct arena *a;
	const struct store_tx *tx;
	const struct enrolment_row *row;
	const struct row *person;
	const char *owner_name, *evidence, *signal, *words, *link;
};

static const char *first_word(struct arena *a, const char *s)
{
	return str_empty(s) ? NULL : arena_strndup(a, s, strcspn(s, " "));
}

static const char *other_fact(const struct facts *f, const char *name)
{
	const char *zone = f->row->e.zone ? f->row->e.zone : "UTC";
	char day[WHEN_TEXT];

	if (str_eq(name, "company"))
		return row_text(f->person, "company_name");
	if (str_eq(name, "industry"))
		return row_text(f->person, "company_industry");
	if (str_eq(name, "first_name"))
		return first_word(f->a, f->row->name);
	if (str_eq(name, "evidence_line"))
		return f->evidence;
	if (str_eq(name, "signal"))
		return f->signal;
	if (str_eq(name, "offer"))
		return f->row->plan->offer;
	if (str_eq(name, "owner_name") || str_eq(name, "signature"))
		return f->owner_name;
	if (str_eq(name, "owner_first_name"))
		return first_word(f->a, f->owner_name);
	if (str_eq(name, "why_parked"))
		return f->words;
	if (str_eq(name, "last_subject"))
		return f->row->thread_subject;
	if (str_eq(name, "booking_link"))
		return f->link;
	if (str_eq(name, "last_touch_date") && f->row->e.last_touch)
		return arena_strdup(f->a, date_text(when_civil(f->row->e.last_touch, zone).date, day));
	return NULL;
}

static const char *fact(void *ctx, const char *name)
{
	const struct facts *f = ctx;
	const char *value = row_text(f->person, name);

	if (str_empty(value))
		value = other_fact(f, name);
	return str_empty(value) ? NULL : value;
}

static enum status gather(struct store_tx *tx, struct arena *a, struct facts *f, struct err *e)
{
	const char *prospect = f->row->prospect_id;
	const struct row *r = NULL;
	enum status s = ONE(tx, a, prospect_facts, &f->person, e, T(prospect));

	if (s == OK)
		s = ONE(tx, a, owner_find, &r, e, T(f->row->owner_login));
	if (s == OK)
		f->owner_name = at_text(r, 2);
	if (s == OK || s == GONE)
		s = ONE(tx, a, channel_evidence, &r, e, T(prospect));
	if (s == OK)
		f->evidence = at_text(r, 0);
	if (s == OK || s == GONE)
		s = ONE(tx, a, handoff_signals, &r, e, T(prospect));
	if (s == OK)
		f->signal = row_text(r, "what");
	if (s == OK || s == GONE)
		s = store_booking_link(tx, a, prospect, f->row->owner_id, &f->link, NULL, e);
	return s;
}

/* How to reach them, so that nobody has to look it up. */
static void add_where(struct buf *b, const struct facts *f, enum channel c)
{
	const char *phone = row_text(f->person, "phone"), *profile = row_text(f->person, "profile");

	if (c == CHANNEL_LINKEDIN && !str_empty(profile))
		buf_addf(b, "%s\n", profile);
	else if (c == CHANNEL_LINKEDIN)
		buf_adds(b, "{{profile}}\n");
	else if (c != CHANNEL_TASK)
		buf_addf(b, "%s\n", str_empty(phone) ? "{{phone}}" : phone);
}

enum status tasks_text(struct store_tx *tx, struct arena *a, const struct enrolment_row *row,
		       const struct plan_step *st, const char *words, const char **text_r, struct err *e)
{
	const struct store_options *o = &tx->store->o;
	struct facts f = { .a = a, .tx = tx, .row = row, .words = words };
	const char **missing = NULL;
	size_t missing_n = 0;
	struct buf b;
	enum status s = gather(tx, a, &f, e);

	if (s != OK)
		return s;
	buf_init(&b, a);
	buf_addf(&b, "%s\n", st->job);
	add_where(&b, &f, st->channel);
	if (st->channel == CHANNEL_VOICE_NOTE && !str_empty(o->voice_brief))
		buf_addf(&b, "%s\n", o->voice_brief);
	if (!str_empty(st->text))
		buf_addf(&b, "\n%s", plan_fill(a, st->text, fact, &f, &missing, &missing_n));
	if (st->channel == CHANNEL_VOICE_NOTE && !str_empty(o->voice_disclosure) && !strstr(b.p, o->voice_disclosure))
		buf_addf(&b, "%s%s\n", b.n && b.p[b.n - 1] == '\n' ? "" : "\n", o->voice_disclosure);
	*text_r = b.p;
	return OK;
}
