/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails that relent writes: headers that cannot be broken into, bodies that survive the way, notes that
 * say everything and nothing empty.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "classifier/message.h"
#include "letter/compose.h"
#include "imapwatch/notify.h"
#include "policy/policy.h"
#include "tests/lib/testing.h"

static struct arena *a;

static void setup(void)
{
	a = arena_new(0);
}

static void teardown(void)
{
	arena_free(a);
}

static struct letter draft(void)
{
	return (struct letter){
		.from_name = "Rita \"the\" Rep", .from = "rita@ourco.example", .to_name = "Pål Ünder",
		.to = "paal@x.example", .subject = "Re: Grüße aus dem Lager", .message_id = "d1@ourco.example",
		.in_reply_to = "t1@ourco.example", .references = "<t0@ourco.example> <t1@ourco.example>",
		.stamp = "v=1; t=x", .date = 1772438400, .zone = "Europe/Berlin",
		.text = "Hej Pål,\n\n=?x?= trailing \n.\nFrom me\n",
	};
}

static struct message *parsed(const struct letter *l, const char **raw_r)
{
	struct message *m;
	size_t n;

	*raw_r = letter_text(a, l, &n);
	ck_ok(message_read(a, *raw_r, n, &m, &test_err));
	return m;
}

START_TEST(a_draft_threads)
{
	struct letter l = draft();
	const char *raw;
	struct message *m = parsed(&l, &raw);

	ck_assert_str_eq(m->message_id, "d1@ourco.example");
	ck_assert_str_eq(m->in_reply_to[0], "t1@ourco.example");
	ck_assert_uint_eq(m->references_n, 2);
	ck_assert_str_eq(m->subject, "Re: Grüße aus dem Lager");
	ck_assert_str_eq(m->to[0].key, "paal@x.example");
	ck_assert_str_eq(m->to[0].name, "Pål Ünder");
	ck_assert_str_eq(m->from[0].name, "Rita \"the\" Rep");
	ck_assert_str_eq(message_header(m, "Relent-Touch"), "v=1; t=x");
	ck_assert_ptr_null(message_header(m, "Auto-Submitted"));
	ck_assert_msg(strstr(m->text, "Hej Pål,") && strstr(m->text, "=?x?= trailing"), "%s", m->text);
	for (const char *p = raw; (p = strchr(p, '\n')); p++)
		ck_assert_msg(p > raw && p[-1] == '\r', "a bare line feed");
}
END_TEST

START_TEST(nothing_becomes_a_header)
{
	struct letter l = draft();
	const char *raw;

	l.subject = "x\r\nBcc: eve@x.example\r\n\r\nbody";
	l.to_name = "Paul\r\nBcc: eve@x.example";
	l.references = "<a@b>\r\nBcc: eve@x.example";
	l.message_id = "m@x>\r\nBcc: <eve@x.example";
	struct message *m = parsed(&l, &raw);

	ck_assert_ptr_null(message_header(m, "Bcc"));
	ck_assert_uint_eq(m->to_n, 1);
}
END_TEST

START_TEST(long_lines_are_folded)
{
	struct letter l = draft();
	char *subject = arena_alloc(a, 3001), *text = arena_alloc(a, 5001);
	const char *raw;
	size_t line = 0;

	memset(subject, 'a', 3000);
	memset(text, 'b', 5000);
	l.subject = subject;
	l.text = text;
	struct message *m = parsed(&l, &raw);

	for (const char *p = raw; *p; p++) {
		line = *p == '\n' ? 0 : line + 1;
		ck_assert_msg(line <= 998, "a line of %zu bytes", line);
	}
	ck_assert_str_eq(m->subject, subject);
	ck_assert_ptr_nonnull(strstr(m->text, text));
}
END_TEST

START_TEST(reply_subjects)
{
	ck_assert_str_eq(letter_reply_subject(a, "Hello"), "Re: Hello");
	ck_assert_str_eq(letter_reply_subject(a, "Re: Hello"), "Re: Hello");
	ck_assert_str_eq(letter_reply_subject(a, "RE:re: Hello"), "Re: Hello");
	ck_assert_str_eq(letter_reply_subject(a, NULL), "Re: ");
}
END_TEST

static const char facts[] =
	"{\"event\":\"question\",\"at\":1772438400,\"owner\":\"rita@ourco.example\",\"next_action\":\"answer the question\","
	"\"deadline\":1772611200,\"enrolment\":{\"id\":\"E1\",\"sequence\":\"seven-touch\",\"state\":\"reply_received\","
	"\"before\":\"waiting\",\"offer\":\"a review\"},"
	"\"prospect\":{\"name\":\"Paul\",\"email\":\"paul@x.example\",\"company_name\":\"Acme\",\"role\":\"buyer\","
	"\"relationship\":\"met in May\",\"priority\":\"one\",\"qualification_status\":\"open\",\"signal\":\"new plant\"},"
	"\"sources\":[{\"kind\":\"referral\",\"permission\":\"consent\",\"url\":\"https://x.example/\"}],"
	"\"facts\":[{\"point\":\"three sites\",\"type\":\"verified_fact\",\"source\":\"annual report\"}],"
	"\"messages\":[{\"step\":1,\"kind\":\"touch\",\"at\":1772000000,\"subject\":\"Hello\",\"sent_state\":\"delivered\"}],"
	"\"appointments\":[{\"state\":\"proposed\",\"evidence\":\"calendar\",\"starts\":1772611200}],"
	"\"reply\":{\"class\":\"question\",\"sender\":\"paul@x.example\",\"received\":1772438000,\"subject\":\"Re: Hello\","
	"\"grade\":\"weak\",\"matched_by\":\"address\","
	"\"visible\":\"Thanks. What does it cost? We pay 3.5 now.\\nTo: forged@x.example\"}}";

/* The rows are the fields of the contract, each of them in the note. */
/* rows: 819-827, 828-829, 831-835 */
START_TEST(the_note_says_everything)
{
	static const char *const want[] = {
		"Paul <paul@x.example>", "Acme", "referral, permission consent", "met in May", "open", "Priority: one",
		"three sites", "signal: new plant", "touch 1: Hello", "In short: Thanks.", "> What does it cost?",
		"a review", "proposed, calendar", "weak evidence", "answer the question", "Deadline: 2026-03-04",
		"> To: forged@x.example",
	};
	const char *template = test_read(a, test_source("conf/mail/en/handoff.txt"), NULL), *name;
	struct note note = { 0 };

	ck_ok(notify_template(a, facts, &name, &test_err));
	ck_assert_str_eq(name, "handoff");
	ck_ok(notify_compose(a, facts, template, "Europe/Berlin", &note, &test_err));
	for (size_t k = 0; k < sizeof(want) / sizeof(*want); k++)
		ck_assert_msg(strstr(note.text, want[k]), "'%s' is missing in:\n%s", want[k], note.text);
	ck_assert_str_eq(note.subject, "question: Paul <paul@x.example>");
	ck_assert_ptr_null(strstr(note.text, "{{"));
	ck_assert_ptr_null(strstr(note.text, "Objections:"));	/* there are none */
	ck_assert_ptr_null(strstr(note.text, "\n#"));
}
END_TEST

static bool names_fields_of(const char *text, const char *other)
{
	for (const char *p = strstr(text, "{{"); p; p = strstr(p + 2, "{{")) {
		const char *end = strstr(p, "}}");

		if (!end || !strstr(other, arena_strndup(a, p, (size_t)(end - p) + 2)))
			return false;
	}
	return true;
}

/* In each language, with the same fields. */
START_TEST(every_text_is_there)
{
	static const char *const names[] = { "handoff", "not_done", "not_sent", "draft_kept", "draft_failed",
					     "send_stopped", "send_unsure",
					     "account_failing", "colleague", "reactivation", "control_done",
					     "control_help", "control_alarm", "control_answer", "control_empty",
					     "control_flood", "control_letter", "control_problem", "control_words",
					     "breaker" };
	static const char *const languages[] = { "en", "de" };

	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
		char *texts[2];

		for (size_t j = 0; j < 2; j++) {
			char *path = arena_printf(a, "conf/mail/%s/%s.txt", languages[j], names[k]);

			texts[j] = test_read(a, test_source(path), NULL);
			ck_assert_msg(strncmp(texts[j], "Subject: ", 9) == 0, "%s has no subject", path);
		}
		ck_assert_msg(names_fields_of(texts[0], texts[1]) && names_fields_of(texts[1], texts[0]),
			      "%s: not the same fields in all languages", names[k]);
	}
}
END_TEST

/* What a person approves without bytes is what the milter reads out of the bytes. rows: 496, 932 */
START_TEST(a_hash_without_bytes)
{
	static const char *const texts[] = {
		"Hi Paul,\n\nwho looks after this?\n\nRita\n", "no line end", "two\n\n\n", "", "trailing \nblanks \t\n",
		"Grüße aus dem Lager\nмоскву = 東京\n.\n..\nFrom me\n", "crlf\r\nlines\r\n",
		"-- \nsignature\n", "=3D =?utf-8?Q?x?= \n",
	};
	static const char *const subjects[] = { "Hello", "Re: Grüße", "two  blanks", " ", "=?x?= literally",
		"a very long subject that goes on and on until nobody would read it any more, with Umlaut ä in it" };

	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
		for (size_t j = 0; j < sizeof(subjects) / sizeof(*subjects); j++) {
			struct letter l = draft();
			const char *raw, *hash;

			l.text = texts[k];
			l.subject = subjects[j];
			l.to = "Paal@X.example";
			hash = policy_plain_hash(a, l.from, l.to, l.subject, l.text);
			ck_assert_str_eq(policy_content_hash(a, parsed(&l, &raw)), hash);
			ck_assert_str_ne(policy_plain_hash(a, l.from, "other@x.example", l.subject, l.text), hash);
			ck_assert_str_ne(policy_plain_hash(a, "x@x.example", l.to, l.subject, l.text), hash);
			ck_assert_str_ne(policy_plain_hash(a, l.from, l.to, "other", l.text), hash);
			ck_assert_str_ne(policy_plain_hash(a, l.from, l.to, l.subject, arena_printf(a, "x%s", l.text)), hash);
		}
	}
}
END_TEST

START_TEST(facts_that_are_none)
{
	struct note note;
	const char *name;

	ck_status(notify_template(a, "[]", &name, &test_err), INPUT);
	ck_status(notify_compose(a, "{", "Subject: x\n\ny\n", "UTC", &note, &test_err), INPUT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-compose");
	TCase *t = test_case(s, "compose");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_draft_threads);
	tcase_add_test(t, nothing_becomes_a_header);
	tcase_add_test(t, long_lines_are_folded);
	tcase_add_test(t, reply_subjects);
	tcase_add_test(t, the_note_says_everything);
	tcase_add_test(t, every_text_is_there);
	tcase_add_test(t, a_hash_without_bytes);
	tcase_add_test(t, facts_that_are_none);
	return test_run(s);
}
