/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl setup postfix: where Postfix ties senders to logins (reject_sender_login_mismatch and the like), relent's
 * own login must be one of those that may send as a rep. A table of ours is put before the site's; it keeps who may
 * already.
 */
#include "config.h"

#include <string.h>

#include "ctl/postconf.h"
#include "ctl/setup.h"

#include "base/arena.h"
#include "base/str.h"

bool postfix_ties_senders(struct arena *a, const char *dir, const char *service)
{
	static const char *const lists[] = {
		"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions",
		"smtpd_relay_restrictions", "smtpd_recipient_restrictions", "smtpd_data_restrictions",
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const char *text = postconf_service(a, dir, service, lists[i]);

		if (strstr(text ? text : postconf_value(a, dir, lists[i]), "sender_login_mismatch"))
			return true;
	}
	return false;
}

/* Who may send as this address by now: the first of the maps that knows it, as Postfix does it. */
static const char *logins_of(struct setup *s, const char *maps, const char *address)
{
	struct arena *a = s->c->arena;
	struct span rest = span_of(maps), one;

	while (span_split(&rest, ' ', &one)) {
		const char *map = arena_strndup(a, one.p, one.n);
		const char *argv[] = { "postmap", "-c", s->dir, "-q", address, map, NULL };
		const char *out;
		int code;

		if (one.n == 0 || strstr(map, "relent_senders"))
			continue;
		out = run_program(a, argv, 10, &code);
		if (code == 0 && *out)
			return out;
	}
	return NULL;
}

static bool lists_login(const char *logins, const char *login)
{
	struct span rest = span_of(logins), one;

	while (span_split(&rest, ',', &one)) {
		struct span t = span_trim(one);

		if (t.n == strlen(login) && strncasecmp(t.p, login, t.n) == 0)
			return true;
	}
	return false;
}

static void one_sender(struct setup *s, struct buf *b, const char *maps, const struct conf_owner *o, const char *address,
		       const char *user)
{
	const char *now = logins_of(s, maps, address);

	if (!strchr(address, '@') || strpbrk(address, " \t\r\n#"))
		return;
	if (now && lists_login(now, user))
		buf_addf(b, "%s %s\n", address, now);
	else
		buf_addf(b, "%s %s, %s\n", address, now ? now : o->login, user);
}

const char *setup_sender_map(struct setup *s, const char *maps)
{
	static const char head[] = "# relentctl setup postfix: relent's own login hands in what was approved, as the reps.\n"
		"# Made of relent.conf and of the tables that come after it in smtpd_sender_login_maps: run it again when\n"
		"# either changes.\n";
	const char *user = conf_str(s->c->conf, "smtp.user");
	const struct conf_owner *list;
	size_t n = conf_owners(s->c->conf, &list);
	char *blanks = arena_strdup(s->c->arena, maps);
	struct buf b;

	for (char *p = blanks; *p; p++)
		if (strchr(",\t\r\n", *p))
			*p = ' ';
	buf_init(&b, s->c->arena);
	buf_adds(&b, head);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < list[i].addresses_n; k++)
			one_sender(s, &b, blanks, &list[i], list[i].addresses[k], user);
		if (list[i].addresses_n == 0)
			one_sender(s, &b, blanks, &list[i], list[i].login, user);
	}
	return b.p;
}
