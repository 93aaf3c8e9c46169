/* SPDX-License-Identifier: MPL-2.0
 *
 * libconfuse's scanner is one for the whole process: whoever parses with it holds this lock. A daemon
 * reads its configuration again in one thread while another loads a sequence.
 */
#ifndef BASE_GRAMMAR_H
#define BASE_GRAMMAR_H

void grammar_lock(void);
void grammar_unlock(void);

/* libconfuse 3.3 counts the lines of a comment more than once, so that every line it names after one is
 * wrong: put blanks into their place, in the text to be parsed. Strings are left alone, and so is what is
 * not closed (the parser tells of it). */
void grammar_blank_comments(char *text);

#endif
