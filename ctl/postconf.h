/* SPDX-License-Identifier: MPL-2.0
 *
 * What Postfix is set to, asked through postconf(1): the only supported way.
 */
#ifndef CTL_POSTCONF_H
#define CTL_POSTCONF_H

#include "ctl/ctl.h"

/* dir: a configuration directory other than the default, or NULL. Everything on the arena. */
bool postconf_works(struct arena *a, const char *dir, struct err *e);
const char *postconf_value(struct arena *a, const char *dir, const char *name);	/* expanded; "" */
const char *postconf_raw(struct arena *a, const char *dir, const char *name);	/* as it is written */
/* Is it set in main.cf at all? */
bool postconf_is_set(struct arena *a, const char *dir, const char *name);

struct postfix_service {
	const char *name;	/* "submission/inet", as postconf -P wants it */
	const char *command;	/* "smtpd" */
	bool chrooted, inet;
};
/* All of master.cf; n services, 0 also where postconf fails. */
size_t postconf_services(struct arena *a, const char *dir, struct postfix_service **out_r);
/* Do people hand in mail there: by its name, or because it lets them log in (its own -o)? */
bool postfix_is_submission(struct arena *a, const char *dir, const struct postfix_service *service);
/* The -o of a service; NULL if it has none of that name. */
const char *postconf_service(struct arena *a, const char *dir, const char *service, const char *name);
const char *postconf_service_raw(struct arena *a, const char *dir, const char *service, const char *name);
/* postconf -e, -P, -M or -X with one argument; e: what postconf said. */
bool postconf_edit(struct arena *a, const char *dir, const char *how, const char *what, struct err *e);

/* Runs argv (no shell) for at most seconds; its output (1 MiB at most) without the last newline.
 * *code_r: exit code, -1 not found, -2 killed or too slow. */
const char *run_program(struct arena *a, const char *const *argv, int seconds, int *code_r);
/* milter.socket as Postfix writes it in smtpd_milters. */
const char *postfix_socket(struct ctl *c, const char *queue_directory);
/* Does a list of milters name that socket (as postfix_socket() gives it)? */
bool postfix_names_socket(const char *text, const char *socket, const char *queue_directory);

/* ---- aliases.c ---- */

struct alias_lead {
	const char *alias, *target;
};
/* Aliases of Postfix's tables that lead to one prospect alone, and are not known as an address of theirs. */
size_t alias_leads(struct ctl *c, const char *dir, struct alias_lead **out_r);

#endif
