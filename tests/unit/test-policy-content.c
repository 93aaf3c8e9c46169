/* SPDX-License-Identifier: MPL-2.0
 *
 * The rules on content: what each objects to, its mode by site and by sequence, `anyway`, and that a sequence
 * may set the mode of every rule that is not fixed.
 * rows: 864, 865, 868, 870, 872, 873, 1102, 1165, 1172
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/when.h"
#include "policy/policy.h"
#include "tests/lib/testing.h"

static struct arena *a;
static struct refusals *texts;
static struct policy_settings settings;
static struct memory memory;
static struct memory_owner owner;
static struct memory_prospect prospect;
static struct memory_enrolment enrolment;
static struct memory_draft draft;
static struct memory_neighbour neighbour;
static struct plan plan;
static struct plan_rule plan_rule;
static struct plan_step steps[2];
static struct outgoing mail;
static struct message message;
static struct outbound_content content;
static struct outbound_claim claim;
static struct placeholder placeholder;
static struct verdict verdict;
static const char *recipients[] = { "paul@prospect.example" };
static const char *parents[] = { "first@ourco.example" };
static time_t now;

static void up(void)
{
	static const enum rule_mode modes[RULE_COUNT] = {
#define RULE(sym, name, stage, code, enhanced, mode, over, key, meaning) [RULE_##sym] = MODE_##mode,
#include "policy/rules.def"
#undef RULE
	};

	a = arena_new(0);
	texts = NULL;
	ck_ok(refusals_parse("refusals.conf", test_read(a, test_source("conf/refusals.conf"), NULL), &texts,
			     &test_err));
	ck_assert(when_parse("2027-03-10 10:00", "Europe/Berlin", &now));
	settings = (struct policy_settings){ .language = "en", .sentence = refusals_sentence,
					     .sentence_ctx = texts, .unwatched_after = 1800, .gap_days = 2,
					     .duplicate_window = 86400, .control = "relent@ourco.example" };
	memcpy(settings.mode, modes, sizeof(modes));
	owner = (struct memory_owner){ .id = "o1", .login = "rita@ourco.example", .zone = "Europe/Berlin",
				       .watched = true, .account = "rita", .last_read = now };
	for (int i = 0; i < 2; i++)
		steps[i] = (struct plan_step){ .number = i + 1, .day = 2 * i, .minutes = -1,
					       .channel = CHANNEL_EMAIL };
	plan_rule = (struct plan_rule){ "cap", "enforce" };
	plan = (struct plan){ .name = "two-touch", .max_touches = 2, .gap_days = 2, .steps = steps, .steps_n = 2,
			      .rules = &plan_rule, .rules_n = 1,
			      .quality = { .max_words = 100, .max_links = 1, .max_questions = 1 } };
	enrolment = (struct memory_enrolment){ .plan = &plan, .own = true, .has_source = true,
					       .has_permission = true, .has_identity = true };
	enrolment.state = (struct enrolment){ .id = "e1", .state = SEQ_FOLLOW_UP_DUE, .step = 1, .touches = 1,
					      .started = now - 9 * 86400, .last_touch = now - 9 * 86400,
					      .due = now - 86400, .zone = "Europe/Berlin" };
	prospect = (struct memory_prospect){ .address = recipients[0], .id = "p1", .name = "Paul Hall",
					     .zone = "Europe/Berlin", .enrolment = &enrolment,
					     .last_touch = now - 9 * 86400 };
	neighbour = (struct memory_neighbour){ .id = "p2", .address = "bob@acme.example", .name = "Bob Stone",
					       .company = "Acme", .company_id = "c2" };
	memory = (struct memory){ .owner = &owner, .prospects = &prospect, .prospects_n = 1,
				  .thread = { .parent_is_touch = true, .parent_known = true,
					      .references_ours = true } };
	message = (struct message){ .subject = "Re: An idea", .text = "Hi Paul, a new fact.",
				    .content_type = "text/plain", .in_reply_to = parents, .in_reply_to_n = 1 };
	content = (struct outbound_content){ .words = 4, .addressee = "Paul", .claims = &claim };
	claim = (struct outbound_claim){ "return", "save 40 %" };
	mail = (struct outgoing){ .login = owner.login, .sender = "rita@ourco.example", .recipients = recipients,
				  .recipients_n = 1, .message = &message, .visible = "Hi Paul, a new fact.",
				  .fingerprint = "f", .content = &content, .named = NAMED_YES,
				  .placeholders = &placeholder };
}

static void down(void)
{
	refusals_free(texts);
	arena_free(a);
}

static const struct objection *judge(enum rule r)
{
	policy_judge(a, &settings, STAGE_EOM, &mail, &memory, now, &verdict);
	ck_assert_int_eq(verdict.kind, MAIL_TOUCH);
	for (size_t i = 0; i < verdict.objections_n; i++) {
		if (verdict.objections[i].rule == r)
			return &verdict.objections[i];
	}
	return NULL;
}

static void says(const struct objection *o, const char *words)
{
	ck_assert_ptr_nonnull(o);
	const char *both = arena_printf(a, "%s\n%s", o->text[0], o->text[1] ? o->text[1] : "");

	ck_assert_msg(strstr(both, words) != NULL, "'%s' is not in: %s", words, both);
	ck_assert(!strstr(both, "{or}") && !strstr(both, "{who}") && !strstr(both, "{what}"));
}

/* ---- what makes each of them object ---- */

static void wrong_person(void)
{
	content.addressee = "Bob";
	mail.named = NAMED_NO;
	memory.greeted = &neighbour;
}
static void wrong_company(void)
{
	memory.mentioned = &neighbour;
}
static void claims(void)
{
	content.claims_n = 1;
}
static void length(void)
{
	content.words = 101;
}
static void links(void)
{
	content.links = 2;
}
static void cta(void)
{
	content.calls = 2;
	content.call[0] = "Who plans the shifts";
	content.call[1] = "Book a call";
}
static void left_over(void)
{
	placeholder = (struct placeholder){ "{{first_name}}", true };
	mail.placeholders_n = 1;
}
static void bump(void)
{
	mail.bump = "just checking in";
}

static const struct {
	enum rule rule;
	void (*make)(void);
	enum rule_mode mode;	/* out of the box */
	const char *says;
} rules[] = {
	{ RULE_WRONG_PERSON, wrong_person, MODE_WARN, "bob@acme.example" },
	{ RULE_WRONG_PERSON, wrong_company, MODE_WARN, "Acme" },
	{ RULE_CLAIMS, claims, MODE_WARN, "save 40 %" },
	{ RULE_LENGTH, length, MODE_WARN, "101 words; two-touch allows 100" },
	{ RULE_LINKS, links, MODE_WARN, "2 links; two-touch allows 1" },
	{ RULE_CTA, cta, MODE_WARN, "\"Who plans the shifts\", \"Book a call\"" },
	{ RULE_PLACEHOLDER, left_over, MODE_ENFORCE, "first_name" },
	{ RULE_BUMP, bump, MODE_ENFORCE, "just checking in" },
};

START_TEST(objects_in_its_mode)
{
	ck_assert_ptr_null(judge(rules[_i].rule));
	ck_assert_uint_eq(verdict.objections_n, 0);
	rules[_i].make();
	says(judge(rules[_i].rule), rules[_i].says);
	ck_assert_int_eq(verdict.answer, rules[_i].mode == MODE_WARN ? ANSWER_PASS : ANSWER_REFUSE);
	ck_assert_ptr_nonnull(verdict.objections[0].fact);
}
END_TEST

START_TEST(the_site_sets_its_mode)
{
	rules[_i].make();
	settings.mode[rules[_i].rule] = MODE_ENFORCE;
	says(judge(rules[_i].rule), "relent+anyway@ourco.example");
	ck_assert_int_eq(verdict.answer, ANSWER_REFUSE);
	ck_assert_int_eq(verdict.why->code, 550);
	settings.mode[rules[_i].rule] = MODE_WARN;
	ck_assert_ptr_nonnull(judge(rules[_i].rule));
	ck_assert_int_eq(verdict.answer, ANSWER_PASS);
	settings.mode[rules[_i].rule] = MODE_OFF;
	ck_assert_ptr_null(judge(rules[_i].rule));
	settings.mode[rules[_i].rule] = MODE_ENFORCE;
	settings.observe = true;
	ck_assert_ptr_nonnull(judge(rules[_i].rule));
	ck_assert_int_eq(verdict.answer, ANSWER_PASS);
}
END_TEST

START_TEST(a_sequence_sets_its_mode)
{
	rules[_i].make();
	plan_rule = (struct plan_rule){ rule_name(rules[_i].rule), "enforce" };
	settings.mode[rules[_i].rule] = MODE_OFF;
	judge(rules[_i].rule);
	ck_assert_int_eq(verdict.answer, ANSWER_REFUSE);
	plan_rule.mode = "off";
	settings.mode[rules[_i].rule] = MODE_ENFORCE;
	ck_assert_ptr_null(judge(rules[_i].rule));
}
END_TEST

START_TEST(the_rep_may_say_anyway)
{
	rules[_i].make();
	settings.mode[rules[_i].rule] = MODE_ENFORCE;
	mail.anyway = true;
	const struct objection *o = judge(rules[_i].rule);

	ck_assert_ptr_nonnull(o);
	ck_assert(o->overridden);
	ck_assert_int_eq(verdict.answer, ANSWER_PASS);
}
END_TEST

/* ---- the finer points ---- */

START_TEST(a_name_that_nobody_else_bears_only_warns)
{
	settings.mode[RULE_WRONG_PERSON] = MODE_ENFORCE;
	content.addressee = "Gustav";
	mail.named = NAMED_NO;
	says(judge(RULE_WRONG_PERSON), "Paul Hall");
	ck_assert_int_eq(verdict.answer, ANSWER_PASS);
	/* nothing is known of the name, and nobody else bears it */
	mail.named = NAMED_UNSURE;
	ck_assert_ptr_null(judge(RULE_WRONG_PERSON));
	memory.greeted = &neighbour;
	ck_assert_ptr_nonnull(judge(RULE_WRONG_PERSON));
	ck_assert_int_eq(verdict.answer, ANSWER_REFUSE);
}
END_TEST

START_TEST(what_the_draft_says_is_no_slip)
{
	draft = (struct memory_draft){ .id = "d1", .enrolment = "e1", .step = 2, .subject = "Re: An idea",
				       .text = "Hi Paul, the depot of Acme did it in a day." };
	prospect.draft = &draft;
	memory.mentioned = &neighbour;
	ck_assert_ptr_null(judge(RULE_WRONG_PERSON));
	draft.text = "Hi Paul, another depot did it in a day.";
	ck_assert_ptr_nonnull(judge(RULE_WRONG_PERSON));
}
END_TEST

START_TEST(limits_of_the_sequence)
{
	plan.quality = (struct plan_quality){ 0 };
	content.words = 5000;
	content.links = 20;
	content.calls = 1;
	judge(RULE_CTA);
	ck_assert_uint_eq(verdict.objections_n, 0);
	/* one call to action is the rule where nothing is said */
	content.calls = 2;
	ck_assert_ptr_nonnull(judge(RULE_CTA));
	plan.quality.max_questions = 2;
	ck_assert_ptr_null(judge(RULE_CTA));
}
END_TEST

static const struct { const char *kind, *says; } kinds[] = {
	{ "guarantee", "approved" }, { "return", "approved" }, { "urgency", "pressure" },
	{ "pressure", "pressure" }, { "praise", "flatters" }, { "familiar", "flatters" },
	{ "personal", "private life" }, { "blame", "accuses" }, { "empty", "every such mail" },
};

START_TEST(kinds_of_claims)
{
	claim.kind = kinds[_i].kind;
	content.claims_n = 1;
	says(judge(RULE_CLAIMS), kinds[_i].says);
}
END_TEST

/* The gravest is told; poor style alone only warns. */
START_TEST(the_gravest_claim_is_told)
{
	static const struct outbound_claim two[] = { { "empty", "finds you well" }, { "return", "save 40 %" } };

	settings.mode[RULE_CLAIMS] = MODE_ENFORCE;
	content.claims = two;
	content.claims_n = 1;
	says(judge(RULE_CLAIMS), "finds you well");
	ck_assert_int_eq(verdict.answer, ANSWER_PASS);
	content.claims_n = 2;
	says(judge(RULE_CLAIMS), "save 40 %");
	ck_assert_int_eq(verdict.answer, ANSWER_REFUSE);
}
END_TEST

/* Every rule of the table takes a mode from its sequence, but for those that no sequence may weaken. */
START_TEST(sequence_definitions_know_every_rule)
{
	static const char head[] = "name = \"x\"\npurpose = \"p\"\noffer = \"o\"\nmarket = \"m\"\nbuyer_role = \"b\"\n"
		"max_touches = 1\neligible = { \"new\" }\nrequires = { \"source\" }\nstops = { \"reply\", \"opt_out\", "
		"\"complaint\", \"hard_bounce\", \"identity_uncertain\", \"disqualified\", \"offer_retired\", "
		"\"owner_pause\", \"booked\", \"conversation\", \"maximum\" }\n";

	for (enum rule r = 0; r < RULE_COUNT; r++) {
		char *text = arena_printf(a, "%srules = { \"%s=%s\" }\napproved_claims = { \"saves 14 %%\" }\n", head,
					  rule_name(r), r == RULE_SUPPRESSED ? "enforce" : "warn");
		struct plan *p;
		struct err e = { "" };

		plan_parse(a, "x.conf", text, NULL, NULL, NULL, NULL, &p, &e);
		ck_assert_msg(!strstr(e.text, "rule") && !strstr(e.text, "approved_claims"), "%s: %s",
			      rule_name(r), e.text);
	}
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof((x)[0]))

int main(void)
{
	Suite *s = suite_create("policy content");
	TCase *t = test_case(s, "content");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_loop_test(t, objects_in_its_mode, 0, COUNT(rules));
	tcase_add_loop_test(t, the_site_sets_its_mode, 0, COUNT(rules));
	tcase_add_loop_test(t, a_sequence_sets_its_mode, 0, COUNT(rules));
	tcase_add_loop_test(t, the_rep_may_say_anyway, 0, COUNT(rules));
	tcase_add_test(t, a_name_that_nobody_else_bears_only_warns);
	tcase_add_test(t, what_the_draft_says_is_no_slip);
	tcase_add_test(t, limits_of_the_sequence);
	tcase_add_loop_test(t, kinds_of_claims, 0, COUNT(kinds));
	tcase_add_test(t, the_gravest_claim_is_told);
	tcase_add_test(t, sequence_definitions_know_every_rule);
	return test_run(s);
}
