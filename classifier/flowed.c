/* SPDX-License-Identifier: MPL-2.0
 *
 * RFC 3676 format=flowed: paragraphs put together again.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/message_private.h"

static size_t quote_depth(struct span l)
{
	size_t d = 0;

	while (d < l.n && l.p[d] == '>')
		d++;
	return d;
}

char *text_unflow(struct arena *a, const char *p, size_t n, bool delsp, size_t *n_r)
{
	struct span rest = { p, n }, line;
	struct buf b;
	bool open = false;
	size_t depth = 0;

	buf_init(&b, a);
	while (span_line(&rest, &line)) {
		size_t d = quote_depth(line);
		struct span body = { line.p + d, line.n - d };
		if (body.n && body.p[0] == ' ')	/* space-stuffed */
			body = (struct span){ body.p + 1, body.n - 1 };
		bool signature = span_eq(body, "-- ");
		if (open && (d != depth || signature)) {
			buf_addc(&b, '\n');
			open = false;
		}
		if (!open) {
			for (size_t i = 0; i < d; i++)
				buf_addc(&b, '>');
			if (d)
				buf_addc(&b, ' ');
		}
		depth = d;
		open = !signature && body.n && body.p[body.n - 1] == ' ';
		if (open && delsp)
			body.n--;
		buf_add(&b, body.p, body.n);
		if (!open)
			buf_addc(&b, '\n');
	}
	if (open)
		buf_addc(&b, '\n');
	*n_r = b.n;
	return b.p;
}
