/* SPDX-License-Identifier: MPL-2.0
 *
 * Sieve scripts as people's mail clients and web mailers write them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "imapwatch/vacation.h"
#include "tests/lib/testing.h"

struct script {
	const char *text;
	bool found, unclear;
	const char *from, *until;
};

static const struct script scripts[] = {
	{ "", false, false, "", "" },
	{ "require [\"vacation\"];\nvacation :days 7 \"I am away\";\n", true, false, "", "" },
	{ "# vacation \"no\";\n/* vacation \"no\"; */ keep;", false, false, "", "" },
	{ "redirect \"vacation@example.com\"; fileinto \"vacation\";", false, false, "", "" },
	/* Roundcube */
	{ "require [\"date\",\"relational\",\"vacation\"];\n# rule:[Vacation]\nif allof (currentdate :zone \"+0200\" :value \"ge\" "
	  "\"date\" \"2026-08-01\", currentdate :zone \"+0200\" :value \"le\" \"date\" \"2026-08-20\")\n{\n\tvacation :days 1 "
	  ":subject \"Urlaub\" \"Bin weg\";\n}\n", true, false, "2026-08-01", "2026-08-20" },
	/* the same, switched off */
	{ "if false # allof (currentdate :value \"ge\" \"date\" \"2026-08-01\")\n{\nvacation \"x\";\n}", false, false, "", "" },
	/* iso8601, gt and lt */
	{ "if allof (currentdate :value \"gt\" \"iso8601\" \"2026-08-01T00:00:00+02:00\", currentdate :value \"lt\" \"date\" "
	  "\"2026-08-20\") { vacation \"x\"; }", true, false, "2026-08-02", "2026-08-19" },
	/* over */
	{ "if currentdate :value \"le\" \"date\" \"2026-05-01\" { vacation \"x\"; }", false, false, "", "" },
	/* one after the other: the one that counts is the one to come */
	{ "if allof(currentdate :value \"ge\" \"date\" \"2026-04-01\", currentdate :value \"le\" \"date\" \"2026-04-09\") "
	  "{ vacation \"a\"; }\nif allof(currentdate :value \"ge\" \"date\" \"2026-12-20\", currentdate :value \"le\" \"date\" "
	  "\"2027-01-06\") { vacation \"b\"; }", true, false, "2026-12-20", "2027-01-06" },
	/* text with braces, dots and words of Sieve in it */
	{ "vacation :subject \"a \\\"vacation\\\" {\" text:\nI am } away;\n..\nif false {\n.\n;", true, false, "", "" },
	{ "if header :contains \"subject\" \"x\" { discard; stop; }\nvacation \"x\";", true, false, "", "" },
	/* only for some, or not understood: nothing is concluded */
	{ "if header :contains \"from\" \"boss\" { vacation \"x\"; }", false, true, "", "" },
	{ "if not currentdate :value \"ge\" \"date\" \"2026-08-01\" { vacation \"x\"; }", false, true, "", "" },
	{ "if anyof (currentdate :value \"ge\" \"date\" \"2026-08-01\", true) { vacation \"x\"; }", false, true, "", "" },
	{ "if true { keep; } else { vacation \"x\"; }", false, true, "", "" },
	{ "if allof (true, not exists \"X-Spam\", currentdate :value \"ge\" \"date\" \"2026-08-01\") { vacation \"x\"; }", false, true,
	  "", "" },
	{ "if if if { { { } ( \" vacation", false, false, "", "" },
	{ "vacation", true, false, "", "" },
};

/* rows: 906 */
START_TEST(scripts_of_people)
{
	struct arena *a = arena_new(0);
	const struct script *s = &scripts[_i];
	struct vacation v = vacation_read(a, s->text, strlen(s->text), (struct date){ 2026, 6, 1 });
	char from[WHEN_TEXT], until[WHEN_TEXT];

	ck_assert_msg(v.found == s->found && v.unclear == s->unclear, "%s: found %d unclear %d", s->text, v.found, v.unclear);
	ck_assert_str_eq(v.from.year ? date_text(v.from, from) : "", s->from);
	ck_assert_str_eq(v.until.year ? date_text(v.until, until) : "", s->until);
	/* cut anywhere it is still read to its end */
	for (size_t n = 0; n < strlen(s->text); n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, s->text, n);
		vacation_read(a, cut, n, (struct date){ 2026, 6, 1 });
		free(cut);
	}
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vacation");
	TCase *t = test_case(s, "vacation");

	tcase_add_loop_test(t, scripts_of_people, 0, (int)(sizeof(scripts) / sizeof(*scripts)));
	return test_run(s);
}
