/* SPDX-License-Identifier: MPL-2.0
 *
 * Delivery status notifications in the form of RFC 3464 (and 6533), each recipient of them; and
 * what every report has in common: our own mail coming back, and the conclusion.
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/message_private.h"

#include <assert.h>
#include <string.h>

/* The fields of one recipient, as they stand. */
struct block {
	const char *final, *original, *actual, *action, *status, *diagnostic, *smtp_diagnostic;
};

static const char *last_id(struct ctx *c, const char *value)
{
	const char **ids;
	size_t n = addr_msgids(c->a, value, 1, &ids);

	return n ? ids[0] : NULL;
}

void returned_headers(struct ctx *c, const struct header *h, size_t n)
{
	struct finding *f = c->f;

	for (size_t i = 0; i < n; i++) {
		struct addr *list;
		if (!f->original_message_id && str_eq_case(h[i].name, "Message-ID"))
			f->original_message_id = last_id(c, h[i].value);
		else if (!f->original_stamp && str_eq_case(h[i].name, "Relent-Touch"))
			f->original_stamp = h[i].value;
		else if (!f->original_to && str_eq_case(h[i].name, "To") &&
			 addr_list(c->a, h[i].value, 1, &list))
			f->original_to = list[0].key;
	}
}

void returned_message(struct ctx *c)
{
	for (size_t i = 0; i < c->m->parts_n; i++) {
		const struct part *p = &c->m->parts[i];
		if (p->headers_n && p->parent_rfc822 < 0) {
			returned_headers(c, p->headers, p->headers_n);
			return;
		}
	}
}

const char *report_address(struct arena *a, const char *value)
{
	struct span v = span_trim(span_of(value));
	const char *semi;
	struct addr *list, one;

	/* the type is optional in practice, and some write it without the ';' */
	semi = memchr(v.p, ';', v.n);
	if (semi && (size_t)(semi - v.p) < 20)
		v = span_trim((struct span){ semi + 1, (size_t)(v.p + v.n - semi) - 1 });
	else if (span_starts_case(v, "rfc822 "))
		v = span_trim((struct span){ v.p + 7, v.n - 7 });
	char *s = span_dup(a, v);
	if (!memchr(s, '@', v.n))
		return "";
	if (addr_path(a, s, &one) && *one.key && *one.domain)
		return one.key;
	if (addr_list(a, s, 1, &list) && *list[0].key)
		return list[0].key;
	return "";
}

static enum reply_kind fate_of(const char *action, const char *status)
{
	struct span a = span_trim(span_of(action));

	if (span_starts_case(a, "fail"))
		return KIND_BOUNCE;
	if (span_starts_case(a, "delayed") || span_starts_case(a, "deferred"))
		return KIND_DELAY;
	if (span_starts_case(a, "delivered") || span_starts_case(a, "relayed") ||
	    span_starts_case(a, "expanded"))
		return KIND_DSN_SUCCESS;
	if (status && status[0] == '2')
		return KIND_DSN_SUCCESS;
	return KIND_BOUNCE;
}

/* "SMTP; 550 5.1.1 ..." without its type. */
static const char *diagnostic_words(struct arena *a, const char *value)
{
	struct span v = span_trim(span_of(value));
	const char *semi = memchr(v.p, ';', v.n);

	if (semi && (size_t)(semi - v.p) < 24 && !memchr(v.p, ' ', (size_t)(semi - v.p)))
		v = (struct span){ semi + 1, (size_t)(v.p + v.n - semi) - 1 };
	return text_squeeze(a, span_dup(a, span_trim(v)));
}

/* The paragraph of the human part that speaks of this address. */
static const char *words_of_text(struct ctx *c, const char *address)
{
	const char *text = c->m->text, *at;

	if (!*address || strlen(text) > 65536)
		text = "";
	size_t found = *text ? span_find_case(span_of(text), address) : (size_t)-1;
	if (found == (size_t)-1)
		return NULL;
	at = text + found + strlen(address);
	/* "addr: 550 ...": the line and what is indented under it */
	if (*at == '>')
		at++;
	if (*at == ':' && strcspn(at, "\n") > 10) {
		size_t n = strcspn(at, "\n");
		while (at[n] == '\n' && (at[n + 1] == ' ' || at[n + 1] == '\t'))
			n += 1 + strcspn(at + n + 1, "\n");
		return text_squeeze(c->a, arena_strndup(c->a, at, n > 1500 ? 1500 : n));
	}
	const char *end = strstr(at, "\n\n");
	/* "<addr>\n\n   reason": one empty line may stand between */
	if (end && end - at < 3)
		end = strstr(end + 2, "\n\n");
	size_t n = end ? (size_t)(end - at) : strlen(at);
	return text_squeeze(c->a, arena_strndup(c->a, at, n > 1500 ? 1500 : n));
}

/* The human part may say at which command it was refused. */
static bool after_data_here(struct ctx *c, const struct report_recipient *r)
{
	const char *near = words_of_text(c, r->address);

	if (near && strstr(near, "end of DATA") && !(r->words && str_eq_case("5.1.1", status_in(c->a, r->words))))
		return true;
	return strlen(c->m->text) <= 65536 && refused_after_data(c, c->m->text, r->words);
}

/* "5.0.0 (host name lookup failure)": the words of a report that has no diagnostic. */
static const char *status_comment(struct arena *a, const char *status)
{
	const char *open = status ? strchr(status, '(') : NULL, *close = open ? strrchr(open, ')') : NULL;

	return close && close > open + 1 ?
	       text_squeeze(a, arena_strndup(a, open + 1, (size_t)(close - open) - 1)) : NULL;
}

static const char *clean_status(struct arena *a, const char *s)
{
	const char *found = s ? status_in(a, s) : NULL;

	return found;
}

static bool generic_status(const char *s)
{
	return !s || strcmp(s + 1, ".0.0") == 0;
}

/* Exim and Sendmail deliver into files and programs: whose they are, the human part says. */
static const char *address_behind(struct ctx *c)
{
	static const char *const marks[] = { "generated by ", "(expanded from: " };

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		size_t at = span_find_case((struct span){ c->m->text, strnlen(c->m->text, 65536) }, marks[i]);
		if (at == (size_t)-1)
			continue;
		const char *from = c->m->text + at + strlen(marks[i]);
		const char *key = report_address(c->a, arena_strndup(c->a, from, strcspn(from, ") \n")));
		if (*key)
			return key;
	}
	return "";
}

static void judge(struct ctx *c, const struct block *b, struct report_recipient *r)
{
	const char *rule, *status, *inner, *words = b->diagnostic ? b->diagnostic : b->smtp_diagnostic;

	r->original = b->original ? report_address(c->a, b->original) : NULL;
	r->address = b->final ? report_address(c->a, b->final) : "";
	if (!*r->address && b->actual)
		r->address = report_address(c->a, b->actual);
	/* "user@server" of an internal host: the address that was written to says more */
	if (r->original && *r->original && (!*r->address || !strchr(strrchr(r->address, '@'), '.')))
		r->address = r->original;
	status = clean_status(c->a, b->status);
	words = words ? diagnostic_words(c->a, words) : status_comment(c->a, b->status);
	/* a code in the remote's own words says more than the reporter's x.0.0 */
	inner = clean_status(c->a, words);
	if (inner && (generic_status(status) || !status) && !(status && generic_status(inner)))
		status = inner;
	if (!*r->address)
		r->address = address_behind(c);
	r->fate = fate_of(b->action, status);
	r->status = status;
	r->words = words;
	if (r->fate == KIND_DSN_SUCCESS)
		return;
	r->reason = bounce_reason_of(c, words, generic_status(status) || str_eq(status + 1, ".7.1") ?
				     NULL : status, false, &rule);
	if (r->reason == REASON_UNDEFINED) {
		const char *near = words_of_text(c, r->address);
		if (!near && r->original)
			near = words_of_text(c, r->original);
		if (near) {
			r->reason = bounce_reason_of(c, near, NULL, false, &rule);
			if (!words)
				r->words = str_cut(c->a, near, 300);
		}
	}
	if (r->reason == REASON_UNDEFINED)
		r->reason = bounce_reason_of(c, words, generic_status(status) ? NULL : status, true, &rule);
	if (r->reason == REASON_UNDEFINED && b->diagnostic &&
	    span_starts_case(span_trim(span_of(b->diagnostic)), "x-unix"))
		r->reason = REASON_MAILER_ERROR;
	if (r->reason == REASON_USER_UNKNOWN && !reason_sure(rule) && after_data_here(c, r))
		r->reason = REASON_FILTERED;
	if (r->fate == KIND_DELAY && r->reason == REASON_UNDEFINED)
		r->reason = REASON_EXPIRED;
	if (r->address[0])
		ctx_evidence(c, rule, r->words ? r->words : status, "delivery-status");
}

static void take_field(struct block *b, const char *name, const char *value)
{
	const struct { const char *name; const char **to; } map[] = {
		{ "Final-Recipient", &b->final }, { "Original-Recipient", &b->original },
		{ "X-Actual-Recipient", &b->actual }, { "Action", &b->action },
		{ "Status", &b->status }, { "Diagnostic-Code", &b->diagnostic },
		{ "X-SMTP-Diagnostic", &b->smtp_diagnostic },
		{ "X-PowerMTA-BounceCategory", &b->smtp_diagnostic },
	};
	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (str_eq_case(name, map[i].name) && !*map[i].to)
			*map[i].to = value;
}

static size_t finish(struct ctx *c, const struct block *b, struct report_recipient *r, size_t n)
{
	if ((!b->final && !b->original && !b->actual) || n == RECIPIENTS_MAX)
		return n;
	memset(&r[n], 0, sizeof r[n]);
	judge(c, b, &r[n]);
	for (size_t i = 0; i < n && *r[n].address; i++)	/* the same recipient twice */
		if (str_eq(r[i].address, r[n].address) && r[i].fate == r[n].fate)
			return n;
	return n + 1;
}

/* All blocks of one delivery-status text, added to the n there are. */
static size_t read_status(struct ctx *c, const char *text, size_t len, struct report_recipient *r, size_t n)
{
	struct span rest = { text, len }, line;
	struct block b = { 0 };
	struct buf value;
	const char *name = NULL;
	bool more = true;

	buf_init(&value, c->a);
	while (more) {
		more = span_line(&rest, &line);
		if (more && line.n && (line.p[0] == ' ' || line.p[0] == '\t') && name) {
			if (value.n < 4000) {
				buf_addc(&value, ' ');
				buf_add(&value, line.p, line.n);
			}
			continue;
		}
		if (name) {
			bool again = (str_eq_case(name, "Final-Recipient") && b.final) ||
				     (str_eq_case(name, "Original-Recipient") && b.original && b.final);
			if (str_eq_case(name, "Original-Envelope-Id") && !c->f->original_envelope_id)
				c->f->original_envelope_id = span_dup(c->a,
					span_trim((struct span){ value.p, value.n }));
			if (again) {
				n = finish(c, &b, r, n);
				b = (struct block){ 0 };
			}
			/* an encoded word in an address is part of the address */
			bool words = span_ends_case(span_of(name), "-Code") ||
				     span_ends_case(span_of(name), "-Diagnostic");
			take_field(&b, name, words ? header_decode(c->a, value.p, value.n) :
				   str_utf8(c->a, value.p, value.n));
		}
		name = NULL;
		if (!more || span_trim(line).n == 0) {
			n = finish(c, &b, r, n);
			b = (struct block){ 0 };
			continue;
		}
		const char *colon = memchr(line.p, ':', line.n);
		if (!colon)
			continue;
		name = span_dup(c->a, span_trim((struct span){ line.p, (size_t)(colon - line.p) }));
		buf_init(&value, c->a);
		buf_add(&value, colon + 1, (size_t)(line.p + line.n - colon) - 1);
	}
	return n;
}

void report_conclude(struct ctx *c, struct report_recipient *r, size_t n, const char *rule)
{
	struct finding *f = c->f;
	bool failed = false, delayed = false;

	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		if (r[i].fate != KIND_DSN_SUCCESS) {
			r[i].hardness = r[i].fate == KIND_DELAY ? HARDNESS_SOFT :
					reason_hardness(r[i].reason, r[i].status, r[i].words);
			r[i].about_address = reason_about_address(r[i].reason);
		}
		failed |= r[i].fate == KIND_BOUNCE;
		delayed |= r[i].fate == KIND_DELAY;
	}
	f->kind = failed ? KIND_BOUNCE : delayed ? KIND_DELAY : KIND_DSN_SUCCESS;
	f->class = failed ? REPLY_BOUNCE : REPLY_UNKNOWN;
	f->recipients = r;
	f->recipients_n = n;
	for (size_t i = 0; i < n; i++) {
		if (r[i].fate == KIND_BOUNCE && r[i].hardness == HARDNESS_HARD)
			f->suppress = true;
		f->stop |= r[i].fate == KIND_BOUNCE && r[i].hardness == HARDNESS_HARD;
	}
	f->confidence = 0.99;
	ctx_evidence(c, rule, NULL, "mail");
}

static bool sender_is(const struct ctx *c, const char *const *locals, size_t n)
{
	for (size_t i = 0; c->m->from_n && i < n; i++)
		if (str_eq(c->m->from[0].local, locals[i]))
			return true;
	return false;
}

/* The sender's name or address is one that mail systems alone report under (and postmasters write). */
bool mail_system_name(const struct ctx *c)
{
	static const char *const locals[] = { "mailer-daemon", "postmaster", "mailerdaemon",
		"mail-daemon", "mailer_daemon", "mailerdeamon", "mail.daemon", "maildaemon", "mdaemon",
		"double-bounce", "mmdf" };
	const char *from = message_header(c->m, "From");

	if (sender_is(c, locals, sizeof locals / sizeof locals[0]))
		return true;
	/* MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@... */
	if (c->m->from_n && strncmp(c->m->from[0].local, "microsoftexchange", 17) == 0)
		return true;
	return from && (span_find_case(span_of(from), "mailer-daemon") != (size_t)-1 ||
			span_find_case(span_of(from), "mail delivery s") != (size_t)-1);
}

/* Mail systems use these, and so do parcel services and people. */
bool mail_system_like(const struct ctx *c)
{
	static const char *const locals[] = { "mailer", "mailsystem", "mail-system", "bounce", "bounces",
		"no-reply-aws", "mailservice", "delivery", "mailadmin", "smtp", "system-admin" };

	return sender_is(c, locals, sizeof locals / sizeof locals[0]);
}

bool from_mail_system(const struct ctx *c)
{
	const char *rp = c->m->return_path;

	if (rp && (*rp == '\0' || strncasecmp(rp, "mailer-daemon", 13) == 0))
		return true;
	return mail_system_name(c) || mail_system_like(c) ||
	       message_header(c->m, "X-Failed-Recipients") != NULL;
}

bool answer_or_forward(const char *subject)
{
	static const char *const marks[] = { "re:", "fwd:", "fw:", "aw:", "wg:", "tr:", "rv:", "sv:", "vs:",
					     "i:", "r:", "enc:", "res:", "antw:", "odp:", "pd:" };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (span_starts_case(span_of(subject), marks[i]))
			return true;
	return false;
}

/* A delivery-status that lost its type: the fields stand in a text part. */
static const struct part *status_part(struct ctx *c, size_t *from_r)
{
	const struct message *m = c->m;

	*from_r = 0;
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];
		if (p->text && p->parent_rfc822 < 0 &&
		    (str_eq(p->type, "message/delivery-status") ||
		     str_eq(p->type, "message/global-delivery-status")))
			return p;
	}
	/* an empty return path alone is what answering machines have; they may quote */
	if (!m->report_type && !mail_system_name(c) &&
	    (!from_mail_system(c) || answer_or_forward(m->subject)))
		return NULL;
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];
		struct span s = { p->text, p->text_n };
		size_t at;
		if (!p->text || p->parent_rfc822 >= 0 || strncmp(p->type, "text/", 5) != 0)
			continue;
		at = span_find_case(s, "\nFinal-Recipient:");
		if (at != (size_t)-1 && span_find_case(s, "\nAction:") != (size_t)-1) {
			/* what belongs to the same block stands before it, too */
			while (at > 0 && !(s.p[at] == '\n' && s.p[at - 1] == '\n'))
				at--;
			*from_r = at;
			return p;
		}
	}
	return NULL;
}

bool detect_bounce(struct ctx *c)
{
	size_t from, n;
	const struct part *p = status_part(c, &from);
	struct report_recipient *r;

	if (!p)
		return false;
	r = arena_array(c->a, struct report_recipient, RECIPIENTS_MAX + 1);
	n = read_status(c, p->text + from, p->text_n - from, r, 0);
	/* some write a part for each recipient */
	for (const struct part *q = p + 1; q < c->m->parts + c->m->parts_n; q++)
		if (q->text && q->parent_rfc822 < 0 && str_eq(q->type, p->type) && !strncmp(q->type, "message/", 8))
			n = read_status(c, q->text, q->text_n, r, n);
	if (n == 0)
		return false;
	returned_message(c);
	/* a report without a usable address, of a mail that had one recipient */
	if (n == 1 && !*r[0].address && c->f->original_to)
		r[0].address = c->f->original_to;
	report_conclude(c, r, n, "part:message/delivery-status");
	return true;
}
