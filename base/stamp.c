/* SPDX-License-Identifier: MPL-2.0
 *
 * Stamps: written by milter and drafts, read back from drafts, answers and returned mail.
 */
#include "config.h"

#include "base/stamp.h"

#include "base/arena.h"
#include "base/id.h"
#include "base/str.h"
#include "base/token.h"

char *stamp_text(struct arena *a, const struct token_keys *k, const char *id)
{
	const char *key;
	const char *h = token_sign(a, k, STAMP_PURPOSE, id, &key);

	return arena_printf(a, "v=1; t=%s; k=%s; h=%s", id, key, h);
}

bool stamp_read(struct arena *a, const struct token_keys *k, const char *value, const char **id_r)
{
	struct span rest = span_of(value), field;
	const char *version = NULL, *id = NULL, *key = NULL, *h = NULL;

	if (!k)
		return false;
	while (span_split(&rest, ';', &field)) {
		field = span_trim(field);
		if (field.n < 3 || field.p[1] != '=')
			continue;
		const char *v = arena_strndup(a, field.p + 2, field.n - 2);

		switch (field.p[0]) {
		case 'v': version = v; break;
		case 't': id = v; break;
		case 'k': key = v; break;
		case 'h': h = v; break;
		default: break;
		}
	}
	if (!str_eq(version, "1") || !id || !key || !h || !id_valid(id) ||
	    !token_verify(k, STAMP_PURPOSE, id, key, h))
		return false;
	*id_r = id;
	return true;
}
