/* SPDX-License-Identifier: MPL-2.0
 *
 * relent-imapwatch --check-account NAME.
 */
#ifndef IMAPWATCH_CHECK_H
#define IMAPWATCH_CHECK_H

/* Logs in as the watcher would, prints one line, and returns the exit code: 0 good, 1 not. */
int check_account(const char *conf_file, const char *name);

#endif
