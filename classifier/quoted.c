/* SPDX-License-Identifier: MPL-2.0
 *
 * The new text of a mail, apart from what it quotes and from signatures, disclaimers and footers.
 * Works on lines; the words ("wrote", "Von:", "Sent from my ...") are data (phrases/<lang>/quote).
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

enum { LINES_MAX = 8000, TEXT_MAX = 256 * 1024, ATTRIBUTION_LINES = 4 };

enum line_kind { LINE_NEW, LINE_QUOTE, LINE_FOOTER };

struct line {
	struct span s;
	enum line_kind kind;
	bool blank, marked;	/* marked: begins with '>' */
	bool wrote, original, closing, device, disclaimer, banner;
	bool from, sent, to, subject;
};

struct split {
	struct arena *a;
	struct line *l;
	size_t n;
	const struct message *m;
	struct reading r;
};

static bool quote_mark(struct span s)
{
	size_t i = 0;

	while (i < s.n && i < 3 && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	if (i < s.n && s.p[i] == '>')
		return true;
	if (s.n - i >= 2 && memcmp(s.p + i, "\xc2\xbb", 2) == 0)
		return true;
	/* "JD> text": initials, an old habit */
	size_t k = i;
	while (k < s.n && k - i < 4 && s.p[k] >= 'A' && s.p[k] <= 'Z')
		k++;
	return k > i && k - i >= 2 && k < s.n && s.p[k] == '>';
}

static void cut_lines(struct split *s, const char *text, size_t n)
{
	struct span rest = { text, n }, line;
	size_t lines = 1;

	for (size_t i = 0; i < n && lines < LINES_MAX; i++)
		lines += text[i] == '\n' || text[i] == '\r';
	s->l = arena_array(s->a, struct line, lines);
	while (s->n < LINES_MAX && span_line(&rest, &line)) {
		struct line *l = &s->l[s->n++];
		l->s = line;
		l->blank = span_trim(line).n == 0;
		l->marked = quote_mark(line);
	}
}

static size_t line_at(const struct split *s, const char *p)
{
	size_t lo = 0, hi = s->n;

	while (lo + 1 < hi) {
		size_t mid = (lo + hi) / 2;
		if (s->l[mid].s.p <= p)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* A header label: at the head of its line (stars and blanks aside) with a colon behind it. */
static bool is_label(const struct line *l, const char *from, const char *to)
{
	const char *end = l->s.p + l->s.n;

	for (const char *p = l->s.p; p < from; p++)
		if (!strchr(" \t*|", *p))
			return false;
	while (to < end && (*to == ' ' || *to == '*' || *to == '\t'))
		to++;
	if (end - to >= 2 && (unsigned char)to[0] == 0xc2 && (unsigned char)to[1] == 0xa0)
		to += 2;
	return to < end && (*to == ':' || (end - to >= 3 && memcmp(to, "\xef\xbc\x9a", 3) == 0));
}

static void mark_hits(struct split *s)
{
	for (size_t i = 0; i < s->r.h.n; i++) {
		const struct hit *h = &s->r.h.h[i];
		const char *sec = h->phrase->section, *from, *to;
		struct line *l;
		if (!str_eq(h->phrase->topic, "quote") || h->to == h->from)
			continue;
		from = s->r.text + s->r.t.t[h->from].start;
		to = s->r.text + s->r.t.t[h->to - 1].end;
		l = &s->l[line_at(s, from)];
		if (str_eq(sec, "wrote"))
			l->wrote = true;
		else if (str_eq(sec, "original"))
			l->original = true;
		else if (str_eq(sec, "closing"))
			l->closing = true;
		else if (str_eq(sec, "device") || str_eq(sec, "footer"))
			l->device = true;
		else if (str_eq(sec, "disclaimer"))
			l->disclaimer = true;
		else if (str_eq(sec, "banner"))
			l->banner = true;
		else if (!is_label(l, from, to))
			continue;
		else if (str_eq(sec, "from"))
			l->from = true;
		else if (str_eq(sec, "sent"))
			l->sent = true;
		else if (str_eq(sec, "to"))
			l->to = true;
		else if (str_eq(sec, "subject"))
			l->subject = true;
	}
}

static bool has_digit_or_at(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '@')
			return true;
	return false;
}

static bool ends_with_colon(struct span s)
{
	s = span_trim(s);
	while (s.n && (s.p[s.n - 1] == '*' || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '_'))
		s.n--;
	return s.n && (s.p[s.n - 1] == ':' ||
		       (s.n >= 3 && memcmp(s.p + s.n - 3, "\xef\xbc\x9a", 3) == 0));
}

/* "2026年3月1日(月) 10:00 名前 <a@b.example>:" has no word for "wrote". */
static bool address_and_time(struct span s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++)
		digits += s.p[i] >= '0' && s.p[i] <= '9';
	return digits >= 5 && memchr(s.p, '@', s.n) && memchr(s.p, '<', s.n);
}

/* The number of lines of an attribution that begins at i; 0 if there is none. */
static size_t attribution(const struct split *s, size_t i)
{
	bool wrote = false, facts = false;
	size_t bytes = 0;

	if (s->l[i].blank || s->l[i].marked)
		return 0;
	for (size_t k = i; k < s->n && k < i + ATTRIBUTION_LINES; k++) {
		const struct line *l = &s->l[k];
		if (l->blank || (l->marked && k > i))
			return 0;
		wrote |= l->wrote;
		facts |= has_digit_or_at(l->s);
		bytes += l->s.n;
		if (bytes > 400)
			return 0;
		if (ends_with_colon(l->s)) {
			bool next_marked = false;
			size_t q = k + 1;
			while (q < s->n && s->l[q].blank && q < k + 3)
				q++;
			next_marked = q < s->n && s->l[q].marked;
			if (wrote && (facts || next_marked))
				return k - i + 1;
			if (address_and_time(l->s) && k == i)
				return 1;
			if (next_marked && facts && k == i && memchr(l->s.p, '@', l->s.n))
				return 1;
			return 0;
		}
		/* a first line that ends a sentence is text, not the head of an attribution */
		struct span t = span_trim(l->s);
		if (t.n && strchr(".!?", t.p[t.n - 1]) && !wrote && k == i && t.n > 3 &&
		    !(t.p[t.n - 2] >= '0' && t.p[t.n - 2] <= '9'))
			return 0;
	}
	return 0;
}

/* Two different labels of a header within six lines: an Outlook block. */
static bool header_block(const struct split *s, size_t i)
{
	unsigned kinds = 0;

	if (!s->l[i].from && !s->l[i].sent && !s->l[i].subject)
		return false;
	for (size_t k = i; k < s->n && k < i + 7; k++) {
		const struct line *l = &s->l[k];
		if (l->marked)
			break;
		kinds |= (unsigned)l->from | (unsigned)l->sent << 1 | (unsigned)l->to << 2 |
			 (unsigned)l->subject << 3;
	}
	return (kinds & 1) ? (kinds & ~1u) != 0 && __builtin_popcount(kinds) >= 2 :
			     __builtin_popcount(kinds) >= 3;
}

static bool rule_line(struct span s)
{
	size_t n = 0;

	s = span_trim(s);
	for (size_t i = 0; i < s.n; i++)
		n += strchr("_-=*", s.p[i]) != NULL;
	return s.n >= 10 && n == s.n;
}

static bool separator(const struct split *s, size_t i)
{
	const struct line *l = &s->l[i];
	struct span t = span_trim(l->s);

	if (!l->original || t.n > 120)
		return false;
	return t.p[0] == '-' || t.p[0] == '_' || t.p[0] == '*' || t.p[0] == '=' || t.p[0] == '#' ||
	       ends_with_colon(t) ||
	       (i + 1 < s->n && (s->l[i + 1].from || header_block(s, i + 1))) ||
	       (unsigned char)t.p[0] >= 0xe2;
}

static void rest_is(struct split *s, size_t i, enum line_kind kind)
{
	for (; i < s->n; i++)
		s->l[i].kind = kind;
}

/* Behind a separator: the labels, then either marked lines (and what is new below them) or all. */
static size_t original(struct split *s, size_t i)
{
	size_t k = i, labels = 0;

	while (k < s->n && k < i + 14) {
		const struct line *l = &s->l[k];
		if (l->marked)
			break;
		if (!l->blank && k > i && !l->from && !l->sent && !l->to && !l->subject &&
		    labels && k > i + labels + 4)
			break;
		labels += l->from || l->sent || l->to || l->subject;
		k++;
	}
	if (k < s->n && s->l[k].marked) {
		for (size_t q = i; q < k; q++)
			s->l[q].kind = LINE_QUOTE;
		return k;
	}
	rest_is(s, i, LINE_QUOTE);
	return s->n;
}

static void find_quotes(struct split *s)
{
	size_t i = 0, n;

	while (i < s->n) {
		struct line *l = &s->l[i];
		if (l->marked) {
			l->kind = LINE_QUOTE;
			i++;
			continue;
		}
		if (separator(s, i) || header_block(s, i)) {
			if (i > 0 && rule_line(s->l[i - 1].s))
				s->l[i - 1].kind = LINE_QUOTE;
			i = original(s, i);
			continue;
		}
		if ((n = attribution(s, i)) > 0) {
			size_t k = i + n, q;
			for (q = i; q < k; q++)
				s->l[q].kind = LINE_QUOTE;
			while (k < s->n && s->l[k].blank)
				k++;
			if (k < s->n && !s->l[k].marked) {
				/* quoted without marks: nothing below can be told apart, unless marked
				 * lines follow soon */
				bool marks = false;
				for (q = k; q < s->n && q < k + 3; q++)
					marks |= s->l[q].marked;
				if (!marks) {
					rest_is(s, i, LINE_QUOTE);
					return;
				}
			}
			i = k;
			continue;
		}
		i++;
	}
}

/* Signatures and footers: in each stretch of new lines. */

static bool is_postscript(struct span s)
{
	s = span_trim(s);
	return span_starts_case(s, "ps") || span_starts_case(s, "p.s") || span_starts_case(s, "p. s");
}

static size_t words_in(struct span s)
{
	size_t n = 0;
	bool in = false;

	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || s.p[i] == '\t';
		n += !blank && !in;
		in = !blank;
	}
	return n;
}

/* The sender's own name on a line of its own. */
static bool own_name(const struct split *s, struct span t)
{
	const char *name = s->m->from_n ? s->m->from[0].name : NULL;
	struct span whole = span_trim(span_of(name)), rest, first;

	while (t.n && strchr("-*~ ,.\xe2", t.p[0]) && t.p[0])
		t = (struct span){ t.p + 1, t.n - 1 };
	while (t.n && strchr("*,. ", t.p[t.n - 1]))
		t.n--;
	if (!whole.n || t.n < 2 || t.n > 60)
		return false;
	if (span_eq_case(t, span_dup(s->a, whole)))
		return true;
	/* "Ann Bell - Purchasing", "Ann Bell | CFO" */
	if (t.n > whole.n + 2 && span_starts_case(t, span_dup(s->a, whole)) && words_in(t) < 9 &&
	    strchr(" ,", t.p[whole.n]) && (memchr(t.p, '|', t.n) || memchr(t.p, ',', t.n) ||
	     memmem(t.p, t.n, " - ", 3) || memmem(t.p, t.n, "\xe2\x80\x93", 3)))
		return true;
	rest = whole;
	while (span_split(&rest, ' ', &first)) {
		if (first.n && first.p[first.n - 1] == ',')
			first.n--;
		if (first.n >= 2 && span_eq_case(t, span_dup(s->a, first)))
			return true;
	}
	return false;
}

static size_t stretch_end(const struct split *s, size_t i)
{
	while (i < s->n && s->l[i].kind == LINE_NEW)
		i++;
	return i;
}

static bool any_text_before(const struct split *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (s->l[k].kind == LINE_NEW && !s->l[k].blank)
			return true;
	return false;
}

static void footer_from(struct split *s, size_t i, size_t end)
{
	for (size_t k = i; k < end; k++) {
		if (k > i && is_postscript(s->l[k].s)) {
			while (k < end && !s->l[k].blank)	/* a postscript is text */
				k++;
			continue;
		}
		s->l[k].kind = LINE_FOOTER;
	}
}

/* Do the first lines from i on look like name, title, company, numbers, rather than sentences?
 * What stands below them (slogans, a footer) goes with them. */
static bool like_signature(const struct split *s, size_t i, size_t end)
{
	size_t lines = 0;

	for (size_t k = i; k < end && lines < 2; k++) {
		struct span t = span_trim(s->l[k].s);
		if (s->l[k].blank)
			continue;
		if (s->l[k].disclaimer || s->l[k].device || is_postscript(t))
			break;
		lines++;
		if (words_in(t) > 9 && !memchr(t.p, '|', t.n))
			return false;
		if (words_in(t) > 3 && strchr(".!?:", t.p[t.n - 1]))
			return false;
	}
	return true;
}

static size_t back_to_paragraph(const struct split *s, size_t i)
{
	while (i > 0 && !s->l[i - 1].blank && s->l[i - 1].kind == LINE_NEW)
		i--;
	return i;
}

static void drop_paragraph(struct split *s, size_t i, size_t end)
{
	i = back_to_paragraph(s, i);
	for (; i < end && !s->l[i].blank; i++)
		s->l[i].kind = LINE_FOOTER;
}

static bool other_text(const struct split *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++)
		if (k != i && s->l[k].kind == LINE_NEW && !s->l[k].blank)
			return true;
	return false;
}

/* One line of a stretch; true if the rest of the stretch is footer from here. */
static bool footer_line(struct split *s, size_t i, size_t end)
{
	struct line *l = &s->l[i];
	struct span t = span_trim(l->s);

	if (span_eq(l->s, "-- ") || span_eq(l->s, "--") ||
	    ((rule_line(l->s) || span_eq(t, "\xe2\x80\x94")) && any_text_before(s, i) &&
	     like_signature(s, i + 1, end)))
		return true;
	if (l->banner && (!any_text_before(s, back_to_paragraph(s, i)) || words_in(t) > 3)) {
		drop_paragraph(s, i, end);
		return false;
	}
	/* never the only thing that was written */
	if (l->device && words_in(t) <= 14 && other_text(s, i)) {
		l->kind = LINE_FOOTER;
		return false;
	}
	if (l->disclaimer && any_text_before(s, back_to_paragraph(s, i))) {
		size_t from = back_to_paragraph(s, i);
		for (size_t k = from; k < i; k++)
			s->l[k].kind = LINE_FOOTER;
		return true;
	}
	if (l->disclaimer) {
		drop_paragraph(s, i, end);
		return false;
	}
	if (l->closing && words_in(t) <= 8 && any_text_before(s, i) && like_signature(s, i + 1, end))
		return true;
	if (own_name(s, t) && any_text_before(s, i) && like_signature(s, i + 1, end))
		return true;
	return false;
}

static void find_footers(struct split *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t end;
		if (s->l[i].kind != LINE_NEW || s->l[i].blank)
			continue;
		end = stretch_end(s, i);
		if (footer_line(s, i, end)) {
			footer_from(s, i, end);
			i = end;
		}
	}
}

static char *join(const struct split *s, enum line_kind kind)
{
	struct buf b;
	bool blank = true;

	buf_init(&b, s->a);
	for (size_t i = 0; i < s->n; i++) {
		const struct line *l = &s->l[i];
		if (l->kind != kind && !(kind == LINE_NEW && l->blank))
			continue;
		if (l->blank && blank)
			continue;
		buf_add(&b, l->s.p, l->s.n);
		buf_addc(&b, '\n');
		blank = l->blank;
	}
	while (b.n && (b.p[b.n - 1] == '\n' || b.p[b.n - 1] == ' '))
		b.p[--b.n] = '\0';
	return b.p;
}

struct visible_text message_visible(struct arena *a, const struct phrases *p, const struct message *m)
{
	struct split s = { .a = a, .m = m };
	size_t n = strlen(m->text);
	const char *text = m->text;

	if (n > TEXT_MAX) {
		text = str_cut(a, text, TEXT_MAX);
		n = strlen(text);
	}
	cut_lines(&s, text, n);
	s.r.text = text;
	s.r.t = tokens_of(a, text, n);
	s.r.h = phrases_find_in(a, p, &s.r.t, PHRASES_QUOTE);
	if (s.n)
		mark_hits(&s);
	find_quotes(&s);
	find_footers(&s);
	return (struct visible_text){ join(&s, LINE_NEW), join(&s, LINE_QUOTE), join(&s, LINE_FOOTER) };
}
