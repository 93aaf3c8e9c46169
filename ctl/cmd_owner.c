/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl owner add|list|show, company add|list|show|edit.
 */
#include "config.h"

#include <string.h>

#include "ctl/ctl.h"
#include "ctl/people.h"

#include "base/addr.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/when.h"

/* ---- owners ---- */

struct sync {
	struct owner_new *list;
	size_t n;
	const char *actor;
};

static enum status sync_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct sync *s = ctx;

	return store_owner_sync(tx, a, s->list, s->n, s->actor, e);
}

int sync_owners(struct ctl *c)
{
	const struct conf_owner *o;
	struct sync s = { .actor = c->actor };
	struct err e;
	int code;

	s.n = conf_owners(c->conf, &o);
	s.list = arena_array(c->arena, struct owner_new, s.n);
	for (size_t i = 0; i < s.n; i++)
		s.list[i] = (struct owner_new){ .login = o[i].login, .name = o[i].name, .zone = o[i].zone,
			.signature = o[i].signature, .manager = o[i].manager, .addresses = o[i].addresses,
			.addresses_n = o[i].addresses_n };
	code = s.n ? write_unit(c, sync_unit, &s) : CTL_DONE;
	if (code)
		return code;
	if (mirror_owners(c, &e) != OK)
		note(c, "warning: %s", e.text);
	return CTL_DONE;
}

/* Items of `addresses` ({login, address}) gathered into each owner. */
static void join_addresses(json_t *owners, const json_t *addresses)
{
	for (size_t i = 0; i < json_array_size(owners); i++) {
		json_t *o = json_array_get(owners, i), *list = json_array();

		for (size_t k = 0; k < json_array_size(addresses); k++)
			if (str_eq(get(json_array_get(addresses, k), "login"), get(o, "login")))
				json_array_append(list, json_object_get(json_array_get(addresses, k), "address"));
		json_object_set_new(o, "addresses", list);
	}
}

static json_t *owners(struct ctl *c, const char *login, int *code_r)
{
	struct value v = store_text(login);
	json_t *list, *addresses;

	list = ask(c, "ctl_owners", &v, 1, code_r);
	if (!list)
		return NULL;
	addresses = ask(c, "ctl_owner_addresses", NULL, 0, code_r);
	if (!addresses) {
		json_decref(list);
		return NULL;
	}
	join_addresses(list, addresses);
	json_decref(addresses);
	return list;
}

int cmd_owner_list(struct ctl *c, const struct args *args)
{
	int code = sync_owners(c);
	json_t *list = code ? NULL : owners(c, NULL, &code);

	(void)args;
	return list ? out_list(c, list, "login name zone addresses prospects live mailbox active",
			       "there is no owner: 'relentctl owner add', or owner sections in relent.conf") : code;
}

int owner_unknown(struct ctl *c, const char *login)
{
	int code;
	json_t *list = ask(c, "ctl_owner_names", NULL, 0, &code);
	size_t n = json_array_size(list);
	const char **names = arena_array(c->arena, const char *, n + 1), *near;

	if (!list)
		return code;
	for (size_t i = 0; i < n; i++)
		names[i] = get(json_array_get(list, i), "name");
	near = str_nearest(login, names, n);
	code = near ? fail(c, CTL_NO, "there is no owner '%s': did you mean '%s'?", login, near)
		: fail(c, CTL_NO, "there is no owner '%s': 'relentctl owner list' shows them", login);
	json_decref(list);
	return code;
}

int cmd_owner_show(struct ctl *c, const struct args *args)
{
	int code = sync_owners(c);
	json_t *list = code ? NULL : owners(c, NULL, &code), *found = NULL;

	for (size_t i = 0; i < json_array_size(list) && !found; i++) {
		json_t *o = json_array_get(list, i), *addresses = json_object_get(o, "addresses");

		if (str_eq(get(o, "login"), args->word[0]))
			found = json_incref(o);
		for (size_t k = 0; k < json_array_size(addresses) && !found; k++)
			if (str_eq_case(json_string_value(json_array_get(addresses, k)), args->word[0]))
				found = json_incref(o);
	}
	json_decref(list);
	if (found)
		return out_object(c, found);
	return code ? code : owner_unknown(c, args->word[0]);
}

int cmd_owner_add(struct ctl *c, const struct args *args)
{
	const char *login = args->word[0], *zone = arg_value(args, "zone");
	const char **addresses = arena_array(c->arena, const char *, args->options_n + 1);
	struct owner_new o = { .login = login, .name = arg_value(args, "name"), .zone = zone,
			       .signature = arg_value(args, "signature"), .manager = arg_value(args, "manager"),
			       .addresses = addresses };
	struct sync s = { .list = &o, .n = 1, .actor = c->actor };
	struct addr parsed;
	int code;
	struct err e;

	if (zone && !when_zone_valid(zone))
		return fail(c, CTL_USAGE, "'%s' is not a time zone: write a name such as Europe/Berlin", zone);
	for (size_t i = 0; i < args->options_n; i++) {
		if (!str_eq(args->options[i].name, "address"))
			continue;
		if (!addr_path(c->arena, args->options[i].value, &parsed) || !*parsed.key)
			return fail(c, CTL_USAGE, "'%s' is not a mail address", args->options[i].value);
		addresses[o.addresses_n++] = parsed.key;
	}
	if (o.addresses_n == 0) {
		if (!strchr(login, '@') || !addr_path(c->arena, login, &parsed))
			return fail(c, CTL_USAGE, "the login '%s' is not a mail address: give --address", login);
		addresses[o.addresses_n++] = parsed.key;
	}
	code = write_unit(c, sync_unit, &s);
	if (code)
		return code;
	if (mirror_owners(c, &e) != OK)
		return fail_status(c, SYS, &e);
	return out_done(c, json_pack("{s:s}", "login", login), "owner '%s' is known", login);
}

/* ---- companies ---- */

struct put {
	struct ctl *c;
	const char *entity, *what;
	struct field *fields;
	size_t n;
	const char *id;
	const char *domains;		/* separated by commas or blanks; or NULL */
};

static enum status add_domains(struct store_tx *tx, struct arena *a, const char *company, const struct put *p,
			       struct err *e)
{
	char *rest = arena_strdup(a, p->domains), *save = NULL;
	enum status st = OK;

	for (char *d = rest ? strtok_r(rest, " ,;", &save) : NULL; d && !st; d = strtok_r(NULL, " ,;", &save))
		st = store_company_domain(tx, a, company, d, p->c->actor, e);
	return st;
}

static enum status put_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct put *p = ctx;
	const char *id = NULL, *made;
	enum status st = OK;

	if (p->what)
		st = find_row(tx, a, "ctl_company_by_name", "company", p->what, &id, e);
	made = id;
	if (!st && p->n)
		st = store_put(tx, a, p->entity, id, p->fields, p->n, p->c->actor, &made, e);
	if (!st)
		p->id = arena_strdup(p->c->arena, made);
	return st ? st : add_domains(tx, a, made, p, e);
}

int cmd_company_add(struct ctl *c, const struct args *args)
{
	struct put p = { .c = c, .entity = "company" };
	int code;

	p.n = args_fields(c, args, "company", "", &p.fields);
	for (size_t i = 0; i < p.n; i++)
		if (str_eq(p.fields[i].name, "name"))
			return fail(c, CTL_USAGE, "the name is the argument, not an option");
	p.fields[p.n++] = (struct field){ "name", args->word[0] };
	p.domains = arg_value(args, "domain");
	code = write_unit(c, put_unit, &p);
	return code ? code : out_done(c, json_pack("{s:s}", "id", p.id), "company '%s' is %s", args->word[0],
				      p.id);
}

int cmd_company_edit(struct ctl *c, const struct args *args)
{
	struct put p = { .c = c, .entity = "company", .what = args->word[0] };
	int code;

	p.n = args_fields(c, args, "company", "", &p.fields);
	p.domains = arg_value(args, "domain");
	if (p.n == 0 && str_empty(p.domains))
		return fail(c, CTL_USAGE, "nothing to change: give --FIELD VALUE");
	code = write_unit(c, put_unit, &p);
	return code ? code : out_done(c, json_pack("{s:s}", "id", p.id), "changed");
}

int cmd_company_list(struct ctl *c, const struct args *args)
{
	struct value v = V_NULL;
	int code;
	json_t *list = ask(c, "ctl_companies", &v, 1, &code);

	(void)args;
	return list ? out_list(c, list, "short:id name domain prospects client industry location",
			       "no company is known") : code;
}

struct find {
	const char *what, *id;
	struct ctl *c;
};

static enum status find_company_unit(struct store_tx *tx, struct arena *a, void *ctx, struct err *e)
{
	struct find *f = ctx;
	const char *id;
	enum status st = find_row(tx, a, "ctl_company_by_name", "company", f->what, &id, e);

	if (!st)
		f->id = arena_strdup(f->c->arena, id);
	return st;
}

int cmd_company_show(struct ctl *c, const struct args *args)
{
	struct find f = { .what = args->word[0], .c = c };
	int code = read_unit(c, find_company_unit, &f);
	struct value v;
	json_t *list, *one;

	if (code)
		return code;
	v = store_text(f.id);
	list = ask(c, "ctl_companies", &v, 1, &code);
	if (!list)
		return code;
	one = json_incref(json_array_get(list, 0));
	json_decref(list);
	return out_object(c, one);
}
