/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "imapwatch/sendnext.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { SOON = 30, WHILE = 300, LONG = 3600, MOST = 30 * 86400 };

/* "... free=1772438400": the first moment at which it may go. 0: not said. */
static time_t named_time(const char *fact, time_t now)
{
	static const char *const names[] = { " free=", " opens=" };

	for (size_t k = 0; fact && k < sizeof(names) / sizeof(*names); k++) {
		const char *at = strstr(fact, names[k]);
		long long t = at ? strtoll(at + strlen(names[k]), NULL, 10) : 0;

		if (t > now)
			return t - now > MOST ? now + MOST : (time_t)t;
	}
	return 0;
}

struct send_fate send_next_of_rule(const char *rule, int code, const char *fact, time_t now)
{
	struct send_fate later = { .next = NEXT_LATER }, review = { .next = NEXT_REVIEW };

	if (str_eq(rule, "authority"))
		return (struct send_fate){ .next = NEXT_APPROVAL };
	if (str_eq(rule, "resubmission"))
		return (struct send_fate){ .next = NEXT_EVIDENCE };
	if (str_eq(rule, "replied") && fact && strncmp(fact, "hold ", 5) == 0)
		later.at = now + SOON;		/* it is being read: its verdict moves the enrolment */
	else if (code >= 500)
		return review;
	else if (str_eq(rule, "cap"))
		later.at = named_time(fact, now) ? named_time(fact, now) : now + LONG;
	else if (str_eq(rule, "breaker"))
		later.at = now + LONG;
	else
		later.at = now + WHILE;
	return later;
}

struct send_fate send_next_of_code(int code, time_t now)
{
	if (code == 421)
		return (struct send_fate){ .next = NEXT_LATER, .at = now + SOON };
	return (struct send_fate){ .next = code >= 500 ? NEXT_REVIEW : NEXT_FAILED };
}
