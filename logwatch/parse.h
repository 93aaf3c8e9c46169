/* SPDX-License-Identifier: MPL-2.0
 *
 * One line of Postfix's or Sendmail's log. Pure, bounded, strict: what does not have exactly the form
 * that they write says nothing. Addresses, remote servers' words and Message-IDs in a line are hostile
 * input: which program may say what is part of the form, and what outsiders chose is stepped over by
 * its own rules, never searched.
 */
#ifndef LOGWATCH_PARSE_H
#define LOGWATCH_PARSE_H

#include <stdbool.h>
#include <time.h>

#include "base/str.h"

enum { LOG_LINE_MAX = 16 * 1024 };

enum log_kind {
	LOG_LINE_OTHER,		/* of our MTA, but nothing for us */
	LOG_LINE_MESSAGE_ID,	/* the Message-ID of a queue id */
	LOG_LINE_QUEUED,	/* (queue active) */
	LOG_LINE_SENT,		/* per recipient: status=... */
	LOG_LINE_PASSED_ON,	/* to another queue of this very host (a content filter): next_id */
	LOG_LINE_DEFERRED,
	LOG_LINE_BOUNCED,
	LOG_LINE_EXPIRED,
	LOG_LINE_REJECTED,	/* the whole mail, at its end: it was never queued */
	LOG_LINE_HELD,		/* kept in the queue until somebody lets it go */
	LOG_LINE_DISCARDED,	/* thrown away by a rule of this host, or by its administrator */
	LOG_LINE_REQUEUED,	/* it goes on under next_id */
	LOG_LINE_REMOVED,	/* out of the queue */
	LOG_LINE_CLIENT,	/* smtpd (pid) takes a mail in under this queue id */
	LOG_LINE_CONNECT,	/* smtpd (pid): a new client */
	LOG_LINE_DONE,		/* smtpd (pid): the client has gone */
	LOG_LINE_NONE_TAKEN,	/* the same, and every DATA of it was answered with an error */
	LOG_LINE_KIND_COUNT
};
const char *log_kind_name(enum log_kind k);

struct log_stamp {
	int year;		/* 0: the line has none (traditional form) */
	int month, day, hour, minute, second;
	bool zoned;
	int offset;		/* seconds east of UTC, if zoned */
};

/* What every form of a log (lines of a file, entries of the journal) says before the words. */
struct log_entry {
	struct log_stamp at;
	struct span host;
	struct span tag;	/* "postfix/submission/smtpd", "sm-mta" */
	struct span pid;
	struct span text;
};

/* Spans point into the line. */
struct log_line {
	enum log_kind kind;
	struct log_stamp at;
	struct span host;
	struct span tag, pid;
	struct span service;	/* smtp, cleanup, ...; sendmail for all of Sendmail's */
	struct span queue_id;
	struct span next_id;	/* REQUEUED, PASSED_ON */
	struct span message_id;	/* without <> */
	struct span recipient;	/* as it was when the milter saw it: orig_to if there is one */
	struct span more;	/* Sendmail: further recipients, "<b@c>,<d@e>" */
	struct span relay;
	struct span dsn;	/* "5.1.1" */
	struct span words;
	bool ours;		/* refused by our own MTA or a milter: nothing about the address */
};

/* The parts of a line of a file: traditional (RFC 3164, also with <PRI>), ISO 8601 stamps, RFC 5424. */
bool log_entry_split(struct span line, struct log_entry *out_r);

/* instances: syslog names to follow ("postfix" also covers "postfix/submission"; a name without a slash
 * in the log, "sm-mta", is Sendmail). False: not of those, or not a log line at all. */
bool log_entry_parse(const struct log_entry *entry, const char *const *instances, size_t instances_n,
		     struct log_line *out_r);
bool log_line_parse(struct span line, const char *const *instances, size_t instances_n,
		    struct log_line *out_r);

/* The next of log_line.more; false at the end. */
bool log_line_more(struct span *rest, struct span *recipient_r);

/* The moment of a line. A stamp without year is the latest one not after now (a day of tolerance); one
 * without zone is local time. */
time_t log_stamp_time(const struct log_stamp *at, time_t now);

#endif
