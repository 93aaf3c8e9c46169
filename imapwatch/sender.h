/* SPDX-License-Identifier: MPL-2.0
 *
 * The child that hands relent's own mails to the submission service. libcurl runs here, not in the parent.
 */
#ifndef IMAPWATCH_SENDER_H
#define IMAPWATCH_SENDER_H

int sender_main(const char *conf_path, int parent_fd);

#endif
