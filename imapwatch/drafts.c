/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/drafts.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static bool same_text(struct arena *a, const char *x, const char *y)
{
	return str_eq(text_squeeze(a, x ? x : ""), text_squeeze(a, y ? y : ""));
}

/* By UID as long as UIDs mean what they did, else (or moved about) by our Message-ID. */
static const struct seen_draft *itself(const struct draft *d, uint32_t uidvalidity,
				       const struct seen_draft *seen, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (!seen[k].deleted && d->uid != 0 && seen[k].uid == d->uid && d->uidvalidity == uidvalidity)
			return &seen[k];
	for (size_t k = n; k-- > 0;)
		if (!seen[k].deleted && d->message_id && str_eq(seen[k].message_id, d->message_id))
			return &seen[k];
	return NULL;
}

/* The store keeps ids without <>, headers have them with. */
static bool names(const char *references, const char *id)
{
	struct span rest = span_of(references), word;

	while (span_split(&rest, ' ', &word)) {
		if (word.n > 1 && word.p[0] == '<' && word.p[word.n - 1] == '>')
			word = (struct span){ word.p + 1, word.n - 2 };
		if (span_eq(word, id))
			return true;
	}
	return false;
}

static bool shares_reference(const struct draft *d, const struct seen_draft *s)
{
	for (size_t k = 0; k < s->refs_n; k++)
		if ((d->message_id && str_eq(s->refs[k], d->message_id)) ||
		    (d->references && names(d->references, s->refs[k])))
			return true;
	return false;
}

/* A draft to the same person with our references, our stamp or our subject. */
static const struct seen_draft *successor(struct arena *a, const struct draft *d,
					  const struct seen_draft *seen, size_t n)
{
	const char *key = text_subject_key(a, d->subject ? d->subject : "");

	for (size_t k = n; k-- > 0;) {	/* the newest */
		const struct seen_draft *s = &seen[k];

		if (s->deleted || !str_eq(s->to, d->to))
			continue;
		if (s->stamp && d->id && strstr(s->stamp, d->id))
			return s;
		if (shares_reference(d, s) || (*key && str_eq(text_subject_key(a, s->subject), key)))
			return s;
	}
	return NULL;
}

struct draft_verdict drafts_judge(struct arena *a, const struct draft *d, uint32_t uidvalidity,
				  const struct seen_draft *seen, size_t n, time_t now, time_t wait)
{
	const struct seen_draft *s = itself(d, uidvalidity, seen, n);
	bool here = s != NULL;

	if (!s)
		s = successor(a, d, seen, n);
	if (s) {
		bool ours = here && str_eq(s->message_id, d->message_id) && same_text(a, s->text, d->text);
		const char *state = ours ? "placed" : "edited";

		if (str_eq(d->state, state) && d->uid == s->uid && d->uidvalidity == uidvalidity)
			return (struct draft_verdict){ FATE_SAME, s };
		return (struct draft_verdict){ ours ? FATE_PLACED : FATE_EDITED, s };
	}
	if (str_eq(d->state, "wanted"))
		return (struct draft_verdict){ FATE_SAME, NULL };
	if (!str_eq(d->state, "gone"))
		return (struct draft_verdict){ FATE_GONE, NULL };
	return (struct draft_verdict){ now - d->gone_since >= wait ? FATE_DELETED : FATE_SAME, NULL };
}
