/* SPDX-License-Identifier: MPL-2.0
 *
 * The words of conf/commands as shipped, and what was read of a reply as text, for tests.
 */
#ifndef TESTS_LIB_COMMANDS_H
#define TESTS_LIB_COMMANDS_H

#include "policy/command.h"

/* Ends the process if they cannot be loaded. Free with command_words_free(). */
struct command_words *shipped_commands(void);
/* A line for each command and mistake: "approve 1 3", "park 4 2027-03-01", "stop 5 (not interested)",
 * "mistake 2 unknown approve"; "letter", "empty", "unread: WORDS". */
const char *commands_shown(struct arena *a, const struct commands *c);

#endif
