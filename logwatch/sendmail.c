/* SPDX-License-Identifier: MPL-2.0
 *
 * What Sendmail says, of every mail under one name ("sm-mta", "sendmail"):
 *   ID: from=<a@b>, size=1234, class=0, nrcpts=1, msgid=<x@y>, proto=ESMTPSA, daemon=MSA, relay=...
 *   ID: to=<c@d>[,<e@f>], [ctladdr=..., ]delay=.., xdelay=.., mailer=.., pri=.., relay=.., dsn=2.0.0,
 *		[reply=550 ..,] stat=Sent (..)
 *   ID: Milter: data, reject=550 5.7.1 words
 *   ID: to=<c@d>, delay=.., mailer=.., pri=.., quarantine=words, stat=quarantined
 * The from= line is written when the mail has been read, before milters had their last word: it gives
 * the Message-ID and says nothing of the queue.
 */
#include "config.h"

#include "logwatch/parse_private.h"

/* An address as Sendmail writes it: <...>, or bare up to the next comma outside quotes. */
static bool take_address(struct span *s, struct span *out_r)
{
	bool quoted = false;
	size_t i = 0;

	if (starts(*s, "<"))
		return take_bracketed(s, out_r);
	for (; i < s->n && (quoted || s->p[i] != ','); i++) {
		if (s->p[i] == '\\' && quoted)
			i++;
		else if (s->p[i] == '"')
			quoted = !quoted;
	}
	if (i >= s->n)
		return false;
	*out_r = (struct span){ s->p, i };
	*s = after(*s, i);
	return i > 0;
}

bool log_line_more(struct span *rest, struct span *recipient_r)
{
	take(rest, ",");
	return rest->n && take_address(rest, recipient_r);
}

static enum log_kind from(struct span s, struct log_line *l)
{
	struct span sender;

	if (!take_address(&s, &sender) || !take(&s, ", size=") || !take_number(&s) || !take(&s, ", class=")
	    || (!take_number(&s) && !(take(&s, "-") && take_number(&s))) || !take(&s, ", nrcpts=")
	    || !take_number(&s))
		return LOG_LINE_OTHER;
	if (!take(&s, ", msgid=") || !take_bracketed(&s, &l->message_id))
		l->message_id = (struct span){ NULL, 0 };
	return l->message_id.n <= 998 ? LOG_LINE_MESSAGE_ID : LOG_LINE_OTHER;
}

/* "name=value" up to the next ", name="; stat= is the last and takes all that is left. */
static bool next_pair(struct span *s, struct span *name_r, struct span *value_r)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	struct span rest = *s;

	if (!take(&rest, ", ") || !take_until(&rest, '=', name_r) || !all_of(*name_r, letters))
		return false;
	*value_r = rest;
	if (span_eq(*name_r, "stat")) {
		s->n = 0;
		return true;
	}
	for (size_t i = 0; i + 2 < rest.n; i++) {
		struct span next = after(rest, i), name;

		if (take(&next, ", ") && take_until(&next, '=', &name) && all_of(name, letters)) {
			value_r->n = i;
			*s = after(rest, i);
			return true;
		}
	}
	return false;
}

static enum log_kind by_code(const struct log_line *l)
{
	switch (l->dsn.p[0]) {
	case '2': return LOG_LINE_SENT;
	case '4': return LOG_LINE_DEFERRED;
	case '5': return LOG_LINE_BOUNCED;
	default: return LOG_LINE_OTHER;
	}
}

static enum log_kind to(struct span s, struct log_line *l)
{
	struct span name, value, stat = { NULL, 0 }, reply = { NULL, 0 };
	enum log_kind kind;

	if (!take_address(&s, &l->recipient))
		return LOG_LINE_OTHER;
	l->more = s;
	while (starts(s, ",") && !starts(s, ", "))
		if (!log_line_more(&s, &value))
			return LOG_LINE_OTHER;
	l->more.n -= s.n;
	/* the first of each: what stands behind reply= is the remote server's */
	while (next_pair(&s, &name, &value)) {
		if (span_eq(name, "relay") && !l->relay.n)
			l->relay = value;
		else if (span_eq(name, "dsn") && !l->dsn.n)
			l->dsn = value;
		else if (span_eq(name, "reply") && !reply.n)
			reply = value;
		else if (span_eq(name, "stat"))
			stat = value;
	}
	l->words = reply.n ? reply : stat;
	if (!stat.n)
		return LOG_LINE_OTHER;
	if (span_eq(stat, "queued"))
		return LOG_LINE_QUEUED;
	if (span_eq(stat, "quarantined"))
		return LOG_LINE_HELD;
	if (!is_dsn(l->dsn)) {		/* a mail that was refused at its end tells its recipients without a code */
		l->dsn = (struct span){ NULL, 0 };
		return LOG_LINE_OTHER;
	}
	kind = by_code(l);
	if (kind == LOG_LINE_SENT && !starts(stat, "Sent"))
		return LOG_LINE_OTHER;
	/* nobody but ourselves was asked */
	l->ours = kind == LOG_LINE_BOUNCED && !l->relay.n && !starts(l->dsn, "5.1.");
	return kind;
}

static enum log_kind milter(struct span s, struct log_line *l)
{
	l->ours = true;
	if (take(&s, "data, reject=") || take(&s, "eom, reject=") || take(&s, "body, reject=")
	    || take(&s, "eoh, reject=")) {
		struct span rest, word;

		l->words = rest = s;
		for (int i = 0; i < 2 && take_until(&rest, ' ', &word); i++)
			if (is_dsn(word))
				l->dsn = word;
		return LOG_LINE_REJECTED;
	}
	l->words = s;
	if (starts(s, "data, discard") || starts(s, "eom, discard"))
		return LOG_LINE_DISCARDED;
	return LOG_LINE_OTHER;
}

enum log_kind sendmail_line(struct span s, struct log_line *l)
{
	if (!take_queue_id(&s, &l->queue_id))
		return LOG_LINE_OTHER;
	if (take(&s, "from="))
		return from(s, l);
	if (take(&s, "to="))
		return to(s, l);
	if (take(&s, "Milter: "))
		return milter(s, l);
	return LOG_LINE_OTHER;
}
