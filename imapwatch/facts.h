/* SPDX-License-Identifier: MPL-2.0
 *
 * From a parsed mail to what the parent asks the store about it. Pure.
 */
#ifndef IMAPWATCH_FACTS_H
#define IMAPWATCH_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "classifier/classifier.h"
#include "imapwatch/proto.h"
#include "store/incoming.h"

struct arena;

/* Could it be a report, whose match needs its parts? Then it is classified before it is matched. */
bool facts_maybe_report(const struct message *m);
/* f may be NULL (not classified yet). control: the control address, "" if this is no control
 * mailbox. Borrows from m and f. */
struct facts *facts_of(struct arena *a, const struct message *m, const struct finding *f,
		       const char *control, uint32_t uid, time_t received);
/* What of a calendar part is asked for: its id, and, of a booking system's notice, who booked. item may be NULL. */
void facts_calendar(struct facts *f, const struct calendar_item *item);
/* From the bare header, by means of its own and without any parser of MIME: for a mail that killed
 * two workers. Matching needs no more; a person decides. */
struct facts *facts_crude(struct arena *a, const char *bytes, size_t n, uint32_t uid, time_t received);
/* What our own MTA (one of the authserv-ids) says of the From address. PASS: DMARC, or DKIM of its domain. FAIL: it
 * has looked, and neither is so, nor SPF of its domain; NONE: it has not looked, or there is nothing to look at
 * (a domain that signs nothing). */
enum auth_result facts_authenticated(struct arena *a, const struct message *m, const char *const *ids, size_t n);

#endif
