/* SPDX-License-Identifier: MPL-2.0
 *
 * Bounces in the words of a mail system that does not speak RFC 3464. What the systems write is
 * data (conf/bounces); what they have in common is here: a report, an address on a line of its
 * own or after "to", the remote's words behind it, and our mail coming back at the end.
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/message_private.h"

#include <assert.h>
#include <string.h>

enum { LOOKED_AT = 64 * 1024, WORDS = 1500, FORMATS = 8 };

struct report {
	struct ctx *c;
	const char *text;	/* the report, without what comes back */
	size_t n;
	const struct bounce_format *format[FORMATS];
	size_t formats_n;
	struct report_recipient *r;
	size_t *at;		/* where each address stands (its end) */
	size_t *rank;
	size_t r_n;
	struct reading reading;
	enum reply_kind fate;
};

static bool contains(const char *text, const char *mark)
{
	return strstr(text, mark) != NULL;
}

static void candidate_formats(struct report *r, const char *text)
{
	const struct bounce_format *const *list;
	size_t n = phrases_formats(r->c->p, &list);
	const char *head = arena_printf(r->c->a, "Subject: %s\n", r->c->m->subject);

	for (size_t i = 0; i < n && r->formats_n < FORMATS; i++) {
		const struct bounce_format *f = &(*list)[i];
		for (size_t k = 0; k < f->marks_n; k++) {
			if (contains(text, f->marks[k]) || contains(head, f->marks[k])) {
				r->format[r->formats_n++] = f;
				break;
			}
		}
	}
}

static bool header_like(struct span l)
{
	static const char *const names[] = { "received:", "return-path:", "message-id:", "from:", "to:",
		"subject:", "date:", "mime-version:", "x-mailer:", "delivered-to:", "dkim-signature:" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_starts_case(l, names[i]))
			return true;
	return false;
}

/* Where our own mail begins inside the text; n if it does not. */
static size_t returned_at(struct report *r, const char *text, size_t n)
{
	struct span rest = { text, n }, line;
	size_t end = n, run = 0, run_at = 0;
	struct pattern_match m;

	for (size_t i = 0; i < r->formats_n; i++)
		for (size_t k = 0; k < r->format[i]->end_n; k++)
			if (pattern_find(r->format[i]->end[k], text, end, 0, &m, NULL))
				end = m.start[0];
	while (span_line(&rest, &line) && (size_t)(line.p - text) < end) {
		if (line.n && (line.p[0] == ' ' || line.p[0] == '\t') && run)
			continue;
		struct span t = line;
		while (t.n && (t.p[0] == '>' || t.p[0] == ' ' || t.p[0] == '|'))
			t = (struct span){ t.p + 1, t.n - 1 };
		if (!header_like(t)) {
			run = 0;
			continue;
		}
		if (run++ == 0)
			run_at = (size_t)(line.p - text);
		/* two header lines together, one of them from a server: a message */
		if (run >= 3 || (run == 2 && (span_starts_case(t, "received:") ||
					      span_starts_case(t, "return-path:"))) ||
		    (run == 1 && span_starts_case(t, "received: from "))) {
			end = run_at;
			break;
		}
	}
	return end;
}

static bool addr_char(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       (ch && strchr("!#$%&'*+-/=?^_`{|}~.", ch)) || (unsigned char)ch >= 128;
}

/* Does a sign of Chinese or Japanese script (U+3000..303F, U+FF00..FFEF) end at s[b)? */
static bool wide_sign(const char *s, size_t b)
{
	return b >= 3 && ((memcmp(s + b - 3, "\xe3\x80", 2) == 0 && (unsigned char)s[b - 1] >= 128) ||
			  memcmp(s + b - 3, "\xef\xbc", 2) == 0 || memcmp(s + b - 3, "\xef\xbd", 2) == 0);
}

/* The next address in s[from..n); its bounds. */
static const char *next_address(struct ctx *c, const char *s, size_t n, size_t from, size_t *start_r,
				size_t *end_r)
{
	while (from < n) {
		const char *at = memchr(s + from, '@', n - from);
		size_t b, e;
		struct addr one;
		if (!at)
			return NULL;
		b = e = (size_t)(at - s);
		while (b > 0 && addr_char(s[b - 1]) && e - b < 64 && !wide_sign(s, b))
			b--;
		if (b > 0 && s[b - 1] == '"' && b == e) {	/* "quoted local part"@ */
			size_t q = b - 1;
			while (q > 0 && s[q - 1] != '"' && s[q - 1] != '\n' && b - q < 66)
				q--;
			if (q > 0 && s[q - 1] == '"')
				b = q - 1;
		}
		while (b < (size_t)(at - s) && strchr("'`=", s[b]))	/* 'a@b.example' */
			b++;
		for (e++; e < n && (addr_char(s[e]) && !strchr("=/?'", s[e])); e++)
			;
		while (e > b && strchr(".-,", s[e - 1]))
			e--;
		from = (size_t)(at - s) + 1;
		if (b == (size_t)(at - s) || e - b > 320)
			continue;
		if (addr_path(c->a, arena_strndup(c->a, s + b, e - b), &one) && *one.key) {
			*start_r = b;
			*end_r = e;
			return one.key;
		}
	}
	return NULL;
}

static bool is_ours(const struct ctx *c, const char *key)
{
	const struct message *m = c->m;

	for (size_t i = 0; i < m->to_n; i++)
		if (str_eq(m->to[i].key, key))
			return true;
	for (size_t i = 0; i < m->from_n; i++)
		if (str_eq(m->from[i].key, key))
			return true;
	return false;
}

static void add_recipient(struct report *r, const char *key, size_t at, const char *words, size_t rank)
{
	for (size_t i = 0; i < r->r_n; i++) {
		if (!str_eq(r->r[i].address, key))
			continue;
		if (!r->r[i].words && words)
			r->r[i].words = words;
		if (rank < r->rank[i]) {	/* named in passing before, and in its place now */
			r->rank[i] = rank;
			r->at[i] = at;
		}
		return;
	}
	if (r->r_n == RECIPIENTS_MAX)
		return;
	r->at[r->r_n] = at;
	r->rank[r->r_n] = rank;
	r->r[r->r_n++] = (struct report_recipient){ .address = key, .words = words,
						    .fate = KIND_BOUNCE };
}

static void recipients_by_format(struct report *r)
{
	struct pattern_match m;

	for (size_t i = 0; i < r->formats_n; i++) {
		for (size_t k = 0; k < r->format[i]->recipient_n; k++) {
			size_t from = 0;
			int rounds = 0;
			while (from < r->n && rounds++ < RECIPIENTS_MAX &&
			       pattern_find(r->format[i]->recipient[k], r->text, r->n, from, &m, NULL)) {
				const char *s = pattern_group(r->c->a, &m, r->text, 1);
				const char *w = m.groups > 2 ?
					pattern_group(r->c->a, &m, r->text, 2) : NULL;
				const char *key = s ? report_address(r->c->a, s) : "";
				if (*key)
					add_recipient(r, key, m.end[1], w ?
						text_squeeze(r->c->a, w) : NULL, 0);
				from = m.end[0] > from ? m.end[0] : from + 1;
			}
		}
	}
}

static void recipients_by_header(struct report *r)
{
	const char *v;
	struct addr *list;

	for (size_t k = 0; (v = message_header_nth(r->c->m, "X-Failed-Recipients", k)); k++) {
		size_t n = addr_list(r->c->a, v, RECIPIENTS_MAX, &list);
		for (size_t i = 0; i < n; i++) {
			size_t at = span_find_case((struct span){ r->text, r->n }, list[i].key);
			add_recipient(r, list[i].key,
				      at == (size_t)-1 ? r->n : at + strlen(list[i].key), NULL, 0);
		}
	}
}

/* How much the place of an address says that it is the one that failed: 0 alone on its line or at
 * its head, 1 after a word like "to", 2 anything else. */
static size_t place_rank(const char *text, size_t line, size_t b, size_t e, size_t n)
{
	static const char *const before[] = { "to", "to:", "recipient", "recipient:", "recipients:",
		"address", "address:", "for", "user", "user:", "mailbox", "account", "rcpt", "to:<",
		"an", "nach", "pour", "para", "a" };
	size_t i = b, k;

	while (i > line && strchr(" \t<([{*-'\"`", text[i - 1]))
		i--;
	if (i == line) {
		k = e;
		while (k < n && strchr(">)]}'\" \t", text[k]))
			k++;
		return k >= n || text[k] == '\n' || text[k] == ':' || text[k] == ',' ||
		       text[k] == ';' || strncmp(text + k, "...", 3) == 0 || text[b - (b > line)] == '<' ||
		       text[k] == '(' ? 0 : 1;
	}
	for (k = 0; k < sizeof before / sizeof before[0]; k++) {
		size_t w = strlen(before[k]);
		if (i - line >= w && strncasecmp(text + i - w, before[k], w) == 0 &&
		    (i - line == w || !addr_char(text[i - w - 1])))
			return 1;
	}
	return 2;
}

static void recipients_by_place(struct report *r)
{
	size_t from = 0, b, e, best = 2;
	const char *key;
	int rounds = 0;

	while (rounds++ < 200 && (key = next_address(r->c, r->text, r->n, from, &b, &e))) {
		size_t line = b, rank;
		while (line > 0 && r->text[line - 1] != '\n')
			line--;
		rank = place_rank(r->text, line, b, e, r->n);
		if (is_ours(r->c, key) || strncmp(key, "postmaster@", 11) == 0 ||
		    strncmp(key, "mailer-daemon@", 14) == 0)
			rank += 2;
		if (rank <= 2)
			add_recipient(r, key, e, NULL, rank);
		if (rank < best)
			best = rank;
		from = e;
	}
	/* keep only the best placed ones */
	size_t n = 0;
	for (size_t i = 0; i < r->r_n; i++) {
		if (r->rank[i] != best)
			continue;
		r->r[n] = r->r[i];
		r->at[n] = r->at[i];
		r->rank[n++] = r->rank[i];
	}
	r->r_n = n;
}

/* What follows an address, up to the next one or an empty line after some words. */
static const char *words_after(struct report *r, size_t i)
{
	size_t from = r->at[i], to = r->n;
	const char *p;

	for (size_t k = 0; k < r->r_n; k++)
		if (r->at[k] > from && r->at[k] - strlen(r->r[k].address) < to)
			to = r->at[k] - strlen(r->r[k].address);
	if (to <= from)
		return NULL;
	while (from < to && strchr(">):; \t\r\n\"'.", r->text[from]))
		from++;
	p = from < to ? memmem(r->text + from, to - from, "\n\n", 2) : NULL;
	if (p)
		to = (size_t)(p - r->text);
	if (to - from > WORDS)
		to = from + WORDS;
	if (to <= from)
		return NULL;
	return text_squeeze(r->c->a, str_utf8(r->c->a, r->text + from, to - from));
}

/* All lines that name the address, with the one after each. */
static const char *words_naming(struct report *r, const char *address)
{
	struct span rest = { r->text, r->n }, line;
	struct buf b;
	bool next = false;

	buf_init(&b, r->c->a);
	while (span_line(&rest, &line) && b.n < WORDS) {
		bool here = span_find_case(line, address) != (size_t)-1;
		if ((here || next) && line.n) {
			buf_add(&b, line.p, line.n);
			buf_addc(&b, ' ');
		}
		next = here;
	}
	return b.n ? text_squeeze(r->c->a, str_utf8(r->c->a, b.p, b.n)) : NULL;
}

static const char *words_by_format(struct report *r)
{
	struct pattern_match m;

	for (size_t i = 0; i < r->formats_n; i++)
		for (size_t k = 0; k < r->format[i]->words_n; k++)
			if (pattern_find(r->format[i]->words[k], r->text, r->n, 0, &m, NULL)) {
				const char *w = pattern_group(r->c->a, &m, r->text, m.groups > 1 ? 1 : 0);
				if (w)
					return text_squeeze(r->c->a, w);
			}
	return NULL;
}

/* The paragraph that begins with a server's reply: it says more than the prose around it. */
static const char *words_of_server(struct report *r)
{
	struct span rest = { r->text, r->n }, line;
	struct buf b;

	buf_init(&b, r->c->a);
	while (span_line(&rest, &line) && b.n < WORDS) {
		struct span t = span_trim(line);
		bool reply = t.n > 4 && (t.p[0] == '4' || t.p[0] == '5') && t.p[1] >= '0' && t.p[1] <= '5' &&
			     t.p[2] >= '0' && t.p[2] <= '9' && (t.p[3] == ' ' || t.p[3] == '-');
		if (b.n == 0 && !reply)
			continue;
		if (t.n == 0 || (b.n && reply && strncmp(b.p, t.p, 3) != 0))
			break;
		buf_add(&b, t.p, t.n);
		buf_addc(&b, ' ');
	}
	return b.n ? text_squeeze(r->c->a, str_utf8(r->c->a, b.p, b.n)) : NULL;
}

static bool reason_named(const char *name, enum bounce_reason *r)
{
	for (int i = 0; name && i < REASON_COUNT; i++) {
		if (str_eq(name, reason_name((enum bounce_reason)i))) {
			*r = (enum bounce_reason)i;
			return true;
		}
	}
	return false;
}

static void judge(struct report *r, size_t i)
{
	struct report_recipient *x = &r->r[i];
	const char *try[5], *rule = "-", *naming = NULL;
	size_t n = 0;
	struct ctx *c = r->c;

	if (!x->words)
		x->words = words_after(r, i);
	if (r->r_n <= 1 && r->formats_n == 0)
		try[n++] = words_of_server(r);
	try[n++] = x->words;
	if (*x->address)
		try[n++] = naming = words_naming(r, x->address);
	try[n++] = words_by_format(r);
	if (r->r_n <= 1)
		try[n++] = text_squeeze(c->a, str_utf8(c->a, r->text, r->n > 8000 ? 8000 : r->n));
	for (size_t k = 0; k < n && !x->status; k++)
		x->status = try[k] ? status_in(c->a, try[k]) : NULL;
	/* a form that means one thing only, and quotes no server */
	for (size_t k = 0; k < r->formats_n && !x->status && !reply_code_in(r->reading.text); k++)
		if (x->reason == REASON_UNDEFINED && reason_named(r->format[k]->reason, &x->reason))
			rule = arena_printf(c->a, "format:%s", r->format[k]->name);
	for (size_t k = 0; k < n && x->reason == REASON_UNDEFINED; k++)
		if (try[k])
			x->reason = bounce_reason_of(c, try[k], NULL, false, &rule);
	if (x->reason == REASON_USER_UNKNOWN && !reason_sure(rule) &&
	    refused_after_data(c, r->reading.text, x->words))
		x->reason = REASON_FILTERED;
	for (size_t k = 0; k < r->formats_n && x->reason == REASON_UNDEFINED; k++)
		if (reason_named(r->format[k]->reason, &x->reason))
			rule = arena_printf(c->a, "format:%s", r->format[k]->name);
	const char *status = x->status && strcmp(x->status + 1, ".0.0") ? x->status : NULL;
	for (size_t k = 0; k < n && x->reason == REASON_UNDEFINED; k++)
		if (try[k] || k == 0)
			x->reason = bounce_reason_of(c, try[k], status, true, &rule);
	x->fate = r->fate;
	if (x->fate == KIND_DELAY && x->reason == REASON_UNDEFINED)
		x->reason = REASON_EXPIRED;
	if (!x->words || !*x->words)
		x->words = naming;
	if (x->words)
		x->words = str_cut(c->a, x->words, 300);
	ctx_evidence(c, rule, x->words, "report");
}

static void fate_of(struct report *r)
{
	const struct hit *failed = reading_hit(&r->reading, "signs", "failed");
	const struct hit *delayed = reading_hit(&r->reading, "signs", "delayed");
	const struct hit *done = reading_hit(&r->reading, "signs", "delivered");

	/* "could not be delivered yet, we keep trying": the promise counts */
	if (!delayed)
		delayed = reading_hit(&r->c->subject, "signs", "delayed");
	r->fate = KIND_BOUNCE;
	if (delayed)
		r->fate = KIND_DELAY;
	else if (done && !failed)
		r->fate = KIND_DSN_SUCCESS;
	for (size_t i = 0; i < r->formats_n; i++) {
		if (str_eq(r->format[i]->fate, "delay"))
			r->fate = KIND_DELAY;
		else if (str_eq(r->format[i]->fate, "success"))
			r->fate = KIND_DSN_SUCCESS;
	}
}

static void returned_in_text(struct report *r, const char *text, size_t total)
{
	const struct header *h;
	size_t at = r->n, body, n;

	returned_message(r->c);
	if (r->c->f->original_message_id)
		return;
	while (at < total) {	/* the first header line behind the separator */
		struct span rest = { text + at, total - at }, line;
		if (!span_line(&rest, &line))
			break;
		if (header_like(span_trim(line)))
			break;
		at = (size_t)(rest.p - text);
	}
	if (at >= total)
		return;
	n = headers_parse(r->c->a, text + at, total - at, 100, true, &h, &body);
	returned_headers(r->c, h, n);
}

static const char *report_text(struct ctx *c)
{
	const struct message *m = c->m;

	if (*m->text)
		return m->text;
	for (size_t i = 0; i < m->parts_n; i++)	/* some put the report into an attachment */
		if (m->parts[i].text && m->parts[i].parent_rfc822 < 0 &&
		    str_eq(m->parts[i].type, "text/plain"))
			return m->parts[i].text;
	return "";
}

/* Who sent it: a mail system by its name; nobody (an empty return path, which answering machines use,
 * too); something that has such a name among others; anybody. */
enum sender { SENDER_ANY, SENDER_LIKE, SENDER_NULL, SENDER_SYSTEM };

static enum sender sender_of(const struct ctx *c)
{
	const char *rp = c->m->return_path;

	if (message_header(c->m, "X-Failed-Recipients"))
		return SENDER_SYSTEM;
	/* a person answers, passes something on, or looks after the mail system */
	if (answer_or_forward(c->m->subject) &&
	    (!mail_system_name(c) || (c->m->from_n && str_eq(c->m->from[0].local, "postmaster"))))
		return SENDER_ANY;
	/* reports have an empty return path; a postmaster's circular has his own */
	if (mail_system_name(c))
		return rp && *rp && strncasecmp(rp, "postmaster@", 11) == 0 ? SENDER_LIKE : SENDER_SYSTEM;
	if (rp && (*rp == '\0' || strncasecmp(rp, "mailer-daemon", 13) == 0))
		return SENDER_NULL;
	return mail_system_like(c) ? SENDER_LIKE : SENDER_ANY;
}

/* The report of a service that writes in JSON from an ordinary address. */
static bool data_report(const struct report *r)
{
	for (size_t i = 0; i < r->formats_n; i++)
		if (r->format[i]->recipient_n && strncmp(r->format[i]->name, "ses-", 4) == 0)
			return true;
	return false;
}

/* Of systems whose sender was rewritten:
 * the report is all there is. A person who passes one on says something first. */
static bool nothing_but_report(const struct report *r)
{
	for (size_t i = 0; i < r->formats_n; i++) {
		const struct bounce_format *f = r->format[i];
		for (size_t k = 0; k < f->marks_n; k++) {
			const char *at = strstr(r->text, f->marks[k]);
			if (at && at - r->text < 80)
				return true;
		}
	}
	return false;
}

/* Words of machines and persons that are no report, though they may speak of delivery. */
static bool another_machine(const struct report *r, bool challenge_only)
{
	static const char *const sections[] = { "challenge", "absent", "left", "dead", "ticket", "receipt",
						"recall", "moderated" };
	struct reading away = ctx_read_in(r->c, r->reading.text, PHRASES_AWAY);

	for (size_t i = 0; i < (challenge_only ? 1 : sizeof sections / sizeof sections[0]); i++)
		if (reading_hit(&away, "away", sections[i]))
			return true;
	return false;
}

static bool away_subject(const struct ctx *c)
{
	for (size_t i = 0; i < c->subject.h.n; i++)
		if (hit_is(&c->subject.h.h[i], "away", "subject") && c->subject.h.h[i].from == 0)
			return true;
	return false;
}

/* With everything known: does it report, and whose mail? `exact`: a known form named the recipient. */
static bool is_report(const struct report *r, enum sender from, bool exact)
{
	struct ctx *c = r->c;
	const struct finding *f = c->f;
	bool type = str_eq(c->m->report_type, "delivery-status");
	bool sign = type || reading_hit(&c->subject, "signs", "subject");
	bool status = status_in(c->a, r->reading.text) != NULL;
	bool code = status || reply_code_in(r->reading.text);
	bool says = reading_hit(&r->reading, "signs", "failed") || reading_hit(&r->reading, "signs", "delayed") ||
		    reading_hit(&r->reading, "signs", "delivered");
	bool back = f->original_message_id || f->original_to || r->n < strlen(r->text);

	if (r->r_n == 0 && !back)
		return false;
	if (from == SENDER_ANY)
		return exact && (data_report(r) || ((sign || back) && nothing_but_report(r)));
	if (exact || message_header(c->m, "X-Failed-Recipients"))
		return true;
	/* a challenge quotes no reply of a server */
	if (!code && !type && another_machine(r, true))
		return false;
	if (from == SENDER_SYSTEM)
		return r->formats_n || says ||
		       (sign && (code || reading_hit(&r->reading, "reasons", NULL)));
	if (from == SENDER_LIKE)
		return back && sign && says;
	return (r->formats_n || type || (sign && status) || (back && (says || sign))) &&
	       (type || !another_machine(r, false));
}

bool detect_bounce_text(struct ctx *c)
{
	struct report r = { .c = c };
	struct finding was = *c->f;
	enum sender from = sender_of(c);
	const char *text = report_text(c);
	size_t total = strlen(text);

	/* somebody answers or passes on a report, a machine answers for somebody, a list discusses one */
	if (from == SENDER_ANY && (answer_or_forward(c->m->subject) || message_header(c->m, "List-Id")))
		return false;
	if (away_subject(c) && !message_header(c->m, "X-Failed-Recipients"))
		return false;
	if (total > LOOKED_AT)
		total = LOOKED_AT;
	text = str_cut(c->a, text, total);
	total = strlen(text);
	candidate_formats(&r, text);
	if (from == SENDER_ANY && r.formats_n == 0)
		return false;
	r.text = text;
	r.n = returned_at(&r, text, total);
	r.reading = ctx_read_in(c, arena_strndup(c->a, text, r.n), PHRASES_SIGNS | PHRASES_REASONS);
	r.r = arena_array(c->a, struct report_recipient, RECIPIENTS_MAX + 1);
	r.at = arena_array(c->a, size_t, RECIPIENTS_MAX + 1);
	r.rank = arena_array(c->a, size_t, RECIPIENTS_MAX + 1);
	fate_of(&r);
	recipients_by_format(&r);
	bool exact = r.r_n > 0;
	if (r.r_n == 0)
		recipients_by_header(&r);
	if (r.r_n == 0)
		recipients_by_place(&r);
	returned_in_text(&r, text, total);
	if (!is_report(&r, from, exact)) {
		*c->f = was;
		return false;
	}
	if (r.r_n == 0)
		add_recipient(&r, c->f->original_to ? c->f->original_to : "", r.n, NULL, 2);
	for (size_t i = 0; i < r.r_n; i++)
		judge(&r, i);
	const struct hit *failed = reading_hit(&r.reading, "signs", "failed");
	report_conclude(c, r.r, r.r_n, r.formats_n ?
			arena_printf(c->a, "bounces/%s", r.format[0]->name) :
			failed ? hit_rule(c->a, failed) : "bounces/generic");
	if (from == SENDER_ANY)
		c->f->confidence = 0.8;
	return true;
}
