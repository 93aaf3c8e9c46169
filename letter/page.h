/* SPDX-License-Identifier: MPL-2.0
 *
 * A mail that is read at a glance and acted on with one tap, as plain C fields: headings, numbered items with facts and
 * buttons. Made into plain text and into HTML from the same fields, so that neither says what the other does not.
 *
 * The HTML is one column without anything from outside: no images, no links but the buttons' mailto:, no style sheet
 * that must be fetched. What strangers wrote is escaped, and their addresses of web pages stay text: a button in
 * these mails is ours, always. Colours are those of the mail program, light or dark.
 */
#ifndef LETTER_PAGE_H
#define LETTER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct page_fact {
	const char *label;		/* NULL: none */
	const char *text;
	bool block;			/* somebody's words: quoted, line ends kept */
};
struct page_action {
	const char *label;		/* "Approve" */
	const char *word;		/* what to write into an answer: "approve 3"; or NULL */
	const char *address;		/* do.TOKEN@...; NULL: no button */
	const char *subject, *body;	/* of the mail that the button prepares */
	bool main;			/* the one that most will press */
};
struct page_item {
	int number;			/* 0: none */
	const char *title;
	const char *mark;		/* "since Tuesday"; or NULL */
	const struct page_fact *facts;
	size_t facts_n;
	const struct page_action *actions;
	size_t actions_n;
};
struct page_section {
	const char *heading;
	const struct page_item *items;
	size_t items_n;
	const char *rest;		/* "and 14 more: ..."; or NULL */
};
struct page {
	const char *language;		/* "en" */
	const char *title;
	const char *const *intro;	/* paragraphs */
	size_t intro_n;
	const struct page_section *sections;
	size_t sections_n;
	const char *const *footer;
	size_t footer_n;
};
/* UTF-8 with LF, no line over 76 columns but words that are longer. */
char *page_text(struct arena *a, const struct page *p);
/* A whole document, well-formed as XML too. */
char *page_html(struct arena *a, const struct page *p);

/* The filled text of a note (conf/mail) as a page, so that it has an HTML form: `-- Heading --` begins a section,
 * `Label: value` is a fact, `Label:` gives its name to the quoted lines and lists that follow. */
void page_of_text(struct arena *a, const char *text, struct page *out_r);

#endif
