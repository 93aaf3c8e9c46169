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
/* "submission/inet", ... of every smtpd service */
size_t postconf_services(struct arena *a, const char *dir, const char ***out_r);
/* The -o of a service; NULL if it has none of that name. */
const char *postconf_service(struct arena *a, const char *dir, const char *service, const char *name);

/* Runs argv (no shell) for at most seconds; its output (64 KiB at most) without the last newline.
 * *code_r: exit code, -1 not found, -2 killed or too slow. */
const char *run_program(struct arena *a, const char *const *argv, int seconds, int *code_r);
/* milter.socket as Postfix writes it in smtpd_milters. */
const char *postfix_socket(struct ctl *c, const char *queue_directory);

#endif
