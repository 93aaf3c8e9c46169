/* SPDX-License-Identifier: MPL-2.0
 *
 * Between the parts of relentctl doctor: how a finding is told, and what each part looks at.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl/ctl.h"

enum health { GOOD, LOOK, BAD };	/* LOOK: not wrong, but known to hurt later, or not checked */

struct doctor {
	struct ctl *c;
	json_t *findings;
	int bad;
};

/* what: "milter socket"; mend: what to do, or NULL. */
void found(struct doctor *d, enum health h, const char *what, const char *mend, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* ---- doctor_mta.c ---- */
void doctor_postfix(struct doctor *d, const char *dir, const char *opendkim);
/* dir: the folder of sendmail.cf, or NULL: /etc/mail, and nothing is said where there is none. */
void doctor_sendmail(struct doctor *d, const char *dir, const char *opendkim);

/* ---- doctor_sending.c ---- */
/* imapwatch: path of relent-imapwatch, who does the talking */
void doctor_sending(struct doctor *d, const char *imapwatch, bool offline);

/* ---- doctor_server.c ---- */
void doctor_server(struct doctor *d);	/* PostgreSQL only, once the store is open */

/* ---- doctor_host.c ---- */
void doctor_permissions(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_dns(struct doctor *d);	/* asks the resolver: a few seconds where it is dead */

#endif
