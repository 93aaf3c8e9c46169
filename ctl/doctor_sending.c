/* SPDX-License-Identifier: MPL-2.0
 *
 * relentctl doctor: relent's own login at the submission service. It sends notes, and what was approved, as the reps.
 */
#include "config.h"

#include <string.h>

#include "ctl/doctor.h"
#include "ctl/postconf.h"

#include "base/arena.h"
#include "base/str.h"

enum { OWNERS_MAX = 50 };

/* Whose login is it? A rep's would make relent's mail count as that rep's own, without any approval. */
static bool is_rep(struct doctor *d, const json_t *owners, const char *user)
{
	const struct conf_owner *list;
	size_t n = conf_owners(d->c->conf, &list);

	for (size_t i = 0; i < n; i++)
		if (str_eq_case(list[i].login, user))
			return true;
	for (size_t i = 0; i < json_array_size(owners); i++)
		if (str_eq_case(get(json_array_get(owners, i), "login"), user))
			return true;
	return false;
}

static void add_address(struct buf *b, const char *address, size_t *n)
{
	if (!strchr(address, '@') || *n >= OWNERS_MAX || (b->n && strstr(b->p, address)))
		return;
	buf_addf(b, "%s%s", b->n ? "," : "", address);
	(*n)++;
}

/* The addresses that reps send from. */
static const char *senders(struct doctor *d, const json_t *owners)
{
	const struct conf_owner *list;
	size_t n = conf_owners(d->c->conf, &list), many = 0;
	struct buf b;

	buf_init(&b, d->c->arena);
	for (size_t i = 0; i < n; i++)
		add_address(&b, list[i].addresses_n ? list[i].addresses[0] : list[i].login, &many);
	for (size_t i = 0; i < json_array_size(owners); i++)
		add_address(&b, get(json_array_get(owners, i), "login"), &many);
	return b.n ? b.p : NULL;
}

/* Does any owner let relent send? Then what is wrong here keeps mail from going out. */
static bool any_grant(struct doctor *d)
{
	struct value v[] = { V_INT(0), V_INT((int64_t)d->c->now) };
	bool any = false;
	int code;
	json_t *list = d->c->store ? ask(d->c, "ctl_grants", v, 2, &code) : NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *level = get(json_array_get(list, i), "authority");

		any = any || str_eq(level, "human_approved") || str_eq(level, "approved_template");
	}
	json_decref(list);
	return any;
}

static void try_login(struct doctor *d, const char *imapwatch, const char *addresses, enum health bad)
{
	const char *path = conf_path(d->c->conf), *out;
	const char *argv[] = { imapwatch, "-c", path, "--check-sending", addresses, NULL };
	int code;

	if (!path)
		return;
	out = run_program(d->c->arena, argv, 60, &code);
	if (code == 0)
		found(d, GOOD, "service login", NULL, "'%s': %s", conf_str(d->c->conf, "smtp.user"), out);
	else if (code == 3)
		found(d, bad, "service login", "relentctl setup postfix --dry-run (smtpd_sender_login_maps)",
		      "'%s' %s", conf_str(d->c->conf, "smtp.user"), out);
	else if (code == -1 || code == 2)
		found(d, LOOK, "service login", "install relent-imapwatch of the same version beside relentctl",
		      "not checked");
	else if (code == -2)
		found(d, BAD, "service login", "is the server reachable? smtp.host, smtp.port", "no answer within 60 s");
	else
		found(d, BAD, "service login", "see the sentence; [smtp] of relent.conf", "%s", out);
}

void doctor_sending(struct doctor *d, const char *imapwatch, bool offline)
{
	const char *user = conf_str(d->c->conf, "smtp.user"), *addresses;
	bool granted = any_grant(d);
	json_t *owners;
	int code;

	if (!*user) {
		found(d, granted ? BAD : LOOK, "service login", "make a login of relent's own, and set smtp.user and "
		      "smtp.password_file", granted ? "there is none, though owners let relent send: nothing is sent"
		      : "there is none: relent sends notes without a login, and nothing that was approved");
		return;
	}
	owners = d->c->store ? ask(d->c, "ctl_owners", NULL, 0, &code) : NULL;
	if (is_rep(d, owners, user)) {
		found(d, BAD, "service login", "a login that is nobody's: its mail needs an approval, a rep's does not",
		      "smtp.user '%s' is a rep's: what relent sends would count as that rep's own mail", user);
	} else if (!offline) {
		addresses = senders(d, owners);
		try_login(d, imapwatch, addresses ? addresses : user, granted ? BAD : LOOK);
	}
	json_decref(owners);
}
