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

/* The languages that are complete. A reply of SMTP is ASCII: Japanese is answered in English. */
static const char *const languages[] = { "de", "fr", "es", "it", "nl", "pt", "pl", "sv" };

static void up(void)
{
	a = arena_new(0);
	texts = NULL;
	for (size_t i = 1; i < sizeof(languages) / sizeof(*languages); i++) {
		const char *name = arena_printf(a, "conf/refusals/%s", languages[i]);

		ck_ok(refusals_parse(name, test_read(a, test_source(name), NULL), &texts, &test_err));
	}
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

/* Every key that the code asks for is there in English. */
START_TEST(every_key_has_a_text)
{
	static const char *const keys[] = {
		"anyway", "suppressed", "suppressed.untold", "control.visible", "control.local",
		"control.one", "control.unknown", "control.live", "control.nothing", "control.verb",
		"control.sequence", "control.sequence.none", "control.argument", "control.taken",
		"control.refused", "control.contradiction", "control.owner", "control.task", "control.token",
		"order.unknown", "order.near", "order.numbers", "order.argument", "order.day", "order.left",
		"order.many", "order.waits", "order.all", "order.button", "authority", "authority.automation", "authority.void", "authority.expired",
		"authority.used", "authority.other", "authority.level", "authority.grant", "authority.owner",
		"authority.domain", "resubmission", "unwatched",
		"unwatched.silent", "unwatched.never", "unwatched.none", "replied", "replied.hold", "stopped",
		"stopped.parked", "stopped.person", "duplicate.step", "duplicate.text", "one_recipient",
		"one_recipient.other", "requires", "requires.refused", "requires.channel", "requires.consent", "requires.source",
		"requires.permission", "requires.identity", "requires.evidence", "requires.review_note",
		"placeholder", "bump", "bump.repeats", "cap.gap", "cap.maximum", "cap.window", "cap.sender",
		"cap.ramp", "cap.domain", "cap.slow", "cap.company", "cap.pilot", "collision",
		"collision.conversation", "terms.price", "terms.discount", "terms.deadline",
		"terms.scope", "terms.approval", "terms.scarcity", "terms.none", "terms.over", "breaker", "trouble",
		"malformed",
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *en = refusals_sentence(texts, keys[i], "en");

		ck_assert_msg(en != NULL, "no text for %s", keys[i]);
	}
}
END_TEST

/* The {names} of a text as a set of bits, by their first letters. */
static const char *names_of(const char *text)
{
	static const char *const all[] = { "anyway", "who", "reason", "date", "what", "count", "near", "help",
		"sequence", "owner", "subject", "or", "until", "queue", "command", "name", "other", "limit",
		"last", "zone", "max", "record", "why" };
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (strstr(text, arena_printf(a, "{%s}", all[i])))
			buf_addf(&b, "%s ", all[i]);
	}
	return b.p;
}

/* A line with its {names} as long as they commonly are. */
static size_t filled(const char *line)
{
	size_t n = 0;

	for (; *line && *line != '\n'; line++) {
		n++;
		if (*line != '{')
			continue;
		n += strncmp(line, "{or}", 4) == 0 ? 80 : 22;
		line = strchr(line, '}');
	}
	return n;
}

static void text_is_fit(const char *key, const char *lang, const char *text)
{
	const char *second = strchr(text, '\n');

	for (const char *c = text; *c; c++)
		ck_assert_msg(*c == '\n' || (*c >= ' ' && *c <= '~'), "%s in %s is not ASCII", key, lang);
	ck_assert_msg(!second || !strchr(second + 1, '\n'), "%s in %s has three lines", key, lang);
	ck_assert_msg(filled(text) <= 200, "%s in %s is %zu long", key, lang, filled(text));
	if (second)
		ck_assert_msg(filled(second + 1) <= 200, "%s in %s is %zu long", key, lang, filled(second + 1));
}

/* Every text of the English file, in each language: with its facts, in as many lines, short, ASCII. */
START_TEST(every_language_has_every_text)
{
	struct span rest = span_of(test_read(a, test_source("conf/refusals.conf"), NULL)), line;
	const char *lang = languages[_i];
	int n = 0;

	while (span_line(&rest, &line)) {
		const char *key, *en, *text;

		if (!line.n || line.p[0] != '[')
			continue;
		key = span_dup(a, (struct span){ line.p + 1, line.n - 2 });
		en = refusals_sentence(texts, key, "en");
		text = refusals_sentence(texts, key, lang);
		ck_assert_msg(en != NULL, "%s has no English text", key);
		text_is_fit(key, "en", en);
		if (!text && strncmp(en, "relentctl ", 10) == 0)	/* a command is the same in all */
			continue;
		ck_assert_msg(text != NULL, "%s has no text in %s", key, lang);
		text_is_fit(key, lang, text);
		ck_assert_msg(!strchr(en, '\n') == !strchr(text, '\n'), "%s: other lines in %s", key, lang);
		ck_assert_msg(strcmp(names_of(en), names_of(text)) == 0, "%s in %s: '%s', not '%s'", key, lang,
			      names_of(text), names_of(en));
		n++;
	}
	ck_assert_int_gt(n, 90);
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

	settings.language = "ja";
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Not sent"));
	settings.language = "fr";
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Non envoye"));
	settings.language = "de";
	policy_say(a, &settings, "trouble", out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0], "Nicht gesendet"));
}
END_TEST

START_TEST(a_site_replaces_single_texts)
{
	const char *out[2];

	ck_ok(refusals_parse("site", "[trouble]\nen: Wait.\nfr: Attendez.\n", &texts, &test_err));
	ck_assert_str_eq(refusals_sentence(texts, "trouble", "fr"), "Attendez.");
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
static const char longer[] =
	"Hi Paul,\n\nwho looks after the mail server at your place these days? I ask because a team of your size "
	"moved forty mailboxes in one day and kept their calendars. What surprised them was the shared "
	"folders: they had been the slowest part of every move before, and this time they were there at nine. "
	"We wrote down the five checks that found it, on one page, with the commands. The page is yours if it "
	"helps, whoever does the work in the end.\n\nRita";
static const char far[] = "いつもお世話になっております。メールサーバーの管理は、どなたがご担当でしょうか。同じ規模の会社が一日で"
			  "四十のメールボックスを移し、予定表もそのまま残せたため、お伺いしております。";

enum like { NO, YES, PART };	/* PART: the second is a part of the first, not the other way round */
static const struct {
	const char *old, *text;
	enum like like;
} likeness[] = {
	{ body, body, YES },
	/* edited */
	{ body, "hi paul - WHO looks after the mail server at your place these days?  I ask because a team of your "
	  "size moved forty mailboxes in a day and kept their calendars!", YES },
	{ longer, "Hello Paul,\n\nwho takes care of the mail server at your office these days? I ask because a team of "
	  "your size moved 40 mailboxes in one day and kept all calendars. What surprised them was the shared "
	  "folders: they had been the slowest part of each move before, and this time they were there at 9. "
	  "We wrote down the five checks that found it, on a page, with the commands. The page is yours if it "
	  "helps, whoever does the work.\n\nRita", YES },
	/* sentences reshuffled, words reshuffled */
	{ body, "I ask because a team of your size moved forty mailboxes in one day and kept their calendars: who "
	  "looks after the mail server at your place these days, Paul? Hi!", YES },
	{ body, "At your place, Paul, who looks these days after the mail server? A team of your size kept their "
	  "calendars and moved in one day forty mailboxes, because I ask. Hi", YES },
	{ longer, "The page is yours if it helps, whoever does the work in the end. We wrote down the five checks that "
	  "found it, on one page, with the commands. What surprised them was the shared folders: they had been "
	  "the slowest part of every move before, and this time they were there at nine. I ask because a team of "
	  "your size moved forty mailboxes in one day and kept their calendars. Who looks after the mail server "
	  "at your place these days?", YES },
	/* a part of it, and the other way round: the rest is new */
	{ longer, body, PART },
	{ longer, "We wrote down the five checks that found it, on one page, with the commands. The page is yours if it "
	  "helps.", PART },
	/* other texts, on the same matter */
	{ body, "Hi Paul, the one thing that surprised them was the shared calendars: they break first in such a "
	  "move, and we have a list of the five checks that find it before.", NO },
	{ longer, "Hi Paul,\n\nthe mail server of a team in Hull stood still for a day in March: the shared folders were on "
	  "a disk that nobody had looked at. They now check it every night, with three lines of shell. Shall I "
	  "send you the lines? They work on any server, and your people can read them before they run "
	  "them.\n\nRita", NO },
	{ longer, "Hi Paul,\n\nis this rather a matter for the summer, or is somebody else the right person for it? A word "
	  "is enough, and I shall ask there or write in July. If it is no matter at all, that is an answer "
	  "too, and I stop.\n\nRita", NO },
	{ body, "Hi Paul, who looks after it?", NO },
	{ body, "", NO },
	{ body, "\xf0\x9f\x98\x80", NO },
	/* without blanks */
	{ far, far, YES },
	{ far, "お世話になっております。メールサーバーの管理は、どなたのご担当でしょうか。同じ規模の会社が1日で四十のメールボックスを移し、"
	  "予定表もそのまま残せましたので、お伺いしております。", YES },
	{ far, "同じ規模の会社が一日で四十のメールボックスを移し、予定表もそのまま残せたため、お伺いしております。メールサーバーの管理は、"
	  "どなたがご担当でしょうか。いつもお世話になっております。", YES },
	{ far, "いつもお世話になっております。その会社で最初に壊れたのは共有フォルダーでした。夜間に確認する五つの項目を一枚にまとめました。"
	  "ご入用でしたらお送りいたします。", NO },
	{ far, "いつもお世話になっております。", NO },
};

START_TEST(likeness_of_texts)
{
	const char *old = likeness[_i].old, *text = likeness[_i].text;

	ck_assert_int_eq(policy_alike(a, old, text), likeness[_i].like != NO);
	ck_assert_int_eq(policy_alike(a, text, old), likeness[_i].like == YES);
}
END_TEST

/* Long texts are compared by a sample of their shingles. */
START_TEST(likeness_of_long_texts)
{
	struct buf x, y, z;

	buf_init(&x, a);
	buf_init(&y, a);
	buf_init(&z, a);
	for (int i = 0; i < 2500; i++) {
		buf_addf(&x, "word%d ", i);
		buf_addf(&y, "word%d ", i % 20 == 3 ? -i : i);
		buf_addf(&z, "word%d ", i % 2 ? i : i * 31 + 9000);
	}
	ck_assert(policy_alike(a, x.p, y.p));
	ck_assert(!policy_alike(a, x.p, z.p));
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
	/* characters, not the whole sentence, where there are no blanks */
	half = policy_edit_ratio(a, "倉庫のご担当は", "倉庫のご責任者は");
	ck_assert(half > 0.1 && half < 0.5);
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
	tcase_add_loop_test(t, every_language_has_every_text, 0, sizeof(languages) / sizeof(*languages));
	tcase_add_test(t, what_a_mail_contains_is_made_plain);
	tcase_add_test(t, a_language_that_lacks_a_text_falls_back);
	tcase_add_test(t, a_site_replaces_single_texts);
	tcase_add_loop_test(t, mistakes_are_told_with_their_line, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, control_addresses);
	tcase_add_loop_test(t, likeness_of_texts, 0, sizeof(likeness) / sizeof(*likeness));
	tcase_add_test(t, likeness_of_long_texts);
	tcase_add_test(t, edit_ratio);
	return test_run(s);
}
