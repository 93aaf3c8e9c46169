/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "base/addr.h"

#include <stdlib.h>
#include <string.h>

#include <idn2.h>
#include <libpsl.h>

#include "base/arena.h"
#include "base/str.h"

enum { ADDRESS_MAX = 1000, DOMAIN_MAX = 255, LIST_MAX = 1000, IDS_MAX = 100 };

/* ---- domains ---- */

static bool domain_ascii_ok(const char *d)
{
	size_t label = 0;

	for (const char *p = d; *p; p++) {
		if (*p == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' || *p == '_'))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0;
}

char *addr_domain(struct arena *a, const char *domain)
{
	size_t n = strlen(domain);
	uint8_t *out = NULL;
	char *d;
	bool ascii = true;

	if (n && domain[n - 1] == '.')
		n--;
	if (n == 0 || n > DOMAIN_MAX)
		return NULL;
	d = str_lower(a, arena_strndup(a, domain, n));
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)d[i] >= 0x80)
			ascii = false;
	if (!ascii) {
		if (!str_is_utf8(d, n) ||
		    (idn2_lookup_u8((const uint8_t *)d, &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK &&
		     idn2_lookup_u8((const uint8_t *)d, &out, IDN2_NFC_INPUT | IDN2_TRANSITIONAL) != IDN2_OK))
			return NULL;
		d = str_lower(a, (const char *)out);
		idn2_free(out);
	}
	return strlen(d) <= DOMAIN_MAX && domain_ascii_ok(d) ? d : NULL;
}

/* Built into the library; loading is once per process and never undone. */
static const psl_ctx_t *suffixes(void)
{
	return psl_builtin();
}

char *addr_registrable(struct arena *a, const char *domain)
{
	const char *r = NULL;

	if (*domain != '[' && suffixes())
		r = psl_registrable_domain(suffixes(), domain);
	return arena_strdup(a, r ? r : domain);
}

bool addr_is_public_suffix(const char *domain)
{
	return suffixes() && strchr(domain, '[') == NULL &&
	       psl_is_public_suffix2(suffixes(), domain, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

size_t addr_domain_chain(struct arena *a, const char *domain, const char ***out_r)
{
	char *last = addr_registrable(a, domain);
	const char **list = arena_array(a, const char *, 130);
	size_t n = 0;

	for (const char *d = domain; d && n < 129; d = strchr(d, '.') ? strchr(d, '.') + 1 : NULL) {
		list[n++] = arena_strdup(a, d);
		if (!strcmp(d, last) || strlen(d) <= strlen(last))
			break;
	}
	*out_r = list;
	return n;
}

/* ---- addresses ---- */

static bool plain_local(const char *s)
{
	bool dot = true;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '.') {
			if (dot)
				return false;
			dot = true;
			continue;
		}
		dot = false;
		if (c <= ' ' || c == 0x7f || strchr("()<>[]:;@\\,\"", c))
			return false;
	}
	return !dot;
}

/* "a\ b" without quotes and backslashes; false if it is not a quoted string alone. */
static char *unquote(struct arena *a, const char *p, size_t n)
{
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 1; i + 1 < n; i++) {
		if (p[i] == '\\' && i + 2 < n)
			i++;
		else if (p[i] == '"')
			return NULL;
		buf_addc(&b, p[i]);
	}
	return b.p;
}

static char *literal(struct arena *a, const char *d)
{
	size_t n = strlen(d);

	if (n < 3 || d[n - 1] != ']' || n > 64)
		return NULL;
	for (size_t i = 1; i + 1 < n; i++)
		if (!strchr("0123456789abcdefABCDEF.:IPvipv", d[i]))
			return NULL;
	return str_lower(a, d);
}

static bool make(struct arena *a, const char *p, size_t n, struct addr *out_r)
{
	size_t at = n;
	char *local, *domain;
	bool quoted = false;

	if (n == 0 || n > ADDRESS_MAX || memchr(p, 0, n))
		return false;
	for (size_t i = 0; i < n; i++) {	/* the last '@' outside quotes */
		if (p[i] == '\\' && quoted)
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (p[i] == '@' && !quoted)
			at = i;
	}
	if (at == n || at == 0 || quoted)
		return false;
	domain = arena_strndup(a, p + at + 1, n - at - 1);
	domain = *domain == '[' ? literal(a, domain) : addr_domain(a, domain);
	if (!domain)
		return false;
	if (p[0] == '"' && p[at - 1] == '"' && at >= 2)
		local = unquote(a, p, at);
	else
		local = arena_strndup(a, p, at);
	if (!local || !str_is_utf8(local, strlen(local)))
		return false;
	for (char *c = local; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	local = text_fold(a, local);
	if (!plain_local(local)) {
		struct buf b;

		if (p[0] != '"' && strpbrk(local, " ()<>[]:;@\\,\""))
			return false;
		buf_init(&b, a);
		buf_addc(&b, '"');
		for (char *c = local; *c; c++) {
			if (*c == '"' || *c == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, *c);
		}
		buf_addc(&b, '"');
		local = b.p;
	}
	out_r->local = local;
	out_r->domain = domain;
	out_r->key = arena_printf(a, "%s@%s", local, domain);
	out_r->name = NULL;
	/* folding, IDNA and quoting may make it longer than what went in: its key must be an address too */
	return strlen(out_r->key) <= ADDRESS_MAX;
}

bool addr_path(struct arena *a, const char *path, struct addr *out_r)
{
	struct span s = span_trim(span_of(path));

	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = span_trim((struct span){ s.p + 1, s.n - 2 });
	if (s.n == 0) {
		*out_r = (struct addr){ .key = "", .local = "", .domain = "" };
		return true;
	}
	if (s.p[0] == '@') {	/* source route, RFC 5321 appendix C: ignored */
		const char *colon = memchr(s.p, ':', s.n);

		if (!colon)
			return false;
		s.n -= (size_t)(colon + 1 - s.p);
		s.p = colon + 1;
	}
	return make(a, s.p, s.n, out_r);
}

/* One mailbox of a header list: display name and address, comments dropped. */
struct mailbox {
	struct buf plain;	/* everything outside <> */
	struct buf angle;
	bool has_angle;
};

/* Used again and again: a megabyte of commas must not cost a buffer each. */
static void clear(struct buf *b)
{
	b->n = 0;
	b->p[0] = '\0';
}

static void finish(struct arena *a, struct mailbox *m, struct addr *list, size_t *n)
{
	struct span text = m->has_angle ? (struct span){ m->angle.p, m->angle.n }
		: (struct span){ m->plain.p, m->plain.n };
	struct addr r;

	text = span_trim(text);
	if (text.n && text.p[0] == '@' && memchr(text.p, ':', text.n)) {
		const char *colon = memchr(text.p, ':', text.n);

		text.n -= (size_t)(colon + 1 - text.p);
		text.p = colon + 1;
	}
	if (make(a, text.p, text.n, &r)) {
		struct span name = span_trim((struct span){ m->plain.p, m->plain.n });

		if (m->has_angle && name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"') {
			char *bare = unquote(a, name.p, name.n);

			r.name = bare ? bare : span_dup(a, name);
		} else if (m->has_angle && name.n) {
			r.name = span_dup(a, name);
		}
		list[(*n)++] = r;
	}
	clear(&m->plain);
	clear(&m->angle);
	m->has_angle = false;
}

size_t addr_list(struct arena *a, const char *value, size_t max, struct addr **out_r)
{
	struct mailbox m = { .has_angle = false };
	struct addr *list;
	size_t n = 0;
	size_t room = 2;
	int comment = 0;
	bool quoted = false, in_angle = false;

	for (const char *p = value; p && *p; p++)
		room += *p == ',' || *p == ';';
	if (max == 0 || max > LIST_MAX)
		max = LIST_MAX;
	if (max > room)
		max = room;
	list = arena_array(a, struct addr, max + 1);
	buf_init(&m.plain, a);
	buf_init(&m.angle, a);
	for (const char *p = value ? value : ""; *p && n < max && !arena_over(a); p++) {
		struct buf *to = in_angle ? &m.angle : &m.plain;

		if (comment > 0) {
			if (*p == '\\' && p[1])
				p++;
			else
				comment += *p == '(' ? 1 : *p == ')' ? -1 : 0;
			continue;
		}
		if (quoted) {
			buf_addc(to, *p);
			if (*p == '\\' && p[1])
				buf_addc(to, *++p);
			else if (*p == '"')
				quoted = false;
			continue;
		}
		switch (*p) {
		case '"':
			quoted = true;
			buf_addc(to, '"');
			break;
		case '(':
			comment = 1;
			break;
		case '<':
			in_angle = true;
			m.has_angle = true;
			break;
		case '>':
			in_angle = false;
			break;
		case ':':		/* a group's name ends, unless in a source route or literal */
			if (in_angle || memchr(m.plain.p, '[', m.plain.n))
				buf_addc(to, ':');
			else
				clear(&m.plain);
			break;
		case ',':
			if (in_angle) {	/* source route */
				buf_addc(to, ',');
				break;
			}
			finish(a, &m, list, &n);
			break;
		case ';':
			finish(a, &m, list, &n);
			break;
		default:
			buf_addc(to, *p);
		}
	}
	if (n < max)
		finish(a, &m, list, &n);
	*out_r = list;
	return n;
}

char *addr_equivalent(struct arena *a, const char *key, unsigned flags)
{
	const char *at = strrchr(key, '@');
	struct buf b;
	bool gmail;
	size_t n;

	if (!at || key[0] == '"')
		return arena_strdup(a, key);
	gmail = str_eq(at, "@gmail.com") || str_eq(at, "@googlemail.com");
	n = (size_t)(at - key);
	if (flags & ADDR_PLUS) {
		const char *plus = memchr(key, '+', n);

		if (plus && plus != key)
			n = (size_t)(plus - key);
	}
	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		if (!(gmail && (flags & ADDR_GMAIL_DOTS) && key[i] == '.'))
			buf_addc(&b, key[i]);
	buf_adds(&b, gmail && (flags & ADDR_GMAIL_DOTS) ? "@gmail.com" : at);
	return b.p;
}

bool addr_control(struct arena *a, const char *base, const char *key, const char **verb_r,
		  const char **arg_r)
{
	const char *at = strrchr(key, '@'), *base_at = strrchr(base, '@');
	char *words, *dot;
	size_t local, base_local;

	if (str_empty(base) || !at || !base_at || !str_eq_case(at, base_at))
		return false;
	local = (size_t)(at - key);
	base_local = (size_t)(base_at - base);
	if (base_local) {
		char *own = str_lower(a, arena_strndup(a, base, base_local));

		if (local < base_local || memcmp(key, own, base_local))
			return false;
		if (local > base_local && key[base_local] != '+')
			return false;
		words = arena_strndup(a, key + base_local, local - base_local);
		if (*words == '+')
			words++;
	} else {
		words = arena_strndup(a, key, local);
	}
	dot = strchr(words, '.');
	*arg_r = NULL;
	if (dot) {
		*dot = '\0';
		*arg_r = dot + 1;
	}
	*verb_r = words;
	return true;
}

size_t addr_msgids(struct arena *a, const char *value, size_t max, const char ***out_r)
{
	const char **list;
	size_t n = 0;
	const char *p = value ? value : "";

	if (max == 0 || max > IDS_MAX)
		max = IDS_MAX;
	list = arena_array(a, const char *, max);
	while ((p = strchr(p, '<')) != NULL) {
		const char *end = strpbrk(p + 1, "<> \t\r\n");
		char *id;
		bool known = false;

		if (!end || *end != '>' || end == p + 1 || end - p > 998) {
			p++;
			continue;
		}
		id = arena_strndup(a, p + 1, (size_t)(end - p - 1));
		p = end;
		for (size_t i = 0; i < n; i++)
			if (!strcmp(list[i], id))
				known = true;
		if (known)
			continue;
		if (n == max) {	/* the last ones matter: they are the nearest in the thread */
			memmove(list, list + 1, (max - 1) * sizeof *list);
			n--;
		}
		list[n++] = id;
	}
	*out_r = list;
	return n;
}
