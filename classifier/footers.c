/* SPDX-License-Identifier: MPL-2.0
 *
 * Signatures, disclaimers, device lines and banners, in each stretch of new lines. The words are
 * data (phrases/<lang>/quote).
 */
#include "config.h"

#include "classifier/lines.h"

#include "base/arena.h"

#include <string.h>

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

/* "T.", "T" for a name that begins so; titles, and what stands before or behind a name below a letter. */
static bool beside_name(struct span w, struct span whole)
{
	static const char *const words[] = {
		"Dr", "Prof", "Mr", "Mrs", "Ms", "Herr", "Frau", "Dipl.-Ing", "Ing", "i.A", "i.V", "ppa", "Ihr",
		"Ihre", "Mag", "Mgr", "PhD", "MBA", "van", "von", "de", "da", "\xeb\x93\x9c\xeb\xa6\xbc",
		"\xec\x98\xac\xeb\xa6\xbc", "\xeb\xb0\xb0\xec\x83\x81",
	};
	struct span part;

	if (w.n && w.p[w.n - 1] == '.')
		w.n--;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_eq_case(w, words[i]))
			return true;
	while (w.n == 1 && span_split(&whole, ' ', &part))
		if (part.n && (part.p[0] | 32) == (w.p[0] | 32))
			return true;
	return false;
}

static bool word_of_name(struct arena *a, struct span w, struct span whole)
{
	struct span part;

	while (w.n >= 2 && span_split(&whole, ' ', &part)) {
		while (part.n && strchr(",'\"", part.p[part.n - 1]))
			part.n--;
		if (part.n >= 2 && span_eq_case(w, span_dup(a, part)))
			return true;
	}
	return false;
}

/* "T.A." for Tom Ashdown. Without dots it may be a word ("OK"). */
static bool initials(struct span t, struct span name)
{
	struct span part;
	size_t n = 0;

	while (span_split(&name, ' ', &part)) {
		if (part.n == 0)
			continue;
		if (t.n < 2 || (t.p[0] | 32) != (part.p[0] | 32) || t.p[1] != '.')
			return false;
		t = (struct span){ t.p + 2, t.n - 2 };
		if (t.n && t.p[0] == ' ')
			t = (struct span){ t.p + 1, t.n - 1 };
		n++;
	}
	return n >= 2 && t.n == 0;
}

/* The sender's own name on a line of its own, whole or in part, with or without title. */
static bool own_name(const struct split *s, struct span t)
{
	const char *name = s->m->from_n ? s->m->from[0].name : NULL;
	struct span whole = span_trim(span_of(name)), rest, w;
	bool named = false;

	while (t.n && t.p[0] && strchr("-*~ ,./_\xe2\x80\x93\x94", t.p[0]))
		t = (struct span){ t.p + 1, t.n - 1 };
	if (initials(t, whole))
		return true;
	while (t.n && strchr("*,. _~", t.p[t.n - 1]))
		t.n--;
	if (!whole.n || t.n < 2 || t.n > 60)
		return false;
	/* "Ann Bell - Purchasing", "Ann Bell | CFO" */
	if (t.n > whole.n + 2 && span_starts_case(t, span_dup(s->a, whole)) && words_in(t) < 9 &&
	    strchr(" ,", t.p[whole.n]) && (memchr(t.p, '|', t.n) || memchr(t.p, ',', t.n) ||
	     memmem(t.p, t.n, " - ", 3) || memmem(t.p, t.n, "\xe2\x80\x93", 3)))
		return true;
	rest = t;
	while (span_split(&rest, ' ', &w)) {
		while (w.n && w.p[w.n - 1] == ',')
			w.n--;
		if (w.n && word_of_name(s->a, w, whole))
			named = true;
		else if (w.n && !beside_name(w, whole))
			return false;
	}
	return named || span_eq_case(t, span_dup(s->a, whole));
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

/* "Oakvale Foods of Hull Ltd.", "... S.r.l.": a full stop that ends no sentence. */
static bool company_form(struct span t)
{
	size_t n = 0;

	if (!t.n || t.p[t.n - 1] != '.')
		return false;
	while (n < t.n && t.p[t.n - 1 - n] != ' ')
		n++;
	struct span w = { t.p + t.n - n, n - 1 };
	return memchr(w.p, '.', w.n) || (w.n <= 4 && (unsigned char)w.p[0] <= 'Z' && words_in(t) <= 7);
}

/* Chinese and Japanese full stops and question marks. */
static bool ends_as_cjk(struct span t)
{
	return t.n >= 3 && (memcmp(t.p + t.n - 3, "\xe3\x80\x82", 3) == 0 ||
			    memcmp(t.p + t.n - 3, "\xef\xbc\x9f", 3) == 0 ||
			    memcmp(t.p + t.n - 3, "\xef\xbc\x81", 3) == 0);
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
		if ((words_in(t) > 3 && strchr(".!?:", t.p[t.n - 1]) && !company_form(t)) || ends_as_cjk(t))
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

/* The lines of a warning whose words are on line i: its paragraph, unless a sentence ends there and
 * somebody's text goes on right below ("[EXTERNAL]" and no empty line). */
static void banner_lines(const struct split *s, size_t i, size_t end, size_t *from_r, size_t *to_r)
{
	size_t k = i;

	*from_r = s->l[i].all ? i : back_to_paragraph(s, i);
	while (k < end && !s->l[k].blank) {
		struct span t = span_trim(s->l[k].s);
		bool more = k + 1 < end && s->l[k + 1].banner;
		k++;
		if (!more && strchr(".!?]})*", t.p[t.n - 1]))
			break;
	}
	*to_r = k;
}

/* Is there new text outside of [from, to)? */
static bool other_text(const struct split *s, size_t from, size_t to)
{
	for (size_t k = 0; k < s->n; k++)
		if ((k < from || k >= to) && s->l[k].kind == LINE_NEW && !s->l[k].blank)
			return true;
	return false;
}

/* A formula for itself: "Best regards, Ann", not "Regards to your boss, whom I met." */
static bool closing_line(const struct line *l)
{
	const char *end = l->s.p + l->s.n;
	struct span t = span_trim(l->s), tail;
	size_t words;

	if (!l->closing || !l->closing_to || l->closing_to > end)
		return false;
	tail = span_trim((struct span){ l->closing_to, (size_t)(end - l->closing_to) });
	words = words_in(tail);
	if (tail.n && words == 1 && strchr(",.!;:-", tail.p[0]) && tail.n == 1)
		words = 0;
	if (tail.n && (unsigned char)tail.p[0] >= 0xe3 && (unsigned char)tail.p[0] < 0xea)
		return tail.n <= 45;	/* fifteen characters of Chinese or Japanese */
	if (words > 2 && strchr(".?", t.p[t.n - 1]))
		return false;
	return words_in(t) <= 8 && words <= 5;
}

/* The dashes before a signature: those of Usenet, or bare ones and a name below. */
static bool dashes(const struct split *s, size_t i, size_t end)
{
	struct span t = span_trim(s->l[i].s), next;
	size_t k = i + 1;

	if (span_eq(s->l[i].s, "-- "))
		return true;
	if (!span_eq(t, "--") && !span_eq(t, "---") && !line_is_rule(s->l[i].s) && !span_eq(t, "\xe2\x80\x94"))
		return false;
	while (k < end && s->l[k].blank)
		k++;
	if (k == end)
		return true;
	if (!any_text_before(s, i))
		return span_eq(t, "--");
	/* a name or a trade is not begun in lower case; what goes on does */
	next = span_trim(s->l[k].s);
	if (words_in(next) > 3 && next.p[0] >= 'a' && next.p[0] <= 'z' && !memchr(next.p, '|', next.n))
		return false;
	/* a rule between two paragraphs: something is said below */
	for (size_t q = k; q < end && q < k + 12 && !span_eq(t, "--"); q++) {
		next = span_trim(s->l[q].s);
		if (next.n && !s->l[q].disclaimer && !s->l[q].device && words_in(next) > 6 &&
		    strchr(".!?", next.p[next.n - 1]))
			return false;
	}
	return like_signature(s, k, end);
}

/* "Sent from my phone": a paragraph for itself, or among other footers. */
static bool device_line(const struct split *s, size_t i, size_t end)
{
	const struct line *l = &s->l[i], *next = i + 1 < end ? l + 1 : NULL;

	if (!l->device || words_in(l->s) > 14)
		return false;
	if (!other_text(s, i, i + 1) && !l->all)
		return false;	/* never the only thing that was written */
	return !next || next->blank || next->device || next->disclaimer || closing_line(next) ||
	       like_signature(s, i + 1, end);
}

/* The same, but for names and closings. */
static bool other_words(const struct split *s, size_t from, size_t to)
{
	for (size_t k = 0; k < s->n; k++)
		if ((k < from || k >= to) && s->l[k].kind == LINE_NEW && !s->l[k].blank &&
		    !closing_line(&s->l[k]) && !own_name(s, span_trim(s->l[k].s)))
			return true;
	return false;
}

/* "CAUTION: ...", "[EXTERNAL]": how a machine begins. */
static bool shouted(struct span line)
{
	struct span t = span_trim(line);
	size_t capitals = 0;

	while (capitals < t.n && t.p[capitals] >= 'A' && t.p[capitals] <= 'Z')
		capitals++;
	return capitals >= 3 || (t.n && strchr("[*<!", t.p[0]));
}

/* A gateway's warning: above everything, or below everything. */
static bool drop_banner(struct split *s, size_t i, size_t end)
{
	size_t from, to;
	bool below = false;

	banner_lines(s, i, end, &from, &to);
	/* "Hi," and below it, without a gap, what only sounds like one */
	if (!other_words(s, from, to) || (!s->l[from].banner && words_in(s->l[from].s) <= 4))
		return false;
	if (any_text_before(s, from)) {
		for (size_t k = to; k < end; k++)
			below |= !s->l[k].blank && !s->l[k].banner && !s->l[k].device &&
				 !s->l[k].disclaimer;
		if (below || !shouted(s->l[from].s))
			return false;
	}
	for (size_t k = from; k < to; k++)
		s->l[k].kind = LINE_FOOTER;
	return true;
}

/* One line of a stretch; true if the rest of the stretch is footer from here. */
static bool footer_line(struct split *s, size_t i, size_t end)
{
	struct line *l = &s->l[i];
	struct span t = span_trim(l->s);

	if (dashes(s, i, end))
		return true;
	if (l->banner && drop_banner(s, i, end))
		return false;
	if (device_line(s, i, end)) {
		l->kind = LINE_FOOTER;
		return false;
	}
	if (l->disclaimer && any_text_before(s, back_to_paragraph(s, i))) {
		size_t from = back_to_paragraph(s, i);
		if (!other_text(s, from, end))
			return false;
		for (size_t k = from; k < i; k++)
			s->l[k].kind = LINE_FOOTER;
		return true;
	}
	if (l->disclaimer) {
		drop_paragraph(s, i, end);
		return false;
	}
	if (!any_text_before(s, i) || !like_signature(s, i + 1, end))
		return false;
	return closing_line(l) || own_name(s, t);
}

void lines_footers(struct split *s)
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
