/* SPDX-License-Identifier: MPL-2.0
 *
 * What follows when an approved mail may not go out, or was not taken.
 */
#include "config.h"

#include "base/str.h"
#include "imapwatch/sendnext.h"
#include "tests/lib/testing.h"

enum { NOW = 1772438400 };

/* rows: 490, 934, 935, 936 */
START_TEST(rules)
{
	static const struct {
		const char *rule, *fact;
		int code;
		enum send_next next;
		long after;		/* seconds; 0: no time */
	} list[] = {
		{ "authority", "authority.automation sequence=x what=-", 550, NEXT_APPROVAL, 0 },
		{ "replied", "reply at=1 from=a@b.example class=interested", 550, NEXT_REVIEW, 0 },
		{ "replied", "hold since=1", 550, NEXT_LATER, 30 },
		{ "stopped", "enrolment x state=closed reason=y", 550, NEXT_REVIEW, 0 },
		{ "suppressed", NULL, 550, NEXT_REVIEW, 0 },
		{ "cap", "gap last=1 free=1772442000", 450, NEXT_LATER, 3600 },
		{ "cap", "window opens=1772445600", 450, NEXT_LATER, 7200 },
		{ "cap", "cap.sender rita@x.example count=1 max=1 free=1772524800", 450, NEXT_LATER, 86400 },
		{ "cap", "gap last=1 free=1", 450, NEXT_LATER, 3600 },
		{ "cap", "gap last=1 free=99999999999", 450, NEXT_LATER, 30 * 86400 },
		{ "cap", "free", 450, NEXT_LATER, 3600 },
		{ "cap", NULL, 450, NEXT_LATER, 3600 },
		{ "cap", "maximum touches=4 max=4 step=5", 550, NEXT_REVIEW, 0 },
		{ "breaker", "x", 450, NEXT_LATER, 3600 },
		{ "unwatched", NULL, 451, NEXT_LATER, 300 },
		{ "resubmission", "touch x state=accepted", 451, NEXT_EVIDENCE, 0 },
		{ "placeholder", "x", 550, NEXT_REVIEW, 0 },
		{ "collision", "x", 550, NEXT_REVIEW, 0 },
		{ "a rule to come", NULL, 451, NEXT_LATER, 300 },
		{ "a rule to come", NULL, 554, NEXT_REVIEW, 0 },
	};

	for (size_t k = 0; k < sizeof(list) / sizeof(*list); k++) {
		struct send_fate f = send_next_of_rule(list[k].rule, list[k].code, list[k].fact, NOW);

		ck_assert_msg(f.next == list[k].next, "%zu %s: %d", k, list[k].rule, (int)f.next);
		if (list[k].after)
			ck_assert_msg(f.at == NOW + list[k].after, "%zu %s: %lld", k, list[k].rule, (long long)f.at - NOW);
	}
}
END_TEST

START_TEST(codes)
{
	ck_assert_int_eq(send_next_of_code(421, NOW).next, NEXT_LATER);
	ck_assert_int_eq(send_next_of_code(451, NOW).next, NEXT_FAILED);
	ck_assert_int_eq(send_next_of_code(452, NOW).next, NEXT_FAILED);
	ck_assert_int_eq(send_next_of_code(550, NOW).next, NEXT_REVIEW);
	ck_assert_int_eq(send_next_of_code(554, NOW).next, NEXT_REVIEW);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("imapwatch-sendnext");
	TCase *t = test_case(s, "sendnext");

	tcase_add_test(t, rules);
	tcase_add_test(t, codes);
	return test_run(s);
}
