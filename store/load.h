/* SPDX-License-Identifier: MPL-2.0
 *
 * Sequence definitions from files into the store: used alike by relentctl and the daemons at start and
 * reload. A definition is a file of a sequence directory (`seven-touch` or `seven-touch.conf`); its
 * templates lie beside it, in a folder of its name beside it, or in ../templates.
 */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "store/store.h"

/* One definition with its templates. Every problem goes to report; INPUT if there was any, GONE if there
 * is no such file. */
enum status plan_read_file(struct arena *a, const char *path, plan_report_fn *report, void *ctx,
			   struct plan **out_r, struct err *e);

/* The definition files of directories, by sequence name (file name without ".conf"), a later directory
 * replacing a name of an earlier one; a directory that is not there counts as empty. */
enum status plan_files(struct arena *a, const char *const *dirs, size_t n, const char ***paths_r,
		       size_t *paths_n, struct err *e);

/* Puts every definition of the directories into the store, where it makes a new version if it changed.
 * A bad file is reported and left out, the others are taken; INPUT then. *new_r (may be NULL): how many
 * versions are new. */
enum status store_load_sequences(struct store *s, time_t now, const char *const *dirs, size_t n,
				 const char *actor, plan_report_fn *report, void *ctx, int *new_r,
				 struct err *e);

#endif
