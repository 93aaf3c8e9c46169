/* SPDX-License-Identifier: MPL-2.0
 *
 * What the milter asks: placeholders (and honest mail that looks like them), bumps, and mail that is
 * never a touch.
 * rows: 65, 71
 */
#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

static struct phrases *phrases;

static const struct { const char *body, *found; } placeholders[] = {
	{ "Hi {{first_name}},\n\nyour plant in Hull ...", "{{first_name}}" },
	{ "Hello {{ contact.firstname | there }},", "{{ contact.firstname | there }}" },
	{ "Dear <<Name>>,", "<<Name>>" },
	{ "Hello %FIRSTNAME%, a question.", "%FIRSTNAME%" },
	{ "Dear *|FNAME|*,", "*|FNAME|*" },
	{ "Hi [First Name], I saw your advert.", "[First Name]" },
	{ "Hi [name],", "[name]" },
	{ "As {company} grows, ...", "{company}" },
	{ "Because of [insert your reason here] I write.", "[insert your reason here]" },
	{ "We help with [workflow] every day.", "[workflow]" },
	{ "We met at [verified signal].", "[verified signal]" },
	{ "Hi ,\n\nwe met.", "Hi ," },
	{ "Dear null,\n\nwe met.", "Dear null," },
	{ "Hallo ,\n\nkurze Frage.", "Hallo ," },
	{ "About [own_field]: yes.", "[own_field]" },
};

static const char *const honest[] = {
	"Hello Ann,\n\nsee [image: Logo] and [cid:part1.png@boxwell] below.",
	"[External] Re: order [1], as noted in [2].",
	"The price is 20% off until Friday, 30% for two; from $5 to $7.",
	"In C you would write if (a << 2 > b) { return x[i]; } and std::vector<int> v;",
	"Use array[0] and map[key], then print {1, 2, 3}.",
	"I quote <https://boxwell.example/a> and <ann@oakvale.example>.",
	"Dear Sir or Madam,\n\nthank you.",
	"Hi,\n\na quick question.",
	"Hello Ann, :) [sic] [...] [redacted]",
	"cat <<EOF > file, then 1 << 3, and << so >> in French: \xc2\xab oui \xc2\xbb",
	"100% of %d formats and 50%/50% splits",
	"Hi Ann,\n\nsee you.\n\nOn Tue, Mar 3, 2026 at 9:14 AM Sam <sam@boxwell.example> wrote:\n"
	"> Hi {{first_name}},\n> bye",
	"Good morning,\n\nas agreed.",
};

static struct message *body(struct arena *a, const char *text)
{
	char *s = arena_printf(a, "From: sam@boxwell.example\nTo: ann@oakvale.example\nSubject: A\n"
			       "Date: Tue, 3 Mar 2026 10:00:00 +0000\n\n%s\n", text);

	return mails_read(a, s, strlen(s));
}

START_TEST(unfilled)
{
	static const char *const fields[] = { "own_field" };
	struct arena *a = arena_new(0);
	const struct placeholder *list;
	size_t n = outbound_placeholders(a, phrases, body(a, placeholders[_i].body), NULL, fields, 1, &list);

	ck_assert_msg(n == 1, "%zu found in: %s", n, placeholders[_i].body);
	ck_assert_str_eq(list[0].text, placeholders[_i].found);
	ck_assert(list[0].sure);
	arena_free(a);
}
END_TEST

START_TEST(passes)
{
	struct arena *a = arena_new(0);
	const struct placeholder *list;
	size_t n = outbound_placeholders(a, phrases, body(a, honest[_i]), NULL, NULL, 0, &list);

	for (size_t i = 0; i < n; i++)
		ck_assert_msg(!list[i].sure, "'%s' in: %s", list[i].text, honest[_i]);
	arena_free(a);
}
END_TEST

START_TEST(subject_counts)
{
	static const char mail[] = "From: s@boxwell.example\nTo: a@oakvale.example\n"
		"Subject: A question for {{company}}\n\nHello Ann,\n\nhow are you?\n";
	struct arena *a = arena_new(0);
	const struct placeholder *list;

	ck_assert_uint_eq(outbound_placeholders(a, phrases, mails_read(a, mail, sizeof mail - 1), NULL, NULL,
						0, &list), 1);
	arena_free(a);
}
END_TEST

/* What hides a brace from us must not hide it from the reader; names and files are read too. */
START_TEST(nothing_hides_it)
{
	static const char nul[] = "From: s@boxwell.example\nTo: a@oakvale.example\nSubject: A\n\n"
		"Hi Ann,\n\nhow is {\0{comp\0any}} doing?\n";
	static const char to[] = "From: s@boxwell.example\nTo: \"{{first_name}}\" <a@oakvale.example>\n"
		"Subject: A\n\nHi Ann,\n";
	static const char file[] = "From: s@boxwell.example\nTo: a@oakvale.example\nSubject: A\n"
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi Ann,\n--b\nContent-Type: "
		"application/pdf\nContent-Disposition: attachment; filename=\"Offer {{company}}.pdf\"\n\n"
		"x\n--b--\n";
	static const struct { const char *mail; size_t n; const char *found; } hidden[] = {
		{ nul, sizeof nul - 1, "{{company}}" }, { to, sizeof to - 1, "{{first_name}}" },
		{ file, sizeof file - 1, "{{company}}" },
	};
	struct arena *a = arena_new(0);
	const struct placeholder *list;

	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		size_t n = outbound_placeholders(a, phrases, mails_read(a, hidden[i].mail, hidden[i].n), NULL, NULL,
						 0, &list);

		ck_assert_msg(n == 1, "%zu: %s", i, hidden[i].found);
		ck_assert_str_eq(list[0].text, hidden[i].found);
		ck_assert(list[0].sure);
	}
	arena_free(a);
}
END_TEST

static const struct { const char *text; bool bump; } bumps[] = {
	{ "Hi Ann,\n\njust checking in.\n\nBest regards", true },
	{ "Just bumping this to the top of your inbox.", true },
	{ "Any thoughts on my last email?", true },
	{ "Circling back on this.", true },
	{ "Following up on my previous email. Any thoughts?", true },
	{ "Hi Ann, did you have a chance to look at my last message?", true },
	{ "Following up on my last email: the new tariff starts in May, and a plant like yours pays "
	  "about 900 pounds more a year.", false },
	{ "I read that your depot in Hull opens in April. Who plans the shifts there?", false },
	{ "Thanks for the call, here is the offer.", false },
};

START_TEST(bump)
{
	struct arena *a = arena_new(0);
	const char *words = NULL;

	ck_assert_msg(outbound_is_bump(a, phrases, bumps[_i].text, &words) == bumps[_i].bump, "%s",
		      bumps[_i].text);
	if (bumps[_i].bump)
		ck_assert_ptr_nonnull(words);
	arena_free(a);
}
END_TEST

static const struct { const char *head; bool null_sender; enum outbound_kind kind; } kinds[] = {
	{ "Subject: Hello\n\nHello Ann\n", false, OUTBOUND_ORDINARY },
	{ "Subject: Hello\n\nHello Ann\n", true, OUTBOUND_NEVER },
	{ "Auto-Submitted: no\n\nHello\n", false, OUTBOUND_ORDINARY },
	{ "Auto-Submitted: auto-replied\n\nI am away\n", false, OUTBOUND_NEVER },
	{ "Auto-Submitted: auto-generated (x)\n\nx\n", false, OUTBOUND_NEVER },
	{ "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n"
	  "read\n--b\nContent-Type: message/disposition-notification\n\nDisposition: "
	  "manual-action/MDN-sent-manually; displayed\n--b--\n", false, OUTBOUND_NEVER },
	{ "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n",
	  false, OUTBOUND_NEVER },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n--b\n"
	  "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n",
	  false, OUTBOUND_NEVER },
};

START_TEST(kind)
{
	struct arena *a = arena_new(0);
	struct message *m = mails_read(a, kinds[_i].head, strlen(kinds[_i].head));

	ck_assert_int_eq(outbound_kind(m, kinds[_i].null_sender), kinds[_i].kind);
	arena_free(a);
}
END_TEST

START_TEST(fingerprint)
{
	struct arena *a = arena_new(0);
	char *one = outbound_fingerprint(a, body(a, "Hello Ann, how are you?"));

	ck_assert_str_eq(one, outbound_fingerprint(a, body(a, "Hello Ann,\nhow  are you?")));
	ck_assert_str_ne(one, outbound_fingerprint(a, body(a, "Hello Ann, who are you?")));
	arena_free(a);
}
END_TEST

#define COUNT(x) (int)(sizeof(x) / sizeof((x)[0]))

int main(void)
{
	Suite *s = suite_create("classifier outbound");
	TCase *t = test_case(s, "outbound");
	int r;

	phrases = mails_phrases();
	tcase_add_loop_test(t, unfilled, 0, COUNT(placeholders));
	tcase_add_loop_test(t, passes, 0, COUNT(honest));
	tcase_add_test(t, subject_counts);
	tcase_add_test(t, nothing_hides_it);
	tcase_add_loop_test(t, bump, 0, COUNT(bumps));
	tcase_add_loop_test(t, kind, 0, COUNT(kinds));
	tcase_add_test(t, fingerprint);
	r = test_run(s);
	phrases_free(phrases);
	return r;
}
