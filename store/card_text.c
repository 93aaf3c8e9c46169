/* SPDX-License-Identifier: MPL-2.0
 *
 * The review card as text for a terminal or a plain mail.
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "store/card.h"

enum { LABEL = 14, WIDTH = 76 };

struct page {
	struct arena *a;
	struct buf b;
	const char *zone;
};

/* `label: value`, folded between words. */
static void line(struct page *p, const char *label, const char *value)
{
	struct span rest, word;
	size_t column = LABEL;

	if (str_empty(value))
		return;
	buf_addf(&p->b, "%-*s", LABEL, *label ? arena_printf(p->a, "%s:", label) : "");
	rest = span_of(text_squeeze(p->a, value));
	for (bool first = true; span_split(&rest, ' ', &word); first = false) {
		if (word.n == 0)
			continue;
		if (!first && column + 1 + word.n > WIDTH) {
			buf_addf(&p->b, "\n%*s", LABEL, "");
			column = LABEL;
		} else if (!first) {
			buf_addc(&p->b, ' ');
			column++;
		}
		buf_add(&p->b, word.p, word.n);
		column += word.n;
	}
	buf_addc(&p->b, '\n');
}

static const char *day(struct page *p, time_t t)
{
	char out[WHEN_TEXT];

	return t ? arena_strdup(p->a, date_text(when_civil(t, p->zone).date, out)) : "-";
}

static void block(struct page *p, const char *text)
{
	struct span rest = span_of(text), l;

	while (span_line(&rest, &l))
		buf_addf(&p->b, "  | %.*s\n", (int)l.n, l.p);
}

static void join(struct page *p, const char *label, const char *const *list, size_t n, const char *none)
{
	struct buf b;

	buf_init(&b, p->a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", list[i]);
	line(p, label, n ? b.p : none);
}

static void person(struct page *p, const struct card *c)
{
	struct arena *a = p->a;

	line(p, "Prospect", arena_printf(a, "%s <%s>%s%s", c->prospect ? c->prospect : "?", c->address ? c->address : "?",
					 c->role ? ", " : "", c->role ? c->role : ""));
	line(p, "Company", c->company ? c->company : c->domain);
	line(p, "Identity", c->identity_status);
	line(p, "Fit", arena_printf(a, "priority %s, stage %s%s%s%s%s", c->priority ? c->priority : "-",
				    c->stage ? c->stage : "-", c->qualification ? ", " : "",
				    c->qualification ? c->qualification : "",
				    c->score_reasons ? "; " : "", c->score_reasons ? c->score_reasons : ""));
	if (c->fit || c->intent)
		line(p, "", arena_printf(a, "fit %s, intent %s", c->fit ? c->fit : "-", c->intent ? c->intent : "-"));
	line(p, "Relationship", c->deals <= 0 ? c->relationship : arena_printf(a, "%s, %d deals before",
			c->relationship ? c->relationship : "-", c->deals));
	line(p, "Urgency", c->urgency);
	line(p, "Prefers", c->preferred_channel);
	for (size_t i = 0; i < c->sources_n; i++)
		line(p, i ? "" : "Source", arena_printf(a, "%s, %s%s%s", c->sources[i].kind, day(p,
			c->sources[i].captured),
							c->sources[i].url ? ", " : "",
								c->sources[i].url ? c->sources[i].url : ""));
	line(p, "Permission", c->permission);
	if (c->suppressions_n == 0)
		line(p, "Suppressed", "no");
	for (size_t i = 0; i < c->suppressions_n; i++)
		line(p, i ? "" : "Suppressed", arena_printf(a, "%s: %s, since %s", c->suppressions[i].subject,
				c->suppressions[i].reason, day(p, c->suppressions[i].since)));
	if (c->evidence_n == 0)
		line(p, "Evidence", "none");
	for (size_t i = 0; i < c->evidence_n; i++)
		line(p, i ? "" : "Evidence", arena_printf(a, "%s (%s, %s%s%s)", c->evidence[i].point, c->evidence[i].type,
				c->evidence[i].source, c->evidence[i].safe ? "" : ", not safe to mention",
				c->evidence[i].used ? ", in the text" : ""));
	if (c->signal)
		line(p, "Signal", arena_printf(a, "%s (%s)", c->signal, day(p, c->signal_date)));
}

static void sequence(struct page *p, const struct card *c)
{
	struct arena *a = p->a;

	if (!c->sequence)
		return;
	line(p, "Sequence", arena_printf(a, "%s, step %d of %d: %s", c->sequence, c->step, c->steps,
		c->job ? c->job : "-"));
	line(p, "State", arena_printf(a, "%s%s%s%s, %d of %d touches made", c->state, c->reason ? " (" : "",
				      c->reason ? c->reason : "", c->reason ? ")" : "", c->touches, c->max_touches));
	line(p, "Why now", c->pause_words ? arena_printf(a, "%s; it was paused: %s", c->why_now ? c->why_now : "-",
							 c->pause_words) : c->why_now);
	line(p, "Channel", arena_printf(a, "%s%s", c->channel ? c->channel : "-", c->channel_allowed ? ""
		: " (not permitted)"));
	line(p, "Timing", c->window_opens ? arena_printf(a, "the sending window opens %s", day(p, c->window_opens))
					  : "inside the sending window");
	line(p, "Authority", arena_printf(a, "%s%s", c->authority, c->sensitive ? "; two persons have to approve" : ""));
	if (c->touches_list_n == 0)
		line(p, "Before", "nothing was sent yet");
	for (size_t i = 0; i < c->touches_list_n; i++)
		line(p, i ? "" : "Before", arena_printf(a, "%s %s %s%s%s", day(p, c->touches_list[i].at),
				c->touches_list[i].channel, c->touches_list[i].kind,
					c->touches_list[i].subject ? ": " : "",
				c->touches_list[i].subject ? c->touches_list[i].subject : ""));
}

const char *card_text(struct arena *a, const struct card *c, const char *zone)
{
	struct page p = { .a = a, .zone = zone ? zone : "UTC" };

	buf_init(&p.b, a);
	line(&p, "Item", arena_printf(a, "%s %s%s%s", c->kind, c->shortly, c->owner ? ", of " : "",
		c->owner ? c->owner : ""));
	line(&p, "Waits", c->item_reason ? c->item_reason : c->item_kind);
	person(&p, c);
	sequence(&p, c);
	line(&p, "Reply", c->reply_class ? arena_printf(a, "%s: %s, %s, \"%s\"", c->reply_state, c->reply_class,
			day(&p, c->reply_at), c->reply_subject ? c->reply_subject : "-") : c->reply_state);
	line(&p, "Opinion", c->opinion);
	if (!str_empty(c->reply_text))
		block(&p, c->reply_text);
	if (!str_empty(c->item_text)) {
		bool lead = str_eq(c->item_kind, "lead");

		line(&p, lead ? "Inquiry" : "Task", lead ? "what was read of it" : c->item_kind);
		block(&p, c->item_text);
	}
	if (!str_empty(c->text)) {
		line(&p, "From", c->from);
		line(&p, "To", c->to);
		line(&p, "Subject", c->subject);
		block(&p, c->text);
		for (size_t i = 0; i < c->points_n; i++)
			line(&p, i ? "" : "Rests on", arena_printf(a, "%s: %s", c->points[i].kind, c->points[i].text));
		if (c->points_n == 0)
			line(&p, "Rests on", "nothing known about this person");
		line(&p, "Length", arena_printf(a, "%d words, %d links", c->words, c->links));
		join(&p, "Claims", c->claims, c->claims_n, "none found");
		join(&p, "Tone", c->tone, c->tone_n, "nothing found");
		join(&p, "Asks", c->asks, c->asks_n, "nothing found");
	}
	line(&p, "Approval", c->approval);
	for (size_t i = 0; i < c->missing_n; i++)
		line(&p, i ? "" : "In the way", c->missing[i]);
	if (c->decided)
		line(&p, "Decided", arena_printf(a, "%s, by %s", c->decided, c->decided_by ? c->decided_by : "-"));
	line(&p, "Recommended", c->recommended);
	join(&p, "You may", c->choices, c->choices_n, "look");
	line(&p, "Card", c->hash);
	return p.b.p;
}
