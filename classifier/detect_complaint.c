/* SPDX-License-Identifier: MPL-2.0
 *
 * Feedback reports (ARF, RFC 5965) and receipts (MDN, RFC 8098).
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/message_private.h"

#include <string.h>

static const struct part *part_of(const struct message *m, const char *type)
{
	for (size_t i = 0; i < m->parts_n; i++)
		if (str_eq(m->parts[i].type, type) && m->parts[i].parent_rfc822 < 0)
			return &m->parts[i];
	return NULL;
}

static const char *field(const struct header *h, size_t n, const char *name, size_t k)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_case(h[i].name, name) && k-- == 0)
			return h[i].value;
	return NULL;
}

static enum reply_subkind feedback_subkind(const char *type)
{
	static const struct { const char *name; enum reply_subkind kind; } map[] = {
		{ "abuse", SUBKIND_ABUSE }, { "fraud", SUBKIND_FRAUD }, { "virus", SUBKIND_VIRUS },
		{ "not-spam", SUBKIND_NOT_SPAM }, { "opt-out", SUBKIND_OPT_OUT },
		{ "opt-out-list", SUBKIND_OPT_OUT },
	};
	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (str_eq(type, map[i].name))
			return map[i].kind;
	return SUBKIND_OTHER;
}

static void complained(struct ctx *c, const struct header *h, size_t n)
{
	struct report_recipient *r = arena_array(c->a, struct report_recipient, RECIPIENTS_MAX);
	size_t count = 0;
	const char *v;

	for (size_t k = 0; count < RECIPIENTS_MAX && (v = field(h, n, "Original-Rcpt-To", k)); k++) {
		const char *key = report_address(c->a, v);
		if (*key)
			r[count++].address = key;
	}
	if (count == 0 && (v = field(h, n, "Removal-Recipient", 0)) && *report_address(c->a, v))
		r[count++].address = report_address(c->a, v);
	if (count == 0 && c->f->original_to)
		r[count++].address = c->f->original_to;
	for (size_t i = 0; i < count; i++) {
		r[i].fate = KIND_COMPLAINT;
		r[i].reason = REASON_FEEDBACK;
		r[i].about_address = true;
	}
	c->f->recipients = r;
	c->f->recipients_n = count;
}

/* What a mail program sends to the mailto: of List-Unsubscribe (RFC 2369) when its user presses the
 * button: automatic, and nothing but that word. */
static bool unsubscribe_mail(struct ctx *c)
{
	const char *as = message_header(c->m, "Auto-Submitted");
	struct finding *f = c->f;
	struct report_recipient *r;

	if (!str_eq_case(c->m->subject, "unsubscribe") || !as ||
	    !span_starts_case(span_trim(span_of(as)), "auto-") || c->m->from_n == 0)
		return false;
	r = arena_array(c->a, struct report_recipient, 1);
	r->address = c->m->from[0].key;
	r->fate = KIND_COMPLAINT;
	r->reason = REASON_FEEDBACK;
	r->about_address = true;
	f->kind = KIND_COMPLAINT;
	f->subkind = SUBKIND_OPT_OUT;
	f->class = REPLY_UNSUBSCRIBE;
	f->stop = f->suppress = true;
	f->confidence = 0.95;
	f->recipients = r;
	f->recipients_n = 1;
	ctx_evidence(c, "header:auto-submitted", c->m->subject, "subject");
	return true;
}

/* Outlook.com's Junk Mail Reporting Program: our mail, unchanged but for one header. */
static bool outlook_report(struct ctx *c)
{
	struct finding *f = c->f;

	if (!span_starts_case(span_of(c->m->subject), "complaint about message from "))
		return false;
	for (size_t i = 0; i < c->m->parts_n; i++) {
		const struct part *p = &c->m->parts[i];
		const char *who = p->headers_n ? part_header(p, "X-HmXmrOriginalRecipient") : NULL;
		if (!who)
			continue;
		f->kind = KIND_COMPLAINT;
		f->subkind = SUBKIND_ABUSE;
		f->class = REPLY_COMPLAINT;
		f->feedback_type = "abuse";
		f->stop = f->suppress = true;
		f->confidence = 0.99;
		struct report_recipient *r = arena_array(c->a, struct report_recipient, 1);
		*r = (struct report_recipient){ .address = report_address(c->a, who), .fate = KIND_COMPLAINT,
						.reason = REASON_FEEDBACK, .about_address = true };
		f->recipients = r;
		f->recipients_n = 1;
		returned_message(c);
		ctx_evidence(c, "header:x-hmxmroriginalrecipient", who, "returned mail");
		return true;
	}
	return false;
}

bool detect_complaint(struct ctx *c)
{
	const struct part *p = part_of(c->m, "message/feedback-report");
	struct finding *f = c->f;
	const struct header *h;
	const char *type;
	size_t n, body;

	if (!p && (unsubscribe_mail(c) || outlook_report(c)))
		return true;
	if (!p) {
		/* some gateways send the fields as plain text under report-type=feedback-report */
		if (!str_eq(c->m->report_type, "feedback-report"))
			return false;
		for (size_t i = 0; i < c->m->parts_n && !p; i++)
			if (c->m->parts[i].text && c->m->parts[i].parent_rfc822 < 0 &&
			    span_find_case((struct span){ c->m->parts[i].text, c->m->parts[i].text_n },
					   "Feedback-Type:") != (size_t)-1)
				p = &c->m->parts[i];
		if (!p)
			return false;
	}
	/* an empty line in front of the fields is common */
	struct span s = span_trim((struct span){ p->text, p->text_n });
	n = headers_parse(c->a, s.p, s.n, 100, true, &h, &body);
	type = field(h, n, "Feedback-Type", 0);
	type = type ? str_lower(c->a, span_dup(c->a, span_trim(span_of(type)))) : "abuse";
	f->kind = KIND_COMPLAINT;
	f->subkind = feedback_subkind(type);
	f->feedback_type = type;
	f->original_envelope_id = field(h, n, "Original-Envelope-Id", 0);
	f->confidence = 0.99;
	returned_message(c);
	complained(c, h, n);
	ctx_evidence(c, "part:message/feedback-report", type, "Feedback-Type");
	/* RFC 6430: "not spam" takes a complaint back; auth-failure is about our DNS, not a person */
	bool harmless = f->subkind == SUBKIND_NOT_SPAM || str_eq(type, "auth-failure") ||
			str_eq(type, "dmarc");
	f->class = harmless ? REPLY_UNKNOWN : f->subkind == SUBKIND_OPT_OUT ? REPLY_UNSUBSCRIBE :
		   REPLY_COMPLAINT;
	f->stop = f->suppress = !harmless;
	return true;
}

bool detect_receipt(struct ctx *c)
{
	const struct part *p = part_of(c->m, "message/disposition-notification");
	struct finding *f = c->f;
	const struct header *h;
	size_t n, body;
	const char *d = NULL, *v;
	const char **ids;

	if (!p)
		p = part_of(c->m, "message/global-disposition-notification");
	if (!p && !str_eq(c->m->report_type, "disposition-notification"))
		return false;
	if (p) {
		struct span s = span_trim((struct span){ p->text, p->text_n });
		n = headers_parse(c->a, s.p, s.n, 100, true, &h, &body);
		d = field(h, n, "Disposition", 0);
		if ((v = field(h, n, "Original-Message-ID", 0)) && addr_msgids(c->a, v, 1, &ids))
			f->original_message_id = ids[0];
	}
	f->kind = KIND_MDN;
	f->class = REPLY_UNKNOWN;
	f->subkind = SUBKIND_DISPLAYED;
	if (d && span_find_case(span_of(d), "deleted") != (size_t)-1)
		f->subkind = SUBKIND_DELETED;
	else if (d && (span_find_case(span_of(d), "denied") != (size_t)-1 ||
		       span_find_case(span_of(d), "failed") != (size_t)-1))
		f->subkind = SUBKIND_DENIED;
	f->confidence = 0.99;
	returned_message(c);
	ctx_evidence(c, "part:message/disposition-notification", d, "Disposition");
	return true;
}
