/* SPDX-License-Identifier: MPL-2.0
 *
 * What stands before the words of a line, and the pieces that both MTAs' words are made of:
 *   Nov 21 12:13:00 host postfix/smtp[123]: words			(syslog, postlogd)
 *   2026-11-21T12:13:00.1+01:00 host postfix/submission/smtpd[9]: words
 *   <22>1 2026-11-21T12:13:00Z host postfix/smtp 123 - - words	(RFC 5424)
 */
#include "config.h"

#include "logwatch/parse_private.h"

enum { QUEUE_ID_MAX = 40 };

static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const char *log_kind_name(enum log_kind k)
{
	static const char *const names[LOG_LINE_KIND_COUNT] = {
		[LOG_LINE_OTHER] = "other", [LOG_LINE_MESSAGE_ID] = "message_id",
		[LOG_LINE_QUEUED] = "queued", [LOG_LINE_SENT] = "sent",
		[LOG_LINE_PASSED_ON] = "passed_on", [LOG_LINE_DEFERRED] = "deferred",
		[LOG_LINE_BOUNCED] = "bounced", [LOG_LINE_EXPIRED] = "expired",
		[LOG_LINE_REJECTED] = "rejected", [LOG_LINE_HELD] = "held",
		[LOG_LINE_DISCARDED] = "discarded", [LOG_LINE_REQUEUED] = "requeued",
		[LOG_LINE_REMOVED] = "removed", [LOG_LINE_CLIENT] = "client",
		[LOG_LINE_CONNECT] = "connect", [LOG_LINE_DONE] = "done",
		[LOG_LINE_NONE_TAKEN] = "none_taken",
	};

	return k < LOG_LINE_KIND_COUNT ? names[k] : "-";
}

/* ---- pieces ---- */

bool take_until(struct span *s, char c, struct span *out_r)
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

bool take_number(struct span *s)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	*s = after(*s, n);
	return n > 0 && n < 20;
}

bool all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

bool is_queue_id(struct span s)
{
	static const char *const words[] = { "NOQUEUE", "warning", "error", "fatal", "panic", "info" };

	if (s.n < 5 || s.n > QUEUE_ID_MAX || !all_of(s, alnum))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_eq(s, words[i]))
			return false;
	return true;
}

bool take_queue_id(struct span *s, struct span *id_r)
{
	struct span rest = *s, id;

	if (!take_until(&rest, ':', &id) || !is_queue_id(id) || !take(&rest, " "))
		return false;
	*id_r = id;
	*s = rest;
	return true;
}

bool take_bracketed(struct span *s, struct span *out_r)
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

bool is_dsn(struct span s)
{
	return s.n >= 5 && s.n <= 11 && s.p[0] >= '2' && s.p[0] <= '5' && s.p[1] == '.'
		&& all_of(s, "0123456789.");
}

/* ---- date ---- */

static void fraction(struct span *s)
{
	struct span rest = *s;

	if (take(&rest, ".") && take_number(&rest))
		*s = rest;
}

static bool time_of_day(struct span *s, struct log_stamp *at)
{
	bool ok = digits(s, 2, &at->hour) && take(s, ":") && digits(s, 2, &at->minute) && take(s, ":")
		&& digits(s, 2, &at->second) && at->hour < 24 && at->minute < 60 && at->second < 61;

	if (ok)
		fraction(s);
	return ok;
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

static bool zone(struct span *s, struct log_stamp *at)
{
	int h, m, sign;

	at->zoned = true;
	if (take(s, "Z"))
		return true;
	sign = take(s, "-") ? -1 : take(s, "+") ? 1 : 0;
	if (!sign || !digits(s, 2, &h))
		return false;
	take(s, ":");
	if (!digits(s, 2, &m) || h > 14 || m > 59)
		return false;
	at->offset = sign * (h * 3600 + m * 60);
	return true;
}

static bool rfc3339(struct span *s, struct log_stamp *at)
{
	struct span rest = *s;

	if (!digits(&rest, 4, &at->year) || !take(&rest, "-") || !digits(&rest, 2, &at->month)
	    || !take(&rest, "-") || !digits(&rest, 2, &at->day) || !take(&rest, "T")
	    || !time_of_day(&rest, at) || !zone(&rest, at) || !take(&rest, " "))
		return false;
	if (at->year < 1970 || at->month < 1 || at->month > 12 || at->day < 1 || at->day > 31)
		return false;
	*s = rest;
	return true;
}

/* ---- host and program ---- */

/* "postfix/smtp[123]: " */
static bool tag_and_pid(struct span *s, struct log_entry *e)
{
	struct span tag;

	if (!take_until(s, ' ', &tag) || tag.n < 2 || tag.p[tag.n - 1] != ':')
		return false;
	tag.n--;
	return take_until(&tag, '[', &e->tag) && take_until(&tag, ']', &e->pid) && !tag.n;
}

/* "postfix/smtp 123 ID [x@1 a=\"]\"] " */
static bool tag_and_data(struct span *s, struct log_entry *e)
{
	struct span skip;

	if (!take_until(s, ' ', &e->tag) || !take_until(s, ' ', &e->pid) || !take_until(s, ' ', &skip))
		return false;
	if (take(s, "- ") || !starts(*s, "["))
		goto text;
	while (take(s, "[")) {
		bool quoted = false;
		size_t i = 0;

		for (; i < s->n && (quoted || s->p[i] != ']'); i++) {
			if (s->p[i] == '\\' && quoted)
				i++;
			else if (s->p[i] == '"')
				quoted = !quoted;
		}
		if (i >= s->n)
			return false;
		*s = after(*s, i + 1);
	}
	if (!take(s, " "))
		return false;
text:
	take(s, "\xef\xbb\xbf");
	return true;
}

bool log_entry_split(struct span line, struct log_entry *out_r)
{
	struct log_entry *e = out_r;
	struct span pri, rest;
	bool rfc5424;

	*e = (struct log_entry){ .at = { .year = 0 } };
	line = span_trim(line);
	if (line.n > LOG_LINE_MAX || (line.n && memchr(line.p, '\0', line.n)))
		return false;
	rest = line;
	if (take(&rest, "<") && take_until(&rest, '>', &pri) && pri.n <= 3 && all_of(pri, "0123456789"))
		line = rest;
	rfc5424 = take(&line, "1 ");
	if (rfc5424 || !traditional(&line, &e->at)) {
		e->at = (struct log_stamp){ .year = 0 };
		if (!rfc3339(&line, &e->at))
			return false;
	}
	if (!take_until(&line, ' ', &e->host) || !e->host.n)
		return false;
	if (!(rfc5424 ? tag_and_data(&line, e) : tag_and_pid(&line, e)))
		return false;
	e->text = line;
	return true;
}

/* "postfix/submission/smtpd" -> last component, if the rest is of an instance that we follow */
static bool instance_of(struct span tag, const char *const *instances, size_t n, struct span *service_r)
{
	size_t slash = tag.n;

	for (size_t i = 0; i < n; i++)
		if (span_eq(tag, instances[i])) {
			*service_r = (struct span){ "sendmail", 8 };
			return true;
		}
	while (slash > 0 && tag.p[slash - 1] != '/')
		slash--;
	if (slash == 0 || slash == tag.n)
		return false;
	*service_r = after(tag, slash);
	tag.n = slash - 1;
	for (size_t i = 0; i < n; i++) {
		struct span rest = tag;

		if (take(&rest, instances[i]) && (!rest.n || rest.p[0] == '/'))
			return true;
	}
	return false;
}

bool log_entry_parse(const struct log_entry *e, const char *const *instances, size_t instances_n,
		     struct log_line *out_r)
{
	struct log_line *l = out_r;
	bool bare;

	*l = (struct log_line){ .kind = LOG_LINE_OTHER, .at = e->at, .host = e->host, .tag = e->tag,
				.pid = e->pid };
	if (!e->host.n || !e->tag.n || !all_of(e->pid, "0123456789")
	    || !instance_of(e->tag, instances, instances_n, &l->service))
		return false;
	bare = !memchr(e->tag.p, '/', e->tag.n);
	l->kind = bare ? sendmail_line(e->text, l) : postfix_line(e->text, l);
	return true;
}

bool log_line_parse(struct span line, const char *const *instances, size_t instances_n,
		    struct log_line *out_r)
{
	struct log_entry e;

	*out_r = (struct log_line){ .kind = LOG_LINE_OTHER };
	return log_entry_split(line, &e) && log_entry_parse(&e, instances, instances_n, out_r);
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
