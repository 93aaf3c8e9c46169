/* SPDX-License-Identifier: MPL-2.0
 *
 * `account "reps" { list = "/etc/relent/reps" ... }`: one section for thousands of mailboxes behind one credential (a
 * master user). A line of the file is a login, and behind it the person's name, if it is to stand in texts.
 */
#include "config.h"

#include "conf/settings_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
enum { LOGIN_MOST = 254, LINES_MOST = 1000000, PROBLEMS_MOST = 20 };

struct lister {
	struct conf *c;
	struct conf_reporter *r;
	size_t accounts_room, owners_room;
};

static void *grown(struct conf *c, void *old, size_t n, size_t *room, size_t size)
{
	void *more;

	if (n < *room)
		return old;
	*room = *room ? *room * 2 : 64;
	more = arena_alloc(c->arena, *room * size);
	if (n)
		memcpy(more, old, n * size);
	return more;
}

static void add_account(struct lister *l, const struct conf_account *ac)
{
	struct conf *c = l->c;

	c->accounts = grown(c, c->accounts, c->accounts_n, &l->accounts_room, sizeof(*ac));
	names_add(c->account_names, ac->name, c->accounts_n);
	c->accounts[c->accounts_n++] = *ac;
}

static void add_owner(struct lister *l, const char *login, const char *name)
{
	struct conf *c = l->c;
	struct conf_owner *o;
	struct addr parsed;

	c->owners = grown(c, c->owners, c->owners_n, &l->owners_room, sizeof(*o));
	names_add(c->owner_names, login, c->owners_n);
	o = &c->owners[c->owners_n++];
	*o = (struct conf_owner){ .login = login, .name = name, .zone = "", .signature = "", .manager = "",
				  .digest_hour = -1 };
	if (addr_path(c->arena, login, &parsed) && *parsed.key) {
		o->addresses = arena_memdup(c->arena, &parsed.key, sizeof(parsed.key));
		o->addresses_n = 1;
	}
}

/* %u the login, %n what is before its @, %d what is behind, %% itself. */
static const char *filled(struct arena *a, const char *text, const char *login)
{
	const char *at = strchr(login, '@');
	struct buf b;

	if (!strchr(text, '%'))
		return text;
	buf_init(&b, a);
	for (; *text; text++) {
		if (*text != '%' || !strchr("und%", text[1]) || !text[1]) {
			buf_addc(&b, *text);
			continue;
		}
		text++;
		if (*text == 'u')
			buf_adds(&b, login);
		else if (*text == 'n')
			buf_add(&b, login, at ? (size_t)(at - login) : strlen(login));
		else if (*text == 'd')
			buf_adds(&b, at ? at + 1 : "");
		else
			buf_addc(&b, '%');
	}
	return b.p;
}

static bool login_valid(const char *s)
{
	if (strlen(s) > LOGIN_MOST || !str_is_utf8(s, strlen(s)))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < 33 || *s == 127 || strchr("\"\\*%", *s))
			return false;
	return true;
}

static void on_line(struct lister *l, const struct block *b, const struct conf_account *section, const char *file,
		    int line, char *text)
{
	struct conf *c = l->c;
	struct conf_account ac = *section;
	char *login, *name;
	struct addr parsed;

	if (line == 1 && strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		text += strlen(BYTE_ORDER_MARK);
	login = text + strspn(text, " \t");
	login[strcspn(login, "\r\n")] = '\0';
	if (!*login || *login == '#')
		return;
	name = login + strcspn(login, " \t");
	if (*name)
		*name++ = '\0';
	name = span_dup(c->arena, span_trim(span_of(name)));
	/* one that is nobody's address would be read, and what its owner sends would pass unlooked at */
	if (!login_valid(login) || !str_is_utf8(name, strlen(name)) ||
	    (strchr(login, '@') && !conf_owner(c, login) && (!addr_path(c->arena, login, &parsed) || !*parsed.key))) {
		conf_problem(l->r, file, line, "this is not a login, with a name behind it: "
			     "rita@example.com Rita Ritter");
		return;
	}
	if (!strchr(login, '@') && !conf_owner(c, login)) {
		conf_problem(l->r, file, line, "'%s' is no address: write an owner section that says which are theirs",
			     login);
		return;
	}
	if (conf_block(c, "account", login))
		return;		/* it has a section of its own */
	if (conf_account(c, login)) {
		conf_problem(l->r, file, line, "'%s' is in a list twice", login);
		return;
	}
	ac.name = ac.owner = arena_strdup(c->arena, login);
	ac.user = filled(c->arena, *block_slot(b, "user")->text ? section->user : "%u", ac.name);
	ac.authzid = filled(c->arena, section->authzid, ac.name);
	add_account(l, &ac);
	if (!conf_owner(c, login))
		add_owner(l, ac.owner, name);
}

static void open_list(struct lister *l, const struct block *b, const struct conf_account *section)
{
	const struct slot *s = block_slot(b, "list");
	const char *path = s->text;
	FILE *f = fopen(path, "re");
	int before = l->r->n, line = 0;
	size_t room = 0;
	char *text = NULL;

	if (!f) {
		conf_problem(l->r, s->file, s->line, "account.list: cannot read '%s': %s", path, strerror(errno));
		return;
	}
	path = arena_strdup(l->c->arena, path);
	while (getline(&text, &room, f) >= 0 && l->r->n - before < PROBLEMS_MOST) {
		if (++line > LINES_MOST) {
			conf_problem(l->r, path, line, "more than %d lines", LINES_MOST);
			break;
		}
		on_line(l, b, section, path, line, text);
	}
	if (ferror(f))
		conf_problem(l->r, path, line, "cannot read on: %s", strerror(errno));
	free(text);
	fclose(f);
}

void conf_open_lists(struct conf *c, struct conf_reporter *r)
{
	struct lister l = { .c = c, .r = r, .owners_room = c->owners_n };

	for (size_t i = 0; i < c->owners_n; i++)
		names_add(c->owner_names, c->owners[i].login, i);
	for (size_t i = 0; i < c->sections_n; i++) {
		const struct block *b = conf_block(c, "account", c->sections[i].name);

		if (!*block_slot(b, "list")->text)
			add_account(&l, &c->sections[i]);
		else if (!c->sections[i].control)
			open_list(&l, b, &c->sections[i]);
	}
}
