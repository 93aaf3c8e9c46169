/* SPDX-License-Identifier: MPL-2.0
 *
 * Lead sources: `lead "website" { ... }` as structs, and what must hold of them together with accounts and owners.
 */
#include "config.h"

#include <stdlib.h>

#include "conf/settings_private.h"

#include "base/arena.h"
#include "base/names.h"
#include "base/str.h"

static const char *const rule_fields[] = {
#define LEAD_FIELD(sym, name, max, meaning) name,
#include "conf/lead_fields.def"
#undef LEAD_FIELD
	"domain",
};
enum { RULE_FIELDS = sizeof(rule_fields) / sizeof(rule_fields[0]) };

static const char *text_of(const struct block *b, const char *option)
{
	return block_slot(b, option)->text;
}

static size_t pieces(struct arena *a, struct span s, char c, const char *const **out_r)
{
	const char **list = arena_array(a, const char *, s.n + 1);
	struct span piece;
	size_t n = 0;

	while (span_split(&s, c, &piece)) {
		piece = span_trim(piece);
		if (piece.n)
			list[n++] = span_dup(a, piece);
	}
	*out_r = list;
	return n;
}

/* "FIELD = VALUE|VALUE: LOGIN, LOGIN". No field: it cannot be read so. */
static struct conf_lead_rule rule_of(struct arena *a, const char *text)
{
	struct conf_lead_rule r = { .field = NULL };
	const char *eq = strchr(text, '='), *colon = strrchr(text, ':');

	if (!eq || !colon || colon < eq)
		return r;
	r.values_n = pieces(a, (struct span){ eq + 1, (size_t)(colon - eq) - 1 }, '|', &r.values);
	r.logins_n = pieces(a, span_of(colon + 1), ',', &r.logins);
	if (r.values_n && r.logins_n)
		r.field = span_dup(a, span_trim((struct span){ text, (size_t)(eq - text) }));
	return r;
}

static struct conf_account *account_named(struct conf *c, const char *name)
{
	size_t k = names_find(c->account_names, name);

	return k == NAMES_NONE ? NULL : &c->accounts[k];
}

/* As it was written, before lists made many of one. */
static struct conf_account *section_named(struct conf *c, const char *name)
{
	size_t i = 0;

	while (i + 1 < c->sections_n && !str_eq(c->sections[i].name, name))
		i++;
	return &c->sections[i];
}

static bool is_owner(const struct conf *c, const char *login)
{
	return conf_owner(c, login) != NULL;
}

static void build_one(struct conf *c, const struct block *b, struct conf_lead *l)
{
	const struct slot *owners = block_slot(b, "owners"), *rules = block_slot(b, "rules");
	struct conf_lead_rule *list = arena_array(c->arena, struct conf_lead_rule, rules->list_n);
	struct conf_account *ac = account_named(c, text_of(b, "account"));
	const struct block *ab = ac ? conf_block(c, "account", ac->name) : NULL;

	*l = (struct conf_lead){
		.name = b->title, .account = text_of(b, "account"), .folder = text_of(b, "folder"),
		.format = text_of(b, "format"), .campaign = text_of(b, "campaign"),
		.permission = text_of(b, "permission"), .words = text_of(b, "words"),
		.sequence = text_of(b, "sequence"), .owners = owners->list, .owners_n = owners->list_n,
		.rules = list, .rules_n = rules->list_n, .answer_within = block_slot(b, "answer_within")->i,
	};
	for (size_t i = 0; i < rules->list_n; i++)
		list[i] = rule_of(c->arena, rules->list[i]);
	/* a mailbox of nobody in particular */
	if (ab && !ac->control && !*text_of(ab, "owner") && !is_owner(c, ac->owner))
		section_named(c, ac->name)->owner = ac->owner = "";
}

void conf_build_leads(struct conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->blocks_n; i++)
		n += str_eq(c->blocks[i].section, "lead");
	c->leads = arena_array(c->arena, struct conf_lead, n);
	for (size_t i = 0; i < c->blocks_n; i++)
		if (str_eq(c->blocks[i].section, "lead"))
			build_one(c, &c->blocks[i], &c->leads[c->leads_n++]);
}

const struct conf_lead *conf_lead_of(const struct conf *c, const char *account, const char *folder)
{
	for (size_t i = 0; i < c->leads_n; i++)
		if (str_eq(c->leads[i].account, account) &&
		    (str_eq(c->leads[i].folder, folder) ||
		     (str_eq_case(folder, "INBOX") && str_eq_case(c->leads[i].folder, "INBOX"))))
			return &c->leads[i];
	return NULL;
}

/* ---- checks ---- */

static void say(const struct block *b, const char *option, struct conf_reporter *r, const char *what, const char *value)
{
	const struct slot *s = block_slot(b, option);

	conf_problem(r, s->file ? s->file : b->file, s->file ? s->line : b->line, "lead \"%s\": '%s' %s", b->title,
		     value, what);
}

/* An owner may be in the store only; a near miss is a slip of the pen. */
static void check_login(struct conf *c, const struct block *b, const char *option, const char *login,
			struct conf_reporter *r)
{
	const char **known = arena_array(c->arena, const char *, c->owners_n + 1), *near;

	for (size_t i = 0; i < c->owners_n; i++)
		known[i] = c->owners[i].login;
	near = is_owner(c, login) ? NULL : str_nearest(login, known, c->owners_n);
	if (near)
		say(b, option, r, arena_printf(c->arena, "is no owner: did you mean '%s'?", near), login);
}

static void check_rules(struct conf *c, const struct block *b, const struct conf_lead *l, struct conf_reporter *r)
{
	const struct slot *s = block_slot(b, "rules");

	for (size_t i = 0; i < l->rules_n; i++) {
		const struct conf_lead_rule *rule = &l->rules[i];
		bool known = false;

		if (!rule->field) {
			say(b, "rules", r, "is no rule: write \"country = Germany|DE: rita@example.com\"", s->list[i]);
			continue;
		}
		for (size_t k = 0; k < RULE_FIELDS; k++)
			known = known || str_eq(rule_fields[k], rule->field);
		if (!known) {
			const char *near = str_nearest(rule->field, rule_fields, RULE_FIELDS);

			say(b, "rules", r, near ? arena_printf(c->arena, "is no field: did you mean '%s'?", near)
						: "is no field of a lead", rule->field);
		}
		for (size_t k = 0; k < rule->logins_n; k++)
			check_login(c, b, "rules", rule->logins[k], r);
	}
}

static void check_place(struct conf *c, const struct block *b, const struct conf_lead *l, struct conf_reporter *r)
{
	const struct conf_account *ac = account_named(c, l->account);
	bool read = false;

	if (!*l->account) {
		conf_problem(r, b->file, b->line, "lead \"%s\" names no account", b->title);
		return;
	}
	if (!ac) {
		say(b, "account", r, "is no account", l->account);
		return;
	}
	if (ac->control)
		say(b, "account", r, "is the control mailbox: leads need one of their own", l->account);
	for (size_t i = 0; i < ac->folders_n; i++)
		read = read || str_eq_case(ac->folders[i], l->folder);
	if (!read)
		say(b, "folder", r, arena_printf(c->arena, "is not among the folders of account \"%s\": add it there",
						 ac->name), l->folder);
	for (const struct conf_lead *o = c->leads; o < l; o++)
		if (str_eq(o->account, l->account) && str_eq_case(o->folder, l->folder))
			say(b, "folder", r, arena_printf(c->arena, "is a source of leads already: \"%s\"", o->name),
			    l->folder);
}

void conf_check_leads(struct conf *c, struct conf_reporter *r)
{
	for (size_t i = 0; i < c->leads_n; i++) {
		const struct conf_lead *l = &c->leads[i];
		const struct block *b = conf_block(c, "lead", l->name);

		if (!*l->name)
			conf_problem(r, b->file, b->line, "lead \"\" has no name");
		if (!*l->permission || str_eq(l->permission, "none"))
			say(b, "permission", r, "is no permission: nobody is written to without one", l->permission);
		check_place(c, b, l, r);
		check_rules(c, b, l, r);
		for (size_t k = 0; k < l->owners_n; k++)
			check_login(c, b, "owners", l->owners[k], r);
	}
}
