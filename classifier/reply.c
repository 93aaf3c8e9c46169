/* SPDX-License-Identifier: MPL-2.0
 *
 * The order of the detectors: structure before words, machines before persons.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"

#include <assert.h>
#include <string.h>

static const double THRESHOLD = 0.5;

void ctx_evidence(struct ctx *c, const char *rule, const char *words, const char *where)
{
	if (c->f->evidence_n == EVIDENCE_MAX || !rule || str_eq(rule, "-"))
		return;
	c->evidence[c->f->evidence_n++] = (struct evidence_item){
		rule, words ? str_cut(c->a, text_squeeze(c->a, words), 120) : "", where };
}

struct reading ctx_read_in(struct ctx *c, const char *text, unsigned sets)
{
	struct reading r = { .text = text };

	r.t = tokens_of(c->a, text, strlen(text));
	r.h = phrases_find_in(c->a, c->p, &r.t, sets);
	return r;
}

struct reading ctx_read(struct ctx *c, const char *text)
{
	return ctx_read_in(c, text, PHRASES_ALL);
}

const struct hit *reading_hit(const struct reading *r, const char *topic, const char *section)
{
	for (size_t i = 0; i < r->h.n; i++)
		if (hit_is(&r->h.h[i], topic, section))
			return &r->h.h[i];
	return NULL;
}

void ctx_hit_evidence(struct ctx *c, const struct reading *r, const struct hit *h, const char *where)
{
	ctx_evidence(c, hit_rule(c->a, h), tokens_words(c->a, &r->t, h->from, h->to), where);
}

/* "Re: ", "AW: " and the like. */
static bool answers_us(const struct message *m)
{
	return m->in_reply_to_n || m->references_n;
}

void ctx_new_text(struct ctx *c)
{
	struct finding *f = c->f;

	c->visible = message_visible(c->a, c->p, c->m);
	/* the subject decides only if the body is empty, and only what an answerer wrote in it */
	if (span_trim(span_of(c->visible.text)).n == 0 && *c->m->subject && c->m->parts_n < 3) {
		struct span s = span_trim(span_of(c->m->subject));
		bool prefixed = false;
		const char *colon = memchr(s.p, ':', s.n);
		if (colon && colon - s.p <= 5 && answers_us(c->m))
			prefixed = true;	/* our own subject coming back */
		if (!prefixed) {
			c->visible.text = c->m->subject;
			ctx_evidence(c, "subject", c->m->subject, "subject");
		}
	}
	f->visible = c->visible.text;
	f->ignored_quote = c->visible.quote;
	f->ignored_footer = c->visible.signature;
	c->body = ctx_read(c, c->visible.text);
	c->lang = language_of(c, &c->body.t, &c->lang_clear);
	c->lang_sure = !str_eq(c->lang, "-");
	f->language = c->lang;
}

/* Calendar answers may carry words; they outweigh the bare answer. */
static void calendar_words(struct ctx *c)
{
	struct finding *f = c->f, was = *f;
	const char *comment = f->visible;

	ctx_new_text(c);
	if (!str_empty(comment)) {
		c->visible.text = comment;
		f->visible = comment;
		c->body = ctx_read(c, comment);
		c->lang = f->language = language_of(c, &c->body.t, &c->lang_clear);
	}
	/* clients put the subject ("Declined: Visit") where a comment would stand */
	if (str_eq(text_squeeze(c->a, c->visible.text), text_squeeze(c->a, c->m->subject)))
		c->body = ctx_read(c, c->visible.text = f->visible = "");
	detect_person(c);
	bool weak = f->class == REPLY_UNKNOWN || f->class == REPLY_QUESTION || f->confidence < 0.6;
	bool said_no = f->class == REPLY_COMPLAINT || f->class == REPLY_UNSUBSCRIBE;
	/* an invitation's own text is no answer, unless it is a plain demand */
	if ((weak || str_eq(f->calendar_method, "REQUEST")) && !said_no) {
		struct finding now = *f;
		*f = was;
		f->visible = now.visible;
		f->ignored_quote = now.ignored_quote;
		f->ignored_footer = now.ignored_footer;
		f->language = now.language;
		if (f->evidence_n == 0)
			ctx_evidence(c, "part:text/calendar", f->calendar_method, "calendar");
	}
	if (f->class == REPLY_REFERRAL && f->referred_n == 0)
		referred_find(c, true);
	f->kind = KIND_CALENDAR;
}

struct ctx *ctx_new(struct arena *a, const struct phrases *p, const struct message *m,
		    const struct reply_context *rc)
{
	struct ctx *c = arena_new_of(a, struct ctx);
	struct finding *f = arena_new_of(a, struct finding);

	c->a = a;
	c->p = p;
	c->m = m;
	c->rc = rc;
	c->f = f;
	c->lang = f->language = "-";
	c->evidence = arena_array(a, struct evidence_item, EVIDENCE_MAX);
	f->evidence = c->evidence;
	f->visible = f->ignored_quote = f->ignored_footer = "";
	c->subject = ctx_read_in(c, m->subject, PHRASES_SIGNS | PHRASES_AWAY);
	return c;
}

struct finding *reply_classify(struct arena *a, const struct phrases *p, const struct message *m,
			       const struct reply_context *rc)
{
	struct ctx *c = ctx_new(a, p, m, rc);
	struct finding *f = c->f;

	assert(a && p && m);
	if (detect_complaint(c) || detect_bounce(c) || detect_receipt(c))
		return f;
	if (detect_calendar(c)) {
		calendar_words(c);
		return f;
	}
	if (detect_bounce_text(c))
		return f;
	ctx_new_text(c);
	if (detect_away(c)) {
		if (f->kind == KIND_HUMAN)
			person_doubt(c);
	} else if (!detect_list(c)) {
		detect_person(c);
		/* a mail system's own notice, whatever it says; postmasters are persons if they answer */
		if (from_mail_system(c) && !answers_us(m) && !(m->return_path && !*m->return_path)) {
			f->kind = KIND_OTHER;
			f->class = REPLY_UNKNOWN;
			f->stop = f->suppress = false;
		}
	}
	if (m->truncated && f->confidence < 0.9)
		f->confidence = 0.4;	/* not all of it was looked at */
	if (f->confidence < THRESHOLD && f->class != REPLY_UNKNOWN) {
		f->class = REPLY_UNKNOWN;
		f->suppress = false;
	}
	return f;
}
