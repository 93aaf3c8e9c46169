/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl classify: hands its arguments to classify_mails(). Needs no configuration; with -c the site's
 * own phrases count too.
 */
#include "config.h"

#include "ctl/cmd_classify.h"
#include "ctl/ctl.h"

#include "base/arena.h"

int cmd_classify(struct ctl *c, const struct args *args)
{
	char **argv = arena_array(c->arena, char *, args->n + 3);
	struct err e;
	int argc = 0;

	if (c->conf_path && conf_load(c->conf_path, NULL, NULL, &c->conf, &e) != OK)
		return fail_status(c, CONF, &e);
	argv[argc++] = arena_strdup(c->arena, "classify");
	if (c->json)
		argv[argc++] = arena_strdup(c->arena, "--format=json");
	for (size_t i = 0; i < args->n; i++)
		argv[argc++] = arena_strdup(c->arena, args->word[i]);
	return classify_mails(argc, argv, c->conf);
}
