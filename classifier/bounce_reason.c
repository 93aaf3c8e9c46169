/* SPDX-License-Identifier: MPL-2.0
 *
 * From a remote's words and codes to one reason. The words are data (conf/bounces/reasons: the
 * order of its sections is the order of precedence); the codes are data (conf/bounces/status).
 * Words win over codes: "550 5.1.1 mailbox is full" is a full mailbox.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <string.h>

static const struct { bool hard, about_address; } facts[] = {
#define REASON(sym, name, hard, about_address, meaning) { hard, about_address },
#include "classifier/reasons.def"
#undef REASON
};

bool reason_hard(enum bounce_reason r)
{
	return facts[r].hard;
}

bool reason_about_address(enum bounce_reason r)
{
	return facts[r].about_address;
}

enum hardness reason_hardness(enum bounce_reason r, const char *status, const char *words)
{
	if (r == REASON_UNDEFINED)
		return HARDNESS_NONE;
	/* RFC 3463: a status of class 4 may come right later, whatever it says; somebody gave up */
	if (status && status[0] == '4' && reply_code_in(words) / 100 != 5)
		return HARDNESS_SOFT;
	return reason_hard(r) ? HARDNESS_HARD : HARDNESS_SOFT;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

const char *status_in(struct arena *a, const char *words)
{
	for (const char *p = words; p && *p; p++) {
		size_t i = 1, k;
		if ((*p != '2' && *p != '4' && *p != '5') || p[1] != '.' ||
		    (p > words && (digit(p[-1]) || p[-1] == '.')))
			continue;
		for (k = ++i; digit(p[i]); i++)
			;
		if (i == k || i - k > 3 || p[i] != '.')
			continue;
		for (k = ++i; digit(p[i]); i++)
			;
		if (i == k || i - k > 3 || (p[i] == '.' && digit(p[i + 1])))
			continue;
		return arena_strndup(a, p, i);
	}
	return NULL;
}

int reply_code_in(const char *words)
{
	for (const char *p = words; p && *p; p++) {
		if ((*p == '4' || *p == '5') && p[1] >= '0' && p[1] <= '7' && digit(p[2]) &&
		    !digit(p[3]) && p[3] != '.' && (p == words || (!digit(p[-1]) && p[-1] != '.')))
			return (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
	}
	return 0;
}

static bool reason_from(const char *name, enum bounce_reason *r)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		if (str_eq(name, reason_name((enum bounce_reason)i))) {
			*r = (enum bounce_reason)i;
			return true;
		}
	}
	return false;
}

static bool after_data(const char *words)
{
	static const char *const marks[] = { "end of DATA", "DATA command", ">>> DATA", "end of data",
					     "after DATA", "to DATA" };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (strstr(words, marks[i]))
			return true;
	return false;
}

/* X.1.N in the remote's words: it speaks of the address itself, at whatever point. */
static bool names_address(struct arena *a, const char *words)
{
	const char *status = status_in(a, words);

	return status && status[2] == '1' && status[3] == '.';
}

bool refused_after_data(struct ctx *c, const char *text, const char *words)
{
	const char *at = text;

	if (words && names_address(c->a, words))
		return false;
	while (at && (at = strstr(at, ">>> DATA")) != NULL) {
		at += strcspn(at, "\n");
		const char *reply = at + strspn(at, " \t\r\n");
		if (strncmp(reply, "<<< 5", 5) != 0)
			continue;
		/* commands sent in one go: RCPT was refused, and then DATA for want of a recipient */
		if (strstr(reply, "<<< 503") || strstr(reply, "alid recipient"))
			return false;
		const char *line = text_squeeze(c->a, arena_strndup(c->a, reply + 4,
								     strcspn(reply + 4, "\r\n")));
		if (!words || strstr(words, line))
			return true;
	}
	return false;
}

static bool weak(const struct hit *h)
{
	size_t n = strlen(h->phrase->section);

	return n > 5 && str_eq(h->phrase->section + n - 5, " weak");
}

/* A wording that only a server with a list of its users has, at whatever point it says it. */
bool reason_sure(const char *rule)
{
	return strstr(rule, "user_unknown sure") != NULL;
}

/* The hit whose section stands first in the file. */
static const struct hit *first_section(const struct hits *h, bool want_weak)
{
	const struct hit *best = NULL;

	for (size_t i = 0; i < h->n; i++)
		if (str_eq(h->h[i].phrase->topic, "reasons") && weak(&h->h[i]) == want_weak &&
		    (!best || h->h[i].phrase->id < best->phrase->id))
			best = &h->h[i];
	return best;
}

static bool by_words(struct ctx *c, const struct tokens *t, const struct hit *h,
		     enum bounce_reason *r, const char **rule_r)
{
	struct span name;

	if (!h)
		return false;
	/* "user_unknown weak" */
	name = (struct span){ h->phrase->section, strcspn(h->phrase->section, " ") };
	if (!reason_from(span_dup(c->a, name), r))
		return false;
	*rule_r = arena_printf(c->a, "%s (%s)", hit_rule(c->a, h), tokens_words(c->a, t, h->from, h->to));
	return true;
}

/* Words with the reasons in them, made once: the same words are asked about strongly, then weakly. */
struct words_read {
	const char *words;
	struct tokens t;
	struct hits h;
	struct words_read *next;
};

static const struct words_read *read_words(struct ctx *c, const char *words)
{
	struct words_read *r;
	struct tokens *t;
	size_t kept = 0;

	words = words ? words : "";
	for (r = c->words_read; r; r = r->next)
		if (str_eq(r->words, words))
			return r;
	r = arena_new_of(c->a, struct words_read);
	r->words = words;
	r->t = tokens_of(c->a, words, strlen(words));
	t = &r->t;
	/* "Recipient address rejected: Access denied": a colon ends nothing here */
	for (size_t i = 0; i < t->n; i++)
		if (t->t[i].kind != TOKEN_STOP || words[t->t[i].start] != ':')
			t->t[kept++] = t->t[i];
	t->n = kept;
	r->h = phrases_find_in(c->a, c->p, t, PHRASES_REASONS);
	r->next = c->words_read;
	c->words_read = r;
	return r;
}

enum bounce_reason bounce_reason_of(struct ctx *c, const char *words, const char *status, bool weakly,
				    const char **rule_r)
{
	enum bounce_reason r = REASON_UNDEFINED;
	const struct words_read *read = read_words(c, words);
	const struct tokens t = read->t;
	const struct hits h = read->h;
	const char *name;

	*rule_r = "-";
	if (by_words(c, &t, first_section(&h, false), &r, rule_r)) {
		/* after DATA no server speaks of one mailbox: mobile carriers refuse so what their
		 * customers filter */
		if (r == REASON_USER_UNKNOWN && after_data(words) && !names_address(c->a, words) &&
		    !reason_sure(*rule_r))
			r = REASON_FILTERED;
		/* RFC 3463: X.1.6 is exact where "not ours" is not */
		if (r == REASON_USER_UNKNOWN && status && strcmp(status + 1, ".1.6") == 0) {
			r = REASON_HAS_MOVED;
			*rule_r = arena_printf(c->a, "status:%s", status);
		}
		return r;
	}
	if (status && (name = phrases_status_reason(c->p, status)) && reason_from(name, &r)) {
		*rule_r = arena_printf(c->a, "status:%s", status);
		return r;
	}
	if (!weakly || by_words(c, &t, first_section(&h, true), &r, rule_r))
		return r;
	int code = reply_code_in(words);
	const char *key = code ? arena_printf(c->a, "%d", code) : NULL;
	if (key && (name = phrases_status_reason(c->p, key)) && reason_from(name, &r))
		*rule_r = arena_printf(c->a, "reply:%s", key);
	return r;
}

/* The same order of questions as of a delivery status (detect_bounce.c). */
struct refusal_read refusal_read(struct arena *a, const struct phrases *p, const char *words,
				 const char *status)
{
	struct ctx c = { .a = a, .p = p, .lang = "-" };
	struct refusal_read r = { .rule = "-" };
	const char *said = words ? strstr(words, " said: ") : NULL, *inner, *known = status;

	if (said)
		words = said + 7;
	inner = status_in(a, words);
	if (known && strcmp(known + 1, ".0.0") == 0)
		known = inner && strcmp(inner + 1, ".0.0") != 0 ? inner : NULL;
	/* a policy's code says nothing of what the words may say: "550 5.7.1 No such user" */
	r.reason = bounce_reason_of(&c, words, known && strcmp(known + 1, ".7.1") == 0 ? NULL : known, false,
				    &r.rule);
	if (r.reason == REASON_UNDEFINED)
		r.reason = bounce_reason_of(&c, words, known, true, &r.rule);
	r.hardness = reason_hardness(r.reason, status, words);
	r.about_address = reason_about_address(r.reason);
	return r;
}
