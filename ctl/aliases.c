/* SPDX-License-Identifier: MPL-2.0
 *
 * Aliases of our own server behind which a prospect sits. A milter sees an address before aliases are expanded:
 * unless the alias is known as one more address of that person, mail to it is mail to a colleague.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/postconf.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"

enum { LEADS_MAX = 100, LINE_MAX_BYTES = 8192 };

struct leads {
	struct ctl *c;
	const char *alias, *target;	/* asked about */
	bool leads;
	struct alias_lead *list;
	size_t n;
};

static enum status look(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct leads *l = ctx;
	const char *person, *known;
	struct err ignored;
	enum status st = store_prospect_find(tx, a, l->target, &person, e);

	l->leads = st == OK && store_prospect_find(tx, a, l->alias, &known, &ignored) == GONE;
	return OK;
}

/* "alias target" or, in aliases(5), "alias: target"; one target alone is a person. */
static void one_line(struct leads *l, char *line, const char *origin)
{
	struct arena *a = l->c->arena;
	char *save = NULL, *key = strtok_r(line, " \t\r\n", &save), *target = strtok_r(NULL, " \t\r\n,", &save);
	struct addr to, from;
	size_t n;

	if (!key || !target || strtok_r(NULL, " \t\r\n,", &save) || l->n == LEADS_MAX)
		return;
	n = strlen(key);
	if (key[n - 1] == ':')
		key[n - 1] = '\0';
	if (!strchr(key, '@'))
		key = arena_printf(a, "%s@%s", key, origin);
	if (*key == '@' || !addr_path(a, target, &to) || !addr_path(a, key, &from) || !*to.key || !*from.key)
		return;
	l->alias = from.key;
	l->target = to.key;
	if (read_unit(l->c, look, l) == CTL_DONE && l->leads)
		l->list[l->n++] = (struct alias_lead){ from.key, to.key };
}

static void one_file(struct leads *l, const char *path, const char *origin)
{
	FILE *f = fopen(path, "re");
	char text[LINE_MAX_BYTES], next[LINE_MAX_BYTES];
	bool have = f && fgets(text, sizeof(text), f);

	while (have) {
		have = false;
		/* what begins with a blank goes on */
		while (fgets(next, sizeof(next), f)) {
			if (*next != ' ' && *next != '\t') {
				have = true;
				break;
			}
			size_t n = strlen(text), more = strlen(next);

			if (n + more < sizeof(text))
				memcpy(text + n, next, more + 1);
		}
		if (*text != '#')
			one_line(l, text, origin);
		if (have)
			memcpy(text, next, sizeof(text));
	}
	if (f)
		fclose(f);
}

/* "hash:/etc/postfix/virtual, proxy:lmdb:/x": the files that such tables are made of */
static void maps(struct leads *l, const char *value, const char *origin)
{
	static const char *const types[] = { "hash:", "lmdb:", "cdb:", "btree:", "texthash:", "dbm:", "sdbm:" };
	char *rest = arena_strdup(l->c->arena, value), *save = NULL;

	for (char *m = strtok_r(rest, " \t,", &save); m; m = strtok_r(NULL, " \t,", &save)) {
		if (strncmp(m, "proxy:", 6) == 0)
			m += 6;
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strncmp(m, types[i], strlen(types[i])) == 0)
				one_file(l, m + strlen(types[i]), origin);
	}
}

size_t alias_leads(struct ctl *c, const char *dir, struct alias_lead **out_r)
{
	struct leads l = { .c = c, .list = arena_array(c->arena, struct alias_lead, LEADS_MAX) };
	const char *origin = postconf_value(c->arena, dir, "myorigin");

	if (c->store) {
		maps(&l, postconf_value(c->arena, dir, "virtual_alias_maps"), origin);
		maps(&l, postconf_value(c->arena, dir, "alias_maps"), origin);
	}
	*out_r = l.list;
	return l.n;
}
