/* SPDX-License-Identifier: MPL-2.0
 *
 * Puts a mail together again from libmilter's callbacks, as far as it is looked at.
 */
#include "config.h"

#include "milter/milter.h"

#include "base/arena.h"

#include <assert.h>

enum {
	HEADERS_KEPT = 2 * MESSAGE_MAX_HEADERS,
	HEADER_BYTES_KEPT = 4 * MESSAGE_MAX_HEADER_BYTES,
};

const char *const marked_names[MARK_COUNT] = {
	[MARK_LIST_UNSUBSCRIBE] = "List-Unsubscribe",
	[MARK_LIST_UNSUBSCRIBE_POST] = "List-Unsubscribe-Post",
	[MARK_FEEDBACK_ID] = "Feedback-ID",
	[MARK_MESSAGE_ID] = "Message-ID",
};

struct mail *mail_new(struct settings *s)
{
	struct arena *a = arena_new(256u << 20);
	struct mail *m = arena_new_of(a, struct mail);

	m->arena = a;
	m->settings = s;
	m->sender = "";
	buf_init(&m->raw, a);
	return m;
}

void mail_free(struct mail *m)
{
	if (!m)
		return;
	settings_unref(m->settings);
	arena_free(m->arena);
}

void mail_rcpt(struct mail *m, const char *path, const char *key)
{
	if (m->recipients_n == m->recipients_room) {
		size_t room = m->recipients_room ? 2 * m->recipients_room : 8;
		const char **keys = arena_array(m->arena, const char *, room);
		const char **paths = arena_array(m->arena, const char *, room);

		for (size_t i = 0; i < m->recipients_n; i++) {
			keys[i] = m->recipients[i];
			paths[i] = m->paths[i];
		}
		m->recipients = keys;
		m->paths = paths;
		m->recipients_room = room;
	}
	m->recipients[m->recipients_n] = key;
	m->paths[m->recipients_n++] = arena_strdup(m->arena, path);
}

static void count_foreign(struct mail *m, const char *name)
{
	for (size_t i = 0; i < m->foreign_n; i++) {
		if (str_eq_case(m->foreign[i].name, name)) {
			m->foreign[i].count++;
			return;
		}
	}
	if (m->foreign_n == FOREIGN_MAX) {
		m->foreign_over = true;
		return;
	}
	m->foreign[m->foreign_n++] = (struct foreign){ arena_strdup(m->arena, name), 1 };
}

void mail_header(struct mail *m, const char *name, const char *value)
{
	const char *p;

	/* counted however many there are: what is to be taken out is named by its place */
	if (span_starts_case(span_of(name), "Relent-"))
		count_foreign(m, name);
	for (size_t i = 0; i < MARK_COUNT; i++) {
		if (str_eq_case(name, marked_names[i]))
			m->marks[i]++;
	}
	if (!m->subject && str_eq_case(name, "Subject"))
		m->subject = arena_strdup(m->arena, value);
	if (++m->headers_n > HEADERS_KEPT || m->raw.n > HEADER_BYTES_KEPT) {
		m->cut = true;
		return;
	}
	buf_adds(&m->raw, name);
	buf_adds(&m->raw, ": ");
	/* folded lines come with LF alone; a line that does not begin with a blank would be a header
	 * of its own */
	for (p = value; *p; p++) {
		if (*p == '\r')
			continue;
		if (*p != '\n') {
			buf_addc(&m->raw, *p);
			continue;
		}
		buf_adds(&m->raw, "\r\n");
		if (p[1] != ' ' && p[1] != '\t')
			buf_addc(&m->raw, ' ');
	}
	buf_adds(&m->raw, "\r\n");
}

static void headers_end(struct mail *m)
{
	if (m->headers_done)
		return;
	m->headers_done = true;
	buf_adds(&m->raw, "\r\n");
}

void mail_body(struct mail *m, const unsigned char *p, size_t n)
{
	size_t room = m->settings->body_bytes - m->body_n;

	headers_end(m);
	if (n > room) {
		n = room;
		m->cut = true;
	}
	buf_add(&m->raw, p, n);
	m->body_n += n;
}

const struct message *mail_message(struct mail *m)
{
	struct message *msg;
	struct err e;

	headers_end(m);
	if (message_read(m->arena, m->raw.p, m->raw.n, &msg, &e) == OK)
		return msg;
	msg = arena_new_of(m->arena, struct message);
	msg->subject = msg->text = "";
	msg->content_type = "text/plain";
	msg->broken = true;
	return msg;
}
