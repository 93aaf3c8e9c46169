/* SPDX-License-Identifier: MPL-2.0
 *
 * Setting up a database server for relent: once, by its administrator.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/copy.h"
#include "store/pgsql_private.h"

static enum status say(struct db *db, const char *sql, const char *doing, struct err *e)
{
	PGresult *r = pg_say(db, sql);

	if (r == NULL || !pg_good(r))
		return pg_told(db, r, doing, e);
	PQclear(r);
	return OK;
}

enum status pgsql_count_on(struct db *db, struct err *e)
{
	return say(db, "select setval(pg_get_serial_sequence('event', 'seq'), (select coalesce(max(seq), 1) from event))",
		   "cannot set the number of the next event", e);
}

enum status pgsql_be_patient(struct db *db, struct err *e)
{
	db->patient = true;
	return say(db, "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0",
		"cannot begin", e);
}

static enum status connect_as(const struct store_options *o, struct db **db_r, struct err *e)
{
	enum status s = pgsql_driver.check(o, e);

	if (s == OK)
		s = pgsql_driver.open(o, DB_WRITER, NULL, 0, db_r, e);
	if (s != OK)
		return s;
	(*db_r)->patient = true;	/* a database is not made in a moment */
	return say(*db_r, "set statement_timeout = 0; set lock_timeout = 0", "cannot begin", e);
}

enum status store_server_check(const struct store_options *o, struct err *e)
{
	return pgsql_driver.check(o, e);
}

static const char *database_of(const char *url, PQconninfoOption **list_r)
{
	*list_r = PQconninfoParse(url, NULL);
	for (PQconninfoOption *o = *list_r; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, "dbname") == 0 && !str_empty(o->val))
			return o->val;
	return NULL;
}

/* The same login, in that database: in libpq's words, also where the administrator wrote a URI. */
static const char *inside_of(struct arena *a, const char *url, const char *name)
{
	PQconninfoOption *list = PQconninfoParse(url, NULL);
	struct buf b;

	buf_init(&b, a);
	for (const PQconninfoOption *o = list; o != NULL && o->keyword != NULL; o++) {
		const char *value = strcmp(o->keyword, "dbname") == 0 ? name : o->val;

		if (str_empty(value))
			continue;
		buf_addf(&b, "%s%s='", b.n ? " " : "", o->keyword);
		for (; *value; value++)
			buf_addf(&b, "%s%c", *value == '\\' || *value == '\'' ? "\\" : "", *value);
		buf_addc(&b, '\'');
	}
	PQconninfoFree(list);
	return b.p;
}

/* Text is compared by its bytes, whatever the server's own habit. */
static enum status make_database(struct db *db, const char *name, bool *made_r, struct err *e)
{
	char *quoted = PQescapeIdentifier(db->c, name, strlen(name)), *literal = PQescapeLiteral(db->c, name, strlen(name));
	struct arena *a = arena_new(0);
	PGresult *r = pg_say(db, arena_printf(a, "select 1 from pg_database where datname = %s", literal));
	enum status s = OK;

	if (r == NULL || !pg_good(r)) {
		s = pg_told(db, r, "cannot look for the database", e);
	} else {
		*made_r = PQntuples(r) == 0;
		PQclear(r);
		if (*made_r)
			s = say(db, arena_printf(a,
				"create database %s template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'",
						 quoted), "cannot make the database", e);
	}
	PQfreemem(quoted);
	PQfreemem(literal);
	arena_free(a);
	return s;
}

enum status store_init(const struct store_options *to, const struct store_options *admin, const char *roles, bool *made_r,
		       struct err *e)
{
	struct store_options inside = *admin;
	PQconninfoOption *list = NULL;
	struct arena *a = arena_new(0);
	struct db *db = NULL;
	const char *name;
	enum status s = pgsql_driver.check(to, e);

	*made_r = false;
	name = s == OK ? database_of(to->path, &list) : NULL;
	if (s == OK && name == NULL)
		s = err_set(e, CONF, "store.url names no database: add dbname=");
	if (s == OK)
		s = connect_as(admin, &db, e);
	if (s == OK)
		s = make_database(db, name, made_r, e);
	pgsql_driver.close(db);
	db = NULL;
	inside.path = s == OK ? inside_of(a, admin->path, name) : admin->path;
	if (s == OK)
		s = store_migrate(&inside, NULL, NULL, e);
	if (s == OK)
		s = connect_as(&inside, &db, e);
	if (s == OK)
		s = say(db, roles, "cannot make the roles", e);
	pgsql_driver.close(db);
	PQconninfoFree(list);
	arena_free(a);
	return s;
}

enum status store_restore_begin(const struct store_options *to, const struct store_options *admin, struct arena *a,
				const char **inside_r, struct err *e)
{
	struct store_options inside = *admin;
	PQconninfoOption *list = NULL;
	struct db *db = NULL;
	const char *name;
	bool made = false;
	enum status s = pgsql_driver.check(to, e);

	name = s == OK ? database_of(to->path, &list) : NULL;
	if (s == OK && name == NULL)
		s = err_set(e, CONF, "store.url names no database: add dbname=");
	if (s == OK)
		s = connect_as(admin, &db, e);
	if (s == OK)
		s = make_database(db, name, &made, e);
	pgsql_driver.close(db);
	db = NULL;
	inside.path = *inside_r = s == OK ? inside_of(a, admin->path, name) : admin->path;
	if (s == OK)
		s = connect_as(&inside, &db, e);
	if (s == OK) {
		PGresult *r = pg_say(db, "select count(*) from pg_class"
				     " where relnamespace = current_schema()::regnamespace");
		if (r == NULL || !pg_good(r))
			s = pg_told(db, r, "cannot look into the database", e);
		else if (strcmp(PQgetvalue(r, 0, 0), "0") != 0)
			s = err_set(e, INPUT, "the database '%s' is not empty: nothing is put back over what is there. Name "
				    "another in store.url, or drop it first (dropdb)", name);
		if (s == OK || s == INPUT)
			PQclear(r);
	}
	pgsql_driver.close(db);
	PQconninfoFree(list);
	return s;
}

enum status store_restore_end(const struct store_options *inside, const char *roles, struct err *e)
{
	struct db *db = NULL;
	enum status s = store_migrate(inside, NULL, NULL, e);

	if (s == OK)
		s = connect_as(inside, &db, e);
	if (s == OK)
		s = say(db, roles, "cannot make the roles", e);
	pgsql_driver.close(db);
	return s;
}

enum status store_role_password(const struct store_options *admin, const char *role, const char *password, struct err *e)
{
	struct db *db = NULL;
	enum status s = connect_as(admin, &db, e);

	if (s == OK) {
		struct arena *a = arena_new(0);
		/* hashed here: the server's log never sees it */
		char *hash = PQencryptPasswordConn(db->c, password, role, "scram-sha-256");
		char *quoted = PQescapeIdentifier(db->c, role, strlen(role));
		s = hash == NULL ? err_set(e, SYS, "cannot hash the password of '%s'", role)
				 : say(db, arena_printf(a, "alter role %s password '%s'", quoted, hash),
					"cannot set a password", e);
		PQfreemem(hash);
		PQfreemem(quoted);
		arena_free(a);
	}
	pgsql_driver.close(db);
	return s;
}
