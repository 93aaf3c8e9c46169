/* SPDX-License-Identifier: MPL-2.0
 *
 * The hand-off note says everything the owner needs without searching (classifier.md): each field
 * below is one of the texts' {{names}}. What a mail said is quoted with "> " and can be nothing else.
 */
#include "config.h"

#include "imapwatch/notify.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"
#include "letter/compose.h"
#include "letter/html.h"
#include "letter/page.h"
#include "store/digest.h"

struct facts_json {
	struct arena *a;
	json_t *o;
	const char *zone;
};

static const char *text_of(struct arena *a, const json_t *v)
{
	if (json_is_string(v))
		return json_string_value(v);
	if (json_is_integer(v))
		return arena_printf(a, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return arena_printf(a, "%.2f", json_real_value(v));
	return NULL;
}

static const char *at(struct facts_json *f, const char *object, const char *name)
{
	const json_t *o = object ? json_object_get(f->o, object) : f->o;

	return text_of(f->a, json_object_get(o, name));
}

static const char *time_at(struct facts_json *f, const char *object, const char *name)
{
	const json_t *v = json_object_get(object ? json_object_get(f->o, object) : f->o, name);
	char text[WHEN_TEXT];

	if (!json_is_integer(v) || json_integer_value(v) == 0)
		return NULL;
	return arena_strdup(f->a, when_local_text((time_t)json_integer_value(v), f->zone, text));
}

/* ---- pieces of text ---- */

static const char *quoted(struct arena *a, const char *text, size_t max)
{
	struct span rest = span_of(str_cut(a, text, max)), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line)) {
		if (b.n > 0)
			buf_addc(&b, '\n');
		buf_adds(&b, "> ");
		buf_add(&b, line.p, line.n);
	}
	if (strlen(text) > max)
		buf_adds(&b, "\n[...]");
	return b.p;
}

/* The first sentence or two: what a person sees at a glance. */
static const char *summary(struct arena *a, const char *text)
{
	char *line = text_squeeze(a, text);
	size_t n = strlen(line);

	if (n <= 160)
		return line;
	return arena_printf(a, "%s ...", str_cut(a, line, 155));
}

/* Sentences that end in a question mark. */
static const char *questions(struct arena *a, const char *text)
{
	const char *line = text_squeeze(a, text), *start = line;
	struct buf b;

	buf_init(&b, a);
	for (const char *p = line; *p; p++) {
		if (*p != '.' && *p != '!' && *p != '?')
			continue;
		if (p[1] && p[1] != ' ')	/* inside a word: 3.5, example.com */
			continue;
		if (*p == '?' && b.n < 1500) {
			while (*start == ' ')
				start++;
			if (b.n > 0)
				buf_addc(&b, '\n');
			buf_adds(&b, "> ");
			buf_add(&b, start, (size_t)(p + 1 - start));
		}
		start = p + 1;
	}
	return b.n > 0 ? b.p : NULL;
}

/* ---- lists ---- */

typedef void item_fn(struct facts_json *f, struct buf *b, json_t *item);

static const char *list(struct facts_json *f, const char *name, size_t max, item_fn *fn)
{
	json_t *array = json_object_get(f->o, name), *item;
	struct buf b;
	size_t k;

	buf_init(&b, f->a);
	json_array_foreach(array, k, item) {
		if (k == max) {
			buf_adds(&b, "\n  ...");
			break;
		}
		if (k > 0)
			buf_addc(&b, '\n');
		buf_adds(&b, "  - ");
		fn(f, &b, item);
	}
	return b.n > 0 ? b.p : NULL;
}

static void add_field(struct facts_json *f, struct buf *b, const char *before, json_t *item,
		      const char *name)
{
	const char *s = text_of(f->a, json_object_get(item, name));

	if (!str_empty(s))
		buf_addf(b, "%s%s", before, text_squeeze(f->a, s));
}

static void add_time(struct facts_json *f, struct buf *b, json_t *item, const char *name)
{
	json_t *v = json_object_get(item, name);
	char text[WHEN_TEXT];

	if (json_is_integer(v) && json_integer_value(v) > 0)
		buf_addf(b, "%s ", when_local_text((time_t)json_integer_value(v), f->zone, text));
}

static void source_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_field(f, b, "", item, "kind");
	add_field(f, b, ", permission ", item, "permission");
	add_field(f, b, ", ", item, "url");
}

static void fact_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_field(f, b, "", item, "point");
	add_field(f, b, " (", item, "type");
	add_field(f, b, ", ", item, "source");
	buf_addc(b, ')');
}

static void signal_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_field(f, b, "", item, "what");
	add_field(f, b, " (", item, "source");
	buf_addc(b, ')');
}

static void message_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_time(f, b, item, "at");
	add_field(f, b, "", item, "kind");
	add_field(f, b, " ", item, "step");
	add_field(f, b, ": ", item, "subject");
	add_field(f, b, " [", item, "sent_state");
	buf_addc(b, ']');
}

static void reply_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_time(f, b, item, "received");
	add_field(f, b, "", item, "class");
	add_field(f, b, ": ", item, "subject");
	add_field(f, b, ", from ", item, "sender");
}

static void appointment_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_time(f, b, item, "starts");
	add_field(f, b, "", item, "state");
	add_field(f, b, ", ", item, "evidence");
}

static void task_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_field(f, b, "", item, "kind");
	add_field(f, b, ": ", item, "text");
}

static void suppression_item(struct facts_json *f, struct buf *b, json_t *item)
{
	add_field(f, b, "", item, "subject");
	add_field(f, b, ": ", item, "reason");
	add_field(f, b, ", scope ", item, "scope");
}

/* ---- the fields ---- */

static const char *risks(struct facts_json *f)
{
	const char *grade = at(f, "reply", "grade"), *class = at(f, "reply", "class");
	const char *suppressions = list(f, "suppressions", 5, suppression_item);
	struct buf b;

	buf_init(&b, f->a);
	if (suppressions)
		buf_adds(&b, suppressions);
	if (grade && (str_eq(grade, "weak") || str_eq(grade, "none")))
		buf_addf(&b, "%s  - the mail is matched by weak evidence (%s): make sure it is theirs",
			 b.n ? "\n" : "", at(f, "reply", "matched_by") ? at(f, "reply", "matched_by") : "-");
	if (class && str_eq(class, "unknown"))
		buf_addf(&b, "%s  - relent is not sure what the mail says", b.n ? "\n" : "");
	return b.n > 0 ? b.p : NULL;
}

static const char *personalisation(struct facts_json *f)
{
	static const char *const names[] = { "signal", "workflow", "asset", "mini_case", "question" };
	struct buf b;

	buf_init(&b, f->a);
	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
		const char *s = at(f, "prospect", names[k]);

		if (!str_empty(s))
			buf_addf(&b, "%s  - %s: %s", b.n ? "\n" : "", names[k], text_squeeze(f->a, s));
	}
	return b.n > 0 ? b.p : NULL;
}

static const char *reply_value(struct facts_json *f, const char *name)
{
	const char *visible = at(f, "reply", "visible"), *class = at(f, "reply", "class");

	if (str_eq(name, "reply_text"))
		return str_empty(visible) ? NULL : quoted(f->a, visible, 4000);
	if (str_eq(name, "reply_summary"))
		return str_empty(visible) ? NULL : summary(f->a, visible);
	if (str_eq(name, "questions"))
		return str_empty(visible) ? NULL : questions(f->a, visible);
	if (str_eq(name, "objections"))
		return str_eq(class, "objection") && visible ? quoted(f->a, summary(f->a, visible), 400) : NULL;
	if (str_eq(name, "reply_at"))
		return time_at(f, "reply", "received");
	if (str_eq(name, "reply_from"))
		return at(f, "reply", "sender");
	if (str_eq(name, "reply_subject"))
		return at(f, "reply", "subject");
	if (str_eq(name, "reply_class"))
		return class;
	if (str_eq(name, "reply_date"))
		return at(f, "reply", "date");
	if (str_eq(name, "reply_match"))
		return at(f, "reply", "matched_by");
	return NULL;
}

static const char *list_value(struct facts_json *f, const char *name)
{
	static const struct {
		const char *field, *json;
		size_t max;
		item_fn *fn;
	} lists[] = {
		{ "source", "sources", 5, source_item },
		{ "verified_context", "facts", 10, fact_item },
		{ "signals", "signals", 5, signal_item },
		{ "messages_sent", "messages", 15, message_item },
		{ "replies", "replies", 15, reply_item },
		{ "appointment", "appointments", 5, appointment_item },
		{ "tasks", "tasks", 10, task_item },
	};

	for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++)
		if (str_eq(name, lists[k].field))
			return list(f, lists[k].json, lists[k].max, lists[k].fn);
	return NULL;
}

static const char *prospect_value(struct facts_json *f, const char *name)
{
	if (str_eq(name, "prospect")) {
		const char *n = at(f, "prospect", "name"), *email = at(f, "prospect", "email");

		if (str_empty(n))
			return email;
		return email ? arena_printf(f->a, "%s <%s>", n, email) : n;
	}
	if (str_eq(name, "company"))
		return at(f, "prospect", "company_name");
	if (str_eq(name, "role") || str_eq(name, "relationship") || str_eq(name, "priority") ||
	    str_eq(name, "stage"))
		return at(f, "prospect", name);
	if (str_eq(name, "qualification")) {
		const char *s = at(f, "prospect", "qualification_status");

		return s ? s : at(f, "prospect", "qualification");
	}
	return NULL;
}

/* What somebody filled in, or wrote to a lead mailbox. */
static const char *lead_value(struct facts_json *f, const char *name)
{
	const char *s = at(f, "lead", name);

	if (str_empty(s))
		return NULL;
	return str_eq(name, "message") || str_eq(name, "more") ? quoted(f->a, s, 4000) : text_squeeze(f->a, s);
}

static const char *value(void *ctx, const char *name)
{
	struct facts_json *f = ctx;

	if (strncmp(name, "lead_", 5) == 0)
		return lead_value(f, name + 5);
	const char *v = prospect_value(f, name);

	if (!v)
		v = reply_value(f, name);
	if (!v)
		v = list_value(f, name);
	if (v)
		return v;
	if (str_eq(name, "personalisation"))
		return personalisation(f);
	if (str_eq(name, "risks"))
		return risks(f);
	if (str_eq(name, "offer") || str_eq(name, "sequence") || str_eq(name, "state") ||
	    str_eq(name, "before"))
		return at(f, "enrolment", name);
	if (str_eq(name, "enrolment"))
		return at(f, "enrolment", "id");
	if (str_eq(name, "due"))
		return time_at(f, "enrolment", "due");
	if (str_eq(name, "deadline") || str_eq(name, "at") || str_eq(name, "since"))
		return time_at(f, NULL, name);
	if (str_eq(name, "subject") || str_eq(name, "why") || str_eq(name, "event") ||
	    str_eq(name, "next_action") || str_eq(name, "verb") || str_eq(name, "account") ||
	    str_eq(name, "reason") || str_eq(name, "person") || str_eq(name, "address") ||
	    str_eq(name, "done") || str_eq(name, "count") || str_eq(name, "not_done") ||
	    str_eq(name, "unread") || str_eq(name, "list") || str_eq(name, "help"))
		return at(f, NULL, name);
	if (str_eq(name, "said") && !str_empty(at(f, NULL, "said")))
		return quoted(f->a, at(f, NULL, "said"), 4000);
	if (str_eq(name, "words")) {
		const char *words = at(f, NULL, "words");

		/* the whole answer stands there already */
		if (str_empty(words) || !str_empty(at(f, "reply", "visible")))
			return NULL;
		return quoted(f->a, words, 500);
	}
	return NULL;
}

/* ---- */

static enum status parse(const char *payload, json_t **out_r, struct err *e)
{
	json_error_t error;

	*out_r = json_loads(payload, 0, &error);
	if (*out_r && json_is_object(*out_r))
		return OK;
	json_decref(*out_r);
	return err_set(e, INPUT, "the note's facts cannot be read");
}

enum status notify_template(struct arena *a, const char *payload, const char **template_r, struct err *e)
{
	json_t *o;
	enum status s = parse(payload, &o, e);

	if (s != OK)
		return s;
	*template_r = json_is_string(json_object_get(o, "text")) ?
		arena_strdup(a, json_string_value(json_object_get(o, "text"))) : "handoff";
	json_decref(o);
	return OK;
}

bool notify_ready(struct arena *a, const char *payload, struct note *out_r)
{
	struct facts_json f = { .a = a };
	struct err e;

	if (parse(payload, &f.o, &e) != OK)
		return false;
	*out_r = (struct note){ .to = arena_strdup(a, at(&f, NULL, "to")), .text = arena_strdup(a, at(&f, NULL, "plain")),
				.html = arena_strdup(a, at(&f, NULL, "html")), .zone = arena_strdup(a, at(&f, NULL, "zone")),
				.subject = arena_strdup(a, at(&f, NULL, "subject")),
				.reply_to = arena_strdup(a, at(&f, NULL, "reply_to")) };
	json_decref(f.o);
	return out_r->text != NULL;
}

bool notify_about(struct arena *a, const char *payload, struct note_about *out_r)
{
	struct facts_json f = { .a = a };
	struct err e;

	if (parse(payload, &f.o, &e) != OK)
		return false;
	*out_r = (struct note_about){ .enrolment_id = arena_strdup(a, at(&f, "enrolment", "id")),
				      .person = arena_strdup(a, prospect_value(&f, "prospect")),
				      .class = arena_strdup(a, at(&f, "reply", "class")) };
	json_decref(f.o);
	return out_r->enrolment_id != NULL;
}

void notify_dress(struct arena *a, struct note *n, const char *language, const struct page_item *buttons)
{
	struct page p, only = { .language = language };
	struct page_section *sections;

	page_of_text(a, n->text, &p);
	p.language = language;
	p.title = n->subject;
	if (buttons && buttons->actions_n > 0) {
		/* the head first, which says what happened; then what to do about it */
		size_t head = p.sections_n > 0;

		sections = arena_array(a, struct page_section, p.sections_n + 1);
		memcpy(sections, p.sections, head * sizeof(*sections));
		sections[head] = (struct page_section){ .items = buttons, .items_n = 1 };
		memcpy(sections + head + 1, p.sections + head, (p.sections_n - head) * sizeof(*sections));
		p.sections = sections;
		p.sections_n++;
		only.sections = &sections[head];
		only.sections_n = 1;
		n->text = arena_printf(a, "%s\n%s", n->text, page_text(a, &only));
	}
	n->html = page_html(a, &p);
}

enum status notify_compose(struct arena *a, const char *payload, const char *template, const char *zone,
			   struct note *out_r, struct err *e)
{
	struct facts_json f = { .a = a, .zone = zone };
	enum status s = parse(payload, &f.o, e);

	if (s != OK)
		return s;
	out_r->to = arena_strdup(a, at(&f, NULL, "to"));
	out_r->reply_to = arena_strdup(a, at(&f, NULL, "reply_to"));
	out_r->in_reply_to = arena_strdup(a, at(&f, NULL, "in_reply_to"));
	out_r->escalate = json_is_true(json_object_get(f.o, "escalate"));
	out_r->text = letter_fill(a, template, value, &f, &out_r->subject);
	out_r->text = out_r->text ? text_harmless(a, out_r->text) : NULL;
	out_r->subject = out_r->subject ? text_harmless(a, out_r->subject) : NULL;
	json_decref(f.o);
	return OK;
}
