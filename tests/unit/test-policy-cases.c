/* SPDX-License-Identifier: MPL-2.0
 *
 * Plays the stories of tests/cases/refuse: what is remembered, what a rep sends, what the verdict is.
 * The words are explained in tests/cases/refuse/README. A file is one test.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "policy/policy.h"
#include "tests/lib/testing.h"

enum { MAX_WORDS = 40, MAX_ITEMS = 12 };

struct story {
	struct arena *a;
	const char *file;
	int line;
	char *word[MAX_WORDS];
	int words;

	time_t now;
	const char *zone;
	struct policy_settings settings;
	struct refusals *texts;
	struct memory memory;
	struct memory_owner owner;
	struct memory_prospect prospect[MAX_ITEMS];
	struct memory_suppression suppression[MAX_ITEMS][MAX_ITEMS];
	struct memory_enrolment enrolment[MAX_ITEMS];
	struct memory_touch touch[MAX_ITEMS][MAX_ITEMS];
	struct memory_draft draft[MAX_ITEMS];
	struct memory_reply reply[MAX_ITEMS];
	struct memory_touch same;
	struct memory_other other[MAX_ITEMS], other_company[MAX_ITEMS];
	struct memory_breaker breaker[3];
	struct memory_approval approval;
	const char *word_kept;
	struct memory_proposal proposal;
	struct memory_source source[MAX_ITEMS];
	struct memory_point point[MAX_ITEMS];
	struct part part[MAX_ITEMS];
	struct plan plan, enrol_plan;
	struct plan_step step[9];
	struct plan_rule rule[RULE_COUNT];
	struct outgoing mail;
	struct message message;
	struct header header[MAX_ITEMS];
	struct addr to[MAX_ITEMS], cc[MAX_ITEMS], from;
	const char *recipient[MAX_ITEMS], *reference[1];
	struct placeholder placeholder[MAX_ITEMS];
	struct verdict verdict;
	bool judged;
};

static _Noreturn void complain(const struct story *s, const char *what, const char *word)
{
	ck_abort_msg("%s:%d: %s '%s'", s->file, s->line, what, word ? word : "");
	abort();
}

/* ---- words ---- */

/* Words, or "quoted text" in which \n is a line end. */
static void split(struct story *s, struct span line)
{
	s->words = 0;
	while (line.n) {
		struct buf b;
		bool quoted;

		while (line.n && (*line.p == ' ' || *line.p == '\t')) {
			line.p++;
			line.n--;
		}
		if (!line.n || *line.p == '#')
			break;
		buf_init(&b, s->a);
		quoted = *line.p == '"';
		for (size_t i = quoted; i <= line.n; i++) {
			char c = i < line.n ? line.p[i] : '\0';

			if (i == line.n || (quoted ? c == '"' : c == ' ' || c == '\t')) {
				line.p += i < line.n ? i + 1 : i;
				line.n -= i < line.n ? i + 1 : i;
				break;
			}
			if (quoted && c == '\\' && i + 1 < line.n && line.p[i + 1] == 'n') {
				buf_addc(&b, '\n');
				i++;
			} else {
				buf_addc(&b, c);
			}
		}
		ck_assert_int_lt(s->words, MAX_WORDS);
		s->word[s->words++] = b.p;
	}
}

/* The word behind name, NULL if name is not there. */
static const char *opt(const struct story *s, const char *name)
{
	for (int i = 1; i + 1 < s->words; i++) {
		if (str_eq(s->word[i], name))
			return s->word[i + 1];
	}
	return NULL;
}

static bool flag(const struct story *s, const char *name)
{
	for (int i = 1; i < s->words; i++) {
		if (str_eq(s->word[i], name))
			return true;
	}
	return false;
}

static const char *arg(const struct story *s, int i)
{
	if (i >= s->words)
		complain(s, "a word is missing after", s->word[s->words - 1]);
	return s->word[i];
}

static int number(const struct story *s, const char *text)
{
	int64_t n;

	if (!text)
		return 0;
	if (!str_int(text, -1000000, 1000000, &n))
		complain(s, "not a number:", text);
	return (int)n;
}

static time_t moment(const struct story *s, const char *text)
{
	time_t t;

	if (!text)
		return 0;
	if (!when_parse(text, s->zone, &t))
		complain(s, "not a time:", text);
	return t;
}

/* ---- what is remembered ---- */

static struct memory_prospect *last_prospect(struct story *s)
{
	if (!s->memory.prospects_n)
		complain(s, "no prospect yet for", s->word[0]);
	return &s->prospect[s->memory.prospects_n - 1];
}

static void do_owner(struct story *s)
{
	static const char *addresses[1];

	addresses[0] = s->owner.login = arg(s, 1);
	s->owner.id = "owner-1";
	s->owner.addresses = addresses;
	s->owner.addresses_n = 1;
	if (opt(s, "zone"))
		s->owner.zone = opt(s, "zone");
	s->owner.watched = !flag(s, "unwatched");
	s->owner.account = "rita";
	s->owner.account_error = opt(s, "error");
	s->owner.last_read = opt(s, "read") ? moment(s, opt(s, "read")) : s->now;
	if (flag(s, "never_read"))
		s->owner.last_read = 0;
	s->memory.owner = &s->owner;
}

static void do_prospect(struct story *s)
{
	struct memory_prospect *p = &s->prospect[s->memory.prospects_n];

	*p = (struct memory_prospect){ .address = arg(s, 1), .own_domain = flag(s, "own"),
				       .has_written = flag(s, "written"),
				       .bystander = flag(s, "bystander"), .zone = opt(s, "zone"),
				       .name = "Paul", .channels = opt(s, "channels") };
	if (opt(s, "id") || (!flag(s, "own") && !flag(s, "unknown")))
		p->id = opt(s, "id") ? opt(s, "id")
				     : arena_printf(s->a, "p%zu", s->memory.prospects_n);
	p->suppressions = s->suppression[s->memory.prospects_n];
	p->touches = s->touch[s->memory.prospects_n];
	s->recipient[s->memory.prospects_n] = p->address;
	s->memory.prospects_n++;
	s->mail.recipients_n = s->memory.prospects_n;
}

static void do_suppressed(struct story *s)
{
	struct memory_prospect *p = last_prospect(s);

	s->suppression[s->memory.prospects_n - 1][p->suppressions_n++] = (struct memory_suppression){
		.subject = p->address, .scope = arg(s, 1), .reason = arg(s, 2),
		.at = moment(s, arg(s, 3)), .scope_arg = opt(s, "arg"), .may_tell = flag(s, "tell"),
	};
}

static void do_enrolment(struct story *s)
{
	struct memory_enrolment *e = &s->enrolment[s->memory.prospects_n - 1];
	struct enrolment *st = &e->state;

	last_prospect(s)->enrolment = e;
	if (!st->id[0])
		snprintf(st->id, sizeof(st->id), "e%zu", s->memory.prospects_n);
	if (!seq_state_from_name(arg(s, 1), &st->state))
		complain(s, "no such state:", arg(s, 1));
	e->plan = &s->plan;
	e->own = !flag(s, "other");
	if (opt(s, "sequence")) {
		s->enrol_plan = s->plan;
		s->enrol_plan.name = opt(s, "sequence");
		e->plan = &s->enrol_plan;
	}
	e->has_source = e->has_permission = e->has_identity = e->has_evidence = e->has_review_note =
		true;
	if (opt(s, "lacks")) {
		e->has_evidence = !str_eq(opt(s, "lacks"), "evidence");
		e->has_source = !str_eq(opt(s, "lacks"), "source");
	}
	st->step = number(s, opt(s, "step"));
	st->touches = opt(s, "touches") ? number(s, opt(s, "touches")) : st->step;
	st->last_touch = moment(s, opt(s, "last"));
	st->due = moment(s, opt(s, "due"));
	st->started = opt(s, "started") ? moment(s, opt(s, "started")) : st->last_touch;
	st->holds = number(s, opt(s, "holds"));
	st->held_since = moment(s, opt(s, "since"));
	st->zone = s->zone;
	st->reason = opt(s, "reason");
	st->pause_reason = opt(s, "pause");
	st->pause_words = opt(s, "words");
	e->since = moment(s, opt(s, "since"));
}

static struct memory_touch touch_of(struct story *s)
{
	struct memory_touch t = { .id = opt(s, "id") ? opt(s, "id") : "t1", .step = number(s, opt(s, "step")),
				  .at = moment(s, opt(s, "at")), .sent = SENT_DELIVERED,
				  .queue_id = opt(s, "queue"), .subject = opt(s, "subject"),
				  .text = opt(s, "text"), .fingerprint = opt(s, "fingerprint"),
				  .message_id = opt(s, "mid") };

	if (opt(s, "state") && !sent_state_from_name(opt(s, "state"), &t.sent))
		complain(s, "no such state:", opt(s, "state"));
	return t;
}

static void do_touch(struct story *s)
{
	struct memory_prospect *p = last_prospect(s);
	struct memory_touch t = touch_of(s);

	if (p->enrolment && !flag(s, "manual"))
		t.enrolment = p->enrolment->state.id;
	if (t.at > p->last_touch && t.sent != SENT_TAKEN_BACK)
		p->last_touch = t.at;
	s->touch[s->memory.prospects_n - 1][p->touches_n++] = t;
}

static void do_draft(struct story *s)
{
	struct memory_draft *d = &s->draft[s->memory.prospects_n - 1];
	struct memory_prospect *p = last_prospect(s);

	*d = (struct memory_draft){ .id = "d1", .enrolment = p->enrolment ? p->enrolment->state.id : NULL,
				    .step = number(s, opt(s, "step")), .subject = opt(s, "subject"),
				    .text = opt(s, "text"), .made = moment(s, opt(s, "made")) };
	p->draft = d;
}

static void do_reply(struct story *s)
{
	struct memory_reply *r = &s->reply[s->memory.prospects_n - 1];

	*r = (struct memory_reply){ .from = opt(s, "from"), .subject = opt(s, "subject"),
				    .class = opt(s, "class"), .at = moment(s, opt(s, "at")) };
	last_prospect(s)->reply = r;
}

static void do_plan(struct story *s)
{
	struct plan *p = &s->plan;

	if (opt(s, "authority")) {
		for (enum authority x = 0; x < AUTHORITY_COUNT; x++) {
			if (str_eq(authority_name(x), opt(s, "authority")))
				p->authority = x;
		}
	}
	if (opt(s, "max"))
		p->max_touches = number(s, opt(s, "max"));
	if (opt(s, "requires"))
		p->requires = str_eq(opt(s, "requires"), "evidence") ? (unsigned)REQUIRES_EVIDENCE
								      : (unsigned)REQUIRES_SOURCE;
	if (opt(s, "type"))
		s->step[1].type = STEP_PROPOSAL_FOLLOW_UP;
	if (opt(s, "rule"))
		s->rule[p->rules_n++] = (struct plan_rule){ opt(s, "rule"), arg(s, s->words - 1) };
}

/* ---- limits ---- */

struct named_int {
	const char *name;
	int *value;
};

static void set_int(struct story *s, const struct named_int *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i].name, arg(s, 1))) {
			*list[i].value = number(s, arg(s, 2));
			return;
		}
	}
	complain(s, "no such number:", arg(s, 1));
}

static void do_limit(struct story *s)
{
	struct policy_limits *l = &s->settings.limits;
	const struct named_int list[] = {
		{ "sender_per_day", &l->sender_per_day }, { "domain_per_day", &l->domain_per_day },
		{ "company_gap_days", &l->company_gap_days }, { "warm_up_start", &l->warm_up_start },
		{ "warm_up_ceiling", &l->warm_up_ceiling }, { "collision_days", &l->collision_days },
		{ "plan_sender_per_day", &s->plan.caps.sender_per_day }, { "pilot_size", &s->plan.pilot_size },
	};

	if (str_eq(arg(s, 1), "consent_in")) {
		l->consent_jurisdictions = (const char *const *)&s->word_kept;
		s->word_kept = arg(s, 2);
		l->consent_jurisdictions_n = 1;
	} else if (str_eq(arg(s, 1), "sending_domain")) {
		l->sending_domains = (const char *const *)&s->word_kept;
		s->word_kept = arg(s, 2);
		l->sending_domains_n = 1;
	} else if (str_eq(arg(s, 1), "collision"))
		l->collision = str_eq(arg(s, 2), "off") ? COLLISION_OFF :
			       str_eq(arg(s, 2), "company") ? COLLISION_COMPANY : COLLISION_PROSPECT;
	else
		set_int(s, list, sizeof(list) / sizeof(*list));
}

static void do_count(struct story *s)
{
	struct memory_limits *m = &s->memory.limits;
	struct memory_prospect *p = last_prospect(s);
	const struct named_int list[] = {
		{ "sender_today", &m->sender_today }, { "sender_days", &m->sender_days },
		{ "from_today", &m->from_today }, { "from_days", &m->from_days }, { "pilot", &m->pilot },
		{ "domain_today", &p->domain_today }, { "slow_mails", &p->slow_mails },
	};

	m->from = "ourco.example";
	p->domain = "prospect.example";
	p->shared_domain = flag(s, "shared");
	if (opt(s, "last"))
		p->slow_last = moment(s, opt(s, "last"));
	set_int(s, list, sizeof(list) / sizeof(*list));
}

static void do_near(struct story *s)
{
	last_prospect(s)->near = arg(s, 1);
	last_prospect(s)->near_at = moment(s, opt(s, "at"));
}

static void do_other(struct story *s)
{
	struct memory_prospect *p = last_prospect(s);
	size_t i = s->memory.prospects_n - 1;
	struct memory_other o = { .owner = arg(s, 1), .conversation = flag(s, "conversation"),
				  .address = opt(s, "with") ? opt(s, "with") : p->address,
				  .at = moment(s, opt(s, "at")) };

	if (flag(s, "company")) {
		s->other_company[i] = o;
		p->other_company = &s->other_company[i];
	} else {
		s->other[i] = o;
		p->other = &s->other[i];
	}
}

static void do_breaker(struct story *s)
{
	struct memory_breaker *b = &s->breaker[s->memory.limits.breakers_n++];

	*b = (struct memory_breaker){ .scope = arg(s, 1), .name = arg(s, 2), .cause = opt(s, "cause"),
				      .opened = moment(s, opt(s, "at")) };
	if (!breaker_level_from_name(arg(s, 3), &b->level))
		complain(s, "no such level:", arg(s, 3));
	s->memory.limits.breakers = s->breaker;
}

static void do_approval(struct story *s)
{
	s->approval = (struct memory_approval){ .id = "a1", .by = arg(s, 1), .at = moment(s, opt(s, "at")),
						.expires = moment(s, opt(s, "until")), .used = flag(s, "used"),
						.void_ = flag(s, "void"), .approves = !flag(s, "rejects"),
						.prospect = opt(s, "prospect"), .step = number(s, opt(s, "step")) };
	s->memory.approval = flag(s, "none") ? NULL : &s->approval;
}

static void do_proposal(struct story *s)
{
	s->proposal = (struct memory_proposal){
		.id = "o1", .version = 1, .state = opt(s, "state") ? opt(s, "state") : "sent",
		.date = moment(s, arg(s, 1)), .expires = moment(s, opt(s, "expires")), .price = opt(s, "price"),
		.discount = opt(s, "discount"), .scope = opt(s, "scope"), .words = opt(s, "words"),
	};
	last_prospect(s)->proposal = flag(s, "none") ? NULL : &s->proposal;
}

static void do_source(struct story *s)
{
	struct memory_prospect *p = last_prospect(s);

	s->source[p->sources_n++] = (struct memory_source){ .kind = "event", .permission = arg(s, 1),
							    .jurisdiction = opt(s, "in") };
	p->sources = s->source;
	p->relationship = opt(s, "relationship");
}

static void do_point(struct story *s)
{
	struct memory_prospect *p = last_prospect(s);

	s->point[p->points_n++] = (struct memory_point){ arg(s, 1), flag(s, "supposed") };
	p->points = s->point;
}

static void do_grant(struct story *s)
{
	s->memory.grant_sends = flag(s, "sends");
	s->memory.grant_template = flag(s, "template");
	s->memory.grant_templates_n = 0;
	if (opt(s, "only")) {
		s->memory.grant_templates = arena_array(s->a, const char *, 1);
		s->memory.grant_templates[s->memory.grant_templates_n++] = opt(s, "only");
	}
	s->memory.grant_forbids = opt(s, "forbids");
	s->memory.inbound = flag(s, "inbound");
}

/* ---- what is sent ---- */

static void do_mail(struct story *s)
{
	struct message *m = &s->message;

	s->mail.message = m;
	m->subject = opt(s, "subject") ? opt(s, "subject") : "";
	m->text = opt(s, "text") ? opt(s, "text") : "";
	s->mail.visible = m->text;
	m->message_id = opt(s, "mid");
	s->mail.queue_id = opt(s, "queue");
	s->mail.fingerprint = opt(s, "fingerprint");
	m->content_type = opt(s, "type") ? opt(s, "type") : "text/plain";
	m->in_reply_to_n = 0;
	s->memory.thread = (struct memory_thread){ 0 };
	s->mail.anyway = s->mail.log_only = s->mail.moves = s->mail.ends = s->mail.command = false;
	s->mail.enrol = NULL;
	s->mail.placeholders_n = 0;
	m->parts_n = 0;
	s->mail.bump = opt(s, "bump");
	s->mail.sender = flag(s, "null_sender") ? "" : "rita@ourco.example";
	s->mail.automation = flag(s, "program");
	if (opt(s, "from")) {
		ck_assert(addr_path(s->a, opt(s, "from"), &s->from));
		m->from = &s->from;
		m->from_n = 1;
	}
	s->mail.role = flag(s, "local") ? ROLE_LOCAL : ROLE_SUBMISSION;
	m->headers_n = m->to_n = m->cc_n = 0;
}

static void do_answers(struct story *s)
{
	struct memory_thread *t = &s->memory.thread;

	s->reference[0] = "x@x";
	s->message.in_reply_to = s->reference;
	s->message.in_reply_to_n = 1;
	t->parent_is_touch = flag(s, "touch");
	t->parent_is_reply = flag(s, "reply");
	t->references_ours = flag(s, "ours");
	t->parent_known = t->parent_is_touch || t->parent_is_reply;
	t->stamp_touch = opt(s, "stamp");
	for (size_t i = 0; i < MAX_ITEMS; i++)
		s->prospect[i].answered = t->parent_is_reply && !s->prospect[i].bystander;
	if (flag(s, "stamp"))
		s->message.in_reply_to_n = 0;
}

static void do_control(struct story *s)
{
	s->mail.command = true;
	s->mail.anyway |= flag(s, "anyway");
	s->mail.log_only |= flag(s, "log");
	s->mail.moves |= flag(s, "stop") || flag(s, "pause");
	s->mail.ends |= s->mail.moves || flag(s, "dnc");
	if (opt(s, "seq")) {
		s->mail.enrol = opt(s, "seq");
		s->memory.enrol_plan = &s->plan;
	}
}

static void do_header(struct story *s)
{
	s->header[s->message.headers_n++] = (struct header){ arg(s, 1), arg(s, 2) };
	s->message.headers = s->header;
}

static void do_to(struct story *s)
{
	bool cc = str_eq(s->word[0], "cc");
	struct addr *list = cc ? s->cc : s->to;
	size_t *n = cc ? &s->message.cc_n : &s->message.to_n;

	ck_assert(addr_path(s->a, arg(s, 1), &list[*n]));
	(*n)++;
	s->message.to = s->to;
	s->message.cc = s->cc;
}

static void do_attached(struct story *s)
{
	s->part[s->message.parts_n++] = (struct part){ .type = arg(s, 1), .filename = opt(s, "name"), .attachment = true };
	s->message.parts = s->part;
}

static void do_placeholder(struct story *s)
{
	s->placeholder[s->mail.placeholders_n++] = (struct placeholder){ arg(s, 1), !flag(s, "unsure") };
	s->mail.placeholders = s->placeholder;
}

/* ---- what comes of it ---- */

static const struct objection *objection(const struct story *s, const char *rule)
{
	enum rule r;

	if (!rule_from_name(rule, &r))
		complain(s, "no such rule:", rule);
	for (size_t i = 0; i < s->verdict.objections_n; i++) {
		if (s->verdict.objections[i].rule == r)
			return &s->verdict.objections[i];
	}
	return NULL;
}

static const char *outcome(const struct story *s)
{
	const struct verdict *v = &s->verdict;

	if (v->why)
		return arena_printf(s->a, "refused by %s: %s / %s", rule_name(v->why->rule),
				    v->why->text[0], v->why->text[1] ? v->why->text[1] : "");
	return arena_printf(s->a, "%s as %s step %d", v->answer == ANSWER_DISCARD ? "discarded" : "passed",
			    mail_kind_name(v->kind), v->step);
}

static void lines_are_plain(const struct story *s, const struct objection *o)
{
	for (int i = 0; i < 2 && o->text[i]; i++) {
		const char *never = o->rule == RULE_PLACEHOLDER ? "\r\n" : "\r\n{}";

		if (strlen(o->text[i]) > 200 || strpbrk(o->text[i], never))
			complain(s, "a line that is too long or not filled:", o->text[i]);
		for (const char *c = o->text[i]; *c; c++)
			ck_assert(*c >= ' ' && *c <= '~');
	}
}

static void judge(struct story *s, bool rcpt)
{
	const struct message *m = s->mail.message;

	s->memory.prospects = s->prospect;
	s->mail.recipients = s->recipient;
	if (rcpt)
		s->mail.message = NULL;
	policy_judge(s->a, &s->settings, rcpt ? STAGE_RCPT : STAGE_EOM, &s->mail, &s->memory, s->now,
		     &s->verdict);
	s->mail.message = m;
	s->judged = true;
	for (size_t i = 0; i < s->verdict.objections_n; i++)
		lines_are_plain(s, &s->verdict.objections[i]);
}

static void expect_refused(struct story *s)
{
	const struct objection *o = s->verdict.why;

	if (!o || !str_eq(rule_name(o->rule), arg(s, 2)))
		complain(s, "not refused by that rule:", outcome(s));
	if (o->code != number(s, arg(s, 3)))
		complain(s, "another code:", arena_printf(s->a, "%d", o->code));
	ck_assert_int_eq(o->enhanced[0], o->code / 100 + '0');
}

static void expect_words(struct story *s, const struct objection *o)
{
	if (!o)
		complain(s, "nobody objected:", outcome(s));
	const char *both = arena_printf(s->a, "%s\n%s", o->text[0], o->text[1] ? o->text[1] : "");

	for (int i = 2; i < s->words; i++) {
		if (!strstr(both, s->word[i]))
			complain(s, "words are missing in:", both);
	}
}

static void do_expect(struct story *s)
{
	const struct verdict *v = &s->verdict;
	const char *what = arg(s, 1);
	const struct objection *o;

	if (!s->judged)
		judge(s, false);
	if (str_eq(what, "refuse")) {
		expect_refused(s);
	} else if (str_eq(what, "says")) {
		expect_words(s, v->objections_n ? &v->objections[v->objections_n - 1] : NULL);
	} else if (str_eq(what, "pass")) {
		if (v->answer != ANSWER_PASS || v->resubmission)
			complain(s, "did not pass:", outcome(s));
	} else if (str_eq(what, "again")) {
		if (v->answer != ANSWER_PASS || !v->resubmission)
			complain(s, "did not pass as the same mail:", outcome(s));
	} else if (str_eq(what, "discard")) {
		if (v->answer != ANSWER_DISCARD || !v->resubmission)
			complain(s, "not discarded:", outcome(s));
	} else if (str_eq(what, "copied")) {
		ck_assert(v->copied_id);
	} else if (str_eq(what, "kind")) {
		if (!str_eq(mail_kind_name(v->kind), arg(s, 2)) ||
		    (s->words > 3 && v->step != number(s, s->word[3])))
			complain(s, "another kind:", outcome(s));
	} else if (str_eq(what, "warn") || str_eq(what, "override") || str_eq(what, "would")) {
		o = objection(s, arg(s, 2));
		if (!o || o->overridden != str_eq(what, "override") ||
		    (o->mode == MODE_WARN) != str_eq(what, "warn"))
			complain(s, "no such objection:", outcome(s));
	} else if (str_eq(what, "silence")) {
		if (v->objections_n)
			complain(s, "somebody objected:", rule_name(v->objections[0].rule));
	} else if (str_eq(what, "edit")) {
		double from = strtod(arg(s, 2), NULL), to = strtod(arg(s, 3), NULL);

		if (v->edit_ratio < from || v->edit_ratio > to)
			complain(s, "another edit ratio:", arena_printf(s->a, "%g", v->edit_ratio));
	} else {
		complain(s, "unknown expectation", what);
	}
}

/* ---- the rest ---- */

static void do_mode(struct story *s)
{
	enum rule r;

	if (!rule_from_name(arg(s, 1), &r) || !mode_from_name(arg(s, 2), &s->settings.mode[r]))
		complain(s, "no such rule or mode:", arg(s, 1));
}

static void do_set(struct story *s)
{
	const char *name = arg(s, 1);

	if (str_eq(name, "observe"))
		s->settings.observe = true;
	else if (str_eq(name, "language"))
		s->settings.language = arg(s, 2);
	else if (str_eq(name, "needs_evidence"))
		s->settings.retry_needs_evidence = s->memory.log_followed = true;
	else if (str_eq(name, "followed"))
		s->memory.log_followed = true;
	else if (str_eq(name, "unfollowed"))
		s->settings.retry_needs_evidence = s->memory.log_followed = false;
	else if (str_eq(name, "enrol_unknown"))
		s->settings.enrol_unknown = true;
	else if (str_eq(name, "voice_generated"))
		s->settings.voice_generated = arg(s, 2);
	else if (str_eq(name, "zone"))
		s->zone = s->owner.zone = arg(s, 2);
	else
		complain(s, "unknown setting", name);
}

/* Only one prospect is left: the next mail goes to that one alone. */
static void do_forget(struct story *s)
{
	memset(s->enrolment, 0, sizeof(s->enrolment));
	s->memory.prospects_n = 0;
	s->mail.recipients_n = 0;
	s->memory.same = NULL;
	s->memory.limits = (struct memory_limits){ 0 };
	s->settings.limits = (struct policy_limits){ .collision_days = 90, .warm_up_factor = 1.5 };
}

static const struct {
	const char *name;
	void (*fn)(struct story *s);
} words[] = {
	{ "owner", do_owner },	     { "prospect", do_prospect }, { "suppressed", do_suppressed },
	{ "enrolment", do_enrolment }, { "touch", do_touch },	  { "draft", do_draft },
	{ "reply", do_reply },	     { "plan", do_plan },	  { "mail", do_mail },
	{ "answers", do_answers },   { "control", do_control },	  { "header", do_header },
	{ "to", do_to },	     { "cc", do_to },		  { "placeholder", do_placeholder },
	{ "limit", do_limit },	     { "count", do_count },	  { "near", do_near },
	{ "other", do_other },	     { "breaker", do_breaker },	  { "approval", do_approval },
	{ "grant", do_grant },	     { "source", do_source },	     { "proposal", do_proposal },
	{ "point", do_point },	     { "attached", do_attached },
	{ "mode", do_mode },	     { "set", do_set },		  { "forget", do_forget },
};

static void obey(struct story *s)
{
	const char *name = s->word[0];

	if (str_eq(name, "expect")) {
		do_expect(s);
		return;
	}
	s->judged = false;
	if (str_eq(name, "at")) {
		s->now = moment(s, s->words > 2 ? arena_printf(s->a, "%s %s", s->word[1], s->word[2])
						: arg(s, 1));
		if (s->owner.last_read)
			s->owner.last_read = s->now;
		return;
	}
	if (str_eq(name, "rcpt")) {
		judge(s, true);
		return;
	}
	if (str_eq(name, "same")) {
		s->same = touch_of(s);
		s->memory.same = &s->same;
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (str_eq(words[i].name, name)) {
			words[i].fn(s);
			return;
		}
	}
	complain(s, "unknown word", name);
}

static void begin(struct story *s)
{
	char *text = test_read(s->a, test_source("conf/refusals.conf"), NULL);

	s->zone = "Europe/Berlin";
	s->owner.zone = s->zone;
	ck_ok(refusals_parse("conf/refusals.conf", text, &s->texts, &test_err));
	s->settings = (struct policy_settings){
		.unwatched_after = 1800, .duplicate_window = 30 * 86400, .retry_window = 5 * 86400, .retry_wait = 30,
		.limits = { .collision_days = 90, .warm_up_factor = 1.5 },
		.voice_disclosure = "I am recording this myself.", .voice_generated = "This voice message was made with software.",
		.quotation_words = 12, .language = "en", .gap_days = 2, .control = "relent@ourco.example",
		.sentence = refusals_sentence, .sentence_ctx = s->texts,
	};
	s->plan = (struct plan){ .name = "seven-touch", .max_touches = 7, .gap_days = 2, .steps = s->step,
				 .steps_n = 7, .rules = s->rule };
	for (int i = 0; i < 7; i++) {
		static const int days[] = { 0, 2, 4, 6, 9, 12, 14 };

		s->step[i] = (struct plan_step){ .number = i + 1, .day = days[i], .minutes = -1,
						 .template = i ? "next.txt" : "first.txt",
						 .channel = i == 6 ? CHANNEL_LINKEDIN : CHANNEL_EMAIL };
	}
}

static void play(const char *path)
{
	struct arena *a = arena_new(0);
	struct story *s = arena_new_of(a, struct story);
	struct span rest, line;

	s->a = a;
	s->file = path;
	begin(s);
	rest = span_of(test_read(a, path, NULL));
	while (span_line(&rest, &line)) {
		s->line++;
		split(s, line);
		if (s->words)
			obey(s);
	}
	ck_assert(s->judged);
	refusals_free(s->texts);
	arena_free(a);
}

static char **files;
static size_t files_n;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_files(void)
{
	DIR *d = opendir(test_source("tests/cases/refuse"));
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!span_ends_case(span_of(e->d_name), ".case"))
			continue;
		files = realloc(files, (files_n + 1) * sizeof(*files));
		if (!files || asprintf(&files[files_n++], "%s/%s", test_source("tests/cases/refuse"),
				       e->d_name) < 0)
			abort();
	}
	if (d)
		closedir(d);
	if (files_n)
		qsort(files, files_n, sizeof(*files), by_name);
}

START_TEST(story)
{
	play(files[_i]);
}
END_TEST

START_TEST(there_are_stories)
{
	ck_assert_uint_ge(files_n, 13);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy stories");
	TCase *t = test_case(s, "refuse");

	find_files();
	tcase_add_test(t, there_are_stories);
	tcase_add_loop_test(t, story, 0, (int)files_n);
	return test_run(s);
}
