/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/drafts.h"

#include <string.h>

#include "base/arena.h"
#include "base/stamp.h"
#include "base/str.h"
#include "classifier/message.h"

static const double words_share = 0.5;	/* of the shingles of either text that the other has too */

static bool has_more(const struct message *m)
{
	for (size_t k = 0; k < m->parts_n; k++)
		if (m->parts[k].attachment || m->parts[k].filename)
			return true;
	return m->truncated || message_header(m, "Bcc") != NULL;
}

struct seen_draft drafts_seen(struct arena *a, const struct message *m)
{
	const char **refs = arena_array(a, const char *, m->in_reply_to_n + m->references_n);
	const char **to = arena_array(a, const char *, m->to_n + m->cc_n);
	struct seen_draft d = { .message_id = m->message_id,
				.stamp = message_header(m, STAMP_HEADER), .to = to, .subject = m->subject,
				.text = m->text, .refs = refs, .more = has_more(m) };

	for (size_t k = 0; k < m->in_reply_to_n; k++)
		refs[d.refs_n++] = m->in_reply_to[k];
	for (size_t k = m->references_n; k-- > 0;)
		refs[d.refs_n++] = m->references[k];
	for (size_t k = 0; k < m->to_n; k++)
		to[d.to_n++] = m->to[k].key;
	for (size_t k = 0; k < m->cc_n; k++)
		to[d.to_n++] = m->cc[k].key;
	return d;
}

/* What clients put in place of other characters, as plain ASCII; the length of what stands at p, 0: none. */
static size_t plain(const char *p, const char **plain_r)
{
	static const struct {
		const char *fancy, *plain;
	} list[] = {
		{ "\u00a0", " " }, { "\u202f", " " }, { "\u2007", " " }, { "\u2009", " " }, { "\u3000", " " },
		{ "\u200b", "" }, { "\u200c", "" }, { "\u200d", "" }, { "\u2060", "" }, { "\ufeff", "" }, { "\u00ad", "" },
		{ "\u2018", "'" }, { "\u2019", "'" }, { "\u201a", "'" }, { "\u201b", "'" }, { "\u00b4", "'" },
		{ "\u201c", "\"" }, { "\u201d", "\"" }, { "\u201e", "\"" }, { "\u00ab", "\"" }, { "\u00bb", "\"" },
		{ "\u2010", "-" }, { "\u2011", "-" }, { "\u2012", "-" }, { "\u2013", "-" }, { "\u2014", "-" }, { "--", "-" },
		{ "\u2026", "..." }, { "\r", "" },
	};

	for (size_t k = 0; k < sizeof(list) / sizeof(*list); k++) {
		size_t n = strlen(list[k].fancy);

		if (strncmp(p, list[k].fancy, n) == 0) {
			*plain_r = list[k].plain;
			return n;
		}
	}
	return 0;
}

static const char *bare(struct arena *a, const char *text)
{
	struct buf b;

	buf_init(&b, a);
	for (const char *p = text ? text : "", *instead; *p;) {
		size_t n = plain(p, &instead);

		if (n > 0)
			buf_adds(&b, instead);
		else
			buf_addc(&b, *p);
		p += n > 0 ? n : 1;
	}
	return text_squeeze(a, b.p);
}

bool drafts_same_text(struct arena *a, const char *x, const char *y)
{
	return str_eq(bare(a, x), bare(a, y));
}

static bool is_to(const struct seen_draft *s, const char *address)
{
	for (size_t k = 0; k < s->to_n; k++)
		if (str_eq(s->to[k], address))
			return true;
	return false;
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

/* A client may lose the subject and every id; the words are still ours, however much stands around them. */
static bool shares_words(const struct draft *d, const struct seen_draft *s)
{
	if (str_empty(d->text) || str_empty(s->text))
		return false;
	return text_overlap(d->text, s->text) >= words_share || text_overlap(s->text, d->text) >= words_share;
}

/* A draft to the same person with our references, our subject or our words; with our stamp, whoever it is to
 * now. A draft that is to nobody (yet) has to name the thread or say what we wrote. */
static const struct seen_draft *successor(struct arena *a, const struct draft *d,
					  const struct seen_draft *seen, size_t n)
{
	const char *key = text_subject_key(a, d->subject ? d->subject : "");

	for (size_t k = n; k-- > 0;) {	/* the newest */
		const struct seen_draft *s = &seen[k];

		if (s->deleted)
			continue;
		if (s->stamp && d->id && strstr(s->stamp, d->id))
			return s;
		if (s->to_n > 0 && !is_to(s, d->to))
			continue;
		if (shares_reference(d, s) || shares_words(d, s))
			return s;
		if (s->to_n > 0 && *key && str_eq(text_subject_key(a, s->subject), key))
			return s;
	}
	return NULL;
}

/* Nothing of the rep's is in it, whoever saved it: our words to our person under our subject, and no more. */
bool drafts_unchanged(struct arena *a, const struct draft *d, const struct seen_draft *s)
{
	if (s->more || s->to_n != 1 || !is_to(s, d->to))
		return false;
	if (d->subject && !str_eq(text_subject_key(a, s->subject ? s->subject : ""), text_subject_key(a, d->subject)))
		return false;
	return drafts_same_text(a, s->text, d->text);
}

struct draft_verdict drafts_judge(struct arena *a, const struct draft *d, uint32_t uidvalidity,
				  const struct seen_draft *seen, size_t n, time_t now, time_t wait)
{
	const struct seen_draft *s = itself(d, uidvalidity, seen, n);

	if (!s)
		s = successor(a, d, seen, n);
	if (s) {
		bool ours = drafts_unchanged(a, d, s);
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
