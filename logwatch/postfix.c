/* SPDX-License-Identifier: MPL-2.0
 *
 * What Postfix's programs say. Only cleanup names a Message-ID, only delivery agents a status, only
 * pickup a queue id that a mail had before: a remote server's words or a sender's Message-ID cannot
 * pass for another line.
 */
#include "config.h"

#include "logwatch/parse_private.h"

static bool is_one_of(struct span s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(s, names[i]))
			return true;
	return false;
}
#define ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof(*(list)))

/* ---- delivery agents ---- */

/* Nothing about the address if nobody but ourselves was asked, unless the address or its domain does not
 * exist: 5.1.x, and 5.4.4 for a domain that cannot be found. */
static bool refused_by_us(const struct log_line *l)
{
	return span_eq(l->relay, "none") && !starts(l->dsn, "5.1.") && !span_eq(l->dsn, "5.4.4");
}

/* "filter[127.0.0.1]:10024": what it says is our own software's word, not an outsider's. */
static bool on_this_host(struct span relay)
{
	struct span rest = relay, name;

	return take_until(&rest, '[', &name) && (starts(rest, "127.") || starts(rest, "::1]"));
}

/* "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4bXyZ2" */
static bool passed_on(struct log_line *l)
{
	static const char mark[] = "queued as ";
	size_t n = l->words.n;

	while (n > 0 && l->words.p[n - 1] != ' ')
		n--;
	l->next_id = after(l->words, n);
	return n >= sizeof(mark) - 1 && memcmp(l->words.p + n - (sizeof(mark) - 1), mark, sizeof(mark) - 1) == 0
		&& is_queue_id(l->next_id) && on_this_host(l->relay);
}

/* status=WORD, and who said it */
static enum log_kind outcome(struct span status, struct log_line *l)
{
	static const struct { const char *word; enum log_kind kind; } words[] = {
		{ "sent", LOG_LINE_SENT }, { "deferred", LOG_LINE_DEFERRED },
		{ "bounced", LOG_LINE_BOUNCED }, { "expired", LOG_LINE_EXPIRED },
		{ "undeliverable", LOG_LINE_OTHER }, { "SOFTBOUNCE", LOG_LINE_DEFERRED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_eq(status, words[i].word))
			continue;
		l->ours = words[i].kind == LOG_LINE_BOUNCED && refused_by_us(l);
		if (words[i].kind != LOG_LINE_SENT)
			return words[i].kind;
		if (span_eq(l->service, "discard")) {
			l->ours = true;
			return LOG_LINE_DISCARDED;
		}
		return passed_on(l) ? LOG_LINE_PASSED_ON : LOG_LINE_SENT;
	}
	return LOG_LINE_OTHER;
}

/* to=<a@b>[, orig_to=<c>], relay=x, [conn_use=N, ]delay=N, delays=N/N/N/N, dsn=N.N.N, status=w (words) */
static enum log_kind delivery(struct span s, struct log_line *l)
{
	struct span skip, status;

	if (!take(&s, "to=") || !take_bracketed(&s, &l->recipient) || !take(&s, ", "))
		return LOG_LINE_OTHER;
	if (take(&s, "orig_to=") && (!take_bracketed(&s, &l->recipient) || !take(&s, ", ")))
		return LOG_LINE_OTHER;
	if (!take(&s, "relay=") || !take_until(&s, ',', &l->relay) || !take(&s, " "))
		return LOG_LINE_OTHER;
	if (take(&s, "conn_use=") && (!take_until(&s, ',', &skip) || !take(&s, " ")))
		return LOG_LINE_OTHER;
	if (!take(&s, "delay=") || !take_until(&s, ',', &skip) || !take(&s, " delays=")
	    || !take_until(&s, ',', &skip) || !take(&s, " dsn=") || !take_until(&s, ',', &l->dsn)
	    || !is_dsn(l->dsn) || !take(&s, " status=") || !take_until(&s, ' ', &status) || !take(&s, "("))
		return LOG_LINE_OTHER;
	l->words = s;
	if (l->words.n && l->words.p[l->words.n - 1] == ')')
		l->words.n--;
	return outcome(status, l);
}

/* ---- the queue ---- */

static enum log_kind queue_manager(struct span s, struct log_line *l)
{
	struct span sender;

	if (span_eq(s, "removed"))
		return LOG_LINE_REMOVED;
	if (!take(&s, "from=") || !take_bracketed(&s, &sender))
		return LOG_LINE_OTHER;
	if (span_eq(s, ", status=expired, returned to sender")
	    || span_eq(s, ", status=force-expired, returned to sender")) {
		l->words = after(s, strlen(", status="));
		return LOG_LINE_EXPIRED;
	}
	/* nrcpt counts recipients that a milter took away: it says nothing about ours */
	if (!take(&s, ", size=") || !take_number(&s) || !take(&s, ", nrcpt=") || !take_number(&s))
		return LOG_LINE_OTHER;
	return span_eq(s, " (queue active)") ? LOG_LINE_QUEUED : LOG_LINE_OTHER;
}

static enum log_kind by_hand(struct span s, struct log_line *l)
{
	l->words = s;
	l->ours = true;
	if (span_eq(s, "removed"))
		return LOG_LINE_DISCARDED;
	return span_eq(s, "placed on hold") ? LOG_LINE_HELD : LOG_LINE_OTHER;
}

/* uid=102 from=<a@b> orig_id=4bXyZ1: Postfix's own user put it back (postsuper -r). A sender's address
 * ends with '>', so no sender can say this. */
static enum log_kind pickup(struct span s, struct log_line *l)
{
	struct span sender, old;

	if (!take(&s, "uid=") || !take_number(&s) || !take(&s, " from=") || !take_bracketed(&s, &sender)
	    || !take(&s, " orig_id=") || !is_queue_id(s))
		return LOG_LINE_OTHER;
	old = s;
	l->next_id = l->queue_id;
	l->queue_id = old;
	return LOG_LINE_REQUEUED;
}

/* ---- at the door ---- */

/* The code of "5.7.1 text" or "451 4.7.1 text", if there is one. */
static void find_dsn(struct log_line *l)
{
	struct span rest = l->words, word;

	for (int i = 0; i < 2 && take_until(&rest, ' ', &word); i++)
		if (is_dsn(word)) {
			l->dsn = word;
			return;
		}
}

/* "END-OF-MESSAGE from host[1.2.3.4]: words; from=<> to=<> proto=ESMTP helo=<>" */
static void reason(struct span s, struct log_line *l)
{
	size_t end;

	l->words = s;
	for (size_t i = 0; i + 3 < s.n; i++)
		if (s.p[i] == ']' && s.p[i + 1] == ':' && s.p[i + 2] == ' ') {
			l->words = after(s, i + 3);
			break;
		}
	end = span_find_case(l->words, "; from=<");
	if (end != (size_t)-1)
		l->words.n = end;
	find_dsn(l);
	l->ours = true;
}

/* Only what is about the whole mail; one recipient less (RCPT) leaves the others. */
static enum log_kind verdict(struct span s, struct log_line *l)
{
	static const struct { const char *verb; enum log_kind kind; } verbs[] = {
		{ "milter-reject: ", LOG_LINE_REJECTED }, { "reject: ", LOG_LINE_REJECTED },
		{ "milter-discard: ", LOG_LINE_DISCARDED }, { "discard: ", LOG_LINE_DISCARDED },
		{ "milter-hold: ", LOG_LINE_HELD }, { "hold: ", LOG_LINE_HELD },
	};
	static const char *const whole[] = { "END-OF-MESSAGE ", "header ", "body ", "mime-header ",
					     "nested-header ", "DATA ", "BDAT " };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!take(&s, verbs[i].verb))
			continue;
		for (size_t k = 0; k < sizeof(whole) / sizeof(*whole); k++)
			if (starts(s, whole[k])) {
				reason(s, l);
				return verbs[i].kind;
			}
		break;
	}
	return LOG_LINE_OTHER;
}

/* cleanup (or smtpd, which hands it the bytes) could not write the queue file: the client hears an error,
 * the mail is not queued. The id stands behind the word "warning". */
static enum log_kind write_failure(struct span s, struct log_line *l)
{
	static const char *const what[] = { "write queue file: ", "queue file size limit exceeded",
					    "close queue file: ", "fsync queue file: ",
					    "error writing queue file: ", "queue file write error" };

	if (!take(&s, "warning: ") || !take_queue_id(&s, &l->queue_id))
		return LOG_LINE_OTHER;
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++)
		if (starts(s, what[i])) {
			l->words = s;
			l->ours = true;
			return LOG_LINE_REJECTED;
		}
	return LOG_LINE_OTHER;
}

static enum log_kind cleanup(struct span s, struct log_line *l)
{
	struct span id;

	if (!take(&s, "message-id="))
		return verdict(s, l);
	id = starts(s, "<") && s.n > 1 && s.p[s.n - 1] == '>' ? (struct span){ s.p + 1, s.n - 2 } : s;
	if (id.n > 998)
		return LOG_LINE_OTHER;
	l->message_id = id;
	return LOG_LINE_MESSAGE_ID;
}

static enum log_kind smtpd(struct span s, struct log_line *l)
{
	return starts(s, "client=") ? LOG_LINE_CLIENT : verdict(s, l);
}

/* "disconnect from host[1.2.3.4] ehlo=2 mail=1 rcpt=2 data=0/1 commands=7/8": how many of how many. */
static enum log_kind session(struct span s, struct log_line *l)
{
	struct span word;
	bool none = false, some = false;

	if (starts(s, "connect from "))
		return LOG_LINE_CONNECT;
	if (!take(&s, "disconnect from ") || !take_until(&s, ']', &word))
		return LOG_LINE_OTHER;
	l->words = (struct span){ "every DATA of the connection failed", 35 };
	l->ours = true;
	while (s.n) {
		struct span count;

		take(&s, " ");
		if (!take_until(&s, ' ', &word)) {
			word = s;
			s.n = 0;
		}
		if (!take(&word, "data=") && !take(&word, "bdat="))
			continue;
		count = word;
		if (take(&count, "0/") && take_number(&count) && !count.n)
			none = true;
		else
			some = true;
	}
	return none && !some ? LOG_LINE_NONE_TAKEN : LOG_LINE_DONE;
}

enum log_kind postfix_line(struct span s, struct log_line *l)
{
	static const char *const agents[] = { "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry",
					      "discard", "relay" };
	static const char *const managers[] = { "qmgr", "oqmgr", "nqmgr" };
	bool at_door = span_eq(l->service, "smtpd");

	if (starts(s, "warning: ") && (at_door || span_eq(l->service, "cleanup")))
		return write_failure(s, l);
	if (at_door && (starts(s, "connect from ") || starts(s, "disconnect from ")))
		return session(s, l);
	if (!take_queue_id(&s, &l->queue_id))
		return LOG_LINE_OTHER;
	if (ONE_OF(l->service, managers))
		return queue_manager(s, l);
	if (ONE_OF(l->service, agents))
		return delivery(s, l);
	if (span_eq(l->service, "cleanup"))
		return cleanup(s, l);
	if (at_door)
		return smtpd(s, l);
	if (span_eq(l->service, "postsuper"))
		return by_hand(s, l);
	return span_eq(l->service, "pickup") ? pickup(s, l) : LOG_LINE_OTHER;
}
