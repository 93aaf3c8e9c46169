/* SPDX-License-Identifier: MPL-2.0
 *
 * RFC 5228 in small: words, strings and braces. The tests of the blocks that a vacation stands in are joined; date
 * tests (RFC 5260 currentdate) give its days, `false` takes it out, anything else makes it unclear.
 */
#include "config.h"

#include "imapwatch/vacation.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

enum { DEPTH = 16, TEXT_MAX = 65536 };

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TAG, TOKEN_STRING, TOKEN_MARK };
struct token {
	enum token_kind kind;
	const char *text;	/* MARK: one character */
};
/* What a test says of when its block runs. */
struct test {
	bool never, unclear;
	struct date from, until;
};
struct reader {
	struct arena *a;
	const char *p, *end;
	struct token now;
	struct test block[DEPTH];
	int depth;
	struct vacation out;
	struct date today;
};

/* ---- words ---- */

static void skip_blank(struct reader *r)
{
	while (r->p < r->end) {
		if (*r->p == '#') {
			while (r->p < r->end && *r->p != '\n')
				r->p++;
		} else if (*r->p == '/' && r->end - r->p > 1 && r->p[1] == '*') {
			const char *close = memmem(r->p + 2, (size_t)(r->end - r->p - 2), "*/", 2);

			r->p = close ? close + 2 : r->end;
		} else if (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n') {
			r->p++;
		} else {
			return;
		}
	}
}

static const char *quoted(struct reader *r)
{
	struct buf b;

	buf_init(&b, r->a);
	for (r->p++; r->p < r->end && *r->p != '"'; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		buf_addc(&b, *r->p);
	}
	if (r->p < r->end)
		r->p++;
	return b.n ? b.p : "";
}

/* text: ... up to a line with a single dot */
static void skip_text(struct reader *r)
{
	while (r->p < r->end) {
		const char *line = r->p, *nl = memchr(r->p, '\n', (size_t)(r->end - r->p));

		r->p = nl ? nl + 1 : r->end;
		if (*line == '.' && (r->p - line == 1 || line[1] == '\r' || line[1] == '\n'))
			return;
	}
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void next(struct reader *r)
{
	const char *start;

	skip_blank(r);
	start = r->p;
	if (r->p == r->end) {
		r->now = (struct token){ TOKEN_END, "" };
		return;
	}
	if (*r->p == '"') {
		r->now = (struct token){ TOKEN_STRING, quoted(r) };
		return;
	}
	if (*r->p == ':')
		r->p++;
	while (r->p < r->end && word_char(*r->p))
		r->p++;
	if (r->p == start)
		r->p++;
	const char *text = str_lower(r->a, arena_strndup(r->a, start, (size_t)(r->p - start)));
	if (str_eq(text, "text") && r->p < r->end && *r->p == ':') {
		r->p++;
		skip_text(r);
		r->now = (struct token){ TOKEN_STRING, "" };
		return;
	}
	r->now = (struct token){ *start == ':' && text[1] ? TOKEN_TAG : word_char(*start) ? TOKEN_WORD : TOKEN_MARK, text };
}

static bool is(const struct reader *r, enum token_kind k, const char *text)
{
	return r->now.kind == k && str_eq(r->now.text, text);
}

/* ---- tests ---- */

static struct test join(struct test x, struct test y)
{
	x.never = x.never || y.never;
	x.unclear = x.unclear || y.unclear;
	if (y.from.year && (!x.from.year || date_cmp(y.from, x.from) > 0))
		x.from = y.from;
	if (y.until.year && (!x.until.year || date_cmp(y.until, x.until) < 0))
		x.until = y.until;
	return x;
}

/* currentdate [:zone "+0200"] :value "ge" "date"|"iso8601" "2027-01-01" */
static struct test current_date(struct reader *r)
{
	const char *relation = "is", *words[3] = { "", "", "" };
	struct test t = { .unclear = true };
	struct date d;
	size_t n = 0;

	next(r);
	while (r->now.kind == TOKEN_TAG || r->now.kind == TOKEN_STRING) {
		bool zone = is(r, TOKEN_TAG, ":zone"), value = is(r, TOKEN_TAG, ":value");

		if (r->now.kind == TOKEN_STRING && n < 3)
			words[n++] = r->now.text;
		next(r);
		if ((zone || value) && r->now.kind == TOKEN_STRING) {
			if (value)
				relation = r->now.text;
			next(r);
		} else if (str_eq(words[0], "") && r->now.kind == TOKEN_END) {
			break;
		}
	}
	if (n < 2 || !date_parse(arena_strndup(r->a, words[1], strnlen(words[1], 10)), &d))
		return t;
	t.unclear = false;
	if (str_eq_case(relation, "ge"))
		t.from = d;
	else if (str_eq_case(relation, "gt"))
		t.from = date_add_days(d, 1);
	else if (str_eq_case(relation, "le"))
		t.until = d;
	else if (str_eq_case(relation, "lt"))
		t.until = date_add_days(d, -1);
	else if (str_eq_case(relation, "is") || str_eq_case(relation, "eq"))
		t.from = t.until = d;
	else
		t.unclear = true;
	return t;
}

static struct test read_test(struct reader *r, int depth)
{
	struct test t = { .never = false };

	if (depth > DEPTH)
		return (struct test){ .unclear = true };
	if (is(r, TOKEN_WORD, "currentdate"))
		return current_date(r);
	if (is(r, TOKEN_WORD, "true") || is(r, TOKEN_WORD, "false")) {
		t.never = r->now.text[0] == 'f';
		next(r);
		return t;
	}
	if (is(r, TOKEN_WORD, "allof")) {
		next(r);
		while (r->now.kind == TOKEN_MARK && (r->now.text[0] == '(' || r->now.text[0] == ',')) {
			next(r);
			t = join(t, read_test(r, depth + 1));
		}
		if (is(r, TOKEN_MARK, ")"))
			next(r);
		return t;
	}
	/* who wrote, and the like: it does answer somebody; not, anyof: not understood */
	t.unclear = true;
	while (r->now.kind != TOKEN_END && !(r->now.kind == TOKEN_MARK && strchr("{,", r->now.text[0]) && depth == 0)
	       && !(r->now.kind == TOKEN_MARK && strchr("{;", r->now.text[0]))
	       && !(depth > 0 && r->now.kind == TOKEN_MARK && strchr("),", r->now.text[0])))
		next(r);
	return t;
}

/* ---- commands ---- */

static void take(struct reader *r)
{
	struct test all = { .never = false };

	for (int i = 0; i < r->depth; i++)
		all = join(all, r->block[i]);
	if (all.never || (all.until.year && date_cmp(all.until, r->today) < 0))
		return;
	if (all.from.year && all.until.year && date_cmp(all.until, all.from) < 0)
		return;
	if (all.unclear) {
		r->out.unclear = true;
		return;
	}
	/* several: the one that begins first */
	if (r->out.found && (!all.from.year ? false : !r->out.from.year || date_cmp(all.from, r->out.from) >= 0))
		return;
	r->out.found = true;
	r->out.from = all.from;
	r->out.until = all.until;
}

struct vacation vacation_read(struct arena *a, const char *text, size_t n, struct date today)
{
	struct reader r = { .a = a, .p = text, .end = text + (n < TEXT_MAX ? n : TEXT_MAX), .today = today };
	struct test pending = { .never = false };

	next(&r);
	while (r.now.kind != TOKEN_END) {
		if (is(&r, TOKEN_WORD, "if") || is(&r, TOKEN_WORD, "elsif")) {
			bool other = r.now.text[0] == 'e';

			next(&r);
			pending = read_test(&r, 0);
			pending.unclear = pending.unclear || other;
			continue;
		}
		if (is(&r, TOKEN_WORD, "else"))
			pending = (struct test){ .unclear = true };
		else if (is(&r, TOKEN_WORD, "vacation"))
			take(&r);
		else if (is(&r, TOKEN_WORD, "require")) {
			while (r.now.kind != TOKEN_END && !is(&r, TOKEN_MARK, ";"))
				next(&r);
			continue;
		} else if (is(&r, TOKEN_MARK, "{")) {
			if (r.depth == DEPTH)
				return (struct vacation){ .unclear = true };
			r.block[r.depth++] = pending;
			pending = (struct test){ .never = false };
		} else if (is(&r, TOKEN_MARK, "}") && r.depth > 0) {
			r.depth--;
		}
		next(&r);
	}
	if (r.out.found)
		r.out.unclear = false;
	return r.out;
}
