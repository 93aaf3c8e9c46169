/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

enum status err_set(struct err *e, enum status s, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return s;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	clean(e->text);
	return s;
}

enum status err_prefix(struct err *e, enum status s, const char *fmt, ...)
{
	char old[sizeof e->text], head[sizeof e->text];
	va_list ap;

	if (!e)
		return s;
	memcpy(old, e->text, sizeof old);
	old[sizeof old - 1] = '\0';
	va_start(ap, fmt);
	vsnprintf(head, sizeof head, fmt, ap);
	va_end(ap);
	return err_set(e, s, "%.200s: %.390s", head, old);
}

const char *status_name(enum status s)
{
	switch (s) {
	case OK: return "ok";
	case AGAIN: return "again";
	case UNSURE: return "unsure";
	case INPUT: return "input";
	case CONF: return "conf";
	case GONE: return "gone";
	case SYS: return "sys";
	}
	return "unknown";
}
