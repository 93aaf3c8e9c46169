/* SPDX-License-Identifier: MPL-2.0
 *
 * The child that asks a language model for its opinion: slow, and fed by strangers, so it stands alone. Only with
 * llm.url.
 */
#ifndef IMAPWATCH_ADVISER_H
#define IMAPWATCH_ADVISER_H

int adviser_main(const char *conf_path, int parent_fd);

#endif
