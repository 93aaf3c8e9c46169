/* SPDX-License-Identifier: MPL-2.0
 *
 * Charsets through ICU, with the readings that browsers settled on (WHATWG Encoding): Latin-1 is
 * windows-1252, GB2312 is GB18030, Shift_JIS is windows-31j. A label that the bytes contradict is
 * not believed.
 */
#include "config.h"

#include "classifier/charset.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/ucnv.h>

static const struct { const char *label, *icu; } aliases[] = {
	{ "us-ascii", "windows-1252" }, { "ascii", "windows-1252" },
	{ "iso-8859-1", "windows-1252" }, { "latin1", "windows-1252" }, { "iso8859-1", "windows-1252" },
	{ "iso_8859-1", "windows-1252" }, { "iso-8859-9", "windows-1254" },
	{ "gb2312", "gb18030" }, { "gbk", "gb18030" }, { "gb_2312-80", "gb18030" },
	{ "shift_jis", "ibm-943_P15A-2003" }, { "sjis", "ibm-943_P15A-2003" },
	{ "x-sjis", "ibm-943_P15A-2003" }, { "shift-jis", "ibm-943_P15A-2003" },
	{ "cp932", "ibm-943_P15A-2003" }, { "windows-31j", "ibm-943_P15A-2003" },
	{ "ks_c_5601-1987", "windows-949" }, { "euc-kr", "windows-949" },
	{ "iso-8859-8-i", "iso-8859-8" }, { "utf8", "utf-8" }, { "unicode-1-1-utf-7", "utf-7" },
	{ "unicode-1-1-utf-8", "utf-8" }, { "tis-620", "windows-874" },
	{ "iso-2022-jp", "ISO-2022-JP-2" }, { "cp50220", "ISO-2022-JP-2" },
	{ "iso-2022-jp-ms", "ISO-2022-JP-2" }, { "cp1252", "windows-1252" },
};

static const char *icu_name(const char *label)
{
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (str_eq_case(label, aliases[i].label))
			return aliases[i].icu;
	return label;
}

static bool seven_bit(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] >= 128 || p[i] == 0 || p[i] == 27)
			return false;
	return true;
}

/* ESC $ or ESC ( : a charset of ISO 2022, whatever the label says. */
static bool has_escape(const char *p, size_t n)
{
	const char *e = p, *end = p + n;

	while (e < end && (e = memchr(e, 27, (size_t)(end - e))) != NULL) {
		if (e + 1 < end && (e[1] == '$' || e[1] == '('))
			return true;
		e++;
	}
	return false;
}

/* Are there well-formed multi-byte sequences in it, more than broken ones? */
static bool mostly_utf8(const char *s, size_t n)
{
	size_t good = 0, bad = 0;
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0; i < n;) {
		size_t len = p[i] < 128 ? 1 : p[i] >= 0xf0 && p[i] < 0xf5 ? 4 : p[i] >= 0xe0 ? 3 :
			     p[i] >= 0xc2 ? 2 : 0;
		size_t k = 1;
		if (len == 1) {
			i++;
			continue;
		}
		while (len && k < len && i + k < n && (p[i + k] & 0xc0) == 0x80)
			k++;
		if (len && k == len) {
			good++;
			i += len;
		} else {
			bad++;
			i++;
		}
	}
	return good > bad;
}

static char *convert(struct arena *a, const char *p, size_t n, const char *name, size_t *n_r)
{
	UErrorCode st = U_ZERO_ERROR;
	UConverter *from = ucnv_open(name, &st), *to;
	char *out = NULL;

	if (U_FAILURE(st) || !from)
		return NULL;
	to = ucnv_open("utf-8", &st);
	if (U_SUCCESS(st) && to) {
		size_t room = n * 4 + 16;
		const char *src = p;
		UChar pivot[2048], *ps = pivot, *pt = pivot;
		out = arena_alloc(a, room + 1);
		char *dst = out;
		ucnv_convertEx(to, from, &dst, out + room, &src, p + n, pivot, &ps, &pt,
			       pivot + 2048, 1, 1, &st);
		if (U_FAILURE(st) && dst == out) {
			out = NULL;
		} else {
			*n_r = (size_t)(dst - out);
			*dst = '\0';
		}
	}
	if (to)
		ucnv_close(to);
	ucnv_close(from);
	return out;
}

char *charset_utf8(struct arena *a, const char *p, size_t n, const char *charset, size_t *n_r)
{
	const char *name = str_empty(charset) ? NULL : icu_name(charset);
	char *out = NULL;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
		name = "utf-8";
	}
	bool plain = seven_bit(p, n);
	if (plain && (!name || (!str_eq_case(name, "utf-7") && !str_eq_case(name, "imap-mailbox-name") &&
				span_find_case(span_of(name), "utf-16") == (size_t)-1 &&
				span_find_case(span_of(name), "ebcdic") == (size_t)-1 &&
				!str_eq_case(name, "hz-gb-2312")))) {
		*n_r = n;
		return arena_strndup(a, p, n);
	}
	if (!plain && str_is_utf8(p, n) && !memchr(p, 0, n) && !has_escape(p, n)) {
		*n_r = n;
		return arena_strndup(a, p, n);
	}
	if (has_escape(p, n) && (!name || span_find_case(span_of(name), "2022") == (size_t)-1))
		name = "ISO-2022-JP-2";
	if (!name || str_eq_case(name, "utf-8") || str_eq_case(name, "unknown-8bit") ||
	    str_eq_case(name, "windows-1252"))
		name = mostly_utf8(p, n) ? "utf-8" : "windows-1252";
	if (!str_eq(name, "utf-8"))
		out = convert(a, p, n, name, n_r);
	if (out && str_is_utf8(out, *n_r) && !memchr(out, 0, *n_r))
		return out;
	if (out)
		out = str_utf8(a, out, *n_r);
	else
		out = str_utf8(a, p, n);
	*n_r = strlen(out);
	return out;
}
