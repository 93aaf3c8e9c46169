/* SPDX-License-Identifier: MPL-2.0
 *
 * What the milter asks of an outgoing mail: can it be a touch, is it the same mail again, is it
 * nothing but a bump.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"
#include "classifier/content.h"
#include "classifier/detect.h"

#include <string.h>

enum { LEFT_OVER = 4 };	/* words beside the bump that still say nothing */

enum outbound_kind outbound_kind(const struct message *m, bool null_sender)
{
	const char *as = message_header(m, "Auto-Submitted");
	struct span s = span_trim(span_of(as));

	if (null_sender || m->report_type || str_eq(m->content_type, "multipart/report"))
		return OUTBOUND_NEVER;
	/* "no" may be followed by parameters or a comment */
	if (s.n && !(span_starts_case(s, "no") && (s.n == 2 || strchr(" ;(\t", s.p[2]))))
		return OUTBOUND_NEVER;
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];
		if (p->parent_rfc822 >= 0)
			continue;
		if (str_eq(p->type, "message/disposition-notification") ||
		    str_eq(p->type, "message/delivery-status") ||
		    str_eq(p->type, "message/feedback-report"))
			return OUTBOUND_NEVER;
		if (p->calendar_method)
			return OUTBOUND_NEVER;
	}
	return OUTBOUND_ORDINARY;
}

char *outbound_fingerprint(struct arena *a, const struct message *m)
{
	const char *date = message_header(m, "Date");
	char *s = arena_printf(a, "%s\n%s\n%s", date ? date : "", text_squeeze(a, m->subject),
			       text_squeeze(a, m->text));

	return token_hash(a, s, strlen(s));
}

const struct outbound_words *outbound_read(struct arena *a, const struct phrases *p, const char *text)
{
	struct outbound_words *w = arena_new_of(a, struct outbound_words);

	w->t = tokens_of(a, text, strlen(text));
	w->h = phrases_find_in(a, p, &w->t, PHRASES_OUTGOING);
	return w;
}

bool outbound_is_bump(struct arena *a, const struct phrases *p, const char *text, const char **words_r)
{
	return outbound_words_bump(a, outbound_read(a, p, text), words_r);
}

bool outbound_words_bump(struct arena *a, const struct outbound_words *w, const char **words_r)
{
	struct tokens t = w->t;
	struct hits h = w->h;
	bool *covered = arena_array(a, bool, t.n + 1);
	const struct hit *bump = NULL;
	size_t left = 0;

	for (size_t i = 0; i < h.n; i++) {
		if (!str_eq(h.h[i].phrase->topic, "bump"))
			continue;
		if (str_eq(h.h[i].phrase->section, "never"))
			return false;
		if (!bump && str_eq(h.h[i].phrase->section, "strong"))
			bump = &h.h[i];
		for (size_t k = h.h[i].from; k < h.h[i].to; k++)
			covered[k] = true;
	}
	if (!bump)
		return false;
	for (size_t i = 0; i < t.n; i++)
		left += !covered[i] && t.t[i].kind != TOKEN_STOP && t.t[i].kind != TOKEN_QUESTION;
	if (left > LEFT_OVER)
		return false;
	if (words_r)
		*words_r = tokens_words(a, &t, bump->from, bump->to);
	return true;
}
