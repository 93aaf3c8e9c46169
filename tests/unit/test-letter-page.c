/* SPDX-License-Identifier: MPL-2.0
 *
 * Mails of two parts: what strangers wrote stays text, whatever it is; addresses behind buttons are as RFC 6068 wants
 * them; both parts say the same; every language has every word.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "classifier/message.h"
#include "letter/compose.h"
#include "letter/html.h"
#include "letter/page.h"
#include "letter/words.h"
#include "tests/lib/testing.h"

static struct arena *a;
static void setup(void) { a = arena_new(0); }
static void teardown(void) { arena_free(a); }

START_TEST(html_is_escaped)
{
	static const struct { const char *in, *out; } list[] = {
		{ "<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" },
		{ "a & b \"c\"", "a &amp; b &quot;c&quot;" },
		{ "tab\tline\nbell\a nul\x7f", "tab\tline\nbell nul" },
		{ "\xe2\x80\xae" "evil\xe2\x81\xa6 x", "evil x" },	/* directions that would turn ours */
		{ "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\x97\xa5\xe6\x9c\xac", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\x97\xa5\xe6\x9c\xac" },
		{ "bad \xff\xfe", "bad \xef\xbf\xbd\xef\xbf\xbd" },
		{ "c1 \xc2\x85 ffff \xef\xbf\xbf", "c1  ffff " },
		{ NULL, "" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		ck_assert_str_eq(html_escaped(a, list[i].in), list[i].out);
}
END_TEST

START_TEST(plain_text_is_harmless)
{
	static const struct page_fact facts[] = {
		{ "Prospect", "Ann \xe2\x80\xae" "gro.live\xe2\x80\xa8" "stop 1\x1b[2J", false },
		{ "The answer", "one\xe2\x80\xa9" "approve 1\rtwo\x0b\xc2\x85three", true },
	};
	static const struct page_item items[] = { { .number = 1, .title = "A\xe2\x81\xa7nn", .facts = facts, .facts_n = 2 } };
	static const struct page_section sections[] = { { .items = items, .items_n = 1 } };
	struct page p = { .sections = sections, .sections_n = 1 };

	ck_assert_str_eq(page_text(a, &p), "1. Ann\n   Prospect: Ann gro.live stop 1[2J\n   The answer:\n"
			 "   > one approve 1\n   > twothree\n\n");
}
END_TEST

START_TEST(mailto_as_clients_need_it)
{
	ck_assert_str_eq(mailto_url(a, "relent+do.abc@x.example", "a & b + 50 %?", "two\r\nlines\nÄ"),
			 "mailto:relent%2Bdo.abc@x.example?subject=a%20%26%20b%20%2B%2050%20%25%3F"
			 "&body=two%0D%0Alines%0D%0A%C3%84");
	ck_assert_str_eq(mailto_url(a, "do.abc@x.example", NULL, NULL), "mailto:do.abc@x.example");
	ck_assert_str_eq(mailto_url(a, "a@x.example", "", "b"), "mailto:a@x.example?body=b");
	/* an address cannot bring headers of its own */
	ck_assert_str_eq(mailto_url(a, "a@x?bcc=eve@y\r\n&cc=z", NULL, NULL), "mailto:a@x%3Fbcc%3Deve@y%26cc%3Dz");
}
END_TEST

static struct page sample(void)
{
	static const struct page_action actions[] = {
		{ .label = "Approve", .word = "approve 1", .address = "relent+do.abc@x.example", .subject = "S", .body = "B",
		  .main = true },
		{ .label = "Stop", .word = "stop 1" },
	};
	static const struct page_fact facts[] = {
		{ "Why now", "because <b>bold</b> words go on and on and on until a line of a terminal would be too long for them", false },
		{ "The answer", "first\n\n</div>https://evil.example/?a=1&b=2\n.\nFrom me", true },
		{ NULL, "one\ntwo", false },
	};
	static const struct page_item items[] = {
		{ .number = 1, .title = "Ann <x> \xd7\xa9", .mark = "open since", .facts = facts, .facts_n = 3,
		  .actions = actions, .actions_n = 2 },
	};
	static const struct page_section sections[] = { { "Drafts", items, 1, "And 3 more" } };
	static const char *const intro[] = { "Hello." }, *const footer[] = { "Bye." };

	return (struct page){ .language = "en", .title = "1 draft", .intro = intro, .intro_n = 1, .sections = sections,
			      .sections_n = 1, .footer = footer, .footer_n = 1 };
}

START_TEST(both_parts_say_the_same)
{
	struct page p = sample();
	const char *text = page_text(a, &p), *html = page_html(a, &p);
	struct span rest = span_of(text), line;

	ck_assert_ptr_nonnull(strstr(text, "1. Ann <x> \xd7\xa9 (open since)\n   Why now: because <b>bold</b>"));
	ck_assert_ptr_nonnull(strstr(text, "   > </div>https://evil.example/?a=1&b=2\n   > .\n   > From me\n"));
	ck_assert_ptr_nonnull(strstr(text, "   [Approve] approve 1 | <relent+do.abc@x.example>\n   [Stop] stop 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "And 3 more"));
	while (span_line(&rest, &line))
		ck_assert_msg(line.n <= 80, "%.*s", (int)line.n, line.p);
	ck_assert_ptr_nonnull(strstr(html, "&lt;/div&gt;https://evil.example/?a=1&amp;b=2"));
	ck_assert_ptr_nonnull(strstr(html, "href=\"mailto:relent%2Bdo.abc@x.example?subject=S&amp;body=B\""));
	ck_assert_ptr_null(strstr(html, "href=\"http"));
	ck_assert_ptr_null(strstr(html, "<b>bold"));
	ck_assert_ptr_nonnull(strstr(html, "And 3 more"));
	for (const char *k = strstr(html, "href="); k; k = strstr(k + 1, "href="))
		ck_assert_msg(strncmp(k, "href=\"mailto:", 13) == 0, "%.40s", k);
}
END_TEST

START_TEST(a_mail_of_two_parts)
{
	struct page p = sample();
	struct letter l = { .from = "relent@x.example", .from_name = "relent", .to = "rita@x.example",
			    .subject = "3 drafts\r\nBcc: eve@x.example \xe6\x97\xa5\xe6\x9c\xac", .message_id = "m@x",
			    .reply_to = "relent+re.abc@x.example\r\nBcc: eve@x.example", .automatic = true, .zone = "UTC",
			    .text = page_text(a, &p), .html = page_html(a, &p) };
	struct message *m;
	const char *raw;
	size_t n, line = 0;

	raw = letter_text(a, &l, &n);
	ck_ok(message_read(a, raw, n, &m, &test_err));
	ck_assert_ptr_null(message_header(m, "Bcc"));
	ck_assert_str_eq(message_header(m, "Auto-Submitted"), "auto-generated");
	ck_assert_ptr_nonnull(strstr(message_header(m, "Reply-To"), "relent+re.abc@x.example"));
	ck_assert_ptr_nonnull(strstr(m->text, "From me"));
	for (const char *k = raw; *k; k++) {
		line = *k == '\n' ? 0 : line + 1;
		ck_assert_uint_le(line, 998);
		ck_assert(*k != '\n' || k[-1] == '\r');
	}
	/* a text that is full of boundaries is still one part */
	l.text = arena_strdup(a, "plain\n--relent=_1\n--relent=_2--\n");
	raw = letter_text(a, &l, &n);
	ck_ok(message_read(a, raw, n, &m, &test_err));
	ck_assert_ptr_nonnull(strstr(raw, "boundary=\"relent=_3\""));
	ck_assert_msg(strstr(m->text, "--relent=_2--"), "%s", m->text);
}
END_TEST

START_TEST(a_note_becomes_a_page)
{
	const char *text = "Ann: question\n\nWhat to do: answer <now>\nDeadline: 2026-03-04\n\n-- The answer --\nFrom: ann@x.example\n\n"
		"> Hello, -- not a heading --\n> Label: no label\n\nQuestions:\n> why?\nMessages sent:\n  - one\n  - two\n\n"
		"relent sends nothing.\nTwo lines.\n";
	struct page p;

	page_of_text(a, text, &p);
	ck_assert_uint_eq(p.sections_n, 2);
	const struct page_item *head = p.sections[0].items, *body = p.sections[1].items;
	ck_assert_str_eq(head->facts[0].text, "Ann: question" + 5);
	ck_assert_str_eq(head->facts[0].label, "Ann");
	ck_assert_str_eq(head->facts[1].label, "What to do");
	ck_assert_str_eq(body->title, "The answer");
	ck_assert_str_eq(body->facts[1].text, "Hello, -- not a heading --\nLabel: no label");
	ck_assert(body->facts[1].block);
	ck_assert_str_eq(body->facts[2].label, "Questions");
	ck_assert_str_eq(body->facts[3].text, "- one\n- two");
	ck_assert_str_eq(body->facts[4].text, "relent sends nothing.\nTwo lines.");
	ck_assert_ptr_nonnull(strstr(page_html(a, &p), "answer &lt;now&gt;"));
}
END_TEST

START_TEST(plurals)
{
	struct words *w = NULL;

	ck_ok(words_read(a, &w, "en", "en", "n.one: {{n}} draft\nn.other: {{n}} drafts\nx: {{1}}, {{2}} and {{9}}\n# c\n", &test_err));
	ck_assert_str_eq(words_count(a, w, "n", 1), "1 draft");
	ck_assert_str_eq(words_count(a, w, "n", 5), "5 drafts");
	ck_assert_str_eq(words_fill(a, w, "x", "a", NULL, NULL), "a,  and {{9}}");
	ck_assert_str_eq(words_get(w, "nothing"), "nothing");
	ck_ok(words_read(a, &w, "pl", "pl", "n.one: {{n}} szkic\nn.few: {{n}} szkice\nn.many: {{n}} szkiców\nn.other: {{n}} szkicu\n", &test_err));
	ck_assert_str_eq(words_count(a, w, "n", 1), "1 szkic");
	ck_assert_str_eq(words_count(a, w, "n", 3), "3 szkice");
	ck_assert_str_eq(words_count(a, w, "n", 5), "5 szkiców");
	ck_assert_str_eq(words_count(a, w, "n", 22), "22 szkice");
	ck_status(words_read(a, &w, "en", "f", "\n: text\n", &test_err), CONF);
	ck_assert_ptr_nonnull(strstr(test_err.text, "f:2"));
	ck_status(words_read(a, &w, "en", "f", "no colon\n", &test_err), CONF);
}
END_TEST

/* {{1}} of one language is {{1}} of the other. */
static bool same_fields(const char *x, const char *y)
{
	for (const char *p = strstr(x, "{{"); p; p = strstr(p + 2, "{{"))
		if (!strstr(y, arena_strndup(a, p, 5)))
			return false;
	return true;
}

START_TEST(words_of_every_language)
{
	static const char *const languages[] = { "de", "es", "fr", "it", "nl", "pl", "pt", "sv" };
	struct words *en = NULL;
	const char *const *keys;
	size_t n;

	ck_ok(words_read(a, &en, "en", "en", test_read(a, test_source("conf/mail/en/words.txt"), NULL), &test_err));
	n = words_keys(en, &keys);
	ck_assert_uint_gt(n, 100);
	for (size_t k = 0; k < sizeof(languages) / sizeof(*languages); k++) {
		struct words *w = NULL;
		const char *path = arena_printf(a, "conf/mail/%s/words.txt", languages[k]);
		const char *const *other;

		ck_ok(words_read(a, &w, languages[k], path, test_read(a, test_source(path), NULL), &test_err));
		for (size_t i = 0; i < n; i++) {
			/* complete are English and German; what the others lack falls back to English */
			ck_assert_msg(words_has(w, keys[i]) || k > 0, "%s lacks '%s'", path, keys[i]);
			if (!words_has(w, keys[i]))
				continue;
			ck_assert_msg(same_fields(words_get(en, keys[i]), words_get(w, keys[i])) &&
				      same_fields(words_get(w, keys[i]), words_get(en, keys[i])), "%s: '%s'", path, keys[i]);
		}
		for (size_t m = words_keys(w, &other), i = 0; i < m; i++)
			ck_assert_msg(words_has(en, other[i]) || strncmp(other[i], "count.", 6) == 0 ||
				      strncmp(other[i], "rest.", 5) == 0, "%s: nobody asks for '%s'", path, other[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("letter-page");
	TCase *c = test_case(s, "page");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, html_is_escaped);
	tcase_add_test(c, plain_text_is_harmless);
	tcase_add_test(c, mailto_as_clients_need_it);
	tcase_add_test(c, both_parts_say_the_same);
	tcase_add_test(c, a_mail_of_two_parts);
	tcase_add_test(c, a_note_becomes_a_page);
	tcase_add_test(c, plurals);
	tcase_add_test(c, words_of_every_language);
	return test_run(s);
}
