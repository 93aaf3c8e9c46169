/* SPDX-License-Identifier: MPL-2.0
 *
 * Reading a folder: from the position the parent knows, in batches, each mail's facts first, the
 * classifier only for what matters.
 */
#ifndef IMAPWATCH_INBOX_H
#define IMAPWATCH_INBOX_H

#include "base/err.h"

struct account;

/* The folder is selected. OK: everything that was there is dealt with. */
enum status inbox_read(struct account *acc, const char *folder, struct err *e);

#endif
