/* SPDX-License-Identifier: MPL-2.0
 *
 * The site's rules for what people decide: the section [review] of relent.conf.
 */
#ifndef STORE_DESK_RULES_H
#define STORE_DESK_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* All 0: the defaults. */
struct desk_rules {
	int approval_lasts;		/* seconds; 0: 3 days */
	bool one_for_sensitive;		/* one person may approve mail to sensitive prospects and companies */
	bool one_for_legal;		/* ... lift a legal suppression */
	int bulk_count, bulk_seconds;	/* so many approvals in so little time are mechanical; 0: 10 in 20 s */
	const char *const *reviewers;	/* logins that may decide for every owner */
	size_t reviewers_n;
};

#endif
