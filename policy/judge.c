/* SPDX-License-Identifier: MPL-2.0
 *
 * Asks the rules in the order of rules.def; the first that refuses answers. Knows nothing of any
 * rule but for which kinds of mail it is asked.
 */
#include "config.h"

#include "policy/policy_private.h"

#include "base/arena.h"
#include "base/str.h"

#include <assert.h>

enum {
	K_NEVER = 1u << MAIL_NEVER,
	K_CONTROL = 1u << MAIL_CONTROL,
	K_CONVERSATION = 1u << MAIL_CONVERSATION,
	K_TOUCH = 1u << MAIL_TOUCH,
	K_MANUAL = 1u << MAIL_MANUAL,
	K_OUTREACH = 1u << MAIL_OUTREACH,
	K_ALL = K_NEVER | K_CONTROL | K_CONVERSATION | K_TOUCH | K_MANUAL | K_OUTREACH,
	K_OURS = K_TOUCH | K_MANUAL,
};

struct row {
	unsigned stage;
	int code;
	const char *enhanced;
	bool over;
};
static const struct row rows[RULE_COUNT] = {
#define RULE(sym, name, stage_, code_, enhanced_, mode, over_, key, meaning)                       \
	[RULE_##sym] = { .stage = STAGE_##stage_, .code = (code_), .enhanced = (enhanced_), .over = (over_) },
#include "policy/rules.def"
#undef RULE
};

/* fixed: a sequence cannot set its mode, only the site. */
static const struct {
	rule_fn *fn;
	unsigned kinds;
	bool fixed;
} rules[RULE_COUNT] = {
	[RULE_SUPPRESSED] = { rule_suppressed, K_ALL, true },
	[RULE_CONTROL] = { rule_control, K_ALL & ~K_NEVER, true },
	[RULE_AUTHORITY] = { rule_authority, K_ALL, true },
	[RULE_RESUBMISSION] = { rule_resubmission, K_OURS, true },
	[RULE_UNWATCHED] = { rule_unwatched, K_TOUCH, false },
	[RULE_REPLIED] = { rule_replied, K_OURS, false },
	[RULE_STOPPED] = { rule_stopped, K_TOUCH, false },
	[RULE_DUPLICATE] = { rule_duplicate, K_OURS, false },
	[RULE_ONE_RECIPIENT] = { rule_one_recipient, K_OURS, false },
	[RULE_REQUIRES] = { rule_requires, K_TOUCH, false },
	[RULE_PLACEHOLDER] = { rule_placeholder, K_OURS, false },
	[RULE_WRONG_PERSON] = { rule_wrong_person, K_OURS, false },
	[RULE_BUMP] = { rule_bump, K_OURS, false },
	[RULE_CLAIMS] = { rule_claims, K_OURS, false },
	[RULE_LENGTH] = { rule_length, K_TOUCH, false },
	[RULE_LINKS] = { rule_links, K_TOUCH, false },
	[RULE_CTA] = { rule_cta, K_TOUCH, false },
	[RULE_TERMS] = { rule_terms, K_OURS, false },
	[RULE_VOICE] = { rule_voice, K_CONVERSATION | K_OURS | K_OUTREACH, false },
	[RULE_RESEARCH] = { rule_research, K_OURS, false },
	[RULE_CAP] = { rule_cap, K_OURS, false },
	[RULE_COLLISION] = { rule_collision, K_OURS, false },
	[RULE_BREAKER] = { rule_breaker, K_OURS, true },
};

bool touch_queued(const struct memory_touch *t)
{
	switch (t->sent) {
	case SENT_QUEUED:
	case SENT_DELIVERED:
	case SENT_DEFERRED:
	case SENT_BOUNCED:
	case SENT_EXPIRED:
	case SENT_HELD:
		return true;
	case SENT_ACCEPTED:
	case SENT_DISCARDED:
	case SENT_TAKEN_BACK:
	case SENT_STATE_COUNT:
		break;
	}
	return false;
}

static enum rule_mode mode_of(const struct hearing *h, enum rule r)
{
	enum rule_mode m = h->settings->mode[r];

	if (rules[r].fixed || !h->plan || h->kind != MAIL_TOUCH)
		return m;
	for (size_t i = 0; i < h->plan->rules_n; i++) {
		if (str_eq(h->plan->rules[i].rule, rule_name(r)))
			mode_from_name(h->plan->rules[i].mode, &m);
	}
	return m;
}

static void hearing_open(struct hearing *h, struct verdict *v)
{
	const struct memory *m = h->memory;
	size_t i;

	h->kind = policy_kind(h->mail, m, &i, &h->step);
	v->kind = h->kind;
	v->step = h->step;
	v->prospect = i;
	h->zone = m->owner && !str_empty(m->owner->zone) ? m->owner->zone : "UTC";
	h->anyway = policy_control_address(h->arena, h->settings->control, "anyway");
	h->plan = m->enrol_plan;
	if (i >= m->prospects_n)
		return;
	h->prospect = &m->prospects[i];
	h->enrolment = h->prospect->enrolment;
	if (h->enrolment && !h->mail->enrol)
		h->plan = h->enrolment->plan;
	if (h->kind == MAIL_TOUCH && h->prospect->draft && h->prospect->draft->step == h->step)
		h->draft = h->prospect->draft;
}

/* In role local a 4xx would keep the mail in the maildrop and try it for ever: a rule's word is final. */
static void role_local(struct objection *o)
{
	if (o->code >= 500)
		return;
	o->code = 550;
	o->enhanced = "5.7.1";
}

/* True: this objection refuses the mail. */
static bool weigh(const struct hearing *h, struct plea *p)
{
	if (p->o.mode == MODE_WARN)
		return false;
	assert(p->o.mode == MODE_ENFORCE);
	if (h->mail->role == ROLE_LOCAL)
		role_local(&p->o);
	if (h->mail->anyway && p->over) {
		p->o.overridden = true;
		return false;
	}
	return true;
}

/* True: no further rule is asked. */
static bool hear(const struct hearing *h, enum rule r, struct objection *list, struct verdict *v)
{
	struct plea p = {
		.o = { .rule = r, .mode = mode_of(h, r), .code = rows[r].code, .enhanced = rows[r].enhanced },
		.over = rows[r].over,
	};

	if (p.o.mode == MODE_OFF)
		return false;
	switch (rules[r].fn(h, &p)) {
	case WORD_DUNNO:
		return false;
	case WORD_COPIED:
		v->copied_id = true;
		return false;
	case WORD_DISCARDS:
		if (!h->settings->observe && p.o.mode == MODE_ENFORCE)
			v->answer = ANSWER_DISCARD;
		/* fall through */
	case WORD_SETTLES:
		v->resubmission = true;
		return true;
	case WORD_OBJECTS:
		break;
	}
	assert(p.o.text[0]);
	bool refuses = weigh(h, &p);

	list[v->objections_n] = p.o;
	if (refuses && !h->settings->observe) {
		v->answer = ANSWER_REFUSE;
		v->why = &list[v->objections_n];
	}
	v->objections_n++;
	return refuses;
}

void policy_judge(struct arena *a, const struct policy_settings *s, enum rule_stage stage,
		  const struct outgoing *o, const struct memory *m, time_t now,
		  struct verdict *out_r)
{
	struct objection *list = arena_array(a, struct objection, RULE_COUNT);
	struct hearing h = { .arena = a, .settings = s, .stage = stage, .mail = o, .memory = m,
			     .now = now };

	assert(stage == STAGE_RCPT || o->message);
	*out_r = (struct verdict){ .answer = ANSWER_PASS, .kind = MAIL_OUTREACH,
				   .objections = list, .edit_ratio = -1 };
	if (!m->owner)		/* none of our business */
		return;
	hearing_open(&h, out_r);
	for (enum rule r = 0; r < RULE_COUNT; r++) {
		assert(rules[r].fn);
		if (!(rows[r].stage & stage) || !(rules[r].kinds & (1u << h.kind)))
			continue;
		if (hear(&h, r, list, out_r))
			break;
	}
	if (h.draft && out_r->answer == ANSWER_PASS) {
		out_r->draft = h.draft;
		out_r->edit_ratio = policy_edit_ratio(a, h.draft->text, o->visible);
	}
}
