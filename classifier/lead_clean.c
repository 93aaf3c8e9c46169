/* SPDX-License-Identifier: MPL-2.0
 *
 * What strangers type, before it may stand in a mail of ours: an acknowledgement that repeats a "name" made of links
 * and words would send a robot's advertisement to whatever address it gave.
 */
#include "config.h"

#include "base/addr.h"
#include "base/arena.h"
#include "classifier/lead_private.h"

enum { NAME_BYTES = 100, WORDS_BYTES = 200 };

/* Length of a character that nobody sees or that turns the reading direction, else 0. */
static size_t unseen(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] == 0xc2 && u[1] >= 0x80 && u[1] <= 0x9f)
		return 2;						/* C1 */
	if (u[0] == 0xc2 && u[1] == 0xad)
		return 2;						/* soft hyphen */
	if (u[0] == 0xe2 && u[1] == 0x80 && ((u[2] >= 0x8b && u[2] <= 0x8f) || (u[2] >= 0xa8 && u[2] <= 0xae)))
		return 3;						/* U+200B..200F, 2028..202E */
	if (u[0] == 0xe2 && u[1] == 0x81 && u[2] >= 0xa0 && u[2] <= 0xaf)
		return 3;						/* U+2060..206F */
	if (u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf)
		return 3;
	if (u[0] == 0xee || (u[0] == 0xef && u[1] >= 0x80 && u[1] <= 0xa3))
		return 3;						/* private */
	if (u[0] == 0xf3 && u[1] == 0xa0 && u[2])
		return u[3] ? 4 : 3;					/* tags, variation selectors */
	return 0;
}

const char *clean_text(struct arena *a, const char *s, size_t max)
{
	struct buf b;
	struct span all;
	int breaks = 0;

	if (!s)
		return NULL;
	buf_init(&b, a);
	while (*s && b.n < max + 4) {
		size_t n = unseen(s);

		if (n) {
			s += n;
			continue;
		}
		if (*s == '\n' || *s == '\r') {
			if (*s == '\r' && s[1] == '\n')
				s++;
			s++;
			while (b.n > 0 && b.p[b.n - 1] == ' ')
				b.p[--b.n] = '\0';
			if (breaks++ < 2 && b.n > 0)
				buf_addc(&b, '\n');
			continue;
		}
		breaks = *s == ' ' || *s == '\t' ? breaks : 0;
		buf_addc(&b, (unsigned char)*s < ' ' || *s == 0x7f ? ' ' : *s);
		s++;
	}
	all = span_trim((struct span){ b.p, b.n });
	return all.n ? str_cut(a, span_dup(a, all), max) : NULL;
}

const char *clean_line(struct arena *a, const char *s, size_t max)
{
	const char *text = clean_text(a, s, max * 4 + 400), *line = text ? text_squeeze(a, text) : NULL;

	return str_empty(line) ? NULL : str_cut(a, line, max);
}

static bool has_link(const char *s)
{
	static const char *const tops[] = { ".com", ".net", ".org", ".ru", ".io", ".biz", ".info", ".top", ".xyz", ".online",
					    ".site", ".shop", ".club", ".icu", ".cn", ".me/", ".ly/", ".gg/", ".de/" };
	struct span t = span_of(s);

	if (strstr(s, "://") || span_find_case(t, "www.") != (size_t)-1 || span_find_case(t, "href") != (size_t)-1 ||
	    span_find_case(t, "[url") != (size_t)-1)
		return true;
	for (size_t k = 0; k < sizeof(tops) / sizeof(*tops); k++) {
		size_t at = span_find_case(t, tops[k]), n = strlen(tops[k]);

		if (at != (size_t)-1 && at > 0 && s[at - 1] != ' ' &&
		    (tops[k][n - 1] == '/' || strchr(" /?:,.)", s[at + n])))
			return true;
	}
	return false;
}

bool plausible_words(const char *s)
{
	if (str_empty(s) || strlen(s) > WORDS_BYTES || strpbrk(s, "{}<>[]|\\\n^~`$@") || strstr(s, "%%") || has_link(s))
		return false;
	/* %FIRSTNAME% */
	const char *percent = strchr(s, '%');
	return !percent || !strchr(percent + 1, '%');
}

bool plausible_name(const char *s)
{
	size_t digits = 0, letters = 0;

	if (!plausible_words(s) || strlen(s) > NAME_BYTES || strpbrk(s, "=/%;:!?#*_\""))
		return false;
	for (; *s; s++) {
		digits += *s >= '0' && *s <= '9';
		letters += (unsigned char)*s >= 0x80 || ((*s | 32) >= 'a' && (*s | 32) <= 'z');
	}
	return letters > 0 && digits < 3;
}

const char *address_in(struct arena *a, const char *value)
{
	char *folded = text_fold(a, str_cut(a, value, 400));	/* full-width signs */
	struct addr one, *list;
	const char *at;

	/* as it was typed, then as people and programs wrap it: "Ann <a@b>", "a@b (mailto:a@b)", "<mailto:a@b|a@b>" */
	if (addr_path(a, span_dup(a, span_trim(span_of(value))), &one) && *one.key && strchr(one.domain, '.'))
		return one.key;
	for (char *c = folded; *c; c++)
		if (strchr("<>()[]|,;\"'\n\t ", *c))
			*c = ' ';
	for (at = strchr(folded, '@'); at; at = strchr(at + 1, '@')) {
		const char *from = at, *to = at + 1;

		while (from > folded && from[-1] != ' ')
			from--;
		while (*to && *to != ' ')
			to++;
		if (strncmp(from, "mailto:", 7) == 0)
			from += 7;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == ':'))
			to--;
		if (addr_path(a, arena_strndup(a, from, (size_t)(to - from)), &one) && *one.key &&
		    strchr(one.domain, '.') && one.domain[0] != '[')
			return one.key;
	}
	if (addr_list(a, value, 1, &list) == 1 && strchr(list[0].key, '@') && strchr(list[0].domain, '.'))
		return list[0].key;
	return NULL;
}

bool only_links(const char *s)
{
	size_t links = 0, words = 0;
	struct span rest = span_of(s), w;

	for (const char *p = s; (p = strstr(p, "://")); p++)
		links++;
	for (const char *p = s; (p = strcasestr(p, "[url")); p++)
		links++;
	while (span_split(&rest, ' ', &w))
		words += w.n > 0 && !memmem(w.p, w.n, "://", 3);
	return links > 0 && words < 4 + 4 * links && (links > 1 || words < 4);
}
