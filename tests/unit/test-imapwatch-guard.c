/* SPDX-License-Identifier: MPL-2.0
 *
 * What the guard lets pass and what it stops, in whatever pieces the bytes come.
 */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "imapwatch/guard.h"
#include "tests/lib/testing.h"

static const struct {
	const char *what, *bytes;
	const char *refused;	/* words, or NULL */
} streams[] = {
	{ "an ordinary answer", "* 1 FETCH (UID 4 BODY[]<0> {5}\r\nhello)\r\n1 OK done\r\n", NULL },
	{ "a literal that may be", "* 1 FETCH (BODY[] {100}\r\n", NULL },
	{ "a literal that may not", "* 1 FETCH (BODY[] {101}\r\n", "literal larger" },
	{ "longer than any number", "* 1 FETCH (BODY[] {99999999999999999999999}\r\n", "impossible" },
	{ "announced in a mail", "* 1 FETCH (BODY[] {11}\r\nx {999999}\r\n)\r\n", NULL },
	{ "announced in free text", "* OK hello {999999}\r\n* BYE {999999}\r\n", NULL },
	{ "announced in a tagged answer", "12 NO over quota {999999}\r\n", NULL },
	{ "after free text that looks like one", "* OK {90}\r\n* 1 FETCH (BODY[] {999999}\r\n", "literal larger" },
	{ "after a literal", "* 1 FETCH (BODY[] {3}\r\nabc BODY[2] {999999}\r\n", "literal larger" },
	{ "braces that are none", "* LIST () \"{\" a{b\r\n* 1 FETCH (FLAGS ({x}))\r\n", NULL },
	{ "an empty literal", "* 1 FETCH (BODY[] {0}\r\n)\r\n", NULL },
	{ "lists as deep as allowed", "* X ((((((((((1))))))))))\r\n", NULL },
	{ "brackets in a quoted word", "* LIST () \"/\" \"((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
	  "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\"\r\n", NULL },
	{ "a quoted quote", "* LIST () \"/\" \"\\\"((\"\r\n", NULL },
	{ "an answer of more bytes than were asked for", "* 1 FETCH (BODY[] {100}\r\n"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "without end" },
};

static const char *feed(const char *bytes, size_t piece)
{
	struct guard g;
	size_t n = strlen(bytes);

	guard_init(&g, 100);
	guard_budget(&g, 250);
	for (size_t at = 0; at < n; at += piece)
		if (!guard_see(&g, bytes + at, n - at < piece ? n - at : piece)) {
			ck_assert(!guard_see(&g, "* OK\r\n", 6));	/* for ever */
			return g.refused;
		}
	return NULL;
}

START_TEST(pieces)
{
	for (size_t piece = 1; piece <= 40; piece++) {
		const char *got = feed(streams[_i].bytes, piece);

		if (!streams[_i].refused)
			ck_assert_msg(!got, "%s in pieces of %zu: %s", streams[_i].what, piece, got);
		else
			ck_assert_msg(got && strstr(got, streams[_i].refused), "%s in pieces of %zu: %s",
				      streams[_i].what, piece, got ? got : "let pass");
	}
}
END_TEST

START_TEST(depth)
{
	char line[400] = "* X ";
	size_t n = strlen(line);

	memset(line + n, '(', GUARD_MAX_DEPTH);
	ck_assert_ptr_null(feed(line, 7));
	memset(line + n, '(', GUARD_MAX_DEPTH + 1);
	ck_assert_ptr_nonnull(feed(line, 7));
	/* free text may be as silly as it likes */
	memcpy(line, "* OK ", 5);
	ck_assert_ptr_null(feed(line, 7));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-guard");
	TCase *t = test_case(s, "guard");

	tcase_add_loop_test(t, pieces, 0, (int)(sizeof(streams) / sizeof(*streams)));
	tcase_add_test(t, depth);
	return test_run(s);
}
