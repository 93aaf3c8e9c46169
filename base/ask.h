/* SPDX-License-Identifier: MPL-2.0
 *
 * One HTTP POST of JSON to an endpoint that the configuration names, and its answer. libcurl.
 */
#ifndef BASE_ASK_H
#define BASE_ASK_H

#include <stddef.h>

#include "base/err.h"

struct arena;

struct ask {
	const char *url;	/* https; http to this very host only */
	const char *ca_file;	/* or NULL: the system's authorities */
	const char *secret;	/* bearer token, or NULL */
	int timeout;		/* seconds, for all of it */
	size_t most;		/* bytes of an answer that are read; more is INPUT */
};
/* Redirects and proxies are not followed, certificates and names are checked. CONF: the URL or the trust is
 * wrong; INPUT: refused (4xx) or no use; AGAIN: nobody there, too slow, 429, 5xx. The answer is bytes, with a NUL
 * behind them, on the arena. Not for a program that must not wait. */
enum status ask_json(struct arena *a, const struct ask *q, const char *body, const char **out_r, size_t *n_r,
		     struct err *e);

#endif
