/* SPDX-License-Identifier: MPL-2.0
 *
 * From the file of one host to a server that several share; and how such a server is set up.
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"

struct arena;

struct copy_table {
	const char *name;	/* until the callback returns */
	int64_t rows;
};
typedef void copy_told_fn(void *ctx, const struct copy_table *t);

/* Copies everything of a SQLite store, as it is at this moment, into a database that holds nothing yet but relent's
 * schema, in one transaction; then reads both again, row by row, and compares. told (may be NULL): after each table that was
 * compared. INPUT: `to` holds something already. AGAIN: somebody wrote into `from` meanwhile (stop the daemons and repeat):
 * what was copied is taken back. SYS: they differ (never seen); taken back too. */
enum status store_copy(const struct store_options *from, const struct store_options *to, copy_told_fn *told, void *ctx,
		       int64_t *rows_r, struct err *e);

/* PostgreSQL. Can this connection string be understood, and is it without a password? Nothing is asked of the server. */
enum status store_server_check(const struct store_options *o, struct err *e);
/* PostgreSQL. Makes the database that to->path names, as the administrator whose connection (to another database) admin is,
 * if it is not there; brings its schema up to date; says roles (SQL text: roles and what each may do). made_r: the database
 * is new. */
enum status store_init(const struct store_options *to, const struct store_options *admin, const char *roles, bool *made_r,
		       struct err *e);
/* PostgreSQL, as its administrator. Makes the database that to->path names unless it is there; INPUT: it holds something.
 * *inside_r (on a): the administrator's connection to it. */
enum status store_restore_begin(const struct store_options *to, const struct store_options *admin, struct arena *a,
				const char **inside_r, struct err *e);
/* After the content is back: brings the schema up to date (CONF: it is newer than this program), says roles. */
enum status store_restore_end(const struct store_options *inside, const char *roles, struct err *e);
/* Gives a role (a plain name) this password. */
enum status store_role_password(const struct store_options *admin, const char *role, const char *password, struct err *e);

#endif
