/* SPDX-License-Identifier: MPL-2.0
 *
 * HTML as a reader sees it, in one pass and linear time. A scanner, not a parser: mail HTML is
 * broken too often for a tree to be worth its risks (libxml2 is asked for entity names only).
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message.h"

#include <libxml/HTMLparser.h>
#include <string.h>

enum { STACK = 400, NAME = 16, TAG_MAX = 8192, INPUT_MAX = 4 * 1024 * 1024, DEPTH_SHOWN = 10 };

struct open {
	char name[NAME];
	bool hidden, quote, pre;
};

struct html {
	struct buf out;
	struct buf line;
	struct open stack[STACK];
	size_t depth;
	int hidden, quotes, pre;
	int blank;		/* empty lines at the end of out */
	bool space;		/* a blank is due before the next character */
	const char *p, *end;
	const char *no_end;	/* no '>' before this */
	int odd_tags;
};

static void flush_line(struct html *h)
{
	struct span s = span_trim((struct span){ h->line.p, h->line.n });

	h->space = false;
	if (s.n == 0 && (h->blank >= 1 || h->out.n == 0)) {
		h->line.n = 0;
		return;
	}
	h->blank = s.n == 0 ? h->blank + 1 : 0;
	for (int i = 0; i < h->quotes && i < DEPTH_SHOWN; i++)
		buf_adds(&h->out, s.n || i + 1 < h->quotes ? "> " : ">");
	buf_add(&h->out, s.p, h->pre ? h->line.n - (size_t)(s.p - h->line.p) : s.n);
	buf_addc(&h->out, '\n');
	h->line.n = 0;
}

static void end_line(struct html *h)
{
	if (span_trim((struct span){ h->line.p, h->line.n }).n)
		flush_line(h);
	h->line.n = 0;
	h->space = false;
}

static void paragraph(struct html *h)
{
	end_line(h);
	if (h->out.n)
		flush_line(h);
}

static void put(struct html *h, const char *p, size_t n)
{
	if (h->hidden || h->out.n + h->line.n + n > MESSAGE_MAX_TEXT)
		return;
	if (h->space && h->line.n)
		buf_addc(&h->line, ' ');
	h->space = false;
	buf_add(&h->line, p, n);
}

static void put_char(struct html *h, unsigned c)
{
	char u[4];
	size_t n;

	if (c == 0xa0 || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		if (h->pre && c == '\n')
			flush_line(h);
		else if (h->pre)
			put(h, " ", 1);
		else
			h->space = true;
		return;
	}
	if (c == 0x200b || c == 0x200c || c == 0xfeff || c == 0xad || c == 0x34f || c == 0x2060)
		return;
	if (c < ' ')
		return;
	if (c < 0x80) {
		u[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		u[0] = (char)(0xc0 | c >> 6);
		u[1] = (char)(0x80 | (c & 63));
		n = 2;
	} else if (c < 0x10000) {
		u[0] = (char)(0xe0 | c >> 12);
		u[1] = (char)(0x80 | (c >> 6 & 63));
		u[2] = (char)(0x80 | (c & 63));
		n = 3;
	} else {
		u[0] = (char)(0xf0 | c >> 18);
		u[1] = (char)(0x80 | (c >> 12 & 63));
		u[2] = (char)(0x80 | (c >> 6 & 63));
		u[3] = (char)(0x80 | (c & 63));
		n = 4;
	}
	put(h, u, n);
}

static unsigned windows_1252(unsigned c)
{
	static const unsigned short map[32] = {
		0x20ac, 0xfffd, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160,
		0x2039, 0x152, 0xfffd, 0x17d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
		0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0xfffd, 0x17e, 0x178,
	};
	return c >= 128 && c < 160 ? map[c - 128] : c;
}

/* '&' at h->p. */
static void entity(struct html *h)
{
	const char *p = h->p + 1;
	char name[12];
	size_t n = 0;
	unsigned c = 0;

	if (p < h->end && *p == '#') {
		bool hex = ++p < h->end && (*p == 'x' || *p == 'X');
		size_t digits = 0;
		for (p += hex; p < h->end && digits < 9; p++, digits++) {
			unsigned d = *p >= '0' && *p <= '9' ? (unsigned)(*p - '0') :
				     hex && (*p | 32) >= 'a' && (*p | 32) <= 'f' ?
				     (unsigned)((*p | 32) - 'a') + 10 : 99;
			if (d == 99)
				break;
			c = c * (hex ? 16 : 10) + d;
			if (c > 0x10ffff)
				c = 0xfffd;
		}
		if (digits) {
			h->p = p < h->end && *p == ';' ? p + 1 : p;
			c = windows_1252(c);
			put_char(h, c == 0 || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c);
			return;
		}
	} else {
		while (p < h->end && n + 1 < sizeof name &&
		       ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9')))
			name[n++] = *p++;
		name[n] = '\0';
		const htmlEntityDesc *d = n ? htmlEntityLookup((const xmlChar *)name) : NULL;
		if (!d && str_eq(name, "apos")) {
			c = '\'';
		} else if (d) {
			c = d->value;
		}
		if (c) {
			h->p = p < h->end && *p == ';' ? p + 1 : p;
			put_char(h, c);
			return;
		}
	}
	put(h, "&", 1);
	h->p++;
}

/* Tags. */

static bool one_of(const char *name, const char *list)
{
	size_t n = strlen(name);
	const char *p = list;

	while ((p = strstr(p, name)) != NULL) {
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
		p += n;
	}
	return false;
}

static bool has(struct span tag, const char *what)
{
	return span_find_case(tag, what) != (size_t)-1;
}

static bool hidden_by_style(struct span tag)
{
	static const char *const marks[] = {
		"display:none", "display: none", "visibility:hidden", "visibility: hidden",
		"mso-hide:all", "mso-hide: all", "font-size:0;", "font-size:0px", "font-size: 0px",
		"font-size:0\"", "opacity:0;", "opacity:0\"", "max-height:0;", "max-height:0px",
		"max-height: 0px",
	};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (has(tag, marks[i]))
			return true;
	return false;
}

/* What clients put around or before the original they quote. */
static bool starts_original(struct span tag)
{
	static const char *const marks[] = {
		"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container",
		"olk_src_body_section", "id=\"zwchr\"", "ms-outlook-mobile-reference-message",
		"border:none;border-top:solid #e1e1e1", "border:none;border-top:solid #b5c4df",
		"border:none; border-top:solid #e1e1e1", "border-top:solid #e1e1e1 1.0pt",
	};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (has(tag, marks[i]))
			return true;
	return false;
}

static bool is_quote(const char *name, struct span tag)
{
	return str_eq(name, "blockquote") || has(tag, "yahoo_quoted") || has(tag, "zmail_extra") ||
	       has(tag, "name=\"quote\"") || has(tag, "ymail_android_signature_quote");
}

static bool is_signature(struct span tag)
{
	return has(tag, "gmail_signature\"") || has(tag, "moz-signature") ||
	       has(tag, "id=\"signature\"") || has(tag, "id=\"x_signature\"") ||
	       has(tag, "ms-outlook-mobile-signature") || has(tag, "protonmail_signature_block-user") ||
	       has(tag, "applemailsignature");
}

static void small_image(struct html *h, struct span tag)
{
	size_t at = span_find_case(tag, "alt=\"");

	if (at == (size_t)-1)
		return;
	const char *v = tag.p + at + 5;
	const char *q = memchr(v, '"', (size_t)(tag.p + tag.n - v));
	/* emoji are sent as images by some clients */
	if (q && q - v <= 12 && q > v && (unsigned char)*v >= 0xe2)
		put(h, v, (size_t)(q - v));
}

static void pop(struct html *h)
{
	struct open *o = &h->stack[--h->depth];

	h->hidden -= o->hidden;
	if (o->quote) {
		end_line(h);
		h->quotes--;
	}
	if (o->pre) {
		end_line(h);
		h->pre--;
	}
}

static void close_tag(struct html *h, const char *name)
{
	size_t i = h->depth;
	int tries = 64;

	while (i > 0 && tries-- > 0 && !str_eq(h->stack[i - 1].name, name))
		i--;
	if (i > 0 && tries >= 0)
		while (h->depth >= i)
			pop(h);
}

static void open_tag(struct html *h, const char *name, struct span tag, bool self_closed)
{
	bool heavy = tag.n > strlen(name) + 1;
	bool hidden = str_eq(name, "head") || str_eq(name, "select") || str_eq(name, "template") ||
		(heavy && !one_of(name, "body html") && hidden_by_style(tag));
	bool quote = (heavy || str_eq(name, "blockquote")) && is_quote(name, tag);
	struct open *o;

	if (heavy && starts_original(tag)) {
		paragraph(h);
		put(h, "-----Original Message-----", 26);
		end_line(h);
	} else if (heavy && is_signature(tag) && !h->hidden) {
		paragraph(h);
		flush_line(h);
		buf_adds(&h->line, "--");
		/* the trailing blank is part of the delimiter: past the trimming */
		for (int i = 0; i < h->quotes && i < DEPTH_SHOWN; i++)
			buf_adds(&h->out, "> ");
		buf_adds(&h->out, "-- \n");
		h->line.n = 0;
		h->blank = 0;
	}
	if (self_closed || one_of(name, "br hr img input meta link area base col wbr source p li td "
				  "th tr option dt dd"))
		if (!hidden || one_of(name, "br hr img input meta link"))
			return;
	if (h->depth == STACK)
		return;
	o = &h->stack[h->depth++];
	memset(o, 0, sizeof *o);
	memcpy(o->name, name, strnlen(name, NAME - 1));
	o->hidden = hidden;
	o->pre = str_eq(name, "pre");
	o->quote = quote;
	h->hidden += hidden;
	h->pre += o->pre;
	h->quotes += quote;
}

static void layout(struct html *h, const char *name, bool closing)
{
	if (h->hidden)
		return;
	if (str_eq(name, "br"))
		flush_line(h);
	else if (one_of(name, "p h1 h2 h3 h4 h5 h6 table ul ol blockquote hr center"))
		paragraph(h);
	else if (one_of(name, "div tr li dt dd section article header footer address pre form "
			"fieldset body html title option"))
		end_line(h);
	else if (one_of(name, "td th") && !closing)
		h->space = true;
	if (str_eq(name, "li") && !closing)
		put(h, "- ", 2);
}

/* Text of elements that hold no markup: up to their end tag. */
static void skip_raw(struct html *h, const char *name)
{
	size_t n = strlen(name);

	while (h->p < h->end) {
		const char *lt = memchr(h->p, '<', (size_t)(h->end - h->p));
		if (!lt) {
			h->p = h->end;
			return;
		}
		h->p = lt + 1;
		struct span s = { h->p, (size_t)(h->end - h->p) };
		if (s.n > n && s.p[0] == '/' && span_starts_case((struct span){ s.p + 1, n }, name)) {
			const char *gt = memchr(s.p, '>', s.n);
			h->p = gt ? gt + 1 : h->end;
			return;
		}
	}
}

/* The '>' of the tag whose name starts at p, NULL if there is none in reach. What failed once is
 * not searched again, so that "<a<a<a..." stays linear. */
static const char *tag_end(struct html *h, const char *p)
{
	const char *stop = h->end - p > TAG_MAX ? p + TAG_MAX : h->end;
	const char *from = h->no_end > p ? h->no_end : p;
	char quote = 0;

	for (const char *q = p; q < stop && h->odd_tags < 64 && from == p; q++) {
		if (quote) {
			if (*q == quote)
				quote = 0;
		} else if ((*q == '"' || *q == '\'') && q > p && q[-1] == '=') {
			quote = *q;
		} else if (*q == '>') {
			return q;
		}
	}
	h->odd_tags++;
	if (from >= stop)
		return NULL;
	const char *gt = memchr(from, '>', (size_t)(stop - from));
	if (!gt)
		h->no_end = stop;
	return gt;
}

/* '<' at h->p. */
static void tag(struct html *h)
{
	const char *p = h->p + 1, *gt;
	char name[NAME];
	size_t n = 0;
	bool closing;

	if (h->end - p >= 3 && memcmp(p, "!--", 3) == 0) {
		const char *e = memmem(p + 3, (size_t)(h->end - p - 3), "-->", 3);
		h->p = e ? e + 3 : h->end;
		return;
	}
	closing = p < h->end && *p == '/';
	p += closing;
	if (p >= h->end || !(((*p | 32) >= 'a' && (*p | 32) <= 'z') || *p == '!' || *p == '?')) {
		put(h, "<", 1);
		h->p++;
		return;
	}
	gt = tag_end(h, p);
	if (!gt) {
		h->p++;	/* an open end: the '<' alone is dropped */
		return;
	}
	for (const char *q = p; q < gt && n + 1 < NAME && *q > ' ' && *q != '/'; q++)
		name[n++] = *q >= 'A' && *q <= 'Z' ? *q + 32 : *q;
	name[n] = '\0';
	h->p = gt + 1;
	if (name[0] == '!' || name[0] == '?')
		return;
	struct span whole = { p, (size_t)(gt - p) };
	if (memchr(name, '@', n) || memchr(name, ':', n)) {
		if (memchr(name, '@', n)) {	/* <address> that nobody escaped */
			put(h, "<", 1);
			put(h, whole.p, whole.n);
			put(h, ">", 1);
		}
		return;
	}
	layout(h, name, closing);
	if (closing) {
		close_tag(h, name);
	} else if (one_of(name, "script style title xml noframes")) {
		skip_raw(h, name);
	} else if (str_eq(name, "img")) {
		small_image(h, whole);
	} else {
		if (str_eq(name, "body"))
			close_tag(h, "head");
		open_tag(h, name, whole, whole.n && whole.p[whole.n - 1] == '/');
	}
}

char *html_text(struct arena *a, const char *html, size_t n)
{
	struct html *h = arena_new_of(a, struct html);

	buf_init(&h->out, a);
	buf_init(&h->line, a);
	h->p = html;
	h->end = html + (n > INPUT_MAX ? INPUT_MAX : n);
	while (h->p < h->end) {
		unsigned char c = (unsigned char)*h->p;
		if (c == '<') {
			tag(h);
		} else if (c == '&') {
			entity(h);
		} else if (c <= ' ') {
			put_char(h, c == '\n' ? '\n' : ' ');
			h->p++;
		} else if (c == 0xc2 && h->end - h->p > 1 &&
			   ((unsigned char)h->p[1] == 0xa0 || (unsigned char)h->p[1] == 0xad)) {
			put_char(h, (unsigned char)h->p[1]);
			h->p += 2;
		} else if (c == 0xe2 && h->end - h->p > 2 && (unsigned char)h->p[1] == 0x80 &&
			   ((unsigned char)h->p[2] == 0x8b || (unsigned char)h->p[2] == 0x8c)) {
			h->p += 3;
		} else {
			const char *q = h->p + 1;
			while (q < h->end && (unsigned char)*q > ' ' && *q != '<' && *q != '&' &&
			       (unsigned char)*q != 0xc2 && (unsigned char)*q != 0xe2)
				q++;
			put(h, h->p, (size_t)(q - h->p));
			h->p = q;
		}
	}
	end_line(h);
	/* the cap may have cut a character */
	return str_utf8(a, h->out.p, h->out.n);
}
