/* SPDX-License-Identifier: MPL-2.0
 *
 * The texts of conf/refusals.conf, and how they are filled; likeness of texts.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "policy/policy.h"
#include "tests/lib/testing.h"

static struct arena *a;
static struct refusals *texts;
static struct policy_settings settings;

static void up(void)
{
	a = arena_new(0);
	texts = NULL;
	ck_ok(refusals_parse("refusals.conf", test_read(a, test_source("conf/refusals.conf"), NULL), &texts,
			     &test_err));
	settings = (struct policy_settings){ .language = "en", .sentence = refusals_sentence,
					     .sentence_ctx = texts };
}

static void down(void)
{
	refusals_free(texts);
	arena_free(a);
}

/* Every key that the code asks for is there in English; each German text says no more lines. */
START_TEST(every_key_has_a_text)
{
	static const char *const keys[] = {
		"anyway", "suppressed", "suppressed.untold", "control.visible", "control.local",
		"control.one", "control.unknown", "control.live", "control.nothing", "control.verb",
		"control.sequence", "control.sequence.none", "control.argument", "control.taken",
		"control.refused", "authority", "authority.automation", "authority.void", "authority.expired",
		"authority.used", "authority.other", "authority.level", "authority.grant", "authority.owner",
		"authority.domain", "resubmission", "unwatched",
		"unwatched.silent", "unwatched.never", "unwatched.none", "replied", "replied.hold", "stopped",
		"stopped.parked", "stopped.person", "duplicate.step", "duplicate.text", "one_recipient",
		"one_recipient.other", "requires", "requires.refused", "requires.channel", "requires.source",
		"requires.permission", "requires.identity", "requires.evidence", "requires.review_note",
		"placeholder", "bump", "bump.repeats", "cap.gap", "cap.maximum", "cap.window", "cap.sender",
		"cap.ramp", "cap.domain", "cap.slow", "cap.company", "cap.pilot", "collision",
		"collision.conversation", "terms.price", "terms.discount", "terms.deadline",
		"terms.scope", "terms.approval", "terms.scarcity", "terms.none", "breaker", "trouble",
		"malformed",
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *en = refusals_sentence(texts, keys[i], "en");
		const char *de = refusals_sentence(texts, keys[i], "de");

		ck_assert_msg(en != NULL, "no text for %s", keys[i]);
		if (de)
			ck_assert_msg(!strchr(en, '\n') == !strchr(de, '\n'), "%s", keys[i]);
		for (const char *c = en; *c; c++)
			ck_assert_msg(*c == '\n' || (*c >= ' ' && *c <= '~'), "%s is not ASCII", keys[i]);
	}
}
END_TEST

START_TEST(what_a_mail_contains_is_made_plain)
{
	const char *out[2];
	char *longish = arena_alloc(a, 4000);

	memset(longish, 'x', 3999);
	policy_say(a, &settings, "replied", out, "who", "J\xc3\xb6rg\r\nX-Evil: 1", "date",
		   "2027-03-01 09:00", "subject", longish, "or", "", NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Jorg X-Evil: 1"));
	ck_assert_uint_le(strlen(out[0]), 200);
	ck_assert_ptr_nonnull(strstr(out[0], "..."));
	policy_say(a, &settings, "replied", out, "who", "\xff\x01\x7f{or}%s", "date", NULL, NULL);
	for (const char *c = out[0]; *c; c++)
		ck_assert(*c >= ' ' && *c <= '~');
	ck_assert_ptr_nonnull(strstr(out[0], "{or}%s"));
	policy_say(a, &settings, "no.such.key", out, NULL);
	ck_assert_str_eq(out[0], "Not sent (no.such.key).");
}
END_TEST

START_TEST(a_language_that_lacks_a_text_falls_back)
{
	const char *out[2];

	settings.language = "fr";
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Not sent"));
	settings.language = "de";
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Nicht gesendet"));
}
END_TEST

START_TEST(a_site_replaces_single_texts)
{
	const char *out[2];

	ck_ok(refusals_parse("site", "[trouble]\nen: Wait.\n", &texts, &test_err));
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_str_eq(out[0], "Wait.");
	ck_assert_ptr_null(out[1]);
	ck_assert_ptr_nonnull(refusals_sentence(texts, "cap.gap", "en"));
}
END_TEST

static const struct {
	const char *text, *says;
} bad[] = {
	{ "en: before a key\n", "site:1:" },
	{ "[a]\n\nno colon\n", "site:3:" },
	{ "[a]\nen: 1\nen: 2\nen: 3\n", "site:4: 'a' has more than two lines" },
	{ "[a]\nen: \xff\n", "site:2: not UTF-8" },
	{ "[]\n", "site:1:" },
};

START_TEST(mistakes_are_told_with_their_line)
{
	ck_status(refusals_parse("site", bad[_i].text, &texts, &test_err), CONF);
	ck_assert_msg(strstr(test_err.text, bad[_i].says) != NULL, "%s", test_err.text);
}
END_TEST

START_TEST(control_addresses)
{
	ck_assert_str_eq(policy_control_address(a, "relent@x.example", "anyway"), "relent+anyway@x.example");
	ck_assert_str_eq(policy_control_address(a, "@go.x.example", "anyway"), "anyway@go.x.example");
	ck_assert_ptr_null(policy_control_address(a, "", "anyway"));
	ck_assert_ptr_null(policy_control_address(a, NULL, "anyway"));
}
END_TEST

static const char body[] = "Hi Paul, who looks after the mail server at your place these days? I ask because "
			   "a team of your size moved forty mailboxes in one day and kept their calendars.";

static const struct {
	const char *text;
	bool alike;
} likeness[] = {
	{ body, true },
	{ "hi paul - WHO looks after the mail server at your place these days?  I ask because a team of your "
	  "size moved forty mailboxes in a day and kept their calendars!", true },
	{ "I ask because a team of your size moved forty mailboxes in one day and kept their calendars: who "
	  "looks after the mail server at your place these days, Paul? Hi!", true },
	{ "Hi Paul, the one thing that surprised them was the shared calendars: they break first in such a "
	  "move, and we have a list of the five checks that find it before.", false },
	{ "Hi Paul, who looks after it?", false },
	{ "", false },
	{ "\xf0\x9f\x98\x80", false },
};

START_TEST(likeness_of_texts)
{
	ck_assert_int_eq(policy_alike(a, body, likeness[_i].text), likeness[_i].alike);
	ck_assert_int_eq(policy_alike(a, likeness[_i].text, body), likeness[_i].alike);
}
END_TEST

START_TEST(edit_ratio)
{
	double half;
	struct buf big;

	ck_assert_double_eq(policy_edit_ratio(a, body, body), 0);
	ck_assert_double_eq(policy_edit_ratio(a, "", ""), 0);
	ck_assert_double_eq(policy_edit_ratio(a, "one two three", "four five six"), 1);
	ck_assert_double_eq(policy_edit_ratio(a, NULL, "four"), 1);
	half = policy_edit_ratio(a, "one two three four", "one two five six");
	ck_assert(half > 0.49 && half < 0.51);
	buf_init(&big, a);
	for (int i = 0; i < 20000; i++)	/* bounded, whatever comes */
		buf_addf(&big, "word%d ", i);
	ck_assert_double_eq(policy_edit_ratio(a, big.p, big.p), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy texts");
	TCase *t = test_case(s, "texts");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, every_key_has_a_text);
	tcase_add_test(t, what_a_mail_contains_is_made_plain);
	tcase_add_test(t, a_language_that_lacks_a_text_falls_back);
	tcase_add_test(t, a_site_replaces_single_texts);
	tcase_add_loop_test(t, mistakes_are_told_with_their_line, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, control_addresses);
	tcase_add_loop_test(t, likeness_of_texts, 0, sizeof(likeness) / sizeof(*likeness));
	tcase_add_test(t, edit_ratio);
	return test_run(s);
}
