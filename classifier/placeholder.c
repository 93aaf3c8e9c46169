/* SPDX-License-Identifier: MPL-2.0
 *
 * Unfilled placeholders in an outgoing mail. Shapes that mean nothing else ({{x}}, *|X|*, %NAME%)
 * count by themselves; square brackets, single braces and angles count only around a known field
 * name, because ordinary mail is full of [image: Logo], [External], [1] and code.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

enum { FOUND_MAX = 20, INSIDE_MAX = 40, SHOWN = 60 };

struct search {
	struct arena *a;
	const struct phrases *p;
	const char *const *fields;
	size_t fields_n;
	struct placeholder *found;
	size_t n;
};

/* "First Name", "first_name", "firstName" are one field. */
static char *plain(struct arena *a, struct span s)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (c != ' ' && c != '_' && c != '-' && c != '.')
			buf_addc(&b, c);
	}
	return b.p;
}

static bool in_shipped(struct search *s, const char *section, const char *key)
{
	const char *const *list;
	size_t n = phrases_list(s->p, "phrases/placeholders", section, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq(plain(s->a, span_of(list[i])), key))
			return true;
	return false;
}

static bool is_field(struct search *s, struct span inside)
{
	char *key = plain(s->a, span_trim(inside));

	if (!*key)
		return false;
	for (size_t i = 0; i < s->fields_n; i++)
		if (str_eq(plain(s->a, span_of(s->fields[i])), key))
			return true;
	return in_shipped(s, "fields", key);
}

/* "[insert your reason here]" */
static bool is_instruction(struct span inside)
{
	static const char *const heads[] = { "insert ", "your ", "add ", "enter ", "fill in",
		"placeholder", "einfügen", "name einfügen", "hier ", "todo", "tbd", "xxx" };
	inside = span_trim(inside);
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		if (span_starts_case(inside, heads[i]))
			return true;
	return span_ends_case(inside, " here") || span_ends_case(inside, " einfügen");
}

static void found(struct search *s, const char *p, size_t n, bool sure)
{
	char *text = str_cut(s->a, str_utf8(s->a, p, n), SHOWN);

	for (size_t i = 0; i < s->n; i++) {
		if (str_eq(s->found[i].text, text)) {
			s->found[i].sure |= sure;
			return;
		}
	}
	if (s->n < FOUND_MAX)
		s->found[s->n++] = (struct placeholder){ text, sure };
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 128;
}

/* Like a name of a field: a letter first, then letters, digits, blanks, dots, a default after |. */
static bool name_like(struct span s)
{
	s = span_trim(s);
	if (s.n == 0 || (!letter(s.p[0]) && s.p[0] != '_' && s.p[0] != '$' && s.p[0] != '#'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!letter(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !strchr(" _.-|:'\"/$#", s.p[i]))
			return false;
	return true;
}

static bool upper_name(struct span s)
{
	size_t letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			letters++;
		else if (s.p[i] != '_' && !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	}
	return letters >= 3;
}

/* The text between open (at p) and close; false if it does not end on this line, soon. */
static bool between(const char *p, size_t n, const char *open, const char *close, struct span *in_r)
{
	size_t o = strlen(open), c = strlen(close), i;

	if (n < o + c || memcmp(p, open, o) != 0)
		return false;
	for (i = o; i + c <= n && i < o + INSIDE_MAX && p[i] != '\n'; i++) {
		if (memcmp(p + i, close, c) == 0) {
			*in_r = (struct span){ p + o, i - o };
			return i > o;
		}
	}
	return false;
}

/* Shapes nobody writes but a template. Length, or 0. */
static size_t template_shape(struct search *s, const char *t, size_t i, size_t n)
{
	static const struct { const char *open, *close; } shapes[] = {
		{ "{{", "}}" }, { "*|", "|*" }, { "[[", "]]" }, { "${", "}" }, { "{%", "%}" },
		{ "<<", ">>" }, { "##", "##" }, { "%%", "%%" }, { "@@", "@@" }, { "\xc2\xab", "\xc2\xbb" },
	};
	const char *p = t + i;
	struct span in;

	for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
		size_t full;
		if (!between(p, n - i, shapes[k].open, shapes[k].close, &in))
			continue;
		full = in.n + strlen(shapes[k].open) + strlen(shapes[k].close);
		bool field = is_field(s, in);
		/* guillemets are quotation marks, ${HOME} and << >> may be code */
		bool guillemet = k == 9, codeish = k == 3 || k == 5 || k == 6;
		if (guillemet && !field)
			continue;
		if (k == 5 && ((i > 0 && t[i - 1] == '<') || strchr("< ", p[2]) ||
			       strchr(">=", p[full])))
			continue;
		if (k <= 2 && !field && !name_like(in)) {
			if (k == 0 && in.n <= 2)
				found(s, p, full, false);	/* {{1}} */
			continue;
		}
		if (k != 4 && !field && !name_like(in))
			continue;
		if (k == 6 && !field && !upper_name(in))
			continue;
		found(s, p, full, field || !codeish || upper_name(in) ||
		      memchr(in.p, '_', in.n) != NULL || k == 5);
		return full;
	}
	if (*p == '%' && between(p, n - i, "%", "%", &in) && (upper_name(in) || is_field(s, in))) {
		found(s, p, in.n + 2, true);
		return in.n + 2;
	}
	return 0;
}

/* [x], {x}, <x>: only known fields and instructions. */
static size_t bracket_shape(struct search *s, const char *p, size_t n)
{
	struct span in;
	bool square = between(p, n, "[", "]", &in);

	if (!square && !between(p, n, "{", "}", &in) && !between(p, n, "<", ">", &in))
		return 0;
	if (is_field(s, in) || (*p != '<' && is_instruction(in))) {
		found(s, p, in.n + 2, true);
		return in.n + 2;
	}
	/* [COMPANY TAGLINE]: capitals with an underscore look like a field nobody listed */
	if (upper_name(in) && memchr(in.p, '_', in.n))
		found(s, p, in.n + 2, false);
	return 0;
}

/* "Hi ," and "Dear null,": the name is missing behind a greeting at the head of a line. */
static void empty_greeting(struct search *s, struct span line)
{
	const char *const *list;
	size_t n = phrases_list(s->p, "phrases/placeholders", "greetings", &list);

	line = span_trim(line);
	for (size_t i = 0; i < n; i++) {
		size_t g = strlen(list[i]);
		struct span rest, word;
		if (!span_starts_case(line, list[i]) || line.n <= g || line.n > 60)
			continue;
		rest = (struct span){ line.p + g, line.n - g };
		if (rest.p[0] != ' ' && rest.p[0] != ',')
			continue;
		bool blank = rest.p[0] == ' ';
		rest = span_trim(rest);
		if (rest.n == 0)
			continue;
		/* "Hi," is a greeting; "Hi ," has lost its name */
		if (rest.p[0] == ',' || rest.p[0] == '!') {
			if (blank && rest.n == 1)
				found(s, line.p, line.n, true);
			else if (blank)
				found(s, line.p, g + 2, true);
			return;
		}
		word = rest;
		for (size_t k = 0; k < word.n; k++)
			if (strchr(",! ", word.p[k]))
				word.n = k;
		if (in_shipped(s, "empty", plain(s->a, word))) {
			found(s, line.p, line.n, true);
			return;
		}
	}
}

static void look(struct search *s, const char *text)
{
	size_t n = strlen(text), i = 0;
	struct span rest = span_of(text), line;

	while (i < n && s->n < FOUND_MAX) {
		size_t len = 0;
		if (strchr("{*[$<#%@\xc2", text[i]))
			len = template_shape(s, text, i, n);
		if (!len && strchr("[{<", text[i]))
			len = bracket_shape(s, text + i, n - i);
		i += len ? len : 1;
	}
	for (int k = 0; k < 5 && span_line(&rest, &line); k++)
		empty_greeting(s, line);
}

size_t outbound_placeholders(struct arena *a, const struct phrases *p, const struct message *m,
			     const char *const *fields, size_t fields_n,
			     const struct placeholder **out_r)
{
	struct search s = { .a = a, .p = p, .fields = fields, .fields_n = fields_n };
	struct visible_text v = message_visible(a, p, m);

	s.found = arena_array(a, struct placeholder, FOUND_MAX);
	look(&s, m->subject);
	look(&s, v.text);
	*out_r = s.found;
	return s.n;
}
