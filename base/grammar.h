/* SPDX-License-Identifier: MPL-2.0
 *
 * libconfuse's scanner is one for the whole process: whoever parses with it holds this lock. A daemon
 * reads its configuration again in one thread while another loads a sequence.
 */
#ifndef BASE_GRAMMAR_H
#define BASE_GRAMMAR_H

void grammar_lock(void);
void grammar_unlock(void);

#endif
