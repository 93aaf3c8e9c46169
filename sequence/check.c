/* SPDX-License-Identifier: MPL-2.0
 *
 * What a definition must not be: a drip. `relentctl sequence check` says all of it at once.
 */
#include "config.h"

#include "sequence/plan_private.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"

/* More than this share of shingles in common, and two texts are the same text. */
static const double SAME_TEXT = 0.5;

bool plan_rule_known(const char *name)
{
	/* the names of policy/rules.def and of the rules that milter.md plans */
	static const char *const names[] = { "suppressed", "control", "authority", "resubmission",
		"unwatched", "replied", "stopped", "duplicate", "one_recipient", "requires", "placeholder",
		"wrong_person", "bump", "claims", "terms", "length", "links", "cta", "cap", "collision",
		"voice", "research", "breaker" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* ---- a text that is only a bump ---- */

static const char *const bumps[] = { "just checking in", "checking in", "circling back", "circle back",
	"bumping this", "bump this", "bumping my", "bump my", "following up on my", "follow up on my",
	"following up on the below", "any thoughts", "did you see my", "did you get my",
	"did you get a chance", "had a chance to", "have you had a chance", "top of your inbox",
	"in case you missed", "touching base", "touch base", "just following up", "gentle reminder",
	"friendly reminder", "resurfacing", "floating this", "pinging you" };
static const char *const greetings[] = { "hi", "hello", "hey", "dear", "good morning", "best", "regards",
	"kind regards", "best regards", "best wishes", "thanks", "thank you", "many thanks", "cheers",
	"sincerely", "yours", "warmly", "all the best" };

static bool begins_with_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return strncmp(s, word, n) == 0 && !isalnum((unsigned char)s[n]);
}

static size_t words_of(const char *s)
{
	size_t n = 0;

	for (bool in = false; *s; s++) {
		bool w = (unsigned char)*s > ' ' && !strchr(",;:.!?-", *s);

		n += w && !in;
		in = w;
	}
	return n;
}

static char *without_fields(struct arena *a, const char *text)
{
	const char *rest = text, *from = text, *start;
	struct span name;
	struct buf b;

	buf_init(&b, a);
	while (fill_next(&rest, &start, &name)) {
		buf_add(&b, from, (size_t)(start - from));
		from = rest;
	}
	buf_adds(&b, from);
	return b.p;
}

/* The bump it consists of, or NULL: every sentence but greeting and closing is one, or says nothing. A
 * text that carries a field carries a fact. */
static const char *only_bump(struct arena *a, const struct plan_step *s)
{
	char *text = text_fold(a, without_fields(a, s->text));
	const char *found = NULL, *rest = s->text, *start;
	struct span name;

	while (fill_next(&rest, &start, &name))
		if (!span_eq(name, "first_name") && !span_eq(name, "name") && !span_eq(name, "last_name")
		    && !span_eq(name, "signature") && !span_eq(name, "company")
		    && !span_eq(name, "owner_name") && !span_eq(name, "owner_first_name")
		    && !span_eq(name, "last_subject") && !span_eq(name, "last_touch_date"))
			return NULL;
	for (char *p = text; *p;) {
		size_t n = strcspn(p, ".!?\n");
		char *sentence = text_squeeze(a, arena_strndup(a, p, n));
		const char *bump = NULL;
		bool greeting = false;

		p += n + (p[n] != '\0');
		while (*sentence == ' ')
			sentence++;
		for (size_t i = 0; i < sizeof(bumps) / sizeof(*bumps) && !bump; i++)
			if (strstr(sentence, bumps[i]))
				bump = bumps[i];
		for (size_t i = 0; i < sizeof(greetings) / sizeof(*greetings); i++)
			greeting |= begins_with_word(sentence, greetings[i]);
		if (bump)
			found = found ? found : bump;
		else if (words_of(sentence) > (greeting ? 4 : 3))
			return NULL;
	}
	return found;
}

/* ---- the parts ---- */

static bool is_known_field(const struct plan_step *s, const char *name)
{
	static const char *const known[] = {
#define FIELD(name, meaning) name,
#include "sequence/fields.def"
#undef FIELD
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_eq(known[i], name))
			return true;
	for (size_t i = 0; i < s->needs_n; i++)
		if (str_eq(s->needs[i], name))
			return true;
	return false;
}

static void check_fields(struct arena *a, const struct plan_step *s,
			 struct plan_problems *problems)
{
	static const char *const known[] = {
#define FIELD(name, meaning) name,
#include "sequence/fields.def"
#undef FIELD
	};
	const char *texts[2] = { s->subject, s->text };

	for (size_t i = 0; i < 2; i++) {
		const char *rest = texts[i], *start;
		struct span name;

		while (rest && fill_next(&rest, &start, &name)) {
			const char *field = span_dup(a, name), *near;

			if (is_known_field(s, field))
				continue;
			near = str_nearest(field, known, sizeof(known) / sizeof(*known));
			plan_problem(problems, s->line,
				     "step %d: its template '%s' has the unknown field '{{%s}}'%s%s%s",
				     s->number, s->template, field, near ? ": did you mean '" : "",
				     near ? near : "", near ? "'?" : "");
		}
	}
	for (size_t i = 0; i < s->needs_n; i++) {
		bool used = false;

		for (size_t t = 0; t < 2; t++) {
			const char *rest = texts[t], *start;
			struct span name;

			while (rest && fill_next(&rest, &start, &name))
				used |= span_eq(name, s->needs[i]);
		}
		if (!used)
			plan_problem(problems, s->line, "step %d needs '%s', but its template '%s' does not use it",
				     s->number, s->needs[i], s->template);
	}
}

static size_t count_char(const char *s, char c)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

static void check_text(struct arena *a, const struct plan *p, const struct plan_step *s,
		       struct plan_problems *problems)
{
	const char *bump;
	size_t questions, words;

	if (!*s->text) {
		if (*s->template)	/* else it could not be read, and that is said */
			plan_problem(problems, s->line, "step %d: its template '%s' is empty", s->number,
				     s->template);
		return;
	}
	bump = only_bump(a, s);
	if (bump)
		plan_problem(problems, s->line, "step %d is only a bump (\"%s\"): give the prospect a new reason "
			     "to answer", s->number, bump);
	if (s->channel == CHANNEL_EMAIL && (s->number == 1 || s->new_thread) && str_empty(s->subject))
		plan_problem(problems, s->line, "step %d begins a thread: its template '%s' needs a first line "
			     "'Subject: ...'", s->number, s->template);
	questions = count_char(s->text, '?');
	if (questions > (p->quality.max_questions ? (size_t)p->quality.max_questions : 1))
		plan_warning(problems, s->line, "step %d asks %zu questions: one call to action is answered more "
			     "often", s->number, questions);
	words = words_of(s->text);
	if (p->quality.max_words && words > (size_t)p->quality.max_words)
		plan_warning(problems, s->line, "step %d has %zu words, max_words is %d", s->number, words,
			     p->quality.max_words);
}

/* What holds for the template holds for what is said in its place. */
static void check_languages(struct arena *a, const struct plan *p, const struct plan_step *s,
			    struct plan_problems *problems)
{
	for (size_t k = 0; k < s->texts_n; k++) {
		struct plan_step one = *s;

		one.template = s->texts[k].template;
		one.subject = s->texts[k].subject;
		one.text = s->texts[k].text;
		check_text(a, p, &one, problems);
		check_fields(a, &one, problems);
	}
}

/* Both ways: a text that holds a whole other one is a repetition too. */
static bool same_text(const char *a, const char *b)
{
	return *a && *b && (text_overlap(a, b) > SAME_TEXT || text_overlap(b, a) > SAME_TEXT);
}

static void check_pair(struct arena *a, const struct plan_step *s, const struct plan_step *before,
		       struct plan_problems *problems)
{
	if (*s->job && str_eq(text_squeeze(a, text_fold(a, s->job)),
			      text_squeeze(a, text_fold(a, before->job))))
		plan_problem(problems, s->line, "step %d has the same job as step %d (\"%s\"): a follow-up that "
			     "repeats the ask is not a follow-up", s->number, before->number, s->job);
	if (same_text(s->text, before->text))
		plan_problem(problems, s->line, "step %d has the same text as step %d: a follow-up that repeats "
			     "the ask is not a follow-up", s->number, before->number);
}

static void check_days(const struct plan *p, struct plan_problems *problems)
{
	int day = -1, minutes = -1;

	for (size_t i = 0; i < p->steps_n; i++) {
		const struct plan_step *s = &p->steps[i];

		if (s->minutes >= 0) {
			if (day >= 0)
				plan_problem(problems, s->line, "step %d: minutes only before the first step with a "
					     "day", s->number);
			else if (s->minutes <= minutes)
				plan_problem(problems, s->line, "step %d: its minutes do not increase", s->number);
			minutes = s->minutes;
			continue;
		}
		if (s->day < 0)
			continue;
		if (day >= 0 && s->day <= day)
			plan_problem(problems, s->line, "step %d: its day %d is not later than day %d of step %d: "
				     "days must increase", s->number, s->day, day, s->number - 1);
		day = s->day;
	}
}

static void check_end(const struct plan *p, struct plan_problems *problems)
{
	const struct plan_step *closeout = NULL;

	for (size_t i = 0; i < p->steps_n; i++) {
		const struct plan_step *s = &p->steps[i];

		if (closeout && s->channel == CHANNEL_EMAIL)
			plan_problem(problems, s->line, "step %d: a mail after the closeout of step %d takes the "
				     "goodbye back", s->number, closeout->number);
		if (s->type == STEP_CLOSEOUT && !closeout)
			closeout = s;
		if (s->type == STEP_FIRST_TOUCH && s->number != 1)
			plan_problem(problems, s->line, "step %d: only step 1 is a first_touch", s->number);
	}
	if (!p->steps_n)
		plan_problem(problems, 1, "it has no steps");
	else if (!closeout && !(p->steps_n == 1 && p->steps[0].type == STEP_REACTIVATION))
		plan_problem(problems, p->steps[p->steps_n - 1].line, "no closeout: one step must close the "
			     "thread politely (type = closeout)");
	if (p->steps_n && p->max_touches > 1 && (size_t)p->max_touches < p->steps_n)
		plan_problem(problems, p->steps[p->max_touches].line, "step %d can never be made: max_touches is "
			     "%d", p->max_touches + 1, p->max_touches);
}

void plan_check(struct arena *a, const struct plan *p, struct plan_problems *problems)
{
	for (size_t i = 0; i < p->steps_n; i++) {
		check_fields(a, &p->steps[i], problems);
		check_languages(a, p, &p->steps[i], problems);
		check_text(a, p, &p->steps[i], problems);
		for (size_t k = 0; k < i; k++)
			check_pair(a, &p->steps[i], &p->steps[k], problems);
	}
	check_days(p, problems);
	check_end(p, problems);
}
