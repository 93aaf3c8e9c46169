/* SPDX-License-Identifier: MPL-2.0
 *
 * What follows when an approved mail may not go out, or was not taken: from the rule's name and fact, or the
 * server's code. Pure.
 */
#ifndef IMAPWATCH_SENDNEXT_H
#define IMAPWATCH_SENDNEXT_H

#include <time.h>

enum send_next {
	NEXT_LATER,	/* again at `at`: nothing has changed */
	NEXT_REVIEW,	/* a person decides */
	NEXT_APPROVAL,	/* the approval does not hold: approve it again */
	NEXT_EVIDENCE,	/* the same mail is known already: its record tells */
	NEXT_FAILED,	/* the server did not take it: counted, tried again, the third time a person */
};
struct send_fate {
	enum send_next next;
	time_t at;
};
/* A rule's refusal, at the milter or before it was handed over. fact may be NULL. */
struct send_fate send_next_of_rule(const char *rule, int code, const char *fact, time_t now);
/* The mail server's own refusal of the mail. */
struct send_fate send_next_of_code(int code, time_t now);

#endif
