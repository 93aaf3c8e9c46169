/* SPDX-License-Identifier: MPL-2.0
 *
 * What a person wrote, apart from quotes, signatures, footers and banners: the mails of
 * tests/cases/visible, each with the text that must remain. How they are labelled and compared: README there.
 * VISIBLE_ERRORS=1 in the environment prints what was read wrongly.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "classifier/classifier.h"
#include "tests/lib/mails.h"
#include "tests/lib/testing.h"

/* Of a thousand: the share reached so far. */
enum { FLOOR = 980 };

static struct phrases *phrases;

/* Lines squeezed; empty lines and mere rules left out. */
static const char *comparable(struct arena *a, const char *text)
{
	struct span rest = span_of(text), line;
	struct buf b;

	buf_init(&b, a);
	while (span_line(&rest, &line)) {
		const char *s = text_squeeze(a, span_dup(a, line));
		if (s[strspn(s, "-_=* ")] == '\0')
			continue;
		buf_adds(&b, s);
		buf_addc(&b, '\n');
	}
	return b.n ? b.p : "";
}

static bool right(struct arena *a, const char *dir, const char *eml)
{
	size_t n;
	char *raw = test_read(a, arena_printf(a, "%s/%s", dir, eml), &n);
	const char *txt = arena_printf(a, "%s/%.*s.txt", dir, (int)strlen(eml) - 4, eml);
	const char *want = comparable(a, test_read(a, txt, NULL));
	const char *got = comparable(a, message_visible(a, phrases, mails_read(a, raw, n)).text);

	if (str_eq(want, got))
		return true;
	if (getenv("VISIBLE_ERRORS"))
		fprintf(stderr, "%s\n--- wanted\n%s--- got\n%s\n", eml, want, got);
	return false;
}

START_TEST(visible)
{
	const char *dir = test_source("tests/cases/visible");
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), mails = 0, good = 0;

	ck_assert_msg(n > 2, "no cases in %s", dir);
	for (int i = 0; i < n; i++) {
		if (span_ends_case(span_of(list[i]->d_name), ".eml")) {
			struct arena *a = arena_new((size_t)1 << 26);
			bool ok = right(a, dir, list[i]->d_name);
			mails++;
			good += ok;
			if (!ok)
				printf("# %s: other text\n", list[i]->d_name);
			arena_free(a);
		}
		free(list[i]);
	}
	free(list);
	printf("# new text right: %d of %d\n", good, mails);
	fflush(stdout);
	ck_assert_int_ge(mails, 320);
	ck_assert_msg(good * 1000 >= mails * FLOOR, "only %d of %d right", good, mails);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classifier-visible");
	TCase *t = test_case(s, "visible");
	int failed;

	phrases = mails_phrases();
	tcase_set_timeout(t, 120);
	tcase_add_test(t, visible);
	suite_add_tcase(s, t);
	failed = test_run(s);
	phrases_free(phrases);
	return failed;
}
