/* SPDX-License-Identifier: MPL-2.0
 *
 * Between cmd_setup.c and setup_files.c: how files are replaced, remembered and put back.
 */
#ifndef CTL_SETUP_PRIVATE_H
#define CTL_SETUP_PRIVATE_H

#include "ctl/setup.h"

/* Refused on failure. text NULL: the file is removed. */
bool setup_replace(struct setup *s, const char *path, const char *text);
bool setup_remove_tree(const char *path);
/* Keeps all files as they are and as they will be; where. */
const char *setup_remember(struct setup *s);
/* Fills s->files with what undoes the latest run; where it was remembered. */
const char *setup_recall(struct setup *s);
bool setup_forget(struct setup *s, const char *folder);

#endif
