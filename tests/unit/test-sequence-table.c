/* SPDX-License-Identifier: MPL-2.0
 *
 * The table of states and events: no empty cell, and what it says is what seq_step() does.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sequence/seq_private.h"
#include "tests/lib/testing.h"

START_TEST(no_empty_cell)
{
	for (int ev = 0; ev < EV_COUNT; ev++)
		for (int s = 0; s < SEQ_STATE_COUNT; s++)
			ck_assert_msg(seq_moves[ev][s] != MOVE_EMPTY
				      && seq_moves[ev][s] < MOVE_TO + SEQ_STATE_COUNT, "empty: %s x %s",
				      seq_state_name((enum seq_state)s), seq_event_name((enum seq_event)ev));
}
END_TEST

START_TEST(names_are_unique_and_found)
{
	for (int i = 0; i < SEQ_STATE_COUNT; i++) {
		enum seq_state s;

		ck_assert(seq_state_from_name(seq_state_name((enum seq_state)i), &s));
		ck_assert_int_eq(s, i);
	}
	for (int i = 0; i < EV_COUNT; i++) {
		enum seq_event e;

		ck_assert(seq_event_from_name(seq_event_name((enum seq_event)i), &e));
		ck_assert_int_eq(e, i);
	}
}
END_TEST

/* rows: 903-918. The groups of sequences.md */
START_TEST(groups)
{
	static const enum seq_state live[] = { SEQ_NOT_STARTED, SEQ_RESEARCHING, SEQ_DRAFTING,
		SEQ_AWAITING_APPROVAL, SEQ_READY_TO_SEND, SEQ_SENT, SEQ_WAITING, SEQ_FOLLOW_UP_DUE,
		SEQ_APPOINTMENT_PROPOSED, SEQ_PARKED };
	size_t n = 0;

	for (int i = 0; i < SEQ_STATE_COUNT; i++)
		n += seq_state_group((enum seq_state)i) == SEQ_LIVE;
	ck_assert_uint_eq(n, sizeof(live) / sizeof(*live));
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(seq_state_group(live[i]), SEQ_LIVE);
	ck_assert_int_eq(seq_state_group(SEQ_CLOSED), SEQ_END);
	ck_assert_int_eq(seq_state_group(SEQ_SUPPRESSED), SEQ_END);
	ck_assert_int_eq(seq_state_group(SEQ_FAILED), SEQ_WAIT);
}
END_TEST

/* Stop words and a hold are heard everywhere; no mail can be refused by a state, for it has arrived. */
START_TEST(mails_are_never_refused)
{
	enum seq_state next;
	const char *note;

	for (int s = 0; s < SEQ_STATE_COUNT; s++) {
		for (int ev = EV_HOLD; ev <= EV_COLLEAGUE; ev++)
			ck_assert_msg(seq_cell((enum seq_state)s, (enum seq_event)ev, &next, &note)
				      != CELL_REFUSED, "%s x %s", seq_state_name((enum seq_state)s),
				      seq_event_name((enum seq_event)ev));
		seq_cell((enum seq_state)s, EV_UNSUBSCRIBE, &next, &note);
		ck_assert_int_eq(next, SEQ_SUPPRESSED);
		seq_cell((enum seq_state)s, EV_COMPLAINT, &next, &note);
		ck_assert_int_eq(next, SEQ_SUPPRESSED);
	}
}
END_TEST

/* Only a person's decision leads out of `suppressed`. */
START_TEST(suppressed_stays)
{
	for (int ev = 0; ev < EV_COUNT; ev++)
		if (ev != EV_DECISION)
			ck_assert_int_lt(seq_moves[ev][SEQ_SUPPRESSED], MOVE_BACK);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sequence table");
	TCase *t = test_case(s, "table");

	tcase_add_test(t, no_empty_cell);
	tcase_add_test(t, names_are_unique_and_found);
	tcase_add_test(t, groups);
	tcase_add_test(t, mails_are_never_refused);
	tcase_add_test(t, suppressed_stays);
	return test_run(s);
}
