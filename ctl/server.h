/* SPDX-License-Identifier: MPL-2.0 */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

#include "ctl/ctl.h"

/* cmd_server.c: what each role may do, as SQL: a site's own file, else ours. */
enum status roles_text(struct ctl *c, const char **out_r, struct err *e);

#endif
