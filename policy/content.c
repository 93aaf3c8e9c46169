/* SPDX-License-Identifier: MPL-2.0
 *
 * One exact content as a hash: what a person approved, and what a program then sends, are compared by it.
 */
#include "config.h"

#include "policy/policy.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"

#include <string.h>

/* Lines end with LF, the text with exactly one: all that a transport may change. */
static void add_text(struct buf *b, const char *p, size_t n)
{
	while (n && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		buf_addc(b, p[i]);
	}
	buf_addc(b, '\n');
}

static void add_list(struct buf *b, const char *name, const struct addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s: %s\n", name, list[i].key);
}

static bool is_container(const struct part *p)
{
	return span_starts_case(span_of(p->type ? p->type : ""), "multipart/");
}

char *policy_content_hash(struct arena *a, const struct message *m)
{
	struct buf b;

	if (m->truncated || m->broken || !m->parts_n)
		return NULL;
	buf_init(&b, a);
	buf_adds(&b, "relent content 1\n");
	add_list(&b, "from", m->from, m->from_n);
	add_list(&b, "to", m->to, m->to_n);
	add_list(&b, "cc", m->cc, m->cc_n);
	add_list(&b, "reply-to", m->reply_to, m->reply_to_n);
	buf_addf(&b, "subject: %s\n", m->subject);
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct part *p = &m->parts[i];

		if (is_container(p))
			continue;
		if (!p->text)		/* what cannot be read cannot be approved */
			return NULL;
		struct buf text;

		buf_init(&text, a);
		add_text(&text, p->text, p->text_n);
		buf_addf(&b, "part: %s %s %zu\n", p->type, p->filename ? p->filename : "-", text.n);
		buf_adds(&b, text.p);
	}
	return token_hash(a, b.p, b.n);
}

struct message *policy_plain_message(struct arena *a, const char *from, const char *to, const char *subject,
				     const char *text)
{
	struct message *m = arena_new_of(a, struct message);
	struct part *p = arena_new_of(a, struct part);
	struct addr *list;

	*p = (struct part){ .type = "text/plain", .charset = "utf-8", .parent_rfc822 = -1, .text = text ? text : "" };
	p->text_n = strlen(p->text);
	*m = (struct message){ .parts = p, .parts_n = 1, .content_type = "text/plain", .text = p->text,
			       .subject = text_squeeze(a, subject ? subject : "") };
	m->from_n = addr_list(a, from ? from : "", 1, &list);
	m->from = list;
	m->to_n = addr_list(a, to ? to : "", 1, &list);
	m->to = list;
	return m;
}

char *policy_plain_hash(struct arena *a, const char *from, const char *to, const char *subject, const char *text)
{
	return policy_content_hash(a, policy_plain_message(a, from, to, subject, text));
}
