/* SPDX-License-Identifier: MPL-2.0
 *
 * Definitions: the shipped ones, the broken ones of tests/cases/sequence-check, the stored form, filling.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tests/lib/plans.h"
#include "tests/lib/testing.h"

static const char *const shipped[] = { "seven-touch", "four-message", "inbound", "proposal",
	"reactivation" };

/* rows: 46, 63-70, 509-523 */
START_TEST(shipped_cadences)
{
	struct arena *a = arena_new(0);
	static const int days[] = { 0, 2, 4, 6, 9, 12, 14 };
	struct plan *p = test_plan(a, "seven-touch");

	ck_assert_uint_eq(p->steps_n, 7);
	for (size_t i = 0; i < 7; i++) {
		ck_assert_int_eq(p->steps[i].day, days[i]);
		ck_assert_int_eq(p->steps[i].channel, i < 6 ? CHANNEL_EMAIL : CHANNEL_LINKEDIN);
	}
	ck_assert_int_eq(p->steps[0].type, STEP_FIRST_TOUCH);
	ck_assert_int_eq(p->steps[5].type, STEP_CLOSEOUT);
	ck_assert(p->steps[6].optional);
	ck_assert_int_eq(p->max_touches, 7);
	ck_assert_uint_lt(strlen(p->steps[6].text), strlen(p->steps[0].text));
	ck_assert_str_eq(p->steps[0].subject, "{{workflow}} at {{company}}");
	ck_assert_int_eq(strncmp(p->steps[0].text, "Hi {{first_name}},", 18), 0);
	ck_assert_int_eq(p->authority, AUTHORITY_DRAFT_ONLY);
	ck_assert_uint_eq(p->requires, REQUIRES_SOURCE | REQUIRES_PERMISSION);

	p = test_plan(a, "inbound");
	ck_assert_int_eq(p->steps[0].minutes, 0);
	ck_assert_int_eq(p->steps[4].type, STEP_CLOSEOUT);
	p = test_plan(a, "reactivation");
	ck_assert_uint_eq(p->steps_n, 1);
	ck_assert_int_eq(p->max_touches, 1);
	p = test_plan(a, "four-message");
	ck_assert_uint_eq(p->steps_n, 4);
	ck_assert_int_eq(p->steps[3].type, STEP_CLOSEOUT);
	arena_free(a);
}
END_TEST

/* Stored with its templates and read back, a version stays what it was. */
START_TEST(source_round_trip)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, shipped[_i]), *q;

	ck_ok(plan_load(a, p->source, &q, &test_err));
	ck_assert_str_eq(q->hash, p->hash);
	ck_assert_str_eq(q->source, p->source);
	ck_assert_uint_eq(q->steps_n, p->steps_n);
	ck_assert_uint_eq(q->fields_n, p->fields_n);
	for (size_t i = 0; i < p->steps_n; i++) {
		ck_assert_str_eq(q->steps[i].text, p->steps[i].text);
		ck_assert_str_eq(q->steps[i].job, p->steps[i].job);
		ck_assert_int_eq(q->steps[i].day, p->steps[i].day);
		ck_assert_int_eq(q->steps[i].line, p->steps[i].line);
	}
	arena_free(a);
}
END_TEST

START_TEST(damaged_sources)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, "four-message"), *q;
	size_t n = strlen(p->source);

	for (size_t cut = 0; cut < n; cut += 1 + n / 97)
		ck_status(plan_load(a, arena_strndup(a, p->source, cut), &q, &test_err), INPUT);
	ck_status(plan_load(a, "relent sequence 1\n99999999999999999999 definition\nx\n", &q, &test_err), INPUT);
	ck_status(plan_load(a, "relent sequence 1\n0 definition\n\n", &q, &test_err), INPUT);
	arena_free(a);
}
END_TEST

/* rows: 41, 61, 510 */
START_TEST(eligible)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, "seven-touch"), any = { .name = "any" };

	ck_assert(plan_eligible(p, "new", "two"));
	ck_assert(plan_eligible(p, "dormant", "one"));
	ck_assert(!plan_eligible(p, "new", "three"));
	ck_assert(!plan_eligible(p, "new", "parked"));
	ck_assert(!plan_eligible(p, "won", "one"));
	ck_assert(!plan_eligible(p, "new", "rejected"));
	ck_assert(plan_eligible(&any, "new", "three"));
	ck_assert(!plan_eligible(&any, "new", "rejected"));
	arena_free(a);
}
END_TEST

static const char *value(void *ctx, const char *name)
{
	(void)ctx;
	return str_eq(name, "first_name") ? "Ann" : str_eq(name, "company") ? "{{role}}" : NULL;
}

/* rows: 71. What has no value stays visible, so that the milter can refuse it; values are not filled
 * again. */
START_TEST(filling)
{
	struct arena *a = arena_new(0);
	const char **missing;
	size_t n;

	ck_assert_str_eq(plan_fill(a, "Hi {{first_name}}, {{ company }} {{signal}} {{signal}} {{}} {{x\n}} {",
				   value, NULL, &missing, &n),
			 "Hi Ann, {{role}} {{signal}} {{signal}} {{}} {{x\n}} {");
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(missing[0], "signal");
	ck_assert_str_eq(plan_fill(a, "", value, NULL, NULL, NULL), "");
	arena_free(a);
}
END_TEST

/* The gap counts dates, and is never larger than the sequence's own distance. */
START_TEST(minimum_gap)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, "seven-touch");
	time_t t = when_utc((struct date){ 2025, 3, 3 }, 16, 0, "Europe/Berlin");

	ck_assert_int_eq(seq_gap_free(p, 2, t, "Europe/Berlin"),
			 when_utc((struct date){ 2025, 3, 5 }, 0, 0, "Europe/Berlin"));
	p->gap_days = 10;
	ck_assert_int_eq(seq_gap_free(p, 2, t, "Europe/Berlin"),
			 when_utc((struct date){ 2025, 3, 5 }, 0, 0, "Europe/Berlin"));
	ck_assert_int_eq(seq_gap_free(p, 99, t, "Europe/Berlin"),
			 when_utc((struct date){ 2025, 3, 13 }, 0, 0, "Europe/Berlin"));
	p->gap_days = 0;
	ck_assert_int_eq(seq_gap_free(p, 2, t, "Europe/Berlin"), t);
	ck_assert_int_eq(seq_gap_free(p, 2, 0, "Europe/Berlin"), 0);
	arena_free(a);
}
END_TEST

/* An immediate answer ignores window and gap. */
START_TEST(minutes)
{
	struct arena *a = arena_new(0);
	struct plan *p = test_plan(a, "seven-touch");
	struct plan_step *first = (struct plan_step *)&p->steps[0];
	struct enrolment e = { .state = SEQ_NOT_STARTED, .zone = "Europe/Berlin" };
	struct actions out;
	time_t sunday = when_utc((struct date){ 2025, 3, 2 }, 3, 0, "Europe/Berlin");

	first->day = -1;
	first->minutes = 5;
	ck_ok(seq_step(p, &e, &(struct event){ .kind = EV_ENROLLED }, sunday, &out, &test_err));
	ck_assert_int_eq(e.due, sunday + 300);
	ck_ok(seq_step(p, &e, &(struct event){ .kind = EV_TOUCH }, sunday + 120, &out, &test_err));
	ck_assert_int_eq(e.due, when_utc((struct date){ 2025, 3, 4 }, 8, 30, "Europe/Berlin"));
	arena_free(a);
}
END_TEST

static char *bad[100];
static int bad_n;

/* rows: 17, 42, 46-47, 234, 262, 509-518, 523, 535. What `sequence check` must say is in FILE.want. */
START_TEST(broken_definitions)
{
	struct arena *a = arena_new(0);
	char *path = arena_printf(a, "tests/cases/sequence-check/%s", bad[_i]), *problems;
	struct plan *p;
	size_t n;
	char *want = test_read(a, test_source(arena_printf(a, "%s.want", path)), &n);
	bool refused = strstr(want, ": warning: ") == NULL;

	ck_status(test_plan_parse(a, path, &p, &problems), refused ? INPUT : OK);
	ck_assert_str_eq(problems, want);
	arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sequence plan");
	TCase *t = test_case(s, "plan");
	static struct dirent **list;	/* for ever: the cases are named by it */
	int n = scandir(test_source("tests/cases/sequence-check"), &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(list[i]->d_name);

		if (len > 5 && str_eq(list[i]->d_name + len - 5, ".conf") && bad_n < 100)
			bad[bad_n++] = list[i]->d_name;
	}
	if (!bad_n) {
		printf("Bail out! nothing in tests/cases/sequence-check\n");
		return 1;
	}
	tcase_add_test(t, shipped_cadences);
	tcase_add_loop_test(t, source_round_trip, 0, 5);
	tcase_add_test(t, damaged_sources);
	tcase_add_test(t, eligible);
	tcase_add_test(t, filling);
	tcase_add_test(t, minimum_gap);
	tcase_add_test(t, minutes);
	tcase_add_loop_test(t, broken_definitions, 0, bad_n);
	return test_run(s);
}
