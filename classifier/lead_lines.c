/* SPDX-License-Identifier: MPL-2.0
 *
 * Pairs of label and value from what a person would read: `Label: value` lines, labels on a line of their own,
 * tables, definition lists, bold labels. HTML becomes lines with marks first, so that one reader does for all.
 */
#include "config.h"

#include "base/arena.h"
#include "classifier/lead_private.h"

enum { LINES_MAX = 3000, LABEL_BYTES = 120, LABEL_WORDS = 12, BARE_LABEL_BYTES = 60, VALUE_MAX = 8000,
       HTML_MAX = 1024 * 1024, CELLS = 4 };

/* Marks in lines: they cannot come from the mail (control characters are taken out of it before). */
enum { CELL = 1, TITLE = 2, TITLE_END = 3, BREAK = 4 };

struct reader {
	struct pairs *p;
	struct arena *a;
	const char *label;		/* what is being read; NULL: nothing */
	enum lead_field field;
	struct buf value;
	bool after_blank;
};

/* ---- one pair ---- */

static void finish(struct reader *r)
{
	if (r->label)
		pairs_add(r->p, r->label, r->value.p);
	r->label = NULL;
}

static void begin(struct reader *r, const char *label, struct span value)
{
	finish(r);
	r->label = label;
	r->field = label_field(r->a, r->p->w, label, r->p->titled);
	buf_init(&r->value, r->a);
	value = span_trim(value);
	buf_add(&r->value, value.p, value.n);
}

static bool one_line_field(enum lead_field f)
{
	return f != LEAD_MESSAGE && f != LEAD_LOCATION && f != LEAD_SERVICE && f != LEAD_FIELD_COUNT;
}

static void go_on(struct reader *r, struct span line)
{
	if (!r->label || r->value.n + line.n > VALUE_MAX)
		return;
	if (r->value.n > 0 && one_line_field(r->field)) {
		finish(r);	/* prose behind the form */
		return;
	}
	if (r->value.n > 0)
		buf_addc(&r->value, '\n');
	buf_add(&r->value, line.p, line.n);
}

/* ---- labels ---- */

static char *without_marks(struct arena *a, struct span s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == BREAK)
			buf_addc(&b, '\n');
		else if (s.p[i] != TITLE && s.p[i] != TITLE_END && s.p[i] != CELL)
			buf_addc(&b, s.p[i]);
	return b.p;
}

/* "**Name:** ", "- Name ", "> " of lists and rules of text that some form programs draw */
static struct span undecorated(struct span s)
{
	static const char marks[] = "*-#|_~ \t";
	static const char *const wide[] = { "\xe2\x80\xa2", "\xe2\x96\xa0", "\xe2\x97\x8f", "\xe2\x97\x86", "\xe3\x83\xbb",
					    "\xc2\xb7" };	/* • ■ ● ◆ ・ · */
	bool more = true;

	while (more && s.n > 0) {
		more = false;
		if (memchr(marks, s.p[0], sizeof(marks) - 1)) {
			s.p++;
			s.n--;
			more = true;
			continue;
		}
		for (size_t k = 0; k < sizeof(wide) / sizeof(*wide) && !more; k++) {
			size_t n = strlen(wide[k]);

			if (s.n >= n && memcmp(s.p, wide[k], n) == 0) {
				s.p += n;
				s.n -= n;
				more = true;
			}
		}
	}
	while (s.n > 0 && memchr("*_| \t", s.p[s.n - 1], 5))
		s.n--;
	return s;
}

static bool label_like(struct span s)
{
	size_t words = 1;

	if (s.n == 0 || s.n > LABEL_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		words += s.p[i] == ' ';
		if (s.p[i] == '@' || s.p[i] == BREAK)
			return false;
	}
	return words <= LABEL_WORDS;
}

/* Where a label ends and its value begins. certain: the mark alone says that it is a label. */
static bool split_at(struct span s, struct span *label_r, struct span *value_r, bool *certain_r)
{
	static const struct {
		const char *mark;
		bool certain;
	} marks[] = { { ":", true }, { "\xef\xbc\x9a", true }, { "\t", true }, { "=>", true }, { "=", false },
		      { " - ", false }, { " \xe2\x80\x93 ", false }, { " | ", false } };
	size_t best = (size_t)-1;

	for (size_t k = 0; k < sizeof(marks) / sizeof(*marks); k++) {
		const char *at = memmem(s.p, s.n, marks[k].mark, strlen(marks[k].mark));
		size_t pos = at ? (size_t)(at - s.p) : (size_t)-1, n = strlen(marks[k].mark);

		if (!at || pos >= best || pos == 0)
			continue;
		/* "http://", "12:30" */
		if (marks[k].mark[0] == ':' && ((s.n > pos + 2 && s.p[pos + 1] == '/' && s.p[pos + 2] == '/') ||
						(s.p[pos - 1] >= '0' && s.p[pos - 1] <= '9' && s.n > pos + 1 &&
						 s.p[pos + 1] >= '0' && s.p[pos + 1] <= '9')))
			continue;
		best = pos;
		*label_r = span_trim((struct span){ s.p, pos });
		*value_r = span_trim((struct span){ s.p + pos + n, s.n - pos - n });
		*certain_r = marks[k].certain;
	}
	return best != (size_t)-1;
}

static char *label_text(struct arena *a, struct span s)
{
	s = undecorated(span_trim(s));
	while (s.n > 0 && (s.p[s.n - 1] == ':' || s.p[s.n - 1] == '.' || s.p[s.n - 1] == ' '))
		s.n--;
	return without_marks(a, s);
}

/* ---- lines ---- */

static bool is_rule(struct span s)
{
	if (s.n < 2)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!memchr("-_=*~+# ", s.p[i], 8))
			return false;
	return true;
}

static bool read_title(struct reader *r, struct span line)
{
	const char *end = memchr(line.p, TITLE_END, line.n);
	struct span label, value;
	char *text;

	if (line.n == 0 || line.p[0] != TITLE || !end)
		return false;
	label = (struct span){ line.p + 1, (size_t)(end - line.p) - 1 };
	value = span_trim((struct span){ end + 1, (size_t)(line.p + line.n - end) - 1 });
	text = label_text(r->a, label);
	if (!label_like(span_of(text)))
		return false;
	if (value.n > 0 && value.p[0] == ':')
		value = (struct span){ value.p + 1, value.n - 1 };
	r->p->titled = true;
	begin(r, text, span_of(without_marks(r->a, value)));
	return true;
}

/* A row of a table: the label, then what is in the other cells. */
static bool read_row(struct reader *r, struct span line)
{
	struct span rest = line, cell, cells[CELLS];
	size_t n = 0, empty_first = 0;
	struct buf value;
	char *label;

	if (!memchr(line.p, CELL, line.n))
		return false;
	while (span_split(&rest, CELL, &cell)) {
		cell = span_trim(cell);
		if (cell.n == 0) {
			empty_first += n == 0;
			continue;
		}
		if (n == CELLS)
			break;
		cells[n++] = cell;
	}
	if (n == 0)
		return true;
	if (n == 1) {	/* a label over its value, or the value under it */
		label = label_text(r->a, cells[0]);
		if (r->label && r->value.n == 0) {
			begin(r, r->label, span_of(without_marks(r->a, cells[0])));
			finish(r);
			return true;
		}
		if (cells[0].p[0] == TITLE && read_title(r, cells[0]))
			return true;
		if (label_like(span_of(label)) &&
		    label_field(r->a, r->p->w, label, false) != LEAD_FIELD_COUNT) {
			begin(r, label, (struct span){ "", 0 });
			return true;
		}
		return false;
	}
	label = label_text(r->a, cells[0]);
	if (!label_like(span_of(label)))
		return true;
	buf_init(&value, r->a);
	for (size_t i = 1; i < n; i++) {
		buf_adds(&value, i > 1 ? " " : "");
		buf_adds(&value, without_marks(r->a, cells[i]));
	}
	r->p->titled = true;
	r->p->shape = LEAD_SHAPE_TABLE;
	begin(r, label, span_of(value.p));
	finish(r);
	return true;
}

static void read_plain(struct reader *r, struct span raw)
{
	struct span line = undecorated(span_trim(raw)), label, value;
	enum lead_field f;
	bool certain = false;
	char *text;

	if (split_at(line, &label, &value, &certain) && label_like(label)) {
		text = label_text(r->a, label);
		f = label_field(r->a, r->p->w, text, r->p->titled && certain);
		/* in the middle of somebody's words "note: ..." is no field */
		if (f == LEAD_FIELD_COUNT ? certain && !(r->label && r->field == LEAD_MESSAGE) : true) {
			begin(r, text, span_of(without_marks(r->a, undecorated(value))));
			return;
		}
	} else if (line.n <= BARE_LABEL_BYTES && (r->after_blank || !r->label) &&
		   label_field(r->a, r->p->w, text = label_text(r->a, line), false) != LEAD_FIELD_COUNT) {
		begin(r, text, (struct span){ "", 0 });
		return;
	}
	go_on(r, span_of(without_marks(r->a, span_trim(raw))));
}

static struct pairs *read_lines(struct pairs *p, const char *text)
{
	struct reader r = { .p = p, .a = p->a, .after_blank = true };
	struct span rest = span_of(text), line;

	for (int n = 0; n < LINES_MAX && span_line(&rest, &line); n++) {
		struct span s = span_trim(line);

		if (s.n == 0) {
			if (r.label && r.value.n > 0 && r.field != LEAD_MESSAGE)
				finish(&r);
			else if (r.label && r.value.n > 0 && r.value.n < VALUE_MAX)
				buf_addc(&r.value, '\n');
			r.after_blank = true;
			continue;
		}
		if (s.p[0] == '>' && p->shape == LEAD_SHAPE_LINES)
			continue;	/* quoted: somebody else's */
		if (is_rule(s)) {
			if (r.value.n > 0)
				finish(&r);
			r.after_blank = true;
			continue;
		}
		if (!read_row(&r, s) && !read_title(&r, s))
			read_plain(&r, line);
		r.after_blank = false;
	}
	finish(&r);
	return p;
}

static char *without_controls(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);

	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\r' && *c != '\t')
			*c = ' ';
	return out;
}

struct pairs *pairs_of_text(struct arena *a, const struct lead_words *w, const char *text)
{
	return read_lines(pairs_new(a, w, LEAD_SHAPE_LINES), without_controls(a, text));
}

/* ---- HTML ---- */

/* Private characters stand for the marks on the way through html_text(); those of the mail are taken out. */
static const char *mark_of(int mark)
{
	static const char *const marks[] = { "", "\xee\x80\x81", "\xee\x80\x82", "\xee\x80\x83", "\xee\x80\x84" };

	return marks[mark];
}

struct tags {
	struct buf out;
	int cell;		/* depth of cells in this table */
	int stack[32];		/* of the tables around it */
	size_t depth;
};

static bool named(struct span tag, const char *list)
{
	struct span rest = span_of(list), name;

	while (span_split(&rest, ' ', &name))
		if (tag.n == name.n && strncasecmp(tag.p, name.p, name.n) == 0)
			return true;
	return false;
}

/* True: the tag itself is left out. */
static bool mark_tag(struct tags *t, struct span name, bool closing)
{
	if (named(name, "table")) {
		if (!closing && t->depth < 32) {
			t->stack[t->depth++] = t->cell;
			t->cell = 0;
		} else if (closing && t->depth > 0) {
			t->cell = t->stack[--t->depth];
		}
	} else if (named(name, "tr")) {
		t->cell = 0;
	} else if (named(name, "td th") && !closing) {
		t->cell = 1;
		buf_adds(&t->out, mark_of(CELL));
		return true;
	} else if (named(name, "td th")) {
		t->cell = 0;
		return true;
	} else if (named(name, "dt b strong h1 h2 h3 h4 h5 h6 label")) {
		bool own_line = named(name, "dt h1 h2 h3 h4 h5 h6");

		if (own_line && !closing && !t->cell)
			buf_adds(&t->out, "<br>");
		buf_adds(&t->out, mark_of(closing ? TITLE_END : TITLE));
		if (own_line && closing && !t->cell)
			buf_adds(&t->out, "<br>");
		return true;
	} else if (named(name, "hr") && !t->cell) {
		buf_adds(&t->out, "<br>-----<br>");
		return true;
	} else if (t->cell && named(name, "br p div li ul ol")) {
		buf_adds(&t->out, mark_of(BREAK));
		return true;
	}
	return false;
}

static char *marked_html(struct arena *a, const char *html, size_t n)
{
	const char *p = html, *end = html + (n > HTML_MAX ? HTML_MAX : n);
	struct tags t = { .cell = 0 };

	buf_init(&t.out, a);
	while (p < end) {
		const char *lt = memchr(p, '<', (size_t)(end - p)), *gt, *q;
		struct span name;
		bool closing;

		buf_add(&t.out, p, (size_t)((lt ? lt : end) - p));
		if (!lt)
			break;
		q = lt + 1;
		closing = q < end && *q == '/';
		q += closing;
		name.p = q;
		while (q < end && ((*q | 32) >= 'a' ? (*q | 32) <= 'z' : *q >= '0' && *q <= '9'))
			q++;
		name.n = (size_t)(q - name.p);
		gt = memchr(lt, '>', (size_t)(end - lt));
		if (!gt) {	/* no tag any more */
			buf_add(&t.out, lt, (size_t)(end - lt));
			break;
		}
		if (name.n == 0 || name.n > 10 || !mark_tag(&t, name, closing))
			buf_add(&t.out, lt, (size_t)(gt + 1 - lt));
		p = gt + 1;
	}
	return t.out.p;
}

/* U+E001..U+E004 and control characters. */
static char *without_private(struct arena *a, const char *s, size_t n, bool to_marks)
{
	char *out = arena_alloc(a, n + 1), *o = out;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == 0xee && i + 2 < n && (unsigned char)s[i + 1] == 0x80 &&
		    (unsigned char)s[i + 2] >= 0x81 && (unsigned char)s[i + 2] <= 0x84) {
			if (to_marks)
				*o++ = (char)((unsigned char)s[i + 2] - 0x80);
			i += 2;
		} else if (c >= ' ' || c == '\n' || c == '\t' || c == '\r') {
			*o++ = (char)c;
		}
	}
	*o = '\0';
	return out;
}

struct pairs *pairs_of_html(struct arena *a, const struct lead_words *w, const char *html, size_t n)
{
	char *clean = without_private(a, html, n > HTML_MAX ? HTML_MAX : n, false);
	char *marked = marked_html(a, clean, strlen(clean));
	char *text = html_text(a, marked, strlen(marked));

	return read_lines(pairs_new(a, w, LEAD_SHAPE_LINES), without_private(a, text, strlen(text), true));
}
