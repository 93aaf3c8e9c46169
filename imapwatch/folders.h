/* SPDX-License-Identifier: MPL-2.0
 *
 * Which of a mailbox's folders is the one for drafts. Pure.
 */
#ifndef IMAPWATCH_FOLDERS_H
#define IMAPWATCH_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* One line of LIST. */
struct folder {
	const char *name;		/* as the server writes it */
	char delimiter;			/* 0: none */
	bool marked;			/* has the attribute that was asked for */
	bool closed;			/* \Noselect, \NonExistent */
};
enum folder_how { FOLDER_SET, FOLDER_MARKED, FOLDER_NAMED, FOLDER_MADE };
/* By the attribute, else by one of the well-known names (UTF-8, the first of them first), at the top or below
 * INBOX only: a folder of that name anywhere else is not where clients look for drafts. NULL: there is none. */
const struct folder *folder_choose(struct arena *a, const struct folder *list, size_t n,
				   const char *const *names, size_t names_n, enum folder_how *how_r);
/* What a new folder is to be called: "Drafts", or "INBOX.Drafts" where all folders are below INBOX. */
const char *folder_new_name(struct arena *a, const struct folder *list, size_t n);
/* "the configuration names it" */
const char *folder_how_words(enum folder_how how);

#endif
