/* SPDX-License-Identifier: MPL-2.0
 *
 * What went out, what was refused, and whether anybody was written to after they were suppressed: told
 * from the chain of events alone, not from the tables that rest on it.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/machine.h"

struct audit_question {
	time_t from, to;		/* to is not part of it */
	const char *person;		/* normalised address: tell everything about them; or NULL */
};
struct audit_entry {
	int64_t seq;
	time_t at;
	const char *what;		/* passed refused overridden warned would_refuse suppressed lifted received, or
					 * a state of delivery */
	const char *recipient, *actor;
	const char *queue_id, *host, *message_id;
	const char *detail;		/* kind and step, rule and fact, reason */
	bool violation;			/* it passed although its recipient was suppressed: detail says how */
};
typedef void store_audit_fn(void *ctx, const struct audit_entry *e);
struct audit_sums {
	int64_t events, unsealed, passed, refused, suppressed, erased, violations, breaks;
};
/* One walk through all events: entries about the person in time, then every violation. A touch that was
 * taken back (it never left) is none; one that passed because mode = observe is. breaks: links of the
 * chain that do not hold; then nothing is proved. */
enum status store_audit(struct store *s, time_t now, const struct audit_question *q, store_audit_fn *report,
			void *ctx, struct audit_sums *out_r, struct err *e);

#endif
