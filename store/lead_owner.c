/* SPDX-License-Identifier: MPL-2.0
 *
 * Whose lead it is: the first rule that fits, else the owners of the source, in turn. Whose turn it was last is in
 * the store, so that a restart is unfair to nobody. Who is away or does not work here any more is passed over.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/leads_private.h"

static bool value_fits(struct arena *a, const char *pattern, const char *value)
{
	const char *p = text_fold(a, pattern), *v = text_fold(a, value);
	size_t n = strlen(p), m = strlen(v);

	if (n > 1 && p[0] == '*' && p[n - 1] == '*')
		return strstr(v, arena_strndup(a, p + 1, n - 2)) != NULL;
	if (n > 0 && p[0] == '*')
		return m >= n - 1 && str_eq(v + m - (n - 1), p + 1);
	if (n > 0 && p[n - 1] == '*')
		return strncmp(v, p, n - 1) == 0;
	return str_eq(p, v);
}

static const char *value_of(struct arena *a, const struct lead *l, const struct conf_lead *source, const char *field)
{
	enum lead_field f;
	const char *at;

	if (str_eq(field, "domain")) {
		at = l->address ? strrchr(l->address, '@') : NULL;
		return at ? addr_registrable(a, at + 1) : NULL;
	}
	if (str_eq(field, "language") && l->language)
		return l->language;
	if (str_eq(field, "campaign") && !l->values[LEAD_CAMPAIGN])
		return *source->campaign ? source->campaign : NULL;
	return lead_field_from_name(field, &f) ? l->values[f] : NULL;
}

static const struct conf_lead_rule *rule_for(struct arena *a, const struct lead *l, const struct conf_lead *source)
{
	for (size_t i = 0; i < source->rules_n; i++) {
		const struct conf_lead_rule *r = &source->rules[i];
		const char *value = r->field ? value_of(a, l, source, r->field) : NULL;

		for (size_t k = 0; value && k < r->values_n; k++)
			if (value_fits(a, r->values[k], value))
				return r;
	}
	return NULL;
}

struct candidate {
	const char *login, *id;
	bool here;	/* active, and not away */
	bool active;
};

static enum status look_up(struct store_tx *tx, struct arena *a, struct candidate *c, struct err *e)
{
	const struct row *r = NULL;
	enum status s = ONE(tx, a, lead_owner_of_login, &r, e, T(c->login));

	if (s == GONE)
		return OK;
	if (s != OK)
		return s;
	c->id = at_text(r, 0);
	c->active = at_int(r, 1) != 0;
	c->here = c->active && !(at_int(r, 2) && at_int(r, 2) <= tx->now && (!at_int(r, 3) || tx->now < at_int(r, 3)));
	return OK;
}

static enum status everybody(struct store_tx *tx, struct arena *a, struct candidate **list_r, size_t *n_r,
			     struct err *e)
{
	struct rows rows;
	enum status s = db_rows(tx, a, ST_lead_owners, NULL, 0, &rows, e);

	if (s != OK)
		return s;
	*list_r = arena_array(a, struct candidate, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++)
		(*list_r)[i].login = at_text(&rows.list[i], 0);
	*n_r = rows.n;
	return OK;
}

/* After the one whose turn it was last, whoever is here; with nobody here, whoever still works here. */
static const struct candidate *next_of(const struct candidate *list, size_t n, const char *last)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].login, last))
			from = i + 1;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < n; i++) {
			const struct candidate *c = &list[(from + i) % n];

			if (pass == 0 ? c->here : c->active)
				return c;
		}
	return NULL;
}

enum status lead_owner(struct store_tx *tx, struct arena *a, const struct lead_mail *m, bool take_turn,
		       struct lead_owner *out_r, struct err *e)
{
	const struct conf_lead_rule *rule = rule_for(a, m->lead, m->source);
	const char *const *logins = rule ? rule->logins : m->source->owners;
	size_t n = rule ? rule->logins_n : m->source->owners_n;
	const char *turn = rule ? arena_printf(a, "%s/%s", m->source->name, rule->field) : m->source->name;
	const struct candidate *c;
	struct candidate *list;
	const struct row *last = NULL;
	enum status s = OK;

	*out_r = (struct lead_owner){ NULL, NULL, NULL };
	if (n == 0 && !str_empty(m->account_owner)) {
		logins = &m->account_owner;
		n = 1;
	}
	if (n == 0) {
		s = everybody(tx, a, &list, &n, e);
	} else {
		list = arena_array(a, struct candidate, n);
		for (size_t i = 0; i < n; i++)
			list[i].login = logins[i];
	}
	for (size_t i = 0; s == OK && i < n; i++)
		s = look_up(tx, a, &list[i], e);
	if (s == OK)
		s = ONE(tx, a, lead_turn_get, &last, e, T(turn));
	if (s != OK && s != GONE)
		return s;
	c = next_of(list, n, s == OK ? at_text(last, 0) : NULL);
	if (!c)
		return OK;
	out_r->id = c->id;
	out_r->login = c->login;
	out_r->why = rule ? arena_printf(a, "rule: %s", rule->field) : n > 1 ? "in turn" : "the only one";
	return take_turn && n > 1 ? RUN(tx, lead_turn_put, e, T(turn), T(c->login), I(tx->now)) : OK;
}
