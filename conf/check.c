/* SPDX-License-Identifier: MPL-2.0
 *
 * What settings mean together, owners and accounts as structs, and (for `relentctl config check`)
 * the files that settings point to. Types and ranges are settings.c's.
 */
#include "config.h"

#include "conf/settings_private.h"

#include "base/utf7.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"
#include "base/when.h"

static const char *block_text(const struct block *b, const char *option)
{
	return block_slot(b, option)->text;
}

static size_t count_blocks(const struct conf *c, const char *section)
{
	size_t n = 0;

	for (size_t i = 0; i < c->blocks_n; i++)
		n += str_eq(c->blocks[i].section, section);
	return n;
}

static void build_owner(struct conf *c, const struct block *b, struct conf_owner *o)
{
	const struct slot *list = block_slot(b, "addresses");
	struct addr parsed;

	*o = (struct conf_owner){
		.login = b->title, .name = block_text(b, "name"), .zone = block_text(b, "zone"),
		.signature = block_text(b, "signature"), .manager = block_text(b, "manager"),
		.digest_hour = (int)block_slot(b, "digest_hour")->i,
		.addresses = list->list, .addresses_n = list->list_n,
	};
	if (o->addresses_n == 0 && strchr(b->title, '@') && addr_path(c->arena, b->title, &parsed)) {
		const char **one = arena_array(c->arena, const char *, 1);

		one[0] = parsed.key;
		o->addresses = one;
		o->addresses_n = 1;
	}
}

static void build_account(struct conf *c, const struct block *b, struct conf_account *ac)
{
	const struct slot *folders = block_slot(b, "folders");
	bool control = block_slot(b, "control")->i != 0;
	const char *owner = block_text(b, "owner"), *user = block_text(b, "user");
	const char **list = arena_array(c->arena, const char *, folders->list_n + 1);
	int64_t port = block_slot(b, "port")->i;

	for (size_t k = 0; k < folders->list_n; k++)	/* "\\Junk" is no name */
		list[k] = *folders->list[k] == '\\' ? folders->list[k] : utf7_encode(c->arena, folders->list[k]);
	if (control)
		owner = "";
	else if (!*owner)
		owner = b->title;
	*ac = (struct conf_account){
		.name = b->title, .owner = owner, .host = block_text(b, "host"),
		.tls = block_text(b, "tls"), .ca_file = block_text(b, "ca_file"),
		.pin = block_text(b, "pin"), .auth = block_text(b, "auth"),
		.user = *user ? user : *owner ? owner : b->title,
		.authzid = block_text(b, "authzid"), .password_file = block_text(b, "password_file"),
		.folders = list, .folders_n = folders->list_n,
		.drafts = utf7_encode(c->arena, block_text(b, "drafts")),
		.sent = utf7_encode(c->arena, block_text(b, "sent")),
		.make_drafts = block_slot(b, "make_drafts")->i != 0, .control = control,
		.look_back = block_slot(b, "look_back")->i,
	};
	ac->port = port ? (int)port : str_eq(ac->tls, "tls") ? 993 : 143;
}

void conf_build(struct conf *c, struct conf_reporter *r)
{
	static const char *const secrets[] = { "store.key_file", "smtp.password_file", "llm.key_file" };

	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
		struct slot *s = conf_slot(c, secrets[i]);

		s->text = conf_secret_path(c->arena, s->text);
	}
	for (size_t i = 0; i < c->blocks_n; i++) {
		if (str_eq(c->blocks[i].section, "account")) {
			struct slot *s = block_slot(&c->blocks[i], "password_file");

			s->text = conf_secret_path(c->arena, s->text);
		}
	}
	c->owners = arena_array(c->arena, struct conf_owner, count_blocks(c, "owner"));
	c->sections = arena_array(c->arena, struct conf_account, count_blocks(c, "account"));
	for (size_t i = 0; i < c->blocks_n; i++) {
		if (str_eq(c->blocks[i].section, "owner"))
			build_owner(c, &c->blocks[i], &c->owners[c->owners_n++]);
		else if (str_eq(c->blocks[i].section, "account"))
			build_account(c, &c->blocks[i], &c->sections[c->sections_n++]);
	}
	conf_open_lists(c, r);
	conf_build_leads(c);
}

/* ---- together ---- */

static bool is_loopback(const char *host)
{
	return str_eq_case(host, "localhost") || strncmp(host, "127.", 4) == 0 || str_eq(host, "::1");
}

static const char *where(const struct conf *c, const struct slot *s, int *line_r)
{
	*line_r = s->file ? s->line : 0;
	return s->file ? s->file : c->path ? c->path : "relent.conf";
}

#define SAY(slot_, ...) do { \
	int line_; \
	const char *file_ = where(c, (slot_), &line_); \
	conf_problem(r, file_, line_, __VA_ARGS__); \
} while (0)

static void check_address(struct conf *c, const char *name, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, name);
	struct addr parsed;

	if (*s->text && (!addr_path(c->arena, s->text, &parsed) || !*parsed.key))
		SAY(s, "%s = '%s' is not a mail address", name, s->text);
}

static void check_zone(struct conf *c, const struct slot *s, struct conf_reporter *r)
{
	if (*s->text && !when_zone_valid(s->text))
		SAY(s, "%s = '%s' is not a time zone: write a name such as Europe/Berlin", s->row->s.name,
		    s->text);
}

static void check_socket(struct conf *c, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, "milter.socket"), *m = conf_slot(c, "milter.socket_mode");
	const char *at;
	int64_t port;
	char digits[8];

	if (strncmp(s->text, "unix:", 5) == 0 || strncmp(s->text, "local:", 6) == 0) {
		if (strchr(s->text, ':')[1] != '/')
			SAY(s, "milter.socket = '%s': the path must be absolute", s->text);
		else if (strlen(strchr(s->text, ':') + 1) > 107)
			SAY(s, "milter.socket: the path is longer than the 107 bytes a unix socket can have");
	} else if (strncmp(s->text, "inet:", 5) == 0 || strncmp(s->text, "inet6:", 6) == 0) {
		at = strchr(s->text, ':') + 1;
		snprintf(digits, sizeof(digits), "%.*s", (int)(strcspn(at, "@") < 7 ? strcspn(at, "@") : 7),
			 at);
		if (!str_int(digits, 1, 65535, &port))
			SAY(s, "milter.socket = '%s' has no port: write inet:PORT@HOST", s->text);
	} else {
		SAY(s, "milter.socket = '%s': write unix:/PATH or inet:PORT@HOST", s->text);
	}
	if (strlen(m->text) < 3 || strlen(m->text) > 4 || strspn(m->text, "01234567") != strlen(m->text))
		SAY(m, "milter.socket_mode = '%s' is not an octal mode such as 0660", m->text);
	else if (m->text[strlen(m->text) - 1] & 2)
		SAY(m, "milter.socket_mode = '%s' lets everybody write to the socket", m->text);
}

static void check_roles(struct conf *c, struct conf_reporter *r)
{
	static const char *const keys[] = { "milter.submission", "milter.local", "milter.inbound" };

	for (size_t a = 0; a < 3; a++)
		for (size_t b = a + 1; b < 3; b++) {
			const struct slot *x = conf_slot(c, keys[a]), *y = conf_slot(c, keys[b]);

			for (size_t i = 0; i < x->list_n; i++)
				for (size_t k = 0; k < y->list_n; k++)
					if (str_eq(x->list[i], y->list[k]))
						SAY(y->file ? y : x, "'%s' is in %s and in %s: one daemon name has "
						    "one role", x->list[i], keys[a], keys[b]);
		}
}

static void check_control(struct conf *c, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, "control.address");
	const struct slot *u = conf_slot(c, "control.enrol_unknown");

	if (s->text[0] == '@') {
		if (!addr_domain(c->arena, s->text + 1))
			SAY(s, "control.address = '%s' is not a domain", s->text);
	} else {
		check_address(c, "control.address", r);
	}
	if (u->i && (!*conf_slot(c, "control.enrol_source")->text
		     || !*conf_slot(c, "control.enrol_permission")->text))
		SAY(u, "control.enrol_unknown needs control.enrol_source and control.enrol_permission: "
		    "nobody is written to without a source and a permission");
}

static void check_smtp(struct conf *c, struct conf_reporter *r)
{
	const struct slot *tls = conf_slot(c, "smtp.tls"), *user = conf_slot(c, "smtp.user");

	if (str_eq(tls->text, "none") && !is_loopback(conf_slot(c, "smtp.host")->text))
		SAY(tls, "smtp.tls = none would send the password in clear to '%s': only loopback may",
		    conf_slot(c, "smtp.host")->text);
	if (*user->text && !*conf_slot(c, "smtp.password_file")->text)
		SAY(user, "smtp.user without smtp.password_file");
	check_address(c, "smtp.from", r);
}

static void check_import(struct conf *c, struct conf_reporter *r)
{
	static const char *const names[] = { "source", "source_url", "captured", "source_owner", "permission",
					     "visibility", "method", "permitted_use", "compliance",
					     "jurisdiction" };
	const size_t n = sizeof(names) / sizeof(names[0]);
	const struct slot *s = conf_slot(c, "import.required");

	for (size_t i = 0; i < s->list_n; i++) {
		const char *near = str_nearest(s->list[i], names, n);
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known |= str_eq(names[k], s->list[i]);
		if (!known && near)
			SAY(s, "import.required: there is no '%s': did you mean '%s'?", s->list[i], near);
		else if (!known)
			SAY(s, "import.required: there is no '%s' among the fields of a source", s->list[i]);
	}
}

static void check_web(struct conf *c, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, "web.url");
	size_t n = strlen(s->text);

	if (n && (strncmp(s->text, "https://", 8) != 0 || n < 10 || strpbrk(s->text, " <>,\"?#")))
		SAY(s, "web.url = '%s' is not a plain https:// address", s->text);
}

/* It stands in Message-IDs and links. */
static void check_hostname(struct conf *c, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, "hostname");

	if (*s->text && (!addr_domain(c->arena, s->text) || strchr(s->text, '@')))
		SAY(s, "hostname = '%s' is not the name of a host, such as mail.example.com", s->text);
}

static void check_domains(struct conf *c, const char *name, struct conf_reporter *r)
{
	const struct slot *s = conf_slot(c, name);

	for (size_t i = 0; i < s->list_n; i++)
		if (!addr_domain(c->arena, s->list[i]) || strchr(s->list[i], '@'))
			SAY(s, "%s: '%s' is not a domain", name, s->list[i]);
}

/* An address has one owner. */
static void check_addresses(struct conf *c, struct conf_reporter *r)
{
	struct names *seen = names_new();

	for (size_t i = 0; i < c->owners_n; i++)
		for (size_t k = 0; k < c->owners[i].addresses_n; k++) {
			size_t j = names_add(seen, c->owners[i].addresses[k], i);
			const struct block *b = conf_block(c, "owner", c->owners[i].login);

			if (j != i)
				conf_problem(r, b ? b->file : c->path, b ? b->line : 0, "'%s' belongs to owner "
					     "\"%s\" already", c->owners[i].addresses[k], c->owners[j].login);
		}
	names_free(seen);
}

static void check_owners(struct conf *c, struct conf_reporter *r)
{
	struct addr parsed;

	for (size_t i = 0; i < c->blocks_n; i++) {
		const struct block *b = &c->blocks[i];
		const struct slot *list;

		if (!str_eq(b->section, "owner"))
			continue;
		if (!*b->title)
			conf_problem(r, b->file, b->line, "owner \"\" has no login");
		check_zone(c, block_slot(b, "zone"), r);
		list = block_slot(b, "addresses");
		for (size_t k = 0; k < list->list_n; k++)
			if (!addr_path(c->arena, list->list[k], &parsed) || !*parsed.key)
				SAY(list, "owner \"%s\": '%s' is not a mail address", b->title, list->list[k]);
			else
				list->list[k] = parsed.key;
		if (list->list_n == 0 && !strchr(b->title, '@'))
			conf_problem(r, b->file, b->line, "owner \"%s\" has no addresses, and the login is none",
				     b->title);
	}
	check_addresses(c, r);
}

static const char *nearest_owner(struct conf *c, const char *login)
{
	struct arena *a = arena_new(0);
	const char **logins = arena_array(a, const char *, c->owners_n + 1), *near;

	for (size_t i = 0; i < c->owners_n; i++)
		logins[i] = c->owners[i].login;
	near = str_nearest(login, logins, c->owners_n);
	arena_free(a);
	return near;
}

static void check_account(struct conf *c, const struct conf_account *ac, struct conf_reporter *r)
{
	const struct block *b = conf_block(c, "account", ac->name);
	const char *near;
	bool known = conf_owner(c, ac->owner) != NULL;

	if (!*ac->host)
		conf_problem(r, b->file, b->line, "account \"%s\" has no host", ac->name);
	if (!*ac->password_file)
		conf_problem(r, b->file, b->line, "account \"%s\" has no password_file", ac->name);
	if (str_eq(ac->tls, "none") && !is_loopback(ac->host))
		SAY(block_slot(b, "tls"), "account \"%s\": tls = none would send the password in clear to '%s': "
		    "only loopback may", ac->name, ac->host);
	if (*ac->pin && (strlen(ac->pin) != 64 || strspn(ac->pin, "0123456789abcdefABCDEF") != 64))
		SAY(block_slot(b, "pin"), "account \"%s\": pin is not 64 hex digits", ac->name);
	if (ac->folders_n == 0)
		SAY(block_slot(b, "folders"), "account \"%s\" has no folders to read", ac->name);
	if (*block_text(b, "list")) {
		if (ac->control)
			conf_problem(r, b->file, b->line, "account \"%s\": a control mailbox is one, not a list",
				     ac->name);
		if (*block_text(b, "owner"))
			SAY(block_slot(b, "owner"), "account \"%s\": the owners are in the list", ac->name);
		return;
	}
	/* an owner may be in the store only; a near miss is a slip of the pen */
	near = known || !*ac->owner ? NULL : nearest_owner(c, ac->owner);
	if (near)
		conf_problem(r, b->file, b->line, "account \"%s\": there is no owner \"%s\": did you mean \"%s\"?",
			     ac->name, ac->owner, near);
	else if (!known && *ac->owner && !*block_text(b, "owner") && c->owners_n)
		conf_problem(r, b->file, b->line, "account \"%s\" names no owner", ac->name);
}

void conf_check_together(struct conf *c, struct conf_reporter *r)
{
	const struct block *control = NULL;

	check_zone(c, conf_slot(c, "zone"), r);
	check_address(c, "administrator", r);
	check_hostname(c, r);
	check_domains(c, "own_domains", r);
	check_domains(c, "freemail_domains", r);
	check_socket(c, r);
	check_roles(c, r);
	check_control(c, r);
	check_smtp(c, r);
	check_web(c, r);
	check_import(c, r);
	check_owners(c, r);
	conf_check_leads(c, r);
	for (size_t i = 0; i < c->sections_n; i++) {
		const struct block *b = conf_block(c, "account", c->sections[i].name);

		check_account(c, &c->sections[i], r);
		if (c->sections[i].control && control)
			conf_problem(r, b->file, b->line, "account \"%s\" is a second control mailbox (\"%s\" is one)",
				     b->title, control->title);
		else if (c->sections[i].control)
			control = b;
	}
}
