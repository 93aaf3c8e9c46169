/* SPDX-License-Identifier: MPL-2.0
 *
 * The inert records: people, companies, sources, and sequences by version. Nothing here moves an
 * enrolment.
 */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "store/core.h"

/* ---- inert records: owner company prospect source evidence signal task brief proposal ... ---- */

/* entities.def lists entities, their columns, types and allowed words. */
struct field {
	const char *name;
	const char *value;	/* NULL: SQL NULL */
};
/* Inserts (id NULL) or changes a record; unknown fields, bad words, missing required ones are INPUT
 * with one clear sentence. Writes the event with before and after. *id_r on the arena. */
enum status store_put(struct store_tx *tx, struct arena *a, const char *entity, const char *id,
		      const struct field *fields, size_t n, const char *actor, const char **id_r,
		      struct err *e);
struct entity_column {
	const char *entity, *name, *type, *words;	/* words: a|b|c or NULL */
	bool required;
	const char *meaning;
};
size_t store_columns(const char *entity, const struct entity_column **out_r);	/* 0: no such entity */

/* A prospect with its addresses, company by domain, source: what an import row or `prospect add` gives.
 * Duplicates (address known) are merged: empty fields filled, never overwritten; *known_r says so.
 * INPUT without source kind and permission. */
struct prospect_new {
	const struct field *fields;	/* columns of prospect, plus "email", "aliases", "company" */
	size_t n;
	const struct field *source;	/* columns of source */
	size_t source_n;
	const char *owner_login;	/* or NULL */
};
enum status store_prospect_add(struct store_tx *tx, struct arena *a, const struct prospect_new *p,
			       const char *actor, const char **id_r, bool *known_r, struct err *e);
/* One more address of a known person, also one of our own server that leads to them. A suppression of it holds
 * for the person from now on. INPUT: somebody else's. */
enum status store_prospect_alias(struct store_tx *tx, struct arena *a, const char *prospect_id,
				 const char *address, const char *actor, struct err *e);
/* One more domain of a company: what is suppressed for one of its domains is so for all. INPUT: a public suffix, one
 * that many share, our own, or another company's. */
enum status store_company_domain(struct store_tx *tx, struct arena *a, const char *company_id,
				 const char *domain, const char *actor, struct err *e);
/* Owners as the configuration lists them: added or changed, none removed. */
struct owner_new {
	const char *login, *name, *zone, *signature, *manager;
	const char *const *addresses;
	size_t addresses_n;
};
/* Many of them, at a start: one look at all, and those that differ are written in small units, so that nobody waits. */
enum status store_owners_take(struct store *s, time_t now, const struct owner_new *list, size_t n, const char *actor,
			      struct err *e);
/* GONE if nobody has this login. */
enum status store_owner_id(struct store_tx *tx, struct arena *a, const char *login, const char **id_r, struct err *e);
enum status store_owner_sync(struct store_tx *tx, struct arena *a, const struct owner_new *list, size_t n,
			     const char *actor, struct err *e);
/* GONE if nobody has this login / address / id prefix. */
enum status store_owner(struct store_tx *tx, struct arena *a, const char *login_or_address,
			struct memory_owner **out_r, struct err *e);
/* By id (or unique prefix of it), address or alias. */
enum status store_prospect_find(struct store_tx *tx, struct arena *a, const char *what,
				const char **id_r, struct err *e);

/* ---- sequences ---- */

/* A new version if the hash differs from the latest; else the latest. */
enum status store_plan_put(struct store_tx *tx, struct arena *a, const struct plan *p,
			   const char *actor, const char **id_r, int *version_r, struct err *e);
/* Latest version by name (version 0) or a given one. Cached per process by id; valid until
 * store_close(). */
enum status store_plan(struct store_tx *tx, const char *name, int version, const struct plan **out_r,
		       const char **id_r, struct err *e);

#endif
