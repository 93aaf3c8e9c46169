/* SPDX-License-Identifier: MPL-2.0
 *
 * Refusals as a rep reads them: at most two short ASCII lines from conf/refusals.conf, filled with
 * the fact, the date and what to do. What a mail contains is cut and made plain before it gets in.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 200, VALUE_MAX_BYTES = 90, PAIRS_MAX = 16 };

struct pair {
	const char *name, *value;
};

/* One value: printable ASCII on one line. Cut, so that the sentence around it survives. */
static const char *plain(struct arena *a, const char *s)
{
	char *t = text_ascii(a, text_squeeze(a, str_cut(a, s, (size_t)4 * VALUE_MAX_BYTES)));

	for (char *c = t; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	if (strlen(t) > VALUE_MAX_BYTES)
		return arena_printf(a, "%.*s...", VALUE_MAX_BYTES - 3, t);
	return t;
}

static const char *value_of(const struct pair *pairs, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++) {
		if (span_eq(name, pairs[i].name))
			return pairs[i].value;
	}
	return "";
}

/* A line is cut on a word, so that it ends like something a person wrote. */
static const char *cut_line(struct arena *a, const char *s)
{
	size_t n = strlen(s);

	if (n <= LINE_MAX_BYTES)
		return s;
	n = LINE_MAX_BYTES - 3;
	while (n > LINE_MAX_BYTES / 2 && s[n] != ' ')
		n--;
	return arena_printf(a, "%.*s...", (int)n, s);
}

static const char *fill(struct arena *a, struct span line, const struct pair *pairs, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < line.n; i++) {
		const char *end = line.p[i] == '{' ? memchr(line.p + i, '}', line.n - i) : NULL;

		if (!end) {
			buf_addc(&b, line.p[i]);
			continue;
		}
		struct span name = { line.p + i + 1, (size_t)(end - line.p) - i - 1 };

		buf_adds(&b, value_of(pairs, n, name));
		i = (size_t)(end - line.p);
	}
	return cut_line(a, text_ascii(a, b.p));
}

static const char *sentence(const struct policy_settings *s, const char *key)
{
	const char *text = NULL;

	if (s->sentence)
		text = s->sentence(s->sentence_ctx, key, s->language ? s->language : "en");
	if (!text && s->sentence)
		text = s->sentence(s->sentence_ctx, key, "en");
	return text;
}

static void say(struct arena *a, const struct policy_settings *s, const char *key,
		const char *out[2], const struct pair *pairs, size_t n)
{
	const char *text = sentence(s, key);
	struct span rest, line;

	out[0] = out[1] = NULL;
	if (!text)	/* a site's own refusals.conf may lack a sentence: the rule's name is better than nothing */
		text = arena_printf(a, "Not sent (%s).", key);
	rest = span_of(text);
	for (int i = 0; i < 2 && span_line(&rest, &line);)
		out[i++] = fill(a, line, pairs, n);
	if (!out[0])
		out[0] = "Not sent.";
}

static size_t pairs_read(struct arena *a, va_list ap, struct pair *pairs)
{
	size_t n = 0;
	const char *name;

	while ((name = va_arg(ap, const char *))) {
		const char *v = va_arg(ap, const char *);

		assert(n < PAIRS_MAX - 1);
		pairs[n++] = (struct pair){ name, plain(a, v ? v : "-") };
	}
	return n;
}

void policy_say(struct arena *a, const struct policy_settings *s, const char *key,
		const char *out[2], ...)
{
	struct pair pairs[PAIRS_MAX];
	va_list ap;
	size_t n;

	va_start(ap, out);
	n = pairs_read(a, ap, pairs);
	va_end(ap);
	say(a, s, key, out, pairs, n);
}

void plea_say(const struct hearing *h, struct plea *p, const char *key, ...)
{
	struct pair pairs[PAIRS_MAX];
	const char *hint = "";
	va_list ap;
	size_t n;

	va_start(ap, key);
	n = pairs_read(h->arena, ap, pairs);
	va_end(ap);
	if (p->over && h->anyway && p->o.mode == MODE_ENFORCE) {
		const char *lines[2];

		policy_say(h->arena, h->settings, "anyway", lines, "anyway", h->anyway, NULL);
		hint = arena_printf(h->arena, " %s", lines[0]);
	}
	pairs[n++] = (struct pair){ "or", hint };
	say(h->arena, h->settings, key, p->o.text, pairs, n);
}

void plea_fact(const struct hearing *h, struct plea *p, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->o.fact = str_utf8(h->arena, text, strlen(text));
}

const char *hearing_time(const struct hearing *h, time_t t)
{
	char text[WHEN_TEXT];

	return arena_strdup(h->arena, when_local_text(t, h->zone, text));
}

const char *hearing_words(const struct hearing *h, const char *name)
{
	const char *text;

	if (str_empty(name))
		return "-";
	text = sentence(h->settings, arena_printf(h->arena, "reason.%s", name));
	return text ? text : name;
}

const char *policy_control_address(struct arena *a, const char *base, const char *verb)
{
	const char *at = str_empty(base) ? NULL : strchr(base, '@');

	if (!at)
		return NULL;
	if (at == base)
		return arena_printf(a, "%s%s", verb, base);
	return arena_printf(a, "%.*s+%s%s", (int)(at - base), base, verb, at);
}
