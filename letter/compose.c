/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "letter/compose.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

enum { LINE_MAX_BYTES = 76, WORD_BYTES = 42 };

/* ---- headers ---- */

static char *one_line(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s ? s : "");

	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return text_squeeze(a, out);
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s > 126)
			return false;
	return true;
}

/* RFC 2047, Q: pieces on character borders, each a word of its own. */
static void add_encoded(struct buf *b, const char *s)
{
	bool first = true;

	while (*s) {
		size_t n = 0, cost = 0;

		while (s[n] && cost < WORD_BYTES) {
			size_t len = 1;

			while (((unsigned char)s[n + len] & 0xc0) == 0x80)
				len++;
			n += len;
			cost += len * 3;
		}
		buf_adds(b, first ? "=?UTF-8?Q?" : "\r\n =?UTF-8?Q?");
		for (size_t k = 0; k < n; k++) {
			unsigned char c = (unsigned char)s[k];

			if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
				buf_addc(b, (char)c);
			else
				buf_addf(b, "=%02X", c);
		}
		buf_adds(b, "?=");
		s += n;
		first = false;
	}
}

static void add_words(struct arena *a, struct buf *b, const char *s)
{
	char *line = one_line(a, s);

	/* A long or foreign line becomes encoded words; "=?" must not look like one. */
	if (is_ascii(line) && strlen(line) < 900 && !strstr(line, "=?"))
		buf_adds(b, line);
	else
		add_encoded(b, line);
}

static void add_mailbox(struct arena *a, struct buf *b, const char *header, const char *name,
			const char *address)
{
	buf_addf(b, "%s: ", header);
	if (!str_empty(name)) {
		char *line = one_line(a, name);

		if (is_ascii(line) && !strstr(line, "=?")) {
			buf_addc(b, '"');
			for (const char *p = line; *p; p++) {
				if (*p == '"' || *p == '\\')
					buf_addc(b, '\\');
				buf_addc(b, *p);
			}
			buf_adds(b, "\" ");
		} else {
			add_encoded(b, line);
			buf_addc(b, ' ');
		}
	}
	buf_addf(b, "<%s>\r\n", one_line(a, address));
}

/* One id a line: References grow long, and a line has 998 bytes. */
static void add_references(struct arena *a, struct buf *b, const char *references)
{
	struct span rest = span_of(one_line(a, references)), id;
	bool first = true;

	buf_adds(b, "References:");
	while (span_split(&rest, ' ', &id)) {
		if (id.n == 0)
			continue;
		buf_adds(b, first ? " " : "\r\n ");
		buf_addf(b, id.p[0] == '<' ? "%.*s" : "<%.*s>", (int)id.n, id.p);
		first = false;
	}
	buf_adds(b, "\r\n");
}

/* ---- body ---- */

static bool needs_encoding(const char *text)
{
	size_t line = 0;

	for (; *text; text++) {
		if ((unsigned char)*text > 126)
			return true;
		line = *text == '\n' ? 0 : line + 1;
		if (line > 900)
			return true;
	}
	return false;
}

static void add_qp_line(struct buf *b, struct span line)
{
	size_t column = 0;

	for (size_t k = 0; k < line.n; k++) {
		unsigned char c = (unsigned char)line.p[k];
		bool last = k + 1 == line.n;
		bool plain = (c > ' ' && c < 127 && c != '=') || ((c == ' ' || c == '\t') && !last);

		if (column + (plain ? 1 : 3) > LINE_MAX_BYTES - 1) {
			buf_adds(b, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_addc(b, (char)c);
		else
			buf_addf(b, "=%02X", c);
		column += plain ? 1 : 3;
	}
	buf_adds(b, "\r\n");
}

static void add_body(struct buf *b, const char *text, bool encode)
{
	struct span rest = span_of(text), line;

	while (span_line(&rest, &line)) {
		if (encode) {
			add_qp_line(b, line);
			continue;
		}
		buf_add(b, line.p, line.n);
		buf_adds(b, "\r\n");
	}
}

static void add_part(struct buf *b, const char *type, const char *text)
{
	bool encode = needs_encoding(text);

	buf_addf(b, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
		 encode ? "quoted-printable" : "7bit");
	add_body(b, text, encode);
}

/* RFC 2046: the best part stands last. Quoted-printable has no "=_", and a boundary ends with it; text in 7bit that
 * has it all the same gets another one. */
static void add_both(struct arena *a, struct buf *b, const struct letter *l)
{
	const char *boundary = "relent=_1";

	for (int n = 2; strstr(l->text, boundary) || strstr(l->html, boundary); n++)
		boundary = arena_printf(a, "relent=_%d", n);
	buf_addf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
	add_part(b, "plain", l->text);
	buf_addf(b, "--%s\r\n", boundary);
	add_part(b, "html", l->html);
	buf_addf(b, "--%s--\r\n", boundary);
}

char *letter_text(struct arena *a, const struct letter *l, size_t *n_r)
{
	char date[WHEN_TEXT];
	struct buf b;

	buf_init(&b, a);
	buf_addf(&b, "Date: %s\r\n", when_rfc5322(l->date, l->zone ? l->zone : "UTC", date));
	add_mailbox(a, &b, "From", l->from_name, l->from);
	add_mailbox(a, &b, "To", l->to_name, l->to);
	if (!str_empty(l->reply_to))
		add_mailbox(a, &b, "Reply-To", NULL, l->reply_to);
	buf_adds(&b, "Subject: ");
	add_words(a, &b, l->subject);
	buf_addf(&b, "\r\nMessage-ID: <%s>\r\n", one_line(a, l->message_id));
	if (!str_empty(l->in_reply_to))
		buf_addf(&b, "In-Reply-To: <%s>\r\n", one_line(a, l->in_reply_to));
	if (!str_empty(l->references))
		add_references(a, &b, l->references);
	if (l->stamp)
		buf_addf(&b, "Relent-Touch: %s\r\n", one_line(a, l->stamp));
	if (l->automatic)
		buf_addf(&b, "Auto-Submitted: auto-%s\r\nX-Auto-Response-Suppress: All\r\n",
			 str_empty(l->in_reply_to) ? "generated" : "replied");
	buf_adds(&b, "MIME-Version: 1.0\r\n");
	if (l->html)
		add_both(a, &b, l);
	else
		add_part(&b, "plain", l->text);
	*n_r = b.n;
	return b.p;
}

char *letter_reply_subject(struct arena *a, const char *subject)
{
	const char *s = subject ? subject : "";

	for (;;) {
		while (*s == ' ')
			s++;
		if (!span_starts_case(span_of(s), "re:"))
			break;
		s += 3;
	}
	return arena_printf(a, "Re: %s", s);
}

/* ---- templates ---- */

static bool fill_line(struct arena *a, struct buf *b, struct span line, letter_value_fn *value, void *ctx)
{
	bool named = false, filled = false;

	while (line.n > 0) {
		const char *open = memmem(line.p, line.n, "{{", 2);
		const char *close = open ? memmem(open, line.n - (size_t)(open - line.p), "}}", 2) : NULL;
		const char *v;

		if (!close)
			break;
		buf_add(b, line.p, (size_t)(open - line.p));
		named = true;
		v = value(ctx, arena_strndup(a, open + 2, (size_t)(close - open - 2)));
		if (!str_empty(v)) {
			filled = true;
			buf_adds(b, v);
		}
		line.n -= (size_t)(close + 2 - line.p);
		line.p = close + 2;
	}
	buf_add(b, line.p, line.n);
	return !named || filled;
}

char *letter_fill(struct arena *a, const char *template, letter_value_fn *value, void *ctx,
		  const char **subject_r)
{
	struct span rest = span_of(template), line;
	struct buf out;

	buf_init(&out, a);
	*subject_r = "";
	if (span_starts_case(rest, "Subject:") && span_line(&rest, &line)) {
		struct buf subject;

		buf_init(&subject, a);
		(void)fill_line(a, &subject, (struct span){ line.p + 8, line.n - 8 }, value, ctx);
		*subject_r = one_line(a, subject.p);
		if (rest.n > 0 && (*rest.p == '\n' || *rest.p == '\r'))
			(void)span_line(&rest, &line);
	}
	struct span label = { "", 0 };	/* "Risks:" waits for what it announces */

	while (span_line(&rest, &line)) {
		struct buf one;
		bool kept;

		if (line.n > 0 && line.p[0] == '#')	/* a comment of whoever keeps the file */
			continue;
		buf_init(&one, a);
		kept = fill_line(a, &one, line, value, ctx);
		if (kept && label.n > 0)
			buf_addf(&out, "%.*s\n", (int)label.n, label.p);
		label.n = 0;
		if (!kept || (out.n == 0 && span_trim(line).n == 0))
			continue;
		if (line.n > 0 && line.p[line.n - 1] == ':' && !memmem(line.p, line.n, "{{", 2)) {
			label = line;
			continue;
		}
		buf_add(&out, one.p, one.n);
		buf_addc(&out, '\n');
	}
	return out.p;
}

const char *letter_message_id(struct arena *a, const char *id, const char *address)
{
	const char *at = address ? strrchr(address, '@') : NULL;
	size_t n = at ? strcspn(at + 1, "> \t") : 0;

	return n ? arena_printf(a, "%s@%.*s", id, (int)n, at + 1) : arena_printf(a, "%s@relent.invalid", id);
}
