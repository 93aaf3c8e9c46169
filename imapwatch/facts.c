/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/facts.h"

#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "classifier/calendar.h"

/* ---- reports ---- */

static bool local_is(const struct addr *a, const char *name)
{
	return a->local && str_eq_case(a->local, name);
}

bool facts_maybe_report(const struct message *m)
{
	if (m->report_type || (m->return_path && !*m->return_path))
		return true;
	if (m->content_type && (str_eq(m->content_type, "multipart/report") ||
				str_eq(m->content_type, "message/feedback-report") ||
				str_eq(m->content_type, "message/delivery-status")))
		return true;
	if (message_header(m, "X-Failed-Recipients"))
		return true;
	for (size_t k = 0; k < m->from_n && k < 3; k++)
		if (local_is(&m->from[k], "mailer-daemon") || local_is(&m->from[k], "postmaster") ||
		    local_is(&m->from[k], "mail-daemon") || local_is(&m->from[k], "mdaemon"))
			return true;
	for (size_t k = 0; k < m->parts_n; k++)
		if (str_eq(m->parts[k].type, "message/delivery-status") ||
		    str_eq(m->parts[k].type, "message/feedback-report"))
			return true;
	return false;
}

static void add_report(struct arena *a, struct facts *f, const struct finding *fi)
{
	const char **reported;

	if (fi->kind != KIND_BOUNCE && fi->kind != KIND_DELAY && fi->kind != KIND_DSN_SUCCESS &&
	    fi->kind != KIND_COMPLAINT && fi->kind != KIND_MDN)
		return;
	f->report = true;
	f->original_message_id = fi->original_message_id;
	f->original_stamp = fi->original_stamp;
	f->original_envelope_id = fi->original_envelope_id;
	f->original_to = fi->original_to;
	reported = arena_array(a, const char *, fi->recipients_n * 2);
	for (size_t k = 0; k < fi->recipients_n; k++) {
		if (!str_empty(fi->recipients[k].address))
			reported[f->reported_n++] = fi->recipients[k].address;
		/* an alias: only the original recipient is the address that was written to */
		if (!str_empty(fi->recipients[k].original) &&
		    !str_eq(fi->recipients[k].original, fi->recipients[k].address))
			reported[f->reported_n++] = fi->recipients[k].original;
	}
	f->reported = reported;
}

/* ---- control addresses ---- */

static void add_controls(struct arena *a, struct facts *f, const struct message *m,
			 const char *control)
{
	/* Postfix's local delivery writes the first two, others the next; the To of an unsubscribe mail
	 * names it in any case. */
	static const char *const names[] = { "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc" };
	struct control_address *list = arena_array(a, struct control_address, CONTROLS_MAX);

	for (size_t h = 0; h < sizeof(names) / sizeof(*names); h++) {
		const char *value;

		for (size_t k = 0; k < 5 && (value = message_header_nth(m, names[h], k)); k++) {
			struct addr *addrs;
			size_t n = addr_list(a, value, 20, &addrs);

			for (size_t j = 0; j < n && f->controls_n < CONTROLS_MAX; j++) {
				const char *verb, *arg;
				size_t seen = 0;

				if (!addr_control(a, control, addrs[j].key, &verb, &arg))
					continue;
				while (seen < f->controls_n &&
				       !(str_eq(list[seen].verb, verb) && str_eq(list[seen].arg, arg)))
					seen++;
				if (seen == f->controls_n)
					list[f->controls_n++] = (struct control_address){ verb, arg };
			}
		}
	}
	f->controls = list;
}

/* ---- facts ---- */

static void add_refs(struct arena *a, struct facts *f, const struct message *m)
{
	const char **refs = arena_array(a, const char *, m->in_reply_to_n + m->references_n);

	for (size_t k = 0; k < m->in_reply_to_n; k++)
		refs[f->refs_n++] = m->in_reply_to[k];
	for (size_t k = m->references_n; k-- > 0;)	/* newest first */
		refs[f->refs_n++] = m->references[k];
	f->refs = refs;
}

static bool is_automatic(const struct message *m)
{
	const char *as = message_header(m, "Auto-Submitted");
	const char *precedence = message_header(m, "Precedence");

	return (as && !span_starts_case(span_trim(span_of(as)), "no")) ||
	       (precedence && !str_eq_case(precedence, "first-class")) ||
	       (m->return_path && !*m->return_path) || m->report_type ||
	       message_header(m, "List-Id") || message_header(m, "X-Loop");
}

struct facts *facts_of(struct arena *a, const struct message *m, const struct finding *fi,
		       const char *control, uint32_t uid, time_t received)
{
	struct facts *f = arena_new_of(a, struct facts);

	f->uid = uid;
	f->received = received;
	f->message_id = m->message_id;
	f->key = str_empty(m->message_id) ? outbound_fingerprint(a, m) : m->message_id;
	f->from = m->from_n ? m->from[0].key : NULL;
	f->from_name = m->from_n ? m->from[0].name : NULL;
	f->envelope_from = m->return_path;
	f->subject = m->subject;
	f->subject_key = text_subject_key(a, m->subject);
	f->text = m->text;
	f->automatic = is_automatic(m);
	add_refs(a, f, m);
	if (fi)
		add_report(a, f, fi);
	if (!str_empty(control))
		add_controls(a, f, m, control);
	return f;
}

void facts_calendar(struct facts *f, const struct calendar_item *item)
{
	if (!item)
		return;
	if (item->rule)
		f->invitee = item->attendees_n ? item->attendees[0].address : NULL;
	else
		f->calendar_uid = item->uid;
}

static const char *crude_header(struct arena *a, const char *bytes, size_t n, const char *name)
{
	struct span rest = { bytes, n }, line;
	size_t len = strlen(name);

	for (int lines = 0; lines < 2000 && span_line(&rest, &line) && line.n > 0; lines++)
		if (line.n > len && line.n < 2000 && span_starts_case(line, name) && line.p[len] == ':')
			return str_utf8(a, line.p + len + 1, line.n - len - 1);
	return NULL;
}

struct facts *facts_crude(struct arena *a, const char *bytes, size_t n, uint32_t uid, time_t received)
{
	struct facts *f = arena_new_of(a, struct facts);
	const char *value;
	const char **ids;
	struct addr *from;

	*f = (struct facts){ .uid = uid, .received = received, .aside = true, .automatic = true,
			     .subject = "", .subject_key = "", .text = "" };
	value = crude_header(a, bytes, n, "Message-ID");
	if (value && addr_msgids(a, value, 1, &ids) == 1)
		f->message_id = ids[0];
	f->key = f->message_id ? f->message_id : arena_printf(a, "aside-%u-%lld", uid, (long long)received);
	value = crude_header(a, bytes, n, "From");
	if (value && addr_list(a, value, 1, &from) == 1)
		f->from = from[0].key;
	value = crude_header(a, bytes, n, "In-Reply-To");
	if (value)
		f->refs_n = addr_msgids(a, value, REFS_MAX, (const char ***)&f->refs);
	return f;
}

/* ---- authentication ---- */

static const char *word_after(struct arena *a, const char *s, const char *key)
{
	size_t at = span_find_case(span_of(s), key);
	const char *p;

	if (at == (size_t)-1)
		return NULL;
	p = s + at + strlen(key);
	return arena_strndup(a, p, strcspn(p, " \t;,()\""));
}

static bool aligned(struct arena *a, const char *d, const char *from_domain)
{
	const char *at = d ? strrchr(d, '@') : NULL;

	if (!d)
		return false;
	return str_eq(addr_registrable(a, str_lower(a, at ? at + 1 : d)), addr_registrable(a, from_domain));
}

/* One result of the header ("dkim=pass ... header.d=x"), without its comments. weak_r: SPF of the same domain, which
 * proves nothing of the content but is no reason for suspicion. */
static bool result_passes(struct arena *a, const char *result, const char *from_domain, bool *weak_r)
{
	struct span s = span_trim(span_of(result));
	const char *d;

	if (span_starts_case(s, "dmarc=pass")) {
		d = word_after(a, result, "header.from=");
		return d && str_eq_case(d, from_domain);
	}
	if (span_starts_case(s, "spf=pass")) {
		d = word_after(a, result, "smtp.mailfrom=");
		*weak_r = *weak_r || aligned(a, d ? d : word_after(a, result, "smtp.mail="), from_domain);
		return false;
	}
	if (!span_starts_case(s, "dkim=pass"))
		return false;
	d = word_after(a, result, "header.d=");
	return aligned(a, d ? d : word_after(a, result, "header.i="), from_domain);
}

static char *without_comments(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 1), *o = out;
	int depth = 0;

	for (; *s; s++) {
		if (*s == '(')
			depth++;
		else if (*s == ')' && depth > 0)
			depth--;
		else if (depth == 0)
			*o++ = *s;
	}
	return out;
}

static bool is_ours(struct span id, const char *const *ids, size_t n)
{
	for (size_t j = 0; j < id.n; j++)	/* an optional version follows */
		if (id.p[j] == ' ' || id.p[j] == '\t')
			id.n = j;
	for (size_t k = 0; k < n; k++)
		if (span_eq_case(id, ids[k]))
			return true;
	return false;
}

/* Only the topmost header that bears one of our own names counts: the MTA writes above what came from outside
 * (and is told by RFC 8601 section 5 to take away foreign ones that bear its name). Where no name is
 * configured nobody's word counts, because then nobody may be taking them away. A mail with two From headers or
 * authors is authenticated for neither. */
enum auth_result facts_authenticated(struct arena *a, const struct message *m, const char *const *ids, size_t n)
{
	const char *value;

	for (size_t k = 0; k < 20 && (value = message_header_nth(m, "Authentication-Results", k)); k++) {
		struct span rest = span_of(without_comments(a, value)), piece;
		bool weak = false, looked = false, refused = false;

		if (!span_split(&rest, ';', &piece) || !is_ours(span_trim(piece), ids, n))
			continue;
		if (m->from_n != 1 || message_header_nth(m, "From", 1))
			return AUTH_FAIL;
		while (span_split(&rest, ';', &piece)) {
			piece = span_trim(piece);
			/* "none" alone: nothing was looked at */
			looked = looked || (piece.n > 0 && !span_eq_case(piece, "none"));
			refused = refused || span_starts_case(piece, "dmarc=fail");
			if (result_passes(a, span_dup(a, piece), m->from[0].domain, &weak))
				return AUTH_PASS;
		}
		return looked && (!weak || refused) ? AUTH_FAIL : AUTH_NONE;
	}
	return AUTH_NONE;
}
