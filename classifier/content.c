/* SPDX-License-Identifier: MPL-2.0
 *
 * What an outgoing mail says and asks: its length, links, calls to action, whom it greets, and phrases
 * of the claim list that nobody approved.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/content.h"
#include "classifier/detect.h"
#include "classifier/salutation.h"

#include <string.h>

enum { CLAIMS_MAX = 12, LINKS_MAX = 60, LINK_BYTES = 2000, ANCHORS_MAX = 300, COMPANY_WORDS = 8, APPROVED_WORDS = 60 };

struct scan {
	struct arena *a;
	const struct phrases *p;
	struct tokens t;
	size_t source_n;
	struct hits h;
	const char *const *approved[2];
	size_t approved_n[2];
	struct outbound_content *out;
	const char *links[LINKS_MAX];
};

/* ---- links ---- */

static size_t link_length(struct span s)
{
	size_t n = 0;

	if (!span_starts_case(s, "http://") && !span_starts_case(s, "https://") &&
	    !span_starts_case(s, "www."))
		return 0;
	while (n < s.n && n < LINK_BYTES && (unsigned char)s.p[n] > ' ' && !strchr("<>\"|", s.p[n]))
		n++;
	while (n && strchr(".,;:!?)]'", s.p[n - 1]))
		n--;
	return n > 7 ? n : 0;
}

static void add_link(struct scan *s, struct span link)
{
	char *text;

	if (span_starts_case(link, "https://"))
		link = (struct span){ link.p + 8, link.n - 8 };
	else if (span_starts_case(link, "http://"))
		link = (struct span){ link.p + 7, link.n - 7 };
	while (link.n && link.p[link.n - 1] == '/')
		link.n--;
	text = str_lower(s->a, span_dup(s->a, link));
	for (size_t i = 0; i < s->out->links; i++) {
		if (str_eq(s->links[i], text))
			return;
	}
	if (s->out->links < LINKS_MAX)
		s->links[s->out->links++] = text;
}

/* Counts the links of text and blanks them out: a link is no word and asks nothing. */
static char *without_links(struct scan *s, const char *text)
{
	char *copy = arena_strdup(s->a, text);
	size_t n = strlen(copy);

	for (size_t i = 0; i < n; i++) {
		size_t len = strchr("hHwW", copy[i]) ? link_length((struct span){ copy + i, n - i }) : 0;

		if (!len)
			continue;
		add_link(s, (struct span){ copy + i, len });
		memset(copy + i, ' ', len);
	}
	return copy;
}

/* <a href="https://...">words</a>: counts where its words stand in the new text, so that neither the
 * signature's nor the quotation's do. */
static void html_links(struct scan *s, const struct part *p, const char *visible)
{
	struct span rest = { p->text, p->text_n };
	size_t at;

	for (int k = 0; k < ANCHORS_MAX && (at = span_find_case(rest, "<a ")) != (size_t)-1; k++) {
		struct span tag = { rest.p + at, rest.n - at }, href, words;
		const char *gt = memchr(tag.p, '>', tag.n);
		size_t end, h, quote = 0;

		rest = (struct span){ tag.p + 3, tag.n - 3 };
		if (!gt)
			return;
		words = (struct span){ gt + 1, tag.n - (size_t)(gt - tag.p) - 1 };
		if (words.n > LINK_BYTES)
			words.n = LINK_BYTES;
		tag.n = (size_t)(gt - tag.p);
		end = span_find_case(words, "</a");
		h = span_find_case(tag, "href=");
		if (end == (size_t)-1 || h == (size_t)-1)
			continue;
		words.n = end;
		href = (struct span){ tag.p + h + 5, tag.n - h - 5 };
		quote = href.n && strchr("\"'", *href.p) ? 1 : 0;
		href = (struct span){ href.p + quote, href.n - quote };
		href.n = link_length(href);
		if (!href.n)
			continue;
		char *shown = text_squeeze(s->a, html_text(s->a, words.p, words.n));
		if (*shown && strstr(visible, shown))
			add_link(s, href);
	}
}

static void count_links(struct scan *s, const struct message *m, const char *visible)
{
	const char *squeezed = text_squeeze(s->a, visible);

	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];

		if (!p->attachment && p->parent_rfc822 < 0 && p->text && str_eq(p->type, "text/html"))
			html_links(s, p, squeezed);
	}
}

/* ---- words and calls ---- */

static bool cjk(const struct token *t)
{
	return t->n >= 3 && (unsigned char)t->s[0] >= 0xe3;
}

static void count_words(struct scan *s)
{
	size_t far = 0, near = 0;

	for (size_t i = 0; i < s->t.n; i++) {
		enum token_kind k = s->t.t[i].kind;

		if (k != TOKEN_WORD && k != TOKEN_NUMBER && k != TOKEN_ADDRESS)
			continue;
		if (cjk(&s->t.t[i]))
			far++;
		else
			near++;
	}
	s->out->words = near + (far + 1) / 2;
}

/* The hits of a sentence that ends before token `to`: they come in the order of where they begin. */
static bool asks(const struct scan *s, size_t *hit, size_t to, bool question)
{
	bool never = false;

	for (; *hit < s->h.n && s->h.h[*hit].from < to; (*hit)++) {
		const struct hit *h = &s->h.h[*hit];

		if (!str_eq(h->phrase->topic, "calls"))
			continue;
		never |= str_eq(h->phrase->section, "never");
		question |= str_eq(h->phrase->section, "call");
	}
	return question && !never;
}

static void count_calls(struct scan *s)
{
	size_t from = 0, hit = 0;

	for (size_t i = 0; i <= s->t.n; i++) {
		bool question = i < s->t.n && s->t.t[i].kind == TOKEN_QUESTION;

		if (i < s->t.n && !question && s->t.t[i].kind != TOKEN_STOP)
			continue;
		if (asks(s, &hit, i, question) && i > from) {
			if (s->out->calls < 2)
				s->out->call[s->out->calls] = tokens_words(s->a, &s->t, from, i);
			s->out->calls++;
		}
		from = i + 1;
	}
}

/* ---- claims ---- */

/* Does the approved claim (as words) cover tokens [from, to)? */
static bool covers(const struct scan *s, const char *claim, size_t from, size_t to)
{
	struct tokens c = tokens_of(s->a, claim, strlen(claim));
	size_t n = c.n;

	while (n && c.t[n - 1].kind == TOKEN_STOP)
		n--;
	if (!n || n > APPROVED_WORDS || n > s->t.n || n < to - from)
		return false;
	for (size_t at = to > n ? to - n : 0; at <= from && at + n <= s->t.n; at++) {
		size_t k = 0;

		while (k < n && c.t[k].kind == s->t.t[at + k].kind && c.t[k].hash == s->t.t[at + k].hash)
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static bool is_approved(const struct scan *s, size_t from, size_t to)
{
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < s->approved_n[k]; i++) {
			if (covers(s, s->approved[k][i], from, to))
				return true;
		}
	}
	return false;
}

/* A number that says money or share: "40 %", "3x", "EUR 500". */
static bool is_figure(const struct scan *s, size_t from, size_t to)
{
	static const char *const signs[] = { "%", "\xef\xbc\x85", "\xe2\x82\xac", "$", "\xc2\xa3", "\xc2\xa5",
		"percent", "per cent", "prozent", "pour cent", "por ciento", "por cento", "per cento",
		"procent", "proc.", "eur", "usd", "gbp", "chf", "sek", "pln", "zl", "kr", "dollar",
		"pound", "euro", "brl", "r$", "\xe5\x86\x86", "\xe5\x89\xb2", "\xe5\x80\x8d" };
	size_t a = s->t.t[from].start, b = s->t.t[to - 1].end, n = s->source_n;
	const char *text;

	a = a > 3 ? a - 3 : 0;
	b = b + 10 < n ? b + 10 : n;
	text = text_fold(s->a, str_utf8(s->a, s->t.source + a, b - a));
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (strstr(text, signs[i]))
			return true;
	}
	for (size_t i = from; i < to; i++) {	/* "3x" */
		const struct token *t = &s->t.t[i];

		if (t->kind == TOKEN_NUMBER && t->n >= 2 && t->s[t->n - 1] == 'x')
			return true;
	}
	return false;
}

static bool is_denied(const struct scan *s, const struct hit *h)
{
	for (size_t i = 0; i < s->h.n; i++) {
		const struct hit *o = &s->h.h[i];

		if (hit_is(o, "claims", "never") && o->from < h->to && h->from < o->to)
			return true;
	}
	return false;
}

static void find_claims(struct scan *s, struct outbound_claim *list)
{
	struct outbound_content *out = s->out;
	size_t end = 0;

	for (size_t i = 0; i < s->h.n && out->claims_n < CLAIMS_MAX; i++) {
		const struct hit *h = &s->h.h[i];
		const char *kind = h->phrase->section;

		if (!str_eq(h->phrase->topic, "claims") || str_eq(kind, "never") || h->to <= h->from)
			continue;
		if (h->from < end)	/* inside the one before */
			continue;
		if (str_eq(kind, "figure")) {
			if (!is_figure(s, h->from, h->to))
				continue;
			kind = "return";
		}
		if (is_denied(s, h) || is_approved(s, h->from, h->to))
			continue;
		list[out->claims_n++] = (struct outbound_claim){
			kind, tokens_words(s->a, &s->t, h->from, h->to) };
		end = h->to;
	}
}

/* ---- names ---- */

static void find_addressee(struct scan *s, const char *text)
{
	struct salutation g;

	if (!salutation_find(s->p, text, &g) || !g.name.n)
		return;
	const char *const *list;
	size_t n = phrases_list(s->p, "phrases/placeholders", "everyone", &list);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		if (span_starts_case(g.called, list[i]) && (g.called.n == len || g.called.p[len] == ' ' ||
							    (unsigned char)list[i][0] >= 0xe3))
			return;
	}
	s->out->addressee = text_squeeze(s->a, span_dup(s->a, g.name));
}

static void read_text(struct scan *s, const char *text, const struct outbound_words *words)
{
	if (words == NULL)
		words = outbound_read(s->a, s->p, text);
	s->source_n = strlen(text);
	s->t = words->t;
	s->h = words->h;
}

void outbound_content(struct arena *a, const struct phrases *p, const struct message *m,
		      const char *visible, const char *const *approved, size_t approved_n, struct outbound_content *out_r)
{
	outbound_content_of(a, p, m, visible, NULL, approved, approved_n, out_r);
}

void outbound_content_of(struct arena *a, const struct phrases *p, const struct message *m, const char *visible,
			 const struct outbound_words *words, const char *const *approved, size_t approved_n,
			 struct outbound_content *out_r)
{
	struct scan s = { .a = a, .p = p, .out = out_r };
	struct outbound_claim *list = arena_array(a, struct outbound_claim, CLAIMS_MAX);
	char *text;

	if (!visible)
		visible = message_visible(a, p, m).text;

	*out_r = (struct outbound_content){ .claims = list };
	s.approved[0] = approved;
	s.approved_n[0] = approved_n;
	s.approved_n[1] = phrases_list(p, "phrases/approved_claims", "approved", &s.approved[1]);
	text = without_links(&s, visible ? visible : "");
	find_addressee(&s, text);
	count_links(&s, m, visible ? visible : "");
	read_text(&s, text, out_r->links == 0 ? words : NULL);	/* with links it is another text */
	count_words(&s);
	count_calls(&s);
	find_claims(&s, list);
	read_text(&s, m->subject, NULL);
	find_claims(&s, list);
}

static bool same_token(const struct token *a, const struct token *b)
{
	return a->hash == b->hash && a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

/* Rob and Robert, Bob and Robert. */
static bool same_name(const struct phrases *p, const struct token *x, const struct token *y)
{
	const char *const *list;
	size_t n = phrases_list(p, "phrases/nicknames", "nicknames", &list);
	size_t shorter = x->n < y->n ? x->n : y->n;

	if (same_token(x, y))
		return true;
	if (shorter >= 3 && (unsigned char)x->s[0] < 128 && memcmp(x->s, y->s, shorter) == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		struct span rest = span_of(list[i]), word;
		bool has_x = false, has_y = false;

		while (span_split(&rest, ' ', &word)) {
			has_x |= word.n == x->n && memcmp(word.p, x->s, x->n) == 0;
			has_y |= word.n == y->n && memcmp(word.p, y->s, y->n) == 0;
		}
		if (has_x && has_y)
			return true;
	}
	return false;
}

enum outbound_named outbound_named(struct arena *a, const struct phrases *p, const char *addressee,
				   const char *name, const char *local)
{
	struct tokens t = tokens_of(a, addressee, strlen(addressee));
	struct tokens of[2];
	size_t known = 0;

	of[0] = tokens_of(a, name ? name : "", name ? strlen(name) : 0);
	/* "robert.miller+x" is words, but for an address the '.' joins them */
	char *parts = arena_strdup(a, local ? local : "");
	for (char *c = parts; *c; c++) {
		if (strchr("._-+", *c) || (*c >= '0' && *c <= '9'))
			*c = ' ';
	}
	of[1] = tokens_of(a, parts, strlen(parts));
	for (size_t i = 0; i < t.n; i++) {
		if (t.t[i].kind != TOKEN_WORD)
			continue;
		for (int k = 0; k < 2; k++) {
			for (size_t j = 0; j < of[k].n; j++) {
				const struct token *w = &of[k].t[j];

				if (w->kind != TOKEN_WORD)
					continue;
				known += k == 0;
				if (same_name(p, &t.t[i], w))
					return NAMED_YES;
				/* "rmiller": an initial and the name */
				if (k == 1 && t.t[i].n >= 3 && w->n > t.t[i].n &&
				    memmem(w->s, w->n, t.t[i].s, t.t[i].n))
					return NAMED_YES;
			}
		}
	}
	return known ? NAMED_NO : NAMED_UNSURE;
}

/* Cheap, and right in most cases: its longest run of plain letters is not in the text at all. */
static bool may_mention(const char *text, const char *company)
{
	struct span run = { company, 0 }, best = run;
	char word[32];

	for (const char *c = company; ; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		if (plain) {
			run.n++;
			continue;
		}
		/* a letter with an accent may be spelt in another way */
		if (run.n > best.n && (unsigned char)*c < 128 &&
		    (run.p == company || (unsigned char)run.p[-1] < 128))
			best = run;
		if (!*c)
			break;
		run = (struct span){ c + 1, 0 };
	}
	if (best.n < 3 || best.n >= sizeof word)
		return true;
	memcpy(word, best.p, best.n);
	word[best.n] = '\0';
	return span_find_case(span_of(text), word) != (size_t)-1;
}

bool outbound_mentions(struct arena *a, const char *text, const char *company_as_written)
{
	static const char *const forms[] = { "gmbh", "ag", "kg", "ltd", "limited", "inc", "llc", "llp", "plc",
		"corp", "corporation", "co", "company", "group", "sa", "sarl", "sas", "srl", "spa", "bv",
		"nv", "ab", "oy", "as", "aps", "sl", "lda", "ltda", "se", "ohg", "ug", "eg", "ev", "zoo",
		"holding", "international", "kk" };
	static const char *const far_forms[] = { "株式会社", "有限会社", "合同会社", "（株）", "(株)" };
	struct tokens c, t;
	struct token want[COMPANY_WORDS];
	size_t n = 0, bytes = 0;

	char *company = arena_strdup(a, company_as_written);

	if (!may_mention(text, company))
		return false;
	for (size_t i = 0; i < sizeof far_forms / sizeof far_forms[0]; i++) {
		char *at = strstr(company, far_forms[i]);

		if (at)
			memset(at, ' ', strlen(far_forms[i]));
	}
	c = tokens_of(a, company, strlen(company));
	for (size_t i = 0; i < c.n && n < COMPANY_WORDS; i++) {
		bool form = false;

		if (c.t[i].kind == TOKEN_STOP)
			continue;
		for (size_t k = 0; k < sizeof forms / sizeof forms[0] && n; k++)
			form |= str_eq(forms[k], c.t[i].s);
		if (form)
			continue;
		want[n++] = c.t[i];
		bytes += c.t[i].n;
	}
	if (!n || bytes < 4)	/* "IT", "3M": too short to tell */
		return false;
	t = tokens_of(a, text, strlen(text));
	for (size_t i = 0; i + n <= t.n; i++) {
		size_t k = 0;

		while (k < n && same_token(&want[k], &t.t[i + k]))
			k++;
		/* as a name: its first letter is a capital, or no Latin letter at all */
		if (k == n && !(text[t.t[i].start] >= 'a' && text[t.t[i].start] <= 'z'))
			return true;
	}
	return false;
}
