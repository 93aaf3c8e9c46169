/* SPDX-License-Identifier: MPL-2.0
 *
 * Unfilled placeholders in an outgoing mail. Shapes that mean nothing else ({{x}}, *|X|*, %NAME%)
 * count by themselves; square brackets, single braces and angles count only around a known field
 * name, because ordinary mail is full of [image: Logo], [External], [1] and code.
 * The lists are data: phrases/placeholders.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/salutation.h"

#include <string.h>
#include <unicode/utf8.h>

enum { FOUND_MAX = 20, LOOKED_UP_MAX = 1000, LINE_LOOK = 200,
       INSIDE_MAX = 60, SHOWN = 60, PARTS_LOOKED_AT = 4, ATTRIBUTE_MAX = 400 };

struct search {
	struct arena *a;
	const struct phrases *p;
	const char *const *fields;
	size_t fields_n;
	bool subject;		/* the text at hand */
	const char *text;
	size_t text_n;
	struct placeholder *found;
	size_t n;
	int looked_up;		/* brackets of a hostile mail are not all worth a look */
};

/* ---- names of fields ---- */

static char *plain(struct arena *a, struct span s)
{
	return field_key(a, s);
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

static bool is_key(struct search *s, const char *key)
{
	if (!*key)
		return false;
	for (size_t i = 0; i < s->fields_n; i++)
		if (str_eq(plain(s->a, span_of(s->fields[i])), key))
			return true;
	return phrases_is_field(s->p, key);
}

/* "[Name,fallback=there]", "{Name|there}", "{!Contact.FirstName}": the field without its trimmings. */
static struct span bare_field(struct span in)
{
	static const char *const ends[] = { "|", ",fallback", ", fallback", ",default", ", default", ":default" };
	struct span s = span_trim(in);

	while (s.n && strchr("!$@", *s.p)) {
		s.p++;
		s.n--;
	}
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t at = span_find_case(s, ends[i]);

		if (at != (size_t)-1)
			s.n = at;
	}
	return span_trim(s);
}

static bool is_field(struct search *s, struct span inside)
{
	static const char *const before[] = { "your ", "my ", "the ", "insert ", "recipient ", "prospect ",
		"client ", "contact", "lead", "person", "subscriber", "recipient", "user", "customer",
		"merge", "account" };
	struct span in = bare_field(inside);
	const char *dot;

	if (!in.n || ++s->looked_up > LOOKED_UP_MAX)
		return false;
	if (is_key(s, plain(s->a, span_trim(inside))) || is_key(s, plain(s->a, in)))
		return true;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		size_t n = strlen(before[i]);

		if (!span_starts_case(in, before[i]) || in.n <= n)
			continue;
		if (before[i][n - 1] != ' ' && in.p[n] != '.' && in.p[n] != '_')
			continue;
		if (is_key(s, plain(s->a, (struct span){ in.p + n, in.n - n })))
			return true;
	}
	dot = memrchr(in.p, '.', in.n);
	return dot && dot[1] != ' ' && is_key(s, plain(s->a, (struct span){ dot + 1, in.n - (size_t)(dot - in.p) - 1 }));
}

/* "[insert your reason here]" */
static bool is_instruction(struct search *s, struct span inside)
{
	const char *const *list;
	size_t n = phrases_list(s->p, "phrases/placeholders", "instructions", &list);

	inside = span_trim(inside);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);

		if (len > 4 && memcmp(list[i], "... ", 4) == 0) {
			if (span_ends_case(inside, list[i] + 3))
				return true;
		} else if (span_starts_case(inside, list[i]) &&
			   (inside.n == len || strchr(" :", inside.p[len]) ||
			    (unsigned char)inside.p[len] >= 0xe3)) {
			return true;
		}
	}
	return false;
}

static void found(struct search *s, const char *p, size_t n, bool sure)
{
	char *text = text_squeeze(s->a, str_cut(s->a, str_utf8(s->a, p, n), SHOWN));

	for (size_t i = 0; i < s->n; i++) {
		if (str_eq(s->found[i].text, text)) {
			s->found[i].sure |= sure;
			return;
		}
	}
	if (s->n < FOUND_MAX)
		s->found[s->n++] = (struct placeholder){ text, sure };
}

/* ---- what stands around it ---- */

static char before(const struct search *s, size_t i)
{
	return i > 0 && i <= s->text_n ? s->text[i - 1] : '\n';
}

static char behind(const struct search *s, size_t i)
{
	return i < s->text_n ? s->text[i] : '\n';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 128;
}

static bool word_char(char c)
{
	return letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/* A line of a program: indented far, ending in ; or {, or with an assignment. */
static bool code_line(const struct search *s, size_t i)
{
	size_t from = i, to = i, end;
	struct span line;

	while (from > 0 && i - from < LINE_LOOK && s->text[from - 1] != '\n')
		from--;
	while (to < s->text_n && to - i < LINE_LOOK && s->text[to] != '\n')
		to++;
	line = (struct span){ s->text + from, to - from };
	if (line.n && (line.p[0] == '\t' || span_starts_case(line, "    ")))
		return true;
	end = line.n;
	while (end && strchr(" \r", line.p[end - 1]))
		end--;
	return (end && strchr(";{", line.p[end - 1])) || memmem(line.p, line.n, " = ", 3) ||
	       memmem(line.p, line.n, "==", 2) || memmem(line.p, line.n, "()", 2) ||
	       memmem(line.p, line.n, "(f\"", 3) ||
	       memmem(line.p, line.n, "=>", 2) || memmem(line.p, line.n, "\\begin", 6) ||
	       memmem(line.p, line.n, "\\end", 4);
}

/* In backticks or quotation marks it is talked about, not left over. */
static bool quoted_as_code(const struct search *s, size_t i, size_t n)
{
	char a = before(s, i), b = behind(s, i + n);
	bool string = a == '"' || a == '\'';

	return a == '`' || (string && (a == b || strchr("f(", before(s, i - 1)))) || a == '=';
}

/* ---- shapes ---- */

/* Like a name of a field: a letter first, then letters, digits, blanks, dots, a default after |. */
static bool name_like(struct span s)
{
	s = span_trim(s);
	if (s.n == 0 || (!letter(s.p[0]) && !strchr("_$#/^>!@=", s.p[0])))
		return false;
	bool any = false;

	for (size_t i = 0; i < s.n; i++) {
		any |= letter(s.p[i]);
		if (!word_char(s.p[i]) && !strchr(" .-|:'\"/$#,()=!?>@^\n", s.p[i]))
			return false;
	}
	return any;
}

static bool upper_name(struct span s)
{
	size_t letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			letters++;
		else if (!strchr("_- ", s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	}
	return letters >= 3;
}

static bool lower_snake(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!word_char(s.p[i]))
			return false;
	return s.n > 3 && letter(s.p[0]) && memchr(s.p, '_', s.n);
}

/* The text between open (at p) and close; false if it does not end soon. A long line may have been
 * wrapped inside it: one line end passes. */
static bool between(const char *p, size_t n, const char *open, const char *close, struct span *in_r)
{
	size_t o = strlen(open), c = strlen(close), i;
	int ends = 0;

	if (n < o + c || memcmp(p, open, o) != 0)
		return false;
	for (i = o; i + c <= n && i < o + INSIDE_MAX && ends < 2; i++) {
		if (memcmp(p + i, close, c) == 0) {
			*in_r = (struct span){ p + o, i - o };
			return i > o;
		}
		ends += p[i] == '\n';
	}
	return false;
}

/* How a shape is judged. ALWAYS: whatever is inside. NAME: something like a name. FIELD: a known field
 * only. CODEISH: programs have it too; a known field or capitals are sure, the rest is doubt. */
enum judged { ALWAYS, NAME, FIELD, CODEISH, UPPER };
static const struct shape {
	const char *open, *close;
	enum judged how;
} shapes[] = {
	{ "{{{", "}}}", NAME }, { "{{", "}}", NAME }, { "*|", "|*", NAME }, { "{%", "%}", ALWAYS },
	{ "[[", "]]", NAME }, { "%%", "%%", NAME }, { "@@", "@@", NAME }, { "_|", "|_", NAME },
	{ "|*", "*|", NAME }, { "<<", ">>", CODEISH }, { "${", "}", CODEISH }, { "$!{", "}", CODEISH },
	{ "#{", "}", CODEISH }, { "{!", "}", NAME }, { "{$", "}", CODEISH }, { "<%=", "%>", ALWAYS },
	{ "<?=", "?>", ALWAYS }, { "##", "##", UPPER }, { "__", "__", FIELD },
	{ "\xc2\xab", "\xc2\xbb", FIELD }, { "\xe3\x80\x90", "\xe3\x80\x91", FIELD },
	{ "\xe3\x80\x94", "\xe3\x80\x95", FIELD }, { "\xe3\x80\x8a", "\xe3\x80\x8b", FIELD },
};

static bool shift_operator(const struct search *s, size_t i, size_t full)
{
	return before(s, i) == '<' || strchr("<= ", behind(s, i + 2)) || strchr(">=", behind(s, i + full)) ||
	       word_char(before(s, i));
}

/* LaTeX: \frac{{a}}{b}, x^{{n}} */
static bool latex(const struct search *s, size_t i)
{
	char c = before(s, i);

	if (strchr("\\^_}", c))
		return true;
	while (i > 0 && letter(s->text[i - 1]))
		i--;
	return i > 0 && s->text[i - 1] == '\\';
}

/* 0: it is none; -1: in doubt; 1: sure. */
static int weigh(struct search *s, const struct shape *k, size_t i, struct span in, size_t full)
{
	bool field = is_field(s, in), code = quoted_as_code(s, i, full) || code_line(s, i);

	if (k->open[0] == '<' && k->open[1] == '<' && shift_operator(s, i, full))
		return 0;
	if (k->open[0] == '{' && k->open[1] == '{' && latex(s, i))
		return 0;
	/* "## Title ##", "%% Part %%", "x[[name]]", "[[ $name ]]" */
	if (strchr("#%@_[", k->open[0]) && (in.p[0] == ' ' || (k->open[0] == '[' && word_char(before(s, i)))))
		return 0;
	switch (k->how) {
	case ALWAYS:
		return code ? -1 : 1;
	case NAME:
		if (!field && k->open[0] == '{' && in.n <= 2 && in.p[0] >= '0' && in.p[0] <= '9')
			return -1;	/* {{1}} */
		if (!field && !name_like(in))
			return 0;
		/* a wiki's [[Page]], {{{hugs}}} */
		if ((k->open[0] == '[' || k->open[2] == '{') && !field && !upper_name(in) && !lower_snake(in))
			return -1;
		return code ? -1 : 1;
	case FIELD:
		if (code && k->open[0] == '_')	/* if __name__ == "__main__" */
			return 0;
		return field ? (code ? -1 : 1) : 0;
	case UPPER:
		return field || upper_name(in) ? 1 : 0;
	case CODEISH:
		if (!field && (!name_like(in) || memchr(in.p, ' ', in.n)))
			return 0;
		if (code)
			return field ? -1 : 0;
		return field || memchr(in.p, '_', in.n) ? 1 : -1;
	}
	return 0;
}

static bool environment(struct search *s, struct span in)
{
	return salutation_listed(s->p, "environment", in);
}

/* Shapes nobody writes but a template. Length, or 0. */
static size_t template_shape(struct search *s, size_t i)
{
	const char *p = s->text + i;
	size_t left = s->text_n - i;
	struct span in;

	for (size_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
		size_t full;
		int w;

		if (!between(p, left, shapes[k].open, shapes[k].close, &in))
			continue;
		full = in.n + strlen(shapes[k].open) + strlen(shapes[k].close);
		w = environment(s, in) ? 0 : weigh(s, &shapes[k], i, in, full);
		if (!w)
			continue;
		found(s, p, full, w > 0);
		return full;
	}
	if (*p == '%' && between(p, left, "%", "%", &in) && !environment(s, in) &&
	    !strchr(" \n", in.p[0]) && in.p[in.n - 1] != ' ' &&
	    (is_field(s, in) || (upper_name(in) && !memchr(in.p, ' ', in.n)))) {
		found(s, p, in.n + 2, before(s, i) != '\\' && before(s, i) != '/');
		return in.n + 2;
	}
	return 0;
}

/* <name>Bob</name> is XML. */
static bool has_closing_tag(const struct search *s, struct span in)
{
	char *tag = arena_printf(s->a, "</%.*s>", (int)in.n, in.p);

	return span_find_case((struct span){ s->text, s->text_n }, tag) != (size_t)-1 ||
	       in.p[0] == '/' || in.p[in.n - 1] == '/';
}

/* What is around a bracket that has another meaning: row[name], [name](http...), \title{name}, f"{name}". */
static int bracket_context(const struct search *s, size_t i, size_t full)
{
	char a = before(s, i), b = behind(s, i + full), c = s->text[i];

	if (a == '\\' || (c == '[' && (b == '(' || (word_char(a) && (unsigned char)a < 128) ||
				       strchr(")]$", a))))
		return 0;
	if (c == '{' && (a == '^' || a == '_' || a == '$' || latex(s, i)))
		return 0;
	if (c == '[' && b == ':' && a == '\n')
		return 0;
	if (quoted_as_code(s, i, full) || code_line(s, i) || a == '/' || (b == '/' && c != '<'))
		return -1;
	/* "[Question] pricing": a tag before the subject proper */
	if (s->subject && c == '[' && i == 0 && full < s->text_n)
		return -1;
	return 1;
}

/* "{Hi|Hello}": the choice that a machine should have made. */
static bool is_spin(struct search *s, struct span in)
{
	size_t bars = 0;
	struct span first = in;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '|') {
			if (!bars++)
				first.n = i;
		} else if (!letter(in.p[i]) && !strchr(" ,'!-", in.p[i])) {
			return false;
		}
	}
	return bars && salutation_listed(s->p, "greetings", span_trim(first));
}

static bool has_letter(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (letter(s.p[i]))
			return true;
	}
	return false;
}

/* [x], {x}, <x>: only known fields and instructions. */
static size_t bracket_shape(struct search *s, size_t i)
{
	const char *p = s->text + i;
	size_t left = s->text_n - i;
	struct span in;
	bool square = between(p, left, "[", "]", &in);
	int w;

	if (!square && !between(p, left, "{", "}", &in) && !between(p, left, "<", ">", &in))
		return 0;
	if (!has_letter(in) || ++s->looked_up > LOOKED_UP_MAX)
		return 0;
	w = bracket_context(s, i, in.n + 2);
	if (!w)
		return 0;
	if ((is_field(s, in) && !(*p == '<' && has_closing_tag(s, in))) ||
	    (*p != '<' && is_instruction(s, in)) || (*p == '{' && is_spin(s, in))) {
		found(s, p, in.n + 2, w > 0);
		return in.n + 2;
	}
	/* [COMPANY_TAGLINE]: capitals with an underscore look like a field nobody listed */
	if (upper_name(in) && memchr(in.p, '_', in.n) && !environment(s, in))
		found(s, p, in.n + 2, false);
	return 0;
}

/* ---- words ---- */

static bool is_mask(const struct search *s, size_t i, size_t n)
{
	size_t a = i, b = i + n;

	if (strchr("-./*#+", before(s, i)) || strchr("-/*_@+", behind(s, b)))
		return true;
	while (a > 0 && s->text[a - 1] == ' ')
		a--;
	while (b < s->text_n && s->text[b] == ' ')
		b++;
	/* XXXX XXXX 1234, 12 XXX */
	return (a > 0 && a < i && strchr("X0123456789", s->text[a - 1])) ||
	       (b < s->text_n && b > i + n && strchr("X0123456789", s->text[b]));
}

/* "Super Bowl XXX", "Louis XXX": a numeral */
static bool behind_capital(const struct search *s, size_t i)
{
	while (i > 0 && s->text[i - 1] == ' ')
		i--;
	while (i > 0 && word_char(s->text[i - 1]))
		i--;
	return s->text[i] >= 'A' && s->text[i] <= 'Z' && i > 0 && s->text[i - 1] != '\n';
}

/* Words that only a machine or an author in a hurry leaves. Length, or 0. */
static size_t leftover_word(struct search *s, size_t i)
{
	static const char lorem[] = "lorem ipsum";
	const char *p = s->text + i;
	struct span rest = { p, s->text_n - i };
	size_t n = 0;

	if (word_char(before(s, i)))
		return 0;
	while (n < rest.n && p[n] == 'X')
		n++;
	if (n >= 3 && !word_char(behind(s, i + n))) {
		if (!is_mask(s, i, n))
			found(s, p, n, !behind_capital(s, i) && !code_line(s, i) &&
			      !quoted_as_code(s, i, n));
		return n;
	}
	if (span_starts_case(rest, lorem)) {
		/* its third word comes only where it stands for a text */
		found(s, p, sizeof lorem - 1, span_starts_case(rest, "lorem ipsum dolor"));
		return sizeof lorem - 1;
	}
	if (span_starts_case(rest, "[object object]")) {
		found(s, p, 15, true);
		return 15;
	}
	return 0;
}

static bool span_in(struct span s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (*s.p == *list[i] && span_eq(s, list[i]))
			return true;
	}
	return false;
}

/* "for undefined", "bei null", "at NaN": in a subject sure, in a text worth a warning. */
static const bool ends_word[256] = {
	[0] = true, [' '] = true, [','] = true, ['.'] = true, [';'] = true, [':'] = true, ['!'] = true, ['?'] = true,
	['\n'] = true, [')'] = true,
};

static void empty_words(struct search *s)
{
	const char *const *list, *const *empty;
	size_t n = phrases_list(s->p, "phrases/placeholders", "prepositions", &list), i = 0;
	size_t empty_n = phrases_list(s->p, "phrases/placeholders", "empty", &empty);

	while (i < s->text_n) {
		struct span word = { s->text + i, 0 }, next;

		while (i < s->text_n && !word_char(s->text[i]))
			i++;
		word = (struct span){ s->text + i, 0 };
		while (i < s->text_n && word_char(s->text[i])) {
			i++;
			word.n++;
		}
		if (behind(s, i) != ' ' || word.n > 12)
			continue;
		next = (struct span){ s->text + i + 1, 0 };
		while (i + 1 + next.n < s->text_n && !ends_word[(unsigned char)next.p[next.n]])
			next.n++;
		if (!next.n || !span_in(next, empty, empty_n))
			continue;
		for (size_t k = 0; k < n; k++) {
			if (span_eq_case(word, list[k])) {
				found(s, word.p, word.n + 1 + next.n, s->subject && !code_line(s, i));
				break;
			}
		}
	}
}

/* ---- the salutation ---- */

/* Circles or crosses stand for a name in Japanese drafts. */
static bool is_circles(struct span s)
{
	static const char *const marks[] = { "\xe3\x80\x87", "\xe2\x97\x8b", "\xe2\x97\xaf", "\xe2\x96\xb3",
		"\xe2\x97\x8f", "\xc3\x97", "\xe2\x97\x8e" };
	size_t count = 0;

	while (s.n) {
		size_t i;

		for (i = 0; i < sizeof marks / sizeof marks[0]; i++) {
			size_t n = strlen(marks[i]);

			if (s.n >= n && memcmp(s.p, marks[i], n) == 0) {
				s.p += n;
				s.n -= n;
				break;
			}
		}
		if (i == sizeof marks / sizeof marks[0])
			return false;
		count++;
	}
	return count > 0;
}

static bool has_empty_word(struct search *s, struct span name)
{
	struct span word;

	while (span_split(&name, ' ', &word)) {
		if (word.n && (*word.p == '#' || salutation_listed(s->p, "empty", word) ||
			       salutation_listed(s->p, "unnamed", word) || is_circles(word)))
			return true;
	}
	return false;
}

static bool is_name_field(struct search *s, struct span name)
{
	const char *key = plain(s->a, name);

	return phrases_is_field(s->p, key) && in_shipped(s, "names", key);
}

/* "Hi ," and "Dear null,": the name is missing behind the greeting. */
static void empty_greeting(struct search *s)
{
	struct salutation g;
	bool spaced;

	if (!salutation_find(s->p, s->text, &g))
		return;
	if (g.name.n) {
		if (has_empty_word(s, g.name) || salutation_listed(s->p, "unnamed", g.name) ||
		    is_name_field(s, g.name))
			found(s, g.line.p, g.line.n, true);
		return;
	}
	if (!*g.greeting) {	/* an honorific alone */
		found(s, g.line.p, g.line.n, true);
		return;
	}
	/* "Bonjour !" is how French is set; "Bonjour Madame," greets a lady whose name is not used */
	spaced = salutation_listed(s->p, "spaced", span_of(g.greeting));
	if (g.blank && g.end == ',')
		found(s, g.line.p, g.line.n, true);
	else if (g.blank && g.end == '!' && !spaced)
		found(s, g.line.p, g.line.n, false);
	else if (!g.titled && g.end == ',' && salutation_listed(s->p, "nameless", span_of(g.greeting)))
		found(s, g.line.p, g.line.n, false);
}

/* ---- the texts of a mail ---- */

/* Zero-width characters and soft hyphens cannot hide a brace; full-width signs are their ASCII ones;
 * a NUL in a body arrives here as U+FFFD. */
static char *bare(struct arena *a, const char *text)
{
	int32_t i = 0, n = (int32_t)strlen(text);
	struct buf b;

	buf_init(&b, a);
	while (i < n) {
		int32_t from = i;
		UChar32 c;

		while (i < n && text[i] != '\r' && (unsigned char)text[i] < 0x80)
			i++;
		if (i > from) {
			buf_add(&b, text + from, (size_t)(i - from));
			continue;
		}
		U8_NEXT_OR_FFFD((const uint8_t *)text, i, n, c);
		if ((c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || c == 0xad || c == 0xfffd)
			continue;
		if (c >= 0xff01 && c <= 0xff5e)
			buf_addc(&b, (char)(c - 0xfee0));
		else if (c == 0xa0 || c == 0x3000 || c == 0x202f || c == 0x2007)
			buf_addc(&b, ' ');
		else if (c != '\r')
			buf_add(&b, text + from, (size_t)(i - from));
	}
	return b.p;
}

/* What a shape may begin with: each byte of a mail is asked, few are answered yes. */
enum { AT_TEMPLATE = 1, AT_BRACKET = 2, AT_WORD = 4 };
static const unsigned char begins[256] = {
	['{'] = AT_TEMPLATE | AT_BRACKET, ['['] = AT_TEMPLATE | AT_BRACKET | AT_WORD, ['<'] = AT_TEMPLATE | AT_BRACKET,
	['*'] = AT_TEMPLATE, ['$'] = AT_TEMPLATE, ['#'] = AT_TEMPLATE, ['%'] = AT_TEMPLATE, ['@'] = AT_TEMPLATE,
	['_'] = AT_TEMPLATE, ['|'] = AT_TEMPLATE, ['~'] = AT_TEMPLATE, [0xc2] = AT_TEMPLATE, [0xe3] = AT_TEMPLATE,
	['X'] = AT_WORD, ['l'] = AT_WORD, ['L'] = AT_WORD,
};

static void look(struct search *s, const char *text, bool subject)
{
	size_t i = 0;

	s->text = bare(s->a, text);
	s->text_n = strlen(s->text);
	s->subject = subject;
	while (i < s->text_n && s->n < FOUND_MAX) {
		unsigned char at = begins[(unsigned char)s->text[i]];
		size_t len = 0;

		if (at & AT_TEMPLATE)
			len = template_shape(s, i);
		if (!len && (at & AT_BRACKET))
			len = bracket_shape(s, i);
		if (!len && (at & AT_WORD))
			len = leftover_word(s, i);
		i += len ? len : 1;
	}
	empty_words(s);
	empty_greeting(s);
}

/* Links and pictures whose address nobody filled in: only the sure shapes, and only a warning. */
static void look_attributes(struct search *s, const char *html, size_t n)
{
	static const char *const names[] = { "href=\"", "src=\"", "alt=\"" };
	struct search inner = *s;

	inner.found = arena_array(s->a, struct placeholder, FOUND_MAX);
	for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
		struct span rest = { html, n };
		size_t at;

		while ((at = span_find_case(rest, names[k])) != (size_t)-1) {
			const char *v = rest.p + at + strlen(names[k]), *end;
			size_t left = rest.n - at - strlen(names[k]);

			end = memchr(v, '"', left < ATTRIBUTE_MAX ? left : ATTRIBUTE_MAX);
			rest = (struct span){ v, left };
			if (!end)
				continue;
			inner.text = span_dup(s->a, (struct span){ v, (size_t)(end - v) });
			inner.text_n = strlen(inner.text);
			inner.n = 0;
			for (size_t i = 0; i < inner.text_n; i++) {
				if (strchr("{*%", inner.text[i]))
					template_shape(&inner, i);
			}
			for (size_t i = 0; i < inner.n; i++)
				found(s, inner.found[i].text, strlen(inner.found[i].text), false);
		}
	}
}

/* The HTML beside a plain text: most recipients see only this one. */
static void look_html(struct search *s, const struct message *m)
{
	int looked = 0;

	for (size_t i = 0; i < m->parts_n && looked < PARTS_LOOKED_AT; i++) {
		const struct part *p = &m->parts[i];
		struct message html = { .text_from_html = true };

		if (p->attachment || p->parent_rfc822 >= 0 || !p->text || !str_eq(p->type, "text/html"))
			continue;
		looked++;
		if (!m->text_from_html) {
			html = *m;
			html.text = html_text(s->a, p->text, p->text_n);
			html.text_from_html = true;
			look(s, message_visible(s->a, s->p, &html).text, false);
		}
		look_attributes(s, p->text, p->text_n);
	}
}

/* "To: {{first_name}} <ann@...>", "Offer for {{company}}.pdf" */
static void look_names(struct search *s, const struct message *m)
{
	for (size_t i = 0; i < m->to_n; i++) {
		if (!str_empty(m->to[i].name))
			look(s, m->to[i].name, true);
	}
	for (size_t i = 0; i < m->parts_n; i++) {
		if (m->parts[i].parent_rfc822 < 0 && !str_empty(m->parts[i].filename))
			look(s, m->parts[i].filename, true);
	}
}

size_t outbound_placeholders(struct arena *a, const struct phrases *p, const struct message *m,
			     const char *visible, const char *const *fields, size_t fields_n,
			     const struct placeholder **out_r)
{
	struct search s = { .a = a, .p = p, .fields = fields, .fields_n = fields_n };

	s.found = arena_array(a, struct placeholder, FOUND_MAX);
	look(&s, m->subject, true);
	look(&s, visible ? visible : message_visible(a, p, m).text, false);
	look_html(&s, m);
	look_names(&s, m);
	*out_r = s.found;
	return s.n;
}
