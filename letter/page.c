/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "letter/page.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "letter/html.h"

enum { COLUMNS = 76, LABEL_MAX = 48 };

/* ---- plain text ---- */

static size_t columns(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Words of one line from column `at` on; every further line begins with indent. */
static void add_wrapped(struct buf *b, struct span line, const char *indent, size_t at)
{
	struct span word;
	bool first = true;

	while (span_split(&line, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (!first && at + 1 + columns(word) > COLUMNS) {
			buf_addf(b, "\n%s", indent);
			at = strlen(indent);
			first = true;
		}
		if (!first) {
			buf_addc(b, ' ');
			at++;
		}
		buf_add(b, word.p, word.n);
		at += columns(word);
		first = false;
	}
}

static void add_paragraph(struct buf *b, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_line(&rest, &line)) {
		add_wrapped(b, line, "", 0);
		buf_addc(b, '\n');
	}
}

static void add_quoted(struct buf *b, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_line(&rest, &line)) {
		buf_adds(b, "   > ");
		add_wrapped(b, line, "   > ", 5);
		buf_addc(b, '\n');
	}
}

static void fact_text(struct buf *b, const struct page_fact *f)
{
	struct span rest = span_of(f->text), line;
	bool first = true;

	if (f->block) {
		if (f->label)
			buf_addf(b, "   %s:\n", f->label);
		add_quoted(b, f->text);
		return;
	}
	while (span_line(&rest, &line)) {
		buf_adds(b, "   ");
		if (first && f->label)
			buf_addf(b, "%s: ", f->label);
		add_wrapped(b, line, "     ", 3 + (first && f->label ? columns(span_of(f->label)) + 2 : 0));
		buf_addc(b, '\n');
		first = false;
	}
}

static void action_text(struct buf *b, const struct page_action *act)
{
	buf_addf(b, "   [%s]", act->label);
	if (act->word)
		buf_addf(b, " %s", act->word);
	if (act->address)
		buf_addf(b, "%s <%s>", act->word ? " |" : "", act->address);
	buf_addc(b, '\n');
}

static void item_text(struct buf *b, const struct page_item *it)
{
	if (it->number > 0 || !str_empty(it->title)) {
		if (it->number > 0)
			buf_addf(b, "%d. ", it->number);
		add_wrapped(b, span_of(it->title), "   ", 3);
		if (it->mark)
			buf_addf(b, " (%s)", it->mark);
		buf_addc(b, '\n');
	}
	for (size_t i = 0; i < it->facts_n; i++)
		fact_text(b, &it->facts[i]);
	for (size_t i = 0; i < it->actions_n; i++)
		action_text(b, &it->actions[i]);
	buf_addc(b, '\n');
}

char *page_text(struct arena *a, const struct page *p)
{
	struct buf b;

	buf_init(&b, a);
	if (p->title)
		buf_addf(&b, "%s\n\n", p->title);
	for (size_t i = 0; i < p->intro_n; i++) {
		add_paragraph(&b, p->intro[i]);
		buf_addc(&b, '\n');
	}
	for (size_t i = 0; i < p->sections_n; i++) {
		const struct page_section *s = &p->sections[i];

		if (s->heading)
			buf_addf(&b, "-- %s --\n\n", s->heading);
		for (size_t k = 0; k < s->items_n; k++)
			item_text(&b, &s->items[k]);
		if (s->rest) {
			add_paragraph(&b, s->rest);
			buf_addc(&b, '\n');
		}
	}
	for (size_t i = 0; i < p->footer_n; i++)
		add_paragraph(&b, p->footer[i]);
	return text_harmless(a, b.p);
}

/* ---- HTML ---- */

#define LINE "#8a8a8a"
/* Legible on white and on black. */
#define BUTTON "display:inline-block;margin:4px 6px 4px 0;padding:11px 14px;border:1px solid " LINE \
	";border-radius:6px;text-decoration:none;line-height:20px"
#define BUTTON_MAIN BUTTON ";background-color:#1a5fb4;border-color:#1a5fb4;color:#ffffff;font-weight:bold"

static void lines_html(struct buf *b, const char *text)
{
	struct span rest = span_of(text), line;
	bool first = true;

	while (span_line(&rest, &line)) {
		if (!first)
			buf_adds(b, "<br/>\n");
		html_add_span(b, line);
		first = false;
	}
}

static void paragraph_html(struct buf *b, const char *style, const char *text)
{
	buf_addf(b, "<p dir=\"auto\" style=\"margin:8px 0%s\">", style);
	lines_html(b, text);
	buf_adds(b, "</p>\n");
}

static void fact_html(struct buf *b, const struct page_fact *f)
{
	if (f->block) {
		if (f->label) {
			buf_adds(b, "<p style=\"margin:8px 0 0 0\"><b>");
			html_add(b, f->label);
			buf_adds(b, "</b></p>\n");
		}
		buf_adds(b, "<div dir=\"auto\" style=\"margin:4px 0 8px 0;padding:2px 0 2px 10px;"
			 "border-left:3px solid " LINE "\">");
		lines_html(b, f->text);
		buf_adds(b, "</div>\n");
		return;
	}
	buf_adds(b, "<p style=\"margin:3px 0\">");
	if (f->label) {
		buf_adds(b, "<b>");
		html_add(b, f->label);
		buf_adds(b, ":</b> ");
	}
	buf_adds(b, "<span dir=\"auto\">");
	lines_html(b, f->text);
	buf_adds(b, "</span></p>\n");
}

static void action_html(struct buf *b, const struct page_action *act)
{
	if (!act->address)
		return;
	buf_adds(b, "<a href=\"");
	html_add(b, mailto_url(b->arena, act->address, act->subject, act->body));
	buf_addf(b, "\" style=\"%s\">", act->main ? BUTTON_MAIN : BUTTON);
	html_add(b, act->label);
	buf_adds(b, "</a>\n");
}

static void title_html(struct buf *b, const struct page_item *it)
{
	if (it->number == 0 && str_empty(it->title))
		return;
	buf_adds(b, "<h3 dir=\"auto\" style=\"margin:0 0 6px 0;font-size:17px\">");
	if (it->number > 0)
		buf_addf(b, "%d. ", it->number);
	html_add(b, it->title);
	if (it->mark) {
		buf_adds(b, " <span style=\"font-weight:normal\">(");
		html_add(b, it->mark);
		buf_adds(b, ")</span>");
	}
	buf_adds(b, "</h3>\n");
}

static void item_html(struct buf *b, const struct page_item *it)
{
	buf_adds(b, "<div style=\"margin:0 0 16px 0;padding:10px 0 4px 0;border-top:1px solid " LINE "\">\n");
	title_html(b, it);
	for (size_t i = 0; i < it->facts_n; i++)
		fact_html(b, &it->facts[i]);
	if (it->actions_n > 0) {
		buf_adds(b, "<p style=\"margin:8px 0 0 0\">\n");
		for (size_t i = 0; i < it->actions_n; i++)
			action_html(b, &it->actions[i]);
		buf_adds(b, "</p>\n");
	}
	buf_adds(b, "</div>\n");
}

static void section_html(struct buf *b, const struct page_section *s)
{
	if (s->heading) {
		buf_adds(b, "<h2 dir=\"auto\" style=\"margin:24px 0 8px 0;font-size:20px\">");
		html_add(b, s->heading);
		buf_adds(b, "</h2>\n");
	}
	for (size_t i = 0; i < s->items_n; i++)
		item_html(b, &s->items[i]);
	if (s->rest)
		paragraph_html(b, "", s->rest);
}

char *page_html(struct arena *a, const struct page *p)
{
	const char *title = p->title ? p->title : "relent";
	struct buf b;

	buf_init(&b, a);
	buf_adds(&b, "<!DOCTYPE html>\n<html lang=\"");
	html_add(&b, p->language ? p->language : "en");
	buf_adds(&b, "\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		 "<meta name=\"supported-color-schemes\" content=\"light dark\"/>\n<title>");
	html_add(&b, title);
	buf_adds(&b, "</title>\n</head>\n<body style=\"margin:0;padding:12px\">\n"
		 "<div style=\"max-width:640px;margin:0 auto;font-family:sans-serif;font-size:16px;line-height:1.4;"
		 "word-wrap:break-word;overflow-wrap:anywhere\">\n");
	if (p->title) {
		buf_adds(&b, "<h1 dir=\"auto\" style=\"margin:0 0 8px 0;font-size:22px\">");
		html_add(&b, title);
		buf_adds(&b, "</h1>\n");
	}
	for (size_t i = 0; i < p->intro_n; i++)
		paragraph_html(&b, "", p->intro[i]);
	for (size_t i = 0; i < p->sections_n; i++)
		section_html(&b, &p->sections[i]);
	for (size_t i = 0; i < p->footer_n; i++)
		paragraph_html(&b, ";font-size:14px", p->footer[i]);
	buf_adds(&b, "</div>\n</body>\n</html>\n");
	return b.p;
}

/* ---- the filled text of a note ---- */

struct reading {
	struct arena *a;
	struct page_section *sections;
	struct page_fact *facts;	/* of the section under way */
	size_t sections_n, facts_n, max;
	struct buf words;		/* of the fact under way */
	const char *label;
	bool block;
};

static void end_fact(struct reading *r)
{
	if (r->words.n > 0 && r->facts_n < r->max)
		r->facts[r->facts_n++] = (struct page_fact){ r->label, r->words.p, r->block };
	buf_init(&r->words, r->a);
	r->label = NULL;
	r->block = false;
}

static void end_section(struct reading *r, const char *next)
{
	struct page_section *s = &r->sections[r->sections_n];
	struct page_item *it = arena_new_of(r->a, struct page_item);

	end_fact(r);
	it->title = s->heading ? s->heading : "";
	it->facts = r->facts;
	it->facts_n = r->facts_n;
	s->items = it;
	s->items_n = r->facts_n > 0;
	s->heading = NULL;
	if (s->items_n > 0)
		r->sections_n++;
	r->sections[r->sections_n] = (struct page_section){ .heading = next };
	r->facts = arena_array(r->a, struct page_fact, r->max);
	r->facts_n = 0;
}

/* "Label: " or "Label:" at the beginning of a line; its length, or 0. */
static size_t label_of(struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);
	size_t n = colon ? (size_t)(colon - line.p) : 0;

	if (n == 0 || n > LABEL_MAX || line.p[0] == ' ' || line.p[0] == '>' || line.p[0] == '(')
		return 0;
	return n + 1 == line.n || colon[1] == ' ' ? n : 0;
}

static void add_line(struct reading *r, struct span line)
{
	if (r->words.n > 0)
		buf_addc(&r->words, '\n');
	buf_add(&r->words, line.p, line.n);
}

static void read_line(struct reading *r, struct span line)
{
	size_t label = label_of(line);
	bool quoted = line.n > 0 && line.p[0] == '>';

	if (line.n == 0) {
		if (!r->label || r->words.n > 0)
			end_fact(r);
		return;
	}
	if (quoted) {
		size_t skip = line.n > 1 && line.p[1] == ' ' ? 2 : 1;

		if (!r->block && r->words.n > 0)
			end_fact(r);
		r->block = true;
		add_line(r, (struct span){ line.p + skip, line.n - skip });
		return;
	}
	if (r->block || label > 0)
		end_fact(r);
	if (label > 0) {
		r->label = arena_strndup(r->a, line.p, label);
		line = span_trim((struct span){ line.p + label + 1, line.n - label - 1 });
		if (line.n == 0)
			return;
	}
	add_line(r, span_trim(line));
}

void page_of_text(struct arena *a, const char *text, struct page *out_r)
{
	struct span rest = span_of(text), line;
	struct reading r = { .a = a, .max = 1 };

	for (const char *p = text; *p; p++)
		r.max += *p == '\n';
	r.sections = arena_array(a, struct page_section, r.max + 2);
	r.facts = arena_array(a, struct page_fact, r.max);
	buf_init(&r.words, a);
	*out_r = (struct page){ .sections = r.sections };
	while (span_line(&rest, &line)) {
		if (line.n > 6 && memcmp(line.p, "-- ", 3) == 0 && memcmp(line.p + line.n - 3, " --", 3) == 0)
			end_section(&r, arena_strndup(a, line.p + 3, line.n - 6));
		else
			read_line(&r, line);
	}
	end_section(&r, NULL);
	out_r->sections_n = r.sections_n;
}
