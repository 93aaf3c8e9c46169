/* SPDX-License-Identifier: MPL-2.0
 *
 * How a function says that it failed: a status for the program, a sentence for the person.
 * Not for refusals and not for "I do not know": those are values of their own.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum status {
	OK = 0,
	AGAIN,	/* temporary: the same call may succeed later */
	UNSURE,	/* a write may or may not have happened: repeat it with the same key */
	INPUT,	/* this mail, row, argument or peer is at fault; the next one may be fine */
	CONF,	/* the administrator has to change something */
	GONE,	/* what was asked for is not there */
	SYS,	/* the system failed us: disk, memory, descriptor */
};

/* One sentence, lower case, without a final full stop, the thing in quotes:
 * "cannot open '/etc/relent/relent.conf': permission denied". */
struct err {
	char text[600];
};

/* Sets the sentence (e may be NULL) and returns s, so that callers write
 * `return err_set(e, CONF, "cannot open '%s': %s", path, strerror(errno));`.
 * Control characters in the result are replaced by '?', and an over-long text is cut. */
enum status err_set(struct err *e, enum status s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "what: " before the sentence already there. */
enum status err_prefix(struct err *e, enum status s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "ok", "again", ... for logs and tests. Never NULL. */
const char *status_name(enum status s);

#endif
