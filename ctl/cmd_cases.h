/* SPDX-License-Identifier: MPL-2.0
 *
 * The site's own labelled mails: what people have corrected, kept so that a new phrase can be tried on it.
 */
#ifndef CTL_CMD_CASES_H
#define CTL_CMD_CASES_H

#include <stdbool.h>
#include <stddef.h>

struct conf;

struct cases_options {
	const char *label;	/* class of the mails of paths, or NULL: look only */
	const char *phrase;	/* "en/interested: words" to try, or NULL */
	bool json;
	char **path;
	size_t path_n;
};
/* Adds the mails of path under their label to classifier.cases, then says how all cases are classed, and what
 * the phrase would change. Nothing is written into a phrase file. Returns the exit code. */
int cases_run(const struct conf *conf, const struct cases_options *o);

/* The lines of the phrase files that no mail of path speaks to. Exit code 0, 1 if a path could not be read. */
int cases_unhit(const struct conf *conf, char **path, size_t path_n);

#endif
