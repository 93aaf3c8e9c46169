/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/utf7.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* One character of valid UTF-8. */
static size_t character(const char *s, uint32_t *c_r)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	*c_r = n == 1 ? c : c & (0x3fu >> (n - 1));
	for (size_t k = 1; k < n; k++)
		*c_r = *c_r << 6 | ((unsigned char)s[k] & 0x3f);
	return n;
}

static void add_bits(struct buf *b, uint32_t *bits, int *have, uint32_t unit)
{
	*bits = *bits << 16 | unit;
	for (*have += 16; *have >= 6; *have -= 6)
		buf_addc(b, abc[*bits >> (*have - 6) & 63]);
	*bits &= (1u << *have) - 1;
}

static void add_piece(struct buf *b, const char *s, size_t n)
{
	uint32_t bits = 0, c;
	int have = 0;

	buf_addc(b, '&');
	for (size_t k = 0; k < n;) {
		k += character(s + k, &c);
		if (c >= 0x10000) {
			add_bits(b, &bits, &have, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		add_bits(b, &bits, &have, c);
	}
	if (have > 0)
		buf_addc(b, abc[bits << (6 - have) & 63]);
	buf_addc(b, '-');
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* What stands between '&' and '-'. False: it is no proper piece. */
static bool add_decoded(struct buf *b, const char *s, size_t n)
{
	uint32_t bits = 0, high = 0;
	int have = 0;

	for (size_t k = 0; k < n; k++) {
		const char *at = strchr(abc, s[k]);
		uint32_t unit;

		if (!at)
			return false;
		bits = bits << 6 | (uint32_t)(at - abc);
		have += 6;
		if (have < 16)
			continue;
		have -= 16;
		unit = bits >> have & 0xffff;
		bits &= (1u << have) - 1;
		if (unit >= 0xd800 && unit < 0xdc00 && !high) {
			high = unit;
			continue;
		}
		if ((high != 0) != (unit >= 0xdc00 && unit < 0xe000) || (!high && unit < 0x20))
			return false;
		add_utf8(b, high ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit);
		high = 0;
	}
	return !high && have < 6 && bits == 0 && n > 0;
}

/* False: it is not in the server's form. */
static bool decode(struct arena *a, const char *name, const char **out_r)
{
	struct buf b;

	buf_init(&b, a);
	for (const char *p = name; *p; p++) {
		const char *end;

		if (!is_printable(*p))
			return false;
		if (*p != '&') {
			buf_addc(&b, *p);
			continue;
		}
		end = strchr(p, '-');
		if (!end)
			return false;
		if (end == p + 1)
			buf_addc(&b, '&');
		else if (!add_decoded(&b, p + 1, (size_t)(end - p - 1)))
			return false;
		p = end;
	}
	*out_r = b.p;
	return true;
}

const char *utf7_decode(struct arena *a, const char *name)
{
	const char *out;

	return decode(a, name, &out) ? out : str_utf8(a, name, strlen(name));
}

const char *utf7_encode(struct arena *a, const char *name)
{
	const char *ignored;
	struct buf b;

	if (decode(a, name, &ignored) || !str_is_utf8(name, strlen(name)))
		return name;
	buf_init(&b, a);
	for (const char *p = name; *p;) {
		size_t n = 0;

		if (*p == '&') {
			buf_adds(&b, "&-");
			p++;
			continue;
		}
		if (is_printable(*p)) {
			buf_addc(&b, *p++);
			continue;
		}
		while (p[n] && !is_printable(p[n]))
			n++;
		add_piece(&b, p, n);
		p += n;
	}
	return b.p;
}
