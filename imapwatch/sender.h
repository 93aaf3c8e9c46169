/* SPDX-License-Identifier: MPL-2.0
 *
 * The child that hands relent's own mails to the submission service. The only code that knows libcurl.
 */
#ifndef IMAPWATCH_SENDER_H
#define IMAPWATCH_SENDER_H

int sender_main(const char *conf_path, int parent_fd);

#endif
