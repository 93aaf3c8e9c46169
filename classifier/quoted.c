/* SPDX-License-Identifier: MPL-2.0
 *
 * The new text of a mail, apart from what it quotes (here) and from signatures, disclaimers and
 * footers (footers.c). Works on lines; the words ("wrote", "Von:", "Sent from my ...") are data (phrases/<lang>/quote).
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/lines.h"

#include <string.h>

enum { LINES_MAX = 8000, TEXT_MAX = 256 * 1024, ATTRIBUTION_LINES = 4 };

static bool quote_mark(struct span s)
{
	size_t i = 0;

	while (i < s.n && i < 3 && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	if (i < s.n && s.p[i] == '>')
		return true;
	if (s.n - i >= 2 && memcmp(s.p + i, "\xc2\xbb", 2) == 0)
		return true;
	/* "JD> text", "    Jane> text": initials or a name, an old habit */
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	size_t k = i, capitals = 0;
	while (k < s.n && k - i < 12 && ((s.p[k] | 32) >= 'a' && (s.p[k] | 32) <= 'z')) {
		capitals += s.p[k] <= 'Z';
		k++;
	}
	return k - i >= 2 && k < s.n && s.p[k] == '>' && s.p[i] <= 'Z' &&
	       (capitals == k - i || (capitals == 1 && i > 0 && k + 1 < s.n && s.p[k + 1] == ' '));
}

static bool ends_with_colon(struct span s)
{
	s = span_trim(s);
	while (s.n && (s.p[s.n - 1] == '*' || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '_'))
		s.n--;
	return s.n && (s.p[s.n - 1] == ':' ||
		       (s.n >= 3 && memcmp(s.p + s.n - 3, "\xef\xbc\x9a", 3) == 0));
}

/* "Nora Reed <nora@x.example" and below it "> wrote:": an address that was wrapped, no quote. */
static bool closes_address(struct span before, struct span line)
{
	const char *open = memrchr(before.p, '<', before.n);

	if (!open || memchr(open, '>', (size_t)(before.p + before.n - open)) || !memchr(before.p, '@', before.n))
		return false;
	line = span_trim(line);
	return line.n > 1 && line.p[0] == '>' && line.p[1] != '>' && ends_with_colon(line);
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
		if (l->marked && s->n > 1 && !l[-1].marked && closes_address(l[-1].s, line))
			l->marked = false;
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

static bool is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Only punctuation beside [from, to). */
static bool nothing_around(struct span line, const char *from, const char *to)
{
	for (const char *p = line.p; p < line.p + line.n; p++) {
		if (p == from)
			p = to;
		if (p >= line.p + line.n)
			break;
		if ((unsigned char)*p >= 0x80 || is_letter_or_digit(*p))
			return false;
	}
	return true;
}

static bool at_head(struct span line, const char *p)
{
	for (const char *q = line.p; q < p; q++)
		if ((unsigned char)*q >= 0x80 || is_letter_or_digit(*q))
			return false;
	return true;
}

static bool ends_with_question(struct span line)
{
	line = span_trim(line);
	return (line.n && line.p[line.n - 1] == '?') ||
	       (line.n >= 3 && memcmp(line.p + line.n - 3, "\xef\xbc\x9f", 3) == 0);
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
		if (str_eq(sec, "original") || str_eq(sec, "above") || str_eq(sec, "device") || str_eq(sec, "banner"))
			l->all |= nothing_around(l->s, from, to);
		if (str_eq(sec, "wrote"))
			l->wrote = true;
		else if (str_eq(sec, "original"))
			l->original = true;
		else if (str_eq(sec, "above"))
			l->original = l->above = true;
		else if (str_eq(sec, "closing")) {
			l->closing |= at_head(l->s, from);
			if (l->closing && (!l->closing_to || to > l->closing_to))
				l->closing_to = to;
		} else if (str_eq(sec, "device") || str_eq(sec, "footer"))
			l->device = true;
		else if (str_eq(sec, "disclaimer"))	/* which asks nothing */
			l->disclaimer = !ends_with_question(l->s);
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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* An address, a time of day or a whole date: what a program puts before "wrote", and what a person
 * who tells what somebody wrote leaves out. */
static bool exact(struct span s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool digit = is_digit(s.p[i]);
		digits += digit;
		if (s.p[i] == '@' || digits >= 6)
			return true;
		if (digit && i > 0 && s.n - i > 3 && (s.p[i + 1] == ':' || s.p[i + 1] == '.') &&
		    is_digit(s.p[i + 2]) && is_digit(s.p[i + 3]) &&
		    !(s.n - i > 4 && is_digit(s.p[i + 4])))
			return true;
	}
	return false;
}

/* "2026年3月1日(月) 10:00 名前 <a@b.example>:" has no word for "wrote". */
static bool address_and_time(struct span s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++)
		digits += s.p[i] >= '0' && s.p[i] <= '9';
	return digits >= 5 && memchr(s.p, '@', s.n) && memchr(s.p, '<', s.n);
}

/* Do the lines from below i to k say it all, date included? Then line i is what was written above. */
static bool begins_below(const struct split *s, size_t i, size_t k)
{
	size_t digits = 0;
	bool wrote = false;

	for (size_t j = k; j > i; j--) {
		for (size_t b = 0; b < s->l[j].s.n; b++)
			digits += is_digit(s->l[j].s.p[b]);
		wrote |= s->l[j].wrote;
		if (wrote && digits >= 4)
			return true;
	}
	return false;
}

static bool any_exact(const struct split *s, size_t i, size_t k)
{
	for (; i <= k; i++)
		if (exact(s->l[i].s))
			return true;
	return false;
}

/* The number of lines of an attribution that begins at i; 0 if there is none. Asked of each line of a mail: what most
 * have is looked at last. */
static size_t attribution(const struct split *s, size_t i)
{
	bool wrote = false;
	size_t bytes = 0;

	if (s->l[i].blank || s->l[i].marked)
		return 0;
	for (size_t k = i; k < s->n && k < i + ATTRIBUTION_LINES; k++) {
		const struct line *l = &s->l[k];
		if (l->blank || (l->marked && k > i))
			return 0;
		wrote |= l->wrote;
		bytes += l->s.n;
		if (bytes > 400)
			return 0;
		if (ends_with_colon(l->s)) {
			bool next_marked = false;
			size_t q = k + 1;
			while (q < s->n && s->l[q].blank && q < k + 3)
				q++;
			next_marked = q < s->n && s->l[q].marked;
			if (wrote && (next_marked || any_exact(s, i, k)) && !begins_below(s, i, k))
				return k - i + 1;
			if (address_and_time(l->s) && k == i)
				return 1;
			if (next_marked && k == i && has_digit_or_at(l->s) && memchr(l->s.p, '@', l->s.n))
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

/* Does an unlabelled line go on with the header whose last label was on line at? */
static bool header_goes_on(const struct split *s, size_t at, struct span line)
{
	struct span t = span_trim(line);
	const char *colon = memchr(t.p, ':', t.n > 24 ? 24 : t.n);

	if (ends_with_colon(s->l[at].s) || line.p[0] == ' ' || line.p[0] == '\t')
		return true;
	if (memchr(t.p, '@', t.n) || memchr(t.p, ';', t.n))
		return true;
	/* "Importance: high" */
	return colon && colon > t.p && !memchr(t.p, ' ', (size_t)(colon - t.p));
}

/* Two different labels of a header that belong together, with an address or a date: an Outlook
 * block. ("From: next week we are in the new office" is none.) */
static bool header_block(const struct split *s, size_t i)
{
	unsigned kinds = 0;
	bool facts = false;
	size_t label = i, blanks = 0;

	if (!s->l[i].from && !s->l[i].sent && !s->l[i].subject)
		return false;
	for (size_t k = i; k < s->n && k < i + 10; k++) {
		const struct line *l = &s->l[k];
		if (l->marked)
			break;
		if (l->blank) {
			if (++blanks > 1)
				break;
			continue;
		}
		blanks = 0;
		if (l->from || l->sent || l->to || l->subject)
			label = k;
		else if (!header_goes_on(s, label, l->s))
			break;
		facts |= has_digit_or_at(l->s);
		kinds |= (unsigned)l->from | (unsigned)l->sent << 1 | (unsigned)l->to << 2 |
			 (unsigned)l->subject << 3;
	}
	if (__builtin_popcount(kinds) >= 3)
		return true;
	return facts && (kinds & 1) && __builtin_popcount(kinds) == 2;
}

bool line_is_rule(struct span s)
{
	s = span_trim(s);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '=' && s.p[i] != '*' && s.p[i] != '\0')
			return false;
	return s.n >= 10;
}

/* "----- Original Message -----", "-----X <x@y.example> wrote: -----" */
static bool separator(const struct split *s, size_t i)
{
	const struct line *l = &s->l[i];
	struct span t = span_trim(l->s);
	bool ruled;

	if ((!l->original && !l->wrote) || t.n > 200)
		return false;
	ruled = t.n > 4 && (memcmp(t.p, "--", 2) == 0 || memcmp(t.p, "__", 2) == 0 ||
			    memcmp(t.p, "==", 2) == 0 || memcmp(t.p, "##", 2) == 0 ||
			    memcmp(t.p, "**", 2) == 0 || (unsigned char)t.p[0] == 0xe2 ||
			    memcmp(t.p, "\xef\xbc\x8d", 3) == 0);
	if (!l->original)
		return ruled && memcmp(t.p, "--", 2) == 0 && memcmp(t.p + t.n - 2, "--", 2) == 0 &&
		       exact(t);
	return t.n <= 120 && (ruled || l->all || ends_with_colon(t) ||
			      (i + 1 < s->n && (s->l[i + 1].from || header_block(s, i + 1))));
}

/* GroupWise: ">>> Nora Reed <nora@x.example> 3/3/2025 9:12 AM >>>", and no marks below. */
static bool arrows(const struct split *s, size_t i)
{
	struct span t = span_trim(s->l[i].s);
	size_t k = i + 1;

	if (t.n < 12 || memcmp(t.p, ">>> ", 4) != 0 || memcmp(t.p + t.n - 3, ">>>", 3) != 0 ||
	    !has_digit_or_at(t))
		return false;
	while (k < s->n && s->l[k].blank)
		k++;
	return k == s->n || !s->l[k].marked;
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

static bool nothing_new_before(const struct split *s, size_t i)
{
	while (i > 0 && (s->l[i - 1].blank || s->l[i - 1].kind != LINE_NEW))
		i--;
	return i == 0;
}

/* "Ann Bell (Oakvale Foods)", and below it "Mar 3, 2026, 15:10 GMT": how ticket systems begin a comment. */
static bool comment_head(const struct split *s, size_t i)
{
	struct span who, when;

	if (i + 1 >= s->n || s->l[i].blank || s->l[i + 1].blank || (i > 0 && !s->l[i - 1].blank))
		return false;
	who = span_trim(s->l[i].s);
	when = span_trim(s->l[i + 1].s);
	if (who.n > 80 || when.n > 60 || strchr(".?!", who.p[who.n - 1]) || strchr(".?!", when.p[when.n - 1]))
		return false;
	for (size_t k = 1; k + 2 < when.n; k++)
		if (when.p[k] == ':' && when.p[k - 1] >= '0' && when.p[k - 1] <= '9' && when.p[k + 1] >= '0' &&
		    when.p[k + 1] <= '5')
			return true;
	return false;
}

/* Is the comment ours, by the name or address that the mail is addressed to? */
static bool comment_of_ours(const struct split *s, size_t i)
{
	for (size_t k = 0; k < s->m->to_n; k++) {
		const struct addr *to = &s->m->to[k];
		if ((!str_empty(to->name) && span_find_case(s->l[i].s, to->name) != (size_t)-1) ||
		    (!str_empty(to->key) && span_find_case(s->l[i].s, to->key) != (size_t)-1))
			return true;
	}
	return false;
}

/* A ticket system's "write above this line" above everything: what was written last stands first. */
static void first_comment(struct split *s, size_t i)
{
	s->l[i++].kind = LINE_QUOTE;
	while (i < s->n && s->l[i].blank)
		i++;
	if (i >= s->n || !comment_head(s, i))
		return;
	if (comment_of_ours(s, i)) {
		rest_is(s, i, LINE_QUOTE);
		return;
	}
	s->l[i].kind = s->l[i + 1].kind = LINE_QUOTE;
	for (i += 2; i < s->n; i++)
		if (comment_head(s, i)) {
			rest_is(s, i, LINE_QUOTE);
			return;
		}
}

static void find_quotes(struct split *s)
{
	size_t i = 0, n;

	while (i < s->n) {
		struct line *l = &s->l[i];
		if (arrows(s, i)) {
			rest_is(s, i, LINE_QUOTE);
			return;
		}
		if (l->marked || l->kind == LINE_QUOTE) {
			l->kind = LINE_QUOTE;
			i++;
			continue;
		}
		if (l->above && separator(s, i) && nothing_new_before(s, i)) {
			first_comment(s, i++);
			continue;
		}
		if (separator(s, i) || header_block(s, i)) {
			if (i > 0 && line_is_rule(s->l[i - 1].s))
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
	lines_footers(&s);
	return (struct visible_text){ join(&s, LINE_NEW), join(&s, LINE_QUOTE), join(&s, LINE_FOOTER) };
}
