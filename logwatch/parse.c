/* SPDX-License-Identifier: MPL-2.0
 *
 * Lines look like this (the first form is postlogd's and traditional syslog's, the second RFC 3339):
 *   Nov 21 12:13:00 host postfix/smtp[123]: 4XyZ1: to=<a@b>, relay=..., dsn=2.0.0, status=sent (...)
 *   2026-11-21T12:13:00.1+01:00 host postfix/submission/cleanup[9]: 4XyZ1: message-id=<x@y>
 * Which program may say what is part of the form: only cleanup names a Message-ID, only delivery
 * agents a status. A remote server's words or a sender's Message-ID cannot pass for another line.
 */
#include "config.h"

#include "logwatch/parse.h"

#include <string.h>

enum { QUEUE_ID_MAX = 40, LINE_MAX_LENGTH = 16 * 1024 };

const char *log_kind_name(enum log_kind k)
{
	switch (k) {
	case LOG_LINE_OTHER: return "other";
	case LOG_LINE_MESSAGE_ID: return "message_id";
	case LOG_LINE_QUEUED: return "queued";
	case LOG_LINE_SENT: return "sent";
	case LOG_LINE_DEFERRED: return "deferred";
	case LOG_LINE_BOUNCED: return "bounced";
	case LOG_LINE_EXPIRED: return "expired";
	case LOG_LINE_REJECTED: return "rejected";
	case LOG_LINE_REMOVED: return "removed";
	}
	return "-";
}

/* ---- pieces ---- */

static bool starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static struct span after(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

static bool take(struct span *s, const char *prefix)
{
	if (!starts(*s, prefix))
		return false;
	*s = after(*s, strlen(prefix));
	return true;
}

/* Up to the first c, which is taken too. */
static bool take_until(struct span *s, char c, struct span *out_r)
{
	const char *end = s->n ? memchr(s->p, c, s->n) : NULL;

	if (!end)
		return false;
	*out_r = (struct span){ s->p, (size_t)(end - s->p) };
	*s = after(*s, out_r->n + 1);
	return true;
}

static bool digits(struct span *s, size_t n, int *out_r)
{
	int value = 0;

	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	*s = after(*s, n);
	*out_r = value;
	return true;
}

static bool all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

/* ---- date, host, program ---- */

static bool time_of_day(struct span *s, struct log_stamp *at)
{
	return digits(s, 2, &at->hour) && take(s, ":") && digits(s, 2, &at->minute) && take(s, ":")
		&& digits(s, 2, &at->second) && at->hour < 24 && at->minute < 60 && at->second < 61;
}

static bool traditional(struct span *s, struct log_stamp *at)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int m = 0; m < 12; m++) {
		struct span rest = *s;

		if (rest.n < 4 || memcmp(rest.p, months + m * 3, 3) != 0 || rest.p[3] != ' ')
			continue;
		rest = after(rest, 4);
		at->month = m + 1;
		if (take(&rest, " ") ? !digits(&rest, 1, &at->day) : !digits(&rest, 2, &at->day))
			return false;
		if (!take(&rest, " ") || !time_of_day(&rest, at) || !take(&rest, " "))
			return false;
		*s = rest;
		return at->day >= 1 && at->day <= 31;
	}
	return false;
}

static bool rfc3339(struct span *s, struct log_stamp *at)
{
	struct span rest = *s;
	int h, m, sign;

	if (!digits(&rest, 4, &at->year) || !take(&rest, "-") || !digits(&rest, 2, &at->month)
	    || !take(&rest, "-") || !digits(&rest, 2, &at->day) || !take(&rest, "T")
	    || !time_of_day(&rest, at))
		return false;
	if (take(&rest, "."))
		while (rest.n && rest.p[0] >= '0' && rest.p[0] <= '9')
			rest = after(rest, 1);
	at->zoned = true;
	if (!take(&rest, "Z")) {
		sign = take(&rest, "-") ? -1 : take(&rest, "+") ? 1 : 0;
		if (!sign || !digits(&rest, 2, &h) || !take(&rest, ":") || !digits(&rest, 2, &m)
		    || h > 14 || m > 59)
			return false;
		at->offset = sign * (h * 3600 + m * 60);
	}
	if (!take(&rest, " ") || at->year < 1970 || at->month < 1 || at->month > 12 || at->day < 1
	    || at->day > 31)
		return false;
	*s = rest;
	return true;
}

/* "postfix/submission/smtpd[123]: " -> instance and last component */
static bool program(struct span *s, const char *const *instances, size_t n, struct span *service_r)
{
	struct span tag, name, pid;
	size_t slash;

	if (!take_until(s, ' ', &tag) || tag.n < 2 || tag.p[tag.n - 1] != ':')
		return false;
	tag.n--;
	if (!take_until(&tag, '[', &name) || !take_until(&tag, ']', &pid) || tag.n
	    || !all_of(pid, "0123456789"))
		return false;
	for (slash = name.n; slash > 0 && name.p[slash - 1] != '/'; slash--)
		;
	if (slash == 0 || slash == name.n)
		return false;
	*service_r = after(name, slash);
	name.n = slash - 1;
	for (size_t i = 0; i < n; i++) {
		struct span rest = name;

		if (take(&rest, instances[i]) && (!rest.n || rest.p[0] == '/'))
			return true;
	}
	return false;
}

/* "4XyZ1: " A queue id is hexadecimal or, with long ids, letters and digits. */
static bool queue_id(struct span *s, struct span *id_r)
{
	struct span rest = *s, id;

	if (!take_until(&rest, ':', &id) || id.n < 5 || id.n > QUEUE_ID_MAX || !take(&rest, " "))
		return false;
	if (!all_of(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	    || starts(id, "NOQUEUE") || starts(id, "warning") || starts(id, "error")
	    || starts(id, "fatal") || starts(id, "panic"))
		return false;
	*id_r = id;
	*s = rest;
	return true;
}

static bool is_one_of(struct span s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(s, names[i]))
			return true;
	return false;
}

/* ---- what the programs say ---- */

/* `<address>, `: the address may hold anything in a quoted local part. */
static bool bracketed(struct span *s, struct span *out_r)
{
	bool quoted = false;

	if (!take(s, "<"))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (c == '"') {
			quoted = !quoted;
		} else if (c == '\\' && quoted) {
			i++;
		} else if (c == '>' && !quoted) {
			*out_r = (struct span){ s->p, i };
			*s = after(*s, i + 1);
			return true;
		}
	}
	return false;
}

static bool is_dsn(struct span s)
{
	return s.n >= 5 && s.n <= 11 && s.p[0] >= '2' && s.p[0] <= '5' && s.p[1] == '.'
		&& all_of(s, "0123456789.");
}

/* Nothing about the address if nobody but ourselves was asked, unless the address or its domain does not
 * exist: 5.1.x, and 5.4.4 for a domain that cannot be found. */
static bool refused_by_us(const struct log_line *l)
{
	return span_eq(l->relay, "none") && !starts(l->dsn, "5.1.") && !span_eq(l->dsn, "5.4.4");
}

/* to=<a@b>[, orig_to=<c>], relay=x, [conn_use=N, ]delay=N, delays=N/N/N/N, dsn=N.N.N, status=w (words) */
static enum log_kind delivery(struct span s, struct log_line *l)
{
	static const struct { const char *word; enum log_kind kind; } words[] = {
		{ "sent", LOG_LINE_SENT }, { "deferred", LOG_LINE_DEFERRED },
		{ "bounced", LOG_LINE_BOUNCED }, { "expired", LOG_LINE_EXPIRED },
		{ "SOFTBOUNCE", LOG_LINE_DEFERRED },
	};
	struct span skip, status;

	if (!take(&s, "to=") || !bracketed(&s, &l->recipient) || !take(&s, ", "))
		return LOG_LINE_OTHER;
	if (take(&s, "orig_to=") && (!bracketed(&s, &l->recipient) || !take(&s, ", ")))
		return LOG_LINE_OTHER;
	if (!take(&s, "relay=") || !take_until(&s, ',', &l->relay) || !take(&s, " "))
		return LOG_LINE_OTHER;
	if (take(&s, "conn_use=") && (!take_until(&s, ',', &skip) || !take(&s, " ")))
		return LOG_LINE_OTHER;
	if (!take(&s, "delay=") || !take_until(&s, ',', &skip) || !take(&s, " delays=")
	    || !take_until(&s, ',', &skip) || !take(&s, " dsn=") || !take_until(&s, ',', &l->dsn)
	    || !is_dsn(l->dsn) || !take(&s, " status=") || !take_until(&s, ' ', &status))
		return LOG_LINE_OTHER;
	if (!take(&s, "("))
		return LOG_LINE_OTHER;
	l->words = s;
	if (l->words.n && l->words.p[l->words.n - 1] == ')')
		l->words.n--;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_eq(status, words[i].word)) {
			l->ours = words[i].kind == LOG_LINE_BOUNCED && refused_by_us(l);
			return words[i].kind;
		}
	return LOG_LINE_OTHER;
}

static enum log_kind queue_manager(struct span s, struct log_line *l)
{
	static const char active[] = " (queue active)", expired[] = ", status=expired, returned to sender";
	struct span sender, rest;

	(void)l;
	if (span_eq(s, "removed"))
		return LOG_LINE_REMOVED;
	if (!take(&s, "from=") || !bracketed(&s, &sender))
		return LOG_LINE_OTHER;
	if (span_eq(s, expired))
		return LOG_LINE_EXPIRED;
	rest = s;
	if (!take(&rest, ", size=") || !take_until(&rest, ',', &sender) || !take(&rest, " nrcpt=")
	    || !take_until(&rest, ' ', &sender))
		return LOG_LINE_OTHER;
	return span_eq(rest, active + 1) ? LOG_LINE_QUEUED : LOG_LINE_OTHER;
}

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

/* milter-reject: END-OF-MESSAGE from host[1.2.3.4]: 5.7.1 words; from=<> to=<> proto=ESMTP helo=<>
 * Only what refuses the whole mail; one recipient less (RCPT) leaves the others. */
static enum log_kind rejection(struct span s, struct log_line *l)
{
	static const char *const whole[] = { "END-OF-MESSAGE ", "header ", "body ", "mime-header ",
					     "nested-header ", "DATA " };
	struct span rest;
	bool is_whole = false;
	size_t end;

	if (!take(&s, "milter-reject: ") && !take(&s, "reject: "))
		return LOG_LINE_OTHER;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		is_whole |= starts(s, whole[i]);
	if (!is_whole)
		return LOG_LINE_OTHER;
	rest = s;
	l->words = s;
	for (size_t i = 0; i + 3 < rest.n; i++)
		if (rest.p[i] == ']' && rest.p[i + 1] == ':' && rest.p[i + 2] == ' ') {
			l->words = after(rest, i + 3);
			break;
		}
	end = span_find_case(l->words, "; from=<");
	if (end != (size_t)-1)
		l->words.n = end;
	find_dsn(l);
	l->ours = true;
	return LOG_LINE_REJECTED;
}

/* cleanup could not write the queue file: the client hears 4xx, the mail is not queued. The id stands
 * behind the word "warning". */
static enum log_kind write_failure(struct span s, struct log_line *l)
{
	if (!take(&s, "warning: ") || !queue_id(&s, &l->queue_id))
		return LOG_LINE_OTHER;
	if (!starts(s, "write queue file: ") && !starts(s, "queue file size limit exceeded")
	    && !starts(s, "close queue file: ") && !starts(s, "fsync queue file: "))
		return LOG_LINE_OTHER;
	l->words = s;
	l->ours = true;
	return LOG_LINE_REJECTED;
}

static enum log_kind cleanup(struct span s, struct log_line *l)
{
	struct span id;

	if (!take(&s, "message-id="))
		return rejection(s, l);
	if (starts(s, "<") && s.p[s.n - 1] == '>')
		id = (struct span){ s.p + 1, s.n - 2 };
	else
		id = s;
	if (!id.n || id.n > 998)
		return LOG_LINE_OTHER;
	l->message_id = id;
	return LOG_LINE_MESSAGE_ID;
}

bool log_line_parse(struct span line, const char *const *instances, size_t instances_n,
		    struct log_line *out_r)
{
	static const char *const agents[] = { "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry",
					      "discard", "relay" };
	static const char *const managers[] = { "qmgr", "oqmgr", "nqmgr", "postsuper" };
	struct log_line *l = out_r;

	*l = (struct log_line){ .kind = LOG_LINE_OTHER };
	line = span_trim(line);
	if (line.n > LINE_MAX_LENGTH || (line.n && memchr(line.p, '\0', line.n)))
		return false;
	if (!traditional(&line, &l->at)) {
		l->at = (struct log_stamp){ .year = 0 };
		if (!rfc3339(&line, &l->at))
			return false;
	}
	if (!take_until(&line, ' ', &l->host) || !l->host.n
	    || !program(&line, instances, instances_n, &l->service))
		return false;
	if (span_eq(l->service, "cleanup") && starts(line, "warning: ")) {
		l->kind = write_failure(line, l);
		return true;
	}
	if (!queue_id(&line, &l->queue_id))
		return true;
	if (span_eq(l->service, "cleanup"))
		l->kind = cleanup(line, l);
	else if (span_eq(l->service, "smtpd"))
		l->kind = rejection(line, l);
	else if (is_one_of(l->service, managers, sizeof(managers) / sizeof(*managers)))
		l->kind = queue_manager(line, l);
	else if (is_one_of(l->service, agents, sizeof(agents) / sizeof(*agents)))
		l->kind = delivery(line, l);
	return true;
}

/* ---- time ---- */

static time_t in_year(const struct log_stamp *at, int year)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = at->month - 1, .tm_mday = at->day,
			 .tm_hour = at->hour, .tm_min = at->minute, .tm_sec = at->second,
			 .tm_isdst = -1 };

	return at->zoned ? timegm(&tm) - at->offset : mktime(&tm);
}

time_t log_stamp_time(const struct log_stamp *at, time_t now)
{
	struct tm today;
	time_t t;

	if (at->year)
		return in_year(at, at->year);
	localtime_r(&now, &today);
	t = in_year(at, today.tm_year + 1900 + 1);
	for (int year = today.tm_year + 1900; t > now + 86400 && year > today.tm_year + 1900 - 2; year--)
		t = in_year(at, year);
	return t;
}
