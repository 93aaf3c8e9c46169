/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl classify.
 */
#ifndef CTL_CMD_CLASSIFY_H
#define CTL_CMD_CLASSIFY_H

struct conf;

/* argv[0] is "classify". conf (may be NULL) says where a site's own phrases lie. Returns the exit code: 0;
 * 1 if a path could not be read; 2 for usage. */
int classify_mails(int argc, char **argv, const struct conf *conf);

#endif
