/* SPDX-License-Identifier: MPL-2.0
 *
 * Standard error is polled before each write: a reader that stopped reading, or went away, costs lines,
 * never a mail. It is not made non-blocking: whoever started us shares it.
 */
#include "config.h"

#include "base/log.h"

#include "base/str.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2000, VALUE_MAX_BYTES = 400 };

static struct {
	pthread_mutex_t lock;
	const char *name;
	enum log_level least;
	bool journal;
	unsigned long dropped;
	void (*capture)(void *ctx, enum log_level level, const char *line);
	void *capture_ctx;
} sink = { .lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_LEVEL_INFO };

void log_open(const char *name, enum log_level least)
{
	pthread_mutex_lock(&sink.lock);
	sink.name = name;
	sink.least = least;
	sink.journal = getenv("JOURNAL_STREAM") != NULL;
	pthread_mutex_unlock(&sink.lock);
}

void log_capture(void (*fn)(void *ctx, enum log_level level, const char *line), void *ctx)
{
	pthread_mutex_lock(&sink.lock);
	sink.capture = fn;
	sink.capture_ctx = ctx;
	pthread_mutex_unlock(&sink.lock);
}

struct line {
	char p[LINE_MAX_BYTES];
	size_t n;
};

static void add(struct line *l, const char *s, size_t n)
{
	if (n > sizeof l->p - 8 - l->n)
		n = sizeof l->p - 8 - l->n;
	memcpy(l->p + l->n, s, n);
	l->n += n;
}

/* How many bytes at p a reader must not get as they are: controls, C1 controls (escape sequences to some
 * terminals), line separators and marks that turn the direction of writing, bytes that are not UTF-8. */
static size_t unsafe(const char *s, bool utf8)
{
	const unsigned char *p = (const unsigned char *)s;

	if (p[0] < ' ' || p[0] == 0x7f || (p[0] >= 0x80 && !utf8))
		return 1;
	if (p[0] == 0xc2 && p[1] < 0xa0)
		return 2;
	if (p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
			     (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
		return 3;
	return 0;
}

/* Quoted where a blank, quote, backslash, '=' or control would make the line ambiguous. */
static void add_value(struct line *l, const char *v)
{
	size_t n = strlen(v), i = 0;
	bool utf8 = str_is_utf8(v, n), quote = n == 0;

	for (size_t k = 0; k < n && !quote; k++)
		quote = v[k] == ' ' || v[k] == '"' || v[k] == '\\' || v[k] == '=' || unsafe(v + k, utf8);
	if (quote)
		add(l, "\"", 1);
	while (i < n && i < VALUE_MAX_BYTES) {
		size_t bad = unsafe(v + i, utf8);

		for (size_t end = i + bad; i < end; i++) {
			char hex[5];

			snprintf(hex, sizeof hex, "\\x%02x", (unsigned char)v[i]);
			add(l, hex, 4);
		}
		if (bad)
			continue;
		if (v[i] == '"' || v[i] == '\\')
			add(l, "\\", 1);
		do	/* a character is not cut */
			add(l, v + i++, 1);
		while (utf8 && ((unsigned char)v[i] & 0xc0) == 0x80);
	}
	if (i < n)
		add(l, "...", 3);
	if (quote)
		add(l, "\"", 1);
}

static bool put(const char *p, size_t n)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* POLLERR: nobody reads any more; writing would bring SIGPIPE */
	if (poll(&fd, 1, 0) != 1 || !(fd.revents & POLLOUT) || (fd.revents & POLLERR))
		return false;
	return write(STDERR_FILENO, p, n) == (ssize_t)n;
}

static void emit(enum log_level level, struct line *l)
{
	static const char *const prefix[] = { "<7>", "<6>", "<4>", "<3>", "<2>" };
	static const char *const word[] = { "debug ", "", "warn ", "error ", "fatal " };
	char out[LINE_MAX_BYTES + 64];
	int head = sink.journal ? snprintf(out, 60, "%s", prefix[level])
		: snprintf(out, 60, "%.40s: %s", sink.name ? sink.name : "relent", word[level]);

	memcpy(out + head, l->p, l->n);
	out[(size_t)head + l->n] = '\n';
	if (sink.dropped) {
		char told[64];
		int n = snprintf(told, sizeof told, "%slog: dropped lines=%lu\n",
				 sink.journal ? "<4>" : "", sink.dropped);

		if (!put(told, (size_t)n)) {
			sink.dropped++;
			return;
		}
		sink.dropped = 0;
	}
	if (!put(out, (size_t)head + l->n + 1))
		sink.dropped++;
}

void log_event(enum log_level level, const char *who, const char *verb, ...)
{
	struct line l = { .n = 0 };
	const char *key, *value;
	va_list ap;

	if (level < sink.least && !sink.capture)
		return;
	if (who) {
		add(&l, who, strnlen(who, 200));
		add(&l, ": ", 2);
	}
	add(&l, verb, strnlen(verb, 100));
	va_start(ap, verb);
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		add(&l, " ", 1);
		add(&l, key, strnlen(key, 60));
		add(&l, "=", 1);
		add_value(&l, value ? value : "-");
	}
	va_end(ap);
	l.p[l.n] = '\0';
	for (size_t i = 0; i < l.n; i++)	/* who and verb are ours, but may carry foreign bytes */
		if ((unsigned char)l.p[i] < ' ' || l.p[i] == 0x7f)
			l.p[i] = '?';
	pthread_mutex_lock(&sink.lock);
	if (sink.capture)
		sink.capture(sink.capture_ctx, level, l.p);
	else
		emit(level, &l);
	pthread_mutex_unlock(&sink.lock);
}

const char *log_num(long long n)
{
	static _Thread_local char ring[16][24];
	static _Thread_local unsigned at;
	char *p = ring[at++ % 16];

	snprintf(p, sizeof ring[0], "%lld", n);
	return p;
}
