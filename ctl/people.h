/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl: what several commands about people share.
 */
#ifndef CTL_PEOPLE_H
#define CTL_PEOPLE_H

#include "base/str.h"
#include "ctl/ctl.h"

/* The owners of relent.conf into the store, and the mirror file written. */
int sync_owners(struct ctl *c);
/* "there is no owner 'x': did you mean 'y'?" */
int owner_unknown(struct ctl *c, const char *login);
/* --limit, or otherwise. */
int limit_of(struct ctl *c, const struct args *args, int64_t otherwise, struct value *out_r);
/* --since as a date or so long ago, else otherwise. */
int report_since(struct ctl *c, const struct args *args, const char *otherwise, time_t *out_r);

/* ---- rows of an import (import.c) ---- */

struct table {
	const char **names;		/* columns as relent calls them; NULL: left out */
	size_t columns;
	struct table_row {
		int line;
		const char **values;	/* NULL where the row is short */
		size_t n;
	} *rows;
	size_t rows_n;
	const char *encoding;		/* what it was read as */
	char separator;			/* 0: JSON lines */
};
typedef void table_report_fn(void *ctx, int line, const char *sentence);
/* CSV (RFC 4180; separator , ; or tab; UTF-8, UTF-16, else Windows-1252) or JSON lines. Rows that cannot
 * be read are reported and left out. INPUT: not a table at all. */
enum status table_read(struct arena *a, const char *text, size_t n, const char *map,
		       table_report_fn *report, void *ctx, struct table *out_r, struct err *e);
/* Known names of import columns. */
size_t import_columns(struct arena *a, const char ***out_r);
/* A value of a CSV cell as it goes out: quoted where needed, and nothing a spreadsheet would run. */
void csv_cell(struct buf *out, const char *value);


/* ---- suppressions (cmd_suppress.c) ---- */

/* "invalid" -> "invalid_recipient" and such */
const char *suppress_reason(const char *word);
bool suppress_known_reason(const char *reason);
/* What the options and one subject (address or domain) say. */
enum status suppress_fill(struct ctl *c, const struct args *args, const char *what,
			  struct suppression *out, struct err *e);
/* All of them in one unit; an exit code. */
int suppress_all(struct ctl *c, struct suppression *list, size_t n);

#endif
