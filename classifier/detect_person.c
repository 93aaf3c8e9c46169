/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person means: one of the classes, by the phrases found in the new text. Every class has
 * a score; the first class of the order whose score suffices is the answer (RULES.md: complaint
 * before unsubscribe before ... before question). What nobody can tell stays unknown.
 */
#include "config.h"

#include "base/arena.h"
#include "base/str.h"
#include "classifier/detect.h"
#include "classifier/options.h"

#include <string.h>

enum { BRIEF_TOKENS = 12 };

static const double WEAK = 0.45, ENOUGH = 0.88;

struct score {
	double sum;
	size_t strong;
	const struct hit *first;	/* the best phrase */
};

/* The order of precedence; absence and departure are looked at in between (see pick()). */
static const enum reply_class order[] = {
	REPLY_COMPLAINT, REPLY_UNSUBSCRIBE, REPLY_BOOKED, REPLY_REFERRAL, REPLY_NOT_NOW,
	REPLY_NOT_A_FIT, REPLY_OBJECTION, REPLY_INTERESTED, REPLY_QUESTION, REPLY_UNKNOWN,
};

static bool lang_counts(const struct ctx *c, const struct hit *h)
{
	if (!c->lang_sure || str_eq(h->phrase->lang, c->lang))
		return true;
	/* a few words may be told as the wrong language: a stop counts all the same */
	if (c->body.t.n <= BRIEF_TOKENS && (str_eq(h->phrase->topic, "unsubscribe") ||
	    (str_eq(h->phrase->topic, "complaint") && str_eq(h->phrase->section, "strong") && !c->lang_clear)))
		return true;
	/* English is understood everywhere, in its own sentences: "no" is "in the" in Portuguese */
	if (!str_eq(h->phrase->lang, "en"))
		return false;
	return str_eq(h->phrase->topic, "unsubscribe") || str_eq(h->phrase->topic, "complaint") ||
	       str_eq(h->phrase->section, "never") || hit_spoken(c, h);
}

static bool masked(const struct ctx *c, const struct reading *r, const struct hit *h)
{
	for (size_t i = 0; i < r->h.n; i++) {
		const struct hit *n = &r->h.h[i];
		if (n->from < h->to && n->to > h->from && str_eq(n->phrase->section, "never") &&
		    str_eq(n->phrase->topic, h->phrase->topic) && lang_counts(c, n) &&
		    (str_eq(n->phrase->lang, h->phrase->lang) || str_eq(n->phrase->lang, c->lang)))
			return true;
	}
	return false;
}

static bool is_class(const char *topic)
{
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (str_eq(topic, class_name(order[i])))
			return true;
	return false;
}

/* Was a phrase of this class found, and taken away by what stands around it ("do not remove me")? */
static bool taken_away(const struct ctx *c, enum reply_class class)
{
	for (size_t i = 0; i < c->body.h.n; i++) {
		const struct hit *h = &c->body.h.h[i];
		if (hit_is(h, class_name(class), "strong") && lang_counts(c, h) && masked(c, &c->body, h))
			return true;
	}
	return false;
}

/* Is a weak phrase a mere part of what another class has as a strong one ("no" of "no les conozco")? */
static bool part_of_another(const struct ctx *c, const struct reading *r, const struct hit *weak)
{
	for (size_t i = 0; i < r->h.n; i++) {
		const struct hit *h = &r->h.h[i];
		if (h->from <= weak->from && h->to >= weak->to && str_eq(h->phrase->section, "strong") &&
		    !str_eq(h->phrase->topic, weak->phrase->topic) && str_eq(h->phrase->lang, weak->phrase->lang) &&
		    is_class(h->phrase->topic) && lang_counts(c, h) && !masked(c, r, h))
			return true;
	}
	return false;
}

static struct score score_of(struct ctx *c, const struct reading *r, enum reply_class class, bool brief)
{
	struct score s = { 0 };
	const char *name = class_name(class);
	uint32_t weak_end = 0;

	for (size_t i = 0; i < r->h.n; i++) {
		const struct hit *h = &r->h.h[i];
		bool strong = str_eq(h->phrase->section, "strong");
		if (!str_eq(h->phrase->topic, name) || !lang_counts(c, h) ||
		    (!strong && !str_eq(h->phrase->section, "weak")) || masked(c, r, h))
			continue;
		if (strong) {
			s.sum += 1;
			if (s.strong++ == 0)
				s.first = h;
		} else if (h->from >= weak_end && !part_of_another(c, r, h)) {	/* overlapping weak ones count once */
			s.sum += brief ? 2 * WEAK : WEAK;
			weak_end = h->to;
			if (!s.first)
				s.first = h;
		}
	}
	return s;
}

static double confidence_of(const struct score *s, bool rivals)
{
	double v = s->strong >= 2 ? 0.95 : s->strong == 1 ? 0.88 : 0.65;

	return rivals ? v - 0.15 : v;
}

static size_t questions(const struct reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->t.n; i++)
		n += r->t.t[i].kind == TOKEN_QUESTION;
	return n;
}

static size_t words(const struct reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->t.n; i++)
		n += r->t.t[i].kind != TOKEN_STOP;
	return n;
}

static const struct hit *away_phrase(struct ctx *c, const char *section)
{
	for (size_t i = 0; i < c->body.h.n; i++) {
		const struct hit *h = &c->body.h.h[i];
		bool no = false;
		if (!hit_is(h, "away", section) || !lang_counts(c, h) || !hit_spoken(c, h))
			continue;
		for (size_t k = 0; k < c->body.h.n && !no; k++)
			no = hit_is(&c->body.h.h[k], "away", "never") &&
			     c->body.h.h[k].from < h->to && c->body.h.h[k].to > h->from;
		if (!no)
			return h;
	}
	return NULL;
}

static void set_date_of(struct ctx *c, const char *text, bool away)
{
	struct date_found d;
	struct civil now = when_civil(c->m->date + c->m->date_offset, "UTC");

	if (!dates_find(c, text, away, &d))
		return;
	c->f->date_words = d.words;
	if (d.past) {
		c->f->date_review = true;
		return;
	}
	c->f->date = d.date;
	c->f->date_review = date_days_between(now.date, d.date) > 180;
}

static void set_date(struct ctx *c, bool away)
{
	set_date_of(c, c->visible.text, away);
}

static void conclude(struct ctx *c, const struct reading *r, enum reply_class class,
		     const struct score *s, bool rivals)
{
	struct finding *f = c->f;

	f->class = class;
	f->confidence = confidence_of(s, rivals);
	if (s->first)
		ctx_hit_evidence(c, r, s->first, "new text");
	f->suppress = class == REPLY_UNSUBSCRIBE || class == REPLY_COMPLAINT;
	if (class == REPLY_NOT_NOW && r == &c->body)
		set_date(c, false);
	if (class == REPLY_REFERRAL)
		referred_find(c, true);
}

static const char *objection_kind(const struct ctx *c, const struct reading *r)
{
	for (size_t i = 0; i < r->h.n; i++) {
		const char *sec = r->h.h[i].phrase->section;
		if (str_eq(r->h.h[i].phrase->topic, "objection") && lang_counts(c, &r->h.h[i]) &&
		    !str_eq(sec, "strong") && !str_eq(sec, "weak") && !str_eq(sec, "never"))
			return sec;
	}
	return NULL;
}

/* A typed notice of absence: not if more was said than that. */
static bool typed_absence(struct ctx *c, const struct score *s)
{
	const struct hit *absent = away_phrase(c, "absent");
	bool later = away_phrase(c, "later") != NULL;
	struct finding *f = c->f;

	if (!absent || s[REPLY_BOOKED].sum >= ENOUGH || s[REPLY_INTERESTED].strong)
		return false;
	/* who says no from the beach would hear from us again when he is back */
	if (s[REPLY_NOT_A_FIT].strong || (s[REPLY_QUESTION].strong && questions(&c->body)))
		return false;
	if (s[REPLY_REFERRAL].strong && !away_phrase(c, "standin"))
		return false;
	ctx_hit_evidence(c, &c->body, absent, "new text");
	f->subkind = later ? SUBKIND_NONE : SUBKIND_OUT_OF_OFFICE;
	f->class = later ? REPLY_NOT_NOW : REPLY_OUT_OF_OFFICE;
	f->confidence = 0.8;
	set_date(c, !later);
	referred_find(c, false);
	return true;
}

/* Somebody else's address in the new text: where to turn to. */
static bool names_somebody(struct ctx *c)
{
	struct finding *f = c->f;

	referred_find(c, false);
	if (f->referred_n == 0)
		return false;
	f->class = REPLY_REFERRAL;
	f->confidence = 0.65;
	ctx_evidence(c, "address", f->referred[0], "new text");
	return true;
}

static void decide(struct ctx *c, const struct reading *r, struct score s[REPLY_CLASS_COUNT])
{
	struct finding *f = c->f;
	size_t n = words(r), q = questions(r);
	bool brief = n <= 4;

	for (int k = 0; k < REPLY_CLASS_COUNT; k++)
		s[k] = score_of(c, r, (enum reply_class)k, brief);
	f->objection = objection_kind(c, r);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		enum reply_class k = order[i];
		bool rivals = false;
		if (k == REPLY_BOOKED && r == &c->body && typed_absence(c, s))
			return;
		if (k == REPLY_UNKNOWN)
			break;
		if (s[k].sum < ENOUGH)
			continue;
		for (size_t o = i + 1; o < sizeof order / sizeof order[0]; o++)
			rivals |= s[order[o]].strong > 0 && order[o] != REPLY_QUESTION;
		if (k == REPLY_NOT_A_FIT && r == &c->body && names_somebody(c))
			return;	/* "not for me, but ask ann@..." */
		conclude(c, r, k, &s[k], rivals);
		if (k != REPLY_OBJECTION)
			f->objection = NULL;
		return;
	}
	f->objection = NULL;
	if (r == &c->body && !q && names_somebody(c))
		return;
	/* "cannot be told" said in words ("thanks", "wrong window") outweighs a question mark */
	if (s[REPLY_UNKNOWN].sum >= ENOUGH) {
		conclude(c, r, REPLY_UNKNOWN, &s[REPLY_UNKNOWN], false);
		f->confidence = 0.6;
		return;
	}
	if (q && n >= 2) {
		f->class = REPLY_QUESTION;
		f->confidence = 0.6;
		ctx_evidence(c, "mark:question", "?", "new text");
		return;
	}
	f->class = REPLY_UNKNOWN;
	f->confidence = 0.3;
}

/* An answer that names an option of our mail means that option. */
static bool option_picked(struct ctx *c)
{
	const char *text = option_of(c->a, &c->body, c->visible.text, c->f->ignored_quote,
				     c->rc ? c->rc->our_text : NULL);
	struct score s[REPLY_CLASS_COUNT];
	struct reading r;

	if (!text)
		return false;
	r = ctx_read(c, text);
	decide(c, &r, s);
	if (c->f->class == REPLY_UNKNOWN)
		return false;
	if (c->f->class == REPLY_NOT_NOW)
		set_date_of(c, text, false);
	c->f->confidence = 0.8;
	ctx_evidence(c, "option", text, "quoted mail");
	return true;
}

/* "Take Ann off your list", but not "take me off your list". */
static bool third_party(const struct ctx *c)
{
	for (size_t i = 0; i < c->body.h.n; i++) {
		if (hit_is(&c->body.h.h[i], "thirdparty", "strong") && !masked(c, &c->body, &c->body.h.h[i]))
			return true;
	}
	return false;
}

static void by_phrases(struct ctx *c, struct score s[REPLY_CLASS_COUNT])
{
	c->f->evidence_n = 0;
	decide(c, &c->body, s);
	if (c->f->class == REPLY_UNKNOWN && c->f->confidence < 0.5 && !c->lang_clear && c->lang_sure) {
		c->lang_sure = false;	/* few words: perhaps another language */
		c->f->evidence_n = 0;
		decide(c, &c->body, s);
	}
}

static struct marks marks_of(struct ctx *c, const struct score s[REPLY_CLASS_COUNT])
{
	struct marks m = { .n = 0 };

	for (int k = 0; k < REPLY_CLASS_COUNT; k++)
		if (s[k].sum > 0)
			m.m[m.n++] = arena_printf(c->a, "%s %s", class_name((enum reply_class)k),
				s[k].strong > 1 ? "twice" : s[k].strong ? "strong" : s[k].sum >= ENOUGH ? "enough" : "weak");
	static const char *const away[] = { "absent", "left", "later", "standin" };
	for (size_t i = 0; i < sizeof away / sizeof away[0]; i++)
		if (away_phrase(c, away[i]))
			m.m[m.n++] = arena_printf(c->a, "away %s", away[i]);
	m.m[m.n++] = arena_printf(c->a, "says %s%s", class_name(c->f->class),
				  c->f->confidence < 0.7 ? " perhaps" : "");
	return m;
}

static bool ask_model(struct ctx *c, const struct score s[REPLY_CLASS_COUNT], double share[REPLY_CLASS_COUNT],
		      enum reply_class *best_r, const char **words_r)
{
	const struct weights *model = phrases_model(c->p);
	struct marks m;

	if (!model || c->body.t.n == 0)
		return false;
	m = marks_of(c, s);
	model_ask(c->a, model, &c->body.t, &m, share, words_r);
	*best_r = REPLY_UNKNOWN;
	for (int k = 0; k < REPLY_CLASS_COUNT; k++)	/* that somebody has left must have been said */
		if (k != REPLY_BOUNCE && share[k] > share[*best_r])
			*best_r = (enum reply_class)k;
	return true;
}

static void adopt(struct ctx *c, enum reply_class class, double share, const char *words)
{
	struct finding *f = c->f;

	f->evidence_n = 0;
	ctx_evidence(c, "model", words, "new text");
	conclude(c, &c->body, class, &(struct score){ 0 }, false);
	f->confidence = class == REPLY_UNKNOWN ? 0.45 : share < 0.5 ? 0.5 : share;
	f->objection = class == REPLY_OBJECTION ? objection_kind(c, &c->body) : NULL;
	if (class == REPLY_OUT_OF_OFFICE) {
		f->subkind = SUBKIND_OUT_OF_OFFICE;
		set_date(c, true);
		referred_find(c, false);
	}
}

/* How sure the model must be; measured by train-model --folds: what phrases say once, or perhaps, is wrong as often
 * as not. Where they say nothing, a long letter is more likely about something else; and a time is fixed by
 * naming one. */
static double threshold(const struct ctx *c, bool silent, enum reply_class best)
{
	const struct finding *f = c->f;
	bool number = false;

	for (size_t i = 0; i < c->body.t.n && !number; i++)
		number = c->body.t.t[i].kind == TOKEN_NUMBER;
	if (best == REPLY_BOOKED && f->class != REPLY_BOOKED)
		return number ? 0.65 : 0.85;
	/* what parks or closes needs more than what hands over to a person */
	if (silent && words(&c->body) > 40)
		return 0.6;
	if (silent)
		return best == REPLY_NOT_A_FIT ? 0.6 : best == REPLY_NOT_NOW || best == REPLY_REFERRAL ? 0.5 : 0.35;
	if (f->class == REPLY_UNKNOWN)
		return 0.7;
	if (words(&c->body) <= 4)	/* a phrase is all of it */
		return 0.95;
	if ((best == REPLY_NOT_A_FIT) != (f->class == REPLY_NOT_A_FIT))	/* a yes for a no would do harm */
		return 0.8;
	return f->confidence < 0.7 ? 0.5 : f->confidence < 0.85 ? 0.4 : 0.7;
}

/* The model speaks where the phrases are silent, or, being sure, against a single one of them. A demand to stop
 * that a phrase found stands; one that the model alone sees must be plain, else a person decides. */
static void consult(struct ctx *c, const struct score s[REPLY_CLASS_COUNT])
{
	struct finding *f = c->f;
	bool silent = f->class == REPLY_UNKNOWN && f->confidence < 0.5, stop;
	double share[REPLY_CLASS_COUNT], needed;
	enum reply_class best;
	const char *words;

	if (f->suppress || f->class == REPLY_OUT_OF_OFFICE || !ask_model(c, s, share, &best, &words))
		return;
	stop = best == REPLY_UNSUBSCRIBE || best == REPLY_COMPLAINT;
	needed = stop ? 0.85 : threshold(c, silent, best);
	if (best == f->class) {
		if (f->confidence < share[best] && !silent)
			f->confidence = share[best];
		return;
	}
	/* where phrases plainly say yes, a person reads it before somebody interested is suppressed */
	bool torn = stop && s[REPLY_INTERESTED].strong + s[REPLY_BOOKED].strong > 0;

	if (share[best] < needed || torn || (stop && taken_away(c, best))) {
		if (stop && (torn || f->confidence < 0.85) && share[best] > 0.45) {
			f->class = REPLY_UNKNOWN;
			f->confidence = 0.4;
		}
		return;
	}
	/* a refusal that a phrase found stands, too: parking would resume */
	if (best == REPLY_OUT_OF_OFFICE && s[REPLY_NOT_A_FIT].strong)
		return;
	adopt(c, best, share[best], words);
}

/* What looks like a typed notice of absence or departure may be a sentence in a letter about something else
 * ("before I retired we ..."): the model has to be sure of that. */
void person_doubt(struct ctx *c)
{
	struct finding *f = c->f, was = *f;
	struct score s[REPLY_CLASS_COUNT];
	double share[REPLY_CLASS_COUNT];
	enum reply_class best;
	const char *words;

	by_phrases(c, s);
	if (ask_model(c, s, share, &best, &words) && best != was.class && best != REPLY_UNKNOWN && share[best] >= 0.85) {
		f->suppress = false;
		f->subkind = SUBKIND_NONE;
		adopt(c, best, share[best], words);
		return;
	}
	*f = was;
}

void detect_person(struct ctx *c)
{
	struct score s[REPLY_CLASS_COUNT];
	struct finding *f = c->f;

	if (f->kind != KIND_CALENDAR)
		f->kind = KIND_HUMAN;
	f->stop = true;
	f->third_party = third_party(c);
	if (option_picked(c))
		return;
	by_phrases(c, s);
	consult(c, s);
}

void person_features(struct ctx *c, feature_fn *fn, void *ctx)
{
	struct score s[REPLY_CLASS_COUNT];
	struct marks m;

	by_phrases(c, s);
	m = marks_of(c, s);
	model_features(&c->body.t, &m, fn, ctx);
}
