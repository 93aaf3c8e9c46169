/* SPDX-License-Identifier: MPL-2.0
 *
 * Definitions: the options of a file become a plan; a plan and its templates become one text
 * (plan.source) that reads back as the same plan, so that running enrolments keep their version.
 */
#include "config.h"

#include "sequence/plan_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/token.h"

/* Languages in which a template is looked for beside itself. */
static const char *const languages[] = {
	"ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "hr",
		"hu", "id", "is",
	"it", "ja", "ko", "lt", "lv", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr",
		"uk", "vi", "zh",
};

enum { LANGUAGES = sizeof(languages) / sizeof(*languages), PARTS_MAX = 30 * (LANGUAGES + 1) + 2 };
enum { STEPS_MAX = 30, TOUCHES_MAX = 30, TEMPLATE_MAX = 64 * 1024, SOURCE_MAX = 4 * 1024 * 1024 };

static void __attribute__((format(printf, 4, 0)))
problem(struct plan_problems *p, int line, const char *kind, const char *fmt, va_list ap)
{
	char text[500];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (p->report)
		p->report(p->ctx, p->file, line, *kind ? arena_printf(p->arena, "%s%s", kind, text) : text);
	if (!*kind && p->n++ == 0)
		err_set(p->e, INPUT, "%s:%d: %s", p->file, line, text);
}

void plan_problem(struct plan_problems *p, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem(p, line, "", fmt, ap);
	va_end(ap);
}

void plan_warning(struct plan_problems *p, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem(p, line, "warning: ", fmt, ap);
	va_end(ap);
	p->warnings++;
}

const struct plan_step *plan_step(const struct plan *p, int number)
{
	return number >= 1 && (size_t)number <= p->steps_n ? &p->steps[number - 1] : NULL;
}

/* ---- values ---- */

/* stages, then priorities */
static const char *const eligible_words[] = { "new", "contacted", "qualified", "proposal_sent", "won",
	"lost", "dormant", "one", "two", "three", "parked" };
enum { STAGES = 7 };

/* What is being read: the section, and who hears of mistakes. */
struct values {
	struct arena *arena;
	struct plan_section *section;
	struct plan_problems *problems;
};

static void say(const struct values *v, const struct plan_option *o, const char *what)
{
	plan_problem(v->problems, o->line, "%s is '%s': %s", o->name, o->n ? o->values[0] : "", what);
}

static const char *text_value(const struct values *v, const char *name, const char *def)
{
	const struct plan_option *o = plan_option(v->section, name);

	if (!o)
		return def;
	if (o->n != 1)
		say(v, o, "one value is wanted, not a list");
	return o->values[0];
}

static int word_index(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, words[i]))
			return (int)i;
	return -1;
}

bool plan_eligible(const struct plan *p, const char *stage, const char *priority)
{
	bool stages = false, priorities = false, stage_fits = false, priority_fits = false;

	if (str_eq(priority, "rejected"))
		return false;
	for (size_t i = 0; i < p->eligible_n; i++) {
		bool is_stage = word_index(p->eligible[i], eligible_words, STAGES) >= 0;

		stages |= is_stage;
		priorities |= !is_stage;
		stage_fits |= is_stage && str_eq(p->eligible[i], stage);
		priority_fits |= !is_stage && str_eq(p->eligible[i], priority);
	}
	return (!stages || stage_fits) && (!priorities || priority_fits);
}

/* Required: what it is for is said when it is missing. */
static const char *need_text(const struct values *v, const char *name, const char *what)
{
	const char *s = text_value(v, name, NULL);
	const struct plan_option *o = plan_option(v->section, name);

	if (!s || !*span_trim(span_of(s)).p)
		plan_problem(v->problems, o ? o->line : v->section->line, "%s is missing: %s", name, what);
	return s ? s : "";
}

static int int_value(const struct values *v, const char *name, int min, int max, int def)
{
	const struct plan_option *o = plan_option(v->section, name);
	const char *s = text_value(v, name, NULL);
	int64_t n = def;

	if (o && !str_int(s, min, max, &n))
		say(v, o, arena_printf(v->arena, "a whole number from %d to %d is wanted", min, max));
	return (int)n;
}

static double num_value(const struct values *v, const char *name, double max)
{
	const struct plan_option *o = plan_option(v->section, name);
	const char *s = text_value(v, name, NULL);
	double d = 0;
	char rest;

	if (o && (sscanf(s, "%lf%c", &d, &rest) != 1 || !(d >= 0 && d <= max))) {
		say(v, o, arena_printf(v->arena, "a number from 0 to %g is wanted", max));
		d = 0;
	}
	return d;
}

static bool bool_value(const struct values *v, const char *name)
{
	const struct plan_option *o = plan_option(v->section, name);
	const char *s = text_value(v, name, "no");

	if (o && !str_eq(s, "yes") && !str_eq(s, "no"))
		say(v, o, "yes or no is wanted");
	return str_eq(s, "yes");
}

/* "a, b or c" */
static const char *words_text(struct arena *a, const char *const *words, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", words[i]);
	return b.p;
}

static int word_value(const struct values *v, const char *name, const char *const *words, size_t n,
		      int def)
{
	const struct plan_option *o = plan_option(v->section, name);
	const char *s = text_value(v, name, NULL);
	int i;

	if (!o)
		return def;
	i = word_index(s, words, n);
	if (i >= 0)
		return i;
	say(v, o, arena_printf(v->arena, "%s is wanted", words_text(v->arena, words, n)));
	return def;
}

/* words NULL: any names of [a-z0-9_] */
static const char **list_value(const struct values *v, const char *name, const char *const *words,
			       size_t words_n, size_t *n_r)
{
	const struct plan_option *o = plan_option(v->section, name);

	*n_r = 0;
	if (!o)
		return NULL;
	for (size_t i = 0; i < o->n; i++) {
		const char *s = o->values[i];

		if (words ? word_index(s, words, words_n) < 0
			  : !*s || s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")]) {
			if (words)
				plan_problem(v->problems, o->line, "%s names '%s': %s is wanted", name, s,
					     words_text(v->arena, words, words_n));
			else
				plan_problem(v->problems, o->line, "%s names '%s': small letters, digits and _ "
					     "are wanted", name, s);
		}
		for (size_t k = 0; k < i; k++)
			if (str_eq(o->values[k], s))
				plan_problem(v->problems, o->line, "%s names '%s' twice", name, s);
	}
	*n_r = o->n;
	return o->values;
}

/* ---- the parts of a plan ---- */

static const char *const stop_words[] = { "reply", "opt_out", "complaint", "hard_bounce",
	"identity_uncertain", "disqualified", "offer_retired", "owner_pause", "booked", "conversation",
	"maximum" };
static const char *const review_words[] = { "every_draft", "first_draft", "unknown_reply", "colleague_reply",
	"soft_bounces", "repeated_absence", "reopened", "sensitive_account" };
static const char *const reply_words[] = { "halt" };
static const char *const suppression_words[] = { "always" };
static const char *const day_words[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
static const char *const personalisation_words[] = { "any", "exactly_one" };
#define N(words) (sizeof(words) / sizeof(*(words)))

static void read_head(const struct values *v, struct plan *p)
{
	const char *authorities[AUTHORITY_COUNT];
	const char *const requires[] = { "source", "permission", "identity", "evidence", "review_note" };
	const char **list;
	size_t n;

	for (int i = 0; i < AUTHORITY_COUNT; i++)
		authorities[i] = authority_name((enum authority)i);
	p->name = need_text(v, "name", "it is what enrol and seq.NAME@ call it");
	if (*p->name && (strlen(p->name) > 40
			 || p->name[strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789-")]))
		say(v, plan_option(v->section, "name"),
		    "at most 40 small letters, digits and - are wanted (it becomes part of an address)");
	p->purpose = need_text(v, "purpose", "say what the sequence is for");
	p->offer = need_text(v, "offer", "without a clear offer nobody is written to");
	p->market = need_text(v, "market", "an offer without a target is incomplete");
	p->buyer_role = need_text(v, "buyer_role", "an offer without a buyer is incomplete");
	p->authority = (enum authority)word_value(v, "authority", authorities, AUTHORITY_COUNT,
						  AUTHORITY_DRAFT_ONLY);
	p->eligible = list_value(v, "eligible", eligible_words, N(eligible_words), &p->eligible_n);
	if (!plan_option(v->section, "eligible"))
		plan_problem(v->problems, v->section->line,
			     "eligible is missing: say which stages and priorities may enter");
	list = list_value(v, "requires", requires, N(requires), &n);
	for (size_t i = 0; i < n; i++) {
		int bit = word_index(list[i], requires, N(requires));

		if (bit >= 0)
			p->requires |= 1u << bit;
	}
	p->stops = list_value(v, "stops", stop_words, N(stop_words), &p->stops_n);
	p->review = list_value(v, "review", review_words, N(review_words), &p->review_n);
	word_value(v, "reply", reply_words, N(reply_words), 0);
	word_value(v, "suppression", suppression_words, N(suppression_words), 0);
}

/* What a sequence must say although it cannot say otherwise: its author has read it. */
static void read_duties(const struct values *v, const struct plan *p)
{
	struct plan_option *o = plan_option(v->section, "stops");

	if (!o)
		plan_problem(v->problems, v->section->line, "stops is missing: name what stops it (%s)",
			     words_text(v->arena, stop_words, N(stop_words)));
	else
		for (size_t i = 0; i < N(stop_words); i++)
			if (word_index(stop_words[i], p->stops, p->stops_n) < 0)
				plan_problem(v->problems, o->line, "stops does not name '%s': no sequence may go "
					     "on after it", stop_words[i]);
	need_text(v, "reply", "say what an answer does (halt)");
	need_text(v, "suppression", "say when suppression holds (always)");
	if (!p->review_n)
		plan_problem(v->problems, v->section->line, "review is missing: say where a person looks (%s)",
			     words_text(v->arena, review_words, N(review_words)));
}

static void read_numbers(const struct values *v, struct plan *p)
{
	const struct plan_option *max = plan_option(v->section, "max_touches");

	if (!max)
		plan_problem(v->problems, v->section->line, "max_touches is missing: a sequence without a "
			     "maximum never stops");
	p->max_touches = int_value(v, "max_touches", 1, TOUCHES_MAX, 1);
	p->pilot_size = int_value(v, "pilot_size", 0, 1000000, 0);
	p->draft_ahead = int_value(v, "draft_ahead", 1, 1, 1);
	p->gap_days = int_value(v, "gap_days", 0, 60, 2);
	p->patience_days = int_value(v, "patience_days", 1, 365, 14);
	p->away_days = int_value(v, "away_days", 1, 180, 7);
	p->not_now_days = int_value(v, "not_now_days", 1, 365, 30);
}

static void read_rules(const struct values *v, struct plan *p)
{
	static const char *const modes[] = { "enforce", "warn", "off" };
	const struct plan_option *o = plan_option(v->section, "rules");
	struct plan_rule *rules;

	if (!o)
		return;
	rules = arena_array(v->arena, struct plan_rule, o->n);
	for (size_t i = 0; i < o->n; i++) {
		struct span rest = span_of(o->values[i]), name;
		const char *mode;

		span_split(&rest, '=', &name);
		rules[i].rule = span_dup(v->arena, span_trim(name));
		rules[i].mode = mode = span_dup(v->arena, span_trim(rest));
		if (!plan_rule_known(rules[i].rule))
			plan_problem(v->problems, o->line, "there is no rule '%s'", rules[i].rule);
		if (word_index(mode, modes, N(modes)) < 0)
			plan_problem(v->problems, o->line, "rule '%s': write \"%s=warn\" (enforce, warn or off)",
				     rules[i].rule, rules[i].rule);
		else if (str_eq(rules[i].rule, "suppressed") && !str_eq(mode, "enforce"))
			plan_problem(v->problems, o->line, "rule 'suppressed' cannot be weakened by a sequence");
	}
	p->rules = rules;
	p->rules_n = o->n;
}

static void read_claims(const struct values *v, struct plan *p)
{
	const struct plan_option *o = plan_option(v->section, "approved_claims");

	if (!o)
		return;
	for (size_t i = 0; i < o->n; i++) {
		if (str_empty(o->values[i]))
			plan_problem(v->problems, o->line, "approved_claims has an empty text");
	}
	p->approved_claims = o->values;
	p->approved_claims_n = o->n;
}

static int minute_of_day(const struct values *v, const char *name, int def)
{
	const struct plan_option *o = plan_option(v->section, name);
	int h, m;
	char rest;

	if (!o)
		return def;
	if (sscanf(o->values[0], "%2d:%2d%c", &h, &m, &rest) == 2 && h >= 0 && m >= 0 && m < 60
	    && h * 60 + m <= 24 * 60)
		return h * 60 + m;
	say(v, o, "a time like 08:30 is wanted");
	return def;
}

static void read_window(const struct values *v, struct plan *p)
{
	struct when_window *w = &p->window;
	const struct plan_option *o = plan_option(v->section, "holidays");
	const char **days;
	size_t n;

	days = list_value(v, "days", day_words, N(day_words), &n);
	for (size_t i = 0; i < n; i++) {
		int d = word_index(days[i], day_words, N(day_words));

		if (d >= 0)
			w->days |= 1u << d;
	}
	w->from = minute_of_day(v, "from", 8 * 60 + 30);
	w->to = minute_of_day(v, "to", 17 * 60 + 30);
	if (w->from >= w->to)
		plan_problem(v->problems, v->section->line, "the window ends before it begins");
	if (o) {
		struct date *list = arena_array(v->arena, struct date, o->n);

		w->holidays_n = 0;	/* a second window in the file: a problem told elsewhere */
		for (size_t i = 0; i < o->n; i++) {
			size_t k = w->holidays_n;
			struct date d;

			if (!date_parse(o->values[i], &d)) {
				plan_problem(v->problems, o->line, "holidays names '%s': a date like 2026-12-25 is "
					     "wanted", o->values[i]);
				continue;
			}
			for (; k > 0 && date_cmp(list[k - 1], d) > 0; k--)
				list[k] = list[k - 1];
			list[k] = d;
			w->holidays_n++;
		}
		w->holidays = list;
	}
}

static void read_limits(const struct values *v, struct plan *p)
{
	if (str_eq(v->section->name, "caps")) {
		p->caps = (struct plan_caps){
			.sender_per_day = int_value(v, "sender_per_day", 1, 10000, 0),
			.domain_per_day = int_value(v, "domain_per_day", 1, 10000, 0),
			.company_gap_days = int_value(v, "company_gap_days", 0, 60, 0),
			.warm_up_start = int_value(v, "warm_up_start", 1, 10000, 0),
			.warm_up_ceiling = int_value(v, "warm_up_ceiling", 1, 10000, 0),
			.warm_up_factor = num_value(v, "warm_up_factor", 10),
		};
		if (p->caps.warm_up_start && p->caps.warm_up_ceiling < p->caps.warm_up_start)
			plan_problem(v->problems, v->section->line, "warm_up_ceiling is lower than warm_up_start");
	} else if (str_eq(v->section->name, "breaker")) {
		p->breaker = (struct plan_breaker){
			.complaint_pause = num_value(v, "complaint_pause", 100),
			.complaint_stop = num_value(v, "complaint_stop", 100),
			.bounce_warn = num_value(v, "bounce_warn", 100),
			.bounce_pause = num_value(v, "bounce_pause", 100),
			.touches = int_value(v, "touches", 1, 100000, 0),
		};
	} else {
		p->quality = (struct plan_quality){
			.max_words = int_value(v, "max_words", 20, 1000, 0),
			.max_links = int_value(v, "max_links", 0, 20, 0),
			.max_questions = int_value(v, "max_questions", 1, 10, 0),
			.one_personalisation = word_value(v, "personalisation", personalisation_words,
							  N(personalisation_words), 0) == 1,
			.complete = bool_value(v, "complete"),
		};
	}
}

/* ---- steps and templates ---- */

/* A template may begin with `Subject: ...` and an empty line. */
static void read_template(struct arena *a, const char *text, const char **subject_r, const char **text_r)
{
	struct span rest = span_of(text), line;

	*subject_r = NULL;
	*text_r = text;
	if (span_starts_case(rest, "Subject:") && span_line(&rest, &line)) {
		line.p += strlen("Subject:");
		line.n -= strlen("Subject:");
		*subject_r = span_dup(a, span_trim(line));
		*text_r = span_dup(a, rest);
	}
	while (**text_r == '\n' || **text_r == '\r')
		++*text_r;
}

/* "../templates/x/de/1.txt" beside "../templates/x/1.txt". */
static const char *in_language(struct arena *a, const char *name, const char *language)
{
	const char *slash = strrchr(name, '/');

	return arena_printf(a, "%.*s%s/%s", slash ? (int)(slash + 1 - name) : 0, name, language, slash ? slash + 1 : name);
}

static void add_part(struct buf *b, const char *name, const char *text);

static void read_languages(struct arena *a, struct plan_step *s, plan_template_fn *templates, void *ctx,
			   struct buf *source)
{
	struct plan_text *list = arena_array(a, struct plan_text, LANGUAGES);

	for (size_t k = 0; templates && *s->template && k < LANGUAGES; k++) {
		const char *name = in_language(a, s->template, languages[k]), *text = templates(ctx, name);
		struct plan_text *t = &list[s->texts_n];

		if (!text || strlen(text) > TEMPLATE_MAX || !str_is_utf8(text, strlen(text)))
			continue;
		add_part(source, name, text);
		*t = (struct plan_text){ .language = languages[k], .template = name };
		read_template(a, arena_strdup(a, text), &t->subject, &t->text);
		s->texts_n++;
	}
	s->texts = list;
}

struct plan_text plan_step_text(const struct plan_step *s, const char *language)
{
	size_t n = language ? strcspn(language, "-_") : 0;

	for (size_t k = 0; n > 0 && k < s->texts_n; k++)
		if (strlen(s->texts[k].language) == n && strncasecmp(s->texts[k].language, language, n) == 0)
			return s->texts[k];
	return (struct plan_text){ .template = s->template, .subject = s->subject, .text = s->text };
}

static void read_step(const struct values *v, struct plan_step *s, const char *template)
{
	const char *channels[CHANNEL_COUNT], *types[STEP_TYPE_COUNT];

	for (int i = 0; i < CHANNEL_COUNT; i++)
		channels[i] = channel_name((enum channel)i);
	for (int i = 0; i < STEP_TYPE_COUNT; i++)
		types[i] = step_type_name((enum step_type)i);
	s->line = v->section->line;
	s->day = int_value(v, "day", 0, 730, -1);
	s->minutes = int_value(v, "minutes", 0, 7 * 24 * 60, -1);
	if (!plan_option(v->section, "day") == !plan_option(v->section, "minutes"))
		plan_problem(v->problems, s->line, "step %d: either day or minutes is wanted", s->number);
	if (!plan_option(v->section, "channel"))
		plan_problem(v->problems, s->line, "step %d: channel is missing (%s)", s->number,
			     words_text(v->arena, channels, CHANNEL_COUNT));
	s->channel = (enum channel)word_value(v, "channel", channels, CHANNEL_COUNT, CHANNEL_EMAIL);
	s->job = need_text(v, "job", "say what this touch is for, in words");
	if (!plan_option(v->section, "type"))
		plan_problem(v->problems, s->line, "step %d: type is missing (%s)", s->number,
			     words_text(v->arena, types, STEP_TYPE_COUNT));
	s->type = (enum step_type)word_value(v, "type", types, STEP_TYPE_COUNT, STEP_VALUE_ADD);
	s->template = need_text(v, "template", "name the file with its text");
	s->needs = list_value(v, "needs", NULL, 0, &s->needs_n);
	s->optional = bool_value(v, "optional");
	s->new_thread = bool_value(v, "new_thread");
	s->text = "";
	if (!*s->template)
		return;
	if (!template) {
		plan_problem(v->problems, plan_option(v->section, "template")->line,
			     "cannot read the template '%s'", s->template);
		s->template = "";
	} else if (strlen(template) > TEMPLATE_MAX || !str_is_utf8(template, strlen(template))) {
		plan_problem(v->problems, plan_option(v->section, "template")->line,
			     "the template '%s' is not a UTF-8 text of at most %d bytes", s->template,
			     TEMPLATE_MAX);
		s->template = "";
	} else {
		read_template(v->arena, template, &s->subject, &s->text);
	}
}

struct names {
	struct arena *a;
	const char **list;
	size_t n, room;
};

static void add_fields(struct names *f, const char *text)
{
	const char *start;
	struct span name;

	while (text && fill_next(&text, &start, &name)) {
		const char *field = span_dup(f->a, name);

		if (word_index(field, f->list, f->n) >= 0)
			continue;
		if (f->n == f->room) {
			const char **more = arena_array(f->a, const char *, f->room *= 2);

			memcpy(more, f->list, f->n * sizeof(*more));
			f->list = more;
		}
		f->list[f->n++] = field;
	}
}

/* Every {{field}} of subject and text, once. */
static void collect_fields(struct arena *a, struct plan *p)
{
	struct names f = { .a = a, .list = arena_array(a, const char *, 16), .room = 16 };

	for (size_t i = 0; i < p->steps_n; i++) {
		add_fields(&f, p->steps[i].subject);
		add_fields(&f, p->steps[i].text);
		for (size_t k = 0; k < p->steps[i].texts_n; k++) {
			add_fields(&f, p->steps[i].texts[k].subject);
			add_fields(&f, p->steps[i].texts[k].text);
		}
	}
	p->fields = f.list;
	p->fields_n = f.n;
}

/* ---- the whole, and back ---- */

static const char first_line[] = "relent sequence 1\n";

static void add_part(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "%zu %s\n", strlen(text), name);
	buf_adds(b, text);
	buf_addc(b, '\n');
}

static bool read_plan(struct arena *a, const char *text, plan_template_fn *templates, void *ctx,
		      struct plan_problems *problems, struct plan *p)
{
	struct plan_section *sections;
	struct values v = { .arena = a, .problems = problems };
	struct plan_step *steps;
	struct buf source;
	size_t n;

	if (!plan_read(a, text, &sections, &n, problems))
		return false;
	buf_init(&source, a);
	buf_adds(&source, first_line);
	add_part(&source, "definition", text);
	steps = arena_array(a, struct plan_step, n);
	v.section = &sections[0];
	read_head(&v, p);
	read_duties(&v, p);
	read_numbers(&v, p);
	read_rules(&v, p);
	read_claims(&v, p);
	p->steps = steps;
	for (size_t i = 1; i < n; i++) {
		struct plan_step *s = &steps[p->steps_n];
		const char *name, *template = NULL;

		v.section = &sections[i];
		if (str_eq(sections[i].name, "window")) {
			read_window(&v, p);
			continue;
		}
		if (!str_eq(sections[i].name, "step")) {
			read_limits(&v, p);
			continue;
		}
		s->number = (int)++p->steps_n;
		name = text_value(&v, "template", "");
		if (*name && !strpbrk(name, "\r\n"))
			template = templates ? templates(ctx, name) : NULL;
		if (template)
			add_part(&source, name, template);
		read_step(&v, s, template ? arena_strdup(a, template) : NULL);
		if (template)
			read_languages(a, s, templates, ctx, &source);
	}
	p->source = source.p;
	p->hash = token_hash(a, source.p, source.n);
	collect_fields(a, p);
	v.section = &sections[0];
	if (p->steps_n > STEPS_MAX)
		plan_problem(problems, steps[STEPS_MAX].line, "more than %d steps", STEPS_MAX);
	return true;
}

enum status plan_parse(struct arena *a, const char *file, const char *text,
		       plan_template_fn *templates, void *templates_ctx,
		       plan_report_fn *report, void *report_ctx,
		       struct plan **out_r, struct err *e)
{
	struct plan_problems problems = { .arena = a, .file = file, .report = report, .ctx = report_ctx,
					  .e = e };
	struct plan *p = arena_new_of(a, struct plan);

	*out_r = NULL;
	if (strlen(text) > SOURCE_MAX)
		plan_problem(&problems, 1, "the definition is larger than %d bytes", SOURCE_MAX);
	else if (read_plan(a, text, templates, templates_ctx, &problems, p))
		plan_check(a, p, &problems);
	if (problems.n)
		return INPUT;
	*out_r = p;
	return OK;
}

/* The parts of a source: definition first, then templates by name. */
struct parts {
	const char *names[PARTS_MAX], *texts[PARTS_MAX];
	size_t n;
};

static bool split(struct arena *a, const char *source, struct parts *out_r)
{
	struct span rest = span_of(source), line;

	out_r->n = 0;
	if (!span_line(&rest, &line) || !span_eq(line, "relent sequence 1"))
		return false;
	while (rest.n) {
		struct span size;
		int64_t n;

		if (out_r->n == N(out_r->names) || !span_line(&rest, &line)
		    || !span_split(&line, ' ', &size) || !str_int(span_dup(a, size), 0, SOURCE_MAX, &n)
		    || (size_t)n + 1 > rest.n || rest.p[n] != '\n')
			return false;
		out_r->names[out_r->n] = span_dup(a, line);
		out_r->texts[out_r->n++] = arena_strndup(a, rest.p, (size_t)n);
		rest.p += n + 1;
		rest.n -= (size_t)n + 1;
	}
	return out_r->n > 0 && str_eq(out_r->names[0], "definition");
}

static const char *part(void *ctx, const char *name)
{
	const struct parts *p = ctx;

	for (size_t i = 1; i < p->n; i++)
		if (str_eq(p->names[i], name))
			return p->texts[i];
	return NULL;
}

enum status plan_load(struct arena *a, const char *source, struct plan **out_r, struct err *e)
{
	struct plan_problems problems = { .arena = a, .file = "stored sequence", .e = e };
	struct parts parts;
	struct plan *p = arena_new_of(a, struct plan);

	*out_r = NULL;
	if (!split(a, source, &parts))
		return err_set(e, INPUT, "a stored sequence is damaged");
	/* it was checked when it was stored; a stricter check of a later release must not stop those
	 * that run on it */
	if (!read_plan(a, parts.texts[0], part, &parts, &problems, p) || !p->steps_n) {
		if (!problems.n)
			err_set(e, INPUT, "a stored sequence has no steps");
		return INPUT;
	}
	*out_r = p;
	return OK;
}
