/* SPDX-License-Identifier: MPL-2.0
 *
 * One line of Postfix's log. Pure, bounded, strict: what does not have exactly the form that Postfix
 * writes says nothing. Addresses, remote servers' words and Message-IDs in a line are hostile input.
 */
#ifndef LOGWATCH_PARSE_H
#define LOGWATCH_PARSE_H

#include <stdbool.h>
#include <time.h>

#include "base/str.h"

enum log_kind {
	LOG_LINE_OTHER,		/* of our Postfix, but nothing for us */
	LOG_LINE_MESSAGE_ID,	/* cleanup saw the Message-ID */
	LOG_LINE_QUEUED,	/* (queue active) */
	LOG_LINE_SENT,		/* per recipient: status=... */
	LOG_LINE_DEFERRED,
	LOG_LINE_BOUNCED,
	LOG_LINE_EXPIRED,
	LOG_LINE_REJECTED,	/* the whole mail, at its end: it was never queued */
	LOG_LINE_REMOVED,	/* out of the queue */
};
const char *log_kind_name(enum log_kind k);

struct log_stamp {
	int year;		/* 0: the line has none (traditional form) */
	int month, day, hour, minute, second;
	bool zoned;
	int offset;		/* seconds east of UTC, if zoned */
};

/* Spans point into the line. */
struct log_line {
	enum log_kind kind;
	struct log_stamp at;
	struct span host;
	struct span service;	/* smtp, cleanup, ... */
	struct span queue_id;
	struct span message_id;	/* without <> */
	struct span recipient;	/* as it was when the milter saw it: orig_to if there is one */
	struct span relay;
	struct span dsn;	/* "5.1.1" */
	struct span words;
	bool ours;		/* refused by our own MTA or a milter: nothing about the address */
};

/* instances: syslog names to follow ("postfix" also covers "postfix/submission"). False: not a line of
 * those, or not a log line at all. */
bool log_line_parse(struct span line, const char *const *instances, size_t instances_n,
		    struct log_line *out_r);

/* The moment of a line. A stamp without year is the latest one not after now (a day of tolerance); one
 * without zone is local time. */
time_t log_stamp_time(const struct log_stamp *at, time_t now);

#endif
