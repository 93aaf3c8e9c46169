/* SPDX-License-Identifier: MPL-2.0
 *
 * One arriving mail on a receiving service.
 */
#ifndef MILTER_INBOUND_H
#define MILTER_INBOUND_H

#include "milter/milter.h"

struct inbound;
struct inbound *inbound_new(struct settings *s);	/* takes a reference of its own */
void inbound_free(struct inbound *in);			/* takes NULL */
void inbound_rcpt(struct inbound *in, const char *path);
void inbound_header(struct inbound *in, const char *name, const char *value);
/* The hold, if the mail is about an enrolment, is on disk when this returns. Whatever fails, the mail
 * passes. */
void inbound_eom(struct milter *d, struct inbound *in, const char *queue_id);

#endif
