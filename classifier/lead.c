/* SPDX-License-Identifier: MPL-2.0
 *
 * From pairs, or from a person's mail, to a lead. A form is what has labels that we know; which reading of a mail
 * with several parts is the best one is counted, not guessed from who sent it.
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "classifier/lead_private.h"

enum { FORM_FIELDS = 2, PHONE_DIGITS = 7, TEXT_MAX = 256 * 1024, REQUEST_MAX = 80 };

/* ---- which reading ---- */

/* A signature has a phone number and an address, too: these alone make no form. */
static bool telling(enum lead_field f)
{
	switch (f) {
	case LEAD_NAME: case LEAD_FIRST_NAME: case LEAD_LAST_NAME: case LEAD_MESSAGE: case LEAD_SUBJECT:
	case LEAD_SERVICE: case LEAD_BUDGET: case LEAD_URGENCY: case LEAD_CONSENT: case LEAD_SALUTATION:
	case LEAD_HEARD: case LEAD_TRAP:
		return true;
	case LEAD_EMAIL: case LEAD_COMPANY: case LEAD_ROLE: case LEAD_PHONE: case LEAD_LOCATION: case LEAD_COUNTRY:
	case LEAD_WEBSITE: case LEAD_CAMPAIGN: case LEAD_PAGE: case LEAD_LANGUAGE: case LEAD_FIELD_COUNT:
		break;
	}
	return false;
}

static int score(const struct pairs *p)
{
	bool have[LEAD_FIELD_COUNT] = { false }, tells = false;
	int known = 0;

	for (size_t i = 0; i < p->n; i++) {
		enum lead_field f = p->list[i].field;

		if (f == LEAD_FIELD_COUNT || have[f])
			continue;
		have[f] = true;
		known += 1 + (*p->list[i].value != '\0');
		tells = tells || telling(f);
	}
	return tells && known >= FORM_FIELDS ? known + 4 * have[LEAD_EMAIL] : 0;
}

struct choice {
	struct pairs *best;
	int score;
};

static void consider(struct choice *c, struct pairs *p)
{
	int s = score(p);

	if (s > c->score)
		*c = (struct choice){ p, s };
}

static void consider_data(struct choice *c, struct arena *a, const struct lead_words *w, const char *text, size_t n)
{
	struct span s = span_trim((struct span){ text, n });

	if (s.n > 2 && (s.p[0] == '{' || s.p[0] == '['))
		consider(c, pairs_of_json(a, w, s.p, s.n));
	else if (s.n > 5 && s.p[0] == '<' && (s.p[1] == '?' || memmem(s.p, s.n < 400 ? s.n : 400, "<adf", 4) ||
					      memmem(s.p, s.n < 400 ? s.n : 400, "<lead", 5) ||
					      memmem(s.p, s.n < 400 ? s.n : 400, "<form", 5)))
		consider(c, pairs_of_xml(a, w, s.p, s.n));
	else if (s.n > 3 && memchr(s.p, '=', s.n) && memchr(s.p, '&', s.n) &&
		 !memchr(s.p, ' ', memchr(s.p, '=', s.n) ? (size_t)((const char *)memchr(s.p, '=', s.n) - s.p) : s.n))
		consider(c, pairs_of_urlencoded(a, w, s.p, s.n));
}

static struct choice read_form(struct arena *a, const struct lead_words *w, const struct message *m)
{
	struct choice c = { NULL, 0 };

	for (size_t i = 0; i < m->parts_n && i < 20; i++) {
		const struct part *p = &m->parts[i];
		size_t n = p->text_n < TEXT_MAX ? p->text_n : TEXT_MAX;

		if (!p->text || p->parent_rfc822 >= 0 || arena_over(a))
			continue;
		if (!str_eq(p->type, "text/html"))
			consider_data(&c, a, w, p->text, n);
		if (str_eq(p->type, "text/plain") && !p->attachment)
			consider(&c, pairs_of_text(a, w, arena_strndup(a, p->text, n)));
	}
	for (size_t i = 0; i < m->parts_n && i < 20; i++)
		if (m->parts[i].text && str_eq(m->parts[i].type, "text/html") && m->parts[i].parent_rfc822 < 0 &&
		    !m->parts[i].attachment && !arena_over(a))
			consider(&c, pairs_of_html(a, w, m->parts[i].text, m->parts[i].text_n));
	return c;
}

/* ---- into a lead ---- */

static void add_extra(struct lead *l, struct arena *a, const char *label, const char *value)
{
	const char *name = clean_line(a, label, LEAD_LABEL_MAX), *text = clean_line(a, value, LEAD_EXTRA_VALUE);

	if (name && text && l->extra_n < LEAD_EXTRA_MAX)
		l->extra[l->extra_n++] = (struct lead_extra){ name, text };
}

static bool may_stand(enum lead_field f, const char *value)
{
	switch (f) {
	case LEAD_NAME: case LEAD_FIRST_NAME: case LEAD_LAST_NAME: case LEAD_SALUTATION:
		return plausible_name(value);
	case LEAD_COMPANY: case LEAD_ROLE: case LEAD_SERVICE: case LEAD_LOCATION: case LEAD_COUNTRY: case LEAD_PHONE:
	case LEAD_BUDGET: case LEAD_URGENCY: case LEAD_CAMPAIGN: case LEAD_LANGUAGE: case LEAD_SUBJECT:
		return plausible_words(value);
	case LEAD_EMAIL: case LEAD_MESSAGE: case LEAD_WEBSITE: case LEAD_HEARD: case LEAD_PAGE: case LEAD_CONSENT:
	case LEAD_TRAP: case LEAD_FIELD_COUNT:
		break;
	}
	return true;
}

static void take(struct lead *l, struct arena *a, const struct pair *p)
{
	const char *value;

	l->fields++;
	if (p->field == LEAD_FIELD_COUNT) {
		add_extra(l, a, p->label, p->value);
		return;
	}
	value = p->field == LEAD_MESSAGE ? clean_text(a, p->value, lead_field_max(p->field))
					 : clean_line(a, p->value, lead_field_max(p->field));
	if (!value)
		return;
	if (p->field == LEAD_CONSENT && !l->values[LEAD_CONSENT])
		l->consent_words = clean_line(a, arena_printf(a, "%s: %s", p->label, value), 300);
	if (l->values[p->field] && p->field == LEAD_MESSAGE && !str_eq(l->values[LEAD_MESSAGE], value))
		l->values[LEAD_MESSAGE] = str_cut(a, arena_printf(a, "%s\n\n%s", l->values[LEAD_MESSAGE], value),
						  lead_field_max(LEAD_MESSAGE));
	else if (l->values[p->field] || !may_stand(p->field, value))
		add_extra(l, a, p->label, value);
	else
		l->values[p->field] = value;
}

static const char *joined(struct arena *a, const char *first, const char *last)
{
	return first && last ? arena_printf(a, "%s %s", first, last) : first ? first : last;
}

static void settle_names(struct lead *l, struct arena *a)
{
	const char *name = l->values[LEAD_NAME], *comma = name ? strchr(name, ',') : NULL;

	if (comma && comma > name && comma[1] == ' ' && comma[2])	/* "Colby, Ann" */
		l->values[LEAD_NAME] = name = arena_printf(a, "%s %.*s", comma + 2, (int)(comma - name), name);
	/* "Name: Ann" beside "Last name: Colby" */
	if (name && l->values[LEAD_LAST_NAME] && !l->values[LEAD_FIRST_NAME] && !strchr(name, ' ') &&
	    !str_eq(name, l->values[LEAD_LAST_NAME]))
		l->values[LEAD_FIRST_NAME] = name;
	if (l->values[LEAD_FIRST_NAME] || (!name && l->values[LEAD_LAST_NAME]))
		l->values[LEAD_NAME] = joined(a, l->values[LEAD_FIRST_NAME], l->values[LEAD_LAST_NAME]);
}

static const char *consent_answer(struct arena *a, const struct lead_words *w, struct lead *l)
{
	const char *folded = l->values[LEAD_CONSENT] ? label_key(a, l->values[LEAD_CONSENT]) : "";

	if (!l->values[LEAD_CONSENT])
		return NULL;
	if (words_have(w, LIST_NO, folded))
		l->consent = LEAD_CONSENT_NO;
	else if (words_have(w, LIST_YES, folded) || strlen(l->values[LEAD_CONSENT]) > 3)
		l->consent = LEAD_CONSENT_YES;	/* the text of the box that was ticked */
	return folded;
}

static bool robot_address(const struct lead_words *w, const struct addr *who)
{
	return words_have(w, LIST_ROBOT, who->local) ||
	       span_starts_case(span_of(who->local), "noreply") || span_starts_case(span_of(who->local), "no-reply") ||
	       strchr(who->local, '=') != NULL;
}

/* Whoever is at home where the mail went to is the site, not the customer. */
static bool from_the_site(const struct message *m, const struct addr *who)
{
	for (size_t i = 0; i < m->to_n && i < 20; i++)
		if (str_eq(m->to[i].domain, who->domain))
			return true;
	return false;
}

static const struct addr *sender(const struct lead_words *w, const struct message *m, bool form)
{
	for (size_t i = 0; i < m->reply_to_n && i < 3; i++)
		if (strchr(m->reply_to[i].key, '@') && !robot_address(w, &m->reply_to[i]) &&
		    !from_the_site(m, &m->reply_to[i]) && (form || !m->from_n || robot_address(w, &m->from[0])))
			return &m->reply_to[i];
	if (m->from_n && strchr(m->from[0].key, '@') && !robot_address(w, &m->from[0]) &&
	    (!form || !from_the_site(m, &m->from[0])))
		return &m->from[0];
	return NULL;
}

static void find_address(struct lead *l, struct arena *a, const struct lead_words *w, const struct message *m)
{
	bool form = lead_shape_is_form(l->shape);
	const struct addr *who;

	if (l->values[LEAD_EMAIL]) {
		l->address = address_in(a, l->values[LEAD_EMAIL]);
		if (!l->address)
			l->problem = arena_printf(a, "'%s' is not a mail address", str_cut(a, l->values[LEAD_EMAIL], 80));
		return;
	}
	who = sender(w, m, form);
	if (who) {
		l->address = who->key;
		if (!l->values[LEAD_NAME] && who->name && plausible_name(who->name))
			l->values[LEAD_NAME] = clean_line(a, who->name, lead_field_max(LEAD_NAME));
		settle_names(l, a);
		return;
	}
	l->problem = form ? "the form gives no mail address" : "nobody can be answered: the sender is a program";
}

/* ---- what it is about ---- */

static const char *without_reply_marks(const char *s)
{
	for (int i = 0; i < 5; i++) {
		struct span t = span_of(s);

		while (*s == ' ')
			s++;
		if (span_starts_case(t, "re:") || span_starts_case(t, "aw:") || span_starts_case(t, "sv:"))
			s += 3;
		else if (span_starts_case(t, "fwd:"))
			s += 4;
		else if (span_starts_case(t, "fw:") || span_starts_case(t, "wg:"))
			s += 3;
	}
	return s;
}

static const char *request_of(struct arena *a, const struct lead_words *w, const struct lead *l)
{
	const char *list[2] = { l->values[LEAD_SERVICE], l->values[LEAD_SUBJECT] };

	for (size_t i = 0; i < 2; i++) {
		const char *s = list[i] ? clean_line(a, without_reply_marks(list[i]), REQUEST_MAX) : NULL;

		if (s && plausible_words(s) && strlen(s) > 1)
			return s;
	}
	return words_of_language(w, LIST_YOUR_REQUEST, l->language ? l->language : "en");
}

static void judge_text(struct lead *l, struct arena *a, const struct lead_words *w)
{
	const char *message = l->values[LEAD_MESSAGE], *urgency = l->values[LEAD_URGENCY];

	if (urgency)
		l->urgent = words_within(w, LIST_URGENT, label_key(a, urgency));
	if (message && !l->urgent)
		l->urgent = words_within(w, LIST_URGENT, text_squeeze(a, text_fold(a, str_cut(a, message, 1000))));
	if (l->problem)
		return;
	l->robot = l->values[LEAD_TRAP] || (message && only_links(message));
	if (l->values[LEAD_TRAP])
		l->problem = arena_printf(a, "a field that people do not see was filled in ('%s'): a robot, it seems",
					  str_cut(a, l->values[LEAD_TRAP], 40));
	else if (message && only_links(message))
		l->problem = "the message is nothing but links";
	else if (l->consent == LEAD_CONSENT_NO)
		l->problem = arena_printf(a, "they did not agree to be written to ('%s')", l->consent_words);
}

/* ---- a person's own mail ---- */

static const char *phone_in(struct arena *a, const struct lead_words *w, struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct span number = line;
	size_t digits = 0;

	if (colon && label_field(a, w, arena_strndup(a, line.p, (size_t)(colon - line.p)), false) == LEAD_PHONE)
		number = span_trim((struct span){ colon + 1, (size_t)(line.p + line.n - colon) - 1 });
	else if (colon || line.n == 0 || (line.p[0] != '+' && line.p[0] != '0' && line.p[0] != '('))
		return NULL;
	for (size_t i = 0; i < number.n; i++) {
		if (number.p[i] >= '0' && number.p[i] <= '9')
			digits++;
		else if (!memchr("+()-./ ", number.p[i], 7))
			return digits >= PHONE_DIGITS ? arena_strndup(a, number.p, i) : NULL;
	}
	return digits >= PHONE_DIGITS ? span_dup(a, number) : NULL;
}

static void read_signature(struct lead *l, struct arena *a, const struct lead_words *w, const char *signature)
{
	struct span rest = span_of(signature), line;

	for (int n = 0; n < 30 && span_line(&rest, &line); n++) {
		const char *text = clean_line(a, span_dup(a, line), 200), *phone;

		if (!text)
			continue;
		phone = l->values[LEAD_PHONE] ? NULL : phone_in(a, w, span_of(text));
		if (phone)
			l->values[LEAD_PHONE] = clean_line(a, phone, lead_field_max(LEAD_PHONE));
		else if (!l->values[LEAD_COMPANY] && strlen(text) < 100 && !strchr(text, '@') && plausible_words(text) &&
			 words_within(w, LIST_COMPANY_MARK, label_key(a, text)))
			l->values[LEAD_COMPANY] = clean_line(a, text, lead_field_max(LEAD_COMPANY));
	}
}

static void read_person(struct lead *l, struct arena *a, const struct lead_words *w, const struct message *m,
			const struct finding *f)
{
	const char *text = f && !str_empty(f->visible) ? f->visible : m->text;

	l->shape = LEAD_SHAPE_PERSON;
	l->values[LEAD_MESSAGE] = clean_text(a, text, lead_field_max(LEAD_MESSAGE));
	l->values[LEAD_SUBJECT] = clean_line(a, m->subject, lead_field_max(LEAD_SUBJECT));
	/* the end of the text, whether or not something took it for a signature */
	read_signature(l, a, w, f && f->ignored_footer ? f->ignored_footer : "");
	if (!l->values[LEAD_PHONE] || !l->values[LEAD_COMPANY]) {
		size_t n = strlen(text), from = n > 600 ? n - 600 : 0;

		while (from > 0 && text[from] != '\n')
			from--;
		read_signature(l, a, w, text + from);
	}
}

/* ---- together ---- */

/* No person asks this way, whatever a form in it may say. */
static bool never(enum reply_kind k)
{
	return k == KIND_BOUNCE || k == KIND_DELAY || k == KIND_DSN_SUCCESS || k == KIND_MDN || k == KIND_COMPLAINT ||
	       k == KIND_CHALLENGE;
}

static bool machine(const struct finding *f)
{
	return f && (f->kind == KIND_AUTO_REPLY || f->kind == KIND_LIST);
}

bool lead_read(struct arena *a, const struct lead_words *w, const struct message *m, const struct finding *f,
	       enum lead_format format, struct lead **out_r)
{
	struct lead *l = arena_new_of(a, struct lead);
	struct choice c;

	*out_r = l;
	if (f && never(f->kind))
		return false;
	c = format == LEAD_FORMAT_MAIL ? (struct choice){ NULL, 0 } : read_form(a, w, m);
	if (f && !str_empty(f->language) && !str_eq(f->language, "-"))
		l->language = f->language;
	if (c.best) {
		l->shape = c.best->shape;
		for (size_t i = 0; i < c.best->n; i++)
			take(l, a, &c.best->list[i]);
		l->fields = c.best->seen;
		settle_names(l, a);
		/* labels in a person's own mail ("Budget: 5000") are no form */
		if (!l->values[LEAD_EMAIL] && sender(w, m, true) && !m->reply_to_n) {
			if (machine(f))
				return false;
			read_person(l, a, w, m, f);
		} else if (machine(f) && !l->values[LEAD_EMAIL]) {
			return false;
		}
	} else {
		if (machine(f))
			return false;
		read_person(l, a, w, m, f);
		if (format == LEAD_FORMAT_FORM)
			l->problem = "no form can be read in it";
		else if (f && f->kind == KIND_CALENDAR)
			l->problem = "an invitation, not a request";
	}
	if (!l->problem)
		find_address(l, a, w, m);
	else if (sender(w, m, false))
		l->address = sender(w, m, false)->key;
	(void)consent_answer(a, w, l);
	l->request = request_of(a, w, l);
	judge_text(l, a, w);
	if (!l->problem && f && (f->class == REPLY_UNSUBSCRIBE || f->class == REPLY_COMPLAINT))
		l->problem = "it asks to be left alone, or complains";
	if (!l->problem && !l->values[LEAD_MESSAGE] && !l->values[LEAD_SERVICE] && !l->values[LEAD_SUBJECT] &&
	    !l->extra_n)
		l->problem = "it says nothing: neither a message nor what is asked for";
	return true;
}
