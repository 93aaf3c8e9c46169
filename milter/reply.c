/* SPDX-License-Identifier: MPL-2.0
 *
 * A refusal as an SMTP reply. libmilter refuses lines over 980 bytes, CR, LF and a code whose class
 * differs from the enhanced status, and reads '%' as a format: all of that is seen to here.
 */
#include "config.h"

#include "milter/milter.h"

#include <libmilter/mfapi.h>

#include <stdio.h>

enum { LINE_SIZE = 450 };

/* Printable ASCII, '%' doubled; cut, never refused. */
static void line(char out[LINE_SIZE], const char *s)
{
	size_t n = 0;

	for (; *s && n < LINE_SIZE - 3; s++) {
		char c = *s >= ' ' && *s <= '~' ? *s : '?';

		out[n++] = c;
		if (c == '%')
			out[n++] = '%';
	}
	out[n] = '\0';
}

int reply_refuse(SMFICTX *ctx, int code, const char *enhanced, const char *const text[2])
{
	char number[12], first[LINE_SIZE], second[LINE_SIZE];
	bool temporary = code < 500;

	snprintf(number, sizeof(number), "%d", code);
	line(first, text[0] ? text[0] : "Not sent.");
	if (!text[1]) {
		smfi_setreply(ctx, number, (char *)enhanced, first);
	} else {
		line(second, text[1]);
		smfi_setmlreply(ctx, number, enhanced, first, second, NULL);
	}
	/* should libmilter not take the text, its own general one goes out: the verdict stands */
	return temporary ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}
