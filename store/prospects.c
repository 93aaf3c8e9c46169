/* SPDX-License-Identifier: MPL-2.0
 *
 * People: prospects with their addresses, companies and sources; owners. Duplicates are merged by
 * address: what is empty is filled, nothing is overwritten.
 */
#include "config.h"

#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "store/suppression.h"

/* ---- domains that prove nothing about who belongs together ---- */

bool domain_is_shared(const struct store *s, const char *domain)
{
	static const char *const shipped[] = {
#define FREEMAIL(domain) domain,
#include "store/freemail.def"
#undef FREEMAIL
	};

	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++)
		if (strcmp(shipped[i], domain) == 0)
			return true;
	for (size_t i = 0; i < s->o.freemail_n; i++)
		if (str_eq_case(s->o.freemail[i], domain))
			return true;
	return false;
}

bool domain_is_own(const struct store *s, const char *domain)
{
	for (size_t i = 0; i < s->o.own_domains_n; i++)
		if (str_eq_case(s->o.own_domains[i], domain))
			return true;
	return false;
}

/* ---- prospects ---- */

static const char *field(const struct field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			return str_empty(fields[i].value) ? NULL : fields[i].value;
	return NULL;
}

static enum status one_address(struct arena *a, const char *text, const char **key_r, const char **domain_r,
			       struct err *e)
{
	struct addr at;

	if (!addr_path(a, text, &at) || at.key[0] == '\0')
		return err_set(e, INPUT, "'%s' is not a mail address", text);
	*key_r = at.key;
	*domain_r = addr_registrable(a, at.domain);
	return OK;
}

struct address {
	const char *key, *domain;
};

/* "email" first, then "aliases", separated by blanks, commas or semicolons. */
static enum status addresses_of(struct arena *a, const struct prospect_new *p, struct address **out_r,
				size_t *n_r, struct err *e)
{
	const char *email = field(p->fields, p->n, "email");
	char *rest = arena_strdup(a, field(p->fields, p->n, "aliases"));
	struct address *list = arena_array(a, struct address, 1 + (rest ? strlen(rest) : 0));
	char *save = NULL;
	size_t n = 0;

	if (email == NULL)
		return err_set(e, INPUT, "a prospect needs 'email'");
	enum status s = one_address(a, email, &list[n].key, &list[n].domain, e);
	if (s != OK)
		return s;
	n++;
	for (char *t = rest ? strtok_r(rest, " ,;", &save) : NULL; t; t = strtok_r(NULL, " ,;", &save)) {
		s = one_address(a, t, &list[n].key, &list[n].domain, e);
		if (s != OK)
			return s;
		n++;
	}
	*out_r = list;
	*n_r = n;
	return OK;
}

static enum status company_of(struct store_tx *tx, struct arena *a, const char *name,
			      const char *domain, const char *actor, const char **id_r,
			      struct err *e)
{
	const struct row *row = NULL;
	bool shared = domain_is_shared(tx->store, domain);
	enum status s = GONE;

	*id_r = NULL;
	if (!shared)
		s = ONE(tx, a, company_by_domain, &row, e, T(domain));
	if (s == GONE && name != NULL)
		s = ONE(tx, a, company_by_name, &row, e, T(name));
	if (s == OK)
		*id_r = at_text(row, 0);
	if (s != GONE)
		return s;
	if (name == NULL)
		return OK;
	struct field f = { "name", name };
	s = store_put(tx, a, "company", NULL, &f, 1, actor, id_r, e);
	if (s == OK && !shared)
		s = RUN(tx, company_domain_insert, e, T(domain), T(*id_r), I(tx->now));
	return s;
}

static enum status add_addresses(struct store_tx *tx, struct arena *a, const char *id, const struct address *list,
				 size_t n, bool is_new, const char *actor, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		enum status s = RUN(tx, prospect_address_insert, e, T(list[i].key), T(id),
				    T(is_new && i == 0 ? "primary" : "alias"), T(list[i].domain),
				    I(tx->now), T(address_same(a, list[i].key)));
		if (s == OK && !is_new)
			s = suppression_of_alias(tx, a, list[i].key, id, actor, e);
		if (s != OK)
			return s;
	}
	return OK;
}

enum status store_prospect_alias(struct store_tx *tx, struct arena *a, const char *prospect_id,
				 const char *address, const char *actor, struct err *e)
{
	const struct row *r = NULL;
	struct address at;
	enum status s = one_address(a, address, &at.key, &at.domain, e);

	if (s != OK)
		return s;
	s = ONE(tx, a, prospect_id_by_address, &r, e, T(at.key));
	if (s == OK && str_eq(at_text(r, 0), prospect_id))
		return OK;
	if (s == OK)
		return err_set(e, INPUT, "'%s' is the address of another prospect (%s)", at.key, at_text(r, 0));
	if (s != GONE)
		return s;
	s = ONE(tx, a, owner_find, &r, e, T(at.key));
	if (s == OK)
		return err_set(e, INPUT, "'%s' is the address of the rep '%s'", at.key, at_text(r, 1));
	if (s != GONE)
		return s;
	json_t *payload = json_object();
	json_put(payload, "address", at.key);
	s = event_change(tx, a, "alias", "prospect", prospect_id, NULL, prospect_id, actor, payload, e);
	return s == OK ? add_addresses(tx, a, prospect_id, &at, 1, false, actor, e) : s;
}

enum status store_company_domain(struct store_tx *tx, struct arena *a, const char *company_id,
				 const char *domain, const char *actor, struct err *e)
{
	const char *d = addr_domain(a, *domain == '@' ? domain + 1 : domain);
	const struct row *r = NULL;
	enum status s;

	if (d == NULL || strchr(d, '.') == NULL || addr_is_public_suffix(d))
		return err_set(e, INPUT, "'%s' is not a domain that somebody can have", domain);
	d = addr_registrable(a, d);
	if (domain_is_shared(tx->store, d) || domain_is_own(tx->store, d))
		return err_set(e, INPUT, "'%s' is %s: it tells nothing about a company", d,
			       domain_is_own(tx->store, d) ? "our own" : "shared by unrelated people");
	s = ONE(tx, a, company_by_domain, &r, e, T(d));
	if (s == OK && str_eq(at_text(r, 0), company_id))
		return OK;
	if (s == OK)
		return err_set(e, INPUT, "'%s' is the domain of another company (%s)", d, at_text(r, 0));
	if (s != GONE)
		return s;
	json_t *payload = json_object();
	json_put(payload, "domain", d);
	s = event_change(tx, a, "domain", "company", company_id, NULL, NULL, actor, payload, e);
	if (s == OK)
		s = RUN(tx, company_domain_insert, e, T(d), T(company_id), I(tx->now));
	return s == OK ? suppression_of_company(tx, a, company_id, actor, e) : s;
}

static bool record_field(const char *name)
{
	return strcmp(name, "email") != 0 && strcmp(name, "aliases") != 0 && strcmp(name, "company") != 0;
}

/* The columns of prospect among the fields; for a known one only those that are still empty. */
static enum status write_prospect(struct store_tx *tx, struct arena *a, const struct prospect_new *p,
				  const char *owner_id, const char *company_id, const char *known,
				  const char *actor, const char **id_r, struct err *e)
{
	struct field *f = arena_array(a, struct field, p->n + 2);
	struct rows there = { 0, NULL };
	size_t n = 0;

	if (known != NULL) {
		enum status s = ROWS(tx, a, prospect_row, &there, e, T(known));
		if (s != OK)
			return s;
	}
	const struct row *row = there.n ? &there.list[0] : NULL;
	for (size_t i = 0; i < p->n; i++) {
		if (!record_field(p->fields[i].name) || str_empty(p->fields[i].value))
			continue;
		if (row != NULL) {
			bool filled = false;
			for (size_t c = 0; c < row->n; c++)
				filled = filled || (strcmp(row->names[c], p->fields[i].name) == 0 &&
						    row->values[c].type != VALUE_NULL);
			if (filled)
				continue;
		}
		f[n++] = p->fields[i];
	}
	if (owner_id != NULL && (row == NULL || row_text(row, "owner_id") == NULL))
		f[n++] = (struct field){ "owner_id", owner_id };
	if (company_id != NULL && (row == NULL || row_text(row, "company_id") == NULL))
		f[n++] = (struct field){ "company_id", company_id };
	if (known != NULL && n == 0) {
		*id_r = known;
		return OK;
	}
	return store_put(tx, a, "prospect", known, f, n, actor, id_r, e);
}

static enum status write_source(struct store_tx *tx, struct arena *a, const struct prospect_new *p,
				const char *id, const char *actor, struct err *e)
{
	const struct row *same = NULL;
	struct field *f = arena_array(a, struct field, p->source_n + 2);
	size_t n = 0;
	enum status s = ONE(tx, a, source_same, &same, e, T(id), T(field(p->source, p->source_n, "kind")),
			    T(field(p->source, p->source_n, "url")),
			    T(field(p->source, p->source_n, "permission")));

	if (s != GONE)
		return s;
	for (size_t i = 0; i < p->source_n; i++)
		if (!str_empty(p->source[i].value))
			f[n++] = p->source[i];
	f[n++] = (struct field){ "prospect_id", id };
	if (field(p->source, p->source_n, "captured") == NULL)
		f[n++] = (struct field){ "captured", arena_printf(a, "%lld", (long long)tx->now) };
	return store_put(tx, a, "source", NULL, f, n, actor, NULL, e);
}

static enum status find_known(struct store_tx *tx, struct arena *a, const struct address *list, size_t n,
			      const char **id_r, struct err *e)
{
	*id_r = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct row *row = NULL;
		enum status s = prospect_of_address(tx, a, list[i].key, &row, e);
		if (s == GONE)
			continue;
		if (s != OK)
			return s;
		const char *id = at_text(row, 0);
		if (*id_r != NULL && strcmp(*id_r, id) != 0)
			return err_set(e, INPUT, "'%s' and '%s' belong to two known prospects", list[0].key,
				       list[i].key);
		*id_r = id;
	}
	return OK;
}

enum status store_prospect_add(struct store_tx *tx, struct arena *a, const struct prospect_new *p,
			       const char *actor, const char **id_r, bool *known_r, struct err *e)
{
	struct address *list = NULL;
	const char *known = NULL, *company_id = NULL, *id = NULL, *owner_id = NULL;
	size_t n = 0;
	enum status s;

	if (field(p->source, p->source_n, "kind") == NULL)
		return err_set(e, INPUT, "a prospect needs a source: 'kind' is missing");
	if (field(p->source, p->source_n, "permission") == NULL)
		return err_set(e, INPUT, "a prospect needs a permission type: 'permission' is missing");
	s = addresses_of(a, p, &list, &n, e);
	if (s == OK)
		s = find_known(tx, a, list, n, &known, e);
	if (s == OK && p->owner_login != NULL) {
		struct memory_owner *owner = NULL;
		s = store_owner(tx, a, p->owner_login, &owner, e);
		if (s == GONE)
			s = err_set(e, INPUT, "there is no owner '%s'", p->owner_login);
		if (s == OK)
			owner_id = owner->id;
	}
	if (s == OK)
		s = company_of(tx, a, field(p->fields, p->n, "company"), list[0].domain, actor, &company_id,
			       e);
	if (s == OK)
		s = write_prospect(tx, a, p, owner_id, company_id, known, actor, &id, e);
	if (s == OK)
		s = add_addresses(tx, a, id, list, n, known == NULL, actor, e);
	if (s == OK)
		s = write_source(tx, a, p, id, actor, e);
	if (s != OK)
		return s;
	if (id_r != NULL)
		*id_r = id;
	if (known_r != NULL)
		*known_r = known != NULL;
	return OK;
}

enum status store_prospect_find(struct store_tx *tx, struct arena *a, const char *what,
				const char **id_r, struct err *e)
{
	struct rows rows;
	struct addr at;
	enum status s;

	if (strchr(what, '@') != NULL) {
		const struct row *row = NULL;
		if (!addr_path(a, what, &at))
			return err_set(e, INPUT, "'%s' is not a mail address", what);
		s = prospect_of_address(tx, a, at.key, &row, e);
		if (s == OK)
			*id_r = at_text(row, 0);
		return s == GONE ? err_set(e, GONE, "there is no prospect '%s'", what) : s;
	}
	if (strlen(what) < 4 || strspn(what, "0123456789abcdef-") != strlen(what))
		return err_set(e, GONE, "there is no prospect '%s'", what);
	/* ids are hex digits and '-': everything that begins with `what` lies before `what`~ */
	s = ROWS(tx, a, prospect_id_by_prefix, &rows, e, T(what), T(arena_printf(a, "%s~", what)));
	if (s != OK)
		return s;
	if (rows.n == 0)
		return err_set(e, GONE, "there is no prospect '%s'", what);
	if (rows.n > 1)
		return err_set(e, INPUT, "'%s' fits more than one prospect: give more of the id", what);
	*id_r = at_text(&rows.list[0], 0);
	return OK;
}
