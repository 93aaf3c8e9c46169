/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl classify.
 */
#ifndef CTL_CMD_CLASSIFY_H
#define CTL_CMD_CLASSIFY_H

/* argv[0] is "classify". Returns the exit code: 0; 1 if a path could not be read; 2 for usage. */
int cmd_classify(int argc, char **argv);

#endif
