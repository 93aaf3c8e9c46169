/* SPDX-License-Identifier: MPL-2.0
 *
 * The child that hands relent's own mails to the submission service. libcurl runs here, not in the parent.
 */
#ifndef IMAPWATCH_SENDER_H
#define IMAPWATCH_SENDER_H

int sender_main(const char *conf_path, int parent_fd);
/* For relentctl doctor: logs in as relent would, asks whether it may send as each of the addresses (separated by
 * commas), sends nothing, prints one line, and returns the exit code: 0 good, 1 not, 3 not as all of them. */
int sender_check(const char *conf_path, const char *addresses);

#endif
