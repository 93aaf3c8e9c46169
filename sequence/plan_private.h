/* SPDX-License-Identifier: MPL-2.0
 *
 * Reading definitions: for the files of this folder only.
 */
#ifndef SEQUENCE_PLAN_PRIVATE_H
#define SEQUENCE_PLAN_PRIVATE_H

#include <stdarg.h>

#include "base/str.h"
#include "sequence/seq.h"

/* Where problems go, and how many there were. */
struct plan_problems {
	struct arena *arena;
	const char *file;
	plan_report_fn *report;		/* NULL: only the first one is kept, in e */
	void *ctx;
	struct err *e;
	int n, warnings;
};
void plan_problem(struct plan_problems *p, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A sentence that begins with "warning: " and refuses nothing. */
void plan_warning(struct plan_problems *p, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One option as it stands in the file. */
struct plan_option {
	const char *name;
	int line;
	const char **values;
	size_t n, room;
	const void *owner;		/* private to plan_read.c */
	bool used;
};
struct plan_section {
	const char *name;		/* "" the top level */
	int line;
	struct plan_option *options;
	size_t n, room;
};
/* Reads the grammar: sections in the order of the file, the top level first. Unknown names and broken
 * syntax are reported. False: it could not be read to its end. */
bool plan_read(struct arena *a, const char *text, struct plan_section **out_r, size_t *n_r,
	       struct plan_problems *problems);
/* NULL if it is not set. */
struct plan_option *plan_option(const struct plan_section *s, const char *name);

/* All that `sequence check` refuses, on a plan whose values are read. */
void plan_check(struct arena *a, const struct plan *p, struct plan_problems *problems);
bool plan_rule_known(const char *name);

/* The next {{field}} at or behind *rest; *rest moves behind it. */
bool fill_next(const char **rest, const char **start_r, struct span *name_r);

#endif
